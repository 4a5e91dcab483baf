//! A `Blob` as `Read + Seek`: slices are read synchronously, which only workers may do. At most one
//! read-ahead block is held, so an archive never lies in memory as a whole.

use super::message::error_text;
use std::io::{Error, Read, Result, Seek, SeekFrom};
use wasm_bindgen::prelude::*;

/// Bounds of the read-ahead: it grows while the reader moves forward and shrinks when it jumps, so
/// that many small entries cost one slice and scattered ones do not read the archive many times.
const SMALLEST: u64 = 32 * 1024;
const LARGEST: u64 = 1024 * 1024;

/// A seekable reader over a file handle.
#[derive(Debug)]
pub struct BlobReader {
    blob: web_sys::Blob,
    reader: web_sys::FileReaderSync,
    len: u64,
    position: u64,
    block_start: u64,
    block: Vec<u8>,
    ahead: u64,
}

impl BlobReader {
    /// A reader over `handle` (a `File` or `Blob`).
    pub fn new(handle: &JsValue) -> Result<Self> {
        let blob: web_sys::Blob = handle.clone().dyn_into().map_err(|_| Error::other("no file handle"))?;
        let reader = web_sys::FileReaderSync::new().map_err(|error| Error::other(error_text(&error)))?;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a size is a whole number")]
        let len = blob.size() as u64;
        Ok(Self { blob, reader, len, position: 0, block_start: 0, block: Vec::new(), ahead: SMALLEST })
    }

    /// Size of the file.
    #[must_use]
    pub const fn len(&self) -> u64 {
        self.len
    }

    /// Whether the file has no bytes.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    #[expect(clippy::cast_precision_loss, reason = "browsers number bytes as f64")]
    fn slice(&self, start: u64, end: u64) -> Result<js_sys::Uint8Array> {
        let slice = self.blob.slice_with_f64_and_f64(start as f64, end as f64);
        let buffer = slice.and_then(|slice| self.reader.read_as_array_buffer(&slice));
        buffer.map(|buffer| js_sys::Uint8Array::new(&buffer)).map_err(|error| Error::other(error_text(&error)))
    }
}

impl Read for BlobReader {
    fn read(&mut self, out: &mut [u8]) -> Result<usize> {
        if out.is_empty() || self.position >= self.len {
            return Ok(0);
        }
        // A large read goes around the block.
        if out.len() as u64 >= LARGEST {
            let end = self.len.min(self.position + out.len() as u64);
            let bytes = self.slice(self.position, end)?;
            let count = bytes.length() as usize;
            let Some(target) = out.get_mut(..count) else { return Err(Error::other("a slice is too long")) };
            bytes.copy_to(target);
            self.position += count as u64;
            return Ok(count);
        }
        let block_end = self.block_start + self.block.len() as u64;
        if self.position < self.block_start || self.position >= block_end {
            let onward = self.position >= block_end && self.position - block_end <= self.ahead;
            self.ahead = if onward { self.ahead * 2 } else { self.ahead / 2 }.clamp(SMALLEST, LARGEST);
            let wanted = self.ahead.max(out.len() as u64);
            self.block = self.slice(self.position, self.len.min(self.position + wanted))?.to_vec();
            self.block_start = self.position;
        }
        let offset = usize::try_from(self.position - self.block_start).map_err(Error::other)?;
        let ready = self.block.get(offset..).unwrap_or_default();
        let count = ready.len().min(out.len());
        if count == 0 {
            return Err(Error::other("the file became shorter while it was read"));
        }
        if let (Some(target), Some(source)) = (out.get_mut(..count), ready.get(..count)) {
            target.copy_from_slice(source);
        }
        self.position += count as u64;
        Ok(count)
    }
}

impl Seek for BlobReader {
    fn seek(&mut self, to: SeekFrom) -> Result<u64> {
        let target = match to {
            SeekFrom::Start(position) => Some(position),
            SeekFrom::End(offset) => self.len.checked_add_signed(offset),
            SeekFrom::Current(offset) => self.position.checked_add_signed(offset),
        };
        self.position = target.ok_or_else(|| Error::other("seek before the start"))?;
        Ok(self.position)
    }
}

/// The whole contents of `handle`.
pub fn read_whole(handle: &JsValue) -> Result<Vec<u8>> {
    let mut reader = BlobReader::new(handle)?;
    let mut bytes = Vec::new();
    reader.read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Size of `handle` in bytes; 0 when it is no file.
#[must_use]
pub fn size_of(handle: &JsValue) -> u64 {
    BlobReader::new(handle).map_or(0, |reader| reader.len())
}

/// A blob with a copy of `bytes`. Other workers get it by reference, whoever passes it on.
pub fn blob_of(bytes: &[u8]) -> Result<JsValue> {
    let parts = js_sys::Array::of1(&js_sys::Uint8Array::from(bytes));
    let blob = web_sys::Blob::new_with_u8_array_sequence(&parts).map_err(|error| Error::other(error_text(&error)))?;
    Ok(blob.into())
}
