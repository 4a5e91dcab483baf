//! What a check's result is called, and whether a category could be judged. N/A, skipped, passed,
//! warning and failed are different words.

use super::baseline::{NOT_AVAILABLE, NOT_RUN};
use crate::checks::{CATALOGUE, CheckMeta};
use crate::order::InOrder as _;
use crate::report::model::{Category, CategoryState, CheckOutcome, CheckStatus, Finding, Severity, Verdict};

/// Every check in catalogue order: what workers reported, with the status that follows from the
/// findings after all rules. `failed` categories keep their checks as skipped with that reason.
#[must_use]
pub fn checks(reported: &[CheckOutcome], findings: &[Finding], failed: &[(Category, String)]) -> Vec<CheckOutcome> {
    CATALOGUE
        .iter()
        .map(|check| {
            if let Some(known) = reported.iter().find(|outcome| outcome.check == check.id) {
                let mut outcome = known.clone();
                if outcome.status != CheckStatus::Skipped {
                    outcome.status = status(check.id, findings);
                }
                return outcome;
            }
            if let Some((_, reason)) = failed.iter().find(|(category, _)| *category == check.category) {
                return skipped(check, format!("{NOT_RUN}: {reason}"));
            }
            skipped(check, if check.available { NOT_RUN } else { NOT_AVAILABLE }.to_owned())
        })
        .collect()
}

/// The outcome of a check that did not run.
#[must_use]
pub fn skipped(check: &CheckMeta, details: String) -> CheckOutcome {
    CheckOutcome {
        check: check.id.to_owned(),
        title: check.title.to_owned(),
        category: check.category,
        status: CheckStatus::Skipped,
        details,
        candidates: 0,
        dismissed: 0,
    }
}

fn status(check: &str, findings: &[Finding]) -> CheckStatus {
    let mut status = CheckStatus::Passed;
    for finding in findings {
        if finding.check == check {
            match finding.verdict {
                Verdict::Counted if finding.severity != Severity::Low => return CheckStatus::Failed,
                Verdict::Counted | Verdict::NeedsContext | Verdict::Advisory => status = CheckStatus::Warning,
                Verdict::Suppressed | Verdict::Refuted => {}
            }
        } else if finding.also.iter().any(|other| other == check)
            && matches!(finding.verdict, Verdict::Counted | Verdict::NeedsContext | Verdict::Advisory)
        {
            // It saw something, which is scored under another check.
            status = CheckStatus::Warning;
        }
    }
    status
}

/// State of a category whose worker returned `checks` (all of the catalogue).
#[must_use]
pub fn category_state(category: Category, checks: &[CheckOutcome], failed: &[(Category, String)]) -> CategoryState {
    if let Some((_, reason)) = failed.iter().find(|(which, _)| *which == category) {
        return CategoryState::Error(reason.clone());
    }
    let available = |id: &str| crate::checks::find(id).is_some_and(|check| check.available);
    let mut own = checks.iter().filter(|outcome| outcome.category == category && available(&outcome.check)).peekable();
    let Some(first) = own.peek() else {
        return CategoryState::NotApplicable("No check of this category is available in this version".to_owned());
    };
    let reason = first.details.clone();
    let own: Vec<&CheckOutcome> = own.collect();
    if own.iter().any(|outcome| outcome.status != CheckStatus::Skipped) {
        return CategoryState::Completed;
    }
    let one_reason = own.iter().all(|outcome| outcome.details == reason);
    CategoryState::NotApplicable(if one_reason && !reason.is_empty() {
        reason
    } else {
        let mut reasons: Vec<&str> = own.iter().map(|outcome| outcome.details.as_str()).collect();
        reasons.order();
        reasons.dedup();
        format!("Nothing to judge: {}", reasons.join("; "))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::sample::finding;
    use crate::report::model::Severity::{High, Low};

    fn with(verdict: Verdict, severity: Severity) -> Finding {
        let mut found = finding("query_in_loop", severity, "a.py", 1);
        found.verdict = verdict;
        found
    }

    #[test]
    fn status_follows_from_findings_after_the_rules() {
        assert_eq!(status("query_in_loop", &[]), CheckStatus::Passed);
        assert_eq!(status("query_in_loop", &[with(Verdict::Counted, High)]), CheckStatus::Failed);
        assert_eq!(status("query_in_loop", &[with(Verdict::Counted, Low)]), CheckStatus::Warning);
        assert_eq!(status("query_in_loop", &[with(Verdict::NeedsContext, Low)]), CheckStatus::Warning);
        assert_eq!(status("query_in_loop", &[with(Verdict::Advisory, High)]), CheckStatus::Warning);
        assert_eq!(status("query_in_loop", &[with(Verdict::Suppressed, High)]), CheckStatus::Passed);
        let mut winner = with(Verdict::Counted, High);
        winner.also.push("redundant_fetch".to_owned());
        assert_eq!(status("redundant_fetch", &[winner]), CheckStatus::Warning);
    }

    #[test]
    fn a_category_with_all_checks_skipped_is_not_applicable() {
        let all = checks(&[], &[], &[]);
        assert_eq!(all.len(), CATALOGUE.len());
        assert_eq!(
            category_state(Category::QueryEfficiency, &all, &[]),
            CategoryState::NotApplicable("not run".to_owned())
        );
        let lost = [(Category::QueryEfficiency, "out of memory".to_owned())];
        let all = checks(&[], &[], &lost);
        assert!(all.iter().any(|outcome| outcome.details == "not run: out of memory"));
        assert_eq!(
            category_state(Category::QueryEfficiency, &all, &lost),
            CategoryState::Error("out of memory".to_owned())
        );
    }
}
