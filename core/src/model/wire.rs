//! How a module is serialised: its parts as they are, all bodies as one run of compact bytes.

use super::codec::{Reader, Writer};
use super::module::{Class, Comment, Function, Import, Language, Module};
use super::symbols::Sym;
use crate::source::FileId;
use serde::de::{Deserializer, Error, SeqAccess, Visitor};
use serde::ser::Serializer;
use serde::{Deserialize, Serialize};
use std::fmt;

#[derive(Serialize)]
struct WireRef<'a> {
    file: FileId,
    path: &'a str,
    language: Language,
    lines: u32,
    imports: &'a [Import],
    classes: &'a [Class],
    functions: &'a [Function],
    exports: &'a Option<Vec<Sym>>,
    comments: &'a [Comment],
    symbols: Vec<i64>,
    code: Bytes,
}

#[derive(Deserialize)]
struct Wire {
    file: FileId,
    path: String,
    language: Language,
    lines: u32,
    imports: Vec<Import>,
    classes: Vec<Class>,
    functions: Vec<Function>,
    exports: Option<Vec<Sym>>,
    comments: Vec<Comment>,
    symbols: Vec<i64>,
    code: Bytes,
}

impl Serialize for Module {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut writer = Writer::default();
        for function in &self.functions {
            writer.body(&function.body);
        }
        // New names of a file follow each other in the shard's table: differences are small.
        let mut last = 0;
        let symbols = writer.symbols.iter().map(|s| i64::from(s.0) - std::mem::replace(&mut last, i64::from(s.0)));
        WireRef {
            file: self.file,
            path: &self.path,
            language: self.language,
            lines: self.lines,
            imports: &self.imports,
            classes: &self.classes,
            functions: &self.functions,
            exports: &self.exports,
            comments: &self.comments,
            symbols: symbols.collect(),
            code: Bytes(writer.bytes),
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Module {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut wire = Wire::deserialize(deserializer)?;
        let mut symbols = Vec::with_capacity(wire.symbols.len());
        let mut last = 0_i64;
        for difference in wire.symbols {
            last = last.wrapping_add(difference);
            symbols.push(Sym(u32::try_from(last).map_err(|_| D::Error::custom("a symbol out of range"))?));
        }
        let mut reader = Reader::new(&wire.code.0, &symbols);
        for function in &mut wire.functions {
            function.body = reader.body().ok_or_else(|| D::Error::custom("a damaged body"))?;
        }
        if !reader.is_at_end() {
            return Err(D::Error::custom("bytes after the last body"));
        }
        Ok(Self {
            file: wire.file,
            path: wire.path,
            language: wire.language,
            lines: wire.lines,
            imports: wire.imports,
            classes: wire.classes,
            functions: wire.functions,
            exports: wire.exports,
            comments: wire.comments,
        })
    }
}

/// Bytes as one run instead of a sequence of numbers.
struct Bytes(Vec<u8>);

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct BytesVisitor;
        impl<'de> Visitor<'de> for BytesVisitor {
            type Value = Bytes;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("bytes")
            }
            fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Bytes, E> {
                Ok(Bytes(bytes.to_vec()))
            }
            fn visit_byte_buf<E: Error>(self, bytes: Vec<u8>) -> Result<Bytes, E> {
                Ok(Bytes(bytes))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Bytes, A::Error> {
                let mut bytes = Vec::new();
                while let Some(byte) = seq.next_element()? {
                    bytes.push(byte);
                }
                Ok(Bytes(bytes))
            }
        }
        deserializer.deserialize_byte_buf(BytesVisitor)
    }
}
