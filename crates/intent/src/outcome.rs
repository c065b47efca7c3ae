//! Outcomes (measurable promises) and constraints (limits).

use std::fmt;
use std::sync::Arc;

use appia_diag::Spanned;
use serde::{Deserialize, Serialize};

use crate::units::{CarbonMass, Duration, Money, Rate};

/// What the application promises. Nothing here has a default: what is not stated is not promised.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Outcomes {
    /// Load at peak.
    pub demand: Option<Spanned<Demand>>,
    /// Time a user thinks between two requests, when stated.
    pub think_time: Option<Spanned<Duration>>,
    /// Peak load divided by mean load, when stated.
    pub peak_to_mean: Option<Spanned<f64>>,
    /// Fraction of time in which the application answers.
    pub availability: Option<Spanned<Availability>>,
    /// Response time at the edge of public workloads.
    pub latency: Latency,
    /// Most that it may cost.
    pub budget: Option<Spanned<Budget>>,
    /// Most that a disaster may lose.
    pub recovery: Recovery,
    /// What it may emit.
    pub carbon: Option<Spanned<Carbon>>,
}

/// Load at peak.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Demand {
    /// People using it at the same moment.
    Users(u64),
    /// Requests a second over all public workloads.
    Rate(Rate),
}

/// A fraction of time between 0 and 1, held in parts per billion so that 99.9 % is exact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Availability(u32);

/// Why a number is no availability.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("an availability lies above 0 % and below 100 %")]
pub struct BadAvailability;

impl Availability {
    /// From parts per billion: 999,000,000 is 99.9 %.
    ///
    /// # Errors
    /// At 0 and from 1,000,000,000 (100 %) on: nothing can promise to never fail.
    pub fn from_parts_per_billion(parts: u32) -> Result<Availability, BadAvailability> {
        if (1..1_000_000_000).contains(&parts) { Ok(Availability(parts)) } else { Err(BadAvailability) }
    }

    /// The fraction: 0.999.
    pub fn fraction(self) -> f64 {
        f64::from(self.0) / 1e9
    }
}

/// As a percentage: `99.9%`.
impl fmt::Display for Availability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, rest) = (self.0 / 10_000_000, self.0 % 10_000_000);
        match rest {
            0 => write!(f, "{whole}%"),
            _ => write!(f, "{whole}.{}%", format!("{rest:07}").trim_end_matches('0')),
        }
    }
}

/// Response-time promises by percentile.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Latency {
    /// Half of the requests are faster.
    pub p50: Option<Spanned<Duration>>,
    /// 95 of 100 are faster.
    pub p95: Option<Spanned<Duration>>,
    /// 99 of 100 are faster.
    pub p99: Option<Spanned<Duration>>,
}

/// Most that it may cost in a period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Budget {
    /// How much.
    pub amount: Money,
    /// In which time.
    pub period: BudgetPeriod,
}

/// `1200 USD/month`.
impl fmt::Display for Budget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let period = match self.period {
            BudgetPeriod::Month => "month",
            BudgetPeriod::Year => "year",
        };
        write!(f, "{}/{period}", self.amount)
    }
}

/// The time a budget is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BudgetPeriod {
    /// 730 hours.
    Month,
    /// Twelve months.
    Year,
}

/// Most that a disaster may lose.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recovery {
    /// Recovery point objective: how old the data may be after a restore.
    pub point: Option<Spanned<Duration>>,
    /// Recovery time objective: how long a restore may take.
    pub time: Option<Spanned<Duration>>,
}

/// What it may emit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Carbon {
    /// At most this much CO2 equivalent a month.
    Max(CarbonMass),
    /// Among plans that keep every promise, one that emits less is better.
    PreferLow,
}

/// `at most 25kg/month` or `prefer low`.
impl fmt::Display for Carbon {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Carbon::Max(mass) => write!(f, "at most {mass}/month"),
            Carbon::PreferLow => f.write_str("prefer low"),
        }
    }
}

/// Limits that any plan has to keep.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Constraints {
    /// Where it may run, `eu` or a region's own name; empty: anywhere.
    pub regions: Vec<Spanned<RegionName>>,
    /// What kind of data it holds.
    pub data: Option<Spanned<DataClass>>,
    /// Frameworks to follow.
    pub compliance: Vec<Spanned<Compliance>>,
}

macro_rules! words {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Arc<str>);

        impl $name {
            /// The word as written.
            pub fn new(text: &str) -> $name {
                $name(text.into())
            }

            /// The word as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
    )*};
}

words! {
    /// A group of regions (`eu`) or one region of a target.
    RegionName;
    /// A compliance framework: `soc2`, `gdpr`.
    Compliance;
}

/// What kind of data an application holds, from harmless to most protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DataClass {
    /// Anyone may see it.
    Public,
    /// For the organisation.
    Internal,
    /// For few in the organisation.
    Confidential,
    /// About people.
    Personal,
    /// Card numbers, health records and the like.
    Sensitive,
}

impl DataClass {
    /// Every class with its word in files.
    pub const ALL: &[(&str, DataClass)] = &[
        ("public", DataClass::Public),
        ("internal", DataClass::Internal),
        ("confidential", DataClass::Confidential),
        ("personal", DataClass::Personal),
        ("sensitive", DataClass::Sensitive),
    ];
}
