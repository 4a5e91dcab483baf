//! What a worker knows between commands, and what each command does with it. The steps themselves
//! are `drydock_core::facade`.

use super::input::{Given, Input};
use super::notes::safe_html;
use super::tokens::tokens;
use super::warm::warm_up;
use crate::platform::blob::{blob_of, read_whole};
use crate::platform::message::{Envelope, buffer_of, bytes_of};
use crate::platform::scope;
use crate::protocol::{
    Answer, CheckDot, Command, Dismissal, DotState, ExportFormat, ExportedFile, Failure, FindingPreview, InputKind,
    LookedUp, Reply, ShardPart, SourceFile,
};
use crate::worker::progress::Progress;
use crate::worker::{self, Answered, failure, from_json, internal, to_json, with_buffer};
use drydock_core::analysis::Project;
use drydock_core::audit::baseline;
use drydock_core::audit::dismiss::dismiss;
use drydock_core::checks::CATALOGUE;
use drydock_core::discovery::ContextStore;
use drydock_core::facade::code_index::code_index;
use drydock_core::facade::{self, FinishInput, Indexed, Indexer, Lookup};
use drydock_core::intake::settings::{SETTINGS_FILE, SettingsEntry, with_suppressions};
use drydock_core::intake::{PlannedFile, ReadError, Role, SkipKind};
use drydock_core::knowledge::text as note_text;
use drydock_core::model::Problem;
use drydock_core::order::InOrder as _;
use drydock_core::report::model::performance::Measured;
use drydock_core::report::model::{Category, CategoryResult, CheckStatus, Report, SkippedFile, Verdict};
use drydock_core::report::read::{NotRead, read};
use drydock_core::report::share::{Shareable, context_json};
use drydock_core::report::writers;
use drydock_core::source::text;
use js_sys::ArrayBuffer;
use std::collections::BTreeMap;
use wasm_bindgen::JsValue;

/// What a worker knows.
#[derive(Debug, Default)]
pub struct Session {
    pub(super) given: Option<Given>,
    input: Option<Input>,
    /// Code of the shards by number, until it is linked.
    codes: BTreeMap<u32, Indexed>,
    /// The shards without their code, likewise.
    rests: BTreeMap<u32, Indexed>,
    context: Option<Context>,
    project: Option<Project>,
    /// What its settings ask of measurements.
    targets: BTreeMap<String, String>,
    /// As audited or read.
    report: Option<Report>,
    /// What the reader made of it.
    revised: Option<Report>,
    dismissed: Vec<SettingsEntry>,
    /// The project's words, once something was looked up.
    pub(super) lookup: Option<Lookup>,
}

/// Context and what could not be read of it, as it travels.
#[derive(Clone, Debug, Default, serde::Serialize, serde::Deserialize)]
struct Context {
    store: ContextStore,
    problems: Vec<Problem>,
}

impl worker::Session for Session {
    fn run(&mut self, command: Command, handles: Vec<JsValue>, buffers: &[ArrayBuffer]) -> Answered {
        match command {
            Command::GiveInput { project, input, shards } => {
                let pack = match (&input, buffers) {
                    (InputKind::Pack, [directory, bytes]) => Some((bytes_of(directory), bytes_of(bytes))),
                    _ => None,
                };
                self.given = Some(Given { project, kind: input, shards: shards as usize, handles, pack });
                self.input = None;
                self.lookup = None;
                Ok(None)
            }
            Command::GiveShards { numbers, part } => {
                for (number, handle) in numbers.into_iter().zip(&handles) {
                    let bytes = read_whole(handle).map_err(|error| internal(error.to_string()))?;
                    let share = Indexed::decode(&bytes).map_err(|error| internal(error.to_string()))?;
                    match part {
                        ShardPart::Code => self.codes.insert(number, share),
                        ShardPart::Rest => self.rests.insert(number, share),
                    };
                }
                Ok(None)
            }
            Command::GiveContext => {
                self.context = Some(from_json(buffers.first())?);
                Ok(None)
            }
            Command::GiveReport => {
                let mut report: Report = from_json(buffers.first())?;
                if buffers.len() > 1 {
                    report.performance = from_json(buffers.get(1))?;
                }
                self.report = Some(report);
                self.revised = None;
                Ok(None)
            }
            Command::Deal => self.deal(),
            Command::Index { shard, skip } => self.index(shard, &skip),
            Command::Discover { date } => self.discover(&date),
            Command::Prepare => {
                self.project();
                Ok(Some(Envelope::bare(Answer::Prepared)))
            }
            Command::Audit { category } => self.audit(category),
            Command::WarmUp => {
                handles.first().map_or(Ok(()), warm_up)?;
                Ok(Some(Envelope::bare(Answer::Prepared)))
            }
            Command::Describe => {
                let mut code = code_index(self.project());
                code.targets.clone_from(&self.targets);
                Ok(Some(with_buffer(Answer::Described, to_json(&code)?)))
            }
            Command::Aggregate { failed, unread, date, notices, measured } => {
                let (first, rest) = buffers.split_at(usize::from(measured && !buffers.is_empty()));
                let measured = first.first().map(|buffer| from_json(Some(buffer))).transpose()?;
                let results = rest.iter().map(|buffer| from_json(Some(buffer))).collect::<Result<_, _>>()?;
                self.aggregate(Parts { results, failed, unread, date, notices, measured })
            }
            Command::ReportNothing { date } => {
                let report = facade::report_of_nothing("Evidence", &date);
                Ok(Some(with_buffer(Answer::Reported, to_json(&report)?)))
            }
            Command::LookUp { query, corpus } => {
                let found = self.look_up(&query, corpus);
                Ok(Some(Envelope::bare(Answer::Found(LookedUp { query, corpus, found }))))
            }
            Command::Note(technology) => {
                let html = note_text(&technology).map(safe_html).unwrap_or_default();
                Ok(Some(Envelope::bare(Answer::Note(technology, html))))
            }
            Command::Source { path } => Ok(Some(Envelope::bare(Answer::Source(self.source(path))))),
            Command::Export { format, purpose, log } => {
                let (files, problem) = match self.export(format, log) {
                    Ok(files) => (files, None),
                    Err(problem) => (Vec::new(), Some(problem)),
                };
                let buffers = files.iter().map(|(_, bytes)| buffer_of(bytes)).collect();
                let paths = files.into_iter().map(|(path, _)| path).collect();
                let value = Answer::Exported(ExportedFile { format, purpose, paths, problem });
                Ok(Some(Envelope { value, handles: Vec::new(), buffers }))
            }
            Command::OpenReport => {
                let handle = handles.first().cloned().unwrap_or_default();
                let bytes = read_whole(&handle).map_err(|error| internal(error.to_string()))?;
                let report = read_report(&bytes)?;
                let bytes = to_json(&report)?;
                self.report = Some(report);
                Ok(Some(with_buffer(Answer::Reported, bytes)))
            }
            Command::Unpack => {
                let given = self.given.as_ref().ok_or_else(|| internal("the worker was given no input"))?;
                let (paths, handles) = given.likely_evidence()?.into_iter().unzip();
                Ok(Some(Envelope { value: Answer::Unpacked(paths), handles, buffers: Vec::new() }))
            }
            Command::Revise { dismissed } => self.revise(dismissed, buffers.first()),
            #[expect(clippy::panic, reason = "this command exists to test what a panic does")]
            Command::Crash => panic!("a test asked the engine to stop"),
            Command::LookInside(_)
            | Command::GiveEvidence(_)
            | Command::Join
            | Command::Complete { .. }
            | Command::WriteLoadTests { .. } => {
                Err(internal("the engine was asked for what only the evidence worker can do"))
            }
        }
    }
}

impl Session {
    pub(super) fn input(&mut self) -> Result<&mut Input, Failure> {
        if self.input.is_none()
            && let Some(given) = self.given.take()
        {
            self.input = Some(given.open()?);
        }
        self.input.as_mut().ok_or_else(|| internal("the worker was given no input"))
    }

    fn deal(&mut self) -> Answered {
        let given = self.given.as_ref().ok_or_else(|| internal("the worker was given no input"))?;
        let (plan, packs) = given.deal()?;
        let buffers = packs.iter().flat_map(|(directory, bytes)| [buffer_of(directory), buffer_of(bytes)]).collect();
        Ok(Some(Envelope { value: Answer::Dealt { plan }, handles: Vec::new(), buffers }))
    }

    fn index(&mut self, shard: u32, skip: &[String]) -> Answered {
        let input = self.input()?;
        let files: Vec<PlannedFile> = input.plan.shard(shard as usize).cloned().collect();
        let mut progress = Progress::begin(files.len(), files.iter().map(|file| file.size).sum());
        let mut indexer = Indexer::default();
        for file in &files {
            progress.start(&file.path, file.size);
            if skip.contains(&file.path) {
                indexer.unreadable(file, "The engine stopped while reading it, or you left it out");
            } else {
                match input.read(file) {
                    Ok(bytes) => indexer.file(file, &bytes),
                    Err(ReadError::Stop(error)) => return Err(failure(&error)),
                    Err(error) => indexer.unreadable(file, &error.to_string()),
                }
            }
            progress.done(file.size);
        }
        progress.tell();
        let plan = input.summary();
        let mut rest = indexer.finish();
        let code = Indexed { shard: rest.shard.take_code(), ..Indexed::default() };
        let (mut handles, mut size) = (Vec::new(), 0);
        for part in [&code, &rest] {
            let bytes = part.encode().map_err(|error| internal(error.to_string()))?;
            size += bytes.len() as u64;
            handles.push(blob_of(&bytes).map_err(|error| internal(error.to_string()))?);
        }
        self.codes.insert(shard, code);
        self.rests.insert(shard, rest);
        let value = Answer::Indexed { plan, bytes: size, memory: scope::memory_bytes() };
        Ok(Some(Envelope { value, handles, buffers: Vec::new() }))
    }

    fn discover(&mut self, date: &str) -> Answered {
        let shares: Vec<&Indexed> = self.rests.values().collect();
        let (store, problems) = facade::discover(&shares, date);
        let context = Context { store, problems };
        let bytes = to_json(&context)?;
        self.context = Some(context);
        Ok(Some(with_buffer(Answer::Discovered, bytes)))
    }

    fn project(&mut self) -> &Project {
        let (codes, targets) = (&mut self.codes, &mut self.targets);
        self.project.get_or_insert_with(|| {
            *targets = facade::targets(codes.values());
            facade::link(std::mem::take(codes).into_values().collect()).0
        })
    }

    fn audit(&mut self, category: Category) -> Answered {
        let context = self.context.take().unwrap_or_default();
        let mut progress = Progress::begin(0, 0);
        let project = self.project();
        let mut result = CategoryResult {
            category,
            findings: Vec::new(),
            dismissed: Vec::new(),
            checks: Vec::new(),
            facts: BTreeMap::new(),
        };
        // One check at a time, so that its dot can move; the result is that of one run.
        for check in CATALOGUE.iter().filter(|check| check.category == category) {
            say_dot(check.id, DotState::Running);
            let part = facade::run_category(project, &context.store, category, &[check.id.to_owned()]);
            say_dot(check.id, dot_state(&part));
            for finding in part.findings.iter().filter(|finding| finding.verdict == Verdict::Counted) {
                progress.work.findings.add(finding.severity);
            }
            progress.tell();
            result.findings.extend(part.findings);
            result.dismissed.extend(part.dismissed);
            result.checks.extend(part.checks);
            result.facts.extend(part.facts);
        }
        result.dismissed.order();
        self.context = Some(context);
        let bytes = to_json(&result)?;
        let findings = previews(&result);
        Ok(Some(with_buffer(Answer::Audited { findings, memory: scope::memory_bytes() }, bytes)))
    }

    fn aggregate(&mut self, parts: Parts) -> Answered {
        self.project();
        let context = self.context.take().unwrap_or_default();
        let (project, settings, mut plan) = {
            let input = self.input()?;
            (input.project.clone(), input.settings.clone(), input.plan.clone())
        };
        for (shard, reason) in &parts.unread {
            let lost = plan.shard(*shard as usize).filter(|file| file.role == Role::Source);
            let files = lost.map(|file| {
                SkipKind::Damaged.file(file.path.clone(), file.size, format!("Its worker was lost: {reason}"))
            });
            let files: Vec<SkippedFile> = files.collect();
            plan.skipped.extend(files);
        }
        let rests = std::mem::take(&mut self.rests);
        let views: Vec<&Indexed> = rests.values().collect();
        let mut reading = facade::reading(&plan, &views, self.project(), &context.problems);
        reading.coverage.notices.extend(parts.notices);
        let report = facade::finish(FinishInput {
            project,
            date: parts.date,
            results: parts.results,
            failed: parts.failed,
            context: context.store,
            reading,
            settings: facade::audit_settings(&settings, &[]),
            measured: parts.measured,
        });
        let bytes = to_json(&report)?;
        Ok(Some(with_buffer(Answer::Reported, bytes)))
    }

    fn source(&mut self, path: String) -> SourceFile {
        match self.read_source(&path) {
            Ok(text) => {
                let text = text.replace("\r\n", "\n");
                SourceFile { tokens: tokens(&path, &text), path, text: Some(text), problem: None }
            }
            Err(problem) => SourceFile { path, problem: Some(problem), ..SourceFile::default() },
        }
    }

    fn read_source(&mut self, path: &str) -> Result<String, String> {
        let bytes = match &self.given {
            Some(given) if given.kind == InputKind::Stream => {
                let mut found = given.find_in_stream(&[path]).map_err(|failure| failure.title)?;
                found.remove(path).ok_or_else(|| format!("{path} is not in the archive."))?
            }
            _ => {
                let input = self.input().map_err(|failure| failure.title)?;
                let file = input.plan.files.iter().find(|file| file.path == path).cloned();
                let file = file.ok_or_else(|| format!("{path} is not among the files that were read."))?;
                input.read(&file).map_err(|error| format!("{error}."))?
            }
        };
        text::decode(&bytes).map(|decoded| decoded.text.into_owned()).map_err(|_| format!("{path} is no text."))
    }

    /// Dismissals first: what they silence is not new either.
    fn revise(&mut self, dismissed: Vec<Dismissal>, earlier: Option<&ArrayBuffer>) -> Answered {
        let mut report = self.report.clone().ok_or_else(|| internal("there is no report"))?;
        self.dismissed = dismissed.into_iter().map(entry).collect();
        if !self.dismissed.is_empty() {
            dismiss(&mut report, &self.dismissed);
        }
        if let Some(earlier) = earlier {
            baseline::compare(&mut report, &from_json(Some(earlier))?);
        }
        let bytes = to_json(&report)?;
        self.revised = Some(report);
        Ok(Some(with_buffer(Answer::Reported, bytes)))
    }

    /// Paths and contents.
    fn export(&mut self, format: ExportFormat, log: Option<String>) -> Result<Vec<(String, Vec<u8>)>, String> {
        let report = self.revised.as_ref().or(self.report.as_ref()).ok_or("There is no report yet.")?;
        let shareable = Shareable::new(report);
        let text = match format {
            ExportFormat::Markdown => writers::markdown(&shareable),
            ExportFormat::Html => writers::html(&shareable),
            ExportFormat::Text => writers::text(&shareable, writers::Style::Plain, None),
            ExportFormat::Json => writers::json(&shareable),
            ExportFormat::Sarif => writers::sarif(&shareable),
            ExportFormat::JsonLines => writers::jsonl(&shareable),
            ExportFormat::Context => context_json(&shareable.context),
            ExportFormat::Worker(category) => writers::worker_markdown(&shareable, category),
            ExportFormat::Settings => {
                let existing = self.project_text(SETTINGS_FILE).unwrap_or_default();
                with_suppressions(&existing, &self.dismissed)
            }
            ExportFormat::ResultsLog | ExportFormat::Bundle | ExportFormat::Files => {
                let log = log.or_else(|| self.project_text(writers::RESULTS_LOG));
                let commit = self.commit();
                if format == ExportFormat::ResultsLog {
                    writers::results_log(log.as_deref(), &shareable, commit.as_deref())
                } else {
                    let files = writers::bundle(&shareable, log.as_deref(), commit.as_deref());
                    if format == ExportFormat::Files {
                        return Ok(files.into_iter().map(|file| (file.path, file.text.into_bytes())).collect());
                    }
                    let files: Vec<(&str, &[u8])> =
                        files.iter().map(|file| (file.path.as_str(), file.text.as_bytes())).collect();
                    return Ok(vec![(format.file_name().to_owned(), writers::zip(&files))]);
                }
            }
        };
        Ok(vec![(format.file_name().to_owned(), text.into_bytes())])
    }

    /// Commit of the project, when its archive names one.
    fn commit(&mut self) -> Option<String> {
        // A stream is read by whoever needs its files; opening it would lose it.
        let stream = self.given.as_ref().is_some_and(|given| given.kind == InputKind::Stream);
        (!stream).then(|| self.input().ok()?.commit.clone()).flatten()
    }

    /// Text of a file of the project, when it is at hand.
    fn project_text(&mut self, path: &str) -> Option<String> {
        let given = self.given.is_some() || self.input.is_some();
        given.then(|| self.read_source(path).ok()).flatten()
    }
}

fn entry(dismissal: Dismissal) -> SettingsEntry {
    let Dismissal { path, check, fingerprint, reason, expires } = dismissal;
    let findings = if fingerprint.is_empty() { Vec::new() } else { vec![fingerprint] };
    SettingsEntry { paths: vec![path], checks: vec![check], findings, reason, expires }
}

/// Reads a saved report, JSON or page.
fn read_report(bytes: &[u8]) -> Result<Report, Failure> {
    let failed = |title: &str, why: String, action: &str, details: String| Failure {
        title: title.to_owned(),
        why,
        action: action.to_owned(),
        details,
    };
    const AGAIN: &str = "Drop the report.json or report.html that Drydock saved, or the project itself.";
    read(bytes).map_err(|problem| match problem {
        NotRead::Newer { made_by } => failed(
            "This report was made by a newer Drydock",
            format!("Made by {made_by}, this is {}.", env!("CARGO_PKG_VERSION")),
            "Open the current app and drop the report there.",
            String::new(),
        ),
        NotRead::NotAReport(details) => {
            failed("This file is not a Drydock report", "It holds no report of ours.".to_owned(), AGAIN, details)
        }
        NotRead::Damaged(details) => failed(
            "This Drydock report is damaged",
            "It was cut short or changed after it was saved.".to_owned(),
            AGAIN,
            details,
        ),
    })
}

/// What a report is made of.
struct Parts {
    results: Vec<CategoryResult>,
    failed: Vec<(Category, String)>,
    unread: Vec<(u32, String)>,
    date: String,
    notices: Vec<String>,
    measured: Option<Measured>,
}

fn say_dot(check: &str, state: DotState) {
    scope::say(Reply::Check(CheckDot { check: check.to_owned(), state }));
}

fn dot_state(part: &CategoryResult) -> DotState {
    match part.checks.first().map(|check| check.status) {
        Some(CheckStatus::Failed | CheckStatus::Warning) => DotState::Found,
        Some(CheckStatus::Passed) => DotState::Passed,
        Some(CheckStatus::Skipped) | None => DotState::Skipped,
    }
}

fn previews(result: &CategoryResult) -> Vec<FindingPreview> {
    let counted = result.findings.iter().filter(|finding| finding.verdict == Verdict::Counted);
    let preview = counted.map(|finding| FindingPreview {
        check: finding.check.clone(),
        category: finding.category,
        severity: finding.severity,
        title: finding.title.clone(),
        path: finding.path.clone(),
        line: finding.line,
    });
    preview.collect()
}
