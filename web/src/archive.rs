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

#[cfg(test)]
mod tests {
    use super::{Kind, kind_of, project_name};

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
