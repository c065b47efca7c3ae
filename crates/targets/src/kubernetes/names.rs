//! Names of objects: the words of the intent where Kubernetes takes them, else cut and made unique by a digest.
//!
//! Called once, by [`super::scope`]. Names depend on the intent alone, so they are the same in every plan of it.

use std::collections::{BTreeMap, BTreeSet};

use appia_intent::{ResourceName, WorkloadName};
use appia_plan::Digest;
use appia_plan::phase::SizedApp;

/// A StatefulSet's and a CronJob's name may have 52 characters, as they add 11 to it for what they make; one limit
/// for all keeps every object of a workload under one name.
const LONGEST: usize = 52;

/// Names that something else of ours has.
const RESERVED: &[&str] = &[DEFAULT_DENY];

/// The policy that closes what no other opens.
pub(super) const DEFAULT_DENY: &str = "default-deny";

/// The name of each workload and resource.
#[derive(Debug)]
pub(super) struct Names {
    workloads: BTreeMap<WorkloadName, String>,
    resources: BTreeMap<ResourceName, String>,
}

impl Names {
    /// Names everything, workloads first: their names are what people look for.
    pub(super) fn of(app: &SizedApp) -> Names {
        let mut taken: BTreeSet<String> = RESERVED.iter().map(|name| (*name).to_owned()).collect();
        let mut names = Names { workloads: BTreeMap::new(), resources: BTreeMap::new() };
        for name in app.workloads.keys() {
            names.workloads.insert(name.clone(), free(name.as_str(), "workload", &mut taken));
        }
        for (name, resource) in &app.resources {
            let kind = resource.resolved.stated.kind.value.as_str();
            names.resources.insert(name.clone(), free(name.as_str(), kind, &mut taken));
        }
        names
    }

    /// The name of a workload's objects.
    pub(super) fn workload<'n>(&'n self, name: &'n WorkloadName) -> &'n str {
        self.workloads.get(name).map_or_else(|| name.as_str(), String::as_str)
    }

    /// The name of a resource's objects.
    pub(super) fn resource<'n>(&'n self, name: &'n ResourceName) -> &'n str {
        self.resources.get(name).map_or_else(|| name.as_str(), String::as_str)
    }
}

fn free(name: &str, kind: &str, taken: &mut BTreeSet<String>) -> String {
    // A Service's name begins with a letter (RFC 1035).
    let lettered = if name.starts_with(|first: char| first.is_ascii_alphabetic()) {
        name.to_owned()
    } else {
        format!("x-{name}")
    };
    let kind: String = kind.to_ascii_lowercase().chars().filter(char::is_ascii_alphanumeric).collect();
    let hashed = || format!("{lettered}-{kind}-{}", Digest::of(format!("{kind}/{name}").as_bytes()).short());
    let candidates: [&dyn Fn() -> String; 3] =
        [&|| lettered.clone(), &|| format!("{lettered}-{kind}"), &hashed];
    let mut shortened = candidates.iter().map(|candidate| shorten(&candidate(), LONGEST));
    let found = shortened.find(|candidate| !taken.contains(candidate)).unwrap_or_else(|| lettered.clone());
    taken.insert(found.clone());
    found
}

/// The name, or as much of it as fits with a digest of the whole.
pub(super) fn shorten(name: &str, longest: usize) -> String {
    if name.len() <= longest {
        return name.to_owned();
    }
    let digest = Digest::of(name.as_bytes());
    let tail: String = digest.short().chars().take(8).collect();
    let head: String = name.chars().take(longest.saturating_sub(tail.len() + 1)).collect();
    format!("{}-{tail}", head.trim_end_matches(['-', '.']))
}

#[cfg(test)]
mod tests {
    use super::{free, shorten};
    use std::collections::BTreeSet;

    #[test]
    fn keeps_short_names_and_cuts_long_ones() {
        assert_eq!(shorten("web", 52), "web");
        let long = "a".repeat(63);
        assert_eq!(shorten(&long, 52), format!("{}-7d3e74a0", "a".repeat(43)));
        assert_ne!(shorten(&long, 52), shorten(&format!("{}b", "a".repeat(62)), 52));
    }

    #[test]
    fn is_unique() {
        let mut taken = BTreeSet::new();
        let given = [("db", "workload"), ("db", "postgres"), ("db-postgres", "x"), ("2fa", "workload")];
        let names = given.map(|(name, kind)| free(name, kind, &mut taken));
        assert_eq!(names, ["db", "db-postgres", "db-postgres-x", "x-2fa"]);
    }
}
