//! What each target renders, kept to be read. `APPIA_UPDATE_GOLDENS=1` writes it anew; the difference is then reviewed.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use appia_diag::{Diagnostics, Severity};
use appia_targets::TARGETS;

use crate::cases::CASES;

/// Where the goldens of a target stand.
pub(crate) fn folder(target: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/goldens").join(target)
}

#[test]
fn renders_as_kept() {
    let update = std::env::var_os("APPIA_UPDATE_GOLDENS").is_some();
    let mut wrong = Vec::new();
    for target in TARGETS {
        for (name, case) in CASES {
            let app = case().sized(*target);
            let mut sink = Diagnostics::new();
            let objects = target.lower(&app, &mut sink);
            let mut files = target.render(&app, &objects);
            files.insert("diagnostics.txt".to_owned(), said(sink).into_bytes());
            let folder = folder(target.name()).join(name);
            if update {
                write(&folder, &files);
            }
            let kept = read(&folder);
            let names = kept.keys().chain(files.keys()).collect::<std::collections::BTreeSet<_>>();
            let differs = names.into_iter().filter(|file| kept.get(*file) != files.get(*file));
            wrong.extend(differs.map(|file| format!("{}/{name}/{file}", target.name())));
        }
    }
    assert!(wrong.is_empty(), "not as kept (APPIA_UPDATE_GOLDENS=1 writes them anew): {wrong:#?}");
}

fn said(mut sink: Diagnostics) -> String {
    sink.sort();
    let line = |severity: Severity| match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    };
    let mut text = String::new();
    for diagnostic in sink {
        text.push_str(&format!(
            "{} {}: {}\n",
            diagnostic.code.id,
            line(diagnostic.severity),
            diagnostic.message
        ));
        diagnostic.help.iter().for_each(|help| text.push_str(&format!("  help: {help}\n")));
    }
    text
}

fn read(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    entries
        .map(|entry| {
            let entry = entry.unwrap();
            (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap())
        })
        .collect()
}

fn write(folder: &Path, files: &BTreeMap<String, Vec<u8>>) {
    let _ = fs::remove_dir_all(folder);
    fs::create_dir_all(folder).unwrap();
    files.iter().for_each(|(name, content)| fs::write(folder.join(name), content).unwrap());
}
