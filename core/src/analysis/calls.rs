//! Sites: the ops of a body that do something outside it, with what they run.

use super::code::{ClassId, Code, FuncId};
use super::infer::Engine;
use super::orm::RelationKind;
use super::queries::QueryId;
use super::types::{Type, TypeId};
use crate::libraries::{Effects, Place, Row};
use crate::model::{Arg, ArgKind, Const, OpKind, Sym, TextPart, ValueId};
use rustc_hash::FxHashMap;

/// What a site runs.
#[derive(Clone, Copy, Debug)]
pub enum SiteKind {
    /// A library callable with a table row.
    Library(&'static Row),
    /// A method that the table covers by its class only (`SDK client`), by class name.
    LibraryOther(Sym),
    /// A project function, method or constructor.
    Project,
    /// Iterating, testing or counting a lazy query runs it; the query's library class.
    Evaluate(Sym),
    /// Reading a relation that may have to be loaded.
    Relation(Sym),
    /// Entering a context manager.
    Enter(Sym),
}

/// A project function that a site runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target {
    /// Function.
    pub func: FuncId,
    /// Found by its name only: no other class has a method of that name.
    pub by_name: bool,
}

/// An op that does something.
#[derive(Clone, Debug)]
pub struct Site {
    /// The op: a call, attribute read, iterated value or context manager.
    pub op: ValueId,
    /// What it is.
    pub kind: SiteKind,
    /// Direct effects (of the library).
    pub effects: Effects,
    /// Project functions that it runs.
    pub targets: Vec<Target>,
    /// Where they (or the library call) run.
    pub place: Place,
    /// The result is awaited (or it is an asynchronous `with`/`for`).
    pub awaited: bool,
    /// The library callee is asynchronous.
    pub is_async: bool,
    /// The receiver's type is a guess from its name.
    pub guessed: bool,
}

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

/// All sites of all functions, and the arguments seen at project calls.
#[derive(Debug, Default)]
pub(crate) struct Sites {
    pub by_func: Vec<Vec<Site>>,
}

impl Engine<'_> {
    /// Joins argument types over all call sites into parameters without annotation; the functions
    /// that learn something are returned.
    pub fn observe_arguments(&mut self) -> Vec<FuncId> {
        let code = self.code;
        let mut seen: FxHashMap<(FuncId, u16), Option<TypeId>> = FxHashMap::default();
        for f in code.func_ids() {
            for op in &code.body(f).ops {
                let OpKind::Call { callee, args } = &op.kind else { continue };
                let callee_ty = self.value(f, *callee);
                let (g, skip) = match *self.types.get(callee_ty) {
                    Type::Func(g) => (g, 0),
                    Type::Bound(g, _) => (g, usize::from(!self.has_decorator(g, "builtins.staticmethod"))),
                    Type::ClassObj(class) => {
                        let init = self.names.intern("__init__");
                        match self.method(class, init) {
                            Some(g) => (g, 1),
                            None => continue,
                        }
                    }
                    _ => continue,
                };
                let params = &code.func(g).params;
                for (i, arg) in args.iter().enumerate() {
                    let slot = match arg.kind {
                        ArgKind::Positional => i + skip,
                        ArgKind::Named(name) => match params.iter().position(|p| p.name == name) {
                            Some(slot) => slot,
                            None => continue,
                        },
                        _ => break,
                    };
                    let Some(param) = params.get(slot) else { continue };
                    if param.annotation.is_some() {
                        continue;
                    }
                    let ty = self.value(f, arg.value);
                    if ty.is_unknown() || ty == TypeId::NONE {
                        continue;
                    }
                    let key = (g, u16::try_from(slot).unwrap_or(u16::MAX));
                    match seen.get(&key) {
                        None => {
                            seen.insert(key, Some(ty));
                        }
                        Some(None) => {}
                        Some(Some(known)) => {
                            let known = *known;
                            let joined = self.types.join(known, ty);
                            seen.insert(key, (!joined.is_unknown()).then_some(joined));
                        }
                    }
                }
            }
        }
        let mut changed: Vec<FuncId> = Vec::new();
        for ((g, i), ty) in seen {
            let Some(ty) = ty else { continue };
            if self.param_type(g, i).is_unknown() {
                self.observed.insert((g, i), ty);
                self.params.remove(&(g, i));
                changed.push(g);
            }
        }
        changed.sort_unstable();
        changed.dedup();
        changed
    }

    /// Computes the sites of every function.
    pub fn sites(&mut self) -> Sites {
        let code = self.code;
        let unique = unique_methods(code, &self.names);
        let overrides = self.overrides();
        let mut out = Sites::default();
        for f in code.func_ids() {
            let sites = self.sites_of(f, &unique, &overrides);
            out.by_func.push(sites);
        }
        out
    }

    /// Methods of subclasses by the method they override.
    fn overrides(&mut self) -> FxHashMap<FuncId, Vec<FuncId>> {
        let code = self.code;
        let mut out: FxHashMap<FuncId, Vec<FuncId>> = FxHashMap::default();
        for class in code.class_ids() {
            let methods: Vec<(Sym, FuncId)> = {
                let info = self.class_info(class);
                let mut methods: Vec<_> = info.methods.iter().map(|(n, f)| (*n, *f)).collect();
                methods.sort_by_key(|(_, f)| *f);
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

    fn sites_of(
        &mut self,
        f: FuncId,
        unique: &FxHashMap<Sym, FuncId>,
        overrides: &FxHashMap<FuncId, Vec<FuncId>>,
    ) -> Vec<Site> {
        let code = self.code;
        let body = code.body(f);
        let mut awaited = vec![false; body.ops.len()];
        let mut places: FxHashMap<ValueId, Place> = FxHashMap::default();
        for op in &body.ops {
            match &op.kind {
                OpKind::Await(v) | OpKind::Enter { manager: v, is_async: true } => {
                    if let Some(slot) = awaited.get_mut(v.0 as usize) {
                        *slot = true;
                    }
                }
                OpKind::Call { callee, args } => self.handed_calls(f, *callee, args, &mut places),
                _ => {}
            }
        }
        let mut sites = Vec::new();
        for (i, op) in body.ops.iter().enumerate() {
            let v = ValueId(u32::try_from(i).unwrap_or(u32::MAX));
            let is_awaited = awaited.get(i).copied().unwrap_or(false);
            match &op.kind {
                OpKind::Call { callee, args } => {
                    let place = places.get(&v).copied().unwrap_or(Place::Here);
                    let from = sites.len();
                    self.call_sites(f, v, *callee, args, is_awaited, unique, overrides, &mut sites);
                    for site in sites.iter_mut().skip(from) {
                        site.awaited = is_awaited;
                        if site.place == Place::Here {
                            site.place = place;
                        }
                    }
                }
                OpKind::Attr { base, name } => self.attr_sites(f, v, *base, *name, &mut sites),
                OpKind::Element(iterated) => {
                    let ty = self.value(f, *iterated);
                    self.evaluation(f, *iterated, v, ty, &mut sites);
                    self.protocol_site(v, ty, &["__iter__", "__aiter__"], &mut sites);
                }
                OpKind::Truth(tested) => {
                    let ty = self.value(f, *tested);
                    if self.is_queryset(ty) {
                        self.evaluation(f, *tested, *tested, ty, &mut sites);
                    }
                }
                OpKind::Item { base, .. } => {
                    let ty = self.value(f, *base);
                    if self.is_queryset(ty) {
                        self.evaluation(f, *base, v, ty, &mut sites);
                    }
                }
                OpKind::Enter { manager, is_async } => {
                    let ty = self.value(f, *manager);
                    let inner = self.awaited(ty);
                    if let Type::Lib(name, ..) = *self.types.get(inner) {
                        let owner = self.names.text(name).to_owned();
                        if let Some((_, effects, _)) = self.library.manager(&owner)
                            && !effects.is_empty()
                        {
                            sites.push(Site {
                                op: *manager,
                                kind: SiteKind::Enter(name),
                                effects,
                                targets: Vec::new(),
                                place: Place::Here,
                                awaited: *is_async,
                                is_async: *is_async,
                                guessed: false,
                            });
                        }
                    }
                    self.protocol_site(*manager, inner, &["__enter__", "__aenter__"], &mut sites);
                }
                _ => {}
            }
        }
        sites.sort_by_key(|site| site.op);
        sites
    }

    /// Calls whose result is handed to something that runs it elsewhere: `create_task(f())`.
    fn handed_calls(&mut self, f: FuncId, callee: ValueId, args: &[Arg], places: &mut FxHashMap<ValueId, Place>) {
        let Some(row) = self.row_of_callee(f, callee) else { return };
        let Some(runs) = row.runs else { return };
        if runs.place == Place::Here {
            return;
        }
        if let Some(v) = self.run_argument(args, runs.arg, runs.keyword)
            && let Some(OpKind::Call { .. }) = self.code.op(f, v).map(|op| &op.kind)
        {
            places.insert(v, runs.place);
        }
    }

    fn run_argument(&self, args: &[Arg], position: u8, keyword: Option<&str>) -> Option<ValueId> {
        let named = keyword.and_then(|keyword| {
            args.iter().find(|arg| matches!(arg.kind, ArgKind::Named(n) if self.names.text(n) == keyword))
        });
        named
            .or_else(|| args.get(usize::from(position)).filter(|arg| arg.kind == ArgKind::Positional))
            .map(|arg| arg.value)
    }

    fn row_of_callee(&mut self, f: FuncId, callee: ValueId) -> Option<&'static Row> {
        let ty = self.value(f, callee);
        match *self.types.get(ty) {
            Type::LibRef(name) => self.library.row(self.names.text(name)),
            Type::LibBound(receiver, name) => self.bound_row(receiver, name),
            _ => None,
        }
    }

    #[allow(clippy::too_many_arguments, reason = "one site, many facts")]
    fn call_sites(
        &mut self,
        f: FuncId,
        v: ValueId,
        callee: ValueId,
        args: &[Arg],
        awaited: bool,
        unique: &FxHashMap<Sym, FuncId>,
        overrides: &FxHashMap<FuncId, Vec<FuncId>>,
        sites: &mut Vec<Site>,
    ) {
        let ty = self.value(f, callee);
        let from = sites.len();
        for member in self.types.members(ty) {
            self.member_sites(f, v, member, args, overrides, sites);
        }
        if sites.len() == from
            && ty.is_unknown()
            && let Some(OpKind::Attr { base, name }) = self.code.op(f, callee).map(|op| &op.kind)
            && let Some(row) = self.guessed_row(f, *base, *name, awaited)
        {
            self.row_site(f, v, row, args, sites);
            for site in sites.iter_mut().skip(from) {
                site.guessed = true;
            }
        } else if sites.len() == from
            && ty.is_unknown()
            && let Some(OpKind::Attr { name, .. }) = self.code.op(f, callee).map(|op| &op.kind)
            && let Some(&g) = unique.get(name)
        {
            sites.push(Site {
                op: v,
                kind: SiteKind::Project,
                effects: Effects::NONE,
                targets: vec![Target { func: g, by_name: true }],
                place: Place::Here,
                awaited: false,
                is_async: self.code.func(g).is_async,
                guessed: false,
            });
        }
    }

    /// The last resort for a receiver without a type: a name that says session, and a method that
    /// only sessions have, in a project that uses SQLAlchemy. The site is marked as guessed.
    fn guessed_row(&mut self, f: FuncId, base: ValueId, name: Sym, awaited: bool) -> Option<&'static Row> {
        let method = self.names.text(name);
        let certain = matches!(
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

    fn member_sites(
        &mut self,
        f: FuncId,
        v: ValueId,
        callee: TypeId,
        args: &[Arg],
        overrides: &FxHashMap<FuncId, Vec<FuncId>>,
        sites: &mut Vec<Site>,
    ) {
        match *self.types.get(callee) {
            Type::LibRef(name) => {
                let text = self.names.text(name).to_owned();
                if let Some(short) = text.strip_prefix("builtins.")
                    && matches!(
                        short,
                        "list"
                            | "len"
                            | "sorted"
                            | "set"
                            | "tuple"
                            | "sum"
                            | "any"
                            | "all"
                            | "min"
                            | "max"
                            | "dict"
                            | "bool"
                            | "frozenset"
                            | "next"
                    )
                    && let Some(arg) = args.first()
                {
                    let ty = self.value(f, arg.value);
                    if self.is_lazy(ty) {
                        self.evaluation(f, arg.value, v, ty, sites);
                    }
                }
                if let Some(row) = self.library.row(&text) {
                    self.row_site(f, v, row, args, sites);
                }
            }
            Type::LibBound(receiver, name) => {
                if let Some(row) = self.bound_row(receiver, name) {
                    self.row_site(f, v, row, args, sites);
                } else if let Type::Lib(class, ..) = *self.types.get(receiver)
                    && let Some((effects, is_async)) = self.library.other_methods(self.names.text(class))
                {
                    sites.push(Site {
                        op: v,
                        kind: SiteKind::LibraryOther(class),
                        effects,
                        targets: Vec::new(),
                        place: Place::Here,
                        awaited: false,
                        is_async,
                        guessed: false,
                    });
                }
            }
            Type::Lib(name, ..) | Type::Factory(name) => {
                let owner = self.names.text(name).to_owned();
                if let Some((row, _)) = self.library.method(&owner, "__call__") {
                    self.row_site(f, v, row, args, sites);
                }
            }
            Type::Func(g) => self.project_site(v, g, overrides, sites),
            Type::Bound(g, _) => self.project_site(v, g, overrides, sites),
            Type::Inst(class, _) => {
                let call = self.names.intern("__call__");
                if let Some(g) = self.method(class, call) {
                    self.project_site(v, g, overrides, sites);
                }
            }
            Type::ClassObj(class) => {
                let from = sites.len();
                for name in ["__init__", "__post_init__", "__new__"] {
                    let sym = self.names.intern(name);
                    if let Some(g) = self.method(class, sym) {
                        sites.push(Site {
                            op: v,
                            kind: SiteKind::Project,
                            effects: Effects::NONE,
                            targets: vec![Target { func: g, by_name: false }],
                            place: Place::Here,
                            awaited: false,
                            is_async: false,
                            guessed: false,
                        });
                    }
                }
                if sites.len() == from {
                    // The constructor of a library base (`class Client(httpx.Client)`).
                    for ancestor in self.library_ancestors(class) {
                        let text = self.names.text(ancestor).to_owned();
                        if let Some(row) = self.library.row(&text) {
                            self.row_site(f, v, row, args, sites);
                            break;
                        }
                    }
                }
            }
            _ => {}
        }
    }

    fn project_site(
        &mut self,
        v: ValueId,
        g: FuncId,
        overrides: &FxHashMap<FuncId, Vec<FuncId>>,
        sites: &mut Vec<Site>,
    ) {
        let mut targets = vec![Target { func: g, by_name: false }];
        if is_abstract(self.code, g)
            && let Some(others) = overrides.get(&g)
        {
            targets.extend(others.iter().take(8).map(|func| Target { func: *func, by_name: false }));
        }
        let thread = self.decorated_place(g);
        sites.push(Site {
            op: v,
            kind: SiteKind::Project,
            effects: Effects::NONE,
            targets,
            place: thread.unwrap_or(Place::Here),
            awaited: false,
            is_async: self.code.func(g).is_async,
            guessed: false,
        });
    }

    /// `@sync_to_async def f`: calling it runs the body in a thread.
    fn decorated_place(&mut self, g: FuncId) -> Option<Place> {
        if self.code.func(g).decorators.is_empty() {
            return None;
        }
        self.decorator_names(g).iter().find_map(|name| {
            let runs = self.library.row(name)?.runs?;
            (runs.place != Place::Here).then_some(runs.place)
        })
    }

    fn row_site(&mut self, f: FuncId, v: ValueId, row: &'static Row, args: &[Arg], sites: &mut Vec<Site>) {
        let mut effects = row.effects;
        if effects.any(Effects::DB_EXECUTE) {
            effects = self.statement_effects(f, effects, args);
        }
        let mut targets = Vec::new();
        let mut place = Place::Here;
        if let Some(runs) = row.runs
            && let Some(arg) = self.run_argument(args, runs.arg, runs.keyword)
        {
            let ty = self.value(f, arg);
            for member in self.types.members(ty) {
                match *self.types.get(member) {
                    Type::Func(g) | Type::Bound(g, _) => {
                        targets.push(Target { func: g, by_name: false });
                        place = runs.place;
                    }
                    Type::Inst(class, _) => {
                        let call = self.names.intern("__call__");
                        if let Some(g) = self.method(class, call) {
                            targets.push(Target { func: g, by_name: false });
                            place = runs.place;
                        }
                    }
                    _ => {}
                }
            }
        }
        if !targets.is_empty() && place != Place::Here {
            sites.push(Site {
                op: v,
                kind: SiteKind::Library(row),
                effects: Effects::NONE,
                targets: std::mem::take(&mut targets),
                place,
                awaited: false,
                is_async: row.is_async,
                guessed: false,
            });
        }
        sites.push(Site {
            op: v,
            kind: SiteKind::Library(row),
            effects,
            targets,
            place: Place::Here,
            awaited: false,
            is_async: row.is_async,
            guessed: false,
        });
    }

    /// What executing a statement does, from the statement.
    fn statement_effects(&mut self, f: FuncId, effects: Effects, args: &[Arg]) -> Effects {
        let Some(arg) = args.first() else { return effects };
        let rest = effects.without(Effects::DB_EXECUTE);
        let ty = self.value(f, arg.value);
        if let Type::Lib(class, ..) = *self.types.get(ty) {
            let known = self.library.executes(self.names.text(class));
            if !known.is_empty() {
                return rest.with(known);
            }
        }
        match self.sql_text(f, arg.value, 0) {
            Some(sql) => match sql_effects(&sql) {
                Some(known) => rest.with(known),
                None => effects,
            },
            None => effects,
        }
    }

    /// The leading text of an SQL string value: literal, f-string, `text("…")`, a bound constant.
    pub fn sql_text(&mut self, f: FuncId, v: ValueId, depth: u32) -> Option<String> {
        if depth > 6 {
            return None;
        }
        let code = self.code;
        match &code.op(f, v)?.kind {
            OpKind::Const(Const::Str(s)) => Some(self.names.text(*s).to_owned()),
            OpKind::Text(parts) => match parts.first()? {
                TextPart::Literal(s) => Some(self.names.text(*s).to_owned()),
                TextPart::Hole(_) => None,
            },
            OpKind::Bind { value, .. } | OpKind::BindOuter { value, .. } => self.sql_text(f, *value, depth + 1),
            OpKind::Annotated { value: Some(value), .. } => self.sql_text(f, *value, depth + 1),
            OpKind::Phi(values) => values.iter().find_map(|v| self.sql_text(f, *v, depth + 1)),
            OpKind::Binary { left, .. } => self.sql_text(f, *left, depth + 1),
            OpKind::Augment { old, .. } => self.sql_text(f, *old, depth + 1),
            OpKind::Call { args, callee } => {
                let first = args.first().map(|arg| arg.value);
                let found = first.and_then(|v| self.sql_text(f, v, depth + 1));
                found.filter(|s| sql_effects(s).is_some()).or_else(|| match code.op(f, *callee).map(|op| &op.kind) {
                    Some(OpKind::Attr { base, .. }) => self.sql_text(f, *base, depth + 1),
                    _ => None,
                })
            }
            OpKind::Global(name) => {
                let module = code.module_of(f);
                let top = code.func_id(module, crate::model::FnIdx(0));
                let bound = code.body(top).ops.iter().find_map(|op| match op.kind {
                    OpKind::Bind { name: n, value } if n == *name => Some(value),
                    _ => None,
                })?;
                self.sql_text(top, bound, depth + 1)
            }
            _ => None,
        }
    }

    fn is_queryset(&self, ty: TypeId) -> bool {
        matches!(self.types.get(ty), Type::Lib(name, ..)
            if matches!(self.names.text(*name), "django.db.models.QuerySet" | "sqlalchemy.orm.Query"))
    }

    fn is_lazy(&self, ty: TypeId) -> bool {
        matches!(self.types.get(ty), Type::Lib(name, ..)
            if self.library.iteration(self.names.text(*name)).is_some_and(|(_, effects)| !effects.is_empty()))
    }

    /// The relation behind `object.relation.all()`.
    fn relation_manager(&self, f: FuncId, v: ValueId) -> Option<Sym> {
        let body = self.code.body(f);
        let mut at = super::flow::source_of(body, v);
        for _ in 0..3 {
            match &body.op(at)?.kind {
                OpKind::Call { callee, args } if args.is_empty() => match &body.op(*callee)?.kind {
                    OpKind::Attr { base, name } if self.names.text(*name) == "all" => {
                        at = super::flow::source_of(body, *base);
                    }
                    _ => return None,
                },
                OpKind::Attr { base, name } => {
                    let Type::Inst(class, _) = *self.types.get(self.value(f, *base)) else { return None };
                    return self.orm.relation(self, class, *name).map(|_| *name);
                }
                _ => return None,
            }
        }
        None
    }

    /// Evaluating the lazy query `v` at `op`.
    fn evaluation(&mut self, f: FuncId, v: ValueId, op: ValueId, ty: TypeId, sites: &mut Vec<Site>) {
        for member in self.types.members(ty) {
            let (name, query) = match *self.types.get(member) {
                Type::Lib(name, _, query) => (name, query),
                _ => continue,
            };
            let owner = self.names.text(name).to_owned();
            let Some((_, effects)) = self.library.iteration(&owner) else { continue };
            if effects.is_empty() {
                continue;
            }
            let in_memory = self.queries.get(query).is_some_and(|q| q.prefetched && !q.filtered);
            // All rows of a to-many relation: whether they are loaded is the caller's doing.
            let relation = self.relation_manager(f, v);
            let (kind, effects) = match relation {
                Some(relation) if in_memory => (SiteKind::Relation(relation), Effects::NONE),
                Some(relation) => (SiteKind::Relation(relation), Effects::LAZY_LOAD.with(Effects::BLOCKS)),
                None if in_memory => continue,
                None => (SiteKind::Evaluate(name), effects),
            };
            sites.push(Site {
                op,
                kind,
                effects,
                targets: Vec::new(),
                place: Place::Here,
                awaited: false,
                is_async: !effects.any(Effects::BLOCKS),
                guessed: false,
            });
        }
    }

    fn protocol_site(&mut self, op: ValueId, ty: TypeId, names: &[&str], sites: &mut Vec<Site>) {
        let Type::Inst(class, _) = *self.types.get(ty) else { return };
        for name in names {
            let sym = self.names.intern(name);
            if let Some(g) = self.method(class, sym) {
                sites.push(Site {
                    op,
                    kind: SiteKind::Project,
                    effects: Effects::NONE,
                    targets: vec![Target { func: g, by_name: false }],
                    place: Place::Here,
                    awaited: true,
                    is_async: self.code.func(g).is_async,
                    guessed: false,
                });
            }
        }
    }

    fn attr_sites(&mut self, f: FuncId, v: ValueId, base: ValueId, name: Sym, sites: &mut Vec<Site>) {
        let ty = self.value(f, base);
        for member in self.types.members(ty) {
            let Type::Inst(class, query) = *self.types.get(member) else { continue };
            if let Some(g) = self.method(class, name) {
                if self.is_property(g) {
                    sites.push(Site {
                        op: v,
                        kind: SiteKind::Project,
                        effects: Effects::NONE,
                        targets: vec![Target { func: g, by_name: false }],
                        place: Place::Here,
                        awaited: false,
                        is_async: false,
                        guessed: false,
                    });
                }
                continue;
            }
            if let Some(lazy) = self.lazy_relation(class, query, name) {
                let effects = if lazy { Effects::LAZY_LOAD.with(Effects::BLOCKS) } else { Effects::NONE };
                sites.push(Site {
                    op: v,
                    kind: SiteKind::Relation(name),
                    effects,
                    targets: Vec::new(),
                    place: Place::Here,
                    awaited: false,
                    is_async: false,
                    guessed: false,
                });
            }
        }
    }

    /// Whether reading relation `name` of a row may run a query; `None` when it is no such read.
    fn lazy_relation(&self, class: ClassId, query: QueryId, name: Sym) -> Option<bool> {
        let relation = self.orm.relation(self, class, name)?;
        if relation.kind == RelationKind::ToManyManager {
            return None;
        }
        if relation.eager || relation.never_lazy {
            return Some(false);
        }
        Some(match self.queries.get(query) {
            Some(facts) => !facts.loads_unknown && !facts.loaded.iter().any(|path| path.first() == Some(&name)),
            None => true,
        })
    }
}

/// What an SQL statement does, from its first word.
#[must_use]
pub(crate) fn sql_effects(sql: &str) -> Option<Effects> {
    let mut rest = sql.trim_start();
    while let Some(comment) = rest.strip_prefix("--") {
        rest = comment.split_once('\n').map_or("", |(_, after)| after).trim_start();
    }
    while let Some(comment) = rest.strip_prefix("/*") {
        rest = comment.split_once("*/").map_or("", |(_, after)| after).trim_start();
    }
    let word: String = rest.chars().take_while(char::is_ascii_alphabetic).collect::<String>().to_ascii_lowercase();
    Some(match word.as_str() {
        "select" | "show" | "explain" | "pragma" | "values" | "describe" => Effects::DB_READ,
        "with" => {
            let lower = rest.to_ascii_lowercase();
            if lower.contains("insert into") {
                Effects::DB_INSERT
            } else if lower.contains("update ") && lower.contains(" set ") {
                Effects::DB_UPDATE
            } else if lower.contains("delete from") {
                Effects::DB_DELETE
            } else {
                Effects::DB_READ
            }
        }
        "insert" | "replace" | "merge" | "copy" => Effects::DB_INSERT,
        "update" => Effects::DB_UPDATE,
        "delete" | "truncate" => Effects::DB_DELETE,
        "begin" | "start" => Effects::BEGIN,
        "commit" | "end" => Effects::COMMIT,
        "rollback" => Effects::ROLLBACK,
        "listen" => Effects::SUBSCRIBE,
        "notify" => Effects::PUBLISH,
        "create" | "alter" | "drop" | "set" | "lock" | "call" | "do" | "grant" | "savepoint" | "release" | "vacuum"
        | "analyze" | "attach" | "detach" | "reindex" => Effects::DB_EXECUTE,
        _ => return None,
    })
}

/// Whether a method only declares: its body raises, returns a constant, or does nothing.
fn is_abstract(code: &Code, g: FuncId) -> bool {
    let body = code.body(g);
    body.ops.len() < 24
        && !body.ops.iter().any(|op| matches!(op.kind, OpKind::Await(_) | OpKind::StoreAttr { .. }))
        && body.ops.iter().filter(|op| matches!(op.kind, OpKind::Call { .. })).count() <= 1
        && (body.ops.iter().any(|op| matches!(op.kind, OpKind::Raise(_)))
            || !body.ops.iter().any(|op| matches!(op.kind, OpKind::Call { .. })))
}

/// Methods whose name no other class of the project defines.
fn unique_methods(code: &Code, names: &crate::model::Interner) -> FxHashMap<Sym, FuncId> {
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
