//! What was measured changes findings (EVIDENCE.md section 4): hot ones rise one level to HIGH at most; those proven
//! cold, and those whose claim the figures do not bear out, sink one; claims that evidence disproves are refuted; and
//! what only run time shows becomes a finding of its own. Plain data in, plain data out; before rules 1 and 6, which
//! leave measured findings alone.

use super::fingerprint::fingerprint;
use crate::checks::find;
use crate::report::model::performance::{
    About, Eased, Join, Measured, MeasuredFinding, MeasuredPlace, Region, SeverityChange,
};
use crate::report::model::{Category, Confidence, Finding, Severity, Step, Verdict};

/// Rare paths matter to these, however seldom they run.
const RARE: &[&str] =
    &["error_path_leak", "missing_cleanup", "missing_rollback", "unbounded_growth", "streaming_resource_holding"];

/// Checks that queries sent again and again are evidence for.
const REPEATED: &[&str] =
    &["query_in_loop", "n_update_delete_loop", "missing_bulk_ops", "redundant_fetch", "unnecessary_resolve"];

/// Changes the findings; says what changed.
pub fn apply(findings: &mut Vec<Finding>, measured: &Measured) -> Vec<SeverityChange> {
    let mut changes = Vec::new();
    for finding in findings.iter_mut().filter(|finding| finding.verdict == Verdict::Counted) {
        changes.extend(judge(finding, measured));
    }
    for own in &measured.own {
        add(findings, own);
    }
    changes
}

fn judge(finding: &mut Finding, measured: &Measured) -> Option<SeverityChange> {
    if let Some(refuted) = measured
        .refuted
        .iter()
        .find(|refuted| refuted.check == finding.check && claims(finding, &refuted.table, &refuted.column))
    {
        return Some(refute(finding, &refuted.says));
    }
    let mut hot: Option<&MeasuredPlace> = None;
    let mut warm: Option<&MeasuredPlace> = None;
    for place in measured.places.iter().filter(|place| place.join != Join::Hint && meets(finding, place)) {
        let slot = if place.hot { &mut hot } else { &mut warm };
        slot.get_or_insert(place);
    }
    // What a query costs says nothing of how often it runs: there the count decides.
    let counts = |eased: &&Eased| {
        let repeats = eased.checks.iter().any(|check| REPEATED.contains(&check.as_str()));
        hot.is_none_or(|place| repeats && place.about != About::Repeated)
    };
    if let Some(eased) = measured.eased.iter().filter(|eased| speaks_of(finding, eased)).find(counts) {
        if eased.refutes {
            return Some(refute(finding, &eased.says));
        }
        if finding.severity != Severity::Critical {
            return lower(finding, &eased.says);
        }
    }
    if let Some(place) = hot {
        let from = finding.severity;
        let says = &place.says;
        finding.measured = Some(format!("confirmed: {says}"));
        finding.confidence = Confidence::High;
        finding.severity = from.raised();
        if finding.severity != from {
            finding.original_severity.get_or_insert(from);
        }
        return Some(change(finding, from, Some(finding.severity), says));
    }
    if let Some(place) = warm {
        finding.evidence.push(format!("measured: {}", place.says));
        return None;
    }
    let cold = measured
        .cold
        .iter()
        .find(|cold| cold.path == finding.path && cold.first_line <= finding.line && finding.line <= cold.last_line)?;
    let rare = finding.category == Category::TransactionCorrectness || RARE.contains(&finding.check.as_str());
    // A severity that a rule or the project already changed is not lowered for the same reason twice.
    if rare || finding.severity == Severity::Low || finding.severity == Severity::Critical {
        return None;
    }
    lower(finding, &cold.says)
}

fn refute(finding: &mut Finding, says: &str) -> SeverityChange {
    finding.verdict = Verdict::Refuted;
    finding.verdict_reason = Some(format!("Refuted by evidence: {says}"));
    finding.measured = Some(says.to_owned());
    change(finding, finding.severity, None, says)
}

/// One level down, never below LOW; the figure is noted in any case.
fn lower(finding: &mut Finding, says: &str) -> Option<SeverityChange> {
    let from = finding.severity;
    finding.evidence.push(format!("measured: {says}"));
    if from == Severity::Low {
        return None;
    }
    finding.severity = from.lowered();
    finding.original_severity.get_or_insert(from);
    Some(change(finding, from, Some(finding.severity), says))
}

/// Whether figures are about what a finding claims: its check, its place, and the handler that its path begins in.
fn speaks_of(finding: &Finding, eased: &Eased) -> bool {
    let touches = |region: &Region| {
        let inside = |path: &str, first: u32, last: u32| {
            path == region.path && first <= region.last_line && region.first_line <= last
        };
        inside(&finding.path, finding.line, finding.end_line.max(finding.line))
            || finding.steps.iter().any(|step| inside(&step.path, step.line, step.line))
    };
    eased.checks.contains(&finding.check) && touches(&eased.place) && eased.handler.as_ref().is_none_or(touches)
}

fn change(finding: &Finding, from: Severity, to: Option<Severity>, why: &str) -> SeverityChange {
    SeverityChange {
        fingerprint: finding.fingerprint.clone(),
        check: finding.check.clone(),
        path: finding.path.clone(),
        line: finding.line,
        from,
        to,
        why: why.to_owned(),
    }
}

/// Whether the finding says that this column, and no other, lacks an index.
fn claims(finding: &Finding, table: &str, column: &str) -> bool {
    let message = finding.message.to_lowercase();
    message.starts_with(&format!("`{table}.{column}` has no index")) && !message.ends_with(" one as well")
}

/// Whether a measured place is evidence for a finding: its own lines, or a step of its path.
fn meets(finding: &Finding, place: &MeasuredPlace) -> bool {
    let concerned = match place.about {
        About::Code | About::Route => true,
        About::Query => {
            matches!(finding.category, Category::QueryEfficiency | Category::TransactionCorrectness)
        }
        About::Repeated => REPEATED.contains(&finding.check.as_str()),
    };
    let inside =
        |path: &str, first: u32, last: u32| path == place.path && first <= place.last_line && place.first_line <= last;
    let own = inside(&finding.path, finding.line, finding.end_line.max(finding.line));
    concerned && (own || finding.steps.iter().any(|Step { path, line, .. }| inside(path, *line, *line)))
}

/// A finding of run time, unless the audit has one of its check, or of one that says the same, at that place.
fn add(findings: &mut Vec<Finding>, own: &MeasuredFinding) {
    let Some(check) = find(&own.check) else { return };
    let here = |finding: &Finding| {
        let same = finding.check == own.check || super::precedence::beats(&finding.check, &own.check);
        let at = |path: &str, first: u32, last: u32| path == own.path && first <= own.line && own.line <= last;
        let near = finding.path == own.path && finding.symbol == own.symbol;
        same && (near
            || at(&finding.path, finding.line, finding.end_line)
            || finding.steps.iter().any(|step| at(&step.path, step.line, step.line)))
    };
    if findings.iter().any(here) {
        return;
    }
    let message = own.message.clone();
    findings.push(Finding {
        check: check.id.to_owned(),
        category: check.category,
        title: check.title.to_owned(),
        severity: own.severity,
        original_severity: None,
        confidence: Confidence::High,
        advisory: None,
        path: own.path.clone(),
        line: own.line,
        column: 1,
        end_line: own.line,
        symbol: own.symbol.clone(),
        recommendation: own.recommendation.clone(),
        effort: own.effort,
        steps: vec![Step { path: own.path.clone(), line: own.line, message: own.says.clone() }],
        evidence: vec!["seen at run time only: the code alone does not show it".to_owned()],
        also: Vec::new(),
        related: Vec::new(),
        // Figures change from run to run: they are no part of it.
        fingerprint: fingerprint(check.id, &own.path, &own.symbol, "measured", 0),
        verdict: Verdict::Counted,
        verdict_reason: None,
        measured: Some(own.says.clone()),
        baseline: None,
        moved_from: None,
        message,
    });
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing, clippy::unwrap_used)]
    use super::*;
    use crate::audit::aggregate::aggregate;
    use crate::audit::sample;
    use crate::report::model::performance::{ColdPlace, Refuted};
    use crate::report::model::{Effort, Report};

    fn place(path: &str, lines: (u32, u32), about: About, hot: bool, join: Join) -> MeasuredPlace {
        MeasuredPlace {
            path: path.to_owned(),
            first_line: lines.0,
            last_line: lines.1,
            join,
            about,
            hot,
            says: "38 % of busy time (cProfile)".to_owned(),
        }
    }

    fn audit(measured: Measured) -> Report {
        let mut input = sample::input();
        input.measured = Some(measured);
        aggregate(input)
    }

    /// A counted finding of the sample that can still rise.
    fn riser(report: &Report) -> Finding {
        let medium = |finding: &&Finding| finding.verdict == Verdict::Counted && finding.severity == Severity::Medium;
        report.findings.iter().find(medium).unwrap().clone()
    }

    fn again<'a>(report: &'a Report, finding: &Finding) -> &'a Finding {
        report.findings.iter().find(|other| other.fingerprint == finding.fingerprint).unwrap()
    }

    #[test]
    fn hot_places_raise_one_level_and_both_scores_stay() {
        let plain = aggregate(sample::input());
        let finding = riser(&plain);
        let hot = place(&finding.path, (finding.line, finding.end_line), About::Code, true, Join::Exact);
        let report = audit(Measured { places: vec![hot], ..Measured::default() });
        let now = again(&report, &finding);
        assert_eq!((now.severity, now.original_severity), (Severity::High, Some(Severity::Medium)));
        assert_eq!(now.measured.as_deref(), Some("confirmed: 38 % of busy time (cProfile)"));
        let performance = report.performance.as_ref().unwrap();
        let unadjusted = performance.unadjusted.as_ref().unwrap();
        assert_eq!(unadjusted.overall_tenths, plain.overall.score_tenths);
        assert!(report.overall.penalty_tenths > plain.overall.penalty_tenths);
        let of_category: Vec<_> = plain.categories.iter().map(|c| (c.category, c.score_tenths)).collect();
        assert_eq!(unadjusted.categories, of_category);
        assert!(performance.changes.iter().any(|change| change.fingerprint == finding.fingerprint
            && (change.from, change.to) == (Severity::Medium, Some(Severity::High))));
    }

    #[test]
    fn critical_stays_and_hints_change_nothing() {
        let plain = aggregate(sample::input());
        let worst = plain.findings[0].clone();
        assert_eq!(worst.severity, Severity::Critical);
        let hot = place(&worst.path, (worst.line, worst.line), About::Code, true, Join::Exact);
        let report = audit(Measured { places: vec![hot], ..Measured::default() });
        assert_eq!(again(&report, &worst).severity, Severity::Critical);
        assert!(again(&report, &worst).measured.is_some());
        let finding = riser(&plain);
        for (about, hot, join) in [(About::Code, true, Join::Hint), (About::Code, false, Join::Exact)] {
            let seen = place(&finding.path, (1, 100_000), about, hot, join);
            let report = audit(Measured { places: vec![seen], ..Measured::default() });
            assert_eq!(again(&report, &finding).severity, Severity::Medium);
        }
    }

    #[test]
    fn cold_functions_lower_unless_rare_paths_matter() {
        let plain = aggregate(sample::input());
        let files: Vec<String> = plain.findings.iter().map(|finding| finding.path.clone()).collect();
        let cold = |path: &String| ColdPlace {
            path: path.clone(),
            first_line: 1,
            last_line: 100_000,
            says: "never called while every call was counted (cProfile)".to_owned(),
        };
        let report = audit(Measured { cold: files.iter().map(cold).collect(), ..Measured::default() });
        let mut lowered = 0;
        for before in plain.findings.iter().filter(|finding| finding.verdict == Verdict::Counted) {
            let now = again(&report, before);
            if now.verdict != Verdict::Counted {
                continue;
            }
            let rare = before.category == Category::TransactionCorrectness || RARE.contains(&before.check.as_str());
            if rare || matches!(before.severity, Severity::Critical | Severity::Low) {
                assert!(now.severity <= before.severity, "{}", before.check);
            }
            lowered += u32::from(now.severity > before.severity);
        }
        assert!(lowered > 0);
    }

    #[test]
    fn a_plan_refutes_the_claim_about_its_column_only() {
        let mut input = sample::input();
        let mut finding = input.results[0].findings[0].clone();
        finding.check = "missing_index".to_owned();
        finding.message = "`orders.customer_id` has no index: every look-up scans the table".to_owned();
        finding.fingerprint = "1".repeat(32);
        finding.path = "app/only.py".to_owned();
        let refuted = |column: &str| Refuted {
            check: "missing_index".to_owned(),
            table: "orders".to_owned(),
            column: column.to_owned(),
            says: "the plan reads `orders` through the index `ix`".to_owned(),
        };
        input.results[0].findings.push(finding.clone());
        input.measured = Some(Measured { refuted: vec![refuted("number")], ..Measured::default() });
        assert_eq!(again(&aggregate(input.clone()), &finding).verdict, Verdict::Counted);
        input.measured = Some(Measured { refuted: vec![refuted("customer_id")], ..Measured::default() });
        let report = aggregate(input);
        let now = again(&report, &finding);
        assert_eq!(now.verdict, Verdict::Refuted);
        assert!(now.verdict_reason.as_deref().unwrap().starts_with("Refuted by evidence: the plan reads"));
        assert!(report.performance.as_ref().unwrap().changes.iter().any(|change| change.to.is_none()));
    }

    #[test]
    fn figures_against_a_claim_lower_it_or_refute_it() {
        let plain = aggregate(sample::input());
        let finding = riser(&plain);
        let region = |lines: (u32, u32)| Region { path: finding.path.clone(), first_line: lines.0, last_line: lines.1 };
        let eased = |check: &str, refutes: bool, handler: Option<Region>| Eased {
            checks: vec![check.to_owned()],
            handler,
            place: region((finding.line, finding.line)),
            refutes,
            says: "the statement ran 1.00 times for each of 900 requests".to_owned(),
        };
        let after = |eased: Eased, places: Vec<MeasuredPlace>| {
            let report = audit(Measured { eased: vec![eased], places, ..Measured::default() });
            (again(&report, &finding).clone(), report.performance.map_or(Vec::new(), |performance| performance.changes))
        };
        let (now, changes) = after(eased(&finding.check, false, None), Vec::new());
        assert_eq!((now.severity, now.original_severity), (Severity::Low, Some(Severity::Medium)));
        assert!(now.evidence.iter().any(|text| text.contains("ran 1.00 times")), "{:?}", now.evidence);
        assert!(changes.iter().any(|change| (change.from, change.to) == (Severity::Medium, Some(Severity::Low))));
        let (now, changes) = after(eased(&finding.check, true, Some(region((1, finding.line)))), Vec::new());
        assert_eq!(now.verdict, Verdict::Refuted);
        assert!(changes.iter().any(|change| change.to.is_none()));
        // Of another check, of another handler.
        assert_eq!(after(eased("unbounded_growth", true, None), Vec::new()).0.severity, Severity::Medium);
        let elsewhere = Region { path: "app/other.py".to_owned(), first_line: 1, last_line: 9 };
        assert_eq!(after(eased(&finding.check, true, Some(elsewhere)), Vec::new()).0.verdict, Verdict::Counted);
        // A count outweighs what the query costs, and nothing else that is hot.
        let cost = place(&finding.path, (finding.line, finding.line), About::Code, true, Join::Exact);
        let (now, _) = after(eased(&finding.check, false, None), vec![cost]);
        let counts = REPEATED.contains(&finding.check.as_str());
        assert_eq!(now.severity, if counts { Severity::Low } else { Severity::High });
    }

    #[test]
    fn what_only_run_time_shows_counts_once() {
        let own = |line| MeasuredFinding {
            check: "query_in_loop".to_owned(),
            path: "app/new.py".to_owned(),
            line,
            symbol: "load".to_owned(),
            severity: Severity::High,
            message: "`load` sends 50 queries a call".to_owned(),
            recommendation: "Load all rows with one query".to_owned(),
            effort: Effort::M,
            says: "2,000 calls".to_owned(),
        };
        let plain = aggregate(sample::input());
        let report = audit(Measured { own: vec![own(4), own(6)], ..Measured::default() });
        assert_eq!(report.findings.len(), plain.findings.len() + 1);
        let found = report.findings.iter().find(|finding| finding.path == "app/new.py").unwrap();
        assert_eq!((found.verdict, found.measured.as_deref()), (Verdict::Counted, Some("2,000 calls")));
    }
}
