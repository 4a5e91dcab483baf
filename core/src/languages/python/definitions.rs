//! Functions, lambdas and classes.

use super::builder::ClassScope;
use super::lower::{Lowerer, loop_writes};
use super::scopes::{Decl, collect, collect_expr};
use super::text::cut;
use crate::model::{
    Body, Class, ClassIdx, Decorator, FnIdx, Function, FunctionKind, OpKind, Param, ParamKind, RegionKind, Sym, ValueId,
};
use ruff_python_ast::{AnyParameterRef, Expr, ExprLambda, Identifier, Parameters, Stmt, StmtClassDef, StmtFunctionDef};
use ruff_text_size::{Ranged, TextRange, TextSize};
use rustc_hash::FxHashMap;

impl Lowerer<'_, '_> {
    /// `def`
    pub fn function_def(&mut self, s: &StmtFunctionDef) {
        let decorators = self.decorators(&s.decorator_list);
        let params = self.parameters(&s.parameters);
        let returns = s.returns.as_deref().map(|r| self.annotation(r));
        let class = self.class();
        let range = without_decorators(self.source, s.range, s.decorator_list.last().map(Ranged::end));
        let name = self.names.sym_at(s.name.range, s.name.as_str());
        let outer_path = self.extend_path(s.name.as_str());
        let qualified = self.qualified();
        let kind = if class.is_some() { FunctionKind::Method } else { FunctionKind::Function };
        let doc = self.docstring(&s.body);
        let span = self.span(range);
        let index = self.new_function(Function {
            name,
            qualified,
            kind,
            is_async: s.is_async,
            is_generator: false,
            class,
            parent: self.f.index,
            params,
            returns,
            decorators,
            doc,
            span,
            name_span: self.span(s.name.range),
            body: Body::default(),
        });
        if let Some(class) = class.and_then(|c| self.classes.get_mut(c.0 as usize)) {
            class.methods.push(index);
        }
        let first_class = self.classes.len();
        self.enter(index, span);
        let names = s.parameters.iter().map(AnyParameterRef::name);
        let scope = collect(&mut self.names, names, &s.body, self.walrus);
        self.declare(scope);
        self.bind_parameters(&s.parameters);
        self.block(&s.body);
        self.leave(first_class);
        self.path.truncate(outer_path);
        let value = self.emit(OpKind::Closure(index), s.name.range);
        let id = self.names.id(s.name.range, s.name.as_str());
        self.bind(id, value, s.name.range);
    }

    /// `lambda`
    pub fn lambda(&mut self, s: &ExprLambda) -> ValueId {
        let params = s.parameters.as_deref().map(|p| self.parameters(p)).unwrap_or_default();
        let name = self.names.interner.intern("<lambda>");
        let outer_path = self.extend_path("<lambda>");
        let qualified = self.qualified();
        let span = self.span(s.range);
        let index = self.new_function(Function {
            name,
            qualified,
            kind: FunctionKind::Lambda,
            is_async: false,
            is_generator: false,
            class: None,
            parent: self.f.index,
            params,
            returns: None,
            decorators: Vec::new(),
            doc: None,
            span,
            name_span: self.span(TextRange::at(s.start(), TextSize::from(6))),
            body: Body::default(),
        });
        let first_class = self.classes.len();
        self.enter(index, span);
        let names = s.parameters.iter().flat_map(|p| p.iter()).map(AnyParameterRef::name);
        let scope = collect_expr(&mut self.names, names, &s.body, self.walrus);
        self.declare(scope);
        if let Some(parameters) = &s.parameters {
            self.bind_parameters(parameters);
        }
        let result = self.expr(&s.body);
        self.emit(OpKind::Return(Some(result)), s.body.range());
        self.leave(first_class);
        self.path.truncate(outer_path);
        self.emit(OpKind::Closure(index), s.range)
    }

    /// `class`
    pub fn class_def(&mut self, s: &StmtClassDef) {
        let decorators = self.decorators(&s.decorator_list);
        let mut bases = Vec::new();
        let mut keywords = Vec::new();
        if let Some(arguments) = &s.arguments {
            for base in &arguments.args {
                bases.push(self.annotation(base));
            }
            for keyword in &arguments.keywords {
                let value = self.expr(&keyword.value);
                if let Some(name) = &keyword.arg {
                    keywords.push((self.names.sym_at(name.range, name.as_str()), value));
                }
            }
        }
        let range = without_decorators(self.source, s.range, s.decorator_list.last().map(Ranged::end));
        let span = self.span(range);
        let class = ClassIdx(u32::try_from(self.classes.len()).unwrap_or(u32::MAX));
        self.classes.push(Class {
            name: self.names.sym_at(s.name.range, s.name.as_str()),
            scope: self.f.index,
            outer: self.class(),
            bases,
            keywords,
            decorators,
            fields: Vec::new(),
            methods: Vec::new(),
            span,
            name_span: self.span(s.name.range),
        });
        self.f.open(RegionKind::ClassBody(class), span);
        let scope = collect(&mut self.names, std::iter::empty(), &s.body, self.walrus);
        let mut slots = FxHashMap::default();
        for &(name, decl) in &scope.names {
            if decl == Decl::Local {
                slots.insert(name, self.f.new_slot());
            }
        }
        let writes = loop_writes(scope, |name| slots.get(&name).copied());
        self.f.loop_writes.push(writes);
        self.f.classes.push(ClassScope { class, slots });
        let outer_path = self.extend_path(s.name.as_str());
        self.block(&s.body);
        self.path.truncate(outer_path);
        self.f.classes.pop();
        self.f.loop_writes.pop();
        self.f.close();
        let value = self.emit(OpKind::ClassDef(class), s.name.range);
        let id = self.names.id(s.name.range, s.name.as_str());
        self.bind(id, value, s.name.range);
    }

    fn new_function(&mut self, function: Function) -> FnIdx {
        self.functions.push(function);
        FnIdx(u32::try_from(self.functions.len() - 1).unwrap_or(u32::MAX))
    }

    /// Appends a name to the path; the result is the length to cut it to afterwards.
    fn extend_path(&mut self, name: &str) -> usize {
        let length = self.path.len();
        self.path.push_str(name);
        self.path.push('.');
        length
    }

    fn qualified(&mut self) -> Sym {
        let path = self.path.strip_suffix('.').unwrap_or(&self.path);
        self.names.interner.intern(path)
    }

    fn decorators(&mut self, list: &[ruff_python_ast::Decorator]) -> Vec<Decorator> {
        let mut out = Vec::with_capacity(list.len());
        for decorator in list {
            let value = self.expr(&decorator.expression);
            out.push(Decorator { value, span: self.span(decorator.range) });
        }
        out
    }

    fn parameters(&mut self, parameters: &Parameters) -> Vec<Param> {
        let mut out = Vec::with_capacity(parameters.len());
        for parameter in parameters {
            let plain = parameter.as_parameter();
            let annotation = plain.annotation.as_deref().map(|a| self.annotation(a));
            let default = parameter.default().map(|d| self.expr(d));
            let name = self.names.sym_at(plain.name.range, plain.name.as_str());
            let kind = param_kind(parameters, parameter);
            out.push(Param { name, kind, annotation, default, span: self.span(parameter.range()) });
        }
        out
    }

    fn bind_parameters(&mut self, parameters: &Parameters) {
        for (position, parameter) in parameters.iter().enumerate() {
            let name = parameter.name();
            let value = self.emit(OpKind::Param(u16::try_from(position).unwrap_or(u16::MAX)), name.range);
            self.set_parameter(name, value);
        }
    }

    fn set_parameter(&mut self, name: &Identifier, value: ValueId) {
        let id = self.names.id(name.range, name.as_str());
        if let super::names::Binding::Local { owner, slot } = self.names.binding(id)
            && owner == self.f.index
        {
            self.f.set(slot, value);
        }
    }

    /// The first line of a docstring.
    pub fn docstring(&mut self, body: &[Stmt]) -> Option<Sym> {
        let Some(Stmt::Expr(first)) = body.first() else { return None };
        let Expr::StringLiteral(string) = &*first.value else { return None };
        let text = string.value.iter().next()?.as_str();
        let line = text.trim_start().lines().next().unwrap_or("").trim_end();
        Some(self.names.interner.intern(cut(line)))
    }
}

fn param_kind(parameters: &Parameters, parameter: AnyParameterRef<'_>) -> ParamKind {
    let among = |list: &[ruff_python_ast::ParameterWithDefault]| matches!(parameter, AnyParameterRef::NonVariadic(p) if list.as_ptr_range().contains(&std::ptr::from_ref(p)));
    match parameter {
        AnyParameterRef::Variadic(p) => {
            if parameters.vararg.as_deref().is_some_and(|v| std::ptr::eq(v, p)) {
                ParamKind::Rest
            } else {
                ParamKind::NamedRest
            }
        }
        AnyParameterRef::NonVariadic(_) if among(&parameters.posonlyargs) => ParamKind::PositionalOnly,
        AnyParameterRef::NonVariadic(_) if among(&parameters.args) => ParamKind::Normal,
        AnyParameterRef::NonVariadic(_) => ParamKind::NamedOnly,
    }
}

/// The range of a definition from its keyword on.
fn without_decorators(source: &str, range: TextRange, decorators_end: Option<TextSize>) -> TextRange {
    let Some(end) = decorators_end else { return range };
    let mut start = end.to_usize();
    let limit = range.end().to_usize();
    while let Some(rest) = source.get(start..limit) {
        let trimmed = rest.trim_start();
        start += rest.len() - trimmed.len();
        if !trimmed.starts_with('#') {
            break;
        }
        start += trimmed.find(['\n', '\r']).unwrap_or(trimmed.len());
        if trimmed.is_empty() {
            break;
        }
    }
    let start = TextSize::try_from(start).unwrap_or(end).min(range.end());
    TextRange::new(start.max(range.start()), range.end())
}
