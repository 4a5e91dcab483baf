//! Reading literal values of a linked project: texts with their holes filled, lists, keywords, names
//! behind import aliases.

use crate::analysis::code::Symbol;
use crate::analysis::{ClassId, FuncId, Project, Type, source_of};
use crate::languages::sql::HOLE;
use crate::model::{Arg, ArgKind, BinaryOp, Const, ImportKind, OpKind, Sym, TextPart, ValueId};

/// A value with the function whose body it stands in.
pub(in crate::analysis) type At = (FuncId, ValueId);

/// Most alternatives that a name bound by a loop over a literal list has.
const ALTERNATIVES: usize = 64;

impl Project {
    /// A text; what is put in at run time and cannot be told is [`HOLE`].
    pub(crate) fn schema_text(&self, (f, v): At) -> Option<String> {
        self.text_at((f, v), 0)
    }

    fn text_at(&self, (f, v): At, depth: u32) -> Option<String> {
        let (f, v) = self.origin(f, v);
        if depth > 6 {
            return None;
        }
        match &self.code().op(f, v)?.kind {
            OpKind::Const(Const::Str(s)) => Some(self.text(*s).to_owned()),
            OpKind::Const(Const::Int(i)) => Some(i.get().to_string()),
            OpKind::Text(parts) => {
                let mut out = String::new();
                for part in parts {
                    match part {
                        TextPart::Literal(s) => out.push_str(self.text(*s)),
                        TextPart::Hole(v) => match self.text_at((f, *v), depth + 1) {
                            Some(text) => out.push_str(&text),
                            None => out.push(HOLE),
                        },
                    }
                }
                Some(out)
            }
            OpKind::Binary { op: BinaryOp::Add, left, right } => {
                let left = self.text_at((f, *left), depth + 1)?;
                let right = self.text_at((f, *right), depth + 1).unwrap_or_else(|| HOLE.to_string());
                Some(left + &right)
            }
            // `text("…")`, `op.f("…")`, `sa.DDL("…")`, `"…".strip()`
            OpKind::Call { callee, args } => {
                let name = self.short_name((f, *callee)).unwrap_or("");
                if matches!(name, "text" | "f" | "DDL" | "SQL" | "dedent" | "conv" | "_" | "gettext_lazy") {
                    return self.text_at((f, args.first()?.value), depth + 1);
                }
                match self.code().op(f, *callee).map(|op| &op.kind) {
                    Some(OpKind::Attr { base, .. }) if matches!(name, "strip" | "lstrip" | "rstrip") => {
                        self.text_at((f, *base), depth + 1)
                    }
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// All texts that a value may be: the elements of a literal list that a loop runs over.
    pub(in crate::analysis) fn schema_texts(&self, at: At) -> Vec<String> {
        if let Some(text) = self.schema_text(at) {
            return vec![text];
        }
        let (f, v) = self.origin(at.0, at.1);
        match self.code().op(f, v).map(|op| &op.kind) {
            Some(OpKind::Element(list)) => self
                .schema_items((f, *list))
                .into_iter()
                .take(ALTERNATIVES)
                .filter_map(|item| self.schema_text(item))
                .collect(),
            Some(OpKind::Unpack { base, index: Some(index) }) => {
                let (f, base) = self.origin(f, *base);
                let Some(OpKind::Element(list)) = self.code().op(f, base).map(|op| &op.kind) else { return Vec::new() };
                self.schema_items((f, *list))
                    .into_iter()
                    .take(ALTERNATIVES)
                    .filter_map(|item| {
                        let part = self.schema_items(item).into_iter().nth(usize::from(*index))?;
                        self.schema_text(part)
                    })
                    .collect()
            }
            _ => Vec::new(),
        }
    }

    /// The elements of a list, tuple or set; of several joined by `+`.
    pub(crate) fn schema_items(&self, (f, v): At) -> Vec<At> {
        let (f, v) = self.origin(f, v);
        match self.code().op(f, v).map(|op| &op.kind) {
            Some(OpKind::Collection { items, .. }) => items.iter().map(|v| (f, *v)).collect(),
            Some(OpKind::Binary { op: BinaryOp::Add, left, right }) if left.0 < v.0 && right.0 < v.0 => {
                let mut out = self.schema_items((f, *left));
                out.extend(self.schema_items((f, *right)));
                out
            }
            _ => Vec::new(),
        }
    }

    /// The callee and arguments of a call.
    pub(crate) fn schema_call(&self, (f, v): At) -> Option<(At, &[Arg])> {
        let (f, v) = self.origin(f, v);
        match &self.code().op(f, v)?.kind {
            OpKind::Call { callee, args } => Some(((f, *callee), args)),
            _ => None,
        }
    }

    /// The last part of a name: `Column` of `sa.Column`, and of `C` imported as such.
    pub(crate) fn short_name(&self, (f, v): At) -> Option<&str> {
        if let Type::LibRef(name) = self.ty(f, v) {
            return self.text(*name).rsplit('.').next();
        }
        match &self.code().op(f, v)?.kind {
            OpKind::Attr { name, .. } => Some(self.text(*name)),
            OpKind::Global(name) | OpKind::Captured { name, .. } => {
                let module = self.code().module_of(f);
                let import = match self.code().symbols.get(module.0 as usize)?.get(name) {
                    Some(Symbol::Import(i)) => self.code().module(module)?.imports.get(*i as usize),
                    _ => None,
                };
                Some(match import.map(|import| &import.kind) {
                    Some(ImportKind::Member { name, .. }) => self.text(*name),
                    _ => self.text(*name),
                })
            }
            OpKind::Bind { value, .. } => self.short_name((f, *value)),
            OpKind::Call { callee, .. } => self.short_name((f, *callee)),
            _ => None,
        }
    }

    /// A keyword argument.
    pub(crate) fn schema_keyword(&self, args: &[Arg], name: &str) -> Option<ValueId> {
        args.iter().find(|arg| matches!(arg.kind, ArgKind::Named(n) if self.text(n) == name)).map(|arg| arg.value)
    }

    /// A truth value among keywords.
    pub(crate) fn schema_flag(&self, f: FuncId, args: &[Arg], name: &str) -> Option<bool> {
        let (f, v) = self.origin(f, self.schema_keyword(args, name)?);
        match self.code().op(f, v)?.kind {
            OpKind::Const(Const::Bool(value)) => Some(value),
            _ => None,
        }
    }

    /// The class that a value names.
    pub(crate) fn schema_class(&self, (f, v): At) -> Option<ClassId> {
        if let Type::ClassObj(class) = self.ty(f, v) {
            return Some(*class);
        }
        let source = source_of(self.code().body(f), v);
        match &self.code().op(f, source)?.kind {
            OpKind::Global(name) => match self.code().symbols.get(self.code().module_of(f).0 as usize)?.get(name)? {
                Symbol::Class(class) => Some(*class),
                Symbol::Import(_) => self.orm().named(Some(*name)),
                _ => None,
            },
            OpKind::Const(Const::Str(name)) => {
                let short = self.text(*name).rsplit('.').next().unwrap_or("");
                self.orm().named(self.sym(short))
            }
            _ => None,
        }
    }

    /// The name under which a value is bound, for columns named in a class body.
    pub(super) fn bound_name(&self, (f, v): At) -> Option<Sym> {
        match self.code().op(f, v)?.kind {
            OpKind::Bind { name, .. } => Some(name),
            _ => None,
        }
    }

    /// Positional arguments.
    pub(super) fn positional(args: &[Arg]) -> impl Iterator<Item = ValueId> + '_ {
        args.iter().filter(|arg| arg.kind == ArgKind::Positional).map(|arg| arg.value)
    }

    /// The line of a value.
    pub(super) fn line_of(&self, (f, v): At) -> u32 {
        self.code().span(f, v).map_or(1, |span| span.line)
    }
}
