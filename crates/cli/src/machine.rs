//! What this machine cannot do of a plan, known before anything is made: images without a container engine, servers that
//! are not here and that no package manager may bring, outputs of what nothing provides, and absolute paths where programs
//! get no file system view.
//!
//! Called by `up` and `deploy` before they ask or build. Finds the line of the file that asks for it.

use appia_diag::{Diagnostic, Span, codes};
use appia_intent::{Address, Container, FileContent, Intent, Reference, Resource};
use appia_plan::local::Body;
use appia_plan::{Object, Plan};
use appia_runtime::packages::needed;
use appia_runtime::{Home, Program};

use crate::exit::Failure;
use crate::project::Project;

/// A finding for each wish that cannot be kept here.
pub(crate) fn obstacles(project: &Project, plan: &Plan, home: &Home) -> Result<Vec<Diagnostic>, Failure> {
    let mut found: Vec<Diagnostic> = containers(&project.intent).filter_map(image).collect();
    found.extend(plan.objects().filter_map(|object| no_program(object, &project.intent)));
    found.extend(
        containers(&project.intent).flat_map(|container| unprovided(container, (&project.intent, plan))),
    );
    let absolute: Vec<(&str, &Span)> = containers(&project.intent).flat_map(absolute_paths).collect();
    if !absolute.is_empty() && plan.target == "local" && !may_mount(home)? {
        found.extend(absolute.into_iter().map(|(path, span)| no_view(path, span)));
    }
    Ok(found)
}

fn containers(intent: &Intent) -> impl Iterator<Item = &Container> {
    intent.workloads.values().flat_map(|workload| workload.containers.values().map(Box::as_ref))
}

fn image(container: &Container) -> Option<Diagnostic> {
    let image = container.image.as_ref().filter(|_| container.build.is_none())?;
    let message = format!(
        "the image `{}` needs a container engine, which Appia does not drive on this machine yet",
        image.value
    );
    let finding = Diagnostic::new(codes::NO_CONTAINER_ENGINE, message).at(&image.span);
    Some(finding.help(
        "programs run as plain processes here: give it a `build`, or `appia export --target kubernetes`",
    ))
}

/// A server that is neither here nor may be installed. One that may is told of with the plan, and brought with consent.
fn no_program(object: &Object, intent: &Intent) -> Option<Diagnostic> {
    let missing = needed([object]).into_iter().find(|missing| missing.command.is_none())?;
    let name = object.address.last();
    let message = format!(
        "`{name}` needs `{}`, which is not on this machine, and no package manager may be used here",
        missing.program
    );
    let stated = intent.resources.iter().find(|(resource, _)| resource.as_str() == name);
    let finding = Diagnostic::new(codes::PROGRAM_MISSING, message)
        .help(format!("install the package `{}`", missing.package))
        .help("or name one that runs elsewhere: `type: external` with its `outputs`");
    Some(match stated {
        Some((_, resource)) => finding.at(&resource.kind.span),
        None => finding,
    })
}

/// Placeholders for outputs of what nothing provides: a Score file may ask for any type of resource.
fn unprovided(container: &Container, (intent, plan): (&Intent, &Plan)) -> Vec<Diagnostic> {
    let env = container.env.values().map(|value| (&value.value, &value.span));
    let files = container.files.values().filter_map(|file| match &file.value.content {
        FileContent::Text(text) => Some((text, &file.span)),
        FileContent::Binary(_) => None,
    });
    let mentions = env.chain(files).flat_map(|(text, span)| text.references().map(move |one| (one, span)));
    mentions
        .filter_map(|(reference, span)| {
            let Reference::Resource { name, .. } = reference else { return None };
            let resource =
                intent.resources.get(name).filter(|one| one.open_type && one.outputs.is_empty())?;
            let is_external = |object: &Object| matches!(object.body.read(), Ok(Body::External(_)));
            let objects = &plan.node(&Address::resource(name))?.objects;
            objects.iter().all(is_external).then(|| no_output(reference, resource, span))
        })
        .collect()
}

fn no_output(reference: &Reference, resource: &Resource, span: &Span) -> Diagnostic {
    let kind = &resource.kind.value;
    let message = format!("`${{{reference}}}` stands for nothing: no `{kind}` is provided on this machine");
    Diagnostic::new(codes::TARGET_CANNOT, message)
        .at(span)
        .help("write its value in place of the placeholder")
        .help("or describe what runs elsewhere in `appia.yaml`: `type: external` with its `outputs`")
}

fn absolute_paths(container: &Container) -> impl Iterator<Item = (&str, &Span)> {
    let files = container.files.iter().map(|(path, file)| (path.as_str(), &file.span));
    let volumes = container.volumes.iter().map(|(path, volume)| (path.as_str(), &volume.span));
    files.chain(volumes).filter(|(path, _)| path.starts_with('/'))
}

fn no_view(path: &str, span: &Span) -> Diagnostic {
    let message =
        format!("nothing can be mounted at `{path}`: this machine gives programs no namespace of their own");
    Diagnostic::new(codes::TARGET_CANNOT, message)
        .at(span)
        .help(format!(
            "write `{}`, which is inside of the program's own folder",
            path.trim_start_matches('/')
        ))
        .help("or allow it: `sysctl -w kernel.unprivileged_userns_clone=1 user.max_user_namespaces=15000`")
}

fn may_mount(home: &Home) -> Result<bool, Failure> {
    let program = Program::this().map_err(anyhow::Error::from)?;
    Ok(appia_runtime::shim::mounts_are_allowed(&program, home.root()))
}
