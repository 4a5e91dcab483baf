//! What stands left of `=`, after `for`, `as` and in `del`.

use super::lower::Lowerer;
use crate::model::{OpKind, ValueId};
use ruff_python_ast::Expr;
use ruff_text_size::{Ranged, TextRange};

impl Lowerer<'_, '_> {
    /// Gives `target` the value.
    pub fn assign(&mut self, target: &Expr, value: ValueId) {
        match target {
            Expr::Name(name) => {
                let id = self.names.id(name.range, name.id.as_str());
                self.bind(id, value, name.range);
            }
            Expr::Attribute(attribute) => {
                let base = self.expr(&attribute.value);
                let name = self.names.sym_at(attribute.attr.range, attribute.attr.as_str());
                self.emit(OpKind::StoreAttr { base, name, value }, attribute.range);
            }
            Expr::Subscript(subscript) => {
                let base = self.expr(&subscript.value);
                let index = self.expr(&subscript.slice);
                self.emit(OpKind::StoreItem { base, index, value }, subscript.range);
            }
            Expr::Tuple(tuple) => self.unpack(&tuple.elts, value, tuple.range),
            Expr::List(list) => self.unpack(&list.elts, value, list.range),
            Expr::Starred(starred) => self.assign(&starred.value, value),
            // Broken source.
            other => {
                self.expr(other);
            }
        }
    }

    fn unpack(&mut self, targets: &[Expr], base: ValueId, range: TextRange) {
        for (position, target) in targets.iter().enumerate() {
            let index = if target.is_starred_expr() { None } else { u16::try_from(position).ok() };
            let at = if target.is_name_expr() { target.range() } else { range };
            let part = self.emit(OpKind::Unpack { base, index }, at);
            self.assign(target, part);
        }
    }
}
