//! [`Place`] as the part of the address after `#`, so that reload, Back and a copied address lead to the
//! same view. Holds ids and typed text only, never code.

use super::filter::{CONFIDENCES, Choices, EFFORTS, Filter, Sort, VERDICTS};
use super::place::{Place, Tab};
use drydock_core::report::model::{Category, Confidence, Effort, Severity, Verdict};
use std::fmt::Write as _;

const SEVERITIES: [&str; 4] = ["critical", "high", "medium", "low"];

/// In the order of `BASELINES`.
const BASELINE_WORDS: [&str; 3] = ["new", "known", "moved"];

const fn confidence_word(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::High => "high",
        Confidence::Medium => "medium",
        Confidence::Low => "low",
    }
}

const fn effort_word(effort: Effort) -> &'static str {
    match effort {
        Effort::S => "s",
        Effort::M => "m",
        Effort::L => "l",
    }
}

const fn verdict_word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Counted => "counted",
        Verdict::NeedsContext => "needs-context",
        Verdict::Advisory => "advisory",
        Verdict::Suppressed => "suppressed",
        Verdict::Refuted => "refuted",
    }
}

const fn sort_word(sort: Sort) -> &'static str {
    match sort {
        Sort::Priority => "priority",
        Sort::Place => "place",
        Sort::Check => "check",
        Sort::Effort => "effort",
    }
}

/// The address of `place`, without `#`.
#[must_use]
pub fn write(place: &Place) -> String {
    let mut fields: Vec<(&str, String)> = Vec::new();
    let filter = &place.filter;
    choices(&mut fields, "severity", filter.severity, &SEVERITIES);
    choices(&mut fields, "category", filter.category, &Category::ALL.map(Category::slug));
    choices(&mut fields, "confidence", filter.confidence, &CONFIDENCES.map(confidence_word));
    choices(&mut fields, "effort", filter.effort, &EFFORTS.map(effort_word));
    choices(&mut fields, "verdict", filter.verdict, &VERDICTS.map(verdict_word));
    choices(&mut fields, "since", filter.baseline, &BASELINE_WORDS);
    if !filter.checks.is_empty() {
        fields.push(("check", filter.checks.iter().map(String::as_str).collect::<Vec<_>>().join(".")));
    }
    if let Some(path) = &filter.path {
        fields.push(("file", path.clone()));
    }
    if !filter.text.is_empty() {
        fields.push(("q", filter.text.clone()));
    }
    if place.sort != Sort::Priority {
        fields.push(("sort", sort_word(place.sort).to_owned()));
    }
    if let Some(finding) = &place.finding {
        fields.push(("finding", finding.clone()));
    }
    if let Some(step) = place.step {
        fields.push(("step", (step + 1).to_string()));
    }
    let mut out = place.tab.slug().to_owned();
    for (at, (name, value)) in fields.iter().enumerate() {
        let _ = write!(out, "{}{name}={}", if at == 0 { '?' } else { '&' }, encode(value));
    }
    out
}

/// The place that `hash` (with or without `#`) names. What is not understood is left out.
#[must_use]
pub fn read(hash: &str) -> Place {
    let hash = hash.trim_start_matches('#');
    let (tab, query) = hash.split_once('?').unwrap_or((hash, ""));
    let mut place =
        Place { tab: Tab::ALL.into_iter().find(|known| known.slug() == tab).unwrap_or_default(), ..Place::default() };
    let filter: &mut Filter = &mut place.filter;
    for field in query.split('&') {
        let Some((name, value)) = field.split_once('=') else { continue };
        let value = decode(value);
        match name {
            "severity" => filter.severity = chosen(&value, &SEVERITIES),
            "category" => filter.category = chosen(&value, &Category::ALL.map(Category::slug)),
            "confidence" => filter.confidence = chosen(&value, &CONFIDENCES.map(confidence_word)),
            "effort" => filter.effort = chosen(&value, &EFFORTS.map(effort_word)),
            "verdict" => filter.verdict = chosen(&value, &VERDICTS.map(verdict_word)),
            "since" => filter.baseline = chosen(&value, &BASELINE_WORDS),
            "check" => filter.checks = value.split('.').filter(|id| !id.is_empty()).map(str::to_owned).collect(),
            "file" => filter.path = Some(value),
            "q" => filter.text = value,
            "sort" => {
                place.sort = Sort::ALL.into_iter().find(|sort| sort_word(*sort) == value).unwrap_or_default();
            }
            "finding" => place.finding = Some(value),
            "step" => place.step = value.parse::<usize>().ok().and_then(|step| step.checked_sub(1)),
            _ => {}
        }
    }
    place
}

/// Name of a severity in addresses and in `data-sev`.
#[must_use]
pub const fn severity_slug(severity: Severity) -> &'static str {
    super::verdict::severity_word(severity)
}

fn choices(fields: &mut Vec<(&'static str, String)>, name: &'static str, chosen: Choices, words: &[&str]) {
    if !chosen.is_empty() {
        let list: Vec<&str> =
            words.iter().enumerate().filter(|(at, _)| chosen.has(*at)).map(|(_, word)| *word).collect();
        fields.push((name, list.join(".")));
    }
}

fn chosen(value: &str, words: &[&str]) -> Choices {
    let mut out = Choices::default();
    for word in value.split('.') {
        if let Some(at) = words.iter().position(|known| *known == word)
            && !out.has(at)
        {
            out.toggle(at);
        }
    }
    out
}

fn encode(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~/:".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

fn decode(value: &str) -> String {
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.bytes();
    while let Some(byte) = rest.next() {
        let mut ahead = rest.clone();
        let digits = (ahead.next(), ahead.next());
        if byte == b'%'
            && let (Some(high), Some(low)) = digits
            && let (Some(high), Some(low)) = (char::from(high).to_digit(16), char::from(low).to_digit(16))
        {
            bytes.push(u8::try_from(high * 16 + low).unwrap_or(b'?'));
            rest = ahead;
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_leads_back_to_its_place() {
        let mut filter = Filter { text: "a b&c=\u{e4}%#".to_owned(), ..Filter::default() };
        filter.severity.toggle(0);
        filter.severity.toggle(2);
        filter.category.toggle(3);
        filter.verdict.toggle(1);
        filter.effort.toggle(2);
        filter.confidence.toggle(1);
        filter.checks.insert("query_in_loop".to_owned());
        filter.checks.insert("missing_rollback".to_owned());
        filter.path = Some("src/a file.py".to_owned());
        let place =
            Place { tab: Tab::Findings, filter, sort: Sort::Effort, finding: Some("ab12".to_owned()), step: Some(2) };
        let address = write(&place);
        assert!(address.starts_with("findings?severity=critical.medium&category=resource-lifecycle"), "{address}");
        assert!(!address.contains(' ') && !address.contains('#'), "{address}");
        assert_eq!(read(&address), place);
        assert_eq!(read(&format!("#{address}")), place);
    }

    #[test]
    fn nonsense_is_the_start_page_of_the_report() {
        assert_eq!(read("#%%%?x&severity=blue&step=0&sort=up"), Place::default());
        assert_eq!(write(&Place::default()), "summary");
        assert_eq!(
            read("#files?q=%e4%"),
            Place {
                tab: Tab::Files,
                filter: Filter { text: "\u{fffd}%".to_owned(), ..Filter::default() },
                ..Place::default()
            }
        );
    }
}
