//! Which function a call may reach beyond the resolved one: overrides of declared methods, and, as a
//! last resort, methods and sessions found by their names (marked as such).

use super::code::{Code, FuncId};
use super::infer::Engine;
use super::orm::OrmKind;
use super::types::{Type, TypeId};
use crate::libraries::Row;
use crate::model::{Arg, OpKind, Sym, ValueId};
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

    /// Whether only a session is asked this: a receiver without a type that is given a mapped class or a
    /// statement, as `request.db.query(Order)`, `db.scalars(select(Order))`.
    pub(super) fn asks_session(&mut self, f: FuncId, base: ValueId, name: Sym, args: &[Arg]) -> bool {
        let method = self.names.text(name);
        let by_class = match method {
            "query" => true,
            "get" | "get_one" => args.len() >= 2,
            "execute" | "scalars" | "scalar" | "exec" | "stream" | "stream_scalars" => false,
            _ => return false,
        };
        let Some(first) = args.first() else { return false };
        if !self.value(f, base).is_unknown() {
            return false;
        }
        let ty = self.value(f, first.value);
        match *self.types.get(ty) {
            Type::ClassObj(class) => {
                by_class && self.orm.model(class).is_some_and(|model| model.kind == OrmKind::SqlAlchemy)
            }
            Type::Lib(class, ..) => {
                let class = self.names.text(class);
                !by_class
                    && class
                        .strip_prefix("sqlalchemy.")
                        .is_some_and(|class| matches!(class, "Select" | "Insert" | "Update" | "Delete" | "TextClause"))
            }
            _ => false,
        }
    }

    /// `send_invoice.delay(order.pk)` of a function that is not in view: these methods of a plain name are
    /// hardly anything but Celery's.
    pub(super) fn guessed_task(&mut self, f: FuncId, callee: TypeId, base: ValueId, name: Sym) -> Option<&'static Row> {
        let method = self.names.text(name);
        if !matches!(method, "delay" | "apply_async") || !matches!(self.types.get(callee), Type::LibRef(_)) {
            return None;
        }
        let Type::LibRef(task) = *self.types.get(self.value(f, base)) else { return None };
        let task = self.names.text(task);
        let function = task.rsplit('.').next()?.starts_with(|c: char| c.is_lowercase() || c == '_');
        if !function || self.library.library_of(task).is_some() {
            return None;
        }
        self.library.method("celery.Task", self.names.text(name)).map(|(row, _)| row)
    }

    /// The last resort for a receiver without a type: a name that says session, and a method that
    /// only sessions have, in a project that uses SQLAlchemy. The site is marked as guessed.
    pub(super) fn guessed_row(
        &mut self,
        f: FuncId,
        base: ValueId,
        name: Sym,
        args: &[Arg],
        awaited: bool,
    ) -> Option<&'static Row> {
        if self.asks_session(f, base, name, args) {
            let class = if awaited { "sqlalchemy.ext.asyncio.AsyncSession" } else { "sqlalchemy.orm.Session" };
            return self.library.method(class, self.names.text(name)).map(|(row, _)| row);
        }
        let method = self.names.text(name);
        // `x.get(Order, key)`: only a session is asked for a class.
        let by_class = matches!(method, "get" | "get_one")
            && args.len() >= 2
            && args.first().is_some_and(|arg| {
                let ty = self.value(f, arg.value);
                matches!(self.types.get(ty), Type::ClassObj(_))
            });
        let method = self.names.text(name);
        let certain = by_class
            || method == "exec" && self.names.get("sqlmodel").is_some()
            || matches!(
                method,
                "execute" | "scalars" | "scalar" | "commit" | "rollback" | "flush" | "add_all" | "refresh" | "query"
            );
        if !certain && !matches!(method, "add" | "delete" | "merge" | "exec") || !self.value(f, base).is_unknown() {
            return None;
        }
        let body = self.code.body(f);
        let hint = match &body.op(super::flow::source_of(body, base))?.kind {
            OpKind::Param(i) => self.code.func(f).params.get(usize::from(*i))?.name,
            OpKind::Attr { name, .. } | OpKind::Global(name) | OpKind::Captured { name, .. } => *name,
            OpKind::Enter { .. } | OpKind::Call { .. } => match body.op(base)?.kind {
                OpKind::Bind { name, .. } => name,
                _ => return None,
            },
            _ => return None,
        };
        let hint = self.names.text(hint);
        let database = matches!(hint, "db" | "db_session" | "dbsession" | "async_session");
        if !database && !(certain && (hint == "session" || hint.ends_with("_session"))) {
            return None;
        }
        self.names.get("sqlalchemy").or_else(|| self.names.get("sqlmodel"))?;
        let class = if awaited { "sqlalchemy.ext.asyncio.AsyncSession" } else { "sqlalchemy.orm.Session" };
        self.library.method(class, self.names.text(name)).map(|(row, _)| row)
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
