//! Packs: what one worker deals out of a stream (tar.gz) to the others. A directory, encoded, and
//! the files' bytes one after the other.

use drydock_core::intake::{Plan, Settings};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::ops::Range;

/// The directory of a pack.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Directory {
    /// The project's settings file.
    pub settings: Settings,
    /// The whole plan, for all shards.
    pub plan: Plan,
    /// Entry -> length, in the order of the bytes.
    lengths: Vec<(usize, usize)>,
}

/// A received pack.
#[derive(Debug, Default)]
pub struct Pack {
    ranges: BTreeMap<usize, Range<usize>>,
    bytes: Vec<u8>,
}

/// Encoded directory and bytes of a pack.
pub type Packed = (Vec<u8>, Vec<u8>);

/// Packs the files of one shard.
pub fn pack(
    settings: &Settings,
    plan: &Plan,
    shard: usize,
    contents: &BTreeMap<usize, Vec<u8>>,
) -> Result<Packed, String> {
    let mut directory = Directory { settings: settings.clone(), plan: plan.clone(), lengths: Vec::new() };
    let mut bytes = Vec::new();
    for file in plan.shard(shard) {
        if let Some(content) = contents.get(&file.entry) {
            directory.lengths.push((file.entry, content.len()));
            bytes.extend_from_slice(content);
        }
    }
    let directory = serde_json::to_vec(&directory).map_err(|error| error.to_string())?;
    Ok((directory, bytes))
}

impl Pack {
    /// Reads what [`pack`] made. Bytes may be missing when only the plan is wanted.
    pub fn open(directory: &[u8], bytes: Vec<u8>) -> Result<(Directory, Self), String> {
        let directory: Directory = serde_json::from_slice(directory).map_err(|error| error.to_string())?;
        let mut ranges = BTreeMap::new();
        let mut start = 0;
        for &(entry, length) in &directory.lengths {
            ranges.insert(entry, start..start + length);
            start += length;
        }
        Ok((directory, Self { ranges, bytes }))
    }

    /// Contents of an entry.
    pub fn get(&self, entry: usize) -> Option<&[u8]> {
        self.bytes.get(self.ranges.get(&entry)?.clone())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use drydock_core::intake::{FolderEntry, Limits, folder_listing, prepare};

    #[test]
    fn a_pack_gives_back_its_shard_and_the_whole_plan() {
        let texts = [("a.py", "import os\n"), ("b.py", "x = 1\n"), ("c.py", "")];
        let entries: Vec<_> = texts
            .iter()
            .map(|(path, text)| FolderEntry { path: (*path).to_owned(), size: text.len() as u64 })
            .collect();
        let listing = folder_listing(&entries, &Limits::default()).unwrap();
        let (settings, plan) = prepare(&listing, 2, |_| Ok(Vec::new()));
        let contents = texts.iter().enumerate().map(|(i, (_, text))| (i, text.as_bytes().to_vec())).collect();
        for shard in 0..2 {
            let (directory, bytes) = pack(&settings, &plan, shard, &contents).unwrap();
            let (directory, pack) = Pack::open(&directory, bytes).unwrap();
            assert_eq!(directory.plan, plan);
            for file in &plan.files {
                let own = (file.shard == shard).then(|| texts[file.entry].1.as_bytes());
                assert_eq!(pack.get(file.entry), own);
            }
        }
    }
}
