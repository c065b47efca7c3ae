//! Rust packages: alone, in a workspace, with neighbours by path.

use appia_drivers::build::fingerprint::fingerprint;
use appia_drivers::build::{BuildEvent, Builder, Start};

use crate::project::{Project, run, says};

const MANIFEST: &str = "[package]\nname = \"hello\"\nversion = \"0.1.0\"\nedition = \"2021\"\n[workspace]\n";

fn workspace() -> Project {
    let mut project = Project::new(
        Builder::Cargo,
        &[
            ("Cargo.toml", "[workspace]\nmembers = [\"web\", \"words\", \"other\"]\nresolver = \"2\"\n"),
            (
                "web/Cargo.toml",
                "[package]\nname = \"web\"\nversion = \"0.1.0\"\nedition = \"2021\"\n[dependencies]\nwords = { path = \"../words\" }\n",
            ),
            ("web/src/main.rs", "fn main() { println!(\"{}\", words::greeting()) }"),
            ("words/Cargo.toml", "[package]\nname = \"words\"\nversion = \"0.1.0\"\nedition = \"2021\"\n"),
            ("words/src/lib.rs", "pub fn greeting() -> &'static str { \"ave\" }"),
            ("other/Cargo.toml", "[package]\nname = \"other\"\nversion = \"0.1.0\"\nedition = \"2021\"\n"),
            ("other/src/main.rs", "fn main() {}"),
        ],
    );
    project.request.context = project.path("web");
    project
}

#[tokio::test]
async fn a_package_is_built_once_and_again_after_a_change() {
    let project = Project::new(
        Builder::Cargo,
        &[("Cargo.toml", MANIFEST), ("src/main.rs", "fn main() { println!(\"one\") }")],
    );
    let planned = fingerprint(&project.request).await.unwrap();
    let first = project.build().await;
    assert_eq!(first.hash, planned, "the lock is written before the source is named");
    assert_eq!(says(&first), "one");
    assert!(project.events().contains(&BuildEvent::Step {
        done: 1,
        of: Some(1),
        what: "compiling hello".into()
    }));
    assert!(!project.path("target").exists(), "the source stays clean");

    assert!(project.path("Cargo.lock").exists());
    assert_eq!(
        project.build().await,
        first,
        "the lock that Cargo wrote was there when the artifact was named"
    );
    assert!(project.was_kept());

    project.write("src/main.rs", "fn main() { println!(\"two\") }");
    let second = project.build().await;
    assert_ne!(second.hash, first.hash);
    assert_eq!(says(&second), "two");
    assert_eq!(says(&first), "one", "an older release can still be started");
}

#[tokio::test]
async fn the_compilers_words_are_kept_verbatim() {
    let project = Project::new(
        Builder::Cargo,
        &[("Cargo.toml", MANIFEST), ("src/main.rs", "fn main() { let x: u8 = \"no\"; }")],
    );
    let error = project.try_build().await.unwrap_err();
    assert_eq!(error.to_string(), "`cargo build` failed with exit code 101");
    let output = error.output().unwrap();
    assert!(output.contains("error[E0308]: mismatched types\n"), "{output}");
    assert!(output.contains("1 | fn main() { let x: u8 = \"no\"; }\n"), "{output}");
    assert!(!output.contains("\"reason\""), "messages for programs are not shown: {output}");
}

#[tokio::test]
async fn a_neighbour_by_path_is_part_of_the_source_and_a_stranger_is_not() {
    let project = workspace();
    let first = project.build().await;
    assert_eq!(says(&first), "ave");

    project.write("other/src/main.rs", "fn main() { println!(\"changed\") }");
    assert_eq!(project.build().await.hash, first.hash);
    assert!(project.was_kept());

    project.write("words/src/lib.rs", "pub fn greeting() -> &'static str { \"vale\" }");
    assert_eq!(says(&project.build().await), "vale");
}

#[tokio::test]
async fn a_new_neighbour_is_in_the_lock_before_the_source_is_named() {
    let project = workspace();
    project.build().await;
    project.write(
        "near/Cargo.toml",
        "[package]\nname = \"near\"\nversion = \"0.1.0\"\nedition = \"2021\"\n[workspace]\n",
    );
    project.write("near/src/lib.rs", "");
    project.write("web/Cargo.toml", "[package]\nname = \"web\"\nversion = \"0.1.0\"\nedition = \"2021\"\n[dependencies]\nwords = { path = \"../words\" }\nnear = { path = \"../near\" }\n");
    project.write(
        "Cargo.toml",
        "[workspace]\nmembers = [\"web\", \"words\", \"other\"]\nexclude = [\"near\"]\nresolver = \"2\"\n",
    );
    let planned = fingerprint(&project.request).await.unwrap();
    assert_eq!(project.build().await.hash, planned);
}

#[tokio::test]
async fn a_file_from_outside_of_every_package_is_told() {
    let project = workspace();
    project.write("a text.txt", "salve");
    project.write("web/inside.txt", "!");
    project.write(
        "web/src/main.rs",
        "fn main() { print!(\"{}{}\", include_str!(\"../../a text.txt\"), include_str!(\"../inside.txt\")) }",
    );
    assert_eq!(says(&project.build().await), "salve!");
    let warnings: Vec<_> =
        project.events().into_iter().filter(|event| matches!(event, BuildEvent::Warning(_))).collect();
    let [.., BuildEvent::Warning(why)] = warnings.as_slice() else { panic!("{warnings:?}") };
    assert!(why.contains("a text.txt` is compiled in but belongs to no package"), "{warnings:?}");
}

#[tokio::test]
async fn one_of_several_programs_is_asked_for() {
    let mut project = Project::new(
        Builder::Cargo,
        &[
            ("Cargo.toml", MANIFEST),
            ("src/bin/one.rs", "fn main() { println!(\"one\") }"),
            ("src/bin/two.rs", "fn main() { println!(\"two\") }"),
        ],
    );
    let error = project.try_build().await.unwrap_err().to_string();
    assert!(error.ends_with("which program is meant? Say `binary`: `one`, `two`"), "{error}");
    project.request.options.binary = Some("two".into());
    assert_eq!(says(&project.build().await), "two");
    project.request.options.binary = Some("three".into());
    let error = project.try_build().await.unwrap_err().to_string();
    assert!(error.ends_with("there is no program `three`; there are `one`, `two`"), "{error}");
}

#[tokio::test]
async fn a_package_of_a_workspace_is_found_by_its_name() {
    let mut project = workspace();
    project.request.context = project.path(".");
    let error = project.try_build().await.unwrap_err().to_string();
    assert!(
        error.contains("which program is meant? Say `binary`; packages with one are `web`, `other`"),
        "{error}"
    );
    project.request.options.package = Some("web".into());
    let artifact = project.build().await;
    assert!(run(&artifact).status.success());
    let Some(Start::Command(words)) = artifact.start else { panic!("no command") };
    assert!(words[0].ends_with("/bin/web"));
}

#[tokio::test]
async fn a_program_of_a_workspace_is_found_by_its_name() {
    let mut project = workspace();
    project.request.context = project.path(".");
    project.request.options.binary = Some("web".into());
    let artifact = project.build().await;
    let Some(Start::Command(words)) = artifact.start else { panic!("no command") };
    assert!(words[0].ends_with("/bin/web"));
    project.request.options.binary = Some("nowhere".into());
    assert!(project.try_build().await.is_err());
}
