//! The body under construction: ops, regions, and what every local currently is. Knows no syntax.

use super::names::{Binding, NameId};
use crate::model::{Body, FnIdx, Op, OpKind, Region, RegionId, RegionKind, Spans, Sym, ValueId};
use crate::source::Span;
use rustc_hash::FxHashMap;
use thin_vec::ThinVec;

/// A local that has no value yet.
const UNBOUND: u32 = u32::MAX;

/// A local variable of the function: an index into its environment.
pub(super) type Slot = u32;

/// A class body that is being lowered: its names are seen by its own statements only.
#[derive(Debug)]
pub(super) struct ClassScope {
    /// Which class.
    pub class: crate::model::ClassIdx,
    /// Its names.
    pub slots: FxHashMap<NameId, Slot>,
}

/// The loops of a scope with the locals that each assigns, in source order.
#[derive(Debug, Default)]
pub(super) struct LoopWrites {
    /// Slot of each assignment.
    pub writes: Vec<Slot>,
    /// Start byte of each loop and its part of `writes`.
    pub loops: Vec<(u32, u32, u32)>,
    /// The next loop to come.
    pub next: usize,
}

/// A loop that is being lowered.
#[derive(Debug, Default)]
pub(super) struct LoopState {
    /// Locals that the loop assigns.
    pub slots: Vec<Slot>,
    /// The merge op of each at the loop's head.
    pub heads: Vec<ValueId>,
    /// Values of `slots` at each `break`, one run after another.
    pub breaks: Vec<u32>,
    /// Number of live `break`s.
    pub break_count: usize,
}

/// One function's body under construction.
#[derive(Debug)]
pub(super) struct Builder {
    /// Which function.
    pub index: FnIdx,
    /// What is evaluated.
    pub ops: Vec<Op>,
    /// Where each op is written.
    pub spans: Spans,
    /// Regions in pre-order.
    pub regions: Vec<Region>,
    open: Vec<RegionId>,
    env: Vec<u32>,
    /// Changes of `env`: slot and value before.
    pub(super) log: Vec<(Slot, u32)>,
    /// Ends of branch arms: see `ssa`.
    pub(super) pool: Vec<(Slot, u32)>,
    /// Every definition made since the outermost open `try` began.
    pub(super) defs: Vec<(Slot, u32)>,
    /// Open `try` bodies.
    pub(super) tries: u32,
    /// Whether control flow cannot get here.
    pub dead: bool,
    /// Class bodies that enclose the place at hand, within this function.
    pub classes: Vec<ClassScope>,
    /// Assignments by loop, of the function's scope and of class scopes in it.
    pub loop_writes: Vec<LoopWrites>,
    /// Loops that enclose the place at hand.
    pub loops: Vec<LoopState>,
    /// What names were bound to before this function's scope was entered.
    pub saved: Vec<(NameId, Binding)>,
    /// Whether a `yield` was met.
    pub is_generator: bool,
    /// How many merges were emitted.
    pub(super) merges: u32,
    /// How much merging may still cost; then merges take one side. Only hostile input gets there.
    pub(super) budget: usize,
}

/// What merging may cost in one function.
const BUDGET: usize = 300_000;

fn root(span: Span) -> Region {
    Region { kind: RegionKind::Root, parent: RegionId::ROOT, start: 0, end: 0, span }
}

impl Builder {
    /// A body with its root region.
    pub fn new(index: FnIdx, span: Span) -> Self {
        Self {
            index,
            ops: Vec::new(),
            spans: Spans::default(),
            regions: vec![root(span)],
            open: vec![RegionId::ROOT],
            env: Vec::new(),
            log: Vec::new(),
            pool: Vec::new(),
            defs: Vec::new(),
            tries: 0,
            dead: false,
            classes: Vec::new(),
            loop_writes: Vec::new(),
            loops: Vec::new(),
            saved: Vec::new(),
            is_generator: false,
            merges: 0,
            budget: BUDGET,
        }
    }

    /// Begins another function's body, with the memory of one that is finished.
    pub fn reset(&mut self, index: FnIdx, span: Span) {
        let Self { ops, spans, regions, open, env, log, pool, defs, classes, loop_writes, loops, saved, .. } = self;
        ops.clear();
        spans.clear();
        regions.clear();
        open.clear();
        env.clear();
        log.clear();
        pool.clear();
        defs.clear();
        classes.clear();
        loop_writes.clear();
        loops.clear();
        saved.clear();
        regions.push(root(span));
        open.push(RegionId::ROOT);
        self.index = index;
        self.tries = 0;
        self.dead = false;
        self.is_generator = false;
        self.merges = 0;
        self.budget = BUDGET;
    }

    /// The finished ops and regions, in memory of their size.
    pub fn take_body(&mut self) -> Body {
        Body { ops: self.ops.drain(..).collect(), spans: self.spans.take(), regions: self.regions.drain(..).collect() }
    }

    /// Adds an op.
    #[inline]
    pub fn push(&mut self, kind: OpKind, span: Span) -> ValueId {
        let value = ValueId(self.position());
        self.ops.push(Op { kind });
        self.spans.push(span);
        value
    }

    /// Whether a value is what a global or builtin name denotes.
    pub fn is_global(&self, v: ValueId, name: Sym) -> bool {
        matches!(self.ops.get(v.0 as usize).map(|op| &op.kind), Some(OpKind::Global(known)) if *known == name)
    }

    /// The index of the next op.
    pub fn position(&self) -> u32 {
        u32::try_from(self.ops.len()).unwrap_or(u32::MAX)
    }

    /// Opens a region here.
    pub fn open(&mut self, kind: RegionKind, span: Span) -> RegionId {
        let id = RegionId(u32::try_from(self.regions.len()).unwrap_or(u32::MAX));
        let parent = self.open.last().copied().unwrap_or(RegionId::ROOT);
        let start = self.position();
        self.regions.push(Region { kind, parent, start, end: start, span });
        self.open.push(id);
        id
    }

    /// Closes the innermost region.
    pub fn close(&mut self) {
        let end = self.position();
        if let Some(id) = self.open.pop()
            && let Some(region) = self.regions.get_mut(id.0 as usize)
        {
            region.end = end;
        }
    }

    /// A new local without a value.
    pub fn new_slot(&mut self) -> Slot {
        self.env.push(UNBOUND);
        u32::try_from(self.env.len() - 1).unwrap_or(u32::MAX)
    }

    /// What local `slot` is here.
    #[inline]
    pub fn get(&self, slot: Slot) -> Option<ValueId> {
        Some(self.raw(slot)).filter(|&v| v != UNBOUND).map(ValueId)
    }

    /// Like [`Self::get`], as the number that logs hold.
    #[inline]
    pub(super) fn raw(&self, slot: Slot) -> u32 {
        self.env.get(slot as usize).copied().unwrap_or(UNBOUND)
    }

    /// Local `slot` becomes `value`.
    pub fn set(&mut self, slot: Slot, value: ValueId) {
        self.set_raw(slot, value.0);
        if self.tries > 0 && value.0 != UNBOUND {
            self.defs.push((slot, value.0));
        }
    }

    /// Local `slot` loses its value.
    pub fn unset(&mut self, slot: Slot) {
        self.set_raw(slot, UNBOUND);
    }

    pub(super) fn set_raw(&mut self, slot: Slot, value: u32) {
        if let Some(entry) = self.env.get_mut(slot as usize) {
            self.log.push((slot, *entry));
            *entry = value;
        }
    }

    /// Undoes changes until the log has `mark` entries.
    pub(super) fn roll_back(&mut self, mark: usize) {
        while self.log.len() > mark
            && let Some((slot, before)) = self.log.pop()
        {
            if let Some(entry) = self.env.get_mut(slot as usize) {
                *entry = before;
            }
        }
    }

    /// Merges values into one: nothing when none exists, the value itself when there is only one.
    pub(super) fn merge(&mut self, values: impl Iterator<Item = u32>, span: Span) -> u32 {
        let mut distinct: ThinVec<ValueId> = ThinVec::new();
        let mut first = UNBOUND;
        for value in values.filter(|&v| v != UNBOUND) {
            if first == UNBOUND {
                first = value;
            } else if value != first && !(distinct.len() < 64 && distinct.contains(&ValueId(value))) {
                if distinct.is_empty() {
                    distinct.push(ValueId(first));
                }
                distinct.push(ValueId(value));
            }
        }
        if distinct.is_empty() {
            return first;
        }
        self.merges += 1;
        self.push(OpKind::Phi(distinct), span).0
    }

    /// Binds `slot` to `value` with an op.
    pub fn bind(&mut self, slot: Slot, name: Sym, value: ValueId, span: Span) -> ValueId {
        let bound = self.push(OpKind::Bind { name, value }, span);
        self.set(slot, bound);
        bound
    }
}
