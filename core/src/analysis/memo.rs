//! Filled-once guards: a query that runs only while a remembered value is missing
//! (`if self._x is None: self._x = load()`, `cache.get … cache.set`), and functions that a cache
//! decorator remembers. Such a query is not repeated by a loop or by many calls.

use super::code::{Code, FuncId};
use super::flow::source_of;
use crate::libraries::Effects;
use crate::model::{Body, Interner, OpKind, RegionKind, Sym, ValueId};

/// Effects that a remembered result saves.
pub(crate) const SAVED: Effects =
    Effects(Effects::DB_READ.0 | Effects::DB_EXECUTE.0 | Effects::LAZY_LOAD.0 | Effects::DB_REFRESH.0);

/// Whether the decorator remembers results.
pub(crate) fn is_cache_decorator(dotted: &str) -> bool {
    let short = dotted.rsplit('.').next().unwrap_or("");
    matches!(short, "lru_cache" | "cache" | "cached_property" | "cached" | "memoize" | "ttl_cache" | "alru_cache")
        || short.ends_with("_cached")
        || short.starts_with("cached_")
        || short.ends_with("_cache")
}

/// Whether `op` runs only while what it fills is missing: inside `if self._x is None:`, or after
/// `if key in self._x: return`.
pub(crate) fn is_guarded(code: &Code, names: &Interner, f: FuncId, op: ValueId) -> bool {
    let body = code.body(f);
    body.regions.iter().any(|region| {
        let RegionKind::Arm { cond: Some(cond), .. } = region.kind else { return false };
        let inside = region.start <= op.0 && op.0 < region.end;
        let leaves = region.end <= op.0
            && region
                .end
                .checked_sub(1)
                .and_then(|i| body.ops.get(i as usize))
                .is_some_and(|last| matches!(last.kind, OpKind::Return(_)));
        if !inside && !leaves {
            return false;
        }
        let mut read = Vec::new();
        let mut cached = false;
        read_names(body, names, cond, 0, &mut read, &mut cached);
        let asks = inside && calls_global(body, names, cond, "hasattr", 0);
        let to = if inside { region.end } else { u32::try_from(body.ops.len()).unwrap_or(u32::MAX) };
        let from = if inside { region.start } else { op.0 };
        (from..to).filter_map(|i| body.ops.get(i as usize)).any(|op| match &op.kind {
            OpKind::StoreAttr { name, .. } if inside => read.contains(name),
            OpKind::BindOuter { name, .. } => read.contains(name),
            OpKind::StoreItem { base, .. } => container(body, *base).is_some_and(|name| read.contains(&name)),
            OpKind::Call { callee, .. } => {
                asks && is_global(body, names, *callee, "setattr")
                    || inside && cached && says_cache(body, names, *callee)
                    || remembers(body, names, *callee, &read)
            }
            _ => false,
        })
    })
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

/// `self.loaded.add(key)` of a container that the condition asks.
fn remembers(body: &Body, names: &Interner, callee: ValueId, read: &[Sym]) -> bool {
    match body.op(callee).map(|op| &op.kind) {
        Some(OpKind::Attr { base, name }) => {
            matches!(names.text(*name), "add" | "append" | "setdefault")
                && container(body, *base).is_some_and(|name| read.contains(&name))
        }
        _ => false,
    }
}

fn container(body: &Body, v: ValueId) -> Option<Sym> {
    match body.op(source_of(body, v)).map(|op| &op.kind) {
        Some(OpKind::Attr { name, .. } | OpKind::Global(name) | OpKind::Captured { name, .. }) => Some(*name),
        _ => None,
    }
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
        if names.text(name).to_ascii_lowercase().contains("cache") {
            return true;
        }
        match base {
            Some(base) => at = base,
            None => return false,
        }
    }
    false
}

fn read_names(body: &Body, names: &Interner, v: ValueId, depth: u32, out: &mut Vec<Sym>, cached: &mut bool) {
    if depth > 6 {
        return;
    }
    let Some(op) = body.op(v) else { return };
    match &op.kind {
        OpKind::Attr { name, .. } | OpKind::Global(name) | OpKind::Captured { name, .. } => out.push(*name),
        OpKind::Call { callee, .. } => *cached |= says_cache(body, names, *callee),
        _ => {}
    }
    op.kind.operands(|operand| read_names(body, names, operand, depth + 1, out, cached));
}
