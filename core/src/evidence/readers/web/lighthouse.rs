//! Lighthouse reports, versions 10 to 13: the JSON, and the HTML that carries it. Which audits name what is a table in
//! `culprits`.

use super::culprits;
use crate::evidence::input::{Input, Notes, Refused};
use crate::evidence::json;
use crate::evidence::model::targets::WebMetric;
use crate::evidence::model::web::{Basis, LongTask, LongTasks, WebMode, WebRun};
use crate::evidence::model::{Artefact, Evidence};
use crate::evidence::moment;
use crate::evidence::recognize::Head;
use crate::order::InOrder as _;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// The JSON.
pub fn is_json(head: &Head) -> bool {
    !head.array && (head.key("lighthouseVersion") || (head.key("audits") && head.key("requestedUrl")))
}

/// The HTML; the report itself may begin far behind the head.
pub fn is_html(head: &Head) -> bool {
    let start = head.text.trim_start().get(..200).unwrap_or(&head.text).to_ascii_lowercase();
    (start.starts_with("<!doctype html") || start.starts_with("<!--") || start.starts_with("<html"))
        && (head.text.contains("<title>Lighthouse Report") || head.text.contains("__LIGHTHOUSE_"))
}

/// Parts of a report that are read.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    #[serde(default)]
    lighthouse_version: String,
    requested_url: Option<String>,
    final_url: Option<String>,
    final_displayed_url: Option<String>,
    fetch_time: Option<String>,
    gather_mode: Option<String>,
    #[serde(default)]
    config_settings: Settings,
    audits: BTreeMap<String, Audit>,
    #[serde(default)]
    categories: BTreeMap<String, Category>,
    runtime_error: Option<RuntimeError>,
    #[serde(default)]
    run_warnings: Vec<Value>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Settings {
    form_factor: Option<String>,
    /// Before version 7.
    emulated_form_factor: Option<String>,
    throttling_method: Option<String>,
}

#[derive(Deserialize)]
struct Category {
    score: Option<f64>,
}

#[derive(Deserialize)]
struct RuntimeError {
    #[serde(default)]
    code: String,
    #[serde(default)]
    message: String,
}

/// One audit.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Audit {
    /// Its figure.
    pub numeric_value: Option<f64>,
    /// What it would save, by metric.
    #[serde(default)]
    pub metric_savings: Option<BTreeMap<String, Option<f64>>>,
    /// Its table.
    pub details: Option<Details>,
}

/// Table of an audit. Other kinds of details (pictures, trees) have no items.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Details {
    /// Rows.
    #[serde(default)]
    pub items: Value,
    /// Savings of all rows together.
    pub overall_savings_ms: Option<f64>,
    /// What a check list was decided by.
    pub debug_data: Option<Value>,
}

/// Largest report that is read.
const BYTES: u64 = 64 << 20;

/// Reads the JSON.
pub fn read_json(input: &mut Input, artefact: &mut Artefact, notes: &mut Notes) -> Result<(), Refused> {
    let text = input.text(BYTES)?;
    report(&text, artefact, notes)
}

/// Reads the HTML.
pub fn read_html(input: &mut Input, artefact: &mut Artefact, notes: &mut Notes) -> Result<(), Refused> {
    let text = input.text(BYTES)?;
    let Some(from) = text.find("__LIGHTHOUSE_JSON__").and_then(|at| Some(at + text.get(at..)?.find('{')?)) else {
        return Err(Refused("A Lighthouse page without its data: it is cut off, or a flow report".to_owned()));
    };
    report(text.get(from..).unwrap_or_default(), artefact, notes)
}

/// Reads a report; what follows it is left.
fn report(text: &str, artefact: &mut Artefact, notes: &mut Notes) -> Result<(), Refused> {
    let report = match serde_json::Deserializer::from_str(text).into_iter::<Report>().next() {
        Some(Ok(report)) => report,
        Some(Err(error)) => return Err(Refused(json::wrong(&error))),
        None => return Err(Refused("A Lighthouse report without data".to_owned())),
    };
    if let Some(error) = report.runtime_error.as_ref().filter(|error| error.code != "NO_ERROR") {
        return Err(Refused(format!("Lighthouse could not load the page: {} {}", error.code, error.message)));
    }
    for warning in report.run_warnings.iter().filter_map(Value::as_str) {
        notes.add(0, format!("Lighthouse warns: {warning}"));
    }
    artefact.started = report.fetch_time.as_deref().and_then(moment::parse).map(moment::show);
    let settings = report.config_settings;
    let mode = match report.gather_mode.as_deref() {
        Some("timespan") => WebMode::Timespan,
        Some("snapshot") => WebMode::Snapshot,
        _ => WebMode::Navigation,
    };
    let mut run = WebRun {
        page: report.final_displayed_url.or(report.final_url).or(report.requested_url).unwrap_or_default(),
        tool: "Lighthouse".to_owned(),
        tool_version: Some(report.lighthouse_version).filter(|version| !version.is_empty()),
        mode,
        form_factor: settings.form_factor.or(settings.emulated_form_factor),
        throttling: settings.throttling_method,
        ..WebRun::default()
    };
    if !run.page.is_empty() {
        artefact.command = Some(format!("lighthouse {}", run.page));
    }
    metrics(&mut run, &report.audits);
    let score = report.categories.get("performance").and_then(|category| category.score);
    let basis = basis_of(&run);
    run.add(WebMetric::Score, score.map(|score| score * 100.0), basis);
    long_tasks(&mut run, &report.audits);
    run.culprits = culprits::all(&report.audits);
    if run.metrics.is_empty() {
        notes.add(0, "No figure of performance in it: the report was made without that category");
    }
    artefact.evidence.push(Evidence::WebRun(Box::new(run)));
    Ok(())
}

/// What the figures of the audits are: modelled when throttling was simulated.
fn basis_of(run: &WebRun) -> Basis {
    match run.throttling.as_deref() {
        Some("provided" | "devtools") => Basis::Observed,
        _ if run.mode != WebMode::Navigation => Basis::Observed,
        _ => Basis::Simulated,
    }
}

/// Audits that are figures, and their observed counterparts in `audits.metrics`.
const METRICS: [(WebMetric, &str, &str); 6] = [
    (WebMetric::Fcp, "first-contentful-paint", "observedFirstContentfulPaint"),
    (WebMetric::Lcp, "largest-contentful-paint", "observedLargestContentfulPaint"),
    (WebMetric::Cls, "cumulative-layout-shift", "observedCumulativeLayoutShift"),
    (WebMetric::Tbt, "total-blocking-time", ""),
    (WebMetric::SpeedIndex, "speed-index", "observedSpeedIndex"),
    (WebMetric::Inp, "interaction-to-next-paint", ""),
];

fn metrics(run: &mut WebRun, audits: &BTreeMap<String, Audit>) {
    let value = |id: &str| audits.get(id).and_then(|audit| audit.numeric_value);
    let basis = basis_of(run);
    let observed = audits
        .get("metrics")
        .and_then(|audit| audit.details.as_ref())
        .and_then(|details| details.items.as_array()?.first());
    for (metric, id, seen) in METRICS {
        // Layout shifts and interactions are never modelled.
        let basis = if matches!(metric, WebMetric::Cls | WebMetric::Inp) { Basis::Observed } else { basis };
        run.add(metric, value(id), basis);
        run.add(metric, observed.and_then(|items| items.get(seen)?.as_f64()), Basis::Observed);
    }
    run.add(WebMetric::Inp, value("experimental-interaction-to-next-paint"), Basis::Observed);
    let first_byte = observed.and_then(|items| items.get("timeToFirstByte")?.as_f64());
    run.add(WebMetric::Ttfb, first_byte, basis);
    run.add(WebMetric::Ttfb, value("server-response-time"), Basis::Observed);
    run.add(WebMetric::Bytes, value("total-byte-weight").or_else(|| transferred(audits)), Basis::Observed);
}

/// Bytes of all requests, where no audit adds them up.
fn transferred(audits: &BTreeMap<String, Audit>) -> Option<f64> {
    let items = audits.get("network-requests")?.details.as_ref()?.items.as_array()?;
    Some(items.iter().filter_map(|item| item.get("transferSize")?.as_f64()).sum())
}

fn long_tasks(run: &mut WebRun, audits: &BTreeMap<String, Audit>) {
    let details = audits.get("long-tasks").and_then(|audit| audit.details.as_ref());
    let items = details.and_then(|details| details.items.as_array()).map(Vec::as_slice).unwrap_or_default();
    let mut tasks: Vec<LongTask> = items
        .iter()
        .filter_map(|item| {
            Some(LongTask {
                at_ms: item.get("startTime")?.as_f64()?,
                // Beyond thirty years it is no time.
                ms: item.get("duration")?.as_f64().filter(|ms| (0.0..1e12).contains(ms))?,
                url: item.get("url").and_then(Value::as_str).map(str::to_owned),
            })
        })
        .collect();
    tasks.order_by(|a, b| b.ms.total_cmp(&a.ms));
    run.long_tasks = LongTasks {
        count: tasks.len() as u64,
        total_ms: tasks.iter().fold(0.0, |sum, task| sum + task.ms),
        longest_ms: tasks.first().map_or(0.0, |task| task.ms),
        items: tasks.into_iter().take(20).collect(),
    };
}
