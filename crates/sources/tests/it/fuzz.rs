//! Whatever the bytes: no panic, and either an Intent or a finding with a place.

use appia_diag::Diagnostics;
use appia_sources::MemoryFiles;
use proptest::prelude::*;

use crate::golden;

fn survives(path: &str, bytes: &[u8]) {
    let files = MemoryFiles::new().with(path, bytes);
    let mut sink = Diagnostics::new();
    let intent = appia_sources::read(&files, &[path.to_owned()], &mut sink);
    let located = sink.iter().any(|finding| finding.span.is_some());
    assert!(intent.is_some() || located, "nothing said about {:?}", String::from_utf8_lossy(bytes));
}

static INPUTS: std::sync::LazyLock<Vec<(&str, Vec<u8>)>> = std::sync::LazyLock::new(inputs);

fn inputs() -> Vec<(&'static str, Vec<u8>)> {
    let mut inputs = Vec::new();
    for (list, main) in [
        ("appia/good.txt", "appia.yaml"),
        ("appia/broken.txt", "appia.yaml"),
        ("score/good.txt", "score.yaml"),
        ("score/broken.txt", "score.yaml"),
    ] {
        for case in golden::cases(list).into_iter().filter(|case| case.input.len() < 8_000) {
            inputs.extend(case.files(main).into_iter().map(|(_, text)| (main, text.into_bytes())));
        }
    }
    inputs
}

#[test]
fn every_truncation_is_survived() {
    for (path, bytes) in INPUTS.iter() {
        for end in 0..bytes.len() {
            survives(path, &bytes[..end]);
        }
    }
}

#[test]
fn hostile_shapes_are_survived() {
    let deep = "[".repeat(100_000);
    let bomb: String = (0..12)
        .map(|level| {
            let items = vec![if level == 0 { "x".to_owned() } else { format!("*a{}", level - 1) }; 9];
            format!("a{level}: &a{level} [{}]\n", items.join(", "))
        })
        .collect();
    let long = format!("app: {}\n", "x".repeat(5 << 20));
    let anchors: String = (0..60).map(|level| format!("&n{level} [")).collect();
    let anchors = format!("app: {anchors}{}{}", "x, ".repeat(100_000), "]".repeat(60));
    let merge = "app: &a { <<: *a }\n".to_owned();
    let texts = format!("app: &a \"{}\"\nlist: [{}]\n", "y".repeat(2_000_000), "*a, ".repeat(200_000));
    let many_keys: String = (0..50_000).map(|index| format!("k{index}: 1\n")).collect();
    for text in [
        deep,
        bomb,
        anchors,
        texts,
        long,
        merge,
        many_keys,
        "\u{feff}app: x\n".to_owned(),
        "- - - -".repeat(80),
    ] {
        survives("appia.yaml", text.as_bytes());
        survives("score.yaml", text.as_bytes());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn changed_bytes_are_survived(
        which in any::<prop::sample::Index>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let (path, mut bytes) = INPUTS[which.index(INPUTS.len())].clone();
        for (place, byte) in changes {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        survives(path, &bytes);
    }

    #[test]
    fn any_text_is_survived(text in "[ -~\n]{0,200}") {
        survives("appia.yaml", text.as_bytes());
        survives("score.yaml", text.as_bytes());
    }
}
