//! Cases about paths: ways out of the folder, links, and files that are no files.
//!
//! `outside/` lies beside the case's folder and holds a secret; nothing of it may appear in what a command says.

use super::cases::{Case, Piece};

/// What stands in `outside/secret.txt`.
pub(super) const SECRET: &str = "canary-of-the-outside-world";

const OUT: [&str; 10] = [
    "../outside",
    "../outside/secret.txt",
    "a/../../outside/secret.txt",
    "./../case/../outside/secret.txt",
    "/etc/passwd",
    "/proc/self/environ",
    "/dev/zero",
    "~/secret.txt",
    "link-out/secret.txt",
    "link-secret",
];

/// Every case about paths.
pub(super) fn all() -> Vec<Case> {
    [files(), builds(), volumes(), odd_files(), names()].concat()
}

fn links() -> Vec<Piece> {
    [
        ("link-out", "../outside"),
        ("link-secret", "../outside/secret.txt"),
        ("loop-a", "loop-b"),
        ("loop-b", "loop-a"),
        ("self", "self"),
    ]
    .into_iter()
    .map(|(path, says)| Piece::Link(path.to_owned(), says.to_owned()))
    .collect()
}

fn case(class: &'static str, name: &str, (path, text): (&str, String), more: Vec<Piece>) -> Case {
    let mut pieces = vec![Piece::File(path.to_owned(), text.into_bytes())];
    pieces.extend(more);
    Case { class, name: format!("{path} {name}"), pieces }
}

/// A file of a container whose source lies elsewhere.
fn files() -> Vec<Case> {
    let mut cases = Vec::new();
    for out in OUT.into_iter().chain(["loop-a", "self", ".", "pipe", "hollow", "missing", "\\0", ""]) {
        let more = || {
            [links(), vec![Piece::Pipe("pipe".to_owned()), Piece::Hollow("hollow".to_owned(), 1 << 42)]]
                .concat()
        };
        let appia = format!(
            "app: a\nworkloads: {{ w: {{ image: a, port: 80, files: {{ a.txt: {{ source: \"{out}\" }} }} }} }}\n"
        );
        cases.push(case("paths in `files`", out, ("appia.yaml", appia), more()));
        let score = format!(
            "apiVersion: score.dev/v1b1\nmetadata: {{ name: a }}\ncontainers: {{ m: {{ image: a, files: {{ /a.txt: {{ source: \"{out}\" }} }} }} }}\n"
        );
        cases.push(case("paths in `files`", out, ("score.yaml", score), more()));
        let target =
            format!("app: a\nworkloads: {{ w: {{ image: a, port: 80, files: {{ \"{out}\": text }} }} }}\n");
        cases.push(case("paths in `files`", &format!("at {out}"), ("appia.yaml", target), more()));
    }
    cases
}

/// A build somewhere else, or of something that never ends.
fn builds() -> Vec<Case> {
    let contexts = OUT
        .into_iter()
        .chain(["/", "/proc", "/sys", "/dev", "..", ".", "loop-a", "pipe", "hollow", "site", "deep"]);
    let more = || {
        let site = [
            Piece::File("site/index.html".to_owned(), b"home".to_vec()),
            Piece::Pipe("site/pipe".to_owned()),
            Piece::Link("site/up".to_owned(), "..".to_owned()),
            Piece::Link("site/out".to_owned(), "../../outside".to_owned()),
            Piece::Hollow("deep/hollow".to_owned(), 1 << 42),
            Piece::Folder(format!("deep/{}", "d/".repeat(100))),
            Piece::Pipe("pipe".to_owned()),
            Piece::Hollow("hollow".to_owned(), 1 << 42),
        ];
        [links(), site.to_vec()].concat()
    };
    let mut cases = Vec::new();
    for context in contexts {
        for (name, rest) in [
            ("static", "builder: static"),
            ("command", "command: [\"true\"], output: ../../outside"),
            ("output", "builder: command, command: [\"true\"], output: /etc"),
            ("none", ""),
        ] {
            let text = format!(
                "app: a\nworkloads: {{ w: {{ port: 80, build: {{ context: \"{context}\", {rest} }} }} }}\n"
            );
            cases.push(case(
                "paths in `build`",
                &format!("{context} by {name}"),
                ("appia.yaml", text),
                more(),
            ));
        }
    }
    cases
}

/// Volumes from and to odd places.
fn volumes() -> Vec<Case> {
    let mut cases = Vec::new();
    for out in OUT.into_iter().chain(["/", "", ".", "..", "\\0"]) {
        for text in [
            format!("volumes: {{ \"{out}\": \"${{resources.v}}\" }}"),
            format!("volumes: {{ data: \"{out}\" }}"),
            format!("volumes: {{ data: {{ source: \"${{resources.v}}\", path: \"{out}\" }} }}"),
        ] {
            let appia = format!(
                "app: a\nworkloads: {{ w: {{ image: a, port: 80, {text} }} }}\nresources: {{ v: {{ type: volume }} }}\n"
            );
            cases.push(case("paths in `volumes`", &text, ("appia.yaml", appia), links()));
            let score = format!(
                "apiVersion: score.dev/v1b1\nmetadata: {{ name: a }}\ncontainers: {{ m: {{ image: a, {text} }} }}\nresources: {{ v: {{ type: volume }} }}\n"
            );
            cases.push(case("paths in `volumes`", &text, ("score.yaml", score), links()));
        }
    }
    cases
}

/// The file itself is a link, a pipe, a folder, or hollow.
fn odd_files() -> Vec<Case> {
    let mut cases = Vec::new();
    for path in ["appia.yaml", "score.yaml"] {
        let own = |piece: Piece| vec![piece];
        let odd = [
            ("a pipe", own(Piece::Pipe(path.to_owned()))),
            ("a folder", own(Piece::Folder(path.to_owned()))),
            ("a link to itself", own(Piece::Link(path.to_owned(), path.to_owned()))),
            ("a link to nothing", own(Piece::Link(path.to_owned(), "nothing".to_owned()))),
            ("a link to zeroes", own(Piece::Link(path.to_owned(), "/dev/zero".to_owned()))),
            ("a link to a secret", own(Piece::Link(path.to_owned(), "../outside/secret.txt".to_owned()))),
            ("a link to a process", own(Piece::Link(path.to_owned(), "/proc/self/environ".to_owned()))),
            ("four terabytes of nothing", own(Piece::Hollow(path.to_owned(), 1 << 42))),
        ];
        cases.extend(odd.into_iter().map(|(name, pieces)| Case {
            class: "odd files",
            name: format!("{path} is {name}"),
            pieces,
        }));
    }
    let beside = |name: &str, piece: Piece| {
        case("odd files", name, ("appia.yaml", super::shapes::APPIA.to_owned()), vec![piece])
    };
    cases.push(beside("beside a pipe", Piece::Pipe("compose.yaml".to_owned())));
    cases.push(beside("beside a hollow package.json", Piece::Hollow("package.json".to_owned(), 1 << 42)));
    cases.push(beside("beside a folder called .git", Piece::Folder(".git".to_owned())));
    cases.push(beside(
        "beside a broken repository",
        Piece::File(".git".to_owned(), b"gitdir: /proc/self/cwd\n".to_vec()),
    ));
    cases
}

/// Names that are paths.
fn names() -> Vec<Case> {
    let mut cases = Vec::new();
    for name in [
        "../../outside",
        "/etc",
        "..",
        ".",
        "a/b",
        "-rf",
        "--help",
        "",
        " ",
        "con",
        "a\\0b",
        "%2e%2e",
        "$(id)",
        "`id`",
        ";id",
        "\\n",
    ] {
        for text in [
            format!("app: \"{name}\"\nworkloads: {{ w: {{ image: a, port: 80 }} }}\n"),
            format!("app: a\nworkloads: {{ \"{name}\": {{ image: a, port: 80 }} }}\n"),
            format!("app: a\nworkloads: {{ w: {{ image: \"{name}\", port: 80 }} }}\n"),
            format!(
                "app: a\nworkloads: {{ w: {{ image: a, ports: {{ \"{name}\": 80 }} }} }}\nresources: {{ \"{name}\": {{ type: volume }} }}\n"
            ),
        ] {
            let place: String = text.chars().take(60).collect();
            cases.push(case(
                "names that are paths",
                &place.escape_debug().to_string(),
                ("appia.yaml", text),
                Vec::new(),
            ));
        }
    }
    cases
}
