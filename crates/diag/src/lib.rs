//! What Appia says about what a person wrote: spans, codes, diagnostics and hints.
//!
//! Every crate that reads or judges input makes [`Diagnostic`]s and goes on to find the rest; the command line
//! renders them. This crate never renders, never reads a file and knows no other crate.
//! Start reading at [`Diagnostic`]; the table of all codes is in [`codes`].

pub mod codes;
mod diagnostic;
mod span;
mod suggest;
mod text;

pub use codes::Code;
pub use diagnostic::{Diagnostic, Diagnostics, Severity};
pub use span::{Position, Span, Spanned};
pub use suggest::closest;
