//! Who took the time: the inclusive times that databases print become exclusive ones that sum up to the root.

use crate::evidence::model::{Plan, PlanNode, Role};

/// Fills `inclusive_ms` and `exclusive_ms` from times of one loop.
///
/// Below a `Gather`, loops count in all processes while their time runs at once: it is divided by the processes that
/// took part. What runs once (`InitPlan`) or on demand (common table expressions) hangs in the plan where it is
/// declared, but its time runs inside whoever needs it: it is taken off there.
pub(super) fn attribute(plan: &mut Plan) {
    let shares = processes(plan);
    for (node, share) in plan.nodes.iter_mut().zip(shares) {
        if node.loops.is_some() {
            node.processes = share;
        }
        if !plan.timed {
            continue;
        }
        node.inclusive_ms = match (node.last_ms, node.loops) {
            (Some(ms), Some(loops)) => Some(ms * loops / share),
            (_, Some(_)) => Some(0.0),
            _ => None,
        };
    }
    if plan.timed {
        exclusive(plan);
    }
}

/// Exclusive from inclusive times.
pub(super) fn exclusive(plan: &mut Plan) {
    let mut own: Vec<Option<f64>> = plan.nodes.iter().map(|node| node.inclusive_ms).collect();
    let take = |own: &mut Vec<Option<f64>>, payer: usize, ms: f64| {
        if let Some(Some(own)) = own.get_mut(payer) {
            *own -= ms;
        }
    };
    for (at, node) in plan.nodes.iter().enumerate() {
        let (Some(ms), Some(parent)) = (node.inclusive_ms, node.parent) else { continue };
        match node.role {
            Role::Input | Role::Inner | Role::SubPlan => take(&mut own, parent, ms),
            Role::InitPlan => take(&mut own, needs(plan, at, parent, node), ms),
            Role::Common => {}
        }
    }
    // A common table's time lies in what is left of its scans; who came first had to wait for all of it.
    for node in plan.nodes.iter().filter(|node| node.role == Role::Common) {
        let (Some(ms), Some(parent)) = (node.inclusive_ms, node.parent) else { continue };
        let name = node.subplan.as_deref().and_then(|name| name.strip_prefix("CTE "));
        let left = |at: usize| own.get(at).copied().flatten().unwrap_or(0.0).max(0.0);
        let scans: Vec<(usize, f64)> = plan
            .nodes
            .iter()
            .enumerate()
            .filter(|(_, scan)| scan.operation == "CTE Scan" && scan.relation.as_deref() == name)
            .map(|(at, _)| (at, left(at)))
            .collect();
        let all: f64 = scans.iter().map(|(_, left)| left).sum();
        if all <= 0.0 {
            // One that changes rows and is never read runs below its declaration.
            take(&mut own, parent, ms);
        }
        for (at, left) in scans.into_iter().filter(|_| all > 0.0) {
            take(&mut own, at, ms * left / all);
        }
    }
    for (node, own) in plan.nodes.iter_mut().zip(own) {
        // Clocks are read apart: a parent may come out some microseconds below its inputs.
        node.exclusive_ms = own.map(|own| own.max(0.0));
    }
}

/// Processes that worked on each node at once.
fn processes(plan: &Plan) -> Vec<f64> {
    let mut shares: Vec<f64> = Vec::with_capacity(plan.nodes.len());
    for node in &plan.nodes {
        let parent = node.parent.and_then(|parent| plan.nodes.get(parent));
        let above = node.parent.and_then(|parent| shares.get(parent)).copied().unwrap_or(1.0);
        let own = match parent {
            Some(gather) if gather.operation.starts_with("Gather") && node.is_input() => took_part(gather, node),
            _ => 1.0,
        };
        // Sub-plans of a parallel node run in every process too, but a plan that runs once runs in one.
        shares.push(if node.role == Role::InitPlan { 1.0 } else { above * own });
    }
    shares
}

/// Workers and, unless it only collects, the leader.
fn took_part(gather: &PlanNode, input: &PlanNode) -> f64 {
    let most = gather.workers_launched.or(gather.workers_planned).unwrap_or(0.0) + 1.0;
    match (input.loops, gather.loops) {
        (Some(loops), Some(times)) if times > 0.0 && loops >= times => (loops / times).min(most).max(1.0),
        _ => most,
    }
}

/// The first node that uses the value of an `InitPlan`, else the one that declares it.
fn needs(plan: &Plan, at: usize, parent: usize, node: &PlanNode) -> usize {
    let Some(name) = node.subplan.as_deref() else { return parent };
    // `$0` up to version 16 counts parameters, not plans; both forms number from the first.
    let number = name.rsplit(' ').next().and_then(|number| number.parse::<usize>().ok()).unwrap_or(1);
    let parameter = format!("${}", number.saturating_sub(1));
    let end = descendants(plan, at);
    plan.nodes
        .iter()
        .enumerate()
        .skip(parent)
        .filter(|(other, _)| *other < at || *other >= end)
        .find(|(_, other)| {
            other.details.iter().any(|detail| mentions(&detail.value, name) || mentions(&detail.value, &parameter))
        })
        .map_or(parent, |(other, _)| other)
}

fn mentions(text: &str, name: &str) -> bool {
    text.match_indices(name).any(|(at, _)| {
        text.get(at + name.len()..).and_then(|rest| rest.chars().next()).is_none_or(|next| !next.is_ascii_digit())
    })
}

/// The end of a node's own part of the list.
fn descendants(plan: &Plan, at: usize) -> usize {
    let mut end = at + 1;
    while plan.nodes.get(end).and_then(|node| node.parent).is_some_and(|parent| parent >= at) {
        end += 1;
    }
    end
}
