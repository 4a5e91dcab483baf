//! Joins of evidence to the code (EVIDENCE.md section 4): by place, by query, by route. Pure functions over
//! [`super::code::CodeIndex`]; every answer says how sure it is.

mod eased;
mod measure;
mod places;
mod queries;
mod routes;

pub use measure::{MissedRoute, measure};
pub use places::Places;
pub use queries::{Queries, QueryMatch};
pub use routes::Routes;

#[cfg(test)]
mod tests;
