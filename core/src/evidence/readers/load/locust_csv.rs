//! Locust's tables (`--csv`): statistics, statistics by time, failures, and those of versions before 1.0. Columns are
//! found by their names.

use super::csv;
use crate::evidence::input::{Input, Notes, Refused};
use crate::evidence::model::load::{ComputedBy, ErrorCount, Latency, LoadModel, LoadRun, Part, Route, Window};
use crate::evidence::model::targets::Percent;
use crate::evidence::model::{Artefact, Evidence};
use crate::evidence::moment;
use crate::evidence::recognize::Head;
use crate::order::InOrder as _;
use std::borrow::Cow;

fn header(head: &Head) -> Vec<String> {
    let line = head.lines().next().unwrap_or_default();
    csv::fields(line).into_iter().map(|name| name.trim().to_ascii_lowercase()).collect()
}

fn has(header: &[String], wanted: &[&str]) -> bool {
    wanted.iter().all(|name| header.iter().any(|column| column == name))
}

/// `_stats.csv`, and `_requests.csv` of versions before 1.0.
pub fn is_stats(head: &Head) -> bool {
    let header = header(head);
    has(&header, &["name", "median response time", "max response time"])
        && (has(&header, &["request count"]) || has(&header, &["# requests"]))
        && !has(&header, &["timestamp"])
}

/// `_distribution.csv` of versions before 1.0.
pub fn is_distribution(head: &Head) -> bool {
    has(&header(head), &["name", "# requests", "50%", "95%", "100%"])
}

/// `_stats_history.csv`.
pub fn is_history(head: &Head) -> bool {
    has(&header(head), &["timestamp", "user count", "name", "requests/s"])
}

/// `_failures.csv`.
pub fn is_failures(head: &Head) -> bool {
    let header = header(head);
    has(&header, &["method", "name", "error", "occurrences"])
        || has(&header, &["method", "name", "error", "occurences"])
}

/// Rows that are read.
const ROWS: usize = 200_000;

/// A row whose fields are found by the names of columns.
struct Row<'a> {
    header: &'a [String],
    fields: Vec<Cow<'a, str>>,
}

impl Row<'_> {
    fn text(&self, column: &str) -> Option<&str> {
        let at = self.header.iter().position(|name| name == column)?;
        self.fields.get(at).map(AsRef::as_ref)
    }

    /// A figure; nothing for `N/A`, negative ones, and what is no number.
    fn number(&self, column: &str) -> Option<f64> {
        self.text(column)?.trim().parse::<f64>().ok().filter(|value| value.is_finite() && *value >= 0.0)
    }

    fn count(&self, columns: &[&str]) -> Option<u64> {
        columns.iter().find_map(|column| self.number(column)).map(|count| count as u64)
    }

    /// Percentiles, whose columns are named `95%`.
    fn percentiles(&self, latency: &mut Latency) {
        for column in self.header {
            let percent = column.strip_suffix('%').and_then(|percent| percent.parse().ok()).and_then(Percent::new);
            if let (Some(at), Some(ms)) = (percent, self.number(column)) {
                latency.add(at, ms, ComputedBy::Tool);
            }
        }
    }

    fn method(&self) -> String {
        let method = self.text("type").or_else(|| self.text("method")).unwrap_or_default();
        if method == "None" { String::new() } else { method.to_owned() }
    }

    /// The row of all requests together.
    fn is_total(&self) -> bool {
        self.method().is_empty()
            && matches!(self.text("name"), Some("Aggregated" | "Total" | "None Aggregated" | "None Total"))
    }
}

/// Every row, in order; those with too few fields are noted.
fn each_row(input: &mut Input, notes: &mut Notes, each: &mut dyn FnMut(&Row)) -> Result<(), Refused> {
    let mut buffer = Vec::new();
    let mut line = 0;
    let Some(first) = csv::record(input, &mut buffer, &mut line)? else { return Ok(()) };
    let header: Vec<String> = csv::fields(&first).into_iter().map(|name| name.trim().to_ascii_lowercase()).collect();
    let mut rows = 0;
    loop {
        let at = line + 1;
        let Some(record) = csv::record(input, &mut buffer, &mut line)? else { return Ok(()) };
        if record.trim().is_empty() {
            continue;
        }
        rows += 1;
        Input::at_most(rows, ROWS, "row", "rows")?;
        let row = Row { header: &header, fields: csv::fields(&record) };
        if row.fields.len() < header.len() {
            notes.add(at, "A row with fewer fields than columns: cut off, skipped");
            continue;
        }
        each(&row);
    }
}

fn locust(part: Part) -> LoadRun {
    LoadRun { tool: "Locust".to_owned(), model: Some(LoadModel::Closed), part, ..LoadRun::default() }
}

/// Reads statistics.
pub fn read_stats(input: &mut Input, artefact: &mut Artefact, notes: &mut Notes) -> Result<(), Refused> {
    let mut run = locust(Part::Summary);
    let mut total = None;
    each_row(input, notes, &mut |row| {
        let mut latency = Latency {
            min_ms: row.number("min response time"),
            mean_ms: row.number("average response time"),
            max_ms: row.number("max response time"),
            ..Latency::default()
        };
        row.percentiles(&mut latency);
        if let Some(median) = row.number("median response time") {
            latency.add(Percent::P50, median, ComputedBy::Tool);
        }
        let route = Route {
            requests: row.count(&["request count", "# requests"]),
            failures: row.count(&["failure count", "# failures"]),
            per_second: row.number("requests/s"),
            response_bytes: row.number("average content size"),
            latency,
            ..Route::default()
        };
        if row.is_total() {
            total = Some(route);
        } else {
            let name = row.text("name").unwrap_or_default().to_owned();
            run.routes.push(Route { method: row.method(), name, ..route });
        }
    })?;
    let Some(found) = total else {
        if run.routes.is_empty() {
            return Err(Refused("No row in it: the test had not begun when this was written".to_owned()));
        }
        notes.add(0, "The row of all requests is missing: the file is cut off");
        artefact.evidence.push(Evidence::LoadRun(Box::new(run)));
        return Ok(());
    };
    run.duration_s = match (found.requests, found.per_second) {
        (Some(requests), Some(rate)) if rate > 0.0 => {
            Some(requests as f64 / rate).filter(|seconds| seconds.is_finite())
        }
        _ => None,
    };
    run.total = found;
    artefact.evidence.push(Evidence::LoadRun(Box::new(run)));
    Ok(())
}

/// Reads percentiles of a version before 1.0.
pub fn read_distribution(input: &mut Input, artefact: &mut Artefact, notes: &mut Notes) -> Result<(), Refused> {
    let mut run = locust(Part::Distribution);
    each_row(input, notes, &mut |row| {
        let mut latency = Latency::default();
        row.percentiles(&mut latency);
        let requests = row.count(&["# requests"]);
        let name = row.text("name").unwrap_or_default();
        let route = Route { requests, latency, ..Route::default() };
        if matches!(name, "Total" | "Aggregated" | "None Total" | "None Aggregated") {
            run.total = route;
        } else {
            let (method, name) = crate::evidence::routes::split(name);
            run.routes.push(Route { method: method.to_owned(), name: name.to_owned(), ..route });
        }
    })?;
    artefact.evidence.push(Evidence::LoadRun(Box::new(run)));
    Ok(())
}

/// Reads failures.
pub fn read_failures(input: &mut Input, artefact: &mut Artefact, notes: &mut Notes) -> Result<(), Refused> {
    let mut run = locust(Part::Failures);
    each_row(input, notes, &mut |row| {
        let Some(count) = row.count(&["occurrences", "occurences"]) else { return };
        let (method, name) = (row.method(), row.text("name").unwrap_or_default().to_owned());
        let error = ErrorCount { what: row.text("error").unwrap_or_default().to_owned(), count };
        match run.routes.iter_mut().find(|route| route.method == method && route.name == name) {
            Some(route) => route.errors.push(error),
            None => run.routes.push(Route { method, name, errors: vec![error], ..Route::default() }),
        }
    })?;
    for route in &mut run.routes {
        route.errors.order_by(|a, b| b.count.cmp(&a.count));
        route.failures = Some(route.errors.iter().fold(0_u64, |sum, error| sum.saturating_add(error.count)));
    }
    artefact.evidence.push(Evidence::LoadRun(Box::new(run)));
    Ok(())
}

/// Reads statistics by time: windows of the total, and the totals of the last second.
pub fn read_history(input: &mut Input, artefact: &mut Artefact, notes: &mut Notes) -> Result<(), Refused> {
    let mut run = locust(Part::History);
    let mut first = None;
    let mut before = (0_u64, 0_u64);
    let mut odd = 0_u64;
    each_row(input, notes, &mut |row| {
        let Some(at) = row.number("timestamp") else {
            odd += 1;
            return;
        };
        if !row.is_total() {
            return;
        }
        let begin = *first.get_or_insert(at);
        let requests = row.count(&["total request count"]);
        let failures = row.count(&["total failure count"]);
        let users = row.number("user count");
        let so_far = (requests.unwrap_or(before.0), failures.unwrap_or(before.1));
        let at_s = (at - begin).max(0.0);
        if let Some(last) = run.total.windows.last_mut() {
            last.length_s = (at_s - last.at_s).max(0.0);
        }
        run.total.windows.push(Window {
            at_s,
            length_s: 1.0,
            requests: so_far.0.saturating_sub(before.0),
            failures: so_far.1.saturating_sub(before.1),
            // Before the first answers there are zeros.
            p50_ms: row.number("50%").filter(|ms| *ms > 0.0),
            p95_ms: row.number("95%").filter(|ms| *ms > 0.0),
            users,
        });
        before = so_far;
        run.users = run.users.into_iter().chain(users).reduce(f64::max);
        run.duration_s = Some(at_s);
        run.total.requests = requests.or(run.total.requests);
        run.total.failures = failures.or(run.total.failures);
        run.total.latency.mean_ms = row.number("total average response time").or(run.total.latency.mean_ms);
        run.total.latency.min_ms = row.number("total min response time").or(run.total.latency.min_ms);
        run.total.latency.max_ms = row.number("total max response time").or(run.total.latency.max_ms);
    })?;
    if odd > 0 {
        notes.add(0, "Rows without a time, skipped");
    }
    let Some(first) = first else {
        return Err(Refused("No second in it: the test had not begun when this was written".to_owned()));
    };
    artefact.started = moment::from_epoch(first).map(moment::show);
    run.total.per_second = match (run.total.requests, run.duration_s) {
        (Some(requests), Some(seconds)) if seconds > 0.0 => Some(requests as f64 / seconds),
        _ => None,
    };
    artefact.evidence.push(Evidence::LoadRun(Box::new(run)));
    Ok(())
}
