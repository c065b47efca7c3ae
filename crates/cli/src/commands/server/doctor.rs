//! `appia server doctor`: whether everything that is kept is as it was written, and mending what is not.

use appia_api::Kind;
use appia_api::documents::{Doctor, Place};
use appia_server::offline;

use super::backup::{bring_back, refused};
use crate::args::{ConfirmArgs, HomeArgs};
use crate::client::{Client, open_home, wait};
use crate::exit::{Exit, Failure};
use crate::ui::{Answer, Ui};

/// Tells what is wrong.
pub(super) fn doctor(home: &HomeArgs, ui: &Ui) -> Result<Exit, Failure> {
    let found = wait(async { look(home).await })?;
    let exit = if found.faults.is_empty() { Exit::Done } else { Exit::Failed };
    tell(found, ui);
    Ok(exit)
}

/// Tells what is wrong and mends it.
pub(super) fn heal(home_args: &HomeArgs, confirm: &ConfirmArgs, ui: &Ui) -> Result<Exit, Failure> {
    let home = open_home(home_args)?;
    let mut found = wait(async { look(home_args).await })?;
    if found.is_damaged(Place::Store) {
        if !ui.is_json() {
            ui.doctor(&found);
        }
        let copy = wait(async { offline::last_good_snapshot(&home).await.map_err(refused) })?;
        let copy = copy.ok_or_else(|| {
            Failure::new(Exit::Failed, "there is no good copy of the store to bring back")
                .help("`appia server restore FILE` brings back one that `appia server backup` wrote")
        })?;
        found.restored = Some(wait(bring_back(&home, home_args, &copy, (confirm, ui)))?);
    }
    if found.is_damaged(Place::Agent) {
        if ui.confirm("put the damaged files of the agent aside?", confirm.yes)? == Answer::No {
            return Err(Failure::new(Exit::Agree, "nothing was changed"));
        }
        found.put_aside = wait(async { offline::put_agent_files_aside(&home).map_err(refused) })?;
    }
    tell(found, ui);
    Ok(Exit::Done)
}

fn tell(found: Doctor, ui: &Ui) {
    if ui.is_json() {
        ui.document(Kind::Doctor, found);
    } else {
        ui.doctor(&found);
    }
}

/// The server looks itself when it runs.
async fn look(home: &HomeArgs) -> Result<Doctor, Failure> {
    match Client::running(home).await? {
        Some(client) => client.doctor().await,
        None => offline::doctor(&open_home(home)?).await.map_err(refused),
    }
}
