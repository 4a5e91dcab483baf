//! The line that begins a step of a plan: operation, table, index and figures.

use super::properties::{Value, set};
use crate::evidence::input::Notes;
use crate::evidence::model::PlanNode;

/// Operations by the start of their text; the longest that fits is taken.
const OPERATIONS: &[&str] = &[
    "Aggregate",
    "Append",
    "Bitmap Heap Scan",
    "Bitmap Index Scan",
    "BitmapAnd",
    "BitmapOr",
    "CTE Scan",
    "Custom Scan",
    "Delete",
    "Foreign Scan",
    "Function Scan",
    "Gather",
    "Gather Merge",
    "Group",
    "GroupAggregate",
    "Hash",
    "HashAggregate",
    "HashSetOp",
    "Incremental Sort",
    "Index Only Scan",
    "Index Scan",
    "Insert",
    "Limit",
    "LockRows",
    "Materialize",
    "Memoize",
    "Merge",
    "Merge Append",
    "MixedAggregate",
    "Named Tuplestore Scan",
    "ProjectSet",
    "Recursive Union",
    "Result",
    "Sample Scan",
    "Seq Scan",
    "SetOp",
    "Sort",
    "Subquery Scan",
    "Table Function Scan",
    "Tid Range Scan",
    "Tid Scan",
    "Unique",
    "Update",
    "Values Scan",
    "WindowAgg",
    "WorkTable Scan",
];

pub(super) struct Header<'a> {
    pub indent: usize,
    pub arrow: bool,
    pub name: &'a str,
    pub numbers: &'a str,
}

/// A line that begins a node.
pub(super) fn header(line: &str) -> Option<Header<'_>> {
    let body = line.trim_start();
    let indent = line.len() - body.len();
    let arrow = body.starts_with("->");
    let body = body.strip_prefix("->").unwrap_or(body).trim_start();
    let at = ["(cost=", "(actual ", "(never executed)"].iter().filter_map(|mark| body.find(mark)).min();
    let (name, numbers) = body.split_at_checked(at.unwrap_or(body.len()))?;
    let name = name.trim_end();
    if !name.starts_with(|c: char| c.is_ascii_uppercase()) || name.contains(": ") {
        return None;
    }
    let counted = numbers.contains("rows=") || numbers.contains("never executed") || numbers.contains("(actual ");
    (if at.is_some() { counted || numbers.starts_with("(cost=") } else { known(name) }).then_some(Header {
        indent,
        arrow,
        name,
        numbers,
    })
}

/// Whether a text without figures is an operation.
fn known(name: &str) -> bool {
    let mut node = PlanNode::default();
    operation(name, &mut node) && name.len() < 300
}

/// Reads an operation with its table, index and alias; whether it is one that we know.
pub(super) fn operation(name: &str, node: &mut PlanNode) -> bool {
    let mut rest = name;
    for (prefix, partial) in [("Parallel ", false), ("Async ", false), ("Partial ", true), ("Finalize ", true)] {
        if let Some(after) = rest.strip_prefix(prefix) {
            rest = after;
            node.parallel |= prefix == "Parallel ";
            if partial {
                node.strategy = Some(prefix.trim_end().to_owned());
            }
        }
    }
    if let Some(end) = join(rest, node) {
        return end.is_empty();
    }
    let Some(base) = OPERATIONS.iter().filter(|base| rest.starts_with(**base)).max_by_key(|base| base.len()) else {
        let (operation, table) = rest.split_once(" on ").unwrap_or((rest, ""));
        operation.clone_into(&mut node.operation);
        relation(table, node);
        return false;
    };
    rest = rest.get(base.len()..).unwrap_or_default();
    let (operation, strategy) = match *base {
        "Aggregate" => ("Aggregate", "Plain"),
        "HashAggregate" => ("Aggregate", "Hashed"),
        "GroupAggregate" => ("Aggregate", "Sorted"),
        "MixedAggregate" => ("Aggregate", "Mixed"),
        "HashSetOp" => ("SetOp", "Hashed"),
        "SetOp" => ("SetOp", "Sorted"),
        base => (base, ""),
    };
    operation.clone_into(&mut node.operation);
    if !strategy.is_empty() {
        set(node, "Strategy", Value::Text(strategy), &mut Notes::default());
    }
    if operation == "SetOp" {
        node.join = Some(rest.trim().to_owned()).filter(|command| !command.is_empty());
        return true;
    }
    if let Some(after) = rest.strip_prefix(" Backward") {
        rest = after;
        node.backward = true;
    }
    if *base == "Custom Scan"
        && let Some(end) = rest.find(')')
    {
        rest = rest.get(end + 1..).unwrap_or_default();
    }
    if let Some(after) = rest.strip_prefix(" using ") {
        let (index, after) = identifier(after);
        node.index = Some(index);
        rest = after;
    }
    // Up to 8.4: `Subquery Scan name`.
    let old = rest.strip_prefix(' ').filter(|_| *base == "Subquery Scan");
    let Some(table) = rest.strip_prefix(" on ").or(old) else { return rest.trim().is_empty() };
    relation(table, node);
    true
}

/// A join with its kind; what stands behind it.
fn join<'a>(text: &'a str, node: &mut PlanNode) -> Option<&'a str> {
    const KINDS: &[&str] = &["Right Semi", "Right Anti", "Left", "Right", "Full", "Semi", "Anti"];
    for method in ["Hash", "Merge", "Nested Loop"] {
        let Some(rest) = text.strip_prefix(method) else { continue };
        let (kind, rest) = KINDS
            .iter()
            .find_map(|kind| Some((*kind, rest.strip_prefix(' ')?.strip_prefix(kind)?)))
            .unwrap_or(("Inner", rest));
        let after = rest.strip_prefix(" Join");
        if method != "Nested Loop" && after.is_none() {
            continue;
        }
        node.operation = if method == "Nested Loop" { method.to_owned() } else { format!("{method} Join") };
        node.join = Some(kind.to_owned());
        return Some(after.unwrap_or(rest));
    }
    None
}

/// `schema.table alias` behind ` on `.
fn relation(text: &str, node: &mut PlanNode) {
    if text.is_empty() {
        return;
    }
    let (mut name, mut rest) = identifier(text);
    if let Some(after) = rest.strip_prefix('.') {
        node.schema = Some(name);
        (name, rest) = identifier(after);
    }
    let alias = rest.trim();
    let alias = (!alias.is_empty()).then(|| identifier(alias).0);
    match node.operation.as_str() {
        "Bitmap Index Scan" => node.index = Some(name),
        "Subquery Scan" | "Values Scan" => node.alias = Some(name),
        _ => {
            node.relation = Some(name);
            node.alias = alias;
        }
    }
}

/// An identifier, quoted or not, and what follows it.
fn identifier(text: &str) -> (String, &str) {
    if let Some(quoted) = text.strip_prefix('"')
        && let Some(end) = quoted.find('"')
    {
        return (quoted.get(..end).unwrap_or_default().to_owned(), quoted.get(end + 1..).unwrap_or_default());
    }
    let end = text.find([' ', '.']).unwrap_or(text.len());
    (text.get(..end).unwrap_or_default().to_owned(), text.get(end..).unwrap_or_default())
}

/// The number behind a mark: `rows=`.
pub(super) fn after(text: &str, mark: &str) -> Option<f64> {
    let rest = text.get(text.find(mark)? + mark.len()..)?;
    let end =
        rest.find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | '-' | '+' | 'e' | 'E'))).unwrap_or(rest.len());
    let number = rest.get(..end).unwrap_or_default();
    number.split("..").next().and_then(|number| number.parse().ok())
}

pub(super) fn numbers(text: &str, node: &mut PlanNode, notes: &mut Notes) {
    let (estimated, actual) = text.split_at(text.find("(actual ").unwrap_or(text.len()));
    let mut put = |key: &str, number: Option<f64>| {
        if let Some(number) = number {
            set(node, key, Value::Number(number), notes);
        }
    };
    put("Total Cost", estimated.find("..").and_then(|at| after(estimated.get(at..)?, "..")));
    put("Plan Rows", after(estimated, "rows="));
    put("Plan Width", after(estimated, "width="));
    if text.contains("(never executed)") {
        put("Actual Rows", Some(0.0));
        put("Actual Loops", Some(0.0));
    } else if !actual.is_empty() {
        put("Actual Startup Time", after(actual, "time="));
        put(
            "Actual Total Time",
            actual.contains("time=").then(|| actual.find("..").and_then(|at| after(actual.get(at..)?, ".."))).flatten(),
        );
        put("Actual Rows", after(actual, "rows="));
        put("Actual Loops", after(actual, "loops="));
    }
}
