//! Managed databases: RDS and ElastiCache, each in the private subnets, encrypted, closed to all but their users.

use appia_intent::Address;
use appia_plan::phase::SizedResource;
use appia_plan::{Object, ObjectId};
use serde::Serialize;

use super::lower::{Scope, id};
use super::network::{allow, group, group_id};
use super::storage;
use crate::cloud::terraform::marks::{Json, Text};
use crate::cloud::{Block, Reference, keeper, object, refer};
use crate::database::identifier;
use crate::params;

#[derive(Serialize)]
struct SubnetGroup {
    name: String,
    subnet_ids: Vec<Reference>,
}

#[derive(Serialize)]
struct Database {
    identifier: String,
    engine: String,
    engine_version: Option<String>,
    instance_class: String,
    multi_az: bool,
    allocated_storage: u64,
    storage_type: &'static str,
    storage_encrypted: bool,
    db_name: String,
    username: String,
    password_wo: Reference,
    password_wo_version: u32,
    db_subnet_group_name: Reference,
    parameter_group_name: Reference,
    vpc_security_group_ids: Vec<Reference>,
    publicly_accessible: bool,
    backup_retention_period: u32,
    deletion_protection: bool,
    auto_minor_version_upgrade: bool,
    copy_tags_to_snapshot: bool,
    skip_final_snapshot: bool,
    final_snapshot_identifier: String,
}

#[derive(Serialize)]
struct Redis {
    replication_group_id: String,
    description: String,
    engine: &'static str,
    engine_version: Option<String>,
    node_type: String,
    num_cache_clusters: u32,
    automatic_failover_enabled: bool,
    multi_az_enabled: bool,
    at_rest_encryption_enabled: bool,
    transit_encryption_enabled: bool,
    auto_minor_version_upgrade: bool,
    subnet_group_name: Reference,
    security_group_ids: Vec<Reference>,
    snapshot_retention_limit: u32,
}

/// The name of the group of what may reach it: a workload may be called like it.
fn door(name: &str) -> String {
    format!("{name}-data")
}

/// Days of backups.
const BACKUPS: u32 = 7;

/// The class, and whether a second one stands by; the smallest where nothing was sized.
fn class(resource: &SizedResource, smallest: &str) -> (String, bool) {
    let size = resource.size.as_ref();
    size.map_or_else(|| (smallest.to_owned(), false), |size| (size.class.get().clone(), size.standby))
}

/// PostgreSQL or MySQL.
pub(super) fn database(scope: &Scope<'_>, resource: &SizedResource) -> Vec<Object> {
    let stated = &resource.resolved.stated;
    let (name, kind) = (stated.name.value.as_str(), stated.kind.value.as_str());
    let address = Address::resource(&stated.name.value);
    let (instance_class, multi_az) = class(resource, "db.t4g.micro");
    let storage = params::storage(resource, "storage").unwrap_or_default();
    let subnets = id("aws_db_subnet_group", name);
    let database = Database {
        identifier: scope.name(name),
        engine: kind.to_owned(),
        engine_version: params::text(resource, "version"),
        instance_class,
        multi_az,
        allocated_storage: storage.get().div_ceil(1 << 30),
        storage_type: "gp3",
        storage_encrypted: true,
        db_name: identifier(name),
        username: identifier(name),
        password_wo: refer(&stored_id(name), "secret_string"),
        password_wo_version: 1,
        db_subnet_group_name: refer(&subnets, "name"),
        parameter_group_name: refer(&parameters_id(name), "name"),
        vpc_security_group_ids: vec![refer(&group_id(&door(name)), "id")],
        publicly_accessible: false,
        backup_retention_period: BACKUPS,
        deletion_protection: true,
        auto_minor_version_upgrade: true,
        copy_tags_to_snapshot: true,
        skip_final_snapshot: false,
        final_snapshot_identifier: format!("{}-last", scope.name(name)),
    };
    let port = if kind == "mysql" { 3306 } else { 5432 };
    let (door_id, parameters) = (group_id(&door(name)), parameters(scope, resource));
    let server = object(
        &server_id(name),
        &address,
        &[&subnets, &door_id, &stored_id(name), &parameters.id],
        &database,
    );
    let mut objects = around(scope, resource, (subnets, port), server);
    objects.push(parameters);
    objects.extend(login(scope, (name, kind), &address));
    objects
}

/// The server of a database.
pub(super) fn server_id(name: &str) -> ObjectId {
    id("aws_db_instance", name)
}

#[derive(Serialize)]
struct Parameters {
    name: String,
    family: String,
    parameter: Block<Vec<Parameter>>,
    lifecycle: Block<Lifecycle>,
}

#[derive(Serialize)]
struct Parameter {
    name: &'static str,
    value: String,
    apply_method: &'static str,
}

#[derive(Serialize)]
struct Lifecycle {
    create_before_destroy: bool,
}

fn parameters_id(name: &str) -> ObjectId {
    id("aws_db_parameter_group", name)
}

/// Connections over TLS only, and as many as are stated.
fn parameters(scope: &Scope<'_>, resource: &SizedResource) -> Object {
    let stated = &resource.resolved.stated;
    let (name, kind) = (stated.name.value.as_str(), stated.kind.value.as_str());
    let version = params::text(resource, "version").unwrap_or_default();
    let (tls, on, family) = if kind == "mysql" {
        let family: Vec<&str> = version.split('.').take(2).collect();
        ("require_secure_transport", "1", family.join("."))
    } else {
        ("rds.force_ssl", "1", version.split('.').next().unwrap_or_default().to_owned())
    };
    let parameter = |name, value| Parameter { name, value, apply_method: "pending-reboot" };
    let most =
        params::count(resource, "max_connections").map(|most| parameter("max_connections", most.to_string()));
    let parameters = Parameters {
        name: format!("{}-{}", scope.name(name), family.replace('.', "-")),
        family: format!("{kind}{family}"),
        parameter: Block([parameter(tls, on.to_owned())].into_iter().chain(most).collect()),
        // A server moves to the group of its next version before the one of the last goes.
        lifecycle: Block(Lifecycle { create_before_destroy: true }),
    };
    object(&parameters_id(name), &Address::resource(&stated.name.value), &[], &parameters)
}

/// The secret that holds nothing but the password.
fn password_name(name: &str) -> String {
    format!("{name}_password")
}

/// The password as it is stored, read when something is applied and kept nowhere.
fn stored_id(name: &str) -> ObjectId {
    id("ephemeral.aws_secretsmanager_secret_version", &password_name(name))
}

#[derive(Serialize)]
struct Stored {
    secret_id: Reference,
}

#[derive(Serialize)]
struct Login {
    username: String,
    password: Reference,
    url: Text,
}

/// The password first, so that whatever fails later it is the one that is stored; then what users of the database read.
fn login(scope: &Scope<'_>, (name, kind): (&str, &str), address: &Address) -> Vec<Object> {
    let (stored, server, alone) = (stored_id(name), server_id(name), password_name(name));
    let scheme = if kind == "mysql" { "mysql" } else { "postgresql" };
    let password = || refer(&stored, "secret_string");
    let url = vec![
        format!("{scheme}://{}:", identifier(name)).into(),
        password().into(),
        "@".into(),
        refer(&server, "endpoint").into(),
        format!("/{}", identifier(name)).into(),
    ];
    let login = Login { username: identifier(name), password: password(), url: Text(url) };
    let version = storage::version_id(&alone);
    vec![
        storage::secret(scope, (&alone, address)),
        storage::filled((&alone, address), storage::password(), &[]),
        object(&stored, address, &[&version], &Stored { secret_id: refer(&version, "secret_id") }),
        storage::secret(scope, (name, address)),
        storage::filled((name, address), Json(login), &[&stored, &server]),
    ]
}

/// Redis.
pub(super) fn redis(scope: &Scope<'_>, resource: &SizedResource) -> Vec<Object> {
    let stated = &resource.resolved.stated;
    let name = stated.name.value.as_str();
    let address = Address::resource(&stated.name.value);
    let (node_type, standby) = class(resource, "cache.t4g.micro");
    let subnets = id("aws_elasticache_subnet_group", name);
    let redis = Redis {
        replication_group_id: scope.name(name),
        description: format!("{name} of {}", scope.place.app.frame.app),
        engine: "redis",
        engine_version: params::text(resource, "version"),
        node_type,
        num_cache_clusters: if standby { 2 } else { 1 },
        automatic_failover_enabled: standby,
        multi_az_enabled: standby,
        at_rest_encryption_enabled: true,
        transit_encryption_enabled: true,
        auto_minor_version_upgrade: true,
        subnet_group_name: refer(&subnets, "name"),
        security_group_ids: vec![refer(&group_id(&door(name)), "id")],
        snapshot_retention_limit: BACKUPS,
    };
    let server = object(&cache_id(name), &address, &[&subnets, &group_id(&door(name))], &redis);
    around(scope, resource, (subnets, 6379), server)
}

/// A server of Redis.
pub(super) fn cache_id(name: &str) -> ObjectId {
    id("aws_elasticache_replication_group", name)
}

/// Subnets, who may reach it, and the server.
fn around(
    scope: &Scope<'_>,
    resource: &SizedResource,
    (subnets, port): (ObjectId, u16),
    server: Object,
) -> Vec<Object> {
    let stated = &resource.resolved.stated;
    let name = stated.name.value.as_str();
    let address = Address::resource(&stated.name.value);
    let ids = SubnetGroup { name: scope.name(name), subnet_ids: scope.network.private() };
    let needs: Vec<&ObjectId> = scope.network.private.iter().collect();
    let mut objects =
        vec![object(&subnets, &address, &needs, &ids), group(scope, &door(name), &address), keeper(server)];
    let users = scope.users(&address).iter();
    objects.extend(users.flat_map(|user| allow(&address, (user, &door(name)), port)));
    objects
}
