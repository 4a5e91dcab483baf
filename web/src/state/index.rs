//! The report's findings as columns, so that a keystroke filters 10,000 of them within a frame or two.
//! Orders and search texts are made once per report; a filter run touches bytes and one string per row.

use super::filter::{
    FACETS, Facet, Filter, Sort, baseline_word, by_priority, confidence_word, effort_word, verdict_word,
};
use super::folders::{above, depth};
use super::lines::Grouping;
use super::verdict::severity_word;
use drydock_core::report::model::{AuditedFile, Confidence, Finding, Report, Verdict};
use std::cmp::Ordering;
use std::collections::BTreeMap;
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
    /// Marked as fixed by the reader, whatever the verdict: no finding is of it by itself.
    Fixed,
}

impl Group {
    /// Those of the verdicts, in order.
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
    /// For each facet the number of its set of values.
    facets: [u32; FACETS],
    group: Group,
    text: Box<str>,
}

/// A facet's values over all findings.
#[derive(Default)]
struct Column {
    /// Those that are always shown, then the others by name.
    values: Vec<String>,
    /// The sets that findings have: none, one, or more of the values, by position.
    sets: Vec<Vec<u32>>,
}

/// Columns over one report.
pub struct Index {
    rows: Vec<Row>,
    columns: [Column; FACETS],
    priority: Vec<u32>,
    orders: [OnceLock<Vec<u32>>; 3],
    lines: Vec<u32>,
    /// Number of what encloses each finding.
    functions: Vec<u32>,
}

/// Result of a filter run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filtered {
    /// Positions in the report's findings, in order, by group; empty groups are left out.
    pub groups: Vec<(Group, Vec<u32>)>,
    /// How many match.
    pub total: u32,
    /// For each facet what a click on each of its values would show.
    counts: [Vec<u32>; FACETS],
}

impl Filtered {
    /// What a click on value number `at` of a facet would show.
    #[must_use]
    pub fn count(&self, facet: Facet, at: usize) -> u32 {
        self.counts.get(facet as usize).and_then(|counts| counts.get(at)).copied().unwrap_or(0)
    }
}

impl Index {
    /// Columns over `report`.
    #[must_use]
    pub fn new(report: &Report) -> Self {
        let findings = &report.findings;
        let mut rows: Vec<Row> = Vec::with_capacity(findings.len());
        for finding in findings {
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
            rows.push(Row {
                facets: [0; FACETS],
                group: Group::of(finding.verdict, finding.confidence),
                text: text.into_boxed_str(),
            });
        }
        let files = Files::new(report);
        let columns = Facet::ALL.map(|facet| {
            let mut column = Column::new(facet, report);
            let mut known: BTreeMap<String, u32> = BTreeMap::new();
            for (row, finding) in rows.iter_mut().zip(findings) {
                let values = files.values(facet, finding);
                let next = u32::try_from(known.len()).unwrap_or(u32::MAX);
                let set = *known.entry(values).or_insert(next);
                if let Some(slot) = row.facets.get_mut(facet as usize) {
                    *slot = set;
                }
            }
            column.take(known);
            column
        });
        let mut priority: Vec<u32> = (0..).take(rows.len()).collect();
        arrange(&mut priority, &|a, b| match (findings.get(a as usize), findings.get(b as usize)) {
            (Some(a), Some(b)) => by_priority(a, b),
            _ => Ordering::Equal,
        });
        let lines = findings.iter().map(|finding| finding.line).collect();
        let mut known: BTreeMap<String, u32> = BTreeMap::new();
        let mut functions = Vec::with_capacity(findings.len());
        for finding in findings {
            let next = u32::try_from(known.len()).unwrap_or(u32::MAX);
            functions.push(*known.entry(format!("{}\n{}", finding.path, finding.symbol)).or_insert(next));
        }
        Self { rows, columns, priority, orders: Default::default(), lines, functions }
    }

    /// Values of a facet.
    #[must_use]
    pub fn values(&self, facet: Facet) -> &[String] {
        self.columns.get(facet as usize).map_or(&[], |column| &column.values)
    }

    /// Position of a row's value in a facet whose findings have one each.
    fn rank(&self, row: u32, facet: Facet) -> u32 {
        let set = self.rows.get(row as usize).and_then(|row| row.facets.get(facet as usize));
        let sets = self.columns.get(facet as usize).map(|column| &column.sets);
        set.zip(sets).and_then(|(set, sets)| sets.get(*set as usize)?.first()).copied().unwrap_or(0)
    }

    /// Number of the check, file or function of a row, which tells the parts of a grouping apart.
    #[must_use]
    pub fn part(&self, grouping: Grouping, row: u32) -> u32 {
        match grouping {
            Grouping::None => 0,
            Grouping::Check => self.rank(row, Facet::Check),
            Grouping::File => self.rank(row, Facet::File),
            Grouping::Function => self.functions.get(row as usize).copied().unwrap_or(0),
        }
    }

    fn order(&self, sort: Sort) -> &[u32] {
        let place = |row: u32| (self.rank(row, Facet::File), self.lines.get(row as usize).copied().unwrap_or(0));
        let check = |row: u32| (self.rank(row, Facet::Check), 0);
        let effort = |row: u32| (self.rank(row, Facet::Effort), 0);
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
        // Sets that pass, by facet; `None` where nothing is chosen.
        let admitted: Vec<Option<Vec<bool>>> =
            Facet::ALL.into_iter().zip(&self.columns).map(|(facet, column)| column.admitted(facet, filter)).collect();
        let mut by_set: Vec<Vec<u32>> = self.columns.iter().map(|column| vec![0; column.sets.len()]).collect();
        let mut groups: [Vec<u32>; 6] = Default::default();
        let mut total = 0;
        for position in self.order(sort) {
            let Some(row) = self.rows.get(*position as usize) else { continue };
            // Which facet keeps it out, if only one does.
            let mut out = None;
            let mut several = false;
            for (at, (set, admitted)) in row.facets.iter().zip(&admitted).enumerate() {
                if let Some(admitted) = admitted
                    && !admitted.get(*set as usize).copied().unwrap_or(false)
                {
                    several |= out.replace(at).is_some();
                }
            }
            if several || !words.iter().all(|word| row.text.contains(word.as_str())) {
                continue;
            }
            for (at, (set, counts)) in row.facets.iter().zip(&mut by_set).enumerate() {
                if out.is_none_or(|out| out == at)
                    && let Some(count) = counts.get_mut(*set as usize)
                {
                    *count += 1;
                }
            }
            if out.is_none() {
                total += 1;
                if let Some(group) = groups.get_mut(row.group as usize) {
                    group.push(*position);
                }
            }
        }
        let mut counts: [Vec<u32>; FACETS] = Default::default();
        for ((counts, column), by_set) in counts.iter_mut().zip(&self.columns).zip(by_set) {
            *counts = vec![0; column.values.len()];
            for (set, number) in column.sets.iter().zip(by_set) {
                for value in set {
                    if let Some(count) = counts.get_mut(*value as usize) {
                        *count += number;
                    }
                }
            }
        }
        let groups = Group::ALL.into_iter().zip(groups).filter(|(_, rows)| !rows.is_empty()).collect();
        Filtered { groups, total, counts }
    }
}

impl Column {
    /// The values that are there without any finding.
    fn new(facet: Facet, report: &Report) -> Self {
        let values = match facet {
            Facet::Check => report.checks.iter().map(|outcome| outcome.check.clone()).collect(),
            _ => facet.fixed().into_iter().map(str::to_owned).collect(),
        };
        Self { values, sets: Vec::new() }
    }

    /// Takes the sets of values that findings have, by their numbers.
    fn take(&mut self, known: BTreeMap<String, u32>) {
        self.sets = vec![Vec::new(); known.len()];
        let open = self.values.is_empty();
        // In the order of their names: so come values that were not there yet.
        for (values, number) in known {
            let mut set = Vec::new();
            for value in values.lines() {
                // Thousands of files come in order: none of them is looked for.
                let fresh = open && self.values.last().is_none_or(|last| last.as_str() < value);
                let at = if fresh { None } else { self.values.iter().position(|one| one == value) };
                let at = at.unwrap_or_else(|| {
                    self.values.push(value.to_owned());
                    self.values.len() - 1
                });
                set.push(u32::try_from(at).unwrap_or(u32::MAX));
            }
            if let Some(slot) = self.sets.get_mut(number as usize) {
                *slot = set;
            }
        }
    }

    /// Sets that pass; `None` when all do.
    fn admitted(&self, facet: Facet, filter: &Filter) -> Option<Vec<bool>> {
        filter.of(facet).next()?;
        let chosen = |value: &String| {
            filter.of(facet).any(|one| one == value || facet == Facet::Folder && value.starts_with(one))
        };
        let values: Vec<bool> = self.values.iter().map(chosen).collect();
        let passes = |at: &u32| values.get(*at as usize).copied().unwrap_or(false);
        Some(self.sets.iter().map(|set| set.iter().any(passes)).collect())
    }
}

/// What facets ask of the files.
struct Files<'r> {
    files: &'r [AuditedFile],
    /// Libraries by file.
    libraries: Vec<Vec<&'r str>>,
    depth: usize,
}

impl<'r> Files<'r> {
    fn new(report: &'r Report) -> Self {
        let files = &report.coverage.files;
        let mut libraries: Vec<Vec<&str>> = vec![Vec::new(); files.len()];
        for (library, positions) in &report.coverage.libraries {
            for at in positions {
                if let Some(file) = libraries.get_mut(*at as usize) {
                    file.push(library);
                }
            }
        }
        Self { files, libraries, depth: depth(&report.findings) }
    }

    /// Values of a finding in a facet, one a line.
    fn values(&self, facet: Facet, finding: &Finding) -> String {
        let path = finding.path.as_str();
        // Files are in order of their paths.
        let file = || self.files.binary_search_by(|file| file.path.as_str().cmp(path)).ok();
        let one = match facet {
            Facet::Severity => severity_word(finding.severity),
            Facet::Category => finding.category.slug(),
            Facet::Check => &finding.check,
            Facet::Verdict => verdict_word(finding.verdict),
            Facet::Baseline => baseline_word(finding.baseline),
            Facet::Folder => above(path, self.depth),
            Facet::File => path,
            Facet::RunsIn => runs_in(finding),
            Facet::Framework => {
                return file().and_then(|at| self.libraries.get(at)).map(|all| all.join("\n")).unwrap_or_default();
            }
            Facet::Language => file().and_then(|at| self.files.get(at)).map_or("", |file| &file.language),
            Facet::Confidence => confidence_word(finding.confidence),
            Facet::Effort => effort_word(finding.effort),
        };
        one.to_owned()
    }
}

/// `request` of the fact `runs in: request (handler list_orders)`.
fn runs_in(finding: &Finding) -> &str {
    let said = finding.evidence.iter().find_map(|fact| fact.strip_prefix("runs in: ")).unwrap_or_default();
    said.split([' ', ',', ':']).next().map_or("", |word| if word == "no" { "unknown" } else { word })
}

/// Sorts rows; equal ones keep their order. One function for all orders: sorting is large in wasm.
fn arrange(order: &mut [u32], compare: &dyn Fn(u32, u32) -> Ordering) {
    order.sort_by(|a, b| compare(*a, *b));
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
    use super::super::verdict::tests::{finding, report};
    use super::*;
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
        let counts = |result: &Filtered, facet| {
            (0..index.values(facet).len()).map(|at| result.count(facet, at)).collect::<Vec<_>>()
        };
        let filter = Filter::only(Facet::Severity, "high");
        let result = index.run(&filter, Sort::Priority);
        assert_eq!(result.total, 2);
        assert_eq!(counts(&result, Facet::Severity), [0, 2, 1, 0]);
        assert_eq!(counts(&result, Facet::Category), [1, 1, 0, 0]);
        let both = index.run(&filter.with(Facet::Category, "transaction-correctness"), Sort::Priority);
        assert_eq!(both.total, 1);
        assert_eq!(
            (counts(&both, Facet::Severity), counts(&both, Facet::Category)),
            (vec![0, 1, 0, 0], vec![1, 1, 0, 0])
        );
    }

    #[test]
    fn facets_of_files_folders_libraries_and_places_count_together() {
        let at = |path: &str, runs: &str| {
            let mut one = finding("query_in_loop", Category::QueryEfficiency, Severity::High);
            one.path = path.to_owned();
            one.evidence = vec!["other".to_owned(), format!("runs in: {runs}")];
            one
        };
        let mut report = report(vec![
            at("app/api/a.py", "request (handler list)"),
            at("app/api/b.py", "job (reached from `main`)"),
            at("app/jobs/c.py", "job"),
            at("lib/d.py", "no known entry point: graded like a job"),
        ]);
        report.coverage.files = ["app/api/a.py", "app/api/b.py", "app/jobs/c.py", "lib/d.py"]
            .map(|path| AuditedFile { path: path.to_owned(), lines: 10, language: "python".to_owned() })
            .to_vec();
        report.coverage.libraries.insert("FastAPI".to_owned(), vec![0, 1]);
        report.coverage.libraries.insert("SQLAlchemy".to_owned(), vec![1, 2]);
        let index = Index::new(&report);
        let shown = |filter: &Filter, facet: Facet| -> Vec<(String, u32)> {
            let result = index.run(filter, Sort::Place);
            index.values(facet).iter().enumerate().map(|(at, value)| (value.clone(), result.count(facet, at))).collect()
        };
        let rows = |of: &[(&str, u32)]| of.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect::<Vec<_>>();
        let all = Filter::default();
        assert_eq!(shown(&all, Facet::Folder), rows(&[("app/api/", 2), ("app/jobs/", 1), ("lib/", 1)]));
        assert_eq!(shown(&all, Facet::RunsIn), rows(&[("job", 2), ("request", 1), ("unknown", 1)]));
        assert_eq!(shown(&all, Facet::Language), rows(&[("python", 4)]));
        // A file counts for each library that it imports.
        assert_eq!(shown(&all, Facet::Framework), rows(&[("FastAPI", 2), ("SQLAlchemy", 2)]));
        let jobs = Filter::only(Facet::RunsIn, "job");
        assert_eq!(shown(&jobs, Facet::Framework), rows(&[("FastAPI", 1), ("SQLAlchemy", 2)]));
        assert_eq!(shown(&jobs, Facet::Folder), rows(&[("app/api/", 1), ("app/jobs/", 1), ("lib/", 0)]));
        let total = |filter: &Filter| index.run(filter, Sort::Priority).total;
        assert_eq!(total(&Filter::only(Facet::Framework, "SQLAlchemy")), 2);
        // Any folder above holds what lies below it; several files are any of them.
        assert_eq!(total(&Filter::only(Facet::Folder, "app/")), 3);
        let mut files = Filter::file("lib/d.py");
        files.toggle(Facet::File, "app/api/a.py");
        assert_eq!((total(&files), total(&Filter::file("none.py"))), (2, 0));
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
