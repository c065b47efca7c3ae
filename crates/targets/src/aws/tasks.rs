//! Definitions of tasks: containers with their environment, where secrets come from, where logs go.
//!
//! Called by `containers` for everything that runs on ECS. Start reading at [`task`].

use appia_diag::{Diagnostic, Diagnostics, Spanned, codes};
use appia_intent::{Container, Protocol, Ready};
use appia_plan::phase::SizedWorkload;
use appia_plan::{Object, ObjectId};
use serde::Serialize;

use super::identity;
use super::lower::{Scope, id};
use super::watching::log_group;
use crate::cloud::terraform::marks::{Json, Text};
use crate::cloud::values::{Piece, open, pieces, secret_variable};
use crate::cloud::{Block, Part, Reference, image, object, refer};
use crate::containers::{first_containers, main_port, target_port};

/// The smallest task, for what was planned without numbers.
const SMALLEST: &str = "256-512";

#[derive(Serialize)]
struct TaskDefinition {
    family: String,
    cpu: String,
    memory: String,
    network_mode: &'static str,
    requires_compatibilities: [&'static str; 1],
    execution_role_arn: Reference,
    task_role_arn: Reference,
    runtime_platform: Block<Platform>,
    container_definitions: Json<Vec<Definition>>,
}

#[derive(Serialize)]
struct Platform {
    cpu_architecture: &'static str,
    operating_system_family: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Definition {
    name: String,
    image: Part,
    essential: bool,
    cpu: u64,
    entry_point: Option<Vec<String>>,
    command: Option<Vec<String>>,
    environment: Option<Vec<Variable>>,
    secrets: Option<Vec<Secret>>,
    port_mappings: Option<Vec<PortMapping>>,
    depends_on: Option<Vec<Dependency>>,
    readonly_root_filesystem: bool,
    log_configuration: LogConfiguration,
}

#[derive(Serialize)]
struct Variable {
    name: String,
    value: Text,
}

/// A variable whose value ECS reads when it starts the container.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Secret {
    name: String,
    value_from: Text,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PortMapping {
    container_port: u16,
    protocol: &'static str,
    name: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Dependency {
    container_name: String,
    condition: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LogConfiguration {
    log_driver: &'static str,
    options: LogOptions,
}

#[derive(Serialize)]
struct LogOptions {
    #[serde(rename = "awslogs-group")]
    group: Reference,
    #[serde(rename = "awslogs-region")]
    region: String,
    #[serde(rename = "awslogs-stream-prefix")]
    prefix: String,
}

/// The definition of a task with its log and its roles, and the definition's identity.
pub(super) fn task(
    scope: &Scope<'_>,
    workload: &SizedWorkload,
    sink: &mut Diagnostics,
) -> (ObjectId, Vec<Object>) {
    let (name, address) = super::containers::names(workload);
    let definition_id = id("aws_ecs_task_definition", name);
    let log = log_group(scope, workload, "/ecs");
    let size = workload.size.as_ref().map_or(SMALLEST, |size| size.get().as_str());
    let (cpu, memory) = size.split_once('-').unwrap_or(("256", "512"));
    let mut kept = Vec::new();
    let mut definitions = Vec::new();
    for container in workload.resolved.stated.containers.values() {
        let environment = environment(scope, (workload, container), sink);
        kept.extend(environment.kept.iter().cloned());
        definitions.push(definition(scope, (workload, container), (environment, &log.id)));
    }
    let start = identity::start(scope, workload, (&log.id, &kept));
    let own = identity::own(scope, workload);
    let definition = TaskDefinition {
        family: scope.name(name),
        cpu: cpu.to_owned(),
        memory: memory.to_owned(),
        network_mode: "awsvpc",
        requires_compatibilities: ["FARGATE"],
        execution_role_arn: refer(&identity::start_id(name), "arn"),
        task_role_arn: refer(&identity::own_id(name), "arn"),
        runtime_platform: Block(Platform { cpu_architecture: "X86_64", operating_system_family: "LINUX" }),
        container_definitions: Json(definitions),
    };
    let roles: Vec<ObjectId> = start.iter().chain(&own).map(|object| object.id.clone()).collect();
    let versions: Vec<ObjectId> = kept.iter().filter_map(|kept| kept.filled.clone()).collect();
    let needs: Vec<&ObjectId> = roles.iter().chain(&versions).chain([&log.id]).collect();
    let task = object(&definition_id, &address, &needs, &definition);
    (definition_id, [vec![log], start, own, vec![task]].concat())
}

/// A secret that a container is handed.
#[derive(Clone)]
pub(super) struct Kept {
    /// Its identifier.
    pub(super) arn: Part,
    /// What fills it; none: somebody else does.
    pub(super) filled: Option<ObjectId>,
}

/// What a container finds in its environment.
pub(super) struct Environment {
    plain: Vec<Variable>,
    secrets: Vec<Secret>,
    pub(super) kept: Vec<Kept>,
}

/// The environment as stated, and `PORT` for the container that serves.
pub(super) fn environment(
    scope: &Scope<'_>,
    (workload, container): (&SizedWorkload, &Container),
    sink: &mut Diagnostics,
) -> Environment {
    let mut found = Environment { plain: Vec::new(), secrets: Vec::new(), kept: Vec::new() };
    let serves = serving(workload) == container.name.value.as_str();
    let port = main_port(workload).filter(|_| serves && !container.env.contains_key("PORT"));
    found.plain.extend(port.map(|(_, port)| Variable {
        name: "PORT".to_owned(),
        value: Text(vec![target_port(port).to_string().into()]),
    }));
    for (name, value) in &container.env {
        match pieces(scope, &value.value) {
            Ok(pieces) => found.add(name, &pieces, (workload, value), sink),
            Err(reference) => {
                let message = format!("`${{{reference}}}` has no value there");
                let error = Diagnostic::new(codes::TARGET_CANNOT, message).at(&value.span);
                sink.push(
                    error.help("write the value itself, or name an output of another resource or workload"),
                );
            }
        }
    }
    found
}

impl Environment {
    fn add<T>(
        &mut self,
        name: &str,
        pieces: &[Piece],
        (workload, value): (&SizedWorkload, &Spanned<T>),
        sink: &mut Diagnostics,
    ) {
        if let Some(parts) = open(pieces) {
            return self.plain.push(Variable { name: name.to_owned(), value: Text(parts) });
        }
        if let [Piece::Secret(arn, key)] = pieces {
            return self.hand_over(name, (arn.clone(), *key));
        }
        let owner = &workload.resolved.stated.name.value;
        let message =
            format!("`{name}` of `{owner}` puts a secret into a text, and ECS hands secrets over whole");
        let warning = Diagnostic::new(codes::TARGET_IGNORES, message).at(&value.span);
        sink.push(
            warning
                .help("keep the whole text as a secret of your own, and give its identifier as a variable"),
        );
        let what = format!("the whole text of `{name}` of `{owner}`");
        self.hand_over(name, (secret_variable(&format!("{owner}_{name}"), &what), None));
    }

    fn hand_over(&mut self, name: &str, (arn, key): (Part, Option<&'static str>)) {
        let mut value_from = vec![arn.clone()];
        value_from.extend(key.map(|key| format!(":{key}::").into()));
        self.secrets.push(Secret { name: name.to_owned(), value_from: Text(value_from) });
        let filled = match &arn {
            Part::Reference(reference) => reference.object(),
            Part::Text(_) | Part::Variable(_) => None,
        };
        self.kept.push(Kept { arn, filled });
    }

    /// For what reads its secrets itself: their identifiers, each under the name with `_ARN` behind it.
    pub(super) fn with_identifiers(self) -> Vec<(String, Text)> {
        let plain = self.plain.into_iter().map(|one| (one.name, one.value));
        plain
            .chain(self.secrets.into_iter().map(|one| (format!("{}_ARN", one.name), one.value_from)))
            .collect()
    }

    /// The names of variables that hold a secret.
    pub(super) fn secret_names(&self) -> Vec<&str> {
        self.secrets.iter().map(|secret| secret.name.as_str()).collect()
    }
}

/// The container that answers on the workload's ports.
pub(super) fn serving(workload: &SizedWorkload) -> String {
    let stated = &workload.resolved.stated;
    crate::containers::serving(stated).map_or_else(|| "main".to_owned(), ToString::to_string)
}

fn definition(
    scope: &Scope<'_>,
    (workload, container): (&SizedWorkload, &Container),
    (environment, log): (Environment, &ObjectId),
) -> Definition {
    let stated = &workload.resolved.stated;
    let name = container.name.value.to_string();
    let ports = if serving(workload) == name { ports(workload) } else { Vec::new() };
    let waits = waits(workload, container);
    let texts = |list: &Option<Vec<Spanned<String>>>| {
        list.as_ref().map(|list| list.iter().map(|text| text.value.clone()).collect())
    };
    let sized = workload.containers.get(&container.name.value);
    Definition {
        image: image(scope.place.app, stated, container),
        essential: container.before.is_empty(),
        cpu: sized.map_or(0, |sized| sized.cpu.get().millis() * 1_024 / 1_000),
        entry_point: texts(&container.command),
        command: texts(&container.args),
        environment: filled(environment.plain),
        secrets: filled(environment.secrets),
        port_mappings: filled(ports),
        depends_on: filled(waits),
        readonly_root_filesystem: true,
        log_configuration: LogConfiguration {
            log_driver: "awslogs",
            options: LogOptions {
                group: refer(log, "name"),
                region: scope.place.region.clone(),
                prefix: name.clone(),
            },
        },
        name,
    }
}

fn filled<T>(list: Vec<T>) -> Option<Vec<T>> {
    Some(list).filter(|list| !list.is_empty())
}

fn ports(workload: &SizedWorkload) -> Vec<PortMapping> {
    let ports = workload.resolved.stated.ports.iter().map(|(name, port)| PortMapping {
        container_port: target_port(port),
        protocol: if port.protocol == Protocol::Udp { "udp" } else { "tcp" },
        name: name.to_string(),
    });
    ports.collect()
}

fn waits(workload: &SizedWorkload, container: &Container) -> Vec<Dependency> {
    let first = first_containers(&workload.resolved.stated);
    let others = first
        .into_iter()
        .filter(|(first, _, _)| **first != container.name.value && container.before.is_empty());
    others
        .map(|(first, _, ready)| Dependency {
            container_name: first.to_string(),
            condition: match ready {
                Ready::Started => "START",
                Ready::Healthy => "HEALTHY",
                Ready::Complete => "SUCCESS",
            },
        })
        .collect()
}
