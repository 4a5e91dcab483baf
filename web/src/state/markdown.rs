//! One finding as Markdown, to paste into a ticket.

use drydock_core::checks;
use drydock_core::report::model::{Finding, Severity};
use std::fmt::Write as _;

/// `finding` as Markdown.
#[must_use]
pub fn finding(finding: &Finding) -> String {
    let mut out = format!(
        "### {}: {}\n\n`{}:{}` in `{}`\n\n",
        severity_title(finding.severity),
        finding.message,
        finding.path,
        finding.line,
        finding.symbol
    );
    if let Some(check) = checks::find(&finding.check) {
        let _ = write!(out, "**Why:** {}.\n\n", check.why);
    }
    if !finding.steps.is_empty() {
        out.push_str("**Path**\n\n");
        for (at, step) in finding.steps.iter().enumerate() {
            let _ = writeln!(out, "{}. `{}:{}` {}", at + 1, step.path, step.line, step.message);
        }
        out.push('\n');
    }
    let _ = write!(out, "**Fix:** {}.\n\n", finding.recommendation.trim_end_matches('.'));
    let _ = write!(out, "Check `{}`, effort {:?}", finding.check, finding.effort);
    if let Some(check) = checks::find(&finding.check) {
        let _ = write!(out, ", see [{}]({})", check.source.0, check.source.1);
    }
    out.push_str(".\n");
    out
}

/// `Critical`, `High`, …
#[must_use]
pub const fn severity_title(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "Critical",
        Severity::High => "High",
        Severity::Medium => "Medium",
        Severity::Low => "Low",
    }
}

#[cfg(test)]
mod tests {
    use super::super::verdict::tests::finding as sample;
    use super::*;
    use drydock_core::report::model::{Category, Step};

    #[test]
    fn a_finding_stands_alone() {
        let mut one = sample("query_in_loop", Category::QueryEfficiency, Severity::High);
        one.steps.push(Step { path: "src/app.py".into(), line: 8, message: "The loop starts here".into() });
        let text = finding(&one);
        for part in [
            "### High: `query_in_loop` is wrong",
            "`src/app.py:10` in `App.run`",
            "1. `src/app.py:8` The loop starts here",
            "**Fix:** Mend it.",
            "https://docs.sqlalchemy.org/",
        ] {
            assert!(text.contains(part), "{part} is missing in\n{text}");
        }
    }
}
