//! The table of `appia.yaml`: every key, what it takes, its manual and an example.

mod container;
mod resource;
mod workload;

use crate::shape::{Format, Key, Kind, Object, Others, Rule, Schema, formats};

/// The whole file.
pub(crate) static APP: Object = Object {
    name: "appia.yaml",
    about: "What an application is and what it promises. It stands beside the code.",
    groups: &[APP_KEYS],
    rules: &[],
    others: Others::Refused,
};

const APP_KEYS: &[Key] = &[
    Key::new(
        "app",
        Kind::Scalar(&formats::NAME),
        "The application's name: the unit that a team owns.",
        "storefront",
    )
    .required()
    .instead_of(&["name", "application"]),
    Key::new("owner", Kind::Scalar(&formats::NAME), "The team that owns it.", "team-checkout")
        .instead_of(&["team", "maintainer"]),
    Key::new(
        "outcomes",
        Kind::Object(&OUTCOMES),
        "Measurable promises. What is not stated is not promised.",
        "{ users: 10000, availability: 99.9% }",
    )
    .instead_of(&["slo", "slos", "goals"]),
    Key::new(
        "constraints",
        Kind::Object(&CONSTRAINTS),
        "Limits that any plan has to keep.",
        "{ regions: [eu], data: personal }",
    ),
    Key::new(
        "workloads",
        const { Kind::Map { keys: &formats::NAME, values: &Kind::Object(&workload::WORKLOAD) } },
        "What runs, by name.",
        "{ web: { image: \"nginx:1.29\", port: 80 } }",
    )
    .required()
    .instead_of(&["services", "containers", "components"]),
    Key::new(
        "resources",
        const { Kind::Map { keys: &formats::NAME, values: &Kind::Object(&resource::RESOURCE) } },
        "What the workloads need, by name.",
        "{ db: { type: postgres } }",
    )
    .instead_of(&["databases", "dependencies", "volumes"]),
];

static OUTCOMES: Object = Object {
    name: "`outcomes`",
    about: "Measurable promises: load, availability, latency, money, recovery, carbon.",
    groups: &[&[
        Key::new(
            "users",
            Kind::Scalar(&formats::USERS),
            "People using it at the same moment, at peak.",
            "10000",
        ),
        Key::new(
            "rps",
            Kind::Scalar(&formats::RATE),
            "Requests a second over all public workloads, at peak.",
            "1000",
        )
        .instead_of(&["requests", "throughput"]),
        Key::new(
            "think_time",
            Kind::Scalar(&formats::POSITIVE_DURATION),
            "Time that a user thinks between two requests.",
            "10s",
        ),
        Key::new("peak_to_mean", Kind::Scalar(&formats::PEAK), "Peak load divided by mean load.", "3"),
        Key::new(
            "availability",
            Kind::Scalar(&formats::AVAILABILITY),
            "Share of time in which the application answers.",
            "99.9%",
        )
        .instead_of(&["uptime"]),
        Key::new(
            "latency",
            Kind::Object(&LATENCY),
            "Response times at the edge of public workloads.",
            "{ p95: 400ms }",
        ),
        Key::new(
            "budget",
            Kind::Scalar(&formats::BUDGET),
            "The most that it may cost, in `USD`, `EUR` or `GBP` a `month` or `year`.",
            "1200 USD/month",
        )
        .instead_of(&["cost", "price"]),
        Key::new(
            "recovery",
            Kind::Object(&RECOVERY),
            "The most that a disaster may lose.",
            "{ rpo: 5m, rto: 1h }",
        ),
        Key::new(
            "carbon",
            const { Kind::Either(&[Kind::Object(&CARBON), Kind::Scalar(&formats::PREFER_LOW)]) },
            "The most that it may emit, or `prefer-low`: among plans that keep every promise, one that emits less.",
            "{ max: 25kg }",
        ),
    ]],
    rules: &[Rule::Exclusive("users", "rps")],
    others: Others::Refused,
};

static LATENCY: Object = Object {
    name: "`latency`",
    about: "Response times by percentile.",
    groups: &[&[
        Key::new(
            "p50",
            Kind::Scalar(&formats::POSITIVE_DURATION),
            "Half of the requests are faster.",
            "80ms",
        ),
        Key::new("p95", Kind::Scalar(&formats::POSITIVE_DURATION), "95 of 100 requests are faster.", "400ms"),
        Key::new("p99", Kind::Scalar(&formats::POSITIVE_DURATION), "99 of 100 requests are faster.", "900ms"),
    ]],
    rules: &[],
    others: Others::Refused,
};

static RECOVERY: Object = Object {
    name: "`recovery`",
    about: "The most that a disaster may lose.",
    groups: &[&[
        Key::new("rpo", Kind::Scalar(&formats::DURATION), "How old the data may be after a restore.", "5m"),
        Key::new("rto", Kind::Scalar(&formats::DURATION), "How long a restore may take.", "1h"),
    ]],
    rules: &[],
    others: Others::Refused,
};

static CARBON: Object = Object {
    name: "`carbon`",
    about: "What it may emit.",
    groups: &[&[Key::new(
        "max",
        Kind::Scalar(&formats::CARBON_MASS),
        "The most CO2 equivalent a month.",
        "25kg",
    )
    .required()]],
    rules: &[],
    others: Others::Refused,
};

static CONSTRAINTS: Object = Object {
    name: "`constraints`",
    about: "Limits that any plan has to keep.",
    groups: &[&[
        Key::new(
            "regions",
            const { Kind::List(&Kind::Scalar(&formats::TEXT)) },
            "Where it may run: groups such as `eu`, or a region's own name.",
            "[eu]",
        )
        .instead_of(&["region", "locations"]),
        Key::new(
            "data",
            Kind::Scalar(&DATA),
            "What kind of data it holds, from harmless to most protected.",
            "personal",
        ),
        Key::new(
            "compliance",
            const { Kind::List(&Kind::Scalar(&formats::TEXT)) },
            "Frameworks to follow.",
            "[gdpr, soc2]",
        ),
    ]],
    rules: &[],
    others: Others::Refused,
};

static DATA: Format =
    crate::shape::formats::plain("a class of data such as `personal`", Schema::Words(&DATA_WORDS));
const DATA_WORDS: [&str; appia_intent::DataClass::ALL.len()] = words(appia_intent::DataClass::ALL);

/// The words of a table of the Intent's own, so that they are written once.
#[expect(
    clippy::indexing_slicing,
    reason = "evaluated by the compiler, where an index out of range is an error"
)]
const fn words<T: Copy, const N: usize>(table: &[(&'static str, T)]) -> [&'static str; N] {
    let mut names = [""; N];
    let mut index = 0;
    while index < N {
        names[index] = table[index].0;
        index += 1;
    }
    names
}
