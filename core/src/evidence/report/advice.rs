//! Recommendations: impact is the share times the part of it that the fix removes; what brings most for its work comes
//! first.

use super::sections::Draft;
use crate::evidence::rules::figures::percent;
use crate::order::InOrder as _;
use crate::report::model::performance::{Level, ProfilingFinding, Recommendation};
use crate::report::model::{Effort, Severity};

/// Fills in what to do.
pub(super) fn recommend(draft: &mut Draft) {
    let mut all: Vec<(f64, Recommendation)> = Vec::new();
    // What was seen before the change only is mended, or the later run would show it.
    let facts = draft.section.findings.iter().zip(&draft.efforts).zip(&draft.before);
    for (finding, effort) in facts.filter(|(_, before)| !**before).map(|(fact, _)| fact) {
        let text = text(finding);
        let value = finding.removes.unwrap_or_else(|| guess(finding.severity));
        let recommendation = Recommendation {
            priority: 0,
            impact: impact(finding),
            effort: level(*effort),
            removes: finding.removes,
            text: text.clone(),
        };
        let worth = value / hours(*effort);
        // Two rules may ask for the same thing at the same place.
        match all.iter_mut().find(|(_, known)| known.text == text) {
            Some(known) if known.0 >= worth => {}
            Some(known) => *known = (worth, recommendation),
            None => all.push((worth, recommendation)),
        }
    }
    for (text, removes) in &draft.indexes {
        let value = removes.unwrap_or_else(|| guess(Severity::Medium));
        let impact = level_of(*removes, Severity::Medium);
        let recommendation =
            Recommendation { priority: 0, impact, effort: Level::Low, removes: *removes, text: text.clone() };
        all.push((value / hours(Effort::S), recommendation));
    }
    all.order_by(|a, b| b.0.total_cmp(&a.0).then(a.1.text.cmp(&b.1.text)));
    draft.section.recommendations =
        (1..).zip(all).map(|(priority, (_, recommendation))| Recommendation { priority, ..recommendation }).collect();
}

fn text(finding: &ProfilingFinding) -> String {
    let place = finding.place.as_ref().map(|place| format!(" at `{}:{}`", place.path, place.line)).unwrap_or_default();
    let brings = finding.removes.map(|removes| format!(": about {} of the measured time", percent(removes)));
    format!("{}{place}{}", finding.fix.trim_end_matches('.'), brings.unwrap_or_default())
}

/// HIGH from 20 % of the run, MEDIUM from 5 %; without a figure by how bad it is, and never HIGH.
fn impact(finding: &ProfilingFinding) -> Level {
    level_of(finding.removes, finding.severity)
}

fn level_of(removes: Option<f64>, severity: Severity) -> Level {
    match removes {
        Some(removes) if removes >= 0.20 => Level::High,
        Some(removes) if removes >= 0.05 => Level::Medium,
        Some(_) => Level::Low,
        None if severity <= Severity::High => Level::Medium,
        None => Level::Low,
    }
}

/// What a finding without a figure is taken for, to order it among the others.
const fn guess(severity: Severity) -> f64 {
    match severity {
        Severity::Critical | Severity::High => 0.10,
        Severity::Medium => 0.05,
        Severity::Low => 0.01,
    }
}

/// Effort in the report's words: up to an hour, up to four, more.
pub(super) const fn level(effort: Effort) -> Level {
    match effort {
        Effort::S => Level::Low,
        Effort::M => Level::Medium,
        Effort::L => Level::High,
    }
}

const fn hours(effort: Effort) -> f64 {
    match effort {
        Effort::S => 1.0,
        Effort::M => 3.0,
        Effort::L => 8.0,
    }
}
