//! Before and after a change: what differs, by how much, and whether the runs can carry the claim. A single run a side
//! never makes a difference significant, whatever its samples say. What is compared: load tests, pages, and what was seen
//! inside the server (queries, plans, memory, event loop).

mod change;
mod inside;
mod pair;
mod runs;

pub use change::{Change, Claim};
pub use pair::{PairedBy, Pairing, glob, pair};
pub use runs::Condition;

use super::model::load::{LoadRun, Route};
use super::model::targets::{Metric, Percent, Scope, WebMetric};
use super::model::web::{Basis, WebRun};
use super::model::{Artefact, Run};
use super::stats::{self, Seeded};
use crate::order::InOrder as _;
use change::{Measured, weigh};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Both sides held against each other.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// What must be equal for load tests; those that do not hold void the claims on them.
    pub load_conditions: Vec<Condition>,
    /// Likewise for pages.
    pub page_conditions: Vec<Condition>,
    /// Differences, those that cost most time first; the whole run before its routes.
    pub changes: Vec<Change>,
}

/// Percentiles that are compared, where both sides have them.
const PERCENTILES: [Percent; 3] = [Percent::P50, Percent::P95, Percent::P99];

/// Compares the two sides. `seed` makes the resampling repeatable.
#[must_use]
pub fn compare(artefacts: &[Artefact], sides: &[Option<Run>], seed: u64) -> Comparison {
    let mut chance = Seeded::new(seed);
    let (before, after) = (runs::loads(artefacts, sides, Run::Baseline), runs::loads(artefacts, sides, Run::Optimized));
    let mut out = Comparison::default();
    if !before.is_empty() && !after.is_empty() {
        out.load_conditions = runs::load_conditions(&before, &after);
        let comparable = out.load_conditions.iter().all(|condition| condition.holds);
        load_changes(&before, &after, comparable, &mut chance, &mut out.changes);
    }
    let (before, after) = (runs::pages(artefacts, sides, Run::Baseline), runs::pages(artefacts, sides, Run::Optimized));
    let mut keys: BTreeSet<(String, String)> = BTreeSet::new();
    keys.extend(before.iter().map(|run| runs::page_key(run)));
    for key in keys {
        let of = |run: &&&WebRun| runs::page_key(run) == key;
        let one: Vec<&WebRun> = before.iter().filter(of).copied().collect();
        let other: Vec<&WebRun> = after.iter().filter(of).copied().collect();
        if other.is_empty() {
            continue;
        }
        let conditions = runs::page_conditions(&one, &other);
        let comparable = conditions.iter().all(|condition| condition.holds);
        page_changes(&key.0, &one, &other, comparable, &mut chance, &mut out.changes);
        for condition in conditions {
            if !out.page_conditions.contains(&condition) {
                out.page_conditions.push(condition);
            }
        }
    }
    let comparable = out.load_conditions.iter().all(|condition| condition.holds);
    inside::changes(artefacts, sides, comparable, &mut chance, &mut out.changes);
    change::correct(&mut out.changes);
    out
}

/// Routes of both sides, the most expensive first, with the total at the head.
fn scopes(before: &[&LoadRun], after: &[&LoadRun]) -> Vec<Scope> {
    let scope = |route: &Route| Scope::Route { method: route.method.clone(), path: route.name.clone() };
    let mut found: Vec<(Scope, f64)> = Vec::new();
    for route in before.iter().flat_map(|run| runs::plain(run)) {
        let lost = route.lost_ms().unwrap_or(0.0);
        match found.iter_mut().find(|(other, _)| *other == scope(route)) {
            Some((_, sum)) => *sum += lost,
            None => found.push((scope(route), lost)),
        }
    }
    let there = |wanted: &Scope| after.iter().flat_map(|run| runs::plain(run)).any(|route| scope(route) == *wanted);
    found.retain(|(scope, _)| there(scope));
    found.order_by(|a, b| b.1.total_cmp(&a.1));
    std::iter::once(Scope::All).chain(found.into_iter().map(|(scope, _)| scope)).collect()
}

fn load_changes(before: &[&LoadRun], after: &[&LoadRun], comparable: bool, chance: &mut Seeded, out: &mut Vec<Change>) {
    for scope in scopes(before, after) {
        let route = |run: &'_ &LoadRun| -> Option<Route> {
            match &scope {
                Scope::Route { method, path } => {
                    runs::plain(run).find(|route| route.method == *method && route.name == *path).cloned()
                }
                _ => Some(run.total.clone()),
            }
        };
        let one: Vec<Route> = before.iter().filter_map(route).collect();
        let other: Vec<Route> = after.iter().filter_map(route).collect();
        let mut metrics: Vec<Metric> = PERCENTILES.into_iter().map(Metric::Latency).collect();
        metrics.push(Metric::LatencyMean);
        if scope == Scope::All {
            metrics.extend([Metric::Throughput, Metric::ErrorRate]);
        }
        for metric in metrics {
            let value = |route: &Route| match metric {
                Metric::Latency(at) => {
                    let reliable = route.requests.is_none_or(|requests| requests >= at.needs());
                    route.latency.percentile(at).filter(|_| reliable)
                }
                Metric::LatencyMean => route.latency.mean_ms,
                Metric::Throughput => route.per_second,
                _ => route.error_rate(),
            };
            let values = |routes: &[Route]| routes.iter().filter_map(value).collect::<Vec<f64>>();
            let count = |routes: &[Route]| routes.iter().filter_map(|route| route.requests).reduce(u64::saturating_add);
            let (values_before, values_after) = (values(&one), values(&other));
            // A run without the figure would make the sides unequal.
            if values_before.len() < one.len() || values_after.len() < other.len() {
                continue;
            }
            let interval = match (metric, one.as_slice(), other.as_slice()) {
                (Metric::Latency(at), [one], [other]) => within(one, other, at, chance),
                _ => None,
            };
            let delta = match (metric, one.as_slice(), other.as_slice()) {
                (Metric::Latency(Percent::P50), [one], [other]) => delta(one, other),
                _ => None,
            };
            let measured = Measured {
                scope: scope.clone(),
                metric,
                before: values_before,
                after: values_after,
                requests: (count(&one), count(&other)),
                within: interval,
                delta,
                basis: String::new(),
            };
            out.extend(weigh(measured, comparable, chance));
        }
    }
}

/// Interval of the ratio of a percentile within one run a side, resampled by windows.
fn within(before: &Route, after: &Route, at: Percent, chance: &mut Seeded) -> Option<(f64, f64)> {
    let blocks = |route: &Route| {
        let sizes: Vec<u32> =
            route.windows.iter().map(|window| u32::try_from(window.requests).unwrap_or(u32::MAX)).collect();
        stats::Blocks::new(&route.latency.samples_ms, &sizes)
    };
    if before.latency.samples_ms.is_empty() || after.latency.samples_ms.is_empty() {
        return None;
    }
    let (before, after) = (blocks(before), blocks(after));
    if before.len() < 3 || after.len() < 3 {
        return None;
    }
    stats::block_ratio(&before, &after, at.share(), chance)
}

/// Cliff's delta of two distributions, where both sides have samples or buckets.
fn delta(before: &Route, after: &Route) -> Option<f64> {
    let counted = |route: &Route| -> Vec<(f64, u64)> {
        if !route.latency.histogram.is_empty() {
            return route.latency.histogram.iter().map(|bucket| (bucket.ms, bucket.count)).collect();
        }
        let mut samples: Vec<f64> = route.latency.samples_ms.iter().map(|ms| f64::from(*ms)).collect();
        stats::sort(&mut samples);
        let mut out: Vec<(f64, u64)> = Vec::new();
        for ms in samples {
            match out.last_mut() {
                Some((last, count)) if *last == ms => *count += 1,
                _ => out.push((ms, 1)),
            }
        }
        out
    };
    stats::cliffs_delta(&counted(before), &counted(after))
}

fn page_changes(
    path: &str,
    before: &[&WebRun],
    after: &[&WebRun],
    comparable: bool,
    chance: &mut Seeded,
    out: &mut Vec<Change>,
) {
    for metric in WebMetric::ALL {
        for basis in [Basis::Simulated, Basis::Observed] {
            let values =
                |side: &[&WebRun]| side.iter().filter_map(|run| run.value(metric, basis)).collect::<Vec<f64>>();
            let (one, other) = (values(before), values(after));
            if one.len() < before.len() || other.len() < after.len() {
                continue;
            }
            let measured = Measured {
                scope: Scope::Page { path: path.to_owned() },
                metric: Metric::Web(metric),
                before: one,
                after: other,
                requests: (None, None),
                within: None,
                delta: None,
                basis: basis.words().to_owned(),
            };
            out.extend(weigh(measured, comparable, chance));
            // The figure that the tool scores by is enough.
            break;
        }
    }
}

#[cfg(test)]
mod same_tests;
#[cfg(test)]
mod tests;
