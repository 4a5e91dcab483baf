//! One component or endpoint: its targets, what was seen, before and after, what to do.

use super::{check_title, open};
use crate::state::store::{Loaded, Store};
use crate::widgets::icon::{Icon, icon};
use crate::widgets::inline::inline;
use crate::widgets::severity::badge;
use crate::widgets::table::table;
use crate::words::performance as words;
use drydock_core::report::model::performance::{
    Benchmark, Caching, Escalation, ProfilingFinding, Recommendation, Section, TargetRow, TargetStatus,
};
use leptos::prelude::*;
use std::sync::Arc;

/// The section.
pub fn section(store: Store, loaded: &Arc<Loaded>, at: usize, one: &Section) -> AnyView {
    let id = format!("measured-{at}");
    let place = one.place.clone().map(|place| view! { <p class="mono dim break">{place}</p> });
    let labelled = id.clone();
    view! {
        <section class="block measured" aria-labelledby=labelled>
            <div><h2 id=id class="measured-title">{one.title.clone()}</h2>{place}</div>
            {targets(store, &one.title, &one.targets)}
            {findings(store, loaded, &one.findings)}
            {one.benchmark.as_ref().map(benchmark)}
            {recommendations(&one.recommendations)}
            {caching(&one.caching)}
            {escalations(&one.escalations)}
        </section>
    }
    .into_any()
}

/// Colour and shape of a verdict; the word stands beside them.
const fn tone(status: TargetStatus) -> (&'static str, Option<Icon>) {
    match status {
        TargetStatus::Fail => ("critical", Some(Icon::Warning)),
        TargetStatus::Pass => ("pass", Some(Icon::Check)),
        TargetStatus::Undecided | TargetStatus::Noisy => ("medium", Some(Icon::Warning)),
        TargetStatus::NoData | TargetStatus::NoTarget => ("none", None),
    }
}

fn part(title: &'static str, body: AnyView) -> AnyView {
    view! { <div class="measured-part"><h3>{title}</h3>{body}</div> }.into_any()
}

fn targets(store: Store, title: &str, rows: &[TargetRow]) -> Option<AnyView> {
    let cell = |text: &Option<String>| text.clone().unwrap_or_else(|| "\u{2013}".to_owned());
    let rows: Vec<AnyView> = rows
        .iter()
        .map(|row| {
            let (sev, glyph) = tone(row.status);
            let source =
                (!row.source.is_empty()).then(|| view! { <span class="dim break">{row.source.clone()}</span> });
            let reason = row.reason.clone().map(|reason| view! { <span class="dim">{reason}</span> });
            // A section is about one scope, but what was measured of all has rows of several.
            let elsewhere = row.scope != "all" && !title.contains(&row.scope);
            let scope_of = elsewhere.then(|| view! { <span class="dim break">{row.scope.clone()}</span> });
            let change = row.change.clone().map(|change| view! { <span class="dim">{change}</span> });
            let (scope, key) = (row.scope.clone(), row.key.clone());
            let name = format!("{} {} {}", words::TARGET_OF, row.metric, row.scope);
            // On a phone the status lies beyond the frame: its word stands beside the metric there, for eyes only.
            let at_once = view! {
                <span class="sev nowrap at-once" data-sev=sev aria-hidden="true">{glyph.map(icon)}{row.status.words()}</span>
            };
            view! {
                <tr>
                    <th scope="row"><div class="stack">{row.metric.clone()}{scope_of}{at_once}</div></th>
                    <td><div class="stack">
                        <input
                            class="input target-input num"
                            aria-label=name
                            value=row.target.clone()
                            placeholder=words::NO_TARGET
                            on:change=move |event| {
                                let target = event_target_value(&event);
                                store.ask(|host| host.set_target(&scope, &key, &target));
                            }
                        />
                        {source}
                    </div></td>
                    <td class="num nowrap">{cell(&row.baseline)}</td>
                    <td class="num"><div class="stack"><span class="nowrap">{cell(&row.optimized)}</span>{change}</div></td>
                    <td><div class="stack">
                        <span class="sev nowrap" data-sev=sev>{glyph.map(icon)}{row.status.words()}</span>{reason}
                    </div></td>
                </tr>
            }
            .into_any()
        })
        .collect();
    (!rows.is_empty()).then(|| part(words::TARGETS, table(&words::TARGET_HEADS, words::TARGETS, rows)))
}

fn findings(store: Store, loaded: &Arc<Loaded>, findings: &[ProfilingFinding]) -> Option<AnyView> {
    let rows = findings.iter().map(|finding| view! { <li>{seen(store, loaded, finding)}</li> }).collect_view();
    (!findings.is_empty()).then(|| part(words::FINDINGS, view! { <ol class="seen-list">{rows}</ol> }.into_any()))
}

fn seen(store: Store, loaded: &Arc<Loaded>, finding: &ProfilingFinding) -> AnyView {
    let place = finding.place.as_ref().map(|place| {
        let text = format!("{}:{}", place.path, place.line);
        let symbol = (!place.symbol.is_empty()).then(|| format!(" {}", place.symbol));
        view! { <p class="mono dim break">{text}{symbol}</p> }
    });
    let known = |fingerprint: &str| loaded.report.findings.iter().any(|other| other.fingerprint == *fingerprint);
    let confirms = finding
        .confirms
        .iter()
        .filter(|(_, fingerprint)| known(fingerprint))
        .map(|(check, fingerprint)| view! { <li>{open(store, fingerprint, check_title(check))}</li> })
        .collect_view();
    let row = |name: &'static str, text: &str| {
        (!text.is_empty()).then(|| view! { <div><dt>{name}</dt><dd>{inline(text)}</dd></div> })
    };
    view! {
        <article class="seen">
            <p class="seen-head">{badge(finding.severity)}<strong>{finding.kind.clone()}</strong></p>
            <p class="seen-title">{inline(&finding.title)}</p>
            {place}
            <dl class="seen-rows">
                {row(words::MEASURED, &finding.evidence)}
                {row(words::FIX, &finding.fix)}
                {row(words::IMPACT, &finding.impact)}
                {finding.guard.as_deref().and_then(|guard| row(words::GUARD, guard))}
                {(!finding.confirms.is_empty()).then(|| view! { <div><dt>{words::CONFIRMS}</dt><dd><ul>{confirms}</ul></dd></div> })}
            </dl>
        </article>
    }
    .into_any()
}

fn benchmark(one: &Benchmark) -> AnyView {
    let command = one.command.clone().map(|command| {
        view! { <p><span class="dim">{words::COMMAND}" "</span><code class="inline-code break">{command}</code></p> }
    });
    let warnings =
        one.not_comparable.iter().map(|why| view! { <li>{words::NOT_COMPARABLE}": "{why.clone()}</li> }).collect_view();
    let notes = one.notes.iter().map(|note| view! { <p class="dim">{note.clone()}</p> }).collect_view();
    let rows: Vec<AnyView> = one
        .rows
        .iter()
        .map(|row| {
            view! {
                <tr>
                    <th scope="row">{inline(&row.metric)}</th>
                    <td class="num nowrap">{row.baseline.clone()}</td>
                    <td class="num nowrap">{row.optimized.clone()}</td>
                    <td class="num">{row.change.clone()}</td>
                    <td>{row.verdict.clone()}</td>
                </tr>
            }
            .into_any()
        })
        .collect();
    let body = view! {
        {command}
        {table(&words::BENCHMARK_HEADS, words::BENCHMARK, rows)}
        {(!one.not_comparable.is_empty()).then(|| view! { <ul class="bullets">{warnings}</ul> })}
        {notes}
    };
    part(words::BENCHMARK, body.into_any())
}

fn recommendations(list: &[Recommendation]) -> Option<AnyView> {
    let rows = list
        .iter()
        .map(|one| {
            view! {
                <li>
                    <span class="dim nowrap">
                        {format!("Priority {} ({} impact, {} effort)", one.priority, one.impact.word(), one.effort.word())}
                    </span>
                    <p>{inline(&one.text)}</p>
                </li>
            }
        })
        .collect_view();
    (!list.is_empty()).then(|| part(words::RECOMMENDATIONS, view! { <ol class="advice">{rows}</ol> }.into_any()))
}

fn caching(list: &[Caching]) -> Option<AnyView> {
    let rows: Vec<AnyView> = list
        .iter()
        .map(|one| {
            let cell = |text: &String| view! { <td>{inline(text)}</td> };
            view! { <tr>{cell(&one.trigger)}{cell(&one.layer)}{cell(&one.invalidation)}{cell(&one.guard)}</tr> }
                .into_any()
        })
        .collect();
    (!rows.is_empty()).then(|| part(words::CACHING, table(&words::CACHING_HEADS, words::CACHING, rows)))
}

fn escalations(list: &[Escalation]) -> Option<AnyView> {
    let rows = list
        .iter()
        .map(|one| view! { <li><strong>{format!("For {}: ", one.to)}</strong>{inline(&one.why)}</li> })
        .collect_view();
    (!list.is_empty()).then(|| part(words::ESCALATIONS, view! { <ul class="bullets prose">{rows}</ul> }.into_any()))
}
