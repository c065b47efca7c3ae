//! Managed databases: Flexible Servers in a subnet of their own, and Managed Redis.

use appia_intent::Address;
use appia_plan::phase::SizedResource;
use appia_plan::{Object, ObjectId};
use serde::Serialize;

use super::lower::{Scope, id};
use super::storage::{self, group_id};
use crate::cloud::{Block, Reference, keeper, object, refer};
use crate::database::identifier;
use crate::params;

/// Days of backups.
const BACKUPS: u32 = 7;

#[derive(Serialize)]
struct VirtualNetwork {
    name: String,
    resource_group_name: Reference,
    location: String,
    address_space: [&'static str; 1],
}

#[derive(Serialize)]
struct Subnet {
    name: String,
    resource_group_name: Reference,
    virtual_network_name: Reference,
    address_prefixes: [String; 1],
    delegation: Option<Block<Delegation>>,
}

#[derive(Serialize)]
struct Delegation {
    name: &'static str,
    service_delegation: Block<ServiceDelegation>,
}

#[derive(Serialize)]
struct ServiceDelegation {
    name: &'static str,
}

#[derive(Serialize)]
struct Postgres {
    name: String,
    resource_group_name: Reference,
    location: String,
    version: String,
    sku_name: String,
    storage_mb: u64,
    delegated_subnet_id: Reference,
    public_network_access_enabled: bool,
    administrator_login: String,
    backup_retention_days: u32,
    high_availability: Option<Block<HighAvailability>>,
}

#[derive(Serialize)]
struct Mysql {
    name: String,
    resource_group_name: Reference,
    location: String,
    version: String,
    sku_name: String,
    storage: Block<Storage>,
    delegated_subnet_id: Reference,
    administrator_login: String,
    backup_retention_days: u32,
    high_availability: Option<Block<HighAvailability>>,
}

#[derive(Serialize)]
struct Storage {
    size_gb: u64,
}

#[derive(Serialize)]
struct HighAvailability {
    mode: &'static str,
}

#[derive(Serialize)]
struct Redis {
    name: String,
    resource_group_name: Reference,
    location: String,
    sku_name: String,
    high_availability_enabled: bool,
    default_database: Block<RedisDatabase>,
}

#[derive(Serialize)]
struct RedisDatabase {
    client_protocol: &'static str,
    access_keys_authentication_enabled: bool,
}

fn network_id() -> ObjectId {
    id("azurerm_virtual_network", "main")
}

/// A subnet by what is in it.
pub(super) fn subnet_id(name: &str) -> ObjectId {
    id("azurerm_subnet", name)
}

/// The network with a subnet for containers and one for each kind of server.
pub(super) fn network(scope: &Scope<'_>) -> Vec<Object> {
    let (at, network) = (&scope.shared, network_id());
    let main = VirtualNetwork {
        name: scope.name("main"),
        resource_group_name: refer(&group_id(), "name"),
        location: scope.region.clone(),
        address_space: ["10.0.0.0/16"],
    };
    let subnet = |index: usize, name: &'static str, delegate: Option<&'static str>| {
        let delegation = delegate.map(|service| Delegation {
            name,
            service_delegation: Block(ServiceDelegation { name: service }),
        });
        let subnet = Subnet {
            name: name.to_owned(),
            resource_group_name: refer(&group_id(), "name"),
            virtual_network_name: refer(&network_id(), "name"),
            address_prefixes: [format!("10.0.{}.0/23", index * 2)],
            delegation: delegation.map(Block),
        };
        object(&subnet_id(name), at, &[&network_id(), &group_id()], &subnet)
    };
    vec![
        object(&network, at, &[&group_id()], &main),
        subnet(0, "apps", Some("Microsoft.App/environments")),
        subnet(1, "postgres", Some("Microsoft.DBforPostgreSQL/flexibleServers")),
        subnet(2, "mysql", Some("Microsoft.DBforMySQL/flexibleServers")),
    ]
}

/// PostgreSQL or MySQL.
pub(super) fn database(scope: &Scope<'_>, resource: &SizedResource) -> Vec<Object> {
    let stated = &resource.resolved.stated;
    let (name, kind) = (stated.name.value.as_str(), stated.kind.value.as_str());
    let address = Address::resource(&stated.name.value);
    let size = resource.size.as_ref();
    let sku_name = size.map_or_else(|| "B_Standard_B1ms".to_owned(), |size| size.class.get().clone());
    let standby = size.is_some_and(|size| size.standby);
    let high_availability = standby.then_some(HighAvailability { mode: "ZoneRedundant" });
    let storage = params::storage(resource, "storage").unwrap_or_default().get();
    let version = params::text(resource, "version").unwrap_or_default();
    let needs = [group_id(), subnet_id(kind)];
    let needs: Vec<&ObjectId> = needs.iter().collect();
    let server = if kind == "mysql" {
        let mysql = Mysql {
            name: scope.name(name),
            resource_group_name: refer(&group_id(), "name"),
            location: scope.region.clone(),
            version,
            sku_name,
            storage: Block(Storage { size_gb: storage.div_ceil(1 << 30) }),
            delegated_subnet_id: refer(&subnet_id(kind), "id"),
            administrator_login: identifier(name),
            backup_retention_days: BACKUPS,
            high_availability: high_availability.map(Block),
        };
        object(&id("azurerm_mysql_flexible_server", name), &address, &needs, &mysql)
    } else {
        let postgres = Postgres {
            name: scope.name(name),
            resource_group_name: refer(&group_id(), "name"),
            location: scope.region.clone(),
            version,
            sku_name,
            storage_mb: storage.div_ceil(1 << 30) * 1_024,
            delegated_subnet_id: refer(&subnet_id(kind), "id"),
            public_network_access_enabled: false,
            administrator_login: identifier(name),
            backup_retention_days: BACKUPS,
            high_availability: high_availability.map(Block),
        };
        object(&id("azurerm_postgresql_flexible_server", name), &address, &needs, &postgres)
    };
    vec![keeper(server), storage::secret((name, &address))]
}

/// Redis.
pub(super) fn redis(scope: &Scope<'_>, resource: &SizedResource) -> Vec<Object> {
    let stated = &resource.resolved.stated;
    let name = stated.name.value.as_str();
    let address = Address::resource(&stated.name.value);
    let size = resource.size.as_ref();
    let redis = Redis {
        name: scope.name(name),
        resource_group_name: refer(&group_id(), "name"),
        location: scope.region.clone(),
        sku_name: size.map_or_else(|| "Balanced_B0".to_owned(), |size| size.class.get().clone()),
        high_availability_enabled: size.is_some_and(|size| size.standby),
        default_database: Block(RedisDatabase {
            client_protocol: "Encrypted",
            access_keys_authentication_enabled: true,
        }),
    };
    vec![
        keeper(object(&id("azurerm_managed_redis", name), &address, &[&group_id()], &redis)),
        storage::secret((name, &address)),
    ]
}
