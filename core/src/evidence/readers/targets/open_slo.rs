//! OpenSLO and Sloth, as far as a query says what it counts: a bound in its text (`le="0.2"`) makes a latency target,
//! status codes make an error rate. Anything else is listed as not checkable.

use super::Found;
use crate::evidence::config::{Node, yaml};
use crate::evidence::input::{Input, Notes, Refused};
use crate::evidence::model::Artefact;
use crate::evidence::model::targets::{Comparison, Metric, Percent, Scope, SourceKind, Target};
use crate::evidence::recognize::Head;
use crate::evidence::routes;

/// A document of OpenSLO.
pub fn is_open_slo(head: &Head) -> bool {
    head.lines().any(|line| line.trim_start().trim_start_matches("- ").starts_with("apiVersion: openslo"))
}

/// A document of Sloth.
pub fn is_sloth(head: &Head) -> bool {
    let version = |line: &str| {
        line.strip_prefix("version:").is_some_and(|rest| rest.trim().trim_matches(['"', '\'']) == "prometheus/v1")
    };
    head.lines().any(version) || head.lines().any(|line| line.starts_with("apiVersion: sloth.slok.dev"))
}

/// Reads OpenSLO.
pub fn read_open_slo(input: &mut Input, artefact: &mut Artefact, _notes: &mut Notes) -> Result<(), Refused> {
    let text = input.text(4 << 20)?;
    let mut found = Found::new(SourceKind::OpenSlo, &artefact.path);
    for document in yaml::read(&text) {
        if document.get("kind").and_then(Node::text) != Some("SLO") {
            continue;
        }
        let name = document.at("metadata.name").and_then(Node::text).unwrap_or("SLO").to_owned();
        let mut queries = String::new();
        for path in ["spec.indicator", "spec.objectives", "spec.ratioMetrics"] {
            document.at(path).into_iter().for_each(|node| texts(node, 16, &mut queries));
        }
        for objective in document.at("spec.objectives").map(Node::items).unwrap_or_default() {
            let share = objective.get("target").and_then(Node::number).map(|share| share * 100.0);
            let percent = objective.get("targetPercent").and_then(Node::number).or(share);
            let bound = objective.get("value").and_then(Node::number);
            let below = objective.get("op").and_then(Node::text).is_none_or(|op| op.starts_with("lt"));
            judge(&mut found, &name, &queries, percent, bound.filter(|_| below), objective.line);
        }
    }
    found.finish(artefact);
    Ok(())
}

/// Reads Sloth.
pub fn read_sloth(input: &mut Input, artefact: &mut Artefact, _notes: &mut Notes) -> Result<(), Refused> {
    let text = input.text(4 << 20)?;
    let mut found = Found::new(SourceKind::Sloth, &artefact.path);
    for document in yaml::read(&text) {
        for slo in document.get("slos").or_else(|| document.at("spec.slos")).map(Node::items).unwrap_or_default() {
            let name = slo.get("name").and_then(Node::text).unwrap_or("SLO").to_owned();
            let mut queries = String::new();
            slo.get("sli").into_iter().for_each(|node| texts(node, 16, &mut queries));
            let percent = slo.get("objective").and_then(Node::number);
            judge(&mut found, &name, &queries, percent, None, slo.line);
        }
    }
    found.finish(artefact);
    Ok(())
}

/// All texts below a node.
fn texts(node: &Node, depth: usize, out: &mut String) {
    if depth == 0 {
        return;
    }
    if let Some(text) = node.text() {
        out.push_str(text);
        out.push('\n');
    }
    node.items().iter().for_each(|item| texts(item, depth - 1, out));
    node.entries().iter().for_each(|(_, item)| texts(item, depth - 1, out));
}

/// What stands in quotes behind a label: `le="0.2"`, `le='0.2'`.
fn label<'a>(queries: &'a str, name: &str) -> Option<&'a str> {
    queries.match_indices(name).find_map(|(at, _)| {
        let before = queries.get(..at)?.chars().next_back();
        if before.is_some_and(|c| c.is_alphanumeric() || c == '_') {
            return None;
        }
        let rest = queries.get(at + name.len()..)?.trim_start().strip_prefix('=')?.trim_start_matches('~').trim_start();
        let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        rest.get(1..)?.split(quote).next()
    })
}

fn judge(found: &mut Found, name: &str, queries: &str, percent: Option<f64>, bound: Option<f64>, line: u32) {
    let text = percent.map_or_else(|| name.to_owned(), |percent| format!("{name}: {percent} %"));
    let Some(at) = percent.and_then(Percent::new).filter(|at| at.0 > 0) else {
        found.unchecked(line, text, "it has no share of requests between 0 and 100 %".to_owned());
        return;
    };
    let seconds = queries.contains("_seconds");
    let millis = queries.contains("_milliseconds") || queries.contains("_ms_") || queries.contains("_ms{");
    let factor = if millis { Some(1.0) } else { seconds.then_some(1e3) };
    // The bucket's bound, in the unit that the metric's name ends with.
    let bucket = label(queries, "le").and_then(|le| le.parse::<f64>().ok());
    let scope = ["route", "path", "handler", "uri", "endpoint"].iter().find_map(|name| label(queries, name));
    let scope = scope.map_or(Scope::All, |path| {
        let method = label(queries, "method").unwrap_or_default().to_ascii_uppercase();
        Scope::Route { method, path: routes::path(path).to_owned() }
    });
    let codes = ["status", "code", "status_code", "http_status_code"].iter().any(|name| {
        queries.contains(&format!("{name}=~"))
            || queries.contains(&format!("{name}!~"))
            || queries.contains(&format!("{name}=\"5"))
    });
    let (metric, value) = match (bucket.or(bound), factor) {
        (Some(most), Some(factor)) if (most * factor).is_finite() => (Metric::Latency(at), most * factor),
        (Some(_), _) => {
            found.unchecked(line, text, "the unit of its bound is not named in the query".to_owned());
            return;
        }
        (None, _) if codes => (Metric::ErrorRate, 1.0 - at.share()),
        (None, _) => {
            found.unchecked(line, text, "its query names neither a bound nor status codes".to_owned());
            return;
        }
    };
    let comparison = Comparison::AtMost;
    let source = found.source(line);
    found.targets.targets.push(Target { scope, metric, comparison, value, weight: None, text, source });
}
