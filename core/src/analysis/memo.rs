//! Filled-once guards: a query that runs only while a remembered value is missing
//! (`if self._x is None: self._x = load()`, `cache.get … cache.set`), and functions that a cache
//! decorator remembers. Such a query is not repeated by a loop or by many calls.

use super::code::{Code, FuncId};
use super::contents::Holds;
use super::flow::source_of;
use crate::libraries::Effects;
use crate::model::{Body, CollectionKind, Interner, OpKind, Region, RegionKind, Sym, ValueId};
use crate::order::InOrder as _;

/// Effects that a remembered result saves.
pub(crate) const SAVED: Effects =
    Effects(Effects::DB_READ.0 | Effects::DB_EXECUTE.0 | Effects::LAZY_LOAD.0 | Effects::DB_REFRESH.0);

/// Whether the decorator remembers results.
pub(crate) fn is_cache_decorator(dotted: &str) -> bool {
    let short = dotted.rsplit('.').next().unwrap_or("");
    matches!(short, "lru_cache" | "cache" | "cached_property" | "cached" | "memoize" | "ttl_cache" | "alru_cache")
        || short.ends_with("_cached")
        || short.starts_with("cached_")
        || short.starts_with("cache_") && short != "cache_control"
        || short.ends_with("_cache")
}

/// The guards of one function: what its conditions ask and where its ops fill that, found once for all sites.
#[derive(Debug)]
pub(crate) struct Guards {
    arms: Vec<Guard>,
}

/// An arm of a branch that may be a guard.
#[derive(Debug)]
struct Guard {
    start: u32,
    end: u32,
    /// What stands inside fills what the condition asks.
    fills: bool,
    /// The arm returns, and the last op of the body that fills what the condition asks is this one:
    /// what runs between them runs only while it is missing.
    filled_after: Option<u32>,
}

impl Guards {
    pub fn of(code: &Code, names: &Interner, f: FuncId) -> Self {
        let body = code.body(f);
        // Few functions fill anything, and what their conditions ask matters only then.
        let filling = Filling::of(code, names, f);
        if filling.is_empty() {
            return Self { arms: Vec::new() };
        }
        let Filling { names: filled, attributes, locals, calls } = filling;
        let guard = |region: &Region| {
            let RegionKind::Arm { cond: Some(cond), .. } = region.kind else { return None };
            let leaves = region
                .end
                .checked_sub(1)
                .and_then(|i| body.ops.get(i as usize))
                .is_some_and(|last| matches!(last.kind, OpKind::Return(_)));
            let inside = |at: u32| region.start <= at && at < region.end;
            let kept = filled.iter().chain(&attributes).map(|(at, _)| *at);
            let mut places = kept.chain(locals.iter().map(|(at, _)| *at)).chain(calls.iter().map(|(at, _)| *at));
            if !leaves && !places.any(inside) {
                return None;
            }
            let mut asked = Asked::default();
            read_names(body, names, cond, 0, &mut asked);
            let fills = filled.iter().chain(&attributes).any(|(at, name)| inside(*at) && asked.read.contains(name))
                || locals.iter().any(|(at, dict)| inside(*at) && asked.locals.contains(dict))
                || {
                    let asks = calls_global(body, names, cond, "hasattr", 0);
                    calls.iter().filter(|(at, _)| inside(*at)).any(|(_, fill)| match fill {
                        Fill::Setattr => asks,
                        Fill::Cache => asked.cached,
                    })
                };
            let mut after = filled.iter().rev().filter(|_| leaves);
            let named = after.find(|(_, name)| asked.read.contains(name)).map(|(at, _)| *at);
            let mut put = calls.iter().rev().filter(|_| leaves && asked.cached);
            let kept = put.find(|(_, fill)| *fill == Fill::Cache).map(|(at, _)| *at);
            let filled_after = named.max(kept);
            Some(Guard { start: region.start, end: region.end, fills, filled_after })
        };
        Self { arms: body.regions.iter().filter_map(guard).collect() }
    }

    /// Whether `op` runs only while what it fills is missing: inside `if self._x is None:`, or after
    /// `if key in self._x: return`.
    pub fn hold(&self, op: ValueId) -> bool {
        self.arms.iter().any(|arm| {
            let inside = arm.start <= op.0 && op.0 < arm.end;
            if inside { arm.fills } else { arm.end <= op.0 && arm.filled_after.is_some_and(|last| last >= op.0) }
        })
    }
}

/// What may remember something: its name, and whether it hangs on what a call gives. `form.data[key] = …` of a
/// fresh `form = Form(row)` fills nothing that `request.data.get(key)` asks.
type Kept = (Sym, bool);

/// What a condition asks.
#[derive(Debug, Default)]
struct Asked {
    read: Vec<Kept>,
    /// Dictionaries that the function makes itself.
    locals: Vec<ValueId>,
    /// It calls a cache.
    cached: bool,
}

/// The ops of a body that may fill something, in order.
#[derive(Debug, Default)]
struct Filling {
    /// Bindings outside the body, stores of items, and calls that add, by what they fill.
    names: Vec<(u32, Kept)>,
    /// Stores of attributes, likewise.
    attributes: Vec<(u32, Kept)>,
    /// Stores into dictionaries that the function makes itself.
    locals: Vec<(u32, ValueId)>,
    /// Calls that fill what their text names.
    calls: Vec<(u32, Fill)>,
}

/// What a call fills.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fill {
    /// `setattr(self, name, value)`
    Setattr,
    /// `cache.set(key, value)`
    Cache,
}

impl Filling {
    fn of(code: &Code, names: &Interner, f: FuncId) -> Self {
        let body = code.body(f);
        let mut out = Self::default();
        if code.holds(f, Holds::STORE) {
            for (at, op) in (0_u32..).zip(&body.ops) {
                match &op.kind {
                    OpKind::StoreAttr { name, .. } => out.attributes.push((at, (*name, false))),
                    OpKind::BindOuter { name, .. } => out.names.push((at, (*name, false))),
                    OpKind::StoreItem { base, .. } => {
                        out.names.extend(container(body, *base).map(|name| (at, name)));
                        out.locals.extend(own_dict(body, *base).map(|dict| (at, dict)));
                    }
                    _ => {}
                }
            }
        }
        for &at in code.calls_in(f) {
            let Some(OpKind::Call { callee, .. }) = body.op(at).map(|op| &op.kind) else { continue };
            out.names.extend(added_to(body, names, *callee).map(|name| (at.0, name)));
            if is_global(body, names, *callee, "setattr") {
                out.calls.push((at.0, Fill::Setattr));
            } else if says_cache(body, names, *callee) {
                out.calls.push((at.0, Fill::Cache));
            }
        }
        out.names.order_by_key(|(at, _)| *at);
        out
    }

    fn is_empty(&self) -> bool {
        self.names.is_empty() && self.attributes.is_empty() && self.locals.is_empty() && self.calls.is_empty()
    }
}

fn is_global(body: &Body, names: &Interner, v: ValueId, wanted: &str) -> bool {
    matches!(body.op(v).map(|op| &op.kind), Some(OpKind::Global(name)) if names.text(*name) == wanted)
}

fn calls_global(body: &Body, names: &Interner, v: ValueId, wanted: &str, depth: u32) -> bool {
    let Some(op) = body.op(v) else { return false };
    if depth > 4 || matches!(&op.kind, OpKind::Call { callee, .. } if is_global(body, names, *callee, wanted)) {
        return depth <= 4;
    }
    let mut found = false;
    op.kind.operands(|operand| found |= calls_global(body, names, operand, wanted, depth + 1));
    found
}

/// The container that `self.loaded.add(key)` adds to.
fn added_to(body: &Body, names: &Interner, callee: ValueId) -> Option<Kept> {
    match body.op(callee).map(|op| &op.kind) {
        Some(OpKind::Attr { base, name }) if matches!(names.text(*name), "add" | "append" | "setdefault") => {
            container(body, *base)
        }
        _ => None,
    }
}

fn container(body: &Body, v: ValueId) -> Option<Kept> {
    match body.op(source_of(body, v)).map(|op| &op.kind) {
        Some(OpKind::Attr { base, name }) => Some((*name, is_call(body, *base))),
        Some(OpKind::Global(name) | OpKind::Captured { name, .. }) => Some((*name, false)),
        _ => None,
    }
}

fn is_call(body: &Body, v: ValueId) -> bool {
    matches!(body.op(source_of(body, v)).map(|op| &op.kind), Some(OpKind::Call { .. }))
}

/// The `{}` that a value is, made in the function itself.
fn own_dict(body: &Body, v: ValueId) -> Option<ValueId> {
    let made = source_of(body, v);
    matches!(body.op(made)?.kind, OpKind::Collection { kind: CollectionKind::Dict, .. }).then_some(made)
}

/// `cache.set`, `self.cache.get`, `get_cached(…)`
fn says_cache(body: &Body, names: &Interner, callee: ValueId) -> bool {
    let mut at = callee;
    for _ in 0..4 {
        let (name, base) = match body.op(at).map(|op| &op.kind) {
            Some(OpKind::Attr { base, name }) => (*name, Some(*base)),
            Some(OpKind::Global(name) | OpKind::Captured { name, .. } | OpKind::Bind { name, .. }) => (*name, None),
            Some(OpKind::Item { base, .. }) => {
                at = *base;
                continue;
            }
            _ => return false,
        };
        if names.text(name).as_bytes().windows(5).any(|part| part.eq_ignore_ascii_case(b"cache")) {
            return true;
        }
        match base {
            Some(base) => at = base,
            None => return false,
        }
    }
    false
}

fn read_names(body: &Body, names: &Interner, v: ValueId, depth: u32, out: &mut Asked) {
    if depth > 6 {
        return;
    }
    let Some(op) = body.op(v) else { return };
    out.locals.extend(own_dict(body, v));
    match &op.kind {
        OpKind::Attr { base, name } => {
            out.read.push((*name, false));
            if is_call(body, *base) {
                out.read.push((*name, true));
            }
        }
        OpKind::Global(name) | OpKind::Captured { name, .. } => out.read.push((*name, false)),
        OpKind::Call { callee, .. } => out.cached |= says_cache(body, names, *callee),
        _ => {}
    }
    op.kind.operands(|operand| read_names(body, names, operand, depth + 1, out));
}
