//! The commit that is audited: from `.git` beside the code, or from the comment that GitHub writes into its zips.
//! Knows git's files, not the program.

use drydock_core::intake;
use std::fs;
use std::path::{Path, PathBuf};

/// Short hash of the commit at `path`, a folder or an archive with that `comment`.
pub(crate) fn short_hash(path: &Path, comment: Option<&str>) -> Option<String> {
    let hash = if path.is_dir() { head(&git_dir(path)?)? } else { comment?.to_owned() };
    intake::short_hash(&hash)
}

/// `.git` of `folder` or of the folder above that holds it; work trees keep a file that points there.
fn git_dir(folder: &Path) -> Option<PathBuf> {
    let start = folder.canonicalize().ok()?;
    for folder in start.ancestors() {
        let git = folder.join(".git");
        if git.is_dir() {
            return Some(git);
        }
        if let Ok(text) = fs::read_to_string(&git) {
            return Some(folder.join(text.trim().strip_prefix("gitdir:")?.trim()));
        }
    }
    None
}

fn head(git: &Path) -> Option<String> {
    let text = fs::read_to_string(git.join("HEAD")).ok()?;
    let Some(name) = text.trim().strip_prefix("ref:") else { return Some(text.trim().to_owned()) };
    let name = name.trim();
    // Branches of a work tree stand in the main one.
    let common = fs::read_to_string(git.join("commondir")).map_or_else(|_| git.to_owned(), |at| git.join(at.trim()));
    if let Ok(hash) = fs::read_to_string(common.join(name)) {
        return Some(hash.trim().to_owned());
    }
    let packed = fs::read_to_string(common.join("packed-refs")).ok()?;
    let line = packed.lines().find(|line| line.split_once(' ').is_some_and(|(_, packed)| packed == name))?;
    line.split_once(' ').map(|(hash, _)| hash.to_owned())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const HASH: &str = "8c1ba3762d1529654377171efc28ecb2431a4ed5";

    #[test]
    fn heads_branches_packed_branches_and_comments() {
        let folder = std::env::temp_dir().join(format!("drydock-commit-{}", std::process::id()));
        let git = folder.join(".git");
        fs::create_dir_all(git.join("refs/heads")).unwrap();
        fs::create_dir_all(folder.join("app")).unwrap();
        let short = || short_hash(&folder.join("app"), None);
        fs::write(git.join("HEAD"), HASH).unwrap();
        assert_eq!(short().as_deref(), Some("8c1ba37"));
        fs::write(git.join("HEAD"), "ref: refs/heads/main\n").unwrap();
        assert_eq!(short(), None);
        fs::write(git.join("packed-refs"), format!("# pack-refs\n{HASH} refs/heads/main\n")).unwrap();
        assert_eq!(short().as_deref(), Some("8c1ba37"));
        fs::write(git.join("refs/heads/main"), "0".repeat(40)).unwrap();
        assert_eq!(short().as_deref(), Some("0000000"));
        fs::remove_dir_all(&folder).unwrap();
        assert_eq!(short_hash(Path::new("x.zip"), Some(HASH)).as_deref(), Some("8c1ba37"));
        assert_eq!(short_hash(Path::new("x.zip"), Some("made by hand")), None);
        assert_eq!(short_hash(Path::new("x.zip"), None), None);
    }
}
