//! Rules of plans and query statistics: fine plans stay silent, proposals of indexes merge.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use super::*;
use crate::evidence::model::load::{LoadRun, Route};
use crate::evidence::{Limits, read};
use crate::report::model::Severity;
use std::collections::BTreeMap;

fn artefact(name: &str, bytes: &[u8]) -> Artefact {
    read(name, bytes.len() as u64, &mut &*bytes, Limits::default())
}

fn sample(name: &str) -> Artefact {
    let path = format!("{}/../tests/data/evidence/databases/{name}", env!("CARGO_MANIFEST_DIR"));
    artefact(name, &std::fs::read(&path).unwrap_or_else(|error| panic!("{name}: {error}")))
}

fn judged(artefacts: &[Artefact]) -> Vec<Observation> {
    judge(artefacts, &Asked::new(artefacts, &[]))
}

fn rules(artefact: Artefact) -> Vec<String> {
    judged(&[artefact]).into_iter().map(|seen| seen.rule).collect()
}

#[test]
fn plans_that_are_fine_are_left_alone() {
    for name in ["never", "window", "recursive", "bitmap", "parallel", "parts"] {
        assert_eq!(rules(sample(&format!("explain/{name}.txt"))), Vec::<String>::new(), "{name}");
    }
    for name in ["explain/costs-off.txt", "explain/bare.txt", "sqlite/index.txt"] {
        assert_eq!(rules(sample(name)), Vec::<String>::new(), "{name}");
    }
}

#[test]
fn text_json_and_log_of_a_query_are_judged_alike() {
    for name in ["common", "loop", "trigger", "jit"] {
        let of = |form: &str| {
            let mut rules = rules(sample(&format!("explain/{name}.{form}")));
            // What is in the cache differs from run to run.
            rules.retain(|rule| rule != "P13");
            rules
        };
        assert_eq!(of("txt"), of("json"), "{name}");
    }
    assert_eq!(rules(sample("log-both.log")), rules(sample("log-both.csv")));
    assert_eq!(rules(sample("log-both.csv")), rules(sample("log-both.json")));
}

#[test]
fn titles_read_alone_and_figures_name_their_source() {
    let mut seen = 0;
    for name in [
        "explain/scan.txt",
        "explain/subplan.txt",
        "explain/spill.txt",
        "statements-after.csv",
        "mariadb/slow.log",
        "mariadb/join.json",
        "sqlite/nested.txt",
    ] {
        for observation in judged(&[sample(name)]) {
            seen += 1;
            let text = format!("{} {} {}", observation.title, observation.fix, observation.guard.unwrap_or_default());
            assert!(text.is_ascii() && !text.contains('!'), "{text}");
            assert!(observation.title.contains('`') && !observation.title.ends_with('.'), "{}", observation.title);
            assert!(
                observation.measured.contains("plan, line") || observation.measured.contains("calls"),
                "{}",
                observation.measured
            );
            assert!(observation.share.is_none_or(|share| (0.0..=1.0).contains(&share)));
            assert!(observation.removable.is_none_or(|part| (0.0..=1.0).contains(&part)));
        }
    }
    assert!(seen > 10, "{seen}");
}

fn known(list: &[(&str, &[&[&str]])]) -> BTreeMap<String, Vec<Vec<String>>> {
    let columns = |columns: &&[&str]| columns.iter().map(|column| (*column).to_owned()).collect();
    list.iter().map(|(table, indexes)| ((*table).to_owned(), indexes.iter().map(columns).collect())).collect()
}

fn scan(filter: &str, removed: u32) -> String {
    format!(
        "Seq Scan on orders o  (cost=0.00..3900.00 rows=1 width=40) (actual time=0.010..60.000 rows=5 loops=1)\n  Filter: ({filter})\n  Rows Removed by Filter: {removed}\nExecution Time: 60.100 ms\n"
    )
}

fn ddl(texts: &[&str], known: &BTreeMap<String, Vec<Vec<String>>>) -> Vec<String> {
    let artefacts: Vec<Artefact> = texts.iter().map(|text| artefact("plan.txt", text.as_bytes())).collect();
    proposals(&artefacts, known).iter().map(Proposal::ddl).collect()
}

#[test]
fn equality_comes_first_then_one_range() {
    let none = BTreeMap::new();
    let text = scan(
        "(o.total > 5) AND (o.created_at < '2026-01-01'::date) AND ((o.status)::text = 'x'::text) AND (o.customer_id = 7)",
        119_995,
    );
    assert_eq!(ddl(&[&text], &none), ["CREATE INDEX CONCURRENTLY ON orders (status, customer_id, total)"]);
    assert_eq!(ddl(&[&scan("(lower(email) = 'x'::text)", 119_995)], &none), Vec::<String>::new());
    assert_eq!(ddl(&[&scan("(a = 1) OR (b = 2)", 119_995)], &none), Vec::<String>::new());
    assert_eq!(ddl(&[&scan("(a = 1)", 100)], &none), Vec::<String>::new());
    assert_eq!(
        ddl(&[&scan("(\"customerId\" = 1)", 119_995)], &none),
        ["CREATE INDEX CONCURRENTLY ON orders (\"customerId\")"]
    );
}

#[test]
fn one_index_serves_several_queries_and_known_ones_are_not_proposed() {
    let (one, both, other) = (
        scan("(customer_id = 7)", 119_995),
        scan("(status = 'x'::text) AND (customer_id = 7)", 119_995),
        scan("(note = 'x'::text)", 119_995),
    );
    let none = BTreeMap::new();
    let merged = ddl(&[&one, &both, &other], &none);
    assert_eq!(merged.len(), 3, "{merged:?}");
    let turned = scan("(customer_id = 7) AND (status = 'x'::text)", 119_995);
    assert_eq!(ddl(&[&one, &turned, &both], &none), ["CREATE INDEX CONCURRENTLY ON orders (customer_id, status)"]);
    assert_eq!(ddl(&[&one], &known(&[("orders", &[&["customer_id", "created_at"]])])), Vec::<String>::new());
    assert_eq!(ddl(&[&both], &known(&[("orders", &[&["customer_id", "status"]])])), Vec::<String>::new());
    assert_eq!(ddl(&[&both], &known(&[("orders", &[&["customer_id"], &["id"]])])).len(), 1);
}

#[test]
fn gains_are_estimates_of_what_is_thrown_away() {
    let artefacts = [
        artefact("a", scan("(customer_id = 7)", 119_995).as_bytes()),
        artefact("b", scan("(customer_id = 8)", 119_995).as_bytes()),
    ];
    let proposals = proposals(&artefacts, &BTreeMap::new());
    assert_eq!((proposals.len(), proposals[0].artefacts.clone()), (1, vec![0, 1]));
    assert!((proposals[0].gain_ms.unwrap() - 120.0).abs() < 0.1, "{:?}", proposals[0].gain_ms);
}

#[test]
fn a_plan_without_its_query_still_has_a_key() {
    let Some(Evidence::Plan(plan)) = sample("explain/scan.txt").evidence.into_iter().next() else { panic!() };
    let key = query_of(&plan);
    assert_eq!((key.verb.as_str(), key.tables), ("select", vec!["orders".to_owned()]));
    let columns: Vec<&str> = key.predicates.iter().map(|predicate| predicate.column.name.as_str()).collect();
    assert_eq!(columns, ["customer_id", "status"]);
}

#[test]
fn the_worst_comes_with_the_highest_severity() {
    let seen = judged(&[sample("explain/subplan.txt")]);
    let scan = seen.iter().find(|seen| seen.rule == "P2").unwrap();
    assert_eq!(scan.severity, Severity::High);
    assert!(scan.fix.contains("CREATE INDEX CONCURRENTLY ON orders (customer_id)"), "{}", scan.fix);
    assert!(scan.share.unwrap() > 0.9 && scan.removable.unwrap() > 0.9);
}

#[test]
fn requests_of_a_load_test_give_calls_of_each() {
    let Some(Evidence::Queries(stats)) = sample("statements-after.csv").evidence.into_iter().next() else { panic!() };
    let run = |requests: Option<u64>| {
        let total = Route { requests, ..Route::default() };
        LoadRun { total, ..LoadRun::default() }
    };
    let doubt = |requests: u64| beside::requests(&stats, &[&run(Some(requests))]).unwrap().doubt;
    // Its list of one customer's orders was sent a hundred times.
    assert_eq!(doubt(200), None);
    assert!(doubt(50).is_some() && doubt(100_000).unwrap().contains("same time"));
    assert!(beside::requests(&stats, &[&run(None)]).is_none() && beside::requests(&stats, &[]).is_none());
}
