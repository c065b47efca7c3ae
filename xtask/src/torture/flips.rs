//! `torture flips`: one byte of what Appia keeps is flipped, then its verbs are asked: either the answer is the same as
//! before, or there is an error that names the way out, and the way out works. Never a wrong answer.
//!
//! Three kinds of runs: the store while no server runs (with a log as a kill leaves it), the store under a running
//! server, and the agent's files while nothing runs. Start at `run`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

use super::chance::Chance;
use super::processes::{self, Role};
use super::site::{Answer, Site};
use super::{Options, end};

/// The files of the store.
const STORE: [&str; 4] = ["appia.db", "appia.db-wal", "appia.db-sums", "appia.db-mark"];
/// What is asked after a flip; each has to answer as before or to refuse.
const QUESTIONS: [&[&str]; 4] = [&["status"], &["plan"], &["up", "--yes"], &["logs", "--tail", "5"]];
/// Two bytes of each page, unless fewer runs are asked for.
const STRIDE: u64 = 2039;
const SETTLED: Duration = Duration::from_secs(20);

/// What was seen, by file.
#[derive(Default)]
struct Tally {
    flips: BTreeMap<String, [u32; 3]>,
    failures: Vec<String>,
}

/// How a flip ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Seen {
    Harmless = 0,
    Refused = 1,
    Restored = 2,
}

struct Trial {
    site: Site,
    /// What the verbs say when nothing is flipped.
    expect: Vec<String>,
    image: PathBuf,
}

/// Does all runs and tells what it saw; fails when a wrong answer was given.
pub(super) fn run(program: &Path, options: &Options) -> Result<ExitCode> {
    println!("flips: seed {}, `{}`", options.seed, program.display());
    let began = Instant::now();
    let folder = PathBuf::from(format!("/tmp/appia-flips-{}", std::process::id()));
    let trial = Trial::new(program, &folder)?;
    let mut tally = Tally::default();
    let mut chance = Chance::seeded(options.seed);
    let places = trial.places(options.most, &mut chance)?;
    for (number, (file, at)) in places.iter().enumerate() {
        let seen = trial.at_rest(file, *at, number % 8 == 0);
        tally.note(file, *at, seen);
    }
    for (file, at) in trial.live_places(options.most, &mut chance)? {
        let seen = trial.under_a_server(&file, at);
        tally.note(&format!("{file}, server runs"), at, seen);
    }
    for (file, at) in trial.agent_places(options.most, &mut chance)? {
        let seen = trial.of_agent(&file, at);
        tally.note(&shape(&file), at, seen);
    }
    drop(trial);
    println!("\n{}", tally.table());
    let runs: u32 = tally.flips.values().flatten().sum();
    println!(
        "seed {}: {runs} flips in {} s, {} failures",
        options.seed,
        began.elapsed().as_secs(),
        tally.failures.len()
    );
    tally.failures.iter().for_each(|failure| println!("  {failure}"));
    end(&folder, tally.failures.len())
}

impl Trial {
    /// Two releases, a server that is killed so that its log stays, and a copy of its files as they are then.
    fn new(program: &Path, folder: &Path) -> Result<Trial> {
        let site = Site::new(program, folder)?;
        site.succeed(&["up", "--yes"])?;
        site.set_version(2)?;
        site.succeed(&["deploy", "--yes"])?;
        let mut trial = Trial { site, expect: Vec::new(), image: folder.join("image") };
        trial.wait_for_snapshot()?;
        trial.expect = trial.answers()?.iter().map(normal).collect();
        trial.kill(Role::Server)?;
        std::fs::create_dir_all(&trial.image)?;
        trial.keep_image()?;
        Ok(trial)
    }

    /// Every page of every file at two places, or so many of them.
    fn places(&self, most: u32, chance: &mut Chance) -> Result<Vec<(String, u64)>> {
        let mut places = Vec::new();
        for file in STORE {
            let length = std::fs::metadata(self.image.join(file))?.len();
            let stride = if length < 512 { 1 } else { STRIDE };
            let mut start = 0;
            while start < length {
                places.push((file.to_owned(), (start + chance.below(stride)).min(length - 1)));
                start += stride;
            }
        }
        Ok(some(places, most, chance))
    }

    fn live_places(&self, most: u32, chance: &mut Chance) -> Result<Vec<(String, u64)>> {
        let mut places = Vec::new();
        for file in ["appia.db", "appia.db-wal"] {
            let length = std::fs::metadata(self.image.join(file))?.len();
            for _ in 0..10 {
                places.push((file.to_owned(), chance.below(length)));
            }
        }
        Ok(some(places, most / 4, chance))
    }

    /// Records, sealed specifications, fencing token, gateway's port.
    fn agent_places(&self, most: u32, chance: &mut Chance) -> Result<Vec<(String, u64)>> {
        let owner = PathBuf::from("envs/local/pages");
        let mut files = vec![PathBuf::from("gateway.json"), owner.join("fence.json")];
        for entry in std::fs::read_dir(self.site.home.folder().join(owner.join("objects")))? {
            files.push(owner.join("objects").join(entry?.file_name()));
        }
        files.sort();
        let mut places = Vec::new();
        for file in files {
            let length = std::fs::metadata(self.site.home.folder().join(&file))?.len();
            for _ in 0..6 {
                places.push((file.to_string_lossy().into_owned(), chance.below(length)));
            }
        }
        Ok(some(places, most / 2, chance))
    }

    /// No server runs; one byte is another; everything is asked. The way out is tried now and then.
    fn at_rest(&self, file: &str, at: u64, tries_way_out: bool) -> Result<Seen> {
        self.put_image()?;
        let path = self.site.home.folder().join(file);
        // After a restore the files have other lengths.
        let length = std::fs::metadata(&path)?.len();
        if length == 0 {
            return Ok(Seen::Harmless);
        }
        flip(&path, at % length)?;
        let seen = self.judge()?;
        if seen == Seen::Refused && tries_way_out {
            return self.way_out();
        }
        self.kill(Role::Server)?;
        Ok(seen)
    }

    /// A server runs and has answered; one byte becomes another below it. It has written since, so that its log holds
    /// what its file does not.
    fn under_a_server(&self, file: &str, chance: u64) -> Result<Seen> {
        self.put_image()?;
        for version in [3, 2] {
            self.site.set_version(version)?;
            self.site.succeed(&["deploy", "--yes"])?;
        }
        self.serves()?;
        self.keep_image()?;
        let path = self.site.home.folder().join(file);
        flip(&path, chance % std::fs::metadata(&path)?.len().max(1))?;
        let seen = self.judge()?;
        self.kill(Role::Server)?;
        Ok(seen)
    }

    /// Nothing runs; one byte of the agent's files is another; `up`, with the doctor where it is asked for, mends it.
    fn of_agent(&self, file: &str, at: u64) -> Result<Seen> {
        self.put_image()?;
        self.site.succeed(&["server", "stop", "--all"])?;
        let path = self.site.home.folder().join(file);
        if !path.exists() {
            // A sealed specification has another name after each time that it is brought again.
            self.site.succeed(&["up", "--yes"])?;
            return Ok(Seen::Harmless);
        }
        flip(&path, at.min(std::fs::metadata(&path)?.len() - 1))?;
        let doctor = self.site.ask_json(&["server", "doctor"])?;
        let up = self.site.ask_json(&["up", "--yes"])?;
        let seen = if doctor.code == Some(0) { Seen::Harmless } else { Seen::Refused };
        if up.code != Some(0) {
            ensure!(seen == Seen::Refused, "`up` fails and the doctor finds nothing: {}", up.shown());
            self.site.succeed(&["server", "doctor", "--restore", "--yes"])?;
            self.site.succeed(&["server", "stop", "--all"])?;
            self.site.succeed(&["up", "--yes"])?;
        }
        self.serves()?;
        let left = self.site.ask_json(&["leaks"])?;
        ensure!(left.json().pointer("/leaks/0").is_none(), "leaks: {}", left.shown());
        self.site.ask(&["server", "doctor", "--restore", "--yes"])?;
        self.kill(Role::Server)?;
        self.keep_image()?;
        Ok(seen)
    }

    /// As before, or refused with a way out; anything else is a wrong answer.
    fn judge(&self) -> Result<Seen> {
        let mut seen = Seen::Harmless;
        for (answer, expect) in self.answers()?.iter().zip(&self.expect) {
            ensure!(!answer.panicked(), "panicked: {}", answer.shown());
            match answer.code {
                Some(0) => {
                    ensure!(normal(answer) == *expect, "a wrong answer: {}\n  not {expect}", answer.shown())
                }
                Some(1) => {
                    ensure!(answer.out.contains("appia server doctor"), "no way out: {}", answer.shown());
                    seen = Seen::Refused;
                }
                _ => bail!("a wrong exit code: {}", answer.shown()),
            }
        }
        ensure!(self.site.page().is_ok() || seen == Seen::Refused, "the site is gone");
        Ok(seen)
    }

    /// `server doctor` finds it and `server doctor --restore` mends it.
    fn way_out(&self) -> Result<Seen> {
        let found = self.site.ask_json(&["server", "doctor"])?;
        ensure!(found.code == Some(1), "the doctor finds nothing: {}", found.shown());
        ensure!(
            found.json().pointer("/faults/0/what").is_some(),
            "the doctor says nothing: {}",
            found.shown()
        );
        self.site.succeed(&["server", "doctor", "--restore", "--yes"])?;
        ensure!(self.judge()? == Seen::Harmless, "restored, and still refused");
        // What goes on from here works too: tokens and generations are good.
        self.site.set_version(3)?;
        self.site.succeed(&["deploy", "--yes"])?;
        self.site.set_version(2)?;
        self.site.succeed(&["deploy", "--yes"])?;
        self.serves()?;
        self.wait_for_snapshot()?;
        self.kill(Role::Server)?;
        self.keep_image()?;
        Ok(Seen::Restored)
    }

    fn answers(&self) -> Result<Vec<Answer>> {
        QUESTIONS.iter().map(|words| self.site.ask_json(words)).collect()
    }

    fn serves(&self) -> Result<()> {
        let began = Instant::now();
        loop {
            match self.site.page() {
                Ok(page) if page == "version 2\n" => return Ok(()),
                other if began.elapsed() > SETTLED => bail!("the site answers {other:?}"),
                _ => std::thread::sleep(Duration::from_millis(100)),
            }
        }
    }

    /// The newest snapshot knows everything.
    fn wait_for_snapshot(&self) -> Result<()> {
        let began = Instant::now();
        let count =
            || std::fs::read_dir(self.site.home.folder().join("snapshots")).map_or(0, Iterator::count);
        // Two files each; a snapshot is taken when it has been quiet for half a second.
        while count() < 2 || began.elapsed() < Duration::from_secs(2) {
            ensure!(began.elapsed() < SETTLED, "the server takes no snapshot");
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    }

    fn put_image(&self) -> Result<()> {
        self.kill(Role::Server)?;
        for file in ["appia.db-shm", "appia.db-sums-next"] {
            let _ = std::fs::remove_file(self.site.home.folder().join(file));
        }
        for file in STORE {
            std::fs::copy(self.image.join(file), self.site.home.folder().join(file))?;
        }
        Ok(())
    }

    /// From here on the store as it is now is the one to flip.
    fn keep_image(&self) -> Result<()> {
        for file in STORE {
            std::fs::copy(self.site.home.folder().join(file), self.image.join(file))?;
        }
        Ok(())
    }

    fn kill(&self, role: Role) -> Result<()> {
        let there = || {
            processes::of_home(self.site.home.folder()).into_iter().filter(|process| process.role() == role)
        };
        processes::kill(&there().map(|process| process.pid).collect::<Vec<_>>())?;
        let began = Instant::now();
        while there().next().is_some() {
            ensure!(began.elapsed() < SETTLED, "it does not die");
            std::thread::sleep(Duration::from_millis(5));
        }
        Ok(())
    }
}

impl Tally {
    fn note(&mut self, file: &str, at: u64, seen: Result<Seen>) {
        match seen {
            Ok(seen) => {
                if let Some(count) = self.flips.entry(file.to_owned()).or_default().get_mut(seen as usize) {
                    *count += 1;
                }
            }
            Err(error) => {
                println!("byte {at} of {file}: FAILED {error:#}");
                self.failures.push(format!("byte {at} of {file}: {error:#}"));
            }
        }
    }

    fn table(&self) -> String {
        let row = |(file, [harmless, refused, restored]): (&String, &[u32; 3])| {
            format!("| {file} | {} | {harmless} | {refused} | {restored} |\n", harmless + refused + restored)
        };
        let rows: String = self.flips.iter().map(row).collect();
        format!(
            "| file | flips | no effect | found | found and restored |\n|---|---:|---:|---:|---:|\n{rows}"
        )
    }
}

/// What an answer says, without what changes from one look to the next.
fn normal(answer: &Answer) -> String {
    let value = answer.json();
    let parts = ["/release/id", "/digest", "/changes/steps", "/workloads/0/state", "/steps", "/kind"];
    parts.iter().map(|part| format!("{:?} ", value.pointer(part))).collect()
}

/// `objects/workload.site.json` for `envs/local/pages/objects/workload.site.json`, without a generation's name.
fn shape(file: &str) -> String {
    let name = file.strip_prefix("envs/local/pages/").unwrap_or(file);
    if name.ends_with(".sealed") { "objects/*.sealed".to_owned() } else { name.to_owned() }
}

/// So many of them, chosen evenly, or all.
pub(super) fn some<T>(mut all: Vec<T>, most: u32, chance: &mut Chance) -> Vec<T> {
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    while all.len() > most {
        let index = chance.below(u64::try_from(all.len()).unwrap_or(1));
        all.remove(usize::try_from(index).unwrap_or_default());
    }
    all
}

fn flip(path: &Path, at: u64) -> Result<()> {
    let mut bytes = std::fs::read(path)?;
    let byte =
        bytes.get_mut(usize::try_from(at)?).with_context(|| format!("`{}` is shorter", path.display()))?;
    *byte ^= 0x11;
    // In place: who has the file open sees it.
    let file = std::fs::OpenOptions::new().write(true).open(path)?;
    std::os::unix::fs::FileExt::write_all_at(&file, &bytes, 0)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_of_many_are_chosen_and_all_without_a_number() {
        let mut chance = Chance::seeded(1);
        assert_eq!(some((0..10).collect(), 3, &mut chance).len(), 3);
        assert_eq!(some((0..10).collect::<Vec<u32>>(), u32::MAX, &mut chance).len(), 10);
    }
}
