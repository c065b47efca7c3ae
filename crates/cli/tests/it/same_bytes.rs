//! The same input gives the same bytes, whatever the locale, the time zone, the processors, the folder or its order.

use std::collections::BTreeSet;

use std::process::Command;

use super::{Place, SMALL, answer};

/// What the README shows, without anything to build, and with names that people sort in one way and bytes in another.
fn storefront() -> String {
    let text = include_str!("../../../../examples/storefront/appia.yaml");
    let web = ["web", "api", "worker"].iter().fold(text.to_owned(), |text, name| {
        text.replace(&format!("build: ./{name}"), &format!("image: \"example/{name}@sha256:0\""))
    });
    let more = ["i-i", "ii", "ij", "x1", "x-10"].map(|name| {
        format!("  {name}: {{ type: worker, image: \"example/{name}@sha256:0\", env: {{ I: \"1\", ı: \"2\", i: \"3\", Ö: \"4\" }} }}\n")
    });
    web.replace("\nresources:", &format!("\n{}\nresources:", more.concat()))
}

/// The first processor that this test may run on.
fn one_processor() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let list = status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:")).unwrap();
    list.trim().chars().take_while(char::is_ascii_digit).collect()
}

/// What is said beside a plan of the machine it is made on (APP0513) is no part of it.
fn without_this_machine(text: &str) -> String {
    let is_digit = |c: char| c.is_ascii_digit();
    let parts = text.split("this machine has ").enumerate();
    parts.map(|(number, part)| if number == 0 { part } else { part.trim_start_matches(is_digit) }).collect()
}

#[test]
fn whatever_the_environment() {
    let place = Place::new();
    place.write("appia.yaml", &storefront());
    let environments = [
        ("C", "UTC", None),
        ("tr_TR.UTF-8", "Asia/Kathmandu", Some(one_processor())),
        ("de_DE.UTF-8", "America/Sao_Paulo", None),
    ];
    for target in ["local", "kubernetes"] {
        let mut seen = BTreeSet::new();
        for (locale, zone, processor) in &environments {
            let appia = place.command();
            let mut command = match processor {
                Some(number) => {
                    let mut bound = Command::new("taskset");
                    bound.args(["-c", number]).arg(appia.get_program());
                    bound.current_dir(place.work()).env("APPIA_HOME", place.home());
                    bound
                }
                None => appia,
            };
            command.env("LC_ALL", locale).env("LANG", locale).env("TZ", zone);
            command.args(["plan", "--offline", "--output", "json", "--target", target]);
            let answer = answer(command.output().unwrap());
            assert!([0, 4].contains(&answer.code), "{}{}", answer.out, answer.err);
            assert!(answer.out.contains("workloads.x-10"), "{}", answer.out);
            seen.insert(without_this_machine(&answer.out));
        }
        assert_eq!(seen.len(), 1, "{target}");
    }
}

/// A folder of Score files is one application in the order of their names, whatever order it was written in.
#[test]
fn whatever_the_order_in_a_folder() {
    let names = ["B", "a", "ä", "z-1", "z1", "I", "i"];
    let plan = |order: &mut dyn Iterator<Item = &&str>| {
        let place = Place::new();
        for name in order {
            let number = names.iter().position(|known| known == name).unwrap();
            let text = format!(
                "apiVersion: score.dev/v1b1\nmetadata: {{ name: w{number} }}\ncontainers: {{ main: {{ image: \"example/w@sha256:0\" }} }}\n"
            );
            place.write(&format!("shop/{name}.yaml"), &text);
        }
        place.ok(&["plan", "shop", "--offline", "--output", "json", "--target", "kubernetes"]).out
    };
    assert_eq!(plan(&mut names.iter()), plan(&mut names.iter().rev()));
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
