//! Which audits of Lighthouse name files and elements, and in which columns. Version 13 renamed several: the first
//! audit of a row that has items is read.

use super::lighthouse::Audit;
use crate::evidence::model::web::{Culprit, CulpritKind};
use crate::order::InOrder as _;
use serde_json::Value;
use std::collections::BTreeMap;

/// Audits whose items are files: kind, ids, column of the time, column of bytes, column of bytes saved.
const FILES: &[(CulpritKind, &[&str], &str, &str, &str)] = &[
    (CulpritKind::Script, &["bootup-time"], "total", "", ""),
    (CulpritKind::UnusedCode, &["unused-javascript"], "", "totalBytes", "wastedBytes"),
    (CulpritKind::UnusedCode, &["unused-css-rules"], "", "totalBytes", "wastedBytes"),
    (CulpritKind::RenderBlocking, &["render-blocking-resources", "render-blocking-insight"], "", "totalBytes", ""),
    (CulpritKind::Image, &["modern-image-formats"], "", "totalBytes", "wastedBytes"),
    (CulpritKind::Image, &["uses-optimized-images", "image-delivery-insight"], "", "totalBytes", "wastedBytes"),
    (CulpritKind::Image, &["uses-responsive-images"], "", "totalBytes", "wastedBytes"),
    (CulpritKind::Image, &["offscreen-images"], "", "totalBytes", "wastedBytes"),
    (CulpritKind::Cache, &["uses-long-cache-ttl", "cache-insight"], "", "totalBytes", "wastedBytes"),
    (CulpritKind::Compression, &["uses-text-compression"], "", "totalBytes", "wastedBytes"),
    (CulpritKind::ServerResponse, &["server-response-time"], "responseTime", "", ""),
    (CulpritKind::Weight, &["total-byte-weight"], "", "totalBytes", ""),
];

/// Audits of which an item is one culprit, at most so many of each.
const ITEMS: usize = 10;

/// All culprits, by kind, the largest first.
pub fn all(audits: &BTreeMap<String, Audit>) -> Vec<Culprit> {
    let mut out = Vec::new();
    for (kind, ids, time, bytes, saved) in FILES {
        let Some((id, audit, items)) = ids.iter().find_map(|id| {
            let audit = audits.get(*id)?;
            let items = items(audit);
            (!items.is_empty()).then_some((*id, audit, items))
        }) else {
            continue;
        };
        let mut found: Vec<Culprit> = items
            .iter()
            .filter_map(|item| {
                let number = |key: &str| item.get(key).and_then(Value::as_f64).filter(|value| *value >= 0.0);
                Some(Culprit {
                    kind: *kind,
                    audit: id.to_owned(),
                    what: item.get("url").and_then(address)?,
                    ms: number(time),
                    bytes: number(bytes),
                    saving_ms: number("wastedMs"),
                    saving_bytes: number(saved),
                    cache_s: number("cacheLifetimeMs").map(|ms| ms / 1e3),
                })
            })
            .collect();
        if let [only] = found.as_mut_slice() {
            only.saving_ms = only.saving_ms.or_else(|| overall(audit));
        }
        found.order_by(|a, b| weight(b).total_cmp(&weight(a)));
        out.extend(found.into_iter().take(ITEMS));
    }
    document_latency(audits, &mut out);
    dom_size(audits, &mut out);
    largest_paint(audits, &mut out);
    shifts(audits, &mut out);
    third_parties(audits, &mut out);
    out
}

fn items(audit: &Audit) -> &[Value] {
    let items = audit.details.as_ref().and_then(|details| details.items.as_array());
    items.map(Vec::as_slice).unwrap_or_default()
}

/// What an audit would save as a whole.
fn overall(audit: &Audit) -> Option<f64> {
    let details = audit.details.as_ref()?;
    let savings = audit.metric_savings.as_ref();
    let most = savings.into_iter().flatten().filter(|(metric, _)| *metric != "CLS").filter_map(|(_, ms)| *ms);
    details.overall_savings_ms.or_else(|| most.reduce(f64::max)).filter(|ms| *ms > 0.0)
}

/// An address; a link or a source location in older and newer reports.
fn address(value: &Value) -> Option<String> {
    let text = value.as_str().or_else(|| value.get("url")?.as_str()).or_else(|| value.get("value")?.as_str());
    text.map(str::to_owned)
}

/// What is largest.
fn weight(culprit: &Culprit) -> f64 {
    let ms = culprit.saving_ms.or(culprit.ms).unwrap_or(0.0);
    if ms > 0.0 { ms * 1e9 } else { culprit.saving_bytes.or(culprit.bytes).unwrap_or(0.0) }
}

fn plain(kind: CulpritKind, audit: &str, what: String) -> Culprit {
    Culprit {
        kind,
        audit: audit.to_owned(),
        what,
        ms: None,
        bytes: None,
        saving_ms: None,
        saving_bytes: None,
        cache_s: None,
    }
}

/// Version 13: one check list for what three audits said.
fn document_latency(audits: &BTreeMap<String, Audit>, out: &mut Vec<Culprit>) {
    const ID: &str = "document-latency-insight";
    let Some(details) = audits.get(ID).and_then(|audit| audit.details.as_ref()) else { return };
    let bad = |key: &str| details.items.pointer(&format!("/{key}/value")) == Some(&Value::Bool(false));
    let debug = |key: &str| details.debug_data.as_ref()?.get(key)?.as_f64();
    if bad("usesCompression") && !out.iter().any(|culprit| culprit.kind == CulpritKind::Compression) {
        let mut culprit = plain(CulpritKind::Compression, ID, "the document".to_owned());
        culprit.saving_bytes = debug("wastedBytes").or_else(|| debug("uncompressedResponseBytes"));
        out.push(culprit);
    }
    if bad("serverResponseIsFast") && !out.iter().any(|culprit| culprit.kind == CulpritKind::ServerResponse) {
        let mut culprit = plain(CulpritKind::ServerResponse, ID, "the document".to_owned());
        culprit.ms = debug("serverResponseTime");
        out.push(culprit);
    }
}

fn dom_size(audits: &BTreeMap<String, Audit>, out: &mut Vec<Culprit>) {
    for id in ["dom-size", "dom-size-insight"] {
        let Some(audit) = audits.get(id) else { continue };
        let counted = |item: &Value| {
            let value = item.get("value")?;
            value.as_f64().or_else(|| value.get("value")?.as_f64())
        };
        let nodes = audit.numeric_value.or_else(|| items(audit).first().and_then(counted));
        if let Some(nodes) = nodes {
            let mut culprit = plain(CulpritKind::DomSize, id, format!("{nodes:.0} nodes"));
            culprit.bytes = Some(nodes);
            out.push(culprit);
            return;
        }
    }
}

/// Text of a node.
fn node(value: &Value) -> Option<String> {
    let text = value.get("selector").or_else(|| value.get("nodeLabel")).or_else(|| value.get("snippet"))?;
    text.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
}

/// The first node anywhere in a table of tables.
fn first_node(value: &Value, depth: usize) -> Option<String> {
    if depth == 0 {
        return None;
    }
    match value {
        Value::Object(map) if map.get("type").and_then(Value::as_str) == Some("node") => node(value),
        Value::Object(map) => map.values().find_map(|inner| first_node(inner, depth - 1)),
        Value::Array(list) => list.iter().find_map(|inner| first_node(inner, depth - 1)),
        _ => None,
    }
}

/// The longest part of the largest paint anywhere in a table of tables: what and milliseconds.
fn parts(value: &Value, depth: usize, out: &mut Vec<(String, f64)>) {
    if depth == 0 {
        return;
    }
    match value {
        Value::Object(map) => {
            let name = ["phase", "label", "subpart"].iter().find_map(|key| map.get(*key)?.as_str());
            let time = ["timing", "duration"].iter().find_map(|key| map.get(*key)?.as_f64());
            if let (Some(name), Some(time)) = (name, time) {
                out.push((name.to_owned(), time));
            }
            map.values().for_each(|inner| parts(inner, depth - 1, out));
        }
        Value::Array(list) => list.iter().for_each(|inner| parts(inner, depth - 1, out)),
        _ => {}
    }
}

fn largest_paint(audits: &BTreeMap<String, Audit>, out: &mut Vec<Culprit>) {
    for id in ["largest-contentful-paint-element", "lcp-phases-insight", "lcp-breakdown-insight"] {
        let Some(details) = audits.get(id).and_then(|audit| audit.details.as_ref()) else { continue };
        let Some(element) = first_node(&details.items, 8) else { continue };
        let mut times = Vec::new();
        parts(&details.items, 8, &mut times);
        times.order_by(|a, b| b.1.total_cmp(&a.1));
        let longest = times.first();
        let what = longest.map_or_else(|| element.clone(), |(part, _)| format!("{element}: {part}"));
        let mut culprit = plain(CulpritKind::LcpElement, id, what);
        culprit.ms = longest.map(|(_, ms)| *ms);
        out.push(culprit);
        return;
    }
}

fn shifts(audits: &BTreeMap<String, Audit>, out: &mut Vec<Culprit>) {
    for id in ["layout-shifts", "layout-shift-elements", "cls-culprits-insight"] {
        let Some(audit) = audits.get(id) else { continue };
        let mut found = Vec::new();
        for item in items(audit).iter().take(ITEMS) {
            let rows = item.get("items").and_then(Value::as_array).map_or(std::slice::from_ref(item), Vec::as_slice);
            for row in rows.iter().take(ITEMS) {
                if let Some(what) = row.get("node").and_then(node) {
                    found.push(plain(CulpritKind::LayoutShift, id, what));
                }
            }
        }
        if !found.is_empty() {
            out.extend(found);
            return;
        }
    }
}

fn third_parties(audits: &BTreeMap<String, Audit>, out: &mut Vec<Culprit>) {
    for id in ["third-party-summary", "third-parties-insight"] {
        let Some(audit) = audits.get(id) else { continue };
        for item in items(audit).iter().take(ITEMS) {
            let entity = item.get("entity");
            let name = entity.and_then(|entity| entity.as_str().or_else(|| entity.get("text")?.as_str()));
            let Some(name) = name else { continue };
            let mut culprit = plain(CulpritKind::ThirdParty, id, name.to_owned());
            let number = |key: &str| item.get(key).and_then(Value::as_f64);
            culprit.ms = number("mainThreadTime").or_else(|| number("blockingTime"));
            culprit.bytes = number("transferSize");
            out.push(culprit);
        }
        if out.iter().any(|culprit| culprit.kind == CulpritKind::ThirdParty) {
            return;
        }
    }
}
