//! Targets: what was asked of the system, by whom, and where it is written. Values are in the metric's own unit.

use super::Run;
use crate::words::grouped;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What one file asks for.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Targets {
    /// Targets that can be checked.
    pub targets: Vec<Target>,
    /// What is asked and cannot be checked from files.
    pub unchecked: Vec<Unchecked>,
    /// Which files belong to which run.
    pub runs: Vec<RunFiles>,
}

/// One target.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Target {
    /// What it is about.
    pub scope: Scope,
    /// What is measured.
    pub metric: Metric,
    /// How it compares.
    pub comparison: Comparison,
    /// The bound, in the metric's unit.
    pub value: f64,
    /// How much a miss counts against others when the report puts the worst first: above 0, and 1 where nothing is said.
    pub weight: Option<f64>,
    /// As it is written: `p(95)<200`.
    pub text: String,
    /// Who says so.
    pub source: Source,
}

/// Where a target is written.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Source {
    /// Kind, which also is its precedence.
    pub kind: SourceKind,
    /// File; empty for defaults.
    pub path: String,
    /// Line from 1, 0 when unknown.
    pub line: u32,
}

/// Kinds of sources, those that win first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SourceKind {
    /// Typed in the app.
    Edited,
    /// `slo.toml`.
    Slo,
    /// The project's `.drydock.toml`.
    Settings,
    /// Thresholds of k6, in a result or a script.
    K6,
    /// `ensure` of Artillery.
    Artillery,
    /// Assertions of Lighthouse CI.
    LighthouseCi,
    /// A Lighthouse budget.
    LighthouseBudget,
    /// OpenSLO.
    OpenSlo,
    /// Sloth.
    Sloth,
    /// Ours.
    Default,
}

impl SourceKind {
    /// Words for people.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Edited => "typed in",
            Self::Slo => "slo.toml",
            Self::Settings => "settings",
            Self::K6 => "k6 threshold",
            Self::Artillery => "Artillery ensure",
            Self::LighthouseCi => "Lighthouse CI assertion",
            Self::LighthouseBudget => "Lighthouse budget",
            Self::OpenSlo => "OpenSLO",
            Self::Sloth => "Sloth",
            Self::Default => "default",
        }
    }
}

/// A target that cannot be checked from files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unchecked {
    /// As it is written.
    pub text: String,
    /// Why not.
    pub reason: String,
    /// Who says so.
    pub source: Source,
}

/// Files of a run, as `slo.toml` names them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunFiles {
    /// Side.
    pub run: Run,
    /// Patterns with `*`, `?` and `**`.
    pub files: Vec<String>,
}

/// What a target is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "on", rename_all = "snake_case")]
pub enum Scope {
    /// Everything that was measured.
    All,
    /// A route, or a name that the load test gave.
    Route {
        /// Upper-case method; empty for any.
        method: String,
        /// Path, template or name.
        path: String,
    },
    /// A page.
    Page {
        /// Path of its address, or the whole.
        path: String,
    },
    /// Queries whose text holds this.
    Query {
        /// Part of the query.
        text: String,
    },
}

impl fmt::Display for Scope {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => out.write_str("all"),
            Self::Route { method, path } if method.is_empty() => out.write_str(path),
            Self::Route { method, path } => write!(out, "{method} {path}"),
            Self::Page { path } => out.write_str(path),
            Self::Query { text } => out.write_str(text),
        }
    }
}

/// A percentile in thousandths: 95 % is 95,000.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Percent(pub u32);

impl Percent {
    /// The median.
    pub const P50: Self = Self(50_000);
    /// The 95th percentile.
    pub const P95: Self = Self(95_000);
    /// The 99th percentile.
    pub const P99: Self = Self(99_000);

    /// From a number of percent, 0 to 100.
    #[must_use]
    pub fn new(percent: f64) -> Option<Self> {
        (0.0..=100.0).contains(&percent).then(|| Self((percent * 1000.0).round() as u32))
    }

    /// As a share, 0 to 1.
    #[must_use]
    pub fn share(self) -> f64 {
        f64::from(self.0) / 100_000.0
    }

    /// Requests below which it is not judged: the tail that it speaks of has too few of them.
    #[must_use]
    pub fn needs(self) -> u64 {
        match self.0 {
            0..=75_000 => 20,
            75_001..=90_000 => 50,
            90_001..=95_000 => 100,
            95_001..=98_000 => 500,
            98_001..=99_000 => 1_000,
            _ => 10_000,
        }
    }
}

impl fmt::Display for Percent {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "p{}", f64::from(self.0) / 1000.0)
    }
}

/// Figures of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WebMetric {
    /// Largest contentful paint.
    Lcp,
    /// Interaction to next paint.
    Inp,
    /// Cumulative layout shift.
    Cls,
    /// Total blocking time.
    Tbt,
    /// First contentful paint.
    Fcp,
    /// Speed index.
    SpeedIndex,
    /// Time to first byte.
    Ttfb,
    /// Bytes over the network.
    Bytes,
    /// Performance score, 0 to 100.
    Score,
}

impl WebMetric {
    /// All.
    pub const ALL: [Self; 9] =
        [Self::Lcp, Self::Inp, Self::Cls, Self::Tbt, Self::Fcp, Self::SpeedIndex, Self::Ttfb, Self::Bytes, Self::Score];

    /// Its word in `slo.toml`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Lcp => "lcp",
            Self::Inp => "inp",
            Self::Cls => "cls",
            Self::Tbt => "tbt",
            Self::Fcp => "fcp",
            Self::SpeedIndex => "si",
            Self::Ttfb => "ttfb",
            Self::Bytes => "bytes",
            Self::Score => "score",
        }
    }

    /// Name for people.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Lcp => "LCP",
            Self::Inp => "INP",
            Self::Cls => "CLS",
            Self::Tbt => "TBT",
            Self::Fcp => "FCP",
            Self::SpeedIndex => "Speed Index",
            Self::Ttfb => "TTFB",
            Self::Bytes => "Transferred bytes",
            Self::Score => "Performance score",
        }
    }
}

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum Metric {
    /// `latency.p95`
    Latency(Percent),
    /// `latency.mean`
    LatencyMean,
    /// `latency.min`
    LatencyMin,
    /// `latency.max`
    LatencyMax,
    /// `throughput.rps`
    Throughput,
    /// `requests.count`
    Requests,
    /// `errors.rate`
    ErrorRate,
    /// `errors.count`
    Errors,
    /// `db.query.p95`
    DbQuery(Percent),
    /// `db.query.mean`
    DbQueryMean,
    /// `db.query.max`
    DbQueryMax,
    /// `db.queries_per_request`
    DbQueriesPerRequest,
    /// `web.lcp`
    Web(WebMetric),
    /// `eventloop.block`
    EventLoopBlock,
    /// `mem.peak`
    MemoryPeak,
    /// `mem.growth`, bytes an hour
    MemoryGrowth,
}

/// Units of metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Milliseconds.
    Milliseconds,
    /// A second.
    PerSecond,
    /// 0 to 1, printed in percent.
    Share,
    /// A number of things.
    Count,
    /// Bytes.
    Bytes,
    /// Bytes an hour.
    BytesPerHour,
    /// A number without unit.
    Plain,
}

impl Metric {
    /// Metrics with a fixed name.
    const NAMED: [(&'static str, Self); 14] = [
        ("latency.mean", Self::LatencyMean),
        ("latency.min", Self::LatencyMin),
        ("latency.max", Self::LatencyMax),
        ("latency.avg", Self::LatencyMean),
        ("latency.med", Self::Latency(Percent::P50)),
        ("throughput.rps", Self::Throughput),
        ("requests.count", Self::Requests),
        ("errors.rate", Self::ErrorRate),
        ("errors.count", Self::Errors),
        ("db.query.mean", Self::DbQueryMean),
        ("db.query.max", Self::DbQueryMax),
        ("db.queries_per_request", Self::DbQueriesPerRequest),
        ("eventloop.block", Self::EventLoopBlock),
        ("mem.peak", Self::MemoryPeak),
    ];

    /// From its name in `slo.toml`.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        if name == "mem.growth" {
            return Some(Self::MemoryGrowth);
        }
        if let Some((_, metric)) = Self::NAMED.iter().find(|(known, _)| *known == name) {
            return Some(*metric);
        }
        let percent = |rest: &str| rest.strip_prefix('p')?.parse().ok().and_then(Percent::new);
        if let Some(rest) = name.strip_prefix("latency.") {
            return percent(rest).map(Self::Latency);
        }
        if let Some(rest) = name.strip_prefix("db.query.") {
            return percent(rest).map(Self::DbQuery);
        }
        let rest = name.strip_prefix("web.")?;
        WebMetric::ALL.iter().find(|metric| metric.word() == rest).map(|metric| Self::Web(*metric))
    }

    /// Its unit.
    #[must_use]
    pub const fn unit(self) -> Unit {
        match self {
            Self::Throughput => Unit::PerSecond,
            Self::Requests | Self::Errors | Self::DbQueriesPerRequest => Unit::Count,
            Self::ErrorRate => Unit::Share,
            Self::Web(WebMetric::Cls | WebMetric::Score) => Unit::Plain,
            Self::Web(WebMetric::Bytes) | Self::MemoryPeak => Unit::Bytes,
            Self::MemoryGrowth => Unit::BytesPerHour,
            _ => Unit::Milliseconds,
        }
    }

    /// Whether more is better.
    #[must_use]
    pub const fn more_is_better(self) -> bool {
        matches!(self, Self::Throughput | Self::Requests | Self::Web(WebMetric::Score))
    }

    /// Name for people, alone in a table: `Latency p95`.
    #[must_use]
    pub fn title(self) -> String {
        match self {
            Self::Latency(percent) => format!("Latency {percent}"),
            Self::LatencyMean => "Latency mean".to_owned(),
            Self::LatencyMin => "Latency min".to_owned(),
            Self::LatencyMax => "Latency max".to_owned(),
            Self::Throughput => "Throughput".to_owned(),
            Self::Requests => "Requests".to_owned(),
            Self::ErrorRate => "Error rate".to_owned(),
            Self::Errors => "Errors".to_owned(),
            Self::DbQuery(percent) => format!("Query time {percent}"),
            Self::DbQueryMean => "Query time mean".to_owned(),
            Self::DbQueryMax => "Query time max".to_owned(),
            Self::DbQueriesPerRequest => "Queries per request".to_owned(),
            Self::Web(metric) => metric.title().to_owned(),
            Self::EventLoopBlock => "Event loop block".to_owned(),
            Self::MemoryPeak => "Memory peak".to_owned(),
            Self::MemoryGrowth => "Memory growth".to_owned(),
        }
    }

    /// A value of it, for people.
    #[must_use]
    pub fn show(self, value: f64) -> String {
        let short = |value: f64, decimals: usize| {
            let text = format!("{value:.decimals$}");
            if decimals == 0 { text } else { text.trim_end_matches('0').trim_end_matches('.').to_owned() }
        };
        let plain = |value: f64| match value.abs() {
            _ if value >= 99.95 => grouped(value.round() as u64),
            size if size >= 10.0 => short(value, 1),
            size if size >= 0.01 => short(value, 2),
            _ => short(value, 4),
        };
        let bytes = |value: f64| match value.abs() {
            size if size >= 1e9 => format!("{:.2} GB", value / 1e9),
            size if size >= 1e6 => format!("{:.2} MB", value / 1e6),
            size if size >= 1e3 => format!("{:.1} kB", value / 1e3),
            _ => format!("{value:.0} B"),
        };
        match self.unit() {
            Unit::Milliseconds => format!("{} ms", plain(value)),
            Unit::PerSecond => format!("{}/s", plain(value)),
            Unit::Share => format!("{} %", plain(value * 100.0)),
            Unit::Count => plain(value),
            Unit::Bytes => bytes(value),
            Unit::BytesPerHour => format!("{}/h", bytes(value)),
            Unit::Plain if matches!(self, Self::Web(WebMetric::Cls)) => format!("{value:.3}"),
            Unit::Plain => plain(value),
        }
    }
}

impl fmt::Display for Metric {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Latency(percent) => write!(out, "latency.{percent}"),
            Self::DbQuery(percent) => write!(out, "db.query.{percent}"),
            Self::Web(metric) => write!(out, "web.{}", metric.word()),
            Self::MemoryGrowth => out.write_str("mem.growth"),
            _ => {
                let name = Self::NAMED.iter().find(|(_, metric)| metric == self).map_or("", |(name, _)| name);
                out.write_str(name)
            }
        }
    }
}

impl From<Metric> for String {
    fn from(metric: Metric) -> Self {
        metric.to_string()
    }
}

impl TryFrom<String> for Metric {
    type Error = String;

    fn try_from(name: String) -> Result<Self, Self::Error> {
        Self::parse(&name).ok_or_else(|| format!("unknown metric `{name}`"))
    }
}

/// How a value compares with its bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Comparison {
    /// Below.
    #[serde(rename = "<")]
    Below,
    /// At most.
    #[serde(rename = "<=")]
    AtMost,
    /// Above.
    #[serde(rename = ">")]
    Above,
    /// At least.
    #[serde(rename = ">=")]
    AtLeast,
}

impl Comparison {
    /// From its sign, which the text begins with; and the rest.
    #[must_use]
    pub fn split(text: &str) -> Option<(Self, &str)> {
        let text = text.trim();
        [("<=", Self::AtMost), (">=", Self::AtLeast), ("<", Self::Below), (">", Self::Above)]
            .into_iter()
            .find_map(|(sign, comparison)| Some((comparison, text.strip_prefix(sign)?.trim())))
    }

    /// Its sign.
    #[must_use]
    pub const fn sign(self) -> &'static str {
        match self {
            Self::Below => "<",
            Self::AtMost => "<=",
            Self::Above => ">",
            Self::AtLeast => ">=",
        }
    }

    /// Whether a value meets the bound.
    #[must_use]
    pub fn met(self, value: f64, bound: f64) -> bool {
        match self {
            Self::Below => value < bound,
            Self::AtMost => value <= bound,
            Self::Above => value > bound,
            Self::AtLeast => value >= bound,
        }
    }

    /// Whether smaller values are better.
    #[must_use]
    pub const fn wants_less(self) -> bool {
        matches!(self, Self::Below | Self::AtMost)
    }
}

impl Source {
    /// `slo.toml, perf/slo.toml:3`: who says so, and where.
    #[must_use]
    pub fn words(&self) -> String {
        match (self.path.as_str(), self.line) {
            ("", _) => self.kind.words().to_owned(),
            (path, 0) => format!("{}, {path}", self.kind.words()),
            (path, line) => format!("{}, {path}:{line}", self.kind.words()),
        }
    }
}

impl Target {
    /// Whether a value meets it.
    #[must_use]
    pub fn met(&self, value: f64) -> bool {
        self.comparison.met(value, self.value)
    }

    /// `target < 200 ms (slo.toml, perf/slo.toml:3)`
    #[must_use]
    pub fn says(&self) -> String {
        format!("target {} ({})", self.bound(), self.source.words())
    }

    /// `< 200 ms`
    #[must_use]
    pub fn bound(&self) -> String {
        format!("{} {}", self.comparison.sign(), self.metric.show(self.value))
    }
}

#[cfg(test)]
mod tests;
