//! The source viewer: the whole file, the flagged range, numbered steps in the margin, and the path
//! beside it. Long files are windowed.

use super::{back, open_source, step_path};
use crate::state::code::Code;
use crate::state::editor::Spot;
use crate::state::store::{Loaded, SourceState, Store};
use crate::state::window;
use crate::views::editor::open_in_editor;
use crate::widgets::button::button;
use crate::widgets::code::{line, step_badge};
use crate::widgets::icon::{Icon, icon};
use crate::widgets::inline::inline;
use crate::widgets::severity::finding_badge;
use crate::widgets::viewport::Viewport;
use crate::words;
use drydock_core::report::model::{Finding, Step};
use leptos::prelude::*;
use std::sync::Arc;

const LINE: u32 = 20;
/// Flagged ranges up to this many lines are underlined whole.
const UNDERLINED: u32 = 3;

/// The steps of a finding; a finding without steps has one, its own place.
#[must_use]
pub fn stops(finding: &Finding) -> Vec<Step> {
    if finding.steps.is_empty() {
        vec![Step { path: finding.path.clone(), line: finding.line, message: finding.message.clone() }]
    } else {
        finding.steps.clone()
    }
}

/// What is marked in the file on screen.
#[derive(Clone)]
struct Marks {
    /// Line of each step in this file, with its number.
    steps: Vec<(u32, usize)>,
    /// First line, last line and first column of the flagged range, in the finding's own file.
    flag: Option<(u32, u32, u32)>,
}

/// The viewer, in place of the three columns.
pub fn source(store: Store, loaded: &Arc<Loaded>) -> AnyView {
    let Some(finding) = store.selected.get_untracked().and_then(|at| loaded.finding(at)).cloned() else {
        return ().into_any();
    };
    let steps = Arc::new(stops(&finding));
    for step in steps.iter() {
        store.want_source(&step.path);
    }
    let now = {
        let last = steps.len().saturating_sub(1);
        Memo::new(move |_| store.step.get().unwrap_or(0).min(last))
    };
    let file = {
        let steps = Arc::clone(&steps);
        Memo::new(move |_| steps.get(now.get()).map(|step| step.path.clone()).unwrap_or_default())
    };
    let buttons = steps
        .iter()
        .enumerate()
        .map(|(at, step)| {
            let current = move || now.get() == at;
            view! {
                <li>
                    <button
                        type="button"
                        class="source-step"
                        class:chosen=current
                        id=format!("step-{at}")
                        aria-current=move || current().then_some("step")
                        on:click=move |_| open_source(store, at)
                    >
                        <span class="step-number" aria-hidden="true">{step_badge(at)}</span>
                        <span class="source-step-text">
                            <span>{inline(&step.message)}</span>
                            <span class="mono dim break">{format!("{}:{}", step.path, step.line)}</span>
                        </span>
                    </button>
                </li>
            }
        })
        .collect_view();
    let number = steps.len();
    let spots = StoredValue::new(
        steps.iter().map(|step| Spot { path: step.path.clone(), line: step.line, column: 1 }).collect::<Vec<_>>(),
    );
    let lines: Vec<(String, u32)> = steps.iter().map(|step| (step.path.clone(), step.line)).collect();
    let flag = (finding.path.clone(), (finding.line, finding.end_line.max(finding.line), finding.column));
    let shown = move || {
        let path = file.get();
        let marks = Marks {
            steps: (0..).zip(&lines).filter(|(_, step)| step.0 == path).map(|(at, step)| (step.1, at)).collect(),
            flag: (flag.0 == path).then_some(flag.1),
        };
        viewer(store, path, marks, lines.clone(), now)
    };
    view! {
        <div class="source">
            <aside class="source-side" aria-label=words::EVIDENCE_PATH>
                {button("button button-quiet source-back", "source-back", view! { {icon(Icon::Back)}{words::BACK_TO_FINDING} }, move || back(store))}
                <div class="source-finding prose">
                    {finding_badge(&finding)}
                    <h1>{inline(&finding.message)}</h1>
                </div>
                <div class="source-nav">
                    <h2>{words::EVIDENCE_PATH}</h2>
                    <span class="num dim">{move || format!("{} of {number}", now.get() + 1)}</span>
                    <button type="button" class="icon-button" aria-label=words::PREVIOUS title=words::PREVIOUS
                        disabled=move || now.get() == 0
                        on:click=move |_| step_path(store, -1)>{icon(Icon::Up)}</button>
                    <button type="button" class="icon-button" aria-label=words::NEXT title=words::NEXT
                        disabled=move || { now.get() + 1 >= number }
                        on:click=move |_| step_path(store, 1)>{icon(Icon::Down)}</button>
                </div>
                <ol class="source-steps">{buttons}</ol>
                <div class="source-fix prose">
                    <h2>{words::FIX}</h2>
                    <p>{inline(&finding.recommendation)}</p>
                </div>
            </aside>
            <section class="source-main" aria-label="Source">
                <div class="source-path">
                    <p class="mono break">{move || file.get()}</p>
                    {open_in_editor(store, move || spots.with_value(|spots| spots.get(now.get()).cloned()).unwrap_or_default())}
                </div>
                {shown}
            </section>
        </div>
    }
    .into_any()
}

/// A file without a finding, at a line, in place of what opened it.
pub fn file_view(store: Store, path: String, line: u32) -> AnyView {
    store.want_source(&path);
    let place = format!("{path}:{line}");
    let now = Memo::new(|_| 0);
    let spot = StoredValue::new(Spot { path: path.clone(), line, column: 1 });
    let shown = move || {
        let marks = Marks { steps: Vec::new(), flag: Some((line, line, 1)) };
        viewer(store, path.clone(), marks, vec![(path.clone(), line)], now)
    };
    view! {
        <section class="source-main source-alone" aria-label="Source">
            <div class="source-path">
                {button("button button-quiet source-back", "file-back", view! { {icon(Icon::Back)}{words::BACK} }, move || store.close_file())}
                <h1 class="mono break">{place}</h1>
                {open_in_editor(store, move || spot.get_value())}
            </div>
            {shown}
        </section>
    }
    .into_any()
}

fn viewer(store: Store, path: String, marks: Marks, lines: Vec<(String, u32)>, now: Memo<usize>) -> AnyView {
    match store.sources.with(|sources| sources.get(&path).cloned()) {
        Some(SourceState::Ready(code)) => code_lines(store, path, code, marks, lines, now),
        Some(SourceState::Missing(reason)) => view! {
            <div class="empty">
                <p><strong>{words::NO_SOURCE}</strong></p>
                <p>{reason.unwrap_or_else(|| words::NO_SOURCE_WHY.to_owned())}</p>
            </div>
        }
        .into_any(),
        Some(SourceState::Loading) | None => view! { <p class="empty">{words::LOADING_SOURCE}</p> }.into_any(),
    }
}

fn code_lines(
    store: Store,
    path: String,
    code: Arc<Code>,
    marks: Marks,
    lines: Vec<(String, u32)>,
    now: Memo<usize>,
) -> AnyView {
    let port = Viewport::new("code");
    let tops = Arc::new(window::tops(std::iter::repeat_n(LINE, code.lines())));
    let stored = Signal::stored(Arc::clone(&tops));
    let height = format!("{}px", tops.last().copied().unwrap_or(0));
    let width = format!("calc({}ch + 96px)", code.longest());
    let rows = port.rows(stored, Signal::stored(None));
    // The current step comes to the middle, also when it changes within the file.
    Effect::new(move |_| {
        let at = now.get();
        let target = lines.get(at).filter(|(file, _)| *file == path).map(|(_, line)| line.saturating_sub(1) as usize);
        let tops = Arc::clone(&tops);
        request_animation_frame(move || {
            port.measure();
            if let Some(target) = target {
                port.center(&tops, target);
            }
        });
    });
    let span = marks.steps.iter().map(|(line, _)| *line).min().zip(marks.steps.iter().map(|(line, _)| *line).max());
    let draw = move |at: usize| {
        let number = at + 1;
        let line_number = u32::try_from(number).unwrap_or(u32::MAX);
        let flagged = marks.flag.filter(|(first, last, _)| (*first..=*last).contains(&line_number));
        // A long range has its bar; only its first line is underlined.
        let flag = flagged.filter(|(first, last, _)| last - first < UNDERLINED || line_number == *first).map(
            |(first, _, column)| {
                let (from, to) = code.inked(number);
                (if line_number == first { column.max(from) } else { from }, to)
            },
        );
        let badges = marks
            .steps
            .iter()
            .filter(|(line, _)| *line == line_number)
            .map(|(_, step)| {
                let step = *step;
                view! {
                    <span
                        class="margin-step"
                        class:chosen=move || now.get() == step
                        on:click=move |_| open_source(store, step)
                    >{step_badge(step)}</span>
                }
            })
            .collect_view();
        let joined = span.is_some_and(|(first, last)| first < last && (first..=last).contains(&line_number));
        let here =
            marks.steps.iter().filter(|(line, _)| *line == line_number).map(|(_, step)| *step).collect::<Vec<_>>();
        view! {
            <div
                class="code-line"
                class:code-flagged=flagged.is_some()
                class:code-joined=joined
                class:code-now=move || here.contains(&now.get())
                style:transform=format!("translateY({}px)", at * LINE as usize)
            >
                <span class="code-margin" aria-hidden="true">{badges}</span>
                <span class="code-number num">{number}</span>
                <code class="code-text">{line(&code, number, flag)}</code>
            </div>
        }
    };
    view! {
        <div class="code" id="code" tabindex="0" role="region" aria-label="Code" on:scroll=move |_| port.measure()>
            <div class="code-inner" style:height=height style:width=width>
                <For each=move || rows.get() key=|at| *at children=draw />
            </div>
        </div>
    }
    .into_any()
}
