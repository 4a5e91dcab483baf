//! The plan: which files are read for what, by which shard, and why all others are not.
//!
//! The plan depends only on the listing, the ignore files and the settings; every worker may make
//! it for itself. Files have ids in path order, so results do not depend on the archive's order.

use super::classify::{self, Role, Verdict, extension, split};
use super::error::{IntakeError, ReadError};
use super::limits::{Limits, SOURCE_LIMIT, TEXT_LIMIT, size_text};
use super::listing::{ArchiveKind, Entry, Listing};
use super::rules::{IgnoreFiles, PathPatterns};
use super::settings::{SETTINGS_FILE, Settings};
use super::skip::SkipKind;
use super::tables;
use crate::model::Language;
use crate::order::InOrder as _;
use crate::report::model::SkippedFile;
use crate::source::{FileId, text};
use crate::words::grouped;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// A file to be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedFile {
    /// Position in [`Plan::files`].
    pub id: FileId,
    /// Path relative to the project.
    pub path: String,
    /// [`Entry::index`] of its contents.
    pub entry: usize,
    /// Size in bytes.
    pub size: u64,
    /// What it is read for.
    pub role: Role,
    /// Its language, when it is code.
    pub language: Option<Language>,
    /// It lies in a folder of database migrations.
    pub migration: bool,
    /// Its name leaves open whether it is a test: the contents decide.
    pub perhaps_test: bool,
    /// Which shard reads it; everything but source is read by shard 0.
    pub shard: usize,
}

/// What is read and what is not.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// Files to read, by path.
    pub files: Vec<PlannedFile>,
    /// All others, by path. Folders of dependencies and caches are one row each, ending in `/`.
    pub skipped: Vec<SkippedFile>,
    /// Single common top folder that was removed from all paths.
    pub root_removed: Option<String>,
    /// Remarks, each one sentence; those of the listing and the settings come first.
    pub notices: Vec<String>,
    /// Files of source languages that no front end reads: extension (with dot) -> count.
    pub unread_languages: BTreeMap<String, u32>,
    /// All extensions with their counts, most frequent first.
    pub biggest_types: Vec<(String, u32)>,
    /// Number of files, read or not, outside folders of dependencies and caches.
    pub total_files: u64,
    /// Bytes to be read.
    pub total_bytes: u64,
    /// Set when that is above the limit: show it and stop.
    pub over_limit: Option<IntakeError>,
}

/// The entries whose contents [`plan`] needs: ignore files and the settings file.
#[must_use]
pub fn needed_for_plan(listing: &Listing) -> Vec<Entry> {
    let root = common_root(listing);
    let needed = |entry: &&Entry| {
        let path = relative(&entry.path, root.as_deref());
        let ignore_file = split(path).1 == ".gitignore" && classify::skipped_folder(path).is_none();
        (ignore_file || path == SETTINGS_FILE) && entry.size <= TEXT_LIMIT
    };
    listing.entries.iter().filter(needed).cloned().collect()
}

/// Reads what is needed and plans.
pub fn prepare(
    listing: &Listing,
    shards: usize,
    mut read: impl FnMut(&Entry) -> Result<Vec<u8>, ReadError>,
) -> (Settings, Plan) {
    let mut settings = Settings::default();
    let mut ignore_files = Vec::new();
    let mut notices = Vec::new();
    for entry in needed_for_plan(listing) {
        let bytes = match read(&entry) {
            Ok(bytes) => bytes,
            Err(error) => {
                notices.push(format!("{} could not be used. {error}.", entry.path));
                continue;
            }
        };
        let Ok(decoded) = text::decode(&bytes) else {
            notices.push(format!("{} could not be used. Its contents are no text.", entry.path));
            continue;
        };
        let (folder, name) = split(&entry.path);
        if name == SETTINGS_FILE {
            settings = Settings::parse(&decoded.text);
        } else {
            ignore_files.push((folder.to_owned(), decoded.text.into_owned()));
        }
    }
    settings.notices.extend(notices);
    let plan = plan(listing, &ignore_files, &settings, shards);
    (settings, plan)
}

/// Decides about every file of the listing. `ignore_files` are `(folder as in the listing, text)`.
#[must_use]
pub fn plan(listing: &Listing, ignore_files: &[(String, String)], settings: &Settings, shards: usize) -> Plan {
    let root = common_root(listing);
    let mut plan = Plan { root_removed: root.clone(), ..Plan::default() };
    plan.notices.extend(listing.notices.iter().cloned());
    plan.notices.extend(settings.notices.iter().cloned());
    let in_root: Vec<(String, String)> = ignore_files
        .iter()
        .map(|(folder, text)| (relative_folder(folder, root.as_deref()).to_owned(), text.clone()))
        .collect();
    let rules = IgnoreFiles::new(&in_root, &mut plan.notices);
    let mut sorter = Sorter::new(listing, root.as_deref(), settings, rules);
    let mut sorted = sorter.run(false);
    if !sorted.has_code() && sorted.hidden_code {
        let again = sorter.run(true);
        if again.has_code() {
            sorted = again;
            plan.notices.push(
                "All code lies where tests, copied code or build output usually are; it is audited all the same."
                    .to_owned(),
            );
        }
    }
    let Sorted { mut files, mut skipped, unread, .. } = sorted;
    plan.unread_languages = unread;
    count_types(listing, root.as_deref(), &sorter.environments, &mut plan);
    skipped.order();
    plan.skipped = skipped;
    files.order_by(|a, b| a.path.cmp(&b.path));
    for (i, file) in files.iter_mut().enumerate() {
        file.id = FileId(u32::try_from(i).unwrap_or(u32::MAX));
    }
    deal(&mut files, shards.max(1));
    plan.total_bytes = files.iter().map(|file| file.size).sum();
    if plan.total_bytes > Limits::default().total {
        plan.over_limit = Some(IntakeError::TooLarge { bytes: plan.total_bytes });
    }
    plan.files = files;
    plan
}

impl PlannedFile {
    /// Whether the contents show that the file is not to be audited after all: generated,
    /// minified, no text, a test.
    #[must_use]
    pub fn reject(&self, bytes: &[u8]) -> Option<SkippedFile> {
        let (kind, reason) = classify::content(&self.path, bytes, self.perhaps_test)?;
        Some(kind.file(self.path.clone(), self.size, reason))
    }
}

impl Plan {
    /// The files that shard `n` reads, in id order.
    pub fn shard(&self, n: usize) -> impl Iterator<Item = &PlannedFile> {
        self.files.iter().filter(move |file| file.shard == n)
    }

    /// The sentence for a project in which nothing can be audited.
    #[must_use]
    pub fn no_code(&self) -> Option<String> {
        if self.files.iter().any(|file| matches!(file.role, Role::Source | Role::Sql | Role::Template)) {
            return None;
        }
        let known = |ext: &str| tables::language(ext.trim_start_matches('.')).is_some();
        let what = if !self.biggest_types.iter().any(|(ext, _)| known(ext)) {
            "none in Python, JavaScript/TypeScript, Go, Java or SQL".to_owned()
        } else if self.unread_languages.keys().any(|ext| known(ext)) {
            "none in a language that this version reads".to_owned()
        } else {
            "and all of the code is skipped".to_owned()
        };
        let types: Vec<_> =
            self.biggest_types.iter().take(2).map(|(ext, n)| format!("{ext} {}", grouped(u64::from(*n)))).collect();
        let count = super::limits::files_text(self.total_files);
        Some(format!("{count}, {what}. Biggest types: {}.", types.join(", ")))
    }
}

/// The one folder in which everything lies. A Python package is kept: its name is part of its
/// imports.
pub(super) fn common_root(listing: &Listing) -> Option<String> {
    // A folder's paths are relative to it already.
    if listing.kind == ArchiveKind::Folder {
        return None;
    }
    let mut root: Option<&str> = None;
    let mut package = false;
    let mut project = false;
    for entry in &listing.entries {
        if entry.path.starts_with("__MACOSX/") || split(&entry.path).1 == ".DS_Store" {
            continue;
        }
        let (top, rest) = entry.path.split_once('/')?;
        if *root.get_or_insert(top) != top {
            return None;
        }
        package |= rest == "__init__.py";
        project |= !rest.contains('/') && tables::manifest(&rest.to_ascii_lowercase(), "");
    }
    root.filter(|top| (!package || project) && tables::built_in_folder(top).is_none()).map(ToOwned::to_owned)
}

fn relative<'a>(path: &'a str, root: Option<&str>) -> &'a str {
    root.and_then(|root| path.strip_prefix(root)?.strip_prefix('/')).unwrap_or(path)
}

fn relative_folder<'a>(folder: &'a str, root: Option<&str>) -> &'a str {
    let folder = folder.trim_matches('/');
    if root == Some(folder) { "" } else { relative(folder, root) }
}

/// What one pass over the listing gives.
#[derive(Default)]
struct Sorted {
    files: Vec<PlannedFile>,
    skipped: Vec<SkippedFile>,
    unread: BTreeMap<String, u32>,
    /// Code was skipped by a rule that may be wrong about a whole project.
    hidden_code: bool,
}

impl Sorted {
    fn has_code(&self) -> bool {
        self.files.iter().any(|file| matches!(file.role, Role::Source | Role::Sql))
    }
}

struct Sorter<'a> {
    listing: &'a Listing,
    root: Option<&'a str>,
    ignore: PathPatterns,
    include: PathPatterns,
    tests: bool,
    rules: IgnoreFiles,
    /// Folders with an `__init__.py`.
    packages: HashSet<String>,
    /// Folders with a `pyvenv.cfg`.
    environments: BTreeSet<String>,
    /// Paths without extension of source outside build folders.
    stems: HashSet<String>,
}

impl<'a> Sorter<'a> {
    fn new(listing: &'a Listing, root: Option<&'a str>, settings: &Settings, rules: IgnoreFiles) -> Self {
        let paths = || listing.entries.iter().map(|entry| relative(&entry.path, root));
        let packages = paths().filter_map(|path| path.strip_suffix("/__init__.py")).map(ToOwned::to_owned).collect();
        let environments = paths().filter_map(|path| path.strip_suffix("/pyvenv.cfg")).map(ToOwned::to_owned).collect();
        let built = |path: &str| split(path).0.split('/').any(tables::build_folder);
        let stems = if paths().any(built) {
            paths().filter(|path| !built(path) && is_code(path)).map(|path| stem(path).to_owned()).collect()
        } else {
            HashSet::new()
        };
        // What is not understood in them was said when the settings were read.
        let (ignore, include) = (PathPatterns::new(&settings.ignore).0, PathPatterns::new(&settings.include).0);
        Self { listing, root, ignore, include, tests: settings.tests, rules, packages, environments, stems }
    }

    fn run(&mut self, lenient: bool) -> Sorted {
        let mut out = Sorted::default();
        let mut folders: BTreeMap<String, (SkipKind, String, u64, u64)> = BTreeMap::new();
        let mut fold = |folder: &str, kind, what: &str, size: u64| {
            let row = folders.entry(folder.to_owned()).or_insert_with(|| (kind, what.to_owned(), 0, 0));
            row.2 += 1;
            row.3 = row.3.saturating_add(size);
        };
        for file in &self.listing.skipped {
            let path = relative(&file.path, self.root);
            match self.whole_folder(path, lenient) {
                Some((folder, kind, what)) => fold(&folder, kind, &what, file.size),
                None => out.skipped.push(SkippedFile { path: path.to_owned(), ..file.clone() }),
            }
        }
        for entry in &self.listing.entries {
            let path = relative(&entry.path, self.root);
            let included = self.include.matched(path).is_some();
            if !included && let Some((folder, kind, what)) = self.whole_folder(path, lenient) {
                out.hidden_code |= kind == SkipKind::Vendored && is_code(path);
                fold(&folder, kind, &what, entry.size);
                continue;
            }
            match self.judge(path, entry.size, lenient || included, included) {
                Verdict::Take { role, language } => out.files.push(PlannedFile {
                    id: FileId(0),
                    path: path.to_owned(),
                    entry: entry.index,
                    size: entry.size,
                    role,
                    language,
                    migration: classify::migration(path),
                    perhaps_test: !(lenient || included || self.tests) && classify::perhaps_test(path),
                    shard: 0,
                }),
                Verdict::Skip { kind, reason } => {
                    out.hidden_code |= matches!(kind, SkipKind::Test | SkipKind::BuildOutput) && is_code(path);
                    out.skipped.push(kind.file(path, entry.size, reason));
                }
                Verdict::Unread { reason } => {
                    *out.unread.entry(type_name(path)).or_default() += 1;
                    out.skipped.push(SkipKind::UnsupportedLanguage.file(path, entry.size, reason));
                }
            }
        }
        for (folder, (kind, what, count, size)) in folders {
            let reason = format!("{what} ({})", super::limits::files_text(count));
            out.skipped.push(kind.file(format!("{folder}/"), size, reason));
        }
        out
    }

    /// The folder that is skipped whole, why, and in which words.
    fn whole_folder(&self, path: &str, lenient: bool) -> Option<(String, SkipKind, String)> {
        if !self.environments.is_empty() {
            let parents = path.match_indices('/').filter_map(|(at, _)| path.get(..at));
            for folder in parents {
                if self.environments.contains(folder) {
                    let what = format!("`{folder}/` holds a virtual environment");
                    return Some((folder.to_owned(), SkipKind::BuiltIn, what));
                }
            }
        }
        classify::skipped_folder(path)
            .filter(|(_, kind, _)| !lenient || *kind == SkipKind::BuiltIn)
            .map(|(folder, kind, what)| (folder.to_owned(), kind, what))
    }

    fn judge(&mut self, path: &str, size: u64, lenient: bool, included: bool) -> Verdict {
        if !included {
            if let Some(reason) = self.rules.reason(path) {
                return Verdict::Skip { kind: SkipKind::Ignored, reason };
            }
            if let Some(pattern) = self.ignore.matched(path) {
                let reason = format!("Ignored by `{SETTINGS_FILE}`: `{pattern}`");
                return Verdict::Skip { kind: SkipKind::Ignored, reason };
            }
        }
        if !lenient {
            if !self.tests
                && let Some(reason) = classify::test(path)
            {
                return Verdict::Skip { kind: SkipKind::Test, reason };
            }
            if let Some(source) = self.built_from(path) {
                let reason = format!("Built from `{source}`, which is audited");
                return Verdict::Skip { kind: SkipKind::BuildOutput, reason };
            }
        }
        let mut verdict = classify::by_type(path);
        // A module that happens to have the manifest's name.
        if let Some(folder) = path.strip_suffix("/setup.py")
            && self.packages.contains(folder)
        {
            verdict = Verdict::Take { role: Role::Source, language: Some(Language::Python) };
        }
        let Verdict::Take { role, .. } = &verdict else { return verdict };
        let large_text = tables::lock_file(&split(path).1.to_ascii_lowercase());
        let limit = match role {
            Role::Source | Role::Stub | Role::Sql | Role::Template => SOURCE_LIMIT,
            _ if large_text => SOURCE_LIMIT,
            Role::Manifest | Role::Settings | Role::Doc | Role::Report => TEXT_LIMIT,
        };
        if size > limit {
            let reason = format!("Larger than {} ({})", size_text(limit), size_text(size));
            return Verdict::Skip { kind: SkipKind::TooLarge, reason };
        }
        verdict
    }

    /// The source (without extension) of a file in a build folder.
    fn built_from(&self, path: &str) -> Option<String> {
        if self.stems.is_empty() || !is_code(path) {
            return None;
        }
        let own = stem(path);
        let parts: Vec<&str> = own.split('/').collect();
        for (i, part) in parts.iter().enumerate().take(parts.len().saturating_sub(1)) {
            if !tables::build_folder(part) {
                continue;
            }
            let before = parts.get(..i).unwrap_or_default();
            let after = parts.get(i + 1..).unwrap_or_default();
            let (layer, inner) = after.split_first()?;
            let python = extension(path) == "py";
            let mut tails: Vec<&[&str]> = Vec::new();
            if !inner.is_empty()
                && (layer.starts_with("lib")
                    || layer.starts_with("bdist")
                    || !python && matches!(*layer, "js" | "cjs" | "esm" | "es" | "src"))
            {
                tails.push(inner);
            }
            // `build/` may well be a Python package of its own.
            if !python {
                tails.push(after);
            }
            for tail in tails {
                for middle in [None, Some("src"), Some("lib")] {
                    let candidate: Vec<&str> =
                        before.iter().copied().chain(middle).chain(tail.iter().copied()).collect();
                    let candidate = candidate.join("/");
                    if self.stems.contains(&candidate) {
                        return Some(candidate);
                    }
                }
            }
        }
        None
    }
}

fn is_code(path: &str) -> bool {
    classify::language(path).is_some()
}

fn stem(path: &str) -> &str {
    match path.rsplit_once('.') {
        Some((stem, extension)) if !extension.contains('/') => stem,
        _ => path,
    }
}

/// `.py`, or the name of a file without extension.
fn type_name(path: &str) -> String {
    let extension = extension(path);
    if extension.is_empty() { split(path).1.to_owned() } else { format!(".{extension}") }
}

fn count_types(listing: &Listing, root: Option<&str>, environments: &BTreeSet<String>, plan: &mut Plan) {
    let mut counts: BTreeMap<String, u32> = BTreeMap::new();
    let all = listing.entries.iter().map(|entry| &entry.path).chain(listing.skipped.iter().map(|file| &file.path));
    for path in all {
        let path = relative(path, root);
        let built_in = classify::skipped_folder(path).is_some_and(|(_, kind, _)| kind == SkipKind::BuiltIn)
            || path.match_indices('/').any(|(at, _)| path.get(..at).is_some_and(|f| environments.contains(f)));
        if !built_in {
            plan.total_files += 1;
            *counts.entry(type_name(path)).or_default() += 1;
        }
    }
    plan.biggest_types = counts.into_iter().collect();
    plan.biggest_types.order_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
}

/// Deals source files to shards, largest first, always to the emptiest.
fn deal(files: &mut [PlannedFile], shards: usize) {
    let mut loads = vec![0u64; shards];
    if let Some(first) = loads.first_mut() {
        *first = files.iter().filter(|file| file.role != Role::Source).map(|file| file.size).sum();
    }
    let mut order: Vec<&mut PlannedFile> = files.iter_mut().filter(|file| file.role == Role::Source).collect();
    order.order_by(|a, b| b.size.cmp(&a.size).then_with(|| a.path.cmp(&b.path)));
    for file in order {
        let Some((shard, load)) = loads.iter_mut().enumerate().min_by_key(|(i, load)| (**load, *i)) else { return };
        // Files cost something even when they are empty.
        *load += file.size + 200;
        file.shard = shard;
    }
}
