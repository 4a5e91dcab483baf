//! Runtime evidence beside an audit: read the files, join them to the linked project, complete the report.

use super::code_index::code_index;
use crate::analysis::Project;
use crate::evidence::code::CodeIndex;
use crate::evidence::joins::measure;
use crate::evidence::loadtest::ALWAYS;
use crate::evidence::model::{Artefact, Evidence};
use crate::evidence::report::{Figures, Inputs, missed, performance};
use crate::evidence::rules::{Observation, RULES};
use crate::report::model::Report;
use crate::report::model::performance::{Measured, Performance};

/// All files of evidence together, with what the rules see in them.
#[derive(Clone, Debug, Default)]
pub struct Gathered {
    /// The files.
    pub artefacts: Vec<Artefact>,
    /// What the rules saw.
    pub observations: Vec<Observation>,
    /// Targets, pairing and comparison.
    pub figures: Figures,
}

impl Gathered {
    /// Applies all rules and targets.
    #[must_use]
    pub fn new(mut artefacts: Vec<Artefact>) -> Self {
        // What our own load tests say to make k6 report each route is no target.
        for evidence in artefacts.iter_mut().flat_map(|artefact| &mut artefact.evidence) {
            match evidence {
                Evidence::LoadRun(run) => run.thresholds.retain(|threshold| threshold.expression != ALWAYS),
                Evidence::Targets(targets) => targets.targets.retain(|target| target.text != ALWAYS),
                _ => {}
            }
        }
        let observations = RULES.iter().flat_map(|rules| rules(&artefacts)).collect();
        let figures = Figures::new(&artefacts, &[]);
        Self { artefacts, observations, figures }
    }

    /// Joins them to a project: what the code looks like to evidence, and what the audit is to change by.
    #[must_use]
    pub fn join(&self, project: &Project) -> (CodeIndex, Measured) {
        let index = code_index(project);
        let measured = measure(&index, &self.artefacts, &self.observations, &missed(&self.figures));
        (index, measured)
    }

    /// The report of the evidence alone.
    #[must_use]
    pub fn alone(&self) -> Performance {
        self.report(None, &[])
    }

    /// Fills in what the report says of performance; what the audit changed stays.
    pub fn complete(&self, report: &mut Report, index: &CodeIndex) {
        let mut full = self.report(Some(index), &report.findings);
        if let Some(audit) = report.performance.take() {
            full.changes = audit.changes;
            full.unadjusted = audit.unadjusted;
        }
        report.performance = Some(Box::new(full));
    }

    fn report(&self, index: Option<&CodeIndex>, findings: &[crate::report::model::Finding]) -> Performance {
        performance(&Inputs {
            artefacts: &self.artefacts,
            observations: &self.observations,
            figures: &self.figures,
            index,
            findings,
        })
    }
}
