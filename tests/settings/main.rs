//! What `.drydock.toml` changes: each setting with and without its line, and the exact message of what it says wrongly.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use drydock_core::audit_sources;
use drydock_core::report::model::{CheckStatus, Finding, Report, Severity, Verdict};

const MODELS: &str = "\
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
class Base(DeclarativeBase):
    pass
class Order(Base):
    __tablename__ = 'orders'
    id: Mapped[int] = mapped_column(primary_key=True)
    total: Mapped[int]
";

const LOOP: &str = "\
from sqlalchemy import select
from app.models import Order, Session
def recount(session: Session, ids: list[int]):
    for i in ids:
        print(session.execute(select(Order).where(Order.total == i)).all())
";

fn audit(files: &[(&str, &str)], settings: &str) -> Report {
    let mut all = vec![("app/__init__.py", ""), ("app/models.py", MODELS)];
    all.extend(files);
    all.push((".drydock.toml", settings));
    audit_sources(&all)
}

fn of<'r>(report: &'r Report, check: &str) -> Vec<&'r Finding> {
    report.findings.iter().filter(|found| found.check == check && found.verdict == Verdict::Counted).collect()
}

#[track_caller]
fn one<'r>(report: &'r Report, check: &str) -> &'r Finding {
    let found = of(report, check);
    let [finding] = found.as_slice() else { panic!("{check}: {found:#?}") };
    finding
}

#[test]
fn folders_say_where_code_runs() {
    let files = [("app/nightly/run.py", LOOP)];
    let plain = audit(&files, "");
    assert_eq!(one(&plain, "query_in_loop").severity, Severity::Medium);
    assert!(one(&plain, "query_in_loop").evidence.iter().any(|line| line.contains("no known entry point")));
    let jobs = audit(&files, "[context.jobs]\nfolders = [\"app/nightly/\"]\n");
    assert_eq!(one(&jobs, "query_in_loop").severity, Severity::Medium);
    assert!(one(&jobs, "query_in_loop").evidence.iter().any(|line| line == "runs in: job"));
    let scripts = audit(&files, "[context.scripts]\nfolders = [\"app/nightly/\"]\n");
    assert_eq!(one(&scripts, "query_in_loop").severity, Severity::Low);
    let admin = "[context.jobs]\nfolders = [\"nightly/\"]\n[context.admin]\nfolders = [\"/app/nightly/\"]\n";
    assert_eq!(one(&audit(&files, admin), "query_in_loop").severity, Severity::Low);
}

#[test]
fn decorators_say_where_code_runs() {
    let queue = "def task(function):\n    return function\ndef staff(function):\n    return function\n";
    let decorated = LOOP.replace("def recount", "from app.queue import staff, task\n@task\n@staff\ndef recount");
    let files = [("app/queue.py", queue), ("app/work.py", decorated.as_str())];
    let job = audit(&files, "[context.jobs]\ndecorators = [\"app.queue.task\"]\n");
    assert!(one(&job, "query_in_loop").evidence.iter().any(|line| line == "runs in: job"));
    let both = "[context.jobs]\ndecorators = [\"app.queue.task\"]\n[context.admin]\ndecorators = [\"queue.staff\"]\n";
    assert_eq!(one(&audit(&files, both), "query_in_loop").severity, Severity::Low);
    let other = audit(&files, "[context.jobs]\ndecorators = [\"other.queue.task\"]\n");
    assert!(one(&other, "query_in_loop").evidence.iter().any(|line| line.contains("no known entry point")));
}

#[test]
fn an_executor_runs_what_it_is_given_elsewhere() {
    let threads = "async def run(function):\n    return function()\n";
    let api = "\
import requests
from fastapi import APIRouter
from app.threads import run
router = APIRouter()
def fetch():
    return requests.get('https://example.org', timeout=3).json()
@router.get('/rates')
async def rates():
    return await run(fetch)
";
    let files = [("app/threads.py", threads), ("app/api.py", api)];
    assert_eq!(of(&audit(&files, ""), "blocking_io_in_async").len(), 1);
    let told = audit(&files, "[wrappers]\nexecutor = [\"app.threads.run\"]\n");
    assert!(of(&told, "blocking_io_in_async").is_empty(), "{:#?}", told.findings);
}

#[test]
fn a_data_loader_batches_what_loops_ask_for() {
    let loader = "\
from sqlalchemy import select
from app.models import Order, Session
class Loader:
    def __init__(self, session: Session):
        self.session = session
    def load(self, total: int):
        return self.session.execute(select(Order).where(Order.total == total)).scalars().first()
";
    let work = "\
from app.loaders import Loader
def report(loader: Loader, totals: list[int]):
    return [loader.load(total) for total in totals]
";
    let files = [("app/loaders.py", loader), ("app/work.py", work)];
    assert_eq!(of(&audit(&files, ""), "query_in_loop").len(), 1);
    let told = audit(&files, "[wrappers]\ndata_loader = [\"app.loaders.Loader\"]\n");
    assert!(of(&told, "query_in_loop").is_empty());
}

#[test]
fn a_bulk_wrapper_writes_no_row_at_a_time() {
    let db = "\
from sqlalchemy import update
from app.models import Order, Session
def store(session: Session, total: int):
    session.execute(update(Order).values(total=total))
";
    let work = "\
from app.db import store
from app.models import Session
def refresh(session: Session, chunks: list[int]):
    for chunk in chunks:
        store(session, chunk)
";
    let files = [("app/db.py", db), ("app/work.py", work)];
    assert_eq!(of(&audit(&files, ""), "n_update_delete_loop").len(), 1);
    let told = audit(&files, "[wrappers]\nbulk = [\"app.db.store\"]\n");
    assert!(of(&told, "n_update_delete_loop").is_empty());
}

#[test]
fn a_closer_closes_what_it_is_given() {
    let db = "def dispose(connection):\n    print(connection)\n";
    let work = "\
import sqlite3
from app.db import dispose
def load():
    connection = sqlite3.connect('a.db')
    rows = connection.execute('SELECT 1').fetchall()
    dispose(connection)
    return rows
";
    let files = [("app/db.py", db), ("app/work.py", work)];
    assert_eq!(of(&audit(&files, ""), "missing_cleanup").len(), 1);
    let told = audit(&files, "[wrappers]\ncloser = [\"app.db.dispose\"]\n");
    assert!(of(&told, "missing_cleanup").is_empty(), "{:#?}", told.findings);
}

#[test]
fn checks_are_switched_off_or_graded_and_both_are_shown() {
    let files = [("app/work.py", LOOP)];
    let off = audit(&files, "[checks]\noff = [\"query_in_loop\"]\n");
    assert!(of(&off, "query_in_loop").is_empty());
    let outcome = off.checks.iter().find(|check| check.check == "query_in_loop").unwrap();
    assert_eq!(outcome.status, CheckStatus::Skipped);
    assert!(off.notices.contains(&".drydock.toml switches `query_in_loop` off".to_owned()), "{:?}", off.notices);
    let graded = audit(&files, "[checks]\nseverity = { query_in_loop = \"LOW\" }\n");
    let finding = one(&graded, "query_in_loop");
    assert_eq!((finding.severity, finding.original_severity), (Severity::Low, Some(Severity::Medium)));
    assert!(graded.notices.contains(&".drydock.toml grades `query_in_loop` as LOW".to_owned()));
}

#[test]
fn files_are_ignored_included_and_tests_audited() {
    let files = [("app/work.py", LOOP), ("tests/test_work.py", LOOP)];
    let ignored = audit(&files, "[files]\nignore = [\"app/work.py\"]\n");
    assert!(of(&ignored, "query_in_loop").is_empty());
    assert!(ignored.coverage.skipped.iter().any(|file| file.path == "app/work.py" && file.kind == "ignored"));
    let audited = |report: &Report| report.coverage.files.iter().any(|file| file.path == "tests/test_work.py");
    assert!(!audited(&audit(&files, "")));
    assert!(audited(&audit(&files, "[files]\ntests = true\n")));
    assert!(audited(&audit(&files, "[files]\ninclude = [\"tests/test_work.py\"]\n")));
}

/// Everything that such a file can say wrongly, each with its sentence, and the audit goes on.
#[test]
fn every_mistake_has_its_message_and_loses_nothing() {
    let files = [("app/work.py", LOOP)];
    let last_year = "[[suppress]]\nchecks = [\"query_in_loop\"]\nreason = \"moved in May\"\nexpires = 2025-12-31\n";
    for (settings, message) in [
        ("[chekcs]\noff = []\n", ".drydock.toml: the setting `chekcs` is not known."),
        ("[wrappers]\npool = []\n", ".drydock.toml: the setting `wrappers.pool` is not known."),
        ("[context.cron]\nfolders = []\n", ".drydock.toml: the setting `context.cron` is not known."),
        ("[checks]\noff = [\"n_plus_1\"]\n", ".drydock.toml: `n_plus_1` is not a check; `drydock checks` lists them"),
        (
            "[[suppress]]\nchecks = [\"query_in_loop\"]\n",
            ".drydock.toml, suppression 1: gives no reason, so it suppresses nothing",
        ),
        (last_year, ".drydock.toml, suppression 1: expired on 2025-12-31, so it suppresses nothing"),
        (
            "[[suppress]]\nreason = \"x\"\nexpires = \"May\"\n",
            ".drydock.toml: `suppress 1: expires` must be a date like 2026-12-31, so the entry does not apply.",
        ),
        (
            "[[suppress]]\nchecks = [\"no_such\"]\nreason = \"x\"\n",
            ".drydock.toml, suppression 1: `no_such` is not a check; `drydock checks` lists them",
        ),
    ] {
        let report = audit(&files, settings);
        let mut said = report.notices.iter().chain(&report.coverage.notices);
        assert!(said.any(|notice| notice == message), "{message}\n{:?}\n{:?}", report.notices, report.coverage.notices);
        assert_eq!(of(&report, "query_in_loop").len(), 1, "{settings}");
    }
    let broken = audit(&files, "[files\n");
    let starts = ".drydock.toml line 1 cannot be read (";
    assert!(broken.coverage.notices.iter().any(|notice| notice.starts_with(starts)), "{:?}", broken.coverage.notices);
    assert_eq!(of(&broken, "query_in_loop").len(), 1);
}

#[test]
fn entries_and_comments_suppress_with_their_reason() {
    let entry = "[[suppress]]\npaths = [\"app/**\"]\nchecks = [\"query_in_loop\"]\nreason = \"ten rows\"\n";
    let report = audit(&[("app/work.py", LOOP)], entry);
    let found = report.findings.iter().find(|finding| finding.check == "query_in_loop").unwrap();
    assert_eq!(
        (found.verdict, found.verdict_reason.as_deref()),
        (Verdict::Suppressed, Some("ten rows (.drydock.toml)"))
    );
    assert_eq!(report.categories.iter().map(|category| category.counts.medium).sum::<u32>(), 0);
    let line = LOOP.replace("        print(", "        # drydock: ignore[query_in_loop] ten rows\n        print(");
    let report = audit(&[("app/work.py", line.as_str())], "");
    let found = report.findings.iter().find(|finding| finding.check == "query_in_loop").unwrap();
    assert_eq!(found.verdict_reason.as_deref(), Some("ten rows (app/work.py:5)"));
}

/// Equal code is the same finding after reformatting, moved lines and a renamed file.
#[test]
fn fingerprints_survive_what_does_not_change_the_code() {
    let print = |path: &str, text: &str| {
        let report = audit(&[(path, text)], "");
        let finding = one(&report, "query_in_loop");
        (finding.fingerprint.clone(), finding.content_fingerprint().to_owned(), finding.line)
    };
    let first = print("app/work.py", LOOP);
    let moved = format!("# a comment\nimport os\n\n\n{LOOP}");
    let later = print("app/work.py", &moved);
    assert_eq!(later.0, first.0);
    assert_ne!(later.2, first.2);
    let formatted = LOOP.replace(
        "print(session.execute(select(Order).where(Order.total == i)).all())",
        "print(\n            session.execute(  # one\n                select(Order).where(\n                    Order.total == i,\n                )\n            ).all()\n        )",
    );
    assert_eq!(print("app/work.py", &formatted).0, first.0);
    let renamed = print("app/jobs/recount.py", LOOP);
    assert_ne!(renamed.0, first.0);
    assert_eq!(renamed.1, first.1);
}
