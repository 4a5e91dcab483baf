//! Sites: the ops of a body that do something outside it, with what they run.

use super::code::{FuncId, Symbol};
use super::dispatch::{is_abstract, unique_methods};
use super::infer::Engine;
use super::memo::Guards;
use super::types::{Type, TypeId};
use crate::libraries::{Effects, Place, Ret, Row};
use crate::model::{Arg, ArgKind, LoopKind, OpKind, Region, RegionKind, Sym, TextPart, ValueId};
use crate::order::InOrder as _;
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
    /// It runs only while a remembered value is missing.
    pub remembered: bool,
}

impl Site {
    /// A site without effects and targets, run here and not awaited.
    pub(super) fn new(op: ValueId, kind: SiteKind) -> Self {
        Self {
            op,
            kind,
            effects: Effects::NONE,
            targets: Vec::new(),
            place: Place::Here,
            awaited: false,
            is_async: false,
            guessed: false,
            remembered: false,
        }
    }
}

/// All sites of all functions, and the arguments seen at project calls.
#[derive(Debug, Default)]
pub(crate) struct Sites {
    pub by_func: Vec<Vec<Site>>,
}

impl Engine<'_> {
    /// Computes the sites of every function.
    pub fn sites(&mut self) -> Sites {
        let code = self.code;
        let unique = unique_methods(code, &self.names);
        let overrides = self.overrides();
        let mut out = Sites::default();
        for f in code.func_ids() {
            let mut sites = self.sites_of(f, &unique, &overrides);
            sites.shrink_to_fit();
            out.by_func.push(sites);
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
        let mut awaited = std::mem::take(&mut self.awaited);
        awaited.clear();
        awaited.resize(body.ops.len(), false);
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
        for (i, op) in body.ops.iter().enumerate() {
            if let OpKind::Call { callee, args } = &op.kind
                && !awaited.get(i).copied().unwrap_or(false)
            {
                self.coroutines_given_away(f, *callee, args, &mut places);
            }
        }
        let mut sites = Vec::new();
        for (i, op) in body.ops.iter().enumerate() {
            let v = ValueId(u32::try_from(i).unwrap_or(u32::MAX));
            let is_awaited = awaited.get(i).copied().unwrap_or(false);
            match &op.kind {
                OpKind::Call { callee, args } => {
                    let place = places.get(&v).copied().or_else(|| self.wrapped_place(f, *callee));
                    let place = place.unwrap_or(Place::Here);
                    let from = sites.len();
                    self.evaluations_of_call(f, v, *callee, args, &mut sites);
                    self.call_sites(f, v, *callee, args, is_awaited, unique, overrides, &mut sites);
                    if let Type::LibRef(name) = *self.types.get(self.value(f, *callee)) {
                        match self.names.text(name) {
                            "asyncio.gather" => {
                                for arg in args {
                                    self.gathered_query(f, arg.value, &mut sites);
                                }
                            }
                            "builtins.str" | "builtins.format" => {
                                if let Some(arg) = args.first() {
                                    self.written_site(f, v, arg.value, &mut sites);
                                }
                            }
                            _ => {}
                        }
                    }
                    for site in sites.iter_mut().skip(from) {
                        site.awaited = is_awaited;
                        if site.place == Place::Here {
                            // What an executor calls, and what is handed to one.
                            let handed = || site.targets.iter().find_map(|target| self.named.place(target.func));
                            let ruled = self.named.place(f).or_else(handed);
                            site.place = ruled.unwrap_or(place);
                        }
                    }
                }
                OpKind::Attr { base, name } => {
                    self.attr_sites(f, v, *base, *name, &mut sites);
                    if self.is_template(f) {
                        let base = self.value(f, *base);
                        let member = self.attr_type(base, *name);
                        if let Type::LibBound(receiver, method) = *self.types.get(member)
                            && let Some(row) = self.bound_row(receiver, method)
                        {
                            self.row_site(f, v, row, &[], &mut sites);
                        }
                    }
                }
                OpKind::Element(iterated) => {
                    let ty = self.value(f, *iterated);
                    let from = sites.len();
                    self.evaluation(f, *iterated, v, ty, &mut sites);
                    // Merges of what the loop assigns may stand before the element.
                    let loops = |r: &Region| {
                        let over = matches!(r.kind, RegionKind::Loop { kind: LoopKind::AsyncFor, iter: Some(iter) }
                            if iter == *iterated);
                        over && r.start <= v.0 && v.0 < r.end
                    };
                    if sites.len() > from || self.is_relation(ty) {
                        let awaits = body.regions.iter().any(loops);
                        if awaits && self.is_relation(ty) {
                            self.awaited_query(f, *iterated, v, &mut sites);
                        }
                        // `async for row in query.aiterator()` waits without holding the thread.
                        for site in sites.iter_mut().skip(from).filter(|_| awaits) {
                            site.effects = site.effects.without(Effects::BLOCKS);
                            site.is_async = true;
                        }
                    }
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
                OpKind::Text(parts) => {
                    for part in parts {
                        if let TextPart::Hole(value) = part {
                            self.written_site(f, v, *value, &mut sites);
                        }
                    }
                }
                OpKind::Await(query) => self.awaited_query(f, *query, v, &mut sites),
                OpKind::Enter { manager, is_async } => {
                    let ty = self.value(f, *manager);
                    let inner = match *self.types.get(ty) {
                        Type::Coroutine(inner) => inner,
                        _ => ty,
                    };
                    if let Type::Lib(name, ..) = *self.types.get(inner) {
                        let owner = self.names.text(name).to_owned();
                        if let Some((_, effects, _)) = self.library.manager(&owner)
                            && !effects.is_empty()
                        {
                            sites.push(Site {
                                effects,
                                awaited: *is_async,
                                is_async: *is_async,
                                ..Site::new(*manager, SiteKind::Enter(name))
                            });
                        }
                    }
                    let entered: &[&str] = if *is_async { &["__aenter__"] } else { &["__enter__"] };
                    self.protocol_site(*manager, inner, entered, &mut sites);
                }
                kind => self.evaluations_of_op(f, v, kind, &mut sites),
            }
        }
        self.awaited = awaited;
        sites.order_by_key(|site| site.op);
        let mut guards = None;
        for site in &mut sites {
            let saves = site.effects.any(super::memo::SAVED) || !site.targets.is_empty();
            site.remembered = saves && guards.get_or_insert_with(|| Guards::of(code, &self.names, f)).hold(site.op);
        }
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

    /// `spawn(work())` with a wrapper of the project that is not awaited: the coroutine runs as a task.
    fn coroutines_given_away(
        &mut self,
        f: FuncId,
        callee: ValueId,
        args: &[Arg],
        places: &mut FxHashMap<ValueId, Place>,
    ) {
        let wrapper = self.value(f, callee);
        if !matches!(self.types.get(wrapper), Type::Func(_) | Type::Bound(..)) {
            return;
        }
        for arg in args {
            let Some(OpKind::Call { callee: inner, .. }) = self.code.op(f, arg.value).map(|op| &op.kind) else {
                continue;
            };
            let given = self.value(f, *inner);
            if let Type::Func(g) | Type::Bound(g, _) = *self.types.get(given)
                && self.code.func(g).is_async
                && !self.code.func(g).is_generator
            {
                places.entry(arg.value).or_insert(Place::Task);
            }
        }
    }

    /// Calling what a thread wrapper returned: `sync_to_async(load)(pk)`, also kept under a name.
    fn wrapped_place(&mut self, f: FuncId, callee: ValueId) -> Option<Place> {
        let code = self.code;
        let (mut f, mut at) = (f, super::flow::source_of(code.body(f), callee));
        if let OpKind::Global(name) = &code.op(f, at)?.kind {
            let module = code.module_of(f);
            let Some(Symbol::Values(values)) = code.symbols.get(module.0 as usize)?.get(name) else { return None };
            f = code.func_id(module, crate::model::FnIdx(0));
            at = super::flow::source_of(code.body(f), *values.first()?);
        }
        let OpKind::Call { callee: wrapper, .. } = &code.op(f, at)?.kind else { return None };
        let row = self.row_of_callee(f, *wrapper)?;
        let runs = row.runs.filter(|runs| matches!(runs.place, Place::Thread | Place::Process))?;
        matches!(row.returns, Ret::Arg(_) | Ret::Decorated).then_some(runs.place)
    }

    fn run_argument(&self, args: &[Arg], position: u8, keyword: Option<&str>) -> Option<ValueId> {
        let named = keyword.and_then(|keyword| {
            args.iter().find(|arg| matches!(arg.kind, ArgKind::Named(n) if self.names.text(n) == keyword))
        });
        named
            .or_else(|| args.get(usize::from(position)).filter(|arg| arg.kind == ArgKind::Positional))
            .map(|arg| arg.value)
    }

    pub(super) fn row_of_callee(&mut self, f: FuncId, callee: ValueId) -> Option<&'static Row> {
        let ty = self.value(f, callee);
        match *self.types.get(ty) {
            Type::LibRef(name) => self.library_row(name),
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
            && let Some(OpKind::Attr { base, name }) = self.code.op(f, callee).map(|op| &op.kind)
            && self.is_absent(ty)
            && let Some((row, certain)) = self.guessed_row(f, *base, *name, args, awaited)
        {
            self.row_site(f, v, row, args, sites);
            let by_key = self.names.text(*name).starts_with("get");
            let guessed = by_key || !certain;
            for site in sites.iter_mut().skip(from) {
                site.guessed = guessed;
            }
        } else if sites.len() == from
            && let Some(OpKind::Attr { base, name }) = self.code.op(f, callee).map(|op| &op.kind)
            && let Some(row) = self.guessed_task(f, ty, *base, *name)
        {
            self.row_site(f, v, row, args, sites);
            for site in sites.iter_mut().skip(from) {
                site.guessed = true;
            }
        } else if sites.len() == from
            && ty.is_unknown()
            && let Some(OpKind::Attr { name, .. }) = self.code.op(f, callee).map(|op| &op.kind)
            && let Some(&g) = unique.get(name)
            && !self.is_property(g)
        {
            sites.push(Site {
                targets: vec![Target { func: g, by_name: true }],
                is_async: self.code.func(g).is_async,
                ..Site::new(v, SiteKind::Project)
            });
        }
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
                if let Some(row) = self.library_row(name) {
                    self.row_site(f, v, row, args, sites);
                } else if let Some((owner, method)) = self.names.text(name).rsplit_once('.')
                    && self.library.class(owner).is_some()
                    && let Some((effects, is_async)) = self.library.other_methods(owner)
                {
                    // `stripe.Charge.create(…)`, `create_async(…)`
                    let is_async = is_async || method.ends_with("_async");
                    let effects = if is_async { effects.without(Effects::BLOCKS) } else { effects };
                    let owner = owner.to_owned();
                    let owner = self.names.intern(&owner);
                    sites.push(Site { effects, is_async, ..Site::new(v, SiteKind::LibraryOther(owner)) });
                }
            }
            Type::LibBound(receiver, name) => {
                if let Some(row) = self.bound_row(receiver, name) {
                    self.row_site(f, v, row, args, sites);
                } else if let Type::Lib(class, ..) = *self.types.get(receiver)
                    && let Some((effects, is_async)) = self.library.other_methods(self.names.text(class))
                {
                    sites.push(Site { effects, is_async, ..Site::new(v, SiteKind::LibraryOther(class)) });
                }
            }
            Type::Lib(name, ..) | Type::Factory(name) => {
                let owner = self.names.text(name).to_owned();
                if let Some((row, _)) = self.library.method(&owner, "__call__") {
                    self.row_site(f, v, row, args, sites);
                } else if owner.contains(':')
                    && let Some((effects, is_async)) = self.library.other_methods(&owner)
                {
                    // `client.chat.completions.create(…)`: the wildcard attribute is the method.
                    sites.push(Site { effects, is_async, ..Site::new(v, SiteKind::LibraryOther(name)) });
                }
            }
            Type::Func(g) => match self.decorated_call(g) {
                Some(row) => self.row_site(f, v, row, args, sites),
                None => self.project_site(f, v, g, overrides, sites),
            },
            Type::Bound(g, _) => self.project_site(f, v, g, overrides, sites),
            Type::Inst(class, _) => {
                let call = self.names.intern("__call__");
                if let Some(g) = self.method(class, call) {
                    self.project_site(f, v, g, overrides, sites);
                }
            }
            Type::ClassObj(class) => {
                let from = sites.len();
                for name in ["__init__", "__post_init__", "__new__"] {
                    let sym = self.names.intern(name);
                    if let Some(g) = self.method(class, sym) {
                        sites.push(Site {
                            targets: vec![Target { func: g, by_name: false }],
                            ..Site::new(v, SiteKind::Project)
                        });
                    }
                }
                if sites.len() == from {
                    // The constructor of a library base (`class Client(httpx.Client)`).
                    for ancestor in self.library_ancestors(class) {
                        if let Some(row) = self.library_row(ancestor) {
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
        f: FuncId,
        v: ValueId,
        g: FuncId,
        overrides: &FxHashMap<FuncId, Vec<FuncId>>,
        sites: &mut Vec<Site>,
    ) {
        let mut targets = vec![Target { func: g, by_name: false }];
        if is_abstract(self.code, g)
            && let Some(others) = overrides.get(&g)
        {
            let others: Vec<FuncId> =
                others.iter().copied().filter(|other| self.may_dispatch(f, v, *other)).take(8).collect();
            targets.extend(others.into_iter().map(|func| Target { func, by_name: false }));
        }
        let thread = self.decorated_place(g).or_else(|| self.add_wrappers(g, &mut targets));
        sites.push(Site {
            targets,
            place: thread.unwrap_or(Place::Here),
            is_async: self.code.func(g).is_async,
            ..Site::new(v, SiteKind::Project)
        });
    }

    /// What calling a function means that its decorator has made a library's object: a task of Huey is
    /// only put into the queue.
    fn decorated_call(&mut self, g: FuncId) -> Option<&'static Row> {
        let class = self.decorator_class(g)?;
        Some(self.library.method(class, "__call__")?.0)
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

    /// `order.lines.all().count()`: rows of a relation that were loaded are counted in memory.
    fn counted_relation(&mut self, f: FuncId, v: ValueId, row: &'static Row, args: &[Arg]) -> Option<Site> {
        if !args.is_empty()
            || !matches!(row.callee, "django.db.models.QuerySet.count" | "django.db.models.QuerySet.exists")
        {
            return None;
        }
        let body = self.code.body(f);
        let OpKind::Call { callee, .. } = &body.op(v)?.kind else { return None };
        let OpKind::Attr { base, .. } = &body.op(*callee)?.kind else { return None };
        let counted = super::flow::source_of(body, *base);
        if !matches!(body.op(counted)?.kind, OpKind::Call { .. }) {
            return None;
        }
        let relation = self.relation_manager(f, counted)?;
        let ty = self.value(f, counted);
        let Type::Lib(_, _, query) = *self.types.get(ty) else { return None };
        let in_memory = self.queries.get(query).is_some_and(|q| q.prefetched && !q.filtered);
        let effects = if in_memory { Effects::NONE } else { Effects::LAZY_LOAD.with(Effects::BLOCKS) };
        Some(Site { effects, ..Site::new(counted, SiteKind::Relation(relation)) })
    }

    fn row_site(&mut self, f: FuncId, v: ValueId, row: &'static Row, args: &[Arg], sites: &mut Vec<Site>) {
        if let Some(site) = self.counted_relation(f, v, row, args) {
            sites.push(site);
            return;
        }
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
        // `task.delay(…)`: the decorated function runs in a worker.
        if effects.any(Effects::PUBLISH)
            && let Some(OpKind::Call { callee, .. }) = self.code.op(f, v).map(|op| &op.kind)
            && let Some(OpKind::Attr { base, name }) = self.code.op(f, *callee).map(|op| &op.kind)
        {
            let sent = self.value(f, *base);
            if let Type::Func(g) | Type::Bound(g, _) = *self.types.get(sent) {
                targets.push(Target { func: g, by_name: false });
                place = if self.sent_after_commit(g, *name) { Place::AfterCommit } else { Place::Task };
            }
        }
        // The message itself leaves after the commit as well.
        let sends = if place == Place::AfterCommit { place } else { Place::Here };
        if !targets.is_empty() && place != Place::Here {
            sites.push(Site {
                targets: std::mem::take(&mut targets),
                place,
                is_async: row.is_async,
                ..Site::new(v, SiteKind::Library(row))
            });
        }
        sites.push(Site {
            effects,
            targets,
            place: sends,
            is_async: row.is_async,
            ..Site::new(v, SiteKind::Library(row))
        });
    }
}
