//! `unbounded_growth`: process-wide containers, caches and queues that only grow.

use super::containers::{Containers, Facts, Growth, Kind};
use super::growers::{self, Grower};
use super::growing_parts::{self, Part};
use super::keys::{Shape, shape};
use crate::analysis::{FuncId, Project, Type};
use crate::checks::check::{Candidates, Check, Cx, Draft, Judgement, Place};
use crate::checks::support::{context_evidence, context_facts, place_of};
use crate::libraries::RunContext;
use crate::model::{BinaryOp, OpKind, RegionKind, ValueId};
use crate::order::InOrder as _;
use crate::report::model::{Confidence, Effort, Severity, Step};

/// The check.
#[derive(Clone, Copy, Debug)]
pub struct UnboundedGrowth;

/// What may grow.
#[derive(Clone, Debug)]
pub enum Candidate {
    /// A container that lives as long as the process.
    Container(Facts),
    /// A cache decorator, a queue, a registration per call.
    Grower(Grower),
    /// A part of a long-lived object.
    Part(Part),
}

impl Check for UnboundedGrowth {
    const ID: &'static str = "unbounded_growth";
    type Candidate = Candidate;

    fn candidates(cx: Cx<'_>) -> Candidates<Candidate> {
        let project = cx.project;
        let mut found: Vec<(Place, Candidate)> = Vec::new();
        for facts in Containers::find(project).growing() {
            let Some(first) = facts.growths.first() else { continue };
            found.push((place_of(project, first.func, first.op), Candidate::Container(facts)));
        }
        for (place, grower) in growers::find(project) {
            found.push((place, Candidate::Grower(grower)));
        }
        found.extend(growing_parts::find(project).into_iter().map(|(place, part)| (place, Candidate::Part(part))));
        found.order_by_key(|(place, _)| *place);
        if found.is_empty() {
            return Candidates::Nothing("nothing that lives as long as the process grows on a request or job");
        }
        let count = found.len();
        Candidates::Found(found, format!("{count} containers, caches and queues that grow"))
    }

    fn judge(cx: Cx<'_>, place: Place, candidate: &Candidate) -> Judgement {
        match candidate {
            Candidate::Container(facts) => container(cx, facts),
            Candidate::Grower(grower) => growers::judge(cx, place, grower),
            Candidate::Part(part) => growing_parts::judge(cx, part),
        }
    }
}

fn container(cx: Cx<'_>, facts: &Facts) -> Judgement {
    let project = cx.project;
    if let Some(why) = &facts.bounded {
        return Judgement::Rejected(why.clone());
    }
    let mut unknown = None;
    let mut reason = "keys come from a closed set".to_owned();
    for growth in &facts.growths {
        if let Some(why) = harmless(project, facts, growth) {
            reason = why.to_owned();
            continue;
        }
        // What a list holds does not matter: every call adds one.
        match growth.key.map(|key| shape(project, growth.func, key)) {
            Some(Shape::Closed) => {}
            Some(Shape::Few) => reason = "its keys name things of which there are few".to_owned(),
            Some(Shape::Unknown) => unknown = unknown.or(Some(growth)),
            Some(Shape::Open(by)) => return Judgement::Confirmed(Box::new(draft(cx, facts, growth, Some(&by)))),
            None => return Judgement::Confirmed(Box::new(draft(cx, facts, growth, None))),
        }
    }
    match unknown {
        Some(growth) => {
            let draft = draft(cx, facts, growth, None);
            Judgement::NeedsContext(Box::new(draft), "how many different keys there are".into())
        }
        None => Judgement::Rejected(reason),
    }
}

/// A registry, a table that is filled once, an append that looks before.
fn harmless(project: &Project, facts: &Facts, growth: &Growth) -> Option<&'static str> {
    let f = growth.func;
    if growth.value.is_some_and(|v| matches!(project.ty(f, v), Type::Func(_) | Type::ClassObj(_))) {
        return Some("a registry of functions or classes");
    }
    let body = project.code().body(f);
    let arms = body.regions.iter().filter(|region| region.start <= growth.op.0 && growth.op.0 < region.end);
    for region in arms {
        let RegionKind::Arm { cond: Some(cond), .. } = region.kind else { continue };
        if empty_test(project, f, cond, &facts.name, 0) {
            return Some("filled once, while it is empty");
        }
        if growth.key.is_none() && facts.kind == Kind::List && mentions(project, f, cond, &facts.name, 0) {
            return Some("looked through before anything is appended");
        }
    }
    None
}

/// `if not CACHE`, `if CACHE == {}`.
fn empty_test(project: &Project, f: FuncId, v: ValueId, name: &str, depth: u32) -> bool {
    let Some(op) = project.code().op(f, v) else { return false };
    match &op.kind {
        OpKind::Global(n) | OpKind::Attr { name: n, .. } => project.text(*n) == name,
        OpKind::Not(inner) | OpKind::Truth(inner) | OpKind::Bind { value: inner, .. } if depth < 4 => {
            empty_test(project, f, *inner, name, depth + 1)
        }
        OpKind::Binary { op: BinaryOp::LogicalAnd | BinaryOp::LogicalOr | BinaryOp::Eq, left, right } if depth < 4 => {
            empty_test(project, f, *left, name, depth + 1) || empty_test(project, f, *right, name, depth + 1)
        }
        _ => false,
    }
}

fn mentions(project: &Project, f: FuncId, v: ValueId, name: &str, depth: u32) -> bool {
    let Some(op) = project.code().op(f, v) else { return false };
    let here = matches!(op.kind, OpKind::Global(n) | OpKind::Attr { name: n, .. } if project.text(n) == name);
    let mut found = here;
    if depth < 5 && !matches!(op.kind, OpKind::Phi(_)) {
        op.kind.operands(|operand| found |= mentions(project, f, operand, name, depth + 1));
    }
    found
}

fn draft(cx: Cx<'_>, facts: &Facts, growth: &Growth, by: Option<&str>) -> Draft {
    let project = cx.project;
    let f = growth.func;
    let name = &facts.name;
    let (noun, keys) = match (facts.kind, by) {
        (Kind::List, _) => ("list", "an entry per call".to_owned()),
        (Kind::Set, Some(by)) => ("set", format!("an entry per `{by}`")),
        (Kind::Set, None) => ("set", "entries".to_owned()),
        (_, Some(by)) => ("dictionary", format!("an entry per `{by}`")),
        (_, None) => ("dictionary", "entries".to_owned()),
    };
    let steps: Vec<Step> = vec![
        project.step(facts.made.0, facts.made.1, format!("`{name}` is made for the life of the process")),
        project.step(f, growth.op, format!("`{}` gets an entry here", name)),
    ];
    let message = format!("the process-wide {noun} `{name}` gets {keys} in `{}` and loses none", project.func_name(f));
    finish(cx, f, growth.op, message, advice(facts.kind), steps, Confidence::High)
}

fn advice(kind: Kind) -> &'static str {
    match kind {
        Kind::List => "Bound it (`deque(maxlen=…)`), or hand the entries to something that stores and forgets them",
        _ => "Bound it: an LRU or TTL cache with a maximum size, or delete the entry when its owner ends",
    }
}

/// A draft with the severity of the run context.
pub(super) fn finish(
    cx: Cx<'_>,
    f: FuncId,
    op: ValueId,
    message: String,
    recommendation: &str,
    steps: Vec<Step>,
    confidence: Confidence,
) -> Draft {
    let project = cx.project;
    let severity = match project.context(f) {
        RunContext::Request | RunContext::Stream => Severity::High,
        _ => Severity::Medium,
    };
    let mut facts = context_facts(cx, f);
    facts.table_used_context = true;
    Draft {
        place: place_of(project, f, op),
        severity,
        confidence,
        message,
        recommendation: recommendation.to_owned(),
        effort: Effort::S,
        steps,
        evidence: vec![context_evidence(project, f)],
        facts,
    }
}
