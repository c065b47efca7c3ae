//! The peer of `torture kills`: the same `kill -9` at random moments, to a real `terraform apply`.
//!
//! Sixty objects of Terraform's own `terraform_data`, each of which makes a file and then takes 0.2 s, as a cloud that
//! has accepted a call and not answered yet. After a kill `terraform apply` is given again; files beyond sixty are then
//! things that Terraform made and knows nothing of. Run by `kills.rs` with `--beside terraform`. Start at `beside`.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use super::chance::Chance;
use super::{Options, processes};
use crate::command::{self, capture};

const OBJECTS: usize = 60;

const INTENT: &str = r#"resource "terraform_data" "object" {
  count = 60
  provisioner "local-exec" {
    command = "mktemp objects/${count.index}.XXXXXX && sleep 0.2"
  }
}
"#;

/// What all kills left.
#[derive(Default)]
struct Sum {
    kills: u32,
    /// Kills that left something.
    with_orphans: u32,
    orphans: usize,
    /// After these the state knew nothing although objects had been made.
    empty_states: u32,
    /// After these the lock's file was still there.
    locks: u32,
}

/// As many kills as Appia had, and what they left; a line that says so where there is no Terraform.
pub(super) fn beside(folder: &Path, options: &Options) -> Result<String> {
    let Some(terraform) = command::find("terraform", &[]) else {
        return Ok("Terraform did not run: there is no `terraform` on PATH".to_owned());
    };
    let version = capture(Command::new(&terraform).arg("version"))?.stdout;
    let version = version.lines().next().unwrap_or_default().to_owned();
    let whole = undisturbed(&Stack::new(&terraform, folder.join("undisturbed"))?)?;
    let mut chance = Chance::seeded(options.seed);
    let mut sum = Sum::default();
    for number in 1..=options.runs {
        let stack = Stack::new(&terraform, folder.join(format!("kill-{number}")))?;
        once(&stack, chance.moment(whole), &mut sum)?;
        std::fs::remove_dir_all(&stack.folder)?;
    }
    let per_kill =
        |count: usize| f64::from(u32::try_from(count).unwrap_or(u32::MAX)) / f64::from(sum.kills.max(1));
    Ok(format!(
        "{version}: {} kills of `apply` of {OBJECTS} objects ({:.1} s undisturbed): {} orphans after the next `apply` ({:.1} a kill; {} kills left some), \
         {} empty states, {} lock files",
        sum.kills,
        whole.as_secs_f64(),
        sum.orphans,
        per_kill(sum.orphans),
        sum.with_orphans,
        sum.empty_states,
        sum.locks
    ))
}

fn undisturbed(stack: &Stack) -> Result<Duration> {
    let began = Instant::now();
    stack.apply()?;
    if stack.objects() != OBJECTS {
        bail!("without any kill there are {} objects instead of {OBJECTS}", stack.objects());
    }
    Ok(began.elapsed())
}

fn once(stack: &Stack, after: Duration, sum: &mut Sum) -> Result<()> {
    let mut apply = stack.command(&["apply", "-auto-approve", "-input=false"]);
    let mut apply = apply.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
    std::thread::sleep(after);
    processes::kill(&[apply.id()])?;
    apply.wait()?;
    // What runs in that moment goes on to its end, as a cloud would.
    std::thread::sleep(Duration::from_millis(500));
    sum.kills += 1;
    let state = std::fs::metadata(stack.folder.join("terraform.tfstate")).map_or(0, |file| file.len());
    sum.empty_states += u32::from(stack.objects() > 0 && state == 0);
    sum.locks += u32::from(stack.folder.join(".terraform.tfstate.lock.info").exists());
    stack.apply()?;
    let orphans = stack.objects().saturating_sub(OBJECTS);
    sum.with_orphans += u32::from(orphans > 0);
    sum.orphans += orphans;
    Ok(())
}

/// A folder with the sixty objects.
struct Stack {
    terraform: PathBuf,
    folder: PathBuf,
}

impl Stack {
    fn new(terraform: &Path, folder: PathBuf) -> Result<Stack> {
        std::fs::create_dir_all(folder.join("objects"))?;
        std::fs::write(folder.join("main.tf"), INTENT)?;
        let stack = Stack { terraform: terraform.to_path_buf(), folder };
        stack.succeed(&["init", "-input=false"])?;
        Ok(stack)
    }

    fn apply(&self) -> Result<()> {
        self.succeed(&["apply", "-auto-approve", "-input=false"])
    }

    fn objects(&self) -> usize {
        std::fs::read_dir(self.folder.join("objects")).map_or(0, Iterator::count)
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(&self.terraform);
        command
            .args(words)
            .current_dir(&self.folder)
            .env("CHECKPOINT_DISABLE", "1")
            .env("TF_IN_AUTOMATION", "1");
        command
    }

    fn succeed(&self, words: &[&str]) -> Result<()> {
        let output = capture(&mut self.command(words))?;
        if !output.success {
            bail!("`terraform {}` failed: {}", words.join(" "), output.stderr.trim());
        }
        Ok(())
    }
}
