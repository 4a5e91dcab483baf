//! Load tests, pages and targets that are cut, wrong or hostile: a reason or notes, never a panic, and never a figure
//! that is no number.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use super::asked::Asked;
use super::compare::{compare, pair};
use super::model::Artefact;
use super::rules::RULES;
use super::slo::sheet;
use super::stats::Seeded;
use super::{Limits, read};
use std::io::Read as _;

/// Samples and scripts, gzip unpacked: name and bytes.
fn samples() -> Vec<(String, Vec<u8>)> {
    let root = format!("{}/../tests", env!("CARGO_MANIFEST_DIR"));
    let mut out = Vec::new();
    for folder in ["data/evidence/load", "data/evidence/load/runs", "data/evidence/web", "corpus/evidence/load"] {
        for entry in std::fs::read_dir(format!("{root}/{folder}")).unwrap().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            // One run stands for its kind.
            if !entry.path().is_file() || (folder.ends_with("runs") && name != "baseline-1.json") {
                continue;
            }
            let bytes = std::fs::read(entry.path()).unwrap();
            let mut plain = Vec::new();
            if flate2::read::GzDecoder::new(bytes.as_slice()).read_to_end(&mut plain).is_err() {
                plain = bytes;
            }
            // Long files repeat themselves.
            plain.truncate(60_000);
            out.push((name, plain));
        }
    }
    assert!(out.len() > 15);
    out
}

/// Reads it, and lets everything that works on evidence work on it.
fn check(name: &str, bytes: &[u8]) -> Artefact {
    let artefact = read(name, bytes.len() as u64, &mut &bytes[..], Limits::default());
    assert!(artefact.refused.is_some() || !artefact.evidence.is_empty(), "{name}: neither evidence nor reason");
    if let Some(reason) = &artefact.refused {
        assert!(!reason.is_empty() && reason.len() < 400, "{name}: {reason}");
    }
    // A number that is none would become null, and could not be read again.
    let json = serde_json::to_string(&artefact).unwrap();
    let again: Artefact = serde_json::from_str(&json).unwrap_or_else(|error| panic!("{name}: {error}"));
    assert!(again == artefact, "{name}: another after JSON");
    let both = [artefact.clone(), artefact.clone()];
    let asked = Asked::new(&both, &[]);
    for rules in RULES {
        for observation in rules(&both, &asked) {
            assert!(observation.share.is_none_or(|share| (0.0..=1.0).contains(&share)), "{name}: {observation:?}");
        }
    }
    let lines = sheet(&both, &pair(&both).sides, &asked);
    serde_json::from_str::<super::slo::Sheet>(&serde_json::to_string(&lines).unwrap()).unwrap();
    artefact
}

#[test]
fn cut_at_every_64th() {
    for (name, bytes) in samples() {
        for part in 0..=64 {
            check(&name, &bytes[..bytes.len() * part / 64]);
        }
    }
}

#[test]
fn wrong_numbers_and_types() {
    let odd = ["null", "\"x\"", "-5", "1e308", "99999999999999999999999", "NaN", "[]", "{}", "1e999", "", "1000000000"];
    let mut chance = Seeded::new(5);
    for (name, bytes) in samples() {
        let text = String::from_utf8_lossy(&bytes[..bytes.len().min(20_000)]).into_owned();
        let numbers: Vec<usize> = text
            .char_indices()
            .zip(text.chars().skip(1))
            .filter(|((_, before), c)| c.is_ascii_digit() && matches!(before, ' ' | ':' | ',' | '['))
            .map(|((at, _), _)| at + 1)
            .collect();
        for value in odd {
            for _ in 0..3 {
                let Some(at) = numbers.get(chance.below(numbers.len())).copied() else { continue };
                let end = text[at..].find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | 'e' | '-'))).unwrap_or(0);
                check(&name, format!("{}{value}{}", &text[..at], &text[at + end..]).as_bytes());
            }
            // All of them at once.
            let all = numbers.iter().rev().take(2_000).fold(text.clone(), |mut text, at| {
                let end =
                    text[*at..].find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | 'e' | '-'))).unwrap_or(0);
                text.replace_range(*at..at + end, value);
                text
            });
            check(&name, all.as_bytes());
        }
    }
}

#[test]
fn flipped_bytes() {
    let mut chance = Seeded::new(9);
    for (name, bytes) in samples() {
        for _ in 0..12 {
            let mut bytes = bytes[..bytes.len().min(30_000)].to_vec();
            for _ in 0..1 + chance.below(20) {
                let at = chance.below(bytes.len());
                bytes[at] = chance.below(256) as u8;
            }
            check(&name, &bytes);
        }
    }
}

#[test]
fn counts_without_end_and_sides_of_nothing() {
    let huge = r#"{"root_group": {}, "metrics": {"http_reqs": {"count": 1000000000000000000000, "rate": 1e-300},
        "http_req_failed": {"passes": 18446744073709551615, "fails": 18446744073709551615, "value": 7},
        "http_req_duration": {"avg": 1e308, "min": 0, "med": 0, "max": 1e308, "p(95)": 1e308, "p(99)": 1e308}}}"#;
    let one = check("before.json", huge.as_bytes());
    let other = Artefact { path: "after.json".to_owned(), ..one.clone() };
    let artefacts = [one, other];
    let comparison = compare(&artefacts, &pair(&artefacts).sides, 1);
    assert!(!comparison.changes.is_empty());
    serde_json::from_str::<super::compare::Comparison>(&serde_json::to_string(&comparison).unwrap()).unwrap();
    assert!(compare(&[], &[], 1).changes.is_empty());
    assert!(sheet(&[], &[], &Asked::new(&[], &[])).rows.is_empty());
    for deep in
        ["[", "{\"metrics\":", "{\"lighthouseVersion\":\"1\",\"audits\":{\"a\":", "{\"aggregate\":{\"counters\":"]
    {
        let artefact = check("deep", deep.repeat(50_000).as_bytes());
        assert!(artefact.refused.is_some());
    }
}
