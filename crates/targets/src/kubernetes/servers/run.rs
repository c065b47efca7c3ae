//! How each server is started: its variables, its arguments and how it says that it is ready.

use appia_plan::phase::SizedResource;

use super::super::manifest::{EnvVar, Probe};
use super::super::probes;
use super::super::scope::Part;
use super::{Server, credential};
use crate::database::identifier;
use crate::params;

/// What a server's container runs.
pub(super) struct Run {
    pub(super) command: Option<Vec<String>>,
    pub(super) args: Option<Vec<String>>,
    pub(super) env: Vec<EnvVar>,
    pub(super) ready: Probe,
}

/// The password goes to the server's standard input: in an argument every process of the pod could read it.
const START_REDIS: &str = "exec redis-server - <<END
dir /data
appendonly yes
maxmemory 256mb
requirepass $REDIS_PASSWORD
END
";

impl Server {
    /// How this server is started.
    pub(super) fn run(&self, part: &Part, resource: &SizedResource) -> Run {
        match self.kind {
            "postgres" => postgres(part, resource),
            "mysql" => mysql(part),
            _ => redis(part),
        }
    }
}

fn postgres(part: &Part, resource: &SizedResource) -> Run {
    let name = identifier(part.address.last());
    let connections = params::text(resource, "max_connections");
    Run {
        command: None,
        args: connections.map(|most| vec!["-c".to_owned(), format!("max_connections={most}")]),
        env: vec![
            EnvVar::plain("PGDATA", "/data/pgdata"),
            EnvVar::plain("POSTGRES_DB", name.as_str()),
            EnvVar::plain("POSTGRES_USER", name.as_str()),
            EnvVar::secret("POSTGRES_PASSWORD", credential(part, "password")),
        ],
        // By TCP: while it sets itself up it listens on its socket only.
        ready: probes::succeeds(&["pg_isready", "-h", "127.0.0.1", "-U", &name, "-d", &name]),
    }
}

fn mysql(part: &Part) -> Run {
    let name = identifier(part.address.last());
    Run {
        command: None,
        args: None,
        env: vec![
            EnvVar::plain("MYSQL_DATABASE", name.as_str()),
            EnvVar::plain("MYSQL_USER", name.as_str()),
            EnvVar::secret("MYSQL_PASSWORD", credential(part, "password")),
            EnvVar::secret("MYSQL_ROOT_PASSWORD", credential(part, "root-password")),
        ],
        ready: probes::accepts(3306),
    }
}

fn redis(part: &Part) -> Run {
    Run {
        command: Some(vec!["sh".to_owned(), "-c".to_owned(), START_REDIS.to_owned()]),
        args: None,
        env: vec![EnvVar::secret("REDIS_PASSWORD", credential(part, "password"))],
        ready: probes::accepts(6379),
    }
}
