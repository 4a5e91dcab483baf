//! Path patterns in `.gitignore` syntax: nested ignore files as git applies them, and flat lists.

use super::classify::split;
use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};
use std::collections::{BTreeMap, HashMap};

/// Patterns of one ignore file beyond this are not read; no real project comes near.
const PATTERN_LIMIT: usize = 5_000;

/// Compiles lines; returns what was not understood.
fn compile<'a>(lines: impl Iterator<Item = &'a str>) -> (Gitignore, Vec<String>) {
    let mut builder = GitignoreBuilder::new("");
    let mut faults = Vec::new();
    for (i, line) in lines.enumerate() {
        if i == PATTERN_LIMIT {
            faults.push(format!("only its first {PATTERN_LIMIT} lines are used"));
            break;
        }
        if builder.add_line(None, line).is_err() {
            faults.push(format!("the pattern `{line}` is not understood"));
        }
    }
    match builder.build() {
        Ok(matcher) => (matcher, faults),
        Err(_) => {
            faults.push("its patterns are too large together, so none is used".to_owned());
            (Gitignore::empty(), faults)
        }
    }
}

/// The ignore files of a project.
#[derive(Debug, Default)]
pub(super) struct IgnoreFiles {
    /// By the folder they stand in.
    files: BTreeMap<String, Gitignore>,
    /// Why a folder is ignored, as far as it was asked.
    folders: HashMap<String, Option<String>>,
}

impl IgnoreFiles {
    /// Compiles `(folder, text)` pairs; remarks go to `notices`.
    pub fn new(texts: &[(String, String)], notices: &mut Vec<String>) -> Self {
        let mut files = BTreeMap::new();
        for (folder, text) in texts {
            let folder = folder.trim_matches('/').to_owned();
            let (matcher, faults) = compile(text.lines());
            notices.extend(faults.into_iter().map(|fault| format!("{}: {fault}.", file_name(&folder))));
            files.insert(folder, matcher);
        }
        Self { files, folders: HashMap::new() }
    }

    /// The sentence why git would ignore the file `path`.
    pub fn reason(&mut self, path: &str) -> Option<String> {
        if self.files.is_empty() {
            return None;
        }
        // A file in an ignored folder cannot be taken back in.
        self.folder(split(path).0).or_else(|| self.matched(path, false))
    }

    fn folder(&mut self, folder: &str) -> Option<String> {
        if folder.is_empty() {
            return None;
        }
        if let Some(known) = self.folders.get(folder) {
            return known.clone();
        }
        let mut reason = None;
        // From the top down, without recursion: paths may be deep.
        let ends = folder.match_indices('/').map(|(at, _)| at).chain([folder.len()]);
        for end in ends {
            let Some(part) = folder.get(..end) else { continue };
            reason = match self.folders.get(part) {
                Some(known) => known.clone(),
                None => {
                    let found = reason.clone().or_else(|| self.matched(part, true));
                    self.folders.insert(part.to_owned(), found.clone());
                    found
                }
            };
        }
        reason
    }

    /// The deepest ignore file that says anything decides.
    fn matched(&self, path: &str, is_dir: bool) -> Option<String> {
        let mut folder = split(path).0;
        loop {
            if let Some(matcher) = self.files.get(folder) {
                let relative = path.strip_prefix(folder).map_or(path, |rest| rest.trim_start_matches('/'));
                match matcher.matched(relative, is_dir) {
                    Match::Ignore(glob) => {
                        return Some(format!("Ignored by {}: `{}`", file_name(folder), glob.original()));
                    }
                    Match::Whitelist(_) => return None,
                    Match::None => {}
                }
            }
            if folder.is_empty() {
                return None;
            }
            folder = split(folder).0;
        }
    }
}

fn file_name(folder: &str) -> String {
    if folder.is_empty() { "`.gitignore`".to_owned() } else { format!("`{folder}/.gitignore`") }
}

/// A flat list of patterns, relative to the project.
#[derive(Clone, Debug)]
pub struct PathPatterns {
    matcher: Gitignore,
}

impl Default for PathPatterns {
    fn default() -> Self {
        Self { matcher: Gitignore::empty() }
    }
}

impl PathPatterns {
    /// Compiles patterns in `.gitignore` syntax; the second value names those not understood.
    #[must_use]
    pub fn new(patterns: &[String]) -> (Self, Vec<String>) {
        let (matcher, faults) = compile(patterns.iter().map(String::as_str));
        (Self { matcher }, faults)
    }

    /// Whether it holds no pattern.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.matcher.is_empty()
    }

    /// The pattern that covers the file `path` or one of its folders.
    #[must_use]
    pub fn matched(&self, path: &str) -> Option<&str> {
        let mut is_dir = false;
        let mut at = path;
        while !at.is_empty() {
            match self.matcher.matched(at, is_dir) {
                Match::Ignore(glob) => return Some(glob.original()),
                Match::Whitelist(_) => return None,
                Match::None => {}
            }
            at = split(at).0;
            is_dir = true;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(texts: &[(&str, &str)]) -> IgnoreFiles {
        let texts: Vec<_> = texts.iter().map(|(folder, text)| ((*folder).to_owned(), (*text).to_owned())).collect();
        let mut notices = Vec::new();
        let files = IgnoreFiles::new(&texts, &mut notices);
        assert_eq!(notices, Vec::<String>::new());
        files
    }

    #[test]
    fn ignore_files_work_as_in_git() {
        let mut rules = files(&[
            ("", "*.log\n/data/\nlegacy\n!keep.log\n# comment\nbuild/**/*.py\n"),
            ("app", "!debug.log\n/local.py\n"),
            ("legacy", "!*\n"),
        ]);
        let mut reason = |path: &str| rules.reason(path);
        assert_eq!(reason("a.log").as_deref(), Some("Ignored by `.gitignore`: `*.log`"));
        assert_eq!(reason("x/keep.log"), None);
        assert_eq!(reason("app/debug.log"), None);
        assert_eq!(reason("app/x/debug.log"), None);
        assert_eq!(reason("app/local.py").as_deref(), Some("Ignored by `app/.gitignore`: `/local.py`"));
        assert_eq!(reason("app/x/local.py"), None);
        assert_eq!(reason("data/x/y.py").as_deref(), Some("Ignored by `.gitignore`: `/data/`"));
        assert_eq!(reason("app/data/y.py"), None);
        assert_eq!(reason("legacy/a.py").as_deref(), Some("Ignored by `.gitignore`: `legacy`"));
        assert_eq!(reason("build/a/b.py").as_deref(), Some("Ignored by `.gitignore`: `build/**/*.py`"));
        assert_eq!(reason("local.py"), None);
    }

    #[test]
    fn patterns_that_are_not_understood_are_said() {
        let mut notices = Vec::new();
        let mut rules = IgnoreFiles::new(&[("web".to_owned(), "[z-a]\n*.py\n".to_owned())], &mut notices);
        assert_eq!(notices, ["`web/.gitignore`: the pattern `[z-a]` is not understood."]);
        assert!(rules.reason("web/a.py").is_some());
        let mut notices = Vec::new();
        IgnoreFiles::new(&[(String::new(), "a\n".repeat(6_000))], &mut notices);
        assert_eq!(notices, ["`.gitignore`: only its first 5000 lines are used."]);
    }

    #[test]
    fn flat_patterns_cover_folders() {
        let (patterns, faults) = PathPatterns::new(&["jobs/".to_owned(), "app/**/old_*.py".to_owned()]);
        assert!(faults.is_empty());
        assert_eq!(patterns.matched("jobs/a/b.py"), Some("jobs/"));
        assert_eq!(patterns.matched("app/x/y/old_z.py"), Some("app/**/old_*.py"));
        assert_eq!(patterns.matched("app/jobs.py"), None);
        assert!(PathPatterns::default().is_empty());
    }
}
