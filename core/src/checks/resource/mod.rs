//! 654 Resource Lifecycle.

mod engine_options;
mod error_path_leak;
mod escapes;
mod factory_vs_injection;
mod held;
mod missing_cleanup;
mod pool_configuration;
mod streaming_resource_holding;
mod streams;

pub use error_path_leak::ErrorPathLeak;
pub use factory_vs_injection::FactoryVsInjection;
pub use missing_cleanup::MissingCleanup;
pub use pool_configuration::PoolConfiguration;
pub use streaming_resource_holding::StreamingResourceHolding;
