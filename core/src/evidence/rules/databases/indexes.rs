//! Indexes that plans call for: columns compared with `=`, one compared by range, then the order asked for.

use crate::evidence::model::{Access, Artefact, Dialect, Evidence, Plan, PlanNode};
use crate::evidence::sql::{self, Column, Compare, Order};
use crate::order::InOrder;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A column of a proposed index.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Key {
    /// Its name.
    pub column: String,
    /// Whether it descends.
    pub descending: bool,
    /// Whether it is compared with `=`: such columns may change places.
    pub equal: bool,
}

/// An index that would help.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Proposal {
    /// Database, for the form of the statement.
    pub dialect: Dialect,
    /// Table.
    pub table: String,
    /// Whether that name may be an alias: MySQL, MariaDB and SQLite print no other where the query is not known.
    pub alias: bool,
    /// Its columns.
    pub keys: Vec<Key>,
    /// Estimated milliseconds saved over the plans seen: own time of the step times the part of rows thrown away.
    pub gain_ms: Option<f64>,
    /// Normal forms of the queries it serves; empty where a plan came without its query.
    pub queries: Vec<String>,
    /// Files that the plans came from, by their place in the list.
    pub artefacts: Vec<usize>,
}

impl Proposal {
    /// The statement that makes it.
    #[must_use]
    pub fn ddl(&self) -> String {
        let quote = |name: &str| quoted(name, self.dialect);
        let columns: Vec<String> = self
            .keys
            .iter()
            .map(|key| format!("{}{}", quote(&key.column), if key.descending { " DESC" } else { "" }))
            .collect();
        let columns = columns.join(", ");
        let table = quote(&self.table);
        if self.dialect == Dialect::Postgres {
            return format!("CREATE INDEX CONCURRENTLY ON {table} ({columns})");
        }
        let mut name = self.table.clone();
        for key in &self.keys {
            name.push('_');
            name.push_str(&key.column);
        }
        let name: String = name.chars().filter(|c| c.is_alphanumeric() || *c == '_').take(60).collect();
        format!("CREATE INDEX {} ON {table} ({columns})", quote(&name))
    }

    /// Whether an index with these leading columns serves as well.
    fn served_by(&self, columns: &[String]) -> bool {
        let leading: Vec<&str> = columns.iter().take(self.keys.len()).map(String::as_str).collect();
        if leading.len() < self.keys.len() {
            return false;
        }
        let (equal, rest): (Vec<&Key>, Vec<&Key>) = self.keys.iter().partition(|key| key.equal);
        let (first, last) = leading.split_at(equal.len());
        equal.iter().all(|key| first.iter().any(|name| name.eq_ignore_ascii_case(&key.column)))
            && rest.iter().zip(last).all(|(key, name)| key.column.eq_ignore_ascii_case(name))
    }
}

fn quoted(name: &str, dialect: Dialect) -> String {
    let plain = name.starts_with(|c: char| c.is_ascii_lowercase() || c == '_')
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    match dialect {
        _ if plain => name.to_owned(),
        Dialect::MySql | Dialect::MariaDb => format!("`{}`", name.replace('`', "``")),
        Dialect::Postgres | Dialect::Sqlite => format!("\"{}\"", name.replace('"', "\"\"")),
    }
}

/// Whether a column belongs to the table of a node: by its alias or name, or because nothing is said.
pub(super) fn is_of(node: &PlanNode, column: &Column) -> bool {
    let Some(of) = column.table.as_deref() else { return true };
    [node.alias.as_deref(), node.relation.as_deref()].into_iter().flatten().any(|name| name.eq_ignore_ascii_case(of))
}

/// Conditions of a node that an index could serve, those of the join above among them.
fn texts<'a>(plan: &'a Plan, node: &'a PlanNode) -> Vec<&'a str> {
    let mut out: Vec<&str> =
        ["Index Cond", "Recheck Cond", "Filter"].iter().filter_map(|key| node.detail(key)).collect();
    let parent = node.parent.and_then(|parent| plan.nodes.get(parent));
    if let Some(parent) = parent.filter(|parent| parent.operation == "Nested Loop" || parent.join_buffer) {
        out.extend(["Join Filter", "Filter"].iter().filter_map(|key| parent.detail(key)));
    }
    out
}

/// Equality columns, then a range column.
fn keys(plan: &Plan, node: &PlanNode) -> Vec<Key> {
    let mut equal: Vec<Key> = Vec::new();
    let mut range = None;
    for text in texts(plan, node) {
        for predicate in sql::conditions(text, Some(plan.dialect)) {
            if predicate.wrapped.is_some() || predicate.either || !is_of(node, &predicate.column) {
                continue;
            }
            // In a join's condition an unqualified column may be of either side.
            if predicate.join
                && predicate.column.table.is_none()
                && plan.nodes.len() > 1
                && !matches!(plan.dialect, Dialect::Postgres)
            {
                continue;
            }
            let key =
                Key { column: predicate.column.name, descending: false, equal: predicate.compare == Compare::Equal };
            match predicate.compare {
                Compare::Equal if equal.iter().all(|known| known.column != key.column) => equal.push(key),
                Compare::Range if range.is_none() => range = Some(key),
                _ => {}
            }
        }
    }
    let range = range.filter(|range| equal.iter().all(|key| key.column != range.column));
    equal.truncate(4);
    equal.extend(range);
    equal
}

/// The index that the reading step of a plan calls for, if its columns can be told.
pub(super) fn candidate(plan: &Plan, at: usize) -> Option<Proposal> {
    let node = plan.nodes.get(at)?;
    let mut keys = keys(plan, node);
    if keys.is_empty() {
        return None;
    }
    // With equality only, the order comes for free from the columns behind.
    if keys.iter().all(|key| key.equal)
        && let Some(sort) =
            node.parent.and_then(|parent| plan.nodes.get(parent)).filter(|parent| parent.operation == "Sort")
        && let Some(text) = sort.detail("Sort Key")
    {
        add_order(node, &sql::order(text, Some(plan.dialect)), &mut keys);
    }
    Some(proposal(plan, node, keys))
}

fn add_order(node: &PlanNode, order: &[Order], keys: &mut Vec<Key>) {
    if !order.iter().all(|order| is_of(node, &order.column)) {
        return;
    }
    for order in order.iter().take(3) {
        if keys.iter().all(|key| key.column != order.column.name) {
            keys.push(Key { column: order.column.name.clone(), descending: order.descending, equal: false });
        }
    }
}

/// The index that gives the rows of a step in an order.
pub(super) fn for_order(plan: &Plan, at: usize, order: &[Order]) -> Option<Proposal> {
    let node = plan.nodes.get(at)?;
    let mut keys: Vec<Key> = keys(plan, node).into_iter().filter(|key| key.equal).collect();
    add_order(node, order, &mut keys);
    // Read backwards the same index serves: all descending is plain ascending.
    if keys.iter().filter(|key| !key.equal).all(|key| key.descending) {
        keys.iter_mut().for_each(|key| key.descending = false);
    }
    (!keys.is_empty()).then(|| proposal(plan, node, keys))
}

fn proposal(plan: &Plan, node: &PlanNode, keys: Vec<Key>) -> Proposal {
    let read = node.rows.unwrap_or(0.0) + node.removed;
    let gain_ms = node.exclusive_ms.filter(|_| read > 0.0).map(|ms| ms * node.removed / read);
    let queries = plan.query.iter().map(|query| sql::query(query, Some(plan.dialect)).fingerprint).collect();
    let alias = plan.query.is_none() && plan.dialect != Dialect::Postgres;
    Proposal {
        dialect: plan.dialect,
        alias,
        table: node.relation.clone().unwrap_or_default(),
        keys,
        gain_ms,
        queries,
        artefacts: Vec::new(),
    }
}

/// Indexes that the plans of these files call for. `known` are the columns of existing indexes and keys by table in
/// lower case: what one of them serves already is left out. Those that are the beginning of another are one with it.
#[must_use]
pub fn proposals(artefacts: &[Artefact], known: &BTreeMap<String, Vec<Vec<String>>>) -> Vec<Proposal> {
    let mut all: Vec<Proposal> = Vec::new();
    for (file, artefact) in artefacts.iter().enumerate() {
        for evidence in &artefact.evidence {
            let Evidence::Plan(plan) = evidence else { continue };
            for proposal in of_plan(plan) {
                all.push(Proposal { artefacts: vec![file], ..proposal });
            }
        }
    }
    all.retain(|proposal| {
        !known
            .get(&proposal.table.to_lowercase())
            .is_some_and(|indexes| indexes.iter().any(|columns| proposal.served_by(columns)))
    });
    // Longest first: shorter ones are merged into what serves them.
    all.order_by(|a, b| {
        b.keys.len().cmp(&a.keys.len()).then_with(|| a.table.cmp(&b.table)).then_with(|| a.keys.cmp(&b.keys))
    });
    let mut out: Vec<Proposal> = Vec::new();
    for proposal in all {
        let columns = |other: &Proposal| other.keys.iter().map(|key| key.column.clone()).collect::<Vec<_>>();
        match out
            .iter_mut()
            .find(|other| other.table.eq_ignore_ascii_case(&proposal.table) && proposal.served_by(&columns(other)))
        {
            Some(other) => merge(other, proposal),
            None => out.push(proposal),
        }
    }
    out.order_by(|a, b| {
        b.gain_ms
            .unwrap_or(0.0)
            .total_cmp(&a.gain_ms.unwrap_or(0.0))
            .then_with(|| a.table.cmp(&b.table))
            .then_with(|| a.keys.cmp(&b.keys))
    });
    out
}

fn merge(into: &mut Proposal, other: Proposal) {
    if let Some(gain) = other.gain_ms {
        into.gain_ms = Some(into.gain_ms.unwrap_or(0.0) + gain);
    }
    for query in other.queries {
        if !into.queries.contains(&query) {
            into.queries.push(query);
        }
    }
    for file in other.artefacts {
        if !into.artefacts.contains(&file) {
            into.artefacts.push(file);
        }
    }
}

/// Proposals of the steps that a rule objects to.
fn of_plan(plan: &Plan) -> Vec<Proposal> {
    super::plans::wanting(plan)
        .into_iter()
        .filter_map(|at| {
            let node = plan.nodes.get(at)?;
            (node.access != Access::None).then(|| candidate(plan, at)).flatten()
        })
        .collect()
}
