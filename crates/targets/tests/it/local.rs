//! What the local machine is asked to run.

use appia_diag::Diagnostics;
use appia_intent::{ProbeCheck, Protocol};
use appia_plan::local::{Body, kind};
use appia_plan::{Object, ObjectId, Retention};
use appia_targets::find;

use crate::build::{App, app, resource, workload};
use crate::cases::CASES;

fn lower(app: App) -> Vec<Object> {
    let target = find("local").unwrap();
    let mut sink = Diagnostics::new();
    let objects = target.lower(&app.sized(target), &mut sink);
    assert!(sink.is_empty(), "{sink:?}");
    objects
}

fn body(objects: &[Object], kind: &str, name: &str) -> Body {
    let id = ObjectId::new(kind, name);
    let object =
        objects.iter().find(|object| object.id == id).unwrap_or_else(|| panic!("no {id} in {objects:#?}"));
    object.body.read().unwrap()
}

#[test]
fn every_body_is_one_that_the_runtime_reads() {
    let target = find("local").unwrap();
    for (_, case) in CASES {
        for object in target.lower(&case().sized(target), &mut Diagnostics::new()) {
            let body: Body = object.body.read().unwrap();
            let kind = match body {
                Body::Secret(_) => kind::SECRET,
                Body::Volume(_) => kind::VOLUME,
                Body::Postgres(_) => kind::POSTGRES,
                Body::Redis(_) => kind::REDIS,
                Body::Workload(_) => kind::WORKLOAD,
                Body::Route(_) => kind::ROUTE,
                Body::External(_) => kind::EXTERNAL,
            };
            assert_eq!(object.id.kind, kind);
        }
    }
}

#[test]
fn what_this_machine_does_not_do_is_said() {
    let target = find("local").unwrap();
    let mut sink = Diagnostics::new();
    let dns = workload("dns").built("./dns").http(8080).port("queries", 53, Protocol::Udp);
    let dns = dns.container("main", |main| {
        main.volume("zones", "zones", true);
        main.volume("cache", "cache", false);
    });
    let needed = ["zones", "cache"].map(|name| resource(name, "volume"));
    let app = needed.into_iter().fold(app("names").with(dns), App::needs);
    target.lower(&app.sized(target), &mut sink);
    let said: Vec<_> = sink.iter().map(|said| (said.code.id, said.message.clone())).collect();
    let expected = [
        "nothing leads to the UDP port `queries` of `dns` here",
        "`dns` can write to the volume at `zones` here",
    ];
    assert_eq!(said, expected.map(|message| ("APP0903", message.to_owned())));
}

#[test]
fn a_database_and_its_password_stay_together() {
    let objects = lower(app("shop").needs(resource("orders-db", "postgres").param("version", "16.2")));
    let Body::Postgres(server) = body(&objects, "postgres", "orders-db") else { panic!() };
    assert_eq!((server.version, server.max_connections), (16, 100));
    assert_eq!((server.database.as_str(), server.username.as_str()), ("orders_db", "orders_db"));
    assert_eq!(server.password.to_string(), "resources.orders-db.password@1");
    let secret = objects.iter().find(|object| object.id.kind == "secret").unwrap();
    assert_eq!(secret.address.as_str(), "resources.orders-db.password");
    assert!(objects.iter().all(|object| object.retention == Retention::Data));
    let server = objects.iter().find(|object| object.id.kind == "postgres").unwrap();
    assert_eq!(server.needs, std::slice::from_ref(&secret.id));
}

#[test]
fn hosts_carry_the_environment_but_for_the_local_one() {
    for (environment, expect) in [("local", "web.shop.localhost"), ("pr-42", "web.pr-42.shop.localhost")] {
        let web = workload("web").built(".").http(3000).public(Some("shop.example.org"));
        let objects = lower(app("shop").environment(environment).with(web));
        let Body::Route(route) = body(&objects, "route", "web") else { panic!() };
        assert_eq!(route.hosts, [expect, "shop.example.org"]);
        assert_eq!(route.path, "/");
    }
}

#[test]
fn what_listens_is_ready_when_its_port_accepts() {
    let objects = lower(
        app("shop").with(workload("web").built(".").http(3000)).with(workload("quiet").built(".")).with(
            workload("told").built(".").http(3000).container("main", |main| main.readiness("/healthz")),
        ),
    );
    let readiness = |name: &str| {
        let Body::Workload(workload) = body(&objects, "workload", name) else { panic!() };
        workload.containers["main"].readiness.clone().map(|probe| probe.check)
    };
    assert_eq!(readiness("web"), Some(ProbeCheck::Tcp { port: Some(3000) }));
    assert_eq!(readiness("quiet"), None);
    assert!(matches!(readiness("told"), Some(ProbeCheck::Http { .. })));
}

#[test]
fn neighbours_that_name_each_other_have_a_start_order() {
    let objects = lower(
        app("shop")
            .with(workload("api").built(".").http(1).env("WEB", "${workloads.web.url}"))
            .with(workload("web").built(".").http(2).calls("api")),
    );
    let needs = |name: &str| objects.iter().find(|object| object.id.name == name).unwrap().needs.len();
    assert_eq!(needs("api") + needs("web"), 1);
}

#[test]
fn a_route_to_nobody_is_said() {
    let target = find("local").unwrap();
    let mut sink = Diagnostics::new();
    let shop = app("shop").with(workload("a").built(".")).with(workload("b").built("."));
    let objects = target.lower(&shop.needs(resource("way", "route")).sized(target), &mut sink);
    let said: Vec<&str> = sink.iter().map(|diagnostic| diagnostic.message.as_str()).collect();
    assert_eq!(said, ["the route `way` leads to no workload"]);
    assert_eq!(objects.len(), 2);
}

#[test]
fn a_given_image_takes_the_place_of_a_build() {
    let objects = lower(app("shop").with(workload("web").built(".")).image("web", "example/web:1"));
    let Body::Workload(web) = body(&objects, "workload", "web") else { panic!() };
    assert_eq!(web.containers["main"].image.as_deref(), Some("example/web:1"));
    assert_eq!(web.containers["main"].artifact, None);
}
