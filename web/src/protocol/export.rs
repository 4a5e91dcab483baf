//! What a report can be saved as, and a report that was written.

use drydock_core::report::model::Category;
use serde::{Deserialize, Serialize};

/// What a report can be saved as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ExportFormat {
    /// `persistence_audit.md`
    Markdown,
    /// One page.
    Html,
    /// As the command line prints it.
    Text,
    /// `report.json`
    Json,
    /// For code scanning services.
    Sarif,
    /// One finding a line.
    JsonLines,
    /// Facts of the project.
    Context,
    /// A worker's report.
    Worker(Category),
    /// The project's results log with a row for this report.
    ResultsLog,
    /// The project's settings file with what was dismissed here.
    Settings,
    /// All files of the command line's `--write` in one zip.
    Bundle,
    /// The same files, each for itself.
    Files,
}

impl ExportFormat {
    /// Those that are one text, in the order the app offers them.
    pub const TEXTS: [Self; 12] = [
        Self::Markdown,
        Self::Html,
        Self::Text,
        Self::Json,
        Self::Sarif,
        Self::JsonLines,
        Self::Context,
        Self::Worker(Category::QueryEfficiency),
        Self::Worker(Category::TransactionCorrectness),
        Self::Worker(Category::RuntimePerformance),
        Self::Worker(Category::ResourceLifecycle),
        Self::ResultsLog,
    ];

    /// Name of the saved file.
    #[must_use]
    pub const fn file_name(self) -> &'static str {
        match self {
            Self::Markdown => "persistence_audit.md",
            Self::Html => "report.html",
            Self::Text => "report.txt",
            Self::Json => "report.json",
            Self::Sarif => "report.sarif",
            Self::JsonLines => "findings.jsonl",
            Self::Context => "context.json",
            Self::Worker(Category::QueryEfficiency) => "651-query-efficiency.md",
            Self::Worker(Category::TransactionCorrectness) => "652-transaction-correctness.md",
            Self::Worker(Category::RuntimePerformance) => "653-runtime-performance.md",
            Self::Worker(Category::ResourceLifecycle) => "654-resource-lifecycle.md",
            Self::ResultsLog => "results_log.md",
            Self::Settings => ".drydock.toml",
            Self::Bundle => "drydock-report.zip",
            Self::Files => "the files",
        }
    }

    /// Media type of the saved file.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Markdown | Self::Worker(_) | Self::ResultsLog => "text/markdown",
            Self::Html => "text/html",
            Self::Json | Self::Sarif | Self::Context => "application/json",
            Self::JsonLines => "application/jsonl",
            Self::Bundle => "application/zip",
            Self::Text | Self::Settings | Self::Files => "text/plain",
        }
    }
}

/// What the app does with a written report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Purpose {
    /// Save it.
    Save,
    /// Copy it.
    Copy,
    /// Show how it begins.
    Preview,
    /// Write it into the folder that the user chose.
    Write,
}

/// A written report, ready to save or copy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportedFile {
    /// Format.
    pub format: ExportFormat,
    /// What it is for, as asked.
    pub purpose: Purpose,
    /// Paths of the files, in order; one unless all were asked for.
    pub paths: Vec<String>,
    /// Why it could not be written.
    pub problem: Option<String>,
}
