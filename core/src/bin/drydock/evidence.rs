//! Reading files of evidence: files, folders and zips of them. What cannot be read is kept with its reason.

use drydock_core::evidence::model::{Artefact, Run};
use drydock_core::facade::performance::gather as gather_file;
use std::fs::File;
use std::path::{Path, PathBuf};

/// Files that are read of one folder or zip.
const MOST: usize = 2_000;
/// Deeper folders are not entered.
const DEEPEST: u32 = 32;

/// Reads everything at these paths; `side` is what the command line says of them.
pub(crate) fn gather(paths: &[PathBuf], side: Option<Run>, out: &mut Vec<Artefact>) -> Result<(), String> {
    for path in paths {
        let start = out.len();
        let meta = std::fs::metadata(path).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => format!("{} does not exist", path.display()),
            _ => format!("{} cannot be read: {error}", path.display()),
        })?;
        if meta.is_dir() {
            let mut files = Vec::new();
            walk(path, 0, &mut files);
            files.truncate(MOST);
            files.iter().for_each(|file| one(file, out));
        } else {
            one(path, out);
        }
        for artefact in out.iter_mut().skip(start) {
            artefact.run = side.or(artefact.run);
        }
    }
    Ok(())
}

fn walk(folder: &Path, depth: u32, out: &mut Vec<PathBuf>) {
    let Ok(items) = std::fs::read_dir(folder) else { return };
    let mut items: Vec<_> = items.filter_map(Result::ok).collect();
    items.sort_by_key(std::fs::DirEntry::file_name);
    for item in items {
        let Ok(kind) = item.file_type() else { continue };
        let hidden = item.file_name().to_string_lossy().starts_with('.');
        if kind.is_dir() && depth < DEEPEST && !hidden {
            walk(&item.path(), depth + 1, out);
        } else if kind.is_file() && !hidden && out.len() < MOST {
            out.push(item.path());
        }
    }
}

fn one(path: &Path, out: &mut Vec<Artefact>) {
    let shown = path.to_string_lossy().replace('\\', "/");
    let refused = |reason: String| Artefact { path: shown.clone(), refused: Some(reason), ..Artefact::default() };
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) => return out.push(refused(format!("It cannot be opened: {error}"))),
    };
    let bytes = file.metadata().map_or(0, |meta| meta.len());
    gather_file(&shown, bytes, &mut file, out);
}
