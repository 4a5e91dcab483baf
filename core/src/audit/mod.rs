//! What happens around the workers: who does what when ([`coordinator`]), and how their results
//! become one scored report ([`aggregate()`]). Knows checks only by their ids and metadata, and
//! nothing of source code; every step is a pure function of its input.

pub mod baseline;
pub mod coordinator;
pub mod fingerprint;
pub mod score;

#[cfg(feature = "engine")]
pub mod aggregate;
#[cfg(feature = "engine")]
pub mod collect;
#[cfg(feature = "engine")]
pub mod correlate;
#[cfg(feature = "engine")]
pub mod dismiss;
#[cfg(feature = "engine")]
pub mod outcome;
#[cfg(feature = "engine")]
pub mod precedence;
#[cfg(feature = "engine")]
pub mod suppress;
#[cfg(feature = "engine")]
pub mod validate;

#[cfg(all(test, feature = "engine"))]
pub(crate) mod sample;

#[cfg(feature = "engine")]
pub use aggregate::{AggregateInput, AuditSettings, aggregate};
