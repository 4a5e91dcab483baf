//! Bodies as compact bytes: what shards exchange. Operands are distances, places are relative to
//! the place before, and symbols are numbered per module in order of appearance, so that most ops
//! take four or five bytes. Reading checks everything: bytes that are no body are an error.

use super::body::{Arg, ArgKind, Body, Const, Op, OpKind, Region, RegionId, RegionKind, TextPart, ValueId};
use super::codes::{anchor, binary, binary_code, collection, collection_code, loop_code, loop_kind, mode};
use super::module::{ClassIdx, FnIdx};
use super::packed::Wide;
use super::spans::Spans;
use super::symbols::Sym;
use crate::source::Span;
use rustc_hash::FxHashMap;
use thin_vec::ThinVec;

/// How the place of an op is written; the first byte of an op is its kind times [`MODES`] plus this.
pub(super) const MODES: u8 = 6;
/// The place before.
pub(super) const SAME: u8 = 0;
/// On the line where the place before ends.
pub(super) const NEAR: u8 = 1;
/// On one line.
pub(super) const LINE: u8 = 2;
/// On several lines.
pub(super) const LINES: u8 = 3;
/// From where the first operand starts to the line where the place before ends.
pub(super) const FROM_OPERAND: u8 = 4;
/// From where the first operand starts to another line.
pub(super) const FROM_OPERAND_LINES: u8 = 5;

/// Writes the bodies of a module.
#[derive(Debug, Default)]
pub(super) struct Writer {
    pub bytes: Vec<u8>,
    /// Symbols in order of appearance.
    pub symbols: Vec<Sym>,
    numbers: FxHashMap<Sym, u32>,
    place: Span,
}

/// Reads the bodies of a module.
#[derive(Debug)]
pub(super) struct Reader<'a> {
    bytes: &'a [u8],
    symbols: &'a [Sym],
    place: Span,
}

impl Writer {
    fn number(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.bytes.push((value & 0x7F) as u8 | 0x80);
            value >>= 7;
        }
        self.bytes.push(value as u8);
    }

    fn small(&mut self, value: u32) {
        self.number(u64::from(value));
    }

    fn signed(&mut self, value: i64) {
        self.number(((value << 1) ^ (value >> 63)) as u64);
    }

    fn size(&mut self, value: usize) {
        self.number(value as u64);
    }

    fn symbol(&mut self, sym: Sym) {
        let next = self.symbols.len() as u32;
        let number = *self.numbers.entry(sym).or_insert(next);
        if number == next {
            self.symbols.push(sym);
        }
        self.small(number);
    }

    /// Operands before `at` are written as their distance; 0 is for none.
    fn operand(&mut self, at: u32, value: ValueId) {
        self.small(at.wrapping_sub(value.0));
    }

    fn optional(&mut self, at: u32, value: Option<ValueId>) {
        match value {
            Some(value) => self.operand(at, value),
            None => self.small(0),
        }
    }

    fn operands(&mut self, at: u32, values: &[ValueId]) {
        self.size(values.len());
        for &value in values {
            self.operand(at, value);
        }
    }

    /// Appends `body`.
    pub fn body(&mut self, body: &Body) {
        self.size(body.ops.len());
        for (at, op) in body.ops.iter().enumerate() {
            let anchor = anchor(&op.kind).and_then(|v| body.span(v));
            let span = body.spans.get(at).unwrap_or_default();
            self.op(at as u32, &op.kind, span, anchor);
        }
        self.size(body.regions.len());
        let mut start = 0;
        for (at, region) in body.regions.iter().enumerate() {
            self.region(at as u32, region, &mut start);
        }
    }

    fn op(&mut self, at: u32, kind: &OpKind, span: Span, anchor: Option<Span>) {
        let mode = mode(&span, &self.place, anchor);
        let head = |kind: u8| kind * MODES + mode;
        macro_rules! op {
            ($kind:expr $(, $method:ident($($arg:expr),*))*) => {{
                self.bytes.push(head($kind));
                $(self.$method($($arg),*);)*
            }};
        }
        match kind {
            OpKind::Const(Const::None) => op!(0),
            OpKind::Const(Const::Bool(true)) => op!(1),
            OpKind::Const(Const::Bool(false)) => op!(2),
            OpKind::Const(Const::Int(value)) => op!(3, signed(value.get())),
            OpKind::Const(Const::Float(value)) => {
                op!(4);
                self.bytes.extend(value.get().to_le_bytes());
            }
            OpKind::Const(Const::Str(sym)) => op!(5, symbol(*sym)),
            OpKind::Const(Const::Bytes) => op!(6, small(0)),
            OpKind::Const(Const::Ellipsis) => op!(6, small(1)),
            OpKind::Break => op!(6, small(2)),
            OpKind::Continue => op!(6, small(3)),
            OpKind::ClassDef(class) => op!(6, small(4), small(class.0)),
            OpKind::Param(index) => op!(7, small(u32::from(*index))),
            OpKind::Phi(values) => {
                // Back edges: distances are signed here.
                op!(8, size(values.len()));
                for value in values {
                    self.signed(i64::from(at) - i64::from(value.0));
                }
            }
            OpKind::Global(sym) => op!(9, symbol(*sym)),
            OpKind::Captured { owner, name } => op!(10, small(owner.0), symbol(*name)),
            OpKind::Attr { base, name } => op!(11, operand(at, *base), symbol(*name)),
            OpKind::Item { base, index } => op!(12, operand(at, *base), operand(at, *index)),
            OpKind::Slice { base, bounded } => op!(13, operand(at, *base), small(u32::from(*bounded))),
            OpKind::Call { callee, args } if args.iter().all(|a| a.kind == ArgKind::Positional) => {
                op!(14, operand(at, *callee), size(args.len()));
                for arg in args {
                    self.operand(at, arg.value);
                }
            }
            OpKind::Call { callee, args } => {
                op!(15, operand(at, *callee), size(args.len()));
                for arg in args {
                    match arg.kind {
                        ArgKind::Positional => self.small(0),
                        ArgKind::Spread => self.small(1),
                        ArgKind::SpreadNamed => self.small(2),
                        ArgKind::Named(name) => {
                            self.small(3);
                            self.symbol(name);
                        }
                    }
                    self.operand(at, arg.value);
                }
            }
            OpKind::Await(value) => op!(16, operand(at, *value)),
            OpKind::Yield(value) => op!(17, optional(at, *value)),
            OpKind::YieldFrom(value) => op!(18, operand(at, *value)),
            OpKind::Return(value) => op!(19, optional(at, *value)),
            OpKind::Raise(value) => op!(20, optional(at, *value)),
            OpKind::Truth(value) => op!(21, operand(at, *value)),
            OpKind::Bind { name, value } => op!(22, operand(at, *value), symbol(*name)),
            OpKind::BindOuter { name, owner, value } => {
                op!(23, small(owner.0), operand(at, *value), symbol(*name));
            }
            OpKind::Annotated { value, annotation } => op!(24, optional(at, *value), operand(at, *annotation)),
            OpKind::StoreAttr { base, name, value } => {
                op!(25, operand(at, *base), symbol(*name), operand(at, *value));
            }
            OpKind::StoreItem { base, index, value } => {
                op!(26, operand(at, *base), operand(at, *index), operand(at, *value));
            }
            OpKind::Augment { op, old, value } => {
                op!(27, small(u32::from(binary_code(*op))), operand(at, *old), operand(at, *value));
            }
            OpKind::Delete(value) => op!(28, operand(at, *value)),
            OpKind::Element(value) => op!(29, operand(at, *value)),
            OpKind::Unpack { base, index } => op!(30, operand(at, *base), small(index.map_or(0, |i| u32::from(i) + 1))),
            OpKind::Enter { manager, is_async } => op!(31, operand(at, *manager), small(u32::from(*is_async))),
            OpKind::Caught(values) => op!(32, operands(at, values)),
            OpKind::Binary { op, left, right } => {
                op!(33, small(u32::from(binary_code(*op))), operand(at, *left), operand(at, *right));
            }
            OpKind::Not(value) => op!(34, operand(at, *value)),
            OpKind::Text(parts) => {
                op!(35, size(parts.len()));
                for part in parts {
                    match part {
                        TextPart::Literal(sym) => {
                            self.small(0);
                            self.symbol(*sym);
                        }
                        TextPart::Hole(value) => self.operand(at, *value),
                    }
                }
            }
            OpKind::Collection { kind, items } => op!(36, small(collection_code(*kind)), operands(at, items)),
            OpKind::Comprehension { kind, region, element, key } => op!(
                37,
                small(kind.map_or(0, |k| collection_code(k) + 1)),
                small(region.0),
                operand(at, *element),
                optional(at, key.get())
            ),
            OpKind::Closure(function) => op!(38, small(function.0)),
            OpKind::Other(values) => op!(39, operands(at, values)),
        }
        self.span(mode, &span);
    }

    fn span(&mut self, mode: u8, span: &Span) {
        let place = self.place;
        match mode {
            NEAR => {
                self.signed(i64::from(span.col) - i64::from(place.end_col));
                self.small(u32::from(span.end_col.wrapping_sub(span.col)));
            }
            LINE => {
                self.signed(i64::from(span.line) - i64::from(place.line));
                self.small(u32::from(span.col));
                self.small(u32::from(span.end_col.wrapping_sub(span.col)));
            }
            LINES => {
                self.signed(i64::from(span.line) - i64::from(place.line));
                self.small(u32::from(span.col));
                self.signed(i64::from(span.end_line) - i64::from(span.line));
                self.small(u32::from(span.end_col));
            }
            FROM_OPERAND => self.signed(i64::from(span.end_col) - i64::from(place.end_col)),
            FROM_OPERAND_LINES => {
                self.signed(i64::from(span.end_line) - i64::from(place.end_line));
                self.small(u32::from(span.end_col));
            }
            _ => {}
        }
        self.place = *span;
    }

    fn region(&mut self, at: u32, region: &Region, start: &mut u32) {
        let mode = mode(&region.span, &self.place, None);
        let value = |v: &Option<ValueId>| v.map_or(0, |v| region.start.wrapping_sub(v.0));
        let (kind, extra) = match &region.kind {
            RegionKind::Root => (0, None),
            RegionKind::Branch => (1, None),
            RegionKind::Arm { cond, negated: false } => (2, Some(value(cond))),
            RegionKind::Arm { cond, negated: true } => (3, Some(value(cond))),
            RegionKind::Loop { kind, iter } => (4 + loop_code(*kind), Some(value(iter))),
            RegionKind::LoopElse => (10, None),
            RegionKind::Try => (11, None),
            RegionKind::TryBody => (12, None),
            RegionKind::Handler { .. } => (13, None),
            RegionKind::TryElse => (14, None),
            RegionKind::Finally => (15, None),
            RegionKind::With { manager, is_async: false } => (16, Some(value(&Some(*manager)))),
            RegionKind::With { manager, is_async: true } => (17, Some(value(&Some(*manager)))),
            RegionKind::ClassBody(class) => (18, Some(class.0)),
        };
        self.bytes.push(kind * MODES + mode);
        if let Some(extra) = extra {
            self.small(extra);
        }
        if let RegionKind::Handler { types } = &region.kind {
            self.operands(region.start, types);
        }
        self.small(at.wrapping_sub(region.parent.0));
        self.small(region.start.wrapping_sub(*start));
        self.small(region.end.wrapping_sub(region.start));
        *start = region.start;
        self.span(mode, &region.span);
    }
}

/// `None`: the bytes are no body.
type Read<T> = Option<T>;

impl<'a> Reader<'a> {
    pub fn new(bytes: &'a [u8], symbols: &'a [Sym]) -> Self {
        Self { bytes, symbols, place: Span::default() }
    }

    /// Whether everything was read.
    pub fn is_at_end(&self) -> bool {
        self.bytes.is_empty()
    }

    fn byte(&mut self) -> Read<u8> {
        let (&byte, rest) = self.bytes.split_first()?;
        self.bytes = rest;
        Some(byte)
    }

    fn number(&mut self) -> Read<u64> {
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7F) << shift;
            if byte < 0x80 {
                return Some(value);
            }
        }
        None
    }

    fn small(&mut self) -> Read<u32> {
        // Nearly all numbers take one byte.
        match self.bytes.split_first() {
            Some((&byte, rest)) if byte < 0x80 => {
                self.bytes = rest;
                Some(u32::from(byte))
            }
            _ => u32::try_from(self.number()?).ok(),
        }
    }

    fn short(&mut self) -> Read<u16> {
        u16::try_from(self.small()?).ok()
    }

    fn signed(&mut self) -> Read<i64> {
        let value = self.number()?;
        Some((value >> 1) as i64 ^ -((value & 1) as i64))
    }

    fn moved(&mut self, from: u32) -> Read<u32> {
        u32::try_from(i64::from(from).checked_add(self.signed()?)?).ok()
    }

    fn flag(&mut self) -> Read<bool> {
        Some(self.small()? != 0)
    }

    fn symbol(&mut self) -> Read<Sym> {
        let number = self.small()?;
        self.symbols.get(number as usize).copied()
    }

    fn operand(&mut self, at: u32) -> Read<ValueId> {
        Some(ValueId(at.wrapping_sub(self.small()?)))
    }

    fn optional(&mut self, at: u32) -> Read<Option<ValueId>> {
        let distance = self.small()?;
        Some((distance != 0).then(|| ValueId(at.wrapping_sub(distance))))
    }

    /// A count of things that take at least a byte each.
    fn count(&mut self) -> Read<usize> {
        let count = self.small()? as usize;
        (count <= self.bytes.len()).then_some(count)
    }

    fn operands(&mut self, at: u32) -> Read<ThinVec<ValueId>> {
        let count = self.count()?;
        let mut values = ThinVec::with_capacity(count);
        for _ in 0..count {
            values.push(self.operand(at)?);
        }
        Some(values)
    }

    /// Reads the next body.
    pub fn body(&mut self) -> Read<Body> {
        let count = self.count()?;
        let mut ops: Vec<Op> = Vec::with_capacity(count);
        let mut spans = Spans::with_capacity(count);
        for at in 0..count {
            let head = self.byte()?;
            let kind = self.kind(head / MODES, at as u32)?;
            let anchor = anchor(&kind).and_then(|v| spans.get(v.0 as usize));
            spans.push(self.span(head % MODES, anchor)?);
            ops.push(Op { kind });
        }
        let count = self.count()?;
        let mut regions = Vec::with_capacity(count);
        let mut start = 0;
        for at in 0..count {
            regions.push(self.region(at as u32, &mut start)?);
        }
        Some(Body { ops, spans, regions })
    }

    fn kind(&mut self, code: u8, at: u32) -> Read<OpKind> {
        Some(match code {
            0 => OpKind::Const(Const::None),
            1 => OpKind::Const(Const::Bool(true)),
            2 => OpKind::Const(Const::Bool(false)),
            3 => OpKind::Const(Const::Int(Wide(self.signed()?))),
            4 => {
                let (&bytes, rest) = self.bytes.split_first_chunk::<8>()?;
                self.bytes = rest;
                OpKind::Const(Const::Float(Wide(f64::from_le_bytes(bytes))))
            }
            5 => OpKind::Const(Const::Str(self.symbol()?)),
            6 => match self.small()? {
                0 => OpKind::Const(Const::Bytes),
                1 => OpKind::Const(Const::Ellipsis),
                2 => OpKind::Break,
                3 => OpKind::Continue,
                4 => OpKind::ClassDef(ClassIdx(self.small()?)),
                _ => return None,
            },
            7 => OpKind::Param(self.short()?),
            8 => {
                let count = self.count()?;
                let mut values = ThinVec::with_capacity(count);
                for _ in 0..count {
                    values.push(ValueId(u32::try_from(i64::from(at).checked_sub(self.signed()?)?).ok()?));
                }
                OpKind::Phi(values)
            }
            9 => OpKind::Global(self.symbol()?),
            10 => OpKind::Captured { owner: FnIdx(self.small()?), name: self.symbol()? },
            11 => OpKind::Attr { base: self.operand(at)?, name: self.symbol()? },
            12 => OpKind::Item { base: self.operand(at)?, index: self.operand(at)? },
            13 => OpKind::Slice { base: self.operand(at)?, bounded: self.flag()? },
            14 => {
                let callee = self.operand(at)?;
                let count = self.count()?;
                let mut args = ThinVec::with_capacity(count);
                for _ in 0..count {
                    args.push(Arg { kind: ArgKind::Positional, value: self.operand(at)? });
                }
                OpKind::Call { callee, args }
            }
            15 => {
                let callee = self.operand(at)?;
                let count = self.count()?;
                let mut args = ThinVec::with_capacity(count);
                for _ in 0..count {
                    let kind = match self.small()? {
                        0 => ArgKind::Positional,
                        1 => ArgKind::Spread,
                        2 => ArgKind::SpreadNamed,
                        3 => ArgKind::Named(self.symbol()?),
                        _ => return None,
                    };
                    args.push(Arg { kind, value: self.operand(at)? });
                }
                OpKind::Call { callee, args }
            }
            16 => OpKind::Await(self.operand(at)?),
            17 => OpKind::Yield(self.optional(at)?),
            18 => OpKind::YieldFrom(self.operand(at)?),
            19 => OpKind::Return(self.optional(at)?),
            20 => OpKind::Raise(self.optional(at)?),
            21 => OpKind::Truth(self.operand(at)?),
            22 => {
                let value = self.operand(at)?;
                OpKind::Bind { name: self.symbol()?, value }
            }
            23 => {
                let owner = FnIdx(self.small()?);
                let value = self.operand(at)?;
                OpKind::BindOuter { name: self.symbol()?, owner, value }
            }
            24 => OpKind::Annotated { value: self.optional(at)?, annotation: self.operand(at)? },
            25 => OpKind::StoreAttr { base: self.operand(at)?, name: self.symbol()?, value: self.operand(at)? },
            26 => OpKind::StoreItem { base: self.operand(at)?, index: self.operand(at)?, value: self.operand(at)? },
            27 => {
                let op = binary(self.byte()?)?;
                OpKind::Augment { op, old: self.operand(at)?, value: self.operand(at)? }
            }
            28 => OpKind::Delete(self.operand(at)?),
            29 => OpKind::Element(self.operand(at)?),
            30 => {
                let base = self.operand(at)?;
                let index = match self.small()? {
                    0 => None,
                    more => Some(u16::try_from(more - 1).ok()?),
                };
                OpKind::Unpack { base, index }
            }
            31 => OpKind::Enter { manager: self.operand(at)?, is_async: self.flag()? },
            32 => OpKind::Caught(self.operands(at)?),
            33 => {
                let op = binary(self.byte()?)?;
                OpKind::Binary { op, left: self.operand(at)?, right: self.operand(at)? }
            }
            34 => OpKind::Not(self.operand(at)?),
            35 => {
                let count = self.count()?;
                let mut parts = ThinVec::with_capacity(count);
                for _ in 0..count {
                    parts.push(match self.optional(at)? {
                        None => TextPart::Literal(self.symbol()?),
                        Some(value) => TextPart::Hole(value),
                    });
                }
                OpKind::Text(parts)
            }
            36 => OpKind::Collection { kind: collection(self.small()?)?, items: self.operands(at)? },
            37 => {
                let kind = match self.small()? {
                    0 => None,
                    more => Some(collection(more - 1)?),
                };
                let region = RegionId(self.small()?);
                OpKind::Comprehension { kind, region, element: self.operand(at)?, key: self.optional(at)?.into() }
            }
            38 => OpKind::Closure(FnIdx(self.small()?)),
            39 => OpKind::Other(self.operands(at)?),
            _ => return None,
        })
    }

    fn span(&mut self, mode: u8, anchor: Option<Span>) -> Read<Span> {
        let place = self.place;
        let span = match mode {
            SAME => place,
            NEAR => {
                let col = u16::try_from(self.moved(u32::from(place.end_col))?).ok()?;
                let line = place.end_line;
                Span { line, col, end_line: line, end_col: col.wrapping_add(self.short()?) }
            }
            LINE => {
                let line = self.moved(place.line)?;
                let col = self.short()?;
                Span { line, col, end_line: line, end_col: col.wrapping_add(self.short()?) }
            }
            LINES => {
                let line = self.moved(place.line)?;
                let col = self.short()?;
                Span { line, col, end_line: self.moved(line)?, end_col: self.short()? }
            }
            FROM_OPERAND => {
                let Span { line, col, .. } = anchor?;
                let end_col = u16::try_from(self.moved(u32::from(place.end_col))?).ok()?;
                Span { line, col, end_line: place.end_line, end_col }
            }
            _ => {
                let Span { line, col, .. } = anchor?;
                Span { line, col, end_line: self.moved(place.end_line)?, end_col: self.short()? }
            }
        };
        self.place = span;
        Some(span)
    }

    fn region(&mut self, at: u32, start: &mut u32) -> Read<Region> {
        let head = self.byte()?;
        let code = head / MODES;
        let extra = if matches!(code, 2..=9 | 16..=18) { self.small()? } else { 0 };
        let types = if code == 13 { self.operands(0)? } else { ThinVec::new() };
        let parent = RegionId(at.wrapping_sub(self.small()?));
        *start = start.wrapping_add(self.small()?);
        let start = *start;
        let end = start.wrapping_add(self.small()?);
        let back = |distance: u32| ValueId(start.wrapping_sub(distance));
        let value = (extra != 0).then(|| back(extra));
        let kind = match code {
            0 => RegionKind::Root,
            1 => RegionKind::Branch,
            2 | 3 => RegionKind::Arm { cond: value, negated: code == 3 },
            4..=9 => RegionKind::Loop { kind: loop_kind(code - 4)?, iter: value },
            10 => RegionKind::LoopElse,
            11 => RegionKind::Try,
            12 => RegionKind::TryBody,
            13 => RegionKind::Handler { types: types.iter().map(|v| ValueId(start.wrapping_add(v.0))).collect() },
            14 => RegionKind::TryElse,
            15 => RegionKind::Finally,
            16 | 17 => RegionKind::With { manager: back(extra), is_async: code == 17 },
            18 => RegionKind::ClassBody(ClassIdx(extra)),
            _ => return None,
        };
        let span = self.span(head % MODES, None)?;
        Some(Region { kind, parent, start, end, span })
    }
}
