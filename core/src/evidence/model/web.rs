//! A page in a browser: what Lighthouse reported or what a trace shows.

use super::targets::WebMetric;
use serde::{Deserialize, Serialize};

/// One load or one stretch of use of a page.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct WebRun {
    /// Address as the tool printed it.
    pub page: String,
    /// Tool: `Lighthouse`, `Chromium trace`.
    pub tool: String,
    /// Its version, if the file says so.
    pub tool_version: Option<String>,
    /// What was measured.
    pub mode: WebMode,
    /// `mobile` or `desktop`, as printed.
    pub form_factor: Option<String>,
    /// How the network and processor were slowed: `simulate`, `devtools`, `provided`, as printed.
    pub throttling: Option<String>,
    /// Figures of the page: one metric may be there twice, simulated and observed.
    pub metrics: Vec<WebFigure>,
    /// Work on the main thread that took 50 ms or more.
    pub long_tasks: LongTasks,
    /// What costs time or bytes, with the tool's estimate.
    pub culprits: Vec<Culprit>,
    /// Input events that the page answered, slowest first, at most 50.
    pub interactions: Vec<Interaction>,
    /// Garbage collection of the main thread.
    pub collections: Collections,
    /// Counters by time: heap, nodes, listeners.
    pub series: Vec<Series>,
}

/// What was measured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WebMode {
    /// A page load.
    #[default]
    Navigation,
    /// A stretch of use.
    Timespan,
    /// The page as it stood.
    Snapshot,
}

/// A figure of a page.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct WebFigure {
    /// Which.
    pub metric: WebMetric,
    /// In the metric's unit.
    pub value: f64,
    /// How it came about.
    pub basis: Basis,
}

/// How a figure of a page came about. All are from the laboratory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// Modelled from an unthrottled load.
    Simulated,
    /// Seen in the browser.
    Observed,
}

impl Basis {
    /// Words for people.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Simulated => "lab, simulated",
            Self::Observed => "lab, observed",
        }
    }
}

/// Long tasks of the main thread.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LongTasks {
    /// How many.
    pub count: u64,
    /// Their time together.
    pub total_ms: f64,
    /// The longest.
    pub longest_ms: f64,
    /// The longest ones, at most 20.
    pub items: Vec<LongTask>,
}

/// A task of 50 ms or more.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LongTask {
    /// Begin, from the begin of the navigation or the file.
    pub at_ms: f64,
    /// Length.
    pub ms: f64,
    /// Script or document it is charged to, as printed.
    pub url: Option<String>,
}

/// Something that costs time or bytes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Culprit {
    /// What is wrong with it.
    pub kind: CulpritKind,
    /// Id of the audit that names it; empty for what we saw in a trace.
    pub audit: String,
    /// Address of the file, or the element.
    pub what: String,
    /// Time it took.
    pub ms: Option<f64>,
    /// Bytes it took.
    pub bytes: Option<f64>,
    /// Time that the tool expects to be saved.
    pub saving_ms: Option<f64>,
    /// Bytes that the tool expects to be saved.
    pub saving_bytes: Option<f64>,
    /// How long it may be kept in the cache, for cache items.
    pub cache_s: Option<f64>,
}

/// What is wrong with a culprit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CulpritKind {
    /// Main-thread time of a script.
    Script,
    /// Code that never ran.
    UnusedCode,
    /// A style sheet or script that keeps the page from being drawn.
    RenderBlocking,
    /// Images too large or in an old format.
    Image,
    /// A short or missing cache time.
    Cache,
    /// Sent without compression.
    Compression,
    /// Slow answer for the document itself.
    ServerResponse,
    /// Too many nodes.
    DomSize,
    /// What is the largest paint, and how long its parts took.
    LcpElement,
    /// What moved.
    LayoutShift,
    /// Code of others.
    ThirdParty,
    /// The whole page's bytes, largest files.
    Weight,
}

/// An input event and its answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Interaction {
    /// `click`, `keydown`.
    pub event: String,
    /// From the input to the next frame.
    pub ms: f64,
    /// Until handlers ran.
    pub delay_ms: Option<f64>,
    /// In handlers.
    pub handlers_ms: Option<f64>,
}

/// Garbage collection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Collections {
    /// How many.
    pub count: u64,
    /// Their time together.
    pub total_ms: f64,
    /// Most time within one second.
    pub worst_second_ms: f64,
}

/// A counter by time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Series {
    /// `heap_bytes`, `nodes`, `listeners`, `documents`.
    pub name: String,
    /// Time from the begin, value.
    pub points: Vec<(f64, f64)>,
}

impl WebRun {
    /// A figure: simulated before observed, as the tool's own score does.
    #[must_use]
    pub fn figure(&self, metric: WebMetric) -> Option<WebFigure> {
        let mut found: Option<WebFigure> = None;
        for figure in self.metrics.iter().filter(|figure| figure.metric == metric) {
            if found.is_none_or(|best| figure.basis < best.basis) {
                found = Some(*figure);
            }
        }
        found
    }

    /// A figure of one basis.
    #[must_use]
    pub fn value(&self, metric: WebMetric, basis: Basis) -> Option<f64> {
        self.metrics.iter().find(|figure| figure.metric == metric && figure.basis == basis).map(|figure| figure.value)
    }

    /// Adds a figure unless it is no number, negative, or there already.
    pub fn add(&mut self, metric: WebMetric, value: Option<f64>, basis: Basis) {
        if let Some(value) = value.filter(|value| value.is_finite() && *value >= 0.0)
            && self.value(metric, basis).is_none()
        {
            self.metrics.push(WebFigure { metric, value, basis });
        }
    }
}
