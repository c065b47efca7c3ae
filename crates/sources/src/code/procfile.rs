//! A Procfile: one process a line, `web` being the one that answers requests.

use super::{Build, Folder, Kind, Suggested, needs, node, port, python};
use crate::value::shell;

pub(super) fn look(folder: Folder<'_>) -> Vec<Suggested> {
    let Some(text) = folder.text("Procfile") else { return Vec::new() };
    let libraries: Vec<String> = [node::libraries(folder), python::libraries(folder)].concat();
    let needs = needs::needs(folder, libraries.iter().map(String::as_str));
    text.lines()
        .filter_map(|line| {
            let (name, command) = line.split_once(':')?;
            let name = crate::value::as_name(name.trim());
            let command = command.trim();
            (!name.is_empty() && !line.trim_start().starts_with('#') && !command.is_empty())
                .then(|| process(folder, &name, command))
        })
        .map(|process| Suggested { needs: needs.clone(), ..process })
        .collect()
}

fn process(folder: Folder<'_>, name: &str, line: &str) -> Suggested {
    let kind = match name {
        "web" => Kind::Service,
        "release" => Kind::Job,
        _ => Kind::Worker,
    };
    let listens = || {
        let written = port::in_source(line).map(|port| (port, "in the Procfile".to_owned()));
        written.unwrap_or_else(|| port::port(folder, &[], (8000, "a web process")))
    };
    Suggested {
        name: name.to_owned(),
        file: folder.relative("Procfile"),
        what: format!("the process `{name}`"),
        kind,
        build: Build { context: folder.path.to_owned(), more: Vec::new() },
        command: words(line),
        port: (kind == Kind::Service).then(listens),
        ..Suggested::default()
    }
}

/// The words of a line, or a shell that reads it where only a shell can.
pub(super) fn words(line: &str) -> Vec<String> {
    shell::command_line(line).unwrap_or_else(|_| vec!["sh".to_owned(), "-c".to_owned(), line.to_owned()])
}
