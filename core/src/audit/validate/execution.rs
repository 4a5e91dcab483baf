//! Rule 6, execution context: circumstances that make a finding weigh less. One point each;
//! three points make it advisory, one or two lower it by one severity.

use super::make_advisory;
use crate::report::model::{ContextFacts, Finding};

/// Checks whose weight depends on where the code runs.
const CHECKS: &[&str] = &[
    "blocking_io_in_async",
    "missing_to_thread",
    "redundant_fetch",
    "resource_scope_mismatch",
    "scope_too_wide",
    "streaming_resource_holding",
];

/// Applies the rule to a finding that is not exempt.
pub(super) fn apply(finding: &mut Finding, facts: &ContextFacts) {
    if !CHECKS.contains(&finding.check.as_str()) {
        return;
    }
    let points = points(facts);
    if points.is_empty() {
        return;
    }
    let why = format!("[Execution context] {}", points.join("; "));
    if points.len() >= 3 {
        make_advisory(finding, why);
    } else {
        finding.original_severity.get_or_insert(finding.severity);
        finding.severity = finding.severity.lowered();
        finding.advisory = Some(why);
    }
}

/// Where the check's own table already used the place of the code, that circumstance does not count again.
fn points(facts: &ContextFacts) -> Vec<&'static str> {
    let place = !facts.table_used_context;
    [
        (place && facts.is_setup_function, "the function is set-up code"),
        (place && facts.is_job_path, "the file belongs to background jobs"),
        (facts.guarded_by_timeout, "a timeout or limit guards the call"),
        (facts.small_data, "the data is small"),
    ]
    .into_iter()
    .filter_map(|(holds, words)| holds.then_some(words))
    .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing)]
    use super::super::apply;
    use super::CHECKS;
    use crate::audit::sample::finding;
    use crate::report::model::Severity::{Critical, High, Low, Medium};
    use crate::report::model::{ContextFacts, Finding, Severity, Verdict};
    use std::collections::BTreeMap;

    fn run(check: &str, severity: Severity, facts: ContextFacts) -> Finding {
        let mut found = vec![finding(check, severity, "a.py", 10)];
        let facts = BTreeMap::from([(found[0].fingerprint.clone(), facts)]);
        apply(&mut found, &facts, &[]);
        found.remove(0)
    }

    fn points(setup: bool, job: bool, guarded: bool, small: bool) -> ContextFacts {
        ContextFacts {
            is_setup_function: setup,
            is_job_path: job,
            guarded_by_timeout: guarded,
            small_data: small,
            ..ContextFacts::default()
        }
    }

    type Set = fn(&mut ContextFacts);

    /// Each circumstance alone, with its words.
    const CIRCUMSTANCES: [(&str, Set); 4] = [
        ("the function is set-up code", |facts| facts.is_setup_function = true),
        ("the file belongs to background jobs", |facts| facts.is_job_path = true),
        ("a timeout or limit guards the call", |facts| facts.guarded_by_timeout = true),
        ("the data is small", |facts| facts.small_data = true),
    ];

    #[test]
    fn each_circumstance_lowers_each_of_the_six_checks_by_one() {
        for check in CHECKS {
            for (words, set) in CIRCUMSTANCES {
                let mut facts = ContextFacts::default();
                set(&mut facts);
                for (before, after) in [(High, Medium), (Medium, Low)] {
                    let found = run(check, before, facts.clone());
                    assert_eq!((found.severity, found.original_severity), (after, Some(before)), "{check}: {words}");
                    assert_eq!(found.verdict, Verdict::Counted);
                    assert_eq!(found.advisory, Some(format!("[Execution context] {words}")), "{check}");
                }
            }
        }
    }

    #[test]
    fn two_points_still_lower_by_one_and_three_or_four_make_it_advisory() {
        for check in CHECKS {
            for bits in 0..16_u8 {
                let has = |bit: u8| bits & (1 << bit) != 0;
                let found = run(check, High, points(has(0), has(1), has(2), has(3)));
                let expected = match bits.count_ones() {
                    0 => (Verdict::Counted, High, None),
                    1 | 2 => (Verdict::Counted, Medium, Some(High)),
                    // Advisory keeps its severity: it is not scored.
                    _ => (Verdict::Advisory, High, Some(High)),
                };
                assert_eq!((found.verdict, found.severity, found.original_severity), expected, "{check} {bits:b}");
                let named = found.advisory.map_or(0, |text| text.split("; ").count());
                assert_eq!(named, bits.count_ones() as usize, "every circumstance is named");
            }
        }
    }

    #[test]
    fn no_other_check_is_touched() {
        for check in crate::checks::CATALOGUE.iter().filter(|check| !CHECKS.contains(&check.id)) {
            let found = run(check.id, High, points(true, true, true, true));
            assert_eq!((found.verdict, found.severity, found.advisory), (Verdict::Counted, High, None), "{}", check.id);
        }
    }

    #[test]
    fn what_is_measured_hot_and_every_critical_stay() {
        let all = points(true, true, true, true);
        for check in CHECKS {
            assert_eq!(run(check, Critical, all.clone()).verdict, Verdict::Counted, "{check}");
            let mut found = vec![finding(check, High, "a.py", 10)];
            found[0].measured = Some("p95 840 ms in 12,000 calls".to_owned());
            let facts = BTreeMap::from([(found[0].fingerprint.clone(), all.clone())]);
            apply(&mut found, &facts, &[]);
            assert_eq!((found[0].verdict, found[0].severity), (Verdict::Counted, High), "{check}");
        }
    }

    #[test]
    fn one_or_two_points_lower_by_one() {
        let one = run("scope_too_wide", High, points(false, false, true, false));
        assert_eq!((one.severity, one.original_severity, one.verdict), (Medium, Some(High), Verdict::Counted));
        assert_eq!(one.advisory.as_deref(), Some("[Execution context] a timeout or limit guards the call"));
        let two = run("blocking_io_in_async", Medium, points(true, false, false, true));
        assert_eq!((two.severity, two.original_severity), (Low, Some(Medium)));
    }

    #[test]
    fn three_points_make_it_advisory() {
        let three = run("blocking_io_in_async", High, points(true, true, true, false));
        assert_eq!((three.verdict, three.severity, three.original_severity), (Verdict::Advisory, High, Some(High)));
    }

    #[test]
    fn no_points_other_checks_critical_and_low_stay() {
        let all = points(true, true, true, true);
        assert_eq!(run("scope_too_wide", High, ContextFacts::default()).advisory, None);
        assert_eq!(run("missing_cleanup", High, all.clone()).verdict, Verdict::Counted);
        assert_eq!(run("streaming_resource_holding", Critical, all.clone()).severity, Critical);
        assert_eq!(run("blocking_io_in_async", Low, all).verdict, Verdict::Counted);
    }

    #[test]
    fn a_circumstance_that_the_table_used_does_not_lower_twice() {
        let mut facts = points(true, true, false, false);
        facts.table_used_context = true;
        assert_eq!(run("blocking_io_in_async", Medium, facts.clone()).original_severity, None);
        facts.small_data = true;
        assert_eq!(run("blocking_io_in_async", Medium, facts).severity, Low);
    }
}
