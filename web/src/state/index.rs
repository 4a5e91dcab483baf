//! The report's findings as columns, so that a keystroke filters 10,000 of them within a frame or two.
//! Orders and search texts are made once per report; a filter run touches bytes and one string per row.

use super::filter::{
    Filter, Sort, baseline_position, by_priority, category_position, confidence_position, effort_position,
    severity_position, verdict_position,
};
use drydock_core::report::model::{Confidence, Report, Verdict};
use std::cmp::Ordering;
use std::sync::OnceLock;

/// Groups of the list, in order. Only the first is open at the start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Group {
    /// Scored, with medium or high confidence.
    Main,
    /// Scored, but only the name was recognised.
    LowConfidence,
    /// Cannot be decided from the code.
    NeedsContext,
    /// Not scored by rules 1 and 6.
    Advisory,
    /// Silenced by the project.
    Suppressed,
    /// Disproved by measurement.
    Refuted,
}

impl Group {
    /// All, in order.
    pub const ALL: [Self; 6] =
        [Self::Main, Self::LowConfidence, Self::NeedsContext, Self::Advisory, Self::Suppressed, Self::Refuted];

    const fn of(verdict: Verdict, confidence: Confidence) -> Self {
        match (verdict, confidence) {
            (Verdict::Counted, Confidence::Low) => Self::LowConfidence,
            (Verdict::Counted, _) => Self::Main,
            (Verdict::NeedsContext, _) => Self::NeedsContext,
            (Verdict::Advisory, _) => Self::Advisory,
            (Verdict::Suppressed, _) => Self::Suppressed,
            (Verdict::Refuted, _) => Self::Refuted,
        }
    }
}

struct Row {
    severity: u8,
    category: u8,
    confidence: u8,
    effort: u8,
    verdict: u8,
    baseline: u8,
    check: u16,
    path: u32,
    group: Group,
    text: Box<str>,
}

/// Columns over one report.
pub struct Index {
    rows: Vec<Row>,
    checks: Vec<String>,
    paths: Vec<String>,
    priority: Vec<u32>,
    orders: [OnceLock<Vec<u32>>; 3],
    places: Vec<(u32, u32)>,
}

/// Counts beside the choices of each facet: what a click would show.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FacetCounts {
    /// By position in `Severity::ALL`.
    pub severity: [u32; 4],
    /// By position in `Category::ALL`.
    pub category: [u32; 4],
    /// By position in `CONFIDENCES`.
    pub confidence: [u32; 3],
    /// By position in `EFFORTS`.
    pub effort: [u32; 3],
    /// By position in `VERDICTS`.
    pub verdict: [u32; 5],
    /// By position in `BASELINES`.
    pub baseline: [u32; 3],
    /// By position in [`Index::checks`].
    pub checks: Vec<u32>,
}

/// Result of a filter run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filtered {
    /// Positions in the report's findings, in order, by group; empty groups are left out.
    pub groups: Vec<(Group, Vec<u32>)>,
    /// How many match.
    pub total: u32,
    /// Counts for the facets.
    pub counts: FacetCounts,
}

const SEVERITY: u8 = 1;
const CATEGORY: u8 = 2;
const CONFIDENCE: u8 = 4;
const EFFORT: u8 = 8;
const VERDICT: u8 = 16;
const CHECK: u8 = 32;
const OTHER: u8 = 64;
const BASELINE: u8 = 128;

impl Index {
    /// Columns over `report`.
    #[must_use]
    pub fn new(report: &Report) -> Self {
        let mut checks: Vec<String> = Vec::new();
        let mut paths: Vec<String> = report.findings.iter().map(|finding| finding.path.clone()).collect();
        paths.sort_unstable();
        paths.dedup();
        for outcome in &report.checks {
            checks.push(outcome.check.clone());
        }
        let mut rows = Vec::with_capacity(report.findings.len());
        let mut places = Vec::with_capacity(report.findings.len());
        for finding in &report.findings {
            let check = checks.iter().position(|id| *id == finding.check).unwrap_or_else(|| {
                checks.push(finding.check.clone());
                checks.len() - 1
            });
            let path = paths.binary_search(&finding.path).unwrap_or(0);
            let text = format!(
                "{}\n{}\n{}:{}\n{}\n{}\n{}",
                finding.message,
                finding.title,
                finding.path,
                finding.line,
                finding.symbol,
                finding.check,
                finding.recommendation
            )
            .to_lowercase()
            .replace('`', "");
            places.push((u32::try_from(path).unwrap_or(u32::MAX), finding.line));
            rows.push(Row {
                severity: small(severity_position(finding.severity)),
                category: small(category_position(finding.category)),
                confidence: small(confidence_position(finding.confidence)),
                effort: small(effort_position(finding.effort)),
                verdict: small(verdict_position(finding.verdict)),
                baseline: small(baseline_position(finding.baseline)),
                check: u16::try_from(check).unwrap_or(u16::MAX),
                path: u32::try_from(path).unwrap_or(u32::MAX),
                group: Group::of(finding.verdict, finding.confidence),
                text: text.into_boxed_str(),
            });
        }
        let mut priority: Vec<u32> = (0..).take(rows.len()).collect();
        arrange(&mut priority, &|a, b| match (report.findings.get(a as usize), report.findings.get(b as usize)) {
            (Some(a), Some(b)) => by_priority(a, b),
            _ => Ordering::Equal,
        });
        Self { rows, checks, paths, priority, orders: Default::default(), places }
    }

    /// Check ids: those of the report's outcomes in order, then any other.
    #[must_use]
    pub fn checks(&self) -> &[String] {
        &self.checks
    }

    /// Paths that have findings, sorted.
    #[must_use]
    pub fn paths(&self) -> &[String] {
        &self.paths
    }

    fn order(&self, sort: Sort) -> &[u32] {
        let place = |row: u32| self.places.get(row as usize).copied().unwrap_or_default();
        let check = |row: u32| (self.rows.get(row as usize).map_or(0, |row| row.check.into()), 0);
        let effort = |row: u32| (self.rows.get(row as usize).map_or(0, |row| row.effort.into()), 0);
        let (slot, key): (usize, &dyn Fn(u32) -> (u32, u32)) = match sort {
            Sort::Priority => return &self.priority,
            Sort::Place => (0, &place),
            Sort::Check => (1, &check),
            Sort::Effort => (2, &effort),
        };
        self.orders.get(slot).map_or(&self.priority, |cell| {
            cell.get_or_init(|| {
                let mut order = self.priority.clone();
                arrange(&mut order, &|a, b| key(a).cmp(&key(b)));
                order
            })
        })
    }

    /// Rows that pass `filter`, in the order of `sort`, with the counts for all facets.
    #[must_use]
    pub fn run(&self, filter: &Filter, sort: Sort) -> Filtered {
        let words: Vec<String> = filter.text.to_lowercase().split_whitespace().map(str::to_owned).collect();
        let path = filter
            .path
            .as_ref()
            .map(|path| self.paths.binary_search(path).map_or(u32::MAX, |at| u32::try_from(at).unwrap_or(u32::MAX)));
        let chosen: Vec<bool> = self.checks.iter().map(|id| filter.checks.contains(id)).collect();
        let any_check = !filter.checks.is_empty();
        let mut groups: [Vec<u32>; 6] = Default::default();
        let mut counts = FacetCounts { checks: vec![0; self.checks.len()], ..FacetCounts::default() };
        let mut total = 0;
        for position in self.order(sort) {
            let Some(row) = self.rows.get(*position as usize) else { continue };
            let mut failed = 0;
            if !filter.severity.admits(row.severity.into()) {
                failed |= SEVERITY;
            }
            if !filter.category.admits(row.category.into()) {
                failed |= CATEGORY;
            }
            if !filter.confidence.admits(row.confidence.into()) {
                failed |= CONFIDENCE;
            }
            if !filter.effort.admits(row.effort.into()) {
                failed |= EFFORT;
            }
            if !filter.verdict.admits(row.verdict.into()) {
                failed |= VERDICT;
            }
            if !filter.baseline.admits(row.baseline.into()) {
                failed |= BASELINE;
            }
            if any_check && !chosen.get(usize::from(row.check)).copied().unwrap_or(false) {
                failed |= CHECK;
            }
            if failed.count_ones() > 1 {
                continue;
            }
            if path.is_some_and(|path| path != row.path) || !words.iter().all(|word| row.text.contains(word.as_str())) {
                failed |= OTHER;
            }
            tally(&mut counts.severity, row.severity.into(), failed & !SEVERITY);
            tally(&mut counts.category, row.category.into(), failed & !CATEGORY);
            tally(&mut counts.confidence, row.confidence.into(), failed & !CONFIDENCE);
            tally(&mut counts.effort, row.effort.into(), failed & !EFFORT);
            tally(&mut counts.verdict, row.verdict.into(), failed & !VERDICT);
            tally(&mut counts.baseline, row.baseline.into(), failed & !BASELINE);
            tally(&mut counts.checks, row.check.into(), failed & !CHECK);
            if failed == 0 {
                total += 1;
                if let Some(group) = groups.get_mut(row.group as usize) {
                    group.push(*position);
                }
            }
        }
        let groups = Group::ALL.into_iter().zip(groups).filter(|(_, rows)| !rows.is_empty()).collect();
        Filtered { groups, total, counts }
    }
}

/// Sorts rows; equal ones keep their order. One function for all orders: sorting is large in wasm.
fn arrange(order: &mut [u32], compare: &dyn Fn(u32, u32) -> Ordering) {
    order.sort_by(|a, b| compare(*a, *b));
}

fn small(position: usize) -> u8 {
    u8::try_from(position).unwrap_or(u8::MAX)
}

fn tally(counts: &mut [u32], position: usize, failed_elsewhere: u8) {
    if failed_elsewhere == 0
        && let Some(count) = counts.get_mut(position)
    {
        *count += 1;
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
    use super::super::verdict::tests::{finding, report};
    use super::*;
    use crate::state::filter::Choices;
    use drydock_core::report::model::{Category, Severity};

    #[test]
    fn default_order_is_severity_then_category_priority_then_confidence() {
        let mut low_confidence = finding("a", Category::QueryEfficiency, Severity::High);
        low_confidence.confidence = Confidence::Medium;
        let report = report(vec![
            finding("runtime", Category::RuntimePerformance, Severity::High),
            low_confidence,
            finding("b", Category::QueryEfficiency, Severity::High),
            finding("c", Category::ResourceLifecycle, Severity::Critical),
        ]);
        let all = Index::new(&report).run(&Filter::default(), Sort::Priority);
        assert_eq!(all.groups, vec![(Group::Main, vec![3, 2, 1, 0])]);
    }

    #[test]
    fn facet_counts_ignore_their_own_choice() {
        let report = report(vec![
            finding("query_in_loop", Category::QueryEfficiency, Severity::High),
            finding("query_in_loop", Category::QueryEfficiency, Severity::Medium),
            finding("missing_rollback", Category::TransactionCorrectness, Severity::High),
        ]);
        let index = Index::new(&report);
        let filter = Filter { severity: Choices::only(1), ..Filter::default() };
        let result = index.run(&filter, Sort::Priority);
        assert_eq!(result.total, 2);
        assert_eq!(result.counts.severity, [0, 2, 1, 0]);
        assert_eq!(result.counts.category, [1, 1, 0, 0]);
        let both = index.run(&Filter { category: Choices::only(1), ..filter }, Sort::Priority);
        assert_eq!((both.total, both.counts.severity, both.counts.category), (1, [0, 1, 0, 0], [1, 1, 0, 0]));
    }

    #[test]
    fn text_needs_all_words_in_any_case_and_ignores_backticks() {
        let mut first = finding("query_in_loop", Category::QueryEfficiency, Severity::High);
        first.message = "`Order.items` is loaded in a loop".to_owned();
        let report = report(vec![first, finding("missing_rollback", Category::QueryEfficiency, Severity::Low)]);
        let index = Index::new(&report);
        let with = |text: &str| index.run(&Filter { text: text.to_owned(), ..Filter::default() }, Sort::Priority).total;
        assert_eq!((with("LOOP order.items is"), with("loop rollback"), with(""), with("src/app.py:10")), (1, 0, 2, 2));
    }

    #[test]
    fn verdicts_and_low_confidence_are_groups_of_their_own() {
        let mut advisory = finding("a", Category::QueryEfficiency, Severity::High);
        advisory.verdict = Verdict::Advisory;
        let mut unsure = finding("b", Category::QueryEfficiency, Severity::Critical);
        unsure.confidence = Confidence::Low;
        let report = report(vec![advisory, unsure, finding("c", Category::QueryEfficiency, Severity::Low)]);
        let groups: Vec<Group> = Index::new(&report)
            .run(&Filter::default(), Sort::Priority)
            .groups
            .into_iter()
            .map(|(group, _)| group)
            .collect();
        assert_eq!(groups, [Group::Main, Group::LowConfidence, Group::Advisory]);
    }

    #[test]
    fn ten_thousand_findings_filter_in_a_frame() {
        let findings = (0..10_000)
            .map(|n| {
                let mut one = finding("query_in_loop", Category::ALL[n % 4], Severity::ALL[n % 4]);
                one.message = format!("`Order{n}` is loaded once per item of `orders` in `list_orders_{n}`");
                one
            })
            .collect();
        let report = report(findings);
        let index = Index::new(&report);
        let filter = Filter { text: "orders_99".to_owned(), ..Filter::default() };
        let result = index.run(&filter, Sort::Place);
        assert_eq!(result.total, 111);
    }
}
