//! Text for terminals and logs, in the manner of a modern compiler: severity and check, place,
//! code frame, the numbered path, advice.

use super::escape::plain;
use super::since;
use super::summary::{
    category_line, conflict_lines, counted, effort_words, is_available, missing_score, next_step_line, severities,
    verdict_line,
};
use crate::audit::score::tenths;
use crate::report::model::{CheckStatus, Confidence, Finding, Report, Severity, Verdict};
use crate::report::share::Shareable;
use std::fmt::Write as _;

/// How the text may look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// No escape sequences.
    Plain,
    /// Colours by ANSI escape sequences.
    Ansi,
}

/// A source of files' texts for code frames: path as in the report -> text.
pub type Sources<'a> = &'a dyn Fn(&str) -> Option<&'a str>;

/// Lines of a frame before it is cut.
const FRAME_LINES: u32 = 4;
/// Characters of a source line before it is cut.
const FRAME_WIDTH: usize = 140;

/// The report as text; with `sources` findings carry code frames.
#[must_use]
pub fn text(report: &Shareable, style: Style, sources: Option<Sources<'_>>) -> String {
    let pen = Pen { style };
    let mut out = String::new();
    for finding in report.findings.iter().filter(|finding| finding.verdict == Verdict::Counted) {
        write_finding(&mut out, pen, report, finding, sources);
    }
    let apart: Vec<&Finding> = report.findings.iter().filter(|finding| finding.verdict != Verdict::Counted).collect();
    if !apart.is_empty() {
        let _ = writeln!(out, "{}", pen.bold("Listed, not scored"));
        for finding in apart {
            write_apart(&mut out, finding);
        }
        out.push('\n');
    }
    write_summary(&mut out, pen, report);
    out
}

#[derive(Clone, Copy)]
struct Pen {
    style: Style,
}

impl Pen {
    fn paint(self, code: &str, text: &str) -> String {
        match self.style {
            Style::Plain => text.to_owned(),
            Style::Ansi => format!("\u{1b}[{code}m{text}\u{1b}[0m"),
        }
    }

    fn bold(self, text: &str) -> String {
        self.paint("1", text)
    }

    fn dim(self, text: &str) -> String {
        self.paint("2", text)
    }

    fn gutter(self, text: &str) -> String {
        self.paint("1;34", text)
    }

    fn severity(self, severity: Severity, text: &str) -> String {
        let code = match severity {
            Severity::Critical => "1;35",
            Severity::High => "1;31",
            Severity::Medium => "1;33",
            Severity::Low => "1;36",
        };
        self.paint(code, text)
    }
}

fn write_finding(out: &mut String, pen: Pen, report: &Shareable, finding: &Finding, sources: Option<Sources<'_>>) {
    let head = format!("{}[{}]", finding.severity.word().to_lowercase(), finding.check);
    let _ = writeln!(out, "{}: {}", pen.severity(finding.severity, &head), pen.bold(&plain(&finding.message)));
    let frame = sources
        .and_then(|sources| sources(&finding.path))
        .map(|text| frame_lines(report, text, finding))
        .unwrap_or_default();
    let width = frame.last().map_or(1, |(number, _)| number.to_string().len()).max(3);
    let symbol = match finding.symbol.as_str() {
        "" | "<module>" => String::new(),
        symbol => format!(" in {}", plain(symbol)),
    };
    let _ = writeln!(
        out,
        "{:width$}{} {}:{}:{}{symbol}",
        "",
        pen.gutter("-->"),
        plain(&finding.path),
        finding.line,
        finding.column
    );
    write_frame(out, pen, &frame, finding, width);
    for (index, step) in finding.steps.iter().enumerate() {
        let _ = writeln!(
            out,
            "{:width$} {} {} {}  {}",
            "",
            pen.gutter("="),
            index + 1,
            pen.dim(&format!("{}:{}", plain(&step.path), step.line)),
            plain(&step.message)
        );
    }
    let mut note = |label: &str, text: &str| {
        let _ = writeln!(out, "{:width$} {} {}: {}", "", pen.gutter("="), pen.bold(label), plain(text));
    };
    note("help", &finding.recommendation);
    let confidence = match finding.confidence {
        Confidence::High => "high",
        Confidence::Medium => "medium",
        Confidence::Low => "low",
    };
    let mut facts = vec![format!("effort {}", effort_words(finding.effort)), format!("confidence {confidence}")];
    facts.extend(finding.evidence.iter().cloned());
    note("note", &facts.join("; "));
    if let (Some(original), Some(why)) = (finding.original_severity, &finding.advisory) {
        note("note", &format!("lowered from {}: {why}", original.word()));
    }
    if let Some(measured) = &finding.measured {
        let was = finding.original_severity.filter(|was| *was != finding.severity);
        let was = was.map(|was| format!(" (was {})", was.word())).unwrap_or_default();
        note("measured", &format!("{measured}{was}"));
    }
    if !finding.also.is_empty() {
        note("also", &finding.also.join(", "));
    }
    if let Some(state) = since::state_words(finding) {
        note("baseline", &state);
    }
    out.push('\n');
}

/// Numbered source lines of a finding, masked and cut.
fn frame_lines(report: &Shareable, text: &str, finding: &Finding) -> Vec<(u32, String)> {
    let last = finding.end_line.max(finding.line).min(finding.line.saturating_add(FRAME_LINES - 1));
    (finding.line..)
        .zip(text.lines().skip(finding.line.saturating_sub(1) as usize))
        .take_while(|(number, _)| *number <= last)
        .map(|(number, line)| {
            let line = plain(&report.masker().mask(line).replace('\t', "    "));
            let cut: String = line.chars().take(FRAME_WIDTH).collect();
            (number, if cut.len() < line.len() { format!("{cut}…") } else { cut })
        })
        .collect()
}

fn write_frame(out: &mut String, pen: Pen, frame: &[(u32, String)], finding: &Finding, width: usize) {
    if frame.is_empty() {
        return;
    }
    let bar = pen.gutter("|");
    let _ = writeln!(out, "{:width$} {bar}", "");
    for (number, line) in frame {
        let _ = writeln!(out, "{} {bar} {}", pen.gutter(&format!("{number:width$}")), line.trim_end());
        if *number == finding.line && finding.end_line <= finding.line {
            let indent = finding.column.saturating_sub(1) as usize;
            let rest = line.trim_end().chars().count().saturating_sub(indent);
            if (1..=FRAME_WIDTH).contains(&rest) {
                let carets = pen.severity(finding.severity, &"^".repeat(rest));
                let _ = writeln!(out, "{:width$} {bar} {:indent$}{carets}", "", "");
            }
        }
    }
    if finding.end_line > frame.last().map_or(0, |(number, _)| *number) {
        let _ = writeln!(out, "{:>width$} {bar}", "...");
    }
    let _ = writeln!(out, "{:width$} {bar}", "");
}

fn write_apart(out: &mut String, finding: &Finding) {
    let word = match finding.verdict {
        Verdict::Counted => return,
        Verdict::Advisory => "advisory",
        Verdict::NeedsContext => "needs context",
        Verdict::Suppressed => "suppressed",
        Verdict::Refuted => "refuted",
    };
    let reason = finding.verdict_reason.as_deref().unwrap_or("no reason given");
    let _ = writeln!(
        out,
        "  {word}[{}] {}:{}: {}\n    {}",
        finding.check,
        plain(&finding.path),
        finding.line,
        plain(&finding.message),
        plain(reason)
    );
}

fn write_summary(out: &mut String, pen: Pen, report: &Report) {
    for category in &report.categories {
        let (score, rest) = match (category.score_tenths, missing_score(&category.status)) {
            (Some(score), _) => (tenths(score), severities(&category.counts)),
            (None, Some((word, reason))) => (word.to_owned(), plain(reason)),
            (None, None) => ("N/A".to_owned(), String::new()),
        };
        let _ = writeln!(out, "{:<24}{score:>6}  {rest}", category.category.title());
    }
    let _ = writeln!(out, "\n{}", pen.bold(&plain(&verdict_line(report))));
    for line in [category_line(report), next_step_line(report)].into_iter().flatten() {
        let _ = writeln!(out, "{}", plain(&line));
    }
    let coverage = &report.coverage;
    let skipped =
        report.checks.iter().filter(|check| check.status == CheckStatus::Skipped && is_available(check)).count() as u64;
    let mut parts = vec![format!("{} audited", counted(coverage.files.len() as u64, "file", "files"))];
    parts.push(format!("{} skipped", counted(coverage.skipped.len() as u64, "file", "files")));
    if !coverage.problems.is_empty() {
        parts.push(counted(coverage.problems.len() as u64, "problem", "problems"));
    }
    parts.push(format!("{} had nothing to look at", counted(skipped, "check", "checks")));
    let per_kloc = report.overall.penalty_per_kloc_tenths.map_or_else(String::new, |value| {
        format!("; penalty {}, {} per 1,000 lines", tenths(report.overall.penalty_tenths), tenths(value))
    });
    let _ = writeln!(out, "{}{per_kloc}", parts.join(", "));
    since::text(out, report);
    let disagreements = conflict_lines(&report.context);
    for notice in disagreements.iter().chain(&coverage.notices).chain(&report.notices) {
        let _ = writeln!(out, "note: {}", plain(notice));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::{aggregate, sample};

    fn source() -> String {
        let mut lines: Vec<String> = (1..200).map(|number| format!("    line_{number} = None")).collect();
        if let Some(line) = lines.get_mut(13) {
            *line = "engine = create_async_engine(\"postgresql+asyncpg://shop:hunter2@db/shop\"".to_owned();
        }
        lines.join("\n")
    }

    #[test]
    fn the_sample_file_is_the_sample_report() {
        let source = source();
        let sources = |path: &str| (path != "app/api/orders.py").then_some(source.as_str());
        let text = text(&Shareable::new(&aggregate(sample::input())), Style::Plain, Some(&sources));
        assert!(!text.contains("hunter2") && text.contains("postgresql+asyncpg://shop:***@db/shop"), "{text}");
        crate::report::writers::golden(concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/data/sample-report.txt"), &text);
    }

    #[test]
    fn plain_text_has_no_escape_sequences_and_colour_only_adds_them() {
        let mut report = aggregate(sample::input());
        if let Some(first) = report.findings.first_mut() {
            first.message = "evil \u{1b}[2J\u{7} \u{202e}text\nnext".to_owned();
        }
        let report = Shareable::new(&report);
        let plain = text(&report, Style::Plain, None);
        assert!(!plain.contains(['\u{1b}', '\u{7}', '\u{202e}']));
        let mut coloured = text(&report, Style::Ansi, None);
        for code in ["0", "1", "2", "1;31", "1;33", "1;34", "1;35", "1;36"] {
            coloured = coloured.replace(&format!("\u{1b}[{code}m"), "");
        }
        assert_eq!(coloured, plain);
    }
}
