//! k6's summaries: `--summary-export`, what `handleSummary` gets, and the machine-readable summary of 1.5 and later.
//! They differ in shape, and in what `true` beside a threshold means.

use crate::evidence::input::{Input, Notes, Refused};
use crate::evidence::json;
use crate::evidence::model::load::{ComputedBy, LoadModel, LoadRun, Route, Threshold};
use crate::evidence::model::targets::Percent;
use crate::evidence::model::{Artefact, Evidence};
use crate::evidence::recognize::Head;
use serde_json::{Map, Value};

/// Summary of `--summary-export` or `handleSummary`.
pub fn is_summary(head: &Head) -> bool {
    !head.array
        && head.key("metrics")
        && (head.key("root_group") || head.text.contains("\"http_req") || head.text.contains("\"iteration_duration\""))
}

/// The machine-readable summary.
pub fn is_machine_readable(head: &Head) -> bool {
    !head.array && head.key("version") && head.key("results") && head.text.contains("\"metrics\"")
}

/// Largest summary that is read.
const BYTES: u64 = 64 << 20;

/// One metric with its selector.
struct Metric {
    name: String,
    values: Map<String, Value>,
    thresholds: Vec<Threshold>,
}

/// Reads either.
pub fn read(input: &mut Input, artefact: &mut Artefact, notes: &mut Notes) -> Result<(), Refused> {
    let text = input.text(BYTES)?;
    let document: Value = serde_json::from_str(&text).map_err(|error| Refused(json::wrong(&error)))?;
    let metrics = metrics(&document, &text, notes)?;
    let seconds = document.pointer("/state/testRunDurationMs").and_then(Value::as_f64).map(|ms| ms / 1e3);
    let seconds = seconds.or_else(|| document.pointer("/config/duration").and_then(Value::as_f64));
    let mut run = LoadRun { tool: "k6".to_owned(), duration_s: seconds, ..LoadRun::default() };
    for pointer in ["/metadata/k6_version", "/metadata/k6Version"] {
        run.tool_version = run.tool_version.or_else(|| Some(document.pointer(pointer)?.as_str()?.to_owned()));
    }
    artefact.command =
        document.pointer("/config/script").and_then(Value::as_str).map(|script| format!("k6 run {script}"));
    for metric in metrics {
        fill(&mut run, &metric, notes);
        run.thresholds.extend(metric.thresholds);
    }
    if run.duration_s.is_none()
        && let (Some(requests), Some(rate)) = (run.total.requests, run.total.per_second)
        && rate > 0.0
    {
        run.duration_s = Some(requests as f64 / rate).filter(|seconds| seconds.is_finite());
    }
    // The machine-readable summary has counts without rates.
    if let Some(seconds) = run.duration_s.filter(|seconds| *seconds > 0.0) {
        for route in run.routes.iter_mut().chain([&mut run.total]) {
            let rate = route.requests.map(|requests| requests as f64 / seconds).filter(|rate| rate.is_finite());
            route.per_second = route.per_second.or(rate);
        }
    }
    if run.total.latency.percentiles.is_empty() && run.total.requests.is_none() {
        notes.add(0, "No HTTP request in it: only `http_req_duration` and `http_reqs` are read");
    }
    artefact.evidence.push(Evidence::LoadRun(Box::new(run)));
    Ok(())
}

fn metrics(document: &Value, text: &str, notes: &mut Notes) -> Result<Vec<Metric>, Refused> {
    if let Some(list) = document.pointer("/results/metrics").and_then(Value::as_array) {
        let metric = |entry: &Value| {
            Some(Metric {
                name: entry.get("name")?.as_str()?.to_owned(),
                values: entry.get("values")?.as_object()?.clone(),
                thresholds: Vec::new(),
            })
        };
        return Ok(list.iter().filter_map(metric).collect());
    }
    let Some(map) = document.get("metrics").and_then(Value::as_object) else {
        return Err(Refused("A k6 summary without metrics".to_owned()));
    };
    let mut out = Vec::new();
    for (name, entry) in map {
        let Some(entry) = entry.as_object() else {
            notes.add(0, format!("The metric `{name}` is no object, skipped"));
            continue;
        };
        // handleSummary nests the figures and says `ok`; the export says what crossed its threshold.
        let (values, nested) = match entry.get("values").and_then(Value::as_object) {
            Some(values) => (values.clone(), true),
            None => (entry.clone(), false),
        };
        let thresholds = entry.get("thresholds").and_then(Value::as_object).into_iter().flatten();
        let thresholds = thresholds.map(|(expression, verdict)| Threshold {
            metric: name.clone(),
            expression: expression.clone(),
            passed: if nested {
                verdict.get("ok").and_then(Value::as_bool)
            } else {
                verdict.as_bool().map(|crossed| !crossed)
            },
            line: line_of(text, expression),
        });
        out.push(Metric { name: name.clone(), values, thresholds: thresholds.collect() });
    }
    Ok(out)
}

/// Line of the first place where a key stands; 0 when it is written in another way.
fn line_of(text: &str, key: &str) -> u32 {
    let Some(at) = serde_json::to_string(key).ok().and_then(|quoted| text.find(&quoted)) else { return 0 };
    let lines = text.get(..at).unwrap_or_default().bytes().filter(|byte| *byte == b'\n').count();
    u32::try_from(lines + 1).unwrap_or(0)
}

/// Puts a metric's figures where they belong.
fn fill(run: &mut LoadRun, metric: &Metric, notes: &mut Notes) {
    let (base, selector) = match metric.name.split_once('{') {
        Some((base, selector)) => (base, selector.strip_suffix('}').unwrap_or(selector)),
        None => (metric.name.as_str(), ""),
    };
    let number = |key: &str| {
        let value = metric.values.get(key).and_then(Value::as_f64)?;
        (value.is_finite() && value >= 0.0).then_some(value)
    };
    match base {
        "vus" if selector.is_empty() => {
            run.users = number("max")
                .or_else(|| number("value"))
                .map_or(run.users, |users| Some(users.max(run.users.unwrap_or(0.0))));
            return;
        }
        "vus_max" if selector.is_empty() => {
            run.users_cap = number("max").or_else(|| number("value"));
            return;
        }
        "dropped_iterations" if selector.is_empty() => {
            run.dropped = number("count");
            run.model = run.dropped.map(|_| LoadModel::Open);
            return;
        }
        "http_req_duration" | "http_reqs" | "http_req_failed" => {}
        _ => return,
    }
    if metric.values.iter().any(|(_, value)| value.as_f64().is_some_and(|value| value < 0.0)) {
        notes.add(0, format!("The metric `{}` has negative figures, skipped", metric.name));
    }
    let Some(route) = route(run, selector) else { return };
    match base {
        "http_reqs" => {
            route.requests = number("count").map(|count| count as u64).or(route.requests);
            route.per_second = number("rate");
        }
        "http_req_failed" => {
            // A rate counts what is true: `passes` (or `matches`) are the failed requests.
            let failed = number("passes").or_else(|| number("matches"));
            let all = number("total").or_else(|| Some(failed? + number("fails")?));
            route.failures = failed.map(|failed| failed as u64);
            route.failure_share = number("value").or_else(|| number("rate"));
            route.requests = route.requests.or(all.map(|all| all as u64));
        }
        _ => {
            let latency = &mut route.latency;
            latency.min_ms = number("min");
            latency.mean_ms = number("avg");
            latency.max_ms = number("max");
            if let Some(median) = number("med") {
                latency.add(Percent::P50, median, ComputedBy::Tool);
            }
            for key in metric.values.keys() {
                let percent = key.strip_prefix("p(").and_then(|rest| rest.strip_suffix(')')).or(key.strip_prefix('p'));
                let percent = percent.and_then(|percent| percent.parse().ok()).and_then(Percent::new);
                if let (Some(at), Some(ms)) = (percent, number(key)) {
                    latency.add(at, ms, ComputedBy::Tool);
                }
            }
            route.requests = route.requests.or(number("count").map(|count| count as u64));
        }
    }
}

/// The route that a selector names: `name:posts`, `method:GET,name:posts`, `url:http://…`; the total without one.
fn route<'a>(run: &'a mut LoadRun, selector: &str) -> Option<&'a mut Route> {
    if selector.is_empty() {
        return Some(&mut run.total);
    }
    let mut method = "";
    let mut name = "";
    let mut selection = false;
    for tag in selector.split(',') {
        match tag.split_once(':') {
            Some((key, value)) => match key.trim() {
                "name" | "url" => name = value.trim(),
                "method" => method = value.trim(),
                _ => selection = true,
            },
            None => selection = true,
        }
    }
    let name = if selection || name.is_empty() { selector } else { name };
    let (method, selection) = if name == selector { ("", true) } else { (method, selection) };
    let found = run.routes.iter().position(|route| route.method == method && route.name == name);
    let place = found.unwrap_or(run.routes.len());
    if found.is_none() {
        run.routes.push(Route { method: method.to_owned(), name: name.to_owned(), selection, ..Route::default() });
    }
    run.routes.get_mut(place)
}
