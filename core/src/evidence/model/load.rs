//! A load test: what was sent, what came back and how long it took. Figures are the tool's own; what was computed
//! from samples says so.

use super::targets::Percent;
use super::{Artefact, Evidence};
use serde::{Deserialize, Serialize};

/// Name of the selection that counts virtual users instead of requests.
pub const USERS: &str = "virtual users";

/// One run of a load generator, or one file of it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LoadRun {
    /// Tool: `k6`, `Locust`.
    pub tool: String,
    /// Its version, if the file says so.
    pub tool_version: Option<String>,
    /// What of the run this file holds.
    pub part: Part,
    /// Who decides when the next request is sent.
    pub model: Option<LoadModel>,
    /// Most users (connections, virtual users) at a time.
    pub users: Option<f64>,
    /// The cap that the tool kept on them.
    pub users_cap: Option<f64>,
    /// Length of the run.
    pub duration_s: Option<f64>,
    /// Address under test without path, if the file says so.
    pub host: Option<String>,
    /// Iterations that an open model could not start: the generator was too slow.
    pub dropped: Option<f64>,
    /// All requests together.
    pub total: Route,
    /// By route, in the order of the file.
    pub routes: Vec<Route>,
    /// Targets that the tool itself checked.
    pub thresholds: Vec<Threshold>,
}

/// What of a run a file holds. Only a summary counts as a run of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// Totals and percentiles.
    #[default]
    Summary,
    /// Figures by time (Locust `_stats_history.csv`).
    History,
    /// Errors only (Locust `_failures.csv`).
    Failures,
    /// Percentiles only (Locust before 1.0, `_distribution.csv`).
    Distribution,
}

/// Who decides when the next request is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LoadModel {
    /// Requests arrive at a rate, whatever the answers take.
    Open,
    /// A user sends the next request when the last is answered: stalls hide (coordinated omission).
    Closed,
}

impl LoadModel {
    /// Words for people.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Open => "open (arrival rate)",
            Self::Closed => "closed (users wait for answers)",
        }
    }
}

/// Load tests among files of one side that count as runs of their own.
#[must_use]
pub fn loads<'a>(artefacts: impl Iterator<Item = &'a Artefact>) -> Vec<&'a LoadRun> {
    let runs = artefacts.flat_map(|artefact| &artefact.evidence).filter_map(|evidence| match evidence {
        Evidence::LoadRun(run) if run.part == Part::Summary => Some(run.as_ref()),
        _ => None,
    });
    runs.collect()
}

/// One route, or all of them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Route {
    /// Upper-case method; empty when unknown.
    pub method: String,
    /// Path or name as the tool printed it; empty for the total.
    pub name: String,
    /// A selection that is no route: a k6 group, scenario or tag, an Artillery scenario. Not part of the mix.
    pub selection: bool,
    /// Requests sent.
    pub requests: Option<u64>,
    /// Requests that failed.
    pub failures: Option<u64>,
    /// Share of requests that failed as the tool printed it, 0 to 1: where it gives no counts.
    pub failure_share: Option<f64>,
    /// Requests a second.
    pub per_second: Option<f64>,
    /// Mean bytes of a response.
    pub response_bytes: Option<f64>,
    /// How long answers took.
    pub latency: Latency,
    /// By second (or the tool's own step).
    pub windows: Vec<Window>,
    /// Errors by what was said, most first.
    pub errors: Vec<ErrorCount>,
}

/// How long answers took.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Latency {
    /// Shortest.
    pub min_ms: Option<f64>,
    /// Mean.
    pub mean_ms: Option<f64>,
    /// Longest.
    pub max_ms: Option<f64>,
    /// Percentiles, lowest first.
    pub percentiles: Vec<Percentile>,
    /// Times and how often each was seen, shortest first, where the tool keeps buckets.
    pub histogram: Vec<Bucket>,
    /// Every time, in the order of [`Route::windows`]: the first window's come first. Empty without samples.
    pub samples_ms: Vec<f32>,
}

/// A percentile.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Percentile {
    /// Which.
    pub at: Percent,
    /// Its value.
    pub ms: f64,
    /// Who computed it.
    pub by: ComputedBy,
}

/// Who computed a figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ComputedBy {
    /// The tool printed it.
    Tool,
    /// We did, from all samples (type 7) or from the tool's buckets by its own rule.
    Us,
}

/// Requests that took the same time, as the tool rounds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bucket {
    /// Time.
    pub ms: f64,
    /// How many.
    pub count: u64,
}

/// What happened in a stretch of time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Window {
    /// Begin, from the begin of the run.
    pub at_s: f64,
    /// Length.
    pub length_s: f64,
    /// Requests answered in it; samples of it when there are samples.
    pub requests: u64,
    /// Those that failed.
    pub failures: u64,
    /// Median.
    pub p50_ms: Option<f64>,
    /// 95th percentile.
    pub p95_ms: Option<f64>,
    /// Users at that time.
    pub users: Option<f64>,
}

/// An error and how often it came.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorCount {
    /// As the tool printed it.
    pub what: String,
    /// How often.
    pub count: u64,
}

/// A target that the tool checked itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Threshold {
    /// Metric with its selector: `http_req_duration{name:posts}`.
    pub metric: String,
    /// `p(95)<200`.
    pub expression: String,
    /// The tool's verdict.
    pub passed: Option<bool>,
    /// Line in the file, from 1; 0 when unknown.
    pub line: u32,
}

impl Route {
    /// `GET /api/posts`, or the name alone; `all requests` for the total.
    #[must_use]
    pub fn title(&self) -> String {
        match (self.method.as_str(), self.name.as_str()) {
            ("", "") => "all requests".to_owned(),
            ("", name) => name.to_owned(),
            (method, name) => format!("{method} {name}"),
        }
    }

    /// Share of requests that failed, 0 to 1.
    #[must_use]
    pub fn error_rate(&self) -> Option<f64> {
        match (self.failures, self.requests) {
            (Some(failures), Some(requests)) if requests > 0 => Some(failures as f64 / requests as f64),
            _ => self.failure_share,
        }
    }

    /// Requests times mean: what this route costs the run.
    #[must_use]
    pub fn lost_ms(&self) -> Option<f64> {
        Some(self.requests? as f64 * self.latency.mean_ms?)
    }
}

impl Latency {
    /// The percentile as printed or computed, if that very one is there.
    #[must_use]
    pub fn percentile(&self, at: Percent) -> Option<f64> {
        self.percentiles.iter().find(|percentile| percentile.at == at).map(|percentile| percentile.ms)
    }

    /// Adds a percentile and keeps them in order; the first of the same percentile stays.
    pub fn add(&mut self, at: Percent, ms: f64, by: ComputedBy) {
        if !ms.is_finite() {
            return;
        }
        match self.percentiles.binary_search_by_key(&at, |percentile| percentile.at) {
            Ok(_) => {}
            Err(place) => self.percentiles.insert(place, Percentile { at, ms, by }),
        }
    }
}
