//! Placeholders: what is known becomes text, what the cloud knows becomes a reference, what is secret says where it is kept.
//!
//! Called for environment variables. A cloud says what its own objects give ([`Place`]); the rest is the same everywhere.
//! A secret's value never stands here. Start reading at [`pieces`].

use appia_intent::{Protocol, Reference, Segment, Template, WorkloadName};
use appia_plan::phase::{SizedApp, SizedResource, SizedWorkload};

use super::{Part, Variable, word};
use crate::containers::main_port;
use crate::hosts::{self, Domain};

/// A part of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Piece {
    /// No secret.
    Open(Part),
    /// Where a secret is kept, and under which key of it.
    Secret(Part, Option<&'static str>),
}

impl<T: Into<Part>> From<T> for Piece {
    fn from(part: T) -> Piece {
        Piece::Open(part.into())
    }
}

/// Outputs of externals that lead to other externals end somewhere; more steps than this are a circle.
const DEEPEST: usize = 16;

/// What a cloud knows of its own objects.
pub(crate) trait Place {
    /// The application.
    fn app(&self) -> &SizedApp;

    /// Names that lead to the application from outside.
    fn domain(&self) -> Domain;

    /// How a workload is reached by its neighbours: the scheme, the host, and the port unless the scheme says it.
    fn reached(&self, workload: &SizedWorkload) -> Option<Reached>;

    /// An output of a resource that the cloud makes; none: it makes none of that type.
    fn made(&self, resource: &SizedResource, output: &str) -> Option<Vec<Piece>>;
}

/// How a workload is reached.
pub(crate) struct Reached {
    pub(crate) scheme: Option<&'static str>,
    pub(crate) host: Vec<Piece>,
    pub(crate) port: Option<u16>,
}

/// The pieces of a text.
///
/// # Errors
/// The first placeholder that has no value there.
pub(crate) fn pieces(place: &impl Place, template: &Template) -> Result<Vec<Piece>, Reference> {
    pieces_at(place, template, 0)
}

/// The pieces as parts of one text, when none is a secret.
pub(crate) fn open(pieces: &[Piece]) -> Option<Vec<Part>> {
    let part = |piece: &Piece| match piece {
        Piece::Open(part) => Some(part.clone()),
        Piece::Secret(..) => None,
    };
    let mut joined: Vec<Part> = Vec::new();
    for next in pieces.iter().map(part).collect::<Option<Vec<Part>>>()? {
        match (joined.last_mut(), next) {
            (Some(Part::Text(before)), Part::Text(text)) => before.push_str(&text),
            (_, next) => joined.push(next),
        }
    }
    Some(joined)
}

fn pieces_at(place: &impl Place, template: &Template, depth: usize) -> Result<Vec<Piece>, Reference> {
    let mut pieces = Vec::new();
    for segment in template.segments() {
        match segment {
            Segment::Text(text) => pieces.push(text.clone().into()),
            Segment::Reference(reference) => {
                pieces.extend(of_reference(place, reference, depth).ok_or_else(|| reference.clone())?);
            }
        }
    }
    Ok(pieces)
}

fn of_reference(place: &impl Place, reference: &Reference, depth: usize) -> Option<Vec<Piece>> {
    match reference {
        Reference::Workload { name, output } => of_workload(place, name, output),
        Reference::Resource { name, output } => {
            let resource = place.app().resources.get(name)?;
            of_resource(place, resource, (output.as_deref().unwrap_or("name"), depth))
        }
    }
}

fn of_workload(place: &impl Place, name: &WorkloadName, output: &str) -> Option<Vec<Piece>> {
    let workload = place.app().workloads.get(name)?;
    let named = output.strip_prefix("ports.").and_then(|rest| rest.split_once('.'));
    let (port, field) = match named {
        Some((port, field)) => (workload.resolved.stated.ports.get(port), field),
        None => (main_port(workload).map(|(_, port)| port), output),
    };
    let scheme = port.map_or("https", |port| match port.protocol {
        Protocol::Http => "http",
        Protocol::Tcp => "tcp",
        Protocol::Udp => "udp",
    });
    let reached = place.reached(workload)?;
    let port = reached.port.and(port).map(crate::containers::target_port);
    match field {
        "host" => Some(reached.host),
        "port" => Some(vec![port.unwrap_or(443).to_string().into()]),
        "url" => {
            let mut pieces: Vec<Piece> = vec![format!("{}://", reached.scheme.unwrap_or(scheme)).into()];
            pieces.extend(reached.host);
            pieces.extend(port.map(|port| format!(":{port}").into()));
            Some(pieces)
        }
        _ => None,
    }
}

fn of_resource(
    place: &impl Place,
    resource: &SizedResource,
    (output, depth): (&str, usize),
) -> Option<Vec<Piece>> {
    let (app, stated) = (place.app(), &resource.resolved.stated);
    if let Some(value) = stated.outputs.get(output) {
        return if depth < DEEPEST { pieces_at(place, &value.value, depth + 1).ok() } else { None };
    }
    if let Some(made) = place.made(resource, output) {
        return Some(made);
    }
    if hosts::is(resource, "dns") {
        let host = place.domain().of_dns(app, resource);
        return Some(vec![if output == "url" { format!("https://{host}") } else { host }.into()]);
    }
    if let Some((workload, port)) = hosts::service_port(app, resource) {
        let name = &workload.resolved.stated.name.value;
        let output = if output == "port" { format!("ports.{port}.port") } else { "host".to_owned() };
        return of_workload(place, name, &output);
    }
    if let Ok(workload) = hosts::service(app, resource)
        && hosts::is(resource, "service")
    {
        return of_workload(place, &workload.resolved.stated.name.value, "host");
    }
    Some(vec![Piece::Secret(external(resource, output), None)])
}

/// An output of something that exists already: whoever provides it says where it is kept.
fn external(resource: &SizedResource, output: &str) -> Part {
    let name = resource.resolved.stated.name.value.as_str();
    secret_variable(&format!("{name}_{output}"), &format!("`{output}` of `{name}`, which exists already"))
}

/// A secret that is kept by whoever applies the files.
pub(crate) fn secret_variable(name: &str, what: &str) -> Part {
    let plain = |one: char| if one.is_ascii_alphanumeric() { one.to_ascii_lowercase() } else { '_' };
    let name: String = name.chars().map(plain).collect();
    Part::Variable(Variable {
        name: format!("secret_{}", word(&name)),
        why: format!("Where the cloud's own store of secrets keeps {what}: its identifier, never its value"),
        form: None,
        default: None,
    })
}
