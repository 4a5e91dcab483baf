//! Zips by seekable reads: the directory first, then single entries; never the whole archive.
//!
//! The `zip` crate finds and reads the directory (zip64, prefixes, extra fields). Entries are
//! inflated here, because limits, checksums and damaged archives need more control than its reader
//! gives. An archive without a readable directory is walked from its local headers ([`salvage`]).

use super::error::{IntakeError, ReadError};
use super::limits::Limits;
use super::listing::{ArchiveKind, Entry, Listing, Partial, RawEntry, judge};
use super::salvage;
use super::skip::SkipKind;
use super::window::Window;
use flate2::{Crc, Decompress, FlushDecompress, Status};
use std::io::{self, Read, Seek};
use std::sync::Arc;
use zip::result::ZipError;

/// What is needed to read an entry.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Record {
    /// First byte of the local header.
    pub start: u64,
    pub packed: u64,
    pub size: u64,
    pub crc: u32,
    pub method: u16,
}

/// Method number of entries that are not compressed.
pub(super) const STORED: u16 = 0;
/// Method number of deflate.
pub(super) const DEFLATED: u16 = 8;
/// `PK\x03\x04`
pub(super) const LOCAL_HEADER: [u8; 4] = *b"PK\x03\x04";
/// Length of a local header without name and extra field.
pub(super) const LOCAL_HEADER_LEN: usize = 30;

/// An opened zip.
#[derive(Debug)]
pub struct ZipSource<R> {
    reader: Window<R>,
    records: Arc<[Record]>,
    limits: Limits,
    inflated: u64,
    inflater: Decompress,
}

impl<R: Read + Seek> ZipSource<R> {
    /// Reads the directory of the zip `name`.
    ///
    /// # Errors
    /// When it is no zip or nothing of it can be audited.
    pub fn open(reader: R, name: &str) -> Result<(Self, Listing), IntakeError> {
        Self::open_with(reader, name, Limits::default())
    }

    /// [`ZipSource::open`] with other limits.
    ///
    /// # Errors
    /// As there.
    pub fn open_with(reader: R, name: &str, limits: Limits) -> Result<(Self, Listing), IntakeError> {
        let unreadable = |e: io::Error| IntakeError::Unreadable { name: name.to_owned(), detail: e.to_string() };
        let mut reader = Window::new(reader).map_err(unreadable)?;
        let (raw, records, partial, comment) = match directory(&mut reader, &limits) {
            Ok((raw, records)) => (raw, records, None, comment(&mut reader).map_err(unreadable)?),
            Err(Fault::Limit(error)) => return Err(error),
            Err(Fault::Io(error)) => return Err(unreadable(error)),
            Err(Fault::Damaged(detail)) => {
                let Some(found) = salvage::walk(&mut reader, &limits, detail).map_err(unreadable)? else {
                    return Err(IntakeError::NotAnArchive { name: name.to_owned() });
                };
                if found.raw.len() as u64 > limits.entries {
                    return Err(IntakeError::TooMany { files: found.raw.len() as u64 });
                }
                (found.raw, found.records, Some(found.partial), None)
            }
        };
        let mut listing = judge(&raw, ArchiveKind::Zip, &limits, partial)?;
        listing.comment = comment;
        let source = Self { reader, records: records.into(), limits, inflated: 0, inflater: Decompress::new(false) };
        Ok((source, listing))
    }

    /// Another source over the same zip, for another thread: the directory is not read again.
    ///
    /// # Errors
    /// When the reader cannot be asked for its length.
    pub fn again<S: Read + Seek>(&self, reader: S) -> io::Result<ZipSource<S>> {
        let (records, limits) = (Arc::clone(&self.records), self.limits.clone());
        Ok(ZipSource { reader: Window::new(reader)?, records, limits, inflated: 0, inflater: Decompress::new(false) })
    }

    /// The same source with other limits for what is read from now on.
    #[must_use]
    pub fn with_limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// Reads and checks one entry.
    ///
    /// # Errors
    /// When it is damaged or too large; [`ReadError::Stop`] when the archive as a whole is.
    pub fn read(&mut self, entry: &Entry) -> Result<Vec<u8>, ReadError> {
        let record = *self.records.get(entry.index).ok_or(ReadError::Unknown)?;
        if record.size > self.limits.entry {
            return Err(ReadError::TooLarge { size: record.size });
        }
        // Deflate never grows data by more than a few bytes per 16 KiB block.
        if record.packed > record.size + record.size / 1000 + 1024 {
            return Err(damaged("its packed size cannot be right"));
        }
        let too_large = |_| ReadError::TooLarge { size: record.size };
        let packed = usize::try_from(record.packed).map_err(too_large)?;
        let size = usize::try_from(record.size).map_err(too_large)?;
        self.inflated += record.size;
        if self.inflated > self.limits.total {
            return Err(ReadError::Stop(IntakeError::TooLarge { bytes: self.inflated }));
        }
        let mut bytes = self.packed_bytes(&record, entry.path.len(), packed)?;
        if record.method == DEFLATED {
            bytes = inflate(&mut self.inflater, &bytes, size)?;
        }
        if bytes.len() != size {
            return Err(damaged("it is shorter or longer than the directory says"));
        }
        let mut crc = Crc::new();
        crc.update(&bytes);
        if crc.sum() != record.crc {
            return Err(damaged("its checksum is wrong"));
        }
        Ok(bytes)
    }

    /// The first bytes of an entry, `most` at most: enough to tell what it is. Nothing is checked and no limit but this
    /// one holds, as no more is read or inflated.
    ///
    /// # Errors
    /// When not even its beginning can be read.
    pub fn start(&mut self, entry: &Entry, most: u64) -> Result<Vec<u8>, ReadError> {
        let record = *self.records.get(entry.index).ok_or(ReadError::Unknown)?;
        // Deflate never grows data by more than a few bytes per 16 KiB block.
        let packed = usize::try_from(record.packed.min(most + most / 1000 + 1024)).map_err(|_| ReadError::Unknown)?;
        let most = usize::try_from(most).map_err(|_| ReadError::Unknown)?;
        let mut bytes = self.packed_bytes(&record, entry.path.len(), packed)?;
        if record.method == DEFLATED {
            self.inflater.reset(false);
            let mut out = Vec::with_capacity(most);
            // The stream is cut on purpose: what came out before its end is what is asked for.
            if self.inflater.decompress_vec(&bytes, &mut out, FlushDecompress::Sync).is_err() {
                return Err(damaged("its compressed data is broken"));
            }
            bytes = out;
        }
        bytes.truncate(most);
        Ok(bytes)
    }

    /// The packed bytes behind the local header, in one read when the header is as long as guessed.
    fn packed_bytes(&mut self, record: &Record, name_len: usize, packed: usize) -> Result<Vec<u8>, ReadError> {
        let cut = || damaged("the archive ends inside it");
        let io = |e: io::Error| ReadError::Io(e.to_string());
        let mut buf = vec![0; LOCAL_HEADER_LEN + name_len + 64 + packed];
        let got = self.reader.read_at(record.start, &mut buf).map_err(io)?;
        buf.truncate(got);
        let header = buf.get(..LOCAL_HEADER_LEN).ok_or_else(cut)?;
        if !header.starts_with(&LOCAL_HEADER) {
            return Err(damaged("its header is not where the directory says"));
        }
        let from = LOCAL_HEADER_LEN + usize::from(u16_at(header, 26)) + usize::from(u16_at(header, 28));
        if buf.len() < from + packed {
            let have = buf.len();
            buf.resize(from + packed, 0);
            let rest = buf.get_mut(have..).ok_or_else(cut)?;
            let wanted = rest.len();
            if self.reader.read_at(record.start + have as u64, rest).map_err(io)? < wanted {
                return Err(cut());
            }
        }
        buf.truncate(from + packed);
        buf.drain(..from);
        Ok(buf)
    }
}

const fn damaged(detail: &'static str) -> ReadError {
    ReadError::Damaged { detail }
}

/// Inflates exactly `size` bytes.
fn inflate(inflater: &mut Decompress, packed: &[u8], size: usize) -> Result<Vec<u8>, ReadError> {
    inflater.reset(false);
    // One byte more than declared, so that a longer stream is noticed.
    let mut out = Vec::with_capacity(size + 1);
    match inflater.decompress_vec(packed, &mut out, FlushDecompress::Finish) {
        Ok(Status::StreamEnd) => Ok(out),
        Ok(_) if out.len() > size => Err(damaged("it expands beyond the size that the directory says")),
        Ok(_) => Err(damaged("its compressed data ends too early")),
        Err(_) => Err(damaged("its compressed data is broken")),
    }
}

/// Why the directory could not be used.
enum Fault {
    Limit(IntakeError),
    Io(io::Error),
    Damaged(String),
}

impl From<ZipError> for Fault {
    fn from(error: ZipError) -> Self {
        match error {
            // A read past the end is damage, not a refusal of the system.
            ZipError::Io(e) if !matches!(e.kind(), io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidInput) => {
                Self::Io(e)
            }
            other => Self::Damaged(other.to_string()),
        }
    }
}

fn directory<R: Read + Seek>(reader: &mut Window<R>, limits: &Limits) -> Result<(Vec<RawEntry>, Vec<Record>), Fault> {
    let end = reader.len();
    let mut zip = zip::unstable::read::ZipIterable::try_new(reader, zip::read::Config::default())?;
    let count = zip.len() as u64;
    if count > limits.entries {
        return Err(Fault::Limit(IntakeError::TooMany { files: count }));
    }
    let (mut raw, mut records) = (Vec::new(), Vec::new());
    for entry in zip.files()? {
        let entry = entry?;
        let method = method_number(entry.compression());
        let record = Record {
            start: entry.header_start(),
            packed: entry.compressed_size(),
            size: entry.size(),
            crc: entry.crc32(),
            method,
        };
        raw.push(RawEntry {
            name: entry.name_raw().to_vec(),
            utf8: entry.flags().as_u16() & UTF8_FLAG != 0,
            size: record.size,
            packed: record.packed,
            start: record.start,
            fault: fault(entry.encrypted(), entry.unix_mode().unwrap_or(0)).or_else(|| impossible(&record, end)),
            method: unreadable_method(method),
            is_dir: entry.is_dir(),
        });
        records.push(record);
    }
    Ok((raw, records))
}

/// Flag bit 11: the name is UTF-8.
pub(super) const UTF8_FLAG: u16 = 1 << 11;

/// What keeps an entry from being read, by its flags.
pub(super) fn fault(encrypted: bool, unix_mode: u32) -> Option<(SkipKind, String)> {
    const KIND: u32 = 0o170_000;
    match unix_mode & KIND {
        0o120_000 => return Some((SkipKind::Symlink, "A symbolic link, which is never followed".to_owned())),
        0 | 0o100_000 | 0o040_000 => {}
        _ => return Some((SkipKind::SpecialFile, "A device, pipe or socket".to_owned())),
    }
    encrypted.then(|| (SkipKind::Encrypted, "Password-protected".to_owned()))
}

/// What the stated sizes give away. They are not a bomb's when no data could expand so: then
/// nothing is inflated, and one broken number must not end the whole audit.
pub(super) fn impossible(record: &Record, end: u64) -> Option<(SkipKind, String)> {
    /// Deflate's best is 258 bytes for two bits.
    const BEST: u64 = 1032;
    let last = record.start.checked_add(record.packed).filter(|&last| last <= end);
    let what = if last.is_none() {
        "its bytes lie beyond the end"
    } else if record.method == STORED && record.size != record.packed
        || record.method == DEFLATED && record.size / BEST > record.packed
    {
        "its sizes cannot be right"
    } else {
        return None;
    };
    Some((SkipKind::Damaged, format!("Damaged in the archive: {what}")))
}

/// The number that the archive states.
#[allow(deprecated)]
const fn method_number(method: zip::CompressionMethod) -> u16 {
    match method {
        zip::CompressionMethod::Stored => STORED,
        zip::CompressionMethod::Deflated => DEFLATED,
        zip::CompressionMethod::Unsupported(number) => number,
        // Only with features of the `zip` crate that are off.
        _ => u16::MAX,
    }
}

/// Name of a compression method that is not stored or deflate.
pub(super) const fn unreadable_method(method: u16) -> Option<&'static str> {
    Some(match method {
        STORED | DEFLATED => return None,
        1 => "Shrink",
        2..=5 => "Reduce",
        6 => "Implode",
        9 => "Deflate64",
        12 => "bzip2",
        14 => "LZMA",
        20 | 93 => "zstd",
        95 => "xz",
        98 => "PPMd",
        _ => "an unknown method",
    })
}

/// Little-endian number at `at`; 0 when out of range.
pub(super) fn u16_at(bytes: &[u8], at: usize) -> u16 {
    bytes.get(at..).and_then(|rest| rest.first_chunk::<2>()).map_or(0, |chunk| u16::from_le_bytes(*chunk))
}

/// The zip's comment: the end record is searched from the end like everybody does.
fn comment<R: Read + Seek>(reader: &mut Window<R>) -> io::Result<Option<String>> {
    const END_LEN: usize = 22;
    let len = usize::try_from(reader.len().min((END_LEN + usize::from(u16::MAX)) as u64)).unwrap_or(END_LEN);
    let mut tail = vec![0; len];
    let got = reader.read_at(reader.len() - len as u64, &mut tail)?;
    tail.truncate(got);
    for at in (0..=tail.len().saturating_sub(END_LEN)).rev() {
        let Some(record) = tail.get(at..) else { continue };
        if record.starts_with(b"PK\x05\x06")
            && let Some(comment) = record.get(END_LEN..)
            && comment.len() == usize::from(u16_at(record, 20))
        {
            let text = String::from_utf8_lossy(comment).trim().to_owned();
            return Ok((!text.is_empty()).then_some(text));
        }
    }
    Ok(None)
}

/// A damaged zip as far as it can be walked.
pub(super) struct Salvaged {
    pub raw: Vec<RawEntry>,
    pub records: Vec<Record>,
    pub partial: Partial,
}
