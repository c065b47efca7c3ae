//! Texts that hurt careless readers of YAML, and small right examples to spoil.

use super::super::chance::Chance;

/// A right `appia.yaml` with a bit of everything; small, because it is cut after every byte.
pub(super) const APPIA: &str = r#"app: shop
owner: team-a
outcomes: { users: 100, availability: 99.9%, latency: { p95: 400ms }, budget: 120 USD/month }
workloads:
  web:
    image: "nginx:1.29"
    port: 8080
    public: true
    calls: { api: 2 }
  api:
    image: 'api:1'
    port: 80
    env: { URL: "${resources.db.url}", A: "$${x}" }
    files: { conf/a.txt: "text ${resources.db.host}" }
    volumes: { data: "${resources.disk}" }
    probes: { readiness: { http: { path: /ok } } }
    cpu: 500m
    memory: 64Mi
resources:
  db: { type: postgres, params: { version: 15, storage: 1Gi } }
  disk: { type: volume }
"#;

/// The same as JSON, which is YAML.
pub(super) const APPIA_JSON: &str = r#"{"app":"shop","owner":"team-a","outcomes":{"users":100,"availability":"99.9%","latency":{"p95":"400ms"},"budget":"120 USD/month"},
"workloads":{"web":{"image":"nginx:1.29","port":8080,"public":true,"calls":{"api":2}},
"api":{"image":"api:1","port":80,"env":{"URL":"${resources.db.url}","A":"x"},"files":{"conf/a.txt":{"content":"text"}},"volumes":{"data":"${resources.disk}"},
"command":["a","b"],"replicas":2,"probes":{"readiness":{"http":{"path":"/ok"}}},"cpu":"500m","memory":"64Mi"}},
"resources":{"db":{"type":"postgres","params":{"version":15,"storage":"1Gi"}},"disk":{"type":"volume"}}}"#;

/// A right Score file.
pub(super) const SCORE: &str = r#"apiVersion: score.dev/v1b1
metadata: { name: shop }
service:
  ports: { http: { port: 80, targetPort: 8080, protocol: TCP } }
containers:
  main:
    image: "nginx:1.29"
    command: ["/bin/sh"]
    variables: { URL: "${resources.db.host}:${resources.db.port}", N: "${metadata.name}" }
    files: { /etc/a.txt: { content: "text", mode: "0644" } }
    volumes: { /data: { source: "${resources.disk}" } }
    readinessProbe: { httpGet: { path: /ok, port: 8080 } }
    resources: { limits: { cpu: 500m, memory: 64Mi } }
resources:
  db: { type: postgres }
  disk: { type: volume }
"#;

/// The same as JSON.
pub(super) const SCORE_JSON: &str = r#"{"apiVersion":"score.dev/v1b1","metadata":{"name":"shop"},"service":{"ports":{"http":{"port":80,"targetPort":8080,"protocol":"TCP"}}},
"containers":{"main":{"image":"nginx:1.29","command":["/bin/sh"],"args":["-c"],"variables":{"URL":"${resources.db.host}"},"files":{"/etc/a.txt":{"content":"text","mode":"0644"}},
"volumes":{"/data":{"source":"${resources.disk}"}},"readinessProbe":{"httpGet":{"path":"/ok","port":8080}},"resources":{"limits":{"cpu":"500m","memory":"64Mi"}}}},
"resources":{"db":{"type":"postgres","params":{"a":1}},"disk":{"type":"volume"}}}"#;

type Named = Vec<(String, Vec<u8>)>;

fn named(texts: Vec<(&str, String)>) -> Named {
    texts.into_iter().map(|(name, text)| (name.to_owned(), text.into_bytes())).collect()
}

/// Small files that want to become large ones: by aliases, anchors and merge keys.
pub(super) fn bombs() -> Named {
    let levels = |first: &str, next: fn(usize) -> String| {
        let line = |level: usize| format!("a{level}: &a{level} {}\n", next(level));
        format!("a0: &a0 {first}\n{}", (1..14).map(line).collect::<String>())
    };
    let nine = |text: String| vec![text; 9].join(", ");
    let lists = levels("x", |level| format!("[{}]", vec![format!("*a{}", level - 1); 9].join(", ")));
    let merges = levels("{ x: 1 }", |level| {
        let below = level - 1;
        format!("{{ <<: [*a{below}, *a{below}], k{level}: *a{below}, l{level}: *a{below} }}")
    });
    let anchors = (0..60).map(|level| format!("&n{level} [")).collect::<String>();
    named(vec![
        ("aliases of lists", lists.clone()),
        ("aliases under a known key", format!("{lists}app: *a13\n")),
        ("aliases of mappings by merge keys", merges),
        ("nested anchors", format!("app: {anchors}{}{}", "x, ".repeat(100_000), "]".repeat(60))),
        (
            "a long text repeated",
            format!("app: &a \"{}\"\nl: [{}]\n", "y".repeat(1 << 20), "*a, ".repeat(200_000)),
        ),
        ("an anchor that holds itself", "app: &a [*a]\n".to_owned()),
        ("a merge of itself", "app: &a { <<: *a }\n".to_owned()),
        ("an unknown alias", "app: *nobody\n".to_owned()),
        ("an anchor redefined", format!("app: {}\n", nine("&a 1".to_owned()))),
        ("many keys", (0..50_000).map(|index| format!("k{index}: 1\n")).collect()),
        (
            "many workloads",
            format!(
                "app: a\nworkloads:\n{}",
                (0..2_000).map(|i| format!("  w{i}: {{ image: a }}\n")).collect::<String>()
            ),
        ),
        ("many documents", "---\napp: a\n".repeat(20_000)),
        ("many merges", format!("a: &a {{ x: 1 }}\nb: {{ <<: [{}] }}\n", "*a, ".repeat(100_000))),
        ("many tags", format!("app: {}x\n", "!t ".repeat(50_000))),
        ("many comments", "# x\n".repeat(500_000)),
        ("five megabytes of spaces", " ".repeat(5 << 20)),
        ("four megabytes of one word", format!("app: {}\n", "x".repeat((4 << 20) - 100))),
        ("twenty megabytes", format!("app: a\n#{}\n", "x".repeat(20 << 20))),
    ])
}

/// Nesting without end, in every way in which YAML nests.
pub(super) fn depths() -> Named {
    let block = |count: usize| (0..count).map(|level| format!("{}a:\n", " ".repeat(level))).collect();
    named(vec![
        ("open lists", "[".repeat(200_000)),
        ("closed lists", format!("app: {}{}", "[".repeat(20_000), "]".repeat(20_000))),
        ("open mappings", "{a: ".repeat(200_000)),
        ("closed mappings", format!("{}1{}", "{a: ".repeat(10_000), "}".repeat(10_000))),
        ("lists of lists in blocks", "- ".repeat(100_000)),
        ("questions", "? ".repeat(100_000)),
        ("mappings in blocks", block(2_000)),
        ("just deep enough", block(63)),
        ("just too deep", block(65)),
        ("quotes", "'".repeat(100_001)),
        (
            "under a known key",
            format!("workloads: {{ a: {{ env: {}1{} }} }}", "{a: ".repeat(5_000), "}".repeat(5_000)),
        ),
    ])
}

/// An example in encodings and with bytes that are not expected.
pub(super) fn encodings(text: &str) -> Named {
    let bytes = text.as_bytes();
    let wide = |order: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(order).collect::<Vec<u8>>();
    let with = |at: usize, what: &[u8]| {
        let at = at.min(bytes.len());
        [bytes.get(..at).unwrap_or_default(), what, bytes.get(at..).unwrap_or_default()].concat()
    };
    let middle = text.find(':').map_or(0, |at| at + 2);
    let mut made: Vec<(String, Vec<u8>)> = vec![
        ("BOM".to_owned(), with(0, b"\xef\xbb\xbf")),
        ("two BOMs".to_owned(), with(0, b"\xef\xbb\xbf\xef\xbb\xbf")),
        ("BOM in the middle".to_owned(), with(middle, b"\xef\xbb\xbf")),
        ("BOM alone".to_owned(), b"\xef\xbb\xbf".to_vec()),
        ("UTF-16, little end first".to_owned(), [b"\xff\xfe".to_vec(), wide(u16::to_le_bytes)].concat()),
        ("UTF-16, big end first".to_owned(), [b"\xfe\xff".to_vec(), wide(u16::to_be_bytes)].concat()),
        ("CRLF".to_owned(), text.replace('\n', "\r\n").into_bytes()),
        ("CR alone".to_owned(), text.replace('\n', "\r").into_bytes()),
        ("tabs".to_owned(), text.replace("  ", "\t").into_bytes()),
        ("nothing".to_owned(), Vec::new()),
        ("only NULs".to_owned(), vec![0; 4096]),
    ];
    let bad: [(&str, &[u8]); 12] = [
        ("NUL", b"\0"),
        ("escape", b"\x1b[2J"),
        ("bell", b"\x07"),
        ("delete", b"\x7f"),
        ("a lone continuation byte", b"\x80"),
        ("a cut sequence", b"\xe2\x82"),
        ("an overlong slash", b"\xc0\xaf"),
        ("a surrogate", b"\xed\xa0\x80"),
        ("beyond Unicode", b"\xf4\x90\x80\x80"),
        ("a line separator", "\u{2028}".as_bytes()),
        ("a turn of direction", "\u{202e}".as_bytes()),
        ("C1", "\u{9b}31m".as_bytes()),
    ];
    for (name, what) in bad {
        for (place, at) in [("first", 0), ("in a value", middle), ("last", bytes.len())] {
            made.push((format!("{name} {place}"), with(at, what)));
        }
    }
    made
}

/// Every line of an example written twice.
pub(super) fn duplicates(text: &str) -> Named {
    let lines: Vec<&str> = text.lines().collect();
    let twice = |at: usize| {
        let line = |(index, line): (usize, &&str)| {
            if index == at { format!("{line}\n{line}\n") } else { format!("{line}\n") }
        };
        lines.iter().enumerate().map(line).collect::<String>()
    };
    let mut made: Named =
        (0..lines.len()).map(|at| (format!("line {}", at + 1), twice(at).into_bytes())).collect();
    made.push(("the whole file".to_owned(), text.repeat(2).into_bytes()));
    made.push((
        "the same key in three spellings".to_owned(),
        format!("{text}\"app\": a\n'app': b\n? app\n: c\n").into_bytes(),
    ));
    made
}

/// Every word of an example made very long.
pub(super) fn long(text: &str) -> Named {
    let words = [
        "shop",
        "web",
        "api",
        "nginx:1.29",
        "URL",
        "resources.db.url",
        "db",
        "postgres",
        "main",
        "http",
        "8080",
        "score.dev/v1b1",
    ];
    let mut made = Vec::new();
    for word in words.into_iter().filter(|word| text.contains(word)) {
        for (length, letters) in [(64, "a"), (254, "a"), (4_097, "a-"), (1 << 20, "a"), (300, "é"), (70, "A")]
        {
            let name = format!("`{word}` of {length} times `{letters}`");
            made.push((name, text.replacen(word, &letters.repeat(length), 1).into_bytes()));
        }
    }
    made
}

/// Every number of an example made absurd.
pub(super) fn numbers(text: &str) -> Named {
    let absurd = [
        "0",
        "-1",
        "-0",
        "1e308",
        "1e999999999",
        "-1e400",
        "18446744073709551616",
        "340282366920938463463374607431768211456",
        ".inf",
        "-.inf",
        ".nan",
        "0x7fffffffffffffffff",
        "0o7777777777777777777777",
        "1_000",
        "٣",
        "1e-400",
        "0.0000000000000000000000001",
    ];
    let long = "9".repeat(100_000);
    let mut made = Vec::new();
    for right in [
        "100",
        "99.9%",
        "400ms",
        "120 USD/month",
        "8080",
        "calls: { api: 2",
        "500m",
        "64Mi",
        "1Gi",
        "15",
        "port: 80",
    ] {
        if !text.contains(right) {
            continue;
        }
        let unit: String =
            right.trim_start_matches(|sign: char| sign.is_ascii_digit() || sign == '.').to_owned();
        for wrong in absurd.into_iter().chain([long.as_str()]) {
            let value = match right.split_once(": ") {
                Some(("calls", _)) => format!("calls: {{ api: {wrong}"),
                Some((key, _)) => format!("{key}: {wrong}"),
                None => format!("{wrong}{unit}"),
            };
            let shown: String = wrong.chars().take(40).collect();
            made.push((format!("`{right}` as {shown}"), text.replacen(right, &value, 1).into_bytes()));
        }
    }
    made
}

/// Placeholders that are not closed, nested, circular or very many.
pub(super) fn placeholders(path: &str) -> Named {
    let around = |value: &str| match path {
        "score.yaml" => format!(
            "apiVersion: score.dev/v1b1\nmetadata: {{ name: a }}\ncontainers: {{ m: {{ image: a, variables: {{ V: {value:?} }} }} }}\nresources: {{ r: {{ type: volume, params: {{ p: \"${{resources.r.p}}\" }} }} }}\n"
        ),
        _ => format!(
            "app: a\nworkloads: {{ w: {{ image: a, port: 80, env: {{ V: {value:?} }} }} }}\nresources: {{ r: {{ type: external, outputs: {{ o: \"${{resources.r.o}}\" }} }} }}\n"
        ),
    };
    let many = ["${", "$${", "${resources.r.o}", "$", "${${", "}"].map(|piece| piece.repeat(50_000));
    let few = [
        "${",
        "${}",
        "${.}",
        "${..}",
        "${resources}",
        "${resources.}",
        "${resources..}",
        "${resources.r.}",
        "${resources.${resources.r.o}}",
        "${workloads.w.url}",
        "${workloads.nobody.url}",
        "${metadata.name}",
        "${metadata}",
        "${RESOURCES.r.o}",
        "${resources.r.o",
        "$}{",
        "${\u{0}}",
        "${resources.r.o.o.o.o.o.o}",
        "${resources.-.x}",
        "${ resources.r.o }",
        "${resources\n.r.o}",
    ];
    let all = few.into_iter().map(str::to_owned).chain(many);
    all.map(|value| {
        (value.chars().take(40).collect::<String>().escape_debug().to_string(), around(&value).into_bytes())
    })
    .collect()
}

/// Values that would take over a terminal that shows them as they are.
pub(super) fn escapes(path: &str) -> Named {
    let base = match path {
        "score.yaml" => "apiVersion: score.dev/v1b1\nmetadata: { name: a }\n",
        _ => "app: a\n",
    };
    let bad = [r"\e[2J\e]0;owned\a", r"\x9b31m", r"\r\x08\x08", r"\u202E", r"\x7f\0"];
    let mut made = Vec::new();
    for value in bad {
        for text in [
            format!("\"{value}\": 1\n"),
            format!(
                "workloads: {{ \"{value}\": {{ image: \"{value}\", port: \"{value}\", type: \"{value}\" }} }}\n"
            ),
            format!(
                "containers: {{ \"{value}\": {{ image: \"{value}\", variables: {{ \"{value}\": \"${{{value}}}\" }} }} }}\n"
            ),
            format!(
                "workloads: {{ a: {{ image: \"{value}\", port: 80, annotations: {{ \"a{value}\": \"{value}\" }}, env: {{ A: \"{value}\" }}, command: [\"{value}\"] }} }}\n"
            ),
            format!("resources: {{ r: {{ type: \"{value}\", params: {{ \"{value}\": \"{value}\" }} }} }}\n"),
        ] {
            made.push((
                format!("{value} in {}", text.chars().take(12).collect::<String>()),
                format!("{base}{text}").into_bytes(),
            ));
        }
        made.push((
            format!("{value} as the name"),
            base.replacen(" a", &format!(" \"{value}\""), 1).into_bytes(),
        ));
    }
    made
}

/// Changes a text by chance and says how.
pub(super) fn mutate(bytes: &mut Vec<u8>, chance: &mut Chance) -> &'static str {
    let length = bytes.len();
    let at = usize::try_from(chance.below(u64::try_from(length).unwrap_or(1))).unwrap_or_default();
    let span = usize::try_from(chance.below(20)).unwrap_or_default().min(length.saturating_sub(at));
    match chance.below(7) {
        0 => {
            let byte = u8::try_from(chance.below(256)).unwrap_or_default();
            bytes.splice(at..at + span.min(1), [byte]);
            "a byte changed"
        }
        1 => {
            bytes.drain(at..at + span);
            "bytes left out"
        }
        2 => {
            let copy: Vec<u8> = bytes.get(at..at + span).unwrap_or_default().to_vec();
            bytes.splice(at..at, copy.repeat(3));
            "bytes repeated"
        }
        3 => {
            let words: [&[u8]; 11] =
                [b": ", b"{", b"[", b"- ", b"&a ", b"*a ", b"<<: ", b"\n  ", b"| \n", b"\"", b"${"];
            let which = usize::try_from(chance.below(11)).unwrap_or_default();
            bytes.splice(at..at, words.get(which).copied().unwrap_or_default().iter().copied());
            "a sign put in"
        }
        4 => {
            let other = usize::try_from(chance.below(u64::try_from(length).unwrap_or(1))).unwrap_or_default();
            let copy: Vec<u8> = bytes.get(other..(other + 40).min(length)).unwrap_or_default().to_vec();
            bytes.splice(at..at, copy);
            "a piece moved"
        }
        5 => {
            bytes.splice(at..at, b"\n".iter().copied());
            "a line broken"
        }
        _ => {
            bytes.truncate(at);
            "the end left out"
        }
    }
}
