//! Rules of databases: plans (P), statistics of queries (Q), and the indexes that they call for.

pub mod beside;
mod engines;
mod indexes;
mod joins;
mod memory;
mod names;
mod pages;
mod plans;
mod queries;
mod scans;
mod settings;

pub use indexes::{Key, Proposal, proposals};
pub use pages::PAGES;

use super::Observation;
use crate::evidence::asked::Asked;
use crate::evidence::compare::pair;
use crate::evidence::model::load::loads;
use crate::evidence::model::{Access, Artefact, Evidence, Plan, Run};
use crate::evidence::sql::{self, Query};

/// All rules of this group.
#[must_use]
pub fn judge(artefacts: &[Artefact], asked: &Asked) -> Vec<Observation> {
    let mut out = Vec::new();
    let sides = pair(artefacts).sides;
    let of_side = |side: Option<Option<Run>>| {
        loads(
            artefacts.iter().zip(&sides).filter(move |(_, other)| side == Some(**other)).map(|(artefact, _)| artefact),
        )
    };
    for (at, artefact) in artefacts.iter().enumerate() {
        for evidence in &artefact.evidence {
            if let Evidence::Plan(plan) = evidence {
                out.extend(plans::judge(plan, at));
            } else if let Evidence::Queries(stats) = evidence {
                let beside = of_side(sides.get(at).copied());
                queries::judge(&queries::Cx { stats, asked, loads: &beside, artefact: at }, &mut out);
            }
        }
    }
    out
}

/// The key of a plan's query: from its text, or else from the tables and conditions of its steps.
#[must_use]
pub fn query_of(plan: &Plan) -> Query {
    if let Some(text) = &plan.query {
        return sql::query(text, Some(plan.dialect));
    }
    let mut query = Query { verb: "select".to_owned(), ..Query::default() };
    for node in &plan.nodes {
        if let "Insert" | "Update" | "Delete" | "Merge" = node.operation.as_str() {
            query.verb = node.operation.to_lowercase();
        }
        query.limit |= node.operation == "Limit";
        let Some(table) = node.relation.as_ref().filter(|_| node.access != Access::None) else { continue };
        if !query.tables.contains(table) {
            query.tables.push(table.clone());
        }
        for text in ["Index Cond", "Recheck Cond", "Filter"].iter().filter_map(|key| node.detail(key)) {
            for mut predicate in sql::conditions(text, Some(plan.dialect)) {
                if indexes::is_of(node, &predicate.column) {
                    predicate.column.table = Some(table.clone());
                    if !query.predicates.contains(&predicate) {
                        query.predicates.push(predicate);
                    }
                }
            }
        }
    }
    query
}

#[cfg(test)]
mod tests;
