//! A static site: an `index.html` and nothing to build.

use super::{Build, Folder, Kind, Suggested};

pub(super) fn look(folder: Folder<'_>) -> Vec<Suggested> {
    let place =
        ["index.html", "public/index.html", "site/index.html"].into_iter().find(|name| folder.has(name));
    let Some(place) = place else { return Vec::new() };
    let output = place.strip_suffix("/index.html");
    let mut more = vec![("builder", "static".to_owned())];
    more.extend(output.map(|output| ("output", output.to_owned())));
    vec![Suggested {
        name: folder.name(),
        file: folder.relative(place),
        what: "static files".to_owned(),
        kind: Kind::Site,
        build: Build { context: folder.path.to_owned(), more },
        ..Suggested::default()
    }]
}
