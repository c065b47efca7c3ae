//! Probes. Where a file states both, `exec` is taken: the specification prefers it.

use appia_diag::Spanned;
use appia_intent::{Probe, ProbeCheck};

use crate::value;
use crate::yaml::Node;

pub(super) fn probe(node: Option<&Node>) -> Option<Spanned<Probe>> {
    let node = node?;
    let check = match node.get("exec") {
        Some(exec) => exec_check(exec),
        None => http_check(node.get("httpGet")?)?,
    };
    let probe = Probe { check, interval: None, timeout: None, start_within: None, failures: None };
    Some(Spanned::new(probe, node.span.clone()))
}

fn exec_check(node: &Node) -> ProbeCheck {
    let words = node.get("command").map(Node::items).unwrap_or_default();
    ProbeCheck::Exec { command: words.iter().filter_map(Node::text).map(str::to_owned).collect() }
}

fn http_check(node: &Node) -> Option<ProbeCheck> {
    let text = |key| value::text(node.get(key)).map(|text| text.value);
    let headers = node.get("httpHeaders").map(Node::items).unwrap_or_default();
    Some(ProbeCheck::Http {
        path: text("path")?,
        port: Some(value::integer(node.get("port"))?.value),
        scheme: text("scheme").map_or_else(|| "http".to_owned(), |scheme| scheme.to_ascii_lowercase()),
        host: text("host"),
        headers: headers
            .iter()
            .filter_map(|header| {
                Some((header.get("name")?.text()?.to_owned(), header.get("value")?.text()?.to_owned()))
            })
            .collect(),
    })
}
