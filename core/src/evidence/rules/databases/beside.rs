//! Statistics of queries beside load tests of the same side: how many requests the calls belong to, and whether both are
//! of the same time.

use crate::evidence::model::load::{LoadRun, Route};
use crate::evidence::model::{QuerySource, QueryStat, QueryStats};
use crate::evidence::sql::{self, Compare};
use crate::words::{counted, grouped};

/// Requests of a side.
pub struct Requests {
    /// How many.
    pub count: u64,
    /// Why the calls may be of another time; nothing when they agree.
    pub doubt: Option<String>,
}

/// A log may be longer or shorter than the load by this factor.
const SAME_TIME: f64 = 1.5;
/// Calls of a list above the requests of the load are of another time; so are counters in which no list comes near.
const ABOVE: f64 = 1.05;
const NEAR: f64 = 0.02;

/// All requests of load tests; nothing when one does not say how many it sent.
#[must_use]
pub fn requests(stats: &QueryStats, loads: &[&LoadRun]) -> Option<Requests> {
    let sent: Option<Vec<u64>> = loads.iter().map(|run| run.total.requests).collect();
    let count = sent?.into_iter().fold(0, u64::saturating_add);
    if count == 0 {
        return None;
    }
    let seconds: f64 = loads.iter().filter_map(|run| run.duration_s).sum();
    let doubt = match stats.seconds.filter(|_| seconds > 0.0) {
        Some(logged) if logged > seconds * SAME_TIME || seconds > logged * SAME_TIME => Some(format!(
            "the log spans {} s and the load test {} s: they are not of the same time",
            grouped(logged.round().max(0.0) as u64),
            grouped(seconds.round().max(0.0) as u64)
        )),
        Some(_) => None,
        // Counters do not say since when they count: their lists have to fit the requests.
        None => {
            let range = count as f64 * NEAR..=count as f64 * ABOVE;
            let (mut above, mut near) = (false, false);
            for (stat, keyed) in lists(stats) {
                above |= !keyed && stat.calls as f64 > *range.end();
                near |= range.contains(&(stat.calls as f64));
            }
            let fits = near && !above;
            let requests = counted(count, "request", "requests");
            (!fits).then(|| format!("nothing shows that the counters are of the same time as the {requests}"))
        }
    };
    Some(Requests { count, doubt })
}

/// Statements that ask for several rows, or for a sum of all; and whether one of their conditions is a key, so that a
/// request may send them once for each of its rows.
fn lists(stats: &QueryStats) -> impl Iterator<Item = (&QueryStat, bool)> {
    stats.queries.iter().filter_map(|stat| {
        let query = sql::query(&stat.text, Some(stats.dialect));
        let keyed = query.predicates.iter().any(|predicate| predicate.compare == Compare::Equal && !predicate.join);
        let several = !keyed || stat.rows_per_call().is_some_and(|rows| rows >= 2.0);
        (query.verb == "select" && !query.tables.is_empty() && several).then_some((stat, keyed))
    })
}

/// Calls that carry a route in their comment; `None` where only the first sender's comment was kept.
#[must_use]
pub fn tagged(stats: &QueryStats, of_route: &dyn Fn(&str) -> bool) -> Option<u64> {
    if stats.source == QuerySource::PgStatStatements {
        return None;
    }
    let callers = stats.queries.iter().flat_map(|stat| &stat.callers);
    let theirs = callers.filter(|caller| caller.tags.route.as_deref().is_some_and(of_route));
    let calls = theirs.fold(0_u64, |sum, caller| sum.saturating_add(caller.calls));
    (calls > 0).then_some(calls)
}

/// Requests of some routes.
#[must_use]
pub fn sent<'a>(routes: impl Iterator<Item = &'a Route>) -> u64 {
    routes.filter_map(|route| route.requests).fold(0, u64::saturating_add)
}
