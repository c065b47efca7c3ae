//! Names inside of database servers, made of a resource's name.
//!
//! Called by the lowering of each target that runs a server itself.

/// Most characters of a PostgreSQL or MySQL identifier that both take (PostgreSQL: 63 bytes; a MySQL user: 32).
const LONGEST: usize = 32;

/// Names that the servers use for themselves.
const TAKEN: &[&str] = &["postgres", "template0", "template1", "public", "user", "mysql", "sys", "root"];

/// A name for a database and its user that needs no quotes: letters, digits and `_`, beginning with a letter.
pub(crate) fn identifier(name: &str) -> String {
    let plain = name.replace('-', "_");
    let letter_first = plain.starts_with(|first: char| first.is_ascii_alphabetic());
    let free = letter_first && !plain.starts_with("pg_") && !TAKEN.contains(&plain.as_str());
    let whole = if free { plain } else { format!("app_{plain}") };
    whole.chars().take(LONGEST).collect()
}

#[cfg(test)]
mod tests {
    use super::identifier;

    #[test]
    fn is_taken_by_servers_without_quotes() {
        for (name, expect) in [
            ("db", "db"),
            ("orders-db", "orders_db"),
            ("postgres", "app_postgres"),
            ("pg-main", "app_pg_main"),
            ("2nd", "app_2nd"),
            (&"a".repeat(63), &"a".repeat(32)),
        ] {
            assert_eq!(identifier(name), expect);
        }
    }
}
