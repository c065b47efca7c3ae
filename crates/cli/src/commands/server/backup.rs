//! `appia server backup` and `restore`: a copy of the store, and the copy in the store's place.

use std::path::Path;

use appia_api::Kind;
use appia_api::documents::Restore;
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

/// Shows what will be lost, asks, ends the server, and puts the copy in the store's place.
pub(super) async fn bring_back(
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

pub(super) fn refused(error: ServerError) -> Failure {
    failure(error.document())
}
