//! The folder in which everything that Appia keeps on a machine lives, and the names inside of it.
//!
//! Command line, server and agent open the same [`Home`]; two homes never see each other. Only its owner may enter.
//! Nothing here knows what is in the files. Start reading at [`Home::open`].

mod key;

use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use appia_plan::{Digest, Owner};
use nix::unistd::geteuid;

/// Socket paths are limited to 108 bytes; the longest name below the folder for sockets takes 36.
const LONGEST_SOCKET_FOLDER: usize = 64;

/// Why a home cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum HomeError {
    /// Neither `APPIA_HOME` nor the user's own folder is known.
    #[error("no folder to keep things in: set `APPIA_HOME` to one, or set `HOME`")]
    Unknown,
    /// Something in it cannot be read or made.
    #[error("`{}` cannot be used", path.display())]
    Unusable {
        /// What.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The folder for sockets belongs to somebody else, or is no folder.
    #[error("`{}` is not a folder of this user: set `APPIA_HOME` to a shorter path, then no such folder is needed", path.display())]
    Foreign {
        /// The folder.
        path: PathBuf,
    },
    /// The key file is not a key.
    #[error("`{}` is not a key of 32 bytes: restore it from a backup, without it sealed values do not open", path.display())]
    BadKey {
        /// The file.
        path: PathBuf,
    },
}

/// The folder in which everything that Appia keeps on a machine lives.
#[derive(Debug, Clone)]
pub struct Home {
    root: PathBuf,
    sockets: PathBuf,
    id: String,
}

impl Home {
    /// The home of this user: `$APPIA_HOME`, else `appia` in the XDG state folder.
    ///
    /// # Errors
    /// When no folder is known or it cannot be made.
    pub fn from_environment() -> Result<Home, HomeError> {
        let variable =
            |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let root = variable("APPIA_HOME")
            .or_else(|| variable("XDG_STATE_HOME").map(|state| state.join("appia")))
            .or_else(|| variable("HOME").map(|home| home.join(".local/state/appia")))
            .ok_or(HomeError::Unknown)?;
        Home::open(&root)
    }

    /// Opens a home, making it when it is not there.
    ///
    /// # Errors
    /// When its folders cannot be made or belong to somebody else.
    pub fn open(root: &Path) -> Result<Home, HomeError> {
        private_folder(root)?;
        let root = fs::canonicalize(root).map_err(|source| unusable(root, source))?;
        let id: String = Digest::of(root.as_os_str().as_encoded_bytes()).short().chars().take(8).collect();
        let sockets = socket_folder(&root, &id);
        refuse_strangers(&sockets)?;
        private_folder(&sockets)?;
        refuse_strangers(&sockets)?;
        Ok(Home { root, sockets, id })
    }

    /// Its folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Eight hexadecimal digits that tell homes apart: in names of cgroups and sockets.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Where builds are kept, by content.
    pub fn artifacts(&self) -> PathBuf {
        self.root.join("artifacts")
    }

    /// The agent's socket; only this user can open it.
    pub fn agent_socket(&self) -> PathBuf {
        self.sockets.join("agent.sock")
    }

    /// The server's socket; only this user can open it.
    pub fn server_socket(&self) -> PathBuf {
        self.sockets.join("server.sock")
    }

    /// Held by the one server of this home.
    pub fn server_lock(&self) -> PathBuf {
        self.root.join("server.lock")
    }

    /// Where the server of this home writes what it has to say.
    pub fn server_log(&self) -> PathBuf {
        self.root.join("server.log")
    }

    /// The address on loopback on which the server also answers, when that was asked for.
    pub fn server_address(&self) -> PathBuf {
        self.root.join("server.address")
    }

    /// What has to be shown to the server on that address; only this user can read it.
    pub fn server_token(&self) -> PathBuf {
        self.root.join("server.token")
    }

    /// The store's file, when it is SQLite.
    pub fn database(&self) -> PathBuf {
        self.root.join("appia.db")
    }

    /// Where the server keeps copies that it takes of the store by itself.
    pub fn snapshots(&self) -> PathBuf {
        self.root.join("snapshots")
    }

    /// The file with the key under which this home seals what it keeps.
    pub fn key_file(&self) -> PathBuf {
        self.root.join("seal.key")
    }

    /// A folder with a short path, for the sockets of programs. It may lie outside of the home and be lost at a reboot.
    pub fn sockets(&self) -> &Path {
        &self.sockets
    }

    /// Where the agent of this home writes what it has to say.
    pub fn agent_log(&self) -> PathBuf {
        self.root.join("agent.log")
    }

    /// All that belongs to one application in one environment.
    pub fn owner_folder(&self, owner: &Owner) -> PathBuf {
        let environment = match owner.organisation.as_str() {
            "default" => owner.environment.to_string(),
            organisation => format!("{organisation}@{}", owner.environment),
        };
        self.environments().join(environment).join(owner.app.as_str())
    }

    pub(crate) fn agent_lock(&self) -> PathBuf {
        self.root.join("agent.lock")
    }

    pub(crate) fn environments(&self) -> PathBuf {
        self.root.join("envs")
    }
}

/// Makes a folder that only its owner may enter.
pub(crate) fn private_folder(path: &Path) -> Result<(), HomeError> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(path);
    let private = made.and_then(|()| {
        let mode = fs::metadata(path)?.mode();
        if mode & 0o077 == 0 { Ok(()) } else { fs::set_permissions(path, fs::Permissions::from_mode(0o700)) }
    });
    private.map_err(|source| unusable(path, source))
}

/// The folder for sockets may lie where anybody can make one: a link, or the folder of somebody else, is refused before
/// anything about it is changed.
fn refuse_strangers(path: &Path) -> Result<(), HomeError> {
    match fs::symlink_metadata(path) {
        Ok(about) if about.is_dir() && about.uid() == geteuid().as_raw() => Ok(()),
        Ok(_) => Err(HomeError::Foreign { path: path.to_owned() }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(source) => Err(unusable(path, source)),
    }
}

fn socket_folder(root: &Path, id: &str) -> PathBuf {
    let inside = root.join("run");
    if inside.as_os_str().len() <= LONGEST_SOCKET_FOLDER {
        return inside;
    }
    let runtime = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
    match runtime.filter(|folder| folder.is_dir() && folder.as_os_str().len() <= 40) {
        Some(folder) => folder.join(format!("appia-{id}")),
        None => PathBuf::from(format!("/tmp/appia-{}-{id}", geteuid())),
    }
}

fn unusable(path: &Path, source: io::Error) -> HomeError {
    HomeError::Unusable { path: path.to_owned(), source }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};

    use super::{Home, HomeError};

    #[test]
    fn is_private_and_keeps_its_key() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("home");
        let home = Home::open(&root).unwrap();
        assert_eq!(std::fs::metadata(&root).unwrap().mode() & 0o777, 0o700);
        home.seal_key().unwrap();
        let key = std::fs::read(root.join("seal.key")).unwrap();
        assert_eq!(std::fs::metadata(root.join("seal.key")).unwrap().mode() & 0o777, 0o600);
        Home::open(&root).unwrap().seal_key().unwrap();
        assert_eq!(std::fs::read(root.join("seal.key")).unwrap(), key);
        std::fs::write(root.join("seal.key"), "short").unwrap();
        assert!(home.seal_key().is_err());
    }

    #[test]
    fn a_link_in_the_place_of_the_socket_folder_is_refused_and_what_it_leads_to_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let victim = folder.path().join("victim");
        std::fs::create_dir(&victim).unwrap();
        std::fs::set_permissions(&victim, std::fs::Permissions::from_mode(0o755)).unwrap();
        let root = folder.path().join("b".repeat(120));
        let sockets = Home::open(&root).unwrap().sockets().to_owned();
        std::fs::remove_dir(&sockets).unwrap();
        std::os::unix::fs::symlink(&victim, &sockets).unwrap();
        let refused = Home::open(&root);
        std::fs::remove_file(&sockets).unwrap();
        assert!(matches!(refused, Err(HomeError::Foreign { .. })), "{refused:?}");
        assert_eq!(std::fs::metadata(&victim).unwrap().mode() & 0o777, 0o755);
    }

    #[test]
    fn a_long_path_still_has_short_sockets() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("a".repeat(120));
        let home = Home::open(&root).unwrap();
        assert!(home.agent_socket().as_os_str().len() < 100, "{:?}", home.agent_socket());
        std::fs::remove_dir(home.sockets()).unwrap();
    }
}
