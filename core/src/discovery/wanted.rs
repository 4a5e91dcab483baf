//! Which files discovery reads: known by path, or, for source code, by a word in the text.

use super::pattern::pattern;

/// Whether discovery reads the file at `path` whatever it contains: manifests, settings, compose
/// files, migrations, SQL, decisions and project notes. `path` is relative, with `/`.
#[must_use]
pub fn wanted(path: &str) -> bool {
    let lower = path.to_ascii_lowercase();
    let (folder, name) = lower.rsplit_once('/').unwrap_or(("", &lower));
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    is_manifest(folder, name)
        || is_configuration(name)
        || extension == "sql"
        || is_project_note(&lower)
        || (extension == "py" && in_folder(&lower, &["migrations", "versions", "alembic"]))
}

/// Whether discovery reads this source text: it configures an engine or an application, or listens
/// to a channel.
#[must_use]
pub fn wanted_source(text: &str) -> bool {
    pattern!(
        WORDS,
        r#"create_engine\(|create_async_engine\(|sessionmaker\(|create_pool\(|ConnectionPool\(|SQLALCHEMY_|DATABASES|ATOMIC_REQUESTS|INSTALLED_APPS|FastAPI\(|Flask\(__name__|Starlette\(|Celery\(|add_listener\(|\.p?subscribe\(|LISTEN |listen "#
    );
    WORDS.is_match(text)
}

fn in_folder(path: &str, names: &[&str]) -> bool {
    path.split('/').rev().skip(1).any(|part| names.contains(&part))
}

fn is_manifest(folder: &str, name: &str) -> bool {
    matches!(
        name,
        "pyproject.toml"
            | "setup.cfg"
            | "setup.py"
            | "pipfile"
            | "pipfile.lock"
            | "uv.lock"
            | "poetry.lock"
            | "pdm.lock"
            | "package.json"
            | "package-lock.json"
            | "npm-shrinkwrap.json"
            | "yarn.lock"
            | "pnpm-lock.yaml"
            | "go.mod"
            | "pom.xml"
            | "build.gradle"
            | "build.gradle.kts"
            | "pkg-info"
            | ".python-version"
            | ".nvmrc"
            | "environment.yml"
            | "environment.yaml"
    ) || ((name.starts_with("requirements") || name.starts_with("constraints") || folder.ends_with("requirements"))
        && (name.ends_with(".txt") || name.ends_with(".in")))
        || (name == "metadata" && folder.ends_with(".dist-info"))
}

fn is_configuration(name: &str) -> bool {
    name == "dockerfile"
        || name.starts_with("dockerfile.")
        || name.ends_with(".dockerfile")
        || name == "alembic.ini"
        || name == "schema.prisma"
        || name.starts_with("ormconfig.")
        || (name.starts_with("application")
            && (has_end(name, ".yml") || has_end(name, ".yaml") || has_end(name, ".properties")))
        || ((name.starts_with("docker-compose") || name.starts_with("compose"))
            && (has_end(name, ".yml") || has_end(name, ".yaml")))
        || matches!(
            name,
            ".env.example" | ".env.sample" | ".env.template" | "env.example" | ".env.dist" | ".env.defaults"
        )
        || name == "pgbouncer.ini"
        || name == "settings.py"
}

fn is_project_note(path: &str) -> bool {
    let (_, name) = path.rsplit_once('/').unwrap_or(("", path));
    has_end(name, ".md")
        && (matches!(name, "tech_stack.md" | "tech-stack.md" | "kanban_board.md" | "results_log.md" | "todo.md")
            || name.contains("roadmap")
            || name.contains("architecture")
            || name.starts_with("adr")
            || in_folder(
                path,
                &["adr", "adrs", "decisions", "adr-log", "architecture-decisions", "architecture", "roadmap"],
            ))
}

fn has_end(name: &str, end: &str) -> bool {
    name.ends_with(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_paths_are_wanted_and_ordinary_sources_are_not() {
        for path in [
            "pyproject.toml",
            "requirements/base.txt",
            "requirements-dev.in",
            "pkg-1.0.dist-info/METADATA",
            "deploy/docker-compose.prod.yml",
            "compose.yaml",
            ".env.example",
            "alembic/versions/0001_orders.py",
            "shop/migrations/0002_x.py",
            "db/schema.sql",
            "docs/adr/0001-x.md",
            "docs/decisions/0003-y.md",
            "docs/tasks/kanban_board.md",
            "docs/project/.audit/results_log.md",
            "ROADMAP.md",
            "web/package.json",
            "backend/settings.py",
        ] {
            assert!(wanted(path), "{path}");
        }
        for path in ["app/api.py", "README.md", "docs/guide.md", "data.json", ".env", "notes.txt"] {
            assert!(!wanted(path), "{path}");
        }
    }

    #[test]
    fn sources_are_chosen_by_word() {
        assert!(wanted_source("engine = create_async_engine(url)"));
        assert!(wanted_source("await conn.execute('LISTEN orders')"));
        assert!(!wanted_source("def total(items):\n    return sum(items)\n"));
    }
}
