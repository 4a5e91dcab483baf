//! Data formats, archives and compression of the standard library and PyYAML.

use super::mixes::FILE;
use crate::libraries::{ClassRow, Effects, Exit, Library, Resource, Ret, Row, call, class};

/// Python formats.
pub const LIBRARY: Library = Library {
    name: "Python formats",
    roots: &[
        "json",
        "pickle",
        "csv",
        "zipfile",
        "tarfile",
        "gzip",
        "bz2",
        "lzma",
        "zlib",
        "yaml",
        "tomllib",
        "configparser",
        "xml",
        "logging",
    ],
    rows: ROWS,
    classes: CLASSES,
    aliases: &[],
    values: &[],
};

const ROWS: &[Row] = &[
    // https://docs.python.org/3/library/json.html
    call("json.dump").does(FILE).gives(Ret::Nothing),
    call("json.dumps").gives(Ret::Str),
    call("json.load").does(FILE),
    call("json.loads"),
    // https://docs.python.org/3/library/pickle.html
    call("pickle.dump").does(FILE).gives(Ret::Nothing),
    call("pickle.dumps").gives(Ret::Bytes),
    call("pickle.load").does(FILE),
    call("pickle.loads"),
    // https://docs.python.org/3/library/csv.html
    call("csv.DictReader").gives(Ret::Inst("csv.DictReader")).consumes(0),
    call("csv.DictWriter").gives(Ret::Inst("csv.DictWriter")),
    call("csv.DictWriter.writeheader"),
    call("csv.DictWriter.writerow"),
    call("csv.DictWriter.writerows"),
    call("csv.reader").gives(Ret::Inst("csv:reader")).consumes(0),
    call("csv.writer").gives(Ret::Inst("csv:writer")),
    call("csv:writer.writerow"),
    call("csv:writer.writerows"),
    // https://docs.python.org/3/library/zipfile.html
    call("zipfile.ZipFile").does(FILE).gives(Ret::Inst("zipfile.ZipFile")).acquires(Resource::File),
    call("zipfile.ZipFile.close").does(FILE.with(Effects::CLOSES)).gives(Ret::Nothing),
    call("zipfile.ZipFile.extract").does(FILE.with(Effects::CPU)),
    call("zipfile.ZipFile.extractall").does(FILE.with(Effects::CPU)),
    call("zipfile.ZipFile.infolist").gives(Ret::List),
    call("zipfile.ZipFile.namelist").gives(Ret::List),
    call("zipfile.ZipFile.open").does(FILE).gives(Ret::Inst("io.BufferedReader")).acquires(Resource::File),
    call("zipfile.ZipFile.read").does(FILE.with(Effects::CPU)).gives(Ret::Bytes),
    call("zipfile.ZipFile.testzip").does(FILE.with(Effects::CPU)),
    call("zipfile.ZipFile.write").does(FILE.with(Effects::CPU)),
    call("zipfile.ZipFile.writestr").does(FILE.with(Effects::CPU)),
    call("zipfile.is_zipfile").does(FILE).gives(Ret::Bool),
    // https://docs.python.org/3/library/tarfile.html
    call("tarfile.TarFile.add").does(FILE.with(Effects::CPU)),
    call("tarfile.TarFile.addfile").does(FILE.with(Effects::CPU)),
    call("tarfile.TarFile.close").does(FILE.with(Effects::CLOSES)).gives(Ret::Nothing),
    call("tarfile.TarFile.extract").does(FILE.with(Effects::CPU)),
    call("tarfile.TarFile.extractall").does(FILE.with(Effects::CPU)),
    call("tarfile.TarFile.extractfile").does(FILE).gives(Ret::Inst("io.BufferedReader")),
    call("tarfile.TarFile.getmembers").does(FILE).gives(Ret::List),
    call("tarfile.TarFile.getnames").does(FILE).gives(Ret::List),
    call("tarfile.is_tarfile").does(FILE).gives(Ret::Bool),
    call("tarfile.open").does(FILE).gives(Ret::Inst("tarfile.TarFile")).acquires(Resource::File),
    // https://docs.python.org/3/library/archiving.html
    call("bz2.compress").does(Effects::CPU).gives(Ret::Bytes),
    call("bz2.decompress").does(Effects::CPU).gives(Ret::Bytes),
    call("bz2.open").does(FILE).gives(Ret::Inst("io.TextIOWrapper")).acquires(Resource::File),
    call("gzip.GzipFile").does(FILE).gives(Ret::Inst("io.BufferedReader")).acquires(Resource::File),
    call("gzip.compress").does(Effects::CPU).gives(Ret::Bytes),
    call("gzip.decompress").does(Effects::CPU).gives(Ret::Bytes),
    call("gzip.open").does(FILE).gives(Ret::Inst("io.TextIOWrapper")).acquires(Resource::File),
    call("lzma.compress").does(Effects::CPU).gives(Ret::Bytes),
    call("lzma.decompress").does(Effects::CPU).gives(Ret::Bytes),
    call("lzma.open").does(FILE).gives(Ret::Inst("io.TextIOWrapper")).acquires(Resource::File),
    call("zlib.compress").does(Effects::CPU).gives(Ret::Bytes),
    call("zlib.decompress").does(Effects::CPU).gives(Ret::Bytes),
    // https://pyyaml.org/wiki/PyYAMLDocumentation
    call("yaml.dump").gives(Ret::Str),
    call("yaml.full_load").does(Effects::CPU),
    call("yaml.load").does(Effects::CPU),
    call("yaml.load_all").does(Effects::CPU),
    call("yaml.safe_dump").gives(Ret::Str),
    call("yaml.safe_load").does(Effects::CPU),
    call("yaml.safe_load_all").does(Effects::CPU),
    call("yaml.unsafe_load").does(Effects::CPU),
    // https://docs.python.org/3/library/tomllib.html
    call("tomllib.load").does(FILE).gives(Ret::Dict),
    call("tomllib.loads").gives(Ret::Dict),
    // https://docs.python.org/3/library/configparser.html
    call("configparser.ConfigParser.read").does(FILE).gives(Ret::List),
    // https://docs.python.org/3/library/xml.etree.elementtree.html
    call("xml.dom.minidom.parse").does(FILE.with(Effects::CPU)),
    call("xml.dom.minidom.parseString").does(Effects::CPU),
    call("xml.etree.ElementTree.XML").does(Effects::CPU),
    call("xml.etree.ElementTree.fromstring").does(Effects::CPU),
    call("xml.etree.ElementTree.iterparse").does(FILE.with(Effects::CPU)),
    call("xml.etree.ElementTree.parse").does(FILE.with(Effects::CPU)),
    // https://docs.python.org/3/library/logging.html (records go through handlers: counted as no effect)
    call("logging.Logger.critical").gives(Ret::Nothing),
    call("logging.Logger.debug").gives(Ret::Nothing),
    call("logging.Logger.error").gives(Ret::Nothing),
    call("logging.Logger.exception").gives(Ret::Nothing),
    call("logging.Logger.info").gives(Ret::Nothing),
    call("logging.Logger.log").gives(Ret::Nothing),
    call("logging.Logger.warning").gives(Ret::Nothing),
    call("logging.basicConfig").gives(Ret::Nothing),
    call("logging.critical").gives(Ret::Nothing),
    call("logging.debug").gives(Ret::Nothing),
    call("logging.error").gives(Ret::Nothing),
    call("logging.exception").gives(Ret::Nothing),
    call("logging.getLogger").gives(Ret::Inst("logging.Logger")),
    call("logging.info").gives(Ret::Nothing),
    call("logging.log").gives(Ret::Nothing),
    call("logging.warning").gives(Ret::Nothing),
];

const CLASSES: &[ClassRow] = &[
    // https://docs.python.org/3/library/csv.html
    class("csv.DictReader").iterates(Ret::Dict, Effects::NONE),
    class("csv.DictWriter"),
    class("csv:reader").iterates(Ret::List, Effects::NONE),
    class("csv:writer"),
    // https://docs.python.org/3/library/zipfile.html
    class("zipfile.ZipFile").resource(Resource::File).manages(Ret::Receiver, Effects::NONE, Exit::Closes),
    // https://docs.python.org/3/library/tarfile.html
    class("tarfile.TarFile")
        .resource(Resource::File)
        .manages(Ret::Receiver, Effects::NONE, Exit::Closes)
        .iterates(Ret::Unknown, FILE),
    // https://docs.python.org/3/library/configparser.html
    class("configparser.ConfigParser"),
    // https://docs.python.org/3/library/logging.html (records go through handlers: counted as no effect)
    class("logging.Logger"),
];
