//! Files and volumes at absolute paths: seen by the program and its probes, and by nobody else.

use std::collections::BTreeMap;
use std::path::Path;

use appia_intent::{Address, ProbeCheck, ResourceName, WorkloadKind};
use appia_plan::local::{Body, Container, File, FileContent, Volume, VolumeMount};
use appia_plan::{DriverError, Object, Verb};

use crate::bench::{
    Bench, HOST, all_pids, container, get, healthz, object, probe, signal, wait_until, web, workload,
    workload_object,
};

fn sh(script: &str) -> Container {
    container(&["/bin/sh", "-c", script], &[])
}

fn file(text: &str, mode: u32) -> File {
    File { mode, content: FileContent::Binary(text.as_bytes().to_vec()) }
}

fn volume(name: &str) -> (VolumeMount, Object) {
    let resource = ResourceName::new(name).unwrap();
    let body = Body::Volume(Volume { resource: resource.clone(), size: None });
    let object = object("volume", name, Address::resource(&resource), &body);
    (VolumeMount { resource, path: None, read_only: false }, object)
}

/// Whether this machine allows it; where it does not, the refusal is what can be tested.
fn machine_allows() -> bool {
    let folder = tempfile::tempdir().unwrap();
    let tried = std::process::Command::new(HOST).arg("try-mounts").arg(folder.path()).status().unwrap();
    if !tried.success() {
        appia_testkit::did_not_run("mounts: this machine gives programs no file system view of their own");
    }
    tried.success()
}

/// A name at the root of the file system that nothing has.
fn unused(bench: &Bench, name: &str) -> String {
    let unique: String =
        bench.home.root().to_string_lossy().chars().filter(char::is_ascii_alphanumeric).collect();
    format!("{name}-{unique}")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_sees_its_files_and_volumes_and_the_machine_does_not() {
    let bench = Bench::new().await;
    let (etc, data) = (format!("/etc/{}", unused(&bench, "app")), format!("/{}", unused(&bench, "data")));
    let (mount, store) = volume("store");
    let mut main = sh(&format!(
        "set -e; cd {data}; umask 0; cat {etc}/a/b.conf kept 2>/dev/null || true; stat -c %a {etc}/a/b.conf
         cat /etc/hostname; test -s /etc/passwd; test -d /proc/self; echo inside >> kept; echo lost > {etc}/made
         cat in/side; if touch {data}/read-only/x 2>/dev/null; then echo wrote; else echo kept-out; fi; touch {data}/ready"
    ));
    main.files = BTreeMap::from([
        (format!("{etc}/a/b.conf"), file("configured\n", 0o640)),
        ("/etc/hostname".to_owned(), file("another\n", 0o644)),
        (format!("{data}/in/side"), file("in the volume\n", 0o644)),
    ]);
    main.volumes = BTreeMap::from([
        (data.clone(), mount.clone()),
        (format!("{data}/read-only"), VolumeMount { read_only: true, path: Some("part".into()), ..mount }),
    ]);
    if !machine_allows() {
        let job = workload_object(workload("job", WorkloadKind::Job, main));
        let Err(DriverError::Permanent { message, .. }) = bench.take(Verb::Create, &job).await else {
            panic!()
        };
        assert!(message.contains("no file system view of its own"), "{message}");
        return bench.finish().await;
    }
    bench.take(Verb::Create, &store).await.unwrap();
    for (version, seen) in [("1", ""), ("2", "inside\n")] {
        let mut main = main.clone();
        main.args = vec![version.to_owned()];
        let job = workload_object(workload("job", WorkloadKind::Job, main));
        bench.take(Verb::Create, &job).await.unwrap();
        let said = logged(&bench);
        let expect = format!("configured\n{seen}640\nanother\nin the volume\nkept-out\n");
        assert!(said.ends_with(&expect), "{said}");
    }
    assert!(!Path::new(&etc).exists() && !Path::new(&data).exists());
    assert_ne!(std::fs::read_to_string("/etc/hostname").ok().as_deref(), Some("another\n"));
    let kept = bench.home.owner_folder(&bench.owner).join("volumes/store");
    assert_eq!(std::fs::read_to_string(kept.join("kept")).unwrap(), "inside\ninside\n");
    bench.finish().await;
}

/// What the newest run of the job wrote.
fn logged(bench: &Bench) -> String {
    let folder = bench.home.owner_folder(&bench.owner).join("logs/job");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort_by_key(|path| std::fs::metadata(path).unwrap().modified().unwrap());
    let text = std::fs::read_to_string(files.last().unwrap()).unwrap();
    let line = |line: &str| line.splitn(3, ' ').nth(2).map(|said| format!("{said}\n"));
    text.lines().filter_map(line).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_probe_sees_what_its_program_sees_also_after_the_agent_was_killed() {
    if !machine_allows() {
        return;
    }
    let mut bench = Bench::new().await;
    let place = format!("/{}", unused(&bench, "ready"));
    let mut api = web("api", &[]);
    let main = api.containers.values_mut().next().unwrap();
    main.files = BTreeMap::from([(format!("{place}/flag"), file("yes", 0o600))]);
    main.readiness = Some(healthz());
    main.liveness = Some(probe(ProbeCheck::Exec {
        command: vec![
            "/bin/sh".into(),
            "-c".into(),
            format!("grep -q yes {place}/flag && test -n \"$PORT\""),
        ],
    }));
    bench.take(Verb::Create, &workload_object(api)).await.unwrap();
    bench.kill_agent().await;
    let status = bench.healthy("api").await;
    let (url, pid) = (status.url.unwrap(), status.instances[0].pid.unwrap());
    // Why by the program itself: only inside of its view is there a flag to take away.
    std::fs::write(format!("/proc/{pid}/root{place}/flag"), "no").unwrap();
    wait_until("it was restarted", || get(&url, "/pid").is_some_and(|now| now != pid.to_string())).await;
    let after = bench.healthy("api").await.instances[0].clone();
    assert!(after.restarts >= 1 && all_pids().contains(&after.pid.unwrap()), "{after:?}");
    signal(after.pid.unwrap(), nix::sys::signal::Signal::SIGKILL);
    bench.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_would_hide_too_much_is_refused() {
    if !machine_allows() {
        return;
    }
    let bench = Bench::new().await;
    let (mount, store) = volume("store");
    bench.take(Verb::Create, &store).await.unwrap();
    let root = bench.home.root().to_string_lossy().into_owned();
    for (path, expect) in [
        (root.as_str(), "would hide the folder in which Appia keeps"),
        ("/etc/passwd", "is a file on this machine, and a volume shall stand there"),
        ("/etc/../data", "write it without `..`"),
        ("/", "leaves the program's own folder"),
    ] {
        let mut main = sh("true");
        main.volumes = BTreeMap::from([(path.to_owned(), mount.clone())]);
        let job = workload_object(workload("job", WorkloadKind::Job, main));
        match bench.take(Verb::Create, &job).await {
            Err(DriverError::Permanent { message, .. }) => assert!(message.contains(expect), "{message}"),
            other => panic!("{other:?}"),
        }
    }
    bench.finish().await;
}
