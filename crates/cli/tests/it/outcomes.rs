//! Outcomes on the command line: what they choose, what cannot be, and what is played.

use super::{Place, SMALL, last_json};

fn promising(outcomes: &str) -> String {
    SMALL.replace("workloads:", &format!("outcomes: {{ {outcomes} }}\nworkloads:"))
}

#[test]
fn a_plan_shows_what_follows() {
    let place = Place::new();
    place.write("appia.yaml", &promising("rps: 100, latency: { p95: 100ms }, availability: 99.9%"));
    let plan = place.json(&["plan", "--target", "kubernetes"]);
    for key in ["load", "entries", "edges", "stations", "blocks", "candidates"] {
        assert!(plan["model"].get(key).is_some(), "{key}");
    }
    assert!(plan["outcomes"].as_array().unwrap().iter().all(|outcome| outcome["met"] == true), "{plan}");
    let web =
        plan["nodes"].as_array().unwrap().iter().find(|node| node["address"] == "workloads.web").unwrap();
    assert!(web["values"]["replicas"].as_u64().unwrap() >= 2, "{web}");
    let told = place.ok(&["plan", "--target", "kubernetes"]).out;
    assert!(told.contains("kept") && told.contains("MARGIN"), "{told}");
    let why = place.ok(&["explain", "workloads.web.replicas", "--target", "kubernetes"]).out;
    assert!(why.contains("outcomes.rps = 100") && why.contains("not taken"), "{why}");
}

/// The plan is the same everywhere; that this machine is smaller than it takes it to be is told beside it.
#[test]
fn a_machine_that_is_too_small_for_its_plan_is_told() {
    let place = Place::new();
    place.write("appia.yaml", &promising("rps: 5000, latency: { p95: 100ms }"));
    let told = place.run(&["plan", "-v"]);
    let processors = std::thread::available_parallelism().unwrap();
    assert!(
        told.err.contains("APP0513") && told.err.contains(&format!("this machine has {processors}")),
        "{}",
        told.err
    );
    let told = place.run(&["plan", "-v", "--target", "kubernetes"]);
    assert!(!told.err.contains("APP0513"), "{}", told.err);
    place.write("appia.yaml", &promising("rps: 1, latency: { p95: 100ms }"));
    assert!(!place.run(&["plan", "-v"]).err.contains("APP0513"));
}

#[test]
fn a_promise_that_is_asked_for_is_answered_with_what_it_is() {
    let place = Place::new();
    place.write("appia.yaml", &promising("rps: 100, latency: { p95: 100ms }"));
    let answer = place.run(&["explain", "outcomes.latency_p95"]);
    assert_eq!(answer.code, 2);
    assert!(answer.err.contains("100ms is promised"), "{}", answer.err);
}

#[test]
fn what_cannot_be_ends_with_4_and_says_what_would_help() {
    let place = Place::new();
    place.write("appia.yaml", &promising("rps: 100, latency: { p95: 1ms }"));
    let told = place.run(&["plan", "--target", "kubernetes"]);
    assert_eq!(told.code, 4);
    assert!(told.out.contains("cannot be met") && told.out.contains("cheapest change"), "{}", told.out);
    assert!(told.err.contains("APP0504"), "{}", told.err);
    let plan = last_json(&place.run(&["plan", "--target", "kubernetes", "--output", "json"]).out);
    assert_eq!(plan["infeasible"]["binding"], "outcomes.latency_p95");
    assert!(plan["infeasible"]["cheapest"]["monthly_usd"].is_string());
}

#[test]
fn verbs_agree_on_what_cannot_be() {
    let place = Place::new();
    place.write("appia.yaml", &promising("rps: 100, latency: { p95: 1ms }"));
    let check = place.run(&["check", "--target", "kubernetes"]);
    assert_eq!(check.code, 4, "{}", check.out);
    assert!(check.out.contains("cheapest change") && !check.out.contains("is well"), "{}", check.out);
    let check = place.run(&["check", "--target", "kubernetes", "--output", "json"]);
    assert_eq!(check.code, 4);
    assert!(last_json(&check.out)["diagnostics"].to_string().contains("APP0504"), "{}", check.out);

    let export = ["export", "--target", "kubernetes", "-o", "out"];
    let told = place.run(&export);
    assert_eq!(told.code, 4, "{}", told.err);
    assert!(told.err.contains("cannot be met") && told.err.contains("cheapest change"), "{}", told.err);
    assert!(place.work().join("out/README.md").exists(), "the files are there to be looked at");
    place.ok(&[export.as_slice(), &["--despite-outcomes"]].concat());
}

/// This machine is where an application is tried out: it runs, and what cannot be met is told.
#[test]
fn what_cannot_be_met_here_is_run_all_the_same() {
    let place = Place::new();
    let app = "app: small\noutcomes: { rps: 100, latency: { p95: 1ms } }\nworkloads:\n  web: { type: site, build: ./site, public: true, demand: 5ms }\n";
    place.write("appia.yaml", app);
    place.write("site/index.html", "<h1>a site</h1>");
    assert_eq!(place.run(&["plan"]).code, 4);
    let up = place.json(&["up", "--yes"]);
    assert!(up["warnings"].to_string().contains("cannot be met on this machine"), "{up}");
}

#[test]
fn a_plan_is_played() {
    let place = Place::new();
    place.write("appia.yaml", &promising("rps: 20, latency: { p95: 100ms }, availability: 99%"));
    let play =
        ["prove", "--target", "kubernetes", "--requests", "3000", "--years", "20", "--picture", "it.svg"];
    let proof = place.json(&play);
    assert_eq!(proof["kind"], "Proof");
    assert!(proof["times"].as_array().unwrap().len() >= 3, "{proof}");
    assert!(proof["availability"]["played"].as_f64().unwrap() > 0.99, "{proof}");
    assert!(std::fs::read_to_string(place.work().join("it.svg")).unwrap().contains("promised"));
    assert_eq!(place.json(&play), proof, "the same seed plays the same");
}

#[test]
fn without_load_there_is_nothing_to_play() {
    let place = Place::new();
    place.write("appia.yaml", SMALL);
    let told = place.run(&["prove"]);
    assert_eq!(told.code, 4);
    assert!(told.err.contains("state `users` or `rps`"), "{}", told.err);
    assert_eq!(place.run(&["prove", "--requests", "1"]).code, 2);
}

#[test]
fn targets_stand_side_by_side() {
    let place = Place::new();
    place.write("appia.yaml", &promising("rps: 20, latency: { p95: 100ms }"));
    let answer = place.run(&["plan", "--compare", "aws,azure,gcp,kubernetes"]);
    assert_eq!(answer.code, 0, "{}{}", answer.out, answer.err);
    for word in ["AWS", "AZURE", "GCP", "KUBERNETES", "USD a month", "region", "latency_p95"] {
        assert!(answer.out.contains(word), "{word}: {}", answer.out);
    }
    let json = place.json(&["plan", "--compare", "aws,gcp"]);
    assert_eq!(json["kind"], "Comparison");
    let targets = json["targets"].as_array().unwrap();
    assert_eq!(targets.len(), 2);
    for target in targets {
        assert!(target["monthly_usd"].as_str().unwrap().parse::<f64>().unwrap() > 0.0);
        assert!(target["monthly_kg_co2e"].as_f64().unwrap() > 0.0);
        assert!(target["missing"].as_array().unwrap().is_empty());
    }
    let unknown = place.run(&["plan", "--compare", "aws,moon"]);
    assert_eq!(unknown.code, 2, "{}", unknown.err);
    assert!(unknown.err.contains("there is no target `moon`"), "{}", unknown.err);
}

#[test]
fn a_cloud_is_written_as_terraform() {
    let place = Place::new();
    place.write("appia.yaml", &promising("rps: 20, latency: { p95: 100ms }"));
    let export = place.run(&["export", "--target", "aws", "-o", "out"]);
    assert_eq!(export.code, 0, "{}", export.err);
    for file in ["network.tf", "compute.tf", "edge.tf", "observability.tf", "versions.tf", "README.md"] {
        assert!(export.out.contains(file), "{file}: {}", export.out);
    }
}
