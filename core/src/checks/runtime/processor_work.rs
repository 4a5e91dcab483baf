//! Library calls that keep the processor busy: what they do in words, and how much there is to do.

use crate::analysis::{BlockPath, Bound, FuncId, Project, SiteKind, Type, source_of};
use crate::libraries::Effects;
use crate::model::{Arg, ArgKind, Const, OpKind, ValueId};

/// How much there is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Amount {
    /// A document, a response, an upload, or work for each of many items.
    Large,
    /// The code does not say.
    Unknown,
    /// A constant.
    Small,
}

/// Calls whose time depends on the size of their input: parsers, compression, templates.
pub(super) fn is_light(callee: &str) -> bool {
    const LIGHT: &[&str] = &[
        "yaml.",
        "xml.",
        "lxml.",
        "bs4.",
        "gzip.",
        "bz2.",
        "lzma.",
        "zlib.",
        "zipfile.",
        "tarfile.",
        "pandas.",
        "polars.",
        "django.template.",
        "tiktoken.",
        "hashlib.file_digest",
    ];
    LIGHT.iter().any(|prefix| callee.starts_with(prefix))
}

/// What a call does, for a message.
pub(super) fn in_words(callee: &str) -> &'static str {
    const WORDS: &[(&str, &str)] = &[
        ("hashlib.", "derives a key"),
        ("cryptography.hazmat.primitives.asymmetric.", "generates a key"),
        ("cryptography.", "derives a key"),
        ("bcrypt.", "hashes a password"),
        ("passlib.", "hashes a password"),
        ("argon2.", "hashes a password"),
        ("pwdlib.", "hashes a password"),
        ("werkzeug.security.", "hashes a password"),
        ("django.contrib.auth.", "hashes a password"),
        ("django.template.", "renders a template"),
        ("PIL.", "works on an image"),
        ("cv2.", "works on an image"),
        ("pytesseract.", "reads text from an image"),
        ("pypdf.", "reads a PDF"),
        ("fitz.", "reads a PDF"),
        ("pymupdf.", "reads a PDF"),
        ("pdfplumber.", "reads a PDF"),
        ("docx.", "reads a document"),
        ("openpyxl.", "reads a spreadsheet"),
        ("markitdown.", "converts a document"),
        ("weasyprint.", "renders a PDF"),
        ("pandas.", "works on a data frame"),
        ("polars.", "works on a data frame"),
        ("sentence_transformers.", "runs a model"),
        ("transformers.", "runs a model"),
        ("whisper.", "runs a model"),
        ("sklearn.", "runs a model"),
        ("tiktoken.", "counts tokens"),
        ("yaml.", "parses YAML"),
        ("xml.", "parses XML"),
        ("lxml.", "parses markup"),
        ("bs4.", "parses markup"),
        ("gzip.", "compresses or unpacks data"),
        ("bz2.", "compresses or unpacks data"),
        ("lzma.", "compresses or unpacks data"),
        ("zlib.", "compresses or unpacks data"),
        ("zipfile.", "compresses or unpacks data"),
        ("tarfile.", "compresses or unpacks data"),
    ];
    WORDS.iter().find(|(prefix, _)| callee.starts_with(prefix)).map_or("computes for long", |(_, words)| words)
}

/// How much the call at the end of a path has to do.
pub(super) fn amount(project: &Project, path: &BlockPath) -> Amount {
    let (f, op) = (path.end, path.site.op);
    let repeated = |g: FuncId, at: ValueId| {
        project.loops_of(g).iter().any(|l| l.holds(at) && l.element != Some(at) && l.bound == Bound::Data)
    };
    // A few tokens of each function or message are little.
    let tokens = matches!(path.site.kind, SiteKind::Library(row) if row.callee.starts_with("tiktoken."));
    if !tokens && repeated(f, op) {
        return Amount::Large;
    }
    let Some(OpKind::Call { callee, args }) = project.code().op(f, op).map(|op| &op.kind) else {
        return Amount::Unknown;
    };
    let receiver = match project.code().op(f, *callee).map(|op| &op.kind) {
        Some(OpKind::Attr { base, .. }) => Some(*base),
        _ => None,
    };
    let first = args.first().map(|arg| arg.value).or(receiver);
    first.map_or(Amount::Unknown, |v| size(project, f, v, 0))
}

fn size(project: &Project, f: FuncId, v: ValueId, depth: u32) -> Amount {
    if depth > 6 {
        return Amount::Unknown;
    }
    let body = project.code().body(f);
    let at = source_of(body, v);
    let deeper = |v: ValueId| size(project, f, v, depth + 1);
    match body.op(at).map(|op| &op.kind) {
        Some(OpKind::Const(Const::Str(_) | Const::Bytes | Const::None | Const::Int(_))) => Amount::Small,
        // The body of a response: `response.text`, `response.content`.
        Some(OpKind::Attr { base, name }) => {
            let document = project.lib_class(f, *base).is_some_and(|class| {
                class.contains("Response") || class.contains("UploadFile") || class.contains("UploadedFile")
            });
            if document && matches!(project.text(*name), "text" | "content" | "data" | "body" | "file") {
                return Amount::Large;
            }
            Amount::Unknown
        }
        Some(OpKind::Call { callee, args }) => {
            let reads = project.sites_at(f, at).any(|site| match site.kind {
                SiteKind::Library(row) => {
                    let method = row.callee.rsplit('.').next().unwrap_or("");
                    matches!(method, "read" | "read_text" | "read_bytes" | "text" | "body" | "getvalue" | "download")
                        || site.effects.any(Effects::NETWORK.with(Effects::STORAGE))
                }
                _ => false,
            });
            if reads {
                return Amount::Large;
            }
            // `BytesIO(data)`, `data.decode()`, `text.strip()`
            let receiver = match body.op(*callee).map(|op| &op.kind) {
                Some(OpKind::Attr { base, .. }) => Some(*base),
                _ => None,
            };
            args.first().map(|arg| arg.value).or(receiver).map_or(Amount::Unknown, deeper)
        }
        Some(OpKind::Param(_)) => {
            if project.lib_class(f, at).is_some_and(|class| class.contains("UploadFile")) {
                Amount::Large
            } else {
                Amount::Unknown
            }
        }
        _ => Amount::Unknown,
    }
}

/// `ZipFile(buffer, "w")` stores members as they are: only `compression=…` makes writing them work.
pub(super) fn only_stores(project: &Project, path: &BlockPath) -> bool {
    let SiteKind::Library(row) = path.site.kind else { return false };
    if !matches!(row.callee, "zipfile.ZipFile.write" | "zipfile.ZipFile.writestr") {
        return false;
    }
    let body = project.code().body(path.end);
    let Some(OpKind::Call { callee, args }) = body.op(path.site.op).map(|op| &op.kind) else { return false };
    let Some(OpKind::Attr { base, .. }) = body.op(*callee).map(|op| &op.kind) else { return false };
    let mut made = source_of(body, *base);
    if let Some(OpKind::Enter { manager, .. }) = body.op(made).map(|op| &op.kind) {
        made = source_of(body, *manager);
    }
    let Some(OpKind::Call { callee, args: opened }) = body.op(made).map(|op| &op.kind) else { return false };
    let is_zip =
        matches!(project.ty(path.end, *callee), Type::LibRef(name) if project.text(*name) == "zipfile.ZipFile");
    let named = |args: &[Arg], word: &str| {
        args.iter().any(|arg| match arg.kind {
            ArgKind::Named(name) => project.text(name).starts_with(word),
            ArgKind::Spread | ArgKind::SpreadNamed => true,
            ArgKind::Positional => false,
        })
    };
    let positional = opened.iter().filter(|arg| arg.kind == ArgKind::Positional).count();
    is_zip && positional < 3 && !named(opened, "compress") && !named(args, "compress")
}
