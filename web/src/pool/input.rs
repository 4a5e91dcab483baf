//! Tells from names and first bytes how an input must be read.

use crate::platform::inputs::Dropped;
use crate::protocol::{Failure, InputKind};

/// How the first step reads the input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reading {
    /// Every worker can read its part.
    Direct(InputKind),
    /// A stream: one worker inflates it and deals the files out.
    Stream,
}

/// Bytes that tell: a tar header names its format at 257.
const HEAD: u32 = 265;

/// How `input` must be read, or why it cannot be.
pub async fn reading(input: &Dropped) -> Result<Reading, Failure> {
    let loose = || Reading::Direct(InputKind::Folder(input.files.iter().map(|file| file.path.clone()).collect()));
    match input.files.as_slice() {
        [] => Err(Failure {
            title: format!("{} has no files.", if input.is_folder { "This folder" } else { "This drop" }),
            why: String::new(),
            action: "Drop a project as a zip, a tar.gz or a folder.".to_owned(),
            details: String::new(),
        }),
        [only] if !input.is_folder => match kind_of(&only.path, &only.head(HEAD).await) {
            Kind::Zip => Ok(Reading::Direct(InputKind::Zip)),
            Kind::Stream => Ok(Reading::Stream),
            Kind::Other => Ok(loose()),
        },
        _ => Ok(loose()),
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Zip,
    Stream,
    Other,
}

fn kind_of(name: &str, head: &[u8]) -> Kind {
    let name = name.to_ascii_lowercase();
    let ends = |suffixes: &[&str]| suffixes.iter().any(|suffix| name.ends_with(suffix));
    if head.starts_with(b"PK") || ends(&[".zip", ".whl"]) {
        Kind::Zip
    } else if head.starts_with(&[0x1f, 0x8b])
        || head.get(257..262) == Some(b"ustar")
        || ends(&[".tar.gz", ".tgz", ".tar"])
    {
        Kind::Stream
    } else {
        Kind::Other
    }
}

#[cfg(test)]
mod tests {
    use super::{Kind, kind_of};

    #[test]
    fn contents_decide_and_names_help_where_contents_are_damaged() {
        assert_eq!(kind_of("project.bin", b"PK\x03\x04rest"), Kind::Zip);
        assert_eq!(kind_of("project.zip", b""), Kind::Zip);
        assert_eq!(kind_of("project", &[0x1f, 0x8b, 8]), Kind::Stream);
        assert_eq!(kind_of("a.tgz", b"no gzip"), Kind::Stream);
        let mut tar = vec![0; 265];
        tar.splice(257..262, *b"ustar");
        assert_eq!(kind_of("a", &tar), Kind::Stream);
        assert_eq!(kind_of("app.py", b"import os"), Kind::Other);
    }
}
