//! Where the reader is: tab, filter, order, finding, step. One value, mirrored in the address by
//! [`super::hash`].

use super::filter::{Filter, Sort};
use super::lines::Grouping;
use drydock_core::lookup::Corpus;

/// Tabs of the report, in order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Tab {
    /// Verdict, gauges, what to do first.
    #[default]
    Summary,
    /// The list, the detail and the source.
    Findings,
    /// What was read and what was not.
    Files,
    /// Full-text search over the project.
    Search,
    /// Against an earlier version.
    Compare,
    /// What was measured, against targets.
    Performance,
    /// What every check did.
    Checks,
    /// Stack, settings, triggers, best practices.
    Context,
    /// Files to save.
    Export,
}

impl Tab {
    /// All, in order.
    pub const ALL: [Self; 9] = [
        Self::Summary,
        Self::Findings,
        Self::Files,
        Self::Search,
        Self::Compare,
        Self::Performance,
        Self::Checks,
        Self::Context,
        Self::Export,
    ];

    /// Name in the address and in ids.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Summary => "summary",
            Self::Findings => "findings",
            Self::Files => "files",
            Self::Search => "search",
            Self::Compare => "compare",
            Self::Performance => "performance",
            Self::Checks => "checks",
            Self::Context => "context",
            Self::Export => "export",
        }
    }
}

/// Where the reader is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// Tab.
    pub tab: Tab,
    /// What the list shows.
    pub filter: Filter,
    /// In which order.
    pub sort: Sort,
    /// Divided by what.
    pub grouping: Grouping,
    /// Fingerprint of the finding in hand.
    pub finding: Option<String>,
    /// Step shown in the source viewer; `None` while the list is shown.
    pub step: Option<usize>,
    /// What is looked up in the project.
    pub look: String,
    /// And in which part of it.
    pub corpus: Option<Corpus>,
    /// File and line that the look-up opened.
    pub open: Option<(String, u32)>,
}
