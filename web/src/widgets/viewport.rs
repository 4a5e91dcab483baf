//! Windowing of a scrolled list: which rows to build, and how to bring one into view.

use crate::platform::dom;
use crate::state::window;
use leptos::prelude::*;
use std::sync::Arc;

const SPARE: usize = 8;

/// The scrolled element with an id, its position and height.
#[derive(Clone, Copy)]
pub struct Viewport {
    id: &'static str,
    scroll: RwSignal<u32>,
    height: RwSignal<u32>,
}

impl Viewport {
    /// A viewport over the element with `id`, measured once it is drawn and whenever the window changes.
    #[must_use]
    pub fn new(id: &'static str) -> Self {
        let port = Self { id, scroll: RwSignal::new(0), height: RwSignal::new(800) };
        request_animation_frame(move || port.measure());
        let handle = window_event_listener(leptos::ev::resize, move |_| port.measure());
        on_cleanup(move || handle.remove());
        port
    }

    /// Reads position and height again.
    pub fn measure(&self) {
        let (scroll, height) = dom::scroll_of(self.id);
        let set = |signal: RwSignal<u32>, value: u32| {
            if signal.try_get_untracked().is_some_and(|before| before != value) {
                signal.set(value);
            }
        };
        set(self.scroll, scroll);
        if height > 0 {
            set(self.height, height);
        }
    }

    /// Positions of the rows to build, in order; `pinned` is always among them, so that focus survives.
    #[must_use]
    pub fn rows(&self, tops: Signal<Arc<Vec<u32>>>, pinned: Signal<Option<usize>>) -> Memo<Vec<usize>> {
        let Self { scroll, height, .. } = *self;
        Memo::new(move |_| {
            tops.with(|tops| {
                let range = window::visible(tops, scroll.get(), height.get(), SPARE);
                let count = tops.len().saturating_sub(1);
                let mut rows: Vec<usize> = range.clone().collect();
                if let Some(pin) = pinned.get()
                    && !range.contains(&pin)
                    && pin < count
                {
                    rows.push(pin);
                    rows.sort_unstable();
                }
                rows
            })
        })
    }

    /// Brings `row` into view, moving as little as possible.
    pub fn reveal(&self, tops: &[u32], row: usize) {
        let (scroll, height) = dom::scroll_of(self.id);
        if let Some(top) = window::reveal(tops, row, scroll, height) {
            dom::scroll_to(self.id, top);
            self.measure();
        }
    }

    /// Brings `row` to the middle.
    pub fn center(&self, tops: &[u32], row: usize) {
        let (_, height) = dom::scroll_of(self.id);
        if let Some(top) = tops.get(row) {
            dom::scroll_to(self.id, top.saturating_sub(height / 2));
            self.measure();
        }
    }

    /// Rows that fit on one page, at least one.
    #[must_use]
    pub fn page(&self, row_height: u32) -> usize {
        (self.height.get_untracked() / row_height.max(1)).max(1) as usize
    }
}
