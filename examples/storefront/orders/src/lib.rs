//! The tables that `api` and `worker` share: opening the database and bringing its schema up to date.
//!
//! Both call [`open`] at start, in any order and any number of times. Queries live with the program that asks
//! them; only the shape of the tables lives here. Start reading at `schema_1.sql`.

use std::error::Error;
use std::time::{Duration, Instant};

use deadpool_postgres::{Manager, ManagerConfig, Pool, RecyclingMethod, Runtime};
use tokio_postgres::NoTls;

/// What goes wrong here is told to a person and ends the program.
pub type Failure = Box<dyn Error + Send + Sync>;

/// Numbered, forward only; never edited once shipped.
const MIGRATIONS: &[&str] = &[include_str!("schema_1.sql")];

/// Any number works, as long as every program that migrates takes the same one.
const MIGRATION_LOCK: i64 = 7_002_312;

/// How long a program waits at start for a database that is not up yet.
const PATIENCE: Duration = Duration::from_secs(60);

/// Connects to `DATABASE_URL`, waiting up to a minute for the database, and migrates.
pub async fn open(connections: usize) -> Result<Pool, Failure> {
    let url = std::env::var("DATABASE_URL").map_err(|_| "DATABASE_URL is not set; it names the database, like postgres://user:password@127.0.0.1:5432/shop")?;
    let pool = pool(&url, connections)?;
    wait_for(&pool).await?;
    migrate(&pool).await?;
    Ok(pool)
}

fn pool(url: &str, connections: usize) -> Result<Pool, Failure> {
    // The parser's own message would repeat the address, and with it the password.
    let mut config: tokio_postgres::Config =
        url.parse().map_err(|_| "DATABASE_URL is not a PostgreSQL address")?;
    config.connect_timeout(Duration::from_secs(3)).options("-c statement_timeout=5s");
    config.application_name(env!("CARGO_PKG_NAME"));
    let manager =
        Manager::from_config(config, NoTls, ManagerConfig { recycling_method: RecyclingMethod::Fast });
    let wait = Some(Duration::from_secs(3));
    Ok(Pool::builder(manager)
        .max_size(connections)
        .runtime(Runtime::Tokio1)
        .wait_timeout(wait)
        .create_timeout(wait)
        .build()?)
}

async fn wait_for(pool: &Pool) -> Result<(), Failure> {
    let deadline = Instant::now() + PATIENCE;
    let mut told = false;
    loop {
        let Err(error) = pool.get().await else { return Ok(()) };
        if Instant::now() > deadline {
            return Err(format!(
                "the database did not answer within {} s: {}",
                PATIENCE.as_secs(),
                reason(&error)
            )
            .into());
        }
        if !told {
            println!("waiting for the database: {}", reason(&error));
            told = true;
        }
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
}

/// The error with its causes: PostgreSQL's own words are in the last one.
pub fn reason(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let message = inner.to_string();
        if !text.contains(&message) {
            text = format!("{text}: {message}");
        }
        cause = inner.source();
    }
    text
}

/// Runs the migrations that this database has not seen. The lock makes starting several programs at once safe.
async fn migrate(pool: &Pool) -> Result<(), Failure> {
    let mut client = pool.get().await?;
    let transaction = client.transaction().await?;
    transaction.execute("SELECT pg_advisory_xact_lock($1)", &[&MIGRATION_LOCK]).await?;
    transaction
        .batch_execute("CREATE TABLE IF NOT EXISTS schema_versions (version BIGINT PRIMARY KEY)")
        .await?;
    for (version, sql) in (1_i64..).zip(MIGRATIONS) {
        let fresh = transaction
            .execute("INSERT INTO schema_versions (version) VALUES ($1) ON CONFLICT DO NOTHING", &[&version])
            .await?;
        if fresh == 1 {
            transaction.batch_execute(sql).await?;
            println!("schema migrated to version {version}");
        }
    }
    transaction.commit().await?;
    Ok(())
}
