//! Compose files and Dockerfiles: which database, which version, which pooler.

use super::facts::{Facts, at};
use super::flat;
use super::pattern::{group, numbered, pattern};
use super::read::DiscoveryFile;
use super::technologies::{REDIS_SERVER, Slot};

/// Images of a compose file's services.
pub(super) fn compose(file: DiscoveryFile<'_>, facts: &mut Facts) {
    for scalar in flat::yaml(file.text) {
        if scalar.key == "image" || scalar.key.ends_with(".image") {
            image(&scalar.value, file.path, scalar.line, facts);
        } else if scalar.key.contains("environment") {
            super::environment::urls(&scalar.value, file.path, scalar.line, facts);
        }
    }
}

/// `FROM` lines.
pub(super) fn dockerfile(file: DiscoveryFile<'_>, facts: &mut Facts) {
    pattern!(FROM, r"(?i)^\s*FROM\s+(?:--\S+\s+)*(\S+)");
    for (line, text) in numbered(file.text) {
        if let Some(found) = FROM.captures(text) {
            image(group(&found, 1), file.path, line, facts);
        }
    }
}

/// `registry/name:tag`.
fn image(text: &str, path: &str, line: u32, facts: &mut Facts) {
    pattern!(DEFAULT, r"\$\{[A-Za-z_]\w*:?-([^}]*)\}");
    let text = DEFAULT.replace_all(text, "$1");
    let text = text.split('@').next().unwrap_or("");
    let last = text.rsplit('/').next().unwrap_or("");
    let (name, tag) = last.split_once(':').unwrap_or((last, ""));
    let name = name.to_ascii_lowercase();
    let number = version_of(tag);
    let place = at(path, line);
    match name.as_str() {
        "postgres" | "postgresql" | "postgis" => facts.tech(Slot::Db, "PostgreSQL", number, place),
        "timescaledb" | "timescaledb-ha" | "pgvector" | "pgrouting" | "supabase-postgres" => {
            pattern!(PG, r"pg(\d+)");
            let version = PG.captures(tag).map(|found| group(&found, 1).to_owned());
            facts.tech(Slot::Db, "PostgreSQL", version.as_deref(), place);
        }
        "mysql" | "mysql-server" | "percona" => facts.tech(Slot::Db, "MySQL", number, place),
        "mariadb" => facts.tech(Slot::Db, "MariaDB", number, place),
        "mongo" | "mongodb" => facts.tech(Slot::Db, "MongoDB", number, place),
        "cockroach" => facts.tech(Slot::Db, "CockroachDB", number, place),
        "redis" | "valkey" | "redis-stack" | "redis-stack-server" => {
            facts.tech(Slot::Other, REDIS_SERVER, number, place)
        }
        "pgbouncer" | "pgcat" | "odyssey" | "pgpool" | "supavisor" => facts.setting("pooler", &name, place),
        "python" => facts.tech(Slot::Language, "Python", number, place),
        "node" => facts.tech(Slot::Language, "Node.js", number, place),
        "golang" => facts.tech(Slot::Language, "Go", number, place),
        _ => {}
    }
}

fn version_of(tag: &str) -> Option<&str> {
    pattern!(NUMBER, r"^v?(\d+(?:\.\d+)*)");
    NUMBER.captures(tag).and_then(|found| found.get(1)).map(|found| found.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::discovery::discover;

    #[test]
    fn images_give_databases_with_versions_and_lines() {
        let text = "services:\n  db:\n    image: ${REGISTRY:-docker.io}/postgres:${PG:-16}-alpine\n  ts:\n    image: timescale/timescaledb:2.14-pg15\n  cache:\n    image: redis:7.2\n  pool:\n    image: edoburu/pgbouncer:1.22\n";
        let (store, problems) = discover(&[DiscoveryFile { path: "docker-compose.yml", text }], "d");
        assert_eq!(store.tech_stack.db, ["PostgreSQL 15", "PostgreSQL 16"]);
        assert_eq!(store.tech_stack.other, ["Redis 7.2"]);
        assert_eq!(store.db_config.settings.get("pooler").map(String::as_str), Some("pgbouncer"));
        assert_eq!(store.sources.get("tech_stack.db[1]").map(|s| s.line), Some(3));
        assert!(problems.is_empty());
    }

    #[test]
    fn dockerfile_names_the_language() {
        let mut facts = Facts::default();
        dockerfile(
            DiscoveryFile { path: "Dockerfile", text: "FROM --platform=x python:3.12-slim AS base\n" },
            &mut facts,
        );
        assert_eq!(facts.finish("d").0.tech_stack.languages, ["Python 3.12"]);
    }
}
