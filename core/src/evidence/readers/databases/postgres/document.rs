//! Plans as JSON: arrays of `EXPLAIN`, objects of auto_explain, behind junk lines, in frames and in CSV cells.

use super::super::json::{Json, parse};
use super::super::{PLAN_BYTES, frames};
use super::properties::{Value, amount, set};
use crate::evidence::input::{Input, Limits, Notes, Refused};
use crate::evidence::model::{Artefact, Evidence, Plan, PlanNode, Trigger};
use crate::evidence::recognize::Head;

pub(super) fn matches(head: &Head) -> bool {
    (head.text.contains("\"Node Type\":") || head.text.contains("\"\"Node Type\"\":")) && head.text.contains("\"Plan")
}

pub(super) fn read(input: &mut Input, artefact: &mut Artefact, notes: &mut Notes) -> Result<(), Refused> {
    let text = input.text(PLAN_BYTES)?;
    let text = unframed(text);
    let mut nodes = 0;
    let (found, error) = plans(&text, input.limits, &mut nodes, notes);
    artefact.evidence.extend(found.into_iter().map(Evidence::Plan));
    match error {
        Some(refused) => Err(refused),
        None if artefact.evidence.is_empty() => Err(Refused("No plan could be read: the JSON is damaged".to_owned())),
        None => Ok(()),
    }
}

/// The text without what clients put around it.
pub(in super::super) fn unframed(text: String) -> String {
    if text.contains("\"\"Node Type\"\"") {
        return text.replace("\"\"", "\"").replace("\"[", "[").replace("]\"", "]");
    }
    let framed = text
        .lines()
        .take(40)
        .any(|line| line.contains("QUERY PLAN") || line.trim_end().ends_with(" +") || line.starts_with('|'));
    if !framed {
        return text;
    }
    let mut out = String::with_capacity(text.len());
    for line in frames::lines(&text) {
        if !line.furniture {
            out.push_str(&line.text);
        }
        out.push('\n');
    }
    out
}

/// All plans of a text, with what stands between them as labels.
pub(in super::super) fn plans(
    text: &str,
    limits: Limits,
    nodes: &mut usize,
    notes: &mut Notes,
) -> (Vec<Plan>, Option<Refused>) {
    let mut out = Vec::new();
    let mut at = 0;
    let mut words = 0;
    let mut line = 1u64;
    let mut counted = 0;
    while let Some(start) = text.get(at..).and_then(|rest| rest.find(['[', '{'])).map(|found| at + found) {
        // One bracket for the list, one for the object, two for each node.
        let parsed = match parse(text.get(start..).unwrap_or_default(), limits.depth * 2) {
            Ok(parsed) => parsed,
            Err(error) => {
                if error.starts_with("Nested") {
                    return (out, Some(Refused(format!("Stopped: plans nested deeper than {} nodes", limits.depth))));
                }
                at = start + 1;
                continue;
            }
        };
        line += text.get(counted..start).map_or(0, |text| text.matches('\n').count()) as u64;
        counted = start;
        let found = documents(&parsed.value);
        if found.is_empty() {
            at = start + 1;
            continue;
        }
        if parsed.cut {
            notes.add(line, "The file ends amid a plan: what stands before the cut was read");
        }
        let label = text.get(words..start).unwrap_or_default();
        for document in found {
            match plan(document, line, label, limits, nodes, notes) {
                Ok(plan) => out.extend(plan),
                Err(refused) => return (out, Some(refused)),
            }
        }
        at = start + parsed.end.max(1);
        words = at;
    }
    (out, None)
}

/// Objects that hold a plan: the value itself, or the elements of a list.
fn documents(value: &Json) -> Vec<&Json> {
    if value.get("Plan").is_some() {
        return vec![value];
    }
    value.items().iter().filter(|item| item.get("Plan").is_some()).collect()
}

pub(super) fn plan(
    document: &Json,
    at: u64,
    before: &str,
    limits: Limits,
    nodes: &mut usize,
    notes: &mut Notes,
) -> Result<Option<Plan>, Refused> {
    let (query, label) = super::words_before(before);
    let mut plan = Plan { at, query, label, executions: 1, ..Plan::default() };
    if let Some(text) = document.get("Query Text").and_then(Json::text) {
        plan.query = Some(text.to_owned());
    }
    let ms = |key: &str, notes: &mut Notes| document.get(key).and_then(Json::number).and_then(|ms| amount(ms, notes));
    plan.planning_ms = ms("Planning Time", notes);
    plan.execution_ms = ms("Execution Time", notes).or_else(|| ms("Total Runtime", notes));
    if let Some(jit) = document.get("JIT") {
        plan.jit_functions = jit.get("Functions").and_then(Json::number);
        plan.jit_ms = jit
            .get("Timing")
            .and_then(|timing| timing.get("Total"))
            .and_then(Json::number)
            .and_then(|ms| amount(ms, notes));
    }
    for trigger in document.get("Triggers").map(Json::items).unwrap_or_default() {
        let text = |key: &str| trigger.get(key).and_then(Json::text).map(str::to_owned);
        let number =
            |key: &str| trigger.get(key).and_then(Json::number).filter(|number| number.is_finite() && *number >= 0.0);
        plan.triggers.push(Trigger {
            name: text("Constraint Name").or_else(|| text("Trigger Name")).unwrap_or_default(),
            relation: text("Relation"),
            ms: number("Time").unwrap_or(0.0),
            calls: number("Calls").unwrap_or(0.0),
        });
    }
    if let Some(root) = document.get("Plan") {
        add(root, None, &mut plan, limits, nodes, notes)?;
    }
    if plan.nodes.is_empty() {
        return Ok(None);
    }
    super::finish(&mut plan, notes);
    Ok(Some(plan))
}

fn add(
    value: &Json,
    parent: Option<usize>,
    plan: &mut Plan,
    limits: Limits,
    nodes: &mut usize,
    notes: &mut Notes,
) -> Result<(), Refused> {
    if value.get("Node Type").and_then(Json::text).is_none() {
        notes.add(0, "A node without its type was left out");
        return Ok(());
    }
    *nodes += 1;
    Input::at_most(*nodes, limits.plan_nodes, "node of plans", "nodes of plans")?;
    let mut node = PlanNode { parent, ..PlanNode::default() };
    for (key, value) in value.entries() {
        match value {
            Json::Number(number) => set(&mut node, key, Value::Number(*number), notes),
            // Numbers in quotes, where a text is no name: YAML and some exporters.
            Json::Text(text) => set(&mut node, key, Value::Text(text), notes),
            Json::Bool(true) if key == "Parallel Aware" => node.parallel = true,
            Json::List(items) if key != "Plans" && key != "Output" => {
                let texts: Vec<&str> = items.iter().filter_map(Json::text).collect();
                if !texts.is_empty() {
                    set(&mut node, key, Value::Text(&texts.join(", ")), notes);
                }
            }
            _ => {}
        }
    }
    let at = plan.nodes.len();
    plan.nodes.push(node);
    for child in value.get("Plans").map(Json::items).unwrap_or_default() {
        add(child, Some(at), plan, limits, nodes, notes)?;
    }
    Ok(())
}
