//! The headers of a tar: 512 bytes before each file, in the forms of old tars, ustar and GNU. Knows nothing of what is done
//! with the files.

use std::io;

/// Headers and contents begin at multiples of this.
pub(super) const BLOCK: usize = 512;

/// What an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum EntryKind {
    /// A file.
    File,
    /// A folder.
    Folder,
    /// A symbolic or hard link.
    Link,
    /// A file with holes, as GNU writes it.
    Sparse,
    /// GNU: the name of the next entry.
    LongName,
    /// GNU: where the link of the next entry leads.
    LongLink,
    /// pax: keys of the next entry.
    Keys,
    /// pax: keys of all entries that follow.
    GlobalKeys,
    /// A device, a pipe, or a kind that nobody has heard of.
    Other,
}

/// A header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Header {
    /// Path as it is written.
    pub name: Vec<u8>,
    /// Bytes of its contents.
    pub size: u64,
    /// What it is.
    pub kind: EntryKind,
}

/// Reads a header; `None` for the block of zeros that ends a tar.
///
/// # Errors
/// When its checksum or size is none.
pub(super) fn header(block: &[u8; BLOCK]) -> io::Result<Option<Header>> {
    if block.iter().all(|byte| *byte == 0) {
        return Ok(None);
    }
    let field = |from: usize, length: usize| block.get(from..from + length).unwrap_or_default();
    // The sum is taken as if its own field held blanks.
    let own: u64 = field(148, 8).iter().map(|byte| u64::from(*byte)).sum();
    let sum = block.iter().map(|byte| u64::from(*byte)).sum::<u64>() - own + 8 * u64::from(b' ');
    if octal(field(148, 8)) != Some(sum) {
        return Err(io::Error::other("a header whose checksum is wrong"));
    }
    let size = number(field(124, 12)).ok_or_else(|| io::Error::other("a header whose size is no number"))?;
    let mut name = until_zero(field(0, 100)).to_vec();
    let prefix = until_zero(field(345, 155));
    if field(257, 8) == b"ustar\x0000" && !prefix.is_empty() {
        name = [prefix, b"/", &name].concat();
    }
    let kind = match field(156, 1) {
        b"\0" | b"0" | b"7" => EntryKind::File,
        b"1" | b"2" => EntryKind::Link,
        b"5" => EntryKind::Folder,
        b"S" => EntryKind::Sparse,
        b"L" => EntryKind::LongName,
        b"K" => EntryKind::LongLink,
        b"x" => EntryKind::Keys,
        b"g" => EntryKind::GlobalKeys,
        _ => EntryKind::Other,
    };
    Ok(Some(Header { name, size, kind }))
}

fn until_zero(field: &[u8]) -> &[u8] {
    field.split(|byte| *byte == 0).next().unwrap_or_default()
}

/// Octal digits; with the highest bit set a binary number, for files above 8 GiB.
fn number(field: &[u8]) -> Option<u64> {
    match field.first() {
        Some(first) if first & 0x80 != 0 => {
            let (rest, low) = field.split_at(field.len().saturating_sub(8));
            let small = rest.iter().enumerate().all(|(at, byte)| *byte == if at == 0 { 0x80 } else { 0 });
            small.then(|| low.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte)))
        }
        _ => octal(field),
    }
}

fn octal(field: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(until_zero(field)).ok()?.trim();
    u64::from_str_radix(text, 8).ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// The same header as the tests' archives are made of.
    fn made(change: impl FnOnce(&mut tar::Header)) -> io::Result<Option<Header>> {
        let mut made = tar::Header::new_ustar();
        made.set_path("app/main.py").unwrap();
        made.set_size(1234);
        change(&mut made);
        made.set_cksum();
        header(made.as_bytes())
    }

    #[test]
    fn names_sizes_and_kinds() {
        let file = Header { name: b"app/main.py".to_vec(), size: 1234, kind: EntryKind::File };
        assert_eq!(made(|_| ()).unwrap(), Some(file));
        let long = format!("{}/main.py", "folder".repeat(20));
        let found = made(|header| header.set_path(&long).unwrap()).unwrap().unwrap();
        assert_eq!(String::from_utf8_lossy(&found.name), long);
        let found = made(|header| header.set_size(9 << 30)).unwrap().unwrap();
        assert_eq!(found.size, 9 << 30);
        for (byte, kind) in
            [(b'5', EntryKind::Folder), (b'2', EntryKind::Link), (b'x', EntryKind::Keys), (b'9', EntryKind::Other)]
        {
            assert_eq!(made(|header| header.set_entry_type(tar::EntryType::new(byte))).unwrap().unwrap().kind, kind);
        }
    }

    #[test]
    fn what_is_no_header_is_said() {
        assert_eq!(header(&[0; BLOCK]).unwrap(), None);
        assert!(header(&[b'x'; BLOCK]).unwrap_err().to_string().contains("checksum"));
        let odd = made(|header| header.as_old_mut().size = *b"12345678901z");
        assert!(odd.unwrap_err().to_string().contains("size"));
    }
}
