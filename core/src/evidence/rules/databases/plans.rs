//! What rules of plans share: the plan with its children and query, and the making of observations.

use super::names::time;
use super::{engines, joins, memory, scans, settings};
use crate::evidence::model::{Access, Dialect, Plan, PlanNode, Role};
use crate::evidence::rules::figures::percent;
use crate::evidence::rules::{Kind, Observation, Subject};
use crate::evidence::sql::{self, Query};
use crate::report::model::{Effort, Severity};

/// A plan under judgement.
pub(super) struct Cx<'a> {
    pub plan: &'a Plan,
    pub children: Vec<Vec<usize>>,
    /// From its text, or put together from the steps.
    pub query: Query,
    pub artefact: usize,
}

/// What a rule says; the rest follows from the plan.
pub(super) struct Seen {
    pub rule: &'static str,
    pub kind: Kind,
    pub title: String,
    /// Figures in front of time and source.
    pub figures: String,
    /// Milliseconds that it is about.
    pub ms: Option<f64>,
    pub removable: Option<f64>,
    pub severity: Severity,
    pub fix: String,
    pub guard: Option<String>,
    pub effort: Effort,
}

/// Steps of a plan to which a rule for indexes objects.
pub(super) fn wanting(plan: &Plan) -> Vec<usize> {
    let cx = Cx { plan, children: plan.children(), query: Query::default(), artefact: 0 };
    let mut out = Vec::new();
    for (at, node) in plan.nodes.iter().enumerate().filter(|(_, node)| node.loops != Some(0.0)) {
        let mut seen = Vec::new();
        scans::judge(&cx, at, node, &mut seen);
        engines::judge(&cx, at, node, &mut seen);
        if seen.iter().any(|seen| matches!(seen.rule, "P1" | "P2" | "P3" | "P21")) {
            out.push(at);
        } else if seen.iter().any(|seen| seen.rule == "P19") {
            out.extend(cx.first_read(at).map(|(read, _)| read));
        }
    }
    out
}

/// Judges one plan by all rules.
pub(super) fn judge(plan: &Plan, artefact: usize) -> Vec<Observation> {
    let cx = Cx { plan, children: plan.children(), query: super::query_of(plan), artefact };
    let mut seen = Vec::new();
    for (at, node) in plan.nodes.iter().enumerate() {
        if node.loops == Some(0.0) {
            continue;
        }
        scans::judge(&cx, at, node, &mut seen);
        joins::judge(&cx, at, node, &mut seen);
        memory::judge(&cx, at, node, &mut seen);
        engines::judge(&cx, at, node, &mut seen);
    }
    joins::misestimate(&cx, &mut seen);
    engines::whole(&cx, &mut seen);
    settings::judge(&cx, &mut seen);
    seen.into_iter().map(|seen| cx.observation(seen)).collect()
}

impl Cx<'_> {
    /// Milliseconds of the plan.
    pub fn total(&self) -> Option<f64> {
        self.plan.total_ms().filter(|ms| *ms > 0.0)
    }

    /// The part of the plan's time, when it was timed.
    pub fn share(&self, ms: f64) -> Option<f64> {
        Some((ms / self.total()?).min(1.0))
    }

    /// Whether milliseconds are so large a part; true for plans without times.
    pub fn at_least(&self, ms: Option<f64>, share: f64) -> bool {
        !self.plan.timed || ms.and_then(|ms| self.share(ms)).is_some_and(|part| part >= share)
    }

    /// Executions of a node one after the other.
    pub fn runs(&self, node: &PlanNode) -> f64 {
        node.loops.unwrap_or(0.0) / node.processes.max(1.0)
    }

    /// Inputs of a node, without sub-plans.
    pub fn inputs(&self, at: usize) -> impl Iterator<Item = (usize, &PlanNode)> {
        self.children
            .get(at)
            .into_iter()
            .flatten()
            .filter_map(|child| Some((*child, self.plan.nodes.get(*child)?)))
            .filter(|(_, node)| node.is_input())
    }

    /// Nodes above a node, the nearest first.
    pub fn above(&self, at: usize) -> impl Iterator<Item = (usize, &PlanNode)> {
        let parent = |at: usize| self.plan.nodes.get(at).and_then(|node| node.parent).filter(|parent| *parent < at);
        std::iter::successors(parent(at), move |at| parent(*at)).filter_map(|at| Some((at, self.plan.nodes.get(at)?)))
    }

    /// The first node that reads a table at or below a node.
    pub fn first_read(&self, at: usize) -> Option<(usize, &PlanNode)> {
        let mut open = vec![at];
        while let Some(at) = open.pop() {
            let node = self.plan.nodes.get(at)?;
            if node.access != Access::None {
                return Some((at, node));
            }
            let mut below: Vec<usize> = self.inputs(at).map(|(child, _)| child).collect();
            if below.is_empty() {
                // MIN and MAX are answered by a plan of their own.
                below.extend(self.children.get(at).into_iter().flatten().copied());
            }
            open.extend(below.into_iter().rev());
        }
        None
    }

    /// Whether a node may be stopped before its end: by a `LIMIT`, a semi or anti join, a merge join.
    pub fn stops_early(&self, at: usize) -> bool {
        let mut below = self.plan.nodes.get(at);
        for (_, node) in self.above(at) {
            let whole = matches!(
                node.operation.as_str(),
                "Sort" | "Hash" | "Materialize" | "Incremental Sort" | "WindowAgg" | "SetOp"
            ) || (node.operation == "Aggregate"
                && node.strategy.as_deref().is_none_or(|strategy| !strategy.contains("Sorted")));
            if node.operation == "Limit" || node.operation == "Merge Join" {
                return true;
            }
            let semi = node.join.as_deref().is_some_and(|join| join.contains("Semi") || join.contains("Anti"));
            if semi && below.is_some_and(|below| below.role == Role::Inner) {
                return true;
            }
            if whole || below.is_some_and(|below| !below.is_input()) {
                return below.is_some_and(|below| below.role == Role::SubPlan);
            }
            below = Some(node);
        }
        false
    }

    /// The table of a node for people.
    pub fn table(node: &PlanNode) -> &str {
        node.relation.as_deref().or(node.alias.as_deref()).unwrap_or("a table")
    }

    fn observation(&self, seen: Seen) -> Observation {
        let mut measured = seen.figures;
        if let Some(ms) = seen.ms.filter(|_| self.plan.timed || self.plan.execution_ms.is_some()) {
            let share = self.share(ms).map_or_else(String::new, |share| format!(", {} of the query", percent(share)));
            measured.push_str(&format!("; {}{share}", time(ms)));
        }
        let what = if self.plan.analyzed { "plan" } else { "estimated plan" };
        measured.push_str(&format!(" ({} {what}, line {})", self.plan.dialect.name(), self.plan.at));
        if self.plan.executions > 1 {
            measured
                .push_str(&format!(", the slowest of {} executions", super::names::count(self.plan.executions as f64)));
        }
        let aliases =
            self.plan.query.is_none() && self.plan.dialect != Dialect::Postgres && seen.fix.contains("CREATE INDEX");
        let mut guard = seen.guard;
        if aliases && let Some(guard) = &mut guard {
            guard.push_str(" The plan names tables by their aliases: put the table's own name into the statement.");
        }
        let text = match &self.plan.query {
            Some(text) => sql::line(text, 300),
            None => format!("Plan at line {}: {}", self.plan.at, self.query.tables.join(", ")),
        };
        let fingerprint = self.query.fingerprint.clone();
        Observation {
            rule: seen.rule.to_owned(),
            kind: seen.kind,
            title: seen.title,
            subject: Subject::Query { fingerprint, text },
            severity: seen.severity,
            measured,
            share: seen.ms.and_then(|ms| self.share(ms)),
            removable: seen.removable,
            fix: seen.fix,
            guard,
            effort: seen.effort,
            artefact: self.artefact,
        }
    }
}

/// Severity by the time that is lost at each call.
pub(super) fn by_time(ms: Option<f64>, timed: bool) -> Severity {
    match ms {
        Some(ms) if timed && ms >= 100.0 => Severity::High,
        Some(ms) if timed && ms < 10.0 => Severity::Low,
        _ => Severity::Medium,
    }
}
