//! What happens around the workers: how their results become one scored report ([`aggregate()`]).
//! Knows checks only by their ids and metadata, and nothing of source code; every step is a pure
//! function of its input.

pub mod aggregate;
#[cfg(feature = "engine")]
pub mod collect;
pub mod fingerprint;
pub mod outcome;
pub mod precedence;
pub mod score;
pub mod suppress;
pub mod validate;

#[cfg(test)]
pub(crate) mod sample;

pub use aggregate::{AggregateInput, aggregate};
