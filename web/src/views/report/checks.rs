//! What every check did: passed, failed, warning, or skipped with the reason; what it dismissed and why.

use crate::platform::dom;
use crate::state::filter::{Facet, Filter};
use crate::state::store::{Loaded, Store};
use crate::state::verdict::{grouped, in_this_version};
use crate::views::external;
use crate::widgets::button::button;
use crate::widgets::icon::{Icon, icon};
use crate::widgets::inline::inline;
use crate::words;
use drydock_core::checks::{CATALOGUE, find};
use drydock_core::report::model::{Category, CheckOutcome, CheckStatus, Report};
use leptos::prelude::*;
use std::sync::Arc;

const DISMISSED_SHOWN: usize = 50;

/// The tab.
pub fn checks(store: Store, loaded: &Arc<Loaded>) -> AnyView {
    let report = &loaded.report;
    let known = || report.checks.iter().filter(|check| in_this_version(&check.check));
    let number = |status| known().filter(|check| check.status == status).count();
    let totals = [CheckStatus::Failed, CheckStatus::Warning, CheckStatus::Passed, CheckStatus::Skipped]
        .into_iter()
        .map(|status| {
            view! { <li>{status_mark(status)}<span class="num dim">{grouped(number(status) as u64)}</span></li> }
        })
        .collect_view();
    let groups = Category::ALL.into_iter().map(|category| group(store, loaded, category)).collect_view();
    view! {
        <div class="page checks">
            <h1 class="sr-only">{words::tab(crate::state::place::Tab::Checks)}</h1>
            <ul class="totals">{totals}</ul>
            {groups}
        </div>
    }
    .into_any()
}

/// Shape and word of a result.
fn status_mark(status: CheckStatus) -> AnyView {
    let (sev, glyph) = match status {
        CheckStatus::Passed => ("pass", Icon::Check),
        CheckStatus::Warning => ("medium", Icon::Warning),
        CheckStatus::Failed => ("critical", Icon::Close),
        CheckStatus::Skipped => ("none", Icon::Dash),
    };
    view! { <span class="sev status" data-sev=sev>{icon(glyph)}{words::check_status(status)}</span> }.into_any()
}

fn group(store: Store, loaded: &Arc<Loaded>, category: Category) -> AnyView {
    let report = &loaded.report;
    let rows: Vec<AnyView> = report
        .checks
        .iter()
        .filter(|check| check.category == category && in_this_version(&check.check))
        .map(|check| row(store, loaded, check))
        .collect();
    let later: Vec<&'static str> = CATALOGUE
        .iter()
        .filter(|check| {
            check.category == category && (!check.available || !report.checks.iter().any(|ran| ran.check == check.id))
        })
        .map(|check| check.title)
        .collect();
    let later = (!later.is_empty())
        .then(|| view! { <p class="dim later-checks">{format!("Not in this version: {}.", later.join("; "))}</p> });
    view! {
        <section class="check-group" aria-labelledby=format!("checks-{}", category.slug())>
            <h2 id=format!("checks-{}", category.slug())>{category.title()}</h2>
            <div class="check-list">{rows}</div>
            {later}
        </section>
    }
    .into_any()
}

fn found(report: &Report, id: &str) -> usize {
    report.findings.iter().filter(|finding| finding.check == id).count()
}

fn row(store: Store, loaded: &Arc<Loaded>, check: &CheckOutcome) -> AnyView {
    let number = found(&loaded.report, &check.check);
    let id = check.check.clone();
    let open = RwSignal::new(false);
    let inner = Arc::clone(loaded);
    let inner_id = check.check.clone();
    view! {
        <details class="check" on:toggle=move |_| open.set(true)>
            <summary>
                {status_mark(check.status)}
                <span class="check-title">{check.title.clone()}</span>
                <span class="check-details dim">{inline(&check.details)}</span>
                <span class="num dim check-count">{(number > 0).then(|| crate::state::verdict::count(number, "finding", "findings"))}</span>
            </summary>
            {move || open.get().then(|| body(store, &inner, &inner_id, number, &id))}
        </details>
    }
    .into_any()
}

fn body(store: Store, loaded: &Loaded, check: &str, number: usize, id: &str) -> AnyView {
    let meta = find(check);
    let dismissed: Vec<_> = loaded.report.dismissed.iter().filter(|one| one.check == check).collect();
    let more = dismissed.len().saturating_sub(DISMISSED_SHOWN);
    let list = dismissed
        .iter()
        .take(DISMISSED_SHOWN)
        .map(|one| {
            view! {
                <li>
                    <span class="mono break">{format!("{}:{}", one.path, one.line)}</span>
                    <span class="dim">{inline(&one.reason)}</span>
                </li>
            }
        })
        .collect_view();
    let id = id.to_owned();
    view! {
        <div class="check-body prose">
            {meta.map(|meta| view! {
                <p>{meta.why}"."</p>
                <p class="dim">
                    {format!("{}: {}. {}: ", words::CHECK_PRINCIPLE, meta.principle, words::CHECK)}
                    <code>{meta.id}</code>
                    " "
                    {external(store, meta.source.1, meta.source.0.to_owned())}
                </p>
            })}
            {(number > 0).then(|| view! {
                {button("button", "", view! { {crate::state::verdict::count(number, "finding", "findings")} }, move || {
                    store.open_findings(Filter::only(Facet::Check, &id));
                    dom::focus_soon("tab-findings");
                })}
            })}
            {(!dismissed.is_empty()).then(|| view! {
                <h3>{words::CANDIDATES_DISMISSED}</h3>
                <ul class="dismissed">{list}</ul>
                {(more > 0).then(|| view! { <p class="dim">{format!("and {} more in the JSON report", grouped(more as u64))}</p> })}
            })}
        </div>
    }
    .into_any()
}
