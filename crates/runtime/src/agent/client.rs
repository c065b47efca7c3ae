//! The other end of the agent's socket: what the server and the command line call.

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use appia_plan::{Observed, ObservedObject, Owner, Progress};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixStream;

use super::protocol::{Failure, Hello, Order, PROTOCOL, Reply, Request, Shutdown};
use super::status::OwnerStatus;
use crate::home::Home;
use crate::program::Program;

/// How long a new agent may take until it answers. It first finds or starts everything that should run.
const START: Duration = Duration::from_secs(60);
/// For how long another one is started when one ends at once, unless it says that the one before it still runs.
const OTHER: Duration = Duration::from_secs(2);
/// How long an agent that was killed may take until the server has it back, on a busy machine.
const RESTART: Duration = START;

/// The exit status of an agent or server that found another one in its home.
pub const ALREADY: u8 = 7;

/// Why the agent does not answer as it should.
#[derive(Debug, thiserror::Error)]
pub enum AgentError {
    /// Nobody listens.
    #[error("the agent does not run; `appia server start` starts it")]
    NotRunning,
    /// It was started and does not answer.
    #[error("the agent does not start; what it said is in `{}`", log.display())]
    DoesNotStart {
        /// Its log.
        log: PathBuf,
    },
    /// The connection broke.
    #[error("the agent went away in the middle of an answer")]
    Gone(#[source] std::io::Error),
    /// It speaks another language.
    #[error("the agent answers what was not asked: it is of another version; `appia server stop` ends it")]
    Confused,
    /// It says no.
    #[error("{0}")]
    Refused(String),
}

/// How to reach the agent of a home. Each call opens a connection of its own.
#[derive(Debug, Clone)]
pub struct AgentClient {
    socket: PathBuf,
}

impl AgentClient {
    /// The agent of a home, whether or not it runs.
    pub fn new(home: &Home) -> AgentClient {
        AgentClient { socket: home.agent_socket() }
    }

    /// The agent of a home, started when it does not run.
    ///
    /// # Errors
    /// When it cannot be started or does not answer within a minute.
    pub async fn connect_or_start(home: &Home, program: &Program) -> Result<AgentClient, AgentError> {
        let client = AgentClient::new(home);
        match client.hello().await {
            Ok(hello) if hello.protocol == PROTOCOL => return Ok(client),
            // Of an older or newer binary: what it runs goes on under the next one.
            Ok(_) => client.shutdown(Shutdown::LeaveRunning).await?,
            Err(_) => {}
        }
        let log = home.agent_log();
        let failed = || AgentError::DoesNotStart { log: log.clone() };
        let start = tokio::time::Instant::now();
        let mut child = spawn(home, program).map_err(|_| failed())?;
        let mut pause = Duration::from_millis(1);
        while client.hello().await.is_err() {
            // The lock may be held by one that is just ending, or by one that somebody else started just now.
            let ended = child.try_wait().ok().flatten();
            let patience = match ended {
                Some(status) if status.code() != Some(i32::from(ALREADY)) => OTHER,
                Some(_) | None => START,
            };
            if start.elapsed() > patience {
                return Err(failed());
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(Duration::from_millis(20));
            if ended.is_some() {
                child = spawn(home, program).map_err(|_| failed())?;
            }
        }
        // The agent outlives us; when it ends before, its exit status is collected.
        tokio::spawn(async move { child.wait().await });
        Ok(client)
    }

    /// Who answers.
    ///
    /// # Errors
    /// When nobody does.
    pub async fn hello(&self) -> Result<Hello, AgentError> {
        match self.call(&Request::Hello, None).await? {
            Reply::Hello(hello) => Ok(hello),
            other => Err(unexpected(other)),
        }
    }

    /// How everything of an owner is.
    ///
    /// # Errors
    /// When the agent does not answer.
    pub async fn status(&self, owner: &Owner) -> Result<OwnerStatus, AgentError> {
        match self.call(&Request::Status(owner.clone()), None).await? {
            Reply::Status(status) => Ok(*status),
            other => Err(unexpected(other)),
        }
    }

    /// Everybody of whom there is something.
    ///
    /// # Errors
    /// When the agent does not answer.
    pub async fn owners(&self) -> Result<Vec<Owner>, AgentError> {
        match self.call(&Request::Owners, None).await? {
            Reply::Owners(owners) => Ok(owners),
            other => Err(unexpected(other)),
        }
    }

    /// The text for `/metrics`, in OpenMetrics.
    ///
    /// # Errors
    /// When the agent does not answer.
    pub async fn metrics(&self) -> Result<String, AgentError> {
        match self.call(&Request::Metrics, None).await? {
            Reply::Text(text) => Ok(text),
            other => Err(unexpected(other)),
        }
    }

    /// Lets every step of an owner that waits for something to become ready fail now: a person asked to stop.
    ///
    /// # Errors
    /// When the agent does not answer.
    pub async fn give_up(&self, owner: &Owner) -> Result<(), AgentError> {
        self.call(&Request::GiveUp(owner.clone()), None).await.map(drop)
    }

    /// Asks the agent to end, and waits until it looks after nothing any more, or with [`Shutdown::StopAll`] is gone.
    ///
    /// # Errors
    /// When the agent does not answer.
    pub async fn shutdown(&self, how: Shutdown) -> Result<(), AgentError> {
        let before = self.hello().await?;
        match self.call(&Request::Shutdown(how), None).await {
            // It may be gone before its last word is.
            Ok(_) | Err(AgentError::Gone(_)) => {}
            Err(error) => return Err(error),
        }
        if how == Shutdown::LeaveRunning {
            // It only waits for requests on their way: the next agent need not.
            while self.hello().await.is_ok_and(|now| now.pid == before.pid) {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            return Ok(());
        }
        let pid = i32::try_from(before.pid).unwrap_or(0);
        let mark = crate::process_table::ProcessMark::of(pid);
        while mark.is_some_and(|mark| mark.is_alive()) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        Ok(())
    }

    pub(crate) async fn take(
        &self,
        order: Order,
        progress: &dyn Progress,
    ) -> Result<Option<ObservedObject>, Failure> {
        match self.call(&Request::Take(Box::new(order)), Some(progress)).await {
            Ok(Reply::Taken(observed)) => Ok(observed),
            Ok(Reply::Failed(failure)) => Err(failure),
            Ok(other) => Err(Failure::permanent(unexpected(other).to_string())),
            Err(error) => Err(Failure::Transient(error.to_string())),
        }
    }

    pub(crate) async fn observe(&self, owner: &Owner) -> Result<Observed, AgentError> {
        match self.call(&Request::Observe(owner.clone()), None).await? {
            Reply::Observed(objects) => Ok(Observed { objects: objects.into_iter().collect() }),
            other => Err(unexpected(other)),
        }
    }

    /// An agent that died is started again by its server: whoever wants something of it waits that long. Whoever only
    /// asks whether it is there does not.
    async fn connect(&self, request: &Request) -> Result<UnixStream, AgentError> {
        let patience = if matches!(request, Request::Hello) { Duration::ZERO } else { RESTART };
        let deadline = tokio::time::Instant::now() + patience;
        loop {
            match UnixStream::connect(&self.socket).await {
                Ok(stream) => return Ok(stream),
                Err(_) if tokio::time::Instant::now() >= deadline => return Err(AgentError::NotRunning),
                Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        }
    }

    /// A question that an agent took with it when it was killed is asked again: answering changes nothing. Orders are
    /// repeated by whoever gave them.
    async fn call(&self, request: &Request, progress: Option<&dyn Progress>) -> Result<Reply, AgentError> {
        let asked = tokio::time::Instant::now();
        loop {
            match self.call_once(request, progress).await {
                Err(AgentError::Gone(_)) if is_question(request) && asked.elapsed() < RESTART => {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
                other => return other,
            }
        }
    }

    async fn call_once(
        &self,
        request: &Request,
        progress: Option<&dyn Progress>,
    ) -> Result<Reply, AgentError> {
        let stream = self.connect(request).await?;
        let (reader, mut writer) = stream.into_split();
        let text = serde_json::to_vec(request).map_err(std::io::Error::from).map_err(AgentError::Gone)?;
        let text = zeroize::Zeroizing::new(text);
        writer.write_all(&text).await.map_err(AgentError::Gone)?;
        writer.write_all(b"\n").await.map_err(AgentError::Gone)?;
        let mut reader = BufReader::new(reader);
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).await.map_err(AgentError::Gone)?;
            if !line.ends_with('\n') {
                return Err(AgentError::Gone(std::io::ErrorKind::UnexpectedEof.into()));
            }
            match serde_json::from_str(&line).map_err(|_| AgentError::Confused)? {
                Reply::Progress(line) => {
                    if let Some(progress) = progress {
                        progress.say(&line);
                    }
                }
                last => return Ok(last),
            }
        }
    }
}

/// Whether a request only asks. Whether anybody is there has its answer when nobody is.
fn is_question(request: &Request) -> bool {
    match request {
        Request::Observe(_) | Request::Status(_) | Request::Owners | Request::Metrics => true,
        Request::Hello | Request::Take(_) | Request::Shutdown(_) | Request::GiveUp(_) => false,
    }
}

fn unexpected(reply: Reply) -> AgentError {
    match reply {
        Reply::Failed(failure) => AgentError::Refused(appia_plan::DriverError::from(failure).to_string()),
        _ => AgentError::Confused,
    }
}

/// Starts an agent that does not end with us: it opens a session of its own.
fn spawn(home: &Home, program: &Program) -> std::io::Result<tokio::process::Child> {
    let log = OpenOptions::new().create(true).append(true).mode(0o600).open(home.agent_log())?;
    let again = log.try_clone()?;
    tokio::process::Command::new(program.path())
        .args(program.arguments("agent", home.root()))
        .current_dir(home.root())
        .stdin(Stdio::null())
        .stdout(Stdio::from(log))
        .stderr(Stdio::from(again))
        .spawn()
}
