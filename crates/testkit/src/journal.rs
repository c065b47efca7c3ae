//! A journal in memory. What it was told outlives the engine that told it, as on a disk; writes can be made to fail.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard};

use appia_plan::{
    Direction, Journal, JournalError, Lease, ObjectId, OpenOperation, Operation, OperationId,
    OperationResult, Owner, StepKey, StepRecord,
};
use async_trait::async_trait;

use crate::Moments;

/// How a write fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WriteFault {
    /// It is not written.
    Lost,
    /// It is written, and an error is told all the same.
    Landed,
}

/// A journal in memory; clones share it.
#[derive(Debug, Clone, Default)]
pub struct MemoryJournal {
    kept: Arc<Mutex<Kept>>,
    moments: Moments,
}

#[derive(Debug, Default)]
struct Kept {
    operations: BTreeMap<OperationId, Entry>,
    tokens: BTreeMap<Owner, u64>,
    writes: u64,
    fault: Option<(u64, WriteFault)>,
    violations: Vec<String>,
}

#[derive(Debug)]
struct Entry {
    operation: Operation,
    lease: Lease,
    records: Vec<StepRecord>,
    index: HashMap<(ObjectId, Direction), usize>,
    result: Option<OperationResult>,
}

impl MemoryJournal {
    /// An empty journal whose writes pass these moments.
    pub fn new(moments: &Moments) -> MemoryJournal {
        MemoryJournal { kept: Arc::default(), moments: moments.clone() }
    }

    /// The write after so many others fails (0: the next); later ones do not.
    pub fn fail_write(&self, after: u64, fault: WriteFault) {
        let mut kept = self.lock();
        kept.fault = Some((kept.writes + after, fault));
    }

    /// No write fails any more.
    pub fn heal(&self) {
        self.lock().fault = None;
    }

    /// How many writes there were.
    pub fn writes(&self) -> u64 {
        self.lock().writes
    }

    /// How an operation ended, if it did.
    pub fn result(&self, operation: &OperationId) -> Option<OperationResult> {
        self.lock().operations.get(operation).and_then(|entry| entry.result.clone())
    }

    /// The direction in which a step on this object was last announced; `None` when none was.
    pub fn announced(&self, operation: &OperationId, object: &ObjectId) -> Option<Direction> {
        let kept = self.lock();
        let index = &kept.operations.get(operation)?.index;
        [Direction::Back, Direction::Forward]
            .into_iter()
            .find(|direction| index.contains_key(&(object.clone(), *direction)))
    }

    /// True when any operation ever announced a step on this object.
    pub fn knows(&self, object: &ObjectId) -> bool {
        let known = |entry: &Entry| entry.index.contains_key(&(object.clone(), Direction::Forward));
        self.lock().operations.values().any(known)
    }

    /// What was asked of it that nobody should ask.
    pub fn violations(&self) -> Vec<String> {
        self.lock().violations.clone()
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().expect("nobody panics with it")
    }

    /// One durable write: moments around it, and the fault that was asked for.
    async fn write<T>(
        &self,
        change: impl FnOnce(&mut Kept) -> Result<T, JournalError> + Send,
    ) -> Result<T, JournalError> {
        self.moments.pass().await;
        let written = self.write_now(change);
        self.moments.pass().await;
        written
    }

    fn write_now<T>(
        &self,
        change: impl FnOnce(&mut Kept) -> Result<T, JournalError>,
    ) -> Result<T, JournalError> {
        let mut kept = self.lock();
        let this = kept.writes;
        kept.writes += 1;
        match kept.fault.filter(|(at, _)| *at == this) {
            None => change(&mut kept),
            Some((_, WriteFault::Lost)) => Err(refused("no space left on device")),
            Some((_, WriteFault::Landed)) => {
                change(&mut kept)?;
                Err(refused("input/output error"))
            }
        }
    }
}

impl Kept {
    fn entry(&mut self, operation: &OperationId) -> Result<&mut Entry, JournalError> {
        match self.operations.get_mut(operation) {
            Some(entry) if entry.result.is_none() => Ok(entry),
            Some(_) => Err(refused("the operation has ended")),
            None => Err(refused("there is no such operation")),
        }
    }

    fn lease(&mut self, operation: &Operation) -> Lease {
        let token = self.tokens.entry(operation.owner.clone()).or_default();
        *token += 1;
        Lease { owner: operation.owner.clone(), operation: operation.id.clone(), fencing_token: *token }
    }
}

impl Entry {
    fn record(&mut self, key: &StepKey, direction: Direction) -> &mut StepRecord {
        let records = &mut self.records;
        let at = *self.index.entry((key.object.clone(), direction)).or_insert_with(|| {
            records.push(StepRecord { key: key.clone(), direction, done: false });
            records.len() - 1
        });
        self.records.get_mut(at).expect("the index points to records")
    }
}

fn refused(why: &str) -> JournalError {
    JournalError { doing: "written", why: why.to_owned() }
}

#[async_trait]
impl Journal for MemoryJournal {
    async fn begin(&self, operation: &Operation) -> Result<Lease, JournalError> {
        self.write(|kept| {
            let open = |entry: &Entry| entry.result.is_none() && entry.operation.owner == operation.owner;
            if kept.operations.values().any(open) {
                return Err(refused("another operation is open in this environment"));
            }
            let lease = kept.lease(operation);
            let entry = Entry {
                operation: operation.clone(),
                lease: lease.clone(),
                records: Vec::new(),
                index: HashMap::new(),
                result: None,
            };
            kept.operations.insert(operation.id.clone(), entry);
            Ok(lease)
        })
        .await
    }

    async fn resume(&self, operation: &OperationId) -> Result<Lease, JournalError> {
        self.write(|kept| {
            let operation = kept.entry(operation)?.operation.clone();
            let lease = kept.lease(&operation);
            kept.entry(&operation.id)?.lease = lease.clone();
            Ok(lease)
        })
        .await
    }

    async fn intend(&self, key: &StepKey, direction: Direction) -> Result<(), JournalError> {
        self.write(|kept| {
            kept.entry(&key.operation)?.record(key, direction).done = false;
            Ok(())
        })
        .await
    }

    async fn done(&self, key: &StepKey, direction: Direction) -> Result<(), JournalError> {
        self.write(|kept| {
            let entry = kept.entry(&key.operation)?;
            if entry.index.contains_key(&(key.object.clone(), direction)) {
                entry.record(key, direction).done = true;
            } else {
                kept.violations.push(format!("`{key}` is done and was never announced"));
            }
            Ok(())
        })
        .await
    }

    async fn finish(&self, operation: &OperationId, result: &OperationResult) -> Result<(), JournalError> {
        self.write(|kept| {
            kept.entry(operation)?.result = Some(result.clone());
            Ok(())
        })
        .await
    }

    async fn open(&self) -> Result<Vec<OpenOperation>, JournalError> {
        let open = |entry: &&Entry| entry.result.is_none();
        let told = |entry: &Entry| OpenOperation {
            operation: entry.operation.clone(),
            records: entry.records.clone(),
        };
        Ok(self.lock().operations.values().filter(open).map(told).collect())
    }
}
