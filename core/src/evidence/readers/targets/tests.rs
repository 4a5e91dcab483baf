//! Files of targets, as people and tools write them.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use crate::evidence::model::targets::{Metric, Percent, Scope, Target, Targets, WebMetric};
use crate::evidence::model::{Artefact, Evidence, Run};
use crate::evidence::{Limits, read};

fn artefact(text: &str) -> Artefact {
    read("x", text.len() as u64, &mut text.as_bytes(), Limits::default())
}

/// A script that the samples were made with.
fn corpus(name: &str) -> String {
    let path = format!("{}/../tests/corpus/evidence/load/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn targets(text: &str, format: &str) -> Targets {
    let artefact = artefact(text);
    assert_eq!(artefact.refused, None);
    assert_eq!(artefact.format, format);
    match artefact.evidence.as_slice() {
        [Evidence::Targets(targets)] => Targets::clone(targets),
        other => panic!("{other:?}"),
    }
}

/// `GET /a latency.p95 < 200 ms @3`
fn shown(targets: &Targets) -> Vec<String> {
    let show =
        |target: &Target| format!("{} {} {} @{}", target.scope, target.metric, target.bound(), target.source.line);
    targets.targets.iter().map(show).collect()
}

#[test]
fn slo_toml() {
    let text = "# ours\n[[slo]]\nscope = \"GET /api/posts\"\nmetric = \"latency.p95\"\ntarget = \"<200ms\"\nweight = 2\n\n\
        [[slo]]\nmetric = \"errors.rate\"\ntarget = \"< 1 %\"\n[[slo]]\nscope = \"/cart\"\nmetric = \"web.lcp\"\ntarget = \"<= 2.5s\"\n\
        [[slo]]\nmetric = \"latency.p950\"\ntarget = \"<1\"\n[[slo]]\nmetric = \"latency.p95\"\ntarget = \"fast\"\n\
        [[run]]\nlabel = \"baseline\"\nfiles = [\"before/*\"]\n[[run]]\nlabel = \"optimized\"\nfiles = [\"after/*\", \"x.json\"]\n";
    let found = targets(text, "slo.toml");
    assert_eq!(
        shown(&found),
        ["GET /api/posts latency.p95 < 200 ms @2", "all errors.rate < 1 % @8", "/cart web.lcp <= 2,500 ms @11"]
    );
    assert_eq!(found.targets[0].weight, Some(2.0));
    assert_eq!(found.targets[2].scope, Scope::Page { path: "/cart".to_owned() });
    let reasons: Vec<&str> = found.unchecked.iter().map(|unchecked| unchecked.reason.as_str()).collect();
    assert_eq!(reasons, ["`latency.p950` is no metric that is known", "`fast` does not begin with <, <=, > or >="]);
    assert_eq!((found.runs[1].run, found.runs[1].files.len()), (Run::Optimized, 2));
    let wrong = artefact("[[slo]]\nmetric = \"x\n");
    assert!(wrong.refused.unwrap().starts_with("Not valid TOML (line 2)"));
}

#[test]
fn a_weight_that_is_none_is_said() {
    let text = "[[slo]]\nmetric = \"latency.p95\"\ntarget = \"<1s\"\nweight = -2\n[[slo]]\nmetric = \"errors.rate\"\n\
        target = \"<1%\"\nweight = 0.5\n[[slo]]\nmetric = \"latency.p99\"\ntarget = \"<2s\"\nweight = \"much\"\n";
    let read = artefact(text);
    let notes: Vec<(u64, &str)> = read.notes.iter().map(|note| (note.at, note.text.as_str())).collect();
    assert_eq!(
        notes,
        [
            (1, "The weight `-2` is no number above 0: the target counts as one"),
            (9, "The weight `much` is no number above 0: the target counts as one"),
        ]
    );
    let weights: Vec<Option<f64>> = targets(text, "slo.toml").targets.iter().map(|target| target.weight).collect();
    assert_eq!(weights, [None, Some(0.5), None]);
}

#[test]
fn thresholds_in_a_script_of_k6() {
    let script = &corpus("script.js");
    let found = targets(script, "k6 script");
    let line = |part: &str| script.lines().position(|line| line.contains(part)).unwrap() + 1;
    let expected = [
        format!("all latency.p95 < 200 ms @{}", line("p(95)<200")),
        format!("all latency.p99 < 400 ms @{}", line("p(99)<400")),
        format!("posts latency.p95 < 20 ms @{}", line("{name:posts}")),
        format!("login latency.p95 < 80 ms @{}", line("{name:login}")),
        format!("all errors.rate < 1 % @{}", line("rate<0.01")),
        format!("all requests.count > 100 @{}", line("count>100")),
    ];
    assert_eq!(shown(&found), expected);
    assert!(found.unchecked.is_empty());
    let computed = "import http from 'k6/http';\nexport let options = {thresholds: {checks: ['rate>0.9'], http_req_duration: [`p(95)<${LIMIT}`, 'p(90) < 50']}};";
    let found = targets(computed, "k6 script");
    assert_eq!(shown(&found), ["all latency.p90 < 50 ms @2"]);
    assert_eq!(found.unchecked.len(), 2);
    let routes = "import http from 'k6/http';\nexport const options = {thresholds: {'http_req_duration{name:GET /orders/{order_id}}': ['p(99)<200', 'max>=0']}};";
    assert_eq!(shown(&targets(routes, "k6 script")), ["GET /orders/{order_id} latency.p99 < 200 ms @2"]);
    let none = artefact("import http from 'k6/http';\nexport default function () {}\n");
    assert!(none.refused.unwrap().starts_with("A k6 script without thresholds"));
}

#[test]
fn ensure_of_artillery() {
    let found = targets(&corpus("artillery.yml"), "Artillery script");
    assert_eq!(
        shown(&found),
        [
            "all latency.p95 < 200 ms @13",
            "all latency.p99 < 400 ms @14",
            "all throughput.rps > 5/s @16",
            "virtual users errors.rate <= 1 % @19"
        ]
    );
    assert_eq!(found.unchecked[0].text, "vusers.failed == 0");
    let json = r#"{"config": {"target": "http://h", "phases": [], "ensure": {"p95": 250, "maxErrorRate": 5}}, "scenarios": []}"#;
    assert_eq!(
        shown(&targets(json, "Artillery script")),
        ["all latency.p95 < 250 ms @1", "virtual users errors.rate <= 5 % @1"]
    );
}

#[test]
fn lighthouse_assertions_and_budgets() {
    let ci = r#"{"ci": {"assert": {"preset": "lighthouse:no-pwa", "assertions": {
        "largest-contentful-paint": ["error", {"maxNumericValue": 2500}],
        "categories:performance": ["warn", {"minScore": 0.9}],
        "uses-webp-images": "off",
        "unused-javascript": ["warn", {"maxLength": 0}]}}}}"#;
    let found = targets(ci, "Lighthouse CI configuration");
    assert_eq!(shown(&found), ["all web.lcp <= 2,500 ms @2", "all web.score >= 90 @3"]);
    assert_eq!(found.unchecked.len(), 1);
    let yaml = "ci:\n  assert:\n    assertMatrix:\n      - matchingUrlPattern: .*/cart$\n        assertions:\n          cumulative-layout-shift:\n            - error\n            - maxNumericValue: 0.1\n";
    assert_eq!(shown(&targets(yaml, "Lighthouse CI configuration")), ["/cart web.cls <= 0.100 @8"]);
    let script = "module.exports = {\n  ci: {\n    assert: { assertions: { 'first-contentful-paint': ['error', {maxNumericValue: 2000}] } },\n  },\n};\n";
    assert_eq!(shown(&targets(script, "Lighthouse CI configuration")), ["all web.fcp <= 2,000 ms @3"]);
    let budget = r#"[{"path": "/*", "timings": [{"metric": "total-blocking-time", "budget": 300}, {"metric": "interactive", "budget": 3000}],
        "resourceSizes": [{"resourceType": "total", "budget": 500}], "resourceCounts": [{"resourceType": "script", "budget": 9}]}]"#;
    let found = targets(budget, "Lighthouse budget");
    assert_eq!(shown(&found), ["all web.tbt <= 300 ms @1", "all web.bytes <= 512.0 kB @2"]);
    assert_eq!(found.unchecked.len(), 2);
}

#[test]
fn open_slo_and_sloth_where_the_query_says_what_it_counts() {
    let slo = "apiVersion: openslo/v1\nkind: SLO\nmetadata:\n  name: fast-posts\nspec:\n  indicator:\n    spec:\n      ratioMetric:\n        good:\n          metricSource:\n            spec:\n              query: sum(rate(http_request_duration_seconds_bucket{route=\"/api/posts\",method=\"get\",le=\"0.2\"}[5m]))\n        total:\n          metricSource:\n            spec:\n              query: sum(rate(http_request_duration_seconds_count[5m]))\n  objectives:\n    - displayName: Good\n      target: 0.95\n---\napiVersion: openslo/v1\nkind: Service\nmetadata:\n  name: x\n";
    assert_eq!(shown(&targets(slo, "OpenSLO")), ["GET /api/posts latency.p95 <= 200 ms @18"]);
    let sloth = "version: \"prometheus/v1\"\nservice: shop\nslos:\n  - name: availability\n    objective: 99.9\n    sli:\n      events:\n        error_query: sum(rate(http_requests_total{code=~\"5..\"}[{{.window}}]))\n        total_query: sum(rate(http_requests_total[{{.window}}]))\n  - name: odd\n    objective: 99\n    sli:\n      raw:\n        error_ratio_query: some:rule\n";
    let found = targets(sloth, "Sloth");
    assert_eq!(found.targets.len(), 1);
    assert_eq!(found.targets[0].metric, Metric::ErrorRate);
    assert!((found.targets[0].value - 0.001).abs() < 1e-12);
    assert_eq!(found.unchecked[0].reason, "its query names neither a bound nor status codes");
}

#[test]
fn settings_of_a_project_ask_as_well() {
    let asked = |pairs: &[(&str, &str)]| {
        let map = pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        super::settings(&map).map(|artefact| match artefact.evidence.as_slice() {
            [Evidence::Targets(targets)] => Targets::clone(targets),
            other => panic!("{other:?}"),
        })
    };
    assert_eq!(asked(&[]), None);
    let found = asked(&[
        ("GET /orders.p95_ms", "200"),
        ("GET /v1.2/orders.errors_percent", "0.5"),
        ("all.rps", "50"),
        ("db.query.mean", "<50ms"),
        ("from orders.db.query.p95", "<= 80 ms"),
        ("mem.peak", "512MiB"),
        ("/.web.lcp", "2.5s"),
        ("speed", "200"),
        ("p95_ms", "fast"),
    ])
    .unwrap();
    assert_eq!(
        shown(&found),
        [
            "/ web.lcp < 2,500 ms @0",
            "GET /orders latency.p95 < 200 ms @0",
            "GET /v1.2/orders errors.rate < 0.5 % @0",
            "all throughput.rps >= 50/s @0",
            "all db.query.mean < 50 ms @0",
            "from orders db.query.p95 <= 80 ms @0",
            "all mem.peak < 536.87 MB @0",
        ]
    );
    let reasons: Vec<&str> = found.unchecked.iter().map(|unchecked| unchecked.reason.as_str()).collect();
    assert_eq!(
        reasons,
        ["`fast` does not begin with <, <=, > or >=", "`speed` does not end with a metric that is known"]
    );
    assert_eq!(found.targets[0].source.words(), "settings, .drydock.toml");
}

#[test]
fn targets_go_through_json() {
    let found = targets("[[slo]]\nmetric = \"latency.p99.9\"\ntarget = \"<1s\"\n", "slo.toml");
    assert_eq!(found.targets[0].metric, Metric::Latency(Percent(99_900)));
    let json = serde_json::to_string(&Evidence::Targets(Box::new(found.clone()))).unwrap();
    assert!(json.contains(r#""metric":"latency.p99.9","comparison":"<","value":1000.0"#), "{json}");
    assert_eq!(serde_json::from_str::<Evidence>(&json).unwrap(), Evidence::Targets(Box::new(found)));
    assert_eq!(Metric::parse("web.inp"), Some(Metric::Web(WebMetric::Inp)));
}
