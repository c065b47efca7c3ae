//! Starting and stopping the server's process. The only place where this binary starts itself by hand.

use std::fs::OpenOptions;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::Context;
use appia_api::routes;
use appia_runtime::ProcessMark;
use appia_runtime::agent::ALREADY;
use appia_runtime::home::{Home, HomeError};

use super::Client;
use crate::args::HomeArgs;
use crate::exit::{Exit, Failure};

/// How long a server may take until it answers, on a busy machine; it starts its agent before, and a first start makes
/// its store.
const START_WITHIN: Duration = Duration::from_secs(90);

/// Exit code of a server whose store is damaged: starting it again does not help.
pub(crate) const DAMAGED: u8 = 5;

/// For how long a server that ends at once is started again, unless it says that the one before it still runs.
const RETRY_WITHIN: Duration = Duration::from_secs(5);

/// Runs a future to its end on this thread.
pub(crate) fn wait<T>(future: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().context("cannot start")?;
    runtime.block_on(future)
}

/// The home that the command line or the environment names.
pub(crate) fn open_home(args: &HomeArgs) -> Result<Home, Failure> {
    let home = match &args.home {
        Some(folder) => Home::open(folder),
        None => Home::from_environment(),
    };
    home.map_err(|error| match error {
        HomeError::Unusable { .. } => Failure::from(anyhow::Error::from(error))
            .help("name a folder that you may write with `--home FOLDER` or in `APPIA_HOME`"),
        HomeError::Unknown | HomeError::Foreign { .. } | HomeError::BadKey { .. } => {
            Failure::from(anyhow::Error::from(error))
        }
    })
}

/// Makes sure that a server of this very version answers. One of another version, or of a program that was replaced
/// since, is replaced too; what runs goes on.
pub(super) async fn ensure(home: &Home) -> Result<(), Failure> {
    let client = Client { home: home.clone() };
    match client.health().await {
        Ok(server)
            if server.version.as_deref() == Some(env!("CARGO_PKG_VERSION"))
                && !server.pid.is_some_and(was_replaced) =>
        {
            return Ok(());
        }
        Ok(_) => stop(&client, false).await?,
        Err(_) => {}
    }
    let mut server = spawn(home)?;
    let began = Instant::now();
    let mut pause = Duration::from_millis(1);
    while client.health().await.is_err() {
        let ended = server.try_wait().ok().flatten();
        // The server before it may not have let go of the home yet.
        let patience = match ended {
            Some(status) if status.code() == Some(i32::from(DAMAGED)) => Duration::ZERO,
            Some(status) if status.code() != Some(i32::from(ALREADY)) => RETRY_WITHIN,
            Some(_) | None => START_WITHIN,
        };
        if began.elapsed() > patience {
            return Err(did_not_start(home));
        }
        if ended.is_some() {
            server = spawn(home)?;
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(Duration::from_millis(20));
    }
    Ok(())
}

/// Whether the file that a process runs is gone: it was built anew or upgraded, and the process knows nothing of it.
fn was_replaced(pid: u32) -> bool {
    let program = std::fs::read_link(format!("/proc/{pid}/exe"));
    program.is_ok_and(|path| path.as_os_str().as_bytes().ends_with(b" (deleted)"))
}

/// Asks the server to end, with the agent and everything that runs when asked for, and waits until it is gone: one that
/// answers no more still copies its store and closes it, and until then the home must not be removed.
pub(crate) async fn stop(client: &Client, everything: bool) -> Result<(), Failure> {
    let server = client.health().await?.pid.and_then(|pid| ProcessMark::of(i32::try_from(pid).ok()?));
    let path = format!("{}?everything={everything}", routes::SHUTDOWN);
    super::wire::post::<_, serde_json::Value>(&client.home, &path, &serde_json::json!({})).await?;
    let began = Instant::now();
    while server.is_some_and(|server| server.is_alive()) || client.health().await.is_ok() {
        if began.elapsed() > START_WITHIN {
            return Err(Failure::new(Exit::Failed, "the server does not end"));
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    Ok(())
}

fn spawn(home: &Home) -> Result<Child, Failure> {
    let program = std::env::current_exe().context("cannot find the program that runs")?;
    let log = OpenOptions::new()
        .create(true)
        .append(true)
        .mode(0o600)
        .open(home.server_log())
        .context("cannot open the server's log")?;
    let errors = log.try_clone().context("cannot open the server's log")?;
    Command::new(program)
        .args(["internal", "server"])
        .env("APPIA_HOME", home.root())
        .current_dir(home.root())
        .stdin(Stdio::null())
        .stdout(log)
        .stderr(errors)
        .process_group(0)
        .spawn()
        .context("cannot start the server")
        .map_err(Failure::from)
}

fn did_not_start(home: &Home) -> Failure {
    let log = std::fs::read_to_string(home.server_log()).unwrap_or_default();
    let mut lines: Vec<&str> = log.lines().collect();
    // It was tried more than once.
    lines.dedup();
    let last = lines.iter().rev().take(10).rev().copied().collect::<Vec<_>>().join("\n");
    Failure::new(Exit::Failed, "the server does not start")
        .cause(last)
        .help(format!("its log is {}", home.server_log().display()))
        .help("`appia server doctor` says whether everything that is kept is as it was written")
}
