//! The verbs, one file each: its arguments (their comments are the help), then `run`.
//!
//! The command line is declared once, here and in those files: parser, help, manual pages and completions come from it.

pub(crate) mod check;
pub(crate) mod completions;
pub(crate) mod deploy;
pub(crate) mod down;
pub(crate) mod explain;
pub(crate) mod export;
pub(crate) mod init;
pub(crate) mod internal;
pub(crate) mod leaks;
pub(crate) mod logs;
pub(crate) mod man;
pub(crate) mod measure;
pub(crate) mod plan;
pub(crate) mod prove;
pub(crate) mod rollback;
pub(crate) mod schema;
pub(crate) mod server;
pub(crate) mod status;
pub(crate) mod up;
pub(crate) mod version;

use clap::{Parser, Subcommand};

use crate::args::OutputArgs;

/// Compiles what a team wants into one plan it can read, and runs that plan here, on Kubernetes or in a cloud.
///
/// Start with `appia init` in a folder with code, look at `appia plan`, then `appia up`.
#[derive(Debug, Parser)]
#[command(
    name = "appia",
    version,
    propagate_version = true,
    max_term_width = 100,
    arg_required_else_help = true
)]
#[command(after_help = "Exit codes: 0 done, 1 failed, 2 wrong command line, 3 errors in an input file,\n\
4 outcomes cannot be met, 5 denied by a guardrail, 6 a person has to agree first,\n\
7 the world has moved on, 130 interrupted")]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) output: OutputArgs,
    #[command(subcommand)]
    pub(crate) verb: Verb,
}

/// Everything `appia` can do.
#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    Init(init::InitArgs),
    Check(check::CheckArgs),
    Plan(plan::PlanArgs),
    Explain(explain::ExplainArgs),
    Prove(prove::ProveArgs),
    Measure(measure::MeasureArgs),
    Export(export::ExportArgs),
    Up(up::UpArgs),
    Deploy(deploy::DeployArgs),
    Rollback(rollback::RollbackArgs),
    Down(down::DownArgs),
    Status(status::StatusArgs),
    Logs(logs::LogsArgs),
    Leaks(leaks::LeaksArgs),
    Server(server::ServerArgs),
    Schema(schema::SchemaArgs),
    Completions(completions::CompletionsArgs),
    Man(man::ManArgs),
    Version(version::VersionArgs),
    #[command(hide = true)]
    Internal(internal::InternalArgs),
}
