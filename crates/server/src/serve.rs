//! The server's process: opens the home, finishes what was left open, answers until it is asked to end.

use std::fs::{File, OpenOptions, Permissions};
use std::net::SocketAddr;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use anyhow::{Context as _, bail};
use appia_runtime::agent::AgentClient;
use appia_runtime::local::LocalDriver;
use appia_runtime::{Home, OwnLog, Program};
use appia_store::{Store, system_clock};
use nix::fcntl::{Flock, FlockArg};
use tokio::net::{TcpListener, UnixListener};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tracing_subscriber::EnvFilter;

use crate::http::{Context, router};
use crate::listen::{Listeners, answer};
use crate::platform::Platform;
use crate::redact::RedactingDriver;
use crate::tasks;
use crate::token::Token;

/// Two servers in one home would decide twice.
#[derive(Debug, thiserror::Error)]
#[error("another server runs in `{}`", .0.display())]
pub struct AnotherServer(PathBuf);

/// Runs the control plane of the home that the environment names, until it is asked to end.
///
/// # Errors
/// When the home is in use by another server, or the store or the agent cannot be started.
pub async fn serve() -> anyhow::Result<()> {
    let home = Home::from_environment()?;
    log_to(&home.server_log()).context("cannot open the server's log")?;
    let _lock = lock(&home)?;
    let program = Program::this().context("cannot find the program that runs")?;
    let key = home.seal_key()?;
    let store = Store::open(home.database(), key, system_clock()).await.context("cannot open the store")?;
    let agent = AgentClient::connect_or_start(&home, &program).await?;
    let driver = LocalDriver::new(home.clone(), agent.clone(), Arc::new(store.clone()), program.clone());
    let driver = RedactingDriver::new(driver, store.clone());
    let platform = Platform::new(home.clone(), store.clone(), agent, driver);
    let open = tasks::recover::open(&platform).await.context("cannot read what was left open")?;
    let recovery = tokio::spawn(tasks::recover::recover(platform.clone(), open));
    let keeping = tokio::spawn(tasks::agent::keep(platform.clone(), program));
    let copying = tokio::spawn(tasks::snapshots::keep(store.clone(), home.snapshots()));
    let loopback = loopback(&home).await;
    let address = loopback.as_ref().and_then(|(listener, _)| listener.local_addr().ok());
    let listeners = Listeners { unix_socket: listen(&home)?, loopback };
    let (end, ended) = watch::channel(false);
    tracing::info!(home = %home.root().display(), "the server answers");
    answer(listeners, router(Context { platform, end, address }), until(ended)).await;
    keeping.abort();
    recovery.abort();
    copying.abort();
    tasks::snapshots::take(&store, &home.snapshots()).await;
    store.close().await;
    Ok(())
}

/// From now on what this process has to say goes to a file that does not grow without end. `APPIA_LOG` says how much.
///
/// # Errors
/// When the file cannot be opened.
pub fn log_to(path: &Path) -> std::io::Result<()> {
    let log = Mutex::new(OwnLog::open(path)?);
    let filter = EnvFilter::try_from_env("APPIA_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    let _ = tracing_subscriber::fmt().with_env_filter(filter).with_ansi(false).with_writer(log).try_init();
    Ok(())
}

/// One server a home: the lock is released by the system however the process ends.
pub(crate) fn lock(home: &Home) -> anyhow::Result<Flock<File>> {
    let path = home.server_lock();
    let file = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(&path);
    let file = file.with_context(|| format!("cannot open `{}`", path.display()))?;
    match Flock::lock(file, FlockArg::LockExclusiveNonblock) {
        Ok(lock) => Ok(lock),
        Err(_) => Err(AnotherServer(home.root().to_owned()).into()),
    }
}

/// The socket of this user; the folder it is in is closed to others as well.
fn listen(home: &Home) -> anyhow::Result<UnixListener> {
    let path = home.server_socket();
    match std::fs::remove_file(&path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(error).with_context(|| format!("cannot remove `{}`", path.display()));
        }
        Ok(()) | Err(_) => {}
    }
    let listener =
        UnixListener::bind(&path).with_context(|| format!("cannot listen on `{}`", path.display()))?;
    std::fs::set_permissions(&path, Permissions::from_mode(0o600))
        .context("cannot close the socket to others")?;
    Ok(listener)
}

/// The address that the home asks for, when it can be had: without it everything else goes on.
async fn loopback(home: &Home) -> Option<(TcpListener, Token)> {
    let asked = std::fs::read_to_string(home.server_address()).ok()?;
    let opened = async {
        let address: SocketAddr = asked.trim().parse().context("this is no address")?;
        if !address.ip().is_loopback() {
            bail!("this is not an address on loopback, and there is no encryption");
        }
        let token = Token::of(&home.server_token()).context("the token cannot be made")?;
        Ok((TcpListener::bind(address).await.context("the address cannot be had")?, token))
    };
    match opened.await {
        Ok(loopback) => Some(loopback),
        Err(error) => {
            tracing::error!("the server does not listen on `{}`: {error:#}", asked.trim());
            None
        }
    }
}

async fn until(mut ended: watch::Receiver<bool>) {
    let Ok(mut terminate) = signal(SignalKind::terminate()) else { return };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = ended.wait_for(|ended| *ended) => {}
    }
}
