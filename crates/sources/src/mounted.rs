//! What is in a file that a container mounts by `source`: a file beside the one that names it, text where it can be.
//!
//! Called by every format that has such files; each fills in its own placeholders and says what its paths are relative to.

use appia_diag::{Diagnostic, codes};

use crate::Files;

/// What is in a mounted file.
pub(crate) enum Mounted {
    Text(String),
    Binary(Vec<u8>),
}

/// Reads the file `written` beside the file `by`.
pub(crate) fn read(files: &dyn Files, by: &str, written: &str) -> Result<Mounted, Box<Diagnostic>> {
    let bytes = files.read_beside(by, written).map_err(|problem| {
        Box::new(Diagnostic::new(codes::UNREADABLE, format!("`{written}` cannot be read: {problem}")))
    })?;
    Ok(match std::str::from_utf8(&bytes) {
        Ok(text) => Mounted::Text(text.to_owned()),
        Err(_) => Mounted::Binary(bytes.to_vec()),
    })
}
