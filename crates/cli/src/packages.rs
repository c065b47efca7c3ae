//! Programs that a plan needs and this machine does not have: told, and installed when a person agrees.

use appia_plan::Plan;
use appia_runtime::packages::{self, Missing};

use crate::exit::Failure;
use crate::ui::Ui;

/// What is missing for a plan.
pub(crate) fn missing(plan: &Plan) -> Vec<Missing> {
    packages::needed(plan.objects())
}

/// Says what would be installed, and how.
pub(crate) fn tell(missing: &[Missing], ui: &Ui) {
    for program in missing {
        let how =
            program.command.as_ref().map(|command| format!(": {}", command.join(" "))).unwrap_or_default();
        ui.say(&format!("  + install {} ({}){how}", program.package, program.program));
    }
}

/// Installs what is missing. What cannot be installed from here was refused before (`machine.rs`).
pub(crate) async fn install(missing: &[Missing], ui: &Ui) -> Result<(), Failure> {
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
