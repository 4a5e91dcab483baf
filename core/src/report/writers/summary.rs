//! Sentences that sum a report up; text and Markdown writers share them.

use crate::audit::score::{tenths, what_if};
use crate::checks::find;
use crate::discovery::{ContextStore, FactSource};
use crate::report::model::{
    Category, CategoryScore, CategoryState, CheckOutcome, Counts, Effort, Finding, Report, Verdict,
};
pub(super) use crate::words::{counted, grouped};

/// `3 critical, 9 high, 10 medium, 0 low`
pub(super) fn severities(counts: &Counts) -> String {
    format!("{} critical, {} high, {} medium, {} low", counts.critical, counts.high, counts.medium, counts.low)
}

/// `5.0 / 10 - significant issues. 22 findings in 412 files: 3 critical, …`
#[must_use]
pub fn verdict_line(report: &Report) -> String {
    let files = counted(report.coverage.files.len() as u64, "file", "files");
    let overall = &report.overall;
    let (Some(score), Some(band)) = (overall.score_tenths, overall.band) else {
        return if report.categories.iter().any(|category| matches!(category.status, CategoryState::Error(_))) {
            format!("No score: no category could be judged ({files} read)")
        } else {
            format!("Nothing to judge in {files}: no database or async code was recognised")
        };
    };
    let total = overall.counts.total();
    if total == 0 {
        let run =
            report.checks.iter().filter(|check| check.status != crate::report::model::CheckStatus::Skipped).count();
        return format!(
            "{} / 10 - no issues found by {} in {files}",
            tenths(score),
            counted(run as u64, "check", "checks")
        );
    }
    let findings = counted(u64::from(total), "finding", "findings");
    let band = band.title().to_lowercase();
    format!("{} / 10 - {band} issues. {findings} in {files}: {}", tenths(score), severities(&overall.counts))
}

/// `Worst: Transaction Correctness 3.5. …`, or nothing without counted findings.
#[must_use]
pub fn category_line(report: &Report) -> Option<String> {
    let worst = worst_category(report)?;
    let finding = of(report, worst.category, Verdict::Counted).next()?;
    Some(format!(
        "Worst: {} {}. {} ({}:{})",
        worst.category.title(),
        tenths(worst.score_tenths?),
        finding.message,
        finding.path,
        finding.line
    ))
}

/// `Fix first: …: 5.0 -> 5.5`, or nothing without counted findings.
#[must_use]
pub fn next_step_line(report: &Report) -> Option<String> {
    let (index, finding) = cheapest_win(report)?;
    let now = report.overall.score_tenths?;
    let then = what_if(&report.categories, &report.findings, &[index])?;
    // Below the floor of a category one finding less changes nothing yet.
    let lift = if then > now { format!(": {} -> {}", tenths(now), tenths(then)) } else { String::new() };
    Some(format!(
        "Cheapest big win: {}:{} ({}): {}{lift}",
        finding.path,
        finding.line,
        effort_words(finding.effort),
        finding.recommendation
    ))
}

pub(super) const fn effort_words(effort: Effort) -> &'static str {
    match effort {
        Effort::S => "under 1 hour",
        Effort::M => "1-4 hours",
        Effort::L => "over 4 hours",
    }
}

/// The judged category with the lowest score that has findings; of equals the one with the larger penalty.
pub(super) fn worst_category(report: &Report) -> Option<&CategoryScore> {
    report
        .categories
        .iter()
        .filter(|category| category.score_tenths.is_some() && category.counts.total() > 0)
        .min_by_key(|category| (category.score_tenths, std::cmp::Reverse(category.penalty_tenths), category.category))
}

/// The first counted finding: reports are sorted by severity.
pub(super) fn worst_finding(report: &Report) -> Option<&Finding> {
    report.findings.iter().find(|finding| finding.verdict == Verdict::Counted)
}

/// The counted finding with the most penalty per hour, worst first.
pub(super) fn cheapest_win(report: &Report) -> Option<(usize, &Finding)> {
    let hours = |effort| match effort {
        Effort::S => 1,
        Effort::M => 3,
        Effort::L => 8,
    };
    report
        .findings
        .iter()
        .enumerate()
        .filter(|(_, finding)| finding.verdict == Verdict::Counted)
        // Per hour in twenty-fourths, so that integers compare exactly.
        .min_by_key(|(index, finding)| {
            (std::cmp::Reverse(finding.severity.penalty_tenths() * 24 / hours(finding.effort)), *index)
        })
}

/// A discovered fact for people: what, value, `path:line` where it was read.
pub(super) type Fact = (&'static str, String, String);

/// What was discovered about the project, each value with its place.
pub(super) fn facts(context: &ContextStore) -> Vec<Fact> {
    let place = |source: Option<&FactSource>| source.map_or_else(String::new, |at| format!("{}:{}", at.file, at.line));
    let stack = &context.tech_stack;
    let mut out: Vec<Fact> = Vec::new();
    if let Some(team) = &context.team_id {
        out.push(("Team ID", team.clone(), place(context.source("team_id", 0))));
    }
    for (title, key, values) in [
        ("Language", "tech_stack.languages", &stack.languages),
        ("Database", "tech_stack.db", &stack.db),
        ("ORM or driver", "tech_stack.orm", &stack.orm),
        ("Web", "tech_stack.async", &stack.web),
        ("Other", "tech_stack.other", &stack.other),
    ] {
        for (index, value) in values.iter().enumerate() {
            out.push((title, value.clone(), place(context.source(key, index))));
        }
    }
    for (name, values) in &context.db_config.settings {
        for (index, value) in values.split(" | ").enumerate() {
            let source = context.source(&format!("db_config.{name}"), index);
            out.push(("Setting", format!("`{name}` = `{value}`"), place(source)));
        }
    }
    for trigger in &context.db_config.triggers {
        let channel = trigger.channel.as_ref().map_or_else(String::new, |name| format!(", notifies `{name}`"));
        let value = format!("`{}` on {} runs `{}`{channel}", trigger.table, trigger.event, trigger.function);
        out.push(("Trigger", value, format!("{}:{}", trigger.file, trigger.line)));
    }
    for listener in &context.db_config.event_subscribers {
        let value = format!("`{}` ({})", listener.channel, listener.technology);
        out.push(("Listener", value, format!("{}:{}", listener.file, listener.line)));
    }
    out
}

/// `Sources disagree about PostgreSQL: 14 (compose.yml:3), 16 (docs/tech_stack.md:9)`, a line a conflict.
pub(super) fn conflict_lines(context: &ContextStore) -> Vec<String> {
    let line = |conflict: &crate::discovery::Conflict| {
        let said: Vec<String> =
            conflict.values.iter().map(|said| format!("{} (`{}:{}`)", said.value, said.file, said.line)).collect();
        format!("Sources disagree about {}: {}", conflict.fact, said.join(", "))
    };
    context.conflicts.iter().map(line).collect()
}

/// Whether the check exists in this version; one that does not is no news about the project.
pub(super) fn is_available(check: &CheckOutcome) -> bool {
    find(&check.check).is_none_or(|meta| meta.available)
}

/// What is wrong with a category that has no score.
pub(super) fn missing_score(status: &CategoryState) -> Option<(&'static str, &str)> {
    match status {
        CategoryState::Completed => None,
        CategoryState::NotApplicable(reason) => Some(("N/A", reason)),
        CategoryState::Error(reason) => Some(("error", reason)),
    }
}

/// Findings of `category` with `verdict`, in report order.
pub(super) fn of(report: &Report, category: Category, verdict: Verdict) -> impl Iterator<Item = &Finding> {
    report.findings.iter().filter(move |finding| finding.category == category && finding.verdict == verdict)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::{aggregate, sample};

    #[test]
    fn lines_agree_with_the_report() {
        let report = aggregate(sample::input());
        let line = verdict_line(&report);
        let counts = report.overall.counts;
        assert!(line.contains(&format!("{} findings", counts.total())), "{line}");
        assert!(line.starts_with(&tenths(report.overall.score_tenths.unwrap_or(0))), "{line}");
        assert!(category_line(&report).is_some_and(|line| line.contains("Transaction Correctness")));
        assert!(next_step_line(&report).is_some_and(|line| line.contains(" -> ")));
    }
}
