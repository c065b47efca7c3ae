//! The same input gives the same bytes, whatever the locale, the time zone, the folder or the day.

use std::collections::BTreeSet;

use super::{Place, SMALL, answer};

#[test]
fn whatever_the_environment() {
    let place = Place::new();
    place.write("appia.yaml", SMALL);
    let mut seen = BTreeSet::new();
    for (locale, zone, threads) in
        [("C", "UTC", "1"), ("tr_TR.UTF-8", "Asia/Kathmandu", "8"), ("de_DE.UTF-8", "America/Sao_Paulo", "2")]
    {
        let mut command = place.command();
        command.env("LC_ALL", locale).env("LANG", locale).env("TZ", zone).env("RAYON_NUM_THREADS", threads);
        let answer = answer(
            command
                .args(["plan", "--offline", "--output", "json", "--target", "kubernetes"])
                .output()
                .unwrap(),
        );
        assert_eq!(answer.code, 0, "{}", answer.err);
        seen.insert(answer.out);
    }
    assert_eq!(seen.len(), 1);
}

#[test]
fn whatever_the_folder_is_called() {
    let place = Place::new();
    let file = place.write("appia.yaml", SMALL);
    let digest = |arguments: &[&str]| place.json(arguments)["digest"].clone();
    let here = digest(&["plan", "--offline"]);
    assert_eq!(here, digest(&["plan", "--offline", place.work().to_str().unwrap()]));
    assert_eq!(here, digest(&["plan", "--offline", file.to_str().unwrap()]));
}

#[test]
fn whatever_the_order_of_files() {
    let place = Place::new();
    for name in ["one", "two"] {
        let text = format!(
            "apiVersion: score.dev/v1b1\nmetadata: {{ name: {name} }}\ncontainers: {{ main: {{ image: \"example/{name}@sha256:0\" }} }}\n"
        );
        place.write(&format!("{name}.yaml"), &text);
    }
    let plan = |files: [&str; 2]| {
        place.ok(&["plan", files[0], files[1], "--offline", "--output", "json", "--target", "kubernetes"]).out
    };
    assert_eq!(plan(["one.yaml", "two.yaml"]), plan(["two.yaml", "one.yaml"]));
}
