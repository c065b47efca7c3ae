//! The steps `kubernetes` and `terraform`. The first: every example and every public Score file, exported and put before the Kubernetes judges,
//! together with the goldens of the target.
//!
//! It uses the binary that was just built as a user would (`appia export --target kubernetes -o DIR PATH`) and asks the
//! judges once about all output. A file that cannot be exported is a failure with the message a user would see.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::Count;
use super::heard::Heard;
use crate::command::{self, capture, root};
use crate::generated::collect;
use crate::judge::{kubernetes, terraform};
use crate::setup::{self, Corpora, Tools};

pub(super) fn kubernetes(tools: &Tools, heard: &mut Heard) -> Result<Count> {
    let appia = binary()?;
    let output = root().join("target/judged/kubernetes");
    if output.exists() {
        std::fs::remove_dir_all(&output)?;
    }
    let inputs = inputs()?;
    let mut failed = 0;
    let whole = root().join("target/judged/score");
    for (number, input) in inputs.iter().enumerate() {
        let input =
            if input.is_file() { &made_whole(input, &whole.join(format!("{number:03}")))? } else { input };
        let said = export(&appia, ("kubernetes", input), &output.join(format!("{number:03}")))?;
        failed += usize::from(said.is_some());
        said.iter().for_each(|said| heard.say(said));
    }
    let exported = inputs.len() - failed;
    println!("{exported} of {} inputs exported, {failed} failed", inputs.len());
    if exported == 0 {
        bail!("nothing was exported");
    }
    let verdict =
        kubernetes::judge(&[output, root().join("crates/targets/tests/goldens/kubernetes")], tools)?;
    heard.say(&verdict.report());
    Ok(Count { passed: exported, failed: failed + verdict.failures() })
}

/// The examples, exported for the cloud whose real provider machines may have, and the goldens of every cloud.
pub(super) fn terraform(tools: &Tools, heard: &mut Heard) -> Result<Count> {
    let appia = binary()?;
    let output = root().join("target/judged/examples");
    if output.exists() {
        std::fs::remove_dir_all(&output)?;
    }
    let (mut folders, mut failed) = (terraform::goldens()?, 0);
    for example in ["storefront", "polyglot"] {
        let folder = output.join(example);
        match export(&appia, ("aws", &root().join("examples").join(example)), &folder)? {
            Some(said) => {
                heard.say(&said);
                failed += 1;
            }
            None => folders.push(folder),
        }
    }
    let wrong = terraform::judge(&folders, tools, terraform::Extent::Short, &mut |line| heard.say(line))?;
    Ok(Count { passed: folders.len().saturating_sub(wrong), failed: failed + wrong })
}

/// The debug binary that the tests ran: Cargo names it among what it built for them, so nothing is built twice.
fn binary() -> Result<PathBuf> {
    let arguments = ["test", "--workspace", "--locked", "--no-run", "--message-format=json"];
    let messages = command::read(&mut command::command("cargo", &arguments))?;
    let found = messages.lines().filter_map(program).next_back();
    found.context("Cargo built no program `appia`: does the command line have an integration test?")
}

/// The place of `appia` in one of Cargo's messages; its unit tests are called the same and are not it.
fn program(message: &str) -> Option<PathBuf> {
    let message: serde_json::Value = serde_json::from_str(message).ok()?;
    let is_appia = message.pointer("/target/name")? == "appia";
    let is_test = message.pointer("/profile/test")? == true;
    let executable = message.get("executable")?.as_str()?;
    (is_appia && !is_test).then(|| PathBuf::from(executable))
}

/// A copy of a Score file, byte for byte, with a stand-in for each file that it mounts and that the corpus, which is a
/// sample of its repositories, leaves out.
fn made_whole(file: &Path, folder: &Path) -> Result<PathBuf> {
    std::fs::create_dir_all(folder)?;
    let text = std::fs::read_to_string(file)?;
    let beside = file.parent().unwrap_or(Path::new("."));
    for source in mounted(&text) {
        let stand_in = folder.join(&source);
        if let Some(parent) = stand_in.parent() {
            std::fs::create_dir_all(parent)?;
        }
        match std::fs::read(beside.join(&source)) {
            Ok(content) => std::fs::write(&stand_in, content)?,
            Err(_) => std::fs::write(&stand_in, "a stand-in for a file that the corpus leaves out\n")?,
        }
    }
    let copy = folder.join(file.file_name().unwrap_or_default());
    std::fs::write(&copy, text)?;
    Ok(copy)
}

/// Relative paths behind `source:` keys; names of volumes are among them, which harms nobody.
fn mounted(text: &str) -> Vec<String> {
    let value = |line: &str| {
        let value =
            line.trim().trim_start_matches("- ").strip_prefix("source:")?.trim().trim_matches(['"', '\'']);
        let relative =
            !value.is_empty() && !value.starts_with('/') && !value.contains("..") && !value.contains('$');
        relative.then(|| value.to_owned())
    };
    text.lines().filter_map(value).collect()
}

/// Folders of examples and files of the public Score corpus.
fn inputs() -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    collect(&root().join("examples"), &mut files)?;
    let intents = files.iter().filter(|file| file.ends_with("appia.yaml")).filter_map(|file| file.parent());
    let mut inputs: Vec<PathBuf> = intents.map(Path::to_path_buf).collect();
    if let Corpora::Ready(corpora, _) = setup::corpora() {
        inputs.extend(score_files(&corpora.join("score"))?);
    }
    inputs.sort();
    Ok(inputs)
}

fn score_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    collect(folder, &mut files)?;
    let is_score = |file: &PathBuf| {
        let is_yaml = file.extension().is_some_and(|extension| extension == "yaml" || extension == "yml");
        is_yaml && std::fs::read_to_string(file).is_ok_and(|text| declares_score(&text))
    };
    Ok(files.into_iter().filter(is_score).collect())
}

/// A Score file says so at its top level; a list of provisioners may only mention it.
fn declares_score(text: &str) -> bool {
    let value = |line: &str| {
        let value = line.strip_prefix("apiVersion:")?.split(" #").next()?.trim();
        Some(value.trim_matches(['"', '\'']) == "score.dev/v1b1")
    };
    text.lines().any(|line| value(line).unwrap_or(false))
}

/// Exports one input; what the command said when it failed.
fn export(appia: &Path, (target, input): (&str, &Path), folder: &Path) -> Result<Option<String>> {
    std::fs::create_dir_all(folder)?;
    let mut export = Command::new(appia);
    // Whether promises can be kept is not what these judges say.
    export
        .args(["export", "--despite-outcomes", "--target", target, "-o"])
        .arg(folder)
        .arg(input)
        .current_dir(root());
    // Exporting needs no server, and must not meet one of the user's.
    export.env("APPIA_HOME", root().join("target/judged/home"));
    let output = capture(&mut export)?;
    let said = || format!("{} cannot be exported:\n{}{}", input.display(), output.stdout, output.stderr);
    Ok((!output.success).then(said))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_files_that_declare_score_are_inputs() {
        assert!(declares_score("# a shop\napiVersion: \"score.dev/v1b1\"\nmetadata: {}\n"));
        assert!(declares_score("apiVersion: score.dev/v1b1 # the only one\n"));
        assert!(!declares_score("- uri: template://a\n  manifests: |\n    apiVersion: score.dev/v1b1\n"));
        assert!(!declares_score("apiVersion: apps/v1\n"));
    }

    #[test]
    fn the_program_is_told_from_its_tests() {
        let message = |test: bool| {
            format!(
                r#"{{"target": {{"name": "appia"}}, "profile": {{"test": {test}}}, "executable": "/t/appia"}}"#
            )
        };
        assert_eq!(program(&message(false)), Some("/t/appia".into()));
        assert_eq!(program(&message(true)), None);
        assert_eq!(program("   Compiling appia"), None);
    }

    #[test]
    fn mounted_files_are_found() {
        let text = "files:\n  /a:\n    source: ./a.txt\n  - source: \"b.txt\"\n  /c: {source: x}\n    source: ${resources.v}\n";
        assert_eq!(mounted(text), ["./a.txt", "b.txt"]);
    }

    #[test]
    fn score_files_are_found_in_folders() -> Result<()> {
        let folder = tempfile::tempdir()?;
        std::fs::create_dir(folder.path().join("shop"))?;
        std::fs::write(folder.path().join("shop/score.yaml"), "apiVersion: score.dev/v1b1\n")?;
        std::fs::write(folder.path().join("shop/notes.md"), "apiVersion: score.dev/v1b1\n")?;
        assert_eq!(score_files(folder.path())?, [folder.path().join("shop/score.yaml")]);
        Ok(())
    }
}
