//! What holds files, messages and secrets: S3, SQS, SNS, Secrets Manager.

use appia_intent::Address;
use appia_plan::{Object, ObjectId};
use serde::Serialize;

use super::lower::{Scope, id};
use crate::cloud::terraform::marks::{Json, expression};
use crate::cloud::{Block, Reference, keeper, object, refer};

#[derive(Serialize)]
struct Bucket {
    bucket: String,
    force_destroy: bool,
}

#[derive(Serialize)]
struct AccessBlock {
    bucket: Reference,
    block_public_acls: bool,
    block_public_policy: bool,
    ignore_public_acls: bool,
    restrict_public_buckets: bool,
}

#[derive(Serialize)]
struct Versioning {
    bucket: Reference,
    versioning_configuration: Block<VersioningState>,
}

#[derive(Serialize)]
struct VersioningState {
    status: &'static str,
}

#[derive(Serialize)]
struct Queue {
    name: String,
    sqs_managed_sse_enabled: bool,
    message_retention_seconds: u32,
    redrive_policy: Option<Json<Redrive>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Redrive {
    dead_letter_target_arn: Reference,
    max_receive_count: u32,
}

#[derive(Serialize)]
struct Topic {
    name: String,
    kms_master_key_id: &'static str,
}

#[derive(Serialize)]
struct Secret {
    name: String,
    description: String,
    recovery_window_in_days: u32,
}

/// A bucket with versions that nobody outside can read.
pub(super) fn bucket(scope: &Scope<'_>, (name, address): (&str, &Address)) -> Vec<Object> {
    let bucket = id("aws_s3_bucket", name);
    let block = AccessBlock {
        bucket: refer(&bucket, "id"),
        block_public_acls: true,
        block_public_policy: true,
        ignore_public_acls: true,
        restrict_public_buckets: true,
    };
    let versions = Versioning {
        bucket: refer(&bucket, "id"),
        versioning_configuration: Block(VersioningState { status: "Enabled" }),
    };
    let of_bucket = Bucket { bucket: scope.name(name), force_destroy: false };
    vec![
        keeper(object(&bucket, address, &[], &of_bucket)),
        object(&id("aws_s3_bucket_public_access_block", name), address, &[&bucket], &block),
        object(&id("aws_s3_bucket_versioning", name), address, &[&bucket], &versions),
    ]
}

/// A queue, and one for what could not be read.
pub(super) fn queue(scope: &Scope<'_>, (name, address): (&str, &Address)) -> Vec<Object> {
    let dead = id("aws_sqs_queue", &format!("{name}_dead"));
    let redrive = Json(Redrive { dead_letter_target_arn: refer(&dead, "arn"), max_receive_count: 5 });
    let queue = |name: String, redrive_policy| Queue {
        name,
        sqs_managed_sse_enabled: true,
        message_retention_seconds: 1_209_600,
        redrive_policy,
    };
    vec![
        keeper(object(&dead, address, &[], &queue(scope.name(&format!("{name}-dead")), None))),
        keeper(object(
            &id("aws_sqs_queue", name),
            address,
            &[&dead],
            &queue(scope.name(name), Some(redrive)),
        )),
    ]
}

/// A topic.
pub(super) fn topic(scope: &Scope<'_>, (name, address): (&str, &Address)) -> Object {
    let topic = Topic { name: scope.name(name), kms_master_key_id: "alias/aws/sns" };
    object(&id("aws_sns_topic", name), address, &[], &topic)
}

/// A secret, which is filled in the cloud.
pub(super) fn secret(scope: &Scope<'_>, (name, address): (&str, &Address)) -> Object {
    let description = format!("{name} of {}", scope.place.app.frame.app);
    // No part of an application has a `_` in its name, so that what is made of one is never called like another.
    let secret =
        Secret { name: scope.name(&name.replace('_', "/")), description, recovery_window_in_days: 7 };
    keeper(object(&secret_id(name), address, &[], &secret))
}

pub(super) fn secret_id(name: &str) -> ObjectId {
    id("aws_secretsmanager_secret", name)
}

/// What fills a secret.
pub(super) fn version_id(name: &str) -> ObjectId {
    id("aws_secretsmanager_secret_version", name)
}

/// The value of a secret, written when it is made and never read into a plan or a state.
#[derive(Serialize)]
pub(super) struct Version<T> {
    secret_id: Reference,
    secret_string_wo: T,
    secret_string_wo_version: u32,
}

/// Fills a secret once.
pub(super) fn filled<T: Serialize>(
    (name, address): (&str, &Address),
    value: T,
    needs: &[&ObjectId],
) -> Object {
    let secret = secret_id(name);
    let version =
        Version { secret_id: refer(&secret, "id"), secret_string_wo: value, secret_string_wo_version: 1 };
    let needs: Vec<&ObjectId> = needs.iter().copied().chain([&secret]).collect();
    object(&version_id(name), address, &needs, &version)
}

/// A password that nobody has seen: 40 hexadecimal digits, of which 38 are random. MySQL takes 41 at the most
/// (<https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html>).
pub(super) fn password() -> Reference {
    expression("substr(replace(\"${uuid()}${uuid()}\", \"-\", \"\"), 0, 40)")
}
