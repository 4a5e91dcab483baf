//! Files in one zip, stored as they are: what a browser saves when it cannot write into a folder. Equal files give
//! equal bytes: no times, sorted as given.

/// A zip of `files`: paths and contents.
#[must_use]
pub fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for (path, data) in files {
        let mut crc = flate2::Crc::new();
        crc.update(data);
        let offset = size(out.len());
        let mut common = Vec::new();
        // Version 2.0, name in UTF-8, stored, 1980-01-01 00:00.
        for field in [20_u16, 0x0800, 0, 0, 0x21] {
            common.extend(field.to_le_bytes());
        }
        for field in [crc.sum(), size(data.len()), size(data.len())] {
            common.extend(field.to_le_bytes());
        }
        common.extend(u16::try_from(path.len()).unwrap_or(u16::MAX).to_le_bytes());
        common.extend([0, 0]);
        out.extend(b"PK\x03\x04");
        out.extend(&common);
        out.extend(path.as_bytes());
        out.extend(*data);
        directory.extend(b"PK\x01\x02\x14\x03");
        directory.extend(&common);
        // No comment, first disk, no inner attributes; a regular file that all may read.
        directory.extend([0; 6]);
        directory.extend((0o100_644_u32 << 16).to_le_bytes());
        directory.extend(offset.to_le_bytes());
        directory.extend(path.as_bytes());
    }
    let (start, length) = (size(out.len()), size(directory.len()));
    let count = u16::try_from(files.len()).unwrap_or(u16::MAX).to_le_bytes();
    out.extend(directory);
    out.extend(b"PK\x05\x06\0\0\0\0");
    out.extend(count);
    out.extend(count);
    out.extend(length.to_le_bytes());
    out.extend(start.to_le_bytes());
    out.extend([0, 0]);
    out
}

fn size(bytes: usize) -> u32 {
    u32::try_from(bytes).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::intake::ZipSource;
    use std::io::Cursor;

    #[test]
    fn what_is_packed_is_read_again() {
        let files: [(&str, &[u8]); 3] = [("docs/a.md", b"# A\n"), ("b.txt", b""), ("\u{e4}.md", b"\xff\x00")];
        let packed = zip(&files);
        assert_eq!(packed, zip(&files));
        let (mut source, listing) = ZipSource::open(Cursor::new(packed), "all.zip").unwrap();
        let read: Vec<(String, Vec<u8>)> =
            listing.entries.iter().map(|entry| (entry.path.clone(), source.read(entry).unwrap())).collect();
        let given: Vec<(String, Vec<u8>)> =
            files.iter().map(|(path, data)| ((*path).to_owned(), data.to_vec())).collect();
        assert_eq!(read, given);
        assert!(listing.skipped.is_empty() && listing.partial.is_none());
    }
}
