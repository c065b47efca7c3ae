//! Group commit: one task writes, and everything that waits shares one transaction and one sync of the disk.
//!
//! Each resource's file brings its [`Change`]s; `Store` hands them to [`Writer::write`], which returns when the change
//! is durable or refused. A refused change must not spoil its neighbours: when one is refused the whole transaction is
//! rolled back and each is tried alone. So a change may be applied more than once and keeps nothing outside its batch.
//! Start reading at [`Writer::write`], then [`Task::commit`].

use async_trait::async_trait;
use tokio::sync::{mpsc, oneshot, watch};

use crate::StoreError;
use crate::batch::{Batch, Held, Shared};

/// Changes that may wait before those who bring more have to wait themselves.
const QUEUE: usize = 4096;
/// Changes in one transaction at most, so that none waits long for its neighbours.
const MOST: usize = 512;

/// Something that is written as one: all of it or nothing.
#[async_trait]
pub(crate) trait Change: Send + Sync + 'static {
    type Outcome: Send + 'static;
    type Error: From<StoreError> + Send + 'static;

    /// Writes it into the batch. Nothing of an error stays.
    async fn apply(&self, batch: &mut Batch<'_>) -> Result<Self::Outcome, Self::Error>;
}

/// The door to the task that writes.
#[derive(Debug, Clone)]
pub(crate) struct Writer {
    queue: mpsc::Sender<Box<dyn Waiting>>,
    commits: watch::Receiver<u64>,
}

impl Writer {
    /// Starts the task; it ends when the last `Writer` is gone.
    pub(crate) fn start(shared: Shared) -> Writer {
        let (queue, arrivals) = mpsc::channel(QUEUE);
        let (told, commits) = watch::channel(0);
        tokio::spawn(Task { shared, held: Held::default(), told }.run(arrivals));
        Writer { queue, commits }
    }

    /// Returns when the change is durable, or refused and without a trace.
    pub(crate) async fn write<C: Change>(&self, change: C) -> Result<C::Outcome, C::Error> {
        let (answer, heard) = oneshot::channel();
        let waiting = Box::new(Pending { change, outcome: None, answer });
        self.queue.send(waiting).await.map_err(|_| StoreError::Closed)?;
        heard.await.map_err(|_| StoreError::Closed)?
    }

    /// Changes with every commit.
    pub(crate) fn commits(&self) -> watch::Receiver<u64> {
        self.commits.clone()
    }
}

/// A change of any kind, waiting for its commit.
#[async_trait]
trait Waiting: Send {
    /// False when the change is refused.
    async fn apply(&mut self, batch: &mut Batch<'_>) -> bool;
    fn answer(self: Box<Self>);
    fn lost(self: Box<Self>, why: &StoreError);
}

struct Pending<C: Change> {
    change: C,
    outcome: Option<Result<C::Outcome, C::Error>>,
    answer: oneshot::Sender<Result<C::Outcome, C::Error>>,
}

#[async_trait]
impl<C: Change> Waiting for Pending<C> {
    async fn apply(&mut self, batch: &mut Batch<'_>) -> bool {
        let outcome = self.change.apply(batch).await;
        let accepted = outcome.is_ok();
        self.outcome = Some(outcome);
        accepted
    }

    fn answer(self: Box<Self>) {
        let outcome = self.outcome.unwrap_or_else(|| Err(StoreError::Closed.into()));
        // Nobody listens any more when the caller gave up; the change is written all the same.
        let _ = self.answer.send(outcome);
    }

    fn lost(self: Box<Self>, why: &StoreError) {
        let error = match why {
            StoreError::Damaged { what } => StoreError::damaged(what.clone()),
            other => StoreError::Lost(other.to_string()),
        };
        let _ = self.answer.send(Err(error.into()));
    }
}

/// How a try to commit ended, when it did not succeed.
enum Stopped {
    /// One of the changes was refused; all were rolled back.
    Refused,
    /// The database failed; nothing was written.
    Lost(StoreError),
}

struct Task {
    shared: Shared,
    held: Held,
    told: watch::Sender<u64>,
}

impl Task {
    async fn run(mut self, mut arrivals: mpsc::Receiver<Box<dyn Waiting>>) {
        while let Some(first) = arrivals.recv().await {
            let mut waiting = vec![first];
            while waiting.len() < MOST
                && let Ok(next) = arrivals.try_recv()
            {
                waiting.push(next);
            }
            self.commit(waiting).await;
        }
        self.shared.database.close().await;
    }

    async fn commit(&mut self, mut waiting: Vec<Box<dyn Waiting>>) {
        match self.together(&mut waiting).await {
            Ok(()) => self.answer(waiting),
            Err(Stopped::Refused) => self.commit_one_by_one(waiting).await,
            Err(Stopped::Lost(why)) => lose(waiting, &why),
        }
    }

    async fn commit_one_by_one(&mut self, waiting: Vec<Box<dyn Waiting>>) {
        let mut rest = waiting.into_iter();
        while let Some(one) = rest.next() {
            let mut alone = vec![one];
            match self.together(&mut alone).await {
                Ok(()) | Err(Stopped::Refused) => self.answer(alone),
                Err(Stopped::Lost(why)) => {
                    // A database that is gone is not waited for again by each of them.
                    lose(alone, &why);
                    return lose(rest, &why);
                }
            }
        }
    }

    /// One transaction for all of them.
    async fn together(&mut self, waiting: &mut [Box<dyn Waiting>]) -> Result<(), Stopped> {
        self.shared.database.attest().await.map_err(Stopped::Lost)?;
        let mut batch = Batch::begin(&self.shared, &mut self.held).await.map_err(Stopped::Lost)?;
        for one in waiting.iter_mut() {
            if !one.apply(&mut batch).await {
                batch.give_up().await;
                return Err(Stopped::Refused);
            }
        }
        batch.commit().await.map_err(Stopped::Lost)?;
        if let Some(checksums) = &self.shared.database.checksums {
            checksums.committed(&self.shared.database.writer).await;
        }
        Ok(())
    }

    fn answer(&self, waiting: Vec<Box<dyn Waiting>>) {
        self.told.send_modify(|commits| *commits += 1);
        waiting.into_iter().for_each(|one| one.answer());
    }
}

fn lose(waiting: impl IntoIterator<Item = Box<dyn Waiting>>, why: &StoreError) {
    waiting.into_iter().for_each(|one| one.lost(why));
}
