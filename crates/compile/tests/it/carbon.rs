//! What a plan emits: counted from the bill, kept below a limit, and as low as the budget allows.

use appia_plan::Plan;
use appia_plan::model::Carbon;

use super::promises::plan;

/// Everything that emits: containers, a function, a site, databases, a bucket, something that no request comes to.
fn shop(carbon: &str) -> String {
    format!(
        "app: shop
outcomes: {{ rps: 200, availability: 99.5%, latency: {{ p95: 200ms }}{carbon} }}
constraints: {{ regions: [eu] }}
workloads:
  web: {{ image: example/web@sha256:0, port: 80, public: true, calls: {{ api: 2 }} }}
  api: {{ image: example/api@sha256:0, port: 81, demand: 8ms, env: {{ D: \"${{resources.db.url}}\", C: \"${{resources.cache.url}}\", B: \"${{resources.files.name}}\" }} }}
  resize: {{ type: function, image: example/f@sha256:0, port: 82, public: {{ host: f.example.com }}, share: 0.1 }}
  packer: {{ type: worker, image: example/p@sha256:0 }}
resources:
  db: {{ type: postgres, params: {{ storage: 20Gi }} }}
  cache: {{ type: redis }}
  files: {{ type: bucket, params: {{ storage: 500Gi }} }}
"
    )
}

fn region(plan: &Plan) -> String {
    let app = plan.nodes.iter().find(|node| node.address.as_str() == "app").unwrap();
    app.values.get("region").unwrap().as_str().unwrap().to_owned()
}

fn carbon(plan: &Plan) -> &Carbon {
    plan.carbon.as_ref().unwrap()
}

fn met(plan: &Plan) -> Option<bool> {
    plan.outcomes.iter().find(|outcome| outcome.address.last() == "carbon").unwrap().met
}

#[test]
fn every_place_but_this_machine_is_counted() {
    for target in appia_targets::TARGETS {
        let mut text = shop(", carbon: { max: 1t }");
        if ["local", "kubernetes"].contains(&target.name()) {
            let bucket = [
                ", B: \"${resources.files.name}\"",
                "  files: { type: bucket, params: { storage: 500Gi } }\n",
            ];
            bucket.iter().for_each(|part| text = text.replace(part, ""));
        }
        let plan = plan(&text, target.name());
        if target.name() == "local" {
            assert!(plan.carbon.is_none() && met(&plan).is_none());
            continue;
        }
        // With a limit, sizing counts too; the plan would have been refused if the two did not agree.
        assert_eq!(met(&plan), Some(true), "{}", target.name());
        let carbon = carbon(&plan);
        let sum: f64 = carbon.items.iter().map(|item| item.monthly_kg_co2e).sum();
        assert!((sum - carbon.monthly_kg_co2e).abs() < 1e-3 * sum, "{}: {sum}", target.name());
        for address in ["workloads.api", "workloads.packer", "resources.db", "resources.cache"] {
            let node = plan.nodes.iter().find(|node| node.address.as_str() == address).unwrap();
            let kg = node.values.get("monthly_kg_co2e").unwrap().as_f64().unwrap();
            assert!(kg > 0.001, "{address} on {}: {kg}", target.name());
        }
        let all = |of: fn(&appia_plan::model::CarbonItem) -> f64| carbon.items.iter().map(of).sum::<f64>();
        assert!(all(|item| item.memory_gib_hours) > 0.0, "memory on {}", target.name());
        if target.name() != "kubernetes" {
            assert!(all(|item| item.storage_tib_hours) > 300.0, "a bucket on {}", target.name());
            assert!(all(|item| item.network_gib) > 900.0, "what leaves {}", target.name());
        }
    }
}

/// One replica of a processor and 256 MiB that is 40 % busy at a peak of twice the mean, by hand:
/// (0.74 + 0.2 x 2.76) W x 730 h + 0.392 W x 182.5 h = 1.01470 kWh, x 1.56 x 0.473 + 730 x 0.00109739 kg.
#[test]
fn one_workload_by_hand() {
    let text = "app: one
outcomes: { rps: 40 }
workloads:
  web: { image: example/web@sha256:0, port: 80, public: true, cpu: 1, memory: 256Mi, replicas: 1, demand: 10ms }
";
    let plan = plan(text, "kubernetes");
    let kwh = (1.292 * 730.0 + 0.392 * 182.5) / 1_000.0;
    let expected = kwh * 1.56 * 0.473 + 730.0 * 1_230.46 / 32.0 / 35_040.0;
    let found = carbon(&plan).monthly_kg_co2e;
    assert!((found - expected).abs() < 1e-5 * expected, "{found} {expected}");
}

#[test]
fn a_limit_moves_the_plan_and_a_preference_too() {
    let cheapest = plan(&shop(""), "aws");
    let limit = carbon(&cheapest).monthly_kg_co2e - 0.5;
    let limited = plan(&shop(&format!(", carbon: {{ max: {limit:.2}kg }}")), "aws");
    assert_eq!(met(&limited), Some(true));
    assert_ne!(region(&cheapest), region(&limited));
    assert!(carbon(&limited).monthly_kg_co2e <= limit);
    let preferred = plan(&shop(", carbon: prefer-low"), "aws");
    assert!(carbon(&preferred).monthly_kg_co2e <= carbon(&limited).monthly_kg_co2e);
    let usd = |plan: &Plan| plan.cost.as_ref().unwrap().monthly_usd.parse::<f64>().unwrap();
    let between = f64::midpoint(usd(&cheapest), usd(&preferred));
    let afforded = plan(&shop(&format!(", budget: {between:.2} USD/month, carbon: prefer-low")), "aws");
    assert!(usd(&afforded) <= between, "the budget goes before the preference");
}

#[test]
fn what_nothing_can_keep_is_told() {
    let plan = plan(&shop(", carbon: { max: 1kg }"), "gcp");
    let infeasible = plan.infeasible.as_ref().unwrap();
    assert_eq!(infeasible.binding.as_str(), "outcomes.carbon");
    let told: Vec<&str> = infeasible.relaxations.iter().map(|one| one.address.as_str()).collect();
    assert_eq!(told, ["outcomes.carbon"], "fewer requests do not help: what stands emits more than that");
    assert!(infeasible.cheapest.is_some());
}
