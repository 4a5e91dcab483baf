//! Which of the files handed over are the project, and how they are read.

use crate::archive::{HEAD, Kind, kind_of, project_name};
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
            if matches!(kind, Kind::Zip | Kind::Stream) {
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
