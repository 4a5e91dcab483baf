//! The state of a file while it is lowered, entering and leaving of functions, and what a name
//! means at a place.

use super::builder::{Builder, LoopWrites, Slot};
use super::names::{Binding, NameId, Names};
use super::prune::Renumbering;
use super::scopes::{Decl, ScopeNames, collect};
use crate::model::{
    Class, ClassIdx, Comment, FnIdx, Function, FunctionKind, Import, Language, Module, OpKind, Sym, ValueId,
};
use crate::source::{FileId, LineIndex, Span};
use ruff_python_ast::Stmt;
use ruff_text_size::TextRange;
use thin_vec::ThinVec;

/// Most that lowering recurses. The scan in front of the parser keeps source from getting here;
/// this is the second line of defence.
pub(super) const MAX_DEPTH: u32 = 400;

/// The state of a file.
pub(super) struct Lowerer<'s, 'n> {
    pub source: &'s str,
    pub lines: &'s LineIndex<'s>,
    pub names: Names<'s, 'n>,
    /// The body at hand; those of enclosing functions wait in `suspended`.
    pub f: Builder,
    pub suspended: Vec<Builder>,
    /// Builders of finished functions.
    pub spare: Vec<Builder>,
    pub functions: Vec<Function>,
    pub classes: Vec<Class>,
    pub imports: Vec<Import>,
    pub exports: Option<Vec<Sym>>,
    /// Dotted path of the enclosing functions and classes, each followed by a dot.
    pub path: String,
    /// Where assignment expressions stand, when there are any.
    pub walrus: Option<&'s [u32]>,
    /// Nesting of what is being lowered.
    pub depth: u32,
    /// Open `if TYPE_CHECKING:` blocks.
    pub typing_only: u32,
    /// Where lowering first had to give up on depth.
    pub too_deep: Option<u32>,
    /// For text that is put together from pieces.
    pub buffer: String,
}

impl<'s, 'n> Lowerer<'s, 'n> {
    pub fn new(
        source: &'s str,
        lines: &'s LineIndex<'s>,
        interner: &'n mut crate::model::Interner,
        walruses: &'s [u32],
    ) -> Self {
        Self {
            source,
            lines,
            names: Names::new(source, interner),
            f: Builder::new(FnIdx(0), Span::default()),
            suspended: Vec::new(),
            spare: Vec::new(),
            functions: Vec::new(),
            classes: Vec::new(),
            imports: Vec::new(),
            exports: None,
            path: String::new(),
            walrus: (!walruses.is_empty()).then_some(walruses),
            depth: 0,
            typing_only: 0,
            too_deep: None,
            buffer: String::new(),
        }
    }

    /// Lowers a whole file as function 0.
    pub fn module(&mut self, body: &[Stmt]) {
        let name = self.names.interner.intern("<module>");
        let end = u32::try_from(self.source.len()).unwrap_or(u32::MAX);
        let span = self.lines.span(0, end);
        self.functions.push(Function {
            name_span: Span { line: 1, col: 1, end_line: 1, end_col: 1 },
            ..Function::new(name, FunctionKind::TopLevel, span, crate::model::Body::default())
        });
        self.f = Builder::new(FnIdx(0), span);
        let scope = collect(&mut self.names, std::iter::empty(), body, self.walrus);
        self.declare(scope);
        let doc = self.docstring(body);
        self.block(body);
        self.finish_body(0);
        if let Some(function) = self.functions.first_mut() {
            function.doc = doc;
        }
    }

    /// The lowered module.
    pub fn finish(mut self, file: FileId, path: &str, comments: Vec<Comment>) -> Module {
        // Lists grow by doubling; these stay until the audit ends.
        self.functions.shrink_to_fit();
        self.classes.shrink_to_fit();
        self.imports.shrink_to_fit();
        Module {
            file,
            path: path.to_owned(),
            language: Language::Python,
            lines: self.lines.lines(),
            imports: self.imports,
            classes: self.classes,
            functions: self.functions,
            exports: self.exports,
            comments,
        }
    }

    pub fn span(&self, range: TextRange) -> Span {
        self.lines.span(range.start().to_u32(), range.end().to_u32())
    }

    /// Adds an op that is written at `range`.
    pub fn emit(&mut self, kind: OpKind, range: TextRange) -> ValueId {
        let span = self.span(range);
        self.f.push(kind, span)
    }

    /// Makes the body of a new function the one at hand.
    pub fn enter(&mut self, index: FnIdx, span: Span) {
        let inner = match self.spare.pop() {
            Some(mut spare) => {
                spare.reset(index, span);
                spare
            }
            None => Builder::new(index, span),
        };
        self.suspended.push(std::mem::replace(&mut self.f, inner));
    }

    /// Stores the body at hand and goes back to the enclosing function's. `first_class`: classes
    /// defined since the function began.
    pub fn leave(&mut self, first_class: usize) {
        self.finish_body(first_class);
        if let Some(outer) = self.suspended.pop() {
            self.spare.push(std::mem::replace(&mut self.f, outer));
        }
    }

    fn finish_body(&mut self, first_class: usize) {
        self.f.close();
        while let Some((name, binding)) = self.f.saved.pop() {
            self.names.rebind(name, binding);
        }
        let index = self.f.index;
        let first_inner = index.0 as usize + 1;
        let (functions, classes) = (&self.functions, &self.classes);
        let renumbering = self.f.prune(|mark| {
            for function in functions.get(first_inner..).unwrap_or_default().iter().filter(|f| f.parent == index) {
                function.params.iter().for_each(|p| p.annotation.iter().chain(&p.default).for_each(|v| mark(*v)));
                function.returns.iter().for_each(|v| mark(*v));
                function.decorators.iter().for_each(|d| mark(d.value));
            }
            for class in classes.get(first_class..).unwrap_or_default().iter().filter(|c| c.scope == index) {
                class.bases.iter().for_each(|v| mark(*v));
                class.keywords.iter().for_each(|k| mark(k.1));
                class.decorators.iter().for_each(|d| mark(d.value));
                class.fields.iter().for_each(|f| f.annotation.iter().chain(&f.value).for_each(|v| mark(*v)));
            }
        });
        if let Some(renumbering) = renumbering {
            self.renumber(index, first_class, &renumbering);
        }
        if let Some(function) = self.functions.get_mut(index.0 as usize) {
            function.is_generator = self.f.is_generator;
            function.body = self.f.take_body();
        }
    }

    /// Renumbers what nested functions and classes name of the body of `index`.
    fn renumber(&mut self, index: FnIdx, first_class: usize, map: &Renumbering) {
        let inner = self.functions.get_mut(index.0 as usize + 1..).unwrap_or_default();
        for function in inner.iter_mut().filter(|f| f.parent == index) {
            for param in &mut function.params {
                param.annotation.iter_mut().chain(&mut param.default).for_each(|v| map.apply(v));
            }
            function.returns.iter_mut().for_each(|v| map.apply(v));
            function.decorators.iter_mut().for_each(|d| map.apply(&mut d.value));
        }
        let classes = self.classes.get_mut(first_class..).unwrap_or_default();
        for class in classes.iter_mut().filter(|c| c.scope == index) {
            class.bases.iter_mut().for_each(|v| map.apply(v));
            class.keywords.iter_mut().for_each(|k| map.apply(&mut k.1));
            class.decorators.iter_mut().for_each(|d| map.apply(&mut d.value));
            for field in &mut class.fields {
                field.annotation.iter_mut().chain(&mut field.value).for_each(|v| map.apply(v));
            }
        }
    }

    /// Opens the scope of the function at hand: its names hide those of enclosing functions.
    pub fn declare(&mut self, scope: ScopeNames) {
        let owner = self.f.index;
        for &(name, decl) in &scope.names {
            let outer = self.names.binding(name);
            let binding = match decl {
                Decl::Local => Binding::Local { owner, slot: self.f.new_slot() },
                Decl::Nonlocal => match outer {
                    Binding::Local { owner, .. } | Binding::Element { owner, .. } if owner.0 != 0 => {
                        Binding::Outer { owner }
                    }
                    Binding::Outer { owner } => Binding::Outer { owner },
                    _ => Binding::Global,
                },
                Decl::Global | Decl::Import => Binding::Global,
            };
            if binding != outer {
                self.names.rebind(name, binding);
                self.f.saved.push((name, outer));
            }
        }
        let slots = |name| match self.names.binding(name) {
            Binding::Local { owner: of, slot } if of == owner => Some(slot),
            _ => None,
        };
        let writes = loop_writes(scope, slots);
        self.f.loop_writes.push(writes);
    }

    /// Reads a name.
    pub fn read(&mut self, name: NameId, range: TextRange) -> ValueId {
        let binding = self.names.binding(name);
        let here = self.f.index;
        let sym = self.names.sym(name);
        if let Binding::Element { owner, slot } = binding
            && owner == here
        {
            return match self.f.get(slot) {
                Some(value) => value,
                None => self.emit(OpKind::Other(ThinVec::new()), range),
            };
        }
        if let Some(value) = self.class_slot(name).and_then(|slot| self.f.get(slot)) {
            return value;
        }
        let kind = match binding {
            Binding::Local { owner, slot } if owner == here => match self.f.get(slot) {
                Some(value) => return value,
                None if here.0 == 0 => OpKind::Global(sym),
                None => OpKind::Other(ThinVec::new()),
            },
            Binding::Local { owner: FnIdx(0), .. } | Binding::Global => OpKind::Global(sym),
            Binding::Local { owner, .. } | Binding::Element { owner, .. } | Binding::Outer { owner } => {
                OpKind::Captured { owner, name: sym }
            }
        };
        self.emit(kind, range)
    }

    fn class_slot(&self, name: NameId) -> Option<Slot> {
        self.f.classes.last()?.slots.get(&name).copied()
    }

    /// The class whose body holds the place at hand directly.
    pub fn class(&self) -> Option<ClassIdx> {
        self.f.classes.last().map(|c| c.class)
    }

    /// Gives a name a value.
    pub fn bind(&mut self, name: NameId, value: ValueId, range: TextRange) {
        let sym = self.names.sym(name);
        let span = self.span(range);
        let here = self.f.index;
        let slot = match (self.class_slot(name), self.names.binding(name)) {
            (_, Binding::Element { owner, slot }) if owner == here => Some(slot),
            (Some(slot), _) => Some(slot),
            (None, Binding::Local { owner, slot }) if owner == here => Some(slot),
            (None, Binding::Outer { owner }) => {
                self.f.push(OpKind::BindOuter { name: sym, owner, value }, span);
                return;
            }
            (None, Binding::Global) if here.0 != 0 => {
                self.f.push(OpKind::BindOuter { name: sym, owner: FnIdx(0), value }, span);
                return;
            }
            _ => None,
        };
        match slot {
            Some(slot) => {
                self.f.bind(slot, sym, value, span);
            }
            None => {
                self.f.push(OpKind::Bind { name: sym, value }, span);
            }
        }
    }

    /// Takes a name's value away (`del name`).
    pub fn unbind(&mut self, name: NameId) {
        let slot = match (self.class_slot(name), self.names.binding(name)) {
            (Some(slot), _) => Some(slot),
            (None, Binding::Local { owner, slot }) if owner == self.f.index => Some(slot),
            _ => None,
        };
        if let Some(slot) = slot {
            self.f.unset(slot);
        }
    }
}

/// What the loops of a scope assign, by slot.
pub(super) fn loop_writes(scope: ScopeNames, slot: impl Fn(NameId) -> Option<Slot>) -> LoopWrites {
    let writes = if scope.loops.is_empty() { Vec::new() } else { scope.writes };
    LoopWrites {
        writes: writes.into_iter().map(|name| slot(name).unwrap_or(Slot::MAX)).collect(),
        loops: scope.loops,
        next: 0,
    }
}
