//! What a file is, by its path; and, once it is read, by its contents.

use super::skip::SkipKind;
use super::tables;
use crate::model::Language;
use serde::{Deserialize, Serialize};

/// What a file is read for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Role {
    /// Code that a front end lowers (also `.py` migrations).
    Source,
    /// Declarations of types for code (`.pyi`), which are no code themselves.
    Stub,
    /// Markup with code in it.
    Template,
    /// SQL.
    Sql,
    /// Packages, lock files, compose files, wheel metadata.
    Manifest,
    /// Settings of the running system, and `.drydock.toml`.
    Settings,
    /// Documentation that discovery reads.
    Doc,
    /// Earlier reports and the results log.
    Report,
}

/// What a path says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Take {
        role: Role,
        language: Option<Language>,
    },
    Skip {
        kind: SkipKind,
        reason: String,
    },
    /// Source that this version does not read: counted by extension.
    Unread {
        reason: String,
    },
}

/// Folder and name of a path.
pub(super) fn split(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap_or(("", path))
}

/// Extension of a path in lower case, empty when there is none.
pub(super) fn extension(path: &str) -> String {
    let (_, name) = split(path);
    match name.rsplit_once('.') {
        Some((stem, extension)) if !stem.is_empty() => extension.to_ascii_lowercase(),
        _ => String::new(),
    }
}

/// The outermost folder of `path` that is skipped whole: its path, and what it is.
pub(super) fn skipped_folder(path: &str) -> Option<(&str, SkipKind, String)> {
    let mut end = 0;
    let mut above = "";
    for part in split(path).0.split('/') {
        end += part.len();
        let folder = path.get(..end).unwrap_or_default();
        if let Some(what) = tables::built_in_folder(part) {
            return Some((folder, SkipKind::BuiltIn, format!("`{part}/` holds {what}")));
        }
        // `settings/third_party/rest_framework.py` says how the code of others is to work.
        if tables::vendored_folder(part) && !matches!(above, "settings" | "config" | "conf") {
            return Some((folder, SkipKind::Vendored, format!("`{part}/` holds copied code of others")));
        }
        end += 1;
        above = part;
    }
    None
}

/// Whether a file may be needed, whatever the project's own rules say: for streams, where
/// contents must be kept or dropped at once.
#[must_use]
pub fn may_matter(path: &str) -> bool {
    let (_, name) = split(path);
    let built_in = skipped_folder(path).is_some_and(|(_, kind, _)| kind == SkipKind::BuiltIn);
    // What a file is may depend on its place below a top folder that the plan will remove.
    let inner = path.split_once('/').map_or(path, |(_, inner)| inner);
    let taken = |path| matches!(by_type(path), Verdict::Take { .. });
    !built_in && (name == ".gitignore" || taken(path) || taken(inner))
}

/// Why a path is a test's, when it surely is.
pub(super) fn test(path: &str) -> Option<String> {
    let (folder, name) = split(path);
    if let Some(part) = folder.split('/').find(|part| tables::test_folder(part)) {
        return Some(format!("`{part}/` holds tests"));
    }
    let lower = name.to_ascii_lowercase();
    let (stem, extension) = lower.rsplit_once('.').unwrap_or((&lower, ""));
    let is_test = match extension {
        "py" => matches!(stem, "conftest" | "tests"),
        "js" | "jsx" | "mjs" | "cjs" | "ts" | "tsx" | "mts" | "cts" => {
            [".test", ".spec", ".stories", ".cy"].iter().any(|end| stem.ends_with(end))
        }
        "go" => stem.ends_with("_test"),
        "java" => ["Test.java", "Tests.java", "IT.java"].iter().any(|end| name.ends_with(end)),
        _ => false,
    };
    is_test.then(|| "The name is a test's".to_owned())
}

/// Whether the name is one that tests have, but other code too (`connection_test.py`): the
/// contents decide.
pub(super) fn perhaps_test(path: &str) -> bool {
    let stem = split(path).1.strip_suffix(".py");
    stem.is_some_and(|stem| stem.starts_with("test_") || stem.ends_with("_test"))
}

/// Whether a Python file holds tests.
fn has_tests(bytes: &[u8]) -> bool {
    const STARTS: &[&[u8]] =
        &[b"def test_", b"async def test_", b"import pytest", b"from pytest", b"import unittest", b"from unittest"];
    bytes.split(|&b| b == b'\n').any(|line| STARTS.iter().any(|start| line.trim_ascii_start().starts_with(start)))
}

/// Whether the path lies in a folder of migrations.
pub(super) fn migration(path: &str) -> bool {
    split(path).0.split('/').any(|part| tables::migration_folder(&part.to_ascii_lowercase()))
}

/// Judges by name and extension alone.
pub(super) fn by_type(path: &str) -> Verdict {
    let (folder, name) = split(path);
    let parent = split(folder).1;
    let lower = name.to_ascii_lowercase();
    let extension = extension(path);
    let take = |role, language| Verdict::Take { role, language };
    let skip = |kind, reason: &str| Verdict::Skip { kind, reason: reason.to_owned() };
    if report(path) {
        return take(Role::Report, None);
    }
    if tables::manifest(&lower, parent) {
        return take(Role::Manifest, None);
    }
    if tables::settings(&lower) {
        return take(Role::Settings, None);
    }
    if tables::evidence(&lower) {
        return skip(
            SkipKind::UnsupportedFormat,
            "Runtime evidence: it is read with `--evidence auto`, or when it is given beside the project",
        );
    }
    if tables::archive(&lower) {
        return skip(SkipKind::NestedArchive, "An archive in the archive, which is not opened");
    }
    if lower.ends_with(".min.js") || lower.ends_with(".min.mjs") || lower.ends_with(".min.css") {
        return skip(SkipKind::Minified, "The name says that it is minified");
    }
    if matches!(extension.as_str(), "js" | "cjs" | "mjs") && bundled_name(folder, name) {
        return skip(SkipKind::Minified, "The name is that of a bundler's output");
    }
    if let Some(what) = generated_name(&lower) {
        return Verdict::Skip { kind: SkipKind::Generated, reason: format!("The name is that of {what}") };
    }
    if lower.ends_with(".pyi") {
        return take(Role::Stub, Some(Language::Python));
    }
    if lower.ends_with(".d.ts") || lower.ends_with(".d.mts") || lower.ends_with(".d.cts") {
        return skip(SkipKind::Stub, "Type declarations have no code that runs");
    }
    if let Some(language) = language(path) {
        return if language == Language::Sql {
            take(Role::Sql, Some(language))
        } else if crate::languages::frontend(language).is_some() {
            take(Role::Source, Some(language))
        } else {
            Verdict::Unread { reason: format!("{} is not read by this version", language_name(language)) }
        };
    }
    if tables::template(&extension) || extension == "html" && folder.split('/').any(|part| part == "templates") {
        // Other template languages say little about what a row is.
        return if matches!(extension.as_str(), "html" | "djhtml" | "jinja" | "jinja2" | "j2") {
            take(Role::Template, Some(Language::Template))
        } else {
            Verdict::Unread { reason: "Templates of this kind are not read by this version".to_owned() }
        };
    }
    if let Some(language) = tables::unread_source(&extension) {
        return Verdict::Unread { reason: format!("{language} is not read by this version") };
    }
    if let Some(what) = tables::asset(&extension) {
        return skip(SkipKind::Asset, what);
    }
    if doc(folder, &extension) {
        return take(Role::Doc, None);
    }
    skip(SkipKind::NotCode, "No check reads this kind of file")
}

/// Name of a language in texts.
pub(super) const fn language_name(language: Language) -> &'static str {
    match language {
        Language::Python => "Python",
        Language::JavaScript => "JavaScript/TypeScript",
        Language::Go => "Go",
        Language::Java => "Java",
        Language::Sql => "SQL",
        Language::Template => "Template",
    }
}

fn report(path: &str) -> bool {
    let Some((_, rest)) = path.rsplit_once("docs/project/") else { return false };
    rest == "persistence_audit.md"
        || rest == "performance_report.md"
        || rest == ".audit/results_log.md"
        || rest.starts_with(".audit/ln-650/")
}

fn doc(folder: &str, extension: &str) -> bool {
    let in_docs = || {
        folder.split('/').any(|part| {
            matches!(
                part.to_ascii_lowercase().as_str(),
                "docs" | "doc" | "adr" | "adrs" | "decisions" | "architecture" | "documentation" | "rfcs"
            )
        })
    };
    matches!(extension, "md" | "markdown") && (folder.is_empty() || in_docs())
}

/// `index-CVhb7u6D.js`, `376.dda5119a.chunk.js`: a hash of the contents in the name.
fn bundled_name(folder: &str, name: &str) -> bool {
    const FOLDERS: &[&str] = &["assets", "build", "chunks", "dist", "js", "out", "public", "static"];
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let stem = [".chunk", ".bundle", ".worker"].iter().find_map(|end| stem.strip_suffix(end)).unwrap_or(stem);
    let hex = |part: &str| {
        part.len() >= 8 && part.bytes().all(|b| b.is_ascii_hexdigit()) && part.bytes().any(|b| b.is_ascii_digit())
    };
    let mixed = |part: &str| {
        // A capital at the start is how names of components are written.
        let has = |test: fn(&u8) -> bool| part.as_bytes().iter().skip(1).any(test);
        has(u8::is_ascii_digit) || has(u8::is_ascii_uppercase)
    };
    // Vite's hashes have eight characters, and may have `-` and `_` among them.
    let vite = stem.len().checked_sub(8).and_then(|at| Some((stem.get(..at)?, stem.get(at..)?)));
    let hashed = stem.rsplit('.').next().is_some_and(hex)
        || vite.is_some_and(|(start, hash)| start.ends_with(['-', '.']) && mixed(hash));
    let within = |names: &[&str]| folder.split('/').any(|part| names.contains(&part));
    within(&["_next"]) || hashed && within(FOLDERS)
}

/// Language of a path: by extension, or `x.sql.postgres`.
pub(super) fn language(path: &str) -> Option<Language> {
    let (_, name) = split(path);
    let stem = name.rsplit_once('.').map_or("", |(stem, _)| stem);
    let dialect = ["postgres", "postgresql", "sqlite", "sqlite3", "mysql", "mariadb", "oracle"];
    if stem.to_ascii_lowercase().ends_with(".sql") && dialect.contains(&extension(path).as_str()) {
        return Some(Language::Sql);
    }
    tables::language(&extension(path))
}

fn generated_name(lower: &str) -> Option<&'static str> {
    const ENDS: &[(&str, &str)] = &[
        ("_pb2.py", "protocol buffer output"),
        ("_pb2_grpc.py", "protocol buffer output"),
        ("_pb.js", "protocol buffer output"),
        (".pb.go", "protocol buffer output"),
        (".pb.gw.go", "protocol buffer output"),
        (".generated.ts", "generated code"),
        (".gen.go", "generated code"),
        ("_generated.go", "generated code"),
    ];
    ENDS.iter().find(|(end, _)| lower.ends_with(end)).map(|(_, what)| *what)
}

/// Judges a file by its contents, once it is read: generated, minified, no text, and, when its
/// name left that open, a test. `None`: audit it.
pub(super) fn content(path: &str, bytes: &[u8], perhaps_test: bool) -> Option<(SkipKind, String)> {
    if bytes.starts_with(b"version https://git-lfs.github.com/") {
        return Some((SkipKind::Asset, "A Git LFS pointer, not the file itself".to_owned()));
    }
    if !crate::source::text::looks_like_text(bytes) {
        return Some((SkipKind::Binary, "Its contents are no text".to_owned()));
    }
    let language = language(path);
    language?;
    if let Some(line) = generated_header(bytes) {
        return Some((SkipKind::Generated, format!("Its header says that it is generated: `{line}`")));
    }
    if matches!(language, Some(Language::JavaScript)) && minified(bytes) {
        return Some((SkipKind::Minified, "Its lines are so long that it must be minified".to_owned()));
    }
    if perhaps_test && has_tests(bytes) {
        return Some((SkipKind::Test, "The name is a test's, and it holds tests".to_owned()));
    }
    None
}

/// The comment line near the top that says so.
fn generated_header(bytes: &[u8]) -> Option<String> {
    const MARKS: &[&str] = &["@generated", "do not edit", "do not modify", "code generated by", "autogenerated by"];
    let head = String::from_utf8_lossy(bytes.get(..bytes.len().min(2048)).unwrap_or_default());
    let mut code_lines = 0;
    for line in head.lines().take(25) {
        let trimmed = line.trim_start_matches('\u{feff}').trim();
        let comment =
            ["#", "//", "/*", "*", "--", "\"\"\"", "'''", "<!--"].iter().find_map(|m| trimmed.strip_prefix(m));
        let Some(comment) = comment else {
            code_lines += usize::from(!trimmed.is_empty());
            if code_lines > 3 {
                return None;
            }
            continue;
        };
        let lower = comment.trim_matches(|c: char| "#/*-!\"' ".contains(c)).to_ascii_lowercase();
        // Django and Alembic begin every migration so, and people edit those.
        let migration = lower.contains("django") || lower.contains("alembic");
        let starts = lower.starts_with("generated by ") || lower.starts_with("this file is generated");
        let automatic = lower.contains("automatically generated by") || lower.contains("auto-generated by");
        let marked = MARKS.iter().any(|mark| lower.contains(mark));
        if !migration && (marked || automatic || starts) {
            return Some(trimmed.chars().take(80).collect());
        }
    }
    None
}

/// More than half of it stands on lines above 1,000 bytes.
fn minified(bytes: &[u8]) -> bool {
    let long: usize = bytes.split(|&b| b == b'\n').map(<[u8]>::len).filter(|&len| len > 1000).sum();
    bytes.len() > 4096 && long * 2 > bytes.len()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn kind(path: &str) -> String {
        match by_type(path) {
            Verdict::Take { role, .. } => format!("{role:?}"),
            Verdict::Skip { kind, .. } => kind.id().to_owned(),
            Verdict::Unread { .. } => "unread".to_owned(),
        }
    }

    #[test]
    fn settings_for_the_code_of_others_are_not_copied_code() {
        assert_eq!(skipped_folder("app/settings/third_party/rest_framework.py"), None);
        let (folder, kind, _) = skipped_folder("app/third_party/settings/six.py").unwrap();
        assert_eq!((folder, kind), ("app/third_party", SkipKind::Vendored));
    }

    #[test]
    fn paths_say_what_a_file_is() {
        let cases = [
            ("app/models.py", "Source"),
            ("app/migrations/0001_initial.py", "Source"),
            ("db/schema.SQL", "Sql"),
            ("setup.py", "Manifest"),
            ("manage.py", "Source"),
            ("requirements/base.txt", "Manifest"),
            ("requirements-dev.txt", "Manifest"),
            ("poetry.lock", "Manifest"),
            ("Dockerfile", "Manifest"),
            ("deploy/docker-compose.prod.yml", "Manifest"),
            ("mlflow-3.0.dist-info/METADATA", "Manifest"),
            ("mlflow-3.0.dist-info/RECORD", "not_code"),
            ("package.json", "Manifest"),
            ("alembic.ini", "Settings"),
            (".env.example", "Settings"),
            ("config/settings.yaml", "Settings"),
            (".drydock.toml", "Settings"),
            ("README.md", "Doc"),
            ("docs/adr/001.md", "Doc"),
            ("app/prompts/x.md", "not_code"),
            ("docs/project/persistence_audit.md", "Report"),
            ("docs/project/.audit/results_log.md", "Report"),
            ("lib/inner.zip", "nested_archive"),
            ("static/jquery.min.js", "minified"),
            ("proto/user_pb2.py", "generated"),
            ("stubs/x.pyi", "Stub"),
            ("delta/01.sql.postgres", "Sql"),
            ("data/app.sqlite", "asset"),
            ("ui/dist/assets/index-CVhb7u6D.js", "minified"),
            ("ui/dist/assets/FailedLogs-CMHvzIx3.js", "minified"),
            ("ui/dist/assets/index-CU-xUjeP.js", "minified"),
            ("js/build/static/js/1376.dda5119a.chunk.js", "minified"),
            ("js/date-picker-controls.js", "unread"),
            ("src/js/orders-overview.js", "unread"),
            ("app/sql.py", "Source"),
            ("app/try.ipynb", "Source"),
            ("web/types.d.ts", "stub"),
            ("src/main.rs", "unread"),
            ("templates/list.html", "Template"),
            ("logo.png", "asset"),
            ("LICENSE", "not_code"),
            ("run.cpuprofile", "unsupported_format"),
        ];
        for (path, expected) in cases {
            assert_eq!(kind(path), expected, "{path}");
        }
    }

    #[test]
    fn tests_are_known_by_folder_and_name() {
        for path in ["tests/a.py", "app/tests.py", "conftest.py", "w/x.spec.ts"] {
            assert!(test(path).is_some(), "{path}");
        }
        for path in ["a/test_x.py", "a/x_test.py"] {
            assert!(test(path).is_none() && perhaps_test(path), "{path}");
        }
        let kind = |text: &[u8]| content("a/connection_test.py", text, true).map(|(kind, _)| kind.id());
        assert_eq!(kind(b"import os\nimport pytest\n"), Some("test"));
        assert_eq!(kind(b"class A:\n    async def test_b(self):\n"), Some("test"));
        assert_eq!(kind(b"class ConnectionTest(Base):\n    pass\n"), None);
        for path in ["app/contest.py", "app/testing/client.py", "latest.py", "attest_x.py", "w/spec.ts"] {
            assert!(test(path).is_none(), "{path}");
        }
    }

    #[test]
    fn contents_say_generated_minified_or_binary() {
        let content = |path: &str, text: &[u8]| content(path, text, false).map(|(kind, _)| kind.id());
        assert_eq!(content("a.py", b"# Generated by Django 4.2 on 2024-01-01\nimport x\n"), None);
        assert_eq!(content("a.py", b"# Generated by the protocol buffer compiler.  DO NOT EDIT!\n"), Some("generated"));
        assert_eq!(content("a.py", b"\"\"\"\n# @generated by x\n\"\"\"\n"), Some("generated"));
        assert_eq!(content("a.py", b"x = 1\ny = 2\nz = 3\nw = 4\n# do not edit above\n"), None);
        assert_eq!(content("a.py", b"x = 'do not edit'\n"), None);
        assert_eq!(content("a.py", b"x = \0\n"), Some("binary"));
        assert_eq!(content("a.js", "a;".repeat(5000).as_bytes()), Some("minified"));
        assert_eq!(content("a.py", format!("x = '{}'\n", "a".repeat(9000)).as_bytes()), None);
        assert_eq!(content("a.py", b"version https://git-lfs.github.com/spec/v1\noid"), Some("asset"));
        let utf16: Vec<u8> = "\u{feff}x = 1\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(content("a.py", &utf16), None);
    }

    #[test]
    fn streams_keep_what_may_be_needed() {
        for path in ["a.py", "x/.gitignore", "pyproject.toml", "tests/a.py", "vendor/a.py"] {
            assert!(may_matter(path), "{path}");
        }
        for path in ["node_modules/x/package.json", "logo.png", ".git/config", "a.zip"] {
            assert!(!may_matter(path), "{path}");
        }
    }
}
