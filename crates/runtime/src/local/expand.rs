//! What placeholders stand for on this machine: outputs of objects, with passwords from the store.

use std::collections::{BTreeMap, BTreeSet};

use appia_intent::{Address, Reference, SecretRef, Template};
use appia_plan::local::Body;
use appia_plan::{DriverError, ObjectId, Observed, ObservedObject, Owner, SecretError, Secrets};

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
    let output = match reference {
        Reference::Resource { output, .. } => output.as_deref().unwrap_or("source"),
        Reference::Workload { output, .. } => output,
    };
    let object = meant(observed, reference).ok_or_else(|| nothing(reference))?;
    let server = |scheme, password| Server { scheme, password, outputs: object.outputs.clone() };
    let server = match (body(object), output) {
        (Some(Body::Postgres(found)), "password" | "url") => Some(server("postgresql", found.password)),
        (Some(Body::Redis(found)), "password" | "url") => Some(server("redis", found.password)),
        _ => None,
    };
    match server {
        Some(server) => Ok(Value::Secret(server, output.to_owned())),
        None => object.outputs.get(output).cloned().map(Value::Known).ok_or_else(|| nothing(reference)),
    }
}

/// What gives the outputs of an address: it was applied, or is a workload of which only the ports are reserved yet.
fn meant<'a>(observed: &'a Observed, reference: &Reference) -> Option<&'a ObservedObject> {
    let address = match reference {
        Reference::Resource { name, .. } => Address::resource(name),
        Reference::Workload { name, .. } => Address::workload(name),
    };
    let is_meant = |object: &&ObservedObject| {
        let there = object.applied.as_ref().is_some_and(|applied| applied.address == address);
        there && body(object).is_some_and(|body| has_outputs(&body))
    };
    let reserved = || {
        let Reference::Workload { name, .. } = reference else { return None };
        observed.objects.get(&ObjectId::new(appia_plan::local::kind::WORKLOAD, name.as_str()))
    };
    observed.objects.values().find(is_meant).or_else(reserved)
}

/// Whether it is what its address stands for; secrets and routes only belong to that.
fn has_outputs(body: &Body) -> bool {
    match body {
        Body::Postgres(_) | Body::Redis(_) | Body::Volume(_) | Body::External(_) | Body::Workload(_) => true,
        Body::Secret(_) | Body::Route(_) => false,
    }
}

fn body(object: &ObservedObject) -> Option<Body> {
    object.applied.as_ref().and_then(|applied| body_of(applied).ok())
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
