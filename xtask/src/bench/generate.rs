//! Applications made for measuring: a thousand services, and ten echo servers.
//!
//! Text only, and the same text every time: services call two that come later in the list (so no cycles), every tenth is
//! public, every tenth has a database. Numbers are stated: what outcomes ask of the solver is another matter. Called by the rows `plan`, `up` and `idle`.

use std::fmt::Write as _;
use std::path::Path;

/// Calls of each service for a request: two of them stay below one, so that the load ends and can be carried.
const VISITS: &str = "0.3";

/// An `appia.yaml` with this many services.
pub(super) fn services(count: usize) -> String {
    let mut text = String::from("app: bench\nowner: team-bench\nworkloads:\n");
    for number in 0..count {
        text.push_str(&service(number, count));
    }
    text.push_str("resources:\n");
    for number in (0..count).step_by(10) {
        let _ = writeln!(text, "  db-{number:04}: {{ type: postgres, params: {{ storage: 10Gi }} }}");
    }
    text
}

/// The same with a load and a promise about time, from which replicas and processors follow.
pub(super) fn sized_services(count: usize) -> String {
    let stated = services(count).replace("    replicas: 2\n    cpu: 250m\n", "");
    stated.replacen("workloads:\n", "outcomes: { rps: 10000, latency: { p95: 2s } }\nworkloads:\n", 1)
}

fn service(number: usize, count: usize) -> String {
    let mut text =
        format!("  s-{number:04}:\n    image: registry.example.com/s-{number:04}:1.0.0\n    port: 8080\n");
    text.push_str("    demand: 2ms\n    replicas: 2\n    cpu: 250m\n    memory: 128Mi\n");
    if number.is_multiple_of(10) {
        text.push_str("    public: true\n");
    }
    let called: Vec<usize> =
        [number + 1, number * 2 + 1].into_iter().filter(|other| *other < count).collect();
    let mut called = called;
    called.dedup();
    if !called.is_empty() {
        let calls: Vec<String> = called.iter().map(|other| format!("s-{other:04}: {VISITS}")).collect();
        let _ = writeln!(text, "    calls: {{ {} }}", calls.join(", "));
    }
    text.push_str("    env:\n");
    let _ = writeln!(text, "      NAME: \"s-{number:04}\"");
    if number.is_multiple_of(10) {
        let _ = writeln!(text, "      DATABASE_URL: \"${{resources.db-{number:04}.url}}\"");
    }
    for other in called {
        let _ = writeln!(text, "      S{other:04}_URL: \"${{workloads.s-{other:04}.url}}\"");
    }
    text
}

/// An `appia.yaml` with ten native echo servers, each this program told to `bench echo`.
pub(super) fn echoes(program: &Path) -> String {
    let mut text = String::from("app: echoes\nworkloads:\n");
    for number in 0..10 {
        let _ = write!(
            text,
            "  echo-{number}:\n    build: {{ context: ./echo, builder: command, command: \"true\" }}\n    \
             command: [\"{}\", bench, echo]\n    port: 8080\n    replicas: 1\n    \
             probes: {{ readiness: {{ http: / }} }}\n",
            program.display()
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_call_only_what_comes_later() {
        let text = services(20);
        assert_eq!(text.matches("image:").count(), 20);
        assert_eq!(text.matches("type: postgres").count(), 2);
        assert!(text.contains("  s-0003:\n") && text.contains("calls: { s-0004: 0.3, s-0007: 0.3 }"));
        assert!(!text.contains("s-0020"));
    }

    #[test]
    fn what_is_sized_states_no_numbers() {
        let text = sized_services(20);
        assert!(
            text.contains("outcomes: { rps: 10000") && !text.contains("replicas") && !text.contains("cpu:")
        );
        assert_eq!(text.matches("demand: 2ms").count(), 20);
    }

    #[test]
    fn there_are_ten_echo_servers() {
        let text = echoes(Path::new("/opt/xtask"));
        assert_eq!(text.matches("command: [\"/opt/xtask\", bench, echo]").count(), 10);
    }
}
