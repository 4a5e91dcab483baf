//! Score gauges: the number is text, the arc decoration, the band always a word.

use crate::state::html::Html;
use crate::state::verdict::tenths;
use crate::words;
use drydock_core::report::model::{Band, CategoryScore, CategoryState};
use leptos::prelude::*;

/// Sizes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// 96 px.
    Large,
    /// 64 px.
    Medium,
    /// 24 px, in the tab bar: arc and number side by side.
    Small,
}

/// What a gauge shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reading {
    /// A score in tenths and its band.
    Score(u32, Band),
    /// Nothing to judge.
    NotApplicable,
    /// Could not be judged.
    Error,
}

impl Reading {
    /// Reading of a category.
    #[must_use]
    pub const fn of(score: &CategoryScore) -> Self {
        match (&score.status, score.score_tenths, score.band) {
            (CategoryState::Completed, Some(tenths), Some(band)) => Self::Score(tenths, band),
            (CategoryState::Error(_), ..) => Self::Error,
            _ => Self::NotApplicable,
        }
    }

    /// The number, or the word that stands for it.
    #[must_use]
    pub fn number(&self) -> String {
        match self {
            Self::Score(score, _) => tenths(*score),
            Self::NotApplicable => words::NOT_APPLICABLE.to_owned(),
            Self::Error => "\u{2013}".to_owned(),
        }
    }

    /// The band word.
    #[must_use]
    pub const fn band(&self) -> &'static str {
        match self {
            Self::Score(_, band) => band.title(),
            Self::NotApplicable => "Nothing to judge",
            Self::Error => words::ERROR,
        }
    }

    /// Token of the colour.
    #[must_use]
    pub const fn tone(&self) -> &'static str {
        match self {
            Self::Score(_, Band::NoIssues | Band::Minor) => "pass",
            Self::Score(_, Band::Moderate) => "medium",
            Self::Score(_, Band::Significant) => "high",
            Self::Score(_, Band::Critical) => "critical",
            Self::NotApplicable | Self::Error => "none",
        }
    }
}

/// The ring with its number. The caller prints label and band beside or below it.
#[must_use]
pub fn ring(reading: &Reading, size: Size) -> AnyView {
    let class = match size {
        Size::Large => "gauge gauge-large",
        Size::Medium => "gauge gauge-medium",
        Size::Small => "gauge gauge-small",
    };
    let [radius, stroke, dashes] = if size == Size::Small { ["38", "16", "12"] } else { ["44", "8", "5"] };
    let mut svg = Html::default();
    svg.raw("<svg viewBox=\"0 0 100 100\" fill=\"none\" aria-hidden=\"true\">");
    let mut arc = |class: &'static str, width: &'static str, length: &'static str, dash: &str, turn: &'static str| {
        svg.raw("<circle cx=\"50\" cy=\"50\" r=\"").raw(radius).raw("\" class=\"").raw(class);
        svg.raw("\" stroke-width=\"").raw(width).raw("\" pathLength=\"").raw(length);
        svg.raw("\" stroke-dasharray=\"").text(dash).raw(turn).raw("\"/>");
    };
    const TURN: &str = "\" transform=\"rotate(135 50 50)";
    match reading {
        Reading::Score(score, _) => {
            arc("gauge-track", stroke, "100", "75 100", TURN);
            if *score > 0 {
                let length = score * 75;
                arc("gauge-value", stroke, "100", &format!("{}.{:02} 100", length / 100, length % 100), TURN);
            }
        }
        Reading::NotApplicable | Reading::Error => arc("gauge-dashed", dashes, "96", "4 4", ""),
    }
    let long = !matches!(reading, Reading::Score(..));
    svg.raw("</svg><span class=\"gauge-number num").raw(if long { " gauge-word" } else { "" }).raw("\">");
    svg.text(&reading.number()).raw("</span>");
    view! { <span class=class data-sev=reading.tone() inner_html=svg.done()></span> }.into_any()
}
