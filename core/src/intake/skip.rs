//! The kinds of reason for which a file is not audited.

use crate::report::model::SkippedFile;

/// Why a file is not audited; [`SkipKind::id`] is stable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SkipKind {
    /// `.gitignore` or the project's own settings.
    Ignored,
    /// Installed dependencies, caches, version control.
    BuiltIn,
    /// Somebody else's code, copied in.
    Vendored,
    /// Test code.
    Test,
    /// Compiled or copied from source that is here too.
    BuildOutput,
    /// Written by a generator.
    Generated,
    /// Minified.
    Minified,
    /// Pictures, fonts, data.
    Asset,
    /// Text that no check reads.
    NotCode,
    /// Declarations without code.
    Stub,
    /// Above the size limit.
    TooLarge,
    /// A language that this version does not read.
    UnsupportedLanguage,
    /// A format that this version does not read.
    UnsupportedFormat,
    /// Contents that are no text.
    Binary,
    /// The name points outside the project or cannot be a file name.
    UnsafeName,
    /// A symbolic or hard link.
    Symlink,
    /// A device, pipe or other special file.
    SpecialFile,
    /// The same name again.
    Duplicate,
    /// Shares its bytes with another entry.
    Overlapping,
    /// Password-protected.
    Encrypted,
    /// A compression method that we cannot read.
    UnsupportedCompression,
    /// Bad checksum, cut short, …
    Damaged,
    /// An archive in the archive.
    NestedArchive,
    /// Outside the folders that the user chose.
    NotChosen,
}

impl SkipKind {
    /// The id used in reports.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Ignored => "ignored",
            Self::BuiltIn => "built_in",
            Self::Vendored => "vendored",
            Self::Test => "test",
            Self::BuildOutput => "build_output",
            Self::Generated => "generated",
            Self::Minified => "minified",
            Self::Asset => "asset",
            Self::NotCode => "not_code",
            Self::Stub => "stub",
            Self::TooLarge => "too_large",
            Self::UnsupportedLanguage => "unsupported_language",
            Self::UnsupportedFormat => "unsupported_format",
            Self::Binary => "binary",
            Self::UnsafeName => "unsafe_name",
            Self::Symlink => "symlink",
            Self::SpecialFile => "special_file",
            Self::Duplicate => "duplicate",
            Self::Overlapping => "overlapping",
            Self::Encrypted => "encrypted",
            Self::UnsupportedCompression => "unsupported_compression",
            Self::Damaged => "damaged",
            Self::NestedArchive => "nested_archive",
            Self::NotChosen => "not_chosen",
        }
    }

    /// A row of the report's list of skipped files.
    #[must_use]
    pub fn file(self, path: impl Into<String>, size: u64, reason: impl Into<String>) -> SkippedFile {
        SkippedFile { path: path.into(), kind: self.id().to_owned(), reason: reason.into(), size }
    }
}
