//! What calls, awaits, iteration and `with` give.

use super::code::{ClassId, FuncId};
use super::infer::Engine;
use super::queries::QueryId;
use super::types::{Type, TypeId};
use crate::libraries::Row;
use crate::model::{Arg, ArgKind, Const, OpKind, Sym, ValueId};

impl Engine<'_> {
    /// The type of a call's result.
    pub fn call_type(&mut self, f: FuncId, callee: ValueId, args: &[Arg]) -> TypeId {
        let callee_ty = self.value(f, callee);
        self.current = f;
        // Calls are many: the list is used again, by all but those that typing this one leads to.
        let mut arg_types = std::mem::take(&mut self.given_types);
        arg_types.clear();
        arg_types.extend(args.iter().map(|a| self.value(f, a.value)));
        let mut result = self.called(f, callee_ty, args, &arg_types);
        if result.is_unknown()
            && let Some(model) = self.historical_model(f, callee, args)
        {
            result = model;
        }
        if result.is_unknown()
            && let Some(OpKind::Attr { base, name }) = self.code.op(f, callee).map(|op| &op.kind)
            && self.asks_session(f, *base, *name, args)
            && self.is_absent(callee_ty)
        {
            let session = self.names.intern("sqlalchemy.orm.Session");
            let session = self.types.add(Type::Lib(session, TypeId::UNKNOWN, QueryId::NONE));
            result = self.method_call(session, *name, args, &arg_types);
        }
        if result.is_unknown()
            && callee_ty.is_unknown()
            && let Some(OpKind::Attr { base, name }) = self.code.op(f, callee).map(|op| &op.kind)
        {
            result = self.filtered_by_keyword(f, *name, args);
            if result.is_unknown() && args.is_empty() {
                result = self.all_of_unknown(f, *base, *name);
            }
        }
        if result.is_unknown() {
            result = self.passed_through(f, callee, callee_ty, args, &arg_types);
        }
        self.given_types = arg_types;
        self.refine_query(f, callee_ty, args, result)
    }

    /// `apps.get_model("shop", "Order")`: the model by its name.
    fn historical_model(&mut self, f: FuncId, callee: ValueId, args: &[Arg]) -> Option<TypeId> {
        let (OpKind::Attr { name, .. } | OpKind::Global(name)) = self.code.op(f, callee)?.kind else { return None };
        if self.names.text(name) != "get_model" {
            return None;
        }
        let OpKind::Const(Const::Str(text)) = self.code.op(f, args.last()?.value)?.kind else { return None };
        let text = self.names.text(text).to_owned();
        let short = text.rsplit('.').next()?.to_owned();
        let found = self.orm.named(self.names.get(&short));
        match found {
            Some(class) => Some(self.types.add(Type::ClassObj(class))),
            None => {
                let sym = self.names.intern(&format!("models.{short}"));
                Some(self.types.add(Type::LibRef(sym)))
            }
        }
    }

    /// What calling a value of type `callee` gives.
    pub fn called(&mut self, f: FuncId, callee: TypeId, args: &[Arg], arg_types: &[TypeId]) -> TypeId {
        match self.types.get(callee).clone() {
            Type::LibRef(name) => self.library_call(f, name, args, arg_types),
            Type::ClassObj(class) => self.types.add(Type::Inst(class, QueryId::NONE)),
            Type::Func(g) | Type::Bound(g, _) => {
                let result = self.return_type(g);
                let result = self.by_receiver(g, callee, result);
                let result = self.refined_statement(result, arg_types);
                let result = self.given_back(g, callee, args, arg_types, result);
                self.receiver_result(g, callee, result)
            }
            Type::LibBound(receiver, name) => self.method_call(receiver, name, args, arg_types),
            Type::Factory(name) => self.factory_call(name),
            Type::Gives(inner) => inner,
            Type::Inst(class, _) => {
                let call = self.names.intern("__call__");
                match self.method(class, call) {
                    Some(g) => self.return_type(g),
                    None => TypeId::UNKNOWN,
                }
            }
            Type::Lib(name, ..) => {
                let owner = self.names.text(name).to_owned();
                match self.library.method(&owner, "__call__") {
                    Some((row, _)) => self.row_result(row, callee, args, arg_types),
                    None => TypeId::UNKNOWN,
                }
            }
            Type::Union(members) => {
                let mut joined = TypeId::UNKNOWN;
                for member in members {
                    let ty = self.called(f, member, args, arg_types);
                    let ty = self.refine_query(f, member, args, ty);
                    joined = self.join(joined, ty);
                }
                joined
            }
            _ => TypeId::UNKNOWN,
        }
    }

    fn factory_call(&mut self, name: Sym) -> TypeId {
        let owner = self.names.text(name).to_owned();
        match self.library.method(&owner, "__call__") {
            Some((row, _)) => {
                let me = self.types.add(Type::Lib(name, TypeId::UNKNOWN, QueryId::NONE));
                self.row_result(row, me, &[], &[])
            }
            None => self.types.add(Type::Lib(name, TypeId::UNKNOWN, QueryId::NONE)),
        }
    }

    fn library_call(&mut self, f: FuncId, name: Sym, args: &[Arg], arg_types: &[TypeId]) -> TypeId {
        let first = arg_types.first().copied().unwrap_or(TypeId::UNKNOWN);
        match self.names.text(name) {
            "builtins.super" => {
                return match self.enclosing_class(f) {
                    Some(class) => self.types.add(Type::Super(class)),
                    None => TypeId::UNKNOWN,
                };
            }
            "builtins.getattr" => {
                if let Some(OpKind::Const(Const::Str(attr))) =
                    args.get(1).and_then(|a| self.code.op(f, a.value)).map(|op| &op.kind)
                {
                    return self.attr_type(first, *attr);
                }
                return TypeId::UNKNOWN;
            }
            "typing.cast" => {
                let stated = args.first().map_or(TypeId::UNKNOWN, |a| self.annotation_type(f, a.value));
                // `cast(F, wrapper)`: a type variable says nothing of what it is.
                return match (stated, arg_types.get(1)) {
                    (TypeId::UNKNOWN, Some(given)) => *given,
                    _ => stated,
                };
            }
            "functools.partial"
            | "functools.partialmethod"
            | "functools.wraps"
            | "copy.copy"
            | "copy.deepcopy"
            | "asyncio.shield" => return first,
            "builtins.list" | "builtins.sorted" | "builtins.tuple" | "builtins.reversed" | "collections.deque" => {
                let elem = self.element_of(first);
                return self.types.add(Type::List(elem));
            }
            "builtins.set" | "builtins.frozenset" => {
                let elem = self.element_of(first);
                return self.types.add(Type::Set(elem));
            }
            "builtins.filter" => {
                let elem = self.element_of(arg_types.get(1).copied().unwrap_or(TypeId::UNKNOWN));
                return self.types.add(Type::Iter(elem));
            }
            "builtins.iter" | "itertools.chain" | "itertools.islice" => {
                let elem = self.element_of(first);
                return self.types.add(Type::Iter(elem));
            }
            "builtins.next" | "builtins.min" | "builtins.max" => return self.element_of(first),
            "builtins.anext" => {
                let elem = self.element_of(first);
                return self.types.add(Type::Coroutine(elem));
            }
            "builtins.enumerate" => {
                let elem = self.element_of(first);
                let pair = self.types.add(Type::Tuple(vec![TypeId::NUMBER, elem]));
                return self.types.add(Type::Iter(pair));
            }
            "builtins.zip" => {
                let members: Vec<TypeId> = arg_types.iter().take(6).map(|t| self.element_of(*t)).collect();
                let tuple = self.types.add(Type::Tuple(members));
                return self.types.add(Type::Iter(tuple));
            }
            "builtins.map" => {
                let elem = self.called(f, first, &[], &[]);
                return self.types.add(Type::Iter(elem));
            }
            "builtins.range" => return self.types.add(Type::Iter(TypeId::NUMBER)),
            "builtins.dict" | "collections.defaultdict" | "collections.OrderedDict" | "collections.Counter" => {
                return self.types.add(Type::Dict(TypeId::UNKNOWN, TypeId::UNKNOWN));
            }
            "builtins.str" | "builtins.repr" | "builtins.format" | "builtins.input" | "builtins.chr" => {
                return TypeId::STR;
            }
            "builtins.bytes" | "builtins.bytearray" => return TypeId::BYTES,
            "builtins.int" | "builtins.float" | "builtins.len" | "builtins.sum" | "builtins.abs" | "builtins.round"
            | "builtins.ord" | "builtins.hash" | "builtins.id" => return TypeId::NUMBER,
            "builtins.bool"
            | "builtins.isinstance"
            | "builtins.hasattr"
            | "builtins.any"
            | "builtins.all"
            | "builtins.callable"
            | "builtins.issubclass" => return TypeId::BOOL,
            "asyncio.gather" => {
                let members: Vec<TypeId> = arg_types.iter().map(|t| self.awaited(*t)).collect();
                let spread = args.first().is_some_and(|a| a.kind == ArgKind::Spread);
                let inner = if spread {
                    let elem = members.first().copied().unwrap_or(TypeId::UNKNOWN);
                    let elem = self.element_of(elem);
                    let elem = self.awaited(elem);
                    Type::List(elem)
                } else {
                    Type::Tuple(members.into_iter().take(8).collect())
                };
                let inner = self.types.add(inner);
                return self.types.add(Type::Coroutine(inner));
            }
            _ => {}
        }
        if let Some(row) = self.library_row(name) {
            let me = self.types.add(Type::LibRef(name));
            let mut result = self.row_result(row, me, args, arg_types);
            if result.is_unknown() && self.library.class(self.names.text(name)).is_some() {
                result = self.types.add(Type::Lib(name, TypeId::UNKNOWN, QueryId::NONE));
            }
            return result;
        }
        let text = self.names.text(name);
        if text.starts_with("builtins.") {
            return TypeId::UNKNOWN;
        }
        // `orders_pb2_grpc.OrdersStub(channel)`: each of its methods calls the service.
        if text.contains("_pb2_grpc.") && text.ends_with("Stub") {
            let channel = match *self.types.get(first) {
                Type::Lib(class, ..) => self.names.text(class),
                _ => "",
            };
            match channel {
                "grpc.Channel" => return self.lib_inst("grpc:stub", TypeId::UNKNOWN, QueryId::NONE),
                "grpc.aio.Channel" => return self.lib_inst("grpc.aio:stub", TypeId::UNKNOWN, QueryId::NONE),
                _ => {}
            }
        }
        if let Some(row) = self.absent_row(f, name, args) {
            return row;
        }
        let me = self.types.add(Type::LibRef(name));
        self.instance_of(me)
    }

    fn enclosing_class(&self, f: FuncId) -> Option<ClassId> {
        let mut at = f;
        for _ in 0..8 {
            if let Some(class) = self.code.class_of(at) {
                return Some(class);
            }
            let parent = self.code.parent(at);
            if parent == at {
                return None;
            }
            at = parent;
        }
        None
    }

    /// The row behind a bound library method.
    pub fn bound_row(&mut self, receiver: TypeId, name: Sym) -> Option<&'static Row> {
        match *self.types.get(receiver) {
            Type::Lib(class, ..) | Type::Factory(class) => self.method_row(class, name),
            Type::Inst(class, _) | Type::ClassObj(class) | Type::Super(class) => {
                self.library_ancestors(class).into_iter().find_map(|ancestor| self.method_row(ancestor, name))
            }
            _ => None,
        }
    }

    /// The row of a library name; the tables are asked once per name.
    pub fn library_row(&mut self, name: Sym) -> Option<&'static Row> {
        if let Some(&known) = self.rows.get(&name) {
            return known;
        }
        let row = self.library.row(self.names.text(name));
        self.rows.insert(name, row);
        row
    }

    fn method_row(&mut self, owner: Sym, name: Sym) -> Option<&'static Row> {
        if let Some(&known) = self.method_rows.get(&(owner, name)) {
            return known;
        }
        let row = self.library.method(self.names.text(owner), self.names.text(name)).map(|(row, _)| row);
        self.method_rows.insert((owner, name), row);
        row
    }

    fn method_call(&mut self, receiver: TypeId, name: Sym, args: &[Arg], arg_types: &[TypeId]) -> TypeId {
        match self.types.get(receiver).clone() {
            Type::Dict(key, value) => match self.names.text(name) {
                "get" | "pop" | "setdefault" => value,
                "values" => self.types.add(Type::List(value)),
                "keys" => self.types.add(Type::List(key)),
                "items" => {
                    let pair = self.types.add(Type::Tuple(vec![key, value]));
                    self.types.add(Type::List(pair))
                }
                "copy" => receiver,
                _ => TypeId::UNKNOWN,
            },
            Type::List(elem) | Type::Set(elem) => match self.names.text(name) {
                "pop" => elem,
                "copy" | "union" | "intersection" | "difference" => receiver,
                "index" | "count" => TypeId::NUMBER,
                _ => TypeId::UNKNOWN,
            },
            Type::Str => match self.names.text(name) {
                "split" | "splitlines" | "rsplit" => self.types.add(Type::List(TypeId::STR)),
                "encode" => TypeId::BYTES,
                "find" | "index" | "count" | "rfind" => TypeId::NUMBER,
                name if name.starts_with("is") || name.ends_with("with") => TypeId::BOOL,
                "partition" | "rpartition" => self.types.add(Type::Tuple(vec![TypeId::STR; 3])),
                _ => TypeId::STR,
            },
            Type::Bytes => {
                if self.names.text(name) == "decode" {
                    TypeId::STR
                } else {
                    TypeId::UNKNOWN
                }
            }
            _ => {
                if let Some(row) = self.bound_row(receiver, name) {
                    return self.row_result(row, receiver, args, arg_types);
                }
                let owner = match *self.types.get(receiver) {
                    Type::Lib(class, ..) => class,
                    Type::Inst(class, _) if self.names.text(name) == "get_queryset" => return self.view_rows(class),
                    _ => return TypeId::UNKNOWN,
                };
                match self.library.other_methods(self.names.text(owner)) {
                    Some((_, true)) => self.types.add(Type::Coroutine(TypeId::UNKNOWN)),
                    _ => TypeId::UNKNOWN,
                }
            }
        }
    }

    /// What awaiting a value gives.
    pub fn awaited(&mut self, ty: TypeId) -> TypeId {
        match self.types.get(ty).clone() {
            Type::Coroutine(inner) => inner,
            Type::Union(members) => {
                let mut joined = TypeId::UNKNOWN;
                for member in members {
                    let inner = self.awaited(member);
                    joined = self.join(joined, inner);
                }
                joined
            }
            Type::Lib(name, elem, _) if self.names.text(name) == "asyncio.Task" => elem,
            Type::Lib(name, ..) => {
                let owner = self.names.text(name).to_owned();
                match self.library.awaited(&owner) {
                    Some((ret, _)) => self.ret_type(ret, ty, &[], &[]),
                    None => ty,
                }
            }
            _ => ty,
        }
    }

    /// What iterating a value gives.
    pub fn element_of(&mut self, ty: TypeId) -> TypeId {
        match self.types.get(ty).clone() {
            Type::List(elem) | Type::Set(elem) | Type::Iter(elem) => elem,
            Type::Dict(key, _) => key,
            Type::Str => TypeId::STR,
            Type::Coroutine(inner) => self.element_of(inner),
            Type::Tuple(members) => {
                let mut joined = TypeId::UNKNOWN;
                for member in members {
                    joined = self.join(joined, member);
                }
                joined
            }
            Type::Lib(name, ..) => {
                let owner = self.names.text(name).to_owned();
                match self.library.iteration(&owner) {
                    Some((ret, _)) => self.ret_type(ret, ty, &[], &[]),
                    None => TypeId::UNKNOWN,
                }
            }
            Type::Inst(class, _) => {
                for method in ["__iter__", "__aiter__"] {
                    let sym = self.names.intern(method);
                    if let Some(f) = self.method(class, sym) {
                        let result = self.return_type(f);
                        return match *self.types.get(result) {
                            Type::Iter(inner) | Type::List(inner) => inner,
                            _ => TypeId::UNKNOWN,
                        };
                    }
                }
                for ancestor in self.library_ancestors(class) {
                    let owner = self.names.text(ancestor).to_owned();
                    if let Some((ret, _)) = self.library.iteration(&owner) {
                        return self.ret_type(ret, ty, &[], &[]);
                    }
                }
                TypeId::UNKNOWN
            }
            Type::Union(members) => {
                let mut joined = TypeId::UNKNOWN;
                for member in members {
                    let elem = self.element_of(member);
                    joined = self.join(joined, elem);
                }
                joined
            }
            _ => TypeId::UNKNOWN,
        }
    }

    /// One part of a destructured value.
    pub fn unpacked(&mut self, ty: TypeId, index: Option<u16>) -> TypeId {
        match (self.types.get(ty).clone(), index) {
            (Type::Tuple(members), Some(i)) => members.get(usize::from(i)).copied().unwrap_or(TypeId::UNKNOWN),
            (_, None) => {
                let elem = self.element_of(ty);
                self.types.add(Type::List(elem))
            }
            _ => self.element_of(ty),
        }
    }

    /// `base[index]`
    pub fn item_type(&mut self, f: FuncId, base: ValueId, index: ValueId) -> TypeId {
        let ty = self.value(f, base);
        match self.types.get(ty).clone() {
            Type::Tuple(members) => match self.code.op(f, index).map(|op| &op.kind) {
                Some(OpKind::Const(Const::Int(i))) => {
                    usize::try_from(i.get()).ok().and_then(|i| members.get(i)).copied().unwrap_or(TypeId::UNKNOWN)
                }
                _ => self.element_of(ty),
            },
            Type::Dict(_, value) => value,
            Type::List(elem) => elem,
            Type::Str => TypeId::STR,
            // `client["shop"]["orders"]`
            Type::Lib(class, arg, _) if self.library.attr(self.names.text(class), "[]").is_some() => {
                let name = self.names.intern("[]");
                self.library_attr(ty, class, arg, name)
            }
            Type::Lib(..) => self.element_of(ty),
            // `List[int]`, `Annotated[Session, Depends(get_db)]` as a value: an alias.
            Type::LibRef(_) => {
                let alias = self.annotation_of_item(f, base, index);
                if alias.is_unknown() { TypeId::UNKNOWN } else { self.types.add(Type::Gives(alias)) }
            }
            Type::ClassObj(_) => ty,
            _ => TypeId::UNKNOWN,
        }
    }

    /// What `with v as x` binds.
    pub fn entered(&mut self, ty: TypeId) -> TypeId {
        match self.types.get(ty).clone() {
            Type::Manager(_, inner) => inner,
            Type::Coroutine(inner) => self.entered(inner),
            Type::Lib(name, elem, _) => {
                let owner = self.names.text(name).to_owned();
                if owner == "contextlib.closing" || owner == "contextlib.aclosing" {
                    return elem;
                }
                match self.library.manager(&owner) {
                    Some((ret, ..)) => self.ret_type(ret, ty, &[], &[]),
                    None => ty,
                }
            }
            Type::Inst(class, _) => {
                for method in ["__enter__", "__aenter__"] {
                    let sym = self.names.intern(method);
                    if let Some(f) = self.method(class, sym) {
                        let result = self.return_type(f);
                        let result = self.awaited(result);
                        return if result.is_unknown() { ty } else { result };
                    }
                }
                ty
            }
            Type::Union(members) => {
                let mut joined = TypeId::UNKNOWN;
                for member in members {
                    let inner = self.entered(member);
                    joined = self.join(joined, inner);
                }
                joined
            }
            _ => TypeId::UNKNOWN,
        }
    }
}
