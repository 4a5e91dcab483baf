//! Where the ops of a body are written: eight bytes each, as nearly all lie on one line.

use crate::source::Span;

/// Spans by index.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Spans {
    places: Vec<Place>,
    /// Those over several lines.
    long: Vec<Span>,
}

/// A span on one line, or with [`LONG`] set in `line` an index into the long ones.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Place {
    line: u32,
    col: u16,
    end_col: u16,
}

const LONG: u32 = 1 << 31;

impl Spans {
    /// Adds one.
    #[inline]
    pub fn push(&mut self, span: Span) {
        let mut line = span.line;
        if span.end_line != line || line >= LONG {
            line = LONG | u32::try_from(self.long.len()).unwrap_or(u32::MAX);
            self.long.push(span);
        }
        self.places.push(Place { line, col: span.col, end_col: span.end_col });
    }

    /// The one at `index`.
    #[inline]
    #[must_use]
    pub fn get(&self, index: usize) -> Option<Span> {
        self.places.get(index).map(|place| self.span(*place))
    }

    /// All in order.
    pub fn iter(&self) -> impl Iterator<Item = Span> + '_ {
        self.places.iter().map(|place| self.span(*place))
    }

    /// Keeps those that `live` says.
    pub fn retain(&mut self, mut live: impl FnMut() -> bool) {
        let long = std::mem::take(&mut self.long);
        self.places.retain_mut(|place| {
            let live = live();
            if live && place.line & LONG != 0 {
                let at = (place.line & !LONG) as usize;
                place.line = LONG | u32::try_from(self.long.len()).unwrap_or(u32::MAX);
                self.long.extend(long.get(at));
            }
            live
        });
    }

    /// Forgets all, and keeps the memory.
    pub fn clear(&mut self) {
        self.places.clear();
        self.long.clear();
    }

    /// Takes all, in memory of their size.
    #[must_use]
    pub fn take(&mut self) -> Self {
        Self { places: self.places.drain(..).collect(), long: self.long.drain(..).collect() }
    }

    /// Without any, with room for `count`.
    #[must_use]
    pub fn with_capacity(count: usize) -> Self {
        Self { places: Vec::with_capacity(count), long: Vec::new() }
    }

    fn span(&self, place: Place) -> Span {
        if place.line & LONG == 0 {
            let Place { line, col, end_col } = place;
            return Span { line, col, end_line: line, end_col };
        }
        self.long.get((place.line & !LONG) as usize).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::Spans;
    use crate::source::Span;

    #[test]
    fn spans_come_back_as_they_were() {
        let of = |line, end_line| Span { line, col: 3, end_line, end_col: 9 };
        let given = [of(1, 1), of(2, 5), of(u32::MAX, u32::MAX), of(7, 7), of(8, 7)];
        let mut spans = Spans::default();
        given.iter().for_each(|span| spans.push(*span));
        assert_eq!(spans.iter().collect::<Vec<_>>(), given);
        assert_eq!((spans.get(1), spans.get(5)), (Some(of(2, 5)), None));
        let mut live = [true, false, true, false, true].into_iter();
        spans.retain(|| live.next().unwrap_or(true));
        assert_eq!(spans.take().iter().collect::<Vec<_>>(), [of(1, 1), of(u32::MAX, u32::MAX), of(8, 7)]);
        assert_eq!(spans, Spans::default());
    }
}
