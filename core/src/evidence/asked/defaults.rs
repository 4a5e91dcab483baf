//! Targets that hold when nobody states one: queries of an OLTP database, and the thresholds of Core Web Vitals
//! (https://web.dev/articles/vitals; TBT: https://developer.chrome.com/docs/lighthouse/performance/lighthouse-total-blocking-time).
//! There is none for an API's latency.

use crate::evidence::model::targets::{Comparison, Metric, Scope, Source, SourceKind, Target, WebMetric};

const DEFAULTS: [(Metric, Comparison, f64); 7] = [
    (Metric::DbQueryMean, Comparison::Below, 100.0),
    (Metric::Web(WebMetric::Lcp), Comparison::AtMost, 2_500.0),
    (Metric::Web(WebMetric::Inp), Comparison::AtMost, 200.0),
    (Metric::Web(WebMetric::Cls), Comparison::AtMost, 0.1),
    (Metric::Web(WebMetric::Fcp), Comparison::AtMost, 1_800.0),
    (Metric::Web(WebMetric::Ttfb), Comparison::AtMost, 800.0),
    (Metric::Web(WebMetric::Tbt), Comparison::AtMost, 200.0),
];

/// All of them.
pub fn all() -> Vec<Target> {
    let target = |(metric, comparison, value): (Metric, Comparison, f64)| {
        let mut target = Target {
            scope: Scope::All,
            metric,
            comparison,
            value,
            weight: None,
            text: String::new(),
            source: Source { kind: SourceKind::Default, path: String::new(), line: 0 },
        };
        target.text = target.bound();
        target
    };
    DEFAULTS.into_iter().map(target).collect()
}
