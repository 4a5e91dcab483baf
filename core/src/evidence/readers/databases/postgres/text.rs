//! Plans as text: what `EXPLAIN` prints, what people paste. Several plans in a file with words between them, frames,
//! quotes, tabs, wrapped ends, lost indentation, plans that start mid-way.

use super::super::frames::Line;
use super::arity;
use super::properties::{Value, is_detail, set, subplan};
use crate::evidence::input::{Input, Limits, Notes, Refused};
use crate::evidence::model::{Plan, PlanNode, Role, Trigger};
use crate::evidence::recognize::Head;
use crate::evidence::sql;

/// Operations by the start of their text; the longest that fits is taken.
const OPERATIONS: &[&str] = &[
    "Aggregate",
    "Append",
    "Bitmap Heap Scan",
    "Bitmap Index Scan",
    "BitmapAnd",
    "BitmapOr",
    "CTE Scan",
    "Custom Scan",
    "Delete",
    "Foreign Scan",
    "Function Scan",
    "Gather",
    "Gather Merge",
    "Group",
    "GroupAggregate",
    "Hash",
    "HashAggregate",
    "HashSetOp",
    "Incremental Sort",
    "Index Only Scan",
    "Index Scan",
    "Insert",
    "Limit",
    "LockRows",
    "Materialize",
    "Memoize",
    "Merge",
    "Merge Append",
    "MixedAggregate",
    "Named Tuplestore Scan",
    "ProjectSet",
    "Recursive Union",
    "Result",
    "Sample Scan",
    "Seq Scan",
    "SetOp",
    "Sort",
    "Subquery Scan",
    "Table Function Scan",
    "Tid Range Scan",
    "Tid Scan",
    "Unique",
    "Update",
    "Values Scan",
    "WindowAgg",
    "WorkTable Scan",
];

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

struct Header<'a> {
    indent: usize,
    arrow: bool,
    name: &'a str,
    numbers: &'a str,
}

/// A line that begins a node.
fn header(line: &str) -> Option<Header<'_>> {
    let body = line.trim_start();
    let indent = line.len() - body.len();
    let arrow = body.starts_with("->");
    let body = body.strip_prefix("->").unwrap_or(body).trim_start();
    let at = ["(cost=", "(actual ", "(never executed)"].iter().filter_map(|mark| body.find(mark)).min();
    let (name, numbers) = body.split_at_checked(at.unwrap_or(body.len()))?;
    let name = name.trim_end();
    if !name.starts_with(|c: char| c.is_ascii_uppercase()) || name.contains(": ") {
        return None;
    }
    let counted = numbers.contains("rows=") || numbers.contains("never executed") || numbers.contains("(actual ");
    (if at.is_some() { counted || numbers.starts_with("(cost=") } else { known(name) }).then_some(Header {
        indent,
        arrow,
        name,
        numbers,
    })
}

/// Whether a text without figures is an operation.
fn known(name: &str) -> bool {
    let mut node = PlanNode::default();
    operation(name, &mut node) && name.len() < 300
}

/// Reads an operation with its table, index and alias; whether it is one that we know.
fn operation(name: &str, node: &mut PlanNode) -> bool {
    let mut rest = name;
    for (prefix, partial) in [("Parallel ", false), ("Async ", false), ("Partial ", true), ("Finalize ", true)] {
        if let Some(after) = rest.strip_prefix(prefix) {
            rest = after;
            node.parallel |= prefix == "Parallel ";
            if partial {
                node.strategy = Some(prefix.trim_end().to_owned());
            }
        }
    }
    if let Some(end) = join(rest, node) {
        return end.is_empty();
    }
    let Some(base) = OPERATIONS.iter().filter(|base| rest.starts_with(**base)).max_by_key(|base| base.len()) else {
        let (operation, table) = rest.split_once(" on ").unwrap_or((rest, ""));
        operation.clone_into(&mut node.operation);
        relation(table, node);
        return false;
    };
    rest = rest.get(base.len()..).unwrap_or_default();
    let (operation, strategy) = match *base {
        "Aggregate" => ("Aggregate", "Plain"),
        "HashAggregate" => ("Aggregate", "Hashed"),
        "GroupAggregate" => ("Aggregate", "Sorted"),
        "MixedAggregate" => ("Aggregate", "Mixed"),
        "HashSetOp" => ("SetOp", "Hashed"),
        "SetOp" => ("SetOp", "Sorted"),
        base => (base, ""),
    };
    operation.clone_into(&mut node.operation);
    if !strategy.is_empty() {
        set(node, "Strategy", Value::Text(strategy), &mut Notes::default());
    }
    if operation == "SetOp" {
        node.join = Some(rest.trim().to_owned()).filter(|command| !command.is_empty());
        return true;
    }
    if let Some(after) = rest.strip_prefix(" Backward") {
        rest = after;
        node.backward = true;
    }
    if *base == "Custom Scan"
        && let Some(end) = rest.find(')')
    {
        rest = rest.get(end + 1..).unwrap_or_default();
    }
    if let Some(after) = rest.strip_prefix(" using ") {
        let (index, after) = identifier(after);
        node.index = Some(index);
        rest = after;
    }
    let Some(table) = rest.strip_prefix(" on ") else { return rest.trim().is_empty() };
    relation(table, node);
    true
}

/// A join with its kind; what stands behind it.
fn join<'a>(text: &'a str, node: &mut PlanNode) -> Option<&'a str> {
    const KINDS: &[&str] = &["Right Semi", "Right Anti", "Left", "Right", "Full", "Semi", "Anti"];
    for method in ["Hash", "Merge", "Nested Loop"] {
        let Some(rest) = text.strip_prefix(method) else { continue };
        let (kind, rest) = KINDS
            .iter()
            .find_map(|kind| Some((*kind, rest.strip_prefix(' ')?.strip_prefix(kind)?)))
            .unwrap_or(("Inner", rest));
        let after = rest.strip_prefix(" Join");
        if method != "Nested Loop" && after.is_none() {
            continue;
        }
        node.operation = if method == "Nested Loop" { method.to_owned() } else { format!("{method} Join") };
        node.join = Some(kind.to_owned());
        return Some(after.unwrap_or(rest));
    }
    None
}

/// `schema.table alias` behind ` on `.
fn relation(text: &str, node: &mut PlanNode) {
    if text.is_empty() {
        return;
    }
    let (mut name, mut rest) = identifier(text);
    if let Some(after) = rest.strip_prefix('.') {
        node.schema = Some(name);
        (name, rest) = identifier(after);
    }
    let alias = rest.trim();
    let alias = (!alias.is_empty()).then(|| identifier(alias).0);
    match node.operation.as_str() {
        "Bitmap Index Scan" => node.index = Some(name),
        "Subquery Scan" | "Values Scan" => node.alias = Some(name),
        _ => {
            node.relation = Some(name);
            node.alias = alias;
        }
    }
}

/// An identifier, quoted or not, and what follows it.
fn identifier(text: &str) -> (String, &str) {
    if let Some(quoted) = text.strip_prefix('"')
        && let Some(end) = quoted.find('"')
    {
        return (quoted.get(..end).unwrap_or_default().to_owned(), quoted.get(end + 1..).unwrap_or_default());
    }
    let end = text.find([' ', '.']).unwrap_or(text.len());
    (text.get(..end).unwrap_or_default().to_owned(), text.get(end..).unwrap_or_default())
}

/// The number behind a mark: `rows=`.
fn after(text: &str, mark: &str) -> Option<f64> {
    let rest = text.get(text.find(mark)? + mark.len()..)?;
    let end =
        rest.find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | '-' | '+' | 'e' | 'E'))).unwrap_or(rest.len());
    let number = rest.get(..end).unwrap_or_default();
    number.split("..").next().and_then(|number| number.parse().ok())
}

fn numbers(text: &str, node: &mut PlanNode, notes: &mut Notes) {
    let (estimated, actual) = text.split_at(text.find("(actual ").unwrap_or(text.len()));
    let mut put = |key: &str, number: Option<f64>| {
        if let Some(number) = number {
            set(node, key, Value::Number(number), notes);
        }
    };
    put("Total Cost", estimated.find("..").and_then(|at| after(estimated.get(at..)?, "..")));
    put("Plan Rows", after(estimated, "rows="));
    put("Plan Width", after(estimated, "width="));
    if text.contains("(never executed)") {
        put("Actual Rows", Some(0.0));
        put("Actual Loops", Some(0.0));
    } else if !actual.is_empty() {
        put("Actual Startup Time", after(actual, "time="));
        put(
            "Actual Total Time",
            actual.contains("time=").then(|| actual.find("..").and_then(|at| after(actual.get(at..)?, ".."))).flatten(),
        );
        put("Actual Rows", after(actual, "rows="));
        put("Actual Loops", after(actual, "loops="));
    }
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
    /// The start of a node whose line was wrapped, and how often.
    wrapped: Option<(Line, usize)>,
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
        if let Some((start, times)) = self.wrapped.take() {
            let joined =
                Line { at: start.at, text: format!("{} {}", start.text, line.text.trim_start()), furniture: false };
            if times < 3 && open_bracket(&joined.text) && !line.furniture {
                self.wrapped = Some((joined, times + 1));
                return Ok(());
            }
            return self.whole(if line.furniture { &start } else { &joined }, notes);
        }
        if open_bracket(&line.text) {
            self.wrapped = Some((Line { at: line.at, text: line.text.clone(), furniture: false }, 0));
            return Ok(());
        }
        self.whole(line, notes)
    }

    fn whole(&mut self, line: &Line, notes: &mut Notes) -> Result<(), Refused> {
        let trimmed = line.text.trim();
        if line.furniture {
            self.close(notes);
        } else if trimmed.is_empty() {
            // Blank lines stand between plans and in pasted ones.
        } else if let Some(header) =
            header(&line.text).filter(|header| header.arrow || !header.numbers.is_empty() || self.alone())
        {
            self.node(&header, line.at, notes)?;
        } else if !self.property(&line.text, line.at, notes) {
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
        while building.open.last().is_some_and(|(_, indent)| *indent >= level) {
            building.open.pop();
        }
        // Amid a plan there may be no parent: the first node stands for what is missing.
        node.parent =
            building.open.last().map(|(node, _)| *node).or_else(|| (!building.plan.nodes.is_empty()).then_some(0));
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
    fn property(&mut self, text: &str, at: u64, notes: &mut Notes) -> bool {
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
        let _ = at;
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
        if let Some((line, _)) = self.wrapped.take() {
            let _ = self.whole(&line, notes);
        }
        self.close(notes);
        self.done
    }
}

/// `InitPlan 1 (returns $0)`, `SubPlan 2`, `CTE recent`.
fn is_heading(text: &str) -> bool {
    let Some((kind, name)) = text.split_once(' ') else { return false };
    match kind {
        "InitPlan" | "SubPlan" => name.starts_with(|c: char| c.is_ascii_digit() || c == '('),
        "CTE" => !name.contains(['(', ':']) && name.split_whitespace().count() == 1 || name.starts_with('"'),
        _ => false,
    }
}

/// Whether the figures of a node go on in the next line.
fn open_bracket(text: &str) -> bool {
    let at = ["(cost=", "(actual "].iter().filter_map(|mark| text.find(mark)).min();
    let Some(figures) = at.and_then(|at| text.get(at..)) else { return false };
    let name = text.get(..at.unwrap_or(0)).unwrap_or_default();
    !name.contains(": ") && figures.matches('(').count() > figures.matches(')').count()
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

/// The query and the heading in what stands before a plan.
fn words(lines: &[String]) -> (Option<String>, String) {
    let text = lines.join("\n");
    let lower = text.to_ascii_lowercase();
    let mut query = None;
    let mut label_end = text.len();
    if let Some(at) = lower.find("query text:") {
        query = text.get(at + "query text:".len()..).map(|query| query.trim().to_owned());
        label_end = at;
    } else if let Some(at) = lower.rfind("explain").filter(|at| starts_word(&lower, *at)) {
        query = text.get(at + "explain".len()..).map(statement).filter(|query| !query.is_empty());
        if query.is_some() {
            label_end = at;
        }
    }
    // auto_explain prints parameters behind the text.
    let query = query.map(|query| match query.find("\nQuery Parameters:") {
        Some(end) => query.get(..end).unwrap_or_default().to_owned(),
        None => query,
    });
    let label = text.get(..label_end).unwrap_or_default();
    let label = label.lines().map(str::trim).rfind(|line| line.chars().any(char::is_alphanumeric)).unwrap_or_default();
    (query, sql::line(label, 200))
}

/// The query and the heading in a text before a plan.
pub(in super::super) fn words_before(text: &str) -> (Option<String>, String) {
    let lines: Vec<String> = text.lines().rev().take(500).map(str::to_owned).collect();
    words(&lines.into_iter().rev().collect::<Vec<_>>())
}

fn starts_word(text: &str, at: usize) -> bool {
    text.get(..at).and_then(|before| before.chars().next_back()).is_none_or(|c| !c.is_alphanumeric() && c != '_')
}

/// The statement behind `EXPLAIN` and its options, up to its semicolon.
fn statement(text: &str) -> String {
    let mut rest = text.trim_start();
    if rest.starts_with('(')
        && let Some(end) = rest.find(')')
    {
        rest = rest.get(end + 1..).unwrap_or_default().trim_start();
    }
    loop {
        let word = rest.split_whitespace().next().unwrap_or_default();
        if !["analyze", "analyse", "verbose"].iter().any(|option| word.eq_ignore_ascii_case(option)) {
            break;
        }
        rest = rest.get(word.len()..).unwrap_or_default().trim_start();
    }
    let verb = rest.split(|c: char| !c.is_alphabetic()).next().unwrap_or_default().to_ascii_lowercase();
    if !matches!(
        verb.as_str(),
        "select"
            | "with"
            | "insert"
            | "update"
            | "delete"
            | "merge"
            | "values"
            | "execute"
            | "create"
            | "declare"
            | "table"
    ) {
        return String::new();
    }
    rest.split(';').next().unwrap_or_default().trim().to_owned()
}
