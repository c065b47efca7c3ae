//! What Terraform providers accept: their schemas, and a check of our objects against them. A tool of the tests; no part
//! of the product knows it.
//!
//! Providers of most clouds cannot be installed from a package registry, but typed bindings that were generated from their
//! schemas can. [`derive`](derive::derive) reads those bindings and gives back the schema, in the very format of
//! `terraform providers schema -json`; so a schema that a real provider printed is read by the same code ([`Schema`]).
//! [`check`] holds objects against it. Start reading at [`Schema`], then `gate.rs`.

pub mod derive;
mod gate;
mod schema;

pub use gate::{Finding, Thing, check};
pub use schema::{Attribute, Block, Nested, NestedType, Nesting, Schema, SchemaError, Type};
