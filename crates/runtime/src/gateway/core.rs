//! What every part of one gateway shares, and a listener as its connections see it.

use std::sync::Arc;

use arc_swap::ArcSwap;
use tokio::sync::Semaphore;
use tokio_util::task::TaskTracker;

use super::cancel::CancelSignal;
use super::config::Settings;
use super::ids::RequestIds;
use super::route::LiveRoute;
use super::table::Table;

/// The shared state of a gateway.
#[derive(Debug)]
pub(super) struct Core {
    pub(super) settings: Settings,
    pub(super) table: ArcSwap<Table>,
    pub(super) ids: RequestIds,
    /// Every connection and tunnel, so that a shutdown can wait for them.
    pub(super) tasks: TaskTracker,
    /// Cancelled when the grace of a shutdown is over.
    pub(super) cut: CancelSignal,
    /// One permit for each client connection that may be open.
    pub(super) places: Arc<Semaphore>,
}

/// A listener as its connections see it.
#[derive(Debug)]
pub(super) struct ListenerHandle {
    pub(super) core: Arc<Core>,
    pub(super) leads_to: LeadsTo,
}

/// Where requests that come in there go.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum LeadsTo {
    /// To the route that has the host name.
    HostNames,
    /// To the route that has this port.
    Port(u16),
    /// To this route, which left the choice of the port to the machine.
    Route(String),
}

impl Core {
    pub(super) fn new(settings: Settings) -> Self {
        Self {
            table: ArcSwap::default(),
            ids: RequestIds::new(rand::random()),
            tasks: TaskTracker::new(),
            cut: CancelSignal::default(),
            places: Arc::new(Semaphore::new(settings.max_connections)),
            settings,
        }
    }
}

impl ListenerHandle {
    /// The route for a request to `host` and `path`, as of now.
    pub(super) fn route(&self, host: &str, path: &str) -> Option<Arc<LiveRoute>> {
        let table = self.core.table.load();
        match &self.leads_to {
            LeadsTo::HostNames => table.by_host(host, path),
            LeadsTo::Port(port) => table.by_port(*port),
            LeadsTo::Route(id) => table.by_id(id),
        }
    }
}
