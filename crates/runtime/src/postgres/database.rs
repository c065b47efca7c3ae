//! A role and its database, made through `psql`. The one place outside of `store` that holds SQL: what runs here is
//! the application's own server, which the store never sees.
//!
//! Passwords go to `psql` by its environment and stdin, never as arguments, and the session tells the server not to log
//! statements that fail, because one of them holds a password.

use std::path::PathBuf;
use std::process::Stdio;

use appia_plan::seal::SecretValue;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use super::cluster::SUPERUSER;

/// May be repeated: what is there already stays, only the password is set again.
const SCRIPT: &str = r#"
SELECT format('CREATE ROLE %I LOGIN', :'role')
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'role') \gexec
ALTER ROLE :"role" WITH LOGIN PASSWORD :'password';
SELECT format('CREATE DATABASE %I OWNER %I', :'database', :'role')
 WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'database') \gexec
"#;

/// A role with a password and the database it owns.
pub(crate) struct Database<'a> {
    pub(crate) database: &'a str,
    pub(crate) role: &'a str,
    pub(crate) password: &'a str,
}

/// How to reach a server as its superuser.
pub(crate) struct Access<'a> {
    pub(crate) psql: PathBuf,
    pub(crate) port: u16,
    pub(crate) password: &'a SecretValue,
}

/// Makes the role and the database, unless they are there.
pub(crate) async fn ensure(access: &Access<'_>, wanted: &Database<'_>) -> Result<(), String> {
    let shown = access.psql.display().to_string();
    let failed = |error: std::io::Error| format!("`{shown}` cannot be used: {error}");
    let mut child = Command::new(&access.psql)
        .args(["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--host=127.0.0.1", "--dbname=postgres"])
        .arg(format!("--port={}", access.port))
        .arg(format!("--username={SUPERUSER}"))
        .env_clear()
        .env("PGPASSWORD", access.password.reveal())
        .env(
            "PGOPTIONS",
            "-c log_min_error_statement=panic -c log_statement=none -c log_min_duration_statement=-1",
        )
        .env("PGCONNECT_TIMEOUT", "10")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(failed)?;
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(script(wanted).as_bytes()).await.map_err(failed)?;
        stdin.shutdown().await.map_err(failed)?;
    }
    let output = child.wait_with_output().await.map_err(failed)?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr).replace(wanted.password, "***");
    Err(format!("role and database cannot be made: {}", said.trim()))
}

fn script(wanted: &Database<'_>) -> zeroize::Zeroizing<String> {
    let set = |name: &str, value: &str| format!("\\set {name} {}\n", quoted(value));
    zeroize::Zeroizing::new(
        [
            set("role", wanted.role),
            set("password", wanted.password),
            set("database", wanted.database),
            SCRIPT.to_owned(),
        ]
        .concat(),
    )
}

/// As the argument of a `psql` command: single quotes, backslash escapes.
fn quoted(value: &str) -> String {
    format!("'{}'", value.replace('\\', "\\\\").replace('\'', "\\'"))
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn nothing_ends_a_quoted_value() {
        assert_eq!(quoted("plain"), "'plain'");
        assert_eq!(quoted(r"it's \ here"), r"'it\'s \\ here'");
    }
}
