//! Files to save or copy.

use crate::protocol::ExportFormat;
use crate::state::store::{Loaded, Store};
use crate::widgets::icon::{Icon, icon};
use crate::words;
use leptos::prelude::*;
use std::sync::Arc;

const fn about(format: ExportFormat) -> (&'static str, &'static str) {
    match format {
        ExportFormat::Markdown => {
            ("Markdown report", "The consolidated report for people: summary, scores, findings, actions, sources.")
        }
        ExportFormat::Json => ("JSON report", "Everything, for tools. Drop it here later to open this report again."),
        ExportFormat::JsonLines => ("JSON lines", "One finding a line, for scripts and log pipelines."),
        ExportFormat::Text => ("Plain text", "As the command line prints it."),
    }
}

/// The tab.
pub fn export(store: Store, loaded: &Arc<Loaded>) -> AnyView {
    let cards = ExportFormat::ALL
        .into_iter()
        .filter(|format| loaded.saved.is_none() || *format == ExportFormat::Json)
        .map(|format| card(store, loaded, format))
        .collect_view();
    view! {
        <div class="page export">
            <h1 class="sr-only">{words::tab(crate::state::place::Tab::Export)}</h1>
            <p class="measure">{words::EXPORT_INTRO}</p>
            <ul class="export-list">{cards}</ul>
            <section class="block" aria-labelledby="inside">
                <h2 id="inside">{words::WHAT_IS_INSIDE}</h2>
                <p class="measure dim">{words::EXPORT_INSIDE}</p>
            </section>
        </div>
    }
    .into_any()
}

fn card(store: Store, loaded: &Arc<Loaded>, format: ExportFormat) -> AnyView {
    let (title, what) = about(format);
    let save = Arc::clone(loaded);
    let copy = Arc::clone(loaded);
    view! {
        <li class="export-card">
            <div class="export-text">
                <h2>{title}</h2>
                <p class="dim">{what}</p>
                <p class="mono dim">{format.file_name()}</p>
            </div>
            <div class="export-actions">
                <button
                    type="button"
                    class=if format == ExportFormat::Markdown { "button button-primary" } else { "button" }
                    aria-label=format!("{} {}", words::DOWNLOAD, format.file_name())
                    on:click=move |_| {
                        store.copy_next.set(None);
                        store.ask(|host| host.export(format, &save));
                    }
                >
                    {icon(Icon::Download)}{words::DOWNLOAD}
                </button>
                <button
                    type="button"
                    class="button button-quiet"
                    aria-label=format!("{} {}", words::COPY, format.file_name())
                    on:click=move |_| {
                        store.copy_next.set(Some(format));
                        store.ask(|host| host.export(format, &copy));
                    }
                >
                    {icon(Icon::Copy)}{words::COPY}
                </button>
            </div>
        </li>
    }
    .into_any()
}
