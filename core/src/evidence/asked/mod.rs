//! What is asked, and who says so first: all targets of files and those typed in, in the order of their sources. Rules
//! take their thresholds from here, the table of targets its lines.

mod defaults;

use super::model::targets::{Metric, Scope, Target, Targets, Unchecked};
use super::model::{Artefact, Evidence};
use super::readers::targets::of_run;
use crate::order::InOrder as _;
use std::collections::BTreeSet;

/// All targets.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Asked {
    /// The best source first; none twice.
    pub targets: Vec<Target>,
    /// What cannot be checked from files.
    pub unchecked: Vec<Unchecked>,
}

impl Asked {
    /// Gathers them. `edited` are those typed in, which overrule all files.
    #[must_use]
    pub fn new(artefacts: &[Artefact], edited: &[Target]) -> Self {
        let mut out = Self { targets: edited.to_vec(), unchecked: Vec::new() };
        for artefact in artefacts {
            for evidence in &artefact.evidence {
                let found = match evidence {
                    Evidence::Targets(found) => Targets::clone(found),
                    Evidence::LoadRun(run) => of_run(run, &artefact.path),
                    _ => continue,
                };
                out.targets.extend(found.targets);
                out.unchecked.extend(found.unchecked);
            }
        }
        out.targets.extend(defaults::all());
        // A target that several results carry is one.
        let mut seen = BTreeSet::new();
        out.targets.retain(|target| {
            let value = target.value.to_bits();
            seen.insert((target.source.kind, target.scope.clone(), target.metric, target.comparison, value))
        });
        let mut said = BTreeSet::new();
        out.unchecked.retain(|unchecked| said.insert((unchecked.text.clone(), unchecked.reason.clone())));
        out.targets.order_by_key(|target| target.source.kind);
        out
    }

    /// What is asked of a query: a target of its own before one of all queries, then the better source.
    #[must_use]
    pub fn of_query(&self, metric: Metric, texts: &[&str]) -> Option<&Target> {
        let of_metric = || self.targets.iter().filter(|target| target.metric == metric);
        let own = of_metric().find(|target| match &target.scope {
            Scope::Query { text } => same_query(text, texts),
            _ => false,
        });
        own.or_else(|| of_metric().find(|target| target.scope == Scope::All))
    }

    /// What is asked of the whole.
    #[must_use]
    pub fn of_all(&self, metric: Metric) -> Option<&Target> {
        self.targets.iter().find(|target| target.metric == metric && target.scope == Scope::All)
    }
}

/// Whether a target's text means this query: white space and case aside, a part of what was sent or of its normal form.
#[must_use]
pub fn same_query(wanted: &str, texts: &[&str]) -> bool {
    let plain = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    let wanted = plain(wanted);
    !wanted.is_empty() && texts.iter().any(|text| plain(text).contains(&wanted))
}
