//! Bytes to text: UTF-8, UTF-16 with a byte order mark, declared single-byte encodings, and
//! Latin-1 where nothing else fits. Decoding never fails for anything that is text.

use std::borrow::Cow;

/// Encodings that are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8, also ASCII.
    Utf8,
    /// UTF-16, little endian.
    Utf16Le,
    /// UTF-16, big endian.
    Utf16Be,
    /// ISO 8859-1.
    Latin1,
    /// ISO 8859-15.
    Latin9,
    /// Windows-1252.
    Cp1252,
}

/// Decoded text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decoded<'a> {
    /// The text, without byte order mark. Borrowed when the bytes were UTF-8.
    pub text: Cow<'a, str>,
    /// What the bytes were.
    pub encoding: Encoding,
    /// One sentence when the text may be wrong in places.
    pub notice: Option<String>,
}

/// The bytes are no text: they have NUL bytes and no byte order mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotText;

/// Whether [`decode`] would give text.
#[must_use]
pub fn looks_like_text(bytes: &[u8]) -> bool {
    utf16(bytes).is_some() || memchr::memchr(0, bytes).is_none()
}

/// Decodes a file.
///
/// # Errors
/// When the bytes are no text.
pub fn decode(bytes: &[u8]) -> Result<Decoded<'_>, NotText> {
    if let Some((rest, encoding)) = utf16(bytes) {
        return Ok(decode_utf16(rest, encoding));
    }
    if memchr::memchr(0, bytes).is_some() {
        return Err(NotText);
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Ok(Decoded { text: Cow::Borrowed(text), encoding: Encoding::Utf8, notice: None });
    }
    let declared = cookie(bytes);
    let known = declared.as_deref().and_then(named);
    let encoding = known.unwrap_or(Encoding::Latin1);
    let notice = match (known, declared) {
        (Some(_), _) => None,
        (None, Some(name)) => Some(format!("The declared encoding `{name}` is not known here; read as Latin-1")),
        (None, None) => Some("The file is not UTF-8 and declares no encoding; read as Latin-1".to_owned()),
    };
    let text = bytes.iter().map(|&b| single_byte(b, encoding)).collect::<String>();
    Ok(Decoded { text: Cow::Owned(text), encoding, notice })
}

/// The bytes behind a UTF-16 byte order mark (UTF-32's little-endian mark starts alike).
fn utf16(bytes: &[u8]) -> Option<(&[u8], Encoding)> {
    if bytes.starts_with(&[0xff, 0xfe, 0, 0]) {
        return None;
    }
    let little = bytes.strip_prefix(&[0xff, 0xfe]).map(|rest| (rest, Encoding::Utf16Le));
    little.or_else(|| bytes.strip_prefix(&[0xfe, 0xff]).map(|rest| (rest, Encoding::Utf16Be)))
}

fn decode_utf16(bytes: &[u8], encoding: Encoding) -> Decoded<'static> {
    let units = bytes.chunks_exact(2).filter_map(|pair| pair.first_chunk::<2>()).map(|&pair| match encoding {
        Encoding::Utf16Be => u16::from_be_bytes(pair),
        _ => u16::from_le_bytes(pair),
    });
    let mut broken = bytes.len() % 2 == 1;
    let text = char::decode_utf16(units)
        .map(|c| {
            c.unwrap_or_else(|_| {
                broken = true;
                char::REPLACEMENT_CHARACTER
            })
        })
        .collect::<String>();
    let notice = broken.then(|| "The file is broken UTF-16; unreadable characters were replaced".to_owned());
    Decoded { text: Cow::Owned(text), encoding, notice }
}

/// The encoding that one of the first two lines declares in a comment (PEP 263).
fn cookie(bytes: &[u8]) -> Option<String> {
    bytes.split(|&b| b == b'\n').take(2).find_map(|line| {
        let line = line.get(..line.len().min(200))?;
        let line = String::from_utf8_lossy(line);
        let comment = line.trim_start_matches([' ', '\t', '\u{c}']).strip_prefix('#')?;
        let (_, rest) = comment.split_once("coding")?;
        let rest = rest.strip_prefix([':', '='])?.trim_start_matches([' ', '\t']);
        let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || "-_.".contains(c))).unwrap_or(rest.len());
        let name = rest.get(..end).filter(|name| !name.is_empty())?;
        Some(name.to_owned())
    })
}

fn named(name: &str) -> Option<Encoding> {
    Some(match name.to_ascii_lowercase().replace('_', "-").as_str() {
        "latin-1" | "latin1" | "iso-8859-1" | "iso8859-1" | "l1" | "iso-latin-1" | "8859" => Encoding::Latin1,
        "latin-9" | "latin9" | "iso-8859-15" | "iso8859-15" | "l9" => Encoding::Latin9,
        "cp1252" | "windows-1252" | "cp-1252" | "1252" => Encoding::Cp1252,
        _ => return None,
    })
}

fn single_byte(byte: u8, encoding: Encoding) -> char {
    /// Windows-1252 from 0x80; the five holes are the C1 controls they stand for.
    const CP1252: &str = "€\u{81}‚ƒ„…†‡ˆ‰Š‹Œ\u{8d}Ž\u{8f}\u{90}‘’“”•–—˜™š›œ\u{9d}žŸ";
    match (encoding, byte) {
        (Encoding::Cp1252, 0x80..=0x9f) => {
            CP1252.chars().nth(usize::from(byte) - 0x80).unwrap_or(char::REPLACEMENT_CHARACTER)
        }
        (Encoding::Latin9, 0xa4) => '€',
        (Encoding::Latin9, 0xa6) => 'Š',
        (Encoding::Latin9, 0xa8) => 'š',
        (Encoding::Latin9, 0xb4) => 'Ž',
        (Encoding::Latin9, 0xb8) => 'ž',
        (Encoding::Latin9, 0xbc) => 'Œ',
        (Encoding::Latin9, 0xbd) => 'œ',
        (Encoding::Latin9, 0xbe) => 'Ÿ',
        _ => char::from(byte),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn text(bytes: &[u8]) -> (String, Encoding, Option<String>) {
        let decoded = decode(bytes).unwrap();
        (decoded.text.into_owned(), decoded.encoding, decoded.notice)
    }

    #[test]
    fn utf8_is_not_copied() {
        let decoded = decode("é = 1\n".as_bytes()).unwrap();
        assert!(matches!(decoded.text, Cow::Borrowed("é = 1\n")));
        let decoded = decode(b"\xef\xbb\xbfx = 1").unwrap();
        assert!(matches!(decoded.text, Cow::Borrowed("x = 1")));
        assert_eq!(decode(b"").unwrap().text, "");
    }

    #[test]
    fn utf16_needs_its_mark() {
        let little: Vec<u8> = "\u{feff}x = 'é'\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(text(&little), ("x = 'é'\n".to_owned(), Encoding::Utf16Le, None));
        let big: Vec<u8> = "\u{feff}x\u{1f600}".encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(text(&big), ("x\u{1f600}".to_owned(), Encoding::Utf16Be, None));
        let broken = "The file is broken UTF-16; unreadable characters were replaced";
        assert_eq!(text(b"\xff\xfe\x00\xd8x").2.as_deref(), Some(broken));
        assert_eq!(decode(b"x\0=\0"), Err(NotText));
        assert_eq!(decode(b"\xff\xfe\0\0x\0\0\0"), Err(NotText));
    }

    #[test]
    fn declared_encodings_are_followed() {
        let source = b"# -*- coding: latin-1 -*-\nx = '\xe9'";
        assert_eq!(text(source), ("# -*- coding: latin-1 -*-\nx = 'é'".to_owned(), Encoding::Latin1, None));
        assert_eq!(text(b"#!/usr/bin/python\n# coding=cp1252\n\x80").0, "#!/usr/bin/python\n# coding=cp1252\n€");
        assert_eq!(text(b"# coding: iso-8859-15\n\xa4").0, "# coding: iso-8859-15\n€");
        assert_eq!(text(b"\n\n# coding: cp1252\n\xe9").1, Encoding::Latin1);
    }

    #[test]
    fn anything_else_is_latin_1_and_said() {
        assert_eq!(
            text(b"x = '\xe9'"),
            (
                "x = 'é'".to_owned(),
                Encoding::Latin1,
                Some("The file is not UTF-8 and declares no encoding; read as Latin-1".to_owned())
            )
        );
        assert_eq!(
            text(b"# coding: koi8-r\n\xe9").2.as_deref(),
            Some("The declared encoding `koi8-r` is not known here; read as Latin-1")
        );
    }
}
