//! Python programs: each in an environment of its own.

use appia_drivers::build::{Builder, Start};

use crate::project::{Project, says};

/// A package beside the program, so that the test depends on nobody's release.
const WORDS: [(&str, &str); 2] = [
    (
        "words/setup.py",
        "from setuptools import setup\nsetup(name='words', version='1.0', py_modules=['words'])\n",
    ),
    ("words/words.py", "GREETING = 'ave'\n"),
];

#[tokio::test]
async fn a_program_runs_in_its_own_environment() {
    let project = Project::new(
        Builder::Python,
        &[("main.py", "import sys; print(sys.prefix != sys.base_prefix, sys.prefix)")],
    );
    let artifact = project.build().await;
    assert_eq!(says(&artifact), format!("True {}", artifact.dir.join("venv").display()));
    assert_eq!(project.build().await, artifact);
    assert!(project.was_kept());
    project.write("main.py", "print('changed')");
    assert_eq!(says(&project.build().await), "changed");
}

#[tokio::test]
async fn requirements_are_installed() {
    let project = Project::new(
        Builder::Python,
        &[
            ("requirements.txt", "./words\n"),
            ("app.py", "import words; print(words.GREETING)"),
            WORDS[0],
            WORDS[1],
        ],
    );
    let artifact = project.build().await;
    assert_eq!(says(&artifact), "ave");
}

#[tokio::test]
async fn a_declared_script_is_what_starts() {
    let project = Project::new(
        Builder::Python,
        &[
            (
                "pyproject.toml",
                "[project]\nname = \"greeter\"\nversion = \"1.0\"\n[project.scripts]\ngreet = \"greeter:main\"\n[tool.setuptools]\npy-modules = [\"greeter\"]\n",
            ),
            ("greeter.py", "def main():\n    print('from a script')\n"),
        ],
    );
    let artifact = project.build().await;
    let script = artifact.dir.join("venv/bin/greet");
    assert_eq!(artifact.start, Some(Start::Command(vec![script.to_string_lossy().into_owned()])));
    assert_eq!(says(&artifact), "from a script");
}

#[tokio::test]
async fn the_procfile_decides() {
    let project = Project::new(
        Builder::Python,
        &[
            (
                "Procfile",
                "# what runs\nworker: python work.py\nweb: python serve.py --greeting \"$GREETING\"\n",
            ),
            ("serve.py", "import sys; print(sys.argv[1:], sys.prefix != sys.base_prefix)"),
        ],
    );
    assert_eq!(says(&project.build().await), "['--greeting', ''] True");
}

#[tokio::test]
async fn pips_words_are_kept_verbatim() {
    let project = Project::new(Builder::Python, &[("requirements.txt", "./nowhere\n"), ("main.py", "")]);
    let error = project.try_build().await.unwrap_err();
    assert_eq!(error.to_string(), "`pip install` failed with exit code 1");
    assert!(error.output().unwrap().contains("nowhere"), "{:?}", error.output());
}

#[tokio::test]
async fn an_environment_whose_python_is_gone_is_made_again() {
    let project = Project::new(Builder::Python, &[("main.py", "print('here')")]);
    let artifact = project.build().await;
    std::fs::remove_file(artifact.dir.join("venv/bin/python")).unwrap();
    assert_eq!(project.cache().find(&artifact.hash), None);
    assert_eq!(says(&project.build().await), "here");
}

#[tokio::test]
async fn a_command_runs_in_the_environment_and_its_output_is_a_site() {
    let mut project = Project::new(Builder::Python, &[("words.txt", "ave")]);
    project.request.options.command =
        Some("mkdir site && python -c 'import sys; print(sys.prefix)' > site/index.html".into());
    project.request.options.output = Some("site".into());
    let artifact = project.build().await;
    let root = artifact.dir.join("app/site");
    assert_eq!(artifact.start, Some(Start::StaticSite { root: root.clone() }));
    let written = std::fs::read_to_string(root.join("index.html")).unwrap();
    assert_eq!(written.trim(), artifact.dir.join("venv").display().to_string());

    // What says how it is run is no part of what is built.
    project.write("appia.yaml", "app: words\n");
    assert_eq!(project.build().await, artifact);
    project.write("words.txt", "vale");
    assert_ne!(project.build().await.hash, artifact.hash);
}
