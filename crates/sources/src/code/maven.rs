//! Maven: a Java program, or the jar that a `pom.xml` pins.

use super::installed::{self, Package};
use super::{Build, Folder, Kind, Suggested, needs, port};

/// Artefacts by which a program that answers requests is known.
const WEB: [&str; 6] = [
    "spring-boot-starter-web",
    "spring-boot-starter-webflux",
    "quarkus-rest",
    "micronaut-http-server-netty",
    "javalin",
    "jetty-server",
];

pub(super) fn look(folder: Folder<'_>) -> Vec<Suggested> {
    let Some(manifest) = folder.text("pom.xml") else { return Vec::new() };
    let dependencies = dependencies(&manifest);
    if !folder.list(".").iter().any(|name| name == "src/") {
        let packages: Vec<Package> = dependencies.into_iter().map(Dependency::into_package).collect();
        return installed::look(folder, ("pom.xml", "maven"), &packages);
    }
    let web = WEB.iter().find(|web| dependencies.iter().any(|dependency| dependency.artifact == **web));
    let settings = ["src/main/resources/application.properties", "src/main/resources/application.yml"];
    vec![Suggested {
        name: folder.name(),
        file: folder.relative("pom.xml"),
        what: web.map_or_else(|| "a Java program".to_owned(), |web| format!("a Java program with {web}")),
        kind: if web.is_some() { Kind::Service } else { Kind::Worker },
        build: Build { context: folder.path.to_owned(), more: vec![("builder", "maven".to_owned())] },
        port: web.map(|_| port::port(folder, &settings, (8080, "a Java service"))),
        needs: needs::needs(folder, dependencies.iter().map(|dependency| dependency.artifact.as_str())),
        memory: Some("512Mi"),
        ..Suggested::default()
    }]
}

struct Dependency {
    artifact: String,
    version: String,
}

impl Dependency {
    /// Where the builder puts its jar.
    fn into_package(self) -> Package {
        let program = format!("java -jar lib/{}-{}.jar", self.artifact, self.version);
        Package { name: self.artifact, program }
    }
}

/// What stands between each pair of `<dependency>` tags.
fn dependencies(manifest: &str) -> Vec<Dependency> {
    let text = |inner: &str, tag: &str| {
        let (_, rest) = inner.split_once(&format!("<{tag}>"))?;
        rest.split_once("</").map(|(text, _)| text.trim().to_owned())
    };
    let parts = manifest.split("<dependency>").skip(1).filter_map(|part| part.split_once("</dependency>"));
    parts
        .filter_map(|(inner, _)| {
            Some(Dependency {
                artifact: text(inner, "artifactId")?,
                version: text(inner, "version").unwrap_or_default(),
            })
        })
        .collect()
}
