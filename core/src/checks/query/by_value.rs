//! Conditions of which one rules out the other: they compare the same with other values.

use crate::analysis::{FuncId, Project};
use crate::model::{BinaryOp, OpKind, ValueId};

/// `{% if order.state == "open" and order.total %} … {% elif order.state == "sent" and order.total %}`, also
/// `state < State.SENT` and `state == State.SENT`.
pub(super) fn by_value(project: &Project, f: FuncId, first: ValueId, second: ValueId) -> bool {
    let body = project.code().body(f);
    // What is compared with which value for the right side of an `and` to be evaluated.
    let needed = |at: ValueId| {
        let mut out: Vec<(String, BinaryOp, String)> = Vec::new();
        for op in &body.ops {
            let OpKind::Binary { op: BinaryOp::LogicalAnd, left, right } = op.kind else { continue };
            if !(left < at && at <= right) {
                continue;
            }
            let mut work = vec![left];
            while let Some(v) = work.pop() {
                match body.op(v).map(|op| &op.kind) {
                    Some(OpKind::Binary { op: BinaryOp::LogicalAnd, left, right }) => work.extend([*left, *right]),
                    Some(OpKind::Binary { op: op @ (BinaryOp::Eq | BinaryOp::Order), left, right }) => {
                        let value = match body.op(*right).map(|op| &op.kind) {
                            Some(OpKind::Const(value)) => format!("{value:?}"),
                            _ => project.describe(f, *right),
                        };
                        out.push((project.describe(f, *left), *op, value));
                    }
                    _ => {}
                }
            }
        }
        out
    };
    let others = needed(second);
    !others.is_empty()
        && needed(first).iter().any(|(asked, op, value)| {
            others.iter().any(|(also, other, with)| {
                asked == also
                    && (op == other && *op == BinaryOp::Eq) == (value != with)
                    && (op != other || value != with)
            })
        })
}
