//! A robust trend: the median of the slopes between all pairs of points (Theil-Sen), with the interval that Kendall's
//! rank statistic gives (Sen 1968). A series that saws up and down is judged by its floors.

use crate::evidence::model::memory::Point;
use crate::order::InOrder;

/// The trend of a series.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Trend {
    /// Units a second.
    pub slope: f64,
    /// Lower end of the interval of the slope, 95 % on both sides.
    pub low: f64,
    /// Upper end of it.
    pub high: f64,
    /// Median of the values.
    pub median: f64,
}

/// Floors that a series is divided into, at most; their pairs are counted.
const FLOORS: usize = 60;

/// Floors below which there is no trend.
const FEWEST: usize = 8;

/// Of points in order of time: the lowest of every three or more that follow each other, so that only what stays after a
/// collection counts.
#[must_use]
pub fn of_floors(points: &[Point]) -> Option<Trend> {
    let each = points.len().div_ceil(FLOORS).max(3);
    let floors: Vec<Point> = points
        .chunks(each)
        .filter_map(|chunk| chunk.iter().copied().reduce(|low, next| if next.value < low.value { next } else { low }))
        .collect();
    of(&floors)
}

fn of(points: &[Point]) -> Option<Trend> {
    let count = points.len();
    if count < FEWEST {
        return None;
    }
    let mut slopes = Vec::with_capacity(count * (count - 1) / 2);
    for (index, a) in points.iter().enumerate() {
        for b in points.get(index + 1..).unwrap_or_default() {
            let time = b.at_seconds - a.at_seconds;
            if time > 0.0 {
                slopes.push((b.value - a.value) / time);
            }
        }
    }
    slopes.retain(|slope| slope.is_finite());
    slopes.order_by(f64::total_cmp);
    let n = count as f64;
    let spread = 1.96 * (n * (n - 1.0) * (2.0 * n + 5.0) / 18.0).sqrt();
    let rank = ((slopes.len() as f64 - spread) / 2.0).floor();
    let low = if rank >= 0.0 { slopes.get(rank as usize).copied()? } else { f64::NEG_INFINITY };
    let mirrored = slopes.len().checked_sub(1).and_then(|last| last.checked_sub(rank.max(0.0) as usize));
    let high = if rank >= 0.0 { mirrored.and_then(|at| slopes.get(at)).copied()? } else { f64::INFINITY };
    let mut values: Vec<f64> = points.iter().map(|point| point.value).collect();
    values.order_by(f64::total_cmp);
    Some(Trend { slope: middle(&slopes)?, low, high, median: middle(&values)? })
}

fn middle(sorted: &[f64]) -> Option<f64> {
    Some((sorted.get(sorted.len() / 2)? + sorted.get(sorted.len().checked_sub(1)? / 2)?) / 2.0)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn points(values: impl Iterator<Item = f64>) -> Vec<Point> {
        values.enumerate().map(|(at, value)| Point { at_seconds: at as f64, value }).collect()
    }

    #[test]
    fn a_line_has_its_slope_and_outliers_do_not_bend_it() {
        let mut line = points((0..60).map(|at| 100.0 + 2.0 * f64::from(at)));
        let trend = of(&line).unwrap();
        assert_eq!((trend.slope, trend.low, trend.median), (2.0, 2.0, 159.0));
        line[7].value = 1e9;
        line[40].value = -1e9;
        let trend = of(&line).unwrap();
        assert!((trend.slope - 2.0).abs() < 1e-9 && trend.low > 0.0, "{trend:?}");
    }

    #[test]
    fn a_saw_over_a_flat_floor_does_not_rise() {
        let trend = of_floors(&points((0..120).map(|at| 100.0 + f64::from(at % 5) * 10.0))).unwrap();
        assert!(trend.low <= 0.0, "{trend:?}");
    }

    #[test]
    fn noise_has_no_trend() {
        let mut state = 7u32;
        let noise = points((0..90).map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            f64::from(state >> 8)
        }));
        assert!(of(&noise).unwrap().low <= 0.0);
        assert_eq!(of(&points((0..5).map(f64::from))), None);
    }
}
