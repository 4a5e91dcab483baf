//! Tells from names and first bytes how an input must be read, and which of several files it is.

use crate::platform::inputs::{Dropped, DroppedFile};
use crate::protocol::{Failure, InputKind};

/// What will be audited.
#[derive(Clone, Debug)]
pub struct Project {
    /// Its name.
    pub name: String,
    /// How its files are read.
    pub kind: InputKind,
    /// Its files.
    pub files: Vec<DroppedFile>,
    /// What of the drop is left out.
    pub notices: Vec<String>,
}

/// Bytes that tell: a tar header names its format at 257.
const HEAD: u32 = 265;
/// A loose drop of more files is no collection of archives.
const FEW: usize = 20;

/// The project in `input`, or why there is none.
pub async fn project(input: Dropped) -> Result<Project, Failure> {
    let Dropped { name, is_folder, files } = input;
    if files.is_empty() {
        return Err(Failure {
            title: if is_folder { "This folder has no files." } else { "Nothing was dropped." }.to_owned(),
            why: String::new(),
            action: "Drop a project as a zip, a tar.gz or a folder".to_owned(),
            details: name,
        });
    }
    let mut archives = Vec::new();
    if !is_folder && files.len() <= FEW {
        for (index, file) in files.iter().enumerate() {
            let kind = kind_of(&file.path, &file.head(HEAD).await);
            if kind != Kind::Other {
                archives.push((index, kind));
            }
        }
    }
    match archives.as_slice() {
        [] if files.len() == 1 && !is_folder => {
            Ok(Project { name: project_name(&name), kind: InputKind::File, files, notices: Vec::new() })
        }
        [] => {
            // The folder's name matters only where it is the name of a package: imports spell it.
            let package = is_folder && files.iter().any(|file| file.path == "__init__.py");
            let top = if package { format!("{name}/") } else { String::new() };
            let paths = files.iter().map(|file| format!("{top}{}", file.path)).collect();
            Ok(Project { name, kind: InputKind::Folder(paths), files, notices: Vec::new() })
        }
        [(index, kind)] => {
            let kind = if *kind == Kind::Stream { InputKind::Stream } else { InputKind::File };
            let (archive, others): (Vec<_>, Vec<_>) =
                files.into_iter().enumerate().partition(|(position, _)| position == index);
            let left_out =
                |(_, file): (usize, DroppedFile)| format!("{} was dropped beside the archive and not read", file.path);
            let files: Vec<DroppedFile> = archive.into_iter().map(|(_, file)| file).collect();
            let name = files.first().map(|file| project_name(&file.path)).unwrap_or_default();
            Ok(Project { name, kind, files, notices: others.into_iter().map(left_out).collect() })
        }
        several => Err(Failure {
            title: format!("This drop has {} archives; one project is audited at a time.", several.len()),
            why: String::new(),
            action: "Drop one of them, or unzip them into one folder and drop that".to_owned(),
            details: several
                .iter()
                .filter_map(|(index, _)| files.get(*index))
                .map(|file| file.path.clone())
                .collect::<Vec<_>>()
                .join("\n"),
        }),
    }
}

/// The name of an archive without its ending.
fn project_name(file_name: &str) -> String {
    let lower = file_name.to_ascii_lowercase();
    let ending = [".tar.gz", ".tgz", ".tar", ".zip", ".whl", ".jar"].into_iter().find(|ending| lower.ends_with(ending));
    let stem = ending.and_then(|ending| file_name.get(..file_name.len() - ending.len()));
    stem.filter(|stem| !stem.is_empty()).unwrap_or(file_name).to_owned()
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Zip,
    Stream,
    Other,
}

fn kind_of(name: &str, head: &[u8]) -> Kind {
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
    }

    #[test]
    fn projects_are_named_without_the_ending() {
        assert_eq!(project_name("shop-1.2.tar.gz"), "shop-1.2");
        assert_eq!(project_name("shop-1.2-py3-none-any.whl"), "shop-1.2-py3-none-any");
        assert_eq!(project_name(".zip"), ".zip");
        assert_eq!(project_name("app.py"), "app.py");
    }
}
