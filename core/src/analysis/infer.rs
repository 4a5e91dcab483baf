//! Type inference: one forward pass over each body, on demand across functions.
//!
//! [`Engine`] owns everything that is computed while types are inferred. Recursion across
//! functions is bounded; what is still in progress reads as far as it got.

use super::classes::{Base, ClassInfo};
use super::code::{ClassId, Code, FuncId, ModuleId};
use super::imports::ModuleIndex;
use super::orm::Orm;
use super::queries::{Queries, QueryId};
use super::types::{Type, TypeId, Types};
use crate::libraries::{LibraryIndex, Ret, Row};
use crate::model::{
    BinaryOp, CollectionKind, Const, Function, FunctionKind, Interner, OpKind, ParamKind, Sym, ValueId,
};
use rustc_hash::{FxHashMap, FxHashSet};

/// How deep one function's types may ask for another's.
const MAX_DEPTH: u32 = 48;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    New,
    Busy,
    Done,
}

/// Everything inference reads and writes.
#[derive(Debug)]
pub(crate) struct Engine<'p> {
    pub code: &'p Code,
    /// SQL files: path and text, by path.
    pub scripts: &'p [(String, String)],
    pub names: Interner,
    pub library: LibraryIndex,
    pub types: Types,
    pub queries: Queries,
    pub index: ModuleIndex,
    pub orm: Orm,
    pub class_infos: Vec<Option<ClassInfo>>,
    pub values: Vec<Vec<TypeId>>,
    pub state: Vec<State>,
    pub returns: Vec<Option<TypeId>>,
    pub returns_busy: FxHashSet<FuncId>,
    pub params: FxHashMap<(FuncId, u16), TypeId>,
    pub globals: Vec<FxHashMap<Sym, TypeId>>,
    pub globals_busy: FxHashSet<(ModuleId, Sym)>,
    pub attrs: FxHashMap<(ClassId, Sym), TypeId>,
    pub attrs_busy: FxHashSet<(ClassId, Sym)>,
    /// `self.name = value` anywhere in the class's methods.
    pub stores: FxHashMap<(ClassId, Sym), Vec<(FuncId, ValueId)>>,
    /// Argument types seen at call sites, for parameters without annotation.
    pub observed: FxHashMap<(FuncId, u16), TypeId>,
    /// Rows of library names.
    pub rows: FxHashMap<Sym, Option<&'static Row>>,
    /// Rows of methods of library classes.
    pub method_rows: FxHashMap<(Sym, Sym), Option<&'static Row>>,
    /// `library.member` by owner and name.
    pub members: FxHashMap<(Sym, Sym), TypeId>,
    /// Whether a decorated function is a property.
    pub properties: FxHashMap<FuncId, bool>,
    pub depth: u32,
    /// How many bodies were inferred so far.
    pub inferred: usize,
    /// Templates and what renders them.
    pub templates: super::templates::Templates,
    /// The function whose call is being typed.
    pub current: FuncId,
    /// Functions that the project's settings name.
    pub named: super::rules::Named,
    /// The parameter that a function gives back.
    pub passing: FxHashMap<FuncId, Option<super::receivers::Passes>>,
    /// The models that admin classes are registered for, once asked.
    pub registered: Option<FxHashMap<ClassId, TypeId>>,
    /// What inherited methods give for a class that they are called on.
    pub received: FxHashMap<(FuncId, ClassId), TypeId>,
    /// Memory for the types of a call's arguments.
    pub given_types: Vec<TypeId>,
    /// Memory for which values of a function are awaited.
    pub awaited: Vec<bool>,
}

impl<'p> Engine<'p> {
    pub fn new(code: &'p Code, scripts: &'p [(String, String)], names: Interner, library: LibraryIndex) -> Self {
        let functions = code.func_count();
        let mut engine = Self {
            code,
            scripts,
            names,
            library,
            types: Types::default(),
            queries: Queries::default(),
            index: ModuleIndex::new(code),
            orm: Orm::default(),
            class_infos: vec![None; code.class_count()],
            values: vec![Vec::new(); functions],
            state: vec![State::New; functions],
            returns: vec![None; functions],
            returns_busy: FxHashSet::default(),
            params: FxHashMap::default(),
            globals: vec![FxHashMap::default(); code.module_ids().count()],
            globals_busy: FxHashSet::default(),
            attrs: FxHashMap::default(),
            attrs_busy: FxHashSet::default(),
            stores: FxHashMap::default(),
            observed: FxHashMap::default(),
            rows: FxHashMap::default(),
            method_rows: FxHashMap::default(),
            members: FxHashMap::default(),
            properties: FxHashMap::default(),
            depth: 0,
            inferred: 0,
            templates: super::templates::Templates::default(),
            current: FuncId(0),
            named: super::rules::Named::default(),
            passing: FxHashMap::default(),
            given_types: Vec::new(),
            awaited: Vec::new(),
            registered: None,
            received: FxHashMap::default(),
        };
        engine.collect_stores();
        engine.build_orm();
        engine.note_spelled_paths();
        engine
    }

    fn collect_stores(&mut self) {
        for f in self.code.func_ids() {
            let Some(class) = self.code.class_of(f) else { continue };
            for &at in self.code.stores_in(f) {
                // Parameters come first: op 0 is `self`.
                if let Some(OpKind::StoreAttr { base: ValueId(0), name, value }) =
                    self.code.op(f, at).map(|op| &op.kind)
                    && !self.code.func(f).params.is_empty()
                {
                    self.stores.entry((class, *name)).or_default().push((f, *value));
                }
            }
        }
    }

    /// The inferred type of a value; what is not inferred yet is unknown.
    pub fn value(&self, f: FuncId, v: ValueId) -> TypeId {
        self.values.get(f.0 as usize).and_then(|vs| vs.get(v.0 as usize)).copied().unwrap_or(TypeId::UNKNOWN)
    }

    /// Infers the body of `f` unless it is done or under way.
    pub fn infer(&mut self, f: FuncId) {
        if self.state.get(f.0 as usize) != Some(&State::New) || self.depth >= MAX_DEPTH {
            return;
        }
        self.set_state(f, State::Busy);
        self.depth += 1;
        self.inferred += 1;
        let code = self.code;
        let body = code.body(f);
        if let Some(values) = self.values.get_mut(f.0 as usize) {
            values.reserve_exact(body.ops.len());
        }
        for i in 0..body.ops.len() {
            let ty = self.op_type(f, ValueId(u32::try_from(i).unwrap_or(u32::MAX)));
            if let Some(values) = self.values.get_mut(f.0 as usize) {
                values.push(ty);
            }
        }
        self.close_loops(f);
        self.depth -= 1;
        self.set_state(f, State::Done);
    }

    /// Loop headers were typed from their forward entries only; when a back edge brings a type where
    /// none was known, the body is typed once more.
    fn close_loops(&mut self, f: FuncId) {
        let code = self.code;
        let body = code.body(f);
        let mut changed = false;
        for (i, op) in body.ops.iter().enumerate() {
            let OpKind::Phi(entries) = &op.kind else { continue };
            if !entries.iter().any(|v| v.0 as usize > i) {
                continue;
            }
            let here = ValueId(u32::try_from(i).unwrap_or(u32::MAX));
            let before = self.value(f, here);
            let mut joined = before;
            for v in entries {
                let ty = self.value(f, *v);
                joined = self.join(joined, ty);
            }
            if joined != before && (before.is_unknown() || before == TypeId::NONE) {
                self.set_value(f, here, joined);
                changed = true;
            }
        }
        if !changed {
            return;
        }
        for i in 0..body.ops.len() {
            let here = ValueId(u32::try_from(i).unwrap_or(u32::MAX));
            let Some(op) = body.ops.get(i) else { continue };
            if matches!(op.kind, OpKind::Phi(_)) {
                continue;
            }
            if self.value(f, here).is_unknown() {
                let ty = self.op_type(f, here);
                self.set_value(f, here, ty);
            }
        }
    }

    pub(super) fn set_state(&mut self, f: FuncId, state: State) {
        if let Some(slot) = self.state.get_mut(f.0 as usize) {
            *slot = state;
        }
    }

    fn set_value(&mut self, f: FuncId, v: ValueId, ty: TypeId) {
        if let Some(slot) = self.values.get_mut(f.0 as usize).and_then(|vs| vs.get_mut(v.0 as usize)) {
            *slot = ty;
        }
    }

    fn op_type(&mut self, f: FuncId, v: ValueId) -> TypeId {
        let code = self.code;
        let Some(op) = code.op(f, v) else { return TypeId::UNKNOWN };
        match &op.kind {
            OpKind::Const(constant) => const_type(constant),
            OpKind::Param(i) => self.param_type(f, *i),
            OpKind::Phi(entries) => {
                let mut joined = TypeId::UNKNOWN;
                for entry in entries {
                    let ty = self.value(f, *entry);
                    joined = self.join(joined, ty);
                }
                joined
            }
            OpKind::Global(name) => match self.template_tag(*name) {
                Some(tag) if self.is_template(f) => self.types.add(Type::Func(tag)),
                _ => self.global_type(self.code.module_of(f), *name),
            },
            OpKind::Captured { owner, name } => {
                let owner = code.func_id(code.module_of(f), *owner);
                self.captured_type(owner, *name)
            }
            OpKind::Attr { base, name } => {
                let of = *base;
                let base = self.value(f, of);
                let ty =
                    if base.is_unknown() { self.attr_of_unknown(f, of, *name) } else { self.attr_type(base, *name) };
                if self.is_template(f) { self.template_value(f, base, ty) } else { ty }
            }
            OpKind::Item { base, index } => self.item_type(f, *base, *index),
            OpKind::Slice { base, bounded } => {
                let ty = self.value(f, *base);
                if *bounded { self.limited(ty) } else { ty }
            }
            OpKind::Call { callee, args } => self.call_type(f, *callee, args),
            OpKind::Await(value) => {
                let ty = self.value(f, *value);
                self.awaited(ty)
            }
            OpKind::Bind { value, .. } | OpKind::BindOuter { value, .. } => self.value(f, *value),
            OpKind::Annotated { value, annotation } => {
                let stated = self.annotation_type(f, *annotation);
                match value {
                    Some(value) if stated.is_unknown() => self.value(f, *value),
                    Some(value) => {
                        let found = self.value(f, *value);
                        self.more_precise(stated, found)
                    }
                    None => stated,
                }
            }
            OpKind::Element(iterated) => {
                let ty = self.value(f, *iterated);
                self.element_of(ty)
            }
            OpKind::Unpack { base, index } => {
                let ty = self.value(f, *base);
                self.unpacked(ty, *index)
            }
            OpKind::Enter { manager, .. } => {
                let ty = self.value(f, *manager);
                self.entered(ty)
            }
            OpKind::Binary { op, left, right } => {
                let (l, r) = (self.value(f, *left), self.value(f, *right));
                self.binary_type(*op, l, r)
            }
            OpKind::Augment { old, value, .. } => {
                let (l, r) = (self.value(f, *old), self.value(f, *value));
                if l.is_unknown() && r == TypeId::STR { r } else { l }
            }
            OpKind::Not(_) | OpKind::Truth(_) => TypeId::BOOL,
            OpKind::Text(_) => TypeId::STR,
            OpKind::Collection { kind, items } => {
                let items: Vec<TypeId> = items.iter().map(|item| self.value(f, *item)).collect();
                self.collection_type(*kind, &items)
            }
            OpKind::Comprehension { kind, element, key, .. } => {
                let element = self.value(f, *element);
                let key = key.get().map_or(TypeId::UNKNOWN, |key| self.value(f, key));
                let ty = match kind {
                    None => Type::Iter(element),
                    Some(CollectionKind::List | CollectionKind::Tuple) => Type::List(element),
                    Some(CollectionKind::Set) => Type::Set(element),
                    Some(CollectionKind::Dict) => Type::Dict(key, element),
                };
                self.types.add(ty)
            }
            OpKind::Closure(inner) => {
                let inner = code.func_id(code.module_of(f), *inner);
                self.types.add(Type::Func(code.stubs.func(inner)))
            }
            OpKind::ClassDef(class) => {
                let class = code.class_id(code.module_of(f), *class);
                self.types.add(Type::ClassObj(code.stubs.class(class)))
            }
            _ => TypeId::UNKNOWN,
        }
    }

    fn collection_type(&mut self, kind: CollectionKind, items: &[TypeId]) -> TypeId {
        let join = |engine: &mut Self, items: &[TypeId]| {
            let mut joined = TypeId::UNKNOWN;
            for item in items.iter().take(8) {
                joined = engine.types.join(joined, *item);
            }
            joined
        };
        let ty = match kind {
            CollectionKind::Tuple if items.len() <= 8 => Type::Tuple(items.to_vec()),
            CollectionKind::List | CollectionKind::Tuple => Type::List(join(self, items)),
            CollectionKind::Set => Type::Set(join(self, items)),
            CollectionKind::Dict => {
                let keys: Vec<TypeId> = items.iter().copied().step_by(2).collect();
                let values: Vec<TypeId> = items.iter().copied().skip(1).step_by(2).collect();
                let key = join(self, &keys);
                Type::Dict(key, join(self, &values))
            }
        };
        self.types.add(ty)
    }

    fn binary_type(&mut self, op: BinaryOp, l: TypeId, r: TypeId) -> TypeId {
        match op {
            BinaryOp::LogicalAnd => r,
            BinaryOp::LogicalOr => {
                let l = self.types.without_none(l);
                if l == TypeId::NONE { r } else { self.types.join(l, r) }
            }
            BinaryOp::Add if l == TypeId::STR || r == TypeId::STR => TypeId::STR,
            BinaryOp::Mod if l == TypeId::STR => TypeId::STR,
            BinaryOp::Or if self.piped(l).is_some() || self.piped(r).is_some() => {
                let made = self.piped(l).or_else(|| self.piped(r)).unwrap_or_default();
                self.lib_inst(made, TypeId::UNKNOWN, QueryId::NONE)
            }
            // `/` on paths, `|` on querysets, `+` on lists keep the left type.
            BinaryOp::Add | BinaryOp::Or | BinaryOp::Arithmetic | BinaryOp::Mod => {
                if l.is_unknown() {
                    r
                } else {
                    l
                }
            }
            _ => TypeId::BOOL,
        }
    }

    /// What a library object becomes with `|`, where the library says so: `prompt | model`.
    fn piped(&self, ty: TypeId) -> Option<&'static str> {
        let Type::Lib(class, ..) = self.types.get(ty) else { return None };
        match self.library.method(self.names.text(*class), "__or__")?.0.returns {
            Ret::Inst(class) => Some(class),
            _ => None,
        }
    }

    /// Of a stated and a found type, the one that says more; the statement wins a contradiction.
    pub fn more_precise(&mut self, stated: TypeId, found: TypeId) -> TypeId {
        if let (Type::Inst(a, _), Type::Inst(b, _)) = (self.types.get(stated), self.types.get(found))
            && a != b
        {
            let (a, b) = (*a, *b);
            // `-> Store` of a function that makes an `OrderStore`.
            let extends = self.class_info(b).mro.iter().any(|base| matches!(base, Base::Project(class) if *class == a));
            return if extends { found } else { stated };
        }
        match (self.types.get(stated), self.types.get(found)) {
            (Type::Inst(a, _), Type::Inst(b, _)) if a == b => found,
            (Type::Lib(a, arg, _), Type::Lib(b, other, _)) if a == b && (arg.is_unknown() || arg == other) => found,
            (Type::List(a), Type::List(b)) => {
                let (a, b) = (*a, *b);
                let element = self.more_precise(a, b);
                self.types.add(Type::List(element))
            }
            (Type::Unknown, _) => found,
            // `-> tuple[list[Order], int]`
            (Type::Tuple(a), Type::Tuple(b)) if a.len() == b.len() => {
                let pairs: Vec<(TypeId, TypeId)> = a.iter().copied().zip(b.iter().copied()).collect();
                let members = pairs.into_iter().map(|(a, b)| self.more_precise(a, b)).collect();
                self.types.add(Type::Tuple(members))
            }
            // `-> Iterable[Order]` and `-> Optional[list[Order]]` of a function that gives rows of a query: the
            // statement says what they are, the body how they were loaded.
            (Type::List(a) | Type::Iter(a) | Type::Set(a), Type::List(b) | Type::Iter(b) | Type::Lib(_, b, _)) => {
                let (a, b) = (*a, *b);
                if self.same_rows(a, b) { found } else { stated }
            }
            (Type::Union(_), _) => {
                let some = self.types.without_none(stated);
                if matches!(self.types.get(some), Type::Union(_)) {
                    return stated;
                }
                let given = self.types.without_none(found);
                let best = self.more_precise(some, given);
                if best == some { stated } else { best }
            }
            _ => stated,
        }
    }

    /// Instances of one model.
    fn same_rows(&self, stated: TypeId, found: TypeId) -> bool {
        matches!((self.types.get(stated), self.types.get(found)), (Type::Inst(a, _), Type::Inst(b, _))
            if a == b && self.orm.is_model(*a))
    }

    /// The type of a parameter inside its function.
    pub fn param_type(&mut self, f: FuncId, i: u16) -> TypeId {
        if let Some(&known) = self.params.get(&(f, i)) {
            return known;
        }
        let ty = self.find_param_type(f, i);
        self.params.insert((f, i), ty);
        ty
    }

    fn find_param_type(&mut self, f: FuncId, i: u16) -> TypeId {
        let code = self.code;
        let function = code.func(f);
        let Some(param) = function.params.get(usize::from(i)) else { return TypeId::UNKNOWN };
        if i == 0
            && function.kind == FunctionKind::Method
            && let Some(class) = code.class_of(f)
            && !self.has_decorator(f, "builtins.staticmethod")
            && !self.is_resolver(f)
        {
            return if self.has_decorator(f, "builtins.classmethod") {
                self.types.add(Type::ClassObj(class))
            } else {
                self.types.add(Type::Inst(class, QueryId::NONE))
            };
        }
        let parent = code.parent(f);
        let mut ty = param.annotation.map_or(TypeId::UNKNOWN, |a| self.annotation_type(parent, a));
        if let Some(default) = param.default
            && let Some(injected) = self.dependency_type(parent, default)
            && (ty.is_unknown() || !injected.is_unknown())
        {
            ty = if ty.is_unknown() { injected } else { self.more_precise(ty, injected) };
        }
        if ty.is_unknown() {
            ty = self.stub_param(f, param.name);
        }
        if ty.is_unknown()
            && i == 0
            && self.is_resolver(f)
            && let Some(class) = code.class_of(f)
        {
            ty = self.model_of_meta(class);
        }
        if ty.is_unknown() && i == 1 && function.kind == FunctionKind::Method {
            ty = self.serialized_row(f);
            if ty.is_unknown() {
                ty = self.saved_serializer(f);
            }
            if ty.is_unknown() {
                ty = self.administered_row(f);
            }
            if ty.is_unknown() {
                ty = self.listed_item(f);
            }
        }
        if ty.is_unknown()
            && let Some(&seen) = self.observed.get(&(f, i))
        {
            ty = seen;
        }
        match param.kind {
            ParamKind::Rest => self.types.add(Type::List(ty)),
            ParamKind::NamedRest => self.types.add(Type::Dict(TypeId::STR, ty)),
            _ => self.types.without_none(ty),
        }
    }

    /// What a view's `perform_create(self, serializer)` is given: an instance of its `serializer_class`.
    fn saved_serializer(&mut self, f: FuncId) -> TypeId {
        let code = self.code;
        if !matches!(self.names.text(code.func(f).name), "perform_create" | "perform_update") {
            return TypeId::UNKNOWN;
        }
        let (Some(class), Some(name)) = (code.class_of(f), self.names.get("serializer_class")) else {
            return TypeId::UNKNOWN;
        };
        let view = self.library_ancestors(class).iter().any(|ancestor| {
            let ancestor = self.names.text(*ancestor);
            ["rest_framework.generics.", "rest_framework.mixins.", "rest_framework.viewsets."]
                .iter()
                .any(|module| ancestor.starts_with(module))
        });
        let owned = code.class(class);
        let field = owned.fields.iter().rev().find(|field| field.name == name);
        let Some(value) = field.and_then(|field| field.value).filter(|_| view) else { return TypeId::UNKNOWN };
        let scope = code.class_scope(class);
        let ty = self.ref_type(scope, value);
        self.instance_of(ty)
    }

    /// The row that a serializer's `get_<field>(self, obj)` is given: an instance of `Meta.model`.
    fn serialized_row(&mut self, f: FuncId) -> TypeId {
        let code = self.code;
        let name = self.names.text(code.func(f).name);
        if !name.starts_with("get_") && name != "to_representation" {
            return TypeId::UNKNOWN;
        }
        let Some(class) = code.class_of(f) else { return TypeId::UNKNOWN };
        let serializer = self
            .library_ancestors(class)
            .iter()
            .any(|ancestor| self.names.text(*ancestor).starts_with("rest_framework.serializers."));
        if serializer { self.model_of_meta(class) } else { TypeId::UNKNOWN }
    }

    /// `resolve_lines(root, info)` of Graphene: its first parameter is the object that is resolved, not the type.
    /// https://docs.graphene-python.org/en/latest/types/objecttypes/#implicit-staticmethod
    fn is_resolver(&self, f: FuncId) -> bool {
        let function = self.code.func(f);
        let named = |names: &[&str]| {
            function
                .params
                .first()
                .is_some_and(|param| names.contains(&self.names.text(param.name).trim_start_matches('_')))
        };
        is_field_resolver(function, |name| self.names.text(name)) && !named(&["self", "cls"])
    }

    /// A row of the model that a class's `Meta.model` names.
    fn model_of_meta(&mut self, class: ClassId) -> TypeId {
        let code = self.code;
        let (Some(meta), Some(model)) = (self.names.get("Meta"), self.names.get("model")) else {
            return TypeId::UNKNOWN;
        };
        let module = code.module_of_class(class);
        let inner = code
            .module(module)
            .into_iter()
            .flat_map(|m| &m.classes)
            .find(|c| c.name == meta && c.outer.is_some_and(|outer| code.class_id(module, outer) == class));
        let Some(inner) = inner else { return TypeId::UNKNOWN };
        let Some(value) = inner.fields.iter().rev().find(|field| field.name == model).and_then(|field| field.value)
        else {
            return TypeId::UNKNOWN;
        };
        let scope = code.func_id(module, inner.scope);
        let ty = self.ref_type(scope, value);
        self.instance_of(ty)
    }
}

/// Whether a function by its name and second parameter resolves a field of a GraphQL type: `resolve_lines(root, info)`.
pub fn is_field_resolver<'n>(function: &Function, text: impl Fn(Sym) -> &'n str) -> bool {
    let info = |name| text(name).trim_start_matches('_') == "info";
    text(function.name).starts_with("resolve_") && function.params.get(1).is_some_and(|param| info(param.name))
}

fn const_type(constant: &Const) -> TypeId {
    match constant {
        Const::None => TypeId::NONE,
        Const::Bool(_) => TypeId::BOOL,
        Const::Int(_) | Const::Float(_) => TypeId::NUMBER,
        Const::Str(_) => TypeId::STR,
        Const::Bytes => TypeId::BYTES,
        Const::Ellipsis => TypeId::UNKNOWN,
    }
}
