//! The files as a map: every box is a button. The table beside it is its twin.

use crate::platform::dom;
use crate::state::files::{self, FileRow};
use crate::state::filter::Filter;
use crate::state::store::Store;
use crate::state::treemap::{Node, Rect, children, layout, start};
use crate::state::verdict::{count, grouped};
use crate::widgets::icon::{Icon, icon};
use crate::words;
use drydock_core::report::model::Report;
use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use std::sync::Arc;

/// Where report.css makes the map higher than wide.
const NARROW: u32 = 641;

/// Width over height of the map, as report.css has it, and the share of it (percent of width, of height) from which on
/// a box has room for its name.
fn shape() -> (f64, (f64, f64)) {
    if dom::narrower_than(NARROW) { (0.7, (17.0, 4.5)) } else { (2.0, (6.0, 5.0)) }
}

/// The map.
pub fn map(store: Store, report: &Report) -> AnyView {
    let rows: Arc<Vec<FileRow>> = Arc::new(files::rows(report));
    let folder = RwSignal::new(start(&rows));
    let enter = move |path: String| {
        folder.set(path);
        dom::focus_soon("map-up");
    };
    let up = move || {
        let now = folder.get_untracked();
        let above =
            now.trim_end_matches('/').rsplit_once('/').map(|(above, _)| format!("{above}/")).unwrap_or_default();
        folder.set(above);
        dom::focus_soon("map-up");
    };
    let on_key = move |event: KeyboardEvent| {
        if event.key() == "Escape" && folder.with_untracked(|folder| !folder.is_empty()) {
            event.prevent_default();
            event.stop_propagation();
            up();
        }
    };
    view! {
        <div class="map" on:keydown=on_key>
            <p class="map-head">
                <button type="button" class="button button-quiet" id="map-up" aria-disabled=move || folder.with(String::is_empty).to_string() on:click=move |_| up()>
                    {icon(Icon::Up)}{words::MAP_UP}
                </button>
                <span class="mono">{move || format!("/{}", folder.get())}</span>
            </p>
            <ul class="map-boxes" aria-label=words::MAP>
                {move || {
                    let nodes = children(&rows, &folder.get());
                    let weights: Vec<u32> = nodes.iter().map(|node| node.lines).collect();
                    let (aspect, room) = shape();
                    let boxes = layout(&weights, aspect);
                    let tiles = nodes.into_iter().zip(boxes);
                    tiles.map(|(node, rect)| tile(store, enter, node, rect, room)).collect_view()
                }}
            </ul>
        </div>
    }
    .into_any()
}

fn tile(
    store: Store,
    enter: impl Fn(String) + Copy + 'static,
    node: Node,
    [left, top, width, height]: Rect,
    room: (f64, f64),
) -> AnyView {
    let percent = |value: f64| format!("{value:.3}%");
    let number = count(node.findings as usize, "finding", "findings");
    let name = format!(
        "{}{}, {number}, {}",
        node.name,
        if node.is_folder() { "/" } else { "" },
        count(node.lines as usize, "line", "lines")
    );
    // What is seen is the beginning of the name that is heard.
    let labelled = width >= room.0 && height >= room.1;
    let label = if labelled {
        let spoken = name.get(node.name.len()..).unwrap_or_default().to_owned();
        view! {
            <span class="tile-name">{node.name.clone()}{node.is_folder().then_some("/")}</span>
            <span class="tile-count num" aria-hidden="true">{(node.findings > 0).then(|| grouped(node.findings.into()))}</span>
            <span class="sr-only">{spoken.trim_start_matches('/').to_owned()}</span>
        }
        .into_any()
    } else {
        view! { <span class="sr-only">{name.clone()}</span> }.into_any()
    };
    let path = node.path.clone();
    let folder = node.is_folder();
    view! {
        <li class="tile-place" style:left=percent(left) style:top=percent(top) style:width=percent(width) style:height=percent(height)>
            <button
                type="button"
                class="tile"
                data-heat=node.heat().to_string()
                title=name
                disabled=path.is_empty()
                on:click=move |_| if folder {
                    enter(path.clone());
                } else {
                    store.open_findings(Filter::file(&path));
                    dom::focus_soon("tab-findings");
                }
            >
                {label}
            </button>
        </li>
    }
    .into_any()
}
