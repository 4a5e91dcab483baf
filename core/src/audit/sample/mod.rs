//! A realistic sample: the input of an audit with findings of every category, severity and
//! verdict. Tests of scoring and writers share it, and `tests/data/sample-report.json` is its report.

mod rows;

use super::aggregate::{AggregateInput, AuditSettings};
use super::fingerprint::fingerprint;
use super::suppress::Suppression;
use super::validate::Document;
use crate::checks::CATALOGUE;
use crate::discovery::{
    Conflict, ContextStore, DbConfig, EventSubscriber, FactSource, Practice, Stated, TechStack, Trigger,
};
use crate::intake::settings::SettingsEntry;
use crate::report::model::{
    AuditedFile, Category, CategoryResult, CheckOutcome, CheckStatus, Confidence, ContextFacts, Coverage, Dismissed,
    FileProblem, Finding, Severity, SkippedFile, Step, Verdict,
};
use std::collections::BTreeMap;

/// A bare finding of `check`.
pub(crate) fn finding(check: &str, severity: Severity, path: &str, line: u32) -> Finding {
    let meta = crate::checks::find(check);
    Finding {
        check: check.to_owned(),
        category: meta.map_or(Category::QueryEfficiency, |meta| meta.category),
        title: meta.map_or_else(String::new, |meta| meta.title.to_owned()),
        severity,
        original_severity: None,
        confidence: Confidence::High,
        advisory: None,
        path: path.to_owned(),
        line,
        column: 5,
        end_line: line,
        symbol: "handler".to_owned(),
        message: "`thing` is wrong".to_owned(),
        recommendation: "Use `other`".to_owned(),
        effort: meta.map_or(crate::report::model::Effort::S, |meta| meta.effort),
        steps: Vec::new(),
        evidence: Vec::new(),
        also: Vec::new(),
        related: Vec::new(),
        fingerprint: fingerprint(check, path, "handler", "", line),
        verdict: Verdict::Counted,
        verdict_reason: None,
        measured: None,
        baseline: None,
        moved_from: None,
    }
}

fn rows() -> Vec<Finding> {
    rows::ROWS
        .iter()
        .map(|(check, severity, (path, line, column, end_line), symbol, message, recommendation, steps, evidence)| {
            let mut found = finding(check, *severity, path, *line);
            found.column = *column;
            found.end_line = *end_line;
            found.symbol = (*symbol).to_owned();
            found.message = (*message).to_owned();
            found.recommendation = (*recommendation).to_owned();
            found.steps = steps
                .iter()
                .map(|(path, line, message)| Step {
                    path: (*path).to_owned(),
                    line: *line,
                    message: (*message).to_owned(),
                })
                .collect();
            found.evidence = Some((*evidence).to_owned()).filter(|text| !text.is_empty()).into_iter().collect();
            found.fingerprint = fingerprint(check, path, symbol, message, 0);
            if *check == "query_in_loop" && *severity == Severity::Low {
                found.verdict = Verdict::NeedsContext;
                found.verdict_reason = Some("the type of `repo` is not known: annotate it".to_owned());
                found.confidence = Confidence::Low;
            }
            found
        })
        .collect()
}

fn facts_of(found: &Finding) -> Option<ContextFacts> {
    let blank = ContextFacts::default();
    match found.path.as_str() {
        "app/core/startup.py" => {
            Some(ContextFacts { is_setup_function: true, guarded_by_timeout: true, small_data: true, ..blank })
        }
        "app/jobs/mailer.py" => Some(ContextFacts { guarded_by_timeout: true, table_used_context: true, ..blank }),
        "app/jobs/process.py" => Some(ContextFacts { is_job_path: true, table_used_context: true, ..blank }),
        _ => None,
    }
}

fn outcomes(category: Category, findings: &[Finding], dismissed: &[Dismissed]) -> Vec<CheckOutcome> {
    CATALOGUE
        .iter()
        .filter(|check| check.category == category && check.available)
        .map(|check| {
            let found = findings.iter().filter(|finding| finding.check == check.id).count() as u32;
            let rejected = dismissed.iter().filter(|dismissed| dismissed.check == check.id).count() as u32;
            CheckOutcome {
                check: check.id.to_owned(),
                title: check.title.to_owned(),
                category,
                status: CheckStatus::Passed,
                details: format!("{} places looked at", found + rejected),
                candidates: found + rejected,
                dismissed: rejected,
            }
        })
        .collect()
}

fn dismissed() -> Vec<Dismissed> {
    [
        ("blocking_io_in_async", "app/api/files.py", 33, "runs in a thread: `asyncio.to_thread(read, path)`"),
        ("missing_cleanup", "app/core/db.py", 27, "closed by `async with`"),
        ("missing_cleanup", "app/storage/s3.py", 12, "stored in `self`, closed by `Storage.close`"),
        ("missing_rollback", "app/core/db.py", 33, "rolled back by `get_session`"),
        ("query_in_loop", "app/api/carts.py", 51, "loaded by `selectinload(Cart.lines)`"),
        ("query_in_loop", "app/services/stock.py", 41, "loop over chunks of 500"),
        ("string_concat_in_loop", "app/services/rules.py", 80, "number, not a string"),
    ]
    .into_iter()
    .map(|(check, path, line, reason)| Dismissed {
        check: check.to_owned(),
        path: path.to_owned(),
        line,
        reason: reason.to_owned(),
    })
    .collect()
}

fn coverage(findings: &[Finding]) -> Coverage {
    let mut lines: BTreeMap<&str, u32> = BTreeMap::new();
    for (path, line) in findings.iter().flat_map(|found| {
        found.steps.iter().map(|s| (s.path.as_str(), s.line)).chain([(found.path.as_str(), found.end_line)])
    }) {
        let known = lines.entry(path).or_default();
        *known = (*known).max(line + 40);
    }
    let files: Vec<AuditedFile> = lines
        .into_iter()
        .map(|(path, lines)| AuditedFile { path: path.to_owned(), lines, language: "python".to_owned() })
        .collect();
    let skipped = [
        ("app/static/vendor.min.js", "minified", "Minified code", 88_123),
        ("app/vendored/six.py", "vendored", "Vendored code", 34_549),
        ("build/lib/app/old.py", "ignored", "Ignored by .gitignore", 2_310),
        ("tests/test_orders.py", "test", "Test code is not audited", 9_120),
        ("tools/huge_table.py", "too_large", "Larger than 4 MiB", 5_242_880),
    ];
    Coverage {
        libraries: BTreeMap::new(),
        lines: files.iter().map(|file| u64::from(file.lines)).sum(),
        files,
        skipped: skipped
            .into_iter()
            .map(|(path, kind, reason, size)| SkippedFile {
                path: path.to_owned(),
                kind: kind.to_owned(),
                reason: reason.to_owned(),
                size,
            })
            .collect(),
        problems: vec![FileProblem {
            path: "app/legacy/print_report.py".to_owned(),
            line: 12,
            kind: "syntax".to_owned(),
            message: "Expected a statement; the intact part was audited".to_owned(),
        }],
        root_removed: Some("shop-1f3c9a7".to_owned()),
        unread_languages: BTreeMap::from([("ts".to_owned(), 37), ("vue".to_owned(), 12)]),
        notices: Vec::new(),
    }
}

fn context() -> ContextStore {
    let texts = |values: &[&str]| values.iter().map(|value| (*value).to_owned()).collect::<Vec<_>>();
    let place = |file: &str, line| FactSource { file: file.to_owned(), line };
    ContextStore {
        team_id: Some("SHOP".to_owned()),
        tech_stack: TechStack {
            languages: texts(&["Python 3.12"]),
            db: texts(&["PostgreSQL 14", "PostgreSQL 16"]),
            orm: texts(&["SQLAlchemy 2.0.36", "asyncpg 0.30.0"]),
            web: texts(&["FastAPI 0.118.0"]),
            other: texts(&["httpx 0.28.1", "redis 5.2.1"]),
            packages: BTreeMap::from([
                ("asyncpg".to_owned(), "0.30.0".to_owned()),
                ("fastapi".to_owned(), "0.118.0".to_owned()),
                ("httpx".to_owned(), "0.28.1".to_owned()),
                ("redis".to_owned(), "5.2.1".to_owned()),
                ("sqlalchemy".to_owned(), "2.0.36".to_owned()),
            ]),
        },
        best_practices: BTreeMap::from([
            (
                "FastAPI".to_owned(),
                vec![Practice {
                    statement: "Dependencies with yield end after the response".to_owned(),
                    url: "https://fastapi.tiangolo.com/advanced/advanced-dependencies/".to_owned(),
                    checks: Vec::new(),
                }],
            ),
            (
                "PostgreSQL".to_owned(),
                vec![Practice {
                    statement: "NOTIFY is delivered at commit".to_owned(),
                    url: "https://www.postgresql.org/docs/current/sql-notify.html".to_owned(),
                    checks: Vec::new(),
                }],
            ),
        ]),
        reviewed: BTreeMap::from([
            ("FastAPI".to_owned(), "2026-02-01".to_owned()),
            ("PostgreSQL".to_owned(), "2026-02-01".to_owned()),
        ]),
        db_config: DbConfig {
            settings: BTreeMap::from([
                ("expire_on_commit".to_owned(), "False".to_owned()),
                ("pool_size".to_owned(), "10".to_owned()),
            ]),
            triggers: vec![Trigger {
                table: "jobs".to_owned(),
                event: "UPDATE".to_owned(),
                function: "job_progress_notify".to_owned(),
                channel: Some("job_progress".to_owned()),
                file: "migrations/versions/0007_job_notify.py".to_owned(),
                line: 21,
            }],
            event_subscribers: vec![EventSubscriber {
                channel: "job_progress".to_owned(),
                file: "app/api/events.py".to_owned(),
                line: 33,
                technology: "PostgreSQL LISTEN".to_owned(),
            }],
        },
        sources: BTreeMap::from([
            ("db_config.expire_on_commit".to_owned(), place("app/core/db.py", 22)),
            ("db_config.pool_size".to_owned(), place("app/core/db.py", 16)),
            ("team_id".to_owned(), place("docs/tasks/kanban_board.md", 5)),
            ("tech_stack.db".to_owned(), place("compose.yaml", 7)),
            ("tech_stack.db[1]".to_owned(), place("docs/project/tech_stack.md", 12)),
            ("tech_stack.languages".to_owned(), place("pyproject.toml", 6)),
            ("tech_stack.orm".to_owned(), place("pyproject.toml", 14)),
            ("tech_stack.orm[1]".to_owned(), place("pyproject.toml", 15)),
            ("tech_stack.async".to_owned(), place("pyproject.toml", 11)),
            ("tech_stack.other".to_owned(), place("pyproject.toml", 17)),
            ("tech_stack.other[1]".to_owned(), place("pyproject.toml", 18)),
        ]),
        conflicts: vec![Conflict {
            fact: "PostgreSQL".to_owned(),
            values: vec![
                Stated { file: "compose.yaml".to_owned(), line: 7, value: "14".to_owned() },
                Stated { file: "docs/project/tech_stack.md".to_owned(), line: 12, value: "16".to_owned() },
            ],
        }],
        codebase_root: ".".to_owned(),
        output_dir: "docs/project/.audit/ln-650/2026-03-14".to_owned(),
    }
}

/// The sample's input.
pub(crate) fn input() -> AggregateInput {
    let findings = rows();
    let dismissed = dismissed();
    let results = Category::ALL
        .into_iter()
        .map(|category| {
            let own: Vec<Finding> = findings.iter().filter(|found| found.category == category).cloned().collect();
            let rejected: Vec<Dismissed> = dismissed
                .iter()
                .filter(|dismissed| {
                    crate::checks::find(&dismissed.check).is_some_and(|check| check.category == category)
                })
                .cloned()
                .collect();
            CategoryResult {
                category,
                checks: outcomes(category, &own, &rejected),
                facts: own.iter().filter_map(|found| Some((found.fingerprint.clone(), facts_of(found)?))).collect(),
                findings: own,
                dismissed: rejected,
            }
        })
        .collect();
    AggregateInput {
        measured: None,
        project: "shop".to_owned(),
        date: "2026-03-14".to_owned(),
        results,
        failed: Vec::new(),
        coverage: coverage(&findings),
        context: context(),
        suppressions: vec![
            Suppression {
                path: "app/services/importer.py".to_owned(),
                line: 102,
                own_line: true,
                checks: vec!["missing_bulk_ops".to_owned()],
                reason: "twenty tags at most".to_owned(),
            },
            Suppression {
                path: "app/reports/csv.py".to_owned(),
                line: 14,
                own_line: false,
                checks: vec!["string_concat_in_loop".to_owned()],
                reason: String::new(),
            },
        ],
        settings: AuditSettings {
            suppressions: vec![SettingsEntry {
                paths: vec!["app/reports/**".to_owned()],
                checks: vec!["missing_cleanup".to_owned()],
                findings: Vec::new(),
                reason: "replaced by the new exporter".to_owned(),
                expires: Some("2026-06-30".to_owned()),
            }],
            ..AuditSettings::default()
        },
        documents: vec![Document {
            path: "docs/adr/0012-refresh-rates.md".to_owned(),
            text: "# ADR-0012: Rates are loaded twice on purpose\n\nStatus: Accepted\n\nThe duplicate query in `app/jobs/refresh.py` guards against a stale rate until the cache lands.\n"
                .to_owned(),
        }],
        notices: Vec::new(),
    }
}
