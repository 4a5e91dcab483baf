//! Call trees and plans: boxes whose width is the time, and the same as a list.

use super::block;
use crate::state::icicle::{Placed, levels, placed};
use crate::widgets::button::button_unless;
use crate::words::performance as words;
use drydock_core::report::model::performance::Performance;
use drydock_core::report::model::picture::{Picture, PictureBox, PictureKind};
use leptos::prelude::*;
use std::sync::Arc;

/// Height of a row of boxes, in pixels, as performance.css has it.
const ROW: usize = 26;
/// Boxes from this width on, in percent, carry their name.
const NAMED: f64 = 4.0;
/// Indentation stops growing here: deeper steps would leave no room for names.
const DEEPEST: usize = 16;

/// All pictures, one at a time.
pub fn pictures(measured: &Performance) -> AnyView {
    if measured.pictures.is_empty() {
        return ().into_any();
    }
    let all: Arc<Vec<Picture>> = Arc::new(measured.pictures.clone());
    let chosen = RwSignal::new(0_usize);
    let boxes = RwSignal::new(true);
    let options = all
        .iter()
        .enumerate()
        .map(|(at, picture)| {
            let file = measured.files.get(picture.file as usize).map(|file| format!(" ({})", file.path));
            view! { <option value=at.to_string()>{picture.title.clone()}{file}</option> }
        })
        .collect_view();
    let switch = move |on: bool, name: &'static str| {
        view! {
            <button type="button" aria-pressed=move || (boxes.get() == on).to_string() on:click=move |_| boxes.set(on)>
                <span class="segment-text">{name}</span>
            </button>
        }
    };
    let is_tree = {
        let all = Arc::clone(&all);
        Memo::new(move |_| all.get(chosen.get()).is_some_and(|picture| picture.kind == PictureKind::Calls))
    };
    let body = view! {
        <div class="toolbar">
            <select
                class="input picture-choice"
                id="picture"
                aria-label=words::PICTURE
                on:change=move |event| chosen.set(event_target_value(&event).parse().unwrap_or(0))
            >
                {options}
            </select>
            {move || is_tree.get().then(|| view! {
                <div class="segments" role="group" aria-label=words::PICTURES>
                    {switch(true, words::AS_BOXES)}{switch(false, words::AS_LIST)}
                </div>
            })}
        </div>
        {move || all.get(chosen.get()).map(|picture| {
            let drawn = is_tree.get() && boxes.get();
            let note = picture.note.clone().map(|note| view! { <p class="dim">{note}</p> });
            let left_out = (picture.left_out > 0)
                .then(|| view! { <p class="dim num">{format!("{} smaller ones are left out", picture.left_out)}</p> });
            view! {
                {if drawn { icicle(picture) } else { list(picture) }}
                {note}
                {left_out}
            }
        })}
    };
    block("pictures", words::PICTURES, body.into_any())
}

/// `12.4 ms, 38 %`
fn value_of(picture: &Picture, value: f64) -> String {
    let share = if picture.whole > 0.0 { value / picture.whole * 100.0 } else { 0.0 };
    format!("{} {}, {share:.1} %", figure(value), picture.unit)
}

fn figure(value: f64) -> String {
    if value >= 100.0 { format!("{value:.0}") } else { format!("{value:.1}") }
}

fn icicle(picture: &Picture) -> AnyView {
    let picture = Arc::new(picture.clone());
    let root = RwSignal::new(None::<usize>);
    let drawn = move || {
        let places = placed(&picture, root.get());
        let rows = places.iter().map(|place| place.level + 1).max().unwrap_or(1);
        let items: Vec<AnyView> = places
            .into_iter()
            .filter_map(|place| Some((place, picture.boxes.get(place.at)?)))
            .map(|(place, item)| tile(&picture, item, place, root))
            .collect();
        view! { <ul class="icicle" aria-label=words::PICTURES style:height=format!("{}px", rows * ROW)>{items}</ul> }
    };
    view! {
        <div class="icicle-wrap">
            <p>
                {button_unless(move || root.get().is_none(), "button button-quiet", "", words::WHOLE, move || root.set(None))}
            </p>
            {drawn}
        </div>
    }
    .into_any()
}

fn tile(picture: &Picture, item: &PictureBox, place: Placed, root: RwSignal<Option<usize>>) -> AnyView {
    let spoken = format!("{} {}, {}", item.name, item.place, value_of(picture, item.value));
    let name = (place.width >= NAMED).then(|| item.name.clone());
    let at = place.at;
    view! {
        <li
            class="icicle-place"
            style:left=format!("{:.3}%", place.left)
            style:width=format!("{:.3}%", place.width)
            style:top=format!("{}px", place.level * ROW)
        >
            <button
                type="button"
                class="icicle-box"
                class:icicle-hot=item.hot
                title=spoken.clone()
                aria-label=spoken
                on:click=move |_| root.set((root.get_untracked() != Some(at)).then_some(at))
            >
                {name}
            </button>
        </li>
    }
    .into_any()
}

fn list(picture: &Picture) -> AnyView {
    let depth = levels(&picture.boxes);
    let largest = picture.boxes.iter().map(|item| item.own).fold(0.0, f64::max);
    let rows = picture
        .boxes
        .iter()
        .zip(depth)
        .map(|(item, level)| {
            let width = if largest > 0.0 { item.own / largest * 100.0 } else { 0.0 };
            let hot = item.hot.then(|| view! { <span class="sev" data-sev="high">{words::HOT}</span> });
            let says = item.says.clone().map(|says| view! { <span class="dim">{says}</span> });
            let place = (!item.place.is_empty()).then(|| view! { <span class="mono dim break">{item.place.clone()}</span> });
            view! {
                <tr class:step-hot=item.hot>
                    <td>
                        <div class="step" style:padding-left=format!("{}px", level.min(DEEPEST) * 16)>
                            <span class="step-name">{item.name.clone()}" "{hot}</span>
                            {place}
                            {says}
                        </div>
                    </td>
                    <td class="num right nowrap">{value_of(picture, item.value)}</td>
                    <td class="num right nowrap">
                        {value_of(picture, item.own)}
                        <span class="hurt-bar" aria-hidden="true"><span style:width=format!("{width:.1}%")></span></span>
                    </td>
                </tr>
            }
        })
        .collect_view();
    let (first, below) = match picture.kind {
        PictureKind::Plan => (words::STEP, words::WITH_INPUTS),
        PictureKind::Calls => (words::FUNCTION, words::WITH_BELOW),
    };
    view! {
        <div class="table-wrap" tabindex="0" role="group" aria-label=words::PICTURES>
            <table class="table steps">
                <thead><tr>
                    <th scope="col">{first}</th>
                    <th scope="col" class="right">{below}</th>
                    <th scope="col" class="right">{words::OWN}</th>
                </tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}
