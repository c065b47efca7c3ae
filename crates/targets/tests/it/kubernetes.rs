//! What a cluster is asked for, where a golden would not say why.

use appia_diag::{Diagnostics, Severity};
use appia_intent::Protocol;
use appia_plan::{Object, ObjectId};
use appia_targets::find;
use serde_json::{Value, json};

use crate::build::{App, app, resource, workload};
use crate::goldens::folder;

fn lower(app: &App) -> (Vec<Object>, Diagnostics) {
    let target = find("kubernetes").unwrap();
    let mut sink = Diagnostics::new();
    let objects = target.lower(&app.sized(target), &mut sink);
    (objects, sink)
}

fn body(objects: &[Object], kind: &str, name: &str) -> Value {
    let id = ObjectId::new(kind, name);
    let object = objects.iter().find(|object| object.id == id);
    object.unwrap_or_else(|| panic!("no {id}")).body.to_value()
}

/// The environment of the only container of `app`.
fn env(value: &str) -> Value {
    let app = app("shop")
        .with(workload("app").image("a@sha256:0").env("X", value))
        .needs(resource("db", "postgres"))
        .needs(resource("ext", "kafka"));
    let (objects, sink) = lower(&app);
    assert!(!sink.has_errors(), "{sink:?}");
    body(&objects, "Deployment", "app")["spec"]["template"]["spec"]["containers"][0]["env"].clone()
}

#[test]
fn composes_what_is_known_with_what_is_secret() {
    let secret = |name: &str, key: &str| json!({"secretKeyRef": {"name": name, "key": key}});
    assert_eq!(env("${resources.db.host}:${resources.db.port}"), json!([{"name": "X", "value": "db:5432"}]));
    assert_eq!(
        env("a $x $$(date)"),
        json!([{"name": "X", "value": "a $x $$(date)"}])
            .as_array()
            .map(|_| json!([{"name": "X", "value": "a $$x $$(date)"}]))
            .unwrap()
    );
    assert_eq!(
        env("${resources.db.password}"),
        json!([{"name": "X", "valueFrom": secret("db-credentials", "password")}])
    );
    assert_eq!(
        env("$${resources.ext.host}/${resources.ext.host}"),
        json!([
            {"name": "APPIA_EXTERNAL_EXT_HOST", "valueFrom": secret("external-ext", "host")},
            {"name": "X", "value": "$${resources.ext.host}/$(APPIA_EXTERNAL_EXT_HOST)"},
        ])
    );
}

#[test]
fn a_placeholder_without_a_value_is_said_with_its_place() {
    let app = app("shop")
        .with(workload("app").image("a@sha256:0").env("X", "${resources.db.socket}"))
        .needs(resource("db", "postgres"));
    let (_, sink) = lower(&app);
    let said: Vec<&str> = sink.iter().map(|diagnostic| diagnostic.message.as_str()).collect();
    assert_eq!(said, ["`${resources.db.socket}` has no value on kubernetes"]);
    assert!(sink.iter().all(|diagnostic| diagnostic.span.is_some()));
}

#[test]
fn says_what_a_cluster_cannot_do_and_where() {
    let pinned = || workload("app").image("a@sha256:0");
    let check = |case: App, code: &str, message: &str| {
        let (_, sink) = lower(&case);
        let said: Vec<(&str, &str)> =
            sink.iter().map(|diagnostic| (diagnostic.code.id, diagnostic.message.as_str())).collect();
        assert_eq!(said, [(code, message)]);
        assert!(sink.iter().all(|diagnostic| diagnostic.span.is_some() && !diagnostic.help.is_empty()));
    };
    let shop = || app("shop");
    check(
        shop().with(pinned().public(Some("x.example.org"))),
        "APP0902",
        "`app` is public but listens on no port",
    );
    check(
        shop().with(pinned().kind(appia_intent::WorkloadKind::Cron)),
        "APP0902",
        "`app` runs on a schedule, and none is stated",
    );
    check(
        shop().with(pinned().container("main", |main| main.named_volume("/x", "Not A Name"))),
        "APP0901",
        "`Not A Name` cannot be the name of a PersistentVolumeClaim",
    );
    check(
        shop().with(pinned().container("main", |main| main.file("/x", &"a".repeat(1_000_001), None))),
        "APP0902",
        "the files of `app` hold 1000001 bytes, and a ConfigMap takes 1000000",
    );
    check(
        shop().with(pinned().container("main", |main| main.file("/a:b", "x", None))),
        "APP0902",
        "a cluster puts no file at the path `/a:b`",
    );
    check(
        shop().with(pinned().container("main", |main| main.named_volume("/a:b", "data"))),
        "APP0902",
        "a cluster mounts nothing by the path `/a:b`",
    );
    check(
        shop().with(pinned().container("main", |main| main.part_of_volume("/a", "data", "x/../../y"))),
        "APP0902",
        "a cluster mounts nothing by the path `x/../../y`",
    );
    check(
        shop().with(pinned()).with(workload("two").image("a@sha256:0")).needs(resource("way", "route")),
        "APP0902",
        "the route `way` leads to no port of a workload",
    );
    check(
        shop().with(pinned().container("main", |main| main.limits(500, 128))),
        "APP0903",
        "container `main` asks for more memory than its limit: it gets the limit",
    );
    let port = || resource("app-db", "service-port").param("workload", "gone");
    check(
        shop().with(pinned()).needs(port()),
        "APP0902",
        "`app-db` leads to no port of a workload that is here",
    );
    check(
        shop().with(pinned()).needs(port().open()),
        "APP0402",
        "`app-db` leads to no port of a workload that is here",
    );
}

#[test]
fn a_job_is_another_job_when_what_it_runs_changes() {
    let name = |image: &str| {
        let job = workload("migrate").kind(appia_intent::WorkloadKind::Job).image(image);
        let (objects, _) = lower(&app("shop").with(job));
        body(&objects, "Job", "migrate")["metadata"]["name"].as_str().unwrap().to_owned()
    };
    assert_eq!(name("a@sha256:0"), name("a@sha256:0"));
    assert_ne!(name("a@sha256:0"), name("a@sha256:1"));
}

#[test]
fn pods_change_when_a_file_does() {
    let template = |content: &str| {
        let app = app("shop").with(
            workload("app").image("a@sha256:0").container("main", |main| main.file("/x", content, None)),
        );
        let (objects, _) = lower(&app);
        body(&objects, "Deployment", "app")["spec"]["template"]["metadata"].clone()
    };
    assert_eq!(template("a"), template("a"));
    assert_ne!(template("a"), template("b"));
}

#[test]
fn images_that_are_not_fixed_are_warned_about_and_never_called_latest() {
    let app = app("shop")
        .with(workload("a").built("."))
        .with(workload("b").image("nginx:1"))
        .with(workload("c").image("n@sha256:1"));
    let (objects, sink) = lower(&app);
    assert!(!sink.has_errors());
    let codes: Vec<&str> = sink.iter().map(|diagnostic| diagnostic.code.id).collect();
    assert_eq!(codes, ["APP0904", "APP0905"]);
    assert!(sink.iter().all(|diagnostic| diagnostic.severity == Severity::Warning));
    let image = |name: &str| {
        body(&objects, "Deployment", name)["spec"]["template"]["spec"]["containers"][0]["image"].clone()
    };
    assert_eq!(image("a"), "registry.invalid/shop-a:3f9a1c2b7d4e0001");
    assert_eq!(image("b"), "nginx:1");
}

/// A policy without a `from` lets everybody in, so only what is public may have one.
#[test]
fn only_what_is_public_is_open_to_everybody() {
    let app = app("shop")
        .with(workload("web").image("a@sha256:0").http(80).public(Some("x.example.org")).calls("api"))
        .with(workload("api").image("a@sha256:0").http(80).env("DB", "${resources.db.host}"))
        .with(workload("alone").image("a@sha256:0").http(80))
        .needs(resource("db", "postgres"))
        .needs(resource("idle", "postgres"));
    let (objects, _) = lower(&app);
    let rules = |name: &str| body(&objects, "NetworkPolicy", name)["spec"]["ingress"].clone();
    let open =
        |name: &str| rules(name).as_array().into_iter().flatten().any(|rule| rule.get("from").is_none());
    assert!(open("web"));
    assert!(["api", "alone", "db", "idle", "default-deny"].iter().all(|name| !open(name)));
    assert_eq!(rules("alone"), Value::Null);
    assert_eq!(rules("idle"), Value::Null);
    assert_eq!(rules("db")[0]["from"][0]["podSelector"]["matchLabels"]["app.kubernetes.io/name"], "api");
    let sent = |name: &str| body(&objects, "NetworkPolicy", name)["spec"]["egress"].clone();
    assert_eq!(sent("alone"), Value::Null);
    assert_eq!(sent("db"), Value::Null);
}

/// A `service-port` declares one port, so the others stay closed at both ends; a call declares them all.
#[test]
fn a_service_port_opens_no_other_port() {
    let web = workload("web").image("a@sha256:0").http(80).port("admin", 9000, Protocol::Http);
    let app = app("shop")
        .with(web)
        .with(workload("one").image("a@sha256:0").env("A", "${resources.front.hostname}"))
        .with(workload("all").image("a@sha256:0").calls("web"))
        .needs(resource("front", "service-port").param("workload", "web").param("port", "http"));
    let (objects, sink) = lower(&app);
    assert!(!sink.has_errors(), "{sink:?}");
    let policy = |name: &str| body(&objects, "NetworkPolicy", name)["spec"].clone();
    let ports = |rule: &Value| -> Vec<u64> {
        rule["ports"].as_array().unwrap().iter().map(|port| port["port"].as_u64().unwrap()).collect()
    };
    let label =
        |rule: &Value| rule["from"][0]["podSelector"]["matchLabels"]["app.kubernetes.io/name"].clone();
    let taken: Vec<(Value, Vec<u64>)> =
        policy("web")["ingress"].as_array().unwrap().iter().map(|rule| (label(rule), ports(rule))).collect();
    assert_eq!(taken, [(json!("one"), vec![80]), (json!("all"), vec![80, 9000])]);
    assert_eq!(ports(&policy("one")["egress"][1]), [80]);
    assert_eq!(ports(&policy("all")["egress"][1]), [80, 9000]);
}

#[test]
fn rendered_text_reads_back_as_the_objects() {
    let mut documents = 0;
    for (name, case) in crate::cases::CASES {
        let target = find("kubernetes").unwrap();
        let app = case().sized(target);
        let objects = target.lower(&app, &mut Diagnostics::new());
        for (file, content) in
            target.render(&app, &objects).into_iter().filter(|(file, _)| file.ends_with(".yaml"))
        {
            let text = String::from_utf8(content).unwrap();
            for document in text.split("\n---\n") {
                let read: Value =
                    serde_saphyr::from_str(document).unwrap_or_else(|error| panic!("{name}/{file}: {error}"));
                assert!(
                    objects.iter().any(|object| object.body.to_value() == read),
                    "{name}/{file} changed:\n{document}"
                );
                documents += 1;
            }
        }
        assert!(folder("kubernetes").join(name).is_dir());
    }
    assert!(documents > 60);
}
