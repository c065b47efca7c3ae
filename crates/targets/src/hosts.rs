//! Host names by which the application is reached, and the workload that a `dns` or `route` resource belongs to.
//!
//! Called by the lowering of each target, which brings its own domain. It never checks that a name resolves.

use appia_diag::{Diagnostic, codes};
use appia_intent::{Address, PortName, Reference, Template, WorkloadName};
use appia_plan::Provides;
use appia_plan::phase::{Frame, SizedApp, SizedResource, SizedWorkload};

use crate::params;

/// The environment that stands in no name.
const DEFAULT_ENVIRONMENT: &str = "local";

/// How a target makes host names.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Domain(pub(crate) &'static str);

impl Domain {
    /// `web.storefront.localhost`; with the environment in it, `web.pr-42.storefront.localhost`, unless it is `local`;
    /// without a workload the application's own.
    pub(crate) fn host(self, frame: &Frame, workload: Option<&WorkloadName>) -> String {
        let environment = Some(frame.environment.as_str()).filter(|name| *name != DEFAULT_ENVIRONMENT);
        let parts = [workload.map(WorkloadName::as_str), environment, Some(frame.app.as_str()), Some(self.0)];
        parts.into_iter().flatten().collect::<Vec<_>>().join(".")
    }

    /// The host of a `dns` resource: as stated, else made of the workload it belongs to.
    pub(crate) fn of_dns(self, app: &SizedApp, resource: &SizedResource) -> String {
        let stated = params::text(resource, "host");
        stated.unwrap_or_else(|| self.host(&app.frame, owner(app, resource)))
    }

    /// A host name with placeholders, when each names a `dns` resource.
    pub(crate) fn of_template(self, app: &SizedApp, host: &Template) -> Option<String> {
        host.expand(|reference| match reference {
            Reference::Resource { name, output } if output.as_deref() == Some("host") => app
                .resources
                .get(name)
                .filter(|found| is(found, "dns"))
                .map(|dns| self.of_dns(app, dns))
                .ok_or(()),
            Reference::Resource { .. } | Reference::Workload { .. } => Err(()),
        })
        .ok()
    }
}

/// True when the offering bound to the resource provides this type.
pub(crate) fn is(resource: &SizedResource, kind: &str) -> bool {
    matches!(&resource.resolved.offered.provides, Provides::Resource(name) if name == kind)
}

/// The workload that a resource belongs to: the one it names, the one its identity starts with (`web.dns`, Score's
/// default), the only one that uses it, the one whose name its own begins with (`web-dns`), or the only one there is.
pub(crate) fn owner<'a>(app: &'a SizedApp, resource: &SizedResource) -> Option<&'a WorkloadName> {
    let stated = &resource.resolved.stated;
    let named = |name: &str| app.workloads.get_key_value(name).map(|(name, _)| name);
    let by_param = || params::text(resource, "workload").and_then(|name| named(&name));
    let by_id = || stated.id.as_ref()?.value.split_once('.').and_then(|(name, _)| named(name));
    let address = Address::resource(&stated.name.value);
    let uses = |workload: &SizedWorkload| workload.resolved.needs.contains(&address);
    let by_use = || only(app.workloads.iter().filter(|(_, workload)| uses(workload)));
    let by_name = || {
        let begins = |name: &&WorkloadName| {
            stated.name.value.as_str().strip_prefix(name.as_str()).is_some_and(|rest| rest.starts_with('-'))
        };
        app.workloads.keys().filter(begins).max_by_key(|name| name.as_str().len())
    };
    by_param().or_else(by_id).or_else(by_use).or_else(by_name).or_else(|| only(app.workloads.iter()))
}

/// The workload and port that a `service-port` resource leads to.
pub(crate) fn service_port<'a>(
    app: &'a SizedApp,
    resource: &SizedResource,
) -> Option<(&'a SizedWorkload, &'a PortName)> {
    let name = params::text(resource, "workload").filter(|_| is(resource, "service-port"))?;
    let workload = app.workloads.get(name.as_str())?;
    Some((workload, port(workload, params::text(resource, "port").as_deref())?))
}

/// The workload that a resource stands for.
pub(crate) fn leads_to<'a>(app: &'a SizedApp, resource: &SizedResource) -> Option<&'a SizedWorkload> {
    if is(resource, "service") {
        return service(app, resource).ok();
    }
    service_port(app, resource).map(|(workload, _)| workload)
}

/// What to say of a `service-port` resource that leads to nothing here. Where types are open (Score) its workload may
/// be in a file that was not read, so it is what exists already.
pub(crate) fn no_service_port(resource: &SizedResource) -> Diagnostic {
    let stated = &resource.resolved.stated;
    let message = format!("`{}` leads to no port of a workload that is here", stated.name.value);
    let code = if stated.open_type { codes::UNKNOWN_TYPE_EXTERNAL } else { codes::TARGET_CANNOT };
    let found = Diagnostic::new(code, message).at(&stated.name.span);
    let found = found.help("say which: `params: { workload: NAME, port: PORT }`");
    if stated.open_type {
        found.help("or read the file of that workload too; until then it is taken as external")
    } else {
        found
    }
}

/// The workload that a `service` resource leads to: the one it names, else the one it is called like, with or without
/// the name of its user before it (`web-api` of `web`). `Err` is the name when there is no such workload.
pub(crate) fn service<'a>(app: &'a SizedApp, resource: &SizedResource) -> Result<&'a SizedWorkload, String> {
    let stated = &resource.resolved.stated;
    let name = stated.name.value.as_str();
    let id = stated.id.as_ref().map(|id| id.value.clone());
    let last = id.as_ref().and_then(|id| id.rsplit('.').next()).map(str::to_owned);
    let users = app.workloads.keys().rev();
    let own = users.filter_map(|user| name.strip_prefix(user.as_str())?.strip_prefix('-')).map(str::to_owned);
    let own: Vec<String> = own.chain([name.to_owned()]).collect();
    let candidates = params::text(resource, "workload").into_iter().chain(id).chain(last).chain(own);
    let candidates: Vec<String> = candidates.collect();
    let found = candidates.iter().find_map(|name| app.workloads.get(name.as_str()));
    found.ok_or_else(|| candidates.into_iter().next().unwrap_or_else(|| name.to_owned()))
}

/// The port of a workload that a text names: by name, by number, or the one to show when nothing is said.
pub(crate) fn port<'a>(workload: &'a SizedWorkload, stated: Option<&str>) -> Option<&'a PortName> {
    let ports = &workload.resolved.stated.ports;
    let Some(stated) = stated else {
        return crate::containers::main_port(workload).map(|(name, _)| name);
    };
    let by_name = ports.get_key_value(stated).map(|(name, _)| name);
    by_name.or_else(|| {
        let same = |number: u16| number.to_string() == stated;
        ports.iter().find(|(_, port)| same(port.port.value)).map(|(name, _)| name)
    })
}

fn only<'a>(
    mut workloads: impl Iterator<Item = (&'a WorkloadName, &'a SizedWorkload)>,
) -> Option<&'a WorkloadName> {
    let first = workloads.next()?;
    workloads.next().is_none().then_some(first.0)
}
