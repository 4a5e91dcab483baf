//! Drydock in the browser. Three programs share this crate: `app` (the page), `worker` (the engine) and `evidence`
//! (readers and rules of what was measured).
//! Only `platform` touches `web_sys`; `state` without the `app` feature is pure and tested natively.

pub mod archive;
#[cfg(feature = "app")]
pub mod browser;
pub mod platform;
pub mod protocol;
pub mod state;
pub mod words;

#[cfg(feature = "worker")]
pub mod engine;
#[cfg(feature = "evidence")]
pub mod evidence;
#[cfg(feature = "app")]
pub mod pool;
#[cfg(feature = "app")]
pub mod views;
#[cfg(feature = "app")]
pub mod widgets;
#[cfg(any(feature = "worker", feature = "evidence"))]
pub mod worker;
