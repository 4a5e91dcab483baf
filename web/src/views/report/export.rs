//! Files to save, copy, look into or write into the project's folder.

use super::print::print;
use crate::platform::save;
use crate::protocol::{ExportFormat, Purpose};
use crate::state::store::{Loaded, Store};
use crate::widgets::button::button;
use crate::widgets::icon::{Icon, icon};
use crate::words;
use drydock_core::report::model::{Category, Report};
use leptos::prelude::*;

/// The tab.
pub fn export(store: Store, loaded: &Loaded) -> AnyView {
    let cards = ExportFormat::TEXTS.into_iter().map(|format| card(store, format)).collect_view();
    view! {
        <div class="page export">
            <h1 class="sr-only">{words::tab(crate::state::place::Tab::Export)}</h1>
            <p class="measure">{words::EXPORT_INTRO}</p>
            {all(store, &loaded.report)}
            {settings(store)}
            {paper(store)}
            <h2>{words::SINGLE_FILES}</h2>
            <ul class="export-list">{cards}</ul>
            <section class="block" aria-labelledby="inside">
                <h2 id="inside">{words::WHAT_IS_INSIDE}</h2>
                <p class="measure dim">{words::EXPORT_INSIDE}</p>
            </section>
        </div>
    }
    .into_any()
}

/// Paths that the bundle has, as the engine writes them.
fn paths(report: &Report) -> Vec<String> {
    let folder = format!("docs/project/.audit/ln-650/{}", report.date);
    let mut paths = vec!["docs/project/persistence_audit.md".to_owned()];
    paths.extend(Category::ALL.map(|category| format!("{folder}/{}", ExportFormat::Worker(category).file_name())));
    paths.extend(
        [ExportFormat::Json, ExportFormat::Sarif, ExportFormat::Html]
            .map(|one| format!("{folder}/{}", one.file_name())),
    );
    paths.push("docs/project/.audit/results_log.md".to_owned());
    paths
}

fn all(store: Store, report: &Report) -> AnyView {
    let list = paths(report).into_iter().map(|path| view! { <li class="mono break">{path}</li> }).collect_view();
    view! {
        <section class="export-all" aria-labelledby="export-all">
            <div class="export-text">
                <h2 id="export-all">{words::EVERYTHING}</h2>
                <p class="dim">{words::EVERYTHING_WHAT}</p>
                <ul class="export-paths dim">{list}</ul>
            </div>
            <div class="export-actions">
                {button("button button-primary", "download-all", view! { {icon(Icon::Download)}{words::DOWNLOAD_ALL} }, move || {
                    store.ask(|host| host.export(ExportFormat::Bundle, Purpose::Save));
                })}
                {save::can_write().then(|| view! {
                    {button("button", "write-folder", view! { {icon(Icon::Leave)}{words::WRITE_FOLDER} }, move || {
                        store.ask(|host| host.export(ExportFormat::Files, Purpose::Write));
                    })}
                })}
            </div>
        </section>
    }
    .into_any()
}

/// On paper.
fn paper(store: Store) -> AnyView {
    view! {
        <section class="export-all" aria-labelledby="print">
            <div class="export-text"><h2 id="print">{words::PRINT_TITLE}</h2><p class="dim">{words::PRINT_WHAT}</p></div>
            <div class="export-actions">
                {button("button", "print-summary", words::PRINT_SUMMARY, move || print(store, false))}
                {button("button", "print-all", words::PRINT_ALL, move || print(store, true))}
            </div>
        </section>
    }
    .into_any()
}

/// The settings file, once something was dismissed.
fn settings(store: Store) -> AnyView {
    (move || {
        let number = store.dismissed.with(Vec::len);
        (number > 0).then(|| view! { <ul class="export-list">{card(store, ExportFormat::Settings)}</ul> })
    })
    .into_any()
}

/// A file with what can be done with it.
pub fn card(store: Store, format: ExportFormat) -> AnyView {
    let (title, what) = words::export(format);
    let action = move |purpose: Purpose, name: &'static str, class: &'static str, glyph: Icon| {
        view! {
            <button
                type="button"
                class=class
                aria-label=format!("{name} {}", format.file_name())
                on:click=move |_| store.ask(|host| host.export(format, purpose))
            >
                {icon(glyph)}{name}
            </button>
        }
    };
    view! {
        <li class="export-card">
            <div class="export-text">
                <h3>{title}" "<span class="mono dim export-name">{format.file_name()}</span></h3>
                <p class="dim">{what}</p>
            </div>
            <div class="export-actions">
                {action(Purpose::Save, words::DOWNLOAD, "button", Icon::Download)}
                {action(Purpose::Preview, words::PREVIEW, "button button-quiet", Icon::Code)}
                {action(Purpose::Copy, words::COPY, "button button-quiet", Icon::Copy)}
            </div>
        </li>
    }
    .into_any()
}
