//! Which function a call may reach beyond the resolved one: overrides of declared methods, and, as a
//! last resort, methods and sessions found by their names (marked as such).

use super::code::{Code, FuncId};
use super::infer::Engine;
use crate::model::{OpKind, Sym, ValueId};
use crate::order::InOrder as _;
use rustc_hash::FxHashMap;

/// Method names so common that being the only project method of that name means nothing.
const COMMON: &[&str] = &[
    "add",
    "all",
    "append",
    "apply",
    "as_dict",
    "cancel",
    "clear",
    "close",
    "commit",
    "connect",
    "copy",
    "count",
    "create",
    "decode",
    "delete",
    "dict",
    "dump",
    "emit",
    "encode",
    "error",
    "execute",
    "exists",
    "extend",
    "fetch",
    "filter",
    "find",
    "first",
    "flush",
    "format",
    "get",
    "has",
    "info",
    "insert",
    "items",
    "join",
    "json",
    "keys",
    "list",
    "load",
    "log",
    "next",
    "open",
    "order_by",
    "parse",
    "pop",
    "post",
    "put",
    "query",
    "read",
    "refresh",
    "register",
    "remove",
    "render",
    "replace",
    "request",
    "reset",
    "rollback",
    "run",
    "save",
    "scalar",
    "search",
    "send",
    "set",
    "setdefault",
    "sort",
    "split",
    "start",
    "stop",
    "strip",
    "submit",
    "to_dict",
    "update",
    "upload",
    "validate",
    "values",
    "wait",
    "warning",
    "write",
    "model_dump",
    "send_message",
    "get_user",
    "is_valid",
    "invoke",
];

impl Engine<'_> {
    /// Methods of subclasses by the method they override.
    pub(super) fn overrides(&mut self) -> FxHashMap<FuncId, Vec<FuncId>> {
        let code = self.code;
        let mut out: FxHashMap<FuncId, Vec<FuncId>> = FxHashMap::default();
        for class in code.class_ids() {
            let methods: Vec<(Sym, FuncId)> = {
                let info = self.class_info(class);
                let mut methods: Vec<_> = info.methods.iter().map(|(n, f)| (*n, *f)).collect();
                methods.order_by_key(|(_, f)| *f);
                methods
            };
            for (name, f) in methods {
                if let Some(base) = self.method_after(class, name, Some(class)) {
                    out.entry(base).or_default().push(f);
                }
            }
        }
        out
    }

    /// Whether the call at `v` in `f` may run the override `other`. A call on `self` runs methods of
    /// the object that runs `f`: never those of a class that overrides `f` itself.
    pub(super) fn may_dispatch(&mut self, f: FuncId, v: ValueId, other: FuncId) -> bool {
        let code = self.code;
        if code.class_of(f).is_none() {
            return true;
        }
        let body = code.body(f);
        let Some(OpKind::Call { callee, .. }) = body.op(v).map(|op| &op.kind) else { return true };
        let Some(OpKind::Attr { base, .. }) = body.op(*callee).map(|op| &op.kind) else { return true };
        let on_self = matches!(body.op(super::flow::source_of(body, *base)).map(|op| &op.kind), Some(OpKind::Param(0)));
        let Some(class) = code.class_of(other).filter(|_| on_self) else { return true };
        let name = code.func(f).name;
        self.method(class, name).is_none_or(|run| run == f)
    }
}

/// Whether a method only declares: its body raises, returns a constant, or does nothing.
pub(super) fn is_abstract(code: &Code, g: FuncId) -> bool {
    let body = code.body(g);
    body.ops.len() < 24
        && !body.ops.iter().any(|op| matches!(op.kind, OpKind::Await(_) | OpKind::StoreAttr { .. }))
        && body.ops.iter().filter(|op| matches!(op.kind, OpKind::Call { .. })).count() <= 1
        && (body.ops.iter().any(|op| matches!(op.kind, OpKind::Raise(_)))
            || !body.ops.iter().any(|op| matches!(op.kind, OpKind::Call { .. })))
}

/// Methods whose name no other class of the project defines.
pub(super) fn unique_methods(code: &Code, names: &crate::model::Interner) -> FxHashMap<Sym, FuncId> {
    let mut seen: FxHashMap<Sym, Option<FuncId>> = FxHashMap::default();
    for f in code.func_ids() {
        let function = code.func(f);
        if function.class.is_some() {
            seen.entry(function.name).and_modify(|slot| *slot = None).or_insert(Some(f));
        }
    }
    seen.into_iter()
        .filter_map(|(name, f)| {
            let text = names.text(name);
            let distinct = text.len() > 4 && !text.starts_with("__") && !COMMON.contains(&text);
            f.filter(|_| distinct).map(|f| (name, f))
        })
        .collect()
}
