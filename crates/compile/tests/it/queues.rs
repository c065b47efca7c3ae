//! What is played against what Ciw plays: `tests/queues.py`, run by the judge that `cargo xtask test` sets up.

use std::io::Write;
use std::process::{Command, Stdio};

use appia_compile::prove::{Settings, prove};
use serde_json::{Value, json};

use super::promises::plan;

/// Requests for each case; the long form sets `APPIA_PROVE_REQUESTS`.
fn requests() -> u64 {
    std::env::var("APPIA_PROVE_REQUESTS").ok().and_then(|text| text.parse().ok()).unwrap_or(20_000)
}

/// M/M/1, M/M/4, M/M/8 and tandems of two and three, from idle to busy.
fn cases() -> Vec<String> {
    let names = ["a", "b", "c"];
    let case = |rate: u32, stations: &[(u32, &str)]| {
        let mut text =
            format!("app: line\noutcomes: {{ rps: {rate}, latency: {{ p95: 30s }} }}\nworkloads:\n");
        for (place, (cpu, demand)) in stations.iter().enumerate() {
            let name = names.get(place).unwrap();
            let next = names.get(place + 1).filter(|_| place + 1 < stations.len());
            let calls = next.map_or(String::new(), |next| format!(", calls: [{next}]"));
            let public = if place == 0 { ", public: true" } else { "" };
            text.push_str(&format!(
                "  {name}: {{ image: example/{name}@sha256:0, port: 8{place}, replicas: 1, cpu: {cpu}, demand: {demand}{public}{calls} }}\n"
            ));
        }
        text
    };
    vec![
        case(50, &[(1, "10ms")]),
        case(80, &[(1, "10ms")]),
        case(300, &[(4, "10ms")]),
        case(640, &[(8, "10ms")]),
        case(60, &[(1, "10ms"), (1, "12ms")]),
        case(150, &[(2, "10ms"), (4, "20ms"), (1, "5ms")]),
    ]
}

fn told(text: &str) -> Value {
    let plan = plan(text, "local");
    let model = plan.model.as_ref().unwrap();
    let proof = prove(&plan, Settings { seed: 5, requests: requests(), years: 1 }, &mut |_| {}).unwrap();
    let stations = model.stations.iter().rev().map(|station| {
        assert_eq!((station.replicas, station.scv), (1, 1.0));
        json!({"servers": station.servers_per_replica, "rate_rps": station.rate_rps, "service_ms": station.service_ms})
    });
    let times = proof.times.iter().map(|timing| {
        json!({"share": timing.share, "low_ms": timing.played_ms.low, "high_ms": timing.played_ms.high})
    });
    json!({
        "stations": stations.collect::<Vec<_>>(), "times": times.collect::<Vec<_>>(), "requests": requests(),
        "network_ms": model.edges.iter().map(|edge| edge.network_ms).sum::<f64>(),
    })
}

#[test]
fn another_simulator_agrees() {
    let Some(python) = std::env::var_os("APPIA_JUDGE_CIW") else {
        appia_testkit::did_not_run("the other simulator: APPIA_JUDGE_CIW names no Python with `ciw`");
        return;
    };
    let lines: Vec<String> = cases().iter().map(|text| format!("{}\n", told(text))).collect();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/queues.py");
    let mut judge = Command::new(python);
    let mut judge = judge.arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    judge.stdin.take().unwrap().write_all(lines.concat().as_bytes()).unwrap();
    let output = judge.wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), format!("compared {}\n", 3 * lines.len()));
}
