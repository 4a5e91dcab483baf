//! Effects carried up the call graph to a fixpoint, one shortest witness per effect.

use super::calls::{Site, SiteKind, Sites};
use super::code::{Code, FuncId};
use super::memo::SAVED;
use crate::libraries::{Effects, Place};
use crate::model::ValueId;
use std::collections::VecDeque;

/// Why a function has an effect: the op that has it, and the function it comes from when the op
/// calls one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Witness {
    /// The op in the function.
    pub op: ValueId,
    /// The called function that has the effect; `None` when the op itself has it.
    pub callee: Option<FuncId>,
    /// A callee on the way was found by name only.
    pub by_name: bool,
    /// Calls to the op that has the effect.
    pub distance: u32,
}

/// What running a function does.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// All effects, those of callees included.
    pub effects: Effects,
    witnesses: Vec<(u8, Witness)>,
}

impl Summary {
    /// The shortest proof of one effect bit.
    #[must_use]
    pub fn witness(&self, effect: Effects) -> Option<Witness> {
        let mut best: Option<Witness> = None;
        for (bit, witness) in &self.witnesses {
            if Effects(1 << bit).any(effect) && best.is_none_or(|b| witness.distance < b.distance) {
                best = Some(*witness);
            }
        }
        best
    }
}

/// Effects that stay inside a context manager function: they happen when the block is left.
const AT_EXIT: Effects = Effects(Effects::COMMIT.0 | Effects::ROLLBACK.0 | Effects::CLOSES.0 | Effects::DB_FLUSH.0);

/// What about a function changes how its effects reach callers.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct FuncTraits {
    /// A context manager function.
    pub manager: bool,
    /// A cache decorator remembers its results.
    pub cached: bool,
    /// Effects that the settings keep from callers.
    pub batched: Effects,
}

/// Which effects of a callee reach the caller through `site`.
pub(crate) fn reach(traits: FuncTraits, site: &Site, effects: Effects) -> Effects {
    let effects = effects.without(traits.batched);
    let effects = if site.remembered || traits.cached { effects.without(SAVED) } else { effects };
    // The call names the statement that the callee runs.
    let named = matches!(site.kind, SiteKind::Project) && !site.effects.is_empty();
    let effects = if named { effects.without(Effects::DB_EXECUTE) } else { effects };
    let effects = if starts_only(site) { effects.without(ITS_OWN) } else { effects };
    match site.place {
        Place::Here if traits.manager => effects.without(AT_EXIT),
        Place::Here => effects,
        // Blocking a worker thread stalls nobody else; the caller still waits for what it does.
        Place::Thread | Place::Process => effects.without(Effects::BLOCKS.with(Effects::SLEEP).with(Effects::CPU)),
        Place::Task | Place::AfterResponse | Place::AfterCommit => Effects::NONE,
    }
}

/// What a thread waits for that nobody waits for.
const ITS_OWN: Effects = Effects(
    Effects::NETWORK.0
        | Effects::MAIL.0
        | Effects::STORAGE.0
        | Effects::FILE_IO.0
        | Effects::SUBPROCESS.0
        | Effects::WAITS.0,
);

/// `threading.Thread(target=…)`: the caller goes on while the thread works.
fn starts_only(site: &Site) -> bool {
    matches!(site.kind, SiteKind::Library(row) if matches!(row.callee, "threading.Thread" | "threading.Timer"))
}

/// Computes all summaries.
pub(crate) fn summarise(code: &Code, sites: &Sites, traits: &[FuncTraits]) -> Vec<Summary> {
    let count = code.func_count();
    let mut summaries = vec![Summary::default(); count];
    let mut callers: Vec<Vec<(FuncId, u32, bool)>> = vec![Vec::new(); count];
    let mut queue: VecDeque<(FuncId, u8)> = VecDeque::new();
    for f in code.func_ids() {
        for (i, site) in sites.by_func.get(f.0 as usize).into_iter().flatten().enumerate() {
            for target in &site.targets {
                if let Some(list) = callers.get_mut(target.func.0 as usize) {
                    list.push((f, u32::try_from(i).unwrap_or(u32::MAX), target.by_name));
                }
            }
            if matches!(site.place, Place::Here | Place::Thread | Place::Process) {
                let witness = Witness { op: site.op, callee: None, by_name: site.guessed, distance: 0 };
                let own = if site.remembered { site.effects.without(SAVED) } else { site.effects };
                let visible = if site.place == Place::Here { own } else { Effects::NONE };
                add(&mut summaries, f, visible, witness, &mut queue);
            }
        }
    }
    // Breadth first over all effects at once: distances grow by one per call.
    while let Some((g, bit)) = queue.pop_front() {
        let Some(from) = summaries.get(g.0 as usize) else { continue };
        let Some(reason) = from.witnesses.iter().find(|(b, _)| *b == bit).map(|(_, w)| *w) else { continue };
        for &(f, site, by_name) in callers.get(g.0 as usize).into_iter().flatten() {
            let Some(site) = sites.by_func.get(f.0 as usize).and_then(|s| s.get(site as usize)) else { continue };
            let how = traits.get(g.0 as usize).copied().unwrap_or_default();
            let visible = reach(how, site, Effects(1 << bit));
            let witness = Witness {
                op: site.op,
                callee: Some(g),
                by_name: by_name || reason.by_name,
                distance: reason.distance + 1,
            };
            add(&mut summaries, f, visible, witness, &mut queue);
        }
    }
    for (summary, how) in summaries.iter_mut().zip(traits) {
        summary.effects = summary.effects.without(how.batched);
    }
    summaries
}

fn add(summaries: &mut [Summary], f: FuncId, effects: Effects, witness: Witness, queue: &mut VecDeque<(FuncId, u8)>) {
    let Some(summary) = summaries.get_mut(f.0 as usize) else { return };
    let fresh = effects.without(summary.effects);
    if fresh.is_empty() {
        return;
    }
    summary.effects |= fresh;
    for bit in 0..64u8 {
        if fresh.any(Effects(1 << bit)) {
            summary.witnesses.push((bit, witness));
            queue.push_back((f, bit));
        }
    }
}
