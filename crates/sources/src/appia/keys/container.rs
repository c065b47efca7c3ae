//! Keys of a container, which are also the short form of a workload.

use appia_intent::Builder;

use super::words;
use crate::shape::{Format, Key, Kind, Object, Others, Rule, Schema, formats};
use crate::value::READY_WORDS;

/// One of several containers.
pub(crate) static CONTAINER: Object = Object {
    name: "a container",
    about: "One program of a workload.",
    groups: &[KEYS, &[BEFORE]],
    rules: &[Rule::AnyOf(&["image", "build"]), Rule::Exclusive("image", "build")],
    others: Others::Refused,
};

pub(crate) const KEYS: &[Key] = &[
    Key::new(
        "image",
        Kind::Scalar(&formats::IMAGE),
        "A container image. Either this or `build`.",
        "\"nginx:1.29\"",
    ),
    Key::new(
        "build",
        const { Kind::Either(&[Kind::Scalar(&formats::FOLDER), Kind::Object(&BUILD)]) },
        "A folder to build, relative to this file. Either this or `image`.",
        "./web",
    ),
    Key::new(
        "command",
        COMMAND,
        "Replaces the program that the image or the build would start.",
        "[./serve]",
    )
    .instead_of(&["entrypoint", "cmd", "run", "start"]),
    Key::new(
        "args",
        ARGUMENTS,
        "Its arguments. Placeholders are not filled in here; use `env`.",
        "[--verbose]",
    )
    .instead_of(&["arguments"]),
    Key::new(
        "env",
        const { Kind::Map { keys: &formats::ENV_NAME, values: &Kind::Scalar(&formats::TEMPLATE) } },
        "Environment variables, with placeholders. Numbers and booleans are kept as written.",
        "{ DATABASE_URL: \"${resources.db.url}\" }",
    )
    .instead_of(&["environment", "variables", "vars"]),
    Key::new(
        "files",
        const {
            Kind::Map {
                keys: &formats::MOUNT,
                values: &Kind::Either(&[Kind::Scalar(&formats::SCALAR), Kind::Object(&FILE)]),
            }
        },
        "Files to put in place, by path: the text itself, or where it comes from.",
        "{ /etc/app.conf: { source: ./app.conf } }",
    ),
    Key::new(
        "volumes",
        const {
            Kind::Map {
                keys: &formats::MOUNT,
                values: &Kind::Either(&[Kind::Scalar(&formats::VOLUME), Kind::Object(&VOLUME)]),
            }
        },
        "Volumes to mount, by path: the name of a resource of type `volume`.",
        "{ /data: data }",
    )
    .instead_of(&["mounts"]),
    Key::new(
        "probes",
        Kind::Object(&PROBES),
        "How to tell whether it is ready and whether it lives.",
        "{ readiness: { http: /healthz } }",
    )
    .instead_of(&["probe", "healthcheck", "health", "checks"]),
    Key::new(
        "cpu",
        const { Kind::Either(&[Kind::Scalar(&formats::CPU), Kind::Object(&CPU)]) },
        "Processors: one number is what it is given and the most it may take.",
        "500m",
    ),
    Key::new(
        "memory",
        const { Kind::Either(&[Kind::Scalar(&formats::BYTES), Kind::Object(&MEMORY)]) },
        "Memory: one amount is what it is given and the most it may take.",
        "256Mi",
    )
    .instead_of(&["mem", "ram"]),
    Key::new(
        "threads",
        Kind::Scalar(&formats::THREADS),
        "Threads that work on requests at the same time; 1 for single-threaded runtimes.",
        "1",
    )
    .instead_of(&["workers", "concurrency"]),
    Key::new("demand", Kind::Scalar(&formats::POSITIVE_DURATION), "CPU time for one request.", "8ms"),
];

const BEFORE: Key = Key::new(
    "before",
    const { Kind::Map { keys: &formats::NAME, values: &Kind::Scalar(&READY) } },
    "Containers that start only after this one is `started`, `healthy` or `complete`.",
    "{ main: complete }",
);

const ARGUMENTS: Kind =
    Kind::Either(&[Kind::List(&Kind::Scalar(&formats::SCALAR)), Kind::Scalar(&formats::ARGUMENTS)]);

const COMMAND: Kind =
    Kind::Either(&[Kind::List(&Kind::Scalar(&formats::SCALAR)), Kind::Scalar(&formats::COMMAND_LINE)]);

const READIES: [&str; READY_WORDS.len()] = words(READY_WORDS);
const BUILDERS: [&str; Builder::ALL.len()] = words(Builder::ALL);
static READY: Format = formats::plain("`started`, `healthy` or `complete`", Schema::Words(&READIES));
static BUILDER: Format = formats::plain("a builder such as `cargo`", Schema::Words(&BUILDERS));
static SCHEME: Format = formats::plain("`http` or `https`", Schema::Words(&["http", "https"]));

static BUILD: Object = Object {
    name: "a build",
    about: "A folder to build and how.",
    groups: &[&[
        Key::new("context", Kind::Scalar(&formats::FOLDER), "The folder, relative to this file.", "./web")
            .required()
            .instead_of(&["path", "folder", "dir"]),
        Key::new(
            "builder",
            Kind::Scalar(&BUILDER),
            "How; found by looking at the folder without it.",
            "cargo",
        ),
        Key::new(
            "command",
            Kind::Scalar(&formats::TEXT),
            "What to run: instead of a builder, or with `node` and `python` after their packages are installed.",
            "make release",
        ),
        Key::new("output", Kind::Scalar(&formats::INNER), "The folder that holds the result.", "dist"),
        Key::new(
            "binary",
            Kind::Scalar(&formats::TEXT),
            "For `cargo`: which binary, when there are several.",
            "api",
        ),
        Key::new(
            "dockerfile",
            Kind::Scalar(&formats::INNER),
            "Another Dockerfile than `Dockerfile`.",
            "Dockerfile.web",
        ),
    ]],
    rules: &[],
    others: Others::Refused,
};

static FILE: Object = Object {
    name: "a file",
    about: "A file to put in place.",
    groups: &[&[
        Key::new("content", Kind::Scalar(&formats::SCALAR), "The text, with placeholders.", "\"hello\""),
        Key::new("source", Kind::Scalar(&formats::FILE), "A file beside this one.", "./app.conf"),
        Key::new("binary", Kind::Scalar(&formats::BASE64), "Bytes in base64.", "aGVsbG8="),
        Key::new("mode", Kind::Scalar(&formats::MODE), "Permission bits.", "\"0644\""),
        Key::new(
            "expand",
            Kind::Scalar(&formats::FLAG),
            "`false` leaves placeholders in the text as they are.",
            "false",
        ),
    ]],
    rules: &[
        Rule::AnyOf(&["content", "source", "binary"]),
        Rule::Exclusive("content", "source"),
        Rule::Exclusive("content", "binary"),
        Rule::Exclusive("source", "binary"),
    ],
    others: Others::Refused,
};

static VOLUME: Object = Object {
    name: "a volume",
    about: "A volume at a path.",
    groups: &[&[
        Key::new("source", Kind::Scalar(&formats::VOLUME), "A resource of type `volume`.", "data").required(),
        Key::new("path", Kind::Scalar(&formats::INNER), "A folder inside of the volume.", "uploads"),
        Key::new("read_only", Kind::Scalar(&formats::FLAG), "It is not written to.", "true")
            .instead_of(&["readOnly", "ro"]),
    ]],
    rules: &[],
    others: Others::Refused,
};

static PROBES: Object = Object {
    name: "`probes`",
    about: "How to tell whether a container is ready and whether it lives.",
    groups: &[&[
        Key::new(
            "readiness",
            Kind::Object(&PROBE),
            "While it fails, the container gets no requests.",
            "{ http: /healthz }",
        )
        .instead_of(&["ready"]),
        Key::new(
            "liveness",
            Kind::Object(&PROBE),
            "When it fails, the container is restarted.",
            "{ http: /livez }",
        )
        .instead_of(&["live", "alive"]),
    ]],
    rules: &[],
    others: Others::Refused,
};

static PROBE: Object = Object {
    name: "a probe",
    about: "A check and its rhythm.",
    groups: &[&[
        Key::new(
            "http",
            const { Kind::Either(&[Kind::Scalar(&formats::URL_PATH), Kind::Object(&HTTP)]) },
            "A GET that answers 200 to 399: its path, or more about it.",
            "/healthz",
        )
        .instead_of(&["httpGet", "http_get"]),
        Key::new(
            "tcp",
            const { Kind::Either(&[Kind::Scalar(&formats::PORT), Kind::Scalar(&formats::TRUE)]) },
            "A connection that is accepted: the port, or `true` for the workload's first.",
            "5432",
        )
        .instead_of(&["tcpSocket"]),
        Key::new("exec", COMMAND, "A command that ends with status 0.", "[./healthy]")
            .instead_of(&["command"]),
        Key::new("interval", Kind::Scalar(&formats::POSITIVE_DURATION), "Time between two checks.", "10s")
            .instead_of(&["period", "every"]),
        Key::new("timeout", Kind::Scalar(&formats::POSITIVE_DURATION), "Time that one check may take.", "2s"),
        Key::new(
            "start_within",
            Kind::Scalar(&formats::POSITIVE_DURATION),
            "Time that the first pass may take.",
            "30s",
        )
        .instead_of(&["start_period", "initial_delay"]),
        Key::new(
            "failures",
            Kind::Scalar(&formats::FAILURES),
            "Failures in a row until it counts as failed.",
            "3",
        )
        .instead_of(&["retries"]),
    ]],
    rules: &[
        Rule::AnyOf(&["http", "tcp", "exec"]),
        Rule::Exclusive("http", "tcp"),
        Rule::Exclusive("http", "exec"),
        Rule::Exclusive("tcp", "exec"),
    ],
    others: Others::Refused,
};

static HTTP: Object = Object {
    name: "an http probe",
    about: "A GET that answers 200 to 399.",
    groups: &[&[
        Key::new("path", Kind::Scalar(&formats::URL_PATH), "The path; `/` without it.", "/healthz"),
        Key::new("port", Kind::Scalar(&formats::PORT), "The port; the workload's first without it.", "8080"),
        Key::new("scheme", Kind::Scalar(&SCHEME), "`http` without it.", "https"),
        Key::new("host", Kind::Scalar(&formats::HOST), "The `Host` to ask for.", "shop.example.com"),
        Key::new(
            "headers",
            const { Kind::Map { keys: &formats::KEY, values: &Kind::Scalar(&formats::SCALAR) } },
            "More headers.",
            "{ X-Probe: \"1\" }",
        ),
    ]],
    rules: &[],
    others: Others::Refused,
};

static CPU: Object = Object {
    name: "`cpu`",
    about: "Processors.",
    groups: &[&[
        Key::new("request", Kind::Scalar(&formats::CPU), "What it is given.", "250m")
            .instead_of(&["requests"]),
        Key::new("limit", Kind::Scalar(&formats::CPU), "The most it may take.", "1")
            .instead_of(&["limits", "max"]),
    ]],
    rules: &[Rule::AnyOf(&["request", "limit"])],
    others: Others::Refused,
};

static MEMORY: Object = Object {
    name: "`memory`",
    about: "Memory.",
    groups: &[&[
        Key::new("request", Kind::Scalar(&formats::BYTES), "What it is given.", "128Mi")
            .instead_of(&["requests"]),
        Key::new("limit", Kind::Scalar(&formats::BYTES), "The most it may take.", "256Mi")
            .instead_of(&["limits", "max"]),
    ]],
    rules: &[Rule::AnyOf(&["request", "limit"])],
    others: Others::Refused,
};
