//! Runs of the same program must not be called different; real differences must be seen.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use super::*;
use crate::evidence::model::Evidence;
use crate::evidence::model::load::{ComputedBy, Latency, Window};

/// Roughly normal.
fn wobble(chance: &mut Seeded, spread: f64) -> f64 {
    let sum: f64 = (0..12).map(|_| chance.unit()).sum();
    (1.0 + (sum - 6.0) * spread).max(0.05)
}

/// A run whose level wobbles from run to run by `between`, and within it by stretches and by requests.
fn run(chance: &mut Seeded, level: f64, between: f64, samples: bool) -> Artefact {
    let level = level * wobble(chance, between);
    let mut latency = Latency::default();
    let mut windows = Vec::new();
    let mut all = Vec::new();
    for at in 0..20 {
        let stretch = level * wobble(chance, 0.1);
        for _ in 0..30 {
            all.push((stretch * wobble(chance, 0.3)) as f32);
        }
        windows.push(Window { at_s: f64::from(at), length_s: 1.0, requests: 30, ..Window::default() });
    }
    let mut sorted: Vec<f64> = all.iter().map(|ms| f64::from(*ms)).collect();
    stats::sort(&mut sorted);
    for at in PERCENTILES {
        latency.add(at, stats::percentile(&sorted, at.share()).unwrap(), ComputedBy::Us);
    }
    latency.mean_ms = Some(sorted.iter().sum::<f64>() / sorted.len() as f64);
    let total = Route {
        requests: Some(600),
        failures: Some(0),
        per_second: Some(1_000.0 / level),
        latency: Latency { samples_ms: if samples { all } else { Vec::new() }, ..latency },
        windows: if samples { windows } else { Vec::new() },
        ..Route::default()
    };
    let run = LoadRun { tool: "k6".to_owned(), users: Some(8.0), duration_s: Some(20.0), total, ..LoadRun::default() };
    Artefact { evidence: vec![Evidence::LoadRun(Box::new(run))], ..Artefact::default() }
}

/// Both sides of `runs` each; the later one at `factor` of the level.
fn sides(seed: u64, runs: usize, factor: f64, between: f64, samples: bool) -> Comparison {
    let mut chance = Seeded::new(seed);
    let mut artefacts = Vec::new();
    let mut labels = Vec::new();
    for side in [Run::Baseline, Run::Optimized] {
        for _ in 0..runs {
            let level = if side == Run::Baseline { 100.0 } else { 100.0 * factor };
            artefacts.push(run(&mut chance, level, between, samples));
            labels.push(Some(side));
        }
    }
    compare(&artefacts, &labels, seed)
}

fn share(trials: u64, of: impl Fn(u64) -> bool) -> f64 {
    (0..trials).filter(|seed| of(*seed)).count() as f64 / trials as f64
}

#[test]
fn one_run_a_side_is_never_significant() {
    for (factor, samples) in [(1.0, true), (0.2, true), (0.2, false), (5.0, true)] {
        for seed in 0..10 {
            let comparison = sides(seed, 1, factor, 0.3, samples);
            assert!(comparison.changes.iter().all(|change| !change.claim.is_significant()), "{factor} {seed}");
        }
    }
}

#[test]
fn runs_of_the_same_program_are_not_called_different() {
    // Runs vary by 8 %, as on a quiet machine.
    for runs in [1, 2, 3, 4, 5] {
        for seed in 0..30 {
            let comparison = sides(seed, runs, 1.0, 0.08, runs == 1);
            for change in &comparison.changes {
                let different = matches!(change.claim, Claim::Confirmed | Claim::WithinRun);
                assert!(!different, "{runs} runs, seed {seed}: {} {}", change.metric, change.text);
            }
        }
    }
}

#[test]
fn runs_that_vary_wildly_are_seldom_called_different() {
    // Levels from half to double, as measured on a shared machine.
    let confirmed = |comparison: &Comparison| comparison.changes.iter().any(|change| change.claim == Claim::Confirmed);
    for runs in [4, 5, 6] {
        let wrong = share(60, |seed| confirmed(&sides(seed, runs, 1.0, 0.35, false)));
        assert!(wrong <= 0.05, "{runs} runs a side: {wrong}");
    }
    // Even the weakest word for several runs is rarer than the 10 % that chance gives three runs without overlap.
    let consistent =
        |comparison: &Comparison| comparison.changes.iter().any(|change| change.claim == Claim::Consistent);
    let wrong = share(60, |seed| consistent(&sides(seed, 3, 1.0, 0.35, false)));
    assert!(wrong <= 0.12, "{wrong}");
}

#[test]
fn real_differences_are_seen() {
    for seed in 0..20 {
        let claim = |runs: usize, samples: bool| {
            let comparison = sides(seed, runs, 0.4, 0.08, samples);
            let p95 = Metric::Latency(Percent::P95);
            let change = comparison.changes.into_iter().find(|change| change.metric == p95).unwrap();
            assert_eq!(change.better, Some(true));
            assert!(change.ratio.unwrap() < 0.7, "{}", change.text);
            change.claim
        };
        assert_eq!(claim(6, false), Claim::Confirmed, "seed {seed}");
        assert_eq!(claim(4, false), Claim::Confirmed, "seed {seed}");
        assert_eq!(claim(3, false), Claim::Consistent, "seed {seed}");
        assert_eq!(claim(1, true), Claim::WithinRun, "seed {seed}");
        assert_eq!(claim(1, false), Claim::Untested, "seed {seed}");
    }
}

#[test]
fn sides_that_differ_in_more_than_the_change_are_not_compared() {
    let mut chance = Seeded::new(1);
    let mut pair = [run(&mut chance, 100.0, 0.0, false), run(&mut chance, 40.0, 0.0, false)];
    let Evidence::LoadRun(second) = &mut pair[1].evidence[0] else { panic!() };
    second.users = Some(64.0);
    let comparison = compare(&pair, &[Some(Run::Baseline), Some(Run::Optimized)], 1);
    let broken: Vec<&str> =
        comparison.load_conditions.iter().filter(|condition| !condition.holds).map(|c| c.what.as_str()).collect();
    assert_eq!(broken, ["Most users"]);
    assert!(comparison.changes.iter().all(|change| change.claim == Claim::NotComparable));
}

#[test]
fn the_same_seed_gives_the_same_comparison() {
    assert_eq!(sides(3, 1, 0.5, 0.1, true), sides(3, 1, 0.5, 0.1, true));
}
