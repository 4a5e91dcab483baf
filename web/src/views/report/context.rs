//! What was discovered about the project, each fact with the place it was read from.

use crate::state::store::{Loaded, Store};
use crate::views::external;
use crate::widgets::inline::inline;
use crate::words;
use drydock_core::discovery::ContextStore;
use leptos::prelude::*;

/// The tab.
pub fn context(store: Store, loaded: &Loaded) -> AnyView {
    let context = &loaded.report.context;
    view! {
        <div class="page context">
            <h1 class="sr-only">{words::tab(crate::state::place::Tab::Context)}</h1>
            <div class="columns">
                {section("stack", words::STACK, stack(context))}
                {section("settings", words::DB_SETTINGS, settings(context))}
            </div>
            <div class="columns">
                {section("triggers", words::TRIGGERS, triggers(context))}
                {section("subscribers", words::SUBSCRIBERS, subscribers(context))}
            </div>
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

fn place_of(context: &ContextStore, fact: &str) -> Option<String> {
    context.sources.get(fact).map(|source| format!("{}:{}", source.file, source.line))
}

/// The source of a technology: by its own name, else by its kind.
fn place_of_technology(context: &ContextStore, kind: &str, value: &str) -> Option<String> {
    let name = value.split_whitespace().next().unwrap_or(value).to_lowercase();
    place_of(context, &format!("tech_stack.{kind}.{name}"))
        .or_else(|| place_of(context, &format!("tech_stack.{kind}.{value}")))
        .or_else(|| place_of(context, &format!("tech_stack.{kind}")))
}

fn stack(context: &ContextStore) -> Option<AnyView> {
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
                .map(|value| {
                    let place = place_of_technology(context, kind, value);
                    view! { <li><span>{value.clone()}</span>{place.map(|place| view! { <span class="mono dim break">{place}</span> })}</li> }
                })
                .collect_view();
            view! { <div class="fact"><dt>{name}</dt><dd><ul>{items}</ul></dd></div> }.into_any()
        })
        .collect();
    let team = context.team_id.clone().map(|team| view! { <div class="fact"><dt>"Team"</dt><dd>{team}</dd></div> });
    (!rows.is_empty() || team.is_some()).then(|| view! { <dl class="facts">{rows}{team}</dl> }.into_any())
}

fn settings(context: &ContextStore) -> Option<AnyView> {
    let rows: Vec<AnyView> = context
        .db_config
        .settings
        .iter()
        .map(|(name, value)| {
            let place = place_of(context, &format!("db_config.{name}"));
            view! {
                <tr>
                    <td class="mono">{name.clone()}</td>
                    <td class="mono">{value.clone()}</td>
                    <td class="mono dim break">{place}</td>
                </tr>
            }
            .into_any()
        })
        .collect();
    (!rows.is_empty()).then(|| table(&[words::SETTING, words::VALUE, words::READ_FROM], words::DB_SETTINGS, rows))
}

fn table(heads: &[&'static str], name: &'static str, rows: Vec<AnyView>) -> AnyView {
    let heads = heads.iter().map(|head| view! { <th scope="col">{*head}</th> }).collect_view();
    view! {
        <div class="table-wrap" tabindex="0" role="group" aria-label=name>
            <table class="table"><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>
        </div>
    }
    .into_any()
}

fn triggers(context: &ContextStore) -> Option<AnyView> {
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
                    <td class="mono dim break">{format!("{}:{}", trigger.file, trigger.line)}</td>
                </tr>
            }
            .into_any()
        })
        .collect();
    (!rows.is_empty()).then(|| table(&["Table", "Event", "Function", words::READ_FROM], words::TRIGGERS, rows))
}

fn subscribers(context: &ContextStore) -> Option<AnyView> {
    let rows: Vec<AnyView> = context
        .db_config
        .event_subscribers
        .iter()
        .map(|one| {
            view! {
                <tr>
                    <td class="mono">{one.channel.clone()}</td>
                    <td>{one.technology.clone()}</td>
                    <td class="mono dim break">{format!("{}:{}", one.file, one.line)}</td>
                </tr>
            }
            .into_any()
        })
        .collect();
    (!rows.is_empty()).then(|| table(&["Channel", "Technology", words::READ_FROM], words::SUBSCRIBERS, rows))
}

fn practices(store: Store, context: &ContextStore) -> Option<AnyView> {
    let groups: Vec<AnyView> = context
        .best_practices
        .iter()
        .filter(|(_, list)| !list.is_empty())
        .map(|(technology, list)| {
            let number = list.len();
            let items = list
                .iter()
                .map(|one| {
                    view! { <li><span>{inline(&one.statement)}</span>" "{external(store, &one.url, host_of(&one.url))}</li> }
                })
                .collect_view();
            view! {
                <details class="fold">
                    <summary><span class="fold-title">{technology.clone()}</span><span class="num dim">{number}</span></summary>
                    <ul class="bullets prose">{items}</ul>
                </details>
            }
            .into_any()
        })
        .collect();
    (!groups.is_empty()).then(|| groups.into_any())
}

/// `docs.sqlalchemy.org` of an address.
fn host_of(url: &str) -> String {
    url.split("//").nth(1).and_then(|rest| rest.split('/').next()).unwrap_or(url).to_owned()
}

fn sources(store: Store, loaded: &Loaded) -> Option<AnyView> {
    let items: Vec<AnyView> = loaded
        .report
        .sources
        .iter()
        .map(|source| view! { <li>{external(store, &source.url, source.title.clone())}</li> }.into_any())
        .collect();
    (!items.is_empty()).then(|| view! { <ul class="plain-list">{items}</ul> }.into_any())
}

fn packages(context: &ContextStore) -> Option<AnyView> {
    let packages = &context.tech_stack.packages;
    let number = packages.len();
    let items: Vec<AnyView> = packages
        .iter()
        .map(|(name, version)| {
            view! { <li class="package"><span class="mono">{name.clone()}</span><span class="mono dim">{version.clone()}</span></li> }
                .into_any()
        })
        .collect();
    (!items.is_empty()).then(|| {
        view! {
            <details class="fold" open=number <= 12>
                <summary><span class="fold-title">{words::PACKAGES}</span><span class="num dim">{number}</span></summary>
                <ul class="plain-list">{items}</ul>
            </details>
        }
        .into_any()
    })
}
