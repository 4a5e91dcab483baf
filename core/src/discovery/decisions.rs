//! Decisions and plans that rule 1 reads: ADRs with their status, and planned items of roadmaps and
//! architecture notes.

use super::flat::unquote;
use super::pattern::{group, numbered, pattern};
use super::read::DiscoveryFile;
use crate::order::InOrder as _;

/// An architecture decision record.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Adr {
    /// File.
    pub path: String,
    /// `ADR-012`, or the file's name when it has no number.
    pub id: String,
    /// Title without number.
    pub title: String,
    /// Status.
    pub status: AdrStatus,
    /// Whole text.
    pub text: String,
}

/// Status of a decision. Only accepted ones plan anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AdrStatus {
    /// In force.
    Accepted,
    /// Under discussion.
    Proposed,
    /// Turned down.
    Rejected,
    /// Replaced or deprecated.
    Superseded,
    /// Not stated, or not understood.
    Unknown,
}

/// A documented planned item.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Planned {
    /// File.
    pub path: String,
    /// Line.
    pub line: u32,
    /// Heading it stands under.
    pub section: String,
    /// The item.
    pub text: String,
}

/// ADRs among `files`, by path.
#[must_use]
pub fn adrs(files: &[DiscoveryFile<'_>]) -> Vec<Adr> {
    let mut found: Vec<Adr> = files.iter().filter(|file| is_adr(file.path)).filter_map(|file| adr(*file)).collect();
    found.order();
    found
}

/// Planned items of roadmaps and architecture notes, by path and line.
#[must_use]
pub fn planned(files: &[DiscoveryFile<'_>]) -> Vec<Planned> {
    let mut found: Vec<Planned> = files.iter().flat_map(|file| items(*file)).collect();
    found.order();
    found
}

fn is_adr(path: &str) -> bool {
    let lower = path.to_ascii_lowercase();
    let Some(stem) = lower.strip_suffix(".md") else { return false };
    let (folder, name) = stem.rsplit_once('/').unwrap_or(("", stem));
    let in_adr_folder = folder
        .split('/')
        .any(|part| part.starts_with("adr") || part == "decisions" || part == "architecture-decisions");
    (in_adr_folder || name.starts_with("adr-") || name.starts_with("adr_"))
        && !["readme", "index", "template", "adr-template"].contains(&name)
}

fn adr(file: DiscoveryFile<'_>) -> Option<Adr> {
    pattern!(HEADING, r"^#\s+(.+)$");
    pattern!(NUMBERED, r"(?i)^(?:adr[\s_-]*)?#?(\d+)\s*[.:)–—-]*\s*(.*)$");
    pattern!(FILE_NUMBER, r"(\d+)");
    let front_title = front_matter(file.text, "title");
    let heading = numbered(file.text)
        .find_map(|(_, line)| HEADING.captures(line).map(|found| group(&found, 1).trim().to_owned()))
        .or(front_title)?;
    let name = file.path.rsplit('/').next().unwrap_or(file.path).trim_end_matches(".md");
    let (number, title) = match NUMBERED.captures(&heading) {
        Some(found) => (Some(group(&found, 1).to_owned()), group(&found, 2).trim().to_owned()),
        None => (None, heading.clone()),
    };
    let number = number.or_else(|| FILE_NUMBER.captures(name).map(|found| group(&found, 1).to_owned()));
    let id = number.map_or_else(|| name.to_owned(), |digits| format!("ADR-{:0>3}", digits.trim_start_matches('0')));
    let title = if title.is_empty() { heading } else { title };
    Some(Adr { path: file.path.to_owned(), id, title, status: status(file.text), text: file.text.to_owned() })
}

fn front_matter(text: &str, key: &str) -> Option<String> {
    let mut lines = text.lines();
    if lines.next()?.trim() != "---" {
        return None;
    }
    lines
        .take_while(|line| line.trim() != "---")
        .find_map(|line| line.strip_prefix(key)?.trim_start().strip_prefix(':'))
        .map(|value| unquote(value.trim()).to_owned())
}

fn status(text: &str) -> AdrStatus {
    if let Some(value) = front_matter(text, "status") {
        return status_word(&value);
    }
    pattern!(LINE, r"(?i)^[\s|>*_-]*status[\s*_]*[:|][\s*_|]*(.+)$");
    pattern!(SECTION, r"(?i)^#+\s*status\b");
    let mut words = String::new();
    let mut inside = false;
    for (_, line) in numbered(text) {
        if SECTION.is_match(line) {
            inside = true;
        } else if inside && line.starts_with('#') {
            break;
        } else if inside {
            words.push_str(line);
            words.push('\n');
        } else if let Some(found) = LINE.captures(line) {
            return status_word(group(&found, 1));
        }
    }
    status_word(&words)
}

fn status_word(text: &str) -> AdrStatus {
    let lower = text.to_ascii_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    if has(&["superseded", "deprecated", "replaced by", "obsolete"]) {
        AdrStatus::Superseded
    } else if has(&["rejected", "declined", "withdrawn"]) || lower.contains("not accepted") {
        AdrStatus::Rejected
    } else if has(&["proposed", "draft", "under review", "pending", "in discussion"]) {
        AdrStatus::Proposed
    } else if has(&["accepted", "approved", "decided", "implemented", "adopted"]) {
        AdrStatus::Accepted
    } else {
        AdrStatus::Unknown
    }
}

fn items(file: DiscoveryFile<'_>) -> Vec<Planned> {
    let lower = file.path.to_ascii_lowercase();
    let name = lower.rsplit('/').next().unwrap_or("");
    let roadmap = name.contains("roadmap");
    let in_folder = lower.split('/').rev().skip(1).any(|part| part == "architecture" || part == "roadmap");
    let named = roadmap || name.contains("architecture") || name == "todo.md";
    if !lower.ends_with(".md") || is_adr(file.path) || !(named || in_folder) {
        return Vec::new();
    }
    pattern!(HEADING, r"^#+\s+(.+?)\s*$");
    pattern!(ITEM, r"^\s*(?:[-*+]|\d+[.)])\s+(?:\[( |x|X)\]\s+)?(.+)$");
    pattern!(
        PLAN_SECTION,
        r"(?i)\b(planned|roadmap|future|todo|next|upcoming|backlog|known (issues|limitations)|technical debt|tech debt)\b"
    );
    pattern!(DONE_SECTION, r"(?i)\b(done|shipped|released|completed|rejected|not planned)\b");
    pattern!(PLAN_WORD, r"\bTODO\b|(?i:\bplanned\b|\bwill be (replaced|moved|rewritten|changed|split)\b)");
    let mut section = String::new();
    let mut out = Vec::new();
    for (line, text) in numbered(file.text) {
        if let Some(found) = HEADING.captures(text) {
            group(&found, 1).clone_into(&mut section);
            continue;
        }
        let open_section = PLAN_SECTION.is_match(&section) || (roadmap && !section.is_empty());
        let item = ITEM.captures(text);
        let done = item.as_ref().is_some_and(|found| group(found, 1).eq_ignore_ascii_case("x"));
        if done || DONE_SECTION.is_match(&section) {
            continue;
        }
        let row = text.trim_start().starts_with('|') && !text.contains("---");
        let content = item.as_ref().map_or_else(|| text.trim(), |found| group(found, 2));
        if (open_section && (item.is_some() || row)) || PLAN_WORD.is_match(content) {
            out.push(Planned { path: file.path.to_owned(), line, section: section.clone(), text: content.to_owned() });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
    use super::*;

    #[test]
    fn adr_forms() {
        let files = [
            DiscoveryFile {
                path: "docs/adr/0012-batch.md",
                text: "# ADR-012: Batch exports\n\n## Status\n\nAccepted\n\n## Context\nproposed by\n",
            },
            DiscoveryFile {
                path: "docs/decisions/3-x.md",
                text: "---\nstatus: \"superseded by ADR-4\"\n---\n# Use X\n",
            },
            DiscoveryFile { path: "adr/007.md", text: "# 7. Poll the queue\n\n* Status: proposed\n" },
            DiscoveryFile { path: "docs/project/ADRs/note.md", text: "# Note\n\n| Status | Accepted |\n" },
            DiscoveryFile { path: "docs/adr/README.md", text: "# Index\n" },
        ];
        let found: Vec<_> = adrs(&files).into_iter().map(|a| (a.id, a.title, a.status)).collect();
        assert_eq!(
            found,
            [
                ("ADR-007".to_owned(), "Poll the queue".to_owned(), AdrStatus::Proposed),
                ("ADR-012".to_owned(), "Batch exports".to_owned(), AdrStatus::Accepted),
                ("ADR-003".to_owned(), "Use X".to_owned(), AdrStatus::Superseded),
                ("note".to_owned(), "Note".to_owned(), AdrStatus::Accepted),
            ]
        );
    }

    #[test]
    fn planned_items_leave_out_what_is_done() {
        let files = [
            DiscoveryFile {
                path: "docs/roadmap.md",
                text: "# Roadmap\n## Q3\n- [x] Old thing\n- [ ] Remove N+1 in `app/api.py`\n## Done\n- Shipped\n",
            },
            DiscoveryFile {
                path: "docs/architecture.md",
                text: "# Architecture\nPlain prose.\n- TODO: shorten the transaction in billing\n",
            },
            DiscoveryFile { path: "docs/other.md", text: "- TODO: no\n" },
        ];
        let found: Vec<_> = planned(&files).into_iter().map(|p| (p.path, p.line)).collect();
        assert_eq!(found, [("docs/architecture.md".to_owned(), 3), ("docs/roadmap.md".to_owned(), 4)]);
    }
}
