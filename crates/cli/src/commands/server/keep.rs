//! `appia server backup`, `restore` and `doctor`: the store is kept, and comes back.

use std::path::Path;

use appia_api::Kind;
use appia_api::documents::{Doctor, Restore};
use appia_api::protocol::BackupRequest;
use appia_runtime::Home;
use appia_server::{ServerError, offline};

use crate::args::{ConfirmArgs, HomeArgs};
use crate::client::{Client, failure, open_home, stop, wait};
use crate::exit::{Exit, Failure};
use crate::ui::{Answer, Ui};

/// Writes a copy.
pub(super) fn backup(home: &HomeArgs, file: &Path, ui: &Ui) -> Result<Exit, Failure> {
    let path = std::path::absolute(file).map_err(anyhow::Error::from)?;
    let request = BackupRequest { path: path.to_string_lossy().into_owned() };
    let written = wait(async { Client::start(home).await?.backup(&request).await })?;
    if ui.is_json() {
        ui.document(Kind::Backup, written);
    } else {
        ui.backup(&written);
    }
    Ok(Exit::Done)
}

/// Brings a copy back.
pub(super) fn restore(
    home_args: &HomeArgs,
    file: &Path,
    confirm: &ConfirmArgs,
    ui: &Ui,
) -> Result<Exit, Failure> {
    let home = open_home(home_args)?;
    if !file.is_file() {
        return Err(Failure::usage(format!("there is no file `{}`", file.display()))
            .help(format!("the server's own copies are in {}", home.snapshots().display())));
    }
    let restored = wait(bring_back(&home, home_args, file, (confirm, ui)))?;
    if ui.is_json() {
        ui.document(Kind::Restore, restored);
    } else {
        ui.restored(&restored);
    }
    Ok(Exit::Done)
}

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
    if found.faults.iter().any(|fault| fault.place == "store") {
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
    if found.faults.iter().any(|fault| fault.place == "agent") {
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

/// Shows what will be lost, asks, ends the server, and puts the copy in the store's place.
async fn bring_back(
    home: &Home,
    args: &HomeArgs,
    copy: &Path,
    (confirm, ui): (&ConfirmArgs, &Ui),
) -> Result<Restore, Failure> {
    let preview = offline::preview(home, copy).await.map_err(refused)?;
    if !ui.is_json() {
        ui.will_be_restored(&preview);
    }
    if ui.confirm("bring this copy back?", confirm.yes)? == Answer::No {
        return Err(Failure::new(Exit::Agree, "nothing was changed"));
    }
    if let Some(client) = Client::running(args).await? {
        stop(&client, false).await?;
    }
    offline::restore(home, preview).await.map_err(refused)
}

fn refused(error: ServerError) -> Failure {
    failure(error.document())
}
