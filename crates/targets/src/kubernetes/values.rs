//! Placeholders: what is known becomes text, what is secret becomes a reference to a key of a Secret.
//!
//! Called for environment variables, files and hosts. A secret's value never stands here. Start at [`Scope::pieces`].

use appia_diag::{Diagnostic, Span, codes};
use appia_intent::{Port, Protocol, Reference, Segment, Template, WorkloadName};
use appia_plan::phase::SizedResource;

use super::manifest::SecretKey;
use super::scope::Scope;
use super::{DOMAIN, servers};
use crate::hosts;

/// A part of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    /// Known now.
    Text(String),
    /// Known in the cluster.
    Secret(SecretKey),
}

/// Outputs of externals that lead to other externals end somewhere; more steps than this are a circle.
const DEEPEST: usize = 16;

impl Scope<'_> {
    /// The pieces of a text.
    ///
    /// # Errors
    /// The first placeholder that has no value on a cluster.
    pub(super) fn pieces(&self, template: &Template) -> Result<Vec<Piece>, Reference> {
        self.pieces_at(template, 0)
    }

    /// The text, when no secret stands in it.
    pub(super) fn plain(&self, template: &Template) -> Option<String> {
        text(&self.pieces(template).ok()?)
    }

    fn pieces_at(&self, template: &Template, depth: usize) -> Result<Vec<Piece>, Reference> {
        let mut pieces = Vec::new();
        for segment in template.segments() {
            match segment {
                Segment::Text(text) => pieces.push(Piece::Text(text.clone())),
                Segment::Reference(reference) => {
                    pieces.extend(self.reference(reference, depth).ok_or_else(|| reference.clone())?);
                }
            }
        }
        Ok(pieces)
    }

    fn reference(&self, reference: &Reference, depth: usize) -> Option<Vec<Piece>> {
        match reference {
            Reference::Workload { name, output } => {
                let text = self.workload_output(name, output)?;
                Some(vec![Piece::Text(text)])
            }
            Reference::Resource { name, output } => {
                let resource = self.app.resources.get(name)?;
                match output {
                    Some(output) => self.resource_output(resource, output, depth),
                    None => Some(vec![Piece::Text(self.names.resource(name).to_owned())]),
                }
            }
        }
    }

    fn workload_output(&self, name: &WorkloadName, output: &str) -> Option<String> {
        let workload = self.app.workloads.get(name)?;
        let named = output.strip_prefix("ports.").and_then(|rest| rest.split_once('.'));
        let (port, field) = match named {
            Some((port, field)) => (workload.resolved.stated.ports.get(port)?, field),
            None => (crate::containers::main_port(workload)?.1, output),
        };
        let host = self.names.workload(name);
        match field {
            "host" => Some(host.to_owned()),
            "port" => Some(port.port.value.to_string()),
            "url" => Some(format!("{}://{host}:{}", scheme(port), port.port.value)),
            _ => None,
        }
    }

    fn resource_output(&self, resource: &SizedResource, output: &str, depth: usize) -> Option<Vec<Piece>> {
        let stated = &resource.resolved.stated;
        let name = &stated.name.value;
        let one = |text: String| Some(vec![Piece::Text(text)]);
        if let Some(server) = servers::of(resource) {
            return server.output(&self.resource(resource), output);
        }
        if let Some(value) = stated.outputs.get(output) {
            return if depth < DEEPEST { self.pieces_at(&value.value, depth + 1).ok() } else { None };
        }
        if hosts::is(resource, "volume") {
            return one(self.names.resource(name).to_owned()).filter(|_| output == "source");
        }
        if hosts::is(resource, "dns") {
            let host = DOMAIN.of_dns(self.app, resource);
            return one(if output == "url" { format!("http://{host}") } else { host });
        }
        if let Some((workload, port)) = self.service_port(resource) {
            let host = self.names.workload(&workload.resolved.stated.name.value);
            return one(if output == "port" { port.to_string() } else { host.to_owned() });
        }
        if hosts::is(resource, "service") {
            let found = hosts::service(self.app, resource);
            return one(found.map_or_else(
                |name| name,
                |workload| self.names.workload(&workload.resolved.stated.name.value).to_owned(),
            ));
        }
        Some(vec![Piece::Secret(self.external(resource, output))])
    }

    /// The key that holds an output of something that exists already: whoever provides it creates the Secret.
    fn external(&self, resource: &SizedResource, output: &str) -> SecretKey {
        let taken = |one: char| one.is_ascii_alphanumeric() || "-._".contains(one);
        let key = output.chars().map(|one| if taken(one) { one } else { '_' }).collect();
        SecretKey { name: self.external_name(resource), key }
    }

    /// The name of what is provided for a resource by hand.
    pub(super) fn external_name(&self, resource: &SizedResource) -> String {
        format!("external-{}", self.names.resource(&resource.resolved.stated.name.value))
    }
}

/// The pieces as one text, when none is a secret.
pub(super) fn text(pieces: &[Piece]) -> Option<String> {
    let part = |piece: &Piece| match piece {
        Piece::Text(text) => Some(text.clone()),
        Piece::Secret(_) => None,
    };
    pieces.iter().map(part).collect()
}

/// What to say of a placeholder without a value.
pub(super) fn unknown(reference: &Reference, span: &Span) -> Diagnostic {
    Diagnostic::new(codes::TARGET_CANNOT, format!("`${{{reference}}}` has no value on kubernetes"))
        .at(span)
        .help("write the value itself, or name an output of another resource or workload")
}

fn scheme(port: &Port) -> &'static str {
    match port.protocol {
        Protocol::Http => "http",
        Protocol::Tcp => "tcp",
        Protocol::Udp => "udp",
    }
}
