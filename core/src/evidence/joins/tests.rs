//! Figures against findings: said only where they carry it.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use super::measure;
use crate::evidence::code::{CodeIndex, OrmCall};
use crate::evidence::model::load::{LoadRun, Route};
use crate::evidence::model::profile::{Function, Method, Origin, Profile, Runtime, Unit};
use crate::evidence::model::{Artefact, Evidence, Plan, PlanNode, QueryStat, QueryStats, Run};
use crate::evidence::sql;
use crate::report::model::performance::{Eased, Measured};

const LIST: &str = "SELECT id, author_id FROM posts ORDER BY placed LIMIT $1";
const LOOK_UP: &str = "SELECT id, name FROM authors WHERE id = $1";

/// A handler that loads a list and then something for each of its rows.
fn index() -> CodeIndex {
    CodeIndex::of_posts(&[(11, LIST, false), (14, LOOK_UP, true)])
}

fn artefact(path: &str, evidence: Evidence) -> Artefact {
    Artefact { path: path.to_owned(), evidence: vec![evidence], ..Artefact::default() }
}

/// Counters: the list once a request with its rows, the look-up `calls` times.
fn counters(path: &str, rows: f64, calls: u64) -> Artefact {
    let stat = |text: &str, calls: u64, rows: f64| QueryStat {
        fingerprint: sql::fingerprint(text),
        text: text.to_owned(),
        calls,
        total_ms: calls as f64,
        rows: Some(rows * calls as f64),
        ..QueryStat::default()
    };
    let queries = vec![stat(LIST, 1_000, rows), stat(LOOK_UP, calls, 1.0)];
    let stats = QueryStats { calls: 1_000 + calls, total_ms: 2_000.0, queries, ..QueryStats::default() };
    artefact(path, Evidence::Queries(Box::new(stats)))
}

fn load(path: &str, requests: u64) -> Artefact {
    let route =
        Route { method: "GET".to_owned(), name: "/posts".to_owned(), requests: Some(requests), ..Route::default() };
    let total = Route { method: String::new(), name: String::new(), ..route.clone() };
    artefact(path, Evidence::LoadRun(Box::new(LoadRun { total, routes: vec![route], ..LoadRun::default() })))
}

fn measured(index: &CodeIndex, artefacts: &[Artefact]) -> Measured {
    measure(index, artefacts, &[], &[])
}

fn of(check: &str, artefacts: &[Artefact]) -> Vec<Eased> {
    let all = measured(&index(), artefacts).eased.into_iter();
    all.filter(|eased| eased.checks.iter().any(|other| other == check)).collect()
}

#[test]
fn a_statement_that_runs_once_a_request_is_no_loop() {
    let found = of("query_in_loop", &[counters("s.csv", 50.0, 990), load("k6.json", 1_000)]);
    let look_up: Vec<&Eased> = found.iter().filter(|eased| eased.place.first_line == 14).collect();
    let [eased] = look_up.as_slice() else { panic!("{found:?}") };
    // Fifty rows and one look-up: nothing is repeated for a row.
    assert!(eased.refutes, "{eased:?}");
    assert_eq!(
        eased.says,
        "the statement ran 0.99 times for each of 1,000 requests of `GET /posts` (pg_stat_statements, s.csv), while the \
         list beside it had 50 rows a call"
    );
    let handler = eased.handler.as_ref().unwrap();
    assert_eq!((handler.path.as_str(), handler.first_line, handler.last_line), ("app/api.py", 10, 20));
    // With lists of one row the loop had nothing to repeat: the data may be too small.
    let found = of("query_in_loop", &[counters("s.csv", 1.0, 990), load("k6.json", 1_000)]);
    assert!(found.iter().all(|eased| !eased.refutes) && !found.is_empty(), "{found:?}");
}

#[test]
fn thin_evidence_says_nothing() {
    let none = |artefacts: &[Artefact]| {
        let found = of("query_in_loop", artefacts);
        assert!(found.iter().all(|eased| eased.place.first_line != 14), "{found:?}");
    };
    // It is repeated; it hardly ran; too few requests; no load; counters of another time.
    none(&[counters("s.csv", 50.0, 20_000), load("k6.json", 1_000)]);
    none(&[counters("s.csv", 50.0, 100), load("k6.json", 1_000)]);
    none(&[counters("s.csv", 50.0, 50), load("k6.json", 50)]);
    none(&[counters("s.csv", 50.0, 990)]);
    none(&[counters("s.csv", 50.0, 990), load("k6.json", 300)]);
    // A log with a threshold may have left calls out.
    let mut log = counters("log", 50.0, 990);
    let Evidence::Queries(stats) = &mut log.evidence[0] else { panic!() };
    stats.lower_bound = true;
    none(&[log, load("k6.json", 1_000)]);
    // The other side says otherwise.
    let sides = [
        counters("before/s.csv", 50.0, 20_000),
        load("before/k6.json", 1_000),
        counters("after/s.csv", 50.0, 990),
        load("after/k6.json", 1_000),
    ];
    assert_eq!(crate::evidence::compare::pair(&sides).sides[0], Some(Run::Baseline));
    none(&sides);
    // Two places that may have sent it.
    let mut twice = index();
    let mut again = twice.sql[1].clone();
    again.at.line = 33;
    twice.sql.push(again);
    let found = measured(&twice, &[counters("s.csv", 50.0, 990), load("k6.json", 1_000)]).eased;
    assert!(found.iter().all(|eased| eased.place.first_line == 11), "{found:?}");
}

#[test]
fn what_an_orm_sent_lowers_and_does_not_refute() {
    let mut index = index();
    let site = index.sql.pop().unwrap().at;
    index.orm.push(OrmCall {
        at: site,
        verb: "select".to_owned(),
        table: "authors".to_owned(),
        columns: vec![("id".to_owned(), sql::Compare::Equal)],
        ..OrmCall::default()
    });
    let found = measured(&index, &[counters("s.csv", 50.0, 990), load("k6.json", 1_000)]).eased;
    let look_up = found.iter().find(|eased| eased.place.first_line == 14).unwrap();
    assert!(!look_up.refutes);
}

#[test]
fn few_rows_lower_a_large_payload() {
    let rows = |rows: f64| {
        let found = of("large_payload", &[counters("s.csv", rows, 990)]);
        found.into_iter().find(|eased| eased.place.first_line == 11).map(|eased| (eased.refutes, eased.says))
    };
    let says =
        "12 rows a call over 1,000 calls (pg_stat_statements, s.csv); with more data it would be more".to_owned();
    assert_eq!(rows(12.0), Some((false, says)));
    assert_eq!(rows(5_000.0), None);
    assert_eq!(rows(0.0), None);
}

#[test]
fn narrow_rows_of_a_plan_lower_over_fetching() {
    let plan = |width: f64, rows: f64, analyzed: bool| {
        let node = PlanNode { width: Some(width), rows: Some(rows), loops: Some(1.0), ..PlanNode::default() };
        let plan = Plan { query: Some(LIST.to_owned()), nodes: vec![node], analyzed, ..Plan::default() };
        of("over_fetching", &[artefact("plan.json", Evidence::Plan(Box::new(plan)))]).len()
    };
    assert_eq!(plan(40.0, 50.0, true), 1);
    assert_eq!(plan(4_000.0, 50.0, true), 0);
    assert_eq!(plan(40.0, 50_000.0, true), 0);
    assert_eq!(plan(40.0, 50.0, false), 0);
}

#[test]
fn a_coroutine_that_is_done_at_once_blocks_nothing() {
    let profile = |calls: u64, total: f64, method: Method| {
        let function = Function {
            name: "list_posts".to_owned(),
            path: "/srv/app/api.py".to_owned(),
            line: 10,
            column: 0,
            origin: Origin::Project,
            self_value: total,
            total,
            calls: Some(calls),
            outer_calls: Some(calls),
        };
        let profile = Profile {
            tool: "cProfile".to_owned(),
            runtime: Runtime::Python,
            unit: Unit::Seconds,
            method,
            duration_seconds: None,
            threads: Vec::new(),
            functions: vec![function],
            edges: Vec::new(),
            nodes: Vec::new(),
            samples: Vec::new(),
            lines: Vec::new(),
        };
        of("blocking_io_in_async", &[artefact("p.prof", Evidence::Profile(Box::new(profile)))])
    };
    let found = profile(2_000, 0.4, Method::EveryCall);
    assert_eq!((found[0].place.first_line, found[0].place.last_line, found[0].refutes), (10, 20, false));
    assert!(found[0].says.starts_with("`list_posts` took 0.20 ms a call"), "{}", found[0].says);
    assert!(profile(2_000, 40.0, Method::EveryCall).is_empty());
    assert!(profile(20, 0.004, Method::EveryCall).is_empty());
    assert!(profile(2_000, 0.4, Method::Sampled { interval_seconds: Some(0.01) }).is_empty());
}
