//! Properties of a node by the names that the JSON form gives them. The text form is brought to the same names.

use crate::evidence::input::Notes;
use crate::evidence::model::{Detail, PlanNode, Role};

/// A property's value.
#[derive(Clone, Copy)]
pub(super) enum Value<'a> {
    Number(f64),
    Text(&'a str),
}

/// Texts that are kept under their name.
const DETAILS: &[&str] = &[
    "Cache Key",
    "Filter",
    "Group Key",
    "Hash Cond",
    "Index Cond",
    "Join Filter",
    "Merge Cond",
    "One-Time Filter",
    "Order By",
    "Presorted Key",
    "Recheck Cond",
    "Run Condition",
    "Sort Key",
    "TID Cond",
];

/// Longest text that is kept.
const TEXT: usize = 4000;

/// A number that can be: finite and not negative.
pub(super) fn amount(number: f64, notes: &mut Notes) -> Option<f64> {
    if number.is_finite() && number >= 0.0 {
        return Some(number);
    }
    notes.add(0, "A negative or impossible number was left out");
    None
}

/// Whether a text of this name is kept.
pub(super) fn is_detail(key: &str) -> bool {
    DETAILS.contains(&key)
}

/// Sets one property; unknown ones are passed over.
pub(super) fn set(node: &mut PlanNode, key: &str, value: Value, notes: &mut Notes) {
    match value {
        Value::Number(number) => set_number(node, key, number, notes),
        Value::Text(text) => set_text(node, key, text),
    }
}

fn set_number(node: &mut PlanNode, key: &str, number: f64, notes: &mut Notes) {
    let Some(number) = amount(number, notes) else { return };
    match key {
        "Total Cost" => node.cost = Some(number),
        "Plan Rows" => node.estimated_rows = Some(number),
        "Plan Width" => node.width = Some(number),
        "Actual Startup Time" => node.first_ms = Some(number),
        "Actual Total Time" => node.last_ms = Some(number),
        "Actual Rows" => node.rows = Some(number),
        "Actual Loops" => node.loops = Some(number),
        "Rows Removed by Filter" => node.removed = number,
        "Rows Removed by Join Filter" => node.removed_by_join = number,
        "Rows Removed by Index Recheck" => node.removed_by_recheck = number,
        "Heap Fetches" => node.heap_fetches = number,
        "Hash Batches" | "HashAgg Batches" => node.batches = number,
        "Peak Memory Usage" => node.memory_kb = number,
        "Disk Usage" => node.disk_kb = number,
        "Sort Space Used" => node.memory_kb = number,
        "Exact Heap Blocks" => node.exact_blocks = number,
        "Lossy Heap Blocks" => node.lossy_blocks = number,
        "Cache Hits" => node.cache_hits = number,
        "Cache Misses" => node.cache_misses = number,
        "Workers Planned" => node.workers_planned = Some(number),
        "Workers Launched" => node.workers_launched = Some(number),
        "Shared Hit Blocks" => node.buffers.hit = number,
        "Shared Read Blocks" => node.buffers.read = number,
        "Temp Read Blocks" => node.buffers.temp_read = number,
        "Temp Written Blocks" => node.buffers.temp_written = number,
        "I/O Read Time" | "Shared I/O Read Time" | "Local I/O Read Time" | "Temp I/O Read Time" => {
            node.buffers.read_ms += number;
        }
        "I/O Write Time" | "Shared I/O Write Time" | "Local I/O Write Time" | "Temp I/O Write Time" => {
            node.buffers.write_ms += number;
        }
        _ => {}
    }
}

fn set_text(node: &mut PlanNode, key: &str, text: &str) {
    let owned = || Some(text.to_owned());
    match key {
        "Node Type" => node.operation = text.to_owned(),
        "Join Type" => node.join = owned(),
        "Command" if node.operation == "SetOp" => node.join = owned(),
        "Strategy" => {
            let partial = node.strategy.take().unwrap_or_default();
            node.strategy = Some(format!("{partial} {text}").trim().to_owned());
        }
        "Partial Mode" if text != "Simple" => {
            let strategy = node.strategy.take().unwrap_or_default();
            node.strategy = Some(format!("{text} {strategy}").trim().to_owned());
        }
        "Operation" if node.operation == "ModifyTable" => node.operation = text.to_owned(),
        "Parent Relationship" => {
            node.role = match text {
                "InitPlan" if node.role == Role::Common => Role::Common,
                "InitPlan" => Role::InitPlan,
                "SubPlan" => Role::SubPlan,
                _ => node.role,
            };
        }
        "Subplan Name" => {
            node.subplan = Some(subplan(text));
            if text.starts_with("CTE ") {
                node.role = Role::Common;
            }
        }
        "Scan Direction" => node.backward = text == "Backward",
        "Schema" => node.schema = owned(),
        "Relation Name" | "CTE Name" | "Function Name" => node.relation = owned(),
        "Alias" => node.alias = owned(),
        "Index Name" => node.index = owned(),
        "Sort Method" => node.sort_method = owned(),
        "Sort Space Type" if text == "Disk" => {
            node.disk_kb = node.memory_kb;
            node.memory_kb = 0.0;
        }
        _ if is_detail(key) => {
            if node.details.iter().all(|detail| detail.key != key) {
                let value = crate::evidence::sql::head(text, TEXT).to_owned();
                node.details.push(Detail { key: key.to_owned(), value });
            }
        }
        _ => {}
    }
}

/// `InitPlan 1 (returns $0)` -> `InitPlan 1`.
pub(super) fn subplan(name: &str) -> String {
    name.split(" (returns").next().unwrap_or(name).trim().to_owned()
}
