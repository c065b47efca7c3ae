//! The folder of an instance that cannot be removed is removed later: by the agent that could not, or by the next one.

use std::path::{Path, PathBuf};
use std::process::Command;

use appia_plan::Verb;
use nix::sys::signal::Signal;

use crate::bench::{Bench, is_alive, signal, wait_until, web, workload_object};

/// Something mounted in a folder, which cannot be removed as long as it is there.
struct Mounted(PathBuf);

impl Mounted {
    /// `None` where nothing can be mounted.
    fn below(folder: &Path) -> Option<Mounted> {
        let place = folder.join("mounted");
        std::fs::create_dir(&place).unwrap();
        let mounted = Command::new("mount").args(["-t", "tmpfs", "none"]).arg(&place).output().unwrap();
        mounted.status.success().then_some(Mounted(place))
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).status();
    }
}

/// A workload came and went, and its instance's folder could not be removed.
async fn stuck(bench: &Bench) -> Option<(PathBuf, Mounted)> {
    let api = workload_object(web("api", &[]));
    bench.take(Verb::Create, &api).await.unwrap();
    let id = bench.workload("api").await.instances[0].id.clone();
    let folder = bench.home.owner_folder(&bench.owner).join("instances").join(id);
    let mounted = Mounted::below(&folder);
    bench.take(Verb::Delete, &api).await.unwrap();
    Some((folder, mounted?))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_cannot_be_removed_is_removed_later() {
    let mut bench = Bench::new().await;
    let Some((folder, mounted)) = stuck(&bench).await else {
        appia_testkit::did_not_run("a folder that cannot be removed: only root can mount something in it");
        return bench.finish().await;
    };
    assert!(folder.exists());
    drop(mounted);
    wait_until("the folder is gone", || !folder.exists()).await;

    let (folder, mounted) = stuck(&bench).await.unwrap();
    let agent = bench.agent.hello().await.unwrap().pid as i32;
    signal(agent, Signal::SIGKILL);
    wait_until("the agent is gone", || !is_alive(agent)).await;
    drop(mounted);
    bench.start_agent().await;
    wait_until("the next agent has removed it", || !folder.exists()).await;
    assert_eq!(appia_runtime::leaks(bench.home.clone()).await.unwrap(), []);
    bench.finish().await;
}
