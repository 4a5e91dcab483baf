//! `report.sarif`: SARIF 2.1.0 for code scanning services. Rules from the catalogue, one result a finding, its
//! numbered path as a code flow. Keeps within the limits of GitHub's code scanning; what is cut is said.
//! Specification: <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>, limits:
//! <https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning>

use super::escape::plain;
use super::gzip;
use crate::checks::{CATALOGUE, CheckMeta};
use crate::report::model::{
    BaselineState, CategoryState, Confidence, Effort, Finding, Report, Severity, Step, Verdict,
};
use crate::report::share::Shareable;
use flate2::Compression;
use serde_json::{Value, json};

/// What a service takes at the most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SarifLimits {
    /// Results of a run.
    pub results: usize,
    /// Steps of a result's path.
    pub steps: usize,
    /// Bytes of the file once it is gzipped.
    pub gzipped: usize,
}

/// Limits of GitHub's code scanning.
pub const GITHUB: SarifLimits = SarifLimits { results: 25_000, steps: 10_000, gzipped: 10_000_000 };

/// The report as SARIF within [`GITHUB`]'s limits.
#[must_use]
pub fn sarif(report: &Shareable) -> String {
    sarif_within(report, GITHUB)
}

/// Likewise within other limits. The least severe findings are cut first.
#[must_use]
pub fn sarif_within(report: &Shareable, limits: SarifLimits) -> String {
    let mut findings: Vec<&Finding> = report.findings.iter().collect();
    if let Some(comparison) = &report.comparison {
        findings.extend(&comparison.fixed);
    }
    let all = findings.len();
    findings.truncate(limits.results);
    loop {
        let text = document(report, &findings, all, limits.steps);
        let size = gzip(text.as_bytes(), Compression::fast()).len();
        if size <= limits.gzipped || findings.is_empty() {
            return text;
        }
        // A little below the share that fits: sizes of results differ.
        let fits = findings.len() as u128 * limits.gzipped as u128 * 9 / (size as u128 * 10);
        findings.truncate(usize::try_from(fits).unwrap_or(0).min(findings.len() - 1));
    }
}

fn document(report: &Report, findings: &[&Finding], all: usize, most_steps: usize) -> String {
    let mut notices: Vec<String> = Vec::new();
    if findings.len() < all {
        notices.push(format!(
            "{} of {all} findings are in this file, the most severe first: the rest is beyond what code scanning takes. report.json has all of them",
            findings.len()
        ));
    }
    let cut = findings.iter().filter(|finding| finding.steps.len() > most_steps).count();
    if cut > 0 {
        notices.push(format!("{cut} paths are cut after {most_steps} steps; report.json has them whole"));
    }
    let mut failed = false;
    for category in &report.categories {
        if let CategoryState::Error(reason) = &category.status {
            failed = true;
            notices.push(format!("{} failed: {reason}", category.category.title()));
        }
    }
    notices.extend(report.coverage.notices.iter().chain(&report.notices).cloned());
    let notifications: Vec<Value> =
        notices.iter().map(|text| json!({ "level": "warning", "message": { "text": plain(text) } })).collect();
    let log = json!({
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "Drydock",
                "semanticVersion": report.version,
                "rules": CATALOGUE.iter().map(rule).collect::<Vec<_>>(),
            } },
            "automationDetails": { "id": "drydock/" },
            "invocations": [{
                "executionSuccessful": !failed,
                "toolExecutionNotifications": notifications,
            }],
            "columnKind": "unicodeCodePoints",
            "results": findings.iter().map(|finding| result(finding, most_steps)).collect::<Vec<_>>(),
        }],
    });
    let mut text = serde_json::to_string(&log).unwrap_or_default();
    text.push('\n');
    text
}

fn rule(check: &CheckMeta) -> Value {
    let (title, url) = check.source;
    json!({
        "id": check.id,
        "name": pascal(check.id),
        "shortDescription": { "text": check.title },
        "fullDescription": { "text": format!("{}. {}.", check.title, check.why) },
        "help": {
            "text": format!("{}. {}. {title}: {url}", check.why, check.principle),
            "markdown": format!("{}.\n\n**{}.**\n\n[{title}]({url})", check.why, check.principle),
        },
        "helpUri": url,
        "defaultConfiguration": { "level": "warning" },
        "properties": { "tags": ["database", "performance", check.category.slug()], "precision": "high" },
    })
}

/// `query_in_loop` -> `QueryInLoop`
fn pascal(id: &str) -> String {
    id.split('_')
        .flat_map(|word| word.chars().enumerate().map(|(at, c)| if at == 0 { c.to_ascii_uppercase() } else { c }))
        .collect()
}

fn result(finding: &Finding, most_steps: usize) -> Value {
    let mut out = json!({
        "ruleId": finding.check,
        "level": level(finding),
        "message": { "text": format!("{}. {}.", plain(&finding.message), plain(&finding.recommendation)) },
        "locations": [location(&finding.path, finding.line, Some(finding))],
        "partialFingerprints": {
            "drydock/v2": finding.fingerprint,
            "drydockContent/v2": finding.content_fingerprint(),
        },
        "properties": {
            "category": finding.category.slug(),
            "confidence": match finding.confidence {
                Confidence::High => "high",
                Confidence::Medium => "medium",
                Confidence::Low => "low",
            },
            "effort": match finding.effort {
                Effort::S => "S",
                Effort::M => "M",
                Effort::L => "L",
            },
            "severity": finding.severity.word(),
            "verdict": verdict(finding.verdict),
        },
    });
    let Some(fields) = out.as_object_mut() else { return out };
    if let Some(index) = CATALOGUE.iter().position(|check| check.id == finding.check) {
        fields.insert("ruleIndex".to_owned(), json!(index));
    }
    if !finding.steps.is_empty() {
        let steps: Vec<Value> = finding.steps.iter().take(most_steps).map(step).collect();
        fields.insert("codeFlows".to_owned(), json!([{ "threadFlows": [{ "locations": steps }] }]));
    }
    if !finding.related.is_empty() {
        let related: Vec<Value> = finding.related.iter().map(said).collect();
        fields.insert("relatedLocations".to_owned(), Value::Array(related));
    }
    if finding.verdict == Verdict::Suppressed {
        let reason = finding.verdict_reason.as_deref().unwrap_or_default();
        // A reason names the place of its comment, or the entry of the settings file.
        let kind = if reason.contains(".drydock.toml") { "external" } else { "inSource" };
        fields.insert("suppressions".to_owned(), json!([{ "kind": kind, "justification": plain(reason) }]));
    }
    if let Some(state) = finding.baseline {
        let state = match state {
            BaselineState::New => "new",
            BaselineState::Known => "unchanged",
            BaselineState::Moved => "updated",
            BaselineState::Fixed => "absent",
        };
        fields.insert("baselineState".to_owned(), json!(state));
    }
    out
}

const fn level(finding: &Finding) -> &'static str {
    match (finding.verdict, finding.severity) {
        (Verdict::Advisory | Verdict::NeedsContext | Verdict::Refuted, _) | (_, Severity::Low) => "note",
        (_, Severity::Medium) => "warning",
        (_, Severity::Critical | Severity::High) => "error",
    }
}

const fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Counted => "counted",
        Verdict::Advisory => "advisory",
        Verdict::NeedsContext => "needs_context",
        Verdict::Suppressed => "suppressed",
        Verdict::Refuted => "refuted",
    }
}

/// A place; the finding's own carries its range and symbol.
fn location(path: &str, line: u32, finding: Option<&Finding>) -> Value {
    let line = line.max(1);
    let mut region = json!({ "startLine": line });
    let mut symbol = None;
    if let (Some(finding), Some(region)) = (finding, region.as_object_mut()) {
        if finding.column > 0 {
            region.insert("startColumn".to_owned(), json!(finding.column));
        }
        region.insert("endLine".to_owned(), json!(finding.end_line.max(line)));
        symbol = Some(finding.symbol.as_str()).filter(|symbol| !symbol.is_empty());
    }
    let mut out = json!({ "physicalLocation": { "artifactLocation": { "uri": uri(path) }, "region": region } });
    if let (Some(symbol), Some(out)) = (symbol, out.as_object_mut()) {
        out.insert("logicalLocations".to_owned(), json!([{ "fullyQualifiedName": plain(symbol) }]));
    }
    out
}

fn step(step: &Step) -> Value {
    json!({ "location": said(step) })
}

fn said(step: &Step) -> Value {
    let mut out = location(&step.path, step.line, None);
    if let Some(out) = out.as_object_mut() {
        out.insert("message".to_owned(), json!({ "text": plain(&step.message) }));
    }
    out
}

/// A relative reference (RFC 3986): everything but unreserved characters and `/` is percent-encoded.
fn uri(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'-' | b'_' | b'.' | b'~') {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing, clippy::unwrap_used)]
    use super::*;
    use crate::audit::{aggregate, baseline, sample};

    fn parsed(report: &Report, limits: SarifLimits) -> Value {
        serde_json::from_str(&sarif_within(&Shareable::new(report), limits)).unwrap()
    }

    #[test]
    fn the_sample_file_is_the_sample_report() {
        let text = sarif(&Shareable::new(&aggregate(sample::input())));
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/data/sample-report.sarif");
        crate::report::writers::golden(path, &text);
        assert!(!text.contains("s3cr3t"));
    }

    #[test]
    fn every_finding_is_a_result_with_its_path_rule_and_verdict() {
        let report = aggregate(sample::input());
        let log = parsed(&report, GITHUB);
        let run = &log["runs"][0];
        let results = run["results"].as_array().unwrap();
        assert_eq!(results.len(), report.findings.len());
        for (result, finding) in results.iter().zip(&report.findings) {
            let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
            assert_eq!(run["tool"]["driver"]["rules"][index]["id"], result["ruleId"]);
            let flow = &result["codeFlows"][0]["threadFlows"][0]["locations"];
            assert_eq!(flow.as_array().map_or(0, Vec::len), finding.steps.len());
            assert_eq!(result["suppressions"].is_array(), finding.verdict == Verdict::Suppressed);
            let level = result["level"].as_str().unwrap();
            assert!(finding.verdict != Verdict::Advisory || level == "note");
            assert_eq!(result["properties"]["severity"], finding.severity.word());
        }
    }

    #[test]
    fn states_against_a_baseline_are_sarif_words() {
        let (mut now, mut earlier) = (aggregate(sample::input()), aggregate(sample::input()));
        earlier.findings.remove(0);
        now.findings.remove(1);
        baseline::compare(&mut now, &earlier);
        let log = parsed(&now, GITHUB);
        let states: Vec<&str> = log["runs"][0]["results"]
            .as_array()
            .unwrap()
            .iter()
            .map(|r| r["baselineState"].as_str().unwrap())
            .collect();
        assert_eq!(states[0], "new");
        assert_eq!(states[1], "unchanged");
        assert_eq!(*states.last().unwrap(), "absent");
    }

    #[test]
    fn limits_cut_the_least_severe_and_say_so() {
        let report = aggregate(sample::input());
        let told = |log: &Value| log["runs"][0]["invocations"][0]["toolExecutionNotifications"].to_string();
        let few = parsed(&report, SarifLimits { results: 3, steps: 1, ..GITHUB });
        assert_eq!(few["runs"][0]["results"].as_array().unwrap().len(), 3);
        assert_eq!(few["runs"][0]["results"][0]["properties"]["severity"], "CRITICAL");
        assert!(told(&few).contains("3 of 25 findings are in this file"), "{}", told(&few));
        assert!(told(&few).contains("paths are cut after 1 steps"));
        let size = |results| {
            gzip(
                sarif_within(&Shareable::new(&report), SarifLimits { results, ..GITHUB }).as_bytes(),
                Compression::fast(),
            )
            .len()
        };
        let gzipped_limit = usize::midpoint(size(0), size(25));
        let text = sarif_within(&Shareable::new(&report), SarifLimits { gzipped: gzipped_limit, ..GITHUB });
        assert!(gzip(text.as_bytes(), Compression::fast()).len() <= gzipped_limit);
        let small: Value = serde_json::from_str(&text).unwrap();
        let left = small["runs"][0]["results"].as_array().unwrap().len();
        assert!(left > 0 && left < 25, "{left}");
        assert!(told(&small).contains(&format!("{left} of 25 findings")));
    }

    #[test]
    fn hostile_names_stay_names() {
        let mut report = aggregate(sample::input());
        report.findings[0].path = "a b/ü%<x>?#.py".into();
        report.findings[0].message = "esc \u{1b}[31m\u{202e}".into();
        let log = parsed(&report, GITHUB);
        let first = &log["runs"][0]["results"][0];
        let uri = &first["locations"][0]["physicalLocation"]["artifactLocation"]["uri"];
        assert_eq!(uri, "a%20b/%C3%BC%25%3Cx%3E%3F%23.py");
        assert!(first["message"]["text"].as_str().unwrap().starts_with("esc \u{fffd}[31m\u{fffd}."));
    }
}
