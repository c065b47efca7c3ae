//! Redis on this machine: finding its program, and the command that runs it.
//!
//! The agent runs the server under its supervisor like any program (`agent/redis.rs`); here is what is special to Redis.
//! Every write is appended to a file before it is answered, so that a killed server loses nothing; the file is flushed
//! to the disk once a second, as Redis does by default, so that a power cut can cost a second.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::search::Search;

/// The variable that holds the password of a server's process.
pub(crate) const PASSWORD: &str = "REDIS_PASSWORD";

/// The settings go to the server's standard input: arguments can be read by every user of the machine.
const START: &str = r#"exec "$REDIS_SERVER" - <<END
bind 127.0.0.1
port $REDIS_PORT
dir "$REDIS_DIR"
requirepass $REDIS_PASSWORD
appendonly yes
save ""
$REDIS_TITLE
END
"#;

/// A process that writes its title over its environment is not found again when its shim was killed.
const KEEPS_ENVIRONMENT: &str = "set-proc-title no";
/// The first version that can leave it; before, only its session tells.
const CAN_KEEP: (u32, u32) = (6, 2);

/// The names it goes by: Valkey is Redis under another name.
const NAMES: [&str; 2] = ["redis-server", "valkey-server"];

/// The program of a Redis server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Server {
    pub(crate) major: u32,
    minor: u32,
    pub(crate) path: PathBuf,
}

impl Server {
    /// The first that this machine has.
    pub(crate) fn find() -> Option<Server> {
        Server::find_in(&Search::of_this_machine())
    }

    /// As [`Server::find`], where one is told to look.
    pub(crate) fn find_in(search: &Search) -> Option<Server> {
        let folders = ["usr/bin", "usr/local/bin", "opt/homebrew/bin"].map(|folder| search.root.join(folder));
        let usual = |name: &str| folders.iter().map(|folder| folder.join(name)).find(|path| path.is_file());
        let path = NAMES.iter().find_map(|name| search.program(name).or_else(|| usual(name)))?;
        let output = Command::new(&path).arg("--version").stdin(Stdio::null()).output().ok()?;
        let (major, minor) = version(&String::from_utf8_lossy(&output.stdout))?;
        Some(Server { major, minor, path })
    }

    /// The command that runs it, and the variables that the command reads.
    pub(crate) fn serve(
        &self,
        data: &Path,
        port: u16,
        password: &str,
    ) -> (Vec<String>, BTreeMap<String, String>) {
        let command = ["/bin/sh", "-c", START].map(str::to_owned).to_vec();
        let title = if (self.major, self.minor) >= CAN_KEEP { KEEPS_ENVIRONMENT } else { "" };
        let variables = [
            ("REDIS_TITLE", title.to_owned()),
            ("REDIS_SERVER", self.path.to_string_lossy().into_owned()),
            ("REDIS_PORT", port.to_string()),
            ("REDIS_DIR", quoted(&data.to_string_lossy())),
            (PASSWORD, password.to_owned()),
        ];
        (command, variables.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    }
}

/// What may stand between double quotes of its settings.
fn quoted(path: &str) -> String {
    path.replace('\\', r"\\").replace('"', r#"\""#)
}

/// Major and minor from `Redis server v=7.0.15 sha=...`.
fn version(said: &str) -> Option<(u32, u32)> {
    let (_, version) = said.split_once("v=")?;
    let mut parts = version.split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::{quoted, version};

    #[test]
    fn the_version_is_read_from_what_it_says() {
        let redis = "Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64";
        assert_eq!(version(redis), Some((7, 0)));
        assert_eq!(version("Valkey server v=8.1.1 sha=00000000:0 malloc=jemalloc-5.3.0"), Some((8, 1)));
        assert_eq!(version("command not found"), None);
    }

    #[test]
    fn nothing_ends_a_quoted_path() {
        assert_eq!(quoted(r#"/a "b"\c"#), r#"/a \"b\"\\c"#);
    }
}
