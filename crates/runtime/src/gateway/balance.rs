//! Who gets the next request within a deployment: round robin or least connections, healthy instances first.
//!
//! `route.rs` chooses the deployment by its weight and asks here. Choosing takes no lock.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use appia_intent::Balance;

use super::config::{Deployment, Stage};
use super::instance::{Instance, Ticket};

/// The instances of one deployment.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) deployment: String,
    pub(super) weight: u32,
    pub(super) instances: Vec<Arc<Instance>>,
    pub(super) stage: Stage,
    next: AtomicUsize,
}

/// What decides who gets a request.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked<'a> {
    /// Instances that have had it already.
    pub(super) tried: &'a [u64],
    /// When it came in.
    pub(super) began: u64,
    /// Who is asked first where a deployment is on trial.
    pub(super) prefers: Stage,
}

/// How picky to be: healthy ones first, then whatever has not been told to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standard {
    Available,
    NotDraining,
}

impl Standard {
    fn met_by(self, instance: &Instance) -> bool {
        match self {
            Self::Available => instance.is_available(),
            Self::NotDraining => !instance.is_draining(),
        }
    }
}

impl Group {
    pub(super) fn new(deployment: &Deployment, instances: Vec<Arc<Instance>>) -> Self {
        let (weight, stage, next) = (deployment.weight, deployment.stage, AtomicUsize::new(0));
        Self { deployment: deployment.id.clone(), weight, instances, stage, next }
    }

    /// One of its instances that meets the standard and has not had the request yet.
    pub(super) fn pick(&self, balance: Balance, standard: Standard, asked: &Asked<'_>) -> Option<Ticket> {
        let turn = self.next.fetch_add(1, Ordering::Relaxed);
        let fits =
            |instance: &&Arc<Instance>| !asked.tried.contains(&instance.serial) && standard.met_by(instance);
        let fitting = || self.instances.iter().filter(fits);
        let chosen = match balance {
            Balance::RoundRobin => {
                let count = fitting().count();
                fitting().nth(turn.checked_rem(count)?)
            }
            Balance::LeastConnections => {
                let (before, from) = self.instances.split_at(turn.checked_rem(self.instances.len())?);
                from.iter().chain(before).filter(fits).min_by_key(|instance| instance.red.in_flight())
            }
        };
        let ticket = |instance: &Arc<Instance>| instance.ticket(asked.began, self.stage);
        ticket(chosen?).or_else(|| fitting().find_map(ticket))
    }
}
