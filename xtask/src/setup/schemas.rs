//! Schemas of Terraform providers: printed by a real provider where the machine has one, else derived from public bindings.
//!
//! The bindings are packages of PyPI, pinned by hash; they are unpacked once, read by `appia-tf-provider` and thrown away,
//! and the schema (some megabytes) stays in the cache. Handed to tests as `APPIA_JUDGE_SCHEMAS`, a folder with a file a
//! provider. Start at `schemas`.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use appia_tf_provider::{Schema, derive};

use super::pinned::{digest, once, python_environment};
use super::{Found, cache};
use crate::command;

/// Bindings of a provider.
struct Bindings {
    /// The last word of the provider's source.
    provider: &'static str,
    package: &'static str,
    version: &'static str,
    hash: &'static str,
}

const BINDINGS: &[Bindings] = &[
    Bindings {
        provider: "google",
        package: "cdktn-provider-google",
        version: "21.1.0",
        hash: "157dead5025d5db5abe48e40cc49f0b6a4d8088fd0498eb17ad5a36bca811b2a",
    },
    Bindings {
        provider: "azurerm",
        package: "cdktn-provider-azurerm",
        version: "18.9.0",
        hash: "83dc7e7d1e8e0dcc62d0ceeb8aff741bf70f5132548d9b47169f619425a6b4e1",
    },
    // A later version than machines may have for real; the bindings of that one are written in another manner.
    Bindings {
        provider: "aws",
        package: "cdktn-provider-aws",
        version: "25.8.1",
        hash: "2ffa579cb88b063cb3a9937e43c519391e876845768f51638a848bdf2ce9f354",
    },
];

/// Where machines keep providers that Terraform installs from a folder.
const MIRRORS: &[&str] = &["/opt/tf-plugins", "/usr/local/share/tf-plugins", "/usr/share/tf-plugins"];

/// Writes the package's tarball beside the wheel that holds it.
const UNPACK: &str = "
import shutil, sys, zipfile
wheel = zipfile.ZipFile(sys.argv[1])
name, = [name for name in wheel.namelist() if name.endswith('.jsii.tgz')]
with wheel.open(name) as packed, open(sys.argv[2], 'wb') as unpacked:
    shutil.copyfileobj(packed, unpacked)
";

/// The folder with a schema a provider, and for each where it comes from.
pub(crate) fn schemas() -> Result<Found> {
    let all: Vec<String> = BINDINGS.iter().map(|one| format!("{} {}", one.package, one.version)).collect();
    let real = real_provider("aws");
    let key = digest(&format!("{all:?} {real:?} {}", derive::VERSION));
    let folder = cache()?.join(format!("schemas-{key:016x}"));
    once(&folder, |folder| {
        println!("reading the schemas of Terraform providers, once (a minute) ...");
        let mut told = Vec::new();
        for bindings in BINDINGS {
            let printed = real.as_ref().filter(|_| bindings.provider == "aws");
            let (schema, from) = match printed {
                Some(real) => (real.print(folder)?, "printed by the real one".to_owned()),
                None => (bindings.derive(folder)?, format!("from {} {}", bindings.package, bindings.version)),
            };
            told.push(format!("{} {} {from}", bindings.provider, schema.version));
            write(folder, bindings.provider, &schema)?;
        }
        Ok(std::fs::write(folder.join("told"), told.join("; "))?)
    })?;
    let version = std::fs::read_to_string(folder.join("told"))?;
    Ok(Found { path: folder, version })
}

/// What was derived where a real provider is, to see how well that is done.
pub(crate) fn derived(provider: &str) -> Result<Schema> {
    let found = BINDINGS.iter().find(|bindings| bindings.provider == provider);
    let bindings = found.with_context(|| format!("there are no bindings of `{provider}`"))?;
    let folder =
        cache()?.join(format!("derived-{}-{}-{}", bindings.package, bindings.version, derive::VERSION));
    once(&folder, |folder| write(folder, provider, &bindings.derive(folder)?))?;
    Ok(Schema::read(&std::fs::read_to_string(folder.join(format!("{provider}.json")))?)?)
}

fn write(folder: &Path, provider: &str, schema: &Schema) -> Result<()> {
    Ok(std::fs::write(folder.join(format!("{provider}.json")), schema.write().to_string())?)
}

impl Bindings {
    fn derive(&self, folder: &Path) -> Result<Schema> {
        let unpacked = folder.join(self.package);
        std::fs::create_dir_all(&unpacked)?;
        self.unpack(&unpacked)?;
        let mut names = folders(&unpacked.join("package/lib"))?;
        names.sort();
        let texts = names.iter().map(|folder| texts(folder)).collect::<Result<Vec<_>>>()?;
        let source = format!("registry.terraform.io/hashicorp/{}", self.provider);
        let schema = derive::derive(&source, texts)
            .with_context(|| format!("`{}` cannot be understood", self.package))?;
        std::fs::remove_dir_all(&unpacked)?;
        Ok(schema)
    }

    fn unpack(&self, folder: &Path) -> Result<()> {
        let bin = python_environment()?;
        let list = folder.join("requirements.txt");
        std::fs::write(&list, format!("{}=={} --hash=sha256:{}\n", self.package, self.version, self.hash))?;
        let mut download = Command::new(bin.join("pip"));
        download.args([
            "download",
            "--quiet",
            "--disable-pip-version-check",
            "--no-deps",
            "--require-hashes",
        ]);
        command::read(download.arg("-r").arg(&list).arg("-d").arg(folder))?;
        let entries = std::fs::read_dir(folder)?.flatten().map(|entry| entry.path());
        let wheel = entries.into_iter().find(|path| path.extension().is_some_and(|end| end == "whl"));
        let wheel = wheel.with_context(|| format!("`{}` came without a wheel", self.package))?;
        let tarball = folder.join("bindings.tgz");
        command::read(Command::new(bin.join("python")).args(["-c", UNPACK]).arg(&wheel).arg(&tarball))?;
        let mut unpack = Command::new("tar");
        unpack.arg("-xzf").arg(&tarball).arg("-C").arg(folder).args(["--wildcards", "*/lib/*.js"]);
        command::read(&mut unpack).map(|_| ())
    }
}

fn folders(of: &Path) -> Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(of).with_context(|| format!("`{}` cannot be read", of.display()))?;
    Ok(entries.flatten().map(|entry| entry.path()).filter(|path| path.is_dir()).collect())
}

/// What stands in one folder of bindings, and in the parts that a long file was split into; without the source map, which
/// is the last line and most of the file.
fn texts(folder: &Path) -> Result<Vec<String>> {
    let mut files = Vec::new();
    crate::generated::collect(folder, &mut files)?;
    let scripts = files.iter().filter(|file| file.extension().is_some_and(|end| end == "js"));
    let read = |file: &PathBuf| {
        let text = std::fs::read_to_string(file)?;
        Ok(text.split_once("//# sourceMappingURL").map_or_else(|| text.clone(), |(code, _)| code.to_owned()))
    };
    scripts.map(read).collect()
}

/// A provider that Terraform can install from a folder of this machine.
#[derive(Debug)]
pub(crate) struct RealProvider {
    name: String,
    pub(crate) mirror: PathBuf,
    pub(crate) version: String,
    pub(crate) terraform: PathBuf,
}

/// The provider of that name and the program that runs it, if this machine has both.
pub(crate) fn real_provider(name: &str) -> Option<RealProvider> {
    let terraform = command::find("terraform", &[])?;
    let mirror = MIRRORS.iter().map(PathBuf::from).find(|mirror| mirror.is_dir())?;
    let versions = folders(&mirror.join("registry.terraform.io/hashicorp").join(name)).ok()?;
    let newest = versions.iter().filter_map(|path| path.file_name()?.to_str()).max()?;
    Some(RealProvider { name: name.to_owned(), version: newest.to_owned(), mirror, terraform })
}

impl RealProvider {
    /// Where its program is.
    pub(crate) fn folder(&self) -> PathBuf {
        let there = self.mirror.join("registry.terraform.io/hashicorp").join(&self.name);
        there.join(&self.version).join("linux_amd64")
    }

    /// The schema as Terraform prints it.
    fn print(&self, folder: &Path) -> Result<Schema> {
        let place = folder.join("printing");
        std::fs::create_dir_all(&place)?;
        let RealProvider { name, version, .. } = self;
        let needs = format!(
            "terraform {{\n  required_providers {{\n    {name} = {{\n      source  = \"hashicorp/{name}\"\n      version = \"{version}\"\n    }}\n  }}\n}}\n"
        );
        std::fs::write(place.join("versions.tf"), needs)?;
        let settings = place.join("settings.tfrc");
        let mirror = self.mirror.display();
        std::fs::write(
            &settings,
            format!("provider_installation {{\n  filesystem_mirror {{\n    path = \"{mirror}\"\n  }}\n}}\n"),
        )?;
        let run = |words: &[&str]| {
            let mut terraform = Command::new(&self.terraform);
            terraform
                .args(words)
                .current_dir(&place)
                .env("TF_CLI_CONFIG_FILE", &settings)
                .env("CHECKPOINT_DISABLE", "1");
            command::read(&mut terraform)
        };
        run(&["init", "-input=false", "-no-color"])?;
        let schema = Schema::read(&run(&["providers", "schema", "-json"])?)?;
        std::fs::remove_dir_all(&place)?;
        if schema.resource_schemas.is_empty() {
            bail!("Terraform printed no resource of `{name}`");
        }
        Ok(Schema { version: version.clone(), ..schema })
    }
}
