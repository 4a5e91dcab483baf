//! The files of evidence and how each was read.

use super::Inputs;
use crate::evidence::model::{Artefact, Evidence, Run};
use crate::report::model::performance::EvidenceFile;
use crate::words::counted;

/// One entry a file, in the order in which they were given.
pub(super) fn files(inputs: &Inputs<'_>) -> Vec<EvidenceFile> {
    let sides = &inputs.figures.pairing.sides;
    let one = |(at, artefact): (usize, &Artefact)| EvidenceFile {
        path: artefact.path.clone(),
        bytes: artefact.bytes,
        format: artefact.format.clone(),
        run: match sides.get(at).copied().flatten() {
            Some(Run::Baseline) => "baseline".to_owned(),
            Some(Run::Optimized) => "optimized".to_owned(),
            None => String::new(),
        },
        read: read(artefact),
        refused: artefact.refused.clone(),
        notes: artefact
            .notes
            .iter()
            .map(|note| {
                let place = if note.at > 0 { format!(" (first at {})", note.at) } else { String::new() };
                let times =
                    if note.times > 1 { format!(", {}", counted(note.times, "time", "times")) } else { String::new() };
                format!("{}{place}{times}", note.text)
            })
            .collect(),
    };
    inputs.artefacts.iter().enumerate().map(one).collect()
}

/// What was read, in words.
fn read(artefact: &Artefact) -> String {
    let mut plans = 0_u64;
    let mut parts = Vec::new();
    for evidence in &artefact.evidence {
        match evidence {
            Evidence::Plan(_) => plans += 1,
            Evidence::Profile(profile) => {
                parts.push(format!(
                    "{} of {}",
                    counted(profile.functions.len() as u64, "function", "functions"),
                    profile.tool
                ));
            }
            Evidence::Memory(run) => {
                parts.push(format!("{} of memory", counted(run.series.len() as u64, "series", "series")));
            }
            Evidence::Queries(stats) => {
                parts.push(counted(stats.queries.len() as u64, "query", "queries"));
            }
            Evidence::LoadRun(run) => {
                let requests = run.total.requests.map(|n| format!(", {}", counted(n, "request", "requests")));
                let routes = counted(run.routes.len() as u64, "route", "routes");
                parts.push(format!("{routes}{}", requests.unwrap_or_default()));
            }
            Evidence::WebRun(run) => parts.push(format!("page {}", run.page)),
            Evidence::Targets(targets) => {
                parts.push(counted(targets.targets.len() as u64, "target", "targets"));
            }
        }
    }
    if plans > 0 {
        parts.push(counted(plans, "plan", "plans"));
    }
    parts.join("; ")
}
