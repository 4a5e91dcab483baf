//! Adds calls up per normal form, in bounded memory.

use crate::evidence::input::{Limits, Notes};
use crate::evidence::model::{Burst, Caller, Dialect, QuerySource, QueryStat, QueryStats};
use crate::evidence::sql;
use crate::evidence::stats;
use crate::order::InOrder;
use crate::words::counted;
use rustc_hash::FxHashMap;
use std::collections::VecDeque;

/// Different queries kept.
const QUERIES: usize = 20_000;
/// Times kept of one query, when there is room.
const SAMPLES: usize = 2048;
/// Times always kept of one query.
const FEW: usize = 32;
/// Callers kept of one query.
const CALLERS: usize = 20;
/// Connections whose last second is remembered.
const CONNECTIONS: usize = 2048;
/// Calls remembered of one connection.
const RECENT: usize = 256;
/// Longest text kept.
const TEXT: usize = 2000;
/// Samples from which a 95th percentile is told.
const PERCENTILE: usize = 20;

/// One call.
#[derive(Default)]
pub(super) struct Call<'a> {
    pub text: &'a str,
    pub ms: f64,
    pub time_ms: Option<i64>,
    pub connection: &'a str,
    pub rows: Option<f64>,
    pub examined: Option<f64>,
    pub lock_ms: Option<f64>,
    pub full_scan: bool,
    pub disk_table: bool,
}

struct Slot {
    stat: QueryStat,
    stride: u64,
    mean: f64,
    squares: f64,
}

pub(super) struct Collector {
    stats: QueryStats,
    slots: Vec<Slot>,
    index: FxHashMap<String, usize>,
    samples: usize,
    most_samples: usize,
    utility: u64,
    first: Option<i64>,
    last: Option<i64>,
    recent: FxHashMap<String, VecDeque<(i64, usize)>>,
}

/// Statements that are no queries of an application.
pub(super) fn is_utility(verb: &str) -> bool {
    matches!(
        verb,
        "" | "alter"
            | "analyze"
            | "begin"
            | "checkpoint"
            | "close"
            | "comment"
            | "commit"
            | "create"
            | "deallocate"
            | "declare"
            | "discard"
            | "drop"
            | "end"
            | "explain"
            | "grant"
            | "listen"
            | "lock"
            | "prepare"
            | "release"
            | "reset"
            | "revoke"
            | "rollback"
            | "savepoint"
            | "set"
            | "show"
            | "start"
            | "truncate"
            | "unlisten"
            | "use"
            | "vacuum"
            | "administrator"
            | "quit"
            | "ping"
            | "init"
    )
}

impl Collector {
    pub fn new(source: QuerySource, dialect: Dialect, limits: Limits) -> Self {
        Self {
            stats: QueryStats { source, dialect, ..QueryStats::default() },
            slots: Vec::new(),
            index: FxHashMap::default(),
            samples: 0,
            most_samples: limits.samples,
            utility: 0,
            first: None,
            last: None,
            recent: FxHashMap::default(),
        }
    }

    pub fn set_dialect(&mut self, dialect: Dialect) {
        self.stats.dialect = dialect;
    }

    /// Adds a call; gives the place of its query.
    pub fn add(&mut self, call: &Call, notes: &mut Notes) -> Option<usize> {
        if !call.ms.is_finite() || call.ms < 0.0 {
            notes.add(0, "A negative or impossible time was left out");
            return None;
        }
        let query = sql::query(call.text, Some(self.stats.dialect));
        if is_utility(&query.verb) {
            self.utility += 1;
            return None;
        }
        self.stats.calls += 1;
        self.stats.total_ms += call.ms;
        if let Some(time) = call.time_ms {
            self.first = Some(self.first.map_or(time, |first| first.min(time)));
            self.last = Some(self.last.map_or(time, |last| last.max(time)));
        }
        let place = match self.index.get(&query.fingerprint) {
            Some(place) => *place,
            None if self.slots.len() >= QUERIES => {
                self.stats.left_out += 1;
                return None;
            }
            None => {
                let stat = QueryStat {
                    fingerprint: query.fingerprint.clone(),
                    text: sql::head(call.text.trim(), TEXT).to_owned(),
                    ..QueryStat::default()
                };
                self.slots.push(Slot { stat, stride: 1, mean: 0.0, squares: 0.0 });
                self.index.insert(query.fingerprint, self.slots.len() - 1);
                self.slots.len() - 1
            }
        };
        let room = self.samples < self.most_samples;
        let slot = self.slots.get_mut(place)?;
        self.samples += slot.add(call, room);
        if !query.tags.is_empty() {
            slot.called_by(query.tags.place());
        }
        self.burst(place, call);
        Some(place)
    }

    /// Adds time that belongs to a query but is no call of its own: parsing, binding.
    pub fn add_time(&mut self, text: &str, ms: f64) {
        let query = sql::query(text, Some(self.stats.dialect));
        if ms.is_finite()
            && ms >= 0.0
            && let Some(slot) = self.index.get(&query.fingerprint).and_then(|place| self.slots.get_mut(*place))
        {
            slot.stat.total_ms += ms;
            self.stats.total_ms += ms;
        }
    }

    /// Notes the parameters of a call that was just added.
    pub fn parameters(&mut self, place: usize, ms: f64, text: &str) {
        if let Some(slot) = self.slots.get_mut(place)
            && (slot.stat.parameters.is_none() || slot.stat.max_ms.is_some_and(|max| ms >= max))
        {
            slot.stat.parameters = Some(sql::line(text, 300));
        }
    }

    /// Counts calls of one query on one connection within a second.
    fn burst(&mut self, place: usize, call: &Call) {
        let Some(time) = call.time_ms.filter(|_| !call.connection.is_empty()) else { return };
        if self.recent.len() >= CONNECTIONS && !self.recent.contains_key(call.connection) {
            self.recent.clear();
        }
        let recent = match self.recent.get_mut(call.connection) {
            Some(recent) => recent,
            None => self.recent.entry(call.connection.to_owned()).or_default(),
        };
        while recent.len() >= RECENT || recent.front().is_some_and(|(then, _)| time - then > 1000) {
            recent.pop_front();
        }
        recent.push_back((time, place));
        let mine = || recent.iter().filter(|(_, other)| *other == place);
        let calls = mine().count() as u64;
        let since = mine().map(|(then, _)| *then).min().unwrap_or(time);
        if let Some(slot) = self.slots.get_mut(place)
            && slot.stat.burst.as_ref().map_or(1, |burst| burst.calls) < calls
        {
            let within_ms = u64::try_from(time - since).unwrap_or(0);
            slot.stat.burst = Some(Burst { calls, within_ms, connection: call.connection.to_owned() });
        }
    }

    /// Calls so far.
    pub const fn calls(&self) -> u64 {
        self.stats.calls
    }

    /// All statistics, the most expensive query first.
    pub fn finish(mut self, notes: &mut Notes) -> QueryStats {
        if self.utility > 0 {
            let statements = counted(self.utility, "statement", "statements");
            notes.add(
                0,
                format!("Left out: {statements} that are no queries of an application (BEGIN, SET, EXPLAIN ...)"),
            );
        }
        if self.stats.left_out > 0 {
            let queries = counted(QUERIES as u64, "different query", "different queries");
            let text = format!(
                "Only the first {queries} are told apart; {} more calls count in the sums only",
                self.stats.left_out
            );
            self.stats.cannot.push(text.clone());
            notes.add(0, text);
        }
        if let (Some(first), Some(last)) = (self.first, self.last) {
            self.stats.seconds = Some((last - first) as f64 / 1000.0);
        }
        let mut queries: Vec<QueryStat> = self.slots.into_iter().map(Slot::finish).collect();
        queries.order_by(|a, b| b.total_ms.total_cmp(&a.total_ms).then_with(|| a.fingerprint.cmp(&b.fingerprint)));
        self.stats.queries = queries;
        self.stats
    }
}

impl Slot {
    /// Adds a call; how many samples more there are.
    fn add(&mut self, call: &Call, room: bool) -> usize {
        let stat = &mut self.stat;
        stat.calls += 1;
        stat.total_ms += call.ms;
        stat.min_ms = Some(stat.min_ms.map_or(call.ms, |min| min.min(call.ms)));
        stat.max_ms = Some(stat.max_ms.map_or(call.ms, |max| max.max(call.ms)));
        let difference = call.ms - self.mean;
        self.mean += difference / stat.calls as f64;
        self.squares += difference * (call.ms - self.mean);
        let sum = |sum: &mut Option<f64>, value: Option<f64>| {
            if let Some(value) = value {
                *sum = Some(sum.unwrap_or(0.0) + value);
            }
        };
        sum(&mut stat.rows, call.rows);
        sum(&mut stat.examined, call.examined);
        sum(&mut stat.lock_ms, call.lock_ms);
        stat.full_scans += u64::from(call.full_scan);
        stat.disk_tables += u64::from(call.disk_table);
        if !stat.calls.is_multiple_of(self.stride) || !(room || stat.samples_ms.len() < FEW) {
            return 0;
        }
        if stat.samples_ms.len() >= SAMPLES {
            // Every other one goes; from now on every other one comes.
            let mut keep = false;
            stat.samples_ms.retain(|_| {
                keep = !keep;
                keep
            });
            self.stride *= 2;
            return 0;
        }
        stat.samples_ms.push(call.ms as f32);
        1
    }

    fn called_by(&mut self, tags: sql::Tags) {
        if tags.is_empty() {
            return;
        }
        let callers = &mut self.stat.callers;
        if let Some(caller) = callers.iter_mut().find(|caller| caller.tags == tags) {
            caller.calls += 1;
        } else if callers.len() < CALLERS {
            callers.push(Caller { tags, calls: 1 });
        }
    }

    fn finish(self) -> QueryStat {
        let mut stat = self.stat;
        stat.samples_ms.order_by(f32::total_cmp);
        if stat.calls > 1 {
            stat.stddev_ms = Some((self.squares / stat.calls as f64).max(0.0).sqrt());
        }
        if stat.samples_ms.len() >= PERCENTILE {
            stat.p95_ms = stats::percentile(&stat.samples_ms, 0.95);
        }
        stat.callers.order_by(|a, b| b.calls.cmp(&a.calls).then_with(|| a.tags.cmp(&b.tags)));
        stat
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

    use super::*;

    fn collector(samples: usize) -> Collector {
        let limits = Limits { samples, ..Limits::default() };
        Collector::new(QuerySource::PgLog, Dialect::Postgres, limits)
    }

    #[test]
    fn calls_of_one_form_add_up() {
        let mut collector = collector(1000);
        let mut notes = Notes::default();
        for n in 0..100 {
            let text = format!("SELECT a FROM t WHERE id = {n}");
            collector.add(
                &Call {
                    text: &text,
                    ms: f64::from(n + 1),
                    time_ms: Some(i64::from(n) * 20),
                    connection: "7",
                    ..Call::default()
                },
                &mut notes,
            );
        }
        collector.add(&Call { text: "BEGIN", ms: 1.0, ..Call::default() }, &mut notes);
        collector.add(&Call { text: "SELECT 1", ms: f64::NAN, ..Call::default() }, &mut notes);
        let stats = collector.finish(&mut notes);
        assert_eq!((stats.calls, stats.queries.len()), (100, 1));
        let stat = &stats.queries[0];
        assert_eq!((stat.total_ms, stat.min_ms, stat.max_ms), (5050.0, Some(1.0), Some(100.0)));
        assert!((stat.p95_ms.unwrap() - 95.05).abs() < 1e-3);
        assert!((stat.stddev_ms.unwrap() - 28.866).abs() < 1e-3);
        assert_eq!(stat.burst.as_ref().unwrap().calls, 51);
        assert_eq!(stats.seconds, Some(1.98));
    }

    #[test]
    fn many_calls_and_many_queries_stay_small() {
        let mut collector = collector(5000);
        let mut notes = Notes::default();
        for n in 0..20_000u32 {
            collector.add(&Call { text: "SELECT a FROM t", ms: f64::from(n % 100), ..Call::default() }, &mut notes);
        }
        for n in 0..QUERIES + 5 {
            let text = format!("SELECT c{n} FROM t");
            collector.add(&Call { text: &text, ms: 1.0, ..Call::default() }, &mut notes);
        }
        let stats = collector.finish(&mut notes);
        assert_eq!(stats.queries.len(), QUERIES);
        assert_eq!(stats.left_out, 6);
        assert_eq!(stats.calls, 40_005);
        let busy = &stats.queries[0];
        assert!(busy.samples_ms.len() <= SAMPLES);
        assert!((busy.p95_ms.unwrap() - 94.0).abs() < 2.0, "{:?}", busy.p95_ms);
        assert!(stats.cannot[0].contains("20,000 different queries"));
    }
}
