//! Branches that end a transaction where their condition holds.

use super::{Gate, State, States};
use crate::model::{Body, RegionId, RegionKind};

/// What an arm does to the transactions that callers share.
pub(super) fn of_arm(arm: usize, states: &States) -> impl Iterator<Item = Gate> + '_ {
    states.iter().filter(|(handle, _)| handle.is_shared()).map(move |(handle, state)| Gate {
        arm: RegionId(u32::try_from(arm).unwrap_or(u32::MAX)),
        handle: handle.clone(),
        taken: state.clone(),
        either: State::default(),
    })
}

/// Keeps the arms that end what is open after the branch.
pub(super) fn keep(gates: &mut Vec<Gate>, ends: Vec<Gate>, out: Option<&States>) {
    for mut gate in ends {
        let Some(either) = out.and_then(|states| states.get(&gate.handle)) else { continue };
        // What it leaves open may be read anew after the commit.
        let written = |state: &State| state.open.is_some_and(|opened| opened.writes);
        if either.open.is_some() && gate.taken.open.is_none() || written(either) && !written(&gate.taken) {
            gate.either = either.clone();
            gates.retain(|known| known.arm != gate.arm || known.handle != gate.handle);
            gates.push(gate);
        }
    }
}

/// Whether a region runs whenever the function does.
pub(super) fn always(body: &Body, id: usize) -> bool {
    let mut at = id;
    while let Some(region) = body.regions.get(at).filter(|_| at > 0) {
        let once = matches!(
            region.kind,
            RegionKind::Branch | RegionKind::Try | RegionKind::TryBody | RegionKind::Finally | RegionKind::With { .. }
        );
        if !once {
            return false;
        }
        at = region.parent.0 as usize;
    }
    true
}
