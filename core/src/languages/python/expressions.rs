//! Expressions: every value that matters becomes an op; reads of locals do not.

use super::lower::{Lowerer, MAX_DEPTH};
use crate::model::{Arg, ArgKind, CollectionKind, Const, OpKind, RegionKind, ValueId, Wide};
use ruff_python_ast::{
    Arguments, Expr, ExprAttribute, ExprCall, ExprDict, ExprIf, ExprNamed, ExprNumberLiteral, ExprSlice, ExprSubscript,
    Number,
};
use ruff_text_size::{Ranged, TextRange};
use thin_vec::{ThinVec, thin_vec};

/// From this depth on, left-leaning chains are followed with a list in place of recursion.
const DEEP: u32 = 60;
/// A display of constants keeps this many elements.
const MAX_CONSTANTS: usize = 32;

impl Lowerer<'_, '_> {
    /// Lowers an expression.
    pub fn expr(&mut self, expr: &Expr) -> ValueId {
        if self.depth >= DEEP {
            return self.deep_expr(expr);
        }
        self.depth += 1;
        let value = match left_of(expr) {
            Some(left) => {
                let left = if self.stands_alone(expr) { None } else { Some(self.expr(left)) };
                self.link(expr, left)
            }
            None => self.other_expr(expr),
        };
        self.depth -= 1;
        value
    }

    /// Like [`Self::expr`], for chains of thousands of links.
    fn deep_expr(&mut self, expr: &Expr) -> ValueId {
        if self.depth >= MAX_DEPTH {
            self.give_up(expr.start().to_u32());
            return self.emit(OpKind::Other(ThinVec::new()), expr.range());
        }
        self.depth += 1;
        let mut chain = vec![expr];
        let mut head = expr;
        while let Some(left) = left_of(head).filter(|_| !self.stands_alone(head)) {
            chain.push(left);
            head = left;
        }
        let mut value = None;
        while let Some(link) = chain.pop() {
            value = Some(if left_of(link).is_some() { self.link(link, value) } else { self.other_expr(link) });
        }
        self.depth -= 1;
        match value {
            Some(value) => value,
            None => self.emit(OpKind::Other(ThinVec::new()), expr.range()),
        }
    }

    /// Whether a link of a chain is lowered without its left part as a value of its own: folded
    /// constants and `"…".format(…)`, `"…" % …`.
    fn stands_alone(&self, expr: &Expr) -> bool {
        match expr {
            Expr::BinOp(e) => super::operators::is_folded(e),
            Expr::Call(e) => super::strings::is_format_call(e),
            _ => false,
        }
    }

    /// A link of a chain, whose left part is `left`.
    fn link(&mut self, expr: &Expr, left: Option<ValueId>) -> ValueId {
        match (expr, left) {
            (Expr::Attribute(e), Some(base)) => self.attribute(e, base),
            (Expr::Subscript(e), Some(base)) => self.subscript(e, base),
            (Expr::Call(e), Some(callee)) => self.call(e, callee),
            (Expr::Call(e), None) => self.format_call(e),
            (Expr::BinOp(e), Some(left)) => self.binary(e, left),
            (Expr::BinOp(e), None) => self.folded(e),
            _ => self.emit(OpKind::Other(ThinVec::new()), expr.range()),
        }
    }

    fn other_expr(&mut self, expr: &Expr) -> ValueId {
        match expr {
            Expr::Name(e) => {
                let id = self.names.id(e.range, e.id.as_str());
                self.read(id, e.range)
            }
            Expr::StringLiteral(e) => self.string(e),
            Expr::NumberLiteral(e) => self.number(e),
            Expr::BooleanLiteral(e) => self.constant(Const::Bool(e.value), e),
            Expr::NoneLiteral(e) => self.constant(Const::None, e),
            Expr::EllipsisLiteral(e) => self.constant(Const::Ellipsis, e),
            Expr::BytesLiteral(e) => self.constant(Const::Bytes, e),
            Expr::FString(e) => self.f_string(e),
            Expr::TString(e) => self.t_string(e),
            Expr::BoolOp(e) => self.bool_op(e),
            Expr::UnaryOp(e) => self.unary(e),
            Expr::Compare(e) => self.compare(e),
            Expr::Named(e) => self.named(e),
            Expr::Lambda(e) => self.lambda(e),
            Expr::If(e) => self.conditional(e),
            Expr::Dict(e) => self.dict(e),
            Expr::Set(e) => self.collection(CollectionKind::Set, &e.elts, e.range),
            Expr::List(e) => self.collection(CollectionKind::List, &e.elts, e.range),
            Expr::Tuple(e) => self.collection(CollectionKind::Tuple, &e.elts, e.range),
            Expr::ListComp(e) => self.comprehension(Some(CollectionKind::List), None, &e.elt, &e.generators, e.range),
            Expr::SetComp(e) => self.comprehension(Some(CollectionKind::Set), None, &e.elt, &e.generators, e.range),
            Expr::DictComp(e) => {
                self.comprehension(Some(CollectionKind::Dict), e.key.as_deref(), &e.value, &e.generators, e.range)
            }
            Expr::Generator(e) => self.comprehension(None, None, &e.elt, &e.generators, e.range),
            Expr::Await(e) => {
                let value = self.expr(&e.value);
                self.emit(OpKind::Await(value), e.range)
            }
            Expr::Yield(e) => {
                let value = e.value.as_deref().map(|v| self.expr(v));
                self.f.is_generator = true;
                self.emit(OpKind::Yield(value), e.range)
            }
            Expr::YieldFrom(e) => {
                let value = self.expr(&e.value);
                self.f.is_generator = true;
                self.emit(OpKind::YieldFrom(value), e.range)
            }
            Expr::Starred(e) => {
                let value = self.expr(&e.value);
                self.emit(OpKind::Other(thin_vec![value]), e.range)
            }
            Expr::Slice(e) => self.bare_slice(e),
            Expr::Attribute(_) | Expr::Subscript(_) | Expr::Call(_) | Expr::BinOp(_) | Expr::IpyEscapeCommand(_) => {
                self.emit(OpKind::Other(ThinVec::new()), expr.range())
            }
        }
    }

    fn attribute(&mut self, e: &ExprAttribute, base: ValueId) -> ValueId {
        let name = self.names.sym_at(e.attr.range, e.attr.as_str());
        self.emit(OpKind::Attr { base, name }, e.range)
    }

    fn subscript(&mut self, e: &ExprSubscript, base: ValueId) -> ValueId {
        if let Expr::Slice(slice) = &*e.slice {
            self.slice_bounds(slice);
            return self.emit(OpKind::Slice { base, bounded: slice.upper.is_some() }, e.range);
        }
        let index = self.expr(&e.slice);
        self.emit(OpKind::Item { base, index }, e.range)
    }

    fn slice_bounds(&mut self, slice: &ExprSlice) {
        for bound in slice.lower.iter().chain(&slice.upper).chain(&slice.step) {
            if !is_constant(bound, 4) {
                self.expr(bound);
            }
        }
    }

    fn bare_slice(&mut self, slice: &ExprSlice) -> ValueId {
        self.slice_bounds(slice);
        self.emit(OpKind::Other(ThinVec::new()), slice.range)
    }

    fn call(&mut self, e: &ExprCall, callee: ValueId) -> ValueId {
        if let Some(value) = self.applied(e, callee) {
            return value;
        }
        if let Some((object, text)) = attribute_by_name(e)
            && self.f.is_global(callee, self.names.interner.intern("getattr"))
        {
            let base = self.expr(object);
            for default in e.arguments.args.iter().skip(2) {
                self.expr(default);
            }
            let name = self.names.interner.intern(text);
            return self.emit(OpKind::Attr { base, name }, e.range());
        }
        let args = self.arguments(&e.arguments);
        self.emit(OpKind::Call { callee, args }, e.range())
    }

    /// The arguments of a call in the order they are written.
    pub fn arguments(&mut self, arguments: &Arguments) -> ThinVec<Arg> {
        self.arguments_but(arguments, None)
    }

    /// Likewise; the one at `applied` stands for itself, as what it does is lowered elsewhere.
    pub fn arguments_but(&mut self, arguments: &Arguments, applied: Option<TextRange>) -> ThinVec<Arg> {
        let mut out = ThinVec::with_capacity(arguments.args.len() + arguments.keywords.len());
        let mut keywords = arguments.keywords.iter().peekable();
        for expr in &arguments.args {
            while let Some(keyword) = keywords.next_if(|k| k.start() < expr.start()) {
                out.push(self.keyword(keyword, applied));
            }
            out.push(match expr {
                Expr::Starred(starred) => Arg { kind: ArgKind::Spread, value: self.expr(&starred.value) },
                expr => Arg { kind: ArgKind::Positional, value: self.argument(expr, applied) },
            });
        }
        for keyword in keywords {
            out.push(self.keyword(keyword, applied));
        }
        out
    }

    fn keyword(&mut self, keyword: &ruff_python_ast::Keyword, applied: Option<TextRange>) -> Arg {
        let value = self.argument(&keyword.value, applied);
        let kind = match &keyword.arg {
            Some(name) => ArgKind::Named(self.names.sym_at(name.range, name.as_str())),
            None => ArgKind::SpreadNamed,
        };
        Arg { kind, value }
    }

    fn argument(&mut self, expr: &Expr, applied: Option<TextRange>) -> ValueId {
        if applied == Some(expr.range()) {
            return self.emit(OpKind::Other(ThinVec::new()), expr.range());
        }
        self.expr(expr)
    }

    fn number(&mut self, e: &ExprNumberLiteral) -> ValueId {
        let value = match &e.value {
            Number::Int(int) => Const::Int(Wide(int.as_i64().unwrap_or(i64::MAX))),
            Number::Float(float) => Const::Float(Wide(*float)),
            Number::Complex { real, .. } => Const::Float(Wide(*real)),
        };
        self.constant(value, e)
    }

    fn named(&mut self, e: &ExprNamed) -> ValueId {
        let value = self.expr(&e.value);
        self.assign(&e.target, value);
        let last = ValueId(self.f.position().saturating_sub(1));
        match self.f.ops.last() {
            Some(op) if matches!(op.kind, OpKind::Bind { .. }) => last,
            _ => value,
        }
    }

    fn conditional(&mut self, e: &ExprIf) -> ValueId {
        let span = self.span(e.range);
        let cond = self.condition(&e.test);
        let mut fork = self.f.fork();
        self.f.open(RegionKind::Branch, span);
        let arm_span = self.span(e.body.range());
        self.f.open(RegionKind::Arm { cond: Some(cond), negated: false }, arm_span);
        let first = self.expr(&e.body);
        self.f.close();
        self.f.end_arm(&mut fork);
        let arm_span = self.span(e.orelse.range());
        self.f.open(RegionKind::Arm { cond: Some(cond), negated: true }, arm_span);
        let second = self.expr(&e.orelse);
        self.f.close();
        self.f.end_arm(&mut fork);
        self.f.close();
        self.f.join(fork, span);
        ValueId(self.f.merge([first.0, second.0].into_iter(), span))
    }

    fn dict(&mut self, e: &ExprDict) -> ValueId {
        let mut items = e.items.as_slice();
        if items.len() > MAX_CONSTANTS
            && items.iter().all(|i| i.key.as_ref().is_some_and(|k| is_constant(k, 4)) && is_constant(&i.value, 4))
        {
            items = items.get(..MAX_CONSTANTS).unwrap_or_default();
        }
        let mut values = ThinVec::with_capacity(items.len() * 2);
        for item in items {
            match &item.key {
                Some(key) => {
                    values.push(self.expr(key));
                    values.push(self.expr(&item.value));
                }
                // `**more`: its key is an unknown made of it.
                None => {
                    let more = self.expr(&item.value);
                    let key = self.emit(OpKind::Other(thin_vec![more]), item.value.range());
                    values.extend([key, more]);
                }
            }
        }
        self.emit(OpKind::Collection { kind: CollectionKind::Dict, items: values }, e.range)
    }

    fn collection(&mut self, kind: CollectionKind, mut elements: &[Expr], range: TextRange) -> ValueId {
        if elements.len() > MAX_CONSTANTS && elements.iter().all(|e| is_constant(e, 4)) {
            elements = elements.get(..MAX_CONSTANTS).unwrap_or_default();
        }
        let mut items = ThinVec::with_capacity(elements.len());
        for element in elements {
            items.push(self.expr(element));
        }
        self.emit(OpKind::Collection { kind, items }, range)
    }
}

/// The left part of a link of a left-leaning chain.
fn left_of(expr: &Expr) -> Option<&Expr> {
    match expr {
        Expr::Attribute(e) => Some(&e.value),
        Expr::Subscript(e) => Some(&e.value),
        Expr::Call(e) => Some(&e.func),
        Expr::BinOp(e) => Some(&e.left),
        _ => None,
    }
}

/// Whether `expr` is made of literals only, looking `depth` levels deep.
pub(super) fn is_constant(expr: &Expr, depth: u32) -> bool {
    let Some(depth) = depth.checked_sub(1) else { return false };
    match expr {
        Expr::UnaryOp(e) => is_constant(&e.operand, depth),
        Expr::BinOp(e) => is_constant(&e.left, depth) && is_constant(&e.right, depth),
        Expr::Tuple(e) => e.elts.iter().all(|e| is_constant(e, depth)),
        Expr::List(e) => e.elts.iter().all(|e| is_constant(e, depth)),
        Expr::Set(e) => e.elts.iter().all(|e| is_constant(e, depth)),
        Expr::Dict(e) => {
            e.items.iter().all(|i| i.key.as_ref().is_none_or(|k| is_constant(k, depth)) && is_constant(&i.value, depth))
        }
        other => other.is_literal_expr(),
    }
}

/// The object and the name in `getattr(object, "name")` and `getattr(object, "name", default)`: an attribute like any
/// other.
fn attribute_by_name(e: &ExprCall) -> Option<(&Expr, &str)> {
    if !matches!(&*e.func, Expr::Name(name) if name.id.as_str() == "getattr") || !e.arguments.keywords.is_empty() {
        return None;
    }
    let (object, name) = match &*e.arguments.args {
        [object, name] | [object, name, _] => (object, name),
        _ => return None,
    };
    let text = name.as_string_literal_expr()?.value.as_slice();
    let [text] = text else { return None };
    let plain = text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') && !object.is_starred_expr();
    (plain && !text.is_empty()).then_some((object, text.as_str()))
}
