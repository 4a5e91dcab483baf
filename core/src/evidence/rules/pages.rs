//! The rules' Markdown pages: explanation for people, cases for tests. A group of rules lists its own pages; this file
//! joins the groups.
//!
//! A page is named after its rule, `pages/E1.md`, and has this form:
//!
//! ````markdown
//! # E1 Short name of what was seen
//!
//! What it means and why it costs time: one or two short paragraphs.
//!
//! ## Threshold
//! The numbers at which it fires, and where they come from.
//!
//! ## Advice
//! What to do.
//!
//! ## Guard
//! When the advice is wrong or what it costs.
//!
//! ## Fires
//!
//! Words about the case.
//!
//! ```json server.cpuprofile
//! {"nodes": []}
//! ```
//! expects: E1 `login`
//!
//! ## Silent
//!
//! sample: profiles/fib.prof
//! silent: the calls belong to the start of the program
//! ````
//!
//! A case is one or more artefacts and, below them, what must come out. An artefact is a fence whose info string is a
//! language and a file name, or a line `sample:` with a path below `tests/data/evidence`, for binary and long files.
//! `expects: <ID> <text>` wants one observation of that rule with the text in its title, measured figures or subject
//! (path, function, query, route); a case of several observations has several such lines, and there must be no other
//! observation of the page's rule. `silent: <reason>` wants none of the page's rule. No artefact of a case may be refused.

/// Identifier and text of a page.
pub type Page = (&'static str, &'static str);

/// Pages by group, in the order of [`super::RULES`].
#[rustfmt::skip]
pub const PAGES: &[&[Page]] = &[
    super::cpu::PAGES,
    super::event_loop::PAGES,
    super::asyncio::PAGES,
    super::calls::PAGES,
    super::memory::PAGES,
    super::databases::PAGES,
    super::load::PAGES,
    super::web::PAGES,
];

/// What a rule's page explains, without its cases.
#[must_use]
pub fn explanation(id: &str) -> Option<&'static str> {
    let (_, text) = PAGES.iter().copied().flatten().find(|(name, _)| *name == id)?;
    Some(text.split("\n## Fires").next().unwrap_or(text).trim_end())
}

/// The short name of a rule: the heading of its page without the identifier.
#[must_use]
pub fn title(id: &str) -> Option<&'static str> {
    let heading = explanation(id)?.lines().next()?;
    heading.strip_prefix("# ")?.strip_prefix(id).map(str::trim)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]

    use super::super::{Observation, RULES, Subject};
    use super::*;
    use crate::evidence::asked::Asked;
    use crate::evidence::model::Artefact;
    use crate::evidence::{Limits, read};
    use std::fmt::Write as _;

    /// Headings of a page in their order.
    const SECTIONS: [&str; 5] = ["Threshold", "Advice", "Guard", "Fires", "Silent"];

    #[derive(Default)]
    struct Case {
        line: usize,
        files: Vec<(String, Vec<u8>)>,
        expects: Vec<(String, String)>,
        silent: bool,
    }

    fn sample(path: &str) -> Vec<u8> {
        let full = format!("{}/../tests/data/evidence/{path}", env!("CARGO_MANIFEST_DIR"));
        std::fs::read(&full).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// Cases of a page, and what is wrong with its form.
    fn cases(text: &str) -> (Vec<Case>, Vec<String>) {
        let mut cases: Vec<Case> = Vec::new();
        let mut wrong = Vec::new();
        let mut section = "";
        let mut fence: Option<(String, String)> = None;
        for (at, line) in text.lines().enumerate() {
            if let Some((name, body)) = &mut fence {
                if line.starts_with("```") {
                    let file = (std::mem::take(name), std::mem::take(body).into_bytes());
                    fence = None;
                    add(&mut cases, at, file);
                } else {
                    body.push_str(line);
                    body.push('\n');
                }
                continue;
            }
            if let Some(name) = line.strip_prefix("## ") {
                section = name;
            } else if let Some(info) = line.strip_prefix("```") {
                match info.split_once(' ') {
                    Some((_, name)) => fence = Some((name.to_owned(), String::new())),
                    None => wrong.push(format!("line {}: a fence needs a language and a file name", at + 1)),
                }
            } else if let Some(path) = line.strip_prefix("sample: ") {
                let name = path.rsplit('/').next().unwrap_or(path);
                add(&mut cases, at, (name.to_owned(), sample(path)));
            } else if let Some(expected) = line.strip_prefix("expects: ") {
                let (rule, words) = expected.split_once(' ').unwrap_or((expected, ""));
                match cases.last_mut() {
                    Some(case) if section == "Fires" => case.expects.push((rule.to_owned(), words.to_owned())),
                    _ => wrong.push(format!("line {}: `expects:` belongs below a case of \"Fires\"", at + 1)),
                }
            } else if line.starts_with("silent: ") {
                match cases.last_mut() {
                    Some(case) if section == "Silent" => case.silent = true,
                    _ => wrong.push(format!("line {}: `silent:` belongs below a case of \"Silent\"", at + 1)),
                }
            }
        }
        if fence.is_some() {
            wrong.push("a fence is not closed".to_owned());
        }
        (cases, wrong)
    }

    fn add(cases: &mut Vec<Case>, at: usize, file: (String, Vec<u8>)) {
        if cases.last().is_none_or(|case| case.silent || !case.expects.is_empty()) {
            cases.push(Case { line: at + 1, ..Case::default() });
        }
        if let Some(case) = cases.last_mut() {
            case.files.push(file);
        }
    }

    fn observations(case: &Case, wrong: &mut Vec<String>) -> Vec<Observation> {
        let artefacts: Vec<Artefact> = case
            .files
            .iter()
            .map(|(name, bytes)| read(name, bytes.len() as u64, &mut bytes.as_slice(), Limits::default()))
            .collect();
        for artefact in &artefacts {
            if let Some(reason) = &artefact.refused {
                wrong.push(format!("line {}: {} was refused: {reason}", case.line, artefact.path));
            }
        }
        let asked = Asked::new(&artefacts, &[]);
        RULES.iter().flat_map(|rules| rules(&artefacts, &asked)).collect()
    }

    fn says(observation: &Observation, words: &str) -> bool {
        let subject = match &observation.subject {
            Subject::Code { path, function, line } => format!("{path}:{line} {function}"),
            Subject::Query { fingerprint, text } => format!("{fingerprint}\n{text}"),
            Subject::Route { method, path } => format!("{method} {path}"),
            Subject::Page { path } => path.clone(),
            Subject::Process => String::new(),
        };
        [&observation.title, &observation.measured, &subject].iter().any(|text| text.contains(words))
    }

    fn judge(id: &str, case: &Case) -> Vec<String> {
        let mut wrong = Vec::new();
        let seen = observations(case, &mut wrong);
        let mine: Vec<&Observation> = seen.iter().filter(|observation| observation.rule == id).collect();
        for (rule, words) in &case.expects {
            if !seen.iter().any(|observation| observation.rule == *rule && says(observation, words)) {
                wrong.push(format!("line {}: no observation of {rule} says \"{words}\"", case.line));
            }
        }
        let expected = case.expects.iter().filter(|(rule, _)| rule == id).count();
        if mine.len() != expected {
            wrong.push(format!("line {}: {} observations of {id}, expected {expected}", case.line, mine.len()));
        }
        if !case.silent && case.expects.is_empty() {
            wrong.push(format!("line {}: the case says neither `expects:` nor `silent:`", case.line));
        }
        if !wrong.is_empty() {
            for observation in &seen {
                wrong.push(format!(
                    "    saw {}: {} [{}] {:?}",
                    observation.rule, observation.title, observation.measured, observation.subject
                ));
            }
        }
        wrong
    }

    #[test]
    fn every_page_has_its_parts_and_its_cases_come_out_as_it_says() {
        let mut report = String::new();
        for (id, text) in PAGES.iter().copied().flatten() {
            let (cases, mut wrong) = cases(text);
            if !text.starts_with(&format!("# {id} ")) {
                wrong.push(format!("does not open with `# {id} <name>`"));
            }
            let headings: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("## ")).collect();
            if headings != SECTIONS {
                wrong.push(format!("has the headings {headings:?}, not {SECTIONS:?}"));
            }
            if !cases.iter().any(|case| !case.expects.is_empty()) || !cases.iter().any(|case| case.silent) {
                wrong.push("needs a case that fires and one that is silent".to_owned());
            }
            wrong.extend(cases.iter().flat_map(|case| judge(id, case)));
            for line in wrong {
                let _ = writeln!(report, "{id}.md: {line}");
            }
        }
        assert!(report.is_empty(), "{report}");
    }

    #[test]
    fn pages_and_their_files_are_the_same() {
        let folder = format!("{}/src/evidence/rules/pages", env!("CARGO_MANIFEST_DIR"));
        let mut files: Vec<String> = std::fs::read_dir(folder)
            .map(|entries| entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect())
            .unwrap_or_default();
        let mut listed: Vec<String> = PAGES.iter().copied().flatten().map(|(id, _)| format!("{id}.md")).collect();
        crate::order::InOrder::order(files.as_mut_slice());
        crate::order::InOrder::order(listed.as_mut_slice());
        assert_eq!(listed, files);
    }

    #[test]
    fn cases_are_cut_out_of_a_page() {
        let text = "# X1 Name\n## Fires\n```json a.json\n{}\n```\n```text b.txt\nx\n```\nexpects: X1 a\nexpects: X2 b\n\
                    ## Silent\n```text c.txt\nc\n```\nsilent: small\n```text d.txt\n```\nsilent: none\n";
        let (cases, wrong) = cases(text);
        assert!(wrong.is_empty(), "{wrong:?}");
        let names: Vec<Vec<&str>> =
            cases.iter().map(|case| case.files.iter().map(|(name, _)| name.as_str()).collect()).collect();
        assert_eq!(names, [vec!["a.json", "b.txt"], vec!["c.txt"], vec!["d.txt"]]);
        assert_eq!(cases[0].files[0].1, b"{}\n");
        assert_eq!(cases[0].expects, [("X1".to_owned(), "a".to_owned()), ("X2".to_owned(), "b".to_owned())]);
        assert!(cases[1].silent && cases[2].silent);
    }
}
