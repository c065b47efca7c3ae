//! Secrets: planted in a real run, then looked for in every byte that the run wrote or said.

use std::io::ErrorKind;
use std::path::Path;

use super::up::{API, tiny, workload};
use super::{Answer, Place};

/// A program that tells everybody its secret, first the file that it is given.
const TELLTALE: &str = "import os, sys
url = os.environ['DATABASE_URL']
open(os.environ['SPY'], 'w').write(url)
print('cannot use ' + url, flush=True)
sys.exit('no luck with ' + url)
";

#[test]
fn secrets_are_nowhere_but_in_their_environment() {
    let place = tiny();
    let mut said = vec![place.ok(&["up", "--yes", "-v"])];
    let status = place.json(&["status"]);
    let pid = workload(&status, "api")["instances"][0]["pid"].as_u64().unwrap();
    let environment = std::fs::read(format!("/proc/{pid}/environ")).unwrap();
    let environment = String::from_utf8(environment).unwrap();
    let url = environment.split('\0').find_map(|line| line.strip_prefix("DATABASE_URL=")).unwrap();
    let password = password(url);
    let server = place.json(&["server", "status"]);
    for pid in [server["pid"].as_u64(), server["agent_pid"].as_u64(), Some(pid)].into_iter().flatten() {
        let arguments = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap();
        assert!(!arguments.is_empty() && !holds(&arguments, password), "in the arguments of {pid}");
    }
    said.extend(verbs(&place, "export"));
    place.write("api/main.py", &API.replace("'one'", "'two'"));
    said.push(place.ok(&["deploy", "--yes", "--output", "json"]));
    said.push(place.ok(&["rollback", "--yes", "--output", "json"]));
    place.write("api/main.py", "import sys\nsys.exit('no such luck')\n");
    said.push(place.run(&["deploy", "--yes", "--output", "json"]));
    assert_eq!(said.last().unwrap().code, 1);
    said.push(place.ok(&["down", "--yes", "--output", "json"]));
    said.extend(verbs(&place, "export after"));
    for answer in &said {
        assert!(!tells(answer, password), "{}{}", answer.out, answer.err);
    }
    assert!(said.iter().any(|answer| tells(answer, "resources.db")), "the search finds what was said");
    for needle in [password, url] {
        assert_eq!(files_with(place.home(), needle), Vec::<String>::new());
        assert_eq!(files_with(place.work(), needle), Vec::<String>::new());
    }
    assert!(!files_with(place.home(), "GREETING").is_empty(), "the search finds what is there");
}

/// What a program prints is kept as it was printed, in a file that is closed to others, and told without secrets.
#[test]
fn a_secret_that_a_program_prints_goes_no_further_than_its_log() {
    let place = Place::new();
    let spy = place.work().join("spy");
    let app = |start: &str| {
        format!(
            "app: tell\nworkloads:\n  api:\n    build: ./api\n    port: 8000\n    env: {{ DATABASE_URL: \"${{resources.db.url}}\", GREETING: {start}, SPY: {} }}\nresources:\n  db: {{ type: postgres, params: {{ version: 15 }} }}\n",
            spy.display()
        )
    };
    place.write("appia.yaml", &app("hello"));
    place.write("api/main.py", TELLTALE);
    let first = place.run(&["up", "--yes", "--output", "json"]);
    check_untold(&place, &spy, &[first], "***@127.0.0.1");

    place.write("api/main.py", API);
    place.ok(&["up", "--yes"]);
    let printing =
        API.replace("VERSION = 'one'", "print(os.environ['DATABASE_URL'], flush=True)\nVERSION = 'two'");
    place.write("api/main.py", &printing);
    place.ok(&["deploy", "--yes"]);
    let logs = [place.ok(&["logs", "api"]), place.ok(&["logs", "--output", "json"])];
    place.write("api/main.py", TELLTALE);
    let failed = [place.run(&["deploy", "--yes"]), place.run(&["deploy", "--yes", "--output", "json"])];
    assert_eq!((failed[0].code, failed[1].code), (1, 1));
    check_untold(&place, &spy, &failed, "***@127.0.0.1");
    check_untold(&place, &spy, &logs, "***@127.0.0.1");
    let rest = verbs(&place, "export");
    check_untold(&place, &spy, &rest, "resources.db");
    let secret = std::fs::read_to_string(&spy).unwrap();
    std::fs::remove_file(&spy).unwrap();
    let written = files_with(place.home(), password(&secret));
    assert!(!written.is_empty(), "the program printed it");
    assert!(written.iter().all(|file| file.contains("/logs/api/")), "{written:?}");
    assert_eq!(files_with(place.work(), password(&secret)), Vec::<String>::new());
}

/// What the spy heard is in none of the answers; that answers are searched at all is shown by a word that is there.
fn check_untold(place: &Place, spy: &Path, answers: &[Answer], word: &str) {
    let secret = std::fs::read_to_string(spy).unwrap();
    for answer in answers {
        assert!(
            !tells(answer, password(&secret)),
            "in {}{}{}",
            place.home().display(),
            answer.out,
            answer.err
        );
    }
    assert!(answers.iter().any(|answer| tells(answer, word)), "`{word}` is said");
}

/// Everything that can be asked, for people and for programs.
fn verbs(place: &Place, folder: &str) -> Vec<Answer> {
    let asked: [&[&str]; 11] = [
        &["check"],
        &["plan"],
        &["plan", "--offline"],
        &["explain", "resources.db"],
        &["status"],
        &["logs"],
        &["leaks"],
        &["server", "status"],
        &["server", "doctor"],
        &["export", "-o", folder],
        &["export", "--target", "kubernetes", "--yes", "-o", folder],
    ];
    let forms = [["-v"].as_slice(), &["--output", "json"]];
    let all = asked.iter().flat_map(|verb| forms.iter().map(move |form| [*verb, *form].concat()));
    all.map(|arguments| place.run(&arguments)).collect()
}

fn password(url: &str) -> &str {
    let password = url.split_once("//").unwrap().1.split_once('@').unwrap().0.split_once(':').unwrap().1;
    assert!(password.len() >= 20, "{password}");
    password
}

fn tells(answer: &Answer, needle: &str) -> bool {
    answer.out.contains(needle) || answer.err.contains(needle)
}

/// The files below a folder that hold these bytes. One that cannot be read is no file without them: only what is gone
/// meanwhile is passed over.
fn files_with(folder: &Path, needle: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match std::fs::symlink_metadata(&path) {
            Ok(kind) if kind.is_dir() => found.extend(files_with(&path, needle)),
            Ok(kind) if kind.is_file() => match std::fs::read(&path) {
                Ok(bytes) if holds(&bytes, needle) => found.push(path.display().to_string()),
                Ok(_) => {}
                Err(error) => assert_eq!(error.kind(), ErrorKind::NotFound, "{}", path.display()),
            },
            Ok(_) => {}
            Err(error) => assert_eq!(error.kind(), ErrorKind::NotFound, "{}", path.display()),
        }
    }
    found
}

fn holds(bytes: &[u8], needle: &str) -> bool {
    // Why not windows: a database's files are searched in a build without optimisation.
    String::from_utf8_lossy(bytes).contains(needle)
}
