//! The plan: roles, skip reasons, root folder, ids, shards.

use super::make::{Dice, item, zip};
use super::*;

fn folder(files: &[(&str, u64)]) -> Listing {
    let files: Vec<_> =
        files.iter().map(|(path, size)| FolderEntry { path: (*path).to_owned(), size: *size }).collect();
    folder_listing(&files, &Limits::default()).unwrap()
}

/// The same files as an archive would list them: a single top folder is its wrapping.
fn archive(files: &[(&str, u64)]) -> Listing {
    Listing { kind: ArchiveKind::Zip, ..folder(files) }
}

fn plan_of(files: &[&str]) -> Plan {
    let files: Vec<_> = files.iter().map(|path| (*path, 100)).collect();
    plan(&archive(&files), &[], &Settings::default(), 4)
}

fn planned(plan: &Plan) -> Vec<&str> {
    plan.files.iter().map(|file| file.path.as_str()).collect()
}

#[test]
fn every_file_is_planned_or_skipped_with_a_reason() {
    let plan = plan_of(&[
        "repo-abc/app/models.py",
        "repo-abc/app/migrations/0001_initial.py",
        "repo-abc/db/triggers.sql",
        "repo-abc/pyproject.toml",
        "repo-abc/README.md",
        "repo-abc/tests/test_models.py",
        "repo-abc/web/app.ts",
        "repo-abc/node_modules/x/a.js",
        "repo-abc/node_modules/x/b.js",
        "repo-abc/vendor/lib/a.py",
        "repo-abc/.venv/lib/site.py",
        "repo-abc/myenv/pyvenv.cfg",
        "repo-abc/myenv/lib/a.py",
        "repo-abc/logo.png",
        "repo-abc/app/stubs.pyi",
        "repo-abc/inner.zip",
    ]);
    assert_eq!(plan.root_removed.as_deref(), Some("repo-abc"));
    let files: Vec<_> = plan.files.iter().map(|f| (f.id.0, f.path.as_str(), f.role, f.migration)).collect();
    assert_eq!(
        files,
        [
            (0, "README.md", Role::Doc, false),
            (1, "app/migrations/0001_initial.py", Role::Source, true),
            (2, "app/models.py", Role::Source, false),
            (3, "app/stubs.pyi", Role::Stub, false),
            (4, "db/triggers.sql", Role::Sql, false),
            (5, "pyproject.toml", Role::Manifest, false),
        ]
    );
    assert_eq!(
        skipped(&plan.skipped),
        [
            "built_in .venv/: `.venv/` holds a virtual environment (1 file)",
            "nested_archive inner.zip: An archive in the archive, which is not opened",
            "asset logo.png: A picture",
            "built_in myenv/: `myenv/` holds a virtual environment (2 files)",
            "built_in node_modules/: `node_modules/` holds dependencies installed by a package manager (2 files)",
            "test tests/test_models.py: `tests/` holds tests",
            "vendored vendor/: `vendor/` holds copied code of others (1 file)",
            "unsupported_language web/app.ts: JavaScript/TypeScript is not read by this version",
        ]
    );
    assert_eq!(plan.unread_languages.get(".ts"), Some(&1));
    assert_eq!(plan.no_code(), None);
}

#[test]
fn the_root_is_removed_only_when_it_is_one_and_no_package() {
    assert_eq!(plan_of(&["a/x.py", "b/y.py"]).root_removed, None);
    assert_eq!(plan_of(&["a/x.py", "y.py"]).root_removed, None);
    assert_eq!(plan_of(&["app/__init__.py", "app/x.py"]).root_removed, None);
    assert_eq!(plan_of(&["app/__init__.py", "app/setup.py"]).root_removed.as_deref(), Some("app"));
    // A folder's paths are relative to it already.
    let kept = plan(&folder(&[("app/x.py", 100)]), &[], &Settings::default(), 4);
    assert_eq!(kept.root_removed, None);
    assert_eq!(planned(&kept), ["app/x.py"]);
    let mac = plan_of(&["app/x.py", "__MACOSX/app/._x.py", ".DS_Store"]);
    assert_eq!(mac.root_removed.as_deref(), Some("app"));
    assert_eq!(planned(&mac), ["x.py"]);
}

#[test]
fn a_project_that_is_all_tests_does_not_vanish() {
    let plan = plan_of(&["proj/tests/a.py", "proj/tests/b.py", "proj/setup.cfg"]);
    assert_eq!(planned(&plan), ["setup.cfg", "tests/a.py", "tests/b.py"]);
    assert_eq!(
        plan.notices,
        ["All code lies where tests, copied code or build output usually are; it is audited all the same."]
    );
    assert_eq!(planned(&plan_of(&["vendor/a.py", "vendor/b.py", "x.txt"])), ["vendor/a.py", "vendor/b.py"]);
    assert_eq!(planned(&plan_of(&["tests/a.py", "tests/b.py"])), ["a.py", "b.py"]);
}

#[test]
fn build_folders_are_skipped_only_with_their_source_present() {
    let plan = plan_of(&["pkg/a.py", "build/lib/pkg/a.py", "build/lib/pkg/other.py", "build/tool.py"]);
    assert_eq!(planned(&plan), ["build/lib/pkg/other.py", "build/tool.py", "pkg/a.py"]);
    assert_eq!(skipped(&plan.skipped), ["build_output build/lib/pkg/a.py: Built from `pkg/a`, which is audited"]);
    let plan = plan_of(&["src/index.ts", "dist/index.js", "dist/alone.js", "x.py"]);
    let kinds: Vec<_> = plan.skipped.iter().map(|file| (file.path.as_str(), file.kind.as_str())).collect();
    assert_eq!(
        kinds,
        [
            ("dist/alone.js", "unsupported_language"),
            ("dist/index.js", "build_output"),
            ("src/index.ts", "unsupported_language")
        ]
    );
}

#[test]
fn ignore_files_and_settings_are_read_from_the_archive() {
    let bytes = zip(&[
        item("r/.gitignore", b"local_*.py\n"),
        item("r/app/.gitignore", b"!local_keep.py\n"),
        item("r/.drydock.toml", b"[files]\nignore = [\"old/\"]\ninclude = [\"tests/helpers/\"]\nunknown = 1\n"),
        item("r/node_modules/.gitignore", b"*\n"),
        item("r/local_a.py", b""),
        item("r/app/local_keep.py", b""),
        item("r/old/x.py", b""),
        item("r/tests/helpers/h.py", b""),
        item("r/tests/test_a.py", b""),
    ]);
    let (mut source, listing) = open(&bytes).unwrap();
    let needed: Vec<_> = needed_for_plan(&listing).into_iter().map(|entry| entry.path).collect();
    assert_eq!(needed, ["r/.gitignore", "r/app/.gitignore", "r/.drydock.toml"]);
    let (settings, plan) = prepare(&listing, 1, |entry| source.read(entry));
    assert_eq!(settings.ignore, ["old/"]);
    assert_eq!(planned(&plan), [".drydock.toml", "app/local_keep.py", "tests/helpers/h.py"]);
    assert_eq!(plan.notices, [".drydock.toml: the setting `files.unknown` is not known."]);
    let rows = skipped(&plan.skipped);
    assert!(rows.contains(&"ignored local_a.py: Ignored by `.gitignore`: `local_*.py`".to_owned()), "{rows:?}");
    assert!(rows.contains(&"ignored old/x.py: Ignored by `.drydock.toml`: `old/`".to_owned()), "{rows:?}");
    let settings = Settings::parse("files.tests = true");
    assert!(planned(&super::plan(&listing, &[], &settings, 1)).contains(&"tests/test_a.py"));
}

#[test]
fn names_that_only_look_special_do_not_hide_code() {
    let plan = plan_of(&["setup.py", "app/__init__.py", "app/setup.py", "app/connection_test.py", "tests.py"]);
    let files: Vec<_> = plan.files.iter().map(|f| (f.path.as_str(), f.role)).collect();
    assert_eq!(
        files,
        [
            ("app/__init__.py", Role::Source),
            ("app/connection_test.py", Role::Source),
            ("app/setup.py", Role::Source),
            ("setup.py", Role::Manifest),
        ]
    );
    assert_eq!(plan.files[1].reject(b"class ConnectionTest:\n    pass\n"), None);
    let row = plan.files[1].reject(b"def test_it():\n    pass\n").unwrap();
    assert_eq!(skipped(&[row]), ["test app/connection_test.py: The name is a test's, and it holds tests"]);
    assert_eq!(plan.files[0].reject(b"def test_it():\n    pass\n"), None);
}

#[test]
fn large_files_are_skipped_and_said() {
    let listing = folder(&[
        ("a.py", SOURCE_LIMIT + 1),
        ("b.py", SOURCE_LIMIT),
        ("package.json", TEXT_LIMIT + 1),
        ("poetry.lock", TEXT_LIMIT + 1),
        ("docs/x.md", 3 << 20),
    ]);
    let plan = plan(&listing, &[], &Settings::default(), 1);
    assert_eq!(planned(&plan), ["b.py", "poetry.lock"]);
    assert_eq!(
        skipped(&plan.skipped),
        [
            "too_large a.py: Larger than 4 MiB (4 MiB)",
            "too_large docs/x.md: Larger than 1 MiB (3 MiB)",
            "too_large package.json: Larger than 1 MiB (1 MiB)",
        ]
    );
    let many: Vec<_> = (0..300).map(|i| (format!("f{i}.py"), SOURCE_LIMIT)).collect();
    let many: Vec<_> = many.iter().map(|(path, size)| (path.as_str(), *size)).collect();
    let plan = super::plan(&folder(&many), &[], &Settings::default(), 1);
    assert_eq!(plan.over_limit, Some(IntakeError::TooLarge { bytes: 300 * SOURCE_LIMIT }));
}

#[test]
fn nothing_to_audit_is_said_with_the_biggest_types() {
    let mut files: Vec<String> = (0..210).map(|i| format!("src/c{i}.cs")).collect();
    files.extend((0..96).map(|i| format!("src/x{i}.xml")));
    files.extend((0..95).map(|i| format!("src/x{i}.png")));
    files.extend((0..30).map(|i| format!("src/x{i}.md")));
    let files: Vec<_> = files.iter().map(String::as_str).collect();
    assert_eq!(
        plan_of(&files).no_code().as_deref(),
        Some("431 files, none in Python, JavaScript/TypeScript, Go, Java or SQL. Biggest types: .cs 210, .xml 96.")
    );
    assert_eq!(
        plan_of(&["a.ts", "b.ts", "x.json"]).no_code().as_deref(),
        Some("3 files, none in a language that this version reads. Biggest types: .ts 2, .json 1.")
    );
}

#[test]
fn ids_and_shards_do_not_depend_on_the_order_of_the_archive() {
    let mut dice = Dice(5);
    let mut files: Vec<(String, u64)> =
        (0..400).map(|i| (format!("d{}/f{i}.py", i % 7), dice.roll(50_000) as u64)).collect();
    files.push(("pyproject.toml".to_owned(), 900));
    let make = |files: &[(String, u64)]| {
        let files: Vec<_> = files.iter().map(|(path, size)| (path.as_str(), *size)).collect();
        plan(&folder(&files), &[], &Settings::default(), 4)
    };
    let first = make(&files);
    files.reverse();
    let second = make(&files);
    let key = |plan: &Plan| plan.files.iter().map(|f| (f.id, f.path.clone(), f.shard)).collect::<Vec<_>>();
    assert_eq!(key(&first), key(&second));
    let loads: Vec<u64> = (0..4).map(|n| first.shard(n).map(|file| file.size).sum()).collect();
    let (least, most) = (loads.iter().min().unwrap(), loads.iter().max().unwrap());
    assert!(most - least < 10_000, "{loads:?}");
    assert!(first.files.iter().filter(|f| f.role != Role::Source).all(|f| f.shard == 0));
}

#[test]
fn a_listing_can_be_narrowed_to_folders() {
    let mut listing = archive(&[("r/a/x.py", 1), ("r/b/y.py", 1), ("r/ab/z.py", 1)]);
    listing.narrow(&["a".to_owned(), "r/ab/".to_owned()]);
    assert_eq!(paths(&listing), ["r/a/x.py", "r/ab/z.py"]);
    assert_eq!(skipped(&listing.skipped), ["not_chosen r/b/y.py: Outside the chosen folders"]);
}
