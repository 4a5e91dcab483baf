//! A report that may leave the app: every text in it passed the masker. Writers accept nothing else.

mod performance;

pub use performance::ShareablePerformance;

use super::mask::Masker;
use super::model::{
    AuditedFile, CategoryScore, CategoryState, CheckOutcome, Comparison, Coverage, Dismissed, FileProblem, Finding,
    Report, SkippedFile, Source, Step,
};
use super::pretty::pretty;
use crate::discovery::{
    Conflict, ContextStore, DbConfig, EventSubscriber, FactSource, Practice, Stated, TechStack, Trigger,
};
use std::ops::Deref;

/// A masked copy of a report.
#[derive(Debug)]
pub struct Shareable {
    report: Report,
    masker: Masker,
}

impl Shareable {
    /// Masks a copy of `report`.
    #[must_use]
    pub fn new(report: &Report) -> Self {
        let masker = Masker::new();
        let mut report = report.clone();
        mask_report(&masker, &mut report);
        Self { report, masker }
    }

    /// The masker, for text that is not part of the report (source lines).
    #[must_use]
    pub const fn masker(&self) -> &Masker {
        &self.masker
    }
}

impl Deref for Shareable {
    type Target = Report;

    fn deref(&self) -> &Report {
        &self.report
    }
}

/// The context as JSON that may leave the app.
#[must_use]
pub fn context_json(context: &ContextStore) -> String {
    let mut context = context.clone();
    mask_context(&Masker::new(), &mut context);
    pretty(&context)
}

// Every struct is taken apart in full, so that a new field cannot be forgotten here.

fn mask_report(m: &Masker, report: &mut Report) {
    let Report {
        schema: _,
        version: _,
        date: _,
        project,
        overall: _,
        categories,
        findings,
        dismissed,
        checks,
        coverage,
        context,
        sources,
        notices,
        comparison,
        performance,
    } = report;
    m.mask_in(project);
    for CategoryScore { category: _, status, score_tenths: _, band: _, penalty_tenths: _, counts: _ } in categories {
        match status {
            CategoryState::Completed => {}
            CategoryState::NotApplicable(reason) | CategoryState::Error(reason) => m.mask_in(reason),
        }
    }
    findings.iter_mut().for_each(|finding| mask_finding(m, finding));
    for Dismissed { check: _, path, line: _, reason } in dismissed {
        m.mask_in(path);
        m.mask_in(reason);
    }
    for CheckOutcome { check: _, title: _, category: _, status: _, details, candidates: _, dismissed: _ } in checks {
        m.mask_in(details);
    }
    mask_coverage(m, coverage);
    mask_context(m, context);
    for Source { title, url } in sources {
        m.mask_in(title);
        m.mask_in(url);
    }
    mask_all(m, notices);
    if let Some(performance) = performance {
        performance::mask_performance(m, performance);
    }
    if let Some(comparison) = comparison {
        let Comparison {
            project,
            date: _,
            version: _,
            before_tenths: _,
            after_tenths: _,
            counts: _,
            categories: _,
            fixed,
            warnings,
        } = comparison;
        m.mask_in(project);
        fixed.iter_mut().for_each(|finding| mask_finding(m, finding));
        mask_all(m, warnings);
    }
}

fn mask_all<'a>(m: &Masker, texts: impl IntoIterator<Item = &'a mut String>) {
    texts.into_iter().for_each(|text| m.mask_in(text));
}

fn mask_finding(m: &Masker, finding: &mut Finding) {
    let Finding {
        check: _,
        category: _,
        title: _,
        severity: _,
        original_severity: _,
        confidence: _,
        advisory,
        path,
        line: _,
        column: _,
        end_line: _,
        symbol,
        message,
        recommendation,
        effort: _,
        steps,
        evidence,
        also: _,
        related,
        fingerprint: _,
        verdict: _,
        verdict_reason,
        measured,
        baseline: _,
        moved_from,
    } = finding;
    mask_all(m, [path, symbol, message, recommendation]);
    mask_all(m, evidence);
    mask_all(m, [advisory, verdict_reason, measured, moved_from].into_iter().flatten());
    for Step { path, line: _, message } in steps.iter_mut().chain(related) {
        m.mask_in(path);
        m.mask_in(message);
    }
}

fn mask_coverage(m: &Masker, coverage: &mut Coverage) {
    let Coverage { files, skipped, problems, lines: _, root_removed, unread_languages: _, notices, libraries: _ } =
        coverage;
    for AuditedFile { path, lines: _, language: _ } in files {
        m.mask_in(path);
    }
    for SkippedFile { path, kind: _, reason, size: _ } in skipped {
        m.mask_in(path);
        m.mask_in(reason);
    }
    for FileProblem { path, line: _, kind: _, message } in problems {
        m.mask_in(path);
        m.mask_in(message);
    }
    mask_all(m, root_removed);
    mask_all(m, notices);
}

fn mask_context(m: &Masker, context: &mut ContextStore) {
    let ContextStore {
        team_id,
        tech_stack,
        best_practices,
        reviewed: _,
        db_config,
        sources,
        conflicts,
        codebase_root: _,
        output_dir: _,
    } = context;
    mask_all(m, team_id);
    let TechStack { languages, db, orm, web, other, packages } = tech_stack;
    for values in [languages, db, orm, web, other] {
        mask_all(m, values);
    }
    mask_all(m, packages.values_mut());
    for Practice { statement, url, checks: _ } in best_practices.values_mut().flatten() {
        m.mask_in(statement);
        m.mask_in(url);
    }
    let DbConfig { settings, triggers, event_subscribers } = db_config;
    settings.iter_mut().for_each(|(key, value)| m.mask_pair(key, value));
    for Trigger { table, event, function, channel, file, line: _ } in triggers {
        mask_all(m, [table, event, function, file]);
        mask_all(m, channel);
    }
    for EventSubscriber { channel, file, line: _, technology } in event_subscribers {
        mask_all(m, [channel, file, technology]);
    }
    for FactSource { file, line: _ } in sources.values_mut() {
        m.mask_in(file);
    }
    for Conflict { fact, values } in conflicts {
        m.mask_in(fact);
        for Stated { file, line: _, value } in values {
            m.mask_in(file);
            m.mask_pair(fact, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::{aggregate, sample};

    #[test]
    fn the_sample_context_is_that_of_the_sample_report() {
        crate::report::writers::golden(
            concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/data/sample-context.json"),
            &context_json(&aggregate(sample::input()).context),
        );
    }

    #[test]
    fn no_text_of_a_report_escapes() {
        const SECRET: &str = "postgres://shop:s3cr3t-word@db/shop";
        let mut report = aggregate(sample::input());
        // Puts the secret into every text of the report through its JSON, then asks for none back.
        let mut json = serde_json::to_value(&report).unwrap_or_default();
        let kept = [
            "check",
            "schema",
            "version",
            "date",
            "fingerprint",
            "title",
            "language",
            "kind",
            "also",
            "output_dir",
            "codebase_root",
            "reviewed",
        ];
        fn plant(value: &mut serde_json::Value, kept: &[&str]) {
            match value {
                serde_json::Value::String(text) if text.contains(['/', ' ', '`', '.']) => text.push_str(SECRET),
                serde_json::Value::Array(items) => items.iter_mut().for_each(|item| plant(item, kept)),
                serde_json::Value::Object(fields) => {
                    fields
                        .iter_mut()
                        .filter(|(key, _)| !kept.contains(&key.as_str()))
                        .for_each(|(_, v)| plant(v, kept));
                }
                _ => {}
            }
        }
        plant(&mut json, &kept);
        report = serde_json::from_value(json).unwrap_or(report);
        let planted = serde_json::to_string(&report).unwrap_or_default().matches("s3cr3t-word").count();
        assert!(planted > 150, "{planted}");
        let masked = serde_json::to_string(&*Shareable::new(&report)).unwrap_or_default();
        let around = |at: usize| masked.get(at.saturating_sub(60)..at + 20).unwrap_or_default();
        let escaped: Vec<_> = masked.match_indices("s3cr3t-word").map(|(at, _)| around(at)).collect();
        assert_eq!(escaped, [""; 0]);
    }

    #[test]
    fn masking_leaves_a_clean_report_alone() {
        let mut report = aggregate(sample::input());
        report.findings.retain(|finding| !finding.message.contains("s3cr3t"));
        assert_eq!(*Shareable::new(&report), report);
    }
}
