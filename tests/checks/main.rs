//! Runs every check's page (`core/src/checks/<category>/<check_id>.md`) as its test suite, through the
//! whole pipeline in memory. One test per case: `checks -- query_in_loop` runs one page.

use drydock_core::report::model::Report;
use drydock_tests::page::{Case, Page, Section};
use drydock_tests::runner::{Trial, run};
use drydock_tests::{repository, verify};
use std::process::ExitCode;

fn main() -> ExitCode {
    let pages: Vec<Page> = repository::files("core/src/checks", ".md")
        .iter()
        .map(|file| Page::read(&file.path, &file.text))
        .filter(|page| drydock_core::checks::find(&page.check).is_some())
        .collect();
    let mut trials = Vec::new();
    for page in &pages {
        trials.push(Trial { name: format!("{}::page", page.check), run: Box::new(|| well_formed(page)) });
        for case in &page.cases {
            let section = match case.section {
                Section::Fails => "fails",
                Section::Passes => "passes",
                Section::Dismissed => "dismissed",
            };
            let name = format!("{}::{section}::{}", page.check, name_of(&case.name));
            trials.push(Trial { name, run: Box::new(|| audited_as_marked(page, case)) });
        }
    }
    run(&trials)
}

fn well_formed(page: &Page) -> Result<(), String> {
    if page.problems.is_empty() { Ok(()) } else { Err(format!("  {}\n", page.problems.join("\n  "))) }
}

fn audited_as_marked(page: &Page, case: &Case) -> Result<(), String> {
    let difference = |text: String| format!("{}:{} {}\n{text}", page.path, case.line, case.name);
    verify::verify(&page.check, case, &audit(case)).map_err(difference)
}

fn audit(case: &Case) -> Report {
    let files: Vec<(&str, &str)> = case.files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    drydock_core::audit_sources(&files)
}

/// A heading as a test name: words joined by `_`.
fn name_of(title: &str) -> String {
    let words: Vec<&str> = title.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    words.join("_").to_lowercase()
}
