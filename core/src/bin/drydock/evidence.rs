//! Reading files of evidence: files, folders and zips of them. What cannot be read is kept with its reason.

use drydock_core::evidence::model::{Artefact, Run};
use drydock_core::evidence::{Limits, read};
use drydock_core::intake::ZipSource;
use std::fs::File;
use std::io::{Cursor, Read as _};
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
    let mut magic = Vec::new();
    if (&mut file).take(4).read_to_end(&mut magic).is_ok() && magic.starts_with(b"PK\x03\x04") {
        match File::open(path) {
            Ok(again) => zip(&shown, again, out),
            Err(error) => out.push(refused(format!("It cannot be opened: {error}"))),
        }
        return;
    }
    let mut content = Cursor::new(magic).chain(file);
    out.push(read(&shown, bytes, &mut content, Limits::default()));
}

/// The entries of a zip, each as `archive.zip!entry`.
fn zip(shown: &str, file: File, out: &mut Vec<Artefact>) {
    let refused = |path: String, reason: String| Artefact { path, refused: Some(reason), ..Artefact::default() };
    let (mut source, listing) = match ZipSource::open(file, shown) {
        Ok(opened) => opened,
        Err(error) => return out.push(refused(shown.to_owned(), error.to_string())),
    };
    for entry in listing.entries.iter().filter(|entry| !entry.path.ends_with('/')).take(MOST) {
        let path = format!("{shown}!{}", entry.path);
        match source.read(entry) {
            Ok(bytes) => out.push(read(&path, bytes.len() as u64, &mut Cursor::new(bytes), Limits::default())),
            Err(error) => out.push(refused(path, error.to_string())),
        }
    }
}
