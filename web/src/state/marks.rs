//! Findings that the reader marked as fixed. A mark is a note of this page, no verdict: it changes no score and leaves with
//! no file. The next audit of the project tells whether it was right.

use super::verdict::{Part, Target, count, tenths};
use drydock_core::audit::score::what_if;
use drydock_core::report::model::{Finding, Report, Verdict};

/// The marks, by check and fingerprint.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    /// Of the report on screen.
    fixed: Vec<String>,
    /// Of the audits before it.
    claimed: Vec<String>,
}

fn key(finding: &Finding) -> String {
    format!("{} {}", finding.check, finding.fingerprint)
}

impl Marks {
    /// Whether `finding` is marked.
    #[must_use]
    pub fn has(&self, finding: &Finding) -> bool {
        self.fixed.contains(&key(finding))
    }

    /// Whether it was marked before this audit, which found it again.
    #[must_use]
    pub fn refuted(&self, finding: &Finding) -> bool {
        self.claimed.contains(&key(finding))
    }

    /// Marks it, or no longer.
    pub fn toggle(&mut self, finding: &Finding) {
        let key = key(finding);
        let before = self.fixed.len();
        self.fixed.retain(|known| *known != key);
        if self.fixed.len() == before {
            self.claimed.retain(|known| *known != key);
            self.fixed.push(key);
        }
    }

    /// The project is audited anew: the marks become claims, to be held against what that finds.
    pub fn claim(&mut self) {
        self.claimed.append(&mut self.fixed);
    }

    /// Positions of the marked findings of `report`, in order.
    #[must_use]
    pub fn positions(&self, report: &Report) -> Vec<u32> {
        if self.fixed.is_empty() {
            return Vec::new();
        }
        (0..).zip(&report.findings).filter(|(_, finding)| self.has(finding)).map(|(at, _)| at).collect()
    }

    /// Whether nothing that counts is left unmarked.
    #[must_use]
    pub fn all(&self, report: &Report) -> bool {
        !self.fixed.is_empty()
            && report.findings.iter().filter(|one| one.verdict == Verdict::Counted).all(|one| self.has(one))
    }

    /// What the marks would bring, and which claims of before did not hold.
    #[must_use]
    pub fn sentence(&self, report: &Report) -> Vec<Part> {
        let of = |wanted: &dyn Fn(&Finding) -> bool| -> Vec<usize> {
            report.findings.iter().enumerate().filter(|(_, one)| wanted(one)).map(|(at, _)| at).collect()
        };
        let mut parts = Vec::new();
        let marked = of(&|one| self.has(one) && one.verdict == Verdict::Counted);
        if !marked.is_empty() {
            let number = count(marked.len(), "finding", "findings");
            let then = report.overall.score_tenths.zip(what_if(&report.categories, &report.findings, &marked));
            let score = then.map(|(now, then)| format!(": {} \u{2192} {}", tenths(now), tenths(then)));
            parts.push(Part::Link(format!("{number} marked fixed"), Target::WhatIf(marked)));
            parts.push(Part::Text(format!("{}, once an audit agrees. ", score.unwrap_or_default())));
        }
        let again = of(&|one| self.refuted(one));
        if let Some(first) = again.first() {
            let number =
                count(again.len(), "finding that you had marked fixed is", "findings that you had marked fixed are");
            parts.push(Part::Text(format!("{number} still found: ")));
            let name = report.findings.get(*first).map(super::verdict::short_place).unwrap_or_default();
            parts.push(Part::Link(name, Target::Finding(*first)));
            parts.push(Part::Text(if again.len() > 1 { " first." } else { "." }.to_owned()));
        }
        parts
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing)]
    use super::super::verdict::plain;
    use super::super::verdict::tests::{finding, report};
    use super::*;
    use drydock_core::report::model::{Category, Severity};

    #[test]
    fn a_mark_is_a_claim_that_the_next_audit_tests() {
        let mut findings = vec![
            finding("query_in_loop", Category::QueryEfficiency, Severity::Critical),
            finding("over_fetching", Category::QueryEfficiency, Severity::High),
        ];
        for (at, one) in findings.iter_mut().enumerate() {
            one.fingerprint = format!("f{at}");
        }
        let report = report(findings);
        let mut marks = Marks::default();
        assert_eq!(plain(&marks.sentence(&report)), "");
        marks.toggle(&report.findings[0]);
        assert_eq!(marks.positions(&report), [0]);
        assert_eq!(plain(&marks.sentence(&report)), "1 finding marked fixed: 9.3 \u{2192} 9.8, once an audit agrees. ");
        marks.claim();
        assert!(marks.positions(&report).is_empty() && marks.refuted(&report.findings[0]));
        assert_eq!(plain(&marks.sentence(&report)), "1 finding that you had marked fixed is still found: app.py:10.");
        // What the audit no longer finds is gone; what it finds stays said.
        marks.claim();
        let mut later = report.clone();
        later.findings.remove(0);
        assert_eq!((marks.sentence(&later).len(), marks.sentence(&report).is_empty()), (0, false));
        marks.toggle(&report.findings[0]);
        marks.toggle(&report.findings[0]);
        assert_eq!(marks, Marks::default());
    }
}
