//! What was read and what was not: audited files by penalty, skipped files by reason, partly read files.

use crate::platform::dom;
use crate::state::files::{self, FileRow, size};
use crate::state::filter::Filter;
use crate::state::html::Html;
use crate::state::store::{FilesPart, Loaded, Store};
use crate::state::verdict::{count, grouped, tenths};
use crate::state::window;
use crate::widgets::button::button;
use crate::widgets::severity::tally;
use crate::widgets::viewport::Viewport;
use crate::words;
use drydock_core::report::model::{Report, SkippedFile};
use leptos::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;

const ROW: u32 = 36;
const SKIPPED_SHOWN: usize = 100;

/// The tab.
pub fn files(store: Store, loaded: &Arc<Loaded>) -> AnyView {
    let coverage = &loaded.report.coverage;
    let parts = [
        (FilesPart::Audited, words::AUDITED, coverage.files.len()),
        (FilesPart::Map, words::MAP, coverage.files.len()),
        (FilesPart::Skipped, words::SKIPPED, coverage.skipped.len()),
        (FilesPart::Problems, words::PROBLEMS, coverage.problems.len()),
    ];
    let buttons = parts
        .into_iter()
        .map(|(part, name, number)| {
            view! {
                <button
                    type="button"
                    aria-pressed=move || (store.files_part.get() == part).to_string()
                    on:click=move |_| store.files_part.set(part)
                >
                    <span class="segment-text">
                        {name}
                        {(part != FilesPart::Map).then(|| view! { <span class="num dim">{grouped(number as u64)}</span> })}
                    </span>
                </button>
            }
        })
        .collect_view();
    let query = RwSignal::new(String::new());
    let root = coverage.root_removed.as_ref().map(|root| {
        let root = root.clone();
        view! { <span class="dim">"Paths are inside "<span class="mono">{root}</span></span> }
    });
    let unread = (!coverage.unread_languages.is_empty()).then(|| {
        let list: Vec<String> =
            coverage.unread_languages.iter().map(|(extension, number)| format!(".{extension} {number}")).collect();
        view! { <p class="dim">{format!("{}: {}", words::UNREAD_LANGUAGES, list.join(", "))}</p> }
    });
    let loaded = Arc::clone(loaded);
    view! {
        <div class="page files">
            <h1 class="sr-only">{words::tab(crate::state::place::Tab::Files)}</h1>
            <div class="toolbar">
                <div class="segments" role="group" aria-label="Files">{buttons}</div>
                <input
                    class="input toolbar-input"
                    type="search"
                    id="files-filter"
                    aria-label=words::FILTER_FILES
                    placeholder=words::FILTER_FILES
                    on:input=move |event| query.set(event_target_value(&event).to_lowercase())
                />
                <span class="num dim">{format!("{} of code", count(usize::try_from(coverage.lines).unwrap_or(0), "line", "lines"))}</span>
                {root}
            </div>
            {unread}
            {move || match store.files_part.get() {
                FilesPart::Audited => audited(store, &loaded.report, query),
                FilesPart::Map => view! { {super::treemap::map(store, &loaded.report)}{scale()} }.into_any(),
                FilesPart::Skipped => skipped(&loaded.report, query),
                FilesPart::Problems => problems(&loaded.report, query),
            }}
        </div>
    }
    .into_any()
}

fn audited(store: Store, report: &Report, query: RwSignal<String>) -> AnyView {
    let all = Arc::new(files::rows(report));
    let shown: Memo<Vec<usize>> = {
        let all = Arc::clone(&all);
        Memo::new(move |_| {
            query.with(|query| {
                all.iter()
                    .enumerate()
                    .filter(|(_, row)| query.is_empty() || row.path.to_lowercase().contains(query.as_str()))
                    .map(|(at, _)| at)
                    .collect()
            })
        })
    };
    let port = Viewport::new("files-scroll");
    let tops = Memo::new(move |_| Arc::new(window::tops(std::iter::repeat_n(ROW, shown.with(Vec::len)))));
    let rows = port.rows(tops.into(), Signal::stored(None));
    let keyed = move || {
        let rows = rows.get();
        shown.with(|shown| rows.into_iter().map(|at| (at, shown.get(at).copied())).collect::<Vec<_>>())
    };
    let cells = move |at: usize| {
        let position = shown.with_untracked(|shown| shown.get(at).copied())?;
        all.get(position).map(|row| file_row(store, at, row))
    };
    view! {
        <div class="grid-table" role="table" aria-label=words::AUDITED aria-rowcount=move || (shown.with(Vec::len) + 1).to_string()>
            <div role="rowgroup">
                <div class="file-row grid-head" role="row" aria-rowindex="1">
                    <span role="columnheader">{words::FILE}</span>
                    <span role="columnheader">{words::FINDINGS}</span>
                    <span role="columnheader" class="right">{words::PENALTY}</span>
                    <span role="columnheader">{words::PENALTY_KLOC}</span>
                    <span role="columnheader" class="right">{words::LINES}</span>
                    <span role="columnheader" class="file-language">{words::LANGUAGE}</span>
                </div>
            </div>
            <div class="vlist" id="files-scroll" role="rowgroup" tabindex="0" aria-label=words::AUDITED on:scroll=move |_| port.measure()>
                <div class="vlist-inner" role="presentation" style:height=move || format!("{}px", tops.with(|tops| tops.last().copied().unwrap_or(0)))>
                    <For each=keyed key=|key| *key children=move |(at, _)| cells(at) />
                </div>
            </div>
        </div>
        {scale()}
    }
    .into_any()
}

/// What the shades mean.
fn scale() -> AnyView {
    let mut out = Html::default();
    out.raw("<span class=\"dim\">").text(words::PENALTY_KLOC).raw("</span><ul>");
    for (step, words) in words::SCALE.into_iter().enumerate() {
        out.raw("<li><span class=\"heat\" data-heat=\"")
            .text(&step.to_string())
            .raw("\"></span>")
            .text(words)
            .raw("</li>");
    }
    out.raw("</ul>");
    view! { <div class="scale" inner_html=out.done()></div> }.into_any()
}

fn file_row(store: Store, at: usize, row: &FileRow) -> AnyView {
    let path = row.path.clone();
    let top = format!("translateY({}px)", at * ROW as usize);
    let any = row.counts.total() > 0 || row.uncounted > 0;
    let name = if any {
        view! {
            {button("text-button mono file-name", "", row.path.clone(), move || {
                store.open_findings(Filter::file(&path));
                dom::focus_soon("tab-findings");
            })}
        }
        .into_any()
    } else {
        view! { <span class="mono file-name">{row.path.clone()}</span> }.into_any()
    };
    let uncounted = (row.uncounted > 0).then(|| format!("{} {}", row.uncounted, words::NOT_SCORED));
    let per = u64::from(row.penalty) * 1000 / u64::from(row.lines.max(1));
    view! {
        <div class="file-row vrow" role="row" aria-rowindex=(at + 2).to_string() style:transform=top>
            <span role="cell" class="file-cell">{name}</span>
            <span role="cell" class="file-found">{tally(row.counts)}<span class="dim">{uncounted}</span></span>
            <span role="cell" class="num right">{(row.penalty > 0).then(|| tenths(row.penalty))}</span>
            <span role="cell" class="num file-heat">
                <span class="heat" data-heat=row.heat().to_string() aria-hidden="true"></span>
                {(row.penalty > 0).then(|| tenths(u32::try_from(per).unwrap_or(u32::MAX)))}
            </span>
            <span role="cell" class="num right">{grouped(row.lines.into())}</span>
            <span role="cell" class="dim file-language">{words::language(&row.language).to_owned()}</span>
        </div>
    }
    .into_any()
}

fn skipped(report: &Report, query: RwSignal<String>) -> AnyView {
    let mut kinds: BTreeMap<String, Vec<SkippedFile>> = BTreeMap::new();
    for file in &report.coverage.skipped {
        kinds.entry(file.kind.clone()).or_default().push(file.clone());
    }
    if kinds.is_empty() {
        return view! { <p class="empty">{words::NOTHING_SKIPPED}</p> }.into_any();
    }
    (move || {
        let query = query.get();
        let mut out = Html::default();
        for (kind, files) in &kinds {
            let hits: Vec<&SkippedFile> =
                files.iter().filter(|file| query.is_empty() || file.path.to_lowercase().contains(&query)).collect();
            if !hits.is_empty() {
                skipped_kind(&mut out, kind, &hits);
            }
        }
        view! { <div class="block" inner_html=out.done()></div> }
    })
    .into_any()
}

/// The head of a table that scrolls by itself.
fn table_of(out: &mut Html, name: &str, heads: &[&str]) {
    out.raw("<div class=\"table-wrap\" tabindex=\"0\" role=\"group\" aria-label=\"").text(name);
    out.raw("\"><table class=\"table\"><thead><tr>");
    for head in heads {
        out.raw("<th scope=\"col\">").text(head).raw("</th>");
    }
    out.raw("</tr></thead><tbody>");
}

fn skipped_kind(out: &mut Html, kind: &str, files: &[&SkippedFile]) {
    let total: u64 = files.iter().map(|file| file.size).sum();
    let name = words::skip_kind(kind);
    out.raw("<details class=\"fold\"").raw(if files.len() <= 20 { " open" } else { "" });
    out.raw("><summary><span class=\"fold-title\">").text(&name).raw("</span><span class=\"num dim\">");
    out.text(&format!("{}, {}", count(files.len(), "file", "files"), size(total))).raw("</span></summary>");
    table_of(out, &name, &[words::FILE, words::REASON, words::SIZE]);
    for file in files.iter().take(SKIPPED_SHOWN) {
        out.raw("<tr><td class=\"mono break\">").text(&file.path).raw("</td><td>").text(&file.reason);
        out.raw("</td><td class=\"num nowrap\">").text(&size(file.size)).raw("</td></tr>");
    }
    out.raw("</tbody></table></div>");
    if let Some(more @ 1..) = files.len().checked_sub(SKIPPED_SHOWN) {
        let more = grouped(more as u64);
        out.raw("<p class=\"dim more\">and ").text(&more).raw(" more; filter by path to find one</p>");
    }
    out.raw("</details>");
}

fn problems(report: &Report, query: RwSignal<String>) -> AnyView {
    let problems = report.coverage.problems.clone();
    if problems.is_empty() {
        return view! { <p class="empty">{words::NO_PROBLEMS}</p> }.into_any();
    }
    (move || {
        let query = query.get();
        let mut out = Html::default();
        table_of(&mut out, words::PROBLEMS, &[words::FILE, words::REASON]);
        let hits = problems.iter().filter(|one| query.is_empty() || one.path.to_lowercase().contains(&query));
        for problem in hits.take(500) {
            out.raw("<tr><td class=\"mono break\">").text(&problem.path);
            if problem.line > 0 {
                out.raw(":").text(&problem.line.to_string());
            }
            out.raw("</td><td>").text(&problem.message).raw("</td></tr>");
        }
        out.raw("</tbody></table></div>");
        view! { <div class="block" inner_html=out.done()></div> }
    })
    .into_any()
}
