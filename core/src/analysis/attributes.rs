//! What `value.name` is: methods, fields, instance attributes, ORM relations, library members.

use super::classes::Base;
use super::code::{ClassId, FuncId};
use super::infer::Engine;
use super::orm::RelationKind;
use super::queries::{QueryFacts, QueryId};
use super::types::{Type, TypeId};
use crate::libraries::Ret;
use crate::model::{Sym, ValueId};

impl Engine<'_> {
    /// The type of `base.name`.
    pub fn attr_type(&mut self, base: TypeId, name: Sym) -> TypeId {
        match self.types.get(base).clone() {
            Type::Module(m) => self.member_of(m, name),
            Type::LibRef(prefix) => {
                if let Some(&known) = self.members.get(&(prefix, name)) {
                    return known;
                }
                let ty = self.library_member(prefix, name);
                self.members.insert((prefix, name), ty);
                ty
            }
            Type::ClassObj(class) => self.class_attr(class, name),
            Type::Inst(class, query) => self.instance_attr(base, class, query, name),
            Type::Lib(class, arg, _) => self.library_attr(base, class, arg, name),
            Type::Super(class) => self.super_attr(class, name),
            Type::Union(members) => {
                let mut joined = TypeId::UNKNOWN;
                for member in members {
                    if member != TypeId::NONE {
                        let ty = self.attr_type(member, name);
                        joined = self.join(joined, ty);
                    }
                }
                joined
            }
            Type::Factory(_) | Type::Coroutine(_) | Type::Manager(..) => self.types.add(Type::LibBound(base, name)),
            Type::List(_) | Type::Dict(..) | Type::Set(_) | Type::Iter(_) | Type::Tuple(_) => {
                self.types.add(Type::LibBound(base, name))
            }
            Type::Str | Type::Bytes => self.types.add(Type::LibBound(base, name)),
            Type::LibBound(owner, relation) => self.unseen_relation(owner, relation, name),
            Type::Func(g) | Type::Bound(g, _) => match self.decorated_as(g, name) {
                Some(class) => {
                    let made = self.lib_inst(class, TypeId::UNKNOWN, QueryId::NONE);
                    self.attr_type(made, name)
                }
                None => TypeId::UNKNOWN,
            },
            _ => TypeId::UNKNOWN,
        }
    }

    /// The library class that a row says a decorator makes of a function.
    pub(super) fn decorator_class(&mut self, g: FuncId) -> Option<&'static str> {
        if self.code.func(g).decorators.is_empty() {
            return None;
        }
        let names = self.decorator_names(g);
        names.iter().find_map(|decorator| match self.library.row(decorator)?.returns {
            Ret::DecoratedAs(class) => Some(class),
            _ => None,
        })
    }

    /// The library class that a decorator makes of a function: `@shared_task` makes a `Task`.
    fn decorated_as(&mut self, g: FuncId, name: Sym) -> Option<&'static str> {
        if self.code.func(g).decorators.is_empty() {
            return None;
        }
        let row = self.decorator_class(g);
        // `@app.task` of an application object that is not seen, or a decorator of the project around it: queues of
        // other libraries have `delay` too, `apply_async` is Celery's alone.
        let task = self.decorator_names(g).iter().any(|decorator| {
            decorator.ends_with(".task") && self.library.library_of(decorator.trim_start_matches('.')).is_none()
        });
        let name = self.names.text(name);
        let by_name = || (name == "apply_async" || task && name == "delay").then_some("celery.Task");
        row.or_else(by_name)
    }

    /// `unit.conversion_base_relation` of a value without a type: a to-many relation whose telling name
    /// only one model has.
    pub(super) fn only_manager(&mut self, name: Sym) -> TypeId {
        let Some(target) = self.orm.only_manager(name) else { return TypeId::UNKNOWN };
        let row = self.types.add(Type::Inst(target, QueryId::NONE));
        let facts = QueryFacts { model: Some(target), unseen_owner: Some(name), ..QueryFacts::default() };
        let query = self.queries.add(facts);
        let manager = self.names.intern("django.db.models.Manager");
        self.types.add(Type::Lib(manager, row, query))
    }

    /// `library.member`
    fn library_member(&mut self, prefix: Sym, name: Sym) -> TypeId {
        if let Some(known) = self.absent_member(prefix, name) {
            return known;
        }
        // `User.objects` of a model that a library brings.
        if let Some(Ret::InstOfSelf(manager)) = self.library.attr(self.names.text(prefix), self.names.text(name)) {
            let row = self.types.add(Type::Lib(prefix, TypeId::UNKNOWN, QueryId::NONE));
            return self.lib_inst(manager, row, QueryId::NONE);
        }
        let dotted = format!("{}.{}", self.names.text(prefix), self.names.text(name));
        self.lib_ref(&dotted)
    }

    fn class_attr(&mut self, class: ClassId, name: Sym) -> TypeId {
        if let Some(f) = self.method(class, name) {
            let classmethod = self.has_decorator(f, "builtins.classmethod");
            let receiver =
                self.types.add(if classmethod { Type::ClassObj(class) } else { Type::Inst(class, QueryId::NONE) });
            return self.types.add(Type::Bound(f, receiver));
        }
        if self.orm.is_model(class) {
            let text = self.names.text(name).to_owned();
            if self.orm.manager_names.contains(&text) || text == "objects" {
                for ancestor in self.library_ancestors(class) {
                    let owner = self.names.text(ancestor).to_owned();
                    if let Some(Ret::InstOfSelf(manager)) = self.library.attr(&owner, "objects") {
                        return self.manager_of(manager, class);
                    }
                }
            }
            let django = self.orm.model(class).is_some_and(|model| model.kind == super::orm::OrmKind::Django);
            if text == "objects" && django && self.field_type(class, name, false).is_none() {
                return self.manager_of("django.db.models.Manager", class);
            }
            if text == "query" || text == "objects" {
                // Falls through to library attributes below.
            } else if self.orm.relation(self, class, name).is_some() || self.orm.column(class, name).is_some() {
                return TypeId::UNKNOWN;
            }
        }
        if let Some(ty) = self.field_type(class, name, false) {
            return ty;
        }
        let me = self.types.add(Type::ClassObj(class));
        self.inherited_library_attr(me, class, name)
    }

    /// The class of a to-many relation of a model.
    fn relation_class(&mut self, class: ClassId) -> Sym {
        let ancestors = self.library_ancestors(class);
        let name = ancestors.iter().find_map(|ancestor| match self.names.text(*ancestor) {
            "tortoise.models.Model" => Some("tortoise:Relation"),
            "peewee.Model" => Some("peewee.ModelSelect"),
            _ => None,
        });
        self.names.intern(name.unwrap_or("django.db.models.Manager"))
    }

    fn manager_of(&mut self, manager: &str, class: ClassId) -> TypeId {
        let elem = self.types.add(Type::Inst(class, QueryId::NONE));
        let query = self.queries.add(QueryFacts { model: Some(class), ..QueryFacts::default() });
        let manager = self.names.intern(manager);
        self.types.add(Type::Lib(manager, elem, query))
    }

    fn instance_attr(&mut self, me: TypeId, class: ClassId, query: QueryId, name: Sym) -> TypeId {
        if self.names.text(name) == "__class__" {
            return self.types.add(Type::ClassObj(class));
        }
        // `await order.awaitable_attrs.lines`: the same attributes, loaded by the asynchronous session.
        if self.names.text(name) == "awaitable_attrs" && self.orm.is_model(class) {
            return me;
        }
        if let Some(f) = self.method(class, name) {
            if self.is_property(f) {
                let ty = self.return_type(f);
                return self.awaited_property(ty);
            }
            return self.types.add(Type::Bound(f, me));
        }
        if let Some(relation) = self.orm.relation(self, class, name).cloned() {
            let Some(target) = relation.target else { return TypeId::UNKNOWN };
            // What leads back to the object is in memory already.
            let inverse = relation.inverse.filter(|inverse| {
                let back = self.orm.relation(self, target, *inverse);
                back.is_some_and(|back| back.kind == RelationKind::ToOne)
            });
            let inner = self.sub_query(query, (name, inverse), target);
            let row = self.types.add(Type::Inst(target, inner));
            return match relation.kind {
                RelationKind::ToOne => row,
                RelationKind::ToManyList => self.types.add(Type::List(row)),
                RelationKind::ToManyManager | RelationKind::ToManyQuery => {
                    let manager = match relation.kind {
                        RelationKind::ToManyQuery => self.names.intern("sqlalchemy.orm.Query"),
                        _ => self.relation_class(class),
                    };
                    let loaded = self
                        .queries
                        .get(query)
                        .is_some_and(|q| q.loads_unknown || q.loaded.iter().any(|path| path.first() == Some(&name)));
                    let mut facts = QueryFacts {
                        model: Some(target),
                        prefetched: loaded,
                        unseen_owner: (!query.is_known()).then_some(name),
                        ..self.queries.get(inner).cloned().unwrap_or_default()
                    };
                    if let Some(inverse) = inverse
                        && !inner.is_known()
                    {
                        facts.load(vec![inverse], name);
                        facts.back = Some(inverse);
                    }
                    let query = self.queries.add(facts);
                    self.types.add(Type::Lib(manager, row, query))
                }
            };
        }
        let key = (class, name);
        if let Some(&known) = self.attrs.get(&key) {
            return known;
        }
        if !self.attrs_busy.insert(key) {
            return TypeId::UNKNOWN;
        }
        let ty = self.find_instance_attr(me, class, name);
        self.attrs_busy.remove(&key);
        if self.attrs_busy.is_empty() || !ty.is_unknown() {
            self.attrs.insert(key, ty);
        }
        ty
    }

    /// The query behind rows reached over relation `name`: what is loaded beyond that hop.
    fn sub_query(&mut self, query: QueryId, (name, inverse): (Sym, Option<Sym>), target: ClassId) -> QueryId {
        let Some(facts) = self.queries.get(query) else { return QueryId::NONE };
        let (mut loaded, mut loaded_by): (Vec<Vec<Sym>>, Vec<Sym>) = facts
            .loaded
            .iter()
            .zip(&facts.loaded_by)
            .filter(|(path, _)| path.first() == Some(&name) && path.len() > 1)
            .map(|(path, by)| (path.iter().skip(1).copied().collect(), *by))
            .unzip();
        let loads_unknown = facts.loads_unknown;
        if let Some(inverse) = inverse {
            loaded.push(vec![inverse]);
            loaded_by.push(name);
        }
        let model = Some(target);
        self.queries.add(QueryFacts { model, loaded, loaded_by, loads_unknown, back: inverse, ..QueryFacts::default() })
    }

    fn awaited_property(&mut self, ty: TypeId) -> TypeId {
        match *self.types.get(ty) {
            Type::Manager(_, inner) => inner,
            _ => ty,
        }
    }

    fn find_instance_attr(&mut self, me: TypeId, class: ClassId, name: Sym) -> TypeId {
        let mut joined = self.field_type(class, name, true).unwrap_or(TypeId::UNKNOWN);
        if joined.is_unknown() || joined == TypeId::NONE {
            let mro = self.class_info(class).mro.clone();
            for base in mro.iter() {
                let Base::Project(ancestor) = *base else { continue };
                let Some(stores) = self.stores.get(&(ancestor, name)).cloned() else { continue };
                for (f, value) in stores.into_iter().take(6) {
                    let ty = self.stored_type(f, value);
                    if ty != TypeId::NONE {
                        joined = self.join(joined, ty);
                    }
                }
                if !joined.is_unknown() {
                    break;
                }
            }
        }
        if joined.is_unknown() && self.code.stubs.any() {
            let mro = self.class_info(class).mro.clone();
            for base in mro.iter() {
                match *base {
                    Base::Project(ancestor) if joined.is_unknown() => joined = self.stub_field(ancestor, name),
                    _ => {}
                }
            }
            joined = self.types.without_none(joined);
        }
        if joined.is_unknown()
            && let Some(named) = self.named_for_variable(class, name)
        {
            joined = named;
        }
        if joined.is_unknown() {
            joined = self.shown_by_view(class, name);
        }
        if joined.is_unknown() {
            self.unseen_reverse(class, name).unwrap_or_else(|| self.inherited_library_attr(me, class, name))
        } else {
            joined
        }
    }

    /// `order.line_set` where the model of the lines is not here: Django's own name for that side.
    fn unseen_reverse(&mut self, class: ClassId, name: Sym) -> Option<TypeId> {
        let django = self.orm.model(class).is_some_and(|model| model.kind == super::orm::OrmKind::Django);
        let reverse = self.names.text(name).strip_suffix("_set").is_some_and(|model| model.len() > 1);
        (django && reverse).then(|| self.lib_inst("django.db.models.Manager", TypeId::UNKNOWN, QueryId::NONE))
    }

    /// The type of a value stored in an attribute, even while its function is being inferred.
    fn stored_type(&mut self, f: FuncId, value: ValueId) -> TypeId {
        self.infer(f);
        let ty = self.value(f, value);
        if !ty.is_unknown() {
            return ty;
        }
        // `self.repo = repo`: the parameter's annotation answers without inference.
        match self.code.op(f, value).map(|op| &op.kind) {
            Some(crate::model::OpKind::Param(i)) => self.param_type(f, *i),
            _ => TypeId::UNKNOWN,
        }
    }

    /// A class-level name: its annotation (`instance`: as a value of that type) or its value.
    fn field_type(&mut self, class: ClassId, name: Sym, instance: bool) -> Option<TypeId> {
        let code = self.code;
        let mro = self.class_info(class).mro.clone();
        for base in mro.iter() {
            let Base::Project(ancestor) = *base else { continue };
            let Some(i) = self.class_info(ancestor).fields.get(&name).copied() else { continue };
            let owner = code.class(ancestor);
            let Some(field) = owner.fields.get(i as usize) else { continue };
            let scope = code.class_scope(ancestor);
            let mut ty = field.annotation.map_or(TypeId::UNKNOWN, |a| self.annotation_type(scope, a));
            if ty.is_unknown()
                && let Some(value) = field.value
            {
                if self.state.get(scope.0 as usize) == Some(&super::infer::State::New) {
                    self.infer(scope);
                }
                ty = match self.dependency_type(scope, value) {
                    Some(injected) => injected,
                    None => self.value(scope, value),
                };
            }
            if instance {
                ty = self.types.without_none(ty);
            }
            return Some(ty);
        }
        None
    }

    fn super_attr(&mut self, class: ClassId, name: Sym) -> TypeId {
        let me = self.types.add(Type::Inst(class, QueryId::NONE));
        if let Some(f) = self.method_after(class, name, Some(class)) {
            return self.types.add(Type::Bound(f, me));
        }
        self.inherited_library_attr(me, class, name)
    }

    /// An attribute that a project class inherits from a library class.
    fn inherited_library_attr(&mut self, me: TypeId, class: ClassId, name: Sym) -> TypeId {
        let ancestors = self.library_ancestors(class);
        if ancestors.is_empty() {
            return TypeId::UNKNOWN;
        }
        let text = self.names.text(name).to_owned();
        for ancestor in &ancestors {
            let owner = self.names.text(*ancestor).to_owned();
            if self.library.method(&owner, &text).is_some() {
                return self.types.add(Type::LibBound(me, name));
            }
            if let Some(ret) = self.library.attr(&owner, &text) {
                return self.ret_type(ret, me, &[], &[]);
            }
        }
        // A method that the table does not list, of a class that it does.
        self.types.add(Type::LibBound(me, name))
    }

    pub(super) fn library_attr(&mut self, me: TypeId, class: Sym, arg: TypeId, name: Sym) -> TypeId {
        // A custom manager's or queryset's own methods.
        if let Type::Inst(model, _) = *self.types.get(arg)
            && let Some(f) = self.manager_method(model, name)
        {
            return self.types.add(Type::Bound(f, me));
        }
        let (owner, text) = (self.names.text(class), self.names.text(name));
        if self.library.method(owner, text).is_some() {
            return self.types.add(Type::LibBound(me, name));
        }
        if let Some(ret) = self.library.attr(owner, text) {
            return self.ret_type(ret, me, &[], &[]);
        }
        self.types.add(Type::LibBound(me, name))
    }

    /// A method that the model's own manager or queryset class defines.
    pub fn manager_method(&mut self, model: ClassId, name: Sym) -> Option<FuncId> {
        let managers = self.orm.managers_of(self, model);
        managers.into_iter().find_map(|manager| self.method(manager, name))
    }
}
