//! pg_stat_statements as CSV, table and expanded table; two snapshots.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use super::super::samples::{artefact, sample, stats};

#[test]
fn csv_table_and_expanded_records_say_the_same() {
    let csv = stats(&sample("statements-after.csv"));
    let counts: Vec<(u64, &str)> = csv.queries.iter().map(|stat| (stat.calls, stat.fingerprint.as_str())).collect();
    for name in ["statements-table.txt", "statements-expanded.txt"] {
        let other = stats(&sample(name));
        let seen: Vec<(u64, &str)> = other.queries.iter().map(|stat| (stat.calls, stat.fingerprint.as_str())).collect();
        assert_eq!(seen, counts, "{name}");
        for (a, b) in csv.queries.iter().zip(&other.queries) {
            assert!((a.total_ms - b.total_ms).abs() < 0.5, "{name}");
            assert_eq!((a.rows, a.max_ms), (b.rows, b.max_ms), "{name}");
        }
    }
    assert_eq!(counts[0], (100, "select count(*) from orders where status = ? and total > ?"));
    assert_eq!(csv.queries.len(), 4);
    let tagged = csv.queries.iter().find(|stat| !stat.callers.is_empty()).unwrap();
    assert_eq!(tagged.callers[0].tags.route.as_deref(), Some("/orders/<id>"));
}

#[test]
fn snapshots_are_subtracted() {
    let (before, after) = (stats(&sample("statements-before.csv")), stats(&sample("statements-after.csv")));
    let between = after.since(&before);
    assert!(between.queries.iter().all(|stat| stat.calls == 60 && stat.max_ms.is_none()), "{:?}", between.queries);
    let mut both = sample("statements-before.csv");
    both.extend(sample("statements-after.csv"));
    assert_eq!(stats(&both).queries, between.queries);
    // A reset in between: the later counts stand.
    let reset = before.since(&after);
    assert!(reset.queries.iter().all(|stat| stat.calls == 40));
    assert!(reset.cannot.iter().any(|text| text.contains("reset")));
}

#[test]
fn names_of_old_and_new_versions_are_known() {
    let old = "query,calls,total_time,mean_time,rows\n\"SELECT a FROM t WHERE id = ?\",10,50.0,5.0,10\nBEGIN,9,1,1,0\n";
    let stats = stats(old.as_bytes());
    assert_eq!(
        (stats.queries.len(), stats.queries[0].mean_ms(), stats.queries[0].rows_per_call()),
        (1, 5.0, Some(1.0))
    );
}

#[test]
fn nonsense_in_a_row_is_told_not_believed() {
    let text = "query,calls,total_exec_time\n\"SELECT 1 FROM a\",-5,3\n\"SELECT 1 FROM b\",NaN,3\n\"SELECT 1 FROM c\",1000000000,3e12\n\"cut";
    let artefact = artefact(text.as_bytes());
    assert_eq!(artefact.refused, None);
    assert!(artefact.notes.iter().any(|note| note.text.contains("impossible")), "{:?}", artefact.notes);
    assert_eq!(stats(text.as_bytes()).calls, 1_000_000_000);
    assert!(super::super::samples::artefact(b"query,calls,total_exec_time\n").refused.unwrap().contains("no row"));
}
