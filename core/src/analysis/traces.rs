//! What was seen to happen to a value that must be released.

use super::code::FuncId;
use crate::model::{Body, RegionKind, Sym, ValueId};

/// Everything that happens to one value, by kind; each with the first op that does it.
#[derive(Clone, Debug, Default)]
pub struct Trace {
    /// Entered with a `with` that releases it.
    pub managed: Option<ValueId>,
    /// Entered with a `with` that only ends the transaction.
    pub half_managed: Option<ValueId>,
    /// Taken over by a library callee: `closing`, `enter_context`, `putconn`.
    pub taken: Option<(ValueId, String)>,
    /// Closed in a `finally`.
    pub closed_finally: Option<ValueId>,
    /// Closed by a function of the project that always does.
    pub closed_by: Option<(ValueId, FuncId)>,
    /// Closed, but an exception before skips it.
    pub closed: Vec<ValueId>,
    /// Closed in an `except` only.
    pub closed_in_handler: Option<ValueId>,
    /// Returned.
    pub returned: Option<ValueId>,
    /// Yielded.
    pub yielded: Option<ValueId>,
    /// Stored in an attribute: op, attribute, whether its owner is `self`, whether the owner closes it.
    pub stored: Option<(ValueId, Sym, bool)>,
    /// The owner in which it is stored closes it.
    pub owner_closes: bool,
    /// Stored in a module global.
    pub global: Option<ValueId>,
    /// Put in a container.
    pub contained: Option<ValueId>,
    /// Put under a constant key of a parameter: op, key and the parameter's name.
    pub keyed: Option<(ValueId, Sym, String)>,
    /// A nested function that outlives the call uses it.
    pub captured: Option<FuncId>,
    /// Passed to something that may own it: op and its name.
    pub passed: Option<(ValueId, String)>,
    /// Every op that releases it.
    pub releases: Vec<ValueId>,
}

impl Trace {
    /// It is returned, and nothing else keeps or closes it.
    pub(super) fn only_returned(&self) -> bool {
        self.returned.is_some()
            && self.stored.is_none()
            && self.global.is_none()
            && self.contained.is_none()
            && self.captured.is_none()
            && self.passed.is_none()
            && self.taken.is_none()
            && self.managed.is_none()
            && self.closed_finally.is_none()
            && self.closed.is_empty()
    }

    /// Something keeps it beyond the call: a caller that gets it back, an owner, a closure.
    pub(super) fn outlives(&self) -> bool {
        self.returned.is_some()
            || self.stored.is_some()
            || self.global.is_some()
            || self.contained.is_some()
            || self.captured.is_some()
    }

    /// Whether it leaves the function in any way.
    pub(super) fn leaves(&self) -> bool {
        self.returned.is_some()
            || self.yielded.is_some()
            || self.stored.is_some()
            || self.global.is_some()
            || self.contained.is_some()
            || self.captured.is_some()
            || self.passed.is_some()
            || self.taken.is_some()
            || self.managed.is_some()
    }
}

pub(super) fn closes(body: &Body, at: ValueId, trace: &mut Trace) {
    trace.releases.push(at);
    if inside(body, at, |kind| matches!(kind, RegionKind::Finally)) {
        set(&mut trace.closed_finally, at);
    } else if inside(body, at, |kind| matches!(kind, RegionKind::Handler { .. })) {
        set(&mut trace.closed_in_handler, at);
    } else {
        trace.closed.push(at);
    }
}

pub(super) fn set_closed_by(body: &Body, call: ValueId, g: FuncId, trace: &mut Trace) {
    trace.releases.push(call);
    if inside(body, call, |kind| matches!(kind, RegionKind::Handler { .. })) {
        set(&mut trace.closed_in_handler, call);
    } else {
        set(&mut trace.closed_by, (call, g));
    }
}

/// Whether an op lies in a region of a kind.
#[must_use]
pub fn inside(body: &Body, v: ValueId, kind: impl Fn(&RegionKind) -> bool) -> bool {
    body.regions.iter().any(|region| region.start <= v.0 && v.0 < region.end && kind(&region.kind))
}

pub(super) fn set<T>(slot: &mut Option<T>, value: T) {
    if slot.is_none() {
        *slot = Some(value);
    }
}
