//! Folders to tell findings apart by: as deep as is needed for a handful, and no deeper.

use drydock_core::report::model::Finding;

/// Deeper folders count for the one above.
const DEEPEST: usize = 5;
/// So many are enough.
const ENOUGH: usize = 4;

/// How many folders of a path tell findings apart.
#[must_use]
pub fn depth(findings: &[Finding]) -> usize {
    let mut depth = 1;
    while depth < DEEPEST {
        let mut found: Vec<&str> = Vec::new();
        for folder in findings.iter().map(|finding| above(&finding.path, depth)) {
            if found.len() < ENOUGH && !found.contains(&folder) {
                found.push(folder);
            }
        }
        if found.len() >= ENOUGH {
            break;
        }
        depth += 1;
    }
    depth
}

/// The first `depth` folders of a path, with `/` at the end; empty for a file in no folder.
#[must_use]
pub fn above(path: &str, depth: usize) -> &str {
    let end = path.match_indices('/').take(depth).last().map_or(0, |(at, _)| at + 1);
    path.get(..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::verdict::tests::finding;
    use super::*;
    use drydock_core::report::model::{Category, Severity};

    fn of(paths: &[&str]) -> Vec<String> {
        let findings: Vec<Finding> = paths
            .iter()
            .map(|path| Finding {
                path: (*path).to_owned(),
                ..finding("query_in_loop", Category::QueryEfficiency, Severity::High)
            })
            .collect();
        let depth = depth(&findings);
        let found: std::collections::BTreeSet<&str> = paths.iter().map(|path| above(path, depth)).collect();
        found.into_iter().map(str::to_owned).collect()
    }

    #[test]
    fn folders_are_as_deep_as_a_handful_needs() {
        assert_eq!(of(&["a/x.py", "b/x.py", "c/y/x.py", "d/x.py"]), ["a/", "b/", "c/", "d/"]);
        assert_eq!(
            of(&["src/app/a/x.py", "src/app/b/x.py", "src/app/c/x.py", "src/lib/x.py"]),
            ["src/app/a/", "src/app/b/", "src/app/c/", "src/lib/"]
        );
        assert_eq!(of(&["main.py"]), [""]);
        assert_eq!(of(&["a/b/c/d/e/f/x.py"]), ["a/b/c/d/e/"]);
    }
}
