//! Discovery: what manifests, settings, compose files, migrations and docs say about the project.
//! The result, [`ContextStore`], is computed once and given to all four workers. Readers are
//! tolerant scanners: they know formats, never a language's syntax tree, and never fail.

mod context;

#[cfg(feature = "engine")]
mod compose;
#[cfg(feature = "engine")]
mod conflicts;
#[cfg(feature = "engine")]
mod decisions;
#[cfg(feature = "engine")]
mod docs;
#[cfg(feature = "engine")]
mod environment;
#[cfg(feature = "engine")]
mod facts;
#[cfg(feature = "engine")]
mod flat;
#[cfg(feature = "engine")]
mod manifests_go;
#[cfg(feature = "engine")]
mod manifests_jvm;
#[cfg(feature = "engine")]
mod manifests_node;
#[cfg(feature = "engine")]
mod manifests_python;
#[cfg(feature = "engine")]
mod pattern;
#[cfg(feature = "engine")]
mod python_text;
#[cfg(feature = "engine")]
mod read;
#[cfg(feature = "engine")]
mod settings_python;
#[cfg(feature = "engine")]
mod subscribers;
#[cfg(feature = "engine")]
mod technologies;
#[cfg(feature = "engine")]
mod wanted;

pub use context::{
    Conflict, ContextStore, DbConfig, EventSubscriber, FactSource, Practice, Stated, TechStack, Trigger,
};

#[cfg(feature = "engine")]
pub use decisions::{Adr, AdrStatus, Planned, adrs, planned};
#[cfg(feature = "engine")]
pub use read::{DiscoveryFile, discover};
#[cfg(feature = "engine")]
pub(crate) use technologies::libraries_of_import;
#[cfg(feature = "engine")]
pub use wanted::{wanted, wanted_source};
