//! A PostgreSQL server as an object: a cluster in the owner's folder, the server under the supervisor, a role and a
//! database in it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use appia_intent::{ContainerName, PortName, Protocol, WorkloadKind};
use appia_plan::local;
use nix::unistd::geteuid;

use super::Agent;
use super::instances::unit_name;
use super::protocol::{Failure, PostgresContent};
use super::record::{Record, Standing};
use super::serve::Say;
use super::slot::Slot;
use crate::logs;
use crate::postgres::cluster::{Cluster, Settings};
use crate::postgres::database::{self, Access, Database};
use crate::postgres::programs::Programs;
use crate::shim::spec::{Launch, Limits, LogLimit, RunsAs, Stop, StopSignal};
use crate::supervisor::instance_folders::new_id;
use crate::supervisor::process::{Exit, Process};
use crate::supervisor::spec::{ContainerSpec, ProbeKind, ProbeSpec, WorkloadSpec};

/// A fast shutdown writes a checkpoint first.
const GRACE_MILLIS: u64 = 30_000;
const NO_PASSWORD: &str = "the superuser's password cannot be read";

impl Agent {
    pub(super) async fn put_postgres(
        self: &Arc<Self>,
        slot: &Arc<Slot>,
        next: Record,
        content: &PostgresContent,
        say: &Say,
    ) -> Result<(), Failure> {
        let unit = unit_name(&next.id);
        let cluster = Cluster::new(self.home.owner_folder(&next.owner).join("data").join(&unit));
        let programs = choose(&cluster, content.version, say)?;
        self.ensure_cluster(&next, &cluster, &programs, say).await?;
        let name = port_name()?;
        self.reserve(slot, std::slice::from_ref(&name))?;
        let port = slot.record().endpoints.get(&name).copied().unwrap_or_default();
        let settings =
            Settings { port, sockets: self.home.sockets(), max_connections: content.max_connections };
        let spec = server(&cluster, &programs, &settings, name)?;
        let before = slot.record().standing;
        let next = Record {
            endpoints: slot.record().endpoints,
            version: Some(programs.major.to_string()),
            outputs: outputs(content, port, self.home.sockets()),
            ..next
        };
        // It counts as made only when its database is there.
        let standing = if before == Standing::Ready { Standing::Ready } else { Standing::Partial };
        self.roll_out(slot, spec, Record { standing, ..next.clone() }, say).await?;
        let password = cluster.superuser(&self.key).map_err(Failure::system(NO_PASSWORD))?;
        let access = Access { psql: programs.psql(), port, password: &password };
        let wanted =
            Database { database: &content.database, role: &content.username, password: &content.password.0 };
        database::ensure(&access, &wanted).await.map_err(Failure::permanent)?;
        let generation = slot.record().generation;
        self.commit(slot, Record { generation, ..next }).await
    }

    /// Makes the cluster unless it is there; an interrupted attempt is begun anew.
    async fn ensure_cluster(
        &self,
        record: &Record,
        cluster: &Cluster,
        programs: &Programs,
        say: &Say,
    ) -> Result<(), Failure> {
        let forget =
            || cluster.forget_password().map_err(Failure::system("a password file cannot be removed"));
        if cluster.major().is_some() {
            return forget();
        }
        say.line(format!("making a PostgreSQL {} cluster for {}", programs.major, unit_name(&record.id)));
        let password = cluster.superuser(&self.key).map_err(Failure::system(NO_PASSWORD))?;
        cluster.prepare(&password).map_err(Failure::system("the cluster's folder cannot be made"))?;
        let made = self.make_cluster(record, cluster, programs).await;
        forget()?;
        made
    }

    /// Runs `initdb` to its end, under a shim like everything else.
    async fn make_cluster(
        &self,
        record: &Record,
        cluster: &Cluster,
        programs: &Programs,
    ) -> Result<(), Failure> {
        let unit = unit_name(&record.id);
        let folders = self.instance_folders(&record.owner);
        let id = new_id(&unit);
        let folder = folders.instance_folder(&id);
        let name = container_name("initdb")?;
        let logs_folder = folders.log_folder(&unit);
        std::fs::create_dir_all(&logs_folder).map_err(Failure::system("the log folder cannot be made"))?;
        let launch = Launch {
            command: cluster.initdb(programs),
            env: environment(),
            folder: "/".into(),
            mounts: Vec::new(),
            log: logs_folder.join(logs::file_name(&id, &name)),
            log_limit: LogLimit::default(),
            limits: Limits::default(),
            cgroup: format!("{}-{id}", folders.cgroup),
            runs_as: runs_as(),
            owns: None,
            stop: Stop { signal: StopSignal::Terminate, grace_millis: 1000 },
        };
        let exit = match Process::spawn(&self.program, &folder.join(name.as_str()), &launch).await {
            Ok(mut process) => Ok(process.ended().await),
            Err(error) => Err(Failure::permanent(error.to_string())),
        };
        // However it ended, nobody owns its folder any more.
        let _ = crate::durable::remove(&folder);
        match exit? {
            Exit::Code(0) => cluster.finish().map_err(Failure::system("the cluster cannot be put in place")),
            exit => Err(Failure::Permanent {
                message: format!("`initdb` {exit}"),
                detail: logs::last_lines(&logs_folder, &id, 20),
                help: Vec::new(),
            }),
        }
    }
}

/// The programs for the files that are there, else those nearest to the version that is asked for.
fn choose(cluster: &Cluster, version: u32, say: &Say) -> Result<Programs, Failure> {
    let wanted = cluster.major().unwrap_or(version);
    let programs = Programs::find(wanted).ok_or_else(|| Failure::Permanent {
        message: "this machine has no PostgreSQL server".to_owned(),
        detail: Vec::new(),
        help: vec![
            "install it: Debian and Ubuntu call it `postgresql`, Fedora `postgresql-server`".to_owned(),
        ],
    })?;
    if cluster.major().is_some_and(|major| major != programs.major) {
        return Err(Failure::Permanent {
            message: format!(
                "the data was written by PostgreSQL {wanted}, and this machine has only {}",
                programs.major
            ),
            detail: Vec::new(),
            help: vec![format!("install PostgreSQL {wanted}, or delete the data with `appia down --data`")],
        });
    }
    if programs.major != version {
        let used = programs.major.to_string();
        say.line(format!("warning: {}", local::another_version("PostgreSQL", version, &used)));
    }
    Ok(programs)
}

fn server(
    cluster: &Cluster,
    programs: &Programs,
    settings: &Settings<'_>,
    name: PortName,
) -> Result<WorkloadSpec, Failure> {
    let container = ContainerSpec {
        command: cluster.serve(programs, settings),
        folder: cluster.data(),
        path: Vec::new(),
        env: BTreeMap::new(),
        files: BTreeMap::new(),
        volumes: BTreeMap::new(),
        read_only: BTreeSet::new(),
        readiness: Some(ProbeSpec::with_check(ProbeKind::Postgres { port: settings.port })),
        liveness: None,
        limits: Limits::default(),
        before: BTreeMap::new(),
        runs_as: runs_as(),
        stop_signal: StopSignal::Interrupt,
        pid_file: Some(cluster.pid_file()),
    };
    let port = local::Port { port: settings.port, target: settings.port, protocol: Protocol::Tcp };
    Ok(WorkloadSpec {
        kind: WorkloadKind::Service,
        replicas: 1,
        release: programs.major.to_string(),
        containers: BTreeMap::from([(container_name("server")?, container)]),
        ports: BTreeMap::from([(name, port)]),
        schedule: None,
        grace_millis: GRACE_MILLIS,
        exclusive: true,
        balance: None,
        watch_millis: 0,
    })
}

/// What others may use of it. Never the password.
fn outputs(content: &PostgresContent, port: u16, sockets: &Path) -> BTreeMap<String, String> {
    let pairs = [
        ("host", "127.0.0.1".to_owned()),
        ("port", port.to_string()),
        ("name", content.database.clone()),
        ("database", content.database.clone()),
        ("username", content.username.clone()),
        ("socket", sockets.to_string_lossy().into_owned()),
    ];
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// PostgreSQL refuses to run as root.
fn runs_as() -> RunsAs {
    if geteuid().is_root() { RunsAs::OtherUser } else { RunsAs::Us }
}

fn environment() -> BTreeMap<String, String> {
    let path = std::env::var("PATH").unwrap_or_else(|_| "/usr/local/bin:/usr/bin:/bin".to_owned());
    BTreeMap::from([("PATH".to_owned(), path), ("LANG".to_owned(), "C.UTF-8".to_owned())])
}

fn port_name() -> Result<PortName, Failure> {
    PortName::new("postgres").map_err(|error| Failure::permanent(error.to_string()))
}

fn container_name(name: &str) -> Result<ContainerName, Failure> {
    ContainerName::new(name).map_err(|error| Failure::permanent(error.to_string()))
}
