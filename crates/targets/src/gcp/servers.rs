//! Managed databases: Cloud SQL and Memorystore in a private network that Google's own is peered with.

use appia_intent::Address;
use appia_plan::phase::SizedResource;
use appia_plan::{Object, ObjectId};
use serde::Serialize;

use super::lower::{Scope, id};
use super::storage;
use crate::cloud::{Block, Reference, keeper, object, refer};
use crate::database::identifier;
use crate::params;

#[derive(Serialize)]
struct NetworkBody {
    name: String,
    auto_create_subnetworks: bool,
}

#[derive(Serialize)]
struct Subnetwork {
    name: String,
    region: String,
    network: Reference,
    ip_cidr_range: &'static str,
    private_ip_google_access: bool,
}

#[derive(Serialize)]
struct Range {
    name: String,
    network: Reference,
    purpose: &'static str,
    address_type: &'static str,
    prefix_length: u32,
}

#[derive(Serialize)]
struct Connection {
    network: Reference,
    service: &'static str,
    reserved_peering_ranges: Vec<Reference>,
}

#[derive(Serialize)]
struct Instance {
    name: String,
    region: String,
    database_version: String,
    deletion_protection: bool,
    settings: Block<Settings>,
}

#[derive(Serialize)]
struct Settings {
    tier: String,
    edition: &'static str,
    availability_type: &'static str,
    disk_type: &'static str,
    disk_size: u64,
    disk_autoresize: bool,
    ip_configuration: Block<IpConfiguration>,
    backup_configuration: Block<Backups>,
}

#[derive(Serialize)]
struct IpConfiguration {
    ipv4_enabled: bool,
    private_network: Reference,
    ssl_mode: &'static str,
}

#[derive(Serialize)]
struct Backups {
    enabled: bool,
    point_in_time_recovery_enabled: Option<bool>,
    binary_log_enabled: Option<bool>,
}

#[derive(Serialize)]
struct DatabaseBody {
    name: String,
    instance: Reference,
}

#[derive(Serialize)]
struct Redis {
    name: String,
    region: String,
    tier: &'static str,
    memory_size_gb: u64,
    redis_version: String,
    authorized_network: Reference,
    connect_mode: &'static str,
    auth_enabled: bool,
    transit_encryption_mode: &'static str,
}

fn network_id() -> ObjectId {
    id("google_compute_network", "main")
}

pub(super) fn subnetwork_id() -> ObjectId {
    id("google_compute_subnetwork", "main")
}

fn connection_id() -> ObjectId {
    id("google_service_networking_connection", "main")
}

/// The network, and the peering by which managed databases are reached.
pub(super) fn network(scope: &Scope<'_>) -> Vec<Object> {
    let (at, network, range) = (&scope.shared, network_id(), id("google_compute_global_address", "services"));
    let of_network = || refer(&network, "id");
    let subnetwork = Subnetwork {
        name: scope.name("main"),
        region: scope.region.clone(),
        network: of_network(),
        ip_cidr_range: "10.0.0.0/20",
        private_ip_google_access: true,
    };
    let services = Range {
        name: scope.name("services"),
        network: of_network(),
        purpose: "VPC_PEERING",
        address_type: "INTERNAL",
        prefix_length: 16,
    };
    let connection = Connection {
        network: of_network(),
        service: "servicenetworking.googleapis.com",
        reserved_peering_ranges: vec![refer(&range, "name")],
    };
    let main = NetworkBody { name: scope.name("main"), auto_create_subnetworks: false };
    vec![
        object(&network, at, &[], &main),
        object(&subnetwork_id(), at, &[&network], &subnetwork),
        object(&range, at, &[&network], &services),
        object(&connection_id(), at, &[&network, &range], &connection),
    ]
}

/// PostgreSQL or MySQL.
pub(super) fn database(scope: &Scope<'_>, resource: &SizedResource) -> Vec<Object> {
    let stated = &resource.resolved.stated;
    let (name, kind) = (stated.name.value.as_str(), stated.kind.value.as_str());
    let address = Address::resource(&stated.name.value);
    let size = resource.size.as_ref();
    let tier = size.map_or_else(|| "db-f1-micro".to_owned(), |size| size.class.get().clone());
    let standby = size.is_some_and(|size| size.standby);
    let version = params::text(resource, "version").unwrap_or_default();
    let is_mysql = kind == "mysql";
    let instance = Instance {
        name: scope.name(name),
        region: scope.region.clone(),
        database_version: format!("{}_{}", kind.to_uppercase(), version.replace('.', "_")),
        deletion_protection: true,
        settings: Block(Settings {
            edition: if tier.starts_with("db-perf") { "ENTERPRISE_PLUS" } else { "ENTERPRISE" },
            tier,
            availability_type: if standby { "REGIONAL" } else { "ZONAL" },
            disk_type: "PD_SSD",
            disk_size: params::storage(resource, "storage").unwrap_or_default().get().div_ceil(1 << 30),
            disk_autoresize: true,
            ip_configuration: Block(IpConfiguration {
                ipv4_enabled: false,
                private_network: refer(&network_id(), "id"),
                ssl_mode: "ENCRYPTED_ONLY",
            }),
            backup_configuration: Block(Backups {
                enabled: true,
                point_in_time_recovery_enabled: (!is_mysql).then_some(true),
                binary_log_enabled: is_mysql.then_some(true),
            }),
        }),
    };
    let instance_id = id("google_sql_database_instance", name);
    let database = DatabaseBody { name: identifier(name), instance: refer(&instance_id, "name") };
    vec![
        keeper(object(&instance_id, &address, &[&network_id(), &connection_id()], &instance)),
        object(&id("google_sql_database", name), &address, &[&instance_id], &database),
        storage::secret(scope, (name, &address)),
    ]
}

/// Redis.
pub(super) fn redis(scope: &Scope<'_>, resource: &SizedResource) -> Vec<Object> {
    let stated = &resource.resolved.stated;
    let name = stated.name.value.as_str();
    let address = Address::resource(&stated.name.value);
    let size = resource.size.as_ref();
    let version = params::text(resource, "version").unwrap_or_default();
    let redis = Redis {
        name: scope.name(name),
        region: scope.region.clone(),
        tier: if size.is_some_and(|size| size.standby) { "STANDARD_HA" } else { "BASIC" },
        memory_size_gb: size.and_then(|size| size.class.get().parse().ok()).unwrap_or(1),
        redis_version: format!("REDIS_{}", version.replace('.', "_")),
        authorized_network: refer(&network_id(), "id"),
        connect_mode: "PRIVATE_SERVICE_ACCESS",
        auth_enabled: true,
        transit_encryption_mode: "SERVER_AUTHENTICATION",
    };
    vec![
        keeper(object(
            &id("google_redis_instance", name),
            &address,
            &[&network_id(), &connection_id()],
            &redis,
        )),
        storage::secret(scope, (name, &address)),
    ]
}
