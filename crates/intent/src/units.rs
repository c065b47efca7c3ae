//! Units, each parsed once: [`Bytes`], [`Cpu`], [`Duration`], [`Money`], [`Rate`], [`CarbonMass`].
//!
//! All are whole numbers of a small unit, so that sums are exact and digests equal on every machine. Parsing accepts
//! what a person writes (`50Gi`, `250m`, `400ms`, `1200 USD`); display writes the shortest form that reads back.

mod bytes;
mod carbon;
mod cpu;
mod decimal;
mod duration;
mod money;
mod rate;

pub use bytes::Bytes;
pub use carbon::CarbonMass;
pub use cpu::Cpu;
pub use decimal::scaled;
pub use duration::Duration;
pub use money::{Currency, Money};
pub use rate::Rate;

/// Why a text is no quantity.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnitError {
    /// Not a number at all.
    #[error("`{0}` is not a number")]
    NotANumber(String),
    /// A unit that does not fit.
    #[error("`{unit}` is not a unit of {quantity}: use {known}")]
    UnknownUnit {
        /// As written.
        unit: String,
        /// `time`, `memory`, ...
        quantity: &'static str,
        /// Those that fit.
        known: &'static str,
    },
    /// No unit where one is needed.
    #[error("`{text}` needs a unit: {known}")]
    NoUnit {
        /// As written.
        text: String,
        /// Those that fit.
        known: &'static str,
    },
    /// More digits or a larger number than fits.
    #[error("`{0}` is finer or larger than can be counted")]
    OutOfRange(String),
    /// Below zero.
    #[error("`{0}` is negative")]
    Negative(String),
}
