//! Where control flow splits and joins: environments of branch arms, loops and `try`, and the
//! merges at their joins. Works on the [`Builder`]; knows no syntax.

#![expect(clippy::disallowed_methods, reason = "busy in every audit")]

use super::builder::{Builder, LoopState, LoopWrites, Slot};
use crate::model::{LoopKind, OpKind, RegionKind, ValueId};
use crate::source::Span;
use std::ops::Range;

/// An open branch: arms start from the same environment.
#[derive(Debug)]
pub(super) struct Fork {
    mark: usize,
    pool: usize,
    dead: bool,
    /// The live ends: which locals each changed, as ranges of the pool.
    ends: Vec<Range<usize>>,
}

/// An open `try`.
#[derive(Debug)]
pub(super) struct Guarded {
    defs: usize,
    fork: Fork,
    body: Range<usize>,
    body_dead: bool,
    /// All definitions that a handler may see, sorted.
    seen: Vec<(Slot, u32)>,
}

impl Builder {
    /// Begins a branch.
    pub fn fork(&self) -> Fork {
        Fork { mark: self.log.len(), pool: self.pool.len(), dead: self.dead, ends: Vec::new() }
    }

    /// Ends an arm: its changes are kept aside and undone.
    pub fn end_arm(&mut self, fork: &mut Fork) {
        let end = self.take_changes(fork);
        if !self.dead {
            fork.ends.push(end);
        }
        self.dead = fork.dead;
    }

    /// The way around all arms.
    pub fn skip_arms(&self, fork: &mut Fork) {
        if !fork.dead {
            fork.ends.push(0..0);
        }
    }

    fn take_changes(&mut self, fork: &Fork) -> Range<usize> {
        let start = self.pool.len();
        for i in fork.mark..self.log.len() {
            if let Some(&(slot, _)) = self.log.get(i) {
                let value = self.raw(slot);
                self.pool.push((slot, value));
            }
        }
        if let Some(changes) = self.pool.get_mut(start..) {
            changes.sort_unstable();
        }
        self.roll_back(fork.mark);
        start..self.pool.len()
    }

    /// Joins the live arms of a branch.
    pub fn join(&mut self, fork: Fork, span: Span) {
        self.dead = fork.ends.is_empty();
        let mut slots: Vec<Slot> =
            fork.ends.iter().filter_map(|e| self.pool.get(e.clone())).flatten().map(|c| c.0).collect();
        slots.sort_unstable();
        slots.dedup();
        let work = slots.len() * fork.ends.len();
        let cheap = work > self.budget;
        self.budget = self.budget.saturating_sub(work);
        let mut values: Vec<u32> = Vec::new();
        for slot in slots {
            let before = self.raw(slot);
            let most = if cheap { 1 } else { fork.ends.len() };
            values.clear();
            values.extend(fork.ends.iter().take(most).map(|end| {
                let changes = self.pool.get(end.clone()).unwrap_or_default();
                changes.binary_search_by_key(&slot, |c| c.0).ok().and_then(|i| changes.get(i)).map_or(before, |c| c.1)
            }));
            let merged = self.merge(values.iter().copied(), span);
            if merged != before {
                self.assign(slot, merged);
            }
        }
        self.pool.truncate(fork.pool);
    }

    /// Ends a branch whose arms changed nothing that is visible after it.
    pub fn abandon(&mut self, fork: Fork) {
        self.dead = fork.dead;
        self.pool.truncate(fork.pool);
    }

    fn assign(&mut self, slot: Slot, value: u32) {
        if value == u32::MAX { self.unset(slot) } else { self.set(slot, ValueId(value)) }
    }

    /// Opens a loop that starts at byte `start`: its region and the merges at its head.
    pub fn begin_loop(&mut self, kind: LoopKind, iter: Option<ValueId>, start: u32, span: Span) {
        let slots = self.loop_writes.last_mut().map(|w| w.slots_of(start)).unwrap_or_default();
        self.open(RegionKind::Loop { kind, iter }, span);
        let mut state = LoopState { heads: Vec::with_capacity(slots.len()), slots, ..LoopState::default() };
        for &slot in &state.slots {
            let before = self.get(slot);
            let head = self.push(OpKind::Phi(before.into_iter().collect()), span);
            self.merges += 1;
            self.set(slot, head);
            state.heads.push(head);
        }
        self.loops.push(state);
    }

    /// `continue`, or the end of the loop's body.
    pub fn back_edge(&mut self) {
        if self.dead {
            return;
        }
        let Some(state) = self.loops.pop() else { return };
        if state.slots.len() <= self.budget {
            self.budget -= state.slots.len();
            for (&slot, &head) in state.slots.iter().zip(&state.heads) {
                let value = self.get(slot).filter(|&v| v != head);
                if let Some(value) = value
                    && let Some(OpKind::Phi(entries)) = self.ops.get_mut(head.0 as usize).map(|op| &mut op.kind)
                    && (entries.len() > 64 || !entries.contains(&value))
                {
                    entries.push(value);
                }
            }
        }
        self.loops.push(state);
    }

    /// `break`.
    pub fn break_loop(&mut self) {
        if self.dead {
            return;
        }
        let Some(mut state) = self.loops.pop() else { return };
        if state.slots.len() <= self.budget {
            self.budget -= state.slots.len();
            state.breaks.extend(state.slots.iter().map(|&slot| self.raw(slot)));
            state.break_count += 1;
        }
        self.loops.push(state);
    }

    /// Ends the loop's body and region. What remains open is the way out: locals are what they
    /// were at the head (`at_exit`: what the condition made of them).
    pub fn end_loop(&mut self, endless: bool, at_exit: &[u32]) -> LoopState {
        self.back_edge();
        let state = self.loops.pop().unwrap_or_default();
        self.close();
        for (i, (&slot, &head)) in state.slots.iter().zip(&state.heads).enumerate() {
            let value = at_exit.get(i).copied().unwrap_or(head.0);
            if value != self.raw(slot) {
                self.set_raw(slot, value);
            }
        }
        self.dead = endless;
        state
    }

    /// The values of the innermost loop's locals.
    pub fn loop_values(&self) -> Vec<u32> {
        self.loops.last().map(|l| l.slots.iter().map(|&s| self.raw(s)).collect()).unwrap_or_default()
    }

    /// Joins the way out of a loop (after its `else`) with its `break`s.
    pub fn join_breaks(&mut self, state: &LoopState, was_dead: bool, span: Span) {
        if state.break_count == 0 {
            self.dead |= was_dead;
            return;
        }
        let width = state.slots.len();
        for (i, &slot) in state.slots.iter().enumerate() {
            let here = if self.dead { u32::MAX } else { self.raw(slot) };
            let breaks = state.breaks.chunks_exact(width).filter_map(|run| run.get(i)).copied();
            let values: Vec<u32> = std::iter::once(here).chain(breaks).collect();
            let merged = self.merge(values.into_iter(), span);
            if merged != self.raw(slot) {
                self.assign(slot, merged);
            }
        }
        self.dead = was_dead;
    }

    /// Begins a `try` body.
    pub fn begin_try(&mut self) -> Guarded {
        self.tries += 1;
        Guarded { defs: self.defs.len(), fork: self.fork(), body: 0..0, body_dead: false, seen: Vec::new() }
    }

    /// Ends the guarded body.
    pub fn end_try_body(&mut self, guarded: &mut Guarded) {
        guarded.body = self.take_changes(&guarded.fork);
        guarded.body_dead = self.dead;
        guarded.seen = self.defs.get(guarded.defs..).unwrap_or_default().to_vec();
        guarded.seen.sort_unstable();
        guarded.seen.dedup();
        self.dead = guarded.fork.dead;
    }

    /// At the start of a handler: every local is what it was before the `try` or what any
    /// definition in the guarded body made it.
    pub fn enter_handler(&mut self, guarded: &Guarded, span: Span) {
        self.merge_all(&guarded.seen, span);
    }

    fn merge_all(&mut self, seen: &[(Slot, u32)], span: Span) {
        if seen.len() > self.budget {
            return;
        }
        self.budget -= seen.len();
        for run in seen.chunk_by(|a, b| a.0 == b.0) {
            let Some(&(slot, _)) = run.first() else { continue };
            let before = self.raw(slot);
            let merged = self.merge(std::iter::once(before).chain(run.iter().map(|d| d.1)), span);
            if merged != before {
                // Not a definition: whoever collects those has the merged ones.
                self.set_raw(slot, merged);
            }
        }
    }

    /// Ends a handler.
    pub fn end_handler(&mut self, guarded: &mut Guarded) {
        self.end_arm(&mut guarded.fork);
    }

    /// At the start of the `else` of a `try` (also when there is none): as the body ended.
    pub fn after_try_body(&mut self, guarded: &Guarded) {
        self.dead = guarded.body_dead;
        for i in guarded.body.clone() {
            if let Some(&(slot, value)) = self.pool.get(i) {
                self.set_raw(slot, value);
            }
        }
    }

    /// Joins body (or `else`) and handlers. The result is needed by `begin_finally`.
    pub fn end_handlers(&mut self, mut guarded: Guarded, span: Span) -> Vec<(Slot, u32)> {
        self.end_arm(&mut guarded.fork);
        let mut seen = self.defs.get(guarded.defs..).unwrap_or_default().to_vec();
        let before: Vec<(Slot, u32)> = seen.iter().map(|d| (d.0, self.raw(d.0))).collect();
        seen.extend(before);
        seen.sort_unstable();
        seen.dedup();
        self.join(guarded.fork, span);
        self.tries -= 1;
        if self.tries == 0 {
            self.defs.clear();
        }
        seen
    }

    /// Runs `body` as a `finally`: it sees whatever was defined since the `try` began, while after
    /// it the locals that it left alone are what they were on the normal way.
    pub fn enter_finally(&mut self, seen: &[(Slot, u32)], span: Span) -> Finally {
        let normal: Vec<(Slot, u32)> =
            seen.chunk_by(|a, b| a.0 == b.0).filter_map(|r| r.first()).map(|d| (d.0, self.raw(d.0))).collect();
        let dead = std::mem::replace(&mut self.dead, false);
        self.merge_all(seen, span);
        let merged = normal.iter().map(|d| self.raw(d.0)).collect();
        Finally { normal, merged, dead }
    }

    /// Ends a `finally`.
    pub fn leave_finally(&mut self, finally: &Finally) {
        for (&(slot, normal), &merged) in finally.normal.iter().zip(&finally.merged) {
            if !finally.dead && self.raw(slot) == merged && normal != merged {
                self.set_raw(slot, normal);
            }
        }
        self.dead |= finally.dead;
    }
}

/// An open `finally`.
#[derive(Debug)]
pub(super) struct Finally {
    normal: Vec<(Slot, u32)>,
    merged: Vec<u32>,
    dead: bool,
}

impl LoopWrites {
    /// The locals that the loop at byte `start` assigns.
    fn slots_of(&mut self, start: u32) -> Vec<Slot> {
        while let Some(&(at, from, to)) = self.loops.get(self.next) {
            if at > start {
                break;
            }
            self.next += 1;
            if at == start {
                let mut slots = self.writes.get(from as usize..to as usize).unwrap_or_default().to_vec();
                slots.retain(|&s| s != u32::MAX);
                slots.sort_unstable();
                slots.dedup();
                return slots;
            }
        }
        Vec::new()
    }
}
