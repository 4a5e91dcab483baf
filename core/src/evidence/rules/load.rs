//! Rules of load tests: errors, a generator at its end, tails, drift, too few requests, large answers.

use super::pages::Page;
use super::{Kind, Observation, Subject};
use crate::evidence::model::load::{LoadModel, LoadRun, Part, Route, Window};
use crate::evidence::model::targets::{Metric, Percent};
use crate::evidence::model::{Artefact, Evidence};
use crate::evidence::stats;
use crate::report::model::{Effort, Severity};
use crate::words::{counted, grouped};
use std::collections::BTreeSet;

/// Pages of this group.
pub const PAGES: &[Page] = &[
    ("L1", include_str!("pages/L1.md")),
    ("L2", include_str!("pages/L2.md")),
    ("L3", include_str!("pages/L3.md")),
    ("L4", include_str!("pages/L4.md")),
    ("L5", include_str!("pages/L5.md")),
    ("L6", include_str!("pages/L6.md")),
];

/// All rules of load tests.
pub fn all(artefacts: &[Artefact]) -> Vec<Observation> {
    let mut out = Vec::new();
    for (at, artefact) in artefacts.iter().enumerate() {
        for evidence in &artefact.evidence {
            let Evidence::LoadRun(run) = evidence else { continue };
            let cx = Cx { run, artefact: at };
            match run.part {
                Part::Summary => {
                    errors(&cx, &mut out);
                    saturated(&cx, &mut out);
                    tail(&cx, &mut out);
                    few(&cx, &mut out);
                    large(&cx, &mut out);
                    drift(&cx, &mut out);
                }
                Part::History => drift(&cx, &mut out),
                Part::Failures | Part::Distribution => {}
            }
        }
    }
    // Two files of one run say the same.
    let mut said = BTreeSet::new();
    out.retain(|observation| {
        said.insert((observation.rule.clone(), observation.title.clone(), observation.measured.clone()))
    });
    out
}

struct Cx<'a> {
    run: &'a LoadRun,
    artefact: usize,
}

impl Cx<'_> {
    /// An observation about a route; the rest is filled in.
    fn about(&self, rule: &str, route: &Route, severity: Severity, title: String) -> Observation {
        let subject = if route.name.is_empty() {
            Subject::Process
        } else {
            Subject::Route { method: route.method.clone(), path: route.name.clone() }
        };
        Observation {
            rule: rule.to_owned(),
            kind: Kind::LoadBehaviour,
            title,
            subject,
            severity,
            measured: String::new(),
            share: self.share(route),
            removable: None,
            fix: String::new(),
            guard: None,
            effort: Effort::M,
            artefact: self.artefact,
        }
    }

    /// Part of all waiting time that is spent on a route.
    fn share(&self, route: &Route) -> Option<f64> {
        let all: f64 = self.routes().filter_map(Route::lost_ms).sum();
        let all = if all > 0.0 { all } else { self.run.total.lost_ms()? };
        Some(route.lost_ms()? / all).filter(|share| share.is_finite() && *share <= 1.0)
    }

    /// Routes that are routes.
    fn routes(&self) -> impl Iterator<Item = &Route> {
        self.run.routes.iter().filter(|route| !route.selection)
    }

    /// Routes, or the total where there are none.
    fn each(&self) -> Vec<&Route> {
        let routes: Vec<&Route> = self.routes().collect();
        if routes.is_empty() { vec![&self.run.total] } else { routes }
    }
}

/// Name of a route in a sentence.
fn name(route: &Route) -> String {
    if route.name.is_empty() { "The load test".to_owned() } else { format!("`{}`", route.title()) }
}

fn requests(count: u64) -> String {
    counted(count, "request", "requests")
}

/// L1: requests that fail.
fn errors(cx: &Cx, out: &mut Vec<Observation>) {
    let failing =
        |route: &&Route| route.requests.is_some_and(|n| n >= 20) && route.error_rate().is_some_and(|rate| rate > 0.01);
    let mut found: Vec<&Route> = cx.routes().filter(failing).collect();
    if found.is_empty() {
        found.extend(Some(&cx.run.total).filter(failing));
    }
    for route in found {
        let (Some(rate), Some(n)) = (route.error_rate(), route.requests) else { continue };
        let severity = if rate >= 0.05 { Severity::High } else { Severity::Medium };
        let title = format!("{} fails in {} of {}", name(route), Metric::ErrorRate.show(rate), requests(n));
        let mut observation = cx.about("L1", route, severity, title);
        let errors = if route.errors.is_empty() { &cx.run.total.errors } else { &route.errors };
        let shown: Vec<String> =
            errors.iter().take(3).map(|error| format!("{} x {}", grouped(error.count), error.what)).collect();
        let failed =
            route.failures.map_or_else(String::new, |failed| format!("{} of {} failed ", grouped(failed), requests(n)));
        let what = if shown.is_empty() { String::new() } else { format!(": {}", shown.join(", ")) };
        observation.measured = format!("{failed}({}){what}", cx.run.tool);
        observation.fix =
            "Find out from the server's log why these requests fail and mend that first; then measure again".to_owned();
        observation.guard =
            Some("Until then latencies say little: a fast error pulls them down, a time-out pushes them up".to_owned());
        out.push(observation);
    }
}

/// L2: the generator, not the server, set the limit.
fn saturated(cx: &Cx, out: &mut Vec<Observation>) {
    let run = cx.run;
    let dropped = run.dropped.unwrap_or(0.0);
    if run.model != Some(LoadModel::Open) || dropped < 1.0 {
        return;
    }
    let sent = run.total.requests.unwrap_or(0) as f64;
    let share = dropped / (dropped + sent);
    let severity = if share >= 0.1 { Severity::High } else { Severity::Medium };
    let title = format!(
        "The load generator did not start {} that were due",
        counted(dropped as u64, "iteration", "iterations")
    );
    let mut observation = cx.about("L2", &Route::default(), severity, title);
    let users = match (run.users, run.users_cap) {
        (Some(users), Some(cap)) => format!(", {users} of {cap} users were busy"),
        _ => String::new(),
    };
    observation.share = None;
    observation.measured =
        format!("{} dropped beside {} ({}){users}", grouped(dropped as u64), requests(sent as u64), run.tool);
    observation.fix =
        "Give the generator more users (`maxVUs`) or a machine of its own, or lower the rate to what is asked"
            .to_owned();
    observation.guard = Some(
        "When the server itself is too slow more users only lengthen its queue: look at its latency first".to_owned(),
    );
    observation.effort = Effort::S;
    out.push(observation);
}

/// L3: a few requests take ten times as long as most.
fn tail(cx: &Cx, out: &mut Vec<Observation>) {
    for route in cx.each() {
        let latency = &route.latency;
        let (Some(p50), Some(p99)) = (latency.percentile(Percent::P50), latency.percentile(Percent::P99)) else {
            continue;
        };
        let enough = route.requests.is_some_and(|n| n >= Percent::P99.needs());
        // Below a few milliseconds the ratio is that of the clock and the network.
        if !enough || p50 <= 0.0 || p99 / p50 < 10.0 || p99 < 50.0 {
            continue;
        }
        let show = |ms| Metric::Latency(Percent::P99).show(ms);
        let title = format!("{} has a long tail: p99 is {:.0} times the median", name(route), p99 / p50);
        let mut observation = cx.about("L3", route, Severity::Medium, title);
        observation.kind = Kind::Contention;
        observation.measured = format!(
            "p50 {}, p99 {} ({}, {})",
            show(p50),
            show(p99),
            cx.run.tool,
            requests(route.requests.unwrap_or(0))
        );
        observation.fix = "Look at what the slow requests wait for: a pool, a lock, garbage collection, a cold cache, one large tenant".to_owned();
        observation.guard = Some(
            "A route that does two kinds of work (hit and miss) has a long tail by nature: split it by name".to_owned(),
        );
        out.push(observation);
    }
}

/// Windows of a third, those with answers.
fn median_of(windows: &[&Window]) -> Option<f64> {
    stats::median(&windows.iter().filter_map(|window| window.p50_ms).collect::<Vec<_>>())
}

/// L4: latency moves while the load stays the same.
fn drift(cx: &Cx, out: &mut Vec<Observation>) {
    let mut routes = cx.each();
    if routes.iter().all(|route| route.windows.is_empty()) {
        routes = vec![&cx.run.total];
    }
    let users: Vec<&Window> = cx.run.total.windows.iter().collect();
    for route in routes {
        let windows: Vec<&Window> = route.windows.iter().filter(|window| window.p50_ms.is_some()).collect();
        let third = windows.len() / 3;
        if third < 3 || route.requests.is_some_and(|n| n < 100) {
            continue;
        }
        let (first, last) =
            (windows.get(..third).unwrap_or_default(), windows.get(windows.len() - third..).unwrap_or_default());
        let middle = windows.get(third..windows.len() - third).unwrap_or_default();
        let (Some(before), Some(between), Some(after)) = (median_of(first), median_of(middle), median_of(last)) else {
            continue;
        };
        // More users later: the test itself changed.
        let load = |part: &[&Window]| {
            let (from, to) = (part.first().map_or(0.0, |w| w.at_s), part.last().map_or(0.0, |w| w.at_s));
            let inside = users.iter().filter(|window| window.at_s >= from && window.at_s <= to);
            stats::median(&inside.filter_map(|window| window.users).collect::<Vec<_>>())
        };
        let ramp =
            load(first).zip(load(last)).is_some_and(|(one, other)| one > 0.0 && !(0.8..=1.25).contains(&(other / one)));
        let sent = |part: &[&Window]| part.iter().map(|window| window.requests as f64).sum::<f64>();
        let opened = cx.run.model == Some(LoadModel::Open) && sent(last) > sent(first) * 1.25;
        if ramp || opened || before <= 0.0 {
            continue;
        }
        let ratio = after / before;
        // A steady move: the middle lies between the ends.
        let steady = (between - before) * (after - between) >= 0.0;
        if (0.8..=1.2).contains(&ratio) || !steady || (after - before).abs() < 2.0 {
            continue;
        }
        let show = |ms| Metric::LatencyMean.show(ms);
        let rises = ratio > 1.0;
        let (severity, words) = if rises { (Severity::Medium, "slower") } else { (Severity::Low, "faster") };
        let change = format!("{:.0} %", (ratio - 1.0).abs() * 100.0);
        let title = format!("{} becomes {words} by {change} while the test runs", name(route));
        let mut observation = cx.about("L4", route, severity, title);
        observation.measured = format!(
            "median {} in the first third, {} in the last ({}, {})",
            show(before),
            show(after),
            cx.run.tool,
            counted(windows.len() as u64, "window", "windows")
        );
        observation.fix = if rises {
            "Run it for longer and watch memory, table sizes, queue lengths and open connections: something fills up"
        } else {
            "Let it warm up before it is measured: leave out the first third, or send requests before the test"
        }
        .to_owned();
        observation.guard = Some(if rises {
            "Other work on the machine looks the same: repeat the run".to_owned()
        } else {
            "A cache that fills during the test is faster than it will be after a deployment".to_owned()
        });
        out.push(observation);
    }
}

/// L5: too few requests for the percentiles that are asked for.
fn few(cx: &Cx, out: &mut Vec<Observation>) {
    let few: Vec<&Route> =
        cx.routes().filter(|route| route.requests.is_some_and(|n| n > 0 && n < Percent::P95.needs())).collect();
    let Some(least) = few.iter().filter_map(|route| route.requests).min() else { return };
    let title = format!(
        "{} has fewer than 100 requests: no p95 can be told",
        counted(few.len() as u64, "route of the load test", "routes of the load test")
    );
    let title = if few.len() == 1 { title } else { title.replace(" has fewer", " have fewer") };
    let mut observation = cx.about("L5", &Route::default(), Severity::Low, title);
    let names: Vec<String> = few
        .iter()
        .take(5)
        .map(|route| format!("{} {}", route.title(), requests(route.requests.unwrap_or(0))))
        .collect();
    observation.share = None;
    observation.measured = format!("at least {}: {} ({})", requests(least), names.join(", "), cx.run.tool);
    observation.fix =
        "Run it for longer, or give these routes a larger part of the mix: 100 requests for a p95, 1,000 for a p99"
            .to_owned();
    observation.effort = Effort::S;
    out.push(observation);
}

/// L6: answers that are large on average.
fn large(cx: &Cx, out: &mut Vec<Observation>) {
    const BYTES: f64 = 500_000.0;
    for route in cx.each() {
        let Some(bytes) = route.response_bytes.filter(|bytes| *bytes >= BYTES) else { continue };
        let shown = Metric::MemoryPeak.show(bytes);
        let severity = if bytes >= 4.0 * BYTES { Severity::High } else { Severity::Medium };
        let mut observation =
            cx.about("L6", route, severity, format!("{} answers with {shown} on average", name(route)));
        observation.kind = Kind::LargePayload;
        observation.measured = format!("mean {shown} of {} ({})", requests(route.requests.unwrap_or(0)), cx.run.tool);
        observation.fix = "Page the list, leave out fields that no client reads, compress the answer".to_owned();
        observation.guard = Some("Downloads are large by nature: stream them instead".to_owned());
        out.push(observation);
    }
}
