//! Locust's JSON (`--json`, `--json-file`): per name a histogram of rounded times. Percentiles follow Locust's own
//! rule, so that they equal its tables.

use crate::evidence::input::{Input, Notes, Refused};
use crate::evidence::model::load::{Bucket, ComputedBy, Latency, LoadModel, LoadRun, Route};
use crate::evidence::model::targets::Percent;
use crate::evidence::model::{Artefact, Evidence};
use crate::evidence::recognize::Head;
use crate::evidence::{json, moment};
use crate::order::InOrder as _;
use serde::Deserialize;
use std::collections::BTreeMap;

/// An array of entries.
pub fn is_json(head: &Head) -> bool {
    head.array && head.key("response_times") && head.key("num_requests")
}

#[derive(Deserialize)]
struct Entry {
    name: String,
    #[serde(default)]
    method: Option<String>,
    start_time: Option<f64>,
    last_request_timestamp: Option<f64>,
    num_requests: u64,
    #[serde(default)]
    num_none_requests: u64,
    num_failures: u64,
    total_response_time: f64,
    min_response_time: Option<f64>,
    max_response_time: Option<f64>,
    #[serde(default)]
    total_content_length: f64,
    response_times: BTreeMap<String, u64>,
}

/// Percentiles that Locust's tables have.
const PERCENTILES: [f64; 11] = [50.0, 66.0, 75.0, 80.0, 90.0, 95.0, 98.0, 99.0, 99.9, 99.99, 100.0];

/// Reads it.
pub fn read(input: &mut Input, artefact: &mut Artefact, notes: &mut Notes) -> Result<(), Refused> {
    let text = input.text(64 << 20)?;
    // Locust prints its log before the array when both go to one place.
    let text = text.get(text.find('[').unwrap_or(0)..).unwrap_or_default();
    let mut entries = serde_json::Deserializer::from_str(text).into_iter::<Vec<Entry>>();
    let entries = match entries.next() {
        Some(Ok(entries)) => entries,
        Some(Err(error)) => return Err(Refused(json::wrong(&error))),
        None => Vec::new(),
    };
    let first = entries.iter().filter_map(|entry| entry.start_time).reduce(f64::min);
    let last = entries.iter().filter_map(|entry| entry.last_request_timestamp).reduce(f64::max);
    let seconds = first.zip(last).map(|(first, last)| last - first).filter(|seconds| *seconds > 0.0);
    artefact.started = first.and_then(moment::from_epoch).map(moment::show);
    let mut run = LoadRun {
        tool: "Locust".to_owned(),
        model: Some(LoadModel::Closed),
        duration_s: seconds,
        ..LoadRun::default()
    };
    let mut total = Sum::default();
    for (at, entry) in entries.iter().enumerate() {
        let mut histogram = Vec::new();
        for (ms, count) in &entry.response_times {
            match ms.parse::<f64>() {
                Ok(ms) if ms.is_finite() && ms >= 0.0 => histogram.push(Bucket { ms, count: *count }),
                _ => notes.add(at as u64 + 1, "A response time that is no positive number, skipped"),
            }
        }
        histogram.order_by(|a, b| a.ms.total_cmp(&b.ms));
        if entry.total_response_time < 0.0 || !entry.total_response_time.is_finite() {
            notes.add(at as u64 + 1, "A negative total of times: the mean is left out");
        }
        total.add(entry, &histogram);
        run.routes.push(route(entry, histogram, seconds));
    }
    if run.routes.is_empty() {
        return Err(Refused("No request in it: the array is empty".to_owned()));
    }
    run.total = total.route(seconds);
    notes.add(0, "Locust rounds times above 100 ms to two digits: percentiles are as exact as that");
    artefact.evidence.push(Evidence::LoadRun(Box::new(run)));
    Ok(())
}

fn route(entry: &Entry, histogram: Vec<Bucket>, seconds: Option<f64>) -> Route {
    let answered = entry.num_requests.saturating_sub(entry.num_none_requests);
    let mut latency = Latency {
        min_ms: entry.min_response_time.filter(|ms| *ms >= 0.0),
        mean_ms: mean(entry.total_response_time, answered),
        max_ms: entry.max_response_time.filter(|ms| *ms >= 0.0),
        histogram,
        ..Latency::default()
    };
    percentiles(&mut latency, entry.num_requests);
    Route {
        method: entry.method.clone().unwrap_or_default(),
        name: entry.name.clone(),
        requests: Some(entry.num_requests),
        failures: Some(entry.num_failures),
        per_second: seconds.map(|seconds| entry.num_requests as f64 / seconds),
        response_bytes: mean(entry.total_content_length, entry.num_requests),
        latency,
        ..Route::default()
    }
}

fn mean(total: f64, count: u64) -> Option<f64> {
    (count > 0 && total.is_finite() && total >= 0.0).then(|| total / count as f64)
}

/// Fills in percentiles of a histogram.
fn percentiles(latency: &mut Latency, requests: u64) {
    for at in PERCENTILES.into_iter().filter_map(Percent::new) {
        if let Some(ms) = percentile(&latency.histogram, requests, at.share()) {
            latency.add(at, ms, ComputedBy::Us);
        }
    }
}

/// The largest time that no more than the share of requests stays below: Locust's rule.
fn percentile(histogram: &[Bucket], requests: u64, share: f64) -> Option<f64> {
    let below = (requests as f64 * share) as u64;
    let mut seen = 0_u64;
    for bucket in histogram.iter().rev() {
        seen = seen.saturating_add(bucket.count);
        if requests.saturating_sub(seen) <= below {
            return Some(bucket.ms);
        }
    }
    None
}

/// All entries together.
#[derive(Default)]
struct Sum {
    requests: u64,
    answered: u64,
    failures: u64,
    time: f64,
    bytes: f64,
    min: Option<f64>,
    max: Option<f64>,
    histogram: Vec<Bucket>,
}

impl Sum {
    fn add(&mut self, entry: &Entry, histogram: &[Bucket]) {
        self.requests = self.requests.saturating_add(entry.num_requests);
        self.answered = self.answered.saturating_add(entry.num_requests.saturating_sub(entry.num_none_requests));
        self.failures = self.failures.saturating_add(entry.num_failures);
        self.time += entry.total_response_time;
        self.bytes += entry.total_content_length;
        self.min = self.min.into_iter().chain(entry.min_response_time).reduce(f64::min);
        self.max = self.max.into_iter().chain(entry.max_response_time).reduce(f64::max);
        for bucket in histogram {
            match self.histogram.binary_search_by(|other| other.ms.total_cmp(&bucket.ms)) {
                Ok(at) => {
                    if let Some(other) = self.histogram.get_mut(at) {
                        other.count = other.count.saturating_add(bucket.count);
                    }
                }
                Err(at) => self.histogram.insert(at, *bucket),
            }
        }
    }

    fn route(self, seconds: Option<f64>) -> Route {
        let mut latency = Latency {
            min_ms: self.min,
            mean_ms: mean(self.time, self.answered),
            max_ms: self.max,
            histogram: self.histogram,
            ..Latency::default()
        };
        percentiles(&mut latency, self.requests);
        Route {
            requests: Some(self.requests),
            failures: Some(self.failures),
            per_second: seconds.map(|seconds| self.requests as f64 / seconds),
            response_bytes: mean(self.bytes, self.requests),
            latency,
            ..Route::default()
        }
    }
}
