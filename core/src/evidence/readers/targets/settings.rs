//! Targets in `.drydock.toml`: `"GET /orders" = { p95_ms = 200 }`, `"db.query.mean" = "<50ms"`. The file is read with the
//! project; here its keys and values become targets.

use super::{Found, bound, scope};
use crate::evidence::model::targets::{Comparison, Metric, Percent, SourceKind, Target};
use crate::evidence::model::{Artefact, Evidence};
use crate::source::SETTINGS_FILE;
use std::collections::BTreeMap;

/// What the table `[targets]` asks, as a file of evidence; nothing when it is empty. Keys are `scope.metric`, as the
/// settings flatten them.
#[must_use]
pub fn settings(targets: &BTreeMap<String, String>) -> Option<Artefact> {
    if targets.is_empty() {
        return None;
    }
    let mut found = Found::new(SourceKind::Settings, SETTINGS_FILE);
    for (key, value) in targets {
        let written = format!("{key} = {value}");
        let Some((of, metric, unit)) = split(key) else {
            found.unchecked(0, written, format!("`{key}` does not end with a metric that is known"));
            continue;
        };
        // A number alone is a limit: at least for what should be much, below for the rest.
        let number = value.trim().starts_with(|c: char| c.is_ascii_digit() || c == '.');
        let text = match (number, metric.more_is_better()) {
            (false, _) => value.clone(),
            (true, true) => format!(">= {value}{unit}"),
            (true, false) => format!("< {value}{unit}"),
        };
        match bound::parse(metric, &text) {
            Ok((comparison, value)) => found.targets.targets.push(target(&found, of, metric, comparison, value, text)),
            Err(reason) => found.unchecked(0, written, reason),
        }
    }
    let targets = Evidence::Targets(Box::new(found.targets));
    Some(Artefact {
        path: SETTINGS_FILE.to_owned(),
        format: "settings of the project".to_owned(),
        evidence: vec![targets],
        ..Artefact::default()
    })
}

fn target(found: &Found, of: &str, metric: Metric, comparison: Comparison, value: f64, text: String) -> Target {
    let source = found.source(0);
    Target { scope: scope(metric, of), metric, comparison, value, weight: None, text, source }
}

/// Scope, metric and the unit that the metric's name says.
fn split(key: &str) -> Option<(&str, Metric, &'static str)> {
    let starts = std::iter::once(0).chain(key.match_indices('.').map(|(at, _)| at + 1));
    starts.into_iter().find_map(|at| {
        let (metric, unit) = named(key.get(at..)?)?;
        Some((key.get(..at)?.trim_end_matches('.'), metric, unit))
    })
}

/// `p95_ms`, `mean_ms`, `rps`, `errors_percent`, or a name as in `slo.toml`.
fn named(name: &str) -> Option<(Metric, &'static str)> {
    if let Some(metric) = Metric::parse(name) {
        return Some((metric, ""));
    }
    let percent = |text: &str| text.strip_prefix('p')?.parse().ok().and_then(Percent::new);
    match name {
        "mean_ms" => Some((Metric::LatencyMean, "ms")),
        "max_ms" => Some((Metric::LatencyMax, "ms")),
        "rps" => Some((Metric::Throughput, "")),
        "errors" => Some((Metric::ErrorRate, "")),
        "errors_percent" => Some((Metric::ErrorRate, "%")),
        "queries" => Some((Metric::DbQueriesPerRequest, "")),
        _ => percent(name.strip_suffix("_ms")?).map(|at| (Metric::Latency(at), "ms")),
    }
}
