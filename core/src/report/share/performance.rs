//! Masks the Performance Report. Every struct is taken apart in full, so that a new field cannot be forgotten.

use super::Shareable;
use crate::report::mask::Masker;
use crate::report::model::performance::{
    Benchmark, BenchmarkRow, Caching, CodePlace, Escalation, EvidenceFile, Performance, ProfilingFinding,
    Recommendation, Section, SeverityChange, TargetRow,
};
use crate::report::model::picture::{Picture, PictureBox};
use crate::report::pretty::pretty;
use std::ops::Deref;

/// A masked Performance Report, without an audit around it.
#[derive(Clone, Debug)]
pub struct ShareablePerformance(Performance);

impl ShareablePerformance {
    /// Masks a copy.
    #[must_use]
    pub fn new(performance: &Performance) -> Self {
        let mut performance = performance.clone();
        mask_performance(&Masker::new(), &mut performance);
        Self(performance)
    }

    /// That of a report which is masked already.
    #[must_use]
    pub fn of(report: &Shareable) -> Option<Self> {
        report.performance.as_deref().cloned().map(Self)
    }

    /// As JSON.
    #[must_use]
    pub fn json(&self) -> String {
        pretty(&self.0)
    }
}

impl Deref for ShareablePerformance {
    type Target = Performance;

    fn deref(&self) -> &Performance {
        &self.0
    }
}

/// Masks all texts.
pub(super) fn mask_performance(m: &Masker, performance: &mut Performance) {
    let Performance { sections, files, changes, unadjusted: _, unmatched, notices, pictures } = performance;
    sections.iter_mut().for_each(|section| mask_section(m, section));
    for EvidenceFile { path, bytes: _, format, run, read, refused, notes } in files {
        all(m, [path, format, run, read].into_iter().chain(refused).chain(notes));
    }
    for SeverityChange { fingerprint: _, check: _, path, line: _, from: _, to: _, why } in changes {
        all(m, [path, why]);
    }
    all(m, unmatched);
    all(m, notices);
    for Picture { file: _, title, kind: _, unit: _, whole: _, boxes, left_out: _, note } in pictures {
        all(m, [title].into_iter().chain(note));
        for PictureBox { parent: _, name, place, value: _, own: _, says, hot: _ } in boxes {
            all(m, [name, place].into_iter().chain(says));
        }
    }
}

fn mask_section(m: &Masker, section: &mut Section) {
    let Section { title, place, targets, findings, benchmark, recommendations, caching, escalations } = section;
    all(m, [title].into_iter().chain(place));
    for TargetRow { metric, key: _, scope, target, source, baseline, optimized, change, status: _, reason } in targets {
        all(
            m,
            [metric, scope, target, source].into_iter().chain(baseline).chain(optimized).chain(change).chain(reason),
        );
    }
    for finding in findings {
        let ProfilingFinding {
            rule: _,
            kind: _,
            title,
            severity: _,
            place,
            evidence,
            share: _,
            removes: _,
            fix,
            guard,
            impact,
            confirms: _,
        } = finding;
        all(m, [title, evidence, fix, impact].into_iter().chain(guard));
        if let Some(CodePlace { path, line: _, symbol, join: _ }) = place {
            all(m, [path, symbol]);
        }
    }
    if let Some(Benchmark { command, rows, not_comparable, notes }) = benchmark {
        all(m, command.iter_mut().chain(not_comparable).chain(notes));
        for BenchmarkRow { metric, baseline, optimized, change, verdict } in rows {
            all(m, [metric, baseline, optimized, change, verdict]);
        }
    }
    for Recommendation { priority: _, impact: _, effort: _, removes: _, text } in recommendations {
        all(m, [text]);
    }
    for Caching { trigger, layer, invalidation, guard } in caching {
        all(m, [trigger, layer, invalidation, guard]);
    }
    for Escalation { to, why } in escalations {
        all(m, [to, why]);
    }
}

fn all<'a>(m: &Masker, texts: impl IntoIterator<Item = &'a mut String>) {
    texts.into_iter().for_each(|text| m.mask_in(text));
}
