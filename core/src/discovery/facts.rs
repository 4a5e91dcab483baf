//! Collects facts with their places and turns them into the [`ContextStore`]. Contradicting facts
//! are kept side by side: `PostgreSQL 14` and `PostgreSQL 16`, `5 | 20`.

use super::conflicts::{self, Said};
use super::context::{Conflict, ContextStore, EventSubscriber, FactSource, numbered_key};
use super::pattern::pattern;
use super::technologies::{self, Ecosystem, Slot};
use crate::model::{Problem, ProblemKind};
use crate::order::InOrder as _;
use std::collections::{BTreeMap, BTreeSet};

/// How binding a package's version is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Binding {
    /// A lock file's version.
    Locked,
    /// A manifest's requirement.
    Required,
    /// A requirement for development or tests only: it names no technology of the product.
    Development,
    /// Only imported in source.
    Imported,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Package {
    binding: Binding,
    version: String,
    at: FactSource,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Tech {
    name: String,
    version: Option<String>,
    at: FactSource,
}

/// The collector.
#[derive(Debug, Default)]
pub(super) struct Facts {
    packages: BTreeMap<(Ecosystem, String), Vec<Package>>,
    stack: BTreeMap<Slot, Vec<Tech>>,
    settings: BTreeMap<String, Vec<(String, FactSource)>>,
    team: Option<(String, FactSource)>,
    pub(super) subscribers: Vec<EventSubscriber>,
    pub(super) problems: Vec<Problem>,
}

/// A place.
pub(super) fn at(path: &str, line: u32) -> FactSource {
    FactSource { file: path.to_owned(), line: line.max(1) }
}

impl Facts {
    /// A package with its requirement or version as written.
    pub(super) fn package(
        &mut self,
        ecosystem: Ecosystem,
        name: &str,
        version: &str,
        binding: Binding,
        at: FactSource,
    ) {
        let name = ecosystem.normalise(name);
        if name.is_empty() {
            return;
        }
        let version = version.trim().replace(char::is_whitespace, "");
        self.packages.entry((ecosystem, name)).or_default().push(Package { binding, version, at });
    }

    /// A technology that a file names outside of a manifest.
    pub(super) fn tech(&mut self, slot: Slot, name: &str, version: Option<&str>, at: FactSource) {
        let version = version.map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
        let found = self.stack.entry(slot).or_default();
        if !found.iter().any(|known| known.name == name && known.version == version) {
            found.push(Tech { name: name.to_owned(), version, at });
        }
    }

    /// A setting as written.
    pub(super) fn setting(&mut self, key: &str, value: &str, at: FactSource) {
        let value = mask(value.trim());
        if value.is_empty() {
            return;
        }
        let found = self.settings.entry(key.to_owned()).or_default();
        if !found.iter().any(|(known, _)| *known == value) {
            found.push((value, at));
        }
    }

    /// The Team ID; the first wins.
    pub(super) fn team(&mut self, id: &str, at: FactSource) {
        self.team.get_or_insert_with(|| (id.to_owned(), at));
    }

    /// Part of a file that could not be understood.
    pub(super) fn problem(&mut self, path: &str, line: u32, message: String) {
        self.problems.push(Problem { path: path.to_owned(), line, kind: ProblemKind::Manifest, message });
    }

    /// The store; best practices are left empty.
    pub(super) fn finish(mut self, date: &str) -> (ContextStore, Vec<Problem>) {
        let conflicts = self.conflicts();
        let mut store = ContextStore {
            conflicts,
            codebase_root: ".".to_owned(),
            output_dir: format!("docs/project/.audit/ln-650/{date}"),
            ..ContextStore::default()
        };
        self.add_packages(&mut store);
        for (slot, found) in &self.stack {
            let (list, key) = match slot {
                Slot::Language => (&mut store.tech_stack.languages, "tech_stack.languages"),
                Slot::Db => (&mut store.tech_stack.db, "tech_stack.db"),
                Slot::Orm => (&mut store.tech_stack.orm, "tech_stack.orm"),
                Slot::Web => (&mut store.tech_stack.web, "tech_stack.async"),
                Slot::Other => (&mut store.tech_stack.other, "tech_stack.other"),
            };
            for tech in distinct(found) {
                store.sources.insert(numbered_key(key, list.len()), tech.at.clone());
                list.push(tech.version.as_ref().map_or_else(|| tech.name.clone(), |v| format!("{} {v}", tech.name)));
            }
        }
        for (key, found) in &mut self.settings {
            found.order_by(|a, b| a.1.cmp(&b.1));
            let mut values: Vec<&str> = Vec::new();
            for (value, at) in found.iter() {
                if !values.contains(&value.as_str()) {
                    store.sources.insert(numbered_key(&format!("db_config.{key}"), values.len()), at.clone());
                    values.push(value);
                }
            }
            store.db_config.settings.insert(key.clone(), values.join(" | "));
        }
        if let Some((id, at)) = self.team {
            store.team_id = Some(id);
            store.sources.insert("team_id".to_owned(), at);
        }
        self.subscribers.order();
        self.subscribers.dedup();
        store.db_config.event_subscribers = self.subscribers;
        self.problems.order();
        self.problems.dedup();
        (store, self.problems)
    }

    /// What sources contradict each other about, by fact.
    fn conflicts(&self) -> Vec<Conflict> {
        let mut versions: BTreeMap<(bool, &str), Vec<Said>> = BTreeMap::new();
        for (slot, techs) in &self.stack {
            for tech in techs {
                if let Some(version) = &tech.version {
                    let package = !matches!(slot, Slot::Language | Slot::Db) && tech.name != technologies::REDIS_SERVER;
                    versions.entry((package, &tech.name)).or_default().push((version.clone(), tech.at.clone()));
                }
            }
        }
        // Database names, each with whether the stack note says it.
        let named = |tech: &Tech| {
            (tech.version.as_ref().map_or_else(|| tech.name.clone(), |v| format!("{} {v}", tech.name)), tech.at.clone())
        };
        let mut databases: Vec<Said> = self.stack.get(&Slot::Db).into_iter().flatten().map(named).collect();
        for ((ecosystem, name), found) in &self.packages {
            let Some(first) = found.iter().find(|p| p.binding == Binding::Required) else { continue };
            // A package that stands for two technologies contradicts itself once.
            for (number, row) in technologies::of(*ecosystem, name).enumerate() {
                let stated = found.iter().filter(|p| matches!(p.binding, Binding::Required | Binding::Locked));
                for package in stated.filter(|p| number == 0 && !p.version.is_empty() && p.version != "*") {
                    let said = (package.version.clone(), package.at.clone());
                    versions.entry((true, row.display)).or_default().push(said);
                }
                databases.extend(row.implies.map(|implied| (implied.to_owned(), first.at.clone())));
            }
        }
        let mut out: Vec<Conflict> = contradicted_note(&databases).into_iter().collect();
        out.extend(versions.iter().filter_map(|((package, name), said)| {
            if *package {
                conflicts::of_packages(name, said, is_stack_note)
            } else {
                conflicts::of_versions(name, said)
            }
        }));
        out.extend(self.settings.iter().filter_map(|(name, said)| conflicts::of_setting(name, said)));
        out.order();
        out.dedup_by(|a, b| a.fact == b.fact);
        out
    }

    /// Packages, and the technologies that they stand for.
    fn add_packages(&mut self, store: &mut ContextStore) {
        let declared: BTreeSet<Ecosystem> = self
            .packages
            .iter()
            .filter(|(_, found)| found.iter().any(|p| matches!(p.binding, Binding::Required | Binding::Development)))
            .map(|((ecosystem, _), _)| *ecosystem)
            .collect();
        let mut techs: Vec<(Slot, Tech)> = Vec::new();
        let mut implied: Vec<(&'static str, FactSource)> = Vec::new();
        for ((ecosystem, name), found) in &mut self.packages {
            found.order();
            let rows: Vec<_> = technologies::of(*ecosystem, name).collect();
            let stated = found.iter().any(|p| matches!(p.binding, Binding::Required | Binding::Development));
            let imported = found.iter().any(|p| p.binding == Binding::Imported);
            if !stated && !imported && (declared.contains(ecosystem) || rows.is_empty()) {
                continue; // locked, but only because something else needs it
            }
            let best = best_versions(found);
            let key = ecosystem.key(name);
            store
                .tech_stack
                .packages
                .insert(key.clone(), best.iter().map(|p| p.version.as_str()).collect::<Vec<_>>().join(" | "));
            for (index, package) in best.iter().enumerate() {
                store.sources.insert(numbered_key(&format!("tech_stack.packages.{key}"), index), package.at.clone());
            }
            if found.iter().all(|p| matches!(p.binding, Binding::Development | Binding::Locked)) && stated {
                continue;
            }
            for row in &rows {
                for package in &best {
                    let version = display_version(&package.version);
                    techs.push((row.slot, Tech { name: row.display.to_owned(), version, at: package.at.clone() }));
                }
                if let (Some(db), Some(first)) = (row.implies, best.first()) {
                    implied.push((db, first.at.clone()));
                }
            }
        }
        for (slot, tech) in techs {
            self.stack.entry(slot).or_default().push(tech);
        }
        for (name, at) in implied {
            self.stack.entry(Slot::Db).or_default().push(Tech { name: name.to_owned(), version: None, at });
        }
    }
}

/// The most binding statements with distinct versions; ranges count as one statement each.
fn best_versions(found: &[Package]) -> Vec<&Package> {
    let strength = |p: &Package| match p.binding {
        Binding::Locked => 0,
        _ if p.version.starts_with("==") => 1,
        _ if !p.version.is_empty() && p.version != "*" => 2,
        _ => 3,
    };
    let best = found.iter().map(strength).min().unwrap_or(3);
    let mut kept: Vec<&Package> = Vec::new();
    for package in found.iter().filter(|p| strength(p) == best) {
        if !kept.iter().any(|k| k.version == package.version) {
            kept.push(package);
        }
    }
    kept
}

/// `==2.0.30` reads `2.0.30`; `*` reads as nothing; ranges stay as stated.
fn display_version(version: &str) -> Option<String> {
    let text = version.trim_start_matches("==").trim_start_matches('v');
    (!text.is_empty() && text != "*" && text != "latest").then(|| text.to_owned())
}

/// Distinct technologies in order of name; one without a version yields to one with.
fn distinct(found: &[Tech]) -> Vec<&Tech> {
    let mut sorted: Vec<&Tech> = found.iter().collect();
    sorted.order();
    let mut kept: Vec<&Tech> = Vec::new();
    for tech in sorted {
        let versioned = found.iter().any(|other| other.name == tech.name && other.version.is_some());
        let refined = tech.version.as_ref().is_some_and(|v| {
            found.iter().any(|other| {
                other.name == tech.name && other.version.as_ref().is_some_and(|o| o.starts_with(&format!("{v}.")))
            })
        });
        let known = kept.iter().any(|other| other.name == tech.name && other.version == tech.version);
        if !known && !refined && (tech.version.is_some() || !versioned) {
            kept.push(tech);
        }
    }
    kept
}

/// A stack note that names only databases which nothing else names.
fn contradicted_note(databases: &[Said]) -> Option<Conflict> {
    let family = |said: &Said| match said.0.split(' ').next() {
        Some("MariaDB") => "MySQL".to_owned(),
        Some("CockroachDB") => "PostgreSQL".to_owned(),
        other => other.unwrap_or_default().to_owned(),
    };
    let (noted, seen): (Vec<&Said>, Vec<&Said>) = databases.iter().partition(|said| is_stack_note(&said.1.file));
    let agree = noted.iter().any(|noted| seen.iter().any(|seen| family(noted) == family(seen)));
    if agree || noted.is_empty() || seen.is_empty() { None } else { conflicts::all("database", databases) }
}

/// Whether the file is the project's note on its stack.
fn is_stack_note(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    matches!(name.as_str(), "tech_stack.md" | "tech-stack.md")
}

/// Hides passwords in URLs.
pub(super) fn mask(text: &str) -> String {
    pattern!(CREDENTIALS, r"([a-zA-Z][\w+.-]*://[^\s:/@]*):[^\s@]+@");
    CREDENTIALS.replace_all(text, "$1:***@").into_owned()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
    use super::*;

    #[test]
    fn contradictions_are_kept_and_versions_beat_bare_names() {
        let mut facts = Facts::default();
        facts.tech(Slot::Db, "PostgreSQL", None, at("a", 1));
        facts.tech(Slot::Db, "PostgreSQL", Some("16"), at("docs", 3));
        facts.tech(Slot::Db, "PostgreSQL", Some("14"), at("compose.yml", 2));
        facts.setting("pool_size", "5", at("a.py", 1));
        facts.setting("pool_size", "20", at("b.py", 9));
        let (store, problems) = facts.finish("2026-01-02");
        assert_eq!(store.tech_stack.db, ["PostgreSQL 14", "PostgreSQL 16"]);
        assert_eq!(store.sources["tech_stack.db[1]"], at("docs", 3));
        let conflict = &store.conflicts[0];
        assert_eq!((store.conflicts.len(), conflict.fact.as_str()), (1, "PostgreSQL"));
        let values: Vec<_> = conflict.values.iter().map(|v| (v.file.as_str(), v.line, v.value.as_str())).collect();
        assert_eq!(values, [("compose.yml", 2, "14"), ("docs", 3, "16")]);
        assert_eq!(store.db_config.settings["pool_size"], "5 | 20");
        assert_eq!(store.sources["db_config.pool_size[1]"], at("b.py", 9));
        assert_eq!(store.output_dir, "docs/project/.audit/ln-650/2026-01-02");
        assert!(problems.is_empty());
    }

    #[test]
    fn a_stack_note_that_names_another_database_is_a_conflict() {
        let db = |note: &str, driver: &str| {
            let mut facts = Facts::default();
            facts.tech(Slot::Db, note, None, at("docs/project/tech_stack.md", 8));
            facts.package(Ecosystem::Python, driver, "==1", Binding::Required, at("requirements.txt", 3));
            facts.finish("d").0.conflicts
        };
        assert!(db("PostgreSQL", "asyncpg").is_empty());
        assert!(db("MariaDB", "pymysql").is_empty());
        let found = db("MySQL", "asyncpg");
        assert_eq!(found[0].fact, "database");
        let values: Vec<_> = found[0].values.iter().map(|v| v.value.as_str()).collect();
        assert_eq!(values, ["MySQL", "PostgreSQL"]);
    }

    #[test]
    fn a_lock_file_outside_of_its_requirement_is_a_conflict() {
        let mut facts = Facts::default();
        let py = Ecosystem::Python;
        facts.package(py, "sqlalchemy", ">=2.0", Binding::Required, at("pyproject.toml", 4));
        facts.package(py, "sqlalchemy", "1.4.49", Binding::Locked, at("poetry.lock", 90));
        facts.package(py, "click", ">=8", Binding::Required, at("pyproject.toml", 5));
        facts.package(py, "click", "7.1", Binding::Locked, at("poetry.lock", 10));
        let (store, _) = facts.finish("d");
        assert_eq!(store.conflicts.len(), 1, "only what the checks know: {:?}", store.conflicts);
        assert_eq!(store.conflicts[0].fact, "SQLAlchemy");
    }

    #[test]
    fn lock_versions_win_and_transitive_packages_stay_out() {
        let mut facts = Facts::default();
        let py = Ecosystem::Python;
        facts.package(py, "SQLAlchemy", ">=2.0", Binding::Required, at("pyproject.toml", 4));
        facts.package(py, "sqlalchemy", "2.0.30", Binding::Locked, at("uv.lock", 90));
        facts.package(py, "aiohttp", "3.9.1", Binding::Locked, at("uv.lock", 9));
        facts.package(py, "aiosqlite", "", Binding::Development, at("pyproject.toml", 9));
        let (store, _) = facts.finish("d");
        assert_eq!(store.tech_stack.orm, ["SQLAlchemy 2.0.30"]);
        assert_eq!(store.tech_stack.packages["sqlalchemy"], "2.0.30");
        assert!(store.tech_stack.db.is_empty());
        assert!(!store.tech_stack.packages.contains_key("aiohttp"));
    }

    #[test]
    fn passwords_are_masked() {
        assert_eq!(mask("postgresql+asyncpg://app:s3cr/et@db:5432/x"), "postgresql+asyncpg://app:***@db:5432/x");
        assert_eq!(mask("pool_size=5"), "pool_size=5");
    }
}
