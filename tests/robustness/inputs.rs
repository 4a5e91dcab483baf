//! What real projects hold beside tidy modules: notebooks, stubs, circles, clashes, old Python, broken
//! files. What is intact is audited, and what is not is said.

use drydock_core::report::model::{Finding, Report, Verdict};

fn audit(files: &[(&str, &str)]) -> Report {
    drydock_core::audit_sources(files)
}

/// `path:line check` of what counts.
fn counted(report: &Report) -> Vec<String> {
    let row = |finding: &Finding| format!("{}:{} {}", finding.path, finding.line, finding.check);
    report.findings.iter().filter(|finding| finding.verdict == Verdict::Counted).map(row).collect()
}

fn of_check(report: &Report, check: &str) -> Vec<String> {
    let end = format!(" {check}");
    counted(report).iter().filter_map(|row| row.strip_suffix(&end)).map(str::to_owned).collect()
}

/// `path:line` of all that a check reports, what needs context included.
fn found(report: &Report, check: &str) -> Vec<String> {
    let row = |finding: &Finding| format!("{}:{}", finding.path, finding.line);
    report.findings.iter().filter(|finding| finding.check == check).map(row).collect()
}

/// `path:line kind message` of all problems.
fn problems(report: &Report) -> Vec<String> {
    let problems = &report.coverage.problems;
    problems.iter().map(|p| format!("{}:{} {} {}", p.path, p.line, p.kind, p.message)).collect()
}

const MODELS: &str = "from sqlalchemy import ForeignKey\n\
    from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column\n\
    class Base(DeclarativeBase): pass\n\
    class Order(Base):\n    __tablename__ = 'orders'\n    id: Mapped[int] = mapped_column(primary_key=True)\n    total: Mapped[int]\n";

#[test]
fn notebooks_are_read() {
    let notebook = "{\n \"cells\": [\n  {\"cell_type\": \"markdown\", \"source\": [\"# for i in x: s.get(i)\"]},\n  \
        {\n   \"cell_type\": \"code\",\n   \"source\": [\n    \"%load_ext autoreload\\n\",\n    \
        \"from sqlalchemy import select\\n\",\n    \"from sqlalchemy.orm import Session\\n\",\n    \
        \"from models import Order\\n\",\n    \"!pip install x's\\n\",\n    \"files = !ls\\n\",\n    \"Order?\"\n   ]\n  },\n  \
        {\"cell_type\": \"code\", \"source\": [\"%%sql\\n\", \"select (((\"]},\n  \
        {\n   \"cell_type\": \"code\",\n   \"source\": [\n    \"print(\\n\"\n   ]\n  },\n  \
        {\n   \"cell_type\": \"code\",\n   \"source\": [\n    \"def totals(session: Session, ids: list[int]):\\n\",\n    \
        \"    out = []\\n\",\n    \"    for i in ids:\\n\",\n    \
        \"        out.append(session.scalars(select(Order).where(Order.id == i)).first())\\n\",\n    \"    return out\"\n   ]\n  }\n ],\n \
        \"metadata\": {\"kernelspec\": {\"language\": \"python\", \"name\": \"python3\"}},\n \"nbformat\": 4,\n \"nbformat_minor\": 5\n}\n";
    let report = audit(&[("models.py", MODELS), ("explore.ipynb", notebook)]);
    let line = notebook.lines().take_while(|line| !line.contains("session.scalars")).count();
    assert_eq!(of_check(&report, "query_in_loop"), [format!("explore.ipynb:{}", line + 1)]);
    let at = report.findings.iter().find(|f| f.check == "query_in_loop").map(|f| f.column as usize);
    assert_eq!(
        at.and_then(|column| notebook.lines().nth(line)?.get(column - 1..column + 15)),
        Some("session.scalars(")
    );
    assert_eq!(problems(&report), ["explore.ipynb:22 syntax unexpected EOF while parsing"]);
    let lines = report.coverage.files.iter().find(|file| file.path == "explore.ipynb").map(|file| file.lines);
    assert_eq!(lines, Some(14), "lines of code, not of JSON");

    // On one line, as some tools write it: what is found points to that line.
    let value: serde_json::Value = serde_json::from_str(notebook).unwrap_or_default();
    let minified = value.to_string();
    let report = audit(&[("models.py", MODELS), ("explore.ipynb", &minified)]);
    assert_eq!(of_check(&report, "query_in_loop"), ["explore.ipynb:1"]);
    let at = report.findings.iter().find(|f| f.check == "query_in_loop").map(|f| f.column as usize);
    assert_eq!(at.and_then(|column| minified.get(column - 1..column + 15)), Some("session.scalars("));
}

#[test]
fn notebooks_that_cannot_be_read_are_said() {
    let report = audit(&[
        ("a.ipynb", "{\"cells\": [\n"),
        ("b.ipynb", "{\"nbformat\": 3, \"worksheets\": []}"),
        ("c.ipynb", "{\"nbformat\": 4, \"cells\": [{\"cell_type\": \"markdown\", \"source\": []}]}"),
        ("d.ipynb", "{\"nbformat\": 4, \"cells\": [], \"metadata\": {\"language_info\": {\"name\": \"R\"}}}"),
        ("app/fine.py", "x = 1\n"),
    ]);
    let said = [
        "a.ipynb:2 syntax The notebook is no valid JSON from here on; the file is left out",
        "b.ipynb:0 syntax The notebook has format 3; only format 4 is read",
        "c.ipynb:0 syntax The notebook has no cells of code",
        "d.ipynb:0 syntax The notebook's language is `R`; only Python is read",
    ];
    assert_eq!(problems(&report), said);
    assert_eq!(report.coverage.files.len(), 1);
}

// The calls take no SQL: a literal statement would be known whatever runs it.
#[test]
fn stubs_give_types_and_are_no_code() {
    let module = "def session():\n    return make()\n\
        def totals(db, ids):\n    return [db.get(Order, i, populate_existing=True) for i in ids]\n\
        class Repo:\n    def __init__(self, db):\n        self.db = db\n    def all(self, ids):\n        for i in ids:\n            self.db.execute(f'select {i}')\n\
        def third(ids):\n    for i in ids:\n        session().scalars(pick(i))\n";
    let stub = "from sqlalchemy.orm import Session\nfrom models import Order\n\
        def session() -> Session: ...\ndef totals(db: Session, ids: list[int]) -> list[Order]: ...\n\
        class Repo:\n    db: Session\n    def all(self, ids: list[int]) -> None: ...\n";
    let without = audit(&[("models.py", MODELS), ("repo.py", module)]);
    assert_eq!(of_check(&without, "query_in_loop"), Vec::<String>::new());
    let with = audit(&[("models.py", MODELS), ("repo.py", module), ("repo.pyi", stub)]);
    assert_eq!(of_check(&with, "query_in_loop"), ["repo.py:4", "repo.py:10", "repo.py:13"]);
    assert!(with.coverage.files.iter().all(|file| file.path != "repo.pyi"), "a stub counts as code");
    let skipped = with.coverage.skipped.iter().find(|file| file.path == "repo.pyi").map(|file| file.reason.as_str());
    assert_eq!(skipped, Some("Type declarations are read for their types; they have no code that runs"));

    // Beside nothing: a compiled module, or a package of stubs.
    let user = "from native import connect\nfrom shop.db import pool\n\
        def a(ids):\n    for i in ids:\n        connect().scalars(pick(i))\n\
        def b(ids):\n    for i in ids:\n        pool().scalars(pick(i))\n";
    let native = "from sqlalchemy.orm import Session\ndef connect() -> Session: ...\n";
    let report = audit(&[
        ("app.py", user),
        ("native.pyi", native),
        ("shop-stubs/__init__.pyi", ""),
        ("shop-stubs/db.pyi", "from sqlalchemy.orm import Session\ndef pool() -> Session: ...\n"),
    ]);
    assert_eq!(of_check(&report, "query_in_loop"), ["app.py:5", "app.py:8"]);
    assert_eq!(report.coverage.files.len(), 1);
}

#[test]
fn circles_end() {
    let a = "from b import B, run_b\nfrom sqlalchemy.orm import Session\nclass A(B): pass\n\
        def run_a(session: Session, n):\n    for i in range(n):\n        run_b(session, i)\n";
    let b = "import a\nfrom a import A\nfrom sqlalchemy.orm import Session\nclass B(A):\n    other: 'A'\n\
        class Own(Own): pass\n\
        def run_b(session: Session, n):\n    session.execute('select 1')\n    return a.run_a(session, n) if n else run_b(session, n - 1)\n";
    let report = audit(&[("a.py", a), ("b.py", b), ("c.py", "from c import *\nfrom c import x\nx = x\ny = x.y\n")]);
    assert_eq!(of_check(&report, "query_in_loop").first().map(String::as_str), Some("a.py:6"));
    assert_eq!(problems(&report), Vec::<String>::new());
}

#[test]
fn star_imports_bring_names() {
    let tables = "from sqlalchemy.orm import Session\n_hidden = Session()\ndef shown() -> Session: ...\ndef left_out() -> Session: ...\n__all__ = ['shown', '_hidden']\n";
    let user = "from pkg import *\n\
        def a(ids):\n    for i in ids:\n        shown().scalars(pick(i))\n\
        def b(ids):\n    for i in ids:\n        left_out().scalars(pick(i))\n\
        def c(ids):\n    for i in ids:\n        _hidden.scalars(pick(i))\n\
        def d(ids):\n    for i in ids:\n        far().scalars(pick(i))\n";
    let inner = "from sqlalchemy.orm import Session\n_private = Session()\ndef far() -> Session: ...\n";
    let report = audit(&[
        ("app.py", user),
        ("pkg/__init__.py", "from .tables import *\nfrom .inner import *\n"),
        ("pkg/tables.py", tables),
        ("pkg/inner.py", inner),
        ("other.py", "from pkg.inner import *\ndef a(ids):\n    for i in ids:\n        _private.scalars(pick(i))\n"),
    ]);
    assert_eq!(of_check(&report, "query_in_loop"), ["app.py:4", "app.py:13"]);
}

#[test]
fn what_is_missing_stays_unknown() {
    let code = "from .gone import session\nfrom nowhere.at_all import Repo, connect\nimport missing.part as part\n\
        def a(ids):\n    for i in ids:\n        Repo(i).load()\n        part.call(i)\n        connect().run(i)\n";
    let report = audit(&[("app/a.py", code), ("app/__init__.py", "")]);
    assert_eq!(counted(&report), Vec::<String>::new());
    assert_eq!(report.coverage.files.len(), 2);
}

#[test]
fn names_that_clash_are_told_apart() {
    let service = |body: &str| {
        format!(
            "from sqlalchemy.orm import Session\nclass Repo:\n    def __init__(self, s: Session):\n        self.s = s\n    def load(self, i):\n        {body}\n"
        )
    };
    let (queries, plain) = (service("return self.s.execute('select 1')"), service("return i"));
    let user = "from repo import Repo\ndef a(repo: Repo, ids):\n    for i in ids:\n        repo.load(i)\n";
    let report = audit(&[
        ("one/repo.py", &queries),
        ("one/app.py", user),
        ("two/repo.py", &plain),
        ("two/app.py", user),
        ("one/models.py", MODELS),
        ("two/models.py", MODELS),
    ]);
    assert_eq!(of_check(&report, "query_in_loop"), ["one/app.py:4"]);
    // The later definition of one name is the one that callers get.
    let twice = "from sqlalchemy.orm import Session\ndef load(s: Session, i):\n    return s.execute('select 1')\n\
        def load(s: Session, i):\n    return i\ndef a(s: Session, ids):\n    for i in ids:\n        load(s, i)\n";
    assert_eq!(of_check(&audit(&[("a.py", twice)]), "query_in_loop"), Vec::<String>::new());
}

#[test]
fn old_and_broken_python_is_audited_where_it_is_intact() {
    let old = "from sqlalchemy.orm import Session\n\
        def a(s, ids):\n    # type: (Session, list) -> None\n    print 'hello', ids\n    print >>err, 'x'\n    try:\n        exec 'x' in {}\n    except ValueError, e:\n        raise KeyError, 'x'\n\
        def b(session: Session, ids):\n    for i in ids:\n        session.execute('select 1')\n";
    let report = audit(&[("old.py", old)]);
    assert_eq!(of_check(&report, "query_in_loop"), ["old.py:12"]);
    let said = problems(&report);
    assert!(
        !said.is_empty() && said.len() <= 5 && said.iter().all(|p| p.starts_with("old.py:") && p.contains(" syntax ")),
        "{said:#?}"
    );
    assert_eq!(report.coverage.files.len(), 1);

    let broken = "from sqlalchemy.orm import Session\ndef a(:\n    x = (1,\n\
        def b(session: Session, ids):\n    for i in ids:\n        session.execute('select 1')\n\nclass C\n    pass\n\
        def c(session: Session, ids):\n    for i in ids:\n        session.execute('select 1')\n";
    let report = audit(&[("broken.py", broken)]);
    assert_eq!(of_check(&report, "query_in_loop"), ["broken.py:6", "broken.py:12"]);
    assert!(problems(&report).iter().any(|p| p.starts_with("broken.py:2 syntax")), "{:#?}", problems(&report));
}

fn revision(name: &str, after: &str, body: &str) -> String {
    format!(
        "from alembic import op\nimport sqlalchemy as sa\nrevision = '{name}'\ndown_revision = {after}\ndef upgrade():\n    {body}\n"
    )
}

#[test]
fn migrations_out_of_order_and_with_several_heads_are_said() {
    let table =
        "op.create_table('orders', sa.Column('id', sa.Integer, primary_key=True), sa.Column('user_id', sa.Integer))";
    let files = [
        ("alembic/versions/c_first.py", revision("one", "None", table)),
        // Before its parent by name.
        ("alembic/versions/a_second.py", revision("two", "'one'", "op.create_index('ix', 'orders', ['user_id'])")),
        (
            "alembic/versions/b_third.py",
            revision("three", "'one'", "op.add_column('orders', sa.Column('x', sa.Integer))"),
        ),
        ("alembic/versions/d_fourth.py", revision("four", "'gone'", "pass")),
    ];
    let query = "from sqlalchemy import text\nfrom sqlalchemy.orm import Session\ndef mine(s: Session, u):\n    \
        return s.execute(text('SELECT id FROM orders WHERE user_id = :u'), {'u': u}).all()\n";
    let mut all: Vec<(&str, &str)> = files.iter().map(|(path, text)| (*path, text.as_str())).collect();
    all.push(("app.py", query));
    let report = audit(&all);
    let said = [
        "alembic/versions/d_fourth.py:1 migration The migrations end in 3 heads, `two`, `three`, `four`: all are replayed",
        "alembic/versions/d_fourth.py:1 migration `four` follows `gone`, which is not in the project",
    ];
    assert_eq!(problems(&report), said);
    assert_eq!(of_check(&report, "missing_index"), Vec::<String>::new(), "the index of `two` is there");
}

#[test]
fn versions_of_an_api_are_no_migrations() {
    let code = "from sqlalchemy.orm import Session\ndef load(session: Session, ids):\n    for i in ids:\n        session.execute('select 1')\n";
    let severity = |path: &str, others: &[(&str, &str)]| {
        let report = audit(&[&[(path, code)], others].concat());
        let found = report.findings.iter().find(|f| f.check == "query_in_loop");
        found.map(|finding| finding.severity.word().to_owned())
    };
    assert_eq!(severity("api/versions/v1.py", &[]).as_deref(), Some("MEDIUM"));
    assert_eq!(severity("db/versions/v1.py", &[("db/env.py", "x = 1\n")]).as_deref(), Some("LOW"));
    let own = format!("revision = 'a'\ndown_revision = None\n{code}");
    let report = audit(&[("db/versions/v1.py", &own)]);
    let found = report.findings.iter().find(|f| f.check == "query_in_loop").map(|f| f.severity.word().to_owned());
    assert_eq!(found.as_deref(), Some("LOW"));
}

#[test]
fn folders_of_tests_of_every_kind_are_left_out() {
    let code = "from sqlalchemy.orm import Session\ndef load(session: Session, ids):\n    for i in ids:\n        session.execute('select 1')\n";
    for folder in [
        "tests",
        "e2etests",
        "e2e_tests",
        "e2e-tests",
        "integration_tests",
        "unittests",
        "unit_tests",
        "functional-tests",
        "api_tests",
    ] {
        let path = format!("{folder}/helpers.py");
        let report = audit(&[(path.as_str(), code), ("app.py", "x = 1\n")]);
        assert_eq!(counted(&report), Vec::<String>::new(), "{folder}");
        assert!(report.coverage.files.iter().all(|file| file.path == "app.py"), "{folder}");
    }
    for folder in ["contests", "latests", "protests", "attests", "testserver", "abtests"] {
        let path = format!("{folder}/helpers.py");
        let report = audit(&[(path.as_str(), code), ("app.py", "x = 1\n")]);
        assert_eq!(report.coverage.files.len(), 2, "{folder}");
    }
}

#[test]
fn statements_in_files_are_known_where_they_run() {
    let sql = "-- newest first\nSELECT id, total FROM orders WHERE customer_id = :c ORDER BY id\n";
    let schema = "CREATE TABLE orders (id serial PRIMARY KEY, customer_id integer NOT NULL, total integer);\n";
    let head = "import os\nfrom importlib.resources import files\nfrom pathlib import Path\nfrom sqlalchemy import text\nfrom sqlalchemy.orm import Session\n";
    for load in [
        "open('queries/by_customer.sql').read()",
        "Path('queries/by_customer.sql').read_text()",
        "(Path(__file__).parent / 'queries' / 'by_customer.sql').read_text(encoding='utf-8')",
        "files('app').joinpath('queries/by_customer.sql').read_text()",
        "open(os.path.join(os.path.dirname(__file__), 'queries', 'by_customer.sql')).read()",
        "load('by_customer')",
        "load_file('by_customer.sql')",
    ] {
        let one = format!(
            "{head}def load(name):\n    with open(f'queries/{{name}}.sql') as file:\n        return file.read()\n\
             def load_file(name):\n    return (Path('queries') / name).read_text()\n\
             def one(session: Session, c):\n    sql = {load}\n    return session.execute(text(sql), {{'c': c}}).all()\n"
        );
        let report = audit(&[("app/db.py", &one), ("app/queries/by_customer.sql", sql), ("schema.sql", schema)]);
        assert_eq!(found(&report, "missing_index"), ["app/db.py:13"], "{load}");
        let looped = one + "def all_of(session: Session, ids):\n    for i in ids:\n        one(session, i)\n";
        let report = audit(&[("app/db.py", &looped), ("app/queries/by_customer.sql", sql), ("schema.sql", schema)]);
        assert_eq!(of_check(&report, "query_in_loop"), ["app/db.py:16"], "{load}");
        let writes = audit(&[
            ("app/db.py", &looped),
            ("app/queries/by_customer.sql", "UPDATE orders SET total = 1 WHERE id = :c"),
        ]);
        assert_eq!(of_check(&writes, "n_update_delete_loop"), ["app/db.py:16"], "{load}");
    }
    let with = format!(
        "{head}QUERY = Path('queries/by_customer.sql')\ndef one(session: Session, c):\n    with open(QUERY) as file:\n        sql = file.read()\n    return session.execute(text(sql), {{'c': c}}).all()\n"
    );
    let report = audit(&[("app/db.py", &with), ("app/queries/by_customer.sql", sql), ("schema.sql", schema)]);
    assert_eq!(found(&report, "missing_index"), ["app/db.py:10"]);
}

/// Work, not time: the number of bodies inferred and the size of what is linked grow with the source.
#[test]
fn a_module_of_50_000_lines_costs_what_its_parts_cost() {
    use drydock_core::analysis::{Project, ShardBuilder};
    use drydock_core::languages::{SourceText, frontend};
    use drydock_core::model::Language;
    use drydock_core::source::FileId;
    let part = |n: usize| {
        format!(
            "class Row{n}(Base):\n    __tablename__ = 'row_{n}'\n    id: Mapped[int] = mapped_column(primary_key=True)\n\
             def load_{n}(session: Session, ids):\n    out = []\n    for i in ids:\n        out.append(session.scalar(select(Row{n}).where(Row{n}.id == i)))\n\
             \x20   return finish_{n}(session, out)\n\ndef finish_{n}(session, out):\n    return load_{m}(session, out) if out else None\n",
            m = n.saturating_sub(1)
        )
    };
    let head = "from sqlalchemy import select\nfrom sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column\nclass Base(DeclarativeBase): pass\n";
    let work = |parts: usize| {
        let source = head.to_owned() + &(0..parts).map(part).collect::<String>();
        let mut builder = ShardBuilder::default();
        if let Some(front) = frontend(Language::Python) {
            builder.lowered(|names| {
                let lowered = front.lower(SourceText { file: FileId(0), path: "big.py", text: &source }, names);
                (lowered.module, lowered.problems)
            });
        }
        let project = Project::link(vec![builder.finish()]);
        let sites: usize = project.code().func_ids().map(|f| project.sites(f).len()).sum();
        (source.lines().count(), project.inferred(), sites)
    };
    let (small_lines, small, small_sites) = work(460);
    let (lines, inferred, sites) = work(4_600);
    assert!(lines > 50_000 && lines / small_lines <= 10, "{lines}");
    assert!(inferred <= small * 11, "{small} bodies inferred, then {inferred}");
    assert!(sites <= small_sites * 11 && sites >= 4_600 * 3, "{small_sites} sites, then {sites}");
}
