//! Verdicts on queries, memory and event loops: from statistics, logs, plans, series and profiles.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use super::*;
use crate::evidence::asked::Asked;
use crate::evidence::model::{Artefact, Run};
use crate::evidence::{Limits, read};

fn file(path: &str, text: &str) -> Artefact {
    let artefact = read(path, text.len() as u64, &mut text.as_bytes(), Limits::default());
    assert_eq!(artefact.refused, None, "{path}");
    artefact
}

fn sample(path: &str) -> Artefact {
    let full = format!("{}/../tests/data/evidence/{path}", env!("CARGO_MANIFEST_DIR"));
    let bytes = std::fs::read(&full).unwrap_or_else(|error| panic!("{full}: {error}"));
    read(path, bytes.len() as u64, &mut bytes.as_slice(), Limits::default())
}

fn slo(scope: &str, metric: &str, target: &str) -> Artefact {
    file("slo.toml", &format!("[[slo]]\nscope = \"{scope}\"\nmetric = \"{metric}\"\ntarget = \"{target}\"\n"))
}

/// Status and reason of the first row with a target that a file states.
fn judged(artefacts: &[Artefact]) -> (Status, String) {
    let sheet = sheet(artefacts, &vec![None; artefacts.len()], &Asked::new(artefacts, &[]));
    let stated = |row: &Row| row.target.as_ref().is_some_and(|target| !target.source.path.is_empty());
    let row = sheet.rows.into_iter().find(stated).unwrap();
    (row.status, row.reason)
}

/// Counters: a list that is slow, a look-up that is fast and frequent.
fn counters() -> Artefact {
    file(
        "statements.csv",
        "query,calls,total_exec_time,mean_exec_time,min_exec_time,max_exec_time,stddev_exec_time,rows\n\
         SELECT * FROM orders ORDER BY placed,1000,150000,150,90,400,30,50000\n\
         SELECT name FROM customers WHERE id = $1,50000,2500,0.05,0.02,3,0.01,50000\n",
    )
}

fn k6(requests: u64) -> Artefact {
    file(
        "k6.json",
        &format!(
            r#"{{"root_group": {{}}, "metrics": {{"http_reqs": {{"count": {requests}, "rate": 50}}, "http_req_failed": {{"passes": 0, "fails": {requests}, "value": 0}}, "http_req_duration": {{"avg": 60, "med": 50, "p(95)": 180}}}}}}"#
        ),
    )
}

#[test]
fn query_times_come_from_counters() {
    let of = |scope: &str, metric: &str, target: &str| judged(&[counters(), slo(scope, metric, target)]);
    assert_eq!(
        of("", "db.query.mean", "<10ms"),
        (
            Status::Pass,
            "2.99 ms (pg_stat_statements, the slowest query 150 ms a call), n = 51,000; asked < 10 ms".to_owned()
        )
    );
    assert_eq!(
        of("from orders", "db.query.mean", "<100ms"),
        (Status::Fail, "150 ms (pg_stat_statements), n = 1,000; asked < 100 ms".to_owned())
    );
    // There are no percentiles: only the extremes decide.
    assert_eq!(of("FROM  orders", "db.query.p95", "<401ms").0, Status::Pass);
    assert_eq!(of("from orders", "db.query.p95", "<80ms").0, Status::Fail);
    assert_eq!(
        of("from orders", "db.query.p95", "<200ms"),
        (
            Status::Undecided,
            "not printed, bounded by min = 90 ms, mean = 150 ms, standard deviation = 30 ms, max = 400 ms \
             (pg_stat_statements), n = 1,000; asked < 200 ms"
                .to_owned()
        )
    );
    assert_eq!(of("", "db.query.max", "<300ms").0, Status::Fail);
    assert_eq!(of("from nothing", "db.query.mean", "<1ms").0, Status::NoData);
    // The default for queries is a line of its own, which the stated one overrules.
    let artefacts = [counters()];
    let sheet = sheet(&artefacts, &[None], &Asked::new(&artefacts, &[]));
    let row = &sheet.rows[0];
    assert_eq!((row.metric.to_string().as_str(), row.status), ("db.query.mean", Status::Pass));
}

#[test]
fn a_log_bounds_what_it_may_have_left_out() {
    let log = |slow: u32| {
        let line = |pid: u32, ms: u32| {
            format!(
                "2026-01-02 10:00:{:02}.000 UTC [{pid}] LOG:  duration: {ms}.000 ms  statement: SELECT * FROM orders\n",
                pid % 60
            )
        };
        file("server.log", &(0..200).map(|at| line(at, if at < 150 { 20 } else { slow })).collect::<String>())
    };
    let of = |slow: u32, metric: &str, target: &str| judged(&[log(slow), slo("", metric, target)]);
    assert_eq!(of(60, "db.query.mean", "<40ms").0, Status::Pass);
    let (status, reason) = of(60, "db.query.mean", "<25ms");
    assert_eq!(status, Status::Undecided);
    assert!(reason.contains("30 ms of the calls that were logged"), "{reason}");
    assert_eq!(of(60, "db.query.p95", "<61ms").0, Status::Pass);
    assert_eq!(of(60, "db.query.p50", "<30ms").0, Status::Pass);
    assert_eq!(of(60, "db.query.p95", "<50ms").0, Status::Undecided);
    assert_eq!(of(60, "db.query.max", "<50ms").0, Status::Fail);
}

#[test]
fn a_plan_is_one_execution() {
    let plan = || {
        file(
            "plan.json",
            r#"[{"Query Text": "SELECT * FROM orders WHERE state = 1", "Plan": {"Node Type": "Seq Scan", "Relation Name": "orders", "Total Cost": 10, "Plan Rows": 1, "Plan Width": 8, "Actual Rows": 1, "Actual Loops": 1, "Actual Startup Time": 0.1, "Actual Total Time": 320}, "Execution Time": 321.0}]"#,
        )
    };
    let of = |metric: &str, target: &str| judged(&[plan(), slo("from orders where state", metric, target)]);
    assert_eq!(of("db.query.max", "<300ms").0, Status::Fail);
    assert_eq!(of("db.query.max", "<400ms").0, Status::Undecided);
    let (status, reason) = of("db.query.mean", "<100ms");
    assert_eq!(status, Status::Undecided);
    assert!(reason.contains("321 ms in the slowest of 1 execution") && reason.contains("no mean"), "{reason}");
    // Counters say it outright.
    let both = [plan(), counters(), slo("from orders", "db.query.mean", "<200ms")];
    assert_eq!(judged(&both).0, Status::Pass);
}

#[test]
fn queries_of_a_request_need_counters_of_the_same_time() {
    let of = |requests: u64| judged(&[counters(), k6(requests), slo("", "db.queries_per_request", "<10")]);
    let (status, reason) = of(2_000);
    assert_eq!(
        (status, reason.as_str()),
        (Status::Fail, "25.5 (51,000 calls of pg_stat_statements by 2,000 requests); asked < 10")
    );
    // A list that ran a thousand times does not fit fifty requests, nor a million.
    for requests in [50, 1_000_000] {
        let (status, reason) = of(requests);
        assert_eq!(status, Status::Undecided, "{reason}");
        assert!(reason.contains("nothing shows that the counters are of the same time"), "{reason}");
    }
    assert_eq!(judged(&[counters(), slo("", "db.queries_per_request", "<10")]).0, Status::NoData);
}

#[test]
fn memory_is_held_against_its_targets() {
    let run = |per_second: f64| {
        let points: String = (0..120)
            .map(|at| format!("MEM {:.6} {}.0000\n", 50.0 + per_second * f64::from(at), 1_700_000_000 + at))
            .collect();
        file("mprofile.dat", &format!("CMDLINE python app.py\n{points}"))
    };
    let of = |metric: &str, target: &str| judged(&[run(0.1), slo("", metric, target)]);
    assert_eq!(of("mem.peak", "<60MiB").0, Status::Fail);
    assert_eq!(of("mem.peak", "<64MiB").0, Status::Pass);
    // 0.1 MiB a second are 360 MiB an hour.
    assert_eq!(of("mem.growth", "<400MiB/h").0, Status::Pass);
    let (status, reason) = of("mem.growth", "<300MiB/h");
    assert_eq!(status, Status::Fail);
    assert!(reason.contains("377.49 MB/h"), "{reason}");
    assert_eq!(judged(&[run(0.0), slo("", "mem.growth", "<1MiB/h")]).0, Status::Pass);
}

#[test]
fn blocks_of_the_event_loop_come_from_its_clock_or_are_bounded() {
    let clinic = || sample("profiles/clinic-busy-processstat.gz");
    let (status, reason) = judged(&[clinic(), slo("", "eventloop.block", "<5ms")]);
    assert_eq!(status, Status::Fail, "{reason}");
    assert_eq!(judged(&[clinic(), slo("", "eventloop.block", "<60s")]).0, Status::Pass);
    // A sampled profile merges requests that follow each other: an upper bound.
    let profile = || sample("profiles/server.cpuprofile.gz");
    let (status, reason) = judged(&[profile(), slo("", "eventloop.block", "<5ms")]);
    assert_eq!(status, Status::Undecided, "{reason}");
    assert_eq!(judged(&[profile(), slo("", "eventloop.block", "<60s")]).0, Status::Pass);
    // A complete record of calls has the mean of each call: a lower bound.
    let (status, reason) = judged(&[sample("profiles/sleeper.prof"), slo("", "eventloop.block", "<5ms")]);
    assert_eq!(status, Status::Fail, "{reason}");
    assert!(reason.contains("or more, the mean of a call that waits"), "{reason}");
    assert_eq!(judged(&[sample("profiles/sleeper.prof"), slo("", "eventloop.block", "<60s")]).0, Status::Undecided);
}

#[test]
fn rows_of_both_sides_have_their_own_load() {
    let artefacts = [counters(), counters(), k6(2_000), k6(4_000), slo("", "db.queries_per_request", "<20")];
    let sides = [Some(Run::Baseline), Some(Run::Optimized), Some(Run::Baseline), Some(Run::Optimized), None];
    let sheet = sheet(&artefacts, &sides, &Asked::new(&artefacts, &[]));
    let row = sheet.rows.iter().find(|row| row.metric.to_string() == "db.queries_per_request").unwrap();
    let text = |figure: &Option<Figure>| figure.as_ref().unwrap().text.clone();
    assert_eq!((text(&row.baseline), text(&row.optimized), row.status), ("25.5".into(), "12.8".into(), Status::Pass));
}
