//! The command line as a user meets it: the built program on real archives and folders.
#![cfg(feature = "cli")]
#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use serde_json::Value;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use support::{Folder, audit, code, drydock, err, out, report};

const FILES: &[(&str, &str)] = &[
    (
        "app/orders.py",
        "from sqlalchemy import select\nfrom sqlalchemy.ext.asyncio import AsyncSession\nfrom fastapi import APIRouter\n\
         from .models import Order\nrouter = APIRouter()\n\n@router.get(\"/orders\")\n\
         async def list_orders(ids: list[int], session: AsyncSession):\n    out = []\n    for i in ids:\n\
         \x20       row = await session.execute(select(Order).where(Order.id == i))\n        out.append(row)\n    return out\n",
    ),
    (
        "app/models.py",
        "from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column\nclass Base(DeclarativeBase):\n    pass\n\
         class Order(Base):\n    __tablename__ = \"orders\"\n    id: Mapped[int] = mapped_column(primary_key=True)\n",
    ),
    ("app/__init__.py", ""),
    ("app/quiet.py", "def add(a, b):\n    return a + b\n"),
    ("tools/odd.py", "import os\nprint(os.getcwd())\n"),
    ("requirements.txt", "sqlalchemy==2.0.30\nfastapi==0.115.0\n"),
    ("README.md", "# Shop\n"),
];

impl Folder {
    fn shop(&self) -> PathBuf {
        let shop = self.0.join("shop");
        for (path, text) in FILES {
            write(&shop.join(path), text.as_bytes());
        }
        shop
    }
}

fn write(path: &Path, bytes: &[u8]) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

fn zip(path: &Path, top: &str, files: &[(&str, &str)]) {
    let mut writer = zip::ZipWriter::new(fs::File::create(path).unwrap());
    for (name, text) in files {
        let options = zip::write::SimpleFileOptions::default();
        writer.start_file(format!("{top}{name}"), options).unwrap();
        writer.write_all(text.as_bytes()).unwrap();
    }
    writer.finish().unwrap();
}

fn tar_gz(path: &Path, top: &str) {
    let gzip = flate2::write::GzEncoder::new(fs::File::create(path).unwrap(), flate2::Compression::fast());
    let mut tar = tar::Builder::new(gzip);
    for (name, text) in FILES {
        let mut header = tar::Header::new_gnu();
        header.set_size(text.len() as u64);
        header.set_mode(0o644);
        tar.append_data(&mut header, format!("{top}{name}"), text.as_bytes()).unwrap();
    }
    tar.into_inner().unwrap().finish().unwrap();
}

#[test]
fn a_folder_a_zip_and_a_tar_give_one_report_with_any_number_of_jobs() {
    let folder = Folder::new("same");
    let shop = folder.shop();
    let (zipped, tarred) = (folder.0.join("shop.zip"), folder.0.join("shop.tar.gz"));
    zip(&zipped, "shop-1a2b3c/", FILES);
    tar_gz(&tarred, "shop-1a2b3c/");
    let mut first = report(&shop, &[]);
    assert_eq!(first["project"], "shop");
    assert_eq!(first["findings"][0]["check"], "query_in_loop");
    assert_eq!(first["findings"][0]["path"], "app/orders.py");
    assert_eq!(first["coverage"]["root_removed"], Value::Null);
    for jobs in ["1", "2", "3", "7", "16"] {
        assert_eq!(report(&shop, &["--jobs", jobs]), first, "{jobs}");
    }
    for archive in [&zipped, &tarred] {
        let mut other = report(archive, &[]);
        assert_eq!(other["coverage"]["root_removed"], "shop-1a2b3c");
        for report in [&mut first, &mut other] {
            report["coverage"]["root_removed"] = Value::Null;
        }
        assert_eq!(other, first, "{}", archive.display());
    }
    let bytes = |jobs: &str| audit(&zipped, &["--format", "json", "--jobs", jobs]).stdout;
    assert_eq!(bytes("1"), bytes("4"));
}

#[test]
fn text_has_frames_and_no_colour_in_a_pipe() {
    let folder = Folder::new("text");
    let text = out(&audit(&folder.shop(), &[]));
    assert!(text.starts_with("high[query_in_loop]: "), "{text}");
    assert!(text.contains("--> app/orders.py:11:"), "{text}");
    assert!(text.contains(" 11 |         row = await session.execute("), "{text}");
    assert!(text.contains("= help: "), "{text}");
    assert!(!text.contains('\u{1b}'));
}

#[test]
fn jsonl_markdown_and_output_files() {
    let folder = Folder::new("formats");
    let shop = folder.shop();
    let lines = out(&audit(&shop, &["--format", "jsonl"]));
    let line: Value = serde_json::from_str(lines.lines().next().unwrap()).unwrap();
    assert_eq!((&line["check"], &line["line"]), (&Value::from("query_in_loop"), &Value::from(11)));
    let file = folder.0.join("deep/report.md");
    let output = audit(&shop, &["--format", "markdown", "-o", file.to_str().unwrap()]);
    assert_eq!((code(&output), out(&output).as_str()), (0, ""));
    let text = fs::read_to_string(file).unwrap();
    assert!(text.starts_with("## Persistence & Performance Audit Report - 2026-03-14\n"), "{text}");
}

#[test]
fn write_makes_the_bundle_and_keeps_other_dates() {
    let folder = Folder::new("write");
    let shop = folder.shop();
    let target = folder.0.join("target");
    let old = target.join("docs/project/.audit/ln-650/2025-01-01/651-query-efficiency.md");
    write(&old, b"old");
    let output = audit(&shop, &["--write", target.to_str().unwrap()]);
    assert_eq!(code(&output), 0);
    let text = out(&output);
    assert!(
        text.contains("Report written: docs/project/.audit/ln-650/2026-03-14/654-resource-lifecycle.md\n"),
        "{text}"
    );
    assert!(text.contains("Score: 9.0/10 | Issues: 1 (C:0 H:1 M:0 L:0)\n"), "{text}");
    for name in [
        "docs/project/persistence_audit.md",
        "docs/project/.audit/ln-650/2026-03-14/651-query-efficiency.md",
        "docs/project/.audit/ln-650/2026-03-14/652-transaction-correctness.md",
        "docs/project/.audit/ln-650/2026-03-14/653-runtime-performance.md",
        "docs/project/.audit/ln-650/2026-03-14/654-resource-lifecycle.md",
        "docs/project/.audit/ln-650/2026-03-14/report.json",
    ] {
        assert!(target.join(name).is_file(), "{name}");
    }
    assert_eq!(fs::read(old).unwrap(), b"old");
    // Data formats own standard output.
    let output = audit(&shop, &["--format", "json", "--write", target.to_str().unwrap()]);
    serde_json::from_slice::<Value>(&output.stdout).unwrap();
    assert!(err(&output).contains("Score: 9.0/10"));
}

#[test]
fn gates_have_their_exit_codes() {
    let folder = Folder::new("gates");
    let shop = folder.shop();
    for (options, expected, said) in [
        (vec!["--fail-on", "critical"], 0, ""),
        (vec!["--fail-on", "high"], 1, "drydock: gate failed: 1 finding of severity HIGH or worse\n"),
        (vec!["--fail-on", "low"], 1, "drydock: gate failed: 1 finding of severity LOW or worse\n"),
        (vec!["--fail-under", "9"], 0, ""),
        (
            vec!["--only", "query_in_loop", "--fail-under", "9.1"],
            1,
            "drydock: gate failed: the score 9.0 is below 9.1\n",
        ),
    ] {
        let output = audit(&shop, &options);
        assert_eq!((code(&output), err(&output).as_str()), (expected, said), "{options:?}");
    }
}

#[test]
fn only_selects_checks() {
    let folder = Folder::new("only");
    let report = report(&folder.shop(), &["--only", "missing_cleanup"]);
    assert_eq!(report["findings"].as_array().unwrap().len(), 0);
    let outcome = report["checks"].as_array().unwrap().iter().find(|check| check["check"] == "query_in_loop").unwrap();
    assert_eq!((&outcome["status"], &outcome["details"]), (&Value::from("skipped"), &Value::from("not selected")));
}

#[test]
fn project_narrows_to_a_folder() {
    let folder = Folder::new("narrow");
    let shop = folder.shop();
    let all = report(&shop, &["--project", "tools/"]);
    assert_eq!(all["findings"].as_array().unwrap().len(), 0);
    let output = audit(&shop, &["--project", "nothing"]);
    assert_eq!(code(&output), 2);
    assert!(err(&output).ends_with("shop has no folder `nothing` with files in it\n"), "{}", err(&output));
}

#[test]
fn suppressions_and_settings_of_the_project_count() {
    let folder = Folder::new("suppress");
    let shop = folder.shop();
    let orders = fs::read_to_string(shop.join("app/orders.py")).unwrap();
    let line = "        row = await";
    let with = orders.replace(line, &format!("        # drydock: ignore[query_in_loop] ten at most\n{line}"));
    fs::write(shop.join("app/orders.py"), with).unwrap();
    let quiet = report(&shop, &[]);
    assert_eq!(quiet["findings"][0]["verdict"], "suppressed");
    assert_eq!(quiet["findings"][0]["verdict_reason"], "ten at most (app/orders.py:11)");
    assert_eq!(quiet["overall"]["counts"]["high"], 0);
    fs::write(shop.join("app/orders.py"), orders).unwrap();
    write(&shop.join(".drydock.toml"), b"[checks]\nseverity = { query_in_loop = \"LOW\" }\n");
    let regraded = report(&shop, &[]);
    assert_eq!(regraded["findings"][0]["severity"], "LOW");
    assert_eq!(regraded["notices"][0], ".drydock.toml grades `query_in_loop` as LOW");
}

#[test]
fn links_are_not_followed_and_said() {
    let folder = Folder::new("links");
    let shop = folder.shop();
    #[cfg(unix)]
    std::os::unix::fs::symlink(&folder.0, shop.join("app/loop")).unwrap();
    let report = report(&shop, &[]);
    let skipped = report["coverage"]["skipped"].as_array().unwrap();
    assert!(skipped.iter().any(|file| file["path"] == "app/loop" && file["kind"] == "symlink"), "{skipped:?}");
}

#[test]
fn bad_input_is_exit_2_with_one_sentence() {
    let folder = Folder::new("bad");
    let text = folder.0.join("notes.txt");
    fs::write(&text, "hello").unwrap();
    let empty = folder.0.join("empty");
    fs::create_dir_all(&empty).unwrap();
    for (path, said) in [
        (folder.0.join("missing.zip"), "does not exist"),
        (
            text,
            "notes.txt is not a zip, folder or report. We read .zip, .tar.gz, folders, our reports, and evidence files (profiles, query plans, database logs, load tests, Lighthouse reports).",
        ),
        (empty, "This folder has no files."),
    ] {
        let output = audit(&path, &[]);
        assert_eq!((code(&output), out(&output).as_str()), (2, ""), "{}", path.display());
        let message = err(&output);
        assert!(
            message.starts_with("drydock: ") && message.contains(said) && message.lines().count() == 1,
            "{message}"
        );
    }
    let output = drydock(&["audit", "x", "--bogus"]);
    assert_eq!(code(&output), 2);
    assert_eq!(
        err(&output),
        "drydock: `--bogus` is not an option of `drydock audit`; `drydock audit --help` lists them\n"
    );
}

#[test]
fn a_cut_zip_is_incomplete_and_passes_no_gate() {
    let folder = Folder::new("cut");
    let path = folder.0.join("shop.zip");
    zip(&path, "", FILES);
    let bytes = fs::read(&path).unwrap();
    fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
    let output = audit(&path, &["--fail-under", "0"]);
    assert_eq!(code(&output), 3, "{}", err(&output));
    assert!(err(&output).ends_with("drydock: the report is incomplete\n"));
}

#[test]
fn code_without_database_is_not_a_perfect_score() {
    let folder = Folder::new("none");
    let path = folder.0.join("text.zip");
    zip(&path, "", &[("README.md", "# Hello\n"), ("notes.txt", "x")]);
    let output = audit(&path, &["--fail-under", "10"]);
    assert_eq!(code(&output), 0, "{}", err(&output));
    let text = out(&output);
    assert!(text.contains("Nothing to judge"), "{text}");
    assert!(!text.contains("10.0"), "{text}");
}

#[test]
fn credentials_do_not_leave() {
    let folder = Folder::new("mask");
    let shop = folder.shop();
    let secret = "hunter2-xyz";
    let orders = fs::read_to_string(shop.join("app/orders.py")).unwrap();
    let line = "session.execute(select(Order).where(Order.id == i))";
    let leaky = orders
        .replace(line, &format!("session.execute(select(Order).where(Order.id == i), \"postgres://a:{secret}@db/x\")"));
    assert_ne!(orders, leaky);
    fs::write(shop.join("app/orders.py"), leaky).unwrap();
    write(
        &shop.join("compose.yaml"),
        format!("services:\n  db:\n    image: postgres:16\n    environment:\n      POSTGRES_PASSWORD: {secret}\n")
            .as_bytes(),
    );
    write(&shop.join("app/db.py"), format!("from sqlalchemy import create_engine\nengine = create_engine(\"postgresql://u:{secret}@h/d\", pool_size=5)\n").as_bytes());
    write(&shop.join(format!("data/password={secret}.bin")), b"\0\x01");
    for format in ["text", "markdown", "json", "jsonl", "sarif", "html"] {
        let text = out(&audit(&shop, &["--format", format]));
        assert!(text.contains("(N+1)"), "{text}");
        assert!(!text.contains(secret), "{format}: {text}");
    }
}

#[test]
fn a_baseline_says_what_is_new_and_only_that_fails() {
    let folder = Folder::new("baseline");
    let shop = folder.shop();
    let saved = folder.0.join("old.json");
    fs::write(&saved, out(&audit(&shop, &["--format", "json"]))).unwrap();
    let page = folder.0.join("old.html");
    fs::write(&page, out(&audit(&shop, &["--format", "html"]))).unwrap();
    let orders = fs::read_to_string(shop.join("app/orders.py")).unwrap();
    // The old one moves down and to another file; a second one comes.
    fs::remove_file(shop.join("app/orders.py")).unwrap();
    write(&shop.join("app/sales.py"), format!("# moved\n{orders}").as_bytes());
    for saved in [&saved, &page] {
        let saved = saved.to_str().unwrap();
        let moved = report(&shop, &["--baseline", saved]);
        assert_eq!(moved["findings"][0]["baseline"], "moved");
        assert_eq!(moved["findings"][0]["moved_from"], "app/orders.py:11");
        let output = audit(&shop, &["--baseline", saved, "--fail-on", "high"]);
        assert_eq!(code(&output), 0, "{}", err(&output));
    }
    write(&shop.join("app/orders.py"), orders.replace("list_orders", "list_more").as_bytes());
    let saved = saved.to_str().unwrap();
    let both = report(&shop, &["--baseline", saved]);
    let counts = &both["comparison"]["counts"];
    assert_eq!(
        (counts["new"].as_u64(), counts["moved"].as_u64(), counts["fixed"].as_u64()),
        (Some(1), Some(1), Some(0))
    );
    let output = audit(&shop, &["--baseline", saved, "--fail-on", "high"]);
    assert_eq!(code(&output), 1);
    assert!(err(&output).contains("gate failed: 1 new finding of severity HIGH or worse"), "{}", err(&output));
    let sarif: Value = serde_json::from_str(&out(&audit(&shop, &["--baseline", saved, "--format", "sarif"]))).unwrap();
    let mut states: Vec<_> =
        sarif["runs"][0]["results"].as_array().unwrap().iter().map(|r| r["baselineState"].clone()).collect();
    states.sort_by_key(ToString::to_string);
    assert_eq!(states, ["new", "updated"]);

    for (text, said) in [
        ("{\"schema\": 99, \"version\": \"9.0\"}", "made by Drydock 9.0, this is "),
        ("{}", "this is no report of Drydock (missing field `schema`"),
    ] {
        let bad = folder.0.join("bad.json");
        fs::write(&bad, text).unwrap();
        let output = audit(&shop, &["--baseline", bad.to_str().unwrap()]);
        assert_eq!((code(&output), out(&output).as_str()), (2, ""));
        assert!(err(&output).contains(said), "{}", err(&output));
    }
    let output = audit(&shop, &["--baseline", "no-such.json"]);
    assert_eq!(code(&output), 2);
    assert!(err(&output).starts_with("drydock: no-such.json cannot be read:"), "{}", err(&output));
}

#[test]
fn changed_reports_what_touches_the_listed_files() {
    let folder = Folder::new("changed");
    let shop = folder.shop();
    let list = folder.0.join("changed.txt");
    let count = |lines: &str| {
        fs::write(&list, lines).unwrap();
        let found = report(&shop, &["--changed", list.to_str().unwrap()]);
        found["findings"].as_array().unwrap().len()
    };
    assert_eq!(count("./app/orders.py\n"), 1);
    assert_eq!(count("services/shop/app/orders.py\r\n"), 1);
    assert_eq!(count("app/quiet.py\n\n"), 0);
    assert_eq!(count(""), 0);
    assert_eq!(code(&audit(&shop, &["--changed", "no-such.txt"])), 2);
}

#[test]
fn the_results_log_grows_and_is_never_lost() {
    let folder = Folder::new("log");
    let shop = folder.shop();
    write(&shop.join(".git/HEAD"), b"8c1ba3762d1529654377171efc28ecb2431a4ed5\n");
    let target = shop.to_str().unwrap();
    let log = shop.join("docs/project/.audit/results_log.md");
    for run in 1..=2 {
        assert_eq!(code(&audit(&shop, &["--write", target])), 0);
        let text = fs::read_to_string(&log).unwrap();
        assert_eq!(text.matches("| ln-650 |").count(), run, "{text}");
        assert_eq!(text.matches("| 8c1ba37 |").count(), run, "{text}");
    }
    assert!(fs::read_to_string(&log).unwrap().contains("| stable | +0.0 |"));
    fs::write(&log, b"\xff\xfe not text").unwrap();
    let output = audit(&shop, &["--write", target]);
    assert_eq!(code(&output), 2);
    assert!(err(&output).contains("results_log.md is not UTF-8 text: it is left as it is"), "{}", err(&output));
    assert_eq!(fs::read(&log).unwrap(), b"\xff\xfe not text");
}

#[test]
fn checks_and_explain() {
    let table = out(&drydock(&["checks"]));
    for category in
        ["651 Query Efficiency", "652 Transaction Correctness", "653 Runtime Performance", "654 Resource Lifecycle"]
    {
        assert!(table.contains(category), "{table}");
    }
    let page = drydock(&["explain", "query_in_loop"]);
    assert_eq!(code(&page), 0);
    assert!(out(&page).contains("## Fails"), "{}", out(&page));
    assert_eq!(code(&drydock(&["explain", "nope"])), 2);
    assert_eq!(code(&drydock(&[])), 2);
    assert_eq!(code(&drydock(&["--help"])), 0);
}
