//! Roles: what ECS needs to start a workload, what its program may do, and what the clock may start. Nothing more.
//!
//! Called for each workload that runs. Each statement names the objects that it is for; the one exception is told beside it.

use appia_intent::Address;
use appia_plan::phase::SizedWorkload;
use appia_plan::{Object, ObjectId};
use serde::Serialize;

use super::lower::{Scope, id};
use super::tasks::Kept;
use crate::cloud::terraform::marks::{Json, Text};
use crate::cloud::{Part, Reference, kind_at, object, refer};

#[derive(Serialize)]
struct Role {
    name: String,
    assume_role_policy: Json<Policy>,
}

#[derive(Serialize)]
struct RolePolicy {
    name: &'static str,
    role: Reference,
    policy: Json<Policy>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Policy {
    version: &'static str,
    statement: Vec<Statement>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Statement {
    effect: &'static str,
    action: Vec<&'static str>,
    resource: Option<Vec<Text>>,
    principal: Option<Principal>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Principal {
    service: &'static str,
}

fn grant(action: &[&'static str], resource: Vec<Text>) -> Statement {
    Statement { effect: "Allow", action: action.to_vec(), resource: Some(resource), principal: None }
}

fn policy(statement: Vec<Statement>) -> Json<Policy> {
    Json(Policy { version: "2012-10-17", statement })
}

fn one(part: impl Into<Part>) -> Vec<Text> {
    vec![Text(vec![part.into()])]
}

fn below(arn: Reference, rest: &str) -> Text {
    Text(vec![arn.into(), rest.into()])
}

/// What starts a workload's tasks.
pub(super) fn start_id(name: &str) -> ObjectId {
    id("aws_iam_role", &format!("{name}_start"))
}

/// What a workload's program is.
pub(super) fn own_id(name: &str) -> ObjectId {
    id("aws_iam_role", name)
}

/// What ECS needs to start a workload: its image, its log, its secrets.
pub(super) fn start(
    scope: &Scope<'_>,
    workload: &SizedWorkload,
    (log, kept): (&ObjectId, &[Kept]),
) -> Vec<Object> {
    let (name, address) = super::containers::names(workload);
    let repositories = format!("arn:aws:ecr:{}:*:repository/*", scope.place.region);
    let mut statements = vec![
        // The one action that takes no narrower resource.
        grant(&["ecr:GetAuthorizationToken"], one("*")),
        grant(&["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"], one(repositories)),
        grant(&["logs:CreateLogStream", "logs:PutLogEvents"], vec![below(refer(log, "arn"), ":*")]),
    ];
    let mut secrets: Vec<Part> = Vec::new();
    for secret in kept.iter().map(|kept| &kept.arn) {
        if !secrets.contains(secret) {
            secrets.push(secret.clone());
        }
    }
    if !secrets.is_empty() {
        let resources = secrets.into_iter().map(|secret| Text(vec![secret])).collect();
        statements.push(grant(&["secretsmanager:GetSecretValue"], resources));
    }
    let filled: Vec<ObjectId> = kept.iter().filter_map(|kept| kept.filled.clone()).collect();
    let needs: Vec<&ObjectId> = filled.iter().chain([log]).collect();
    role(scope, &address, (start_id(name), "ecs-tasks.amazonaws.com"), (statements, &needs))
}

/// What a workload's program may do: use the buckets, queues and topics that it declares.
pub(super) fn own(scope: &Scope<'_>, workload: &SizedWorkload) -> Vec<Object> {
    let (name, address) = super::containers::names(workload);
    let (statements, needs) = uses(scope, workload);
    let needs: Vec<&ObjectId> = needs.iter().collect();
    role(scope, &address, (own_id(name), "ecs-tasks.amazonaws.com"), (statements, &needs))
}

/// The same for a function, with its log.
pub(super) fn function(
    scope: &Scope<'_>,
    workload: &SizedWorkload,
    log: &ObjectId,
    kept: &[Kept],
) -> Vec<Object> {
    let (name, address) = super::containers::names(workload);
    let (mut statements, mut needs) = uses(scope, workload);
    let to_log = vec![below(refer(log, "arn"), ":*")];
    statements.insert(0, grant(&["logs:CreateLogStream", "logs:PutLogEvents"], to_log));
    needs.push(log.clone());
    if !kept.is_empty() {
        let secrets = kept.iter().map(|kept| Text(vec![kept.arn.clone()])).collect();
        statements.push(grant(&["secretsmanager:GetSecretValue"], secrets));
        needs.extend(kept.iter().filter_map(|kept| kept.filled.clone()));
    }
    let needs: Vec<&ObjectId> = needs.iter().collect();
    role(scope, &address, (own_id(name), "lambda.amazonaws.com"), (statements, &needs))
}

/// What the clock needs to start a workload's task.
pub(super) fn clock(
    scope: &Scope<'_>,
    workload: &SizedWorkload,
    definition: &ObjectId,
) -> (ObjectId, Vec<Object>) {
    let (name, address) = super::containers::names(workload);
    let (start, own) = (start_id(name), own_id(name));
    let roles = [&start, &own].map(|role| Text(vec![refer(role, "arn").into()]));
    let statements =
        vec![grant(&["ecs:RunTask"], one(refer(definition, "arn"))), grant(&["iam:PassRole"], roles.into())];
    let clock = id("aws_iam_role", &format!("{name}_clock"));
    let needs = [definition, &start, &own];
    let objects = role(scope, &address, (clock.clone(), "scheduler.amazonaws.com"), (statements, &needs));
    (clock, objects)
}

/// A role that a service of the cloud takes on, and what it may do.
fn role(
    scope: &Scope<'_>,
    address: &Address,
    (role, service): (ObjectId, &'static str),
    (statements, needs): (Vec<Statement>, &[&ObjectId]),
) -> Vec<Object> {
    let trust = Statement {
        effect: "Allow",
        action: vec!["sts:AssumeRole"],
        resource: None,
        principal: Some(Principal { service }),
    };
    let of_role = Role {
        name: super::short(&scope.name(&role.name.replace('_', "-")), 64),
        assume_role_policy: policy(vec![trust]),
    };
    let mut objects = vec![object(&role, address, &[], &of_role)];
    if !statements.is_empty() {
        let inline = RolePolicy { name: "needs", role: refer(&role, "id"), policy: policy(statements) };
        let needs: Vec<&ObjectId> = needs.iter().copied().chain([&role]).collect();
        objects.push(object(&id("aws_iam_role_policy", &role.name), address, &needs, &inline));
    }
    objects
}

/// Statements for what a workload declares that it uses, and the objects that they name.
fn uses(scope: &Scope<'_>, workload: &SizedWorkload) -> (Vec<Statement>, Vec<ObjectId>) {
    let (mut statements, mut needs) = (Vec::new(), Vec::new());
    for address in &workload.resolved.needs {
        let name = address.last();
        let (object, found) = match kind_at(scope.place.app, address) {
            Some("bucket") => of_bucket(name),
            Some("queue") => {
                let queue = id("aws_sqs_queue", name);
                let actions =
                    ["sqs:SendMessage", "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"];
                let found = vec![grant(&actions, one(refer(&queue, "arn")))];
                (queue, found)
            }
            Some("topic") => {
                let topic = id("aws_sns_topic", name);
                let found = vec![grant(&["sns:Publish"], one(refer(&topic, "arn")))];
                (topic, found)
            }
            _ => continue,
        };
        statements.extend(found);
        needs.push(object);
    }
    (statements, needs)
}

fn of_bucket(name: &str) -> (ObjectId, Vec<Statement>) {
    let bucket = id("aws_s3_bucket", name);
    let files = vec![below(refer(&bucket, "arn"), "/*")];
    let found = vec![
        grant(&["s3:ListBucket"], one(refer(&bucket, "arn"))),
        grant(&["s3:GetObject", "s3:PutObject", "s3:DeleteObject"], files),
    ];
    (bucket, found)
}
