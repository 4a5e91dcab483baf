//! From targets and evidence to lines of the table.

use super::measure::{MEASURES, Reading, routes_of, same_page};
use super::{Figure, Row, Sheet, Status};
use crate::evidence::asked::Asked;
use crate::evidence::model::load::{LoadRun, Part, loads};
use crate::evidence::model::targets::{Metric, Percent, Scope, SourceKind, Target, WebMetric};
use crate::evidence::model::{Artefact, Evidence, Run};
use crate::evidence::readers::targets::of_run;
use crate::evidence::{routes, stats};
use crate::order::InOrder as _;
use crate::words::{counted, grouped};
use std::collections::{BTreeMap, BTreeSet};

/// Lines for figures without a target: routes at most.
const ROUTES: usize = 10;

/// Holds every target against the evidence. `sides` says which artefact belongs to which run.
#[must_use]
pub fn sheet(artefacts: &[Artefact], sides: &[Option<Run>], asked: &Asked) -> Sheet {
    let mut sheet = Sheet { unchecked: asked.unchecked.clone(), ..Sheet::default() };
    let mut best: BTreeMap<(Scope, Metric), SourceKind> = BTreeMap::new();
    for target in &asked.targets {
        let scopes = scopes(target, artefacts);
        let found = !scopes.is_empty();
        let scopes = if found { scopes } else { vec![target.scope.clone()] };
        let mut overruled = 0;
        let count = scopes.len();
        for scope in scopes {
            let kind = *best.entry((scope.clone(), target.metric)).or_insert(target.source.kind);
            if kind != target.source.kind {
                overruled += 1;
                continue;
            }
            let row = row(artefacts, sides, scope, target.metric, Some(target));
            // What nobody asked for and nobody measured is no line.
            if target.source.kind != SourceKind::Default || row.status != Status::NoData {
                sheet.rows.push(row);
            }
        }
        if overruled == count {
            sheet.overruled.push(target.clone());
        }
    }
    untargeted(artefacts, sides, &mut sheet.rows);
    sheet
}

/// A page by its path: before and after may be at different hosts.
fn page(address: &str) -> Scope {
    Scope::Page { path: routes::path(address).to_owned() }
}

/// What a target is about among the evidence: each route or page that it means.
fn scopes(target: &Target, artefacts: &[Artefact]) -> Vec<Scope> {
    let mut out = Vec::new();
    let mut add = |scope: Scope| {
        if !out.contains(&scope) {
            out.push(scope);
        }
    };
    let mut any = false;
    for evidence in artefacts.iter().flat_map(|artefact| &artefact.evidence) {
        match (evidence, &target.scope, target.metric) {
            (Evidence::LoadRun(run), Scope::Route { .. }, _) => {
                for route in routes_of(run, &target.scope) {
                    any = true;
                    add(Scope::Route { method: route.method.clone(), path: route.name.clone() });
                }
            }
            (Evidence::WebRun(run), Scope::All, Metric::Web(_)) => add(page(&run.page)),
            (Evidence::WebRun(run), Scope::Page { path }, Metric::Web(_)) if same_page(path, &run.page) => {
                add(page(&run.page));
            }
            _ => {}
        }
    }
    // The same route with and without its method: the one that says more.
    if any {
        let full: BTreeSet<String> = out
            .iter()
            .filter_map(|scope| match scope {
                Scope::Route { method, path } if !method.is_empty() => Some(path.clone()),
                _ => None,
            })
            .collect();
        out.retain(|scope| !matches!(scope, Scope::Route { method, path } if method.is_empty() && full.contains(path)));
    }
    out
}

/// Readings of one side.
struct Side {
    readings: Vec<(usize, Reading)>,
}

fn side(artefacts: &[Artefact], sides: &[Option<Run>], run: Option<Run>, scope: &Scope, metric: Metric) -> Side {
    let of_side = || artefacts.iter().enumerate().filter(|(at, _)| sides.get(*at).copied().flatten() == run);
    let beside = loads(of_side().map(|(_, artefact)| artefact));
    let reading = |(at, artefact)| {
        let found = MEASURES.iter().find_map(|measure| measure(artefact, scope, metric, &beside))?;
        Some((at, found))
    };
    let mut readings: Vec<(usize, Reading)> = of_side().filter_map(reading).collect();
    if readings.iter().any(|(_, reading)| !reading.weak) {
        readings.retain(|(_, reading)| !reading.weak);
    }
    Side { readings }
}

fn row(artefacts: &[Artefact], sides: &[Option<Run>], scope: Scope, metric: Metric, target: Option<&Target>) -> Row {
    let mut baseline = side(artefacts, sides, Some(Run::Baseline), &scope, metric);
    let optimized = side(artefacts, sides, Some(Run::Optimized), &scope, metric);
    if baseline.readings.is_empty() && optimized.readings.is_empty() {
        baseline = side(artefacts, sides, None, &scope, metric);
    }
    let judged = if optimized.readings.is_empty() { &baseline } else { &optimized };
    let (status, reason) = match target {
        None => (Status::NoTarget, "nobody states a target".to_owned()),
        Some(target) => judge(target, metric, judged),
    };
    Row {
        tool_says: target.and_then(|target| tool_says(artefacts, target, judged)),
        baseline: figure(metric, &baseline),
        optimized: figure(metric, &optimized),
        metric,
        scope,
        target: target.cloned(),
        status,
        reason,
    }
}

/// The verdict of one run: its status and why.
fn verdict(target: &Target, metric: Metric, reading: &Reading) -> (Status, String) {
    let met = |value: f64| target.comparison.met(value, target.value);
    let (best, worst) =
        if target.comparison.wants_less() { (reading.low, reading.high) } else { (reading.high, reading.low) };
    let asked = target.bound();
    let n = reading.n.map(|n| format!(", n = {}", grouped(n))).unwrap_or_default();
    let basis = if reading.basis.is_empty() { String::new() } else { format!(" ({})", reading.basis) };
    let figure = match reading.value() {
        Some(value) => format!("{}{basis}{n}", metric.show(value)),
        None if reading.bracket.is_empty() => format!("{}{basis}{n}", range(metric, reading.low, reading.high)),
        None => format!("{}{basis}{n}", reading.bracket),
    };
    if let Some(best) = best.filter(|best| !met(*best)) {
        let at_least =
            if reading.value().is_some() { String::new() } else { format!("at least {}: ", metric.show(best)) };
        return (Status::Fail, format!("{at_least}{figure}; asked {asked}"));
    }
    let passes = worst.is_some_and(met);
    if passes && reading.doubt.is_none() {
        let near =
            metric == Metric::Web(WebMetric::Score) && worst.is_some_and(|worst| (worst - target.value).abs() < 5.0);
        if near {
            return (Status::Noisy, format!("{figure}; asked {asked}: scores vary by 5 points from run to run"));
        }
        let bracket = if reading.value().is_some() { "" } else { "not printed, bounded by " };
        return (Status::Pass, format!("{bracket}{figure}; asked {asked}"));
    }
    let why = match (&reading.doubt, passes) {
        (Some(doubt), _) => format!("{figure}; asked {asked}: {doubt}"),
        (None, _) => format!("not printed, bounded by {figure}; asked {asked}"),
    };
    (Status::Undecided, why)
}

fn judge(target: &Target, metric: Metric, side: &Side) -> (Status, String) {
    if side.readings.is_empty() {
        return (Status::NoData, "no file measures it".to_owned());
    }
    let verdicts: Vec<(Status, String)> =
        side.readings.iter().map(|(_, reading)| verdict(target, metric, reading)).collect();
    let count = |status: Status| verdicts.iter().filter(|(other, _)| *other == status).count();
    let (passed, failed) = (count(Status::Pass), count(Status::Fail));
    let first = |status: Status| verdicts.iter().find(|(other, _)| *other == status).map(|(_, why)| why.clone());
    if verdicts.len() == 1 {
        return verdicts.into_iter().next().unwrap_or((Status::NoData, String::new()));
    }
    let runs = counted(verdicts.len() as u64, "run", "runs");
    let values: Vec<f64> = side.readings.iter().filter_map(|(_, reading)| reading.value()).collect();
    let spread = match (values.iter().copied().reduce(f64::min), values.iter().copied().reduce(f64::max)) {
        (Some(low), Some(high)) => format!(" from {} to {}", metric.show(low), metric.show(high)),
        _ => String::new(),
    };
    let asked = target.bound();
    if passed == verdicts.len() {
        return (Status::Pass, format!("{runs}{spread}; asked {asked}"));
    }
    if failed == verdicts.len() {
        return (Status::Fail, format!("{runs}{spread}; asked {asked}"));
    }
    if passed > 0 && failed > 0 {
        return (Status::Noisy, format!("{passed} of {runs} meet it and {failed} do not,{spread}; asked {asked}"));
    }
    if count(Status::Noisy) > 0 {
        return (Status::Noisy, first(Status::Noisy).unwrap_or_default());
    }
    (Status::Undecided, first(Status::Undecided).unwrap_or_default())
}

fn range(metric: Metric, low: Option<f64>, high: Option<f64>) -> String {
    match (low, high) {
        (Some(low), Some(high)) if low == high => metric.show(low),
        (Some(low), Some(high)) => format!("{} to {}", metric.show(low), metric.show(high)),
        (Some(low), None) => format!("{} or more", metric.show(low)),
        (None, Some(high)) => format!("{} or less", metric.show(high)),
        (None, None) => "unknown".to_owned(),
    }
}

fn figure(metric: Metric, side: &Side) -> Option<Figure> {
    if side.readings.is_empty() {
        return None;
    }
    let shown = |reading: &Reading| reading.value().or(reading.printed);
    let values: Vec<f64> = side.readings.iter().filter_map(|(_, reading)| shown(reading)).collect();
    let all = values.len() == side.readings.len();
    let value = if all { stats::median(&values) } else { None };
    let bounds =
        |bound: fn(&Reading) -> Option<f64>| side.readings.iter().filter_map(move |(_, reading)| bound(reading));
    let low = bounds(|reading| reading.low).reduce(f64::min);
    let high = bounds(|reading| reading.high).reduce(f64::max);
    let text = value.map_or_else(|| range(metric, low, high), |value| metric.show(value));
    let n = side.readings.iter().filter_map(|(_, reading)| reading.n).reduce(u64::saturating_add);
    let artefacts = side.readings.iter().map(|(at, _)| *at).collect();
    Some(Figure { value, low, high, n, runs: side.readings.len(), text, artefacts })
}

/// What the load generator itself said of a target that stands in its result.
fn tool_says(artefacts: &[Artefact], target: &Target, side: &Side) -> Option<bool> {
    let mut verdicts = Vec::new();
    for (at, _) in &side.readings {
        for evidence in &artefacts.get(*at)?.evidence {
            let Evidence::LoadRun(run) = evidence else { continue };
            let own = of_run(run, "");
            let same = |other: &Target| {
                other.scope == target.scope
                    && other.metric == target.metric
                    && other.comparison == target.comparison
                    && other.value == target.value
            };
            if let Some(own) = own.targets.iter().find(|other| same(other)) {
                let threshold = run.thresholds.iter().find(|threshold| {
                    let selector =
                        threshold.metric.split_once('{').map_or("", |(_, rest)| rest.strip_suffix('}').unwrap_or(rest));
                    let selected = if selector.is_empty() { String::new() } else { format!(" {{{selector}}}") };
                    own.text == format!("{}{selected}", threshold.expression)
                });
                verdicts.extend(threshold.and_then(|threshold| threshold.passed));
            }
        }
    }
    (!verdicts.is_empty()).then(|| verdicts.iter().all(|passed| *passed))
}

/// Lines for what was measured and nobody asked for.
fn untargeted(artefacts: &[Artefact], sides: &[Option<Run>], rows: &mut Vec<Row>) {
    let runs: Vec<&LoadRun> = artefacts
        .iter()
        .flat_map(|artefact| &artefact.evidence)
        .filter_map(|evidence| match evidence {
            Evidence::LoadRun(run) if run.part == Part::Summary => Some(run.as_ref()),
            _ => None,
        })
        .collect();
    if runs.is_empty() {
        return;
    }
    let mut wanted = vec![(Scope::All, Metric::Throughput), (Scope::All, Metric::ErrorRate)];
    let mut cost: BTreeMap<(String, String), f64> = BTreeMap::new();
    for route in runs.iter().flat_map(|run| &run.routes).filter(|route| !route.selection) {
        let lost = route.lost_ms().unwrap_or(0.0);
        *cost.entry((route.method.clone(), route.name.clone())).or_default() += lost;
    }
    let mut routes: Vec<_> = cost.into_iter().collect();
    routes.order_by(|a, b| b.1.total_cmp(&a.1));
    let p95 = Metric::Latency(Percent::P95);
    if routes.is_empty() {
        wanted.push((Scope::All, p95));
    }
    wanted.extend(routes.into_iter().take(ROUTES).map(|((method, path), _)| (Scope::Route { method, path }, p95)));
    for (scope, metric) in wanted {
        let asked = |row: &Row| {
            row.scope == scope
                && (row.metric == metric || matches!((row.metric, metric), (Metric::Latency(_), Metric::Latency(_))))
        };
        if rows.iter().any(asked) {
            continue;
        }
        let row = row(artefacts, sides, scope, metric, None);
        if row.baseline.is_some() || row.optimized.is_some() {
            rows.push(row);
        }
    }
}
