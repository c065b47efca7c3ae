//! What every use case works with: the store, the machine, and the operations that run right now.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use appia_engine::{Interrupt, Settings};
use appia_intent::{AppName, EnvironmentName};
use appia_plan::{OperationId, Owner};
use appia_runtime::agent::AgentClient;
use appia_runtime::home::Home;
use appia_runtime::local::LocalDriver;
use appia_store::Store;

use crate::ServerError;

/// The organisation of everything, until there are more.
const ORGANISATION: &str = "default";

/// What every use case works with. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Platform {
    pub(crate) home: Home,
    pub(crate) store: Store,
    pub(crate) agent: AgentClient,
    pub(crate) driver: Arc<LocalDriver>,
    pub(crate) settings: Arc<Settings>,
    running: Arc<Mutex<BTreeMap<Owner, Interrupt>>>,
}

impl Platform {
    pub(crate) fn new(home: Home, store: Store, agent: AgentClient, driver: LocalDriver) -> Platform {
        let running = Arc::default();
        Platform {
            home,
            store,
            agent,
            driver: Arc::new(driver),
            settings: Arc::new(Settings::default()),
            running,
        }
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

    /// Asks the operation of an environment to take back what it did; `false` when none runs.
    pub(crate) fn interrupt(&self, owner: &Owner) -> bool {
        let operations = self.operations();
        operations.get(owner).map(Interrupt::raise).is_some()
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
