//! Plans as text: what `EXPLAIN` prints, what people paste. Several plans in a file with words between them, frames,
//! quotes, tabs, wrapped ends, lost indentation, plans that start mid-way.

use super::super::frames::Line;
use super::arity;
use super::header::{Header, after, header, numbers, operation};
use super::properties::{Value, is_detail, set, subplan};
use super::words::words;
use super::wrapped::Wrapped;
use crate::evidence::input::{Input, Limits, Notes, Refused};
use crate::evidence::model::{Plan, PlanNode, Role, Trigger};
use crate::evidence::recognize::Head;

/// Lines of a plan that hold several numbers.
const SEVERAL: &[&str] =
    &["Batches", "Buckets", "Buffers", "Heap Blocks", "Hits", "I/O Timings", "Planned Partitions", "Sort Method"];

pub(super) fn matches(head: &Head) -> bool {
    let text = &head.text;
    let tree =
        head.lines().any(|line| line.trim_start_matches(['|', ' ']).starts_with("-> ")) && !text.contains("width=");
    let costs = text.contains("(cost=") && text.contains(" width=");
    let times = text.contains("(actual time=") || text.contains("(actual rows=");
    let known = || head.lines().take(2000).any(|line| line.contains("->  ") && header(line).is_some());
    let bare = || {
        text.contains("QUERY PLAN")
            && head.lines().take(50).any(|line| header(line.trim_start_matches(['|', ' ', '"'])).is_some())
    };
    costs || (times && !tree) || known() || bare()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Section {
    Nodes,
    Planning,
    Jit,
    Done,
}

struct Building {
    plan: Plan,
    /// Open nodes with their indentation.
    open: Vec<(usize, usize)>,
    /// A heading `SubPlan 1` and its indentation.
    heading: Option<(String, usize)>,
    section: Section,
}

/// Reads plans line by line.
pub(in super::super) struct Plans {
    limits: Limits,
    nodes: usize,
    current: Option<Building>,
    done: Vec<Plan>,
    /// Text since the last plan.
    words: Vec<String>,
    /// Pieces of a step whose line was wrapped.
    wrapped: Option<Wrapped>,
}

impl Plans {
    pub const fn new(limits: Limits) -> Self {
        Self { limits, nodes: 0, current: None, done: Vec::new(), words: Vec::new(), wrapped: None }
    }

    /// Takes a line.
    ///
    /// # Errors
    /// When there are more nodes than the limit.
    pub fn line(&mut self, line: &Line, notes: &mut Notes) -> Result<(), Refused> {
        if let Some(mut wrapped) = self.wrapped.take() {
            if !line.furniture && wrapped.goes_on(&line.text) {
                wrapped.pieces.push(line.text.clone());
                if wrapped.open() {
                    self.wrapped = Some(wrapped);
                    return Ok(());
                }
                return self.whole(&wrapped.joined(), notes);
            }
            self.whole(&wrapped.joined(), notes)?;
        }
        if !line.furniture && Wrapped::starts(&line.text) {
            self.wrapped = Some(Wrapped { at: line.at, pieces: vec![line.text.clone()] });
            return Ok(());
        }
        self.whole(line, notes)
    }

    fn whole(&mut self, line: &Line, notes: &mut Notes) -> Result<(), Refused> {
        let trimmed = line.text.trim();
        if line.furniture {
            self.close(notes);
        } else if (trimmed.starts_with("(cost=") || trimmed.starts_with("(actual "))
            && let Some(node) = self.current.as_mut().and_then(|building| building.plan.nodes.last_mut())
        {
            numbers(trimmed, node, notes);
        } else if trimmed.is_empty() {
            // Blank lines stand between plans and in pasted ones.
        } else if let Some(header) =
            header(&line.text).filter(|header| header.arrow || !header.numbers.is_empty() || self.alone())
        {
            self.node(&header, line.at, notes)?;
        } else if !self.property(&line.text, notes) {
            if self.current.as_ref().is_some_and(|building| building.section == Section::Done) {
                self.close(notes);
            }
            if self.words.len() < 500 {
                self.words.push(line.text.clone());
            }
        }
        Ok(())
    }

    /// Whether a root without figures may stand here: nothing is open and no words go before.
    fn alone(&self) -> bool {
        self.current.is_none() && self.words.last().is_none_or(|last| !last.trim_end().ends_with([',', '(']))
    }

    fn node(&mut self, header: &Header, at: u64, notes: &mut Notes) -> Result<(), Refused> {
        let finished = self.current.as_ref().is_some_and(|building| building.section != Section::Nodes);
        if !header.arrow || finished {
            self.close(notes);
        }
        self.nodes += 1;
        Input::at_most(self.nodes, self.limits.plan_nodes, "node of plans", "nodes of plans")?;
        if self.current.is_none() {
            let (query, label) = words(&self.words);
            self.words.clear();
            let plan = Plan { at, query, label, headless: header.arrow, executions: 1, ..Plan::default() };
            self.current = Some(Building { plan, open: Vec::new(), heading: None, section: Section::Nodes });
        }
        let Some(building) = &mut self.current else { return Ok(()) };
        let mut node = PlanNode::default();
        if !operation(header.name, &mut node) {
            notes.add(at, "An operation that we do not know; its figures count all the same");
        }
        numbers(header.numbers, &mut node, notes);
        let heading = building.heading.take();
        let level = heading.as_ref().map_or(header.indent, |(_, indent)| *indent);
        let mut sibling = None;
        while let Some((last, indent)) = building.open.last().copied().filter(|(_, indent)| *indent >= level) {
            sibling = Some(last).filter(|_| indent == level);
            building.open.pop();
        }
        // Amid a plan there may be no parent: the first node stands for what is missing.
        node.parent =
            building.open.last().map(|(node, _)| *node).or_else(|| (!building.plan.nodes.is_empty()).then_some(0));
        // One heading without a name stands for all that follow at its level.
        let same = sibling
            .and_then(|sibling| building.plan.nodes.get(sibling))
            .filter(|sibling| heading.is_none() && matches!(sibling.subplan.as_deref(), Some("SubPlan" | "InitPlan")));
        if let Some(sibling) = same {
            (node.role, node.subplan) = (sibling.role, sibling.subplan.clone());
        }
        if let Some((name, _)) = heading {
            node.role = match name.split(' ').next() {
                Some("InitPlan") => Role::InitPlan,
                Some("SubPlan") => Role::SubPlan,
                _ => Role::Common,
            };
            node.subplan = Some(subplan(&name));
        }
        if building.open.len() >= self.limits.depth {
            notes.add(at, "Nested deeper than we read: nodes below are shown flat");
        } else {
            building.open.push((building.plan.nodes.len(), header.indent));
        }
        building.plan.nodes.push(node);
        Ok(())
    }

    /// Whether the line belongs to the open plan.
    fn property(&mut self, text: &str, notes: &mut Notes) -> bool {
        let Some(building) = &mut self.current else { return false };
        let trimmed = text.trim();
        let indent = text.len() - text.trim_start().len();
        if is_heading(trimmed) {
            building.heading = Some((trimmed.to_owned(), indent));
            return true;
        }
        let Some((key, value)) = trimmed.split_once(':') else { return false };
        let value = value.trim();
        let ms = || {
            value
                .strip_suffix("ms")
                .and_then(|ms| ms.trim().parse::<f64>().ok())
                .filter(|ms| ms.is_finite() && *ms >= 0.0)
        };
        match key {
            "Planning Time" | "Planning time" => building.plan.planning_ms = ms(),
            "Execution Time" | "Execution time" | "Total runtime" => building.plan.execution_ms = ms(),
            "Planning" => building.section = Section::Planning,
            "JIT" => building.section = Section::Jit,
            "Settings" | "Query Identifier" | "Serialization" | "Memory" => {}
            "Functions" if building.section == Section::Jit => building.plan.jit_functions = value.parse().ok(),
            "Timing" if building.section == Section::Jit => building.plan.jit_ms = after(value, "Total "),
            "Options" if building.section == Section::Jit => {}
            _ if key.starts_with("Trigger ") => building.plan.triggers.extend(trigger(key, value)),
            _ => {
                if building.section == Section::Nodes
                    && let Some(node) = building.plan.nodes.last_mut()
                {
                    return node_property(node, key, value, indent > 0, notes);
                }
                return building.section != Section::Done && matches!(key, "Buffers" | "I/O Timings");
            }
        }
        if matches!(key, "Execution Time" | "Execution time" | "Total runtime") {
            building.section = Section::Done;
        } else if building.section == Section::Nodes {
            building.section = Section::Planning;
        }
        true
    }

    fn close(&mut self, notes: &mut Notes) {
        let Some(mut building) = self.current.take() else { return };
        if arity::impossible(&building.plan) {
            arity::rebuild(&mut building.plan);
            notes.add(building.plan.at, "The indentation was lost: the tree follows from what each operation takes");
        }
        super::finish(&mut building.plan, notes);
        self.done.push(building.plan);
    }

    /// All plans.
    pub fn end(mut self, notes: &mut Notes) -> Vec<Plan> {
        if let Some(wrapped) = self.wrapped.take()
            && self.whole(&wrapped.joined(), notes).is_err()
        {
            notes.add(0, "The last step was left out: there are more than we read");
        }
        self.close(notes);
        self.done
    }
}

/// `InitPlan 1 (returns $0)`, `SubPlan 2`, `CTE recent`.
fn is_heading(text: &str) -> bool {
    // Up to 8.3 they have no names.
    if text == "SubPlan" || text == "InitPlan" {
        return true;
    }
    let Some((kind, name)) = text.split_once(' ') else { return false };
    match kind {
        "InitPlan" | "SubPlan" => name.starts_with(|c: char| c.is_ascii_digit() || c == '('),
        "CTE" => !name.contains(['(', ':']) && name.split_whitespace().count() == 1 || name.starts_with('"'),
        _ => false,
    }
}

fn node_property(node: &mut PlanNode, key: &str, value: &str, indented: bool, notes: &mut Notes) -> bool {
    if SEVERAL.contains(&key) {
        several(node, key, value, notes);
        return true;
    }
    if is_detail(key) {
        set(node, key, Value::Text(value), notes);
        return true;
    }
    if let Ok(number) = value.parse::<f64>() {
        set(node, key, Value::Number(number), notes);
        return true;
    }
    indented && !value.is_empty() && key.starts_with(|c: char| c.is_ascii_uppercase()) && key.split(' ').count() <= 5
}

/// Lines with several figures, brought to the names of the JSON form.
fn several(node: &mut PlanNode, key: &str, value: &str, notes: &mut Notes) {
    let mut put = |key: &str, number: Option<f64>| {
        if let Some(number) = number {
            set(node, key, Value::Number(number), notes);
        }
    };
    match key {
        "Sort Method" => {
            let (method, space) = value.split_once("  ").unwrap_or((value, ""));
            put("Sort Space Used", after(space, ": "));
            set(node, "Sort Method", Value::Text(method), notes);
            if space.trim_start().starts_with("Disk") {
                set(node, "Sort Space Type", Value::Text("Disk"), notes);
            }
        }
        "Buckets" | "Batches" | "Planned Partitions" => {
            let value = format!("{key}: {value}");
            put("Hash Batches", after(&value, "Batches: "));
            put("Peak Memory Usage", after(&value, "Memory Usage: "));
            put("Disk Usage", after(&value, "Disk Usage: "));
        }
        "Hits" => {
            put("Cache Hits", value.split(' ').next().and_then(|hits| hits.parse().ok()));
            put("Cache Misses", after(value, "Misses: "));
            put("Peak Memory Usage", after(value, "Memory Usage: "));
        }
        "Heap Blocks" => {
            put("Exact Heap Blocks", after(value, "exact="));
            put("Lossy Heap Blocks", after(value, "lossy="));
        }
        "Buffers" => {
            for part in value.split(", ") {
                let (kind, names) = match part.split(' ').next() {
                    Some("shared") => ("Shared", [("hit=", "Hit"), ("read=", "Read")]),
                    Some("temp") => ("Temp", [("read=", "Read"), ("written=", "Written")]),
                    _ => continue,
                };
                for (mark, name) in names {
                    put(&format!("{kind} {name} Blocks"), after(part, mark));
                }
            }
        }
        _ => {
            for part in value.split(", ") {
                put("I/O Read Time", after(part, "read="));
                put("I/O Write Time", after(part, "write="));
            }
        }
    }
}

/// `Trigger for constraint fk on orders: time=1.2 calls=3`.
fn trigger(key: &str, value: &str) -> Option<Trigger> {
    let name = key.strip_prefix("Trigger ")?;
    let name = name.strip_prefix("for constraint ").unwrap_or(name);
    let (name, relation) =
        name.split_once(" on ").map_or((name, None), |(name, relation)| (name, Some(relation.to_owned())));
    let calls = after(value, "calls=").filter(|calls| calls.is_finite() && *calls >= 0.0)?;
    let ms = after(value, "time=").filter(|ms| ms.is_finite() && *ms >= 0.0).unwrap_or(0.0);
    Some(Trigger { name: name.to_owned(), relation, ms, calls })
}
