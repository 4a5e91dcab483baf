//! What evidence says of a metric: a value, or the two values between which it lies. Percentiles never fall with their
//! rank, so a neighbour that the tool printed bounds one that it did not.

use super::databases::databases;
use super::process::{event_loop, memory};
use crate::evidence::model::load::{LoadRun, Part, Route};
use crate::evidence::model::targets::{Metric, Percent, Scope, WebMetric};
use crate::evidence::model::web::{WebMode, WebRun};
use crate::evidence::model::{Artefact, Evidence};
use crate::evidence::routes;
use crate::words::counted;
use serde::{Deserialize, Serialize};

/// What one file says of a metric.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Reading {
    /// It is this or more.
    pub low: Option<f64>,
    /// It is this or less.
    pub high: Option<f64>,
    /// What was printed, although too few requests stand behind it.
    pub printed: Option<f64>,
    /// Requests, calls or samples behind it.
    pub n: Option<u64>,
    /// Where the bounds come from, when it is not the value itself: `p90 = 180 ms, p99 = 260 ms`; else empty.
    pub bracket: String,
    /// How it came about: `lab, simulated`; else empty.
    pub basis: String,
    /// Why a value that meets its target does not prove that it is met.
    pub doubt: Option<String>,
    /// It stands in for a better one: where the side has a file that says it outright, that one counts alone.
    pub weak: bool,
}

impl Reading {
    /// The value itself.
    #[must_use]
    pub fn exact(value: f64, n: Option<u64>) -> Self {
        Self { low: Some(value), high: Some(value), n, ..Self::default() }
    }

    /// The value, when it is known.
    #[must_use]
    pub fn value(&self) -> Option<f64> {
        self.low.filter(|low| self.high == Some(*low))
    }
}

/// What a kind of evidence says of a metric in a scope; `None` when it says nothing. The load tests of the same side say
/// what a figure is to be divided by.
pub type Measure = fn(&Artefact, &Scope, Metric, &[&LoadRun]) -> Option<Reading>;

/// All kinds, one a line.
#[rustfmt::skip]
pub const MEASURES: &[Measure] = &[
    load,
    web,
    databases,
    memory,
    event_loop,
];

/// Errors above this share make latencies meaningless.
pub const ERRORS: f64 = 0.01;

fn load(artefact: &Artefact, scope: &Scope, metric: Metric, _beside: &[&LoadRun]) -> Option<Reading> {
    artefact.evidence.iter().find_map(|evidence| {
        let Evidence::LoadRun(run) = evidence else { return None };
        let route = match scope {
            Scope::All => &run.total,
            Scope::Route { .. } => routes_of(run, scope).into_iter().next()?,
            _ => return None,
        };
        // A history beside the statistics of the same run is no second run.
        Some(Reading { weak: run.part != Part::Summary, ..of_route(run, route, metric)? })
    })
}

/// Routes that a scope means.
#[must_use]
pub fn routes_of<'a>(run: &'a LoadRun, scope: &Scope) -> Vec<&'a Route> {
    let Scope::Route { method, path } = scope else { return Vec::new() };
    run.routes.iter().filter(|route| routes::same(method, path, &route.method, &route.name)).collect()
}

fn of_route(run: &LoadRun, route: &Route, metric: Metric) -> Option<Reading> {
    if matches!(run.part, Part::Failures) {
        return None;
    }
    let n = route.requests;
    let exact = |value: Option<f64>| value.map(|value| Reading::exact(value, n));
    let mut reading = match metric {
        Metric::Latency(at) => return percentile(route, at),
        Metric::LatencyMean => exact(route.latency.mean_ms),
        Metric::LatencyMin => exact(route.latency.min_ms),
        Metric::LatencyMax => exact(route.latency.max_ms),
        Metric::Throughput => return exact(route.per_second),
        Metric::Requests => return exact(route.requests.map(|requests| requests as f64)),
        Metric::Errors => return exact(route.failures.map(|failures| failures as f64)),
        Metric::ErrorRate => return exact(route.error_rate()),
        _ => None,
    }?;
    reading.doubt = errors(route);
    Some(reading)
}

/// Why latencies of a route say little.
fn errors(route: &Route) -> Option<String> {
    let rate = route.error_rate().filter(|rate| *rate > ERRORS)?;
    Some(format!(
        "{} of the requests failed: latencies tell more of errors than of answers",
        Metric::ErrorRate.show(rate)
    ))
}

/// A percentile: as printed, from samples or buckets, or between its neighbours.
fn percentile(route: &Route, at: Percent) -> Option<Reading> {
    let n = route.requests;
    let enough = |other: Percent| n.is_none_or(|n| n >= other.needs());
    let known = &route.latency.percentiles;
    if let Some(value) = route.latency.percentile(at) {
        let mut reading = Reading { doubt: errors(route), ..Reading::exact(value, n) };
        if !enough(at) {
            let n = n.unwrap_or(0);
            let requests = counted(n, "request", "requests");
            reading.doubt = unreliable(at, n, "request", "requests");
            // A lower percentile that enough requests stand behind still shows what is missed.
            let below = known.iter().rev().find(|other| other.at < at && enough(other.at));
            reading.bracket = format!("{at} = {} of {requests}", Metric::Latency(at).show(value));
            reading.printed = Some(value);
            reading.low = below.map(|other| other.ms);
        }
        return Some(reading);
    }
    let below = known.iter().rev().find(|other| other.at < at && enough(other.at));
    let above = known.iter().find(|other| other.at > at);
    let low = below.map(|other| (other.at.to_string(), other.ms));
    let low = low.or_else(|| Some(("min".to_owned(), route.latency.min_ms?)));
    let high = above.map(|other| (other.at.to_string(), other.ms));
    let high = high.or_else(|| Some(("max".to_owned(), route.latency.max_ms?)));
    if low.is_none() && high.is_none() {
        return None;
    }
    let show = |bound: &Option<(String, f64)>| {
        bound.as_ref().map(|(name, ms)| format!("{name} = {}", Metric::Latency(at).show(*ms)))
    };
    let shown: Vec<String> = [show(&low), show(&high)].into_iter().flatten().collect();
    let doubt = errors(route).or_else(|| unreliable(at, n?, "request", "requests"));
    Some(Reading {
        low: low.map(|(_, ms)| ms),
        high: high.map(|(_, ms)| ms),
        n,
        bracket: shown.join(", "),
        doubt,
        ..Reading::default()
    })
}

/// Why a percentile of so few says little.
pub(super) fn unreliable(at: Percent, n: u64, one: &str, many: &str) -> Option<String> {
    let (seen, needed) = (counted(n, one, many), counted(at.needs(), one, many));
    (n < at.needs()).then(|| format!("{at} of {seen} is not reliable: it takes {needed}"))
}

fn web(artefact: &Artefact, scope: &Scope, metric: Metric, _beside: &[&LoadRun]) -> Option<Reading> {
    let Metric::Web(metric) = metric else { return None };
    artefact.evidence.iter().find_map(|evidence| {
        let Evidence::WebRun(run) = evidence else { return None };
        let fits = match scope {
            Scope::All => true,
            Scope::Page { path } => same_page(path, &run.page),
            _ => false,
        };
        if fits { of_page(run, metric) } else { None }
    })
}

/// Whether a page of a target is this one: its path, the whole address, or a pattern that ends with `*`.
#[must_use]
pub fn same_page(wanted: &str, page: &str) -> bool {
    let path = routes::path(page);
    if let Some(start) = wanted.strip_suffix('*') {
        return path.starts_with(start) || page.starts_with(start);
    }
    wanted == page || routes::path(wanted) == path || wanted.trim_end_matches('/') == path.trim_end_matches('/')
}

fn of_page(run: &WebRun, metric: WebMetric) -> Option<Reading> {
    let figure = run.figure(metric)?;
    let mut reading = Reading::exact(figure.value, None);
    figure.basis.words().clone_into(&mut reading.basis);
    if metric == WebMetric::Inp && run.mode == WebMode::Navigation && run.interactions.is_empty() {
        reading.doubt = Some("a page load has few interactions".to_owned());
    }
    Some(reading)
}
