//! Work for the processor: password hashing, images, documents, markup, data frames, templates.

use super::mixes::{EXECUTE, FILE, INSERT, NET, READ};
use crate::libraries::{ClassRow, Effects, Exit, Library, Resource, Ret, Row, call, class};

/// CPU-heavy libraries.
pub const LIBRARY: Library = Library {
    name: "CPU-heavy libraries",
    roots: &[
        "hashlib",
        "bcrypt",
        "passlib",
        "argon2",
        "cryptography",
        "PIL",
        "pypdf",
        "docx",
        "openpyxl",
        "pdfplumber",
        "markitdown",
        "pandas",
        "lxml",
        "bs4",
        "jinja2",
    ],
    rows: ROWS,
    classes: CLASSES,
    aliases: ALIASES,
    values: &[],
};

const ROWS: &[Row] = &[
    // https://docs.python.org/3/library/hashlib.html#key-derivation
    call("hashlib.file_digest").does(FILE.with(Effects::CPU)),
    call("hashlib.pbkdf2_hmac").does(Effects::CPU).gives(Ret::Bytes),
    call("hashlib.scrypt").does(Effects::CPU).gives(Ret::Bytes),
    // https://github.com/pyca/bcrypt#usage
    call("bcrypt.checkpw").does(Effects::CPU).gives(Ret::Bool),
    call("bcrypt.gensalt").gives(Ret::Bytes),
    call("bcrypt.hashpw").does(Effects::CPU).gives(Ret::Bytes),
    call("bcrypt.kdf").does(Effects::CPU).gives(Ret::Bytes),
    // https://passlib.readthedocs.io/en/stable/lib/passlib.context.html
    call("passlib.context.CryptContext").gives(Ret::Inst("passlib.context.CryptContext")),
    call("passlib.context.CryptContext.encrypt").does(Effects::CPU).gives(Ret::Str),
    call("passlib.context.CryptContext.hash").does(Effects::CPU).gives(Ret::Str),
    call("passlib.context.CryptContext.verify").does(Effects::CPU).gives(Ret::Bool),
    call("passlib.context.CryptContext.verify_and_update").does(Effects::CPU).gives(Ret::Bool),
    call("passlib.hash.argon2.encrypt").does(Effects::CPU).gives(Ret::Str),
    call("passlib.hash.argon2.hash").does(Effects::CPU).gives(Ret::Str),
    call("passlib.hash.argon2.verify").does(Effects::CPU).gives(Ret::Bool),
    call("passlib.hash.bcrypt.encrypt").does(Effects::CPU).gives(Ret::Str),
    call("passlib.hash.bcrypt.hash").does(Effects::CPU).gives(Ret::Str),
    call("passlib.hash.bcrypt.verify").does(Effects::CPU).gives(Ret::Bool),
    call("passlib.hash.bcrypt_sha256.encrypt").does(Effects::CPU).gives(Ret::Str),
    call("passlib.hash.bcrypt_sha256.hash").does(Effects::CPU).gives(Ret::Str),
    call("passlib.hash.bcrypt_sha256.verify").does(Effects::CPU).gives(Ret::Bool),
    call("passlib.hash.pbkdf2_sha256.encrypt").does(Effects::CPU).gives(Ret::Str),
    call("passlib.hash.pbkdf2_sha256.hash").does(Effects::CPU).gives(Ret::Str),
    call("passlib.hash.pbkdf2_sha256.verify").does(Effects::CPU).gives(Ret::Bool),
    call("passlib.hash.scrypt.encrypt").does(Effects::CPU).gives(Ret::Str),
    call("passlib.hash.scrypt.hash").does(Effects::CPU).gives(Ret::Str),
    call("passlib.hash.scrypt.verify").does(Effects::CPU).gives(Ret::Bool),
    call("passlib.hash.sha256_crypt.encrypt").does(Effects::CPU).gives(Ret::Str),
    call("passlib.hash.sha256_crypt.hash").does(Effects::CPU).gives(Ret::Str),
    call("passlib.hash.sha256_crypt.verify").does(Effects::CPU).gives(Ret::Bool),
    call("passlib.hash.sha512_crypt.encrypt").does(Effects::CPU).gives(Ret::Str),
    call("passlib.hash.sha512_crypt.hash").does(Effects::CPU).gives(Ret::Str),
    call("passlib.hash.sha512_crypt.verify").does(Effects::CPU).gives(Ret::Bool),
    // https://argon2-cffi.readthedocs.io/en/stable/api.html
    call("argon2.PasswordHasher").gives(Ret::Inst("argon2.PasswordHasher")),
    call("argon2.PasswordHasher.hash").does(Effects::CPU).gives(Ret::Str),
    call("argon2.PasswordHasher.verify").does(Effects::CPU).gives(Ret::Bool),
    // https://cryptography.io/en/latest/hazmat/primitives/key-derivation-functions/
    call("cryptography.hazmat.primitives.asymmetric.rsa.generate_private_key").does(Effects::CPU),
    call("cryptography.hazmat.primitives.kdf.pbkdf2.PBKDF2HMAC")
        .gives(Ret::Inst("cryptography.hazmat.primitives.kdf.pbkdf2.PBKDF2HMAC")),
    call("cryptography.hazmat.primitives.kdf.pbkdf2.PBKDF2HMAC.derive").does(Effects::CPU).gives(Ret::Bytes),
    call("cryptography.hazmat.primitives.kdf.pbkdf2.PBKDF2HMAC.verify").does(Effects::CPU).gives(Ret::Nothing),
    call("cryptography.hazmat.primitives.kdf.scrypt.Scrypt")
        .gives(Ret::Inst("cryptography.hazmat.primitives.kdf.scrypt.Scrypt")),
    call("cryptography.hazmat.primitives.kdf.scrypt.Scrypt.derive").does(Effects::CPU).gives(Ret::Bytes),
    call("cryptography.hazmat.primitives.kdf.scrypt.Scrypt.verify").does(Effects::CPU).gives(Ret::Nothing),
    // https://pillow.readthedocs.io/en/stable/reference/Image.html
    call("PIL.Image.Image.close").does(Effects::CLOSES).gives(Ret::Nothing),
    call("PIL.Image.Image.convert").does(Effects::CPU).gives(Ret::Inst("PIL.Image.Image")),
    call("PIL.Image.Image.copy").gives(Ret::Inst("PIL.Image.Image")),
    call("PIL.Image.Image.crop").does(Effects::CPU).gives(Ret::Inst("PIL.Image.Image")),
    call("PIL.Image.Image.filter").does(Effects::CPU).gives(Ret::Inst("PIL.Image.Image")),
    call("PIL.Image.Image.load").does(Effects::CPU),
    call("PIL.Image.Image.quantize").does(Effects::CPU).gives(Ret::Inst("PIL.Image.Image")),
    call("PIL.Image.Image.resize").does(Effects::CPU).gives(Ret::Inst("PIL.Image.Image")),
    call("PIL.Image.Image.rotate").does(Effects::CPU).gives(Ret::Inst("PIL.Image.Image")),
    call("PIL.Image.Image.save").does(FILE.with(Effects::CPU)).gives(Ret::Nothing),
    call("PIL.Image.Image.thumbnail").does(Effects::CPU),
    call("PIL.Image.Image.transform").does(Effects::CPU).gives(Ret::Inst("PIL.Image.Image")),
    call("PIL.Image.Image.transpose").does(Effects::CPU).gives(Ret::Inst("PIL.Image.Image")),
    call("PIL.Image.fromarray").gives(Ret::Inst("PIL.Image.Image")),
    call("PIL.Image.frombytes").gives(Ret::Inst("PIL.Image.Image")),
    call("PIL.Image.new").gives(Ret::Inst("PIL.Image.Image")),
    call("PIL.Image.open").does(FILE).gives(Ret::Inst("PIL.Image.Image")).acquires(Resource::Document),
    // https://pypdf.readthedocs.io/en/stable/modules/PdfReader.html
    call("pypdf.PageObject.extract_text").does(Effects::CPU).gives(Ret::Str),
    call("pypdf.PdfReader").does(FILE.with(Effects::CPU)).gives(Ret::Inst("pypdf.PdfReader")),
    call("pypdf.PdfWriter").gives(Ret::Inst("pypdf.PdfWriter")),
    call("pypdf.PdfWriter.write").does(FILE.with(Effects::CPU)),
    // https://python-docx.readthedocs.io/en/latest/api/document.html
    call("docx.Document").does(FILE.with(Effects::CPU)).gives(Ret::Inst("docx.document.Document")),
    call("docx.document.Document.save").does(FILE.with(Effects::CPU)).gives(Ret::Nothing),
    // https://openpyxl.readthedocs.io/en/stable/api/openpyxl.reader.excel.html
    call("openpyxl.Workbook").gives(Ret::Inst("openpyxl.Workbook")),
    call("openpyxl.Workbook.close").does(Effects::CLOSES).gives(Ret::Nothing),
    call("openpyxl.Workbook.save").does(FILE.with(Effects::CPU)).gives(Ret::Nothing),
    call("openpyxl.load_workbook")
        .does(FILE.with(Effects::CPU))
        .gives(Ret::Inst("openpyxl.Workbook"))
        .acquires(Resource::Document),
    // https://github.com/jsvine/pdfplumber#python-library
    call("pdfplumber.PDF.close").does(Effects::CLOSES).gives(Ret::Nothing),
    call("pdfplumber.open")
        .does(FILE.with(Effects::CPU))
        .gives(Ret::Inst("pdfplumber.PDF"))
        .acquires(Resource::Document),
    // https://github.com/microsoft/markitdown#python-api
    call("markitdown.MarkItDown").gives(Ret::Inst("markitdown.MarkItDown")),
    call("markitdown.MarkItDown.convert").does(FILE.with(Effects::CPU)),
    call("markitdown.MarkItDown.convert_local").does(FILE.with(Effects::CPU)),
    call("markitdown.MarkItDown.convert_response").does(NET.with(Effects::CPU)),
    call("markitdown.MarkItDown.convert_stream").does(FILE.with(Effects::CPU)),
    call("markitdown.MarkItDown.convert_url").does(NET.with(Effects::CPU)),
    // https://pandas.pydata.org/docs/reference/io.html
    call("pandas.DataFrame").gives(Ret::Inst("pandas.DataFrame")),
    call("pandas.DataFrame.apply").does(Effects::CPU).gives(Ret::Inst("pandas.DataFrame")),
    call("pandas.DataFrame.groupby").does(Effects::CPU).gives(Ret::Inst("pandas.DataFrame")),
    call("pandas.DataFrame.merge").does(Effects::CPU).gives(Ret::Inst("pandas.DataFrame")),
    call("pandas.DataFrame.pivot_table").does(Effects::CPU).gives(Ret::Inst("pandas.DataFrame")),
    call("pandas.DataFrame.sort_values").does(Effects::CPU).gives(Ret::Inst("pandas.DataFrame")),
    call("pandas.DataFrame.to_csv").does(FILE.with(Effects::CPU)),
    call("pandas.DataFrame.to_excel").does(FILE.with(Effects::CPU)),
    call("pandas.DataFrame.to_feather").does(FILE.with(Effects::CPU)),
    call("pandas.DataFrame.to_json").does(FILE.with(Effects::CPU)),
    call("pandas.DataFrame.to_parquet").does(FILE.with(Effects::CPU)),
    call("pandas.DataFrame.to_pickle").does(FILE.with(Effects::CPU)),
    call("pandas.DataFrame.to_sql").does(INSERT.with(Effects::BULK)),
    call("pandas.concat").does(Effects::CPU).gives(Ret::Inst("pandas.DataFrame")),
    call("pandas.merge").does(Effects::CPU).gives(Ret::Inst("pandas.DataFrame")),
    call("pandas.read_csv").does(FILE.with(Effects::CPU)).gives(Ret::Inst("pandas.DataFrame")),
    call("pandas.read_excel").does(FILE.with(Effects::CPU)).gives(Ret::Inst("pandas.DataFrame")),
    call("pandas.read_feather").does(FILE.with(Effects::CPU)).gives(Ret::Inst("pandas.DataFrame")),
    call("pandas.read_hdf").does(FILE.with(Effects::CPU)).gives(Ret::Inst("pandas.DataFrame")),
    call("pandas.read_html").does(FILE.with(Effects::CPU)).gives(Ret::Inst("pandas.DataFrame")),
    call("pandas.read_json").does(FILE.with(Effects::CPU)).gives(Ret::Inst("pandas.DataFrame")),
    call("pandas.read_orc").does(FILE.with(Effects::CPU)).gives(Ret::Inst("pandas.DataFrame")),
    call("pandas.read_parquet").does(FILE.with(Effects::CPU)).gives(Ret::Inst("pandas.DataFrame")),
    call("pandas.read_pickle").does(FILE.with(Effects::CPU)).gives(Ret::Inst("pandas.DataFrame")),
    call("pandas.read_sql").does(EXECUTE).gives(Ret::Inst("pandas.DataFrame")),
    call("pandas.read_sql_query").does(EXECUTE).gives(Ret::Inst("pandas.DataFrame")),
    call("pandas.read_sql_table").does(READ).gives(Ret::Inst("pandas.DataFrame")),
    call("pandas.read_xml").does(FILE.with(Effects::CPU)).gives(Ret::Inst("pandas.DataFrame")),
    // https://lxml.de/api/lxml.etree-module.html
    call("lxml.etree.HTML").does(Effects::CPU),
    call("lxml.etree.XML").does(Effects::CPU),
    call("lxml.etree.fromstring").does(Effects::CPU),
    call("lxml.etree.iterparse").does(FILE.with(Effects::CPU)),
    call("lxml.etree.parse").does(FILE.with(Effects::CPU)),
    call("lxml.html.document_fromstring").does(Effects::CPU),
    call("lxml.html.fragment_fromstring").does(Effects::CPU),
    call("lxml.html.fromstring").does(Effects::CPU),
    call("lxml.html.parse").does(FILE.with(Effects::CPU)),
    // https://www.crummy.com/software/BeautifulSoup/bs4/doc/#making-the-soup
    call("bs4.BeautifulSoup").does(Effects::CPU).gives(Ret::Inst("bs4.BeautifulSoup")),
    // https://jinja.palletsprojects.com/en/stable/api/
    call("jinja2.Environment").gives(Ret::Inst("jinja2.Environment")),
    call("jinja2.Environment.from_string").gives(Ret::Inst("jinja2.Template")),
    // The environment keeps what it has loaded: afterwards only the time of the file is asked for.
    call("jinja2.Environment.get_template").does(FILE.with(Effects::METADATA)).gives(Ret::Inst("jinja2.Template")),
    call("jinja2.Environment.select_template").does(FILE).gives(Ret::Inst("jinja2.Template")),
    call("jinja2.Template").gives(Ret::Inst("jinja2.Template")),
    call("jinja2.Template.generate"),
    call("jinja2.Template.render").gives(Ret::Str),
    call("jinja2.Template.render_async").gives(Ret::Str).asynchronous(),
    call("jinja2.Template.stream"),
];

const CLASSES: &[ClassRow] =
    &[
        // https://passlib.readthedocs.io/en/stable/lib/passlib.context.html
        class("passlib.context.CryptContext"),
        // https://argon2-cffi.readthedocs.io/en/stable/api.html
        class("argon2.PasswordHasher"),
        // https://cryptography.io/en/latest/hazmat/primitives/key-derivation-functions/
        class("cryptography.hazmat.primitives.kdf.pbkdf2.PBKDF2HMAC"),
        class("cryptography.hazmat.primitives.kdf.scrypt.Scrypt"),
        // https://pillow.readthedocs.io/en/stable/reference/Image.html
        class("PIL.Image.Image")
            .resource(Resource::Document)
            .manages(Ret::Receiver, Effects::NONE, Exit::Closes)
            .attrs(&[("format", Ret::Str), ("height", Ret::Number), ("mode", Ret::Str), ("width", Ret::Number)]),
        // https://pypdf.readthedocs.io/en/stable/modules/PdfReader.html
        class("pypdf.PageObject"),
        class("pypdf.PdfReader")
            .manages(Ret::Receiver, Effects::NONE, Exit::Closes)
            .attrs(&[("pages", Ret::ListOf("pypdf.PageObject"))]),
        class("pypdf.PdfWriter"),
        // https://python-docx.readthedocs.io/en/latest/api/document.html
        class("docx.document.Document"),
        // https://openpyxl.readthedocs.io/en/stable/api/openpyxl.reader.excel.html
        class("openpyxl.Workbook"),
        // https://github.com/jsvine/pdfplumber#python-library
        class("pdfplumber.PDF").resource(Resource::Document).manages(Ret::Receiver, Effects::NONE, Exit::Closes),
        // https://github.com/microsoft/markitdown#python-api
        class("markitdown.MarkItDown"),
        // https://pandas.pydata.org/docs/reference/io.html
        class("pandas.DataFrame"),
        // https://www.crummy.com/software/BeautifulSoup/bs4/doc/#making-the-soup
        class("bs4.BeautifulSoup"),
        // https://jinja.palletsprojects.com/en/stable/api/
        class("jinja2.Environment"),
        class("jinja2.Template"),
    ];

const ALIASES: &[(&str, &str)] = &[
    ("docx.api.Document", "docx.Document"),
    ("jinja2.environment", "jinja2"),
    ("openpyxl.reader.excel.load_workbook", "openpyxl.load_workbook"),
    ("openpyxl.workbook.Workbook", "openpyxl.Workbook"),
    ("pandas.core.frame.DataFrame", "pandas.DataFrame"),
    ("pandas.io.sql", "pandas"),
    ("pdfplumber.pdf.PDF", "pdfplumber.PDF"),
];
