//! autocannon's JSON (`--json`): one address, a closed model, no p95.

use crate::evidence::input::{Input, Notes, Refused};
use crate::evidence::json;
use crate::evidence::model::load::{ComputedBy, ErrorCount, Latency, LoadModel, LoadRun, Route};
use crate::evidence::model::targets::Percent;
use crate::evidence::model::{Artefact, Evidence};
use crate::evidence::recognize::Head;
use crate::evidence::{moment, routes};
use serde_json::Value;

/// Its report.
pub fn is_report(head: &Head) -> bool {
    !head.array && head.key("latency") && head.key("requests") && head.text.contains("\"p97_5\"")
}

/// Reads it.
pub fn read(input: &mut Input, artefact: &mut Artefact, _notes: &mut Notes) -> Result<(), Refused> {
    let text = input.text(16 << 20)?;
    let document: Value = serde_json::from_str(&text).map_err(|error| Refused(json::wrong(&error)))?;
    let number = |pointer: &str| document.pointer(pointer).and_then(Value::as_f64).filter(|value| *value >= 0.0);
    let url = document.get("url").and_then(Value::as_str).unwrap_or_default();
    artefact.started = document.get("start").and_then(Value::as_str).and_then(moment::parse).map(moment::show);
    let connections = number("/connections");
    artefact.command = Some(match (connections, number("/duration")) {
        (Some(connections), Some(seconds)) => format!("autocannon -c {connections} -d {seconds:.0} {url}"),
        _ => format!("autocannon {url}"),
    });
    let mut latency = Latency {
        min_ms: number("/latency/min"),
        mean_ms: number("/latency/mean").or_else(|| number("/latency/average")),
        max_ms: number("/latency/max"),
        ..Latency::default()
    };
    for key in document.get("latency").and_then(Value::as_object).into_iter().flat_map(|map| map.keys()) {
        // `p97_5` is 97.5.
        let percent = key.strip_prefix('p').and_then(|rest| rest.replace('_', ".").parse().ok()).and_then(Percent::new);
        if let (Some(at), Some(ms)) = (percent, number(&format!("/latency/{key}"))) {
            latency.add(at, ms, ComputedBy::Tool);
        }
    }
    let answered = number("/requests/total").or_else(|| number("/latency/totalCount"));
    let count = |pointer: &str| number(pointer).unwrap_or(0.0) as u64;
    let (errors, refused) = (count("/errors"), count("/non2xx"));
    let requests = answered.map(|answered| (answered as u64).saturating_add(errors));
    let failed = [("connection errors and time-outs", errors), ("answers other than 2xx", refused)];
    let total = Route {
        requests,
        failures: requests.map(|requests| errors.saturating_add(refused).min(requests)),
        per_second: number("/requests/average"),
        latency,
        errors: failed
            .into_iter()
            .filter(|(_, count)| *count > 0)
            .map(|(what, count)| ErrorCount { what: what.to_owned(), count })
            .collect(),
        ..Route::default()
    };
    let route = Route { name: routes::path(url).to_owned(), ..total.clone() };
    artefact.evidence.push(Evidence::LoadRun(Box::new(LoadRun {
        tool: "autocannon".to_owned(),
        model: Some(LoadModel::Closed),
        users: connections,
        duration_s: number("/duration"),
        host: routes::host(url).map(str::to_owned),
        total,
        routes: vec![route],
        ..LoadRun::default()
    })));
    Ok(())
}
