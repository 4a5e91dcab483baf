//! Scores over time: the runs of a results log, or those that this browser kept. Pure.

use super::compare::signed;
use super::html::Html;
use super::verdict::{count, tenths};
use crate::words;
use drydock_core::report::logged::{LoggedRun, logged_runs};
use drydock_core::report::model::{Report, trend};
use std::fmt::Write as _;

/// Runs that are kept of a project, and shown.
const MOST: usize = 50;

/// The runs to show: those of the log, else those kept, and that of the report.
#[must_use]
pub fn runs(log: Option<&str>, kept: Option<&str>, report: Option<&Report>) -> Vec<LoggedRun> {
    let mut runs = log.map(logged_runs).unwrap_or_default();
    let Some(report) = report else { return last(runs) };
    if runs.is_empty() {
        runs = kept.map(|kept| of_project(kept, &report.project)).unwrap_or_default();
    }
    if let Some(score_tenths) = report.overall.score_tenths {
        let now = LoggedRun { date: report.date.clone(), score_tenths };
        // A saved report may be the one of the last row.
        if runs.last() != Some(&now) {
            runs.push(now);
        }
    }
    last(runs)
}

fn last(mut runs: Vec<LoggedRun>) -> Vec<LoggedRun> {
    runs.drain(..runs.len().saturating_sub(MOST));
    runs
}

/// `date TAB tenths TAB project`, a line a run.
fn read(line: &str) -> Option<(LoggedRun, &str)> {
    let (date, rest) = line.split_once('\t')?;
    let (score, project) = rest.split_once('\t')?;
    Some((LoggedRun { date: date.to_owned(), score_tenths: score.parse().ok()? }, project))
}

fn of_project(kept: &str, project: &str) -> Vec<LoggedRun> {
    kept.lines().filter_map(read).filter(|(_, name)| *name == project).map(|(run, _)| run).collect()
}

/// What this browser keeps once `report` is there: the newest runs of each project.
#[must_use]
pub fn keep(kept: &str, report: &Report) -> String {
    let Some(score) = report.overall.score_tenths else { return kept.to_owned() };
    let project = report.project.replace(['\t', '\n'], " ");
    let mut surplus = (of_project(kept, &project).len() + 1).saturating_sub(MOST);
    let mut out = String::new();
    for line in kept.lines() {
        let ours = read(line).is_some_and(|(_, name)| name == project);
        if ours && surplus > 0 {
            surplus -= 1;
        } else {
            let _ = writeln!(out, "{line}");
        }
    }
    let _ = writeln!(out, "{}\t{score}\t{project}", report.date);
    out
}

/// Change of each run against the one before it, with its word; nothing for the first.
#[must_use]
pub fn changes(runs: &[LoggedRun]) -> Vec<Option<(String, &'static str)>> {
    let mut before = None;
    runs.iter()
        .map(|run| {
            let now = run.score_tenths;
            before.replace(now).map(|before| (signed(before, now), trend(before, now)))
        })
        .collect()
}

/// Places of the runs in thousandths of the chart's width and height.
#[must_use]
pub fn points(runs: &[LoggedRun]) -> Vec<(u32, u32)> {
    let steps = u32::try_from(runs.len()).unwrap_or(1).saturating_sub(1).max(1);
    (0..).zip(runs).map(|(at, run)| (70 + at * 890 / steps, height(run.score_tenths))).collect()
}

/// Place of a score.
#[must_use]
pub fn height(tenths: u32) -> u32 {
    80 + 100_u32.saturating_sub(tenths) * 84 / 10
}

/// What the chart shows, in words.
#[must_use]
pub fn sentence(runs: &[LoggedRun]) -> String {
    let (Some(first), Some(last)) = (runs.first(), runs.last()) else { return String::new() };
    format!(
        "Scores of {}, from {} on {} to {} on {}: {}",
        count(runs.len(), "run", "runs"),
        tenths(first.score_tenths),
        first.date,
        tenths(last.score_tenths),
        last.date,
        trend(first.score_tenths, last.score_tenths)
    )
}

/// The chart with its words, dates and table, as markup.
#[must_use]
pub fn chart(runs: &[LoggedRun]) -> String {
    let places = points(runs);
    let mut out = Html::default();
    out.raw("<svg class=\"trend-chart\" role=\"img\" aria-label=\"").text(&sentence(runs)).raw("\">");
    for score in [100, 80, 60, 40, 0] {
        let y = percent(height(score));
        out.raw("<line class=\"trend-rule\" x1=\"4%\" x2=\"100%\" y1=\"").text(&y).raw("\" y2=\"").text(&y);
        out.raw("\"/><text x=\"0\" dy=\"4\" y=\"").text(&y).raw("\">").text(&(score / 10).to_string()).raw("</text>");
    }
    for (from, to) in places.iter().zip(places.iter().skip(1)) {
        out.raw("<line class=\"trend-line\" x1=\"").text(&percent(from.0)).raw("\" y1=\"").text(&percent(from.1));
        out.raw("\" x2=\"").text(&percent(to.0)).raw("\" y2=\"").text(&percent(to.1)).raw("\"/>");
    }
    for (x, y) in &places {
        out.raw("<circle class=\"trend-dot\" r=\"4\" cx=\"")
            .text(&percent(*x))
            .raw("\" cy=\"")
            .text(&percent(*y))
            .raw("\"/>");
    }
    if let (Some(run), Some((x, y))) = (runs.last(), places.last()) {
        // Away from the line that comes from the run before.
        let falls = runs.iter().rev().nth(1).is_some_and(|before| before.score_tenths > run.score_tenths);
        let below = run.score_tenths > 92 || falls && run.score_tenths > 15;
        out.raw("<text class=\"trend-last\" text-anchor=\"end\" dy=\"").raw(if below { "20" } else { "-10" });
        out.raw("\" x=\"").text(&percent(*x)).raw("\" y=\"").text(&percent(*y)).raw("\">");
        out.text(&tenths(run.score_tenths)).raw("</text>");
    }
    out.raw("</svg><p class=\"trend-dates num dim\" aria-hidden=\"true\"><span>");
    out.text(runs.first().map_or("", |run| &run.date)).raw("</span><span>");
    out.text(runs.last().map_or("", |run| &run.date)).raw("</span></p><details class=\"fold\"><summary>");
    out.raw("<span class=\"fold-title\">").text(words::TREND_TABLE).raw("</span><span class=\"num dim\">");
    out.text(&runs.len().to_string()).raw("</span></summary><table class=\"table num\"><thead><tr>");
    for head in [words::DATE, words::SCORE, words::CHANGE, words::RESULT] {
        out.raw("<th scope=\"col\">").text(head).raw("</th>");
    }
    out.raw("</tr></thead><tbody>");
    for (run, change) in runs.iter().zip(changes(runs)).rev() {
        let (change, word) = change.unwrap_or_default();
        out.raw("<tr>");
        for cell in [run.date.as_str(), &tenths(run.score_tenths), &change, word] {
            out.raw("<td>").text(cell).raw("</td>");
        }
        out.raw("</tr>");
    }
    out.raw("</tbody></table></details>");
    out.done()
}

/// Thousandths as percent.
fn percent(value: u32) -> String {
    format!("{}.{}%", value / 10, value % 10)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing, clippy::unwrap_used)]
    use super::super::verdict::tests::report;
    use super::*;

    const LOG: &str = "| Date | Skill | Metric | Scale | Score |\n|---|---|---|---|---|\n\
        | 2025-01-01 | ln-650 | overall_score | 0-10 | 5.4 |\n| 2025-02-01 | ln-650 | overall_score | 0-10 | 7.1 |\n";

    #[test]
    fn the_log_comes_before_what_is_kept_and_the_report_ends_both() {
        let now = report(Vec::new());
        let kept = "2025-03-01\t61\tp\n2025-03-02\t99\tother\nbroken\n";
        let scores = |runs: &[LoggedRun]| runs.iter().map(|run| run.score_tenths).collect::<Vec<_>>();
        assert_eq!(scores(&runs(Some(LOG), Some(kept), Some(&now))), [54, 71, 100]);
        assert_eq!(scores(&runs(Some("no table"), Some(kept), Some(&now))), [61, 100]);
        assert_eq!(scores(&runs(Some(LOG), None, None)), [54, 71]);
        let again = format!("{LOG}| {} | ln-650 | overall_score | 0-10 | 10.0 |\n", now.date);
        assert_eq!(scores(&runs(Some(&again), None, Some(&now))), [54, 71, 100]);
    }

    #[test]
    fn fifty_runs_of_a_project_are_kept_and_those_of_others_stay() {
        let now = report(Vec::new());
        let mut kept = "2025-03-02\t99\tother\n".to_owned();
        for _ in 0..60 {
            kept = keep(&kept, &now);
        }
        assert_eq!(of_project(&kept, "p").len(), MOST);
        assert_eq!(of_project(&kept, "other").len(), 1);
    }

    #[test]
    fn the_chart_has_words_and_places() {
        let runs = runs(Some(LOG), None, None);
        assert_eq!(sentence(&runs), "Scores of 2 runs, from 5.4 on 2025-01-01 to 7.1 on 2025-02-01: improving");
        assert_eq!(changes(&runs), [None, Some(("+1.7".to_owned(), "improving"))]);
        assert_eq!(points(&runs), [(70, 466), (960, 323)]);
        assert_eq!((height(100), height(0)), (80, 920));
        assert_eq!(points(&runs[..1])[0].0, 70);
        let chart = chart(&runs);
        assert_eq!((chart.matches("<circle").count(), chart.matches("trend-line").count()), (2, 1));
        assert!(chart.contains("<td>2025-02-01</td><td>7.1</td><td>+1.7</td><td>improving</td>"), "{chart}");
    }
}
