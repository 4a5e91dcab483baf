//! Annotations as types.

use super::code::FuncId;
use super::infer::Engine;
use super::queries::QueryId;
use super::types::{Type, TypeId};
use crate::model::{ArgKind, BinaryOp, CollectionKind, Const, OpKind, ValueId};

impl Engine<'_> {
    /// The object that a name or attribute chain denotes, read without inferring the body.
    pub fn ref_type(&mut self, f: FuncId, v: ValueId) -> TypeId {
        let inferred = self.value(f, v);
        if !inferred.is_unknown() {
            return inferred;
        }
        let code = self.code;
        match code.op(f, v).map(|op| &op.kind) {
            Some(OpKind::Global(name)) => self.global_type(code.module_of(f), *name),
            Some(OpKind::Attr { base, name }) => {
                let base = self.ref_type(f, *base);
                self.attr_type(base, *name)
            }
            Some(OpKind::Bind { value, .. }) => self.ref_type(f, *value),
            // `db = SQLAlchemy(app)` in the file that uses it: an instance of a library class.
            Some(OpKind::Call { callee, .. }) => {
                let class = self.ref_type(f, *callee);
                match self.types.get(class).clone() {
                    Type::LibRef(name) if self.library.class(self.names.text(name)).is_some() => {
                        self.types.add(Type::Lib(name, TypeId::UNKNOWN, QueryId::NONE))
                    }
                    // `class Database(SQLAlchemy)` and `db = Database()` beside it.
                    Type::ClassObj(class) if !self.library_ancestors(class).is_empty() => {
                        self.types.add(Type::Inst(class, QueryId::NONE))
                    }
                    _ => TypeId::UNKNOWN,
                }
            }
            Some(OpKind::ClassDef(class)) => {
                let class = code.class_id(code.module_of(f), *class);
                self.types.add(Type::ClassObj(code.stubs.class(class)))
            }
            Some(OpKind::Closure(inner)) => {
                let inner = code.func_id(code.module_of(f), *inner);
                self.types.add(Type::Func(code.stubs.func(inner)))
            }
            Some(OpKind::Captured { owner, name }) => {
                // Only classes and functions defined in the enclosing function matter here.
                let owner = code.func_id(code.module_of(f), *owner);
                let bound = code.body(owner).ops.iter().rev().find_map(|op| match op.kind {
                    OpKind::Bind { name: n, value } if n == *name => Some(value),
                    _ => None,
                });
                bound.map_or(TypeId::UNKNOWN, |value| self.ref_type(owner, value))
            }
            _ => TypeId::UNKNOWN,
        }
    }

    /// Whether `v` denotes the library object of this canonical name.
    pub fn lib_is(&mut self, f: FuncId, v: ValueId, dotted: &str) -> bool {
        let ty = self.ref_type(f, v);
        match self.types.get(ty) {
            Type::LibRef(name) => self.names.text(*name) == dotted,
            _ => self.lib_name(f, v).is_some_and(|name| name == dotted),
        }
    }

    /// The canonical dotted name of a library object, when `v` denotes one.
    pub fn lib_name(&mut self, f: FuncId, v: ValueId) -> Option<String> {
        let ty = self.ref_type(f, v);
        match self.types.get(ty) {
            Type::LibRef(name) => Some(self.names.text(*name).to_owned()),
            // `db.ForeignKey` of `db = SQLAlchemy()`
            Type::LibBound(receiver, name) => match *self.types.get(*receiver) {
                Type::Lib(class, ..) => Some(format!("{}.{}", self.names.text(class), self.names.text(*name))),
                // Of a class of the project that extends the library's.
                Type::Inst(class, _) => {
                    let name = *name;
                    let ancestor = self.library_ancestors(class).first().copied()?;
                    Some(format!("{}.{}", self.names.text(ancestor), self.names.text(name)))
                }
                _ => None,
            },
            _ => None,
        }
    }

    /// The type that an annotation states for a value.
    pub fn annotation_type(&mut self, f: FuncId, v: ValueId) -> TypeId {
        self.annotation_at(f, v, 0)
    }

    fn annotation_at(&mut self, f: FuncId, v: ValueId, depth: u32) -> TypeId {
        let code = self.code;
        let Some(op) = code.op(f, v) else { return TypeId::UNKNOWN };
        if depth > 12 {
            return TypeId::UNKNOWN;
        }
        match &op.kind {
            OpKind::Const(Const::None) => TypeId::NONE,
            OpKind::Binary { op: BinaryOp::Or, left, right } => {
                let l = self.annotation_at(f, *left, depth + 1);
                let r = self.annotation_at(f, *right, depth + 1);
                self.types.join(l, r)
            }
            OpKind::Item { base, index } => self.generic(f, *base, *index, depth),
            _ => {
                let ty = self.ref_type(f, v);
                self.instance_of(ty)
            }
        }
    }

    fn generic(&mut self, f: FuncId, base: ValueId, index: ValueId, depth: u32) -> TypeId {
        let code = self.code;
        let args: &[ValueId] = match code.op(f, index).map(|op| &op.kind) {
            Some(OpKind::Collection { kind: CollectionKind::Tuple, items }) => items,
            _ => &[index],
        };
        let base_ty = self.ref_type(f, base);
        let name = match self.types.get(base_ty) {
            Type::LibRef(name) => self.names.text(*name).to_owned(),
            _ => return self.instance_of(base_ty),
        };
        let short = name.rsplit('.').next().unwrap_or("").to_owned();
        let arg = |engine: &mut Self, i: usize| {
            args.get(i).map_or(TypeId::UNKNOWN, |a| engine.annotation_at(f, *a, depth + 1))
        };
        match short.as_str() {
            "Optional" => {
                let inner = arg(self, 0);
                self.types.join(inner, TypeId::NONE)
            }
            "Union" => {
                let mut joined = TypeId::UNKNOWN;
                for i in 0..args.len().min(6) {
                    let ty = arg(self, i);
                    joined = self.types.join(joined, ty);
                }
                joined
            }
            "Annotated" => {
                let stated = arg(self, 0);
                for extra in args.iter().skip(1) {
                    if let Some(injected) = self.dependency_type(f, *extra) {
                        return if stated.is_unknown() { injected } else { self.more_precise(stated, injected) };
                    }
                }
                stated
            }
            "Mapped" | "Required" | "NotRequired" | "Final" | "ClassVar" | "ReadOnly" | "Unpack" | "InstanceOf"
            | "SkipValidation" | "WriteOnlyMapped" => arg(self, 0),
            "list" | "List" | "Sequence" | "MutableSequence" | "Collection" | "deque" | "Deque" => {
                let inner = arg(self, 0);
                self.types.add(Type::List(inner))
            }
            "set" | "Set" | "frozenset" | "FrozenSet" | "AbstractSet" | "MutableSet" => {
                let inner = arg(self, 0);
                self.types.add(Type::Set(inner))
            }
            "dict" | "Dict" | "Mapping" | "MutableMapping" | "defaultdict" | "DefaultDict" | "OrderedDict" => {
                let (key, value) = (arg(self, 0), arg(self, 1));
                self.types.add(Type::Dict(key, value))
            }
            "tuple" | "Tuple" => {
                let open = args.len() == 2
                    && matches!(
                        args.get(1).and_then(|a| code.op(f, *a)).map(|op| &op.kind),
                        Some(OpKind::Const(Const::Ellipsis))
                    );
                if open {
                    let inner = arg(self, 0);
                    return self.types.add(Type::List(inner));
                }
                let members: Vec<TypeId> = (0..args.len().min(8)).map(|i| arg(self, i)).collect();
                self.types.add(Type::Tuple(members))
            }
            "Iterator" | "Iterable" | "Generator" | "AsyncIterator" | "AsyncIterable" | "AsyncGenerator" => {
                let inner = arg(self, 0);
                self.types.add(Type::Iter(inner))
            }
            "Awaitable" => {
                let inner = arg(self, 0);
                self.types.add(Type::Coroutine(inner))
            }
            // Whose it is matters only for a generator that is seen.
            "ContextManager" | "AsyncContextManager" | "AbstractContextManager" | "AbstractAsyncContextManager" => {
                let inner = arg(self, 0);
                if inner.is_unknown() { TypeId::UNKNOWN } else { self.types.add(Type::Manager(f, inner)) }
            }
            "Coroutine" => {
                let inner = arg(self, 2);
                self.types.add(Type::Coroutine(inner))
            }
            "type" | "Type" => {
                let inner = arg(self, 0);
                match *self.types.get(inner) {
                    Type::Inst(class, _) => self.types.add(Type::ClassObj(class)),
                    Type::Lib(name, ..) => self.types.add(Type::LibRef(name)),
                    _ => TypeId::UNKNOWN,
                }
            }
            "Callable" => {
                let result = arg(self, 1);
                if result.is_unknown() { TypeId::UNKNOWN } else { self.types.add(Type::Gives(result)) }
            }
            "Literal" => TypeId::UNKNOWN,
            _ => {
                let inner = arg(self, 0);
                match self.library.class(&name) {
                    Some(_) => {
                        let sym = self.names.intern(&name);
                        self.types.add(Type::Lib(sym, inner, QueryId::NONE))
                    }
                    None => self.instance_of(base_ty),
                }
            }
        }
    }

    /// `Name[args]` used as a value: what it would state as an annotation.
    pub fn annotation_of_item(&mut self, f: FuncId, base: ValueId, index: ValueId) -> TypeId {
        self.generic(f, base, index, 0)
    }

    /// The type of an instance of what a name denotes.
    pub fn instance_of(&mut self, ty: TypeId) -> TypeId {
        match self.types.get(ty).clone() {
            Type::ClassObj(class) => self.types.add(Type::Inst(class, QueryId::NONE)),
            Type::Gives(inner) => inner,
            Type::LibRef(sym) => {
                let name = self.names.text(sym);
                let short = name.rsplit('.').next().unwrap_or("");
                match short {
                    "str" | "Text" | "LiteralString" | "UUID" | "EmailStr" => TypeId::STR,
                    "int" | "float" | "complex" | "Decimal" => TypeId::NUMBER,
                    "bool" => TypeId::BOOL,
                    "bytes" | "bytearray" | "memoryview" => TypeId::BYTES,
                    "None" | "NoneType" => TypeId::NONE,
                    "list" | "List" | "Sequence" | "tuple" | "Tuple" | "Iterable" | "Iterator" | "Collection"
                    | "Generator" | "AsyncGenerator" | "deque" => self.types.add(Type::List(TypeId::UNKNOWN)),
                    "set" | "Set" | "frozenset" => self.types.add(Type::Set(TypeId::UNKNOWN)),
                    "dict" | "Dict" | "Mapping" | "MutableMapping" | "OrderedDict" | "defaultdict" => {
                        self.types.add(Type::Dict(TypeId::UNKNOWN, TypeId::UNKNOWN))
                    }
                    "Any" | "object" | "TypeVar" | "Self" | "Callable" | "type" | "Type" | "Generic" | "Literal"
                    | "Optional" | "Union" => TypeId::UNKNOWN,
                    _ => {
                        let is_class = self.library.class(name).is_some()
                            || short.chars().next().is_some_and(char::is_uppercase) && !name.starts_with("builtins.");
                        if is_class {
                            self.types.add(Type::Lib(sym, TypeId::UNKNOWN, QueryId::NONE))
                        } else {
                            TypeId::UNKNOWN
                        }
                    }
                }
            }
            Type::None => TypeId::NONE,
            _ => TypeId::UNKNOWN,
        }
    }

    /// What `Depends(provider)` (or a provider named in another way) injects; `None` when the value
    /// is no injection.
    pub fn dependency_type(&mut self, f: FuncId, v: ValueId) -> Option<TypeId> {
        let code = self.code;
        let OpKind::Call { callee, args } = &code.op(f, v)?.kind else { return None };
        let name = self.lib_name(f, *callee)?;
        let short = name.rsplit('.').next()?;
        if !matches!(short, "Depends" | "Security" | "Provide" | "FromDishka" | "Inject") {
            return None;
        }
        let provider = args.iter().find(|arg| match arg.kind {
            ArgKind::Positional => true,
            ArgKind::Named(name) => self.names.text(name) == "dependency",
            _ => false,
        })?;
        let provider = self.ref_type(f, provider.value);
        Some(self.provided(provider))
    }

    /// What a dependency provider gives to the handler.
    pub fn provided(&mut self, provider: TypeId) -> TypeId {
        match *self.types.get(provider) {
            Type::Func(g) | Type::Bound(g, _) => {
                let result = self.return_type(g);
                match *self.types.get(result) {
                    Type::Iter(inner) | Type::Coroutine(inner) | Type::Manager(_, inner) => inner,
                    _ => result,
                }
            }
            Type::ClassObj(class) => self.types.add(Type::Inst(class, QueryId::NONE)),
            Type::Inst(class, _) => {
                let call = self.names.intern("__call__");
                match self.method(class, call) {
                    Some(g) => {
                        let g = self.types.add(Type::Func(g));
                        self.provided(g)
                    }
                    None => TypeId::UNKNOWN,
                }
            }
            Type::LibRef(_) => self.instance_of(provider),
            Type::Factory(name) => self.types.add(Type::Lib(name, TypeId::UNKNOWN, QueryId::NONE)),
            Type::Gives(inner) => inner,
            _ => TypeId::UNKNOWN,
        }
    }
}
