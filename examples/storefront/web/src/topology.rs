//! The system drawn as it is right now: web calls api, api and worker use db.
//!
//! A node is green when it answered, amber when it is there but late, red when it is gone; a line moves while it carries something.

use maud::{Markup, html};

use crate::api::{Snapshot, Worker};

/// A worker that was silent for longer than this counts as lost; it reports every two seconds.
const SILENT_S: f64 = 8.0;

const WIDTH: u32 = 172;
const HEIGHT: u32 = 118;

struct Node {
    name: &'static str,
    role: &'static str,
    x: u32,
    health: Health,
    release: String,
    detail: String,
}

#[derive(Clone, Copy, PartialEq)]
enum Health {
    Well,
    Late,
    Gone,
}

impl Health {
    fn class(self) -> &'static str {
        match self {
            Health::Well => "well",
            Health::Late => "late",
            Health::Gone => "gone",
        }
    }
}

/// One sentence over the drawing.
pub fn verdict(snapshot: &Snapshot) -> Markup {
    let sick: Vec<_> = nodes(snapshot).into_iter().filter(|node| node.health != Health::Well).collect();
    html! {
        @match sick.first() {
            None => span.verdict.well { "all well" },
            Some(node) => span.verdict.(node.health.class()) { (node.name) ": " (node.detail) },
        }
    }
}

pub fn drawing(snapshot: &Snapshot) -> Markup {
    let [web, api, db, worker] = nodes(snapshot);
    let busy = snapshot
        .status
        .as_ref()
        .and_then(|status| status.queue.as_ref())
        .is_some_and(|queue| queue.running > 0);
    html! {
        div.scroll {
            svg.topology viewBox="0 0 868 150" role="img"
                aria-label="web calls api, api uses db, worker uses db" {
                (line(&web, &api, "HTTP", api.health == Health::Well))
                (line(&api, &db, "SQL", api.health == Health::Well && db.health == Health::Well))
                (line_back(&worker, &db, "jobs", busy && worker.health == Health::Well))
                (boxed(&web)) (boxed(&api)) (cylinder(&db)) (boxed(&worker))
            }
        }
    }
}

fn nodes(snapshot: &Snapshot) -> [Node; 4] {
    let web = Node {
        name: "web",
        role: "this page",
        x: 4,
        health: Health::Well,
        release: crate::release(),
        detail: "serving you".into(),
    };
    [web, api_node(snapshot), database_node(snapshot), worker_node(snapshot)]
}

fn api_node(snapshot: &Snapshot) -> Node {
    let (health, release, detail) = match &snapshot.status {
        Some(status) => (Health::Well, status.api.release.clone(), "answering".into()),
        None => (Health::Gone, String::new(), "does not answer".into()),
    };
    Node { name: "api", role: "orders over HTTP", x: 234, health, release, detail }
}

fn database_node(snapshot: &Snapshot) -> Node {
    let database = snapshot.status.as_ref().and_then(|status| status.database.as_ref());
    let (health, release, detail) = match database {
        Some(database) => {
            let version = database.version.split_whitespace().next().unwrap_or_default();
            (Health::Well, format!("postgres {version}"), format!("answers in {:.1} ms", database.latency_ms))
        }
        None if snapshot.status.is_some() => (Health::Gone, String::new(), "does not answer".into()),
        None => (Health::Late, String::new(), "cannot be seen".into()),
    };
    Node { name: "db", role: "orders and jobs", x: 464, health, release, detail }
}

fn worker_node(snapshot: &Snapshot) -> Node {
    let all = snapshot.status.as_ref().map(|status| status.workers.as_slice()).unwrap_or_default();
    let alive: Vec<&Worker> = all.iter().filter(|worker| worker.seen_s < SILENT_S).collect();
    let known = snapshot.status.as_ref().is_some_and(|status| status.database.is_some());
    let release = alive.first().map(|worker| worker.release.clone()).unwrap_or_default();
    let (health, detail) = match (alive.as_slice(), all.first()) {
        ([one], _) => (Health::Well, format!("worker {}", one.id)),
        ([_, ..], _) => (Health::Well, format!("{} at work", alive.len())),
        ([], Some(lost)) => (Health::Late, format!("silent for {:.0} s", lost.seen_s)),
        ([], None) if known => (Health::Gone, "nobody packs".into()),
        ([], None) => (Health::Late, "cannot be seen".into()),
    };
    Node { name: "worker", role: "packs orders", x: 692, health, release, detail }
}

fn boxed(node: &Node) -> Markup {
    html! {
        g.node.(node.health.class()) transform={ "translate(" (node.x) " 16)" } {
            rect.body width=(WIDTH) height=(HEIGHT) rx="14" {}
            (words(node, 30))
        }
    }
}

fn cylinder(node: &Node) -> Markup {
    html! {
        g.node.(node.health.class()) transform={ "translate(" (node.x) " 16)" } {
            path.body d="M1 14C1 -4.500 171 -4.500 171 14V104C171 122.500 1 122.500 1 104Z" {}
            path.rim d="M1 14C1 32.500 171 32.500 171 14" {}
            (words(node, 46))
        }
    }
}

fn words(node: &Node, top: u32) -> Markup {
    html! {
        circle.dot cx="22" cy=(top - 5) r="5" {}
        text.name x="36" y=(top) { (node.name) }
        text.role x="18" y=(top + 20) { (node.role) }
        text.detail x="18" y=(top + 40) { (node.detail) }
        text.release x="18" y=(top + 58) { (short(&node.release)) }
    }
}

fn line(from: &Node, to: &Node, label: &str, moving: bool) -> Markup {
    arrow(from.x + WIDTH, to.x, label, moving)
}

fn line_back(from: &Node, to: &Node, label: &str, moving: bool) -> Markup {
    arrow(from.x, to.x + WIDTH, label, moving)
}

fn arrow(start: u32, end: u32, label: &str, moving: bool) -> Markup {
    let (tip, back) = if end > start { (end - 3, end - 11) } else { (end + 3, end + 11) };
    let class = if moving { "edge moving" } else { "edge" };
    html! {
        g class=(class) {
            path d={ "M" (start) " 75H" (back) } {}
            path.tip d={ "M" (back) " 70L" (tip) " 75L" (back) " 80Z" } {}
            text x=((start + end) / 2) y="64" text-anchor="middle" { (label) }
        }
    }
}

/// A release may be a long digest; a node has room for its head.
fn short(release: &str) -> String {
    const ROOM: usize = 20;
    match release.char_indices().nth(ROOM) {
        Some((cut, _)) => format!("{}…", &release[..cut]),
        None => release.to_owned(),
    }
}
