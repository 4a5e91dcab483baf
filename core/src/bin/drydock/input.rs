//! What lies at PATH: a zip, a tar.gz or a folder, listed once and read by every worker.

use drydock_core::evidence::candidates::by_path;
use drydock_core::evidence::model::Artefact;
use drydock_core::evidence::recognize::HEAD_BYTES;
use drydock_core::facade::performance::{candidates, evidence_limits, gather};
use drydock_core::intake::{
    Entry, FolderEntry, IntakeError, Kind, Limits, Listing, Plan, ReadError, SNIFF_LEN, SkipKind, TarGz, ZipSource,
    folder_listing, never_enter, sniff,
};
use drydock_core::report::model::SkippedFile;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, Cursor, Read};
use std::path::{Path, PathBuf};

/// An opened input.
#[derive(Debug)]
pub(crate) struct Input {
    /// Name of the project.
    pub(crate) name: String,
    /// What it holds.
    pub(crate) listing: Listing,
    /// What could not be listed.
    pub(crate) skipped: Vec<SkippedFile>,
    place: Place,
}

#[derive(Debug)]
enum Place {
    /// Where it lies, and its directory.
    Zip(PathBuf, Box<ZipSource<File>>),
    /// Where it lies, and contents by entry: a stream is read once, but for evidence in it.
    Stream(PathBuf, BTreeMap<usize, Vec<u8>>),
    /// Files by entry.
    Folder(Vec<PathBuf>),
}

/// Reads entries; every worker has its own.
#[derive(Debug)]
pub(crate) enum Reader<'a> {
    Zip(Box<ZipSource<File>>),
    Stream(&'a BTreeMap<usize, Vec<u8>>),
    Folder(&'a [PathBuf]),
}

impl Input {
    /// Opens what lies at `path`, or only `folder` of it.
    pub(crate) fn open_in(path: &Path, folder: Option<&str>) -> Result<Self, String> {
        let mut input = Self::open(path)?;
        if let Some(folder) = folder {
            let folder = folder.replace('\\', "/");
            let folder = folder.trim_start_matches("./").trim_matches('/').to_owned();
            input.listing.narrow(std::slice::from_ref(&folder));
            if input.listing.entries.is_empty() {
                return Err(format!("{} has no folder `{folder}` with files in it", path.display()));
            }
        }
        Ok(input)
    }

    fn open(path: &Path) -> Result<Self, String> {
        let shown = path.display();
        let meta = std::fs::metadata(path).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => format!("{shown} does not exist"),
            _ => format!("{shown} cannot be read: {error}"),
        })?;
        if meta.is_dir() {
            return Self::folder(path);
        }
        let file_name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let unreadable = |error: std::io::Error| format!("{shown} cannot be read: {error}");
        let mut first = Vec::with_capacity(SNIFF_LEN);
        let file = File::open(path).map_err(unreadable)?;
        file.take(SNIFF_LEN as u64).read_to_end(&mut first).map_err(unreadable)?;
        let file = File::open(path).map_err(unreadable)?;
        let name = project_name(&file_name);
        let (listing, place) = match sniff(&first, &file_name) {
            Kind::Zip => {
                let (source, listing) = ZipSource::open(file, &file_name).map_err(|error| sentence(&error))?;
                (listing, Place::Zip(path.to_owned(), Box::new(source)))
            }
            Kind::TarGz => {
                let mut contents = BTreeMap::new();
                let listing = TarGz::read_all(BufReader::new(file), &file_name, &Limits::default(), |entry, bytes| {
                    contents.insert(entry.index, bytes);
                })
                .map_err(|error| sentence(&error))?;
                (listing, Place::Stream(path.to_owned(), contents))
            }
            Kind::ReportJson | Kind::ReportHtml => return Err(format!("{shown} is a report of ours, not a project")),
            Kind::Gz | Kind::Other => return Err(sentence(&IntakeError::NotAnArchive { name: file_name })),
        };
        Ok(Self { name, listing, skipped: Vec::new(), place })
    }

    fn folder(path: &Path) -> Result<Self, String> {
        let real = path.canonicalize().map_err(|error| format!("{} cannot be read: {error}", path.display()))?;
        let name = real.file_name().map_or_else(|| "project".to_owned(), |name| name.to_string_lossy().into_owned());
        // The folder's name matters only where it is the name of a package: imports spell it.
        let package = real.join("__init__.py").is_file() && !never_enter(&name) && !name.contains('\\');
        let top = if package { name.as_str() } else { "" };
        let mut walk = Walk { entries: Vec::new(), files: Vec::new(), skipped: Vec::new() };
        walk.enter(&real, top, 0);
        let Walk { entries, files, skipped } = walk;
        let listing = folder_listing(&entries, &Limits::default()).map_err(|error| sentence(&error))?;
        Ok(Self { name, listing, skipped, place: Place::Folder(files) })
    }

    /// A reader of the contents.
    pub(crate) fn reader(&self) -> Result<Reader<'_>, String> {
        match &self.place {
            Place::Zip(path, directory) => {
                let unreadable = |error: std::io::Error| format!("{} cannot be read: {error}", path.display());
                let file = File::open(path).map_err(unreadable)?;
                Ok(Reader::Zip(Box::new(directory.again(file).map_err(unreadable)?)))
            }
            Place::Stream(_, contents) => Ok(Reader::Stream(contents)),
            Place::Folder(files) => Ok(Reader::Folder(files)),
        }
    }

    /// Reads the evidence that lies in the project, in order of its paths.
    pub(crate) fn evidence(&self, plan: &Plan, out: &mut Vec<Artefact>) -> Result<(), String> {
        let mut reader = self.reader()?;
        let likely;
        if let Place::Stream(path, _) = &self.place {
            likely = likely_evidence(path)?;
            reader = Reader::Stream(&likely);
        }
        if let Reader::Zip(source) = reader {
            reader = Reader::Zip(Box::new(source.with_limits(evidence_limits())));
        }
        let head = |entry: usize| match (&mut reader, &self.place) {
            (_, Place::Folder(files)) => first_bytes(files.get(entry)?),
            (Reader::Zip(source), _) => source.start(self.entry(entry)?, HEAD_BYTES).ok(),
            (reader, _) => reader.read(self.entry(entry)?).ok(),
        };
        let files = self.listing.entries.iter().map(|entry| (entry.path.as_str(), entry.index, entry.size));
        for candidate in candidates(files, plan.root_removed.as_deref(), head) {
            let inner = candidate.path.as_str();
            let refused =
                |reason: String| Artefact { path: inner.to_owned(), refused: Some(reason), ..Artefact::default() };
            match &self.place {
                Place::Folder(files) => match files.get(candidate.entry).map(File::open) {
                    Some(Ok(mut file)) => gather(inner, candidate.bytes, &mut file, out),
                    _ => out.push(refused("It cannot be opened".to_owned())),
                },
                _ => match self.entry(candidate.entry).map(|entry| reader.read(entry)) {
                    Some(Ok(bytes)) => gather(inner, candidate.bytes, &mut Cursor::new(bytes), out),
                    Some(Err(error)) => out.push(refused(error.to_string())),
                    None => {}
                },
            }
        }
        Ok(())
    }

    /// The entry at `index`.
    pub(crate) fn entry(&self, index: usize) -> Option<&Entry> {
        // Entries are in archive order, yet unreadable ones are missing between them.
        let at = self.listing.entries.binary_search_by_key(&index, |entry| entry.index).ok();
        at.and_then(|at| self.listing.entries.get(at))
            .or_else(|| self.listing.entries.iter().find(|entry| entry.index == index))
    }
}

/// Contents of what may be evidence in a stream, by entry: an audit has no use for them, so they were passed over.
fn likely_evidence(path: &Path) -> Result<BTreeMap<usize, Vec<u8>>, String> {
    let unreadable = |error: std::io::Error| format!("{} cannot be read: {error}", path.display());
    let file = BufReader::new(File::open(path).map_err(unreadable)?);
    let mut contents = BTreeMap::new();
    let keep = |entry: Entry, bytes| {
        contents.insert(entry.index, bytes);
    };
    TarGz::read_those(file, &path.to_string_lossy(), &evidence_limits(), by_path, keep)
        .map_err(|error| sentence(&error))?;
    Ok(contents)
}

fn first_bytes(path: &Path) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path).ok()?.take(HEAD_BYTES).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

impl Reader<'_> {
    /// The bytes of an entry.
    pub(crate) fn read(&mut self, entry: &Entry) -> Result<Vec<u8>, ReadError> {
        match self {
            Self::Zip(source) => source.read(entry),
            Self::Stream(contents) => contents.get(&entry.index).cloned().ok_or(ReadError::Unknown),
            Self::Folder(files) => {
                let path = files.get(entry.index).ok_or(ReadError::Unknown)?;
                let refused = |error: std::io::Error| ReadError::Io(error.to_string());
                let limit = Limits::default().entry;
                let mut bytes = Vec::new();
                // It may have grown since it was listed.
                File::open(path).map_err(refused)?.take(limit + 1).read_to_end(&mut bytes).map_err(refused)?;
                if bytes.len() as u64 > limit {
                    return Err(ReadError::TooLarge { size: bytes.len() as u64 });
                }
                Ok(bytes)
            }
        }
    }
}

/// Deeper folders are not entered.
const MAX_DEPTH: u32 = 200;

struct Walk {
    entries: Vec<FolderEntry>,
    files: Vec<PathBuf>,
    skipped: Vec<SkippedFile>,
}

impl Walk {
    fn push(&mut self, path: String, size: u64, file: PathBuf) {
        self.entries.push(FolderEntry { path, size });
        self.files.push(file);
    }

    /// `shown` is the folder's path in the listing.
    fn enter(&mut self, folder: &Path, shown: &str, depth: u32) {
        let inside = |name: &str| if shown.is_empty() { name.to_owned() } else { format!("{shown}/{name}") };
        let mut items: Vec<_> = match std::fs::read_dir(folder) {
            Ok(items) => items.filter_map(Result::ok).collect(),
            Err(error) => {
                let reason = format!("The system refused to read it: {error}");
                self.skipped.push(SkipKind::Damaged.file(format!("{shown}/"), 0, reason));
                return;
            }
        };
        items.sort_by_key(std::fs::DirEntry::file_name);
        for item in items {
            let name = item.file_name().to_string_lossy().into_owned();
            let path = inside(&name);
            let Ok(kind) = item.file_type() else { continue };
            if kind.is_symlink() {
                self.skipped.push(SkipKind::Symlink.file(path, 0, "A symbolic link is not followed"));
            } else if kind.is_dir() {
                if never_enter(&name) {
                    self.push(format!("{path}/"), 0, item.path());
                } else if depth >= MAX_DEPTH {
                    let reason = "Nested too deeply";
                    self.skipped.push(SkipKind::SpecialFile.file(path + "/", 0, reason));
                } else {
                    self.enter(&item.path(), &path, depth + 1);
                }
            } else if kind.is_file() {
                let size = item.metadata().map_or(0, |meta| meta.len());
                self.push(path, size, item.path());
            } else {
                self.skipped.push(SkipKind::SpecialFile.file(path, 0, "A device, pipe or socket"));
            }
        }
    }
}

/// The error's own sentence and what to do now.
fn sentence(error: &IntakeError) -> String {
    format!("{error} {}.", error.action())
}

/// `shop-1.2.tar.gz` -> `shop-1.2`
fn project_name(file_name: &str) -> String {
    let lower = file_name.to_lowercase();
    for end in [".tar.gz", ".tgz", ".tar", ".zip", ".whl", ".jar"] {
        if lower.ends_with(end)
            && let Some(stem) = file_name.get(..file_name.len() - end.len())
            && !stem.is_empty()
        {
            return stem.to_owned();
        }
    }
    file_name.to_owned()
}
