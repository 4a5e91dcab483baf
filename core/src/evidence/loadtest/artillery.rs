//! The load test as a config of Artillery 2. It holds no code: values come from lists, one is taken for each visitor.

use super::super::endpoints::Encoding;
use super::Measure;
use super::plan::{Part, Plan, Request, clean, quoted, short, written};
use super::values::Gen;
use serde_json::Value;
use std::fmt::Write as _;

/// Writes the config.
pub(super) fn write(plan: &Plan<'_>) -> String {
    let mut variables: Vec<(String, Vec<Value>)> = Vec::new();
    for sample in &plan.samples {
        variables.push((sample.key.clone(), sample.values.clone()));
    }
    let (mut scenarios, mut writing) = (String::new(), String::new());
    for request in &plan.requests {
        let mut text = String::new();
        scenario(request, &mut variables, &mut text);
        if request.writes {
            writing.extend(text.lines().map(|line| format!("  # {}\n", line.strip_prefix("  ").unwrap_or(line))));
        } else {
            scenarios.push_str(&text);
        }
    }
    let mut out = String::new();
    // Writing to a String cannot fail.
    let _ = write!(
        out,
        "# Load test of {project}: {requests} from its routes, written by Drydock.
# artillery run --target {base} artillery.yml
config:
  target: {target}
  phases:
    - duration: {seconds}
      arrivalRate: {users}
  plugins:
    ensure: {{}}
    metrics-by-endpoint:
      useOnlyRequestNames: true
",
        project = clean(plan.wanted.project),
        requests = crate::words::counted(plan.requests.len() as u64, "request", "requests"),
        base = clean(plan.wanted.base_url),
        target = quoted(plan.wanted.base_url),
        seconds = plan.wanted.seconds,
        users = plan.wanted.users,
    );
    ensure(plan, &mut out);
    let _ = write!(
        out,
        "  # >>> AUTHENTICATION: {} of {} requests ask for it. Run with TOKEN=..., or put other headers here.
  variables:
    authorization: \"Bearer {{{{ $processEnvironment.TOKEN }}}}\"
  # <<< AUTHENTICATION
",
        plan.guarded(),
        plan.requests.len(),
    );
    if !variables.is_empty() {
        out.push_str("    # >>> VALUES: put in what exists in your data.\n");
        for (key, values) in &variables {
            let values: Vec<String> = values.iter().map(written).collect();
            let _ = writeln!(out, "    {key}: [{}]", values.join(", "));
        }
        out.push_str("    # <<< VALUES\n");
    }
    out.push_str(if scenarios.is_empty() { "scenarios: []\n" } else { "scenarios:\n" });
    out.push_str(&scenarios);
    if !writing.is_empty() {
        out.push_str("  # These may change data: take the marks away to send them to a copy of the data.\n");
        out.push_str(&writing);
    }
    out
}

fn ensure(plan: &Plan<'_>, out: &mut String) {
    let mut terms = Vec::new();
    let mut rate = None;
    for limit in &plan.limits {
        match *limit {
            Measure::Errors { below } => rate = Some(below),
            other => terms.extend(term(other, "http.response_time")),
        }
    }
    for request in &plan.requests {
        let metric = format!("plugins.metrics-by-endpoint.response_time.{}", request.name);
        terms.extend(request.limits.iter().filter_map(|limit| term(*limit, &metric)));
    }
    out.push_str("  # The targets. A run that misses one ends with exit code 1.\n  ensure:\n");
    // What the server answers with 4xx or 5xx is no failure for Artillery: these count what never got an answer.
    if let Some(rate) = rate {
        let _ = writeln!(out, "    maxErrorRate: {}", short(rate * 100.0));
    }
    if !terms.is_empty() {
        out.push_str("    thresholds:\n");
        for (metric, limit) in terms {
            let _ = writeln!(out, "      - {}: {}", quoted(&metric), short(limit));
        }
    }
}

/// Artillery keeps these percentiles and no others.
fn term(limit: Measure, metric: &str) -> Option<(String, f64)> {
    match limit {
        Measure::Latency { percentile, below_ms } => {
            let kept = ["50", "75", "90", "95", "99", "999"];
            let name = short(percentile).replace("99.9", "999");
            kept.contains(&name.as_str()).then(|| (format!("{metric}.p{name}"), below_ms))
        }
        Measure::MeanLatency { below_ms } => Some((format!("{metric}.mean"), below_ms)),
        Measure::Errors { .. } | Measure::Throughput { .. } => None,
    }
}

fn scenario(request: &Request, variables: &mut Vec<(String, Vec<Value>)>, out: &mut String) {
    for remark in request.remarks() {
        let _ = writeln!(out, "  # {remark}");
    }
    let _ = writeln!(out, "  - name: {}", quoted(&request.name));
    let _ = writeln!(out, "    weight: {}", if request.writes { 1 } else { 3 });
    let _ = writeln!(out, "    flow:\n      - {}:", request.method.to_ascii_lowercase());
    let _ = writeln!(out, "          url: {}", quoted(&path(&request.parts)));
    let _ = writeln!(out, "          name: {}", quoted(&request.name));
    let mut value_of = |name: &str, value: &Gen| filled(&format!("{}_{name}", request.ident), value, variables);
    if !request.query.is_empty() {
        let pairs: Vec<String> =
            request.query.iter().map(|(name, value)| format!("{}: {}", quoted(name), value_of(name, value))).collect();
        let _ = writeln!(out, "          qs: {{ {} }}", pairs.join(", "));
    }
    let mut headers: Vec<String> =
        request.headers.iter().map(|(name, value)| format!("{}: {}", quoted(name), value_of(name, value))).collect();
    if request.auth.is_some() {
        headers.push("\"Authorization\": \"{{ authorization }}\"".to_owned());
    }
    if !headers.is_empty() {
        let _ = writeln!(out, "          headers: {{ {} }}", headers.join(", "));
    }
    if let Some((encoding, value)) = &request.body {
        let key = match encoding {
            Encoding::Json => "json",
            Encoding::Form => "form",
            Encoding::Multipart => "formData",
        };
        let _ = writeln!(out, "          {key}: {}", value_of("body", value));
    }
}

fn path(parts: &[Part]) -> String {
    parts
        .iter()
        .map(|part| match part {
            Part::Text(text) => text.clone(),
            Part::Sample { key, .. } => format!("{{{{ {key} }}}}"),
        })
        .collect()
}

/// A value in YAML's flow style, which JSON is; what changes is a variable.
fn filled(name: &str, value: &Gen, variables: &mut Vec<(String, Vec<Value>)>) -> String {
    match value {
        Gen::Sample(key) => quoted(&format!("{{{{ {key} }}}}")),
        Gen::List(item) => {
            let item = filled(name, item, variables);
            format!("[{item}, {item}]")
        }
        Gen::Map(item) => format!("{{ \"amber\": {} }}", filled(name, item, variables)),
        Gen::Object(fields) => {
            let fields: Vec<String> = fields
                .iter()
                .map(|(field, value)| {
                    format!("{}: {}", quoted(field), filled(&format!("{name}_{field}"), value, variables))
                })
                .collect();
            if fields.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", fields.join(", ")) }
        }
        Gen::File => "\"written by Drydock\"".to_owned(),
        simple => {
            let key: String = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect::<String>();
            if !variables.iter().any(|(known, _)| *known == key) {
                variables.push((key.clone(), simple.fixed()));
            }
            quoted(&format!("{{{{ {key} }}}}"))
        }
    }
}
