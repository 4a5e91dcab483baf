//! Targets, pairing and comparison in the report's words.

use crate::evidence::asked::Asked;
use crate::evidence::compare::{Change, Claim, Comparison, Pairing, compare, pair};
use crate::evidence::joins::MissedRoute;
use crate::evidence::model::targets::{Metric, Scope};
use crate::evidence::model::{Artefact, Run};
use crate::evidence::slo::{Row, Sheet, Status, sheet};
use crate::evidence::sql;
use crate::report::model::performance::{BenchmarkRow, TargetRow, TargetStatus};
use crate::words::counted;

/// What both sides say, and what is asked of them.
#[derive(Clone, Debug, Default)]
pub struct Figures {
    /// Which file belongs to which side.
    pub pairing: Pairing,
    /// Targets and verdicts.
    pub sheet: Sheet,
    /// Both sides held against each other.
    pub comparison: Comparison,
}

/// Makes resampling repeatable.
const SEED: u64 = 0x6472_7964;

impl Figures {
    /// Reads all files together; `swapped` takes the earlier run for the later.
    #[must_use]
    pub fn new(artefacts: &[Artefact], asked: &Asked, swapped: bool) -> Self {
        let pairing = pair(artefacts);
        let pairing = if swapped { pairing.swapped() } else { pairing };
        let sheet = sheet(artefacts, &pairing.sides, asked);
        let comparison = compare(artefacts, &pairing.sides, SEED);
        Self { pairing, sheet, comparison }
    }

    /// Whether there are two sides.
    #[must_use]
    pub fn has_both(&self) -> bool {
        self.pairing.sides.contains(&Some(Run::Baseline)) && self.pairing.sides.contains(&Some(Run::Optimized))
    }

    /// Remarks on the whole.
    pub(super) fn notices(&self, with_code: bool) -> Vec<String> {
        let mut out = Vec::new();
        if self.has_both() {
            out.push(format!("Baseline and optimized runs were told apart {}", self.pairing.reason));
        }
        for unchecked in &self.sheet.unchecked {
            out.push(format!("The target `{}` was not checked: {}", unchecked.text, unchecked.reason));
        }
        for target in &self.sheet.overruled {
            out.push(format!(
                "The target `{}` for {} ({}) is overruled by a source that comes first",
                target.text,
                target.scope,
                target.source.kind.words()
            ));
        }
        if !with_code {
            out.push("No project was given: nothing is joined to code".to_owned());
        }
        out
    }

    /// From one side to the other, for a line of the table of targets: with the interval where there is one, and the
    /// number of runs behind it.
    fn change(&self, row: &Row) -> Option<String> {
        let (before, after) = (row.baseline.as_ref()?.value?, row.optimized.as_ref()?.value?);
        let percent = |ratio: f64| format!("{:+.0} %", (ratio - 1.0) * 100.0);
        let known = |change: &&Change| change.scope == row.scope && change.metric == row.metric;
        let Some(change) = self.comparison.changes.iter().find(known) else {
            let runs = row.baseline.as_ref()?.runs.min(row.optimized.as_ref()?.runs);
            return (before > 0.0).then(|| format!("{} (n={runs})", percent(after / before)));
        };
        let ratio = percent(change.ratio?);
        Some(match change.interval {
            Some((low, high)) => {
                format!("{ratio} (95 % from {} to {}, {})", percent(low), percent(high), change.claim.words())
            }
            None => format!("{ratio} (n={}, {})", change.before.len().min(change.after.len()), change.claim.words()),
        })
    }

    /// What the figures of a benchmark rest on, a sentence each.
    pub(super) fn notes(&self, home: &dyn Fn(&Change) -> bool) -> Vec<String> {
        let of = self.comparison.changes.iter().filter(|change| home(change));
        of.map(|change| format!("{}: {}", named(change), change.text)).collect()
    }

    /// Figures of both sides for one part of the report.
    pub(super) fn rows(&self, home: &dyn Fn(&Change) -> bool) -> Vec<BenchmarkRow> {
        let of = self.comparison.changes.iter().filter(|change| home(change));
        of.map(|change| {
            let shown = |values: &[f64]| {
                let mut sorted = values.to_vec();
                crate::evidence::stats::sort(&mut sorted);
                let middle = crate::evidence::stats::median(&sorted).unwrap_or_default();
                let runs = if values.len() > 1 { format!(" (median of {})", values.len()) } else { String::new() };
                format!("{}{runs}", change.metric.show(middle))
            };
            let n = change.before.len().min(change.after.len());
            let ratio = change.ratio.map_or_else(|| "-".to_owned(), |ratio| format!("{:+.0} %", (ratio - 1.0) * 100.0));
            let direction = match (change.claim, change.better) {
                (Claim::WithinNoise | Claim::NotComparable, _) | (_, None) => String::new(),
                (_, Some(true)) => "better, ".to_owned(),
                (_, Some(false)) => "worse, ".to_owned(),
            };
            BenchmarkRow {
                metric: named(change),
                baseline: shown(&change.before),
                optimized: shown(&change.after),
                change: format!("{ratio} (n={n})"),
                verdict: format!("{direction}{}", change.claim.words()),
            }
        })
        .collect()
    }

    /// What the sides do not have in common.
    pub(super) fn violations(&self, pages: bool) -> Vec<String> {
        let list = if pages { &self.comparison.page_conditions } else { &self.comparison.load_conditions };
        let broken = list.iter().filter(|condition| !condition.holds);
        broken.map(|c| format!("{}: {} before, {} after", c.what, c.baseline, c.optimized)).collect()
    }
}

/// The figure by name, with the query where it is of one.
fn named(change: &Change) -> String {
    match &change.scope {
        Scope::Query { text } => format!("{} of `{}`", change.metric.title(), sql::line(text, 80)),
        _ => change.metric.title(),
    }
}

/// A line of the table of targets.
pub(super) fn target_row(figures: &Figures, row: &Row) -> TargetRow {
    let text = |figure: &Option<crate::evidence::slo::Figure>| figure.as_ref().map(|figure| figure.text.clone());
    let (target, source) = match &row.target {
        Some(target) => {
            let weight = target.weight.map(|weight| format!(", weight {weight}")).unwrap_or_default();
            (target.bound(), format!("{}{weight}", target.source.words()))
        }
        None => (String::new(), String::new()),
    };
    TargetRow {
        metric: row.metric.title(),
        key: row.metric.into(),
        scope: row.scope.to_string(),
        target,
        source,
        baseline: text(&row.baseline),
        optimized: text(&row.optimized),
        change: figures.change(row),
        status: status(row.status),
        reason: (!row.reason.is_empty()).then(|| row.reason.clone()),
    }
}

const fn status(status: Status) -> TargetStatus {
    match status {
        Status::Fail => TargetStatus::Fail,
        Status::Noisy => TargetStatus::Noisy,
        Status::Undecided => TargetStatus::Undecided,
        Status::Pass => TargetStatus::Pass,
        Status::NoData => TargetStatus::NoData,
        Status::NoTarget => TargetStatus::NoTarget,
    }
}

/// Routes that miss a target, for the joins.
#[must_use]
pub fn missed(figures: &Figures) -> Vec<MissedRoute> {
    let failed = figures.sheet.rows.iter().filter(|row| row.status == Status::Fail);
    failed
        .filter_map(|row| {
            let Scope::Route { method, path } = &row.scope else { return None };
            let target = row.target.as_ref()?;
            let figure = row.optimized.as_ref().or(row.baseline.as_ref())?;
            let n = figure.n.map(|n| format!(", {}", counted(n, "request", "requests"))).unwrap_or_default();
            let says = format!("{} {} misses {}{n}", row.metric.title(), figure.text, target.bound());
            Some(MissedRoute { method: method.clone(), name: path.clone(), says })
        })
        .collect()
}

/// How far a latency has to come down for its target, 0 to 1.
pub(super) fn needed(row: &Row) -> Option<f64> {
    let latency = matches!(row.metric, Metric::Latency(_) | Metric::LatencyMean | Metric::LatencyMax);
    if row.status != Status::Fail || !latency {
        return None;
    }
    let figure = row.optimized.as_ref().or(row.baseline.as_ref())?;
    let value = figure.value.or(figure.low)?;
    let target = row.target.as_ref()?.value;
    (value > 0.0 && target < value).then(|| 1.0 - target / value)
}
