//! Numbers of things that are kept once, found by their hash. One probe is one line of the cache, and what is
//! compared lies with its owner: tables of strings and types are asked more often than anything else.

/// The numbers of things, by hash.
#[derive(Clone, Debug, Default)]
pub struct Numbered {
    /// A power of two of them, at most three quarters full.
    slots: Vec<Slot>,
    count: usize,
}

/// A thing, unless `next` is zero.
#[derive(Clone, Copy, Debug, Default)]
struct Slot {
    hash: u32,
    /// One more than its number.
    next: u32,
}

/// How many slots the first thing makes.
const FIRST: usize = 64;

impl Numbered {
    /// Without any, with room for `count`.
    #[must_use]
    pub fn with_capacity(count: usize) -> Self {
        let slots = (count * 4 / 3 + 1).next_power_of_two().max(FIRST);
        Self { slots: vec![Slot::default(); slots], count: 0 }
    }

    /// The number of the thing with this hash that `is` it.
    #[inline]
    pub fn find(&self, hash: u32, mut is: impl FnMut(u32) -> bool) -> Option<u32> {
        let mask = self.slots.len().checked_sub(1)?;
        let mut at = hash as usize & mask;
        loop {
            let slot = self.slots.get(at)?;
            let number = slot.next.checked_sub(1)?;
            if slot.hash == hash && is(number) {
                return Some(number);
            }
            at = (at + 1) & mask;
        }
    }

    /// Adds a thing that was not found.
    pub fn add(&mut self, hash: u32, number: u32) {
        if (self.count + 1) * 4 > self.slots.len() * 3 {
            let fresh = Self { slots: vec![Slot::default(); (self.slots.len() * 2).max(FIRST)], count: self.count };
            for slot in std::mem::replace(self, fresh).slots {
                if slot.next != 0 {
                    self.put(slot);
                }
            }
        }
        self.put(Slot { hash, next: number.wrapping_add(1) });
        self.count += 1;
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.count
    }

    fn put(&mut self, slot: Slot) {
        let mask = self.slots.len() - 1;
        let mut at = slot.hash as usize & mask;
        while self.slots.get(at).is_some_and(|taken| taken.next != 0) {
            at = (at + 1) & mask;
        }
        if let Some(free) = self.slots.get_mut(at) {
            *free = slot;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Numbered;

    #[test]
    fn things_are_found_by_hash_and_then_by_what_they_are() {
        let mut numbers = Numbered::default();
        assert_eq!(numbers.find(7, |_| true), None);
        // Many with one hash, and hashes that share a slot.
        for number in 0..1000 {
            numbers.add(number / 4 * 64, number);
        }
        assert_eq!(numbers.count(), 1000);
        assert!((0..1000).all(|number| numbers.find(number / 4 * 64, |n| n == number) == Some(number)));
        assert_eq!(numbers.find(64, |_| false), None);
        assert_eq!(numbers.find(63, |_| true), None);
        let mut roomy = Numbered::with_capacity(1000);
        roomy.add(u32::MAX, 3);
        assert_eq!(roomy.find(u32::MAX, |n| n == 3), Some(3));
    }
}
