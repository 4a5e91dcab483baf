//! The slow query log of MySQL, MariaDB and Percona Server. One entry at a time.

use super::Format;
use super::collect::{Call, Collector};
use super::postgres_log::timestamp;
use crate::evidence::input::{Input, Notes, Refused};
use crate::evidence::model::{Artefact, Dialect, Evidence, QuerySource};
use crate::evidence::recognize::Head;

pub(super) const FORMAT: Format = Format { name: "Slow query log", matches, read };

/// Longest statement of which more than the start is kept.
const TEXT: usize = 1 << 20;

fn matches(head: &Head) -> bool {
    head.lines().any(|line| line.starts_with("# Query_time:") || line.starts_with("# User@Host:"))
}

#[derive(Default)]
struct Entry {
    at: u64,
    seconds: Option<f64>,
    lock: Option<f64>,
    sent: Option<f64>,
    examined: Option<f64>,
    affected: Option<f64>,
    full_scan: bool,
    disk_table: bool,
    thread: String,
    time_ms: Option<i64>,
    text: String,
    administrator: bool,
    /// The quote that is open at the end of the text.
    quote: Option<char>,
}

fn read(input: &mut Input, artefact: &mut Artefact, notes: &mut Notes) -> Result<(), Refused> {
    let mut collector = Collector::new(QuerySource::SlowLog, Dialect::MySql, input.limits);
    let mut entry = Entry::default();
    let mut entries = 0u64;
    let result = collect(input, notes, &mut collector, &mut entry, &mut entries);
    entries += u64::from(finish(&mut collector, entry, notes));
    let mut stats = collector.finish(notes);
    stats.lower_bound = true;
    stats.cannot.push(
        "Only queries above long_query_time (or without an index, if set) are logged: counts are lower bounds"
            .to_owned(),
    );
    if entries == 0 {
        notes.add(0, "The log has no entry with a query");
    } else {
        artefact.evidence.push(Evidence::Queries(Box::new(stats)));
    }
    result
}

/// Reads all lines; `entry` is the one at hand, also where the log breaks off.
fn collect(
    input: &mut Input,
    notes: &mut Notes,
    collector: &mut Collector,
    entry: &mut Entry,
    entries: &mut u64,
) -> Result<(), Refused> {
    let mut buffer = Vec::new();
    let mut at = 0;
    while let Some(line) = input.line(&mut buffer)? {
        at += 1;
        if line.contains("MariaDB") && line.contains("started with:") {
            collector.set_dialect(Dialect::MariaDb);
        }
        if starts(&line, entry) {
            *entries += u64::from(finish(collector, std::mem::take(entry), notes));
            entry.at = at;
        }
        take(entry, &line, notes);
    }
    Ok(())
}

/// Whether a line begins the next entry. A statement's string may hold a line that looks like it.
fn starts(line: &str, entry: &Entry) -> bool {
    let heading = line.starts_with("# User@Host:") || (line.starts_with("# Time: ") && ended(entry));
    // Time comes before the user of the same entry; nothing of it was read yet then.
    let begun = entry.seconds.is_some() || entry.administrator;
    let next = line.starts_with("# ") && !entry.text.is_empty() && ended(entry);
    (heading && begun) || next || (banner(line) && ended(entry))
}

/// Whether the statement is over, and not amid a string that holds a semicolon.
fn ended(entry: &Entry) -> bool {
    entry.text.is_empty() || (entry.quote.is_none() && entry.text.trim_end().ends_with(';'))
}

/// The quote that is open behind a line.
fn quote_after(mut open: Option<char>, line: &str) -> Option<char> {
    let mut chars = line.chars();
    let mut before = ' ';
    while let Some(c) = chars.next() {
        match open {
            Some(_) if c == '\\' => {
                chars.next();
            }
            Some(quote) if c == quote => open = None,
            None if matches!(c, '\'' | '"' | '`') => open = Some(c),
            None if c == '#' || (c == '-' && before == '-') => break,
            _ => {}
        }
        before = c;
    }
    open
}

/// What a server prints at its start.
fn banner(line: &str) -> bool {
    line.contains(", Version: ") && line.ends_with("started with:")
        || line.starts_with("Tcp port: ")
        || line.starts_with("TCP Port: ")
        || (line.starts_with("Time ") || line.starts_with("Time\t")) && line.contains("Command")
}

fn take(entry: &mut Entry, line: &str, notes: &mut Notes) {
    if let Some(rest) = line.strip_prefix("# ").filter(|_| ended(entry)) {
        if rest.starts_with("explain:") {
            return;
        }
        if rest.starts_with("administrator command") {
            entry.administrator = true;
        }
        if let Some(time) = rest.strip_prefix("Time: ") {
            entry.time_ms = time_ms(time);
        }
        if let Some(id) = rest.split("Id:").nth(1).or_else(|| rest.split("Thread_id:").nth(1)) {
            id.split_whitespace().next().unwrap_or_default().clone_into(&mut entry.thread);
        }
        let number = |key: &str| value(rest, key).and_then(|text| text.parse::<f64>().ok());
        let set = |slot: &mut Option<f64>, key: &str, notes: &mut Notes| {
            if let Some(number) = number(key) {
                if number.is_finite() && number >= 0.0 {
                    *slot = Some(number);
                } else {
                    notes.add(entry.at, "A negative or impossible number was left out");
                }
            }
        };
        set(&mut entry.seconds, "Query_time:", notes);
        set(&mut entry.lock, "Lock_time:", notes);
        set(&mut entry.sent, "Rows_sent:", notes);
        set(&mut entry.examined, "Rows_examined:", notes);
        set(&mut entry.affected, "Rows_affected:", notes);
        entry.full_scan |= value(rest, "Full_scan:") == Some("Yes");
        entry.disk_table |= value(rest, "Tmp_table_on_disk:") == Some("Yes");
        return;
    }
    if line == "#" || banner(line) || entry.seconds.is_none() {
        return;
    }
    if entry.text.is_empty() {
        let lower = line.get(..14).unwrap_or(line).to_ascii_lowercase();
        if lower.starts_with("use ") && line.ends_with(';') {
            return;
        }
        if lower.starts_with("set timestamp=") {
            let seconds = line.get(14..).and_then(|rest| rest.trim_end_matches(';').parse::<f64>().ok());
            // Whole seconds order calls well enough; a time of the entry itself is finer.
            entry.time_ms = entry
                .time_ms
                .or(seconds.filter(|seconds| seconds.is_finite()).map(|seconds| (seconds * 1000.0) as i64));
            return;
        }
    }
    if entry.text.len() < TEXT {
        if !entry.text.is_empty() {
            entry.text.push('\n');
        }
        entry.text.push_str(line);
        entry.quote = quote_after(entry.quote, line);
    }
}

/// The word behind a key.
fn value<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    let at = text
        .match_indices(key)
        .find(|(at, _)| *at == 0 || text.get(..*at).is_some_and(|before| before.ends_with(' ')))?
        .0;
    text.get(at + key.len()..)?.split_whitespace().next()
}

/// `2026-11-27T06:17:57.123456Z`, or `261127  6:17:57` of older servers.
fn time_ms(text: &str) -> Option<i64> {
    if let Some(time) = timestamp(&text.replacen('T', " ", 1)) {
        return Some(time);
    }
    let mut parts = text.split_whitespace();
    let (day, clock) = (parts.next()?, parts.next()?);
    let day = format!("20{}-{}-{}", day.get(..2)?, day.get(2..4)?, day.get(4..6)?);
    timestamp(&format!("{day} {clock:0>8}"))
}

fn finish(collector: &mut Collector, entry: Entry, notes: &mut Notes) -> bool {
    let Some(seconds) = entry.seconds.filter(|_| !entry.text.trim().is_empty()) else { return false };
    let call = Call {
        text: entry.text.trim(),
        ms: seconds * 1000.0,
        time_ms: entry.time_ms,
        connection: &entry.thread,
        rows: entry.sent.filter(|sent| *sent > 0.0).or(entry.affected).or(entry.sent),
        examined: entry.examined,
        lock_ms: entry.lock.map(|lock| lock * 1000.0),
        full_scan: entry.full_scan,
        disk_table: entry.disk_table,
    };
    collector.add(&call, notes);
    true
}

#[cfg(test)]
mod tests;
