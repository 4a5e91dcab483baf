//! What a dropped file is, by its name and first bytes. The engine looks again and closer; the page
//! only has to know which worker reads what.

/// Bytes that tell: a tar header names its format at 257.
pub const HEAD: u32 = 265;

/// The name of an archive without its ending.
#[must_use]
pub fn project_name(file_name: &str) -> String {
    let lower = file_name.to_ascii_lowercase();
    let ending = [".tar.gz", ".tgz", ".tar", ".zip", ".whl", ".jar"].into_iter().find(|ending| lower.ends_with(ending));
    let stem = ending.and_then(|ending| file_name.get(..file_name.len() - ending.len()));
    stem.filter(|stem| !stem.is_empty()).unwrap_or(file_name).to_owned()
}

/// How a file must be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// By its directory, from anywhere.
    Zip,
    /// From front to back.
    Stream,
    /// Perhaps a report that was saved earlier: the engine looks closer.
    Report,
    /// It is none of these.
    Other,
}

/// What a file is, by its first [`HEAD`] bytes; its name helps where those are damaged.
#[must_use]
pub fn kind_of(name: &str, head: &[u8]) -> Kind {
    let name = name.to_ascii_lowercase();
    let ends = |endings: &[&str]| endings.iter().any(|ending| name.ends_with(ending));
    if head.starts_with(b"PK") {
        Kind::Zip
    } else if head.starts_with(&[0x1f, 0x8b]) || head.get(257..262) == Some(b"ustar") {
        Kind::Stream
    } else if ends(&[".zip", ".whl"]) {
        Kind::Zip
    } else if ends(&[".tar.gz", ".tgz", ".tar"]) {
        Kind::Stream
    } else if ends(&[".json", ".html", ".htm"]) || head.starts_with(b"<!doctype html>\n<html lang=\"en\"") {
        Kind::Report
    } else {
        Kind::Other
    }
}

/// Endings of names that code has; what is dropped without any such file was measured, if it is anything.
const CODE: [&str; 13] =
    [".py", ".pyi", ".ipynb", ".sql", ".js", ".jsx", ".mjs", ".cjs", ".ts", ".tsx", ".go", ".java", ".prisma"];

/// Endings of names that profilers, databases and load tests give, unless the name is that of a manifest.
const MEASURED: [&str; 11] =
    [".json", ".csv", ".log", ".prof", ".pstats", ".cpuprofile", ".dat", ".html", ".gz", ".ndjson", ".heapprofile"];

/// Whether a file is code, by its name.
#[must_use]
pub fn is_code(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    CODE.iter().any(|ending| name.ends_with(ending))
}

/// Whether a file that lies beside code may be something measured, by its name.
#[must_use]
pub fn may_be_measured(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let manifest = ["package.json", "tsconfig.json", "package-lock.json"].iter().any(|known| name.ends_with(known));
    name.ends_with("slo.toml") || !manifest && MEASURED.iter().any(|ending| name.ends_with(ending))
}

/// Whether a file is an archive of a project: a compressed file that is no tar is a single file.
#[must_use]
pub fn archive_kind(name: &str, head: &[u8]) -> Option<Kind> {
    let tar = || {
        let name = name.to_ascii_lowercase();
        [".tar.gz", ".tgz", ".tar"].iter().any(|ending| name.ends_with(ending)) || head.get(257..262) == Some(b"ustar")
    };
    match kind_of(name, head) {
        Kind::Zip => Some(Kind::Zip),
        Kind::Stream if tar() => Some(Kind::Stream),
        _ => None,
    }
}

/// Whether a file can be a version of a project: an archive, or a report of ours.
#[must_use]
pub fn is_version(name: &str, head: &[u8]) -> bool {
    let report = || {
        let text = String::from_utf8_lossy(head);
        let first = text.trim_start().strip_prefix('{').map(str::trim_start);
        first.is_some_and(|first| first.starts_with("\"schema\":"))
            || text.starts_with("<!doctype html>\n<html lang=\"en\"")
    };
    archive_kind(name, head).is_some() || report()
}

#[cfg(test)]
mod tests {
    use super::{Kind, archive_kind, is_code, is_version, kind_of, may_be_measured, project_name};

    #[test]
    fn what_was_measured_is_told_from_code() {
        assert!(is_code("src/App.PY") && !is_code("report.json"));
        assert!(may_be_measured("out/summary.json") && may_be_measured("slo.toml"));
        assert!(!may_be_measured("web/package.json") && !may_be_measured("pyproject.toml"));
        assert_eq!(archive_kind("trace.json.gz", &[0x1f, 0x8b, 8]), None);
        assert_eq!(archive_kind("app.tar.gz", &[0x1f, 0x8b, 8]), Some(Kind::Stream));
        assert_eq!(archive_kind("app.bin", b"PK\x03\x04"), Some(Kind::Zip));
        assert!(is_version("old.json", b"{\n  \"schema\": 2,") && is_version("a.zip", b"PK\x03\x04"));
        assert!(!is_version("k6.json", b"{\"metrics\": {") && !is_version("lighthouse.html", b"<!--\n@license"));
    }

    #[test]
    fn contents_decide_and_names_help_where_contents_are_damaged() {
        assert_eq!(kind_of("project.bin", b"PK\x03\x04rest"), Kind::Zip);
        assert_eq!(kind_of("project.zip", b""), Kind::Zip);
        assert_eq!(kind_of("project.zip", &[0x1f, 0x8b, 8]), Kind::Stream);
        assert_eq!(kind_of("a.tgz", b"no gzip"), Kind::Stream);
        let mut tar = vec![0; 265];
        tar.splice(257..262, *b"ustar");
        assert_eq!(kind_of("a", &tar), Kind::Stream);
        assert_eq!(kind_of("app.py", b"import os"), Kind::Other);
        assert_eq!(kind_of("report.json", b"{"), Kind::Report);
    }

    #[test]
    fn projects_are_named_without_the_ending() {
        assert_eq!(project_name("shop-1.2.tar.gz"), "shop-1.2");
        assert_eq!(project_name("shop-1.2-py3-none-any.whl"), "shop-1.2-py3-none-any");
        assert_eq!(project_name(".zip"), ".zip");
        assert_eq!(project_name("app.py"), "app.py");
    }
}
