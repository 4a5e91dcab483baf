//! Artillery's report (`--output`), versions 2 and 1.

use crate::evidence::input::{Input, Notes, Refused};
use crate::evidence::model::load::{ComputedBy, ErrorCount, Latency, LoadModel, LoadRun, Route, USERS, Window};
use crate::evidence::model::targets::Percent;
use crate::evidence::model::{Artefact, Evidence};
use crate::evidence::recognize::Head;
use crate::evidence::{json, moment};
use crate::order::InOrder as _;
use serde_json::{Map, Value};

/// A report.
pub fn is_report(head: &Head) -> bool {
    !head.array
        && head.key("aggregate")
        && ["\"vusers.created", "\"http.requests\"", "\"scenariosCreated\"", "\"summaries\""]
            .iter()
            .any(|part| head.text.contains(part))
}

/// Reads it.
pub fn read(input: &mut Input, artefact: &mut Artefact, notes: &mut Notes) -> Result<(), Refused> {
    let text = input.text(64 << 20)?;
    let document: Value = serde_json::from_str(&text).map_err(|error| Refused(json::wrong(&error)))?;
    let Some(aggregate) = document.get("aggregate").and_then(Value::as_object) else {
        return Err(Refused("An Artillery report without its aggregate".to_owned()));
    };
    let mut run = LoadRun { tool: "Artillery".to_owned(), model: Some(LoadModel::Open), ..LoadRun::default() };
    let no = Vec::new();
    let steps = document.get("intermediate").and_then(Value::as_array).unwrap_or(&no);
    if aggregate.contains_key("summaries") || aggregate.contains_key("counters") {
        second(&mut run, aggregate, steps, artefact);
    } else {
        first(&mut run, aggregate, steps, artefact, notes);
    }
    artefact.evidence.push(Evidence::LoadRun(Box::new(run)));
    Ok(())
}

fn number(map: &Map<String, Value>, key: &str) -> Option<f64> {
    map.get(key).and_then(Value::as_f64).filter(|value| value.is_finite() && *value >= 0.0)
}

fn object<'a>(map: &'a Map<String, Value>, key: &str) -> Option<&'a Map<String, Value>> {
    map.get(key).and_then(Value::as_object)
}

fn latency(summary: &Map<String, Value>) -> Latency {
    let mut latency = Latency {
        min_ms: number(summary, "min"),
        mean_ms: number(summary, "mean"),
        max_ms: number(summary, "max"),
        ..Latency::default()
    };
    if let Some(median) = number(summary, "median").or_else(|| number(summary, "p50")) {
        latency.add(Percent::P50, median, ComputedBy::Tool);
    }
    for key in summary.keys() {
        let Some(digits) = key.strip_prefix('p').filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))
        else {
            continue;
        };
        // `p999` is 99.9.
        let percent = match (digits.len(), digits.get(..2), digits.get(2..)) {
            (0..=2, _, _) => digits.parse().ok(),
            (_, Some(whole), Some(rest)) => format!("{whole}.{rest}").parse().ok(),
            _ => None,
        };
        if let (Some(at), Some(ms)) = (percent.and_then(Percent::new), number(summary, key)) {
            latency.add(at, ms, ComputedBy::Tool);
        }
    }
    latency
}

/// Requests that failed: answers from 400, and requests without an answer; by what was said.
fn failures(counters: &Map<String, Value>, codes: &str, errors: &str) -> (u64, Vec<ErrorCount>) {
    let mut out = Vec::new();
    for (key, count) in counters {
        let Some(count) = count.as_f64().filter(|count| *count > 0.0) else { continue };
        let what = if let Some(code) = key.strip_prefix(codes).and_then(|code| code.parse::<u32>().ok()) {
            if code < 400 {
                continue;
            }
            format!("HTTP {code}")
        } else if let Some(error) = key.strip_prefix(errors) {
            // A capture or expectation that failed is counted beside the answer itself.
            if error.starts_with("Failed capture") {
                continue;
            }
            error.to_owned()
        } else {
            continue;
        };
        out.push(ErrorCount { what, count: count as u64 });
    }
    out.order_by(|a, b| b.count.cmp(&a.count));
    (out.iter().fold(0_u64, |sum, error| sum.saturating_add(error.count)), out)
}

/// Version 2.
fn second(run: &mut LoadRun, aggregate: &Map<String, Value>, steps: &[Value], artefact: &mut Artefact) {
    let empty = Map::new();
    let counters = object(aggregate, "counters").unwrap_or(&empty);
    let summaries = object(aggregate, "summaries").unwrap_or(&empty);
    let time = |keys: [&str; 2]| keys.iter().find_map(|key| number(aggregate, key));
    let (begin, end) = (time(["firstCounterAt", "firstMetricAt"]), time(["lastCounterAt", "lastMetricAt"]));
    artefact.started = begin.and_then(moment::from_epoch).map(moment::show);
    run.duration_s =
        begin.zip(end).map(|(begin, end)| (end - begin) / 1e3).filter(|seconds| *seconds > 0.0 && seconds.is_finite());
    let requests = number(counters, "http.requests").map(|count| count as u64);
    let (failed, errors) = failures(counters, "http.codes.", "errors.");
    run.total = Route {
        requests,
        failures: requests.map(|requests| failed.min(requests)),
        per_second: requests.zip(run.duration_s).map(|(requests, seconds)| requests as f64 / seconds),
        latency: object(summaries, "http.response_time").map(latency).unwrap_or_default(),
        errors,
        ..Route::default()
    };
    const BY_ENDPOINT: &str = "plugins.metrics-by-endpoint.";
    for (key, summary) in summaries {
        let Some(name) = key.strip_prefix(BY_ENDPOINT).and_then(|rest| rest.strip_prefix("response_time.")) else {
            continue;
        };
        let Some(summary) = summary.as_object() else { continue };
        let prefix = format!("{BY_ENDPOINT}{name}.codes.");
        let (failed, errors) = failures(counters, &prefix, &format!("{BY_ENDPOINT}{name}.errors."));
        let requests = number(summary, "count").map(|count| count as u64);
        // A named request is written as `path (name)`.
        let shown = name.strip_suffix(')').and_then(|name| name.rsplit_once(" (")).map_or(name, |(_, shown)| shown);
        let (method, path) = crate::evidence::routes::split(shown);
        run.routes.push(Route {
            method: method.to_owned(),
            name: path.to_owned(),
            requests,
            failures: Some(failed),
            per_second: requests.zip(run.duration_s).map(|(requests, seconds)| requests as f64 / seconds),
            latency: latency(summary),
            errors,
            ..Route::default()
        });
    }
    if let Some(created) = number(counters, "vusers.created") {
        let completed = number(counters, "vusers.completed").unwrap_or(0.0);
        run.routes.push(Route {
            name: USERS.to_owned(),
            selection: true,
            requests: Some(created as u64),
            failures: Some((created - completed).max(0.0) as u64),
            ..Route::default()
        });
    }
    for step in steps.iter().filter_map(Value::as_object) {
        let counters = object(step, "counters").unwrap_or(&empty);
        let times = object(step, "summaries").and_then(|summaries| object(summaries, "http.response_time"));
        let at = step.get("period").and_then(|period| match period {
            Value::String(text) => text.parse::<f64>().ok(),
            other => other.as_f64(),
        });
        let at = at.or_else(|| number(step, "firstCounterAt"));
        let Some(at_s) = at.zip(begin).map(|(at, begin)| ((at - begin) / 1e3).max(0.0)) else { continue };
        run.total.windows.push(Window {
            at_s,
            length_s: 10.0,
            requests: number(counters, "http.responses").unwrap_or(0.0) as u64,
            failures: failures(counters, "http.codes.", "errors.").0,
            p50_ms: times.and_then(|times| number(times, "median").or_else(|| number(times, "p50"))),
            p95_ms: times.and_then(|times| number(times, "p95")),
            users: None,
        });
    }
    run.total.windows.order_by(|a, b| a.at_s.total_cmp(&b.at_s));
}

/// Version 1.
fn first(
    run: &mut LoadRun,
    aggregate: &Map<String, Value>,
    steps: &[Value],
    artefact: &mut Artefact,
    notes: &mut Notes,
) {
    let empty = Map::new();
    let requests = number(aggregate, "requestsCompleted").map(|count| count as u64);
    let (by_code, mut errors) = failures(object(aggregate, "codes").unwrap_or(&empty), "", "\0");
    let (by_error, more) = failures(object(aggregate, "errors").unwrap_or(&empty), "\0", "");
    errors.extend(more);
    let stamps: Vec<i64> = steps
        .iter()
        .filter_map(|step| step.get("timestamp"))
        .filter_map(|stamp| {
            stamp.as_str().and_then(moment::parse).or_else(|| stamp.as_f64().and_then(moment::from_epoch))
        })
        .collect();
    artefact.started = stamps.iter().min().map(|first| moment::show(*first));
    run.total = Route {
        requests,
        failures: Some(by_code.saturating_add(by_error)),
        per_second: object(aggregate, "rps").and_then(|rates| number(rates, "mean")),
        latency: object(aggregate, "latency").map(latency).unwrap_or_default(),
        errors,
        ..Route::default()
    };
    run.duration_s = match (requests, run.total.per_second) {
        (Some(requests), Some(rate)) if rate > 0.0 => {
            Some(requests as f64 / rate).filter(|seconds| seconds.is_finite())
        }
        _ => None,
    };
    notes.add(0, "A report of Artillery 1: requests without an answer count as failed");
}
