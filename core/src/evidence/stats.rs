//! Statistics of measured numbers: percentiles, rank tests, effect sizes, the bootstrap. Knows no load tests. Chance
//! comes from a seed that the caller passes in.

use crate::order::InOrder as _;

/// Sorts numbers; those that are no number go last.
pub fn sort(values: &mut [f64]) {
    #[expect(clippy::disallowed_methods, reason = "millions of samples: sorted in place, and of one type only")]
    values.sort_unstable_by(f64::total_cmp);
}

/// The percentile of sorted values by linear interpolation between the two nearest (type 7), as k6 and numpy do.
#[must_use]
pub fn percentile<T: Copy + Into<f64>>(sorted: &[T], share: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let place = share.clamp(0.0, 1.0) * last as f64;
    let low: f64 = (*sorted.get(place.floor() as usize)?).into();
    let high: f64 = (*sorted.get((place.ceil() as usize).min(last))?).into();
    Some(low + (high - low) * (place - place.floor()))
}

/// The median of values in any order.
#[must_use]
pub fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sort(&mut sorted);
    percentile(&sorted, 0.5)
}

/// Largest minus smallest.
#[must_use]
pub fn range(values: &[f64]) -> f64 {
    let max = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let min = values.iter().copied().fold(f64::INFINITY, f64::min);
    if max >= min { max - min } else { 0.0 }
}

/// Chance that can be repeated: the same seed, the same numbers (xorshift64*).
#[derive(Clone, Debug)]
pub struct Seeded(u64);

impl Seeded {
    /// Starts from a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// The next number.
    pub fn number(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// A number from 0 to below `bound`; 0 when that is 0.
    pub fn below(&mut self, bound: usize) -> usize {
        ((u128::from(self.number()) * bound as u128) >> 64) as usize
    }

    /// A number from 0 to below 1.
    pub fn unit(&mut self) -> f64 {
        (self.number() >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// Arrangements up to which a rank test is exact.
const EXACT: u64 = 200_000;

/// Two-sided p of the rank-sum (Mann-Whitney) test: exact over all arrangements, ties included, where there are few;
/// the normal approximation with tie correction otherwise. `None` when a side is empty.
#[must_use]
pub fn rank_sum(before: &[f64], after: &[f64]) -> Option<f64> {
    let (ranks, ties) = mid_ranks(before, after);
    let (n, m) = (before.len(), after.len());
    if n == 0 || m == 0 {
        return None;
    }
    // Twice the rank sum, so that middle ranks stay whole.
    let expected = (n * (n + m + 1)) as u64;
    let seen: u64 = ranks.iter().take(n).sum();
    let distance = seen.abs_diff(expected);
    if arrangements(n + m, n) <= EXACT {
        let counts = sums_by_choice(&ranks, n);
        let all: f64 = counts.iter().map(|(_, count)| count).sum();
        let as_far: f64 =
            counts.iter().filter(|(sum, _)| sum.abs_diff(expected) >= distance).map(|(_, count)| count).sum();
        return Some((as_far / all).min(1.0));
    }
    let (n, m) = (n as f64, m as f64);
    let size = n + m;
    let variance = n * m / 12.0 * (size + 1.0 - ties / (size * (size - 1.0)));
    if variance <= 0.0 {
        return Some(1.0);
    }
    let z = ((distance as f64 / 2.0) - 0.5).max(0.0) / variance.sqrt();
    Some((2.0 * upper_tail(z)).min(1.0))
}

/// Ranks (doubled) of both sides one after the other, and the sum of t^3 - t over ties.
fn mid_ranks(before: &[f64], after: &[f64]) -> (Vec<u64>, f64) {
    let mut all: Vec<(f64, usize)> =
        before.iter().chain(after).copied().enumerate().map(|(at, value)| (value, at)).collect();
    all.order_by(|a, b| a.0.total_cmp(&b.0));
    let mut ranks = vec![0; all.len()];
    let mut ties = 0.0;
    let mut from = 0;
    while let Some((value, _)) = all.get(from) {
        let same = all.iter().skip(from).take_while(|(other, _)| other == value).count().max(1);
        let doubled = (2 * from + same + 1) as u64;
        for (_, at) in all.iter().skip(from).take(same) {
            if let Some(rank) = ranks.get_mut(*at) {
                *rank = doubled;
            }
        }
        ties += (same as f64).powi(3) - same as f64;
        from += same;
    }
    (ranks, ties)
}

/// `total` over `chosen`, capped.
fn arrangements(total: usize, chosen: usize) -> u64 {
    let mut count = 1_u64;
    for at in 0..chosen.min(total - chosen) as u64 {
        count = count.saturating_mul(total as u64 - at) / (at + 1);
        if count > EXACT {
            return u64::MAX;
        }
    }
    count
}

/// For each sum of `chosen` of these ranks, in how many ways it comes.
fn sums_by_choice(ranks: &[u64], chosen: usize) -> Vec<(u64, f64)> {
    let most: u64 = ranks.iter().sum();
    let width = most as usize + 1;
    let mut ways = vec![0.0_f64; width * (chosen + 1)];
    if let Some(first) = ways.first_mut() {
        *first = 1.0;
    }
    for rank in ranks {
        for taken in (0..chosen).rev() {
            for sum in (0..width.saturating_sub(*rank as usize)).rev() {
                let here = ways.get(taken * width + sum).copied().unwrap_or(0.0);
                if here > 0.0
                    && let Some(next) = ways.get_mut((taken + 1) * width + sum + *rank as usize)
                {
                    *next += here;
                }
            }
        }
    }
    let row = ways.get(chosen * width..).unwrap_or_default();
    row.iter().enumerate().filter(|(_, count)| **count > 0.0).map(|(sum, count)| (sum as u64, *count)).collect()
}

/// Share of the normal distribution above `z` (Abramowitz and Stegun 26.2.17, error below 1e-7).
fn upper_tail(z: f64) -> f64 {
    let t = 1.0 / (1.0 + 0.231_641_9 * z);
    let poly =
        t * (0.319_381_530 + t * (-0.356_563_782 + t * (1.781_477_937 + t * (-1.821_255_978 + t * 1.330_274_429))));
    (-z * z / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt() * poly
}

/// Hodges-Lehmann shift: the median of all differences after - before.
#[must_use]
pub fn shift(before: &[f64], after: &[f64]) -> Option<f64> {
    let differences: Vec<f64> = after.iter().flat_map(|a| before.iter().map(move |b| a - b)).collect();
    median(&differences)
}

/// Cliff's delta: how often `after` is above `before`, less how often below; from histograms or samples as pairs of
/// value and count, in order.
#[must_use]
pub fn cliffs_delta(before: &[(f64, u64)], after: &[(f64, u64)]) -> Option<f64> {
    let total = |side: &[(f64, u64)]| side.iter().map(|(_, count)| *count as f64).sum::<f64>();
    let (n, m) = (total(before), total(after));
    if n <= 0.0 || m <= 0.0 {
        return None;
    }
    let mut below = 0.0;
    let mut place = before.iter().peekable();
    let mut dominance = 0.0;
    for (value, count) in after {
        while let Some((_, passed)) = place.next_if(|(other, _)| other < value) {
            below += *passed as f64;
        }
        let equal = place.peek().filter(|(other, _)| other == value).map_or(0.0, |(_, same)| *same as f64);
        dominance += *count as f64 * (below - (n - below - equal));
    }
    Some(dominance / (n * m))
}

/// Holm's correction: each p as it counts among all of them.
#[must_use]
pub fn holm(ps: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..ps.len()).collect();
    order.order_by(|a, b| ps.get(*a).unwrap_or(&1.0).total_cmp(ps.get(*b).unwrap_or(&1.0)));
    let mut adjusted = vec![1.0; ps.len()];
    let mut running = 0.0_f64;
    for (rank, at) in order.iter().enumerate() {
        let factor = (ps.len() - rank) as f64;
        running = running.max((ps.get(*at).unwrap_or(&1.0) * factor).min(1.0));
        if let Some(slot) = adjusted.get_mut(*at) {
            *slot = running;
        }
    }
    adjusted
}

/// Samples in blocks of time, prepared for the block bootstrap: sorted once, each with its block.
#[derive(Clone, Debug, Default)]
pub struct Blocks {
    sorted: Vec<(f32, u32)>,
    sizes: Vec<u32>,
}

impl Blocks {
    /// From samples in the order of time and the sizes of their blocks.
    #[must_use]
    pub fn new(samples: &[f32], sizes: &[u32]) -> Self {
        let mut sorted = Vec::with_capacity(samples.len());
        let mut rest = samples.iter();
        for (block, size) in sizes.iter().enumerate() {
            sorted.extend(rest.by_ref().take(*size as usize).map(|value| (*value, block as u32)));
        }
        #[expect(clippy::disallowed_methods, reason = "millions of samples: sorted in place, and of one type only")]
        sorted.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        Self { sorted, sizes: sizes.to_vec() }
    }

    /// How many blocks have samples.
    #[must_use]
    pub fn len(&self) -> usize {
        self.sizes.iter().filter(|size| **size > 0).count()
    }

    /// Whether there are no samples.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.sorted.is_empty()
    }

    /// The percentile of one draw of as many blocks, with replacement.
    pub fn draw(&self, share: f64, chance: &mut Seeded) -> Option<f64> {
        let filled: Vec<usize> =
            self.sizes.iter().enumerate().filter(|(_, size)| **size > 0).map(|(block, _)| block).collect();
        let mut times = vec![0_u32; self.sizes.len()];
        let mut total = 0_u64;
        for _ in 0..filled.len() {
            let block = *filled.get(chance.below(filled.len()))?;
            *times.get_mut(block)? += 1;
            total += u64::from(*self.sizes.get(block)?);
        }
        let place = share * total.checked_sub(1)? as f64;
        let (wanted, fraction) = (place.floor() as u64, place - place.floor());
        let mut passed = 0_u64;
        let mut low = None;
        for (value, block) in &self.sorted {
            passed += u64::from(times.get(*block as usize).copied().unwrap_or(0));
            if low.is_none() && passed > wanted {
                low = Some(f64::from(*value));
            }
            if passed > wanted + 1 || (passed == total && low.is_some()) {
                let low = low?;
                return Some(low + (f64::from(*value) - low) * fraction);
            }
        }
        low
    }
}

/// The middle 95 % of drawn values.
#[must_use]
pub fn interval(mut drawn: Vec<f64>) -> Option<(f64, f64)> {
    drawn.retain(|value| value.is_finite());
    sort(&mut drawn);
    Some((percentile(&drawn, 0.025)?, percentile(&drawn, 0.975)?))
}

/// 95 % interval of the ratio of a percentile, after over before, each resampled by blocks of time.
pub fn block_ratio(before: &Blocks, after: &Blocks, share: f64, chance: &mut Seeded) -> Option<(f64, f64)> {
    let draws = if before.sorted.len() + after.sorted.len() > 400_000 { 200 } else { 1_000 };
    interval(
        (0..draws).filter_map(|_| Some(after.draw(share, chance)? / before.draw(share, chance)?)).collect::<Vec<_>>(),
    )
}

/// 95 % interval of the ratio of medians of runs, each side resampled by runs.
pub fn run_ratio(before: &[f64], after: &[f64], chance: &mut Seeded) -> Option<(f64, f64)> {
    let draw = |side: &[f64], chance: &mut Seeded| {
        median(&(0..side.len()).filter_map(|_| side.get(chance.below(side.len())).copied()).collect::<Vec<_>>())
    };
    interval((0..400).filter_map(|_| Some(draw(after, chance)? / draw(before, chance)?)).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

    use super::*;

    #[test]
    fn percentiles_interpolate_between_neighbours() {
        assert_eq!(percentile::<f64>(&[], 0.5), None);
        assert_eq!(percentile(&[7.0], 0.99), Some(7.0));
        assert_eq!(percentile(&[1.0, 2.0, 3.0, 4.0], 0.5), Some(2.5));
        assert_eq!(percentile(&[10.0, 20.0], 0.95), Some(19.5));
        assert_eq!(percentile(&[1.0, 2.0], 7.0), Some(2.0));
    }

    #[test]
    fn rank_sums_are_exact_for_few_runs() {
        // 3 + 3 without overlap: 2 of 20 arrangements; 4 + 4: 2 of 70; 5 + 5: 2 of 252.
        assert_eq!(rank_sum(&[1.0, 2.0, 3.0], &[4.0, 5.0, 6.0]), Some(0.1));
        assert_eq!(rank_sum(&[4.0, 5.0, 6.0, 7.0], &[0.0, 1.0, 2.0, 3.0]), Some(2.0 / 70.0));
        assert_eq!(rank_sum(&[1.0, 2.0, 3.0, 4.0, 5.0], &[6.0, 7.0, 8.0, 9.0, 10.0]), Some(2.0 / 252.0));
        assert_eq!(rank_sum(&[1.0, 1.0], &[1.0, 1.0]), Some(1.0));
        assert_eq!(rank_sum(&[], &[1.0]), None);
        // scipy.stats.mannwhitneyu([1, 3, 5, 7], [2, 4, 6, 8, 10], method="exact"): 0.4126984126984127
        let p = rank_sum(&[1.0, 3.0, 5.0, 7.0], &[2.0, 4.0, 6.0, 8.0, 10.0]).unwrap();
        assert!((p - 0.412_698_412_698_412_7).abs() < 1e-12, "{p}");
    }

    #[test]
    fn many_values_use_the_normal_approximation() {
        let low: Vec<f64> = (0..60).map(f64::from).collect();
        let high: Vec<f64> = (30..90).map(f64::from).collect();
        // scipy.stats.mannwhitneyu(range(60), range(30, 90), method="asymptotic"): 1.4065275903970576e-12
        let p = rank_sum(&low, &high).unwrap();
        assert!(p > 1.3e-12 && p < 1.5e-12, "{p}");
        assert!(rank_sum(&low, &low).unwrap() > 0.99);
    }

    #[test]
    fn effects_and_corrections() {
        assert_eq!(shift(&[10.0, 11.0, 12.0], &[5.0, 6.0, 7.0]), Some(-5.0));
        assert_eq!(cliffs_delta(&[(1.0, 2), (2.0, 2)], &[(3.0, 1), (4.0, 3)]), Some(1.0));
        assert_eq!(cliffs_delta(&[(1.0, 1), (2.0, 1)], &[(1.0, 1), (2.0, 1)]), Some(0.0));
        assert_eq!(cliffs_delta(&[], &[(1.0, 1)]), None);
        assert_eq!(holm(&[0.01, 0.04, 0.03]), [0.03, 0.06, 0.06]);
        assert_eq!(holm(&[0.028, 0.028]), [0.056, 0.056]);
    }

    #[test]
    fn a_draw_of_one_block_is_that_block() {
        let blocks = Blocks::new(&[3.0, 1.0, 2.0], &[3]);
        assert_eq!(blocks.draw(0.5, &mut Seeded::new(1)), Some(2.0));
        assert_eq!(blocks.draw(1.0, &mut Seeded::new(1)), Some(3.0));
        assert_eq!(Blocks::default().draw(0.5, &mut Seeded::new(1)), None);
        assert_eq!(Blocks::new(&[], &[0, 0]).draw(0.5, &mut Seeded::new(1)), None);
    }

    #[test]
    fn the_same_seed_gives_the_same_interval() {
        let samples: Vec<f32> = (0..400).map(|at| (at * 7 % 100) as f32 + 1.0).collect();
        let blocks = Blocks::new(&samples, &[40; 10]);
        let once = block_ratio(&blocks, &blocks, 0.95, &mut Seeded::new(7)).unwrap();
        assert_eq!(Some(once), block_ratio(&blocks, &blocks, 0.95, &mut Seeded::new(7)));
        assert!(once.0 <= 1.0 && once.1 >= 1.0, "{once:?}");
    }
}
