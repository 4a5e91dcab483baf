//! Names of queries and numbers for titles.

use crate::evidence::sql::{Compare, Query};
use crate::words::grouped;

/// `orders` by `customer_id`: what a query is about, in a few words.
pub(super) fn about(query: &Query) -> String {
    let Some(table) = query.tables.first() else {
        return if query.fingerprint.is_empty() {
            "A query".to_owned()
        } else {
            format!("`{}`", crate::evidence::sql::line(&query.fingerprint, 50))
        };
    };
    let mut columns: Vec<&str> = Vec::new();
    for predicate in &query.predicates {
        let own = predicate.column.table.as_deref().is_none_or(|of| of.eq_ignore_ascii_case(table));
        let name = predicate.column.name.as_str();
        if own
            && !predicate.join
            && predicate.compare != Compare::Other
            && !columns.contains(&name)
            && columns.len() < 3
        {
            columns.push(name);
        }
    }
    let by = list(&columns);
    match (query.verb.as_str(), by.is_empty()) {
        ("select" | "with", true) if query.tables.len() > 1 => {
            format!("the join of `{table}` with {}", rest(&query.tables))
        }
        ("select" | "with", true) => format!("the query of `{table}`"),
        ("select" | "with", false) => format!("the query of `{table}` by {by}"),
        ("insert", _) => format!("the insert into `{table}`"),
        (verb, true) => format!("the {verb} of `{table}`"),
        (verb, false) => format!("the {verb} of `{table}` by {by}"),
    }
}

fn rest(tables: &[String]) -> String {
    match tables {
        [_, one] => format!("`{one}`"),
        [_, one, more @ ..] => format!("`{one}` and {} more", more.len()),
        _ => String::new(),
    }
}

/// `a`, `b`
pub(super) fn list(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// The same with a capital at its start.
pub(super) fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// Whole numbers with commas.
pub(super) fn count(number: f64) -> String {
    grouped(number.round().clamp(0.0, 1e18) as u64)
}

/// `0.12 ms`, `12 ms`, `3.2 s`.
pub(super) fn time(ms: f64) -> String {
    if ms >= 10_000.0 {
        format!("{} s", count(ms / 1000.0))
    } else if ms >= 1000.0 {
        format!("{:.1} s", ms / 1000.0)
    } else if ms >= 10.0 {
        format!("{ms:.0} ms")
    } else {
        format!("{ms:.2} ms")
    }
}

/// `12 MB`, `300 kB` from kilobytes.
pub(super) fn size(kb: f64) -> String {
    if kb >= 10_240.0 {
        format!("{} MB", count(kb / 1024.0))
    } else if kb >= 1024.0 {
        format!("{:.1} MB", kb / 1024.0)
    } else {
        format!("{} kB", count(kb))
    }
}
