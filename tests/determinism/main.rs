//! Same input, same bytes: whatever the order of the files and the number of shards.

use drydock_tests::page::Page;
use drydock_tests::repository;

/// All cases of all check pages as one project: every case in a folder of its own.
fn project() -> Vec<(String, String)> {
    let mut files = Vec::new();
    for file in repository::files("core/src/checks", ".md") {
        let page = Page::read(&file.path, &file.text);
        for (index, case) in page.cases.iter().enumerate() {
            files
                .extend(case.files.iter().map(|(path, text)| (format!("{}_{index}/{path}", page.check), text.clone())));
        }
    }
    files
}

fn json(files: &[(String, String)], shards: usize) -> String {
    let borrowed: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let report = drydock_core::facade::audit_sources_with(&borrowed, shards, "2026-01-31");
    serde_json::to_string_pretty(&report).unwrap_or_default()
}

/// Where two reports part.
fn parting(a: &str, b: &str) -> String {
    let line = a.lines().zip(b.lines()).position(|(a, b)| a != b).unwrap_or(0);
    let around = |text: &str| text.lines().skip(line.saturating_sub(12)).take(16).collect::<Vec<_>>().join("\n");
    format!("line {}:\n{}\n---- against\n{}", line + 1, around(a), around(b))
}

#[test]
fn the_order_of_files_does_not_show() {
    let mut files = project();
    assert!(!files.is_empty(), "no check page has a case");
    let first = json(&files, 1);
    assert!(first.contains("\"fingerprint\""), "nothing was found");
    files.reverse();
    let reversed = json(&files, 1);
    assert!(reversed == first, "reversed: {}", parting(&first, &reversed));
    // A fixed shuffle: odd places first.
    let (odd, even): (Vec<_>, Vec<_>) = files.into_iter().enumerate().partition(|(index, _)| index % 2 == 1);
    let shuffled: Vec<_> = odd.into_iter().chain(even).map(|(_, file)| file).collect();
    let other = json(&shuffled, 1);
    assert!(other == first, "shuffled: {}", parting(&first, &other));
}

#[test]
fn a_second_run_gives_the_same_bytes() {
    let files = project();
    assert!(json(&files, 4) == json(&files, 4));
}

#[test]
fn the_number_of_shards_does_not_show() {
    let files = project();
    let one = json(&files, 1);
    for shards in 2..=8 {
        let several = json(&files, shards);
        assert!(several == one, "{shards} shards: {}", parting(&one, &several));
    }
}
