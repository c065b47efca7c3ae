//! `probes`: a check and its rhythm.

use appia_diag::Spanned;
use appia_intent::{Probe, ProbeCheck};

use crate::value;
use crate::yaml::{Node, Value};

pub(super) fn probe(node: Option<&Node>) -> Option<Spanned<Probe>> {
    let node = node?;
    let check = if let Some(http) = node.get("http") {
        http_check(http)
    } else if let Some(tcp) = node.get("tcp") {
        ProbeCheck::Tcp { port: value::integer(Some(tcp)).map(|port| port.value) }
    } else {
        let words = value::command(node.get("exec"))?;
        ProbeCheck::Exec { command: words.into_iter().map(|word| word.value).collect() }
    };
    let probe = Probe {
        check,
        interval: value::parsed(node.get("interval")),
        timeout: value::parsed(node.get("timeout")),
        start_within: value::parsed(node.get("start_within")),
        failures: value::integer(node.get("failures")),
    };
    Some(Spanned::new(probe, node.span.clone()))
}

fn http_check(node: &Node) -> ProbeCheck {
    let own = |key| value::text(node.get(key)).map(|text| text.value);
    let path = if matches!(node.value, Value::Map(_)) { own("path") } else { node.text().map(str::to_owned) };
    ProbeCheck::Http {
        path: path.unwrap_or_else(|| "/".to_owned()),
        port: value::integer(node.get("port")).map(|port| port.value),
        scheme: own("scheme").unwrap_or_else(|| "http".to_owned()),
        host: own("host"),
        headers: value::texts(node.get("headers")).into_iter().collect(),
    }
}
