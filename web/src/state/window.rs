//! Which rows of a long list are on screen. Rows have one of two heights (rows and group heads), so
//! positions are sums, not multiples.

use std::ops::Range;

/// Lists up to this length are shown whole.
pub const WHOLE_UP_TO: usize = 200;

/// Tops of all rows, with the total height as last entry.
#[must_use]
pub fn tops(heights: impl Iterator<Item = u32>) -> Vec<u32> {
    let mut sum = 0_u32;
    let mut out = vec![0];
    for height in heights {
        sum = sum.saturating_add(height);
        out.push(sum);
    }
    out
}

/// Rows to build for a viewport of `height` pixels at `scroll`, with some to spare on both sides.
#[must_use]
pub fn visible(tops: &[u32], scroll: u32, height: u32, spare: usize) -> Range<usize> {
    let rows = tops.len().saturating_sub(1);
    if rows <= WHOLE_UP_TO {
        return 0..rows;
    }
    let first = tops.partition_point(|top| *top <= scroll).saturating_sub(1);
    let last = tops.partition_point(|top| *top < scroll.saturating_add(height));
    first.saturating_sub(spare)..(last + spare).min(rows)
}

/// Scroll position that brings `row` into a viewport of `height` pixels; `None` when it is in view.
#[must_use]
pub fn reveal(tops: &[u32], row: usize, scroll: u32, height: u32) -> Option<u32> {
    let (top, bottom) = (*tops.get(row)?, *tops.get(row + 1)?);
    if top < scroll {
        Some(top)
    } else if bottom > scroll.saturating_add(height) {
        Some(bottom.saturating_sub(height))
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_near_the_viewport_is_built() {
        let tops = tops(std::iter::repeat_n(50, 10_000));
        assert_eq!(tops.last(), Some(&500_000));
        assert_eq!(visible(&tops, 0, 500, 4), 0..14);
        assert_eq!(visible(&tops, 5_025, 500, 4), 96..115);
        assert_eq!(visible(&tops, 499_500, 500, 4), 9_986..10_000);
        assert_eq!(visible(&tops, 9_999_999, 500, 4), 9_996..10_000);
    }

    #[test]
    fn short_lists_are_whole() {
        let tops = tops(std::iter::repeat_n(50, 200));
        assert_eq!(visible(&tops, 5_000, 100, 0), 0..200);
    }

    #[test]
    fn revealing_moves_as_little_as_possible() {
        let tops = tops(std::iter::repeat_n(50, 300));
        assert_eq!(reveal(&tops, 0, 0, 500), None);
        assert_eq!(reveal(&tops, 10, 0, 500), Some(50));
        assert_eq!(reveal(&tops, 3, 400, 500), Some(150));
        assert_eq!(reveal(&tops, 300, 400, 500), None);
    }
}
