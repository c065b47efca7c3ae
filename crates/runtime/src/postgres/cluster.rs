//! The folder of a cluster, the superuser's password beside it, and the commands that make and run it.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use appia_plan::seal::{self, SealKey, SecretValue};

use super::programs::Programs;
use crate::durable;

/// Owns every cluster; the application has a role of its own.
pub(crate) const SUPERUSER: &str = "appia";
const PLACE: &str = "postgres/superuser";

/// The folder of one cluster.
#[derive(Debug, Clone)]
pub(crate) struct Cluster {
    folder: PathBuf,
}

impl Cluster {
    pub(crate) fn new(folder: PathBuf) -> Cluster {
        Cluster { folder }
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.folder.join("pgdata")
    }

    /// The version whose files are there.
    pub(crate) fn major(&self) -> Option<u32> {
        fs::read_to_string(self.data().join("PG_VERSION")).ok()?.trim().parse().ok()
    }

    /// The superuser's password; made and sealed when there is none yet.
    pub(crate) fn superuser(&self, key: &SealKey) -> io::Result<SecretValue> {
        let path = self.folder.join("superuser.sealed");
        if !path.try_exists()? {
            fs::create_dir_all(&self.folder)?;
            let password: String = std::iter::repeat_with(random_letter).take(40).collect();
            let sealed =
                seal::seal(key, rand::random(), PLACE, password.as_bytes()).map_err(io::Error::other)?;
            durable::write(&path, &sealed)?;
            return Ok(SecretValue::new(password));
        }
        let plain = seal::open(key, PLACE, &fs::read(&path)?).map_err(io::Error::other)?;
        String::from_utf8(plain.to_vec()).map(SecretValue::new).map_err(io::Error::other)
    }

    /// Prepares a run of [`Cluster::initdb`]: leftovers of an interrupted one go, the password is put where it reads it.
    pub(crate) fn prepare(&self, password: &SecretValue) -> io::Result<()> {
        self.forget_password()?;
        durable::forget_half_written(&self.folder);
        durable::remove(&self.unfinished())?;
        let mut file =
            OpenOptions::new().write(true).create_new(true).mode(0o600).open(self.password_file())?;
        file.write_all(password.reveal().as_bytes())
    }

    /// Removes the password that [`Cluster::prepare`] wrote.
    pub(crate) fn forget_password(&self) -> io::Result<()> {
        durable::remove(&self.password_file())
    }

    /// The command that makes the cluster beside its place.
    pub(crate) fn initdb(&self, programs: &Programs) -> Vec<String> {
        let shown = |path: &Path| path.to_string_lossy().into_owned();
        vec![
            shown(&programs.path("initdb")),
            format!("--pgdata={}", shown(&self.unfinished())),
            format!("--username={SUPERUSER}"),
            format!("--pwfile={}", shown(&self.password_file())),
            "--auth=scram-sha-256".to_owned(),
            "--encoding=UTF8".to_owned(),
            "--locale=C.UTF-8".to_owned(),
        ]
    }

    /// Moves a complete cluster to its place: from now on it is there. Before that the password goes: whoever is killed
    /// afterwards leaves none behind.
    pub(crate) fn finish(&self) -> io::Result<()> {
        self.forget_password()?;
        fs::rename(self.unfinished(), self.data())?;
        durable::sync_folder(&self.folder)
    }

    /// The command that runs the server.
    pub(crate) fn serve(&self, programs: &Programs, settings: &Settings<'_>) -> Vec<String> {
        let mut command = vec![
            programs.path("postgres").to_string_lossy().into_owned(),
            "-D".to_owned(),
            self.data().to_string_lossy().into_owned(),
        ];
        for (name, value) in [
            ("listen_addresses", "127.0.0.1".to_owned()),
            ("port", settings.port.to_string()),
            ("unix_socket_directories", settings.sockets.to_string_lossy().into_owned()),
            ("unix_socket_permissions", "0700".to_owned()),
            ("max_connections", settings.max_connections.to_string()),
            ("logging_collector", "off".to_owned()),
            ("log_destination", "stderr".to_owned()),
            ("log_line_prefix", String::new()),
        ] {
            command.extend(["-c".to_owned(), format!("{name}={value}")]);
        }
        command
    }

    pub(crate) fn pid_file(&self) -> PathBuf {
        self.data().join("postmaster.pid")
    }

    fn unfinished(&self) -> PathBuf {
        self.folder.join("pgdata.new")
    }

    fn password_file(&self) -> PathBuf {
        self.folder.join("password.new")
    }
}

/// How a server listens.
pub(crate) struct Settings<'a> {
    pub(crate) port: u16,
    pub(crate) sockets: &'a Path,
    pub(crate) max_connections: u32,
}

fn random_letter() -> char {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    LETTERS.get(rand::random_range(0..LETTERS.len())).map_or('x', |letter| char::from(*letter))
}

#[cfg(test)]
mod tests {
    use appia_plan::seal::SecretValue;

    use super::Cluster;

    #[test]
    fn a_cluster_that_is_there_has_no_password_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let cluster = Cluster::new(folder.path().to_owned());
        cluster.prepare(&SecretValue::new("secret".to_owned())).unwrap();
        std::fs::create_dir(cluster.unfinished()).unwrap();
        assert!(cluster.password_file().exists());
        cluster.finish().unwrap();
        assert!(cluster.data().exists() && !cluster.password_file().exists());
    }
}
