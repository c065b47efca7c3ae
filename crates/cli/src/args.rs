//! The command line, declared once: parser, help, manual pages and completions all come from here.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::commands;

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
#[command(
    after_help = "Exit codes: 0 done, 1 failed, 2 wrong command line, 3 errors in an input file, 4 outcomes cannot be met,\n\
5 denied by a guardrail, 6 a person has to agree first, 7 the world has moved on, 130 interrupted"
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) output: OutputArgs,
    #[command(subcommand)]
    pub(crate) verb: Verb,
}

/// How to talk.
#[derive(Debug, Clone, Args)]
pub(crate) struct OutputArgs {
    /// Write tables and sentences, or one JSON object.
    #[arg(long, global = true, value_enum, default_value_t = Output::Human, value_name = "FORM")]
    pub(crate) output: Output,
    /// Use colours.
    #[arg(long, global = true, value_enum, default_value_t = ColorChoice::Auto, value_name = "WHEN")]
    pub(crate) color: ColorChoice,
    /// Say only what was asked for.
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// Say more of what happens.
    #[arg(short, long, global = true)]
    pub(crate) verbose: bool,
}

/// What stdout gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Output {
    /// Tables and sentences.
    Human,
    /// One JSON object, or one a line for verbs that go on.
    Json,
}

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColorChoice {
    /// When the output is a terminal and `NO_COLOR` is not set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// Which application.
#[derive(Debug, Clone, Args)]
pub(crate) struct ProjectArgs {
    /// Folder or files of one application: `appia.yaml`, else `score.yaml`, else what other formats claim.
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<String>,
    /// The environment.
    #[arg(short, long, value_name = "ENV")]
    pub(crate) environment: Option<String>,
}

/// Where a plan goes.
#[derive(Debug, Clone, Args)]
pub(crate) struct TargetArgs {
    /// Plan for a target without a platform file, by Appia's built-in offerings.
    #[arg(long, value_name = "TARGET", conflicts_with = "environment")]
    pub(crate) target: Option<String>,
    /// The image of a workload that is built: `web=registry.example/web@sha256:...`; may be repeated.
    #[arg(long = "image", value_name = "WORKLOAD=IMAGE")]
    pub(crate) images: Vec<String>,
}

/// Whether to ask.
#[derive(Debug, Clone, Args)]
pub(crate) struct ConfirmArgs {
    /// Do it without asking. It confirms what is shown and stands for no approval.
    #[arg(short, long)]
    pub(crate) yes: bool,
}

/// Everything `appia` can do.
#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    Init(commands::init::InitArgs),
    Check(commands::check::CheckArgs),
    Plan(commands::plan::PlanArgs),
    Explain(commands::explain::ExplainArgs),
    Export(commands::export::ExportArgs),
    Up(commands::up::UpArgs),
    Deploy(commands::deploy::DeployArgs),
    Rollback(commands::rollback::RollbackArgs),
    Down(commands::down::DownArgs),
    Status(commands::status::StatusArgs),
    Logs(commands::logs::LogsArgs),
    Leaks(commands::leaks::LeaksArgs),
    Server(commands::server::ServerArgs),
    Schema(commands::schema::SchemaArgs),
    Completions(commands::completions::CompletionsArgs),
    Man(commands::man::ManArgs),
    Version(commands::version::VersionArgs),
    #[command(hide = true)]
    Internal(commands::internal::InternalArgs),
}

/// Where everything that Appia keeps on this machine lives: `$APPIA_HOME`, else the XDG state folder.
#[derive(Debug, Clone, Args)]
pub(crate) struct HomeArgs {
    /// Where Appia keeps everything on this machine. Two homes never see each other.
    #[arg(long, env = "APPIA_HOME", value_name = "FOLDER", hide_env_values = true, global = true)]
    pub(crate) home: Option<PathBuf>,
}
