//! What a check is: metadata, then candidates, then a judgement of each.

use crate::analysis::{FuncId, Project};
use crate::discovery::ContextStore;
use crate::model::ValueId;
use crate::report::model::{Confidence, ContextFacts, Effort, Severity, Step};
use crate::source::Span;

/// What checks may look at.
#[derive(Clone, Copy, Debug)]
pub struct Cx<'p> {
    /// The linked project.
    pub project: &'p Project,
    /// Discovered context.
    pub context: &'p ContextStore,
}

/// The place of a candidate: an op of a function, or a span of its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Function (a module's top level where there is none).
    pub func: FuncId,
    /// The op, when there is one: its text makes the fingerprint.
    pub op: Option<ValueId>,
    /// Lines.
    pub span: Span,
}

/// A finding before it is named, numbered and validated.
#[derive(Clone, Debug)]
pub struct Draft {
    /// Where a developer would change the code.
    pub place: Place,
    /// From the check's situation rows.
    pub severity: Severity,
    /// How sure the names are.
    pub confidence: Confidence,
    /// What is wrong, one sentence, understandable alone.
    pub message: String,
    /// What to do, imperative.
    pub recommendation: String,
    /// Work to mend.
    pub effort: Effort,
    /// Numbered path.
    pub steps: Vec<Step>,
    /// Facts that decided the severity.
    pub evidence: Vec<String>,
    /// What rules 1 and 6 ask.
    pub facts: ContextFacts,
}

/// What becomes of a candidate.
#[derive(Clone, Debug)]
pub enum Judgement {
    /// A situation row applies.
    Confirmed(Box<Draft>),
    /// A named reason clears it.
    Rejected(String),
    /// The code alone cannot decide; the reason says what is missing. Listed as LOW, never scored.
    NeedsContext(Box<Draft>, String),
}

/// What a check found to look at.
#[derive(Clone, Debug)]
pub enum Candidates<T> {
    /// Nothing that it looks at exists: the check is skipped with this reason.
    Nothing(&'static str),
    /// Candidates with their places, and what was looked at: `12 loops`.
    Found(Vec<(Place, T)>, String),
}

/// A check.
pub trait Check {
    /// Its id in the catalogue.
    const ID: &'static str;
    /// Layer 1's finds.
    type Candidate;
    /// Finds candidates cheaply.
    fn candidates(cx: Cx<'_>) -> Candidates<Self::Candidate>;
    /// Judges one from its context.
    fn judge(cx: Cx<'_>, place: Place, candidate: &Self::Candidate) -> Judgement;
}

/// What a check did.
#[derive(Clone, Debug)]
pub struct CheckRun {
    /// Id.
    pub id: &'static str,
    /// Why it had nothing to look at.
    pub skipped: Option<&'static str>,
    /// What it looked at.
    pub looked_at: String,
    /// Candidates in all.
    pub candidates: u32,
    /// Confirmed ones.
    pub confirmed: Vec<Draft>,
    /// Undecidable ones with what is missing.
    pub needs_context: Vec<(Draft, String)>,
    /// Rejected ones with the reason.
    pub rejected: Vec<(Place, String)>,
}

/// Runs one check.
pub(super) fn run<C: Check>(cx: Cx<'_>) -> CheckRun {
    let mut run = CheckRun {
        id: C::ID,
        skipped: None,
        looked_at: String::new(),
        candidates: 0,
        confirmed: Vec::new(),
        needs_context: Vec::new(),
        rejected: Vec::new(),
    };
    match C::candidates(cx) {
        Candidates::Nothing(reason) => run.skipped = Some(reason),
        Candidates::Found(found, looked_at) => {
            run.looked_at = looked_at;
            run.candidates = u32::try_from(found.len()).unwrap_or(u32::MAX);
            for (place, candidate) in &found {
                let judgement = C::judge(cx, *place, candidate);
                run.take(*place, judgement);
            }
        }
    }
    run
}

impl CheckRun {
    /// One copy for all checks.
    #[inline(never)]
    fn take(&mut self, place: Place, judgement: Judgement) {
        match judgement {
            Judgement::Confirmed(draft) => self.confirmed.push(*draft),
            Judgement::NeedsContext(draft, missing) => self.needs_context.push((*draft, missing)),
            Judgement::Rejected(reason) => self.rejected.push((place, reason)),
        }
    }
}
