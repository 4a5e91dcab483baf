//! Python's marshal format, as far as statistics of profilers use it: versions 0 to 4, Python 2.7 to 3.14. Code objects,
//! whose layout changes between versions, are passed over.

use crate::evidence::input::Refused;
use std::rc::Rc;

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Whole number; outside 64 bits it is cut.
    Int(i64),
    /// Number.
    Float(f64),
    /// Text; bytes of Python 2 are text too.
    Text(Rc<str>),
    /// Tuple or list.
    List(Rc<[Self]>),
    /// Dictionary, in order of the file.
    Dict(Rc<[(Self, Self)]>),
    /// Anything else: `None`, code objects, sets.
    Other,
    /// Ends a dictionary.
    End,
}

/// How code objects are laid out: numbers in front, objects up to the first line, objects after it.
const LAYOUTS: [(usize, usize, usize); 4] = [
    (5, 8, 1), // 3.0 to 3.7
    (6, 8, 1), // 3.8 to 3.10
    (5, 8, 2), // 3.11 and later: qualified name, table of exceptions
    (4, 8, 1), // 2.x
];

/// Reads the value that the bytes hold.
///
/// # Errors
/// When they are no whole value.
pub fn read(bytes: &[u8], depth: usize) -> Result<Value, Refused> {
    let mut first = None;
    for layout in LAYOUTS {
        let mut reader =
            Reader { bytes, at: 0, refs: Vec::new(), interned: Vec::new(), layout, depth, saw_code: false };
        match reader.value(0) {
            Ok(value) => return Ok(value),
            Err(error) => {
                first.get_or_insert(error);
                if !reader.saw_code {
                    break;
                }
            }
        }
    }
    Err(first.unwrap_or_else(|| Refused("The marshal data is broken".to_owned())))
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    refs: Vec<Option<Value>>,
    interned: Vec<Value>,
    layout: (usize, usize, usize),
    depth: usize,
    saw_code: bool,
}

/// Set on the type of values that later ones may refer to.
const FLAG_REF: u8 = 0x80;

impl Reader<'_> {
    fn value(&mut self, depth: usize) -> Result<Value, Refused> {
        if depth > self.depth {
            return Err(Refused(format!("The marshal data is nested more than {} deep", self.depth)));
        }
        let code = self.byte()?;
        let slot = (code & FLAG_REF != 0).then(|| {
            self.refs.push(None);
            self.refs.len() - 1
        });
        let value = self.of_type(code & !FLAG_REF, depth)?;
        if let Some(place) = slot.and_then(|slot| self.refs.get_mut(slot)) {
            *place = Some(value.clone());
        }
        Ok(value)
    }

    fn of_type(&mut self, code: u8, depth: usize) -> Result<Value, Refused> {
        Ok(match code {
            b'0' => Value::End,
            b'N' | b'F' | b'T' | b'S' | b'.' => Value::Other,
            b'i' => Value::Int(i64::from(self.long()?)),
            b'I' => Value::Int(i64::from_le_bytes(self.array()?)),
            b'l' => self.digits()?,
            b'f' => {
                let length = usize::from(self.byte()?);
                let text = String::from_utf8_lossy(self.take(length)?).into_owned();
                Value::Float(text.parse().map_err(|_| self.broken("a number"))?)
            }
            b'g' => Value::Float(f64::from_le_bytes(self.array()?)),
            b'x' => {
                for _ in 0..2 {
                    let length = usize::from(self.byte()?);
                    self.take(length)?;
                }
                Value::Other
            }
            b'y' => self.take(16).map(|_| Value::Other)?,
            b's' | b'u' | b'a' | b'A' => {
                let length = self.length()?;
                self.text(length)?
            }
            b't' => {
                let length = self.length()?;
                let text = self.text(length)?;
                self.interned.push(text.clone());
                text
            }
            b'z' | b'Z' => {
                let length = usize::from(self.byte()?);
                self.text(length)?
            }
            b'R' => {
                let index = self.length()?;
                self.interned.get(index).cloned().ok_or_else(|| self.broken("a text that was read before"))?
            }
            b'r' => {
                let index = self.length()?;
                let known = self.refs.get(index).cloned().flatten();
                known.ok_or_else(|| self.broken("a value that was read before"))?
            }
            b'(' | b'[' | b'<' | b'>' => {
                let length = self.length()?;
                self.items(length, depth)?
            }
            b')' => {
                let length = usize::from(self.byte()?);
                self.items(length, depth)?
            }
            b'{' => {
                let mut entries = Vec::new();
                loop {
                    let key = self.value(depth + 1)?;
                    if matches!(key, Value::End) {
                        break Value::Dict(entries.into());
                    }
                    entries.push((key, self.value(depth + 1)?));
                }
            }
            b'c' => {
                self.saw_code = true;
                let (numbers, objects, rest) = self.layout;
                self.take(numbers * 4)?;
                for _ in 0..objects {
                    self.value(depth + 1)?;
                }
                self.take(4)?;
                for _ in 0..rest {
                    self.value(depth + 1)?;
                }
                Value::Other
            }
            b':' => {
                for _ in 0..3 {
                    self.value(depth + 1)?;
                }
                Value::Other
            }
            _ => return Err(self.broken("a type that marshal knows")),
        })
    }

    fn items(&mut self, length: usize, depth: usize) -> Result<Value, Refused> {
        // Every item takes a byte at least: a length beyond the end is no reason to ask for memory.
        if length > self.bytes.len().saturating_sub(self.at) {
            return Err(self.ends());
        }
        let mut items = Vec::new();
        for _ in 0..length {
            items.push(self.value(depth + 1)?);
        }
        Ok(Value::List(items.into()))
    }

    fn digits(&mut self) -> Result<Value, Refused> {
        let length = self.long()?;
        let mut value: i64 = 0;
        for place in 0..length.unsigned_abs() {
            let digit = i64::from(u16::from_le_bytes(self.array()?) & 0x7fff);
            value = if place < 4 { value | (digit << (15 * place)) } else { i64::MAX };
        }
        Ok(Value::Int(if length < 0 { -value } else { value }))
    }

    fn text(&mut self, length: usize) -> Result<Value, Refused> {
        Ok(Value::Text(String::from_utf8_lossy(self.take(length)?).into()))
    }

    fn length(&mut self) -> Result<usize, Refused> {
        usize::try_from(self.long()?).map_err(|_| self.broken("a length"))
    }

    fn long(&mut self) -> Result<i32, Refused> {
        Ok(i32::from_le_bytes(self.array()?))
    }

    fn byte(&mut self) -> Result<u8, Refused> {
        self.array::<1>().map(|[byte]| byte)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Refused> {
        let bytes = self.bytes.get(self.at..).and_then(|rest| rest.first_chunk::<N>()).copied();
        self.at += N;
        bytes.ok_or_else(|| self.ends())
    }

    fn take(&mut self, length: usize) -> Result<&[u8], Refused> {
        let start = self.at;
        self.at = start.saturating_add(length);
        self.bytes.get(start..self.at).ok_or_else(|| self.ends())
    }

    fn ends(&self) -> Refused {
        Refused(format!(
            "The file ends in the middle, after {}",
            crate::words::counted(self.bytes.len() as u64, "byte", "bytes")
        ))
    }

    fn broken(&self, wanted: &str) -> Refused {
        Refused(format!(
            "The marshal data is broken at byte {}: expected {wanted}",
            crate::words::grouped(self.at as u64)
        ))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn int(value: i32) -> Vec<u8> {
        [b"i".to_vec(), value.to_le_bytes().to_vec()].concat()
    }

    #[test]
    fn types_of_old_and_new_versions() {
        assert_eq!(read(&int(-7), 9), Ok(Value::Int(-7)));
        assert_eq!(read(b"l\x02\x00\x00\x00\x01\x00\x02\x00", 9), Ok(Value::Int(65_537)));
        assert_eq!(read(b"l\xfe\xff\xff\xff\x01\x00\x02\x00", 9), Ok(Value::Int(-65_537)));
        assert_eq!(read(b"f\x041.5e", 9).unwrap_err().0, "The marshal data is broken at byte 6: expected a number");
        assert_eq!(read(b"f\x031.5", 9), Ok(Value::Float(1.5)));
        let twice = b"(\x02\x00\x00\x00t\x01\x00\x00\x00aR\x00\x00\x00\x00";
        let a = Value::Text("a".into());
        assert_eq!(read(twice, 9), Ok(Value::List([a.clone(), a.clone()].into())));
        let flagged = b")\x02\xda\x01ar\x00\x00\x00\x00";
        assert_eq!(read(flagged, 9), Ok(Value::List([a.clone(), a].into())));
    }

    #[test]
    fn hostile_data_is_refused() {
        assert!(read(b"\xdb\xa9\x01r\x00\x00\x00\x000", 9).is_err(), "a dictionary that holds itself");
        assert!(read(b"(\xff\xff\xff\x7f", 9).unwrap_err().0.contains("ends in the middle"));
        assert!(read(b"(\xff\xff\xff\xff", 9).unwrap_err().0.contains("expected a length"));
        assert!(read(&b")\x01".repeat(5000), 256).unwrap_err().0.contains("nested more than 256 deep"));
        assert!(read(b"", 9).unwrap_err().0.contains("ends in the middle, after 0 bytes"));
    }
}
