//! Tags: loops, branches, names, includes. A template becomes one function whose parameters are the
//! names that it takes from its context.

use super::expr::Cursor;
use super::lex::{Piece, PieceKind, Token, tokens};
use crate::model::{
    Arg, ArgKind, Body, Interner, LoopKind, Op, OpKind, Region, RegionId, RegionKind, Spans, Sym, TEMPLATE_EXTENDS,
    TEMPLATE_INCLUDE, TextPart, ValueId,
};
use crate::source::{LineIndex, Span};
use thin_vec::thin_vec;

/// Regions that may be open at once; what nests deeper is read without its structure.
const DEEPEST: usize = 60;
/// Variables that an include hands on.
const MOST_HANDED: usize = 16;

/// What a block tag opened.
#[derive(Debug)]
struct Open {
    /// `for`, `if`, `with`, …
    tag: &'static str,
    /// Regions to close with it.
    regions: u32,
    /// Length of the scope before it.
    scope: usize,
}

/// One template under way.
#[derive(Debug)]
pub(super) struct Lowerer<'n> {
    pub names: &'n mut Interner,
    ops: Vec<Op>,
    spans: Spans,
    regions: Vec<Region>,
    open_regions: Vec<RegionId>,
    open: Vec<Open>,
    scope: Vec<(Sym, ValueId)>,
    span: Span,
    /// Names taken from the context, in order.
    pub free: Vec<Sym>,
}

impl<'n> Lowerer<'n> {
    /// With the parameters that a first reading found.
    pub fn new(names: &'n mut Interner, params: &[Sym], whole: Span) -> Self {
        let root = Region { kind: RegionKind::Root, parent: RegionId::ROOT, start: 0, end: 0, span: whole };
        let mut lowerer = Self {
            names,
            ops: Vec::new(),
            spans: Spans::default(),
            regions: vec![root],
            open_regions: vec![RegionId::ROOT],
            open: Vec::new(),
            scope: Vec::new(),
            span: Span { end_line: whole.line, ..whole },
            free: Vec::new(),
        };
        for (i, name) in params.iter().enumerate() {
            let value = lowerer.push(OpKind::Param(u16::try_from(i).unwrap_or(u16::MAX)));
            lowerer.scope.push((*name, value));
        }
        lowerer
    }

    pub fn push(&mut self, kind: OpKind) -> ValueId {
        let value = ValueId(u32::try_from(self.ops.len()).unwrap_or(u32::MAX));
        self.ops.push(Op { kind });
        self.spans.push(self.span);
        value
    }

    /// A name: of a loop, a `with`, or of the context.
    pub fn variable(&mut self, name: &str) -> ValueId {
        let name = self.names.intern(name);
        if let Some((_, value)) = self.scope.iter().rev().find(|(known, _)| *known == name) {
            return *value;
        }
        if !self.free.contains(&name) {
            self.free.push(name);
        }
        self.push(OpKind::Global(name))
    }

    fn bind(&mut self, name: &str, value: ValueId) {
        let name = self.names.intern(name);
        let value = self.push(OpKind::Bind { name, value });
        self.scope.push((name, value));
    }

    fn enter(&mut self, kind: RegionKind) -> bool {
        if self.open_regions.len() >= DEEPEST {
            return false;
        }
        let id = RegionId(u32::try_from(self.regions.len()).unwrap_or(u32::MAX));
        let parent = self.open_regions.last().copied().unwrap_or(RegionId::ROOT);
        let start = u32::try_from(self.ops.len()).unwrap_or(u32::MAX);
        self.regions.push(Region { kind, parent, start, end: start, span: self.span });
        self.open_regions.push(id);
        true
    }

    fn leave(&mut self) {
        if self.open_regions.len() < 2 {
            return;
        }
        let end = u32::try_from(self.ops.len()).unwrap_or(u32::MAX);
        if let Some(id) = self.open_regions.pop()
            && let Some(region) = self.regions.get_mut(id.0 as usize)
        {
            region.end = end;
            region.span.end_line = region.span.end_line.max(self.span.line);
        }
    }

    /// Reads all pieces.
    pub fn read(&mut self, pieces: &[Piece<'_>], lines: &LineIndex<'_>) {
        for piece in pieces {
            let ((line, col), (end_line, end_col)) = (lines.position(piece.start), lines.position(piece.end));
            self.span = Span { line, col, end_line, end_col };
            let found = tokens(piece.text);
            let mut cursor = Cursor::new(&found);
            match piece.kind {
                PieceKind::Value => {
                    if let Some(value) = self.expression(&mut cursor)
                        && !matches!(self.ops.get(value.0 as usize).map(|op| &op.kind), Some(OpKind::Call { .. }))
                    {
                        self.push(OpKind::Text(thin_vec![TextPart::Hole(value)]));
                    }
                }
                PieceKind::Tag => self.tag(&mut cursor),
            }
        }
        while !self.open.is_empty() {
            self.close();
        }
    }

    /// The body.
    pub fn finish(mut self) -> Body {
        let end = u32::try_from(self.ops.len()).unwrap_or(u32::MAX);
        if let Some(root) = self.regions.first_mut() {
            root.end = end;
        }
        Body { ops: self.ops, spans: self.spans, regions: self.regions }
    }

    fn close(&mut self) {
        let Some(open) = self.open.pop() else { return };
        for _ in 0..open.regions {
            self.leave();
        }
        self.scope.truncate(open.scope);
    }

    fn begin(&mut self, tag: &'static str) {
        self.open.push(Open { tag, regions: 0, scope: self.scope.len() });
    }

    /// A region that belongs to the innermost block.
    fn region(&mut self, kind: RegionKind) {
        if self.enter(kind)
            && let Some(open) = self.open.last_mut()
        {
            open.regions += 1;
        }
    }

    fn end(&mut self, tag: &str) {
        if !self.open.iter().any(|open| open.tag == tag) {
            return;
        }
        while let Some(open) = self.open.last() {
            let wanted = open.tag == tag;
            self.close();
            if wanted {
                break;
            }
        }
    }

    fn tag(&mut self, cursor: &mut Cursor<'_>) {
        let Some(Token::Name(name)) = cursor.next() else { return };
        match name {
            "for" => self.loop_tag(cursor),
            "if" => self.branch(cursor),
            "elif" | "else" | "empty" => self.arm(cursor, name == "elif"),
            "with" => {
                self.begin("with");
                self.assignments(cursor);
            }
            "set" => {
                if let Some(name) = cursor.named()
                    && let Some(value) = self.expression(cursor)
                {
                    self.bind(name, value);
                }
            }
            "include" => self.include(cursor, TEMPLATE_INCLUDE),
            "extends" => self.include(cursor, TEMPLATE_EXTENDS),
            "macro" => {
                self.begin("macro");
                cursor.next();
                self.macro_parameters(cursor);
            }
            "endfor" | "endif" | "endwith" | "endmacro" => self.end(name.trim_start_matches("end")),
            "block" | "load" | "import" | "from" | "cache" | "trans" | "url" | "autoescape" | "spaceless" => {
                if matches!(name, "url" | "trans") {
                    cursor.next();
                    self.arguments(cursor, "as");
                }
            }
            name if name.starts_with("end") => {}
            _ => self.custom(name, cursor),
        }
    }

    fn loop_tag(&mut self, cursor: &mut Cursor<'_>) {
        let mut targets = Vec::new();
        while let Some(token) = cursor.next() {
            match token {
                Token::Name("in") => break,
                Token::Name(name) => targets.push(name),
                _ => {}
            }
        }
        self.begin("for");
        let Some(iterated) = self.iterated(cursor) else { return };
        self.region(RegionKind::Loop { kind: LoopKind::For, iter: Some(iterated) });
        let element = self.push(OpKind::Element(iterated));
        match targets.as_slice() {
            [one] => self.bind(one, element),
            several => {
                for (i, name) in several.iter().enumerate() {
                    let part = self.push(OpKind::Unpack { base: element, index: u16::try_from(i).ok() });
                    self.bind(name, part);
                }
            }
        }
        for implied in ["forloop", "loop"] {
            let counter = self.push(OpKind::Other(Vec::new().into()));
            let name = self.names.intern(implied);
            self.scope.push((name, counter));
        }
        // Jinja: `for x in xs if x.shown`
        if cursor.word("if") {
            self.expression(cursor);
        }
    }

    fn branch(&mut self, cursor: &mut Cursor<'_>) {
        self.begin("if");
        let cond = self.expression(cursor).map(|value| self.push(OpKind::Truth(value)));
        self.region(RegionKind::Branch);
        self.region(RegionKind::Arm { cond, negated: false });
    }

    fn arm(&mut self, cursor: &mut Cursor<'_>, tested: bool) {
        match self.open.last().map(|open| open.tag) {
            Some("if") => {
                let regions = self.open.last().map_or(0, |open| open.regions);
                if regions == 2 {
                    self.leave();
                    if let Some(open) = self.open.last_mut() {
                        open.regions = 1;
                    }
                }
                let cond =
                    if tested { self.expression(cursor).map(|value| self.push(OpKind::Truth(value))) } else { None };
                self.region(RegionKind::Arm { cond, negated: false });
            }
            Some("for") => {
                // What follows runs once, after the loop.
                let scope = self.open.last().map_or(0, |open| open.scope);
                if self.open.last().is_some_and(|open| open.regions > 0) {
                    self.leave();
                    if let Some(open) = self.open.last_mut() {
                        open.regions -= 1;
                    }
                }
                self.scope.truncate(scope);
            }
            _ => {}
        }
    }

    /// `a=x b=y`, or `x as a`
    fn assignments(&mut self, cursor: &mut Cursor<'_>) {
        while !cursor.done() {
            if let Some(name) = cursor.named() {
                match self.expression(cursor) {
                    Some(value) => self.bind(name, value),
                    None => return,
                }
            } else if let Some(value) = self.expression(cursor) {
                if cursor.word("as")
                    && let Some(Token::Name(name)) = cursor.next()
                {
                    self.bind(name, value);
                }
            } else {
                cursor.next();
            }
            cursor.take(",");
        }
    }

    fn macro_parameters(&mut self, cursor: &mut Cursor<'_>) {
        cursor.take("(");
        while let Some(token) = cursor.next() {
            if let Token::Name(name) = token {
                let value = self.push(OpKind::Other(Vec::new().into()));
                self.bind(name, value);
            }
        }
    }

    /// The included template gets the variables in scope and those that the tag adds.
    fn include(&mut self, cursor: &mut Cursor<'_>, what: &str) {
        let Some(template) = self.expression(cursor) else { return };
        let mut args = vec![Arg { kind: ArgKind::Positional, value: template }];
        let mut only = false;
        while !cursor.done() {
            if cursor.word("with") {
                continue;
            }
            if cursor.word("only") {
                only = true;
                continue;
            }
            match cursor.named() {
                Some(name) => {
                    let kind = ArgKind::Named(self.names.intern(name));
                    match self.expression(cursor) {
                        Some(value) => args.push(Arg { kind, value }),
                        None => break,
                    }
                }
                None => {
                    cursor.next();
                }
            }
        }
        if !only {
            let mut handed: Vec<(Sym, ValueId)> = Vec::new();
            for (name, value) in self.scope.iter().rev() {
                let known =
                    handed.iter().any(|(n, _)| n == name) || args.iter().any(|arg| arg.kind == ArgKind::Named(*name));
                if !known && handed.len() < MOST_HANDED {
                    handed.push((*name, *value));
                }
            }
            args.extend(handed.into_iter().map(|(name, value)| Arg { kind: ArgKind::Named(name), value }));
        }
        self.call(what, args);
    }

    /// A tag of the project's own: `{% book_title book as title %}`.
    fn custom(&mut self, name: &str, cursor: &mut Cursor<'_>) {
        let mut args = Vec::new();
        while !cursor.done() {
            if cursor.word("as") {
                let value = self.call(name, args);
                if let Some(Token::Name(bound)) = cursor.next() {
                    self.bind(bound, value);
                }
                return;
            }
            self.argument(cursor, &mut args);
        }
        self.call(name, args);
    }
}
