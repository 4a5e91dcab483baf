//! Rules about numbers of calls: one query or request per row. Needs a profiler that counts calls.

use super::charge::weight;
use super::cpu::code;
use super::figures::{builtin, duration, named, percent, place};
use super::pages::Page;
use super::view::{View, views};
use super::{Kind, Observation};
use crate::evidence::model::Artefact;
use crate::evidence::model::profile::{Function, Method, Origin, Profile};
use crate::order::InOrder;
use crate::report::model::{Effort, Severity};
use crate::words::grouped;
use rustc_hash::FxHashMap;

/// Pages of these rules.
pub const PAGES: &[Page] = &[("E7", include_str!("pages/E7.md"))];

/// E7.
#[must_use]
pub fn rules(artefacts: &[Artefact]) -> Vec<Observation> {
    let mut seen = Vec::new();
    for view in views(artefacts) {
        if view.profile.method == Method::EveryCall && !view.profile.edges.is_empty() {
            per_row(&view, &mut seen);
        }
    }
    seen
}

/// Calls of a caller from which its habits count, calls and queries per call, and share of busy time.
const CALLERS: u64 = 5;
const PER_CALL: f64 = 10.0;
const SHARE: f64 = 0.01;
const SHARE_SEVERE: f64 = 0.1;

struct PerRow {
    caller: u32,
    callee: u32,
    per_call: f64,
    queries: f64,
    caller_calls: u64,
    calls: u64,
    value: f64,
}

fn per_row(view: &View, seen: &mut Vec<Observation>) {
    let profile = view.profile;
    let queries = queries_per_call(profile);
    let owners = owners(profile);
    let owner = |function: u32| owners.get(function as usize).copied().unwrap_or(function);
    // Calls from a function, those of its comprehensions included.
    let mut sums: FxHashMap<(u32, u32), (u64, f64)> = FxHashMap::default();
    for edge in &profile.edges {
        let (caller, callee) = (owner(edge.caller), edge.callee);
        if caller != owner(callee) {
            let sum = sums.entry((caller, callee)).or_default();
            sum.0 = sum.0.saturating_add(edge.calls);
            sum.1 += edge.total;
        }
    }
    let mut found: Vec<PerRow> = Vec::new();
    for ((caller, callee), (calls, value)) in sums {
        let Some(function) = profile.function(caller).filter(|function| function.origin == Origin::Project) else {
            continue;
        };
        let caller_calls = function.outer_calls.or(function.calls).unwrap_or_default();
        if caller_calls < CALLERS || view.share(value) < SHARE {
            continue;
        }
        let per_call = calls as f64 / caller_calls as f64;
        let sent = per_call * queries.get(callee as usize).copied().unwrap_or_default();
        if per_call >= PER_CALL && sent >= PER_CALL {
            found.push(PerRow { caller, callee, per_call, queries: sent, caller_calls, calls, value });
        }
    }
    found.order_by(|a, b| b.value.total_cmp(&a.value).then((a.caller, a.callee).cmp(&(b.caller, b.callee))));
    for row in found {
        observe(view, &row, seen);
    }
}

fn observe(view: &View, row: &PerRow, seen: &mut Vec<Observation>) {
    let (Some(caller), Some(callee)) = (view.profile.function(row.caller), view.profile.function(row.callee)) else {
        return;
    };
    let share = view.share(row.value);
    let remote = is_request(view.profile, row.callee);
    let what = if remote { "requests" } else { "queries" };
    let each = view.profile.seconds(row.value).map(|seconds| duration(seconds / row.caller_calls.max(1) as f64));
    let who = named(caller, view.profile.line_of(row.caller));
    let whom = place(&callee.name, "", 0);
    let measured = format!(
        "{} calls of {whom} in {} calls of {}, {} of busy time{} ({})",
        grouped(row.calls),
        grouped(row.caller_calls),
        place(&caller.name, "", 0),
        percent(share),
        each.map(|each| format!(", {each} each time")).unwrap_or_default(),
        view.tool()
    );
    let one_each = !sends(callee) && (0.9..1.1).contains(&(row.queries / row.per_call));
    let way = if one_each { "one for each call of" } else { "through" };
    let fix = if remote {
        "Ask for all items with one request, or send the requests side by side with a bound"
    } else {
        "Load all rows with one query before the loop (a join, `IN (…)`, or the ORM's eager loading) and look them up"
    };
    seen.push(Observation {
        rule: "E7".to_owned(),
        kind: Kind::NPlusOne,
        title: format!("{who} sends {} {what} a call, {way} {whom}", count(row.queries)),
        subject: code(view, row.caller),
        severity: if share >= SHARE_SEVERE { Severity::High } else { Severity::Medium },
        measured,
        share: Some(share),
        removable: Some((row.per_call - 1.0) / row.per_call),
        fix: fix.to_owned(),
        guard: Some("Where each query needs the answer of the one before, a batch cannot replace them".to_owned()),
        effort: Effort::M,
        artefact: view.artefact,
    });
}

/// `50`, `12.5`.
fn count(number: f64) -> String {
    if number.fract() < 0.05 || number >= 100.0 { grouped(number.round() as u64) } else { format!("{number:.1}") }
}

/// The function that a comprehension, generator expression or lambda stands in: itself for all others.
fn owners(profile: &Profile) -> Vec<u32> {
    let inner = |function: &Function| {
        ["<listcomp>", "<genexpr>", "<dictcomp>", "<setcomp>", "<lambda>"]
            .iter()
            .any(|name| function.name.ends_with(name))
    };
    let mut callers: FxHashMap<u32, (u32, f64, bool)> = FxHashMap::default();
    for edge in &profile.edges {
        let (Some(caller), Some(callee)) = (profile.function(edge.caller), profile.function(edge.callee)) else {
            continue;
        };
        if edge.caller == edge.callee || !inner(callee) || caller.path != callee.path {
            continue;
        }
        let best = callers.entry(edge.callee).or_insert((edge.caller, weight(edge), true));
        if weight(edge) > best.1 {
            *best = (edge.caller, weight(edge), true);
        }
    }
    // A generator expression is driven by whoever takes from it: a builtin such as `sum`. The function above it in the
    // same file, whose code it is, cannot be told from figures alone.
    (0..profile.functions.len() as u32)
        .map(|function| {
            let mut here = function;
            for _ in 0..8 {
                match callers.get(&here) {
                    Some((caller, ..)) => here = *caller,
                    None => break,
                }
            }
            here
        })
        .collect()
}

/// Methods of drivers that send one query each, by class; in C they have no path.
const QUERIES: [&str; 12] = [
    "sqlite3.Cursor.execute",
    "sqlite3.Connection.execute",
    "psycopg2.extensions.cursor.execute",
    "psycopg_binary._psycopg.PGconn.exec_params",
    "MySQLdb._mysql.connection.query",
    "_mysql.connection.query",
    "_mysql_connector.MySQL.query",
    "asyncpg.protocol.protocol.BaseProtocol.bind_execute",
    "asyncpg.protocol.protocol.BaseProtocol.query",
    "pyodbc.Cursor.execute",
    "oracledb.base_impl.BaseCursorImpl.execute",
    "duckdb.DuckDBPyConnection.execute",
];

/// Functions of drivers and clients written in Python: end of the path, name.
const CLIENTS: [(&str, &str); 12] = [
    ("/asyncpg/connection.py", "_execute"),
    ("/httpx/_client.py", "send"),
    ("/http/client.py", "request"),
    ("/mysql/connector/connection.py", "cmd_query"),
    ("/psycopg/cursor.py", "execute"),
    ("/psycopg/cursor_async.py", "execute"),
    ("/pymongo/network.py", "command"),
    ("/pymysql/connections.py", "query"),
    ("/redis/client.py", "execute_command"),
    ("/requests/sessions.py", "send"),
    ("/aiosqlite/core.py", "_execute"),
    ("/pg8000/core.py", "execute_unnamed"),
];

fn sends(function: &Function) -> bool {
    if function.path.is_empty() {
        return builtin(&function.name)
            .is_some_and(|name| QUERIES.iter().any(|query| name == *query || name.ends_with(&format!(".{query}"))));
    }
    let path = function.path.replace('\\', "/");
    let name = function.name.rsplit('.').next().unwrap_or_default();
    CLIENTS.iter().any(|(end, method)| name == *method && path.ends_with(end))
}

/// Whether what a function leads to are requests over HTTP rather than queries.
fn is_request(profile: &Profile, start: u32) -> bool {
    let mut callees: FxHashMap<u32, Vec<u32>> = FxHashMap::default();
    for edge in &profile.edges {
        callees.entry(edge.caller).or_default().push(edge.callee);
    }
    let mut seen = vec![start];
    let mut at = 0;
    while let Some(here) = seen.get(at).copied() {
        at += 1;
        if let Some(function) = profile.function(here).filter(|function| sends(function)) {
            return ["/http/client.py", "/requests/", "/httpx/"]
                .iter()
                .any(|part| function.path.replace('\\', "/").contains(part));
        }
        for callee in callees.get(&here).into_iter().flatten() {
            if !seen.contains(callee) && seen.len() < 500 {
                seen.push(*callee);
            }
        }
    }
    false
}

/// Rounds in which queries are carried up the graph.
const ROUNDS: usize = 60;

/// For each function the queries that one call of it sends, on average over all its callers.
fn queries_per_call(profile: &Profile) -> Vec<f64> {
    let sending: Vec<bool> = profile.functions.iter().map(sends).collect();
    let mut queries: Vec<f64> = sending.iter().map(|sends| f64::from(u8::from(*sends))).collect();
    if !sending.contains(&true) {
        return queries;
    }
    for _ in 0..ROUNDS {
        let mut next = vec![0.0; queries.len()];
        for edge in profile.edges.iter().filter(|edge| edge.caller != edge.callee) {
            let calls = profile.function(edge.caller).and_then(|caller| caller.calls).filter(|calls| *calls > 0);
            let sent = queries.get(edge.callee as usize).copied().unwrap_or_default();
            if let (Some(calls), Some(next)) = (calls, next.get_mut(edge.caller as usize)) {
                *next += edge.calls as f64 / calls as f64 * sent;
            }
        }
        let mut changed = 0.0f64;
        for (index, (queries, next)) in queries.iter_mut().zip(next).enumerate() {
            // What sends a query sends one, whatever it calls to do so; a circle does not add up for ever.
            let next = if sending.get(index) == Some(&true) { 1.0 } else { next.min(1e9) };
            changed = changed.max((next - *queries).abs());
            *queries = next;
        }
        if changed < 1e-9 {
            break;
        }
    }
    queries
}
