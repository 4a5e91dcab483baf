//! A realistic sample: the input of an audit with findings of every category, severity and
//! verdict. Tests of scoring and writers share it, and `tests/data/sample-report.json` is its report.

use super::aggregate::{AggregateInput, AuditSettings};
use super::fingerprint::fingerprint;
use super::suppress::{SettingsSuppression, Suppression};
use super::validate::Document;
use crate::checks::CATALOGUE;
use crate::discovery::{ContextStore, DbConfig, EventSubscriber, FactSource, Practice, TechStack, Trigger};
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
    }
}

/// check, severity, path, line, column, end line, symbol, message, recommendation, steps, evidence.
type Row = (
    &'static str,
    Severity,
    (&'static str, u32, u32, u32),
    &'static str,
    &'static str,
    &'static str,
    &'static [(&'static str, u32, &'static str)],
    &'static str,
);

use Severity::{Critical, High, Low, Medium};

const ROWS: &[Row] = &[
    (
        "query_in_loop",
        High,
        ("app/api/orders.py", 48, 21, 48),
        "list_orders",
        "`order.customer` is queried once per order of `orders`",
        "Load it with the orders: `select(Order).options(selectinload(Order.customer))`",
        &[
            ("app/api/orders.py", 44, "`orders` is read without `customer`"),
            ("app/api/orders.py", 47, "Loop over `orders` opens"),
            ("app/api/orders.py", 48, "`order.customer` runs a SELECT"),
        ],
        "runs in: request (handler list_orders)",
    ),
    (
        "redundant_fetch",
        High,
        ("app/api/orders.py", 48, 21, 49),
        "list_orders",
        "`Customer` is loaded again for the same key",
        "Pass the loaded `customer` on",
        &[("app/api/orders.py", 47, "Loop over `orders` opens")],
        "runs in: request (handler list_orders)",
    ),
    (
        "query_in_loop",
        High,
        ("app/services/pricing.py", 31, 9, 33),
        "PriceService.price_of",
        "`PriceService.price_of` runs one SELECT per line of a cart",
        "Read all prices at once: `select(Price).where(Price.sku.in_(skus))`",
        &[
            ("app/api/carts.py", 72, "Loop over `cart.lines` opens"),
            ("app/api/carts.py", 73, "`service.price_of(line.sku)` is called"),
            ("app/services/pricing.py", 31, "`session.scalar(select(Price)…)` runs"),
        ],
        "runs in: request (handler get_cart)",
    ),
    (
        "query_in_loop",
        Low,
        ("app/reports/export.py", 19, 13, 19),
        "export_rows",
        "`repo.get(row.id)` may run a query per row",
        "Read the rows at once if `repo` is a database repository",
        &[("app/reports/export.py", 18, "Loop over `rows` opens")],
        "receiver `repo` is not resolved",
    ),
    (
        "redundant_fetch",
        Medium,
        ("app/jobs/process.py", 64, 15, 64),
        "process_job",
        "`Job` is loaded again by its id although `run_job` holds it",
        "Pass `job` to `process_job` instead of `job.id`",
        &[
            ("app/jobs/process.py", 40, "`job` is acquired"),
            ("app/jobs/process.py", 43, "`process_job(job.id)` is called"),
            ("app/jobs/process.py", 64, "`session.execute(select(Job)…)` loads it again"),
        ],
        "runs in: job (task run_job)",
    ),
    (
        "redundant_fetch",
        Medium,
        ("app/jobs/refresh.py", 22, 9, 22),
        "refresh_rates",
        "`Rate` is loaded twice with the key `code`",
        "Keep the first `rate`",
        &[
            ("app/jobs/refresh.py", 15, "`rate` is loaded"),
            ("app/jobs/refresh.py", 22, "The same `rate` is loaded again"),
        ],
        "runs in: job (cron refresh_rates)",
    ),
    (
        "n_update_delete_loop",
        High,
        ("app/services/stock.py", 88, 13, 90),
        "StockService.release",
        "One UPDATE of `stock_items` runs per reservation",
        "Write one statement: `update(StockItem).where(StockItem.id.in_(ids)).values(reserved=0)`",
        &[
            ("app/services/stock.py", 86, "Loop over `reservations` opens"),
            ("app/services/stock.py", 88, "`session.execute(update(StockItem)…)` runs"),
        ],
        "number of items: unknown",
    ),
    (
        "missing_bulk_ops",
        Medium,
        ("app/services/importer.py", 57, 17, 57),
        "Importer.load",
        "Each row of `rows` is inserted by its own `INSERT`",
        "Insert them at once: `session.execute(insert(Product), rows)`",
        &[
            ("app/services/importer.py", 55, "Loop over `rows` opens"),
            ("app/services/importer.py", 57, "`session.execute(insert(Product)…)` runs"),
        ],
        "",
    ),
    (
        "missing_bulk_ops",
        Low,
        ("app/services/importer.py", 103, 13, 103),
        "Importer.tags",
        "`session.add(tag)` runs per tag, flushed once at the end",
        "Use `session.add_all(tags)`; the unit of work already sends one batch",
        &[("app/services/importer.py", 102, "Loop over `tags` opens")],
        "flushed once after the loop",
    ),
    (
        "missing_intermediate_commits",
        Critical,
        ("app/jobs/process.py", 83, 9, 83),
        "process_job",
        "`job.progress` is updated 5 times in one transaction, so the stream of `/jobs/{id}/events` hears nothing until the end",
        "Commit after each progress update, or write progress in its own short transaction",
        &[
            (
                "migrations/versions/0007_job_notify.py",
                21,
                "Trigger `job_progress_notify` sends NOTIFY `job_progress` on UPDATE of `jobs`",
            ),
            ("app/jobs/process.py", 70, "The transaction begins"),
            ("app/jobs/process.py", 83, "`job.progress` is written in the loop"),
            ("app/jobs/process.py", 97, "The only commit"),
        ],
        "listener: app/api/events.py:33 (LISTEN job_progress)",
    ),
    (
        "scope_too_wide",
        Critical,
        ("app/jobs/process.py", 92, 15, 92),
        "process_job",
        "`storage.upload` waits for object storage while the job's transaction is open",
        "Commit before the upload and open a new transaction for the result",
        &[
            ("app/jobs/process.py", 70, "The transaction begins"),
            ("app/jobs/process.py", 92, "`storage.upload(report)` is called"),
            ("app/storage/s3.py", 27, "`client.put_object(…)` leaves the process"),
        ],
        "external call: object storage",
    ),
    (
        "scope_too_wide",
        High,
        ("app/api/payments.py", 61, 19, 64),
        "create_payment",
        "`gateway.charge` calls a payment provider inside `session.begin()`",
        "Charge before `session.begin()` and store the result in a short transaction",
        &[
            ("app/api/payments.py", 58, "`async with session.begin()` opens"),
            ("app/api/payments.py", 61, "`gateway.charge(order)` is called"),
            ("app/payments/gateway.py", 44, "`self.http.post(…)` leaves the process"),
        ],
        "external call: HTTP",
    ),
    (
        "long_held_transaction",
        High,
        ("app/api/payments.py", 58, 5, 70),
        "create_payment",
        "The transaction waits for another service",
        "Move the wait out of the transaction",
        &[("app/api/payments.py", 58, "`async with session.begin()` opens")],
        "wait: HTTP",
    ),
    (
        "long_held_transaction",
        High,
        ("app/services/locks.py", 30, 9, 47),
        "with_lock",
        "`time.sleep(2)` runs up to 5 times while a transaction is open",
        "Take the lock first, then begin",
        &[
            ("app/services/locks.py", 30, "`session.begin()` opens"),
            ("app/services/locks.py", 39, "`time.sleep(2)` waits"),
        ],
        "wait: sleep",
    ),
    (
        "missing_rollback",
        Medium,
        ("app/services/audit_log.py", 24, 9, 24),
        "AuditLog.write",
        "`session.commit()` has no rollback on its error path",
        "Use `with session.begin():`",
        &[
            ("app/services/audit_log.py", 18, "`session = Session()`"),
            ("app/services/audit_log.py", 24, "`session.commit()` may raise"),
        ],
        "",
    ),
    (
        "blocking_io_in_async",
        High,
        ("app/api/invoices.py", 35, 12, 35),
        "render_invoice",
        "`requests.get` blocks the event loop",
        "Await `httpx.AsyncClient.get`",
        &[
            ("app/api/invoices.py", 29, "`async def render_invoice` handles a request"),
            ("app/api/invoices.py", 35, "`requests.get(url)` is called"),
        ],
        "runs in: request (handler render_invoice)",
    ),
    (
        "blocking_io_in_async",
        High,
        ("app/core/startup.py", 17, 10, 17),
        "load_rates",
        "`open(...).read()` blocks the event loop",
        "Read it with `await asyncio.to_thread(path.read_text)`",
        &[("app/core/startup.py", 17, "`open(RATES)` reads a file")],
        "file: rates.json, 3 kB",
    ),
    (
        "blocking_io_in_async",
        Medium,
        ("app/jobs/mailer.py", 41, 9, 41),
        "send_all",
        "`smtplib.SMTP` blocks the event loop",
        "Send in a thread: `await asyncio.to_thread(send, message)`",
        &[
            ("app/jobs/mailer.py", 38, "`async def send_all` runs as a job"),
            ("app/jobs/mailer.py", 41, "`smtplib.SMTP(host, timeout=10)` connects"),
        ],
        "runs in: job (task send_all)",
    ),
    (
        "sync_sleep_in_async",
        High,
        ("app/api/poll.py", 26, 13, 26),
        "poll_status",
        "`time.sleep(1)` stops the event loop in each turn",
        "Use `await asyncio.sleep(1)`",
        &[
            ("app/api/poll.py", 22, "`async def poll_status` handles a request"),
            ("app/api/poll.py", 26, "`time.sleep(1)` runs"),
        ],
        "runs in: request (handler poll_status)",
    ),
    (
        "unnecessary_list_allocation",
        Medium,
        ("app/services/rules.py", 52, 16, 52),
        "Rules.blocked",
        "`any([…])` builds the whole list before it looks at it",
        "Drop the brackets: `any(rule.matches(order) for rule in self.rules)`",
        &[("app/services/rules.py", 52, "A list is built inside `any(…)`")],
        "runs in: request (handler create_order)",
    ),
    (
        "string_concat_in_loop",
        Low,
        ("app/reports/csv.py", 14, 9, 14),
        "to_csv",
        "`out` grows by `+=` per row",
        "Collect the parts and join them: `\"\".join(parts)`",
        &[("app/reports/csv.py", 13, "Loop over `rows` opens"), ("app/reports/csv.py", 14, "`out += line`")],
        "local string: CPython grows it in place",
    ),
    (
        "streaming_resource_holding",
        Critical,
        ("app/api/events.py", 29, 5, 46),
        "job_events",
        "`session` stays open while the response streams",
        "Open a session inside the loop: `async with session_factory() as session:`",
        &[
            ("app/api/events.py", 24, "`session` is injected by `Depends(get_session)`"),
            ("app/core/db.py", 31, "`get_session` closes it after the response"),
            ("app/api/events.py", 46, "`StreamingResponse(…)` is returned"),
        ],
        "FastAPI 0.118: dependencies end after the response",
    ),
    (
        "missing_cleanup",
        High,
        ("app/payments/gateway.py", 21, 21, 21),
        "Gateway.for_request",
        "An `httpx.AsyncClient` is created per request and never closed",
        "Create one client at start-up and close it at shutdown",
        &[
            ("app/payments/gateway.py", 21, "`httpx.AsyncClient()` is created"),
            ("app/api/payments.py", 55, "`Gateway.for_request()` is called per request"),
        ],
        "",
    ),
    (
        "missing_cleanup",
        Medium,
        ("app/reports/export.py", 41, 11, 41),
        "write_file",
        "`open(path, \"w\")` is closed on no path",
        "Use `with open(path, \"w\") as handle:`",
        &[("app/reports/export.py", 41, "The file is opened")],
        "",
    ),
    (
        "pool_configuration",
        High,
        ("app/core/db.py", 14, 10, 18),
        "<module>",
        "The engine of `postgresql+asyncpg://shop:s3cr3t-word@db.internal/shop` has neither `pool_pre_ping` nor `pool_recycle`",
        "Pass `pool_pre_ping=True`",
        &[("app/core/db.py", 14, "`create_async_engine(…)` is called")],
        "",
    ),
    (
        "factory_vs_injection",
        High,
        ("app/api/orders.py", 97, 5, 97),
        "create_order",
        "The request's `session` is captured by a background task",
        "Hand over `session_factory` and open a session in the task",
        &[
            ("app/api/orders.py", 90, "`session` is injected"),
            ("app/api/orders.py", 97, "`tasks.add_task(notify, session, order.id)`"),
        ],
        "outlives the request: background task",
    ),
    (
        "pool_configuration",
        Low,
        ("app/core/db.py", 52, 18, 52),
        "report_engine",
        "`report_engine` uses the default pool size",
        "State `pool_size` for the number of workers",
        &[("app/core/db.py", 52, "`create_engine(REPORT_URL)` is called")],
        "default pool_size: 5",
    ),
];

fn rows() -> Vec<Finding> {
    ROWS.iter()
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
            if *check == "query_in_loop" && *severity == Low {
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
            db: texts(&["PostgreSQL 16"]),
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
                }],
            ),
            (
                "PostgreSQL".to_owned(),
                vec![Practice {
                    statement: "NOTIFY is delivered at commit".to_owned(),
                    url: "https://www.postgresql.org/docs/current/sql-notify.html".to_owned(),
                }],
            ),
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
            ("tech_stack.orm".to_owned(), place("pyproject.toml", 14)),
        ]),
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
            suppressions: vec![SettingsSuppression {
                paths: vec!["app/reports/**".to_owned()],
                checks: vec!["missing_cleanup".to_owned()],
                reason: "replaced by the new exporter".to_owned(),
                until: Some("2026-06-30".to_owned()),
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
