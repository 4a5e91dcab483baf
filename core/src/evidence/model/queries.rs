//! Statistics of queries: what a server counted, or what a log adds up to, per normal form.

use super::Dialect;
use crate::evidence::sql::Tags;
use serde::{Deserialize, Serialize};

/// Where statistics come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QuerySource {
    /// `pg_stat_statements`: complete counts since a reset, no percentiles.
    #[default]
    PgStatStatements,
    /// A PostgreSQL log with durations.
    PgLog,
    /// The slow query log of MySQL or MariaDB.
    SlowLog,
}

impl QuerySource {
    /// Name for people.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::PgStatStatements => "pg_stat_statements",
            Self::PgLog => "PostgreSQL log",
            Self::SlowLog => "slow query log",
        }
    }
}

/// Statistics of all queries of one file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct QueryStats {
    /// Source.
    pub source: QuerySource,
    /// Database.
    pub dialect: Dialect,
    /// What the source cannot say, one sentence each: counts are lower bounds, there are no percentiles.
    pub cannot: Vec<String>,
    /// Whether a threshold or sampling may have left calls out: counts and shares are of what was logged.
    pub lower_bound: bool,
    /// Seconds between the first and the last record, when the source has times.
    pub seconds: Option<f64>,
    /// Calls of all queries, also of those that are not kept.
    pub calls: u64,
    /// Milliseconds of all queries, also of those that are not kept.
    pub total_ms: f64,
    /// Calls of queries that are not kept, because there are too many different ones.
    pub left_out: u64,
    /// By total time, largest first.
    pub queries: Vec<QueryStat>,
}

/// Statistics of one query. What the source has not is `None`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct QueryStat {
    /// Normal form.
    pub fingerprint: String,
    /// One text as seen, shortened.
    pub text: String,
    /// Calls.
    pub calls: u64,
    /// Milliseconds of all calls.
    pub total_ms: f64,
    /// Milliseconds of the fastest.
    pub min_ms: Option<f64>,
    /// Milliseconds of the slowest.
    pub max_ms: Option<f64>,
    /// Standard deviation in milliseconds.
    pub stddev_ms: Option<f64>,
    /// 95th percentile in milliseconds, of samples.
    pub p95_ms: Option<f64>,
    /// Milliseconds of single calls, sorted; every n-th when there were many.
    pub samples_ms: Vec<f32>,
    /// Rows of all calls: returned or changed.
    pub rows: Option<f64>,
    /// Rows read of all calls.
    pub examined: Option<f64>,
    /// Milliseconds of waiting for locks, of all calls.
    pub lock_ms: Option<f64>,
    /// Temporary blocks written, of all calls.
    pub temp_blocks: Option<f64>,
    /// Blocks found in the cache.
    pub blocks_hit: Option<f64>,
    /// Blocks read from the system.
    pub blocks_read: Option<f64>,
    /// Calls that read a whole table.
    pub full_scans: u64,
    /// Calls that wrote a temporary table to disk.
    pub disk_tables: u64,
    /// Parameters of the slowest call, if logged.
    pub parameters: Option<String>,
    /// Who sent it, by comments in its text.
    pub callers: Vec<Caller>,
    /// The most calls of one connection within one second, and that connection.
    pub burst: Option<Burst>,
}

impl QueryStat {
    /// Milliseconds of a call.
    #[must_use]
    pub fn mean_ms(&self) -> f64 {
        if self.calls == 0 { 0.0 } else { self.total_ms / self.calls as f64 }
    }

    /// Rows of a call.
    #[must_use]
    pub fn rows_per_call(&self) -> Option<f64> {
        (self.calls > 0).then(|| self.rows.map(|rows| rows / self.calls as f64)).flatten()
    }
}

/// A sender and its calls.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Caller {
    /// Route, controller, action.
    pub tags: Tags,
    /// Calls.
    pub calls: u64,
}

/// Many calls in a row.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Burst {
    /// Calls.
    pub calls: u64,
    /// Milliseconds from the first to the last.
    pub within_ms: u64,
    /// Connection.
    pub connection: String,
}

impl QueryStats {
    /// What happened between an earlier snapshot of the same counters and this one. Extremes and deviations cannot be
    /// told apart and are left out; a counter that fell was reset and counts from zero.
    #[must_use]
    pub fn since(&self, before: &Self) -> Self {
        let mut out = Self { calls: 0, total_ms: 0.0, queries: Vec::new(), ..self.clone() };
        let mut reset = false;
        let earlier: std::collections::BTreeMap<&str, &QueryStat> =
            before.queries.iter().map(|stat| (stat.fingerprint.as_str(), stat)).collect();
        for stat in &self.queries {
            let mut stat = stat.clone();
            if let Some(old) = earlier.get(stat.fingerprint.as_str()) {
                if old.calls > stat.calls || old.total_ms > stat.total_ms {
                    reset = true;
                } else {
                    stat.subtract(old);
                }
            }
            if stat.calls > 0 {
                out.calls += stat.calls;
                out.total_ms += stat.total_ms;
                out.queries.push(stat);
            }
        }
        crate::order::InOrder::order_by(out.queries.as_mut_slice(), |a, b| {
            b.total_ms.total_cmp(&a.total_ms).then_with(|| a.fingerprint.cmp(&b.fingerprint))
        });
        out.cannot.push("Extremes and deviations between two snapshots are unknown".to_owned());
        if reset {
            out.cannot.push("Counters were reset between the snapshots: those queries count from the reset".to_owned());
        }
        out
    }
}

impl QueryStat {
    fn subtract(&mut self, old: &Self) {
        self.calls -= old.calls.min(self.calls);
        self.total_ms -= old.total_ms;
        (self.min_ms, self.max_ms, self.stddev_ms, self.p95_ms) = (None, None, None, None);
        let fields = [
            (&mut self.rows, old.rows),
            (&mut self.examined, old.examined),
            (&mut self.lock_ms, old.lock_ms),
            (&mut self.temp_blocks, old.temp_blocks),
            (&mut self.blocks_hit, old.blocks_hit),
            (&mut self.blocks_read, old.blocks_read),
        ];
        for (mine, old) in fields {
            if let (Some(mine), Some(old)) = (mine.as_mut(), old) {
                *mine = (*mine - old).max(0.0);
            }
        }
    }
}
