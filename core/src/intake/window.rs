//! A seekable reader that remembers one block, because the zip directory is walked in small reads
//! and every read of a browser's `Blob` is expensive.

use std::io::{self, Read, Seek, SeekFrom};

/// Size of the remembered block.
const BLOCK: usize = 256 << 10;

/// Buffers reads of `R` without losing the buffer on a seek.
#[derive(Debug)]
pub(super) struct Window<R> {
    inner: R,
    len: u64,
    pos: u64,
    block: Vec<u8>,
    block_start: u64,
}

impl<R: Read + Seek> Window<R> {
    pub fn new(mut inner: R) -> io::Result<Self> {
        let len = inner.seek(SeekFrom::End(0))?;
        Ok(Self { inner, len, pos: 0, block: Vec::new(), block_start: 0 })
    }

    /// Bytes of the whole file.
    pub const fn len(&self) -> u64 {
        self.len
    }

    /// Fills `buf` from `start`, past the remembered block; returns how many bytes there were.
    pub fn read_at(&mut self, start: u64, buf: &mut [u8]) -> io::Result<usize> {
        self.inner.seek(SeekFrom::Start(start))?;
        fill(&mut self.inner, buf)
    }

    fn load(&mut self) -> io::Result<()> {
        let start = self.pos - self.pos % BLOCK as u64;
        self.block.resize(BLOCK, 0);
        self.inner.seek(SeekFrom::Start(start))?;
        let got = fill(&mut self.inner, &mut self.block)?;
        self.block.truncate(got);
        self.block_start = start;
        Ok(())
    }

    fn cached(&self) -> &[u8] {
        let from = self.pos.checked_sub(self.block_start).and_then(|n| usize::try_from(n).ok());
        from.and_then(|from| self.block.get(from..)).unwrap_or_default()
    }
}

/// Reads until `buf` is full or the input ends.
fn fill(reader: &mut impl Read, buf: &mut [u8]) -> io::Result<usize> {
    let mut got = 0;
    while let Some(rest) = buf.get_mut(got..)
        && !rest.is_empty()
    {
        match reader.read(rest) {
            Ok(0) => break,
            Ok(n) => got += n,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(got)
}

impl<R: Read + Seek> Read for Window<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if self.pos >= self.len || buf.is_empty() {
            return Ok(0);
        }
        if self.cached().is_empty() {
            self.load()?;
        }
        let cached = self.cached();
        let n = cached.len().min(buf.len());
        if let (Some(to), Some(from)) = (buf.get_mut(..n), cached.get(..n)) {
            to.copy_from_slice(from);
        }
        self.pos += n as u64;
        Ok(n)
    }
}

impl<R> Seek for Window<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let target = match to {
            SeekFrom::Start(n) => Some(n),
            SeekFrom::End(n) => self.len.checked_add_signed(n),
            SeekFrom::Current(n) => self.pos.checked_add_signed(n),
        };
        self.pos = target.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        Ok(self.pos)
    }
}
