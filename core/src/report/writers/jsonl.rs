//! JSON lines: one finding a line, with the keys that scripts and gates ask for first.

use crate::report::model::{Category, Confidence, Effort, Finding, Severity, Step, Verdict};
use crate::report::share::Shareable;
use serde::Serialize;

#[derive(Serialize)]
struct Line<'a> {
    check: &'a str,
    category: Category,
    severity: Severity,
    confidence: Confidence,
    path: &'a str,
    line: u32,
    column: u32,
    end_line: u32,
    symbol: &'a str,
    message: &'a str,
    recommendation: &'a str,
    effort: Effort,
    advisory: bool,
    suppressed: bool,
    verdict: Verdict,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    original_severity: Option<Severity>,
    also: &'a [String],
    steps: &'a [Step],
    fingerprint: &'a str,
}

impl<'a> From<&'a Finding> for Line<'a> {
    fn from(finding: &'a Finding) -> Self {
        Self {
            check: &finding.check,
            category: finding.category,
            severity: finding.severity,
            confidence: finding.confidence,
            path: &finding.path,
            line: finding.line,
            column: finding.column,
            end_line: finding.end_line,
            symbol: &finding.symbol,
            message: &finding.message,
            recommendation: &finding.recommendation,
            effort: finding.effort,
            advisory: finding.verdict == Verdict::Advisory,
            suppressed: finding.verdict == Verdict::Suppressed,
            verdict: finding.verdict,
            reason: finding.verdict_reason.as_deref().or(finding.advisory.as_deref()),
            original_severity: finding.original_severity,
            also: &finding.also,
            steps: &finding.steps,
            fingerprint: &finding.fingerprint,
        }
    }
}

/// All findings in report order, one JSON object a line.
#[must_use]
pub fn jsonl(report: &Shareable) -> String {
    let mut out = String::new();
    for finding in &report.findings {
        if let Ok(line) = serde_json::to_string(&Line::from(finding)) {
            out.push_str(&line);
            out.push('\n');
        }
    }
    out
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::audit::{aggregate, sample};

    #[test]
    fn one_object_a_line_with_the_promised_keys() {
        let report = Shareable::new(&aggregate(sample::input()));
        let text = jsonl(&report);
        assert_eq!(text.lines().count(), report.findings.len());
        for line in text.lines() {
            let value: serde_json::Value = serde_json::from_str(line).unwrap();
            for key in [
                "check",
                "category",
                "severity",
                "confidence",
                "path",
                "line",
                "end_line",
                "message",
                "advisory",
                "suppressed",
                "fingerprint",
            ] {
                assert!(value.get(key).is_some(), "{key}");
            }
        }
        crate::report::writers::golden(
            concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/data/sample-report.jsonl"),
            &text,
        );
    }
}
