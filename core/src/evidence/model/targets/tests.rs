//! Names and figures of metrics.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use super::*;

#[test]
fn names_go_there_and_back() {
    let names = [
        "latency.p95",
        "latency.p99.9",
        "latency.mean",
        "latency.max",
        "throughput.rps",
        "requests.count",
        "errors.rate",
        "errors.count",
        "db.query.mean",
        "db.query.p95",
        "db.query.max",
        "db.queries_per_request",
        "web.lcp",
        "web.si",
        "web.bytes",
        "web.score",
        "eventloop.block",
        "mem.peak",
        "mem.growth",
    ];
    for name in names {
        let metric = Metric::parse(name).unwrap_or_else(|| panic!("{name}"));
        assert_eq!(metric.to_string(), name);
        let json = serde_json::to_string(&metric).unwrap();
        assert_eq!(serde_json::from_str::<Metric>(&json).unwrap(), metric);
    }
    for wrong in ["", "latency", "latency.p", "latency.p101", "latency.pNaN", "web.x", "db.query.", "p95"] {
        assert_eq!(Metric::parse(wrong), None, "{wrong}");
    }
}

#[test]
fn values_for_people() {
    let p95 = Metric::Latency(Percent::P95);
    assert_eq!(p95.show(182.4), "182 ms");
    assert_eq!(p95.show(99.97), "100 ms");
    assert_eq!(p95.show(12_345.6), "12,346 ms");
    assert_eq!(p95.show(28.294446), "28.3 ms");
    assert_eq!(p95.show(2.5), "2.5 ms");
    assert_eq!(p95.show(0.0), "0 ms");
    assert_eq!(Metric::ErrorRate.show(0.004_261_363), "0.43 %");
    assert_eq!(Metric::Throughput.show(172.8), "173/s");
    assert_eq!(Metric::Web(WebMetric::Cls).show(0.1126), "0.113");
    assert_eq!(Metric::MemoryGrowth.show(1_500_000.0), "1.50 MB/h");
}
