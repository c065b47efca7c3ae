//! Questions about a workload's containers that every target asks: which one serves, on which port, from which image,
//! and in which order they start.
//!
//! Called by the lowering of each target.

use std::collections::BTreeMap;

use appia_intent::{Container, ContainerName, Port, PortName, Protocol, Ready, Workload};
use appia_plan::phase::{Frame, SizedWorkload};

/// The port to show.
pub(crate) fn main_port(workload: &SizedWorkload) -> Option<(&PortName, &Port)> {
    appia_intent::main_port(&workload.resolved.stated.ports, |port| port.protocol)
}

/// The port that shows by accepting a connection that the program is ready.
pub(crate) fn port_to_probe(workload: &SizedWorkload) -> Option<u16> {
    main_port(workload).filter(|(_, port)| port.protocol != Protocol::Udp).map(|(_, port)| target_port(port))
}

/// The port that the program listens on.
pub(crate) fn target_port(port: &Port) -> u16 {
    port.target.as_ref().unwrap_or(&port.port).value
}

/// The container that answers on the workload's ports: `main`, else the one called like the workload, else the first
/// that nothing waits for.
pub(crate) fn serving(workload: &Workload) -> Option<&ContainerName> {
    let containers = &workload.containers;
    let named = |name: &str| containers.get_key_value(name).map(|(name, _)| name);
    let last = || containers.iter().find(|(_, container)| container.before.is_empty()).map(|(name, _)| name);
    named("main").or_else(|| named(workload.name.value.as_str())).or_else(last)
}

/// The image given on the command line, else the stated one. A given image is for the containers that state none; when
/// the workload has one container only, it replaces that container's.
pub(crate) fn image<'a>(
    frame: &'a Frame,
    workload: &'a Workload,
    container: &'a Container,
) -> Option<&'a str> {
    let stated = container.image.as_ref().map(|image| image.value.as_str());
    let given = frame.inputs.images.get(&workload.name.value).map(String::as_str);
    if workload.containers.len() == 1 { given.or(stated) } else { stated.or(given) }
}

/// How far each container must have come before any other starts: the furthest that anybody waits for.
pub(crate) fn awaited(container: &Container) -> Option<Ready> {
    container.before.values().map(|ready| ready.value).max()
}

/// Containers that others wait for, in an order in which they can start.
pub(crate) fn first_containers(workload: &Workload) -> Vec<(&ContainerName, &Container, Ready)> {
    let mut waiting: BTreeMap<&ContainerName, &Container> =
        workload.containers.iter().map(|(name, container)| (name, container.as_ref())).collect();
    let mut order = Vec::new();
    loop {
        let free = waiting.keys().copied().find(|name| {
            !waiting.iter().any(|(other, container)| other != name && container.before.contains_key(*name))
        });
        let Some((name, container)) = free.and_then(|name| waiting.remove_entry(name)) else {
            return order;
        };
        order.extend(awaited(container).map(|ready| (name, container, ready)));
    }
}
