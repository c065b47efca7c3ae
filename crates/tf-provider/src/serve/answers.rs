//! The calls of the protocol, and what a provider that makes nothing answers.
//!
//! Called by `grpc.rs` with a path and a message. Whether a configuration fits the schema is judged by Terraform, which was
//! given the schema. Start at [`Provider::answer`].

use rmpv::Value;

use super::wire::{Writer, fields};
use super::{encoded, state};
use crate::schema::{Block, Schema};

/// A provider of one schema.
pub(super) struct Provider {
    schema: Schema,
    /// The schema as the protocol has it.
    encoded: Vec<u8>,
}

/// Which of the provider's types are meant.
#[derive(Clone, Copy)]
enum Among {
    Resources,
    Data,
}

impl Provider {
    pub(super) fn new(schema: Schema) -> Provider {
        Provider { encoded: encoded::schemas(&schema), schema }
    }

    /// None: no such call. `Some(None)`: the message cannot be understood.
    pub(super) fn answer(&self, path: &str, message: &[u8]) -> Option<Option<Vec<u8>>> {
        let nothing = || Some(Some(Vec::new()));
        match path.strip_prefix("/tfplugin6.Provider/") {
            Some("GetProviderSchema") => Some(Some(self.encoded.clone())),
            Some(
                "ValidateProviderConfig"
                | "ValidateResourceConfig"
                | "ValidateDataResourceConfig"
                | "ConfigureProvider"
                | "StopProvider"
                | "GetFunctions",
            ) => nothing(),
            Some("UpgradeResourceState") => Some(upgraded(message)),
            Some("ReadResource") => Some(self.read(message)),
            Some("PlanResourceChange") => Some(self.plan(message)),
            Some("ApplyResourceChange") => Some(self.apply(message)),
            Some("ReadDataSource") => Some(self.data(message)),
            Some(_) => None,
            // Serving.
            None if path == "/grpc.health.v1.Health/Check" => {
                Some(Some(Writer::default().number(1, 1).done()))
            }
            None => None,
        }
    }

    /// Type 1, prior state 2, proposed state 3; planned state 1, in the manner of older providers 5.
    fn plan(&self, message: &[u8]) -> Option<Vec<u8>> {
        let asked = fields(message)?;
        let proposed = state::planned(self.block(&asked, Among::Resources)?, value(&asked, 3)?);
        Some(Writer::default().message(1, &written(&proposed)?).flag(5, true).done())
    }

    /// Type 1, planned state 3; new state 1, in the manner of older providers 4.
    fn apply(&self, message: &[u8]) -> Option<Vec<u8>> {
        let asked = fields(message)?;
        let made = state::made(self.block(&asked, Among::Resources)?, value(&asked, 3)?);
        Some(Writer::default().message(1, &written(&made)?).flag(4, true).done())
    }

    /// Type 1, state 2; the same state 1.
    fn read(&self, message: &[u8]) -> Option<Vec<u8>> {
        let asked = fields(message)?;
        Some(Writer::default().message(1, &written(&value(&asked, 2)?)?).done())
    }

    /// Type 1, configuration 2; state 1.
    fn data(&self, message: &[u8]) -> Option<Vec<u8>> {
        let asked = fields(message)?;
        let found = state::made(self.block(&asked, Among::Data)?, value(&asked, 2)?);
        Some(Writer::default().message(1, &written(&found)?).done())
    }

    fn block(&self, asked: &[(u64, &[u8])], among: Among) -> Option<&Block> {
        let name = std::str::from_utf8(field(asked, 1)?).ok()?;
        let all = match among {
            Among::Resources => &self.schema.resource_schemas,
            Among::Data => &self.schema.data_source_schemas,
        };
        all.get(name).map(|found| &found.block)
    }
}

/// Type 1, version 2, state as JSON in 3.1; the same state as JSON in 1.2.
fn upgraded(message: &[u8]) -> Option<Vec<u8>> {
    let asked = fields(message)?;
    let raw = fields(field(&asked, 3)?)?;
    let state = Writer::default().bytes(2, field(&raw, 1)?).done();
    Some(Writer::default().message(1, &state).done())
}

fn field<'m>(message: &[(u64, &'m [u8])], number: u64) -> Option<&'m [u8]> {
    message.iter().find(|(found, _)| *found == number).map(|(_, bytes)| *bytes)
}

/// A value in MessagePack: field 1 of the field.
fn value(message: &[(u64, &[u8])], number: u64) -> Option<Value> {
    let inside = fields(field(message, number)?)?;
    rmpv::decode::read_value(&mut field(&inside, 1)?).ok()
}

fn written(value: &Value) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    rmpv::encode::write_value(&mut bytes, value).ok()?;
    Some(Writer::default().bytes(1, &bytes).done())
}
