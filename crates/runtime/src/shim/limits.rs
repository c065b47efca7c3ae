//! What a program may take: a cgroup (v2, else v1), else a resource limit, else a note that there is none.
//!
//! The shim enters the cgroup, starts the program, which inherits it, and leaves again, so that it is not itself killed
//! when the program takes too much memory. Without a limit there is no cgroup: moving a process between cgroups makes
//! every start on the machine wait for milliseconds.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use nix::sys::resource::{Resource, setrlimit};

use super::spec::{Launch, Limits};

const ROOT: &str = "/sys/fs/cgroup";
/// The hierarchies of version 1 that are used.
const CONTROLLERS: [&str; 2] = ["memory", "cpu"];
/// The period over which a processor share is counted, in microseconds: the kernel's default.
const PERIOD_MICROS: u64 = 100_000;

/// The cgroups of one program, one per hierarchy.
pub(super) struct Limited {
    groups: Vec<Group>,
    notes: Vec<String>,
    /// Why a cgroup could not be made or entered.
    refused: Option<io::Error>,
}

/// One cgroup, and where we came from.
struct Group {
    folder: PathBuf,
    from: PathBuf,
}

impl Limited {
    /// Enters whatever the machine offers. What it does not offer becomes a note.
    pub(super) fn enter(launch: &Launch) -> Limited {
        let membership = fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
        let mut limited = Limited::enter_below(Path::new(ROOT), &membership, launch);
        limited.fall_back(launch.limits);
        limited
    }

    fn enter_below(root: &Path, membership: &str, launch: &Launch) -> Limited {
        let mut limited = Limited { groups: Vec::new(), notes: Vec::new(), refused: None };
        let limits = launch.limits;
        let asked = [("memory", limits.memory_bytes.is_some()), ("cpu", limits.cpu_millis.is_some())];
        let controllers =
            asked.into_iter().filter_map(|(controller, is_asked)| is_asked.then_some(controller));
        if root.join("cgroup.controllers").exists() {
            if limits != Limits::default() {
                limited.enter_v2(root, membership, launch);
            }
        } else {
            controllers.for_each(|controller| limited.enter_v1(&root.join(controller), membership, launch));
        }
        limited
    }

    /// The shim goes back to where it came from; the program stays.
    pub(super) fn leave(&mut self) {
        for group in &self.groups {
            if let Err(error) = join(&group.from) {
                self.notes.push(format!("the shim stays in `{}`: {error}", group.folder.display()));
            }
        }
    }

    /// Whether the kernel killed somebody in there for taking too much memory.
    pub(super) fn ran_out_of_memory(&self) -> bool {
        let killed = |text: String| {
            text.lines()
                .filter_map(|line| line.strip_prefix("oom_kill "))
                .any(|count| count.trim().parse::<u64>().is_ok_and(|count| count > 0))
        };
        self.groups.iter().any(|group| {
            ["memory.events", "memory.oom_control"]
                .iter()
                .any(|file| fs::read_to_string(group.folder.join(file)).is_ok_and(killed))
        })
    }

    /// Removes the cgroups; the kernel may need a moment after the last process is gone.
    pub(super) fn remove(&self) {
        let deadline = Instant::now() + Duration::from_millis(500);
        for group in &self.groups {
            while fs::remove_dir(&group.folder).is_err() && group.folder.exists() && Instant::now() < deadline
            {
                std::thread::sleep(Duration::from_millis(2));
            }
        }
    }

    pub(super) fn folders(&self) -> Vec<PathBuf> {
        self.groups.iter().map(|group| group.folder.clone()).collect()
    }

    pub(super) fn notes(&self) -> Vec<String> {
        self.notes.clone()
    }

    fn enter_v2(&mut self, root: &Path, membership: &str, launch: &Launch) {
        let ours = membership.lines().find_map(|line| line.strip_prefix("0::")).unwrap_or("/");
        let from = under(root, ours);
        let parent = beside(root, &from);
        // Where somebody handed them down already, or we may not, this changes nothing.
        for controller in CONTROLLERS {
            let _ = hand_down(&parent, controller);
        }
        let folder = parent.join(&launch.cgroup);
        let limits = launch.limits;
        let entered = make(&folder).and_then(|()| {
            if let Some(bytes) = limits.memory_bytes {
                fs::write(folder.join("memory.max"), bytes.to_string())?;
            }
            if let Some(millis) = limits.cpu_millis {
                fs::write(folder.join("cpu.max"), format!("{} {PERIOD_MICROS}", quota(millis)))?;
            }
            join(&folder)
        });
        self.entered(entered, Group { folder, from });
    }

    fn enter_v1(&mut self, root: &Path, membership: &str, launch: &Launch) {
        let controller = root.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let Some(ours) = place_v1(membership, controller) else { return };
        let from = under(root, ours);
        let folder = from.join(&launch.cgroup);
        let entered = make(&folder).and_then(|()| {
            match (controller, launch.limits) {
                ("memory", Limits { memory_bytes: Some(bytes), .. }) => {
                    fs::write(folder.join("memory.limit_in_bytes"), bytes.to_string())?;
                }
                ("cpu", Limits { cpu_millis: Some(millis), .. }) => {
                    fs::write(folder.join("cpu.cfs_period_us"), PERIOD_MICROS.to_string())?;
                    fs::write(folder.join("cpu.cfs_quota_us"), quota(millis).to_string())?;
                }
                _ => {}
            }
            join(&folder)
        });
        self.entered(entered, Group { folder, from });
    }

    fn entered(&mut self, entered: io::Result<()>, group: Group) {
        match entered {
            Ok(()) => self.groups.push(group),
            Err(error) => {
                let _ = join(&group.from);
                let _ = fs::remove_dir(&group.folder);
                self.refused = Some(error);
            }
        }
    }

    /// Without a memory cgroup the data segment of each process is limited; for processor time nothing is left.
    fn fall_back(&mut self, limits: Limits) {
        let has = |file: &str| self.groups.iter().any(|group| group.folder.join(file).exists());
        let memory = has("memory.max") || has("memory.limit_in_bytes");
        let cpu = has("cpu.max") || has("cpu.cfs_quota_us");
        let why = self.refused.as_ref().map_or_else(|| "it offers none".to_owned(), ToString::to_string);
        if let Some(bytes) = limits.memory_bytes.filter(|_| !memory) {
            match setrlimit(Resource::RLIMIT_DATA, bytes, bytes) {
                Ok(()) => {
                    self.notes.push(format!(
                        "memory is limited for each process, not for all together: no cgroup for it ({why})"
                    ));
                }
                Err(error) => self.notes.push(format!("memory is not limited: {error}")),
            }
        }
        if limits.cpu_millis.is_some() && !cpu {
            self.notes.push(format!("processor time is not limited: no cgroup for it ({why})"));
        }
    }
}

/// Where the cgroups of programs that this process started would stand.
pub(crate) fn parents() -> Vec<PathBuf> {
    let membership = fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
    if Path::new(ROOT).join("cgroup.controllers").exists() {
        let ours = membership.lines().find_map(|line| line.strip_prefix("0::")).unwrap_or("/");
        return vec![beside(Path::new(ROOT), &under(Path::new(ROOT), ours))];
    }
    CONTROLLERS
        .iter()
        .filter_map(|controller| {
            Some(under(&Path::new(ROOT).join(controller), place_v1(&membership, controller)?))
        })
        .collect()
}

/// The path of a process in a version 1 hierarchy.
fn place_v1<'a>(membership: &'a str, controller: &str) -> Option<&'a str> {
    membership.lines().find_map(|line| {
        let (_, rest) = line.split_once(':')?;
        let (controllers, path) = rest.split_once(':')?;
        controllers.split(',').any(|name| name == controller).then_some(path)
    })
}

/// A cgroup that holds processes cannot hand controllers down, so ours stand beside the one we are in.
fn beside(root: &Path, ours: &Path) -> PathBuf {
    ours.parent().filter(|parent| parent.starts_with(root)).unwrap_or(root).to_owned()
}

/// Lets the children of a cgroup have a controller, when it may hand one down and does not yet.
fn hand_down(parent: &Path, controller: &str) -> io::Result<()> {
    let has = |file: &str| -> io::Result<bool> {
        Ok(fs::read_to_string(parent.join(file))?.split_whitespace().any(|word| word == controller))
    };
    if has("cgroup.controllers")? && !has("cgroup.subtree_control")? {
        fs::write(parent.join("cgroup.subtree_control"), format!("+{controller}"))?;
    }
    Ok(())
}

fn quota(millis: u64) -> u64 {
    millis.saturating_mul(PERIOD_MICROS / 1000).max(1000)
}

fn under(root: &Path, path: &str) -> PathBuf {
    root.join(path.trim_start_matches('/'))
}

fn make(folder: &Path) -> io::Result<()> {
    match fs::create_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        other => other,
    }
}

fn join(folder: &Path) -> io::Result<()> {
    fs::write(folder.join("cgroup.procs"), std::process::id().to_string())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::fs;
    use std::path::Path;

    use super::{Launch, Limited, Limits};
    use crate::shim::spec::{LogLimit, RunsAs, Stop, StopSignal};

    fn launch() -> Launch {
        Launch {
            command: Vec::new(),
            env: BTreeMap::new(),
            folder: "/".into(),
            mounts: Vec::new(),
            log: "/dev/null".into(),
            log_limit: LogLimit::default(),
            limits: Limits { cpu_millis: Some(1500), memory_bytes: Some(64 << 20) },
            cgroup: "appia-x".to_owned(),
            runs_as: RunsAs::Us,
            owns: None,
            stop: Stop { signal: StopSignal::Terminate, grace_millis: 0 },
        }
    }

    fn read(root: &Path, file: &str) -> String {
        fs::read_to_string(root.join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
    }

    /// A tree of plain files in place of the kernel's: this machine may have the other version.
    #[test]
    fn version_2_gets_a_cgroup_beside_ours() {
        let tree = tempfile::tempdir().unwrap();
        let root = tree.path();
        fs::create_dir_all(root.join("user/session")).unwrap();
        for folder in ["", "user"] {
            fs::write(root.join(folder).join("cgroup.controllers"), "cpu memory pids\n").unwrap();
            fs::write(root.join(folder).join("cgroup.subtree_control"), "memory\n").unwrap();
        }
        let mut limited = Limited::enter_below(root, "0::/user/session\n", &launch());
        assert_eq!(limited.folders(), [root.join("user/appia-x")]);
        assert_eq!(read(root, "user/appia-x/memory.max"), (64 << 20).to_string());
        assert_eq!(read(root, "user/appia-x/cpu.max"), "150000 100000");
        assert_eq!(read(root, "user/appia-x/cgroup.procs"), std::process::id().to_string());
        assert_eq!(read(root, "user/cgroup.subtree_control"), "+cpu", "memory was handed down already");
        limited.leave();
        assert_eq!(read(root, "user/session/cgroup.procs"), std::process::id().to_string());
        fs::write(root.join("user/appia-x/memory.events"), "oom 1\noom_kill 1\n").unwrap();
        assert!(limited.ran_out_of_memory());
    }

    #[test]
    fn version_1_gets_a_cgroup_inside_of_ours() {
        let tree = tempfile::tempdir().unwrap();
        let root = tree.path();
        for folder in ["memory/ours", "cpu"] {
            fs::create_dir_all(root.join(folder)).unwrap();
        }
        let limited = Limited::enter_below(root, "4:memory:/ours\n3:cpu,cpuacct:/\n", &launch());
        assert_eq!(limited.folders(), [root.join("memory/ours/appia-x"), root.join("cpu/appia-x")]);
        assert_eq!(read(root, "memory/ours/appia-x/memory.limit_in_bytes"), (64 << 20).to_string());
        assert_eq!(read(root, "cpu/appia-x/cpu.cfs_quota_us"), "150000");
    }

    #[test]
    fn what_may_not_be_made_is_no_error() {
        let root = Path::new("/proc/self/no-such-tree");
        let limited = Limited::enter_below(root, "4:memory:/\n3:cpu:/\n", &launch());
        assert!(limited.folders().is_empty() && limited.refused.is_some());
    }
}
