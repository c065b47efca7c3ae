//! Active health checks: one task for each instance of a route that asks for them.
//!
//! [`Checks::set`] follows the configuration. A check only sets a mark on the instance; `route.rs` looks at it. A new
//! instance counts as healthy until checks say otherwise, because whoever adds it has seen that it is ready.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use hyper::header::{self, HeaderValue};
use hyper::{Request, Uri};
use tokio_util::task::AbortOnDropHandle;

use super::body::RequestBody;
use super::config::{HealthCheck, HealthProbe};
use super::instance::Instance;
use super::link::{self, Link};
use super::table::Table;

/// The checks that run.
#[derive(Debug, Default)]
pub(super) struct Checks(HashMap<u64, Running>);

#[derive(Debug)]
struct Running {
    check: HealthCheck,
    _task: AbortOnDropHandle<()>,
}

impl Checks {
    /// Starts what is new, leaves what stays, stops the rest.
    pub(super) fn set(&mut self, table: &Table) {
        let mut next = HashMap::new();
        for route in table.routes() {
            let Some(check) = &route.config.check else { continue };
            for instance in route.groups.iter().flat_map(|group| &group.instances) {
                let same = self.0.remove(&instance.serial).filter(|running| running.check == *check);
                let running = same.unwrap_or_else(|| start(check, instance));
                next.entry(instance.serial).or_insert(running);
            }
        }
        self.0 = next;
        for instance in table.instances().filter(|instance| !self.0.contains_key(&instance.serial)) {
            instance.health.set_checks_failed(false);
        }
    }
}

fn start(check: &HealthCheck, instance: &Arc<Instance>) -> Running {
    let task = tokio::spawn(watch(check.clone(), Arc::clone(instance)));
    Running { check: check.clone(), _task: AbortOnDropHandle::new(task) }
}

async fn watch(check: HealthCheck, instance: Arc<Instance>) {
    let (mut good, mut bad) = (0_u32, 0_u32);
    loop {
        tokio::time::sleep(check.interval).await;
        if is_well(&check, &instance).await {
            (good, bad) = (good.saturating_add(1), 0);
        } else {
            (good, bad) = (0, bad.saturating_add(1));
        }
        if bad >= check.unhealthy_after {
            instance.health.set_checks_failed(true);
        } else if good >= check.healthy_after {
            instance.health.set_checks_failed(false);
        }
    }
}

async fn is_well(check: &HealthCheck, instance: &Instance) -> bool {
    match &check.probe {
        HealthProbe::Tcp => link::dial(instance.addr, check.timeout).await.is_ok(),
        HealthProbe::Http { path } => {
            tokio::time::timeout(check.timeout, gets(path, instance, check.timeout)).await.unwrap_or(false)
        }
    }
}

/// Whether `GET` of a path gives a code below 400.
async fn gets(path: &str, instance: &Instance, patience: Duration) -> bool {
    let Ok(mut link) = Link::open(instance.addr, patience, Arc::default()).await else { return false };
    let mut request = Request::new(RequestBody::Empty);
    let (Ok(uri), Ok(host)) = (path.parse::<Uri>(), HeaderValue::from_str(&instance.addr.to_string())) else {
        return false;
    };
    *request.uri_mut() = uri;
    request.headers_mut().insert(header::HOST, host);
    request.headers_mut().insert(header::USER_AGENT, HeaderValue::from_static("appia-health-check"));
    link.exchange(request, patience).await.is_ok_and(|response| response.status().as_u16() < 400)
}
