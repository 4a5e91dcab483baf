//! Line icons, 16 by 16, drawn in the colour of the text. Always beside words, hence hidden from readers.

use leptos::prelude::*;

/// The icons of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Icon {
    /// Closed lock.
    Lock,
    /// Open lock.
    Unlock,
    /// Cloud, struck out.
    Offline,
    /// Half-filled circle.
    System,
    /// Sun.
    Light,
    /// Moon.
    Dark,
    /// Keyboard.
    Keys,
    /// Cross.
    Close,
    /// Arrow to the left.
    Back,
    /// Chevron down.
    Down,
    /// Chevron right.
    Right,
    /// Chevron up.
    Up,
    /// Tick.
    Check,
    /// Dash.
    Dash,
    /// Exclamation mark in a triangle.
    Warning,
    /// Magnifier.
    Search,
    /// Arrow into a tray.
    Download,
    /// Two sheets.
    Copy,
    /// Arrow out of a box.
    Leave,
    /// Funnel.
    Filter,
    /// Angle brackets.
    Code,
    /// Chain.
    Link,
}

impl Icon {
    const fn path(self) -> &'static str {
        match self {
            Self::Lock => "<rect x='3' y='7' width='10' height='7' rx='1.5'/><path d='M5 7V5a3 3 0 0 1 6 0v2'/>",
            Self::Unlock => "<rect x='3' y='7' width='10' height='7' rx='1.5'/><path d='M5 7V5a3 3 0 0 1 5.8-1'/>",
            Self::Offline => "<path d='M2.5 9.5a5.5 5.5 0 0 1 11 0M8 4V1.5M5 13.5h6M8 9.5v4'/>",
            Self::System => {
                "<circle cx='8' cy='8' r='5.5'/><path d='M8 2.5v11a5.5 5.5 0 0 0 0-11z' fill='currentColor'/>"
            }
            Self::Light => {
                "<circle cx='8' cy='8' r='3'/><path d='M8 1v1.5M8 13.5V15M1 8h1.5M13.5 8H15M3 3l1.1 1.1M11.9 11.9 13 13M13 3l-1.1 1.1M4.1 11.9 3 13'/>"
            }
            Self::Dark => "<path d='M13.5 9.8A6 6 0 1 1 6.2 2.5a4.8 4.8 0 0 0 7.3 7.3z'/>",
            Self::Keys => {
                "<rect x='1.5' y='4' width='13' height='8.5' rx='1.5'/><path d='M4 7h.01M6.7 7h.01M9.3 7h.01M12 7h.01M5 10h6'/>"
            }
            Self::Close => "<path d='m4 4 8 8M12 4l-8 8'/>",
            Self::Back => "<path d='M7 3.5 2.5 8 7 12.5M2.5 8h11'/>",
            Self::Down => "<path d='m4 6 4 4 4-4'/>",
            Self::Right => "<path d='m6 4 4 4-4 4'/>",
            Self::Up => "<path d='m4 10 4-4 4 4'/>",
            Self::Check => "<path d='m3 8.5 3.2 3.2L13 5'/>",
            Self::Dash => "<path d='M4 8h8'/>",
            Self::Warning => "<path d='M8 2 1.5 13.5h13zM8 6.5v3.3M8 11.8v.01'/>",
            Self::Search => "<circle cx='7' cy='7' r='4.5'/><path d='m10.5 10.5 3.5 3.5'/>",
            Self::Download => "<path d='M8 2v8M4.5 7 8 10.5 11.5 7M2.5 13.5h11'/>",
            Self::Copy => {
                "<rect x='5.5' y='5.5' width='8' height='8' rx='1.5'/><path d='M10.5 5.5v-2a1 1 0 0 0-1-1h-6a1 1 0 0 0-1 1v6a1 1 0 0 0 1 1h2'/>"
            }
            Self::Leave => {
                "<path d='M9.5 2.5h4v4M13.5 2.5 7.5 8.5M6.5 3.5h-3a1 1 0 0 0-1 1v8a1 1 0 0 0 1 1h8a1 1 0 0 0 1-1v-3'/>"
            }
            Self::Filter => "<path d='M2 4h12M4.5 8h7M6.5 12h3'/>",
            Self::Code => "<path d='M5.5 4 1.5 8l4 4M10.5 4l4 4-4 4'/>",
            Self::Link => {
                "<path d='M6.5 9.5a3 3 0 0 0 4.3 0l2.3-2.3A3 3 0 0 0 8.8 2.9l-.9.9M9.5 6.5a3 3 0 0 0-4.3 0L2.9 8.8a3 3 0 0 0 4.3 4.3l.9-.9'/>"
            }
        }
    }
}

/// An icon.
#[must_use]
pub fn icon(icon: Icon) -> AnyView {
    view! {
        <svg
            class="icon"
            viewBox="0 0 16 16"
            fill="none"
            stroke="currentColor"
            stroke-width="1.5"
            stroke-linecap="round"
            stroke-linejoin="round"
            aria-hidden="true"
            inner_html=icon.path()
        ></svg>
    }
    .into_any()
}

/// The mark of the product: a hull in a dock.
#[must_use]
pub fn mark() -> AnyView {
    view! {
        <svg
            viewBox="0 0 24 24"
            fill="none"
            stroke="currentColor"
            stroke-width="2"
            stroke-linecap="round"
            stroke-linejoin="round"
            aria-hidden="true"
            inner_html="<path d='M3 4v14a2 2 0 0 0 2 2h14a2 2 0 0 0 2-2V4'/><path d='M7 8h10l-2.2 6.5H9.2z' fill='currentColor' stroke-width='1.5'/>"
        ></svg>
    }
    .into_any()
}
