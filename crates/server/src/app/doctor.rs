//! Whether the store and the agent's files are as they were written, and the ways out when they are not.

use appia_api::documents::{Condition, Doctor, Place, Snapshot, StoreFault};
use appia_runtime::Home;
use appia_runtime::damage::damaged;
use appia_store::{StoreError, faults_of_copy, snapshots, system_clock};

use crate::platform::Platform;
use crate::{ServerError, wire};

/// Looks at everything, while the store is in use.
pub(crate) async fn doctor(platform: &Platform) -> Result<Doctor, ServerError> {
    let found = match platform.store.attest().await {
        Ok(()) => platform.store.check().await.map(|faults| faults.iter().map(ToString::to_string).collect()),
        Err(error) => Err(error),
    };
    let faults = match found {
        Ok(faults) => faults,
        Err(error) => vec![error.to_string()],
    };
    report(&platform.home, faults).await
}

/// What is wrong, with all that could help.
pub(crate) async fn report(home: &Home, store_faults: Vec<String>) -> Result<Doctor, ServerError> {
    let failed = |what: &str, error: std::io::Error| ServerError::Other(format!("{what}: {error}"));
    let key = home.seal_key()?;
    let in_store = |what: String| StoreFault { place: Place::Store, what };
    let mut faults: Vec<StoreFault> = store_faults.into_iter().map(in_store).collect();
    let of_agent = damaged(home, &key).map_err(|error| failed("the agent's files cannot be read", error))?;
    faults.extend(of_agent.into_iter().map(|damaged| StoreFault { place: Place::Agent, what: damaged.what }));
    let mut copies = Vec::new();
    for taken in
        snapshots(&home.snapshots()).map_err(|error| failed("the snapshots cannot be read", error))?
    {
        let good = matches!(faults_of_copy(&taken.path, key.clone(), system_clock()).await, Ok(faults) if faults.is_empty());
        copies.push(Snapshot {
            path: taken.path.display().to_string(),
            taken: wire::time(taken.taken_at_ms),
            events: taken.events,
            state: if good { Condition::Good } else { Condition::Damaged },
        });
    }
    Ok(Doctor {
        state: if faults.is_empty() { Condition::Good } else { Condition::Damaged },
        store: home.database().display().to_string(),
        faults,
        snapshots: copies,
        restored: None,
        put_aside: Vec::new(),
    })
}

/// The ways out of a damaged store.
pub(crate) fn way_out(error: &StoreError) -> Vec<String> {
    if !error.is_damage() {
        return Vec::new();
    }
    vec![
        "what runs goes on".to_owned(),
        "`appia server doctor` says what is wrong, `appia server doctor --restore` brings the last good snapshot back".to_owned(),
    ]
}
