//! Every word the page shows, in one place. A second language is a second such table.
//! Words that belong to data (check titles, categories, failures) come with the data.
#![expect(missing_docs, reason = "a table of words: the name and the text say it")]

pub mod performance;

use crate::protocol::ExportFormat;
use crate::state::filter::{CONFIDENCES, EFFORTS, Facet, Sort, VERDICTS, confidence_word, effort_word, verdict_word};
use crate::state::index::Group;
use crate::state::lines::Grouping;
use crate::state::place::Tab;
use drydock_core::checks;
use drydock_core::report::model::{Category, CheckStatus, Confidence, Effort, Verdict};

pub const PRODUCT: &str = "Drydock";
pub const SKIP_TO_CONTENT: &str = "Skip to content";
pub const NEW_AUDIT: &str = "New audit";
pub const CLOSE: &str = "Close";
pub const CANCEL: &str = "Cancel";
pub const COPY: &str = "Copy";
pub const COPIED: &str = "Copied";
pub const COPY_FAILED: &str = "The browser did not allow copying";
pub const DETAILS: &str = "Details";

// Landing
pub const HEADLINE: &str = "See where your code misuses its database";
pub const PITCH: &str = "Drop a project. Drydock follows every query, transaction, async call and connection \
    through the code, scores what it finds and shows the path that proves it.";
pub const DROP_TITLE: &str = "Drop a project here";
pub const DROP_FORMATS: &str =
    "A .zip, a .tar.gz, a folder, a saved report, or what a profiler, database or load test wrote";
pub const CHOOSE_ZIP: &str = "Choose a zip";
pub const CHOOSE_FOLDER: &str = "Choose a folder";
pub const TRY_EXAMPLE: &str = "Try the example";
pub const OPEN_REPORT: &str = "Open a saved report";
pub const COMPARE_TWO: &str = "Compare two versions";
pub const OPENING: &str = "Opening";
pub const STAYS_HERE: &str = "Your code stays on this computer";
pub const WHAT_IT_CHECKS: &str = "What it checks";
pub const NOT_YET: &str = "not in this version";
pub const STACKS: [(&str, &str); 4] = [
    ("Python", "3.8 to 3.14, sync and async"),
    ("Databases", "SQLAlchemy 1.4 and 2, SQLModel, Django ORM, asyncpg, psycopg, sqlite3"),
    ("Web", "FastAPI, Flask, Django"),
    ("Calls that wait", "requests, httpx, aiohttp, urllib, redis"),
];

// Boot, lock, offline
pub const ENGINE_READY: &str = "Engine ready";
pub const LOCK_PENDING: &str = "Network lock: starting";
pub const LOCK_TESTING: &str = "Network lock: testing";
pub const LOCK_OPEN: &str = "Network not fully locked";
pub const LOCK_TITLE: &str = "This page cannot send your code anywhere";
pub const LOCK_HOW: &str = "Before your project is read, the page tells the browser to refuse every connection, \
    also to its own server. Then it tries each way out once and counts only what the browser refused.";
pub const LOCK_PROVE: &str = "Prove it yourself: turn off Wi-Fi and drop your zip, or open the browser\u{2019}s \
    Network tab and watch it stay empty.";
pub const LOCK_LIMITS: &str = "What a page cannot prevent: a link that you click, and browser extensions. Links \
    that leave this page ask first and carry no data.";
pub const LOCK_POLICY: &str = "Policy in force";
pub const BLOCKED: &str = "blocked";
pub const NOT_BLOCKED: &str = "not blocked";
pub const OFFLINE_READY: &str = "Ready offline";

// Progress
pub const AUDITING: &str = "Auditing";
pub const LANES: &str = "Workers";
pub const FOUND_SO_FAR: &str = "Found so far";
pub const FOUND_NOTE: &str = "Before validation: the report may lower, merge or drop some.";
pub const NOTHING_YET: &str = "Nothing yet.";
pub const RETRY: &str = "Retry";
pub const SKIP_FILE: &str = "Skip this file";
pub const NO_FINDINGS_YET: &str = "no findings yet";

// Report
pub const REPORT_LABEL: &str = "Report";
pub const OVERALL: &str = "Overall";
pub const BY_CATEGORY: &str = "By category";
pub const FIX_FIRST: &str = "Fix these first";
pub const ALL_MARKED: &str = "Every finding is marked as fixed. The next audit tells whether they are.";
pub const WHAT_IF: &str = "What if?";
pub const WHAT_IF_HOW: &str = "Tick findings, here or on their page, to see the score without them.";
pub const WHAT_IF_TICK: &str = "What if fixed?";
pub const UNTICK: &str = "Clear ticks";
pub const WHERE_IT_HURTS: &str = "Files with the highest penalty";
pub const SEVERITIES: &str = "Findings by severity";
pub const NOT_APPLICABLE: &str = "N/A";
pub const ERROR: &str = "Error";
pub const NO_SCORE: &str = "No score";
pub const REMARKS: &str = "Remarks";
pub const PARTIAL: &str = "Partial report";
pub const RAW_PENALTY: &str = "Penalty";
pub const PER_KLOC: &str = "per 1,000 lines";
pub const ALL_FINDINGS: &str = "All findings";
pub const ALL_FILES: &str = "All files";
pub const SAVED_REPORT: &str = "Opened from a saved report: the code itself is not inside.";

// Findings
pub const FILTERS: &str = "Filters";
pub const SEARCH: &str = "Search findings";
pub const SEARCH_HINT: &str = "Message, path, symbol, check";
pub const CLEAR_FILTERS: &str = "Clear filters";
pub const FACET_CATEGORY: &str = "Category";
pub const SORT: &str = "Sort";
pub const COLUMN_SEVERITY: &str = "Severity";
pub const COLUMN_FINDING: &str = "Finding";
pub const COLUMN_EFFORT: &str = "Effort";
pub const SELECT_ONE: &str = "Choose a finding to see why it is one.";
pub const BACK_TO_LIST: &str = "Back to the list";
pub const WHAT_AND_WHY: &str = "What and why";
pub const PATH: &str = "Path";
pub const FIX: &str = "Fix";
pub const REFERENCES: &str = "References";
pub const VIEW_SOURCE: &str = "View source";
pub const COPY_MARKDOWN: &str = "Copy as Markdown";
pub const COPY_PLACE: &str = "Copy path:line";
pub const COPY_LINK: &str = "Copy link";
pub const GROUP_BY: &str = "Group by";
pub const MARK_FIXED: &str = "Mark as fixed";
pub const UNMARK_FIXED: &str = "Not fixed";
pub const MARKED: &str = "Marked as fixed. The next audit tells whether it is.";
pub const UNMARKED: &str = "No longer marked as fixed.";
pub const STILL_FOUND: &str = "You had marked this as fixed. This audit finds it again.";
pub const STILL_FOUND_CHIP: &str = "Still found";
pub const OPEN_EDITOR: &str = "Open in editor\u{2026}";
pub const OPEN_IN: &str = "Open in";
pub const EDITOR_TITLE: &str = "Editor and folder";
pub const EDITOR_WHAT: &str = "The page does not know where the project lies. Say it once; it stays in this browser, and \
    the editor is opened by a link of its own, without any network.";
pub const EDITOR_NAME: &str = "Editor";
pub const EDITOR_FOLDER: &str = "Folder of the project on this computer";
pub const EDITOR_ABSOLUTE: &str = "The whole path: /home/me/project, or C:\\Users\\me\\project.";
pub const EDITOR_KEEP: &str = "Keep";
pub const EDITOR_FORGET: &str = "Forget the folder";
pub const ALSO_SEEN_BY: &str = "Also seen by";
pub const NOT_SCORED: &str = "not scored";
pub const CHECK_PRINCIPLE: &str = "Principle";

// Source
pub const BACK_TO_FINDING: &str = "Back to the finding";
pub const EVIDENCE_PATH: &str = "Evidence path";
pub const PREVIOUS: &str = "Previous step";
pub const NEXT: &str = "Next step";
pub const LOADING_SOURCE: &str = "Reading the file\u{2026}";
pub const NO_SOURCE: &str = "Drop the zip again to see the code";
pub const NO_SOURCE_WHY: &str = "A saved report holds findings and places, never your source.";

// Files
pub const AUDITED: &str = "Audited";
pub const SKIPPED: &str = "Skipped";
pub const PROBLEMS: &str = "Partly read";
pub const MAP: &str = "Map";
pub const MAP_UP: &str = "Up";
pub const FILTER_FILES: &str = "Filter by path";
pub const FILE: &str = "File";
pub const LINES: &str = "Lines";
pub const LANGUAGE: &str = "Language";
pub const FINDINGS: &str = "Findings";
pub const PENALTY_KLOC: &str = "Penalty per 1,000 lines";
pub const PENALTY: &str = "Penalty";
pub const REASON: &str = "Reason";
pub const SIZE: &str = "Size";
pub const NOTHING_SKIPPED: &str = "No file was skipped.";
pub const NO_PROBLEMS: &str = "Every file was read completely.";
pub const UNREAD_LANGUAGES: &str = "Languages that are not audited yet";
pub const SCALE: [&str; 6] = ["none", "under 5", "under 10", "under 20", "under 40", "40 and more"];

// Checks
pub const CHECK: &str = "Check";
pub const RESULT: &str = "Result";
pub const LOOKED_AT: &str = "Looked at";
pub const DISMISSED: &str = "Dismissed";
pub const CANDIDATES_DISMISSED: &str = "Looked at and dismissed, with the reason";
pub const WHY: &str = "Why it matters";

// Context
pub const STACK: &str = "Stack";
pub const DB_SETTINGS: &str = "Database settings";
pub const TRIGGERS: &str = "Triggers";
pub const SUBSCRIBERS: &str = "Listeners";
pub const PRACTICES: &str = "Best practices that apply";
pub const PACKAGES: &str = "Packages";
pub const SOURCES: &str = "Sources consulted";
pub const CONFLICTS: &str = "Sources contradict each other";
pub const PLANNED: &str = "Planned or decided, so not scored";
pub const REVIEWED: &str = "reviewed";
pub const READ_FROM: &str = "Read from";
pub const SETTING: &str = "Setting";
pub const VALUE: &str = "Value";
pub const NONE_FOUND: &str = "None found.";

// Export
pub const EXPORT_INTRO: &str = "Files are written on this computer. Passwords in addresses, tokens and keys are \
    masked; source code is not included.";
pub const DOWNLOAD: &str = "Download";
pub const PREVIEW: &str = "Preview";
pub const EVERYTHING: &str = "Everything";
pub const EVERYTHING_WHAT: &str = "The nine files that the command line writes with --write, with these paths:";
pub const DOWNLOAD_ALL: &str = "Download all as zip";
pub const WRITE_FOLDER: &str = "Write into a folder\u{2026}";
pub const SINGLE_FILES: &str = "Single files";
pub const PREVIEW_NOTE: &str = "Exactly what leaves the app. Passwords in addresses, tokens and keys are masked.";
pub const WHAT_IS_INSIDE: &str = "What is inside";
pub const EXPORT_INSIDE: &str = "Scores, findings with paths, line numbers and names of functions, the checks\u{2019} \
    results, the list of files, the detected stack. No lines of code.";

// Look-up
pub const LOOK_FIELD: &str = "Search the project";
pub const LOOK_IN: &str = "Search in";
pub const LOOK_ALL: &str = "All";
pub const LOOK_CODE: &str = "Code";
pub const LOOK_DOCS: &str = "Documents";
pub const LOOK_DOCUMENT: &str = "Document";
pub const LOOK_HOW: &str = "Words of code, manifests and settings, or of decisions, plans and other documents.";
pub const LOOKING: &str = "Searching\u{2026}";
pub const LOOKING_FIRST: &str = "Reading the project\u{2019}s files\u{2026}";
pub const LOOK_SAVED: &str = "A saved report has no files to search. Drop the project again to search it.";
pub const BACK: &str = "Back";

// Palette
pub const PALETTE_TITLE: &str = "Go to anything";
pub const PALETTE_FIELD: &str = "Tab, filter, export, finding or file";
pub const PALETTE_NONE: &str = "Nothing matches.";
pub const NEXT_THEME: &str = "Next theme";

// Print
pub const PRINT_TITLE: &str = "Print";
pub const PRINT_WHAT: &str = "On paper or as a PDF: the summary on a page or two, or all findings with their paths.";
pub const PRINT_SUMMARY: &str = "Print the summary";
pub const PRINT_ALL: &str = "Print all findings";

// Trend
pub const TREND: &str = "Trend";
pub const TREND_FIRST: &str = "The first run that is known here. Earlier ones come from docs/project/.audit/results_log.md: \
    drop it here, or have it in the project.";
pub const TREND_NONE: &str = "This results log has no row of Drydock with a score.";
pub const TREND_TABLE: &str = "As a table";
pub const TREND_KEEP: &str = "Keep the scores of my audits in this browser";
pub const TREND_KEPT: &str =
    "Date, score and name of the project, on this computer only. Switching it off deletes them.";
pub const DATE: &str = "Date";
pub const SCORE: &str = "Score";

// Compare
pub const COMPARE_TITLE: &str = "Compare with an earlier version";
pub const COMPARE_HOW: &str = "Choose an earlier zip of this project, or a report.json or report.html saved from it. \
    Findings are matched by what they say of the code, not by line numbers: new, fixed, moved, still there.";
pub const CHOOSE_EARLIER: &str = "Choose the earlier version";
pub const STOP_COMPARING: &str = "Stop comparing";
pub const BEFORE: &str = "Before";
pub const NOW: &str = "Now";
pub const CHANGE: &str = "Change";
pub const NEW: &str = "New";
pub const FIXED: &str = "Fixed";
pub const MOVED: &str = "Moved";
pub const STILL_THERE: &str = "Still there";
pub const NOTHING_NEW: &str = "No new findings.";

// Dismiss
pub const DISMISS: &str = "Dismiss\u{2026}";
pub const DISMISS_TITLE: &str = "Dismiss this finding";
pub const DISMISS_WHAT: &str = "It stays listed as suppressed and no longer counts. Save .drydock.toml from the Export \
    tab into the project, and every later audit does the same.";
pub const DISMISS_KIND: &str = "Reason";
pub const DISMISS_KINDS: [&str; 3] = ["False positive", "Accepted", "Test code"];
pub const DISMISS_WHY: &str = "Why (required)";
pub const DISMISS_UNTIL: &str = "Until (optional)";
pub const DISMISS_DO: &str = "Dismiss";
pub const DISMISSED_DONE: &str = "Dismissed. The score was computed again.";
pub const UNDO_DISMISS: &str = "Count it again";

// Dialogs
pub const PAIR_TITLE: &str = "Compare two versions";
pub const VERSIONS_NOTE: &str = "Two zips or saved reports of one project. Both may be chosen in one picker.";
pub const VERSION_EARLIER: &str = "Choose the earlier version";
pub const VERSION_LATER: &str = "Choose the later version";
pub const NOT_CHOSEN: &str = "not chosen yet";
pub const COMPARE_DO: &str = "Compare";
pub const PAIR_NOTE: &str = "Which of the two is the earlier one?";
pub const AS_EARLIER: &str = "Compare: it is the earlier version";
pub const AS_LATER: &str = "Compare: it is the later version";
pub const REFUSED_TITLE: &str = "That did not work";
pub const KEYS_TITLE: &str = "Keyboard";
pub const KEYS_SWITCH: &str = "Single-letter keys are on";
pub const LEAVE_TITLE: &str = "Open a page outside Drydock?";
pub const LEAVE_NOTE: &str = "The address is all that is sent. It says nothing about your project.";
pub const OPEN_PAGE: &str = "Open in a new tab";
pub const REPLACE_TITLE: &str = "Start a new audit?";
pub const REPLACE_NOTE: &str = "The report on screen is closed. Save it first if you want to keep it.";
pub const START_NEW: &str = "Start the new audit";
pub const KEEP_REPORT: &str = "Keep this report";

/// Keys and what they do.
pub const KEYS: [(&[&str], &str); 18] = [
    (&["?"], "This sheet"),
    (&["1", "\u{2013}", "9"], "Tabs"),
    (&["Ctrl", "K"], "Go to a tab, filter, export, finding or file"),
    (&["/"], "Search findings"),
    (&["j", "k"], "Next and previous finding; arrow keys too"),
    (&["Home", "End"], "First and last finding"),
    (&["Enter", "\u{2192}"], "Open the finding, then its source"),
    (&["Esc", "\u{2190}"], "Back"),
    (&["n", "p"], "Next and previous step of the path"),
    (&["[", "]"], "Previous and next category"),
    (&["f"], "Filters"),
    (&["g"], "Group the list: not, by check, by file, by function"),
    (&["l"], "Look up words in the project"),
    (&["e"], "Export"),
    (&["t"], "Theme: system, light, dark"),
    (&["c"], "Copy the finding as Markdown"),
    (&["Ctrl", "O"], "Open a project or report"),
    (&["Ctrl", "S"], "Save the report as JSON"),
];

/// Theme choices.
pub const THEMES: [&str; 3] = ["System theme", "Light theme", "Dark theme"];
pub const THEME: &str = "Theme";
pub const KEYBOARD_HELP: &str = "Keyboard shortcuts";

// Failures
pub const TRY_AGAIN: &str = "Choose another";
pub const TO_START: &str = "Back to the start";

/// What a file is called and for.
#[must_use]
pub const fn export(format: ExportFormat) -> (&'static str, &'static str) {
    match format {
        ExportFormat::Markdown => {
            ("Markdown report", "The consolidated report for people: summary, scores, findings, actions, sources.")
        }
        ExportFormat::Html => {
            ("HTML report", "One page without scripts, to read anywhere. Drop it here to open it again.")
        }
        ExportFormat::Text => ("Plain text", "As the command line prints it."),
        ExportFormat::Json => ("JSON report", "Everything, for tools. Drop it here later to open this report again."),
        ExportFormat::Sarif => ("SARIF", "For code scanning services and editors."),
        ExportFormat::JsonLines => ("JSON lines", "One finding a line, for scripts and log pipelines."),
        ExportFormat::Context => ("Context", "The facts found in the project, with their sources."),
        ExportFormat::Worker(category) => (category.title(), "The worker\u{2019}s report: its checks and findings."),
        ExportFormat::ResultsLog => ("Results log", "The project\u{2019}s log with a row for this report."),
        ExportFormat::Settings => ("Settings with what you dismissed", "Put it into the project\u{2019}s top folder."),
        ExportFormat::Bundle | ExportFormat::Files => (EVERYTHING, EVERYTHING_WHAT),
    }
}

/// Name of a tab.
#[must_use]
pub const fn tab(tab: Tab) -> &'static str {
    match tab {
        Tab::Summary => "Summary",
        Tab::Findings => "Findings",
        Tab::Files => "Files",
        Tab::Search => "Look up",
        Tab::Compare => "Compare",
        Tab::Performance => performance::TITLE,
        Tab::Checks => "Checks",
        Tab::Context => "Context",
        Tab::Export => "Export",
    }
}

/// Name of a facet.
#[must_use]
pub const fn facet(facet: Facet) -> &'static str {
    match facet {
        Facet::Severity => "Severity",
        Facet::Category => FACET_CATEGORY,
        Facet::Check => CHECK,
        Facet::Verdict => "Status",
        Facet::Baseline => "Since the earlier version",
        Facet::Folder => "Folder",
        Facet::File => FILE,
        Facet::RunsIn => "Runs in",
        Facet::Framework => "Library",
        Facet::Language => LANGUAGE,
        Facet::Confidence => "Confidence",
        Facet::Effort => "Effort",
    }
}

/// Name of a value in a facet.
#[must_use]
pub fn facet_value(facet: Facet, value: &str) -> String {
    let name = match facet {
        Facet::Category => Category::ALL.into_iter().find(|one| one.slug() == value).map(Category::title),
        Facet::Check => checks::find(value).map(|check| check.title),
        Facet::Verdict => VERDICTS.into_iter().find(|one| verdict_word(*one) == value).map(verdict),
        Facet::Confidence => {
            CONFIDENCES.into_iter().find(|one| confidence_word(*one) == value).map(|one| confidence(one).0)
        }
        Facet::Effort => EFFORTS.into_iter().find(|one| effort_word(*one) == value).map(|one| effort(one).1),
        Facet::Language => Some(language(value)),
        Facet::Baseline if value == "known" => Some(STILL_THERE),
        Facet::Severity | Facet::RunsIn | Facet::Baseline => return skip_kind(value),
        Facet::Folder | Facet::File | Facet::Framework => None,
    };
    name.unwrap_or(value).to_owned()
}

/// Name of a language by its id.
#[must_use]
pub fn language(id: &str) -> &str {
    match id {
        "python" => "Python",
        "javascript" => "JavaScript",
        "typescript" => "TypeScript",
        "go" => "Go",
        "java" => "Java",
        "sql" => "SQL",
        other => other,
    }
}

/// Name of an order.
#[must_use]
pub const fn sort(sort: Sort) -> &'static str {
    match sort {
        Sort::Priority => "Priority",
        Sort::Place => "File",
        Sort::Check => "Check",
        Sort::Effort => "Effort",
    }
}

/// What the list is divided by.
#[must_use]
pub const fn grouping(grouping: Grouping) -> &'static str {
    match grouping {
        Grouping::None => "Nothing",
        Grouping::Check => CHECK,
        Grouping::File => FILE,
        Grouping::Function => "Function",
    }
}

/// Head of a group in the list, and what it means.
#[must_use]
pub const fn group(group: Group) -> (&'static str, &'static str) {
    match group {
        Group::Main => ("Scored", ""),
        Group::LowConfidence => ("Low confidence", "scored; recognised by name only"),
        Group::NeedsContext => ("Needs context", "not scored; the code alone cannot tell"),
        Group::Advisory => ("Advisory", "not scored; planned or safe where it runs"),
        Group::Suppressed => ("Suppressed", "not scored; silenced by the project"),
        Group::Refuted => ("Refuted", "not scored; measurement disagrees"),
        Group::Fixed => ("Marked fixed", "by you; the next audit tells"),
    }
}

/// Name of a verdict.
#[must_use]
pub const fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Counted => "Scored",
        Verdict::NeedsContext => "Needs context",
        Verdict::Advisory => "Advisory",
        Verdict::Suppressed => "Suppressed",
        Verdict::Refuted => "Refuted",
    }
}

/// Name of a confidence, and what it means.
#[must_use]
pub const fn confidence(confidence: Confidence) -> (&'static str, &'static str) {
    match confidence {
        Confidence::High => ("High", "names resolved through imports, types or injection"),
        Confidence::Medium => ("Medium", "one plausible target"),
        Confidence::Low => ("Low", "recognised by name only"),
    }
}

/// Name of an effort, and what it means.
#[must_use]
pub const fn effort(effort: Effort) -> (&'static str, &'static str) {
    match effort {
        Effort::S => ("S", "under 1 hour"),
        Effort::M => ("M", "1 to 4 hours"),
        Effort::L => ("L", "over 4 hours"),
    }
}

/// Word of a check's result.
#[must_use]
pub const fn check_status(status: CheckStatus) -> &'static str {
    match status {
        CheckStatus::Passed => "Passed",
        CheckStatus::Warning => "Warning",
        CheckStatus::Failed => "Failed",
        CheckStatus::Skipped => "Skipped",
    }
}

/// An id as words: `too_large` as `Too large`.
#[must_use]
pub fn skip_kind(kind: &str) -> String {
    let mut words = kind.replace('_', " ");
    if let Some(first) = words.get_mut(0..1) {
        first.make_ascii_uppercase();
    }
    words
}
