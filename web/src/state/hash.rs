//! [`Place`] as the part of the address after `#`, so that reload, Back and a copied address lead to the
//! same view. Holds ids and typed text only, never code.

use super::filter::{Facet, Sort};
use super::lines::Grouping;
use super::place::{Place, Tab};
use drydock_core::lookup::Corpus;
use drydock_core::report::model::Severity;
use std::fmt::Write as _;

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
    let mut out = place.tab.slug().to_owned();
    let mut sign = '?';
    let mut field = |name: &str, values: &mut dyn Iterator<Item = &str>| {
        let mut before = None;
        for value in values {
            match before.replace(',') {
                None => {
                    let _ = write!(out, "{sign}{name}=");
                    sign = '&';
                }
                Some(comma) => out.push(comma),
            }
            encode(&mut out, value);
        }
    };
    for facet in Facet::ALL {
        field(facet.slug(), &mut place.filter.of(facet));
    }
    let mut one = |name, value: &str| field(name, &mut Some(value).filter(|value| !value.is_empty()).into_iter());
    one("q", &place.filter.text);
    one("sort", if place.sort == Sort::Priority { "" } else { sort_word(place.sort) });
    one("group", if place.grouping == Grouping::None { "" } else { place.grouping.slug() });
    one("finding", place.finding.as_deref().unwrap_or_default());
    one("step", &place.step.map(|step| (step + 1).to_string()).unwrap_or_default());
    one("look", &place.look);
    one("in", place.corpus.map(corpus_word).unwrap_or_default());
    one("open", &place.open.as_ref().map(|(path, line)| format!("{path}:{line}")).unwrap_or_default());
    out
}

/// The place that `hash` (with or without `#`) names. What is not understood is left out.
#[must_use]
pub fn read(hash: &str) -> Place {
    let hash = hash.trim_start_matches('#');
    let (tab, query) = hash.split_once('?').unwrap_or((hash, ""));
    let mut place =
        Place { tab: Tab::ALL.into_iter().find(|known| known.slug() == tab).unwrap_or_default(), ..Place::default() };
    for field in query.split('&') {
        let Some((name, values)) = field.split_once('=') else { continue };
        if let Some(facet) = Facet::ALL.into_iter().find(|facet| facet.slug() == name) {
            for value in values.split(',').map(decode) {
                let fixed = facet.fixed();
                let known = if fixed.is_empty() { !value.is_empty() } else { fixed.contains(&value.as_str()) };
                if known && !place.filter.has(facet, &value) {
                    place.filter.toggle(facet, &value);
                }
            }
            continue;
        }
        let value = decode(values);
        match name {
            "q" => place.filter.text = value,
            "sort" => {
                place.sort = Sort::ALL.into_iter().find(|sort| sort_word(*sort) == value).unwrap_or_default();
            }
            "group" => place.grouping = Grouping::named(&value),
            "finding" => place.finding = Some(value),
            "step" => place.step = value.parse::<usize>().ok().and_then(|step| step.checked_sub(1)),
            "look" => place.look = value,
            "in" => {
                place.corpus = [Corpus::Code, Corpus::Governance].into_iter().find(|one| corpus_word(*one) == value)
            }
            "open" => {
                let at = value.rsplit_once(':').and_then(|(path, line)| Some((path, line.parse().ok()?)));
                place.open = at.map(|(path, line)| (path.to_owned(), line));
            }
            _ => {}
        }
    }
    place
}

/// A corpus in addresses.
#[must_use]
pub const fn corpus_word(corpus: Corpus) -> &'static str {
    match corpus {
        Corpus::Code => "code",
        Corpus::Governance => "governance",
    }
}

/// Name of a severity in addresses and in `data-sev`.
#[must_use]
pub const fn severity_slug(severity: Severity) -> &'static str {
    super::verdict::severity_word(severity)
}

/// Percent-encoded, but for what stands between the parts of a path.
pub(super) fn encode(out: &mut String, value: &str) {
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~/:".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
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
    use super::super::filter::Filter;
    use super::*;

    #[test]
    fn an_address_leads_back_to_its_place() {
        let mut filter = Filter { text: "a b&c=\u{e4}%#".to_owned(), ..Filter::default() };
        for (facet, value) in [
            (Facet::Severity, "critical"),
            (Facet::Severity, "medium"),
            (Facet::Category, "resource-lifecycle"),
            (Facet::Check, "query_in_loop"),
            (Facet::Check, "missing_rollback"),
            (Facet::Verdict, "needs-context"),
            (Facet::Folder, "app/api/"),
            (Facet::File, "src/a file,b.py"),
            (Facet::File, "src/c.py"),
            (Facet::RunsIn, "request"),
            (Facet::Framework, "Django ORM"),
            (Facet::Language, "python"),
            (Facet::Confidence, "medium"),
            (Facet::Effort, "l"),
        ] {
            filter.toggle(facet, value);
        }
        let place = Place {
            tab: Tab::Findings,
            filter,
            sort: Sort::Effort,
            grouping: Grouping::Function,
            finding: Some("ab12".to_owned()),
            step: Some(2),
            look: "load totals".to_owned(),
            corpus: Some(Corpus::Governance),
            open: Some(("docs/a:b.md".to_owned(), 7)),
        };
        let address = write(&place);
        assert!(
            address.starts_with("findings?severity=critical,medium&category=resource-lifecycle&check="),
            "{address}"
        );
        assert!(address.contains("&file=src/a%20file%2Cb.py,src/c.py&"), "{address}");
        assert!(!address.contains(' ') && !address.contains('#'), "{address}");
        assert_eq!(read(&address), place);
        assert_eq!(read(&format!("#{address}")), place);
    }

    #[test]
    fn nonsense_is_the_start_page_of_the_report() {
        assert_eq!(read("#%%%?x&severity=blue&step=0&sort=up&group=colour"), Place::default());
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
