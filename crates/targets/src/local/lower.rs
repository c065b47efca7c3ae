//! From a sized application to the objects of the local machine.
//!
//! One secret and server for each `postgres` and `redis`, a folder for each volume, an object for each workload and a route for
//! each public one. Start reading at [`lower`].

use std::collections::BTreeMap;

use appia_diag::{Diagnostic, Diagnostics, codes};
use appia_intent::{
    Address, Reference, Resource, ResourceName, SecretRef, Segment, Template, VolumeSource, WorkloadName,
};
use appia_plan::local::{Body, External, Postgres, Redis, Route, Secret, Volume, kind};
use appia_plan::phase::{SizedApp, SizedResource, SizedWorkload};
use appia_plan::{Object, ObjectId, Retention};

use super::DOMAIN;
use super::ignored;
use super::workload::body;
use crate::database::identifier;
use crate::{hosts, needs, params};

/// Characters of a generated password: 190 bits of `A-Z a-z 0-9`.
const PASSWORD_LENGTH: u32 = 32;

/// PostgreSQL's own default for `max_connections`.
const MAX_CONNECTIONS: u32 = 100;

/// The version that Debian 12 has.
const POSTGRES_VERSION: u32 = 15;

/// The version that Debian 12 has.
const REDIS_VERSION: u32 = 7;

/// Makes the objects, workloads first: where two things refer to each other, the workload waits.
pub(super) fn lower(app: &SizedApp, sink: &mut Diagnostics) -> Vec<Object> {
    let known: BTreeMap<Address, ObjectId> = app.resources.values().map(identity).collect();
    app.workloads.values().for_each(|workload| ignored::tell(&workload.resolved.stated, sink));
    let workloads = app.workloads.values().flat_map(|workload| of_workload(app, workload, &known));
    let mut objects: Vec<Object> = workloads.collect();
    for resource in app.resources.values() {
        objects.extend(of_resource(app, resource, sink));
    }
    needs::settle(objects)
}

fn of_workload(app: &SizedApp, workload: &SizedWorkload, known: &BTreeMap<Address, ObjectId>) -> Vec<Object> {
    let stated = &workload.resolved.stated;
    let name = &stated.name.value;
    let address = Address::workload(name);
    let named = named_volumes(workload);
    let needed = workload.resolved.needs.iter().filter_map(|need| {
        let workload =
            || need.as_str().strip_prefix("workloads.").map(|name| ObjectId::new(kind::WORKLOAD, name));
        known.get(need).cloned().or_else(workload)
    });
    let needed = needed.chain(named.iter().map(|volume| volume.id.clone())).collect();
    let lowered = Body::Workload(Box::new(body(app, workload)));
    let mut objects = vec![object(workload_id(name), address, needed, &lowered)];
    objects.extend(named);
    if let Some(exposure) = &stated.public {
        let mut hosts = vec![DOMAIN.host(&app.frame, Some(name))];
        hosts.extend(exposure.value.host.as_ref().map(|host| host.value.clone()));
        let path = exposure.value.path.as_ref().map_or_else(|| "/".to_owned(), |path| path.value.clone());
        let route = Route { workload: name.clone(), hosts, path };
        objects.push(route_object(ObjectId::new(kind::ROUTE, name.as_str()), Address::route(name), route));
    }
    objects
}

/// A volume that a workload mounts by a name of the platform's own is a folder of that workload's.
fn named_volumes(workload: &SizedWorkload) -> Vec<Object> {
    let stated = &workload.resolved.stated;
    let mounts = stated.containers.values().flat_map(|container| container.volumes.values());
    let mut volumes: BTreeMap<ResourceName, Object> = BTreeMap::new();
    for mount in mounts {
        if let VolumeSource::Named(name) = &mount.value.source {
            let resource = named_volume(&stated.name.value, name);
            let id = ObjectId::new(kind::VOLUME, resource.as_str());
            let body = Body::Volume(Volume { resource: resource.clone(), size: None });
            let mut folder = object(id, Address::workload(&stated.name.value), Vec::new(), &body);
            folder.retention = Retention::Data;
            volumes.insert(resource, folder);
        }
    }
    volumes.into_values().collect()
}

/// The folder's name: a digest, as joined names could meet the name of another one.
pub(super) fn named_volume(workload: &WorkloadName, name: &str) -> ResourceName {
    let digest = appia_plan::Digest::of(format!("{workload}/{name}").as_bytes());
    #[expect(clippy::expect_used, reason = "`volume-` and 12 hexadecimal digits are a name")]
    ResourceName::new(&format!("volume-{}", digest.short())).expect("a name")
}

fn of_resource(app: &SizedApp, resource: &SizedResource, sink: &mut Diagnostics) -> Vec<Object> {
    let stated = &resource.resolved.stated;
    if hosts::is(resource, "postgres") {
        postgres(resource)
    } else if hosts::is(resource, "redis") {
        redis(resource)
    } else if hosts::is(resource, "volume") {
        vec![volume(resource)]
    } else if hosts::is(resource, "route") {
        route(app, resource, sink).into_iter().collect()
    } else if hosts::is(resource, "dns") {
        vec![external(resource, dns_outputs(app, resource))]
    } else if hosts::is(resource, "service-port") {
        vec![external(resource, service_port_outputs(app, resource, sink))]
    } else {
        let outputs = stated.outputs.iter().map(|(name, value)| (name.clone(), value.value.clone()));
        vec![external(resource, outputs.collect())]
    }
}

fn postgres(resource: &SizedResource) -> Vec<Object> {
    let name = &resource.resolved.stated.name.value;
    let server = Body::Postgres(Postgres {
        resource: name.clone(),
        version: params::count(resource, "version").unwrap_or(POSTGRES_VERSION),
        database: identifier(name.as_str()),
        username: identifier(name.as_str()),
        password: password_of(name),
        max_connections: params::count(resource, "max_connections").unwrap_or(MAX_CONNECTIONS),
    });
    with_password(kind::POSTGRES, name, &server)
}

fn redis(resource: &SizedResource) -> Vec<Object> {
    let name = &resource.resolved.stated.name.value;
    let server = Body::Redis(Redis {
        resource: name.clone(),
        version: params::count(resource, "version").unwrap_or(REDIS_VERSION),
        password: password_of(name),
    });
    with_password(kind::REDIS, name, &server)
}

fn password_of(name: &ResourceName) -> SecretRef {
    SecretRef::first(Address::resource(name).field("password").as_str())
}

/// A server and the generated password that it needs.
fn with_password(kind: &str, name: &ResourceName, server: &Body) -> Vec<Object> {
    let address = Address::resource(name);
    let secret_address = address.field("password");
    let secret_id = ObjectId::new(kind::SECRET, secret_address.as_str());
    let secret = Body::Secret(Secret { secret: password_of(name), length: PASSWORD_LENGTH });
    let mut secret = object(secret_id.clone(), secret_address, Vec::new(), &secret);
    let mut server = object(ObjectId::new(kind, name.as_str()), address, vec![secret_id], server);
    // The data does not open without its password: what keeps the one keeps the other.
    secret.retention = Retention::Data;
    server.retention = Retention::Data;
    vec![secret, server]
}

fn volume(resource: &SizedResource) -> Object {
    let name = &resource.resolved.stated.name.value;
    let body = Body::Volume(Volume { resource: name.clone(), size: params::storage(resource, "size") });
    let id = ObjectId::new(kind::VOLUME, name.as_str());
    let folder = object(id, Address::resource(name), Vec::new(), &body);
    Object { retention: Retention::Data, ..folder }
}

fn route(app: &SizedApp, resource: &SizedResource, sink: &mut Diagnostics) -> Option<Object> {
    let stated = &resource.resolved.stated;
    let Some(workload) = hosts::owner(app, resource) else {
        sink.push(unowned(stated));
        return None;
    };
    let template = params::template(resource, "host");
    let host = template.and_then(|host| DOMAIN.of_template(app, &host));
    let route = Route {
        workload: workload.clone(),
        hosts: vec![host.unwrap_or_else(|| DOMAIN.host(&app.frame, Some(workload)))],
        path: params::text(resource, "path").unwrap_or_else(|| "/".to_owned()),
    };
    // A dot keeps it apart from the route of a public workload of that name.
    let id = ObjectId::new(kind::ROUTE, format!("resources.{}", stated.name.value));
    Some(route_object(id, Address::resource(&stated.name.value), route))
}

/// What to say of a route that leads to nobody.
fn unowned(stated: &Resource) -> Diagnostic {
    let message = format!("the {} `{}` leads to no workload", stated.kind.value, stated.name.value);
    Diagnostic::new(codes::TARGET_CANNOT, message)
        .at(&stated.name.span)
        .help("say which: `params: { workload: NAME }`")
}

fn dns_outputs(app: &SizedApp, resource: &SizedResource) -> BTreeMap<String, Template> {
    let host = DOMAIN.of_dns(app, resource);
    let owner = hosts::owner(app, resource).filter(|name| listens(app, name));
    let url = match owner {
        // A program may not resolve names below `localhost`: the loopback address always works.
        Some(name) => workload_output(name, "url"),
        None => Template::literal(format!("http://{host}")),
    };
    BTreeMap::from([("host".to_owned(), Template::literal(host)), ("url".to_owned(), url)])
}

fn listens(app: &SizedApp, name: &WorkloadName) -> bool {
    app.workloads.get(name).is_some_and(|workload| !workload.resolved.stated.ports.is_empty())
}

fn service_port_outputs(
    app: &SizedApp,
    resource: &SizedResource,
    sink: &mut Diagnostics,
) -> BTreeMap<String, Template> {
    let Some((workload, port)) = hosts::service_port(app, resource) else {
        sink.push(hosts::no_service_port(resource));
        return BTreeMap::new();
    };
    let name = &workload.resolved.stated.name.value;
    BTreeMap::from([
        ("hostname".to_owned(), workload_output(name, &format!("ports.{port}.host"))),
        ("port".to_owned(), workload_output(name, &format!("ports.{port}.port"))),
    ])
}

fn workload_output(name: &WorkloadName, output: &str) -> Template {
    Template::of([Segment::Reference(Reference::Workload { name: name.clone(), output: output.to_owned() })])
}

fn external(resource: &SizedResource, outputs: BTreeMap<String, Template>) -> Object {
    let name = &resource.resolved.stated.name.value;
    let references = outputs.values().flat_map(Template::references);
    let needed = references.filter_map(|reference| match reference {
        Reference::Workload { name, .. } => Some(workload_id(name)),
        Reference::Resource { .. } => None,
    });
    let needed = needed.collect();
    let body = Body::External(External { resource: name.clone(), outputs });
    object(ObjectId::new(kind::EXTERNAL, name.as_str()), Address::resource(name), needed, &body)
}

/// The object that a resource's users wait for.
fn identity(resource: &SizedResource) -> (Address, ObjectId) {
    let name = &resource.resolved.stated.name.value;
    let kinds = [
        ("postgres", kind::POSTGRES),
        ("redis", kind::REDIS),
        ("volume", kind::VOLUME),
        ("route", kind::ROUTE),
    ];
    let found = kinds.iter().find(|(offered, _)| hosts::is(resource, offered));
    let kind = found.map_or(kind::EXTERNAL, |(_, kind)| kind);
    (Address::resource(name), ObjectId::new(kind, name.as_str()))
}

fn workload_id(name: &WorkloadName) -> ObjectId {
    ObjectId::new(kind::WORKLOAD, name.as_str())
}

fn route_object(id: ObjectId, address: Address, route: Route) -> Object {
    let needed = vec![workload_id(&route.workload)];
    object(id, address, needed, &Body::Route(route))
}

fn object(id: ObjectId, address: Address, needs: Vec<ObjectId>, body: &Body) -> Object {
    // Every field of a body has a JSON form, so this never is null.
    let body = appia_plan::BodyText::of(body);
    Object { id, address, needs, body, retention: Retention::Nothing }
}
