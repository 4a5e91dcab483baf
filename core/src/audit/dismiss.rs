//! Suppressions that come after the audit: the reader dismisses findings of a report. The result is what the audit
//! gives once the same entries stand in the project's settings file.

use super::{aggregate, outcome, score, suppress};
use crate::intake::settings::SettingsEntry;
use crate::order::InOrder as _;
use crate::report::model::{Report, Verdict};

/// Marks what `entries` silence, and counts again.
pub fn dismiss(report: &mut Report, entries: &[SettingsEntry]) {
    let notices = suppress::apply(&mut report.findings, &[], entries, &report.date);
    // Rules 1 and 6 do not judge what is suppressed: what they changed is taken back.
    for finding in report.findings.iter_mut().filter(|finding| finding.verdict == Verdict::Suppressed) {
        if finding.advisory.take().is_some()
            && let Some(original) = finding.original_severity.take()
        {
            finding.severity = original;
        }
    }
    report.notices.extend(notices);
    report.notices.order();
    report.notices.dedup();
    aggregate::sort(&mut report.findings);
    report.checks = outcome::checks(&report.checks, &report.findings, &[]);
    for category in &mut report.categories {
        *category = score::category(category.category, category.status.clone(), &report.findings);
    }
    report.overall = score::overall(&report.categories, report.coverage.lines);
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing)]
    use super::*;
    use crate::audit::{aggregate, sample};

    #[test]
    fn dismissing_gives_what_the_audit_gives_with_the_settings_file() {
        let before = aggregate(sample::input());
        for (at, finding) in before.findings.iter().enumerate() {
            let entry = SettingsEntry {
                paths: vec![finding.path.clone()],
                checks: vec![finding.check.clone()],
                findings: vec![finding.fingerprint.clone()],
                reason: "accepted: ten rows at most".to_owned(),
                expires: None,
            };
            let mut report = before.clone();
            dismiss(&mut report, std::slice::from_ref(&entry));
            let mut input = sample::input();
            input.settings.suppressions.push(entry);
            let again = aggregate(input);
            assert_eq!(report, again, "finding {at}: {}", finding.message);
            let dismissed = report.findings.iter().find(|found| found.fingerprint == finding.fingerprint);
            assert_eq!(dismissed.map(|found| found.verdict), Some(Verdict::Suppressed));
        }
    }

    #[test]
    fn nothing_is_dismissed_without_a_reason() {
        let before = aggregate(sample::input());
        let mut report = before.clone();
        dismiss(&mut report, &[SettingsEntry::default()]);
        assert_eq!(report.findings, before.findings);
        assert_eq!(report.overall, before.overall);
        assert!(report.notices.iter().any(|notice| notice.contains("gives no reason")));
    }
}
