//! 654 Resource Lifecycle.

mod containers;
mod descriptors;
mod engine_options;
mod error_path_leak;
mod escapes;
mod factory_vs_injection;
mod growers;
mod growing_parts;
mod held;
mod keys;
mod leftovers;
mod missing_cleanup;
mod orphans;
mod pool_configuration;
mod resource_scope_mismatch;
mod streaming_resource_holding;
mod streams;
mod unbounded_growth;

pub use error_path_leak::ErrorPathLeak;
pub use factory_vs_injection::FactoryVsInjection;
pub use missing_cleanup::MissingCleanup;
pub use pool_configuration::PoolConfiguration;
pub use resource_scope_mismatch::ResourceScopeMismatch;
pub use streaming_resource_holding::StreamingResourceHolding;
pub use unbounded_growth::UnboundedGrowth;
