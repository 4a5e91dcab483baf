//! The steps of an audit as functions over bytes and plain data ([`audit`]), and beside it what runtime evidence needs:
//! [`code_index`] and [`routes`] from the linked project, [`performance`] with no project at all, so that it can be
//! another program than the one that parses.

#[cfg(feature = "engine")]
mod audit;
#[cfg(feature = "engine")]
pub mod code_index;
#[cfg(feature = "engine")]
mod lookup;
#[cfg(feature = "evidence")]
pub mod performance;
#[cfg(feature = "engine")]
pub mod routes;

#[cfg(feature = "engine")]
pub use audit::*;
#[cfg(feature = "engine")]
pub use lookup::{Lookup, LookupBuilder, corpus};
