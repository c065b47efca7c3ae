//! Names, parsed once at the edge: lower-case DNS labels, as Kubernetes, Score and Compose take them.

use std::borrow::Borrow;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// Why a text is no name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a name: use 1 to 63 lower-case letters, digits and `-`, beginning and ending with a letter or digit"
)]
pub struct NameError(pub String);

/// True for an RFC 1123 label: 1 to 63 of `a-z 0-9 -`, no `-` at either end.
fn is_label(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=63).contains(&text.len())
        && text.bytes().all(inner)
        && !text.starts_with('-')
        && !text.ends_with('-')
}

macro_rules! names {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Arc<str>);

        impl $name {
            /// Parses a name.
            ///
            /// # Errors
            /// When the text is not an RFC 1123 label.
            pub fn new(text: &str) -> Result<$name, NameError> {
                if is_label(text) { Ok($name(text.into())) } else { Err(NameError(text.to_owned())) }
            }

            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}", &self.0)
            }
        }

        impl FromStr for $name {
            type Err = NameError;
            fn from_str(text: &str) -> Result<$name, NameError> {
                $name::new(text)
            }
        }

        impl TryFrom<String> for $name {
            type Error = NameError;
            fn try_from(text: String) -> Result<$name, NameError> {
                $name::new(&text)
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> String {
                name.0.to_string()
            }
        }

        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }
    )*};
}

names! {
    /// An application: the unit that a team owns.
    AppName;
    /// A workload of an application.
    WorkloadName;
    /// A resource of an application.
    ResourceName;
    /// A container of a workload.
    ContainerName;
    /// A port of a workload.
    PortName;
    /// A team.
    TeamName;
    /// An environment, `local` unless a platform file says otherwise.
    EnvironmentName;
}

#[cfg(test)]
mod tests {
    use super::WorkloadName;

    #[test]
    fn accepts_labels_only() {
        for (text, expect) in [
            ("a", true),
            ("web", true),
            ("web-2", true),
            ("2fa", true),
            (&"a".repeat(63), true),
            (&"a".repeat(64), false),
            ("", false),
            ("Web", false),
            ("-web", false),
            ("web-", false),
            ("we_b", false),
            ("wéb", false),
            ("a.b", false),
        ] {
            assert_eq!(WorkloadName::new(text).is_ok(), expect, "{text}");
        }
    }
}
