#![doc = include_str!("../ARCHITECTURE.md")]

pub mod audit;
pub mod checks;
pub mod discovery;
pub mod lookup;
pub mod model;
pub mod order;
pub mod report;
pub mod source;
pub mod words;

#[cfg(feature = "engine")]
pub mod analysis;
#[cfg(any(feature = "engine", feature = "evidence"))]
pub mod evidence;
#[cfg(any(feature = "engine", feature = "evidence"))]
pub mod facade;
#[cfg(any(feature = "engine", feature = "evidence"))]
pub mod intake;
#[cfg(feature = "engine")]
pub mod knowledge;
#[cfg(feature = "engine")]
pub mod languages;
#[cfg(feature = "engine")]
pub mod libraries;

#[cfg(feature = "engine")]
pub use facade::audit_sources;
