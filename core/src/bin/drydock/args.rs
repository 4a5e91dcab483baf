//! The command line's words, read into plain data. Every mistake has its own sentence.

use crate::evidence_args::{LoadTest, Performance, load_test, performance};
use drydock_core::checks::{CATALOGUE, find};
use drydock_core::lookup::Corpus;
use drydock_core::report::model::Severity;
use std::ffi::OsString;
use std::path::PathBuf;

/// What is asked for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Command {
    /// Audit a project.
    Audit(Box<Audit>),
    /// Print what discovery reads of a project.
    Context(Box<Audit>),
    /// Search a project's files.
    Search(Box<Search>),
    /// List the checks.
    Checks,
    /// Explain a check.
    Explain(String),
    /// Write a load test.
    LoadTest(Box<LoadTest>),
    /// Report on runtime evidence.
    Performance(Box<Performance>),
    /// Help or version.
    Print(String),
}

/// Forms of output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Format {
    /// For people.
    #[default]
    Text,
    /// The consolidated report.
    Markdown,
    /// The report as data.
    Json,
    /// One finding a line.
    Jsonl,
    /// For code scanning services.
    Sarif,
    /// One self-contained page.
    Html,
    /// What discovery read, as data.
    Context,
}

/// Options of `drydock search`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Search {
    pub(crate) path: PathBuf,
    pub(crate) query: String,
    pub(crate) project: Option<String>,
    pub(crate) corpus: Option<Corpus>,
    pub(crate) limit: usize,
    pub(crate) json: bool,
}

/// Options of `drydock audit`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Audit {
    pub(crate) path: PathBuf,
    pub(crate) format: Format,
    pub(crate) output: Option<PathBuf>,
    pub(crate) project: Option<String>,
    pub(crate) write: Option<PathBuf>,
    pub(crate) baseline: Option<PathBuf>,
    pub(crate) changed: Option<PathBuf>,
    pub(crate) fail_under: Option<u32>,
    pub(crate) fail_on: Option<Severity>,
    pub(crate) only: Vec<String>,
    pub(crate) jobs: Option<u32>,
    pub(crate) date: Option<String>,
    pub(crate) evidence: Vec<PathBuf>,
}

const HELP: &str = "\
Drydock audits how a project talks to its database and how it behaves at run time.

usage: drydock audit PATH [OPTIONS]     audit a zip, tar.gz or folder
       drydock context PATH [OPTIONS]   print what is known of the project's stack, with file and line, as JSON
       drydock search PATH WORDS        search the project's code and documents
       drydock loadtest PATH --tool k6  write a load test for the project's routes
       drydock performance FILE...      report on what profilers, databases and load tests wrote
       drydock checks                   list the checks
       drydock explain CHECK            explain a check, with examples
       drydock --help | --version

exit codes: 0 done, 1 a gate failed, 2 bad usage or unreadable input, 3 incomplete
";

const AUDIT_HELP: &str = "\
usage: drydock audit PATH [OPTIONS]

PATH is a zip (also a wheel), a tar.gz or a folder.

  --format FORMAT       text (default), markdown, json, jsonl, sarif or html
  -o, --output FILE     write there instead of to standard output
  --project SUBFOLDER   audit only this folder of PATH
  --write DIR           write the whole bundle below DIR: the consolidated report, the four worker reports, report.json,
                        report.sarif, report.html and a row of the results log
  --baseline FILE       compare with an earlier report.json (or report.html): new, known, moved, fixed
  --evidence FILE       what a profiler, database, load generator or browser wrote (a file, folder or zip): findings
                        that it touches rise, sink or are refuted, with both severities shown. May be given again;
                        `auto` reads what lies in the project itself, outside its tests and packages
  --slo FILE            targets for the evidence
  --changed FILE-LIST   analyse everything, report only findings that touch these files: one path a line, `-` for
                        standard input
  --fail-under SCORE    exit 1 when the overall score is below SCORE (0 to 10, one decimal)
  --fail-on SEVERITY    exit 1 on a counted finding of this severity or worse: critical, high, medium or low;
                        with --baseline only on new ones
  --only CHECK,...      run only these checks (`drydock checks` lists them)
  --jobs N              worker threads (default: one per core); the report does not depend on it
  --date YYYY-MM-DD     date of the report (default: today, UTC)
  -h, --help            this text

Settings of the project, suppressions included, are read from its .drydock.toml.
exit codes: 0 done, 1 a gate failed, 2 bad usage or unreadable input, 3 incomplete
";

const SEARCH_HELP: &str = "\
usage: drydock search PATH WORDS [OPTIONS]

Searches the files that an audit reads, best first. Words are found inside of identifiers, too: `total` finds
load_totals and orderTotal.

  --corpus CORPUS       code, or governance (documents: decisions, plans, service levels); default: both
  --limit N             files to show (default 10, at most 100)
  --project SUBFOLDER   search only this folder of PATH
  --format FORMAT       text (default) or json
  -h, --help            this text
";

/// Reads the words after the program's name.
pub(crate) fn parse(words: impl IntoIterator<Item = OsString>) -> Result<Command, String> {
    let mut words = words.into_iter();
    let Some(first) = words.next() else {
        return Err(format!("say what to do: {COMMANDS}; `drydock --help` says more"));
    };
    match first.to_string_lossy().as_ref() {
        "audit" => audit(words).map(|read| read.map_or_else(print_audit_help, Command::Audit)),
        "context" => audit(words).map(|read| {
            read.map_or_else(print_audit_help, |mut options| {
                options.format = Format::Context;
                Command::Context(options)
            })
        }),
        "search" => search(words),
        "loadtest" => load_test(words),
        "performance" => performance(words),
        "checks" => match words.next() {
            None => Ok(Command::Checks),
            Some(word) if is_help(&word) => Ok(Command::Print(HELP.to_owned())),
            Some(word) => Err(format!("`drydock checks` takes nothing, not `{}`", word.to_string_lossy())),
        },
        "explain" => explain(words),
        "-h" | "--help" | "help" => Ok(Command::Print(HELP.to_owned())),
        "-V" | "--version" => Ok(Command::Print(format!("drydock {}\n", env!("CARGO_PKG_VERSION")))),
        flag if flag.starts_with('-') => {
            Err(format!("`{flag}` is not an option of `drydock`; `drydock --help` lists what there is"))
        }
        other => Err(format!("`{other}` is not a command; there are {COMMANDS}")),
    }
}

const COMMANDS: &str = "audit, context, search, loadtest, performance, checks and explain";

fn print_audit_help() -> Command {
    Command::Print(AUDIT_HELP.to_owned())
}

fn is_help(word: &OsString) -> bool {
    word == "-h" || word == "--help"
}

fn explain(mut words: impl Iterator<Item = OsString>) -> Result<Command, String> {
    let Some(check) = words.next() else {
        return Err("say which check: `drydock explain CHECK`; `drydock checks` lists them".to_owned());
    };
    if is_help(&check) {
        return Ok(Command::Print(HELP.to_owned()));
    }
    if let Some(more) = words.next() {
        return Err(format!("`drydock explain` takes one check, not also `{}`", more.to_string_lossy()));
    }
    let check = check.to_string_lossy().into_owned();
    known_check(&check)?;
    Ok(Command::Explain(check))
}

fn search(words: impl Iterator<Item = OsString>) -> Result<Command, String> {
    const USAGE: &str = "say where and what to search: `drydock search PATH WORDS`";
    let (mut path, mut terms) = (None, Vec::new());
    let (mut project, mut corpus, mut limit, mut json) = (None, None, 10, false);
    let mut reader = Words::new(words);
    while let Some(word) = reader.next() {
        let (flag, inline) = match word {
            Word::Path(word) if path.is_none() => {
                path = Some(PathBuf::from(word));
                continue;
            }
            Word::Path(word) => {
                terms.push(word.to_string_lossy().into_owned());
                continue;
            }
            Word::Flag(flag, inline) => (flag, inline),
        };
        if matches!(flag.as_str(), "-h" | "--help") {
            return Ok(Command::Print(SEARCH_HELP.to_owned()));
        }
        let mut value = |what: &str| value_of(&flag, inline.clone(), &mut reader, what);
        match flag.as_str() {
            "--project" => project = Some(value("a folder of PATH")?),
            "--corpus" => {
                let name = value("code or governance")?;
                corpus = Some(match name.as_str() {
                    "code" => Corpus::Code,
                    "governance" => Corpus::Governance,
                    _ => return Err(format!("`--corpus` cannot be `{name}`: it is code or governance")),
                });
            }
            "--limit" => {
                const WHAT: &str = "a number from 1 to 100";
                let text = value(WHAT)?;
                let number = text.parse().ok().filter(|number| (1..=100).contains(number));
                limit = number.ok_or_else(|| format!("`--limit` cannot be `{text}`: it is {WHAT}"))?;
            }
            "--format" => {
                let name = value("text or json")?;
                json = match name.as_str() {
                    "text" => false,
                    "json" => true,
                    _ => return Err(format!("`--format` cannot be `{name}`: it is text or json")),
                };
            }
            _ => {
                return Err(format!(
                    "`{flag}` is not an option of `drydock search`; `drydock search --help` lists them"
                ));
            }
        }
    }
    let query = terms.join(" ");
    match path {
        Some(path) if !query.trim().is_empty() => {
            Ok(Command::Search(Box::new(Search { path, query, project, corpus, limit, json })))
        }
        _ => Err(USAGE.to_owned()),
    }
}

/// The value of a flag: after its `=`, or the next word.
pub(crate) fn value_of<I: Iterator<Item = OsString>>(
    flag: &str,
    inline: Option<String>,
    reader: &mut Words<I>,
    what: &str,
) -> Result<String, String> {
    let next = inline.or_else(|| reader.words.next().map(|word| word.to_string_lossy().into_owned()));
    next.filter(|value| !value.is_empty()).ok_or_else(|| format!("`{flag}` needs a value: {what}"))
}

/// Options of an audit, or `None` when its help is asked for.
fn audit(words: impl Iterator<Item = OsString>) -> Result<Option<Box<Audit>>, String> {
    let mut options = Audit::default();
    let mut path = None;
    let mut reader = Words::new(words);
    while let Some(word) = reader.next() {
        match word {
            Word::Path(next) => {
                if let Some(first) = path.replace(next) {
                    return Err(format!("give one PATH: {} is given already", PathBuf::from(first).display()));
                }
            }
            Word::Flag(flag, value) => {
                if matches!(flag.as_str(), "-h" | "--help") {
                    return Ok(None);
                }
                option(&mut options, &flag, value, &mut reader)?;
            }
        }
    }
    let Some(path) = path else {
        return Err("say what to audit: `drydock audit PATH` (a zip, tar.gz or folder)".to_owned());
    };
    options.path = PathBuf::from(path);
    Ok(Some(Box::new(options)))
}

/// A word of a command line.
pub(crate) enum Word {
    Path(OsString),
    /// Flag, and the value after `=`.
    Flag(String, Option<String>),
}

/// The words of a command line, told apart.
pub(crate) struct Words<I> {
    words: I,
    only_paths: bool,
}

impl<I: Iterator<Item = OsString>> Words<I> {
    pub(crate) const fn new(words: I) -> Self {
        Self { words, only_paths: false }
    }

    pub(crate) fn next(&mut self) -> Option<Word> {
        loop {
            let word = self.words.next()?;
            let text = word.to_string_lossy();
            if self.only_paths || !text.starts_with('-') || text == "-" {
                return Some(Word::Path(word));
            }
            if text == "--" {
                self.only_paths = true;
                continue;
            }
            let (flag, value) = match text.split_once('=') {
                Some((flag, value)) if flag.starts_with("--") => (flag, Some(value.to_owned())),
                _ => (text.as_ref(), None),
            };
            return Some(Word::Flag(flag.to_owned(), value));
        }
    }
}

fn option<I: Iterator<Item = OsString>>(
    options: &mut Audit,
    flag: &str,
    inline: Option<String>,
    reader: &mut Words<I>,
) -> Result<(), String> {
    let mut value = |what: &str| value_of(flag, inline.clone(), reader, what);
    match flag {
        "--format" => {
            const KNOWN: &str = "text, markdown, json, jsonl, sarif or html";
            let name = value(KNOWN)?;
            options.format = match name.as_str() {
                "text" => Format::Text,
                "markdown" => Format::Markdown,
                "json" => Format::Json,
                "jsonl" => Format::Jsonl,
                "sarif" => Format::Sarif,
                "html" => Format::Html,
                _ => return Err(format!("`--format` cannot be `{name}`: it is {KNOWN}")),
            };
        }
        "-o" | "--output" => options.output = Some(PathBuf::from(value("a file")?)),
        "--project" => options.project = Some(value("a folder of PATH")?),
        "--write" => options.write = Some(PathBuf::from(value("a folder")?)),
        "--baseline" => options.baseline = Some(PathBuf::from(value("a saved report")?)),
        "--changed" => options.changed = Some(PathBuf::from(value("a list of files, or - for standard input")?)),
        "--evidence" | "--slo" => options.evidence.push(PathBuf::from(value("a file, folder or zip of evidence")?)),
        "--fail-under" => {
            const WHAT: &str = "a score from 0 to 10 with at most one decimal";
            let text = value(WHAT)?;
            let score =
                score_tenths(&text).ok_or_else(|| format!("`--fail-under` cannot be `{text}`: it is {WHAT}"))?;
            options.fail_under = Some(score);
        }
        "--fail-on" => {
            const WHAT: &str = "critical, high, medium or low";
            let text = value(WHAT)?;
            let found = Severity::ALL.into_iter().find(|severity| severity.word().eq_ignore_ascii_case(&text));
            options.fail_on = Some(found.ok_or_else(|| format!("`--fail-on` cannot be `{text}`: it is {WHAT}"))?);
        }
        "--only" => {
            for check in value("checks, separated by commas")?.split(',').map(str::trim).filter(|id| !id.is_empty()) {
                known_check(check)?;
                options.only.push(check.to_owned());
            }
        }
        "--jobs" => {
            const WHAT: &str = "a number from 1 to 64";
            let text = value(WHAT)?;
            let jobs = text.parse().ok().filter(|jobs| (1..=64).contains(jobs));
            options.jobs = Some(jobs.ok_or_else(|| format!("`--jobs` cannot be `{text}`: it is {WHAT}"))?);
        }
        "--date" => {
            const WHAT: &str = "a date like 2026-01-31";
            let text = value(WHAT)?;
            if !is_date(&text) {
                return Err(format!("`--date` cannot be `{text}`: it is {WHAT}"));
            }
            options.date = Some(text);
        }
        _ => return Err(format!("`{flag}` is not an option of `drydock audit`; `drydock audit --help` lists them")),
    }
    Ok(())
}

/// An error that names the nearest check, unless `id` is one.
fn known_check(id: &str) -> Result<(), String> {
    if find(id).is_some() {
        return Ok(());
    }
    let near = CATALOGUE.iter().map(|check| (distance(id, check.id), check.id)).min();
    let hint = match near {
        Some((distance, name)) if distance <= 4 => format!("did you mean `{name}`?"),
        _ => "`drydock checks` lists them".to_owned(),
    };
    Err(format!("`{id}` is not a check; {hint}"))
}

/// Edit distance.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut before = i;
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
        let mut left = i + 1;
        for (y, cell) in b.iter().zip(row.iter_mut().skip(1)) {
            let replace = before + usize::from(x != *y);
            before = *cell;
            *cell = replace.min(left + 1).min(before + 1);
            left = *cell;
        }
    }
    row.last().copied().unwrap_or(0)
}

/// `7`, `7.5`, `10.0` -> tenths.
fn score_tenths(text: &str) -> Option<u32> {
    let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
    let digit = |text: &str, most: usize| {
        (!text.is_empty() && text.len() <= most && text.bytes().all(|byte| byte.is_ascii_digit()))
            .then(|| text.parse::<u32>().ok())
            .flatten()
    };
    Some(digit(whole, 2)? * 10 + digit(part, 1)?).filter(|tenths| *tenths <= 100)
}

fn is_date(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let [year, month, day] = parts.as_slice() else { return false };
    let number = |text: &str, length: usize| {
        (text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse::<u32>().ok())?
    };
    let (Some(year), Some(month), Some(day)) = (number(year, 4), number(month, 2), number(day, 2)) else {
        return false;
    };
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 => 28 + u32::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    };
    (1..=days).contains(&day)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;

    fn read(line: &str) -> Result<Command, String> {
        parse(line.split_whitespace().map(OsString::from))
    }

    fn options(line: &str) -> Audit {
        match read(&format!("audit {line}")) {
            Ok(Command::Audit(options)) => *options,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn all_options_in_both_forms() {
        let long = options(
            "app.zip --format jsonl -o out.jsonl --project backend --write docs --fail-under 7.5 --fail-on HIGH \
             --only query_in_loop,missing_cleanup --jobs 2 --date 2024-02-29 --baseline old.json --changed -",
        );
        assert_eq!(long.path, PathBuf::from("app.zip"));
        assert_eq!((long.format, long.fail_under, long.fail_on), (Format::Jsonl, Some(75), Some(Severity::High)));
        assert_eq!((long.jobs, long.date.as_deref()), (Some(2), Some("2024-02-29")));
        assert_eq!(long.only, ["query_in_loop", "missing_cleanup"]);
        let inline = options(
            "--format=jsonl --output=out.jsonl --project=backend --write=docs --fail-under=7.5 --fail-on=high \
             --only=query_in_loop --only=missing_cleanup --jobs=2 --date=2024-02-29 --baseline=old.json --changed=- -- app.zip",
        );
        assert_eq!(inline, long);
        assert_eq!((long.baseline, long.changed), (Some(PathBuf::from("old.json")), Some(PathBuf::from("-"))));
        assert_eq!(options("-- --odd").path, PathBuf::from("--odd"));
        assert_eq!(options("x").format, Format::Text);
    }

    #[test]
    fn every_mistake_has_its_sentence() {
        for (line, expected) in [
            (
                "",
                "say what to do: audit, context, search, loadtest, performance, checks and explain; `drydock --help` \
                 says more",
            ),
            (
                "adit x",
                "`adit` is not a command; there are audit, context, search, loadtest, performance, checks and explain",
            ),
            ("search", "say where and what to search: `drydock search PATH WORDS`"),
            ("search a", "say where and what to search: `drydock search PATH WORDS`"),
            ("search a b --corpus tests", "`--corpus` cannot be `tests`: it is code or governance"),
            ("search a b --limit 0", "`--limit` cannot be `0`: it is a number from 1 to 100"),
            ("search a b --format sarif", "`--format` cannot be `sarif`: it is text or json"),
            (
                "search a b --jobs 2",
                "`--jobs` is not an option of `drydock search`; `drydock search --help` lists them",
            ),
            ("--nope", "`--nope` is not an option of `drydock`; `drydock --help` lists what there is"),
            ("audit", "say what to audit: `drydock audit PATH` (a zip, tar.gz or folder)"),
            ("audit a b", "give one PATH: a is given already"),
            ("audit a --nope", "`--nope` is not an option of `drydock audit`; `drydock audit --help` lists them"),
            ("audit a --nope=1", "`--nope` is not an option of `drydock audit`; `drydock audit --help` lists them"),
            ("audit a -x", "`-x` is not an option of `drydock audit`; `drydock audit --help` lists them"),
            ("audit a --format", "`--format` needs a value: text, markdown, json, jsonl, sarif or html"),
            ("audit a --format=", "`--format` needs a value: text, markdown, json, jsonl, sarif or html"),
            ("audit a --format xml", "`--format` cannot be `xml`: it is text, markdown, json, jsonl, sarif or html"),
            ("audit a --fail-on bad", "`--fail-on` cannot be `bad`: it is critical, high, medium or low"),
            ("audit a --jobs 0", "`--jobs` cannot be `0`: it is a number from 1 to 64"),
            ("audit a --date 2023-02-29", "`--date` cannot be `2023-02-29`: it is a date like 2026-01-31"),
            ("audit a --only query_in_lop", "`query_in_lop` is not a check; did you mean `query_in_loop`?"),
            ("explain", "say which check: `drydock explain CHECK`; `drydock checks` lists them"),
            ("explain xyz", "`xyz` is not a check; `drydock checks` lists them"),
            ("explain query_in_loop b", "`drydock explain` takes one check, not also `b`"),
            ("checks all", "`drydock checks` takes nothing, not `all`"),
        ] {
            assert_eq!(read(line), Err(expected.to_owned()), "{line}");
        }
        for score in ["11", "10.1", "7.55", "-1", "x", "1.", "."] {
            let message = read(&format!("audit a --fail-under={score}")).unwrap_err();
            assert!(message.contains("a score from 0 to 10 with at most one decimal"), "{score}: {message}");
        }
    }

    #[test]
    fn words_of_a_search_are_one_query() {
        let Ok(Command::Search(search)) = read("search app.zip order totals --corpus=governance --limit 5") else {
            panic!()
        };
        assert_eq!((search.query.as_str(), search.corpus), ("order totals", Some(Corpus::Governance)));
        assert_eq!((search.limit, search.json), (5, false));
        assert!(matches!(read("context a -o b.json"), Ok(Command::Context(o)) if o.format == Format::Context));
    }

    #[test]
    fn help_names_every_option() {
        let Ok(Command::Print(help)) = read("audit --help") else { panic!() };
        for flag in [
            "--format",
            "--output",
            "--project",
            "--write",
            "--baseline",
            "--changed",
            "--fail-under",
            "--fail-on",
            "--only",
            "--jobs",
            "--date",
        ] {
            assert!(help.contains(flag), "{flag}");
        }
        assert!(matches!(read("--version"), Ok(Command::Print(text)) if text.starts_with("drydock ")));
    }
}
