//! `if`, loops, `with`, `try`.

use super::lower::Lowerer;
use crate::model::{LoopKind, OpKind, RegionKind, ValueId};
use ruff_python_ast::{ExceptHandler, Expr, Number, StmtFor, StmtIf, StmtTry, StmtWhile, StmtWith, WithItem};
use ruff_text_size::Ranged;
use thin_vec::{ThinVec, thin_vec};

impl Lowerer<'_, '_> {
    /// Evaluates a condition; the result is the tested value.
    pub fn condition(&mut self, test: &Expr) -> ValueId {
        let value = self.expr(test);
        self.emit(OpKind::Truth(value), test.range());
        value
    }

    /// `if` with its `elif`s and `else`: one branch; the condition of an `elif` is evaluated
    /// between the arms.
    pub fn if_chain(&mut self, s: &StmtIf) {
        let span = self.span(s.range);
        let mut cond = self.condition(&s.test);
        let mut fork = self.f.fork();
        self.f.open(RegionKind::Branch, span);
        let body_end = s.body.last().map_or(s.range.end(), Ranged::end);
        let arm_span = self.lines.span(s.range.start().to_u32(), body_end.to_u32());
        self.f.open(RegionKind::Arm { cond: Some(cond), negated: false }, arm_span);
        let typing = is_type_checking(&s.test);
        self.typing_only += u32::from(typing);
        self.block(&s.body);
        self.typing_only -= u32::from(typing);
        self.f.close();
        self.f.end_arm(&mut fork);
        let mut has_else = false;
        for clause in &s.elif_else_clauses {
            match &clause.test {
                Some(test) => cond = self.condition(test),
                None => has_else = true,
            }
            let arm_span = self.span(clause.range);
            self.f.open(RegionKind::Arm { cond: Some(cond), negated: clause.test.is_none() }, arm_span);
            self.block(&clause.body);
            self.f.close();
            self.f.end_arm(&mut fork);
        }
        if !has_else {
            self.f.skip_arms(&mut fork);
        }
        self.f.close();
        self.f.join(fork, span);
    }

    /// `for`
    pub fn for_loop(&mut self, s: &StmtFor) {
        let iter = self.expr(&s.iter);
        let span = self.span(s.range);
        let was_dead = self.f.dead;
        let kind = if s.is_async { LoopKind::AsyncFor } else { LoopKind::For };
        self.f.begin_loop(kind, Some(iter), s.start().to_u32(), span);
        let element = self.emit(OpKind::Element(iter), s.target.range());
        self.assign(&s.target, element);
        self.block(&s.body);
        let state = self.f.end_loop(was_dead, &[]);
        self.loop_else(&s.orelse);
        self.f.join_breaks(&state, was_dead, span);
    }

    /// `while`
    pub fn while_loop(&mut self, s: &StmtWhile) {
        let span = self.span(s.range);
        let was_dead = self.f.dead;
        let endless = is_always_true(&s.test);
        let kind = if endless { LoopKind::Endless } else { LoopKind::While };
        self.f.begin_loop(kind, None, s.start().to_u32(), span);
        if !endless {
            self.condition(&s.test);
        }
        let at_exit = self.f.loop_values();
        self.block(&s.body);
        let state = self.f.end_loop(endless || was_dead, &at_exit);
        self.loop_else(&s.orelse);
        self.f.join_breaks(&state, was_dead, span);
    }

    fn loop_else(&mut self, orelse: &[ruff_python_ast::Stmt]) {
        if let (Some(first), Some(last)) = (orelse.first(), orelse.last()) {
            let span = self.lines.span(first.start().to_u32(), last.end().to_u32());
            self.f.open(RegionKind::LoopElse, span);
            self.block(orelse);
            self.f.close();
        }
    }

    /// `with`: one region per manager.
    pub fn with(&mut self, s: &StmtWith) {
        let span = self.span(s.range);
        let mut fork = self.f.fork();
        let mut swallows = false;
        for item in &s.items {
            let manager = self.expr(&item.context_expr);
            swallows |= swallows_exceptions(item);
            self.f.open(RegionKind::With { manager, is_async: s.is_async }, span);
            let entered = self.emit(OpKind::Enter { manager, is_async: s.is_async }, item.range);
            if let Some(target) = &item.optional_vars {
                self.assign(target, entered);
            }
        }
        self.block(&s.body);
        for _ in &s.items {
            self.f.close();
        }
        if swallows {
            self.f.end_arm(&mut fork);
            self.f.skip_arms(&mut fork);
            self.f.join(fork, span);
        }
    }

    /// `try`
    pub fn try_statement(&mut self, s: &StmtTry) {
        let span = self.span(s.range);
        let body_end = s.body.last().map_or(s.range.end(), Ranged::end);
        let body_span = self.lines.span(s.range.start().to_u32(), body_end.to_u32());
        self.f.open(RegionKind::Try, span);
        let mut guarded = self.f.begin_try();
        self.f.open(RegionKind::TryBody, body_span);
        self.block(&s.body);
        self.f.close();
        self.f.end_try_body(&mut guarded);
        for ExceptHandler::ExceptHandler(handler) in &s.handlers {
            let types = self.caught_types(handler.type_.as_deref());
            let handler_span = self.span(handler.range);
            self.f.open(RegionKind::Handler { types: types.clone() }, handler_span);
            self.f.enter_handler(&guarded, handler_span);
            if let Some(name) = &handler.name {
                let caught = self.emit(OpKind::Caught(types), name.range);
                let id = self.names.id(name.range, name.as_str());
                self.bind(id, caught, name.range);
            }
            self.block(&handler.body);
            self.f.close();
            self.f.end_handler(&mut guarded);
        }
        self.f.after_try_body(&guarded);
        if let (Some(first), Some(last)) = (s.orelse.first(), s.orelse.last()) {
            let else_span = self.lines.span(first.start().to_u32(), last.end().to_u32());
            self.f.open(RegionKind::TryElse, else_span);
            self.block(&s.orelse);
            self.f.close();
        }
        let (Some(first), Some(last)) = (s.finalbody.first(), s.finalbody.last()) else {
            self.f.close();
            self.f.end_handlers(guarded, span);
            return;
        };
        let seen = self.f.end_handlers(guarded, span);
        let final_span = self.lines.span(first.start().to_u32(), last.end().to_u32());
        self.f.open(RegionKind::Finally, final_span);
        let finally = self.f.enter_finally(&seen, final_span);
        self.block(&s.finalbody);
        self.f.leave_finally(&finally);
        self.f.close();
        self.f.close();
    }

    fn caught_types(&mut self, types: Option<&Expr>) -> ThinVec<ValueId> {
        match types {
            Some(Expr::Tuple(tuple)) => tuple.elts.iter().map(|t| self.expr(t)).collect(),
            Some(one) => thin_vec![self.expr(one)],
            None => ThinVec::new(),
        }
    }
}

fn is_always_true(test: &Expr) -> bool {
    match test {
        Expr::BooleanLiteral(literal) => literal.value,
        Expr::NumberLiteral(literal) => matches!(&literal.value, Number::Int(i) if i.as_i64() != Some(0)),
        _ => false,
    }
}

/// `TYPE_CHECKING` or `typing.TYPE_CHECKING`
fn is_type_checking(test: &Expr) -> bool {
    match test {
        Expr::Name(name) => name.id.as_str() == "TYPE_CHECKING",
        Expr::Attribute(attribute) => attribute.attr.as_str() == "TYPE_CHECKING",
        _ => false,
    }
}

/// Managers after which control goes on although their body raised or returned.
fn swallows_exceptions(item: &WithItem) -> bool {
    let Expr::Call(call) = &item.context_expr else { return false };
    let name = match &*call.func {
        Expr::Name(name) => name.id.as_str(),
        Expr::Attribute(attribute) => attribute.attr.as_str(),
        _ => return false,
    };
    matches!(name, "suppress" | "raises" | "assertRaises" | "assertRaisesRegex" | "warns" | "assertRaisesMessage")
}
