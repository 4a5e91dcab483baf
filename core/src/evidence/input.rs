//! From bytes to a reader: containers (gzip, byte order marks), limits, and the choice of the format. The file is a
//! stream: nothing here holds more than its head.

use super::model::{Artefact, Note};
use super::readers::FORMATS;
use super::recognize::{HEAD_BYTES, Head};
use crate::words::{counted, grouped};
use std::io::{self, BufRead, BufReader, Cursor, Read};

/// Bounds of one file of evidence. [`Limits::default`] is what the product promises; tests use smaller ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes after inflating.
    pub bytes: u64,
    /// Nesting of JSON, of calls and of plans.
    pub depth: usize,
    /// Samples of a profile, points of a load test.
    pub samples: usize,
    /// Nodes of all plans of a file.
    pub plan_nodes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { bytes: 512 << 20, depth: 256, samples: 2_000_000, plan_nodes: 200_000 }
    }
}

/// What a reader gets: the whole text or bytes as a stream, inflated and without byte order mark.
pub struct Input<'a> {
    /// The content.
    pub content: &'a mut dyn BufRead,
    /// Bounds to obey.
    pub limits: Limits,
    /// The first bytes, again: for a reader of several variants.
    pub head: &'a Head,
}

/// Why a file cannot be read; one sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused(pub String);

impl From<io::Error> for Refused {
    fn from(error: io::Error) -> Self {
        Self(error.to_string())
    }
}

/// Collects notes: the first place of each text, and how often.
#[derive(Debug, Default)]
pub struct Notes(Vec<Note>);

impl Notes {
    /// Notes a text at a line, record or entry (0 for the whole file). Equal texts are counted, not repeated.
    pub fn add(&mut self, at: u64, text: impl Into<String>) {
        let text = text.into();
        if let Some(note) = self.0.iter_mut().find(|note| note.text == text) {
            note.times += 1;
        } else if self.0.len() < NOTES {
            self.0.push(Note { at, text, times: 1 });
        }
    }
}

/// Different notes kept of a file.
const NOTES: usize = 100;

/// Largest UTF-16 file that is read: it is decoded as a whole.
const WIDE_BYTES: u64 = 64 << 20;

/// Layers of gzip that are opened.
const LAYERS: usize = 2;

/// Reads a file of evidence. Never fails: what cannot be read is an [`Artefact`] that says why.
pub fn read(path: &str, bytes: u64, content: &mut dyn Read, limits: Limits) -> Artefact {
    let mut artefact = Artefact { path: path.to_owned(), bytes, ..Artefact::default() };
    let mut notes = Notes::default();
    if let Err(Refused(reason)) = open(content, limits, LAYERS, &mut artefact, &mut notes) {
        artefact.refused = Some(reason);
    }
    artefact.notes = notes.0;
    artefact
}

fn open(
    content: &mut dyn Read,
    limits: Limits,
    layers: usize,
    artefact: &mut Artefact,
    notes: &mut Notes,
) -> Result<(), Refused> {
    let mut start = Vec::new();
    content.take(HEAD_BYTES).read_to_end(&mut start)?;
    if start.starts_with(b"\x1f\x8b") {
        if layers == 0 {
            return Err(Refused("Compressed more than twice: unpack it first".to_owned()));
        }
        let mut inflated = Inflated(flate2::read::MultiGzDecoder::new(Cursor::new(start).chain(content)));
        return open(&mut inflated, limits, layers - 1, artefact, notes);
    }
    if start.starts_with(&[0xff, 0xfe]) || start.starts_with(&[0xfe, 0xff]) {
        let mut whole = start;
        content.take(WIDE_BYTES).read_to_end(&mut whole)?;
        if whole.len() as u64 > WIDE_BYTES {
            return Err(Refused("UTF-16 above 64 MiB is not read: save it as UTF-8".to_owned()));
        }
        let Ok(decoded) = crate::source::text::decode(&whole) else {
            return Err(Refused("The file is neither text nor a format that we know".to_owned()));
        };
        let text = decoded.text.into_owned().into_bytes();
        let head = Head::new(&text);
        return recognized(&head, &mut Cursor::new(text), limits, artefact, notes);
    }
    let start = start.strip_prefix(b"\xef\xbb\xbf").map_or(start.clone(), <[u8]>::to_vec);
    let head = Head::new(&start);
    let rest = Cursor::new(start).chain(content);
    recognized(&head, &mut BufReader::with_capacity(64 << 10, rest), limits, artefact, notes)
}

/// The format that a head of at most 64 KiB is of, unpacked and decoded as [`read`] does it.
pub fn sniff(start: &[u8]) -> Option<&'static str> {
    let mut bytes = start.to_vec();
    for _ in 0..LAYERS {
        if !bytes.starts_with(b"\x1f\x8b") {
            break;
        }
        // The end of a head is no damage: what was inflated before it tells.
        let mut inflated = Vec::new();
        let _cut = flate2::read::MultiGzDecoder::new(bytes.as_slice()).take(HEAD_BYTES).read_to_end(&mut inflated);
        bytes = inflated;
    }
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        bytes = crate::source::text::decode(&bytes).ok()?.text.into_owned().into_bytes();
    }
    let head = Head::new(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes));
    if head.refusal().is_some() {
        return None;
    }
    FORMATS.iter().copied().flatten().find(|format| (format.matches)(&head)).map(|format| format.name)
}

/// Inflates; says in plain words when the data is damaged.
struct Inflated<R>(flate2::read::MultiGzDecoder<R>);

impl<R: Read> Read for Inflated<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.0.read(buf).map_err(|error| match error.kind() {
            io::ErrorKind::Interrupted => error,
            kind => io::Error::new(kind, "The gzip data is cut short or damaged"),
        })
    }
}

fn recognized(
    head: &Head,
    content: &mut dyn BufRead,
    limits: Limits,
    artefact: &mut Artefact,
    notes: &mut Notes,
) -> Result<(), Refused> {
    if let Some(reason) = head.refusal() {
        return Err(Refused(reason));
    }
    let Some(format) = FORMATS.iter().copied().flatten().find(|format| (format.matches)(head)) else {
        return Err(Refused("Not evidence that we read".to_owned()));
    };
    format.name.clone_into(&mut artefact.format);
    let mut bounded = Bounded { inner: content, left: limits.bytes, limit: limits.bytes };
    let mut input = Input { content: &mut bounded, limits, head };
    (format.read)(&mut input, artefact, notes)
}

/// Ends with an error, not silently, where the limit is.
struct Bounded<'a> {
    inner: &'a mut dyn BufRead,
    left: u64,
    limit: u64,
}

impl Read for Bounded<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let got = self.fill_buf()?.read(buf)?;
        self.consume(got);
        Ok(got)
    }
}

impl BufRead for Bounded<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        let ready = self.inner.fill_buf()?;
        if self.left == 0 && !ready.is_empty() {
            let mib = grouped(self.limit >> 20);
            return Err(io::Error::other(format!("Stopped: larger than {mib} MiB when unpacked")));
        }
        let most = usize::try_from(self.left).unwrap_or(usize::MAX).min(ready.len());
        Ok(ready.get(..most).unwrap_or_default())
    }

    fn consume(&mut self, amount: usize) {
        self.left = self.left.saturating_sub(amount as u64);
        self.inner.consume(amount);
    }
}

/// Longest line that is kept; the rest of a longer one is dropped, with a note.
const LINE_BYTES: usize = 16 << 20;

impl Input<'_> {
    /// The next line, without its end, invalid UTF-8 replaced; `None` at the end. Line numbers are the caller's.
    ///
    /// # Errors
    /// When the stream breaks off or is larger than the limit.
    pub fn line(&mut self, buffer: &mut Vec<u8>) -> Result<Option<String>, Refused> {
        buffer.clear();
        let got = (&mut *self.content).take(LINE_BYTES as u64).read_until(b'\n', buffer)?;
        if got == 0 {
            return Ok(None);
        }
        if got == LINE_BYTES && buffer.last() != Some(&b'\n') {
            let mut rest = Vec::new();
            while (&mut *self.content).take(LINE_BYTES as u64).read_until(b'\n', &mut rest)? > 0 {
                if rest.last() == Some(&b'\n') {
                    break;
                }
                rest.clear();
            }
        }
        while matches!(buffer.last(), Some(b'\n' | b'\r')) {
            buffer.pop();
        }
        Ok(Some(String::from_utf8_lossy(buffer).into_owned()))
    }

    /// The whole content as bytes, for formats that need it, up to `most` bytes.
    ///
    /// # Errors
    /// When it is larger, or the stream breaks off.
    pub fn whole(&mut self, most: u64) -> Result<Vec<u8>, Refused> {
        let mut whole = Vec::new();
        (&mut *self.content).take(most + 1).read_to_end(&mut whole)?;
        if whole.len() as u64 > most {
            let mib = grouped(most >> 20);
            return Err(Refused(format!("This format is read up to {mib} MiB; the file is larger")));
        }
        Ok(whole)
    }

    /// The whole content as text, invalid UTF-8 replaced.
    ///
    /// # Errors
    /// As [`Input::whole`].
    pub fn text(&mut self, most: u64) -> Result<String, Refused> {
        let whole = self.whole(most)?;
        Ok(String::from_utf8(whole).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()))
    }

    /// Refuses more items than a limit allows.
    ///
    /// # Errors
    /// When `count` is above `limit`.
    pub fn at_most(count: usize, limit: usize, one: &str, many: &str) -> Result<(), Refused> {
        if count <= limit {
            return Ok(());
        }
        Err(Refused(format!("Stopped: more than {}", counted(limit as u64, one, many))))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use std::io::Write as _;

    fn refused(bytes: &[u8], limits: Limits) -> String {
        read("x", bytes.len() as u64, &mut Cursor::new(bytes), limits).refused.unwrap()
    }

    fn gzipped(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn what_is_no_evidence_says_so() {
        assert_eq!(refused(b"", Limits::default()), "The file is empty");
        assert_eq!(refused(b"hello\n", Limits::default()), "Not evidence that we read");
        assert_eq!(refused(&gzipped(b""), Limits::default()), "The file is empty");
        let thrice = gzipped(&gzipped(&gzipped(b"hello")));
        assert_eq!(refused(&thrice, Limits::default()), "Compressed more than twice: unpack it first");
        assert_eq!(refused(b"\x1f\x8b\x08\x00cut", Limits::default()), "The gzip data is cut short or damaged");
    }

    #[test]
    fn more_bytes_than_the_limit_are_an_error_not_an_end() {
        let mut inner = Cursor::new(b"0123456789".to_vec());
        let mut bounded = Bounded { inner: &mut inner, left: 4, limit: 512 << 20 };
        let mut out = Vec::new();
        let error = bounded.read_to_end(&mut out).unwrap_err();
        assert_eq!(out, b"0123");
        assert_eq!(error.to_string(), "Stopped: larger than 512 MiB when unpacked");
        let mut inner = Cursor::new(b"0123".to_vec());
        assert_eq!(Bounded { inner: &mut inner, left: 4, limit: 512 << 20 }.read_to_end(&mut Vec::new()).unwrap(), 4);
    }

    #[test]
    fn notes_are_counted_not_repeated() {
        let mut notes = Notes::default();
        notes.add(3, "odd line");
        notes.add(7, "odd line");
        assert_eq!(notes.0, [Note { at: 3, text: "odd line".to_owned(), times: 2 }]);
    }

    #[test]
    fn lines_lose_their_ends_and_long_ones_are_cut() {
        let mut long = vec![b'x'; LINE_BYTES + 5];
        long.extend_from_slice(b"\r\nnext\r\nlast \xff");
        let head = Head::new(&long);
        let mut content = Cursor::new(long);
        let mut input = Input { content: &mut content, limits: Limits::default(), head: &head };
        let mut buffer = Vec::new();
        assert_eq!(input.line(&mut buffer).unwrap().unwrap().len(), LINE_BYTES);
        assert_eq!(input.line(&mut buffer).unwrap().unwrap(), "next");
        assert_eq!(input.line(&mut buffer).unwrap().unwrap(), "last \u{fffd}");
        assert_eq!(input.line(&mut buffer).unwrap(), None);
    }
}
