//! The runs of a side, and what makes two sides comparable.

use crate::evidence::model::load::{LoadRun, Part, Route};
use crate::evidence::model::targets::Metric;
use crate::evidence::model::web::WebRun;
use crate::evidence::model::{Artefact, Evidence, Run};
use crate::evidence::slo::ERRORS;
use crate::evidence::{routes, stats};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Something that must be equal on both sides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Condition {
    /// What: `Load model`.
    pub what: String,
    /// Before.
    pub baseline: String,
    /// After.
    pub optimized: String,
    /// Whether it holds.
    pub holds: bool,
}

/// Load tests of a side; the history of a run only where its statistics are missing.
pub fn loads<'a>(artefacts: &'a [Artefact], sides: &[Option<Run>], run: Run) -> Vec<&'a LoadRun> {
    let all = || {
        let of_side = artefacts.iter().zip(sides).filter(move |(_, side)| **side == Some(run));
        of_side.flat_map(|(artefact, _)| &artefact.evidence).filter_map(|evidence| match evidence {
            Evidence::LoadRun(run) => Some(run.as_ref()),
            _ => None,
        })
    };
    let whole: Vec<&LoadRun> = all().filter(|run| run.part == Part::Summary).collect();
    if whole.is_empty() { all().filter(|run| run.part == Part::History).collect() } else { whole }
}

/// Pages of a side.
pub fn pages<'a>(artefacts: &'a [Artefact], sides: &[Option<Run>], run: Run) -> Vec<&'a WebRun> {
    let of_side = artefacts.iter().zip(sides).filter(move |(_, side)| **side == Some(run));
    let pages = of_side.flat_map(|(artefact, _)| &artefact.evidence).filter_map(|evidence| match evidence {
        Evidence::WebRun(run) => Some(run.as_ref()),
        _ => None,
    });
    pages.collect()
}

/// One condition on what both sides say; holds when a side says nothing.
fn equal(what: &str, baseline: BTreeSet<String>, optimized: BTreeSet<String>) -> Condition {
    let holds = baseline.is_empty() || optimized.is_empty() || (baseline == optimized && baseline.len() == 1);
    let show = |side: BTreeSet<String>| match side.is_empty() {
        true => "not stated".to_owned(),
        false => side.into_iter().collect::<Vec<_>>().join(", "),
    };
    Condition { what: what.to_owned(), baseline: show(baseline), optimized: show(optimized), holds }
}

/// Routes that count: no selections.
pub fn plain(run: &LoadRun) -> impl Iterator<Item = &Route> {
    run.routes.iter().filter(|route| !route.selection)
}

/// What must be equal of load tests.
pub fn load_conditions(before: &[&LoadRun], after: &[&LoadRun]) -> Vec<Condition> {
    let texts = |runs: &[&LoadRun], of: &dyn Fn(&LoadRun) -> Option<String>| -> BTreeSet<String> {
        let mut out = BTreeSet::new();
        out.extend(runs.iter().filter_map(|run| of(run)));
        out
    };
    let both = |what: &str, of: &dyn Fn(&LoadRun) -> Option<String>| equal(what, texts(before, of), texts(after, of));
    let host = |run: &LoadRun| {
        let host = run.host.as_deref()?;
        let end = host.rfind(':').filter(|at| *at > host.find("://").map_or(0, |scheme| scheme + 2));
        Some(host.get(..end.unwrap_or(host.len()))?.to_owned())
    };
    let mut out = vec![
        both("Tool", &|run| Some(run.tool.clone())),
        both("Load model", &|run| run.model.map(|model| model.words().to_owned())),
        both("Most users", &|run| run.users.map(|users| format!("{users}"))),
        both("Host", &host),
    ];
    let seconds = |runs: &[&LoadRun]| stats::median(&runs.iter().filter_map(|run| run.duration_s).collect::<Vec<_>>());
    let (one, other) = (seconds(before), seconds(after));
    let show = |seconds: Option<f64>| seconds.map_or_else(|| "not stated".to_owned(), |s| format!("{s:.1} s"));
    out.push(Condition {
        what: "Duration, within twice".to_owned(),
        baseline: show(one),
        optimized: show(other),
        holds: one.zip(other).is_none_or(|(one, other)| one <= 2.0 * other && other <= 2.0 * one),
    });
    out.push(mix(before, after));
    let errors = |runs: &[&LoadRun]| runs.iter().filter_map(|run| run.total.error_rate()).reduce(f64::max);
    let (one, other) = (errors(before), errors(after));
    let show = |rate: Option<f64>| rate.map_or_else(|| "not stated".to_owned(), |rate| Metric::ErrorRate.show(rate));
    out.push(Condition {
        what: "Error rate, at most 1 %".to_owned(),
        baseline: show(one),
        optimized: show(other),
        holds: [one, other].into_iter().flatten().all(|rate| rate <= ERRORS),
    });
    out
}

/// Each route's share of the requests may differ by ten points.
fn mix(before: &[&LoadRun], after: &[&LoadRun]) -> Condition {
    let mut names: BTreeSet<String> = BTreeSet::new();
    names.extend(before.iter().chain(after).flat_map(|run| plain(run)).map(Route::title));
    let share = |runs: &[&LoadRun], name: &str| {
        let count = |of: &dyn Fn(&Route) -> bool| -> f64 {
            let routes = runs.iter().flat_map(|run| plain(run)).filter(|route| of(route));
            routes.filter_map(|route| route.requests).map(|requests| requests as f64).sum()
        };
        let all = count(&|_| true);
        (all > 0.0).then(|| count(&|route| route.title() == name) / all)
    };
    let (mut worst, mut shown) = (0.0, (String::new(), String::new()));
    for name in &names {
        let (Some(one), Some(other)) = (share(before, name), share(after, name)) else { continue };
        if (one - other).abs() > worst {
            worst = (one - other).abs();
            shown = (format!("{name} {:.0} %", one * 100.0), format!("{name} {:.0} %", other * 100.0));
        }
    }
    let same = || "the same".to_owned();
    Condition {
        what: "Mix of routes, within 10 points".to_owned(),
        baseline: if worst > 0.005 { shown.0 } else { same() },
        optimized: if worst > 0.005 { shown.1 } else { same() },
        holds: worst <= 0.10,
    }
}

/// What must be equal of pages.
pub fn page_conditions(before: &[&WebRun], after: &[&WebRun]) -> Vec<Condition> {
    let texts = |runs: &[&WebRun], of: &dyn Fn(&WebRun) -> Option<String>| -> BTreeSet<String> {
        let mut out = BTreeSet::new();
        out.extend(runs.iter().filter_map(|run| of(run)));
        out
    };
    let both = |what: &str, of: &dyn Fn(&WebRun) -> Option<String>| equal(what, texts(before, of), texts(after, of));
    vec![
        both("Major version of the tool", &|run| Some(run.tool_version.as_deref()?.split('.').next()?.to_owned())),
        both("Form factor", &|run| run.form_factor.clone()),
        both("Throttling", &|run| run.throttling.clone()),
    ]
}

/// What makes two runs ones of the same page: its path, and the tool that saw it.
pub fn page_key(run: &WebRun) -> (String, String) {
    (routes::path(&run.page).to_owned(), run.tool.clone())
}
