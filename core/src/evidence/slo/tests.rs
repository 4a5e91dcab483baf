//! Verdicts: what the tool printed decides, or does not.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use super::*;
use crate::evidence::asked::Asked;
use crate::evidence::compare::pair;
use crate::evidence::model::targets::SourceKind;
use crate::evidence::model::{Artefact, Run};
use crate::evidence::{Limits, read};

/// What files and `edited` ask, held against the files.
fn sheet(artefacts: &[Artefact], sides: &[Option<Run>], edited: &[Target]) -> Sheet {
    super::sheet(artefacts, sides, &Asked::new(artefacts, edited))
}

fn file(path: &str, text: &str) -> Artefact {
    read(path, text.len() as u64, &mut text.as_bytes(), Limits::default())
}

fn sample(path: &str) -> Artefact {
    let full = format!("{}/../tests/data/evidence/{path}", env!("CARGO_MANIFEST_DIR"));
    let bytes = std::fs::read(&full).unwrap_or_else(|error| panic!("{full}: {error}"));
    read(path, bytes.len() as u64, &mut bytes.as_slice(), Limits::default())
}

fn slo(metric: &str, target: &str) -> Artefact {
    file("slo.toml", &format!("[[slo]]\nmetric = \"{metric}\"\ntarget = \"{target}\"\n"))
}

/// A k6 summary.
fn k6(requests: u64, failed: u64, values: &str) -> Artefact {
    let fails = requests - failed;
    file(
        "k6.json",
        &format!(
            r#"{{"root_group": {{}}, "metrics": {{"http_reqs": {{"count": {requests}, "rate": 50}}, "http_req_failed": {{"passes": {failed}, "fails": {fails}, "value": 0}}, "http_req_duration": {{{values}}}}}}}"#
        ),
    )
}

/// Status and reason of the row with a stated target.
fn judged(artefacts: &[Artefact]) -> (Status, String) {
    for artefact in artefacts {
        assert_eq!(artefact.refused, None, "{}", artefact.path);
    }
    let sheet = sheet(artefacts, &vec![None; artefacts.len()], &[]);
    let row = sheet.rows.into_iter().find(|row| row.target.is_some()).unwrap();
    (row.status, row.reason)
}

#[test]
fn what_the_tool_printed_decides() {
    let values = r#""avg": 60, "min": 5, "med": 50, "max": 900, "p(90)": 120, "p(95)": 180"#;
    let run = || k6(5_000, 0, values);
    assert_eq!(
        judged(&[run(), slo("latency.p95", "<200ms")]),
        (Status::Pass, "180 ms, n = 5,000; asked < 200 ms".to_owned())
    );
    assert_eq!(judged(&[run(), slo("latency.p95", "<180ms")]).0, Status::Fail);
    assert_eq!(judged(&[run(), slo("latency.p95", "<=180ms")]).0, Status::Pass);
    assert_eq!(judged(&[run(), slo("throughput.rps", ">40")]).0, Status::Pass);
    assert_eq!(judged(&[run(), slo("throughput.rps", ">=50.5")]).0, Status::Fail);
}

#[test]
fn a_percentile_that_was_not_printed_is_bounded_by_its_neighbours() {
    let values = r#""avg": 60, "min": 5, "med": 50, "max": 900, "p(90)": 120, "p(97.5)": 180"#;
    let run = || k6(5_000, 0, values);
    assert_eq!(
        judged(&[run(), slo("latency.p95", "<200ms")]),
        (Status::Pass, "not printed, bounded by p90 = 120 ms, p97.5 = 180 ms, n = 5,000; asked < 200 ms".to_owned())
    );
    assert_eq!(
        judged(&[run(), slo("latency.p95", "<100ms")]),
        (Status::Fail, "at least 120 ms: p90 = 120 ms, p97.5 = 180 ms, n = 5,000; asked < 100 ms".to_owned())
    );
    assert_eq!(
        judged(&[run(), slo("latency.p95", "<150ms")]),
        (
            Status::Undecided,
            "not printed, bounded by p90 = 120 ms, p97.5 = 180 ms, n = 5,000; asked < 150 ms".to_owned()
        )
    );
    // Above the highest percentile the maximum bounds.
    assert_eq!(judged(&[run(), slo("latency.p99", "<500ms")]).0, Status::Undecided);
    assert_eq!(judged(&[run(), slo("latency.p99", "<901ms")]).0, Status::Pass);
}

#[test]
fn few_requests_and_errors_do_not_prove_a_pass() {
    let values = r#""avg": 60, "min": 5, "med": 50, "max": 900, "p(90)": 120, "p(95)": 180"#;
    let (status, reason) = judged(&[k6(40, 0, values), slo("latency.p95", "<200ms")]);
    assert_eq!(status, Status::Undecided);
    assert_eq!(
        reason,
        "p95 = 180 ms of 40 requests, n = 40; asked < 200 ms: p95 of 40 requests is not reliable: it takes 100 requests"
    );
    // But a median of 40 requests does prove a miss.
    assert_eq!(judged(&[k6(40, 0, values), slo("latency.p95", "<45ms")]).0, Status::Fail);
    let (status, reason) = judged(&[k6(5_000, 500, values), slo("latency.p95", "<200ms")]);
    assert_eq!(status, Status::Undecided);
    assert!(reason.contains("10 % of the requests failed"), "{reason}");
    assert_eq!(judged(&[k6(5_000, 500, values), slo("errors.rate", "<1%")]).0, Status::Fail);
}

#[test]
fn runs_that_disagree_are_noisy() {
    let run = |p95: u32| k6(5_000, 0, &format!(r#""avg": 60, "med": 50, "p(95)": {p95}"#));
    let asked = || slo("latency.p95", "<200ms");
    assert_eq!(
        judged(&[run(180), run(190), asked()]),
        (Status::Pass, "2 runs from 180 ms to 190 ms; asked < 200 ms".to_owned())
    );
    let (status, reason) = judged(&[run(180), run(240), run(190), asked()]);
    assert_eq!(
        (status, reason.as_str()),
        (Status::Noisy, "2 of 3 runs meet it and 1 do not, from 180 ms to 240 ms; asked < 200 ms")
    );
    assert_eq!(judged(&[run(220), run(240), asked()]).0, Status::Fail);
}

#[test]
fn nothing_measured_and_nothing_asked_are_different_words() {
    let artefacts = [slo("latency.p95", "<200ms"), slo("db.query.mean", "<10ms")];
    let rows = sheet(&artefacts, &[None, None], &[]).rows;
    assert_eq!(rows.iter().map(|row| row.status).collect::<Vec<_>>(), [Status::NoData, Status::NoData]);
    let rows = sheet(&[k6(500, 0, r#""avg": 60, "p(95)": 180"#)], &[None], &[]).rows;
    assert!(rows.iter().all(|row| row.status == Status::NoTarget), "{rows:?}");
    assert!(rows.iter().any(|row| row.metric.to_string() == "latency.p95"));
}

#[test]
fn the_better_source_wins_and_the_other_is_listed() {
    let handle = r#"{"root_group": {}, "metrics": {"http_reqs": {"values": {"count": 500, "rate": 5}}, "http_req_duration": {"values": {"p(95)": 180}, "thresholds": {"p(95)<150": {"ok": false}}}}}"#;
    let artefacts = [file("k6.json", handle), slo("latency.p95", "<200ms")];
    let both = sheet(&artefacts, &[None, None], &[]);
    let row = both.rows.iter().find(|row| row.target.is_some()).unwrap();
    assert_eq!((row.status, row.target.as_ref().unwrap().source.kind), (Status::Pass, SourceKind::Slo));
    assert_eq!(both.overruled.len(), 1);
    assert_eq!(both.overruled[0].source.kind, SourceKind::K6);
    let alone = sheet(&artefacts[..1], &[None], &[]);
    let row = alone.rows.iter().find(|row| row.target.is_some()).unwrap();
    assert_eq!((row.status, row.tool_says), (Status::Fail, Some(false)));
    // The project's settings stand between both.
    let map = [("p95_ms".to_owned(), "100".to_owned())].into_iter().collect();
    let settings = crate::evidence::readers::targets::settings(&map).unwrap();
    let kinds = |artefacts: &[Artefact]| {
        let sheet = sheet(artefacts, &vec![None; artefacts.len()], &[]);
        let row = sheet.rows.into_iter().find(|row| row.target.is_some()).unwrap();
        (row.target.unwrap().source.kind, sheet.overruled.iter().map(|target| target.source.kind).collect::<Vec<_>>())
    };
    assert_eq!(kinds(&[artefacts[0].clone(), settings.clone()]), (SourceKind::Settings, vec![SourceKind::K6]));
    let [run, slo] = artefacts.clone();
    assert_eq!(kinds(&[settings, run, slo]), (SourceKind::Slo, vec![SourceKind::Settings, SourceKind::K6]));
    // What is typed in overrules both.
    let mut edited = both.overruled[0].clone();
    edited.source.kind = SourceKind::Edited;
    edited.value = 100.0;
    let sheet = sheet(&artefacts, &[None, None], &[edited]);
    assert_eq!((sheet.rows[0].status, sheet.overruled.len()), (Status::Fail, 2));
}

#[test]
fn our_verdicts_are_those_of_k6() {
    for kind in ["baseline", "optimized"] {
        for run in 1..=4 {
            let artefacts = [sample(&format!("load/runs/{kind}-{run}.json"))];
            let sheet = sheet(&artefacts, &[None], &[]);
            let mut decided = 0;
            for row in sheet.rows.iter().filter(|row| row.target.is_some()) {
                let expected = match row.tool_says {
                    Some(true) => Status::Pass,
                    Some(false) => Status::Fail,
                    None => panic!("{kind}-{run}: k6 judged {row:?}"),
                };
                assert_eq!(row.status, expected, "{kind}-{run}: {} {}", row.metric, row.reason);
                decided += 1;
            }
            assert_eq!(decided, 6);
        }
    }
}

#[test]
fn both_sides_stand_in_one_line() {
    let mut artefacts = vec![slo("latency.p95", "<30ms")];
    for kind in ["baseline", "optimized"] {
        artefacts.extend((1..=4).map(|run| sample(&format!("load/runs/{kind}-{run}.json"))));
    }
    let pairing = pair(&artefacts);
    assert_eq!(pairing.sides[1], Some(Run::Baseline));
    let sheet = sheet(&artefacts, &pairing.sides, &[]);
    let row = sheet.rows.iter().find(|row| row.metric.to_string() == "latency.p95" && row.scope == Scope::All).unwrap();
    assert_eq!(row.status, Status::Pass);
    let (before, after) = (row.baseline.as_ref().unwrap(), row.optimized.as_ref().unwrap());
    assert_eq!((before.runs, after.runs), (4, 4));
    assert!(before.value.unwrap() > 30.0 && after.value.unwrap() < 30.0);
}

#[test]
fn pages_are_held_against_core_web_vitals() {
    let artefacts = [sample("web/lighthouse-baseline.json"), sample("web/lighthouse-optimized.json")];
    let sides = pair(&artefacts).sides;
    let sheet = sheet(&artefacts, &sides, &[]);
    let row = |name: &str| sheet.rows.iter().find(|row| row.metric.to_string() == name).unwrap();
    let lcp = row("web.lcp");
    assert_eq!(lcp.status, Status::Pass);
    assert!(lcp.reason.contains("lab, simulated"), "{}", lcp.reason);
    assert_eq!(lcp.baseline.as_ref().unwrap().text, "4,615 ms");
    // Nobody measured interactions: a default target that nothing measures is no line.
    assert!(!sheet.rows.iter().any(|row| row.metric.to_string() == "web.inp"));
}
