//! A Redis server: made, asked, killed, paused, deleted, and its data all the while.

use std::io::{Read, Write};
use std::net::TcpStream;

use appia_intent::{Address, ResourceName, SecretRef};
use appia_plan::local::{Body, Redis, Secret};
use appia_plan::{DataFate, Driver, Object, ObjectState, Retention, Verb};
use appia_runtime::agent::UnitState;
use appia_runtime::leaks;
use nix::sys::signal::Signal;

use crate::bench::{
    Bench, all_pids, every_file, get, is_alive, object, processes_naming, signal, wait_until, web,
    workload_object,
};

fn objects() -> [Object; 2] {
    let password = SecretRef::first("resources.cache.password");
    let secret = Body::Secret(Secret { secret: password.clone(), length: 32 });
    let resource = ResourceName::new("cache").unwrap();
    let address = Address::resource(&resource);
    let server = Body::Redis(Redis { resource, version: 6, password });
    let server = object("redis", "cache", address.clone(), &server);
    [
        object("secret", "resources.cache.password", address, &secret),
        Object { retention: Retention::Data, ..server },
    ]
}

/// Sends commands to a server by its URL; `None` while nothing answers.
fn ask(url: &str, commands: &str) -> Option<String> {
    let (login, address) = url.strip_prefix("redis://default:")?.split_once('@')?;
    let mut stream = TcpStream::connect(address.strip_suffix("/0")?).ok()?;
    write!(stream, "AUTH {login}\r\n{commands}\r\nQUIT\r\n").ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    Some(answer)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_redis_server_was_told_survives_kills_pauses_and_a_deletion_that_keeps_data() {
    let mut bench = Bench::new().await;
    let [secret, cache] = objects();
    for object in [&secret, &cache] {
        let observed = bench.take(Verb::Create, object).await.unwrap().unwrap();
        assert_eq!(observed.state, ObjectState::Ready, "{}", object.id);
    }
    let api = workload_object(web("api", &[("REDIS_URL", "${resources.cache.url}")]));
    bench.take(Verb::Create, &api).await.unwrap();
    let url = get(&bench.workload("api").await.url.unwrap(), "/env/REDIS_URL").unwrap();
    assert_eq!(ask(&url, "SET answer 42").as_deref(), Some("+OK\r\n+OK\r\n+OK\r\n"));
    let read = || ask(&url, "GET answer");
    let kept = Some("+OK\r\n$2\r\n42\r\n+OK\r\n".to_owned());
    let status = bench.status().await.resources.into_iter().next().unwrap();
    assert_eq!((status.kind.as_str(), status.state), ("redis", UnitState::Healthy));
    assert!(status.version.is_some());

    // Without the password it says nothing, and the password is neither on disk nor in arguments.
    assert!(ask(&url.replace("default:", "default:x"), "GET answer").unwrap().contains("-NOAUTH"));
    let password = bench.secrets.0.lock().unwrap().values().next().cloned().unwrap();
    let holds = |bytes: &[u8]| bytes.windows(password.len()).any(|window| window == password.as_bytes());
    for (path, bytes) in every_file(bench.home.root()) {
        assert!(!holds(&bytes), "{}", path.display());
    }
    for pid in all_pids() {
        assert!(!holds(&std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default()));
    }

    // The server alone is killed, then the agent, then all at once.
    let server = *redis_processes(&bench).first().unwrap();
    signal(server, Signal::SIGKILL);
    wait_until("it is back with its data", || !is_alive(server) && read() == kept).await;
    bench.kill_agent().await;
    assert_eq!(read(), kept);
    for pid in processes_naming(bench.home.root().to_str().unwrap()) {
        signal(pid, Signal::SIGKILL);
    }
    bench.start_agent().await;
    wait_until("it is back with its data", || read() == kept).await;

    bench.take(Verb::Pause, &cache).await.unwrap();
    assert!(redis_processes(&bench).is_empty());
    bench.take(Verb::Resume, &cache).await.unwrap();
    assert_eq!(read(), kept);

    bench.take(Verb::Delete, &cache).await.unwrap();
    let left = bench.driver.observe(&bench.owner).await.unwrap();
    assert!(left.objects.values().any(|object| object.state == ObjectState::Retained));
    bench.take(Verb::Create, &cache).await.unwrap();
    let url = {
        bench
            .take(Verb::Change, &workload_object(web("api", &[("URL", "${resources.cache.url}")])))
            .await
            .unwrap();
        get(&bench.workload("api").await.url.unwrap(), "/env/URL").unwrap()
    };
    assert_eq!(ask(&url, "GET answer"), kept, "data that was kept is there again");

    for object in [&api, &cache, &secret] {
        bench.take_with(Verb::Delete, object, DataFate::Deleted).await.unwrap();
    }
    assert!(bench.driver.observe(&bench.owner).await.unwrap().objects.is_empty());
    assert!(every_file(&bench.home.owner_folder(&bench.owner).join("data")).is_empty());
    assert_eq!(leaks(bench.home.clone()).await.unwrap(), []);
    bench.finish().await;
}

/// The servers of this home that run.
fn redis_processes(bench: &Bench) -> Vec<i32> {
    let name = |pid: &i32| std::fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
    let ours = processes_naming(bench.home.root().to_str().unwrap());
    ours.into_iter().filter(|pid| name(pid).contains("redis-server") && is_alive(*pid)).collect()
}
