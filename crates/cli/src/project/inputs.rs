//! What goes into a plan beyond the intent: digests of files, and the fingerprint of everything that is built.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use appia_diag::{Diagnostic, Position, Span, Spanned, codes};
use appia_drivers::build::detect::{self, Detection};
use appia_drivers::build::fingerprint::fingerprint;
use appia_drivers::build::{BuildRequest, Builder, Options};
use appia_drivers::git::{self, GitState};
use appia_intent::{Build, Container, ContainerName, Intent, WorkloadName};
use appia_plan::measured::{self, Measured};
use appia_plan::{ArtifactId, Digest, InputFile, Inputs};
use appia_sources::{FileProblem, Files};

use super::Project;
use crate::client::wait;
use crate::exit::Failure;

/// Collects the inputs of a plan. A build folder that cannot be fingerprinted becomes a finding of the project.
pub(super) fn inputs(project: &mut Project, images: &[String]) -> Result<Inputs, Failure> {
    let mut inputs = Inputs { images: image_overrides(images, &project.intent)?, ..Inputs::default() };
    let files = intent_files(&project.intent);
    for file in &files {
        if let Ok(bytes) = project.files.read(file) {
            let name = inside(file, &files).to_owned();
            inputs.files.insert(name, InputFile { digest: Digest::of(&bytes), date: None });
        }
    }
    measured(project, (&files, &mut inputs));
    wait(async {
        let ((artifacts, found), git) = tokio::join!(artifacts(project), git_state(project));
        inputs.artifacts = artifacts;
        if project.target.facts().runs_builds {
            found.into_iter().for_each(|diagnostic| project.found.push(diagnostic));
        }
        inputs.version = git.as_ref().and_then(|state| state.tag.clone());
        inputs.commit = git.map(|state| state.short());
        Ok(inputs)
    })
}

/// What `appia measure` wrote beside the intent. What cannot be read is a finding of the project.
fn measured(project: &mut Project, (files, inputs): (&[String], &mut Inputs)) {
    let Some(place) = files.first().map(|file| project.beside(file, measured::FILE)) else { return };
    let bytes = match project.files.read(&place) {
        Ok(bytes) => bytes,
        Err(FileProblem::Missing) => return,
        Err(problem) => return project.found.push(bad_measurement(&place, problem.to_string(), None)),
    };
    match serde_json::from_slice::<Measured>(&bytes) {
        Ok(found) if found.format != measured::FORMAT => {
            let why = format!("its format is {}, and {} is known", found.format, measured::FORMAT);
            project.found.push(bad_measurement(&place, why, None));
        }
        Ok(found) if found.nonsense().is_some() => {
            project.found.push(bad_measurement(&place, found.nonsense().unwrap_or_default(), None));
        }
        // Another application's, where several stand in one folder.
        Ok(found) if found.app != project.intent.app.value.as_str() => {}
        Ok(found) => {
            let file = InputFile { digest: Digest::of(&bytes), date: Some(found.date().to_owned()) };
            inputs.files.insert(measured::FILE.to_owned(), file);
            inputs.measured = Some(found);
        }
        Err(error) => project.found.push(bad_measurement(&place, error.to_string(), Some(&error))),
    }
}

fn bad_measurement(place: &str, why: String, error: Option<&serde_json::Error>) -> Diagnostic {
    let at = error.map_or(Position::START, |error| Position {
        line: u32::try_from(error.line()).unwrap_or(u32::MAX).max(1),
        column: u32::try_from(error.column()).unwrap_or(u32::MAX).max(1),
        offset: 0,
    });
    let message = format!("`{}` cannot be used: {why}", measured::FILE);
    Diagnostic::new(codes::BAD_MEASUREMENT, message)
        .at(&Span::new(place.into(), at, at))
        .help("`appia measure` writes it anew; without it, what is stated counts")
}

/// The build of a container, as builders take it; `None` when it has an image or nothing to build.
///
/// # Errors
/// What is wrong with the folder, as a finding.
pub(crate) fn build_request(
    project: &Project,
    workload: &WorkloadName,
    container: &ContainerName,
) -> Option<Result<BuildRequest, Diagnostic>> {
    let owner = project.intent.workloads.get(workload)?.containers.get(container)?;
    let stated = owner.build.as_ref()?;
    let build = &stated.value;
    let context = match context(project, stated) {
        Ok(context) => context,
        Err(diagnostic) => return Some(Err(*diagnostic)),
    };
    let no_builder = |why: String| Diagnostic::new(codes::NO_BUILDER, why).at(&stated.span);
    let builder = match build.builder.as_ref().map(|builder| builder.value) {
        Some(named) => known_builder(named),
        None if build.command.is_some() => Ok(Builder::Command),
        None => detected(&context, (&build.context, owner)),
    };
    let mut options = options(build);
    if builder == Ok(Builder::Command) && detect::detect(&context) == Detection::Unknown {
        // Nothing to do but to keep the folder as it is.
        options.command.get_or_insert_with(|| "true".to_owned());
    }
    let request = builder.map(|builder| BuildRequest {
        workload: chooser(workload, owner, builder),
        context,
        builder,
        options,
    });
    Some(request.map_err(|(why, help)| no_builder(why).help(help)))
}

/// The folder that is built.
fn context(
    project: &Project,
    Spanned { value: build, span }: &Spanned<Build>,
) -> Result<PathBuf, Box<Diagnostic>> {
    let wrong = |what: String| Diagnostic::new(codes::BUILD_CONTEXT, what).at(span);
    let context = project.files.locate(&beside(&span.file, &build.context));
    if !context.is_dir() {
        return Err(Box::new(
            wrong(format!("there is no folder `{}` to build", build.context))
                .help("the path is relative to the file that names it"),
        ));
    }
    let by = Path::new(&*span.file).parent().unwrap_or(Path::new(""));
    if !project.files.keeps_inside(by, &by.join(&build.context)) {
        return Err(Box::new(
            wrong(format!("the folder `{}` leads out of the project", build.context))
                .help("build a folder beside this file, or in the repository around it"),
        ));
    }
    Ok(context)
}

/// The name by which a builder chooses what to start. A workload that says so itself needs no build of its own: two that
/// run different programs of one folder share it.
fn chooser(workload: &WorkloadName, container: &Container, builder: Builder) -> String {
    let says_itself = container.command.is_some() && builder != Builder::Cargo;
    if says_itself { String::new() } else { workload.to_string() }
}

/// A path as seen from the file that names it.
fn beside(file: &str, path: &str) -> String {
    let folder = file.rsplit_once('/').map_or(".", |(folder, _)| folder);
    format!("{folder}/{path}")
}

fn options(build: &Build) -> Options {
    Options {
        package: None,
        binary: build.binary.as_ref().map(|binary| binary.value.clone()),
        command: build.command.as_ref().map(|command| command.value.clone()),
        output: build.output.as_ref().map(|output| output.value.clone().into()),
        env: BTreeMap::new(),
    }
}

fn known_builder(named: appia_intent::Builder) -> Result<Builder, (String, String)> {
    match named {
        appia_intent::Builder::Cargo => Ok(Builder::Cargo),
        appia_intent::Builder::Node => Ok(Builder::Node),
        appia_intent::Builder::Python => Ok(Builder::Python),
        appia_intent::Builder::Go => Ok(Builder::Go),
        appia_intent::Builder::Maven => Ok(Builder::Maven),
        appia_intent::Builder::Static => Ok(Builder::Static),
        appia_intent::Builder::Command => Ok(Builder::Command),
        appia_intent::Builder::Dockerfile => Err((
            "a Dockerfile needs a container engine".to_owned(),
            "build the image elsewhere and name it with `image`, or choose another `builder`".to_owned(),
        )),
    }
}

/// From the files in the folder; where none tells, and a command is stated, the folder is taken as it is.
fn detected(context: &Path, (written, container): (&str, &Container)) -> Result<Builder, (String, String)> {
    match detect::detect(context) {
        Detection::Builder { builder, .. } => Ok(builder),
        Detection::Container { because } => Err((
            format!("`{written}` holds only a `{because}`, which needs a container engine"),
            "build the image elsewhere and name it with `image`, or choose a `builder`".to_owned(),
        )),
        Detection::Unknown if container.command.is_some() => {
            Ok(Builder::Command)
        }
        Detection::Unknown => Err((
            format!("no builder fits the folder `{written}`"),
            "it holds no `Cargo.toml`, `package.json`, `pyproject.toml`, `requirements.txt`, `go.mod`, `pom.xml`, `index.html` or `Procfile`: \
             state a `command` and it is taken as it is, or in `appia.yaml` name a `builder`"
                .to_owned(),
        )),
    }
}

/// What builds make, by workload and container.
type Artifacts = BTreeMap<WorkloadName, BTreeMap<ContainerName, ArtifactId>>;

/// Fingerprints every build. What fails is a finding where builds run; elsewhere an image stands in for it.
async fn artifacts(project: &Project) -> (Artifacts, Vec<Diagnostic>) {
    let mut found = Vec::new();
    let mut artifacts = Artifacts::new();
    for (name, workload) in &project.intent.workloads {
        for (container, stated) in &workload.containers {
            let Some(request) = build_request(project, name, container) else { continue };
            match artifact(request, stated).await {
                Ok(id) => {
                    artifacts.entry(name.clone()).or_default().insert(container.clone(), id);
                }
                Err(diagnostic) => found.push(diagnostic),
            }
        }
    }
    (artifacts, found)
}

async fn artifact(
    request: Result<BuildRequest, Diagnostic>,
    stated: &Container,
) -> Result<ArtifactId, Diagnostic> {
    match fingerprint(&request?).await {
        Ok(hash) => Ok(ArtifactId(hash.as_str().to_owned())),
        Err(error) => {
            let diagnostic = Diagnostic::new(codes::BUILD_CONTEXT, error.to_string());
            Err(match &stated.build {
                Some(build) => diagnostic.at(&build.span),
                None => diagnostic,
            })
        }
    }
}

/// A file's name below the folder that all of them are in: the same however the folder was named.
fn inside<'a>(file: &'a str, all: &[String]) -> &'a str {
    let starts = file.match_indices('/').map(|(at, _)| at + 1).rev();
    let common =
        |at: &usize| file.get(..*at).is_some_and(|folder| all.iter().all(|other| other.starts_with(folder)));
    starts.into_iter().find(common).and_then(|at| file.get(at..)).unwrap_or(file)
}

/// Every file that the intent was read from.
fn intent_files(intent: &Intent) -> Vec<String> {
    let app = std::iter::once(&intent.app.span);
    let workloads = intent.workloads.values().map(|workload| &workload.name.span);
    let mut files: Vec<String> = app.chain(workloads).map(|span| span.file.to_string()).collect();
    files.sort();
    files.dedup();
    files
}

/// `--image web=REF`: the workload has to exist.
fn image_overrides(images: &[String], intent: &Intent) -> Result<BTreeMap<WorkloadName, String>, Failure> {
    let parse = |text: &String| {
        let (name, image) = text.split_once('=').filter(|(_, image)| !image.is_empty()).ok_or_else(|| {
            Failure::usage(format!("`--image {text}` names no image"))
                .help("write `--image web=registry.example/web@sha256:...`")
        })?;
        let known = intent.workloads.keys().find(|known| known.as_str() == name);
        let known = known.ok_or_else(|| {
            let names: Vec<&str> = intent.workloads.keys().map(WorkloadName::as_str).collect();
            Failure::usage(format!("`--image {text}`: there is no workload `{name}`"))
                .help(format!("there are {}", names.join(", ")))
        })?;
        Ok((known.clone(), image.to_owned()))
    };
    images.iter().map(parse).collect()
}

/// The commit around the application's first file, when git knows one; a tag on it is the application's version.
async fn git_state(project: &Project) -> Option<GitState> {
    let file = intent_files(&project.intent).into_iter().next()?;
    let path = project.files.locate(&file);
    let folder =
        path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_owned();
    git::describe(&folder).await
}

#[cfg(test)]
mod tests {
    use super::inside;

    #[test]
    fn files_are_named_below_their_common_folder() {
        for (file, all, expect) in [
            ("appia.yaml", &["appia.yaml"] as &[&str], "appia.yaml"),
            ("/srv/shop/appia.yaml", &["/srv/shop/appia.yaml"], "appia.yaml"),
            ("../shop/a/score.yaml", &["../shop/a/score.yaml", "../shop/b/score.yaml"], "a/score.yaml"),
            ("one.yaml", &["one.yaml", "two/score.yaml"], "one.yaml"),
        ] {
            let all: Vec<String> = all.iter().map(|file| (*file).to_owned()).collect();
            assert_eq!(inside(file, &all), expect);
        }
    }
}
