//! What changed since an earlier report, for people: the sections of the text and Markdown reports.

use super::escape::{cell, code, place, plain};
use super::summary::grouped;
use crate::audit::score::tenths;
use crate::report::model::{BaselineState, Comparison, Finding, Report, StateCounts, Verdict};
use std::fmt::Write as _;

/// Findings of one state that are listed; the JSON has all.
const LISTED: usize = 50;

fn score(value: Option<u32>) -> String {
    value.map_or_else(|| "N/A".to_owned(), tenths)
}

/// `2 new, 1 fixed, 20 still there, 0 moved`
fn states(counts: StateCounts) -> String {
    let StateCounts { new, fixed, known, moved } = counts;
    let count = |number: u32| grouped(u64::from(number));
    format!("{} new, {} fixed, {} still there, {} moved", count(new), count(fixed), count(known), count(moved))
}

/// What a finding is against the earlier report, where that is news.
pub(super) fn state_words(finding: &Finding) -> Option<String> {
    match finding.baseline? {
        BaselineState::New => Some("new".to_owned()),
        BaselineState::Moved => {
            Some(finding.moved_from.as_ref().map_or_else(|| "moved".to_owned(), |from| format!("moved from {from}")))
        }
        BaselineState::Known | BaselineState::Fixed => None,
    }
}

/// Findings that are gone and had counted.
fn fixed(comparison: &Comparison) -> impl Iterator<Item = &Finding> {
    comparison.fixed.iter().filter(|finding| finding.verdict == Verdict::Counted)
}

/// The lines of the text report; none without an earlier report.
pub(super) fn text(out: &mut String, report: &Report) {
    let Some(comparison) = &report.comparison else { return };
    let _ = writeln!(
        out,
        "Since {} of {}: {} -> {}, {}",
        plain(&comparison.project),
        plain(&comparison.date),
        score(comparison.before_tenths),
        score(comparison.after_tenths),
        states(comparison.counts)
    );
    for change in &comparison.categories {
        let scores = format!("{} -> {}", score(change.before_tenths), score(change.after_tenths));
        let _ = writeln!(out, "  {:<24}{scores:<14}{}", change.category.title(), states(change.counts));
    }
    for finding in fixed(comparison).take(LISTED) {
        let at = format!("{}:{}", plain(&finding.path), finding.line);
        let _ = writeln!(out, "  fixed[{}] {at}: {}", finding.check, plain(&finding.message));
    }
    more(out, "  ", comparison);
    for warning in &comparison.warnings {
        let _ = writeln!(out, "note: {}", plain(warning));
    }
}

fn more(out: &mut String, start: &str, comparison: &Comparison) {
    let left = fixed(comparison).count().saturating_sub(LISTED);
    if left > 0 {
        let _ = writeln!(out, "{start}and {} more that are fixed", grouped(left as u64));
    }
}

/// The section of the Markdown report; none without an earlier report.
pub(super) fn markdown(out: &mut String, report: &Report) {
    let Some(comparison) = &report.comparison else { return };
    let _ = writeln!(
        out,
        "### Since the Earlier Report\n\n{} of {}: {} to {}; {}.\n",
        code(&comparison.project),
        cell(&comparison.date),
        score(comparison.before_tenths),
        score(comparison.after_tenths),
        states(comparison.counts)
    );
    for warning in &comparison.warnings {
        let _ = writeln!(out, "- {}", cell(warning));
    }
    if !comparison.warnings.is_empty() {
        out.push('\n');
    }
    out.push_str(
        "| Category | Before | Now | New | Fixed | Still There | Moved |\n\
         |----------|--------|-----|-----|-------|-------------|-------|\n",
    );
    for change in &comparison.categories {
        let StateCounts { new, fixed, known, moved } = change.counts;
        let (before, now) = (score(change.before_tenths), score(change.after_tenths));
        let title = change.category.title();
        let _ = writeln!(out, "| {title} | {before} | {now} | {new} | {fixed} | {known} | {moved} |");
    }
    out.push('\n');
    let news = report.findings.iter().filter(|finding| finding.verdict == Verdict::Counted);
    let news = news.filter_map(|finding| Some((finding, state_words(finding)?)));
    let gone = fixed(comparison).map(|finding| (finding, "fixed".to_owned())).take(LISTED);
    let rows: Vec<(&Finding, String)> = news.chain(gone).collect();
    if rows.is_empty() {
        return;
    }
    out.push_str("| Change | Severity | Location | Issue |\n|--------|----------|----------|-------|\n");
    for (finding, state) in rows {
        let at = place(&finding.path, finding.line);
        let _ = writeln!(out, "| {} | {} | {at} | {} |", cell(&state), finding.severity.word(), cell(&finding.message));
    }
    out.push('\n');
    more(out, "- ", comparison);
    if fixed(comparison).count() > LISTED {
        out.push('\n');
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing, clippy::unwrap_used)]
    use crate::audit::baseline::compare;
    use crate::audit::{aggregate, sample};
    use crate::report::share::Shareable;
    use crate::report::writers::text::Style;
    use crate::report::writers::{markdown, text};

    #[test]
    fn text_and_markdown_say_what_changed() {
        let (mut now, mut earlier) = (aggregate(sample::input()), aggregate(sample::input()));
        let came = earlier.findings.remove(0);
        let went = now.findings.remove(1);
        earlier.project = "shop | old".to_owned();
        compare(&mut now, &earlier);
        let counts = now.comparison.as_ref().unwrap().counts;
        let report = Shareable::new(&now);
        let said = text(&report, Style::Plain, None);
        let line = format!("-> {}", crate::audit::score::tenths(now.overall.score_tenths.unwrap()));
        assert!(said.lines().any(|one| one.starts_with("Since shop | old of ") && one.contains(&line)), "{said}");
        assert!(said.contains(&format!("{} new, {} fixed, {} still there", counts.new, counts.fixed, counts.known)));
        assert!(said.contains(&format!("  fixed[{}] {}:{}: ", went.check, went.path, went.line)), "{said}");
        let head = said.split("\n\n").find(|part| part.contains(&came.message)).unwrap();
        assert!(head.ends_with("= baseline: new"), "{head}");
        let page = markdown(&report);
        assert!(page.contains("### Since the Earlier Report\n\n`shop \\| old` of "), "{page}");
        assert!(
            page.contains(&format!("| new | {} | `{}:{}` |", came.severity.word(), came.path, came.line)),
            "{page}"
        );
        assert!(page.contains(&format!("| fixed | {} | `{}:{}` |", went.severity.word(), went.path, went.line)));
    }

    #[test]
    fn without_an_earlier_report_there_is_no_section() {
        let report = aggregate(sample::input());
        let report = Shareable::new(&report);
        assert!(!text(&report, Style::Plain, None).contains("Since "));
        assert!(!markdown(&report).contains("Since the Earlier Report"));
    }
}
