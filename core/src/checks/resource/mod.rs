//! 654 Resource Lifecycle.

mod missing_cleanup;

pub use missing_cleanup::MissingCleanup;
