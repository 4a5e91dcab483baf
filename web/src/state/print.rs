//! What goes to the printer: the summary, and all findings with their paths, as markup. Pure.

use super::filter::VERDICTS;
use super::html::Html;
use super::markdown::severity_title;
use super::marks::Marks;
use super::verdict::{Part, grouped, plain, sentences, severity_word, tenths};
use crate::words;
use drydock_core::report::model::{CategoryScore, CategoryState, Counts, Finding, Report, Severity, Verdict};

/// The pages: with all findings, or the summary.
#[must_use]
pub fn pages(report: &Report, all: bool) -> String {
    let mut out = Html::default();
    out.raw("<h1>").text(words::PRODUCT).raw(" \u{2013} ").text(&report.project).raw(" \u{2013} ").text(&report.date);
    // A mark leaves with no file and on no paper.
    let said = sentences(report, &Marks::default());
    out.raw("</h1><p><strong>").text(&plain(&said.verdict)).raw("</strong></p>");
    for parts in [said.worst, said.first, said.next, said.coverage] {
        paragraph(&mut out, &parts);
    }
    out.raw("<table class=\"table\"><thead><tr>");
    for head in [words::FACET_CATEGORY, words::SCORE, words::PENALTY, words::FINDINGS] {
        out.raw("<th>").text(head).raw("</th>");
    }
    out.raw("</tr></thead><tbody>");
    for one in &report.categories {
        score(&mut out, one);
    }
    out.raw("</tbody></table><ul class=\"bullets\">");
    for remark in report.coverage.notices.iter().chain(&report.notices) {
        out.raw("<li>").inline(remark).raw("</li>");
    }
    out.raw("</ul>");
    if all {
        for verdict in VERDICTS {
            group(&mut out, report, verdict);
        }
    }
    out.done()
}

fn paragraph(out: &mut Html, parts: &[Part]) {
    if !parts.is_empty() {
        out.raw("<p>").inline(&plain(parts)).raw("</p>");
    }
}

fn score(out: &mut Html, score: &CategoryScore) {
    out.raw("<tr><td>").text(score.category.title()).raw("</td><td>");
    match (&score.status, score.score_tenths, score.band) {
        (CategoryState::Completed, Some(number), Some(band)) => {
            out.text(&tenths(number)).raw(", ").text(band.title());
        }
        (CategoryState::NotApplicable(reason) | CategoryState::Error(reason), ..) => {
            out.text(words::NOT_APPLICABLE).raw(": ").inline(reason);
        }
        _ => {
            out.text(words::NO_SCORE);
        }
    }
    out.raw("</td><td>")
        .text(&tenths(score.penalty_tenths))
        .raw("</td><td>")
        .text(&tally(score.counts))
        .raw("</td></tr>");
}

fn tally(counts: Counts) -> String {
    let found = Severity::ALL.into_iter().filter(|severity| counts.of(*severity) > 0);
    let words: Vec<String> =
        found.map(|severity| format!("{} {}", counts.of(severity), severity_word(severity))).collect();
    words.join(", ")
}

fn group(out: &mut Html, report: &Report, verdict: Verdict) {
    let findings = || report.findings.iter().filter(|finding| finding.verdict == verdict);
    let number = findings().count();
    if number > 0 {
        out.raw("<h2>").text(words::verdict(verdict)).raw(" ").text(&grouped(number as u64)).raw("</h2>");
        findings().for_each(|one| finding(out, one));
    }
}

fn finding(out: &mut Html, finding: &Finding) {
    out.raw("<section class=\"print-finding\"><p class=\"first-head\"><strong data-sev=\"");
    out.raw(severity_word(finding.severity)).raw("\" class=\"sev\">").text(severity_title(finding.severity));
    out.raw("</strong><span>").text(finding.category.title()).raw(", ").text(words::effort(finding.effort).1);
    out.raw("</span></p><p class=\"first-message\">").inline(&finding.message).raw("</p><p class=\"mono\">");
    place(out, &finding.path, finding.line);
    out.raw("</p>");
    if let Some(reason) = finding.verdict_reason.as_ref().or(finding.advisory.as_ref()) {
        out.raw("<p>").inline(reason).raw("</p>");
    }
    out.raw("<p>").inline(&finding.recommendation).raw("</p><ol>");
    for step in &finding.steps {
        out.raw("<li>").inline(&step.message).raw(" <span class=\"mono\">");
        place(out, &step.path, step.line);
        out.raw("</span></li>");
    }
    out.raw("</ol></section>");
}

fn place(out: &mut Html, path: &str, line: u32) {
    out.text(path).raw(":").text(&line.to_string());
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing)]
    use super::super::verdict::tests::{finding as one, report};
    use super::*;
    use drydock_core::report::model::{Category, Step};

    #[test]
    fn every_finding_is_printed_and_none_is_markup() {
        let mut findings: Vec<Finding> =
            (0..500).map(|_| one("query_in_loop", Category::QueryEfficiency, Severity::Low)).collect();
        findings[3].message = "<img src=x onerror=alert(1)>".to_owned();
        findings[3].path = "\"><script>.py".to_owned();
        findings[3].steps.push(Step { path: "<b>".to_owned(), line: 1, message: "<i>".to_owned() });
        findings[7].verdict = Verdict::Suppressed;
        findings[7].verdict_reason = Some("ten rows".to_owned());
        let report = report(findings);
        let all = pages(&report, true);
        assert_eq!(all.matches("class=\"print-finding\"").count(), 500);
        assert!(
            all.contains("<h2>Scored 499</h2>") && all.contains("<h2>Suppressed 1</h2>") && all.contains("ten rows")
        );
        for markup in ["<img", "<script", "<b>", "<i>"] {
            assert!(!all.contains(markup), "{markup}");
        }
        assert!(!pages(&report, false).contains("print-finding") && pages(&report, false).contains("499 low"));
    }
}
