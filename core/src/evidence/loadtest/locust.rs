//! The load test as a Locust file.

use super::super::endpoints::Encoding;
use super::Measure;
use super::plan::{Part, Plan, Request, clean, quoted, short, written};
use super::values::{Gen, Spelling};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// Writes the file.
pub(super) fn write(plan: &Plan<'_>) -> String {
    let used = plan.helpers();
    let mut out = String::new();
    // Writing to a String cannot fail.
    let _ = write!(
        out,
        "\"\"\"Load test of {project}: {requests} from its routes, written by Drydock.

locust -f locustfile.py --headless -u {users} -r {users} -t {seconds}s -H {base}
\"\"\"

import os
",
        project = docstring(plan.wanted.project),
        requests = crate::words::counted(plan.requests.len() as u64, "request", "requests"),
        users = plan.wanted.users,
        seconds = plan.wanted.seconds,
        base = docstring(plan.wanted.base_url),
    );
    imports(plan, &used, &mut out);
    let _ = write!(
        out,
        "
# Requests that may change data are left out unless WRITES=1: send them to a copy of the data only.
WRITES = 1 if os.environ.get(\"WRITES\") == \"1\" else 0


# >>> AUTHENTICATION: fill this in. {} of {} requests ask for it. What this returns is sent as headers with them.
def authentication():
    token = os.environ.get(\"TOKEN\")
    return {{\"Authorization\": f\"Bearer {{token}}\"}} if token else {{}}
# <<< AUTHENTICATION


",
        plan.guarded(),
        plan.requests.len(),
    );
    samples(plan, &mut out);
    targets(plan, &mut out);
    user(plan, &mut out);
    for (_, text) in HELPERS.iter().filter(|(name, _)| used.contains(name)) {
        out.push_str("\n\n");
        out.push_str(text);
    }
    out.push_str("\n\n");
    out.push_str(CHECK);
    out
}

fn imports(plan: &Plan<'_>, used: &BTreeSet<&'static str>, out: &mut String) {
    if used.iter().any(|helper| !matches!(*helper, "random_uuid" | "random_email" | "random_url")) {
        out.push_str("import random\n");
    }
    if used.contains("random_word") {
        out.push_str("import string\n");
    }
    if used.contains("random_uuid") {
        out.push_str("import uuid\n");
    }
    if plan.requests.iter().any(|request| request.parts.iter().any(|part| matches!(part, Part::Sample { .. }))) {
        out.push_str("from urllib.parse import quote\n");
    }
    out.push_str("\nfrom locust import HttpUser, between, events, task\n");
}

fn samples(plan: &Plan<'_>, out: &mut String) {
    if plan.samples.is_empty() {
        return;
    }
    out.push_str(
        "# >>> VALUES: put in what exists in your data. A value that does not counts as a failed request.\nVALUES = {\n",
    );
    for sample in &plan.samples {
        let values: Vec<String> = sample.values.iter().map(literal).collect();
        let reads = clean(&sample.read_by.join(", "));
        let _ = writeln!(out, "    {}: [{}],  # {reads}", quoted(&sample.key), values.join(", "));
    }
    out.push_str("}\n# <<< VALUES\n\n");
}

fn literal(value: &Value) -> String {
    match value {
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Null => "None".to_owned(),
        other => written(other),
    }
}

fn targets(plan: &Plan<'_>, out: &mut String) {
    out.push_str("# The targets: method, route (None for all requests), measure, limit. A run that misses one ends with exit code 1.\nTARGETS = [\n");
    for limit in &plan.limits {
        let _ = writeln!(out, "    (None, None, {}),", measure(*limit));
    }
    for request in &plan.requests {
        for limit in &request.limits {
            let (method, route) = (quoted(&request.method), quoted(&request.template));
            let _ = writeln!(out, "    ({method}, {route}, {}),", measure(*limit));
        }
    }
    out.push_str("]\n\n\n");
}

fn measure(limit: Measure) -> String {
    match limit {
        Measure::Latency { percentile, below_ms } => format!("{}, {}", short(percentile), short(below_ms)),
        Measure::MeanLatency { below_ms } => format!("\"mean\", {}", short(below_ms)),
        Measure::Errors { below } => format!("\"errors\", {}", short(below)),
        Measure::Throughput { at_least } => format!("\"rps\", {}", short(at_least)),
    }
}

fn user(plan: &Plan<'_>, out: &mut String) {
    out.push_str("# A weight of 3 is sent three times as often as a weight of 1.\nclass Visitor(HttpUser):\n    wait_time = between(0.05, 0.15)\n");
    if plan.requests.is_empty() {
        out.push_str("    abstract = True\n");
    } else if plan.requests.iter().all(|request| request.writes) {
        out.push_str("\n    if not WRITES:\n        raise SystemExit(\"All requests may change data: run with WRITES=1, against a copy of the data\")\n");
    }
    for request in &plan.requests {
        out.push('\n');
        for remark in request.remarks() {
            let _ = writeln!(out, "    # {remark}");
        }
        let weight = if request.writes { "WRITES" } else { "3" };
        let _ = writeln!(out, "    @task({weight})\n    def {}(self):", request.ident);
        let _ = writeln!(out, "        self.client.request(");
        let _ = writeln!(out, "            {},", quoted(&request.method));
        let _ = writeln!(out, "            {},", path(&request.parts));
        let _ = writeln!(out, "            name={},", quoted(&request.template));
        extras(request, out);
        out.push_str("        )\n");
    }
}

fn path(parts: &[Part]) -> String {
    let parts: Vec<String> = parts
        .iter()
        .map(|part| match part {
            Part::Text(text) => quoted(text),
            Part::Sample { key, slashes: true } => format!("quote(str(sample({})))", quoted(key)),
            Part::Sample { key, slashes: false } => format!("quote(str(sample({})), safe=\"\")", quoted(key)),
        })
        .collect();
    parts.join(" + ")
}

fn extras(request: &Request, out: &mut String) {
    if !request.query.is_empty() {
        let _ = writeln!(out, "            params={},", object(&request.query));
    }
    match (request.auth.is_some(), request.headers.is_empty()) {
        (true, true) => out.push_str("            headers=authentication(),\n"),
        (true, false) => {
            let _ = writeln!(out, "            headers={} | authentication(),", object(&request.headers));
        }
        (false, false) => {
            let _ = writeln!(out, "            headers={},", object(&request.headers));
        }
        (false, true) => {}
    }
    match &request.body {
        Some((Encoding::Json, value)) => {
            let _ = writeln!(out, "            json={},", expression(value));
        }
        Some((Encoding::Form, value)) => {
            let _ = writeln!(out, "            data={},", expression(value));
        }
        Some((Encoding::Multipart, Gen::Object(fields))) => {
            let (files, data): (Vec<_>, Vec<_>) = fields.iter().cloned().partition(|(_, value)| *value == Gen::File);
            if !data.is_empty() {
                let _ = writeln!(out, "            data={},", object(&data));
            }
            let _ = writeln!(out, "            files={},", object(&files));
        }
        Some((Encoding::Multipart, _)) => {
            let _ = writeln!(out, "            files={{\"file\": {}}},", expression(&Gen::File));
        }
        None => {}
    }
}

fn expression(value: &Gen) -> String {
    value.spell(&Python)
}

fn object(pairs: &[(String, Gen)]) -> String {
    Gen::spell_object(pairs, &Python)
}

/// How a Locust file spells values.
struct Python;

impl Spelling for Python {
    const FILE: &str = "(\"drydock.txt\", b\"written by Drydock\")";

    fn helper(&self, name: &str) -> String {
        name.to_owned()
    }

    fn map(&self, key: &str, item: &str) -> String {
        format!("{{{key}: {item}}}")
    }

    fn object(&self, fields: &[String]) -> String {
        format!("{{{}}}", fields.join(", "))
    }
}

/// A text inside of a triple-quoted string.
fn docstring(text: &str) -> String {
    clean(text).replace('\\', "/").replace('"', "'")
}

const HELPERS: &[(&str, &str)] = &[
    ("sample", "def sample(key):\n    return random.choice(VALUES[key])\n"),
    ("choice", "def choice(values):\n    return random.choice(values)\n"),
    ("random_integer", "def random_integer(least, most):\n    return random.randint(least, most)\n"),
    ("random_number", "def random_number():\n    return round(random.random() * 100, 2)\n"),
    ("random_boolean", "def random_boolean():\n    return random.random() < 0.5\n"),
    (
        "random_word",
        "def random_word(least, most):\n    length = random.randint(least, most)\n    return \"\".join(random.choices(string.ascii_lowercase, k=length))\n",
    ),
    ("random_uuid", "def random_uuid():\n    return str(uuid.uuid4())\n"),
    ("random_date", "def random_date():\n    return f\"2026-01-{random.randint(1, 28):02d}\"\n"),
    ("random_datetime", "def random_datetime():\n    return f\"2026-01-{random.randint(1, 28):02d}T12:00:00Z\"\n"),
    ("random_time", "def random_time():\n    return f\"{random.randint(0, 23):02d}:30:00\"\n"),
    ("random_email", "def random_email():\n    return random_word(8, 12) + \"@example.com\"\n"),
    ("random_url", "def random_url():\n    return \"https://example.com/\" + random_word(5, 10)\n"),
];

const CHECK: &str = r#"@events.quitting.add_listener
def hold_against_targets(environment, **_):
    for method, route, measure, limit in TARGETS:
        stats = environment.stats
        entry = stats.total if route is None else stats.entries.get((route, method))
        where = "all requests" if route is None else f"{method} {route}"
        if entry is None or not entry.num_requests:
            print(f"NO DATA {where}")
            continue
        if measure == "errors":
            value, met = entry.fail_ratio, entry.fail_ratio < limit
        elif measure == "rps":
            value, met = entry.total_rps, entry.total_rps >= limit
        elif measure == "mean":
            value, met = entry.avg_response_time, entry.avg_response_time < limit
        else:
            value = entry.get_response_time_percentile(measure / 100)
            met = value < limit
        name = measure if isinstance(measure, str) else f"p{measure} ms"
        print(f"{'PASS' if met else 'FAIL'} {where} {name}: {value:.4g}, target {limit}")
        if not met:
            environment.process_exit_code = 1
"#;
