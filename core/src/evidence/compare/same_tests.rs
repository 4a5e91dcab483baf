//! The same program measured twice, by every tool whose samples we have: no difference may be claimed.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use super::*;
use crate::evidence::model::Evidence;
use crate::evidence::{Limits, read};
use serde_json::Value;

/// Every sample that tells of a run: name and what was read.
fn samples() -> Vec<(String, Artefact)> {
    let root = format!("{}/../tests/data/evidence", env!("CARGO_MANIFEST_DIR"));
    let mut out = Vec::new();
    let folders = ["load", "load/runs", "web", "databases", "databases/explain", "databases/mariadb", "profiles"];
    for folder in folders {
        let mut paths: Vec<_> =
            std::fs::read_dir(format!("{root}/{folder}")).unwrap().flatten().map(|f| f.path()).collect();
        paths.order();
        for path in paths.into_iter().filter(|path| path.is_file()) {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            // One run stands for its kind.
            if folder == "load/runs" && name != "baseline-1.json" {
                continue;
            }
            let bytes = std::fs::read(&path).unwrap();
            // As given once with each run: its own name would tell the sides apart.
            let artefact = read(&name, bytes.len() as u64, &mut bytes.as_slice(), Limits::default());
            let measured = |evidence: &Evidence| !matches!(evidence, Evidence::Targets(_) | Evidence::Profile(_));
            if artefact.refused.is_none() && artefact.evidence.iter().any(measured) {
                out.push((format!("{folder}/{name}"), artefact));
            }
        }
    }
    out
}

/// All times, rates and series of a run by a factor: another run of the same program on another day.
fn scaled(value: &mut Value, key: &str, factor: f64) {
    let time = key == "ms" || key.ends_with("_ms") || key == "value";
    match value {
        // Counts stay.
        Value::Number(number) if number.is_f64() => {
            let old = number.as_f64().unwrap_or(0.0);
            let new = match key {
                _ if time => old * factor,
                "per_second" => old / factor,
                _ => return,
            };
            if let Some(new) = serde_json::Number::from_f64(new) {
                *value = Value::Number(new);
            }
        }
        Value::Array(values) => values.iter_mut().for_each(|value| scaled(value, key, factor)),
        Value::Object(members) => members.iter_mut().for_each(|(key, value)| scaled(value, key, factor)),
        _ => {}
    }
}

fn again(sample: &Value, factor: f64) -> Artefact {
    let mut value = sample.clone();
    scaled(&mut value, "", factor);
    serde_json::from_value(value).unwrap()
}

fn both(runs: &[Artefact]) -> Comparison {
    let half = runs.len() / 2;
    let sides: Vec<Option<Run>> =
        (0..runs.len()).map(|at| Some(if at < half { Run::Baseline } else { Run::Optimized })).collect();
    compare(runs, &sides, 7)
}

#[test]
fn a_file_against_itself_shows_nothing_with_any_tool() {
    let samples = samples();
    let mut compared = 0;
    for (name, artefact) in &samples {
        for runs in [1, 4] {
            let comparison = both(&vec![artefact.clone(); runs * 2]);
            for change in &comparison.changes {
                let same = matches!(change.claim, Claim::WithinNoise | Claim::NotComparable);
                assert!(same && change.difference == 0.0, "{name}, {runs} runs: {} {}", change.metric, change.text);
                compared += 1;
            }
            let alike =
                |conditions: &[Condition]| conditions.iter().all(|c| c.holds || c.what.starts_with("Error rate"));
            assert!(alike(&comparison.load_conditions) && alike(&comparison.page_conditions), "{name}");
        }
    }
    assert!(samples.len() >= 40 && compared >= 200, "{} {compared}", samples.len());
}

#[test]
fn runs_of_one_program_are_not_called_different_with_any_tool() {
    let mut chance = Seeded::new(11);
    let (mut trials, mut wrong, mut tools) = (0, Vec::new(), BTreeSet::new());
    for (name, artefact) in &samples() {
        let sample = serde_json::to_value(artefact).unwrap();
        for (runs, rounds) in [(1, 2), (2, 1), (4, 2)] {
            for round in 0..rounds {
                let mut factor = || 1.0 + ((0..12).map(|_| chance.unit()).sum::<f64>() - 6.0) * 0.08;
                let all: Vec<Artefact> = (0..runs * 2).map(|_| again(&sample, factor())).collect();
                let comparison = both(&all);
                trials += 1;
                if !comparison.changes.is_empty() {
                    tools.insert(artefact.format.clone());
                }
                let different = comparison
                    .changes
                    .iter()
                    .find(|change| matches!(change.claim, Claim::Confirmed | Claim::WithinRun));
                if let Some(change) = different {
                    // From one run a side nothing may ever be claimed of a program that did not change.
                    assert!(runs >= 4, "{name}, {runs} runs, round {round}: {} {}", change.metric, change.text);
                    wrong.push(format!("{name}: {} {}", change.metric, change.text));
                }
            }
        }
    }
    assert!(wrong.len() * 100 <= trials, "{} of {trials}: {wrong:#?}", wrong.len());
    assert!(tools.len() >= 14, "{tools:?}");
}
