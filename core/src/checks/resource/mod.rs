//! 654 Resource Lifecycle.
