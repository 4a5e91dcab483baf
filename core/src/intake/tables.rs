//! File names and folders that say what a file is. Data only.

use crate::model::Language;
use crate::source::holds_tests;

/// What a folder that never holds the project's own source is, by its name.
pub(super) fn built_in_folder(name: &str) -> Option<&'static str> {
    Some(match name {
        ".git" | ".hg" | ".svn" | ".bzr" | "CVS" => "version control data",
        "node_modules" | "bower_components" | "jspm_packages" | ".yarn" | ".pnpm-store" | "site-packages"
        | "dist-packages" | ".eggs" | "__pypackages__" => "dependencies installed by a package manager",
        ".venv" | "venv" | ".virtualenv" | "virtualenv" | ".conda" | ".direnv" => "a virtual environment",
        "__pycache__" | ".mypy_cache" | ".ruff_cache" | ".pytest_cache" | ".hypothesis" | ".cache"
        | ".parcel-cache" | ".turbo" | ".gradle" | ".ipynb_checkpoints" | ".sass-cache" | ".nyc_output" | ".pytype" => {
            "a cache"
        }
        ".tox" | ".nox" => "environments of a test runner",
        ".next" | ".nuxt" | ".svelte-kit" | ".output" | ".angular" | ".serverless" | ".aws-sam" | "cdk.out" => {
            "output of a build tool"
        }
        ".terraform" => "files of an infrastructure tool",
        "htmlcov" | "lcov-report" => "a coverage report",
        ".idea" | ".vscode" | ".vs" | ".settings" => "settings of an editor",
        "__MACOSX" => "metadata that macOS adds to zips",
        _ => return None,
    })
}

/// Folders with copied code of others.
pub(super) fn vendored_folder(name: &str) -> bool {
    matches!(
        name,
        "vendor" | "vendored" | "_vendor" | "_vendored" | "third_party" | "third-party" | "thirdparty" | "Godeps"
    )
}

/// Folders with tests or what only tests use.
pub(super) fn test_folder(name: &str) -> bool {
    holds_tests(name)
        || matches!(name, "__tests__" | "__mocks__" | "__snapshots__" | "fixtures" | "testdata" | "cypress")
}

/// Folders that build tools write to. Skipped only where their source is present.
pub(super) fn build_folder(name: &str) -> bool {
    matches!(name, "dist" | "build" | "out" | "_build" | "target")
}

/// Folders of database migrations.
pub(super) fn migration_folder(name: &str) -> bool {
    matches!(name, "migrations" | "migration" | "alembic" | "migrate" | "flyway" | "liquibase" | "changelog")
}

/// Language by extension (lower case).
pub(super) fn language(extension: &str) -> Option<Language> {
    Some(match extension {
        "py" | "pyw" | "ipynb" => Language::Python,
        "js" | "jsx" | "mjs" | "cjs" | "ts" | "tsx" | "mts" | "cts" => Language::JavaScript,
        "go" => Language::Go,
        "java" => Language::Java,
        "sql" | "ddl" | "pgsql" | "psql" | "mysql" => Language::Sql,
        _ => return None,
    })
}

/// Source of languages without a front end, and templates: counted, so that a report can say what
/// it does not cover.
pub(super) fn unread_source(extension: &str) -> Option<&'static str> {
    Some(match extension {
        "c" | "h" => "C",
        "cc" | "cpp" | "cxx" | "hh" | "hpp" | "hxx" => "C++",
        "clj" | "cljs" => "Clojure",
        "cr" => "Crystal",
        "cs" => "C#",
        "dart" => "Dart",
        "erl" | "hrl" => "Erlang",
        "ex" | "exs" => "Elixir",
        "fs" | "fsx" => "F#",
        "groovy" => "Groovy",
        "hs" => "Haskell",
        "jl" => "Julia",
        "kt" | "kts" => "Kotlin",
        "lua" => "Lua",
        "m" | "mm" => "Objective-C",
        "ml" | "mli" => "OCaml",
        "php" | "phtml" => "PHP",
        "pl" | "pm" => "Perl",
        "prisma" => "Prisma",
        "ps1" => "PowerShell",
        "pyx" | "pxd" | "pxi" => "Cython",
        "r" => "R",
        "rb" | "erb" | "rake" => "Ruby",
        "rs" => "Rust",
        "scala" | "sc" => "Scala",
        "svelte" => "Svelte",
        "swift" => "Swift",
        "vb" => "Visual Basic",
        "vue" => "Vue",
        "zig" => "Zig",
        _ => return None,
    })
}

/// Templates that mix markup and code.
pub(super) fn template(extension: &str) -> bool {
    matches!(extension, "jinja" | "jinja2" | "j2" | "djhtml" | "mako" | "ejs" | "hbs" | "jsp" | "tmpl" | "gotmpl")
}

/// Files that profilers, databases and load tests write.
pub(super) fn evidence(name: &str) -> bool {
    const ENDS: &[&str] = &[
        ".collapsed",
        ".cpuprofile",
        ".folded",
        ".har",
        ".heapprofile",
        ".jtl",
        ".pprof",
        ".prof",
        ".pstats",
        ".speedscope.json",
    ];
    ENDS.iter().any(|end| name.ends_with(end)) || name == "slo.toml"
}

/// Archives, which are listed and not opened.
pub(super) fn archive(name: &str) -> bool {
    const ENDS: &[&str] = &[
        ".7z", ".aar", ".apk", ".bz2", ".ear", ".egg", ".gz", ".jar", ".nupkg", ".rar", ".tar", ".tbz2", ".tgz",
        ".txz", ".war", ".whl", ".xz", ".zip", ".zst",
    ];
    ENDS.iter().any(|end| name.ends_with(end))
}

/// What a file with a non-code extension is.
pub(super) fn asset(extension: &str) -> Option<&'static str> {
    Some(match extension {
        "apng" | "avif" | "bmp" | "gif" | "heic" | "icns" | "ico" | "jpeg" | "jpg" | "png" | "psd" | "svg" | "tif"
        | "tiff" | "webp" => "A picture",
        "eot" | "otf" | "ttf" | "woff" | "woff2" => "A font",
        "aac" | "avi" | "flac" | "mkv" | "mov" | "mp3" | "mp4" | "ogg" | "wav" | "webm" => "Sound or video",
        "doc" | "docx" | "epub" | "odt" | "pdf" | "ppt" | "pptx" | "xls" | "xlsx" => "An office document",
        "arrow" | "avro" | "csv" | "db" | "feather" | "geojson" | "h5" | "jsonl" | "ndjson" | "npy" | "npz"
        | "onnx" | "parquet" | "pickle" | "pkl" | "pt" | "safetensors" | "sqlite" | "sqlite3" | "tsv" => "Data",
        "a" | "bin" | "class" | "dat" | "dll" | "dylib" | "exe" | "lib" | "node" | "o" | "obj" | "pdb" | "pyc"
        | "pyd" | "pyo" | "so" | "wasm" => "Machine or byte code",
        "css" | "less" | "sass" | "scss" | "styl" => "A style sheet",
        "map" => "A source map",
        "crt" | "der" | "key" | "p12" | "pem" | "pfx" => "A key or certificate, which is never read",
        "mo" | "po" | "pot" | "xlf" => "A translation",
        _ => return None,
    })
}

/// Manifests and build files, by lower-case file name.
pub(super) fn manifest(name: &str, parent: &str) -> bool {
    const NAMES: &[&str] = &[
        ".nvmrc",
        ".python-version",
        ".tool-versions",
        "build.gradle",
        "build.gradle.kts",
        "constraints.txt",
        "environment.yaml",
        "environment.yml",
        "go.mod",
        "go.work",
        "gradle.properties",
        "package.json",
        "pipfile",
        "pom.xml",
        "procfile",
        "pyproject.toml",
        "runtime.txt",
        "setup.cfg",
        "setup.py",
        "tox.ini",
        "tsconfig.json",
    ];
    let starts = |start: &str| name.starts_with(start);
    let yaml = name.ends_with(".yml") || name.ends_with(".yaml");
    NAMES.contains(&name)
        || lock_file(name)
        || (name.ends_with(".txt") || name.ends_with(".in"))
            && (starts("requirements") || name.ends_with("requirements.txt") || parent == "requirements")
        || yaml && (starts("docker-compose") || starts("compose"))
        || starts("dockerfile")
        || name.ends_with(".dockerfile")
        || (parent.ends_with(".dist-info") || parent.ends_with(".egg-info") || parent == "EGG-INFO")
            && matches!(name, "metadata" | "pkg-info" | "requires.txt" | "top_level.txt" | "entry_points.txt")
}

/// Lock files, which may be large.
pub(super) fn lock_file(name: &str) -> bool {
    matches!(
        name,
        "bun.lock"
            | "go.sum"
            | "npm-shrinkwrap.json"
            | "package-lock.json"
            | "pdm.lock"
            | "pipfile.lock"
            | "pnpm-lock.yaml"
            | "poetry.lock"
            | "uv.lock"
            | "yarn.lock"
    )
}

/// Settings of the running system, by lower-case file name.
pub(super) fn settings(name: &str) -> bool {
    let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
    let config_name = ["application", "config", "database", "databases", "settings"]
        .iter()
        .any(|start| stem.strip_prefix(start).is_some_and(|rest| rest.is_empty() || rest.starts_with(['-', '.', '_'])));
    name == crate::source::SETTINGS_FILE
        || name.starts_with(".env")
        || name.ends_with(".env")
        || matches!(extension, "ini" | "cfg" | "conf" | "properties")
        || config_name && matches!(extension, "toml" | "yml" | "yaml" | "json")
        || matches!(name, "ormconfig.json" | "persistence.xml" | "logback.xml")
}
