//! The right column: what a finding says, why, its path, its fix, its references.

use super::source::stops;
use super::{back, open_source};
use crate::platform::dom;
use crate::state::editor::Spot;
use crate::state::hash;
use crate::state::markdown::{self, severity_title};
use crate::state::store::{Dialog, Host, Loaded, SourceState, Store};
use crate::views::editor::open_in_editor;
use crate::views::external;
use crate::widgets::button::button;
use crate::widgets::code::{excerpt, step_badge};
use crate::widgets::icon::{Icon, icon};
use crate::widgets::inline::inline;
use crate::widgets::severity::finding_badge;
use crate::words;
use drydock_core::checks;
use drydock_core::report::cited::cited;
use drydock_core::report::model::{Finding, Report, Step, Verdict};
use leptos::prelude::*;
use std::sync::Arc;

/// The column.
pub fn pane(store: Store, loaded: &Arc<Loaded>) -> AnyView {
    let loaded = Arc::clone(loaded);
    let chosen = Memo::new(move |_| store.selected.get());
    view! {
        <article class="detail" id="detail" aria-label="Finding" tabindex="-1">
            {move || match chosen.get().and_then(|at| loaded.finding(at)) {
                Some(finding) => detail(store, &loaded.report, finding),
                None => view! { <p class="empty">{words::SELECT_ONE}</p> }.into_any(),
            }}
        </article>
    }
    .into_any()
}

fn detail(store: Store, report: &Report, finding: &Finding) -> AnyView {
    dom::scroll_to("detail", 0);
    for stop in stops(finding) {
        store.want_source(&stop.path);
    }
    view! {
        <div class="detail-body prose">
            {button("button button-quiet detail-back", "", view! { {icon(Icon::Back)}{words::BACK_TO_LIST} }, move || back(store))}
            <p class="detail-meta">
                {finding_badge(finding)}
                <span class="dim">{finding.category.title()}</span>
                <span class="dim" title=words::confidence(finding.confidence).1>
                    {format!("{} confidence", words::confidence(finding.confidence).0)}
                </span>
                <span class="dim">{format!("Effort {}: {}", words::effort(finding.effort).0, words::effort(finding.effort).1)}</span>
            </p>
            <h2 class="detail-title" class:struck=finding.verdict == Verdict::Refuted id="detail-title" tabindex="-1">
                {inline(&finding.message)}
            </h2>
            {place(store, finding)}
            {actions(store, finding)}
            {status(finding)}
            {still_found(store, finding)}
            {why(finding)}
            {path(store, finding)}
            {fix(finding)}
            {references(store, report, finding)}
        </div>
    }
    .into_any()
}

fn place(store: Store, finding: &Finding) -> AnyView {
    let place = format!("{}:{}", finding.path, finding.line);
    let copied = place.clone();
    let own =
        stops(finding).iter().position(|stop| stop.path == finding.path && stop.line == finding.line).unwrap_or(0);
    view! {
        <p class="detail-place">
            {button("text-button mono", "", place, move || open_source(store, own))}
            <button
                type="button"
                class="icon-button small-icon"
                aria-label=words::COPY_PLACE
                title=words::COPY_PLACE
                on:click=move |_| store.copy(copied.clone())
            >
                {icon(Icon::Copy)}
            </button>
            <span class="dim">"in "<code>{finding.symbol.clone()}</code></span>
        </p>
    }
    .into_any()
}

fn actions(store: Store, finding: &Finding) -> AnyView {
    let as_markdown = finding.clone();
    let (check, fingerprint) = (finding.check.clone(), finding.fingerprint.clone());
    let mine = store
        .dismissed
        .with_untracked(|all| all.iter().any(|one| one.check == check && one.fingerprint == fingerprint));
    let dismissing = if mine {
        view! {
            {button("button button-quiet", "undo-dismiss", words::UNDO_DISMISS, move || {
                store.dismissed.update(|all| all.retain(|one| !(one.check == check && one.fingerprint == fingerprint)));
                store.ask(Host::dismiss);
                dom::focus_soon("detail-title");
            })}
        }
        .into_any()
    } else if finding.verdict == Verdict::Suppressed || fingerprint.is_empty() {
        ().into_any()
    } else {
        view! {
            {button("button button-quiet", "dismiss", words::DISMISS, move || {
                if let Some(position) = store.selected.get_untracked() {
                    store.dialog.set(Some(Dialog::Dismiss(position)));
                }
            })}
        }
        .into_any()
    };
    let spot = StoredValue::new(Spot { path: finding.path.clone(), line: finding.line, column: finding.column });
    view! {
        <div class="detail-actions">
            {button("button", "view-source", view! { {icon(Icon::Code)}{words::VIEW_SOURCE} }, move || open_source(store, 0))}
            {button("button button-quiet", "", view! { {icon(Icon::Copy)}{words::COPY_MARKDOWN} }, move || store.copy(markdown::finding(&as_markdown)))}
            {button("button button-quiet", "", view! { {icon(Icon::Link)}{words::COPY_LINK} }, move || {
                store.copy(format!("{}#{}", dom::page_address(), hash::write(&untrack(|| store.place()))));
            })}
            {open_in_editor(store, move || spot.get_value())}
            {dismissing}
            {mark(store, finding)}
            {(finding.verdict == Verdict::Counted).then(|| what_if(store))}
        </div>
    }
    .into_any()
}

/// Marks the finding as fixed, or no longer.
fn mark(store: Store, finding: &Finding) -> AnyView {
    if finding.fingerprint.is_empty() {
        return ().into_any();
    }
    let marked = {
        let finding = finding.clone();
        Memo::new(move |_| store.marks.with(|marks| marks.has(&finding)))
    };
    let finding = finding.clone();
    let name = move || {
        if marked.get() {
            view! { {icon(Icon::Dash)}{words::UNMARK_FIXED} }.into_any()
        } else {
            view! { {icon(Icon::Check)}{words::MARK_FIXED} }.into_any()
        }
    };
    button("button button-quiet", "mark-fixed", view! { {name} }, move || {
        let now = !marked.get_untracked();
        store.marks.update(|marks| marks.toggle(&finding));
        store.toast(if now { words::MARKED } else { words::UNMARKED }.to_owned());
        dom::focus_soon("mark-fixed");
    })
}

/// The reader took it for fixed, and this audit does not agree.
fn still_found(store: Store, finding: &Finding) -> AnyView {
    let finding = finding.clone();
    (move || {
        let again = store.marks.with(|marks| marks.refuted(&finding));
        again.then(
            || view! { <div class="strip" data-sev="medium">{icon(Icon::Warning)}<p>{words::STILL_FOUND}</p></div> },
        )
    })
    .into_any()
}

fn what_if(store: Store) -> AnyView {
    let Some(position) = store.selected.get_untracked() else { return ().into_any() };
    view! {
        <label class="check-label">
            <input
                type="checkbox"
                id="tick"
                prop:checked=move || store.ticked.with(|ticked| ticked.contains(&position))
                on:change=move |_| store.tick(position)
            />
            {words::WHAT_IF_TICK}
        </label>
    }
    .into_any()
}

/// Why it is not scored, or why its severity was changed.
fn status(finding: &Finding) -> AnyView {
    let scored = finding.verdict == Verdict::Counted;
    let change =
        finding.original_severity.filter(|original| *original != finding.severity || !scored).map(|original| {
            if scored {
                format!("{} lowered to {}. ", severity_title(original), severity_title(finding.severity))
            } else {
                format!("Would be {}. ", severity_title(original))
            }
        });
    let reason = finding.verdict_reason.clone().or_else(|| finding.advisory.clone());
    let advisory = finding.advisory.clone().filter(|advisory| Some(advisory) != reason.as_ref());
    if scored && change.is_none() && reason.is_none() {
        return ().into_any();
    }
    let head = if scored {
        "Severity changed".to_owned()
    } else {
        format!("{}, {}", words::verdict(finding.verdict), words::NOT_SCORED)
    };
    view! {
        <div class="strip detail-status" data-sev="advisory">
            <p>
                <strong>{head}"."</strong>
                " "
                {change}
                {reason.map(|reason| inline(&reason))}
                {advisory.map(|advisory| view! { " "{inline(&advisory)} })}
            </p>
        </div>
    }
    .into_any()
}

fn why(finding: &Finding) -> AnyView {
    let meta = checks::find(&finding.check);
    let facts = finding.evidence.iter().map(|fact| view! { <li>{inline(fact)}</li> }).collect_view();
    let measured = finding.measured.clone();
    view! {
        <section aria-labelledby="why">
            <h3 id="why">{words::WHAT_AND_WHY}</h3>
            <p><strong>{finding.title.clone()}"."</strong>{meta.map(|meta| format!(" {}.", meta.why))}</p>
            {(!finding.evidence.is_empty()).then(|| view! { <ul class="bullets dim">{facts}</ul> })}
            {measured.map(|measured| view! { <p>"Measured: "{inline(&measured)}</p> })}
        </section>
    }
    .into_any()
}

fn path(store: Store, finding: &Finding) -> AnyView {
    let rows = stops(finding).into_iter().enumerate().map(|(at, step)| path_step(store, at, step)).collect_view();
    view! {
        <section aria-labelledby="path">
            <h3 id="path">{words::PATH}</h3>
            <ol class="path">{rows}</ol>
        </section>
    }
    .into_any()
}

fn path_step(store: Store, at: usize, step: Step) -> AnyView {
    let asked = step.path.clone();
    let state = Memo::new(move |_| {
        store.sources.with(|sources| match sources.get(&asked) {
            Some(SourceState::Ready(code)) => Shown(Some(Arc::clone(code))),
            _ => Shown(None),
        })
    });
    let line = step.line;
    view! {
        <li class="path-step">
            <span class="step-number" aria-hidden="true">{step_badge(at)}</span>
            <div class="path-text">
                <p>{inline(&step.message)}</p>
                {button("text-button mono", format!("path-{at}"), view! { {format!("{}:{}", step.path, step.line)} }, move || open_source(store, at))}
                {move || state.get().0.map(|code| excerpt(&code, line, 1))}
            </div>
        </li>
    }
    .into_any()
}

/// A file that has arrived; equal when it is the same file, so that nothing is drawn twice.
#[derive(Clone)]
struct Shown(Option<Arc<crate::state::code::Code>>);

impl PartialEq for Shown {
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Some(a), Some(b)) => Arc::ptr_eq(a, b),
            (None, None) => true,
            _ => false,
        }
    }
}

fn fix(finding: &Finding) -> AnyView {
    view! {
        <section aria-labelledby="fix">
            <h3 id="fix">{words::FIX}</h3>
            <p>{inline(&finding.recommendation)}</p>
        </section>
    }
    .into_any()
}

/// `docs.sqlalchemy.org` of an address.
fn host_of(url: &str) -> String {
    url.split("//").nth(1).and_then(|rest| rest.split('/').next()).unwrap_or(url).to_owned()
}

fn references(store: Store, report: &Report, finding: &Finding) -> AnyView {
    let meta = checks::find(&finding.check);
    let also = (!finding.also.is_empty()).then(|| {
        let names: Vec<String> = finding
            .also
            .iter()
            .map(|id| checks::find(id).map_or_else(|| id.clone(), |check| check.title.to_owned()))
            .collect();
        let places = finding
            .related
            .iter()
            .map(|step| {
                view! { <li>{inline(&step.message)}" "<span class="mono dim break">{format!("{}:{}", step.path, step.line)}</span></li> }
            })
            .collect_view();
        view! { <li>{format!("{}: {}", words::ALSO_SEEN_BY, names.join("; "))}<ul class="bullets">{places}</ul></li> }
    });
    let notes = cited(report, finding)
        .into_iter()
        .map(|(technology, practice)| {
            view! { <li class="cited">{format!("{technology}: ")}{inline(&practice.statement)}" "{external(store, &practice.url, host_of(&practice.url))}</li> }
        })
        .collect_view();
    view! {
        <section aria-labelledby="references">
            <h3 id="references">{words::REFERENCES}</h3>
            <ul class="plain-list">
                {meta.map(|meta| view! { <li>{external(store, meta.source.1, meta.source.0.to_owned())}</li> })}
                {notes}
                {also}
                <li class="dim">{words::CHECK}" "<code>{finding.check.clone()}</code></li>
            </ul>
        </section>
    }
    .into_any()
}
