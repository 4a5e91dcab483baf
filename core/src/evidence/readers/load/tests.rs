//! The samples that the real tools wrote: our figures against the tools' own.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use crate::evidence::model::load::{LoadModel, LoadRun, Part, Route};
use crate::evidence::model::targets::Percent;
use crate::evidence::model::{Artefact, Evidence};
use crate::evidence::{Limits, read};
use std::io::Read as _;

fn sample(name: &str) -> Vec<u8> {
    let path = format!("{}/../tests/data/evidence/load/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn artefact(name: &str) -> Artefact {
    let bytes = sample(name);
    read(name, bytes.len() as u64, &mut bytes.as_slice(), Limits::default())
}

fn run(name: &str) -> LoadRun {
    let artefact = artefact(name);
    assert_eq!(artefact.refused, None, "{name}");
    match artefact.evidence.as_slice() {
        [Evidence::LoadRun(run)] => LoadRun::clone(run),
        other => panic!("{name}: {other:?}"),
    }
}

fn text(bytes: &[u8], name: &str) -> Artefact {
    read(name, bytes.len() as u64, &mut &bytes[..], Limits::default())
}

fn inflated(name: &str) -> String {
    let mut out = String::new();
    flate2::read::GzDecoder::new(sample(name).as_slice()).read_to_string(&mut out).unwrap();
    out
}

fn by_name<'a>(run: &'a LoadRun, name: &str) -> &'a Route {
    run.routes.iter().find(|route| route.name == name).unwrap_or_else(|| panic!("no route {name}"))
}

fn percentiles(route: &Route) -> Vec<(f64, f64)> {
    let wanted = [50.0, 90.0, 95.0, 99.0].map(|percent| Percent::new(percent).unwrap());
    wanted.iter().filter_map(|at| Some((at.share(), route.latency.percentile(*at)?))).collect()
}

#[test]
fn k6_percentiles_of_points_equal_its_summary_to_the_last_digit() {
    let summary = run("k6-export.json");
    for points in ["k6-export.ndjson.gz", "k6-export.csv.gz"] {
        let points_run = run(points);
        assert_eq!(points_run.total.requests, summary.total.requests, "{points}");
        assert_eq!(points_run.total.failures, summary.total.failures);
        assert_eq!(points_run.users, summary.users);
        if points.contains("ndjson") {
            // The table rounds to microseconds.
            assert_eq!(percentiles(&points_run.total), percentiles(&summary.total));
            assert_eq!(points_run.total.latency.max_ms, summary.total.latency.max_ms);
            for name in ["posts", "login"] {
                let (one, other) = (by_name(&points_run, name), by_name(&summary, name));
                assert_eq!(percentiles(one), percentiles(other), "{name}");
                assert!((one.latency.mean_ms.unwrap() - other.latency.mean_ms.unwrap()).abs() < 1e-9);
            }
        } else {
            for ((_, one), (_, other)) in percentiles(&points_run.total).into_iter().zip(percentiles(&summary.total)) {
                assert!((one - other).abs() < 1e-6, "{one} {other}");
            }
        }
    }
}

#[test]
fn k6_thresholds_mean_the_same_in_both_summaries() {
    // In the export `true` means crossed, in handleSummary `ok: true` means kept.
    for name in ["k6-export.json", "k6-0.57-export.json", "runs/baseline-1.json"] {
        let run = run(name);
        let verdict = |metric: &str, expression: &str| {
            let found = run.thresholds.iter().find(|t| t.metric == metric && t.expression == expression);
            found.unwrap_or_else(|| panic!("{name}: no {metric} {expression}")).clone()
        };
        let p95 = verdict("http_req_duration", "p(95)<200");
        assert_eq!(p95.passed, Some(run.total.latency.percentile(Percent::P95).unwrap() < 200.0), "{name}");
        assert!(p95.line > 1, "{name}");
        let posts = verdict("http_req_duration{name:posts}", "p(95)<20");
        assert_eq!(posts.passed, Some(by_name(&run, "posts").latency.percentile(Percent::P95).unwrap() < 20.0));
        let failed = verdict("http_req_failed", "rate<0.01");
        assert_eq!(failed.passed, Some(run.total.error_rate().unwrap() < 0.01), "{name}");
    }
    assert!(run("runs/baseline-1.json").thresholds.iter().any(|threshold| threshold.passed == Some(false)));
}

#[test]
fn k6_points_are_grouped_named_and_timed() {
    let artefact = artefact("runs-samples/baseline.csv.gz");
    let run = run("runs-samples/baseline.csv.gz");
    let names: Vec<String> = run.routes.iter().map(Route::title).collect();
    assert_eq!(names, ["GET posts", "GET /api/posts/{id}", "POST login", "GET flaky"]);
    assert!(artefact.notes.iter().any(|note| note.text.contains("grouped by path")));
    assert!(artefact.started.unwrap().starts_with("20"));
    assert_eq!(run.total.errors[0].what, "HTTP 503");
    assert_eq!(run.host.as_deref(), Some("http://127.0.0.1:8123"));
    for route in run.routes.iter().chain([&run.total]) {
        let windows: u64 = route.windows.iter().map(|window| window.requests).sum();
        assert_eq!(windows, route.requests.unwrap());
        assert_eq!(route.latency.samples_ms.len() as u64, windows);
    }
}

#[test]
fn the_machine_readable_summary_of_k6() {
    let document = r#"{"version": "1.0.0", "metadata": {"generatedAt": "2026-01-01T00:00:00Z", "k6Version": "1.5.0"},
        "config": {"duration": 10.0, "script": "script.js", "execution": "local"},
        "results": {"checks": {"metrics": [], "results": []}, "metrics": [
            {"name": "http_req_duration", "type": "trend", "contains": "time", "values": {"avg": 20.5, "max": 80, "med": 18, "min": 1, "p(90)": 30, "p(95)": 40.25}},
            {"name": "http_reqs", "type": "counter", "contains": "default", "values": {"count": 500}},
            {"name": "http_req_failed", "type": "rate", "contains": "default", "values": {"matches": 5, "total": 500, "rate": 0.01}}]}}"#;
    let artefact = text(document.as_bytes(), "summary.json");
    let [Evidence::LoadRun(run)] = artefact.evidence.as_slice() else { panic!("{artefact:?}") };
    assert_eq!((run.tool_version.as_deref(), run.duration_s), (Some("1.5.0"), Some(10.0)));
    assert_eq!(run.total.latency.percentile(Percent::P95), Some(40.25));
    assert_eq!((run.total.failures, run.total.requests, run.total.per_second), (Some(5), Some(500), Some(50.0)));
    assert_eq!(artefact.command.as_deref(), Some("k6 run script.js"));
}

#[test]
fn locust_tables_and_json_tell_the_same() {
    let table = run("locust_stats.csv");
    let json = run("locust.json");
    assert_eq!(table.routes.len(), 4);
    assert_eq!(by_name(&table, "flaky, sometimes").failures, Some(2));
    for route in &table.routes {
        let other = by_name(&json, &route.name);
        assert_eq!(other.method, route.method);
        // The last bit of a number may be lost in JSON.
        let near = |one: Option<f64>, other: Option<f64>| (one.unwrap() - other.unwrap()).abs() < 1e-9;
        assert!(near(other.latency.min_ms, route.latency.min_ms) && near(other.latency.max_ms, route.latency.max_ms));
        if other.requests != route.requests {
            // The table is written once a second and misses the last requests.
            assert!(other.requests > route.requests);
            continue;
        }
        assert!(near(other.latency.mean_ms, route.latency.mean_ms), "{}", route.name);
        for percentile in &route.latency.percentiles {
            let ours = other.latency.percentile(percentile.at);
            assert_eq!(ours, Some(percentile.ms), "{} {}", route.name, percentile.at);
        }
    }
    let equal = table.routes.iter().filter(|route| by_name(&json, &route.name).requests == route.requests).count();
    assert!(equal >= 1, "the sample should hold a route with equal counts");
    assert_eq!(table.total.requests, Some(table.routes.iter().filter_map(|route| route.requests).sum()));
}

#[test]
fn locust_history_and_failures() {
    let history = run("locust_stats_history.csv");
    assert_eq!(history.part, Part::History);
    assert_eq!(history.users, Some(8.0));
    let windows: u64 = history.total.windows.iter().map(|window| window.requests).sum();
    assert_eq!(Some(windows), history.total.requests);
    let failures = run("locust_failures.csv");
    assert_eq!(failures.part, Part::Failures);
    assert_eq!(failures.routes[0].errors[0].count, 2);
    assert!(failures.routes[0].errors[0].what.contains("503"));
}

#[test]
fn locust_before_1_0() {
    let requests = "\"Method\",\"Name\",\"# requests\",\"# failures\",\"Median response time\",\"Average response time\",\"Min response time\",\"Max response time\",\"Average Content Size\",\"Requests/s\"\n\
        \"GET\",\"/a\",120,3,8,9,2,40,1000,12.00\n\"None\",\"Total\",120,3,8,9,2,40,1000,12.00\n";
    let artefact = text(requests.as_bytes(), "requests.csv");
    let [Evidence::LoadRun(run)] = artefact.evidence.as_slice() else { panic!("{artefact:?}") };
    assert_eq!((run.routes[0].method.as_str(), run.routes[0].failures), ("GET", Some(3)));
    assert_eq!((run.total.requests, run.duration_s), (Some(120), Some(10.0)));
    let distribution = "\"Name\",\"# requests\",\"50%\",\"66%\",\"75%\",\"80%\",\"90%\",\"95%\",\"98%\",\"99%\",\"100%\"\n\"GET /a\",120,8,9,9,10,12,20,30,38,40\n";
    let artefact = text(distribution.as_bytes(), "distribution.csv");
    let [Evidence::LoadRun(run)] = artefact.evidence.as_slice() else { panic!("{artefact:?}") };
    assert_eq!(run.part, Part::Distribution);
    assert_eq!(run.routes[0].latency.percentile(Percent::P95), Some(20.0));
}

#[test]
fn artillery_by_endpoint_and_by_step() {
    let run = run("artillery.json");
    assert_eq!(run.model, Some(LoadModel::Open));
    assert_eq!(run.total.requests, Some(800));
    let post = by_name(&run, "/api/posts/:id");
    assert_eq!((post.method.as_str(), post.latency.percentile(Percent::P95)), ("GET", Some(15.0)));
    assert_eq!(by_name(&run, "/api/flaky").failures, Some(4));
    let answered: u64 = run.total.windows.iter().map(|window| window.requests).sum();
    assert_eq!(answered, 800);
    assert_eq!(run.total.latency.percentile(Percent::new(99.9).unwrap()), Some(138.4));
    let first = r#"{"aggregate": {"scenariosCreated": 10, "requestsCompleted": 100, "latency": {"min": 1, "max": 90, "median": 5, "p95": 40, "p99": 80}, "rps": {"count": 100, "mean": 20}, "codes": {"200": 90, "500": 8}, "errors": {"ETIMEDOUT": 2}}, "intermediate": [{"timestamp": "2020-01-01T00:00:00.000Z"}]}"#;
    let artefact = text(first.as_bytes(), "report.json");
    let [Evidence::LoadRun(run)] = artefact.evidence.as_slice() else { panic!("{artefact:?}") };
    assert_eq!((run.total.failures, run.total.latency.percentile(Percent::P99)), (Some(10), Some(80.0)));
    assert_eq!(artefact.started.as_deref(), Some("2020-01-01T00:00:00Z"));
}

#[test]
fn one_line_of_nonsense_does_not_spoil_the_rest() {
    let text_of = inflated("k6-export.ndjson.gz");
    let whole = run("k6-export.ndjson.gz");
    let broken = format!(
        "{text_of}{}\n{}\nnonsense\n{}",
        r#"{"metric":"http_req_duration","type":"Point","data":{"time":"2026-11-27T06:04:41Z","value":-5,"tags":{"name":"x"}}}"#,
        r#"{"metric":"http_req_duration","type":"Point","data":{"time":"yesterday","value":5,"tags":{"name":"x"}}}"#,
        r#"{"metric":"http_req_duration","type":"Poi"#,
    );
    let artefact = text(broken.as_bytes(), "k6.ndjson");
    let [Evidence::LoadRun(run)] = artefact.evidence.as_slice() else { panic!("{artefact:?}") };
    assert_eq!(run.total.requests, whole.total.requests);
    let notes: Vec<&str> = artefact.notes.iter().map(|note| note.text.as_str()).collect();
    for expected in [
        "A negative value, skipped",
        "A point without time or value, skipped",
        "Not a line of k6, skipped",
        "The line ends in the middle, skipped",
    ] {
        assert!(notes.contains(&expected), "{expected}: {notes:?}");
    }
}

#[test]
fn more_samples_than_the_limit_are_refused_in_words() {
    let bytes = sample("k6-export.ndjson.gz");
    let limits = Limits { samples: 100, ..Limits::default() };
    let artefact = read("k6.ndjson", bytes.len() as u64, &mut bytes.as_slice(), limits);
    assert_eq!(artefact.refused.as_deref(), Some("Stopped: more than 100 samples"));
    assert!(artefact.evidence.is_empty());
    let limits = Limits { bytes: 1 << 20 >> 2, ..Limits::default() };
    let artefact = read("k6.ndjson", bytes.len() as u64, &mut bytes.as_slice(), limits);
    assert_eq!(artefact.refused.as_deref(), Some("Stopped: larger than 0 MiB when unpacked"));
}

#[test]
fn a_cut_gzip_keeps_what_was_read() {
    let bytes = sample("k6-export.ndjson.gz");
    let cut = &bytes[..bytes.len() / 2];
    let artefact = text(cut, "k6.ndjson.gz");
    assert_eq!(artefact.refused.as_deref(), Some("The gzip data is cut short or damaged"));
    let [Evidence::LoadRun(run)] = artefact.evidence.as_slice() else { panic!("{artefact:?}") };
    assert!(run.total.requests.unwrap() > 50);
}

#[test]
fn small_tools() {
    let p = |run: &LoadRun, percent: f64| run.total.latency.percentile(Percent::new(percent).unwrap());
    let cannon = run("autocannon.json");
    assert_eq!((cannon.users, cannon.total.requests, cannon.total.failures), (Some(8.0), Some(1004), Some(0)));
    assert_eq!((p(&cannon, 97.5), p(&cannon, 95.0), p(&cannon, 99.0)), (Some(40.0), None, Some(43.0)));
    assert_eq!(cannon.routes[0].name, "/api/posts");
    let wrk = run("wrk.txt");
    assert_eq!((wrk.users, wrk.total.requests, wrk.total.per_second), (Some(8.0), Some(1058), Some(264.08)));
    assert_eq!((p(&wrk, 90.0), p(&wrk, 99.0), wrk.total.latency.max_ms), (Some(34.11), Some(37.06), Some(46.14)));
    assert_eq!(wrk.duration_s, Some(4.01));
    let hey = run("hey.txt");
    assert_eq!((hey.total.requests, hey.total.failures, hey.total.per_second), (Some(1051), Some(0), Some(260.7669)));
    assert!((p(&hey, 95.0).unwrap() - 35.0).abs() < 1e-9 && (p(&hey, 99.0).unwrap() - 37.0).abs() < 1e-9);
    let ab = run("ab.txt");
    assert_eq!((ab.users, ab.total.requests, ab.total.per_second), (Some(8.0), Some(400), Some(232.48)));
    assert_eq!((p(&ab, 95.0), p(&ab, 99.0), ab.total.latency.mean_ms), (Some(42.0), Some(51.0), Some(34.0)));
    assert_eq!(ab.routes[0].name, "/api/posts");
    let failing = "  2 threads and 8 connections\n  Thread Stats   Avg      Stdev     Max   +/- Stdev\n    Latency     1.20s     3.15ms  2.00m    61.91%\n  100 requests in 4.01s, 1MB read\n  Socket errors: connect 1, read 2, write 0, timeout 3\n  Non-2xx or 3xx responses: 10\nRequests/sec:    24.9\n";
    let artefact = text(failing.as_bytes(), "wrk.txt");
    let [Evidence::LoadRun(run)] = artefact.evidence.as_slice() else { panic!("{artefact:?}") };
    assert_eq!((run.total.failures, run.total.latency.max_ms), (Some(16), Some(120_000.0)));
    assert_eq!(artefact.notes[0].text, "No percentiles in it: run wrk with `--latency`");
}
