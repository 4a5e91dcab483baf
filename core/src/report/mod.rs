//! The report as plain data ([`model`]), its reader ([`read`]), what it cites ([`cited`]), the rows of the results log
//! ([`logged`]), the masking that everything leaving the app passes (`share`), how JSON is indented (`pretty`) and the
//! writers that turn it into files (`writers`). Writers see only the model and the check catalogue.

pub mod cited;
pub mod logged;
pub mod model;
pub mod read;

#[cfg(feature = "engine")]
pub mod mask;
#[cfg(feature = "engine")]
pub mod pretty;
#[cfg(feature = "engine")]
pub mod share;
#[cfg(feature = "engine")]
pub mod writers;
