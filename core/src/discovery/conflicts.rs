//! Which statements about one fact cannot both hold: two versions, or a version outside of a
//! stated range. Knows how Python, npm and images spell versions; decides for none of them.

use super::context::{Conflict, FactSource, Stated};
use crate::order::InOrder as _;
use std::collections::BTreeMap;

/// A version or range with its place.
pub(super) type Said = (String, FactSource);

/// Statements kept of one conflict.
const MOST: usize = 12;
/// Statements that are compared with each other: repositories may have thousands of manifests.
const COMPARED: usize = 400;

/// The conflict about `fact`, if some of its versions contradict each other. Only those that do are kept.
pub(super) fn of_versions(fact: &str, said: &[Said]) -> Option<Conflict> {
    conflict(fact, said, |a, b| !agree(&a.0, &b.0))
}

/// Likewise for packages: parts of a repository may well need different ones, but not the files of one folder, and
/// not the note on the stack and any of them.
pub(super) fn of_packages(fact: &str, said: &[Said], is_note: fn(&str) -> bool) -> Option<Conflict> {
    let folder = |path: &str| path.rsplit_once('/').map_or_else(String::new, |(folder, _)| folder.to_owned());
    conflict(fact, said, |a, b| {
        let (x, y) = (&a.1.file, &b.1.file);
        (is_note(x) || is_note(y) || folder(x) == folder(y)) && !agree(&a.0, &b.0)
    })
}

/// The conflict about a setting: literal values that differ between code and configuration. Code may well make two
/// engines with two sizes.
pub(super) fn of_setting(fact: &str, said: &[Said]) -> Option<Conflict> {
    let literal: Vec<Said> = said.iter().filter(|(value, _)| is_literal(value)).cloned().collect();
    let (code, rest): (Vec<&Said>, Vec<&Said>) = literal.iter().partition(|(_, at)| at.file.ends_with(".py"));
    let differ = code.iter().any(|(a, _)| rest.iter().any(|(b, _)| !a.eq_ignore_ascii_case(b)));
    if differ { conflict(fact, &literal, |a, b| !a.0.eq_ignore_ascii_case(&b.0)) } else { None }
}

/// All of `said` as one conflict.
pub(super) fn all(fact: &str, said: &[Said]) -> Option<Conflict> {
    conflict(fact, said, |_, _| true)
}

/// The statements that contradict all of another file's; of equal ones the first by its place.
fn conflict(fact: &str, said: &[Said], contradicts: impl Fn(&Said, &Said) -> bool) -> Option<Conflict> {
    let said = said.get(..said.len().min(COMPARED)).unwrap_or(said);
    let mut values: Vec<Stated> = Vec::new();
    let mut by_file: BTreeMap<&str, Vec<&Said>> = BTreeMap::new();
    for one in said {
        by_file.entry(&one.1.file).or_default().push(one);
    }
    for one in said {
        // A lock file may hold several versions, for several parts: one that agrees is enough.
        let against = |(file, others): (&&str, &Vec<&Said>)| {
            **file != one.1.file && others.iter().all(|other| other.0 != one.0 && contradicts(one, other))
        };
        if by_file.iter().any(against) {
            let (value, FactSource { file, line }) = one.clone();
            let value = value.trim_start_matches("==").to_owned();
            values.push(Stated { file, line, value });
        }
    }
    values.order();
    let mut kept: Vec<Stated> = Vec::new();
    for value in values {
        if kept.len() < MOST && !kept.iter().any(|known| known.value == value.value) {
            kept.push(value);
        }
    }
    (kept.len() > 1).then(|| Conflict { fact: fact.to_owned(), values: kept })
}

fn is_literal(value: &str) -> bool {
    ["true", "false"].contains(&value.to_ascii_lowercase().as_str())
        || !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit())
}

/// Whether two statements can both hold. What is not understood contradicts nothing.
fn agree(a: &str, b: &str) -> bool {
    match (exact(a), exact(b)) {
        (Some(a), Some(b)) => a.iter().zip(&b).all(|(a, b)| a == b),
        (Some(version), None) => within(&version, b),
        (None, Some(version)) => within(&version, a),
        (None, None) => true,
    }
}

/// Numbers of `16`, `==2.0.34`, `v5.2`.
fn exact(text: &str) -> Option<Vec<u32>> {
    let text = text.trim();
    let text = text.strip_prefix("===").or_else(|| text.strip_prefix("==")).unwrap_or(text);
    numbers(text.strip_prefix('v').unwrap_or(text))
}

/// Numbers before a `.*`, a pre-release or a suffix (`16-alpine`).
fn numbers(text: &str) -> Option<Vec<u32>> {
    let mut found = Vec::new();
    for part in text.trim().split('.') {
        let digits = part.split(|c: char| !c.is_ascii_digit()).next().unwrap_or_default();
        let Ok(number) = digits.parse() else { break };
        found.push(number);
        if digits.len() < part.len() {
            break;
        }
    }
    (!found.is_empty()).then_some(found)
}

/// Whether `version`, perhaps only its first numbers, can lie in `range` (`>=2,<3`, `^5.1`, `~=1.4`).
fn within(version: &[u32], range: &str) -> bool {
    range.split(',').all(|clause| {
        let clause = clause.trim();
        let number = clause.trim_start_matches(['<', '>', '=', '~', '^', '!', ' ']);
        let (operator, Some(bound)) = (&clause[..clause.len() - number.len()], numbers(number)) else { return true };
        let width = version.len().min(bound.len());
        let (start, limit) = (version.get(..width).unwrap_or_default(), bound.get(..width).unwrap_or_default());
        // What the version leaves open may fit.
        let open = version.len() < bound.len();
        match operator.trim() {
            "" | "==" | "===" => start == limit,
            ">=" => start >= limit,
            ">" => start > limit || start == limit && (open || version.len() > bound.len()),
            "<" => start < limit || start == limit && open,
            "<=" => start <= limit,
            "~=" => start >= limit && same(version, &bound, bound.len().saturating_sub(1)),
            "~" => start >= limit && same(version, &bound, 2),
            "^" => start >= limit && same(version, &bound, bound.iter().take_while(|n| **n == 0).count() + 1),
            _ => true,
        }
    })
}

fn same(a: &[u32], b: &[u32], width: usize) -> bool {
    a.iter().zip(b).take(width.max(1)).all(|(a, b)| a == b)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;

    #[test]
    fn versions_and_ranges() {
        for (a, b) in [
            ("16", "16.2"),
            ("16-alpine", "16"),
            ("==2.0.34", "2.0"),
            (">=2.0", "2.0.34"),
            (">=2,<3", "2.9"),
            ("<2.5", "2"),
            ("~=1.4", "1.9"),
            ("~=1.4.2", "1.4.9"),
            ("^5.1", "5.9.1"),
            ("^0.2.1", "0.2.9"),
            ("~1.2", "1.2.9"),
            ("!=1.3", "1.3"),
            (">1.0", "1.0.1"),
            (">=1", ">=2"),
            ("main", "3"),
        ] {
            assert!(agree(a, b) && agree(b, a), "{a} {b}");
        }
        for (a, b) in [
            ("14", "16"),
            ("16.1", "16.2"),
            (">=2.0", "1.4.41"),
            (">=3.13", "3.12"),
            ("<2", "2.0"),
            ("<=1.9", "2"),
            ("~=1.4", "2.0"),
            ("~=1.4.2", "1.5"),
            ("^5.1", "6.0"),
            ("^0.2.1", "0.3.0"),
            ("~1.2", "1.3.0"),
            (">=2,<3", "3.0.1"),
        ] {
            assert!(!agree(a, b) && !agree(b, a), "{a} {b}");
        }
    }

    fn said(rows: &[(&str, &str, u32)]) -> Vec<Said> {
        rows.iter().map(|(value, file, line)| ((*value).into(), super::super::facts::at(file, *line))).collect()
    }

    #[test]
    fn only_what_contradicts_is_kept_in_order_of_the_places() {
        let rows = [
            ("2.0.34", "uv.lock", 9),
            (">=2.0", "pyproject.toml", 4),
            ("==1.4.1", "requirements.txt", 2),
            ("1.4.1", "setup.cfg", 2),
        ];
        let found = of_packages("SQLAlchemy", &said(&rows), |_| false).unwrap();
        let values: Vec<_> = found.values.iter().map(|v| (v.file.as_str(), v.value.as_str())).collect();
        assert_eq!(values, [("pyproject.toml", ">=2.0"), ("requirements.txt", "1.4.1"), ("uv.lock", "2.0.34")]);
        let apart = said(&[("1.4", "a/uv.lock", 1), ("2.0", "b/uv.lock", 1), ("2.0", "tech_stack.md", 1)]);
        assert_eq!(of_packages("x", &apart[..2], |_| false), None);
        assert_eq!(of_packages("x", &apart, |path| path.ends_with(".md")).unwrap().values.len(), 2);
        assert_eq!(of_versions("x", &said(&[("5.2", "uv.lock", 1), ("6.0", "uv.lock", 9)])), None, "markers");
        let parts =
            said(&[("0.27.2", "package.json", 1), ("0.27.2", "pnpm-lock.yaml", 5), ("0.28", "pnpm-lock.yaml", 9)]);
        assert_eq!(of_packages("axios", &parts, |_| false), None, "0.28 is another part's");
        assert_eq!(of_versions("x", &said(&[("16", "a", 1), ("16.2", "b", 1)])), None);
        assert_eq!(of_versions("x", &[]), None);
    }

    #[test]
    fn settings_contradict_between_code_and_configuration_only() {
        assert_eq!(of_setting("pool_size", &said(&[("5", "a.py", 1), ("20", "b.py", 1)])), None);
        assert_eq!(of_setting("pool_size", &said(&[("5", "a.py", 1), ("settings.size", "b.ini", 1)])), None);
        assert_eq!(of_setting("pool_pre_ping", &said(&[("True", "a.py", 1), ("true", ".env.example", 1)])), None);
        let found = of_setting("pool_size", &said(&[("5", "a.py", 1), ("20", ".env.example", 3)])).unwrap();
        assert_eq!(found.values[0].value, "20");
    }
}
