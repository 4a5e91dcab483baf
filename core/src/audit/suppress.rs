//! Suppressions: `# drydock: ignore[check_id] reason` on or above a line, and entries of
//! `.drydock.toml`. No reason, no suppression: it becomes a notice. Suppressed findings stay listed.

use crate::intake::settings::SettingsEntry;
use crate::order::InOrder as _;
use crate::report::model::{Finding, Verdict};
use serde::{Deserialize, Serialize};

/// A comment that asks for silence, as found in the source.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Suppression {
    /// File.
    pub path: String,
    /// Line of the comment.
    pub line: u32,
    /// Whether it has the line for itself: then it speaks for the next line of code.
    pub own_line: bool,
    /// Check ids.
    pub checks: Vec<String>,
    /// Why. Empty when the author gave none.
    pub reason: String,
}

/// Reads a comment's text (without its marker): `drydock: ignore[a, b] reason`.
#[must_use]
pub fn parse_comment(path: &str, line: u32, own_line: bool, text: &str) -> Option<Suppression> {
    let start = text.find("drydock:")?;
    let rest = text.get(start + "drydock:".len()..)?.trim_start().strip_prefix("ignore")?.trim_start();
    let (checks, reason) = rest.strip_prefix('[')?.split_once(']')?;
    let reason = reason.trim().trim_start_matches([':', '-', '–', '—']).trim_end_matches("*/").trim();
    let checks = checks.split(',').map(str::trim).filter(|check| !check.is_empty()).map(str::to_owned).collect();
    Some(Suppression { path: path.to_owned(), line, own_line, checks, reason: reason.to_owned() })
}

/// Marks what is suppressed and returns what could not be obeyed as notices.
pub fn apply(
    findings: &mut [Finding],
    comments: &[Suppression],
    settings: &[SettingsEntry],
    date: &str,
) -> Vec<String> {
    let mut notices = Vec::new();
    let mut comments: Vec<&Suppression> = comments.iter().collect();
    comments.order();
    comments.dedup();
    for comment in &comments {
        let place = format!("{}:{}", comment.path, comment.line);
        if comment.checks.is_empty() || comment.reason.is_empty() {
            let what = if comment.checks.is_empty() { "names no check" } else { "gives no reason" };
            notices.push(format!("{place}: `drydock: ignore` {what}, so it suppresses nothing"));
            continue;
        }
        notices.extend(unknown(&comment.checks, &place));
        let line = spoken_for(comment, &comments);
        for finding in findings.iter_mut() {
            let here = finding.path == comment.path
                && if comment.own_line {
                    finding.line == line
                } else {
                    (finding.line..=finding.end_line.max(finding.line)).contains(&line)
                };
            if here && comment.checks.contains(&finding.check) {
                silence(finding, format!("{} ({place})", comment.reason));
            }
        }
    }
    for (index, entry) in settings.iter().enumerate() {
        let place = format!(".drydock.toml, suppression {}", index + 1);
        if entry.reason.trim().is_empty() {
            notices.push(format!("{place}: gives no reason, so it suppresses nothing"));
            continue;
        }
        if let Some(until) = entry.expires.as_deref().filter(|until| *until < date) {
            notices.push(format!("{place}: expired on {until}, so it suppresses nothing"));
            continue;
        }
        notices.extend(unknown(&entry.checks, &place));
        let reason = format!("{} (.drydock.toml)", entry.reason.trim());
        let moved = renamed(findings, entry);
        for (at, finding) in findings.iter_mut().enumerate() {
            let check = entry.checks.is_empty() || entry.checks.contains(&finding.check);
            let path = entry.paths.is_empty() || entry.paths.iter().any(|glob| glob_matches(glob, &finding.path));
            let named = entry.findings.is_empty() || entry.findings.contains(&finding.fingerprint);
            if check && path && named || moved.contains(&at) {
                silence(finding, reason.clone());
            }
        }
    }
    notices
}

/// Findings that an entry names and that stand in a renamed file now: nothing has the fingerprint any more, and one
/// has its half that does not know the path. Of several, one in a file of the same name.
fn renamed(findings: &[Finding], entry: &SettingsEntry) -> Vec<usize> {
    let name = |path: &str| path.rsplit('/').next().map(str::to_owned);
    let gone = |named: &&String| !findings.iter().any(|finding| finding.fingerprint == **named);
    let mut moved: Vec<usize> = Vec::new();
    for half in entry.findings.iter().filter(gone).filter_map(|named| named.get(16..)).filter(|half| !half.is_empty()) {
        let fits = |at: &usize| {
            let found = findings.get(*at);
            found.is_some_and(|found| found.content_fingerprint() == half && entry.checks.contains(&found.check))
        };
        let same_name = |at: &usize| {
            findings.get(*at).is_some_and(|one| entry.paths.iter().any(|path| name(path) == name(&one.path)))
        };
        let open: Vec<usize> = (0..findings.len()).filter(|at| fits(at) && !moved.contains(at)).collect();
        moved.extend(open.iter().copied().find(same_name).or(open.first().copied()));
    }
    moved
}

fn unknown(checks: &[String], place: &str) -> Vec<String> {
    checks
        .iter()
        .filter(|check| crate::checks::find(check).is_none())
        .map(|check| format!("{place}: `{check}` is not a check; `drydock checks` lists them"))
        .collect()
}

/// The line of code below a comment that stands alone, past others that stand alone with it.
fn spoken_for(comment: &Suppression, comments: &[&Suppression]) -> u32 {
    let mut line = comment.line;
    if !comment.own_line {
        return line;
    }
    loop {
        line = line.saturating_add(1);
        let stacked = |other: &&&Suppression| other.path == comment.path && other.own_line && other.line == line;
        if !comments.iter().any(|other| stacked(&other)) {
            return line;
        }
    }
}

fn silence(finding: &mut Finding, reason: String) {
    if finding.verdict != Verdict::Suppressed {
        finding.verdict = Verdict::Suppressed;
        finding.verdict_reason = Some(reason);
    }
}

/// `**` spans folders, `*` and `?` stay within one; a pattern that ends in `/` or names a folder
/// covers what is below it.
#[must_use]
pub fn glob_matches(glob: &str, path: &str) -> bool {
    let glob = glob.strip_prefix("./").unwrap_or(glob).trim_start_matches('/').trim_end_matches('/');
    let glob: Vec<&str> = glob.split('/').collect();
    let path: Vec<&str> = path.split('/').collect();
    parts_match(&glob, &path)
}

fn parts_match(glob: &[&str], path: &[&str]) -> bool {
    match (glob.split_first(), path.split_first()) {
        // Nothing left of the pattern: the path is it, or lies below it.
        (None, _) => true,
        (Some((&"**", rest)), _) => (0..=path.len()).any(|from| parts_match_at(rest, path, from)),
        (Some((part, rest)), Some((name, below))) => {
            name_matches(part.as_bytes(), name.as_bytes()) && parts_match(rest, below)
        }
        (Some(_), None) => false,
    }
}

fn parts_match_at(glob: &[&str], path: &[&str], from: usize) -> bool {
    path.get(from..).is_some_and(|path| parts_match(glob, path))
}

/// Linear wildcard match: after a mismatch the last `*` takes one more character.
fn name_matches(glob: &[u8], name: &[u8]) -> bool {
    let (mut g, mut n) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    while let Some(byte) = name.get(n) {
        match glob.get(g) {
            Some(b'*') => {
                retry = Some((g + 1, n));
                g += 1;
            }
            Some(pattern) if *pattern == b'?' || pattern == byte => {
                g += 1;
                n += 1;
            }
            _ => {
                let Some((after, taken)) = retry else { return false };
                retry = Some((after, taken + 1));
                g = after;
                n = taken + 1;
            }
        }
    }
    glob.get(g..).is_some_and(|rest| rest.iter().all(|byte| *byte == b'*'))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing, clippy::unwrap_used)]
    use super::*;
    use crate::audit::sample::finding;
    use crate::report::model::Severity::High;

    fn comment(line: u32, own_line: bool, text: &str) -> Suppression {
        parse_comment("a.py", line, own_line, text).unwrap()
    }

    #[test]
    fn comments_are_read_in_their_forms() {
        let plain = comment(3, false, " drydock: ignore[query_in_loop] ten rows at most ");
        assert_eq!((plain.checks.join("|"), plain.reason.as_str()), ("query_in_loop".into(), "ten rows at most"));
        let two = comment(3, false, "noqa drydock:ignore[ a , b ] - why */");
        assert_eq!((two.checks.join("|"), two.reason.as_str()), ("a|b".into(), "why"));
        assert_eq!(comment(3, false, "drydock: ignore[a]").reason, "");
        for text in ["drydock: ignore query_in_loop", "ignore[a] b", "drydock: ignore[a", "drydock: nothing[a]"] {
            assert_eq!(parse_comment("a.py", 1, false, text), None, "{text}");
        }
    }

    #[test]
    fn on_the_line_above_the_line_and_stacked() {
        let mut found = vec![
            finding("query_in_loop", High, "a.py", 10),
            finding("missing_bulk_ops", High, "a.py", 10),
            finding("query_in_loop", High, "a.py", 20),
            finding("query_in_loop", High, "b.py", 20),
        ];
        found[2].end_line = 22;
        let comments = [
            comment(8, true, "drydock: ignore[query_in_loop] one row"),
            comment(9, true, "drydock: ignore[missing_bulk_ops] hooks"),
            comment(21, false, "drydock: ignore[query_in_loop] startup only"),
        ];
        assert!(apply(&mut found, &comments, &[], "2026-01-01").is_empty());
        let verdicts: Vec<_> = found.iter().map(|finding| finding.verdict).collect();
        assert_eq!(verdicts, [Verdict::Suppressed, Verdict::Suppressed, Verdict::Suppressed, Verdict::Counted]);
        assert_eq!(found[0].verdict_reason.as_deref(), Some("one row (a.py:8)"));
    }

    #[test]
    fn no_reason_no_suppression() {
        let mut found = vec![finding("query_in_loop", High, "a.py", 10)];
        let comments =
            [comment(10, false, "drydock: ignore[query_in_loop]"), comment(10, false, "drydock: ignore[] x")];
        let entry = SettingsEntry { reason: " ".into(), ..SettingsEntry::default() };
        let notices = apply(&mut found, &comments, &[entry], "2026-01-01");
        assert_eq!(found[0].verdict, Verdict::Counted);
        assert_eq!(
            notices,
            [
                "a.py:10: `drydock: ignore` names no check, so it suppresses nothing",
                "a.py:10: `drydock: ignore` gives no reason, so it suppresses nothing",
                ".drydock.toml, suppression 1: gives no reason, so it suppresses nothing",
            ]
        );
    }

    #[test]
    fn settings_match_paths_and_checks_until_they_expire() {
        let entry = |until: &str| SettingsEntry {
            paths: vec!["legacy/**".into()],
            checks: vec!["query_in_loop".into()],
            findings: vec![],
            reason: "replaced in May".into(),
            expires: Some(until.into()),
        };
        let mut found = vec![
            finding("query_in_loop", High, "legacy/a.py", 10),
            finding("missing_cleanup", High, "legacy/a.py", 10),
            finding("query_in_loop", High, "src/a.py", 10),
        ];
        let notices = apply(&mut found, &[], &[entry("2026-01-31")], "2026-02-01");
        assert_eq!(notices, [".drydock.toml, suppression 1: expired on 2026-01-31, so it suppresses nothing"]);
        assert!(apply(&mut found, &[], &[entry("2026-02-01")], "2026-02-01").is_empty());
        let verdicts: Vec<_> = found.iter().map(|finding| finding.verdict).collect();
        assert_eq!(verdicts, [Verdict::Suppressed, Verdict::Counted, Verdict::Counted]);
    }

    #[test]
    fn a_named_finding_is_followed_into_a_renamed_file_and_never_into_a_copy() {
        let print = |path: &str| format!("{path:0>16}{:0>16}", "content");
        let at = |path: &str, file: &str| {
            let mut one = finding("query_in_loop", High, file, 10);
            one.fingerprint = print(path);
            one
        };
        let entry = SettingsEntry {
            paths: vec!["old/a.py".into()],
            checks: vec!["query_in_loop".into()],
            findings: vec![print("old")],
            reason: "ten rows".into(),
            expires: None,
        };
        let silent = |mut found: Vec<Finding>, entry: &SettingsEntry| -> Vec<bool> {
            apply(&mut found, &[], std::slice::from_ref(entry), "2026-01-01");
            found.iter().map(|one| one.verdict == Verdict::Suppressed).collect()
        };
        assert_eq!(silent(vec![at("new", "new/a.py")], &entry), [true]);
        // The finding itself is still there: another with its content is a copy.
        assert_eq!(silent(vec![at("new", "new/a.py"), at("old", "old/a.py")], &entry), [false, true]);
        // One was dismissed, so one is followed: that in the file of the same name.
        assert_eq!(silent(vec![at("x", "new/b.py"), at("new", "new/a.py")], &entry), [false, true]);
        let mut other = at("new", "new/a.py");
        other.check = "missing_cleanup".into();
        assert_eq!(silent(vec![other], &entry), [false]);
        let old_form = SettingsEntry { findings: vec!["0123456789abcdef".into()], ..entry };
        assert_eq!(silent(vec![at("new", "new/a.py")], &old_form), [false]);
    }

    #[test]
    fn unknown_checks_are_said() {
        let notices = apply(&mut [], &[comment(1, true, "drydock: ignore[no_such] because")], &[], "2026-01-01");
        assert_eq!(notices, ["a.py:1: `no_such` is not a check; `drydock checks` lists them"]);
    }

    #[test]
    fn globs() {
        for (glob, path) in [
            ("**/*.py", "a.py"),
            ("**/*.py", "x/y/a.py"),
            ("src/*/models.py", "src/app/models.py"),
            ("src/", "src/deep/a.py"),
            ("./src", "src/a.py"),
            ("**/legacy/**", "x/legacy/y/z.py"),
            ("a?c.*", "abc.py"),
            ("*a*b*", "xxaxxbxx"),
            ("**", "anything/at/all"),
        ] {
            assert!(glob_matches(glob, path), "{glob} {path}");
        }
        for (glob, path) in [
            ("*.py", "x/a.py"),
            ("src/*/models.py", "src/a/b/models.py"),
            ("src", "source/a.py"),
            ("a?c.py", "ac.py"),
            ("*a*b*", "xxbxxaxx"),
        ] {
            assert!(!glob_matches(glob, path), "{glob} {path}");
        }
        assert!(!glob_matches(&"*a".repeat(5_000), &"a".repeat(4_000)));
    }
}
