//! Discovery: what manifests, settings, compose files and docs say about the project.
//! The result, [`ContextStore`], is computed once and given to all four workers.

mod context;

pub use context::{ContextStore, DbConfig, EventSubscriber, FactSource, Practice, TechStack, Trigger};
