//! Zips whose directory is missing or broken: entries are found by walking local headers.

use super::limits::Limits;
use super::listing::{Partial, RawEntry};
use super::names;
use super::window::Window;
use super::zip::{
    DEFLATED, LOCAL_HEADER, LOCAL_HEADER_LEN, Record, Salvaged, UTF8_FLAG, fault, impossible, u16_at, unreadable_method,
};
use flate2::{Crc, Decompress, FlushDecompress, Status};
use std::io::{self, Read, Seek};

/// How far a prefix (a self-extractor's program) is searched for the first header.
const PREFIX: usize = 64 << 10;
/// Flag bit 3: sizes and checksum follow the data.
const DESCRIPTOR_FLAG: u16 = 1 << 3;

/// Walks the local headers. `None` when there is not a single one: then it is no zip.
pub(super) fn walk<R: Read + Seek>(
    reader: &mut Window<R>,
    limits: &Limits,
    detail: String,
) -> io::Result<Option<Salvaged>> {
    let mut head = vec![0; PREFIX];
    let got = reader.read_at(0, &mut head)?;
    head.truncate(got);
    let Some(first) = head.windows(4).position(|w| w == LOCAL_HEADER) else {
        // A lone end record, or the beginning of a header: still a zip to people.
        let kind_of_zip = head.starts_with(b"PK\x05\x06") || head.starts_with(b"PK\x01\x02");
        return Ok(kind_of_zip.then(|| Salvaged {
            raw: Vec::new(),
            records: Vec::new(),
            partial: Partial { entry: 1, path: None, read: 0, detail },
        }));
    };
    let mut walk = Walk { reader, at: first as u64, inflated: 0, limits };
    let (mut raw, mut records) = (Vec::new(), Vec::new());
    let mut broken_name = None;
    while raw.len() as u64 <= limits.entries {
        match walk.next()? {
            Step::Entry(entry, record) => {
                raw.push(entry);
                records.push(record);
            }
            Step::Broken(name) => {
                broken_name = name;
                break;
            }
            Step::End => break,
        }
    }
    let read = raw.iter().filter(|entry: &&RawEntry| !entry.is_dir).count() as u64;
    let partial = Partial { entry: raw.len() as u64 + 1, path: broken_name, read, detail };
    Ok(Some(Salvaged { raw, records, partial }))
}

enum Step {
    Entry(RawEntry, Record),
    Broken(Option<String>),
    End,
}

struct Walk<'a, R> {
    reader: &'a mut Window<R>,
    at: u64,
    inflated: u64,
    limits: &'a Limits,
}

impl<R: Read + Seek> Walk<'_, R> {
    fn next(&mut self) -> io::Result<Step> {
        let start = self.at;
        let mut header = [0; LOCAL_HEADER_LEN];
        if self.bytes(start, &mut header)? < LOCAL_HEADER_LEN || !header.starts_with(&LOCAL_HEADER) {
            return Ok(Step::End);
        }
        let flags = u16_at(&header, 6);
        let method = u16_at(&header, 8);
        let mut name = vec![0; usize::from(u16_at(&header, 26))];
        let mut extra = vec![0; usize::from(u16_at(&header, 28))];
        let name_at = start + LOCAL_HEADER_LEN as u64;
        if self.bytes(name_at, &mut name)? < name.len() {
            return Ok(Step::Broken(None));
        }
        let shown = names::shown(&names::decode(&name, flags & UTF8_FLAG != 0).text);
        let extra_at = name_at + name.len() as u64;
        if self.bytes(extra_at, &mut extra)? < extra.len() {
            return Ok(Step::Broken(Some(shown)));
        }
        let data_at = extra_at + extra.len() as u64;
        let mut record = Record {
            start,
            packed: u64::from(u32_at(&header, 18)),
            size: u64::from(u32_at(&header, 22)),
            crc: u32_at(&header, 14),
            method,
        };
        zip64_sizes(&extra, &mut record);
        let encrypted = flags & 1 != 0;
        let end = if flags & DESCRIPTOR_FLAG != 0 && record.packed == 0 && !name.ends_with(b"/") {
            if method != DEFLATED || encrypted {
                return Ok(Step::Broken(Some(shown)));
            }
            match self.measure(data_at, &mut record)? {
                Some(end) => end,
                None => return Ok(Step::Broken(Some(shown))),
            }
        } else {
            data_at.saturating_add(record.packed)
        };
        if end > self.reader.len() {
            return Ok(Step::Broken(Some(shown)));
        }
        self.at = end;
        let entry = RawEntry {
            is_dir: name.ends_with(b"/"),
            name,
            utf8: flags & UTF8_FLAG != 0,
            size: record.size,
            packed: record.packed,
            start,
            fault: fault(encrypted, 0).or_else(|| impossible(&record, self.reader.len())),
            method: unreadable_method(method),
        };
        Ok(Step::Entry(entry, record))
    }

    /// Reads through the remembered block: headers lie close to each other.
    fn bytes(&mut self, at: u64, buf: &mut [u8]) -> io::Result<usize> {
        self.reader.seek(io::SeekFrom::Start(at))?;
        let mut got = 0;
        while let Some(rest) = buf.get_mut(got..)
            && !rest.is_empty()
        {
            match self.reader.read(rest)? {
                0 => break,
                n => got += n,
            }
        }
        Ok(got)
    }

    /// Inflates an entry of unknown size only to find its end (behind its descriptor).
    fn measure(&mut self, data_at: u64, record: &mut Record) -> io::Result<Option<u64>> {
        let mut inflater = Decompress::new(false);
        let mut crc = Crc::new();
        let mut input = vec![0; 64 << 10];
        let mut out = Vec::with_capacity(64 << 10);
        loop {
            let at = data_at.saturating_add(inflater.total_in());
            let got = self.bytes(at, &mut input)?;
            let Some(chunk) = input.get(..got).filter(|chunk| !chunk.is_empty()) else { return Ok(None) };
            out.clear();
            let before = (inflater.total_in(), inflater.total_out());
            let Ok(status) = inflater.decompress_vec(chunk, &mut out, FlushDecompress::None) else {
                return Ok(None);
            };
            crc.update(&out);
            self.inflated += inflater.total_out() - before.1;
            if self.inflated > self.limits.total {
                return Ok(None);
            }
            if status == Status::StreamEnd {
                break;
            }
            if (inflater.total_in(), inflater.total_out()) == before {
                return Ok(None);
            }
        }
        record.packed = inflater.total_in();
        record.size = inflater.total_out();
        record.crc = crc.sum();
        let end = data_at.saturating_add(record.packed);
        let mut tail = [0; 28];
        let got = self.bytes(end, &mut tail)?;
        let tail = tail.get(..got).unwrap_or_default();
        // With or without signature, with 4- or 8-byte sizes: the right length is followed by a header.
        let signature = usize::from(tail.starts_with(b"PK\x07\x08")) * 4;
        let lengths = [signature + 12, signature + 20];
        let next = lengths.into_iter().find(|&n| tail.get(n..n + 2) == Some(b"PK".as_slice()));
        Ok(Some(end + next.unwrap_or(signature + 12) as u64))
    }
}

/// Sizes of a zip64 extra field replace those that are all ones.
fn zip64_sizes(extra: &[u8], record: &mut Record) {
    let mut rest = extra;
    while let [a, b, c, d, tail @ ..] = rest {
        let (id, len) = (u16::from_le_bytes([*a, *b]), usize::from(u16::from_le_bytes([*c, *d])));
        let Some(field) = tail.get(..len) else { return };
        if id == 1 {
            let mut numbers = field.chunks_exact(8).filter_map(|chunk| chunk.first_chunk::<8>());
            for slot in [&mut record.size, &mut record.packed] {
                if *slot == u64::from(u32::MAX)
                    && let Some(number) = numbers.next()
                {
                    *slot = u64::from_le_bytes(*number);
                }
            }
            return;
        }
        rest = tail.get(len..).unwrap_or_default();
    }
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..).and_then(|rest| rest.first_chunk::<4>()).map_or(0, |chunk| u32::from_le_bytes(*chunk))
}
