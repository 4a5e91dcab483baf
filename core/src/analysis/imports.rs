//! Finds project modules by dotted name, whatever the source root: the project's top, `src/`, a
//! service's folder in a monorepo.

use super::code::{Code, ModuleId};
use super::stdlib::is_stdlib;
use super::stubs::{is_stub, plain_path};
use crate::libraries::LibraryIndex;
use rustc_hash::FxHashMap;

/// Modules by their path segments.
#[derive(Debug, Default)]
pub(crate) struct ModuleIndex {
    segments: Vec<Vec<Box<str>>>,
    is_package: Vec<bool>,
    by_last: FxHashMap<Box<str>, Vec<ModuleId>>,
    /// The number of each module's folder: what an absolute name means is the same within one.
    folders: Vec<usize>,
    /// What was found from each folder.
    cache: Vec<FxHashMap<Box<str>, Option<ModuleId>>>,
}

impl ModuleIndex {
    pub fn new(code: &Code) -> Self {
        let mut index = Self::default();
        for m in code.module_ids() {
            let path = code.module(m).map_or("", |module| module.path.as_str());
            let plain = plain_path(path);
            let path = if is_stub(path) { plain.as_str() } else { path };
            let stem = path.rsplit_once('.').map_or(path, |(stem, _)| stem);
            let mut segments: Vec<Box<str>> = stem.split('/').map(Into::into).collect();
            let package = segments.last().is_some_and(|s| &**s == "__init__");
            if package {
                segments.pop();
            }
            // Nothing imports a notebook, which may have the name of the module it tries.
            if let Some(last) = segments.last().filter(|_| !path.ends_with(".ipynb") && !code.stubs.is_second(m)) {
                index.by_last.entry(last.clone()).or_default().push(m);
            }
            index.segments.push(segments);
            index.is_package.push(package);
        }
        let mut numbers: FxHashMap<&[Box<str>], usize> = FxHashMap::default();
        let number = |m| {
            let next = numbers.len();
            *numbers.entry(index.folder(m)).or_insert(next)
        };
        let folders: Vec<usize> = code.module_ids().map(number).collect();
        index.cache = vec![FxHashMap::default(); folders.iter().max().map_or(0, |last| last + 1)];
        index.folders = folders;
        index
    }

    fn path(&self, m: ModuleId) -> &[Box<str>] {
        self.segments.get(m.0 as usize).map_or(&[], Vec::as_slice)
    }

    /// The folder of a module, as segments.
    fn folder(&self, m: ModuleId) -> &[Box<str>] {
        let path = self.path(m);
        if self.is_package.get(m.0 as usize).copied().unwrap_or(false) {
            path
        } else {
            path.get(..path.len().saturating_sub(1)).unwrap_or(&[])
        }
    }

    /// `from ..pkg.mod` seen from `importer`.
    pub fn relative(&self, importer: ModuleId, level: u8, dotted: &str) -> Option<ModuleId> {
        let folder = self.folder(importer);
        let up = usize::from(level).saturating_sub(1);
        let mut want: Vec<&str> =
            folder.get(..folder.len().checked_sub(up)?)?.iter().map(|segment| &**segment).collect();
        want.extend(dotted.split('.').filter(|segment| !segment.is_empty()));
        let last = want.last()?;
        let candidates = self.by_last.get(*last)?;
        candidates.iter().copied().find(|m| self.path(*m).iter().map(|s| &**s).eq(want.iter().copied()))
    }

    /// `import a.b.c` seen from `importer`.
    pub fn absolute(&mut self, importer: ModuleId, dotted: &str, library: &LibraryIndex) -> Option<ModuleId> {
        let folder = self.folders.get(importer.0 as usize).copied()?;
        if let Some(known) = self.cache.get(folder).and_then(|known| known.get(dotted)) {
            return *known;
        }
        let found = self.search(importer, dotted, library);
        if let Some(known) = self.cache.get_mut(folder) {
            known.insert(Box::from(dotted), found);
        }
        found
    }

    fn search(&self, importer: ModuleId, dotted: &str, library: &LibraryIndex) -> Option<ModuleId> {
        let want: Vec<&str> = dotted.split('.').collect();
        let first = *want.first()?;
        let guarded = is_stdlib(first) || library.library_of(first).is_some();
        let here = self.folder(importer);
        let mut best: Option<(usize, ModuleId)> = None;
        let mut ties = 0;
        for &m in self.by_last.get(*want.last()?)? {
            let path = self.path(m);
            let Some(root_len) = path.len().checked_sub(want.len()) else { continue };
            let (root, tail) = path.split_at(root_len);
            if !tail.iter().map(|s| &**s).eq(want.iter().copied()) || m == importer && want.len() == 1 {
                continue;
            }
            let top = root.is_empty() || root.len() == 1 && root.first().is_some_and(|s| &**s == "src");
            if guarded && !top {
                continue;
            }
            let shared = root.iter().zip(here).take_while(|(a, b)| a == b).count();
            // A root that is an ancestor of the importer is what sys.path would hold; others only
            // when nothing else fits (a sibling package of a monorepo).
            let rank = if shared == root.len() { 1000 + shared } else { shared + usize::from(top) };
            match best {
                Some((known, _)) if known > rank => {}
                Some((known, _)) if known == rank => ties += 1,
                _ => {
                    best = Some((rank, m));
                    ties = 0;
                }
            }
        }
        let (rank, m) = best?;
        // Without an ancestor root, several equally near files are a guess.
        (rank >= 1000 || ties == 0).then_some(m)
    }
}
