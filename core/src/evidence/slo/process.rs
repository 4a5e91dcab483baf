//! What series and profiles say of a process: its memory, and how long it holds its event loop.

use super::measure::Reading;
use crate::evidence::model::load::LoadRun;
use crate::evidence::model::memory::{Measure, MemoryRun, Series};
use crate::evidence::model::targets::{Metric, Scope};
use crate::evidence::model::{Artefact, Evidence};
use crate::evidence::rules::view::View;
use crate::evidence::rules::{asyncio, event_loop as blocks, memory as growth};
use crate::words::counted;

/// Peak and growth of what the process holds.
pub(super) fn memory(artefact: &Artefact, scope: &Scope, metric: Metric, _beside: &[&LoadRun]) -> Option<Reading> {
    if *scope != Scope::All {
        return None;
    }
    artefact.evidence.iter().find_map(|evidence| match (evidence, metric) {
        (Evidence::Memory(run), Metric::MemoryPeak) => peak(run),
        (Evidence::Memory(run), Metric::MemoryGrowth) => grown(run),
        _ => None,
    })
}

fn resident(run: &MemoryRun) -> impl Iterator<Item = &Series> {
    run.series.iter().filter(|series| series.what == Measure::Resident)
}

/// The most that the process held; with children, between the largest of them and all their peaks at once.
fn peak(run: &MemoryRun) -> Option<Reading> {
    let peak = |series: &Series| series.points.iter().map(|point| point.value).reduce(f64::max);
    let peaks: Vec<f64> = resident(run).filter_map(peak).collect();
    let points = resident(run).map(|series| series.points.len() as u64).sum();
    let largest = peaks.iter().copied().reduce(f64::max);
    let seen = run.calls.iter().map(|call| call.before_bytes.max(call.before_bytes + call.kept_bytes)).reduce(f64::max);
    let show = |value: f64| Metric::MemoryPeak.show(value);
    match (largest, peaks.len()) {
        (Some(largest), 1) => {
            Some(Reading { basis: format!("resident, {}", run.tool), ..Reading::exact(largest, Some(points)) })
        }
        (Some(largest), processes) => {
            let sum: f64 = peaks.iter().sum();
            let all = counted(processes as u64, "process", "processes");
            Some(Reading {
                low: Some(largest),
                high: Some(sum),
                n: Some(points),
                bracket: format!("largest of {all} {}, their peaks together {}", show(largest), show(sum)),
                basis: format!("resident, {}", run.tool),
                ..Reading::default()
            })
        }
        // Before and after calls: in between it may have been more.
        (None, _) => Some(Reading {
            low: Some(seen?),
            bracket: format!("{} or more", show(seen?)),
            basis: format!("around calls, {}", run.tool),
            weak: true,
            ..Reading::default()
        }),
    }
}

/// How fast the floor of it rises, with the interval of the slope.
fn grown(run: &MemoryRun) -> Option<Reading> {
    let (series, (trend, _)) = resident(run).find_map(|series| Some((series, growth::trend(series)?)))?;
    let show = |slope: f64| Metric::MemoryGrowth.show(slope * growth::HOUR);
    Some(Reading {
        low: Some(trend.low * growth::HOUR).filter(|low| low.is_finite()),
        high: Some(trend.high * growth::HOUR).filter(|high| high.is_finite()),
        printed: Some(trend.slope * growth::HOUR),
        n: Some(series.points.len() as u64),
        bracket: format!("{}, 95 % between {} and {}", show(trend.slope), show(trend.low), show(trend.high)),
        basis: format!("resident, {}", run.tool),
        ..Reading::default()
    })
}

/// The longest that the loop was held: as late as it came by its own clock; or bounded by a profile.
pub(super) fn event_loop(artefact: &Artefact, scope: &Scope, metric: Metric, _beside: &[&LoadRun]) -> Option<Reading> {
    if *scope != Scope::All || metric != Metric::EventLoopBlock {
        return None;
    }
    artefact.evidence.iter().enumerate().find_map(|(at, evidence)| match evidence {
        Evidence::Memory(run) => {
            let delays = blocks::delays_of(run)?;
            let longest = delays.last().copied()?;
            let basis = format!("longest delay without start-up, {}", run.tool);
            Some(Reading { basis, ..Reading::exact(longest, Some(delays.len() as u64)) })
        }
        Evidence::Profile(profile) => {
            let view = View::new(profile, at)?;
            let show = |ms: f64| Metric::EventLoopBlock.show(ms);
            let bounded = |low: Option<f64>, high: Option<f64>, bracket: String| Reading {
                low,
                high,
                printed: low.or(high),
                bracket,
                basis: view.tool(),
                weak: true,
                ..Reading::default()
            };
            if let Some(runs) = blocks::blocks_of(&view) {
                // Requests that follow each other directly look like one.
                let ms = runs.values().flatten().copied().reduce(f64::max)? * 1e3;
                return Some(bounded(None, Some(ms), format!("{} or less", show(ms))));
            }
            let waits = asyncio::waits_of(&view);
            let each = waits.iter().filter(|wait| wait.calls > 0).map(|wait| wait.value / wait.calls as f64);
            let ms = profile.seconds(each.reduce(f64::max)?)? * 1e3;
            Some(bounded(Some(ms), None, format!("{} or more, the mean of a call that waits", show(ms))))
        }
        _ => None,
    })
}
