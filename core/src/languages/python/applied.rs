//! What a builtin does with each element: `map(lambda x: …, xs)` and `filter` are lowered as the comprehensions
//! that they are, and `sorted(xs, key=lambda x: …)`, `max`, `groupby` and alike as a call and a loop over the same
//! elements. So what the lambda reads of an element is seen where it runs, once for each.

use super::lower::Lowerer;
use super::names::Binding;
use crate::model::{Arg, ArgKind, LoopKind, Maybe, OpKind, RegionKind, ValueId};
use ruff_python_ast::{Expr, ExprCall, ExprLambda, Identifier};
use ruff_text_size::{Ranged, TextRange};
use thin_vec::thin_vec;

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

/// To what a call applies it.
#[derive(Clone, Copy)]
enum Over {
    /// Each element of an iterable, which gives the results: `map`.
    Each,
    /// Likewise to choose among them: `filter`.
    Choose,
    /// Each element of the argument at this position, whatever the call gives: `max`.
    Argument(usize),
    /// Each element of what the call gives: `sorted`.
    Result,
    /// Each element of the receiver: `rows.sort(key=…)`.
    Receiver,
}

/// A call that applies a function.
struct Applied<'e> {
    over: Over,
    body: Body<'e>,
    /// The iterable of `map` and `filter`, of the others the function as it is written.
    of: &'e Expr,
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
        let Applied { over, body, of } = self.what(e)?;
        if let Body::Lambda(_, inner) = body
            && self.has_walrus(inner.range())
        {
            return None;
        }
        if matches!(over, Over::Each | Over::Choose) {
            let rows = self.expr(of);
            let chooses = matches!(over, Over::Choose);
            return Some(self.each(body, rows, (LoopKind::Generator, chooses), e.range()));
        }
        let args = self.arguments_but(&e.arguments, Some(of.range()));
        let rows = match over {
            Over::Argument(position) => args.get(position).map(|arg| arg.value),
            Over::Receiver => match self.f.ops.get(callee.0 as usize).map(|op| &op.kind) {
                Some(OpKind::Attr { base, .. }) => Some(*base),
                _ => None,
            },
            _ => None,
        };
        let call = self.emit(OpKind::Call { callee, args }, e.range());
        self.each(body, rows.unwrap_or(call), (LoopKind::Comprehension, false), of.range());
        Some(call)
    }

    fn has_walrus(&self, range: TextRange) -> bool {
        let (start, end) = (range.start().to_u32(), range.end().to_u32());
        self.walrus.is_some_and(|places| places.iter().any(|place| (start..end).contains(place)))
    }

    fn what<'e>(&mut self, e: &'e ExprCall) -> Option<Applied<'e>> {
        let (args, keywords) = (&*e.arguments.args, &*e.arguments.keywords);
        let key = keywords.iter().find(|k| k.arg.as_ref().is_some_and(|name| name.as_str() == "key"));
        let applied = |over, function, of| Some(Applied { over, body: body_of(function)?, of });
        let by = |over, function: &'e Expr| applied(over, function, function);
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
                (_, "sort") if args.is_empty() => return by(Over::Receiver, &key?.value),
                _ => return None,
            },
            _ => return None,
        };
        match (name, args) {
            ("map", [Expr::Name(function), of]) if keywords.is_empty() && function.id.as_str() == "str" => {
                let id = self.names.id(function.range, "str");
                let builtin = self.names.binding(id) == Binding::Global;
                builtin.then_some(Applied { over: Over::Each, body: Body::Text(function.range), of })
            }
            ("map", [function, of]) if keywords.is_empty() => applied(Over::Each, function, of),
            ("filter", [function, of]) if keywords.is_empty() => applied(Over::Choose, function, of),
            ("sorted", [rows]) if !rows.is_starred_expr() => by(Over::Result, &key?.value),
            ("max" | "min" | "groupby", [rows]) if !rows.is_starred_expr() => by(Over::Argument(0), &key?.value),
            ("groupby", [_, key]) => by(Over::Argument(0), key),
            ("nlargest" | "nsmallest", [_, _]) => by(Over::Argument(1), &key?.value),
            _ => None,
        }
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
        self.emit(OpKind::Comprehension { kind: None, region, element, key: Maybe::NONE }, range)
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
