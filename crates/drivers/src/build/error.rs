//! Why a build did not happen, in words for the person whose source it is.

use std::path::{Path, PathBuf};

use crate::tool::ToolError;

/// A source has no more files.
pub(super) const MOST_FILES: usize = 100_000;
/// A source has no more bytes.
pub(super) const MOST_BYTES: u64 = 4 << 30;

/// Why a build did not happen.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The context is not there, or is no folder.
    #[error("`{}` is no folder; `build` names the folder of the source code", path.display())]
    NoFolder {
        /// The context.
        path: PathBuf,
    },
    /// A path in the options is absolute or leads out of the context.
    #[error("`{}` leads out of the folder that is built; name a path inside it, without `..`", path.display())]
    OutsidePath {
        /// The path as written.
        path: PathBuf,
    },
    /// A symbolic link leads out of the context: what it points to would not be part of the build.
    #[error("the link `{}` points to `{}`, out of the folder that is built; copy the file, or build a folder that holds both", link.display(), target.display())]
    OutsideLink {
        /// The link.
        link: PathBuf,
        /// What it says.
        target: PathBuf,
    },
    /// The folder holds more than any source does.
    #[error("`{}` holds more than {} files or {} GiB, which is no source code; build a smaller folder, or have `.gitignore` name what does not belong to it", folder.display(), MOST_FILES, MOST_BYTES >> 30)]
    TooMuch {
        /// The folder.
        folder: PathBuf,
    },
    /// A file of the source could not be read.
    #[error("cannot read `{}`", path.display())]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A manifest does not say what it must.
    #[error("`{}`: {why}", path.display())]
    Manifest {
        /// The manifest.
        path: PathBuf,
        /// What is wrong, and the way out.
        why: String,
    },
    /// A tool is missing, or did not do its work. [`BuildError::output`] has what it printed.
    #[error(transparent)]
    Tool(#[from] ToolError),
    /// The tool said that all went well, but what it should have made is not there.
    #[error("the build made no `{}`; look at `output`, or at what the build command writes", output.display())]
    NoOutput {
        /// What should be there, as written.
        output: PathBuf,
    },
    /// The source changed each time while it was built.
    #[error("`{}` keeps changing while it is built; let whatever writes there finish, or have git ignore its files", path.display())]
    Restless {
        /// The context.
        path: PathBuf,
    },
    /// The folder where builds are kept cannot be used.
    #[error("cannot {doing} `{}`", path.display())]
    Cache {
        /// What we were doing, such as `write`.
        doing: &'static str,
        /// With what.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
}

impl BuildError {
    /// What the failing tool printed, exactly as it did.
    pub fn output(&self) -> Option<&str> {
        match self {
            BuildError::Tool(error) => error.output(),
            BuildError::NoFolder { .. }
            | BuildError::OutsidePath { .. }
            | BuildError::OutsideLink { .. }
            | BuildError::Read { .. }
            | BuildError::Manifest { .. }
            | BuildError::NoOutput { .. }
            | BuildError::TooMuch { .. }
            | BuildError::Restless { .. }
            | BuildError::Cache { .. } => None,
        }
    }

    pub(super) fn cache(doing: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> BuildError {
        let path = path.to_owned();
        move |source| BuildError::Cache { doing, path, source }
    }

    pub(super) fn read(path: &Path) -> impl FnOnce(std::io::Error) -> BuildError {
        let path = path.to_owned();
        move |source| BuildError::Read { path, source }
    }

    pub(super) fn manifest(path: &Path, why: impl Into<String>) -> BuildError {
        BuildError::Manifest { path: path.to_owned(), why: why.into() }
    }
}
