//! One web process on one database, from nothing to serving to gone.

use std::os::unix::fs::PermissionsExt;

use appia_intent::{Address, ResourceName, SecretRef, Template};
use appia_plan::local::{Body, External, File, FileContent, Postgres, Route, Secret};
use appia_plan::{DataFate, Driver, Object, ObjectState, Retention, Verb};
use appia_runtime::agent::UnitState;

use crate::bench::{Bench, all_pids, every_file, get, object, web, workload_object};

pub(crate) fn secret() -> Object {
    let body = Body::Secret(Secret { secret: SecretRef::first("resources.db.password"), length: 32 });
    object("secret", "resources.db.password", Address::parse("resources.db"), &body)
}

pub(crate) fn postgres() -> Object {
    let resource = ResourceName::new("db").unwrap();
    let body = Body::Postgres(Postgres {
        resource: resource.clone(),
        version: 16,
        database: "shop".into(),
        username: "shop".into(),
        password: SecretRef::first("resources.db.password"),
        max_connections: 40,
    });
    Object { retention: Retention::Data, ..object("postgres", "db", Address::resource(&resource), &body) }
}

pub(crate) fn route(name: &str, host: &str) -> Object {
    let workload = appia_intent::WorkloadName::new(name).unwrap();
    let address = Address::route(&workload);
    let body = Body::Route(Route { workload, hosts: vec![host.to_owned()], path: "/".into() });
    object("route", name, address, &body)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_web_process_with_a_database_is_made_served_and_deleted() {
    let bench = Bench::new().await;
    let api = workload_object(web(
        "api",
        &[("DATABASE_URL", "${resources.db.url}"), ("VERSION", "one"), ("SELF", "${workloads.api.url}")],
    ));
    let objects = [secret(), postgres(), api.clone(), route("api", "api.shop.localhost")];
    for object in &objects {
        let observed = bench.take(Verb::Create, object).await.unwrap().unwrap();
        assert_eq!(observed.state, ObjectState::Ready, "{}", object.id);
    }
    let status = bench.workload("api").await;
    let url = status.url.clone().unwrap();
    assert_eq!(get(&url, "/").as_deref(), Some("one"));
    assert_eq!(get(&url, "/query").as_deref(), Some("shop\n"));
    assert_eq!(get(&url, "/env/SELF").as_deref(), Some(url.as_str()));
    assert_eq!((status.state, status.routes.len(), status.instances.len()), (UnitState::Healthy, 1, 1));
    assert!(status.memory_mib > 0);
    // Whatever version this machine has: its own files say which one wrote them.
    let files = every_file(bench.home.root());
    let written = files.iter().find(|(path, _)| path.ends_with("PG_VERSION")).unwrap();
    let version = bench.status().await.resources.first().unwrap().version.clone();
    assert_eq!(version.as_deref(), Some(String::from_utf8_lossy(&written.1).trim()));
    let observed = bench.driver.observe(&bench.owner).await.unwrap();
    assert_eq!(observed.objects.len(), 4);

    // The same step again makes nothing twice.
    bench.take(Verb::Create, &api).await.unwrap();
    assert_eq!(bench.workload("api").await.instances, status.instances);

    // A password does not get into the outputs of something else.
    let resource = ResourceName::new("copy").unwrap();
    let outputs = [("url".to_owned(), Template::parse("${resources.db.url}").unwrap())].into();
    let copy = Body::External(External { resource: resource.clone(), outputs });
    let copy = object("external", "copy", Address::resource(&resource), &copy);
    assert!(bench.take(Verb::Create, &copy).await.unwrap_err().to_string().contains("holds a password"));

    // No secret on disk, in logs or in arguments.
    let canary = bench.secrets.0.lock().unwrap().values().next().cloned().unwrap();
    for (path, bytes) in every_file(bench.home.root()) {
        assert!(!bytes.windows(canary.len()).any(|window| window == canary.as_bytes()), "{}", path.display());
    }
    for pid in all_pids() {
        let arguments = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        assert!(!String::from_utf8_lossy(&arguments).contains(&canary));
    }

    // A file that holds a password is for its owner alone, and goes with its instance.
    let mut with_file = web("api", &[("VERSION", "two")]);
    for container in with_file.containers.values_mut() {
        for (path, text) in [("secret.env", "PASSWORD=${resources.db.password}"), ("open.env", "A=1")] {
            let content = FileContent::Text(Template::parse(text).unwrap());
            container.files.insert(path.to_owned(), File { mode: 0o644, content });
        }
    }
    bench.take(Verb::Change, &workload_object(with_file)).await.unwrap();
    let files = every_file(bench.home.root());
    let of = |name: &str| files.iter().find(|(path, _)| path.ends_with(name)).unwrap().0.clone();
    let mode = |name: &str| std::fs::metadata(of(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("secret.env"), mode("open.env")), (0o600, 0o644));
    let file = of("secret.env");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), format!("PASSWORD={canary}"));

    for object in objects.iter().rev() {
        bench.take(Verb::Delete, object).await.unwrap();
    }
    assert!(get(&url, "/").is_none());
    assert!(!file.exists() && !file.parent().unwrap().exists());
    let left = bench.driver.observe(&bench.owner).await.unwrap();
    let states: Vec<_> =
        left.objects.iter().map(|(id, object)| (id.kind.as_str(), object.state.clone())).collect();
    assert_eq!(states, [("postgres", ObjectState::Retained)]);
    bench.take_with(Verb::Delete, &postgres(), DataFate::Deleted).await.unwrap();
    assert!(bench.driver.observe(&bench.owner).await.unwrap().objects.is_empty());
    bench.finish().await;
}
