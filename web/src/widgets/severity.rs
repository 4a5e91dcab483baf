//! Severity as shape + word + colour: octagon, triangle, diamond, circle; dashed circle for advisory.

use crate::state::hash::severity_slug;
use crate::state::markdown::severity_title;
use crate::state::verdict::grouped;
use drydock_core::report::model::{Counts, Finding, Severity, Verdict};
use leptos::prelude::*;

const ADVISORY: &str =
    "<circle cx='7' cy='7' r='5.4' fill='none' stroke='currentColor' stroke-width='1.7' stroke-dasharray='2.3 1.94'/>";

const fn drawing(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "<path d='M4.4.8h5.2l3.6 3.6v5.2l-3.6 3.6H4.4L.8 9.6V4.4z' fill='currentColor'/>",
        Severity::High => {
            "<path d='M7 1.6 13 12.2H1z' fill='currentColor' stroke='currentColor' stroke-width='1.4' stroke-linejoin='round'/>"
        }
        Severity::Medium => "<path d='M7 .6 13.4 7 7 13.4.6 7z' fill='currentColor'/>",
        Severity::Low => "<circle cx='7' cy='7' r='5.2' fill='currentColor'/>",
    }
}

fn svg(slug: &'static str, drawing: &'static str) -> AnyView {
    view! { <svg class="shape" data-sev=slug viewBox="0 0 14 14" aria-hidden="true" inner_html=drawing></svg> }
        .into_any()
}

/// The shape alone, for places where the word stands beside it or in a label.
#[must_use]
pub fn shape(severity: Severity) -> AnyView {
    svg(severity_slug(severity), drawing(severity))
}

/// The dashed circle of what is not scored.
#[must_use]
pub fn advisory_shape() -> AnyView {
    svg("advisory", ADVISORY)
}

/// Shape and word of a severity.
#[must_use]
pub fn badge(severity: Severity) -> AnyView {
    view! { <span class="sev" data-sev=severity_slug(severity)>{shape(severity)}{severity_title(severity)}</span> }
        .into_any()
}

/// Shape and word of a finding: its severity, or the dashed circle and its verdict.
#[must_use]
pub fn finding_badge(finding: &Finding) -> AnyView {
    if finding.verdict == Verdict::Counted {
        badge(finding.severity)
    } else {
        view! {
            <span class="sev" data-sev="advisory">{advisory_shape()}{crate::words::verdict(finding.verdict)}</span>
        }
        .into_any()
    }
}

/// Counts with shapes: `2 ▲ 1 ◆`; severities without findings are left out.
#[must_use]
pub fn tally(counts: Counts) -> AnyView {
    let parts = Severity::ALL
        .into_iter()
        .filter(|severity| counts.of(*severity) > 0)
        .map(|severity| {
            let number = counts.of(severity);
            view! {
                <span class="tally" data-sev=severity_slug(severity)>
                    {shape(severity)}
                    <span class="num">{grouped(number.into())}</span>
                    <span class="sr-only">{severity_title(severity)}</span>
                </span>
            }
        })
        .collect_view();
    view! { <span class="tallies">{parts}</span> }.into_any()
}

/// One stacked bar with its counts printed under it; each count leads to its findings.
#[must_use]
pub fn bar(counts: Counts, on_pick: impl Fn(Severity) + Copy + Send + Sync + 'static) -> AnyView {
    let segments = Severity::ALL
        .into_iter()
        .filter(|severity| counts.of(*severity) > 0)
        .map(|severity| {
            view! {
                <span
                    class="bar-part"
                    data-sev=severity_slug(severity)
                    style:flex-grow=counts.of(severity).to_string()
                    on:click=move |_| on_pick(severity)
                ></span>
            }
        })
        .collect_view();
    let legend = Severity::ALL
        .into_iter()
        .map(|severity| {
            let number = counts.of(severity);
            view! {
                <li>
                    <button
                        type="button"
                        class="bar-count"
                        data-sev=severity_slug(severity)
                        disabled=number == 0
                        on:click=move |_| on_pick(severity)
                    >
                        {shape(severity)}
                        <span class="num bar-number">{grouped(number.into())}</span>
                        <span>{severity_title(severity)}</span>
                    </button>
                </li>
            }
        })
        .collect_view();
    view! {
        <div class="bar">
            <div class="bar-track" aria-hidden="true">{segments}</div>
            <ul class="bar-legend">{legend}</ul>
        </div>
    }
    .into_any()
}
