//! Evidence among the files of a project: which files may be some by their path, and which are by their content. Tests and
//! installed packages bring samples of their own, which say nothing of this project. The engine asks about paths only, so
//! that readers need not be there to know whether there is anything to look at.

/// Folders whose files are nobody's measurements of the project.
const NOT_IN: &[&str] = &[
    "__tests__",
    "build",
    "dist",
    "fixtures",
    "mocks",
    "node_modules",
    "site-packages",
    "spec",
    "test",
    "test-data",
    "test_data",
    "testdata",
    "tests",
    "vendor",
    "venv",
];
/// Ends of names that tools give to what they write, and people to targets.
const ENDS: &[&str] = &[
    "-processstat",
    "-systeminfo",
    "-traceevent",
    ".collapsed",
    ".cpuprofile",
    ".csv",
    ".dat",
    ".folded",
    ".gz",
    ".heapprofile",
    ".html",
    ".js",
    ".json",
    ".jsonl",
    ".jtl",
    ".log",
    ".mjs",
    ".ndjson",
    ".out",
    ".plan",
    ".prof",
    ".pstats",
    ".speedscope",
    ".toml",
    ".trace",
    ".txt",
    ".yaml",
    ".yml",
];
/// Files that many projects have and no measuring tool writes, or their beginnings.
const KNOWN_OTHERWISE: &[&str] = &[
    "cargo.toml",
    "compose.y",
    "composer.json",
    "docker-compose",
    "mkdocs.yml",
    "npm-shrinkwrap.json",
    "package-lock.json",
    "package.json",
    "pnpm-lock.yaml",
    "pyproject.toml",
    "requirements",
    "tsconfig.json",
];
/// Larger files are not read at all.
const LARGEST: u64 = 512 << 20;

/// Whether a file of a project may be evidence: worth looking at its first 64 KiB.
#[must_use]
pub fn by_path(path: &str, bytes: u64) -> bool {
    let lower = path.to_lowercase();
    let (folders, name) = lower.rsplit_once('/').unwrap_or(("", &lower));
    let outside = folders.split('/').any(|part| part.starts_with('.') || NOT_IN.contains(&part));
    let known = ENDS.iter().any(|end| name.ends_with(end)) && !name.ends_with(".min.js");
    let other = name.starts_with('.') || KNOWN_OTHERWISE.iter().any(|start| name.starts_with(start));
    known && !outside && !other && (1..=LARGEST).contains(&bytes)
}

/// The format that the first bytes of a file are of; `None` when it is no evidence.
#[cfg(feature = "evidence")]
#[must_use]
pub fn by_head(head: &[u8]) -> Option<&'static str> {
    super::input::sniff(head)
}

#[cfg(all(test, feature = "evidence"))]
mod tests {
    use super::*;
    use std::io::Write as _;

    #[test]
    fn paths_of_packages_and_tests_are_none() {
        for path in [
            "perf/run.json",
            "k6-1.json",
            "load/before/stats.csv.gz",
            "profiles/quotes.prof",
            "slo.toml",
            "a/x-processstat",
        ] {
            assert!(by_path(path, 100), "{path}");
        }
        for path in [
            "app/main.py",
            "node_modules/k6/summary.json",
            "tests/data/run.json",
            ".cache/x.json",
            ".drydock.toml",
            "web/jquery.min.js",
            "README.md",
            "pyproject.toml",
            "deploy/docker-compose.prod.yml",
            "requirements-dev.txt",
        ] {
            assert!(!by_path(path, 100), "{path}");
        }
        assert!(!by_path("run.json", 0) && !by_path("run.json", 1 << 30));
    }

    #[test]
    fn content_decides() {
        let k6 = br#"{"root_group": {}, "metrics": {"http_reqs": {"count": 5, "rate": 5}}}"#;
        assert!(by_head(k6).is_some_and(|format| format.contains("k6")));
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        assert!(packed.write_all(k6).is_ok());
        assert!(packed.finish().is_ok_and(|packed| by_head(&packed).is_some()));
        assert_eq!(by_head(b"[[slo]]\nmetric = \"latency.p95\"\ntarget = \"<1s\"\n"), Some("slo.toml"));
        for none in [&b""[..], b"{\"name\": \"shop\", \"dependencies\": {}}", b"a,b\n1,2\n", b"\x1f\x8b\x08broken"] {
            assert_eq!(by_head(none), None);
        }
    }
}
