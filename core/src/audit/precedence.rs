//! One defect, one scored finding: where several checks see the same place, the first of a chain
//! is the finding and the others become related notes on it.

use crate::report::model::{Finding, Step, Verdict};
use std::collections::BTreeMap;

/// CHECKS.md "One defect, one scored finding": the earlier wins over every later one of its chain.
const CHAINS: &[&[&str]] = &[
    &[
        "tx_handle_ignored",
        "dispatch_before_commit",
        "scope_too_wide",
        "long_held_transaction",
        "resource_scope_mismatch",
    ],
    &["tx_handle_ignored", "scope_too_narrow"],
    &["streaming_resource_holding", "long_held_transaction"],
    &["streaming_resource_holding", "factory_vs_injection", "resource_scope_mismatch"],
    &["error_path_leak", "missing_cleanup"],
    &["query_in_loop", "redundant_fetch", "unnecessary_resolve"],
    &["n_update_delete_loop", "missing_bulk_ops"],
    // A call that looks a row up and inserts it is one call per item.
    &["query_in_loop", "missing_bulk_ops"],
    &["sync_sleep_in_async", "blocking_io_in_async", "missing_to_thread"],
    &["large_payload", "over_fetching"],
];

/// Checks whose first step is the loop.
const PER_ITEM: &[&str] = &["query_in_loop", "n_update_delete_loop", "missing_bulk_ops"];

/// Whether `winner` is the finding where `loser` sees the same place.
#[must_use]
pub fn beats(winner: &str, loser: &str) -> bool {
    CHAINS.iter().any(|chain| {
        let place = |id: &str| chain.iter().position(|check| *check == id);
        matches!((place(winner), place(loser)), (Some(first), Some(second)) if first < second)
    })
}

/// Merges findings that lose into the one that wins; the order of the rest is kept.
#[must_use]
pub fn merge(findings: Vec<Finding>) -> Vec<Finding> {
    let target = targets(&findings);
    let mut kept: Vec<Option<Finding>> = findings.into_iter().map(Some).collect();
    for (loser, winner) in target.into_iter().enumerate() {
        let Some(winner) = winner else { continue };
        let Some(lost) = kept.get_mut(loser).and_then(Option::take) else { continue };
        if let Some(Some(winner)) = kept.get_mut(winner) {
            absorb(winner, lost);
        }
    }
    kept.into_iter().flatten().collect()
}

/// For each finding the one that it merges into, chains of merges followed to their end.
fn targets(findings: &[Finding]) -> Vec<Option<usize>> {
    // Only the same place and checks of a chain can win: comparing all of a file would cost a generated
    // module the square of its findings.
    let mut places: BTreeMap<(&str, &str, u32), Vec<usize>> = BTreeMap::new();
    let mut checks: BTreeMap<&str, BTreeMap<&str, Vec<usize>>> = BTreeMap::new();
    for (index, finding) in findings.iter().enumerate() {
        let (path, check) = (finding.path.as_str(), finding.check.as_str());
        places.entry((path, check, finding.line)).or_default().push(index);
        checks.entry(path).or_default().entry(check).or_default().push(index);
    }
    let winner_of = |(index, finding): (usize, &Finding)| {
        let (path, check) = (finding.path.as_str(), finding.check.as_str());
        let here = places.get(&(path, check, finding.line)).into_iter();
        let chained = checks.get(path).into_iter().flatten().filter(|(other, _)| **other != check);
        let chained = chained.filter(|(other, _)| beats(other, check)).map(|(_, found)| found);
        here.chain(chained)
            .flatten()
            .filter_map(|&other| Some((other, findings.get(other)?)))
            .filter(|(other, winner)| takes_over(winner, *other, finding, index))
            .min_by(|(i, a), (j, b)| rank(a).cmp(&rank(b)).then(i.cmp(j)))
            .map(|(other, _)| other)
    };
    let nearer = nearer(findings);
    let direct: Vec<Option<usize>> = findings
        .iter()
        .enumerate()
        .map(|(index, finding)| winner_of((index, finding)).or_else(|| nearer.get(&index).copied()))
        .collect();
    (0..findings.len())
        .map(|start| {
            let mut end = None;
            let mut at = start;
            // `takes_over` is a strict order and what is nearer has fewer steps, so the walk ends.
            while let Some(Some(next)) = direct.get(at) {
                end = Some(*next);
                at = *next;
            }
            end
        })
        .collect()
}

/// An N+1 that is told at the loop of a helper, and again at a loop that calls it: the finding at the helper's loop, which
/// both name as a step and where both end, stays.
fn nearer(findings: &[Finding]) -> BTreeMap<usize, usize> {
    const CHECK: &str = "query_in_loop";
    let told = |finding: &&Finding| finding.check == CHECK && finding.verdict == Verdict::Counted;
    let mut places: BTreeMap<(&str, u32), usize> = BTreeMap::new();
    for (index, finding) in findings.iter().enumerate().filter(|(_, finding)| told(finding)) {
        places.entry((&finding.path, finding.line)).or_insert(index);
    }
    let end = |finding: &Finding| finding.steps.last().map(|step| (step.path.clone(), step.line));
    let inner = |(index, outer): (usize, &Finding)| {
        let mut on_the_way = outer.steps.iter().skip(1).rev();
        let found = on_the_way.find_map(|step| {
            let other = *places.get(&(step.path.as_str(), step.line))?;
            let inner = findings.get(other)?;
            let same = inner.symbol == outer.symbol && inner.path == outer.path;
            let shorter = inner.steps.len() < outer.steps.len();
            (other != index && !same && shorter && end(inner) == end(outer)).then_some(other)
        })?;
        Some((index, found))
    };
    findings.iter().enumerate().filter(|(_, finding)| told(finding)).filter_map(inner).collect()
}

/// Where several would win: the head of the chains, then the first place.
fn rank(finding: &Finding) -> (usize, &str, u32, u32) {
    let position = CHAINS
        .iter()
        .filter_map(|chain| chain.iter().position(|check| *check == finding.check))
        .max()
        .unwrap_or(usize::MAX);
    (position, &finding.path, finding.line, finding.column)
}

fn takes_over(winner: &Finding, winner_index: usize, loser: &Finding, loser_index: usize) -> bool {
    if winner_index == loser_index || winner.path != loser.path {
        return false;
    }
    if winner.check == loser.check {
        // The same check twice at one position: the worse, else the earlier, stays.
        let same = (winner.line, winner.column, &winner.symbol) == (loser.line, loser.column, &loser.symbol);
        return same && (winner.verdict, winner.severity, winner_index) < (loser.verdict, loser.severity, loser_index);
    }
    // What cannot be decided never hides what was.
    let decided = winner.verdict != Verdict::NeedsContext || loser.verdict == Verdict::NeedsContext;
    decided && beats(&winner.check, &loser.check) && same_place(winner, loser)
}

/// Overlapping lines, or one enclosing symbol and an identical step.
fn same_place(a: &Finding, b: &Finding) -> bool {
    let overlap = a.line <= b.end_line.max(b.line) && b.line <= a.end_line.max(a.line);
    // Two statements of one loop share the step that opens it and are two defects all the same.
    let per_item = PER_ITEM.contains(&a.check.as_str()) && PER_ITEM.contains(&b.check.as_str());
    let shares_step =
        || !per_item && a.steps.iter().any(|x| b.steps.iter().any(|y| x.path == y.path && x.line == y.line));
    overlap || (a.symbol == b.symbol && !a.symbol.is_empty() && shares_step())
}

fn absorb(winner: &mut Finding, lost: Finding) {
    let mut also = vec![lost.check.clone()];
    also.extend(lost.also);
    for check in also {
        if check != winner.check && !winner.also.contains(&check) {
            winner.also.push(check);
        }
    }
    if lost.check == winner.check && (&lost.path, lost.line) == (&winner.path, winner.line) {
        return;
    }
    let own = Step { path: lost.path, line: lost.line, message: format!("`{}`: {}", lost.check, lost.message) };
    for step in std::iter::once(own).chain(lost.steps).chain(lost.related) {
        let known = |other: &Step| other.path == step.path && other.line == step.line && other.message == step.message;
        if !winner.related.iter().any(known) && !winner.steps.iter().any(known) {
            winner.related.push(step);
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing)]
    use super::*;
    use crate::audit::sample::finding;
    use crate::report::model::Severity::{High, Low, Medium};

    #[test]
    fn chains_are_known_checks_and_transitive() {
        for check in CHAINS.iter().flat_map(|chain| chain.iter()) {
            assert!(crate::checks::find(check).is_some(), "{check}");
        }
        assert!(beats("dispatch_before_commit", "long_held_transaction"));
        assert!(beats("query_in_loop", "unnecessary_resolve"));
        assert!(beats("streaming_resource_holding", "long_held_transaction"));
        assert!(!beats("redundant_fetch", "query_in_loop"));
        assert!(!beats("query_in_loop", "blocking_io_in_async"));
    }

    #[test]
    fn the_first_of_the_chain_is_the_finding() {
        let mut sleep = finding("sync_sleep_in_async", High, "a.py", 10);
        let mut block = finding("blocking_io_in_async", High, "a.py", 10);
        block.steps = vec![Step { path: "b.py".into(), line: 3, message: "`wait` sleeps".into() }];
        sleep.end_line = 12;
        let merged = merge(vec![block.clone(), sleep.clone()]);
        assert_eq!(merged.len(), 1);
        assert_eq!(merged[0].check, "sync_sleep_in_async");
        assert_eq!(merged[0].also, ["blocking_io_in_async"]);
        assert_eq!(merged[0].related.len(), 2);
        assert_eq!(merge(vec![sleep, block]), merged);
    }

    #[test]
    fn chains_of_merges_end_in_one_finding() {
        let mut wide = finding("scope_too_wide", High, "a.py", 10);
        wide.end_line = 20;
        let mut long = finding("long_held_transaction", Medium, "a.py", 20);
        long.end_line = 30;
        let mut mismatch = finding("resource_scope_mismatch", Medium, "a.py", 30);
        mismatch.end_line = 31;
        let merged = merge(vec![mismatch, long, wide]);
        assert_eq!(merged.len(), 1);
        assert_eq!(merged[0].check, "scope_too_wide");
        assert_eq!(merged[0].also, ["resource_scope_mismatch", "long_held_transaction"]);
    }

    #[test]
    fn two_statements_of_one_loop_are_two_findings() {
        let step = Step { path: "a.py".into(), line: 7, message: "the loop over `orders` opens".into() };
        let mut query = finding("query_in_loop", High, "a.py", 10);
        query.steps = vec![step.clone()];
        let mut insert = finding("missing_bulk_ops", Medium, "a.py", 12);
        insert.steps = vec![step];
        assert_eq!(merge(vec![query.clone(), insert.clone()]).len(), 2);
        // One call that looks up and inserts is one.
        insert.line = 10;
        insert.end_line = 10;
        let merged = merge(vec![query, insert]);
        assert_eq!(merged.len(), 1);
        assert_eq!(merged[0].also, ["missing_bulk_ops"]);
    }

    #[test]
    fn a_loop_that_calls_a_helper_with_a_loop_of_its_own_is_told_at_the_helper() {
        let step = |path: &str, line| Step { path: path.into(), line, message: "a step".into() };
        let mut inner = finding("query_in_loop", High, "b.py", 21);
        inner.symbol = "helper".into();
        inner.steps = vec![step("b.py", 20), step("b.py", 21)];
        let mut outer = finding("query_in_loop", High, "a.py", 10);
        outer.symbol = "view".into();
        outer.steps = vec![step("a.py", 9), step("a.py", 10), step("b.py", 21)];
        let merged = merge(vec![outer.clone(), inner.clone()]);
        assert_eq!(merged.len(), 1);
        assert_eq!((merged[0].path.as_str(), merged[0].line), ("b.py", 21));
        assert!(merged[0].related.iter().any(|step| step.path == "a.py" && step.line == 10));
        // Another query of the helper is another defect.
        outer.steps.push(step("b.py", 30));
        assert_eq!(merge(vec![outer, inner]).len(), 2);
    }

    #[test]
    fn one_symbol_and_an_identical_step_is_the_same_place() {
        let step = Step { path: "x.py".into(), line: 7, message: "loop over `orders` opens".into() };
        let mut query = finding("query_in_loop", High, "a.py", 10);
        query.steps = vec![step.clone()];
        let mut fetch = finding("redundant_fetch", High, "a.py", 15);
        fetch.steps = vec![step];
        assert_eq!(merge(vec![query.clone(), fetch.clone()]).len(), 1);
        fetch.symbol = "other".into();
        assert_eq!(merge(vec![query, fetch]).len(), 2);
    }

    #[test]
    fn other_places_other_chains_and_other_files_stay_apart() {
        let all = vec![
            finding("query_in_loop", High, "a.py", 10),
            finding("blocking_io_in_async", High, "a.py", 10),
            finding("redundant_fetch", High, "b.py", 10),
            finding("redundant_fetch", High, "a.py", 11),
        ];
        assert_eq!(merge(all.clone()), all);
    }

    #[test]
    fn what_needs_context_never_hides_a_decided_finding() {
        let mut doubtful = finding("query_in_loop", Low, "a.py", 10);
        doubtful.verdict = Verdict::NeedsContext;
        let fetch = finding("redundant_fetch", High, "a.py", 10);
        assert_eq!(merge(vec![doubtful.clone(), fetch.clone()]).len(), 2);
        let mut second = fetch;
        second.verdict = Verdict::NeedsContext;
        assert_eq!(merge(vec![doubtful, second]).len(), 1);
    }

    #[test]
    fn the_same_check_twice_at_one_position_is_one_finding() {
        let merged =
            merge(vec![finding("query_in_loop", Medium, "a.py", 10), finding("query_in_loop", High, "a.py", 10)]);
        assert_eq!(merged.len(), 1);
        assert_eq!((merged[0].severity, merged[0].also.len()), (High, 0));
    }
}
