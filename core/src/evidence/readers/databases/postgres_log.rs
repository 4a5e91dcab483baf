//! Logs of PostgreSQL with durations and plans: stderr with any prefix, csvlog, jsonlog. One record at a time.

use super::Format;
use super::collect::{Call, Collector};
use super::csv::Records;
use super::frames::Line;
use super::json::{Json, parse};
use super::postgres::{Plans, document_plans};
use crate::evidence::input::{Input, Limits, Notes, Refused};
use crate::evidence::model::{Artefact, Dialect, Evidence, Plan, QuerySource};
use crate::evidence::moment;
use crate::evidence::recognize::Head;
use crate::evidence::sql;
use crate::order::InOrder;
use rustc_hash::FxHashMap;

/// Formats, in the order in which they are tried.
pub(super) const FORMATS: [Format; 3] = [
    Format { name: "PostgreSQL log (jsonlog)", matches: is_json, read: read_json },
    Format { name: "PostgreSQL log (csvlog)", matches: is_csv, read: read_csv },
    Format { name: "PostgreSQL log", matches: is_text, read: read_text },
];

/// Queries of which the slowest plan is kept.
const PLANS: usize = 500;
/// Connections whose last records are remembered.
const CONNECTIONS: usize = 2048;
/// Plans of one connection that wait for the record of their statement.
const PENDING: usize = 32;
/// Longest record of which more than the start is kept.
const RECORD_BYTES: usize = 4 << 20;

/// Severity words, as the server translates them.
const SEVERITIES: &[&str] =
    &["LOG", "ERROR", "FATAL", "PANIC", "WARNING", "NOTICE", "INFO", "DEBUG", "DETAIL", "STATEMENT", "HINT", "CONTEXT"];

fn is_json(head: &Head) -> bool {
    head.key("timestamp") && (head.key("error_severity") || head.key("message") && head.key("backend_type"))
}

fn is_csv(head: &Head) -> bool {
    let first = super::csv::fields(head.lines().next().unwrap_or_default());
    timestamp(first.first().map_or("", String::as_str)).is_some()
        && first.len() >= 12
        && first.get(5).is_some_and(|session| session.contains('.'))
        && first.get(11).is_some_and(|severity| severity.chars().all(char::is_alphabetic) && !severity.is_empty())
}

fn is_text(head: &Head) -> bool {
    if head.lines().take(5).any(|line| line.starts_with("Type,Name") || line.starts_with('{')) {
        return false;
    }
    let lines = || head.lines().filter_map(severity);
    lines().any(|(_, word, message)| duration(message).is_some() && word.chars().all(|c| !c.is_lowercase()))
        || lines().filter(|(prefix, word, _)| timestamp(prefix).is_some() && SEVERITIES.contains(word)).take(3).count()
            >= 2
}

/// Prefix, severity and message of a line that begins a record.
fn severity(line: &str) -> Option<(&str, &str, &str)> {
    if line.starts_with(['\t', ' ']) {
        return None;
    }
    let at = line.find(":  ")?;
    let before = line.get(..at)?;
    let start = before
        .rfind(|c: char| !c.is_alphanumeric())
        .map_or(0, |at| at + before.get(at..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8));
    let word = before.get(start..).filter(|word| !word.is_empty())?;
    Some((before.get(..start)?, word, line.get(at + 3..)?))
}

/// The milliseconds of `duration: 1.234 ms …`, in any language, and what follows.
fn duration(message: &str) -> Option<(f64, &str)> {
    let (word, rest) = message.split_once(':')?;
    if word.len() > 80 || word.contains(|c: char| c.is_ascii_digit() || c == '"') {
        return None;
    }
    let rest = rest.trim_start();
    let end = rest.find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | '-'))).unwrap_or(rest.len());
    let ms = rest.get(..end)?.parse().ok()?;
    let rest = rest.get(end..)?.trim_start();
    let unit = rest.split(|c: char| c.is_whitespace()).next()?;
    let known = matches!(
        unit.trim_end_matches('.'),
        "ms" | "\u{43c}\u{441}" | "\u{43c}\u{441}\u{435}\u{43a}" | "\u{6beb}\u{79d2}" | "\u{30df}\u{30ea}\u{79d2}"
    );
    known.then(|| (ms, rest.get(unit.len()..).unwrap_or_default().trim_start_matches(' ')))
}

/// Milliseconds since 1970 of the first date and time in a text, whatever its zone.
pub(super) fn timestamp(text: &str) -> Option<i64> {
    let bytes = text.as_bytes();
    let start = bytes.windows(10).position(|window| {
        window
            .iter()
            .enumerate()
            .all(|(at, byte)| if matches!(at, 4 | 7) { *byte == b'-' } else { byte.is_ascii_digit() })
    })?;
    let number =
        |from: usize, to: usize| text.get(start + from..start + to).and_then(|digits| digits.parse::<i64>().ok());
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    let rest = text.get(start + 19..).unwrap_or_default();
    let fraction: String =
        rest.strip_prefix(['.', ',']).unwrap_or_default().chars().take_while(char::is_ascii_digit).take(3).collect();
    let fraction = format!("{fraction:0<3}").parse::<i64>().ok()?;
    let days = moment::days(year, month, day);
    Some(((days * 24 + hour) * 60 + minute) * 60_000 + second * 1000 + fraction)
}

/// The process in a prefix: `[123]`, `[123-1]`.
fn process(prefix: &str) -> &str {
    let inner = prefix.split('[').skip(1).find_map(|rest| rest.split(']').next());
    let digits = inner.and_then(|inner| inner.split('-').next()).unwrap_or_default();
    if digits.bytes().all(|byte| byte.is_ascii_digit()) { digits } else { "" }
}

fn read_text(input: &mut Input, artefact: &mut Artefact, notes: &mut Notes) -> Result<(), Refused> {
    collected(input, artefact, notes, |input, log, notes| {
        // Of a log that breaks off, the record at hand counts too.
        let mut record = None;
        let lines = text_records(input, log, notes, &mut record);
        if let Some(record) = record {
            log.record(&record, notes)?;
        }
        lines
    })
}

fn read_csv(input: &mut Input, artefact: &mut Artefact, notes: &mut Notes) -> Result<(), Refused> {
    collected(input, artefact, notes, csv_records)
}

fn read_json(input: &mut Input, artefact: &mut Artefact, notes: &mut Notes) -> Result<(), Refused> {
    collected(input, artefact, notes, json_records)
}

/// Collects what `records` hands over. What was collected before an error is kept.
fn collected(
    input: &mut Input,
    artefact: &mut Artefact,
    notes: &mut Notes,
    records: impl FnOnce(&mut Input, &mut Log, &mut Notes) -> Result<(), Refused>,
) -> Result<(), Refused> {
    let mut log = Log::new(input.limits);
    let result = records(input, &mut log, notes);
    log.finish(artefact, notes);
    result
}

/// A record begins at a line with a severity; `record` is the one at hand.
fn text_records(
    input: &mut Input,
    log: &mut Log,
    notes: &mut Notes,
    record: &mut Option<Record>,
) -> Result<(), Refused> {
    let mut buffer = Vec::new();
    let mut at = 0;
    while let Some(line) = input.line(&mut buffer)? {
        at += 1;
        if let Some((prefix, _, message)) = severity(&line) {
            if let Some(record) = record.take() {
                log.record(&record, notes)?;
            }
            *record = Some(Record {
                at,
                time: timestamp(prefix),
                process: process(prefix).to_owned(),
                message: message.to_owned(),
                detail: None,
            });
        } else if let Some(record) = record
            && record.message.len() < RECORD_BYTES
        {
            record.message.push('\n');
            record.message.push_str(line.strip_prefix('\t').unwrap_or(&line));
        }
    }
    Ok(())
}

fn csv_records(input: &mut Input, log: &mut Log, notes: &mut Notes) -> Result<(), Refused> {
    let mut records = Records::default();
    while let Some(fields) = records.next(input)? {
        let field = |at: usize| fields.get(at).cloned().unwrap_or_default();
        if fields.len() < 14 {
            notes.add(records.at, "A record is cut short");
            continue;
        }
        let detail = Some(field(14)).filter(|detail| !detail.is_empty());
        let record =
            Record { at: records.at, time: timestamp(&field(0)), process: field(3), message: field(13), detail };
        log.record(&record, notes)?;
    }
    Ok(())
}

fn json_records(input: &mut Input, log: &mut Log, notes: &mut Notes) -> Result<(), Refused> {
    let mut buffer = Vec::new();
    let mut at = 0;
    while let Some(line) = input.line(&mut buffer)? {
        at += 1;
        if line.trim().is_empty() {
            continue;
        }
        let value = match parse(&line, 8) {
            Ok(parsed) if !parsed.cut => parsed.value,
            _ => {
                notes.add(at, "A record is cut short or no JSON");
                continue;
            }
        };
        let text = |key: &str| value.get(key).and_then(Json::text).map(str::to_owned);
        let process = value.get("pid").and_then(Json::number).map_or_else(String::new, |pid| pid.to_string());
        let record = Record {
            at,
            time: text("timestamp").and_then(|time| timestamp(&time)),
            process,
            message: text("message").unwrap_or_default(),
            detail: text("detail"),
        };
        log.record(&record, notes)?;
    }
    Ok(())
}

struct Record {
    at: u64,
    time: Option<i64>,
    process: String,
    message: String,
    detail: Option<String>,
}

/// What is remembered of a connection.
#[derive(Default)]
struct Backend {
    /// Calls known by their plans only, so far.
    pending: Vec<Pending>,
    /// The last statement that was counted, by its text.
    counted: Option<String>,
    /// The query of the last call, for parameters that follow.
    last: Option<(usize, f64)>,
    /// A statement logged without its duration (`log_statement`).
    statement: Option<String>,
}

struct Pending {
    text: String,
    ms: f64,
    time: Option<i64>,
}

struct Log {
    limits: Limits,
    collector: Collector,
    backends: FxHashMap<String, Backend>,
    plans: FxHashMap<String, (f64, u64, Plan)>,
    nodes: usize,
    twice: u64,
    durations: u64,
}

impl Log {
    fn new(limits: Limits) -> Self {
        Self {
            limits,
            collector: Collector::new(QuerySource::PgLog, Dialect::Postgres, limits),
            backends: FxHashMap::default(),
            plans: FxHashMap::default(),
            nodes: 0,
            twice: 0,
            durations: 0,
        }
    }

    fn record(&mut self, record: &Record, notes: &mut Notes) -> Result<(), Refused> {
        if self.backends.len() >= CONNECTIONS && !self.backends.contains_key(&record.process) {
            self.flush(notes);
        }
        let Some((ms, rest)) = duration(&record.message) else {
            self.other(record);
            return Ok(());
        };
        self.durations += 1;
        let (what, text) = rest.split_once(':').unwrap_or((rest, ""));
        let body = text.trim_start();
        if body.starts_with("Query Text:") || (body.starts_with('{') && body.contains("\"Query Text\"")) {
            return self.plan(record, ms, text, notes);
        }
        if body.starts_with("<explain") {
            notes.add(record.at, "Plans in XML are not read: set auto_explain.log_format to text or json");
            return Ok(());
        }
        let mut text = body.to_owned();
        let backend = self.backends.entry(record.process.clone()).or_default();
        if text.is_empty() {
            // log_duration prints the time alone, behind the statement.
            match backend.statement.take() {
                Some(statement) => text = statement,
                None => return Ok(()),
            }
        }
        if step(what) {
            self.collector.add_time(&text, ms);
            return Ok(());
        }
        // The same execution may have been logged with its plan, just before.
        if let Some(at) = backend.pending.iter().position(|pending| pending.text == text.trim()) {
            backend.pending.remove(at);
            self.twice += 1;
        } else {
            backend.counted = Some(text.trim().to_owned());
        }
        let nested = std::mem::take(&mut backend.pending);
        let call = Call { text: &text, ms, time_ms: record.time, connection: &record.process, ..Call::default() };
        let place = self.collector.add(&call, notes);
        if let (Some(place), Some(detail)) = (place, &record.detail) {
            self.collector.parameters(place, ms, detail);
        }
        if let Some(backend) = self.backends.get_mut(&record.process) {
            backend.last = place.map(|place| (place, ms));
        }
        self.count(&nested, &record.process, notes);
        Ok(())
    }

    /// Messages without a duration: parameters of the last call, statements before their duration.
    fn other(&mut self, record: &Record) {
        let Some(backend) = self.backends.get_mut(&record.process) else {
            if let Some((what, text)) = record.message.split_once(": ")
                && (what == "statement" || what.starts_with("execute "))
            {
                let backend = Backend { statement: Some(text.to_owned()), ..Backend::default() };
                self.backends.insert(record.process.clone(), backend);
            }
            return;
        };
        if record.message.contains("$1 = ") {
            if let Some((place, ms)) = backend.last {
                let at = record.message.find("$1 = ").unwrap_or(0);
                self.collector.parameters(place, ms, record.message.get(at..).unwrap_or_default());
            }
        } else if let Some((what, text)) = record.message.split_once(": ")
            && (what == "statement" || what.starts_with("execute "))
        {
            backend.statement = Some(text.to_owned());
        }
    }

    fn plan(&mut self, record: &Record, ms: f64, body: &str, notes: &mut Notes) -> Result<(), Refused> {
        let text = query_text(body);
        let fingerprint = sql::fingerprint(&text);
        let known = self.plans.get_mut(&fingerprint);
        let slower = match known {
            Some((slowest, executions, _)) => {
                *executions += 1;
                ms > *slowest
            }
            None => self.plans.len() < PLANS,
        };
        if slower {
            let mut plans = self.parse(record, body, notes)?;
            if let Some(mut plan) = plans.pop() {
                plan.at = record.at;
                plan.query = Some(text.clone());
                plan.label.clear();
                plan.execution_ms = plan.execution_ms.or(Some(ms));
                let executions = self.plans.get(&fingerprint).map_or(1, |(_, executions, _)| *executions);
                self.plans.insert(fingerprint, (ms, executions, plan));
            } else {
                notes.add(record.at, "A plan of the log could not be read");
            }
        }
        let backend = self.backends.entry(record.process.clone()).or_default();
        if backend.counted.take().is_some_and(|counted| counted == text.trim()) {
            self.twice += 1;
            return Ok(());
        }
        backend.pending.push(Pending { text: text.trim().to_owned(), ms, time: record.time });
        if backend.pending.len() > PENDING {
            let first = backend.pending.remove(0);
            self.count(&[first], &record.process, notes);
        }
        Ok(())
    }

    fn parse(&mut self, record: &Record, body: &str, notes: &mut Notes) -> Result<Vec<Plan>, Refused> {
        if body.trim_start().starts_with('{') {
            let (plans, error) = document_plans(body, self.limits, &mut self.nodes, notes);
            return error.map_or(Ok(plans), Err);
        }
        let mut plans = Plans::new(self.limits);
        for (at, line) in body.lines().enumerate() {
            plans.line(&Line { at: record.at + at as u64, text: line.to_owned(), furniture: false }, notes)?;
        }
        let plans = plans.end(notes);
        self.nodes += plans.iter().map(|plan| plan.nodes.len()).sum::<usize>();
        Input::at_most(self.nodes, self.limits.plan_nodes, "node of plans", "nodes of plans")?;
        Ok(plans)
    }

    fn count(&mut self, pending: &[Pending], process: &str, notes: &mut Notes) {
        for Pending { text, ms, time } in pending {
            let call = Call { text, ms: *ms, time_ms: *time, connection: process, ..Call::default() };
            self.collector.add(&call, notes);
        }
    }

    fn flush(&mut self, notes: &mut Notes) {
        let mut backends: Vec<(String, Backend)> = std::mem::take(&mut self.backends).into_iter().collect();
        backends.order_by(|a, b| a.0.cmp(&b.0));
        for (process, backend) in backends {
            self.count(&backend.pending, &process, notes);
        }
    }

    fn finish(mut self, artefact: &mut Artefact, notes: &mut Notes) {
        self.flush(notes);
        if self.durations == 0 {
            notes.add(0, "The log has no durations: set log_min_duration_statement or auto_explain.log_min_duration");
        }
        if self.durations > 0 && self.collector.calls() == 0 {
            notes.add(0, "The log has durations, but of no executed statement");
        }
        if self.twice > 0 {
            notes.add(
                0,
                format!("{} executions were logged twice, with and without their plan; each counts once", self.twice),
            );
        }
        let mut stats = self.collector.finish(notes);
        stats.lower_bound = true;
        stats
            .cannot
            .push("Calls faster than the log's threshold are missing: counts and sums are lower bounds".to_owned());
        stats.cannot.push("The log does not say how many rows a query returned".to_owned());
        let mut plans: Vec<(f64, u64, Plan)> = self.plans.into_values().collect();
        plans.order_by(|a, b| b.0.total_cmp(&a.0).then(a.2.at.cmp(&b.2.at)));
        if stats.calls > 0 {
            artefact.evidence.push(Evidence::Queries(Box::new(stats)));
        }
        for (_, executions, mut plan) in plans {
            plan.executions = executions;
            artefact.evidence.push(Evidence::Plan(Box::new(plan)));
        }
    }
}

/// Whether a duration is of a step before the execution: parsing, binding; in the languages of the server.
fn step(what: &str) -> bool {
    const STEPS: &[&str] = &[
        "analizar",
        "analyse",
        "bind",
        "binden",
        "enlazar",
        "lier",
        "parse",
        "parsen",
        "\u{43f}\u{440}\u{438}\u{432}\u{44f}\u{437}\u{43a}\u{430}",
        "\u{440}\u{430}\u{437}\u{431}\u{43e}\u{440}",
    ];
    what.split(' ').next().is_some_and(|first| STEPS.contains(&first.to_lowercase().as_str()))
}

/// The query that auto_explain prints before a plan.
fn query_text(body: &str) -> String {
    let body = body.trim_start();
    if body.starts_with('{') {
        return parse(body, 4096)
            .ok()
            .and_then(|parsed| parsed.value.get("Query Text").and_then(Json::text).map(str::to_owned))
            .unwrap_or_default();
    }
    let body = body.strip_prefix("Query Text:").unwrap_or(body);
    let mut out = String::new();
    for line in body.lines() {
        if line.contains("  (cost=") || line.starts_with("Query Parameters:") {
            break;
        }
        if !out.is_empty() {
            out.push('\n');
        }
        out.push_str(line);
    }
    // Without costs the first step looks like any text: cut where a plan's arrow or the end is.
    out.trim().to_owned()
}

#[cfg(test)]
mod tests;
