//! The driver of everything that `targets/local` makes.

use std::collections::BTreeMap;
use std::sync::Arc;

use appia_plan::local::{Body, Postgres, Redis, Secret};
use appia_plan::{
    DataFate, Driver, DriverError, Lease, Object, Observed, ObservedObject, Owner, Progress, Secrets,
    Similarity, Step, Taken, Verb,
};
use async_trait::async_trait;
use serde_json::Value;

use super::expand::{Values, secret_error};
use super::workload::Making;
use crate::agent::AgentClient;
use crate::agent::protocol::{Action, Content, Order, PostgresContent, RedisContent, Sensitive};
use crate::home::Home;
use crate::program::Program;

/// Makes, changes and deletes the objects of this machine, through its agent.
pub struct LocalDriver {
    home: Home,
    agent: AgentClient,
    secrets: Arc<dyn Secrets>,
    program: Program,
}

impl LocalDriver {
    /// A driver that tells this agent what to do. `program` serves static sites.
    pub fn new(home: Home, agent: AgentClient, secrets: Arc<dyn Secrets>, program: Program) -> LocalDriver {
        LocalDriver { home, agent, secrets, program }
    }

    async fn put(
        &self,
        desired: &Object,
        lease: &Lease,
        progress: &dyn Progress,
    ) -> Result<Option<ObservedObject>, DriverError> {
        let content = match body_of(desired)? {
            Body::Secret(secret) => self.ensure_secret(&lease.owner, &secret).await?,
            Body::Volume(_) => Content::Volume,
            Body::Route(route) => {
                let host = route.hosts.first().cloned().unwrap_or_default();
                Content::Plain(BTreeMap::from([("host".to_owned(), host)]))
            }
            Body::External(external) => {
                let values = self.values(&lease.owner, external.outputs.values()).await?;
                let outputs = external.outputs.iter();
                let expanded =
                    outputs.map(|(name, output)| Ok((name.clone(), values.expand_in_the_open(output)?)));
                Content::Plain(expanded.collect::<Result<_, DriverError>>()?)
            }
            Body::Postgres(postgres) => self.postgres(&lease.owner, &postgres).await?,
            Body::Redis(redis) => self.redis(&lease.owner, &redis).await?,
            Body::Workload(workload) => {
                let making = Making {
                    home: &self.home,
                    program: &self.program,
                    owner: &lease.owner,
                    workload: &workload,
                };
                if making.refers_to_itself() {
                    let ports = workload.ports.keys().cloned().collect();
                    self.order(lease, desired, Action::Reserve { ports }, progress).await?;
                }
                let values = self.values(&lease.owner, making.templates()).await?;
                Content::Workload(making.spec(&values)?)
            }
        };
        let action = Action::Put { desired: desired.clone(), content: Box::new(content) };
        self.order(lease, desired, action, progress).await
    }

    async fn order(
        &self,
        lease: &Lease,
        object: &Object,
        action: Action,
        progress: &dyn Progress,
    ) -> Result<Option<ObservedObject>, DriverError> {
        let order = Order {
            owner: lease.owner.clone(),
            fencing_token: lease.fencing_token,
            object: object.id.clone(),
            action,
        };
        Ok(self.agent.take(order, progress).await?)
    }

    async fn values<'a>(
        &self,
        owner: &Owner,
        templates: impl Iterator<Item = &'a appia_intent::Template>,
    ) -> Result<Values, DriverError> {
        let references = templates.flat_map(|template| template.references().cloned()).collect();
        Values::find(&self.observe(owner).await?, owner, &*self.secrets, references).await
    }

    async fn ensure_secret(&self, owner: &Owner, secret: &Secret) -> Result<Content, DriverError> {
        self.secrets.ensure(owner, &secret.secret, secret.length).await.map_err(secret_error)?;
        Ok(Content::Plain(BTreeMap::new()))
    }

    async fn postgres(&self, owner: &Owner, postgres: &Postgres) -> Result<Content, DriverError> {
        let password = self.secrets.reveal(owner, &postgres.password).await.map_err(secret_error)?;
        Ok(Content::Postgres(PostgresContent {
            version: postgres.version,
            database: postgres.database.clone(),
            username: postgres.username.clone(),
            password: Sensitive(password.reveal().to_owned()),
            max_connections: postgres.max_connections,
        }))
    }

    async fn redis(&self, owner: &Owner, redis: &Redis) -> Result<Content, DriverError> {
        let password = self.secrets.reveal(owner, &redis.password).await.map_err(secret_error)?;
        let password = Sensitive(password.reveal().to_owned());
        Ok(Content::Redis(RedisContent { version: redis.version, password }))
    }

    async fn delete(
        &self,
        step: &Step,
        lease: &Lease,
        progress: &dyn Progress,
    ) -> Result<Option<ObservedObject>, DriverError> {
        let order = Order {
            owner: lease.owner.clone(),
            fencing_token: lease.fencing_token,
            object: step.object.clone(),
            action: Action::Delete(step.data),
        };
        let left = self.agent.take(order, progress).await?;
        let body = step.before.as_ref().map(body_of).transpose()?;
        if let (Some(Body::Secret(secret)), DataFate::Deleted) = (body, step.data) {
            self.secrets.forget(&lease.owner, &secret.secret).await.map_err(secret_error)?;
        }
        Ok(left)
    }
}

#[async_trait]
impl Driver for LocalDriver {
    async fn observe(&self, owner: &Owner) -> Result<Observed, DriverError> {
        self.agent.observe(owner).await.map_err(|error| DriverError::transient(error.to_string()))
    }

    fn preview(&self, desired: &Object, observed: &ObservedObject) -> Similarity {
        match &observed.applied {
            Some(applied) if applied.digest() == desired.digest() => Similarity::Same,
            Some(applied) => {
                Similarity::Changed(differences(&applied.body.to_value(), &desired.body.to_value()))
            }
            None => Similarity::Changed(Vec::new()),
        }
    }

    async fn take(&self, step: &Step, lease: &Lease, progress: &dyn Progress) -> Result<Taken, DriverError> {
        let desired = || {
            step.desired.as_ref().ok_or_else(|| {
                DriverError::permanent(format!("the step on `{}` does not say what it shall be", step.object))
            })
        };
        let taken = match step.verb {
            Verb::Create | Verb::Change | Verb::Replace | Verb::Adopt => {
                self.put(desired()?, lease, progress).await?
            }
            Verb::Pause => self.order(lease, desired()?, Action::Pause, progress).await?,
            // A resumed object may be wanted otherwise than it was when it was paused.
            Verb::Resume => {
                let resumed = self.order(lease, desired()?, Action::Resume, progress).await?;
                let applied = resumed.as_ref().and_then(|seen| seen.applied.as_ref());
                if applied.map(Object::digest) == Some(desired()?.digest()) {
                    resumed
                } else {
                    self.put(desired()?, lease, progress).await?
                }
            }
            Verb::Delete => self.delete(step, lease, progress).await?,
        };
        Ok(Taken::Done(taken))
    }
}

/// What an object shall be, in the words of this machine.
pub(super) fn body_of(object: &Object) -> Result<Body, DriverError> {
    object.body.read().map_err(|error| {
        DriverError::permanent(format!("`{}` is no object of this machine: {error}", object.id))
    })
}

/// The fields at the top that differ.
fn differences(applied: &Value, desired: &Value) -> Vec<String> {
    let (Some(applied), Some(desired)) = (applied.as_object(), desired.as_object()) else {
        return Vec::new();
    };
    let names = applied.keys().chain(desired.keys()).collect::<std::collections::BTreeSet<_>>();
    names.into_iter().filter(|name| applied.get(*name) != desired.get(*name)).cloned().collect()
}
