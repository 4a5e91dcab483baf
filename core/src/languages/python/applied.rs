//! What a builtin does with each element: `map(lambda x: …, xs)` and `filter` are lowered as the comprehensions
//! that they are, and `sorted(xs, key=lambda x: …)`, `max`, `groupby` and alike as a call and a loop over the same
//! elements. So what the lambda reads of an element is seen where it runs, once for each.

use super::lower::Lowerer;
use super::names::Binding;
use crate::model::{Arg, ArgKind, LoopKind, OpKind, RegionKind, ValueId};
use ruff_python_ast::{Expr, ExprCall, ExprLambda, Identifier};
use ruff_text_size::{Ranged, TextRange};
use thin_vec::{ThinVec, thin_vec};

/// What is done with an element.
#[derive(Clone, Copy)]
enum Body<'e> {
    /// The lambda is called with it.
    Lambda(&'e Identifier, &'e Expr),
    /// Attributes of it are read: `attrgetter("author.name")`.
    Path(&'e str, TextRange),
    /// It is written as text: `str`.
    Text(TextRange),
}

/// What a call applies.
#[derive(Clone, Copy)]
enum Applied<'e> {
    /// To each element of an iterable, which gives the results: `map`.
    Each(Body<'e>, &'e Expr),
    /// Likewise to choose among them: `filter`.
    Choose(Body<'e>, &'e Expr),
    /// To each element of the argument at this position, whatever the call gives.
    Key(Body<'e>, &'e Expr, usize),
    /// To each element of what the call gives: `sorted`.
    Result(Body<'e>, &'e Expr),
    /// To each element of the receiver: `rows.sort(key=…)`.
    Receiver(Body<'e>, &'e Expr),
}

impl Lowerer<'_, '_> {
    /// Lowers a call that applies a function written in place to each element; `None` when it is another call.
    pub fn applied(&mut self, e: &ExprCall, callee: ValueId) -> Option<ValueId> {
        // Nearly every call: neither a lambda nor a keyword `key`.
        let arguments = &e.arguments;
        let written = |e: &Expr| e.as_name_expr().is_some_and(|name| name.id.as_str() == "str");
        let lambda = arguments.args.iter().take(2).any(|e| e.is_lambda_expr() || written(e));
        if !lambda && !arguments.keywords.iter().any(|k| k.arg.as_ref().is_some_and(|name| name.as_str() == "key")) {
            return None;
        }
        let applied = self.what(e)?;
        let (Applied::Each(body, of)
        | Applied::Choose(body, of)
        | Applied::Key(body, of, _)
        | Applied::Result(body, of)
        | Applied::Receiver(body, of)) = applied;
        if let Body::Lambda(_, inner) = body
            && self.has_walrus(inner.range())
        {
            return None;
        }
        if matches!(applied, Applied::Each(..) | Applied::Choose(..)) {
            let over = self.expr(of);
            let chooses = matches!(applied, Applied::Choose(..));
            return Some(self.each(body, over, (LoopKind::Generator, chooses), e.range()));
        }
        let args = self.arguments_without(e, of);
        let rows = match applied {
            Applied::Key(_, _, position) => args.get(position).map(|arg| arg.value),
            Applied::Receiver(..) => match self.f.ops.get(callee.0 as usize).map(|op| &op.kind) {
                Some(OpKind::Attr { base, .. }) => Some(*base),
                _ => None,
            },
            _ => None,
        };
        let call = self.emit(OpKind::Call { callee, args }, e.range());
        let over = rows.unwrap_or(call);
        self.each(body, over, (LoopKind::Comprehension, false), of.range());
        Some(call)
    }

    fn has_walrus(&self, range: TextRange) -> bool {
        let (start, end) = (range.start().to_u32(), range.end().to_u32());
        self.walrus.is_some_and(|places| places.iter().any(|place| (start..end).contains(place)))
    }

    fn what<'e>(&mut self, e: &'e ExprCall) -> Option<Applied<'e>> {
        let (args, keywords) = (&*e.arguments.args, &*e.arguments.keywords);
        let key = keywords.iter().find(|k| k.arg.as_ref().is_some_and(|name| name.as_str() == "key"));
        let name = match &*e.func {
            Expr::Name(name) => {
                let id = self.names.id(name.range, name.id.as_str());
                (self.names.binding(id) == Binding::Global).then_some(name.id.as_str())?
            }
            Expr::Attribute(attribute) => match (&*attribute.value, attribute.attr.as_str()) {
                (Expr::Name(module), name @ ("groupby" | "nlargest" | "nsmallest"))
                    if matches!(module.id.as_str(), "itertools" | "heapq") =>
                {
                    name
                }
                (_, "sort") if args.is_empty() => {
                    let key = &key?.value;
                    return Some(Applied::Receiver(body_of(key)?, key));
                }
                _ => return None,
            },
            _ => return None,
        };
        match (name, args) {
            ("map", [Expr::Name(function), of]) if keywords.is_empty() && function.id.as_str() == "str" => {
                let id = self.names.id(function.range, "str");
                let builtin = self.names.binding(id) == Binding::Global;
                builtin.then_some(Applied::Each(Body::Text(function.range), of))
            }
            ("map", [function, of]) if keywords.is_empty() => Some(Applied::Each(body_of(function)?, of)),
            ("filter", [function, of]) if keywords.is_empty() => Some(Applied::Choose(body_of(function)?, of)),
            ("sorted", [rows]) if !rows.is_starred_expr() => {
                let key = &key?.value;
                Some(Applied::Result(body_of(key)?, key))
            }
            ("max" | "min" | "groupby", [rows]) if !rows.is_starred_expr() => {
                let key = &key?.value;
                Some(Applied::Key(body_of(key)?, key, 0))
            }
            ("groupby", [_, key]) => Some(Applied::Key(body_of(key)?, key, 0)),
            ("nlargest" | "nsmallest", [_, _]) => {
                let key = &key?.value;
                Some(Applied::Key(body_of(key)?, key, 1))
            }
            _ => None,
        }
    }

    /// The arguments; the function stands for itself, as nothing follows it from there.
    fn arguments_without(&mut self, e: &ExprCall, function: &Expr) -> ThinVec<Arg> {
        let mut out = ThinVec::new();
        for expr in &e.arguments.args {
            let value = self.unless(expr, function);
            out.push(Arg { kind: ArgKind::Positional, value });
        }
        for keyword in &e.arguments.keywords {
            let value = self.unless(&keyword.value, function);
            let kind = match &keyword.arg {
                Some(name) => ArgKind::Named(self.names.sym_at(name.range, name.as_str())),
                None => ArgKind::SpreadNamed,
            };
            out.push(Arg { kind, value });
        }
        out
    }

    fn unless(&mut self, expr: &Expr, function: &Expr) -> ValueId {
        if expr.range() == function.range() {
            return self.emit(OpKind::Other(ThinVec::new()), expr.range());
        }
        self.expr(expr)
    }

    /// The loop that the call runs.
    fn each(&mut self, body: Body<'_>, over: ValueId, (kind, chooses): (LoopKind, bool), range: TextRange) -> ValueId {
        let span = self.span(range);
        let mut fork = self.f.fork();
        let hidden = match body {
            Body::Lambda(param, _) => {
                let id = self.names.id(param.range, param.as_str());
                let (owner, slot) = (self.f.index, self.f.new_slot());
                Some((id, self.names.rebind(id, Binding::Element { owner, slot })))
            }
            Body::Path(..) | Body::Text(_) => None,
        };
        let region = self.f.open(RegionKind::Loop { kind, iter: Some(over) }, span);
        let (element, result) = match body {
            Body::Lambda(param, inner) => {
                let next = self.emit(OpKind::Element(over), param.range);
                if let Some((id, _)) = hidden {
                    self.bind(id, next, param.range);
                }
                (next, if chooses { self.condition(inner) } else { self.expr(inner) })
            }
            Body::Path(path, at) => {
                let next = self.emit(OpKind::Element(over), at);
                let mut value = next;
                for name in path.split('.') {
                    let name = self.names.interner.intern(name);
                    value = self.emit(OpKind::Attr { base: value, name }, at);
                }
                (next, value)
            }
            Body::Text(at) => {
                let next = self.emit(OpKind::Element(over), at);
                let name = self.names.interner.intern("str");
                let callee = self.emit(OpKind::Global(name), at);
                let args = thin_vec![Arg { kind: ArgKind::Positional, value: next }];
                (next, self.emit(OpKind::Call { callee, args }, at))
            }
        };
        self.f.close();
        if let Some((id, binding)) = hidden {
            self.names.rebind(id, binding);
        }
        self.f.end_arm(&mut fork);
        self.f.skip_arms(&mut fork);
        self.f.abandon(fork);
        let element = if chooses { element } else { result };
        self.emit(OpKind::Comprehension { kind: None, region, element, key: None }, range)
    }
}

/// A lambda of one plain parameter, or the attributes that `attrgetter` reads.
fn body_of(function: &Expr) -> Option<Body<'_>> {
    match function {
        Expr::Lambda(ExprLambda { parameters: Some(parameters), body, .. }) => {
            let [param] = parameters.args.as_slice() else { return None };
            let plain = parameters.posonlyargs.is_empty()
                && parameters.kwonlyargs.is_empty()
                && parameters.vararg.is_none()
                && parameters.kwarg.is_none()
                && param.default.is_none();
            plain.then_some(Body::Lambda(&param.parameter.name, body))
        }
        Expr::Call(call) => {
            let named = match &*call.func {
                Expr::Name(name) => name.id.as_str() == "attrgetter",
                Expr::Attribute(attribute) => attribute.attr.as_str() == "attrgetter",
                _ => false,
            };
            match &*call.arguments.args {
                [Expr::StringLiteral(path)] if named => {
                    let text = path.value.to_str();
                    (!text.is_empty()).then_some(Body::Path(text, path.range()))
                }
                _ => None,
            }
        }
        _ => None,
    }
}
