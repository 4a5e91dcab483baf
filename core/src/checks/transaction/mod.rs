//! 652 Transaction Correctness.

mod apart;
mod atomic_blocks;
mod changes;
mod dispatch_before_commit;
mod error_paths;
mod event_channel_consistency;
mod file_columns;
mod held;
mod long_held_transaction;
mod missing_intermediate_commits;
mod missing_rollback;
mod nested;
mod owners;
mod receivers;
mod rows;
mod savepoints;
mod scope_too_narrow;
mod scope_too_wide;
mod tables;
mod tx_handle_ignored;
mod unbound;

pub use dispatch_before_commit::DispatchBeforeCommit;
pub use event_channel_consistency::EventChannelConsistency;
pub use long_held_transaction::LongHeldTransaction;
pub use missing_intermediate_commits::MissingIntermediateCommits;
pub use missing_rollback::MissingRollback;
pub use scope_too_narrow::ScopeTooNarrow;
pub use scope_too_wide::ScopeTooWide;
pub use tx_handle_ignored::TxHandleIgnored;
