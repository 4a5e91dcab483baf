//! `EXPLAIN FORMAT=JSON` of MySQL (both versions of its format) and MariaDB, and their forms with measured figures.

use super::json::{Json, parse};
use super::mysql_tree::{fold, operation, resolve};
use super::{Format, PLAN_BYTES, times};
use crate::evidence::input::{Input, Limits, Notes, Refused};
use crate::evidence::model::{Access, Artefact, Detail, Dialect, Evidence, Plan, PlanNode, Role};
use crate::evidence::recognize::Head;

pub(super) const FORMAT: Format = Format { name: "MySQL EXPLAIN (JSON)", matches, read };

/// Keys that hold no steps.
const PLAIN: &[&str] = &[
    "cost_info",
    "r_engine_stats",
    "query_optimization",
    "used_key_parts",
    "possible_keys",
    "used_columns",
    "ref",
    "partitions",
    "key_parts",
    "ranges",
    "covering",
];

fn matches(head: &Head) -> bool {
    head.text.contains("\"query_block\"")
        || (head.text.contains("\"operation\":")
            && (head.text.contains("\"estimated_rows\"")
                || head.text.contains("\"access_type\"")
                || head.text.contains("\"actual_last_row_ms\"")))
}

fn read(input: &mut Input, artefact: &mut Artefact, notes: &mut Notes) -> Result<(), Refused> {
    let mut text = input.text(PLAN_BYTES)?;
    // The client's batch mode prints line ends as `\n`.
    if !text.contains("{\n") && text.contains("{\\n") {
        text = text.replace("\\n", "\n").replace("\\t", " ").replace("\\\\", "\\");
    }
    let mut at = 0;
    let mut nodes = 0;
    while let Some(start) = text.get(at..).and_then(|rest| rest.find('{')).map(|found| at + found) {
        let parsed = match parse(text.get(start..).unwrap_or_default(), input.limits.depth * 2) {
            Ok(parsed) => parsed,
            Err(error) if error.starts_with("Nested") => {
                return Err(Refused(format!("Stopped: plans nested deeper than {} nodes", input.limits.depth)));
            }
            Err(_) => {
                at = start + 1;
                continue;
            }
        };
        let line = text.get(..start).map_or(0, |text| text.matches('\n').count()) as u64 + 1;
        if parsed.cut {
            notes.add(line, "The file ends amid a plan: what stands before the cut was read");
        }
        let label = super::postgres::words_before(text.get(at..start).unwrap_or_default());
        at = start + parsed.end.max(1);
        let mut reader = Reader {
            plan: Plan { at: line, executions: 1, ..Plan::default() },
            limits: input.limits,
            nodes: &mut nodes,
            notes,
        };
        (reader.plan.query, reader.plan.label) = label;
        reader.document(&parsed.value)?;
        let mut plan = reader.plan;
        resolve(&mut plan);
        if !plan.nodes.is_empty() {
            artefact.evidence.push(Evidence::Plan(plan));
        }
    }
    if artefact.evidence.is_empty() {
        return Err(Refused("No plan could be read: the JSON is damaged".to_owned()));
    }
    Ok(())
}

struct Reader<'a> {
    plan: Plan,
    limits: Limits,
    nodes: &'a mut usize,
    notes: &'a mut Notes,
}

impl Reader<'_> {
    fn document(&mut self, value: &Json) -> Result<(), Refused> {
        self.plan.dialect = Dialect::MySql;
        if let Some(query) = value.get("query").and_then(Json::text) {
            self.plan.query = Some(query.trim_start_matches("/* select#1 */ ").to_owned());
        }
        if value.get("query_block").is_none() {
            let root = value.get("query_plan").unwrap_or(value);
            if root.get("operation").is_some() {
                self.step(root, None, Role::Input)?;
                fold(&mut self.plan);
                self.plan.analyzed = self.plan.nodes.iter().any(|node| node.loops.is_some());
                self.plan.timed = self.plan.nodes.iter().any(|node| node.last_ms.is_some());
                times::attribute(&mut self.plan);
            }
            return Ok(());
        }
        self.children(value, None)?;
        let plan = &mut self.plan;
        plan.analyzed = plan.nodes.iter().any(|node| node.loops.is_some());
        plan.timed = plan.nodes.iter().any(|node| node.inclusive_ms.is_some());
        if plan.timed {
            sums(plan);
            times::exclusive(plan);
        }
        Ok(())
    }

    fn amount(&mut self, value: &Json, key: &str) -> Option<f64> {
        let number = value.get(key).and_then(Json::number)?;
        if number.is_finite() && number >= 0.0 {
            return Some(number);
        }
        self.notes.add(0, "A negative or impossible number was left out");
        None
    }

    fn push(&mut self, node: PlanNode) -> Result<usize, Refused> {
        *self.nodes += 1;
        Input::at_most(*self.nodes, self.limits.plan_nodes, "node of plans", "nodes of plans")?;
        self.plan.nodes.push(node);
        Ok(self.plan.nodes.len() - 1)
    }

    /// A node of version 2: the words of the tree form with figures beside them.
    fn step(&mut self, value: &Json, parent: Option<usize>, role: Role) -> Result<(), Refused> {
        let mut node = PlanNode { parent, role, ..PlanNode::default() };
        operation(value.get("operation").and_then(Json::text).unwrap_or("Step"), &mut node);
        let text = |key: &str| value.get(key).and_then(Json::text).map(str::to_owned);
        node.relation = text("table_name").or(node.relation);
        node.alias = text("alias").filter(|alias| Some(alias) != node.relation.as_ref());
        node.schema = text("schema_name");
        node.index = text("index_name").or(node.index);
        if let Some(condition) = text("condition").filter(|_| node.detail("Filter").is_none()) {
            let key = if node.operation.ends_with("Join") || node.operation == "Nested Loop" {
                "Join Filter"
            } else {
                "Filter"
            };
            node.details.push(Detail { key: key.to_owned(), value: condition });
        }
        node.cost = self.amount(value, "estimated_total_cost");
        node.estimated_rows = self.amount(value, "estimated_rows");
        node.rows = self.amount(value, "actual_rows");
        node.loops = self.amount(value, "actual_loops");
        node.first_ms = self.amount(value, "actual_first_row_ms");
        node.last_ms = self.amount(value, "actual_last_row_ms");
        node.dependent |= value.get("dependent").is_some_and(Json::is_true);
        if value.get("subquery").is_some_and(Json::is_true) {
            node.role = Role::SubPlan;
        }
        let at = self.push(node)?;
        for (key, value) in value.entries() {
            if key.starts_with("inputs") {
                let role = if key == "inputs" { Role::Input } else { Role::SubPlan };
                for input in value.items().iter().filter(|input| input.get("operation").is_some()) {
                    self.step(input, Some(at), role)?;
                }
            }
        }
        Ok(())
    }

    /// Steps among the entries of an object.
    fn children(&mut self, value: &Json, parent: Option<usize>) -> Result<(), Refused> {
        for (key, value) in value.entries() {
            self.entry(key, value, parent)?;
        }
        Ok(())
    }

    fn entry(&mut self, key: &str, value: &Json, parent: Option<usize>) -> Result<(), Refused> {
        if PLAIN.contains(&key) || (value.entries().is_empty() && value.items().is_empty()) {
            return Ok(());
        }
        if key == "table" {
            return self.table(value, parent);
        }
        if key.ends_with("subqueries") || key == "query_specifications" {
            let from = self.plan.nodes.len();
            for item in value.items() {
                self.children(item, parent)?;
                if key.ends_with("subqueries") && item.get("dependent").is_some_and(Json::is_true) {
                    self.dependent(from);
                }
            }
            for node in self.plan.nodes.iter_mut().skip(from).filter(|node| node.parent == parent) {
                node.role = if key.ends_with("subqueries") { Role::SubPlan } else { Role::Input };
            }
            return Ok(());
        }
        let operation = match key {
            "query_block" => value
                .get("select_id")
                .and_then(Json::number)
                .map_or_else(|| "Select".to_owned(), |id| format!("Select #{id}")),
            "nested_loop" => "Nested Loop".to_owned(),
            "ordering_operation" | "filesort" | "read_sorted_file" => "Sort".to_owned(),
            "grouping_operation" => "Aggregate".to_owned(),
            "temporary_table" => "Temporary table".to_owned(),
            "duplicates_removal" => "Distinct".to_owned(),
            "windowing" | "window_functions_computation" => "Window".to_owned(),
            "union_result" => "Union".to_owned(),
            "buffer_result" => "Buffer".to_owned(),
            "materialized" | "materialized_from_subquery" => "Materialize".to_owned(),
            "block-nl-join" => "Join buffer".to_owned(),
            "expression_cache" => "Expression cache".to_owned(),
            _ => {
                for item in value.items() {
                    self.children(item, parent)?;
                }
                return self.children(value, parent);
            }
        };
        let mut node = PlanNode { parent, operation, ..PlanNode::default() };
        node.filesort = value.get("using_filesort").is_some_and(Json::is_true) || key == "filesort";
        node.temporary = value.get("using_temporary_table").is_some_and(Json::is_true) || key == "temporary_table";
        node.join_buffer = key == "block-nl-join";
        node.loops = self.amount(value, "r_loops");
        node.inclusive_ms = self.amount(value, "r_total_time_ms");
        node.rows = self.amount(value, "r_output_rows").or_else(|| self.amount(value, "r_rows"));
        for (name, key) in [("sort_key", "Sort Key"), ("attached_condition", "Filter"), ("message", "Message")] {
            if let Some(text) = value.get(name).and_then(Json::text) {
                node.details.push(Detail { key: key.to_owned(), value: text.replace('`', "") });
            }
        }
        if let Some(hits) = self.amount(value, "r_hit_ratio")
            && let Some(loops) = node.loops
        {
            node.cache_hits = loops * hits / 100.0;
            node.cache_misses = loops - node.cache_hits;
        }
        let at = self.push(node)?;
        for item in value.items() {
            self.children(item, Some(at))?;
        }
        self.children(value, Some(at))?;
        // MariaDB does not say so, but what ran once for each row of its outer query depends on it.
        if key == "expression_cache" || key == "query_block" {
            let loops = self.plan.nodes.get(at).and_then(|node| node.loops);
            if parent.is_some() && loops.is_some_and(|loops| loops > 1.0) {
                self.dependent(at);
            }
        }
        Ok(())
    }

    fn dependent(&mut self, from: usize) {
        if let Some(node) = self.plan.nodes.get_mut(from) {
            node.dependent = true;
        }
    }

    fn table(&mut self, value: &Json, parent: Option<usize>) -> Result<(), Refused> {
        let text = |key: &str| value.get(key).and_then(Json::text);
        let access = text("access_type").unwrap_or_default();
        let covering = value.get("using_index").is_some_and(Json::is_true);
        let (operation, kind) = match access {
            "ALL" => ("Table scan", Access::Full),
            "index" => ("Index scan", Access::FullIndex),
            "range" => ("Index range scan", Access::Index),
            "eq_ref" => ("Unique index lookup", Access::Index),
            "const" | "system" => ("Constant row", Access::Index),
            "" => ("Table", Access::None),
            _ => ("Index lookup", Access::Index),
        };
        let mut node = PlanNode { parent, operation: operation.to_owned(), ..PlanNode::default() };
        node.access = if covering && kind == Access::Index { Access::IndexOnly } else { kind };
        node.relation = text("table_name").map(str::to_owned);
        node.index = text("key").map(str::to_owned);
        for (name, key) in [
            ("attached_condition", "Filter"),
            ("index_condition", "Index Cond"),
            ("pushed_index_condition", "Index Cond"),
            ("message", "Message"),
        ] {
            if let Some(text) = text(name) {
                node.details.push(Detail { key: key.to_owned(), value: text.replace('`', "") });
            }
        }
        node.join_buffer = value.get("using_join_buffer").is_some();
        node.temporary = value.get("using_temporary_table").is_some_and(Json::is_true);
        let filtered = self.amount(value, "filtered").unwrap_or(100.0);
        let examined = self.amount(value, "rows_examined_per_scan").or_else(|| self.amount(value, "rows"));
        node.estimated_examined = examined;
        node.estimated_rows = examined.map(|rows| rows * filtered / 100.0);
        node.loops = self.amount(value, "r_loops");
        if let Some(read) = self.amount(value, "r_rows") {
            let kept = read * self.amount(value, "r_filtered").unwrap_or(100.0) / 100.0;
            node.rows = Some(kept);
            node.removed = read - kept;
            self.plan.dialect = Dialect::MariaDb;
        }
        let own =
            self.amount(value, "r_table_time_ms").map(|ms| ms + self.amount(value, "r_other_time_ms").unwrap_or(0.0));
        node.inclusive_ms = own.or_else(|| self.amount(value, "r_total_time_ms"));
        let at = self.push(node)?;
        self.children(value, Some(at))
    }
}

/// Times of steps that have none, or only their own: the sum of what is below.
fn sums(plan: &mut Plan) {
    let mut below = vec![0.0; plan.nodes.len()];
    for at in (0..plan.nodes.len()).rev() {
        let inputs = below.get(at).copied().unwrap_or(0.0);
        let Some(node) = plan.nodes.get_mut(at) else { continue };
        let own = node.inclusive_ms.unwrap_or(0.0);
        let whole = if own >= inputs { own } else { own + inputs };
        node.inclusive_ms = Some(whole);
        if let Some(sum) = node.parent.and_then(|parent| below.get_mut(parent)) {
            *sum += whole;
        }
    }
}

#[cfg(test)]
mod tests;
