//! `docs/project/.audit/results_log.md`: one row an audit, newest last. Rows of other tools, columns that we do not
//! know and everything around the table stay as they are.

use super::escape::cell;
use super::summary::worst_finding;
use crate::audit::score::tenths;
use crate::report::logged::{cells, is_header, is_separator, logged_runs};
use crate::report::model::{Report, trend};
use crate::report::share::Shareable;

pub use crate::report::model::RESULTS_LOG;

/// Data rows that are kept.
const MOST_ROWS: usize = 50;
/// Characters of the key finding before it is cut.
const KEY_WIDTH: usize = 120;

const COLUMNS: [&str; 9] = ["Date", "Skill", "Metric", "Scale", "Score", "Status", "Delta", "Key Finding", "Commit"];

/// The log with a row for `report` appended. `commit` is the short hash of what was audited.
#[must_use]
pub fn results_log(existing: Option<&str>, report: &Shareable, commit: Option<&str>) -> String {
    let log = Log::parse(existing.unwrap_or_default());
    let before = logged_runs(existing.unwrap_or_default()).last().map(|run| run.score_tenths);
    let (status, delta) = match (report.overall.score_tenths, before) {
        (None, _) => ("N/A", "N/A".to_owned()),
        (Some(_), None) => ("baseline", "N/A".to_owned()),
        (Some(now), Some(before)) => {
            let sign = if now < before { "-" } else { "+" };
            (trend(before, now), format!("{sign}{}", tenths(now.abs_diff(before))))
        }
    };
    let row = log.row(|column| match column {
        "date" => report.date.clone(),
        "skill" => "ln-650".to_owned(),
        "metric" => "overall_score".to_owned(),
        "scale" => "0-10".to_owned(),
        "score" => report.overall.score_tenths.map_or_else(|| "N/A".to_owned(), tenths),
        "status" => status.to_owned(),
        "delta" => delta.clone(),
        "key finding" => key_finding(report),
        "commit" => commit.map_or_else(|| "-".to_owned(), cell),
        _ => "-".to_owned(),
    });
    log.with(row)
}

fn key_finding(report: &Report) -> String {
    let Some(finding) = worst_finding(report) else { return "-".to_owned() };
    let text = format!("{} ({}:{})", finding.message, finding.path, finding.line);
    if text.chars().count() <= KEY_WIDTH {
        return cell(&text);
    }
    let cut: String = text.chars().take(KEY_WIDTH - 1).collect();
    cell(&format!("{}…", cut.trim_end()))
}

/// The text around the table and its rows.
struct Log<'a> {
    before: Vec<&'a str>,
    /// Lower-case names of the columns; ours when there is no table.
    columns: Vec<String>,
    /// Header and separator as they stand.
    head: Option<[&'a str; 2]>,
    rows: Vec<&'a str>,
    after: Vec<&'a str>,
}

impl<'a> Log<'a> {
    fn parse(text: &'a str) -> Self {
        let lines: Vec<&str> = text.lines().collect();
        let start = lines.iter().position(|line| is_header(line));
        let table = start.and_then(|start| {
            let separator = lines.get(start + 1).filter(|line| is_separator(line))?;
            Some((start, *lines.get(start)?, *separator))
        });
        let Some((start, header, separator)) = table else {
            let columns = COLUMNS.iter().map(|name| name.to_lowercase()).collect();
            return Self { before: lines, columns, head: None, rows: Vec::new(), after: Vec::new() };
        };
        let rest = lines.get(start + 2..).unwrap_or_default();
        let end = rest.iter().position(|line| !line.trim_start().starts_with('|')).unwrap_or(rest.len());
        let (rows, after) = rest.split_at(end);
        Self {
            before: lines.get(..start).unwrap_or_default().to_vec(),
            columns: cells(header).iter().map(|cell| cell.to_lowercase()).collect(),
            head: Some([header, separator]),
            rows: rows.to_vec(),
            after: after.to_vec(),
        }
    }

    fn row(&self, mut value: impl FnMut(&str) -> String) -> String {
        let cells: Vec<String> = self.columns.iter().map(|column| value(column)).collect();
        format!("| {} |", cells.join(" | "))
    }

    fn with(self, row: String) -> String {
        let mut out: Vec<String> = self.before.iter().map(|line| (*line).to_owned()).collect();
        match self.head {
            Some(head) => out.extend(head.map(str::to_owned)),
            None => {
                if out.is_empty() {
                    out.extend(["# Audit results".to_owned(), String::new()]);
                } else if out.last().is_some_and(|line| !line.trim().is_empty()) {
                    out.push(String::new());
                }
                out.push(format!("| {} |", COLUMNS.join(" | ")));
                out.push(format!("|{}", "---|".repeat(COLUMNS.len())));
            }
        }
        let dropped = (self.rows.len() + 1).saturating_sub(MOST_ROWS);
        out.extend(self.rows.iter().skip(dropped).map(|row| (*row).to_owned()));
        out.push(row);
        out.extend(self.after.iter().map(|line| (*line).to_owned()));
        let mut text = out.join("\n");
        text.push('\n');
        text
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;
    use crate::audit::{aggregate, sample};

    fn report() -> Report {
        aggregate(sample::input())
    }

    fn scored(tenths: Option<u32>) -> Shareable {
        let mut report = report();
        report.overall.score_tenths = tenths;
        Shareable::new(&report)
    }

    fn last(text: &str) -> Vec<String> {
        cells(text.lines().rfind(|line| line.starts_with('|')).unwrap())
    }

    #[test]
    fn the_sample_file_is_two_runs_of_the_sample_report() {
        let once = results_log(None, &Shareable::new(&report()), Some("1f3c9a7"));
        crate::report::writers::golden(
            concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/data/results_log.md"),
            &results_log(Some(&once), &scored(Some(71)), None),
        );
    }

    #[test]
    fn the_first_run_makes_the_file() {
        let text = results_log(None, &scored(Some(54)), Some("8c1ba37"));
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "# Audit results");
        assert_eq!(lines[2], "| Date | Skill | Metric | Scale | Score | Status | Delta | Key Finding | Commit |");
        assert_eq!(lines[3], "|---|---|---|---|---|---|---|---|---|");
        let row = last(&text);
        assert_eq!(row[..7], ["2026-03-14", "ln-650", "overall_score", "0-10", "5.4", "baseline", "N/A"]);
        assert!(row[7].chars().count() <= KEY_WIDTH + 8 && !row[7].is_empty());
        assert_eq!((row.len(), row[8].as_str()), (9, "8c1ba37"));
        assert_eq!(last(&results_log(None, &scored(Some(54)), None))[8], "-");
    }

    #[test]
    fn deltas_are_against_our_last_row() {
        let mut text = results_log(None, &scored(Some(54)), None);
        text.push_str("| 2026-03-15 | ln-510 | coverage | 0-10 | 9.9 | stable | +0.0 | x | - |\n");
        for (score, status, delta) in
            [(60, "improving", "+0.6"), (58, "stable", "-0.2"), (55, "declining", "-0.3"), (55, "stable", "+0.0")]
        {
            text = results_log(Some(&text), &scored(Some(score)), None);
            assert_eq!(last(&text)[5..7], [status, delta]);
        }
        text = results_log(Some(&text), &scored(None), None);
        assert_eq!(last(&text)[4..7], ["N/A", "N/A", "N/A"]);
        text = results_log(Some(&text), &scored(Some(60)), None);
        assert_eq!(last(&text)[6], "+0.5");
        assert_eq!(text.matches("ln-510").count(), 1);
        assert_eq!(logged_runs(&text).iter().map(|run| run.score_tenths).collect::<Vec<_>>(), [54, 60, 58, 55, 55, 60]);
    }

    #[test]
    fn other_columns_rows_and_text_stay() {
        let existing = "# Team log\n\nkept\n\n| Date | Skill | Score | Owner | Delta |\n|:--|---|---|---|---|\n\
            | 2026-01-01 | ln-650 | 5.0 | ann \\| bo | N/A |\n| broken row\n| 2026-01-02 | other | ? | x | |\n\nafter\n";
        let text = results_log(Some(existing), &scored(Some(54)), None);
        assert!(
            text.starts_with("# Team log\n\nkept\n\n| Date | Skill | Score | Owner | Delta |\n|:--|---|---|---|---|\n")
        );
        for kept in
            ["| 2026-01-01 | ln-650 | 5.0 | ann \\| bo | N/A |", "| broken row", "| 2026-01-02 | other | ? | x | |"]
        {
            assert!(text.contains(kept), "{kept}");
        }
        assert!(text.contains("| 2026-03-14 | ln-650 | 5.4 | - | +0.4 |\n\nafter\n"), "{text}");
        let prose = results_log(Some("only prose, no table"), &scored(Some(54)), None);
        assert!(prose.starts_with("only prose, no table\n\n| Date | Skill |"));
    }

    #[test]
    fn at_most_fifty_rows_the_oldest_go() {
        let mut text = String::new();
        for _ in 0..60 {
            text =
                results_log(Some(&text).filter(|text| !text.is_empty()).map(String::as_str), &scored(Some(54)), None);
        }
        assert_eq!(text.lines().filter(|line| line.contains("ln-650")).count(), MOST_ROWS);
        assert!(!text.contains("baseline"));
    }

    #[test]
    fn hostile_names_stay_in_their_cell() {
        let mut report = report();
        report.findings[0].message = "a | b\n| x".to_owned();
        let text = results_log(None, &Shareable::new(&report), Some("a|b"));
        assert_eq!(last(&text).len(), 9);
        assert_eq!(text.lines().count(), 5);
    }
}
