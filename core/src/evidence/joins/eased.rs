//! What was measured against a finding's claim: a statement that ran once a request where a loop should repeat it, few
//! rows where many should be sent, narrow rows, a function that is done before it could block. Only where the figures
//! carry it: complete counts of the same time, an only place in the code, hundreds of calls. What depends on the data
//! lowers a finding; only what cannot be true at all refutes it.

use super::{Queries, Routes};
use crate::evidence::code::{CodeIndex, Site};
use crate::evidence::compare::pair;
use crate::evidence::endpoints::Endpoint;
use crate::evidence::model::load::{LoadRun, loads};
use crate::evidence::model::profile::{Method, Origin, Profile, Unit};
use crate::evidence::model::{Artefact, Evidence, Plan, QueryStat, QueryStats, Run};
use crate::evidence::rules::databases::beside;
use crate::evidence::rules::figures::duration;
use crate::evidence::sql;
use crate::report::model::performance::{Eased, Join, Region};
use crate::words::{counted, grouped};
use std::collections::BTreeMap;

/// Checks that say that a statement is repeated.
const REPEATED: [&str; 4] = ["query_in_loop", "n_update_delete_loop", "missing_bulk_ops", "redundant_fetch"];
/// Checks that say that something holds the loop.
const BLOCKING: [&str; 2] = ["blocking_io_in_async", "missing_to_thread"];

/// Requests, calls and executions below which nothing is lowered.
const ENOUGH: u64 = 100;
/// Calls for each request that are one: another request may have run while the counters were read.
const ONCE: f64 = 1.05;
/// Part of the requests in which a statement has to have run at all.
const RAN: f64 = 0.5;
/// Rows of a call that are few.
const FEW_ROWS: f64 = 100.0;
/// Rows that a list has to have for a loop over it to repeat anything.
const SEVERAL: f64 = 2.0;
/// Bytes of a row that is narrow.
const NARROW: f64 = 128.0;
/// Seconds of a call that hold no loop.
const SHORT: f64 = 0.001;

/// Everything that eases a finding, over all sides: where one side says otherwise, nothing is said.
pub(super) fn eased(
    index: &CodeIndex,
    queries: &Queries<'_>,
    routes: &Routes<'_>,
    artefacts: &[Artefact],
    out: &mut Vec<Eased>,
) {
    let sides = pair(artefacts).sides;
    let mut once: BTreeMap<Key, Claim> = BTreeMap::new();
    let mut rows: BTreeMap<(u32, u32), Claim> = BTreeMap::new();
    for (at, artefact) in artefacts.iter().enumerate() {
        let side = sides.get(at).copied().flatten();
        for evidence in &artefact.evidence {
            match evidence {
                Evidence::Queries(stats) if !stats.lower_bound => {
                    let of_side = of_side(artefacts, &sides, side);
                    let seen = Seen { index, known: known(queries, stats), stats, path: &artefact.path };
                    seen.repeats(routes, &of_side, &mut once);
                    seen.few_rows(&mut rows);
                }
                Evidence::Plan(plan) => out.extend(narrow(index, queries, plan, &artefact.path)),
                _ => {}
            }
        }
    }
    for ((first, last, file, line), claim) in once {
        if let Some(says) = claim.says {
            let handler = Region { path: index.path(file.0).to_owned(), first_line: first, last_line: last };
            let place = Region { path: index.path(file.1).to_owned(), first_line: line, last_line: line };
            out.push(ease(&REPEATED, Some(handler), place, claim.refutes, says));
        }
    }
    for ((file, line), claim) in rows {
        if let Some(says) = claim.says {
            let place = Region { path: index.path(file).to_owned(), first_line: line, last_line: line };
            out.push(ease(&["large_payload"], None, place, false, says));
        }
    }
}

/// First and last line of a handler, its file and the statement's, the statement's line.
type Key = (u32, u32, (u32, u32), u32);

/// What all sources say together; nothing once one of them disagrees.
struct Claim {
    says: Option<String>,
    refutes: bool,
}

fn agree<K: Ord>(claims: &mut BTreeMap<K, Claim>, key: K, says: Option<String>, refutes: bool) {
    let claim = claims.entry(key).or_insert_with(|| Claim { says: says.clone(), refutes });
    if says.is_none() {
        claim.says = None;
    }
    claim.refutes &= refutes;
}

fn ease(checks: &[&str], handler: Option<Region>, place: Region, refutes: bool, says: String) -> Eased {
    Eased { checks: checks.iter().map(|check| (*check).to_owned()).collect(), handler, place, refutes, says }
}

fn of_side<'a>(artefacts: &'a [Artefact], sides: &[Option<Run>], side: Option<Run>) -> Vec<&'a LoadRun> {
    loads(artefacts.iter().zip(sides).filter(|(_, other)| **other == side).map(|(artefact, _)| artefact))
}

/// Complete statistics of one file.
struct Seen<'a> {
    index: &'a CodeIndex,
    /// Queries that one place only sends.
    known: Vec<(&'a QueryStat, &'a Site, Join)>,
    stats: &'a QueryStats,
    path: &'a str,
}

/// Queries of a file that are looked for, the most expensive first.
const LOOKED_FOR: usize = 500;

/// Queries with the only place that sends them; a hint is none.
fn known<'a>(queries: &Queries<'a>, stats: &'a QueryStats) -> Vec<(&'a QueryStat, &'a Site, Join)> {
    let place = |stat: &'a QueryStat| {
        let found = queries.find(&stat.fingerprint, &stat.text).filter(|found| found.join != Join::Hint)?;
        match found.sites.as_slice() {
            [site] => Some((stat, *site, found.join)),
            _ => None,
        }
    };
    stats.queries.iter().take(LOOKED_FOR).filter_map(place).collect()
}

impl Seen<'_> {
    /// Statements that ran no more than once for each request of a route, although its handler leads to them.
    fn repeats(&self, routes: &Routes<'_>, runs: &[&LoadRun], out: &mut BTreeMap<Key, Claim>) {
        if beside::requests(self.stats, runs).is_none_or(|requests| requests.doubt.is_some()) {
            return;
        }
        let mut sent: BTreeMap<(&str, u32, u32), (&Endpoint, u64)> = BTreeMap::new();
        for route in runs.iter().flat_map(|run| &run.routes).filter(|route| !route.selection) {
            let Some((endpoint, Join::Exact)) = routes.find(&route.method, &route.name) else { continue };
            let key = (endpoint.file.as_str(), endpoint.line, endpoint.end_line);
            sent.entry(key).or_insert((endpoint, 0)).1 += route.requests.unwrap_or(0);
        }
        for (endpoint, requests) in sent.into_values().filter(|(_, requests)| *requests >= ENOUGH) {
            let Some(file) = self.index.files.iter().position(|file| file.path == endpoint.file) else { continue };
            for (stat, site, join) in &self.known {
                let each = stat.calls as f64 / requests as f64;
                // Of a place that others lead to as well, all calls together are the most that this handler can have made.
                let says = (RAN..=ONCE).contains(&each).then(|| {
                    format!(
                        "the statement ran {each:.2} times for each of {} of `{}` ({}, {})",
                        counted(requests, "request", "requests"),
                        endpoint.name(),
                        self.stats.source.name(),
                        self.path
                    )
                });
                let list = says.as_ref().and_then(|_| self.list(site, requests));
                let refutes = list.is_some() && *join == Join::Exact;
                let says = says.map(|says| match &list {
                    Some(list) => format!("{says}, while the list beside it had {list} rows a call"),
                    None => says,
                });
                let files = (u32::try_from(file).unwrap_or(u32::MAX), site.file);
                agree(out, (endpoint.line, endpoint.end_line, files, site.line), says, refutes);
            }
        }
    }

    /// Rows of a list that the same function loads for each request: what a loop would run over.
    fn list(&self, site: &Site, requests: u64) -> Option<String> {
        self.known.iter().find_map(|(stat, other, _)| {
            let each = stat.calls as f64 / requests as f64;
            let rows = stat.rows_per_call()?;
            let fits = other.function == site.function && other.line != site.line && (RAN..=ONCE).contains(&each);
            (fits && rows >= SEVERAL).then(|| format!("{rows:.0}"))
        })
    }

    /// Statements that gave few rows, call after call.
    fn few_rows(&self, out: &mut BTreeMap<(u32, u32), Claim>) {
        for (stat, site, _) in self.known.iter().filter(|(stat, ..)| stat.calls >= ENOUGH) {
            let Some(rows) = stat.rows_per_call() else { continue };
            let says = (rows > 0.0 && rows <= FEW_ROWS).then(|| {
                format!(
                    "{rows:.0} rows a call over {} ({}, {}); with more data it would be more",
                    counted(stat.calls, "call", "calls"),
                    self.stats.source.name(),
                    self.path
                )
            });
            agree(out, (site.file, site.line), says, false);
        }
    }
}

/// A plan that was run and whose rows are narrow: what is fetched in vain weighs little.
fn narrow(index: &CodeIndex, queries: &Queries<'_>, plan: &Plan, path: &str) -> Option<Eased> {
    let query = plan.query.as_deref().filter(|_| plan.analyzed)?;
    let found = queries.find(&sql::fingerprint(query), query).filter(|found| found.join != Join::Hint)?;
    let [site] = found.sites.as_slice() else { return None };
    let root = plan.root()?;
    let (width, rows) = (root.width?, root.all_rows()?);
    if width <= 0.0 || width > NARROW || !(1.0..=FEW_ROWS).contains(&rows) {
        return None;
    }
    let place = Region { path: index.path(site.file).to_owned(), first_line: site.line, last_line: site.line };
    let says = format!("{} rows of {width:.0} bytes each (plan, {path})", grouped(rows as u64));
    Some(ease(&["over_fetching"], None, place, false, says))
}

/// The lines of a function by path, line and name, when it was found exactly; and whether it runs on an event loop.
pub(super) type Find<'a> = &'a dyn Fn(&str, u32, &str) -> Option<(Region, bool)>;

/// Functions on the loop that were done within a millisecond, with all that they called, in a complete record of calls.
pub(super) fn short(profile: &Profile, path: &str, find: Find<'_>, out: &mut Vec<Eased>) {
    if profile.method != Method::EveryCall || profile.unit != Unit::Seconds {
        return;
    }
    for function in profile.functions.iter().filter(|function| function.origin == Origin::Project) {
        let Some(calls) = function.calls.filter(|calls| *calls >= ENOUGH) else { continue };
        let each = function.total / calls as f64;
        if each >= SHORT || function.name.starts_with('<') {
            continue;
        }
        // Each resumption of a coroutine counts as a call: what blocks, blocks in one of them.
        if let Some((place, true)) = find(&function.path, function.line, &function.name) {
            let says = format!(
                "`{}` took {} a call with everything that it called, over {} ({}, {path})",
                function.name,
                duration(each),
                counted(calls, "call", "calls"),
                profile.tool
            );
            out.push(ease(&BLOCKING, None, place, false, says));
        }
    }
}
