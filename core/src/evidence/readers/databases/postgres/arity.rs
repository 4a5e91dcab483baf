//! How many inputs an operation takes; and from that the tree of a plan whose indentation was lost.

use crate::evidence::model::{Plan, Role};

/// Inputs of an operation.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Arity {
    /// So many.
    Exactly(usize),
    /// As many as its rows need.
    Many,
    /// None or one.
    Optional,
    /// Unknown.
    Any,
}

fn arity(operation: &str) -> Arity {
    match operation {
        "Seq Scan"
        | "Sample Scan"
        | "Index Scan"
        | "Index Only Scan"
        | "Bitmap Index Scan"
        | "Tid Scan"
        | "Tid Range Scan"
        | "Function Scan"
        | "Table Function Scan"
        | "Values Scan"
        | "CTE Scan"
        | "WorkTable Scan"
        | "Named Tuplestore Scan" => Arity::Exactly(0),
        "Nested Loop" | "Hash Join" | "Merge Join" | "Recursive Union" => Arity::Exactly(2),
        "Append" | "Merge Append" | "BitmapAnd" | "BitmapOr" => Arity::Many,
        "Result" | "Foreign Scan" => Arity::Optional,
        "SetOp" | "HashSetOp" | "Custom Scan" | "ModifyTable" | "Insert" | "Update" | "Delete" | "Merge" => Arity::Any,
        _ => Arity::Exactly(1),
    }
}

/// Whether the tree by indentation cannot be: an operation has more inputs than it takes.
pub(super) fn impossible(plan: &Plan) -> bool {
    let mut inputs = vec![0usize; plan.nodes.len()];
    for node in &plan.nodes {
        if node.is_input()
            && let Some(count) = node.parent.and_then(|parent| inputs.get_mut(parent))
        {
            *count += 1;
        }
    }
    plan.nodes.iter().zip(inputs).any(|(node, count)| match arity(&node.operation) {
        Arity::Exactly(most) => count > most,
        Arity::Optional => count > 1,
        Arity::Many | Arity::Any => false,
    })
}

/// Builds the tree again, from the order of the nodes and what each takes.
pub(super) fn rebuild(plan: &mut Plan) {
    let mut open: Vec<(usize, Arity, f64)> = Vec::new();
    let mut parents = Vec::with_capacity(plan.nodes.len());
    for (at, node) in plan.nodes.iter().enumerate() {
        while let Some((parent, left, rows)) = open.last() {
            let full = match left {
                Arity::Exactly(left) => *left == 0,
                Arity::Many => enough(plan, *parent, *rows, &node.operation),
                Arity::Optional | Arity::Any => plan.nodes.get(*parent).and_then(|parent| parent.cost) < node.cost,
            };
            // What a node's own sub-plans are made of stands behind its inputs.
            if !full || open.len() == 1 || node.role != Role::Input {
                break;
            }
            open.pop();
        }
        let parent = if node.role == Role::Input {
            open.last_mut().map(|(parent, left, rows)| {
                match left {
                    Arity::Exactly(left) => *left = left.saturating_sub(1),
                    Arity::Optional => *left = Arity::Exactly(0),
                    Arity::Many | Arity::Any => {}
                }
                *rows += node.estimated_rows.unwrap_or(0.0);
                *parent
            })
        } else {
            owner(plan, at).or_else(|| at.checked_sub(1))
        };
        parents.push(parent);
        open.push((at, arity(&node.operation), 0.0));
    }
    for (node, parent) in plan.nodes.iter_mut().zip(parents) {
        node.parent = parent;
    }
}

/// Whether the members of an `Append` make up its rows, or cannot be its members.
fn enough(plan: &Plan, parent: usize, rows: f64, next: &str) -> bool {
    let Some(parent) = plan.nodes.get(parent) else { return true };
    if parent.operation.starts_with("Bitmap") {
        return !next.starts_with("Bitmap");
    }
    next == "Hash" || parent.estimated_rows.is_some_and(|all| rows >= all && rows > 0.0)
}

/// The node before `at` that names its sub-plan.
fn owner(plan: &Plan, at: usize) -> Option<usize> {
    let name = plan.nodes.get(at)?.subplan.as_deref()?;
    (0..at).rev().find(|before| {
        plan.nodes.get(*before).is_some_and(|node| node.details.iter().any(|detail| detail.value.contains(name)))
    })
}
