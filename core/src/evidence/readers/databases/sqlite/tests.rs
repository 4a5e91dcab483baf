//! SQLite's query plans, of three generations.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use super::super::samples::{plans, sample, tree};
use crate::evidence::model::{Access, Role};

#[test]
fn trees_are_read() {
    let nested = plans(&sample("sqlite/nested.txt"));
    assert_eq!(tree(&nested[0]).len(), 10);
    assert!(nested[0].nodes.iter().any(|node| node.role == Role::SubPlan && node.dependent));
    let automatic = plans(&sample("sqlite/automatic.txt"));
    let node = automatic[0].nodes.iter().find(|node| node.access == Access::Automatic).unwrap();
    assert_eq!(node.index, None);
    assert!(node.detail("Index Cond").unwrap().contains(" = ?"));
    let scan = plans(&sample("sqlite/scan.txt"));
    assert_eq!(tree(&scan[0]), ["Query", " SCAN on posts", " USE TEMP B-TREE FOR ORDER BY"]);
}

#[test]
fn rows_of_older_versions_are_read() {
    let old = plans(b"0|0|0|SCAN TABLE posts AS p\n0|1|1|SEARCH TABLE users USING INTEGER PRIMARY KEY (rowid=?)\n");
    assert_eq!(tree(&old[0]), ["Query", " SCAN on posts", " SEARCH on users"]);
    assert_eq!(old[0].nodes[1].alias.as_deref(), Some("p"));
    let rows = plans(b"2|0|0|COMPOUND QUERY\n3|2|0|LEFT-MOST SUBQUERY\n6|3|0|SCAN posts\n");
    assert_eq!(tree(&rows[0]), ["Query", " COMPOUND QUERY", "  LEFT-MOST SUBQUERY", "   SCAN on posts"]);
}
