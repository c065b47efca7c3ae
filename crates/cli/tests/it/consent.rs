//! What a machine lacks: told with the line that asks for it, installed with consent, and never without.
//!
//! The machine is one without PostgreSQL: an empty folder lies over its own, seen by `appia` alone, and its `PATH` has a
//! package manager of this test's, or none.

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;

use super::{Answer, Place, answer, last_json};

const APP: &str = "app: lacking
workloads:
  site: { type: site, build: ./site, public: true }
resources:
  db: { type: postgres }
";

/// Where PostgreSQL is on Debian, as the runtime looks for it.
const POSTGRES: &str = "/usr/lib/postgresql";

struct Bare {
    place: Place,
    bin: PathBuf,
}

impl Bare {
    /// `None` where this machine gives no process a view of its own.
    fn new() -> Option<Bare> {
        let allowed =
            Command::new("unshare").args(["-rm", "true"]).output().is_ok_and(|tried| tried.status.success());
        if !allowed {
            appia_testkit::did_not_run(
                "consent to an installation: this machine gives programs no namespace of their own",
            );
            return None;
        }
        let place = Place::new();
        place.write("appia.yaml", APP);
        place.write("site/index.html", "<h1>a site</h1>");
        place.write("empty/nothing", "");
        place.write("bin/nothing", "");
        let bin = place.work().join("bin");
        Some(Bare { place, bin })
    }

    /// A package manager that notes what it is told, and fails.
    fn with_package_manager(&self) {
        let noted = self.noted();
        let script =
            format!("#!/bin/sh\necho \"$@\" >> {}\necho 'no network' >&2\nexit 100\n", noted.display());
        let path = self.place.write("bin/apt-get", &script);
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }

    fn noted(&self) -> PathBuf {
        self.place.work().join("noted")
    }

    fn appia(&self, arguments: &[&str]) -> Answer {
        let appia = self.place.command();
        let hide = format!(
            "if test -d {POSTGRES}; then mount --bind empty {POSTGRES}; fi; PATH={}; exec \"$@\"",
            self.bin.display()
        );
        let mut command = Command::new("unshare");
        command.args(["-rm", "sh", "-c", &hide, "sh"]).arg(appia.get_program()).args(arguments);
        command.current_dir(self.place.work()).env("APPIA_HOME", self.place.home()).env("LC_ALL", "C");
        answer(command.output().unwrap())
    }
}

#[test]
fn a_program_that_cannot_be_had_is_told_before_anything_is_asked() {
    let Some(bare) = Bare::new() else { return };
    for arguments in [["up", "--output", "json"].as_slice(), &["up", "--yes", "--output", "json"]] {
        let up = bare.appia(arguments);
        assert_eq!(up.code, 3, "{}{}", up.out, up.err);
        let found = last_json(&up.out)["diagnostics"].clone();
        let errors = found.as_array().unwrap().iter().filter(|one| one["severity"] == "error");
        let shown: Vec<_> = errors.map(|one| (one["code"].as_str().unwrap(), one["line"].as_u64())).collect();
        assert_eq!(shown, [("APP0801", Some(5))], "{found}");
        assert!(found.to_string().contains("install the package `postgresql`"), "{found}");
    }
    assert!(!bare.place.home().join("appia.db").exists(), "not even a server was started");
}

#[test]
fn nothing_is_installed_without_consent() {
    let Some(bare) = Bare::new() else { return };
    bare.with_package_manager();
    let asked = bare.appia(&["up"]);
    assert_eq!(asked.code, 6, "{}{}", asked.out, asked.err);
    let says = "install --yes --no-install-recommends postgresql";
    assert!(asked.err.contains(says), "what would be done is shown first: {}", asked.err);
    assert!(!bare.noted().exists(), "nobody agreed");

    let agreed = bare.appia(&["up", "--yes"]);
    assert_eq!(agreed.code, 1, "{}{}", agreed.out, agreed.err);
    assert!(agreed.err.contains("no network"), "its own words are told: {}", agreed.err);
    assert_eq!(std::fs::read_to_string(bare.noted()).unwrap().trim(), says);
    let status = bare.place.json(&["status"]);
    assert_eq!(status["workloads"], serde_json::json!([]), "nothing was made");
}
