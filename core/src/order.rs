//! Sorting with little code. The standard library's sorts are made anew for every type of item, some 7 kB of
//! WebAssembly each; here one of them sorts positions, and the items follow. Where an audit is busy the standard
//! sorts stay, marked with the reason.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

/// Stable sorts of slices.
pub trait InOrder<T> {
    /// As `sort`.
    fn order(&mut self)
    where
        T: Ord;

    /// As `sort_by`.
    fn order_by(&mut self, compare: impl FnMut(&T, &T) -> Ordering);

    /// As `sort_by_key`.
    fn order_by_key<K: Ord>(&mut self, key: impl FnMut(&T) -> K);
}

impl<T> InOrder<T> for [T] {
    fn order(&mut self)
    where
        T: Ord,
    {
        self.order_by(T::cmp);
    }

    fn order_by(&mut self, mut compare: impl FnMut(&T, &T) -> Ordering) {
        let items = &*self;
        let swaps = swaps(items.len(), &mut |a, b| match (items.get(a), items.get(b)) {
            (Some(a), Some(b)) => compare(a, b),
            _ => Ordering::Equal,
        });
        for (a, b) in swaps {
            self.swap(a, b);
        }
    }

    fn order_by_key<K: Ord>(&mut self, mut key: impl FnMut(&T) -> K) {
        self.order_by(|a, b| key(a).cmp(&key(b)));
    }
}

/// The swaps that sort `len` items, one after the other.
#[inline(never)]
fn swaps(len: usize, compare: &mut dyn FnMut(usize, usize) -> Ordering) -> Vec<(usize, usize)> {
    let mut swaps = Vec::new();
    if (1..len).all(|at| compare(at - 1, at) != Ordering::Greater) {
        return swaps;
    }
    let mut sources: Vec<usize> = (0..len).collect();
    #[expect(clippy::disallowed_methods, reason = "this is the one that serves all types")]
    sources.sort_by(|a, b| compare(*a, *b));
    // Along each cycle: the item for this place comes here, what stood here goes where that came from.
    for start in 0..len {
        let mut here = start;
        while let Some(source) = sources.get_mut(here) {
            let from = std::mem::replace(source, here);
            if from == start || from == here {
                break;
            }
            swaps.push((here, from));
            here = from;
        }
    }
    swaps
}

/// A set of `items`: collecting one sorts them first, with a sort of their own.
pub fn set<T: Ord>(items: impl IntoIterator<Item = T>) -> BTreeSet<T> {
    let mut set = BTreeSet::new();
    set.extend(items);
    set
}

/// Likewise a map; the last of equal keys stays.
pub fn map<K: Ord, V>(items: impl IntoIterator<Item = (K, V)>) -> BTreeMap<K, V> {
    let mut map = BTreeMap::new();
    map.extend(items);
    map
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "what it is compared with")]
mod tests {
    use super::*;

    /// Numbers without a pattern, always the same.
    fn numbers(count: u32, below: u32) -> Vec<(u32, u32)> {
        let mut state = 12_345_u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) % below
        };
        (0..count).map(|at| (next(), at)).collect()
    }

    #[test]
    fn sorts_as_the_standard_library_does() {
        for count in [0, 1, 2, 3, 5, 20, 100, 1000] {
            for below in [1, 2, 7, 1_000_000] {
                let mut items = numbers(count, below);
                let mut expected = items.clone();
                items.order_by_key(|(number, _)| *number);
                expected.sort_by_key(|(number, _)| *number);
                assert_eq!(items, expected, "{count} items below {below}, stable");
                items.order_by(|a, b| b.cmp(a));
                expected.sort_by(|a, b| b.cmp(a));
                assert_eq!(items, expected, "backwards");
                items.order();
                expected.sort();
                assert_eq!(items, expected, "as they compare");
            }
        }
    }

    #[test]
    fn sets_and_maps_hold_what_collecting_gives() {
        let items = numbers(50, 9);
        assert_eq!(set(items.iter().copied()), items.iter().copied().collect());
        assert_eq!(map(items.iter().copied()), items.iter().copied().collect());
    }
}
