//! Runtime evidence: what profilers, databases and load tests wrote. Files are recognised by content ([`recognize`]),
//! read into one model ([`model`]), judged by rules ([`rules`]) and held against targets. Knows no project: joins go
//! over plain data, so that this half can be built without parsers (feature `evidence`).

mod config;
#[cfg(test)]
mod hostile_runs;
mod input;
mod json;
#[cfg(test)]
mod properties;

pub mod asked;
pub mod candidates;
pub mod code;
pub mod compare;
pub mod endpoints;
pub mod joins;
pub mod loadtest;
pub mod model;
pub mod moment;
pub mod pictures;
pub mod readers;
pub mod recognize;
pub mod report;
pub mod routes;
pub mod rules;
pub mod slo;
pub mod sql;
pub mod stats;

pub use input::{Limits, read};
