//! What holds for every plan and profile, tried on generated ones that are written as the tools write them: exclusive
//! times sum to the root, self times to the wall, and charging them to callers loses nothing.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use super::model::profile::Profile;
use super::model::{Evidence, Plan};
use super::rules::charged;
use super::stats::Seeded;
use super::{Limits, read};
use std::fmt::Write as _;

fn evidence(name: &str, bytes: &[u8]) -> Evidence {
    let artefact = read(name, bytes.len() as u64, &mut &*bytes, Limits::default());
    assert_eq!(artefact.refused, None, "{name}");
    artefact.evidence.into_iter().next().unwrap()
}

/// Floating sums of some hundred terms.
fn same(one: f64, other: f64) -> bool {
    (one - other).abs() <= 1e-6 * one.abs().max(other.abs()).max(1.0)
}

// ---- plans ----

/// Writes a random node; gives the milliseconds that somebody waited for it.
struct Planner<'a> {
    chance: &'a mut Seeded,
    nodes: usize,
    /// Names of common tables whose time nobody has paid yet.
    unpaid: Vec<(String, f64)>,
    plans: usize,
}

impl Planner<'_> {
    fn node(&mut self, out: &mut String, relation: &str, depth: usize, processes: f64) -> f64 {
        self.nodes += 1;
        let own = self.chance.unit() * 50.0;
        let loops = (1.0 + self.chance.below(4) as f64) * processes;
        let leaf = depth == 0 || self.nodes > 60;
        // Workers run what is below at once.
        let gathers = !leaf && processes == 1.0 && self.chance.below(5) == 0;
        let common = leaf && !self.unpaid.is_empty();
        let kind = match (leaf, gathers, self.chance.below(3)) {
            (true, ..) if common => "CTE Scan",
            (true, ..) => "Seq Scan",
            (_, true, _) => "Gather",
            (.., 0) => "Nested Loop",
            (.., 1) => "Hash Join",
            _ => "Sort",
        };
        write!(out, r#"{{"Node Type": "{kind}", "Parent Relationship": "{relation}", "Plan Rows": 1, "Plan Width": 8, "Total Cost": 1"#).unwrap();
        let mut inclusive = own;
        if common {
            let (name, ms) = self.unpaid.pop().unwrap();
            write!(out, r#", "CTE Name": "{name}", "Alias": "{name}""#).unwrap();
            inclusive += ms;
        } else if leaf {
            out.push_str(r#", "Relation Name": "t""#);
        }
        let mut loops = loops;
        let mut below = processes;
        if gathers {
            let workers = 1 + self.chance.below(3);
            write!(out, r#", "Workers Planned": {workers}, "Workers Launched": {workers}"#).unwrap();
            below = workers as f64 + 1.0;
            loops = 1.0;
        }
        let mut children = String::new();
        if !leaf {
            let inputs = if kind == "Sort" || gathers { 1 } else { 2 };
            if !gathers && processes == 1.0 && self.chance.below(4) == 0 {
                // A common table before the inputs, paid by a scan below or else here.
                let name = format!("c{}", self.plans);
                self.plans += 1;
                let mut text = String::new();
                let held = std::mem::take(&mut self.unpaid);
                let ms = self.named(&mut text, &format!("CTE {name}"), depth - 1);
                self.unpaid = held;
                self.unpaid.push((name, ms));
                children.push_str(&text);
            }
            for at in 0..inputs {
                if !children.is_empty() {
                    children.push_str(", ");
                }
                let role = if at == 0 { "Outer" } else { "Inner" };
                inclusive += self.node(&mut children, role, depth - 1, below);
            }
            if processes == 1.0 && !gathers && self.chance.below(4) == 0 {
                children.push_str(", ");
                self.plans += 1;
                let name = format!("SubPlan {}", self.plans);
                inclusive += self.sub(&mut children, &name, depth - 1);
            }
        }
        // Printed: the mean of a loop, while the processes ran at once.
        let each = inclusive * if gathers { 1.0 } else { processes } / loops;
        write!(
            out,
            r#", "Actual Startup Time": 0, "Actual Total Time": {each:?}, "Actual Rows": 1, "Actual Loops": {loops}"#
        )
        .unwrap();
        if !children.is_empty() {
            write!(out, r#", "Plans": [{children}]"#).unwrap();
        }
        out.push('}');
        inclusive
    }

    fn named(&mut self, out: &mut String, name: &str, depth: usize) -> f64 {
        let ms = self.node(out, "InitPlan", depth, 1.0);
        out.insert_str(1, &format!(r#""Subplan Name": "{name}", "#));
        ms
    }

    fn sub(&mut self, out: &mut String, name: &str, depth: usize) -> f64 {
        let mut text = String::new();
        let ms = self.node(&mut text, "SubPlan", depth, 1.0);
        text.insert_str(1, &format!(r#""Subplan Name": "{name}", "#));
        out.push_str(&text);
        ms
    }
}

#[test]
fn exclusive_times_sum_to_the_root() {
    let mut tried = 0;
    for seed in 0..300 {
        let mut chance = Seeded::new(seed);
        let depth = 1 + chance.below(5);
        let mut planner = Planner { chance: &mut chance, nodes: 0, unpaid: Vec::new(), plans: 0 };
        let mut text = String::new();
        planner.node(&mut text, "Outer", depth, 1.0);
        // A common table that nobody scanned would run for nobody.
        if !planner.unpaid.is_empty() {
            continue;
        }
        tried += 1;
        let json = format!(r#"[{{"Plan": {text}, "Execution Time": 1}}]"#);
        let Evidence::Plan(plan) = evidence("plan.json", json.as_bytes()) else { panic!("{json}") };
        let plan: &Plan = &plan;
        let root = plan.root().unwrap().inclusive_ms.unwrap();
        let sum: f64 = plan.nodes.iter().filter_map(|node| node.exclusive_ms).sum();
        assert!(same(sum, root), "seed {seed}: {sum} of {root}\n{json}");
        for node in &plan.nodes {
            let own = node.exclusive_ms.unwrap();
            assert!(own >= 0.0 && own <= root * (1.0 + 1e-9), "seed {seed}: {own}");
        }
    }
    assert!(tried >= 150, "{tried}");
}

// ---- profiles ----

/// A call tree: parent, function, own time in microseconds; parents first.
struct Tree {
    nodes: Vec<(Option<usize>, usize, u64)>,
    functions: usize,
}

impl Tree {
    fn new(chance: &mut Seeded) -> Self {
        let functions = 2 + chance.below(8);
        let mut nodes = vec![(None, 0, 1_000 * chance.below(50) as u64)];
        for _ in 0..chance.below(60) {
            let parent = chance.below(nodes.len());
            // A function may call itself; the root is called by nobody.
            nodes.push((Some(parent), 1 + chance.below(functions - 1), 1_000 * chance.below(50) as u64));
        }
        nodes[0].2 += 1_000;
        Self { nodes, functions }
    }

    fn wall(&self) -> u64 {
        self.nodes.iter().map(|(_, _, own)| own).sum()
    }

    fn stack(&self, at: usize) -> Vec<usize> {
        let mut stack: Vec<usize> =
            std::iter::successors(Some(at), |at| self.nodes[*at].0).map(|at| self.nodes[at].1).collect();
        stack.reverse();
        stack
    }

    /// Every third function is a library's.
    fn path(function: usize) -> String {
        if function % 3 == 2 {
            format!("/usr/lib/python3/site-packages/lib{function}.py")
        } else {
            format!("/srv/app/f{function}.py")
        }
    }

    fn collapsed(&self) -> String {
        let mut out = String::new();
        for at in 0..self.nodes.len() {
            let frames: Vec<String> =
                self.stack(at).iter().map(|f| format!("f{f} ({}:{})", Self::path(*f), f + 10)).collect();
            writeln!(out, "{} {}", frames.join(";"), self.nodes[at].2 / 1_000).unwrap();
        }
        out
    }

    fn speedscope(&self) -> String {
        let frames: Vec<String> = (0..self.functions)
            .map(|f| format!(r#"{{"name": "f{f}", "file": "{}", "line": {}}}"#, Self::path(f), f + 10))
            .collect();
        let samples: Vec<String> = (0..self.nodes.len()).map(|at| format!("{:?}", self.stack(at))).collect();
        let weights: Vec<String> = self.nodes.iter().map(|(_, _, own)| format!("{:?}", *own as f64 / 1e6)).collect();
        format!(
            r#"{{"$schema": "https://www.speedscope.app/file-format-schema.json", "exporter": "py-spy@0.4.3", "shared": {{"frames": [{}]}}, "profiles": [{{"type": "sampled", "name": "main", "unit": "seconds", "startValue": 0, "endValue": {:?}, "samples": [{}], "weights": [{}]}}]}}"#,
            frames.join(", "),
            self.wall() as f64 / 1e6,
            samples.join(", "),
            weights.join(", ")
        )
    }

    fn cpuprofile(&self) -> String {
        let mut nodes = Vec::new();
        for (at, (_, function, _)) in self.nodes.iter().enumerate() {
            let children: Vec<String> = (0..self.nodes.len())
                .filter(|other| self.nodes[*other].0 == Some(at))
                .map(|other| (other + 1).to_string())
                .collect();
            nodes.push(format!(
                r#"{{"id": {}, "callFrame": {{"functionName": "f{function}", "scriptId": "1", "url": "file:///srv/app/f{function}.js", "lineNumber": {}, "columnNumber": 0}}, "hitCount": 1, "children": [{}]}}"#,
                at + 1,
                function + 9,
                children.join(", ")
            ));
        }
        // The time of a sample is the delta after it; the last has none of its own.
        let ids: Vec<String> = (0..self.nodes.len()).map(|at| (at + 1).to_string()).chain(["1".to_owned()]).collect();
        let deltas: Vec<String> =
            std::iter::once("0".to_owned()).chain(self.nodes.iter().map(|(_, _, own)| own.to_string())).collect();
        format!(
            r#"{{"nodes": [{}], "startTime": 0, "endTime": {}, "samples": [{}], "timeDeltas": [{}]}}"#,
            nodes.join(", "),
            self.wall(),
            ids.join(", "),
            deltas.join(", ")
        )
    }

    fn heapprofile(&self) -> String {
        fn write(tree: &Tree, at: usize, out: &mut String) {
            let (_, function, own) = tree.nodes[at];
            std::write!(out, r#"{{"callFrame": {{"functionName": "f{function}", "scriptId": "1", "url": "file:///srv/app/f{function}.js", "lineNumber": {function}, "columnNumber": 0}}, "selfSize": {own}, "id": {}, "children": ["#, at + 1).unwrap();
            let mut first = true;
            for other in 0..tree.nodes.len() {
                if tree.nodes[other].0 == Some(at) {
                    if !first {
                        out.push_str(", ");
                    }
                    first = false;
                    write(tree, other, out);
                }
            }
            out.push_str("]}");
        }
        let mut out = r#"{"head": "#.to_owned();
        write(self, 0, &mut out);
        out.push_str(r#", "samples": []}"#);
        out
    }

    /// Marshal data as cProfile writes it, from the tree's calls.
    fn cprofile(&self) -> Vec<u8> {
        fn int(out: &mut Vec<u8>, value: u32) {
            out.push(b'i');
            out.extend(value.to_le_bytes());
        }
        fn float(out: &mut Vec<u8>, value: f64) {
            out.push(b'g');
            out.extend(value.to_le_bytes());
        }
        fn key(out: &mut Vec<u8>, function: usize) {
            out.push(b'(');
            out.extend(3_u32.to_le_bytes());
            let text = |out: &mut Vec<u8>, text: &str| {
                out.push(b'z');
                out.push(u8::try_from(text.len()).unwrap());
                out.extend(text.as_bytes());
            };
            text(out, &Tree::path(function));
            int(out, u32::try_from(function).unwrap() + 10);
            text(out, &format!("f{function}"));
        }
        let mut totals: Vec<u64> = self.nodes.iter().map(|(_, _, own)| *own).collect();
        for at in (1..self.nodes.len()).rev() {
            let total = totals[at];
            totals[self.nodes[at].0.unwrap()] += total;
        }
        let outer = |at: usize| {
            let stack = self.stack(at);
            !stack[..stack.len() - 1].contains(&self.nodes[at].1)
        };
        let mut out = vec![b'{'];
        for function in 0..self.functions {
            let own: Vec<usize> = (0..self.nodes.len()).filter(|at| self.nodes[*at].1 == function).collect();
            if own.is_empty() {
                continue;
            }
            let sum =
                |nodes: &[usize], of: &dyn Fn(usize) -> u64| nodes.iter().map(|at| of(*at)).sum::<u64>() as f64 / 1e6;
            let outermost: Vec<usize> = own.iter().copied().filter(|at| outer(*at)).collect();
            key(&mut out, function);
            out.push(b'(');
            out.extend(5_u32.to_le_bytes());
            int(&mut out, u32::try_from(outermost.len()).unwrap());
            int(&mut out, u32::try_from(own.len()).unwrap());
            float(&mut out, sum(&own, &|at| self.nodes[at].2));
            float(&mut out, sum(&outermost, &|at| totals[at]));
            out.push(b'{');
            for caller in 0..self.functions {
                let by: Vec<usize> = own
                    .iter()
                    .copied()
                    .filter(|at| self.nodes[*at].0.is_some_and(|parent| self.nodes[parent].1 == caller))
                    .collect();
                if by.is_empty() {
                    continue;
                }
                key(&mut out, caller);
                out.push(b'(');
                out.extend(4_u32.to_le_bytes());
                int(&mut out, u32::try_from(by.len()).unwrap());
                int(&mut out, u32::try_from(by.iter().filter(|at| outer(**at)).count()).unwrap());
                float(&mut out, sum(&by, &|at| self.nodes[at].2));
                let mut outermost = by.clone();
                outermost.retain(|at| outer(*at));
                float(&mut out, sum(&outermost, &|at| totals[at]));
            }
            out.push(b'0');
        }
        out.push(b'0');
        out
    }
}

fn holds(what: &str, profile: &Profile, wall: f64) {
    let whole = profile.whole();
    assert!(same(whole, wall), "{what}: {whole} of {wall}");
    let charged: f64 = charged(profile).iter().sum();
    assert!(same(charged, wall), "{what}: charged {charged} of {wall}");
    for function in &profile.functions {
        assert!(
            function.self_value >= 0.0 && function.self_value <= function.total * (1.0 + 1e-9) + 1e-12,
            "{what}: {function:?}"
        );
        assert!(function.total <= wall * (1.0 + 1e-6), "{what}: {function:?}");
    }
    let root = profile.functions.iter().find(|function| function.name == "f0").unwrap();
    assert!(same(root.total, wall), "{what}: root {} of {wall}", root.total);
    let sampled: f64 = profile.samples.iter().map(|sample| sample.value).sum();
    assert!(profile.samples.is_empty() || same(sampled, wall), "{what}: samples {sampled} of {wall}");
    if let Some(all) =
        profile.subtotals().first().filter(|_| profile.nodes.iter().filter(|n| n.parent.is_none()).count() == 1)
    {
        assert!(same(*all, wall), "{what}: tree {all} of {wall}");
    }
    let threads: f64 = profile.threads.iter().map(|thread| thread.total).sum();
    assert!(profile.threads.is_empty() || same(threads, wall), "{what}: threads {threads} of {wall}");
}

#[test]
fn self_times_sum_to_the_wall() {
    for seed in 0..150 {
        let tree = Tree::new(&mut Seeded::new(seed));
        let wall = tree.wall() as f64;
        for (what, bytes, wall) in [
            ("cpuprofile", tree.cpuprofile().into_bytes(), wall / 1e6),
            ("speedscope", tree.speedscope().into_bytes(), wall / 1e6),
            ("collapsed", tree.collapsed().into_bytes(), wall / 1e3),
            ("heapprofile", tree.heapprofile().into_bytes(), wall),
            ("cProfile", tree.cprofile(), wall / 1e6),
        ] {
            let what = format!("{what}, seed {seed}");
            let Evidence::Profile(profile) = evidence(&what, &bytes) else { panic!("{what}") };
            holds(&what, &profile, wall);
        }
    }
}
