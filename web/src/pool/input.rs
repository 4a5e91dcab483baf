//! Which of the files handed over are the project, and how they are read.

use crate::archive::{HEAD, Kind, archive_kind, is_code, may_be_measured, project_name};
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
    /// What was measured of it, dropped with it.
    pub evidence: Vec<DroppedFile>,
}

/// What was handed over.
#[derive(Clone, Debug)]
pub enum Handed {
    /// Code.
    Project(Project),
    /// Only what was measured, as far as names tell.
    Evidence(Vec<DroppedFile>),
}

/// A loose drop of more files is no collection of archives.
const FEW: usize = 20;

/// What `input` is, or why it is nothing.
pub async fn sort(input: Dropped) -> Result<Handed, Failure> {
    let Dropped { name, is_folder, files, evidence: brought } = input;
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
            if let Some(kind) = archive_kind(&file.path, &file.head(HEAD).await) {
                archives.push((index, kind));
            }
        }
    }
    match archives.as_slice() {
        [] if !is_folder && !files.iter().any(|file| is_code(&file.path)) => Ok(Handed::Evidence(files)),
        [] if files.len() == 1 && !is_folder => {
            let name = project_name(&name);
            Ok(Handed::Project(Project { name, kind: InputKind::File, files, evidence: Vec::new() }))
        }
        [] => {
            // Loose files are sorted by name; of a folder all are the project's.
            let (evidence, files): (Vec<_>, Vec<_>) =
                files.into_iter().partition(|file| !is_folder && may_be_measured(&file.path));
            // The folder's name matters only where it is the name of a package: imports spell it.
            let package = is_folder && files.iter().any(|file| file.path == "__init__.py");
            let top = if package { format!("{name}/") } else { String::new() };
            let paths = files.iter().map(|file| format!("{top}{}", file.path)).collect();
            Ok(Handed::Project(Project { name, kind: InputKind::Folder(paths), files, evidence }))
        }
        [(index, kind)] => {
            let kind = if *kind == Kind::Stream { InputKind::Stream } else { InputKind::File };
            let (archive, others): (Vec<_>, Vec<_>) =
                files.into_iter().enumerate().partition(|(position, _)| position == index);
            let alone = |list: Vec<(usize, DroppedFile)>| list.into_iter().map(|(_, file)| file).collect();
            let files: Vec<DroppedFile> = alone(archive);
            let name = files.first().map(|file| project_name(&file.path)).unwrap_or_default();
            let evidence = alone(others).into_iter().chain(brought).collect();
            Ok(Handed::Project(Project { name, kind, files, evidence }))
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
