//! The workers' results become one report: settings, suppressions, precedence, rules 1 and 6,
//! score, order. Equal input gives an equal report, in whatever order the results came.

use super::baseline::{NOT_SELECTED, SWITCHED_OFF};
use super::suppress::{self, Suppression};
use super::validate::{self, Document};
use super::{correlate, outcome, precedence, score};
use crate::discovery::ContextStore;
use crate::intake::Settings;
use crate::intake::settings::SettingsEntry;
use crate::order::InOrder as _;
use crate::report::model::performance::{Measured, Performance, Unadjusted};
use crate::report::model::{
    Category, CategoryResult, CategoryScore, CheckStatus, ContextFacts, Coverage, Dismissed, Finding, Report,
    SCHEMA_VERSION, Severity, Source,
};
use crate::words::counted;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Everything that a report is made from.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct AggregateInput {
    /// Name of the project.
    pub project: String,
    /// `YYYY-MM-DD`.
    pub date: String,
    /// What the workers returned, in any order; a category may be missing.
    pub results: Vec<CategoryResult>,
    /// Categories without a result, with the reason.
    pub failed: Vec<(Category, String)>,
    /// Discovered context.
    pub context: ContextStore,
    /// What was read.
    pub coverage: Coverage,
    /// Suppression comments of the audited files.
    pub suppressions: Vec<Suppression>,
    /// Settings that change how findings count.
    pub settings: AuditSettings,
    /// Decision records and plans.
    pub documents: Vec<Document>,
    /// Remarks on the run so far.
    pub notices: Vec<String>,
    /// What was measured, joined to the code.
    #[serde(default)]
    pub measured: Option<Measured>,
}

/// Settings that change how findings count.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditSettings {
    /// Suppressions.
    pub suppressions: Vec<SettingsEntry>,
    /// Checks that are off.
    pub checks_off: BTreeSet<String>,
    /// Checks whose findings get another severity.
    pub regraded: BTreeMap<String, Severity>,
    /// When not empty only these checks count (`--only`).
    pub only: BTreeSet<String>,
    /// Only findings that touch one of these files are reported (`--changed`).
    #[serde(default)]
    pub changed: Option<BTreeSet<String>>,
}

impl AuditSettings {
    /// What the project's settings file asks for, and the checks that the caller selects.
    #[must_use]
    pub fn new(settings: &Settings, only: &[String]) -> Self {
        Self {
            suppressions: settings.suppressions.clone(),
            checks_off: settings.checks_off.clone(),
            regraded: settings.severity.clone(),
            only: only.iter().cloned().collect(),
            changed: None,
        }
    }
}

/// Builds the report.
#[must_use]
pub fn aggregate(input: AggregateInput) -> Report {
    let AggregateInput {
        project,
        date,
        results,
        failed,
        context,
        mut coverage,
        suppressions,
        settings,
        documents,
        notices,
        measured,
    } = input;
    let mut notices = notices;
    for (path, format) in measured.iter().flat_map(|measured| &measured.files) {
        // What lies in the project and was read is not skipped as if nobody had looked at it.
        for skipped in coverage.skipped.iter_mut().filter(|skipped| skipped.path == *path) {
            skipped.reason = format!("Read as runtime evidence: {format}");
        }
    }
    let mut gathered = gather(results);
    let failed = complete_failures(failed, &gathered.seen);
    notices.extend(obey(&settings, &mut gathered));

    let mut findings = gathered.findings;
    sort(&mut findings);
    notices.extend(suppress::apply(&mut findings, &suppressions, &settings.suppressions, &date));
    let mut findings = precedence::merge(findings);
    let scores = |findings: &[Finding]| {
        let checks = outcome::checks(&gathered.checks, findings, &failed);
        let categories: Vec<CategoryScore> = Category::ALL
            .into_iter()
            .map(|category| score::category(category, outcome::category_state(category, &checks, &failed), findings))
            .collect();
        (checks, categories)
    };
    let kept = |findings: &mut Vec<Finding>| {
        validate::apply(findings, &gathered.facts, &documents);
        if let Some(changed) = &settings.changed {
            findings.retain(|finding| touches(finding, changed));
        }
        sort(findings);
    };
    let performance = measured.map(|measured| {
        let mut before = findings.clone();
        let changes = correlate::apply(&mut findings, &measured);
        kept(&mut before);
        let (_, categories) = scores(&before);
        let unadjusted = Unadjusted {
            overall_tenths: score::overall(&categories, coverage.lines).score_tenths,
            categories: categories.iter().map(|score| (score.category, score.score_tenths)).collect(),
        };
        Box::new(Performance { changes, unadjusted: Some(unadjusted), ..Performance::default() })
    });
    kept(&mut findings);
    if let Some(changed) = &settings.changed {
        let files = counted(changed.len() as u64, "changed file", "changed files");
        notices.push(format!("Only findings that touch {files} are reported and scored"));
    }
    let (checks, categories) = scores(&findings);
    notices.order();
    notices.dedup();
    let sources = sources(&findings, &context);
    Report {
        schema: SCHEMA_VERSION,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        overall: score::overall(&categories, coverage.lines),
        categories,
        findings,
        dismissed: gathered.dismissed,
        checks,
        coverage: ordered(coverage),
        context,
        sources,
        notices,
        date,
        project,
        comparison: None,
        performance,
    }
}

struct Gathered {
    seen: BTreeSet<Category>,
    findings: Vec<Finding>,
    dismissed: Vec<Dismissed>,
    checks: Vec<crate::report::model::CheckOutcome>,
    facts: BTreeMap<String, ContextFacts>,
}

fn gather(mut results: Vec<CategoryResult>) -> Gathered {
    results.order_by_key(|result| result.category);
    results.dedup_by_key(|result| result.category);
    let mut all = Gathered {
        seen: BTreeSet::new(),
        findings: Vec::new(),
        dismissed: Vec::new(),
        checks: Vec::new(),
        facts: BTreeMap::new(),
    };
    for result in results {
        all.seen.insert(result.category);
        all.findings.extend(result.findings);
        all.dismissed.extend(result.dismissed);
        all.checks.extend(result.checks);
        all.facts.extend(result.facts);
    }
    all.dismissed.order();
    all.dismissed.dedup();
    all
}

/// A category that returned nothing is an error, never silently absent.
fn complete_failures(mut failed: Vec<(Category, String)>, seen: &BTreeSet<Category>) -> Vec<(Category, String)> {
    failed.retain(|(category, _)| !seen.contains(category));
    for category in Category::ALL {
        if !seen.contains(&category) && !failed.iter().any(|(which, _)| *which == category) {
            failed.push((category, "its worker returned no result".to_owned()));
        }
    }
    failed.order();
    failed.dedup_by_key(|(category, _)| *category);
    failed
}

/// Checks that are off, not selected or graded otherwise; what was not understood comes back.
fn obey(settings: &AuditSettings, all: &mut Gathered) -> Vec<String> {
    let mut notices = Vec::new();
    let named = settings.checks_off.iter().chain(settings.regraded.keys());
    for check in named.filter(|check| crate::checks::find(check).is_none()) {
        notices.push(format!(".drydock.toml: `{check}` is not a check; `drydock checks` lists them"));
    }
    let excluded = |check: &str| {
        if settings.checks_off.contains(check) {
            Some(SWITCHED_OFF)
        } else if !settings.only.is_empty() && !settings.only.contains(check) {
            Some(NOT_SELECTED)
        } else {
            None
        }
    };
    for outcome in &mut all.checks {
        if let Some(reason) = excluded(&outcome.check) {
            outcome.status = CheckStatus::Skipped;
            outcome.details = reason.to_owned();
            outcome.candidates = 0;
            outcome.dismissed = 0;
        }
    }
    // Workers may leave out what is not wanted: it is listed with its reason all the same.
    for check in crate::checks::CATALOGUE.iter().filter(|check| check.available) {
        if let Some(reason) = excluded(check.id)
            && !all.checks.iter().any(|outcome| outcome.check == check.id)
        {
            all.checks.push(outcome::skipped(check, reason.to_owned()));
        }
    }
    all.findings.retain(|finding| excluded(&finding.check).is_none());
    all.dismissed.retain(|dismissed| excluded(&dismissed.check).is_none());
    for check in settings.checks_off.iter().filter(|check| crate::checks::find(check).is_some()) {
        notices.push(format!(".drydock.toml switches `{check}` off"));
    }
    for (check, severity) in &settings.regraded {
        if crate::checks::find(check).is_none() {
            continue;
        }
        notices.push(format!(".drydock.toml grades `{check}` as {}", severity.word()));
        for finding in all.findings.iter_mut().filter(|finding| finding.check == *check) {
            if finding.severity != *severity {
                finding.evidence.push(format!("graded {} by .drydock.toml", severity.word()));
                finding.original_severity.get_or_insert(finding.severity);
                finding.severity = *severity;
            }
        }
    }
    notices
}

/// Whether the finding or a step of its path lies in a changed file. Lists may be relative to a folder above the
/// project.
fn touches(finding: &Finding, changed: &BTreeSet<String>) -> bool {
    let is_changed = |path: &str| {
        changed.contains(path)
            || changed.iter().any(|long| long.strip_suffix(path).is_some_and(|above| above.ends_with('/')))
    };
    is_changed(&finding.path) || finding.steps.iter().any(|step| is_changed(&step.path))
}

/// Counted first, then by severity, category priority, path, line.
pub(super) fn sort(findings: &mut [Finding]) {
    findings.order_by(|a, b| order(a).cmp(&order(b)));
}

type Order<'a> = (crate::report::model::Verdict, Severity, u8, &'a str, u32, u32, &'a str, &'a str);

fn order(finding: &Finding) -> Order<'_> {
    (
        finding.verdict,
        finding.severity,
        priority(finding.category),
        &finding.path,
        finding.line,
        finding.column,
        &finding.check,
        &finding.fingerprint,
    )
}

/// Query, transaction and resource are HIGH, runtime is MEDIUM.
const fn priority(category: Category) -> u8 {
    match category {
        Category::QueryEfficiency | Category::TransactionCorrectness | Category::ResourceLifecycle => 0,
        Category::RuntimePerformance => 1,
    }
}

fn ordered(mut coverage: Coverage) -> Coverage {
    coverage.files.order();
    coverage.skipped.order();
    coverage.problems.order();
    coverage
}

/// Pages behind the findings' checks and the best practices of the detected technologies.
fn sources(findings: &[Finding], context: &ContextStore) -> Vec<Source> {
    let mut by_url: BTreeMap<&str, String> = BTreeMap::new();
    for finding in findings {
        if let Some(check) = crate::checks::find(&finding.check) {
            by_url.entry(check.source.1).or_insert_with(|| check.source.0.to_owned());
        }
    }
    for (technology, practices) in &context.best_practices {
        for practice in practices {
            by_url.entry(&practice.url).or_insert_with(|| format!("{technology}: {}", practice.statement));
        }
    }
    let mut sources: Vec<Source> =
        by_url.into_iter().map(|(url, title)| Source { title, url: url.to_owned() }).collect();
    sources.order();
    sources
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing, clippy::unwrap_used)]
    use super::*;
    use crate::audit::sample;
    use crate::report::model::{CategoryState, Counts, Verdict};

    #[test]
    fn every_number_follows_from_the_findings() {
        let report = aggregate(sample::input());
        let (mut sum, mut all) = (0, Counts::default());
        for category in &report.categories {
            let mut counts = Counts::default();
            for found in &report.findings {
                if found.category == category.category && found.verdict == Verdict::Counted {
                    counts.add(found.severity);
                    all.add(found.severity);
                }
            }
            let penalty = counts.critical * 20 + counts.high * 10 + counts.medium * 5 + counts.low * 2;
            assert_eq!(category.counts, counts);
            assert_eq!(category.penalty_tenths, penalty);
            assert_eq!(category.score_tenths, Some(100_u32.saturating_sub(penalty)));
            sum += 100_u32.saturating_sub(penalty);
        }
        assert_eq!(report.overall.counts, all);
        let mean = (f64::from(sum) / 4.0 + 0.5).floor();
        assert_eq!(report.overall.score_tenths.map(f64::from), Some(mean));
        let lines: u64 = report.coverage.files.iter().map(|file| u64::from(file.lines)).sum();
        assert_eq!(report.coverage.lines, lines);
        let per_kloc = (f64::from(report.overall.penalty_tenths) * 1000.0 / lines as f64 + 0.5).floor();
        assert_eq!(report.overall.penalty_per_kloc_tenths.map(f64::from), Some(per_kloc));
    }

    #[test]
    fn the_score_is_that_without_what_the_rules_took_out() {
        let with = aggregate(sample::input());
        let mut input = sample::input();
        input.documents.clear();
        let without = aggregate(input);
        let advisory = |report: &Report| {
            let planned = |f: &&Finding| {
                f.verdict == Verdict::Advisory && f.advisory.as_ref().is_some_and(|a| a.starts_with("[Planned"))
            };
            report.findings.iter().filter(planned).map(|f| (f.category, f.severity)).collect::<Vec<_>>()
        };
        assert!(advisory(&without).is_empty());
        let taken_out = advisory(&with);
        assert!(!taken_out.is_empty());
        for (before, after) in without.categories.iter().zip(&with.categories) {
            let of = taken_out.iter().filter(|(category, _)| *category == before.category);
            let penalty: u32 = of.map(|(_, severity)| severity.penalty_tenths()).sum();
            // Rule 6 may lower what rule 1 would have taken out whole.
            assert!(before.penalty_tenths - after.penalty_tenths <= penalty, "{:?}", before.category);
            assert_eq!(before.penalty_tenths > after.penalty_tenths, penalty > 0);
        }
        for finding in with.findings.iter().filter(|f| f.verdict == Verdict::Advisory) {
            assert!(finding.original_severity.is_some() && finding.advisory.is_some(), "{finding:?}");
        }
    }

    #[test]
    fn the_sample_has_every_verdict_but_refuted_and_every_severity() {
        let report = aggregate(sample::input());
        for verdict in [Verdict::Counted, Verdict::Advisory, Verdict::NeedsContext, Verdict::Suppressed] {
            assert!(report.findings.iter().any(|found| found.verdict == verdict), "{verdict:?}");
        }
        for severity in Severity::ALL {
            assert!(report.overall.counts.of(severity) > 0, "{severity:?}");
        }
        assert_eq!(report.findings.len(), 25);
        assert_eq!(report.checks.len(), crate::checks::CATALOGUE.len());
        let merged: Vec<_> = report.findings.iter().filter(|found| !found.also.is_empty()).collect();
        assert_eq!(merged.len(), 2);
    }

    #[test]
    fn the_order_of_results_does_not_matter() {
        let mut input = sample::input();
        let expected = aggregate(input.clone());
        input.results.reverse();
        for result in &mut input.results {
            result.findings.reverse();
            result.dismissed.reverse();
        }
        input.coverage.files.reverse();
        input.suppressions.reverse();
        assert_eq!(aggregate(input), expected);
    }

    #[test]
    fn findings_are_sorted_counted_first() {
        let report = aggregate(sample::input());
        assert!(report.findings.is_sorted_by(|a, b| order(a) <= order(b)));
        assert_eq!(report.findings[0].severity, Severity::Critical);
    }

    #[test]
    fn a_missing_category_is_an_error_and_leaves_the_mean() {
        let mut input = sample::input();
        input.results.retain(|result| result.category != Category::RuntimePerformance);
        input.failed = vec![(Category::RuntimePerformance, "out of memory at data/big.py".to_owned())];
        let report = aggregate(input.clone());
        assert_eq!(report.categories[2].status, CategoryState::Error("out of memory at data/big.py".to_owned()));
        assert_eq!(report.categories[2].score_tenths, None);
        let rest: u32 = report.categories.iter().filter_map(|category| category.score_tenths).sum();
        assert_eq!(report.overall.score_tenths, Some((2 * rest + 3) / 6));
        input.failed.clear();
        let report = aggregate(input);
        assert_eq!(report.categories[2].status, CategoryState::Error("its worker returned no result".to_owned()));
    }

    #[test]
    fn nothing_to_judge_is_not_a_perfect_score() {
        let mut input = sample::input();
        for result in &mut input.results {
            result.findings.clear();
            for check in &mut result.checks {
                check.status = CheckStatus::Skipped;
                check.details = "no database or async code was recognised".to_owned();
            }
        }
        let report = aggregate(input);
        assert_eq!((report.overall.score_tenths, report.overall.band), (None, None));
        assert!(report.categories.iter().all(|category| matches!(category.status, CategoryState::NotApplicable(_))));
    }

    #[test]
    fn settings_switch_off_select_and_regrade_and_say_so() {
        let mut input = sample::input();
        input.settings.checks_off.insert("query_in_loop".to_owned());
        input.settings.checks_off.insert("no_such".to_owned());
        input.settings.regraded.insert("string_concat_in_loop".to_owned(), Severity::High);
        let report = aggregate(input);
        assert!(report.findings.iter().all(|found| found.check != "query_in_loop"));
        let check = report.checks.iter().find(|check| check.check == "query_in_loop").unwrap();
        assert_eq!((check.status, check.details.as_str()), (CheckStatus::Skipped, "switched off in .drydock.toml"));
        let found = report.findings.iter().find(|found| found.check == "string_concat_in_loop").unwrap();
        assert_eq!((found.severity, found.original_severity), (Severity::High, Some(Severity::Low)));
        for notice in [
            ".drydock.toml switches `query_in_loop` off",
            ".drydock.toml grades `string_concat_in_loop` as HIGH",
            ".drydock.toml: `no_such` is not a check; `drydock checks` lists them",
        ] {
            assert!(report.notices.iter().any(|known| known == notice), "{notice}");
        }

        let mut input = sample::input();
        input.settings.only.insert("pool_configuration".to_owned());
        for result in &mut input.results {
            result.checks.retain(|check| check.check == "pool_configuration");
        }
        let report = aggregate(input);
        assert!(report.findings.iter().all(|found| found.check == "pool_configuration"));
        assert_eq!(report.categories[0].status, CategoryState::NotApplicable("not selected".to_owned()));
    }

    #[test]
    fn only_what_touches_changed_files_is_reported_and_scored() {
        let mut input = sample::input();
        let path = "app/jobs/mailer.py";
        input.settings.changed = Some(BTreeSet::from([format!("services/shop/{path}"), "gone.py".to_owned()]));
        let report = aggregate(input.clone());
        assert!(!report.findings.is_empty());
        for found in &report.findings {
            assert!(found.path == path || found.steps.iter().any(|step| step.path == path));
        }
        let counted = report.findings.iter().filter(|found| found.verdict == Verdict::Counted).count();
        assert_eq!(report.overall.counts.total() as usize, counted);
        assert!(report.notices.iter().any(|notice| notice.contains("touch 2 changed files")));
        input.settings.changed = Some(BTreeSet::new());
        assert!(aggregate(input).findings.is_empty());
    }

    #[test]
    fn suppressions_and_rules_leave_their_reasons() {
        let report = aggregate(sample::input());
        let of = |path: &str, check: &str| {
            report.findings.iter().find(|found| found.path == path && found.check == check).unwrap()
        };
        assert_eq!(of("app/services/importer.py", "missing_bulk_ops").verdict, Verdict::Counted);
        assert_eq!(of("app/reports/export.py", "missing_cleanup").verdict, Verdict::Suppressed);
        assert_eq!(of("app/core/startup.py", "blocking_io_in_async").verdict, Verdict::Advisory);
        let planned = of("app/jobs/refresh.py", "redundant_fetch");
        assert!(planned.advisory.as_deref().is_some_and(|tag| tag.starts_with("[Planned: ADR-012]")));
        let lowered = of("app/jobs/mailer.py", "blocking_io_in_async");
        assert_eq!((lowered.severity, lowered.original_severity), (Severity::Low, Some(Severity::Medium)));
        assert!(report.notices.iter().any(|notice| notice.contains("app/reports/csv.py:14")));
    }
}
