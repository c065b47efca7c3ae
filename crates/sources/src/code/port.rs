//! Which port a program listens on: what is written somewhere, else what programs of its kind usually take.

use super::{Folder, dockerfile};

const ENVIRONMENT_FILES: [&str; 3] = [".env.example", ".env.sample", ".env"];

/// A port and why this one. `sources` are the program's own files, `usual` what its kind usually takes.
pub(super) fn port(folder: Folder<'_>, sources: &[&str], usual: (u16, &str)) -> (u16, String) {
    if let Some(port) = dockerfile::exposed(folder) {
        return (port, "`EXPOSE` in the Dockerfile".to_owned());
    }
    for file in ENVIRONMENT_FILES {
        let text = folder.text(file).unwrap_or_default();
        let stated = text.lines().find_map(|line| line.strip_prefix("PORT=")?.trim().parse().ok());
        if let Some(port) = stated {
            return (port, format!("`PORT` in `{file}`"));
        }
    }
    for file in sources {
        if let Some(port) = folder.text(file).as_deref().and_then(in_source) {
            return (port, format!("found in `{}`", folder.relative(file)));
        }
    }
    (usual.0, format!("a guess: {} usually takes it", usual.1))
}

/// The first number that stands closely behind `PORT`, `listen(`, `port=` or a host in an address.
pub(super) fn in_source(text: &str) -> Option<u16> {
    const MARKS: [&str; 11] = [
        "PORT",
        "listen(",
        "ListenAndServe(",
        ".Run(",
        ".Start(",
        "port=",
        "port =",
        "0.0.0.0",
        "127.0.0.1",
        "localhost",
        "[::]",
    ];
    text.lines().find_map(|line| {
        let line = line.trim_start();
        if line.starts_with("//") || line.starts_with('#') {
            return None;
        }
        MARKS.iter().find_map(|mark| line.split_once(mark).and_then(|(_, after)| first_port(after)))
    })
}

fn first_port(text: &str) -> Option<u16> {
    let near: String = text.chars().take(40).collect();
    near.split(|c: char| !c.is_ascii_digit())
        .find_map(|digits| digits.parse::<u16>().ok().filter(|port| *port >= 80))
}
