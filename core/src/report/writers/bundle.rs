//! The files of one audit, with their places in the project.

use super::{json, markdown, worker_markdown, worker_path};
use crate::report::model::Category;
use crate::report::share::Shareable;

/// A file to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BundleFile {
    /// Path relative to the project.
    pub path: String,
    /// Text.
    pub text: String,
}

/// The consolidated report, the four worker reports and `report.json`.
#[must_use]
pub fn bundle(report: &Shareable) -> Vec<BundleFile> {
    let mut files = vec![BundleFile { path: "docs/project/persistence_audit.md".to_owned(), text: markdown(report) }];
    for category in Category::ALL {
        files.push(BundleFile { path: worker_path(report, category), text: worker_markdown(report, category) });
    }
    let path = format!("docs/project/.audit/ln-650/{}/report.json", report.date);
    files.push(BundleFile { path, text: json(report) });
    files
}
