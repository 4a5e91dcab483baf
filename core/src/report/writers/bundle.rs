//! The files of one audit, with their places in the project.

use super::{
    RESULTS_LOG, html, json, markdown, performance_markdown, results_log, sarif, worker_markdown, worker_path,
};
use crate::report::model::Category;
use crate::report::share::{Shareable, ShareablePerformance};

/// A file to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BundleFile {
    /// Path relative to the project.
    pub path: String,
    /// Text.
    pub text: String,
}

/// All files of an audit: the consolidated report, the four worker reports, the report as data, for code scanning and
/// as a page, and the results log with a row more. `log` is that file's text so far, `commit` the short hash of what
/// was audited.
#[must_use]
pub fn bundle(report: &Shareable, log: Option<&str>, commit: Option<&str>) -> Vec<BundleFile> {
    let file = |path: String, text: String| BundleFile { path, text };
    let dated = |name: &str| format!("docs/project/.audit/ln-650/{}/{name}", report.date);
    let mut files = vec![file("docs/project/persistence_audit.md".to_owned(), markdown(report))];
    for category in Category::ALL {
        files.push(file(worker_path(report, category), worker_markdown(report, category)));
    }
    files.push(file(dated("report.json"), json(report)));
    files.push(file(dated("report.sarif"), sarif(report)));
    files.push(file(dated("report.html"), html(report)));
    if let Some(performance) = ShareablePerformance::of(report) {
        files.push(file("docs/project/performance_report.md".to_owned(), performance_markdown(&performance)));
    }
    files.push(file(RESULTS_LOG.to_owned(), results_log(log, report, commit)));
    files
}
