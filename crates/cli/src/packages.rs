//! Programs that a plan needs and this machine does not have: told, and installed when a person agrees.

use appia_plan::Plan;
use appia_runtime::packages::{self, Missing};

use crate::exit::{Exit, Failure};
use crate::ui::Ui;

/// What is missing for a plan.
pub(crate) fn missing(plan: &Plan) -> Vec<Missing> {
    packages::needed(plan.objects())
}

/// Says what would be installed, and how.
pub(crate) fn tell(missing: &[Missing], ui: &Ui) {
    for program in missing {
        match &program.command {
            Some(command) => ui.say(&format!(
                "  + install {} ({}): {}",
                program.package,
                program.program,
                command.join(" ")
            )),
            None => ui.say(&format!("  ! {} is missing: install {}", program.program, program.package)),
        }
    }
}

/// Installs what is missing.
pub(crate) async fn install(missing: &[Missing], ui: &Ui) -> Result<(), Failure> {
    if let Some(program) = missing.iter().find(|program| program.command.is_none()) {
        let message =
            format!("`{}` is not on this machine, and no package manager may be used here", program.program);
        return Err(
            Failure::new(Exit::Failed, message).help(format!("install the package `{}`", program.package))
        );
    }
    for program in missing {
        let mut steps = ui.steps();
        let name = format!("install {}", program.package);
        steps.begin(&name, "");
        match packages::install(program).await {
            Ok(()) => steps.done(&name, "", None),
            Err(error) => {
                steps.failed(&name, "");
                return Err(anyhow::Error::from(error).into());
            }
        }
    }
    Ok(())
}
