//! One figure before and after: ratio, test, noise floor, and the claim that they carry.

use crate::evidence::model::targets::{Metric, Scope, WebMetric};
use crate::evidence::stats::{self, Seeded};
use crate::words::counted;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A figure before and after.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// Of what.
    pub scope: Scope,
    /// Which figure.
    pub metric: Metric,
    /// Its value in each run before.
    pub before: Vec<f64>,
    /// Its value in each run after.
    pub after: Vec<f64>,
    /// Requests before and after, of all runs.
    pub requests: (Option<u64>, Option<u64>),
    /// Median after over median before; nothing when that was 0.
    pub ratio: Option<f64>,
    /// After less before: of medians, or the Hodges-Lehmann shift with three runs and more.
    pub difference: f64,
    /// 95 % interval of the ratio: over runs, or within one run a side.
    pub interval: Option<(f64, f64)>,
    /// Two-sided p over runs, exact; only with three runs a side and more.
    pub p: Option<f64>,
    /// The same, corrected for the number of routes or pages that were tested (Holm).
    pub p_corrected: Option<f64>,
    /// Cliff's delta of the distributions within one run a side.
    pub delta: Option<f64>,
    /// What differs less than this is noise: a share of the value, or points.
    pub floor: Floor,
    /// What may be said.
    pub claim: Claim,
    /// Whether it is better, where it differs at all.
    pub better: Option<bool>,
    /// How the figure came about: `lab, simulated`; else empty.
    pub basis: String,
    /// One sentence for people.
    pub text: String,
}

/// What counts as noise.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Floor {
    /// A share of the value: 0.25 is a quarter.
    Share(f64),
    /// In the metric's unit.
    Points(f64),
}

/// What may be said of a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Claim {
    /// Four runs a side and more, p below 5 % after correction, beyond the noise.
    Confirmed,
    /// Three runs a side and more without overlap, beyond the noise; chance is not ruled out.
    Consistent,
    /// One run a side: its samples agree, beyond the noise. Another run may say otherwise.
    WithinRun,
    /// Beyond the noise, without a test.
    Untested,
    /// Within the noise.
    WithinNoise,
    /// The sides differ in more than the change.
    NotComparable,
}

impl Claim {
    /// Words for people.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Consistent => "consistent",
            Self::WithinRun => "within-run only",
            Self::Untested => "not tested",
            Self::WithinNoise => "within noise",
            Self::NotComparable => "not comparable",
        }
    }

    /// Whether the difference may be called significant: never from a single run a side.
    #[must_use]
    pub const fn is_significant(self) -> bool {
        matches!(self, Self::Confirmed)
    }
}

/// What goes into a change.
pub struct Measured {
    pub scope: Scope,
    pub metric: Metric,
    pub before: Vec<f64>,
    pub after: Vec<f64>,
    pub requests: (Option<u64>, Option<u64>),
    pub within: Option<(f64, f64)>,
    pub delta: Option<f64>,
    pub basis: String,
}

/// Noise that is expected when runs do not show their own.
const fn default_floor(metric: Metric) -> Floor {
    match metric {
        Metric::Throughput | Metric::Requests => Floor::Share(0.10),
        Metric::DbQuery(_) | Metric::DbQueryMean | Metric::DbQueryMax => Floor::Share(0.20),
        Metric::ErrorRate => Floor::Points(0.005),
        Metric::Web(WebMetric::Score) => Floor::Points(5.0),
        Metric::Web(WebMetric::Cls) => Floor::Points(0.02),
        Metric::Web(WebMetric::Bytes) | Metric::MemoryPeak | Metric::DbQueriesPerRequest => Floor::Share(0.05),
        _ => Floor::Share(0.25),
    }
}

/// Noise of a figure: what repeated runs show, from four a side on; with three, the default unless they show more.
fn floor(metric: Metric, before: &[f64], after: &[f64]) -> Floor {
    let least = before.len().min(after.len());
    let default = default_floor(metric);
    if least < 3 {
        return default;
    }
    // How far two runs of the same program lie apart.
    match default {
        Floor::Points(points) => {
            let seen = stats::range(before).max(stats::range(after));
            Floor::Points(if least >= 4 { seen } else { seen.max(points) })
        }
        Floor::Share(share) => {
            let relative = |side: &[f64]| {
                let middle = stats::median(side).unwrap_or(0.0);
                if middle > 0.0 { stats::range(side) / middle } else { 0.0 }
            };
            let seen = relative(before).max(relative(after));
            Floor::Share(if least >= 4 { seen } else { seen.max(share) })
        }
    }
}

impl Floor {
    /// Whether a change from one value to another is more than noise.
    fn beyond(self, before: f64, after: f64) -> bool {
        match self {
            Self::Points(points) => (after - before).abs() > points,
            Self::Share(share) => {
                let (low, high) = (before.min(after), before.max(after));
                // A fall by a fifth and a rise by a quarter are the same ratio.
                high > 0.0 && (low <= 0.0 || high / low - 1.0 > share)
            }
        }
    }

    /// Whether all of an interval of ratios is, for one run a side: either of the two may be off by the noise, which
    /// samples of a run cannot show.
    fn interval_beyond(self, interval: (f64, f64)) -> bool {
        match self {
            Self::Points(_) => false,
            Self::Share(share) => {
                let both = (1.0 + share) * (1.0 + share);
                interval.1 < 1.0 / both || interval.0 > both
            }
        }
    }

    fn words(self, metric: Metric) -> String {
        match self {
            Self::Share(share) => format!("{:.0} %", share * 100.0),
            Self::Points(points) if metric == Metric::Web(WebMetric::Score) => format!("{points:.0} points"),
            Self::Points(points) => metric.show(points),
        }
    }
}

/// Weighs a figure; nothing when a side has none.
pub fn weigh(measured: Measured, comparable: bool, chance: &mut Seeded) -> Option<Change> {
    let Measured { scope, metric, before, after, requests, within, delta, basis } = measured;
    let (one, other) = (stats::median(&before)?, stats::median(&after)?);
    let runs = before.len().min(after.len());
    let ratio = (one > 0.0).then(|| other / one);
    let difference = if runs >= 3 { stats::shift(&before, &after)? } else { other - one };
    let floor = floor(metric, &before, &after);
    let p = if runs >= 3 { stats::rank_sum(&before, &after) } else { None };
    let interval = match runs {
        0 | 2 => None,
        1 if before.len() == 1 && after.len() == 1 => within,
        1 => None,
        _ => stats::run_ratio(&before, &after, chance),
    };
    let beyond = floor.beyond(one, other);
    let claim = match runs {
        _ if !comparable => Claim::NotComparable,
        _ if !beyond => Claim::WithinNoise,
        1 if interval.is_some_and(|interval| floor.interval_beyond(interval)) => Claim::WithinRun,
        1 | 2 => Claim::Untested,
        _ if apart(&before, &after) => Claim::Consistent,
        _ => Claim::WithinNoise,
    };
    let better = (difference != 0.0).then_some((difference < 0.0) != metric.more_is_better());
    Some(Change {
        scope,
        metric,
        before,
        after,
        requests,
        ratio,
        difference,
        interval,
        p,
        p_corrected: None,
        delta,
        floor,
        claim,
        better,
        basis,
        text: String::new(),
    })
}

/// Whether no run of one side lies among those of the other.
fn apart(before: &[f64], after: &[f64]) -> bool {
    let low = |side: &[f64]| side.iter().copied().fold(f64::INFINITY, f64::min);
    let high = |side: &[f64]| side.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    high(before) < low(after) || high(after) < low(before)
}

/// Corrects the p of a figure for the number of routes or pages that it was tested on, decides what is confirmed, and
/// puts it in words. The run as a whole is one test; figures of one distribution are not many.
pub fn correct(changes: &mut [Change]) {
    let mut families: BTreeMap<(Metric, bool), Vec<usize>> = BTreeMap::new();
    for (at, change) in changes.iter().enumerate().filter(|(_, change)| change.p.is_some()) {
        families.entry((change.metric, change.scope == Scope::All)).or_default().push(at);
    }
    let mut tests = vec![0; changes.len()];
    for places in families.into_values() {
        let ps: Vec<f64> = places.iter().filter_map(|at| changes.get(*at)?.p).collect();
        for (at, p) in places.iter().zip(stats::holm(&ps)) {
            if let (Some(change), Some(count)) = (changes.get_mut(*at), tests.get_mut(*at)) {
                change.p_corrected = Some(p);
                *count = ps.len();
            }
        }
    }
    for (change, tests) in changes.iter_mut().zip(tests) {
        let runs = change.before.len().min(change.after.len());
        let beyond = match (stats::median(&change.before), stats::median(&change.after)) {
            (Some(one), Some(other)) => change.floor.beyond(one, other),
            _ => false,
        };
        let may = matches!(change.claim, Claim::Consistent | Claim::WithinNoise) && beyond;
        if may && runs >= 4 && change.p_corrected.is_some_and(|p| p < 0.05) {
            change.claim = Claim::Confirmed;
        }
        change.text = words(change, tests);
    }
}

/// `p95 410 ms to 190 ms, x0.46; …`
fn words(change: &Change, tests: usize) -> String {
    let metric = change.metric;
    let show = |side: &[f64]| stats::median(side).map_or_else(String::new, |value| metric.show(value));
    let mut out = format!("{} to {}", show(&change.before), show(&change.after));
    if let Some(ratio) = change.ratio {
        let decimals = if ratio < 0.1 { 3 } else { 2 };
        out.push_str(&format!(", x{ratio:.decimals$}"));
    }
    let runs = match (change.before.len(), change.after.len()) {
        (1, 1) => "one run a side".to_owned(),
        (one, other) => format!("{one} and {other} runs"),
    };
    out.push_str(&format!(" ({runs}"));
    if let (Some(one), Some(other)) = change.requests {
        let (one, other) = (counted(one, "request", "requests"), counted(other, "request", "requests"));
        out.push_str(&format!(", {one} and {other}"));
    }
    if let Some((low, high)) = change.interval {
        let of = if change.before.len() == 1 { "within the run" } else { "over runs" };
        out.push_str(&format!(", 95 % interval {of} x{low:.2} to x{high:.2}"));
    }
    if let Some(p) = change.p_corrected {
        let corrected = if tests > 1 { format!(", corrected for {tests} tests") } else { String::new() };
        out.push_str(&format!(", p = {p:.3}{corrected}"));
    }
    out.push_str("): ");
    let floor = change.floor.words(metric);
    out.push_str(change.claim.words());
    match change.claim {
        Claim::Confirmed => {}
        Claim::Consistent => out.push_str(", no run of one side lies among the other's; chance is not ruled out"),
        Claim::WithinRun => out.push_str(&format!(", beyond the noise of {floor}; another run may say otherwise")),
        Claim::Untested => out.push_str(&format!(", beyond the noise of {floor}; repeat it to be sure")),
        Claim::WithinNoise => out.push_str(&format!(" of {floor}")),
        Claim::NotComparable => out.push_str(", the sides differ in more than the change"),
    }
    out
}
