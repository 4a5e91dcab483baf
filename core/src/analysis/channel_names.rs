//! Names of channels, topics and events as text: constants of other files, class attributes, members
//! of enumerations, texts with holes, parameters as callers give them.

use super::code::FuncId;
use super::flow::source_of;
use super::project::Project;
use super::serializers::class_value;
use super::touches::argument;
use super::types::Type;
use crate::languages::sql::HOLE;
use crate::libraries::RunContext;
use crate::model::{BinaryOp, CollectionKind, Const, OpKind, TextPart, ValueId};
use crate::order::InOrder as _;

/// A name and the literal that spells it, where one alone does.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Spelled {
    /// The name; a hole for each part that is known only at run time.
    pub text: String,
    /// The literal.
    pub literal: Option<(FuncId, ValueId)>,
}

const DEPTH: u32 = 8;
/// Different names that one place may stand for.
const MOST: usize = 24;

impl Spelled {
    fn unknown() -> Self {
        Self { text: HOLE.to_string(), literal: None }
    }
}

/// The names that a value may be.
#[must_use]
pub fn names_of(project: &Project, f: FuncId, v: ValueId) -> Vec<Spelled> {
    let mut out = spelled(project, f, v, DEPTH);
    out.order();
    out.dedup_by(|a, b| a.text == b.text);
    out.truncate(MOST);
    out
}

fn spelled(project: &Project, f: FuncId, v: ValueId, depth: u32) -> Vec<Spelled> {
    let unknown = || vec![Spelled::unknown()];
    let Some(depth) = depth.checked_sub(1) else { return unknown() };
    let code = project.code();
    let (f, v) = project.origin(f, v);
    let body = code.body(f);
    match body.op(v).map(|op| &op.kind) {
        Some(OpKind::Const(Const::Str(text))) => {
            vec![Spelled { text: project.text(*text).to_owned(), literal: Some((f, v)) }]
        }
        Some(OpKind::Text(parts)) => {
            let mut text = String::new();
            for part in parts {
                match part {
                    TextPart::Literal(s) => text.push_str(project.text(*s)),
                    TextPart::Hole(v) => text.push_str(&one(project, f, *v, depth)),
                }
            }
            vec![Spelled { text, literal: None }]
        }
        Some(OpKind::Binary { op: BinaryOp::Add, left, right }) => {
            let text = one(project, f, *left, depth) + &one(project, f, *right, depth);
            vec![Spelled { text, literal: None }]
        }
        Some(OpKind::Binary { op: BinaryOp::LogicalOr, left, right }) => {
            let mut all = spelled(project, f, *left, depth);
            all.extend(spelled(project, f, *right, depth));
            all
        }
        Some(OpKind::Phi(values)) => {
            values.iter().filter(|e| e.0 < v.0).flat_map(|e| spelled(project, f, *e, depth)).collect()
        }
        Some(OpKind::Collection {
            kind: CollectionKind::List | CollectionKind::Tuple | CollectionKind::Set,
            items,
        }) => items.iter().flat_map(|item| spelled(project, f, *item, depth)).collect(),
        // Each of a list of names.
        Some(OpKind::Element(list)) => match collection(project, f, *list) {
            Some((g, items)) => items.iter().flat_map(|item| spelled(project, g, *item, depth)).collect(),
            None => unknown(),
        },
        // `str(CHANNEL)`, `CHANNEL.encode()`, `settings.get("x")`
        Some(OpKind::Call { callee, args }) => match body.op(*callee).map(|op| &op.kind) {
            Some(OpKind::Global(name)) if project.text(*name) == "str" => {
                args.first().map_or_else(unknown, |arg| spelled(project, f, arg.value, depth))
            }
            Some(OpKind::Attr { base, name }) if matches!(project.text(*name), "encode" | "strip" | "lower") => {
                spelled(project, f, *base, depth)
            }
            _ => unknown(),
        },
        Some(OpKind::Attr { base, name }) => attribute(project, f, *base, project.text(*name), depth),
        Some(OpKind::Param(i)) => parameter(project, f, *i, depth),
        Some(OpKind::Captured { owner, name }) => {
            let outer = code.func_id(code.module_of(f), *owner);
            let bound = |o: &crate::model::Op| matches!(o.kind, OpKind::Bind { name: n, .. } if n == *name);
            if let Some(at) = code.body(outer).ops.iter().rposition(bound).and_then(|at| u32::try_from(at).ok()) {
                return spelled(project, outer, ValueId(at), depth);
            }
            let at = code.func(outer).params.iter().position(|param| param.name == *name);
            match at.and_then(|at| u16::try_from(at).ok()) {
                Some(i) => parameter(project, outer, i, depth),
                None => unknown(),
            }
        }
        _ => unknown(),
    }
}

/// One text for a part of a name: a hole when it may be several.
fn one(project: &Project, f: FuncId, v: ValueId, depth: u32) -> String {
    match spelled(project, f, v, depth).as_slice() {
        [one] => one.text.clone(),
        _ => HOLE.to_string(),
    }
}

fn collection(project: &Project, f: FuncId, v: ValueId) -> Option<(FuncId, Vec<ValueId>)> {
    let (g, at) = project.origin(f, v);
    match &project.code().op(g, at)?.kind {
        OpKind::Collection { kind, items } if *kind != CollectionKind::Dict => Some((g, items.to_vec())),
        _ => None,
    }
}

/// `Channels.ORDERS`, `Channels.ORDERS.value`, `self.channel`
fn attribute(project: &Project, f: FuncId, base: ValueId, name: &str, depth: u32) -> Vec<Spelled> {
    let code = project.code();
    let body = code.body(f);
    let source = source_of(body, base);
    if matches!(name, "value" | "name")
        && let Some(OpKind::Attr { base: inner, name: member }) = body.op(source).map(|op| &op.kind)
        && matches!(project.ty(f, *inner), Type::ClassObj(_))
    {
        return attribute(project, f, *inner, project.text(*member), depth);
    }
    let class = match project.ty(f, base) {
        Type::ClassObj(class) | Type::Inst(class, _) => *class,
        _ => match (body.op(source).map(|op| &op.kind), code.class_of(f)) {
            (Some(OpKind::Param(0)), Some(class)) => class,
            _ => return vec![Spelled::unknown()],
        },
    };
    let mut out = Vec::new();
    for ancestor in project.project_ancestors(class) {
        let module = code.module_of_class(ancestor);
        for method in &code.class(ancestor).methods {
            let g = code.func_id(module, *method);
            for op in &code.body(g).ops {
                let OpKind::StoreAttr { base, name: stored, value } = op.kind else { continue };
                let own =
                    matches!(code.op(g, source_of(code.body(g), base)).map(|op| &op.kind), Some(OpKind::Param(0)));
                if own && project.text(stored) == name {
                    out.extend(spelled(project, g, value, depth));
                }
            }
        }
    }
    if out.is_empty()
        && let Some((scope, value)) = class_value(project, class, name)
    {
        out = spelled(project, scope, value, depth);
    }
    if out.is_empty() { vec![Spelled::unknown()] } else { out }
}

/// What callers give, and the default where they leave it out.
fn parameter(project: &Project, f: FuncId, i: u16, depth: u32) -> Vec<Spelled> {
    let code = project.code();
    let mut out = Vec::new();
    for &(caller, index) in project.callers(f).iter().take(64) {
        if project.context(caller) == RunContext::Test {
            continue;
        }
        let Some(site) = project.sites(caller).get(index as usize) else { continue };
        match argument(project, caller, site.op, f, i) {
            Some(arg) if out.len() < MOST => out.extend(spelled(project, caller, arg, depth)),
            Some(_) => {}
            None => match code.func(f).params.get(usize::from(i)).and_then(|param| param.default) {
                Some(default) => out.extend(spelled(project, code.parent(f), default, depth)),
                None => out.push(Spelled::unknown()),
            },
        }
    }
    if out.is_empty() {
        // Nobody calls it here: its default, or anything.
        if let Some(default) = code.func(f).params.get(usize::from(i)).and_then(|param| param.default) {
            out = spelled(project, code.parent(f), default, depth);
        }
        out.push(Spelled::unknown());
    }
    out
}

/// A name for people.
#[must_use]
pub fn name_words(name: &str) -> String {
    name.replace(HOLE, "…")
}

/// Whether two names can be the same: holes stand for anything.
#[must_use]
pub fn may_be_same(a: &str, b: &str) -> bool {
    let a: Vec<char> = a.chars().collect();
    let b: Vec<char> = b.chars().collect();
    if a.len() > 400 || b.len() > 400 {
        return a == b;
    }
    // reach[j]: the first i characters of `a` can be the first j of `b`.
    let mut reach = vec![false; b.len() + 1];
    for i in 0..=a.len() {
        let mut next = vec![false; b.len() + 1];
        let hole_a = i.checked_sub(1).and_then(|i| a.get(i)) == Some(&HOLE);
        for j in 0..=b.len() {
            let hole_b = j.checked_sub(1).and_then(|j| b.get(j)) == Some(&HOLE);
            let before = |list: &[bool], j: Option<usize>| j.and_then(|j| list.get(j)).copied().unwrap_or(false);
            let up = before(&reach, Some(j)) && i > 0;
            let left = before(&next, j.checked_sub(1));
            let diagonal = i > 0 && before(&reach, j.checked_sub(1));
            let same = diagonal && a.get(i.wrapping_sub(1)) == b.get(j.wrapping_sub(1));
            let found =
                i == 0 && j == 0 || same || hole_a && (up || left || diagonal) || hole_b && (up || left || diagonal);
            if let Some(slot) = next.get_mut(j) {
                *slot = found;
            }
        }
        reach = next;
    }
    reach.last().copied().unwrap_or(false)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
    use super::*;

    #[test]
    fn holes_stand_for_anything() {
        let same = |a: &str, b: &str| may_be_same(&a.replace('*', "\u{FFFC}"), &b.replace('*', "\u{FFFC}"));
        assert!(same("orders", "orders"));
        assert!(!same("orders", "order"));
        assert!(same("orders:*", "orders:7"));
        assert!(same("*:progress", "job:*"));
        assert!(!same("orders:*", "jobs:*"));
        assert!(same("*", ""));
        assert!(same("a*c", "abbc"));
        assert!(!same("a*c", "abbd"));
    }
}
