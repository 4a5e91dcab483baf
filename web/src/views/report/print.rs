//! What goes to the printer: the summary, and all findings with their paths. Drawn only while the browser prints,
//! as the list on screen holds few of them.

use super::summary::head_and_place;
use crate::platform::{dom, time};
use crate::state::filter::VERDICTS;
use crate::state::store::{Loaded, Phase, Store};
use crate::state::verdict::{self, plain, tenths};
use crate::widgets::inline::inline;
use crate::widgets::severity::tally;
use crate::widgets::table::table;
use crate::words;
use drydock_core::report::model::{CategoryScore, Finding, Verdict};
use leptos::prelude::*;

/// Draws the report while the browser prints, however that was asked for.
pub fn listen(store: Store) {
    let before = window_event_listener(leptos::ev::beforeprint, move |_| {
        if store.phase.get_untracked() == Phase::Done && store.printing.get_untracked().is_none() {
            store.printing.set(Some(true));
        }
    });
    let after = window_event_listener(leptos::ev::afterprint, move |_| store.printing.set(None));
    on_cleanup(move || {
        before.remove();
        after.remove();
    });
}

/// Prints all findings, or the summary.
pub fn print(store: Store, all: bool) {
    store.printing.set(Some(all));
    time::after(0, dom::print);
}

/// The pages.
pub fn pages(store: Store, loaded: &Loaded) -> AnyView {
    let report = &loaded.report;
    let sentences = verdict::sentences(report);
    let words_of = [sentences.worst, sentences.first, sentences.next, sentences.coverage];
    let paragraphs = words_of.iter().map(|parts| view! { <p>{inline(&plain(parts))}</p> }).collect_view();
    let rows = report.categories.iter().map(score).collect();
    let remarks = report.coverage.notices.iter().chain(&report.notices);
    let remarks = remarks.map(|remark| view! { <li>{inline(remark)}</li> }).collect_view();
    let all = store.printing.get_untracked() == Some(true);
    let findings = all.then(|| VERDICTS.map(|one| group(loaded, one)).into_iter().collect_view());
    view! {
        <article class="print prose">
            <h1>{format!("{} \u{2013} {} \u{2013} {}", words::PRODUCT, report.project, report.date)}</h1>
            <p><strong>{plain(&sentences.verdict)}</strong></p>
            {paragraphs}
            {table(&[words::FACET_CATEGORY, words::SCORE, words::PENALTY, words::FINDINGS], words::BY_CATEGORY, rows)}
            <ul class="bullets">{remarks}</ul>
            {findings}
        </article>
    }
    .into_any()
}

fn score(score: &CategoryScore) -> AnyView {
    let reading = crate::widgets::gauge::Reading::of(score);
    view! {
        <tr>
            <td>{score.category.title()}</td>
            <td>{reading.number()}", "{reading.band()}</td>
            <td class="num">{tenths(score.penalty_tenths)}</td>
            <td>{tally(score.counts)}</td>
        </tr>
    }
    .into_any()
}

fn group(loaded: &Loaded, verdict: Verdict) -> AnyView {
    let findings: Vec<AnyView> =
        loaded.report.findings.iter().filter(|finding| finding.verdict == verdict).map(finding).collect();
    if findings.is_empty() {
        return ().into_any();
    }
    view! { <h2>{words::verdict(verdict)}" "<span class="num">{findings.len()}</span></h2>{findings} }.into_any()
}

fn finding(finding: &Finding) -> AnyView {
    let steps = finding
        .steps
        .iter()
        .map(|step| view! { <li>{inline(&step.message)}" "<span class="mono">{format!("{}:{}", step.path, step.line)}</span></li> })
        .collect_view();
    let reason =
        finding.verdict_reason.as_ref().or(finding.advisory.as_ref()).map(|reason| view! { <p>{inline(reason)}</p> });
    view! {
        <section class="print-finding">
            {head_and_place(finding, format!("{}, {}", finding.category.title(), words::effort(finding.effort).1))}
            {reason}
            <p>{inline(&finding.recommendation)}</p>
            <ol>{steps}</ol>
        </section>
    }
    .into_any()
}
