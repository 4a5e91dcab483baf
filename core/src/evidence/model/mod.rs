//! The one model that every reader fills. Plain data; units stand in the names of fields. Nothing here is rounded.

pub mod memory;
mod plan;
pub mod profile;
mod queries;

pub use plan::{Access, Buffers, Detail, Dialect, Plan, PlanNode, Role, Trigger};
pub use queries::{Burst, Caller, QuerySource, QueryStat, QueryStats};
pub mod load;
pub mod targets;
pub mod web;

use serde::{Deserialize, Serialize};

/// One dropped file and what it held. A file that could not be read is kept, with the reason.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Artefact {
    /// Its path as it was dropped; `archive.zip!entry` inside an archive.
    pub path: String,
    /// Size as it was dropped.
    pub bytes: u64,
    /// Name of the format for people, `cProfile statistics`; empty when it was not recognised.
    pub format: String,
    /// Which run it belongs to, when something says so.
    pub run: Option<Run>,
    /// When the measured run began, as RFC 3339 in UTC, if the file says so.
    pub started: Option<String>,
    /// Command or script that made it, if the file says so.
    pub command: Option<String>,
    /// What was read.
    pub evidence: Vec<Evidence>,
    /// Why nothing was read.
    pub refused: Option<String>,
    /// What of it was skipped, repaired or not understood.
    pub notes: Vec<Note>,
}

/// The two sides of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Run {
    /// Before the change.
    Baseline,
    /// After the change.
    Optimized,
}

/// Something about a file that its reader must know of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Note {
    /// Line, record or entry it is about, from 1; 0 for the whole file.
    pub at: u64,
    /// One sentence.
    pub text: String,
    /// How many such places there were; only the first is named.
    pub times: u64,
}

/// One kind of evidence.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Evidence {
    /// Processor time or heap, by function.
    Profile(Box<profile::Profile>),
    /// Memory, handles and event loop over time.
    Memory(Box<memory::MemoryRun>),
    /// Plan of a query.
    Plan(Plan),
    /// Statistics of queries.
    Queries(QueryStats),
    /// A load test.
    LoadRun(Box<load::LoadRun>),
    /// A page in a browser.
    WebRun(Box<web::WebRun>),
    /// What is asked of the system.
    Targets(Box<targets::Targets>),
}
