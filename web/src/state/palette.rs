//! What the command palette offers for a few words: places, filters, files to save, findings, files. Pure.

use super::filter::{Facet, Filter, Sort};
use super::index::Index;
use super::lines::Grouping;
use super::place::Tab;
use super::verdict::short_place;
use crate::protocol::ExportFormat;
use crate::words;
use drydock_core::report::model::{Category, Report, Severity};

/// Findings and files that are offered.
const MOST: usize = 8;

/// What a choice does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Goes to a tab.
    Tab(Tab),
    /// Saves the report.
    Save(ExportFormat),
    /// Filters the findings.
    Filter(Filter),
    /// Divides the list of findings.
    Group(Grouping),
    /// Shows a finding.
    Finding(usize),
    /// Shows a file.
    File(String),
    /// Prints: all, or the summary.
    Print(bool),
    /// Shows the keys.
    Keys,
    /// The next theme.
    Theme,
    /// Back to the start.
    New,
}

/// A choice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// What it is: `Go to`, `Show`, …
    pub kind: &'static str,
    /// Its name.
    pub name: String,
    /// What it does.
    pub action: Action,
}

/// The choices for `text`, in order.
#[must_use]
pub fn choices(report: &Report, index: &Index, text: &str) -> Vec<Choice> {
    let asked: Vec<String> = text.to_lowercase().split_whitespace().map(str::to_owned).collect();
    let mut out: Vec<Choice> = Vec::new();
    let mut offer = |kind: &'static str, name: String, action: Action| {
        let known = format!("{kind} {name}").to_lowercase();
        if asked.iter().all(|word| known.contains(word.as_str())) {
            out.push(Choice { kind, name, action });
        }
    };
    for tab in Tab::ALL {
        offer("Go to", words::tab(tab).to_owned(), Action::Tab(tab));
    }
    for severity in Severity::ALL {
        let name = words::skip_kind(super::verdict::severity_word(severity));
        offer("Show", name, Action::Filter(Filter::severity(severity)));
    }
    for category in Category::ALL {
        offer("Show", category.title().to_owned(), Action::Filter(Filter::category(category)));
    }
    offer("Show", words::ALL_FINDINGS.to_owned(), Action::Filter(Filter::default()));
    for grouping in Grouping::ALL {
        offer(words::GROUP_BY, words::grouping(grouping).to_lowercase(), Action::Group(grouping));
    }
    for format in std::iter::once(ExportFormat::Bundle).chain(ExportFormat::TEXTS) {
        offer(words::DOWNLOAD, format.file_name().to_owned(), Action::Save(format));
    }
    offer("Print", words::PRINT_SUMMARY.to_owned(), Action::Print(false));
    offer("Print", words::PRINT_ALL.to_owned(), Action::Print(true));
    offer("Do", words::KEYBOARD_HELP.to_owned(), Action::Keys);
    offer("Do", words::NEXT_THEME.to_owned(), Action::Theme);
    offer("Do", words::NEW_AUDIT.to_owned(), Action::New);
    if asked.is_empty() {
        return out;
    }
    for check in index.values(Facet::Check) {
        let name = words::facet_value(Facet::Check, check);
        if matches(&format!("{check} {name}"), &asked) && report.findings.iter().any(|one| one.check == *check) {
            out.push(Choice { kind: "Show", name, action: Action::Filter(Filter::only(Facet::Check, check)) });
        }
    }
    let found = index.run(&Filter { text: text.to_owned(), ..Filter::default() }, Sort::Priority);
    let positions = found.groups.iter().flat_map(|(_, rows)| rows).map(|row| *row as usize).take(MOST);
    for (position, finding) in positions.filter_map(|at| Some((at, report.findings.get(at)?))) {
        let name = format!("{} ({})", finding.message, short_place(finding));
        out.push(Choice { kind: "Finding", name, action: Action::Finding(position) });
    }
    let files = report.coverage.files.iter().filter(|file| matches(&file.path, &asked)).take(MOST);
    out.extend(files.map(|file| Choice {
        kind: "File",
        name: file.path.clone(),
        action: Action::File(file.path.clone()),
    }));
    out
}

fn matches(name: &str, words: &[String]) -> bool {
    let name = name.to_lowercase();
    words.iter().all(|word| name.contains(word.as_str()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing)]
    use super::super::verdict::tests::{finding, report};
    use super::*;

    #[test]
    fn words_find_places_filters_exports_findings_and_files() {
        let mut first = finding("query_in_loop", Category::QueryEfficiency, Severity::High);
        first.message = "`Order.items` is loaded in a loop".to_owned();
        let report = report(vec![first, finding("missing_rollback", Category::TransactionCorrectness, Severity::Low)]);
        let index = Index::new(&report);
        let actions = |text: &str| -> Vec<Action> {
            choices(&report, &index, text).into_iter().map(|choice| choice.action).collect()
        };
        assert_eq!(actions("go check"), [Action::Tab(Tab::Checks)]);
        assert_eq!(actions("sarif"), [Action::Save(ExportFormat::Sarif)]);
        assert_eq!(actions("show crit"), [Action::Filter(Filter::severity(Severity::Critical))]);
        assert_eq!(actions("ORDER.items"), [Action::Finding(0)]);
        assert_eq!(actions("f17.py"), [Action::File("src/f17.py".to_owned())]);
        assert_eq!(actions("n+1")[0], Action::Filter(Filter::only(Facet::Check, "query_in_loop")));
        assert_eq!(actions("group func"), [Action::Group(Grouping::Function)]);
        assert_eq!(actions("zebra"), []);
        assert!(actions("").len() > 25 && !actions("").iter().any(|one| matches!(one, Action::Finding(_))));
    }
}
