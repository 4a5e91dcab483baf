//! Who is to be charged: time and memory of libraries, builtins and the runtime belongs to the nearest function of the
//! project that called them. Exact where the profile has stacks; from a call graph in proportion to what each caller
//! caused, as gprof does.

use crate::evidence::model::profile::{Edge, Origin, Profile};

/// Value of each function itself plus that of the libraries which it called. What no project function called stays with
/// its own function, so that the sum is the whole profile.
#[must_use]
pub fn charged(profile: &Profile) -> Vec<f64> {
    if profile.nodes.is_empty() {
        let own: Vec<f64> = profile.functions.iter().map(|function| function.self_value).collect();
        return push_up(profile, own);
    }
    let mut charges = vec![0.0; profile.functions.len()];
    let nearest = nearest_project(profile);
    for (index, node) in profile.nodes.iter().enumerate() {
        let owner = nearest.get(index).copied().flatten().and_then(|node| profile.node(node));
        let function = owner.map_or(node.function, |owner| owner.function);
        if let Some(charge) = charges.get_mut(function as usize) {
            *charge += node.self_value;
        }
    }
    charges
}

/// For each node of the tree, itself or the nearest caller that is the project's.
#[must_use]
pub fn nearest_project(profile: &Profile) -> Vec<Option<u32>> {
    let mut nearest: Vec<Option<u32>> = Vec::with_capacity(profile.nodes.len());
    for (index, node) in profile.nodes.iter().enumerate() {
        let own = profile.function(node.function).is_some_and(|function| function.origin == Origin::Project);
        let above = || node.parent.and_then(|parent| nearest.get(parent as usize).copied().flatten());
        nearest.push(if own { Some(index as u32) } else { above() });
    }
    nearest
}

/// Rounds of handing up; a chain of libraries is rarely longer.
const ROUNDS: usize = 200;

/// Hands values of foreign functions to their callers until they have come to the project or to a root.
#[must_use]
pub fn push_up(profile: &Profile, mut values: Vec<f64>) -> Vec<f64> {
    let mut shares: Vec<Vec<(usize, f64)>> = vec![Vec::new(); profile.functions.len()];
    for edge in &profile.edges {
        if let Some(shares) = shares.get_mut(edge.callee as usize).filter(|_| edge.caller != edge.callee) {
            shares.push((edge.caller as usize, weight(edge)));
        }
    }
    let foreign: Vec<usize> = (0..profile.functions.len())
        .filter(|index| profile.functions.get(*index).is_some_and(|function| function.origin.is_foreign()))
        .collect();
    for _ in 0..ROUNDS {
        let mut moved = 0.0;
        for index in &foreign {
            let callers = shares.get(*index).map(Vec::as_slice).unwrap_or_default();
            let sum: f64 = callers.iter().map(|(_, weight)| weight).sum();
            let Some(value) = values.get_mut(*index).filter(|value| sum > 0.0 && **value > 0.0) else { continue };
            let value = std::mem::take(value);
            moved += value;
            for (caller, weight) in callers {
                if let Some(charge) = values.get_mut(*caller) {
                    *charge += value * weight / sum;
                }
            }
        }
        if moved < 1e-9 {
            break;
        }
    }
    values
}

/// What a caller caused: time, or calls where the tool has no times for callers.
#[must_use]
pub fn weight(edge: &Edge) -> f64 {
    // A call that took no measurable time still counts a little.
    edge.total.max(edge.self_value).max(0.0) + edge.calls as f64 * 1e-9
}
