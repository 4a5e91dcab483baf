//! Numbers for the small enumerations of a body, and how spans are written beside each other.

use super::body::{BinaryOp, CollectionKind, LoopKind, OpKind, ValueId};
use super::codec::{FROM_OPERAND, FROM_OPERAND_LINES, LINE, LINES, NEAR, SAME};
use crate::source::Span;

/// The operand at whose start an op of this kind usually starts.
pub(super) fn anchor(kind: &OpKind) -> Option<ValueId> {
    match kind {
        OpKind::Attr { base, .. } | OpKind::Item { base, .. } | OpKind::Slice { base, .. } => Some(*base),
        OpKind::Call { callee, .. } => Some(*callee),
        OpKind::Binary { left, .. } => Some(*left),
        OpKind::Truth(value) => Some(*value),
        _ => None,
    }
}

pub(super) fn mode(span: &Span, place: &Span, anchor: Option<Span>) -> u8 {
    if span == place {
        return SAME;
    }
    if anchor.is_some_and(|a| a.line == span.line && a.col == span.col) {
        return if span.end_line == place.end_line { FROM_OPERAND } else { FROM_OPERAND_LINES };
    }
    match (span.line == span.end_line, span.line == place.end_line) {
        (true, true) => NEAR,
        (true, false) => LINE,
        _ => LINES,
    }
}

pub(super) fn binary_code(op: BinaryOp) -> u8 {
    BINARY.iter().position(|&b| b == op).unwrap_or(0) as u8
}

pub(super) fn binary(code: u8) -> Option<BinaryOp> {
    BINARY.get(usize::from(code)).copied()
}

const BINARY: [BinaryOp; 13] = [
    BinaryOp::Add,
    BinaryOp::Mod,
    BinaryOp::Or,
    BinaryOp::Arithmetic,
    BinaryOp::LogicalAnd,
    BinaryOp::LogicalOr,
    BinaryOp::Eq,
    BinaryOp::NotEq,
    BinaryOp::Order,
    BinaryOp::Is,
    BinaryOp::IsNot,
    BinaryOp::In,
    BinaryOp::NotIn,
];

pub(super) fn collection_code(kind: CollectionKind) -> u32 {
    match kind {
        CollectionKind::List => 0,
        CollectionKind::Set => 1,
        CollectionKind::Tuple => 2,
        CollectionKind::Dict => 3,
    }
}

pub(super) fn collection(code: u32) -> Option<CollectionKind> {
    Some(match code {
        0 => CollectionKind::List,
        1 => CollectionKind::Set,
        2 => CollectionKind::Tuple,
        3 => CollectionKind::Dict,
        _ => return None,
    })
}

pub(super) fn loop_code(kind: LoopKind) -> u8 {
    match kind {
        LoopKind::For => 0,
        LoopKind::AsyncFor => 1,
        LoopKind::While => 2,
        LoopKind::Endless => 3,
        LoopKind::Comprehension => 4,
        LoopKind::Generator => 5,
    }
}

pub(super) fn loop_kind(code: u8) -> Option<LoopKind> {
    Some(match code {
        0 => LoopKind::For,
        1 => LoopKind::AsyncFor,
        2 => LoopKind::While,
        3 => LoopKind::Endless,
        4 => LoopKind::Comprehension,
        5 => LoopKind::Generator,
        _ => return None,
    })
}
