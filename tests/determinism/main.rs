//! Same input, same bytes: whatever the order of the files.

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

fn json(files: &[(String, String)]) -> String {
    let borrowed: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    serde_json::to_string_pretty(&drydock_core::audit_sources(&borrowed)).unwrap_or_default()
}

#[test]
fn the_order_of_files_does_not_show() {
    let mut files = project();
    assert!(!files.is_empty(), "no check page has a case");
    let first = json(&files);
    assert!(first.len() > 1000, "the report is empty: {first}");
    files.reverse();
    assert!(json(&files) == first, "reversed");
    // A fixed shuffle: odd places first.
    let (odd, even): (Vec<_>, Vec<_>) = files.into_iter().enumerate().partition(|(index, _)| index % 2 == 1);
    let shuffled: Vec<_> = odd.into_iter().chain(even).map(|(_, file)| file).collect();
    assert!(json(&shuffled) == first, "shuffled");
}

#[test]
fn a_second_run_gives_the_same_bytes() {
    let files = project();
    assert!(json(&files) == json(&files));
}
