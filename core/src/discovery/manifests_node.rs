//! Node manifests and lock files.

use super::facts::{Binding, Facts, at};
use super::manifests_python::line_of_json;
use super::pattern::{group, line_at, numbered, pattern};
use super::read::DiscoveryFile;
use super::technologies::{Ecosystem, Slot};
use serde_json::Value;
use std::collections::BTreeMap;

/// `package.json`.
pub(super) fn package_json(file: DiscoveryFile<'_>, facts: &mut Facts) {
    let Some(value) = json(file, facts) else { return };
    let engine = value.pointer("/engines/node").and_then(Value::as_str);
    facts.tech(Slot::Language, "Node.js", engine, at(file.path, line_of_key(file.text, "engines", "node")));
    for section in ["dependencies", "peerDependencies", "optionalDependencies", "devDependencies"] {
        let binding = if section == "devDependencies" { Binding::Development } else { Binding::Required };
        for (name, version) in value.get(section).and_then(Value::as_object).into_iter().flatten() {
            let place = at(file.path, line_of_key(file.text, section, name));
            // `catalog:`, `workspace:*`, `file:…` and addresses say where it comes from, not which version it is.
            let version = version.as_str().filter(|version| !version.contains(':')).unwrap_or("");
            if name == "typescript" {
                facts.tech(Slot::Language, "TypeScript", Some(version), place.clone());
            }
            facts.package(Ecosystem::Node, name, version, binding, place);
        }
    }
}

/// `package-lock.json`, versions 1 to 3.
pub(super) fn package_lock(file: DiscoveryFile<'_>, facts: &mut Facts) {
    let Some(value) = json(file, facts) else { return };
    let lines = key_lines(file.text);
    for (key, section) in [("packages", "node_modules/"), ("dependencies", "")] {
        for (name, package) in value.get(key).and_then(Value::as_object).into_iter().flatten() {
            let Some(bare) =
                name.strip_prefix(section).filter(|bare| !bare.is_empty() && !bare.contains("node_modules/"))
            else {
                continue;
            };
            if let Some(version) = package.get("version").and_then(Value::as_str) {
                let line = lines.get(name.as_str()).copied().unwrap_or(1);
                facts.package(Ecosystem::Node, bare, version, Binding::Locked, at(file.path, line));
            }
        }
    }
}

/// `yarn.lock`, classic and berry.
pub(super) fn yarn_lock(file: DiscoveryFile<'_>, facts: &mut Facts) {
    pattern!(HEAD, r#"^"?(@?[^@"\s]+)@"#);
    pattern!(VERSION, r#"^\s+version:?\s+"?([^"\s]+)"#);
    let mut name: Option<String> = None;
    for (line, text) in numbered(file.text) {
        if let Some(found) = HEAD.captures(text) {
            name = Some(group(&found, 1).to_owned());
        } else if let Some(found) = VERSION.captures(text)
            && let Some(package) = name.take()
        {
            facts.package(Ecosystem::Node, &package, group(&found, 1), Binding::Locked, at(file.path, line));
        }
    }
}

/// `pnpm-lock.yaml`: keys `/name@1.2.3` (or `name@1.2.3`) of its packages.
pub(super) fn pnpm_lock(file: DiscoveryFile<'_>, facts: &mut Facts) {
    pattern!(KEY, r"^\s{2}'?/?(@?[^@\s'/]+(?:/[^@\s']+)?)@(\d[^\s:('_]*)");
    for (line, text) in numbered(file.text) {
        if let Some(found) = KEY.captures(text) {
            facts.package(Ecosystem::Node, group(&found, 1), group(&found, 2), Binding::Locked, at(file.path, line));
        }
    }
}

/// Parses, or notes the problem.
pub(super) fn json(file: DiscoveryFile<'_>, facts: &mut Facts) -> Option<Value> {
    match serde_json::from_str(file.text) {
        Ok(value) => Some(value),
        Err(error) => {
            facts.problem(file.path, line_of_json(&error), format!("not valid JSON: {error}"));
            None
        }
    }
}

/// First line of each key that opens an object.
pub(super) fn key_lines(text: &str) -> BTreeMap<&str, u32> {
    let mut lines = BTreeMap::new();
    for (line, content) in numbered(text) {
        if let Some((key, rest)) = content.trim_start().strip_prefix('"').and_then(|rest| rest.split_once('"'))
            && rest.trim_start().starts_with(':')
        {
            lines.entry(key).or_insert(line);
        }
    }
    lines
}

fn line_of_key(text: &str, section: &str, key: &str) -> u32 {
    let start = text.find(&format!("\"{section}\"")).unwrap_or(0);
    let rest = text.get(start..).unwrap_or("");
    rest.find(&format!("\"{key}\"")).map_or(1, |offset| line_at(text, start + offset))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
    use super::*;
    use crate::discovery::discover;

    #[test]
    fn package_json_with_locked_versions() {
        let files = [
            DiscoveryFile {
                path: "package.json",
                text: "{\n \"engines\": {\"node\": \">=20\"},\n \"dependencies\": {\n  \"pg\": \"^8.11.0\",\n  \"express\": \"4\"\n },\n \"devDependencies\": {\"typescript\": \"5.4\", \"knex\": \"3\"}\n}",
            },
            DiscoveryFile {
                path: "package-lock.json",
                text: "{\"packages\": {\"\": {}, \"node_modules/pg\": {\"version\": \"8.12.1\"}, \"node_modules/axios\": {\"version\": \"1.0.0\"}}}",
            },
        ];
        let (store, problems) = discover(&files, "d");
        assert_eq!(store.tech_stack.languages, ["Node.js >=20", "TypeScript 5.4"]);
        assert_eq!(store.tech_stack.orm, ["node-postgres 8.12.1"]);
        assert_eq!(store.tech_stack.web, ["Express 4"]);
        assert_eq!(store.tech_stack.db, ["PostgreSQL"]);
        assert!(store.tech_stack.other.is_empty());
        assert_eq!(store.sources["tech_stack.packages.npm:express"].line, 5);
        assert!(problems.is_empty());
    }

    #[test]
    fn where_a_package_comes_from_is_no_version() {
        let text = r#"{"dependencies": {"express": "workspace:*", "pg": "npm:pg-fork@1.2"}, "devDependencies": {"typescript": "catalog:"}}"#;
        let (store, _) = discover(&[DiscoveryFile { path: "package.json", text }], "d");
        assert_eq!(store.tech_stack.languages, ["Node.js", "TypeScript"]);
        assert_eq!(
            (store.tech_stack.web, store.tech_stack.orm),
            (vec!["Express".to_owned()], vec!["node-postgres".to_owned()])
        );
    }

    #[test]
    fn other_locks_and_broken_json() {
        let (store, _) = discover(
            &[DiscoveryFile {
                path: "yarn.lock",
                text: "# yarn\n\"@prisma/client@^5\":\n  version \"5.4.2\"\n\nleft@1:\n  version \"1\"\n",
            }],
            "d",
        );
        assert_eq!(store.tech_stack.orm, ["Prisma 5.4.2"]);
        let (store, _) = discover(
            &[DiscoveryFile {
                path: "pnpm-lock.yaml",
                text: "packages:\n  /@nestjs/core@10.2.0(x@1):\n    a: b\n  mysql2@3.6.0:\n",
            }],
            "d",
        );
        assert_eq!(store.tech_stack.web, ["NestJS 10.2.0"]);
        assert_eq!(store.tech_stack.db, ["MySQL"]);
        let (_, problems) = discover(&[DiscoveryFile { path: "package.json", text: "{\n\"a\": 1,,\n}" }], "d");
        assert_eq!((problems.len(), problems[0].line), (1, 2));
    }
}
