//! A load test for the routes of the project: what goes in, how it reads, copied or saved.

use super::block;
use crate::platform::save;
use crate::protocol::{LoadRequest, LoadScript, LoadTests, LoadTool};
use crate::state::store::{Host, Loaded, Store};
use crate::state::verdict::count;
use crate::widgets::button::{button, button_unless};
use crate::widgets::icon::{Icon, icon};
use crate::words::performance as words;
use leptos::prelude::*;
use std::sync::Arc;

/// The panel. A saved report has no routes.
pub fn load_test(store: Store, loaded: &Loaded) -> AnyView {
    let body = if loaded.saved || loaded.report.coverage.files.is_empty() {
        view! { <p class="measure dim">{words::LOAD_TEST_NO_CODE}</p> }.into_any()
    } else {
        (move || match store.load_tests.get() {
            None => offer(store),
            Some(tests) => match &tests.problem {
                Some(problem) => view! { <p class="measure">{problem.clone()}</p> }.into_any(),
                None => written(store, &tests),
            },
        })
        .into_any()
    };
    block("load-test", words::LOAD_TEST, body)
}

fn offer(store: Store) -> AnyView {
    let waits = move || store.load_tests_wanted.get();
    view! {
        <p class="measure dim">{words::LOAD_TEST_HOW}</p>
        <p>
            {button_unless(waits, "button", "write-load-test", words::LOAD_TEST_WRITE, move || {
                store.load_tests_wanted.set(true);
                store.say(words::LOAD_TEST_WRITING.to_owned());
                store.ask(Host::write_load_tests);
            })}
        </p>
    }
    .into_any()
}

fn written(store: Store, tests: &Arc<LoadTests>) -> AnyView {
    let chosen = store.load_tool;
    let choices = LoadTool::ALL
        .into_iter()
        .map(|tool| {
            view! {
                <button type="button" aria-pressed=move || (chosen.get() == tool).to_string() on:click=move |_| chosen.set(tool)>
                    <span class="segment-text">{tool.title()}</span>
                </button>
            }
        })
        .collect_view();
    let shown = Arc::clone(tests);
    view! {
        <div class="toolbar">
            <div class="segments" role="group" aria-label=words::LOAD_TEST_TOOL>{choices}</div>
        </div>
        {requests(&tests.requests)}
        {notes(&tests.notes)}
        {move || {
            let tool = chosen.get();
            shown.scripts.iter().find(|one| one.tool == tool).map(|one| script(store, one))
        }}
    }
    .into_any()
}

/// What goes in, and what its reader has to fill in.
fn requests(list: &[LoadRequest]) -> AnyView {
    let guarded = list.iter().filter(|one| one.auth.is_some()).count();
    let writing = list.iter().filter(|one| one.writes).count();
    let says = |number: usize, words: &'static str| {
        (number > 0).then(|| view! { <li>{format!("{} {words}", count(number, "request", "requests"))}</li> })
    };
    let rows = list
        .iter()
        .map(|one| {
            let auth = one
                .auth
                .as_ref()
                .map(|auth| view! { <span class="dim break">{words::LOAD_TEST_AUTH}" "{auth.clone()}</span> });
            let writes = one.writes.then(|| view! { <span class="dim">{words::LOAD_TEST_CHANGES}</span> });
            view! {
                <li class="load-request">
                    <span class="mono break">{one.name.clone()}</span>
                    <span class="mono dim break">{one.place.clone()}</span>
                    {auth}
                    {writes}
                </li>
            }
        })
        .collect_view();
    view! {
        <ul class="bullets prose">
            {says(guarded, words::LOAD_TEST_GUARDED)}
            {says(writing, words::LOAD_TEST_WAIT)}
            <li>{words::LOAD_TEST_VALUES}</li>
        </ul>
        <details class="fold">
            <summary>
                <span class="fold-title">{words::LOAD_TEST_REQUESTS}</span><span class="num dim">{list.len()}</span>
            </summary>
            <ul class="rows">{rows}</ul>
        </details>
    }
    .into_any()
}

fn notes(list: &[String]) -> AnyView {
    let items = list.iter().map(|note| view! { <li>{note.clone()}</li> }).collect_view();
    (!list.is_empty()).then(|| view! { <ul class="bullets prose dim">{items}</ul> }).into_any()
}

fn script(store: Store, one: &LoadScript) -> AnyView {
    let LoadScript { tool, file_name, word, text } = one.clone();
    let (saved, copied) = (text.clone(), text.clone());
    let name = format!("{} {file_name}", words::LOAD_TEST_SCRIPT);
    let command = format!("drydock loadtest PATH --tool {word} -o {file_name}");
    let download = format!("{} {file_name}", words::LOAD_TEST_DOWNLOAD);
    view! {
        <div class="compare-actions">
            {button("button button-primary", "save-load-test", view! { {icon(Icon::Download)}{download} }, move || {
                match save::save_file(&file_name, tool.media_type(), saved.as_bytes()) {
                    Ok(()) => store.toast(format!("Saved {file_name}")),
                    Err(reason) => store.interrupt(format!("{file_name} was not saved: {reason}")),
                }
            })}
            {button("button", "copy-load-test", view! { {icon(Icon::Copy)}{words::LOAD_TEST_COPY} }, move || store.copy(copied.clone()))}
        </div>
        <pre class="excerpt load-script" tabindex="0" role="region" aria-label=name><code>{text}</code></pre>
        <p class="dim">{words::LOAD_TEST_COMMAND}" "<code class="inline-code break">{command}</code></p>
    }
    .into_any()
}
