//! The commit that the program is built from, for `appia version`: asked of git where there is a checkout.
//!
//! `APPIA_COMMIT` says it where there is none. Only the command line is compiled anew when the commit changes.

use std::path::Path;
use std::process::Command;

fn main() {
    println!("cargo::rerun-if-env-changed=APPIA_COMMIT");
    for name in ["HEAD", "logs/HEAD"] {
        let path = git(&["rev-parse", "--git-path", name]);
        // A file that is not there would count as changed at every build.
        if let Some(path) = path.filter(|path| Path::new(path).exists()) {
            println!("cargo::rerun-if-changed={path}");
        }
    }
    println!("cargo::rerun-if-changed=build.rs");
    let said = std::env::var("APPIA_COMMIT").ok().filter(|commit| !commit.is_empty());
    if let Some(commit) = said.or_else(|| git(&["rev-parse", "HEAD"])) {
        println!("cargo::rustc-env=APPIA_COMMIT={commit}");
    }
}

/// What git says about this checkout; nothing where there is neither.
fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let text = text.trim();
    (output.status.success() && !text.is_empty()).then(|| text.to_owned())
}
