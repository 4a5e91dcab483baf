//! Look-up: full-text search over the project's code and documents, and the file that a hit opens.

use crate::platform::{dom, time};
use crate::protocol::{Command, LookedUp};
use crate::state::hits::markup;
use crate::state::place::Tab;
use crate::state::store::{Loaded, Store};
use crate::state::verdict::{count, grouped};
use crate::views::findings::source::file_view;
use crate::widgets::icon::{Icon, icon};
use crate::words;
use drydock_core::lookup::Corpus;
use leptos::prelude::*;

/// A search begins when nothing was typed for so long.
const PAUSE_MS: u32 = 200;

/// The tab.
pub fn search(store: Store, loaded: &Loaded) -> AnyView {
    ask_when_typed(store);
    let saved = loaded.saved;
    (move || match store.open.get() {
        Some((path, line)) => file_view(store, path, line),
        None => look_up(store, saved),
    })
    .into_any()
}

fn ask_when_typed(store: Store) {
    Effect::new(move |_| {
        let (query, corpus) = (store.look.get(), store.corpus.get());
        let known = store.found.with_untracked(|found| {
            found.as_ref().is_some_and(|found| found.query == query && found.corpus == corpus && found.found.is_ok())
        });
        if query.trim().is_empty() || known {
            return;
        }
        time::after(PAUSE_MS, move || {
            if store.look.try_get_untracked().as_ref() == Some(&query) && store.corpus.get_untracked() == corpus {
                store.ask(|host| host.ask(Command::LookUp { query, corpus }));
            }
        });
    });
}

fn look_up(store: Store, saved: bool) -> AnyView {
    if saved {
        return view! {
            <div class="page lookup">
                <h1>{words::tab(Tab::Search)}</h1>
                <p class="measure">{words::LOOK_SAVED}</p>
            </div>
        }
        .into_any();
    }
    let parts =
        [(None, words::LOOK_ALL), (Some(Corpus::Code), words::LOOK_CODE), (Some(Corpus::Governance), words::LOOK_DOCS)];
    let buttons = parts
        .into_iter()
        .map(|(corpus, name)| {
            view! {
                <button
                    type="button"
                    aria-pressed=move || (store.corpus.get() == corpus).to_string()
                    on:click=move |_| store.corpus.set(corpus)
                >
                    <span class="segment-text">{name}</span>
                </button>
            }
        })
        .collect_view();
    view! {
        <div class="page lookup">
            <h1 class="sr-only">{words::tab(Tab::Search)}</h1>
            <div class="toolbar">
                <div class="search lookup-field">
                    {icon(Icon::Search)}
                    <input
                        class="input"
                        type="search"
                        id="look"
                        autocomplete="off"
                        spellcheck="false"
                        aria-label=words::LOOK_FIELD
                        placeholder=words::LOOK_FIELD
                        prop:value=move || store.look.get()
                        on:input=move |event| store.look.set(event_target_value(&event))
                    />
                </div>
                <div class="segments" role="group" aria-label=words::LOOK_IN>{buttons}</div>
            </div>
            <p class="num dim" role="status" id="look-count">{move || said(store)}</p>
            {move || store.found.get().filter(|_| !store.look.with(|look| look.trim().is_empty())).map(|found| hits(store, &found))}
        </div>
    }
    .into_any()
}

/// How many files were found, or what is being waited for.
fn said(store: Store) -> String {
    let query = store.look.get();
    if query.trim().is_empty() {
        return words::LOOK_HOW.to_owned();
    }
    let corpus = store.corpus.get();
    let answered = store.found.get();
    let fits = answered.as_deref().filter(|one| one.query == query && one.corpus == corpus);
    match fits.map(|one| &one.found) {
        None => (if answered.is_some() { words::LOOKING } else { words::LOOKING_FIRST }).to_owned(),
        Some(Err(reason)) => reason.clone(),
        Some(Ok(found)) => {
            let mut said =
                format!("{} of {} match", grouped(found.total.into()), count(found.searched as usize, "file", "files"));
            if (found.hits.len() as u64) < u64::from(found.total) {
                said.push_str(&format!("; the best {} are shown", found.hits.len()));
            }
            if found.left_out > 0 {
                said.push_str(&format!("; {} without text left out", found.left_out));
            }
            said
        }
    }
}

fn hits(store: Store, answer: &LookedUp) -> AnyView {
    let Ok(found) = &answer.found else { return ().into_any() };
    let paths: Vec<String> = found.hits.iter().map(|hit| hit.path.clone()).collect();
    let open = move |event: leptos::ev::MouseEvent| {
        // `2-17`: line 17 of the third hit.
        let at = dom::data_under(&event, "button[id]", "id");
        let at = at.as_deref().and_then(|id| id.strip_prefix("hit-")?.split_once('-'));
        if let Some((hit, line)) = at
            && let Some(path) = hit.parse::<usize>().ok().and_then(|hit| paths.get(hit))
        {
            store.open_file(path, line.parse().unwrap_or(1));
        }
    };
    view! { <ol class="hits" inner_html=markup(found) on:click=open></ol> }.into_any()
}
