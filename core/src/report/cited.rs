//! Which of the context's best practices concern a finding. Computed from the report when asked for, so that it costs
//! nothing in every finding.

use super::model::{Finding, Report};
use crate::discovery::Practice;

/// The practices that concern `finding`, with their technology. Those of a library that other files import and its own
/// does not are left out, unless nothing else is there to cite.
#[must_use]
pub fn cited<'r>(report: &'r Report, finding: &Finding) -> Vec<(&'r str, &'r Practice)> {
    let libraries = &report.coverage.libraries;
    let file = report.coverage.files.iter().position(|file| file.path == finding.path);
    let foreign = |technology: &str| {
        libraries.get(technology).is_some_and(|files| !files.iter().any(|at| Some(*at as usize) == file))
    };
    let notes = report.context.best_practices.iter();
    let mut all: Vec<(&str, &Practice)> = notes
        .flat_map(|(technology, practices)| practices.iter().map(move |one| (technology.as_str(), one)))
        .filter(|(_, practice)| practice.checks.contains(&finding.check))
        .collect();
    if all.iter().any(|(technology, _)| !foreign(technology)) {
        all.retain(|(technology, _)| !foreign(technology));
    }
    all
}

#[cfg(all(test, feature = "engine"))]
mod tests {
    #![allow(clippy::indexing_slicing)]
    use super::*;
    use crate::audit::{aggregate, sample};

    #[test]
    fn a_finding_is_told_what_concerns_it_and_its_file() {
        let mut report = aggregate(sample::input());
        let finding = report.findings[0].clone();
        let practice = |statement: &str, checks: &[&str]| Practice {
            statement: statement.to_owned(),
            url: "https://example.org/".to_owned(),
            checks: checks.iter().map(|check| (*check).to_owned()).collect(),
        };
        let check = finding.check.as_str();
        let notes = &mut report.context.best_practices;
        notes.clear();
        notes.insert("Django ORM".to_owned(), vec![practice("bulk", &[check])]);
        notes.insert("PostgreSQL".to_owned(), vec![practice("copy", &[check, "x"]), practice("notify", &["x"])]);
        notes.insert("SQLAlchemy".to_owned(), vec![practice("insert", &[check])]);
        let said = |report: &Report| -> Vec<String> {
            cited(report, &finding).into_iter().map(|(_, one)| one.statement.clone()).collect()
        };
        assert_eq!(said(&report), ["bulk", "copy", "insert"]);
        let at = report.coverage.files.iter().position(|file| file.path == finding.path);
        let own = vec![u32::try_from(at.unwrap_or_default()).unwrap_or(0)];
        report.coverage.libraries.insert("Django ORM".to_owned(), vec![u32::MAX]);
        report.coverage.libraries.insert("SQLAlchemy".to_owned(), own);
        assert_eq!(said(&report), ["copy", "insert"]);
        report.context.best_practices.retain(|technology, _| technology == "Django ORM");
        assert_eq!(said(&report), ["bulk"]);
    }
}
