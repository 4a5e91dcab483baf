//! What to mend: the findings that bring most, and those that the next better band needs. Pure arithmetic in tenths.

use super::filter::by_priority;
use super::marks::Marks;
use drydock_core::audit::score::{BEST_TENTHS, overall_tenths};
use drydock_core::order::InOrder as _;
use drydock_core::report::model::{Band, Category, CategoryState, Effort, Finding, Report, Verdict};
use std::cmp::Reverse;

/// What fixing a few findings would bring.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FirstFixes {
    /// Positions in the report's findings.
    pub findings: Vec<usize>,
    /// Hours, roughly.
    pub hours: u32,
    /// Overall score in tenths before.
    pub before: u32,
    /// And after.
    pub after: u32,
    /// After each of them and those before it.
    pub steps: Vec<u32>,
    /// Sum of penalties in tenths before.
    pub penalty_before: u32,
    /// And after.
    pub penalty_after: u32,
}

/// Hours that an effort stands for.
#[must_use]
pub const fn hours(effort: Effort) -> u32 {
    match effort {
        Effort::S => 1,
        Effort::M => 3,
        Effort::L => 8,
    }
}

/// The findings to mend first, at most `limit`, and what that would bring: worst severity first, among
/// equals what raises the score most, then the smaller work. What is marked as fixed is taken at its word: it is left
/// out, and the scores start from those without it.
#[must_use]
pub fn first_fixes(report: &Report, marks: &Marks, limit: usize) -> Option<FirstFixes> {
    let judged: Vec<(Category, u32)> = report
        .categories
        .iter()
        .filter(|score| score.status == CategoryState::Completed)
        .map(|score| (score.category, score.penalty_tenths))
        .collect();
    let mut penalties: Vec<u32> = judged.iter().map(|(_, penalty)| *penalty).collect();
    let mend = |penalties: &mut Vec<u32>, finding: &Finding| {
        if let Some(at) = judged.iter().position(|(category, _)| *category == finding.category)
            && let Some(penalty) = penalties.get_mut(at)
        {
            *penalty = penalty.saturating_sub(finding.severity.penalty_tenths());
        }
    };
    let mut open: Vec<(usize, &Finding)> = Vec::new();
    for (position, finding) in report.findings.iter().enumerate().filter(|(_, one)| one.verdict == Verdict::Counted) {
        if marks.has(finding) {
            mend(&mut penalties, finding);
        } else {
            open.push((position, finding));
        }
    }
    let before = overall_tenths(&penalties)?;
    let penalty_before = penalties.iter().sum();
    open.order_by(|a, b| by_priority(a.1, b.1));
    let mut findings = Vec::new();
    let mut steps = Vec::new();
    let mut total_hours = 0;
    while findings.len() < limit {
        let gain = |finding: &Finding| -> u32 {
            let found = judged.iter().zip(&penalties).find(|((category, _), _)| *category == finding.category);
            found.map_or(0, |(_, now)| gain(*now, finding))
        };
        let Some(best) = open
            .iter()
            .enumerate()
            .min_by_key(|(rank, (_, finding))| {
                (finding.severity, Reverse(gain(finding)), finding.confidence, finding.effort, *rank)
            })
            .map(|(rank, _)| rank)
        else {
            break;
        };
        let (position, finding) = open.remove(best);
        mend(&mut penalties, finding);
        total_hours += hours(finding.effort);
        findings.push(position);
        steps.push(overall_tenths(&penalties)?);
    }
    Some(FirstFixes {
        findings,
        hours: total_hours,
        before,
        after: *steps.last()?,
        steps,
        penalty_before,
        penalty_after: penalties.iter().sum(),
    })
}

/// What mending a finding adds to the score of its category, whose penalty is `now`.
fn gain(now: u32, finding: &Finding) -> u32 {
    BEST_TENTHS.saturating_sub(now.saturating_sub(finding.severity.penalty_tenths())) - BEST_TENTHS.saturating_sub(now)
}

/// The next better band and the fewest findings to mend for it.
#[must_use]
pub fn next_level(report: &Report) -> Option<(Band, Vec<usize>)> {
    let (next, floor) = match report.overall.band? {
        Band::Critical => (Band::Significant, 40),
        Band::Significant => (Band::Moderate, 60),
        Band::Moderate => (Band::Minor, 80),
        Band::Minor => (Band::NoIssues, BEST_TENTHS + 1),
        Band::NoIssues => return None,
    };
    // For each judged category its penalty and its findings, the worst last.
    let mut open: Vec<(u32, Vec<(usize, &Finding)>)> = Vec::new();
    for score in report.categories.iter().filter(|score| score.status == CategoryState::Completed) {
        let mut findings: Vec<(usize, &Finding)> = report
            .findings
            .iter()
            .enumerate()
            .filter(|(_, one)| one.verdict == Verdict::Counted && one.category == score.category)
            .collect();
        findings.order_by(|a, b| (b.1.severity, b.1.effort, b.0).cmp(&(a.1.severity, a.1.effort, a.0)));
        open.push((score.penalty_tenths, findings));
    }
    let mut chosen = Vec::new();
    loop {
        let parts = u32::try_from(open.len()).unwrap_or(u32::MAX);
        let sum: u32 = open.iter().map(|(penalty, _)| BEST_TENTHS.saturating_sub(*penalty)).sum();
        if sum >= floor * parts {
            return Some((next, chosen));
        }
        // Where it moves the score most; where nothing does, where the floor is nearest.
        let best = open.iter_mut().filter(|(_, findings)| !findings.is_empty()).max_by_key(|(penalty, findings)| {
            (findings.last().map_or(0, |(_, finding)| gain(*penalty, finding)), Reverse(*penalty))
        });
        let Some(((position, finding), penalty)) = best.and_then(|(penalty, found)| Some((found.pop()?, penalty)))
        else {
            return (!chosen.is_empty()).then_some((next, chosen));
        };
        *penalty = penalty.saturating_sub(finding.severity.penalty_tenths());
        chosen.push(position);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::super::verdict::tests::{many, report};
    use super::super::verdict::{next_parts, plain};
    use super::*;
    use drydock_core::report::model::Severity;

    #[test]
    fn the_next_level_needs_the_fewest_findings_that_reach_it() {
        // 6.0, 3.5, 5.5, 5.0 have 20.0 of the 24.0 that Moderate needs: two criticals.
        let mut findings = many(Category::QueryEfficiency, &[(Severity::High, 3), (Severity::Medium, 2)]);
        findings.extend(many(
            Category::TransactionCorrectness,
            &[(Severity::Critical, 2), (Severity::High, 2), (Severity::Medium, 1)],
        ));
        findings.extend(many(Category::RuntimePerformance, &[(Severity::High, 2), (Severity::Medium, 5)]));
        findings.extend(many(
            Category::ResourceLifecycle,
            &[(Severity::Critical, 1), (Severity::High, 2), (Severity::Medium, 2)],
        ));
        let report = report(findings);
        let (band, needed) = next_level(&report).unwrap();
        assert_eq!((band, needed.len()), (Band::Moderate, 2));
        assert!(needed.iter().all(|at| report.findings[*at].severity == Severity::Critical));
        assert_eq!(plain(&next_parts(&report)), "Next level, Moderate, needs these 2: about 2 hours.");
        let fixes = first_fixes(&report, &Marks::default(), 3).unwrap();
        assert_eq!((fixes.steps.clone(), fixes.after), (vec![55, 60, 65], 65));
    }

    #[test]
    fn the_next_level_from_the_floor_and_the_last_one() {
        let mut floored = report(many(Category::QueryEfficiency, &[(Severity::Critical, 20)]));
        floored.overall.band = Some(Band::Moderate);
        // 7.5 becomes 8.0 once that category has 2.0: 16 of 20.
        assert_eq!(next_level(&floored).unwrap().1.len(), 16);
        let mut few = report(many(Category::QueryEfficiency, &[(Severity::Low, 2)]));
        few.overall.band = Some(Band::Minor);
        assert_eq!(plain(&next_parts(&few)), "Next level, No issues, needs all 2: about 2 hours.");
        few.overall.band = Some(Band::NoIssues);
        assert!(next_parts(&few).is_empty());
    }

    #[test]
    fn among_equal_severities_the_fix_that_moves_the_score_comes_first() {
        let mut findings = many(Category::QueryEfficiency, &[(Severity::Critical, 9)]);
        findings.extend(many(Category::RuntimePerformance, &[(Severity::Critical, 1)]));
        assert_eq!(first_fixes(&report(findings), &Marks::default(), 1).unwrap().findings, [9]);
    }

    #[test]
    fn what_is_marked_as_fixed_gives_its_place_to_the_next_best() {
        let mut report = report(many(Category::QueryEfficiency, &[(Severity::Critical, 2), (Severity::Low, 1)]));
        for (at, one) in report.findings.iter_mut().enumerate() {
            one.fingerprint = format!("f{at}");
        }
        let mut marks = Marks::default();
        let first = |marks: &Marks| first_fixes(&report, marks, 2);
        let all = first(&marks).unwrap();
        assert_eq!(all.findings, [0, 1]);
        marks.toggle(&report.findings[0]);
        let rest = first(&marks).unwrap();
        assert_eq!(
            (rest.findings.clone(), rest.before),
            (vec![1, 2], all.steps[0]),
            "it starts from what the mark gives"
        );
        marks.toggle(&report.findings[1]);
        marks.toggle(&report.findings[2]);
        assert_eq!(first(&marks), None);
        assert!(marks.all(&report));
    }
}
