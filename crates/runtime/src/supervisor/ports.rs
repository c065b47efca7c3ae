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

/// Whether one of these processes listens on a TCP port.
pub(crate) fn is_listened_on_by(port: u16, pids: &[i32]) -> bool {
    let sockets: Vec<String> = ["/proc/net/tcp", "/proc/net/tcp6"]
        .iter()
        .filter_map(|table| std::fs::read_to_string(table).ok())
        .flat_map(|table| table.lines().filter_map(|line| listener(line, port)).collect::<Vec<_>>())
        .collect();
    let has = |pid: &i32| {
        let open = std::fs::read_dir(format!("/proc/{pid}/fd")).into_iter().flatten().flatten();
        open.filter_map(|entry| std::fs::read_link(entry.path()).ok())
            .any(|link| sockets.iter().any(|socket| link.as_os_str() == socket.as_str()))
    };
    !sockets.is_empty() && pids.iter().any(has)
}

/// The socket of a line of `/proc/net/tcp` that listens on a port, as it stands in the folder of open files.
fn listener(line: &str, port: u16) -> Option<String> {
    const LISTENS: &str = "0A";
    let fields: Vec<&str> = line.split_whitespace().collect();
    let (_, local) = fields.get(1)?.rsplit_once(':')?;
    let is_it = u16::from_str_radix(local, 16) == Ok(port) && *fields.get(3)? == LISTENS;
    is_it.then_some(format!("socket:[{}]", fields.get(9)?))
}

/// Whether a program could listen on a loopback port now.
pub(crate) fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::is_listened_on_by;

    #[test]
    fn a_listener_is_found_by_its_port_and_process() {
        let us = [i32::try_from(std::process::id()).unwrap()];
        for address in ["127.0.0.1:0", "[::1]:0"] {
            let Ok(listener) = TcpListener::bind(address) else { continue };
            let port = listener.local_addr().unwrap().port();
            assert!(is_listened_on_by(port, &us) && !is_listened_on_by(port, &[1]), "{address}");
            drop(listener);
            assert!(!is_listened_on_by(port, &us), "{address}");
        }
    }
}
