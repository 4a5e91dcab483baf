//! Statements that code reads from `.sql` files: which file a value's text comes from.

use super::code::{Code, FuncId, Symbol};
use super::flow::source_of;
use crate::model::{Const, FnIdx, Interner, OpKind, TextPart, ValueId};

/// The `.sql` files of a project, by path, and what it takes to follow a value to one.
#[derive(Clone, Copy, Debug)]
pub(super) struct SqlFiles<'a> {
    pub code: &'a Code,
    pub names: &'a Interner,
    pub scripts: &'a [(String, String)],
}

impl<'a> SqlFiles<'a> {
    /// The text of the file that `v` is read from: `open("queries/x.sql").read()`,
    /// `(FOLDER / "x.sql").read_text()`, `load("x")` of a function that adds the extension.
    pub fn text(&self, f: FuncId, v: ValueId) -> Option<&'a str> {
        if self.scripts.is_empty() {
            return None;
        }
        let named = self.named(f, v, 0)?;
        let fits = |path: &str| path.strip_suffix(named.as_str()).is_some_and(|b| b.is_empty() || b.ends_with('/'));
        let by_path: Vec<&(String, String)> = self.scripts.iter().filter(|(path, _)| fits(path)).collect();
        let last = named.rsplit('/').next().unwrap_or(&named);
        let by_name = || self.scripts.iter().filter(|(path, _)| path.rsplit('/').next() == Some(last)).collect();
        let found: Vec<&(String, String)> = if by_path.is_empty() { by_name() } else { by_path };
        // Of several, the one nearest to the code.
        let here = self.code.path(f);
        let near = |path: &str| path.split('/').zip(here.split('/')).take_while(|(a, b)| a == b).count();
        let most = found.iter().map(|(path, _)| near(path)).max()?;
        let mut nearest = found.into_iter().filter(|(path, _)| near(path) == most);
        match (nearest.next(), nearest.next()) {
            (Some((_, text)), None) => Some(text),
            _ => None,
        }
    }

    fn named(&self, f: FuncId, v: ValueId, depth: u32) -> Option<String> {
        if depth > 8 {
            return None;
        }
        let body = self.code.body(f);
        let v = source_of(body, v);
        let kind = &body.op(v)?.kind;
        match kind {
            OpKind::Const(Const::Str(s)) => {
                let text = self.names.text(*s).trim_start_matches("./");
                return text.ends_with(".sql").then(|| text.to_owned());
            }
            OpKind::Global(name) => {
                let top = self.code.func_id(self.code.module_of(f), FnIdx(0));
                let bound = self.code.body(top).ops.iter().find_map(|op| match op.kind {
                    OpKind::Bind { name: n, value } if n == *name => Some(value),
                    _ => None,
                })?;
                return self.named(top, bound, depth + 1);
            }
            OpKind::Call { callee, args } => {
                if let Some(g) = self.called(f, *callee)
                    && self.adds_extension(g)
                {
                    let given = args.iter().find_map(|arg| self.literal(f, arg.value))?;
                    return Some(if given.ends_with(".sql") { given } else { given + ".sql" });
                }
            }
            OpKind::Attr { .. } | OpKind::Binary { .. } | OpKind::Enter { .. } | OpKind::Await(_) => {}
            _ => return None,
        }
        let mut operands: Vec<ValueId> = Vec::new();
        kind.operands(|operand| operands.push(operand));
        operands.into_iter().filter(|o| o.0 < v.0).find_map(|o| self.named(f, o, depth + 1))
    }

    fn literal(&self, f: FuncId, v: ValueId) -> Option<String> {
        match self.code.op(f, source_of(self.code.body(f), v))?.kind {
            OpKind::Const(Const::Str(s)) => Some(self.names.text(s).to_owned()),
            _ => None,
        }
    }

    /// The function of this module, or of the class around, that a callee names.
    fn called(&self, f: FuncId, callee: ValueId) -> Option<FuncId> {
        let code = self.code;
        let module = code.module_of(f);
        match code.op(f, source_of(code.body(f), callee))?.kind {
            OpKind::Closure(g) => Some(code.func_id(module, g)),
            OpKind::Global(name) => match code.symbols.get(module.0 as usize)?.get(&name)? {
                Symbol::Func(g) => Some(*g),
                // `from .loader import load`: the only function of that name that adds an extension.
                Symbol::Import(_) => self.only(name),
                _ => None,
            },
            OpKind::Attr { name, .. } => self.only(name),
            _ => None,
        }
    }

    fn only(&self, name: crate::model::Sym) -> Option<FuncId> {
        let mut found = self.code.func_ids().filter(|g| self.code.func(*g).name == name);
        match (found.next(), found.next()) {
            (Some(g), None) => Some(g),
            _ => None,
        }
    }

    /// Whether the function puts `.sql` behind something: `f"{name}.sql"`, `name + ".sql"`.
    fn adds_extension(&self, g: FuncId) -> bool {
        self.code.body(g).ops.iter().any(|op| match &op.kind {
            OpKind::Const(Const::Str(s)) => matches!(self.names.text(*s), ".sql" | "sql"),
            OpKind::Text(parts) => {
                matches!(parts.last(), Some(TextPart::Literal(s)) if self.names.text(*s).ends_with(".sql"))
            }
            _ => false,
        })
    }
}
