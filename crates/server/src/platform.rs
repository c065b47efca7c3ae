//! What every use case works with: the store, the machine, and the operations that run right now.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use appia_engine::{Interrupt, Settings};
use appia_intent::{AppName, EnvironmentName};
use appia_plan::{Driver, ObjectState, OperationId, Owner};
use appia_runtime::agent::{AgentClient, AgentError, Shutdown};
use appia_runtime::home::Home;
use appia_store::Store;
use tokio::sync::watch;

use crate::ServerError;
use crate::redact::RedactingDriver;

/// The organisation of everything, until there are more.
pub(crate) const ORGANISATION: &str = "default";

/// Whoever asks for a change waits so long for the end of one that a crash left open.
const RECOVERY: Duration = Duration::from_secs(60);

/// A program that was started so long ago and is not ready yet is not waited for any longer.
pub(crate) const STARTED: Duration = Duration::from_secs(60);

/// What every use case works with. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Platform {
    pub(crate) home: Home,
    pub(crate) store: Store,
    pub(crate) agent: AgentClient,
    pub(crate) driver: Arc<RedactingDriver>,
    pub(crate) settings: Arc<Settings>,
    since: Instant,
    /// Whether the agent is started again when it ends.
    keeps_agent: watch::Sender<bool>,
    running: Arc<Mutex<BTreeMap<Owner, Interrupt>>>,
    /// Whose operations a crash left open and are not finished yet.
    recovering: watch::Sender<BTreeSet<Owner>>,
}

impl Platform {
    pub(crate) fn new(home: Home, store: Store, agent: AgentClient, driver: RedactingDriver) -> Platform {
        let running = Arc::default();
        Platform {
            home,
            store,
            agent,
            driver: Arc::new(driver),
            settings: Arc::new(Settings::default()),
            since: Instant::now(),
            keeps_agent: watch::Sender::new(true),
            running,
            recovering: watch::Sender::default(),
        }
    }

    /// Ends the agent and everything that it runs. It does not answer while it stops all that, and must not be taken
    /// for one that has to be started again.
    pub(crate) async fn stop_everything(&self) -> Result<(), AgentError> {
        self.keeps_agent.send_replace(false);
        let stopped = self.agent.shutdown(Shutdown::StopAll).await;
        if stopped.is_err() {
            self.keeps_agent.send_replace(true);
        }
        stopped
    }

    /// Waits until the agent is not wanted any more.
    pub(crate) async fn until_agent_is_not_kept(&self) {
        let _ = self.keeps_agent.subscribe().wait_for(|keeps| !keeps).await;
    }

    /// Says whose operations are about to be finished.
    pub(crate) fn recovers(&self, owners: BTreeSet<Owner>) {
        self.recovering.send_replace(owners);
    }

    /// Says that the operations of an owner are finished, as far as they could be.
    pub(crate) fn recovered(&self, owner: &Owner) {
        self.recovering.send_if_modified(|owners| owners.remove(owner));
    }

    /// Waits until what a crash left open is finished: only then is it known what there is. Gives up after a while.
    pub(crate) async fn until_recovered(&self, owner: &Owner) {
        let mut recovering = self.recovering.subscribe();
        let done = recovering.wait_for(|owners| !owners.contains(owner));
        let _ = tokio::time::timeout(RECOVERY, done).await;
    }

    /// Registers an operation, so that it can be interrupted.
    pub(crate) fn began(&self, owner: &Owner) -> Interrupt {
        let interrupt = Interrupt::default();
        self.operations().insert(owner.clone(), interrupt.clone());
        interrupt
    }

    /// Forgets an operation that ended.
    pub(crate) fn ended(&self, owner: &Owner) {
        self.operations().remove(owner);
    }

    /// Asks the operation of an environment to take back what it did; `false` when none runs. What it waits for is not
    /// waited for any longer.
    pub(crate) async fn interrupt(&self, owner: &Owner) -> bool {
        let runs = self.operations().get(owner).map(Interrupt::raise).is_some();
        if runs && let Err(error) = self.agent.give_up(owner).await {
            tracing::warn!(%error, "what is being started goes on until it is ready");
        }
        runs
    }

    /// Waits until nothing of an environment is starting any more, but not for ever.
    pub(crate) async fn until_started(&self, owner: &Owner) -> Result<(), ServerError> {
        let asked = Instant::now();
        while asked.elapsed() < STARTED {
            let observed = self.driver.observe(owner).await?;
            if !observed.objects.values().any(|object| object.state == ObjectState::Starting) {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(())
    }

    /// As [`Platform::until_started`], when the machine may have come up just now.
    pub(crate) async fn until_started_after_boot(&self, owner: &Owner) -> Result<(), ServerError> {
        if self.since.elapsed() < STARTED { self.until_started(owner).await } else { Ok(()) }
    }

    fn operations(&self) -> std::sync::MutexGuard<'_, BTreeMap<Owner, Interrupt>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whose objects, from the names in a request.
pub(crate) fn owner(app: &str, environment: &str) -> Result<Owner, ServerError> {
    let wrong = |error: appia_intent::NameError| ServerError::request(error.to_string(), "check the names");
    Ok(Owner {
        organisation: ORGANISATION.to_owned(),
        app: AppName::new(app).map_err(wrong)?,
        environment: EnvironmentName::new(environment).map_err(wrong)?,
    })
}

/// Now, in milliseconds since 1970-01-01 UTC.
pub(crate) fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// A new identity, sortable by time.
pub(crate) fn new_operation_id() -> OperationId {
    OperationId(format!("{:012x}-{:08x}", now_ms(), rand::random::<u32>()))
}
