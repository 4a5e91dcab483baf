//! The report as plain data ([`model`]), its reader ([`read`]), the masking that everything leaving the app passes
//! ([`share`]) and the writers that turn it into files (`writers`). Writers see only the model and
//! the check catalogue.

pub mod model;
pub mod read;

#[cfg(feature = "engine")]
pub mod mask;
#[cfg(feature = "engine")]
pub mod share;
#[cfg(feature = "engine")]
pub mod writers;
