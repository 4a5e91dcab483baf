//! What a call graph says of how time hangs together: for each function how much of it, with what it called, goes to which
//! caller. Calls that lead back to a function which is still running are left out, so that the graph has no cycle and
//! whatever is spent ends up at a root. Totals are added up from what functions took themselves: tools count the totals of
//! coroutines and greenlets, which leave and come back, for the wrong caller or not at all. Waiting for events is no time.

use super::model::profile::{Function, Origin, Profile};
use super::rules::charge::weight;
use crate::order::InOrder as _;

/// A call graph without cycles.
#[derive(Debug, Default)]
pub struct Shares {
    /// Functions that nothing calls, but for what they call themselves; the largest first.
    pub roots: Vec<usize>,
    /// Of each function what it took with all below it.
    pub totals: Vec<f64>,
    /// Of each function what it called, with the value that goes to it.
    pub below: Vec<Vec<(usize, f64)>>,
}

/// Weight of a call that has no figure.
const LEAST: f64 = 1e-15;

/// State of a function while the graph is walked.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Walk {
    New,
    Running,
    Done,
}

/// What a function took itself while it did something.
#[must_use]
pub fn own(function: &Function) -> f64 {
    if function.origin == Origin::Idle { 0.0 } else { function.self_value.max(0.0) }
}

/// The shares of `profile`. Every function is below a root or one itself, and the roots' totals sum to the busy time.
#[must_use]
pub fn shares(profile: &Profile) -> Shares {
    let count = profile.functions.len();
    let mut calls: Vec<Vec<(usize, f64)>> = vec![Vec::new(); count];
    let mut called = vec![false; count];
    // The project's functions that only others call: an event loop, a server.
    let mut entry = vec![true; count];
    for edge in profile.edges.iter().filter(|edge| edge.caller != edge.callee) {
        let (caller, callee) = (edge.caller as usize, edge.callee as usize);
        let Some(called) = called.get_mut(callee) else { continue };
        if let Some(calls) = calls.get_mut(caller) {
            // A call without any figure still tells who called, where nobody else did.
            calls.push((callee, weight(edge).max(LEAST)));
            *called = true;
        }
        let of_project =
            |at: usize| profile.functions.get(at).is_some_and(|function| function.origin == Origin::Project);
        if let Some(entry) = entry.get_mut(callee) {
            *entry &= of_project(callee) && !of_project(caller);
        }
    }
    // The heaviest first: the calls that close a cycle are then those that weigh little.
    for calls in &mut calls {
        calls.order_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    }
    let total = |at: &usize| profile.functions.get(*at).map_or(0.0, |function| function.total);
    let is_called = |at: &usize| called.get(*at).copied().unwrap_or(false);
    let mut starts: Vec<usize> = (0..count).collect();
    // Where all functions have a caller, as in an event loop, the project's own begin that no other of it calls.
    starts.order_by(|a, b| (is_called(a), a).cmp(&(is_called(b), b)));
    let (free, bound) = starts.split_at(starts.partition_point(|at| !is_called(at)));
    let mut bound = bound.to_vec();
    let inner = |at: &usize| !entry.get(*at).copied().unwrap_or(false);
    bound.order_by(|a, b| inner(a).cmp(&inner(b)).then(total(b).total_cmp(&total(a))).then(a.cmp(b)));

    let mut kept: Vec<Vec<(usize, f64)>> = vec![Vec::new(); count];
    let mut weights = vec![0.0; count];
    // Callees before their callers.
    let mut order = Vec::with_capacity(count);
    let mut state = vec![Walk::New; count];
    for start in free.iter().chain(&bound) {
        walk(*start, &calls, &mut state, &mut kept, &mut order);
    }
    for (callee, weight) in kept.iter().flatten() {
        if let Some(sum) = weights.get_mut(*callee) {
            *sum += weight;
        }
    }
    let mut totals: Vec<f64> = profile.functions.iter().map(own).collect();
    for at in &order {
        let mut sum = totals.get(*at).copied().unwrap_or_default();
        for (callee, weight) in kept.get_mut(*at).into_iter().flatten() {
            let all = weights.get(*callee).copied().unwrap_or_default();
            let part = if all > 0.0 { *weight / all } else { 0.0 };
            *weight = totals.get(*callee).copied().unwrap_or_default() * part;
            sum += *weight;
        }
        if let Some(total) = totals.get_mut(*at) {
            *total = sum;
        }
    }
    let mut roots: Vec<usize> = (0..count).filter(|at| weights.get(*at).is_none_or(|sum| *sum <= 0.0)).collect();
    let size = |at: &usize| totals.get(*at).copied().unwrap_or_default();
    roots.order_by(|a, b| size(b).total_cmp(&size(a)).then(a.cmp(b)));
    Shares { roots, totals, below: kept }
}

/// Walks from `start`, without recursion; keeps the calls that lead to nothing that is still running.
fn walk(
    start: usize,
    calls: &[Vec<(usize, f64)>],
    state: &mut [Walk],
    kept: &mut [Vec<(usize, f64)>],
    order: &mut Vec<usize>,
) {
    let fresh = |state: &mut [Walk], at: usize| match state.get_mut(at) {
        Some(known) if *known == Walk::New => {
            *known = Walk::Running;
            true
        }
        _ => false,
    };
    if !fresh(state, start) {
        return;
    }
    let mut stack = vec![(start, 0usize)];
    while let Some((at, next)) = stack.last_mut() {
        let call = calls.get(*at).and_then(|calls| calls.get(*next)).copied();
        let Some((callee, weight)) = call else {
            order.push(*at);
            if let Some(known) = state.get_mut(*at) {
                *known = Walk::Done;
            }
            stack.pop();
            continue;
        };
        *next += 1;
        if state.get(callee) == Some(&Walk::Running) {
            continue;
        }
        if let Some(kept) = kept.get_mut(*at) {
            kept.push((callee, weight));
        }
        if fresh(state, callee) {
            stack.push((callee, 0));
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing)]
    use super::*;
    use crate::evidence::model::profile::{Edge, Method, Runtime, Unit};

    fn profile(functions: &[(f64, f64)], edges: &[(u32, u32, u64, f64, f64)]) -> Profile {
        let function = |(self_value, total): &(f64, f64)| Function {
            name: String::new(),
            path: String::new(),
            line: 0,
            column: 0,
            origin: Origin::Project,
            self_value: *self_value,
            total: *total,
            calls: None,
            outer_calls: None,
        };
        let edge = |(caller, callee, calls, self_value, total): &(u32, u32, u64, f64, f64)| Edge {
            caller: *caller,
            callee: *callee,
            calls: *calls,
            self_value: *self_value,
            total: *total,
        };
        Profile {
            tool: String::new(),
            runtime: Runtime::Python,
            unit: Unit::Seconds,
            method: Method::EveryCall,
            duration_seconds: None,
            threads: Vec::new(),
            functions: functions.iter().map(function).collect(),
            edges: edges.iter().map(edge).collect(),
            nodes: Vec::new(),
            samples: Vec::new(),
            lines: Vec::new(),
        }
    }

    #[track_caller]
    fn sums(profile: &Profile) -> Shares {
        let shares = shares(profile);
        let roots: f64 = shares.roots.iter().map(|at| shares.totals[*at]).sum();
        // A call weighs a nanosecond at least.
        let rounded = |value: f64| (value * 1e6).round() / 1e6;
        assert!((roots - profile.busy()).abs() < 1e-9, "{roots} of {}", profile.busy());
        let totals = shares.totals.into_iter().map(rounded).collect();
        let below = |calls: Vec<(usize, f64)>| calls.into_iter().map(|(at, value)| (at, rounded(value))).collect();
        Shares { roots: shares.roots, totals, below: shares.below.into_iter().map(below).collect() }
    }

    #[test]
    fn a_plain_graph_is_shared_out_by_what_each_caller_caused() {
        let found = sums(&profile(
            &[(1.0, 10.0), (2.0, 6.0), (0.0, 3.0), (7.0, 7.0)],
            &[(0, 1, 1, 2.0, 6.0), (0, 2, 1, 0.0, 3.0), (1, 3, 1, 4.0, 4.0), (2, 3, 1, 3.0, 3.0)],
        ));
        assert_eq!((found.roots, found.totals), (vec![0], vec![10.0, 6.0, 3.0, 7.0]));
        assert_eq!((found.below[1].clone(), found.below[2].clone()), (vec![(3, 4.0)], vec![(3, 3.0)]));
    }

    #[test]
    fn where_every_function_has_a_caller_the_largest_begins() {
        // A loop that resumes a coroutine, which waits for the loop: totals of the calls are not to be had.
        let found = sums(&profile(
            &[(0.1, 0.5), (0.4, 5.6), (1.0, 5.5), (2.5, 2.5)],
            &[
                (0, 1, 80, 0.4, 0.0),
                (1, 2, 79, 1.0, 0.0),
                (2, 3, 800, 2.5, 0.0),
                (3, 0, 5, 0.1, 0.1),
                (2, 2, 9, 0.1, 0.1),
            ],
        ));
        assert_eq!(found.roots, [1]);
        assert_eq!(found.below[1], [(2, 3.6)]);
        assert_eq!(found.below[0], [], "its call closes the circle");
    }

    #[test]
    fn waiting_for_events_is_nobodys_time() {
        let mut waits = profile(&[(1.0, 10.0), (9.0, 9.0)], &[(0, 1, 5, 9.0, 9.0)]);
        waits.functions[1].origin = Origin::Idle;
        assert_eq!(sums(&waits).totals, [1.0, 0.0]);
    }

    #[test]
    fn time_of_two_that_call_each_other_stays_below_their_caller() {
        let found = sums(&profile(
            &[(1.0, 6.0), (2.0, 5.0), (3.0, 4.0)],
            &[(0, 1, 1, 2.0, 5.0), (1, 2, 3, 3.0, 4.0), (2, 1, 2, 1.0, 3.0)],
        ));
        assert_eq!((found.roots, found.totals), (vec![0], vec![6.0, 5.0, 3.0]));
    }

    #[test]
    fn the_project_begins_where_only_others_call_it() {
        // A library's function saw more of the time than the coroutine that a loop resumes.
        let mut graph = profile(
            &[(0.1, 9.0), (0.4, 5.0), (3.5, 8.0)],
            &[(0, 1, 9, 0.4, 0.0), (1, 2, 9, 3.5, 0.0), (2, 0, 9, 0.1, 0.0)],
        );
        graph.functions[0].origin = Origin::Builtin;
        graph.functions[2].origin = Origin::Library;
        assert_eq!(sums(&graph).roots, [1]);
    }

    #[test]
    fn calls_without_figures_and_functions_that_are_not_there_lose_nothing() {
        let edges = [(0, 1, 0, 0.0, 0.0), (7, 1, 1, 1.0, 1.0), (1, 9, 1, 1.0, 1.0)];
        let found = sums(&profile(&[(1.0, 1.0), (2.0, 2.0)], &edges));
        assert_eq!((found.roots, found.totals), (vec![0], vec![3.0, 2.0]));
    }
}
