//! The report as plain data ([`model`]), its reader ([`read`]), what it cites ([`cited`]), the rows of the results log
//! ([`logged`]), the masking that everything leaving the app passes
//! ([`share`]) and the writers that turn it into files (`writers`). Writers see only the model and
//! the check catalogue.

pub mod cited;
pub mod logged;
pub mod model;
pub mod read;

#[cfg(feature = "engine")]
pub mod mask;
#[cfg(feature = "engine")]
pub mod share;
#[cfg(feature = "engine")]
mod share_performance;
#[cfg(feature = "engine")]
pub mod writers;
