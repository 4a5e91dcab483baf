//! Lines of code with colours, the flagged range and step badges. Windowing is the caller's.

use crate::protocol::TokenKind;
use crate::state::code::Code;
use leptos::prelude::*;

/// Badge of a step, from 0: ① to ⑳, then a plain number.
#[must_use]
pub fn step_badge(step: usize) -> String {
    u32::try_from(step)
        .ok()
        .filter(|step| *step < 20)
        .and_then(|step| char::from_u32(0x2460 + step))
        .map_or_else(|| (step + 1).to_string(), String::from)
}

const fn class_of(kind: TokenKind) -> &'static str {
    match kind {
        TokenKind::Keyword => "t-keyword",
        TokenKind::String => "t-string",
        TokenKind::Number => "t-number",
        TokenKind::Comment => "t-comment",
        TokenKind::Decorator => "t-decorator",
        TokenKind::Definition => "t-definition",
    }
}

/// The coloured text of a line; `flag` is the flagged range of columns.
#[must_use]
pub fn line(code: &Code, number: usize, flag: Option<(u32, u32)>) -> AnyView {
    code.pieces(number, flag)
        .into_iter()
        .map(|piece| match (piece.kind, piece.flagged) {
            (None, false) => piece.text.into_any(),
            (kind, flagged) => {
                view! { <span class=kind.map(class_of) class:flagged=flagged>{piece.text}</span> }.into_any()
            }
        })
        .collect_view()
        .into_any()
}

/// A few lines around `line`, without scrolling: for the steps in the detail.
#[must_use]
pub fn excerpt(code: &Code, focus: u32, around: usize) -> AnyView {
    let focus = focus as usize;
    let first = focus.saturating_sub(around).max(1);
    let last = (focus + around).min(code.lines());
    let lines = (first..=last)
        .map(|number| {
            let flag = (number == focus).then(|| code.inked(number));
            view! {
                <span class="excerpt-line" class:excerpt-focus=number == focus>
                    <span class="excerpt-number" aria-hidden="true">{number}</span>
                    <span class="excerpt-text">{line(code, number, flag)}{"\n"}</span>
                </span>
            }
        })
        .collect_view();
    view! { <pre class="excerpt" tabindex="0"><code>{lines}</code></pre> }.into_any()
}
