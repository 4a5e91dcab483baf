//! Sites that are no calls in the source: lazy queries that run where they are used, relations that
//! load when read, iteration and context-manager protocols.

use super::calls::{Site, SiteKind, Target};
use super::code::{ClassId, FuncId};
use super::flow::source_of;
use super::infer::Engine;
use super::orm::RelationKind;
use super::project::Project;
use super::queries::{QueryFacts, QueryId};
use super::types::{Type, TypeId};
use crate::libraries::Effects;
use crate::model::{Arg, ArgKind, BinaryOp, OpKind, Sym, ValueId};

/// A to-many relation of Tortoise: iterating it with `async for` or awaiting it runs its query.
const RELATION: &str = "tortoise:Relation";

/// Functions of the standard library that go through their first argument at once, or hand out something that does.
const GOES_THROUGH: &[&str] = &[
    "builtins.all",
    "builtins.any",
    "builtins.bool",
    "builtins.dict",
    "builtins.enumerate",
    "builtins.frozenset",
    "builtins.iter",
    "builtins.len",
    "builtins.list",
    "builtins.max",
    "builtins.min",
    "builtins.next",
    "builtins.reversed",
    "builtins.set",
    "builtins.sorted",
    "builtins.sum",
    "builtins.tuple",
    "collections.Counter",
    "collections.OrderedDict",
    "collections.deque",
    "itertools.groupby",
    "itertools.islice",
];

/// Methods of containers that go through what they are given.
const OF_CONTAINERS: &[&str] = &[
    "difference",
    "difference_update",
    "extend",
    "intersection",
    "intersection_update",
    "isdisjoint",
    "issubset",
    "issuperset",
    "symmetric_difference",
    "union",
    "update",
];

/// Attributes that take a lazy query as it is: a form's field asks when it is shown.
const TAKES_QUERIES: &[&str] = &["choices", "queryset", "query"];

/// What an op that is no call goes through, if that is a lazy query.
const fn operand(kind: &OpKind) -> Option<ValueId> {
    match kind {
        OpKind::Element(rows)
        | OpKind::Truth(rows)
        | OpKind::YieldFrom(rows)
        | OpKind::Unpack { base: rows, .. }
        // `key in rows`
        | OpKind::Binary { op: BinaryOp::In | BinaryOp::NotIn, right: rows, .. }
        // `found += rows`
        | OpKind::Augment { value: rows, .. }
        // `row.lines_shown = row.lines.all()`
        | OpKind::StoreAttr { value: rows, .. } => Some(*rows),
        _ => None,
    }
}

impl Engine<'_> {
    pub(super) fn is_queryset(&self, ty: TypeId) -> bool {
        matches!(self.types.get(ty), Type::Lib(name, ..)
            if matches!(self.names.text(*name), "django.db.models.QuerySet" | "sqlalchemy.orm.Query"))
    }

    pub(super) fn is_relation(&self, ty: TypeId) -> bool {
        matches!(self.types.get(ty), Type::Lib(name, ..) if self.names.text(*name) == RELATION)
    }

    pub(super) fn is_lazy(&self, ty: TypeId) -> bool {
        matches!(self.types.get(ty), Type::Lib(name, ..)
            if self.library.iteration(self.names.text(*name)).is_some_and(|(_, effects)| !effects.is_empty()))
    }

    /// The relation behind `object.relation.all()`.
    pub(super) fn relation_manager(&self, f: FuncId, v: ValueId) -> Option<Sym> {
        let body = self.code.body(f);
        let mut at = source_of(body, v);
        for _ in 0..3 {
            match &body.op(at)?.kind {
                OpKind::Call { callee, args } if args.is_empty() => match &body.op(*callee)?.kind {
                    OpKind::Attr { base, name } if self.names.text(*name) == "all" => {
                        at = source_of(body, *base);
                    }
                    _ => return None,
                },
                OpKind::Attr { base, name } if self.names.text(*name) == "all" && self.is_template(f) => {
                    at = source_of(body, *base);
                }
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
    pub(super) fn evaluation(&mut self, f: FuncId, v: ValueId, op: ValueId, ty: TypeId, sites: &mut Vec<Site>) {
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
            sites.push(Site { effects, is_async: !effects.any(Effects::BLOCKS), ..Site::new(op, kind) });
        }
    }

    /// Lazy queries that a call goes through: `list(rows)`, `zip(rows, …)`, `", ".join(rows)`, `found.extend(rows)`,
    /// `print(*rows)`.
    pub(super) fn evaluations_of_call(
        &mut self,
        f: FuncId,
        v: ValueId,
        callee: ValueId,
        args: &[Arg],
        sites: &mut Vec<Site>,
    ) {
        for (position, arg) in args.iter().enumerate() {
            let ty = self.value(f, arg.value);
            if self.is_lazy(ty) && (arg.kind == ArgKind::Spread || self.goes_through(f, callee, position, ty)) {
                self.evaluation(f, arg.value, v, ty, sites);
            }
        }
    }

    /// Whether a call goes through the argument at `position`.
    fn goes_through(&mut self, f: FuncId, callee: ValueId, position: usize, given: TypeId) -> bool {
        if let Type::LibRef(name) = *self.types.get(self.value(f, callee)) {
            return match self.names.text(name) {
                "builtins.zip" | "itertools.chain" => true,
                "builtins.map" => position > 0,
                "builtins.filter" | "functools.reduce" => position == 1,
                name => position == 0 && GOES_THROUGH.contains(&name),
            };
        }
        let Some(OpKind::Attr { base, name }) = self.code.op(f, callee).map(|op| &op.kind) else { return false };
        let receiver = self.value(f, *base);
        let container = matches!(self.types.get(receiver), Type::List(_) | Type::Set(_) | Type::Dict(..));
        match self.names.text(*name) {
            // Rows are no texts: only plain values are joined.
            "join" => {
                let plain = matches!(*self.types.get(given), Type::Lib(_, _, query)
                    if self.queries.get(query).is_some_and(|facts| facts.plain_rows));
                receiver == TypeId::STR && plain
            }
            "extend" => container || receiver.is_unknown(),
            name => container && OF_CONTAINERS.contains(&name),
        }
    }

    /// Lazy queries that an op which is no call goes through.
    pub(super) fn evaluations_of_op(&mut self, f: FuncId, v: ValueId, kind: &OpKind, sites: &mut Vec<Site>) {
        let Some(rows) = operand(kind) else { return };
        let ty = self.value(f, rows);
        if !self.is_queryset(ty) {
            return;
        }
        let goes_through = match kind {
            // Each part of it has an op of its own.
            OpKind::Unpack { index, .. } => *index == Some(0),
            OpKind::Augment { op, old, .. } => {
                let old = self.value(f, *old);
                *op == BinaryOp::Add && matches!(self.types.get(old), Type::List(_))
            }
            // Who shows a row asks for what it was given.
            OpKind::StoreAttr { base, name, .. } => {
                let body = self.code.body(f);
                let row = body.op(source_of(body, *base)).map(|op| &op.kind);
                matches!(row, Some(OpKind::Element(_))) && !TAKES_QUERIES.contains(&self.names.text(*name))
            }
            _ => true,
        };
        if goes_through {
            self.evaluation(f, rows, v, ty, sites);
        }
    }

    /// `await Order.filter(…)`: a query that runs when it is awaited.
    pub(super) fn awaited_query(&mut self, f: FuncId, query: ValueId, op: ValueId, sites: &mut Vec<Site>) {
        let name = match *self.types.get(self.value(f, query)) {
            Type::Lib(name, _, facts) if self.names.text(name) == RELATION => {
                if !self.queries.get(facts).is_some_and(|q| q.prefetched && !q.filtered) {
                    let kind = self.relation_manager(f, query).map_or(SiteKind::Evaluate(name), SiteKind::Relation);
                    let effects = Effects::LAZY_LOAD;
                    sites.push(Site { effects, awaited: true, is_async: true, ..Site::new(op, kind) });
                }
                return;
            }
            Type::Lib(name, ..) => name,
            // `await event.tournament`
            Type::Inst(..) => {
                let Some(OpKind::Attr { base, name }) = self.code.op(f, query).map(|op| &op.kind) else { return };
                let Type::Inst(class, facts) = *self.types.get(self.value(f, *base)) else { return };
                let awaits = self.orm.model(class).is_some_and(|model| model.awaits);
                if awaits && self.lazy_relation(class, facts, *name) == Some(true) {
                    let kind = SiteKind::Relation(*name);
                    let effects = Effects::LAZY_LOAD;
                    sites.push(Site { effects, awaited: true, is_async: true, ..Site::new(query, kind) });
                }
                return;
            }
            _ => return,
        };
        let owner = self.names.text(name);
        let Some((_, effects)) = self.library.awaited(owner).filter(|(_, effects)| !effects.is_empty()) else { return };
        // What is written is the call; the `await` is where a query made before runs.
        let call = matches!(self.code.op(f, query).map(|op| &op.kind), Some(OpKind::Call { .. }));
        let op = if call { query } else { op };
        sites.push(Site { effects, awaited: true, is_async: true, ..Site::new(op, SiteKind::Evaluate(name)) });
    }

    /// `gather(*[Order.get(id=i) for i in ids])`
    pub(super) fn gathered_query(&mut self, f: FuncId, arg: ValueId, sites: &mut Vec<Site>) {
        let body = self.code.body(f);
        let given = source_of(body, arg);
        let query = match body.op(given).map(|op| &op.kind) {
            Some(OpKind::Comprehension { element, .. }) => *element,
            _ => given,
        };
        self.awaited_query(f, query, query, sites);
    }

    /// `str(order)` and `f"{order}"`: the class says what is written.
    pub(super) fn written_site(&mut self, f: FuncId, op: ValueId, value: ValueId, sites: &mut Vec<Site>) {
        let ty = self.value(f, value);
        sites.extend(self.method_site(op, ty, "__str__"));
    }

    /// The method of an object that an op runs without naming it.
    fn method_site(&mut self, op: ValueId, ty: TypeId, name: &str) -> Option<Site> {
        let Type::Inst(class, _) = *self.types.get(ty) else { return None };
        let name = self.names.intern(name);
        let func = self.method(class, name)?;
        Some(Site { targets: vec![Target { func, by_name: false }], ..Site::new(op, SiteKind::Project) })
    }

    pub(super) fn protocol_site(&mut self, op: ValueId, ty: TypeId, names: &[&str], sites: &mut Vec<Site>) {
        for name in names {
            let Some(site) = self.method_site(op, ty, name) else { continue };
            let is_async = site.targets.iter().any(|target| self.code.func(target.func).is_async);
            sites.push(Site { awaited: true, is_async, ..site });
        }
    }

    pub(super) fn attr_sites(&mut self, f: FuncId, v: ValueId, base: ValueId, name: Sym, sites: &mut Vec<Site>) {
        let ty = self.value(f, base);
        for member in self.types.members(ty) {
            let Type::Inst(class, query) = *self.types.get(member) else { continue };
            if let Some(g) = self.method(class, name) {
                if self.is_property(g) || self.is_template(f) {
                    sites.push(Site {
                        targets: vec![Target { func: g, by_name: false }],
                        ..Site::new(v, SiteKind::Project)
                    });
                }
                continue;
            }
            // Nothing runs before it is awaited.
            if self.orm.model(class).is_some_and(|model| model.awaits) {
                continue;
            }
            if let Some(lazy) = self.lazy_relation(class, query, name) {
                // `await order.awaitable_attrs.lines` loads without holding the loop.
                let is_async = matches!(self.code.op(f, base).map(|op| &op.kind), Some(OpKind::Attr { name, .. })
                    if self.names.text(*name) == "awaitable_attrs");
                let effects = match (lazy, is_async) {
                    (false, _) => Effects::NONE,
                    (true, true) => Effects::LAZY_LOAD,
                    (true, false) => Effects::LAZY_LOAD.with(Effects::BLOCKS),
                };
                sites.push(Site { effects, is_async, awaited: is_async, ..Site::new(v, SiteKind::Relation(name)) });
            }
        }
    }

    /// Whether reading relation `name` of a row may run a query; `None` when it is no such read.
    pub(super) fn lazy_relation(&self, class: ClassId, query: QueryId, name: Sym) -> Option<bool> {
        let relation = self.orm.relation(self, class, name)?;
        if matches!(relation.kind, RelationKind::ToManyManager | RelationKind::ToManyQuery) {
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

impl Project {
    /// The lazy query that the op of a site goes through; where it is asked for as itself, the op.
    #[must_use]
    pub fn evaluated(&self, f: FuncId, site: &Site) -> ValueId {
        let Some(op) = self.code().op(f, site.op) else { return site.op };
        match &op.kind {
            // `len(row.lines.all())`, `zip(numbers, rows)`
            OpKind::Call { args, .. } if self.query(f, site.op).is_none() => {
                let lazy = |arg: &&Arg| matches!(self.ty(f, arg.value), Type::Lib(_, _, query) if self.query_facts(*query).is_some());
                args.iter().find(lazy).or(args.first()).map_or(site.op, |arg| arg.value)
            }
            kind => operand(kind).unwrap_or(site.op),
        }
    }

    /// The rows that a site evaluates or counts.
    #[must_use]
    pub fn asked_rows(&self, f: FuncId, site: &Site) -> Option<ValueId> {
        let body = self.code().body(f);
        if matches!(site.kind, SiteKind::Evaluate(_)) {
            return Some(self.evaluated(f, site));
        }
        // `row.lines.all().count()`: so are these of loaded rows.
        let (SiteKind::Library(_), OpKind::Call { callee, args }) = (site.kind, &body.op(site.op)?.kind) else {
            return None;
        };
        match body.op(*callee).map(|op| &op.kind) {
            Some(OpKind::Attr { base, name }) if args.is_empty() && matches!(self.text(*name), "count" | "exists") => {
                Some(*base)
            }
            _ => None,
        }
    }

    /// The facts of all rows of a relation that a site evaluates, where the query of their owner is not seen.
    #[must_use]
    pub fn owner_unseen(&self, f: FuncId, site: &Site) -> Option<&QueryFacts> {
        let query = self.query(f, self.asked_rows(f, site)?)?;
        (query.unseen_owner.is_some() && !query.filtered).then_some(query)
    }
}
