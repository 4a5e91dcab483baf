//! The order in which migrations apply: a graph of names and what each follows.

use crate::model::{Problem, ProblemKind};
use std::collections::{BTreeMap, BTreeSet};

/// A migration in its graph.
#[derive(Clone, Debug)]
pub(super) struct Node {
    /// Name, unique within its graph.
    pub name: String,
    /// Names that it follows.
    pub after: Vec<String>,
    /// File.
    pub path: String,
    /// Several heads are meant here (branch labels).
    pub branched: bool,
    /// The part of the graph whose heads are counted: an app, a folder.
    pub group: String,
    /// Whether a name that is missing belongs to this project.
    pub local: fn(&str, &BTreeSet<String>) -> bool,
}

/// Indices of `nodes` in the order in which they apply; doubles, gaps, cycles and several heads are
/// problems.
pub(super) fn in_order(nodes: &[Node], problems: &mut Vec<Problem>) -> Vec<usize> {
    let problem = |node: &Node, message: String| Problem {
        path: node.path.clone(),
        line: 1,
        kind: ProblemKind::Migration,
        message,
    };
    let mut by_name: BTreeMap<&str, usize> = BTreeMap::new();
    for (i, node) in nodes.iter().enumerate() {
        if by_name.contains_key(node.name.as_str()) {
            problems.push(problem(node, format!("Two migrations are called `{}`", node.name)));
        } else {
            by_name.insert(&node.name, i);
        }
    }
    let groups: BTreeSet<String> = nodes.iter().map(|node| node.group.clone()).collect();
    let mut waits: Vec<usize> = vec![0; nodes.len()];
    let mut followers: Vec<Vec<usize>> = vec![Vec::new(); nodes.len()];
    let mut followed: BTreeSet<usize> = BTreeSet::new();
    for (i, node) in nodes.iter().enumerate() {
        for name in &node.after {
            match by_name.get(name.as_str()) {
                Some(parent) if *parent != i => {
                    if let (Some(wait), Some(list)) = (waits.get_mut(i), followers.get_mut(*parent)) {
                        *wait += 1;
                        list.push(i);
                    }
                    if nodes.get(*parent).is_some_and(|p| p.group == node.group) {
                        followed.insert(*parent);
                    }
                }
                Some(_) => {}
                None if (node.local)(name, &groups) => {
                    let message = format!("`{}` follows `{name}`, which is not in the project", node.name);
                    problems.push(problem(node, message));
                }
                None => {}
            }
        }
    }
    heads(nodes, &followed, problems);
    let mut ready: BTreeSet<(&str, usize)> = BTreeSet::new();
    for (i, node) in nodes.iter().enumerate() {
        if waits.get(i) == Some(&0) {
            ready.insert((&node.path, i));
        }
    }
    let mut order = Vec::with_capacity(nodes.len());
    while let Some((_, i)) = ready.pop_first() {
        order.push(i);
        for next in followers.get(i).into_iter().flatten() {
            if let Some(wait) = waits.get_mut(*next) {
                *wait = wait.saturating_sub(1);
                if *wait == 0
                    && let Some(node) = nodes.get(*next)
                {
                    ready.insert((&node.path, *next));
                }
            }
        }
    }
    let known: BTreeSet<usize> = order.iter().copied().collect();
    let left: Vec<usize> = (0..nodes.len()).filter(|i| !known.contains(i)).collect();
    if let Some(node) = left.first().and_then(|i| nodes.get(*i)) {
        let message = format!("`{}` and what it follows go round in a circle", node.name);
        problems.push(problem(node, message));
    }
    order.extend(left);
    order
}

/// Files of migrations that a later one of the same graph follows.
pub(super) fn followed(nodes: &[Node]) -> impl Iterator<Item = String> {
    let groups: BTreeSet<&str> = nodes.iter().map(|node| node.group.as_str()).collect();
    let mut named: BTreeSet<(&str, String)> = BTreeSet::new();
    for node in nodes {
        for name in &node.after {
            // An app may have another label than its folder's name: `("shopbase", "0002_line")` in `base/migrations`.
            let own = match name.split_once('.') {
                Some((app, rest)) if !groups.contains(app) => format!("{}.{rest}", node.group),
                _ => name.clone(),
            };
            named.insert((&node.group, own));
        }
    }
    nodes
        .iter()
        .filter(move |node| named.contains(&(node.group.as_str(), node.name.clone())))
        .map(|node| node.path.clone())
}

fn heads(nodes: &[Node], followed: &BTreeSet<usize>, problems: &mut Vec<Problem>) {
    let mut open: BTreeMap<&str, Vec<&Node>> = BTreeMap::new();
    let branched: BTreeSet<&str> = nodes.iter().filter(|n| n.branched).map(|n| n.group.as_str()).collect();
    for (i, node) in nodes.iter().enumerate() {
        if !followed.contains(&i) {
            open.entry(&node.group).or_default().push(node);
        }
    }
    for (group, heads) in open {
        if heads.len() < 2 || branched.contains(group) {
            continue;
        }
        let Some(last) = heads.last() else { continue };
        let names: Vec<String> = heads.iter().take(5).map(|node| format!("`{}`", node.name)).collect();
        problems.push(Problem {
            path: last.path.clone(),
            line: 1,
            kind: ProblemKind::Migration,
            message: format!("The migrations end in {} heads, {}: all are replayed", heads.len(), names.join(", ")),
        });
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
    use super::*;

    fn run(given: &[(&str, &[&str])]) -> (Vec<String>, Vec<String>) {
        let nodes: Vec<Node> = given
            .iter()
            .map(|(name, after)| Node {
                name: (*name).to_owned(),
                after: after.iter().map(|a| (*a).to_owned()).collect(),
                path: format!("{name}.py"),
                branched: false,
                group: String::new(),
                local: |_, _| true,
            })
            .collect();
        let mut problems = Vec::new();
        let order = in_order(&nodes, &mut problems).into_iter().map(|i| nodes[i].name.clone()).collect();
        (order, problems.into_iter().map(|p| p.message).collect())
    }

    #[test]
    fn parents_come_first() {
        let (order, problems) = run(&[("a", &["c"]), ("b", &["a"]), ("c", &[])]);
        assert_eq!(order, ["c", "a", "b"]);
        assert!(problems.is_empty());
    }

    #[test]
    fn a_migration_is_followed_under_the_label_of_its_app_too() {
        let node = |name: &str, after: &[&str]| Node {
            name: format!("base.{name}"),
            after: after.iter().map(|a| (*a).to_owned()).collect(),
            path: format!("{name}.py"),
            branched: false,
            group: "base".to_owned(),
            local: |_, _| true,
        };
        let nodes = [node("0001", &[]), node("0002", &["shopbase.0001"]), node("0003", &["base.0002"])];
        assert_eq!(followed(&nodes).collect::<Vec<_>>(), ["0001.py", "0002.py"]);
    }

    #[test]
    fn gaps_doubles_heads_and_circles_are_said() {
        let (order, problems) = run(&[("a", &["gone"]), ("b", &["a"]), ("c", &["a"])]);
        assert_eq!(order, ["a", "b", "c"]);
        assert_eq!(problems.len(), 2, "{problems:?}");
        let (order, problems) = run(&[("a", &["b"]), ("b", &["a"]), ("c", &[])]);
        assert_eq!(order, ["c", "a", "b"]);
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert!(run(&[("a", &[]), ("a", &[])]).1[0].contains("Two migrations"));
    }
}
