//! Strings: literals, joined literals, and strings with holes in their four spellings.

use super::lower::Lowerer;
use super::text::{keep, keep_as, looks_like_sql};
use crate::model::{Arg, ArgKind, Const, OpKind, TextPart, ValueId};
use ruff_python_ast::{
    Expr, ExprBinOp, ExprCall, ExprFString, ExprStringLiteral, ExprTString, FStringPart, InterpolatedStringElement,
};
use ruff_text_size::{Ranged, TextRange};
use thin_vec::ThinVec;

/// A string with holes before its literal parts are cut and interned.
#[derive(Default)]
struct Pieces {
    /// Literal text of all parts, one after another.
    text: String,
    /// End of each literal part in `text`, or a hole.
    parts: Vec<Piece>,
}

enum Piece {
    Literal(usize),
    Hole(ValueId),
}

impl Pieces {
    fn literal(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        self.text.push_str(text);
        let end = self.text.len();
        match self.parts.last_mut() {
            Some(Piece::Literal(last)) => *last = end,
            _ => self.parts.push(Piece::Literal(end)),
        }
    }

    fn hole(&mut self, value: ValueId) {
        self.parts.push(Piece::Hole(value));
    }
}

impl Lowerer<'_, '_> {
    /// A string literal.
    pub fn string(&mut self, e: &ExprStringLiteral) -> ValueId {
        let text = match e.value.as_slice() {
            [one] => self.names.interner.intern(keep(one.as_str())),
            _ => self.names.interner.intern(keep(e.value.to_str())),
        };
        self.constant(Const::Str(text), e)
    }

    /// `"…" + "…" + …`, all literals.
    pub fn joined(&mut self, e: &ExprBinOp) -> ValueId {
        let mut parts = vec![&*e.right];
        let mut left = &*e.left;
        while let Expr::BinOp(inner) = left {
            parts.push(&inner.right);
            left = &inner.left;
        }
        parts.push(left);
        let mut text = std::mem::take(&mut self.buffer);
        text.clear();
        for part in parts.iter().rev() {
            if let Expr::StringLiteral(string) = part {
                text.extend(string.value.iter().map(|p| p.as_str()));
            }
        }
        let sym = self.names.interner.intern(keep(&text));
        self.buffer = text;
        self.constant(Const::Str(sym), e)
    }

    /// An f-string.
    pub fn f_string(&mut self, e: &ExprFString) -> ValueId {
        let mut pieces = Pieces::default();
        for part in e.value.as_slice() {
            match part {
                FStringPart::Literal(literal) => pieces.literal(literal.as_str()),
                FStringPart::FString(string) => self.elements(&string.elements, &mut pieces),
            }
        }
        self.text(&pieces, e.range)
    }

    /// A template string.
    pub fn t_string(&mut self, e: &ExprTString) -> ValueId {
        let mut pieces = Pieces::default();
        for part in e.value.iter() {
            self.elements(&part.elements, &mut pieces);
        }
        self.text(&pieces, e.range)
    }

    fn elements(&mut self, elements: &[InterpolatedStringElement], pieces: &mut Pieces) {
        for element in elements {
            match element {
                InterpolatedStringElement::Literal(literal) => pieces.literal(literal),
                InterpolatedStringElement::Interpolation(hole) => {
                    pieces.hole(self.expr(&hole.expression));
                    if let Some(spec) = &hole.format_spec {
                        for element in spec.elements.iter() {
                            if let InterpolatedStringElement::Interpolation(width) = element {
                                self.expr(&width.expression);
                            }
                        }
                    }
                }
            }
        }
    }

    fn text(&mut self, pieces: &Pieces, range: TextRange) -> ValueId {
        match pieces.parts.as_slice() {
            [] => {
                let empty = self.names.interner.intern("");
                return self.emit(OpKind::Const(Const::Str(empty)), range);
            }
            [Piece::Literal(_)] => {
                let text = self.names.interner.intern(keep(&pieces.text));
                return self.emit(OpKind::Const(Const::Str(text)), range);
            }
            _ => {}
        }
        let is_sql = matches!(pieces.parts.first(), Some(Piece::Literal(_))) && looks_like_sql(&pieces.text);
        let mut start = 0;
        let mut parts = ThinVec::with_capacity(pieces.parts.len());
        for piece in &pieces.parts {
            parts.push(match *piece {
                Piece::Hole(value) => TextPart::Hole(value),
                Piece::Literal(end) => {
                    let text = pieces.text.get(start..end).unwrap_or_default();
                    start = end;
                    TextPart::Literal(self.names.interner.intern(keep_as(text, is_sql)))
                }
            });
        }
        self.emit(OpKind::Text(parts), range)
    }

    /// `"…" % x`
    pub fn percent(&mut self, e: &ExprBinOp) -> ValueId {
        let Expr::StringLiteral(format) = &*e.left else {
            let left = self.expr(&e.left);
            return self.binary(e, left);
        };
        enum Values {
            Each(Vec<ValueId>),
            Named(Vec<(String, ValueId)>, ValueId),
            One(ValueId),
        }
        let values = match &*e.right {
            Expr::Tuple(tuple) => Values::Each(tuple.elts.iter().map(|v| self.expr(v)).collect()),
            Expr::Dict(dict) => {
                let mut named = Vec::new();
                let mut any = None;
                for item in &dict.items {
                    let value = self.expr(&item.value);
                    any = Some(value);
                    if let Some(Expr::StringLiteral(key)) = &item.key {
                        named.push((key.value.to_str().to_owned(), value));
                    }
                }
                match any {
                    Some(any) => Values::Named(named, any),
                    None => Values::Each(Vec::new()),
                }
            }
            one => Values::One(self.expr(one)),
        };
        let mut pieces = Pieces::default();
        let mut next = 0;
        let mut rest = format.value.to_str();
        while let Some((before, after)) = rest.split_once('%') {
            pieces.literal(before);
            if let Some(after) = after.strip_prefix('%') {
                pieces.literal("%");
                rest = after;
                continue;
            }
            let (name, spec) = match after.strip_prefix('(').and_then(|a| a.split_once(')')) {
                Some((name, spec)) => (Some(name), spec),
                None => (None, after),
            };
            let end = spec.find(|c: char| c.is_ascii_alphabetic()).map_or(spec.len(), |i| i + 1);
            rest = spec.get(end..).unwrap_or_default();
            let value = match (&values, name) {
                (Values::Each(each), _) => each.get(next).or(each.last()).copied(),
                (Values::Named(named, any), Some(name)) => {
                    Some(named.iter().find(|(n, _)| n == name).map_or(*any, |(_, v)| *v))
                }
                (Values::Named(_, any), None) => Some(*any),
                (Values::One(one), _) => Some(*one),
            };
            next += 1;
            if let Some(value) = value {
                pieces.hole(value);
            }
        }
        pieces.literal(rest);
        self.text(&pieces, e.range)
    }

    /// `"…".format(…)`
    pub fn format_call(&mut self, e: &ExprCall) -> ValueId {
        let args = self.arguments(&e.arguments);
        let Expr::Attribute(attribute) = &*e.func else { return self.emit(OpKind::Other(ThinVec::new()), e.range()) };
        let Expr::StringLiteral(format) = &*attribute.value else {
            return self.emit(OpKind::Other(ThinVec::new()), e.range());
        };
        let mut pieces = Pieces::default();
        let mut next = 0;
        let mut rest = format.value.to_str();
        while let Some(at) = rest.find(['{', '}']) {
            let (before, after) = rest.split_at(at);
            pieces.literal(before);
            let doubled = after.starts_with("{{") || after.starts_with("}}");
            if doubled || after.starts_with('}') {
                pieces.literal(after.get(..1).unwrap_or_default());
                rest = after.get(if doubled { 2 } else { 1 }..).unwrap_or_default();
                continue;
            }
            let end = field_end(after);
            let field = after.get(1..end).unwrap_or_default();
            rest = after.get(end + 1..).unwrap_or_default();
            let name = field.split(['!', ':', '.', '[']).next().unwrap_or_default().trim();
            if let Some(value) = self.format_argument(&args, name, &mut next) {
                pieces.hole(value);
            }
        }
        pieces.literal(rest);
        self.text(&pieces, e.range())
    }

    fn format_argument(&self, args: &[Arg], name: &str, next: &mut usize) -> Option<ValueId> {
        let by_position = |n: usize| args.iter().filter(|a| a.kind == ArgKind::Positional).nth(n).map(|a| a.value);
        let found = if name.is_empty() {
            *next += 1;
            by_position(*next - 1)
        } else if let Ok(n) = name.parse() {
            by_position(n)
        } else {
            args.iter()
                .find(|a| matches!(a.kind, ArgKind::Named(sym) if self.names.interner.text(sym) == name))
                .map(|a| a.value)
        };
        let spread = || args.iter().find(|a| matches!(a.kind, ArgKind::Spread | ArgKind::SpreadNamed));
        found.or_else(|| spread().or(args.last()).map(|a| a.value))
    }
}

/// Where the field that starts with the `{` of `text` ends: its `}`.
fn field_end(text: &str) -> usize {
    let mut depth = 0_u32;
    for (i, byte) in text.bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return i;
                }
            }
            _ => {}
        }
    }
    text.len()
}

/// Whether a call is `"…".format(…)`.
pub(super) fn is_format_call(e: &ExprCall) -> bool {
    matches!(&*e.func, Expr::Attribute(a) if a.attr.as_str() == "format" && a.value.is_string_literal_expr())
}
