//! Where Terraform finds its providers: the real one where this machine has it, else the stand-in that serves a schema.
//!
//! A folder laid out as Terraform wants it, once for Terraform's registry and once for OpenTofu's, and settings that name
//! it. Start at [`Mirror::make`].

use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use appia_tf_provider::Schema;

use crate::command;
use crate::setup::{Tools, real_provider};

/// Hosts that a provider without one is looked for at: Terraform's, and OpenTofu's.
const HOSTS: &[&str] = &["registry.terraform.io", "registry.opentofu.org"];

/// Providers for one run.
pub(super) struct Mirror {
    /// Settings with which Terraform installs from the mirror.
    pub(super) installing: PathBuf,
    /// Settings with which it takes providers as they lie there, without installing: seconds less for each folder.
    pub(super) installed: PathBuf,
    /// Which provider is the real one and which stands in.
    pub(super) told: Vec<String>,
}

impl Mirror {
    pub(super) fn make(folder: &Path, tools: &Tools) -> Result<Mirror> {
        let schemas = tools.path("schemas").context("there are no schemas of providers")?;
        let stand_in = command::built(&["--package", "appia-tf-provider"])?;
        let place = folder.join("providers");
        let (mut told, mut lines) = (Vec::new(), String::new());
        for schema in Schema::read_folder(schemas)? {
            let name = schema.name().to_owned();
            let real = real_provider(&name);
            let version = real.as_ref().map_or(&schema.version, |real| &real.version);
            let below =
                |host: &str| place.join(host).join("hashicorp").join(&name).join(version).join("linux_amd64");
            let there = match &real {
                Some(real) => real.folder(),
                None => {
                    write_script(folder, &name, version, &stand_in, &schemas.join(format!("{name}.json")))?
                }
            };
            for host in HOSTS {
                let place = below(host);
                std::fs::create_dir_all(place.parent().unwrap_or(folder))?;
                symlink(&there, place)?;
            }
            let what = if real.is_some() { "the real one" } else { "a stand-in with its schema" };
            told.push(format!("{name} {version}: {what}"));
            lines.push_str(&format!("    \"hashicorp/{name}\" = \"{}\"\n", there.display()));
        }
        let installing = format!("  filesystem_mirror {{\n    path = \"{}\"\n  }}\n", place.display());
        let installed = format!("  dev_overrides {{\n{lines}  }}\n{installing}");
        Ok(Mirror {
            installing: settings(&folder.join("installing.tfrc"), &installing)?,
            installed: settings(&folder.join("installed.tfrc"), &installed)?,
            told,
        })
    }
}

fn settings(file: &Path, inside: &str) -> Result<PathBuf> {
    std::fs::write(file, format!("provider_installation {{\n{inside}}}\n"))?;
    Ok(file.to_path_buf())
}

/// A folder with a program that starts the stand-in.
fn write_script(folder: &Path, name: &str, version: &str, program: &Path, schema: &Path) -> Result<PathBuf> {
    let place = folder.join(format!("stand-in-{name}"));
    std::fs::create_dir_all(&place)?;
    let script = place.join(format!("terraform-provider-{name}_v{version}"));
    std::fs::write(&script, format!("#!/bin/sh\nexec '{}' '{}'\n", program.display(), schema.display()))?;
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755))?;
    Ok(place)
}
