//! The Performance Report from evidence: sections by endpoint and component, findings with their places, what to do by
//! impact for the effort, where to cache, what others decide. The shape is [`crate::report::model::performance`].

mod advice;
mod caching;
mod escalate;
mod figures;
mod files;
mod sections;

pub use figures::{Figures, missed};

use super::code::CodeIndex;
use super::model::Artefact;
use super::rules::Observation;
use crate::report::model::Finding;
use crate::report::model::performance::Performance;

/// Everything that the report is made from.
pub struct Inputs<'a> {
    /// The files, in the order in which they were given.
    pub artefacts: &'a [Artefact],
    /// What the rules saw in them.
    pub observations: &'a [Observation],
    /// Targets, pairing and comparison.
    pub figures: &'a Figures,
    /// The code, when a project was given.
    pub index: Option<&'a CodeIndex>,
    /// The audit's findings, when there was one.
    pub findings: &'a [Finding],
}

/// Builds the report. What the audit changed is not part of it yet.
#[must_use]
pub fn performance(inputs: &Inputs<'_>) -> Performance {
    let mut sections = sections::Sections::new(inputs);
    sections.targets();
    sections.observations();
    sections.indexes();
    sections.benchmarks();
    let (mut out, mut unmatched) = sections.finish();
    for draft in &mut out {
        advice::recommend(draft);
        caching::advise(draft, inputs);
        escalate::escalate(draft);
    }
    unmatched.dedup();
    Performance {
        sections: out.into_iter().map(|draft| draft.section).collect(),
        files: files::files(inputs),
        unmatched,
        pictures: super::pictures::pictures(inputs.artefacts),
        notices: inputs.figures.notices(inputs.index.is_some()),
        ..Performance::default()
    }
}

#[cfg(test)]
mod tests;
