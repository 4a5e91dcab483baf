//! The lines of the findings list: groups by verdict, divided by check, file or function where the reader asks for
//! that, in the order in which their first findings come. Pure.

use super::filter::{Facet, Filter};
use super::index::{Filtered, Group, Index};

/// What the list is divided by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Grouping {
    /// Nothing: one list.
    #[default]
    None,
    /// Check.
    Check,
    /// File.
    File,
    /// Function, class or module: what encloses the finding.
    Function,
}

impl Grouping {
    /// All, in the order of the menu.
    pub const ALL: [Self; 4] = [Self::None, Self::Check, Self::File, Self::Function];

    /// Name in addresses and of the choice.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Check => "check",
            Self::File => "file",
            Self::Function => "function",
        }
    }

    /// The one with that name, else none.
    #[must_use]
    pub fn named(slug: &str) -> Self {
        Self::ALL.into_iter().find(|one| one.slug() == slug).unwrap_or_default()
    }
}

/// A line of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Item {
    /// Head of a group, with how many it holds and whether they are shown.
    Head(Group, u32, bool),
    /// Head of a part of a group: the part, its first finding, which names it, how many it holds, whether they are shown.
    Part(Part, u32, u32, bool),
    /// A finding.
    Row(u32),
}

/// A part of a group, by the number of its check, file or function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Part {
    /// Group that it is of.
    pub group: Group,
    /// What the group is divided by: a check and a file may have one number.
    pub by: Grouping,
    /// Number of the check, file or function.
    pub key: u32,
}

/// What the reader chose of the list.
#[derive(Debug)]
pub struct Choice<'a> {
    /// Groups that are open.
    pub open: &'a [Group],
    /// What passes.
    pub filter: &'a Filter,
    /// What the groups are divided by.
    pub grouping: Grouping,
    /// Parts that are folded.
    pub folded: &'a [Part],
    /// Findings that the reader marked as fixed, in order.
    pub fixed: &'a [u32],
}

/// Lines of the list: the main group without head, the others folded unless opened or asked for; last what was marked as
/// fixed.
#[must_use]
pub fn items(index: &Index, filtered: &Filtered, choice: &Choice<'_>) -> Vec<Item> {
    let filter = choice.filter;
    let asked = filter.of(Facet::Verdict).next().is_some() && !filter.has(Facet::Verdict, "counted");
    let unsure = filter.has(Facet::Confidence, "low");
    let mut out = Vec::new();
    let mut marked = Vec::new();
    for (group, rows) in &filtered.groups {
        let (fixed, rows): (Vec<u32>, Vec<u32>) = rows.iter().partition(|row| choice.fixed.binary_search(row).is_ok());
        marked.extend(fixed);
        let shown = match group {
            Group::Main => true,
            Group::LowConfidence => unsure || choice.open.contains(group),
            _ => asked || choice.open.contains(group),
        };
        lines(index, *group, &rows, shown, choice, &mut out);
    }
    lines(index, Group::Fixed, &marked, choice.open.contains(&Group::Fixed), choice, &mut out);
    out
}

fn lines(index: &Index, group: Group, rows: &[u32], shown: bool, choice: &Choice<'_>, out: &mut Vec<Item>) {
    if rows.is_empty() {
        return;
    }
    if group != Group::Main {
        out.push(Item::Head(group, u32::try_from(rows.len()).unwrap_or(u32::MAX), shown));
    }
    if !shown {
        return;
    }
    if choice.grouping == Grouping::None {
        return out.extend(rows.iter().map(|row| Item::Row(*row)));
    }
    let mut parts: Vec<(Part, Vec<u32>)> = Vec::new();
    // Where each check, file or function stands among the parts.
    let mut known: Vec<Option<usize>> = Vec::new();
    for row in rows {
        let key = index.part(choice.grouping, *row);
        if known.len() <= key as usize {
            known.resize(key as usize + 1, None);
        }
        let Some(at) = known.get_mut(key as usize) else { continue };
        let at = *at.get_or_insert(parts.len());
        match parts.get_mut(at) {
            Some((_, rows)) => rows.push(*row),
            None => parts.push((Part { group, by: choice.grouping, key }, vec![*row])),
        }
    }
    for (part, rows) in parts {
        let open = !choice.folded.contains(&part);
        let first = rows.first().copied().unwrap_or_default();
        out.push(Item::Part(part, first, u32::try_from(rows.len()).unwrap_or(u32::MAX), open));
        if open {
            out.extend(rows.into_iter().map(Item::Row));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::filter::Sort;
    use super::super::verdict::tests::{finding, report};
    use super::*;
    use drydock_core::report::model::{Category, Report, Severity, Verdict};

    fn sample() -> Report {
        let at = |check: &str, severity, path: &str, symbol: &str| {
            let mut one = finding(check, Category::QueryEfficiency, severity);
            (one.path, one.symbol) = (path.to_owned(), symbol.to_owned());
            one
        };
        let mut advisory = at("query_in_loop", Severity::High, "a.py", "f");
        advisory.verdict = Verdict::Advisory;
        report(vec![
            at("query_in_loop", Severity::Low, "a.py", "f"),
            at("over_fetching", Severity::High, "b.py", "f"),
            at("query_in_loop", Severity::Medium, "b.py", "g"),
            advisory,
            at("over_fetching", Severity::Low, "b.py", "f"),
        ])
    }

    /// `a:1` is a part with its first finding and size, `+` one that is folded, `3` a finding, `[Advisory 1]` a group.
    fn shown(grouping: Grouping, folded: &[Part], fixed: &[u32], open: &[Group]) -> String {
        let report = sample();
        let index = Index::new(&report);
        let filter = Filter::default();
        let choice = Choice { open, filter: &filter, grouping, folded, fixed };
        let words: Vec<String> = items(&index, &index.run(&filter, Sort::Priority), &choice)
            .into_iter()
            .map(|item| match item {
                Item::Head(group, count, _) => format!("[{group:?} {count}]"),
                Item::Part(_, first, count, open) => format!("{}{first}:{count}", if open { "" } else { "+" }),
                Item::Row(row) => row.to_string(),
            })
            .collect();
        words.join(" ")
    }

    #[test]
    fn parts_come_in_the_order_of_their_first_findings() {
        let open = [Group::Main];
        assert_eq!(shown(Grouping::None, &[], &[], &open), "1 2 0 4 [Advisory 1]");
        assert_eq!(shown(Grouping::Check, &[], &[], &open), "1:2 1 4 2:2 2 0 [Advisory 1]");
        assert_eq!(shown(Grouping::File, &[], &[], &open), "1:3 1 2 4 0:1 0 [Advisory 1]");
        // Functions of one name in two files are two.
        assert_eq!(shown(Grouping::Function, &[], &[], &open), "1:2 1 4 2:1 2 0:1 0 [Advisory 1]");
    }

    #[test]
    fn a_part_folds_and_other_groups_have_parts_of_their_own() {
        let report = sample();
        let index = Index::new(&report);
        let part = Part { group: Group::Main, by: Grouping::File, key: index.part(Grouping::File, 1) };
        let open = [Group::Main, Group::Advisory];
        assert_eq!(shown(Grouping::File, &[part], &[], &open), "+1:3 0:1 0 [Advisory 1] 3:1 3");
        // What is folded there is no part of another division.
        let other = Part { by: Grouping::Check, ..part };
        assert_eq!(shown(Grouping::File, &[other], &[], &open), "1:3 1 2 4 0:1 0 [Advisory 1] 3:1 3");
    }

    #[test]
    fn what_is_marked_as_fixed_goes_last() {
        assert_eq!(shown(Grouping::None, &[], &[1, 3], &[Group::Main]), "2 0 4 [Fixed 2]");
        assert_eq!(
            shown(Grouping::Check, &[], &[1, 3], &[Group::Main, Group::Fixed]),
            "2:2 2 0 4:1 4 [Fixed 2] 1:1 1 3:1 3"
        );
    }

    #[test]
    fn groupings_are_named_in_addresses() {
        assert!(Grouping::ALL.into_iter().all(|one| Grouping::named(one.slug()) == one));
        assert_eq!(Grouping::named("colour"), Grouping::None);
    }
}
