//! Arguments that several verbs share. The verbs themselves are in `commands`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// Options that every verb has stand together at the end of its help.
const COMMON: &str = "Common options";

/// How to talk.
#[derive(Debug, Clone, Args)]
pub(crate) struct OutputArgs {
    /// Write tables and sentences, or JSON objects for programs.
    #[arg(long, global = true, value_enum, default_value_t = Output::Human, value_name = "human|json")]
    #[arg(hide_possible_values = true, hide_default_value = true, help_heading = COMMON, display_order = 100)]
    pub(crate) output: Output,
    /// Use colours; `auto`: on a terminal, unless `NO_COLOR` is set.
    #[arg(long, global = true, value_enum, default_value_t = ColorChoice::Auto, value_name = "auto|always|never")]
    #[arg(hide_possible_values = true, hide_default_value = true, help_heading = COMMON, display_order = 101)]
    pub(crate) color: ColorChoice,
    /// Say only what was asked for.
    #[arg(short, long, global = true, conflicts_with = "verbose", help_heading = COMMON, display_order = 102)]
    pub(crate) quiet: bool,
    /// Say more of what happens.
    #[arg(short, long, global = true, help_heading = COMMON, display_order = 103)]
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
    /// The environment; `local` without it.
    #[arg(short, long, value_name = "ENV")]
    pub(crate) environment: Option<String>,
}

impl ProjectArgs {
    /// The same words again, to follow a verb: empty, or beginning with a space.
    pub(crate) fn words(&self) -> String {
        let environment = self.environment.iter().map(|name| format!(" -e {name}"));
        self.paths.iter().map(|path| format!(" {}", shell_word(path))).chain(environment).collect()
    }
}

/// A word as a shell reads it.
fn shell_word(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_./,:@+".contains(c);
    if word.chars().all(plain) { word.to_owned() } else { format!("'{}'", word.replace('\'', "'\\''")) }
}

/// Where a plan goes.
#[derive(Debug, Clone, Args)]
pub(crate) struct TargetArgs {
    /// Plan for `local` or `kubernetes`, by Appia's built-in offerings.
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

/// Where everything that Appia keeps on this machine lives: `$APPIA_HOME`, else the XDG state folder.
#[derive(Debug, Clone, Args)]
pub(crate) struct HomeArgs {
    /// Where Appia keeps everything on this machine. Two homes never see each other.
    #[arg(long, env = "APPIA_HOME", value_name = "FOLDER", hide_env_values = true, global = true)]
    #[arg(help_heading = COMMON, display_order = 104)]
    pub(crate) home: Option<PathBuf>,
}
