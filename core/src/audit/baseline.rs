//! A report against an earlier one: which findings are new, known, moved or fixed. Findings are matched by
//! fingerprint, then by its half that does not know the path (a renamed file). What cannot be compared, as a
//! check did not run on one of the sides, is said and never called fixed.

use crate::audit::score::tenths;
use crate::report::model::{
    BaselineState, Category, CategoryChange, CategoryScore, CategoryState, CheckOutcome, CheckStatus, Comparison,
    Finding, Report, StateCounts, Verdict,
};
use crate::words::counted;
use std::collections::{BTreeMap, BTreeSet};

/// Details of a check that was skipped for another reason than that nothing of its kind exists.
pub(super) const NOT_AVAILABLE: &str = "not available in this version";
/// Likewise: no worker reported it.
pub(super) const NOT_RUN: &str = "not run";
/// Likewise: left out by the caller.
pub(super) const NOT_SELECTED: &str = "not selected";
/// Likewise: left out by the project.
pub(super) const SWITCHED_OFF: &str = "switched off in .drydock.toml";

/// Marks the findings of `report` and fills its comparison.
pub fn compare(report: &mut Report, earlier: &Report) {
    let mut open = Open::new(&earlier.findings);
    let unmatched = earlier.findings.iter().filter(|found| found.fingerprint.is_empty()).count();
    for finding in &mut report.findings {
        let same = open.take(finding, |old| old.fingerprint == finding.fingerprint);
        finding.baseline = same.map(|_| BaselineState::Known);
    }
    for finding in report.findings.iter_mut().filter(|finding| finding.baseline.is_none()) {
        let name = file_name(&finding.path);
        let moved = open.take(finding, |old| file_name(&old.path) == name);
        let moved = moved.or_else(|| open.take(finding, |_| true));
        finding.baseline = Some(match moved {
            Some(old) => {
                finding.moved_from = Some(format!("{}:{}", old.path, old.line));
                BaselineState::Moved
            }
            None => BaselineState::New,
        });
    }

    let mut warnings = Vec::new();
    if report.version != earlier.version {
        warnings.push(format!(
            "The earlier report was made by version {}, this one by {}: differences may come from the rules",
            earlier.version, report.version
        ));
    }
    warnings.extend(one_sided(report, earlier));
    if unmatched > 0 {
        warnings
            .push(format!("{unmatched} findings of the earlier report have no fingerprint: they cannot be compared"));
    }
    let before = judged(&earlier.checks);
    let now = judged(&report.checks);
    let mut fixed = Vec::new();
    let mut unjudged: BTreeMap<String, u32> = BTreeMap::new();
    for old in open.rest() {
        if old.verdict != Verdict::Counted && old.verdict != Verdict::Advisory {
            continue;
        }
        if now.contains(old.check.as_str()) {
            let mut old = old.clone();
            old.baseline = Some(BaselineState::Fixed);
            fixed.push(old);
        } else {
            *unjudged.entry(old.check.clone()).or_default() += 1;
        }
    }
    for (check, count) in unjudged {
        let findings = counted(u64::from(count), "earlier finding", "earlier findings");
        warnings.push(format!("`{check}` was not run this time: its {findings} cannot be compared"));
    }
    for check in now.difference(&before) {
        let count = report.findings.iter().filter(|found| is_new(found) && found.check == *check).count();
        if count > 0 {
            let findings = counted(count as u64, "finding counts", "findings count");
            warnings.push(format!("`{check}` was not run for the earlier report: its {findings} as new"));
        }
    }

    let categories: Vec<CategoryChange> =
        Category::ALL.into_iter().map(|category| change(category, report, earlier, &fixed)).collect();
    let mut counts = StateCounts::default();
    for change in &categories {
        counts.new += change.counts.new;
        counts.known += change.counts.known;
        counts.moved += change.counts.moved;
        counts.fixed += change.counts.fixed;
    }
    report.comparison = Some(Comparison {
        project: earlier.project.clone(),
        date: earlier.date.clone(),
        version: earlier.version.clone(),
        before_tenths: earlier.overall.score_tenths,
        after_tenths: report.overall.score_tenths,
        counts,
        categories,
        fixed,
        warnings,
    });
}

/// What was measured changes severities, verdicts and scores: where only one side knows of it, they differ without any
/// change of the code.
fn one_sided(report: &Report, earlier: &Report) -> Option<String> {
    let (with, found, name, other) = match (&report.performance, &earlier.performance) {
        (Some(now), None) => (now, report.overall.score_tenths, "This report", "the earlier one"),
        (None, Some(before)) => (before, earlier.overall.score_tenths, "The earlier report", "this one"),
        _ => return None,
    };
    let unlike = with.unadjusted.as_ref().filter(|without| without.overall_tenths != found);
    let effect = match (with.changes.len() as u64, unlike) {
        (0, None) => "it changed no severity".to_owned(),
        (changes, unlike) => {
            let score = |score: Option<u32>| score.map_or_else(|| "N/A".to_owned(), tenths);
            let findings = counted(changes, "severity was", "severities were");
            let without = unlike.map_or_else(String::new, |without| {
                format!(", and the score without it is {} instead of {}", score(without.overall_tenths), score(found))
            });
            format!("{findings} changed by it{without}")
        }
    };
    Some(format!("{name} knows runtime evidence, {other} does not: {effect}"))
}

fn change(category: Category, report: &Report, earlier: &Report, fixed: &[Finding]) -> CategoryChange {
    let mut counts = StateCounts::default();
    let counted = |finding: &&Finding| finding.category == category && finding.verdict == Verdict::Counted;
    for finding in report.findings.iter().filter(counted) {
        match finding.baseline {
            Some(BaselineState::New) => counts.new += 1,
            Some(BaselineState::Known) => counts.known += 1,
            Some(BaselineState::Moved) => counts.moved += 1,
            Some(BaselineState::Fixed) | None => {}
        }
    }
    counts.fixed = u32::try_from(fixed.iter().filter(counted).count()).unwrap_or(u32::MAX);
    CategoryChange {
        category,
        before_tenths: score(&earlier.categories, category),
        after_tenths: score(&report.categories, category),
        counts,
    }
}

fn score(categories: &[CategoryScore], category: Category) -> Option<u32> {
    let found = categories.iter().find(|score| score.category == category)?;
    found.score_tenths.filter(|_| found.status == CategoryState::Completed)
}

fn is_new(finding: &Finding) -> bool {
    finding.baseline == Some(BaselineState::New) && finding.verdict == Verdict::Counted
}

/// Checks that looked, or found nothing of their kind to look at.
fn judged(checks: &[CheckOutcome]) -> BTreeSet<&str> {
    let looked = |check: &&CheckOutcome| {
        check.status != CheckStatus::Skipped
            || !(check.details.starts_with(NOT_RUN)
                || [NOT_AVAILABLE, NOT_SELECTED, SWITCHED_OFF].contains(&check.details.as_str()))
    };
    checks.iter().filter(looked).map(|check| check.check.as_str()).collect()
}

fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// Earlier findings that nothing was matched with yet, by the half of their fingerprint that all matches share.
struct Open<'a> {
    findings: &'a [Finding],
    by_content: BTreeMap<&'a str, Vec<usize>>,
}

impl<'a> Open<'a> {
    fn new(findings: &'a [Finding]) -> Self {
        let mut by_content: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (at, finding) in findings.iter().enumerate().filter(|(_, finding)| !finding.fingerprint.is_empty()) {
            by_content.entry(finding.content_fingerprint()).or_default().push(at);
        }
        Self { findings, by_content }
    }

    /// Takes the first one with the content of `finding` for which `wanted` holds.
    fn take(&mut self, finding: &Finding, wanted: impl Fn(&Finding) -> bool) -> Option<&'a Finding> {
        let list = self.by_content.get_mut(finding.content_fingerprint())?;
        let at = list.iter().position(|at| self.findings.get(*at).is_some_and(&wanted))?;
        self.findings.get(list.remove(at))
    }

    /// What is left, in the order of the report.
    fn rest(self) -> impl Iterator<Item = &'a Finding> {
        let left: BTreeSet<usize> = self.by_content.into_values().flatten().collect();
        left.into_iter().filter_map(|at| self.findings.get(at))
    }
}

#[cfg(all(test, feature = "engine"))]
mod tests {
    #![allow(clippy::indexing_slicing, clippy::unwrap_used)]
    use super::*;
    use crate::audit::fingerprint::fingerprint;
    use crate::audit::{aggregate, sample};
    use crate::report::model::Severity;
    use crate::report::model::performance::{Performance, SeverityChange, Unadjusted};

    fn report() -> Report {
        aggregate(sample::input())
    }

    fn states(report: &Report) -> StateCounts {
        report.comparison.clone().unwrap().counts
    }

    #[test]
    fn a_report_against_itself_knows_everything() {
        let (mut now, earlier) = (report(), report());
        compare(&mut now, &earlier);
        assert!(now.findings.iter().all(|found| found.baseline == Some(BaselineState::Known)));
        let comparison = now.comparison.unwrap();
        assert_eq!(comparison.counts, StateCounts { known: now.overall.counts.total(), ..StateCounts::default() });
        assert_eq!((comparison.before_tenths, comparison.fixed.len()), (comparison.after_tenths, 0));
        assert!(comparison.warnings.is_empty());
    }

    #[test]
    fn what_came_and_what_went() {
        let (mut now, mut earlier) = (report(), report());
        let came = earlier.findings.remove(0);
        let went = now.findings.remove(1);
        compare(&mut now, &earlier);
        assert_eq!(now.findings[0].baseline, Some(BaselineState::New));
        let comparison = now.comparison.unwrap();
        assert_eq!((comparison.counts.new, comparison.counts.fixed), (1, 1));
        assert_eq!(comparison.fixed[0].fingerprint, went.fingerprint);
        assert_eq!(comparison.fixed[0].baseline, Some(BaselineState::Fixed));
        let of = |category| comparison.categories.iter().find(|change| change.category == category).unwrap().counts;
        assert_eq!((of(came.category).new, of(went.category).fixed), (1, 1));
    }

    #[test]
    fn lines_do_not_matter_and_a_renamed_file_is_a_move() {
        let (mut now, mut earlier) = (report(), report());
        for found in &mut earlier.findings {
            found.line += 40;
            if found.path == "app/jobs/mailer.py" {
                found.path = "old/mailer.py".to_owned();
                let rest = found.content_fingerprint().to_owned();
                found.fingerprint = fingerprint(&found.check, &found.path, "", "", 0)[..16].to_owned() + &rest;
            }
        }
        compare(&mut now, &earlier);
        for found in &now.findings {
            let moved = found.path == "app/jobs/mailer.py";
            assert_eq!(found.baseline, Some(if moved { BaselineState::Moved } else { BaselineState::Known }));
            assert_eq!(found.moved_from.as_deref().is_some_and(|from| from.starts_with("old/mailer.py:")), moved);
        }
        assert!(states(&now).moved > 0 && states(&now).fixed == 0 && states(&now).new == 0);
    }

    #[test]
    fn a_check_that_did_not_run_fixes_nothing() {
        let (mut now, earlier) = (report(), report());
        let check = now.findings[0].check.clone();
        let count =
            now.findings.iter().filter(|found| found.check == check && found.verdict == Verdict::Counted).count();
        now.findings.retain(|found| found.check != check);
        let outcome = now.checks.iter_mut().find(|outcome| outcome.check == check).unwrap();
        (outcome.status, outcome.details) = (CheckStatus::Skipped, SWITCHED_OFF.to_owned());
        let mut back = earlier.clone();
        compare(&mut now, &earlier);
        let comparison = now.comparison.clone().unwrap();
        assert_eq!(comparison.counts.fixed, 0);
        assert!(comparison.warnings[0].starts_with(&format!("`{check}` was not run this time: its {count} earlier")));
        compare(&mut back, &now);
        let comparison = back.comparison.unwrap();
        assert_eq!(comparison.counts.new as usize, count);
        assert!(comparison.warnings[0].starts_with(&format!("`{check}` was not run for the earlier report")));
    }

    #[test]
    fn findings_without_fingerprints_are_neither_known_nor_fixed() {
        let (mut now, mut earlier) = (report(), report());
        earlier.findings.iter_mut().for_each(|found| found.fingerprint.clear());
        compare(&mut now, &earlier);
        assert_eq!((states(&now).known, states(&now).fixed), (0, 0));
        assert!(now.comparison.unwrap().warnings[0].contains("have no fingerprint"));
    }

    #[test]
    fn evidence_on_one_side_only_is_said() {
        let with = |changes: usize, without: Option<u32>| {
            let mut report = report();
            let change = SeverityChange {
                fingerprint: String::new(),
                check: "query_in_loop".to_owned(),
                path: "a.py".to_owned(),
                line: 1,
                from: Severity::Medium,
                to: Some(Severity::High),
                why: String::new(),
            };
            let unadjusted =
                without.map(|overall| Unadjusted { overall_tenths: Some(overall), categories: Vec::new() });
            report.performance =
                Some(Box::new(Performance { changes: vec![change; changes], unadjusted, ..Performance::default() }));
            report
        };
        let said = |mut now: Report, earlier: &Report| {
            compare(&mut now, earlier);
            now.comparison.unwrap().warnings
        };
        let score = tenths(report().overall.score_tenths.unwrap());
        assert_eq!(
            said(with(2, Some(99)), &report()),
            [format!(
                "This report knows runtime evidence, the earlier one does not: 2 severities were changed by it, and the \
                 score without it is 9.9 instead of {score}"
            )]
        );
        assert_eq!(
            said(report(), &with(1, report().overall.score_tenths)),
            ["The earlier report knows runtime evidence, this one does not: 1 severity was changed by it"]
        );
        assert!(said(with(0, None), &report())[0].ends_with("it changed no severity"));
        assert!(said(with(2, Some(99)), &with(0, None)).is_empty() && said(report(), &report()).is_empty());
    }

    #[test]
    fn another_version_is_said() {
        let (mut now, mut earlier) = (report(), report());
        earlier.version = "0.0.1".to_owned();
        compare(&mut now, &earlier);
        assert!(now.comparison.unwrap().warnings[0].contains("version 0.0.1"));
    }
}
