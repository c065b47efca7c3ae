//! A view of the file system for one program, in which files and volumes stand at absolute paths that the machine's
//! own folders know nothing of.
//!
//! The shim calls [`View::enter`] before it starts its program. A path that exists is covered by a bind mount. Where
//! something is missing on the way, the nearest folder that exists is replaced by one in memory with everything that
//! is in it bound back, and what is missing is made there: nothing is ever written to the machine's own folders. What
//! the program itself makes in such a folder is gone with it. Start reading at [`View::place`].

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::fs::{DirBuilderExt, FileTypeExt, OpenOptionsExt, PermissionsExt, symlink};
use std::path::{Component, Path, PathBuf};

use nix::mount::{MntFlags, MsFlags, mount, umount2};
use nix::sys::statvfs::{FsFlags, statvfs};
use nix::unistd::{chroot, pivot_root};
use serde::{Deserialize, Serialize};

use super::namespace;

/// Something that a program wants to see at an absolute path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Mount {
    /// A file or a folder that is there.
    pub(crate) source: PathBuf,
    /// Where the program looks for it.
    pub(crate) target: PathBuf,
    pub(crate) read_only: bool,
}

/// Why a program cannot see something where it wants to.
#[derive(Debug, thiserror::Error)]
pub(crate) enum MountError {
    #[error(
        "this machine gives a program no file system view of its own ({source}), which absolute paths of files and volumes need"
    )]
    Forbidden {
        #[source]
        source: io::Error,
    },
    #[error("`{0}` would hide the folder in which Appia keeps what it runs")]
    HidesUs(PathBuf),
    #[error("`{0}` is no path that something can stand at")]
    Path(PathBuf),
    #[error("`{0}` is a folder on this machine, and a file shall stand there")]
    IsFolder(PathBuf),
    #[error("`{0}` is a file on this machine, and a volume shall stand there")]
    IsFile(PathBuf),
    #[error("`{}` cannot be put in place: {source}", path.display())]
    Io {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
}

/// What has been replaced so far.
pub(super) struct View<'a> {
    /// Ours, and seen by nobody else: a folder to build a new root in. What lies around it must stay visible.
    scratch: &'a Path,
    /// Folders in memory, in which something missing can be made.
    in_memory: BTreeSet<PathBuf>,
    /// Where volumes stand.
    volumes: BTreeSet<PathBuf>,
}

impl<'a> View<'a> {
    /// Makes everything visible, from here on and for everything started from here.
    pub(super) fn enter(mounts: &[Mount], scratch: &'a Path) -> Result<(), MountError> {
        if mounts.is_empty() {
            return Ok(());
        }
        namespace::own_mounts().map_err(|source| MountError::Forbidden { source })?;
        let mut view = View { scratch, in_memory: BTreeSet::new(), volumes: BTreeSet::new() };
        let mut sorted: Vec<&Mount> = mounts.iter().collect();
        // Why: what stands inside of a volume comes after the volume.
        sorted.sort_by(|one, other| one.target.cmp(&other.target));
        sorted.into_iter().try_for_each(|mount| view.place(mount))
    }

    /// The same with nothing to show: does this machine allow it?
    pub(super) fn try_out(folder: &Path) -> io::Result<()> {
        namespace::own_mounts()?;
        in_memory(folder, 0o755)
    }

    fn place(&mut self, mount: &Mount) -> Result<(), MountError> {
        let is_folder = mount.source.is_dir();
        let (existing, missing) = split(&mount.target)?;
        let target = missing.iter().fold(existing.clone(), |path, name| path.join(name));
        if self.scratch.starts_with(&target) {
            return Err(MountError::HidesUs(mount.target.clone()));
        }
        let failed = |source| MountError::Io { path: mount.target.clone(), source };
        match (missing.is_empty(), existing.is_dir()) {
            (true, true) if !is_folder => return Err(MountError::IsFolder(mount.target.clone())),
            (true, false) if is_folder => return Err(MountError::IsFile(mount.target.clone())),
            (true, _) => {}
            (false, _) => self.make(&existing, &missing, is_folder).map_err(failed)?,
        }
        bind(&mount.source, &target).map_err(failed)?;
        if mount.read_only {
            make_read_only(&target).map_err(failed)?;
        }
        if is_folder {
            self.volumes.insert(target);
        }
        Ok(())
    }

    /// Makes what is missing, in memory or inside of a volume.
    fn make(&mut self, existing: &Path, missing: &[OsString], is_folder: bool) -> io::Result<()> {
        let inside_volume = self.volumes.iter().any(|volume| existing.starts_with(volume));
        if !inside_volume && !self.in_memory.contains(existing) {
            self.replace(existing)?;
        }
        let mut path = existing.to_owned();
        let Some((last, folders)) = missing.split_last() else { return Ok(()) };
        for name in folders {
            path.push(name);
            make_folder(&path)?;
            self.in_memory.insert(path.clone());
        }
        path.push(last);
        if is_folder { make_folder(&path) } else { make_file(&path) }
    }

    /// Puts a folder in memory over one that is there, with all that is in it.
    fn replace(&mut self, folder: &Path) -> io::Result<()> {
        if folder == Path::new("/") {
            self.replace_root()?;
        } else {
            // Why: the handle still leads to what is covered a moment later.
            let covered = File::open(folder)?;
            let mode = covered.metadata()?.permissions().mode();
            let from = PathBuf::from(format!("/proc/self/fd/{}", covered.as_raw_fd()));
            let names = names_in(&from)?;
            in_memory(folder, mode)?;
            names.iter().try_for_each(|name| show(&from.join(name), &folder.join(name)))?;
        }
        self.in_memory.insert(folder.to_owned());
        Ok(())
    }

    fn replace_root(&self) -> io::Result<()> {
        let root = self.scratch.join("root");
        fs::create_dir_all(&root)?;
        let names = names_in(Path::new("/"))?;
        in_memory(&root, 0o755)?;
        for name in names {
            show(&Path::new("/").join(&name), &root.join(&name))?;
        }
        std::env::set_current_dir(&root)?;
        // Why: in a changed root (a build container, a rescue system) the root is no mount that could be turned.
        if pivot_root(".", ".").is_ok() {
            umount2(".", MntFlags::MNT_DETACH)?;
        } else {
            chroot(".")?;
        }
        std::env::set_current_dir("/")?;
        let _ = umount2(&root, MntFlags::MNT_DETACH);
        Ok(())
    }
}

/// The part of a path that exists, without links, and the names that do not.
fn split(target: &Path) -> Result<(PathBuf, Vec<OsString>), MountError> {
    let mut names = Vec::new();
    for component in target.components() {
        match component {
            Component::Normal(name) => names.push(name.to_owned()),
            Component::RootDir | Component::CurDir => {}
            Component::ParentDir | Component::Prefix(_) => return Err(MountError::Path(target.to_owned())),
        }
    }
    if names.is_empty() || !target.is_absolute() {
        return Err(MountError::Path(target.to_owned()));
    }
    let mut existing = PathBuf::from("/");
    let mut rest = names.into_iter();
    while let Some(name) = rest.next() {
        match fs::canonicalize(existing.join(&name)) {
            Ok(path) => existing = path,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Ok((existing, std::iter::once(name).chain(rest).collect()));
            }
            Err(source) => return Err(MountError::Io { path: target.to_owned(), source }),
        }
    }
    Ok((existing, Vec::new()))
}

fn names_in(folder: &Path) -> io::Result<Vec<OsString>> {
    fs::read_dir(folder)?.map(|entry| Ok(entry?.file_name())).collect()
}

/// Shows at `to` what is at `from`. What is gone meanwhile is not shown.
fn show(from: &Path, to: &Path) -> io::Result<()> {
    let kind = match fs::symlink_metadata(from) {
        Ok(about) => about.file_type(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    if kind.is_symlink() {
        return symlink(fs::read_link(from)?, to);
    }
    if kind.is_dir() {
        make_folder(to)?;
    } else {
        make_file(to)?;
    }
    match bind(from, to) {
        // A socket or a device of somebody else that may not be shown stands there without anything behind it.
        Err(_) if kind.is_socket() || kind.is_fifo() || kind.is_char_device() || kind.is_block_device() => {
            Ok(())
        }
        other => other,
    }
}

fn in_memory(folder: &Path, mode: u32) -> io::Result<()> {
    let options = format!("mode={:o}", mode & 0o7777);
    mount(Some("appia"), folder, Some("tmpfs"), MsFlags::empty(), Some(options.as_str()))?;
    Ok(())
}

fn bind(from: &Path, to: &Path) -> io::Result<()> {
    mount(Some(from), to, None::<&str>, MsFlags::MS_BIND | MsFlags::MS_REC, None::<&str>)?;
    Ok(())
}

/// What the mount below forbids has to stay forbidden, else the kernel refuses.
fn make_read_only(target: &Path) -> io::Result<()> {
    let is = statvfs(target)?.flags();
    let kept = [
        (FsFlags::ST_NOSUID, MsFlags::MS_NOSUID),
        (FsFlags::ST_NODEV, MsFlags::MS_NODEV),
        (FsFlags::ST_NOEXEC, MsFlags::MS_NOEXEC),
        (FsFlags::ST_NOATIME, MsFlags::MS_NOATIME),
        (FsFlags::ST_NODIRATIME, MsFlags::MS_NODIRATIME),
        (FsFlags::ST_RELATIME, MsFlags::MS_RELATIME),
    ];
    let flags = kept
        .into_iter()
        .filter(|(is_set, _)| is.contains(*is_set))
        .fold(MsFlags::MS_BIND | MsFlags::MS_REMOUNT | MsFlags::MS_RDONLY, |flags, (_, flag)| flags | flag);
    mount(None::<&Path>, target, None::<&str>, flags, None::<&str>)?;
    Ok(())
}

fn make_folder(path: &Path) -> io::Result<()> {
    match fs::DirBuilder::new().mode(0o755).create(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        other => other,
    }
}

fn make_file(path: &Path) -> io::Result<()> {
    OpenOptions::new().write(true).create(true).truncate(false).mode(0o644).open(path).map(drop)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::split;

    #[test]
    fn a_path_is_split_where_the_machine_ends() {
        let folder = tempfile::tempdir().unwrap();
        let root = std::fs::canonicalize(folder.path()).unwrap();
        std::fs::create_dir(root.join("real")).unwrap();
        std::os::unix::fs::symlink(root.join("real"), root.join("link")).unwrap();
        let (existing, missing) = split(&root.join("link/app/./config.yaml")).unwrap();
        assert_eq!((existing, missing.len()), (root.join("real"), 2));
        assert_eq!(split(&root.join("link")).unwrap(), (root.join("real"), Vec::new()));
        for bad in ["/", "config.yaml", "/etc/../data", ""] {
            assert!(split(Path::new(bad)).is_err(), "{bad}");
        }
    }
}
