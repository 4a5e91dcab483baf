//! `EXPLAIN QUERY PLAN` of SQLite: structure without figures; as a tree, or as rows of older versions.

use super::{Format, PLAN_BYTES};
use crate::evidence::input::{Input, Notes, Refused};
use crate::evidence::model::{Access, Artefact, Detail, Dialect, Evidence, Plan, PlanNode, Role};
use crate::evidence::recognize::Head;
use rustc_hash::FxHashMap;

pub(super) const FORMAT: Format = Format { name: "SQLite EXPLAIN QUERY PLAN", matches, read };

fn matches(head: &Head) -> bool {
    let tree = head.lines().any(|line| line.trim() == "QUERY PLAN");
    head.lines().take(200).any(|line| match step(line) {
        Some((indent, _, text)) => (tree && indent.is_some() || indent.is_none()) && is_step(text),
        None => false,
    })
}

fn is_step(text: &str) -> bool {
    ["SCAN ", "SEARCH ", "USE TEMP B-TREE ", "COMPOUND QUERY", "MERGE (", "MATERIALIZE ", "CO-ROUTINE "]
        .iter()
        .any(|start| text.starts_with(start))
}

/// Indentation (in the tree), identifiers (in rows), and what a line says.
fn step(line: &str) -> Option<(Option<usize>, Option<(u64, u64)>, &str)> {
    if let Some(at) = line.find("|--").or_else(|| line.find("`--")) {
        if line.get(..at)?.chars().all(|c| matches!(c, ' ' | '|')) {
            return Some((Some(at), None, line.get(at + 3..)?.trim()));
        }
        return None;
    }
    // id|parent|notused|detail, or selectid|order|from|detail before 3.24
    let mut cells = line.splitn(4, '|');
    let (id, parent, _) = (
        cells.next()?.trim().parse().ok()?,
        cells.next()?.trim().parse().ok()?,
        cells.next()?.trim().parse::<u64>().ok()?,
    );
    Some((None, Some((id, parent)), cells.next()?.trim()))
}

fn read(input: &mut Input, artefact: &mut Artefact, notes: &mut Notes) -> Result<(), Refused> {
    let text = input.text(PLAN_BYTES)?;
    let mut plans: Vec<Plan> = Vec::new();
    let mut open: Vec<(usize, usize)> = Vec::new();
    let mut ids: FxHashMap<u64, usize> = FxHashMap::default();
    let mut words = String::new();
    let mut fresh = true;
    let mut nodes = 0;
    for (at, line) in text.lines().enumerate() {
        let Some((indent, id, step)) = step(line) else {
            fresh = true;
            if line.trim() != "QUERY PLAN" && words.len() < 4000 {
                words.push_str(line);
                words.push('\n');
            }
            continue;
        };
        nodes += 1;
        Input::at_most(nodes, input.limits.plan_nodes, "node of plans", "nodes of plans")?;
        if fresh || plans.is_empty() {
            let (query, label) = super::postgres::words_before(&words);
            let root = PlanNode { operation: "Query".to_owned(), ..PlanNode::default() };
            plans.push(Plan {
                dialect: Dialect::Sqlite,
                at: at as u64 + 1,
                query,
                label,
                nodes: vec![root],
                executions: 1,
                ..Plan::default()
            });
            words.clear();
            open.clear();
            ids.clear();
            fresh = false;
        }
        let Some(plan) = plans.last_mut() else { continue };
        let parent = match (indent, id) {
            (Some(indent), _) => {
                while open.last().is_some_and(|(_, level)| *level >= indent) {
                    open.pop();
                }
                let parent = open.last().map_or(0, |(node, _)| *node);
                if open.len() < input.limits.depth {
                    open.push((plan.nodes.len(), indent));
                } else {
                    notes.add(at as u64 + 1, "Nested deeper than we read: nodes below are shown flat");
                }
                parent
            }
            (None, Some((id, parent))) => {
                let parent = if id == parent { 0 } else { ids.get(&parent).copied().unwrap_or(0) };
                ids.insert(id, plan.nodes.len());
                parent
            }
            (None, None) => 0,
        };
        let mut node = PlanNode { parent: Some(parent), ..PlanNode::default() };
        describe(step, &mut node);
        plan.nodes.push(node);
    }
    artefact.evidence.extend(plans.into_iter().map(Evidence::Plan));
    if artefact.evidence.is_empty() {
        return Err(Refused("No plan could be read: no line names a step".to_owned()));
    }
    Ok(())
}

fn describe(text: &str, node: &mut PlanNode) {
    let mut words = text.split_whitespace();
    let first = words.next().unwrap_or_default();
    match first {
        "SCAN" | "SEARCH" => {
            let mut name = words.next();
            if name == Some("TABLE") {
                name = words.next();
            }
            node.operation = first.to_owned();
            node.relation = name.map(str::to_owned);
            if let Some((_, after)) = text.split_once(" AS ") {
                node.alias = after.split_whitespace().next().map(str::to_owned);
            }
            let index = text.split_once("INDEX ").map(|(_, rest)| rest);
            node.access = if text.contains("USING AUTOMATIC ") {
                Access::Automatic
            } else if text.contains("COVERING INDEX") {
                if first == "SCAN" { Access::FullIndex } else { Access::IndexOnly }
            } else if index.is_some() || text.contains("PRIMARY KEY") {
                if first == "SCAN" { Access::FullIndex } else { Access::Index }
            } else if node
                .relation
                .as_deref()
                .is_some_and(|name| name.starts_with('(') || name == "CONSTANT" || name == "SUBQUERY")
            {
                Access::None
            } else {
                Access::Full
            };
            if node.access != Access::Automatic {
                node.index = index
                    .and_then(|rest| rest.split_whitespace().next())
                    .filter(|name| !name.starts_with('('))
                    .map(str::to_owned);
            }
            if let Some(condition) = text.find(" (").and_then(|at| text.get(at + 1..)) {
                node.details.push(Detail {
                    key: "Index Cond".to_owned(),
                    value: condition.replace("=?", " = ?").replace(">?", " > ?").replace("<?", " < ?"),
                });
            }
        }
        "USE" => {
            node.operation = text.to_owned();
            node.temporary = true;
            node.filesort = text.ends_with("FOR ORDER BY");
        }
        "CORRELATED" => {
            node.operation = text.to_owned();
            node.role = Role::SubPlan;
            node.dependent = true;
        }
        _ => node.operation = text.to_owned(),
    }
}

#[cfg(test)]
mod tests;
