//! Every number of every format, counted again from the findings.

use super::reports as all_reports;
use drydock_core::audit::baseline::compare;
use drydock_core::report::model::{Category, CategoryScore, CategoryState, Counts, Finding, Report, Verdict};
use drydock_core::report::share::Shareable;
use drydock_core::report::writers::{
    Style, html, json, jsonl, markdown, results_log, sarif, text, worker_lines, worker_markdown,
};
use serde_json::Value;

/// Reports whose findings were not touched after they were scored: one has a comparison with a finding fixed since.
fn reports() -> Vec<Report> {
    let mut all = all_reports();
    let mut compared = all[0].clone();
    let mut earlier = compared.clone();
    earlier.findings[0].fingerprint = "0".repeat(32);
    compare(&mut compared, &earlier);
    assert_eq!(compared.comparison.as_ref().unwrap().fixed.len(), 1);
    all[2] = compared;
    all
}

fn counts<'f>(findings: impl Iterator<Item = &'f Finding>) -> Counts {
    let mut counts = Counts::default();
    findings.filter(|found| found.verdict == Verdict::Counted).for_each(|found| counts.add(found.severity));
    counts
}

const fn penalty(counts: &Counts) -> u32 {
    counts.critical * 20 + counts.high * 10 + counts.medium * 5 + counts.low * 2
}

fn of(report: &Report, category: Category) -> Counts {
    counts(report.findings.iter().filter(|found| found.category == category))
}

fn tenths(value: u32) -> String {
    format!("{}.{}", value / 10, value % 10)
}

/// Scores of the categories that were judged, and their mean, rounded half up.
fn scores(report: &Report) -> (Vec<Option<u32>>, Option<u32>) {
    let judged = |score: &CategoryScore| {
        score.score_tenths.map(|_| 100_u32.saturating_sub(penalty(&of(report, score.category))))
    };
    let all: Vec<Option<u32>> = report.categories.iter().map(judged).collect();
    let known: Vec<u32> = all.iter().flatten().copied().collect();
    let mean = (!known.is_empty()).then(|| {
        let (sum, number) = (known.iter().sum::<u32>(), u32::try_from(known.len()).unwrap());
        (2 * sum + number) / (2 * number)
    });
    (all, mean)
}

/// What stands where a score would.
const fn word(score: &CategoryScore) -> &'static str {
    if matches!(score.status, CategoryState::Error(_)) { "error" } else { "N/A" }
}

/// Rows of the tables under a heading, without head and rule.
fn rows<'t>(text: &'t str, heading: &str) -> Vec<&'t str> {
    let level = heading.chars().take_while(|c| *c == '#').count();
    let after = text.lines().skip_while(|line| *line != heading).skip(1);
    let own = after.take_while(|line| {
        let depth = line.chars().take_while(|c| *c == '#').count();
        depth == 0 || depth > level
    });
    let table: Vec<&str> = own.filter(|line| line.starts_with('|')).collect();
    let rule = |line: &&str| line.starts_with("|--");
    let heads = table.iter().filter(|line| rule(line)).count() * 2;
    let mut kept: Vec<&str> = Vec::new();
    for (at, line) in table.iter().enumerate() {
        if !rule(line) && !table.get(at + 1).is_some_and(rule) {
            kept.push(line);
        }
    }
    assert_eq!(kept.len() + heads, table.len());
    kept
}

#[test]
fn the_report_as_data() {
    for report in reports() {
        let value: Value = serde_json::from_str(&json(&Shareable::new(&report))).unwrap();
        let (each, mean) = scores(&report);
        for (category, score) in report.categories.iter().zip(&each) {
            let counts = of(&report, category.category);
            assert_eq!((category.counts, category.penalty_tenths), (counts, penalty(&counts)));
            assert_eq!(category.score_tenths, *score);
        }
        let all = counts(report.findings.iter());
        assert_eq!((report.overall.counts, report.overall.score_tenths), (all, mean));
        assert_eq!(report.overall.penalty_tenths, penalty(&all));
        assert_eq!(value["overall"]["score_tenths"].as_u64(), mean.map(u64::from));
        assert_eq!(value["findings"].as_array().unwrap().len(), report.findings.len());
        let lines: u64 = report.coverage.files.iter().map(|file| u64::from(file.lines)).sum();
        assert_eq!(report.coverage.lines, lines);
        let per_kloc = (lines > 0).then(|| (2000 * u64::from(penalty(&all)) + lines) / (2 * lines));
        assert_eq!(report.overall.penalty_per_kloc_tenths.map(u64::from), per_kloc);
        for check in report.checks.iter().filter(|check| check.details != "not selected (--only)") {
            let dismissed = report.dismissed.iter().filter(|dismissed| dismissed.check == check.check).count();
            assert_eq!(check.dismissed as usize, dismissed, "{}", check.check);
        }
    }
}

#[test]
fn the_consolidated_report() {
    for report in reports() {
        let text = markdown(&Shareable::new(&report));
        let (each, mean) = scores(&report);
        let compliance = rows(&text, "### Compliance Score");
        for ((row, category), score) in compliance.iter().zip(&report.categories).zip(&each) {
            let counts = of(&report, category.category);
            let shown = score.map_or_else(|| word(category).to_owned(), |score| format!("{}/10", tenths(score)));
            assert!(row.starts_with(&format!("| {} | {shown} |", category.category.title())), "{row}");
            if score.is_some() && counts.total() > 0 {
                let severities = format!(
                    "{} critical, {} high, {} medium, {} low; penalty {}",
                    counts.critical,
                    counts.high,
                    counts.medium,
                    counts.low,
                    tenths(penalty(&counts))
                );
                assert!(row.contains(&severities), "{row}");
            }
        }
        let all = counts(report.findings.iter());
        let overall = mean.map_or_else(|| "N/A".to_owned(), |score| format!("{}/10", tenths(score)));
        assert!(compliance.last().unwrap().starts_with(&format!("| **Overall** | **{overall}** |")));
        let summary = [("Critical", all.critical), ("High", all.high), ("Medium", all.medium), ("Low", all.low)];
        let summary: Vec<String> = summary.iter().map(|(name, number)| format!("| {name} | {number} |")).collect();
        assert_eq!(rows(&text, "### Severity Summary"), summary);
        for (number, category) in Category::ALL.into_iter().enumerate() {
            let heading = format!("#### {}. {}", number + 1, category.title());
            assert_eq!(rows(&text, &heading).len() as u32, of(&report, category).total(), "{heading}");
        }
        assert_eq!(rows(&text, "### Recommended Actions (Priority-Sorted)").len() as u32, all.total());
        let listed = |verdicts: &[Verdict]| report.findings.iter().filter(|f| verdicts.contains(&f.verdict)).count();
        let advisory = listed(&[Verdict::Advisory, Verdict::NeedsContext, Verdict::Refuted]);
        assert_eq!(rows(&text, "### Advisory Findings").len(), advisory);
        assert_eq!(rows(&text, "### Suppressed Findings").len(), listed(&[Verdict::Suppressed]));
        let sources =
            text.lines().skip_while(|line| *line != "### Sources Consulted").filter(|line| line.starts_with("- "));
        assert_eq!(sources.count(), report.sources.len());
    }
}

#[test]
fn the_worker_reports_and_their_lines() {
    for report in reports() {
        let shareable = Shareable::new(&report);
        for category in Category::ALL {
            let text = worker_markdown(&shareable, category);
            let counts = of(&report, category);
            let meta = |key: &str| {
                let line = text.lines().find_map(|line| line.strip_prefix(&format!("{key}: ")));
                line.unwrap_or_else(|| panic!("{key} in {text}")).to_owned()
            };
            let number = |key: &str| meta(key).parse::<u32>().unwrap();
            assert_eq!(number("total_issues"), counts.total());
            assert_eq!([number("critical"), number("high")], [counts.critical, counts.high]);
            assert_eq!([number("medium"), number("low")], [counts.medium, counts.low]);
            let score = report.categories.iter().find(|score| score.category == category).unwrap().score_tenths;
            if let Some(score) = score {
                assert_eq!(meta("score"), tenths(score));
                assert_eq!(score, 100_u32.saturating_sub(penalty(&counts)));
            }
            assert_eq!(rows(&text, "## Findings").len() as u32, counts.total());
            let checks = report.checks.iter().filter(|check| check.category == category).count();
            assert!(rows(&text, "## Checks").len() <= checks);
            let lines = worker_lines(&shareable, category).join("\n");
            let line = format!(
                "Issues: {} (C:{} H:{} M:{} L:{})",
                counts.total(),
                counts.critical,
                counts.high,
                counts.medium,
                counts.low
            );
            assert!(lines.contains(&line), "{lines}");
        }
    }
}

#[test]
fn all_other_formats() {
    for report in reports() {
        let shareable = Shareable::new(&report);
        assert_eq!(jsonl(&shareable).lines().count(), report.findings.len());
        let log: Value = serde_json::from_str(&sarif(&shareable)).unwrap();
        let fixed = report.comparison.as_ref().map_or(0, |comparison| comparison.fixed.len());
        assert_eq!(log["runs"][0]["results"].as_array().unwrap().len(), report.findings.len() + fixed);
        let page = html(&shareable);
        assert_eq!(page.matches("<summary><span class=\"tag").count(), report.findings.len() + fixed);
        let (each, mean) = scores(&report);
        for (category, score) in report.categories.iter().zip(each) {
            let shown = score.map_or_else(|| word(category).to_owned(), tenths);
            assert!(page.contains(&format!("<li>{}<b>{shown}</b>", category.category.title())));
        }
        let shown = mean.map_or_else(|| "N/A".to_owned(), tenths);
        assert!(page.contains(&format!("<li>Overall<b>{shown}</b>")));
        let all = counts(report.findings.iter());
        let plain = text(&shareable, Style::Plain, None);
        if all.total() > 0 {
            let severities =
                format!("{} critical, {} high, {} medium, {} low", all.critical, all.high, all.medium, all.low);
            assert!(plain.contains(&severities) && page.contains(&severities));
            assert!(plain.contains(&format!("{shown} / 10")));
        }
        let logged = results_log(None, &shareable, Some("abc1234"));
        let row = logged.lines().last().unwrap();
        assert!(row.contains(&format!("| {shown} |")) || mean.is_none(), "{row}");
    }
}

/// What was written is read again and written again, byte for byte, in both forms that hold the data.
#[test]
fn data_goes_round() {
    use drydock_core::report::read::read;
    for report in reports() {
        let shareable = Shareable::new(&report);
        let (data, page) = (json(&shareable), html(&shareable));
        for again in [read(data.as_bytes()).unwrap(), read(page.as_bytes()).unwrap()] {
            assert_eq!(json(&Shareable::new(&again)), data);
            assert_eq!(html(&Shareable::new(&again)), page);
            assert_eq!(markdown(&Shareable::new(&again)), markdown(&shareable));
        }
    }
}

/// A second run appends one row against the first, and keeps every byte before it.
#[test]
fn the_results_log_twice() {
    for report in reports() {
        let shareable = Shareable::new(&report);
        let once = results_log(None, &shareable, None);
        let twice = results_log(Some(&once), &shareable, None);
        assert!(twice.starts_with(&once));
        assert_eq!(twice.lines().count(), once.lines().count() + 1);
        if report.overall.score_tenths.is_some() {
            assert!(once.contains("| baseline | N/A |"), "{once}");
            assert!(twice.lines().last().unwrap().contains("| stable |"), "{twice}");
        }
    }
}
