//! What the tests of this crate share: the repository's files, check pages and a runner for tests
//! that are data. Each subject (architecture, checks, determinism, …) is a test binary of its own.

pub mod page;
pub mod repository;
pub mod runner;
pub mod verify;
