//! Statements without control flow of their own, and the dispatch to the others.

use super::lower::{Lowerer, MAX_DEPTH};
use crate::model::{BinaryOp, Const, Field, OpKind, ValueId};
use ruff_python_ast::{
    Expr, Operator, Stmt, StmtAnnAssign, StmtAssert, StmtAssign, StmtAugAssign, StmtDelete, StmtRaise,
};
use ruff_text_size::Ranged;

impl Lowerer<'_, '_> {
    /// Lowers statements in order.
    pub fn block(&mut self, body: &[Stmt]) {
        if self.depth >= MAX_DEPTH {
            self.give_up(body.first().map_or(0, |s| s.start().to_u32()));
            return;
        }
        self.depth += 1;
        let mut unreachable = false;
        for stmt in body {
            // Unreachable statements are lowered as if they were reached.
            unreachable |= std::mem::take(&mut self.f.dead);
            self.statement(stmt);
        }
        self.f.dead |= unreachable;
        self.depth -= 1;
    }

    /// Notes that something was too deep to lower.
    pub fn give_up(&mut self, offset: u32) {
        self.too_deep.get_or_insert(offset);
    }

    fn statement(&mut self, stmt: &Stmt) {
        match stmt {
            Stmt::FunctionDef(s) => self.function_def(s),
            Stmt::ClassDef(s) => self.class_def(s),
            Stmt::Return(s) => {
                let value = s.value.as_deref().map(|v| self.expr(v));
                self.emit(OpKind::Return(value), s.range);
                self.f.dead = true;
            }
            Stmt::Delete(s) => self.delete(s),
            Stmt::TypeAlias(s) => {
                let value = self.annotation(&s.value);
                self.assign(&s.name, value);
            }
            Stmt::Assign(s) => self.assignment(s),
            Stmt::AugAssign(s) => self.augmented(s),
            Stmt::AnnAssign(s) => self.annotated(s),
            Stmt::For(s) => self.for_loop(s),
            Stmt::While(s) => self.while_loop(s),
            Stmt::If(s) => self.if_chain(s),
            Stmt::With(s) => self.with(s),
            Stmt::Match(s) => self.matching(s),
            Stmt::Raise(s) => self.raise(s),
            Stmt::Try(s) => self.try_statement(s),
            Stmt::Assert(s) => self.assertion(s),
            Stmt::Import(s) => self.import(s),
            Stmt::ImportFrom(s) => self.import_from(s),
            Stmt::Expr(s) => self.effect(&s.value),
            Stmt::Break(s) => {
                self.emit(OpKind::Break, s.range);
                self.f.break_loop();
                self.f.dead = true;
            }
            Stmt::Continue(s) => {
                self.emit(OpKind::Continue, s.range);
                self.f.back_edge();
                self.f.dead = true;
            }
            Stmt::Global(_) | Stmt::Nonlocal(_) | Stmt::Pass(_) | Stmt::IpyEscapeCommand(_) => {}
        }
    }

    /// An expression statement: nothing when it has no effect.
    fn effect(&mut self, value: &Expr) {
        if !value.is_literal_expr() && !value.is_name_expr() {
            self.expr(value);
        }
    }

    fn assignment(&mut self, s: &StmtAssign) {
        // `a, b = x, y`: in pairs.
        if let [Expr::Tuple(targets)] = s.targets.as_slice()
            && let Expr::Tuple(values) = &*s.value
            && targets.len() == values.len()
            && !targets.iter().chain(values).any(Expr::is_starred_expr)
        {
            let values: Vec<ValueId> = values.iter().map(|v| self.expr(v)).collect();
            for (target, value) in targets.iter().zip(values) {
                self.assign(target, value);
                self.field(target, None, Some(value), s);
            }
            return;
        }
        let value = self.expr(&s.value);
        for target in &s.targets {
            if self.f.index.0 == 0 && self.class().is_none() && is_name(target, "__all__") {
                self.export(&s.value, false);
            }
            self.assign(target, value);
            self.field(target, None, Some(value), s);
        }
    }

    /// Records a class-level name.
    fn field(&mut self, target: &Expr, annotation: Option<ValueId>, value: Option<ValueId>, at: &impl Ranged) {
        let Some(class) = self.class() else { return };
        let Expr::Name(name) = target else { return };
        let name = self.names.sym_at(name.range, name.id.as_str());
        let span = self.span(at.range());
        if let Some(class) = self.classes.get_mut(class.0 as usize) {
            class.fields.push(Field { name, annotation, value, span });
        }
    }

    fn annotated(&mut self, s: &StmtAnnAssign) {
        let value = s.value.as_deref().map(|v| self.expr(v));
        let annotation = self.annotation(&s.annotation);
        if self.class().is_some() && s.target.is_name_expr() {
            if let Some(value) = value {
                self.assign(&s.target, value);
            }
            self.field(&s.target, Some(annotation), value, s);
            return;
        }
        if self.f.index.0 == 0
            && is_name(&s.target, "__all__")
            && let Some(list) = &s.value
        {
            self.export(list, false);
        }
        let annotated = self.emit(OpKind::Annotated { value, annotation }, s.range);
        self.assign(&s.target, annotated);
    }

    fn augmented(&mut self, s: &StmtAugAssign) {
        let op = match s.op {
            Operator::Add => BinaryOp::Add,
            Operator::Mod => BinaryOp::Mod,
            Operator::BitOr => BinaryOp::Or,
            _ => BinaryOp::Arithmetic,
        };
        match &*s.target {
            Expr::Name(name) => {
                if name.id.as_str() == "__all__" && self.f.index.0 == 0 && self.class().is_none() {
                    self.export(&s.value, true);
                }
                let id = self.names.id(name.range, name.id.as_str());
                let old = self.read(id, name.range);
                let value = self.expr(&s.value);
                let result = self.emit(OpKind::Augment { op, old, value }, s.range);
                self.bind(id, result, name.range);
            }
            Expr::Attribute(attribute) => {
                let base = self.expr(&attribute.value);
                let name = self.names.sym_at(attribute.attr.range, attribute.attr.as_str());
                let old = self.emit(OpKind::Attr { base, name }, attribute.range);
                let value = self.expr(&s.value);
                let value = self.emit(OpKind::Augment { op, old, value }, s.range);
                self.emit(OpKind::StoreAttr { base, name, value }, s.range);
            }
            Expr::Subscript(subscript) => {
                let base = self.expr(&subscript.value);
                let index = self.expr(&subscript.slice);
                let old = self.emit(OpKind::Item { base, index }, subscript.range);
                let value = self.expr(&s.value);
                let value = self.emit(OpKind::Augment { op, old, value }, s.range);
                self.emit(OpKind::StoreItem { base, index, value }, s.range);
            }
            other => {
                let old = self.expr(other);
                let value = self.expr(&s.value);
                self.emit(OpKind::Augment { op, old, value }, s.range);
            }
        }
    }

    fn delete(&mut self, s: &StmtDelete) {
        for target in &s.targets {
            self.delete_target(target);
        }
    }

    fn delete_target(&mut self, target: &Expr) {
        match target {
            Expr::Tuple(tuple) => tuple.elts.iter().for_each(|t| self.delete_target(t)),
            Expr::List(list) => list.elts.iter().for_each(|t| self.delete_target(t)),
            Expr::Name(name) => {
                let id = self.names.id(name.range, name.id.as_str());
                let value = self.read(id, name.range);
                self.emit(OpKind::Delete(value), name.range);
                self.unbind(id);
            }
            other => {
                let value = self.expr(other);
                self.emit(OpKind::Delete(value), other.range());
            }
        }
    }

    fn raise(&mut self, s: &StmtRaise) {
        let value = s.exc.as_deref().map(|v| self.expr(v));
        if let Some(cause) = &s.cause {
            self.effect(cause);
        }
        self.emit(OpKind::Raise(value), s.range);
        self.f.dead = true;
    }

    fn assertion(&mut self, s: &StmtAssert) {
        let value = self.expr(&s.test);
        self.emit(OpKind::Truth(value), s.range);
        if let Some(message) = &s.msg {
            self.effect(message);
        }
    }

    /// The names of a literal `__all__`; with `more`, added to those known.
    fn export(&mut self, list: &Expr, more: bool) {
        let elements = match list {
            Expr::List(list) => &list.elts,
            Expr::Tuple(tuple) => &tuple.elts,
            _ => {
                if !more {
                    self.exports = None;
                }
                return;
            }
        };
        if more && self.exports.is_none() {
            return;
        }
        let names = elements.iter().filter_map(Expr::as_string_literal_expr);
        let names: Vec<_> = names.map(|s| self.names.interner.intern(s.value.to_str())).collect();
        if more {
            self.exports.get_or_insert_default().extend(names);
        } else {
            self.exports = Some(names);
        }
    }

    /// A constant.
    pub fn constant(&mut self, value: Const, at: &impl Ranged) -> ValueId {
        self.emit(OpKind::Const(value), at.range())
    }
}

fn is_name(expr: &Expr, text: &str) -> bool {
    matches!(expr, Expr::Name(name) if name.id.as_str() == text)
}
