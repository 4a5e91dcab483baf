//! The checks: metadata ([`CheckMeta`], plain data that the page shows) and implementations
//! (engine only). [`CATALOGUE`] is the one ordered list; everything derives from it.

mod meta;

pub use meta::{CATALOGUE, CheckMeta, find};

#[cfg(feature = "engine")]
mod check;
#[cfg(feature = "engine")]
mod pages;
#[cfg(feature = "engine")]
mod query;
#[cfg(feature = "engine")]
mod registry;
#[cfg(feature = "engine")]
mod resource;
#[cfg(feature = "engine")]
mod runtime;
#[cfg(feature = "engine")]
mod support;
#[cfg(feature = "engine")]
mod transaction;

#[cfg(feature = "engine")]
pub use check::{Candidates, Check, CheckRun, Cx, Draft, Judgement, Place};
#[cfg(feature = "engine")]
pub use pages::page;
#[cfg(feature = "engine")]
pub use registry::{CHECKS, Entry};
