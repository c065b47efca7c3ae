//! Environment variables: plain where known, from a Secret where secret, composed by the kubelet where both meet.
//!
//! `postgres://app:${password}@db` becomes a hidden variable with the password and `$(THAT_VARIABLE)` in the text.
//! Kubernetes reads `$(NAME)` in every value, so a dollar sign that could begin one is doubled.

use std::collections::BTreeMap;

use appia_diag::{Diagnostics, Spanned};
use appia_intent::Template;

use super::manifest::{EnvVar, SecretKey};
use super::scope::Scope;
use super::values::{Piece, text, unknown};

/// The variables of a container, hidden ones first, as the kubelet composes only from what stands before.
pub(super) fn env(
    scope: &Scope<'_>,
    stated: &BTreeMap<String, Spanned<Template>>,
    sink: &mut Diagnostics,
) -> Vec<EnvVar> {
    let mut hidden: BTreeMap<String, SecretKey> = BTreeMap::new();
    let mut shown = Vec::new();
    for (name, value) in stated {
        match scope.pieces(&value.value) {
            Ok(pieces) => shown.push(variable(name, &pieces, stated, &mut hidden)),
            Err(reference) => sink.push(unknown(&reference, &value.span)),
        }
    }
    let mut all: Vec<EnvVar> = hidden.into_iter().map(|(name, key)| EnvVar::secret(name, key)).collect();
    all.extend(shown);
    all
}

fn variable(
    name: &str,
    pieces: &[Piece],
    stated: &BTreeMap<String, Spanned<Template>>,
    hidden: &mut BTreeMap<String, SecretKey>,
) -> EnvVar {
    if let [Piece::Secret(key)] = pieces {
        return EnvVar::secret(name, key.clone());
    }
    if let Some(known) = text(pieces) {
        return EnvVar::plain(name, escaped(&known));
    }
    let part = |piece: &Piece| match piece {
        Piece::Text(text) => text.replace('$', "$$"),
        Piece::Secret(key) => format!("$({})", hide(key, stated, hidden)),
    };
    EnvVar::plain(name, pieces.iter().map(part).collect::<String>())
}

/// The hidden variable that holds a key, made when it is not there yet.
fn hide(
    key: &SecretKey,
    stated: &BTreeMap<String, Spanned<Template>>,
    hidden: &mut BTreeMap<String, SecretKey>,
) -> String {
    let upper = |one: char| if one.is_ascii_alphanumeric() { one.to_ascii_uppercase() } else { '_' };
    let mut name: String = format!("APPIA_{}_{}", key.name, key.key).chars().map(upper).collect();
    while stated.contains_key(&name) || hidden.get(&name).is_some_and(|other| other != key) {
        name.push('_');
    }
    hidden.insert(name.clone(), key.clone());
    name
}

/// The text as the kubelet has to find it to give it back unchanged.
pub(super) fn escaped(text: &str) -> String {
    if text.contains("$(") || text.contains("$$") { text.replace('$', "$$") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn doubles_only_what_kubernetes_would_read() {
        for (text, expect) in [
            ("a$b", "a$b"),
            ("$(date)", "$$(date)"),
            ("$$", "$$$$"),
            ("$x $(y)", "$$x $$(y)"),
            ("cost: 5$", "cost: 5$"),
        ] {
            assert_eq!(escaped(text), expect);
        }
    }
}
