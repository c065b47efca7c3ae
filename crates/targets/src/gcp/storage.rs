//! What holds files, messages, secrets and names, and sites with their door.

use appia_intent::Address;
use appia_plan::phase::{SizedResource, SizedWorkload};
use appia_plan::{Object, ObjectId};
use serde::Serialize;

use super::lower::{Scope, id};
use crate::cloud::{Block, Reference, keeper, object, refer};
use crate::hosts::Domain;

/// Stands in for the names that lead to the cloud; kept for examples (RFC 2606, section 3), so it never leads anywhere.
const DOMAIN: Domain = Domain("example.com");

#[derive(Serialize)]
struct Bucket {
    name: String,
    location: String,
    uniform_bucket_level_access: bool,
    public_access_prevention: &'static str,
    versioning: Block<Versioning>,
}

#[derive(Serialize)]
struct Versioning {
    enabled: bool,
}

#[derive(Serialize)]
struct Topic {
    name: String,
}

#[derive(Serialize)]
struct Subscription {
    name: String,
    topic: Reference,
    ack_deadline_seconds: u32,
    dead_letter_policy: Block<DeadLetter>,
}

#[derive(Serialize)]
struct DeadLetter {
    dead_letter_topic: Reference,
    max_delivery_attempts: u32,
}

#[derive(Serialize)]
struct Secret {
    secret_id: String,
    replication: Block<Replication>,
}

#[derive(Serialize)]
struct Replication {
    auto: Block<Auto>,
}

#[derive(Serialize)]
struct Auto {}

#[derive(Serialize)]
struct Zone {
    name: String,
    dns_name: String,
}

#[derive(Serialize)]
struct BackendBucket {
    name: String,
    bucket_name: Reference,
    enable_cdn: bool,
}

#[derive(Serialize)]
struct UrlMap {
    name: String,
    default_service: Reference,
    host_rule: Block<Vec<HostRule>>,
    path_matcher: Block<Vec<PathMatcher>>,
}

#[derive(Serialize)]
struct HostRule {
    hosts: Vec<String>,
    path_matcher: String,
}

#[derive(Serialize)]
struct PathMatcher {
    name: String,
    default_service: Reference,
}

#[derive(Serialize)]
struct Proxy {
    name: String,
    url_map: Reference,
}

#[derive(Serialize)]
struct ForwardingRule {
    name: String,
    target: Reference,
    port_range: &'static str,
    load_balancing_scheme: &'static str,
}

/// A bucket that nobody outside can read.
pub(super) fn bucket(scope: &Scope<'_>, (name, address): (&str, &Address)) -> Object {
    let bucket = Bucket {
        name: scope.name(name),
        location: scope.region.clone(),
        uniform_bucket_level_access: true,
        public_access_prevention: "enforced",
        versioning: Block(Versioning { enabled: true }),
    };
    keeper(object(&id("google_storage_bucket", name), address, &[], &bucket))
}

/// A topic.
pub(super) fn topic(scope: &Scope<'_>, (name, address): (&str, &Address)) -> Object {
    object(&id("google_pubsub_topic", name), address, &[], &Topic { name: scope.name(name) })
}

/// A topic with one reader, and a topic for what could not be read.
pub(super) fn queue(scope: &Scope<'_>, (name, address): (&str, &Address)) -> Vec<Object> {
    let queue = topic(scope, (name, address));
    let dead = topic(scope, (&format!("{name}-dead"), address));
    let subscription = Subscription {
        name: scope.name(name),
        topic: refer(&queue.id, "id"),
        ack_deadline_seconds: 60,
        dead_letter_policy: Block(DeadLetter {
            dead_letter_topic: refer(&dead.id, "id"),
            max_delivery_attempts: 5,
        }),
    };
    let reader =
        object(&id("google_pubsub_subscription", name), address, &[&queue.id, &dead.id], &subscription);
    vec![queue, dead, keeper(reader)]
}

/// A secret, which is filled in the cloud.
pub(super) fn secret(scope: &Scope<'_>, (name, address): (&str, &Address)) -> Object {
    let secret =
        Secret { secret_id: scope.name(name), replication: Block(Replication { auto: Block(Auto {}) }) };
    keeper(object(&id("google_secret_manager_secret", name), address, &[], &secret))
}

/// A zone of names.
pub(super) fn zone(scope: &Scope<'_>, resource: &SizedResource) -> Object {
    let stated = &resource.resolved.stated;
    let name = stated.name.value.as_str();
    let zone = Zone { name: scope.name(name), dns_name: format!("{}.", DOMAIN.of_dns(scope.app, resource)) };
    object(&id("google_dns_managed_zone", name), &Address::resource(&stated.name.value), &[], &zone)
}

fn backend_id(workload: &SizedWorkload) -> ObjectId {
    id("google_compute_backend_bucket", workload.resolved.stated.name.value.as_str())
}

/// Files in a bucket, and how they are delivered.
pub(super) fn site(scope: &Scope<'_>, workload: &SizedWorkload) -> Vec<Object> {
    let name = &workload.resolved.stated.name.value;
    let address = Address::workload(name);
    // A bucket of the application may be called like the site.
    let bucket = bucket(scope, (&format!("{name}-files"), &address));
    let backend = BackendBucket {
        name: scope.name(name.as_str()),
        bucket_name: refer(&bucket.id, "name"),
        enable_cdn: true,
    };
    let backend = object(&backend_id(workload), &address, &[&bucket.id], &backend);
    vec![bucket, backend]
}

/// One door for all sites, which looks at the host name.
pub(super) fn door(scope: &Scope<'_>) -> Vec<Object> {
    let (at, sites) = (&scope.shared, scope.sites());
    let backends: Vec<ObjectId> = sites.iter().map(|site| backend_id(site)).collect();
    let Some(first) = backends.first() else { return Vec::new() };
    let host = |site: &SizedWorkload| {
        let stated = &site.resolved.stated;
        let stated_host = stated.public.as_ref().and_then(|public| public.value.host.as_ref());
        stated_host.map_or_else(
            || DOMAIN.host(&scope.app.frame, Some(&stated.name.value)),
            |host| host.value.clone(),
        )
    };
    let matcher = |site: &SizedWorkload| site.resolved.stated.name.value.to_string();
    let map = UrlMap {
        name: scope.name("door"),
        default_service: refer(first, "id"),
        host_rule: Block(
            sites
                .iter()
                .map(|site| HostRule { hosts: vec![host(site)], path_matcher: matcher(site) })
                .collect(),
        ),
        path_matcher: Block(
            sites
                .iter()
                .zip(&backends)
                .map(|(site, backend)| PathMatcher {
                    name: matcher(site),
                    default_service: refer(backend, "id"),
                })
                .collect(),
        ),
    };
    let (map_id, proxy) =
        (id("google_compute_url_map", "door"), id("google_compute_target_http_proxy", "door"));
    let rule = ForwardingRule {
        name: scope.name("door"),
        target: refer(&proxy, "id"),
        port_range: "80",
        load_balancing_scheme: "EXTERNAL_MANAGED",
    };
    let needs: Vec<&ObjectId> = backends.iter().collect();
    vec![
        object(&map_id, at, &needs, &map),
        object(&proxy, at, &[&map_id], &Proxy { name: scope.name("door"), url_map: refer(&map_id, "id") }),
        object(&id("google_compute_global_forwarding_rule", "door"), at, &[&proxy], &rule),
    ]
}
