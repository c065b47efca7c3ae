//! Free ports below the range from which the system takes ports for outgoing connections, so that nobody takes one away
//! while its program or the agent is being started again.

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, TcpListener};
use std::ops::Range;

/// For the programs' own ports, which change with every instance.
pub(crate) const INSTANCES: Range<u16> = 20_000..28_000;
/// For endpoints and resources, which keep theirs.
pub(crate) const ENDPOINTS: Range<u16> = 28_000..32_700;

/// A port on which nobody listens and which is not among the taken ones.
pub(crate) fn free(range: Range<u16>, taken: &BTreeSet<u16>) -> Option<u16> {
    let length = range.len();
    let offset = rand::random_range(0..length.max(1));
    range.clone().cycle().skip(offset).take(length).find(|port| !taken.contains(port) && is_free(*port))
}

/// Whether a program could listen on a loopback port now.
pub(crate) fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}
