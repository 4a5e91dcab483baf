//! The first thirty seconds: verdict, gauges, severity bar, what to fix first, where it hurts.

use super::overall_reading;
use crate::state::compare::{signed, trend};
use crate::state::files;
use crate::state::filter::Filter;
use crate::state::fixes::first_fixes;
use crate::state::hash::severity_slug;
use crate::state::marks::Marks;
use crate::state::store::{Loaded, Store};
use crate::state::verdict::{self, Part, count, tenths};
use crate::views::performance;
use crate::widgets::button::button;
use crate::widgets::gauge::{self, Reading, Size};
use crate::widgets::inline::inline;
use crate::widgets::severity::{bar, finding_badge, tally};
use crate::words;
use drydock_core::audit::score::what_if as what_if_score;
use drydock_core::report::model::{CategoryScore, CategoryState, Finding};
use leptos::prelude::*;
use std::collections::BTreeSet;
use std::sync::Arc;

const WORST_FILES: usize = 6;
const FIRST: usize = 3;
/// Findings that "What if?" offers.
const OFFERED: usize = 10;
/// Of others that are ticked, so many are listed.
const LISTED: usize = 40;

/// The tab.
pub fn summary(store: Store, loaded: &Arc<Loaded>) -> AnyView {
    let report = &loaded.report;
    let cards = report.categories.iter().map(|score| card(store, loaded, score)).collect_view();
    let remarks = (!report.notices.is_empty()).then(|| {
        let list = report.notices.iter().map(|notice| view! { <li>{inline(notice)}</li> }).collect_view();
        view! {
            <section class="block">
                <h2>{words::REMARKS}</h2>
                <ul class="bullets">{list}</ul>
            </section>
        }
    });
    view! {
        <div class="page summary">
            {performance::inside(store, report)}
            {hero(store, loaded)}
            <h2 class="sr-only">{words::BY_CATEGORY}</h2>
            <ul class="cards">{cards}</ul>
            <section class="block" aria-labelledby="by-severity" hidden=report.overall.score_tenths.is_none()>
                <h2 class="sr-only" id="by-severity">{words::SEVERITIES}</h2>
                {bar(report.overall.counts, move |severity| store.follow(verdict::Target::Findings(Filter::severity(severity))))}
            </section>
            {(report.overall.counts.total() > 0).then(|| view! {
                <div class="columns">
                    {first(store, loaded)}
                    {worst_files(store, loaded)}
                </div>
                {what_if(store, loaded)}
            })}
            {super::trend::section(store)}
            {remarks}
        </div>
    }
    .into_any()
}

fn hero(store: Store, loaded: &Arc<Loaded>) -> AnyView {
    let sentences = store.marks.with_untracked(|marks| verdict::sentences(&loaded.report, marks));
    let reading = overall_reading(loaded);
    let overall = &loaded.report.overall;
    let raw = overall.score_tenths.map(|_| {
        let per = overall.penalty_per_kloc_tenths.map(|per| {
            view! { <br />{format!("{} {}", tenths(per), words::PER_KLOC)} }
        });
        view! { {format!("{} {}", words::RAW_PENALTY, tenths(overall.penalty_tenths))}{per} }
    });
    let supported = overall.score_tenths.is_none().then(|| {
        let stacks: Vec<String> = words::STACKS.iter().map(|(name, what)| format!("{name}: {what}")).collect();
        view! { <p class="dim measure">{format!("Supported: {}.", stacks.join("; "))}</p> }
    });
    view! {
        <section class="hero" aria-label="Verdict">
            <div class="hero-gauge">
                {gauge::ring(&reading, Size::Large)}
                <p class="hero-band">{reading.band()}</p>
                {delta(store, loaded)}
                <p class="dim num hero-raw">{raw}</p>
            </div>
            <div class="hero-words prose">
                <h1>{parts(store, sentences.verdict)}</h1>
                {(!sentences.worst.is_empty()).then(|| view! { <p>{parts(store, sentences.worst)}</p> })}
                {(!sentences.first.is_empty()).then(|| view! { <p>{parts(store, sentences.first)}</p> })}
                {(!sentences.next.is_empty()).then(|| view! { <p>{parts(store, sentences.next)}</p> })}
                <p class="dim">{parts(store, sentences.coverage)}</p>
                {marked(store, loaded)}
                {supported}
            </div>
        </section>
    }
    .into_any()
}

/// What the reader marked as fixed, and which marks of before did not hold.
fn marked(store: Store, loaded: &Arc<Loaded>) -> AnyView {
    let said = store.marks.with_untracked(|marks| marks.sentence(&loaded.report));
    (!said.is_empty()).then(|| view! { <p id="marked">{parts(store, said)}</p> }).into_any()
}

/// How the score changed since the earlier version.
fn delta(store: Store, loaded: &Loaded) -> AnyView {
    let comparison = loaded.report.comparison.as_ref();
    let Some((before, after)) = comparison.and_then(|comparison| comparison.before_tenths.zip(comparison.after_tenths))
    else {
        return ().into_any();
    };
    let words = format!("{} {}", signed(before, after), trend(before, after));
    view! {
        {button("chip delta-chip", "", words, move || {
            store.tab.set(crate::state::place::Tab::Compare);
            crate::platform::dom::focus_soon("tab-compare");
        })}
    }
    .into_any()
}

/// Pieces of a sentence with their links. A line may break before any button: the bracket before a link and the
/// punctuation after it are held together with it.
pub fn parts(store: Store, parts: Vec<Part>) -> AnyView {
    let mut views = Vec::new();
    let mut bracket = String::new();
    let mut parts = parts.into_iter().peekable();
    while let Some(part) = parts.next() {
        views.push(match part {
            Part::Text(words) => {
                let before_link = matches!(parts.peek(), Some(Part::Link(..)));
                let (words, opening) = if before_link { verdict::opening(&words) } else { (words.as_str(), "") };
                opening.clone_into(&mut bracket);
                inline(words)
            }
            Part::Strong(words) => view! { <strong>{words}</strong> }.into_any(),
            Part::Link(words, target) => {
                let mut end = String::new();
                if let Some(Part::Text(next)) = parts.peek_mut() {
                    let (closing, rest) = verdict::closing(next);
                    closing.clone_into(&mut end);
                    *next = rest.to_owned();
                }
                let link = button("word-link", "", words, move || store.follow(target.clone()));
                view! { <span class="word-held">{std::mem::take(&mut bracket)}{link}{end}</span> }.into_any()
            }
        });
    }
    views.collect_view().into_any()
}

fn card(store: Store, loaded: &Loaded, score: &CategoryScore) -> AnyView {
    let reading = Reading::of(score);
    let category = score.category;
    let note = match &score.status {
        CategoryState::Completed if score.counts.total() == 0 => {
            let ran =
                loaded.report.checks.iter().filter(|check| check.category == category && check.candidates > 0).count();
            view! { <span class="dim">{format!("{} looked", count(ran, "check", "checks"))}</span> }.into_any()
        }
        CategoryState::Completed => tally(score.counts),
        CategoryState::NotApplicable(reason) | CategoryState::Error(reason) => {
            view! { <span class="dim">{reason.clone()}</span> }.into_any()
        }
    };
    view! {
        <li>
            {button("card", "", view! { {gauge::ring(&reading, Size::Medium)}
                <span class="card-text">
                    <span class="card-title">{category.title()}</span>
                    <span class="card-band">{reading.band()}</span>
                    <span class="card-note">{note}</span>
                </span> }, move || store.follow(verdict::Target::Findings(Filter::category(category))))}
        </li>
    }
    .into_any()
}

/// A finding in a list, to be opened; `about` stands beside its badge, `end` after its place.
pub fn item(store: Store, position: usize, finding: &Finding, about: String, end: AnyView) -> AnyView {
    view! {
        <li>
            <button
                type="button"
                class="first"
                data-sev=severity_slug(finding.severity)
                on:click=move |_| store.follow(verdict::Target::Finding(position))
            >
                {head_and_place(finding, about)}
                {end}
            </button>
        </li>
    }
    .into_any()
}

/// What a list says of a finding.
pub fn head_and_place(finding: &Finding, about: String) -> AnyView {
    view! {
        <span class="first-head">{finding_badge(finding)}<span class="dim">{about}</span></span>
        <span class="first-message">{inline(&finding.message)}</span>
        <span class="mono dim first-place">{format!("{}:{}", finding.path, finding.line)}</span>
    }
    .into_any()
}

fn first(store: Store, loaded: &Loaded) -> AnyView {
    let (fixes, none_left) =
        store.marks.with_untracked(|marks| (first_fixes(&loaded.report, marks, FIRST), marks.all(&loaded.report)));
    if none_left {
        return firsts(store, view! { <p class="dim">{words::ALL_MARKED}</p> }.into_any());
    }
    let Some(fixes) = fixes else { return ().into_any() };
    let mut before = fixes.before;
    let mut penalty_open = fixes.penalty_before;
    let rows = fixes
        .findings
        .iter()
        .zip(&fixes.steps)
        .filter_map(|(position, after)| Some((*position, *after, loaded.finding(*position)?)))
        .map(|(position, after, finding)| {
            let about = format!("{} \u{00b7} {}", finding.category.title(), words::effort(finding.effort).1);
            let from = std::mem::replace(&mut before, after);
            let penalty = penalty_open;
            penalty_open = penalty_open.saturating_sub(finding.severity.penalty_tenths());
            // A floored category does not move the score: its penalty falls.
            let (from, after, what) =
                if from == after { (penalty, penalty_open, words::PENALTY) } else { (from, after, words::SCORE) };
            let end = view! { <span class="first-gain num">{format!("{what} {} \u{2192} {}", tenths(from), tenths(after))}</span> };
            item(store, position, finding, about, end.into_any())
        })
        .collect_view();
    firsts(store, view! { <ol class="firsts">{rows}</ol> }.into_any())
}

/// The section of what to mend first, around its list or what is said in its place.
fn firsts(store: Store, inside: AnyView) -> AnyView {
    view! {
        <section class="block" aria-labelledby="fix-first">
            <div class="block-head">
                <h2 id="fix-first">{words::FIX_FIRST}</h2>
                {button("text-button", "", words::ALL_FINDINGS, move || {
                    store.follow(verdict::Target::Findings(Filter::default()));
                })}
            </div>
            {inside}
        </section>
    }
    .into_any()
}

/// The score without what the reader ticks.
fn what_if(store: Store, loaded: &Arc<Loaded>) -> AnyView {
    let before = loaded.report.overall.score_tenths;
    let offered =
        first_fixes(&loaded.report, &Marks::default(), OFFERED).map(|fixes| fixes.findings).unwrap_or_default();
    let report = Arc::clone(loaded);
    let result = move || {
        let ticked: Vec<usize> = store.ticked.with(|ticked| ticked.iter().copied().collect());
        let after = what_if_score(&report.report.categories, &report.report.findings, &ticked);
        match before.zip(after) {
            Some((before, after)) if !ticked.is_empty() => {
                let number = count(ticked.len(), "finding", "findings");
                format!("Without {number}: {} \u{2192} {} ({})", tenths(before), tenths(after), signed(before, after))
            }
            _ => words::WHAT_IF_HOW.to_owned(),
        }
    };
    let report = Arc::clone(loaded);
    let rows = move || {
        // What was ticked elsewhere is listed too.
        let mut shown = offered.clone();
        store
            .ticked
            .with(|ticked| shown.extend(ticked.iter().copied().filter(|at| !offered.contains(at)).take(LISTED)));
        shown
            .into_iter()
            .filter_map(|position| Some((position, report.finding(position)?)))
            .map(|(position, finding)| {
                view! {
                    <li>
                        <label class="check-label what-if-row">
                            <input
                                type="checkbox"
                                prop:checked=move || store.ticked.with(|ticked| ticked.contains(&position))
                                on:change=move |_| store.tick(position)
                            />
                            {finding_badge(finding)}
                            <span>{inline(&finding.message)}</span>
                        </label>
                    </li>
                }
            })
            .collect_view()
    };
    view! {
        <section class="block" aria-labelledby="what-if">
            <div class="block-head">
                <h2 id="what-if" tabindex="-1">{words::WHAT_IF}</h2>
                {button("text-button", "", words::UNTICK, move || store.ticked.update(BTreeSet::clear))}
            </div>
            <p role="status" class="num" id="what-if-result">{result}</p>
            <ul class="what-if">{rows}</ul>
        </section>
    }
    .into_any()
}

fn worst_files(store: Store, loaded: &Loaded) -> AnyView {
    let rows: Vec<_> =
        files::rows(&loaded.report).into_iter().filter(|row| row.penalty > 0).take(WORST_FILES).collect();
    let most = rows.iter().map(|row| row.penalty).max().unwrap_or(1).max(1);
    if rows.is_empty() {
        return ().into_any();
    }
    let list = rows
        .into_iter()
        .map(|row| {
            let path = row.path.clone();
            let width = format!("{}%", row.penalty * 100 / most);
            let (folder, name) = row.path.rsplit_once('/').map_or(("", row.path.as_str()), |(folder, name)| (folder, name));
            let folder = if folder.is_empty() { String::new() } else { format!("{folder}/") };
            view! {
                <li>
                    {button("hurt", "", view! { <span class="hurt-path mono"><span class="dim hurt-folder">{folder}</span>{name.to_owned()}</span>
                        <span class="hurt-counts">{tally(row.counts)}</span>
                        <span class="hurt-bar" aria-hidden="true"><span style:width=width></span></span> }, move || {
                        store.follow(verdict::Target::Findings(Filter::file(&path)));
                    })}
                </li>
            }
        })
        .collect_view();
    view! {
        <section class="block" aria-labelledby="hurts">
            <div class="block-head">
                <h2 id="hurts">{words::WHERE_IT_HURTS}</h2>
                {button("text-button", "", words::ALL_FILES, move || store.follow(verdict::Target::Files))}
            </div>
            <ul class="hurts">{list}</ul>
        </section>
    }
    .into_any()
}
