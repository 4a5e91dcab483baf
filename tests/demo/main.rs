//! The demo project against its list of seeded faults: each is found as said, nothing else counts,
//! and the sound look-alikes stay silent.
#![allow(clippy::expect_used, missing_docs)]

use drydock_core::report::model::Verdict;
use drydock_tests::repository;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fmt::Write as _;

type Row = (String, String, u64, String, String);

#[test]
fn the_demo_has_exactly_its_seeded_faults() {
    let folder = "examples/demo/";
    let files: Vec<(String, String)> = repository::files("examples/demo", "")
        .into_iter()
        .map(|file| (file.path.trim_start_matches(folder).to_owned(), file.text))
        .filter(|(path, _)| path != "EXPECTED.jsonl")
        .collect();
    let borrowed: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let report = drydock_core::audit_sources(&borrowed);
    let triggers = &report.context.db_config.triggers;
    let trigger = triggers.first().map(|t| (t.table.as_str(), t.event.as_str(), t.channel.as_deref()));
    assert_eq!((triggers.len(), trigger), (1, Some(("import_jobs", "UPDATE", Some("import_progress")))));
    let found: BTreeSet<Row> = report
        .findings
        .iter()
        .map(|f| {
            let verdict = serde_json::to_value(f.verdict).expect("a word");
            let verdict = verdict.as_str().unwrap_or_default().to_owned();
            (f.path.clone(), f.check.clone(), u64::from(f.line), f.severity.word().to_owned(), verdict)
        })
        .collect();
    let list = std::fs::read_to_string(repository::root().join(folder).join("EXPECTED.jsonl")).expect("the list");
    let rows: Vec<Value> = list.lines().map(|line| serde_json::from_str(line).expect("a JSON line")).collect();
    let text = |row: &Value, key: &str| row.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let line = |row: &Value| row.get("line").and_then(Value::as_u64).unwrap_or_default();
    let mut wrong = String::new();
    let mut expected = BTreeSet::new();
    for row in &rows {
        if text(row, "expect") == "finding" {
            expected.insert((
                text(row, "path"),
                text(row, "check"),
                line(row),
                text(row, "severity"),
                text(row, "verdict"),
            ));
        } else {
            let (path, check) = (text(row, "path"), text(row, "check"));
            let fired = report.findings.iter().find(|f| {
                f.verdict == Verdict::Counted
                    && f.path == path
                    && u64::from(f.line) == line(row)
                    && (check.is_empty() || f.check == check)
            });
            if let Some(finding) = fired {
                let _ = writeln!(wrong, "should be silent: {path}:{} {}", finding.line, finding.message);
            }
        }
    }
    for row in expected.difference(&found) {
        let _ = writeln!(wrong, "not found: {row:?}");
    }
    for row in found.difference(&expected) {
        let _ = writeln!(wrong, "not expected: {row:?}");
    }
    assert!(wrong.is_empty(), "{wrong}");
}
