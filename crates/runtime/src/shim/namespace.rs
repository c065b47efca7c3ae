//! Not being root: a user namespace in which this user appears as another one.
//!
//! PostgreSQL refuses to run as root. Inside of the namespace its files and itself belong to `nobody`, outside
//! still to us, so that no folder changes its owner. The shim has one thread, which `unshare` asks for.

use std::fs;
use std::io;

use nix::sched::{CloneFlags, unshare};
use nix::unistd::{getegid, geteuid};

/// `nobody` on every Linux distribution: it has an entry in the user database, which `initdb` looks for.
const NOBODY: u32 = 65534;

/// From now on, and for everything started from here, we are `nobody`.
pub(super) fn become_other_user() -> io::Result<()> {
    let (user, group) = (geteuid(), getegid());
    unshare(CloneFlags::CLONE_NEWUSER)?;
    fs::write("/proc/self/setgroups", "deny")?;
    fs::write("/proc/self/uid_map", format!("{NOBODY} {user} 1"))?;
    fs::write("/proc/self/gid_map", format!("{NOBODY} {group} 1"))
}
