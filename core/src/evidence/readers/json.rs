//! Reads JSON as a stream: values are handed over one by one and never held as a tree, so that memory follows what a
//! reader keeps, not the size of the file. Skipping never recurses. Values of an unexpected type are `None`.

use crate::evidence::input::Refused;
use std::io::BufRead;

/// A JSON text that is being read.
pub struct Json<'a> {
    content: &'a mut dyn BufRead,
    buffer: Vec<u8>,
    at: usize,
    before: u64,
    ended: bool,
    scratch: Vec<u8>,
}

/// What [`Json::tree`] comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Visit<'k> {
    /// An object begins.
    Enter,
    /// A member of the object that was entered last; its value must be taken.
    Member(&'k str),
    /// It ends.
    Leave,
}

/// What stands next in a tree.
enum Step {
    /// An object, or something else in its place.
    Item,
    /// A member, or the end of the object.
    Member { first: bool },
    /// What follows an item: another, or the end of the array.
    Next,
}

/// Bytes that are taken from the stream at once.
const CHUNK: usize = 64 << 10;

/// Longest string that is kept; of a longer one the start.
const STRING_BYTES: usize = 1 << 20;

impl<'a> Json<'a> {
    /// Reads from here.
    pub fn new(content: &'a mut dyn BufRead) -> Self {
        let (buffer, scratch) = (Vec::with_capacity(CHUNK), Vec::new());
        Self { content, buffer, at: 0, before: 0, ended: false, scratch }
    }

    /// Whether the text ended in the middle: what was read before is whole.
    #[must_use]
    pub const fn was_cut(&self) -> bool {
        self.ended
    }

    /// Bytes read so far.
    #[must_use]
    pub const fn position(&self) -> u64 {
        self.before + self.at as u64
    }

    /// Hands every member of an object to `member`, which must take its value. Anything else is skipped.
    ///
    /// # Errors
    /// When the text is broken or ends, and what `member` refuses.
    pub fn object(&mut self, mut member: impl FnMut(&mut Self, &str) -> Result<(), Refused>) -> Result<bool, Refused> {
        if self.look()? != b'{' {
            self.skip()?;
            return Ok(false);
        }
        self.at += 1;
        if self.look()? == b'}' {
            self.at += 1;
            return Ok(true);
        }
        let mut key = String::new();
        loop {
            self.key(&mut key)?;
            member(self, &key)?;
            match self.look()? {
                b',' => self.at += 1,
                b'}' => {
                    self.at += 1;
                    return Ok(true);
                }
                _ => return Err(self.broken("`,` or `}`")),
            }
        }
    }

    /// Calls `item` at every item of an array; it must take the item. Anything else is skipped.
    ///
    /// # Errors
    /// As [`Json::object`].
    pub fn array(&mut self, mut item: impl FnMut(&mut Self) -> Result<(), Refused>) -> Result<bool, Refused> {
        if self.look()? != b'[' {
            self.skip()?;
            return Ok(false);
        }
        self.at += 1;
        if self.look()? == b']' {
            self.at += 1;
            return Ok(true);
        }
        loop {
            item(self)?;
            match self.look()? {
                b',' => self.at += 1,
                b']' => {
                    self.at += 1;
                    return Ok(true);
                }
                _ => return Err(self.broken("`,` or `]`")),
            }
        }
    }

    /// Walks a tree of objects whose member `children` is an array of the same, without recursion. Below `depth` levels
    /// children are skipped; whether there were any is the result.
    ///
    /// # Errors
    /// As [`Json::object`].
    pub fn tree(
        &mut self,
        children: &str,
        depth: usize,
        mut visit: impl FnMut(&mut Self, Visit) -> Result<(), Refused>,
    ) -> Result<bool, Refused> {
        let (mut step, mut level, mut skipped) = (Step::Item, 0usize, false);
        let mut key = String::new();
        loop {
            step = match step {
                Step::Item if self.look()? != b'{' || level >= depth => {
                    skipped |= level >= depth;
                    self.skip()?;
                    Step::Next
                }
                Step::Item => {
                    self.at += 1;
                    level += 1;
                    visit(self, Visit::Enter)?;
                    Step::Member { first: true }
                }
                Step::Next if level == 0 => return Ok(skipped),
                Step::Next => match self.look()? {
                    b',' => {
                        self.at += 1;
                        Step::Item
                    }
                    b']' => {
                        self.at += 1;
                        Step::Member { first: false }
                    }
                    _ => return Err(self.broken("`,` or `]`")),
                },
                Step::Member { first } => match self.look()? {
                    b'}' => {
                        self.at += 1;
                        level -= 1;
                        visit(self, Visit::Leave)?;
                        Step::Next
                    }
                    byte if first || byte == b',' => {
                        self.at += usize::from(!first);
                        self.key(&mut key)?;
                        if key != children {
                            visit(self, Visit::Member(&key))?;
                            Step::Member { first: false }
                        } else if self.look()? != b'[' {
                            self.skip()?;
                            Step::Member { first: false }
                        } else {
                            self.at += 1;
                            if self.look()? == b']' { Step::Next } else { Step::Item }
                        }
                    }
                    _ => return Err(self.broken("`,` or `}`")),
                },
            };
        }
    }

    /// A key and its colon.
    fn key(&mut self, key: &mut String) -> Result<(), Refused> {
        if self.look()? != b'"' {
            return Err(self.broken("a key"));
        }
        self.quoted()?;
        key.clear();
        key.push_str(&String::from_utf8_lossy(&self.scratch));
        if self.look()? != b':' {
            return Err(self.broken("`:`"));
        }
        self.at += 1;
        Ok(())
    }

    /// A number; a value of another type is skipped.
    ///
    /// # Errors
    /// When the text is broken or ends.
    pub fn number(&mut self) -> Result<Option<f64>, Refused> {
        if !matches!(self.look()?, b'-' | b'0'..=b'9') {
            self.skip()?;
            return Ok(None);
        }
        if let Some(whole) = self.digits() {
            return Ok(Some(whole));
        }
        self.scratch.clear();
        while let Some(byte @ (b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E')) = self.peek()? {
            if self.scratch.len() < 64 {
                self.scratch.push(byte);
            }
            self.at += 1;
        }
        let number = std::str::from_utf8(&self.scratch).ok().and_then(|text| text.parse().ok());
        number.map(Some).ok_or_else(|| self.broken("a number"))
    }

    /// The usual number: some digits and something else after them, all in the buffer.
    fn digits(&mut self) -> Option<f64> {
        let rest = self.buffer.get(self.at..)?;
        let mut value = 0u64;
        for (length, byte) in rest.iter().take(16).enumerate() {
            match byte {
                b'0'..=b'9' => value = value * 10 + u64::from(byte - b'0'),
                b',' | b']' | b'}' if length > 0 => {
                    self.at += length;
                    return Some(value as f64);
                }
                _ => return None,
            }
        }
        None
    }

    /// A whole number from 0 up; anything else is `None`.
    ///
    /// # Errors
    /// As [`Json::number`].
    pub fn count(&mut self) -> Result<Option<u64>, Refused> {
        let whole = |number: &f64| *number >= 0.0 && *number < 9e15 && number.fract() == 0.0;
        Ok(self.number()?.filter(whole).map(|number| number as u64))
    }

    /// A text; a value of another type is skipped.
    ///
    /// # Errors
    /// As [`Json::number`].
    pub fn string(&mut self) -> Result<Option<String>, Refused> {
        if self.look()? != b'"' {
            self.skip()?;
            return Ok(None);
        }
        self.quoted()?;
        Ok(Some(String::from_utf8_lossy(&self.scratch).into_owned()))
    }

    /// Passes over one value, of any depth.
    ///
    /// # Errors
    /// As [`Json::number`].
    pub fn skip(&mut self) -> Result<(), Refused> {
        let mut depth = 0u64;
        loop {
            match self.look()? {
                b'{' | b'[' => {
                    depth += 1;
                    self.at += 1;
                    continue;
                }
                b'}' | b']' => {
                    if depth == 0 {
                        return Err(self.broken("a value"));
                    }
                    depth -= 1;
                    self.at += 1;
                }
                b',' | b':' => {
                    if depth == 0 {
                        return Err(self.broken("a value"));
                    }
                    self.at += 1;
                    continue;
                }
                b'"' => self.quoted()?,
                b'-' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => {
                    while let Some(b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'+' | b'-' | b'.') = self.peek()? {
                        self.at += 1;
                    }
                }
                _ => return Err(self.broken("a value")),
            }
            if depth == 0 {
                return Ok(());
            }
        }
    }

    /// The next byte that is no blank.
    ///
    /// # Errors
    /// At the end.
    pub fn look(&mut self) -> Result<u8, Refused> {
        loop {
            match self.peek()? {
                Some(b' ' | b'\t' | b'\n' | b'\r') => self.at += 1,
                Some(byte) => return Ok(byte),
                None => return Err(Refused(format!("The JSON ends in the middle, after {}", self.size()))),
            }
        }
    }

    fn size(&self) -> String {
        crate::words::counted(self.position(), "byte", "bytes")
    }

    fn broken(&self, wanted: &str) -> Refused {
        let at = crate::words::grouped(self.position() + 1);
        Refused(format!("The JSON is broken at byte {at}: expected {wanted}"))
    }

    #[inline]
    fn peek(&mut self) -> Result<Option<u8>, Refused> {
        if let Some(byte) = self.buffer.get(self.at) {
            return Ok(Some(*byte));
        }
        self.refill()
    }

    #[cold]
    fn refill(&mut self) -> Result<Option<u8>, Refused> {
        self.before += self.buffer.len() as u64;
        self.at = 0;
        self.buffer.clear();
        let ready = self.content.fill_buf()?;
        let taken = ready.len().min(CHUNK);
        self.buffer.extend_from_slice(ready.get(..taken).unwrap_or_default());
        self.content.consume(taken);
        self.ended = taken == 0;
        Ok(self.buffer.first().copied())
    }

    /// Reads a quoted text, its start already seen, into the scratch buffer.
    fn quoted(&mut self) -> Result<(), Refused> {
        self.at += 1;
        self.scratch.clear();
        loop {
            let rest = self.buffer.get(self.at..).unwrap_or_default();
            let plain = memchr::memchr2(b'"', b'\\', rest).unwrap_or(rest.len());
            let room = STRING_BYTES.saturating_sub(self.scratch.len());
            self.scratch.extend_from_slice(rest.get(..plain.min(room)).unwrap_or_default());
            self.at += plain;
            match self.peek()? {
                None => return Err(Refused(format!("The JSON ends in the middle, after {}", self.size()))),
                Some(b'"') => {
                    self.at += 1;
                    return Ok(());
                }
                Some(b'\\') => {
                    self.at += 1;
                    self.escaped()?;
                }
                Some(_) => {}
            }
        }
    }

    fn escaped(&mut self) -> Result<(), Refused> {
        let escape = self.taken()?;
        let character = match escape {
            b'n' => '\n',
            b't' => '\t',
            b'r' => '\r',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'u' => {
                let first = self.hex()?;
                self.wide(first)?
            }
            other => char::from(other),
        };
        if self.scratch.len() < STRING_BYTES {
            self.scratch.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
        }
        Ok(())
    }

    /// A character outside the first plane is written as two units.
    fn wide(&mut self, first: u32) -> Result<char, Refused> {
        if !(0xd800..0xdc00).contains(&first) || self.peek()? != Some(b'\\') {
            return Ok(char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER));
        }
        self.at += 1;
        if self.taken()? != b'u' {
            return Err(self.broken("the second half of a character"));
        }
        let second = self.hex()?;
        let joined = 0x1_0000 + ((first - 0xd800) << 10) + second.wrapping_sub(0xdc00).min(0x3ff);
        Ok(char::from_u32(joined).unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    fn hex(&mut self) -> Result<u32, Refused> {
        let mut unit = 0;
        for _ in 0..4 {
            let digit = char::from(self.taken()?).to_digit(16);
            unit = unit * 16 + digit.ok_or_else(|| self.broken("four hexadecimal digits"))?;
        }
        Ok(unit)
    }

    fn taken(&mut self) -> Result<u8, Refused> {
        let byte = self.peek()?;
        self.at += 1;
        byte.ok_or_else(|| Refused(format!("The JSON ends in the middle, after {}", self.size())))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use std::io::{BufReader, Cursor};

    /// A text read a few bytes at a time.
    fn with<T>(text: &str, read: impl Fn(&mut Json) -> T) -> T {
        let whole = read(&mut Json::new(&mut Cursor::new(text.as_bytes())));
        read(&mut Json::new(&mut BufReader::with_capacity(3, text.as_bytes())));
        whole
    }

    #[test]
    fn values_are_handed_over_one_by_one() {
        let text =
            r#" {"a": [1, -2.5e1, "x", null], "b\u0041\ud83d\ude00\n": {"deep": [[{}], []]}, "c": true, "d": "e"} "#;
        let seen = with(text, |json| {
            let mut seen = Vec::new();
            json.object(|json, key| {
                seen.push(key.to_owned());
                match key {
                    "a" => json.array(|json| {
                        seen.push(format!("{:?}", json.number()?));
                        Ok(())
                    })?,
                    "d" => {
                        seen.push(json.string()?.unwrap_or_default());
                        true
                    }
                    _ => json.skip().map(|()| true)?,
                };
                Ok(())
            })
            .unwrap();
            seen
        });
        assert_eq!(seen, ["a", "Some(1.0)", "Some(-25.0)", "None", "None", "bA\u{1f600}\n", "c", "d", "e"]);
    }

    #[test]
    fn errors_name_the_place() {
        let error = |text: &str| with(text, |json| json.object(|json, _| json.skip())).unwrap_err().0;
        assert_eq!(error("{\"a\": 1"), "The JSON ends in the middle, after 7 bytes");
        assert_eq!(error("{\"a\" 1}"), "The JSON is broken at byte 6: expected `:`");
        assert_eq!(error("{\"a\": }"), "The JSON is broken at byte 7: expected a value");
        assert_eq!(error("{1: 2}"), "The JSON is broken at byte 2: expected a key");
    }

    #[test]
    fn trees_are_walked_without_recursion() {
        let text = r#"{"n": 1, "c": [{"n": 2, "c": []}, 7, {"c": [{"n": 3}], "n": 4}], "m": 5}"#;
        let walk = |text: &str, depth| {
            with(text, |json| {
                let mut seen = String::new();
                let deep = json.tree("c", depth, |json, visit| {
                    match visit {
                        Visit::Enter => seen.push('('),
                        Visit::Leave => seen.push(')'),
                        Visit::Member(_) => seen.push_str(&json.number()?.unwrap_or_default().to_string()),
                    }
                    Ok(())
                });
                (seen, deep)
            })
        };
        assert_eq!(walk(text, 9), ("(1(2)((3)4)5)".to_owned(), Ok(false)));
        assert_eq!(walk(text, 2), ("(1(2)(4)5)".to_owned(), Ok(true)));
        let deep = format!("{}{}", "{\"c\":[".repeat(100_000), "]}".repeat(100_000));
        assert_eq!(walk(&deep, 256).1, Ok(true));
        assert!(walk("{\"c\": [{\"n\": 1}", 9).1.is_err());
    }

    #[test]
    fn skipping_is_not_bounded_by_the_stack() {
        let deep = format!("{}{}", "[".repeat(1_000_000), "]".repeat(1_000_000));
        with(&deep, |json| json.skip()).unwrap();
    }
}
