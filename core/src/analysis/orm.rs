//! The model graph: ORM classes with columns and relations, reverse relations, custom managers.

use super::classes::Base;
use super::code::{ClassId, FuncId};
use super::infer::Engine;
use super::stubs::is_stub;
use super::types::Type;
use crate::model::{Arg, ArgKind, Const, Field, Interner, OpKind, Sym, ValueId};
use crate::order::InOrder as _;
use crate::source::Span;
use rustc_hash::{FxHashMap, FxHashSet};

/// ORM families, as far as their semantics differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrmKind {
    /// Django and alike: lazy querysets, autocommit, `save()` per row.
    Django,
    /// SQLAlchemy, SQLModel, Flask-SQLAlchemy: sessions with unit of work.
    SqlAlchemy,
    /// Tortoise, Peewee: active record.
    Active,
}

/// An ORM model.
#[derive(Clone, Debug)]
pub struct Model {
    /// The class.
    pub class: ClassId,
    /// Family.
    pub kind: OrmKind,
    /// Reading a relation gives something to await; nothing runs before (Tortoise).
    pub awaits: bool,
    /// Own columns, in source order.
    pub columns: Vec<Column>,
    /// Own and reverse relations.
    pub relations: FxHashMap<Sym, Relation>,
}

/// A column.
#[derive(Clone, Debug)]
pub struct Column {
    /// Attribute.
    pub name: Sym,
    /// Short name of its type: `CharField`, `JSON`, `Text`.
    pub type_name: String,
    /// It is a foreign key.
    pub foreign_key: bool,
    /// It is the primary key, or part of it.
    pub key: bool,
    /// It or its constraint makes an index.
    pub indexed: bool,
    /// Large by type: JSON, text, blob.
    pub large: bool,
    /// Loaded when read, not with the row (`deferred=True`).
    pub deferred: bool,
    /// The statement.
    pub span: Span,
}

/// Kinds of relation attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RelationKind {
    /// The related object.
    ToOne,
    /// A list in memory once loaded (SQLAlchemy).
    ToManyList,
    /// A manager; its queries run when evaluated (Django).
    ToManyManager,
    /// A query, which runs when it is evaluated (`lazy="dynamic"` of SQLAlchemy).
    ToManyQuery,
}

/// A relation attribute.
#[derive(Clone, Debug)]
pub struct Relation {
    /// Related model.
    pub target: Option<ClassId>,
    /// Kind.
    pub kind: RelationKind,
    /// Always loaded with its owner (`lazy="selectin"`).
    pub eager: bool,
    /// The other side defines it.
    pub reverse: bool,
    /// Reading it raises instead of loading (`lazy="raise"`), or gives a query object.
    pub never_lazy: bool,
    /// The relation of the related object that leads back: it is in memory once this one was read.
    pub inverse: Option<Sym>,
}

/// All models.
#[derive(Debug, Default)]
pub struct Orm {
    models: FxHashMap<ClassId, Model>,
    /// Manager or queryset classes by model.
    managers: FxHashMap<ClassId, Vec<ClassId>>,
    manager_models: FxHashMap<ClassId, ClassId>,
    /// Names under which models hold managers, `objects` apart.
    pub(crate) manager_names: FxHashSet<String>,
    by_name: FxHashMap<Sym, Vec<ClassId>>,
    managers_by_name: FxHashMap<Sym, Option<ClassId>>,
    /// Relations that models of the project give to the users of Django: whether one object is behind them.
    of_users: FxHashMap<Sym, bool>,
}

impl Orm {
    /// Whether the class is an ORM model.
    #[must_use]
    pub fn is_model(&self, class: ClassId) -> bool {
        self.models.contains_key(&class)
    }

    /// The model.
    #[must_use]
    pub fn model(&self, class: ClassId) -> Option<&Model> {
        self.models.get(&class)
    }

    /// Whether a relation of that name leads from a user of Django to rows of the project: to one, or to many.
    #[must_use]
    pub fn of_users(&self, name: Sym) -> Option<bool> {
        self.of_users.get(&name).copied()
    }

    /// Whether any relation leads from the users of Django to rows of the project.
    #[must_use]
    pub fn users_have_relations(&self) -> bool {
        !self.of_users.is_empty()
    }

    /// The only model of that class name.
    pub(crate) fn named(&self, name: Option<Sym>) -> Option<ClassId> {
        match self.by_name.get(&name?)?.as_slice() {
            [one] => Some(*one),
            _ => None,
        }
    }

    /// All models, by class.
    #[must_use]
    pub fn models(&self) -> Vec<&Model> {
        let mut all: Vec<&Model> = self.models.values().collect();
        all.order_by_key(|model| model.class);
        all
    }

    /// An own column.
    #[must_use]
    pub fn column(&self, class: ClassId, name: Sym) -> Option<&Column> {
        self.models.get(&class)?.columns.iter().find(|column| column.name == name)
    }

    /// Whether the class itself has a relation of that name.
    pub(crate) fn relations_of(&self, class: ClassId, name: Sym) -> bool {
        self.models.get(&class).is_some_and(|model| model.relations.contains_key(&name))
    }

    /// The relation `name` of a class, inherited ones included.
    pub(crate) fn relation<'a>(&'a self, engine: &Engine<'_>, class: ClassId, name: Sym) -> Option<&'a Relation> {
        if let Some(found) = self.models.get(&class).and_then(|model| model.relations.get(&name)) {
            return Some(found);
        }
        let info = engine.class_infos.get(class.0 as usize)?.as_ref()?;
        info.mro.iter().find_map(|base| match base {
            Base::Project(ancestor) => self.models.get(ancestor)?.relations.get(&name),
            Base::Library(_) => None,
        })
    }

    /// The target of the only Django to-many relation of that name, when the name is long enough to be
    /// no coincidence.
    pub(crate) fn only_manager(&self, name: Sym) -> Option<ClassId> {
        self.managers_by_name.get(&name).copied().flatten()
    }

    fn index_managers(&mut self, names: &Interner) {
        let mut by_name: FxHashMap<Sym, Option<ClassId>> = FxHashMap::default();
        for model in self.models.values() {
            for (name, relation) in &model.relations {
                let text = names.text(*name);
                let telling = text.len() >= 8 && text.contains('_');
                let target = relation.target.filter(|_| relation.kind == RelationKind::ToManyManager && telling);
                by_name
                    .entry(*name)
                    .and_modify(|known| {
                        if *known != target {
                            *known = None;
                        }
                    })
                    .or_insert(target);
            }
        }
        self.managers_by_name = by_name;
    }

    pub(crate) fn managers_of(&self, engine: &Engine<'_>, model: ClassId) -> Vec<ClassId> {
        let mut out = self.managers.get(&model).cloned().unwrap_or_default();
        if let Some(Some(info)) = engine.class_infos.get(model.0 as usize) {
            for base in info.mro.iter() {
                if let Base::Project(ancestor) = base
                    && *ancestor != model
                {
                    out.extend(self.managers.get(ancestor).into_iter().flatten());
                }
            }
        }
        out
    }

    /// The model whose rows alone a manager class gives.
    pub(crate) fn only_model_of_manager(&self, manager: ClassId) -> Option<ClassId> {
        let model = self.model_of_manager(manager)?;
        let others = self.managers.iter().any(|(other, managers)| *other != model && managers.contains(&manager));
        (!others).then_some(model)
    }

    pub(crate) fn model_of_manager(&self, manager: ClassId) -> Option<ClassId> {
        self.manager_models.get(&manager).copied()
    }
}

enum FieldKind {
    Column { type_name: String, foreign_key: bool },
    ToOne,
    ToMany,
    Relationship,
    Manager(Vec<ClassId>),
    Generic,
}

impl Engine<'_> {
    /// Finds models, then their fields, then the reverse side of relations.
    pub fn build_orm(&mut self) {
        for class in self.code.class_ids() {
            let stub = || self.code.module(self.code.module_of_class(class)).is_some_and(|m| is_stub(&m.path));
            if stub() {
                continue;
            }
            if let Some(kind) = self.orm_kind(class) {
                let name = self.code.class(class).name;
                self.orm.by_name.entry(name).or_default().push(class);
                let awaits =
                    self.library_ancestors(class).iter().any(|a| self.names.text(*a) == "tortoise.models.Model");
                let model = Model { class, kind, awaits, columns: Vec::new(), relations: FxHashMap::default() };
                self.orm.models.insert(class, model);
            }
        }
        let mut classes: Vec<ClassId> = self.orm.models.keys().copied().collect();
        classes.order();
        for class in classes {
            for field in &self.code.class(class).fields {
                self.read_field(class, field);
            }
        }
        self.orm.index_managers(&self.names);
    }

    fn orm_kind(&mut self, class: ClassId) -> Option<OrmKind> {
        for ancestor in self.library_ancestors(class) {
            let kind = match self.names.text(ancestor) {
                "django.db.models.Model" => OrmKind::Django,
                "sqlalchemy.orm.DeclarativeBase"
                | "sqlmodel.SQLModel"
                | "flask_sqlalchemy.model.Model"
                | "sqlalchemy.ext.declarative.declarative_base"
                | "sqlalchemy.orm.declarative_base"
                | "sqlalchemy.orm.MappedAsDataclass"
                | "sqlalchemy.orm.DeclarativeBaseNoMeta" => OrmKind::SqlAlchemy,
                "tortoise.models.Model" | "tortoise.Model" | "peewee.Model" | "piccolo.table.Table" => OrmKind::Active,
                name if name.starts_with("flask_sqlalchemy") && name.ends_with(".Model") => OrmKind::SqlAlchemy,
                _ => continue,
            };
            return Some(kind);
        }
        let tablename = self.names.get("__tablename__")?;
        let info = self.class_info(class);
        if info.fields.contains_key(&tablename) || info.methods.contains_key(&tablename) {
            return Some(OrmKind::SqlAlchemy);
        }
        None
    }

    fn read_field(&mut self, class: ClassId, field: &Field) {
        let code = self.code;
        let scope = code.class_scope(class);
        let Some(kind) = self.field_kind(class, scope, field) else { return };
        let args: &[Arg] = match field.value.and_then(|v| code.op(scope, v)).map(|op| &op.kind) {
            Some(OpKind::Call { args, .. }) => args,
            _ => &[],
        };
        match kind {
            FieldKind::Column { type_name, foreign_key } => {
                let indexed = ["index", "unique", "primary_key", "db_index"].iter().any(|k| self.flag(scope, args, k));
                let large = ["JSON", "JSONB", "Text", "TextField", "JSONField", "LargeBinary", "BinaryField", "BLOB"]
                    .contains(&type_name.as_str());
                let deferred = self.flag(scope, args, "deferred") || self.named(args, "deferred_group").is_some();
                let key = self.flag(scope, args, "primary_key");
                let (name, span) = (field.name, field.span);
                let column = Column { name, type_name, foreign_key, key, indexed, large, deferred, span };
                if let Some(model) = self.orm.models.get_mut(&class) {
                    model.columns.push(column);
                }
            }
            FieldKind::Generic => {
                let relation = Relation {
                    target: None,
                    kind: RelationKind::ToOne,
                    eager: false,
                    reverse: false,
                    never_lazy: false,
                    inverse: None,
                };
                self.add_relation(class, field.name, relation);
            }
            FieldKind::ToOne | FieldKind::ToMany => self.read_django_relation(class, scope, field, args, &kind),
            FieldKind::Relationship => self.read_relationship(class, scope, field, args),
            FieldKind::Manager(managers) => {
                let name = self.names.text(field.name).to_owned();
                self.orm.manager_names.insert(name);
                for manager in managers {
                    self.orm.manager_models.entry(manager).or_insert(class);
                    self.orm.managers.entry(class).or_default().push(manager);
                }
            }
        }
    }

    pub(super) fn add_relation(&mut self, class: ClassId, name: Sym, relation: Relation) {
        if let Some(model) = self.orm.models.get_mut(&class) {
            model.relations.insert(name, relation);
        }
    }

    fn field_kind(&mut self, class: ClassId, scope: FuncId, field: &Field) -> Option<FieldKind> {
        let code = self.code;
        let kind = self.orm.models.get(&class)?.kind;
        if let Some(OpKind::Call { callee, args }) = field.value.and_then(|v| code.op(scope, v)).map(|op| &op.kind) {
            let ty = self.ref_type(scope, *callee);
            let mut names: Vec<String> = Vec::new();
            match *self.types.get(ty) {
                Type::LibRef(name) => names.push(self.names.text(name).to_owned()),
                Type::LibBound(..) if kind == OrmKind::SqlAlchemy => names.extend(self.lib_name(scope, *callee)),
                Type::ClassObj(custom) => {
                    let lib = self.library_ancestors(custom);
                    names.extend(lib.iter().map(|s| self.names.text(*s).to_owned()));
                    if names.iter().any(|n| n.contains(".Manager") || n.contains(".QuerySet")) {
                        return Some(FieldKind::Manager(vec![custom]));
                    }
                }
                // `CustomQuerySet.as_manager()`, `Manager.from_queryset(Custom)()`
                Type::Bound(_, receiver) | Type::LibBound(receiver, _) => {
                    if let Type::ClassObj(custom) | Type::Inst(custom, _) = *self.types.get(receiver) {
                        return Some(FieldKind::Manager(vec![custom]));
                    }
                }
                _ => {
                    // `Manager.from_queryset(Custom)()`
                    if let Some(OpKind::Call { args: inner, .. }) = code.op(scope, *callee).map(|op| &op.kind) {
                        let custom: Vec<ClassId> = inner
                            .iter()
                            .filter_map(|arg| {
                                let ty = self.ref_type(scope, arg.value);
                                match *self.types.get(ty) {
                                    Type::ClassObj(c) => Some(c),
                                    _ => None,
                                }
                            })
                            .collect();
                        if !custom.is_empty() {
                            return Some(FieldKind::Manager(custom));
                        }
                    }
                    // `objects = UserManager()` in an attribute chain that resolves to nothing: no field.
                }
            }
            for name in &names {
                let short = name.rsplit('.').next().unwrap_or("");
                match short {
                    "ForeignKey" | "OneToOneField" | "ParentalKey" | "TreeForeignKey" | "ForeignKeyField"
                    | "TreeOneToOneField"
                        if kind != OrmKind::SqlAlchemy =>
                    {
                        return Some(FieldKind::ToOne);
                    }
                    "ManyToManyField" | "ParentalManyToManyField" | "TreeManyToManyField" => {
                        return Some(FieldKind::ToMany);
                    }
                    "GenericForeignKey" => return Some(FieldKind::Generic),
                    "GenericRelation" => return Some(FieldKind::ToMany),
                    "relationship" | "Relationship" | "backref" | "relation" | "dynamic_loader" => {
                        return Some(FieldKind::Relationship);
                    }
                    "Column" | "mapped_column" | "Field" if kind == OrmKind::SqlAlchemy => {
                        let foreign_key = args.iter().any(|arg| {
                            let named = matches!(arg.kind, ArgKind::Named(n) if self.names.text(n) == "foreign_key");
                            named || self.calls(scope, arg.value, "ForeignKey")
                        });
                        let type_name = self.column_type(scope, field, args);
                        return Some(FieldKind::Column { type_name, foreign_key });
                    }
                    _ => {}
                }
            }
            if let Some(name) = names.first()
                && kind != OrmKind::SqlAlchemy
                && names.iter().any(|n| n.contains("Field"))
            {
                let short = name.rsplit('.').next().unwrap_or("").to_owned();
                return Some(FieldKind::Column { type_name: short, foreign_key: false });
            }
            if kind == OrmKind::SqlAlchemy {
                return None;
            }
        }
        // `author: Mapped["User"]` without a call, `id: int` and `note: str = ""` of SQLModel.
        let name = self.names.text(field.name);
        let constant = matches!(
            field.value.and_then(|v| code.op(scope, v)).map(|op| &op.kind),
            None | Some(OpKind::Const(_) | OpKind::Attr { .. })
        ) && !name.starts_with('_')
            && name != "model_config";
        if kind == OrmKind::SqlAlchemy && constant {
            let annotation = field.annotation?;
            if let Some(OpKind::Item { base, .. }) = code.op(scope, annotation).map(|op| &op.kind)
                && self.lib_name(scope, *base).is_some_and(|name| name == "typing.ClassVar")
            {
                return None;
            }
            let ty = self.annotation_type(scope, annotation);
            let inner = match *self.types.get(ty) {
                Type::List(inner) | Type::Set(inner) => inner,
                _ => ty,
            };
            if let Type::Inst(target, _) = *self.types.get(inner)
                && self.orm.is_model(target)
            {
                return Some(FieldKind::Relationship);
            }
            return Some(FieldKind::Column { type_name: String::new(), foreign_key: false });
        }
        None
    }

    fn calls(&mut self, scope: FuncId, v: ValueId, short: &str) -> bool {
        match self.code.op(scope, v).map(|op| &op.kind) {
            Some(OpKind::Call { callee, .. }) => {
                self.lib_name(scope, *callee).is_some_and(|name| name.rsplit('.').next() == Some(short))
            }
            _ => false,
        }
    }

    pub(super) fn named<'a>(&self, args: &'a [Arg], name: &str) -> Option<&'a Arg> {
        args.iter().find(|arg| matches!(arg.kind, ArgKind::Named(n) if self.names.text(n) == name))
    }

    fn flag(&self, scope: FuncId, args: &[Arg], name: &str) -> bool {
        self.named(args, name).and_then(|arg| self.code.op(scope, arg.value)).map(|op| &op.kind)
            == Some(&OpKind::Const(Const::Bool(true)))
    }

    pub(super) fn text_of(&self, scope: FuncId, v: ValueId) -> Option<&str> {
        match self.code.op(scope, v).map(|op| &op.kind) {
            Some(OpKind::Const(Const::Str(s))) => Some(self.names.text(*s)),
            _ => None,
        }
    }

    /// The model that a relation's argument names: a class, `"Model"`, `"app.Model"`, `"self"`.
    pub(super) fn related_model(&mut self, class: ClassId, scope: FuncId, v: ValueId) -> Option<ClassId> {
        if let Some(text) = self.text_of(scope, v) {
            if text == "self" {
                return Some(class);
            }
            let mut parts = text.rsplit('.');
            let short = parts.next().unwrap_or("").to_owned();
            let app = parts.next().map(str::to_owned);
            return self.model_by_name(class, &short, app.as_deref());
        }
        let ty = self.ref_type(scope, v);
        match *self.types.get(ty) {
            Type::ClassObj(target) => Some(target),
            // `lambda: User`, settings.AUTH_USER_MODEL
            Type::Func(g) => {
                let ret = self.code.body(g).ops.iter().rev().find_map(|op| match op.kind {
                    OpKind::Return(Some(v)) => Some(v),
                    _ => None,
                })?;
                let ty = self.ref_type(g, ret);
                match *self.types.get(ty) {
                    Type::ClassObj(target) => Some(target),
                    _ => None,
                }
            }
            Type::LibRef(name) if self.names.text(name).ends_with("AUTH_USER_MODEL") => {
                self.model_by_name(class, "User", None).or_else(|| self.model_by_name(class, "CustomUser", None))
            }
            _ => None,
        }
    }

    /// `User`, `"auth.User"`, `settings.AUTH_USER_MODEL`: the users of Django, where the project has no class for them.
    fn names_user(&mut self, scope: FuncId, v: ValueId) -> bool {
        let text = self.text_of(scope, v).map(str::to_owned).or_else(|| self.lib_name(scope, v));
        text.is_some_and(|text| {
            ["auth.User", "auth.models.User", ".AUTH_USER_MODEL"].iter().any(|name| text.ends_with(name))
        })
    }

    fn model_by_name(&mut self, from: ClassId, short: &str, app: Option<&str>) -> Option<ClassId> {
        let sym = self.names.get(short)?;
        let candidates = self.orm.by_name.get(&sym)?;
        if let [one] = candidates.as_slice() {
            return Some(*one);
        }
        let here = self.code.module_of_class(from);
        let path = |class: &ClassId| self.code.module(self.code.module_of_class(*class)).map_or("", |m| &m.path);
        if let Some(app) = app {
            let app = app.to_lowercase();
            if let Some(found) = candidates.iter().find(|c| path(c).to_lowercase().split('/').any(|s| s == app)) {
                return Some(*found);
            }
        }
        if let Some(found) = candidates.iter().find(|c| self.code.module_of_class(**c) == here) {
            return Some(*found);
        }
        let home = path(&from);
        candidates.iter().max_by_key(|c| path(c).bytes().zip(home.bytes()).take_while(|(a, b)| a == b).count()).copied()
    }

    fn read_django_relation(&mut self, class: ClassId, scope: FuncId, field: &Field, args: &[Arg], kind: &FieldKind) {
        let target_arg = self
            .named(args, "to")
            .or_else(|| self.named(args, "model_name"))
            .or_else(|| args.iter().find(|a| a.kind == ArgKind::Positional));
        let target = target_arg.map(|a| a.value).and_then(|v| self.related_model(class, scope, v));
        let to_one = matches!(kind, FieldKind::ToOne);
        let own = if to_one { RelationKind::ToOne } else { RelationKind::ToManyManager };
        if to_one && let Some(model) = self.orm.models.get_mut(&class) {
            model.columns.push(Column {
                name: field.name,
                type_name: "ForeignKey".to_owned(),
                foreign_key: true,
                key: false,
                indexed: true,
                large: false,
                deferred: false,
                span: field.span,
            });
        }
        let forward = Relation { target, kind: own, eager: false, reverse: false, never_lazy: false, inverse: None };
        self.add_relation(class, field.name, forward.clone());
        let of_user = target.is_none() && target_arg.is_some_and(|arg| self.names_user(scope, arg.value));
        if target.is_none() && !of_user {
            return;
        }
        let one_to_one = to_one
            && matches!(field.value.and_then(|v| self.code.op(scope, v)).map(|op| &op.kind), Some(OpKind::Call { callee, .. })
                if self.lib_name(scope, *callee).is_some_and(|n| n.contains("OneToOne")));
        let model_name = self.names.text(self.code.class(class).name).to_lowercase();
        let related = self
            .named(args, "related_name")
            .or_else(|| self.named(args, "backref"))
            .map(|a| a.value)
            .and_then(|v| self.text_of(scope, v));
        let reverse = match related {
            Some(name) if name.ends_with('+') => return,
            Some(name) => name.replace("%(class)s", &model_name),
            None if one_to_one => model_name,
            None => format!("{model_name}_set"),
        };
        let reverse = self.names.intern(&reverse);
        let Some(target) = target else {
            self.orm.of_users.insert(reverse, one_to_one);
            return;
        };
        let kind = if one_to_one { RelationKind::ToOne } else { RelationKind::ToManyManager };
        if one_to_one {
            self.add_relation(class, field.name, Relation { inverse: Some(reverse), ..forward });
        }
        let inverse = to_one.then_some(field.name);
        let relation = Relation { target: Some(class), kind, eager: false, reverse: true, never_lazy: false, inverse };
        let known = self.orm.models.get(&target).is_some_and(|m| m.relations.contains_key(&reverse));
        if !known {
            self.add_relation(target, reverse, relation);
        }
    }
}
