//! Namespaces that a shim enters before it starts its program, and how a probe follows it there.
//!
//! Called by the shim ([`become_other_user`], [`own_mounts`]) and by `appia internal enter` ([`run_inside`]). Whoever calls
//! this has one thread, which `unshare` and `setns` ask for.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::{MetadataExt, lchown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, ExitCode};

use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, setns, unshare};
use nix::unistd::{Gid, Uid, chroot, getegid, geteuid, setgid, setgroups, setuid};
use rustix::thread::{
    CapabilitySet, CapabilitySets, configure_capability_in_ambient_set, set_capabilities,
    set_keep_capabilities,
};

/// `nobody` on every Linux distribution: it has an entry in the user database, which `initdb` looks for.
const NOBODY: u32 = 65534;

/// From now on, and for everything started from here, we are not root: PostgreSQL refuses to run as that.
///
/// In a user namespace its files and itself belong to `nobody` inside, and outside still to us. Where those are
/// forbidden (in a container, say) we become `nobody` outright, and so does the folder that has to be its own.
pub(super) fn become_other_user(owns: Option<&Path>) -> io::Result<()> {
    let (user, group) = (geteuid(), getegid());
    let is_nobodys =
        owns.and_then(|folder| fs::metadata(folder).ok()).is_some_and(|about| about.uid() == NOBODY);
    if !is_nobodys && unshare(CloneFlags::CLONE_NEWUSER).is_ok() {
        return appear_as((NOBODY, user), (NOBODY, group));
    }
    if let Some(folder) = owns.filter(|_| !is_nobodys) {
        give_to_nobody(folder)?;
    }
    become_nobody()
}

/// Another account that may still reach what lies in root's folders: it keeps one of root's rights, that to read and
/// write files, and nothing else.
fn become_nobody() -> io::Result<()> {
    let files = CapabilitySet::DAC_OVERRIDE;
    set_keep_capabilities(true)?;
    setgroups(&[])?;
    setgid(Gid::from_raw(NOBODY))?;
    setuid(Uid::from_raw(NOBODY))?;
    set_capabilities(None, CapabilitySets { effective: files, permitted: files, inheritable: files })?;
    Ok(configure_capability_in_ambient_set(files, true)?)
}

fn give_to_nobody(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            give_to_nobody(&entry.path())?;
        } else {
            lchown(entry.path(), Some(NOBODY), Some(NOBODY))?;
        }
    }
    lchown(folder, Some(NOBODY), Some(NOBODY))
}

/// From now on what is mounted here is seen from here only. Where that is not ours to do, a user namespace in which we
/// stay who we are makes it so.
pub(super) fn own_mounts() -> io::Result<()> {
    let (user, group) = (geteuid(), getegid());
    if unshare(CloneFlags::CLONE_NEWNS).is_err() {
        unshare(CloneFlags::CLONE_NEWUSER | CloneFlags::CLONE_NEWNS)?;
        appear_as((user.as_raw(), user), (group.as_raw(), group))?;
    }
    mount(None::<&Path>, "/", None::<&Path>, MsFlags::MS_REC | MsFlags::MS_PRIVATE, None::<&Path>)?;
    Ok(())
}

fn appear_as((user, real_user): (u32, Uid), (group, real_group): (u32, Gid)) -> io::Result<()> {
    fs::write("/proc/self/setgroups", "deny")?;
    fs::write("/proc/self/uid_map", format!("{user} {real_user} 1"))?;
    fs::write("/proc/self/gid_map", format!("{group} {real_group} 1"))
}

/// Becomes a command that sees what another process sees: its files, not its environment.
pub fn run_inside(pid: i32, command: &[String]) -> ExitCode {
    match enter(pid).and_then(|()| become_command(command)) {
        Ok(never) => match never {},
        Err(_) => ExitCode::from(126),
    }
}

fn enter(pid: i32) -> io::Result<()> {
    let folder = std::env::current_dir()?;
    let its = |name: &str| format!("/proc/{pid}/ns/{name}");
    let differs = |name: &str| -> io::Result<bool> {
        Ok(fs::read_link(its(name))? != fs::read_link(format!("/proc/self/ns/{name}"))?)
    };
    let (user, mounts) = (File::open(its("user"))?, File::open(its("mnt"))?);
    if differs("user")? {
        setns(user, CloneFlags::CLONE_NEWUSER)?;
    }
    setns(mounts, CloneFlags::CLONE_NEWNS)?;
    chroot(format!("/proc/{pid}/root").as_str())?;
    std::env::set_current_dir(folder)
}

fn become_command(command: &[String]) -> io::Result<std::convert::Infallible> {
    let (program, arguments) = command.split_first().ok_or(io::ErrorKind::InvalidInput)?;
    Err(Command::new(program).args(arguments).exec())
}
