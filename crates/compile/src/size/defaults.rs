//! What is taken where nobody stated or measured a number. Each has a source, and the plan shows it.

use appia_intent::WorkloadKind;

/// A figure and where it comes from.
pub(super) type Default = (f64, &'static str);

/// Seconds between two requests of a user.
pub(super) const THINK_TIME: Default =
    (7.0, "TPC Benchmark W 1.8: emulated shoppers think for 7 seconds on average");

/// Load at peak divided by load on average.
pub(super) const PEAK_TO_MEAN: Default = (
    2.0,
    "Appia's default, chosen as the rhythm of a day: the busiest hour has twice the requests of the average one; state `peak_to_mean`",
);

/// Seconds in which the load may grow from its average to its peak.
pub(super) const RAMP: Default = (
    600.0,
    "Appia's default, chosen as a campaign that everyone sees within ten minutes; a day's rhythm is slower",
);

/// Bytes of an answer that leaves for people and programs outside.
pub(super) const PAYLOAD: (u64, &str) =
    (4 << 10, "Appia's default, chosen as an answer in JSON, or a compressed page without its pictures");

/// Variability of service times.
pub(super) const SCV: Default =
    (1.0, "Appia's default, chosen as exponential service: what M/M/c assumes, until it is measured");

/// Calls or uses of what is only referred to.
pub(super) const VISITS: Default = (
    1.0,
    "Appia's default, chosen as one for each request, where a placeholder refers to it and nothing says more",
);

/// Processor seconds for a request.
pub(super) fn demand(kind: WorkloadKind) -> Default {
    match kind {
        WorkloadKind::Site => (
            0.001,
            "Appia's default, chosen as a file that is read from memory; state `demand` or measure it",
        ),
        WorkloadKind::Service
        | WorkloadKind::Worker
        | WorkloadKind::Job
        | WorkloadKind::Cron
        | WorkloadKind::Function => (
            0.010,
            "Appia's default, chosen as a page of a common web framework; state `demand` or measure it",
        ),
    }
}

/// Processor seconds of a resource for one use.
pub(super) fn use_demand(kind: &str) -> Default {
    match kind {
        "redis" => (
            0.000_05,
            "Appia's default, chosen as one small command: Redis serves some 20,000 a second and core",
        ),
        _ => (
            0.001,
            "Appia's default, chosen as one query by an index; state `uses` with a `demand` or measure it",
        ),
    }
}

/// How connections of a database stand in each other's way, as (sigma, kappa).
pub(super) const DATABASE_SCALABILITY: ((f64, f64), &str) = (
    (0.02, 0.0005),
    "Appia's default, chosen as a database that does most on some 44 processors, until it is measured",
);

/// Databases whose connections are dear, so that programs keep some and share them.
pub(super) const POOLED: [&str; 2] = ["postgres", "mysql"];
