//! The load test as a k6 script.

use super::super::endpoints::Encoding;
use super::ALWAYS;
use super::Measure;
use super::plan::{Part, Plan, Request, clean, quoted, short, written};
use super::values::{Gen, Spelling};
use std::fmt::Write as _;

/// Writes the script.
pub(super) fn write(plan: &Plan<'_>) -> String {
    let mut out = String::new();
    // Writing to a String cannot fail.
    let _ = write!(
        out,
        "// Load test of {project}: {requests} from its routes, written by Drydock.
// k6 run -e BASE_URL={base} -e VUS={users} -e DURATION={seconds}s loadtest.js
import http from 'k6/http';
import {{ check, sleep }} from 'k6';

const BASE_URL = (__ENV.BASE_URL || {base_quoted}).replace(/\\/+$/, '');
// Requests that may change data are left out unless WRITES=1: send them to a copy of the data only.
const WRITES = __ENV.WRITES === '1';

",
        project = clean(plan.wanted.project),
        requests = crate::words::counted(plan.requests.len() as u64, "request", "requests"),
        base = clean(plan.wanted.base_url),
        users = plan.wanted.users,
        seconds = plan.wanted.seconds,
        base_quoted = quoted(plan.wanted.base_url),
    );
    authentication(plan, &mut out);
    samples(plan, &mut out);
    options(plan, &mut out);
    requests(plan, &mut out);
    out.push_str(REST);
    helpers(plan, &mut out);
    out
}

fn authentication(plan: &Plan<'_>, out: &mut String) {
    let _ = write!(
        out,
        "// >>> AUTHENTICATION: fill this in. {} of {} requests ask for it. What this returns is sent as headers with them.
function authentication() {{
  const token = __ENV.TOKEN;
  return token ? {{ Authorization: `Bearer ${{token}}` }} : {{}};
}}
// <<< AUTHENTICATION

",
        plan.guarded(),
        plan.requests.len(),
    );
}

fn samples(plan: &Plan<'_>, out: &mut String) {
    if plan.samples.is_empty() {
        return;
    }
    out.push_str("// >>> VALUES: put in what exists in your data. A value that does not counts as a failed request.\nconst VALUES = {\n");
    for sample in &plan.samples {
        let values: Vec<String> = sample.values.iter().map(written).collect();
        let _ = writeln!(out, "  {}: [{}], // {}", sample.key, values.join(", "), clean(&sample.read_by.join(", ")));
    }
    out.push_str("};\n// <<< VALUES\n\n");
}

fn options(plan: &Plan<'_>, out: &mut String) {
    let _ = write!(
        out,
        "export const options = {{
  vus: Number(__ENV.VUS || {}),
  duration: __ENV.DURATION || '{}s',
  summaryTrendStats: ['avg', 'min', 'med', 'max', 'p(90)', 'p(95)', 'p(99)', 'count'],
  // The targets. A run that misses one ends with exit code 99.
  thresholds: {{
",
        plan.wanted.users, plan.wanted.seconds
    );
    threshold(&plan.limits, None, out);
    for request in &plan.requests {
        threshold(&request.limits, Some(&request.name), out);
    }
    // k6 keeps figures of a route only where a threshold asks for them.
    let timed = |request: &&Request| request.limits.iter().any(|limit| metric_and_term(*limit).0 == DURATION);
    if plan.requests.iter().any(|request| !timed(&request)) {
        out.push_str("    // Always met: they make k6 report each route.\n");
    }
    for request in plan.requests.iter().filter(|request| !timed(request)) {
        let _ = writeln!(out, "    {}: [\"{ALWAYS}\"],", quoted(&format!("{DURATION}{{name:{}}}", request.name)));
    }
    out.push_str("  },\n};\n\n");
}

const DURATION: &str = "http_req_duration";

/// Lines of the table of thresholds; k6 wants one line a metric.
fn threshold(limits: &[Measure], name: Option<&str>, out: &mut String) {
    for metric in [DURATION, "http_req_failed", "http_reqs"] {
        let terms: Vec<String> = limits
            .iter()
            .map(|limit| metric_and_term(*limit))
            .filter(|(of, _)| *of == metric)
            .map(|(_, term)| quoted(&term))
            .collect();
        if !terms.is_empty() {
            let selector = name.map(|name| format!("{{name:{name}}}")).unwrap_or_default();
            let _ = writeln!(out, "    {}: [{}],", quoted(&format!("{metric}{selector}")), terms.join(", "));
        }
    }
}

fn metric_and_term(limit: Measure) -> (&'static str, String) {
    match limit {
        Measure::Latency { percentile, below_ms } if percentile >= 100.0 => {
            (DURATION, format!("max<{}", short(below_ms)))
        }
        Measure::Latency { percentile, below_ms } => {
            (DURATION, format!("p({})<{}", short(percentile), short(below_ms)))
        }
        Measure::MeanLatency { below_ms } => (DURATION, format!("avg<{}", short(below_ms))),
        Measure::Errors { below } => ("http_req_failed", format!("rate<{}", short(below))),
        Measure::Throughput { at_least } => ("http_reqs", format!("rate>={}", short(at_least))),
    }
}

fn requests(plan: &Plan<'_>, out: &mut String) {
    out.push_str("// Each iteration sends one of these; a weight of 3 is sent three times as often as a weight of 1.\nconst REQUESTS = [\n");
    for request in &plan.requests {
        for remark in request.remarks() {
            let _ = writeln!(out, "  // {remark}");
        }
        let weight = if request.writes { 1 } else { 3 };
        let _ = writeln!(
            out,
            "  {{ weight: {weight}, writes: {}, send: () => request({}, {}, {}{}) }},",
            request.writes,
            quoted(&request.method),
            quoted(&request.name),
            path(&request.parts),
            extras(request),
        );
    }
    out.push_str("].filter((one) => WRITES || !one.writes);\n\n");
}

fn path(parts: &[Part]) -> String {
    let parts: Vec<String> = parts
        .iter()
        .map(|part| match part {
            Part::Text(text) => quoted(text),
            Part::Sample { key, slashes: true } => format!("sample({})", quoted(key)),
            Part::Sample { key, slashes: false } => format!("encodeURIComponent(sample({}))", quoted(key)),
        })
        .collect();
    parts.join(" + ")
}

fn extras(request: &Request) -> String {
    let mut extras = Vec::new();
    if request.auth.is_some() {
        extras.push("auth: true".to_owned());
    }
    for (what, pairs) in [("query", &request.query), ("headers", &request.headers)] {
        if !pairs.is_empty() {
            extras.push(format!("{what}: {}", object(pairs)));
        }
    }
    match &request.body {
        Some((Encoding::Json, value)) => extras.push(format!("json: {}", expression(value))),
        // k6 sends an object as a form, and with a file in it as multipart.
        Some((_, value)) => extras.push(format!("form: {}", expression(value))),
        None => {}
    }
    if extras.is_empty() { String::new() } else { format!(", {{ {} }}", extras.join(", ")) }
}

fn expression(value: &Gen) -> String {
    value.spell(&JavaScript)
}

fn object(pairs: &[(String, Gen)]) -> String {
    Gen::spell_object(pairs, &JavaScript)
}

/// How a k6 script spells values.
struct JavaScript;

impl Spelling for JavaScript {
    const FILE: &str = "http.file('written by Drydock', 'drydock.txt')";

    fn helper(&self, name: &str) -> String {
        camel(name)
    }

    fn map(&self, key: &str, item: &str) -> String {
        format!("{{ [{key}]: {item} }}")
    }

    fn object(&self, fields: &[String]) -> String {
        if fields.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", fields.join(", ")) }
    }
}

/// `random_word` -> `randomWord`
fn camel(name: &str) -> String {
    let mut out = String::new();
    for (i, word) in name.split('_').enumerate() {
        let mut chars = word.chars();
        match chars.next() {
            Some(first) if i > 0 => {
                out.push(first.to_ascii_uppercase());
                out.push_str(chars.as_str());
            }
            _ => out.push_str(word),
        }
    }
    out
}

const REST: &str = r"export default function () {
  if (REQUESTS.length === 0) {
    throw new Error('All requests may change data: run with -e WRITES=1, against a copy of the data');
  }
  const total = REQUESTS.reduce((sum, one) => sum + one.weight, 0);
  let at = Math.random() * total;
  const next = REQUESTS.find((one) => (at -= one.weight) < 0) || REQUESTS[0];
  const response = next.send();
  check(response, { 'status is below 400': (r) => r.status > 0 && r.status < 400 });
  sleep(Number(__ENV.THINK || 0.1));
}

function request(method, name, path, { auth = false, query = {}, headers = {}, json, form } = {}) {
  const pairs = Object.entries(query).map(([key, value]) => `${encodeURIComponent(key)}=${encodeURIComponent(value)}`);
  const url = BASE_URL + path + (pairs.length > 0 ? `?${pairs.join('&')}` : '');
  const all = Object.assign({}, headers, auth ? authentication() : {});
  let body = null;
  if (json !== undefined) {
    body = JSON.stringify(json);
    all['Content-Type'] = 'application/json';
  } else if (form !== undefined) {
    body = form;
  }
  return http.request(method, url, body, { headers: all, tags: { name } });
}
";

const HELPERS: &[(&str, &str)] = &[
    (
        "sample",
        "function sample(key) {\n  const values = VALUES[key];\n  return values[Math.floor(Math.random() * values.length)];\n}\n",
    ),
    ("choice", "function choice(values) {\n  return values[Math.floor(Math.random() * values.length)];\n}\n"),
    (
        "random_integer",
        "function randomInteger(min, max) {\n  return Math.floor(Math.random() * (max - min + 1)) + min;\n}\n",
    ),
    ("random_number", "function randomNumber() {\n  return Math.round(Math.random() * 10000) / 100;\n}\n"),
    ("random_boolean", "function randomBoolean() {\n  return Math.random() < 0.5;\n}\n"),
    (
        "random_word",
        "function randomWord(min, max) {\n  const length = Math.floor(Math.random() * (max - min + 1)) + min;\n  let word = '';\n  while (word.length < length) word += String.fromCharCode(97 + Math.floor(Math.random() * 26));\n  return word;\n}\n",
    ),
    (
        "random_uuid",
        "function randomUuid() {\n  return 'xxxxxxxx-xxxx-4xxx-8xxx-xxxxxxxxxxxx'.replace(/x/g, () => Math.floor(Math.random() * 16).toString(16));\n}\n",
    ),
    (
        "random_date",
        "function randomDate() {\n  const day = Math.floor(Math.random() * 28) + 1;\n  return `2026-01-${String(day).padStart(2, '0')}`;\n}\n",
    ),
    (
        "random_datetime",
        "function randomDatetime() {\n  const day = Math.floor(Math.random() * 28) + 1;\n  return `2026-01-${String(day).padStart(2, '0')}T12:00:00Z`;\n}\n",
    ),
    (
        "random_time",
        "function randomTime() {\n  return `${String(Math.floor(Math.random() * 24)).padStart(2, '0')}:30:00`;\n}\n",
    ),
    ("random_email", "function randomEmail() {\n  return `${randomWord(8, 12)}@example.com`;\n}\n"),
    ("random_url", "function randomUrl() {\n  return `https://example.com/${randomWord(5, 10)}`;\n}\n"),
];

fn helpers(plan: &Plan<'_>, out: &mut String) {
    let used = plan.helpers();
    for (name, text) in HELPERS.iter().filter(|(name, _)| used.contains(name)) {
        let _ = name;
        out.push('\n');
        out.push_str(text);
    }
}
