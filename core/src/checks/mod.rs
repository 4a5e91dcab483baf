//! The checks: metadata ([`CheckMeta`], plain data that the page shows) and implementations
//! (engine only). [`CATALOGUE`] is the one ordered list; everything derives from it.

mod meta;

pub use meta::{CATALOGUE, CheckMeta, find};
