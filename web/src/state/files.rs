//! Audited files with what was found in them, worst first.

use drydock_core::audit::score::penalty_tenths;
use drydock_core::order::InOrder as _;
use drydock_core::report::model::{Counts, Report, Verdict};
use std::collections::BTreeMap;

/// One audited file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileRow {
    /// Path.
    pub path: String,
    /// Lines.
    pub lines: u32,
    /// Language id.
    pub language: String,
    /// Counted findings.
    pub counts: Counts,
    /// Their penalty in tenths.
    pub penalty: u32,
    /// Findings that are not counted.
    pub uncounted: u32,
}

impl FileRow {
    /// Step 0 to 5 of the heat scale: penalty per 1,000 lines of 0, below 5, 10, 20, 40, and above.
    #[must_use]
    pub fn heat(&self) -> u8 {
        heat(self.penalty, self.lines)
    }
}

/// Step of the heat scale of a penalty in tenths over `lines`.
#[must_use]
pub fn heat(penalty: u32, lines: u32) -> u8 {
    match u64::from(penalty) * 1000 / u64::from(lines.max(1)) {
        0 => 0,
        1..50 => 1,
        50..100 => 2,
        100..200 => 3,
        200..400 => 4,
        _ => 5,
    }
}

/// Rows of all audited files: highest penalty first, then most findings, then path.
#[must_use]
pub fn rows(report: &Report) -> Vec<FileRow> {
    let mut found: BTreeMap<&str, (Counts, u32)> = BTreeMap::new();
    for finding in &report.findings {
        let entry = found.entry(&finding.path).or_default();
        if finding.verdict == Verdict::Counted {
            entry.0.add(finding.severity);
        } else {
            entry.1 += 1;
        }
    }
    let mut rows: Vec<FileRow> = report
        .coverage
        .files
        .iter()
        .map(|file| {
            let (counts, uncounted) = found.get(file.path.as_str()).copied().unwrap_or_default();
            let penalty = penalty_tenths(&counts);
            FileRow {
                path: file.path.clone(),
                lines: file.lines,
                language: file.language.clone(),
                counts,
                penalty,
                uncounted,
            }
        })
        .collect();
    rows.order_by(|a, b| (b.penalty, b.uncounted).cmp(&(a.penalty, a.uncounted)).then_with(|| a.path.cmp(&b.path)));
    rows
}

/// A size for people.
#[must_use]
pub fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{} kB", bytes.div_ceil(1_000)),
        _ => format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::verdict::tests::{finding, report};
    use super::*;
    use drydock_core::report::model::{Category, Severity};

    #[test]
    fn the_file_with_the_highest_penalty_comes_first() {
        let mut worst = finding("a", Category::QueryEfficiency, Severity::Critical);
        worst.path = "src/f7.py".to_owned();
        let mut advisory = finding("a", Category::QueryEfficiency, Severity::Critical);
        advisory.path = "src/f9.py".to_owned();
        advisory.verdict = Verdict::Advisory;
        let rows = rows(&report(vec![advisory, worst]));
        let first: Vec<&str> = rows.iter().take(3).map(|row| row.path.as_str()).collect();
        assert_eq!(first, ["src/f7.py", "src/f9.py", "src/f0.py"]);
        let first = rows.first().unwrap();
        assert_eq!((first.penalty, first.heat()), (20, 5));
    }

    #[test]
    fn sizes_are_short() {
        assert_eq!((size(12), size(1_001), size(8_140_000)), ("12 B".into(), "2 kB".into(), "8.1 MB".into()));
    }
}
