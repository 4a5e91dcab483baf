//! `ensure` in a script of Artillery, YAML or JSON.

use super::{Found, bound};
use crate::evidence::config::{Node, literal, yaml};
use crate::evidence::input::{Input, Notes, Refused};
use crate::evidence::model::Artefact;
use crate::evidence::model::load::USERS;
use crate::evidence::model::targets::{Comparison, Metric, Scope, SourceKind, Target};
use crate::evidence::recognize::Head;
use crate::evidence::routes;

/// A script: `config` with a target or phases.
pub fn is_script(head: &Head) -> bool {
    if !head.array && head.key("config") {
        return head.key("scenarios") || head.text.contains("\"phases\"");
    }
    let mut lines = head.lines();
    let has = |name: &str| head.lines().any(|line| line.trim_start().starts_with(name));
    lines.any(|line| line.trim_end() == "config:") && (has("phases:") || has("scenarios:")) && !has("apiVersion:")
}

/// Reads it.
pub fn read(input: &mut Input, artefact: &mut Artefact, _notes: &mut Notes) -> Result<(), Refused> {
    let json = input.head.text.trim_start().starts_with('{');
    let text = input.text(4 << 20)?;
    let document = if json { Some(literal::read(&text, 0)) } else { yaml::read(&text).into_iter().next() };
    let mut found = Found::new(SourceKind::Artillery, &artefact.path);
    let nested =
        |path: &str| document.as_ref().and_then(|document| document.at(path)).filter(|node| !node.entries().is_empty());
    let Some(ensure) = nested("config.ensure").or_else(|| nested("config.plugins.ensure")) else {
        return Err(Refused("An Artillery script without `ensure`: nothing to check is written in it".to_owned()));
    };
    for item in ensure.get("thresholds").map(Node::items).unwrap_or_default() {
        for (name, limit) in item.entries() {
            add(&mut found, name, Comparison::Below, limit.text().unwrap_or_default(), limit.line);
        }
    }
    for item in ensure.get("conditions").map(Node::items).unwrap_or_default() {
        let Some(expression) = item.get("expression") else { continue };
        condition(&mut found, expression);
    }
    for (name, limit) in ensure.entries() {
        let asked = limit.text().unwrap_or_default();
        match name.as_str() {
            "min" | "max" | "median" | "p95" | "p99" => {
                add(&mut found, &format!("http.response_time.{name}"), Comparison::Below, asked, limit.line);
            }
            // A share of users that did not come to the end, in percent.
            "maxErrorRate" => match asked.trim().parse::<f64>() {
                Ok(percent) if percent.is_finite() && percent >= 0.0 => {
                    let target = Target {
                        scope: Scope::Route { method: String::new(), path: USERS.to_owned() },
                        metric: Metric::ErrorRate,
                        comparison: Comparison::AtMost,
                        value: percent / 100.0,
                        weight: None,
                        text: format!("maxErrorRate: {asked}"),
                        source: found.source(limit.line),
                    };
                    found.targets.targets.push(target);
                }
                _ => found.unchecked(limit.line, format!("maxErrorRate: {asked}"), "it is no number".to_owned()),
            },
            _ => {}
        }
    }
    found.finish(artefact);
    Ok(())
}

/// A condition: comparisons joined by `and`.
fn condition(found: &mut Found, expression: &Node) {
    let text = expression.text().unwrap_or_default();
    let parts: Vec<&str> = text.split(" and ").collect();
    for part in parts {
        let part = part.trim().trim_start_matches('(').trim_end_matches(')');
        let split = part.find(['<', '>', '=', '!']).map(|at| part.split_at(at));
        let compared = split.and_then(|(name, rest)| Some((name.trim(), Comparison::split(rest)?)));
        match compared {
            Some((name, (comparison, value))) if !text.contains(" or ") => {
                add(found, name, comparison, value, expression.line);
            }
            _ => found.unchecked(
                expression.line,
                text.to_owned(),
                "only comparisons joined by `and` are read".to_owned(),
            ),
        }
    }
}

fn add(found: &mut Found, name: &str, comparison: Comparison, asked: &str, line: u32) {
    let text = format!("{name} {} {asked}", comparison.sign());
    let Some((metric, endpoint)) = bound::artillery(name.trim_matches(['"', '\''])) else {
        found.unchecked(line, text, format!("figures of `{name}` are not read"));
        return;
    };
    match bound::value(metric, asked) {
        Ok(value) => {
            let (method, path) = routes::split(&endpoint);
            let route = || Scope::Route { method: method.to_owned(), path: path.to_owned() };
            let scope = if endpoint.is_empty() { Scope::All } else { route() };
            let source = found.source(line);
            found.targets.targets.push(Target { scope, metric, comparison, value, weight: None, text, source });
        }
        Err(reason) => found.unchecked(line, text, reason),
    }
}
