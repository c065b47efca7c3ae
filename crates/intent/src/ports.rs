//! Which of a workload's ports is meant when none is named: for `PORT`, for its address and for what leads to it.
//!
//! Called by every target and by the runtime, so that a program finds the same port everywhere.

use std::collections::BTreeMap;

use crate::{PortName, Protocol};

/// Names that say of a port that it is the one for people, the clearest first.
const MAIN_NAMES: [&str; 2] = ["http", "web"];

/// The port called `http` or `web` that speaks HTTP, else the first that does, else the first.
pub fn main_port<P>(
    ports: &BTreeMap<PortName, P>,
    protocol: impl Fn(&P) -> Protocol,
) -> Option<(&PortName, &P)> {
    let speaks_http = |port: &P| protocol(port) == Protocol::Http;
    let named = MAIN_NAMES.iter().filter_map(|name| ports.get_key_value(*name));
    let http = named.chain(ports.iter()).find(|(_, port)| speaks_http(port));
    http.or_else(|| ports.first_key_value())
}

#[cfg(test)]
mod tests {
    use super::main_port;
    use crate::{PortName, Protocol};

    fn check(ports: &[(&str, Protocol)], expect: Option<&str>) {
        let ports = ports.iter().map(|(name, protocol)| (PortName::new(name).unwrap(), *protocol)).collect();
        assert_eq!(main_port(&ports, |protocol| *protocol).map(|(name, _)| name.as_str()), expect);
    }

    #[test]
    fn is_the_one_for_people() {
        use Protocol::{Http, Tcp, Udp};
        check(&[], None);
        check(&[("admin", Http), ("http", Http)], Some("http"));
        check(&[("admin", Http), ("web", Http)], Some("web"));
        check(&[("http", Tcp), ("rest", Http)], Some("rest"));
        check(&[("dns", Udp), ("smtp", Tcp)], Some("dns"));
    }
}
