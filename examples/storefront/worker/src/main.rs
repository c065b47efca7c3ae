//! Packs orders: takes one job after the other from the `jobs` table until it is told to stop.
//!
//! Environment: `DATABASE_URL` (required), `PACK_MS` (how long packing takes, 1500), `APPIA_RELEASE`.
//! It listens on no port. Killed in the middle of a job it loses nothing: see [`take`].

use std::time::Duration;

use deadpool_postgres::Pool;
use storefront_orders::Failure;
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::{Instant, sleep};

/// A job that is not finished after this long belongs to whoever asks next. Several times the packing time.
const HIDE_S: f64 = 15.0;

/// A job that was taken this often without being finished is given up.
const MOST_ATTEMPTS: i64 = 5;

const IDLE: Duration = Duration::from_millis(400);
const HEARTBEAT: Duration = Duration::from_secs(2);

struct Worker {
    pool: Pool,
    id: i64,
    release: String,
    packing: Duration,
}

struct Job {
    id: i64,
    order: i64,
    attempt: i64,
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let mut terminate = signal(SignalKind::terminate())?;
    let worker = tokio::select! {
        worker = Worker::start() => worker?,
        _ = terminate.recv() => return Ok(()),
    };
    println!("worker {} of release {} takes jobs", worker.id, worker.release);
    let stop = async {
        tokio::select! { _ = terminate.recv() => {}, _ = tokio::signal::ctrl_c() => {} }
    };
    worker.run(stop).await;
    println!("worker {} stops: nothing in hand", worker.id);
    worker.leave().await?;
    Ok(())
}

impl Worker {
    async fn start() -> Result<Worker, Failure> {
        let pool = storefront_orders::open(2).await?;
        let packing = std::env::var("PACK_MS").unwrap_or_else(|_| "1500".into());
        let packing = packing.parse().map_err(|_| format!("PACK_MS is `{packing}`, which is no number"))?;
        let release = std::env::var("APPIA_RELEASE").unwrap_or_else(|_| "unknown".into());
        let row = pool
            .get()
            .await?
            .query_one("INSERT INTO workers (release) VALUES ($1) RETURNING id", &[&release])
            .await?;
        Ok(Worker { pool, id: row.get(0), release, packing: Duration::from_millis(packing) })
    }

    /// Takes and packs until `stop`; the job in hand is finished first.
    async fn run(&self, stop: impl Future<Output = ()>) {
        tokio::pin!(stop);
        let mut next_beat = Instant::now();
        loop {
            if Instant::now() >= next_beat {
                report("heartbeat", self.beat().await);
                next_beat = Instant::now() + HEARTBEAT;
            }
            let took = report("take", self.take().await).flatten();
            if let Some(job) = &took {
                sleep(self.packing).await;
                if report("finish", self.finish(job).await) == Some(false) {
                    println!("job {} was given to another worker, its result is dropped", job.id);
                }
            }
            let pause = if took.is_some() { Duration::ZERO } else { IDLE };
            tokio::select! { biased; () = &mut stop => return, () = sleep(pause) => {} }
        }
    }

    /// Takes the oldest visible job and hides it. `SKIP LOCKED` lets many workers ask at once without waiting for
    /// each other; hiding instead of holding the row lock lets a job outlive the worker that took it.
    async fn take(&self) -> Result<Option<Job>, Failure> {
        let client = self.pool.get().await?;
        client
            .execute(
                "UPDATE jobs SET state = 'failed', finished_at = now()
                 WHERE state = 'running' AND visible_at <= now() AND attempts >= $1",
                &[&MOST_ATTEMPTS],
            )
            .await?;
        let row = client
            .query_opt(
                "UPDATE jobs SET state = 'running', attempts = attempts + 1, worker = $1,
                        visible_at = now() + make_interval(secs => $2)
                 WHERE id = (SELECT id FROM jobs WHERE state IN ('queued', 'running') AND visible_at <= now()
                             ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED)
                 RETURNING id, order_id, attempts",
                &[&self.id, &HIDE_S],
            )
            .await?;
        Ok(row.map(|row| Job { id: row.get(0), order: row.get(1), attempt: row.get(2) }))
    }

    /// Marks the job done and its order packed. False: it took too long, and somebody else has the job by now.
    async fn finish(&self, job: &Job) -> Result<bool, Failure> {
        let mut client = self.pool.get().await?;
        let transaction = client.transaction().await?;
        let mine = transaction
            .execute(
                "UPDATE jobs SET state = 'done', finished_at = now()
                 WHERE id = $1 AND state = 'running' AND worker = $2 AND attempts = $3",
                &[&job.id, &self.id, &job.attempt],
            )
            .await?
            == 1;
        if mine {
            transaction.execute("UPDATE orders SET packed_at = now() WHERE id = $1", &[&job.order]).await?;
            transaction.execute("UPDATE workers SET packed = packed + 1 WHERE id = $1", &[&self.id]).await?;
        }
        transaction.commit().await?;
        Ok(mine)
    }

    /// Says that this worker lives, and forgets those that have been silent for a minute.
    async fn beat(&self) -> Result<(), Failure> {
        let client = self.pool.get().await?;
        client
            .execute(
                "INSERT INTO workers (id, release) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET seen_at = now()",
                &[&self.id, &self.release],
            )
            .await?;
        client.execute("DELETE FROM workers WHERE seen_at < now() - interval '1 minute'", &[]).await?;
        Ok(())
    }

    async fn leave(&self) -> Result<(), Failure> {
        self.pool.get().await?.execute("DELETE FROM workers WHERE id = $1", &[&self.id]).await?;
        Ok(())
    }
}

/// A database that is away for a while is no reason to end: say it, and try again with the next round.
fn report<T>(doing: &str, result: Result<T, Failure>) -> Option<T> {
    result.inspect_err(|error| eprintln!("{doing}: {}", storefront_orders::reason(error.as_ref()))).ok()
}
