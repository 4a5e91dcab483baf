//! Writers of zips and tars that do as they are told, right or wrong.

use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder};
use std::io::Write;

/// An entry of a zip, with everything that can be wrong about it.
#[derive(Clone)]
pub struct Item {
    pub name: Vec<u8>,
    pub data: Vec<u8>,
    pub method: u16,
    pub flags: u16,
    pub mode: u32,
    pub crc: Option<u32>,
    pub size: Option<u32>,
    /// Sizes only behind the data.
    pub descriptor: bool,
    /// Point at the header of this entry instead of writing another one.
    pub same_as: Option<usize>,
}

pub fn item(name: &str, data: &[u8]) -> Item {
    Item {
        name: name.as_bytes().to_vec(),
        data: data.to_vec(),
        method: 8,
        flags: 1 << 11,
        mode: 0o100_644,
        crc: None,
        size: None,
        descriptor: false,
        same_as: None,
    }
}

pub fn deflate(data: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

/// A zip, and where its central directory starts.
pub fn zip_parts(items: &[Item], comment: &str) -> (Vec<u8>, usize) {
    let mut out = Vec::new();
    let mut starts = Vec::new();
    let mut packed_sizes = Vec::new();
    for item in items {
        let packed = if item.method == 8 { deflate(&item.data) } else { item.data.clone() };
        packed_sizes.push(packed.len() as u32);
        if let Some(other) = item.same_as {
            starts.push(starts[other]);
            continue;
        }
        starts.push(out.len() as u32);
        let (crc, size) = sums(item);
        let flags = item.flags | if item.descriptor { 8 } else { 0 };
        let stated = if item.descriptor { [0; 3] } else { [crc, packed.len() as u32, size] };
        out.extend(b"PK\x03\x04\x14\x00");
        out.extend(flags.to_le_bytes());
        out.extend(item.method.to_le_bytes());
        out.extend([0; 4]);
        stated.iter().for_each(|n| out.extend(n.to_le_bytes()));
        out.extend((item.name.len() as u16).to_le_bytes());
        out.extend([0; 2]);
        out.extend(&item.name);
        out.extend(&packed);
        if item.descriptor {
            out.extend(b"PK\x07\x08");
            [crc, packed.len() as u32, size].iter().for_each(|n| out.extend(n.to_le_bytes()));
        }
    }
    let directory = out.len();
    for ((item, start), packed) in items.iter().zip(&starts).zip(&packed_sizes) {
        let (crc, size) = sums(item);
        out.extend(b"PK\x01\x02\x14\x03\x14\x00");
        out.extend((item.flags | if item.descriptor { 8 } else { 0 }).to_le_bytes());
        out.extend(item.method.to_le_bytes());
        out.extend([0; 4]);
        [crc, *packed, size].iter().for_each(|n| out.extend(n.to_le_bytes()));
        out.extend((item.name.len() as u16).to_le_bytes());
        out.extend([0; 8]);
        out.extend((item.mode << 16).to_le_bytes());
        out.extend(start.to_le_bytes());
        out.extend(&item.name);
    }
    let length = (out.len() - directory) as u32;
    out.extend(b"PK\x05\x06\0\0\0\0");
    out.extend((items.len() as u16).to_le_bytes());
    out.extend((items.len() as u16).to_le_bytes());
    out.extend(length.to_le_bytes());
    out.extend((directory as u32).to_le_bytes());
    out.extend((comment.len() as u16).to_le_bytes());
    out.extend(comment.as_bytes());
    (out, directory)
}

fn sums(item: &Item) -> (u32, u32) {
    let mut crc = flate2::Crc::new();
    crc.update(&item.data);
    (item.crc.unwrap_or_else(|| crc.sum()), item.size.unwrap_or(item.data.len() as u32))
}

pub fn zip(items: &[Item]) -> Vec<u8> {
    zip_parts(items, "").0
}

/// A zip of `count` small Python files, `src/f001.py`, …
pub fn many(count: usize) -> (Vec<u8>, usize) {
    let items: Vec<_> = (1..=count)
        .map(|i| item(&format!("src/f{i:03}.py"), format!("def f{i}():\n    return {i}\n").repeat(5).as_bytes()))
        .collect();
    zip_parts(&items, "")
}

/// One member of a tar.
pub fn tar_entry(out: &mut Vec<u8>, name: &str, kind: u8, data: &[u8]) {
    let mut header = tar::Header::new_ustar();
    header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
    header.set_entry_type(tar::EntryType::new(kind));
    header.set_size(data.len() as u64);
    header.set_mode(0o644);
    header.set_cksum();
    out.extend(header.as_bytes());
    out.extend(data);
    out.resize(out.len().div_ceil(512) * 512, 0);
}

pub fn gz(data: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

/// A deterministic source of odd numbers.
pub struct Dice(pub u64);

impl Dice {
    pub fn roll(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % below.max(1)
    }
}
