//! Where a store lives: a file, or a PostgreSQL database by its URL.

use std::fmt;
use std::path::{Path, PathBuf};

/// Where a store lives.
#[derive(Clone, PartialEq, Eq)]
pub enum Location {
    /// An SQLite file; made when it is not there.
    File(PathBuf),
    /// A PostgreSQL database, `postgres://user@host/name`.
    Postgres(String),
}

/// Why a location cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a place for a store: give a file or a URL that begins with `postgres://`")]
pub struct LocationError(pub String);

impl Location {
    /// Reads a path or a URL.
    ///
    /// # Errors
    /// For URLs of another kind, and for paths that are not UTF-8.
    ///
    /// ```
    /// use appia_store::Location;
    /// assert!(matches!(Location::parse("/var/lib/appia/store.db"), Ok(Location::File(_))));
    /// assert!(matches!(Location::parse("postgres://appia@db/appia"), Ok(Location::Postgres(_))));
    /// assert!(Location::parse("mysql://db/appia").is_err());
    /// ```
    pub fn parse(text: &str) -> Result<Location, LocationError> {
        match text.split_once("://") {
            Some(("postgres" | "postgresql", _)) => Ok(Location::Postgres(text.to_owned())),
            Some((kind, _)) => Err(LocationError(format!("{kind}://..."))),
            None if text.is_empty() => Err(LocationError(String::new())),
            None => Ok(Location::File(PathBuf::from(text))),
        }
    }
}

impl From<&Path> for Location {
    fn from(path: &Path) -> Location {
        Location::File(path.to_owned())
    }
}

impl From<PathBuf> for Location {
    fn from(path: PathBuf) -> Location {
        Location::File(path)
    }
}

/// A URL may hold a password, so it is never shown.
impl fmt::Debug for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Location::File(path) => write!(f, "File({})", path.display()),
            Location::Postgres(_) => f.write_str("Postgres(***)"),
        }
    }
}
