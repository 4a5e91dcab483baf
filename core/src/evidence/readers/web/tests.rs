//! The samples that Lighthouse and Chromium wrote: our figures of a trace against Lighthouse's own.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use crate::evidence::model::targets::WebMetric;
use crate::evidence::model::web::{Basis, CulpritKind, WebMode, WebRun};
use crate::evidence::model::{Artefact, Evidence};
use crate::evidence::{Limits, read};
use std::io::Write as _;

fn sample(name: &str) -> Vec<u8> {
    let path = format!("{}/../tests/data/evidence/web/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn of(bytes: &[u8], name: &str) -> Artefact {
    read(name, bytes.len() as u64, &mut &bytes[..], Limits::default())
}

fn run(name: &str) -> WebRun {
    let artefact = of(&sample(name), name);
    assert_eq!(artefact.refused, None, "{name}");
    match artefact.evidence.as_slice() {
        [Evidence::WebRun(run)] => WebRun::clone(run),
        other => panic!("{name}: {other:?}"),
    }
}

#[test]
fn figures_of_a_trace_equal_those_of_lighthouse() {
    for (report, trace) in
        [("lighthouse-provided.json", "provided.trace.json.gz"), ("lighthouse-baseline.json", "baseline.trace.json.gz")]
    {
        let (report, trace) = (run(report), run(trace));
        assert_eq!(trace.page, report.page);
        for metric in [WebMetric::Fcp, WebMetric::Lcp, WebMetric::Cls] {
            let (ours, theirs) =
                (trace.value(metric, Basis::Observed).unwrap(), report.value(metric, Basis::Observed).unwrap());
            // Beside simulated figures Lighthouse rounds observed ones to milliseconds.
            let rounded = report.throttling.as_deref() == Some("simulate") && metric != WebMetric::Cls;
            let near = if rounded { 0.5 } else { 1e-9 };
            assert!((ours - theirs).abs() <= near, "{metric:?}: {ours} {theirs}");
        }
        if let Some(theirs) = report.value(WebMetric::Tbt, Basis::Observed) {
            let ours = trace.value(WebMetric::Tbt, Basis::Observed).unwrap();
            assert!((ours - theirs).abs() < 1e-6, "{ours} {theirs}");
            assert!(theirs > 100.0, "the sample blocks");
            assert_eq!(trace.long_tasks.count, report.long_tasks.count);
            assert_eq!(trace.long_tasks.longest_ms, report.long_tasks.longest_ms);
            assert_eq!(trace.long_tasks.items[0].url, report.long_tasks.items[0].url);
        }
    }
}

#[test]
fn simulated_and_observed_figures_are_kept_apart() {
    let run = run("lighthouse-baseline.json");
    assert_eq!((run.tool_version.as_deref(), run.form_factor.as_deref()), (Some("12.8.2"), Some("mobile")));
    let simulated = run.value(WebMetric::Lcp, Basis::Simulated).unwrap();
    let observed = run.value(WebMetric::Lcp, Basis::Observed).unwrap();
    assert!(simulated > observed && observed > 1_000.0, "{simulated} {observed}");
    assert_eq!(run.figure(WebMetric::Lcp).unwrap().basis, Basis::Simulated);
    assert_eq!(run.figure(WebMetric::Cls).unwrap().basis, Basis::Observed);
    assert!(run.figure(WebMetric::Bytes).is_some() && run.figure(WebMetric::Score).is_some());
    let first = |kind: CulpritKind| run.culprits.iter().find(|culprit| culprit.kind == kind);
    assert!(first(CulpritKind::Script).unwrap().what.ends_with("/app.js"));
    assert!(first(CulpritKind::UnusedCode).unwrap().saving_bytes.unwrap() > 100_000.0);
    assert_eq!(first(CulpritKind::Cache).unwrap().cache_s, Some(0.0));
    assert!(first(CulpritKind::RenderBlocking).is_some() && first(CulpritKind::LcpElement).is_some());
}

#[test]
fn the_html_report_carries_the_same() {
    let (html, json) = (run("lighthouse.html"), run("lighthouse-baseline.json"));
    assert_eq!(html.figure(WebMetric::Lcp), json.figure(WebMetric::Lcp));
    assert_eq!(html.page, json.page);
    let cut = of(b"<!doctype html><title>Lighthouse Report</title><script>window.__LIGHTHOUSE_JS", "x.html");
    assert!(cut.refused.unwrap().starts_with("A Lighthouse page without its data"));
}

#[test]
fn a_report_of_a_failed_load_says_so() {
    let text = br#"{"lighthouseVersion": "12.8.2", "requestedUrl": "http://x/", "runtimeError": {"code": "NO_FCP", "message": "The page did not paint any content."}, "audits": {}}"#;
    assert_eq!(
        of(text, "x.json").refused.unwrap(),
        "Lighthouse could not load the page: NO_FCP The page did not paint any content."
    );
}

/// A trace of one renderer.
fn trace(events: &str) -> Artefact {
    let text = format!(
        r#"[{{"name":"thread_name","ph":"M","ts":0,"pid":7,"tid":1,"args":{{"name":"CrRendererMain"}}}},
        {{"name":"RunTask","ph":"X","ts":1000000,"dur":120000,"pid":7,"tid":1,"args":{{}}}},{events}"#
    );
    of(text.as_bytes(), "trace.json")
}

fn click(id: u64, ms: u64) -> String {
    format!(
        r#"{{"name":"EventTiming","ph":"b","ts":{},"pid":7,"tid":1,"args":{{"data":{{"interactionId":{id},"type":"click","duration":{ms},"timeStamp":10.5,"processingStart":14.5,"processingEnd":20}}}}}}"#,
        1_000_000 + id
    )
}

#[test]
fn interactions_are_the_slowest_or_the_98th_percentile() {
    let inp = |events: Vec<String>| {
        let artefact = trace(&format!("{}]", events.join(",")));
        let [Evidence::WebRun(run)] = artefact.evidence.as_slice() else { panic!("{artefact:?}") };
        (
            run.value(WebMetric::Inp, Basis::Observed),
            run.mode,
            run.interactions.first().and_then(|input| input.delay_ms),
        )
    };
    assert_eq!(inp(vec![click(1, 80), click(2, 300), click(2, 250)]), (Some(300.0), WebMode::Timespan, Some(4.0)));
    // With 50 interactions the slowest is left out.
    assert_eq!(inp((1..=50).map(|id| click(id, id * 10)).collect()).0, Some(490.0));
    assert_eq!(inp(vec![click(0, 900)]).0, None);
}

#[test]
fn a_bare_array_that_is_cut_is_read_as_far_as_it_goes() {
    let artefact = trace(&format!("{},{{\"name\":\"RunTa", click(1, 80)));
    assert_eq!(artefact.refused, None);
    assert!(artefact.notes.iter().any(|note| note.text.starts_with("The trace ends in the middle")));
    assert_eq!(artefact.evidence.len(), 1);
}

#[test]
fn odd_events_are_noted_and_bombs_refused() {
    let artefact = trace(
        r#"{"name":"RunTask","ph":"X","ts":1,"dur":-5,"pid":7,"tid":1},{"name":"RunTask","ph":7},{"name":"LayoutShift","ts":"x"},
        {"name":"EventTiming","args":[1]},{"name":"UpdateCounters","args":{"data":7}},12,null,"RunTask"]"#,
    );
    assert_eq!(artefact.refused, None);
    let notes: Vec<&str> = artefact.notes.iter().map(|note| note.text.as_str()).collect();
    assert_eq!(notes[..2], ["An event with an impossible time or length, skipped", "Not an event of a trace, skipped"]);
    let deep = format!("{{\"traceEvents\":[{}", "[".repeat(100_000));
    assert_eq!(of(deep.as_bytes(), "x").refused.unwrap(), "Stopped: JSON nested deeper than 256");
    assert_eq!(of(b"{\"traceEvents\":[]}", "x").refused.unwrap(), "A trace without events");
    let other = r#"{"traceEvents":[{"name":"thing","ph":"X","ts":1,"dur":2,"pid":1,"tid":1}]}"#;
    assert!(of(other.as_bytes(), "x").refused.unwrap().starts_with("A trace without a page"));
}

#[test]
fn a_gzip_bomb_is_stopped_at_the_limit() {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(b"{\"traceEvents\":[").unwrap();
    for _ in 0..2_000 {
        encoder.write_all(&[b' '; 4096]).unwrap();
    }
    let bomb = encoder.finish().unwrap();
    let limits = Limits { bytes: 1 << 20, ..Limits::default() };
    let artefact = read("bomb.json.gz", bomb.len() as u64, &mut bomb.as_slice(), limits);
    assert_eq!(artefact.refused.unwrap(), "Stopped: larger than 1 MiB when unpacked");
}

#[test]
fn audits_that_version_13_renamed_name_the_same_culprits() {
    const DROPPED: [&str; 14] = [
        "uses-long-cache-ttl",
        "render-blocking-resources",
        "uses-text-compression",
        "dom-size",
        "third-party-summary",
        "server-response-time",
        "layout-shifts",
        "largest-contentful-paint-element",
        "modern-image-formats",
        "uses-optimized-images",
        "uses-responsive-images",
        "offscreen-images",
        "unsized-images",
        "lcp-lazy-loaded",
    ];
    for name in ["lighthouse-baseline.json", "lighthouse-provided.json"] {
        let mut report: serde_json::Value = serde_json::from_slice(&sample(name)).unwrap();
        report["lighthouseVersion"] = "13.0.0".into();
        report["audits"].as_object_mut().unwrap().retain(|id, _| !DROPPED.contains(&id.as_str()));
        let text = report.to_string();
        let artefact = of(text.as_bytes(), name);
        let [Evidence::WebRun(newer)] = artefact.evidence.as_slice() else { panic!("{artefact:?}") };
        let older = run(name);
        let named = |run: &WebRun, kind: CulpritKind| {
            let of_kind = run.culprits.iter().filter(|culprit| culprit.kind == kind);
            let mut names: Vec<String> = of_kind.map(|culprit| culprit.what.clone()).collect();
            crate::order::InOrder::order(names.as_mut_slice());
            names
        };
        for kind in [CulpritKind::Cache, CulpritKind::RenderBlocking, CulpritKind::LayoutShift] {
            assert_eq!(named(newer, kind), named(&older, kind), "{name}: {kind:?}");
        }
        let element = |run: &WebRun| named(run, CulpritKind::LcpElement)[0].split(':').next().unwrap().to_owned();
        assert_eq!(element(newer), element(&older));
        assert!(!named(newer, CulpritKind::DomSize).is_empty());
        assert!(newer.figure(WebMetric::Ttfb).is_some());
    }
}
