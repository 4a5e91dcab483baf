//! The project as a worker reads it: file handles, opened as zip, folder or dealt pack, with the
//! plan of what is audited. Every worker makes the same plan for itself.

use super::pack::{Directory, Pack, Packed, pack};
use crate::platform::blob::{BlobReader, blob_of, read_whole, size_of};
use crate::protocol::{Failure, InputKind, PlanSummary};
use crate::worker::{failure, internal};
use drydock_core::evidence::candidates::by_path;
use drydock_core::intake::{
    Entry, FolderEntry, IntakeError, Kind, Limits, Listing, Plan, PlannedFile, ReadError, Role, SNIFF_LEN, Settings,
    TarGz, ZipSource, folder_listing, prepare, short_hash, sniff,
};
use drydock_core::order::InOrder as _;
use std::collections::BTreeMap;
use std::io::Read;
use wasm_bindgen::JsValue;

/// What was given, not opened yet.
#[derive(Debug)]
pub struct Given {
    /// Name of the project.
    pub project: String,
    /// How to read the handles.
    pub kind: InputKind,
    /// Shards of the plan.
    pub shards: usize,
    /// Files.
    pub handles: Vec<JsValue>,
    /// For a pack: directory and bytes.
    pub pack: Option<Packed>,
}

/// An opened input.
#[derive(Debug)]
pub struct Input {
    /// Name of the project.
    pub project: String,
    /// What is read and what is not.
    pub plan: Plan,
    /// The project's settings file.
    pub settings: Settings,
    /// Short hash of the commit, when the archive names it.
    pub commit: Option<String>,
    /// Files that may be evidence.
    likely: u32,
    files: Files,
}

enum Files {
    Zip(Box<ZipSource<BlobReader>>, BTreeMap<usize, Entry>),
    Handles(Vec<JsValue>),
    Pack(Pack),
}

impl std::fmt::Debug for Files {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Zip(..) => "Zip",
            Self::Handles(_) => "Handles",
            Self::Pack(_) => "Pack",
        })
    }
}

impl Given {
    /// Reads the directory and plans.
    pub fn open(self) -> Result<Input, Failure> {
        let Self { project, kind, shards, handles, pack } = self;
        match kind {
            InputKind::File => open_file(project, shards, handles),
            InputKind::Folder(paths) => open_folder(project, shards, &paths, handles),
            InputKind::Pack => {
                let (directory, bytes) = pack.unwrap_or_default();
                let (Directory { settings, plan, .. }, pack) = Pack::open(&directory, bytes).map_err(internal)?;
                // Whoever dealt the stream out has told.
                Ok(Input { project, plan, settings, commit: None, likely: 0, files: Files::Pack(pack) })
            }
            InputKind::Stream => Err(internal("a stream has to be dealt out first")),
        }
    }

    /// Inflates a stream and packs its files by shard.
    pub fn deal(&self) -> Result<(PlanSummary, Vec<Packed>), Failure> {
        let (listing, contents) = self.read_stream(|_| true)?;
        let (settings, plan) =
            plan_of(&listing, self.shards, |entry| contents.get(&entry.index).cloned().ok_or(ReadError::Unknown))?;
        let packs = (0..self.shards).map(|shard| pack(&settings, &plan, shard, &contents)).collect::<Result<_, _>>();
        Ok((summary(&self.project, &plan, likely(&listing)), packs.map_err(internal)?))
    }

    /// All of a stream: the plan, and the contents by entry.
    pub fn inflate(&self) -> Result<(Plan, BTreeMap<usize, Vec<u8>>), Failure> {
        let (listing, contents) = self.read_stream(|_| true)?;
        let (_, plan) =
            plan_of(&listing, self.shards, |entry| contents.get(&entry.index).cloned().ok_or(ReadError::Unknown))?;
        Ok((plan, contents))
    }

    /// Files of a stream that may be evidence, with paths as the archive has them: each as a blob, as only this worker
    /// reads streams.
    pub fn likely_evidence(&self) -> Result<Vec<(String, JsValue)>, Failure> {
        let (reader, name) = self.stream()?;
        let mut contents = BTreeMap::new();
        let listing = TarGz::read_those(reader, &name, &Limits::default(), by_path, |entry, bytes| {
            contents.insert(entry.index, bytes);
        });
        let listing = listing.map_err(|error| failure(&error))?;
        let found = listing.entries.iter().filter_map(|entry| Some((&entry.path, contents.get(&entry.index)?)));
        found
            .map(|(path, bytes)| Ok((path.clone(), blob_of(bytes).map_err(|error| internal(error.to_string()))?)))
            .collect()
    }

    /// Contents of files of a stream by path; the paths may lack the single top folder.
    pub fn find_in_stream(&self, paths: &[&str]) -> Result<BTreeMap<String, Vec<u8>>, Failure> {
        let which = |entry: &Entry| {
            paths.iter().position(|path| {
                let top = entry.path.strip_suffix(path);
                top.is_some_and(|top| top.is_empty() || top.ends_with('/') && top.matches('/').count() == 1)
            })
        };
        let (listing, mut contents) = self.read_stream(|entry| which(entry).is_some())?;
        let mut found = BTreeMap::new();
        for entry in &listing.entries {
            if let Some(path) = which(entry).and_then(|at| paths.get(at))
                && let Some(bytes) = contents.remove(&entry.index)
            {
                found.insert((*path).to_owned(), bytes);
            }
        }
        Ok(found)
    }

    /// The stream and its name, unless it is none.
    fn stream(&self) -> Result<(BlobReader, String), Failure> {
        let handle = self.handles.first().cloned().unwrap_or_default();
        let name = name_of(&handle);
        if sniff(&head(&handle), &name) != Kind::TarGz {
            return Err(failure(&IntakeError::NotAnArchive { name }));
        }
        let reader = BlobReader::new(&handle).map_err(|error| unreadable(&name, &error))?;
        Ok((reader, name))
    }

    fn read_stream(&self, wanted: impl Fn(&Entry) -> bool) -> Result<(Listing, BTreeMap<usize, Vec<u8>>), Failure> {
        let (reader, name) = self.stream()?;
        let mut contents = BTreeMap::new();
        let listing = TarGz::read_all(reader, &name, &Limits::default(), |entry, bytes| {
            if wanted(&entry) {
                contents.insert(entry.index, bytes);
            }
        });
        Ok((listing.map_err(|error| failure(&error))?, contents))
    }
}

impl Input {
    /// Contents of a planned file.
    pub fn read(&mut self, file: &PlannedFile) -> Result<Vec<u8>, ReadError> {
        match &mut self.files {
            Files::Zip(source, entries) => source.read(entries.get(&file.entry).ok_or(ReadError::Unknown)?),
            Files::Handles(handles) => {
                let handle = handles.get(file.entry).ok_or(ReadError::Unknown)?;
                read_whole(handle).map_err(|error| ReadError::Io(error.to_string()))
            }
            Files::Pack(pack) => pack.get(file.entry).map(<[u8]>::to_vec).ok_or(ReadError::Unknown),
        }
    }

    /// What the page shows before anything is parsed.
    pub fn summary(&self) -> PlanSummary {
        summary(&self.project, &self.plan, self.likely)
    }
}

fn open_file(project: String, shards: usize, handles: Vec<JsValue>) -> Result<Input, Failure> {
    let handle = handles.first().cloned().unwrap_or_default();
    let name = name_of(&handle);
    if sniff(&head(&handle), &name) == Kind::Zip {
        let reader = BlobReader::new(&handle).map_err(|error| unreadable(&name, &error))?;
        let (mut source, listing) = ZipSource::open(reader, &name).map_err(|error| failure(&error))?;
        let (settings, plan) = plan_of(&listing, shards, |entry| source.read(entry))?;
        let commit = listing.comment.as_deref().and_then(short_hash);
        let likely = likely(&listing);
        let entries = listing.entries.into_iter().map(|entry| (entry.index, entry)).collect();
        let files = Files::Zip(Box::new(source), entries);
        return Ok(Input { project, plan, settings, commit, likely, files });
    }
    let not_ours = failure(&IntakeError::NotAnArchive { name: name.clone() });
    open_folder(project, shards, &[name], handles).map_err(|_| not_ours)
}

fn open_folder(project: String, shards: usize, paths: &[String], handles: Vec<JsValue>) -> Result<Input, Failure> {
    let files: Vec<FolderEntry> = paths
        .iter()
        .zip(&handles)
        .map(|(path, handle)| FolderEntry { path: path.clone(), size: size_of(handle) })
        .collect();
    let listing = folder_listing(&files, &Limits::default()).map_err(|error| failure(&error))?;
    let (settings, plan) = plan_of(&listing, shards, |entry| {
        let handle = handles.get(entry.index).ok_or(ReadError::Unknown)?;
        read_whole(handle).map_err(|error| ReadError::Io(error.to_string()))
    })?;
    let likely = likely(&listing);
    Ok(Input { project, plan, settings, commit: None, likely, files: Files::Handles(handles) })
}

/// How many files may be evidence, by their paths.
fn likely(listing: &Listing) -> u32 {
    let count = listing.entries.iter().filter(|entry| by_path(&entry.path, entry.size)).count();
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// Plans, and stops where nothing can be audited.
fn plan_of(
    listing: &Listing,
    shards: usize,
    read: impl FnMut(&Entry) -> Result<Vec<u8>, ReadError>,
) -> Result<(Settings, Plan), Failure> {
    let (settings, plan) = prepare(listing, shards, read);
    if let Some(error) = &plan.over_limit {
        return Err(failure(error));
    }
    match plan.no_code() {
        Some(title) => Err(Failure {
            title,
            why: "There is nothing to audit in it.".to_owned(),
            action: "Choose the folder that holds the source".to_owned(),
            details: plan.notices.join("\n"),
        }),
        None => Ok((settings, plan)),
    }
}

fn summary(project: &str, plan: &Plan, likely: u32) -> PlanSummary {
    let mut languages: BTreeMap<String, u32> = BTreeMap::new();
    let sources = || plan.files.iter().filter(|file| file.role == Role::Source);
    for language in sources().filter_map(|file| file.language) {
        *languages.entry(format!("{language:?}")).or_default() += 1;
    }
    let mut languages: Vec<(String, u32)> = languages.into_iter().collect();
    languages.order_by_key(|(_, count)| std::cmp::Reverse(*count));
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    PlanSummary {
        project: project.to_owned(),
        files: count(sources().count()),
        bytes: sources().map(|file| file.size).sum(),
        skipped: count(plan.skipped.len()),
        languages,
        likely,
        root: plan.root_removed.clone(),
    }
}

fn name_of(handle: &JsValue) -> String {
    js_sys::Reflect::get(handle, &JsValue::from_str("name")).ok().and_then(|name| name.as_string()).unwrap_or_default()
}

fn head(handle: &JsValue) -> Vec<u8> {
    let mut first = Vec::new();
    if let Ok(reader) = BlobReader::new(handle) {
        // What cannot be read is told by whoever opens the file.
        let _ = reader.take(SNIFF_LEN as u64).read_to_end(&mut first);
    }
    first
}

fn unreadable(name: &str, error: &std::io::Error) -> Failure {
    failure(&IntakeError::Unreadable { name: name.to_owned(), detail: error.to_string() })
}
