//! Secrets: planted in a real run, then looked for in every byte that the run wrote or said.

use super::world::{tiny, workload};

#[test]
fn secrets_are_nowhere_but_in_their_environment() {
    let place = tiny();
    let up = place.ok(&["up", "--yes", "-v"]);
    let status = place.json(&["status"]);
    let pid = workload(&status, "api")["instances"][0]["pid"].as_u64().unwrap();
    let environment = std::fs::read(format!("/proc/{pid}/environ")).unwrap();
    let environment = String::from_utf8(environment).unwrap();
    let database = environment.split('\0').find_map(|line| line.strip_prefix("DATABASE_URL=")).unwrap();
    let password = database.split_once("//").unwrap().1.split_once('@').unwrap().0.split_once(':').unwrap().1;
    assert!(password.len() >= 20, "{password}");
    for command in [["plan", "-v"], ["status", "-v"], ["logs", "-v"], ["explain", "resources.db"]] {
        let answer = place.run(&command);
        assert!(!answer.out.contains(password) && !answer.err.contains(password), "{command:?}");
    }
    assert!(!up.out.contains(password) && !up.err.contains(password));
    assert!(!place.json(&["plan"]).to_string().contains(password));
    let server = place.json(&["server", "status"]);
    for pid in [server["pid"].as_u64(), server["agent_pid"].as_u64(), Some(pid)].into_iter().flatten() {
        let arguments = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap();
        assert!(!holds(&arguments, password), "in the arguments of {pid}");
    }
    for folder in [place.home(), place.work()] {
        search(folder, password);
    }
}

/// Looks for a secret in every byte below a folder.
fn search(folder: &std::path::Path, secret: &str) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => search(&path, secret),
            Ok(kind) if kind.is_file() => {
                let bytes = std::fs::read(&path).unwrap_or_default();
                assert!(!holds(&bytes, secret), "in {}", path.display());
            }
            Ok(_) | Err(_) => {}
        }
    }
}

fn holds(bytes: &[u8], secret: &str) -> bool {
    bytes.windows(secret.len()).any(|window| window == secret.as_bytes())
}
