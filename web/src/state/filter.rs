//! What the findings list shows: the facets' choices, the text, the order. Plain values; the work is
//! done by [`super::index`].

use drydock_core::report::model::{BaselineState, Category, Confidence, Effort, Finding, Severity, Verdict};
use std::collections::BTreeSet;

/// All verdicts, in the order in which the list groups them.
pub const VERDICTS: [Verdict; 5] =
    [Verdict::Counted, Verdict::NeedsContext, Verdict::Advisory, Verdict::Suppressed, Verdict::Refuted];
/// All confidences, surest first.
pub const CONFIDENCES: [Confidence; 3] = [Confidence::High, Confidence::Medium, Confidence::Low];
/// All efforts, smallest first.
pub const EFFORTS: [Effort; 3] = [Effort::S, Effort::M, Effort::L];

/// States against an earlier version that a finding of the report can have.
pub const BASELINES: [BaselineState; 3] = [BaselineState::New, BaselineState::Known, BaselineState::Moved];

/// A set of up to eight choices of one facet; empty means "all".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Choices(u8);

impl Choices {
    /// Only `position`.
    #[must_use]
    pub const fn only(position: usize) -> Self {
        Self(1 << position)
    }

    /// Whether `position` is chosen.
    #[must_use]
    pub const fn has(self, position: usize) -> bool {
        self.0 & (1 << position) != 0
    }

    /// Whether nothing is chosen, so that everything passes.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether a row with `position` passes.
    #[must_use]
    pub const fn admits(self, position: usize) -> bool {
        self.is_empty() || self.has(position)
    }

    /// Chooses or unchooses `position`.
    pub const fn toggle(&mut self, position: usize) {
        self.0 ^= 1 << position;
    }
}

/// Orders of the list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Sort {
    /// Severity, then category priority, then confidence.
    #[default]
    Priority,
    /// Path and line.
    Place,
    /// Check, then priority.
    Check,
    /// Smallest work first, then priority.
    Effort,
}

impl Sort {
    /// All, in the order of the menu.
    pub const ALL: [Self; 4] = [Self::Priority, Self::Place, Self::Check, Self::Effort];
}

/// The five choices and the text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Positions in [`Severity::ALL`].
    pub severity: Choices,
    /// Positions in [`Category::ALL`].
    pub category: Choices,
    /// Positions in [`CONFIDENCES`].
    pub confidence: Choices,
    /// Positions in [`EFFORTS`].
    pub effort: Choices,
    /// Positions in [`VERDICTS`].
    pub verdict: Choices,
    /// Positions in [`BASELINES`].
    pub baseline: Choices,
    /// Check ids.
    pub checks: BTreeSet<String>,
    /// One file.
    pub path: Option<String>,
    /// Words that must all occur.
    pub text: String,
}

impl Filter {
    /// Counted findings of one severity.
    #[must_use]
    pub fn severity(severity: Severity) -> Self {
        Self { severity: Choices::only(severity_position(severity)), ..Self::counted() }
    }

    /// Counted findings of one category.
    #[must_use]
    pub fn category(category: Category) -> Self {
        Self { category: Choices::only(category_position(category)), ..Self::counted() }
    }

    /// Counted findings.
    #[must_use]
    pub fn counted() -> Self {
        Self { verdict: Choices::only(0), ..Self::default() }
    }

    /// Findings of one check.
    #[must_use]
    pub fn check(id: &str) -> Self {
        Self { checks: BTreeSet::from([id.to_owned()]), ..Self::default() }
    }

    /// Findings in one file.
    #[must_use]
    pub fn file(path: &str) -> Self {
        Self { path: Some(path.to_owned()), ..Self::default() }
    }

    /// Whether everything passes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Position in [`Severity::ALL`].
#[must_use]
pub const fn severity_position(severity: Severity) -> usize {
    match severity {
        Severity::Critical => 0,
        Severity::High => 1,
        Severity::Medium => 2,
        Severity::Low => 3,
    }
}

/// Position in [`Category::ALL`].
#[must_use]
pub const fn category_position(category: Category) -> usize {
    match category {
        Category::QueryEfficiency => 0,
        Category::TransactionCorrectness => 1,
        Category::RuntimePerformance => 2,
        Category::ResourceLifecycle => 3,
    }
}

/// Position in [`CONFIDENCES`].
#[must_use]
pub const fn confidence_position(confidence: Confidence) -> usize {
    match confidence {
        Confidence::High => 0,
        Confidence::Medium => 1,
        Confidence::Low => 2,
    }
}

/// Position in [`EFFORTS`].
#[must_use]
pub const fn effort_position(effort: Effort) -> usize {
    match effort {
        Effort::S => 0,
        Effort::M => 1,
        Effort::L => 2,
    }
}

/// Position in [`VERDICTS`].
#[must_use]
pub const fn verdict_position(verdict: Verdict) -> usize {
    match verdict {
        Verdict::Counted => 0,
        Verdict::NeedsContext => 1,
        Verdict::Advisory => 2,
        Verdict::Suppressed => 3,
        Verdict::Refuted => 4,
    }
}

/// Position in [`BASELINES`]; 7, which nothing chooses, without a comparison.
#[must_use]
pub const fn baseline_position(state: Option<BaselineState>) -> usize {
    match state {
        Some(BaselineState::New) => 0,
        Some(BaselineState::Known) => 1,
        Some(BaselineState::Moved) => 2,
        Some(BaselineState::Fixed) | None => 7,
    }
}

/// Rank of a category among equal severities: runtime comes last.
#[must_use]
pub const fn category_rank(category: Category) -> u8 {
    match category {
        Category::QueryEfficiency | Category::TransactionCorrectness | Category::ResourceLifecycle => 0,
        Category::RuntimePerformance => 1,
    }
}

/// The default order: severity, category priority, confidence, place.
#[must_use]
pub fn by_priority(a: &Finding, b: &Finding) -> std::cmp::Ordering {
    (a.severity, category_rank(a.category), a.confidence)
        .cmp(&(b.severity, category_rank(b.category), b.confidence))
        .then_with(|| (&a.path, a.line).cmp(&(&b.path, b.line)))
}
