//! The bounds that keep a hostile or huge archive from taking the machine down.

use crate::words::counted;

/// Bounds of one intake. [`Limits::default`] is what the product promises; tests use smaller ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Entries of an archive or files of a folder.
    pub entries: u64,
    /// Bytes inflated in total.
    pub total: u64,
    /// Bytes kept of one entry; larger ones are skipped.
    pub entry: u64,
    /// Entries up to this size may expand by any ratio.
    pub ratio_free: u64,
    /// Highest ratio of expanded to packed size above that.
    pub ratio: u64,
}

/// Largest source file that is read.
pub const SOURCE_LIMIT: u64 = 4 << 20;

/// Largest manifest, settings file or document that is read (lock files may have [`SOURCE_LIMIT`]).
pub const TEXT_LIMIT: u64 = 1 << 20;

impl Default for Limits {
    fn default() -> Self {
        Self { entries: 100_000, total: 1 << 30, entry: SOURCE_LIMIT, ratio_free: 10_000_000, ratio: 200 }
    }
}

impl Limits {
    /// By how much an entry expands when that is more than allowed.
    #[must_use]
    pub fn excess_ratio(&self, size: u64, packed: u64) -> Option<u64> {
        let ratio = size / packed.max(1);
        (size > self.ratio_free && ratio > self.ratio).then_some(ratio)
    }
}

/// `1 GiB expanded, 100,000 files, 200x for entries above 10 MB`
pub(super) const LIMITS_TEXT: &str = "Limits: 1 GiB expanded, 100,000 files, 200x for entries above 10 MB.";

/// A byte count for people: `1.4 GiB`, `5.2 MiB`, `812 bytes`.
pub(crate) fn size_text(bytes: u64) -> String {
    let units = [(1u64 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];
    for (unit, name) in units {
        if bytes >= unit {
            let tenths = (u128::from(bytes) * 10 + u128::from(unit) / 2) / u128::from(unit);
            return if tenths % 10 == 0 {
                format!("{} {name}", tenths / 10)
            } else {
                format!("{}.{} {name}", tenths / 10, tenths % 10)
            };
        }
    }
    format!("{bytes} bytes")
}

/// `1 file`, `14 files`.
pub(super) fn files_text(n: u64) -> String {
    counted(n, "file", "files")
}
