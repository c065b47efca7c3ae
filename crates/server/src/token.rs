//! The token that whoever asks over TCP has to show: made once a home, readable by its owner only.
//!
//! The unix socket needs none, the system says who is there. Never logged, shown or sent. Start reading at [`Token::of`].

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

/// Random bytes in a token; it is written with two digits each.
const BYTES: usize = 32;

/// What has to be shown.
pub(crate) struct Token(String);

impl Token {
    /// The token in a file, made when it is not there, is no token, or could be read by others.
    pub(crate) fn of(path: &Path) -> io::Result<Token> {
        match fs::symlink_metadata(path) {
            Ok(about) if about.is_file() && about.mode() & 0o077 == 0 => {
                let text = fs::read_to_string(path)?.trim().to_owned();
                if text.len() == BYTES * 2 { Ok(Token(text)) } else { Token::make(path) }
            }
            Ok(_) => Token::make(path),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Token::make(path),
            Err(error) => Err(error),
        }
    }

    /// Whether `authorization: Bearer TOKEN` shows it. Takes as long for a wrong token as for the right one.
    pub(crate) fn is_shown(&self, authorization: Option<&str>) -> bool {
        let Some((scheme, shown)) = authorization.and_then(|value| value.split_once(' ')) else {
            return false;
        };
        scheme.eq_ignore_ascii_case("bearer") && same(self.0.as_bytes(), shown.trim().as_bytes())
    }

    fn make(path: &Path) -> io::Result<Token> {
        let text: String = rand::random::<[u8; BYTES]>().iter().map(|byte| format!("{byte:02x}")).collect();
        if fs::symlink_metadata(path).is_ok() {
            fs::remove_file(path)?;
        }
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        writeln!(file, "{text}")?;
        file.sync_all()?;
        Ok(Token(text))
    }
}

/// Compares without stopping at the first difference.
fn same(one: &[u8], other: &[u8]) -> bool {
    let differences = one.iter().zip(other).fold(0_u8, |all, (one, other)| all | (one ^ other));
    std::hint::black_box(differences) == 0 && one.len() == other.len()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};

    use super::Token;

    #[test]
    fn is_kept_as_long_as_only_its_owner_can_read_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        let first = Token::of(&path).unwrap().0;
        assert_eq!((first.len(), std::fs::metadata(&path).unwrap().mode() & 0o777), (64, 0o600));
        assert_eq!(Token::of(&path).unwrap().0, first);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        let second = Token::of(&path).unwrap().0;
        assert_ne!(second, first, "others may have read it");
        assert_eq!(std::fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        std::fs::write(&path, "short").unwrap();
        assert_ne!(Token::of(&path).unwrap().0, "short");
    }

    #[test]
    fn only_the_whole_token_will_do() {
        let token = Token("ab12".to_owned());
        for (shown, expect) in [
            (Some("Bearer ab12"), true),
            (Some("bearer ab12"), true),
            (Some("Bearer ab1"), false),
            (Some("Bearer ab123"), false),
            (Some("Bearer ab13"), false),
            (Some("Bearer "), false),
            (Some("Basic ab12"), false),
            (Some("ab12"), false),
            (None, false),
        ] {
            assert_eq!(token.is_shown(shown), expect, "{shown:?}");
        }
    }
}
