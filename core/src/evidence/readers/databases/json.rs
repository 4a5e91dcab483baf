//! JSON as databases really print it: keys that repeat (MariaDB), `NaN`, and texts cut at any byte. What was read
//! before the cut is kept. Depth is bounded.

/// A value. Objects keep order and repeated keys.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Json {
    Null,
    Bool(bool),
    Number(f64),
    Text(String),
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
}

/// A value, where it ends, and whether the text ended first.
pub(super) struct Parsed {
    pub value: Json,
    pub end: usize,
    pub cut: bool,
}

impl Json {
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.entries().iter().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    pub fn entries(&self) -> &[(String, Self)] {
        match self {
            Self::Object(entries) => entries,
            _ => &[],
        }
    }

    pub fn items(&self) -> &[Self] {
        match self {
            Self::List(items) => items,
            _ => &[],
        }
    }

    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// A number, also one in quotes.
    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Text(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    pub fn is_true(&self) -> bool {
        *self == Self::Bool(true)
    }
}

/// Reads one value at the start of the text.
///
/// # Errors
/// When no value stands there, or it nests deeper than `depth`.
pub(super) fn parse(text: &str, depth: usize) -> Result<Parsed, String> {
    let mut reader = Reader { text, at: 0, cut: false };
    let value = reader.value(depth)?;
    Ok(Parsed { value, end: reader.at, cut: reader.cut })
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    cut: bool,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn next(&mut self) -> Option<char> {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
        self.rest().chars().next()
    }

    fn value(&mut self, depth: usize) -> Result<Json, String> {
        match self.next() {
            None => {
                self.cut = true;
                Ok(Json::Null)
            }
            Some('{' | '[') if depth == 0 => Err("Nested deeper than we read".to_owned()),
            Some('{') => self.object(depth - 1),
            Some('[') => self.list(depth - 1),
            Some('"') => Ok(Json::Text(self.string())),
            Some(_) => self.word(),
        }
    }

    fn object(&mut self, depth: usize) -> Result<Json, String> {
        self.at += 1;
        let mut entries = Vec::new();
        loop {
            match self.next() {
                Some('}') => {
                    self.at += 1;
                    break;
                }
                Some(',') => self.at += 1,
                Some('"') => {
                    let key = self.string();
                    match self.next() {
                        Some(':') => self.at += 1,
                        None => {
                            self.cut = true;
                            break;
                        }
                        Some(_) => return Err("Not JSON: a key without a value".to_owned()),
                    }
                    let value = self.value(depth)?;
                    entries.push((key, value));
                }
                None => {
                    self.cut = true;
                    break;
                }
                Some(_) => return Err("Not JSON: a key was expected".to_owned()),
            }
        }
        Ok(Json::Object(entries))
    }

    fn list(&mut self, depth: usize) -> Result<Json, String> {
        self.at += 1;
        let mut items = Vec::new();
        loop {
            match self.next() {
                Some(']') => {
                    self.at += 1;
                    break;
                }
                Some(',') => self.at += 1,
                Some(_) => items.push(self.value(depth)?),
                None => {
                    self.cut = true;
                    break;
                }
            }
        }
        Ok(Json::List(items))
    }

    fn string(&mut self) -> String {
        self.at += 1;
        let mut out = String::new();
        let mut chars = self.rest().char_indices();
        while let Some((at, c)) = chars.next() {
            match c {
                '"' => {
                    self.at += at + 1;
                    return out;
                }
                '\\' => match chars.next() {
                    Some((_, 'n')) => out.push('\n'),
                    Some((_, 't')) => out.push('\t'),
                    Some((_, 'r' | 'b' | 'f')) => out.push(' '),
                    Some((at, 'u')) => {
                        let hex = self.rest().get(at + 1..at + 5).and_then(|hex| u32::from_str_radix(hex, 16).ok());
                        out.push(hex.and_then(char::from_u32).unwrap_or('\u{fffd}'));
                        if hex.is_some() {
                            let _ = chars.nth(3);
                        }
                    }
                    Some((_, c)) => out.push(c),
                    None => {}
                },
                c => out.push(c),
            }
        }
        self.at = self.text.len();
        self.cut = true;
        out
    }

    fn word(&mut self) -> Result<Json, String> {
        let rest = self.rest();
        let end =
            rest.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '+' | '.'))).unwrap_or(rest.len());
        let word = rest.get(..end).unwrap_or_default();
        self.at += end;
        self.cut |= end == rest.len();
        match word {
            "true" => Ok(Json::Bool(true)),
            "false" => Ok(Json::Bool(false)),
            "null" => Ok(Json::Null),
            _ => match word.parse() {
                Ok(number) => Ok(Json::Number(number)),
                Err(_) if self.cut && !word.is_empty() => Ok(Json::Null),
                Err(_) => Err("Not JSON: a value was expected".to_owned()),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_before_a_cut_is_kept() {
        let text = r#"{"a": [1, {"b": "x\n\u00e4"}, -2.5e3], "a": true, "c": null}"#;
        let whole = parse(text, 8).map(|parsed| (parsed.value, parsed.end, parsed.cut)).unwrap();
        assert_eq!(whole.0.entries().len(), 3);
        assert_eq!(whole.0.get("a").unwrap().items()[1].get("b").unwrap().text(), Some("x\n\u{e4}"));
        assert_eq!((whole.1, whole.2), (text.len(), false));
        for end in 1..text.len() {
            let parsed = parse(&text[..end], 8).unwrap();
            assert!(parsed.cut, "{end}");
        }
        assert_eq!(parse("{\"a\": [1, 2", 8).unwrap().value.get("a").unwrap().items().len(), 2);
    }

    #[test]
    fn depth_is_bounded_and_nonsense_refused() {
        assert!(parse(&"[".repeat(100_000), 256).is_err());
        assert!(parse(&"{\"a\":".repeat(100_000), 256).is_err());
        assert!(parse("{a: 1}", 8).is_err());
        assert!(parse("nonsense", 8).is_ok_and(|parsed| parsed.cut));
        assert!(parse("nonsense ", 8).is_err());
        assert!(parse("NaN ", 8).is_ok_and(|parsed| parsed.value.number().is_some_and(f64::is_nan)));
    }
}
