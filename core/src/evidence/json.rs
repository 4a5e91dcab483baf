//! JSON that is too large to hold: the elements of one array, one after the other, each as its bytes. Also says in
//! plain words what is wrong with JSON.

use super::input::{Input, Refused};
use memchr::memchr2;

/// What else was in the document.
#[derive(Debug, Default)]
pub struct Rest {
    /// Values of the keys that were asked for, as their bytes.
    pub kept: Vec<(String, Vec<u8>)>,
    /// Elements seen.
    pub elements: u64,
    /// The document ends before it is complete.
    pub cut: bool,
}

/// Longest element or kept value.
const VALUE_BYTES: usize = 16 << 20;

/// Calls `each` with every element of the array that is the document, or that stands under `key` in its outermost
/// object. A document that is cut short is read as far as it goes.
///
/// # Errors
/// What `each` refuses; nesting beyond the limit; what is no JSON; a broken stream.
pub fn elements(
    input: &mut Input,
    key: &str,
    keep: &[&str],
    each: &mut dyn FnMut(&[u8]) -> Result<(), Refused>,
) -> Result<Rest, Refused> {
    let depth = input.limits.depth;
    let mut scanner = Scanner { input, depth, at: 0 };
    let mut rest = Rest::default();
    let ended = match scanner.peek() {
        Ok(Some(b'[')) => scanner.array(&mut rest, each),
        Ok(Some(b'{')) => scanner.object(key, keep, &mut rest, each),
        Ok(_) => Err(scanner.odd()),
        Err(stop) => Err(stop),
    };
    match ended {
        Err(Stop::Cut) => rest.cut = true,
        Err(Stop::Refused(refused)) => return Err(refused),
        Ok(()) => {}
    }
    Ok(rest)
}

/// What is wrong with JSON, for people: serde's words are for programmers.
#[must_use]
pub fn wrong(error: &serde_json::Error) -> String {
    let place = format!("line {}, column {}", error.line(), error.column());
    match error.classify() {
        serde_json::error::Category::Eof => format!("The JSON ends in the middle ({place})"),
        serde_json::error::Category::Io => error.to_string(),
        serde_json::error::Category::Syntax if error.to_string().contains("recursion limit") => {
            format!("The JSON is nested too deep ({place})")
        }
        serde_json::error::Category::Syntax => format!("Not valid JSON ({place})"),
        serde_json::error::Category::Data => {
            let text = error.to_string();
            let text = text.split(" at line ").next().unwrap_or_default();
            format!("The JSON is not of this format: {text} ({place})")
        }
    }
}

enum Stop {
    Cut,
    Refused(Refused),
}

impl From<Refused> for Stop {
    fn from(refused: Refused) -> Self {
        Self::Refused(refused)
    }
}

impl From<std::io::Error> for Stop {
    fn from(error: std::io::Error) -> Self {
        Self::Refused(error.into())
    }
}

struct Scanner<'i, 'c> {
    input: &'i mut Input<'c>,
    depth: usize,
    at: u64,
}

impl Scanner<'_, '_> {
    /// The next byte that is no blank, not consumed.
    fn peek(&mut self) -> Result<Option<u8>, Stop> {
        loop {
            let ready = self.input.content.fill_buf()?;
            if ready.is_empty() {
                return Ok(None);
            }
            let blanks = ready.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
            let next = ready.get(blanks).copied();
            self.take(blanks);
            if next.is_some() {
                return Ok(next);
            }
        }
    }

    fn take(&mut self, bytes: usize) {
        self.input.content.consume(bytes);
        self.at += bytes as u64;
    }

    fn odd(&self) -> Stop {
        Stop::Refused(Refused(format!("Not valid JSON (byte {})", self.at + 1)))
    }

    fn expect(&mut self) -> Result<u8, Stop> {
        self.peek()?.ok_or(Stop::Cut)
    }

    fn array(&mut self, rest: &mut Rest, each: &mut dyn FnMut(&[u8]) -> Result<(), Refused>) -> Result<(), Stop> {
        self.take(1);
        let mut value = Vec::new();
        loop {
            match self.expect()? {
                b']' => {
                    self.take(1);
                    return Ok(());
                }
                b',' => self.take(1),
                b'}' | b':' => return Err(self.odd()),
                _ => {
                    value.clear();
                    self.value(Some(&mut value))?;
                    rest.elements += 1;
                    each(&value)?;
                }
            }
        }
    }

    fn object(
        &mut self,
        key: &str,
        keep: &[&str],
        rest: &mut Rest,
        each: &mut dyn FnMut(&[u8]) -> Result<(), Refused>,
    ) -> Result<(), Stop> {
        self.take(1);
        loop {
            match self.expect()? {
                b'}' => {
                    self.take(1);
                    return Ok(());
                }
                b',' => self.take(1),
                b'"' => {
                    let mut name = Vec::new();
                    self.value(Some(&mut name))?;
                    let name = String::from_utf8_lossy(name.get(1..name.len() - 1).unwrap_or_default()).into_owned();
                    if self.expect()? != b':' {
                        return Err(self.odd());
                    }
                    self.take(1);
                    let first = self.expect()?;
                    if name == key && first == b'[' {
                        self.array(rest, each)?;
                    } else if keep.contains(&name.as_str()) {
                        let mut value = Vec::new();
                        self.value(Some(&mut value))?;
                        rest.kept.push((name, value));
                    } else {
                        self.value(None)?;
                    }
                }
                _ => return Err(self.odd()),
            }
        }
    }

    /// Passes one value and hands out its bytes.
    fn value(&mut self, mut out: Option<&mut Vec<u8>>) -> Result<(), Stop> {
        let first = self.expect()?;
        let scalar = !matches!(first, b'{' | b'[' | b'"');
        let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
        loop {
            let limit = self.depth;
            let ready = self.input.content.fill_buf()?;
            if ready.is_empty() {
                return if scalar { Ok(()) } else { Err(Stop::Cut) };
            }
            let mut at = 0;
            let mut done = false;
            while let Some(byte) = ready.get(at) {
                if escaped {
                    escaped = false;
                } else if quoted {
                    match memchr2(b'"', b'\\', ready.get(at..).unwrap_or_default()) {
                        None => {
                            at = ready.len();
                            break;
                        }
                        Some(ahead) => {
                            at += ahead;
                            escaped = ready.get(at) == Some(&b'\\');
                            quoted = escaped;
                            done = !quoted && depth == 0;
                        }
                    }
                } else {
                    match byte {
                        b'"' => quoted = true,
                        b'{' | b'[' => depth += 1,
                        b'}' | b']' if scalar => {
                            done = true;
                            break;
                        }
                        b'}' | b']' => {
                            depth -= 1;
                            done = depth == 0;
                        }
                        byte if scalar && (*byte == b',' || byte.is_ascii_whitespace()) => {
                            done = true;
                            break;
                        }
                        _ => {}
                    }
                    if depth > limit {
                        let text = format!("Stopped: JSON nested deeper than {limit}");
                        return Err(Stop::Refused(Refused(text)));
                    }
                }
                at += 1;
                if done {
                    break;
                }
            }
            if let Some(out) = out.as_deref_mut() {
                if out.len() + at > VALUE_BYTES {
                    return Err(Stop::Refused(Refused("Stopped: one value larger than 16 MiB".to_owned())));
                }
                out.extend_from_slice(ready.get(..at).unwrap_or_default());
            }
            self.take(at);
            if done {
                return Ok(());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

    use super::super::input::Limits;
    use super::super::recognize::Head;
    use super::*;
    use std::io::{BufReader, Cursor};

    /// Elements and kept values, read through a buffer of `step` bytes.
    fn run(text: &str, step: usize) -> Result<(Vec<String>, Rest), String> {
        let head = Head::new(text.as_bytes());
        let mut content = BufReader::with_capacity(step, Cursor::new(text.as_bytes().to_vec()));
        let mut input = Input { content: &mut content, limits: Limits { depth: 5, ..Limits::default() }, head: &head };
        let mut seen = Vec::new();
        let rest = elements(&mut input, "events", &["meta"], &mut |bytes| {
            seen.push(String::from_utf8(bytes.to_vec()).unwrap());
            Ok(())
        });
        rest.map(|rest| (seen, rest)).map_err(|Refused(text)| text)
    }

    #[test]
    fn elements_come_one_by_one_however_the_stream_is_cut() {
        let text =
            r#" {"a": [1, {"b": "]}"}], "events": [ {"x": "q\"]}"} , 12,"s", [1 ,2]], "meta": {"v": "1"}, "z": null}"#;
        for step in 1..text.len() + 1 {
            let (seen, rest) = run(text, step).unwrap();
            assert_eq!(seen, [r#"{"x": "q\"]}"}"#, "12", "\"s\"", "[1 ,2]"], "{step}");
            assert_eq!(rest.kept.len(), 1);
            assert_eq!(rest.kept[0].1, br#"{"v": "1"}"#);
            assert!(!rest.cut);
        }
        assert_eq!(run("[1,2]", 64).unwrap().0, ["1", "2"]);
    }

    #[test]
    fn what_is_cut_is_read_as_far_as_it_goes() {
        let (seen, rest) = run(r#"[{"x": 1}, {"x": 2}, {"x"#, 8).unwrap();
        assert_eq!(seen.len(), 2);
        assert!(rest.cut);
        assert!(run(r#"{"events": [1, 2"#, 8).unwrap().1.cut);
    }

    #[test]
    fn bombs_and_nonsense_say_what_they_are() {
        assert_eq!(run(&"[".repeat(100), 64).unwrap_err(), "Stopped: JSON nested deeper than 5");
        assert_eq!(run("hello", 64).unwrap_err(), "Not valid JSON (byte 1)");
        assert_eq!(run("{1: 2}", 64).unwrap_err(), "Not valid JSON (byte 2)");
        assert_eq!(run("[}", 64).unwrap_err(), "Not valid JSON (byte 2)");
        let error = serde_json::from_str::<Vec<u8>>("[1, ").unwrap_err();
        assert_eq!(wrong(&error), "The JSON ends in the middle (line 1, column 4)");
        let deep = serde_json::from_str::<serde_json::Value>(&"[".repeat(500)).unwrap_err();
        assert!(wrong(&deep).starts_with("The JSON is nested too deep"), "{}", wrong(&deep));
    }
}
