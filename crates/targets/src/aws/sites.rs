//! Sites: files in a bucket that only the edge may read.

use appia_intent::Address;
use appia_plan::phase::SizedWorkload;
use appia_plan::{Object, ObjectId};
use serde::Serialize;
use serde_json::{Value, json};

use super::lower::{Scope, id};
use super::storage;
use crate::cloud::terraform::marks::{Json, Text};
use crate::cloud::{Block, Reference, object, refer};

#[derive(Serialize)]
struct Distribution {
    enabled: bool,
    default_root_object: &'static str,
    price_class: &'static str,
    origin: Block<Origin>,
    default_cache_behavior: Block<Behavior>,
    restrictions: Block<Restrictions>,
    viewer_certificate: Block<Certificate>,
}

#[derive(Serialize)]
struct Origin {
    origin_id: &'static str,
    domain_name: Reference,
    origin_access_control_id: Reference,
}

#[derive(Serialize)]
struct Behavior {
    target_origin_id: &'static str,
    viewer_protocol_policy: &'static str,
    allowed_methods: [&'static str; 2],
    cached_methods: [&'static str; 2],
    compress: bool,
    cache_policy_id: &'static str,
}

#[derive(Serialize)]
struct Restrictions {
    geo_restriction: Block<GeoRestriction>,
}

#[derive(Serialize)]
struct GeoRestriction {
    restriction_type: &'static str,
}

#[derive(Serialize)]
struct Certificate {
    cloudfront_default_certificate: bool,
}

#[derive(Serialize)]
struct AccessControl {
    name: String,
    origin_access_control_origin_type: &'static str,
    signing_behavior: &'static str,
    signing_protocol: &'static str,
}

/// AWS's own policy for files that change rarely, `Managed-CachingOptimized`
/// (<https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html>).
const CACHING: &str = "658327ea-f89d-4fab-a63d-7e88639e58f6";

#[derive(Serialize)]
struct BucketPolicy {
    bucket: Reference,
    policy: Json<Value>,
}

/// What delivers a site.
pub(super) fn edge_id(name: &str) -> ObjectId {
    id("aws_cloudfront_distribution", name)
}

/// Files in a bucket that only the edge may read.
pub(super) fn site(scope: &Scope<'_>, workload: &SizedWorkload) -> Vec<Object> {
    let name = workload.resolved.stated.name.value.as_str();
    let address = Address::workload(&workload.resolved.stated.name.value);
    // A bucket of the application may be called like the site.
    let files = format!("{name}-files");
    let bucket = id("aws_s3_bucket", &files);
    let control = id("aws_cloudfront_origin_access_control", name);
    let access = AccessControl {
        name: scope.name(name),
        origin_access_control_origin_type: "s3",
        signing_behavior: "always",
        signing_protocol: "sigv4",
    };
    let distribution = Distribution {
        enabled: true,
        default_root_object: "index.html",
        price_class: "PriceClass_100",
        origin: Block(Origin {
            origin_id: "files",
            domain_name: refer(&bucket, "bucket_regional_domain_name"),
            origin_access_control_id: refer(&control, "id"),
        }),
        default_cache_behavior: Block(Behavior {
            target_origin_id: "files",
            viewer_protocol_policy: "redirect-to-https",
            allowed_methods: ["GET", "HEAD"],
            cached_methods: ["GET", "HEAD"],
            compress: true,
            cache_policy_id: CACHING,
        }),
        restrictions: Block(Restrictions {
            geo_restriction: Block(GeoRestriction { restriction_type: "none" }),
        }),
        viewer_certificate: Block(Certificate { cloudfront_default_certificate: true }),
    };
    let mut objects = storage::bucket(scope, (&files, &address));
    objects.push(object(&control, &address, &[], &access));
    let edge = edge_id(name);
    objects.push(object(&edge, &address, &[&bucket, &control], &distribution));
    let policy = BucketPolicy { bucket: refer(&bucket, "id"), policy: Json(only_edge(&bucket, &edge)) };
    objects.push(object(&id("aws_s3_bucket_policy", &files), &address, &[&bucket, &edge], &policy));
    objects
}

/// Lets one distribution read the files, and nobody else.
fn only_edge(bucket: &ObjectId, edge: &ObjectId) -> Value {
    json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow",
            "Action": "s3:GetObject",
            "Principal": { "Service": "cloudfront.amazonaws.com" },
            "Resource": Text(vec![refer(bucket, "arn").into(), "/*".into()]),
            "Condition": { "StringEquals": { "AWS:SourceArn": refer(edge, "arn") } },
        }],
    })
}
