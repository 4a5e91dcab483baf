//! `.drydock.toml`: the project's own settings, read into plain data. Unknown keys and wrong values
//! become notices, so that nothing in the file is lost without a word. Whether a suppression has a
//! reason, names real checks and has not expired is for `audit` to say.
//!
//! Everything is optional. `ignore`, `include` and `folders` have `.gitignore` syntax; `paths` are
//! globs from the project's root, where `**` spans folders and a folder covers what is below it.
//!
//! ```toml
//! [files]
//! ignore = ["legacy/", "*_old.py"]        # not audited, beside .gitignore and the built-in rules
//! include = ["tests/helpers/"]            # audited although a rule would skip them
//! tests = false                           # true: audit test code too
//!
//! [checks]
//! off = ["over_fetching"]                 # shown as switched off
//! severity = { missing_cleanup = "LOW" }  # shown as re-graded
//!
//! [context.jobs]                          # likewise [context.scripts] and [context.admin]
//! folders = ["app/nightly/"]
//! decorators = ["app.queue.task"]
//!
//! [wrappers]                              # dotted names of the project's own functions and classes
//! executor = ["app.threads.run"]          # runs a callable in a thread
//! data_loader = ["app.loaders.Loader"]    # batches look-ups
//! bulk = ["app.db.insert_many"]           # writes many rows in one statement
//! closer = ["app.db.dispose"]             # closes what it is given
//!
//! [targets]                               # for measured evidence; after slo.toml, before all other files
//! "GET /orders" = { p95_ms = 200 }        # also mean_ms, max_ms, rps, errors_percent, queries (a request)
//! "db.query.mean" = "<50ms"               # or a metric of slo.toml, for all or after `scope.`
//!
//! [[suppress]]                            # suppressed findings stay listed and counted
//! paths = ["app/legacy/"]
//! checks = ["query_in_loop"]              # absent: every check
//! findings = ["0f3a…"]                    # fingerprints; absent: every finding of these paths and checks
//! reason = "accepted: replaced in May"    # mandatory
//! expires = 2026-12-31
//! ```

use super::rules::PathPatterns;
use crate::report::model::Severity;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use toml::{Table, Value};

pub use crate::source::SETTINGS_FILE;

/// The settings of a project. The default is what holds without a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// Extra ignore patterns, for [`PathPatterns`].
    pub ignore: Vec<String>,
    /// Patterns of files that are audited although a rule would skip them.
    pub include: Vec<String>,
    /// Whether tests are audited.
    pub tests: bool,
    /// Checks that are switched off, as written.
    pub checks_off: BTreeSet<String>,
    /// Checks with another severity, as written.
    pub severity: BTreeMap<String, Severity>,
    /// Where jobs are.
    pub jobs: ContextRule,
    /// Where scripts are.
    pub scripts: ContextRule,
    /// Where admin-only code is.
    pub admin: ContextRule,
    /// The project's own wrappers.
    pub wrappers: Wrappers,
    /// Targets: `GET /orders.p95_ms` -> value as written.
    pub targets: BTreeMap<String, String>,
    /// Suppressions, in file order.
    pub suppressions: Vec<SettingsEntry>,
    /// Remarks on the file, each one sentence.
    pub notices: Vec<String>,
}

/// Code that runs in a certain context.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContextRule {
    /// Where its files are, for [`PathPatterns`].
    pub folders: Vec<String>,
    /// Dotted names of decorators that mark it.
    pub decorators: Vec<String>,
}

/// Dotted names of project functions and classes whose effect cannot be seen in their code.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wrappers {
    /// Run a callable in a thread or process.
    pub executor: Vec<String>,
    /// Batch look-ups.
    pub data_loader: Vec<String>,
    /// Write many rows at once.
    pub bulk: Vec<String>,
    /// Close what they are given.
    pub closer: Vec<String>,
}

/// An entry `[[suppress]]`, as written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettingsEntry {
    /// Globs; none means everywhere.
    pub paths: Vec<String>,
    /// Check ids; none means all.
    pub checks: Vec<String>,
    /// Fingerprints; none means all findings of those paths and checks.
    #[serde(default)]
    pub findings: Vec<String>,
    /// Why; may be empty.
    pub reason: String,
    /// Last day on which it holds, `YYYY-MM-DD`.
    pub expires: Option<String>,
}

impl Settings {
    /// Reads the text of a `.drydock.toml`.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let mut settings = Self::default();
        match text.parse::<Table>() {
            Ok(table) => Reader { out: &mut settings }.root(table),
            Err(error) => {
                let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
                let line = before.matches('\n').count() + 1;
                settings.notices.push(format!(
                    "{SETTINGS_FILE} line {line} cannot be read ({}); none of its settings apply.",
                    error.message().lines().next().unwrap_or_default().trim_end_matches('.')
                ));
            }
        }
        settings
    }
}

/// The text of a settings file with `entries` appended; what stands in it stays as it is.
#[must_use]
pub fn with_suppressions(existing: &str, entries: &[SettingsEntry]) -> String {
    let mut out = existing.trim_end().to_owned();
    // A text in JSON is a basic string of TOML.
    let text = |value: &str| serde_json::Value::String(value.to_owned()).to_string();
    for entry in entries {
        if !out.is_empty() {
            out.push_str("\n\n");
        }
        out.push_str("[[suppress]]");
        for (key, values) in [("paths", &entry.paths), ("checks", &entry.checks), ("findings", &entry.findings)] {
            if !values.is_empty() {
                let values: Vec<String> = values.iter().map(|value| text(value)).collect();
                out.push_str(&["\n", key, " = [", &values.join(", "), "]"].concat());
            }
        }
        out.push_str(&["\nreason = ", &text(&entry.reason)].concat());
        if let Some(expires) = &entry.expires {
            out.push_str(&["\nexpires = ", expires].concat());
        }
    }
    out.push('\n');
    out
}

struct Reader<'a> {
    out: &'a mut Settings,
}

impl Reader<'_> {
    fn root(&mut self, table: Table) {
        for (key, value) in table {
            match (key.as_str(), value) {
                ("files", Value::Table(files)) => self.files(files),
                ("checks", Value::Table(checks)) => self.checks(checks),
                ("context", Value::Table(context)) => self.context(context),
                ("wrappers", Value::Table(wrappers)) => self.wrappers(wrappers),
                ("targets", Value::Table(targets)) => flatten("", targets, &mut self.out.targets),
                ("suppress", Value::Array(entries)) => {
                    for (i, entry) in entries.into_iter().enumerate() {
                        self.suppress(i + 1, entry);
                    }
                }
                ("suppress", _) => self.wrong("suppress", "must be written as [[suppress]]"),
                ("files" | "checks" | "context" | "wrappers" | "targets", _) => self.wrong(&key, "must be a table"),
                _ => self.unknown(&key),
            }
        }
    }

    fn files(&mut self, table: Table) {
        for (key, value) in table {
            let name = format!("files.{key}");
            match key.as_str() {
                "ignore" => self.out.ignore = self.patterns(&name, value),
                "include" => self.out.include = self.patterns(&name, value),
                "tests" => match value {
                    Value::Boolean(on) => self.out.tests = on,
                    _ => self.wrong(&name, "must be true or false"),
                },
                _ => self.unknown(&name),
            }
        }
    }

    fn checks(&mut self, table: Table) {
        for (key, value) in table {
            let name = format!("checks.{key}");
            match (key.as_str(), value) {
                ("off", value) => self.out.checks_off = self.texts(&name, value).into_iter().collect(),
                ("severity", Value::Table(grades)) => {
                    for (check, grade) in grades {
                        let word = grade.as_str().unwrap_or_default().to_ascii_uppercase();
                        match Severity::ALL.into_iter().find(|severity| severity.word() == word) {
                            Some(severity) => {
                                self.out.severity.insert(check, severity);
                            }
                            None => self.wrong(&format!("{name}.{check}"), "must be CRITICAL, HIGH, MEDIUM or LOW"),
                        }
                    }
                }
                ("severity", _) => self.wrong(&name, "must be a table"),
                _ => self.unknown(&name),
            }
        }
    }

    fn context(&mut self, table: Table) {
        for (key, value) in table {
            let name = format!("context.{key}");
            if !matches!(key.as_str(), "jobs" | "scripts" | "admin") {
                self.unknown(&name);
                continue;
            }
            let Value::Table(rule) = value else {
                self.wrong(&name, "must be a table");
                continue;
            };
            let mut out = ContextRule::default();
            for (part, value) in rule {
                let place = format!("{name}.{part}");
                match part.as_str() {
                    "folders" => out.folders = self.patterns(&place, value),
                    "decorators" => out.decorators = self.texts(&place, value),
                    _ => self.unknown(&place),
                }
            }
            match key.as_str() {
                "jobs" => self.out.jobs = out,
                "scripts" => self.out.scripts = out,
                _ => self.out.admin = out,
            }
        }
    }

    fn wrappers(&mut self, table: Table) {
        for (key, value) in table {
            let name = format!("wrappers.{key}");
            match key.as_str() {
                "executor" => self.out.wrappers.executor = self.texts(&name, value),
                "data_loader" => self.out.wrappers.data_loader = self.texts(&name, value),
                "bulk" => self.out.wrappers.bulk = self.texts(&name, value),
                "closer" => self.out.wrappers.closer = self.texts(&name, value),
                _ => self.unknown(&name),
            }
        }
    }

    fn suppress(&mut self, number: usize, entry: Value) {
        let place = format!("suppress {number}");
        let Value::Table(table) = entry else { return self.wrong(&place, "must be a table") };
        let mut out = SettingsEntry::default();
        let mut usable = true;
        for (key, value) in table {
            let name = format!("{place}: {key}");
            let before = self.out.notices.len();
            match (key.as_str(), &value) {
                ("paths", _) => out.paths = self.texts(&name, value),
                ("checks", _) => out.checks = self.texts(&name, value),
                ("findings", _) => out.findings = self.texts(&name, value),
                ("reason", Value::String(text)) => text.trim().clone_into(&mut out.reason),
                ("expires", Value::String(text)) if is_date(text) => out.expires = Some(text.clone()),
                ("expires", Value::Datetime(date)) if is_date(&date.to_string()) => {
                    out.expires = Some(date.to_string());
                }
                ("expires", _) => self.wrong(&name, "must be a date like 2026-12-31, so the entry does not apply"),
                ("reason", _) => self.wrong(&name, "must be text"),
                _ => {
                    self.unknown(&name);
                    continue;
                }
            }
            // Without its `paths`, `checks` or `findings` an entry would silence too much.
            usable &= self.out.notices.len() == before;
        }
        if usable {
            self.out.suppressions.push(out);
        }
    }

    fn texts(&mut self, name: &str, value: Value) -> Vec<String> {
        let items = match value {
            Value::String(text) => return vec![text],
            Value::Array(items) => items,
            _ => {
                self.wrong(name, "must be a list of texts");
                return Vec::new();
            }
        };
        let count = items.len();
        let texts: Vec<_> = items
            .into_iter()
            .filter_map(|item| match item {
                Value::String(text) => Some(text),
                _ => None,
            })
            .collect();
        if texts.len() < count {
            self.wrong(name, "must be a list of texts");
        }
        texts
    }

    fn patterns(&mut self, name: &str, value: Value) -> Vec<String> {
        let texts = self.texts(name, value);
        let (_, faults) = PathPatterns::new(&texts);
        self.out.notices.extend(faults.into_iter().map(|fault| format!("{SETTINGS_FILE}: `{name}`: {fault}.")));
        texts
    }

    fn wrong(&mut self, name: &str, must: &str) {
        self.out.notices.push(format!("{SETTINGS_FILE}: `{name}` {must}."));
    }

    fn unknown(&mut self, name: &str) {
        self.out.notices.push(format!("{SETTINGS_FILE}: the setting `{name}` is not known."));
    }
}

fn flatten(prefix: &str, table: Table, out: &mut BTreeMap<String, String>) {
    for (key, value) in table {
        let name = if prefix.is_empty() { key } else { format!("{prefix}.{key}") };
        match value {
            Value::Table(inner) => flatten(&name, inner, out),
            Value::String(text) => {
                out.insert(name, text);
            }
            other => {
                out.insert(name, other.to_string());
            }
        }
    }
}

fn is_date(text: &str) -> bool {
    text.len() == 10
        && text.bytes().enumerate().all(|(i, b)| if matches!(i, 4 | 7) { b == b'-' } else { b.is_ascii_digit() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documented_example_is_read_without_a_notice() {
        let doc = include_str!("settings.rs");
        let example: String = doc
            .lines()
            .skip_while(|line| *line != "//! ```toml")
            .skip(1)
            .take_while(|line| *line != "//! ```")
            .map(|line| format!("{}\n", line.trim_start_matches("//!")))
            .collect();
        let settings = Settings::parse(&example);
        assert_eq!(settings.notices, Vec::<String>::new());
        assert_eq!(settings.ignore, ["legacy/", "*_old.py"]);
        assert_eq!(settings.include, ["tests/helpers/"]);
        assert!(settings.checks_off.contains("over_fetching"));
        assert_eq!(settings.severity.get("missing_cleanup"), Some(&Severity::Low));
        assert_eq!(settings.jobs.folders, ["app/nightly/"]);
        assert_eq!(settings.jobs.decorators, ["app.queue.task"]);
        assert_eq!(settings.wrappers.closer, ["app.db.dispose"]);
        assert_eq!(settings.targets.get("GET /orders.p95_ms").map(String::as_str), Some("200"));
        let entry = SettingsEntry {
            paths: vec!["app/legacy/".to_owned()],
            checks: vec!["query_in_loop".to_owned()],
            findings: vec!["0f3a…".to_owned()],
            reason: "accepted: replaced in May".to_owned(),
            expires: Some("2026-12-31".to_owned()),
        };
        assert_eq!(settings.suppressions, [entry]);
    }

    #[test]
    fn entries_that_are_appended_are_read_again_and_the_rest_of_the_file_stays() {
        let entry = |reason: &str| SettingsEntry {
            paths: vec!["app/\"odd\" [id]\\.py".to_owned()],
            checks: vec!["query_in_loop".to_owned()],
            findings: vec!["00ff".to_owned()],
            reason: reason.to_owned(),
            expires: Some("2026-12-31".to_owned()),
        };
        let entries =
            [entry("two\nlines\tand \u{1}"), SettingsEntry { reason: "all".into(), ..SettingsEntry::default() }];
        assert_eq!(Settings::parse(&with_suppressions("", &entries)).suppressions, entries);
        let old = "# ours\n[files]\ntests = true\n\n[[suppress]]\nreason = \"old\"\n";
        let text = with_suppressions(old, &entries);
        assert!(text.starts_with(old));
        let read = Settings::parse(&text);
        assert_eq!((read.tests, read.suppressions.len(), read.notices.len()), (true, 3, 0));
        assert_eq!(read.suppressions.get(1..), Some(entries.as_slice()));
    }

    #[test]
    fn nothing_is_lost_without_a_word() {
        let cases = [
            ("[file]\nignore = []\n", "the setting `file` is not known."),
            ("[files]\nignored = []\n", "the setting `files.ignored` is not known."),
            ("[files]\ntests = \"yes\"\n", "`files.tests` must be true or false."),
            ("[files]\nignore = [1]\n", "`files.ignore` must be a list of texts."),
            ("[files]\nignore = [\"[z-a]\"]\n", "`files.ignore`: the pattern `[z-a]` is not understood."),
            ("files = 1\n", "`files` must be a table."),
            (
                "[checks.severity]\nquery_in_loop = \"bad\"\n",
                "`checks.severity.query_in_loop` must be CRITICAL, HIGH, MEDIUM or LOW.",
            ),
            ("[context.cron]\n", "the setting `context.cron` is not known."),
            ("[context.jobs]\nfolder = \"a\"\n", "the setting `context.jobs.folder` is not known."),
            ("[wrappers]\npool = []\n", "the setting `wrappers.pool` is not known."),
            (
                "[[suppress]]\nreason = \"x\"\nexpires = \"soon\"\n",
                "`suppress 1: expires` must be a date like 2026-12-31, so the entry does not apply.",
            ),
            ("[[suppress]]\npaths = 1\nreason = \"x\"\n", "`suppress 1: paths` must be a list of texts."),
            ("suppress = 1\n", "`suppress` must be written as [[suppress]]."),
        ];
        for (text, notice) in cases {
            let settings = Settings::parse(text);
            assert_eq!(settings.notices, [format!(".drydock.toml: {notice}")], "{text}");
            assert_eq!(settings.suppressions, []);
        }
        let broken = Settings::parse("[files]\ntests = true\n[files\n");
        assert_eq!(broken.notices.len(), 1);
        let start = ".drydock.toml line 3 cannot be read (";
        assert!(broken.notices.iter().all(|n| n.starts_with(start) && n.ends_with("); none of its settings apply.")));
        let odd = Settings::parse("[[suppress]]\nreason = \"x\"\nkind = \"y\"\n");
        assert_eq!(odd.notices, [".drydock.toml: the setting `suppress 1: kind` is not known."]);
        assert_eq!(odd.suppressions.len(), 1);
    }
}
