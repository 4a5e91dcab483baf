//! Statistics of queries: Q1 to Q10.

use super::beside::{self, Requests};
use super::names::{about, capital, count, size, time};
use crate::evidence::asked::Asked;
use crate::evidence::model::load::LoadRun;
use crate::evidence::model::targets::{Metric, Target};
use crate::evidence::model::{QuerySource, QueryStat, QueryStats};
use crate::evidence::rules::figures::{asks, percent};
use crate::evidence::rules::{Kind, Observation, Subject};
use crate::evidence::sql::{self, Compare, Query};
use crate::report::model::{Effort, Severity};

/// How many times its target a query takes that is severe.
const SEVERE: f64 = 10.0;
/// Queries named for their share of the time.
const TOP: usize = 5;
/// Observations of one rule in one file.
const MOST: usize = 10;

/// What rules of one file look at.
pub(super) struct Cx<'a> {
    pub(super) stats: &'a QueryStats,
    pub(super) asked: &'a Asked,
    /// Load tests of the same side.
    pub(super) loads: &'a [&'a LoadRun],
    pub(super) artefact: usize,
}

/// One query of them.
struct One<'a> {
    cx: &'a Cx<'a>,
    stats: &'a QueryStats,
    stat: &'a QueryStat,
    query: &'a Query,
    /// What its mean is held against.
    target: Option<&'a Target>,
    requests: Option<&'a Requests>,
}

struct Seen {
    rule: &'static str,
    kind: Kind,
    title: String,
    figures: String,
    removable: Option<f64>,
    severity: Severity,
    fix: &'static str,
    guard: &'static str,
    effort: Effort,
}

pub(super) fn judge(cx: &Cx, out: &mut Vec<Observation>) {
    let stats = cx.stats;
    let requests = beside::requests(stats, cx.loads).filter(|requests| requests.doubt.is_none());
    let queries: Vec<Query> =
        stats.queries.iter().take(2000).map(|stat| sql::query(&stat.text, Some(stats.dialect))).collect();
    let mut seen: Vec<Observation> = Vec::new();
    for (place, (stat, query)) in stats.queries.iter().zip(&queries).enumerate() {
        let target = cx.asked.of_query(Metric::DbQueryMean, &[&stat.text, &stat.fingerprint]);
        let cx = One { cx, stats, stat, query, target, requests: requests.as_ref() };
        for rule in [slow, unbounded, unsteady, spills, locked, examined, burst, each_request] {
            seen.extend(rule(&cx).map(|seen| cx.observation(seen)));
        }
        if place < TOP {
            seen.extend(share(&cx).map(|seen| cx.observation(seen)));
        }
        seen.extend(per_row(&cx, &queries).map(|seen| cx.observation(seen)));
    }
    let mut counts = std::collections::BTreeMap::new();
    for observation in seen {
        let count = counts.entry(observation.rule.clone()).or_insert(0usize);
        *count += 1;
        if *count <= MOST {
            out.push(observation);
        }
    }
}

impl One<'_> {
    fn share(&self) -> f64 {
        if self.stats.total_ms > 0.0 { (self.stat.total_ms / self.stats.total_ms).min(1.0) } else { 0.0 }
    }

    fn observation(&self, seen: Seen) -> Observation {
        let bound = if self.stats.lower_bound { "at least " } else { "" };
        let measured = format!(
            "{}; {bound}{} calls, {} in all, {} of the database time seen ({}, {})",
            seen.figures,
            count(self.stat.calls as f64),
            time(self.stat.total_ms),
            percent(self.share()),
            self.stats.dialect.name(),
            self.stats.source.name(),
        );
        Observation {
            rule: seen.rule.to_owned(),
            kind: seen.kind,
            title: seen.title,
            subject: Subject::Query {
                fingerprint: self.stat.fingerprint.clone(),
                text: sql::line(&self.stat.text, 300),
            },
            severity: seen.severity,
            measured,
            share: Some(self.share()),
            removable: seen.removable,
            fix: seen.fix.to_owned(),
            guard: Some(seen.guard.to_owned()),
            effort: seen.effort,
            artefact: self.cx.artefact,
        }
    }

    fn name(&self) -> String {
        about(self.query)
    }

    fn is_slow(&self) -> bool {
        self.target.is_some_and(|target| !target.met(self.stat.mean_ms()))
    }

    /// Whether rows are asked for by a key: the shape of a query that runs once for each row.
    fn by_key(&self) -> bool {
        self.query.verb == "select"
            && self.query.tables.len() == 1
            && self.query.predicates.iter().any(|predicate| predicate.compare == Compare::Equal && !predicate.join)
    }
}

/// Q1
fn share(cx: &One) -> Option<Seen> {
    let share = cx.share();
    let mean = cx.stat.mean_ms();
    // One query is always all of it, and a busy server is none at a hundred milliseconds of work.
    if share < 0.1 || cx.stats.queries.len() < 3 || cx.stat.total_ms < 1000.0 {
        return None;
    }
    let severity = if share >= 0.3 && mean >= 10.0 {
        Severity::High
    } else if mean >= 1.0 {
        Severity::Medium
    } else {
        Severity::Low
    };
    Some(Seen {
        rule: "Q1",
        kind: Kind::SlowQuery,
        title: capital(&format!("{} takes {} of the database time", cx.name(), percent(share))),
        figures: format!("{} a call", time(mean)),
        removable: None,
        severity,
        fix: "Begin here: look at its plan, ask less often (cache, batch), or for less.",
        guard: "A large share of little work is no problem: compare with what the server can do.",
        effort: Effort::M,
    })
}

/// Q2
fn slow(cx: &One) -> Option<Seen> {
    let mean = cx.stat.mean_ms();
    let target = cx.target.filter(|target| !target.met(mean))?;
    let tail = cx.stat.p95_ms.map_or_else(String::new, |p95| format!(", 95 % of calls below {}", time(p95)));
    Some(Seen {
        rule: "Q2",
        kind: Kind::SlowQuery,
        title: capital(&format!("{} takes {} on average", cx.name(), time(mean))),
        figures: format!("mean {}, {}{tail}", time(mean), target.says()),
        removable: Some(1.0 - (target.value / mean).min(1.0)),
        severity: if target.met(mean / SEVERE) { Severity::Medium } else { Severity::High },
        fix: "Look at its plan with EXPLAIN (ANALYZE, BUFFERS): a missing index, a spill, or too many rows.",
        guard: "Reports and jobs at night may take longer: set a target of their own.",
        effort: Effort::M,
    })
}

/// Q3
fn per_row(cx: &One, queries: &[Query]) -> Option<Seen> {
    if !cx.by_key() || cx.stat.calls < 100 || cx.stats.source == QuerySource::SlowLog {
        return None;
    }
    let table = cx.query.tables.first()?;
    let mut best: Option<(f64, f64, &Query)> = None;
    for (parent, query) in cx.stats.queries.iter().zip(queries).take(500) {
        if query.verb != "select"
            || parent.calls == 0
            || query.tables.iter().any(|name| name.eq_ignore_ascii_case(table))
            || query.tables.is_empty()
        {
            continue;
        }
        let (ratio, rows) = (cx.stat.calls as f64 / parent.calls as f64, parent.rows_per_call().unwrap_or(0.0));
        if ratio < 5.0 || rows < 4.0 || parent.calls < 5 {
            continue;
        }
        let multiple = ratio / rows;
        let off = (multiple - multiple.round()).abs() / multiple.max(1e-9);
        if (0.95..3.2).contains(&multiple) && off <= 0.05 && best.is_none_or(|(least, ..)| off < least) {
            best = Some((off, ratio, query));
        }
    }
    let (_, ratio, parent) = best?;
    Some(Seen {
        rule: "Q3",
        kind: Kind::NPlusOne,
        title: capital(&format!("{} runs {} times for each call of {}", cx.name(), count(ratio), about(parent))),
        figures: format!("{} calls for each of the other, once for each of its rows", count(ratio)),
        removable: Some((ratio - 1.0) / ratio),
        severity: if ratio >= 10.0 { Severity::High } else { Severity::Medium },
        fix: "Load the rows with the parent: a join, or one query with IN for all keys (eager loading of the ORM).",
        guard: "The counts fit, the code was not seen: both may be called by chance in this proportion.",
        effort: Effort::M,
    })
}

/// Q4
fn unbounded(cx: &One) -> Option<Seen> {
    let rows = cx.stat.rows_per_call()?;
    if rows < 1000.0 || cx.query.limit || cx.query.verb != "select" {
        return None;
    }
    Some(Seen {
        rule: "Q4",
        kind: Kind::LargePayload,
        title: capital(&format!("{} returns {} rows a call without a limit", cx.name(), count(rows))),
        figures: format!("{} rows in all", count(cx.stat.rows.unwrap_or(0.0))),
        removable: None,
        severity: if rows >= 10_000.0 { Severity::High } else { Severity::Medium },
        fix: "Page with LIMIT and a key, or add up in the database.",
        guard: "Exports and caches that are filled once need all rows.",
        effort: Effort::M,
    })
}

/// Q5
fn unsteady(cx: &One) -> Option<Seen> {
    let (stddev, mean, max) = (cx.stat.stddev_ms?, cx.stat.mean_ms(), cx.stat.max_ms?);
    if cx.stat.calls < 20 || stddev <= mean * 2.0 || max < 100.0 {
        return None;
    }
    Some(Seen {
        rule: "Q5",
        kind: Kind::Contention,
        title: capital(&format!("{} takes {} on average and up to {}", cx.name(), time(mean), time(max))),
        figures: format!("standard deviation {}, {:.1} times the mean", time(stddev), stddev / mean.max(1e-9)),
        removable: None,
        severity: Severity::Medium,
        fix: "Look for lock waits (log_lock_waits), a plan that changes with its parameters, or a cold cache; log the slow calls with their plans.",
        guard: "One slow call after a start is enough for this.",
        effort: Effort::M,
    })
}

/// Q6
fn spills(cx: &One) -> Option<Seen> {
    let blocks = cx.stat.temp_blocks?;
    let each = blocks / cx.stat.calls.max(1) as f64;
    if blocks < 128.0 || each < 1.0 {
        return None;
    }
    Some(Seen {
        rule: "Q6",
        kind: Kind::Configuration,
        title: capital(&format!("{} writes {} of temporary files a call", cx.name(), size(each * 8.0))),
        figures: format!("{} temporary blocks written", count(blocks)),
        removable: None,
        severity: if each >= 12_800.0 { Severity::High } else { Severity::Medium },
        fix: "Give it `work_mem`, sort fewer and narrower rows, or read in the order of an index.",
        guard: "`work_mem` counts for each step of each connection.",
        effort: Effort::S,
    })
}

/// Q7
fn locked(cx: &One) -> Option<Seen> {
    let lock = cx.stat.lock_ms?;
    if lock < 100.0 || lock < cx.stat.total_ms * 0.5 {
        return None;
    }
    Some(Seen {
        rule: "Q7",
        kind: Kind::Contention,
        title: capital(&format!(
            "{} waits for locks during {} of its time",
            cx.name(),
            percent((lock / cx.stat.total_ms).min(1.0))
        )),
        figures: format!("{} of waiting", time(lock)),
        removable: Some((lock / cx.stat.total_ms).min(1.0)),
        severity: Severity::High,
        fix: "Shorten the transactions that hold these rows, lock in one order, and keep slow calls out of them.",
        guard: "Backups and DDL wait too: look at when it happened.",
        effort: Effort::M,
    })
}

/// Q8
fn examined(cx: &One) -> Option<Seen> {
    let (read, given, calls) = (cx.stat.examined?, cx.stat.rows?, cx.stat.calls.max(1) as f64);
    if read / calls < 10_000.0 || read < given.max(1.0) * 100.0 || cx.query.verb == "insert" {
        return None;
    }
    // A sum has one row whatever it reads: only a whole scan speaks for an index then.
    let condition = cx.query.predicates.iter().any(|predicate| !predicate.join);
    if !condition {
        return None;
    }
    Some(Seen {
        rule: "Q8",
        kind: Kind::MissingIndex,
        title: capital(&format!(
            "{} examines {} rows for each row that it returns",
            cx.name(),
            count(read / given.max(1.0))
        )),
        figures: format!(
            "{} rows examined and {} returned a call{}",
            count(read / calls),
            count(given / calls),
            if cx.stat.full_scans > 0 { ", whole tables read" } else { "" }
        ),
        removable: Some(1.0 - (given.max(1.0) / read).min(1.0)),
        severity: if cx.is_slow() { Severity::High } else { Severity::Medium },
        fix: "Index the compared columns: those with = first, then one with a range, then the order.",
        guard: "COUNT and SUM return one row for many: there the ratio says little.",
        effort: Effort::S,
    })
}

/// Q9
fn burst(cx: &One) -> Option<Seen> {
    let burst = cx.stat.burst.as_ref()?;
    let write = matches!(cx.query.verb.as_str(), "insert" | "update" | "delete");
    if burst.calls < 10 || !(cx.by_key() || write) {
        return None;
    }
    Some(Seen {
        rule: "Q9",
        kind: Kind::NPlusOne,
        title: capital(&format!(
            "{} runs {} times within {} on one connection",
            cx.name(),
            count(burst.calls as f64),
            time(burst.within_ms as f64)
        )),
        figures: format!("connection {}", burst.connection),
        removable: Some((burst.calls as f64 - 1.0) / burst.calls as f64),
        severity: Severity::Medium,
        fix: if write {
            "Write the rows in one statement (executemany, COPY, multi-row VALUES)."
        } else {
            "Load the rows with the parent: a join, or one query with IN for all keys."
        },
        guard: "A pooled connection serves many requests: compare with the requests of that second.",
        effort: Effort::M,
    })
}

/// Calls of one statement per request from which it is one query per row, and from which that is severe.
const EACH: f64 = 5.0;
const EACH_SEVERE: f64 = 10.0;

/// Q10
fn each_request(cx: &One) -> Option<Seen> {
    let requests = cx.requests?.count;
    let each = cx.stat.calls as f64 / requests as f64;
    let asked = cx.cx.asked.of_all(Metric::DbQueriesPerRequest);
    let too_many = asked.map_or(each >= EACH, |target| !target.met(each));
    if !too_many || each < 2.0 || !cx.by_key() || cx.stat.calls < 100 {
        return None;
    }
    Some(Seen {
        rule: "Q10",
        kind: Kind::NPlusOne,
        title: capital(&format!("{} runs {} times for each request", cx.name(), count(each))),
        figures: format!("{} requests of the load test beside{}", count(requests as f64), asks(asked)),
        removable: Some((each - 1.0) / each),
        severity: if each >= EACH_SEVERE { Severity::High } else { Severity::Medium },
        fix: "Load the rows with one query for each request: a join, IN for all keys, or a cache for the length of the request.",
        guard: "The counters are of the whole server: what else used it at the time counts here as well.",
        effort: Effort::M,
    })
}
