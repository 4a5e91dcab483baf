//! What a call of the project's own functions gives where that depends on what they are called on or with: helpers
//! that give a query back, managers that serve many models, methods that read `self.model`.

use super::code::{ClassId, Code, FuncId};
use super::flow::source_of;
use super::infer::Engine;
use super::queries::QueryId;
use super::types::{Type, TypeId};
use crate::model::{Arg, ArgKind, Body, Interner, OpKind, ParamKind, ValueId};

impl Engine<'_> {
    /// `query = add_filters(query, …)` with `-> Select`: the statement that went in, with what the helper
    /// may have loaded unknown.
    pub(super) fn refined_statement(&mut self, result: TypeId, arg_types: &[TypeId]) -> TypeId {
        let (inner, is_async) = match *self.types.get(result) {
            Type::Coroutine(inner) => (inner, true),
            _ => (result, false),
        };
        let Type::Lib(class, elem, _) = *self.types.get(inner) else { return result };
        if !elem.is_unknown()
            || !matches!(
                self.names.text(class),
                "sqlalchemy.Select" | "sqlalchemy.orm.Query" | "django.db.models.QuerySet"
            )
        {
            return result;
        }
        let given = arg_types.iter().find_map(|ty| match *self.types.get(*ty) {
            Type::Lib(other, elem, query) if other == class && !elem.is_unknown() => Some((elem, query)),
            _ => None,
        });
        let Some((elem, query)) = given else { return result };
        let mut facts = self.queries.get(query).cloned().unwrap_or_default();
        facts.loads_unknown = true;
        let query = self.queries.add(facts);
        let refined = self.types.add(Type::Lib(class, elem, query));
        if is_async { self.types.add(Type::Coroutine(refined)) } else { refined }
    }

    /// `-> Self` of a method: the receiver. A class method `cls(...)` of a base gives the subclass.
    pub(super) fn receiver_result(&mut self, g: FuncId, callee: TypeId, result: TypeId) -> TypeId {
        let Type::Bound(_, receiver) = *self.types.get(callee) else { return result };
        let (mut inner, is_async) = match *self.types.get(result) {
            Type::Coroutine(inner) => (inner, true),
            _ => (result, false),
        };
        let own = self.code.class_of(g);
        if let (Some(own), Type::Inst(got, _)) = (own, self.types.get(inner).clone())
            && own == got
            && let Type::ClassObj(actual) | Type::Inst(actual, _) = *self.types.get(receiver)
            && actual != own
        {
            inner = self.types.add(Type::Inst(actual, QueryId::NONE));
        }
        if let Some(own) = own {
            inner = self.managed_rows(g, own, receiver, inner);
        }
        if is_async { self.types.add(Type::Coroutine(inner)) } else { inner }
    }

    /// What a method of a manager or queryset class gives, for the model whose manager is asked: the class may
    /// serve many models, or be the base of their managers.
    fn managed_rows(&mut self, g: FuncId, own: ClassId, receiver: TypeId, result: TypeId) -> TypeId {
        let (elem, asked) = self.arg_of(receiver);
        let Type::Inst(model, _) = *self.types.get(elem) else { return result };
        let serves = self.orm.model_of_manager(own);
        let stands_for = |engine: &mut Self, elem: TypeId| match *engine.types.get(elem) {
            Type::Unknown => true,
            Type::Inst(other, _) => other != model && (Some(other) == serves || engine.descends(model, other)),
            _ => false,
        };
        let (rows, query) = match self.types.get(result).clone() {
            Type::Lib(class, elem, query) if stands_for(self, elem) => (Some(class), query),
            Type::Inst(_, query) if stands_for(self, result) => (None, query),
            Type::Unknown => (None, QueryId::NONE),
            _ => return result,
        };
        let manager = self.library_ancestors(own).into_iter().any(|base| {
            let base = self.names.text(base).strip_prefix("django.db.models.").unwrap_or_default();
            base.contains("Manager") || base.contains("QuerySet")
        });
        if !manager || result.is_unknown() && !self.gives_a_row(g, own) {
            return result;
        }
        let mut facts = self.queries.get(asked).cloned().unwrap_or_default();
        if let Some(found) = self.queries.get(query) {
            facts.add(found);
        } else {
            facts.loads_unknown = query == QueryId::MIXED;
        }
        facts.model = Some(model);
        let query = self.queries.add(facts);
        let ty = match rows {
            Some(class) => Type::Lib(class, elem, query),
            None => Type::Inst(model, query),
        };
        self.types.add(ty)
    }

    fn descends(&mut self, class: ClassId, base: ClassId) -> bool {
        self.class_info(class).mro.iter().any(|b| matches!(b, super::classes::Base::Project(b) if *b == base))
    }

    /// Whether a method of a manager ends in `get()`, `first()` and the like of a query of its own rows.
    fn gives_a_row(&mut self, g: FuncId, own: ClassId) -> bool {
        let code = self.code;
        let mut any = false;
        for op in &code.body(g).ops {
            let OpKind::Return(Some(v)) = op.kind else { continue };
            let at = source_of(code.body(g), v);
            let Some(OpKind::Call { callee, .. }) = code.op(g, at).map(|op| &op.kind) else { return false };
            let Some(OpKind::Attr { base, name }) = code.op(g, *callee).map(|op| &op.kind) else { return false };
            if !matches!(self.names.text(*name), "get" | "first" | "last" | "latest" | "earliest" | "create") {
                return false;
            }
            let ty = self.value(g, *base);
            let rows = match *self.types.get(ty) {
                Type::Lib(class, elem, _) => {
                    elem.is_unknown() && self.names.text(class).starts_with("django.db.models.")
                }
                Type::Inst(class, _) => class == own,
                _ => false,
            };
            if !rows {
                return false;
            }
            any = true;
        }
        any
    }

    /// What a function gives that gives one of its arguments back: the query that went in.
    pub(super) fn given_back(
        &mut self,
        g: FuncId,
        callee: TypeId,
        args: &[Arg],
        arg_types: &[TypeId],
        result: TypeId,
    ) -> TypeId {
        let query = |engine: &Self, ty: TypeId| match engine.types.get(ty) {
            Type::Lib(class, elem, _) => !elem.is_unknown() && is_rows(engine.names.text(*class)),
            _ => false,
        };
        if !arg_types.iter().any(|ty| query(self, *ty)) {
            return result;
        }
        let (inner, is_async) = match *self.types.get(result) {
            Type::Coroutine(inner) => (inner, true),
            _ => (result, false),
        };
        if !matches!(self.types.get(inner), Type::Unknown | Type::Lib(..) | Type::Union(_)) {
            return result;
        }
        let passes = match self.passing.get(&g) {
            Some(known) => *known,
            None => {
                let found = passes(self.code, &self.names, g, 0);
                self.passing.insert(g, found);
                found
            }
        };
        let Some(Passes { param, keeps }) = passes else { return result };
        let bound =
            matches!(self.types.get(callee), Type::Bound(..)) && !self.has_decorator(g, "builtins.staticmethod");
        let Some(wanted) = self.code.func(g).params.get(usize::from(param)) else { return result };
        let position = usize::from(param).checked_sub(usize::from(bound));
        let given = args.iter().enumerate().position(|(i, arg)| match arg.kind {
            ArgKind::Positional => Some(i) == position && wanted.kind != ParamKind::Rest,
            ArgKind::Named(name) => name == wanted.name,
            _ => false,
        });
        let Some(mut ty) = given.and_then(|i| arg_types.get(i)).copied().filter(|ty| query(self, *ty)) else {
            return result;
        };
        if !keeps && let Type::Lib(class, elem, query) = *self.types.get(ty) {
            let mut facts = self.queries.get(query).cloned().unwrap_or_default();
            facts.loads_unknown = true;
            let query = self.queries.add(facts);
            ty = self.types.add(Type::Lib(class, elem, query));
        }
        if is_async { self.types.add(Type::Coroutine(ty)) } else { ty }
    }

    /// What an inherited method gives for the class that it is called on, where its body alone does not tell:
    /// `return self.model.objects.all()`.
    pub(super) fn by_receiver(&mut self, g: FuncId, callee: TypeId, result: TypeId) -> TypeId {
        let Type::Bound(_, receiver) = *self.types.get(callee) else { return result };
        let (Type::Inst(class, _) | Type::ClassObj(class)) = *self.types.get(receiver) else { return result };
        if !self.says_nothing(result) || self.code.class_of(g).is_none_or(|own| own == class) {
            return result;
        }
        if let Some(&known) = self.received.get(&(g, class)) {
            return if known.is_unknown() { result } else { known };
        }
        self.received.insert((g, class), TypeId::UNKNOWN);
        let code = self.code;
        let function = code.func(g);
        let mut joined = TypeId::UNKNOWN;
        if !function.is_generator {
            for op in &function.body.ops {
                let OpKind::Return(Some(v)) = op.kind else { continue };
                let ty = self.seen_from(g, v, receiver, 0);
                joined = self.join(joined, ty);
            }
        }
        if self.says_nothing(joined) {
            return result;
        }
        if function.is_async {
            joined = self.types.add(Type::Coroutine(joined));
        }
        self.received.insert((g, class), joined);
        joined
    }

    /// Unknown, or rows of an unknown class.
    fn says_nothing(&self, ty: TypeId) -> bool {
        match self.types.get(ty) {
            Type::Unknown | Type::None => true,
            Type::Lib(class, elem, _) => elem.is_unknown() && is_rows(self.names.text(*class)),
            Type::List(elem) | Type::Coroutine(elem) => self.says_nothing(*elem),
            _ => false,
        }
    }

    /// The type of a value of a method that is called on `receiver`.
    fn seen_from(&mut self, g: FuncId, v: ValueId, receiver: TypeId, depth: u32) -> TypeId {
        let code = self.code;
        let known = self.value(g, v);
        let Some(op) = code.op(g, v).filter(|_| depth < 16) else { return known };
        match &op.kind {
            OpKind::Param(0) => receiver,
            OpKind::Bind { value, .. } => self.seen_from(g, *value, receiver, depth + 1),
            OpKind::Await(value) => {
                let ty = self.seen_from(g, *value, receiver, depth + 1);
                self.awaited(ty)
            }
            OpKind::Attr { base, name } => {
                let from = self.seen_from(g, *base, receiver, depth + 1);
                if from == self.value(g, *base) { known } else { self.attr_type(from, *name) }
            }
            OpKind::Call { callee, args } => {
                let called = self.seen_from(g, *callee, receiver, depth + 1);
                let given: Vec<TypeId> =
                    args.iter().map(|arg| self.seen_from(g, arg.value, receiver, depth + 1)).collect();
                let same = called == self.value(g, *callee)
                    && args.iter().zip(&given).all(|(arg, ty)| *ty == self.value(g, arg.value));
                if same {
                    return known;
                }
                let result = self.called(g, called, args, &given);
                self.refine_query(g, called, args, result)
            }
            OpKind::Phi(entries) => {
                let mut joined = TypeId::UNKNOWN;
                for entry in entries.iter().filter(|entry| **entry < v).take(4) {
                    let ty = self.seen_from(g, *entry, receiver, depth + 1);
                    joined = self.join(joined, ty);
                }
                joined
            }
            _ => known,
        }
    }

    /// What `get_queryset` of a generic view gives that the project does not override: its `queryset`, else all
    /// rows of its `model`.
    pub(super) fn view_rows(&mut self, class: ClassId) -> TypeId {
        let view = self.library_ancestors(class).into_iter().any(|ancestor| {
            let name = self.names.text(ancestor);
            ["rest_framework.generics.", "rest_framework.viewsets.", "django.views.generic."]
                .iter()
                .any(|module| name.starts_with(module))
        });
        if !view {
            return TypeId::UNKNOWN;
        }
        let (rows, model) = (self.names.intern("queryset"), self.names.intern("model"));
        let me = self.types.add(Type::Inst(class, QueryId::NONE));
        let found = self.attr_type(me, rows);
        if let Type::Lib(rows_class, elem, query) = *self.types.get(found) {
            // `self.queryset = self.queryset.select_related(…)` before the inherited method runs.
            let owners: Vec<ClassId> =
                self.stores.keys().filter(|(_, name)| *name == rows).map(|(owner, _)| *owner).collect();
            if !owners.into_iter().any(|owner| self.descends(class, owner)) {
                return found;
            }
            let mut facts = self.queries.get(query).cloned().unwrap_or_default();
            facts.loads_unknown = true;
            let query = self.queries.add(facts);
            return self.types.add(Type::Lib(rows_class, elem, query));
        }
        let model = self.attr_type(me, model);
        match *self.types.get(model) {
            Type::ClassObj(model) if self.orm.is_model(model) => {
                let elem = self.types.add(Type::Inst(model, QueryId::NONE));
                let query = self.model_query(model);
                let manager = self.names.intern("django.db.models.QuerySet");
                self.types.add(Type::Lib(manager, elem, query))
            }
            _ => TypeId::UNKNOWN,
        }
    }
}

/// Methods that give another query for the same kind of rows with the same options.
pub(super) const REFINES: &[&str] =
    &["filter", "exclude", "order_by", "distinct", "where", "limit", "offset", "filter_by", "paginate"];
/// Of a query that is handed on, these as well.
const KEEPS: &[&str] = &["alias", "all", "annotate", "none", "reverse", "select_for_update", "using"];

fn is_rows(class: &str) -> bool {
    matches!(
        class,
        "sqlalchemy.Select"
            | "sqlalchemy.orm.Query"
            | "django.db.models.QuerySet"
            | "django.db.models.Manager"
            | "peewee.ModelSelect"
    )
}

/// A function that gives an argument back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Passes {
    /// Position of the parameter.
    pub param: u16,
    /// What it adds loads nothing.
    pub keeps: bool,
}

/// The parameter that a function gives back, refined or as it is.
pub(super) fn passes(code: &Code, names: &Interner, f: FuncId, depth: u32) -> Option<Passes> {
    if code.func(f).is_generator || depth > 4 {
        return None;
    }
    let returned = code.body(f).ops.iter().filter_map(|op| match op.kind {
        OpKind::Return(v) => Some(v),
        _ => None,
    });
    let mut keeps = true;
    let mut found = None;
    for one in returned {
        let param = Below { code, names, f }.param(one?, depth, &mut keeps)?;
        if found.is_some_and(|known| known != param) {
            return None;
        }
        found = Some(param);
    }
    Some(Passes { param: found?, keeps })
}

/// Follows a value of a function down to the parameter that it is, refined or as it is.
#[derive(Clone, Copy)]
struct Below<'c> {
    code: &'c Code,
    names: &'c Interner,
    f: FuncId,
}

impl Below<'_> {
    fn param(self, v: ValueId, depth: u32, keeps: &mut bool) -> Option<u16> {
        if depth > 12 {
            return None;
        }
        let body = self.code.body(self.f);
        let at = source_of(body, v);
        match &body.op(at)?.kind {
            OpKind::Param(i) => Some(*i),
            OpKind::Slice { base, .. } => self.param(*base, depth + 1, keeps),
            OpKind::Call { callee, args } => match &body.op(*callee)?.kind {
                OpKind::Attr { base, name } => {
                    let method = self.names.text(*name);
                    if REFINES.contains(&method) || KEEPS.contains(&method) {
                        return self.param(*base, depth + 1, keeps);
                    }
                    // `self.sorted(rows)`
                    let own = matches!(body.op(source_of(body, *base)).map(|op| &op.kind), Some(OpKind::Param(0)));
                    let inner = self.sibling(*name).filter(|_| own)?;
                    let passed = passes(self.code, self.names, inner, depth + 1)?;
                    *keeps &= passed.keeps;
                    let arg = args.get(usize::from(passed.param).checked_sub(1)?)?;
                    (arg.kind == ArgKind::Positional).then_some(())?;
                    self.param(arg.value, depth + 1, keeps)
                }
                _ => None,
            },
            OpKind::Phi(entries) => {
                let mut found = None;
                for entry in entries {
                    if *entry >= at {
                        *keeps &= only_filters(body, self.names, *entry);
                        continue;
                    }
                    let param = self.param(*entry, depth + 1, keeps)?;
                    if found.is_some_and(|known| known != param) {
                        return None;
                    }
                    found = Some(param);
                }
                found
            }
            _ => None,
        }
    }

    /// Another method of the same class.
    fn sibling(self, name: crate::model::Sym) -> Option<FuncId> {
        let class = self.code.class_of(self.f)?;
        let module = self.code.module_of_class(class);
        let mut methods = self.code.class(class).methods.iter().map(|m| self.code.func_id(module, *m));
        methods.find(|g| self.code.func(*g).name == name && *g != self.f)
    }
}

/// What a pass of a loop makes of a query: `backend.filter_queryset(request, queryset, self)`.
fn only_filters(body: &Body, names: &Interner, v: ValueId) -> bool {
    match body.op(source_of(body, v)).map(|op| &op.kind) {
        Some(OpKind::Call { callee, .. }) => match body.op(*callee).map(|op| &op.kind) {
            Some(OpKind::Attr { name, .. }) => {
                let name = names.text(*name);
                REFINES.contains(&name) || name.starts_with("filter")
            }
            _ => false,
        },
        Some(OpKind::Phi(_)) => true,
        _ => false,
    }
}
