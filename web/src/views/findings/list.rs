//! The list: a windowed grid with one tab stop. Moving the row moves the detail.

use crate::platform::dom;
use crate::state::filter::{Facet, Filter, Sort};
use crate::state::hash::severity_slug;
use crate::state::index::Group;
use crate::state::lines::{Choice, Grouping, Item, Part, items};
use crate::state::place::Tab;
use crate::state::store::{Loaded, Store};
use crate::state::verdict::grouped;
use crate::state::window;
use crate::widgets::button::button;
use crate::widgets::icon::{Icon, icon};
use crate::widgets::inline::marked;
use crate::widgets::severity::{advisory_shape, finding_badge};
use crate::widgets::viewport::Viewport;
use crate::words;
use drydock_core::report::model::{BaselineState, Finding, Verdict};
use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use std::sync::Arc;

const ROW: u32 = 64;
const HEAD: u32 = 40;

fn all_items(store: Store) -> Vec<Item> {
    let Some(loaded) = store.report.get() else { return Vec::new() };
    let filtered = store.filtered.get();
    let (open, filter, folded) = (store.groups.get(), store.filter.get(), store.folded.get());
    let fixed = store.marks.with(|marks| marks.positions(&loaded.report));
    let grouping = store.grouping.get();
    let choice = Choice { open: &open, filter: &filter, grouping, folded: &folded, fixed: &fixed };
    items(&loaded.index, &filtered, &choice)
}

/// Selects the next or previous finding; from other tabs it first comes here.
pub fn step_row(store: Store, by: isize) {
    if store.step.get_untracked().is_some() {
        store.step.set(None);
    }
    store.tab.set(Tab::Findings);
    let rows: Vec<u32> = untrack(|| all_items(store))
        .into_iter()
        .filter_map(|item| if let Item::Row(row) = item { Some(row) } else { None })
        .collect();
    let now = store.selected.get_untracked().and_then(|now| rows.iter().position(|row| *row as usize == now));
    let next = match now {
        None => 0,
        Some(now) => (isize::try_from(now).unwrap_or(0) + by).max(0),
    };
    let last = rows.len().saturating_sub(1);
    if let Some(row) = usize::try_from(next).ok().and_then(|next| rows.get(next.min(last))) {
        store.selected.set(Some(*row as usize));
        dom::focus_soon(format!("row-{row}"));
    }
}

/// The column.
pub fn list(store: Store, loaded: &Arc<Loaded>) -> AnyView {
    let total = loaded.report.findings.len();
    let lines = Memo::new(move |_| Arc::new(all_items(store)));
    let tops: Memo<Arc<Vec<u32>>> = Memo::new(move |_| {
        lines.with(|lines| {
            Arc::new(window::tops(lines.iter().map(|item| if matches!(item, Item::Row(_)) { ROW } else { HEAD })))
        })
    });
    let port = Viewport::new("list");
    // The line that Tab reaches: a head that has the focus, else the chosen finding, else the first.
    let head_focus: RwSignal<Option<Fold>> = RwSignal::new(None);
    let active: Memo<Option<usize>> = Memo::new(move |_| {
        lines.with(|lines| {
            let head = head_focus.get().and_then(|fold| lines.iter().position(|item| Fold::of(*item) == Some(fold)));
            head.or_else(|| {
                let selected = store.selected.get()?;
                lines.iter().position(|item| matches!(item, Item::Row(row) if *row as usize == selected))
            })
            .or_else(|| (!lines.is_empty()).then_some(0))
        })
    });
    // The first finding is chosen until the reader chooses.
    Effect::new(move |_| {
        if store.selected.get().is_none() {
            let first = lines.with(|lines| {
                lines.iter().find_map(|item| if let Item::Row(row) = item { Some(*row as usize) } else { None })
            });
            if first.is_some() {
                store.selected.set(first);
            }
        }
    });
    // Brings the chosen line into view, after the list has its height.
    Effect::new(move |_| {
        let at = active.get();
        request_animation_frame(move || {
            port.measure();
            if let (Some(at), Some(tops)) = (at, tops.try_get_untracked()) {
                port.reveal(&tops, at);
            }
        });
    });
    speak_count(store, total);
    let go = move |to: usize| {
        let Some(item) = lines.with_untracked(|lines| lines.get(to).copied()) else { return };
        tops.with_untracked(|tops| port.reveal(tops, to));
        match item {
            Item::Row(row) => {
                head_focus.set(None);
                store.selected.set(Some(row as usize));
                dom::focus_soon(format!("row-{row}"));
            }
            Item::Head(..) | Item::Part(..) => {
                let fold = Fold::of(item);
                head_focus.set(fold);
                dom::focus_soon(fold.map(Fold::id).unwrap_or_default());
            }
        }
    };
    let on_key = move |event: KeyboardEvent| {
        if event.ctrl_key() || event.meta_key() || event.alt_key() {
            return;
        }
        let last = lines.with_untracked(|lines| lines.len()).saturating_sub(1);
        let now = active.get_untracked().unwrap_or(0);
        let page = port.page(ROW);
        match event.key().as_str() {
            "ArrowDown" => go((now + 1).min(last)),
            "ArrowUp" => go(now.saturating_sub(1)),
            "PageDown" => go((now + page).min(last)),
            "PageUp" => go(now.saturating_sub(page)),
            "Home" => go(0),
            "End" => go(last),
            "Enter" | "ArrowRight" | " " => match lines.with_untracked(|lines| lines.get(now).copied()) {
                Some(Item::Row(_)) => open(store),
                Some(item) if event.key() != "ArrowRight" => {
                    if let Some(fold) = Fold::of(item) {
                        fold.toggle(store);
                    }
                }
                _ => return,
            },
            _ => return,
        }
        event.prevent_default();
        event.stop_propagation();
    };
    let report = Arc::clone(loaded);
    let draw = move |at: usize, item: Item| match item {
        Item::Head(group, number, shown) => {
            let (name, meaning) = words::group(group);
            let mark = if group == Group::Fixed { icon(Icon::Check) } else { advisory_shape() };
            let inside = view! {
                {mark}
                <strong>{name}</strong>
                <span class="num">{grouped(number.into())}</span>
                <span class="dim group-meaning">{meaning}</span>
            };
            head(store, at, tops, active, Fold::Group(group), shown, "vrow group-row", inside.into_any())
        }
        Item::Part(part, first, number, shown) => {
            let Some(finding) = report.finding(first as usize) else { return ().into_any() };
            let (name, more) = part_name(store.grouping.get_untracked(), finding);
            let inside = view! {
                <span class="part-name">{name}</span>
                <span class="num dim">{grouped(number.into())}</span>
                <span class="dim group-meaning mono">{more}</span>
            };
            head(store, at, tops, active, Fold::Part(part), shown, "vrow group-row part-row", inside.into_any())
        }
        Item::Row(row) => finding_row(store, &report, at, tops, active, row),
    };
    let rows = port.rows(tops.into(), active.into());
    let keyed = move || {
        let rows = rows.get();
        lines.with(|lines| rows.into_iter().filter_map(|at| Some((at, *lines.get(at)?))).collect::<Vec<_>>())
    };
    view! {
        <section class="list-pane" aria-label=words::FINDINGS>
            {toolbar(store, total)}
            <div
                class="list-grid"
                role="grid"
                aria-label=words::FINDINGS
                aria-rowcount=move || (lines.with(|lines| lines.len()) + 1).to_string()
                on:keydown=on_key
            >
                {heads(store)}
                <div class="vlist" id="list" role="rowgroup" on:scroll=move |_| port.measure()>
                    <div
                        class="vlist-inner"
                        role="presentation"
                        style:height=move || format!("{}px", tops.with(|tops| tops.last().copied().unwrap_or(0)))
                    >
                        <For each=keyed key=|key| *key children=move |(at, item)| draw(at, item) />
                    </div>
                </div>
            </div>
            {move || (store.filtered.with(|filtered| filtered.total) == 0).then(|| nothing(store, total))}
        </section>
    }
    .into_any()
}

fn nothing(store: Store, total: usize) -> AnyView {
    if total == 0 {
        return view! { <p class="empty">"No findings."</p> }.into_any();
    }
    view! {
        <div class="empty">
            <p>{format!("0 of {} match", grouped(total as u64))}</p>
            {button("button", "", words::CLEAR_FILTERS, move || {
                store.filter.set(Filter::default());
                dom::focus_soon("search");
            })}
        </div>
    }
    .into_any()
}

/// Says how many match after the filter changed.
fn speak_count(store: Store, total: usize) {
    Effect::new(move |before: Option<u32>| {
        let now = store.filtered.with(|filtered| filtered.total);
        if before.is_some_and(|before| before != now) {
            store.say(format!("{} of {} findings match.", grouped(now.into()), grouped(total as u64)));
        }
        now
    });
}

fn toolbar(store: Store, total: usize) -> AnyView {
    // What may stand far down in the facets, or in their fold.
    let chosen = move || {
        let chosen = store.filter.with(|filter| filter.chosen.clone());
        let open = chosen.into_iter().filter(|(facet, _)| facet.fixed().is_empty());
        let chips: Vec<AnyView> = open.map(|(facet, value)| chip(store, facet, value)).collect();
        (!chips.is_empty()).then(|| view! { <p class="chip-line">{chips}</p> })
    };
    view! {
        <div class="list-tools">
            <div class="search">
                {icon(Icon::Search)}
                <input
                    class="input"
                    type="search"
                    id="search"
                    autocomplete="off"
                    spellcheck="false"
                    aria-label=words::SEARCH
                    placeholder=words::SEARCH_HINT
                    prop:value=move || store.filter.with(|filter| filter.text.clone())
                    on:input=move |event| {
                        let text = event_target_value(&event);
                        store.filter.update(|filter| filter.text = text);
                    }
                    on:keydown=move |event| if event.key() == "ArrowDown" {
                        event.prevent_default();
                        step_row(store, 0);
                    }
                />
            </div>
            {group_by(store)}
            <p class="num dim list-count">{move || {
                let now = store.filtered.with(|filtered| filtered.total);
                if now as usize == total {
                    crate::state::verdict::count(total, "finding", "findings")
                } else {
                    format!("{} of {}", grouped(now.into()), grouped(total as u64))
                }
            }}</p>
        </div>
        {chosen}
    }
    .into_any()
}

/// A choice that can be taken back.
fn chip(store: Store, facet: Facet, value: String) -> AnyView {
    let name = words::facet_value(facet, &value);
    view! {
        {button("chip", "", view! { <span><span class="dim">{words::facet(facet)}</span>" "{name}</span>
            {icon(Icon::Close)} }, move || {
            store.filter.update(|filter| filter.toggle(facet, &value));
            dom::focus_soon("search");
        })}
    }
    .into_any()
}

fn heads(store: Store) -> AnyView {
    let head = |class: &'static str, name: &'static str, sort: Sort| {
        let chosen = move || store.sort.get() == sort;
        view! {
            <span
                role="columnheader"
                class=class
                aria-sort=move || if chosen() { "ascending" } else { "none" }
            >
                {button("sort", "", view! { {name}
                    {move || chosen().then(|| icon(Icon::Down))} }, move || store.sort.set(sort))}
            </span>
        }
    };
    view! {
        <div role="rowgroup">
            <div class="list-head" role="row" aria-rowindex="1">
                {head("col-sev", words::COLUMN_SEVERITY, Sort::Priority)}
                {head("col-place", words::FILE, Sort::Place)}
                {head("col-check", words::CHECK, Sort::Check)}
                {head("col-effort", words::COLUMN_EFFORT, Sort::Effort)}
            </div>
        </div>
    }
    .into_any()
}

/// The choice of what the list is divided by.
fn group_by(store: Store) -> AnyView {
    let options = Grouping::ALL
        .into_iter()
        .map(|one| view! { <option value=one.slug() selected=move || store.grouping.get() == one>{words::grouping(one)}</option> })
        .collect_view();
    view! {
        <label class="group-by">
            <span class="dim">{words::GROUP_BY}</span>
            <select
                class="input"
                id="group-by"
                prop:value=move || store.grouping.get().slug()
                on:change=move |event| store.group_by(Grouping::named(&event_target_value(&event)))
            >
                {options}
            </select>
        </label>
    }
    .into_any()
}

/// What a part of the list is called, and what tells it from others of that name.
fn part_name(grouping: Grouping, finding: &Finding) -> (String, String) {
    match grouping {
        Grouping::Check | Grouping::None => (finding.title.clone(), String::new()),
        Grouping::File => (finding.path.clone(), String::new()),
        Grouping::Function => (finding.symbol.clone(), finding.path.clone()),
    }
}

/// A head of the list that folds what is below it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fold {
    Group(Group),
    Part(Part),
}

impl Fold {
    const fn of(item: Item) -> Option<Self> {
        match item {
            Item::Head(group, ..) => Some(Self::Group(group)),
            Item::Part(part, ..) => Some(Self::Part(part)),
            Item::Row(_) => None,
        }
    }

    fn id(self) -> String {
        match self {
            Self::Group(group) => format!("group-{}", group as u8),
            Self::Part(Part { group, key, .. }) => format!("part-{}-{key}", group as u8),
        }
    }

    fn toggle(self, store: Store) {
        match self {
            Self::Group(group) => store.groups.update(|open| flip(open, group)),
            Self::Part(part) => store.folded.update(|folded| flip(folded, part)),
        }
        dom::focus_soon(self.id());
    }
}

/// Takes `one` out of a list, or puts it in.
fn flip<T: PartialEq>(list: &mut Vec<T>, one: T) {
    match list.iter().position(|known| *known == one) {
        Some(at) => drop(list.remove(at)),
        None => list.push(one),
    }
}

fn offset(tops: Memo<Arc<Vec<u32>>>, at: usize) -> String {
    format!("translateY({}px)", tops.with_untracked(|tops| tops.get(at).copied().unwrap_or(0)))
}

/// Shows the detail and moves the focus there.
fn open(store: Store) {
    store.opened.set(true);
    dom::focus_soon("detail-title");
}

#[expect(clippy::too_many_arguments, reason = "a line of the list knows its place in it")]
fn head(
    store: Store,
    at: usize,
    tops: Memo<Arc<Vec<u32>>>,
    active: Memo<Option<usize>>,
    fold: Fold,
    shown: bool,
    class: &'static str,
    inside: AnyView,
) -> AnyView {
    view! {
        <div class=class role="row" aria-rowindex=(at + 2).to_string() style:transform=offset(tops, at)>
            <span role="gridcell" aria-colspan="4" class="group-cell">
                <button
                    type="button"
                    class="group-button"
                    id=fold.id()
                    aria-expanded=shown.to_string()
                    tabindex=move || if active.get() == Some(at) { "0" } else { "-1" }
                    on:click=move |_| fold.toggle(store)
                >
                    {icon(if shown { Icon::Down } else { Icon::Right })}
                    {inside}
                </button>
            </span>
        </div>
    }
    .into_any()
}

fn finding_row(
    store: Store,
    loaded: &Loaded,
    at: usize,
    tops: Memo<Arc<Vec<u32>>>,
    active: Memo<Option<usize>>,
    row: u32,
) -> AnyView {
    let position = row as usize;
    let Some(finding) = loaded.finding(position) else { return ().into_any() };
    let sev = if finding.verdict == Verdict::Counted { severity_slug(finding.severity) } else { "advisory" };
    let chosen = Memo::new(move |_| store.selected.get() == Some(position));
    let text: Vec<String> = store
        .filter
        .with_untracked(|filter| filter.text.to_lowercase().split_whitespace().map(str::to_owned).collect());
    let place = format!("{}:{}", finding.path, finding.line);
    let fresh =
        (finding.baseline == Some(BaselineState::New)).then(|| view! { <span class="new-chip">{words::NEW}</span> });
    let again = store
        .marks
        .with_untracked(|marks| marks.refuted(finding))
        .then(|| view! { <span class="new-chip">{words::STILL_FOUND_CHIP}</span> });
    view! {
        <div
            class="vrow finding-row"
            class:chosen=move || chosen.get()
            role="row"
            id=format!("row-{row}")
            data-sev=sev
            aria-rowindex=(at + 2).to_string()
            aria-selected=move || chosen.get().to_string()
            tabindex=move || if active.get() == Some(at) { "0" } else { "-1" }
            style:transform=offset(tops, at)
            on:click=move |_| {
                store.selected.set(Some(position));
                store.opened.set(true);
            }
        >
            <span role="gridcell" class="cell-sev">{finding_badge(finding)}{fresh}{again}</span>
            <span role="gridcell" class="cell-main">
                <span class="cell-message" class:struck=finding.verdict == Verdict::Refuted>
                    {marked(&finding.message, &text)}
                </span>
                <span class="cell-place mono dim" title=place>
                    <bdi>{marked(&finding.path, &text)}{format!(":{}", finding.line)}</bdi>
                </span>
            </span>
            <span role="gridcell" class="sr-only">{finding.title.clone()}</span>
            <span role="gridcell" class="cell-effort dim" title=words::effort(finding.effort).1>
                <span aria-hidden="true">{words::effort(finding.effort).0}</span>
                <span class="sr-only">{format!("Effort {}", words::effort(finding.effort).1)}</span>
            </span>
        </div>
    }
    .into_any()
}
