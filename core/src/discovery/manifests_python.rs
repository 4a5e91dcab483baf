//! Python manifests and lock files.

use super::facts::{Binding, Facts, at};
use super::flat;
use super::manifests_node::key_lines;
use super::pattern::{group, line_at, numbered, pattern};
use super::read::{DiscoveryFile, add_requirement};
use super::technologies::{Ecosystem, Slot};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// `requirements*.txt`, `constraints*.txt`, `*.in`. Files named by `-r`/`-c` are read by themselves.
pub(super) fn requirements(file: DiscoveryFile<'_>, facts: &mut Facts) {
    let lower = file.path.to_ascii_lowercase();
    let binding = if ["dev", "test", "lint", "doc"].iter().any(|word| lower.contains(word)) {
        Binding::Development
    } else if lower.contains("constraints") {
        Binding::Locked
    } else {
        Binding::Required
    };
    for (line, text) in numbered(file.text) {
        let text = text.trim();
        if text.is_empty() || text.starts_with(['#', '-', '.', '/']) || text.contains("://") && !text.contains('@') {
            continue;
        }
        add_requirement(text, binding, file.path, line, facts);
    }
}

/// `[project]`, `[tool.poetry]`, `[dependency-groups]`, `[tool.uv]`, `[tool.pdm]`.
pub(super) fn pyproject(file: DiscoveryFile<'_>, facts: &mut Facts) {
    let reader = Toml { file };
    let document = reader.parse(facts);
    let root = document.get_ref();
    let project = table(get(root, "project"));
    if let Some(project) = project {
        if let Some(version) = get(project, "requires-python") {
            reader.language(version, facts);
        }
        reader.requirement_list(get(project, "dependencies"), Binding::Required, facts);
        for (_, list) in entries(table(get(project, "optional-dependencies"))) {
            reader.requirement_list(Some(list), Binding::Required, facts);
        }
    }
    for (_, list) in entries(table(get(root, "dependency-groups"))) {
        reader.requirement_list(Some(list), Binding::Development, facts);
    }
    let Some(tool) = table(get(root, "tool")) else { return };
    if let Some(poetry) = table(get(tool, "poetry")) {
        reader.poetry_table(table(get(poetry, "dependencies")), Binding::Required, facts);
        reader.poetry_table(table(get(poetry, "dev-dependencies")), Binding::Development, facts);
        for (_, group) in entries(table(get(poetry, "group"))) {
            let dependencies = table(Some(group)).and_then(|group| table(get(group, "dependencies")));
            reader.poetry_table(dependencies, Binding::Development, facts);
        }
    }
    if let Some(uv) = table(get(tool, "uv")) {
        reader.requirement_list(get(uv, "dev-dependencies"), Binding::Development, facts);
    }
    for (_, list) in entries(table(get(tool, "pdm")).and_then(|pdm| table(get(pdm, "dev-dependencies")))) {
        reader.requirement_list(Some(list), Binding::Development, facts);
    }
}

/// `Pipfile`.
pub(super) fn pipfile(file: DiscoveryFile<'_>, facts: &mut Facts) {
    let reader = Toml { file };
    let document = reader.parse(facts);
    let root = document.get_ref();
    reader.poetry_table(table(get(root, "packages")), Binding::Required, facts);
    reader.poetry_table(table(get(root, "dev-packages")), Binding::Development, facts);
    if let Some(version) = table(get(root, "requires")).and_then(|requires| get(requires, "python_version")) {
        reader.language(version, facts);
    }
}

/// `Pipfile.lock`.
pub(super) fn pipfile_lock(file: DiscoveryFile<'_>, facts: &mut Facts) {
    let value: serde_json::Value = match serde_json::from_str(file.text) {
        Ok(value) => value,
        Err(error) => {
            facts.problem(file.path, line_of_json(&error), format!("not valid JSON: {error}"));
            return;
        }
    };
    let lines = key_lines(file.text);
    for (name, package) in value.get("default").and_then(|list| list.as_object()).into_iter().flatten() {
        if let Some(version) = package.get("version").and_then(|version| version.as_str()) {
            let line = lines.get(name.as_str()).copied().unwrap_or(1);
            facts.package(
                Ecosystem::Python,
                name,
                version.trim_start_matches("=="),
                Binding::Locked,
                at(file.path, line),
            );
        }
    }
}

/// Line of a JSON error.
pub(super) fn line_of_json(error: &serde_json::Error) -> u32 {
    u32::try_from(error.line()).unwrap_or(0)
}

/// `uv.lock`, `poetry.lock`, `pdm.lock`: `[[package]]` blocks, line by line.
pub(super) fn lock(file: DiscoveryFile<'_>, facts: &mut Facts) {
    let mut name: Option<&str> = None;
    for (line, text) in numbered(file.text) {
        if text.starts_with('[') {
            name = None;
        } else if let Some(value) = text.strip_prefix("name = ") {
            name = Some(flat::unquote(value.trim()));
        } else if let (Some(package), Some(value)) = (name, text.strip_prefix("version = ")) {
            let version = flat::unquote(value.trim());
            facts.package(Ecosystem::Python, package, version, Binding::Locked, at(file.path, line));
            name = None;
        }
    }
}

/// `setup.cfg`: `install_requires`, `extras_require`, `python_requires`.
pub(super) fn setup_cfg(file: DiscoveryFile<'_>, facts: &mut Facts) {
    let mut section = "";
    let mut key = String::new();
    for (line, text) in numbered(file.text) {
        let trimmed = text.trim();
        if trimmed.is_empty() || trimmed.starts_with(['#', ';']) {
            continue;
        }
        if let Some(name) = trimmed.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            section = name;
            key.clear();
            continue;
        }
        let mut item = trimmed;
        if !text.starts_with(char::is_whitespace)
            && let Some((left, right)) = trimmed.split_once('=')
        {
            left.trim().clone_into(&mut key);
            item = right.trim();
        }
        if key == "python_requires" && section == "options" && !item.is_empty() {
            facts.tech(Slot::Language, "Python", Some(item), at(file.path, line));
        } else if (section == "options" && key == "install_requires") || section == "options.extras_require" {
            let development = ["dev", "test", "tests", "docs", "lint"].contains(&key.as_str());
            let binding = if development { Binding::Development } else { Binding::Required };
            add_requirement(item, binding, file.path, line, facts);
        }
    }
}

/// `setup.py`: quoted requirements inside `install_requires=[…]` and `python_requires="…"`.
pub(super) fn setup_py(file: DiscoveryFile<'_>, facts: &mut Facts) {
    pattern!(PYTHON, r#"python_requires\s*=\s*["']([^"']+)["']"#);
    pattern!(
        LIST,
        r"(?s)(?:install_requires|requirements|requires|REQUIREMENTS|INSTALL_REQUIRES)\s*=\s*\[(.*?)\]\s*[,)\n]"
    );
    pattern!(QUOTED, r#"["']([A-Za-z][^"'\n]*)["']"#);
    if let Some(found) = PYTHON.captures(file.text) {
        let line = line_at(file.text, found.get(0).map_or(0, |all| all.start()));
        facts.tech(Slot::Language, "Python", Some(group(&found, 1)), at(file.path, line));
    }
    for list in LIST.captures_iter(file.text) {
        let Some(body) = list.get(1) else { continue };
        for item in QUOTED.captures_iter(body.as_str()) {
            let offset = body.start() + item.get(1).map_or(0, |text| text.start());
            add_requirement(group(&item, 1), Binding::Required, file.path, line_at(file.text, offset), facts);
        }
    }
}

/// A wheel's `METADATA` or an sdist's `PKG-INFO`: headers up to the first empty line.
pub(super) fn metadata(file: DiscoveryFile<'_>, facts: &mut Facts) {
    for (line, text) in numbered(file.text).take_while(|(_, text)| !text.trim().is_empty()) {
        if let Some(value) = text.strip_prefix("Requires-Dist:") {
            let extra = value.split_once(';').map_or("", |(_, marker)| marker);
            let development = ["dev", "test", "tests", "docs", "lint"].iter().any(|word| {
                extra.contains(&format!("extra == '{word}'")) || extra.contains(&format!("extra == \"{word}\""))
            });
            let binding = if development { Binding::Development } else { Binding::Required };
            add_requirement(value, binding, file.path, line, facts);
        } else if let Some(value) = text.strip_prefix("Requires-Python:") {
            facts.tech(Slot::Language, "Python", Some(value), at(file.path, line));
        }
    }
}

/// Conda `environment.yml`: `- name=1.2` items and its pip section.
pub(super) fn conda(file: DiscoveryFile<'_>, facts: &mut Facts) {
    for scalar in flat::yaml(file.text) {
        if !scalar.key.starts_with("dependencies") {
            continue;
        }
        pattern!(SINGLE, r"^([\w.-]+)=([\d][\w.]*)(?:=\w+)?$");
        let text = SINGLE.replace(&scalar.value, "$1==$2").into_owned();
        if let Some(version) = text.strip_prefix("python==") {
            facts.tech(Slot::Language, "Python", Some(version), at(file.path, scalar.line));
        } else {
            add_requirement(&text, Binding::Required, file.path, scalar.line, facts);
        }
    }
}

/// Reads one TOML file with lines.
struct Toml<'a> {
    file: DiscoveryFile<'a>,
}

impl<'a> Toml<'a> {
    fn parse(&self, facts: &mut Facts) -> Spanned<DeTable<'a>> {
        let (document, errors) = DeTable::parse_recoverable(self.file.text);
        if let Some(error) = errors.first() {
            let line = error.span().map_or(0, |span| line_at(self.file.text, span.start));
            facts.problem(self.file.path, line, format!("not valid TOML: {}", error.message()));
        }
        document
    }

    fn line(&self, span: &std::ops::Range<usize>) -> u32 {
        line_at(self.file.text, span.start)
    }

    fn language(&self, value: &Spanned<DeValue<'_>>, facts: &mut Facts) {
        if let Some(text) = value.get_ref().as_str() {
            facts.tech(Slot::Language, "Python", Some(text), at(self.file.path, self.line(&value.span())));
        }
    }

    fn requirement_list(&self, value: Option<&Spanned<DeValue<'_>>>, binding: Binding, facts: &mut Facts) {
        let Some(DeValue::Array(items)) = value.map(Spanned::get_ref) else { return };
        for item in items {
            if let Some(text) = item.get_ref().as_str() {
                add_requirement(text, binding, self.file.path, self.line(&item.span()), facts);
            }
        }
    }

    fn poetry_table(&self, dependencies: Option<&DeTable<'_>>, binding: Binding, facts: &mut Facts) {
        for (name, value) in entries(dependencies) {
            let place = at(self.file.path, self.line(&name.span()));
            let version = match value.get_ref() {
                DeValue::Table(inner) => get(inner, "version").and_then(|v| v.get_ref().as_str()).unwrap_or(""),
                other => other.as_str().unwrap_or(""),
            };
            if name.get_ref() == "python" {
                facts.tech(Slot::Language, "Python", Some(version), place);
            } else {
                facts.package(Ecosystem::Python, name.get_ref(), version, binding, place);
            }
        }
    }
}

fn get<'t, 'i>(table: &'t DeTable<'i>, key: &str) -> Option<&'t Spanned<DeValue<'i>>> {
    table.iter().find(|(name, _)| name.get_ref() == key).map(|(_, value)| value)
}

fn table<'t, 'i>(value: Option<&'t Spanned<DeValue<'i>>>) -> Option<&'t DeTable<'i>> {
    match value.map(Spanned::get_ref) {
        Some(DeValue::Table(table)) => Some(table),
        _ => None,
    }
}

type Entry<'t, 'i> = (&'t Spanned<std::borrow::Cow<'i, str>>, &'t Spanned<DeValue<'i>>);

fn entries<'t, 'i>(table: Option<&'t DeTable<'i>>) -> impl Iterator<Item = Entry<'t, 'i>> {
    table.into_iter().flat_map(DeTable::iter)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
    use super::*;
    use crate::discovery::{ContextStore, discover};
    use crate::model::Problem;

    fn one(path: &str, text: &str) -> (ContextStore, Vec<Problem>) {
        discover(&[DiscoveryFile { path, text }], "2026-01-01")
    }

    #[test]
    fn requirements_with_options_remarks_and_extras() {
        let text = "-r base.txt\n-c constraints.txt\n# web\nfastapi[standard]>=0.110,<0.120 ; python_version > '3.8'\nSQLAlchemy==2.0.30  # pinned\npsycopg[binary]\ngit+https://example.org/x.git\n";
        let (store, problems) = one("requirements.txt", text);
        assert_eq!(store.tech_stack.orm, ["SQLAlchemy 2.0.30", "psycopg"]);
        assert_eq!(store.tech_stack.web, ["FastAPI >=0.110,<0.120"]);
        assert_eq!(store.tech_stack.db, ["PostgreSQL"]);
        assert_eq!(store.sources["tech_stack.packages.sqlalchemy"].line, 5);
        assert!(problems.is_empty());
    }

    #[test]
    fn pyproject_in_its_forms() {
        let text = "[project]\nrequires-python = \">=3.12\"\ndependencies = [\n  \"fastapi>=0.115\",\n  \"sqlalchemy[asyncio]>=2.0\",\n]\n[dependency-groups]\ndev = [\"aiosqlite\", {include-group = \"x\"}]\n[tool.poetry.dependencies]\npython = \"^3.11\"\ncelery = {version = \"^5.3\", extras = [\"redis\"]}\n";
        let (store, problems) = one("pyproject.toml", text);
        assert_eq!(store.tech_stack.languages, ["Python >=3.12", "Python ^3.11"]);
        assert_eq!(store.tech_stack.packages["fastapi"], ">=0.115");
        assert_eq!(store.sources["tech_stack.packages.sqlalchemy"].line, 5);
        assert_eq!(store.tech_stack.other, ["Celery ^5.3"]);
        assert!(store.tech_stack.db.is_empty(), "development drivers name no database");
        assert!(problems.is_empty());
    }

    #[test]
    fn broken_toml_is_a_problem_and_the_rest_is_read() {
        let (store, problems) = one("pyproject.toml", "[project]\ndependencies = [\"flask>=3\"]\n[tool.x\ny = 1\n");
        assert_eq!(problems.len(), 1);
        assert_eq!(problems[0].line, 3);
        assert_eq!(store.tech_stack.web, ["Flask >=3"]);
    }

    #[test]
    fn lock_files_metadata_setup_and_pipfile() {
        let files = [
            DiscoveryFile { path: "pyproject.toml", text: "[project]\ndependencies=[\"django\"]\n" },
            DiscoveryFile {
                path: "uv.lock",
                text: "version = 1\n[[package]]\nname = \"django\"\nversion = \"5.1.2\"\n[[package]]\nname = \"redis\"\nversion = \"5\"\n",
            },
        ];
        let (store, _) = discover(&files, "d");
        assert_eq!(store.tech_stack.web, ["Django 5.1.2"]);
        assert!(store.tech_stack.other.is_empty());
        let (store, _) = one(
            "x-1.dist-info/METADATA",
            "Name: x\nRequires-Python: >=3.9\nRequires-Dist: httpx (>=0.27)\nRequires-Dist: asyncpg; extra == 'test'\n\nRequires-Dist: flask\n",
        );
        assert_eq!(store.tech_stack.other, ["httpx >=0.27"]);
        assert!(store.tech_stack.orm.is_empty() && store.tech_stack.web.is_empty());
        let (store, _) = one(
            "setup.cfg",
            "[options]\npython_requires = >=3.8\ninstall_requires =\n    peewee>=3\n    rq\n[options.extras_require]\ntest =\n    flask\n",
        );
        assert_eq!(store.tech_stack.orm, ["Peewee >=3"]);
        assert!(store.tech_stack.web.is_empty());
        let (store, _) = one(
            "setup.py",
            "setup(name='x', python_requires='>=3.8', install_requires=[\n  'requests[socks]>=2',\n  'pymysql',\n], )\n",
        );
        assert_eq!(store.tech_stack.other, ["requests >=2"]);
        assert_eq!(store.tech_stack.db, ["MySQL"]);
        let (store, _) = one("Pipfile", "[packages]\ndjango = \"~=5.0\"\n[requires]\npython_version = \"3.12\"\n");
        assert_eq!(store.tech_stack.languages, ["Python 3.12"]);
        let (_, problems) = one("Pipfile.lock", "{\n\"default\": {,}}");
        assert_eq!(problems[0].line, 2);
    }
}
