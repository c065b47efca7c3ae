//! A Dockerfile: what it exposes and starts.

use super::{Build, Folder, Kind, Suggested, needs};

pub(super) fn look(folder: Folder<'_>) -> Vec<Suggested> {
    if !folder.has("Dockerfile") {
        return Vec::new();
    }
    let port = exposed(folder).map(|port| (port, "`EXPOSE` in the Dockerfile".to_owned()));
    vec![Suggested {
        name: folder.name(),
        file: folder.relative("Dockerfile"),
        what: "an image built by a Dockerfile".to_owned(),
        kind: if port.is_some() { Kind::Service } else { Kind::Worker },
        build: Build { context: folder.path.to_owned(), more: vec![("builder", "dockerfile".to_owned())] },
        command: Vec::new(),
        port,
        needs: needs::needs(folder, std::iter::empty()),
        ..Suggested::default()
    }]
}

/// The first TCP port that a Dockerfile exposes.
pub(super) fn exposed(folder: Folder<'_>) -> Option<u16> {
    let text = folder.text("Dockerfile")?;
    text.lines().find_map(|line| {
        let mut words = line.split_whitespace();
        if !words.next()?.eq_ignore_ascii_case("EXPOSE") {
            return None;
        }
        words.find_map(|word| match word.split_once('/') {
            Some((port, "tcp")) => port.parse().ok(),
            Some(_) => None,
            None => word.parse().ok(),
        })
    })
}
