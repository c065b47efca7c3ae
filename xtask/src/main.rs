//! Developer tasks: `cargo xtask VERB` (the alias is in `.cargo/config.toml`).
//!
//! One file a verb: `tidy` (rules of the house), `test` (the README's test command), `generate` (derived files),
//! `judge` (what tools nobody here wrote say about our output), `bench` (our numbers beside a peer's), `torture`
//! (nothing is lost when processes are killed, nobody is dropped when a release follows another, no file does harm),
//! `fuzz` (libFuzzer against the properties in `fuzz/`).
//! Nothing in the product uses this crate. Start reading at `test.rs`.

mod bench;
mod command;
mod e2e;
mod fuzz;
mod generated;
mod judge;
mod setup;
mod test;
mod tidy;
mod torture;

use std::process::ExitCode;

const USAGE: &str = "\
usage: cargo xtask VERB

  test [--only STEP,STEP...]     set up the judges and run everything; `--only` runs the named steps
  tidy [-q]                      check the rules of the house; `-q` leaves out the notes on sizes
  generate                       rewrite every file that is derived from code
  judge kubernetes DIR...        validate Kubernetes manifests: kubernetes-validate and trivy
  judge solver|queues|chain|proofs [--requests N]
                                 numbers of a plan before HiGHS, Ciw and the simulation; the long form with N
  judge schemas [--derived]      what clouds make, before the schemas of their providers; how well those are derived
  judge scanners [DIR]           exported files before trivy and checkov
  judge faults                   plant forty faults in exported files and see who catches each; minutes
  judge terraform [--short] [DIR...]
                                 exported files before Terraform and OpenTofu: fmt, init, validate, plan
  setup                          install what the tests need and say what is there
  torture kills [--runs N] [--seed S] [--program FILE] [--beside terraform]
                                 kill -9 at random moments of real commands, and see that nothing is lost
  torture writes [--most N] [--program FILE]
                                 kill -9 at each write of the journal, one after the other
  torture reboots [--runs N] [--seed S] [--program FILE]
                                 everything dies at once and comes up under another boot id
  torture outages [--runs N] [--seed S] [--program FILE]
                                 a minute without a server under load, and kills of the agent
  torture flips|faults [--most N] [--seed S] [--program FILE]
                                 flip bytes of what is kept, let single system calls fail, and see that no answer is wrong
  torture traffic [--deploys N] [--requests N] [--seed S] [--program FILE] [--alone]
                                 deploy under load, beside HAProxy and Caddy, and count what failed
  torture hostile [--runs N] [--seed S] [--program FILE]
                                 malformed files and folders through real commands: no panic, hang, waste or stray write
  fuzz [TARGET...] [--seconds N] let libFuzzer try to break the properties in `fuzz/`, and keep what it learned
  e2e [NAME...]                  the examples and other people's applications: install, ask, deploy, kill, remove
  bench [ROW...]                 run the benchmark suite, or some rows of it: plan sizing up gateway idle size
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match run(&arguments) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[&str]) -> anyhow::Result<ExitCode> {
    match arguments {
        ["test"] => test::run(&[]),
        ["test", "--only", names] => test::run(&names.split(',').collect::<Vec<_>>()),
        ["tidy"] => tidy::run(tidy::Notes::Shown),
        ["tidy", "-q"] => tidy::run(tidy::Notes::Hidden),
        ["generate"] => generated::rewrite(),
        ["judge", "kubernetes", folders @ ..] if !folders.is_empty() => judge::kubernetes::run(folders),
        ["judge", which @ ("solver" | "queues" | "chain" | "proofs"), rest @ ..] => {
            judge::numbers::run(which, rest)
        }
        ["judge", "schemas", rest @ ..] => judge::schemas::run(rest),
        ["judge", "terraform", rest @ ..] => judge::terraform::run(rest),
        ["judge", "scanners", rest @ ..] => judge::scanners::run(rest),
        ["judge", "faults"] => judge::faults::run(),
        ["setup"] => setup::run(),
        ["bench", "echo"] => bench::echo::serve(),
        ["bench", rows @ ..] => bench::run(rows),
        ["fuzz", rest @ ..] => fuzz::run(rest),
        ["e2e", names @ ..] => e2e::run(names),
        ["torture", rest @ ..] => torture::run(rest),
        ["--help" | "-h" | "help"] => {
            print!("{USAGE}");
            Ok(ExitCode::SUCCESS)
        }
        _ => {
            eprint!("{USAGE}");
            Ok(ExitCode::from(2))
        }
    }
}
