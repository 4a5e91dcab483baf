//! The steps of an audit as functions over bytes and plain data: index, discover, link, audit,
//! report. The command line and the page's workers make the same calls in the same order.

use crate::analysis::{Project, Rules, Shard, ShardBuilder, Text};
use crate::audit::aggregate::AuditSettings;
use crate::audit::suppress::{Suppression, parse_comment};
use crate::audit::validate::Document;
use crate::audit::{AggregateInput, aggregate, collect};
use crate::checks::Cx;
use crate::discovery::{
    ContextStore, DiscoveryFile, Trigger, discover as discover_files, libraries_of_import, wanted, wanted_source,
};
use crate::intake::{
    FolderEntry, Limits, PathPatterns, Plan, PlannedFile, Role, Settings, SkipKind, folder_listing, plan,
};
use crate::languages::python::is_notebook;
use crate::languages::{SourceText, frontend};
use crate::libraries::RunContext;
use crate::model::{ImportKind, Problem, ProblemKind, Sym};
use crate::order::InOrder as _;
use crate::report::model::performance::Measured;
use crate::report::model::{AuditedFile, Category, CategoryResult, Coverage, FileProblem, Report, SkippedFile};
use crate::source::text;
use memchr::memchr_iter;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What one worker made of its share of the files.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Indexed {
    /// The lowered code and the texts that later steps read.
    pub shard: Shard,
    /// Files audited.
    pub audited: Vec<AuditedFile>,
    /// Files left out once their contents were seen.
    pub skipped: Vec<SkippedFile>,
}

/// Collects a worker's share file by file.
#[derive(Debug, Default)]
pub struct Indexer {
    builder: ShardBuilder,
    audited: Vec<AuditedFile>,
    skipped: Vec<SkippedFile>,
}

impl Indexer {
    /// Takes one planned file's bytes.
    pub fn file(&mut self, file: &PlannedFile, bytes: &[u8]) {
        if let Some(skipped) = file.reject(bytes) {
            self.skipped.push(skipped);
            return;
        }
        let Ok(decoded) = text::decode(bytes) else {
            let reason = "Its contents are no text";
            self.skipped.push(SkipKind::Binary.file(file.path.clone(), file.size, reason));
            return;
        };
        if let Some(notice) = decoded.notice {
            let kind = ProblemKind::Encoding;
            self.builder.problem(Problem { path: file.path.clone(), line: 0, kind, message: notice });
        }
        let source: &str = &decoded.text;
        let keep = match file.role {
            Role::Source => {
                self.source(file, source);
                wanted(&file.path) || !is_notebook(&file.path) && wanted_source(source)
            }
            Role::Template | Role::Stub => {
                self.source(file, source);
                false
            }
            Role::Report => false,
            _ => true,
        };
        if keep {
            self.builder.text(Text { file: file.id, path: file.path.clone(), text: source.to_owned() });
        }
    }

    fn source(&mut self, file: &PlannedFile, source: &str) {
        let Some(language) = file.language else { return };
        let Some(front) = frontend(language) else { return };
        let mut read = None;
        self.builder.lowered(|names| {
            let lowered = front.lower(SourceText { file: file.id, path: &file.path, text: source }, names);
            read = lowered.module.as_ref().map(|module| module.lines);
            (lowered.module, lowered.problems)
        });
        if read.is_some() && file.role == Role::Stub {
            let reason = "Type declarations are read for their types; they have no code that runs";
            self.skipped.push(SkipKind::Stub.file(file.path.clone(), file.size, reason));
        } else if let Some(lines) = read {
            let count = || memchr_iter(b'\n', source.as_bytes()).count() + usize::from(!source.ends_with('\n'));
            self.audited.push(AuditedFile {
                path: file.path.clone(),
                // Of a notebook, the lines of its code.
                lines: if is_notebook(&file.path) { lines } else { u32::try_from(count()).unwrap_or(u32::MAX) },
                language: format!("{language:?}").to_lowercase(),
            });
        } else {
            let reason = "It could not be read; the problems list says why";
            self.skipped.push(SkipKind::Damaged.file(file.path.clone(), file.size, reason));
        }
    }

    /// A planned file that could not be read.
    pub fn unreadable(&mut self, file: &PlannedFile, reason: &str) {
        self.skipped.push(SkipKind::Damaged.file(file.path.clone(), file.size, reason));
    }

    /// The share.
    #[must_use]
    pub fn finish(self) -> Indexed {
        Indexed { shard: self.builder.finish(), audited: self.audited, skipped: self.skipped }
    }
}

impl Indexed {
    /// Compact bytes for the other workers.
    ///
    /// # Errors
    /// When memory runs out.
    pub fn encode(&self) -> Result<Vec<u8>, postcard::Error> {
        postcard::to_allocvec(self)
    }

    /// Reads [`Indexed::encode`]'s bytes.
    ///
    /// # Errors
    /// When the bytes are not those of this version.
    pub fn decode(bytes: &[u8]) -> Result<Self, postcard::Error> {
        postcard::from_bytes(bytes)
    }
}

/// Reads the project's facts from all shares, in any order.
#[must_use]
pub fn discover(shares: &[&Indexed], date: &str) -> (ContextStore, Vec<Problem>) {
    let files: Vec<DiscoveryFile<'_>> = shares
        .iter()
        .flat_map(|share| &share.shard.texts)
        .map(|text| DiscoveryFile { path: &text.path, text: &text.text })
        .collect();
    discover_files(&files, date)
}

/// What the report says about the reading, gathered while linking.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Reading {
    /// Coverage.
    pub coverage: Coverage,
    /// Suppression comments.
    pub suppressions: Vec<Suppression>,
    /// Decision records and plans.
    pub documents: Vec<Document>,
    /// Triggers of the replayed schema, which the context shows.
    #[serde(default)]
    pub triggers: Vec<Trigger>,
}

/// Links all shares into the project. What remains of the shares without their code is for [`reading`].
#[must_use]
pub fn link(mut shares: Vec<Indexed>) -> (Project, Vec<Indexed>) {
    let code: Vec<Shard> = shares.iter_mut().map(|share| share.shard.take_code()).collect();
    let settings = code.iter().find_map(Shard::settings).map(Settings::parse).unwrap_or_default();
    let rules = rules(&settings, &code);
    // Discovery is over: what it read alone need not lie in memory beside all the facts.
    for share in &mut shares {
        share.shard.texts.retain(is_document);
    }
    (Project::link_with(code, rules), shares)
}

/// What the project's settings ask of measurements. Call it with the shares that [`link`] will be given.
#[must_use]
pub fn targets<'a>(mut shares: impl Iterator<Item = &'a Indexed>) -> BTreeMap<String, String> {
    shares.find_map(|share| share.shard.settings()).map(Settings::parse).unwrap_or_default().targets
}

/// What the settings say of the code in these shards.
fn rules(settings: &Settings, code: &[Shard]) -> Rules {
    let kinds = [
        (&settings.jobs, Some(RunContext::Job)),
        (&settings.scripts, Some(RunContext::Script)),
        (&settings.admin, None),
    ];
    let mut rules = Rules {
        executor: settings.wrappers.executor.clone(),
        data_loader: settings.wrappers.data_loader.clone(),
        bulk: settings.wrappers.bulk.clone(),
        closer: settings.wrappers.closer.clone(),
        ..Rules::default()
    };
    for (rule, context) in kinds {
        rules.decorators.extend(rule.decorators.iter().map(|name| (name.clone(), context)));
        // What is not understood in them was said when the settings were read.
        let folders = PathPatterns::new(&rule.folders).0;
        if folders.is_empty() {
            continue;
        }
        for path in code.iter().flat_map(Shard::paths).filter(|path| folders.matched(path).is_some()) {
            let place = rules.files.entry(path.to_owned()).or_default();
            match context {
                Some(context) => place.0 = place.0.or(Some(context)),
                None => place.1 = true,
            }
        }
    }
    rules
}

/// Whether [`reading`] reads the text.
fn is_document(text: &Text) -> bool {
    [".md", ".adoc", ".rst"].iter().any(|end| text.path.ends_with(end))
}

/// What the shares, with or without their code, say for the report. Call it with the project that was
/// linked from them.
#[must_use]
pub fn reading(plan: &Plan, shares: &[&Indexed], project: &Project, problems: &[Problem]) -> Reading {
    let mut coverage = Coverage {
        root_removed: plan.root_removed.clone(),
        unread_languages: plan.unread_languages.clone(),
        notices: plan.notices.clone(),
        skipped: plan.skipped.clone(),
        ..Coverage::default()
    };
    let mut documents = Vec::new();
    let mut all: Vec<&Problem> = problems.iter().chain(project.schema().problems()).collect();
    for share in shares {
        coverage.files.extend(share.audited.iter().cloned());
        coverage.skipped.extend(share.skipped.iter().cloned());
        all.extend(&share.shard.problems);
        for text in &share.shard.texts {
            if is_document(text) {
                documents.push(Document { path: text.path.clone(), text: text.text.clone() });
            }
        }
    }
    coverage.problems = all
        .into_iter()
        .map(|problem| FileProblem {
            path: problem.path.clone(),
            line: problem.line,
            kind: match problem.kind {
                ProblemKind::Syntax => "syntax",
                ProblemKind::TooDeep => "too_deep",
                ProblemKind::Encoding => "encoding",
                ProblemKind::Manifest => "manifest",
                ProblemKind::Migration => "migration",
            }
            .to_owned(),
            message: problem.message.clone(),
        })
        .collect();
    coverage.files.order();
    coverage.skipped.order();
    coverage.problems.order();
    coverage.problems.dedup();
    coverage.lines = coverage.files.iter().map(|file| u64::from(file.lines)).sum();
    documents.order_by(|a, b| a.path.cmp(&b.path));
    let code = project.code();
    let mut suppressions = Vec::new();
    // The same few modules are imported again and again.
    let mut libraries_of: FxHashMap<Sym, Vec<&'static str>> = FxHashMap::default();
    for module in code.module_ids().filter_map(|m| code.module(m)) {
        if let Ok(file) = coverage.files.binary_search_by(|file| file.path.cmp(&module.path)) {
            let file = u32::try_from(file).unwrap_or(u32::MAX);
            for import in module.imports.iter().filter(|import| !import.typing_only) {
                let (ImportKind::Module { module, .. }
                | ImportKind::Member { module, level: 0, .. }
                | ImportKind::Star { module, level: 0 }) = import.kind
                else {
                    continue;
                };
                let libraries =
                    libraries_of.entry(module).or_insert_with(|| libraries_of_import(project.text(module)).collect());
                for library in libraries {
                    let files = coverage.libraries.entry((*library).to_owned()).or_default();
                    if files.last() != Some(&file) {
                        files.push(file);
                    }
                }
            }
        }
        for comment in &module.comments {
            suppressions.extend(parse_comment(
                &module.path,
                comment.line,
                comment.own_line,
                project.text(comment.text),
            ));
        }
    }
    Reading { coverage, suppressions, documents, triggers: triggers(project) }
}

/// The replayed schema's triggers as the context shows them.
fn triggers(project: &Project) -> Vec<Trigger> {
    let mut found: Vec<Trigger> = project
        .schema()
        .triggers()
        .iter()
        .map(|trigger| Trigger {
            table: trigger.table.clone(),
            event: trigger.event.clone(),
            function: trigger.function.clone(),
            channel: trigger.channel.clone(),
            file: trigger.at.path.clone(),
            line: trigger.at.line,
        })
        .collect();
    found.order();
    found.dedup();
    found
}

/// Runs the checks of one category.
#[must_use]
pub fn run_category(project: &Project, context: &ContextStore, category: Category, only: &[String]) -> CategoryResult {
    collect::run_category(Cx { project, context }, category, only)
}

/// What the project's settings file asks of the report.
#[must_use]
pub fn audit_settings(settings: &Settings, only: &[String]) -> AuditSettings {
    AuditSettings::new(settings, only)
}

/// Everything that [`finish`] needs.
#[derive(Clone, Debug, Default)]
pub struct FinishInput {
    /// Name of the project.
    pub project: String,
    /// `YYYY-MM-DD`.
    pub date: String,
    /// Results of the workers.
    pub results: Vec<CategoryResult>,
    /// Categories without one, with the reason.
    pub failed: Vec<(Category, String)>,
    /// Discovered context.
    pub context: ContextStore,
    /// What was read.
    pub reading: Reading,
    /// Settings of the report.
    pub settings: AuditSettings,
    /// What was measured, joined to the code.
    pub measured: Option<Measured>,
}

/// Aggregates the workers' results into the report.
#[must_use]
pub fn finish(input: FinishInput) -> Report {
    let FinishInput { project, date, results, failed, mut context, reading, settings, measured } = input;
    let Reading { coverage, suppressions, documents, triggers } = reading;
    context.db_config.triggers = triggers;
    aggregate(AggregateInput {
        project,
        date,
        results,
        failed,
        context,
        coverage,
        suppressions,
        settings,
        documents,
        notices: Vec::new(),
        measured,
    })
}

/// A report of no code: every category has nothing to judge.
#[must_use]
pub fn report_of_nothing(project: &str, date: &str) -> Report {
    let nothing = |category| CategoryResult {
        category,
        findings: Vec::new(),
        dismissed: Vec::new(),
        checks: Vec::new(),
        facts: BTreeMap::new(),
    };
    finish(FinishInput {
        project: project.to_owned(),
        date: date.to_owned(),
        results: Category::ALL.into_iter().map(nothing).collect(),
        ..FinishInput::default()
    })
}

/// Audits files in memory, as if they were a folder: `(path, text)`. For tests and embedders.
#[must_use]
pub fn audit_sources(files: &[(&str, &str)]) -> Report {
    audit_sources_with(files, 1, "2026-01-01")
}

/// Likewise, with the number of shards and the date.
#[must_use]
pub fn audit_sources_with(files: &[(&str, &str)], shards: usize, date: &str) -> Report {
    let entries: Vec<FolderEntry> =
        files.iter().map(|(path, text)| FolderEntry { path: (*path).to_owned(), size: text.len() as u64 }).collect();
    let by_path: BTreeMap<usize, &str> = files.iter().enumerate().map(|(i, (_, text))| (i, *text)).collect();
    let Ok(listing) = folder_listing(&entries, &Limits::default()) else {
        return finish(FinishInput { date: date.to_owned(), ..FinishInput::default() });
    };
    let settings = files
        .iter()
        .find(|(path, _)| *path == crate::source::SETTINGS_FILE)
        .map(|(_, text)| Settings::parse(text))
        .unwrap_or_default();
    let plan = plan(&listing, &[], &settings, shards);
    let shares: Vec<Indexed> = (0..shards.max(1))
        .map(|n| {
            let mut indexer = Indexer::default();
            for file in plan.shard(n) {
                match by_path.get(&file.entry) {
                    Some(text) => indexer.file(file, text.as_bytes()),
                    None => indexer.unreadable(file, "Its contents are missing"),
                }
            }
            indexer.finish()
        })
        .collect();
    let views: Vec<&Indexed> = shares.iter().collect();
    let (context, problems) = discover(&views, date);
    let (project, remains) = link(shares);
    let views: Vec<&Indexed> = remains.iter().collect();
    let reading = reading(&plan, &views, &project, &problems);
    let results = Category::ALL.iter().map(|c| run_category(&project, &context, *c, &[])).collect();
    finish(FinishInput {
        project: "sources".to_owned(),
        date: date.to_owned(),
        results,
        failed: Vec::new(),
        context,
        reading,
        settings: audit_settings(&settings, &[]),
        measured: None,
    })
}
