//! What wrk, hey and ab print: one address each, a closed model. Times stand with units for people.

use crate::evidence::input::{Input, Notes, Refused};
use crate::evidence::model::load::{ComputedBy, ErrorCount, Latency, LoadModel, LoadRun, Route};
use crate::evidence::model::targets::Percent;
use crate::evidence::model::{Artefact, Evidence};
use crate::evidence::recognize::Head;
use crate::evidence::routes;

/// wrk and wrk2.
pub fn is_wrk(head: &Head) -> bool {
    head.text.contains("Thread Stats") && head.text.contains("Requests/sec:")
}

/// hey.
pub fn is_hey(head: &Head) -> bool {
    head.text.contains("Requests/sec:") && head.text.contains("Slowest:") && head.text.contains("Fastest:")
}

/// ab.
pub fn is_ab(head: &Head) -> bool {
    head.text.contains("This is ApacheBench")
        || head.text.contains("Percentage of the requests served within a certain time")
}

/// Milliseconds of `30.19ms`, `1.20s`, `950.00us`, `2.10m`.
fn duration(text: &str) -> Option<f64> {
    let end = text.find(|c: char| !(c.is_ascii_digit() || c == '.'))?;
    let (number, unit) = text.split_at(end);
    let factor = match unit {
        "us" => 1e-3,
        "ms" => 1.0,
        "s" => 1e3,
        "m" => 60e3,
        "h" => 3_600e3,
        _ => return None,
    };
    number.parse::<f64>().ok().map(|number| number * factor).filter(|ms| ms.is_finite())
}

/// The number behind a label: `Complete requests:      400`.
fn labelled(text: &str, label: &str) -> Option<f64> {
    let rest = text.lines().find_map(|line| line.trim().strip_prefix(label))?;
    let number = rest.trim().split(|c: char| c.is_whitespace() || c == '%').next()?;
    number.parse().ok().filter(|value: &f64| value.is_finite() && *value >= 0.0)
}

fn finish(artefact: &mut Artefact, tool: &str, url: &str, users: Option<f64>, duration_s: Option<f64>, total: Route) {
    let route = Route { name: routes::path(url).to_owned(), ..total.clone() };
    artefact.evidence.push(Evidence::LoadRun(Box::new(LoadRun {
        tool: tool.to_owned(),
        model: Some(LoadModel::Closed),
        users,
        duration_s,
        host: routes::host(url).map(str::to_owned),
        routes: if url.is_empty() { Vec::new() } else { vec![route] },
        total,
        ..LoadRun::default()
    })));
}

/// Reads wrk's text.
pub fn read_wrk(input: &mut Input, artefact: &mut Artefact, notes: &mut Notes) -> Result<(), Refused> {
    let text = input.text(1 << 20)?;
    let url = text.lines().find_map(|line| line.split_once(" test @ ")).map_or("", |(_, url)| url.trim());
    let mut latency = Latency::default();
    let mut users = None;
    let mut open = false;
    for line in text.lines().map(str::trim) {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            ["Latency", mean, _, max, ..] => {
                latency.mean_ms = duration(mean);
                latency.max_ms = duration(max);
            }
            [_, "threads", "and", connections, "connections"] => {
                users = connections.parse().ok().filter(|users: &f64| users.is_finite())
            }
            // wrk2 corrects for the rate it was given.
            ["Latency", "Distribution", "(HdrHistogram", ..] => open = true,
            [percent, time] if percent.ends_with('%') => {
                let at = percent.trim_end_matches('%').parse().ok().and_then(Percent::new);
                if let (Some(at), Some(ms)) = (at, duration(time)) {
                    latency.add(at, ms, ComputedBy::Tool);
                }
            }
            _ => {}
        }
    }
    if latency.percentiles.is_empty() {
        notes.add(0, "No percentiles in it: run wrk with `--latency`");
    }
    let ran = text.lines().find_map(|line| line.split_once(" requests in "));
    let requests = ran.and_then(|(count, _)| count.trim().parse::<u64>().ok());
    let seconds = ran.and_then(|(_, rest)| duration(rest.split(',').next()?.trim())).map(|ms| ms / 1e3);
    let refused = labelled(&text, "Non-2xx or 3xx responses:").unwrap_or(0.0) as u64;
    let sockets: u64 = text.lines().find_map(|line| line.trim().strip_prefix("Socket errors:")).map_or(0, |rest| {
        rest.split(|c: char| !c.is_ascii_digit()).filter_map(|n| n.parse::<u64>().ok()).fold(0, u64::saturating_add)
    });
    let failed = refused.saturating_add(sockets);
    let kinds = [("answers other than 2xx and 3xx", refused), ("socket errors", sockets)];
    let total = Route {
        requests,
        failures: requests.map(|requests| failed.min(requests)),
        per_second: labelled(&text, "Requests/sec:"),
        latency,
        errors: kinds
            .into_iter()
            .filter(|(_, n)| *n > 0)
            .map(|(what, count)| ErrorCount { what: what.to_owned(), count })
            .collect(),
        ..Route::default()
    };
    artefact.command = Some(format!("wrk {url}"));
    finish(artefact, if open { "wrk2" } else { "wrk" }, url, users, seconds, total);
    Ok(())
}

/// Reads hey's text.
pub fn read_hey(input: &mut Input, artefact: &mut Artefact, _notes: &mut Notes) -> Result<(), Refused> {
    let text = input.text(1 << 20)?;
    let millis = |label: &str| labelled(&text, label).map(|seconds| seconds * 1e3).filter(|ms| ms.is_finite());
    let mut latency = Latency {
        min_ms: millis("Fastest:"),
        mean_ms: millis("Average:"),
        max_ms: millis("Slowest:"),
        ..Latency::default()
    };
    let (mut answered, mut failed) = (0_u64, 0_u64);
    let mut errors = Vec::new();
    for line in text.lines().map(str::trim) {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            [percent, "in", seconds, "secs"] => {
                let at = percent.trim_end_matches('%').parse().ok().and_then(Percent::new);
                if let (Some(at), Ok(seconds)) = (at, seconds.parse::<f64>()) {
                    latency.add(at, seconds * 1e3, ComputedBy::Tool);
                }
            }
            [code, count, "responses"] => {
                let code: u32 = code.trim_matches(['[', ']']).parse().unwrap_or(0);
                let count: u64 = count.parse().unwrap_or(0);
                answered = answered.saturating_add(count);
                if code >= 400 {
                    failed = failed.saturating_add(count);
                    errors.push(ErrorCount { what: format!("HTTP {code}"), count });
                }
            }
            // Below "Error distribution".
            [count, rest @ ..] if count.starts_with('[') && !rest.is_empty() && !rest.contains(&"|") => {
                if let Ok(count) = count.trim_matches(['[', ']']).parse::<u64>() {
                    answered = answered.saturating_add(count);
                    failed = failed.saturating_add(count);
                    errors.push(ErrorCount { what: rest.join(" "), count });
                }
            }
            _ => {}
        }
    }
    let total = Route {
        requests: Some(answered).filter(|answered| *answered > 0),
        failures: Some(failed),
        per_second: labelled(&text, "Requests/sec:"),
        latency,
        errors,
        ..Route::default()
    };
    finish(artefact, "hey", "", None, labelled(&text, "Total:"), total);
    Ok(())
}

/// Reads ab's text.
pub fn read_ab(input: &mut Input, artefact: &mut Artefact, _notes: &mut Notes) -> Result<(), Refused> {
    let text = input.text(1 << 20)?;
    let word = |label: &str| {
        let line = text.lines().find_map(|line| line.trim().strip_prefix(label))?;
        Some(line.trim().to_owned()).filter(|word| !word.is_empty())
    };
    let mut latency = Latency::default();
    for line in text.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            ["Total:", min, mean, _, _, max] => {
                latency.min_ms = min.parse().ok();
                latency.mean_ms = mean.parse().ok();
                latency.max_ms = max.parse().ok();
            }
            [percent, ms, ..] if percent.ends_with('%') => {
                let at = percent.trim_end_matches('%').parse().ok().and_then(Percent::new);
                if let (Some(at), Ok(ms)) = (at, ms.parse::<f64>()) {
                    latency.add(at, ms, ComputedBy::Tool);
                }
            }
            _ => {}
        }
    }
    for value in [&mut latency.min_ms, &mut latency.mean_ms, &mut latency.max_ms] {
        *value = value.filter(|ms| ms.is_finite() && *ms >= 0.0);
    }
    // ab counts answers of another length as failed: pages that differ by request are no errors.
    let refused = labelled(&text, "Non-2xx responses:").unwrap_or(0.0) as u64;
    let failed = labelled(&text, "Failed requests:").unwrap_or(0.0) as u64;
    let lengths =
        text.split("Length: ").nth(1).and_then(|rest| rest.split([',', ')']).next()?.trim().parse::<u64>().ok());
    let failed = failed.saturating_sub(lengths.unwrap_or(0)).saturating_add(refused);
    let requests = labelled(&text, "Complete requests:").map(|requests| requests as u64);
    let host = word("Server Hostname:").zip(word("Server Port:")).map(|(host, port)| format!("http://{host}:{port}"));
    let url = format!("{}{}", host.unwrap_or_default(), word("Document Path:").unwrap_or_default());
    let total = Route {
        requests,
        failures: Some(failed),
        per_second: labelled(&text, "Requests per second:"),
        response_bytes: labelled(&text, "Document Length:"),
        latency,
        ..Route::default()
    };
    artefact.command = Some(format!("ab {url}"));
    finish(
        artefact,
        "ab",
        &url,
        labelled(&text, "Concurrency Level:"),
        labelled(&text, "Time taken for tests:"),
        total,
    );
    Ok(())
}
