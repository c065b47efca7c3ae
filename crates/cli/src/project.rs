//! An application on disk: its files, its intent, what it would build, and the plan compiled of all that.
//!
//! Called by every verb that takes a PATH. Reads files and asks tools for digests; changes nothing.

mod files;
mod inputs;
mod room;

use std::path::PathBuf;

use appia_compile::{CompileError, Request, compile, export, find_more};
use appia_diag::{Diagnostic, Diagnostics};
use appia_intent::{EnvironmentName, Intent};
use appia_plan::{Day, Inputs, Plan, RenderedFiles, Target};
use appia_sources::appia::STAND_IN;

use crate::args::{ProjectArgs, TargetArgs};
use crate::exit::{Exit, Failure};
use crate::ui::Ui;

pub(crate) use files::DiskFiles;
pub(crate) use inputs::build_request;

/// An application on disk.
pub(crate) struct Project {
    /// Its files.
    pub(crate) files: DiskFiles,
    /// What it wants.
    pub(crate) intent: Intent,
    /// What was found so far.
    pub(crate) found: Diagnostics,
    /// The environment to plan for.
    pub(crate) environment: EnvironmentName,
    /// Where that environment is.
    pub(crate) target: &'static dyn Target,
}

/// What the command line says beyond paths.
#[derive(Debug, Clone, Default)]
pub(crate) struct Selection {
    /// `-e`.
    pub(crate) environment: Option<String>,
    /// `--target`.
    pub(crate) target: Option<String>,
}

impl Selection {
    /// From the arguments of a verb.
    pub(crate) fn new(project: &ProjectArgs, target: Option<&TargetArgs>) -> Selection {
        let target = target.and_then(|target| target.target.clone());
        Selection { environment: project.environment.clone(), target }
    }
}

impl Project {
    /// Reads an application and tells what is wrong with its files.
    ///
    /// # Errors
    /// With exit code 3 when a file has errors, 2 when environment or target do not exist.
    pub(crate) fn read(paths: &[String], selection: &Selection, ui: &Ui) -> Result<Project, Failure> {
        let (environment, target) = place(selection)?;
        let mut found = Diagnostics::new();
        let paths = if paths.is_empty() { vec![".".to_owned()] } else { paths.to_vec() };
        let files = DiskFiles::new(PathBuf::from("."), &paths);
        let intent = appia_sources::read(&files, &paths, &mut found);
        match intent {
            Some(intent) if !found.has_errors() => Ok(Project { files, intent, found, environment, target }),
            Some(intent) => {
                let request = Request { intent, environment, target, inputs: Inputs::default(), today: None };
                find_more(request, &mut found);
                Err(wrong_input(&mut found, &files, ui))
            }
            None => Err(wrong_input(&mut found, &files, ui)),
        }
    }

    /// Compiles the plan. Fingerprints what is built, so that the plan names the very artefacts.
    ///
    /// # Errors
    /// With exit code 3 when the intent has errors.
    pub(crate) fn plan(&mut self, images: &[String], ui: &Ui) -> Result<Plan, Failure> {
        let request = self.request(images)?;
        let plan = compile(request, &mut self.found);
        let demand = self.intent.outcomes.demand.as_ref();
        if let (Ok(plan), Some(demand)) = (&plan, demand) {
            room::room(plan, self.target, &demand.span).into_iter().for_each(|found| self.found.push(found));
        }
        self.settle();
        plan.map_err(|error| self.failed(error, ui))
    }

    /// Compiles the plan without telling anything: what stands in the way is in [`Project::found`].
    ///
    /// # Errors
    /// When the inputs cannot be read, or by a fault of Appia.
    pub(crate) fn attempt(&mut self, images: &[String]) -> Result<Option<Plan>, Failure> {
        let request = self.request(images)?;
        match compile(request, &mut self.found) {
            Ok(plan) => Ok(Some(plan)),
            Err(CompileError::Diagnosed) => Ok(None),
            Err(error @ CompileError::Nonsense(_)) => {
                Err(Failure::new(Exit::Failed, error.to_string())
                    .help("please report it with the input files"))
            }
        }
    }

    /// Compiles and renders the target's files.
    ///
    /// # Errors
    /// As [`Project::plan`].
    pub(crate) fn render(&mut self, images: &[String], ui: &Ui) -> Result<(Plan, RenderedFiles), Failure> {
        let request = self.request(images)?;
        let files = export(request, &mut self.found);
        self.settle();
        files.map_err(|error| self.failed(error, ui))
    }

    fn request(&mut self, images: &[String]) -> Result<Request<'static>, Failure> {
        let inputs = inputs::inputs(self, images)?;
        let (intent, environment) = (self.intent.clone(), self.environment.clone());
        Ok(Request { intent, environment, target: self.target, inputs, today: Some(today()) })
    }

    fn failed(&mut self, error: CompileError, ui: &Ui) -> Failure {
        match error {
            CompileError::Diagnosed => wrong_input(&mut self.found, &self.files, ui),
            CompileError::Nonsense(_) => {
                Failure::new(Exit::Failed, error.to_string()).help("please report it with the input files")
            }
        }
    }

    /// Tells what stands in the way of running it here, and ends with exit code 3; nothing when nothing does.
    ///
    /// # Errors
    /// When something does.
    pub(crate) fn refuse(&mut self, reasons: Vec<Diagnostic>, ui: &Ui) -> Result<(), Failure> {
        if reasons.is_empty() {
            return Ok(());
        }
        // What was only a warning until now is not told twice.
        let told = |one: &Diagnostic| {
            reasons.iter().any(|reason| reason.code == one.code && reason.span == one.span)
        };
        self.found = std::mem::take(&mut self.found).into_iter().filter(|one| !told(one)).collect();
        reasons.into_iter().for_each(|reason| self.found.push(reason));
        Err(wrong_input(&mut self.found, &self.files, ui))
    }

    fn settle(&mut self) {
        let files = &self.files;
        self.found.focus(&|name| files.text(name));
        self.found.sort();
    }

    /// A file in the folder of another one.
    pub(crate) fn beside(&self, file: &str, name: &str) -> String {
        match file.rsplit_once('/') {
            Some((folder, _)) => format!("{folder}/{name}"),
            None => name.to_owned(),
        }
    }

    /// Tells warnings and notes.
    pub(crate) fn tell(&self, ui: &Ui) {
        ui.findings(&self.found, &|name| self.files.text(name));
    }
}

/// An application's name and its environment: all that verbs need that ask about what runs.
pub(crate) struct AppName {
    /// The application.
    pub(crate) app: String,
    /// The environment.
    pub(crate) environment: String,
}

impl Project {
    /// The name of an application, from its files; they need not be without errors.
    ///
    /// # Errors
    /// With exit code 3 when no name can be read.
    pub(crate) fn name(args: &ProjectArgs, ui: &Ui) -> Result<AppName, Failure> {
        let (environment, _) = place(&Selection::new(args, None))?;
        let mut found = Diagnostics::new();
        let paths = if args.paths.is_empty() { vec![".".to_owned()] } else { args.paths.clone() };
        let files = DiskFiles::new(PathBuf::from("."), &paths);
        match appia_sources::read(&files, &paths, &mut found) {
            // A file with errors may have no name that can be used, and then one stands in for it: nothing is done to that.
            Some(intent) if !found.has_errors() || intent.app.value.as_str() != STAND_IN => {
                Ok(AppName { app: intent.app.value.to_string(), environment: environment.to_string() })
            }
            Some(_) | None => {
                match name_of_broken(&files, &paths) {
                    Some(app) => {
                        ui.say(&format!("the files have errors (see `appia check`); this is about `{app}`, as they name it"));
                        Ok(AppName { app, environment: environment.to_string() })
                    }
                    None => {
                        let failure = wrong_input(&mut found, &files, ui);
                        ui.say("`appia status --all` tells what is there on this machine, by name");
                        Err(failure)
                    }
                }
            }
        }
    }
}

/// The line `app: NAME` of a file that cannot be read otherwise: what runs must stay within reach meanwhile.
fn name_of_broken(files: &DiskFiles, paths: &[String]) -> Option<String> {
    let text = |path: &String| {
        let inside = format!("{}/appia.yaml", path.trim_end_matches('/'));
        files.text(path).or_else(|| files.text(&inside))
    };
    paths.iter().find_map(|path| {
        let text = text(path)?;
        let value = text.lines().find_map(|line| line.strip_prefix("app:"))?;
        let value = value.split(" #").next()?.trim().trim_matches(['"', '\'']);
        appia_intent::AppName::new(value).ok().map(|name| name.to_string())
    })
}

/// The environment and its target. Without a platform file there is `local`, and what `--target` names.
fn place(selection: &Selection) -> Result<(EnvironmentName, &'static dyn Target), Failure> {
    let name = selection.environment.as_deref().or(selection.target.as_deref()).unwrap_or("local");
    let environment = EnvironmentName::new(name).map_err(|error| Failure::usage(error.to_string()))?;
    let target = selection.target.as_deref().unwrap_or("local");
    let known: Vec<&str> = appia_targets::TARGETS.iter().map(|target| target.name()).collect();
    let found = appia_targets::find(target).ok_or_else(|| {
        let failure = Failure::usage(format!("there is no target `{target}`"));
        let failure = match appia_diag::closest(target, known.iter().copied()) {
            Some(near) => failure.help(format!("did you mean `{near}`?")),
            None => failure,
        };
        failure.help(format!("targets are {}", known.join(", ")))
    })?;
    Ok((environment, found))
}

/// The day by UTC, that figures are judged against: the only clock of a plan.
fn today() -> Day {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    Day::from_number(i64::try_from(since.as_secs() / 86_400).unwrap_or_default())
}

/// Tells the findings and ends with exit code 3. With JSON the findings themselves are the document.
fn wrong_input(found: &mut Diagnostics, files: &DiskFiles, ui: &Ui) -> Failure {
    found.focus(&|name| files.text(name));
    found.sort();
    ui.findings(found, &|name| files.text(name));
    if ui.is_json() {
        ui.diagnostics_document(found);
    }
    Failure { told: true, ..Failure::new(Exit::Input, "an input file has errors") }
}
