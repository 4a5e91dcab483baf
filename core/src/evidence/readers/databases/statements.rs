//! `pg_stat_statements` as people save it: CSV, tables of psql, expanded records. Two snapshots in a file are
//! subtracted; two files by [`crate::evidence::model::QueryStats::since`].

use super::Format;
use super::collect::is_utility;
use super::csv::{Records, fields};
use crate::evidence::input::{Input, Notes, Refused};
use crate::evidence::model::{Artefact, Caller, Dialect, Evidence, QuerySource, QueryStat, QueryStats};
use crate::evidence::recognize::Head;
use crate::evidence::sql;
use crate::order::InOrder;
use rustc_hash::FxHashMap;

pub(super) const FORMAT: Format = Format { name: "pg_stat_statements", matches, read };

/// Rows that are read.
const ROWS: usize = 200_000;

fn matches(head: &Head) -> bool {
    head.lines().take(20).any(is_header)
        || (head.lines().take(5).any(|line| line.starts_with("-[ "))
            && head.lines().take(80).any(|line| name(line) == "calls"))
}

/// Whether a line is the heading of the table.
fn is_header(line: &str) -> bool {
    let columns = columns(line);
    let has = |names: &[&str]| columns.iter().any(|column| names.contains(&column.as_str()));
    has(&["query"]) && has(&["calls"]) && has(&["total_exec_time", "total_time"])
}

fn columns(line: &str) -> Vec<String> {
    let cells: Vec<String> =
        if line.contains('|') { line.split('|').map(str::to_owned).collect() } else { fields(line) };
    cells.iter().map(|cell| cell.trim().to_ascii_lowercase()).collect()
}

/// The column of a line of an expanded record.
fn name(line: &str) -> &str {
    line.split('|').next().unwrap_or_default().trim()
}

type Row = Vec<(String, String)>;

fn read(input: &mut Input, artefact: &mut Artefact, notes: &mut Notes) -> Result<(), Refused> {
    let expanded = input.head.lines().take(5).any(|line| line.starts_with("-[ "));
    let csv = !expanded && input.head.lines().find(|line| is_header(line)).is_some_and(|line| !line.contains('|'));
    let snapshots = if csv { records(input, notes)? } else { table(input, expanded)? };
    let mut stats: Option<QueryStats> = None;
    let count = snapshots.len();
    for rows in snapshots {
        let next = statistics(&rows, notes);
        stats = Some(match stats {
            Some(before) => next.since(&before),
            None => next,
        });
    }
    if count > 1 {
        notes.add(0, "The file holds several snapshots: the figures are those between the first and the last");
    }
    let Some(stats) = stats.filter(|stats| !stats.queries.is_empty()) else {
        return Err(Refused("The statistics have no row of a query with calls and a time".to_owned()));
    };
    artefact.evidence.push(Evidence::Queries(Box::new(stats)));
    Ok(())
}

/// Snapshots of CSV; a repeated heading begins the next.
fn records(input: &mut Input, notes: &mut Notes) -> Result<Vec<Vec<Row>>, Refused> {
    let mut out: Vec<Vec<Row>> = Vec::new();
    let mut names: Vec<String> = Vec::new();
    let mut records = Records::default();
    let mut count = 0;
    while let Some(fields) = records.next(input)? {
        let lower: Vec<String> = fields.iter().map(|field| field.trim().to_ascii_lowercase()).collect();
        if lower.iter().any(|field| field == "calls") && lower.iter().any(|field| field == "query") {
            names = lower;
            out.push(Vec::new());
        } else if let Some(rows) = out.last_mut() {
            if fields.len() != names.len() {
                notes.add(records.at, "A row has another number of columns than the heading: left out");
                continue;
            }
            count += 1;
            Input::at_most(count, ROWS, "row", "rows")?;
            rows.push(names.iter().cloned().zip(fields).collect());
        }
    }
    Ok(out)
}

/// Snapshots of psql's tables, where a cell may take several lines.
fn table(input: &mut Input, expanded: bool) -> Result<Vec<Vec<Row>>, Refused> {
    let mut out: Vec<Vec<Row>> = Vec::new();
    let mut names: Vec<String> = Vec::new();
    let mut buffer = Vec::new();
    let mut open = false;
    let mut column = 0;
    let mut count = 0;
    while let Some(line) = input.line(&mut buffer)? {
        if expanded && line.starts_with("-[ ") {
            if out.is_empty() || line.starts_with("-[ RECORD 1 ]") {
                out.push(Vec::new());
            }
            count += 1;
            Input::at_most(count, ROWS, "row", "rows")?;
            if let Some(rows) = out.last_mut() {
                rows.push(Vec::new());
            }
            continue;
        }
        let mut cells: Vec<&str> = line.split('|').collect();
        if !expanded && is_header(&line) {
            names = columns(&line);
            out.push(Vec::new());
            open = false;
            continue;
        }
        if cells.len() < 2 || line.trim_start().starts_with("--") || line.trim_start().starts_with("+-") {
            continue;
        }
        let Some(rows) = out.last_mut() else { continue };
        if expanded {
            let (name, value) = (cells.remove(0).trim(), cells.join("|"));
            let Some(row) = rows.last_mut() else { continue };
            let more = value.trim_end().ends_with('+');
            let text = value.trim_end().trim_end_matches('+').trim_end();
            let text = text.strip_prefix(' ').unwrap_or(text);
            match row.last_mut().filter(|_| name.is_empty() || open) {
                Some((_, cell)) => {
                    cell.push('\n');
                    cell.push_str(text);
                }
                None => row.push((name.to_ascii_lowercase(), text.to_owned())),
            }
            open = more;
            continue;
        }
        // A query may hold bars: cells beyond the number of columns belong to it.
        if cells.len() > names.len() {
            let extra = cells.len() - names.len();
            column = names.iter().position(|name| name == "query").unwrap_or(column);
            let joined = cells.get(column..=column + extra).unwrap_or_default().join("|");
            let mut row: Row = Vec::new();
            for (at, name) in names.iter().enumerate() {
                let text = match at.cmp(&column) {
                    std::cmp::Ordering::Less => cells.get(at).copied().unwrap_or_default(),
                    std::cmp::Ordering::Equal => joined.as_str(),
                    std::cmp::Ordering::Greater => cells.get(at + extra).copied().unwrap_or_default(),
                };
                row.push((name.clone(), text.trim().to_owned()));
            }
            rows.push(row);
            open = false;
            continue;
        }
        let more = cells.iter().any(|cell| cell.trim_end().ends_with('+'));
        let texts: Vec<&str> = cells.iter().map(|cell| cell.trim_end().trim_end_matches('+').trim()).collect();
        match rows.last_mut().filter(|_| open) {
            Some(row) => {
                for ((_, cell), text) in row.iter_mut().zip(texts).filter(|(_, text)| !text.is_empty()) {
                    cell.push('\n');
                    cell.push_str(text);
                }
            }
            None => {
                count += 1;
                Input::at_most(count, ROWS, "row", "rows")?;
                rows.push(names.iter().cloned().zip(texts.into_iter().map(str::to_owned)).collect());
            }
        }
        open = more;
    }
    Ok(out)
}

/// Statistics of one snapshot; rows of one normal form (by user, database, plan) are added up.
fn statistics(rows: &[Row], notes: &mut Notes) -> QueryStats {
    let mut stats =
        QueryStats { source: QuerySource::PgStatStatements, dialect: Dialect::Postgres, ..QueryStats::default() };
    let mut index: FxHashMap<String, usize> = FxHashMap::default();
    for row in rows {
        let text =
            |names: &[&str]| row.iter().find(|(name, _)| names.contains(&name.as_str())).map(|(_, value)| value.trim());
        let mut number = |names: &[&str]| {
            let number = text(names)?.parse::<f64>().ok()?;
            if number.is_finite() && number >= 0.0 {
                return Some(number);
            }
            notes.add(0, "A negative or impossible number was left out");
            None
        };
        let (Some(calls), Some(total)) = (number(&["calls"]), number(&["total_exec_time", "total_time"])) else {
            continue;
        };
        let body = text(&["query"]).unwrap_or_default();
        let query = sql::query(body, Some(Dialect::Postgres));
        if is_utility(&query.verb) || query.verb == "<insufficient" || calls < 1.0 {
            continue;
        }
        let planning = number(&["total_plan_time"]).unwrap_or(0.0);
        let total = total + planning;
        stats.calls += calls as u64;
        stats.total_ms += total;
        let place = *index.entry(query.fingerprint.clone()).or_insert_with(|| {
            stats.queries.push(QueryStat {
                fingerprint: query.fingerprint.clone(),
                text: sql::head(body, 2000).to_owned(),
                ..QueryStat::default()
            });
            stats.queries.len() - 1
        });
        let Some(stat) = stats.queries.get_mut(place) else { continue };
        let add = |sum: &mut Option<f64>, value: Option<f64>| {
            if let Some(value) = value {
                *sum = Some(sum.unwrap_or(0.0) + value);
            }
        };
        let first = stat.calls == 0;
        stat.calls += calls as u64;
        stat.total_ms += total;
        let (min, max) = (number(&["min_exec_time", "min_time"]), number(&["max_exec_time", "max_time"]));
        stat.min_ms = if first { min } else { stat.min_ms.zip(min).map(|(a, b)| a.min(b)) };
        stat.max_ms = if first { max } else { stat.max_ms.zip(max).map(|(a, b)| a.max(b)) };
        stat.stddev_ms = first.then(|| number(&["stddev_exec_time", "stddev_time"])).flatten();
        add(&mut stat.rows, number(&["rows"]));
        add(&mut stat.temp_blocks, number(&["temp_blks_written"]));
        add(&mut stat.blocks_hit, number(&["shared_blks_hit"]));
        add(&mut stat.blocks_read, number(&["shared_blks_read"]));
        if !query.tags.is_empty() && stat.callers.is_empty() {
            stat.callers.push(Caller { tags: query.tags.place(), calls: 0 });
        }
    }
    stats.cannot.push("There are no percentiles: only mean, extremes and standard deviation".to_owned());
    if stats.queries.iter().any(|stat| !stat.callers.is_empty()) {
        stats.cannot.push("The comment of a query names one of its callers: the first that sent it".to_owned());
    }
    stats.queries.order_by(|a, b| b.total_ms.total_cmp(&a.total_ms).then_with(|| a.fingerprint.cmp(&b.fingerprint)));
    stats
}

#[cfg(test)]
mod tests;
