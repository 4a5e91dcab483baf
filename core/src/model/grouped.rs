//! Lists by number, all in one piece of memory: most are empty or short, and a vector for each would be an
//! allocation for each.

/// A list for each number below some count.
#[derive(Clone, Debug)]
pub struct Grouped<T> {
    /// Where each list begins; one more at the end.
    starts: Vec<u32>,
    items: Vec<T>,
}

impl<T> Default for Grouped<T> {
    fn default() -> Self {
        Self { starts: Vec::new(), items: Vec::new() }
    }
}

impl<T: Copy> Grouped<T> {
    /// What `each` tells, list by list and in its order; `each` is asked twice and must tell the same. `none` fills the
    /// memory first.
    #[must_use]
    pub fn of(count: usize, none: T, each: impl Fn(&mut dyn FnMut(u32, T))) -> Self {
        let mut starts = vec![0_u32; count + 1];
        each(&mut |list, _| {
            if let Some(size) = starts.get_mut(list as usize) {
                *size += 1;
            }
        });
        let mut sum = 0;
        for slot in &mut starts {
            sum += std::mem::replace(slot, sum);
        }
        let mut next = starts.clone();
        let mut items = vec![none; sum as usize];
        each(&mut |list, item| {
            if let Some(slot) = next.get_mut(list as usize)
                && let Some(place) = items.get_mut(*slot as usize)
            {
                *place = item;
                *slot += 1;
            }
        });
        Self { starts, items }
    }

    /// Adds to the list at hand: lists may also be told one after the other.
    pub fn push(&mut self, item: T) {
        self.items.push(item);
    }

    /// Ends the list at hand, which may be empty; the next one has the next number.
    pub fn close(&mut self) {
        if self.starts.is_empty() {
            self.starts.push(0);
        }
        self.starts.push(u32::try_from(self.items.len()).unwrap_or(u32::MAX));
    }

    /// The list of this number.
    #[inline]
    #[must_use]
    pub fn get(&self, list: u32) -> &[T] {
        let at = list as usize;
        let range = self.starts.get(at).zip(self.starts.get(at + 1));
        range.and_then(|(from, to)| self.items.get(*from as usize..*to as usize)).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::Grouped;

    #[test]
    fn lists_are_told_one_after_the_other() {
        let mut lists = Grouped::default();
        for list in ["ab", "", "c"] {
            list.chars().for_each(|item| lists.push(item));
            lists.close();
        }
        assert_eq!([0, 1, 2, 3].map(|list| lists.get(list).iter().collect::<String>()), ["ab", "", "c", ""]);
    }

    #[test]
    fn lists_keep_the_order_that_they_are_told_in() {
        let told = [(2, 'a'), (0, 'b'), (2, 'c'), (3, 'd'), (7, 'x')];
        let lists = Grouped::of(4, ' ', |put| told.iter().for_each(|(list, item)| put(*list, *item)));
        assert_eq!([0, 1, 2, 3].map(|list| lists.get(list).iter().collect::<String>()), ["b", "", "ac", "d"]);
        assert!(
            lists.get(4).is_empty() && lists.get(u32::MAX).is_empty() && Grouped::<u8>::default().get(0).is_empty()
        );
    }
}
