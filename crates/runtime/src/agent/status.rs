//! How everything of an owner is: what `appia status` shows, and what `/metrics` adds to the gateway's numbers.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use appia_intent::Address;
use appia_plan::{ObjectState, Owner, local};
use serde::{Deserialize, Serialize};

use super::Agent;
use super::ingress::{hosts, route_id};
use super::record::{Record, Standing};
use super::slot::Slot;
use crate::gateway::Snapshot;
use crate::process_table::{ProcessStat, processes};
use crate::supervisor::container::Phase;
use crate::supervisor::instance::Instance;
use crate::telemetry::Exposition;

/// How everything of an owner is.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct OwnerStatus {
    /// What runs.
    pub workloads: Vec<WorkloadStatus>,
    /// What it needs.
    pub resources: Vec<ResourceStatus>,
}

/// How a workload is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WorkloadStatus {
    /// `workloads.NAME`.
    pub address: Address,
    /// All of it together.
    pub state: UnitState,
    /// What is in the way, when something is.
    pub trouble: Option<String>,
    /// A loopback address that any program can open.
    pub url: Option<String>,
    /// Addresses by host name.
    pub routes: Vec<String>,
    /// The last five minutes.
    pub rates: RatesStatus,
    /// Thousandths of a processor that it takes now.
    pub cpu_millis: u64,
    /// Resident memory.
    pub memory_mib: u64,
    /// What this machine could not do as it was asked for.
    pub notes: Vec<String>,
    /// Each running copy.
    pub instances: Vec<InstanceStatus>,
}

/// How one running copy is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct InstanceStatus {
    /// Its name.
    pub id: String,
    /// Which release it runs.
    pub release: String,
    /// How it is.
    pub state: InstanceState,
    /// Its first program.
    pub pid: Option<i32>,
    /// Where it listens itself.
    pub port: Option<u16>,
    /// How often its programs were started again.
    pub restarts: u32,
    /// Microseconds after 1970 at which it was made.
    pub started_micros: u64,
    /// How its last run ended, when one has.
    pub last_exit: Option<String>,
}

/// How a resource is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ResourceStatus {
    /// `resources.NAME`.
    pub address: Address,
    /// `postgres`, `redis`, `volume`, `external`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The version that runs.
    pub version: Option<String>,
    /// How it is.
    pub state: UnitState,
}

/// How a workload or resource is, all of it together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnitState {
    /// On its way.
    Starting,
    /// All of it works.
    Healthy,
    /// Some of it does not work.
    Unhealthy,
    /// Not running on purpose; a job that has ended well is stopped too.
    Stopped,
    /// None of it works.
    Failed,
}

/// How a running copy is: the same words.
pub type InstanceState = UnitState;

/// Rates over the last five minutes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct RatesStatus {
    /// Requests a second.
    pub rps: f64,
    /// Failed ones a second.
    pub errors_per_s: f64,
    /// Half of the requests took at most this.
    pub p50_ms: f64,
    /// 95 of 100.
    pub p95_ms: f64,
    /// 99 of 100.
    pub p99_ms: f64,
}

/// What all workloads of one answer share.
struct View {
    table: Vec<(i32, ProcessStat)>,
    snapshot: Snapshot,
    hosts: BTreeMap<(Owner, String), Vec<String>>,
}

impl Agent {
    pub(super) async fn status(&self, owner: &Owner) -> OwnerStatus {
        let slots = self.slots_of(owner);
        let view = View {
            table: processes(),
            snapshot: self.gateway.snapshot().await,
            hosts: hosts(&self.all_slots()),
        };
        let mut status = OwnerStatus::default();
        for slot in slots {
            let record = slot.record();
            match record.id.kind.as_str() {
                local::kind::WORKLOAD => status.workloads.push(self.workload_status(&slot, &view)),
                local::kind::POSTGRES | local::kind::REDIS | local::kind::VOLUME | local::kind::EXTERNAL => {
                    status.resources.push(self.resource_status(&slot));
                }
                _ => {}
            }
        }
        status
    }

    /// The text for `/metrics`.
    pub(super) fn metrics(&self) -> String {
        let mut exposition = Exposition::default();
        self.gateway.expose(&mut exposition);
        let table = processes();
        for slot in self.all_slots() {
            let (record, serving) = (slot.record(), slot.state().serving.clone());
            for instance in serving {
                self.expose(&record, &instance, &table, &mut exposition);
            }
        }
        exposition.finish()
    }

    fn expose(
        &self,
        record: &Record,
        instance: &Instance,
        table: &[(i32, ProcessStat)],
        exposition: &mut Exposition,
    ) {
        let labels = [
            ("app", record.owner.app.as_str()),
            ("environment", record.owner.environment.as_str()),
            ("workload", instance.identity.unit.as_str()),
            ("instance", instance.identity.id.as_str()),
        ];
        let taken = self.cpu_meter.taken(instance, table);
        let healthy = if state_of(instance.phase()) == UnitState::Healthy { 1.0 } else { 0.0 };
        exposition
            .counter("appia_cpu_seconds", "Processor time of an instance.")
            .add(&labels, taken.cpu_total.as_secs_f64());
        exposition
            .gauge("appia_memory_bytes", "Resident memory of an instance.")
            .add(&labels, taken.memory_bytes as f64);
        exposition
            .counter("appia_restarts", "How often programs of an instance were started again.")
            .add(&labels, f64::from(instance.restarts()));
        exposition.gauge("appia_instance_healthy", "1 when an instance is healthy.").add(&labels, healthy);
    }

    fn workload_status(&self, slot: &Slot, view: &View) -> WorkloadStatus {
        let (record, serving, spec, trouble) = {
            let state = slot.state();
            (state.record.clone(), state.serving.clone(), state.spec.clone(), state.trouble.clone())
        };
        let main = spec.as_ref().and_then(|spec| spec.main_port().map(|(name, _)| name.clone()));
        let id = main.as_ref().map(|name| route_id(&record, name.as_str()));
        let route = view.snapshot.routes.iter().find(|route| Some(&route.id) == id.as_ref());
        let port = main.as_ref().and_then(|name| record.endpoints.get(name));
        let gateway = view.snapshot.shared.map(|addr| addr.port());
        let hosts =
            view.hosts.get(&(record.owner.clone(), record.id.name.clone())).cloned().unwrap_or_default();
        let taken: Vec<_> =
            serving.iter().map(|instance| self.cpu_meter.taken(instance, &view.table)).collect();
        let memory: u64 = taken.iter().map(|taken| taken.memory_bytes).sum();
        WorkloadStatus {
            address: address(&record),
            state: match &trouble {
                Some(_) if serving.is_empty() => UnitState::Failed,
                Some(_) => UnitState::Unhealthy,
                None => together(&record, &serving),
            },
            trouble: serving
                .iter()
                .find(|one| !is_well(one) && one.known_trouble().is_some())
                .map(|one| one.trouble())
                .or(trouble)
                .or_else(|| slot.state().fell_back.clone()),
            url: port.map(|port| format!("http://127.0.0.1:{port}")),
            routes: hosts.iter().filter_map(|entrance| gateway.map(|port| url(entrance, port))).collect(),
            rates: route.map(|route| route.rates.into()).unwrap_or_default(),
            cpu_millis: taken.iter().map(|taken| taken.cpu_millis).sum(),
            memory_mib: memory.div_ceil(1 << 20),
            notes: notes(&serving),
            instances: serving.iter().map(|instance| instance_status(instance)).collect(),
        }
    }

    fn resource_status(&self, slot: &Slot) -> ResourceStatus {
        let (record, serving) = {
            let state = slot.state();
            (state.record.clone(), state.serving.clone())
        };
        let state = match (self.observe(slot).state, serving.is_empty()) {
            (ObjectState::Ready, true) => UnitState::Healthy,
            (ObjectState::Partial, _) => UnitState::Starting,
            (ObjectState::Failed(_), true) => UnitState::Failed,
            _ => together(&record, &serving),
        };
        ResourceStatus { address: address(&record), kind: record.id.kind, version: record.version, state }
    }
}

impl From<crate::telemetry::Rates> for RatesStatus {
    fn from(rates: crate::telemetry::Rates) -> RatesStatus {
        RatesStatus {
            rps: rates.rps,
            errors_per_s: rates.errors_per_s,
            p50_ms: rates.p50_ms,
            p95_ms: rates.p95_ms,
            p99_ms: rates.p99_ms,
        }
    }
}

fn address(record: &Record) -> Address {
    let root = if record.id.kind == local::kind::WORKLOAD { "workloads" } else { "resources" };
    let made = || Address::parse(&format!("{root}.{}", record.id.name));
    record.applied.as_ref().map_or_else(made, |object| object.address.clone())
}

fn together(record: &Record, serving: &[Arc<Instance>]) -> UnitState {
    match record.standing {
        Standing::Paused | Standing::Retained => return UnitState::Stopped,
        Standing::Partial if serving.is_empty() => return UnitState::Failed,
        Standing::Partial | Standing::Ready => {}
    }
    let states: Vec<UnitState> = serving.iter().map(|instance| state_of(instance.phase())).collect();
    let all = |state| !states.is_empty() && states.iter().all(|one| *one == state);
    let any = |state| states.contains(&state);
    if states.is_empty() || all(UnitState::Stopped) {
        UnitState::Stopped
    } else if all(UnitState::Healthy) {
        UnitState::Healthy
    } else if all(UnitState::Failed) {
        UnitState::Failed
    } else if any(UnitState::Failed) || any(UnitState::Unhealthy) {
        UnitState::Unhealthy
    } else {
        UnitState::Starting
    }
}

fn is_well(instance: &Instance) -> bool {
    matches!(state_of(instance.phase()), UnitState::Healthy | UnitState::Stopped)
}

fn state_of(phase: Phase) -> InstanceState {
    match phase {
        Phase::Waiting | Phase::Starting => UnitState::Starting,
        Phase::Healthy => UnitState::Healthy,
        Phase::Unhealthy => UnitState::Unhealthy,
        Phase::BackingOff | Phase::Failed => UnitState::Failed,
        Phase::Complete | Phase::Stopped => UnitState::Stopped,
    }
}

fn notes(serving: &[Arc<Instance>]) -> Vec<String> {
    let runs = serving.iter().flat_map(|instance| instance.statuses()).filter_map(|status| status.run);
    let mut notes: BTreeSet<String> = runs.flat_map(|run| run.notes).collect();
    for instance in serving.iter().filter(|instance| instance.has_fixed_port()) {
        let (unit, port) = (&instance.identity.unit, instance.port().unwrap_or_default());
        notes.insert(format!(
            "`{unit}` listens on port {port} and not on the one in `PORT`: only one instance can run, and a new release replaces it with a gap"
        ));
    }
    notes.into_iter().collect()
}

fn instance_status(instance: &Instance) -> InstanceStatus {
    let statuses = instance.statuses();
    InstanceStatus {
        id: instance.identity.id.clone(),
        release: instance.identity.release.clone(),
        state: state_of(instance.phase()),
        pid: statuses.iter().find_map(|status| status.run.as_ref().map(|run| run.program.pid)),
        port: instance.port(),
        restarts: instance.restarts(),
        started_micros: instance.identity.created_micros,
        last_exit: statuses.iter().find_map(|status| status.last_exit.map(|exit| exit.to_string())),
    }
}
/// `shop.localhost/api` behind a port.
fn url(entrance: &str, port: u16) -> String {
    let (host, path) =
        entrance.split_once('/').map_or((entrance, String::new()), |(host, path)| (host, format!("/{path}")));
    format!("http://{host}:{port}{path}")
}
