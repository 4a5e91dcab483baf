//! Names, code and messages of an audited project never become structure: whatever they hold, the parsed report has
//! the headings, rows, cells and elements that it has with harmless ones.

use super::reports;
use drydock_core::report::model::{Category, Report};
use drydock_core::report::share::Shareable;
use drydock_core::report::writers::{html, markdown, worker_markdown};
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

/// Pieces that mean something to Markdown, HTML or terminals.
const PIECES: &[&str] = &[
    "|",
    "`",
    "``",
    "```",
    "\\",
    "\\|",
    "\n",
    "\r\n",
    "\t",
    "<",
    ">",
    "&",
    "&lt;",
    "*",
    "**",
    "_",
    "~~",
    "[",
    "]",
    "(",
    ")",
    "](",
    "[x]: y",
    "#",
    "# ",
    "- ",
    "+ ",
    "1. ",
    "---",
    "===",
    "!",
    "\"",
    "'",
    " ",
    "   ",
    "a",
    "é",
    "\u{202e}",
    "\u{0}",
    "\u{1b}[31m",
    "\u{2028}",
    "</td>",
    "</code>",
    "</p>",
    "<script>alert(1)</script>",
    "<img src=x onerror=y>",
    "<!--",
    "-->",
    "| --- |",
    "https://x.org",
    "javascript:",
    "$x$",
    "{}",
    "%",
    "snake_case",
    "a.py:3",
];

/// A small generator of its own, so that the cases are the same everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % below
    }

    fn text(&mut self) -> String {
        let length = 1 + self.next(12);
        let text: String = (0..length).map(|_| PIECES[self.next(PIECES.len())]).collect();
        // A name is never only white space.
        if text.trim().is_empty() { "x".to_owned() } else { text }
    }
}

/// The report with other texts wherever the project's own may stand.
fn filled(report: &Report, mut text: impl FnMut() -> String) -> Report {
    let mut report = report.clone();
    report.project = text();
    for finding in &mut report.findings {
        (finding.path, finding.symbol, finding.message) = (text(), text(), text());
        finding.recommendation = text();
        finding.verdict_reason = finding.verdict_reason.as_ref().map(|_| text());
        finding.advisory = finding.advisory.as_ref().map(|_| text());
        finding.evidence.iter_mut().for_each(|line| *line = text());
        for step in &mut finding.steps {
            (step.path, step.message) = (text(), text());
        }
    }
    report.notices.iter_mut().for_each(|notice| *notice = text());
    for problem in &mut report.coverage.problems {
        (problem.path, problem.message) = (text(), text());
    }
    for conflict in &mut report.context.conflicts {
        conflict.values.iter_mut().for_each(|said| said.value = text());
    }
    for trigger in &mut report.context.db_config.triggers {
        (trigger.table, trigger.function, trigger.file) = (text(), text(), text());
    }
    report.checks.iter_mut().for_each(|check| check.details = text());
    report
}

/// Headings, tables, rows, cells, lists and items, in order. Nothing else may come of a project's text.
fn structure(markdown: &str) -> Vec<String> {
    let mut out = Vec::new();
    // The worker reports' own comment, in which nothing is markup but its end.
    let mut comment = false;
    for event in Parser::new_ext(markdown, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH) {
        match event {
            Event::Start(Tag::HtmlBlock) | Event::End(TagEnd::HtmlBlock) => {}
            Event::Html(text) if comment || text.starts_with("<!-- AUDIT-META") => comment = !text.contains("-->"),
            Event::Start(Tag::Strong) | Event::End(TagEnd::Strong) => out.push("strong".to_owned()),
            Event::Start(tag) => out.push(format!("{:?}", tag.to_end())),
            Event::Html(text) | Event::InlineHtml(text) => panic!("HTML: {text}\nin\n{markdown}"),
            Event::Text(_) | Event::Code(_) | Event::End(_) => {}
            other => panic!("{other:?} in\n{markdown}"),
        }
    }
    out
}

/// Names of the elements in order, but for code spans of prose.
fn elements(page: &str) -> Vec<&str> {
    let body = page.split("<script type=\"application/gzip\"").next().unwrap();
    let tags = body.split('<').skip(1).map(|rest| rest.split(['>', ' ']).next().unwrap_or_default());
    tags.filter(|tag| !tag.trim_start_matches('/').starts_with("code")).collect()
}

#[test]
fn markdown_keeps_its_structure() {
    for report in reports() {
        let harmless = filled(&report, || "word".to_owned());
        let all = |report: &Report| {
            let report = Shareable::new(report);
            let workers = Category::ALL.map(|category| worker_markdown(&report, category));
            [vec![markdown(&report)], workers.to_vec()].concat()
        };
        let expected: Vec<_> = all(&harmless).iter().map(|text| structure(text)).collect();
        for seed in 0..60 {
            let mut random = Random(seed);
            for (text, expected) in all(&filled(&report, || random.text())).iter().zip(&expected) {
                let found = structure(text);
                let at =
                    found.iter().zip(expected).position(|(a, b)| a != b).unwrap_or(found.len().min(expected.len()));
                assert!(
                    found == *expected,
                    "seed {seed}: event {at}: {:?} {:?}\n{text}",
                    found.get(at),
                    expected.get(at)
                );
            }
        }
    }
}

#[test]
fn pages_keep_their_elements() {
    for report in reports() {
        let expected = html(&Shareable::new(&filled(&report, || "word".to_owned())));
        for seed in 0..60 {
            let mut random = Random(seed);
            let page = html(&Shareable::new(&filled(&report, || random.text())));
            assert!(elements(&page) == elements(&expected), "seed {seed}");
            assert!(!page.contains("onerror=y>") && !page.contains("href=\"javascript"), "seed {seed}");
        }
    }
}
