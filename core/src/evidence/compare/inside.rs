//! What both sides saw inside the server: queries, plans, memory, event loop.

use super::change::{Change, Measured, weigh};
use crate::evidence::model::load::loads;
use crate::evidence::model::targets::{Metric, Percent, Scope};
use crate::evidence::model::{Artefact, Evidence, Plan, QueryStats, Run};
use crate::evidence::slo::MEASURES;
use crate::evidence::sql;
use crate::evidence::stats::Seeded;
use crate::order::InOrder as _;
use std::collections::{BTreeMap, BTreeSet};

/// Figures of the whole, as the table of targets measures them.
const WHOLE: [Metric; 6] = [
    Metric::DbQueriesPerRequest,
    Metric::DbQueryMean,
    Metric::DbQuery(Percent::P95),
    Metric::EventLoopBlock,
    Metric::MemoryPeak,
    Metric::MemoryGrowth,
];
/// Queries and plans that are compared, the most expensive first.
const MOST: usize = 10;

/// Adds them; `comparable` says whether the load of both sides was alike.
pub fn changes(
    artefacts: &[Artefact],
    sides: &[Option<Run>],
    comparable: bool,
    chance: &mut Seeded,
    out: &mut Vec<Change>,
) {
    let of = |run: Run| -> Vec<&Artefact> {
        artefacts.iter().zip(sides).filter(|(_, side)| **side == Some(run)).map(|(artefact, _)| artefact).collect()
    };
    let (before, after) = (of(Run::Baseline), of(Run::Optimized));
    let mut add = |scope: Scope, metric: Metric, before: Vec<f64>, after: Vec<f64>, basis: &str, comparable: bool| {
        let basis = basis.to_owned();
        let measured =
            Measured { scope, metric, before, after, requests: (None, None), within: None, delta: None, basis };
        out.extend(weigh(measured, comparable, chance));
    };
    for metric in WHOLE {
        if let (Some(one), Some(other)) = (values(&before, metric), values(&after, metric)) {
            add(Scope::All, metric, one, other, "", comparable);
        }
    }
    let (one, other) = (means(&before), means(&after));
    let mut common: Vec<(&String, f64)> =
        one.iter().filter(|(key, _)| other.contains_key(*key)).map(|(key, (_, total))| (key, *total)).collect();
    common.order_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(b.0)));
    for (key, _) in common.into_iter().take(MOST) {
        if let (Some((before, _)), Some((after, _))) = (one.get(key), other.get(key)) {
            let scope = Scope::Query { text: key.clone() };
            add(scope, Metric::DbQueryMean, before.clone(), after.clone(), "", comparable);
        }
    }
    let (one, other) = (plans(&before), plans(&after));
    for (key, before) in one.iter().take(MOST) {
        if let Some(after) = other.get(key) {
            let scope = Scope::Query { text: key.clone() };
            // A plan is of its own query, whatever load there was.
            add(scope, Metric::DbQueryMax, before.clone(), after.clone(), "EXPLAIN ANALYZE", true);
        }
    }
}

/// The figure of each file that has it; nothing when one is known in part only.
fn values(side: &[&Artefact], metric: Metric) -> Option<Vec<f64>> {
    let beside = loads(side.iter().copied());
    let mut out = Vec::new();
    for artefact in side {
        let reading = MEASURES.iter().find_map(|measure| measure(artefact, &Scope::All, metric, &beside));
        if let Some(reading) = reading {
            out.push(reading.value()?);
        }
    }
    (!out.is_empty()).then_some(out)
}

/// Means of each query in each file of counters, and its whole time.
fn means(side: &[&Artefact]) -> BTreeMap<String, (Vec<f64>, f64)> {
    let complete = |evidence: &'_ Evidence| match evidence {
        // A log with a threshold knows the slow calls only: fewer of them are no faster mean.
        Evidence::Queries(stats) if !stats.lower_bound => Some(QueryStats::clone(stats)),
        _ => None,
    };
    let mut out: BTreeMap<String, (Vec<f64>, f64)> = BTreeMap::new();
    for stats in side.iter().flat_map(|artefact| &artefact.evidence).filter_map(complete) {
        for stat in stats.queries.iter().filter(|stat| stat.calls >= FEW) {
            let entry = out.entry(stat.fingerprint.clone()).or_default();
            entry.0.push(stat.mean_ms());
            entry.1 += stat.total_ms;
        }
    }
    out
}

/// Calls that a mean needs.
const FEW: u64 = 20;

/// Times of plans that were run, by their query; of a file with a single plan, by the file's name.
fn plans(side: &[&Artefact]) -> BTreeMap<String, Vec<f64>> {
    let mut out: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    let mut unclear: BTreeSet<String> = BTreeSet::new();
    for artefact in side {
        let plans: Vec<&Plan> = artefact
            .evidence
            .iter()
            .filter_map(|evidence| match evidence {
                Evidence::Plan(plan) if plan.analyzed && plan.executions <= 1 => Some(plan.as_ref()),
                _ => None,
            })
            .collect();
        for plan in &plans {
            let name = artefact.path.rsplit(['/', '\\', '!']).next().unwrap_or(&artefact.path);
            let key = match (&plan.query, plans.len()) {
                (Some(query), _) => sql::fingerprint(query),
                (None, 1) => name.to_owned(),
                (None, _) => continue,
            };
            match plan.execution_ms.or_else(|| plan.total_ms()) {
                Some(ms) => out.entry(key).or_default().push(ms),
                None => {
                    unclear.insert(key);
                }
            }
        }
    }
    out.retain(|key, _| !unclear.contains(key));
    out
}
