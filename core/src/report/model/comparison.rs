//! A report against an earlier one, as data.

use super::{Category, Finding};
use serde::{Deserialize, Serialize};

/// Change in tenths from which on a score improves or declines.
const NOTABLE: u32 = 3;

/// The word for the change of a score between two runs, both in tenths.
#[must_use]
pub const fn trend(before: u32, after: u32) -> &'static str {
    if after >= before.saturating_add(NOTABLE) {
        "improving"
    } else if before >= after.saturating_add(NOTABLE) {
        "declining"
    } else {
        "stable"
    }
}

/// State against a baseline report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BaselineState {
    /// Not in the baseline.
    New,
    /// In both.
    Known,
    /// Only in the baseline.
    Fixed,
    /// In both, in another place.
    Moved,
}

/// Findings by their state against an earlier report. Only counted ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StateCounts {
    /// Not in the earlier report.
    pub new: u32,
    /// In both.
    pub known: u32,
    /// In both, in files of different paths.
    pub moved: u32,
    /// Only in the earlier report.
    pub fixed: u32,
}

/// What changed in one category since an earlier report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CategoryChange {
    /// Which.
    pub category: Category,
    /// Earlier score in tenths, when it was judged.
    pub before_tenths: Option<u32>,
    /// Score in tenths, when it was judged.
    pub after_tenths: Option<u32>,
    /// Findings by state.
    pub counts: StateCounts,
}

/// What changed since an earlier report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// Project of the earlier report.
    pub project: String,
    /// Its date.
    pub date: String,
    /// Version that made it.
    pub version: String,
    /// Its overall score in tenths.
    pub before_tenths: Option<u32>,
    /// Overall score of this report in tenths.
    pub after_tenths: Option<u32>,
    /// Findings by state.
    pub counts: StateCounts,
    /// Each category, in report order.
    pub categories: Vec<CategoryChange>,
    /// Earlier findings that are gone, in the earlier report's order.
    pub fixed: Vec<Finding>,
    /// What cannot be compared, and why.
    pub warnings: Vec<String>,
}
