//! What is read back from rows, files and sockets: whatever reads as a record is written and read as the same record.

use appia_api::documents;
use appia_api::protocol::{ChangeAnswer, ChangeRequest, Line, LogQuery, OperationRequest};
use appia_plan::{
    Changes, Event, Observed, Operation, OperationId, OperationResult, Owner, StepKey, StepRecord, local,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Rows of the journal and the event log, and the bodies of local objects.
pub fn journal(bytes: &[u8]) {
    if let Some(event) = same_again::<Event>(bytes) {
        let text = serde_json::to_string(&event).expect("an event can be written");
        let again: Event = serde_json::from_str(&text).expect("a written event can be read");
        assert_eq!(event.hash(), again.hash(), "the chain goes through what was written and read");
    }
    if let Some(operation) = same_again::<Operation>(bytes) {
        let id = OperationId("operation".to_owned());
        for step in &operation.steps {
            let _ = step.key(&id);
            if let Some(back) = step.reversed() {
                assert_eq!((&back.before, &back.desired), (&step.desired, &step.before));
            }
        }
        let changes = Changes::new(operation.steps.clone(), operation.base_generation);
        let again = Changes::new(operation.steps, operation.base_generation);
        assert_eq!(changes.digest, again.digest);
    }
    same_again::<Changes>(bytes);
    same_again::<StepRecord>(bytes);
    same_again::<StepKey>(bytes);
    same_again::<OperationResult>(bytes);
    same_again::<Observed>(bytes);
    same_again::<Owner>(bytes);
    same_again::<local::Body>(bytes);
}

/// What the command line and the server say to each other.
pub fn wire(bytes: &[u8]) {
    same_again::<ChangeRequest>(bytes);
    same_again::<ChangeAnswer>(bytes);
    same_again::<OperationRequest>(bytes);
    same_again::<Line>(bytes);
    same_again::<LogQuery>(bytes);
    same_again::<documents::Status>(bytes);
    same_again::<documents::Error>(bytes);
    same_again::<documents::StreamEvent>(bytes);
    same_again::<documents::Leaks>(bytes);
    same_again::<documents::Server>(bytes);
}

/// What was read, when it reads at all; written and read once more it is the same text.
fn same_again<T: Serialize + DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    let value: T = serde_json::from_slice(bytes).ok()?;
    let text = serde_json::to_string(&value).expect("what was read can be written");
    let again: T = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
    assert_eq!(serde_json::to_string(&again).expect("what was read can be written"), text);
    Some(value)
}
