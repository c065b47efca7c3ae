//! The applications: what each is, what it needs on the machine, and what it is asked.

use anyhow::Result;

use super::questions;

/// An application that nobody here wrote.
pub(super) struct Application {
    /// Of its folder in `examples/third-party`.
    pub(super) name: &'static str,
    pub(super) what: &'static str,
    /// Programs that its builder calls.
    pub(super) tools: &'static [&'static str],
    /// A page that answers at any time.
    pub(super) path: &'static str,
    /// Tells it something; what comes back names it.
    pub(super) tell: fn(&str) -> Result<String>,
    /// Reads it back.
    pub(super) ask: fn(&str, &str) -> Result<()>,
}

pub(super) const APPLICATIONS: &[Application] = &[
    Application {
        name: "docs",
        what: "the documentation of Jinja, made by pdoc: a static site",
        tools: &["python"],
        path: "/jinja2.html",
        tell: questions::nothing,
        ask: questions::documentation,
    },
    Application {
        name: "celery",
        what: "Celery and Flower: two Python processes on Redis",
        tools: &["python", "redis"],
        path: "/api/workers",
        tell: questions::run_task,
        ask: questions::task_result,
    },
    Application {
        name: "radicale",
        what: "Radicale: Python, a calendar on a volume",
        tools: &["python"],
        path: "/.web/",
        tell: questions::put_event,
        ask: questions::event,
    },
    Application {
        name: "mlflow",
        what: "MLflow: Python on PostgreSQL",
        tools: &["python", "postgresql"],
        path: "/version",
        tell: questions::create_experiment,
        ask: questions::experiment,
    },
    Application {
        name: "node-red",
        what: "Node-RED: Node.js, flows on a volume",
        tools: &["node", "npm"],
        path: "/settings",
        tell: questions::deploy_flow,
        ask: questions::flow_answers,
    },
    Application {
        name: "pushgateway",
        what: "Prometheus Pushgateway: Go, metrics on a volume",
        tools: &["go"],
        path: "/-/ready",
        tell: questions::push_metric,
        ask: questions::metric,
    },
    Application {
        name: "wiremock",
        what: "WireMock: Java, stubs on a volume",
        tools: &["java", "maven"],
        path: "/__admin/mappings",
        tell: questions::add_stub,
        ask: questions::stub_answers,
    },
];
