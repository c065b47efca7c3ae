//! The data plane of a machine: one process per home that keeps what should run running and traffic flowing.
//!
//! Started as `appia internal agent HOME`. It decides nothing: the server tells it what should be, over a unix socket
//! that only this user can open ([`protocol`]), and it keeps that on disk ([`record`]), so that after `kill -9` or a
//! reboot it finds its programs again or starts them. Start reading at [`run`], then `take.rs`.

mod client;
mod cpu_meter;
mod delete;
mod endpoints;
mod fence;
mod ingress;
mod instances;
mod leftovers;
mod observe;
mod postgres;
pub(crate) mod protocol;
pub(crate) mod record;
mod redis;
mod resume;
mod rollout;
mod schedule;
mod serve;
mod slot;
pub(crate) mod status;
mod take;
mod trial;
mod volume;
mod work;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, OpenOptions};
use std::io;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use appia_plan::seal::SealKey;
use appia_plan::{ObjectId, Owner};
use nix::fcntl::{Flock, FlockArg};
use tokio::net::UnixListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

pub use self::client::{ALREADY, AgentClient, AgentError};
pub(crate) use self::instances::unit_name;
pub use self::protocol::{Hello, Shutdown};
use self::record::{Record, RecordFolder};
use self::slot::Slot;
pub use self::status::{
    InstanceState, InstanceStatus, OwnerStatus, RatesStatus, ResourceStatus, UnitState, WorkloadStatus,
};
use crate::gateway::{ConfigError, Gateway};
use crate::home::{Home, HomeError};
use crate::program::Program;
use crate::supervisor::instance_folders::InstanceFolders;

/// Why the agent cannot run.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// Another one runs in this home.
    #[error("an agent runs in `{}` already", .0.display())]
    Already(PathBuf),
    /// The home cannot be used.
    #[error(transparent)]
    Home(#[from] HomeError),
    /// The gateway does not start.
    #[error("the gateway does not start")]
    Gateway(#[from] ConfigError),
    /// Something in the home or the system does not work.
    #[error("cannot {what}")]
    System {
        /// What was tried.
        what: &'static str,
        /// Why not.
        #[source]
        source: io::Error,
    },
}

/// Everything the agent knows.
pub(crate) struct Agent {
    home: Home,
    program: Program,
    key: SealKey,
    gateway: Gateway,
    slots: Mutex<BTreeMap<(Owner, ObjectId), Arc<Slot>>>,
    fences: fence::Fences,
    /// Held while the gateway's configuration is made and applied.
    ingress: tokio::sync::Mutex<()>,
    /// Ports that were given to instances; held while one is chosen.
    given: Mutex<BTreeSet<u16>>,
    cpu_meter: cpu_meter::CpuMeter,
    work: work::Work,
    leftovers: leftovers::Leftovers,
    ending: watch::Sender<Option<Shutdown>>,
}

/// Runs the agent of a home until it is asked to end. What it started goes on running unless that was asked for too.
///
/// # Errors
/// When another agent runs in this home, or the home, the gateway or the socket cannot be used.
pub async fn run(home: Home, program: Program) -> Result<(), RunError> {
    let lock = lock(&home)?;
    let _ = nix::unistd::setsid();
    let system = |what| move |source| RunError::System { what, source };
    let key = home.seal_key()?;
    let gateway = ingress::start(&home).await?;
    let agent = Arc::new(Agent {
        fences: fence::Fences::default(),
        slots: Mutex::default(),
        ingress: tokio::sync::Mutex::new(()),
        given: Mutex::default(),
        cpu_meter: cpu_meter::CpuMeter::default(),
        work: work::Work::default(),
        leftovers: leftovers::Leftovers::default(),
        ending: watch::channel(None).0,
        home,
        program,
        key,
        gateway,
    });
    agent.resume_all().await;
    let listener = listen(&agent.home).map_err(system("open the agent's socket"))?;
    let serving = tokio::spawn(serve::serve(Arc::clone(&agent), listener));
    let metering = tokio::spawn(cpu_meter::run(Arc::clone(&agent)));
    let clearing = tokio::spawn(leftovers::run(Arc::clone(&agent)));
    let how = until_ended(&agent).await.map_err(system("listen for signals"))?;
    serving.abort();
    metering.abort();
    clearing.abort();
    match how {
        Shutdown::StopAll => {
            agent.gateway.shutdown(instances::SHORT_DRAIN).await;
            agent.stop_all().await;
            drop(fs::remove_file(agent.home.agent_socket()));
        }
        Shutdown::LeaveRunning => agent.hand_over(lock).await,
    }
    Ok(())
}

impl Agent {
    /// The objects of everybody.
    fn all_slots(&self) -> Vec<Arc<Slot>> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    fn slots_of(&self, owner: &Owner) -> Vec<Arc<Slot>> {
        let slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        slots.iter().filter(|((of, _), _)| of == owner).map(|(_, slot)| Arc::clone(slot)).collect()
    }

    fn find(&self, owner: &Owner, id: &ObjectId) -> Option<Arc<Slot>> {
        let slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        slots.get(&(owner.clone(), id.clone())).cloned()
    }

    fn find_or_make(&self, owner: &Owner, id: &ObjectId) -> Arc<Slot> {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || Arc::new(Slot::new(Record::new(owner.clone(), id.clone())));
        Arc::clone(slots.entry((owner.clone(), id.clone())).or_insert_with(new))
    }

    fn forget(&self, owner: &Owner, id: &ObjectId) {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner).remove(&(owner.clone(), id.clone()));
    }

    fn insert(&self, record: Record) -> Arc<Slot> {
        let key = (record.owner.clone(), record.id.clone());
        let slot = Arc::new(Slot::new(record));
        self.slots.lock().unwrap_or_else(PoisonError::into_inner).insert(key, Arc::clone(&slot));
        slot
    }

    /// Lets go of everything, so that the next agent can take it over at once, and only then waits for the requests
    /// that are on their way.
    async fn hand_over(&self, lock: Flock<fs::File>) {
        self.work.stop().await;
        self.let_go();
        drop(fs::remove_file(self.home.agent_socket()));
        self.gateway.close().await;
        drop(lock);
        self.gateway.shutdown(instances::DRAIN).await;
    }

    /// When somebody removed the home nobody could reach the agent any more: it ends, and all it runs.
    fn end_without_home(&self) {
        let gone = matches!(self.home.agent_lock().try_exists(), Ok(false));
        if gone {
            tracing::error!(home = %self.home.root().display(), "the home is gone");
            self.ending.send_replace(Some(Shutdown::StopAll));
        }
    }

    fn record_folder(&self, owner: &Owner) -> RecordFolder {
        RecordFolder::new(&self.home.owner_folder(owner))
    }

    fn instance_folders(&self, owner: &Owner) -> InstanceFolders {
        self.instance_folders_in(self.home.owner_folder(owner))
    }

    fn instance_folders_in(&self, folder: PathBuf) -> InstanceFolders {
        InstanceFolders { program: self.program.clone(), folder, cgroup: format!("appia-{}", self.home.id()) }
    }
}

/// One agent a home: the lock is released by the system however the process ends.
fn lock(home: &Home) -> Result<Flock<fs::File>, RunError> {
    let system = |source| RunError::System { what: "lock the home", source };
    let file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(home.agent_lock())
        .map_err(system)?;
    Flock::lock(file, FlockArg::LockExclusiveNonblock).map_err(|_| RunError::Already(home.root().to_owned()))
}

/// The folder is closed to others, and so is the socket.
fn listen(home: &Home) -> io::Result<UnixListener> {
    let path = home.agent_socket();
    crate::durable::remove(&path)?;
    let listener = UnixListener::bind(&path)?;
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600))?;
    Ok(listener)
}

async fn until_ended(agent: &Agent) -> io::Result<Shutdown> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut asked = agent.ending.subscribe();
    tokio::select! {
        _ = terminate.recv() => Ok(Shutdown::LeaveRunning),
        _ = interrupt.recv() => Ok(Shutdown::LeaveRunning),
        how = asked.wait_for(Option::is_some) => Ok(how.ok().and_then(|how| *how).unwrap_or(Shutdown::LeaveRunning)),
    }
}
