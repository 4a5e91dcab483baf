//! Sites that are no calls in the source: lazy queries that run where they are used, relations that
//! load when read, iteration and context-manager protocols.

use super::calls::{Site, SiteKind, Target};
use super::code::{ClassId, FuncId};
use super::flow::source_of;
use super::infer::Engine;
use super::orm::RelationKind;
use super::queries::QueryId;
use super::types::{Type, TypeId};
use crate::libraries::Effects;
use crate::model::{OpKind, Sym, ValueId};

/// A to-many relation of Tortoise: iterating it with `async for` or awaiting it runs its query.
const RELATION: &str = "tortoise:Relation";

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

    pub(super) fn protocol_site(&mut self, op: ValueId, ty: TypeId, names: &[&str], sites: &mut Vec<Site>) {
        let Type::Inst(class, _) = *self.types.get(ty) else { return };
        for name in names {
            let sym = self.names.intern(name);
            if let Some(g) = self.method(class, sym) {
                sites.push(Site {
                    targets: vec![Target { func: g, by_name: false }],
                    awaited: true,
                    is_async: self.code.func(g).is_async,
                    ..Site::new(op, SiteKind::Project)
                });
            }
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
                let effects = if lazy { Effects::LAZY_LOAD.with(Effects::BLOCKS) } else { Effects::NONE };
                sites.push(Site { effects, ..Site::new(v, SiteKind::Relation(name)) });
            }
        }
    }

    /// Whether reading relation `name` of a row may run a query; `None` when it is no such read.
    pub(super) fn lazy_relation(&self, class: ClassId, query: QueryId, name: Sym) -> Option<bool> {
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
