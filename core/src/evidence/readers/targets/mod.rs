//! Where targets are written: our `slo.toml`, load-test scripts, Lighthouse CI and budgets, OpenSLO and Sloth.

mod artillery;
mod bound;
mod k6_script;
mod lighthouse;
mod open_slo;
mod settings;
mod slo;

#[cfg(test)]
mod tests;

pub use settings::settings;

use super::Format;
use crate::evidence::model::load::LoadRun;
use crate::evidence::model::targets::{Metric, Scope, Source, SourceKind, Targets, Unchecked};
use crate::evidence::model::{Artefact, Evidence};
use crate::evidence::routes;

/// Formats of this group.
pub const FORMATS: &[Format] = &[
    Format { name: "slo.toml", matches: slo::is_slo, read: slo::read },
    Format { name: "OpenSLO", matches: open_slo::is_open_slo, read: open_slo::read_open_slo },
    Format { name: "Sloth", matches: open_slo::is_sloth, read: open_slo::read_sloth },
    Format { name: "Lighthouse CI configuration", matches: lighthouse::is_ci, read: lighthouse::read_ci },
    Format { name: "Lighthouse budget", matches: lighthouse::is_budget, read: lighthouse::read_budget },
    Format { name: "k6 script", matches: k6_script::is_script, read: k6_script::read },
    Format { name: "Artillery script", matches: artillery::is_script, read: artillery::read },
];

/// Gathers what a file asks.
pub struct Found {
    kind: SourceKind,
    path: String,
    targets: Targets,
}

impl Found {
    fn new(kind: SourceKind, path: &str) -> Self {
        Self { kind, path: path.to_owned(), targets: Targets::default() }
    }

    fn source(&self, line: u32) -> Source {
        Source { kind: self.kind, path: self.path.clone(), line }
    }

    fn unchecked(&mut self, line: u32, text: String, reason: String) {
        let source = self.source(line);
        self.targets.unchecked.push(Unchecked { text, reason, source });
    }

    fn finish(self, artefact: &mut Artefact) {
        artefact.evidence.push(Evidence::Targets(Box::new(self.targets)));
    }
}

/// Targets that a load test carried in its own result.
#[must_use]
pub fn of_run(run: &LoadRun, path: &str) -> Targets {
    let mut found = Found::new(SourceKind::K6, path);
    for threshold in &run.thresholds {
        k6_script::add(&mut found, &threshold.metric, &threshold.expression, threshold.line);
    }
    found.targets
}

/// What a selector of k6 is about: a name, an address, or the selection itself.
fn k6_scope(selector: &str) -> Scope {
    let selector = selector.trim();
    if selector.is_empty() {
        return Scope::All;
    }
    let (mut method, mut path, mut other) = ("", "", false);
    for tag in selector.split(',') {
        match tag.split_once(':').map(|(key, value)| (key.trim(), value.trim())) {
            Some(("name" | "url", value)) => path = value,
            Some(("method", value)) => method = value,
            _ => other = true,
        }
    }
    if other || path.is_empty() {
        return Scope::Route { method: String::new(), path: selector.to_owned() };
    }
    Scope::Route { method: method.to_owned(), path: path.to_owned() }
}

/// What a scope means for a metric.
fn scope(metric: Metric, text: &str) -> Scope {
    let text = text.trim();
    if text.is_empty() || text == "*" || text.eq_ignore_ascii_case("all") {
        return Scope::All;
    }
    match metric {
        Metric::Web(_) => Scope::Page { path: text.to_owned() },
        Metric::DbQuery(_) | Metric::DbQueryMean | Metric::DbQueryMax => Scope::Query { text: text.to_owned() },
        _ => {
            let (method, path) = routes::split(text);
            Scope::Route { method: method.to_owned(), path: path.to_owned() }
        }
    }
}

/// The line of a byte.
fn line(text: &str, at: usize) -> u32 {
    let before = text.get(..at).unwrap_or(text);
    u32::try_from(memchr::memchr_iter(b'\n', before.as_bytes()).count() + 1).unwrap_or(u32::MAX)
}
