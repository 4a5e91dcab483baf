//! 652 Transaction Correctness.

mod error_paths;
mod held;
mod long_held_transaction;
mod missing_rollback;
mod owners;
mod scope_too_wide;

pub use long_held_transaction::LongHeldTransaction;
pub use missing_rollback::MissingRollback;
pub use scope_too_wide::ScopeTooWide;
