//! What the page and its engine workers say to each other, and what the pool tells the views.
//!
//! Two vocabularies live here: [`Request`]/[`Reply`] cross the worker boundary (small, serialised;
//! bulk bytes travel beside them as transferred buffers), [`Event`] is what [`crate::pool::Pool`]
//! hands to the app. Knows no browser type: files are named by their index in the list of handles
//! that travels beside a request.

mod export;
mod loadtest;

pub use export::{ExportFormat, ExportedFile, Purpose};
pub use loadtest::{LoadRequest, LoadScript, LoadTests, LoadTool};

use drydock_core::audit::coordinator;
use drydock_core::lookup::{Corpus, Found};
use drydock_core::report::model::{Category, Counts, Report, Severity};
use serde::{Deserialize, Serialize};

pub use drydock_core::audit::coordinator::{CheckDot, DotState, LaneState, WorkDone};

/// Identity of a request; its replies carry the same number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RequestId(pub u32);

// ---------------------------------------------------------------------------------------------
// What the pool tells the app

/// What the pool tells the app, in the order in which it happens.
#[derive(Clone, Debug)]
pub enum Event {
    /// The audit entered a phase. Phases only move forward.
    Phase(Phase),
    /// Progress over all lanes; at most ten a second.
    Progress(Overall),
    /// One lane's state changed; at most ten a second and lane, state changes at once.
    Lane(LaneProgress),
    /// What was read, known as soon as the archive's directory is: before anything is parsed.
    Planned(PlanSummary),
    /// Findings of a finished lane in short form, for the list under the lanes. Not validated yet:
    /// the report may lower, merge or drop some.
    Findings(Vec<FindingPreview>),
    /// A lane sits on one file for more than ten seconds. `Pool::skip_file` continues without it.
    Stalled {
        /// Whose lane.
        category: Category,
        /// On which file.
        path: String,
    },
    /// The report is there. Comes again after [`crate::pool::Pool::retry`] mended a failed lane.
    Done {
        /// The report.
        report: Box<Report>,
        /// Cancelled or with a failed lane: some categories carry `error`.
        partial: bool,
        /// Read from a file that was saved earlier: no source at hand.
        saved: bool,
        /// Figures that are no part of the report.
        diagnostics: Diagnostics,
    },
    /// The audit could not produce a report.
    Failed(Failure),
    /// Cancelled before anything worth a report was done.
    Cancelled,
    /// Answer to `Pool::request_source`.
    Source(SourceFile),
    /// Answer to `Pool::export`, with the contents in the order of its paths.
    Exported(ExportedFile, Vec<Vec<u8>>),
    /// The report could not be compared or changed; the present one stays.
    Refused(Failure),
    /// What was found in the project.
    Found(LookedUp),
    /// Evidence that lies in the project.
    Inside(Vec<InsideFile>),
    /// Load tests for the project's routes.
    LoadTests(LoadTests),
    /// A technology and the note on it, as safe HTML; empty when there is none.
    Note(String, String),
}

/// Phases of an audit, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Phase {
    /// Workers start and read the archive's directory.
    Unpack,
    /// Files are inflated and parsed.
    Parse,
    /// Manifests, settings and migrations are read.
    DetectStack,
    /// The checks run.
    Audit,
    /// Validation and scores.
    Score,
}

impl Phase {
    /// All, in order.
    pub const ALL: [Self; 5] = [Self::Unpack, Self::Parse, Self::DetectStack, Self::Audit, Self::Score];

    /// Word for people.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Unpack => "Unpack",
            Self::Parse => "Parse",
            Self::DetectStack => "Detect stack",
            Self::Audit => "Audit",
            Self::Score => "Score",
        }
    }
}

impl From<coordinator::Phase> for Phase {
    fn from(phase: coordinator::Phase) -> Self {
        match phase {
            coordinator::Phase::Unpack => Self::Unpack,
            coordinator::Phase::Parse => Self::Parse,
            coordinator::Phase::DetectStack => Self::DetectStack,
            coordinator::Phase::Audit => Self::Audit,
            coordinator::Phase::Score | coordinator::Phase::Finished => Self::Score,
        }
    }
}

/// Progress over all lanes.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Overall {
    /// 0 to 1, never falling.
    pub fraction: f64,
    /// Files read and parsed.
    pub files_done: u32,
    /// Files to read.
    pub files_total: u32,
    /// Bytes read and parsed.
    pub bytes_done: u64,
    /// Bytes to read.
    pub bytes_total: u64,
    /// Since the start.
    pub elapsed_ms: u32,
    /// Estimated rest, known after two seconds.
    pub eta_ms: Option<u32>,
}

/// One lane: a worker that first indexes its quarter of the files, then audits its category.
#[derive(Clone, Debug, PartialEq)]
pub struct LaneProgress {
    /// Whose lane.
    pub category: Category,
    /// What it does.
    pub state: LaneState,
    /// Files of its quarter read and parsed.
    pub files_done: u32,
    /// Files of its quarter.
    pub files_total: u32,
    /// Bytes of its quarter read and parsed.
    pub bytes_done: u64,
    /// Bytes of its quarter.
    pub bytes_total: u64,
    /// File in hand.
    pub current_file: Option<String>,
    /// Findings so far, before validation.
    pub findings: Counts,
    /// The category's checks, in catalogue order.
    pub checks: Vec<CheckDot>,
    /// Since the lane began its present state.
    pub elapsed_ms: u32,
}

/// What the plan says before anything is parsed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanSummary {
    /// Name of the project (archive or folder).
    pub project: String,
    /// Files that will be audited.
    pub files: u32,
    /// Their bytes.
    pub bytes: u64,
    /// Files that will not be read.
    pub skipped: u32,
    /// Files by language title, most first.
    pub languages: Vec<(String, u32)>,
    /// Files that may be evidence, by their paths.
    pub likely: u32,
    /// The folder that holds them all, which is removed from paths.
    pub root: Option<String>,
}

/// A finding in one line, before validation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindingPreview {
    /// Check id.
    pub check: String,
    /// Category.
    pub category: Category,
    /// Severity as found.
    pub severity: Severity,
    /// The check's title.
    pub title: String,
    /// File.
    pub path: String,
    /// Line.
    pub line: u32,
}

/// Figures of a run; never part of the report.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnostics {
    /// Phase title -> milliseconds.
    pub phases: Vec<(String, u32)>,
    /// Bytes of wasm memory of each worker when its part was done.
    pub worker_memory: Vec<u64>,
    /// Bytes of all encoded shards.
    pub shard_bytes: u64,
    /// From drop to report.
    pub total_ms: u32,
}

/// Why something could not be done: what, why, what now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// What happened, one sentence.
    pub title: String,
    /// Why.
    pub why: String,
    /// What the user can do now.
    pub action: String,
    /// Technical detail for the "Details" box; may be empty.
    pub details: String,
}

/// A source file for the viewer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceFile {
    /// Path, relative to the project.
    pub path: String,
    /// Decoded text with `\n` line ends; `None` when the file is not at hand.
    pub text: Option<String>,
    /// Coloured spans, in order, not overlapping.
    pub tokens: Vec<Token>,
    /// Why there is no text.
    pub problem: Option<String>,
}

/// A coloured span. Offsets count UTF-8 bytes of [`SourceFile::text`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token {
    /// First byte.
    pub start: u32,
    /// One past the last.
    pub end: u32,
    /// Colour.
    pub kind: TokenKind,
}

/// Kinds of coloured span.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TokenKind {
    /// Reserved word.
    Keyword,
    /// String literal.
    String,
    /// Number.
    Number,
    /// Comment.
    Comment,
    /// Decorator.
    Decorator,
    /// Name of a function or class where it is defined.
    Definition,
}

/// A finding that the reader dismisses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dismissal {
    /// Its file.
    pub path: String,
    /// Its check.
    pub check: String,
    /// Its fingerprint.
    pub fingerprint: String,
    /// Why; never empty.
    pub reason: String,
    /// Last day on which it holds, `YYYY-MM-DD`.
    pub expires: Option<String>,
}

/// A look-up and its answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LookedUp {
    /// What was asked for.
    pub query: String,
    /// In which part of the project.
    pub corpus: Option<Corpus>,
    /// What was found, or why nothing could be.
    pub found: Result<Found, String>,
}

/// Milliseconds as shown.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an audit lasts less than 49 days")]
#[must_use]
pub const fn millis(ms: f64) -> u32 {
    ms.max(0.0) as u32
}

// ---------------------------------------------------------------------------------------------
// What crosses the worker boundary

/// Page to worker. File handles and buffers travel beside it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Request {
    /// Identity; replies repeat it.
    pub id: RequestId,
    /// What to do.
    pub command: Command,
}

/// What a worker is given or asked to do. What is given (`Give…`) is kept for later commands and not
/// answered, unless it cannot be used.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Command {
    /// The project. Handles: its files; for [`InputKind::Pack`] instead two buffers as dealt.
    GiveInput {
        /// Name of the project.
        project: String,
        /// How the handles are to be read.
        input: InputKind,
        /// How many shards the plan has.
        shards: u32,
    },
    /// Shards that this worker does not have yet. Handles: blobs, as [`Answer::Indexed`] gave them.
    GiveShards {
        /// Their numbers, in the order of the handles.
        numbers: Vec<u32>,
        /// Which part of them.
        part: ShardPart,
    },
    /// The context. Buffer: as [`Answer::Discovered`] gave it.
    GiveContext,
    /// The report. Buffers: as [`Answer::Reported`] gave it, and as [`Answer::Completed`] if that came.
    GiveReport,
    /// Inflate the input, which cannot be seeked, and deal its files out.
    /// Answer: [`Answer::Dealt`] with two buffers a shard.
    Deal,
    /// Read and parse one shard of the input.
    /// Answer: [`Answer::Indexed`] with the shard as two blobs, which pass through the page by reference.
    Index {
        /// Which.
        shard: u32,
        /// Paths to leave out.
        skip: Vec<String>,
    },
    /// Build the context from the given shards and the own one.
    /// Answer: [`Answer::Discovered`] with the context as buffer.
    Discover {
        /// Date of the run, `YYYY-MM-DD`.
        date: String,
    },
    /// Link the shards. Answer: [`Answer::Prepared`].
    Prepare,
    /// Link the shards unless that is done, and run one category.
    /// Answer: [`Answer::Audited`] with the result as JSON bytes.
    Audit {
        /// Which.
        category: Category,
    },
    /// Link the shards unless that is done, and say what the code looks like to evidence.
    /// Answer: [`Answer::Described`] with the description as JSON bytes.
    Describe,
    /// Make the report. Buffers: what was measured, if anything was, as [`Answer::Joined`] gave it; then the results that
    /// exist, as JSON bytes. Answer: [`Answer::Reported`] with the report as JSON bytes.
    Aggregate {
        /// Categories without a result, with the reason.
        failed: Vec<(Category, String)>,
        /// Shards that could not be read, with the reason.
        unread: Vec<(u32, String)>,
        /// Date to print, `YYYY-MM-DD`.
        date: String,
        /// Remarks on the run: cancelled, files skipped by hand.
        notices: Vec<String>,
        /// Whether anything was measured.
        measured: bool,
    },
    /// Make a report of no code. Answer: [`Answer::Reported`].
    ReportNothing {
        /// Date to print, `YYYY-MM-DD`.
        date: String,
    },
    /// To the evidence worker, like the next four: look for evidence among the files of a project. Handles: its files, or
    /// its archive. Answer: [`Answer::Inside`].
    LookInside(ProjectFiles),
    /// Read what was measured. Handles: its files.
    GiveEvidence(Evidence),
    /// Join what was measured to the code. Buffer: as [`Answer::Described`] gave it.
    /// Answer: [`Answer::Joined`] with what the audit is to change by, as JSON bytes.
    Join,
    /// Say what the report has of what was measured. Buffer: the report. Answer: [`Answer::Completed`].
    Complete {
        /// The report is of no code.
        no_code: bool,
    },
    /// Write load tests for the routes, with the targets of what was measured. Buffer: as [`Answer::Described`] gave it.
    /// Answer: [`Answer::LoadTests`].
    WriteLoadTests {
        /// Name of the project.
        project: String,
    },
    /// Decode a file of the input for the source viewer. Answer: [`Answer::Source`].
    Source {
        /// Path, relative to the project.
        path: String,
    },
    /// Write the report. Answer: [`Answer::Exported`] with the contents as buffers.
    Export {
        /// Format.
        format: ExportFormat,
        /// What for.
        purpose: Purpose,
        /// The results log of the folder that is written into; without it the project's own.
        log: Option<String>,
    },
    /// Search the project's files. Answer: [`Answer::Found`].
    LookUp {
        /// Words.
        query: String,
        /// Only this part.
        corpus: Option<Corpus>,
    },
    /// The note on a technology, as the context names it. Answer: [`Answer::Note`].
    Note(String),
    /// Unpack what may be evidence of the input, which is a stream. Answer: [`Answer::Unpacked`].
    Unpack,
    /// Read a saved report. Handle: its file. Answer: [`Answer::Reported`] with the report as JSON bytes.
    OpenReport,
    /// What the reader made of the report: dismissed findings, and an earlier report as buffer to compare with.
    /// Answer: [`Answer::Reported`] with the changed report as JSON bytes.
    Revise {
        /// All that is dismissed.
        dismissed: Vec<Dismissal>,
    },
    /// Audit the project in the handle, over and over, for the browser to translate the engine's busy
    /// functions well before there is real work. Answer: [`Answer::Prepared`]. Sent by `web/boot/spare.js`.
    WarmUp,
    /// Stop as a broken engine would. Sent only by end-to-end tests on a loopback host.
    Crash,
}

/// Files of a project, to be looked at for evidence; their handles travel beside it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProjectFiles {
    /// Paths in the order of the handles; `None`: the only handle is a zip.
    pub paths: Option<Vec<String>>,
    /// The folder that holds them all.
    pub root: Option<String>,
}

/// A file of a project that is evidence.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct InsideFile {
    /// Its path, relative to the project.
    pub path: String,
    /// Its position in the archive, or among the files.
    pub entry: u32,
    /// Its format.
    pub format: String,
}

/// What was measured; the files travel beside it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// Names of the files, in the order of the handles.
    pub names: Vec<String>,
    /// Read before them: these of the zip in one handle more.
    pub zipped: Vec<InsideFile>,
    /// Targets that were typed in, as `slo.toml`.
    pub typed: String,
    /// Of two measured runs, the earlier one is meant to be the later.
    pub swapped: bool,
}

/// The two parts of a shard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ShardPart {
    /// The lowered code: what is linked.
    Code,
    /// Everything else: texts for the discovery, what the report says of the files.
    Rest,
}

/// How the handles beside a [`Command::GiveInput`] are to be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum InputKind {
    /// One file that should be a zip; a source file is taken as a project of one file.
    File,
    /// One tar or tar.gz: only [`Command::Deal`] and [`Command::Source`] read it.
    Stream,
    /// Loose files with their paths, in the order of the handles. A path that ends in `/` is a
    /// folder that was not entered.
    Folder(Vec<String>),
    /// Files dealt out of a stream by another worker.
    Pack,
}

/// Worker to page.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Reply {
    /// The worker listens. Always its first message; what is sent earlier is lost.
    Ready {
        /// Version of the engine.
        version: String,
    },
    /// Work in hand.
    Progress(WorkDone),
    /// A check of the running category changed its state.
    Check(CheckDot),
    /// The end of a request.
    Answer {
        /// Whose.
        id: RequestId,
        /// Result. A failure that concerns the input, not the engine.
        answer: Result<Answer, Failure>,
    },
    /// The engine panicked. The worker is gone after this message.
    Crashed {
        /// Text of the panic.
        message: String,
        /// File in hand.
        path: Option<String>,
    },
}

/// Result of a request; buffers travel beside it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Answer {
    /// The shard is in the blobs: code, then the rest.
    Indexed {
        /// What the plan says.
        plan: PlanSummary,
        /// Its size.
        bytes: u64,
        /// Bytes of wasm memory in use.
        memory: u64,
    },
    /// The packs are in the buffers: for each shard its directory, then its bytes.
    Dealt {
        /// What the plan says.
        plan: PlanSummary,
    },
    /// The context is in the buffer.
    Discovered,
    /// The project is linked, or the engine warm.
    Prepared,
    /// The category's result is in the buffer.
    Audited {
        /// Findings in short form.
        findings: Vec<FindingPreview>,
        /// Bytes of wasm memory in use.
        memory: u64,
    },
    /// What the code looks like is in the buffer.
    Described,
    /// What the audit is to change by is in the buffer.
    Joined,
    /// What of the project is evidence.
    Inside(Vec<InsideFile>),
    /// Paths of files that may be evidence; each is a blob beside it.
    Unpacked(Vec<String>),
    /// The report is in the buffer.
    Reported,
    /// What the report has of what was measured is in the buffer, as JSON bytes; `null` for nothing.
    Completed,
    /// A decoded file.
    Source(SourceFile),
    /// A written report.
    Exported(ExportedFile),
    /// What was found.
    Found(LookedUp),
    /// What was written.
    LoadTests(LoadTests),
    /// Technology and note, as safe HTML.
    Note(String, String),
}
