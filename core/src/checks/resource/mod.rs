//! 654 Resource Lifecycle.

mod engine_options;
mod missing_cleanup;
mod pool_configuration;

pub use missing_cleanup::MissingCleanup;
pub use pool_configuration::PoolConfiguration;
