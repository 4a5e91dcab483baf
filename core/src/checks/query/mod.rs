//! 651 Query Efficiency.

mod bare;
mod by_name;
mod consumed;
mod in_loop;
mod in_memory;
mod index_gaps;
mod large_payload;
mod listed;
mod loading;
mod missing_bulk_ops;
mod missing_index;
mod n_update_delete_loop;
mod narrow;
mod narrowed;
mod nested;
mod over_fetching;
mod own_table;
mod per_row;
mod query_in_loop;
mod redundant_fetch;
mod refetch;
mod rendered;
mod resolvers;
mod sizes;
mod unnecessary_resolve;
mod unseen;
mod wrong_caching_scope;

pub use large_payload::LargePayload;
pub use missing_bulk_ops::MissingBulkOps;
pub use missing_index::MissingIndex;
pub use n_update_delete_loop::NUpdateDeleteLoop;
pub use over_fetching::OverFetching;
pub use query_in_loop::QueryInLoop;
pub use redundant_fetch::RedundantFetch;
pub use unnecessary_resolve::UnnecessaryResolve;
pub use wrong_caching_scope::WrongCachingScope;
