//! Scores. All arithmetic is in integer tenths; means are rounded half up; bands are taken from
//! the exact value. Only findings with verdict `counted` count.

use crate::report::model::{Band, Category, CategoryScore, CategoryState, Counts, Finding, Overall, Verdict};

/// The best score, in tenths.
pub const BEST_TENTHS: u32 = 100;

/// Unclamped penalty of `counts` in tenths.
#[must_use]
pub fn penalty_tenths(counts: &Counts) -> u32 {
    crate::report::model::Severity::ALL
        .into_iter()
        .map(|severity| counts.of(severity).saturating_mul(severity.penalty_tenths()))
        .fold(0, u32::saturating_add)
}

/// Score in tenths of a category with `counts`.
#[must_use]
pub fn score_tenths(counts: &Counts) -> u32 {
    BEST_TENTHS.saturating_sub(penalty_tenths(counts))
}

/// Counted findings of `category`.
#[must_use]
pub fn count(findings: &[Finding], category: Category) -> Counts {
    let mut counts = Counts::default();
    for finding in findings {
        if finding.category == category && finding.verdict == Verdict::Counted {
            counts.add(finding.severity);
        }
    }
    counts
}

/// Band of the exact score `sum / parts` (in tenths) over `counted` findings.
#[must_use]
fn band(sum: u32, parts: u32, counted: u32) -> Band {
    let at_least = |tenths: u32| sum >= tenths * parts;
    if counted == 0 {
        Band::NoIssues
    } else if at_least(80) {
        Band::Minor
    } else if at_least(60) {
        Band::Moderate
    } else if at_least(40) {
        Band::Significant
    } else {
        Band::Critical
    }
}

/// Score of one category. A category that was not judged has none.
#[must_use]
pub fn category(category: Category, status: CategoryState, findings: &[Finding]) -> CategoryScore {
    let counts = count(findings, category);
    let score = score_tenths(&counts);
    let judged = status == CategoryState::Completed;
    CategoryScore {
        category,
        status,
        score_tenths: judged.then_some(score),
        band: judged.then(|| band(score, 1, counts.total())),
        penalty_tenths: penalty_tenths(&counts),
        counts,
    }
}

/// Overall score of the judged categories, with the penalty set against `lines` of audited code.
#[must_use]
pub fn overall(categories: &[CategoryScore], lines: u64) -> Overall {
    let mut counts = Counts::default();
    let (mut sum, mut parts, mut penalty) = (0, 0, 0_u32);
    for category in categories {
        let Some(score) = category.score_tenths else { continue };
        sum += score;
        parts += 1;
        penalty = penalty.saturating_add(category.penalty_tenths);
        counts.critical += category.counts.critical;
        counts.high += category.counts.high;
        counts.medium += category.counts.medium;
        counts.low += category.counts.low;
    }
    let judged = parts > 0;
    Overall {
        score_tenths: judged.then(|| mean_half_up(sum, parts)),
        band: judged.then(|| band(sum, parts, counts.total())),
        penalty_tenths: penalty,
        penalty_per_kloc_tenths: per_kloc(penalty, lines),
        counts,
    }
}

/// Overall score in tenths once `fixed` (indexes into `findings`) were mended.
#[must_use]
pub fn what_if(categories: &[CategoryScore], findings: &[Finding], fixed: &[usize]) -> Option<u32> {
    let left = |category: Category| {
        let open = |(index, finding): &(usize, &Finding)| {
            finding.category == category && finding.verdict == Verdict::Counted && !fixed.contains(index)
        };
        findings.iter().enumerate().filter(open).map(|(_, finding)| finding.severity.penalty_tenths()).sum()
    };
    let judged = categories.iter().filter(|category| category.score_tenths.is_some());
    overall_tenths(&judged.map(|category| left(category.category)).collect::<Vec<u32>>())
}

/// Overall score in tenths of categories with these penalties; `None` without categories.
#[must_use]
pub fn overall_tenths(penalties: &[u32]) -> Option<u32> {
    let parts = u32::try_from(penalties.len()).ok().filter(|parts| *parts > 0)?;
    Some(mean_half_up(penalties.iter().map(|penalty| BEST_TENTHS.saturating_sub(*penalty)).sum(), parts))
}

/// `65` -> `6.5`
#[must_use]
pub fn tenths(value: u32) -> String {
    format!("{}.{}", value / 10, value % 10)
}

const fn mean_half_up(sum: u32, parts: u32) -> u32 {
    (2 * sum + parts) / (2 * parts)
}

fn per_kloc(penalty: u32, lines: u64) -> Option<u32> {
    let scaled = u64::from(penalty) * 2_000 + lines;
    u32::try_from(scaled.checked_div(2 * lines)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scored(which: Category, critical: u32, high: u32, medium: u32, low: u32) -> CategoryScore {
        let counts = Counts { critical, high, medium, low };
        CategoryScore {
            category: which,
            status: CategoryState::Completed,
            score_tenths: Some(score_tenths(&counts)),
            band: Some(band(score_tenths(&counts), 1, counts.total())),
            penalty_tenths: penalty_tenths(&counts),
            counts,
        }
    }

    #[test]
    fn example_of_the_product_page() {
        // 6.0, 3.5, 5.5, 5.0 -> 5.0; without the three criticals 6.0, 7.5, 5.5, 7.0 -> 6.5.
        let before = [
            scored(Category::QueryEfficiency, 0, 3, 2, 0),
            scored(Category::TransactionCorrectness, 2, 2, 1, 0),
            scored(Category::RuntimePerformance, 0, 2, 5, 0),
            scored(Category::ResourceLifecycle, 1, 2, 2, 0),
        ];
        assert_eq!(before.iter().map(|c| c.score_tenths).collect::<Vec<_>>(), [60, 35, 55, 50].map(Some));
        let overall = overall(&before, 10_000);
        assert_eq!((overall.score_tenths, overall.band), (Some(50), Some(Band::Significant)));
        assert_eq!(overall.counts, Counts { critical: 3, high: 9, medium: 10, low: 0 });
        assert_eq!(overall.penalty_per_kloc_tenths, Some(20));
    }

    #[test]
    fn floors_at_zero_and_keeps_the_raw_penalty() {
        let floor = scored(Category::QueryEfficiency, 7, 0, 0, 0);
        assert_eq!((floor.score_tenths, floor.penalty_tenths, floor.band), (Some(0), 140, Some(Band::Critical)));
    }

    #[test]
    fn means_round_half_up_and_bands_come_from_the_exact_value() {
        // 80 + 80 + 80 + 79 = 319 / 4 = 79.75 -> 8.0 shown, but below 8: Moderate.
        let mut four = Category::ALL.map(|which| scored(which, 1, 0, 0, 0));
        if let Some(last) = four.last_mut() {
            last.score_tenths = Some(79);
        }
        let overall = overall(&four, 0);
        assert_eq!((overall.score_tenths, overall.band), (Some(80), Some(Band::Moderate)));
        assert_eq!(overall.penalty_per_kloc_tenths, None);
        assert_eq!(mean_half_up(165, 2), 83);
        assert_eq!(mean_half_up(164, 3), 55);
    }

    #[test]
    fn no_issues_only_with_no_counted_finding() {
        let clean = Category::ALL.map(|which| scored(which, 0, 0, 0, 0));
        assert_eq!(overall(&clean, 1).band, Some(Band::NoIssues));
        let mut one_low = clean;
        if let Some(first) = one_low.first_mut() {
            *first = scored(Category::QueryEfficiency, 0, 0, 0, 1);
        }
        // 9.8, 10, 10, 10: shown as 10.0 by rounding (9.95), yet not "No issues".
        let overall = overall(&one_low, 1);
        assert_eq!((overall.score_tenths, overall.band), (Some(100), Some(Band::Minor)));
    }

    #[test]
    fn categories_without_a_score_leave_the_mean() {
        let mut four = Category::ALL.map(|which| scored(which, 0, 0, 0, 0));
        let [first, second, third, _] = &mut four;
        *first = scored(first.category, 2, 0, 0, 0);
        *second = category(second.category, CategoryState::NotApplicable("no transactions".into()), &[]);
        *third = category(third.category, CategoryState::Error("out of memory".into()), &[]);
        assert_eq!(overall(&four, 1).score_tenths, Some(80));
        let none = Category::ALL.map(|which| category(which, CategoryState::Error("lost".into()), &[]));
        let overall = overall(&none, 1);
        assert_eq!((overall.score_tenths, overall.band), (None, None));
    }
}
