//! Reads JSON that our own programs wrote, with little code for each type: a struct is an object and nothing else, a number
//! in quotes is a number, and an error is a place without words. What users hand over is read by `serde_json`, which says
//! what is wrong with it.

use serde::de::{self, DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, MapAccess, SeqAccess, Visitor};
use std::fmt;

/// Deeper values are refused: each level takes some of the stack.
const DEEPEST: u32 = 128;

/// What could not be read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Error {
    at: usize,
}

impl fmt::Display for Error {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "it is something else from byte {} on", self.at)
    }
}

impl std::error::Error for Error {}

impl de::Error for Error {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self::default()
    }
    fn invalid_type(_: de::Unexpected<'_>, _: &dyn de::Expected) -> Self {
        Self::default()
    }
    fn invalid_value(_: de::Unexpected<'_>, _: &dyn de::Expected) -> Self {
        Self::default()
    }
    fn invalid_length(_: usize, _: &dyn de::Expected) -> Self {
        Self::default()
    }
    fn unknown_variant(_: &str, _: &'static [&'static str]) -> Self {
        Self::default()
    }
    fn unknown_field(_: &str, _: &'static [&'static str]) -> Self {
        Self::default()
    }
    fn missing_field(_: &'static str) -> Self {
        Self::default()
    }
    fn duplicate_field(_: &'static str) -> Self {
        Self::default()
    }
}

type Result<T> = std::result::Result<T, Error>;

/// Reads one value, which must be all there is.
///
/// # Errors
/// When the bytes are not what `T` is written as.
pub fn from_slice<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    let mut reader = Reader { bytes, at: 0, depth: 0 };
    let read = T::deserialize(&mut reader).and_then(|value| reader.end().map(|()| value));
    read.map_err(|_| Error { at: reader.at })
}

struct Reader<'de> {
    bytes: &'de [u8],
    at: usize,
    depth: u32,
}

enum Number {
    Positive(u64),
    Negative(i64),
    Float(f64),
}

// None of these knows the type that is read: there is one copy of each.
impl Reader<'_> {
    /// The next byte that is no space; it stays.
    #[inline(never)]
    fn peek(&mut self) -> Result<u8> {
        loop {
            match self.bytes.get(self.at) {
                Some(b' ' | b'\n' | b'\r' | b'\t') => self.at += 1,
                Some(byte) => return Ok(*byte),
                None => return Err(Error::default()),
            }
        }
    }

    #[inline(never)]
    fn expect(&mut self, byte: u8) -> Result<()> {
        if self.peek()? != byte {
            return Err(Error::default());
        }
        self.at += 1;
        Ok(())
    }

    fn end(&mut self) -> Result<()> {
        if self.peek().is_ok() { Err(Error::default()) } else { Ok(()) }
    }

    /// Enters a list or an object.
    #[inline(never)]
    fn open(&mut self, byte: u8) -> Result<()> {
        self.expect(byte)?;
        self.depth += 1;
        if self.depth > DEEPEST { Err(Error::default()) } else { Ok(()) }
    }

    #[inline(never)]
    fn close(&mut self, byte: u8) -> Result<()> {
        self.depth = self.depth.saturating_sub(1);
        self.expect(byte)
    }

    /// Whether another item comes before `end`, which stays.
    #[inline(never)]
    fn another(&mut self, first: &mut bool, end: u8) -> Result<bool> {
        let first = std::mem::replace(first, false);
        match self.peek()? {
            byte if byte == end => return Ok(false),
            b',' if !first => self.at += 1,
            _ if first => {}
            _ => return Err(Error::default()),
        }
        Ok(true)
    }

    #[inline(never)]
    fn literal(&mut self, text: &'static [u8]) -> Result<()> {
        self.peek()?;
        if !self.bytes.get(self.at..).is_some_and(|rest| rest.starts_with(text)) {
            return Err(Error::default());
        }
        self.at += text.len();
        Ok(())
    }

    #[inline(never)]
    fn boolean(&mut self) -> Result<bool> {
        let yes = self.peek()? == b't';
        self.literal(if yes { b"true" } else { b"false" })?;
        Ok(yes)
    }

    /// A text in quotes.
    #[inline(never)]
    fn string(&mut self) -> Result<String> {
        self.expect(b'"')?;
        let mut out = Vec::new();
        loop {
            let rest = self.bytes.get(self.at..).unwrap_or_default();
            let plain = rest.iter().position(|byte| matches!(byte, b'"' | b'\\')).ok_or(Error::default())?;
            out.extend_from_slice(rest.get(..plain).unwrap_or_default());
            self.at += plain + 1;
            if rest.get(plain) == Some(&b'"') {
                return String::from_utf8(out).map_err(|_| Error::default());
            }
            let escaped = self.bytes.get(self.at).copied().ok_or(Error::default())?;
            self.at += 1;
            let char = match escaped {
                b'"' | b'\\' | b'/' => char::from(escaped),
                b'b' => '\u{8}',
                b'f' => '\u{c}',
                b'n' => '\n',
                b'r' => '\r',
                b't' => '\t',
                b'u' => self.unit().and_then(|unit| self.paired(unit))?,
                _ => return Err(Error::default()),
            };
            out.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes());
        }
    }

    /// Four hexadecimal digits.
    fn unit(&mut self) -> Result<u32> {
        let digits = self.bytes.get(self.at..self.at + 4).and_then(|digits| std::str::from_utf8(digits).ok());
        self.at += 4;
        digits.and_then(|digits| u32::from_str_radix(digits, 16).ok()).ok_or(Error::default())
    }

    /// The character of a code unit of UTF-16, with the one that follows if it takes both.
    fn paired(&mut self, unit: u32) -> Result<char> {
        let mut code = unit;
        if (0xd800..0xdc00).contains(&unit) {
            self.literal(b"\\u")?;
            let low = self.unit()?.checked_sub(0xdc00).filter(|low| *low < 0x400).ok_or(Error::default())?;
            code = 0x1_0000 + ((unit - 0xd800) << 10) + low;
        }
        char::from_u32(code).ok_or(Error::default())
    }

    #[inline(never)]
    fn number(&mut self) -> Result<Number> {
        // Keys of objects are texts, even those that are numbers.
        let quoted = self.peek()? == b'"';
        self.at += usize::from(quoted);
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let inside = |byte: &u8| matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E');
        let length = rest.iter().position(|byte| !inside(byte)).unwrap_or(rest.len());
        let text = rest.get(..length).and_then(|text| std::str::from_utf8(text).ok()).unwrap_or_default();
        let number = if let Ok(number) = text.parse() {
            Number::Positive(number)
        } else if let Ok(number) = text.parse() {
            Number::Negative(number)
        } else {
            Number::Float(text.parse().map_err(|_| Error::default())?)
        };
        self.at += length;
        if quoted {
            self.expect(b'"')?;
        }
        Ok(number)
    }

    /// Passes over a value of any kind.
    #[inline(never)]
    fn skip(&mut self) -> Result<()> {
        let mut open = 0_u32;
        loop {
            match self.peek()? {
                b'"' => drop(self.string()?),
                b'{' | b'[' => {
                    open += 1;
                    self.at += 1;
                    continue;
                }
                b'}' | b']' if open > 0 => {
                    open -= 1;
                    self.at += 1;
                }
                b',' | b':' if open > 0 => {
                    self.at += 1;
                    continue;
                }
                b't' | b'f' => {
                    self.boolean()?;
                }
                b'n' => self.literal(b"null")?,
                _ => {
                    self.number()?;
                }
            }
            if open == 0 {
                return Ok(());
            }
        }
    }
}

/// Each kind of number is read the same way.
macro_rules! numbers {
    ($($method:ident)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
            match self.number()? {
                Number::Positive(number) => visitor.visit_u64(number),
                Number::Negative(number) => visitor.visit_i64(number),
                Number::Float(number) => visitor.visit_f64(number),
            }
        })*
    };
}

impl<'de> Deserializer<'de> for &mut Reader<'de> {
    type Error = Error;

    numbers! {
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_u8 deserialize_u16 deserialize_u32
        deserialize_u64 deserialize_f32 deserialize_f64
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.peek()? {
            b'"' => visitor.visit_string(self.string()?),
            b'{' => self.deserialize_map(visitor),
            b'[' => self.deserialize_seq(visitor),
            b't' | b'f' => visitor.visit_bool(self.boolean()?),
            b'n' => self.deserialize_unit(visitor),
            _ => self.deserialize_f64(visitor),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_bool(self.boolean()?)
    }

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.deserialize_string(visitor)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_str(&self.string()?)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_string(self.string()?)
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, _: V) -> Result<V::Value> {
        Err(Error::default())
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, _: V) -> Result<V::Value> {
        Err(Error::default())
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        if self.peek()? == b'n' {
            self.literal(b"null")?;
            return visitor.visit_none();
        }
        visitor.visit_some(self)
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.literal(b"null")?;
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.open(b'[')?;
        let value = visitor.visit_seq(Items { reader: self, first: true, end: b']' })?;
        self.close(b']')?;
        Ok(value)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(self, _: &'static str, _: usize, visitor: V) -> Result<V::Value> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.open(b'{')?;
        let value = visitor.visit_map(Items { reader: self, first: true, end: b'}' })?;
        self.close(b'}')?;
        Ok(value)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        self.deserialize_map(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        let bare = self.peek()? == b'"';
        if !bare {
            self.open(b'{')?;
        }
        let value = visitor.visit_enum(Variant { reader: self, bare })?;
        if !bare {
            self.close(b'}')?;
        }
        Ok(value)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.deserialize_str(visitor)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.skip()?;
        visitor.visit_unit()
    }
}

/// Items of a list, fields of an object.
struct Items<'a, 'de> {
    reader: &'a mut Reader<'de>,
    first: bool,
    end: u8,
}

impl<'de> SeqAccess<'de> for Items<'_, 'de> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>> {
        if !self.reader.another(&mut self.first, self.end)? {
            return Ok(None);
        }
        seed.deserialize(&mut *self.reader).map(Some)
    }
}

impl<'de> MapAccess<'de> for Items<'_, 'de> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>> {
        if !self.reader.another(&mut self.first, self.end)? {
            return Ok(None);
        }
        seed.deserialize(&mut *self.reader).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value> {
        self.reader.expect(b':')?;
        seed.deserialize(&mut *self.reader)
    }
}

/// A variant: its name alone, or an object with what it holds.
struct Variant<'a, 'de> {
    reader: &'a mut Reader<'de>,
    bare: bool,
}

impl<'de> EnumAccess<'de> for Variant<'_, 'de> {
    type Error = Error;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self)> {
        let name = seed.deserialize(&mut *self.reader)?;
        if !self.bare {
            self.reader.expect(b':')?;
        }
        Ok((name, self))
    }
}

impl<'de> de::VariantAccess<'de> for Variant<'_, 'de> {
    type Error = Error;

    fn unit_variant(self) -> Result<()> {
        if self.bare { Ok(()) } else { self.reader.literal(b"null") }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value> {
        seed.deserialize(self.reader)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value> {
        self.reader.deserialize_seq(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], visitor: V) -> Result<V::Value> {
        self.reader.deserialize_map(visitor)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;
    use crate::protocol::{Answer, Command, Evidence, Failure, Reply, RequestId, ShardPart};
    use drydock_core::report::model::{Category, Report};
    use serde::Serialize;
    use serde_json::Value;
    use std::collections::BTreeMap;

    const SAMPLE: &str = include_str!("../../tests/data/sample-report.json");

    #[test]
    fn a_report_is_read_as_serde_json_reads_it() {
        let report: Report = serde_json::from_str(SAMPLE).unwrap();
        assert_eq!(from_slice::<Report>(SAMPLE.as_bytes()).unwrap(), report);
        // As it travels: without spaces.
        assert_eq!(from_slice::<Report>(&serde_json::to_vec(&report).unwrap()).unwrap(), report);
        assert_eq!(from_slice::<Value>(SAMPLE.as_bytes()).unwrap(), serde_json::from_str::<Value>(SAMPLE).unwrap());
    }

    /// Written, read and written again.
    fn there_and_back<T: Serialize + DeserializeOwned>(value: &T) {
        let text = serde_json::to_string(value).unwrap();
        let read: T = from_slice(text.as_bytes()).unwrap();
        assert_eq!(serde_json::to_string(&read).unwrap(), text);
    }

    #[test]
    fn messages_arrive_as_they_were_sent() {
        there_and_back(&Command::Describe);
        there_and_back(&Command::GiveShards { numbers: vec![0, 3], part: ShardPart::Rest });
        there_and_back(&Command::GiveEvidence(Evidence {
            names: vec!["a".to_owned()],
            typed: "\"\\\n\u{1}é😀".to_owned(),
            swapped: true,
        }));
        there_and_back(&Command::Aggregate {
            failed: vec![(Category::QueryEfficiency, "it \u{2028} stopped".to_owned())],
            unread: vec![(7, String::new())],
            date: "2026-01-31".to_owned(),
            notices: Vec::new(),
            measured: false,
        });
        let failure =
            Failure { title: "t".to_owned(), why: String::new(), action: String::new(), details: String::new() };
        there_and_back(&Reply::Answer { id: RequestId(9), answer: Err(failure) });
        there_and_back(&Reply::Answer { id: RequestId(9), answer: Ok(Answer::Note("a".to_owned(), "<p>".to_owned())) });
        there_and_back(&Reply::Crashed { message: "x".to_owned(), path: None });
        there_and_back(&BTreeMap::from([(1_u32, -2_i64), (3, i64::MIN)]));
    }

    #[test]
    fn numbers_and_characters_are_exact() {
        for number in [0.1, 1.0 / 3.0, 5e-324, f64::MAX, -0.000_123_456_789_012_345_6, 1e22, 9_007_199_254_740_993.0] {
            let text = serde_json::to_string(&number).unwrap();
            assert_eq!(from_slice::<f64>(text.as_bytes()).unwrap().to_bits(), f64::to_bits(number), "{text}");
        }
        assert_eq!(from_slice::<u64>(b"18446744073709551615").unwrap(), u64::MAX);
        assert_eq!(from_slice::<String>(br#""\ud83d\ude00\u00e9\/\b\f""#).unwrap(), "😀é/\u{8}\u{c}");
        assert!(from_slice::<String>(br#""\ud83d x""#).is_err());
        assert!(from_slice::<u8>(b"300").is_err());
    }

    #[test]
    fn cut_or_damaged_text_is_an_error() {
        let text = SAMPLE.as_bytes();
        for end in (0..text.len() - 1).step_by(97) {
            assert!(from_slice::<Report>(&text[..end]).is_err());
        }
        let mut damaged = text.to_vec();
        for at in (0..text.len()).step_by(89) {
            let kept = std::mem::replace(&mut damaged[at], b'\\');
            let _ = from_slice::<Report>(&damaged);
            damaged[at] = kept;
        }
        let deep = "[".repeat(100_000);
        assert!(from_slice::<Value>(deep.as_bytes()).is_err());
        assert!(from_slice::<Vec<u8>>(b"[1 2]").is_err());
        assert!(from_slice::<Vec<u8>>(b"[,1]").is_err());
        assert!(from_slice::<u8>(b"1 1").is_err());
    }
}
