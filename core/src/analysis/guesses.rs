//! What an object must be whose file or library is not here: a part of a project is audited as well as it
//! can be. Only names and uses count that one library has; all else stays unknown.

use super::code::FuncId;
use super::infer::Engine;
use super::orm::OrmKind;
use super::project::Project;
use super::queries::{QueryFacts, QueryId};
use super::statements::sql_effects;
use super::stdlib::is_stdlib;
use super::types::{Type, TypeId};
use crate::libraries::Row;
use crate::model::{Arg, ArgKind, ImportKind, OpKind, Sym, ValueId};

/// Methods of a Mongo collection that nothing else has.
const MONGO: &[&str] = &[
    "bulk_write",
    "count_documents",
    "delete_many",
    "delete_one",
    "find_one",
    "find_one_and_delete",
    "find_one_and_replace",
    "find_one_and_update",
    "insert_many",
    "insert_one",
    "replace_one",
    "update_many",
    "update_one",
];

/// What Flask-SQLAlchemy's extension object is asked for.
const EXTENSION: &[&str] = &[
    "Model",
    "Table",
    "create_all",
    "drop_all",
    "engine",
    "first_or_404",
    "get_or_404",
    "metadata",
    "one_or_404",
    "paginate",
    "session",
];

/// Methods of a class of models that are peewee's.
const PEEWEE: &[&str] = &[
    "bulk_create",
    "create",
    "delete",
    "delete_by_id",
    "get_by_id",
    "get_or_create",
    "get_or_none",
    "insert",
    "insert_many",
    "replace_many",
    "select",
    "set_by_id",
    "update",
];

/// Methods that of what hangs on a row or a class only a manager has.
const OF_MANAGERS: &[&str] =
    &["all", "exclude", "filter", "first", "last", "order_by", "prefetch_related", "select_related", "values_list"];

/// A row of a Django model whose class is not seen.
pub(super) const UNSEEN_ROW: &str = "django.db.models.Model";

/// A row of Django's own table of users.
pub(super) const USER: &str = "django.contrib.auth.models.User";

/// Names that a project with asynchronous sessions has somewhere: its `db` is a module of its own.
const ASYNCHRONOUS: &[&str] = &["AsyncSession", "async_sessionmaker", "create_async_engine", "sqlalchemy.ext.asyncio"];

impl Project {
    /// Whether any value may be a row of a model that is not among the files.
    #[must_use]
    pub fn has_unseen_rows(&self) -> bool {
        self.sym(UNSEEN_ROW).is_some()
    }

    /// Whether a type is a row of Django's own table of users.
    #[must_use]
    pub fn is_user(&self, ty: &Type) -> bool {
        matches!(ty, Type::Lib(class, ..) if self.text(*class) == USER)
    }
}

impl Engine<'_> {
    /// Whether a dotted name belongs to a file or library of which nothing is known.
    pub(super) fn is_absent_name(&self, dotted: &str) -> bool {
        let Some((root, _)) = dotted.split_once('.') else { return false };
        root != "builtins" && !is_stdlib(root) && self.library.library_of(dotted).is_none()
    }

    /// Whether a value is unknown, or an object of such a file.
    pub(super) fn is_absent(&self, ty: TypeId) -> bool {
        match *self.types.get(ty) {
            Type::Unknown => true,
            Type::LibRef(name) | Type::Lib(name, ..) => self.is_absent_name(self.names.text(name)),
            Type::LibBound(receiver, _) => match *self.types.get(receiver) {
                // `self.session` of a class whose base is not here.
                Type::Inst(class, _) => {
                    let Some(Some(info)) = self.class_infos.get(class.0 as usize) else { return false };
                    info.mro.iter().all(|base| match base {
                        super::classes::Base::Library(name) => self.is_absent_name(self.names.text(*name)),
                        super::classes::Base::Project(_) => true,
                    })
                }
                _ => self.is_absent(receiver),
            },
            _ => false,
        }
    }

    /// Whether a value is a class of such a file, or an attribute of one: `Order`, `Order.id`.
    fn is_absent_class(&self, ty: TypeId) -> bool {
        let Type::LibRef(name) = *self.types.get(ty) else { return false };
        let name = self.names.text(name);
        let mut parts = name.rsplit('.').take(2);
        parts.any(|part| part.starts_with(char::is_uppercase)) && self.is_absent_name(name)
    }

    /// `owner.member` where the owner is a name of such a file.
    pub(super) fn absent_member(&mut self, prefix: Sym, name: Sym) -> Option<TypeId> {
        let (owner, member) = (self.names.text(prefix), self.names.text(name));
        let last = owner.rsplit('.').next()?;
        let class = last.starts_with(char::is_uppercase);
        let untold = || self.library.library_of(owner).is_none();
        match member {
            // A Django model: `from features.models import Feature`.
            "objects" | "_default_manager" if class && untold() => Some(self.model_rows("django.db.models.Manager")),
            // `Topic.active.filter(…)`: a manager of another name.
            _ if !class && OF_MANAGERS.contains(&member) && self.is_attribute_of_model(owner) => {
                let manager = self.model_rows("django.db.models.Manager");
                Some(self.attr_type(manager, name))
            }
            // A model of Flask-SQLAlchemy: `from shop.models import Order`, `Order.query`; others call theirs.
            "query" => {
                let flask = self.names.get("flask").is_some() || self.names.get("flask_sqlalchemy").is_some();
                let row = if class && flask && untold() {
                    self.types.add(Type::Lib(prefix, TypeId::UNKNOWN, QueryId::NONE))
                } else if class && last.contains(char::is_lowercase) && self.is_absent_name(owner) {
                    TypeId::UNKNOWN
                } else {
                    return None;
                };
                Some(self.lib_inst("flask_sqlalchemy.query.Query", row, QueryId::NONE))
            }
            // A model of peewee: `from shop.models import Order`, `Order.select()`.
            _ if class
                && PEEWEE.contains(&member)
                && self.names.get("peewee").is_some()
                && self.is_absent_model(owner) =>
            {
                let model = self.lib_inst("peewee.Model", TypeId::UNKNOWN, QueryId::NONE);
                Some(self.attr_type(model, name))
            }
            // A task: `from shop.tasks import ship`, `ship.apply_async(…)`.
            "apply_async" | "delay"
                if (member == "apply_async" || owner.contains("task")) && owner.contains('.') && untold() =>
            {
                let task = self.lib_inst("celery.Task", TypeId::UNKNOWN, QueryId::NONE);
                Some(self.types.add(Type::LibBound(task, name)))
            }
            _ if last == "db" && EXTENSION.contains(&member) && self.is_absent_name(owner) => {
                if ASYNCHRONOUS.iter().any(|name| self.names.get(name).is_some()) {
                    return None;
                }
                let db = self.lib_inst("flask_sqlalchemy.SQLAlchemy", TypeId::UNKNOWN, QueryId::NONE);
                Some(self.attr_type(db, name))
            }
            _ => None,
        }
    }

    /// A manager or queryset of a Django model that is not seen.
    fn model_rows(&mut self, class: &'static str) -> TypeId {
        let row = self.lib_inst(UNSEEN_ROW, TypeId::UNKNOWN, QueryId::NONE);
        self.lib_inst(class, row, QueryId::NONE)
    }

    /// `shop.models.Topic.active`: an attribute of a class of a module of models that is not here.
    fn is_attribute_of_model(&self, dotted: &str) -> bool {
        dotted.rsplit_once('.').is_some_and(|(owner, _)| self.is_absent_model(owner))
    }

    /// `shop.models.Order`, where Django's models are meant and the module is not here.
    fn is_absent_model(&self, dotted: &str) -> bool {
        let Some((module, class)) = dotted.rsplit_once('.') else { return false };
        class.starts_with(char::is_uppercase)
            && class.contains(char::is_lowercase)
            && module.split('.').any(|part| part == "models")
            && self.library.library_of(dotted).is_none()
    }

    /// `Order(number=1)` of a model that is not seen: a new row. Other libraries have modules of models too, so the
    /// file must be Django's.
    pub(super) fn absent_row(&mut self, f: FuncId, class: Sym, args: &[Arg]) -> Option<TypeId> {
        let keywords = args.iter().all(|arg| matches!(arg.kind, ArgKind::Named(_) | ArgKind::SpreadNamed));
        let model = keywords && self.is_absent_model(self.names.text(class)) && self.is_django_alone(f);
        model.then(|| self.lib_inst(UNSEEN_ROW, TypeId::UNKNOWN, QueryId::NONE))
    }

    /// `row.lines.filter` of a row whose model is not seen: the manager of a to-many relation.
    pub(super) fn unseen_relation(&mut self, owner: TypeId, relation: Sym, method: Sym) -> TypeId {
        let Type::Lib(class, _, query) = *self.types.get(owner) else { return TypeId::UNKNOWN };
        let class = self.names.text(class);
        let of_user = class == USER && self.orm.of_users(relation) == Some(false);
        let row = class == UNSEEN_ROW || of_user || self.is_absent_model(class);
        if !row || !OF_MANAGERS.contains(&self.names.text(method)) {
            return TypeId::UNKNOWN;
        }
        let loaded =
            |facts: &QueryFacts| facts.loads_unknown || facts.loaded.iter().any(|path| path.first() == Some(&relation));
        let loaded = self.queries.get(query).is_some_and(loaded);
        // A telling name that only one model has.
        let only = if loaded { TypeId::UNKNOWN } else { self.only_manager(relation) };
        if !only.is_unknown() {
            return self.attr_type(only, method);
        }
        let facts = QueryFacts {
            prefetched: loaded,
            unseen_owner: (!query.is_known()).then_some(relation),
            ..QueryFacts::default()
        };
        let query = self.queries.add(facts);
        let row = self.lib_inst(UNSEEN_ROW, TypeId::UNKNOWN, QueryId::NONE);
        let manager = self.lib_inst("django.db.models.Manager", row, query);
        self.attr_type(manager, method)
    }

    /// What an attribute of a value without a type is: a manager (`get_image_model().objects` in a file that imports
    /// Django), a to-many relation, the session of a request of Pyramid.
    pub fn attr_of_unknown(&mut self, f: FuncId, base: ValueId, name: Sym) -> TypeId {
        match self.names.text(name) {
            "objects" => {}
            // https://docs.pylonsproject.org/projects/pyramid-cookiecutter-starter: `request.dbsession`
            "db" | "dbsession" | "db_session" if self.is_request_of_pyramid(f, base) => {
                return self.lib_inst("sqlalchemy.orm.Session", TypeId::UNKNOWN, QueryId::NONE);
            }
            _ => return self.only_manager(name),
        }
        if !self.is_django_alone(f) {
            return TypeId::UNKNOWN;
        }
        self.model_rows("django.db.models.Manager")
    }

    /// `event.submissions.filter(state="new")` of a value without a type: keywords are Django's way alone.
    pub fn filtered_by_keyword(&mut self, f: FuncId, method: Sym, args: &[Arg]) -> TypeId {
        // Data frames filter by these.
        const OTHERS: &[&str] = &["items", "like", "regex", "axis", "key", "func", "function", "predicate"];
        // `question.tags.values_list("id", flat=True)`
        let flat = |arg: &Arg| matches!(arg.kind, ArgKind::Named(name) if self.names.text(name) == "flat");
        if self.names.text(method) == "values_list" && args.iter().any(flat) && self.is_django_alone(f) {
            let query = self.queries.add(QueryFacts { plain_rows: true, ..QueryFacts::default() });
            return self.lib_inst("django.db.models.QuerySet", TypeId::UNKNOWN, query);
        }
        if args.is_empty() || !matches!(self.names.text(method), "filter" | "exclude") {
            return TypeId::UNKNOWN;
        }
        let keywords = args.iter().all(|arg| match arg.kind {
            ArgKind::Named(name) => {
                let name = self.names.text(name);
                name.starts_with(char::is_lowercase) && !OTHERS.contains(&name)
            }
            _ => false,
        });
        if !keywords || !self.is_django_alone(f) {
            return TypeId::UNKNOWN;
        }
        self.model_rows("django.db.models.QuerySet")
    }

    /// `event.submissions.all()` of a value without a type: in a file of Django's, all rows of a relation.
    pub(super) fn all_of_unknown(&mut self, f: FuncId, relation: ValueId, method: Sym) -> TypeId {
        let Some(OpKind::Attr { name, .. }) = self.code.op(f, relation).map(|op| &op.kind) else {
            return TypeId::UNKNOWN;
        };
        let called = self.names.text(method) == "all" && self.names.text(*name).starts_with(char::is_lowercase);
        if !called || !self.value(f, relation).is_unknown() || !self.is_django_alone(f) {
            return TypeId::UNKNOWN;
        }
        let query = self.queries.add(QueryFacts { unseen_owner: Some(*name), ..QueryFacts::default() });
        let row = self.lib_inst(UNSEEN_ROW, TypeId::UNKNOWN, QueryId::NONE);
        self.lib_inst("django.db.models.QuerySet", row, query)
    }

    /// `paginate(request, orders)`, `iter_wrapper(orders)` of what is not seen: by its name it gives the rows that it
    /// is given, some or all of them.
    pub(super) fn passed_through(
        &mut self,
        f: FuncId,
        callee: ValueId,
        callee_ty: TypeId,
        args: &[Arg],
        arg_types: &[TypeId],
    ) -> TypeId {
        const WORDS: &[&str] = &["paginat", "progress", "tqdm", "track", "iter_", "wrap"];
        // Hardly any call is given rows; its name is read after that.
        let rows_of =
            |engine: &Self, ty: TypeId| engine.is_queryset(ty) || matches!(engine.types.get(ty), Type::List(_));
        if !args.iter().zip(arg_types).any(|(arg, ty)| arg.kind == ArgKind::Positional && rows_of(self, *ty)) {
            return TypeId::UNKNOWN;
        }
        let name = match self.code.op(f, callee).map(|op| &op.kind) {
            Some(OpKind::Attr { name, .. }) => Some(*name),
            _ => self.hint(f, callee),
        };
        let says = name.is_some_and(|name| {
            let name = self.names.text(name);
            WORDS.iter().any(|word| name.contains(word))
        });
        if !says || !self.is_absent(callee_ty) {
            return TypeId::UNKNOWN;
        }
        let mut rows = TypeId::UNKNOWN;
        for (arg, ty) in args.iter().zip(arg_types) {
            if arg.kind != ArgKind::Positional || !rows_of(self, *ty) {
                continue;
            }
            let row = self.element_of(*ty);
            let known = match *self.types.get(row) {
                Type::Inst(class, _) => self.orm.is_model(class),
                Type::Lib(class, ..) => self.names.text(class) == UNSEEN_ROW,
                _ => false,
            };
            if known {
                if !rows.is_unknown() {
                    return TypeId::UNKNOWN;
                }
                rows = self.types.add(Type::List(row));
            }
        }
        rows
    }

    fn is_request_of_pyramid(&self, f: FuncId, base: ValueId) -> bool {
        let pyramid = ["pyramid.view", "pyramid.request", "pyramid.httpexceptions", "pyramid.config"];
        self.hint(f, base).is_some_and(|hint| self.names.text(hint) == "request")
            && pyramid.iter().any(|module| self.names.get(module).is_some())
            && self.names.get("sqlalchemy").is_some()
    }

    /// Whether the file of `f` imports Django and no other library with managers or filters of that spelling.
    fn is_django_alone(&self, f: FuncId) -> bool {
        const OTHERS: &[&str] = &["boto3", "elasticsearch_dsl", "opensearch_dsl", "sqlalchemy", "peewee", "tortoise"];
        let Some(module) = self.code.module(self.code.module_of(f)) else { return false };
        let mut django = false;
        for import in &module.imports {
            let dotted = match &import.kind {
                ImportKind::Module { module, .. }
                | ImportKind::Member { module, .. }
                | ImportKind::Star { module, .. } => self.names.text(*module),
            };
            let root = dotted.split('.').next().unwrap_or("");
            if OTHERS.contains(&root) {
                return false;
            }
            django |= matches!(root, "django" | "rest_framework");
        }
        django
    }

    /// Whether only a session is asked this: a receiver without a type that is given a mapped class or a
    /// statement, as `request.db.query(Order)`, `db.scalars(select(Order))`.
    pub(super) fn asks_session(&mut self, f: FuncId, base: ValueId, name: Sym, args: &[Arg]) -> bool {
        let by_class = match self.names.text(name) {
            "query" => true,
            "get" | "get_one" => args.len() >= 2,
            "execute" | "scalars" | "scalar" | "exec" | "stream" | "stream_scalars" => false,
            _ => return false,
        };
        let Some(first) = args.first() else { return false };
        if !self.is_absent(self.value(f, base)) {
            return false;
        }
        let ty = self.value(f, first.value);
        match *self.types.get(ty) {
            Type::ClassObj(class) => {
                by_class && self.orm.model(class).is_some_and(|model| model.kind == OrmKind::SqlAlchemy)
            }
            // `session.query(Order)` of a model that is not among the files.
            Type::LibRef(_) => by_class && self.is_absent_class(ty) && self.is_named_session(f, base),
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

    /// The name of a receiver.
    pub(super) fn hint(&self, f: FuncId, base: ValueId) -> Option<Sym> {
        let body = self.code.body(f);
        match &body.op(super::flow::source_of(body, base))?.kind {
            OpKind::Param(i) => Some(self.code.func(f).params.get(usize::from(*i))?.name),
            OpKind::Attr { name, .. } | OpKind::Global(name) | OpKind::Captured { name, .. } => Some(*name),
            OpKind::Enter { .. } | OpKind::Call { .. } => match body.op(base)?.kind {
                OpKind::Bind { name, .. } => Some(name),
                _ => None,
            },
            _ => None,
        }
    }

    fn is_named_session(&self, f: FuncId, base: ValueId) -> bool {
        self.hint(f, base).is_some_and(|hint| is_database(self.names.text(hint)) || is_session(self.names.text(hint)))
            && self.names.get("cassandra").is_none()
    }

    /// The last resort for a receiver without a type: a method that only one kind of object has, or a name
    /// that says what it is and a method that such an object has. With it, whether that is certain: a name
    /// alone is not, and the site is marked as guessed.
    pub(super) fn guessed_row(
        &mut self,
        f: FuncId,
        base: ValueId,
        name: Sym,
        args: &[Arg],
        awaited: bool,
    ) -> Option<(&'static Row, bool)> {
        let asks = self.asks_session(f, base, name, args);
        if asks || self.is_named_session(f, base) && self.has_session_method(f, base, name, args) {
            let class = if awaited { "sqlalchemy.ext.asyncio.AsyncSession" } else { "sqlalchemy.orm.Session" };
            return self.library.method(class, self.names.text(name)).map(|(row, _)| (row, asks));
        }
        if !self.is_absent(self.value(f, base)) {
            return None;
        }
        let method = self.names.text(name);
        if let Some(method) = MONGO.iter().find(|known| **known == method) {
            let class = if awaited {
                "pymongo.asynchronous.collection.AsyncCollection"
            } else {
                "pymongo.collection.Collection"
            };
            return self.library.method(class, method).map(|(row, _)| (row, true));
        }
        let asynchronous = |method| ("asyncpg.Connection", method);
        let (class, method) = match method {
            "execute" if awaited => asynchronous("execute"),
            "executemany" if awaited => asynchronous("executemany"),
            "fetch" | "fetch_all" if awaited => asynchronous("fetch"),
            "fetchrow" | "fetch_one" if awaited => asynchronous("fetchrow"),
            "fetchval" | "fetch_val" if awaited => asynchronous("fetchval"),
            "execute" if !self.code.func(f).is_async => ("dbapi:Cursor", "execute"),
            "executemany" if !self.code.func(f).is_async => ("dbapi:Cursor", "executemany"),
            _ => return None,
        };
        // `conn.execute("UPDATE …")`
        let text = self.sql_text(f, args.first()?.value, 0)?;
        sql_effects(&text)?;
        self.library.method(class, method).map(|(row, _)| (row, true))
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

    /// Whether a session has such a method, and nothing else of that name.
    fn has_session_method(&self, f: FuncId, base: ValueId, name: Sym, args: &[Arg]) -> bool {
        let ty = self.value(f, base);
        let (method, named) = (self.names.text(name), |text: &str| self.names.get(text).is_some());
        let sqlalchemy = named("sqlalchemy") || named("sqlmodel");
        // `x.get(Order, key)`: only a session is asked for a class.
        let by_class = matches!(method, "get" | "get_one")
            && args.len() >= 2
            && args.first().is_some_and(|arg| matches!(self.types.get(self.value(f, arg.value)), Type::ClassObj(_)));
        let own = matches!(method, "commit" | "rollback" | "flush" | "add_all" | "query");
        let shared =
            matches!(method, "execute" | "scalars" | "scalar" | "refresh") || method == "exec" && named("sqlmodel");
        let database = self.hint(f, base).is_some_and(|hint| is_database(self.names.text(hint)));
        let fits = by_class
            || own && (sqlalchemy || !database)
            || shared && (sqlalchemy || !database && named("commit"))
            || matches!(method, "add" | "delete" | "merge" | "exec") && database && sqlalchemy;
        fits && self.is_absent(ty)
    }
}

/// Names that say that a value is a database session.
fn is_database(hint: &str) -> bool {
    matches!(hint, "db" | "db_session" | "dbsession" | "async_session")
}

/// Names of sessions of any kind.
fn is_session(hint: &str) -> bool {
    hint == "session" || hint.ends_with("_session")
}
