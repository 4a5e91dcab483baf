//! Broken sources never panic: real code cut at many places, and nesting that no stack survives.

mod inputs;

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

/// The wheel that `make setup` fetches; `None` in a plain `cargo test` on a machine without it.
fn wheel() -> Option<std::path::PathBuf> {
    let stated = std::env::var_os("DRYDOCK_CORPUS").map(std::path::PathBuf::from);
    let usual = || Some(std::path::Path::new(&std::env::var_os("HOME")?).join(".cache/drydock/corpus"));
    let folder = stated.clone().or_else(usual)?;
    let is_it = |name: &str| name.starts_with("prefect-") && name.ends_with(".whl");
    let mut names = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let found = names.find(|entry| entry.file_name().to_str().is_some_and(is_it)).map(|entry| entry.path());
    assert!(
        found.is_some() || stated.is_none(),
        "no wheel of prefect in DRYDOCK_CORPUS: tests/corpus/fetch.sh prefect"
    );
    found
}

#[test]
#[expect(clippy::unwrap_used, reason = "a test")]
fn real_files_cut_anywhere_are_lowered_without_panic() {
    use drydock_core::intake::ZipSource;
    use drydock_core::languages::{SourceText, frontend};
    use drydock_core::model::{Interner, Language};

    let Some(path) = wheel() else { return };
    let (mut source, listing) = ZipSource::open(std::fs::File::open(path).unwrap(), "wheel").unwrap();
    let python = listing.entries.iter().filter(|entry| entry.path.ends_with(".py"));
    let mut broken = Vec::new();
    let mut tried = 0_usize;
    for (number, entry) in python.step_by(11).enumerate() {
        let bytes = source.read(entry).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        // Other places in every file: a stride that is no multiple of anything in the code.
        for cut in (1..=9).map(|step| floor(&text, (step * 7919 + number * 1013) % (text.len() + 1))) {
            tried += 1;
            let lowered = catch_unwind(|| {
                let front = frontend(Language::Python).unwrap();
                let source = SourceText { file: drydock_core::source::FileId(0), path: &entry.path, text: cut };
                front.lower(source, &mut Interner::default()).module.is_some()
            });
            broken.extend(lowered.is_err().then(|| format!("{} at byte {}", entry.path, cut.len())));
        }
    }
    assert!(tried > 500, "only {tried} cuts were tried");
    assert!(broken.is_empty(), "panicked: {broken:#?}");
}
