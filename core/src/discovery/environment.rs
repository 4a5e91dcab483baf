//! Environment examples and configuration files: database kinds from URLs (never their passwords),
//! pool settings of Spring, Prisma and TypeORM.

use super::facts::{Facts, at};
use super::flat::{self, Scalar};
use super::manifests_node;
use super::pattern::{group, line_at, numbered, pattern};
use super::read::DiscoveryFile;
use super::technologies::{REDIS_SERVER, Slot};
use serde_json::Value;

/// `.env.example` and alike.
pub(super) fn dotenv(file: DiscoveryFile<'_>, facts: &mut Facts) {
    for scalar in flat::ini(file.text) {
        urls(&scalar.value, file.path, scalar.line, facts);
        let upper = scalar.key.to_ascii_uppercase();
        if let Some(setting) = POOL_KEYS.iter().find(|key| upper.ends_with(&key.to_ascii_uppercase())) {
            facts.setting(setting, &scalar.value, at(file.path, scalar.line));
        }
    }
}

/// `alembic.ini`: `sqlalchemy.url` and engine settings.
pub(super) fn ini(file: DiscoveryFile<'_>, facts: &mut Facts) {
    for scalar in flat::ini(file.text) {
        let Some((_, key)) = scalar.key.split_once(".sqlalchemy.") else { continue };
        if key == "url" {
            urls(&scalar.value, file.path, scalar.line, facts);
        } else if POOL_KEYS.contains(&key) {
            facts.setting(key, &scalar.value, at(file.path, scalar.line));
        }
    }
}

/// `application.yml`.
pub(super) fn application_yml(file: DiscoveryFile<'_>, facts: &mut Facts) {
    spring(&flat::yaml(file.text), file.path, facts);
}

/// `application.properties`.
pub(super) fn properties(file: DiscoveryFile<'_>, facts: &mut Facts) {
    let mut scalars = Vec::new();
    for (line, text) in numbered(file.text) {
        if let Some((key, value)) = text.trim().split_once('=')
            && !key.starts_with(['#', '!'])
        {
            scalars.push(Scalar { key: key.trim().to_owned(), value: value.trim().to_owned(), line });
        }
    }
    spring(&scalars, file.path, facts);
}

fn spring(scalars: &[Scalar], path: &str, facts: &mut Facts) {
    for scalar in scalars {
        let key = scalar.key.as_str();
        if key.ends_with("datasource.url") {
            urls(&scalar.value, path, scalar.line, facts);
        } else if let Some((_, name)) = key.split_once("hikari.") {
            facts.setting(&format!("hikari.{name}"), &scalar.value, at(path, scalar.line));
        } else if key == "spring.jpa.open-in-view" || key.ends_with("hibernate.jdbc.batch_size") {
            facts.setting(key, &scalar.value, at(path, scalar.line));
        }
    }
}

/// `provider` of a Prisma data source.
pub(super) fn prisma(file: DiscoveryFile<'_>, facts: &mut Facts) {
    pattern!(PROVIDER, r#"(?s)datasource\s+\w+\s*\{.*?provider\s*=\s*"(\w+)""#);
    if let Some(found) = PROVIDER.captures(file.text) {
        let provider = found.get(1);
        let line = line_at(file.text, provider.map_or(0, |text| text.start()));
        database(group(&found, 1), file.path, line, facts);
    }
}

/// `ormconfig.json`, `.js`, `.ts`, `.yml`: `type`, pool settings.
pub(super) fn ormconfig(file: DiscoveryFile<'_>, facts: &mut Facts) {
    if file.path.ends_with(".json") {
        let Some(value) = manifests_node::json(file, facts) else { return };
        let first = value.as_array().and_then(|list| list.first()).unwrap_or(&value);
        if let Some(kind) = first.get("type").and_then(Value::as_str) {
            let line = file.text.find("\"type\"").map_or(1, |offset| line_at(file.text, offset));
            database(kind, file.path, line, facts);
        }
        return;
    }
    pattern!(TYPE, r#"\btype['"]?\s*[:=]\s*['"]?(\w+)"#);
    if let Some(found) = TYPE.captures(file.text) {
        let line = line_at(file.text, found.get(0).map_or(0, |all| all.start()));
        database(group(&found, 1), file.path, line, facts);
    }
}

/// Databases named by URLs in a value.
pub(super) fn urls(value: &str, path: &str, line: u32, facts: &mut Facts) {
    pattern!(
        URL,
        r"\b(?:jdbc:)?(postgres(?:ql)?|mysql|mariadb|sqlite|mongodb|rediss?|mssql|cockroachdb|sqlserver|asyncpg)(?:\+\w+)?:/?/?"
    );
    for found in URL.captures_iter(value) {
        if value.get(found.get(0).map_or(0, |all| all.end()) - 1..).is_some_and(|rest| rest.starts_with('/'))
            || group(&found, 0).starts_with("jdbc:")
        {
            database(group(&found, 1), path, line, facts);
        }
    }
}

/// A database by one of its spellings.
pub(super) fn database(kind: &str, path: &str, line: u32, facts: &mut Facts) {
    let name = match kind.to_ascii_lowercase().as_str() {
        "postgres" | "postgresql" | "asyncpg" | "psycopg" | "psycopg2" | "postgis" => "PostgreSQL",
        "mysql" => "MySQL",
        "mariadb" => "MariaDB",
        "sqlite" | "sqlite3" | "better" => "SQLite",
        "mongodb" => "MongoDB",
        "mssql" | "sqlserver" => "SQL Server",
        "cockroachdb" => "CockroachDB",
        "oracle" => "Oracle",
        "redis" | "rediss" => {
            facts.tech(Slot::Other, REDIS_SERVER, None, at(path, line));
            return;
        }
        _ => return,
    };
    facts.tech(Slot::Db, name, None, at(path, line));
}

/// Engine, session and pool settings that reports show.
pub(super) const POOL_KEYS: &[&str] = &[
    "autoflush",
    "expire_on_commit",
    "isolation_level",
    "max_inactive_connection_lifetime",
    "max_overflow",
    "max_size",
    "min_size",
    "pool_pre_ping",
    "pool_recycle",
    "pool_reset_on_return",
    "pool_size",
    "pool_timeout",
    "pool_use_lifo",
    "poolclass",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::discovery::discover;

    #[test]
    fn urls_name_databases_and_never_leak_passwords() {
        let files = [
            DiscoveryFile {
                path: ".env.example",
                text: "DATABASE_URL=postgresql+asyncpg://app:hunter2@db/x\nREDIS_URL=redis://r/0\nDB_POOL_SIZE=20\n",
            },
            DiscoveryFile {
                path: "alembic.ini",
                text: "[alembic]\nsqlalchemy.url = mysql://u:pw@h/d\nsqlalchemy.pool_size = 7\n[logger_sqlalchemy]\nlevel = WARN\n",
            },
        ];
        let (store, _) = discover(&files, "d");
        assert_eq!(store.tech_stack.db, ["MySQL", "PostgreSQL"]);
        assert_eq!(store.tech_stack.other, ["Redis"]);
        assert_eq!(store.db_config.settings.get("pool_size").map(String::as_str), Some("20 | 7"));
        assert_eq!(store.db_config.settings.len(), 1);
        let json = serde_json::to_string(&store).unwrap_or_default();
        assert!(!json.contains("hunter2") && !json.contains("pw@"));
    }

    #[test]
    fn prisma_spring_and_typeorm() {
        let files = [
            DiscoveryFile {
                path: "prisma/schema.prisma",
                text: "generator c {\n provider = \"prisma-client-js\"\n}\ndatasource db {\n  provider = \"postgresql\"\n}\n",
            },
            DiscoveryFile {
                path: "src/application.yml",
                text: "spring:\n  datasource:\n    url: jdbc:mysql://h/d\n    hikari:\n      maximum-pool-size: 12\n",
            },
            DiscoveryFile { path: "ormconfig.json", text: "{\n \"type\": \"sqlite\"\n}" },
        ];
        let (store, _) = discover(&files, "d");
        assert_eq!(store.tech_stack.db, ["MySQL", "PostgreSQL", "SQLite"]);
        assert_eq!(store.db_config.settings.get("hikari.maximum-pool-size").map(String::as_str), Some("12"));
        assert_eq!(store.sources.get("tech_stack.db[1]").map(|s| s.line), Some(5));
    }
}
