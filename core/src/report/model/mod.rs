//! The report: plain data with a versioned schema. What the page shows and writers print.
//! Knows nothing of how it was found. No timings, no machine facts: equal input gives equal bytes.

mod comparison;
pub mod performance;
pub mod picture;

pub use comparison::{BaselineState, CategoryChange, Comparison, StateCounts, trend};

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Version of the report's JSON schema (`core/schema/report.schema.json`). Raised when a reader of the older one
/// would misread. 2: fingerprints have a half that does not know the path.
pub const SCHEMA_VERSION: u32 = 2;

/// Path of the results log, relative to the project.
pub const RESULTS_LOG: &str = "docs/project/.audit/results_log.md";

/// Where `report.html` keeps the data: gzipped JSON in base64.
pub const DATA_OPEN: &str = "<script type=\"application/gzip\" id=\"drydock-report\">";
/// The end of that element.
pub const DATA_CLOSE: &str = "</script>";

/// The four scored categories, in report order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Category {
    /// 651 Query Efficiency.
    QueryEfficiency,
    /// 652 Transaction Correctness.
    TransactionCorrectness,
    /// 653 Runtime Performance.
    RuntimePerformance,
    /// 654 Resource Lifecycle.
    ResourceLifecycle,
}

impl Category {
    /// All, in report order.
    pub const ALL: [Self; 4] =
        [Self::QueryEfficiency, Self::TransactionCorrectness, Self::RuntimePerformance, Self::ResourceLifecycle];

    /// Name for people.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::QueryEfficiency => "Query Efficiency",
            Self::TransactionCorrectness => "Transaction Correctness",
            Self::RuntimePerformance => "Runtime Performance",
            Self::ResourceLifecycle => "Resource Lifecycle",
        }
    }

    /// Number of its worker report.
    #[must_use]
    pub const fn number(self) -> u16 {
        match self {
            Self::QueryEfficiency => 651,
            Self::TransactionCorrectness => 652,
            Self::RuntimePerformance => 653,
            Self::ResourceLifecycle => 654,
        }
    }

    /// Name in file names, without the number: `query-efficiency`.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Self::QueryEfficiency => "query-efficiency",
            Self::TransactionCorrectness => "transaction-correctness",
            Self::RuntimePerformance => "runtime-performance",
            Self::ResourceLifecycle => "resource-lifecycle",
        }
    }
}

/// Severity, worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Severity {
    /// Penalty 2.0.
    Critical,
    /// Penalty 1.0.
    High,
    /// Penalty 0.5.
    Medium,
    /// Penalty 0.2.
    Low,
}

impl Severity {
    /// All, worst first.
    pub const ALL: [Self; 4] = [Self::Critical, Self::High, Self::Medium, Self::Low];

    /// Upper-case word, as in reports.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Critical => "CRITICAL",
            Self::High => "HIGH",
            Self::Medium => "MEDIUM",
            Self::Low => "LOW",
        }
    }

    /// Penalty in tenths of a point.
    #[must_use]
    pub const fn penalty_tenths(self) -> u32 {
        match self {
            Self::Critical => 20,
            Self::High => 10,
            Self::Medium => 5,
            Self::Low => 2,
        }
    }

    /// One level more severe, at most HIGH: CRITICAL stays for what the code alone proves.
    #[must_use]
    pub const fn raised(self) -> Self {
        match self {
            Self::Critical => Self::Critical,
            Self::High | Self::Medium => Self::High,
            Self::Low => Self::Medium,
        }
    }

    /// One level less severe; LOW stays.
    #[must_use]
    pub const fn lowered(self) -> Self {
        match self {
            Self::Critical => Self::High,
            Self::High => Self::Medium,
            Self::Medium | Self::Low => Self::Low,
        }
    }
}

/// How sure the resolution of names is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// Callee resolved through imports, types or injection.
    High,
    /// One plausible target.
    Medium,
    /// Name only.
    Low,
}

/// Work to mend.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Effort {
    /// Under 1 hour.
    S,
    /// 1 to 4 hours.
    M,
    /// Over 4 hours.
    L,
}

/// What became of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Scored.
    Counted,
    /// Listed, not scored: rules 1 and 6.
    Advisory,
    /// Cannot be decided from the code; never scored.
    NeedsContext,
    /// Silenced by the project, with a reason.
    Suppressed,
    /// Disproved by measured evidence.
    Refuted,
}

/// One step of the path through the code that proves a finding.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Step {
    /// File.
    pub path: String,
    /// Line.
    pub line: u32,
    /// One short sentence in this code's names.
    pub message: String,
}

/// A finding.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// Check id.
    pub check: String,
    /// Category of the check.
    pub category: Category,
    /// The check's title.
    pub title: String,
    /// Severity after all rules.
    pub severity: Severity,
    /// Severity before rules 1 and 6, when they changed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub original_severity: Option<Severity>,
    /// How sure.
    pub confidence: Confidence,
    /// Rule and evidence when it is advisory or was lowered: `[Planned: ADR-012] …`, `[Execution context] …`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub advisory: Option<String>,
    /// File, relative to the project.
    pub path: String,
    /// First line to change.
    pub line: u32,
    /// Column of its first character.
    pub column: u32,
    /// Last line.
    pub end_line: u32,
    /// Enclosing symbol, dotted: `OrderService.total`.
    pub symbol: String,
    /// What is wrong: one sentence, understandable alone.
    pub message: String,
    /// What to do: imperative, names the API.
    pub recommendation: String,
    /// Work to mend.
    pub effort: Effort,
    /// Numbered path through the code.
    pub steps: Vec<Step>,
    /// Facts that decided the severity: `runs in: request (handler list_orders)`, …
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<String>,
    /// Other checks that saw the same place.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<String>,
    /// What those checks said there: places to look at, not part of the numbered path.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub related: Vec<Step>,
    /// Identity that survives reformatting and moved lines.
    pub fingerprint: String,
    /// What became of it.
    pub verdict: Verdict,
    /// Why, unless counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict_reason: Option<String>,
    /// What measured evidence says of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub measured: Option<String>,
    /// Against a baseline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline: Option<BaselineState>,
    /// `path:line` in the baseline, when it moved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub moved_from: Option<String>,
}

impl Finding {
    /// The half of the fingerprint that does not depend on the path: it finds the finding again in a renamed file.
    #[must_use]
    pub fn content_fingerprint(&self) -> &str {
        self.fingerprint.get(16..).unwrap_or(&self.fingerprint)
    }
}

/// A candidate that a check looked at and rejected.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Dismissed {
    /// Check id.
    pub check: String,
    /// File.
    pub path: String,
    /// Line.
    pub line: u32,
    /// Named reason: `loaded by select_related("author")`.
    pub reason: String,
}

/// Result of one check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CheckStatus {
    /// No findings.
    Passed,
    /// Only LOW or needs-context findings.
    Warning,
    /// Any finding above LOW.
    Failed,
    /// Nothing that it looks at exists.
    Skipped,
}

/// What a check did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckOutcome {
    /// Check id.
    pub check: String,
    /// Title.
    pub title: String,
    /// Category.
    pub category: Category,
    /// Result.
    pub status: CheckStatus,
    /// Why it was skipped, or what it looked at: `12 loops with queries`.
    pub details: String,
    /// Candidates looked at.
    pub candidates: u32,
    /// Candidates rejected.
    pub dismissed: u32,
}

/// Counts by severity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Critical.
    pub critical: u32,
    /// High.
    pub high: u32,
    /// Medium.
    pub medium: u32,
    /// Low.
    pub low: u32,
}

impl Counts {
    /// Adds one of `severity`.
    pub const fn add(&mut self, severity: Severity) {
        match severity {
            Severity::Critical => self.critical += 1,
            Severity::High => self.high += 1,
            Severity::Medium => self.medium += 1,
            Severity::Low => self.low += 1,
        }
    }

    /// How many of `severity`.
    #[must_use]
    pub const fn of(&self, severity: Severity) -> u32 {
        match severity {
            Severity::Critical => self.critical,
            Severity::High => self.high,
            Severity::Medium => self.medium,
            Severity::Low => self.low,
        }
    }

    /// All.
    #[must_use]
    pub const fn total(&self) -> u32 {
        self.critical + self.high + self.medium + self.low
    }
}

/// Score bands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Band {
    /// 10, with no counted finding.
    NoIssues,
    /// From 8.
    Minor,
    /// From 6.
    Moderate,
    /// From 4.
    Significant,
    /// Below 4.
    Critical,
}

impl Band {
    /// Words for people: `No issues`, `Minor`, …
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::NoIssues => "No issues",
            Self::Minor => "Minor",
            Self::Moderate => "Moderate",
            Self::Significant => "Significant",
            Self::Critical => "Critical",
        }
    }
}

/// Whether a category could be judged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state", content = "reason")]
pub enum CategoryState {
    /// Judged.
    Completed,
    /// Nothing to judge: N/A, with the reason.
    NotApplicable(String),
    /// Its worker failed, with the reason. Not averaged.
    Error(String),
}

/// A category's result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CategoryScore {
    /// Which.
    pub category: Category,
    /// Whether it was judged.
    pub status: CategoryState,
    /// Score in tenths, 0–100; `None` unless completed.
    pub score_tenths: Option<u32>,
    /// Band of the exact score.
    pub band: Option<Band>,
    /// Unclamped penalty in tenths.
    pub penalty_tenths: u32,
    /// Counted findings.
    pub counts: Counts,
}

/// The overall score.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overall {
    /// Mean of the judged categories in tenths, rounded half up; `None` when none was judged.
    pub score_tenths: Option<u32>,
    /// Band of the exact mean.
    pub band: Option<Band>,
    /// Sum of the penalties in tenths.
    pub penalty_tenths: u32,
    /// Penalty in tenths per 1,000 lines of audited code, rounded half up.
    pub penalty_per_kloc_tenths: Option<u32>,
    /// Counted findings.
    pub counts: Counts,
}

/// A file that was not read, and why.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SkippedFile {
    /// Path as in the archive.
    pub path: String,
    /// Kind of reason, a stable id: `ignored`, `vendored`, `test`, `too_large`, …
    pub kind: String,
    /// One sentence.
    pub reason: String,
    /// Size in bytes.
    pub size: u64,
}

/// A file that was audited.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct AuditedFile {
    /// Path.
    pub path: String,
    /// Lines.
    pub lines: u32,
    /// Language id.
    pub language: String,
}

/// Something that could only partly be read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct FileProblem {
    /// Path.
    pub path: String,
    /// Line, 0 for the whole file.
    pub line: u32,
    /// Kind, a stable id.
    pub kind: String,
    /// One sentence.
    pub message: String,
}

/// What was read and what was not.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coverage {
    /// Files audited, by path.
    pub files: Vec<AuditedFile>,
    /// Files skipped, by path.
    pub skipped: Vec<SkippedFile>,
    /// Problems, by path and line.
    pub problems: Vec<FileProblem>,
    /// Lines of audited code.
    pub lines: u64,
    /// Single common top folder that was removed from all paths.
    pub root_removed: Option<String>,
    /// Files of source languages that no front end reads yet: extension -> count.
    pub unread_languages: BTreeMap<String, u32>,
    /// Remarks on the whole intake (damaged archive, limit reached, partial).
    pub notices: Vec<String>,
    /// Known library -> the files that import it, by position in `files`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub libraries: BTreeMap<String, Vec<u32>>,
}

/// A source that was consulted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Source {
    /// What it says.
    pub title: String,
    /// Official page.
    pub url: String,
}

/// The report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// [`SCHEMA_VERSION`] of the writer.
    pub schema: u32,
    /// `drydock` version.
    pub version: String,
    /// Date given by the caller, `YYYY-MM-DD`.
    pub date: String,
    /// Name of the project (archive or folder name).
    pub project: String,
    /// Overall score.
    pub overall: Overall,
    /// The four categories, in order.
    pub categories: Vec<CategoryScore>,
    /// All findings of every verdict: counted first, then by severity, category priority, path, line.
    pub findings: Vec<Finding>,
    /// Candidates looked at and rejected, by check, path, line.
    pub dismissed: Vec<Dismissed>,
    /// Every check, in catalogue order.
    pub checks: Vec<CheckOutcome>,
    /// What was read.
    pub coverage: Coverage,
    /// Discovered context.
    pub context: crate::discovery::ContextStore,
    /// Sources consulted.
    pub sources: Vec<Source>,
    /// Remarks on the run (a suppression without reason, a setting not understood).
    pub notices: Vec<String>,
    /// Against an earlier report.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comparison: Option<Comparison>,
    /// What runtime evidence says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub performance: Option<Box<performance::Performance>>,
}

/// What one category's worker returns.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CategoryResult {
    /// Which.
    pub category: Category,
    /// Findings before validation; fingerprints are set.
    pub findings: Vec<Finding>,
    /// Rejected candidates.
    pub dismissed: Vec<Dismissed>,
    /// The category's checks.
    pub checks: Vec<CheckOutcome>,
    /// What rules 1 and 6 ask about a finding, by fingerprint; a missing entry knows nothing.
    #[serde(default)]
    pub facts: BTreeMap<String, ContextFacts>,
}

/// Circumstances of a finding that the rules after the workers judge.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContextFacts {
    /// The function is a constructor, set-up, bootstrap or migration.
    pub is_setup_function: bool,
    /// The file is under tasks, jobs or cron.
    pub is_job_path: bool,
    /// An argument of the call or a wrapper in the same function limits its time.
    pub guarded_by_timeout: bool,
    /// Less than 100 kB, fewer than 100 items.
    pub small_data: bool,
    /// Stream, measured hot, or a loop inside a request.
    pub hot: bool,
    /// The session is used again after the failure.
    pub session_reused: bool,
    /// The check's own table already graded by where the code runs.
    pub table_used_context: bool,
    /// Tables that the finding touches, as the database spells them.
    #[serde(default)]
    pub tables: Vec<String>,
}
