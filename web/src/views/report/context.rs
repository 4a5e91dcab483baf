//! What was discovered about the project, each fact with the place it was read from.

use crate::platform::dom;
use crate::protocol::{Command, ExportFormat};
use crate::state::filter::{Facet, Filter};
use crate::state::store::{Dialog, Loaded, Store};
use crate::state::verdict::{Target, count};
use crate::views::external;
use crate::widgets::button::button;
use crate::widgets::icon::{Icon, icon};
use crate::widgets::table::table;
use crate::words;
use drydock_core::discovery::{ContextStore, FactSource};
use leptos::prelude::*;

/// The tab.
pub fn context(store: Store, loaded: &Loaded) -> AnyView {
    let context = &loaded.report.context;
    view! {
        <div class="page context">
            <h1 class="sr-only">{words::tab(crate::state::place::Tab::Context)}</h1>
            {conflicts(store, context)}
            <div class="columns">
                {section("stack", words::STACK, stack(store, context))}
                {section("settings", words::DB_SETTINGS, settings(store, context))}
            </div>
            <div class="columns">
                {section("triggers", words::TRIGGERS, triggers(store, context))}
                {section("subscribers", words::SUBSCRIBERS, subscribers(store, context))}
            </div>
            {section("planned", words::PLANNED, planned(store, loaded))}
            <ul class="export-list">{super::export::card(store, ExportFormat::Context)}</ul>
            {section("practices", words::PRACTICES, practices(store, context))}
            <div class="columns">
                {section("sources", words::SOURCES, sources(store, loaded))}
                {section("packages", words::PACKAGES, packages(context))}
            </div>
        </div>
    }
    .into_any()
}

fn section(id: &'static str, title: &'static str, body: Option<AnyView>) -> AnyView {
    let body = body.unwrap_or_else(|| view! { <p class="dim">{words::NONE_FOUND}</p> }.into_any());
    view! { <section class="block" aria-labelledby=id><h2 id=id>{title}</h2>{body}</section> }.into_any()
}

/// The place that a fact was read from: leads there.
fn place(store: Store, source: Option<&FactSource>) -> AnyView {
    let Some(FactSource { file, line }) = source.cloned() else { return ().into_any() };
    let name = format!("{file}:{line}");
    view! { {button("text-button mono break", "", name, move || store.open_file(&file, line))} }.into_any()
}

fn at(store: Store, file: &str, line: u32) -> AnyView {
    place(store, Some(&FactSource { file: file.to_owned(), line }))
}

fn stack(store: Store, context: &ContextStore) -> Option<AnyView> {
    let stack = &context.tech_stack;
    let kinds = [
        ("languages", "Languages", &stack.languages),
        ("db", "Databases", &stack.db),
        ("orm", "ORMs and drivers", &stack.orm),
        ("async", "Web", &stack.web),
        ("other", "Other", &stack.other),
    ];
    let rows: Vec<AnyView> = kinds
        .into_iter()
        .filter(|(_, _, values)| !values.is_empty())
        .map(|(kind, name, values)| {
            let items = values
                .iter()
                .enumerate()
                .map(|(number, value)| {
                    let source = context.source(&format!("tech_stack.{kind}"), number);
                    view! { <li><span>{value.clone()}</span>{place(store, source)}</li> }
                })
                .collect_view();
            view! { <div class="fact"><dt>{name}</dt><dd><ul>{items}</ul></dd></div> }.into_any()
        })
        .collect();
    let team = context.team_id.clone().map(|team| {
        let source = context.source("team_id", 0);
        view! { <div class="fact"><dt>"Team ID"</dt><dd><ul><li><span>{team}</span>{place(store, source)}</li></ul></dd></div> }
    });
    (!rows.is_empty() || team.is_some()).then(|| view! { <dl class="facts">{rows}{team}</dl> }.into_any())
}

fn settings(store: Store, context: &ContextStore) -> Option<AnyView> {
    let rows: Vec<AnyView> = context
        .db_config
        .settings
        .iter()
        .flat_map(|(name, values)| {
            // Values that differ stand beside each other, each with its own place.
            values.split(" | ").enumerate().map(move |(number, value)| {
                let source = context.source(&format!("db_config.{name}"), number);
                view! {
                    <tr>
                        <td class="mono">{name.clone()}</td>
                        <td class="mono">{value.to_owned()}</td>
                        <td>{place(store, source)}</td>
                    </tr>
                }
                .into_any()
            })
        })
        .collect();
    (!rows.is_empty()).then(|| table(&[words::SETTING, words::VALUE, words::READ_FROM], words::DB_SETTINGS, rows))
}

fn triggers(store: Store, context: &ContextStore) -> Option<AnyView> {
    let rows: Vec<AnyView> = context
        .db_config
        .triggers
        .iter()
        .map(|trigger| {
            let channel = trigger.channel.clone().map(|channel| format!(" \u{2192} {channel}")).unwrap_or_default();
            view! {
                <tr>
                    <td class="mono">{trigger.table.clone()}</td>
                    <td>{trigger.event.clone()}</td>
                    <td class="mono">{format!("{}{channel}", trigger.function)}</td>
                    <td>{at(store, &trigger.file, trigger.line)}</td>
                </tr>
            }
            .into_any()
        })
        .collect();
    (!rows.is_empty()).then(|| table(&["Table", "Event", "Function", words::READ_FROM], words::TRIGGERS, rows))
}

fn subscribers(store: Store, context: &ContextStore) -> Option<AnyView> {
    let rows: Vec<AnyView> = context
        .db_config
        .event_subscribers
        .iter()
        .map(|one| {
            view! {
                <tr>
                    <td class="mono">{one.channel.clone()}</td>
                    <td>{one.technology.clone()}</td>
                    <td>{at(store, &one.file, one.line)}</td>
                </tr>
            }
            .into_any()
        })
        .collect();
    (!rows.is_empty()).then(|| table(&["Channel", "Technology", words::READ_FROM], words::SUBSCRIBERS, rows))
}

/// What sources say of one fact, each with its place; none is taken for the truth.
fn conflicts(store: Store, context: &ContextStore) -> AnyView {
    if context.conflicts.is_empty() {
        return ().into_any();
    }
    let rows = context
        .conflicts
        .iter()
        .map(|conflict| {
            let values = conflict
                .values
                .iter()
                .map(|one| view! { <li><span class="mono">{one.value.clone()}</span>{at(store, &one.file, one.line)}</li> })
                .collect_view();
            view! { <div class="fact"><dt>{conflict.fact.clone()}</dt><dd><ul>{values}</ul></dd></div> }
        })
        .collect_view();
    view! {
        <section class="strip conflicts" data-sev="medium" aria-labelledby="conflicts">
            <h2 id="conflicts">{icon(Icon::Warning)}{words::CONFLICTS}</h2>
            <dl class="facts">{rows}</dl>
        </section>
    }
    .into_any()
}

/// Plans and decisions that findings were set aside for, each with its findings.
fn planned(store: Store, loaded: &Loaded) -> Option<AnyView> {
    let mut plans: Vec<(&str, usize)> = Vec::new();
    for reason in loaded.report.findings.iter().filter_map(|finding| finding.advisory.as_deref()) {
        if let Some((plan, _)) = reason.strip_prefix("[Planned: ").and_then(|rest| rest.split_once(']')) {
            match plans.iter_mut().find(|(known, _)| *known == plan) {
                Some((_, number)) => *number += 1,
                None => plans.push((plan, 1)),
            }
        }
    }
    let rows: Vec<AnyView> = plans
        .into_iter()
        .map(|(plan, number)| {
            let filter = Filter::only(Facet::Verdict, "advisory");
            view! {
                <li>
                    <span>{plan.to_owned()}</span>" "
                    {button("text-button", "", view! { {count(number, "finding", "findings")} }, move || store.follow(Target::Findings(filter.clone())))}
                </li>
            }
            .into_any()
        })
        .collect();
    (!rows.is_empty()).then(|| view! { <ul class="plain-list">{rows}</ul> }.into_any())
}

/// The notes on what was detected: fetched from the engine when one is opened.
fn practices(store: Store, context: &ContextStore) -> Option<AnyView> {
    let groups: Vec<AnyView> = context
        .best_practices
        .iter()
        .filter(|(_, list)| !list.is_empty())
        .map(|(technology, list)| {
            let (asked, shown) = (technology.clone(), technology.clone());
            let reviewed = context.reviewed.get(technology).map(|date| format!(", {} {date}", words::REVIEWED));
            let note = move || store.notes.with(|notes| notes.get(&shown).cloned());
            view! {
                <details class="fold" on:toggle=move |_| want_note(store, &asked)>
                    <summary>
                        <span class="fold-title">{technology.clone()}</span>
                        <span class="num dim">{count(list.len(), "statement", "statements")}{reviewed}</span>
                    </summary>
                    <div class="note prose" inner_html=move || note().unwrap_or_default() on:click=move |event| leave(store, &event)></div>
                </details>
            }
            .into_any()
        })
        .collect();
    (!groups.is_empty()).then(|| groups.into_any())
}

fn want_note(store: Store, technology: &str) {
    if store.notes.with_untracked(|notes| !notes.contains_key(technology)) {
        store.ask(|host| host.ask(Command::Note(technology.to_owned())));
    }
}

/// Links of a note ask before they leave, as all do.
fn leave(store: Store, event: &leptos::ev::MouseEvent) {
    if let Some(address) = dom::data_under(event, "a[href]", "href") {
        event.prevent_default();
        store.dialog.set(Some(Dialog::Leave(address)));
    }
}

fn sources(store: Store, loaded: &Loaded) -> Option<AnyView> {
    let items: Vec<AnyView> = loaded
        .report
        .sources
        .iter()
        .map(|source| view! { <li>{external(store, &source.url, source.title.clone())}</li> }.into_any())
        .collect();
    fold(words::SOURCES, items)
}

/// A list that is open while it is short.
fn fold(name: &'static str, items: Vec<AnyView>) -> Option<AnyView> {
    let number = items.len();
    (number > 0).then(|| {
        view! {
            <details class="fold" open=number <= 12>
                <summary><span class="fold-title">{name}</span><span class="num dim">{number}</span></summary>
                <ul class="plain-list">{items}</ul>
            </details>
        }
        .into_any()
    })
}

fn packages(context: &ContextStore) -> Option<AnyView> {
    let items: Vec<AnyView> = context
        .tech_stack
        .packages
        .iter()
        .map(|(name, version)| {
            view! { <li class="package"><span class="mono">{name.clone()}</span><span class="mono dim">{version.clone()}</span></li> }
                .into_any()
        })
        .collect();
    fold(words::PACKAGES, items)
}
