//! Logs of PostgreSQL: plain, CSV and JSON; double entries, parameters, other languages.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use super::super::samples::{artefact, plans, sample, stats};
use crate::evidence::model::Evidence;

#[test]
fn both_settings_together_count_each_execution_once_in_every_destination() {
    for name in ["log-both.log", "log-both.csv", "log-both.json"] {
        let stats = stats(&sample(name));
        let counts: Vec<(u64, &str)> =
            stats.queries.iter().map(|stat| (stat.calls, stat.fingerprint.as_str())).collect();
        assert_eq!(stats.queries.len(), 4, "{name} {counts:?}");
        assert!(counts.iter().all(|(calls, _)| *calls == 4), "{name} {counts:?}");
        assert_eq!(stats.calls, 16, "{name}");
        let by_id = stats.queries.iter().find(|stat| stat.fingerprint.contains("order by created_at")).unwrap();
        assert!(
            by_id.parameters.as_deref().is_some_and(|text| text.contains("$1 = '")),
            "{name} {:?}",
            by_id.parameters
        );
        let customer = stats.queries.iter().find(|stat| stat.fingerprint.contains("name, email")).unwrap();
        assert_eq!(customer.callers[0].tags.route.as_deref(), Some("/orders/<id>"), "{name}");
        let plans = plans(&sample(name));
        assert_eq!(plans.len(), 4, "{name}");
        assert!(plans.iter().all(|plan| plan.executions == 4 && plan.query.is_some() && plan.timed), "{name}");
    }
}

#[test]
fn the_three_destinations_say_the_same() {
    let of = |name| stats(&sample(name));
    let (stderr, csv, json) = (of("log-both.log"), of("log-both.csv"), of("log-both.json"));
    for other in [&csv, &json] {
        for (a, b) in stderr.queries.iter().zip(&other.queries) {
            assert_eq!(
                (&a.fingerprint, a.calls, a.total_ms, a.max_ms),
                (&b.fingerprint, b.calls, b.total_ms, b.max_ms)
            );
        }
    }
}

#[test]
fn each_setting_alone_counts_the_same_calls() {
    for name in ["log-plans.log", "log-statements.log"] {
        let stats = stats(&sample(name));
        assert_eq!((stats.queries.len(), stats.calls), (4, 16), "{name}");
    }
    let plans = plans(&sample("log-plans.log"));
    assert!(plans.len() == 4 && plans.iter().all(|plan| plan.timed));
}

fn log(text: &str) -> Vec<(u64, f64, String)> {
    let artefact = artefact(text.as_bytes());
    assert_eq!(artefact.refused, None);
    let Some(Evidence::Queries(stats)) = artefact.evidence.first() else { panic!("{:?}", artefact.notes) };
    stats.queries.iter().map(|stat| (stat.calls, stat.total_ms, stat.fingerprint.clone())).collect()
}

#[test]
fn any_prefix_and_language_is_understood() {
    let one = [(1, 12.5, "select ? from t".to_owned())];
    for text in [
        "2026-01-01 10:00:00 UTC [77]: user=a,db=b LOG:  duration: 12.500 ms  statement: SELECT 1 FROM t\n",
        "Jan  1 10:00:00 host postgres[77]: [3-1] LOG:  duration: 12.500 ms  statement: SELECT 1 FROM t\n",
        "2026-01-01 10:00:00 CET [77] LOG:  Dauer: 12.500 ms  Anweisung: SELECT 1 FROM t\n",
        "2026-01-01 10:00:00 MSK [77] \u{421}\u{41e}\u{41e}\u{411}\u{429}\u{415}\u{41d}\u{418}\u{415}:  \u{43f}\u{440}\u{43e}\u{434}\u{43e}\u{43b}\u{436}\u{438}\u{442}\u{435}\u{43b}\u{44c}\u{43d}\u{43e}\u{441}\u{442}\u{44c}: 12.500 \u{43c}\u{441}  \u{43e}\u{43f}\u{435}\u{440}\u{430}\u{442}\u{43e}\u{440}: SELECT 1 FROM t\n",
        "2026-01-01 10:00:00 CET [77] LOG:  dur\u{e9}e : 12.500 ms, instruction : SELECT 1 FROM t\n"
            .replace(" ms,", " ms  ")
            .as_str(),
    ] {
        assert_eq!(log(text), one, "{text}");
    }
}

#[test]
fn a_time_alone_belongs_to_the_statement_before() {
    let text = "2026-01-01 10:00:00 UTC [7] LOG:  statement: SELECT a\n\tFROM t\n2026-01-01 10:00:00 UTC [7] LOG:  duration: 3.000 ms\n";
    assert_eq!(log(text), [(1, 3.0, "select a from t".to_owned())]);
}

#[test]
fn nested_statements_and_errors_between_do_not_confuse() {
    let text = "2026-01-01 10:00:00 UTC [7] LOG:  duration: 1.000 ms  plan:\n\tQuery Text: SELECT b FROM inner_one\n\tSeq Scan on inner_one  (cost=0.00..1.00 rows=1 width=4)\n\
        2026-01-01 10:00:00 UTC [7] ERROR:  relation \"x\" does not exist at character 15\n2026-01-01 10:00:00 UTC [7] STATEMENT:  SELECT * FROM x\n\
        2026-01-01 10:00:00 UTC [7] LOG:  duration: 5.000 ms  plan:\n\tQuery Text: SELECT f()\n\tResult  (cost=0.00..1.00 rows=1 width=4)\n\
        2026-01-01 10:00:00 UTC [7] LOG:  duration: 6.000 ms  statement: SELECT f()\n";
    assert_eq!(log(text), [(1, 6.0, "select f()".to_owned()), (1, 1.0, "select b from inner_one".to_owned())]);
}

#[test]
fn a_log_without_durations_says_what_to_set() {
    let text = "2026-01-01 10:00:00.000 UTC [1] LOG:  starting PostgreSQL 15.18\n2026-01-01 10:00:00.000 UTC [1] LOG:  database system is ready to accept connections\n";
    let artefact = artefact(text.as_bytes());
    assert!(artefact.notes[0].text.contains("log_min_duration_statement"), "{:?}", artefact.notes);
}

#[test]
fn times_since_1970_are_right() {
    assert_eq!(super::timestamp("x 2026-11-27 06:17:45.928 UTC"), Some(1_795_760_265_928));
    assert_eq!(super::timestamp("1970-01-01 00:00:00"), Some(0));
    assert_eq!(super::timestamp("2024-02-29 12:00:00,5"), Some(1_709_208_000_500));
    assert_eq!(super::timestamp("no time"), None);
}
