//! What an archive or folder holds, before anything is decided about the files.

use super::error::IntakeError;
use super::limits::{Limits, files_text};
use super::names::{self, NameFault};
use super::skip::SkipKind;
use crate::order::InOrder as _;
use crate::report::model::SkippedFile;
use crate::words::grouped;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// What was dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ArchiveKind {
    /// A zip (also a wheel, a jar, …).
    Zip,
    /// A tar, gzipped or not.
    TarGz,
    /// A folder.
    Folder,
}

impl ArchiveKind {
    /// `zip`, `tar.gz`, `folder`
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Zip => "zip",
            Self::TarGz => "tar.gz",
            Self::Folder => "folder",
        }
    }
}

/// A file that can be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Position in the archive's directory (or in the folder list), from 0.
    pub index: usize,
    /// Cleaned path with `/`, as in the archive (no folder removed yet).
    pub path: String,
    /// Size when expanded, as declared.
    pub size: u64,
    /// Size in the archive.
    pub packed: u64,
}

/// Where a damaged archive ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Partial {
    /// Entry that could not be read any more, from 1.
    pub entry: u64,
    /// Its name, when readable.
    pub path: Option<String>,
    /// Files before it.
    pub read: u64,
    /// What went wrong.
    pub detail: String,
}

/// The contents of an archive or folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listing {
    /// Files that can be read, in archive order.
    pub entries: Vec<Entry>,
    /// Files that cannot, by path.
    pub skipped: Vec<SkippedFile>,
    /// Remarks on the whole archive, each one sentence.
    pub notices: Vec<String>,
    /// Comment of a zip. GitHub writes the commit hash there.
    pub comment: Option<String>,
    /// What it is.
    pub kind: ArchiveKind,
    /// Set when the archive is damaged; its question is then the first notice.
    pub partial: Option<Partial>,
}

/// Characters of a hash that name a commit.
const SHORT_HASH: usize = 7;

/// The short hash of a commit, if `text` is a commit's whole hash.
#[must_use]
pub fn short_hash(text: &str) -> Option<String> {
    let hash = text.trim();
    let is_hash = matches!(hash.len(), 40 | 64) && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hash.then(|| hash.chars().take(SHORT_HASH).collect())
}

/// An entry as the archive states it, before judging it.
#[derive(Clone, Debug, Default)]
pub(super) struct RawEntry {
    pub name: Vec<u8>,
    /// The archive says that the name is UTF-8.
    pub utf8: bool,
    pub size: u64,
    pub packed: u64,
    /// First byte of its header; entries of a zip must not share bytes.
    pub start: u64,
    pub fault: Option<(SkipKind, String)>,
    /// Unreadable compression method.
    pub method: Option<&'static str>,
    pub is_dir: bool,
}

/// Judges raw entries: names, bombs, duplicates, overlaps; `index` is their position.
pub(super) fn judge(
    raw: &[RawEntry],
    kind: ArchiveKind,
    limits: &Limits,
    partial: Option<Partial>,
) -> Result<Listing, IntakeError> {
    let mut listing =
        Listing { entries: Vec::new(), skipped: Vec::new(), notices: Vec::new(), comment: None, kind, partial: None };
    let overlapping = if kind == ArchiveKind::Zip { overlaps(raw) } else { BTreeSet::new() };
    let mut methods: BTreeMap<&'static str, u64> = BTreeMap::new();
    let (mut files, mut encrypted, mut lossy, mut backslashes) = (0u64, 0u64, Vec::new(), 0u64);
    let mut last_of: HashMap<String, usize> = HashMap::new();
    for (index, entry) in raw.iter().enumerate() {
        if entry.is_dir {
            continue;
        }
        files += 1;
        let name = names::decode(&entry.name, entry.utf8);
        let shown = names::shown(&name.text);
        if name.guessed {
            lossy.push(shown.clone());
        }
        let cleaned = names::clean(&name.text);
        if let Some((kind, reason)) = &entry.fault {
            encrypted += u64::from(*kind == SkipKind::Encrypted);
            listing.skipped.push(kind.file(cleaned.map_or(shown, |c| c.path), entry.size, reason.clone()));
            continue;
        }
        let cleaned = match cleaned {
            Ok(cleaned) => cleaned,
            Err(fault) => {
                listing.skipped.push(unsafe_name(shown, entry.size, fault));
                continue;
            }
        };
        backslashes += u64::from(cleaned.backslashes);
        let path = cleaned.path;
        if let Some(method) = entry.method {
            *methods.entry(method).or_default() += 1;
            let reason = format!("Its compression ({method}) cannot be read");
            listing.skipped.push(SkipKind::UnsupportedCompression.file(path, entry.size, reason));
            continue;
        }
        if let Some(ratio) = limits.excess_ratio(entry.size, entry.packed)
            && kind == ArchiveKind::Zip
        {
            return Err(IntakeError::Bomb { path, ratio });
        }
        if overlapping.contains(&index) {
            let reason = "Shares its bytes with an entry before it, which only made-up archives do";
            listing.skipped.push(SkipKind::Overlapping.file(path, entry.size, reason));
            continue;
        }
        last_of.insert(path.clone(), index);
        listing.entries.push(Entry { index, path, size: entry.size, packed: entry.packed });
    }
    if files == 0 {
        return Err(match partial {
            Some(p) => IntakeError::Damaged { kind, entry: p.entry, path: p.path, detail: p.detail },
            None => IntakeError::Empty { kind },
        });
    }
    if encrypted == files {
        return Err(IntakeError::Encrypted);
    }
    let Listing { entries, skipped, .. } = &mut listing;
    entries.retain(|entry| {
        let counts = last_of.get(&entry.path) == Some(&entry.index);
        if !counts {
            let reason = format!("The {} has this name more than once; the last one counts", kind.word());
            skipped.push(SkipKind::Duplicate.file(entry.path.clone(), entry.size, reason));
        }
        counts
    });
    skipped.order();
    if let Some(partial) = partial {
        listing.notices.push(partial_text(kind, &partial));
        listing.partial = Some(partial);
    }
    if encrypted > 0 {
        let verb = if encrypted == 1 { "is" } else { "are" };
        listing.notices.push(format!("{} {verb} password-protected: listed under Skipped.", files_text(encrypted)));
    }
    if !methods.is_empty() {
        let count: u64 = methods.values().sum();
        let verb = if count == 1 { "uses" } else { "use" };
        let names: Vec<_> = methods.into_keys().collect();
        listing.notices.push(format!(
            "{} {verb} a compression we cannot read ({}): listed under Skipped.",
            files_text(count),
            names.join(", ")
        ));
    }
    if let Some(first) = lossy.first() {
        let verb = if lossy.len() == 1 { "has a name that is" } else { "have names that are" };
        listing.notices.push(format!(
            "{} {verb} not UTF-8, read as code page 437: {first}{}",
            files_text(lossy.len() as u64),
            if lossy.len() == 1 { "." } else { ", …" }
        ));
    }
    if backslashes > 0 {
        let verb = if backslashes == 1 { "has a name" } else { "have names" };
        listing.notices.push(format!("{} {verb} with backslashes, read as folders.", files_text(backslashes)));
    }
    Ok(listing)
}

/// The question that a damaged archive raises.
fn partial_text(kind: ArchiveKind, partial: &Partial) -> String {
    let mut text = format!("The {} is cut short or damaged at entry {}", kind.word(), grouped(partial.entry));
    if let Some(path) = &partial.path {
        text.push_str(&format!(" ({path})"));
    }
    let verb = if partial.read == 1 { "was" } else { "were" };
    text.push_str(&format!(". {} {verb} read: audit those?", files_text(partial.read)));
    text
}

fn unsafe_name(shown: String, size: u64, fault: NameFault) -> SkippedFile {
    let reason = match fault {
        NameFault::Parent => "The name leads out of the project (`..`)",
        NameFault::Absolute => "The name is an absolute path",
        NameFault::Drive => "The name starts with a drive letter",
        NameFault::Control => "The name has control characters",
        NameFault::Empty => "The name is empty",
    };
    SkipKind::UnsafeName.file(shown, size, reason)
}

/// Positions of the entries whose bytes start before the previous entry's end.
fn overlaps(raw: &[RawEntry]) -> BTreeSet<usize> {
    let mut order: Vec<usize> = (0..raw.len()).collect();
    let start = |i: &usize| raw.get(*i).map_or(0, |entry| entry.start);
    order.order_by_key(|i| (start(i), *i));
    let mut end = 0u64;
    let mut out = BTreeSet::new();
    for i in order {
        let Some(entry) = raw.get(i) else { continue };
        if entry.start < end {
            out.insert(i);
        } else {
            end = entry.start.saturating_add(30).saturating_add(entry.packed);
        }
    }
    out
}

#[cfg(feature = "engine")]
impl Listing {
    /// Keeps only what lies in `folders` (as in the archive, or without its single top folder);
    /// the rest is listed as skipped.
    pub fn narrow(&mut self, folders: &[String]) {
        if folders.is_empty() {
            return;
        }
        let root = super::plan::common_root(self);
        let Self { entries, skipped, .. } = self;
        entries.retain(|entry| {
            let inner = root.as_deref().and_then(|r| entry.path.strip_prefix(r)?.strip_prefix('/'));
            let inside = |folder: &String| {
                let folder = folder.trim_matches('/');
                [Some(entry.path.as_str()), inner]
                    .into_iter()
                    .flatten()
                    .any(|path| path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
            };
            let keep = folders.iter().any(inside);
            if !keep {
                let reason = "Outside the chosen folders";
                skipped.push(SkipKind::NotChosen.file(entry.path.clone(), entry.size, reason));
            }
            keep
        });
        skipped.order();
    }
}
