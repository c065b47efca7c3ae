//! The local gateway: HTTP and bytes from clients to the instances of workloads, and the counting of both.
//!
//! The agent makes one [`Gateway`], gives it a whole [`GatewayConfig`] whenever what runs has changed, and asks it to
//! drain an instance before it stops one. Applying a configuration never drops a connection. The gateway decides
//! nothing: it knows no plans, starts no processes and keeps nothing on disk.
//!
//! Start reading at `listener.rs` (connections come in), then `connection.rs`, `forward.rs` (a request finds its
//! route), `attempt.rs` (an instance answers), `body.rs` (the bytes flow).

mod attempt;
mod balance;
mod body;
mod cancel;
mod check;
mod config;
mod connection;
mod core;
mod error;
mod forward;
mod headers;
mod health;
mod ids;
mod instance;
mod link;
mod listener;
mod meter;
mod pool;
mod problem;
mod route;
mod status;
mod table;
mod tcp;
mod tunnel;
mod visit;

#[cfg(test)]
mod tests;

use std::iter;
use std::net::SocketAddr;
use std::sync::{Arc, Weak};
use std::time::Duration;

use tokio::sync::Mutex;
use tokio_util::task::AbortOnDropHandle;

pub use appia_intent::Balance;
pub use config::{
    Deployment, Ejection, GatewayConfig, HealthCheck, HealthProbe, Route, RouteOwner, RouteProtocol,
    Settings, Stage, Timeouts, Upstream,
};
pub use error::ConfigError;
pub use status::{InstanceSnapshot, RouteSnapshot, ServingState, Snapshot};

use check::Checks;
use core::Core;
use instance::Instance;
use listener::{Listeners, Wanted};

use crate::telemetry::Exposition;

/// A running gateway. Dropping it closes its listeners and lets its connections end by themselves.
#[derive(Debug)]
pub struct Gateway {
    core: Arc<Core>,
    control: Mutex<Control>,
    _sweeper: AbortOnDropHandle<()>,
}

/// What only changes between requests.
#[derive(Debug, Default)]
struct Control {
    listeners: Listeners,
    checks: Checks,
    /// Every instance that still has a request or a place in the table, for draining.
    instances: Vec<Weak<Instance>>,
}

/// How draining an instance ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Drained {
    /// Nothing is on its way to it any more.
    Idle,
    /// The grace is over and so many requests or tunnels were left; tunnels have been closed.
    Cut(u64),
}

/// How an instance does on trial.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TrialCount {
    /// Requests that it was sent.
    pub asked: u64,
    /// Those of them that it could not answer and a proven instance then got.
    pub unanswered: u64,
}

impl Gateway {
    /// Opens the listener for all host names, with no routes yet. Must be called within a tokio runtime.
    ///
    /// # Errors
    /// When the address is in use.
    pub async fn start(settings: Settings) -> Result<Self, ConfigError> {
        let core = Arc::new(Core::new(settings));
        let sweeper = AbortOnDropHandle::new(tokio::spawn(sweep(Arc::clone(&core))));
        let gateway = Self { core, control: Mutex::default(), _sweeper: sweeper };
        gateway.apply(&GatewayConfig::default()).await?;
        Ok(gateway)
    }

    /// Makes this the configuration in force, for every request from now on. Requests under way end as they began.
    ///
    /// # Errors
    /// When it contradicts itself or a port cannot be opened; then nothing has changed.
    pub async fn apply(&self, config: &GatewayConfig) -> Result<(), ConfigError> {
        config.validate()?;
        let mut control = self.control.lock().await;
        let shared = Wanted::shared(self.core.settings.shared);
        let wanted = iter::once(shared).chain(Wanted::by(config));
        let change = control.listeners.prepare(wanted).await?;
        let table = Arc::new(self.core.table.load().next(config, &self.core.settings.clock));
        control.remember(table.instances());
        control.checks.set(&table);
        self.core.table.store(table);
        control.listeners.commit(change, &self.core);
        Ok(())
    }

    /// Sends nothing more to an instance and waits until everything on its way has ended. An instance that is not
    /// known has nothing on its way. It stays out until [`Gateway::resume`], or until it has left the configuration.
    pub async fn drain(&self, instance: &str, grace: Duration) -> Drained {
        let instances = self.control.lock().await.find(instance);
        let all = futures::future::join_all(instances.iter().map(|instance| instance.drained()));
        if tokio::time::timeout(grace, all).await.is_ok() {
            return Drained::Idle;
        }
        let left = instances.iter().map(|instance| instance.red.in_flight()).sum();
        instances.iter().for_each(|instance| instance.cut().cancel());
        Drained::Cut(left)
    }

    /// Takes an instance that was drained back into service.
    pub async fn resume(&self, instance: &str) {
        self.control.lock().await.find(instance).iter().for_each(|instance| instance.resume());
    }

    /// How instances have done on trial, together.
    pub async fn trial_count(&self, instances: &[&str]) -> TrialCount {
        let control = self.control.lock().await;
        let found = instances.iter().flat_map(|id| control.find(id));
        found.fold(TrialCount::default(), |sum, instance| TrialCount {
            asked: sum.asked + instance.red.totals().requests,
            unanswered: sum.unanswered + instance.unanswered(),
        })
    }

    /// What goes on right now.
    pub async fn snapshot(&self) -> Snapshot {
        let control = self.control.lock().await;
        let routes = self.core.table.load().routes();
        let of = |route: &Arc<_>| {
            let route: &route::LiveRoute = route;
            RouteSnapshot::of(route, control.listeners.addr_of(&route.config))
        };
        Snapshot { shared: control.listeners.shared_addr(), routes: routes.iter().map(of).collect() }
    }

    /// Where requests for every host name come in.
    pub async fn shared_addr(&self) -> Option<SocketAddr> {
        self.control.lock().await.listeners.shared_addr()
    }

    /// Where the port of a route is.
    pub async fn addr_of(&self, route: &str) -> Option<SocketAddr> {
        let control = self.control.lock().await;
        control.listeners.addr_of(&self.core.table.load().by_id(route)?.config)
    }

    /// Adds the gateway's counters to what `/metrics` serves.
    pub fn expose(&self, exposition: &mut Exposition) {
        for route in self.core.table.load().routes() {
            status::expose(&route, exposition);
        }
    }

    /// Closes all listeners, so that another gateway may open them.
    pub async fn close(&self) {
        self.control.lock().await.listeners.close();
    }

    /// Closes all listeners, lets requests end for at most `grace`, then closes what is left.
    pub async fn shutdown(&self, grace: Duration) {
        self.close().await;
        self.core.tasks.close();
        if tokio::time::timeout(grace, self.core.tasks.wait()).await.is_err() {
            self.core.cut.cancel();
            self.core.tasks.wait().await;
        }
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        self.control.get_mut().listeners.close();
    }
}

impl Control {
    fn remember<'a>(&mut self, instances: impl Iterator<Item = &'a Arc<Instance>>) {
        self.instances.retain(|instance| instance.strong_count() > 0);
        for instance in instances {
            let new = Arc::downgrade(instance);
            if !self.instances.iter().any(|known| known.ptr_eq(&new)) {
                self.instances.push(new);
            }
        }
    }

    fn find(&self, id: &str) -> Vec<Arc<Instance>> {
        self.instances.iter().filter_map(Weak::upgrade).filter(|instance| instance.id == id).collect()
    }
}

/// Closes connections to instances that have waited too long for their next request.
async fn sweep(core: Arc<Core>) {
    let mut every = tokio::time::interval(Duration::from_secs(1));
    loop {
        every.tick().await;
        let table = core.table.load_full();
        table.instances().for_each(|instance| instance.links.sweep());
    }
}
