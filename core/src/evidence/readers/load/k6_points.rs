//! k6's points, as `--out json` and `--out csv` write them: one line a figure, read as a stream. Percentiles are
//! exact: all samples are there.

use super::csv;
use super::samples::Gathered;
use crate::evidence::input::{Input, Notes, Refused};
use crate::evidence::model::load::{ErrorCount, LoadModel, LoadRun, Threshold};
use crate::evidence::model::{Artefact, Evidence};
use crate::evidence::recognize::Head;
use crate::evidence::{moment, routes};
use crate::order::InOrder as _;
use serde::{Deserialize, Deserializer};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{BufRead as _, Read as _};

/// Lines of JSON.
pub fn is_json(head: &Head) -> bool {
    let Some(line) = head.lines().find(|line| !line.trim().is_empty()) else { return false };
    line.starts_with('{')
        && line.contains("\"metric\":")
        && (line.contains("\"type\":\"Metric\"") || line.contains("\"type\":\"Point\""))
}

/// A table.
pub fn is_csv(head: &Head) -> bool {
    head.text.starts_with("metric_name,timestamp,metric_value")
}

/// Text that borrows where it can: k6 escapes `&` in addresses.
#[derive(Default)]
struct Text<'a>(Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = Text<'de>;

            fn expecting(&self, out: &mut std::fmt::Formatter) -> std::fmt::Result {
                out.write_str("a text")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_str(Visitor)
    }
}

#[derive(Deserialize)]
struct Line<'a> {
    #[serde(borrow)]
    metric: Text<'a>,
    #[serde(borrow, rename = "type")]
    kind: Text<'a>,
    #[serde(borrow)]
    data: Data<'a>,
}

#[derive(Deserialize)]
struct Data<'a> {
    #[serde(borrow, default)]
    time: Text<'a>,
    value: Option<f64>,
    #[serde(borrow)]
    tags: Option<Tags<'a>>,
    thresholds: Option<Vec<String>>,
    submetrics: Option<Vec<Submetric>>,
}

#[derive(Deserialize)]
struct Submetric {
    name: String,
    thresholds: Option<Vec<String>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Tags<'a> {
    #[serde(borrow)]
    name: Text<'a>,
    #[serde(borrow)]
    method: Text<'a>,
    #[serde(borrow)]
    url: Text<'a>,
    #[serde(borrow)]
    status: Text<'a>,
    #[serde(borrow)]
    error: Text<'a>,
}

/// What both forms fill.
#[derive(Default)]
struct Run {
    gathered: Gathered,
    cap: Option<f64>,
    dropped: Option<f64>,
    host: Option<String>,
    errors: BTreeMap<String, u64>,
    thresholds: Vec<Threshold>,
    /// Points of any metric.
    points: u64,
}

/// One figure.
struct Point<'a> {
    metric: &'a str,
    value: f64,
    name: &'a str,
    method: &'a str,
    url: &'a str,
    status: &'a str,
    error: &'a str,
}

/// Thirty years of milliseconds.
const LARGEST: f64 = 1e12;

/// Metrics that are read; further ones are passed over unparsed.
const WANTED: [&str; 5] = ["http_req_duration", "http_req_failed", "vus", "vus_max", "dropped_iterations"];

impl Run {
    /// Takes one figure of a time in milliseconds of the epoch.
    fn take(&mut self, point: &Point, at: i64) -> Result<(), &'static str> {
        if !point.value.is_finite() {
            return Err("A value that is no number, skipped");
        }
        if point.value < 0.0 {
            return Err("A negative value, skipped");
        }
        if point.value > LARGEST {
            return Err("A value larger than any run, skipped");
        }
        match point.metric {
            "http_req_duration" => {
                self.gathered.sample(point.method, point.name, point.url, at, point.value);
                if self.host.is_none() {
                    self.host = routes::host(point.url).map(str::to_owned);
                }
            }
            "http_req_failed" if point.value > 0.0 => {
                self.gathered.failure(point.method, point.name, point.url, at);
                let what = match (point.error, point.status) {
                    ("", "") => "failed".to_owned(),
                    ("", status) => format!("HTTP {status}"),
                    (error, _) => error.to_owned(),
                };
                if self.errors.len() < 100 || self.errors.contains_key(&what) {
                    *self.errors.entry(what).or_default() += 1;
                }
            }
            "vus" => self.gathered.users(at, point.value),
            "vus_max" => self.cap = Some(self.cap.unwrap_or(0.0).max(point.value)),
            "dropped_iterations" => self.dropped = Some(self.dropped.unwrap_or(0.0) + point.value),
            _ => {}
        }
        Ok(())
    }

    fn finish(self, artefact: &mut Artefact, notes: &mut Notes) -> Result<(), Refused> {
        if self.points == 0 {
            return Err(Refused("No point of k6 in it".to_owned()));
        }
        if self.gathered.count == 0 {
            notes.add(0, "No HTTP request in it: only `http_req_duration` is read as latency");
        }
        if self.gathered.grouped {
            notes.add(0, "Requests without a name tag are grouped by path, numbers and UUIDs as {id}");
        }
        if self.gathered.overflow {
            notes.add(0, "More than 1,000 routes: further ones are gathered in one; set name tags in the script");
        }
        let span = self.gathered.span();
        artefact.started = span.map(|(first, _)| moment::show(first * 1_000));
        let duration_s = span.map(|(first, last)| (last - first) as f64 / 1e3);
        let users = self.gathered.most_users();
        let (mut total, routes) = self.gathered.finish(None);
        total.errors = self.errors.into_iter().map(|(what, count)| ErrorCount { what, count }).collect();
        total.errors.order_by(|a, b| b.count.cmp(&a.count));
        artefact.evidence.push(Evidence::LoadRun(Box::new(LoadRun {
            tool: "k6".to_owned(),
            model: self.dropped.map(|_| LoadModel::Open),
            users,
            users_cap: self.cap,
            duration_s,
            host: self.host,
            dropped: self.dropped,
            total,
            routes,
            thresholds: self.thresholds,
            ..LoadRun::default()
        })));
        Ok(())
    }
}

/// Longest line that is looked at.
const LINE_BYTES: u64 = 1 << 20;

/// What takes a line: its number and content.
type Each<'a> = &'a mut dyn FnMut(u64, &[u8]) -> Result<(), Refused>;

/// Lines of a stream as bytes, without copies into texts.
fn each_line(input: &mut Input, each: Each) -> Result<(), Refused> {
    let mut buffer = Vec::with_capacity(8 << 10);
    let mut line = 0;
    loop {
        buffer.clear();
        let got = (&mut *input.content).take(LINE_BYTES).read_until(b'\n', &mut buffer)?;
        if got == 0 {
            return Ok(());
        }
        line += 1;
        if got as u64 == LINE_BYTES && buffer.last() != Some(&b'\n') {
            return Err(Refused(format!("Stopped: line {line} is longer than 1 MiB")));
        }
        let content = buffer.trim_ascii();
        if !content.is_empty() {
            each(line, content)?;
        }
    }
}

/// Reads lines of JSON.
pub fn read_json(input: &mut Input, artefact: &mut Artefact, notes: &mut Notes) -> Result<(), Refused> {
    let limit = input.limits.samples;
    let mut run = Run::default();
    let ended = each_line(input, &mut |number, bytes| {
        if let Some(metric) = metric_of(bytes) {
            run.points += 1;
            if !WANTED.contains(&metric) && !bytes.windows(15).take(200).any(|part| part == b"\"type\":\"Metric\"") {
                return Ok(());
            }
        }
        let line: Line = match serde_json::from_slice(bytes) {
            Ok(line) => line,
            Err(error) if error.is_eof() => {
                notes.add(number, "The line ends in the middle, skipped");
                return Ok(());
            }
            Err(_) => {
                notes.add(number, "Not a line of k6, skipped");
                return Ok(());
            }
        };
        if line.kind.0 == "Metric" {
            thresholds(&line, number, &mut run.thresholds);
            return Ok(());
        }
        let (Some(at), Some(value)) = (moment::parse(&line.data.time.0), line.data.value) else {
            notes.add(number, "A point without time or value, skipped");
            return Ok(());
        };
        let tags = line.data.tags.unwrap_or_default();
        let point = Point {
            metric: &line.metric.0,
            value,
            name: &tags.name.0,
            method: &tags.method.0,
            url: &tags.url.0,
            status: &tags.status.0,
            error: &tags.error.0,
        };
        if let Err(text) = run.take(&point, at.div_euclid(1_000)) {
            notes.add(number, text);
        }
        Input::at_most(run.gathered.count, limit, "sample", "samples")
    });
    finished(run, ended, artefact, notes)
}

/// What was read before a broken stream is kept; a file beyond a limit is not, for its end would be missing.
fn finished(run: Run, ended: Result<(), Refused>, artefact: &mut Artefact, notes: &mut Notes) -> Result<(), Refused> {
    match ended {
        Err(Refused(text)) if text.starts_with("Stopped") => Err(Refused(text)),
        Err(refused) => {
            if run.gathered.count > 0 {
                run.finish(artefact, notes)?;
            }
            Err(refused)
        }
        Ok(()) => run.finish(artefact, notes),
    }
}

/// The metric of a line, before it is parsed: k6 writes it first or last.
fn metric_of(line: &[u8]) -> Option<&str> {
    let at = memchr::memmem::find(line, b"\"metric\":\"")? + 10;
    let rest = line.get(at..)?;
    let end = memchr::memchr(b'"', rest)?;
    std::str::from_utf8(rest.get(..end)?).ok()
}

fn thresholds(line: &Line, number: u64, out: &mut Vec<Threshold>) {
    let mut add = |metric: &str, expressions: &[String]| {
        for expression in expressions {
            let threshold = Threshold {
                metric: metric.to_owned(),
                expression: expression.clone(),
                passed: None,
                line: u32::try_from(number).unwrap_or(0),
            };
            if !out.iter().any(|other| other.metric == threshold.metric && other.expression == threshold.expression) {
                out.push(threshold);
            }
        }
    };
    add(&line.metric.0, line.data.thresholds.as_deref().unwrap_or_default());
    for submetric in line.data.submetrics.iter().flatten() {
        add(&submetric.name, submetric.thresholds.as_deref().unwrap_or_default());
    }
}

/// Columns of the table that are read.
#[derive(Default)]
struct Columns {
    name: Option<usize>,
    method: Option<usize>,
    url: Option<usize>,
    status: Option<usize>,
    error: Option<usize>,
}

/// Reads a table.
pub fn read_csv(input: &mut Input, artefact: &mut Artefact, notes: &mut Notes) -> Result<(), Refused> {
    let limit = input.limits.samples;
    let mut run = Run::default();
    let mut columns = Columns::default();
    let ended = each_line(input, &mut |number, bytes| {
        let line = String::from_utf8_lossy(bytes);
        if number == 1 {
            let names = csv::fields(&line);
            let place = |wanted: &str| names.iter().position(|name| name == wanted);
            columns = Columns {
                name: place("name"),
                method: place("method"),
                url: place("url"),
                status: place("status"),
                error: place("error"),
            };
            return Ok(());
        }
        let Some((metric, _)) = line.split_once(',') else {
            notes.add(number, "The line ends in the middle, skipped");
            return Ok(());
        };
        run.points += 1;
        if !WANTED.contains(&metric) {
            return Ok(());
        }
        let fields = csv::fields(&line);
        let field = |place: Option<usize>| place.and_then(|at| fields.get(at)).map_or("", AsRef::as_ref);
        let (time, value) = (field(Some(1)), field(Some(2)).parse::<f64>());
        let at = match time.parse::<f64>() {
            Ok(epoch) => moment::from_epoch(epoch),
            Err(_) => moment::parse(time),
        };
        let (Some(at), Ok(value)) = (at, value) else {
            notes.add(number, "A point without time or value, skipped");
            return Ok(());
        };
        let point = Point {
            metric,
            value,
            name: field(columns.name),
            method: field(columns.method),
            url: field(columns.url),
            status: field(columns.status),
            error: field(columns.error),
        };
        if let Err(text) = run.take(&point, at.div_euclid(1_000)) {
            notes.add(number, text);
        }
        Input::at_most(run.gathered.count, limit, "sample", "samples")
    });
    finished(run, ended, artefact, notes)
}
