//! Functions of Lambda, with an address of their own where they are public.

use std::collections::BTreeMap;

use appia_diag::{Diagnostic, Diagnostics, codes};
use appia_plan::phase::SizedWorkload;
use appia_plan::{Object, ObjectId};
use serde::Serialize;

use super::containers::names;
use super::identity;
use super::lower::{Scope, id};
use super::tasks::environment;
use super::watching::log_group;
use crate::cloud::terraform::marks::Text;
use crate::cloud::{Block, Part, Reference, image, object, refer};

#[derive(Serialize)]
struct Function {
    function_name: String,
    package_type: &'static str,
    image_uri: Part,
    role: Reference,
    memory_size: u32,
    timeout: u32,
    architectures: [&'static str; 1],
    environment: Option<Block<Environment>>,
    logging_config: Block<Logging>,
}

#[derive(Serialize)]
struct Environment {
    variables: BTreeMap<String, Text>,
}

#[derive(Serialize)]
struct Logging {
    log_format: &'static str,
    log_group: Reference,
}

#[derive(Serialize)]
struct FunctionUrl {
    function_name: Reference,
    authorization_type: &'static str,
}

/// The address of a function.
pub(super) fn url_id(name: &str) -> ObjectId {
    id("aws_lambda_function_url", name)
}

/// A function, its role, its log.
pub(super) fn function(scope: &Scope<'_>, workload: &SizedWorkload, sink: &mut Diagnostics) -> Vec<Object> {
    let (name, address) = names(workload);
    let function_id = id("aws_lambda_function", name);
    let log = log_group(scope, workload, "/aws/lambda");
    let stated = &workload.resolved.stated;
    let Some(container) = stated.containers.values().next() else { return Vec::new() };
    let found = environment(scope, (workload, container), sink);
    for secret in found.secret_names() {
        let message = format!(
            "a function reads its secrets itself: `{name}` finds where `{secret}` is kept in `{secret}_ARN`"
        );
        let warning = Diagnostic::new(codes::TARGET_IGNORES, message).at(&stated.name.span);
        sink.push(warning.help("read it from Secrets Manager, or make it a `service`"));
    }
    let roles = identity::function(scope, workload, &log.id, &found.kept);
    let variables: BTreeMap<String, Text> = found.with_identifiers().into_iter().collect();
    let size = workload.size.as_ref().and_then(|size| size.get().parse().ok());
    let function = Function {
        function_name: scope.name(name),
        package_type: "Image",
        image_uri: image(scope.place.app, stated, container),
        role: refer(&identity::own_id(name), "arn"),
        memory_size: size.unwrap_or(1_769),
        timeout: 30,
        architectures: ["x86_64"],
        environment: (!variables.is_empty()).then_some(Block(Environment { variables })),
        logging_config: Block(Logging { log_format: "Text", log_group: refer(&log.id, "name") }),
    };
    let needs: Vec<&ObjectId> = roles.iter().map(|role| &role.id).chain([&log.id]).collect();
    let mut objects = vec![object(&function_id, &address, &needs, &function)];
    if stated.public.is_some() {
        let url =
            FunctionUrl { function_name: refer(&function_id, "function_name"), authorization_type: "NONE" };
        objects.push(object(&url_id(name), &address, &[&function_id], &url));
    }
    objects.extend(roles);
    objects.push(log);
    objects
}
