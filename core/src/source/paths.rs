//! What names of folders say, for all who go by paths.

/// What stands before `tests` in the names of folders that hold them; other words (`lab_tests`) may
/// well be a product's own.
const KINDS_OF_TESTS: &[&str] = &[
    "",
    "acceptance",
    "api",
    "backend",
    "e2e",
    "end2end",
    "end_to_end",
    "func",
    "functional",
    "integration",
    "load",
    "performance",
    "regression",
    "smoke",
    "stress",
    "system",
    "ui",
    "unit",
];

/// Whether a folder of that name holds tests: `tests`, `e2etests`, `integration-test`, `tests_unit`.
#[must_use]
pub fn holds_tests(folder: &str) -> bool {
    let named = |part: &[u8]| part.eq_ignore_ascii_case(b"test");
    if !folder.as_bytes().windows(4).any(named) && !folder.eq_ignore_ascii_case("e2e") {
        return false;
    }
    let lower = folder.to_ascii_lowercase().replace('-', "_");
    let end = lower.strip_suffix("tests").or_else(|| lower.strip_suffix("test")).map(|kind| kind.trim_end_matches('_'));
    let kind = end.or_else(|| lower.strip_prefix("tests_"));
    kind.is_some_and(|kind| KINDS_OF_TESTS.contains(&kind)) || lower == "e2e"
}
