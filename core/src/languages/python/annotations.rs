//! Annotations: like expressions, and string literals in them are parsed as expressions.

use super::depth;
use super::lower::{Lowerer, MAX_DEPTH};
use crate::model::{BinaryOp, CollectionKind, OpKind, ValueId};
use ruff_python_ast::{Expr, ExprStringLiteral, ExprSubscript, Operator};
use ruff_python_parser::parse_string_annotation;
use ruff_text_size::{Ranged, TextRange};
use thin_vec::ThinVec;

impl Lowerer<'_, '_> {
    /// Lowers an annotation.
    pub fn annotation(&mut self, e: &Expr) -> ValueId {
        if self.depth >= MAX_DEPTH {
            self.give_up(e.start().to_u32());
            return self.emit(OpKind::Other(ThinVec::new()), e.range());
        }
        self.depth += 1;
        let value = match e {
            Expr::StringLiteral(string) => self.string_annotation(string),
            Expr::Subscript(subscript) => self.annotation_subscript(subscript),
            Expr::BinOp(union) if union.op == Operator::BitOr => {
                let left = self.annotation(&union.left);
                let right = self.annotation(&union.right);
                self.emit(OpKind::Binary { op: BinaryOp::Or, left, right }, union.range)
            }
            Expr::List(list) => self.annotation_list(CollectionKind::List, &list.elts, list.range),
            Expr::Tuple(tuple) => self.annotation_list(CollectionKind::Tuple, &tuple.elts, tuple.range),
            other => self.expr(other),
        };
        self.depth -= 1;
        value
    }

    fn annotation_subscript(&mut self, e: &ExprSubscript) -> ValueId {
        let base = self.annotation(&e.value);
        let name = match &*e.value {
            Expr::Name(name) => name.id.as_str(),
            Expr::Attribute(attribute) => attribute.attr.as_str(),
            _ => "",
        };
        let index = match (name, &*e.slice) {
            ("Literal", index) => self.expr(index),
            ("Annotated", Expr::Tuple(tuple)) => {
                let mut items = ThinVec::with_capacity(tuple.len());
                for (position, element) in tuple.elts.iter().enumerate() {
                    items.push(if position == 0 { self.annotation(element) } else { self.expr(element) });
                }
                self.emit(OpKind::Collection { kind: CollectionKind::Tuple, items }, tuple.range)
            }
            (_, Expr::Slice(_)) => self.expr(&e.slice),
            (_, index) => self.annotation(index),
        };
        self.emit(OpKind::Item { base, index }, e.range)
    }

    fn annotation_list(&mut self, kind: CollectionKind, elements: &[Expr], range: TextRange) -> ValueId {
        let mut items = ThinVec::with_capacity(elements.len());
        for element in elements {
            items.push(self.annotation(element));
        }
        self.emit(OpKind::Collection { kind, items }, range)
    }

    fn string_annotation(&mut self, e: &ExprStringLiteral) -> ValueId {
        // Only where the text is written as it is, so that places in it are places in the source.
        let [part] = e.value.as_slice() else { return self.string(e) };
        let content = part.content_range();
        let written = self.source.get(content.start().to_usize()..content.end().to_usize());
        if written != Some(part.as_str())
            || part.is_empty()
            || part.len() > 1000
            || depth::scan(part.as_str()).too_deep.is_some()
        {
            return self.string(e);
        }
        match parse_string_annotation(self.source, part) {
            Ok(parsed) => self.annotation(parsed.expr()),
            Err(_) => self.string(e),
        }
    }
}
