//! Tar archives, gzipped or not: one pass, because they cannot be seeked.
//!
//! Long names and pax headers are read with a bound; sparse files are not expanded.

#[cfg(feature = "engine")]
use super::classify::may_matter;
use super::error::IntakeError;
use super::limits::Limits;
use super::listing::{ArchiveKind, Entry, Listing, Partial, RawEntry, judge};
use super::names;
use super::skip::SkipKind;
use super::tar_header::{BLOCK, EntryKind, Header, header};
use flate2::read::MultiGzDecoder;
use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

/// Longest name or pax header.
const HEADER_LIMIT: u64 = 64 << 10;

/// First bytes of gzip.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// Reads tar and tar.gz streams.
#[derive(Clone, Copy, Debug)]
pub struct TarGz;

impl TarGz {
    /// Reads the whole stream and hands over every file that an audit may need, in archive order.
    /// Contents of other files are passed over. When a name comes twice both contents are handed
    /// over, but the listing holds only the later one: look contents up by [`Entry::index`].
    ///
    /// # Errors
    /// When it is no tar or nothing of it can be audited.
    #[cfg(feature = "engine")]
    pub fn read_all<R: Read>(
        reader: R,
        name: &str,
        limits: &Limits,
        keep: impl FnMut(Entry, Vec<u8>),
    ) -> Result<Listing, IntakeError> {
        Self::read_those(reader, name, limits, |path, _| may_matter(path), keep)
    }

    /// The same, and hands over the files that `matters` names by path and size.
    ///
    /// # Errors
    /// As there.
    pub fn read_those<R: Read>(
        reader: R,
        name: &str,
        limits: &Limits,
        matters: impl Fn(&str, u64) -> bool,
        mut keep: impl FnMut(Entry, Vec<u8>),
    ) -> Result<Listing, IntakeError> {
        let mut walk = Walk { limits, matters: &matters, keep: &mut keep, raw: Vec::new(), current: None };
        walk.run(reader, name)
    }
}

/// How many bytes went in and came out, and whether a limit stopped it.
#[derive(Default)]
struct Meter {
    packed: Cell<u64>,
    inflated: Cell<u64>,
    exceeded: Cell<bool>,
}

struct PackedSide<R>(R, Rc<Meter>);

impl<R: Read> Read for PackedSide<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = self.0.read(buf)?;
        self.1.packed.set(self.1.packed.get() + n as u64);
        Ok(n)
    }
}

struct InflatedSide<R> {
    inner: R,
    meter: Rc<Meter>,
    limits: Limits,
}

impl<R: Read> Read for InflatedSide<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buf)?;
        let inflated = self.meter.inflated.get() + n as u64;
        self.meter.inflated.set(inflated);
        let bomb = self.limits.excess_ratio(inflated, self.meter.packed.get()).is_some();
        if bomb || inflated > self.limits.total {
            self.meter.exceeded.set(true);
            return Err(io::Error::other("limit of expanded bytes"));
        }
        Ok(n)
    }
}

struct Walk<'a> {
    limits: &'a Limits,
    matters: &'a dyn Fn(&str, u64) -> bool,
    keep: &'a mut dyn FnMut(Entry, Vec<u8>),
    raw: Vec<RawEntry>,
    /// Name of the entry being read, for messages.
    current: Option<String>,
}

/// Headers that speak about the next entry.
#[derive(Default)]
struct Pending {
    name: Option<Vec<u8>>,
    size: Option<u64>,
}

impl Walk<'_> {
    fn run<R: Read>(&mut self, reader: R, name: &str) -> Result<Listing, IntakeError> {
        let meter = Rc::new(Meter::default());
        let mut packed = PackedSide(reader, Rc::clone(&meter));
        let mut magic = [0; 2];
        let got = read_some(&mut packed, &mut magic)
            .map_err(|e| IntakeError::Unreadable { name: name.to_owned(), detail: e.to_string() })?;
        let start = io::Cursor::new(magic.get(..got).unwrap_or_default().to_vec());
        let whole = start.chain(packed);
        let plain: Box<dyn Read + '_> =
            if magic == GZIP { Box::new(MultiGzDecoder::new(whole)) } else { Box::new(whole) };
        let mut inflated = InflatedSide { inner: plain, meter: Rc::clone(&meter), limits: self.limits.clone() };
        let mut outcome = self.entries(&mut inflated);
        let mut whole = true;
        if let Ok(None) = outcome {
            // The checksum stands at the very end of the stream, behind the last entry.
            let rest = io::copy(&mut inflated, &mut io::sink());
            whole = rest.is_ok();
            if meter.exceeded.get() {
                outcome = rest.map(|_| None);
            }
        }
        let partial = match outcome {
            Ok(Some(error)) => return Err(error),
            Ok(None) if self.raw.is_empty() && meter.inflated.get() < 512 => {
                return Err(IntakeError::NotAnArchive { name: name.to_owned() });
            }
            Ok(None) => None,
            Err(_) if meter.exceeded.get() => {
                let (inflated, packed) = (meter.inflated.get(), meter.packed.get());
                let path = self.current.take().unwrap_or_else(|| name.to_owned());
                return Err(match self.limits.excess_ratio(inflated, packed) {
                    Some(ratio) => IntakeError::Bomb { path, ratio },
                    None => IntakeError::TooLarge { bytes: inflated },
                });
            }
            // Not even one header: too short, or without a tar's checksum.
            Err(e) if self.raw.is_empty() && self.current.is_none() => {
                let cut = e.kind() == io::ErrorKind::UnexpectedEof && meter.packed.get() > 2 && magic == GZIP;
                if !cut {
                    return Err(IntakeError::NotAnArchive { name: name.to_owned() });
                }
                Some(self.partial(&e))
            }
            Err(e) => Some(self.partial(&e)),
        };
        let mut listing = judge(&self.raw, ArchiveKind::TarGz, self.limits, partial)?;
        if !whole {
            listing
                .notices
                .push("The tar.gz is damaged near its end: its checksum is wrong, so some file may be too.".to_owned());
        }
        Ok(listing)
    }

    fn partial(&mut self, error: &io::Error) -> Partial {
        Partial {
            entry: self.raw.len() as u64 + 1,
            path: self.current.take(),
            read: self.raw.iter().filter(|entry| !entry.is_dir).count() as u64,
            detail: error.to_string(),
        }
    }

    /// `Ok(Some(_))` when a limit of ours ends it, `Err` when the stream is broken.
    fn entries(&mut self, mut stream: &mut dyn Read) -> io::Result<Option<IntakeError>> {
        let mut pending = Pending::default();
        loop {
            self.current = None;
            let mut block = [0; BLOCK];
            match read_some(&mut stream, &mut block)? {
                0 => return Ok(None),
                BLOCK => {}
                _ => return Err(io::Error::other("a header that is cut short")),
            }
            let Some(Header { name, size: declared, kind }) = header(&block)? else { return Ok(None) };
            // What fills the last block up is passed over with the entry.
            let Some(blocks) = declared.checked_next_multiple_of(BLOCK as u64) else {
                return Err(io::Error::other("a size beyond all bounds"));
            };
            let padding = blocks - declared;
            let mut entry = (&mut *stream).take(declared);
            match kind {
                EntryKind::LongName => pending.name = Some(trimmed(bounded(&mut entry, declared)?)),
                EntryKind::Keys => pax(&bounded(&mut entry, declared)?, &mut pending),
                EntryKind::GlobalKeys | EntryKind::LongLink => {}
                _ => {
                    if let Some(error) = self.entry(&mut entry, name, declared, kind, &mut pending)? {
                        return Ok(Some(error));
                    }
                }
            }
            let left = entry.limit() + padding;
            if io::copy(&mut (&mut *stream).take(left), &mut io::sink())? != left {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
    }

    /// A file or folder; its contents are read to the end, or an error says that they were not.
    fn entry(
        &mut self,
        entry: &mut dyn Read,
        name: Vec<u8>,
        declared: u64,
        kind: EntryKind,
        pending: &mut Pending,
    ) -> io::Result<Option<IntakeError>> {
        if self.raw.len() as u64 >= self.limits.entries {
            return Ok(Some(IntakeError::TooMany { files: self.raw.len() as u64 + 1 }));
        }
        let Pending { name: long, size } = std::mem::take(pending);
        let name = long.unwrap_or(name);
        let decoded = names::decode(&name, true).text;
        self.current = Some(names::shown(&decoded));
        let mut raw = RawEntry { name, utf8: true, size: declared, packed: declared, ..RawEntry::default() };
        raw.is_dir = kind == EntryKind::Folder || decoded.ends_with('/');
        raw.fault = match kind {
            // The stream goes by the header; a pax size (above 8 GiB) would put it off track.
            _ if size.is_some_and(|size| size != declared) => {
                return Err(io::Error::other("a pax size that differs from the header"));
            }
            EntryKind::File | EntryKind::Folder => None,
            EntryKind::Link => Some((SkipKind::Symlink, "A link, which is never followed".to_owned())),
            EntryKind::Sparse => Some((SkipKind::UnsupportedFormat, "A sparse file".to_owned())),
            _ => Some((SkipKind::SpecialFile, "A device, pipe or other special file".to_owned())),
        };
        if let (None, false, Ok(cleaned)) = (&raw.fault, raw.is_dir, names::clean(&decoded))
            && declared <= self.limits.entry
            && (self.matters)(&cleaned.path, declared)
        {
            let mut bytes = Vec::with_capacity(usize::try_from(declared).unwrap_or(0));
            entry.read_to_end(&mut bytes)?;
            if bytes.len() as u64 != declared {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            let index = self.raw.len();
            (self.keep)(Entry { index, path: cleaned.path, size: declared, packed: declared }, bytes);
        } else if io::copy(entry, &mut io::sink())? != declared {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.raw.push(raw);
        Ok(None)
    }
}

fn read_some(reader: &mut dyn Read, buf: &mut [u8]) -> io::Result<usize> {
    let mut got = 0;
    while let Some(rest) = buf.get_mut(got..)
        && !rest.is_empty()
    {
        match reader.read(rest)? {
            0 => break,
            n => got += n,
        }
    }
    Ok(got)
}

fn bounded(entry: &mut dyn Read, declared: u64) -> io::Result<Vec<u8>> {
    if declared > HEADER_LIMIT {
        return Err(io::Error::other("a name longer than 64 KiB"));
    }
    let mut bytes = Vec::new();
    entry.read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn trimmed(mut bytes: Vec<u8>) -> Vec<u8> {
    if let Some(end) = bytes.iter().position(|&b| b == 0) {
        bytes.truncate(end);
    }
    bytes
}

/// Takes `path` and `size` from a pax header: lines of `length key=value\n`.
fn pax(bytes: &[u8], pending: &mut Pending) {
    let mut rest = bytes;
    while let Some(space) = rest.iter().position(|&b| b == b' ') {
        let length = rest.get(..space).and_then(|n| std::str::from_utf8(n).ok()).and_then(|n| n.parse::<usize>().ok());
        let Some(length) = length.filter(|&n| n > space + 1) else { return };
        let Some(line) = rest.get(space + 1..length - 1) else { return };
        if let Some(path) = line.strip_prefix(b"path=") {
            pending.name = Some(path.to_vec());
        } else if let Some(size) = line.strip_prefix(b"size=") {
            pending.size = std::str::from_utf8(size).ok().and_then(|n| n.parse().ok());
        }
        rest = rest.get(length..).unwrap_or_default();
    }
}
