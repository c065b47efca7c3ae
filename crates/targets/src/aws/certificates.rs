//! The certificate of the stated host names, proved by records in the zones that the application owns.
//!
//! A host without a zone of its own is proved by whoever owns its zone: the certificate's own attributes say how. Called by
//! `entrance`. Start reading at [`of`].

use appia_intent::Address;
use appia_plan::phase::SizedResource;
use appia_plan::{Object, ObjectId};
use serde::Serialize;

use super::entrance::{balancer_id, hosts, is_behind_balancer};
use super::lower::{Scope, id};
use crate::cloud::terraform::marks::expression;
use crate::cloud::{Block, Reference, object, refer};
use crate::params;

#[derive(Serialize)]
struct Certificate {
    domain_name: String,
    subject_alternative_names: Option<Vec<String>>,
    validation_method: &'static str,
    lifecycle: Block<Lifecycle>,
}

#[derive(Serialize)]
struct Lifecycle {
    create_before_destroy: bool,
}

#[derive(Serialize)]
struct Validation {
    certificate_arn: Reference,
}

#[derive(Serialize)]
struct Proof {
    for_each: Reference,
    zone_id: Reference,
    name: Reference,
    #[serde(rename = "type")]
    kind: Reference,
    records: Vec<Reference>,
    ttl: u32,
}

#[derive(Serialize)]
struct Name {
    zone_id: Reference,
    name: String,
    #[serde(rename = "type")]
    kind: &'static str,
    alias: Block<Alias>,
}

#[derive(Serialize)]
struct Alias {
    name: Reference,
    zone_id: Reference,
    evaluate_target_health: bool,
}

/// What waits for the certificate, and everything that it takes; none: no host is stated.
pub(super) fn of(scope: &Scope<'_>) -> Option<(ObjectId, Vec<Object>)> {
    let (at, app) = (&scope.place.shared, scope.place.app);
    let behind = app.workloads.values().filter(|workload| is_behind_balancer(workload));
    let mut all: Vec<String> = behind.flat_map(|workload| hosts(scope, workload)).collect();
    all.sort();
    all.dedup();
    let (first, others) = all.split_first()?;
    let (certificate, validation) =
        (id("aws_acm_certificate", "main"), id("aws_acm_certificate_validation", "main"));
    let of_certificate = Certificate {
        domain_name: first.clone(),
        subject_alternative_names: Some(others.to_vec()).filter(|others| !others.is_empty()),
        validation_method: "DNS",
        lifecycle: Block(Lifecycle { create_before_destroy: true }),
    };
    let mut objects = vec![object(&certificate, at, &[], &of_certificate)];
    let zones = app.resources.values().filter(|found| found.resolved.stated.kind.value.as_str() == "dns");
    let owned =
        zones.filter_map(|zone| Some((zone, params::text(zone, "host").filter(|host| all.contains(host))?)));
    let records: Vec<Object> = owned.flat_map(|(zone, host)| records(zone, host, &certificate)).collect();
    let proofs: Vec<ObjectId> = records.iter().map(|record| record.id.clone()).collect();
    let needs: Vec<&ObjectId> =
        proofs.iter().filter(|id| id.name.ends_with("_proof")).chain([&certificate]).collect();
    let waits = Validation { certificate_arn: refer(&certificate, "arn") };
    objects.push(object(&validation, at, &needs, &waits));
    objects.extend(records);
    Some((validation, objects))
}

/// The records of a host in its own zone: the proof that it is ours, and where it leads.
fn records(zone: &SizedResource, host: String, certificate: &ObjectId) -> [Object; 2] {
    let name = &zone.resolved.stated.name.value;
    let (address, zone) = (Address::resource(name), id("aws_route53_zone", name.as_str()));
    let options = refer(certificate, "domain_validation_options");
    let each = format!(
        "{{ for option in {options} : option.domain_name => option if option.domain_name == \"{host}\" }}"
    );
    let proof = Proof {
        for_each: expression(&each),
        zone_id: refer(&zone, "zone_id"),
        name: expression("each.value.resource_record_name"),
        kind: expression("each.value.resource_record_type"),
        records: vec![expression("each.value.resource_record_value")],
        ttl: 60,
    };
    let leads = Name {
        zone_id: refer(&zone, "zone_id"),
        name: host,
        kind: "A",
        alias: Block(Alias {
            name: refer(&balancer_id(), "dns_name"),
            zone_id: refer(&balancer_id(), "zone_id"),
            evaluate_target_health: true,
        }),
    };
    [
        object(&id("aws_route53_record", &format!("{name}_proof")), &address, &[&zone, certificate], &proof),
        object(&id("aws_route53_record", name.as_str()), &address, &[&zone, &balancer_id()], &leads),
    ]
}
