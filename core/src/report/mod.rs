//! The report as plain data ([`model`]) and the writers that turn it into files (`writers`).
//! Writers see only the model.

pub mod model;
#[cfg(feature = "engine")]
pub mod writers;
