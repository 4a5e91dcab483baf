//! Where to cache: the table of EVIDENCE.md section 0, each row only with what calls for it.

use super::Inputs;
use super::sections::Draft;
use crate::evidence::model::load::loads;
use crate::evidence::model::{Evidence, QueryStat, QueryStats};
use crate::evidence::rules::Kind;
use crate::evidence::rules::databases::beside;
use crate::evidence::rules::figures::percent;
use crate::evidence::sql;
use crate::report::model::performance::{Caching, TargetStatus};

/// Share of database time from which a look-up calls for a cache.
const SHARE: f64 = 0.10;
/// Calls per request likewise.
const PER_REQUEST: f64 = 5.0;
/// Writes to a table per read of it, above which its rows change often.
const OFTEN: f64 = 0.01;
/// Look-ups named in one section.
const MOST: usize = 3;

/// Fills in the caching advice of a section.
pub(super) fn advise(draft: &mut Draft, inputs: &Inputs<'_>) {
    let mut out = Vec::new();
    if draft.section.title == "Database" {
        for (at, artefact) in inputs.artefacts.iter().enumerate() {
            for evidence in &artefact.evidence {
                if let Evidence::Queries(stats) = evidence {
                    look_ups(stats, requests(inputs, at, stats), &mut out);
                }
            }
        }
        out.truncate(MOST);
    }
    if let Some(endpoint) = &draft.endpoint
        && endpoint.method == "GET"
        && let Some(row) = draft.section.targets.iter().find(|row| row.status == TargetStatus::Fail)
    {
        let trigger = format!("{} misses {} ({})", endpoint.name(), row.target, row.metric);
        out.push(if endpoint.auth.is_none() && endpoint.headers.is_empty() {
            caching(
                &format!("{trigger}, and nothing in its code asks who calls"),
                "CDN and `Cache-Control: public, s-maxage=...` with a validator",
                "purge, or a versioned address",
                "only if the body is the same for everyone: no cookies and no authorisation in the response",
            )
        } else {
            caching(
                &format!("{trigger}, and each user has an answer of their own"),
                "`ETag` or `Last-Modified` with `Cache-Control: private`",
                "the validator",
                "only if answers stay the same between calls; computing the validator must cost less than the answer",
            )
        });
    }
    for (finding, kind) in draft.section.findings.iter().zip(&draft.kinds) {
        let words = format!("{} {}", finding.title, finding.fix).to_lowercase();
        if *kind == Kind::WebLoading && ["cache", "compress", "gzip", "brotli"].iter().any(|word| words.contains(word))
        {
            out.push(caching(
                &finding.title,
                "HTTP headers (long `max-age`, `immutable`, compression) and names with a hash",
                "a new name",
                "the page that names the files must not be cached as long",
            ));
        }
    }
    draft.section.caching = out;
}

/// Look-ups that cost much or come again and again.
fn look_ups(stats: &QueryStats, requests: Option<u64>, out: &mut Vec<Caching>) {
    let reads: Vec<(&QueryStat, sql::Query)> =
        stats.queries.iter().map(|query| (query, sql::query(&query.text, Some(stats.dialect)))).collect();
    for (query, read) in &reads {
        // A look-up: rows by equal values, no sums over a table.
        let by_key =
            read.predicates.iter().any(|predicate| predicate.compare == sql::Compare::Equal && !predicate.join);
        let Some(table) = read.tables.first().filter(|_| read.verb == "select" && by_key && read.tables.len() == 1)
        else {
            continue;
        };
        let share = if stats.total_ms > 0.0 { query.total_ms / stats.total_ms } else { 0.0 };
        let each = requests.filter(|requests| *requests > 0).map(|requests| query.calls as f64 / requests as f64);
        if share < SHARE && each.is_none_or(|each| each < PER_REQUEST) {
            continue;
        }
        let writes: u64 = reads
            .iter()
            .filter(|(_, other)| other.verb != "select" && other.tables.first() == Some(table))
            .map(|(other, _)| other.calls)
            .sum();
        let often = writes as f64 > query.calls as f64 * OFTEN;
        let times = each.map(|each| format!(", {each:.1} times a request")).unwrap_or_default();
        let trigger = format!(
            "`{}` takes {} of database time{times}; `{table}` is written {} for {} reads",
            sql::line(&query.fingerprint, 80),
            percent(share),
            crate::words::counted(writes, "time", "times"),
            crate::words::grouped(query.calls),
        );
        out.push(if often {
            caching(
                &trigger,
                "Redis or Memcached",
                "a key for each entity, deleted after the commit, not before",
                "a lock against stampedes, a memory budget",
            )
        } else {
            caching(
                &trigger,
                "in-process cache with a time to live",
                "the time to live, or a hook on writes",
                "a bound on its size; several processes disagree until it runs out",
            )
        });
    }
}

/// Requests of the load tests of the same side and time.
fn requests(inputs: &Inputs<'_>, at: usize, stats: &QueryStats) -> Option<u64> {
    let side = |at: usize| inputs.figures.pairing.sides.get(at).copied().flatten();
    let beside = inputs.artefacts.iter().enumerate().filter(|(other, _)| side(*other) == side(at));
    let requests = beside::requests(stats, &loads(beside.map(|(_, artefact)| artefact)))?;
    requests.doubt.is_none().then_some(requests.count)
}

fn caching(trigger: &str, layer: &str, invalidation: &str, guard: &str) -> Caching {
    Caching {
        trigger: trigger.to_owned(),
        layer: layer.to_owned(),
        invalidation: invalidation.to_owned(),
        guard: guard.to_owned(),
    }
}
