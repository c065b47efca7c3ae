//! How the objects are written as Terraform: the provider, the file and the reason of each kind, what is shown afterwards.

use appia_intent::WorkloadKind;
use appia_plan::phase::SizedApp;
use serde_json::{Value, json};

use super::entrance::is_behind_balancer;
use crate::cloud::Block;
use crate::cloud::terraform::{COMPUTE, DATA, EDGE, Kind, NETWORK, Output, Provider, Terraform, WATCHING};

/// Of this cloud.
pub(super) const TERRAFORM: Terraform = Terraform {
    provider: Provider { name: "aws", source: "hashicorp/aws", version: "5.100.0", settings, tags: None },
    kinds: KINDS,
    outputs: OUTPUTS,
    left,
};

/// Jobs, files of sites, certificates of other people's zones, alarms that nobody hears.
fn left(app: &SizedApp) -> Vec<String> {
    let mut lines = Vec::new();
    for workload in app.workloads.values() {
        let stated = &workload.resolved.stated;
        let name = &stated.name.value;
        match stated.kind.value {
            WorkloadKind::Job => lines.push(format!(
                "Run `{name}` at each deployment: `aws ecs run-task` with the output `{name}_definition`, the private subnets and the security group `{name}`."
            )),
            WorkloadKind::Site => lines.push(format!(
                "Put the files of `{name}` into its bucket: `aws s3 sync FOLDER s3://BUCKET`, then invalidate what the edge still holds."
            )),
            WorkloadKind::Service | WorkloadKind::Worker | WorkloadKind::Cron | WorkloadKind::Function => {}
        }
    }
    let secrets =
        app.resources.values().filter(|found| found.resolved.stated.kind.value.as_str() == "secret");
    lines.extend(secrets.map(|secret| {
        let name = &secret.resolved.stated.name.value;
        format!("Fill the secret `{name}`: `aws secretsmanager put-secret-value`; tasks that use it do not start before.")
    }));
    let hosted =
        app.workloads.values().filter(|found| is_behind_balancer(found)).any(|found| {
            found.resolved.stated.public.as_ref().is_some_and(|public| public.value.host.is_some())
        });
    let owns_zone = app.resources.values().any(|found| found.resolved.stated.kind.value.as_str() == "dns");
    if hosted && owns_zone {
        lines.push(
            "Delegate the zone to the name servers of its output: the certificate waits for that.".to_owned(),
        );
    } else if hosted {
        lines.push("Prove the certificate in the zone of its host name, and let the name lead to the output `main_address`: the first apply waits for the proof.".to_owned());
    }
    lines
}

fn settings(app: &SizedApp, region: &str) -> Value {
    json!({ "region": region, "default_tags": Block(json!({ "tags": crate::cloud::tags(app) })) })
}

const KINDS: &[Kind] = &[
    Kind::new("aws_vpc", NETWORK, "The network that everything of the application is in."),
    Kind::new("aws_subnet", NETWORK, "Subnets in each zone: public ones for what faces people, private ones for everything else. Addresses are given to what needs one, never to all."),
    Kind::new("aws_internet_gateway", NETWORK, "The way to and from the outside for the public subnets."),
    Kind::new("aws_eip", NETWORK, "Addresses that private subnets are seen with from outside."),
    Kind::new("aws_nat_gateway", NETWORK, "The way out of the private subnets: one for each zone where losing a zone has to be possible, else one for all."),
    Kind::new("aws_route_table", NETWORK, "Where packets go."),
    Kind::new("aws_route_table_association", NETWORK, "Which subnet takes which way."),
    Kind::new("aws_vpc_endpoint", NETWORK, "Images and files come from S3, and over the endpoint that costs nothing."),
    Kind::new("aws_default_security_group", NETWORK, "The group that a network has from the beginning, without its rules: nothing is open that is not opened below."),
    Kind::new("aws_service_discovery_private_dns_namespace", NETWORK, "Names of workloads for their neighbours."),
    Kind::new("aws_security_group", NETWORK, "Closed until a rule opens it."),
    Kind::new("aws_vpc_security_group_ingress_rule", NETWORK, "Opened because the intent declares the call."),
    Kind::new("aws_vpc_security_group_egress_rule", NETWORK, "Ways out: to what is called, and over HTTPS to where images, secrets and logs are."),
    Kind::new("aws_db_subnet_group", DATA, "Databases stand in the private subnets."),
    Kind::new("aws_elasticache_subnet_group", DATA, "Caches stand in the private subnets."),
    Kind::new("aws_db_parameter_group", DATA, "Connections over TLS only."),
    Kind::new("aws_db_instance", DATA, "").with_numbers(),
    Kind::new("aws_elasticache_replication_group", DATA, "Without a password, which this resource would keep in its state: the network lets in those who declare its use, and only over TLS.").with_numbers(),
    Kind::new("aws_s3_bucket", DATA, "Encrypted by the cloud itself."),
    Kind::new("aws_s3_bucket_public_access_block", DATA, "Nobody outside reads it, whatever a policy says."),
    Kind::new("aws_s3_bucket_versioning", DATA, "What is overwritten or deleted can be had back."),
    Kind::new("aws_s3_bucket_policy", DATA, "The edge reads the files of its own site."),
    Kind::new("aws_sqs_queue", DATA, "Messages that could not be read five times go to the second queue."),
    Kind::new("aws_sns_topic", DATA, ""),
    Kind::new("aws_secretsmanager_secret", DATA, "Kept for a week after a deletion, in case that was a mistake."),
    Kind::new("aws_secretsmanager_secret_version", DATA, "Write-only: the value is sent to the cloud and stands in no plan and no state. A higher version writes a new one."),
    Kind::new("ephemeral.aws_secretsmanager_secret_version", DATA, "Read when something is applied and kept nowhere."),
    Kind::new("aws_ecs_cluster", COMPUTE, "What all tasks run in."),
    Kind::new("aws_ecs_service", COMPUTE, "A deployment that does not come up is taken back by itself.").with_numbers(),
    Kind::new("aws_ecs_task_definition", COMPUTE, "Secrets are named here and read by ECS when it starts a container."),
    Kind::new("aws_scheduler_schedule", COMPUTE, "Started by the clock, in UTC."),
    Kind::new("aws_lambda_function", COMPUTE, "").with_numbers(),
    Kind::new("aws_lambda_function_url", COMPUTE, "The address of a public function."),
    Kind::new("aws_service_discovery_service", COMPUTE, "The name by which neighbours find it."),
    Kind::new("aws_iam_role", COMPUTE, "Two roles for each workload: one starts it, one is what its program may do."),
    Kind::new("aws_iam_role_policy", COMPUTE, "Only what the intent declares. `ecr:GetAuthorizationToken` takes no narrower resource."),
    Kind::new("aws_lb", EDGE, "The only way in for people."),
    Kind::new("aws_acm_certificate", EDGE, "The certificate of the stated host names."),
    Kind::new("aws_route53_zone", EDGE, "A zone of names."),
    Kind::new("aws_route53_record", EDGE, "Names that lead to the load balancer."),
    Kind::new("aws_acm_certificate_validation", EDGE, "Waits until the certificate is there."),
    Kind::new("aws_lb_listener", EDGE, "Answers 404 until a rule leads somewhere."),
    Kind::new("aws_lb_target_group", EDGE, "A task gets requests only while its readiness answers."),
    Kind::new("aws_lb_listener_rule", EDGE, "Which host and path leads to which workload."),
    Kind::new("aws_cloudfront_origin_access_control", EDGE, "The edge signs what it asks of the bucket."),
    Kind::new("aws_cloudfront_distribution", EDGE, "Files near the people who read them."),
    Kind::new("aws_cloudwatch_log_group", WATCHING, "What the workload writes, for thirty days."),
    Kind::new("aws_cloudwatch_metric_alarm", WATCHING, "An outcome that is about to be broken: five minutes in a row."),
    Kind::new("aws_cloudwatch_dashboard", WATCHING, "What each service uses, and what people see of it."),
];

const OUTPUTS: &[Output] = &[
    Output {
        name: "address",
        kind: "aws_lb",
        attribute: "dns_name",
        why: "where people reach public services",
    },
    Output {
        name: "site",
        kind: "aws_cloudfront_distribution",
        attribute: "domain_name",
        why: "where people reach the site",
    },
    Output {
        name: "url",
        kind: "aws_lambda_function_url",
        attribute: "function_url",
        why: "where the function answers",
    },
    Output {
        name: "servers",
        kind: "aws_route53_zone",
        attribute: "name_servers",
        why: "the name servers to delegate the zone to",
    },
    Output {
        name: "definition",
        kind: "aws_ecs_task_definition",
        attribute: "arn",
        why: "the definition of the task",
    },
    Output { name: "secret", kind: "aws_secretsmanager_secret", attribute: "arn", why: "the secret" },
];
