//! Runtime evidence: what profilers, databases and load tests wrote. Files are recognised by content ([`recognize`]),
//! read into one model ([`model`]), judged by rules ([`rules`]) and held against targets. Knows no project: joins go
//! over plain data, so that this half can be built without parsers (feature `evidence`).

#[cfg(feature = "evidence")]
mod config;
#[cfg(all(test, feature = "evidence"))]
mod hostile_runs;
#[cfg(feature = "evidence")]
mod input;
#[cfg(feature = "evidence")]
mod json;
#[cfg(all(test, feature = "evidence"))]
mod properties;

#[cfg(feature = "evidence")]
pub mod asked;
#[cfg(feature = "evidence")]
pub mod call_shares;
pub mod candidates;
pub mod code;
#[cfg(feature = "evidence")]
pub mod compare;
pub mod endpoints;
#[cfg(feature = "evidence")]
pub mod joins;
#[cfg(feature = "evidence")]
pub mod loadtest;
#[cfg(feature = "evidence")]
pub mod model;
#[cfg(feature = "evidence")]
pub mod moment;
#[cfg(feature = "evidence")]
pub mod pictures;
#[cfg(feature = "evidence")]
pub mod readers;
#[cfg(feature = "evidence")]
pub mod recognize;
#[cfg(feature = "evidence")]
pub mod report;
#[cfg(feature = "evidence")]
pub mod routes;
#[cfg(feature = "evidence")]
pub mod rules;
#[cfg(feature = "evidence")]
pub mod slo;
#[cfg(feature = "evidence")]
pub mod sql;
#[cfg(feature = "evidence")]
pub mod stats;

#[cfg(feature = "evidence")]
pub use input::{Limits, read};
