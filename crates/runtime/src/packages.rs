//! What this machine lacks for a plan, and how its package manager would bring it.
//!
//! The command line asks [`needed`] before it applies, shows the commands and asks; with consent it calls [`install`].
//! Nothing is installed otherwise. Programs are looked for as `postgres/programs.rs` and `redis.rs` do.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use appia_plan::{Object, local};
use nix::unistd::geteuid;

use crate::postgres::programs::Programs;
use crate::redis;
use crate::search::Search;

/// Something that a plan needs and this machine has not.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Missing {
    /// The program that is needed.
    pub program: String,
    /// The package that has it, as this machine's package manager calls it.
    pub package: String,
    /// The command that installs it; `None` when this machine has no package manager that we know or may use.
    pub command: Option<Vec<String>>,
}

/// Why a package was not installed.
#[derive(Debug, thiserror::Error)]
pub enum InstallError {
    /// There is no way to do it from here.
    #[error("`{package}` cannot be installed from here: install it yourself, then try again")]
    NoWay {
        /// The package.
        package: String,
    },
    /// The package manager does not start.
    #[error("`{program}` cannot be started")]
    Start {
        /// The package manager.
        program: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The package manager failed.
    #[error("installing `{package}` failed:\n{output}")]
    Failed {
        /// The package.
        package: String,
        /// What the package manager said, as it said it.
        output: String,
    },
}

/// What the objects of a plan need that is not on this machine.
pub fn needed<'a>(objects: impl IntoIterator<Item = &'a Object>) -> Vec<Missing> {
    needed_in(&Search::of_this_machine(), objects)
}

fn needed_in<'a>(search: &Search, objects: impl IntoIterator<Item = &'a Object>) -> Vec<Missing> {
    let kinds: BTreeSet<&str> = objects.into_iter().map(|object| object.id.kind.as_str()).collect();
    let lacks = |server: &Server| match server {
        Server::Postgres => Programs::find_in(search, 0).is_none(),
        Server::Redis => redis::Server::find_in(search).is_none(),
    };
    let known = [(local::kind::POSTGRES, Server::Postgres), (local::kind::REDIS, Server::Redis)];
    let wanted = known.into_iter().filter(|(kind, _)| kinds.contains(kind)).map(|(_, server)| server);
    wanted.filter(lacks).map(|server| missing(server, Manager::find(search))).collect()
}

/// A server that a package brings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Server {
    Postgres,
    Redis,
}

impl Server {
    fn program(self) -> &'static str {
        match self {
            Server::Postgres => "postgres",
            Server::Redis => "redis-server",
        }
    }

    /// What a package manager calls it; without one, what Debian does.
    fn package(self, manager: Option<Kind>) -> &'static str {
        match (self, manager.unwrap_or(Kind::Apt)) {
            (Server::Postgres, Kind::Apt | Kind::Apk) => "postgresql",
            (Server::Postgres, Kind::Dnf) => "postgresql-server",
            (Server::Postgres, Kind::Brew) => "postgresql@16",
            (Server::Redis, Kind::Apt) => "redis-server",
            (Server::Redis, Kind::Dnf | Kind::Apk | Kind::Brew) => "redis",
        }
    }
}

/// Runs the command of a missing thing. Call it only with consent.
///
/// # Errors
/// When there is no command, or it fails; then with its own words.
pub async fn install(missing: &Missing) -> Result<(), InstallError> {
    let package = missing.package.clone();
    let Some((program, arguments)) = missing.command.as_ref().and_then(|command| command.split_first())
    else {
        return Err(InstallError::NoWay { package });
    };
    let output = tokio::process::Command::new(program)
        .args(arguments)
        .env("DEBIAN_FRONTEND", "noninteractive")
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .map_err(|source| InstallError::Start { program: program.clone(), source })?;
    if output.status.success() {
        return Ok(());
    }
    let said = [output.stdout, output.stderr].concat();
    Err(InstallError::Failed { package, output: String::from_utf8_lossy(&said).into_owned() })
}

/// A package manager and how it is called.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Manager {
    kind: Kind,
    path: PathBuf,
    /// What has to stand in front: nothing, or `sudo -n`.
    rights: Option<Vec<String>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Apt,
    Dnf,
    Apk,
    Brew,
}

impl Manager {
    fn find(search: &Search) -> Option<Manager> {
        let known = [("apt-get", Kind::Apt), ("dnf", Kind::Dnf), ("apk", Kind::Apk), ("brew", Kind::Brew)];
        known.into_iter().find_map(|(program, kind)| {
            let path = search.program(program)?;
            Some(Manager { kind, path, rights: rights(search, kind) })
        })
    }

    /// `None` when this user may not install.
    fn command(&self, package: &str) -> Option<Vec<String>> {
        let arguments: &[&str] = match self.kind {
            Kind::Apt => &["install", "--yes", "--no-install-recommends"],
            Kind::Dnf => &["install", "--assumeyes"],
            Kind::Apk => &["add"],
            Kind::Brew => &["install"],
        };
        let mut command = self.rights.clone()?;
        command.push(shown(&self.path));
        command.extend(arguments.iter().map(|argument| (*argument).to_owned()));
        command.push(package.to_owned());
        Some(command)
    }
}

fn missing(server: Server, manager: Option<Manager>) -> Missing {
    let package = server.package(manager.as_ref().map(|manager| manager.kind)).to_owned();
    let command = manager.and_then(|manager| manager.command(&package));
    Missing { program: server.program().to_owned(), package, command }
}

/// Homebrew wants no root; the others need it, or a `sudo` that asks nothing.
fn rights(search: &Search, kind: Kind) -> Option<Vec<String>> {
    if kind == Kind::Brew || geteuid().is_root() {
        return Some(Vec::new());
    }
    let sudo = search.program("sudo")?;
    let status = std::process::Command::new(&sudo)
        .args(["-n", "true"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    status.is_ok_and(|status| status.success()).then(|| vec![shown(&sudo), "-n".to_owned()])
}

fn shown(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;
    use std::path::Path;

    use appia_intent::{Address, ResourceName};
    use appia_plan::{Object, ObjectId, Retention, local};

    use super::{InstallError, Kind, Manager, Missing, Server, install, missing, needed_in};
    use crate::search::Search;

    fn program(path: &Path) {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, "#!/bin/sh\n").unwrap();
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }

    fn of_kind(kind: &str) -> Object {
        Object {
            id: ObjectId::new(kind, "db"),
            address: Address::resource(&ResourceName::new("db").unwrap()),
            needs: Vec::new(),
            body: serde_json::Value::Null.into(),
            retention: Retention::Nothing,
        }
    }

    #[test]
    fn a_bare_machine_lacks_what_a_plan_needs_and_only_that() {
        let root = tempfile::tempdir().unwrap();
        let bin = root.path().join("bin");
        let search = Search { path: bin.clone().into_os_string(), root: root.path().to_owned() };
        let (database, volume) = (of_kind(local::kind::POSTGRES), of_kind(local::kind::VOLUME));
        let bare = Missing { program: "postgres".into(), package: "postgresql".into(), command: None };
        assert_eq!(needed_in(&search, [&database]), std::slice::from_ref(&bare));
        assert_eq!(needed_in(&search, [&volume]), []);

        for name in ["apt-get", "sudo"] {
            program(&bin.join(name));
        }
        let found = needed_in(&search, [&volume, &database]);
        let command = found[0].command.clone().unwrap().join(" ");
        let apt = bin.join("apt-get").display().to_string();
        assert!(
            command.ends_with(&format!("{apt} install --yes --no-install-recommends postgresql")),
            "{command}"
        );

        for name in ["postgres", "initdb"] {
            program(&root.path().join("usr/lib/postgresql/16/bin").join(name));
        }
        assert_eq!(needed_in(&search, [&database]), []);
    }

    #[tokio::test]
    async fn a_package_manager_that_fails_is_quoted() {
        let asking = |command: Option<&str>| Missing {
            program: "postgres".into(),
            package: "postgresql".into(),
            command: command.map(|script| ["/bin/sh", "-c", script].map(str::to_owned).to_vec()),
        };
        let does = "test \"$DEBIAN_FRONTEND\" = noninteractive";
        assert!(install(&asking(Some(does))).await.is_ok());
        let failed = install(&asking(Some("echo no network >&2; exit 100"))).await.unwrap_err();
        assert_eq!(failed.to_string(), "installing `postgresql` failed:\nno network\n");
        assert!(matches!(install(&asking(None)).await, Err(InstallError::NoWay { .. })));
    }

    fn check(kind: Kind, path: &str, rights: Option<&[&str]>, expect: Option<&str>) {
        let rights = rights.map(|words| words.iter().map(|word| (*word).to_owned()).collect());
        let manager = Manager { kind, path: path.into(), rights };
        let missing = missing(Server::Postgres, Some(manager));
        assert_eq!(missing.command.map(|command| command.join(" ")).as_deref(), expect);
    }

    #[test]
    fn says_what_it_would_do() {
        check(
            Kind::Apt,
            "/usr/bin/apt-get",
            Some(&[]),
            Some("/usr/bin/apt-get install --yes --no-install-recommends postgresql"),
        );
        check(
            Kind::Dnf,
            "/usr/bin/dnf",
            Some(&["/usr/bin/sudo", "-n"]),
            Some("/usr/bin/sudo -n /usr/bin/dnf install --assumeyes postgresql-server"),
        );
        check(Kind::Apk, "/sbin/apk", None, None);
        let names =
            [Kind::Apt, Kind::Dnf, Kind::Apk, Kind::Brew].map(|kind| Server::Redis.package(Some(kind)));
        assert_eq!(names, ["redis-server", "redis", "redis", "redis"]);
    }
}
