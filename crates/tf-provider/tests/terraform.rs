//! The stand-in provider before Terraform itself: what the schema accepts is planned and applied, what it does not accept is
//! refused with the line.

#![expect(clippy::unwrap_used, reason = "a test that meets what it did not expect has failed")]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};

const SCHEMA: &str = r#"{"format_version": "1.0", "provider_schemas": {"registry.terraform.io/example/toy": {
  "provider": {"block": {"attributes": {"region": {"type": "string", "optional": true}}}},
  "resource_schemas": {"toy_box": {"block": {
    "attributes": {"id": {"type": "string", "computed": true}, "size": {"type": "number", "required": true},
      "zones": {"type": ["set", "string"], "optional": true, "computed": true},
      "parts": {"nested_type": {"nesting_mode": "list", "attributes": {"name": {"type": "string", "optional": true}}}, "optional": true}},
    "block_types": {"lid": {"nesting_mode": "set", "max_items": 1, "block": {"attributes": {
      "colour": {"type": "string", "required": true}, "key": {"type": "string", "computed": true}}}}}}}},
  "data_source_schemas": {"toy_room": {"block": {"attributes": {"number": {"type": "number", "computed": true}}}}}}}}"#;

const RIGHT: &str = r#"
terraform {
  required_providers {
    toy = {
      source  = "example/toy"
      version = "1.0.0"
    }
  }
}
data "toy_room" "here" {}
resource "toy_box" "one" {
  size  = data.toy_room.here.number
  parts = [{ name = "hinge" }]
  lid {
    colour = "red"
  }
}
resource "toy_box" "two" {
  size  = 2
  zones = [toy_box.one.id]
}
"#;

struct Stack<'a> {
    terraform: &'a Path,
    folder: &'a Path,
}

impl Stack<'_> {
    fn make(&self) {
        let schema = self.folder.join("toy.json");
        fs::write(&schema, SCHEMA).unwrap();
        let place = self.folder.join("mirror/registry.terraform.io/example/toy/1.0.0/linux_amd64");
        fs::create_dir_all(&place).unwrap();
        let program = place.join("terraform-provider-toy_v1.0.0");
        let stand_in = env!("CARGO_BIN_EXE_appia-tf-provider");
        fs::write(&program, format!("#!/bin/sh\nexec '{stand_in}' '{}'\n", schema.display())).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        let mirror = self.folder.join("mirror");
        let settings = format!(
            "provider_installation {{\n  filesystem_mirror {{\n    path = \"{}\"\n  }}\n}}\n",
            mirror.display()
        );
        fs::write(self.folder.join("settings.tfrc"), settings).unwrap();
    }

    fn run(&self, words: &[&str]) -> Output {
        let mut terraform = Command::new(self.terraform);
        terraform
            .args(words)
            .current_dir(self.folder)
            .env("TF_DISABLE_PLUGIN_TLS", "1")
            .env("CHECKPOINT_DISABLE", "1");
        terraform.env("TF_CLI_CONFIG_FILE", self.folder.join("settings.tfrc")).output().unwrap()
    }

    fn succeeds(&self, words: &[&str]) -> String {
        let output = self.run(words);
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{words:?}: {said}{}", String::from_utf8_lossy(&output.stderr));
        said
    }
}

#[test]
fn terraform_takes_it_for_a_provider() {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let Some(terraform) =
        std::env::split_paths(&path).map(|folder| folder.join("terraform")).find(|file| file.is_file())
    else {
        appia_testkit::did_not_run("Terraform: there is no `terraform` on PATH");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let stack = Stack { terraform: &terraform, folder: folder.path() };
    stack.make();
    fs::write(folder.path().join("main.tf"), RIGHT).unwrap();
    stack.succeeds(&["init", "-input=false"]);
    stack.succeeds(&["validate"]);
    let plan = stack.succeeds(&["plan", "-input=false", "-no-color", "-out=plan"]);
    assert!(plan.contains("2 to add") && plan.contains("(known after apply)"), "{plan}");
    stack.succeeds(&["apply", "-input=false", "plan"]);
    // Nothing is left to do: what was invented stays.
    stack.succeeds(&["plan", "-input=false", "-detailed-exitcode"]);
    fs::write(folder.path().join("main.tf"), RIGHT.replace("colour =", "color =")).unwrap();
    let refused = stack.run(&["validate", "-no-color"]);
    let said = String::from_utf8_lossy(&refused.stderr);
    assert!(!refused.status.success());
    for expect in ["argument \"colour\" is required", "argument named \"color\" is not expected"] {
        assert!(said.contains(expect), "{said}");
    }
}
