//! `report.html`: the report as one page that needs nothing else. It has no script at all, a policy of its own
//! that forbids every request, and the report's data packed inside, so that dropping it on the app opens it again.

use super::escape::plain;
use super::summary::{
    category_line, conflict_lines, counted, effort_words, facts, is_available, missing_score, next_step_line, of,
    severities, verdict_line,
};
use super::{gzip, json};
use crate::audit::score::tenths;
use crate::report::model::{
    BaselineState, Category, CheckStatus, Confidence, DATA_CLOSE, DATA_OPEN, Finding, Report, Severity, Source, Verdict,
};
use crate::report::share::Shareable;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use std::fmt::Write as _;

const STYLE: &str = include_str!("style.css");
/// SHA-256 of [`STYLE`], which the page's policy allows; a test computes it anew.
const STYLE_HASH: &str = "/ShLN4r8P3CecyG3Of3P+xKNW5KoENaVYPx3ETMmib0=";

/// The report as a page.
#[must_use]
pub fn html(report: &Shareable) -> String {
    let mut out = String::new();
    head(&mut out, report);
    summary(&mut out, report);
    comparison(&mut out, report);
    for category in Category::ALL {
        findings_of(&mut out, report, category);
    }
    apart(&mut out, report);
    checks(&mut out, report);
    coverage(&mut out, report);
    context(&mut out, report);
    sources(&mut out, &report.sources);
    out.push_str("</main>\n");
    out.push_str(DATA_OPEN);
    out.push_str(&packed(json(report).as_bytes()));
    out.push_str(DATA_CLOSE);
    out.push_str("\n</body>\n</html>\n");
    out
}

/// Gzipped, as base64: nothing in it can end the element that holds it.
fn packed(bytes: &[u8]) -> String {
    STANDARD.encode(gzip(bytes, Compression::best()))
}

/// Text of the audited project inside HTML: nothing of it is markup.
fn escape(text: &str) -> String {
    let text = plain(text);
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// Prose with `code` in backticks.
fn prose(text: &str) -> String {
    let text = plain(text);
    let parts: Vec<&str> = text.split('`').collect();
    if parts.len().is_multiple_of(2) {
        return escape(&text);
    }
    let mut out = String::new();
    for (at, part) in parts.iter().enumerate() {
        let part = escape(part);
        let _ = if !at.is_multiple_of(2) { write!(out, "<code>{part}</code>") } else { write!(out, "{part}") };
    }
    out
}

fn head(out: &mut String, report: &Report) {
    let title = escape(&report.project);
    let _ = write!(
        out,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-{STYLE_HASH}'; \
         base-uri 'none'; form-action 'none'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n<title>{title}: Drydock report</title>\n\
         <style>{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n\
         <p class=\"dim\">Persistence and performance audit of {} by Drydock {}</p>\n",
        escape(&report.date),
        escape(&report.version)
    );
}

fn summary(out: &mut String, report: &Report) {
    let _ = writeln!(out, "<p class=\"verdict\">{}</p>", prose(&verdict_line(report)));
    for line in [category_line(report), next_step_line(report)].into_iter().flatten() {
        let _ = writeln!(out, "<p>{}</p>", prose(&line));
    }
    let overall = report.overall.score_tenths.map_or_else(|| "N/A".to_owned(), tenths);
    let band = report.overall.band.map_or("Not judged", |band| band.title());
    let _ = writeln!(out, "<ul class=\"scores\">\n<li>Overall<b>{overall}</b><span class=\"dim\">{band}</span></li>");
    for score in &report.categories {
        let (value, note) = match (score.score_tenths, score.band, missing_score(&score.status)) {
            (Some(value), Some(band), _) => (tenths(value), format!("{}, {}", band.title(), severities(&score.counts))),
            (_, _, Some((word, reason))) => (word.to_owned(), reason.to_owned()),
            _ => ("N/A".to_owned(), String::new()),
        };
        let title = score.category.title();
        let _ = writeln!(out, "<li>{title}<b>{value}</b><span class=\"dim\">{}</span></li>", escape(&note));
    }
    out.push_str("</ul>\n");
}

fn comparison(out: &mut String, report: &Report) {
    let Some(comparison) = &report.comparison else { return };
    let score = |value: Option<u32>| value.map_or_else(|| "N/A".to_owned(), tenths);
    let _ = writeln!(
        out,
        "<h2>Since {}</h2>\n<p>{} to {}: {} new, {} fixed, {} known, {} moved.</p>",
        escape(&comparison.date),
        score(comparison.before_tenths),
        score(comparison.after_tenths),
        comparison.counts.new,
        comparison.counts.fixed,
        comparison.counts.known,
        comparison.counts.moved
    );
    for warning in &comparison.warnings {
        let _ = writeln!(out, "<p class=\"dim\">{}</p>", prose(warning));
    }
    out.push_str(
        "<div class=\"scroll\"><table>\n<tr><th>Category</th><th class=\"number\">Before</th><th class=\"number\">Now</th>\
         <th class=\"number\">New</th><th class=\"number\">Fixed</th><th class=\"number\">Known</th><th class=\"number\">Moved</th></tr>\n",
    );
    for change in &comparison.categories {
        let cells = [score(change.before_tenths), score(change.after_tenths)].into_iter().chain(
            [change.counts.new, change.counts.fixed, change.counts.known, change.counts.moved].map(|n| n.to_string()),
        );
        let cells: String = cells.map(|cell| format!("<td class=\"number\">{cell}</td>")).collect();
        let _ = writeln!(out, "<tr><td>{}</td>{cells}</tr>", change.category.title());
    }
    out.push_str("</table></div>\n");
    for finding in &comparison.fixed {
        item(out, finding, "FIXED", "pass");
    }
}

const fn class(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "critical",
        Severity::High => "high",
        Severity::Medium => "medium",
        Severity::Low => "low",
    }
}

fn findings_of(out: &mut String, report: &Report, category: Category) {
    let _ = writeln!(out, "<h2>{}</h2>", category.title());
    let mut rows = of(report, category, Verdict::Counted).peekable();
    if rows.peek().is_none() {
        let state = report.categories.iter().find(|score| score.category == category);
        let text = match state.and_then(|score| missing_score(&score.status)) {
            Some((word, reason)) => format!("Not judged ({word}): {}.", prose(reason.trim_end_matches('.'))),
            None => "No findings.".to_owned(),
        };
        let _ = writeln!(out, "<p>{text}</p>");
    }
    for finding in rows {
        item(out, finding, finding.severity.word(), class(finding.severity));
    }
}

fn item(out: &mut String, finding: &Finding, tag: &str, class: &str) {
    let new = if finding.baseline == Some(BaselineState::New) { " <b>new</b>" } else { "" };
    // What measurement disproved is struck out.
    let (strike, unstrike) = if finding.verdict == Verdict::Refuted { ("<s>", "</s>") } else { ("", "") };
    let _ = write!(
        out,
        "<details>\n<summary><span class=\"tag {class}\">{tag}</span> {strike}{}{unstrike}{new}\
         <span class=\"where\"><code>{}:{}</code></span></summary>\n<div class=\"body\">\n<p>{}.</p>\n<dl>\n",
        prose(&finding.message),
        escape(&finding.path),
        finding.line,
        prose(&finding.recommendation)
    );
    let mut row = |name: &str, text: &str| {
        let _ = writeln!(out, "<dt>{name}</dt><dd>{text}</dd>");
    };
    row("Check", &format!("<code>{}</code>", escape(&finding.check)));
    row("Effort", effort_words(finding.effort));
    if finding.confidence != Confidence::High {
        row("Confidence", if finding.confidence == Confidence::Medium { "medium" } else { "low" });
    }
    if let Some(original) = finding.original_severity {
        row("Severity before", original.word());
    }
    for text in [&finding.advisory, &finding.verdict_reason].into_iter().flatten() {
        row("Reason", &prose(text));
    }
    if let Some(text) = &finding.measured {
        row("Measured", &prose(text));
    }
    if let Some(from) = &finding.moved_from {
        row("Moved from", &format!("<code>{}</code>", escape(from)));
    }
    if !finding.also.is_empty() {
        let also: Vec<String> = finding.also.iter().map(|id| format!("<code>{}</code>", escape(id))).collect();
        row("Also seen by", &also.join(", "));
    }
    for text in &finding.evidence {
        row("Fact", &prose(text));
    }
    out.push_str("</dl>\n");
    if !finding.steps.is_empty() {
        out.push_str("<ol>\n");
        for step in &finding.steps {
            let (path, line, message) = (escape(&step.path), step.line, prose(&step.message));
            let _ = writeln!(out, "<li>{message} <code class=\"dim\">{path}:{line}</code></li>");
        }
        out.push_str("</ol>\n");
    }
    out.push_str("</div>\n</details>\n");
}

fn apart(out: &mut String, report: &Report) {
    for (verdict, title) in [
        (Verdict::Advisory, "Advisory, not scored"),
        (Verdict::NeedsContext, "Needs context, not scored"),
        (Verdict::Refuted, "Refuted by measurement, not scored"),
        (Verdict::Suppressed, "Suppressed by the project, not scored"),
    ] {
        let mut rows = report.findings.iter().filter(|finding| finding.verdict == verdict).peekable();
        if rows.peek().is_none() {
            continue;
        }
        let _ = writeln!(out, "<h2>{title}</h2>");
        for finding in rows {
            item(out, finding, finding.severity.word(), class(finding.severity));
        }
    }
}

fn checks(out: &mut String, report: &Report) {
    out.push_str(
        "<h2>Checks</h2>\n<div class=\"scroll\"><table>\n<tr><th>Check</th><th>Result</th><th>Details</th>\
         <th class=\"number\">Dismissed</th></tr>\n",
    );
    for check in report.checks.iter().filter(|check| is_available(check)) {
        let (word, class) = match check.status {
            CheckStatus::Passed => ("passed", "pass"),
            CheckStatus::Warning => ("warning", "medium"),
            CheckStatus::Failed => ("failed", "high"),
            CheckStatus::Skipped => ("skipped", "dim"),
        };
        let _ = writeln!(
            out,
            "<tr><td>{}<br><code class=\"dim\">{}</code></td><td class=\"{class}\">{word}</td><td>{}</td><td class=\"number\">{}</td></tr>",
            escape(&check.title),
            escape(&check.check),
            prose(&check.details),
            check.dismissed
        );
    }
    out.push_str("</table></div>\n");
}

fn coverage(out: &mut String, report: &Report) {
    let coverage = &report.coverage;
    let _ = writeln!(
        out,
        "<h2>What was read</h2>\n<p>{} with {} audited, {} skipped.</p>",
        counted(coverage.files.len() as u64, "file", "files"),
        counted(coverage.lines, "line", "lines"),
        counted(coverage.skipped.len() as u64, "file", "files")
    );
    let notices = coverage.notices.iter().chain(&report.notices).map(|text| prose(text));
    let problems = coverage.problems.iter().map(|problem| {
        let line = if problem.line > 0 { format!(":{}", problem.line) } else { String::new() };
        format!("<code>{}{line}</code> {}", escape(&problem.path), prose(&problem.message))
    });
    list(out, &notices.chain(problems).collect::<Vec<_>>());
    if !coverage.skipped.is_empty() {
        let _ = writeln!(out, "<details>\n<summary>Skipped files</summary>\n<div class=\"body\">");
        let rows =
            coverage.skipped.iter().map(|file| format!("<code>{}</code> {}", escape(&file.path), prose(&file.reason)));
        list(out, &rows.collect::<Vec<_>>());
        out.push_str("</div>\n</details>\n");
    }
}

fn context(out: &mut String, report: &Report) {
    let rows = facts(&report.context);
    if rows.is_empty() {
        return;
    }
    out.push_str(
        "<h2>Project context</h2>\n<div class=\"scroll\"><table>\n<tr><th>Fact</th><th>Value</th><th>Read from</th></tr>\n",
    );
    for (what, value, at) in rows {
        let (value, at) = (prose(&value), escape(&at));
        let _ = writeln!(out, "<tr><td>{what}</td><td>{value}</td><td><code>{at}</code></td></tr>");
    }
    out.push_str("</table></div>\n");
    list(out, &conflict_lines(&report.context).iter().map(|line| prose(line)).collect::<Vec<_>>());
}

fn sources(out: &mut String, sources: &[Source]) {
    if sources.is_empty() {
        return;
    }
    out.push_str("<h2>Sources consulted</h2>\n");
    let rows: Vec<String> = sources
        .iter()
        .map(|source| {
            let (title, url) = (prose(&source.title), escape(&source.url));
            // Only links of the web: a report may have been edited by hand.
            if source.url.starts_with("https://") {
                format!("{title}: <a href=\"{url}\" rel=\"noreferrer\">{url}</a>")
            } else {
                format!("{title}: {url}")
            }
        })
        .collect();
    list(out, &rows);
}

fn list(out: &mut String, rows: &[String]) {
    if rows.is_empty() {
        return;
    }
    out.push_str("<ul>\n");
    for row in rows {
        let _ = writeln!(out, "<li>{row}</li>");
    }
    out.push_str("</ul>\n");
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;
    use crate::audit::{aggregate, baseline, sample};
    use crate::report::read::read;
    use sha2::{Digest, Sha256};

    fn page(report: &Report) -> String {
        html(&Shareable::new(report))
    }

    #[test]
    fn the_policy_allows_the_pages_own_style_and_nothing_else() {
        assert_eq!(STANDARD.encode(Sha256::digest(STYLE.as_bytes())), STYLE_HASH);
        let text = page(&aggregate(sample::input()));
        assert!(text.contains("content=\"default-src 'none'; style-src 'sha256-"));
        assert_eq!(text.matches("<script").count(), 1, "the data only");
        assert!(!text.contains(" style=") && !text.contains("<img") && !text.contains("src="));
    }

    #[test]
    fn the_sample_file_is_the_sample_report() {
        let text = page(&aggregate(sample::input()));
        let (start, rest) = text.split_once(DATA_OPEN).unwrap();
        let (_, end) = rest.split_once(DATA_CLOSE).unwrap();
        // What is packed depends on the packer; that it is the report is tested below.
        crate::report::writers::golden(
            concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/data/sample-report.html"),
            &format!("{start}{DATA_OPEN}{DATA_CLOSE}{end}"),
        );
    }

    #[test]
    fn the_page_holds_its_report() {
        let mut report = aggregate(sample::input());
        let earlier = aggregate(sample::input());
        report.findings.remove(0);
        baseline::compare(&mut report, &earlier);
        let text = page(&report);
        let again = read(text.as_bytes()).unwrap();
        assert_eq!(json(&Shareable::new(&again)), json(&Shareable::new(&report)));
        assert_eq!(page(&again), text);
        assert!(text.contains("1 fixed"));
    }

    #[test]
    fn every_finding_and_every_number_is_readable() {
        let report = aggregate(sample::input());
        let text = page(&report);
        assert_eq!(text.matches("<summary><span class=\"tag").count(), report.findings.len());
        for score in &report.categories {
            let value = tenths(score.score_tenths.unwrap());
            assert!(text.contains(&format!("<li>{}<b>{value}</b>", score.category.title())));
        }
        assert!(!text.contains("s3cr3t"));
    }

    #[test]
    fn what_is_refuted_is_struck_out() {
        let mut report = aggregate(sample::input());
        assert!(!html(&Shareable::new(&report)).contains("<s>"));
        report.findings[0].verdict = Verdict::Refuted;
        report.findings[0].message = "`a` < b".to_owned();
        assert!(html(&Shareable::new(&report)).contains("</span> <s><code>a</code> &lt; b</s>"));
    }

    #[test]
    fn hostile_names_and_code_stay_text() {
        let evil = "</script></style><script>alert(1)</script><img src=x onerror=alert(1)>\" onload='x' `<b>`";
        let mut report = aggregate(sample::input());
        report.project = evil.into();
        for finding in &mut report.findings {
            finding.path = evil.into();
            finding.message = evil.into();
            finding.recommendation = evil.into();
            finding.symbol = evil.into();
            finding.evidence = vec![evil.into()];
            finding.steps.iter_mut().for_each(|step| (step.path, step.message) = (evil.into(), evil.into()));
        }
        report.notices = vec![evil.into()];
        report.sources[0].url = "javascript:alert(1)".into();
        report.coverage.skipped[0].path = evil.into();
        let text = page(&report);
        assert_eq!(text.matches("<script").count(), 1);
        assert_eq!(text.matches("</style>").count(), 1);
        assert!(!text.contains("<img") && !text.contains("href=\"javascript") && !text.contains("<b>`"));
        assert_eq!(read(text.as_bytes()).unwrap().project, evil);
    }

    #[test]
    fn five_hundred_findings_stay_small() {
        let mut report = aggregate(sample::input());
        let all = report.findings.clone();
        report.findings = all
            .iter()
            .cycle()
            .take(500)
            .cloned()
            .enumerate()
            .map(|(at, mut found)| {
                found.line = u32::try_from(at).unwrap();
                found.fingerprint = format!("{at:032x}");
                found
            })
            .collect();
        let size = page(&report).len();
        assert!(size < 1_000_000, "{size}");
    }
}
