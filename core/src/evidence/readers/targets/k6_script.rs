//! Thresholds in a k6 script: `export const options = { thresholds: { … } }`, read without running it.

use super::{Found, k6_scope};
use crate::evidence::config::{Node, Value, literal};
use crate::evidence::input::{Input, Notes, Refused};
use crate::evidence::model::targets::{Comparison, SourceKind, Target};
use crate::evidence::model::{Artefact, Evidence};
use crate::evidence::recognize::Head;

/// A script that imports k6.
pub fn is_script(head: &Head) -> bool {
    let imports = ["\"k6/http\"", "'k6/http'", "from \"k6\"", "from 'k6'", "require(\"k6", "require('k6"];
    imports.iter().any(|import| head.text.contains(import))
}

/// Reads it.
pub fn read(input: &mut Input, artefact: &mut Artefact, _notes: &mut Notes) -> Result<(), Refused> {
    let text = input.text(4 << 20)?;
    let mut found = Found::new(SourceKind::K6, &artefact.path);
    let options = literal::find(&text, "options").map(|at| literal::read(&text, at));
    let thresholds = options.as_ref().and_then(|options| options.get("thresholds")).cloned();
    let thresholds = thresholds.or_else(|| {
        let at = literal::find(&text, "thresholds")?;
        Some(literal::read(&text, at))
    });
    match thresholds {
        Some(node) => each(&node, &mut found),
        None => return Err(Refused("A k6 script without thresholds: nothing to check is written in it".to_owned())),
    }
    artefact.command = Some(format!("k6 run {}", artefact.path));
    artefact.evidence.push(Evidence::Targets(Box::new(found.targets)));
    Ok(())
}

fn each(thresholds: &Node, found: &mut Found) {
    if thresholds.value == Value::Unknown {
        found.unchecked(thresholds.line, "thresholds".to_owned(), "they are computed by the script".to_owned());
    }
    for (metric, node) in thresholds.entries() {
        let single = std::slice::from_ref(node);
        let items = if node.items().is_empty() { single } else { node.items() };
        for item in items {
            let expression = item.text().or_else(|| item.get("threshold").and_then(Node::text));
            let Some(expression) = expression else {
                found.unchecked(item.line, metric.clone(), "the threshold is computed by the script".to_owned());
                continue;
            };
            add(found, metric, expression, item.line);
        }
    }
}

/// Adds a threshold of k6, wherever it was read.
pub fn add(found: &mut Found, metric: &str, expression: &str, line: u32) {
    let (base, selector) = match metric.split_once('{') {
        Some((base, selector)) => (base, selector.strip_suffix('}').unwrap_or(selector)),
        None => (metric, ""),
    };
    let text = if selector.is_empty() { expression.to_owned() } else { format!("{expression} {{{selector}}}") };
    match super::bound::k6(base.trim(), expression) {
        // Met by any answer: it only makes k6 report the route.
        Ok((_, Comparison::AtLeast, value)) if value <= 0.0 => {}
        Ok((metric, comparison, value)) => {
            let source = found.source(line);
            let scope = k6_scope(selector);
            found.targets.targets.push(Target { scope, metric, comparison, value, weight: None, text, source });
        }
        Err(reason) => found.unchecked(line, format!("{metric}: {expression}"), reason),
    }
}
