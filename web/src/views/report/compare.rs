//! Against an earlier version: the scores side by side, then what is new, fixed, moved and still there.

use super::summary::{head_and_place, item, parts};
use crate::state::compare::{positions, sentence, signed};
use crate::state::filter::{Facet, Filter, baseline_word};
use crate::state::html::Html;
use crate::state::store::{Host, Loaded, Role, Store};
use crate::state::verdict::{self, grouped, tenths};
use crate::widgets::button::button;
use crate::widgets::icon::{Icon, icon};
use crate::widgets::inline::inline;
use crate::words;
use drydock_core::report::model::{BaselineState, Comparison, StateCounts, Verdict};
use leptos::prelude::*;

/// Findings of a state that are listed here; the rest is in the filtered list.
const SHOWN: usize = 50;

/// The tab.
pub fn compare(store: Store, loaded: &Loaded) -> AnyView {
    match &loaded.report.comparison {
        Some(comparison) => compared(store, loaded, comparison),
        None => view! {
            <div class="page compare">
                <h1>{words::COMPARE_TITLE}</h1>
                <p class="measure">{words::COMPARE_HOW}</p>
                <p>{choose(store, "button button-primary")}</p>
            </div>
        }
        .into_any(),
    }
}

fn choose(store: Store, class: &'static str) -> AnyView {
    view! {
        <button
            type="button"
            class=class
            id="choose-earlier"
            on:click=move |_| store.ask(|host| host.choose_files(Some(Role::Earlier)))
        >
            {words::CHOOSE_EARLIER}
        </button>
    }
    .into_any()
}

fn compared(store: Store, loaded: &Loaded, comparison: &Comparison) -> AnyView {
    let warnings = comparison
        .warnings
        .iter()
        .map(|warning| view! { <div class="strip" data-sev="medium">{icon(Icon::Warning)}<p>{inline(warning)}"."</p></div> })
        .collect_view();
    let counts = comparison.counts;
    let suppressed = loaded.report.findings.iter().filter(|finding| finding.verdict == Verdict::Suppressed).count();
    view! {
        <div class="page compare">
            <div class="compare-head prose">
                <h1>{parts(store, sentence(&loaded.report, comparison))}</h1>
                <p class="dim">{format!("Against {}, audited {}.", comparison.project, comparison.date)}</p>
                <div class="compare-actions">
                    {choose(store, "button")}
                    {button("button button-quiet", "", words::STOP_COMPARING, move || store.ask(Host::stop_comparing))}
                </div>
            </div>
            {warnings}
            {scores(comparison)}
            {list(store, loaded, BaselineState::New, counts.new)}
            {fixed(comparison)}
            {list(store, loaded, BaselineState::Moved, counts.moved)}
            <ul class="compare-rest">
                <li>{rest(store, words::STILL_THERE, counts.known as usize, Filter::counted().with(Facet::Baseline, "known"))}</li>
                <li>{rest(store, words::verdict(Verdict::Suppressed), suppressed, Filter::only(Facet::Verdict, "suppressed"))}</li>
            </ul>
        </div>
    }
    .into_any()
}

fn scores(comparison: &Comparison) -> AnyView {
    let mut out = Html::default();
    out.raw("<table class=\"table compare-table\"><thead><tr><th scope=\"col\">")
        .text(words::FACET_CATEGORY)
        .raw("</th>");
    for head in [words::BEFORE, words::NOW, words::CHANGE, words::NEW, words::FIXED, words::STILL_THERE, words::MOVED] {
        out.raw("<th scope=\"col\" class=\"right\">").text(head).raw("</th>");
    }
    out.raw("</tr></thead><tbody>");
    for one in &comparison.categories {
        row(&mut out, one.category.title(), (one.before_tenths, one.after_tenths), one.counts);
    }
    row(&mut out, words::OVERALL, (comparison.before_tenths, comparison.after_tenths), comparison.counts);
    out.raw("</tbody></table>");
    view! { <div class="table-wrap" tabindex="0" role="group" aria-label=words::BY_CATEGORY inner_html=out.done()></div> }
        .into_any()
}

fn row(out: &mut Html, name: &str, (before, after): (Option<u32>, Option<u32>), counts: StateCounts) {
    let number = |score: Option<u32>| score.map_or_else(|| words::NOT_APPLICABLE.to_owned(), tenths);
    out.raw("<tr><th scope=\"row\">").text(name).raw("</th>");
    for score in [before, after] {
        out.raw("<td class=\"num right\">").text(&number(score)).raw("</td>");
    }
    out.raw("<td class=\"right\">");
    if let Some((before, after)) = before.zip(after) {
        out.raw("<span class=\"num delta\" data-sev=\"").raw(match before.cmp(&after) {
            std::cmp::Ordering::Less => "pass",
            std::cmp::Ordering::Greater => "critical",
            std::cmp::Ordering::Equal => "none",
        });
        out.raw("\">").text(&signed(before, after)).raw("</span>");
    }
    out.raw("</td>");
    for count in [counts.new, counts.fixed, counts.known, counts.moved] {
        out.raw("<td class=\"num right\">").text(&grouped(count.into())).raw("</td>");
    }
    out.raw("</tr>");
}

const fn sign(state: BaselineState) -> (&'static str, &'static str, &'static str) {
    match state {
        BaselineState::New => ("+", "critical", words::NEW),
        BaselineState::Fixed => ("\u{2713}", "pass", words::FIXED),
        BaselineState::Moved => ("\u{2192}", "none", words::MOVED),
        BaselineState::Known => ("=", "none", words::STILL_THERE),
    }
}

fn head(state: BaselineState, number: u32) -> AnyView {
    let (sign, tone, title) = sign(state);
    view! {
        <h2>
            <span class="compare-sign" data-sev=tone aria-hidden="true">{sign}</span>
            {title}" "<span class="num dim">{grouped(number.into())}</span>
        </h2>
    }
    .into_any()
}

fn list(store: Store, loaded: &Loaded, state: BaselineState, number: u32) -> AnyView {
    let all = positions(&loaded.report, state);
    if all.is_empty() {
        return if state == BaselineState::New {
            view! { <section class="block">{head(state, 0)}<p class="dim">{words::NOTHING_NEW}</p></section> }
                .into_any()
        } else {
            ().into_any()
        };
    }
    let rows = all
        .iter()
        .take(SHOWN)
        .filter_map(|position| Some((*position, loaded.finding(*position)?)))
        .map(|(position, finding)| {
            let from = finding
                .moved_from
                .clone()
                .map(|from| view! { <span class="mono dim break">{format!("from {from}")}</span> });
            item(store, position, finding, finding.category.title().to_owned(), from.into_any())
        })
        .collect_view();
    let more = (all.len() > SHOWN).then(|| {
        rest(store, words::ALL_FINDINGS, all.len(), Filter::only(Facet::Baseline, baseline_word(Some(state))))
    });
    view! { <section class="block">{head(state, number)}<ol class="firsts">{rows}</ol>{more}</section> }.into_any()
}

/// They are no longer in the code: there is nothing to open.
fn fixed(comparison: &Comparison) -> AnyView {
    if comparison.fixed.is_empty() {
        return ().into_any();
    }
    let rows = comparison
        .fixed
        .iter()
        .take(SHOWN)
        .map(|finding| view! { <li><div class="first">{head_and_place(finding, finding.category.title().to_owned())}</div></li> })
        .collect_view();
    let more = comparison.fixed.len().saturating_sub(SHOWN);
    view! {
        <section class="block">
            {head(BaselineState::Fixed, comparison.counts.fixed)}
            <ol class="firsts">{rows}</ol>
            {(more > 0).then(|| view! { <p class="dim">{format!("and {} more, in every exported file", grouped(more as u64))}</p> })}
        </section>
    }
    .into_any()
}

fn rest(store: Store, name: &'static str, number: usize, filter: Filter) -> AnyView {
    view! {
        <button type="button" class="text-button" disabled=number == 0 on:click=move |_| {
            store.follow(verdict::Target::Findings(filter.clone()));
        }>{name}" "<span class="num">{grouped(number as u64)}</span></button>
    }
    .into_any()
}
