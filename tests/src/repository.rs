//! The files of this repository that tests read.

use std::fs;
use std::path::{Path, PathBuf};

/// Root of the repository.
#[must_use]
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map_or_else(PathBuf::new, Path::to_path_buf)
}

/// A text file of the repository.
#[derive(Clone, Debug)]
pub struct TextFile {
    /// Path from the root, with `/`.
    pub path: String,
    /// Content.
    pub text: String,
}

/// All files below `folder` (from the root) whose name ends in `suffix`, sorted by path.
#[must_use]
pub fn files(folder: &str, suffix: &str) -> Vec<TextFile> {
    let root = root();
    let mut found = Vec::new();
    collect(&root.join(folder), &mut |path| {
        let name = path.strip_prefix(&root).unwrap_or(path).to_string_lossy().replace('\\', "/");
        if name.ends_with(suffix)
            && let Ok(text) = fs::read_to_string(path)
        {
            found.push(TextFile { path: name, text });
        }
    });
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

fn collect(folder: &Path, visit: &mut impl FnMut(&Path)) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let built = ["target", "node_modules", "dist"].iter().any(|skip| name == *skip);
        match entry.file_type() {
            Ok(kind) if kind.is_dir() && !built => collect(&entry.path(), visit),
            Ok(kind) if kind.is_file() => visit(&entry.path()),
            _ => {}
        }
    }
}
