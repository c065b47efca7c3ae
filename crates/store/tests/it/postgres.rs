//! A PostgreSQL of the tests' own: made in a temporary folder, reached by a socket, gone when the tests are, however
//! they end. PostgreSQL refuses to run as root, so for root it runs in a user namespace where it is nobody.

use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use sqlx::{AnyConnection, AssertSqlSafe, Connection, raw_sql};

/// Makes a cluster and runs it until standard input ends, which it does when the tests' process ends in any way. A
/// server that is still starting loses one of the two signals, never both.
const REAPER: &str = r#"
    "$1/initdb" -A trust -U appia -E UTF8 --locale=C --no-sync -D "$2/data" >"$2/log" 2>&1
    "$1/postgres" -D "$2/data" -k "$2" -c listen_addresses= -c fsync=off -c max_connections=500 >>"$2/log" 2>&1 &
    server=$!
    cat >/dev/null
    kill -TERM "$server"
    kill -INT "$server"
    wait "$server"
    rm -rf "$2"
"#;

pub(crate) struct Postgres {
    folder: PathBuf,
    /// The server stops when this closes.
    _reaper: (Child, ChildStdin),
    databases: AtomicU32,
}

impl Postgres {
    /// The one server of this run; `None` where there are no programs for it.
    pub(crate) fn get() -> Option<&'static Postgres> {
        static SERVER: OnceLock<Option<Postgres>> = OnceLock::new();
        let server = SERVER.get_or_init(|| programs().map(|programs| Postgres::start(&programs))).as_ref();
        if server.is_none() {
            appia_testkit::did_not_run("the store on PostgreSQL: its programs are not on this machine");
            assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "PostgreSQL is missing");
        }
        server
    }

    /// A new, empty database: its URL.
    pub(crate) async fn database(&self) -> String {
        let name = format!("case_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        let mut connection = self.connect("postgres").await;
        raw_sql(AssertSqlSafe(format!("CREATE DATABASE {name}"))).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
        self.url(&name)
    }

    /// Where the server keeps its files.
    pub(crate) fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    fn start(programs: &Path) -> Postgres {
        // Sockets have short names, so not in a folder that may be deep.
        let folder = tempfile::Builder::new().prefix("appia-pg-").tempdir_in("/tmp").unwrap().keep();
        let mut reaper = unprivileged(&folder, "sh".into())
            .args(["-c", REAPER, "reaper"])
            .args([programs, &folder])
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        let stdin = reaper.stdin.take().unwrap();
        Postgres { folder, _reaper: (reaper, stdin), databases: AtomicU32::new(0) }
    }

    fn url(&self, database: &str) -> String {
        format!("postgres:///{database}?host={}&user=appia", self.folder.display())
    }

    async fn connect(&self, database: &str) -> AnyConnection {
        sqlx::any::install_default_drivers();
        let deadline = Instant::now() + Duration::from_secs(60);
        loop {
            match AnyConnection::connect(&self.url(database)).await {
                Ok(connection) => return connection,
                Err(error) if Instant::now() > deadline => {
                    let log = std::fs::read_to_string(self.folder.join("log")).unwrap_or_default();
                    panic!("PostgreSQL does not answer: {error}\n{log}");
                }
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
    }
}

/// The folder of `initdb` and `postgres`: on the path, else where Debian puts them.
fn programs() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let debian = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut versions: Vec<PathBuf> = debian.map(|entry| entry.path().join("bin")).collect();
    versions.sort();
    folders.extend(versions.into_iter().rev());
    folders.into_iter().find(|folder| folder.join("initdb").exists() && folder.join("postgres").exists())
}

/// A command that is not root's, whoever we are.
fn unprivileged(folder: &Path, program: PathBuf) -> Command {
    use std::os::unix::fs::MetadataExt;
    use std::os::unix::process::CommandExt;
    let mut command = if folder.metadata().unwrap().uid() == 0 {
        let mut command = Command::new("unshare");
        command.args(["--user", "--map-user=65534", "--"]).arg(program);
        command
    } else {
        Command::new(program)
    };
    // Away from the terminal's signals: the reaper itself ends when we do.
    command.process_group(0);
    command
}
