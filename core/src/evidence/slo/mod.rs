//! Targets against what was measured: which target holds, whether it is met, and what speaks for it. Verdicts have
//! three values where the figure is not known exactly.

mod databases;
mod measure;
mod process;
mod rows;

pub use measure::{ERRORS, MEASURES, Measure, Reading, routes_of, same_page};
pub use rows::sheet;

use crate::evidence::model::targets::{Metric, Scope, Target, Unchecked};
use serde::{Deserialize, Serialize};

/// Targets and what became of them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Sheet {
    /// One line a target and scope; after them what was measured without a target.
    pub rows: Vec<Row>,
    /// Targets that a better source overrules.
    pub overruled: Vec<Target>,
    /// What cannot be checked from files.
    pub unchecked: Vec<Unchecked>,
}

/// One line of the table of targets.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// What is measured.
    pub metric: Metric,
    /// Of what; the route or page that was found for it.
    pub scope: Scope,
    /// What is asked; nothing for a figure without target.
    pub target: Option<Target>,
    /// Before the change, or the only run.
    pub baseline: Option<Figure>,
    /// After the change.
    pub optimized: Option<Figure>,
    /// Whether it is met, by the later run where there are two.
    pub status: Status,
    /// Why: one sentence with the bracket and the number of requests.
    pub reason: String,
    /// The tool's own verdict on the same target, where it gave one.
    pub tool_says: Option<bool>,
}

/// What a side's files say together.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Figure {
    /// The middle of the runs' values, when all are known.
    pub value: Option<f64>,
    /// Lowest bound of any run.
    pub low: Option<f64>,
    /// Highest bound of any run.
    pub high: Option<f64>,
    /// Requests of all runs.
    pub n: Option<u64>,
    /// How many runs.
    pub runs: usize,
    /// For people: `182 ms`, `180 to 260 ms`.
    pub text: String,
    /// Which files.
    pub artefacts: Vec<usize>,
}

/// Whether a target is met.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Status {
    /// Missed in every run.
    Fail,
    /// Some runs meet it and some do not, or one run is too near to say.
    Noisy,
    /// What the tool printed does not decide.
    Undecided,
    /// Met in every run.
    Pass,
    /// Nothing was measured.
    NoData,
    /// Nothing is asked.
    NoTarget,
}

impl Status {
    /// As the report prints it.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Pass => "PASS",
            Self::Fail => "FAIL",
            Self::Undecided => "UNDECIDED",
            Self::Noisy => "NOISY",
            Self::NoData => "NO DATA",
            Self::NoTarget => "NO TARGET",
        }
    }
}

#[cfg(test)]
mod process_tests;
#[cfg(test)]
mod tests;
