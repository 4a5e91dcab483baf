//! `drydock performance`: the Performance Report of files of evidence, with or without a project.

use crate::evidence_args::Performance;
use crate::input::Input;
use crate::pool::{self, Job};
use crate::{Exit, audit, evidence, output};
use drydock_core::audit::AuditSettings;
use drydock_core::evidence::model::Run;
use drydock_core::facade::performance::{Gathered, asked_by};
use drydock_core::intake::prepare;
use drydock_core::report::model::performance::TargetStatus;
use drydock_core::report::share::{Shareable, ShareablePerformance};
use drydock_core::report::writers::performance_markdown;
use drydock_core::words::counted;
use std::io::Write as _;

/// Writes the report; says what could not be read and which targets are missed.
pub(crate) fn run(options: &Performance) -> Result<Exit, String> {
    let mut artefacts = Vec::new();
    let two = !options.baseline.is_empty();
    evidence::gather(&options.baseline, Some(Run::Baseline), &mut artefacts)?;
    evidence::gather(&options.files, two.then_some(Run::Optimized), &mut artefacts)?;
    evidence::gather(&options.slo, None, &mut artefacts)?;
    if artefacts.iter().all(|artefact| artefact.refused.is_some()) {
        let reasons: Vec<String> = artefacts
            .iter()
            .take(5)
            .map(|artefact| format!("{}: {}", artefact.path, artefact.refused.as_deref().unwrap_or_default()))
            .collect();
        return Err(format!("nothing could be read. {}", reasons.join("; ")));
    }
    let (gathered, performance) = match &options.project {
        None => {
            let gathered = Gathered::new(artefacts);
            let performance = ShareablePerformance::new(&gathered.alone());
            (gathered, performance)
        }
        Some(project) => {
            let input = Input::open_in(project, None)?;
            let mut reader = input.reader()?;
            let jobs = audit::cores();
            let (settings, plan) = prepare(&input.listing, jobs as usize, |entry| reader.read(entry));
            if let Some(error) = &plan.over_limit {
                return Err(format!("{error} {}.", error.action()));
            }
            artefacts.extend(asked_by(&settings.targets));
            let gathered = Gathered::new(artefacts);
            let audited = pool::run(&Job {
                input: &input,
                plan: &plan,
                settings: AuditSettings::new(&settings, &[]),
                only: &[],
                date: &audit::today(),
                jobs,
                evidence: Some(&gathered),
            })?;
            let report = Shareable::new(&audited.report);
            let performance =
                ShareablePerformance::of(&report).unwrap_or_else(|| ShareablePerformance::new(&gathered.alone()));
            (gathered, performance)
        }
    };
    let text = if options.json { performance.json() } else { performance_markdown(&performance) };
    output::write(options.output.as_deref(), &text)?;
    let mut err = std::io::stderr();
    let unread = performance.files.iter().filter(|file| file.refused.is_some()).count();
    if unread > 0 {
        let files = counted(unread as u64, "file was", "files were");
        let _ = writeln!(err, "drydock: {files} not read; the report says why");
    }
    let rows = performance.sections.iter().flat_map(|section| &section.targets);
    let missed = rows.filter(|row| row.status == TargetStatus::Fail && row.source != "default").count();
    if missed > 0 {
        let _ = writeln!(err, "drydock: {} missed", counted(missed as u64, "target is", "targets are"));
        return Ok(Exit::Gate);
    }
    let named = gathered.artefacts.iter().any(|artefact| {
        let given = |path: &std::path::PathBuf| path.to_string_lossy().replace('\\', "/") == artefact.path;
        artefact.refused.is_some() && options.files.iter().chain(&options.baseline).chain(&options.slo).any(given)
    });
    Ok(if named { Exit::Incomplete } else { Exit::Done })
}
