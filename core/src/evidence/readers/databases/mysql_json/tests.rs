//! Plans of MySQL and MariaDB in JSON: both versions, analyzed or not, and broken ones.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use super::super::samples::{artefact, plans, sample, tree};
use crate::evidence::model::{Access, Dialect, Role};

#[test]
fn measured_plans_of_mariadb_have_rows_and_times() {
    let plan = plans(&sample("mariadb/scan.json")).remove(0);
    assert_eq!((plan.dialect, plan.analyzed, plan.timed), (Dialect::MariaDb, true, true));
    assert_eq!(tree(&plan), ["Select #1", " Nested Loop", "  Table scan on orders"]);
    let scan = &plan.nodes[2];
    assert_eq!((scan.access, scan.loops), (Access::Full, Some(1.0)));
    assert!((scan.rows.unwrap() - 15.0).abs() < 1.0 && scan.removed > 29_000.0);
    for name in ["scan", "join", "sort", "buffer"] {
        let plan = plans(&sample(&format!("mariadb/{name}.json"))).remove(0);
        let sum: f64 = plan.nodes.iter().filter_map(|node| node.exclusive_ms).sum();
        let root = plan.total_ms().unwrap();
        assert!((sum - root).abs() < root * 0.02, "{name}: {sum} of {root}");
    }
    let dependent = plans(&sample("mariadb/dependent.json")).remove(0);
    assert!(dependent.nodes.iter().any(|node| node.dependent && node.role == Role::SubPlan));
    let buffer = plans(&sample("mariadb/buffer.json")).remove(0);
    assert!(buffer.nodes.iter().any(|node| node.join_buffer), "{:?}", tree(&buffer));
    let sort = plans(&sample("mariadb/sort.json")).remove(0);
    assert!(sort.nodes.iter().any(|node| node.filesort) && sort.nodes.iter().any(|node| node.temporary));
}

#[test]
fn estimates_come_without_figures() {
    let plan = plans(&sample("mariadb/scan-estimated.txt")).remove(0);
    assert!(!plan.analyzed && !plan.timed);
    assert_eq!(plan.nodes.last().unwrap().estimated_examined.map(|rows| rows > 10_000.0), Some(true));
}

/// In the structure that the manual documents for MySQL 5.7 and 8.
const FIRST: &str = r#"{"query_block": {"select_id": 1, "cost_info": {"query_cost": "9000.5"},
 "ordering_operation": {"using_temporary_table": true, "using_filesort": true,
  "nested_loop": [
   {"table": {"table_name": "o", "access_type": "ALL", "rows_examined_per_scan": 50000, "rows_produced_per_join": 5000,
     "filtered": "10.00", "used_columns": ["id"], "attached_condition": "(`shop`.`o`.`status` = 'paid')"}},
   {"table": {"table_name": "i", "access_type": "ALL", "rows_examined_per_scan": 900, "filtered": "10.00", "using_join_buffer": "hash join",
     "attached_subqueries": [{"dependent": true, "cacheable": false, "query_block": {"select_id": 2, "table": {"table_name": "c", "access_type": "eq_ref", "key": "PRIMARY"}}}]}}]}}}"#;

#[test]
fn the_first_version_of_mysql_is_read() {
    let plan = plans(FIRST.as_bytes()).remove(0);
    assert_eq!(
        tree(&plan),
        [
            "Select #1",
            " Sort",
            "  Nested Loop",
            "   Table scan on o",
            "   Table scan on i",
            "    Select #2",
            "     Unique index lookup using PRIMARY on c"
        ]
    );
    assert!(plan.nodes[1].filesort && plan.nodes[1].temporary && plan.nodes[4].join_buffer && plan.nodes[5].dependent);
    assert_eq!((plan.nodes[3].estimated_examined, plan.nodes[3].estimated_rows), (Some(50_000.0), Some(5000.0)));
}

/// In the structure that the manual documents for MySQL 8.3 and later.
const SECOND: &str = r#"{"query": "/* select#1 */ select `o`.`id` from `shop`.`orders` `o` where (`o`.`status` = 'paid')", "query_type": "select", "json_schema_version": "2.0",
 "query_plan": {"operation": "Limit: 5 row(s)", "access_type": "limit", "actual_rows": 5.0, "actual_loops": 1, "actual_first_row_ms": 0.1, "actual_last_row_ms": 20.0, "estimated_rows": 5.0,
  "inputs": [{"operation": "Filter: (o.`status` = 'paid')", "access_type": "filter", "condition": "(o.`status` = 'paid')", "actual_rows": 5.0, "actual_loops": 1, "actual_first_row_ms": 0.1, "actual_last_row_ms": 19.0, "estimated_rows": 10.0,
   "inputs": [{"operation": "Table scan on o", "access_type": "table", "table_name": "orders", "alias": "o", "schema_name": "shop", "actual_rows": 40000.0, "actual_loops": 1, "actual_first_row_ms": 0.1, "actual_last_row_ms": 15.0, "estimated_rows": 41000.0}]}]}}"#;

#[test]
fn the_second_version_of_mysql_is_read() {
    let plan = plans(SECOND.as_bytes()).remove(0);
    assert_eq!(tree(&plan), ["Limit", " Table scan on orders"]);
    assert_eq!((plan.nodes[1].removed, plan.nodes[1].alias.as_deref()), (39_995.0, Some("o")));
    assert!(plan.query.unwrap().starts_with("select"));
    assert_eq!(plan.nodes[0].exclusive_ms, Some(1.0));
    // 8.3 puts the root step beside the query.
    let early = SECOND.replace("\"query_plan\": {", "").replace("}]}]}}", "}]}]}");
    assert_eq!(plans(early.as_bytes())[0].nodes.len(), 2);
}

#[test]
fn tables_that_repeat_as_keys_are_all_kept() {
    let old = br#"{"query_block": {"select_id": 1, "table": {"table_name": "a", "access_type": "ALL"}, "table": {"table_name": "b", "access_type": "ref"}}}"#;
    assert_eq!(tree(&plans(old)[0]), ["Select #1", " Table scan on a", " Index lookup on b"]);
    let batch = FIRST.replace('\n', "\\n");
    assert_eq!(plans(format!("EXPLAIN\n{}", batch.replacen('{', "{\\n", 1)).as_bytes())[0].nodes.len(), 7);
    assert!(artefact(br#"{"query_block": "#).refused.is_some());
}
