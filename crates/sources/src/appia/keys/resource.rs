//! Keys of a resource.

use crate::shape::{Key, Kind, Object, Others, formats};

/// A resource.
pub(crate) static RESOURCE: Object = Object {
    name: "a resource",
    about: "Something that workloads need. Workloads find its outputs as `${resources.NAME.OUTPUT}`.",
    groups: &[&[
        Key::new(
            "type",
            Kind::Scalar(&formats::TYPE),
            "What it is. The platform's offerings say which types there are; `external` binds what exists already.",
            "postgres",
        )
        .required()
        .instead_of(&["kind", "engine"]),
        Key::new("class", Kind::Scalar(&formats::TEXT), "A specialisation that offerings match on.", "large"),
        Key::new("id", Kind::Scalar(&formats::TEXT), "A stated identity; offerings match on it.", "shared-db"),
        Key::new(
            "params",
            const { Kind::Map { keys: &formats::KEY, values: &Kind::Free } },
            "What the offering takes, with placeholders.",
            "{ version: 16, storage: 50Gi }",
        )
        .instead_of(&["parameters", "options", "config", "settings"]),
        Key::new(
            "outputs",
            const { Kind::Map { keys: &formats::KEY, values: &Kind::Scalar(&formats::TEMPLATE) } },
            "For `external`: the values that workloads get.",
            "{ url: \"https://billing.example.com\" }",
        ),
        Key::new(
            "annotations",
            const { Kind::Map { keys: &formats::KEY, values: &Kind::Scalar(&formats::SCALAR) } },
            "Labels and notes, kept for offerings.",
            "{ contact: \"#data\" }",
        )
        .instead_of(&["labels", "metadata"]),
    ]],
    rules: &[],
    others: Others::Refused,
};
