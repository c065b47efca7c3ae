//! The published Score v1b1 schema (`score-v1b1.json`) as a table, with the older forms that its loader upgrades.

use appia_diag::codes;

use crate::shape::{Format, Key, Kind, Object, Others, Refusal, Rule, Schema, formats};
use crate::yaml::Class;

type Tested = Result<(), Refusal>;

/// The whole file.
pub(crate) static SCORE: Object = Object {
    name: "the Score file",
    about: "A Score v1b1 workload.",
    groups: &[&[
        required("apiVersion", Kind::Scalar(&API_VERSION), "score.dev/v1b1"),
        required("metadata", Kind::Object(&METADATA), "{ name: web }"),
        optional("service", Kind::Object(&SERVICE), "{ ports: { http: { port: 80 } } }"),
        required(
            "containers",
            const { Kind::Map { keys: &LABEL, values: &Kind::Object(&CONTAINER) } },
            "{ main: { image: nginx } }",
        ),
        optional(
            "resources",
            const { Kind::Map { keys: &LABEL, values: &Kind::Object(&RESOURCE) } },
            "{ db: { type: postgres } }",
        ),
    ]],
    rules: &[],
    others: Others::Refused,
};

/// The table's cells say no more than the schema does: it has manual pages of its own.
const fn optional(name: &'static str, kind: Kind, example: &'static str) -> Key {
    Key::new(name, kind, "", example)
}

const fn required(name: &'static str, kind: Kind, example: &'static str) -> Key {
    optional(name, kind, example).required()
}

const fn object(name: &'static str, groups: &'static [&'static [Key]], rules: &'static [Rule]) -> Object {
    Object { name, about: "", groups, rules, others: Others::Refused }
}

const STRINGS: &[Class] = &[Class::Text];

const fn string(says: &'static str, test: fn(&str) -> Tested) -> Format {
    Format { says, classes: STRINGS, test, schema: Schema::Open }
}

static API_VERSION: Format = formats::plain("`score.dev/v1b1`", Schema::Words(&["score.dev/v1b1"]));
static STRING: Format = string("a text", |_| Ok(()));
static FILLED: Format = string("a text", filled);
static LABEL: Format = string("a name of 2 to 63 lower-case letters, digits and `-`", label);
static TYPE: Format = string("a word of 2 to 63 letters, digits and `-`", type_word);
static ID: Format =
    string("an id of 2 to 63 lower-case letters and digits, with `-` and `.` between them", id);
static ANNOTATION: Format = string("an annotation's key such as `example.com/team`", annotation);
static VARIABLE: Format = string("a variable's name", variable);
static CPU: Format = string("an amount of processors such as `\"125m\"` or `\"2\"`", cpu);
static MEMORY: Format = string("an amount of memory such as `128Mi` or `1.5Gi`", memory);
static MODE: Format = string("a mode of octal digits such as `\"0644\"`", mode);
static BASE64: Format = string("base64", base64);
static HEADER: Format = string("a header's name such as `X-Probe`", header);
static PROTOCOL: Format = formats::plain("`TCP` or `UDP`", Schema::Words(&["TCP", "UDP"]));
static SCHEME: Format = formats::plain("`HTTP` or `HTTPS`", Schema::Words(&["HTTP", "HTTPS"]));
static READY: Format =
    formats::plain("`started`, `healthy` or `complete`", Schema::Words(&["started", "healthy", "complete"]));

static METADATA: Object = Object {
    name: "the metadata",
    about: "",
    groups: &[&[required("name", Kind::Scalar(&LABEL), "web"), ANNOTATIONS]],
    rules: &[],
    others: Others::Free,
};

static RESOURCE_METADATA: Object = Object {
    name: "the metadata of a resource",
    about: "",
    groups: &[&[ANNOTATIONS]],
    rules: &[],
    others: Others::Free,
};

const ANNOTATIONS: Key = optional(
    "annotations",
    const { Kind::Map { keys: &ANNOTATION, values: &Kind::Scalar(&STRING) } },
    "{ example.com/team: checkout }",
);

static SERVICE: Object = object(
    "the service",
    &[&[optional(
        "ports",
        const { Kind::Map { keys: &LABEL, values: &Kind::Object(&PORT) } },
        "{ http: { port: 80 } }",
    )]],
    &[],
);

static PORT: Object = object(
    "a port",
    &[&[
        required("port", Kind::Scalar(&formats::PORT), "80"),
        optional("protocol", Kind::Scalar(&PROTOCOL), "TCP"),
        optional("targetPort", Kind::Scalar(&formats::PORT), "8080"),
    ]],
    &[],
);

static RESOURCE: Object = object(
    "a resource",
    &[&[
        required("type", Kind::Scalar(&TYPE), "postgres"),
        optional("class", Kind::Scalar(&TYPE), "default"),
        optional("id", Kind::Scalar(&ID), "shared-db"),
        optional("metadata", Kind::Object(&RESOURCE_METADATA), "{}"),
        optional("params", const { Kind::Map { keys: &STRING, values: &Kind::Free } }, "{}"),
    ]],
    &[],
);

static CONTAINER: Object = object(
    "a container",
    &[&[
        required("image", Kind::Scalar(&FILLED), "nginx"),
        optional("command", const { Kind::List(&Kind::Scalar(&STRING)) }, "[\"/bin/sh\"]"),
        optional("args", const { Kind::List(&Kind::Scalar(&STRING)) }, "[\"-c\", \"date\"]"),
        optional(
            "variables",
            const { Kind::Map { keys: &VARIABLE, values: &Kind::Scalar(&STRING) } },
            "{ PORT: \"8080\" }",
        ),
        optional(
            "files",
            const {
                Kind::Either(&[
                    Kind::List(&Kind::Object(&LISTED_FILE)),
                    Kind::Map { keys: &STRING, values: &Kind::Object(&FILE) },
                ])
            },
            "{ /etc/motd: { content: hello } }",
        ),
        optional(
            "volumes",
            const {
                Kind::Either(&[
                    Kind::List(&Kind::Object(&LISTED_VOLUME)),
                    Kind::Map { keys: &STRING, values: &Kind::Object(&VOLUME) },
                ])
            },
            "{ /data: { source: \"${resources.data}\" } }",
        ),
        optional(
            "before",
            const { Kind::Map { keys: &LABEL, values: &Kind::Object(&BEFORE) } },
            "{ main: { ready: complete } }",
        ),
        optional("resources", Kind::Object(&COMPUTE), "{ limits: { memory: 128Mi } }"),
        optional("livenessProbe", Kind::Object(&PROBE), "{ httpGet: { path: /, port: 80 } }"),
        optional("readinessProbe", Kind::Object(&PROBE), "{ httpGet: { path: /, port: 80 } }"),
    ]],
    &[],
);

const FILE_KEYS: &[Key] = &[
    optional("mode", Kind::Scalar(&MODE), "\"0644\""),
    optional("source", Kind::Scalar(&FILLED), "motd.txt"),
    optional(
        "content",
        const { Kind::Either(&[Kind::Scalar(&STRING), Kind::List(&Kind::Scalar(&STRING))]) },
        "hello",
    ),
    optional("binaryContent", Kind::Scalar(&BASE64), "aGVsbG8="),
    optional("noExpand", Kind::Scalar(&formats::FLAG), "true"),
];
const FILE_RULES: &[Rule] = &[
    Rule::AnyOf(&["content", "binaryContent", "source"]),
    Rule::Exclusive("content", "binaryContent"),
    Rule::Exclusive("content", "source"),
    Rule::Exclusive("binaryContent", "source"),
];
static FILE: Object = object("a file", &[FILE_KEYS], FILE_RULES);
static LISTED_FILE: Object = object("a file", &[FILE_KEYS, &[TARGET]], FILE_RULES);

const TARGET: Key = required("target", Kind::Scalar(&FILLED), "/etc/motd");

const VOLUME_KEYS: &[Key] = &[
    required("source", Kind::Scalar(&STRING), "${resources.data}"),
    optional("path", Kind::Scalar(&STRING), "sub"),
    optional("readOnly", Kind::Scalar(&formats::FLAG), "true"),
    optional("read_only", Kind::Scalar(&formats::FLAG), "true"),
];
static VOLUME: Object = object("a volume", &[VOLUME_KEYS], &[Rule::Exclusive("readOnly", "read_only")]);
static LISTED_VOLUME: Object =
    object("a volume", &[VOLUME_KEYS, &[TARGET]], &[Rule::Exclusive("readOnly", "read_only")]);

static BEFORE: Object = object("a condition", &[&[required("ready", Kind::Scalar(&READY), "complete")]], &[]);

static COMPUTE: Object = object(
    "the resources of a container",
    &[&[
        optional("limits", Kind::Object(&AMOUNTS), "{ memory: 128Mi }"),
        optional("requests", Kind::Object(&AMOUNTS), "{ cpu: 125m }"),
    ]],
    &[],
);

static AMOUNTS: Object = object(
    "limits or requests",
    &[&[optional("memory", Kind::Scalar(&MEMORY), "128Mi"), optional("cpu", Kind::Scalar(&CPU), "\"0.5\"")]],
    &[],
);

static PROBE: Object = object(
    "a probe",
    &[&[
        optional("httpGet", Kind::Object(&HTTP), "{ path: /, port: 80 }"),
        optional("exec", Kind::Object(&EXEC), "{ command: [/bin/true] }"),
    ]],
    &[Rule::AnyOf(&["httpGet", "exec"])],
);

static EXEC: Object = object(
    "an exec probe",
    &[&[required("command", const { Kind::List(&Kind::Scalar(&STRING)) }, "[/bin/true]")]],
    &[],
);

static HTTP: Object = object(
    "an http probe",
    &[&[
        optional("host", Kind::Scalar(&FILLED), "127.0.0.1"),
        optional("scheme", Kind::Scalar(&SCHEME), "HTTP"),
        required("path", Kind::Scalar(&STRING), "/healthz"),
        required("port", Kind::Scalar(&formats::PORT), "8080"),
        optional("httpHeaders", const { Kind::List(&Kind::Object(&HEADERS)) }, "[{ name: X, value: y }]"),
    ]],
    &[],
);

static HEADERS: Object = object(
    "a header",
    &[&[required("name", Kind::Scalar(&HEADER), "X"), required("value", Kind::Scalar(&FILLED), "y")]],
    &[],
);

fn must(fits: bool, text: &str, format: &Format) -> Tested {
    if fits {
        return Ok(());
    }
    let message = format!("`{text}` is not {}", format.says);
    Err(Refusal::new(codes::SCORE_SCHEMA, message).help(format!("write {}", format.says)))
}

fn filled(text: &str) -> Tested {
    if text.is_empty() {
        return Err(
            Refusal::new(codes::SCORE_SCHEMA, "an empty text is not taken here").help("write a value")
        );
    }
    Ok(())
}

/// 2 to 63 characters that pass `inner`, the first and last of them alphanumeric.
fn bounded(text: &str, inner: fn(u8) -> bool) -> bool {
    let ends = text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text.ends_with(|c: char| c.is_ascii_alphanumeric());
    (2..=63).contains(&text.len()) && ends && text.bytes().all(inner)
}

fn is_label(text: &str) -> bool {
    bounded(text, |byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

fn label(text: &str) -> Tested {
    must(is_label(text), text, &LABEL)
}

fn type_word(text: &str) -> Tested {
    must(bounded(text, |byte| byte.is_ascii_alphanumeric() || byte == b'-'), text, &TYPE)
}

fn id(text: &str) -> Tested {
    let part = |part: &str| {
        !part.is_empty()
            && !part.starts_with('-')
            && !part.ends_with('-')
            && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    };
    must((2..=63).contains(&text.len()) && text.split('.').all(part), text, &ID)
}

fn annotation(text: &str) -> Tested {
    let (prefix, name) = text.rsplit_once('/').map_or((None, text), |(prefix, name)| (Some(prefix), name));
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    let fits = bounded(name, inner) && prefix.is_none_or(|prefix| prefix.split('.').all(is_label));
    must(fits && text.len() <= 316, text, &ANNOTATION)
}

fn variable(text: &str) -> Tested {
    must(!text.is_empty() && !text.contains('='), text, &VARIABLE)
}

fn digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// `^\d+(?:m|\.\d+)?$`
fn cpu(text: &str) -> Tested {
    let fits = match (text.strip_suffix('m'), text.split_once('.')) {
        (Some(number), _) => digits(number),
        (None, Some((whole, fraction))) => digits(whole) && digits(fraction),
        (None, None) => digits(text),
    };
    must(fits && text.parse::<appia_intent::units::Cpu>().is_ok(), text, &CPU)
}

/// `^(0\.\d+|[1-9]\d*(\.\d+)?)(K|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?$`
fn memory(text: &str) -> Tested {
    let number = text.strip_suffix('i').unwrap_or(text);
    let bare = number.strip_suffix(['K', 'M', 'G', 'T', 'P', 'E']);
    let unit_fits = bare.is_some() || number.len() == text.len();
    let number = bare.unwrap_or(number);
    let number_fits = match number.split_once('.') {
        Some((whole, fraction)) => {
            digits(whole) && digits(fraction) && (whole == "0" || !whole.starts_with('0'))
        }
        None => digits(number) && !number.starts_with('0'),
    };
    must(unit_fits && number_fits, text, &MEMORY)
}

fn mode(text: &str) -> Tested {
    must(crate::value::mode(text).is_some(), text, &MODE)
}

fn base64(text: &str) -> Tested {
    must(crate::value::base64(text).is_some(), text, &BASE64)
}

fn header(text: &str) -> Tested {
    let fits = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    must(fits && !text.is_empty(), text, &HEADER)
}
