//! MySQL's tree of steps: figures, ranges, frames of the client.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use super::super::samples::{plans, tree};
use crate::evidence::model::{Access, Role};

/// In the structure that the manual documents.
const TREE: &str = "\
-> Limit/Offset: 10/1000 row(s)  (actual time=90.1..90.2 rows=10 loops=1)
    -> Sort: o.created_at DESC, limit input to 1010 row(s) per chunk  (cost=2.98e+6 rows=50000) (actual time=80.0..90.0 rows=1010 loops=1)
        -> Nested loop inner join  (cost=4170..2222 rows=5000) (actual time=0.5..70.0 rows=4000 loops=1)
            -> Filter: (o.`status` = 'paid')  (cost=1000 rows=5000) (actual time=0.2..40.0 rows=4000 loops=1)
                -> Table scan on o  (cost=900 rows=50000) (actual time=0.1..30.0 rows=50000 loops=1)
            -> Single-row index lookup on c using PRIMARY (id=o.customer_id)  (cost=0.25 rows=1) (actual time=0.005..0.006 rows=1 loops=4000)
        -> Select #2 (subquery in projection; dependent)
            -> Table scan on i  (cost=5 rows=10) (never executed)
";

#[test]
fn conditions_belong_to_the_step_that_reads() {
    let plan = plans(TREE.as_bytes()).remove(0);
    assert_eq!(
        tree(&plan),
        [
            "Limit",
            " Sort",
            "  Nested Loop",
            "   Table scan on o",
            "   Single-row index lookup using PRIMARY on c",
            "  Select #2 (subquery in projection; dependent)",
            "   Table scan on i"
        ]
    );
    let scan = &plan.nodes[3];
    assert_eq!(
        (scan.rows, scan.removed, scan.access, scan.detail("Filter")),
        (Some(4000.0), 46_000.0, Access::Full, Some("(o.status = 'paid')"))
    );
    assert_eq!(plan.nodes[1].cost, Some(2.98e6));
    assert_eq!(plan.nodes[4].role, Role::Inner);
    assert!(plan.nodes[5].dependent);
    let sum: f64 = plan.nodes.iter().filter_map(|node| node.exclusive_ms).sum();
    assert!((sum - 90.2).abs() < 1e-6, "{sum}");
    // 70 - 40 - 4000 * 0.006
    assert!((plan.nodes[2].exclusive_ms.unwrap() - 6.0).abs() < 1e-6);
}

#[test]
fn clients_print_it_in_several_ways() {
    let expected = tree(&plans(TREE.as_bytes())[0]);
    let vertical = format!("*************************** 1. row ***************************\nEXPLAIN: {TREE}");
    let batch = format!("EXPLAIN\n{}\n", TREE.trim_end().replace('\n', "\\n"));
    let framed =
        format!("+------+\n| EXPLAIN |\n+------+\n| {} |\n+------+\n1 row in set (0.01 sec)\n", TREE.trim_end());
    for text in [vertical, batch, framed] {
        assert_eq!(tree(&plans(text.as_bytes())[0]), expected, "{text}");
    }
}
