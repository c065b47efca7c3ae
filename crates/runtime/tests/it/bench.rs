//! A home with its agent, a driver, and short words for what tests do with them.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use appia_intent::units::Duration as Span;
use appia_intent::{
    Address, AppName, ContainerName, EnvironmentName, PortName, ProbeCheck, Protocol, SecretRef, Template,
    WorkloadKind, WorkloadName,
};
use appia_plan::local::{Body, Container, Port, Probe, Workload};
use appia_plan::seal::SecretValue;
use appia_plan::{
    DataFate, Driver, DriverError, Lease, Object, ObjectId, ObservedObject, OperationId, Owner, Progress,
    Retention, SecretError, Secrets, Step, Taken, Undo, Verb,
};
use appia_runtime::agent::{OwnerStatus, Shutdown, UnitState, WorkloadStatus};
use appia_runtime::{AgentClient, Home, LocalDriver, Program};
use async_trait::async_trait;

pub(crate) const HOST: &str = env!("CARGO_BIN_EXE_appia-runtime-host");

pub(crate) struct Bench {
    pub(crate) home: Home,
    pub(crate) agent: AgentClient,
    pub(crate) driver: LocalDriver,
    pub(crate) owner: Owner,
    pub(crate) secrets: Arc<MemorySecrets>,
    token: AtomicU64,
    folder: Option<tempfile::TempDir>,
}

/// Secrets that never touch a disk.
#[derive(Default)]
pub(crate) struct MemorySecrets(pub(crate) Mutex<BTreeMap<SecretRef, String>>);

#[async_trait]
impl Secrets for MemorySecrets {
    async fn ensure(&self, _: &Owner, secret: &SecretRef, length: u32) -> Result<(), SecretError> {
        let value =
            format!("CANARY{:x}", rand::random::<u128>()).chars().cycle().take(length as usize).collect();
        self.0.lock().unwrap().entry(secret.clone()).or_insert(value);
        Ok(())
    }

    async fn reveal(&self, _: &Owner, secret: &SecretRef) -> Result<SecretValue, SecretError> {
        let values = self.0.lock().unwrap();
        values.get(secret).cloned().map(SecretValue::new).ok_or_else(|| SecretError::Missing(secret.clone()))
    }

    async fn forget(&self, _: &Owner, secret: &SecretRef) -> Result<(), SecretError> {
        self.0.lock().unwrap().remove(secret);
        Ok(())
    }
}

pub(crate) struct Silent;

impl Progress for Silent {
    fn say(&self, _: &str) {}
}

pub(crate) fn program() -> Program {
    Program::new(HOST, [""; 0])
}

impl Bench {
    pub(crate) async fn new() -> Bench {
        let folder = tempfile::Builder::new().prefix("appia-rt").tempdir().unwrap();
        let home = Home::open(&folder.path().join("home")).unwrap();
        let agent = AgentClient::connect_or_start(&home, &program()).await.unwrap();
        let secrets = Arc::new(MemorySecrets::default());
        let driver = LocalDriver::new(home.clone(), agent.clone(), secrets.clone(), program());
        let owner = Owner {
            organisation: "default".into(),
            app: AppName::new("shop").unwrap(),
            environment: EnvironmentName::new("local").unwrap(),
        };
        Bench { home, agent, driver, owner, secrets, token: AtomicU64::new(1), folder: Some(folder) }
    }

    pub(crate) fn lease(&self, token: u64) -> Lease {
        Lease { owner: self.owner.clone(), operation: OperationId("op".into()), fencing_token: token }
    }

    pub(crate) async fn take(
        &self,
        verb: Verb,
        object: &Object,
    ) -> Result<Option<ObservedObject>, DriverError> {
        self.take_with(verb, object, DataFate::Kept).await
    }

    pub(crate) async fn take_with(
        &self,
        verb: Verb,
        object: &Object,
        data: DataFate,
    ) -> Result<Option<ObservedObject>, DriverError> {
        let step = Step {
            address: object.address.clone(),
            object: object.id.clone(),
            verb,
            before: Some(object.clone()),
            desired: Some(object.clone()).filter(|_| verb != Verb::Delete),
            undo: Undo::Keep,
            data,
            needs: Vec::new(),
        };
        let lease = self.lease(self.token.load(Ordering::Relaxed));
        match self.driver.take(&step, &lease, &Silent).await? {
            Taken::Done(observed) => Ok(observed),
            Taken::Pending(token) => panic!("pending {token}"),
        }
    }

    pub(crate) async fn status(&self) -> OwnerStatus {
        self.agent.status(&self.owner).await.unwrap()
    }

    pub(crate) async fn workload(&self, name: &str) -> WorkloadStatus {
        let address = format!("workloads.{name}");
        let status = self.status().await;
        status.workloads.into_iter().find(|one| one.address.as_str() == address).unwrap()
    }

    /// The workload once it is healthy.
    pub(crate) async fn healthy(&self, name: &str) -> WorkloadStatus {
        let deadline = Instant::now() + Duration::from_secs(30);
        loop {
            let status = self.workload(name).await;
            if status.state == UnitState::Healthy {
                return status;
            }
            assert!(Instant::now() < deadline, "{status:?}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// `kill -9` for the agent, and the next one.
    pub(crate) async fn kill_agent(&mut self) {
        let pid = self.agent.hello().await.unwrap().pid;
        signal(pid as i32, nix::sys::signal::Signal::SIGKILL);
        wait_until("the agent is gone", || !is_alive(pid as i32)).await;
        self.agent = AgentClient::connect_or_start(&self.home, &program()).await.unwrap();
    }

    /// The next agent after one that is gone or going.
    pub(crate) async fn start_agent(&mut self) {
        self.agent = AgentClient::connect_or_start(&self.home, &program()).await.unwrap();
    }

    /// Stops everything and says what is still there that should not be.
    pub(crate) async fn finish(mut self) {
        self.agent.shutdown(Shutdown::StopAll).await.unwrap();
        let root = self.home.root().to_str().unwrap().to_owned();
        wait_until("no process of this home is left", || processes_naming(&root).is_empty()).await;
        drop(self.folder.take());
    }
}

/// A test that failed leaves no process behind either.
impl Drop for Bench {
    fn drop(&mut self) {
        let root = self.home.root().to_str().unwrap_or("/nowhere").to_owned();
        for pid in processes_naming(&root) {
            signal(pid, nix::sys::signal::Signal::SIGKILL);
        }
    }
}

/// Processes that have this text in their arguments, environment or folder.
pub(crate) fn processes_naming(text: &str) -> Vec<i32> {
    let has = |bytes: Vec<u8>| bytes.windows(text.len()).any(|window| window == text.as_bytes());
    all_pids()
        .into_iter()
        .filter(|pid| {
            ["cmdline", "environ"]
                .iter()
                .any(|file| std::fs::read(format!("/proc/{pid}/{file}")).is_ok_and(has))
        })
        .collect()
}

/// Every process but this one.
pub(crate) fn all_pids() -> Vec<i32> {
    let us = std::process::id() as i32;
    let pids = std::fs::read_dir("/proc").unwrap().flatten();
    pids.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).filter(|pid| *pid != us).collect()
}

pub(crate) fn is_alive(pid: i32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with('Z') && !rest.starts_with('X'))
}

pub(crate) fn signal(pid: i32, signal: nix::sys::signal::Signal) {
    let _ = nix::sys::signal::kill(nix::unistd::Pid::from_raw(pid), signal);
}

pub(crate) async fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !is_so() {
        assert!(Instant::now() < deadline, "waited in vain until {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// As [`wait_until`], for what is asked of the agent.
pub(crate) async fn wait_until_async<Answer: Future<Output = bool>>(
    what: &str,
    mut is_so: impl FnMut() -> Answer,
) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !is_so().await {
        assert!(Instant::now() < deadline, "waited in vain until {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// The body of an answer, by a plain socket.
pub(crate) fn get(url: &str, path: &str) -> Option<String> {
    let address = url.strip_prefix("http://")?;
    get_of_host(address, address, path)
}

/// As [`get`], from an address that serves more than one host.
pub(crate) fn get_of_host(address: &str, host: &str, path: &str) -> Option<String> {
    let mut stream = TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(5))).ok()?;
    write!(stream, "GET {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n").ok()?;
    let mut text = String::new();
    stream.read_to_string(&mut text).ok()?;
    let (head, body) = text.split_once("\r\n\r\n")?;
    head.starts_with("HTTP/1.1 200").then(|| body.to_owned())
}

pub(crate) fn object(kind: &str, name: &str, address: Address, body: &Body) -> Object {
    Object {
        id: ObjectId::new(kind, name),
        address,
        needs: Vec::new(),
        body: appia_plan::BodyText::of(body),
        retention: Retention::Nothing,
    }
}

/// A container that runs this command.
pub(crate) fn container(command: &[&str], env: &[(&str, &str)]) -> Container {
    Container {
        artifact: None,
        image: None,
        command: Some(command.iter().map(|word| (*word).to_owned()).collect()),
        args: Vec::new(),
        env: env.iter().map(|(name, value)| ((*name).to_owned(), Template::parse(value).unwrap())).collect(),
        files: BTreeMap::new(),
        volumes: BTreeMap::new(),
        readiness: None,
        liveness: None,
        cpu_limit: None,
        memory_limit: None,
        before: BTreeMap::new(),
    }
}

pub(crate) fn probe(check: ProbeCheck) -> Probe {
    Probe {
        check,
        interval: Span::from_millis(100),
        timeout: Span::from_seconds(1),
        start_within: Span::from_seconds(20),
        failures: 2,
    }
}

pub(crate) fn healthz() -> Probe {
    probe(ProbeCheck::Http {
        path: "/healthz".into(),
        port: None,
        scheme: "http".into(),
        host: None,
        headers: Vec::new(),
    })
}

pub(crate) fn http_port() -> BTreeMap<PortName, Port> {
    BTreeMap::from([(
        PortName::new("http").unwrap(),
        Port { port: 80, target: 3000, protocol: Protocol::Http },
    )])
}

pub(crate) fn workload(name: &str, kind: WorkloadKind, container: Container) -> Workload {
    Workload {
        workload: WorkloadName::new(name).unwrap(),
        kind,
        replicas: 1,
        containers: BTreeMap::from([(ContainerName::new("main").unwrap(), container)]),
        ports: BTreeMap::new(),
        schedule: None,
        grace: Span::from_seconds(5),
        balance: None,
        watch: Some(Span::from_millis(100)),
    }
}

/// The small web server of the host binary.
pub(crate) fn web(name: &str, env: &[(&str, &str)]) -> Workload {
    let mut container = container(&[HOST, "web"], env);
    container.readiness = Some(healthz());
    Workload { ports: http_port(), ..workload(name, WorkloadKind::Service, container) }
}

pub(crate) fn workload_object(workload: Workload) -> Object {
    let name = workload.workload.clone();
    object("workload", name.as_str(), Address::workload(&name), &Body::Workload(Box::new(workload)))
}

/// Every file below a folder with its bytes.
pub(crate) fn every_file(folder: &Path) -> Vec<(std::path::PathBuf, Vec<u8>)> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let kind = entry.file_type().unwrap();
        if kind.is_dir() {
            files.extend(every_file(&entry.path()));
        } else if kind.is_file() {
            files.extend(std::fs::read(entry.path()).map(|bytes| (entry.path(), bytes)));
        }
    }
    files
}
