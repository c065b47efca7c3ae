//! What all share (the group, the vault, the account of files, the bus), what is in it, and sites with their door.

use appia_intent::{Address, WorkloadKind};
use appia_plan::phase::{SizedResource, SizedWorkload};
use appia_plan::{Object, ObjectId};
use serde::Serialize;

use super::lower::{Scope, id};
use crate::cloud::{Block, Part, Reference, Variable, keeper, object, refer};
use crate::hosts::Domain;

/// Stands in for the names that lead to the cloud; kept for examples (RFC 2606, section 3), so it never leads anywhere.
const DOMAIN: Domain = Domain("example.com");

#[derive(Serialize)]
struct Group {
    name: String,
    location: String,
}

#[derive(Serialize)]
struct Account {
    name: String,
    resource_group_name: Reference,
    location: String,
    account_tier: &'static str,
    account_replication_type: &'static str,
    min_tls_version: &'static str,
    allow_nested_items_to_be_public: bool,
    blob_properties: Block<BlobProperties>,
}

#[derive(Serialize)]
struct BlobProperties {
    versioning_enabled: bool,
}

#[derive(Serialize)]
struct Container {
    name: String,
    storage_account_id: Reference,
    container_access_type: &'static str,
}

#[derive(Serialize)]
struct Vault {
    name: String,
    resource_group_name: Reference,
    location: String,
    sku_name: &'static str,
    /// Of the directory that says who somebody is; whoever applies gives it.
    tenant_id: Part,
    /// Who may read is said by roles, as for everything else, and not by a list of the vault's own.
    rbac_authorization_enabled: bool,
    purge_protection_enabled: bool,
}

#[derive(Serialize)]
struct Secret {
    name: String,
    key_vault_id: Reference,
}

#[derive(Serialize)]
struct Namespace {
    name: String,
    resource_group_name: Reference,
    location: String,
    sku: &'static str,
    minimum_tls_version: &'static str,
}

#[derive(Serialize)]
struct Queue {
    name: String,
    namespace_id: Reference,
    max_delivery_count: u32,
    dead_lettering_on_message_expiration: bool,
}

#[derive(Serialize)]
struct Topic {
    name: String,
    namespace_id: Reference,
}

#[derive(Serialize)]
struct Zone {
    name: String,
    resource_group_name: Reference,
}

#[derive(Serialize)]
struct Profile {
    name: String,
    resource_group_name: Reference,
    sku_name: &'static str,
}

#[derive(Serialize)]
struct Endpoint {
    name: String,
    cdn_frontdoor_profile_id: Reference,
}

#[derive(Serialize)]
struct OriginGroup {
    name: String,
    cdn_frontdoor_profile_id: Reference,
    load_balancing: Block<LoadBalancing>,
}

#[derive(Serialize)]
struct LoadBalancing {
    sample_size: u32,
    successful_samples_required: u32,
}

#[derive(Serialize)]
struct Origin {
    name: String,
    cdn_frontdoor_origin_group_id: Reference,
    host_name: Reference,
    certificate_name_check_enabled: bool,
}

#[derive(Serialize)]
struct Route {
    name: String,
    cdn_frontdoor_endpoint_id: Reference,
    cdn_frontdoor_origin_group_id: Reference,
    cdn_frontdoor_origin_ids: Vec<Reference>,
    patterns_to_match: [&'static str; 1],
    supported_protocols: [&'static str; 2],
    https_redirect_enabled: bool,
}

/// What everything is in.
pub(super) fn group_id() -> ObjectId {
    id("azurerm_resource_group", "main")
}

pub(super) fn group(scope: &Scope<'_>) -> Object {
    let group = Group { name: scope.name("main"), location: scope.region.clone() };
    object(&group_id(), &scope.shared, &[], &group)
}

fn account_id() -> ObjectId {
    id("azurerm_storage_account", "main")
}

/// Letters and digits, at most 24: unique in the whole cloud, so the first characters have to be.
pub(super) fn account_name(scope: &Scope<'_>) -> String {
    let name = scope.name("");
    name.chars().filter(char::is_ascii_alphanumeric).take(24).collect()
}

fn vault_id() -> ObjectId {
    id("azurerm_key_vault", "main")
}

fn bus_id() -> ObjectId {
    id("azurerm_servicebus_namespace", "main")
}

/// The account, the vault and the bus, where something is in them.
pub(super) fn shared(scope: &Scope<'_>) -> Vec<Object> {
    let types: Vec<&str> =
        scope.app.resources.values().map(|found| found.resolved.stated.kind.value.as_str()).collect();
    let kinds = |wanted: WorkloadKind| {
        scope.app.workloads.values().any(|found| found.resolved.stated.kind.value == wanted)
    };
    let any = |wanted: &[&str]| types.iter().any(|kind| wanted.contains(kind));
    let mut objects = Vec::new();
    if any(&["bucket"]) || kinds(WorkloadKind::Site) || kinds(WorkloadKind::Function) {
        objects.push(account(scope));
    }
    if any(&["postgres", "mysql", "redis", "secret"]) {
        objects.push(vault(scope));
    }
    if any(&["queue", "topic"]) {
        objects.push(bus(scope));
    }
    objects
}

fn account(scope: &Scope<'_>) -> Object {
    let account = Account {
        name: account_name(scope),
        resource_group_name: refer(&group_id(), "name"),
        location: scope.region.clone(),
        account_tier: "Standard",
        account_replication_type: "ZRS",
        min_tls_version: "TLS1_2",
        allow_nested_items_to_be_public: false,
        blob_properties: Block(BlobProperties { versioning_enabled: true }),
    };
    keeper(object(&account_id(), &scope.shared, &[&group_id()], &account))
}

fn vault(scope: &Scope<'_>) -> Object {
    let vault = Vault {
        name: scope.name("keys"),
        resource_group_name: refer(&group_id(), "name"),
        location: scope.region.clone(),
        sku_name: "standard",
        tenant_id: Part::Variable(Variable {
            name: "tenant_id".to_owned(),
            why: "The directory that says who somebody is".to_owned(),
            form: None,
            default: None,
        }),
        rbac_authorization_enabled: true,
        purge_protection_enabled: true,
    };
    keeper(object(&vault_id(), &scope.shared, &[&group_id()], &vault))
}

fn bus(scope: &Scope<'_>) -> Object {
    let bus = Namespace {
        name: scope.name("bus"),
        resource_group_name: refer(&group_id(), "name"),
        location: scope.region.clone(),
        sku: "Standard",
        minimum_tls_version: "1.2",
    };
    keeper(object(&bus_id(), &scope.shared, &[&group_id()], &bus))
}

/// A container that nobody outside can read.
pub(super) fn bucket(_: &Scope<'_>, (name, address): (&str, &Address)) -> Vec<Object> {
    let container = Container {
        name: name.to_owned(),
        storage_account_id: refer(&account_id(), "id"),
        container_access_type: "private",
    };
    vec![keeper(object(&id("azurerm_storage_container", name), address, &[&account_id()], &container))]
}

/// A queue that keeps apart what cannot be read.
pub(super) fn queue((name, address): (&str, &Address)) -> Object {
    let queue = Queue {
        name: name.to_owned(),
        namespace_id: refer(&bus_id(), "id"),
        max_delivery_count: 5,
        dead_lettering_on_message_expiration: true,
    };
    keeper(object(&id("azurerm_servicebus_queue", name), address, &[&bus_id()], &queue))
}

/// A topic.
pub(super) fn topic((name, address): (&str, &Address)) -> Object {
    let topic = Topic { name: name.to_owned(), namespace_id: refer(&bus_id(), "id") };
    object(&id("azurerm_servicebus_topic", name), address, &[&bus_id()], &topic)
}

/// A secret, which is filled in the cloud.
pub(super) fn secret((name, address): (&str, &Address)) -> Object {
    let secret = Secret { name: name.to_owned(), key_vault_id: refer(&vault_id(), "id") };
    keeper(object(&id("azurerm_key_vault_secret", name), address, &[&vault_id()], &secret))
}

/// A zone of names.
pub(super) fn zone(scope: &Scope<'_>, resource: &SizedResource) -> Object {
    let stated = &resource.resolved.stated;
    let zone =
        Zone { name: DOMAIN.of_dns(scope.app, resource), resource_group_name: refer(&group_id(), "name") };
    let id = id("azurerm_dns_zone", stated.name.value.as_str());
    object(&id, &Address::resource(&stated.name.value), &[&group_id()], &zone)
}

fn profile_id() -> ObjectId {
    id("azurerm_cdn_frontdoor_profile", "main")
}

/// One profile for all sites.
pub(super) fn door(scope: &Scope<'_>) -> Object {
    let profile = Profile {
        name: scope.name("door"),
        resource_group_name: refer(&group_id(), "name"),
        sku_name: "Standard_AzureFrontDoor",
    };
    object(&profile_id(), &scope.shared, &[&group_id()], &profile)
}

/// Files in the account, and the way of the edge to them.
pub(super) fn site(scope: &Scope<'_>, workload: &SizedWorkload) -> Vec<Object> {
    let name = workload.resolved.stated.name.value.as_str();
    let address = Address::workload(&workload.resolved.stated.name.value);
    let (endpoint, group) =
        (id("azurerm_cdn_frontdoor_endpoint", name), id("azurerm_cdn_frontdoor_origin_group", name));
    let origin = id("azurerm_cdn_frontdoor_origin", name);
    let profile = || refer(&profile_id(), "id");
    let of_group = OriginGroup {
        name: scope.name(name),
        cdn_frontdoor_profile_id: profile(),
        load_balancing: Block(LoadBalancing { sample_size: 4, successful_samples_required: 3 }),
    };
    let of_origin = Origin {
        name: scope.name(name),
        cdn_frontdoor_origin_group_id: refer(&group, "id"),
        host_name: refer(&account_id(), "primary_blob_host"),
        certificate_name_check_enabled: true,
    };
    let route = Route {
        name: scope.name(name),
        cdn_frontdoor_endpoint_id: refer(&endpoint, "id"),
        cdn_frontdoor_origin_group_id: refer(&group, "id"),
        cdn_frontdoor_origin_ids: vec![refer(&origin, "id")],
        patterns_to_match: ["/*"],
        supported_protocols: ["Http", "Https"],
        https_redirect_enabled: true,
    };
    let of_endpoint = Endpoint { name: scope.name(name), cdn_frontdoor_profile_id: profile() };
    // A bucket of the application may be called like the site.
    let mut objects = bucket(scope, (&format!("{name}-files"), &address));
    objects.extend([
        object(&endpoint, &address, &[&profile_id()], &of_endpoint),
        object(&group, &address, &[&profile_id()], &of_group),
        object(&origin, &address, &[&group, &account_id()], &of_origin),
        object(&id("azurerm_cdn_frontdoor_route", name), &address, &[&endpoint, &group, &origin], &route),
    ]);
    objects
}
