//! Operators; arithmetic on literals is folded.

use super::lower::Lowerer;
use crate::model::{BinaryOp, Const, OpKind, ValueId, Wide};
use ruff_python_ast::{
    BoolOp, CmpOp, Expr, ExprBinOp, ExprBoolOp, ExprCompare, ExprUnaryOp, Number, Operator, UnaryOp,
};
use ruff_text_size::{Ranged, TextRange};
use thin_vec::{ThinVec, thin_vec};

impl Lowerer<'_, '_> {
    /// `left op right`, where `left` is lowered.
    pub fn binary(&mut self, e: &ExprBinOp, left: ValueId) -> ValueId {
        let right = self.expr(&e.right);
        let op = match e.op {
            Operator::Add => BinaryOp::Add,
            Operator::Mod => BinaryOp::Mod,
            Operator::BitOr => BinaryOp::Or,
            _ => BinaryOp::Arithmetic,
        };
        self.emit(OpKind::Binary { op, left, right }, e.range)
    }

    /// An operation for which [`is_folded`] holds.
    pub fn folded(&mut self, e: &ExprBinOp) -> ValueId {
        if e.op == Operator::Mod {
            return self.percent(e);
        }
        if let Some(number) = fold_number_op(e, 0) {
            return self.constant(number, e);
        }
        self.joined(e)
    }

    /// `and`, `or`
    pub fn bool_op(&mut self, e: &ExprBoolOp) -> ValueId {
        let op = match e.op {
            BoolOp::And => BinaryOp::LogicalAnd,
            BoolOp::Or => BinaryOp::LogicalOr,
        };
        let mut result = None;
        for operand in &e.values {
            let right = self.expr(operand);
            result = Some(match result {
                None => right,
                Some(left) => {
                    let range = TextRange::new(e.range.start(), operand.end());
                    self.emit(OpKind::Binary { op, left, right }, range)
                }
            });
        }
        match result {
            Some(result) => result,
            None => self.emit(OpKind::Other(ThinVec::new()), e.range),
        }
    }

    /// `not x`, `-x`, …
    pub fn unary(&mut self, e: &ExprUnaryOp) -> ValueId {
        if e.op == UnaryOp::USub
            && let Expr::NumberLiteral(number) = &*e.operand
        {
            let value = match &number.value {
                Number::Int(int) => Const::Int(Wide(int.as_i64().map_or(i64::MIN, |i| -i))),
                Number::Float(float) => Const::Float(Wide(-float)),
                Number::Complex { real, .. } => Const::Float(Wide(-real)),
            };
            return self.constant(value, e);
        }
        let value = self.expr(&e.operand);
        let kind = if e.op == UnaryOp::Not { OpKind::Not(value) } else { OpKind::Other(thin_vec![value]) };
        self.emit(kind, e.range)
    }

    /// `a < b < c`: comparisons joined by `and`.
    pub fn compare(&mut self, e: &ExprCompare) -> ValueId {
        let mut left = self.expr(&e.left);
        let mut result = None;
        for (op, comparator) in e.ops.iter().zip(&e.comparators) {
            let right = self.expr(comparator);
            let op = match op {
                CmpOp::Eq => BinaryOp::Eq,
                CmpOp::NotEq => BinaryOp::NotEq,
                CmpOp::Lt | CmpOp::LtE | CmpOp::Gt | CmpOp::GtE => BinaryOp::Order,
                CmpOp::Is => BinaryOp::Is,
                CmpOp::IsNot => BinaryOp::IsNot,
                CmpOp::In => BinaryOp::In,
                CmpOp::NotIn => BinaryOp::NotIn,
            };
            let one = self.emit(OpKind::Binary { op, left, right }, e.range);
            left = right;
            result = Some(match result {
                None => one,
                Some(before) => {
                    self.emit(OpKind::Binary { op: BinaryOp::LogicalAnd, left: before, right: one }, e.range)
                }
            });
        }
        result.unwrap_or(left)
    }
}

/// Whether an operation is lowered as a whole: numbers, joined strings, `"…" % …`.
pub(super) fn is_folded(e: &ExprBinOp) -> bool {
    match (&*e.right, e.op) {
        (_, Operator::Mod) if matches!(&*e.left, Expr::StringLiteral(_)) => true,
        (Expr::StringLiteral(_), Operator::Add) => {
            let mut left = &*e.left;
            while let Expr::BinOp(inner) = left
                && inner.op == Operator::Add
                && inner.right.is_string_literal_expr()
            {
                left = &inner.left;
            }
            left.is_string_literal_expr()
        }
        (Expr::NumberLiteral(_) | Expr::UnaryOp(_) | Expr::BinOp(_), _) => fold_number_op(e, 0).is_some(),
        _ => false,
    }
}

/// The value of an operation on number literals.
fn fold_number_op(e: &ExprBinOp, depth: u32) -> Option<Const> {
    let depth = Some(depth + 1).filter(|&d| d < 8)?;
    let right = fold_number(&e.right, depth)?;
    let left = fold_number(&e.left, depth)?;
    if let (Const::Int(l), Const::Int(r)) = (&left, &right) {
        let (l, r) = (l.get(), r.get());
        let whole = match e.op {
            Operator::Add => l.checked_add(r),
            Operator::Sub => l.checked_sub(r),
            Operator::Mult => l.checked_mul(r),
            Operator::FloorDiv => l.checked_div_euclid(r),
            Operator::Pow => u32::try_from(r).ok().and_then(|r| l.checked_pow(r)),
            Operator::LShift => u32::try_from(r).ok().filter(|&r| r < 62).and_then(|r| l.checked_mul(1 << r)),
            Operator::Div => None,
            _ => Some(0),
        };
        if let Some(whole) = whole {
            return Some(Const::Int(Wide(whole)));
        }
    }
    let (l, r) = (as_float(&left), as_float(&right));
    Some(Const::Float(Wide(match e.op {
        Operator::Add => l + r,
        Operator::Sub => l - r,
        Operator::Mult => l * r,
        Operator::Div | Operator::FloorDiv => l / r,
        Operator::Pow => l.powf(r),
        _ => 0.0,
    })))
}

fn fold_number(e: &Expr, depth: u32) -> Option<Const> {
    match e {
        Expr::NumberLiteral(number) => match &number.value {
            Number::Int(int) => Some(Const::Int(Wide(int.as_i64()?))),
            Number::Float(float) => Some(Const::Float(Wide(*float))),
            Number::Complex { .. } => None,
        },
        Expr::UnaryOp(unary) if unary.op == UnaryOp::USub => match fold_number(&unary.operand, depth + 1)? {
            Const::Int(int) => Some(Const::Int(Wide(int.get().checked_neg()?))),
            Const::Float(float) => Some(Const::Float(Wide(-float.get()))),
            _ => None,
        },
        Expr::BinOp(inner) => fold_number_op(inner, depth),
        _ => None,
    }
}

#[expect(clippy::cast_precision_loss, reason = "a folded literal is only used as a rough figure")]
fn as_float(number: &Const) -> f64 {
    match number {
        Const::Int(int) => int.get() as f64,
        Const::Float(float) => float.get(),
        _ => 0.0,
    }
}
