//! Clouds: regions, sizes by name, databases with a standby, and a bill that equals the objects.

use super::compile_text;
use super::promises::{plan, shop};
use appia_intent::Address;
use appia_plan::{Plan, Target};
use serde_json::Value;

/// Everything that a cloud offers, with what requests do to it.
pub(crate) const EVERYTHING: &str = "app: everything
outcomes: { users: 10000, availability: 99.5%, latency: { p95: 400ms }, recovery: { rpo: 5m, rto: 5m }, budget: 9000 USD/month }
constraints: { regions: [eu] }
workloads:
  web: { image: example/web@sha256:0, port: 3000, public: true, calls: { api: 2 }, demand: 2ms }
  api:
    image: example/api@sha256:0
    port: 8080
    demand: 8ms
    uses: { jobs: { visits: 0.05 }, news: { visits: 0.05 }, files: { visits: 0.2 } }
    env: { DB: \"${resources.db.url}\", CACHE: \"${resources.cache.url}\", FILES: \"${resources.files.name}\", JOBS: \"${resources.jobs.url}\", NEWS: \"${resources.news.name}\" }
  worker: { type: worker, image: example/worker@sha256:0, replicas: 2, env: { DB: \"${resources.db.url}\", OLD: \"${resources.old.url}\" } }
  hook: { type: function, image: example/hook@sha256:0, port: 80, public: true, share: 0.1 }
  docs: { type: site, build: ./docs, public: true, share: 0.2 }
  nightly: { type: cron, image: example/nightly@sha256:0, schedule: \"0 3 * * *\" }
resources:
  db: { type: postgres, params: { storage: 50Gi } }
  old: { type: mysql }
  cache: { type: redis }
  files: { type: bucket, params: { storage: 200Gi } }
  jobs: { type: queue }
  news: { type: topic }
";

pub(crate) fn clouds() -> impl Iterator<Item = &'static dyn Target> {
    let has_regions = |target: &&dyn Target| target.capacities().iter().any(|place| place.region.is_some());
    appia_targets::TARGETS.iter().copied().filter(has_regions)
}

fn value(plan: &Plan, address: &str, name: &str) -> Value {
    plan.node(&Address::parse(address)).unwrap().values.get(name).cloned().unwrap_or(Value::Null)
}

#[test]
fn everything_is_planned_sized_and_priced() {
    assert!(clouds().next().is_some());
    for cloud in clouds() {
        let (plan, found) = compile_text(EVERYTHING, cloud.name());
        let plan = plan.unwrap_or_else(|| panic!("{}: {found:#?}", cloud.name()));
        assert!(plan.infeasible.is_none(), "{}: {:#?}", cloud.name(), plan.infeasible);
        assert!(plan.outcomes.iter().all(|outcome| outcome.met == Some(true)), "{:#?}", plan.outcomes);
        let region = value(&plan, "app", "region");
        let place = cloud.capacities().iter().filter_map(|place| place.region.as_ref());
        let place = place.clone().find(|place| place.name == region.as_str().unwrap()).unwrap();
        assert_eq!(place.jurisdiction, "EU");
        // Nothing but a standby is back within five minutes.
        assert_eq!(value(&plan, "resources.db", "standby"), true, "{}", cloud.name());
        let cost = plan.cost.unwrap();
        let addresses = [
            "app",
            "workloads.web",
            "workloads.worker",
            "workloads.hook",
            "resources.db",
            "resources.old",
            "resources.files",
        ];
        for address in addresses {
            assert!(
                cost.items.iter().any(|item| item.address.as_str() == address),
                "{}: {address}",
                cloud.name()
            );
        }
        let total: f64 = cost.items.iter().map(|item| item.monthly_usd.parse::<f64>().unwrap()).sum();
        assert!(
            (total - cost.monthly_usd.parse::<f64>().unwrap()).abs() < 0.011,
            "{total} {}",
            cost.monthly_usd
        );
    }
}

#[test]
fn every_size_and_class_has_its_prices() {
    for cloud in clouds() {
        for place in cloud.capacities() {
            let name = &place.region.as_ref().unwrap().name;
            for runner in &place.runners {
                assert!(!runner.sizes.is_empty(), "{name}");
                assert!(
                    !runner.rates.is_empty()
                        && runner.rates.iter().all(|rate| place.prices.first(&rate.sku).is_some()),
                    "{name}: {:?}",
                    runner.kinds
                );
            }
            for server in &place.servers {
                assert!(server.classes.len() >= 8, "{name}: {}", server.kind);
                for class in &server.classes {
                    assert!(!class.rates.is_empty(), "{name}: {} has no price", class.name);
                    assert!(
                        !class.standby || (class.recovery_time.is_some() && class.recovery_point.is_some()),
                        "{name}: {}",
                        class.name
                    );
                    assert!(class.memory.value.get() > 0 && class.cpu.millis() > 0, "{name}: {}", class.name);
                }
                assert!(
                    server.classes.iter().any(|class| class.standby && class.availability.is_some()),
                    "{name}: {}",
                    server.kind
                );
            }
            assert!(!place.entrance.is_empty(), "{name}");
        }
    }
}

#[test]
fn constraints_narrow_the_regions() {
    for cloud in clouds() {
        let region = |constraint: &str| {
            let text = shop("rps: 50, availability: 99%", "");
            let text = text
                .replace("workloads:", &format!("constraints: {{ regions: [{constraint}] }}\nworkloads:"));
            let (plan, found) = compile_text(&text, cloud.name());
            (plan.map(|plan| value(&plan, "app", "region").as_str().unwrap().to_owned()), found)
        };
        for place in cloud.capacities().iter().filter_map(|place| place.region.as_ref()) {
            assert_eq!(region(&place.name).0.as_deref(), Some(place.name.as_ref()));
        }
        let (plan, found) = region("eu, moon");
        assert!(plan.is_none());
        let found = found.iter().find(|found| found.code.id == "APP0502").unwrap();
        assert_eq!(found.span.as_ref().unwrap().start.line, 3);
        assert!(found.message.contains("`moon`"), "{}", found.message);
    }
}

#[test]
fn the_cheapest_region_is_taken_and_the_others_are_told() {
    for cloud in clouds() {
        let free = plan(&shop("rps: 200, availability: 99%, latency: { p95: 200ms }", ""), cloud.name());
        let explained = appia_plan::explain(&free, &Address::parse("app.region")).unwrap();
        assert_eq!(explained.alternatives.len() + 1, cloud.capacities().len(), "{}", cloud.name());
        let price: f64 = free.cost.as_ref().unwrap().monthly_usd.parse().unwrap();
        for other in &explained.alternatives {
            let told: f64 = other.monthly_usd.as_ref().unwrap().parse().unwrap();
            assert!(told >= price, "{other:?} {price}");
            let text = shop("rps: 200, availability: 99%, latency: { p95: 200ms }", "");
            let name = other.value.as_str().unwrap();
            let there = plan(
                &text.replace("workloads:", &format!("constraints: {{ regions: [{name}] }}\nworkloads:")),
                cloud.name(),
            );
            assert_eq!(there.cost.unwrap().monthly_usd, *other.monthly_usd.as_ref().unwrap());
        }
    }
}

#[test]
fn a_target_that_is_not_rendered_yet_says_so() {
    let mut found = appia_diag::Diagnostics::new();
    let files = appia_sources::MemoryFiles::new().with("appia.yaml", shop("rps: 5", ""));
    let intent = appia_sources::read(&files, &["appia.yaml".to_owned()], &mut found).unwrap();
    let cloud = clouds().find(|cloud| cloud.unrendered().is_some()).unwrap();
    let request = appia_compile::Request {
        intent,
        environment: appia_intent::EnvironmentName::new("local").unwrap(),
        target: cloud,
        inputs: appia_plan::Inputs::default(),
        today: None,
    };
    assert!(appia_compile::export(request, &mut found).is_err());
    let told: Vec<_> = found.iter().filter(|found| found.code.id == "APP0902").collect();
    assert_eq!(told.len(), 1, "{found:?}");
}

/// Codes of what is found when figures are judged on a day.
fn found_on(day: Option<&str>) -> Vec<(&'static str, String)> {
    let mut found = appia_diag::Diagnostics::new();
    let text = shop("rps: 50, availability: 99%", "");
    let files = appia_sources::MemoryFiles::new().with("appia.yaml", text);
    let intent = appia_sources::read(&files, &["appia.yaml".to_owned()], &mut found).unwrap();
    let request = appia_compile::Request {
        intent,
        environment: appia_intent::EnvironmentName::new("local").unwrap(),
        target: appia_targets::find("kubernetes").unwrap(),
        inputs: appia_plan::Inputs::default(),
        today: day.map(|day| day.parse().unwrap()),
    };
    appia_compile::compile(request, &mut found).unwrap();
    let about_figures = found.into_iter().filter(|found| found.code.id.starts_with("APP05"));
    about_figures.map(|found| (found.code.id, found.message)).collect()
}

#[test]
fn the_chain_names_rows_of_tables_and_the_next_cheaper_option() {
    for cloud in clouds() {
        let plan = plan(&shop("rps: 1000, availability: 99%, latency: { p95: 200ms }", ""), cloud.name());
        let why = appia_plan::explain(&plan, &Address::parse("workloads.api.replicas")).unwrap();
        let inputs = why.because.iter().flat_map(|reason| &reason.inputs);
        let tables = inputs.filter(|input| matches!(&input.origin, appia_plan::Origin::Table { row, as_of } if row.contains("http") && as_of.len() == 10));
        assert_eq!(tables.count(), 2, "{}: {why:#?}", cloud.name());
        let next = why.alternatives.first().unwrap();
        assert!(next.monthly_usd.is_some() && !next.rejected.is_empty(), "{next:?}");
    }
}

#[test]
fn figures_grow_old_and_are_confirmed_or_not() {
    let codes = |day| found_on(day).into_iter().map(|(code, _)| code).collect::<Vec<_>>();
    // The stand-in price of a node is of 2026-01-19 and nobody confirmed it.
    assert_eq!(codes(None), ["APP0505"]);
    assert_eq!(codes(Some("2026-07-18")), ["APP0505"]);
    assert_eq!(codes(Some("2026-07-19")), ["APP0505", "APP0506"]);
    let told = found_on(Some("2026-07-19"));
    assert!(told.iter().all(|(_, message)| message.contains("`node-vcpu`")), "{told:?}");
}

/// What a size brings is told and given, whatever a default would have been; what is stated is kept.
#[test]
fn memory_is_what_the_size_brings() {
    let one = |memory: &str| {
        format!(
            "app: one\noutcomes: {{ rps: 100 }}\nworkloads:\n  web: {{ image: example/web@sha256:0, port: 80, public: true, cpu: 2{memory} }}\n"
        )
    };
    for cloud in clouds() {
        let free = plan(&one(""), cloud.name());
        let size = free.model.unwrap().candidates.first().unwrap().memory_mib;
        let told = free.nodes.iter().find(|node| node.address.as_str() == "workloads.web").unwrap();
        assert_eq!(told.values.get("memory_mib"), Some(&Value::from(size)), "{}", cloud.name());
        let stated = plan(&one(", memory: 300Mi"), cloud.name());
        assert_eq!(value(&stated, "workloads.web", "memory_mib"), 300, "{}", cloud.name());
    }
}
