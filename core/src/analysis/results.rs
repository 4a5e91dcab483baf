//! Result types: the tables' result expressions, and what project functions return.

use super::code::{ClassId, FuncId};
use super::guesses::{UNSEEN_ROW, USER};
use super::infer::Engine;
use super::queries::QueryId;
use super::types::{Type, TypeId};
use crate::libraries::{Ret, Row};
use crate::model::{Arg, ArgKind, Const, FunctionKind, OpKind};

impl Engine<'_> {
    pub(super) fn row_result(&mut self, row: &'static Row, me: TypeId, args: &[Arg], arg_types: &[TypeId]) -> TypeId {
        let result = self.ret_type(row.returns, me, args, arg_types);
        if row.is_async { self.types.add(Type::Coroutine(result)) } else { result }
    }

    /// Evaluates a table's result expression.
    pub fn ret_type(&mut self, ret: Ret, me: TypeId, args: &[Arg], arg_types: &[TypeId]) -> TypeId {
        let arg = |n: u8| arg_types.get(usize::from(n)).copied().unwrap_or(TypeId::UNKNOWN);
        match ret {
            Ret::Unknown | Ret::Decorated => TypeId::UNKNOWN,
            Ret::Nothing => TypeId::NONE,
            Ret::Str => TypeId::STR,
            Ret::Bytes => TypeId::BYTES,
            Ret::Number => TypeId::NUMBER,
            Ret::Bool => TypeId::BOOL,
            Ret::Receiver => me,
            Ret::Inst(class) => self.lib_inst(class, TypeId::UNKNOWN, QueryId::NONE),
            Ret::SelfInstance => match *self.types.get(me) {
                Type::ClassObj(class) => self.types.add(Type::Inst(class, QueryId::NONE)),
                _ => me,
            },
            Ret::InstByText { arg, cases, otherwise } => {
                let given = args.get(usize::from(arg)).and_then(|a| self.code.op(self.current, a.value));
                let text = match given.map(|op| &op.kind) {
                    Some(OpKind::Const(Const::Str(s))) => self.names.text(*s),
                    _ => "",
                };
                let class = cases.iter().find(|(case, _)| *case == text).map_or(otherwise, |(_, class)| *class);
                self.lib_inst(class, TypeId::UNKNOWN, QueryId::NONE)
            }
            Ret::InstKeep(class) => {
                let (elem, query) = self.arg_of(me);
                self.lib_inst(class, elem, query)
            }
            Ret::InstOfArg(class, n) => {
                let elem = self.instance_of(arg(n));
                let query = match *self.types.get(elem) {
                    Type::Inst(model, _) if arg_types.len() == 1 || !self.is_model_ref(arg(1)) => {
                        self.model_query(model)
                    }
                    Type::Inst(..) => return self.lib_inst(class, TypeId::UNKNOWN, QueryId::NONE),
                    _ => QueryId::NONE,
                };
                self.lib_inst(class, elem, query)
            }
            Ret::InstFromArg(class, n) => {
                let (elem, query) = self.arg_of(arg(n));
                self.lib_inst(class, elem, query)
            }
            Ret::InstOfSelf(class) => {
                let (elem, query) = match *self.types.get(me) {
                    Type::ClassObj(model) | Type::Inst(model, _) => {
                        (self.types.add(Type::Inst(model, QueryId::NONE)), self.model_query(model))
                    }
                    _ => (TypeId::UNKNOWN, QueryId::NONE),
                };
                self.lib_inst(class, elem, query)
            }
            Ret::InstOfKeyword(class, keyword) => {
                let given = args.iter().zip(arg_types).find_map(|(arg, ty)| match arg.kind {
                    ArgKind::Named(name) if self.names.text(name) == keyword => Some(*ty),
                    _ => None,
                });
                let elem = given.map_or(TypeId::UNKNOWN, |ty| self.instance_of(ty));
                self.lib_inst(class, elem, QueryId::NONE)
            }
            Ret::ElementOr(class) => {
                let (elem, _) = self.arg_of(me);
                if elem.is_unknown() { self.lib_inst(class, TypeId::UNKNOWN, QueryId::NONE) } else { elem }
            }
            Ret::Element => self.row_of(me),
            Ret::ElementList => {
                let row = self.row_of(me);
                self.types.add(Type::List(row))
            }
            Ret::ElementPair => {
                let row = self.row_of(me);
                self.types.add(Type::Tuple(vec![row, TypeId::BOOL]))
            }
            Ret::ElementDict => {
                let row = self.row_of(me);
                self.types.add(Type::Dict(TypeId::UNKNOWN, row))
            }
            Ret::ArgInstance(n) => {
                let ty = self.instance_of(arg(n));
                match *self.types.get(ty) {
                    Type::Inst(model, _) => {
                        let query = self.model_query(model);
                        self.types.add(Type::Inst(model, query))
                    }
                    _ => {
                        // `get_object_or_404(queryset, …)`
                        let row = self.row_of(arg(n));
                        if row.is_unknown() { ty } else { row }
                    }
                }
            }
            Ret::ListFromArg(n) => {
                let row = self.row_of(arg(n));
                self.types.add(Type::List(row))
            }
            Ret::ElementFromArg(n) => self.row_of(arg(n)),
            Ret::Arg(n) => {
                let ty = arg(n);
                match *self.types.get(ty) {
                    Type::Coroutine(inner) => inner,
                    _ => ty,
                }
            }
            Ret::CallOfArg(n) => {
                let callee = arg(n);
                let result = self.called(FuncId(u32::MAX), callee, &[], &[]);
                self.awaited(result)
            }
            Ret::ListOf(class) => {
                let (elem, query) = self.arg_of(me);
                let inst = self.lib_inst(class, elem, query);
                self.types.add(Type::List(inst))
            }
            Ret::Class(class) => self.lib_ref(class),
            Ret::List => self.types.add(Type::List(TypeId::UNKNOWN)),
            Ret::Dict => self.types.add(Type::Dict(TypeId::UNKNOWN, TypeId::UNKNOWN)),
            Ret::FactoryOf(class) => {
                let sym = self.names.intern(class);
                self.types.add(Type::Factory(sym))
            }
            Ret::DecoratedAs(class) => self.lib_inst(class, TypeId::UNKNOWN, QueryId::NONE),
        }
    }

    pub(super) fn is_model_ref(&self, ty: TypeId) -> bool {
        matches!(self.types.get(ty), Type::ClassObj(class) if self.orm.is_model(*class))
    }

    pub(super) fn model_query(&mut self, model: ClassId) -> QueryId {
        self.queries.add(super::queries::QueryFacts { model: Some(model), ..Default::default() })
    }

    pub fn lib_inst(&mut self, class: &str, elem: TypeId, query: QueryId) -> TypeId {
        let sym = self.names.intern(class);
        self.types.add(Type::Lib(sym, elem, query))
    }

    /// Type argument and query of a library instance. A project manager or queryset class stands for
    /// its model.
    pub(super) fn arg_of(&mut self, ty: TypeId) -> (TypeId, QueryId) {
        match *self.types.get(ty) {
            Type::Lib(_, elem, query) => (elem, query),
            Type::Inst(class, query) => match self.orm.model_of_manager(class) {
                Some(model) => {
                    let query = if query.is_known() { query } else { self.model_query(model) };
                    (self.types.add(Type::Inst(model, QueryId::NONE)), query)
                }
                None => (TypeId::UNKNOWN, QueryId::NONE),
            },
            Type::ClassObj(class) => {
                let query = self.model_query(class);
                (self.types.add(Type::Inst(class, QueryId::NONE)), query)
            }
            Type::LibRef(_) => (TypeId::UNKNOWN, QueryId::NONE),
            _ => (TypeId::UNKNOWN, QueryId::NONE),
        }
    }

    /// A row of a query value: an instance that remembers its query.
    pub(super) fn row_of(&mut self, ty: TypeId) -> TypeId {
        let (elem, query) = self.arg_of(ty);
        if self.queries.get(query).is_some_and(|q| q.plain_rows) {
            return TypeId::UNKNOWN;
        }
        match *self.types.get(elem) {
            Type::Inst(class, _) if query != QueryId::NONE => self.types.add(Type::Inst(class, query)),
            // A row of a model that is not seen.
            Type::Lib(class, inner, _)
                if query != QueryId::NONE && matches!(self.names.text(class), UNSEEN_ROW | USER) =>
            {
                self.types.add(Type::Lib(class, inner, query))
            }
            _ => elem,
        }
    }

    /// What calling a project function gives: a coroutine for `async def`, an iterator for a
    /// generator, a manager for `@contextmanager`.
    pub fn return_type(&mut self, g: FuncId) -> TypeId {
        if let Some(Some(known)) = self.returns.get(g.0 as usize) {
            return *known;
        }
        if !self.returns_busy.insert(g) {
            return TypeId::UNKNOWN;
        }
        let ty = self.find_return_type(g);
        self.returns_busy.remove(&g);
        let settled = self.returns_busy.is_empty() || !ty.is_unknown();
        if settled && let Some(slot) = self.returns.get_mut(g.0 as usize) {
            *slot = Some(ty);
        }
        ty
    }

    pub(super) fn find_return_type(&mut self, g: FuncId) -> TypeId {
        let code = self.code;
        let function = code.func(g);
        let mut stated = function.returns.map_or(TypeId::UNKNOWN, |a| self.annotation_type(code.parent(g), a));
        if stated.is_unknown() {
            stated = self.stub_return(g);
        }
        // `-> "Self"`, `-> T`: the body knows better.
        let yields = function.is_generator;
        let found = self.body_result(g, yields);
        if yields {
            let inner = match *self.types.get(stated) {
                Type::Iter(inner) | Type::List(inner) => inner,
                _ => TypeId::UNKNOWN,
            };
            let elem = if inner.is_unknown() { found } else { self.more_precise(inner, found) };
            let decorators = self.decorator_names(g);
            if decorators.iter().any(|name| name.ends_with("contextmanager") || name.ends_with("context_manager")) {
                return self.types.add(Type::Manager(g, elem));
            }
            return self.types.add(Type::Iter(elem));
        }
        // `-> AsyncContextManager[Session]` that calls the generator which is one.
        let opens = matches!(self.types.get(found), Type::Manager(..));
        stated = if stated.is_unknown() || opens { found } else { self.more_precise(stated, found) };
        if function.is_async && function.kind != FunctionKind::TopLevel {
            return self.types.add(Type::Coroutine(stated));
        }
        stated
    }

    pub(super) fn body_result(&mut self, g: FuncId, yields: bool) -> TypeId {
        self.infer(g);
        let code = self.code;
        let function = code.func(g);
        let mut joined = TypeId::UNKNOWN;
        let mut seen_none = false;
        for op in &function.body.ops {
            let value = match (&op.kind, yields) {
                (OpKind::Return(Some(v)), false) | (OpKind::Yield(Some(v)), true) => *v,
                (OpKind::YieldFrom(v), true) => {
                    let ty = self.value(g, *v);
                    let elem = self.element_of(ty);
                    joined = self.join(joined, elem);
                    continue;
                }
                _ => continue,
            };
            let ty = self.value(g, value);
            if ty == TypeId::NONE {
                seen_none = true;
            } else {
                joined = self.join(joined, ty);
            }
        }
        let _ = seen_none;
        joined
    }
}
