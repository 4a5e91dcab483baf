//! Settings in Python source: engine and session keywords, Django's `DATABASES`, connection URLs;
//! and libraries that are imported although no manifest names them.

use super::environment::{self, POOL_KEYS};
use super::facts::{Binding, Facts, at};
use super::pattern::{group, line_at, pattern};
use super::python_text::{Constants, HITS, Masked, keywords};
use super::read::DiscoveryFile;
use super::technologies::{self, Ecosystem, Slot};
use std::collections::BTreeSet;

/// Reads one Python file.
pub(super) fn read(file: DiscoveryFile<'_>, masked: &Masked, constants: &Constants, facts: &mut Facts) {
    let Masked { bare, code } = masked;
    imports(file, code, facts);
    if !["migrations/", "versions/", "alembic/"].iter().any(|part| file.path.contains(part)) {
        calls(file, bare, code, constants, facts);
        dictionary_settings(file, bare, constants, facts);
        urls(file, bare, facts);
    }
}

fn imports(file: DiscoveryFile<'_>, code: &str, facts: &mut Facts) {
    pattern!(IMPORT, r"(?m)^\s*(?:from|import)\s+([A-Za-z_]\w*)");
    let mut seen = BTreeSet::new();
    for found in IMPORT.captures_iter(code) {
        let root = group(&found, 1);
        if !seen.insert(root) {
            continue;
        }
        if root == "sqlite3" {
            let line = line_at(code, found.get(1).map_or(0, |name| name.start()));
            environment::database("sqlite3", file.path, line, facts);
        }
        if let Some(module) = technologies::STANDARD_LIBRARY.iter().find(|module| **module == root) {
            let line = line_at(code, found.get(1).map_or(0, |name| name.start()));
            facts.tech(Slot::Other, module, None, at(file.path, line));
        }
        let package = technologies::package_of_import(root);
        if technologies::is_known_python(&package) {
            let line = line_at(code, found.get(1).map_or(0, |name| name.start()));
            facts.package(Ecosystem::Python, &package, "", Binding::Imported, at(file.path, line));
        }
    }
}

/// Keywords of engine, session and pool factories.
fn calls(file: DiscoveryFile<'_>, bare: &str, code: &str, constants: &Constants, facts: &mut Facts) {
    pattern!(
        FACTORY,
        r"\b(create_engine|create_async_engine|engine_from_config|sessionmaker|async_sessionmaker|scoped_session|create_pool|ConnectionPool|AsyncConnectionPool|ThreadedConnectionPool)\s*\("
    );
    for found in FACTORY.find_iter(code).take(HITS) {
        let definition =
            code.get(..found.start()).is_some_and(|before| before.ends_with("def ") || before.ends_with("class "));
        if definition {
            continue;
        }
        for (key, value, offset) in keywords(bare, code, found.end() - 1) {
            if POOL_KEYS.contains(&key) && value.len() < 80 {
                let value = constants.with_default(super::flat::unquote(value));
                facts.setting(key, &value, at(file.path, line_at(code, offset)));
            }
        }
    }
}

/// `"pool_pre_ping": True` in option dictionaries; Django's database and REST framework settings.
fn dictionary_settings(file: DiscoveryFile<'_>, bare: &str, constants: &Constants, facts: &mut Facts) {
    pattern!(
        ENTRY,
        r#"["'](pool_size|max_overflow|pool_pre_ping|pool_recycle|pool_timeout|isolation_level|expire_on_commit|autoflush|ATOMIC_REQUESTS|CONN_MAX_AGE|CONN_HEALTH_CHECKS|DISABLE_SERVER_SIDE_CURSORS|DEFAULT_PAGINATION_CLASS|PAGE_SIZE|ENGINE)["']\s*:\s*([^,}\n(]+(?:\([^\n]*?\))?)"#
    );
    pattern!(
        ASSIGNED,
        r#"(?m)\[\s*["'](ATOMIC_REQUESTS|CONN_MAX_AGE|CONN_HEALTH_CHECKS|pool_size|max_overflow|pool_pre_ping|pool_recycle|pool_timeout|isolation_level)["']\s*\]\s*=\s*([^=\n#][^\n#]*)"#
    );
    // Flask-SQLAlchemy 2 had a key of its own for each.
    pattern!(
        FLASK,
        r#"(?m)^\s*(?:[\w.]*config\[["'])?SQLALCHEMY_(POOL_SIZE|MAX_OVERFLOW|POOL_TIMEOUT|POOL_RECYCLE)(?:["']\])?\s*=\s*([^=\n#][^\n#]*)"#
    );
    let entries = ENTRY.captures_iter(bare).take(HITS).chain(ASSIGNED.captures_iter(bare).take(HITS));
    for found in entries.chain(FLASK.captures_iter(bare).take(HITS)) {
        let (key, value) = (group(&found, 1), super::flat::unquote(group(&found, 2).trim()));
        let lower = key.to_ascii_lowercase();
        let key = if POOL_KEYS.contains(&lower.as_str()) { lower.as_str() } else { key };
        let line = line_at(bare, found.get(1).map_or(0, |name| name.start()));
        if key == "ENGINE" {
            if value.starts_with("django.") || value.contains(".db.backends.") || value.contains("db.backend") {
                environment::database(value.rsplit('.').next().unwrap_or(""), file.path, line, facts);
            }
        } else {
            facts.setting(key, &constants.with_default(value), at(file.path, line));
        }
    }
}

fn urls(file: DiscoveryFile<'_>, bare: &str, facts: &mut Facts) {
    pattern!(LITERAL, r#"["'](?:postgres(?:ql)?|mysql|mariadb|sqlite|mongodb|mssql)(?:\+\w+)?://[^"'\n]*"#);
    let path = file.path.to_ascii_lowercase();
    if path.contains("test") {
        return;
    }
    for found in LITERAL.find_iter(bare).take(HITS) {
        environment::urls(found.as_str(), file.path, line_at(bare, found.start()), facts);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
    use super::*;
    use crate::discovery::discover;

    #[test]
    fn engine_and_session_keywords_with_lines() {
        let text = "from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine\n\n# create_async_engine(url, pool_size=99)\nengine = create_async_engine(\n    settings.url,\n    pool_size=10,\n    connect_args={\"pool_size\": 1} if x else {},\n    pool_pre_ping=True,\n)\nSession = async_sessionmaker(engine, expire_on_commit=False)\n";
        let (store, _) = discover(&[DiscoveryFile { path: "app/db.py", text }], "d");
        assert_eq!(store.db_config.settings["pool_pre_ping"], "True");
        assert_eq!(store.db_config.settings["expire_on_commit"], "False");
        assert_eq!(store.sources["db_config.pool_size"], at("app/db.py", 6));
        assert_eq!(store.tech_stack.orm, ["SQLAlchemy"]);
    }

    #[test]
    fn modules_of_the_standard_library_that_checks_know_bring_their_notes() {
        let text = "import json\nfrom smtplib import SMTP\n\ndef run():\n    import subprocess\n";
        let (store, _) = discover(&[DiscoveryFile { path: "app/mail.py", text }], "d");
        assert_eq!(store.tech_stack.other, ["smtplib", "subprocess"]);
        assert_eq!(store.sources["tech_stack.other"], at("app/mail.py", 2));
        assert_eq!(store.best_practices.keys().collect::<Vec<_>>(), ["smtplib", "subprocess"]);
    }

    #[test]
    fn settings_that_are_put_into_dictionaries_and_old_keys_of_flask() {
        let text = "from sqlalchemy import create_engine\noptions = {}\nif size == 1:\n    options[\"pool_size\"] = size  # from outside\nSQLALCHEMY_MAX_OVERFLOW = 3\napp.config[\"SQLALCHEMY_POOL_RECYCLE\"] = 280\nif options[\"pool_timeout\"] == 9:\n    pass\nengine = create_engine(URL, **options)\n";
        let (store, _) = discover(&[DiscoveryFile { path: "app/db.py", text }], "d");
        let found: Vec<_> = store.db_config.settings.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        assert_eq!(found, [("max_overflow", "3"), ("pool_recycle", "280"), ("pool_size", "size")]);
        assert_eq!(store.sources["db_config.pool_recycle"], at("app/db.py", 6));
    }

    #[test]
    fn values_from_the_environment_show_their_defaults() {
        let config = "import os\nDB_POOL_SIZE = config(\n    \"DATABASE_POOL_SIZE\", default=5, cast=int\n)\nOVERFLOW = int(os.getenv(\"OVERFLOW\", \"10\"))\nRECYCLE: int = config(\"RECYCLE\", cast=int, default=280)\nTIMEOUT = os.environ[\"TIMEOUT\"]\nengine = create_engine(URL)\n";
        let db = "engine = create_engine(\n    URL,\n    pool_size=DB_POOL_SIZE,\n    max_overflow=config.OVERFLOW,\n    pool_recycle=RECYCLE,\n    pool_timeout=TIMEOUT,\n)\n";
        let files =
            [DiscoveryFile { path: "app/config.py", text: config }, DiscoveryFile { path: "app/db.py", text: db }];
        let (store, _) = discover(&files, "d");
        let found: Vec<_> = store.db_config.settings.values().map(String::as_str).collect();
        assert_eq!(
            found,
            ["config.OVERFLOW (default 10)", "RECYCLE (default 280)", "DB_POOL_SIZE (default 5)", "TIMEOUT"]
        );
    }

    #[test]
    fn django_settings() {
        let text = "INSTALLED_APPS = [\"rest_framework\"]\nDATABASES = {\n    \"default\": {\n        \"ENGINE\": \"django.db.backends.postgresql\",\n        \"ATOMIC_REQUESTS\": True,\n        \"CONN_MAX_AGE\": int(env(\"AGE\", 60)),\n    }\n}\nREST_FRAMEWORK = {\"PAGE_SIZE\": 50}\n";
        let (store, _) = discover(&[DiscoveryFile { path: "shop/settings.py", text }], "d");
        assert_eq!(store.tech_stack.db, ["PostgreSQL"]);
        assert_eq!(store.db_config.settings["ATOMIC_REQUESTS"], "True");
        assert_eq!(store.sources["db_config.CONN_MAX_AGE"].line, 6);
        assert!(store.db_config.settings["CONN_MAX_AGE"].starts_with("int(env(\"AGE\", 60)"));
        assert_eq!(store.db_config.settings["PAGE_SIZE"], "50");
    }
}
