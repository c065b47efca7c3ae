//! The table of diagnostic codes. One line each; the reference page is generated from [`ALL`].
//!
//! A number is never reused; `APP0404` is gone: what it warned of is known when a change ends, and told there (`warnings`).
//! `APP00xx` reading files, `APP01xx` names and references, `APP02xx` values and units,
//! `APP03xx` the graph, `APP04xx` resources and offerings, `APP05xx` outcomes and constraints, `APP06xx` Score,
//! `APP07xx` builds, `APP08xx` the machine, `APP09xx` targets.

use crate::Severity;

/// A kind of finding: its number, its usual severity and what it means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Code {
    /// `APP0012`.
    pub id: &'static str,
    /// How bad it usually is.
    pub severity: Severity,
    /// One sentence for the reference page.
    pub meaning: &'static str,
}

macro_rules! codes {
    ($($(#[$_doc:meta])* $name:ident = $id:literal $severity:ident $meaning:literal;)*) => {
        $(#[doc = concat!("`", $id, "`: ", $meaning)]
        pub const $name: Code = Code { id: $id, severity: Severity::$severity, meaning: $meaning };)*

        /// Every code, by number.
        pub const ALL: &[Code] = &[$($name),*];
    };
}

codes! {
    SYNTAX = "APP0001" Error "the file is not well-formed YAML";
    UNKNOWN_KEY = "APP0002" Error "a key that Appia does not know stands in the file";
    DUPLICATE_KEY = "APP0003" Error "the same key is written twice in one mapping";
    WRONG_TYPE = "APP0004" Error "a value has another shape than the key takes";
    MISSING_KEY = "APP0005" Error "a required key is missing";
    NO_INPUT = "APP0006" Error "no file that Appia reads was found";
    UNREADABLE = "APP0007" Error "a file cannot be read";
    TOO_LARGE = "APP0008" Error "a file is larger or nested deeper than the limits allow";
    EXCLUSIVE_KEYS = "APP0009" Error "two keys that exclude each other are both written";
    CONFLICTING_FILES = "APP0010" Error "two files say different things about the same application";
    UNSUPPORTED_YAML = "APP0011" Error "a YAML feature that an intent file does not take is used";
    TOO_MANY = "APP0012" Error "there are more findings than are shown";

    BAD_NAME = "APP0101" Error "a name does not follow the naming rule";
    DUPLICATE_NAME = "APP0102" Error "one name is given to two things";
    UNKNOWN_WORKLOAD = "APP0103" Error "a reference names a workload that does not exist";
    UNKNOWN_RESOURCE = "APP0104" Error "a reference names a resource that does not exist";
    UNKNOWN_OUTPUT = "APP0105" Error "a reference names an output that the resource or workload does not have";
    BAD_PLACEHOLDER = "APP0106" Error "a placeholder is not well-formed";
    UNKNOWN_PORT = "APP0107" Error "a reference names a port that is not declared";
    UNUSED = "APP0108" Warning "something is declared and never used";
    UNKNOWN_CONTAINER = "APP0109" Error "a reference names a container that the workload does not have";

    BAD_UNIT = "APP0201" Error "a quantity has a unit that does not fit, or none";
    OUT_OF_RANGE = "APP0202" Error "a number is outside of what makes sense";
    BAD_ENUM = "APP0203" Error "a word is not one of those the key takes";
    BAD_PATH = "APP0204" Error "a path is absolute where it must not be, or leaves the application's folder";

    CALL_CYCLE = "APP0301" Error "workloads call each other in a circle";
    RESOURCE_CYCLE = "APP0302" Error "resource parameters refer to each other in a circle";
    START_CYCLE = "APP0303" Error "start-order constraints form a circle";
    PORT_CONFLICT = "APP0304" Error "two things ask for the same port";
    IDENTITY_CONFLICT = "APP0305" Error "one shared resource is given two different sets of parameters";
    NOT_CALLABLE = "APP0306" Error "a workload is called or public and listens on no port that could answer";

    UNKNOWN_TYPE = "APP0401" Error "no offering provides this resource type on the target";
    UNKNOWN_TYPE_EXTERNAL = "APP0402" Warning "a resource type nobody provides is taken as external";
    BAD_PARAM = "APP0403" Error "a parameter of a resource is unknown or has a wrong value";
    EXTERNAL_UNBOUND = "APP0405" Error "an external resource has no outputs bound";

    BAD_OUTCOME = "APP0501" Error "an outcome cannot be promised as written";
    BAD_CONSTRAINT = "APP0502" Error "a constraint names something that does not exist";
    NOT_SIZED = "APP0503" Note "an outcome is kept but chooses no numbers, as something is missing";
    OUTCOME_MISSED = "APP0504" Warning "an outcome cannot be met by the plan";
    UNCONFIRMED = "APP0505" Note "a price that the plan counts was not confirmed at its source";
    OLD_FIGURE = "APP0506" Warning "a price that the plan counts is old";
    STALE_MEASUREMENT = "APP0511" Note "a measurement is of another release than the one that is planned";
    BAD_MEASUREMENT = "APP0512" Error "the file of measurements cannot be read";
    SMALL_MACHINE = "APP0513" Note "a plan for one machine takes more processors than this one has";

    SCORE_SCHEMA = "APP0601" Error "the file does not follow the Score v1b1 schema";
    SCORE_DEPRECATED = "APP0602" Note "a deprecated form of Score is used; it is read as the current one";

    NO_BUILDER = "APP0701" Error "no builder fits the folder";
    BUILD_CONTEXT = "APP0702" Error "the build folder does not exist or is not a folder";

    PROGRAM_MISSING = "APP0801" Error "a program that the plan needs is not on this machine";
    NO_CONTAINER_ENGINE = "APP0802" Error "an image needs a container engine and none answers";

    TARGET_NAME = "APP0901" Error "a name is not accepted by the target";
    TARGET_CANNOT = "APP0902" Error "the target cannot do what the intent asks";
    TARGET_IGNORES = "APP0903" Warning "the target does less than the intent asks";
    IMAGE_NEEDED = "APP0904" Error "the target runs images and none is known for a workload that is built";
    MUTABLE_IMAGE = "APP0905" Warning "an image is named by a tag that can change, not by digest";
}

#[cfg(test)]
mod tests {
    use super::ALL;

    #[test]
    fn numbers_are_unique_and_ordered() {
        let ids: Vec<&str> = ALL.iter().map(|code| code.id).collect();
        let mut sorted = ids.clone();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(ids, sorted);
    }
}
