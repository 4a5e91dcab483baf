//! Rules of databases: plans (P), statistics of queries (Q), and the indexes that they call for.

mod engines;
mod indexes;
mod joins;
mod memory;
mod names;
mod pages;
mod plans;
mod queries;
mod scans;
mod settings;

pub use indexes::{Key, Proposal, proposals};
pub use pages::PAGES;
pub use queries::calls_per_request;

use super::Observation;
use crate::evidence::model::{Artefact, Evidence};

/// All rules of this group.
#[must_use]
pub fn judge(artefacts: &[Artefact]) -> Vec<Observation> {
    let mut out = Vec::new();
    for (at, artefact) in artefacts.iter().enumerate() {
        for evidence in &artefact.evidence {
            match evidence {
                Evidence::Plan(plan) => out.extend(plans::judge(plan, at)),
                Evidence::Queries(stats) => queries::judge(stats, at, &mut out),
                #[expect(unreachable_patterns, reason = "other kinds of evidence join this enum")]
                _ => {}
            }
        }
    }
    out
}

#[cfg(test)]
mod tests;
