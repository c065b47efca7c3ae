//! Keys of a workload.

use appia_intent::{Balance, Protocol, WorkloadKind};

use super::{container, words};
use crate::shape::{Format, Key, Kind, Object, Others, Rule, Schema, formats};

/// A workload. Every key of a container may stand here too, when there is one container.
pub(crate) static WORKLOAD: Object = Object {
    name: "a workload",
    about: "Something that runs. With one container its keys stand here; with several they stand under `containers`.",
    groups: &[KEYS, container::KEYS],
    rules: &[
        Rule::AnyOf(&["image", "build", "containers"]),
        Rule::Exclusive("image", "build"),
        Rule::Exclusive("port", "ports"),
        Rule::Exclusive("containers", "image"),
        Rule::Exclusive("containers", "build"),
        Rule::Exclusive("containers", "command"),
        Rule::Exclusive("containers", "args"),
        Rule::Exclusive("containers", "env"),
        Rule::Exclusive("containers", "files"),
        Rule::Exclusive("containers", "volumes"),
        Rule::Exclusive("containers", "probes"),
        Rule::Exclusive("containers", "cpu"),
        Rule::Exclusive("containers", "memory"),
        Rule::Exclusive("containers", "threads"),
        Rule::Exclusive("containers", "demand"),
    ],
    others: Others::Refused,
};

const KEYS: &[Key] = &[
    Key::new(
        "type",
        Kind::Scalar(&KIND),
        "How it runs. Without it: `service` when it has a port, else `worker`.",
        "service",
    )
    .instead_of(&["kind"]),
    Key::new(
        "port",
        Kind::Scalar(&formats::PORT),
        "The port that the program listens on, for HTTP; short for `ports: { http: ... }`. The program finds it in `PORT`.",
        "3000",
    ),
    Key::new(
        "ports",
        const {
            Kind::Map {
                keys: &formats::NAME,
                values: &Kind::Either(&[Kind::Scalar(&formats::PORT), Kind::Object(&PORT)]),
            }
        },
        "Several ports by name.",
        "{ http: 8080, metrics: { port: 9100 } }",
    )
    .instead_of(&["expose"]),
    Key::new(
        "public",
        const { Kind::Either(&[Kind::Scalar(&formats::TRUE), Kind::Object(&EXPOSURE)]) },
        "Reachable from outside of the application.",
        "true",
    )
    .instead_of(&["ingress", "route"]),
    Key::new(
        "calls",
        const {
            Kind::Either(&[
                Kind::List(&Kind::Scalar(&formats::NAME)),
                Kind::Map {
                    keys: &formats::NAME,
                    values: &Kind::Either(&[Kind::Scalar(&formats::VISITS), Kind::Object(&CALL)]),
                },
            ])
        },
        "Workloads that it calls, with the number of calls for each request it serves (1 in a list).",
        "{ api: 2 }",
    )
    .instead_of(&["depends_on", "dependsOn", "needs"]),
    Key::new(
        "uses",
        const {
            Kind::Either(&[
                Kind::List(&Kind::Scalar(&formats::NAME)),
                Kind::Map {
                    keys: &formats::NAME,
                    values: &Kind::Either(&[Kind::Scalar(&formats::VISITS), Kind::Object(&USE)]),
                },
            ])
        },
        "How it uses resources, for each request it serves.",
        "{ db: { visits: 2, demand: 1ms } }",
    ),
    Key::new(
        "replicas",
        Kind::Scalar(&formats::REPLICAS),
        "A fixed number of replicas. It is kept, and checked against the outcomes.",
        "3",
    )
    .instead_of(&["instances", "scale", "count"]),
    Key::new(
        "share",
        Kind::Scalar(&formats::SHARE),
        "Its weight in the public load; public workloads share equally without it.",
        "0.8",
    ),
    Key::new(
        "payload",
        Kind::Scalar(&formats::BYTES),
        "What an answer of a `public` workload has on average, for what leaves to people outside; `4Ki` without it.",
        "60Ki",
    ),
    Key::new(
        "schedule",
        Kind::Scalar(&formats::SCHEDULE),
        "When a `cron` runs: minute, hour, day of the month, month, day of the week, in UTC.",
        "\"0 3 * * *\"",
    )
    .instead_of(&["cron"]),
    Key::new(
        "balance",
        Kind::Scalar(&BALANCE),
        "Which replica gets the next request: `round-robin` (each in its turn, when nothing is stated) or \
         `least-connections` (the one with the fewest requests in flight, for answers that take unequally long).",
        "least-connections",
    ),
    Key::new(
        "watch",
        Kind::Scalar(&formats::DURATION),
        "How long a new release is watched while the one before it still stands by: when it crashes, becomes unhealthy \
         or fails requests that the one before it can answer, it is taken back. 2 s when nothing is stated.",
        "90s",
    ),
    Key::new(
        "annotations",
        const { Kind::Map { keys: &formats::KEY, values: &Kind::Scalar(&formats::SCALAR) } },
        "Labels and notes, kept for targets.",
        "{ contact: \"#checkout\" }",
    )
    .instead_of(&["labels"]),
    Key::new(
        "containers",
        const { Kind::Map { keys: &formats::NAME, values: &Kind::Object(&container::CONTAINER) } },
        "Several programs that run side by side, by name.",
        "{ main: { image: \"nginx:1.29\" } }",
    ),
];

const KINDS: [&str; WorkloadKind::ALL.len()] = words(WorkloadKind::ALL);
const PROTOCOLS: [&str; Protocol::ALL.len()] = words(Protocol::ALL);
const BALANCES: [&str; Balance::ALL.len()] = words(Balance::ALL);
static BALANCE: Format =
    formats::plain("a way to balance such as `least-connections`", Schema::Words(&BALANCES));
static KIND: Format = formats::plain("a kind of workload such as `service`", Schema::Words(&KINDS));
static PROTOCOL: Format = formats::plain("a protocol such as `http`", Schema::Words(&PROTOCOLS));

static PORT: Object = Object {
    name: "a port",
    about: "A port of a workload.",
    groups: &[&[
        Key::new("port", Kind::Scalar(&formats::PORT), "The port that callers use.", "80").required(),
        Key::new(
            "target",
            Kind::Scalar(&formats::PORT),
            "The port that the program listens on; the same without it.",
            "8080",
        )
        .instead_of(&["targetPort", "target_port"]),
        Key::new("protocol", Kind::Scalar(&PROTOCOL), "What is spoken on it; `http` without it.", "tcp"),
    ]],
    rules: &[],
    others: Others::Refused,
};

static EXPOSURE: Object = Object {
    name: "`public`",
    about: "How a workload is reached from outside.",
    groups: &[&[
        Key::new(
            "host",
            Kind::Scalar(&formats::HOST),
            "Its host name; the environment makes one without it.",
            "shop.example.com",
        )
        .instead_of(&["hostname", "domain"]),
        Key::new("path", Kind::Scalar(&formats::URL_PATH), "Only paths that begin so.", "/api"),
    ]],
    rules: &[],
    others: Others::Refused,
};

static CALL: Object = Object {
    name: "a call",
    about: "How a workload calls another one.",
    groups: &[&[
        Key::new(
            "visits",
            Kind::Scalar(&formats::VISITS),
            "Calls for each request it serves; 1 without it.",
            "2",
        ),
        Key::new(
            "parallel",
            Kind::Scalar(&formats::FLAG),
            "The calls run at the same time, not one after the other.",
            "true",
        ),
    ]],
    rules: &[],
    others: Others::Refused,
};

static USE: Object = Object {
    name: "a use",
    about: "How a workload uses a resource.",
    groups: &[&[
        Key::new("visits", Kind::Scalar(&formats::VISITS), "Uses for each request it serves.", "2"),
        Key::new(
            "demand",
            Kind::Scalar(&formats::POSITIVE_DURATION),
            "Time of the resource for each use.",
            "1ms",
        ),
    ]],
    rules: &[],
    others: Others::Refused,
};
