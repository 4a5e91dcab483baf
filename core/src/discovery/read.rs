//! Entry: hands each file to the readers of its format.

use super::facts::{Binding, Facts, at};
use super::pattern::numbered;
use super::python_text::{Constants, Masked};
use super::technologies::{Ecosystem, Slot};
use super::{
    compose, docs, environment, manifests_go, manifests_jvm, manifests_node, manifests_python, settings_python,
    subscribers,
};
use crate::discovery::{ContextStore, Practice};
use crate::knowledge::Statement;
use crate::model::Problem;
use crate::order::InOrder as _;

/// A file handed to discovery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DiscoveryFile<'a> {
    /// Path relative to the project, with `/`.
    pub path: &'a str,
    /// Decoded text.
    pub text: &'a str,
}

/// Reads the project's facts. `date` is `YYYY-MM-DD`. The order of `files` does not matter. Triggers are those of the
/// replayed schema: whoever has it adds them.
#[must_use]
pub fn discover(files: &[DiscoveryFile<'_>], date: &str) -> (ContextStore, Vec<Problem>) {
    let mut files: Vec<DiscoveryFile<'_>> = files.to_vec();
    files.order_by(|a, b| a.path.cmp(b.path));
    let mut facts = Facts::default();
    let constants = Constants::collect(&files);
    for file in &files {
        let python = file.path.to_ascii_lowercase().ends_with(".py").then(|| Masked::of(file.text));
        read(*file, python.as_ref(), &constants, &mut facts);
        if let Some(python) = python.filter(|_| file.path.ends_with(".py")) {
            subscribers::read(*file, &python, &constants, &mut facts);
        }
    }
    let (mut store, problems) = facts.finish(date);
    let names: Vec<String> =
        [&store.tech_stack.db, &store.tech_stack.orm, &store.tech_stack.web, &store.tech_stack.other]
            .into_iter()
            .flatten()
            .cloned()
            .collect();
    for note in crate::knowledge::practices(&names) {
        let practice = |one: Statement| Practice { statement: one.statement, url: one.url, checks: one.checks };
        let practices = note.statements.into_iter().map(practice).collect();
        store.reviewed.insert(note.technology.clone(), note.reviewed);
        store.best_practices.insert(note.technology, practices);
    }
    (store, problems)
}

fn read(file: DiscoveryFile<'_>, python: Option<&Masked>, constants: &Constants, facts: &mut Facts) {
    let lower = file.path.to_ascii_lowercase();
    let (folder, name) = lower.rsplit_once('/').unwrap_or(("", &lower));
    let ends = |end: &str| name.ends_with(end);
    match name {
        "pyproject.toml" => manifests_python::pyproject(file, facts),
        "setup.cfg" => manifests_python::setup_cfg(file, facts),
        "setup.py" => manifests_python::setup_py(file, facts),
        "pipfile" => manifests_python::pipfile(file, facts),
        "pipfile.lock" => manifests_python::pipfile_lock(file, facts),
        "uv.lock" | "poetry.lock" | "pdm.lock" => manifests_python::lock(file, facts),
        "metadata" | "pkg-info" => manifests_python::metadata(file, facts),
        "environment.yml" | "environment.yaml" => manifests_python::conda(file, facts),
        ".python-version" => one_line_version(file, "Python", facts),
        ".nvmrc" => one_line_version(file, "Node.js", facts),
        "package.json" => manifests_node::package_json(file, facts),
        "package-lock.json" | "npm-shrinkwrap.json" => manifests_node::package_lock(file, facts),
        "yarn.lock" => manifests_node::yarn_lock(file, facts),
        "pnpm-lock.yaml" => manifests_node::pnpm_lock(file, facts),
        "go.mod" => manifests_go::go_mod(file, facts),
        "pom.xml" => manifests_jvm::pom(file, facts),
        "build.gradle" | "build.gradle.kts" => manifests_jvm::gradle(file, facts),
        "alembic.ini" => environment::ini(file, facts),
        "pgbouncer.ini" => facts.setting("pooler", "pgbouncer", at(file.path, 1)),
        "schema.prisma" => environment::prisma(file, facts),
        "tech_stack.md" | "tech-stack.md" => docs::tech_stack(file, facts),
        "kanban_board.md" => docs::kanban(file, facts),
        _ if name.contains("dockerfile") => compose::dockerfile(file, facts),
        _ if name.starts_with("ormconfig.") => environment::ormconfig(file, facts),
        _ if (name.contains("compose")) && (ends(".yml") || ends(".yaml")) => compose::compose(file, facts),
        _ if name.starts_with("application") && (ends(".yml") || ends(".yaml")) => {
            environment::application_yml(file, facts)
        }
        _ if name.starts_with("application") && ends(".properties") => environment::properties(file, facts),
        _ if name.contains("env") && !ends(".py") && (name.starts_with('.') || name.starts_with("env.")) => {
            environment::dotenv(file, facts);
        }
        _ if (ends(".txt") || ends(".in"))
            && (name.starts_with("requirements")
                || name.starts_with("constraints")
                || folder.ends_with("requirements")) =>
        {
            manifests_python::requirements(file, facts);
        }
        _ if ends(".py") => {
            if let Some(python) = python {
                settings_python::read(file, python, constants, facts);
            }
        }
        _ => {}
    }
}

fn one_line_version(file: DiscoveryFile<'_>, language: &str, facts: &mut Facts) {
    let first =
        numbered(file.text).find(|(_, line)| line.trim_start_matches('v').starts_with(|c: char| c.is_ascii_digit()));
    if let Some((line, text)) = first {
        facts.tech(Slot::Language, language, Some(text.trim().trim_start_matches('v')), at(file.path, line));
    }
}

/// A Python requirement `name[extra] >=1,<2 ; marker # remark`: name and version part.
pub(super) fn requirement(text: &str) -> Option<(&str, String)> {
    super::pattern::pattern!(
        REQUIREMENT,
        r"^\s*([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[[^\]]*\])?\s*(?:@\s*\S+|\(?\s*((?:[<>=!~]=?=?\s*[^;,)\s#]+\s*,?\s*)*))"
    );
    let text = text.trim();
    let captures = REQUIREMENT.captures(text)?;
    let name = captures.get(1)?.as_str();
    let version = super::pattern::group(&captures, 2).trim().trim_end_matches(',').to_owned();
    Some((name, version))
}

/// Adds a Python requirement line.
pub(super) fn add_requirement(text: &str, binding: Binding, path: &str, line: u32, facts: &mut Facts) {
    if let Some((name, version)) = requirement(text) {
        facts.package(Ecosystem::Python, name, &version, binding, at(path, line));
    }
}

#[cfg(test)]
mod practice_tests {
    #[test]
    fn every_check_that_a_note_names_exists() {
        for note in crate::knowledge::notes() {
            for check in note.statements.iter().flat_map(|one| &one.checks) {
                assert!(crate::checks::find(check).is_some(), "{}: {check}", note.technology);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
    use super::*;
    use crate::discovery::{AdrStatus, adrs, wanted, wanted_source};
    use std::path::Path;

    fn collect(folder: &Path, root: &Path, found: &mut Vec<(String, String)>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                collect(&path, root, found);
            } else if let Ok(text) = std::fs::read_to_string(&path) {
                let name = path.strip_prefix(root).unwrap().to_string_lossy().replace('\\', "/");
                if wanted(&name) || (name.ends_with(".py") && !name.starts_with("tests/") && wanted_source(&text)) {
                    found.push((name, text));
                }
            }
        }
    }

    #[test]
    fn the_demo_project_in_any_order() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/demo");
        let mut found = Vec::new();
        collect(&root, &root, &mut found);
        let mut files: Vec<_> = found.iter().map(|(path, text)| DiscoveryFile { path, text }).collect();
        let (store, problems) = discover(&files, "2026-01-02");
        files.reverse();
        assert_eq!((store.clone(), problems.clone()), discover(&files, "2026-01-02"));
        assert!(problems.is_empty(), "{problems:?}");
        assert_eq!(store.team_id.as_deref(), Some("ORD"));
        assert_eq!(store.tech_stack.db, ["PostgreSQL 16"]);
        assert_eq!(store.tech_stack.languages, ["Python 3.12", "Python >=3.12"]);
        assert_eq!(store.tech_stack.orm, ["SQLAlchemy 2.0.34", "asyncpg 0.29.0", "psycopg 3.2.1"]);
        assert_eq!(store.tech_stack.web, ["FastAPI 0.118.0"]);
        assert_eq!(store.db_config.settings["pool_size"], "10 | 5");
        assert_eq!(store.db_config.settings["expire_on_commit"], "False");
        assert_eq!(store.db_config.event_subscribers.len(), 2);
        assert_eq!(store.db_config.event_subscribers[0].channel, "import_progress");
        assert_eq!(store.db_config.event_subscribers[1].channel, "price_change");
        let statuses: Vec<_> = adrs(&files).into_iter().map(|adr| (adr.id, adr.status)).collect();
        assert_eq!(
            statuses,
            [("ADR-003".to_owned(), AdrStatus::Accepted), ("ADR-004".to_owned(), AdrStatus::Proposed)]
        );
        assert!(!serde_json::to_string(&store).unwrap().contains("change-me"));
    }

    #[test]
    fn nothing_and_nonsense_are_fine() {
        let (store, problems) = discover(&[], "d");
        assert_eq!(store.codebase_root, ".");
        assert!(problems.is_empty() && store.sources.is_empty());
        for (path, text) in [
            ("pyproject.toml", "\u{0}\u{1}[[[[".to_owned()),
            ("pyproject.toml", "a = ".to_owned() + &"[".repeat(100_000)),
            ("package.json", "[".repeat(100_000)),
            ("compose.yml", "- ".repeat(50_000)),
            ("a/migrations/1.py", "'".repeat(9) + "CREATE TRIGGER é AFTER UPDATE ON é "),
            ("x.sql", "CREATE TRIGGER a AFTER UPDATE ON b ".repeat(50_000)),
            ("app/db.py", "create_engine(".repeat(100_000)),
            ("app/db.py", "import redis\nx.subscribe('a')\n".repeat(20_000)),
            ("docs/adr/1.md", "---\n---\n#".to_owned()),
        ] {
            let file = DiscoveryFile { path, text: &text };
            let (_, _) = discover(&[file], "d");
        }
    }
}
