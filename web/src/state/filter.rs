//! What the findings list shows: what is chosen in each facet, the text, the order. Plain values; the work is
//! done by [`super::index`].

use super::verdict::severity_word;
use drydock_core::report::model::{BaselineState, Category, Confidence, Effort, Finding, Severity, Verdict};

/// What findings are told apart by, in the order of the column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Facet {
    /// Severity.
    Severity,
    /// Category.
    Category,
    /// Check, by id.
    Check,
    /// Verdict.
    Verdict,
    /// State against an earlier version.
    Baseline,
    /// Folder, with `/` at its end; what lies below it counts.
    Folder,
    /// File.
    File,
    /// Where the code runs.
    RunsIn,
    /// Known libraries that the file imports.
    Framework,
    /// Language of the file.
    Language,
    /// Confidence.
    Confidence,
    /// Effort.
    Effort,
}

/// How many there are.
pub const FACETS: usize = 12;

impl Facet {
    /// All, in order.
    pub const ALL: [Self; FACETS] = [
        Self::Severity,
        Self::Category,
        Self::Check,
        Self::Verdict,
        Self::Baseline,
        Self::Folder,
        Self::File,
        Self::RunsIn,
        Self::Framework,
        Self::Language,
        Self::Confidence,
        Self::Effort,
    ];

    /// Name in addresses.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Severity => "severity",
            Self::Category => "category",
            Self::Check => "check",
            Self::Verdict => "verdict",
            Self::Baseline => "since",
            Self::Folder => "folder",
            Self::File => "file",
            Self::RunsIn => "runs",
            Self::Framework => "framework",
            Self::Language => "language",
            Self::Confidence => "confidence",
            Self::Effort => "effort",
        }
    }

    /// Values that are always shown, in their order; none where they depend on the report.
    #[must_use]
    pub fn fixed(self) -> Vec<&'static str> {
        match self {
            Self::Severity => Severity::ALL.map(severity_word).to_vec(),
            Self::Category => Category::ALL.map(Category::slug).to_vec(),
            Self::Verdict => VERDICTS.map(verdict_word).to_vec(),
            Self::Baseline => vec!["new", "known", "moved"],
            Self::Confidence => CONFIDENCES.map(confidence_word).to_vec(),
            Self::Effort => EFFORTS.map(effort_word).to_vec(),
            _ => Vec::new(),
        }
    }
}

/// All verdicts, in the order in which the list groups them.
pub const VERDICTS: [Verdict; 5] =
    [Verdict::Counted, Verdict::NeedsContext, Verdict::Advisory, Verdict::Suppressed, Verdict::Refuted];
/// All confidences, surest first.
pub const CONFIDENCES: [Confidence; 3] = [Confidence::High, Confidence::Medium, Confidence::Low];
/// All efforts, smallest first.
pub const EFFORTS: [Effort; 3] = [Effort::S, Effort::M, Effort::L];

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

/// What is chosen, and the text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Chosen values; a facet without one lets all pass.
    pub chosen: Vec<(Facet, String)>,
    /// Words that must all occur.
    pub text: String,
}

impl Filter {
    /// What is chosen in a facet.
    pub fn of(&self, facet: Facet) -> impl Iterator<Item = &str> {
        self.chosen.iter().filter(move |(one, _)| *one == facet).map(|(_, value)| value.as_str())
    }

    /// Whether `value` is chosen.
    #[must_use]
    pub fn has(&self, facet: Facet, value: &str) -> bool {
        self.of(facet).any(|chosen| chosen == value)
    }

    /// Chooses or unchooses `value`.
    pub fn toggle(&mut self, facet: Facet, value: &str) {
        let before = self.chosen.len();
        self.chosen.retain(|(one, chosen)| *one != facet || chosen != value);
        if self.chosen.len() == before {
            self.chosen.push((facet, value.to_owned()));
        }
    }

    /// The same with only `value` chosen in a facet.
    #[must_use]
    pub fn with(mut self, facet: Facet, value: &str) -> Self {
        self.chosen.retain(|(one, _)| *one != facet);
        self.chosen.push((facet, value.to_owned()));
        self
    }

    /// Findings of one value.
    #[must_use]
    pub fn only(facet: Facet, value: &str) -> Self {
        Self::default().with(facet, value)
    }

    /// Counted findings.
    #[must_use]
    pub fn counted() -> Self {
        Self::only(Facet::Verdict, "counted")
    }

    /// Counted findings of one severity.
    #[must_use]
    pub fn severity(severity: Severity) -> Self {
        Self::counted().with(Facet::Severity, severity_word(severity))
    }

    /// Counted findings of one category.
    #[must_use]
    pub fn category(category: Category) -> Self {
        Self::counted().with(Facet::Category, category.slug())
    }

    /// Findings in one file.
    #[must_use]
    pub fn file(path: &str) -> Self {
        Self::only(Facet::File, path)
    }

    /// Whether everything passes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.text.is_empty() && self.chosen.is_empty()
    }
}

/// A verdict in addresses.
#[must_use]
pub const fn verdict_word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Counted => "counted",
        Verdict::NeedsContext => "needs-context",
        Verdict::Advisory => "advisory",
        Verdict::Suppressed => "suppressed",
        Verdict::Refuted => "refuted",
    }
}

/// A confidence in addresses.
#[must_use]
pub const fn confidence_word(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::High => "high",
        Confidence::Medium => "medium",
        Confidence::Low => "low",
    }
}

/// An effort in addresses.
#[must_use]
pub const fn effort_word(effort: Effort) -> &'static str {
    match effort {
        Effort::S => "s",
        Effort::M => "m",
        Effort::L => "l",
    }
}

/// A state in addresses; nothing without a comparison.
#[must_use]
pub const fn baseline_word(state: Option<BaselineState>) -> &'static str {
    match state {
        Some(BaselineState::New) => "new",
        Some(BaselineState::Known) => "known",
        Some(BaselineState::Moved) => "moved",
        Some(BaselineState::Fixed) | None => "",
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
