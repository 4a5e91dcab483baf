//! What bodies hold, noted in one pass: calls of methods by name, the calls, attributes and texts of each function, and
//! the functions that have an op of a rare kind. Who looks for a few of these need not visit every op of the project.

use super::code::FuncId;
use crate::model::{BinaryOp, Body, Const, Grouped, OpKind, Sym, ValueId};

/// Kinds of op that most bodies lack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Holds(u8);

impl Holds {
    /// A nested function becomes a value.
    pub const CLOSURE: Self = Self(1);
    /// A comprehension.
    pub const COMPREHENSION: Self = Self(1 << 1);
    /// An element or a part of something is read.
    pub const PART: Self = Self(1 << 2);
    /// `a + b` and `a += b`.
    pub const SUM: Self = Self(1 << 3);
    /// A list, a dictionary or another collection is written out.
    pub const COLLECTION: Self = Self(1 << 4);
    /// Something is stored in an attribute, an item or a name of outside, or deleted.
    pub const STORE: Self = Self(1 << 5);
    /// A local of an enclosing function is read.
    pub const CAPTURED: Self = Self(1 << 6);

    /// Either.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    fn of(kind: &OpKind) -> u8 {
        match kind {
            OpKind::Closure(_) => Self::CLOSURE.0,
            OpKind::Comprehension { .. } => Self::COMPREHENSION.0,
            OpKind::Item { .. } | OpKind::Slice { .. } => Self::PART.0,
            OpKind::Collection { .. } => Self::COLLECTION.0,
            OpKind::StoreAttr { .. } | OpKind::StoreItem { .. } | OpKind::BindOuter { .. } | OpKind::Delete(_) => {
                Self::STORE.0
            }
            OpKind::Captured { .. } => Self::CAPTURED.0,
            OpKind::Augment { op: BinaryOp::Add, .. } | OpKind::Binary { op: BinaryOp::Add, .. } => Self::SUM.0,
            _ => 0,
        }
    }
}

/// Calls by method name, and what each body holds.
#[derive(Debug, Default)]
pub(super) struct Contents {
    holds: Vec<u8>,
    by_func: Grouped<ValueId>,
    attributes: Grouped<ValueId>,
    globals: Grouped<ValueId>,
    texts: Grouped<ValueId>,
    stores: Grouped<ValueId>,
    /// Calls of methods by name.
    calls: Grouped<(FuncId, ValueId)>,
}

impl Contents {
    /// Looks at every op once. `names` is the number of symbols.
    pub fn of<'b>(bodies: impl Iterator<Item = &'b Body>, names: usize) -> Self {
        let mut out = Self::default();
        let mut found: Vec<(Sym, FuncId, ValueId)> = Vec::new();
        for (f, body) in (0..).map(FuncId).zip(bodies) {
            let mut holds = 0;
            for (at, op) in (0..).map(ValueId).zip(&body.ops) {
                holds |= Holds::of(&op.kind);
                match op.kind {
                    OpKind::Call { callee, .. } => {
                        out.by_func.push(at);
                        if let Some(OpKind::Attr { name, .. }) = body.op(callee).map(|op| &op.kind) {
                            found.push((*name, f, at));
                        }
                    }
                    OpKind::Attr { .. } => out.attributes.push(at),
                    OpKind::Global(_) => out.globals.push(at),
                    OpKind::Const(Const::Str(_)) | OpKind::Text(_) => out.texts.push(at),
                    OpKind::StoreAttr { .. } => out.stores.push(at),
                    _ => {}
                }
            }
            out.holds.push(holds);
            for listed in [&mut out.by_func, &mut out.attributes, &mut out.globals, &mut out.texts, &mut out.stores] {
                listed.close();
            }
        }
        let none = (FuncId(0), ValueId(0));
        out.calls = Grouped::of(names, none, |put| found.iter().for_each(|(name, f, at)| put(name.0, (*f, *at))));
        out
    }

    /// Calls of methods of this name, in the order of the code.
    pub fn calls(&self, name: Sym) -> &[(FuncId, ValueId)] {
        self.calls.get(name.0)
    }

    /// All calls of a function, in order.
    pub fn calls_in(&self, f: FuncId) -> &[ValueId] {
        self.by_func.get(f.0)
    }

    /// Its reads of attributes.
    pub fn attributes_in(&self, f: FuncId) -> &[ValueId] {
        self.attributes.get(f.0)
    }

    /// Its reads of names that are not its own.
    pub fn globals_in(&self, f: FuncId) -> &[ValueId] {
        self.globals.get(f.0)
    }

    /// Its string literals and formatted texts.
    pub fn texts_in(&self, f: FuncId) -> &[ValueId] {
        self.texts.get(f.0)
    }

    /// Where it stores attributes.
    pub fn stores_in(&self, f: FuncId) -> &[ValueId] {
        self.stores.get(f.0)
    }

    /// Whether the body has an op of one of these kinds.
    pub fn holds(&self, f: FuncId, kinds: Holds) -> bool {
        self.holds.get(f.0 as usize).is_some_and(|holds| holds & kinds.0 != 0)
    }
}

#[cfg(test)]
mod tests {
    use super::{Contents, Holds};
    use crate::analysis::FuncId;
    use crate::model::{Body, FnIdx, Op, OpKind, Sym, ValueId};
    use thin_vec::ThinVec;

    fn body(kinds: Vec<OpKind>) -> Body {
        Body { ops: kinds.into_iter().map(|kind| Op { kind }).collect(), ..Body::default() }
    }

    fn attr(name: u32) -> OpKind {
        OpKind::Attr { base: ValueId(0), name: Sym(name) }
    }

    fn call(callee: u32) -> OpKind {
        OpKind::Call { callee: ValueId(callee), args: ThinVec::new() }
    }

    #[test]
    fn calls_are_found_by_name_in_the_order_of_the_code() {
        let first = body(vec![OpKind::Param(0), attr(2), call(1), attr(1), call(3), call(0)]);
        let second = body(vec![OpKind::Param(0), attr(2), call(1), OpKind::Closure(FnIdx(3))]);
        let contents = Contents::of([&first, &second].into_iter(), 3);
        let (f, g) = (FuncId(0), FuncId(1));
        assert_eq!(contents.calls(Sym(2)), [(f, ValueId(2)), (g, ValueId(2))]);
        assert_eq!(contents.calls(Sym(1)), [(f, ValueId(4))]);
        assert_eq!(contents.calls_in(f), [ValueId(2), ValueId(4), ValueId(5)]);
        assert_eq!((contents.calls_in(g), contents.attributes_in(g)), (&[ValueId(2)][..], &[ValueId(1)][..]));
        assert_eq!((contents.texts_in(f).len(), contents.calls_in(FuncId(7)).len()), (0, 0));
        // A name that no file has, and one that was made later.
        assert_eq!((contents.calls(Sym(0)).len(), contents.calls(Sym(9)).len()), (0, 0));
        assert_eq!(
            (contents.holds(f, Holds::CLOSURE), contents.holds(g, Holds::CLOSURE.or(Holds::PART))),
            (false, true)
        );
    }
}
