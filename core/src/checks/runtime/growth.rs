//! Strings that grow in loops: which variable, how, and why some of them stay short.

use super::growth_needed::{asked_each_pass, climbs, counts_down, is_last, steers, stored_each_pass};
use crate::analysis::{Bound, Flow, FuncId, LoopFacts, Project, Type, chain_of, source_of};
use crate::model::{BinaryOp, Body, LoopKind, OpKind, RegionId, Sym, ValueId};

/// A growing string.
#[derive(Clone, Debug)]
pub struct Growth {
    /// The op that makes the longer string.
    pub op: ValueId,
    /// Index of the loop it grows over.
    pub looped: usize,
    /// The variable in words.
    pub name: String,
    /// How it grows.
    pub kind: Kind,
}

/// How a string grows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A local variable, appended to.
    Local,
    /// A local variable, put after the new piece.
    Prepended,
    /// A local variable that something else refers to as well.
    Referenced,
    /// An attribute, a container element or a global.
    Stored,
}

impl Kind {
    /// Why each pass copies the string.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Local => "of the loop",
            Self::Prepended => "at its front and is copied each time",
            Self::Referenced => "while another reference keeps the old text, so it is copied each time",
            Self::Stored => "outside of a local variable and is copied each time",
        }
    }
}

/// Where the longer string goes.
#[derive(Clone, Copy, Debug)]
pub(super) enum Target {
    Local(Sym, ValueId),
    Global(Sym),
    Attr(ValueId, Sym),
    Item(ValueId, ValueId),
}

/// More passes than this are not a small constant.
const FEW: u32 = 64;

/// The growing strings of a function, in order; for those that stay short, the op and why.
pub(super) fn growths(project: &Project, f: FuncId) -> Vec<Result<Growth, (ValueId, String)>> {
    let body = project.code().body(f);
    let loops: Vec<(usize, &LoopFacts)> = project.numbered_loops_of(f).collect();
    let mut out = Vec::new();
    for (i, op) in body.ops.iter().enumerate() {
        let at = ValueId(u32::try_from(i).unwrap_or(u32::MAX));
        let old = match op.kind {
            OpKind::Augment { op: BinaryOp::Add, old, .. } => Some(old),
            OpKind::Binary { op: BinaryOp::Add, .. } => None,
            _ => continue,
        };
        if *project.ty(f, at) != Type::Str {
            continue;
        }
        let Some(target) = target_of(body, at) else { continue };
        if !loops.iter().any(|(_, l)| l.holds(at)) {
            if old.is_some() {
                out.extend(per_call(project, f, body, at, target).map(Ok));
            }
            continue;
        }
        let (old, prepended) = match old {
            Some(old) => (old, false),
            None => match own_operand(project, f, at, &target) {
                Some(found) => found,
                None => continue,
            },
        };
        // Binary additions grow only what they are assigned to again; `+=` always does.
        out.extend(judge(project, f, body, &loops, at, old, target, prepended));
    }
    out
}

#[allow(clippy::too_many_arguments, reason = "one growth, many facts")]
fn judge(
    project: &Project,
    f: FuncId,
    body: &Body,
    loops: &[(usize, &LoopFacts)],
    at: ValueId,
    old: ValueId,
    target: Target,
    prepended: bool,
) -> Option<Result<Growth, (ValueId, String)>> {
    let around: Vec<(usize, &LoopFacts)> = loops.iter().filter(|(_, l)| l.holds(at)).copied().collect();
    let carried: Vec<(usize, &LoopFacts)> =
        around.iter().filter(|(_, l)| carries(project, f, body, l, old, target)).copied().collect();
    if carried.is_empty() {
        let once = around.iter().any(|(_, l)| l.bound == Bound::Once);
        let reason = if once { "the loop leaves in its first pass" } else { "the string starts anew in every pass" };
        return Some(Err((at, reason.into())));
    }
    let mut reason = "the string starts anew in every pass".to_owned();
    for (index, l) in carried {
        match l.bound {
            Bound::Once => reason = "the loop leaves in its first pass".into(),
            Bound::Constant(n) if n <= FEW => reason = format!("the loop runs a constant {n} times"),
            _ if starts_anew(body, l, at, target) => {
                reason = "the string starts anew within the loop".into();
            }
            _ if steers(project, f, l, target) => {
                reason = "each pass asks for the text built so far: there is nothing to join later".into();
            }
            _ if asked_each_pass(project, f, l, target) => {
                reason = "each pass hands on the text built so far: there is nothing to join later".into();
            }
            _ if is_last(body, target) => {
                reason = "the last element of a list, which another one follows".into();
            }
            _ if climbs(project, f, l) => {
                reason = "a pass for each ancestor".into();
            }
            _ if counts_down(project, f, l) => {
                reason = "a pass for each digit of a number".into();
            }
            _ if stored_each_pass(project, f, l, target) => {
                reason = "each pass stores the text built so far: there is nothing to join later".into();
            }
            _ => {
                let kind = match target {
                    Target::Local(_, bound) if referenced(project, f, l, bound) => Kind::Referenced,
                    Target::Local(..) if prepended => Kind::Prepended,
                    Target::Local(..) => Kind::Local,
                    _ => Kind::Stored,
                };
                let name = match target {
                    Target::Local(name, _) | Target::Global(name) => project.text(name).to_owned(),
                    Target::Attr(base, name) => format!("{}.{}", project.describe(f, base), project.text(name)),
                    Target::Item(base, _) => format!("{}[…]", project.describe(f, base)),
                };
                return Some(Ok(Growth { op: at, looped: index, name, kind }));
            }
        }
    }
    Some(Err((at, reason)))
}

/// `self.text += piece` in a method that another method of the object calls in a loop.
fn per_call(project: &Project, f: FuncId, body: &Body, at: ValueId, target: Target) -> Option<Growth> {
    let Target::Attr(base, name) = target else { return None };
    let whole = LoopFacts {
        func: f,
        region: RegionId::ROOT,
        kind: LoopKind::For,
        iter: None,
        element: None,
        start: 0,
        end: u32::try_from(body.ops.len()).unwrap_or(u32::MAX),
        bound: Bound::Data,
        span: crate::source::Span::default(),
    };
    let own = |g: FuncId, v: ValueId| {
        let body = project.code().body(g);
        project.code().class_of(g).is_some()
            && matches!(body.op(source_of(body, v)).map(|op| &op.kind), Some(OpKind::Param(0)))
    };
    if !own(f, base) || starts_anew(body, &whole, at, target) {
        return None;
    }
    project.callers(f).iter().find_map(|(caller, index)| {
        let site = project.sites(*caller).get(*index as usize)?;
        let body = project.code().body(*caller);
        let OpKind::Call { callee, .. } = body.op(site.op)?.kind else { return None };
        let OpKind::Attr { base: receiver, .. } = body.op(callee)?.kind else { return None };
        if !own(*caller, receiver) {
            return None;
        }
        let (looped, _) = project.numbered_loops_of(*caller).find(|(_, l)| {
            let data =
                matches!(l.bound, Bound::Data | Bound::Chunks) && matches!(l.kind, LoopKind::For | LoopKind::AsyncFor);
            l.runs(site) && data
        })?;
        let name = format!("{}.{}", project.describe(f, base), project.text(name));
        Some(Growth { op: at, looped, name, kind: Kind::Stored })
    })
}

/// What the value is stored into right away.
fn target_of(body: &Body, at: ValueId) -> Option<Target> {
    (at.0 + 1..at.0 + 6).find_map(|i| match body.op(ValueId(i))?.kind {
        OpKind::Bind { name, value } if value == at => Some(Target::Local(name, ValueId(i))),
        OpKind::BindOuter { name, value, .. } if value == at => Some(Target::Global(name)),
        OpKind::StoreAttr { base, name, value } if value == at => Some(Target::Attr(base, name)),
        OpKind::StoreItem { base, index, value } if value == at => Some(Target::Item(base, index)),
        _ => None,
    })
}

/// The operand of `text = text + piece` that is the variable itself, and whether the piece is put
/// before it.
fn own_operand(project: &Project, f: FuncId, at: ValueId, target: &Target) -> Option<(ValueId, bool)> {
    let body = project.code().body(f);
    let mut operands = Vec::new();
    flatten(body, at, 0, &mut operands);
    let position = operands.iter().position(|v| match target {
        Target::Local(name, _) => holds_name(body, *v, *name, 0),
        Target::Attr(base, name) => match body.op(*v).map(|op| &op.kind) {
            Some(OpKind::Attr { base: b, name: n }) => n == name && chain_of(body, *b) == chain_of(body, *base),
            _ => false,
        },
        Target::Global(name) => matches!(body.op(*v).map(|op| &op.kind), Some(OpKind::Global(n)) if n == name),
        Target::Item(..) => false,
    })?;
    Some((*operands.get(position)?, position > 0))
}

fn flatten(body: &Body, v: ValueId, depth: u32, out: &mut Vec<ValueId>) {
    match body.op(v).map(|op| &op.kind) {
        Some(OpKind::Binary { op: BinaryOp::Add, left, right }) if depth < 12 => {
            flatten(body, *left, depth + 1, out);
            flatten(body, *right, depth + 1, out);
        }
        _ => out.push(v),
    }
}

/// Whether the value is what the variable held before: a merge of its bindings, or a binding.
pub(super) fn holds_name(body: &Body, v: ValueId, name: Sym, depth: u32) -> bool {
    match body.op(v).map(|op| &op.kind) {
        Some(OpKind::Bind { name: n, .. }) => *n == name,
        Some(OpKind::Phi(entries)) => {
            depth < 4 && entries.iter().any(|e| e.0 != v.0 && holds_name(body, *e, name, depth + 1))
        }
        _ => false,
    }
}

/// Whether the string of one pass goes on in the next.
fn carries(project: &Project, f: FuncId, body: &Body, l: &LoopFacts, old: ValueId, target: Target) -> bool {
    match target {
        Target::Global(_) => true,
        // Another object in each pass does not grow.
        Target::Attr(base, _) => outside(body, l, base),
        Target::Item(base, index) => outside(body, l, base) && !own_key(project, f, body, l, index),
        Target::Local(..) => merges_before(body, l, old),
    }
}

fn outside(body: &Body, l: &LoopFacts, base: ValueId) -> bool {
    if rebound(body, l, base) {
        return false;
    }
    let (root, _) = chain_of(body, base);
    let mut at = root;
    for _ in 0..8 {
        match body.op(at).map(|op| &op.kind) {
            Some(OpKind::Global(_) | OpKind::Captured { .. } | OpKind::Param(_)) => return true,
            Some(OpKind::Item { base, .. }) => at = chain_of(body, *base).0,
            _ => break,
        }
    }
    !l.holds(at)
}

/// The variable gets another value within the loop: `last = event`.
fn rebound(body: &Body, l: &LoopFacts, v: ValueId) -> bool {
    let mut work = vec![v];
    let mut seen = Vec::new();
    while let Some(v) = work.pop() {
        if seen.contains(&v) || seen.len() > 64 || !l.holds(v) {
            continue;
        }
        seen.push(v);
        match body.op(v).map(|op| &op.kind) {
            Some(OpKind::Phi(entries)) => work.extend(entries.iter().copied()),
            Some(OpKind::Bind { .. }) => return true,
            _ => {}
        }
    }
    false
}

/// Every pass has a key of its own: `for key in texts: texts[key] += "…"`.
fn own_key(project: &Project, f: FuncId, body: &Body, l: &LoopFacts, index: ValueId) -> bool {
    let mut at = source_of(body, index);
    if let Some(OpKind::Unpack { base, index: Some(0) }) = body.op(at).map(|op| &op.kind) {
        at = source_of(body, *base);
    }
    if Some(at) != l.element {
        return false;
    }
    let Some(iter) = l.iter else { return false };
    if matches!(project.ty(f, iter), Type::Dict(..) | Type::Set(_)) {
        return true;
    }
    match body.op(source_of(body, iter)).map(|op| &op.kind) {
        Some(OpKind::Call { callee, .. }) => match project.ty(f, *callee) {
            Type::LibRef(name) => matches!(project.text(*name), "builtins.range" | "builtins.enumerate"),
            Type::LibBound(receiver, name) => {
                matches!(project.type_of(*receiver), Type::Dict(..)) && matches!(project.text(*name), "items" | "keys")
            }
            // `values.items()` of a parameter: what has it is a mapping.
            Type::Unknown => matches!(body.op(*callee).map(|op| &op.kind), Some(OpKind::Attr { name, .. })
                if matches!(project.text(*name), "items" | "keys")),
            _ => false,
        },
        _ => false,
    }
}

/// The value comes from a merge at the loop's head: from before the loop and from the pass before.
fn merges_before(body: &Body, l: &LoopFacts, old: ValueId) -> bool {
    let mut work = vec![old];
    let mut seen = Vec::new();
    while let Some(v) = work.pop() {
        if seen.contains(&v) || !l.holds(v) || seen.len() > 200 {
            continue;
        }
        seen.push(v);
        match body.op(v).map(|op| &op.kind) {
            Some(OpKind::Phi(entries)) => {
                if entries.iter().any(|e| e.0 < l.start) && entries.iter().any(|e| e.0 > v.0) {
                    return true;
                }
                work.extend(entries.iter().copied());
            }
            Some(OpKind::Bind { value, .. } | OpKind::Annotated { value: Some(value), .. }) => work.push(*value),
            Some(OpKind::Augment { old, .. }) => work.push(*old),
            Some(OpKind::Binary { op: BinaryOp::Add, left, right }) => work.extend([*left, *right]),
            _ => {}
        }
    }
    false
}

/// Somewhere in the loop the variable gets a text that is not made from itself: a token that is
/// complete, a buffer that is flushed.
fn starts_anew(body: &Body, l: &LoopFacts, at: ValueId, target: Target) -> bool {
    (l.start..l.end).map(ValueId).any(|v| {
        let value = match (body.op(v).map(|op| &op.kind), target) {
            (Some(OpKind::Bind { name, value }), Target::Local(own, _)) if *name == own => *value,
            (Some(OpKind::BindOuter { name, value, .. }), Target::Global(own)) if *name == own => *value,
            (Some(OpKind::StoreAttr { base, name, value }), Target::Attr(own, attr)) => {
                if *name != attr || chain_of(body, *base) != chain_of(body, own) {
                    return false;
                }
                *value
            }
            _ => return false,
        };
        value != at
            && !matches!(
                body.op(value).map(|op| &op.kind),
                Some(OpKind::Augment { .. } | OpKind::Binary { op: BinaryOp::Add, .. } | OpKind::Phi(_))
            )
    })
}

/// Whether the loop keeps another reference to the string.
fn referenced(project: &Project, f: FuncId, l: &LoopFacts, bound: ValueId) -> bool {
    const KEEPS: &[&str] = &["append", "appendleft", "add", "insert", "put", "put_nowait", "setdefault"];
    let body = project.code().body(f);
    let flow = Flow::new(project.code(), f);
    flow.users(bound).filter(|v| l.holds(*v)).any(|user| match body.op(user).map(|op| &op.kind) {
        Some(OpKind::Call { callee, .. }) => {
            matches!(body.op(*callee).map(|op| &op.kind), Some(OpKind::Attr { name, .. }) if KEEPS.contains(&project.text(*name)))
        }
        Some(OpKind::StoreAttr { .. } | OpKind::StoreItem { .. } | OpKind::Yield(_) | OpKind::Bind { .. }) => true,
        Some(OpKind::Collection { .. }) => true,
        _ => false,
    })
}
