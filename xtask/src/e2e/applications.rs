//! The applications: what each is, what it needs on the machine, and what it is asked.

use anyhow::Result;

use super::promise::Promise;
use super::questions;

/// An application: this project's own examples, and those that nobody here wrote.
pub(super) struct Application {
    pub(super) name: &'static str,
    /// Below `examples`.
    pub(super) folder: &'static str,
    pub(super) what: &'static str,
    /// Programs that its builder calls.
    pub(super) tools: &'static [&'static str],
    /// A page that answers at any time.
    pub(super) path: &'static str,
    /// Tells it something; what comes back names it.
    pub(super) tell: fn(&str) -> Result<String>,
    /// Reads it back.
    pub(super) ask: fn(&str, &str) -> Result<()>,
    /// What it promises, when it does.
    pub(super) promise: Option<Promise>,
}

pub(super) const APPLICATIONS: &[Application] = &[
    Application {
        name: "storefront",
        folder: "storefront",
        what: "the shop of the README: three Rust programs on PostgreSQL",
        tools: &["postgresql"],
        path: "/",
        tell: questions::place_order,
        ask: questions::packed_order,
        promise: Some(Promise { load: "users: 10000", rate: 30, p95_ms: 400.0 }),
    },
    Application {
        name: "polyglot",
        folder: "polyglot",
        what: "Node asks Python, beside a static site",
        tools: &["node", "npm", "python"],
        path: "/?number=312",
        tell: questions::number,
        ask: questions::roman_number,
        promise: None,
    },
    Application {
        name: "docs",
        folder: "third-party/docs",
        what: "the documentation of Jinja, made by pdoc: a static site",
        tools: &["python"],
        path: "/jinja2.html",
        tell: questions::nothing,
        ask: questions::documentation,
        promise: None,
    },
    Application {
        name: "celery",
        folder: "third-party/celery",
        what: "Celery and Flower: two Python processes on Redis",
        tools: &["python", "redis"],
        path: "/api/workers",
        tell: questions::run_task,
        ask: questions::task_result,
        promise: None,
    },
    Application {
        name: "radicale",
        folder: "third-party/radicale",
        what: "Radicale: Python, a calendar on a volume",
        tools: &["python"],
        path: "/.web/",
        tell: questions::put_event,
        ask: questions::event,
        promise: None,
    },
    Application {
        name: "mlflow",
        folder: "third-party/mlflow",
        what: "MLflow: Python on PostgreSQL",
        tools: &["python", "postgresql"],
        path: "/version",
        tell: questions::create_experiment,
        ask: questions::experiment,
        promise: None,
    },
    Application {
        name: "node-red",
        folder: "third-party/node-red",
        what: "Node-RED: Node.js, flows on a volume",
        tools: &["node", "npm"],
        path: "/settings",
        tell: questions::deploy_flow,
        ask: questions::flow_answers,
        promise: None,
    },
    Application {
        name: "pushgateway",
        folder: "third-party/pushgateway",
        what: "Prometheus Pushgateway: Go, metrics on a volume",
        tools: &["go"],
        path: "/-/ready",
        tell: questions::push_metric,
        ask: questions::metric,
        promise: None,
    },
    Application {
        name: "wiremock",
        folder: "third-party/wiremock",
        what: "WireMock: Java, stubs on a volume",
        tools: &["java", "maven"],
        path: "/__admin/mappings",
        tell: questions::add_stub,
        ask: questions::stub_answers,
        promise: None,
    },
];
