//! Pictures of profiles and plans for the report: trees cut down to what can be seen.

use super::call_shares::{own, shares};
use super::model::profile::{Function, Origin, Profile, Unit};
use super::model::{Artefact, Evidence};
use super::model::{Plan, PlanNode};
use crate::order::InOrder as _;
use crate::report::model::picture::{Picture, PictureBox, PictureKind};
use crate::words::grouped;
use rustc_hash::FxHashMap;

/// Pictures of one report.
const PICTURES: usize = 20;
/// Boxes of one picture.
const BOXES: usize = 300;
/// Share of the whole below which a box cannot be seen.
const VISIBLE: f64 = 0.004;
/// Levels of one picture.
const LEVELS: usize = 60;
/// Characters of a name or condition.
const TEXT: usize = 160;

/// The pictures of all files, in their order; of a file with many plans the slowest ones.
#[must_use]
pub fn pictures(artefacts: &[Artefact]) -> Vec<Picture> {
    let mut all = Vec::new();
    for (file, artefact) in (0..).zip(artefacts) {
        let mut of_file: Vec<Picture> = artefact
            .evidence
            .iter()
            .filter_map(|evidence| match evidence {
                Evidence::Profile(profile) => calls(file, profile),
                Evidence::Plan(plan) => steps(file, plan),
                _ => None,
            })
            .collect();
        of_file.order_by(|a, b| b.whole.total_cmp(&a.whole));
        of_file.truncate(PICTURES);
        all.extend(of_file);
    }
    all.truncate(PICTURES);
    all
}

/// A tree to be drawn: what each node is, worth and holds.
struct Tree {
    nodes: Vec<Node>,
    roots: Vec<usize>,
}

struct Node {
    children: Vec<usize>,
    value: f64,
    box_: PictureBox,
}

/// Takes the boxes that can be seen, parents first.
fn cut(tree: &Tree, sorted: bool) -> (Vec<PictureBox>, u32) {
    let whole: f64 = tree.roots.iter().filter_map(|root| tree.nodes.get(*root)).map(|node| node.value).sum();
    let mut boxes: Vec<PictureBox> = Vec::new();
    let mut left_out = 0u32;
    let mut todo: Vec<(usize, Option<u32>, usize)> = Vec::new();
    let in_order = |list: &[usize]| {
        let mut list: Vec<usize> = list.to_vec();
        let value = |at: &usize| tree.nodes.get(*at).map_or(0.0, |node| node.value);
        if sorted {
            list.order_by(|a, b| value(b).total_cmp(&value(a)));
        }
        list
    };
    todo.extend(in_order(&tree.roots).into_iter().rev().map(|root| (root, None, 0)));
    while let Some((at, parent, level)) = todo.pop() {
        let Some(node) = tree.nodes.get(at) else { continue };
        let small = sorted && node.value < whole * VISIBLE;
        if small || level >= LEVELS || boxes.len() >= BOXES {
            left_out = left_out.saturating_add(1);
            continue;
        }
        let here = u32::try_from(boxes.len()).unwrap_or(u32::MAX);
        boxes.push(PictureBox { parent, value: node.value, ..node.box_.clone() });
        todo.extend(in_order(&node.children).into_iter().rev().map(|child| (child, Some(here), level + 1)));
    }
    (boxes, left_out)
}

// -- profiles ------------------------------------------------------------------------------------

fn calls(file: u32, profile: &Profile) -> Option<Picture> {
    let (tree, note) = if profile.nodes.is_empty() {
        (
            from_edges(profile),
            Some("Drawn from who called whom: time of a function with several callers is shared out".to_owned()),
        )
    } else {
        (from_stacks(profile), None)
    };
    let (scale, unit) = scale(profile);
    let (mut boxes, left_out) = cut(&tree, true);
    if boxes.len() < 2 {
        return None;
    }
    for item in &mut boxes {
        item.value *= scale;
        item.own *= scale;
    }
    let whole = boxes.iter().filter(|item| item.parent.is_none()).map(|item| item.value).sum();
    mark_hot(&mut boxes);
    let title = format!("{}: {} {unit}", profile.tool, figure(whole));
    Some(Picture { file, title, kind: PictureKind::Calls, unit: unit.to_owned(), whole, boxes, left_out, note })
}

fn scale(profile: &Profile) -> (f64, &'static str) {
    match profile.unit {
        Unit::Bytes => (1e-6, "MB"),
        _ => match profile.seconds(1.0) {
            Some(seconds) => (seconds * 1000.0, "ms"),
            None => (1.0, "samples"),
        },
    }
}

fn function_box(function: &Function, line: u32, own: f64) -> PictureBox {
    let line = if line > 0 { line } else { function.line };
    let place = match (function.path.is_empty(), line) {
        (true, _) => String::new(),
        (false, 0) => function.path.clone(),
        (false, line) => format!("{}:{line}", function.path),
    };
    PictureBox { name: shortened(&function.name), place, own, ..PictureBox::default() }
}

/// Nodes of equal functions below one caller are one box; waiting is left out.
fn from_stacks(profile: &Profile) -> Tree {
    let totals = profile.subtotals();
    let mut tree = Tree { nodes: Vec::new(), roots: Vec::new() };
    // Node of the profile -> node of the tree. `None`: left out, with everything below.
    let mut places: Vec<Option<usize>> = Vec::with_capacity(profile.nodes.len());
    let mut seen: FxHashMap<(Option<usize>, u32), usize> = FxHashMap::default();
    for (index, node) in profile.nodes.iter().enumerate() {
        let function = profile.function(node.function);
        let above = node.parent.map(|parent| places.get(parent as usize).copied().flatten());
        let Some(function) = function.filter(|function| function.origin != Origin::Idle && above != Some(None)) else {
            places.push(None);
            continue;
        };
        let value = totals.get(index).copied().unwrap_or_default();
        let parent = above.flatten();
        let place = seen.get(&(parent, node.function)).copied();
        let place = place.unwrap_or_else(|| {
            let at = tree.nodes.len();
            let box_ = function_box(function, 0, 0.0);
            tree.nodes.push(Node { children: Vec::new(), value: 0.0, box_ });
            match parent.and_then(|parent| tree.nodes.get_mut(parent)) {
                Some(parent) => parent.children.push(at),
                None => tree.roots.push(at),
            }
            seen.insert((parent, node.function), at);
            at
        });
        if let Some(here) = tree.nodes.get_mut(place) {
            here.value += value;
            here.box_.own += node.self_value;
        }
        places.push(Some(place));
    }
    without_idle(&mut tree);
    tree
}

/// Values again from what the boxes took themselves: waiting was left out.
fn without_idle(tree: &mut Tree) {
    for at in (0..tree.nodes.len()).rev() {
        let children = tree.nodes.get(at).map(|node| node.children.clone()).unwrap_or_default();
        let below: f64 = children.iter().filter_map(|child| tree.nodes.get(*child)).map(|child| child.value).sum();
        if let Some(node) = tree.nodes.get_mut(at) {
            node.value = node.box_.own + below;
        }
    }
}

/// A tree from a call graph: what is below a function goes to its callers in proportion to what each caused.
fn from_edges(profile: &Profile) -> Tree {
    let shares = shares(profile);
    let whole = profile.busy();
    let mut tree = Tree { nodes: Vec::new(), roots: Vec::new() };
    // Function, its value here, node above, how many are above that.
    let mut todo: Vec<(usize, f64, Option<usize>, usize)> = Vec::new();
    let total = |at: usize| shares.totals.get(at).copied().unwrap_or_default();
    todo.extend(shares.roots.iter().map(|root| (*root, total(*root), None, 0)));
    let mut at = 0;
    while let Some((index, value, parent, level)) = todo.get(at).copied() {
        at += 1;
        let Some(function) = profile.functions.get(index) else { continue };
        let share = if total(index) > 0.0 { (value / total(index)).min(1.0) } else { 0.0 };
        let here = tree.nodes.len();
        tree.nodes.push(Node { children: Vec::new(), value, box_: function_box(function, 0, own(function) * share) });
        match parent.and_then(|parent| tree.nodes.get_mut(parent)) {
            Some(parent) => parent.children.push(here),
            None => tree.roots.push(here),
        }
        if level >= LEVELS || tree.nodes.len() > 20 * BOXES {
            continue;
        }
        for (callee, value) in shares.below.get(index).into_iter().flatten() {
            let value = value * share;
            if value >= whole * VISIBLE {
                todo.push((*callee, value, Some(here), level + 1));
            }
        }
    }
    tree
}

// -- plans ---------------------------------------------------------------------------------------

fn steps(file: u32, plan: &Plan) -> Option<Picture> {
    let timed = plan.nodes.iter().any(|node| node.exclusive_ms.is_some());
    let value = |node: &PlanNode| if timed { node.inclusive_ms } else { node.cost }.unwrap_or_default();
    let children = plan.children();
    let nodes = plan
        .nodes
        .iter()
        .zip(children)
        .map(|(node, children)| {
            let below: f64 = children.iter().filter_map(|child| plan.nodes.get(*child)).map(value).sum();
            let own = if timed { node.exclusive_ms.unwrap_or_default() } else { (value(node) - below).max(0.0) };
            let box_ = PictureBox {
                name: shortened(&node.words()),
                place: condition(node),
                own,
                says: Some(rows(node)).filter(|says| !says.is_empty()),
                ..PictureBox::default()
            };
            Node { children, value: value(node).max(0.0), box_ }
        })
        .collect();
    let roots = plan.nodes.iter().enumerate().filter(|(_, node)| node.parent.is_none()).map(|(at, _)| at).collect();
    let (mut boxes, left_out) = cut(&Tree { nodes, roots }, false);
    if boxes.is_empty() {
        return None;
    }
    mark_hot(&mut boxes);
    let unit = if timed { "ms" } else { "cost" };
    let whole = boxes.first().map_or(0.0, |root| root.value);
    let what = plan.query.as_deref().or(Some(plan.label.as_str()).filter(|label| !label.is_empty()));
    let name = what.map_or_else(|| boxes.first().map(|root| root.name.clone()).unwrap_or_default(), shortened);
    let title = format!("{} plan of {name}", plan.dialect.name());
    let note = (!timed).then(|| "Not run with ANALYZE: widths are the planner's estimates".to_owned());
    Some(Picture { file, title, kind: PictureKind::Plan, unit: unit.to_owned(), whole, boxes, left_out, note })
}

/// What decides which rows the step gives.
fn condition(node: &PlanNode) -> String {
    let keys =
        ["Index Cond", "Hash Cond", "Merge Cond", "Join Filter", "Filter", "Recheck Cond", "Sort Key", "Group Key"];
    let texts = keys.iter().filter_map(|key| Some(format!("{key}: {}", node.detail(key)?)));
    shortened(&texts.collect::<Vec<_>>().join("; "))
}

/// `600,000 rows (estimated 1,000), 19 loops, 593,200 removed`
fn rows(node: &PlanNode) -> String {
    let mut parts = Vec::new();
    match (node.rows, node.estimated_rows) {
        (Some(rows), Some(estimated)) => {
            parts.push(format!("{} (estimated {})", counted_rows(rows), figure(estimated)))
        }
        (None, Some(estimated)) => parts.push(format!("{} estimated", counted_rows(estimated))),
        (Some(rows), None) => parts.push(counted_rows(rows)),
        (None, None) => {}
    }
    if let Some(loops) = node.loops.filter(|loops| *loops != 1.0) {
        parts.push(if loops == 0.0 { "never executed".to_owned() } else { format!("{} loops", figure(loops)) });
    }
    if node.removed + node.removed_by_join >= 1.0 {
        parts.push(format!("{} rows read and thrown away a loop", figure(node.removed + node.removed_by_join)));
    }
    if node.disk_kb > 0.0 {
        parts.push(format!("{} kB written to disk", figure(node.disk_kb)));
    }
    parts.join(", ")
}

// -- both ----------------------------------------------------------------------------------------

/// Marks the box that took most by itself.
fn mark_hot(boxes: &mut [PictureBox]) {
    let hottest = boxes.iter().enumerate().max_by(|a, b| a.1.own.total_cmp(&b.1.own)).map(|(at, _)| at);
    if let Some(item) = hottest.and_then(|at| boxes.get_mut(at)).filter(|item| item.own > 0.0) {
        item.hot = true;
    }
}

fn counted_rows(rows: f64) -> String {
    format!("{} {}", figure(rows), if rows == 1.0 { "row" } else { "rows" })
}

/// A figure with as many digits as say something.
fn figure(value: f64) -> String {
    if value >= 100.0 || value == value.trunc() {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
        return grouped(value.round().max(0.0) as u64);
    }
    if value >= 10.0 { format!("{value:.1}") } else { format!("{value:.2}") }
}

fn shortened(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match text.char_indices().nth(TEXT) {
        Some((end, _)) => format!("{} ...", text.get(..end).unwrap_or_default().trim_end()),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::panic, clippy::unwrap_used)]
    use super::*;
    use crate::evidence::{Limits, read};

    fn of(path: &str, text: &str) -> Vec<Picture> {
        let artefact = read(path, text.len() as u64, &mut text.as_bytes(), Limits::default());
        assert_eq!(artefact.refused, None);
        pictures(&[artefact])
    }

    fn lines(picture: &Picture) -> Vec<String> {
        let level = |item: &PictureBox| {
            let mut item = item.clone();
            let mut level = 0;
            while let Some(parent) = item.parent.and_then(|parent| picture.boxes.get(parent as usize)) {
                level += 1;
                item = parent.clone();
            }
            level
        };
        let line = |item: &PictureBox| {
            let hot = if item.hot { " hot" } else { "" };
            format!("{}{} {} {}{hot}", "  ".repeat(level(item)), item.name, figure(item.value), figure(item.own))
        };
        picture.boxes.iter().map(line).collect()
    }

    #[test]
    fn stacks_become_a_tree_with_the_large_first() {
        let text = "main (app.py:1);load (app.py:5) 20\nmain (app.py:1);handle (app.py:9);query (db.py:3) 70\nmain (app.py:2) 10\n";
        let [picture] = &of("out.txt", text)[..] else { panic!("one picture") };
        assert_eq!(lines(picture), ["main 100 10", "  handle 70 0", "    query 70 70 hot", "  load 20 20"]);
        assert_eq!((picture.whole, picture.left_out), (100.0, 0));
    }

    #[test]
    fn what_cannot_be_seen_is_counted() {
        let text =
            "main (app.py:1);a (app.py:5) 9990\nmain (app.py:1);b (app.py:9) 5\nmain (app.py:1);c (app.py:11) 5\n";
        let [picture] = &of("out.txt", text)[..] else { panic!("one picture") };
        assert_eq!((picture.boxes.len(), picture.left_out), (2, 2));
    }

    #[test]
    fn a_profile_of_coroutines_fills_its_picture() {
        // All functions have a caller, and most calls no total: greenlets come back where the profiler lost them.
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/evidence/baseline/quotes.prof");
        let bytes = std::fs::read(path).unwrap();
        let artefact = read("quotes.prof", bytes.len() as u64, &mut bytes.as_slice(), Limits::default());
        let [picture] = &pictures(&[artefact])[..] else { panic!("one picture") };
        let names: Vec<&str> = picture.boxes.iter().map(|item| item.name.as_str()).take(5).collect();
        assert_eq!(names, ["main", "request", "quotes", "quote", "current"]);
        let own: f64 = picture.boxes.iter().map(|item| item.own).sum();
        assert!(picture.whole > 2_700.0 && own > 0.8 * picture.whole, "{own} of {}", picture.whole);
        assert!(lines(picture).iter().any(|line| line.contains("'send'") && line.ends_with("hot")));
        assert!(!lines(picture).iter().any(|line| line.contains("'poll'")), "waiting is left out");
    }

    #[test]
    fn a_plan_keeps_its_order_and_says_its_rows() {
        let text = "Hash Join  (cost=1.00..20.00 rows=10 width=8) (actual time=0.100..50.000 rows=5 loops=1)\n  Hash Cond: (a.id = b.a_id)\n  ->  Seq Scan on b  (cost=0.00..10.00 rows=1000 width=4) (actual time=0.010..40.000 rows=5 loops=1)\n        Filter: (x = 1)\n        Rows Removed by Filter: 90000\n  ->  Hash  (cost=1.00..1.00 rows=1 width=4) (actual time=0.050..0.050 rows=1 loops=1)\n        ->  Seq Scan on a  (cost=0.00..1.00 rows=1 width=4) (actual time=0.010..0.020 rows=1 loops=1)\nPlanning Time: 0.1 ms\nExecution Time: 50.2 ms\n";
        let [picture] = &of("plan.txt", text)[..] else { panic!("one picture") };
        assert_eq!(
            lines(picture),
            ["Hash Join 50 9.95", "  Seq Scan on b 40 40 hot", "  Hash 0.05 0.03", "    Seq Scan on a 0.02 0.02"]
        );
        let scan = picture.boxes.get(1).unwrap();
        assert_eq!(scan.place, "Filter: (x = 1)");
        assert_eq!(scan.says.as_deref(), Some("5 rows (estimated 1,000), 90,000 rows read and thrown away a loop"));
    }
}
