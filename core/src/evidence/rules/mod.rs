//! Rules: from evidence to observations. A rule reads the model and nothing else; joins to the code come later.

pub(super) mod asyncio;
mod calls;
pub(super) mod charge;
mod cpu;
pub mod databases;
pub(super) mod event_loop;
pub(super) mod figures;
mod load;
pub(super) mod memory;
pub mod pages;
mod slope;
pub(super) mod view;
mod web;

pub use charge::charged;

use super::asked::Asked;
use super::model::Artefact;
use crate::report::model::{Effort, Severity};
use serde::{Deserialize, Serialize};

/// What a rule saw in one file of evidence.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Observation {
    /// The rule: `P1`, `E3`, `M1` … Its page is `rules/pages/<id>.md`.
    pub rule: String,
    /// Hotspot kind, in bold in front of a finding.
    pub kind: Kind,
    /// What was seen, one sentence that reads well alone, in the names of the code, query or page.
    pub title: String,
    /// What it is about.
    pub subject: Subject,
    /// How bad.
    pub severity: Severity,
    /// The figures, with units and the tool: `38 % of database time (pg_stat_statements, 1,204 calls)`.
    pub measured: String,
    /// Share of the run's time (non-idle for processor profiles, database time for queries), 0 to 1.
    pub share: Option<f64>,
    /// The part of that share which the fix would remove, 0 to 1. An estimate.
    pub removable: Option<f64>,
    /// What to do.
    pub fix: String,
    /// When the fix is wrong or what it costs.
    pub guard: Option<String>,
    /// Work to mend.
    pub effort: Effort,
    /// Index of the artefact.
    pub artefact: usize,
}

/// What an observation is about: the key that joins it to the code.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "on", rename_all = "snake_case")]
pub enum Subject {
    /// A place in code, as the tool printed it.
    Code {
        /// Path.
        path: String,
        /// Line from 1, 0 when unknown.
        line: u32,
        /// Function, empty for a whole file.
        function: String,
    },
    /// A query.
    Query {
        /// Its normal form (`sql::fingerprint`).
        fingerprint: String,
        /// The text as seen, shortened.
        text: String,
    },
    /// A route of the server.
    Route {
        /// Upper-case method; empty when unknown.
        method: String,
        /// Path or name, as the tool printed it.
        path: String,
    },
    /// A page in a browser.
    Page {
        /// Path of the address.
        path: String,
    },
    /// The process or run as a whole.
    Process,
}

/// Kinds of hotspots.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// One query per row.
    NPlusOne,
    /// A read that an index would shorten.
    MissingIndex,
    /// A query that is slow for another reason.
    SlowQuery,
    /// The planner was wrong.
    PlannerEstimate,
    /// Blocking work in asynchronous code or on an event loop.
    Blocking,
    /// Processor time.
    Cpu,
    /// Garbage collection.
    GarbageCollection,
    /// Too much data moved.
    LargePayload,
    /// Memory that only grows.
    MemoryGrowth,
    /// Pools, waits and locks.
    Contention,
    /// Loading and rendering in a browser.
    WebLoading,
    /// Errors, saturation and drift under load.
    LoadBehaviour,
    /// Settings of the database or server.
    Configuration,
}

impl Kind {
    /// Words for people.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::NPlusOne => "N+1 queries",
            Self::MissingIndex => "Missing index",
            Self::SlowQuery => "Slow query",
            Self::PlannerEstimate => "Wrong estimate",
            Self::Blocking => "Blocking work",
            Self::Cpu => "Processor time",
            Self::GarbageCollection => "Garbage collection",
            Self::LargePayload => "Large payload",
            Self::MemoryGrowth => "Memory growth",
            Self::Contention => "Waiting",
            Self::WebLoading => "Page loading",
            Self::LoadBehaviour => "Behaviour under load",
            Self::Configuration => "Settings",
        }
    }
}

/// Rules of one group: all observations about these artefacts. Where a target says what is too much, it is the threshold.
pub type Rules = fn(&[Artefact], &Asked) -> Vec<Observation>;

/// All groups, one a line.
#[rustfmt::skip]
pub const RULES: &[Rules] = &[
    |artefacts, _| cpu::rules(artefacts),
    event_loop::rules,
    asyncio::rules,
    |artefacts, _| calls::rules(artefacts),
    memory::rules,
    databases::judge,
    |artefacts, _| load::all(artefacts),
    |artefacts, _| web::all(artefacts),
];
