//! Managed databases: RDS and ElastiCache, each in the private subnets, encrypted, closed to all but their users.

use appia_intent::Address;
use appia_plan::phase::SizedResource;
use appia_plan::{Object, ObjectId};
use serde::Serialize;

use super::lower::{Scope, id};
use super::network::{allow, group, group_id};
use super::storage;
use crate::cloud::{Reference, keeper, object, refer};
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
    manage_master_user_password: bool,
    db_subnet_group_name: Reference,
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
        manage_master_user_password: true,
        db_subnet_group_name: refer(&subnets, "name"),
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
    let server =
        object(&id("aws_db_instance", name), &address, &[&subnets, &group_id(&door(name))], &database);
    around(scope, resource, (subnets, port), server)
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
        subnet_group_name: refer(&subnets, "name"),
        security_group_ids: vec![refer(&group_id(&door(name)), "id")],
        snapshot_retention_limit: BACKUPS,
    };
    let kind = "aws_elasticache_replication_group";
    let server = object(&id(kind, name), &address, &[&subnets, &group_id(&door(name))], &redis);
    around(scope, resource, (subnets, 6379), server)
}

/// Subnets, who may reach it, the secret of its password, and the server.
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
    let mut objects = vec![
        object(&subnets, &address, &needs, &ids),
        group(scope, &door(name), &address),
        storage::secret(scope, (name, &address)),
        keeper(server),
    ];
    let users = scope.users(&address).iter();
    objects.extend(users.map(|user| allow(&address, (user, &door(name)), port)));
    objects
}
