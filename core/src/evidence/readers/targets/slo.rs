//! `slo.toml`, our own file of targets: `[[slo]]` says what is asked, `[[run]]` which files belong to which run. A `weight`
//! says how much it counts when a target is missed: the report begins with the endpoint that misses most.

use super::{Found, bound, scope};
use crate::evidence::input::{Input, Notes, Refused};
use crate::evidence::model::targets::{Metric, RunFiles, SourceKind, Target};
use crate::evidence::model::{Artefact, Run};
use crate::evidence::recognize::Head;
use serde::Deserialize;
use toml::{Spanned, Value};

/// A TOML file with one of our tables.
pub fn is_slo(head: &Head) -> bool {
    head.lines().map(str::trim).any(|line| matches!(line, "[[slo]]" | "[[run]]"))
}

#[derive(Deserialize)]
struct Document {
    #[serde(default)]
    slo: Vec<Spanned<Value>>,
    #[serde(default)]
    run: Vec<Spanned<Value>>,
}

/// Reads it.
pub fn read(input: &mut Input, artefact: &mut Artefact, notes: &mut Notes) -> Result<(), Refused> {
    let text = input.text(1 << 20)?;
    let document: Document = toml::from_str(&text).map_err(|error| {
        let line = error.span().map_or(0, |span| super::line(&text, span.start));
        Refused(format!("Not valid TOML (line {line}): {}", error.message()))
    })?;
    let mut found = Found::new(SourceKind::Slo, &artefact.path);
    for entry in &document.slo {
        let line = super::line(&text, entry.span().start);
        let word = |key: &str| match entry.get_ref().get(key) {
            Some(Value::String(text)) => Some(text.clone()),
            Some(Value::Integer(number)) => Some(number.to_string()),
            Some(Value::Float(number)) => Some(number.to_string()),
            _ => None,
        };
        let (Some(name), Some(asked)) = (word("metric"), word("target")) else {
            found.unchecked(line, "[[slo]]".to_owned(), "`metric` or `target` is missing".to_owned());
            continue;
        };
        let written = format!("{name} {asked}");
        let Some(metric) = Metric::parse(&name) else {
            found.unchecked(line, written, format!("`{name}` is no metric that is known"));
            continue;
        };
        match bound::parse(metric, &asked) {
            Ok((comparison, value)) => {
                let target = Target {
                    scope: scope(metric, word("scope").as_deref().unwrap_or_default()),
                    metric,
                    comparison,
                    value,
                    weight: weight(word("weight"), line, notes),
                    text: asked,
                    source: found.source(line),
                };
                found.targets.targets.push(target);
            }
            Err(reason) => found.unchecked(line, written, reason),
        }
    }
    for entry in &document.run {
        let line = super::line(&text, entry.span().start);
        let run = match entry.get_ref().get("label").and_then(Value::as_str) {
            Some("baseline" | "before") => Run::Baseline,
            Some("optimized" | "optimised" | "after") => Run::Optimized,
            other => {
                let label = other.unwrap_or_default().to_owned();
                found.unchecked(
                    line,
                    "[[run]]".to_owned(),
                    format!("the label `{label}` is not baseline or optimized"),
                );
                continue;
            }
        };
        let files = entry.get_ref().get("files").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let files = files.iter().filter_map(Value::as_str).map(str::to_owned).collect();
        found.targets.runs.push(RunFiles { run, files });
    }
    found.finish(artefact);
    Ok(())
}

/// A weight as it counts; one that is no positive number is said and counts as any other target does.
fn weight(written: Option<String>, line: u32, notes: &mut Notes) -> Option<f64> {
    let written = written?;
    let weight = written.parse().ok().filter(|weight: &f64| weight.is_finite() && *weight > 0.0);
    if weight.is_none() {
        notes.add(u64::from(line), format!("The weight `{written}` is no number above 0: the target counts as one"));
    }
    weight
}
