//! Broken sources never panic: real code cut at many places, and nesting that no stack survives.

use drydock_tests::page::Page;
use drydock_tests::repository;
use std::panic::catch_unwind;

/// Cut points per file; spread evenly, so that the same are tried every time.
const CUTS: usize = 24;

/// Largest char boundary up to `at`.
fn floor(text: &str, at: usize) -> &str {
    (0..=at).rev().find_map(|end| text.get(..end)).unwrap_or_default()
}

/// Audits one file cut at `CUTS` places and returns the places that panicked.
fn cut(path: &str, text: &str) -> Vec<usize> {
    (1..=CUTS)
        .map(|step| floor(text, text.len() * step / CUTS))
        .filter(|head| catch_unwind(|| drydock_core::audit_sources(&[(path, head)])).is_err())
        .map(str::len)
        .collect()
}

#[test]
fn sources_cut_anywhere_do_not_panic() {
    let mut tried = 0;
    let mut broken = Vec::new();
    for file in repository::files("core/src/checks", ".md") {
        let page = Page::read(&file.path, &file.text);
        for (path, text) in page.cases.iter().flat_map(|case| &case.files) {
            tried += 1;
            broken.extend(cut(path, text).into_iter().map(|at| format!("{} {path} at byte {at}", page.check)));
        }
    }
    assert!(tried > 0, "no check page has a case");
    assert!(broken.is_empty(), "panicked: {broken:#?}");
}

#[test]
fn nesting_without_end_is_a_problem_entry() {
    let deep = 100_000;
    let sources = [
        format!("x = {}1{}\n", "(".repeat(deep), ")".repeat(deep)),
        format!("x = {}\n", "[".repeat(deep)),
        format!("x = {}1\n", "-".repeat(deep)),
        format!("x = {}1\n", "not ".repeat(deep)),
        format!("x = 1{}\n", " + 1".repeat(deep)),
        format!("x = a{}\n", ".b".repeat(deep)),
        format!("x = a{}\n", "()".repeat(deep)),
        format!("{}pass\n", "if x:\n".repeat(3) + &"if y: ".repeat(deep)),
        (0..2_000).map(|level| format!("{}if x:\n", " ".repeat(level))).collect::<String>()
            + &" ".repeat(2_000)
            + "pass\n",
        format!("if a:\n pass\n{}", "elif b:\n pass\n".repeat(deep / 10)),
        format!("x = {}y{}\n", "lambda: ".repeat(deep), ""),
        format!("x = {}y\n", "a if b else ".repeat(deep)),
        format!("x = f\"{}", "{f\"".repeat(deep)),
    ];
    for (index, source) in sources.iter().enumerate() {
        let report =
            drydock_core::audit_sources(&[("app/deep.py", source), ("app/fine.py", "def f():\n    return 1\n")]);
        let fine = report.coverage.files.iter().any(|file| file.path == "app/fine.py");
        assert!(fine, "source {index}: the file beside it was lost");
        let read = report.coverage.files.iter().any(|file| file.path == "app/deep.py");
        let said = report.coverage.problems.iter().any(|problem| problem.path == "app/deep.py");
        assert!(read || said, "source {index}: neither read nor named as a problem");
    }
}
