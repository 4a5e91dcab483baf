//! What the page knows: one store with a phase, and pure functions over the report.
//! Everything but `store` is free of browser types and runs in native tests.

pub mod code;
pub mod compare;
pub mod editor;
pub mod files;
pub mod filter;
pub mod fixes;
pub mod folders;
pub mod hash;
pub mod hits;
pub mod html;
pub mod icicle;
pub mod index;
pub mod lanes;
pub mod lines;
pub mod markdown;
pub mod marks;
pub mod palette;
pub mod place;
pub mod print;
pub mod treemap;
pub mod trend;
pub mod verdict;
pub mod window;

#[cfg(feature = "app")]
pub mod host;
#[cfg(feature = "app")]
pub mod store;
