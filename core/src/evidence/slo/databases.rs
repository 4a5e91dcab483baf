//! What statistics, logs and plans say of the time of queries, and of how many a request takes.

use super::measure::{Reading, routes_of, unreliable};
use crate::evidence::asked::same_query;
use crate::evidence::model::load::LoadRun;
use crate::evidence::model::targets::{Metric, Percent, Scope};
use crate::evidence::model::{Artefact, Evidence, Plan, QueryStat, QueryStats};
use crate::evidence::rules::databases::beside;
use crate::evidence::{routes, stats};
use crate::order::InOrder as _;
use crate::words::counted;

/// Of statistics where the file has them, else of single plans.
pub(super) fn databases(artefact: &Artefact, scope: &Scope, metric: Metric, loads: &[&LoadRun]) -> Option<Reading> {
    if !matches!(metric, Metric::DbQuery(_) | Metric::DbQueryMean | Metric::DbQueryMax | Metric::DbQueriesPerRequest) {
        return None;
    }
    let found = artefact.evidence.iter().find_map(|evidence| match evidence {
        Evidence::Queries(stats) if metric == Metric::DbQueriesPerRequest => per_request(stats, scope, loads),
        Evidence::Queries(stats) => of_statistics(stats, scope, metric),
        _ => None,
    });
    found.or_else(|| of_plans(artefact, scope, metric))
}

/// Queries that a scope means.
fn chosen<'a>(stats: &'a QueryStats, scope: &Scope) -> Vec<&'a QueryStat> {
    match scope {
        Scope::All => stats.queries.iter().collect(),
        Scope::Query { text } => {
            let fits = |stat: &&QueryStat| same_query(text, &[&stat.fingerprint, &stat.text]);
            stats.queries.iter().filter(fits).collect()
        }
        _ => Vec::new(),
    }
}

/// A log with a threshold knows the slow calls only, so what it says of all is no less than the truth.
const LOGGED: &str = "of the calls that were logged: faster ones may be missing";

fn of_statistics(stats: &QueryStats, scope: &Scope, metric: Metric) -> Option<Reading> {
    let queries = chosen(stats, scope);
    // What is not told apart still counts in the sums.
    let (calls, total_ms) = match scope {
        Scope::All => (stats.calls, stats.total_ms),
        _ => (
            queries.iter().fold(0, |sum, stat| stat.calls.saturating_add(sum)),
            queries.iter().map(|stat| stat.total_ms).sum(),
        ),
    };
    if calls == 0 || queries.is_empty() {
        return None;
    }
    let of = stats.source.name();
    let extreme = |of: fn(&QueryStat) -> Option<f64>, pick: fn(f64, f64) -> f64| {
        let all: Option<Vec<f64>> = queries.iter().map(|stat| of(stat)).collect();
        all?.into_iter().reduce(pick)
    };
    let max = || extreme(|stat| stat.max_ms, f64::max);
    let mut reading = match metric {
        Metric::DbQueryMean => Reading { basis: of.to_owned(), ..Reading::exact(total_ms / calls as f64, Some(calls)) },
        Metric::DbQueryMax => Reading { basis: of.to_owned(), ..Reading::exact(max()?, Some(calls)) },
        Metric::DbQuery(at) => match samples(&queries, at) {
            Some(value) => Reading {
                basis: of.to_owned(),
                doubt: unreliable(at, calls, "call", "calls"),
                ..Reading::exact(value, Some(calls))
            },
            None => bounded(&queries, calls, total_ms, max(), extreme(|stat| stat.min_ms, f64::min), of)?,
        },
        _ => return None,
    };
    if metric == Metric::DbQueryMean && queries.len() > 1 {
        let slowest = queries.iter().map(|stat| stat.mean_ms()).fold(0.0, f64::max);
        reading.basis.push_str(&format!(", the slowest query {} a call", metric.show(slowest)));
    }
    if stats.lower_bound && metric != Metric::DbQueryMax {
        reading.printed = reading.value();
        reading.bracket = reading.value().map_or(reading.bracket, |value| format!("{} {LOGGED}", metric.show(value)));
        reading.low = None;
        // What the log left out is no slower: few calls in it are no reason to doubt the bound.
        reading.doubt = None;
        reading.weak = true;
    }
    Some(reading)
}

/// A percentile of all calls from times of single calls; each stands for as many as its query has of them.
fn samples(queries: &[&QueryStat], at: Percent) -> Option<f64> {
    if let [one] = queries {
        let kept: Vec<f64> = one.samples_ms.iter().map(|ms| f64::from(*ms)).collect();
        return stats::percentile(&kept, at.share());
    }
    let mut all: Vec<(f64, f64)> = Vec::new();
    for stat in queries {
        if stat.samples_ms.is_empty() {
            return None;
        }
        let weight = stat.calls as f64 / stat.samples_ms.len() as f64;
        all.extend(stat.samples_ms.iter().map(|ms| (f64::from(*ms), weight)));
    }
    all.order_by(|a, b| a.0.total_cmp(&b.0));
    let wanted = at.share() * all.iter().map(|(_, weight)| weight).sum::<f64>();
    let mut sum = 0.0;
    let reached = all.iter().find(|(_, weight)| {
        sum += weight;
        sum >= wanted
    });
    reached.or(all.last()).map(|(ms, _)| *ms)
}

/// A percentile of counters that keep none lies between their extremes.
fn bounded(
    queries: &[&QueryStat],
    calls: u64,
    total_ms: f64,
    max: Option<f64>,
    min: Option<f64>,
    of: &str,
) -> Option<Reading> {
    if max.is_none() && min.is_none() {
        return None;
    }
    let show = |name: &str, value: Option<f64>| {
        value.map(|value| format!("{name} = {}", Metric::DbQueryMean.show(value))).unwrap_or_default()
    };
    let deviation = match queries {
        [one] => one.stddev_ms,
        _ => None,
    };
    let parts = [
        show("min", min),
        show("mean", Some(total_ms / calls as f64)),
        show("standard deviation", deviation),
        show("max", max),
    ];
    let said: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    Some(Reading {
        low: min,
        high: max,
        n: Some(calls),
        bracket: said.join(", "),
        basis: of.to_owned(),
        ..Reading::default()
    })
}

/// Calls for each request of the load tests beside.
fn per_request(stats: &QueryStats, scope: &Scope, loads: &[&LoadRun]) -> Option<Reading> {
    let all = beside::requests(stats, loads)?;
    let (calls, requests) = match scope {
        Scope::All => (stats.calls, all.count),
        Scope::Route { method, path } => (
            beside::tagged(stats, &|route| routes::same(method, path, "", route))?,
            beside::sent(loads.iter().flat_map(|run| routes_of(run, scope))),
        ),
        _ => return None,
    };
    if requests == 0 || calls == 0 {
        return None;
    }
    let value = calls as f64 / requests as f64;
    let shown = Metric::DbQueriesPerRequest.show(value);
    let reading = Reading {
        basis: format!(
            "{} of {} by {}",
            counted(calls, "call", "calls"),
            stats.source.name(),
            counted(requests, "request", "requests")
        ),
        ..Reading::exact(value, None)
    };
    Some(match all.doubt {
        Some(doubt) => {
            Reading { low: None, high: None, printed: Some(value), bracket: shown, doubt: Some(doubt), ..reading }
        }
        // Calls that were too fast to be logged come on top.
        None if stats.lower_bound => {
            Reading { high: None, printed: Some(value), bracket: format!("{shown} or more"), ..reading }
        }
        None => reading,
    })
}

/// A plan that was run is one execution, and one in a log the slowest of several.
fn of_plans(artefact: &Artefact, scope: &Scope, metric: Metric) -> Option<Reading> {
    let Scope::Query { text } = scope else { return None };
    let plans: Vec<(&Plan, f64)> = artefact
        .evidence
        .iter()
        .filter_map(|evidence| match evidence {
            Evidence::Plan(plan) => Some(plan.as_ref()),
            _ => None,
        })
        .filter(|plan| plan.analyzed && plan.query.as_deref().is_some_and(|query| same_query(text, &[query])))
        .filter_map(|plan| Some((plan, plan.execution_ms.or_else(|| plan.total_ms())?)))
        .collect();
    let slowest = plans.iter().map(|(_, ms)| *ms).reduce(f64::max)?;
    let executions = plans.iter().map(|(plan, _)| plan.executions.max(1)).fold(0, u64::saturating_add);
    let times = counted(executions, "execution", "executions");
    let bracket = format!("{} in the slowest of {times}", Metric::DbQueryMax.show(slowest));
    let basis = "plan, timing included".to_owned();
    let reading =
        Reading { n: Some(executions), basis, weak: true, bracket, printed: Some(slowest), ..Reading::default() };
    Some(match metric {
        // The slowest that anybody saw.
        Metric::DbQueryMax => Reading { low: Some(slowest), ..reading },
        _ if executions == 1 => Reading {
            doubt: Some("one execution is no mean and no percentile".to_owned()),
            high: Some(slowest),
            ..reading
        },
        _ => Reading { high: Some(slowest), ..reading },
    })
}
