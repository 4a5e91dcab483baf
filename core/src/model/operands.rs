//! The values that an op or a region names.

use super::body::{Arg, OpKind, RegionKind, TextPart, ValueId};

/// Visits every operand; `$iter` is `iter` or `iter_mut`, `$f` a mutable closure over references.
macro_rules! visit_operands {
    ($kind:expr, $iter:ident, $f:ident) => {
        match $kind {
            OpKind::Const(_)
            | OpKind::Param(_)
            | OpKind::Global(_)
            | OpKind::Captured { .. }
            | OpKind::Break
            | OpKind::Continue
            | OpKind::Closure(_)
            | OpKind::ClassDef(_)
            | OpKind::Yield(None)
            | OpKind::Return(None)
            | OpKind::Raise(None) => {}
            OpKind::Phi(vs) | OpKind::Other(vs) | OpKind::Caught(vs) | OpKind::Collection { items: vs, .. } => {
                vs.$iter().for_each(&mut $f);
            }
            OpKind::Attr { base, .. } | OpKind::Slice { base, .. } | OpKind::Unpack { base, .. } => $f(base),
            OpKind::Item { base, index } => {
                $f(base);
                $f(index);
            }
            OpKind::Call { callee, args } => {
                $f(callee);
                for arg in args.$iter() {
                    let Arg { value, .. } = arg;
                    $f(value);
                }
            }
            OpKind::Await(v)
            | OpKind::Yield(Some(v))
            | OpKind::YieldFrom(v)
            | OpKind::Return(Some(v))
            | OpKind::Raise(Some(v))
            | OpKind::Truth(v)
            | OpKind::Delete(v)
            | OpKind::Element(v)
            | OpKind::Not(v)
            | OpKind::Bind { value: v, .. }
            | OpKind::BindOuter { value: v, .. }
            | OpKind::Enter { manager: v, .. } => $f(v),
            OpKind::Annotated { value, annotation } => {
                value.$iter().for_each(&mut $f);
                $f(annotation);
            }
            OpKind::StoreAttr { base, value, .. } => {
                $f(base);
                $f(value);
            }
            OpKind::StoreItem { base, index, value } => {
                $f(base);
                $f(index);
                $f(value);
            }
            OpKind::Augment { old, value, .. } => {
                $f(old);
                $f(value);
            }
            OpKind::Binary { left, right, .. } => {
                $f(left);
                $f(right);
            }
            OpKind::Text(parts) => {
                for part in parts.$iter() {
                    if let TextPart::Hole(v) = part {
                        $f(v);
                    }
                }
            }
            OpKind::Comprehension { element, key, .. } => {
                key.$iter().for_each(&mut $f);
                $f(element);
            }
        }
    };
}

impl OpKind {
    /// Calls `f` with every operand.
    pub fn operands(&self, mut f: impl FnMut(ValueId)) {
        let mut f = |v: &ValueId| f(*v);
        visit_operands!(self, iter, f);
    }

    /// Calls `f` with every operand in place.
    pub fn operands_mut(&mut self, mut f: impl FnMut(&mut ValueId)) {
        visit_operands!(self, iter_mut, f);
    }
}

impl RegionKind {
    /// Calls `f` with every value that the region names, in place.
    pub fn operands_mut(&mut self, mut f: impl FnMut(&mut ValueId)) {
        match self {
            Self::Arm { cond: Some(v), .. } | Self::Loop { iter: Some(v), .. } | Self::With { manager: v, .. } => f(v),
            Self::Handler { types } => types.iter_mut().for_each(f),
            _ => {}
        }
    }
}
