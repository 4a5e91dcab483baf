//! One quick pass over the bytes in front of the parser: refuses source that nests so deeply that
//! a recursive parser (or the recursive drop of its tree) would overflow a one-megabyte stack, and
//! notes the comments on the way. Knows tokens, not grammar; where it errs it counts too much.

use memchr::memchr2;

/// Most that one statement may nest, in units of a link of a left-leaning chain (`a.b.c`, `a + b + c`).
const LIMIT: u32 = 1000;
/// A bracket costs the parser about this many links.
const BRACKET: u32 = 10;
/// What recurses on its right side (`not`, `lambda`, `**`, `… if … else`) costs this many.
const RIGHT: u32 = 5;
/// An enclosing block costs this many.
const BLOCK: u32 = 5;
/// Most enclosing blocks (CPython's own limit).
const MAX_BLOCKS: usize = 100;

/// What the pass found.
#[derive(Debug, Default)]
pub(super) struct Scan {
    /// Byte at which the source became too deep, if it did (the pass stops there).
    pub too_deep: Option<u32>,
    /// Byte ranges of comments, `#` included.
    pub comments: Vec<(u32, u32)>,
    /// Bytes at which `:=` stands, ascending.
    pub walruses: Vec<u32>,
}

/// The quotes of the string at hand.
#[derive(Clone, Copy)]
struct Quotes {
    mark: u8,
    triple: bool,
    /// In the format part of a hole (`{x:…}`).
    spec: bool,
}

/// What encloses the code at hand.
#[derive(Clone, Copy)]
enum Kind {
    Top,
    Bracket {
        /// Opened right after an operand: a call or subscript.
        postfix: bool,
    },
    /// `{…}` of an f-string.
    Hole(Quotes),
}

struct Level {
    kind: Kind,
    /// Weight of what was chained at this level since its last comma.
    chain: u32,
    /// `lambda`s whose colon is still to come.
    lambdas: u32,
}

struct Scanner<'a> {
    bytes: &'a [u8],
    at: usize,
    levels: Vec<Level>,
    /// Weight of all levels together.
    total: u32,
    blocks: Vec<u32>,
    /// The last token could be an operand's end.
    after_operand: bool,
    out: Scan,
}

/// Scans `source`.
pub(super) fn scan(source: &str) -> Scan {
    let mut scanner = Scanner {
        bytes: source.as_bytes(),
        at: 0,
        levels: vec![Level { kind: Kind::Top, chain: 0, lambdas: 0 }],
        total: 0,
        blocks: vec![0],
        after_operand: false,
        out: Scan::default(),
    };
    scanner.line_start();
    scanner.run();
    scanner.out
}

/// Part of a name or number.
const NAME: u8 = 1;
/// White space within a line.
const BLANK: u8 = 2;
/// Neither ends nor continues a string in single quotes, nor escapes anything in it.
const IN_SINGLE: u8 = 4;
/// Likewise in double quotes.
const IN_DOUBLE: u8 = 8;

/// What each byte can be: most of a file is names, blanks and strings, which are skipped by this.
static CLASSES: [u8; 256] = {
    let mut classes = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let mut class = match byte as u8 {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | 0x80.. => NAME,
            b' ' | b'\t' | 0x0C => BLANK,
            _ => 0,
        };
        if !matches!(byte as u8, b'\'' | b'\\' | b'\n' | b'\r') {
            class |= IN_SINGLE;
        }
        if !matches!(byte as u8, b'"' | b'\\' | b'\n' | b'\r') {
            class |= IN_DOUBLE;
        }
        classes[byte] = class;
        byte += 1;
    }
    classes
};

impl Scanner<'_> {
    /// Goes on to the next byte that is not of `class`, or to the end.
    fn skip(&mut self, class: u8) {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let is = |byte: u8| CLASSES.get(usize::from(byte)).is_some_and(|of| of & class != 0);
        self.at += rest.iter().position(|&byte| !is(byte)).unwrap_or(rest.len());
    }

    /// Goes on to where `found` says within the rest of the source, or to the end.
    fn skip_to(&mut self, found: impl Fn(&[u8]) -> Option<usize>) {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        self.at += found(rest).unwrap_or(rest.len());
    }

    fn peek(&self, ahead: usize) -> u8 {
        self.bytes.get(self.at + ahead).copied().unwrap_or(0)
    }

    fn run(&mut self) {
        while self.at < self.bytes.len() && self.out.too_deep.is_none() {
            let byte = self.peek(0);
            match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'_' | 0x80.. => self.word(),
                b' ' | b'\t' | 0x0C => self.skip(BLANK),
                b'\n' | b'\r' => {
                    self.at += 1;
                    if self.levels.len() == 1 {
                        self.reset();
                        self.after_operand = false;
                        self.line_start();
                    }
                }
                b'0'..=b'9' => {
                    while matches!(self.peek(0), b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'_' | b'.') {
                        self.at += 1;
                    }
                    self.after_operand = true;
                }
                b'#' => self.comment(),
                b'"' | b'\'' => self.string(false),
                b'(' | b'[' | b'{' => {
                    self.at += 1;
                    let postfix = self.after_operand;
                    self.open(Kind::Bracket { postfix });
                }
                b')' | b']' | b'}' => self.close(byte),
                b',' => {
                    self.at += 1;
                    self.after_operand = false;
                    if self.levels.last().is_some_and(|l| l.lambdas == 0) {
                        self.reset();
                    }
                }
                b';' => {
                    self.at += 1;
                    self.after_operand = false;
                    if self.levels.len() == 1 {
                        self.reset();
                    }
                }
                b':' => self.colon(),
                b'\\' => self.at += if self.peek(1) == b'\r' && self.peek(2) == b'\n' { 3 } else { 2 },
                b'.' => {
                    self.at += 1;
                    self.after_operand = false;
                    self.add(1);
                }
                b'-' if self.peek(1) == b'>' => self.at += 2,
                b'+' | b'-' | b'~' | b'*' | b'/' | b'%' | b'@' | b'&' | b'|' | b'^' => self.operator(byte),
                _ => {
                    self.at += 1;
                    self.after_operand = false;
                }
            }
        }
    }

    fn operator(&mut self, byte: u8) {
        let double = byte == b'*' && self.peek(1) == b'*';
        let weight = if self.after_operand && !double { 1 } else { RIGHT };
        self.at += if double { 2 } else { 1 };
        self.after_operand = false;
        self.add(weight);
    }

    fn colon(&mut self) {
        self.after_operand = false;
        if self.peek(1) == b'=' {
            self.out.walruses.push(number(self.at));
        }
        self.at += 1;
        let Some(level) = self.levels.last_mut() else { return };
        if level.lambdas > 0 {
            level.lambdas -= 1;
        } else if let Kind::Hole(quotes) = level.kind {
            self.literal(Quotes { spec: true, ..quotes });
        }
    }

    fn word(&mut self) {
        let start = self.at;
        self.skip(NAME);
        let word = self.bytes.get(start..self.at).unwrap_or_default();
        if word.len() <= 2
            && matches!(self.peek(0), b'"' | b'\'')
            && word.iter().all(|b| matches!(b.to_ascii_lowercase(), b'r' | b'b' | b'f' | b'u' | b't'))
        {
            self.string(word.iter().any(|b| matches!(b.to_ascii_lowercase(), b'f' | b't')));
            return;
        }
        self.after_operand = match word {
            // No keyword that matters here is longer.
            _ if word.len() > 6 => true,
            b"not" | b"else" | b"await" | b"async" | b"yield" => {
                self.add(RIGHT);
                false
            }
            b"lambda" => {
                if let Some(level) = self.levels.last_mut() {
                    level.lambdas += 1;
                }
                self.add(RIGHT);
                false
            }
            b"and" | b"or" | b"in" | b"is" | b"if" | b"return" | b"print" | b"assert" | b"del" | b"raise" | b"from" => {
                false
            }
            _ => true,
        };
    }

    fn comment(&mut self) {
        let start = self.at;
        self.skip_to(|rest| memchr2(b'\n', b'\r', rest));
        self.out.comments.push((number(start), number(self.at)));
    }

    fn string(&mut self, has_holes: bool) {
        let mark = self.peek(0);
        let triple = self.peek(1) == mark && self.peek(2) == mark;
        self.at += if triple { 3 } else { 1 };
        self.after_operand = true;
        if has_holes {
            self.literal(Quotes { mark, triple, spec: false });
            return;
        }
        while self.at < self.bytes.len() {
            if triple {
                self.skip_to(|rest| memchr2(mark, b'\\', rest));
            } else {
                self.skip(if mark == b'"' { IN_DOUBLE } else { IN_SINGLE });
            }
            match self.peek(0) {
                b'\\' => self.at += 2,
                b'\n' | b'\r' => return,
                byte if byte == mark && (!triple || (self.peek(1) == mark && self.peek(2) == mark)) => {
                    self.at += if triple { 3 } else { 1 };
                    return;
                }
                _ => self.at += 1,
            }
        }
    }

    /// The text of an f-string (or of a format part) up to its end or its next hole.
    fn literal(&mut self, quotes: Quotes) {
        while self.at < self.bytes.len() {
            match self.peek(0) {
                b'\\' => self.at += 2,
                b'\n' | b'\r' if !quotes.triple => break,
                b'{' if !quotes.spec && self.peek(1) == b'{' => self.at += 2,
                b'{' => {
                    self.at += 1;
                    self.open(Kind::Hole(quotes));
                    return;
                }
                b'}' if quotes.spec => {
                    self.close(b'}');
                    return;
                }
                byte if byte == quotes.mark
                    && (!quotes.triple || (self.peek(1) == quotes.mark && self.peek(2) == quotes.mark)) =>
                {
                    self.at += if quotes.triple { 3 } else { 1 };
                    break;
                }
                _ => self.at += 1,
            }
        }
        // The string ends; so do holes that a broken format part leaves open.
        if quotes.spec {
            while let Some(Level { kind: Kind::Hole(outer), .. }) = self.levels.last()
                && outer.mark == quotes.mark
            {
                self.drop_level();
            }
        }
        self.after_operand = true;
    }

    fn open(&mut self, kind: Kind) {
        self.after_operand = false;
        self.levels.push(Level { kind, chain: 0, lambdas: 0 });
        self.total += BRACKET;
        self.check();
    }

    fn drop_level(&mut self) -> Option<Kind> {
        if self.levels.len() == 1 {
            return None;
        }
        let level = self.levels.pop()?;
        self.total = self.total.saturating_sub(level.chain + BRACKET);
        Some(level.kind)
    }

    fn close(&mut self, byte: u8) {
        self.at += 1;
        self.after_operand = true;
        match self.levels.last().map(|l| l.kind) {
            Some(Kind::Hole(quotes)) if byte == b'}' => {
                self.drop_level();
                self.literal(quotes);
            }
            Some(Kind::Bracket { postfix }) => {
                self.drop_level();
                if postfix {
                    self.add(1);
                }
            }
            _ => {}
        }
    }

    fn add(&mut self, weight: u32) {
        if let Some(level) = self.levels.last_mut() {
            level.chain += weight;
            self.total += weight;
            self.check();
        }
    }

    fn reset(&mut self) {
        if let Some(level) = self.levels.last_mut() {
            self.total = self.total.saturating_sub(level.chain);
            level.chain = 0;
            level.lambdas = 0;
        }
    }

    fn check(&mut self) {
        let blocks = number(self.blocks.len()) * BLOCK;
        if self.total + blocks > LIMIT + BLOCK {
            self.out.too_deep = Some(number(self.at));
        }
    }

    /// At the start of a logical line: follows the indentation.
    fn line_start(&mut self) {
        let mut width = 0;
        loop {
            match self.peek(0) {
                b' ' => width += 1,
                b'\t' => width = (width / 8 + 1) * 8,
                0x0C => width = 0,
                b'\n' | b'\r' | b'#' => return,
                _ => break,
            }
            self.at += 1;
        }
        while self.blocks.last().is_some_and(|&b| b > width) && self.blocks.len() > 1 {
            self.blocks.pop();
        }
        if self.blocks.last().is_none_or(|&b| b < width) {
            self.blocks.push(width);
            if self.blocks.len() > MAX_BLOCKS {
                self.out.too_deep = Some(number(self.at));
            }
        }
    }
}

fn number(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
