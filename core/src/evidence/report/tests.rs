//! The report from evidence: its numbers follow from the observations, its order from impact and effort.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use super::*;
use crate::evidence::asked::Asked;
use crate::evidence::model::load::{ComputedBy, LoadRun, Route};
use crate::evidence::model::targets::{Metric, Percent, Scope, Source, SourceKind, Target, Targets};
use crate::evidence::model::{Evidence, QueryStat, QueryStats};
use crate::evidence::rules::{Kind, Subject};
use crate::evidence::sql;
use crate::report::model::performance::{Join, Level, TargetStatus};
use crate::report::model::{Effort, Severity};

fn seen(
    rule: &str,
    kind: Kind,
    subject: Subject,
    share: Option<f64>,
    removable: Option<f64>,
    effort: Effort,
) -> Observation {
    Observation {
        rule: rule.to_owned(),
        kind,
        title: format!("{rule} was seen"),
        subject,
        severity: Severity::Medium,
        measured: "a figure (a tool)".to_owned(),
        share,
        removable,
        fix: format!("Mend {rule}"),
        guard: None,
        effort,
        artefact: 0,
    }
}

fn code(line: u32, function: &str) -> Subject {
    Subject::Code { path: "/srv/app/api.py".to_owned(), line, function: function.to_owned() }
}

const LOOK_UP: &str = "SELECT id, name FROM authors WHERE id = $1";

fn index() -> CodeIndex {
    CodeIndex::of_posts(&[(12, "SELECT id, name FROM authors WHERE id = %s", true)])
}

/// A load test whose one route takes `p95`.
fn load(path: &str, p95: f64) -> Artefact {
    let mut route =
        Route { method: "GET".to_owned(), name: "/posts".to_owned(), requests: Some(2_000), ..Route::default() };
    route.latency.add(Percent::P95, p95, ComputedBy::Tool);
    route.failures = Some(0);
    let total = Route { method: String::new(), name: String::new(), ..route.clone() };
    let run = LoadRun { tool: "k6".to_owned(), total, routes: vec![route], ..LoadRun::default() };
    Artefact {
        path: path.to_owned(),
        format: "k6".to_owned(),
        command: Some("k6 run load.js".to_owned()),
        evidence: vec![Evidence::LoadRun(Box::new(run))],
        ..Artefact::default()
    }
}

fn target(below: f64) -> Artefact {
    let target = Target {
        scope: Scope::Route { method: "GET".to_owned(), path: "/posts".to_owned() },
        metric: Metric::Latency(Percent::P95),
        comparison: crate::evidence::model::targets::Comparison::Below,
        value: below,
        weight: None,
        text: format!("<{below}ms"),
        source: Source { kind: SourceKind::Slo, path: "slo.toml".to_owned(), line: 3 },
    };
    let targets = Targets { targets: vec![target], ..Targets::default() };
    Artefact {
        path: "slo.toml".to_owned(),
        evidence: vec![Evidence::Targets(Box::new(targets))],
        ..Artefact::default()
    }
}

fn report(artefacts: &[Artefact], observations: &[Observation], index: Option<&CodeIndex>) -> Performance {
    let figures = Figures::new(artefacts, &Asked::new(artefacts, &[]), false);
    performance(&Inputs { artefacts, observations, figures: &figures, index, findings: &[] })
}

#[test]
fn impact_is_share_times_what_a_fix_removes_and_orders_by_the_work() {
    let observations = [
        seen("A", Kind::Cpu, code(12, "list_posts"), Some(0.5), Some(0.9), Effort::L),
        seen("B", Kind::Cpu, code(13, "list_posts"), Some(0.3), Some(0.5), Effort::S),
        seen("C", Kind::Cpu, code(14, "list_posts"), Some(0.04), Some(1.0), Effort::S),
        seen("D", Kind::Cpu, code(15, "list_posts"), Some(1.7), Some(1.2), Effort::M),
        seen("E", Kind::Cpu, code(16, "list_posts"), None, None, Effort::M),
    ];
    let index = index();
    let got = report(&[], &observations, Some(&index));
    let section = got.sections.iter().find(|section| section.title == "GET /posts").unwrap();
    for finding in &section.findings {
        let seen = observations.iter().find(|seen| seen.rule == finding.rule).unwrap();
        let expected = seen.share.zip(seen.removable).map(|(share, part)| share.min(1.0) * part.min(1.0));
        assert_eq!(finding.removes, expected, "{}", finding.rule);
        let place = finding.place.as_ref().unwrap();
        assert_eq!((place.path.as_str(), place.join), ("app/api.py", Join::Exact));
    }
    let list: Vec<(&str, Level, Level)> =
        section.recommendations.iter().map(|r| (&r.text[5..6], r.impact, r.effort)).collect();
    // Worth an hour: D 1.0/3, B 0.15/1, A 0.45/8, C 0.04/1, E unknown.
    assert_eq!(
        list,
        [
            ("D", Level::High, Level::Medium),
            ("B", Level::Medium, Level::Low),
            ("A", Level::High, Level::High),
            ("C", Level::Low, Level::Low),
            ("E", Level::Low, Level::Medium),
        ]
    );
    let priorities: Vec<u32> = section.recommendations.iter().map(|r| r.priority).collect();
    assert_eq!(priorities, [1, 2, 3, 4, 5]);
}

#[test]
fn a_target_out_of_reach_goes_to_the_delivery_owner() {
    let index = index();
    let artefacts = [load("run.json", 400.0), target(200.0)];
    let small = [seen("B", Kind::Cpu, code(13, "list_posts"), Some(0.3), Some(0.5), Effort::S)];
    let got = report(&artefacts, &small, Some(&index));
    let section = got.sections.iter().find(|section| section.title == "GET /posts").unwrap();
    let row = &section.targets[0];
    assert_eq!((row.status, row.target.as_str()), (TargetStatus::Fail, "< 200 ms"));
    assert_eq!(row.source, "slo.toml, slo.toml:3");
    // 400 ms has to lose half; the one fix removes 15 %.
    let why = &section.escalations[0].why;
    assert!(why.contains("by 50 %") && why.contains("about 15 %"), "{why}");
    assert_eq!(section.escalations[0].to, "the delivery owner");
    assert!(section.caching[0].layer.starts_with("CDN"));
    let large = [seen("B", Kind::Cpu, code(13, "list_posts"), Some(0.8), Some(0.9), Effort::S)];
    let got = report(&artefacts, &large, Some(&index));
    let section = got.sections.iter().find(|section| section.title == "GET /posts").unwrap();
    assert!(section.escalations.is_empty(), "{:?}", section.escalations);
}

/// Two endpoints that each miss a target, the one of `weighed` with that weight.
fn two_misses(weighed: &str, weight: Option<f64>) -> Performance {
    let mut run = load("k6.json", 400.0);
    let mut asked = target(200.0);
    for evidence in run.evidence.iter_mut().chain(&mut asked.evidence) {
        match evidence {
            Evidence::LoadRun(run) => {
                let other = Route { name: "/authors".to_owned(), ..run.routes[0].clone() };
                run.routes.push(other);
            }
            Evidence::Targets(targets) => {
                let scope = Scope::Route { method: "GET".to_owned(), path: "/authors".to_owned() };
                let other = Target { scope, ..targets.targets[0].clone() };
                targets.targets.push(other);
                let chosen = targets.targets.iter_mut().find(|target| target.scope.to_string() == weighed);
                chosen.unwrap().weight = weight;
            }
            _ => {}
        }
    }
    report(&[run, asked], &[], None)
}

#[test]
fn the_report_begins_with_the_miss_that_weighs_most() {
    for (weighed, weight) in [("GET /posts", 3.0), ("GET /authors", 3.0), ("GET /authors", 1.5)] {
        let got = two_misses(weighed, Some(weight));
        assert_eq!(got.sections[0].title, weighed);
        let source = &got.sections[0].targets[0].source;
        assert!(source.ends_with(&format!(", weight {weight}")), "{source}");
    }
    assert_eq!(two_misses("GET /posts", Some(0.5)).sections[0].title, "GET /authors");
}

#[test]
fn both_runs_stand_side_by_side_with_the_command() {
    let index = index();
    let artefacts = [load("before/run.json", 400.0), load("after/run.json", 180.0), target(200.0)];
    let got = report(&artefacts, &[], Some(&index));
    let section = got.sections.iter().find(|section| section.title == "GET /posts").unwrap();
    let row = &section.targets[0];
    assert_eq!((row.baseline.as_deref(), row.optimized.as_deref()), (Some("400 ms"), Some("180 ms")));
    let benchmark = section.benchmark.as_ref().unwrap();
    assert_eq!(benchmark.command.as_deref(), Some("k6 run load.js"));
    let line = &benchmark.rows[0];
    assert_eq!(
        (line.metric.as_str(), line.baseline.as_str(), line.optimized.as_str()),
        ("Latency p95", "400 ms", "180 ms")
    );
    assert_eq!(line.change, "-55 % (n=1)");
    // One run a side proves nothing.
    assert!(!line.verdict.contains("confirmed"), "{}", line.verdict);
    assert_eq!((got.files[0].run.as_str(), got.files[1].run.as_str()), ("baseline", "optimized"));
}

fn statistics(writes: u64) -> Artefact {
    let stat = |text: &str, calls: u64, total_ms: f64| QueryStat {
        fingerprint: sql::fingerprint(text),
        text: text.to_owned(),
        calls,
        total_ms,
        ..QueryStat::default()
    };
    let stats = QueryStats {
        total_ms: 1_000.0,
        calls: 10_000 + writes,
        queries: vec![stat(LOOK_UP, 10_000, 900.0), stat("UPDATE authors SET name = $1 WHERE id = $2", writes, 100.0)],
        ..QueryStats::default()
    };
    Artefact {
        path: "statements.csv".to_owned(),
        evidence: vec![Evidence::Queries(Box::new(stats))],
        ..Artefact::default()
    }
}

#[test]
fn caching_has_a_trigger_and_follows_how_often_rows_change() {
    let slow = Subject::Query {
        fingerprint: sql::fingerprint("SELECT 1 FROM others"),
        text: "SELECT 1 FROM others".to_owned(),
    };
    let observations = [seen("Q1", Kind::SlowQuery, slow, Some(0.9), None, Effort::M)];
    let layer = |writes| {
        let got = report(&[statistics(writes)], &observations, None);
        let section = got.sections.iter().find(|section| section.title == "Database").unwrap().clone();
        section.caching.first().map(|caching| (caching.layer.clone(), caching.trigger.clone()))
    };
    let (rarely, trigger) = layer(3).unwrap();
    assert_eq!(rarely, "in-process cache with a time to live");
    assert!(trigger.contains("90 % of database time") && trigger.contains("3 times for 10,000 reads"), "{trigger}");
    assert_eq!(layer(900).unwrap().0, "Redis or Memcached");
    assert!(report(&[], &[], None).sections.is_empty());
}

#[test]
fn queries_and_places_are_joined_and_what_is_not_is_listed() {
    let index = index();
    let known = Subject::Query { fingerprint: sql::fingerprint(LOOK_UP), text: LOOK_UP.to_owned() };
    let text = "SELECT secret FROM vault WHERE pin = 1234";
    let unknown = Subject::Query { fingerprint: sql::fingerprint(text), text: text.to_owned() };
    let observations = [
        seen("Q1", Kind::NPlusOne, known, Some(0.4), Some(0.98), Effort::M),
        seen("Q2", Kind::SlowQuery, unknown, Some(0.1), None, Effort::M),
        seen("E1", Kind::Blocking, code(33, "helper"), Some(0.2), Some(1.0), Effort::M),
    ];
    let artefacts = [statistics(1)];
    let got = report(&artefacts, &observations, Some(&index));
    let titles: Vec<&str> = got.sections.iter().map(|section| section.title.as_str()).collect();
    assert_eq!(titles, ["GET /posts", "Application", "Database"]);
    assert_eq!(got.sections[0].findings[0].place.as_ref().unwrap().line, 12);
    // What the database holds is not told: literal values stay out.
    assert_eq!(got.unmatched.len(), 1);
    assert!(got.unmatched[0].contains("vault") && !got.unmatched[0].contains("1234"), "{:?}", got.unmatched);
    let measured = crate::evidence::joins::measure(&index, &artefacts, &observations, &[]);
    let checks: Vec<&str> = measured.own.iter().map(|own| own.check.as_str()).collect();
    assert_eq!(checks, ["query_in_loop", "blocking_io_in_async"]);
    assert!(measured.places.iter().any(|place| place.hot && place.first_line == 12));
}
