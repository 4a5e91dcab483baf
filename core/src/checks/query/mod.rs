//! 651 Query Efficiency.

mod query_in_loop;

pub use query_in_loop::QueryInLoop;
