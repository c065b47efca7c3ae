//! What placeholders stand for on this machine: outputs of objects, with passwords from the store.

use std::collections::{BTreeMap, BTreeSet};

use appia_intent::{Address, Reference, SecretRef, Template};
use appia_plan::local::Body;
use appia_plan::{DriverError, Observed, ObservedObject, Owner, SecretError, Secrets};

use super::driver::body_of;

/// What each placeholder stands for. Holds secrets: never shown.
pub(super) struct Values {
    values: BTreeMap<Reference, String>,
    secret: BTreeSet<Reference>,
}

impl Values {
    /// Finds all of them, or says which one is not there.
    pub(super) async fn find(
        observed: &Observed,
        owner: &Owner,
        secrets: &dyn Secrets,
        references: BTreeSet<Reference>,
    ) -> Result<Values, DriverError> {
        let (mut values, mut secret) = (BTreeMap::new(), BTreeSet::new());
        for reference in references {
            let value = match value_of(observed, &reference)? {
                Value::Known(value) => value,
                Value::Secret(server, output) => {
                    let password = secrets.reveal(owner, &server.password).await.map_err(secret_error)?;
                    secret.insert(reference.clone());
                    server.with_password(&output, password.reveal())
                }
            };
            values.insert(reference, value);
        }
        Ok(Values { values, secret })
    }

    /// For what is kept in plain sight: refuses a placeholder that stands for a secret.
    pub(super) fn expand_in_the_open(&self, template: &Template) -> Result<String, DriverError> {
        match template.references().find(|reference| self.secret.contains(*reference)) {
            None => self.expand(template),
            Some(reference) => Err(DriverError::permanent(format!(
                "`${{{reference}}}` holds a password, which an output of another resource must not: write it where it is used"
            ))),
        }
    }

    /// The mode of a file made from this template: what holds a secret is for its owner alone.
    pub(super) fn file_mode(&self, template: &Template, stated: u32) -> u32 {
        let is_secret = template.references().any(|reference| self.secret.contains(reference));
        if is_secret { stated & 0o700 } else { stated }
    }

    pub(super) fn expand(&self, template: &Template) -> Result<String, DriverError> {
        template.expand(|reference| self.values.get(reference).cloned().ok_or_else(|| nothing(reference)))
    }
}

/// What is known at once, and what needs a password.
enum Value {
    Known(String),
    Secret(Server, String),
}

/// A server whose users need a password.
struct Server {
    scheme: &'static str,
    password: SecretRef,
    outputs: BTreeMap<String, String>,
}

fn value_of(observed: &Observed, reference: &Reference) -> Result<Value, DriverError> {
    let (address, output) = match reference {
        Reference::Resource { name, output } => (Address::resource(name), output.clone()),
        Reference::Workload { name, output } => (Address::workload(name), Some(output.clone())),
    };
    let bodies = |object: &&ObservedObject| object.applied.as_ref().and_then(|applied| body_of(applied).ok());
    let is_meant = |object: &&ObservedObject| {
        let there = object.applied.as_ref().is_some_and(|applied| applied.address == address);
        there
            && matches!(
                bodies(object),
                Some(
                    Body::Postgres(_)
                        | Body::Redis(_)
                        | Body::Volume(_)
                        | Body::External(_)
                        | Body::Workload(_)
                )
            )
    };
    let reserved = || {
        let Reference::Workload { name, .. } = reference else { return None };
        observed
            .objects
            .iter()
            .find(|(id, _)| id.kind == appia_plan::local::kind::WORKLOAD && id.name == name.as_str())
    };
    let object = observed.objects.values().find(is_meant).or_else(|| reserved().map(|(_, object)| object));
    let object = object.ok_or_else(|| nothing(reference))?;
    let output = output.unwrap_or_else(|| "source".to_owned());
    let server = |scheme, password| Server { scheme, password, outputs: object.outputs.clone() };
    match (bodies(&object), output.as_str()) {
        (Some(Body::Postgres(found)), "password" | "url") => {
            return Ok(Value::Secret(server("postgresql", found.password), output));
        }
        (Some(Body::Redis(found)), "password" | "url") => {
            return Ok(Value::Secret(server("redis", found.password), output));
        }
        _ => {}
    }
    object.outputs.get(&output).cloned().map(Value::Known).ok_or_else(|| nothing(reference))
}

impl Server {
    fn with_password(&self, output: &str, password: &str) -> String {
        if output != "url" {
            return password.to_owned();
        }
        let part = |name: &str| self.outputs.get(name).map(String::as_str).unwrap_or_default();
        let (scheme, user, host, port) = (self.scheme, part("username"), part("host"), part("port"));
        // Databases of Redis are numbered, and the first is the one.
        let database = self.outputs.get("database").map_or("0", String::as_str);
        format!("{scheme}://{user}:{password}@{host}:{port}/{database}")
    }
}

fn nothing(reference: &Reference) -> DriverError {
    DriverError::permanent(format!("`${{{reference}}}` stands for nothing on this machine"))
}

pub(super) fn secret_error(error: SecretError) -> DriverError {
    match error {
        SecretError::Unavailable(_) => DriverError::transient(error.to_string()),
        SecretError::Missing(_) | SecretError::Broken(_) => DriverError::permanent(error.to_string()),
    }
}
