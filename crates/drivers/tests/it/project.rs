//! A small project in a folder of its own, beside a cache of its own.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use appia_drivers::build::fingerprint::fingerprint;
use appia_drivers::build::{
    Artifact, BuildCache, BuildError, BuildEvent, BuildRequest, Builder, Options, Progress, Start,
};
use tempfile::TempDir;

pub(crate) struct Project {
    home: TempDir,
    pub(crate) request: BuildRequest,
    events: Arc<Mutex<Vec<BuildEvent>>>,
}

impl Project {
    pub(crate) fn new(builder: Builder, files: &[(&str, &str)]) -> Project {
        let home = tempfile::tempdir().unwrap();
        let context = home.path().join("source");
        fs::create_dir(&context).unwrap();
        let request = BuildRequest { workload: "web".into(), context, builder, options: Options::default() };
        let project = Project { home, request, events: Arc::default() };
        for (path, text) in files {
            project.write(path, text);
        }
        project
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.home.path().join("source").join(path)
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn script(&self, path: &str, text: &str) {
        self.write(path, text);
        fs::set_permissions(self.path(path), fs::Permissions::from_mode(0o755)).unwrap();
    }

    pub(crate) fn cache_dir(&self) -> PathBuf {
        self.home.path().join("cache")
    }

    /// Where the artifact of this project will be, whole or not.
    pub(crate) async fn place(&self) -> PathBuf {
        self.cache_dir().join(fingerprint(&self.request).await.unwrap().as_str())
    }

    pub(crate) fn cache(&self) -> BuildCache {
        BuildCache::new(self.cache_dir()).reaped_by(env!("CARGO_BIN_EXE_run-tool"))
    }

    pub(crate) fn progress(&self) -> Progress {
        let events = self.events.clone();
        Progress::new(move |event| events.lock().unwrap().push(event))
    }

    pub(crate) fn events(&self) -> Vec<BuildEvent> {
        self.events.lock().unwrap().clone()
    }

    pub(crate) async fn try_build(&self) -> Result<Artifact, BuildError> {
        self.events.lock().unwrap().clear();
        self.cache().build(&self.request, &self.progress()).await
    }

    pub(crate) async fn build(&self) -> Artifact {
        self.try_build()
            .await
            .unwrap_or_else(|error| panic!("{error}\n{}", error.output().unwrap_or_default()))
    }

    /// Nothing was done but looking.
    pub(crate) fn was_kept(&self) -> bool {
        self.events().is_empty()
    }
}

/// Starts an artifact as the runtime would, and waits for its end.
pub(crate) fn run(artifact: &Artifact) -> Output {
    let Some(Start::Command(words)) = &artifact.start else { panic!("no command: {artifact:?}") };
    let path = std::env::var_os("PATH").unwrap();
    let folders = artifact.path.iter().cloned().chain(std::env::split_paths(&path));
    let mut command = Command::new(&words[0]);
    command.args(&words[1..]).current_dir(&artifact.work_dir).envs(&artifact.env);
    command.env("PATH", std::env::join_paths(folders).unwrap()).output().unwrap()
}

pub(crate) fn says(artifact: &Artifact) -> String {
    let output = run(artifact);
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// Polls until it holds; fails the test when it does not within a minute.
pub(crate) async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !holds() {
        assert!(Instant::now() < deadline, "never: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

pub(crate) fn is_alive(process: &Path) -> bool {
    let Ok(id) = fs::read_to_string(process) else { return false };
    let status = fs::read_to_string(format!("/proc/{}/stat", id.trim())).unwrap_or_default();
    !status.is_empty() && !status.contains(") Z ")
}
