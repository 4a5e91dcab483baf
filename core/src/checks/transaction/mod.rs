//! 652 Transaction Correctness.

mod held;
mod long_held_transaction;
mod scope_too_wide;

pub use long_held_transaction::LongHeldTransaction;
pub use scope_too_wide::ScopeTooWide;
