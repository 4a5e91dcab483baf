//! Models, tokenizers, images and documents beside those of `cpu`: calls that compute for long.

use super::mixes::FILE;
use crate::libraries::{ClassRow, Effects, Library, Ret, Row, call, class};

/// Libraries that compute.
pub const LIBRARY: Library = Library {
    name: "Models, tokenizers and documents",
    roots: &[
        "pwdlib",
        "sentence_transformers",
        "transformers",
        "whisper",
        "tiktoken",
        "cv2",
        "pytesseract",
        "fitz",
        "pymupdf",
        "weasyprint",
        "polars",
    ],
    rows: ROWS,
    classes: CLASSES,
    aliases: ALIASES,
    values: &[],
};

const ROWS: &[Row] = &[
    // https://frankie567.github.io/pwdlib/reference/pwdlib/
    call("pwdlib.PasswordHash").gives(Ret::Inst("pwdlib.PasswordHash")),
    call("pwdlib.PasswordHash.hash").does(Effects::CPU).gives(Ret::Str),
    call("pwdlib.PasswordHash.recommended").gives(Ret::Inst("pwdlib.PasswordHash")),
    call("pwdlib.PasswordHash.verify").does(Effects::CPU).gives(Ret::Bool),
    call("pwdlib.PasswordHash.verify_and_update").does(Effects::CPU),
    // https://sbert.net/docs/package_reference/sentence_transformer/SentenceTransformer.html
    call("sentence_transformers.CrossEncoder")
        .does(FILE.with(Effects::CPU))
        .gives(Ret::Inst("sentence_transformers.CrossEncoder")),
    call("sentence_transformers.CrossEncoder.predict").does(Effects::CPU),
    call("sentence_transformers.CrossEncoder.rank").does(Effects::CPU),
    call("sentence_transformers.SentenceTransformer")
        .does(FILE.with(Effects::CPU))
        .gives(Ret::Inst("sentence_transformers.SentenceTransformer")),
    call("sentence_transformers.SentenceTransformer.encode").does(Effects::CPU),
    call("sentence_transformers.SentenceTransformer.encode_document").does(Effects::CPU),
    call("sentence_transformers.SentenceTransformer.encode_query").does(Effects::CPU),
    // https://huggingface.co/docs/transformers/main_classes/pipelines
    call("transformers.Pipeline.__call__").does(Effects::CPU),
    call("transformers.pipeline").does(FILE.with(Effects::CPU)).gives(Ret::Inst("transformers.Pipeline")),
    // https://github.com/openai/whisper#python-usage
    call("whisper.Whisper.transcribe").does(Effects::CPU).gives(Ret::Dict),
    call("whisper.load_model").does(FILE.with(Effects::CPU)).gives(Ret::Inst("whisper.Whisper")),
    // https://github.com/openai/tiktoken
    call("tiktoken.Encoding.encode").does(Effects::CPU).gives(Ret::List),
    call("tiktoken.Encoding.encode_batch").does(Effects::CPU).gives(Ret::List),
    call("tiktoken.Encoding.encode_ordinary").does(Effects::CPU).gives(Ret::List),
    call("tiktoken.encoding_for_model").gives(Ret::Inst("tiktoken.Encoding")),
    call("tiktoken.get_encoding").gives(Ret::Inst("tiktoken.Encoding")),
    // https://docs.opencv.org/4.x/d4/da8/group__imgcodecs.html
    call("cv2.imdecode").does(Effects::CPU),
    call("cv2.imencode").does(Effects::CPU),
    call("cv2.imread").does(FILE.with(Effects::CPU)),
    call("cv2.imwrite").does(FILE.with(Effects::CPU)),
    call("cv2.resize").does(Effects::CPU),
    // https://github.com/madmaze/pytesseract#usage
    call("pytesseract.image_to_data").does(Effects::SUBPROCESS.with(Effects::CPU).with(Effects::BLOCKS)),
    call("pytesseract.image_to_string")
        .does(Effects::SUBPROCESS.with(Effects::CPU).with(Effects::BLOCKS))
        .gives(Ret::Str),
    // https://pymupdf.readthedocs.io/en/latest/page.html
    call("fitz.Page.get_pixmap").does(Effects::CPU),
    call("fitz.Page.get_text").does(Effects::CPU),
    // https://doc.courtbouillon.org/weasyprint/stable/api_reference.html
    call("weasyprint.HTML").gives(Ret::Inst("weasyprint.HTML")),
    call("weasyprint.HTML.render").does(Effects::CPU),
    call("weasyprint.HTML.write_pdf").does(Effects::CPU).gives(Ret::Bytes),
    // https://docs.pola.rs/api/python/stable/reference/io.html
    call("polars.read_csv").does(FILE.with(Effects::CPU)),
    call("polars.read_excel").does(FILE.with(Effects::CPU)),
    call("polars.read_json").does(FILE.with(Effects::CPU)),
    call("polars.read_parquet").does(FILE.with(Effects::CPU)),
];

const CLASSES: &[ClassRow] = &[
    // https://frankie567.github.io/pwdlib/reference/pwdlib/
    class("pwdlib.PasswordHash"),
    // https://sbert.net/docs/package_reference/sentence_transformer/SentenceTransformer.html
    class("sentence_transformers.SentenceTransformer"),
    // https://sbert.net/docs/package_reference/cross_encoder/cross_encoder.html
    class("sentence_transformers.CrossEncoder"),
    // https://huggingface.co/docs/transformers/main_classes/pipelines
    class("transformers.Pipeline"),
    // https://github.com/openai/whisper#python-usage
    class("whisper.Whisper"),
    // https://github.com/openai/tiktoken
    class("tiktoken.Encoding"),
    // https://pymupdf.readthedocs.io/en/latest/page.html
    class("fitz.Page"),
    // https://doc.courtbouillon.org/weasyprint/stable/api_reference.html
    class("weasyprint.HTML"),
];

const ALIASES: &[(&str, &str)] = &[
    ("pymupdf", "fitz"),
    ("tiktoken.core.Encoding", "tiktoken.Encoding"),
    ("transformers.pipelines.base.Pipeline", "transformers.Pipeline"),
];
