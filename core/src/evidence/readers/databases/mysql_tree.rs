//! `EXPLAIN FORMAT=TREE` and `EXPLAIN ANALYZE` of MySQL: a tree of sentences.

use super::{Format, PLAN_BYTES, frames, times};
use crate::evidence::input::{Input, Notes, Refused};
use crate::evidence::model::{Access, Artefact, Detail, Dialect, Evidence, Plan, PlanNode, Role};
use crate::evidence::recognize::Head;
use crate::evidence::sql;

pub(super) const FORMAT: Format = Format { name: "MySQL EXPLAIN (tree)", matches, read };

/// How the server begins the sentence of a step that reads a table; the longest that fits is taken.
const READS: &[(&str, Access)] = &[
    ("Constant row from", Access::Index),
    ("Covering index lookup on", Access::IndexOnly),
    ("Covering index range scan on", Access::IndexOnly),
    ("Covering index scan on", Access::FullIndex),
    ("Covering index skip scan on", Access::IndexOnly),
    ("Full-text index search on", Access::Index),
    ("Index lookup on", Access::Index),
    ("Index range scan on", Access::Index),
    ("Index scan on", Access::FullIndex),
    ("Multi-range index lookup on", Access::Index),
    ("Single-row covering index lookup on", Access::IndexOnly),
    ("Single-row index lookup on", Access::Index),
    ("Table scan on", Access::Full),
];

fn matches(head: &Head) -> bool {
    let text = &head.text;
    let arrow = |line: &str| {
        let line = line.trim_start_matches(|c: char| matches!(c, '|' | ' ' | '"'));
        line.strip_prefix("EXPLAIN: ").unwrap_or(line).starts_with("-> ") && !line.contains("->  ")
    };
    let steps = READS.iter().any(|(words, _)| text.contains(words))
        || ["-> Limit: ", "-> Sort: ", "-> Filter: ", "-> Nested loop ", "-> Aggregate", "-> Group aggregate"]
            .iter()
            .any(|words| text.contains(words));
    steps && head.lines().any(arrow) && !text.contains(" width=")
}

fn read(input: &mut Input, artefact: &mut Artefact, notes: &mut Notes) -> Result<(), Refused> {
    let mut text = input.text(PLAN_BYTES)?;
    if text.contains("\\n") && text.contains("-> ") {
        text = text.replace("\\n", "\n");
    }
    let mut plans: Vec<Plan> = Vec::new();
    let mut open: Vec<(usize, usize)> = Vec::new();
    let mut words = String::new();
    let mut nodes = 0;
    for line in frames::lines(&text) {
        let line_text = line.text.trim_end_matches(|c: char| c == '|' || c == ' ');
        let line_text = line_text.strip_prefix("| ").unwrap_or(line_text);
        let (line_text, shift) = line_text.strip_prefix("EXPLAIN: ").map_or((line_text, 0), |rest| (rest, 0));
        let body = line_text.trim_start();
        let Some(sentence) = body.strip_prefix("-> ") else {
            if line.furniture || words.len() > 4000 {
                words.clear();
            }
            words.push_str(&line.text);
            words.push('\n');
            continue;
        };
        let indent = line_text.len() - body.len() + shift;
        nodes += 1;
        Input::at_most(nodes, input.limits.plan_nodes, "node of plans", "nodes of plans")?;
        while open.last().is_some_and(|(_, level)| *level >= indent) {
            open.pop();
        }
        if open.is_empty() && (indent == 0 || plans.is_empty()) {
            let (query, label) = super::postgres::words_before(&words);
            plans.push(Plan {
                dialect: Dialect::MySql,
                at: line.at,
                query,
                label,
                executions: 1,
                headless: indent > 0,
                ..Plan::default()
            });
            words.clear();
        }
        let Some(plan) = plans.last_mut() else { continue };
        let parent = open.last().map(|(node, _)| *node).or_else(|| (!plan.nodes.is_empty()).then_some(0));
        let mut node = PlanNode { parent, ..PlanNode::default() };
        sentence_of(sentence, &mut node, notes);
        if open.len() >= input.limits.depth {
            notes.add(line.at, "Nested deeper than we read: nodes below are shown flat");
        } else {
            open.push((plan.nodes.len(), indent));
        }
        plan.nodes.push(node);
    }
    for mut plan in plans {
        if plan.headless {
            notes.add(plan.at, "The plan starts mid-way: the nodes above it are missing");
        }
        fold(&mut plan);
        resolve(&mut plan);
        plan.analyzed = plan.nodes.iter().any(|node| node.loops.is_some());
        plan.timed = plan.nodes.iter().any(|node| node.last_ms.is_some());
        times::attribute(&mut plan);
        artefact.evidence.push(Evidence::Plan(plan));
    }
    if artefact.evidence.is_empty() {
        return Err(Refused("No plan could be read: no line names a step".to_owned()));
    }
    Ok(())
}

fn sentence_of(sentence: &str, node: &mut PlanNode, notes: &mut Notes) {
    let at = ["  (cost=", " (cost=", "  (actual ", " (actual ", " (never executed)"]
        .iter()
        .filter_map(|mark| sentence.find(mark))
        .min();
    let (words, figures) = sentence.split_at_checked(at.unwrap_or(sentence.len())).unwrap_or((sentence, ""));
    operation(words, node);
    let (estimated, actual) = figures.split_at(figures.find("(actual ").unwrap_or(figures.len()));
    let mut put = |slot: &mut Option<f64>, number: Option<f64>| match number {
        Some(number) if number.is_finite() && number >= 0.0 => *slot = Some(number),
        Some(_) => notes.add(0, "A negative or impossible number was left out"),
        None => {}
    };
    put(&mut node.cost, last(estimated, "cost="));
    put(&mut node.estimated_rows, last(estimated, "rows="));
    if figures.contains("(never executed)") {
        (node.rows, node.loops) = (Some(0.0), Some(0.0));
    } else {
        put(&mut node.first_ms, first(actual, "time="));
        put(&mut node.last_ms, last(actual, "time="));
        put(&mut node.rows, last(actual, "rows="));
        put(&mut node.loops, last(actual, "loops="));
    }
}

/// The text of a figure: `2.98e+6`, `0.35..0.70`.
fn figure<'a>(text: &'a str, mark: &str) -> Option<&'a str> {
    let rest = text.get(text.find(mark)? + mark.len()..)?;
    let end =
        rest.find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | '-' | '+' | 'e' | 'E'))).unwrap_or(rest.len());
    rest.get(..end)
}

fn first(text: &str, mark: &str) -> Option<f64> {
    figure(text, mark)?.split("..").next()?.parse().ok()
}

fn last(text: &str, mark: &str) -> Option<f64> {
    figure(text, mark)?.split("..").last()?.parse().ok()
}

/// What a sentence says, in the names that rules know.
pub(super) fn operation(words: &str, node: &mut PlanNode) {
    let mut detail = |key: &str, value: &str| {
        node.details.push(Detail { key: key.to_owned(), value: value.trim().replace('`', "") });
    };
    let lower = words.to_ascii_lowercase();
    if let Some((start, access)) =
        READS.iter().filter(|(start, _)| words.starts_with(start)).max_by_key(|(start, _)| start.len())
    {
        let rest = words.get(start.len()..).unwrap_or_default().trim_start();
        if let Some((_, condition)) = rest.split_once("with index condition: ") {
            detail("Index Cond", condition);
        } else if let Some(at) = rest.find(" (") {
            detail("Index Cond", rest.get(at + 1..).unwrap_or_default());
        }
        let mut names = rest.split([' ', ',']);
        node.relation = names.next().map(str::to_owned);
        if names.next() == Some("using") {
            node.index = names.next().map(str::to_owned);
        }
        node.operation = start.trim_end_matches(" on").trim_end_matches(" from").to_owned();
        node.access = *access;
        if node.relation.as_deref() == Some("<temporary>")
            || node.relation.as_deref().is_some_and(|name| name.starts_with('<'))
        {
            node.access = Access::None;
        }
    } else if let Some(condition) = words.strip_prefix("Filter: ") {
        detail("Filter", condition);
        node.operation = "Filter".to_owned();
    } else if let Some(key) = words.strip_prefix("Sort: ").or_else(|| words.strip_prefix("Sort row IDs: ")) {
        let key = key.split(", limit input to").next().unwrap_or(key);
        detail("Sort Key", key);
        node.operation = "Sort".to_owned();
        node.filesort = true;
    } else if words.starts_with("Limit") {
        node.operation = "Limit".to_owned();
        let figures = words.split_once(": ").map_or("", |(_, rest)| rest.split(' ').next().unwrap_or_default());
        if let Some((_, offset)) = figures.split_once('/') {
            detail("Offset", offset);
        }
    } else if lower.contains("hash join")
        || (lower.starts_with("nested loop") || lower.starts_with("batched key access"))
    {
        let kind = [
            ("left", "Left"),
            ("semijoin", "Semi"),
            ("antijoin", "Anti"),
            ("semi-join", "Semi"),
            ("anti-join", "Anti"),
        ]
        .iter()
        .find(|(word, _)| lower.contains(word));
        node.join = Some(kind.map_or("Inner", |(_, kind)| kind).to_owned());
        if lower.contains("hash join") {
            node.operation = "Hash Join".to_owned();
            if let Some(at) = words.find('(') {
                detail("Hash Cond", words.get(at..).unwrap_or_default());
            }
        } else {
            node.operation = "Nested Loop".to_owned();
        }
    } else if lower.starts_with("select #") {
        node.dependent = lower.contains("; dependent");
        if lower.contains("subquery") {
            node.role = if node.dependent { Role::SubPlan } else { Role::InitPlan };
            node.subplan = words.split(" (").next().map(str::to_owned);
        }
        node.operation = words.to_owned();
    } else if lower.contains("aggregate") {
        node.operation = "Aggregate".to_owned();
        node.temporary = lower.contains("temporary table");
        node.strategy = Some(
            if lower.starts_with("group") {
                "Sorted"
            } else if node.temporary {
                "Hashed"
            } else {
                "Plain"
            }
            .to_owned(),
        );
    } else {
        node.temporary = lower.starts_with("temporary table");
        node.operation = words.split([':', '(']).next().unwrap_or(words).trim().to_owned();
    }
}

/// A condition on a table belongs to the step that reads it: rows are those that pass, the others were thrown away.
pub(super) fn fold(plan: &mut Plan) {
    let children = plan.children();
    let mut gone = vec![false; plan.nodes.len()];
    for at in 0..plan.nodes.len() {
        let inputs: Vec<usize> = children
            .get(at)
            .into_iter()
            .flatten()
            .copied()
            .filter(|child| plan.nodes.get(*child).is_some_and(PlanNode::is_input))
            .collect();
        let Some(filter) = plan.nodes.get(at).filter(|node| node.operation == "Filter").cloned() else { continue };
        let [input] = inputs.as_slice() else { continue };
        let Some(read) = plan.nodes.get_mut(*input).filter(|node| node.access != Access::None) else { continue };
        if let (Some(before), Some(after)) = (read.rows, filter.rows) {
            read.removed = (before - after).max(0.0);
        }
        read.estimated_examined = read.estimated_rows;
        (read.rows, read.loops) = (filter.rows.or(read.rows), filter.loops.or(read.loops));
        (read.first_ms, read.last_ms) = (filter.first_ms.or(read.first_ms), filter.last_ms.or(read.last_ms));
        read.estimated_rows = filter.estimated_rows.or(read.estimated_rows);
        read.details.splice(0..0, filter.details.iter().cloned());
        read.parent = filter.parent;
        read.role = filter.role;
        for child in children.get(at).into_iter().flatten().filter(|child| *child != input) {
            if let Some(child) = plan.nodes.get_mut(*child) {
                child.parent = Some(*input);
            }
        }
        if let Some(gone) = gone.get_mut(at) {
            *gone = true;
        }
    }
    let mut places = Vec::with_capacity(gone.len());
    let mut next = 0;
    for gone in &gone {
        places.push(next);
        next += usize::from(!gone);
    }
    let mut flags = gone.iter();
    plan.nodes.retain(|_| flags.next() == Some(&false));
    for node in &mut plan.nodes {
        node.parent = node.parent.and_then(|parent| places.get(parent)).copied();
    }
    inner(plan);
}

/// Tables are named by their aliases: the query, where it is known, says which they are.
pub(super) fn resolve(plan: &mut Plan) {
    let Some(text) = &plan.query else { return };
    let query = sql::query(text, Some(plan.dialect));
    for node in &mut plan.nodes {
        if let Some(table) = node.relation.as_deref().and_then(|name| query.alias(name)) {
            let alias = node.relation.replace(table.to_owned());
            node.alias = alias.filter(|alias| Some(alias) != node.relation.as_ref());
        }
    }
}

/// The second input of a join is its inner side.
fn inner(plan: &mut Plan) {
    for list in plan.children() {
        let inputs: Vec<usize> =
            list.into_iter().filter(|at| plan.nodes.get(*at).is_some_and(|node| node.role == Role::Input)).collect();
        if let [_, inner] = inputs.as_slice()
            && let Some(parent) = plan.nodes.get(*inner).and_then(|node| node.parent).and_then(|at| plan.nodes.get(at))
            && (parent.operation == "Nested Loop" || parent.operation == "Hash Join")
            && let Some(inner) = plan.nodes.get_mut(*inner)
        {
            inner.role = Role::Inner;
        }
    }
}

#[cfg(test)]
mod tests;
