//! What changed between two runs, as rows and sentences. Pure; the matching is the engine's.

use super::filter::Filter;
use super::verdict::{Part, Target, count, severity_word, tenths};
pub use drydock_core::report::model::trend;
use drydock_core::report::model::{BaselineState, Comparison, Finding, Report, Severity, Verdict};
use std::collections::BTreeMap;

/// Reasons that a sentence names.
const MOST_REASONS: usize = 3;

/// A change of a score in tenths: `+0.6`, `-1.0`, `±0.0`.
#[must_use]
pub fn signed(before: u32, after: u32) -> String {
    let size = tenths(before.abs_diff(after));
    match before.cmp(&after) {
        std::cmp::Ordering::Less => format!("+{size}"),
        std::cmp::Ordering::Greater => format!("\u{2212}{size}"),
        std::cmp::Ordering::Equal => format!("\u{00b1}{size}"),
    }
}

/// Positions of the findings in `state`, counted ones first, in report order.
#[must_use]
pub fn positions(report: &Report, state: BaselineState) -> Vec<usize> {
    let of = |counted: bool| {
        report.findings.iter().enumerate().filter(move |(_, finding)| {
            finding.baseline == Some(state) && (finding.verdict == Verdict::Counted) == counted
        })
    };
    of(true).chain(of(false).filter(|(_, finding)| finding.verdict == Verdict::Advisory)).map(|(at, _)| at).collect()
}

/// How the score changed and why.
#[must_use]
pub fn sentence(report: &Report, comparison: &Comparison) -> Vec<Part> {
    let (Some(before), Some(after)) = (comparison.before_tenths, comparison.after_tenths) else {
        return vec![Part::Text("One of the two runs has no score.".to_owned())];
    };
    let mut parts = vec![Part::Strong(format!("{} \u{2192} {}.", tenths(before), tenths(after)))];
    let change = signed(before, after);
    let fresh: Vec<&Finding> = report
        .findings
        .iter()
        .filter(|finding| finding.baseline == Some(BaselineState::New) && finding.verdict == Verdict::Counted)
        .collect();
    let gone: Vec<&Finding> = comparison.fixed.iter().filter(|finding| finding.verdict == Verdict::Counted).collect();
    let (text, reasons, fixed) = match before.cmp(&after) {
        std::cmp::Ordering::Greater => ("The score went down by", fresh, false),
        std::cmp::Ordering::Less => ("The score went up by", gone, true),
        std::cmp::Ordering::Equal => {
            parts.push(Part::Text(" The score is the same.".to_owned()));
            return parts;
        }
    };
    parts.push(Part::Text(format!(" {text} {}", change.trim_start_matches(['+', '\u{2212}']))));
    let mut by_place: BTreeMap<(Severity, &str), usize> = BTreeMap::new();
    for finding in reasons {
        *by_place.entry((finding.severity, finding.path.as_str())).or_default() += 1;
    }
    for (at, ((severity, path), number)) in by_place.iter().take(MOST_REASONS).enumerate() {
        parts.push(Part::Text(if at == 0 { ": " } else { ", " }.to_owned()));
        let name = path.rsplit('/').next().unwrap_or(path);
        let severity = severity_word(*severity);
        parts.push(if fixed {
            Part::Text(format!("{number} {severity} fixed in {name}"))
        } else {
            Part::Link(format!("{number} new {severity} in {name}"), Target::Findings(Filter::file(path)))
        });
    }
    if by_place.len() > MOST_REASONS {
        parts.push(Part::Text(format!(
            " and in {}",
            count(by_place.len() - MOST_REASONS, "other place", "other places")
        )));
    }
    parts.push(Part::Text(".".to_owned()));
    parts
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing, clippy::unwrap_used)]
    use super::super::verdict::plain;
    use super::super::verdict::tests::{finding, report};
    use super::*;
    use drydock_core::report::model::{Category, StateCounts};

    #[test]
    fn changes_are_signed_and_named() {
        assert_eq!(
            (signed(50, 56), signed(56, 50), signed(5, 5)),
            ("+0.6".into(), "\u{2212}0.6".into(), "\u{00b1}0.0".into())
        );
        assert_eq!((trend(50, 53), trend(53, 50), trend(50, 52)), ("improving", "declining", "stable"));
    }

    #[test]
    fn the_sentence_says_why() {
        let mut report = report(vec![
            finding("query_in_loop", Category::QueryEfficiency, Severity::High),
            finding("query_in_loop", Category::QueryEfficiency, Severity::High),
        ]);
        for finding in &mut report.findings {
            finding.baseline = Some(BaselineState::New);
        }
        let mut comparison = Comparison {
            project: "p".to_owned(),
            date: "2026-01-01".to_owned(),
            version: "0".to_owned(),
            before_tenths: Some(100),
            after_tenths: Some(95),
            counts: StateCounts::default(),
            categories: Vec::new(),
            fixed: Vec::new(),
            warnings: Vec::new(),
        };
        let say = |comparison: &Comparison| plain(&sentence(&report, comparison));
        assert_eq!(say(&comparison), "10.0 \u{2192} 9.5. The score went down by 0.5: 2 new high in app.py.");
        comparison.fixed = vec![finding("x", Category::QueryEfficiency, Severity::Critical)];
        (comparison.before_tenths, comparison.after_tenths) = (Some(50), Some(95));
        assert_eq!(say(&comparison), "5.0 \u{2192} 9.5. The score went up by 4.5: 1 critical fixed in app.py.");
        comparison.after_tenths = Some(50);
        assert_eq!(say(&comparison), "5.0 \u{2192} 5.0. The score is the same.");
        comparison.after_tenths = None;
        assert_eq!(say(&comparison), "One of the two runs has no score.");
        assert_eq!(positions(&report, BaselineState::New), [0, 1]);
    }
}
