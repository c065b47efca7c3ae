//! Judges pinned by version and hash, kept in the user's cache: a Python environment and cargo-deny.
//!
//! Each lives in a folder named by what it was made from, with a mark written last: a half-made folder is made again, a
//! finished one is never touched. Start at `python_environment`.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::{Found, cache, packages, version_of};
use crate::command;

const REQUIREMENTS: &str = include_str!("requirements.txt");
const SCANNERS: &str = include_str!("scanners.txt");
const CARGO_DENY: Pinned = Pinned { name: "cargo-deny", version: "0.20.2" };
const CARGO_FUZZ: Pinned = Pinned { name: "cargo-fuzz", version: "0.13.2" };
const CADDY: &str = "2.10.2";
const OPENTOFU: &str = "1.12.6";
/// What OpenTofu's own `go.mod` replaces: a replacement counts only in the module that is built.
const OPENTOFU_REPLACES: &str =
    "github.com/hashicorp/hcl/v2 v2.20.1 => github.com/opentofu/hcl/v2 v2.20.2-0.20251021132045-587d123c2828";
const FINISHED: &str = "finished";

/// The `bin` folder of the environment that holds the Python judges.
pub(super) fn python_environment() -> Result<PathBuf> {
    environment("python", REQUIREMENTS, "the Python judges (90 MB)")
}

/// The `bin` folder of the environment that holds checkov, whose hundred packages would not agree with the others.
pub(super) fn scanners() -> Result<PathBuf> {
    environment("scanners", SCANNERS, "checkov (290 MB)")
}

fn environment(name: &str, requirements: &str, what: &str) -> Result<PathBuf> {
    let folder = cache()?.join(format!("{name}-{:016x}", digest(requirements)));
    once(&folder, |folder| {
        println!("installing {what} ...");
        let python = command::find("python3", &[]).context("`python3` is missing")?;
        if !command::capture(Command::new(&python).args(["-c", "import ensurepip, venv"]))?.success {
            packages::install("python3-venv")?;
        }
        command::read(Command::new(&python).args(["-m", "venv"]).arg(folder))?;
        let list = folder.join("requirements.txt");
        std::fs::write(&list, requirements)?;
        let install =
            ["install", "--quiet", "--disable-pip-version-check", "--no-deps", "--require-hashes", "-r"];
        command::read(Command::new(folder.join("bin/pip")).args(install).arg(&list))?;
        Ok(())
    })?;
    Ok(folder.join("bin"))
}

/// A program that Cargo compiles from the registry.
struct Pinned {
    name: &'static str,
    version: &'static str,
}

/// Reads the lock file and says which licences, bans and sources are in it.
pub(super) fn cargo_deny() -> Result<Found> {
    CARGO_DENY.set_up()
}

/// Builds programs for libFuzzer.
pub(super) fn cargo_fuzz() -> Result<Found> {
    CARGO_FUZZ.set_up()
}

impl Pinned {
    /// Compiled once and unoptimised: it does little itself.
    fn set_up(&self) -> Result<Found> {
        let Pinned { name, version } = self;
        let folder = cache()?.join(format!("{name}-{version}"));
        once(&folder, |folder| {
            println!("compiling {name} {version}, once (a minute or two) ...");
            let exact = format!("={version}");
            let mut install = Command::new("cargo");
            install
                .args(["install", "--quiet", "--locked", "--debug", name, "--version", &exact, "--root"])
                .arg(folder);
            // The checkout's own target folder is for the checkout.
            install.env_remove("CARGO_TARGET_DIR");
            command::read(&mut install)?;
            Ok(())
        })?;
        let path = folder.join("bin").join(name);
        let version = version_of(&path, "--version")?;
        Ok(Found { path, version })
    }
}

/// Caddy, built by Go from its module; Go checks it by the public checksum database.
pub(super) fn caddy() -> Result<Found> {
    let folder = cache()?.join(format!("caddy-{CADDY}"));
    once(&folder, |folder| {
        println!("building Caddy {CADDY}, once (some minutes) ...");
        let go = command::find("go", &["/usr/local/go/bin".into()]).context("`go` is missing")?;
        let modules = folder.join("modules");
        let mut install = Command::new(go);
        install.args([
            "install",
            "-modcacherw",
            &format!("github.com/caddyserver/caddy/v2/cmd/caddy@v{CADDY}"),
        ]);
        install.env("GOBIN", folder.join("bin")).env("GOMODCACHE", &modules);
        command::read(&mut install)?;
        std::fs::remove_dir_all(&modules).context("the sources of Caddy cannot be removed")
    })?;
    let path = folder.join("bin/caddy");
    // Built from its module, it does not know its version.
    Ok(Found { path, version: CADDY.to_owned() })
}

/// OpenTofu, built by Go from its module as a part of one of ours.
pub(super) fn opentofu() -> Result<Found> {
    let folder = cache()?.join(format!("opentofu-{OPENTOFU}"));
    once(&folder, |folder| {
        println!("building OpenTofu {OPENTOFU}, once (some minutes) ...");
        let go = command::find("go", &["/usr/local/go/bin".into()]).context("`go` is missing")?;
        let needs =
            format!("require github.com/opentofu/opentofu v{OPENTOFU}\n\nreplace {OPENTOFU_REPLACES}\n");
        std::fs::write(folder.join("go.mod"), format!("module appia.dev/opentofu\n\ngo 1.26\n\n{needs}"))?;
        let (modules, program) = (folder.join("modules"), folder.join("bin/tofu"));
        let mut build = Command::new(go);
        build.args(["build", "-mod=mod", "-modcacherw", "-trimpath"]);
        build.arg("-ldflags=-s -w -X github.com/opentofu/opentofu/version.dev=no").arg("-o").arg(&program);
        build.arg("github.com/opentofu/opentofu/cmd/tofu").current_dir(folder).env("GOMODCACHE", &modules);
        command::read(&mut build)?;
        std::fs::remove_dir_all(&modules).context("the sources of OpenTofu cannot be removed")
    })?;
    let path = folder.join("bin/tofu");
    let version = version_of(&path, "version")?;
    Ok(Found { path, version })
}

/// Makes a folder unless it was finished before.
pub(super) fn once(folder: &Path, make: impl FnOnce(&Path) -> Result<()>) -> Result<()> {
    let mark = folder.join(FINISHED);
    if mark.exists() {
        return Ok(());
    }
    // Another run of the tests may be making it at this moment: then this one waits.
    let lock = std::fs::File::create(folder.with_extension("lock"))?;
    lock.lock()?;
    if mark.exists() {
        return Ok(());
    }
    if folder.exists() {
        std::fs::remove_dir_all(folder)
            .with_context(|| format!("`{}` cannot be removed", folder.display()))?;
    }
    std::fs::create_dir_all(folder)?;
    make(folder)?;
    std::fs::write(&mark, "").with_context(|| format!("`{}` cannot be written", mark.display()))
}

/// Fowler-Noll-Vo (FNV-1a, 64 bits): tells one list from another; pip checks the content by SHA-256.
pub(super) fn digest(text: &str) -> u64 {
    text.bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finished_folder_is_not_made_again_and_a_half_made_one_is() -> Result<()> {
        let base = tempfile::tempdir()?;
        let folder = base.path().join("judge");
        assert!(once(&folder, |_| anyhow::bail!("no network")).is_err());
        once(&folder, |folder| Ok(std::fs::write(folder.join("program"), "one")?))?;
        once(&folder, |_| anyhow::bail!("must not be called"))?;
        assert_eq!(std::fs::read_to_string(folder.join("program"))?, "one");
        Ok(())
    }

    #[test]
    fn the_digest_is_fnv_1a() {
        // Published test vectors.
        assert_eq!(digest(""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(digest("a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(digest("foobar"), 0x8594_4171_f739_67e8);
    }

    #[test]
    fn every_requirement_is_pinned_by_hash() {
        for list in [REQUIREMENTS, SCANNERS] {
            let joined = list.replace("\\\n", " ");
            let lines: Vec<&str> = joined.lines().filter(|line| !line.starts_with('#')).collect();
            assert!(lines.len() > 10);
            assert!(lines.iter().all(|line| line.contains("==") && line.contains("--hash=sha256:")));
        }
    }
}
