//! Keys that work wherever the focus is. Single letters stay quiet in fields and can be switched off.
//! Lists and tabs handle their own arrows.

use crate::platform::dom;
use crate::state::filter::Facet;
use crate::state::lines::Grouping;
use crate::state::markdown;
use crate::state::place::Tab;
use crate::state::store::{Dialog, Phase, Store};
use crate::views::{dialogs, findings, topbar};
use crate::words;
use drydock_core::report::model::Category;
use leptos::ev::KeyboardEvent;
use leptos::prelude::*;

/// Starts listening.
pub fn listen(store: Store) {
    dialogs::load_letters(store);
    let handle = window_event_listener(leptos::ev::keydown, move |event| on_key(store, &event));
    on_cleanup(move || handle.remove());
}

fn on_key(store: Store, event: &KeyboardEvent) {
    if event.default_prevented() || dom::dialog_open() {
        return;
    }
    let key = event.key();
    let done = store.phase.get_untracked() == Phase::Done;
    if (event.ctrl_key() || event.meta_key()) && !event.alt_key() {
        match key.as_str() {
            "o" => store.ask(|host| host.choose_files(None)),
            "k" if done => store.dialog.set(Some(Dialog::Palette)),
            "s" if done => {
                store.ask(|host| host.export(crate::protocol::ExportFormat::Json, crate::protocol::Purpose::Save));
            }
            _ => return,
        }
        event.prevent_default();
        return;
    }
    if event.alt_key() {
        return;
    }
    if key == "Escape" {
        if done && store.tab.get_untracked() == Tab::Findings {
            findings::back(store);
            event.prevent_default();
        } else if done && store.open.with_untracked(Option::is_some) {
            store.close_file();
            event.prevent_default();
        }
        return;
    }
    if dom::typing() {
        return;
    }
    if key.chars().count() == 1 && !store.letters.get_untracked() {
        return;
    }
    let handled = match key.as_str() {
        "ArrowRight" | "Enter" if done && dom::focused_id() == "detail-title" => {
            findings::open_source(store, 0);
            true
        }
        "ArrowLeft" if done && in_detail(&dom::focused_id()) => {
            findings::back(store);
            true
        }
        "?" => {
            store.dialog.set(Some(Dialog::Keys));
            true
        }
        "t" => {
            topbar::next_theme(store, 1);
            true
        }
        _ => done && on_report_key(store, &key),
    };
    if handled {
        event.prevent_default();
    }
}

/// Whether the element with `id` belongs to the detail or the source viewer, one level below the list.
fn in_detail(id: &str) -> bool {
    id == "detail-title" || id == "source-back" || id.starts_with("path-") || id.starts_with("step-")
}

fn on_report_key(store: Store, key: &str) -> bool {
    match key {
        "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9" => {
            let at = key.parse::<usize>().unwrap_or(1);
            if let Some(tab) = Tab::ALL.get(at - 1) {
                store.tab.set(*tab);
                dom::focus_soon(format!("tab-{}", tab.slug()));
            }
        }
        "/" => {
            show_list(store);
            dom::focus_soon("search");
        }
        "l" => {
            store.open.set(None);
            store.tab.set(Tab::Search);
            dom::focus_soon("look");
        }
        "f" => {
            show_list(store);
            dom::focus_soon(if findings::facets_folded() { "facets" } else { "facet-first" });
        }
        "g" => {
            show_list(store);
            let now = store.grouping.get_untracked();
            let next = Grouping::ALL.into_iter().cycle().skip_while(|one| *one != now).nth(1).unwrap_or_default();
            store.group_by(next);
            store.say(format!("{}: {}", words::GROUP_BY, words::grouping(next)));
            dom::focus_soon("group-by");
        }
        "e" => {
            store.tab.set(Tab::Export);
            dom::focus_soon("tab-export");
        }
        "j" => findings::step_row(store, 1),
        "k" => findings::step_row(store, -1),
        "n" => findings::step_path(store, 1),
        "p" => findings::step_path(store, -1),
        "[" => turn_category(store, -1),
        "]" => turn_category(store, 1),
        "c" => {
            if let Some(loaded) = store.report.get_untracked()
                && let Some(finding) = store.selected.get_untracked().and_then(|at| loaded.finding(at))
            {
                store.copy(markdown::finding(finding));
            }
        }
        _ => return false,
    }
    true
}

fn show_list(store: Store) {
    store.step.set(None);
    store.opened.set(false);
    store.tab.set(Tab::Findings);
}

/// Filters by the next category; before the first and after the last comes "all".
fn turn_category(store: Store, by: isize) {
    show_list(store);
    let now = store.filter.with_untracked(|filter| {
        let chosen = filter.of(Facet::Category).next()?;
        Category::ALL.iter().position(|category| category.slug() == chosen)
    });
    let at = now.map_or(0, |at| at + 1);
    let next = (isize::try_from(at).unwrap_or(0) + by).rem_euclid(5);
    let choice = usize::try_from(next).unwrap_or(0).checked_sub(1).and_then(|at| Category::ALL.get(at));
    store.filter.update(|filter| {
        filter.chosen.retain(|(facet, _)| *facet != Facet::Category);
        if let Some(category) = choice {
            filter.toggle(Facet::Category, category.slug());
        }
    });
    let name = choice.map_or(words::ALL_FINDINGS, |category| category.title());
    store.say(name.to_owned());
}
