//! Rule 1, planned: an accepted decision record or an open item of a plan names the finding's
//! place (path, symbol or table) and its subject. Proposed, rejected, superseded and done do not count.

use crate::discovery::{AdrStatus, DiscoveryFile, adrs, planned};
use crate::report::model::Finding;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A document that may hold decisions or plans.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Document {
    /// Path relative to the project.
    pub path: String,
    /// Text.
    pub text: String,
}

/// What is accepted or planned.
#[derive(Debug, Default)]
pub struct Plans {
    all: Vec<Plan>,
    /// Plans that name a check's subject, with the word, once the check was asked for: there may be thousands of
    /// documents, and findings as well.
    by_check: BTreeMap<String, Vec<(usize, &'static str)>>,
}

/// Something accepted or planned, in words that can be searched.
#[derive(Debug)]
struct Plan {
    tag: String,
    title: String,
    place: String,
    text: String,
}

/// Words that name a check's subject, lower case. One row per check.
const SUBJECTS: &[(&str, &[&str])] = &[
    ("blocking_io_in_async", &["blocking", "event loop", "synchronous i/o", "sync i/o", "synchronous call"]),
    ("dispatch_before_commit", &["before commit", "after commit", "on_commit", "outbox"]),
    ("error_path_leak", &["leak", "error path"]),
    ("event_channel_consistency", &["channel", "notify", "event name"]),
    ("factory_vs_injection", &["session factory", "captured session", "background session", "injected session"]),
    ("large_payload", &["pagination", "paginate", "large payload", "unbounded list"]),
    ("long_held_transaction", &["long transaction", "long-running transaction", "long-held", "long held"]),
    ("missing_bulk_ops", &["bulk insert", "bulk operation", "batch insert", "bulk_create", "row by row"]),
    ("missing_cleanup", &["leak", "cleanup", "clean-up", "unclosed", "connection reuse"]),
    ("missing_index", &["index"]),
    ("missing_intermediate_commits", &["intermediate commit", "progress", "notify"]),
    ("missing_rollback", &["rollback", "roll back"]),
    ("missing_to_thread", &["to_thread", "cpu-bound", "cpu-heavy", "thread pool"]),
    ("n_update_delete_loop", &["bulk update", "bulk delete", "row by row", "n+1", "batch update", "update loop"]),
    ("over_fetching", &["over-fetch", "overfetch", "select *", "whole row"]),
    ("pool_configuration", &["connection pool", "pool size", "pooling", "pre-ping", "pre_ping"]),
    ("query_in_loop", &["n+1", "query in a loop", "queries in a loop", "query per item", "eager load"]),
    ("redundant_data_copies", &["copies", "deepcopy"]),
    ("redundant_fetch", &["redundant fetch", "loaded twice", "double fetch", "duplicate query", "fetched twice"]),
    ("resource_scope_mismatch", &["session scope", "connection scope", "session lifetime"]),
    ("scope_too_narrow", &["atomic", "atomicity", "separate commits"]),
    ("scope_too_wide", &["long transaction", "transaction scope", "call inside a transaction", "inside transaction"]),
    ("streaming_resource_holding", &["streaming", "sse", "server-sent", "websocket"]),
    ("string_concat_in_loop", &["string concatenation", "string building"]),
    ("sync_sleep_in_async", &["sleep", "polling", "event loop"]),
    ("tx_handle_ignored", &["transaction handle", "global session"]),
    ("unbounded_growth", &["unbounded", "memory growth", "eviction", "cache size"]),
    ("unnecessary_list_allocation", &["list allocation", "generator"]),
    ("unnecessary_resolve", &["unnecessary lookup", "redundant lookup", "resolve by id"]),
    ("wrong_caching_scope", &["cache scope", "request-scoped cache", "per-request cache"]),
];

/// File names that many folders have: they name a place only with their folder.
const COMMON_NAMES: &[&str] = &[
    "__init__.py",
    "admin.py",
    "api.py",
    "app.py",
    "config.py",
    "db.py",
    "index.js",
    "index.ts",
    "main.py",
    "models.py",
    "routes.py",
    "schemas.py",
    "serializers.py",
    "services.py",
    "settings.py",
    "tasks.py",
    "utils.py",
    "views.py",
];

/// Reads what is accepted or planned from `documents`.
#[must_use]
pub fn read(documents: &[Document]) -> Plans {
    let files: Vec<DiscoveryFile<'_>> =
        documents.iter().map(|document| DiscoveryFile { path: &document.path, text: &document.text }).collect();
    let decisions = adrs(&files).into_iter().filter(|adr| adr.status == AdrStatus::Accepted).map(|adr| Plan {
        tag: adr.id,
        title: adr.title,
        place: adr.path,
        text: adr.text.to_lowercase(),
    });
    let done = |text: &str| text.contains("~~") || text.contains('✅');
    let items = planned(&files).into_iter().filter(|item| !done(&item.text)).map(|item| Plan {
        tag: if item.section.is_empty() { item.path.clone() } else { item.section },
        title: item.text.chars().take(120).collect(),
        place: format!("{}:{}", item.path, item.line),
        text: item.text.to_lowercase(),
    });
    Plans { all: decisions.chain(items).collect(), by_check: BTreeMap::new() }
}

impl Plans {
    /// Tag and evidence of the first plan that names the finding's place and subject.
    pub fn matching(&mut self, finding: &Finding, tables: &[String]) -> Option<String> {
        let Self { all, by_check } = self;
        if !by_check.contains_key(&finding.check) {
            by_check.insert(finding.check.clone(), about(all, &finding.check));
        }
        by_check.get(&finding.check)?.iter().find_map(|(number, subject)| {
            let plan = all.get(*number)?;
            let place = place_named(&plan.text, finding, tables)?;
            Some(format!("[Planned: {}] {} ({}) names `{place}` and \"{subject}\"", plan.tag, plan.title, plan.place))
        })
    }
}

/// The plans that name the check's subject, each with the word.
fn about(plans: &[Plan], check: &str) -> Vec<(usize, &'static str)> {
    let subjects = SUBJECTS.iter().find(|(id, _)| *id == check).map_or(&[][..], |(_, words)| *words);
    let named = |plan: &Plan| subjects.iter().find(|word| has_word(&plan.text, word)).copied();
    plans.iter().enumerate().filter_map(|(number, plan)| Some((number, named(plan)?))).collect()
}

/// The path, symbol or table that `text` (lower case) names.
fn place_named(text: &str, finding: &Finding, tables: &[String]) -> Option<String> {
    let path = finding.path.to_lowercase();
    let name = path.rsplit('/').next().unwrap_or(&path);
    let with_folder = path.rsplitn(3, '/').take(2).collect::<Vec<_>>();
    let tail = with_folder.iter().rev().copied().collect::<Vec<_>>().join("/");
    if has_word(text, &path) || (tail.contains('/') && has_word(text, &tail)) {
        return Some(finding.path.clone());
    }
    if !COMMON_NAMES.contains(&name) && name.len() >= 5 && has_word(text, name) {
        return Some(finding.path.clone());
    }
    let symbol = finding.symbol.to_lowercase();
    if symbol.contains('.') && has_word(text, &symbol) {
        return Some(finding.symbol.clone());
    }
    let last = finding.symbol.rsplit('.').next().unwrap_or_default();
    let telling =
        last.len() >= 6 && (last.trim_matches('_').contains('_') || last.chars().skip(1).any(char::is_uppercase));
    let quoted = |word: &str| text.contains(&format!("`{word}`")) || text.contains(&format!("`{word}()`"));
    if !last.is_empty() && last != "<module>" {
        let lower = last.to_lowercase();
        if (telling && has_word(text, &lower)) || quoted(&lower) {
            return Some(finding.symbol.clone());
        }
    }
    tables.iter().find_map(|table| {
        let lower = table.to_lowercase();
        let beside = has_word(text, &format!("table {lower}")) || has_word(text, &format!("{lower} table"));
        (!lower.is_empty() && (quoted(&lower) || beside)).then(|| table.clone())
    })
}

/// Whether `word` stands in `text` with no letter, digit or underscore beside it.
fn has_word(text: &str, word: &str) -> bool {
    let inside = |c: char| c.is_alphanumeric() || c == '_';
    !word.is_empty()
        && text.match_indices(word).any(|(at, _)| {
            let before = text.get(..at).and_then(|head| head.chars().next_back());
            let after = text.get(at + word.len()..).and_then(|tail| tail.chars().next());
            let plural = after == Some('s') && !text.get(at + word.len() + 1..).is_some_and(|t| t.starts_with(inside));
            !before.is_some_and(inside) && (plural || !after.is_some_and(inside))
        })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing)]
    use super::super::apply;
    use super::*;
    use crate::audit::sample::finding;
    use crate::report::model::Severity::{Critical, High};
    use crate::report::model::{ContextFacts, Severity, Verdict};
    use std::collections::BTreeMap;

    fn run(severity: Severity, facts: ContextFacts, path: &str, text: &str) -> Finding {
        let mut found = vec![finding("query_in_loop", severity, "src/shop/orders.py", 10)];
        found[0].symbol = "OrderService.load_totals".into();
        let facts = BTreeMap::from([(found[0].fingerprint.clone(), facts)]);
        apply(&mut found, &facts, &[Document { path: path.into(), text: text.into() }]);
        found.remove(0)
    }

    fn adr(text: &str) -> Finding {
        run(High, ContextFacts::default(), "docs/adr/012-order-totals.md", text)
    }

    #[test]
    fn every_check_has_subject_words() {
        for check in crate::checks::CATALOGUE {
            assert!(SUBJECTS.iter().any(|(id, words)| *id == check.id && !words.is_empty()), "{}", check.id);
        }
    }

    #[test]
    fn an_accepted_decision_that_names_place_and_subject_makes_it_advisory() {
        let text = "# ADR-012: Keep order totals simple\n\n## Status\n\nAccepted\n\nThe N+1 in `shop/orders.py` stays.";
        let found = adr(text);
        assert_eq!((found.verdict, found.original_severity), (Verdict::Advisory, Some(High)));
        assert_eq!(
            found.advisory.as_deref(),
            Some(
                "[Planned: ADR-012] Keep order totals simple (docs/adr/012-order-totals.md) \
                 names `src/shop/orders.py` and \"n+1\""
            )
        );
        for status in
            ["Status: Accepted", "**Status:** accepted (2025-03-01)", "| Status | Accepted |", "- Status: Approved"]
        {
            let text = format!("# Totals\n{status}\nLoadTotals: load_totals has N+1 queries");
            assert_eq!(adr(&text).verdict, Verdict::Advisory, "{status}");
        }
    }

    #[test]
    fn other_states_do_not_count() {
        for status in
            ["Proposed", "Rejected", "Superseded by ADR-013", "Deprecated", "Accepted, superseded by 14", "Draft"]
        {
            let text = format!("# Totals\nStatus: {status}\nThe N+1 in orders.py stays");
            assert_eq!(adr(&text).verdict, Verdict::Counted, "{status}");
        }
        assert_eq!(adr("# Totals\nThe N+1 in orders.py stays").verdict, Verdict::Counted);
    }

    #[test]
    fn place_and_subject_are_both_needed() {
        assert_eq!(adr("# T\nStatus: Accepted\norders.py is old").verdict, Verdict::Counted);
        assert_eq!(adr("# T\nStatus: Accepted\nN+1 everywhere").verdict, Verdict::Counted);
        assert_eq!(adr("# T\nStatus: Accepted\nN+1 in reorders.py").verdict, Verdict::Counted);
        assert_eq!(adr("# T\nStatus: Accepted\nN+1 in the orders table").verdict, Verdict::Counted);
        let facts = ContextFacts { tables: vec!["orders".into()], ..ContextFacts::default() };
        let found = run(High, facts, "docs/decisions/3.md", "# T\nStatus: Accepted\nN+1 in the orders table");
        assert_eq!(found.verdict, Verdict::Advisory);
    }

    #[test]
    fn open_items_of_a_roadmap_count_and_done_ones_do_not() {
        let road = |line: &str| {
            let text = format!("# Roadmap\n## Q3\n{line}\n");
            run(High, ContextFacts::default(), "docs/roadmap.md", &text)
        };
        let open = road("- [ ] remove N+1 queries in OrderService.load_totals");
        assert_eq!(open.verdict, Verdict::Advisory);
        assert!(
            open.advisory.is_some_and(|tag| tag.starts_with("[Planned: Q3] ") && tag.contains("docs/roadmap.md:3"))
        );
        assert_eq!(road("1. N+1 in shop/orders.py").verdict, Verdict::Advisory);
        for line in [
            "- [x] remove N+1 queries in OrderService.load_totals",
            "- ~~N+1 in shop/orders.py~~",
            "## Done\n- N+1 in shop/orders.py",
        ] {
            assert_eq!(road(line).verdict, Verdict::Counted, "{line}");
        }
    }

    #[test]
    fn every_check_has_its_subject_and_each_of_its_words_counts() {
        let checks: Vec<&str> = crate::checks::CATALOGUE.iter().map(|check| check.id).collect();
        for check in &checks {
            assert!(SUBJECTS.iter().any(|(id, words)| id == check && !words.is_empty()), "{check}");
        }
        for (check, words) in SUBJECTS {
            assert!(checks.contains(check), "{check}");
            for word in *words {
                let decided = |text: &str| {
                    let documents = [Document { path: "docs/adr/0007-x.md".into(), text: text.into() }];
                    let mut found = vec![finding(check, High, "src/shop/orders.py", 10)];
                    apply(&mut found, &BTreeMap::new(), &documents);
                    found.remove(0)
                };
                let advisory =
                    decided(&format!("# ADR-7: Later\nStatus: Accepted\nThe {word} in src/shop/orders.py stays."));
                assert_eq!((advisory.verdict, advisory.severity), (Verdict::Advisory, High), "{check}: {word}");
                assert_eq!(advisory.original_severity, Some(High));
                let tag =
                    format!("[Planned: ADR-007] Later (docs/adr/0007-x.md) names `src/shop/orders.py` and \"{word}\"");
                assert_eq!(advisory.advisory.as_deref(), Some(tag.as_str()));
                let proposed =
                    decided(&format!("# ADR-7: Later\nStatus: Proposed\nThe {word} in src/shop/orders.py stays."));
                assert_eq!(proposed.verdict, Verdict::Counted, "{check}: {word}");
                let elsewhere =
                    decided(&format!("# ADR-7: Later\nStatus: Accepted\nThe {word} in src/shop/carts.py stays."));
                assert_eq!(elsewhere.verdict, Verdict::Counted, "{check}: {word}");
            }
        }
    }

    #[test]
    fn a_symbol_names_the_place_as_a_path_does() {
        let text = "# ADR-3: Totals\nStatus: Accepted\nOrderService.load_totals keeps its N+1 until the cache lands.";
        assert_eq!(adr(text).verdict, Verdict::Advisory);
        let todo = |line: &str| {
            let text = format!("# Architecture\n## Known limitations\n{line}\n");
            run(High, ContextFacts::default(), "docs/architecture/overview.md", &text).verdict
        };
        assert_eq!(todo("- N+1 in shop/orders.py"), Verdict::Advisory);
        let prose = "# Architecture\n## Layers\nTODO: mend the N+1 in shop/orders.py\n";
        assert_eq!(run(High, ContextFacts::default(), "ARCHITECTURE.md", prose).verdict, Verdict::Advisory);
    }

    #[test]
    fn a_rollback_that_a_reused_session_needs_and_hot_writes_stay() {
        let words = |check: &str| SUBJECTS.iter().find(|(id, _)| *id == check).map_or("", |(_, words)| words[0]);
        for (check, facts) in [
            ("missing_rollback", ContextFacts { session_reused: true, ..ContextFacts::default() }),
            ("n_update_delete_loop", ContextFacts { hot: true, ..ContextFacts::default() }),
            ("query_in_loop", ContextFacts { hot: true, ..ContextFacts::default() }),
        ] {
            let text = format!("# T\nStatus: Accepted\n{} in src/shop/orders.py", words(check));
            for (facts, expected) in [(facts, Verdict::Counted), (ContextFacts::default(), Verdict::Advisory)] {
                let documents = [Document { path: "docs/adr/1.md".into(), text: text.clone() }];
                let mut found = vec![finding(check, High, "src/shop/orders.py", 10)];
                let facts = BTreeMap::from([(found[0].fingerprint.clone(), facts)]);
                apply(&mut found, &facts, &documents);
                assert_eq!(found[0].verdict, expected, "{check}");
            }
        }
    }

    /// Three thousand decisions and two thousand findings: each decision is read once for a check, not per finding.
    #[test]
    fn a_folder_of_thousands_of_decisions_is_read_once_per_check() {
        let filler = "Words that say nothing about it. ".repeat(60);
        let documents: Vec<Document> = (0..3_000)
            .map(|n| {
                let text = format!("# ADR-{n}: Decision {n}\n\nStatus: Accepted\n\n{filler}");
                Document { path: format!("docs/adr/{n:04}-decision.md"), text }
            })
            .collect();
        let mut plans = read(&documents);
        assert_eq!(plans.all.len(), 3_000);
        for n in 0..2_000 {
            assert_eq!(plans.matching(&finding("query_in_loop", High, "src/shop/orders.py", n), &[]), None);
        }
        assert_eq!(plans.by_check.len(), 1);
        assert_eq!(plans.by_check["query_in_loop"].len(), 0);
    }

    #[test]
    fn exempt_findings_stay() {
        let text = "# T\nStatus: Accepted\nN+1 in shop/orders.py";
        let hot = ContextFacts { hot: true, ..ContextFacts::default() };
        assert_eq!(run(High, hot, "docs/adr/1.md", text).verdict, Verdict::Counted);
        assert_eq!(run(Critical, ContextFacts::default(), "docs/adr/1.md", text).verdict, Verdict::Counted);
        assert_eq!(run(Severity::Low, ContextFacts::default(), "docs/adr/1.md", text).verdict, Verdict::Counted);
    }
}
