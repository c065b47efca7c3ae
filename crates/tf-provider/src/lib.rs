//! What Terraform providers accept: their schemas, and a check of our objects against them. A tool of the tests; no part
//! of the product knows it.
//!
//! Providers of most clouds cannot be installed from a package registry, but typed bindings that were generated from their
//! schemas can. [`derive`](derive::derive) reads those bindings and gives back the schema, in the very format of
//! `terraform providers schema -json`; so a schema that a real provider printed is read by the same code ([`Schema`]).
//! [`check`] holds objects against it, and the program of this crate is a provider that accepts what the schema accepts and makes
//! nothing, so that Terraform itself can be asked. Start reading at [`Schema`], then `gate.rs`, then `serve.rs`.

pub mod derive;
mod gate;
mod schema;
#[cfg(feature = "serve")]
pub mod serve;

pub use gate::{Finding, Thing, check};
pub use schema::{Attribute, Block, Nested, NestedType, Nesting, Schema, SchemaError, Type};
