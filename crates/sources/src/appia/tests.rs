//! Tests of the format.

use appia_diag::Diagnostics;
use appia_intent::Intent;

use crate::{MemoryFiles, Source as _};

fn read(text: &str) -> (Option<Intent>, Vec<String>) {
    let files = MemoryFiles::new().with("appia.yaml", text);
    let mut sink = Diagnostics::new();
    let intent = super::AppiaFile.read(&files, &["appia.yaml".to_owned()], &mut sink);
    sink.sort();
    let lines = sink.iter().map(|finding| {
        let place =
            finding.span.as_ref().map(|span| (span.start.line, span.start.column)).unwrap_or_default();
        format!(
            "{} {}:{} {} | {}",
            finding.code.id,
            place.0,
            place.1,
            finding.message,
            finding.help.join("; ")
        )
    });
    (intent, lines.collect())
}

const STOREFRONT: &str = r#"
app: storefront
owner: team-checkout
outcomes:
  users: 10000
  availability: 99.9%
  latency: { p95: 400ms }
  budget: 1200 USD/month
  recovery: { rpo: 5m, rto: 1h }
constraints: { regions: [eu], data: personal, compliance: [gdpr, soc2] }
workloads:
  web:
    build: ./web
    port: 3000
    public: true
    calls: { api: 2 }
  api:
    build: ./api
    port: 8080
    demand: 8ms
    env: { DATABASE_URL: "${resources.db.url}" }
resources:
  db: { type: postgres, params: { version: 16, storage: 50Gi } }
"#;

#[test]
fn the_design_example_reads_without_findings() {
    let (intent, findings) = read(STOREFRONT);
    assert_eq!(findings, Vec::<String>::new());
    let intent = intent.unwrap();
    assert_eq!(intent.workloads.len(), 2);
    let web = &intent.workloads["web"];
    let build = web.containers["main"].build.as_ref().unwrap();
    assert_eq!(
        (build.value.context.as_str(), build.span.start.line, build.span.start.column),
        ("web", 13, 12)
    );
    assert_eq!(web.ports["http"].port.value, 3000);
    assert_eq!(web.calls["api"].visits.value.to_string(), "2");
}
