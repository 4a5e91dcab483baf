//! Slow query logs of MySQL, MariaDB and Percona.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use super::super::samples::{artefact, sample, stats};
use crate::evidence::model::Dialect;

#[test]
fn a_log_of_mariadb_adds_up() {
    let stats = stats(&sample("mariadb/slow.log"));
    assert_eq!(stats.dialect, Dialect::MariaDb);
    let by_customer = stats
        .queries
        .iter()
        .find(|stat| stat.fingerprint == "select id, total from orders where customer_id = ?")
        .unwrap();
    assert_eq!(
        (by_customer.calls, by_customer.rows, by_customer.examined, by_customer.full_scans),
        (3, Some(45.0), Some(90_000.0), 3)
    );
    let odd = stats.queries.iter().find(|stat| stat.text.contains("# Time: no")).unwrap();
    assert_eq!(odd.fingerprint, "select name from customers where name = ? or id in (?+)");
    let update = stats.queries.iter().find(|stat| stat.fingerprint.starts_with("update")).unwrap();
    assert_eq!((update.calls, update.rows), (1, Some(1.0)));
}

/// In the structure that MySQL 8 documents.
const MYSQL: &str = "\
/usr/sbin/mysqld, Version: 8.0.36 (MySQL Community Server - GPL). started with:
Tcp port: 3306  Unix socket: mysqld.sock
Time                 Id Command    Argument
# Time: 2026-01-01T10:00:00.100000Z
# User@Host: app[app] @ web [10.0.0.5]  Id:    12
# Query_time: 1.500000  Lock_time: 1.000000 Rows_sent: 10  Rows_examined: 50000
use shop;
SET timestamp=1767261600;
SELECT * FROM orders WHERE note = 'a; b'
AND total > 5;
# Time: 2026-01-01T10:00:00.200000Z
# User@Host: app[app] @ web [10.0.0.5]  Id:    12
# Query_time: 0.500000  Lock_time: 0.000000 Rows_sent: 1  Rows_examined: 50000
SET timestamp=1767261600;
SELECT * FROM orders WHERE note = 'c' AND total > 7;
# Time: 2026-01-01T10:00:01.000000Z
# User@Host: app[app] @ web [10.0.0.5]  Id:    13
# Query_time: 2.000000  Lock_time: 0.000000 Rows_sent: 0  Rows_examined: 0
# administrator command: Prepare;
";

#[test]
fn seconds_become_milliseconds_and_other_servers_are_read() {
    let stats = stats(MYSQL.as_bytes());
    assert_eq!((stats.queries.len(), stats.calls, stats.total_ms), (1, 2, 2000.0));
    let stat = &stats.queries[0];
    assert_eq!((stat.lock_ms, stat.max_ms, stat.examined), (Some(1000.0), Some(1500.0), Some(100_000.0)));
    assert_eq!(stat.burst.as_ref().unwrap().within_ms, 100);
    assert_eq!(stats.dialect, Dialect::MySql);
}

#[test]
fn impossible_times_are_told() {
    let text =
        MYSQL.replace("Query_time: 1.500000", "Query_time: -1.5").replace("Lock_time: 1.000000", "Lock_time: nan");
    assert!(artefact(text.as_bytes()).notes.iter().any(|note| note.text.contains("impossible")));
    assert_eq!(stats(text.as_bytes()).calls, 1);
}

#[test]
fn entries_without_user_and_time_are_told_apart() {
    let mut text = String::new();
    for n in 0..5 {
        text.push_str(&format!("# User: a[a] @ [1.2.3.4]\n# Query_time: 0.5 Lock_time: 0.0 Rows_sent: 1 Rows_examined: 1\n# No InnoDB statistics available for this query\nSELECT {n} FROM foo;\n"));
    }
    text.insert_str(0, "# User@Host: a[a] @ b []\n# Query_time: 0.1 Lock_time: 0.0 Rows_sent: 1 Rows_examined: 1\nSELECT 9 FROM foo;\n");
    assert_eq!(stats(text.as_bytes()).calls, 6);
}

#[test]
fn a_statement_of_many_odd_lines_takes_time_in_proportion() {
    let mut text =
        "# Query_time: 0.5 Lock_time: 0.0 Rows_sent: 1 Rows_examined: 1\nINSERT INTO t VALUES ('\n".to_owned();
    text.push_str(&"# x;\n".repeat(100_000));
    text.push_str("');\n");
    assert_eq!(stats(text.as_bytes()).calls, 1);
}
