//! All modules of the project under dense ids, and their symbol tables.

use super::contents::{Contents, Holds};
use super::shard::Shard;
use super::stubs::Stubs;
use crate::model::{
    Arg, Body, Class, ClassIdx, FnIdx, Function, FunctionKind, Interner, Module, Op, OpKind, RegionKind, Sym, ValueId,
};
use crate::order::InOrder as _;
use crate::source::Span;
use rustc_hash::FxHashMap;

/// A module of the project.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ModuleId(pub u32);

/// A function of the project.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FuncId(pub u32);

/// A class of the project.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClassId(pub u32);

/// What a name at a module's top level is.
#[derive(Clone, Debug)]
pub(crate) enum Symbol {
    Func(FuncId),
    Class(ClassId),
    /// Index into `Module::imports`.
    Import(u32),
    /// Bound by assignments in the top level.
    Values(Vec<ValueId>),
}

/// `base.name(args)`
#[derive(Clone, Copy, Debug)]
pub struct MethodCall<'c> {
    /// In this function.
    pub func: FuncId,
    /// The call.
    pub op: ValueId,
    /// What is called: the attribute.
    pub callee: ValueId,
    /// What it is called on.
    pub base: ValueId,
    /// Arguments in order.
    pub args: &'c [Arg],
}

/// The linked modules.
#[derive(Debug)]
pub struct Code {
    pub(crate) modules: Vec<Module>,
    pub(crate) symbols: Vec<FxHashMap<Sym, Symbol>>,
    funcs: Vec<(ModuleId, FnIdx)>,
    classes: Vec<(ModuleId, ClassIdx)>,
    first_func: Vec<u32>,
    first_class: Vec<u32>,
    empty: Function,
    empty_class: Class,
    contents: Contents,
    pub(super) stubs: Stubs,
}

pub(super) fn id(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

impl Code {
    /// Numbers the modules of all shards; the order of shards does not matter.
    pub(crate) fn new(shards: Vec<Shard>, names: &mut Interner) -> Self {
        let mut modules: Vec<Module> = Vec::new();
        for mut shard in shards {
            if names.is_empty() {
                // The first shard's numbers stand: most audits have one shard.
                *names = shard.names;
                names.rebuild();
                modules = shard.modules;
                continue;
            }
            let map = names.absorb(&shard.names);
            shard.modules.iter_mut().for_each(|module| module.remap(&map));
            modules.append(&mut shard.modules);
        }
        modules.order_by(|a, b| a.path.cmp(&b.path));
        let (mut funcs, mut classes) = (Vec::new(), Vec::new());
        let (mut first_func, mut first_class) = (Vec::new(), Vec::new());
        for (m, module) in modules.iter().enumerate() {
            first_func.push(id(funcs.len()));
            first_class.push(id(classes.len()));
            funcs.extend((0..module.functions.len()).map(|i| (ModuleId(id(m)), FnIdx(id(i)))));
            classes.extend((0..module.classes.len()).map(|i| (ModuleId(id(m)), ClassIdx(id(i)))));
        }
        let empty = empty_function(names);
        let empty_class = empty_class(names);
        let mut code = Self {
            modules,
            symbols: Vec::new(),
            funcs,
            classes,
            first_func,
            first_class,
            empty,
            empty_class,
            contents: Contents::default(),
            stubs: Stubs::default(),
        };
        code.symbols = (0..code.modules.len()).map(|m| code.symbols_of(ModuleId(id(m)))).collect();
        code.pair_stubs();
        let bodies = code.modules.iter().flat_map(|module| &module.functions).map(|function| &function.body);
        code.contents = Contents::of(bodies, names.len());
        code
    }

    fn symbols_of(&self, m: ModuleId) -> FxHashMap<Sym, Symbol> {
        let mut table: FxHashMap<Sym, Symbol> = FxHashMap::default();
        let Some(module) = self.modules.get(m.0 as usize) else { return table };
        if let Some(top) = module.functions.first() {
            // What a class body binds belongs to the class: `def list(self)` is not the module's `list`.
            let mut classes = top.body.regions.iter().filter(|r| matches!(r.kind, RegionKind::ClassBody(_)));
            let mut class = classes.next();
            let mut end = 0;
            for (i, op) in (0_u32..).zip(&top.body.ops) {
                let OpKind::Bind { name, .. } = op.kind else { continue };
                while let Some(begun) = class.filter(|class| class.start <= i) {
                    end = end.max(begun.end);
                    class = classes.next();
                }
                if i >= end {
                    let symbol = table.entry(name).or_insert_with(|| Symbol::Values(Vec::new()));
                    if let Symbol::Values(values) = symbol {
                        values.push(ValueId(i));
                    }
                }
            }
        }
        for (i, import) in module.imports.iter().enumerate() {
            // A name that is imported and also assigned (`try: import x / except: x = None`) is the import.
            // A function-level import never hides a top-level one.
            let known = matches!(table.get(&import.local), Some(Symbol::Import(_)));
            if !known || import.scope.0 == 0 {
                table.insert(import.local, Symbol::Import(id(i)));
            }
        }
        for (i, class) in module.classes.iter().enumerate() {
            if class.scope.0 == 0 && class.outer.is_none() {
                table.insert(class.name, Symbol::Class(self.class_id(m, ClassIdx(id(i)))));
            }
        }
        for (i, f) in module.functions.iter().enumerate() {
            if f.kind == FunctionKind::Function && f.parent.0 == 0 && f.class.is_none() {
                table.insert(f.name, Symbol::Func(self.func_id(m, FnIdx(id(i)))));
            }
        }
        table
    }

    /// How many functions there are (top levels included).
    #[must_use]
    pub fn func_count(&self) -> usize {
        self.funcs.len()
    }

    /// How many classes there are.
    #[must_use]
    pub fn class_count(&self) -> usize {
        self.classes.len()
    }

    /// All functions.
    pub fn func_ids(&self) -> impl Iterator<Item = FuncId> + use<> {
        (0..id(self.funcs.len())).map(FuncId)
    }

    /// Calls of methods by this name, in the order of the code.
    pub fn method_calls(&self, name: Sym) -> impl Iterator<Item = MethodCall<'_>> {
        self.contents.calls(name).iter().filter_map(|(f, op)| {
            let (base, _, args) = self.body(*f).method(*op)?;
            Some(MethodCall { func: *f, op: *op, callee: self.called(*f, *op), base, args })
        })
    }

    /// The calls of a function, in order.
    #[must_use]
    pub fn calls_in(&self, f: FuncId) -> &[ValueId] {
        self.contents.calls_in(f)
    }

    /// Where it stores attributes, in order.
    #[must_use]
    pub fn stores_in(&self, f: FuncId) -> &[ValueId] {
        self.contents.stores_in(f)
    }

    /// Its reads of attributes, in order.
    #[must_use]
    pub fn attributes_in(&self, f: FuncId) -> &[ValueId] {
        self.contents.attributes_in(f)
    }

    /// Its reads of names that are not its own, in order.
    #[must_use]
    pub fn globals_in(&self, f: FuncId) -> &[ValueId] {
        self.contents.globals_in(f)
    }

    /// Its string literals and formatted texts, in order.
    #[must_use]
    pub fn texts_in(&self, f: FuncId) -> &[ValueId] {
        self.contents.texts_in(f)
    }

    /// Functions whose body has an op of one of these kinds.
    pub fn holding(&self, kinds: Holds) -> impl Iterator<Item = FuncId> + '_ {
        self.func_ids().filter(move |f| self.contents.holds(*f, kinds))
    }

    /// Whether the body has an op of one of these kinds.
    #[must_use]
    pub fn holds(&self, f: FuncId, kinds: Holds) -> bool {
        self.contents.holds(f, kinds)
    }

    /// All classes.
    pub fn class_ids(&self) -> impl Iterator<Item = ClassId> + use<> {
        (0..id(self.classes.len())).map(ClassId)
    }

    /// All modules.
    pub fn module_ids(&self) -> impl Iterator<Item = ModuleId> + use<> {
        (0..id(self.modules.len())).map(ModuleId)
    }

    /// A module. Out-of-range ids cannot be made outside this crate.
    #[inline]
    #[must_use]
    pub fn module(&self, m: ModuleId) -> Option<&Module> {
        self.modules.get(m.0 as usize)
    }

    /// Whether there is a module at that path.
    pub(super) fn has_file(&self, path: &str) -> bool {
        self.modules.binary_search_by(|m| m.path.as_str().cmp(path)).is_ok()
    }

    /// The function.
    #[inline]
    #[must_use]
    pub fn func(&self, f: FuncId) -> &Function {
        self.funcs
            .get(f.0 as usize)
            .and_then(|(m, i)| self.modules.get(m.0 as usize)?.functions.get(i.0 as usize))
            .unwrap_or(&self.empty)
    }

    /// Its body.
    #[inline]
    #[must_use]
    pub fn body(&self, f: FuncId) -> &Body {
        &self.func(f).body
    }

    /// The op that makes `value` in `f`.
    #[inline]
    #[must_use]
    pub fn op(&self, f: FuncId, value: ValueId) -> Option<&Op> {
        self.func(f).body.ops.get(value.0 as usize)
    }

    /// Where `value` of `f` is written.
    #[inline]
    #[must_use]
    pub fn span(&self, f: FuncId, value: ValueId) -> Option<Span> {
        self.func(f).body.span(value)
    }

    /// The class.
    #[inline]
    #[must_use]
    pub fn class(&self, c: ClassId) -> &Class {
        self.classes
            .get(c.0 as usize)
            .and_then(|(m, i)| self.modules.get(m.0 as usize)?.classes.get(i.0 as usize))
            .unwrap_or(&self.empty_class)
    }

    /// The module that holds a function.
    #[inline]
    #[must_use]
    pub fn module_of(&self, f: FuncId) -> ModuleId {
        self.funcs.get(f.0 as usize).map_or(ModuleId(0), |(m, _)| *m)
    }

    /// The function whose body holds the statement of a class: its fields and bases are values there.
    #[must_use]
    pub fn class_scope(&self, c: ClassId) -> FuncId {
        self.func_id(self.module_of_class(c), self.class(c).scope)
    }

    /// The module that holds a class.
    #[must_use]
    pub fn module_of_class(&self, c: ClassId) -> ModuleId {
        self.classes.get(c.0 as usize).map_or(ModuleId(0), |(m, _)| *m)
    }

    /// Project-wide id of a module's function.
    #[must_use]
    pub fn func_id(&self, m: ModuleId, f: FnIdx) -> FuncId {
        FuncId(self.first_func.get(m.0 as usize).copied().unwrap_or(0) + f.0)
    }

    /// Project-wide id of a module's class.
    #[must_use]
    pub fn class_id(&self, m: ModuleId, c: ClassIdx) -> ClassId {
        ClassId(self.first_class.get(m.0 as usize).copied().unwrap_or(0) + c.0)
    }

    /// Path of the file that holds a function.
    #[must_use]
    pub fn path(&self, f: FuncId) -> &str {
        self.module(self.module_of(f)).map_or("", |m| m.path.as_str())
    }

    /// The function whose body holds the definition of `f`.
    #[must_use]
    pub fn parent(&self, f: FuncId) -> FuncId {
        self.func_id(self.module_of(f), self.func(f).parent)
    }

    /// What is called, of a call; the value itself otherwise: `@name(…)` and `@name` are one decorator.
    #[must_use]
    pub fn called(&self, f: FuncId, value: ValueId) -> ValueId {
        match self.op(f, value).map(|op| &op.kind) {
            Some(OpKind::Call { callee, .. }) => *callee,
            _ => value,
        }
    }

    /// The class that holds the method `f`.
    #[must_use]
    pub fn class_of(&self, f: FuncId) -> Option<ClassId> {
        Some(self.class_id(self.module_of(f), self.func(f).class?))
    }
}

fn empty_function(names: &mut Interner) -> Function {
    Function::new(names.intern(""), FunctionKind::TopLevel, Span::default(), Body::default())
}

fn empty_class(names: &mut Interner) -> Class {
    Class {
        name: names.intern(""),
        scope: FnIdx(0),
        outer: None,
        bases: Vec::new(),
        keywords: Vec::new(),
        decorators: Vec::new(),
        fields: Vec::new(),
        methods: Vec::new(),
        span: Span::default(),
        name_span: Span::default(),
    }
}
