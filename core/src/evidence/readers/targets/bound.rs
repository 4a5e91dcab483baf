//! Bounds as people write them: `<200ms`, `p(95)<200`, `<= 1 %`, `> 50/s`.

use crate::evidence::model::targets::{Comparison, Metric, Percent, Unit};

/// A comparison and a value in the metric's unit; the unit that is written must fit.
pub fn parse(metric: Metric, text: &str) -> Result<(Comparison, f64), String> {
    let Some((comparison, rest)) = Comparison::split(text) else {
        return Err(format!("`{text}` does not begin with <, <=, > or >="));
    };
    value(metric, rest).map(|value| (comparison, value))
}

/// A value with its unit, in the metric's unit.
pub fn value(metric: Metric, text: &str) -> Result<f64, String> {
    let text = text.trim().trim_end_matches(';');
    let end = text.find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | '_' | '+' | '-'))).unwrap_or(text.len());
    let (digits, unit) = text.split_at(end);
    let number: f64 = match digits.replace('_', "").parse() {
        Ok(number) if f64::is_finite(number) && number >= 0.0 => number,
        _ => return Err(format!("`{text}` is no number")),
    };
    let unit = unit.trim().to_ascii_lowercase();
    let factor = match (metric.unit(), unit.as_str()) {
        (_, "") => 1.0,
        (Unit::Milliseconds, "ms") => 1.0,
        (Unit::Milliseconds, "s" | "sec") => 1e3,
        (Unit::Milliseconds, "us" | "\u{b5}s") => 1e-3,
        (Unit::Milliseconds, "m" | "min") => 60e3,
        (Unit::PerSecond, "/s" | "rps" | "req/s" | "per second") => 1.0,
        (Unit::PerSecond, "/min" | "rpm") => 1.0 / 60.0,
        (Unit::Share, "%") => 0.01,
        (Unit::Bytes | Unit::BytesPerHour, unit) => {
            let unit = unit.trim_end_matches("/h");
            match unit {
                "b" => 1.0,
                "kb" => 1e3,
                "mb" => 1e6,
                "gb" => 1e9,
                "kib" => 1024.0,
                "mib" => 1_048_576.0,
                "gib" => 1_073_741_824.0,
                _ => return Err(format!("`{unit}` is no unit of bytes")),
            }
        }
        (_, unit) => return Err(format!("`{unit}` is no unit of {metric}")),
    };
    let value = number * factor;
    if value.is_finite() { Ok(value) } else { Err(format!("`{text}` is no number")) }
}

/// What a k6 threshold on a metric asks; or why it cannot be checked.
pub fn k6(base: &str, expression: &str) -> Result<(Metric, Comparison, f64), String> {
    let at = expression.find(['<', '>', '=', '!']).ok_or("it has no comparison")?;
    let (aggregation, bound) = expression.split_at(at);
    let aggregation = aggregation.trim();
    let metric = match (base, aggregation) {
        ("http_req_duration", "avg") => Metric::LatencyMean,
        ("http_req_duration", "med") => Metric::Latency(Percent::P50),
        ("http_req_duration", "min") => Metric::LatencyMin,
        ("http_req_duration", "max") => Metric::LatencyMax,
        ("http_req_duration", _) => {
            let percent = aggregation.strip_prefix("p(").and_then(|rest| rest.strip_suffix(')'));
            let percent = percent.and_then(|percent| percent.trim().parse().ok()).and_then(Percent::new);
            Metric::Latency(percent.ok_or_else(|| format!("`{aggregation}` is not read"))?)
        }
        ("http_req_failed", "rate") => Metric::ErrorRate,
        ("http_req_failed", "count") => Metric::Errors,
        ("http_reqs", "rate") => Metric::Throughput,
        ("http_reqs", "count") => Metric::Requests,
        _ => return Err(format!("figures of `{base}` are not read")),
    };
    let (comparison, value) = parse(metric, bound)?;
    Ok((metric, comparison, value))
}

/// What a name of Artillery's report means, and the endpoint it is about.
pub fn artillery(name: &str) -> Option<(Metric, String)> {
    let aggregation = |word: &str| match word {
        "min" => Some(Metric::LatencyMin),
        "max" => Some(Metric::LatencyMax),
        "mean" => Some(Metric::LatencyMean),
        "median" => Some(Metric::Latency(Percent::P50)),
        "p999" => Percent::new(99.9).map(Metric::Latency),
        _ => word.strip_prefix('p')?.parse().ok().and_then(Percent::new).map(Metric::Latency),
    };
    match name {
        "http.request_rate" => return Some((Metric::Throughput, String::new())),
        "http.requests" => return Some((Metric::Requests, String::new())),
        _ => {}
    }
    if let Some(word) = name.strip_prefix("http.response_time.") {
        return aggregation(word).map(|metric| (metric, String::new()));
    }
    let rest = name.strip_prefix("plugins.metrics-by-endpoint.response_time.")?;
    let (endpoint, word) = rest.rsplit_once('.')?;
    aggregation(word).map(|metric| (metric, endpoint.to_owned()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

    use super::*;

    #[test]
    fn units_are_those_of_the_metric() {
        let p95 = Metric::Latency(Percent::P95);
        assert_eq!(parse(p95, "<200ms"), Ok((Comparison::Below, 200.0)));
        assert_eq!(parse(p95, "<= 0.2 s"), Ok((Comparison::AtMost, 200.0)));
        assert_eq!(parse(Metric::ErrorRate, "< 1 %"), Ok((Comparison::Below, 0.01)));
        assert_eq!(parse(Metric::ErrorRate, "<0.01"), Ok((Comparison::Below, 0.01)));
        assert_eq!(parse(Metric::Throughput, ">=50/s"), Ok((Comparison::AtLeast, 50.0)));
        assert_eq!(parse(Metric::MemoryPeak, "< 512 MiB"), Ok((Comparison::Below, 536_870_912.0)));
        assert_eq!(parse(Metric::MemoryGrowth, "<1MB/h"), Ok((Comparison::Below, 1e6)));
        assert_eq!(parse(p95, "<1 %").unwrap_err(), "`%` is no unit of latency.p95");
        assert_eq!(parse(p95, "200ms").unwrap_err(), "`200ms` does not begin with <, <=, > or >=");
        assert_eq!(parse(p95, "<fast").unwrap_err(), "`fast` is no number");
        assert!(parse(p95, "<-5").is_err() && parse(p95, "<1e999").is_err());
    }

    #[test]
    fn thresholds_of_k6() {
        assert_eq!(
            k6("http_req_duration", "p(99.9) < 400"),
            Ok((Metric::Latency(Percent(99_900)), Comparison::Below, 400.0))
        );
        assert_eq!(k6("http_req_failed", "rate<0.01"), Ok((Metric::ErrorRate, Comparison::Below, 0.01)));
        assert_eq!(k6("http_reqs", "count>100"), Ok((Metric::Requests, Comparison::Above, 100.0)));
        assert_eq!(k6("checks", "rate>0.9").unwrap_err(), "figures of `checks` are not read");
        assert!(k6("http_reqs", "count===100").is_err());
        assert!(k6("http_req_duration", "p95").is_err());
    }

    #[test]
    fn names_of_artillery() {
        assert_eq!(artillery("http.response_time.p999"), Some((Metric::Latency(Percent(99_900)), String::new())));
        let endpoint = artillery("plugins.metrics-by-endpoint.response_time./api/v1.1/posts.p95");
        assert_eq!(endpoint, Some((Metric::Latency(Percent::P95), "/api/v1.1/posts".to_owned())));
        assert_eq!(artillery("vusers.failed"), None);
    }
}
