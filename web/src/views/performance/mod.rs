//! What was measured: targets, findings, before and after, what to do, pictures, how each file was
//! read, and a load test to measure with.

mod loadtest;
mod pictures;
mod section;

use crate::state::store::{Host, Loaded, Role, Store};
use crate::state::verdict::{count, tenths};
use crate::views::report::strip;
use crate::widgets::button::button;
use crate::widgets::icon::Icon;
use crate::widgets::inline::inline;
use crate::widgets::table::table;
use crate::words::performance as words;
use drydock_core::checks;
use drydock_core::report::model::Report;
use drydock_core::report::model::performance::{EvidenceFile, Performance, SeverityChange, TargetStatus};
use leptos::prelude::*;
use std::collections::BTreeSet;
use std::sync::Arc;

/// The tab.
pub fn performance(store: Store, loaded: &Arc<Loaded>) -> AnyView {
    match &loaded.report.performance {
        Some(measured) => report(store, loaded, measured),
        None => nothing(store, loaded),
    }
}

fn nothing(store: Store, loaded: &Loaded) -> AnyView {
    let formats = words::FORMATS
        .into_iter()
        .map(|(kind, tools)| view! { <div class="fact"><dt>{kind}</dt><dd>{tools}</dd></div> })
        .collect_view();
    view! {
        <div class="page performance">
            {inside(store, &loaded.report)}
            <h1>{words::EMPTY}</h1>
            <p class="measure">{words::HOW}</p>
            <p>{choose(store, words::CHOOSE, "button button-primary")}</p>
            <section class="block" aria-labelledby="formats">
                <h2 id="formats">{words::FORMATS_TITLE}</h2>
                <dl class="facts">{formats}</dl>
                <p class="dim">{words::FORMATS_NOTE}</p>
            </section>
            {loadtest::load_test(store, loaded)}
        </div>
    }
    .into_any()
}

/// Evidence that lies in the project and was not read.
pub fn inside(store: Store, report: &Report) -> AnyView {
    let read: BTreeSet<String> =
        report.performance.iter().flat_map(|measured| &measured.files).map(|file| file.path.clone()).collect();
    (move || {
        let files = store.inside.get();
        let open = files.iter().any(|file| !read.contains(&file.path));
        open.then(|| {
            let read = button("button", "read-inside", words::INSIDE_READ, move || store.ask(Host::read_inside));
            strip("none", Icon::Search, words::inside(&files), read)
        })
    })
    .into_any()
}

fn choose(store: Store, name: &'static str, class: &'static str) -> AnyView {
    button(class, "choose-evidence", name, move || store.ask(|host| host.choose_files(Some(Role::Evidence))))
}

fn report(store: Store, loaded: &Arc<Loaded>, measured: &Performance) -> AnyView {
    let sections = measured.sections.iter().enumerate().map(|(at, one)| section::section(store, loaded, at, one));
    let two_runs = measured.sections.iter().any(|section| section.benchmark.is_some());
    let swap = two_runs.then(|| button("button", "", words::SWAP, move || store.ask(Host::swap_runs)));
    let notices = measured.notices.iter().map(|notice| view! { <li>{inline(notice)}</li> }).collect_view();
    let notices = (!measured.notices.is_empty()).then(|| view! { <ul class="bullets dim">{notices}</ul> });
    view! {
            <div class="page performance">
                {inside(store, &loaded.report)}
                <div class="block">
                    <h1>{headline(measured)}</h1>
                    {scores(loaded, measured)}
                    <div class="compare-actions">
                        {choose(store, words::ADD, "button")}
                        {swap}
    {button("button button-quiet", "", words::FORGET, move || store.ask(Host::forget_evidence))}
                    </div>
                    {notices}
                </div>
                {sections.collect_view()}
                {pictures::pictures(measured)}
                {changes(store, &measured.changes)}
                {unmatched(&measured.unmatched)}
                {files(&measured.files)}
                {loadtest::load_test(store, loaded)}
            </div>
        }
    .into_any()
}

/// `2 of 5 targets are missed; 3 findings of the audit are confirmed.`
fn headline(measured: &Performance) -> String {
    let rows = || measured.sections.iter().flat_map(|section| &section.targets);
    let judged = rows().filter(|row| !matches!(row.status, TargetStatus::NoTarget | TargetStatus::NoData)).count();
    let missed = rows().filter(|row| row.status == TargetStatus::Fail).count();
    let met = rows().filter(|row| row.status == TargetStatus::Pass).count();
    let targets = match (judged, missed) {
        (0, _) => "No target was measured".to_owned(),
        (_, 0) if met == judged => format!("{} met", all_of(judged)),
        (_, 0) => format!("{met} of {} met, none missed", count(judged, "target", "targets")),
        (1, _) => "The target is missed".to_owned(),
        _ => format!("{missed} of {judged} targets missed"),
    };
    let found: usize = measured.sections.iter().map(|section| section.findings.len()).sum();
    let seen = match found {
        0 => "nothing stands out in what was measured".to_owned(),
        _ => format!("{} in what was measured", count(found, "finding", "findings")),
    };
    format!("{targets}; {seen}.")
}

fn all_of(judged: usize) -> String {
    if judged == 1 { "The target is".to_owned() } else { format!("All {judged} targets are") }
}

fn scores(loaded: &Loaded, measured: &Performance) -> AnyView {
    let now = loaded.report.overall.score_tenths;
    let alone = measured.unadjusted.as_ref().and_then(|scores| scores.overall_tenths);
    match now.zip(alone) {
        Some((now, alone)) => view! {
            <p class="num">
                {format!("{} {}, {} {}", tenths(now), words::SCORE_FROM_BOTH, tenths(alone), words::SCORE_FROM_CODE)}
            </p>
        }
        .into_any(),
        None => ().into_any(),
    }
}

/// A heading with what belongs to it.
fn block(id: &'static str, title: &'static str, body: AnyView) -> AnyView {
    view! { <section class="block" aria-labelledby=id><h2 id=id>{title}</h2>{body}</section> }.into_any()
}

fn changes(store: Store, changes: &[SeverityChange]) -> AnyView {
    if changes.is_empty() {
        return ().into_any();
    }
    let rows = changes
        .iter()
        .map(|change| {
            let after = match change.to {
                Some(severity) if severity == change.from => view! { <strong>{words::CONFIRMED}</strong> }.into_any(),
                Some(severity) => view! { <strong>{severity.word()}</strong> }.into_any(),
                None => view! { <strong>{words::REFUTED}</strong> }.into_any(),
            };
            let title = check_title(&change.check);
            view! {
                <li class="change">
                    <span class="num">{change.from.word()}" \u{2192} "{after}</span>
                    <span>{open(store, &change.fingerprint, title)}</span>
                    <span class="mono dim break">{format!("{}:{}", change.path, change.line)}</span>
                    <span class="change-why">{change.why.clone()}</span>
                </li>
            }
        })
        .collect_view();
    block("changes", words::CHANGES, view! { <ul class="rows">{rows}</ul> }.into_any())
}

/// A button that opens a finding of the audit.
fn open(store: Store, fingerprint: &str, name: String) -> AnyView {
    let fingerprint = fingerprint.to_owned();
    button("text-button", "", name, move || {
        let at = store.report.with_untracked(|loaded| {
            loaded.as_ref()?.report.findings.iter().position(|finding| finding.fingerprint == fingerprint)
        });
        if let Some(at) = at {
            store.open_finding(at);
        }
    })
}

fn check_title(check: &str) -> String {
    checks::find(check).map_or(check, |check| check.title).to_owned()
}

fn unmatched(texts: &[String]) -> AnyView {
    if texts.is_empty() {
        return ().into_any();
    }
    let items = texts.iter().map(|text| view! { <li class="break">{text.clone()}</li> }).collect_view();
    let body = view! {
        <details class="fold">
            <summary><span class="fold-title">{words::UNMATCHED}</span><span class="num dim">{texts.len()}</span></summary>
            <ul class="bullets prose">{items}</ul>
        </details>
    };
    view! { <section class="block" aria-label=words::UNMATCHED>{body}</section> }.into_any()
}

fn files(files: &[EvidenceFile]) -> AnyView {
    let rows: Vec<AnyView> = files
        .iter()
        .map(|file| {
            let run = (!file.run.is_empty()).then(|| format!(", {}", file.run));
            let format = match (&file.refused, file.format.is_empty()) {
                (Some(_), true) => words::REFUSED.to_owned(),
                (Some(_), false) => format!("{}, {}", file.format, words::REFUSED),
                (None, _) => file.format.clone(),
            };
            let notes = file.notes.iter().map(|note| view! { <p class="dim">{note.clone()}</p> }).collect_view();
            let read = file.refused.clone().unwrap_or_else(|| file.read.clone());
            view! {
                <tr>
                    <td class="mono break">{file.path.clone()}</td>
                    <td>{format}{run}</td>
                    <td>{read}{notes}</td>
                </tr>
            }
            .into_any()
        })
        .collect();
    block("evidence-files", words::FILES, table(&words::FILE_HEADS, words::FILES, rows))
}
