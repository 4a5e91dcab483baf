//! SQL of the PostgreSQL, MySQL and SQLite dialects: a tokeniser, a splitter that keeps bodies of
//! triggers and functions whole, and a tolerant recogniser of what schemas are made of. It reads
//! names, not grammar: what it does not know it skips, what it should know and cannot read is a
//! problem of that statement alone.
//!
//! A complete parser would know more syntax than any fact here needs, and weigh more than all
//! facts together.

mod channels;
mod cursor;
mod ddl;
mod query;
mod script;
mod tokens;
mod triggers;

pub use channels::events_of;
pub use query::shape_of;
pub use script::{Script, read};
pub use tokens::HOLE;

#[cfg(test)]
mod tests;
