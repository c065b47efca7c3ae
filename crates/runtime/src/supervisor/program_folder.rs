//! The folders of one instance, and the files and volumes that a program wants to find.
//!
//! A program starts in the folder of its artifact, which never changes. When it wants files or volumes at paths below
//! that folder, it gets a folder of its own with links to everything in the artifact and the wanted things between them.
//! What it wants at absolute paths its shim mounts for it alone ([`crate::shim::mounts`]). Start reading at [`prepare`].

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt, symlink};
use std::path::{Component, Path, PathBuf};

use super::spec::{ContainerSpec, FileSpec};
use crate::process_table::ProcessStat;
use crate::shim::mounts::Mount;

/// Why a program's folder cannot be made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FolderError {
    #[error("`{0}` leaves the program's own folder: write it without `..`, or as an absolute path")]
    Outside(String),
    #[error("`{}` cannot be put in place: {source}", path.display())]
    Io {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
}

/// Where a program starts, and what it sees at absolute paths.
#[derive(Debug)]
pub(crate) struct Prepared {
    pub(crate) folder: PathBuf,
    pub(crate) mounts: Vec<Mount>,
}

/// The folder in which a program starts.
pub(crate) fn working_folder(spec: &ContainerSpec, own: &Path) -> PathBuf {
    let wanted = |path: &String| !is_absolute(path);
    let needs_own = spec.files.keys().chain(spec.volumes.keys()).any(wanted);
    if needs_own { own.to_owned() } else { spec.folder.clone() }
}

/// Puts everything in place that a program wants to find.
pub(crate) fn prepare(spec: &ContainerSpec, own: &Path) -> Result<Prepared, FolderError> {
    let mut mounts = Vec::new();
    let folder = working_folder(spec, own);
    if folder == own {
        fs::create_dir_all(own).map_err(failed(own))?;
    }
    for (index, (path, file)) in spec.files.iter().enumerate() {
        let place = if is_absolute(path) {
            let place = own.with_extension("files").join(index.to_string());
            mounts.push(Mount { source: place.clone(), target: path.into(), read_only: false });
            make_parent(&place)?;
            place
        } else {
            place(&spec.folder, own, path)?
        };
        put_file(&place, file).map_err(failed(&place))?;
    }
    for (path, source) in &spec.volumes {
        if is_absolute(path) {
            fs::create_dir_all(source).map_err(failed(source))?;
            let read_only = spec.read_only.contains(path);
            mounts.push(Mount { source: source.clone(), target: path.into(), read_only });
        } else {
            let place = place(&spec.folder, own, path)?;
            put_link(source, &place).map_err(failed(&place))?;
        }
    }
    if folder == own {
        link_rest(&spec.folder, own).map_err(failed(own))?;
    }
    Ok(Prepared { folder, mounts })
}

/// Refuses before anything runs what [`prepare`] would refuse.
pub(crate) fn check_paths(spec: &ContainerSpec) -> Result<(), FolderError> {
    spec.files.keys().chain(spec.volumes.keys()).try_for_each(|path| {
        let inside = path.trim_start_matches('/');
        relative(inside).map(drop).map_err(|_| FolderError::Outside(path.clone()))
    })
}

/// Whether the program sees other files than the machine has.
pub(crate) fn has_own_view(spec: &ContainerSpec) -> bool {
    spec.files.keys().chain(spec.volumes.keys()).any(|path| is_absolute(path))
}

fn is_absolute(path: &str) -> bool {
    path.starts_with('/')
}

fn failed(path: &Path) -> impl Fn(io::Error) -> FolderError {
    let path = path.to_owned();
    move |source| FolderError::Io { path: path.clone(), source }
}

fn make_parent(path: &Path) -> Result<(), FolderError> {
    path.parent().map_or(Ok(()), |parent| fs::create_dir_all(parent).map_err(failed(parent)))
}

/// Removes a pid file that names a process which is gone, or only not yet collected by its parent, or is another
/// program: pids are used again.
pub(crate) fn forget_stale_pid(pid_file: &Path, command: &[String]) {
    let Ok(text) = fs::read_to_string(pid_file) else { return };
    let pid = text.lines().next().and_then(|line| line.trim().parse::<i32>().ok()).unwrap_or(0);
    let name = command.first().and_then(|program| Path::new(program).file_name()).unwrap_or_default();
    let running = fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
    let is_dead = ProcessStat::of(pid).is_none_or(|stat| stat.is_dead());
    if is_dead || running.trim() != name {
        let _ = fs::remove_file(pid_file);
    }
}

fn relative(path: &str) -> Result<PathBuf, FolderError> {
    let mut relative = PathBuf::new();
    for component in Path::new(path).components() {
        match component {
            Component::Normal(name) => relative.push(name),
            Component::CurDir => {}
            Component::RootDir | Component::ParentDir | Component::Prefix(_) => {
                return Err(FolderError::Outside(path.to_owned()));
            }
        }
    }
    if relative.as_os_str().is_empty() { Err(FolderError::Outside(path.to_owned())) } else { Ok(relative) }
}

/// Makes the folders above a path in our own folder, each with links to what the artifact has beside it.
fn place(artifact: &Path, own: &Path, path: &str) -> Result<PathBuf, FolderError> {
    let relative = relative(path)?;
    let mut at = PathBuf::new();
    for component in relative.parent().unwrap_or(Path::new("")).components() {
        at.push(component);
        let folder = own.join(&at);
        let failed = |source| FolderError::Io { path: folder.clone(), source };
        if fs::symlink_metadata(&folder).is_ok_and(|metadata| metadata.is_symlink()) {
            fs::remove_file(&folder).map_err(failed)?;
        }
        fs::create_dir_all(&folder).map_err(failed)?;
        link_rest(&artifact.join(&at), &folder).map_err(failed)?;
    }
    Ok(own.join(relative))
}

fn put_file(place: &Path, file: &FileSpec) -> io::Result<()> {
    crate::durable::remove(place)?;
    let mut made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(place)?;
    made.write_all(&file.content)?;
    made.set_permissions(fs::Permissions::from_mode(file.mode & 0o7777))
}

fn put_link(source: &Path, place: &Path) -> io::Result<()> {
    crate::durable::remove(place)?;
    symlink(source, place)
}

/// Links everything in a folder that is not there yet.
fn link_rest(from: &Path, to: &Path) -> io::Result<()> {
    let entries = match fs::read_dir(from) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    for entry in entries {
        let entry = entry?;
        match symlink(entry.path(), to.join(entry.file_name())) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::process::Command;
    use std::time::{Duration, Instant};

    use super::{forget_stale_pid, relative};
    use crate::process_table::ProcessStat;

    #[test]
    fn a_pid_file_stays_as_long_as_its_program_lives() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("program.pid");
        let mut child = Command::new("sleep").arg("1000").spawn().unwrap();
        let pid = i32::try_from(child.id()).unwrap();
        let deadline = Instant::now() + Duration::from_secs(10);
        // Starting a program returns a moment before the system calls the process by its name.
        while std::fs::read_to_string(format!("/proc/{pid}/comm")).unwrap().trim() != "sleep" {
            assert!(Instant::now() < deadline);
        }
        let is_kept = |program: &str| {
            std::fs::write(&file, format!("{pid}\n")).unwrap();
            forget_stale_pid(&file, &[program.to_owned()]);
            file.exists()
        };
        assert!(is_kept("/bin/sleep"));
        assert!(!is_kept("/bin/cat"), "its pid belongs to another program");
        child.kill().unwrap();
        while !ProcessStat::of(pid).unwrap().is_dead() {
            assert!(Instant::now() < deadline);
        }
        assert!(!is_kept("/bin/sleep"), "nobody has collected it yet, and it is dead");
        child.wait().unwrap();
        assert!(!is_kept("/bin/sleep"));
    }

    #[test]
    fn only_paths_below_the_folder() {
        assert_eq!(relative("config/app.toml").unwrap().to_str(), Some("config/app.toml"));
        assert_eq!(relative("./app.toml").unwrap().to_str(), Some("app.toml"));
        for bad in ["/etc/app.toml", "../app.toml", "a/../../b", ""] {
            assert!(relative(bad).is_err(), "{bad}");
        }
    }
}
