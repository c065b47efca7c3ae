//! A Redis server as an object: a folder for its data in the owner's, and the server under the supervisor.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use appia_intent::{ContainerName, PortName, Protocol, WorkloadKind};
use appia_plan::local;

use super::Agent;
use super::instances::unit_name;
use super::protocol::{Failure, RedisContent};
use super::record::Record;
use super::serve::Say;
use super::slot::Slot;
use crate::redis::Server;
use crate::shim::spec::{Limits, RunsAs, StopSignal};
use crate::supervisor::spec::{ContainerSpec, ProbeKind, ProbeSpec, WorkloadSpec};

/// It flushes its data to the disk first.
const GRACE_MILLIS: u64 = 30_000;

impl Agent {
    pub(super) async fn put_redis(
        self: &Arc<Self>,
        slot: &Arc<Slot>,
        next: Record,
        content: &RedisContent,
        say: &Say,
    ) -> Result<(), Failure> {
        let found = choose(content.version, say)?;
        let data = self.home.owner_folder(&next.owner).join("data").join(unit_name(&next.id));
        std::fs::create_dir_all(&data).map_err(Failure::system("the data's folder cannot be made"))?;
        let name = PortName::new("redis").map_err(|error| Failure::permanent(error.to_string()))?;
        self.reserve(slot, std::slice::from_ref(&name))?;
        let endpoints = slot.record().endpoints;
        let port = endpoints.get(&name).copied().unwrap_or_default();
        let container = container(&found, data, port, &content.password.0);
        let spec = server(&found, container, (name, port))?;
        let (version, outputs) = (Some(found.major.to_string()), outputs(port));
        self.roll_out(slot, spec, Record { endpoints, version, outputs, ..next }, say).await.map(drop)
    }
}

/// The machine's server, with a warning when it is of another version.
fn choose(version: u32, say: &Say) -> Result<Server, Failure> {
    let found = Server::find().ok_or_else(|| Failure::Permanent {
        message: "this machine has no Redis server".to_owned(),
        detail: Vec::new(),
        help: vec!["install it: Debian and Ubuntu call it `redis-server`, Fedora `redis`".to_owned()],
    })?;
    if found.major != version {
        let used = found.major.to_string();
        say.line(format!("warning: {}", local::another_version("Redis", version, &used)));
    }
    Ok(found)
}

fn container(server: &Server, data: PathBuf, port: u16, password: &str) -> ContainerSpec {
    let (command, env) = server.serve(&data, port, password);
    ContainerSpec {
        command,
        folder: data,
        path: Vec::new(),
        env,
        files: BTreeMap::new(),
        volumes: BTreeMap::new(),
        read_only: BTreeSet::new(),
        readiness: Some(ProbeSpec::with_check(ProbeKind::Redis { port })),
        liveness: None,
        limits: Limits::default(),
        before: BTreeMap::new(),
        runs_as: RunsAs::Us,
        stop_signal: StopSignal::Terminate,
        pid_file: None,
    }
}

fn server(
    server: &Server,
    container: ContainerSpec,
    (name, port): (PortName, u16),
) -> Result<WorkloadSpec, Failure> {
    let inside = ContainerName::new("server").map_err(|error| Failure::permanent(error.to_string()))?;
    let port = local::Port { port, target: port, protocol: Protocol::Tcp };
    Ok(WorkloadSpec {
        kind: WorkloadKind::Service,
        replicas: 1,
        release: server.major.to_string(),
        containers: BTreeMap::from([(inside, container)]),
        ports: BTreeMap::from([(name, port)]),
        schedule: None,
        grace_millis: GRACE_MILLIS,
        exclusive: true,
        balance: None,
        watch_millis: 0,
    })
}

/// What others may use of it. Never the password.
fn outputs(port: u16) -> BTreeMap<String, String> {
    let pairs =
        [("host", "127.0.0.1".to_owned()), ("port", port.to_string()), ("username", "default".to_owned())];
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}
