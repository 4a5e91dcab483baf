//! Removes merges that nobody reads or that merge one value, and renumbers what remains.

#![expect(clippy::disallowed_methods, reason = "busy in every audit")]

use super::builder::Builder;
use crate::model::{Op, OpKind, ValueId};
use thin_vec::ThinVec;

/// Maps the values of a body to those after pruning.
#[derive(Debug)]
pub(super) struct Renumbering(Vec<u32>);

impl Renumbering {
    /// Renumbers `value` in place.
    pub fn apply(&self, value: &mut ValueId) {
        if let Some(&new) = self.0.get(value.0 as usize) {
            *value = ValueId(new);
        }
    }
}

/// What to do with an op.
const KEEP: u32 = u32::MAX;

impl Builder {
    /// Prunes. `outer` calls its argument with every value of this body that is named outside it
    /// (by classes and nested functions). `None`: nothing changed.
    pub fn prune(&mut self, outer: impl Fn(&mut dyn FnMut(ValueId))) -> Option<Renumbering> {
        if self.merges == 0 {
            return None;
        }
        // `instead[i]`: the value that stands for merge i, once known to be one value.
        let mut instead = vec![KEEP; self.ops.len()];
        let merges: Vec<u32> = (0..self.position()).filter(|&i| self.is_merge(i)).collect();
        self.find_trivial(&merges, &mut instead);
        let live = self.find_live(&merges, &instead, outer);
        let mut map = Vec::with_capacity(self.ops.len());
        let mut next = 0;
        for index in 0..self.position() {
            map.push(next);
            next += u32::from(is(&live, index));
        }
        // Positions for regions: where an op would go that stood there.
        let mut positions = map.clone();
        positions.push(next);
        for &merge in &merges {
            if !is(&live, merge) {
                let target = resolve(&instead, merge);
                let new = positions.get(target as usize).copied().unwrap_or(0);
                if let Some(entry) = map.get_mut(merge as usize) {
                    *entry = new;
                }
            }
        }
        let renumbering = Renumbering(map);
        let mut kept = live.iter();
        self.ops.retain(|_| kept.next().is_none_or(|live| *live));
        let mut kept = live.iter();
        self.spans.retain(|| kept.next().is_none_or(|live| *live));
        for op in &mut self.ops {
            op.kind.operands_mut(|v| renumbering.apply(v));
        }
        self.tidy_entries();
        for region in &mut self.regions {
            region.kind.operands_mut(|v| renumbering.apply(v));
            region.start = positions.get(region.start as usize).copied().unwrap_or(next);
            region.end = positions.get(region.end as usize).copied().unwrap_or(next);
        }
        Some(renumbering)
    }

    fn is_merge(&self, index: u32) -> bool {
        matches!(self.ops.get(index as usize), Some(Op { kind: OpKind::Phi(_) }))
    }

    fn find_trivial(&self, merges: &[u32], instead: &mut [u32]) {
        // Inner loops first; nested loops need a round per level.
        for _ in 0..8 {
            let mut changed = false;
            for &merge in merges.iter().rev() {
                if instead.get(merge as usize).is_none_or(|&v| v != KEEP) {
                    continue;
                }
                let Some(Op { kind: OpKind::Phi(entries) }) = self.ops.get(merge as usize) else { continue };
                let mut only = None;
                let trivial = entries.iter().map(|v| resolve(instead, v.0)).filter(|&v| v != merge).all(|v| {
                    let first = *only.get_or_insert(v);
                    first == v
                });
                // A value that is made further down (in the loop) cannot stand for its merge.
                if let Some(only) = only.filter(|&v| trivial && v < merge)
                    && let Some(entry) = instead.get_mut(merge as usize)
                {
                    *entry = only;
                    changed = true;
                }
            }
            if !changed {
                return;
            }
        }
    }

    fn find_live(&self, merges: &[u32], instead: &[u32], outer: impl Fn(&mut dyn FnMut(ValueId))) -> Vec<bool> {
        let mut live: Vec<bool> = self.ops.iter().map(|op| !matches!(op.kind, OpKind::Phi(_))).collect();
        let mut work = Vec::new();
        let mark = |value: ValueId, live: &mut Vec<bool>, work: &mut Vec<u32>| {
            let target = resolve(instead, value.0);
            if let Some(entry) = live.get_mut(target as usize)
                && !*entry
            {
                *entry = true;
                work.push(target);
            }
        };
        for op in &self.ops {
            if !matches!(op.kind, OpKind::Phi(_)) {
                op.kind.operands(|v| mark(v, &mut live, &mut work));
            }
        }
        for region in &self.regions {
            let mut kind = region.kind.clone();
            kind.operands_mut(|v| mark(*v, &mut live, &mut work));
        }
        outer(&mut |v| mark(v, &mut live, &mut work));
        while let Some(merge) = work.pop() {
            if let Some(Op { kind: OpKind::Phi(entries) }) = self.ops.get(merge as usize) {
                entries.iter().for_each(|&v| mark(v, &mut live, &mut work));
            }
        }
        debug_assert!(merges.iter().all(|&m| instead.get(m as usize) == Some(&KEEP) || !is(&live, m)));
        live
    }

    /// A merge names each value once and not itself; one without values is an unknown.
    fn tidy_entries(&mut self) {
        for (index, op) in self.ops.iter_mut().enumerate() {
            if let OpKind::Phi(entries) = &mut op.kind {
                entries.retain(|v| v.0 as usize != index);
                if entries.len() > 1 {
                    entries.sort_unstable();
                    entries.dedup();
                }
                if entries.is_empty() {
                    op.kind = OpKind::Other(ThinVec::new());
                }
            }
        }
    }
}

fn is(flags: &[bool], index: u32) -> bool {
    flags.get(index as usize).copied().unwrap_or(false)
}

fn resolve(instead: &[u32], mut value: u32) -> u32 {
    while let Some(&next) = instead.get(value as usize)
        && next != KEEP
    {
        value = next;
    }
    value
}
