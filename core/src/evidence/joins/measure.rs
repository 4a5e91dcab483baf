//! What was measured, as places in the code: hot and warm ones, functions that never ran, claims that plans disprove,
//! and what only run time shows. The audit changes its findings by these (section 4).

use super::{Places, Queries, Routes, eased};
use crate::evidence::code::{CodeFunction, CodeIndex, Site};
use crate::evidence::model::profile::{Method, Origin, Profile};
use crate::evidence::model::{Access, Artefact, Evidence, Plan, QueryStats};
use crate::evidence::rules::figures::percent;
use crate::evidence::rules::view::View;
use crate::evidence::rules::{Kind, Observation, Subject, charge};
use crate::evidence::sql::{self, Compare};
use crate::order::InOrder as _;
use crate::report::model::Severity;
use crate::report::model::performance::{
    About, ColdPlace, Join, Measured, MeasuredFinding, MeasuredPlace, Refuted, Region,
};
use crate::words::{counted, grouped};
use rustc_hash::FxHashSet;
use std::collections::BTreeSet;

/// Share from which a place is hot, and below which it is not whatever its rank.
const HOT: f64 = 0.10;
const WARM: f64 = 0.01;
/// Queries of a file that are looked for in the code, the most expensive first.
const SEEN: usize = 500;
/// Queries that are hot whatever their share, by rank.
const TOP: usize = 5;

/// A route that misses a target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissedRoute {
    /// Method, empty for any.
    pub method: String,
    /// Path or name.
    pub name: String,
    /// Figures, with the tool.
    pub says: String,
}

/// Joins all evidence.
#[must_use]
pub fn measure(
    index: &CodeIndex,
    artefacts: &[Artefact],
    observations: &[Observation],
    missed: &[MissedRoute],
) -> Measured {
    let joins = Joins { index, places: Places::new(index), queries: Queries::new(index), routes: Routes::new(index) };
    let mut out = Measured::default();
    let mut seen = Seen::default();
    for (at, artefact) in artefacts.iter().enumerate() {
        for evidence in &artefact.evidence {
            match evidence {
                Evidence::Profile(profile) => {
                    seen.calls(&joins, profile);
                    eased::short(
                        profile,
                        &artefact.path,
                        &|path, line, name| joins.coroutine(path, line, name),
                        &mut out.eased,
                    );
                    joins.profile(profile, at, &artefact.path, &mut out);
                }
                Evidence::Queries(stats) => joins.statistics(stats, &mut out),
                Evidence::Plan(plan) => refuted_by(plan, &artefact.path, &mut out),
                _ => {}
            }
        }
    }
    eased::eased(index, &joins.queries, &joins.routes, artefacts, &mut out.eased);
    unrefuted(artefacts, &mut out);
    for route in missed {
        if let Some((endpoint, join)) = joins.routes.find(&route.method, &route.name) {
            out.places.push(MeasuredPlace {
                path: endpoint.file.clone(),
                first_line: endpoint.line,
                last_line: endpoint.end_line,
                join,
                about: About::Route,
                hot: true,
                says: route.says.clone(),
            });
        }
    }
    for observation in observations {
        joins.observed(observation, &mut out);
    }
    out.cold = seen.cold(&joins);
    out.refuted.order_by(|a, b| (&a.table, &a.column).cmp(&(&b.table, &b.column)));
    out.refuted.dedup_by(|a, b| (&a.table, &a.column) == (&b.table, &b.column));
    out
}

struct Joins<'a> {
    index: &'a CodeIndex,
    places: Places<'a>,
    queries: Queries<'a>,
    routes: Routes<'a>,
}

impl Joins<'_> {
    fn of(&self, function: u32) -> Option<&CodeFunction> {
        self.index.functions.get(function as usize)
    }

    /// The lines of a function that was found exactly, and whether it runs on an event loop.
    fn coroutine(&self, path: &str, line: u32, name: &str) -> Option<(Region, bool)> {
        let (at, join) = self.places.function(path, line, name)?;
        let own = self.of(at).filter(|_| join == Join::Exact)?;
        let path = self.index.path(own.file).to_owned();
        Some((Region { path, first_line: own.first_line, last_line: own.last_line }, own.is_async))
    }

    fn profile(&self, profile: &Profile, artefact: usize, path: &str, out: &mut Measured) {
        let Some(view) = View::new(profile, artefact).filter(View::is_enough) else { return };
        let charged = charge::charged(profile);
        let says = |value: f64| format!("{}, {path}", view.measured(value));
        for (function, value) in profile.functions.iter().zip(charged) {
            let share = view.share(value);
            if function.origin != Origin::Project || value <= 0.0 || function.name == "<module>" {
                continue;
            }
            let Some((at, join)) = self.places.function(&function.path, function.line, &function.name) else {
                continue;
            };
            let Some(own) = self.of(at) else { continue };
            out.places.push(MeasuredPlace {
                path: self.index.path(own.file).to_owned(),
                first_line: own.first_line,
                last_line: own.last_line,
                join,
                about: About::Code,
                hot: share >= HOT,
                says: says(value),
            });
        }
        for line in &profile.lines {
            let Some(function) = profile.function(line.function) else { continue };
            let share = view.share(line.total);
            if function.origin != Origin::Project || share < HOT || function.name == "<module>" {
                continue;
            }
            let Some(file) = self.places.file(&function.path) else { continue };
            out.places.push(MeasuredPlace {
                path: self.index.path(file).to_owned(),
                first_line: line.line,
                last_line: line.line,
                join: Join::Exact,
                about: About::Code,
                hot: true,
                says: says(line.total),
            });
        }
    }

    fn statistics(&self, stats: &QueryStats, out: &mut Measured) {
        if stats.total_ms <= 0.0 {
            return;
        }
        for (rank, query) in stats.queries.iter().take(SEEN).enumerate() {
            let share = query.total_ms / stats.total_ms;
            let says = format!(
                "{} of database time ({}, {})",
                percent(share),
                stats.source.name(),
                counted(query.calls, "call", "calls")
            );
            let hot = share >= HOT || (rank < TOP && share >= WARM);
            let found = self.queries.find(&query.fingerprint, &query.text);
            for site in found.iter().filter(|found| found.join != Join::Hint).flat_map(|found| &found.sites) {
                let join = found.as_ref().map_or(Join::Hint, |found| found.join);
                out.places.push(self.at_site(site, join, About::Query, hot, says.clone()));
            }
            for caller in &query.callers {
                let name = caller.tags.words();
                let Some((endpoint, join)) = self.routes.find("", &name) else { continue };
                out.places.push(MeasuredPlace {
                    path: endpoint.file.clone(),
                    first_line: endpoint.line,
                    last_line: endpoint.end_line,
                    join,
                    about: About::Query,
                    hot: hot && caller.calls.saturating_mul(2) >= query.calls,
                    says: format!("{says}, {} of them from `{name}`", grouped(caller.calls)),
                });
            }
        }
    }

    fn at_site(&self, site: &Site, join: Join, about: About, hot: bool, says: String) -> MeasuredPlace {
        let path = self.index.path(site.file).to_owned();
        MeasuredPlace { path, first_line: site.line, last_line: site.line, join, about, hot, says }
    }

    /// What rules saw: repeated queries heat their place; what maps to a check may be a finding of its own.
    fn observed(&self, observation: &Observation, out: &mut Measured) {
        let repeated = observation.kind == Kind::NPlusOne;
        let (path, line, last, symbol, function, looped, join) = match &observation.subject {
            Subject::Code { path, line, function } => {
                let Some((at, join)) = self.places.function(path, *line, function) else { return };
                let Some(own) = self.of(at) else { return };
                let inside = *line >= own.first_line && *line <= own.last_line;
                let first = if inside { *line } else { own.first_line };
                (self.index.path(own.file), first, own.last_line, own.symbol.as_str(), Some(own), true, join)
            }
            Subject::Query { fingerprint, text } => {
                let Some(found) = self.queries.find(fingerprint, text) else { return };
                let [site] = found.sites.as_slice() else { return };
                let function = self.of(site.function);
                (
                    self.index.path(site.file),
                    site.line,
                    site.line,
                    site.symbol.as_str(),
                    function,
                    site.looped,
                    found.join,
                )
            }
            _ => return,
        };
        if join == Join::Hint {
            return;
        }
        let large = observation.share.is_some_and(|share| share >= HOT);
        if repeated {
            out.places.push(MeasuredPlace {
                path: path.to_owned(),
                first_line: line,
                last_line: last,
                join,
                about: About::Repeated,
                hot: large || observation.rule == "E7",
                says: observation.measured.clone(),
            });
        }
        let check = match observation.kind {
            Kind::NPlusOne if looped => "query_in_loop",
            Kind::MissingIndex => "missing_index",
            Kind::Blocking if function.is_some_and(|function| function.is_async) => "blocking_io_in_async",
            Kind::MemoryGrowth => "unbounded_growth",
            _ => return,
        };
        if join != Join::Exact {
            return;
        }
        out.own.push(MeasuredFinding {
            check: check.to_owned(),
            path: path.to_owned(),
            line,
            symbol: symbol.to_owned(),
            severity: observation.severity.max(Severity::High),
            message: observation.title.clone(),
            recommendation: observation.fix.clone(),
            effort: observation.effort,
            says: observation.measured.clone(),
        });
    }
}

/// Columns that an index served.
fn refuted_by(plan: &Plan, path: &str, out: &mut Measured) {
    if !plan.analyzed {
        return;
    }
    for node in &plan.nodes {
        let served = matches!(node.access, Access::Index | Access::IndexOnly | Access::Bitmap);
        let (Some(table), true) = (&node.relation, served && node.loops.is_some_and(|loops| loops > 0.0)) else {
            continue;
        };
        let condition = node.detail("Index Cond").or_else(|| node.detail("Recheck Cond")).unwrap_or_default();
        for predicate in sql::conditions(condition, Some(plan.dialect)) {
            if !matches!(predicate.compare, Compare::Equal | Compare::Range) {
                continue;
            }
            let index = node.index.as_deref().map(|index| format!(" `{index}`")).unwrap_or_default();
            out.refuted.push(Refuted {
                check: "missing_index".to_owned(),
                table: table.to_lowercase(),
                column: predicate.column.name.to_lowercase(),
                says: format!(
                    "the plan reads `{table}` through the index{index} on `{}` ({path})",
                    predicate.column.name
                ),
            });
        }
    }
}

/// Takes back what another plan contradicts: it scans the table for the same column.
fn unrefuted(artefacts: &[Artefact], out: &mut Measured) {
    let mut scanned: BTreeSet<(String, String)> = BTreeSet::new();
    let plans = artefacts.iter().flat_map(|artefact| &artefact.evidence).filter_map(|evidence| match evidence {
        Evidence::Plan(plan) => Some(plan),
        _ => None,
    });
    for plan in plans {
        for node in plan.nodes.iter().filter(|node| node.access == Access::Full) {
            let (Some(table), Some(filter)) = (&node.relation, node.detail("Filter")) else { continue };
            for predicate in sql::conditions(filter, Some(plan.dialect)) {
                scanned.insert((table.to_lowercase(), predicate.column.name.to_lowercase()));
            }
        }
    }
    out.refuted.retain(|refuted| !scanned.contains(&(refuted.table.clone(), refuted.column.clone())));
}

/// Which functions ran, by profiles that count every call.
#[derive(Default)]
struct Seen {
    ran: FxHashSet<u32>,
    files: FxHashSet<u32>,
    tools: BTreeSet<String>,
    /// A test run says nothing of load.
    tests: bool,
}

impl Seen {
    fn calls(&mut self, joins: &Joins<'_>, profile: &Profile) {
        if profile.method != Method::EveryCall {
            return;
        }
        self.tools.insert(profile.tool.clone());
        for function in &profile.functions {
            let path = &function.path;
            self.tests |= ["/_pytest/", "/pytest/", "/unittest/"].iter().any(|part| path.contains(part));
            if function.calls.is_some_and(|calls| calls > 0)
                && let Some((at, _)) = joins.places.function(path, function.line, &function.name)
            {
                self.ran.insert(at);
                if function.name != "<module>"
                    && let Some(own) = joins.of(at)
                {
                    self.files.insert(own.file);
                }
            }
        }
    }

    /// Functions that did not run, in files of which others did.
    fn cold(&self, joins: &Joins<'_>) -> Vec<ColdPlace> {
        if self.tests || self.tools.is_empty() {
            return Vec::new();
        }
        let tools: Vec<&str> = self.tools.iter().map(String::as_str).collect();
        let says = format!("never called while every call was counted ({})", tools.join(", "));
        // A route that the load did not send says nothing of its handler; and handlers that are no coroutines run in a
        // pool of threads, which such a profile does not see.
        let elsewhere = |function: &CodeFunction| {
            let path = joins.index.path(function.file);
            joins.index.endpoints.iter().any(|endpoint| endpoint.file == path && endpoint.handler == function.symbol)
        };
        (0_u32..)
            .zip(&joins.index.functions)
            .filter(|(at, function)| {
                !self.ran.contains(at)
                    && self.files.contains(&function.file)
                    && !function.name.starts_with('<')
                    && !elsewhere(function)
            })
            .map(|(_, function)| ColdPlace {
                path: joins.index.path(function.file).to_owned(),
                first_line: function.first_line,
                last_line: function.last_line,
                says: says.clone(),
            })
            .collect()
    }
}
