//! The browser: the only place that touches `web_sys`. Everything above it sees plain Rust.

#[cfg(feature = "app")]
pub mod boot;
#[cfg(feature = "app")]
pub mod dom;
#[cfg(feature = "app")]
pub mod inputs;
#[cfg(feature = "app")]
pub mod save;
#[cfg(feature = "app")]
pub mod time;
#[cfg(feature = "app")]
pub mod workers;

#[cfg(any(feature = "worker", feature = "evidence"))]
pub mod blob;
pub mod message;
#[cfg(any(feature = "worker", feature = "evidence"))]
pub mod scope;
