//! What a git repository says about a folder: commit, tag, and whether anything is changed.
//!
//! Called when a release is named. Asks the `git` program; never writes. A folder without git, or a machine without it,
//! is no error: the release has no commit then. Start reading at [`describe`].

use std::path::Path;

use crate::tool::Tool;

/// The state of the working tree around a folder.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct GitState {
    /// The commit that is checked out, all 40 (or 64) digits.
    pub commit: String,
    /// Something in the folder differs from the commit, or is not known to git and not ignored.
    pub dirty: bool,
    /// A tag that points at exactly this commit.
    pub tag: Option<String>,
}

impl GitState {
    /// The commit's first 12 digits, with `-dirty` behind them when there are changes.
    pub fn short(&self) -> String {
        let head: String = self.commit.chars().take(12).collect();
        if self.dirty { format!("{head}-dirty") } else { head }
    }
}

/// Asks git about a folder. `None`: no repository, no commit yet, or no git.
pub async fn describe(folder: &Path) -> Option<GitState> {
    // A person waits for this at every plan: the three questions are asked at once.
    let (commit, changes, tag) = tokio::join!(
        ask(folder, &["rev-parse", "--verify", "--quiet", "HEAD"]),
        ask(folder, &["status", "--porcelain", "--untracked-files=normal", "--", "."]),
        ask(folder, &["describe", "--tags", "--exact-match", "HEAD"]),
    );
    Some(GitState { commit: commit?, dirty: !changes?.is_empty(), tag })
}

async fn ask(folder: &Path, question: &[&str]) -> Option<String> {
    // A repository may name a program that git starts to learn what changed: asking must not run what nobody agreed to.
    let git = Tool::new("git").args(["-c", "core.fsmonitor=false"]).args(question).current_dir(folder);
    // Reading must not take the lock that a person's own git is waiting for.
    let answer = git.env("GIT_OPTIONAL_LOCKS", "0").read().await.ok()?;
    Some(answer.trim_end().to_owned())
}
