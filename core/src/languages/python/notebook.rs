//! Jupyter notebooks (format 4): the code cells as one Python text, with the place in the `.ipynb`
//! file where each of its lines stands. Cells whose first line hands them to something that is no
//! Python (`%%bash`) are left out; other magics are the parser's business.

use super::super::SourceText;
use crate::model::{Problem, ProblemKind};
use crate::source::Origin;
use ruff_text_size::{TextRange, TextSize};

/// Most that the JSON nests: a notebook's own part needs five.
const MAX_DEPTH: u32 = 100;
/// Cell magics that run the rest of the cell as Python here.
const PYTHON_MAGICS: &[&str] = &["capture", "memit", "mprun", "prun", "time", "timeit"];

/// The code of a notebook.
#[derive(Debug, Default)]
pub(super) struct Notebook {
    /// All code cells, one after the other.
    pub text: String,
    /// Where each line of `text` stands in the file.
    pub origins: Vec<Origin>,
    /// The part of `text` that each cell is, without the line end behind it.
    pub cells: Vec<TextRange>,
}

/// Whether the path is a notebook's.
#[must_use]
pub fn is_notebook(path: &str) -> bool {
    path.rsplit_once('.').is_some_and(|(_, extension)| extension.eq_ignore_ascii_case("ipynb"))
}

/// Reads a notebook; what has no Python is a problem.
pub(super) fn read(source: SourceText<'_>) -> Result<Notebook, Problem> {
    let mut reader = Reader {
        bytes: source.text.as_bytes(),
        at: 0,
        here: Origin { line: 1, col: 0 },
        counted: 0,
        out: Notebook::default(),
        cell: Cell::default(),
        format: None,
        language: None,
        code_cells: 0,
    };
    let complete = reader.value(At::Top, 0).is_some() && reader.at_end();
    let problem = |line, message| {
        let kind = ProblemKind::Syntax;
        Err(Problem { path: source.path.to_owned(), line, kind, message })
    };
    if !complete {
        let line = reader.place().line;
        return problem(line, "The notebook is no valid JSON from here on; the file is left out".to_owned());
    }
    match reader.format.as_deref() {
        Some("4") => {}
        Some(other) => {
            return problem(0, format!("The notebook has format {other}; only format 4 is read"));
        }
        None => return problem(0, "The file has no `nbformat`, so it is no notebook; it is left out".to_owned()),
    }
    if let Some(other) = reader.language.filter(|language| !is_python(language)) {
        return problem(0, format!("The notebook's language is `{other}`; only Python is read"));
    }
    if reader.code_cells == 0 {
        return problem(0, "The notebook has no cells of code".to_owned());
    }
    Ok(reader.out)
}

fn is_python(language: &str) -> bool {
    let lower = language.to_ascii_lowercase();
    lower.starts_with("python") || lower.starts_with("ipython") || lower == "sage"
}

/// Where in a notebook a value stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum At {
    Top,
    Format,
    Cells,
    Cell,
    CellType,
    Source,
    Metadata,
    /// `kernelspec` and `language_info`.
    Kernel {
        info: bool,
    },
    Language,
    Elsewhere,
}

impl At {
    /// The place of the value behind a key; of an element, when the key is empty.
    fn inner(self, key: &str) -> Self {
        match (self, key) {
            (Self::Top, "nbformat") => Self::Format,
            (Self::Top, "cells") => Self::Cells,
            (Self::Top, "metadata") => Self::Metadata,
            (Self::Cells, "") => Self::Cell,
            (Self::Cell, "cell_type") => Self::CellType,
            (Self::Cell, "source") | (Self::Source, "") => Self::Source,
            (Self::Metadata, "kernelspec") => Self::Kernel { info: false },
            (Self::Metadata, "language_info") => Self::Kernel { info: true },
            (Self::Kernel { info: false }, "language") | (Self::Kernel { info: true }, "name") => Self::Language,
            _ => Self::Elsewhere,
        }
    }
}

/// The cell at hand.
#[derive(Default)]
struct Cell {
    is_code: bool,
    text: String,
    origins: Vec<Origin>,
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    /// Line, and characters before `counted` in it.
    here: Origin,
    counted: usize,
    out: Notebook,
    cell: Cell,
    format: Option<String>,
    language: Option<String>,
    code_cells: usize,
}

impl Reader<'_> {
    /// The place of the next byte.
    fn place(&mut self) -> Origin {
        for &byte in self.bytes.get(self.counted..self.at).unwrap_or_default() {
            if byte == b'\n' {
                self.here = Origin { line: self.here.line.saturating_add(1), col: 0 };
            } else if byte & 0xC0 != 0x80 {
                self.here.col = self.here.col.saturating_add(1);
            }
        }
        self.counted = self.counted.max(self.at);
        self.here
    }

    fn peek(&mut self) -> Option<u8> {
        while let Some(b' ' | b'\t' | b'\r' | b'\n') = self.bytes.get(self.at) {
            self.at += 1;
        }
        self.bytes.get(self.at).copied()
    }

    fn take(&mut self, byte: u8) -> Option<()> {
        (self.peek()? == byte).then(|| self.at += 1)
    }

    fn at_end(&mut self) -> bool {
        self.peek().is_none()
    }

    /// Reads a value; `None` where the JSON is damaged.
    fn value(&mut self, at: At, depth: u32) -> Option<()> {
        if depth > MAX_DEPTH {
            return None;
        }
        match self.peek()? {
            b'{' => {
                self.at += 1;
                if at == At::Cell {
                    self.cell = Cell::default();
                }
                if self.take(b'}').is_none() {
                    let mut key = String::new();
                    loop {
                        key.clear();
                        self.text(|_, c| key.push(c))?;
                        self.take(b':')?;
                        let inner = if key.is_empty() { At::Elsewhere } else { at.inner(&key) };
                        self.value(inner, depth + 1)?;
                        if self.take(b',').is_none() {
                            break;
                        }
                    }
                    self.take(b'}')?;
                }
                if at == At::Cell {
                    self.end_cell();
                }
            }
            b'[' => {
                self.at += 1;
                if self.take(b']').is_none() {
                    loop {
                        self.value(at.inner(""), depth + 1)?;
                        if self.take(b',').is_none() {
                            break;
                        }
                    }
                    self.take(b']')?;
                }
            }
            b'"' => self.string(at)?,
            _ => {
                let rest = self.bytes.get(self.at..)?;
                let len = rest.iter().position(|b| b" \t\r\n,]}".contains(b)).unwrap_or(rest.len());
                let word = rest.get(..len).and_then(|word| std::str::from_utf8(word).ok())?;
                let number = || !word.starts_with(char::is_alphabetic) && word.parse::<f64>().is_ok();
                if !matches!(word, "true" | "false" | "null" | "NaN" | "Infinity" | "-Infinity") && !number() {
                    return None;
                }
                if at == At::Format {
                    self.format = Some(word.to_owned());
                }
                self.at += len;
            }
        }
        Some(())
    }

    fn string(&mut self, at: At) -> Option<()> {
        match at {
            At::Source => {
                let mut cell = std::mem::take(&mut self.cell);
                let mut fresh = cell.text.is_empty() || cell.text.ends_with('\n');
                let read = self.text(|reader, c| {
                    if fresh {
                        cell.origins.push(reader.place());
                    }
                    cell.text.push(c);
                    fresh = c == '\n';
                });
                self.cell = cell;
                read
            }
            At::CellType | At::Language => {
                let mut word = String::new();
                self.text(|_, c| word.push(c))?;
                if at == At::CellType {
                    self.cell.is_code = word == "code";
                } else {
                    self.language = Some(word);
                }
                Some(())
            }
            _ => self.text(|_, _| {}),
        }
    }

    /// Reads a string. Every character is given out while the reader still stands before it.
    fn text(&mut self, mut each: impl FnMut(&mut Self, char)) -> Option<()> {
        self.take(b'"')?;
        loop {
            let rest = self.bytes.get(self.at..)?;
            let (c, len) = match *rest.first()? {
                b'"' => {
                    self.at += 1;
                    return Some(());
                }
                b'\\' => match *rest.get(1)? {
                    b'n' => ('\n', 2),
                    b't' => ('\t', 2),
                    b'r' => ('\r', 2),
                    b'b' => ('\u{8}', 2),
                    b'f' => ('\u{c}', 2),
                    b'u' => match (unit(rest.get(2..6)?)?, rest.get(6..12)) {
                        (high @ 0xD800..0xDC00, Some([b'\\', b'u', low @ ..])) => {
                            let pair = unit(low).filter(|low| (0xDC00..0xE000).contains(low)).map(|low| [high, low]);
                            let c = pair.and_then(|pair| char::decode_utf16(pair).next()?.ok());
                            c.map_or((char::REPLACEMENT_CHARACTER, 6), |c| (c, 12))
                        }
                        (unit, _) => (char::from_u32(u32::from(unit)).unwrap_or(char::REPLACEMENT_CHARACTER), 6),
                    },
                    c @ (b'"' | b'\\' | b'/') => (char::from(c), 2),
                    _ => return None,
                },
                0..0x20 => return None,
                byte @ 0x20..0x80 => (char::from(byte), 1),
                first => {
                    let len = if first >= 0xF0 {
                        4
                    } else if first >= 0xE0 {
                        3
                    } else {
                        2
                    };
                    (std::str::from_utf8(rest.get(..len)?).ok()?.chars().next()?, len)
                }
            };
            each(self, c);
            self.at += len;
        }
    }

    fn end_cell(&mut self) {
        let Cell { is_code, mut text, mut origins } = std::mem::take(&mut self.cell);
        if !is_code {
            return;
        }
        self.code_cells += 1;
        let head = text.trim_start();
        if let Some(magic) = head.strip_prefix("%%") {
            let name = magic.split(|c: char| !c.is_alphanumeric()).next().unwrap_or("");
            if !PYTHON_MAGICS.contains(&name) {
                return;
            }
            let start = text.len() - head.len();
            let end = head.find('\n').map_or(text.len(), |at| start + at);
            text.replace_range(start..end, "");
        }
        // A line end alone within a string would be a line more than the origins know.
        if text.contains('\r') {
            text = text.replace("\r\n", "\n").replace('\r', " ");
        }
        let offset = |text: &str| TextSize::new(u32::try_from(text.len()).unwrap_or(u32::MAX));
        let start = offset(&self.out.text);
        self.out.text.push_str(&text);
        self.out.cells.push(TextRange::new(start, offset(&self.out.text)));
        self.out.text.push('\n');
        if text.is_empty() || text.ends_with('\n') {
            origins.push(self.place());
        }
        self.out.origins.append(&mut origins);
    }
}

/// Four hexadecimal digits.
fn unit(digits: &[u8]) -> Option<u16> {
    let text = std::str::from_utf8(digits).ok().filter(|text| text.bytes().all(|b| b.is_ascii_hexdigit()))?;
    u16::from_str_radix(text, 16).ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::source::{FileId, LineIndex};

    fn source(text: &str) -> SourceText<'_> {
        SourceText { file: FileId(0), path: "a.ipynb", text }
    }

    fn message(text: &str) -> (u32, String) {
        let problem = read(source(text)).unwrap_err();
        (problem.line, problem.message)
    }

    const SHOP: &str = "{\n \"cells\": [\n  {\n   \"cell_type\": \"markdown\",\n   \"source\": [\"# no\\n\"]\n  },\n  {\n   \
        \"cell_type\": \"code\",\n   \"outputs\": [{\"text\": [\"x\"]}],\n   \"source\": [\n    \"import a\\n\",\n    \
        \"\\n\",\n    \"b = \\\"\\u00e9\\\"; c = 1\"\n   ]\n  },\n  {\"source\": \"%%time\\nd = 1\\ne = 2\\n\", \
        \"cell_type\": \"code\"},\n  {\"cell_type\": \"code\", \"source\": [\"%%bash\\n\", \"ls\"]}\n ],\n \
        \"metadata\": {\"language_info\": {\"name\": \"python\"}},\n \"nbformat\": 4\n}\n";

    #[test]
    fn lines_keep_their_place_in_the_file() {
        let notebook = read(source(SHOP)).unwrap();
        assert_eq!(notebook.text, "import a\n\nb = \"é\"; c = 1\n\nd = 1\ne = 2\n\n");
        let lines = LineIndex::with_origins(&notebook.text, notebook.origins);
        let at = |needle: &str| {
            let (line, col) = lines.position(u32::try_from(notebook.text.find(needle).unwrap()).unwrap());
            let text: String =
                SHOP.lines().nth(line as usize - 1).unwrap().chars().skip(usize::from(col) - 1).collect();
            (line, text)
        };
        assert_eq!(at("import"), (11, "import a\\n\",".to_owned()));
        assert_eq!(at("b ="), (13, "b = \\\"\\u00e9\\\"; c = 1\"".to_owned()));
        assert_eq!(at("d ="), (16, "d = 1\\ne = 2\\n\", \"cell_type\": \"code\"},".to_owned()));
        assert_eq!(at("e ="), (16, "e = 2\\n\", \"cell_type\": \"code\"},".to_owned()));
        let cells: Vec<&str> = notebook.cells.iter().map(|range| &notebook.text[*range]).collect();
        assert_eq!(cells, ["import a\n\nb = \"é\"; c = 1", "\nd = 1\ne = 2\n"]);
    }

    #[test]
    fn what_is_no_python_is_said() {
        let left_out = "The notebook is no valid JSON from here on; the file is left out";
        assert_eq!(message(""), (1, left_out.to_owned()));
        assert_eq!(message("{\n \"cells\": [\n"), (3, left_out.to_owned()));
        assert_eq!(message("{\"nbformat\": 4} x"), (1, left_out.to_owned()));
        assert_eq!(message("{\"nbformat\": 4, \"x\": \"a\nb\"}"), (1, left_out.to_owned()));
        assert_eq!(message(&"[".repeat(100_000)), (1, left_out.to_owned()));
        let old = "{\"nbformat\": 3, \"worksheets\": []}";
        assert_eq!(message(old).1, "The notebook has format 3; only format 4 is read");
        assert_eq!(message("[]").1, "The file has no `nbformat`, so it is no notebook; it is left out");
        assert_eq!(message("{\"nbformat\": 4, \"cells\": []}").1, "The notebook has no cells of code");
        let julia = "{\"nbformat\": 4, \"metadata\": {\"kernelspec\": {\"language\": \"julia\"}}, \"cells\": []}";
        assert_eq!(message(julia).1, "The notebook's language is `julia`; only Python is read");
    }

    #[test]
    fn cut_anywhere_it_is_a_problem() {
        for at in 0..SHOP.trim_end().len() {
            assert!(read(source(SHOP.get(..at).unwrap())).is_err(), "{at}");
        }
        let pair =
            "{\"nbformat\": 4, \"cells\": [{\"cell_type\": \"code\", \"source\": \"\\ud83d\\ude00\\ud83d\\n\"}]}";
        assert_eq!(read(source(pair)).unwrap().text, "\u{1f600}\u{fffd}\n\n");
    }
}
