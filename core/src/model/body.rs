//! A function body: ops in evaluation order, covered by nested regions.

use super::module::{ClassIdx, FnIdx};
use super::packed::{Maybe, Wide};
use super::spans::Spans;
use super::symbols::{Sym, SymbolMap};
use crate::source::Span;
use serde::{Deserialize, Serialize};
use thin_vec::ThinVec;

/// A value within one body: the index of the op that makes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ValueId(pub u32);

/// A region within one body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RegionId(pub u32);

impl RegionId {
    /// The region that covers the whole body.
    pub const ROOT: Self = Self(0);
}

/// The body of a function (or a module's top level).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Body {
    /// Evaluated in this order when control flow is straight. Operands always have smaller indices,
    /// except the back edges of a loop's [`OpKind::Phi`].
    pub ops: Vec<Op>,
    /// Where each op is written: beside them, as nearly all passes read what is evaluated and not where.
    pub spans: Spans,
    /// Pre-order: a parent stands before its children, siblings by `start`. Index 0 is the root.
    pub regions: Vec<Region>,
}

/// One evaluated expression or statement effect; [`Body::spans`] says where it is written.
#[derive(Clone, Debug, PartialEq)]
pub struct Op {
    /// What is evaluated.
    pub kind: OpKind,
}

// Ops are most of an audit's memory, and every pass reads them: lists are one pointer, numbers half aligned.
const _: () = assert!(size_of::<Op>() <= 16);

/// What an op evaluates. Front ends leave out what no analysis can use (arithmetic on literals,
/// docstrings, `pass`).
#[derive(Clone, Debug, PartialEq)]
pub enum OpKind {
    /// A literal.
    Const(Const),
    /// The n-th parameter of this function. Emitted once per parameter at the start of the body.
    Param(u16),
    /// Where control flow merges: the value is one of these. In a loop header the later entries
    /// may be defined further down (back edges).
    Phi(ThinVec<ValueId>),
    /// A name that is not a local of this function: module global, import, or builtin.
    Global(Sym),
    /// A local of an enclosing function.
    Captured {
        /// The function that owns the variable.
        owner: FnIdx,
        /// Its name there.
        name: Sym,
    },
    /// `base.name`
    Attr {
        /// Object read from.
        base: ValueId,
        /// Attribute.
        name: Sym,
    },
    /// `base[index]`
    Item {
        /// Container.
        base: ValueId,
        /// Subscript.
        index: ValueId,
    },
    /// `base[lower:upper:step]`
    Slice {
        /// Container.
        base: ValueId,
        /// Whether an upper bound is given (a slice with one is a limit).
        bounded: bool,
    },
    /// A call. The callee is an [`OpKind::Attr`], [`OpKind::Global`], … op.
    Call {
        /// What is called.
        callee: ValueId,
        /// Arguments in order.
        args: ThinVec<Arg>,
    },
    /// `await v`
    Await(ValueId),
    /// `yield v`
    Yield(Option<ValueId>),
    /// `yield from v`
    YieldFrom(ValueId),
    /// `return v`
    Return(Option<ValueId>),
    /// `raise v` / `throw`
    Raise(Option<ValueId>),
    /// `break`
    Break,
    /// `continue`
    Continue,
    /// `assert`, truth test of `if`/`while`: the value is used as a truth value.
    Truth(ValueId),
    /// A local (or, at module level, a global; in a class region, a field) gets a value. The op's
    /// own value is that value.
    Bind {
        /// Variable.
        name: Sym,
        /// New value.
        value: ValueId,
    },
    /// A module global or a variable of an enclosing function gets a value from inside a function.
    BindOuter {
        /// Variable.
        name: Sym,
        /// Owner: the module's top level for a module global.
        owner: FnIdx,
        /// New value.
        value: ValueId,
    },
    /// `name: annotation` or `name: annotation = value`; what is bound is this op.
    Annotated {
        /// The value given, if any.
        value: Option<ValueId>,
        /// The annotation.
        annotation: ValueId,
    },
    /// `base.name = value`
    StoreAttr {
        /// Object written to.
        base: ValueId,
        /// Attribute.
        name: Sym,
        /// New value.
        value: ValueId,
    },
    /// `base[index] = value`
    StoreItem {
        /// Container.
        base: ValueId,
        /// Subscript.
        index: ValueId,
        /// New value.
        value: ValueId,
    },
    /// `target op= value`. For names the result is bound by a following [`OpKind::Bind`], for
    /// attributes and items by a following store.
    Augment {
        /// Operator.
        op: BinaryOp,
        /// Value before.
        old: ValueId,
        /// Right-hand side.
        value: ValueId,
    },
    /// `del v` (name, attribute or item; the operand is the value deleted)
    Delete(ValueId),
    /// The next element of what a loop iterates. First op inside the loop's region.
    Element(ValueId),
    /// The n-th part of a destructured value; `None` for a starred rest.
    Unpack {
        /// Destructured value.
        base: ValueId,
        /// Position.
        index: Option<u16>,
    },
    /// What `with v as …` binds (`v.__enter__()`); for `async with`, its awaited form.
    Enter {
        /// Context manager.
        manager: ValueId,
        /// `async with`.
        is_async: bool,
    },
    /// The exception that a handler catches.
    Caught(ThinVec<ValueId>),
    /// `l op r`
    Binary {
        /// Operator.
        op: BinaryOp,
        /// Left operand.
        left: ValueId,
        /// Right operand.
        right: ValueId,
    },
    /// `not v`
    Not(ValueId),
    /// A string with holes: f-string, template literal, `"…" % x`, `"…".format(x)`.
    Text(ThinVec<TextPart>),
    /// A list, set, tuple or dict display. Dict entries alternate key, value.
    Collection {
        /// Which.
        kind: CollectionKind,
        /// Elements.
        items: ThinVec<ValueId>,
    },
    /// The result of a comprehension, whose [`RegionKind::Loop`] lies just before it. Several
    /// `for` clauses nest; `region` is the outermost.
    Comprehension {
        /// Container built; `None` for a generator expression.
        kind: Option<CollectionKind>,
        /// The loop region.
        region: RegionId,
        /// Element (for dicts the value).
        element: ValueId,
        /// Key of a dict comprehension.
        key: Maybe,
    },
    /// A nested function or lambda becomes a value.
    Closure(FnIdx),
    /// A class statement becomes a value. Its body is the [`RegionKind::ClassBody`] just before.
    ClassDef(ClassIdx),
    /// Any expression that is evaluated but not modelled; its operands matter as uses.
    Other(ThinVec<ValueId>),
}

/// An argument of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arg {
    /// How it is passed.
    pub kind: ArgKind,
    /// Its value.
    pub value: ValueId,
}

/// How an argument is passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ArgKind {
    /// By position.
    Positional,
    /// By name.
    Named(Sym),
    /// `*args`
    Spread,
    /// `**kwargs`
    SpreadNamed,
}

/// A literal.
#[derive(Clone, Debug, PartialEq)]
pub enum Const {
    /// `None`, `null`, `nil`
    None,
    /// Boolean.
    Bool(bool),
    /// Integer; saturated when it does not fit.
    Int(Wide<i64>),
    /// Any other number.
    Float(Wide<f64>),
    /// Text. Long text that does not look like SQL is cut to 200 characters.
    Str(Sym),
    /// Byte string (contents not kept).
    Bytes,
    /// `...`
    Ellipsis,
}

/// A piece of a string with holes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TextPart {
    /// Literal text.
    Literal(Sym),
    /// A hole.
    Hole(ValueId),
}

/// Binary and comparison operators, as far as analyses tell them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum BinaryOp {
    /// `+`
    Add,
    /// `%`
    Mod,
    /// `|`
    Or,
    /// Other arithmetic and bit operators.
    Arithmetic,
    /// `and`, `&&`
    LogicalAnd,
    /// `or`, `||`, `??`
    LogicalOr,
    /// `==`
    Eq,
    /// `!=`
    NotEq,
    /// `<`, `<=`, `>`, `>=`
    Order,
    /// `is`
    Is,
    /// `is not`
    IsNot,
    /// `in`
    In,
    /// `not in`
    NotIn,
}

/// Container displays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum CollectionKind {
    /// `[…]`
    List,
    /// `{…}` without values
    Set,
    /// `(…)`
    Tuple,
    /// `{k: v}`
    Dict,
}

/// A structured part of a body: ops `start..end`, nested regions inside.
#[derive(Clone, Debug, PartialEq)]
pub struct Region {
    /// What it is.
    pub kind: RegionKind,
    /// Enclosing region; the root names itself.
    pub parent: RegionId,
    /// First op.
    pub start: u32,
    /// One past the last op.
    pub end: u32,
    /// Source lines it covers.
    pub span: Span,
}

/// Kinds of region. Conditions and iterables are evaluated just before their region.
#[derive(Clone, Debug, PartialEq)]
pub enum RegionKind {
    /// The whole body.
    Root,
    /// `if`/`match`/`?:`: holds [`RegionKind::Arm`]s.
    Branch,
    /// One arm; `cond` is the tested value (`None`: else / default), `negated` when the arm runs if
    /// the condition is false.
    Arm {
        /// Tested value.
        cond: Option<ValueId>,
        /// Runs when the condition is false.
        negated: bool,
    },
    /// A loop.
    Loop {
        /// Form.
        kind: LoopKind,
        /// What it iterates (`while`: the condition is the first op inside).
        iter: Option<ValueId>,
    },
    /// `else` of a loop: runs once.
    LoopElse,
    /// `try` with its parts.
    Try,
    /// The guarded part.
    TryBody,
    /// `except`/`catch`; empty types: everything.
    Handler {
        /// Caught exception types.
        types: ThinVec<ValueId>,
    },
    /// `else` of a try.
    TryElse,
    /// `finally`
    Finally,
    /// `with` / try-with-resources / `using`; one region per manager, nested.
    With {
        /// The context manager.
        manager: ValueId,
        /// `async with`.
        is_async: bool,
    },
    /// The statements of a class.
    ClassBody(ClassIdx),
}

/// Forms of loop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LoopKind {
    /// `for x in xs`
    For,
    /// `async for`
    AsyncFor,
    /// `while`
    While,
    /// `while True` and alike
    Endless,
    /// One `for` clause of a list, set or dict comprehension.
    Comprehension,
    /// One `for` clause of a generator expression: runs when consumed.
    Generator,
}

impl Body {
    /// The op that makes `value`.
    #[must_use]
    pub fn op(&self, value: ValueId) -> Option<&Op> {
        self.ops.get(value.0 as usize)
    }

    /// Where `value` is written.
    #[must_use]
    pub fn span(&self, value: ValueId) -> Option<Span> {
        self.spans.get(value.0 as usize)
    }

    /// The last op of a region.
    #[must_use]
    pub fn last_in(&self, region: &Region) -> Option<&Op> {
        region.end.checked_sub(1).and_then(|at| self.ops.get(at as usize))
    }

    /// Whether a region ends by leaving the function: with `return` or `raise`.
    #[must_use]
    pub fn leaves(&self, region: &Region) -> bool {
        matches!(self.last_in(region).map(|op| &op.kind), Some(OpKind::Return(_) | OpKind::Raise(_)))
    }

    /// A call of a method: what it is called on, its name and the arguments.
    #[must_use]
    pub fn method(&self, call: ValueId) -> Option<(ValueId, Sym, &[Arg])> {
        let OpKind::Call { callee, args } = &self.op(call)?.kind else { return None };
        match self.op(*callee)?.kind {
            OpKind::Attr { base, name } => Some((base, name, args)),
            _ => None,
        }
    }

    /// The arms that run when their condition holds, with what is tested: not the test of its truth, but the value.
    pub fn taken_arms(&self) -> impl Iterator<Item = (&Region, ValueId)> {
        self.regions.iter().filter_map(|region| {
            let RegionKind::Arm { cond: Some(cond), negated: false } = region.kind else { return None };
            match self.op(cond)?.kind {
                OpKind::Truth(tested) => Some((region, tested)),
                _ => Some((region, cond)),
            }
        })
    }

    /// The ops that run before a handler, in the block that it guards.
    pub fn tried(&self, handler: &Region) -> impl Iterator<Item = ValueId> + use<> {
        let start = self.regions.get(handler.parent.0 as usize).map_or(handler.start, |whole| whole.start);
        (start..handler.start).map(ValueId)
    }

    /// The conditions that decide whether `at` runs: of the arms around it, and of arms before it that return.
    pub fn deciding(&self, at: ValueId) -> impl Iterator<Item = ValueId> {
        self.regions.iter().filter_map(move |region| {
            let RegionKind::Arm { cond: Some(cond), .. } = region.kind else { return None };
            let returns = || self.last_in(region).is_some_and(|op| matches!(op.kind, OpKind::Return(_)));
            let around = region.start <= at.0 && at.0 < region.end;
            (around || region.end <= at.0 && returns()).then_some(cond)
        })
    }

    /// The innermost region of every op, in op order.
    #[must_use]
    pub fn region_of_ops(&self) -> Vec<RegionId> {
        let mut out = vec![RegionId::ROOT; self.ops.len()];
        for (i, region) in self.regions.iter().enumerate() {
            let id = RegionId(u32::try_from(i).unwrap_or(u32::MAX));
            // Pre-order: children come later and overwrite.
            if let Some(range) = out.get_mut(region.start as usize..region.end as usize) {
                range.fill(id);
            }
        }
        out
    }

    /// Renumbers all symbols after the string tables of shards were merged.
    pub fn remap(&mut self, map: &SymbolMap) {
        for op in &mut self.ops {
            match &mut op.kind {
                OpKind::Const(Const::Str(s)) | OpKind::Global(s) => map.apply(s),
                OpKind::Captured { name, .. }
                | OpKind::Attr { name, .. }
                | OpKind::Bind { name, .. }
                | OpKind::BindOuter { name, .. }
                | OpKind::StoreAttr { name, .. } => map.apply(name),
                OpKind::Call { args, .. } => {
                    for arg in args {
                        if let ArgKind::Named(name) = &mut arg.kind {
                            map.apply(name);
                        }
                    }
                }
                OpKind::Text(parts) => {
                    for part in parts {
                        if let TextPart::Literal(s) = part {
                            map.apply(s);
                        }
                    }
                }
                _ => {}
            }
        }
    }
}
