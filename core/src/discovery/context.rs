//! The ContextStore: plain data, shown in the app and exported as JSON.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Facts about the project, each with the place it was read from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContextStore {
    /// Team ID from the kanban board.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team_id: Option<String>,
    /// Stack.
    pub tech_stack: TechStack,
    /// Best practices of the detected technologies: technology -> statements.
    pub best_practices: BTreeMap<String, Vec<Practice>>,
    /// When each technology's practices were last compared with their sources, `YYYY-MM-DD`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub reviewed: BTreeMap<String, String>,
    /// Database settings.
    pub db_config: DbConfig,
    /// Fact (`tech_stack.db`, `db_config.pool_size`, …) -> where it was read.
    pub sources: BTreeMap<String, FactSource>,
    /// Facts about which sources contradict each other: none of them is taken for the truth.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conflicts: Vec<Conflict>,
    /// Always `.`.
    pub codebase_root: String,
    /// `docs/project/.audit/ln-650/{date}`
    pub output_dir: String,
}

impl ContextStore {
    /// Where value number `index` of a fact was read.
    #[must_use]
    pub fn source(&self, fact: &str, index: usize) -> Option<&FactSource> {
        self.sources.get(&numbered_key(fact, index))
    }
}

/// `key` for the first value, `key[n]` for those that contradict or follow it.
pub(super) fn numbered_key(key: &str, index: usize) -> String {
    if index == 0 { key.to_owned() } else { format!("{key}[{index}]") }
}

/// Detected technologies. Values read `name` or `name version`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TechStack {
    /// Languages with versions when stated: `Python 3.12`.
    pub languages: Vec<String>,
    /// Databases: `PostgreSQL 16`.
    pub db: Vec<String>,
    /// ORMs and drivers: `SQLAlchemy 2.0.30`.
    pub orm: Vec<String>,
    /// Web frameworks: `FastAPI 0.115`.
    #[serde(rename = "async")]
    pub web: Vec<String>,
    /// Queues, caches, HTTP clients and other libraries the checks know.
    pub other: Vec<String>,
    /// Package -> version requirement or locked version, lower-case normalised names, as stated.
    pub packages: BTreeMap<String, String>,
}

/// Database settings found in code and configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DbConfig {
    /// Setting (`expire_on_commit`, `autoflush`, `isolation_level`, `pool_size`, `max_overflow`,
    /// `pool_pre_ping`, `pool_recycle`, `ATOMIC_REQUESTS`, …) -> value as written.
    #[serde(flatten)]
    pub settings: BTreeMap<String, String>,
    /// Database triggers.
    pub triggers: Vec<Trigger>,
    /// Code that listens to database or message channels.
    pub event_subscribers: Vec<EventSubscriber>,
}

/// A database trigger.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Trigger {
    /// Table it watches.
    pub table: String,
    /// `INSERT`, `UPDATE`, …
    pub event: String,
    /// Function it runs.
    pub function: String,
    /// NOTIFY channel when the function notifies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// Migration.
    pub file: String,
    /// Line there.
    pub line: u32,
}

/// A listener.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct EventSubscriber {
    /// Channel.
    pub channel: String,
    /// File.
    pub file: String,
    /// Line.
    pub line: u32,
    /// `PostgreSQL LISTEN`, `Redis`, …
    pub technology: String,
}

/// A curated statement with its source.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Practice {
    /// Statement.
    pub statement: String,
    /// Official page.
    pub url: String,
    /// Checks whose findings it concerns.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub checks: Vec<String>,
}

/// A fact about which sources contradict each other: compose says PostgreSQL 14, a note says 16.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Conflict {
    /// What about: a technology (`PostgreSQL`) or a setting (`pool_size`).
    pub fact: String,
    /// What each source says, in order of the sources' paths.
    pub values: Vec<Stated>,
}

/// What one source says of a fact.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Stated {
    /// File.
    pub file: String,
    /// Line.
    pub line: u32,
    /// As written: `14`, `>=2.0`.
    pub value: String,
}

/// Where a fact was read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct FactSource {
    /// File.
    pub file: String,
    /// Line, 1 when the whole file says it.
    pub line: u32,
}
