//! What a dropped file is, by its first bytes.

use flate2::read::MultiGzDecoder;
use std::io::Read;

/// How many first bytes [`sniff`] should get.
pub const SNIFF_LEN: usize = 4096;

/// Kinds of dropped file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A zip: open it with [`super::ZipSource`].
    Zip,
    /// A tar or tar.gz: read it with [`super::TarGz`].
    TarGz,
    /// Gzipped, but not a tar.
    Gz,
    /// A saved `report.json` of ours.
    ReportJson,
    /// A saved `report.html` of ours.
    ReportHtml,
    /// Nothing that is known here.
    Other,
}

/// Tells what a file is. The name decides only where the bytes cannot: a zip whose start is
/// damaged or has a program in front.
#[must_use]
pub fn sniff(first: &[u8], name: &str) -> Kind {
    if [b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08"].iter().any(|magic| first.starts_with(*magic)) {
        return Kind::Zip;
    }
    if first.starts_with(&[0x1f, 0x8b]) {
        let mut start = vec![0; 512];
        let mut decoder = MultiGzDecoder::new(first);
        // A cut stream still fills the buffer as far as it goes.
        let mut got = 0;
        while let Some(rest) = start.get_mut(got..)
            && !rest.is_empty()
        {
            match decoder.read(rest) {
                Ok(0) | Err(_) => break,
                Ok(n) => got += n,
            }
        }
        return if is_tar(&start) || tar_name(name) { Kind::TarGz } else { Kind::Gz };
    }
    if is_tar(first) {
        return Kind::TarGz;
    }
    let text = first.strip_prefix(b"\xef\xbb\xbf").unwrap_or(first);
    let head = String::from_utf8_lossy(text.get(..text.len().min(SNIFF_LEN)).unwrap_or_default());
    let head = head.trim_start();
    if let Some(object) = head.strip_prefix('{')
        && object.trim_start().starts_with("\"schema\"")
        && object.contains("\"version\"")
    {
        return Kind::ReportJson;
    }
    if head.starts_with('<') && head.to_ascii_lowercase().contains("drydock") {
        return Kind::ReportHtml;
    }
    let lower = name.to_ascii_lowercase();
    let zip_name = [".zip", ".whl", ".jar", ".war", ".pyz", ".pex"].iter().any(|end| lower.ends_with(end));
    if zip_name { Kind::Zip } else { Kind::Other }
}

fn tar_name(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    lower.ends_with(".tar.gz") || lower.ends_with(".tgz")
}

/// `ustar` magic, or a header checksum that is right (old tars).
fn is_tar(first: &[u8]) -> bool {
    let Some(header) = first.get(..512) else { return false };
    if header.get(257..262) == Some(b"ustar".as_slice()) {
        return true;
    }
    let stated = header.get(148..156).and_then(|field| std::str::from_utf8(field).ok());
    let stated = stated.and_then(|text| u32::from_str_radix(text.trim_matches(['\0', ' ']), 8).ok());
    let sum: u32 = header
        .iter()
        .enumerate()
        .map(|(i, &b)| if (148..156).contains(&i) { u32::from(b' ') } else { u32::from(b) })
        .sum();
    header.first() != Some(&0) && stated == Some(sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_known_by_their_bytes() {
        assert_eq!(sniff(b"PK\x03\x04rest", "x.bin"), Kind::Zip);
        assert_eq!(sniff(b"%PDF-1.7", "notes.pdf"), Kind::Other);
        assert_eq!(sniff(b"#!/usr/bin/env python\nPK", "app.pyz"), Kind::Zip);
        assert_eq!(sniff(b"{\"schema\":1,\"version\":\"0.1.0\",", "report.json"), Kind::ReportJson);
        assert_eq!(sniff(b"{\n  \"schema\": 1,\n  \"version\": \"0.1.0\",", "x"), Kind::ReportJson);
        assert_eq!(sniff(b"{\"name\":\"x\"}", "package.json"), Kind::Other);
        assert_eq!(sniff(b"<!doctype html><title>Drydock report", "r.html"), Kind::ReportHtml);
        assert_eq!(sniff(b"", "empty.zip"), Kind::Zip);
        assert_eq!(sniff(b"\x1f\x8b\x08", "trace.json.gz"), Kind::Gz);
    }
}
