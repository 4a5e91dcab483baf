//! Assertions of Lighthouse CI (`lighthouserc` as JSON, YAML or a script) and Lighthouse budgets.

use super::Found;
use crate::evidence::config::{Node, literal, yaml};
use crate::evidence::input::{Input, Notes, Refused};
use crate::evidence::model::Artefact;
use crate::evidence::model::targets::{Comparison, Metric, Scope, SourceKind, Target, WebMetric};
use crate::evidence::recognize::Head;

/// A configuration of Lighthouse CI.
pub fn is_ci(head: &Head) -> bool {
    let words = ["assertions", "assertMatrix", "\"assert\"", "assert:"];
    let ci = (!head.array && head.key("ci"))
        || head.lines().any(|line| line.trim_end() == "ci:")
        || (head.text.contains("module.exports") && head.text.contains("ci:"));
    ci && words.iter().any(|word| head.text.contains(word))
}

/// A budget.
pub fn is_budget(head: &Head) -> bool {
    head.array && ["timings", "resourceSizes", "resourceCounts"].iter().any(|key| head.key(key))
}

/// Audits that are figures we read.
fn metric(id: &str) -> Option<WebMetric> {
    Some(match id {
        "largest-contentful-paint" => WebMetric::Lcp,
        "first-contentful-paint" => WebMetric::Fcp,
        "cumulative-layout-shift" => WebMetric::Cls,
        "total-blocking-time" => WebMetric::Tbt,
        "speed-index" => WebMetric::SpeedIndex,
        "server-response-time" => WebMetric::Ttfb,
        "interaction-to-next-paint" | "experimental-interaction-to-next-paint" => WebMetric::Inp,
        "total-byte-weight" | "resource-summary:total:size" => WebMetric::Bytes,
        "categories:performance" => WebMetric::Score,
        _ => return None,
    })
}

/// Reads a configuration of Lighthouse CI.
pub fn read_ci(input: &mut Input, artefact: &mut Artefact, _notes: &mut Notes) -> Result<(), Refused> {
    let start = input.head.text.trim_start().to_owned();
    let text = input.text(4 << 20)?;
    let document = if start.starts_with('{') {
        literal::read(&text, 0)
    } else if start.contains("module.exports") {
        let at = literal::find(&text, "exports").unwrap_or(text.len());
        literal::read(&text, at)
    } else {
        match yaml::read(&text).into_iter().next() {
            Some(document) => document,
            None => return Err(Refused("A Lighthouse CI file without content".to_owned())),
        }
    };
    let mut found = Found::new(SourceKind::LighthouseCi, &artefact.path);
    let Some(assert) = document.at("ci.assert") else {
        return Err(Refused("A Lighthouse CI file without `assert`: nothing to check is written in it".to_owned()));
    };
    if let Some(assertions) = assert.get("assertions") {
        each(assertions, &Scope::All, &mut found);
    }
    for entry in assert.get("assertMatrix").map(Node::items).unwrap_or_default() {
        let pattern = entry.get("matchingUrlPattern").and_then(Node::text).unwrap_or(".*");
        let Some(assertions) = entry.get("assertions") else { continue };
        match pattern.trim_start_matches(".*").trim_end_matches(['$', '*', '.']) {
            "" => each(assertions, &Scope::All, &mut found),
            path if path.chars().all(|c| c.is_alphanumeric() || "/-_.:".contains(c)) => {
                each(assertions, &Scope::Page { path: path.to_owned() }, &mut found);
            }
            _ => found.unchecked(entry.line, pattern.to_owned(), "the pattern of pages is not read".to_owned()),
        }
    }
    found.finish(artefact);
    Ok(())
}

fn each(assertions: &Node, scope: &Scope, found: &mut Found) {
    for (id, node) in assertions.entries() {
        let single = std::slice::from_ref(node);
        let parts = if node.items().is_empty() { single } else { node.items() };
        if parts.first().and_then(Node::text) == Some("off") {
            continue;
        }
        let limits = parts.iter().find(|part| !part.entries().is_empty());
        let number = |key: &str| {
            limits
                .and_then(|limits| limits.get(key))
                .and_then(|node| Some((node.number()?, node.line)))
                .filter(|(value, _)| value.abs() < 1e300)
        };
        let figure = metric(id);
        let (asked, text) = match (figure, number("maxNumericValue"), number("minScore")) {
            (Some(WebMetric::Score), _, Some((score, line))) => {
                (Some((Comparison::AtLeast, score * 100.0, line)), format!("{id} minScore {score}"))
            }
            (Some(_), Some((most, line)), _) => {
                (Some((Comparison::AtMost, most, line)), format!("{id} maxNumericValue {most}"))
            }
            (_, _, Some((score, _))) => (None, format!("{id} minScore {score}")),
            _ => (None, id.clone()),
        };
        match (figure, asked) {
            (Some(figure), Some((comparison, value, line))) => {
                let (metric, source) = (Metric::Web(figure), found.source(line));
                let target = Target { scope: scope.clone(), metric, comparison, value, weight: None, text, source };
                found.targets.targets.push(target);
            }
            _ => found.unchecked(node.line, text, "scores of single audits are not read".to_owned()),
        }
    }
}

/// Reads a budget.
pub fn read_budget(input: &mut Input, artefact: &mut Artefact, _notes: &mut Notes) -> Result<(), Refused> {
    let text = input.text(4 << 20)?;
    let document = literal::read(&text, 0);
    let mut found = Found::new(SourceKind::LighthouseBudget, &artefact.path);
    for entry in document.items() {
        let scope = match entry.get("path").and_then(Node::text) {
            None | Some("/*" | "*") => Scope::All,
            Some(path) => Scope::Page { path: path.trim_end_matches('$').to_owned() },
        };
        for timing in entry.get("timings").map(Node::items).unwrap_or_default() {
            let (id, limit) = (timing.get("metric").and_then(Node::text), timing.get("budget").and_then(Node::number));
            limits(&mut found, &scope, id.unwrap_or_default(), metric(id.unwrap_or_default()), limit, 1.0, timing.line);
        }
        for size in entry.get("resourceSizes").map(Node::items).unwrap_or_default() {
            let kind = size.get("resourceType").and_then(Node::text).unwrap_or_default();
            let figure = (kind == "total").then_some(WebMetric::Bytes);
            let limit = size.get("budget").and_then(Node::number);
            // Sizes are KiB.
            limits(&mut found, &scope, &format!("size of {kind}"), figure, limit, 1024.0, size.line);
        }
        for count in entry.get("resourceCounts").map(Node::items).unwrap_or_default() {
            let kind = count.get("resourceType").and_then(Node::text).unwrap_or_default();
            let limit = count.get("budget").and_then(Node::number);
            limits(&mut found, &scope, &format!("count of {kind}"), None, limit, 1.0, count.line);
        }
    }
    found.finish(artefact);
    Ok(())
}

fn limits(
    found: &mut Found,
    scope: &Scope,
    name: &str,
    figure: Option<WebMetric>,
    limit: Option<f64>,
    factor: f64,
    line: u32,
) {
    let text = limit.map_or_else(|| name.to_owned(), |limit| format!("{name} {limit}"));
    match (figure, limit) {
        (Some(figure), Some(limit)) if limit >= 0.0 && (limit * factor).is_finite() => {
            let target = Target {
                scope: scope.clone(),
                metric: Metric::Web(figure),
                comparison: Comparison::AtMost,
                value: limit * factor,
                weight: None,
                text,
                source: found.source(line),
            };
            found.targets.targets.push(target);
        }
        (None, Some(_)) => found.unchecked(line, text, "this figure is not read".to_owned()),
        _ => found.unchecked(line, text, "the budget is no number".to_owned()),
    }
}
