//! Growing strings whose intermediate texts are needed: joining after the loop would change what runs.

use super::growth::{Target, holds_name};
use crate::analysis::{FuncId, LoopFacts, Project, Type, chain_of, source_of};
use crate::libraries::Effects;
use crate::model::{BinaryOp, Body, Const, LoopKind, OpKind, ValueId};

/// The condition of a `while` loop reads the text: `while mark in text: mark += "<"`. Its length alone
/// could be counted.
pub(super) fn steers(project: &Project, f: FuncId, l: &LoopFacts, target: Target) -> bool {
    let Target::Local(name, _) = target else { return false };
    let body = project.code().body(f);
    if l.kind != LoopKind::While {
        return false;
    }
    let on_header = |v: &ValueId| body.span(*v).is_some_and(|span| span.line == l.span.line);
    let mut work: Vec<ValueId> = (l.start..l.end)
        .map(ValueId)
        .filter(|v| matches!(body.op(*v).map(|op| &op.kind), Some(OpKind::Truth(_))) && on_header(v))
        .collect();
    for _ in 0..32 {
        let Some(v) = work.pop() else { break };
        if l.holds(v) && holds_name(body, v, name, 0) {
            return true;
        }
        match body.op(v).map(|op| &op.kind) {
            Some(OpKind::Truth(v) | OpKind::Not(v)) => work.push(*v),
            Some(OpKind::Binary { left, right, .. }) => work.extend([*left, *right]),
            Some(OpKind::Call { callee, args }) if !is_len(project, f, *callee) => {
                work.extend(args.iter().map(|arg| arg.value));
                if let Some(OpKind::Attr { base, .. }) = body.op(*callee).map(|op| &op.kind) {
                    work.push(*base);
                }
            }
            _ => {}
        }
    }
    false
}

/// `found = citations_in(text)` in each pass: a call is given the text as it is by then. What only keeps it holds another
/// reference, which is told.
pub(super) fn asked_each_pass(project: &Project, f: FuncId, l: &LoopFacts, target: Target) -> bool {
    const KEEP: &[&str] = &["append", "appendleft", "add", "insert", "put", "put_nowait", "setdefault", "write"];
    let Target::Local(name, _) = target else { return false };
    let body = project.code().body(f);
    (l.start..l.end).map(ValueId).any(|v| {
        let Some(OpKind::Call { callee, args }) = body.op(v).map(|op| &op.kind) else { return false };
        let keeps = match body.op(*callee).map(|op| &op.kind) {
            Some(OpKind::Attr { name, .. }) => KEEP.contains(&project.text(*name)),
            Some(OpKind::Global(name)) => matches!(project.text(*name), "len" | "print"),
            _ => false,
        };
        !keeps && args.iter().any(|arg| holds_name(body, arg.value, name, 0))
    })
}

/// `lines[-1] += word`: another element is the last one once one is appended.
pub(super) fn is_last(body: &Body, target: Target) -> bool {
    let Target::Item(_, index) = target else { return false };
    matches!(body.op(source_of(body, index)).map(|op| &op.kind), Some(OpKind::Const(Const::Int(at))) if at.get() < 0)
}

/// `while node: node = node.parent`
pub(super) fn climbs(project: &Project, f: FuncId, l: &LoopFacts) -> bool {
    let body = project.code().body(f);
    l.kind == LoopKind::While
        && (l.start..l.end).map(ValueId).any(|v| match body.op(v).map(|op| &op.kind) {
            Some(OpKind::Bind { name, value }) => match body.op(*value).map(|op| &op.kind) {
                Some(OpKind::Attr { base, name: attribute }) => {
                    matches!(project.text(*attribute), "parent" | "parent_node" | "outer" | "owner" | "base")
                        && holds_name(body, *base, *name, 0)
                }
                _ => false,
            },
            _ => false,
        })
}

/// `while number: number, digit = divmod(number, 62)`, `while index > 0: index = (index - 1) // 26`.
pub(super) fn counts_down(project: &Project, f: FuncId, l: &LoopFacts) -> bool {
    let body = project.code().body(f);
    let inside = || (l.start..l.end).map(ValueId);
    let number = |v: ValueId| *project.ty(f, v) == Type::Number;
    let tested = inside().any(|v| match body.op(v).map(|op| &op.kind) {
        Some(OpKind::Truth(v)) => {
            let on_header = body.span(*v).is_some_and(|span| span.line == l.span.line);
            on_header
                && match body.op(*v).map(|op| &op.kind) {
                    Some(OpKind::Binary { op: BinaryOp::Order | BinaryOp::NotEq, left, .. }) => number(*left),
                    _ => number(*v),
                }
        }
        _ => false,
    });
    let divides = inside().any(|v| match body.op(v).map(|op| &op.kind) {
        Some(OpKind::Call { callee, .. }) => {
            matches!(project.ty(f, *callee), Type::LibRef(name) if project.text(*name) == "builtins.divmod")
        }
        Some(OpKind::Binary { op: BinaryOp::Mod, left, .. }) => number(*left),
        _ => false,
    });
    l.kind == LoopKind::While && tested && divides
}

fn is_len(project: &Project, f: FuncId, callee: ValueId) -> bool {
    matches!(project.ty(f, callee), Type::LibRef(name) if project.text(*name) == "builtins.len")
}

/// `job.log += line; job.save()`: a progress that others read between the passes.
pub(super) fn stored_each_pass(project: &Project, f: FuncId, l: &LoopFacts, target: Target) -> bool {
    let Target::Attr(own, _) = target else { return false };
    let body = project.code().body(f);
    let own = chain_of(body, own);
    let writes = Effects::ANY_WRITE.with(Effects::COMMIT).with(Effects::DB_FLUSH);
    project.sites(f).iter().filter(|site| l.runs(site)).any(|site| {
        let effects = project.effects_of(site);
        let on_it = match body.op(site.op).map(|op| &op.kind) {
            Some(OpKind::Call { callee, args }) => {
                let receiver = match body.op(*callee).map(|op| &op.kind) {
                    Some(OpKind::Attr { base, .. }) => Some(*base),
                    _ => None,
                };
                receiver.into_iter().chain(args.iter().map(|arg| arg.value)).any(|v| chain_of(body, v) == own)
            }
            _ => false,
        };
        effects.any(Effects::COMMIT) || on_it && effects.any(writes)
    }) || (l.start..l.end).map(ValueId).any(|v| {
        let Some(OpKind::Call { callee, .. }) = body.op(v).map(|op| &op.kind) else { return false };
        // `save` of an object whose class is not known.
        matches!(body.op(*callee).map(|op| &op.kind), Some(OpKind::Attr { base, name })
            if matches!(project.text(*name), "save" | "asave") && chain_of(body, *base) == own)
    })
}
