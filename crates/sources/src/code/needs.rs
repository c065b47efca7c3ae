//! Which resources a program needs, by the libraries it depends on and the variables it reads.

use std::collections::BTreeMap;

use super::Folder;

/// A resource that a program needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Need {
    Postgres,
    Mysql,
    Redis,
}

impl Need {
    /// The type of the resource.
    pub(super) fn kind(self) -> &'static str {
        match self {
            Need::Postgres => "postgres",
            Need::Mysql => "mysql",
            Need::Redis => "redis",
        }
    }

    /// The name to propose for it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Need::Postgres => "db",
            Need::Mysql => "mysql",
            Need::Redis => "cache",
        }
    }

    /// Where one usually listens that was started by hand.
    pub(super) fn usual_url(self) -> &'static str {
        match self {
            Need::Postgres => "postgresql://127.0.0.1:5432/postgres",
            Need::Mysql => "mysql://127.0.0.1:3306/mysql",
            Need::Redis => "redis://127.0.0.1:6379",
        }
    }

    /// The variable that programs usually read its address from.
    pub(super) fn variable(self) -> &'static str {
        match self {
            Need::Postgres => "DATABASE_URL",
            Need::Mysql => "MYSQL_URL",
            Need::Redis => "REDIS_URL",
        }
    }
}

/// Libraries that talk to one kind of resource and nothing else.
const LIBRARIES: &[(&str, Need)] = &[
    ("tokio-postgres", Need::Postgres),
    ("postgres", Need::Postgres),
    ("deadpool-postgres", Need::Postgres),
    ("pg", Need::Postgres),
    ("pg-promise", Need::Postgres),
    ("psycopg", Need::Postgres),
    ("psycopg2", Need::Postgres),
    ("psycopg2-binary", Need::Postgres),
    ("psycopg-binary", Need::Postgres),
    ("asyncpg", Need::Postgres),
    ("github.com/lib/pq", Need::Postgres),
    ("github.com/jackc/pgx", Need::Postgres),
    ("postgresql", Need::Postgres),
    ("mysql", Need::Mysql),
    ("github.com/go-sql-driver/mysql", Need::Mysql),
    ("mysql-connector-j", Need::Mysql),
    ("mysql2", Need::Mysql),
    ("mysql_async", Need::Mysql),
    ("pymysql", Need::Mysql),
    ("mysqlclient", Need::Mysql),
    ("aiomysql", Need::Mysql),
    ("redis", Need::Redis),
    ("github.com/redis/go-redis", Need::Redis),
    ("jedis", Need::Redis),
    ("ioredis", Need::Redis),
    ("fred", Need::Redis),
    ("deadpool-redis", Need::Redis),
    ("bullmq", Need::Redis),
];

/// Libraries that can talk to several databases; without a driver beside them PostgreSQL is the likeliest.
const MAPPERS: &[&str] =
    &["sqlalchemy", "sequelize", "typeorm", "knex", "@prisma/client", "prisma", "sqlmodel"];

/// Variables in an example environment file.
const VARIABLES: &[(&str, Need)] = &[
    ("DATABASE_URL", Need::Postgres),
    ("PGHOST", Need::Postgres),
    ("POSTGRES_", Need::Postgres),
    ("MYSQL_", Need::Mysql),
    ("REDIS_", Need::Redis),
];

const ENVIRONMENT_FILES: [&str; 4] = [".env.example", ".env.sample", ".env.template", ".env"];

/// What a program needs, with the reason.
pub(super) fn needs<'a>(
    folder: Folder<'_>,
    libraries: impl Iterator<Item = &'a str> + Clone,
) -> BTreeMap<Need, String> {
    let mut needs = BTreeMap::new();
    for library in libraries.clone() {
        if let Some((name, need)) = LIBRARIES.iter().find(|(name, _)| *name == library) {
            needs.entry(*need).or_insert_with(|| format!("it depends on `{name}`"));
        }
    }
    let has_database = needs.keys().any(|need| matches!(need, Need::Postgres | Need::Mysql));
    let mapper = MAPPERS.iter().find(|name| libraries.clone().any(|library| library == **name));
    if let (Some(name), false) = (mapper, has_database) {
        needs.insert(Need::Postgres, format!("it depends on `{name}`; PostgreSQL is a guess"));
    }
    from_environment_files(folder, &mut needs);
    needs
}

/// Adds what example environment files name, where no database of another kind is known already.
fn from_environment_files(folder: Folder<'_>, needs: &mut BTreeMap<Need, String>) {
    for file in ENVIRONMENT_FILES {
        let text = folder.text(file).unwrap_or_default();
        for line in text.lines() {
            let Some((start, need)) = VARIABLES.iter().find(|(start, _)| line.starts_with(start)) else {
                continue;
            };
            let other =
                *start == "DATABASE_URL" && (line.contains("sqlite") || needs.contains_key(&Need::Mysql));
            if !other {
                needs
                    .entry(*need)
                    .or_insert_with(|| format!("`{file}` names `{}`", start.trim_end_matches('_')));
            }
        }
    }
}
