//! Plans as YAML, in the one form that the server prints: two spaces a level, quoted texts, no anchors. They become
//! the values of the JSON form.

use super::super::json::Json;
use super::super::{PLAN_BYTES, frames};
use super::document;
use crate::evidence::input::{Input, Notes, Refused};
use crate::evidence::model::{Artefact, Evidence};
use crate::evidence::recognize::Head;

pub(super) fn matches(head: &Head) -> bool {
    head.lines().any(|line| line.trim_start_matches(['|', ' ', '-']).starts_with("Node Type: "))
}

struct Line {
    indent: usize,
    /// Whether a `-` opened an element here.
    element: bool,
    key: String,
    value: String,
    at: u64,
}

pub(super) fn read(input: &mut Input, artefact: &mut Artefact, notes: &mut Notes) -> Result<(), Refused> {
    let text = input.text(PLAN_BYTES)?;
    let mut nodes = 0;
    let mut before = String::new();
    let mut lines: Vec<Line> = Vec::new();
    let mut flush = |lines: &mut Vec<Line>, before: &mut String, notes: &mut Notes| -> Result<(), Refused> {
        let at = lines.first().map_or(0, |line| line.at);
        let mut slice = lines.as_slice();
        let value = object(&mut slice, 0, input.limits.depth * 2)?;
        if value.get("Plan").is_some() {
            let plan = document::plan(&value, at, before, input.limits, &mut nodes, notes)?;
            artefact.evidence.extend(plan.map(Evidence::Plan));
            before.clear();
        }
        lines.clear();
        Ok(())
    };
    for line in frames::lines(&text) {
        let parsed = parse(&line.text, line.at);
        let starts = parsed.as_ref().is_some_and(|parsed| {
            parsed.element && matches!(parsed.key.as_str(), "Plan" | "Query Text")
                || (lines.is_empty() && matches!(parsed.key.as_str(), "Plan" | "Query Text"))
        });
        if starts {
            flush(&mut lines, &mut before, notes)?;
        }
        match parsed {
            Some(parsed) if starts || !lines.is_empty() => lines.push(parsed),
            _ if line.furniture => flush(&mut lines, &mut before, notes)?,
            _ => {
                before.push_str(&line.text);
                before.push('\n');
            }
        }
    }
    flush(&mut lines, &mut before, notes)?;
    if artefact.evidence.is_empty() {
        return Err(Refused("No plan could be read: the YAML is damaged".to_owned()));
    }
    Ok(())
}

/// `  - Key: "value"`; an element without a key is one of a list of texts.
fn parse(text: &str, at: u64) -> Option<Line> {
    let mut body = text.trim_start();
    let mut indent = text.len() - body.len();
    let element = body.starts_with("- ");
    if element {
        body = body.get(2..)?;
        indent += 2;
    }
    if element && (body.starts_with('"') || !body.contains(": ") && !body.ends_with(':')) {
        return Some(Line { indent, element, key: String::new(), value: body.to_owned(), at });
    }
    let (key, value) = body.split_once(':')?;
    if key.is_empty()
        || !key.starts_with(|c: char| c.is_ascii_uppercase() || c == 'I')
        || !(value.is_empty() || value.starts_with(' '))
    {
        return None;
    }
    Some(Line { indent, element, key: key.to_owned(), value: value.trim().to_owned(), at })
}

fn scalar(text: &str) -> Json {
    if let Some(quoted) = text.strip_prefix('"') {
        let text = format!("\"{quoted}");
        return super::super::json::parse(&text, 1).map_or(Json::Null, |parsed| parsed.value);
    }
    match text {
        "true" => Json::Bool(true),
        "false" => Json::Bool(false),
        _ => text.parse().map_or_else(|_| Json::Text(text.to_owned()), Json::Number),
    }
}

/// The entries at one level and what nests below them.
fn object(lines: &mut &[Line], level: usize, depth: usize) -> Result<Json, Refused> {
    if depth == 0 {
        return Err(Refused("Stopped: plans nested deeper than we read".to_owned()));
    }
    let mut entries = Vec::new();
    let mut first = true;
    while let Some((line, rest)) = lines.split_first() {
        if line.indent < level || (line.element && !first && line.indent == level) {
            break;
        }
        let level = line.indent;
        first = false;
        *lines = rest;
        if !line.value.is_empty() {
            entries.push((line.key.clone(), scalar(&line.value)));
            continue;
        }
        let below = rest.first().map_or((0, false), |next| (next.indent, next.element));
        if below.0 <= level {
            continue;
        }
        let mut items = Vec::new();
        while let Some(next) = lines.first().filter(|next| next.indent == below.0 && below.1 && next.element) {
            if next.key.is_empty() {
                items.push(scalar(&next.value));
                *lines = lines.get(1..).unwrap_or_default();
            } else {
                items.push(object(lines, below.0, depth - 1)?);
            }
        }
        let value = if below.1 { Json::List(items) } else { object(lines, below.0, depth - 1)? };
        entries.push((line.key.clone(), value));
    }
    Ok(Json::Object(entries))
}
