//! Targets of the report as thresholds of a load test: those that somebody stated and that requests can be held against.

use super::{Measure, Target};
use crate::evidence::model::targets::{self, Comparison, Metric, Scope, SourceKind};

/// What a load test can check of `stated`; our own defaults are nobody's wish.
#[must_use]
pub fn stated<'a>(stated: impl IntoIterator<Item = &'a targets::Target>) -> Vec<Target> {
    let mut out: Vec<Target> = Vec::new();
    for target in stated.into_iter().filter_map(threshold) {
        if !out.contains(&target) {
            out.push(target);
        }
    }
    out
}

fn threshold(target: &targets::Target) -> Option<Target> {
    if target.source.kind == SourceKind::Default {
        return None;
    }
    let scope = match &target.scope {
        Scope::All => None,
        scope @ Scope::Route { .. } => Some(scope.to_string()),
        Scope::Page { .. } | Scope::Query { .. } => return None,
    };
    let value = target.value;
    let below = matches!(target.comparison, Comparison::Below | Comparison::AtMost);
    let measure = match target.metric {
        Metric::Latency(percent) if below => {
            Measure::Latency { percentile: f64::from(percent.0) / 1000.0, below_ms: value }
        }
        Metric::LatencyMean if below => Measure::MeanLatency { below_ms: value },
        Metric::ErrorRate if below => Measure::Errors { below: value },
        Metric::Throughput if !below => Measure::Throughput { at_least: value },
        _ => return None,
    };
    Some(Target { scope, measure })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::model::targets::{Percent, Source};

    fn target(scope: Scope, metric: Metric, comparison: Comparison, value: f64) -> targets::Target {
        let source = Source { kind: SourceKind::Slo, path: "slo.toml".to_owned(), line: 3 };
        targets::Target { scope, metric, comparison, value, weight: None, text: String::new(), source }
    }

    #[test]
    fn what_requests_can_be_held_against_becomes_a_threshold() {
        let route = Scope::Route { method: "GET".to_owned(), path: "/orders/{id}".to_owned() };
        let asked = [
            target(route, Metric::Latency(Percent::P95), Comparison::Below, 200.0),
            target(Scope::All, Metric::ErrorRate, Comparison::AtMost, 0.01),
            target(Scope::All, Metric::Throughput, Comparison::AtLeast, 50.0),
            // Said twice, by two files.
            target(Scope::All, Metric::Throughput, Comparison::AtLeast, 50.0),
        ];
        let wanted = [
            (Some("GET /orders/{id}"), Measure::Latency { percentile: 95.0, below_ms: 200.0 }),
            (None, Measure::Errors { below: 0.01 }),
            (None, Measure::Throughput { at_least: 50.0 }),
        ];
        let wanted = wanted.map(|(scope, measure)| Target { scope: scope.map(str::to_owned), measure });
        assert_eq!(stated(&asked), wanted);
    }

    #[test]
    fn pages_queries_defaults_and_lower_bounds_of_latency_do_not() {
        let mut default = target(Scope::All, Metric::Latency(Percent::P95), Comparison::Below, 500.0);
        default.source.kind = SourceKind::Default;
        let asked = [
            default,
            target(Scope::Page { path: "/".to_owned() }, Metric::Latency(Percent::P95), Comparison::Below, 1.0),
            target(Scope::Query { text: "orders".to_owned() }, Metric::DbQueryMean, Comparison::Below, 1.0),
            target(Scope::All, Metric::Latency(Percent::P95), Comparison::Above, 1.0),
            target(Scope::All, Metric::MemoryPeak, Comparison::Below, 1.0),
        ];
        assert_eq!(stated(&asked), []);
    }
}
