//! Holds the architecture: which layer may use which (DESIGN.md), module headers, file sizes, and a
//! page for every check that is available.

use drydock_tests::repository::{self, TextFile};
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// A layer is a path below `core/src`; the longest that matches a file is its layer. It may use what
/// lies below itself, and the paths named here. Everything else is a new arrow: argue it first.
const LAYERS: &[(&str, &[&str])] = &[
    ("order", &[]),
    ("words", &[]),
    ("source", &[]),
    // Search over texts; knows no project.
    ("lookup", &[]),
    ("model", &["source"]),
    // What calls mean. Knows no syntax and no analysis.
    ("libraries", &[]),
    // Front ends never see libraries, checks or analysis.
    ("languages", &["model", "source"]),
    ("intake", &["source", "model::Language", "report::model", "languages::frontend"]),
    ("discovery", &["source", "model", "intake", "knowledge", "languages::sql"]),
    // What the page shows of it without an engine.
    ("discovery/context", &[]),
    // Once linked, string literals that look like SQL are read: the one front end analysis may call.
    ("analysis", &["model", "source", "libraries", "languages::sql", "discovery", "report::model::Step"]),
    ("checks/meta", &["report::model"]),
    ("checks", &["analysis", "model", "source", "libraries", "report::model", "discovery"]),
    ("knowledge", &["discovery"]),
    ("evidence", &["report::model", "source"]),
    ("report", &[]),
    ("report/model", &["discovery::ContextStore"]),
    ("report/cited", &["report::model", "discovery::Practice"]),
    // Masks every text of the report, the context's included.
    ("report/share", &["report::model", "report::mask", "report::pretty", "discovery"]),
    // The catalogue is metadata: rules, titles and reasons are derived from it.
    // And they print the discovered context, plain data as well.
    (
        "report/writers",
        &[
            "report::logged",
            "report::model",
            "report::pretty",
            "report::share",
            "checks::find",
            "checks::CATALOGUE",
            "checks::CheckMeta",
            "audit::score",
            "discovery::Conflict",
            "discovery::ContextStore",
            "discovery::FactSource",
        ],
    ),
    // Brings the others together; never sees a parser.
    ("audit", &["analysis", "checks", "discovery", "intake", "knowledge", "model", "report", "source"]),
    // The facade and the command line see all.
    ("lib", &["*"]),
    ("facade", &["*"]),
    ("bin", &["*"]),
];

/// What knows nothing of Drydock, every layer may use.
const EVERYWHERE: [&str; 2] = ["order::", "words::"];

/// Tables may be as long as what they list, and so may the sample report of unit tests.
const TABLES: &[&str] =
    &["core/src/audit/sample.rs", "core/src/libraries/", "core/src/checks/meta.rs", "core/src/knowledge/"];
const MAX_LINES: usize = 600;

#[test]
fn layers_use_only_what_they_may() {
    let mut wrong = String::new();
    for file in repository::files("core/src", ".rs") {
        let module = module_of(&file.path);
        let Some((layer, allowed)) = layer_of(&module) else {
            let _ = writeln!(wrong, "{}: belongs to no layer: add it to LAYERS", file.path);
            continue;
        };
        let layer_path = layer.replace('/', "::");
        for (line, used) in uses(&file, &module) {
            let may = |path: &str| path == "*" || used == path || used.starts_with(&format!("{path}::"));
            if !EVERYWHERE.iter().any(|path| used.starts_with(path))
                && !may(&layer_path)
                && !allowed.iter().any(|path| may(path))
            {
                let _ = writeln!(wrong, "{}:{line}: `{layer}` must not use `{used}`", file.path);
            }
        }
    }
    assert!(wrong.is_empty(), "arrows that the architecture does not have:\n{wrong}");
}

#[test]
fn every_module_says_what_it_owns() {
    let missing: Vec<String> = rust_files()
        .into_iter()
        // A body that is included carries its documentation in another file.
        .filter(|file| !file.text.starts_with("//!") && !file.text.starts_with("#![doc = include_str!"))
        .map(|file| file.path)
        .collect();
    assert!(missing.is_empty(), "files that do not open with `//!`: {missing:#?}");
}

#[test]
fn no_file_is_too_long_to_read() {
    let long: Vec<String> = rust_files()
        .into_iter()
        .filter(|file| !TABLES.iter().any(|table| file.path.starts_with(table)))
        .map(|file| (file.text.lines().count(), file.path))
        .filter(|(lines, _)| *lines > MAX_LINES)
        .map(|(lines, path)| format!("{path}: {lines} lines"))
        .collect();
    assert!(long.is_empty(), "split by idea: {long:#?}");
}

#[test]
fn every_available_check_has_its_page() {
    let pages: BTreeSet<String> = repository::files("core/src/checks", ".md")
        .into_iter()
        .filter_map(|file| file.path.rsplit('/').next().map(|name| name.trim_end_matches(".md").to_owned()))
        .collect();
    let missing: Vec<&str> = drydock_core::checks::CATALOGUE
        .iter()
        .filter(|check| check.available && !pages.contains(check.id))
        .map(|check| check.id)
        .collect();
    assert!(missing.is_empty(), "checks without core/src/checks/<category>/<id>.md: {missing:#?}");
}

#[test]
fn notes_on_technologies_name_checks_that_exist() {
    let unknown: Vec<String> = drydock_core::knowledge::notes()
        .into_iter()
        .flat_map(|note| note.statements.into_iter().map(move |statement| (note.technology.clone(), statement.checks)))
        .flat_map(|(technology, checks)| checks.into_iter().map(move |check| (technology.clone(), check)))
        .filter(|(_, check)| drydock_core::checks::find(check).is_none())
        .map(|(technology, check)| format!("{technology}: {check}"))
        .collect();
    assert!(unknown.is_empty(), "{unknown:#?}");
}

fn rust_files() -> Vec<TextFile> {
    ["core", "web", "tests"].iter().flat_map(|folder| repository::files(folder, ".rs")).collect()
}

/// `core/src/report/writers/mod.rs` -> `report/writers`.
fn module_of(path: &str) -> String {
    let inner = path.trim_start_matches("core/src/").trim_end_matches(".rs");
    inner.trim_end_matches("/mod").to_owned()
}

fn layer_of(module: &str) -> Option<(&'static str, &'static [&'static str])> {
    LAYERS
        .iter()
        .filter(|(layer, _)| module == *layer || module.starts_with(&format!("{layer}/")))
        .max_by_key(|(layer, _)| layer.len())
        .copied()
}

/// Paths of this crate that a file names outside comments and unit tests: `crate::…` and `super::…`,
/// groups resolved, with their lines. `super` is resolved against the module tree.
fn uses(file: &TextFile, module: &str) -> Vec<(usize, String)> {
    let code = without_comments_and_tests(&file.text);
    let parent: Vec<&str> = module.split('/').collect();
    let mut found = Vec::new();
    for start in ["crate::", "super::"] {
        for (at, _) in code.match_indices(start) {
            let before = code.get(..at).unwrap_or_default();
            let continues = before.ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':' || c == '$');
            if continues {
                continue;
            }
            let line = before.matches('\n').count() + 1;
            let mut rest = code.get(at..).unwrap_or_default();
            // A file `a/b/mod.rs` and a file `a/b.rs` are both module `a::b`: `super` is `a`.
            let mut base: Vec<&str> = if start == "crate::" { Vec::new() } else { parent.clone() };
            while let Some(after) = rest.strip_prefix("super::") {
                base.pop();
                rest = after;
            }
            rest = rest.strip_prefix("crate::").unwrap_or(rest);
            for path in expand(rest) {
                let full: Vec<&str> =
                    base.iter().copied().chain(path.split("::")).filter(|part| !part.is_empty()).collect();
                found.push((line, full.join("::")));
            }
        }
    }
    found
}

/// `a::{b, c::{d, e}}; …` -> `a::b`, `a::c::d`, `a::c::e`.
fn expand(text: &str) -> Vec<String> {
    let end = text.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':')).unwrap_or(text.len());
    let (path, rest) = text.split_at(end);
    let Some(group) = rest.strip_prefix('{').filter(|_| path.is_empty() || path.ends_with("::")) else {
        return vec![path.trim_end_matches(':').to_owned()];
    };
    let mut parts = Vec::new();
    let (mut depth, mut from) = (0_usize, 0);
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' | ',' if depth == 0 => {
                let part = group.get(from..at).unwrap_or_default().trim();
                if !part.is_empty() && part != "self" {
                    parts.extend(expand(part).into_iter().map(|inner| format!("{path}{inner}")));
                } else if part == "self" {
                    parts.push(path.trim_end_matches(':').to_owned());
                }
                from = at + 1;
                if c == '}' {
                    break;
                }
            }
            '}' => depth -= 1,
            _ => {}
        }
    }
    parts
}

/// Line comments become empty lines; what follows `#[cfg(test)]` is dropped (tests stand last).
fn without_comments_and_tests(text: &str) -> String {
    let mut out = String::new();
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        // Tests of what the page's bundle has too need the engine.
        let with_engine =
            line.trim() == "#[cfg(all(test, feature = \"engine\"))]" && lines.peek() == Some(&"mod tests {");
        if line.trim() == "#[cfg(test)]" || with_engine {
            break;
        }
        out.push_str(line.find("//").and_then(|at| line.get(..at)).unwrap_or(line));
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_paths_that_a_file_uses() {
        let text = "//! crate::no\nuse crate::a::{b, c::{self, D}};\nuse super::{x, y::Z};\nfn f() -> crate::m::T {}\n\
                    use std::{q};\n#[cfg(test)]\nuse crate::late;\n";
        let file = TextFile { path: "core/src/p/q.rs".into(), text: text.into() };
        let mut found: Vec<String> =
            uses(&file, "p/q").into_iter().map(|(line, path)| format!("{line} {path}")).collect();
        found.sort();
        assert_eq!(found, ["2 a::b", "2 a::c", "2 a::c::D", "3 p::x", "3 p::y::Z", "4 m::T"]);
    }

    #[test]
    fn the_longest_layer_wins() {
        assert_eq!(layer_of("report/writers/json").map(|(layer, _)| layer), Some("report/writers"));
        assert_eq!(layer_of("checks/query/query_in_loop").map(|(layer, _)| layer), Some("checks"));
        assert_eq!(layer_of("sourcery"), None);
    }
}
