//! Public corpora: files of other people's that are read and never changed. `APPIA_CORPORA` says where they are.
//!
//! They are no part of the checkout and cannot be installed, so a machine may say `APPIA_CORPORA=none`: then they are
//! printed as left out. Without that word they are a judge like any other: missing, they fail CI. Start at `corpora`.

use std::path::{Path, PathBuf};

use crate::generated::collect;

/// What a machine says that has none, and knows it.
const NONE: &str = "none";

/// What there is of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Corpora {
    /// The folder, and how many files of Score's are in it.
    Ready(PathBuf, usize),
    /// Why they cannot be read.
    Missing(String),
    /// This machine has none and says so.
    LeftOut,
}

/// What `APPIA_CORPORA` names.
pub(crate) fn corpora() -> Corpora {
    named(std::env::var_os("APPIA_CORPORA").map(PathBuf::from).as_deref())
}

fn named(folder: Option<&Path>) -> Corpora {
    let Some(folder) = folder else {
        let why = "APPIA_CORPORA names no folder of them; `APPIA_CORPORA=none` says that there is none";
        return Corpora::Missing(why.to_owned());
    };
    if folder == Path::new(NONE) {
        return Corpora::LeftOut;
    }
    let mut files = Vec::new();
    match collect(&folder.join("score"), &mut files) {
        Ok(()) if files.is_empty() => {
            Corpora::Missing(format!("`{}` is empty", folder.join("score").display()))
        }
        Ok(()) => Corpora::Ready(folder.to_path_buf(), files.len()),
        Err(error) => Corpora::Missing(format!("{error:#}")),
    }
}

impl Corpora {
    /// One line of the table of judges.
    pub(crate) fn line(&self) -> String {
        let rest = match self {
            Corpora::Ready(folder, count) => format!("ready    {count} files ({})", folder.display()),
            Corpora::Missing(why) => format!("MISSING  {why}"),
            Corpora::LeftOut => "not run  APPIA_CORPORA=none: this machine has none".to_owned(),
        };
        format!("  {:<20} {rest}\n", "public corpora")
    }

    pub(crate) fn is_missing(&self) -> bool {
        matches!(self, Corpora::Missing(_))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_corpus_that_is_not_there_is_missing_unless_that_is_said() -> std::io::Result<()> {
        let folder = tempfile::tempdir()?;
        assert!(named(None).is_missing());
        assert!(named(Some(folder.path())).is_missing());
        std::fs::create_dir(folder.path().join("score"))?;
        assert!(named(Some(folder.path())).is_missing(), "an empty one judges nothing");
        std::fs::write(folder.path().join("score/score.yaml"), "")?;
        assert_eq!(named(Some(folder.path())), Corpora::Ready(folder.path().to_path_buf(), 1));
        assert_eq!(named(Some(Path::new("none"))), Corpora::LeftOut);
        Ok(())
    }
}
