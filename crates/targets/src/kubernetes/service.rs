//! Services and Ingresses: how pods are found, from inside and from outside.

use appia_diag::{Diagnostic, Diagnostics, codes};
use appia_intent::{Address, PortName, Protocol, WorkloadName};
use appia_plan::phase::{SizedResource, SizedWorkload};
use appia_plan::{Object, ObjectId};

use super::DOMAIN;
use super::manifest::{
    BackendPort, BackendService, IngressBackend, IngressPath, IngressPaths, IngressRule, IngressSpec,
    ServicePort, ServiceSpec, Spec,
};
use super::scope::{Kind, Part, Scope};
use crate::containers::target_port;
use crate::{hosts, params};

/// The Service of a workload that listens.
pub(super) fn service(scope: &Scope<'_>, part: &Part, workload: &SizedWorkload) -> Option<Object> {
    let ports = &workload.resolved.stated.ports;
    let ports: Vec<ServicePort> = ports
        .iter()
        .map(|(name, port)| ServicePort {
            name: name.to_string(),
            port: port.port.value,
            target_port: target_port(port),
            protocol: protocol(port.protocol),
        })
        .collect();
    let spec = ServiceSpec { selector: scope.selector(&part.name).match_labels, ports };
    (!spec.ports.is_empty()).then(|| scope.object(part, Kind::SERVICE, Spec { spec }))
}

/// What to say of a `service` resource whose workload is not in the application.
pub(super) fn missing(scope: &Scope<'_>, resource: &SizedResource) -> Option<Diagnostic> {
    let name = hosts::service(scope.app, resource).err()?;
    let message =
        format!("there is no workload `{name}` here: a Service of that name is expected in the namespace");
    let warning = Diagnostic::new(codes::TARGET_IGNORES, message).at(&resource.resolved.stated.name.span);
    Some(
        warning.help("export the files of both together, or name the workload: `params: { workload: NAME }`"),
    )
}

/// The word for what is spoken.
pub(super) fn protocol(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Http | Protocol::Tcp => "TCP",
        Protocol::Udp => "UDP",
    }
}

/// The Ingress of a public workload.
pub(super) fn public(
    scope: &Scope<'_>,
    part: &Part,
    workload: &SizedWorkload,
    sink: &mut Diagnostics,
) -> Option<Object> {
    let stated = &workload.resolved.stated;
    let exposure = stated.public.as_ref()?;
    let name = &stated.name.value;
    let Some(port) = hosts::port(workload, None) else {
        let message = format!("`{name}` is public but listens on no port");
        sink.push(Diagnostic::new(codes::TARGET_CANNOT, message).at(&exposure.span).help("give it a `port`"));
        return None;
    };
    let host = exposure.value.host.as_ref().map(|host| host.value.clone()).unwrap_or_else(|| {
        let host = DOMAIN.host(&scope.app.frame, Some(name));
        let message = format!("nothing says by which name `{name}` is reached: `{host}` stands in its place");
        let help = "write it: `public: { host: www.your-domain.org }`";
        sink.push(Diagnostic::new(codes::TARGET_IGNORES, message).at(&exposure.span).help(help));
        host
    });
    let path = exposure.value.path.as_ref().map(|path| path.value.clone());
    let part = Part { address: Address::route(name), ..part.clone() };
    Some(ingress(scope, &part, host, (path.as_deref(), name, port)))
}

/// The Ingress of a `route` resource.
pub(super) fn route(scope: &Scope<'_>, resource: &SizedResource, sink: &mut Diagnostics) -> Option<Object> {
    let stated = &resource.resolved.stated;
    let owner = hosts::owner(scope.app, resource).and_then(|name| scope.app.workloads.get_key_value(name));
    let stated_port = params::text(resource, "port");
    let port = owner.and_then(|(_, workload)| hosts::port(workload, stated_port.as_deref()));
    let (Some((name, _)), Some(port)) = (owner, port) else {
        let message = format!("the route `{}` leads to no port of a workload", stated.name.value);
        let error = Diagnostic::new(codes::TARGET_CANNOT, message).at(&stated.name.span);
        sink.push(error.help("say which: `params: { workload: NAME, port: PORT }`"));
        return None;
    };
    let host = params::template(resource, "host").and_then(|host| scope.plain(&host));
    let host = host.unwrap_or_else(|| {
        let host = DOMAIN.host(&scope.app.frame, Some(name));
        let message = format!(
            "the host of the route `{}` is not known yet: `{host}` stands in its place",
            stated.name.value
        );
        sink.push(
            Diagnostic::new(codes::TARGET_IGNORES, message)
                .at(&stated.name.span)
                .help("write it: `params: { host: ... }`"),
        );
        host
    });
    let path = params::text(resource, "path");
    Some(ingress(scope, &scope.resource(resource), host, (path.as_deref(), name, port)))
}

fn ingress(
    scope: &Scope<'_>,
    part: &Part,
    host: String,
    (path, workload, port): (Option<&str>, &WorkloadName, &PortName),
) -> Object {
    let service = scope.names.workload(workload).to_owned();
    let need = ObjectId::new(Kind::SERVICE.1, service.as_str());
    let backend = IngressBackend {
        service: BackendService { name: service, port: BackendPort { name: port.to_string() } },
    };
    let path = IngressPath { path: absolute(path.unwrap_or("/")), path_type: "Prefix", backend };
    let rule = IngressRule { host, http: IngressPaths { paths: vec![path] } };
    let mut object = scope.object(part, Kind::INGRESS, Spec { spec: IngressSpec { rules: vec![rule] } });
    object.needs.push(need);
    object
}

fn absolute(path: &str) -> String {
    if path.starts_with('/') { path.to_owned() } else { format!("/{path}") }
}
