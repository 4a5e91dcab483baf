//! Reports against their published schemas: `core/schema/report.schema.json`, and the official one of SARIF 2.1.0
//! (from the npm package `@microsoft/jest-sarif` 1.0.0-beta.0, without its descriptions).
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod hostile;
mod numbers;

use drydock_core::audit::baseline::compare;
use drydock_core::audit_sources;
use drydock_core::report::model::Report;
use drydock_core::report::read::read;
use drydock_core::report::share::Shareable;
use drydock_core::report::writers::{json, sarif};
use drydock_tests::repository::root;
use jsonschema::Validator;
use serde_json::Value;
use std::fs;

const SOURCES: &[(&str, &str)] = &[
    (
        "app/api.py",
        "import time\nfrom fastapi import APIRouter\nfrom sqlalchemy import select\n\
         from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column\n\
         class Base(DeclarativeBase):\n    pass\nclass Order(Base):\n    __tablename__ = 'orders'\n\
         \x20   id: Mapped[int] = mapped_column(primary_key=True)\nrouter = APIRouter()\n\
         @router.get('/orders')\nasync def orders(ids: list[int], session: Session):\n    time.sleep(1)\n\
         \x20   return [session.execute(select(Order).where(Order.id == i)) for i in ids]\n",
    ),
    ("app/broken.py", "def f(:\n    x = \n"),
    ("requirements.txt", "fastapi==0.115.0\nsqlalchemy==2.0.30\n"),
];

fn schema(path: &str) -> Validator {
    let text = fs::read_to_string(root().join(path)).unwrap();
    jsonschema::validator_for(&serde_json::from_str(&text).unwrap()).unwrap()
}

#[track_caller]
fn valid(schema: &Validator, text: &str) {
    let value: Value = serde_json::from_str(text).unwrap();
    let errors: Vec<String> =
        schema.iter_errors(&value).map(|error| format!("{}: {error}", error.instance_path)).take(5).collect();
    assert!(errors.is_empty(), "{errors:#?}");
}

/// The sample report, one of real code, and both against an earlier one.
fn reports() -> Vec<Report> {
    let sample = read(&fs::read(root().join("tests/data/sample-report.json")).unwrap()).unwrap();
    let real = audit_sources(SOURCES);
    assert!(real.findings.len() >= 2 && !real.coverage.problems.is_empty());
    let mut compared = sample.clone();
    let mut earlier = sample.clone();
    earlier.findings.remove(1);
    compared.findings.remove(0);
    compare(&mut compared, &earlier);
    vec![sample, real, compared, audit_sources(&[])]
}

#[test]
fn reports_follow_the_published_schema() {
    let schema = schema("core/schema/report.schema.json");
    for report in reports() {
        valid(&schema, &json(&Shareable::new(&report)));
    }
    let upgraded = read(&fs::read(root().join("tests/data/reports/schema-1.json")).unwrap()).unwrap();
    valid(&schema, &json(&Shareable::new(&upgraded)));
}

#[test]
fn the_schema_refuses_what_is_no_report() {
    let schema = schema("core/schema/report.schema.json");
    let mut value: Value =
        serde_json::from_str(&fs::read_to_string(root().join("tests/data/sample-report.json")).unwrap()).unwrap();
    assert!(schema.is_valid(&value));
    value["overall"]["score_tenths"] = "5.4".into();
    assert!(!schema.is_valid(&value));
    value["overall"]["score_tenths"] = 54.into();
    value["findings"][0]["invented"] = true.into();
    assert!(!schema.is_valid(&value));
}

#[test]
fn sarif_follows_the_official_schema() {
    let schema = schema("tests/data/schemas/sarif-2.1.0-rtm.5.json");
    for report in reports() {
        valid(&schema, &sarif(&Shareable::new(&report)));
    }
}
