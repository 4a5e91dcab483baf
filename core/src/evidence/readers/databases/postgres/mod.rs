//! PostgreSQL: plans as text, JSON and YAML. All become the same nodes, whatever the form.

mod arity;
mod document;
mod properties;
mod text;
mod yaml;

pub(super) use document::plans as document_plans;
pub(super) use text::{Plans, words_before};

use super::super::super::input::{Input, Notes, Refused};
use super::super::Format;
use super::times;
use super::{PLAN_BYTES, frames};
use crate::evidence::model::{Access, Artefact, Evidence, Plan, Role};
use crate::evidence::recognize::Head;

/// Formats, in the order in which they are tried.
pub(super) const FORMATS: &[Format] = &[
    Format { name: "PostgreSQL EXPLAIN (JSON)", matches: document::matches, read: document::read },
    Format { name: "PostgreSQL EXPLAIN (YAML)", matches: yaml::matches, read: yaml::read },
    Format { name: "PostgreSQL EXPLAIN (XML)", matches: is_xml, read: refuse_xml },
    Format { name: "PostgreSQL EXPLAIN (text)", matches: text::matches, read: read_text },
];

fn is_xml(head: &Head) -> bool {
    head.text.contains("<explain xmlns=") && head.text.contains("postgresql.org")
}

fn refuse_xml(_: &mut Input, _: &mut Artefact, _: &mut Notes) -> Result<(), Refused> {
    Err(Refused("Plans in XML are not read: run EXPLAIN with FORMAT JSON or as text".to_owned()))
}

fn read_text(input: &mut Input, artefact: &mut Artefact, notes: &mut Notes) -> Result<(), Refused> {
    let text = input.text(PLAN_BYTES)?;
    let mut plans = Plans::new(input.limits);
    for line in frames::lines(&text) {
        plans.line(&line, notes)?;
    }
    artefact.evidence.extend(plans.end(notes).into_iter().map(Evidence::Plan));
    if artefact.evidence.is_empty() {
        return Err(Refused("No plan could be read: no line names a step".to_owned()));
    }
    Ok(())
}

/// Fills in what follows from the nodes: roles, access, names, times.
fn finish(plan: &mut Plan, notes: &mut Notes) {
    let children = plan.children();
    for node in &mut plan.nodes {
        if node.alias == node.relation {
            node.alias = None;
        }
        if node.loops == Some(0.0) {
            (node.rows, node.first_ms, node.last_ms) = (Some(0.0), None, None);
        }
        node.access = match node.operation.as_str() {
            "Seq Scan" | "Sample Scan" => Access::Full,
            "Index Scan" if node.detail("Index Cond").is_none() && node.detail("Order By").is_none() => {
                Access::FullIndex
            }
            "Index Scan" => Access::Index,
            "Index Only Scan" => Access::IndexOnly,
            "Bitmap Heap Scan" | "Bitmap Index Scan" => Access::Bitmap,
            _ => Access::None,
        };
    }
    for list in &children {
        let inputs: Vec<usize> = list
            .iter()
            .copied()
            .filter(|at| plan.nodes.get(*at).is_some_and(|node| node.role == Role::Input))
            .collect();
        if let [_, inner] = inputs.as_slice()
            && let Some(node) = plan.nodes.get(*inner).and_then(|node| node.parent).and_then(|at| plan.nodes.get(at))
            && (node.operation.ends_with("Join") || node.operation == "Nested Loop")
            && let Some(inner) = plan.nodes.get_mut(*inner)
        {
            inner.role = Role::Inner;
        }
    }
    plan.analyzed = plan.nodes.iter().any(|node| node.loops.is_some());
    plan.timed = plan.nodes.iter().any(|node| node.last_ms.is_some());
    times::attribute(plan);
    if plan.headless {
        notes.add(plan.at, "The plan starts mid-way: the nodes above it are missing");
    }
}

#[cfg(test)]
mod tests;
