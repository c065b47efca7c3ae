//! What workloads may know of what this cloud makes: where neighbours, databases and queues are, and which secret is whose.

use appia_intent::WorkloadKind;
use appia_plan::phase::{SizedApp, SizedResource, SizedWorkload};

use super::entrance::DOMAIN;
use super::functions::url_id;
use super::lower::{Scope, id};
use super::servers::{cache_id, server_id};
use super::sites::edge_id;
use super::{names, storage};
use crate::cloud::values::{Piece, Place, Reached};
use crate::cloud::{Part, refer};
use crate::database::identifier;
use crate::hosts::Domain;

impl Place for Scope<'_> {
    fn app(&self) -> &SizedApp {
        self.place.app
    }

    fn domain(&self) -> Domain {
        DOMAIN
    }

    fn reached(&self, workload: &SizedWorkload) -> Option<Reached> {
        let stated = &workload.resolved.stated;
        let name = stated.name.value.as_str();
        let outside = |host: Vec<Piece>| Some(Reached { scheme: Some("https"), host, port: None });
        match stated.kind.value {
            WorkloadKind::Site => outside(vec![refer(&edge_id(name), "domain_name").into()]),
            WorkloadKind::Function if stated.public.is_some() => outside(vec![
                refer(&url_id(name), "url_id").into(),
                format!(".lambda-url.{}.on.aws", self.place.region).into(),
            ]),
            WorkloadKind::Function => None,
            _ if !names::has_name(stated) => None,
            _ => {
                Some(Reached { scheme: None, host: vec![names::host(self, workload).into()], port: Some(0) })
            }
        }
    }

    fn made(&self, resource: &SizedResource, output: &str) -> Option<Vec<Piece>> {
        let stated = &resource.resolved.stated;
        let name = stated.name.value.as_str();
        let of = |kind: &str, attribute: &str| Some(vec![refer(&id(kind, name), attribute).into()]);
        match (stated.kind.value.as_str(), output) {
            ("postgres" | "mysql", _) => database(name, output),
            ("redis", _) => redis(name, output),
            ("bucket", "name") => of("aws_s3_bucket", "bucket"),
            ("bucket", "region") => of("aws_s3_bucket", "region"),
            ("bucket", _) => of("aws_s3_bucket", "arn"),
            ("queue", "name") => of("aws_sqs_queue", "name"),
            ("queue", "url") => of("aws_sqs_queue", "url"),
            ("queue", _) => of("aws_sqs_queue", "arn"),
            ("topic", "name") => of("aws_sns_topic", "name"),
            ("topic", _) => of("aws_sns_topic", "arn"),
            ("secret", "value") => {
                Some(vec![Piece::Secret(refer(&storage::secret_id(name), "arn").into(), None)])
            }
            ("secret", "name") => of("aws_secretsmanager_secret", "name"),
            ("secret", _) => of("aws_secretsmanager_secret", "arn"),
            _ => None,
        }
    }
}

fn database(name: &str, output: &str) -> Option<Vec<Piece>> {
    let of = |attribute: &str| Some(vec![refer(&server_id(name), attribute).into()]);
    // The version refers to its secret, and is there only when the secret is filled.
    let secret = |key| Some(vec![Piece::Secret(refer(&storage::version_id(name), "arn").into(), Some(key))]);
    match output {
        "host" => of("address"),
        "port" => of("port"),
        "username" => Some(vec![identifier(name).into()]),
        "name" | "database" => Some(vec![identifier(name).into()]),
        "password" => secret("password"),
        "url" => secret("url"),
        _ => None,
    }
}

/// It has no password: whoever is let in by the network may use it, over TLS only.
fn redis(name: &str, output: &str) -> Option<Vec<Piece>> {
    let server = cache_id(name);
    let host: Part = refer(&server, "primary_endpoint_address").into();
    match output {
        "host" => Some(vec![Piece::Open(host)]),
        "port" => Some(vec![refer(&server, "port").into()]),
        "username" => Some(vec!["default".into()]),
        "password" => Some(vec!["".into()]),
        "url" => Some(vec!["rediss://".into(), Piece::Open(host), ":6379/0".into()]),
        _ => None,
    }
}
