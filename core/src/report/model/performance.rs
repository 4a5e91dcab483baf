//! The Performance Report as plain data: what was measured, held against targets, and where it meets the code.

use super::picture::Picture;
use super::{Category, Effort, Severity};
use serde::{Deserialize, Serialize};

/// What runtime evidence says.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Performance {
    /// One for each component or endpoint; the worst first.
    pub sections: Vec<Section>,
    /// The files, in the order in which they were given.
    pub files: Vec<EvidenceFile>,
    /// What changed in the audit because of what was measured.
    #[serde(default)]
    pub changes: Vec<SeverityChange>,
    /// The scores as they would be without what was measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unadjusted: Option<Unadjusted>,
    /// Routes, queries and functions that were measured and not found in the code; one sentence each.
    #[serde(default)]
    pub unmatched: Vec<String>,
    /// Remarks on the whole.
    #[serde(default)]
    pub notices: Vec<String>,
    /// Profiles and plans to look at.
    #[serde(default)]
    pub pictures: Vec<Picture>,
}

/// One component or endpoint.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Section {
    /// `GET /orders`, `Database`, a page, a program.
    pub title: String,
    /// Handler in the code, `path:line name`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// Targets and what was measured.
    pub targets: Vec<TargetRow>,
    /// What was seen, the largest share first.
    pub findings: Vec<ProfilingFinding>,
    /// Two runs side by side.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub benchmark: Option<Benchmark>,
    /// What to do, by impact for the effort.
    pub recommendations: Vec<Recommendation>,
    /// Where to cache, each with what calls for it.
    #[serde(default)]
    pub caching: Vec<Caching>,
    /// What others have to decide.
    #[serde(default)]
    pub escalations: Vec<Escalation>,
}

/// Whether a target is met.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TargetStatus {
    /// Missed.
    Fail,
    /// The tool did not print what would tell.
    Undecided,
    /// The figure is not one to judge by.
    Noisy,
    /// Nothing was measured.
    NoData,
    /// Nothing was asked.
    NoTarget,
    /// Met.
    Pass,
}

impl TargetStatus {
    /// Upper-case words, as in reports.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Fail => "FAIL",
            Self::Undecided => "UNDECIDED",
            Self::Noisy => "NOISY",
            Self::NoData => "NO DATA",
            Self::NoTarget => "NO TARGET",
            Self::Pass => "PASS",
        }
    }
}

/// A target, with what both runs measured, as texts with units.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TargetRow {
    /// `Latency p95`
    pub metric: String,
    /// `latency.p95`: its name in `slo.toml`.
    #[serde(default)]
    pub key: String,
    /// What it is about.
    pub scope: String,
    /// `< 200 ms`; empty without one.
    pub target: String,
    /// Who says so, with file and line.
    pub source: String,
    /// Before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline: Option<String>,
    /// After, or the only run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub optimized: Option<String>,
    /// From one to the other, with how sure that is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<String>,
    /// The verdict on the later run.
    pub status: TargetStatus,
    /// Why, unless the figures say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// How sure it is that something measured is a certain place in the code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Join {
    /// Path, line and name agree; or the text of the query does; or the program said so.
    Exact,
    /// The only place that fits.
    Likely,
    /// It may be: table and verb agree.
    Hint,
}

/// A place in the code.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct CodePlace {
    /// File.
    pub path: String,
    /// Line.
    pub line: u32,
    /// Symbol.
    pub symbol: String,
    /// How sure.
    pub join: Join,
}

/// Something that was seen at run time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProfilingFinding {
    /// The rule that saw it.
    pub rule: String,
    /// Kind of hotspot, for people.
    pub kind: String,
    /// What was seen, in one sentence.
    pub title: String,
    /// How bad.
    pub severity: Severity,
    /// Where in the code, when it was found there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<CodePlace>,
    /// Figures, with tool and file.
    pub evidence: String,
    /// Share of the run's time, 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share: Option<f64>,
    /// The part of the run's time that the fix would remove, 0 to 1: an estimate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub removes: Option<f64>,
    /// What to do.
    pub fix: String,
    /// When that is wrong or what it costs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guard: Option<String>,
    /// What the fix would bring, in words.
    pub impact: String,
    /// The audit's findings at that place: check and fingerprint.
    #[serde(default)]
    pub confirms: Vec<(String, String)>,
}

/// Two runs side by side.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Benchmark {
    /// How the runs were made, as far as their files say; `None` when neither does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
    /// Figures of both.
    pub rows: Vec<BenchmarkRow>,
    /// Why the runs cannot be compared; nothing when they can.
    #[serde(default)]
    pub not_comparable: Vec<String>,
    /// What the figures rest on: runs, samples, noise.
    #[serde(default)]
    pub notes: Vec<String>,
}

/// One figure of two runs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct BenchmarkRow {
    /// `Latency p95`
    pub metric: String,
    /// Before.
    pub baseline: String,
    /// After.
    pub optimized: String,
    /// `-42 % (n=1)`
    pub change: String,
    /// `improved`, `within noise`, `worse`, `not comparable`, in words.
    pub verdict: String,
}

/// Three steps, of impact or effort.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Level {
    /// Most.
    High,
    /// Between.
    Medium,
    /// Least.
    Low,
}

impl Level {
    /// Upper-case word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::High => "HIGH",
            Self::Medium => "MEDIUM",
            Self::Low => "LOW",
        }
    }
}

/// Something to do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Recommendation {
    /// From 1: what to do first.
    pub priority: u32,
    /// What it brings.
    pub impact: Level,
    /// What it costs.
    pub effort: Level,
    /// The part of the run's time that it removes, 0 to 1; `None` when no figure says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub removes: Option<f64>,
    /// What to do, with the place.
    pub text: String,
}

/// Where to cache.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Caching {
    /// What was seen that calls for it.
    pub trigger: String,
    /// Layer.
    pub layer: String,
    /// How stale values go.
    pub invalidation: String,
    /// What to mind.
    pub guard: String,
}

/// What others have to decide.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Escalation {
    /// `the database engineer`
    pub to: String,
    /// Why.
    pub why: String,
}

/// A file of evidence and how it was read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EvidenceFile {
    /// As it was given.
    pub path: String,
    /// Size.
    pub bytes: u64,
    /// Format; empty when it was not recognised.
    pub format: String,
    /// `baseline`, `optimized`; empty when nothing says.
    pub run: String,
    /// What was read of it, in words.
    pub read: String,
    /// Why nothing was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
    /// What of it was skipped or not understood.
    #[serde(default)]
    pub notes: Vec<String>,
}

/// A finding of the audit that what was measured changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeverityChange {
    /// The finding.
    pub fingerprint: String,
    /// Its check.
    pub check: String,
    /// File.
    pub path: String,
    /// Line.
    pub line: u32,
    /// Severity before.
    pub from: Severity,
    /// Severity after; `None` when it was refuted.
    pub to: Option<Severity>,
    /// What was measured.
    pub why: String,
}

/// Scores without what was measured.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unadjusted {
    /// Overall, in tenths.
    pub overall_tenths: Option<u32>,
    /// By category, in tenths.
    pub categories: Vec<(Category, Option<u32>)>,
}

/// What the joins found, for the audit to change findings by.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Measured {
    /// Files that were read, each with its format: those of the project are not skipped then.
    #[serde(default)]
    pub files: Vec<(String, String)>,
    /// Places that were measured.
    pub places: Vec<MeasuredPlace>,
    /// Functions that a complete record of calls shows to have never run.
    pub cold: Vec<ColdPlace>,
    /// Claims that a plan disproves.
    pub refuted: Vec<Refuted>,
    /// What was measured against the claim of a finding.
    #[serde(default)]
    pub eased: Vec<Eased>,
    /// What was seen at run time and is a check's, at an exact place. It counts when the audit has nothing there.
    pub own: Vec<MeasuredFinding>,
}

/// Something seen at run time that a check would have to find.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MeasuredFinding {
    /// Check.
    pub check: String,
    /// File.
    pub path: String,
    /// Line.
    pub line: u32,
    /// Symbol.
    pub symbol: String,
    /// How bad.
    pub severity: Severity,
    /// One sentence.
    pub message: String,
    /// What to do.
    pub recommendation: String,
    /// Work to mend.
    pub effort: Effort,
    /// Figures, with the tool.
    pub says: String,
}

/// What kind of evidence a place has, which says what it is evidence for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum About {
    /// Time of the code itself.
    Code,
    /// A query that is sent there.
    Query,
    /// The endpoint that it handles.
    Route,
    /// Queries for each request.
    Repeated,
}

/// A place that was measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MeasuredPlace {
    /// File.
    pub path: String,
    /// First line of what was measured.
    pub first_line: u32,
    /// Last line.
    pub last_line: u32,
    /// How sure the place is.
    pub join: Join,
    /// What kind of evidence.
    pub about: About,
    /// Whether it is hot: at least 10 % of the time, 10 queries a request, or a missed target.
    pub hot: bool,
    /// Figures, with the tool.
    pub says: String,
}

/// A function that never ran while everything was recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColdPlace {
    /// File.
    pub path: String,
    /// First line.
    pub first_line: u32,
    /// Last line.
    pub last_line: u32,
    /// Figures, with the tool.
    pub says: String,
}

/// Lines of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Region {
    /// File.
    pub path: String,
    /// First line.
    pub first_line: u32,
    /// Last line.
    pub last_line: u32,
}

/// Figures that speak against a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Eased {
    /// The checks whose claim it is about.
    pub checks: Vec<String>,
    /// The finding's path has to begin in this handler; anywhere, where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handler: Option<Region>,
    /// The finding or a step of its path has to lie here.
    pub place: Region,
    /// Whether the claim cannot be true; else the finding sinks one level.
    pub refutes: bool,
    /// Figures, with the tool.
    pub says: String,
}

/// A claim about a column that a plan disproves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refuted {
    /// Check.
    pub check: String,
    /// Table, lower case.
    pub table: String,
    /// Column, lower case.
    pub column: String,
    /// Figures, with the tool.
    pub says: String,
}
