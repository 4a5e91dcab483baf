//! Containers that live as long as the process: where they are made, what adds to them, what takes
//! from them.

use crate::analysis::{ClassId, FuncId, ModuleId, Project, Type, inside, source_of};
use crate::libraries::RunContext;
use crate::model::{ArgKind, BinaryOp, CollectionKind, FnIdx, FunctionKind, OpKind, RegionKind, Sym, ValueId};
use rustc_hash::FxHashSet;
use std::collections::{BTreeMap, BTreeSet};

/// One container.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Store {
    /// A global: the module's top level and the op that makes it.
    Global(FuncId, ValueId),
    /// An attribute of a class, or of a class with one instance.
    Attr(ClassId, Sym),
}

/// What a container maps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Keys are set.
    Dict,
    /// Reading a new key adds it.
    DefaultDict,
    /// Items are added.
    Set,
    /// Items are appended.
    List,
}

/// An op that adds.
#[derive(Clone, Copy, Debug)]
pub struct Growth {
    /// In this function.
    pub func: FuncId,
    /// The store or call.
    pub op: ValueId,
    /// The key or item that tells entries apart; none for lists.
    pub key: Option<ValueId>,
    /// What is added.
    pub value: Option<ValueId>,
}

/// Everything about one container.
#[derive(Clone, Debug)]
pub struct Facts {
    /// What it is.
    pub kind: Kind,
    /// Name in words.
    pub name: String,
    /// Where it is made.
    pub made: (FuncId, ValueId),
    /// What adds to it.
    pub growths: Vec<Growth>,
    /// What bounds it, or takes it out of sight.
    pub bounded: Option<String>,
}

/// All process-wide containers of a project.
#[derive(Debug)]
pub struct Containers<'p> {
    project: &'p Project,
    stores: BTreeMap<Store, Facts>,
    globals: BTreeMap<(ModuleId, Sym), Store>,
    names: FxHashSet<Sym>,
    /// [`TAKES`] as symbols.
    takes: BTreeSet<Sym>,
}

const TAKES: &[&str] = &[
    "pop",
    "popitem",
    "popleft",
    "clear",
    "remove",
    "discard",
    "difference_update",
    "intersection_update",
    "move_to_end",
];
const HARMLESS: &[&str] = &[
    "len",
    "list",
    "sorted",
    "dict",
    "set",
    "tuple",
    "str",
    "repr",
    "dumps",
    "print",
    "iter",
    "enumerate",
    "zip",
    "any",
    "all",
    "sum",
    "min",
    "max",
    "isinstance",
    "id",
    "bool",
    "copy",
    "deepcopy",
    "debug",
    "info",
    "next",
];

impl<'p> Containers<'p> {
    /// Finds them.
    pub fn find(project: &'p Project) -> Self {
        let takes = TAKES.iter().filter_map(|name| project.sym(name)).collect();
        let mut found =
            Self { project, stores: BTreeMap::new(), globals: BTreeMap::new(), names: FxHashSet::default(), takes };
        found.globals_and_singletons();
        found.class_attributes();
        if found.stores.is_empty() {
            return found;
        }
        for f in project.code().func_ids() {
            found.uses(f);
        }
        found
    }

    /// Those that something adds to.
    pub fn growing(self) -> Vec<Facts> {
        self.stores.into_values().filter(|facts| !facts.growths.is_empty()).collect()
    }

    fn globals_and_singletons(&mut self) {
        let project = self.project;
        let code = project.code();
        for m in code.module_ids() {
            let top = code.func_id(m, FnIdx(0));
            let body = code.body(top);
            for op in &body.ops {
                let OpKind::Bind { name, value } = op.kind else { continue };
                let at = source_of(body, value);
                if inside(body, at, |kind| matches!(kind, RegionKind::ClassBody(_))) {
                    continue;
                }
                if let Some(kind) = self.container(top, at) {
                    let store = Store::Global(top, at);
                    self.globals.insert((m, name), store);
                    self.insert(store, kind, name, (top, at));
                } else if let Type::Inst(class, _) = project.ty(top, at)
                    && matches!(body.op(at).map(|op| &op.kind), Some(OpKind::Call { .. }))
                {
                    self.singleton(*class);
                }
            }
        }
    }

    fn insert(&mut self, store: Store, kind: Kind, name: Sym, made: (FuncId, ValueId)) {
        self.names.insert(name);
        let name = self.project.text(name).to_owned();
        self.stores.insert(store, Facts { kind, name, made, growths: Vec::new(), bounded: None });
    }

    /// Containers that the constructor of a class with one global instance makes.
    fn singleton(&mut self, class: ClassId) {
        let project = self.project;
        let code = project.code();
        let Some(init) = project.method(class, "__init__") else { return };
        let once = project.callers(init).iter().all(|(f, _)| code.func(*f).kind == FunctionKind::TopLevel);
        if !once || code.class_of(init) != Some(class) {
            return;
        }
        let body = code.body(init);
        for op in &body.ops {
            let OpKind::StoreAttr { base, name, value } = op.kind else { continue };
            let at = source_of(body, value);
            if matches!(body.op(source_of(body, base)).map(|op| &op.kind), Some(OpKind::Param(0)))
                && let Some(kind) = self.container(init, at)
            {
                self.insert(Store::Attr(class, name), kind, name, (init, at));
            }
        }
    }

    fn class_attributes(&mut self) {
        let project = self.project;
        let code = project.code();
        for class in code.class_ids() {
            let info = code.class(class);
            // Frameworks copy the defaults of models into each instance.
            let plain = project.library_ancestors(class).all(|base| matches!(base, "builtins.object" | "abc.ABC"));
            if !plain || !info.decorators.is_empty() || project.orm().model(class).is_some() {
                continue;
            }
            let scope = code.class_scope(class);
            for field in &info.fields {
                let Some(value) = field.value else { continue };
                let at = source_of(code.body(scope), value);
                if let Some(kind) = self.container(scope, at) {
                    self.insert(Store::Attr(class, field.name), kind, field.name, (scope, at));
                }
            }
        }
    }

    /// A literal that starts empty, or the call of a container without a bound.
    fn container(&self, f: FuncId, v: ValueId) -> Option<Kind> {
        let project = self.project;
        match &project.code().op(f, v)?.kind {
            OpKind::Collection { kind, items } if items.is_empty() => match kind {
                CollectionKind::Dict => Some(Kind::Dict),
                CollectionKind::Set => Some(Kind::Set),
                CollectionKind::List => Some(Kind::List),
                CollectionKind::Tuple => None,
            },
            OpKind::Call { callee, args } => {
                let name = project.describe(f, *callee);
                let bounded = args.iter().any(
                    |arg| matches!(arg.kind, ArgKind::Named(name) if matches!(project.text(name), "maxlen" | "maxsize")),
                );
                match name.rsplit('.').next()? {
                    "dict" | "OrderedDict" if args.is_empty() => Some(Kind::Dict),
                    "defaultdict" | "Counter" => Some(Kind::DefaultDict),
                    "set" if args.is_empty() => Some(Kind::Set),
                    "list" if args.is_empty() => Some(Kind::List),
                    "deque" if !bounded && args.len() < 2 => Some(Kind::List),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// The container that a value is.
    fn resolve(&self, f: FuncId, v: ValueId) -> Option<Store> {
        let project = self.project;
        let body = project.code().body(f);
        let v = source_of(body, v);
        match body.op(v)?.kind {
            OpKind::Global(name) if self.names.contains(&name) => {
                let (g, at) = project.origin(f, v);
                let store = Store::Global(g, at);
                self.stores.contains_key(&store).then_some(store)
            }
            OpKind::Attr { base, name } if self.names.contains(&name) => {
                let from = source_of(body, base);
                let own = matches!(body.op(from).map(|op| &op.kind), Some(OpKind::Param(0)));
                let class = match project.ty(f, base) {
                    Type::ClassObj(class) | Type::Inst(class, _) => Some(*class),
                    Type::Module(_) => {
                        let (g, at) = project.origin(f, v);
                        let store = Store::Global(g, at);
                        return self.stores.contains_key(&store).then_some(store);
                    }
                    _ => project.code().class_of(f).filter(|_| own),
                };
                let ancestors = project.project_ancestors(class?);
                ancestors.map(|class| Store::Attr(class, name)).find(|store| self.stores.contains_key(store))
            }
            OpKind::Collection { .. } | OpKind::Call { .. } => {
                let store = Store::Global(f, v);
                self.stores.contains_key(&store).then_some(store)
            }
            _ => None,
        }
    }

    fn uses(&mut self, f: FuncId) {
        let project = self.project;
        let code = project.code();
        let body = code.body(f);
        let top = code.func(f).kind == FunctionKind::TopLevel;
        // Most functions name no container, and their own literals are none.
        let mut names = body.ops.iter().filter_map(|op| match op.kind {
            OpKind::Global(name)
            | OpKind::Attr { name, .. }
            | OpKind::StoreAttr { name, .. }
            | OpKind::BindOuter { name, .. } => Some(name),
            _ => None,
        });
        if !top && !names.any(|name| self.names.contains(&name)) {
            return;
        }
        let init = project.text(code.func(f).name) == "__init__";
        for (i, op) in body.ops.iter().enumerate() {
            let at = ValueId(u32::try_from(i).unwrap_or(u32::MAX));
            match &op.kind {
                OpKind::StoreItem { base, index, value } => {
                    if let Some(store) = self.resolve(f, *base) {
                        self.grow(store, Growth { func: f, op: at, key: Some(*index), value: Some(*value) });
                    }
                }
                OpKind::Attr { base, name } if self.takes.contains(name) => {
                    if let Some(store) = self.resolve(f, *base) {
                        self.bound(store, format!("`{}` takes entries out", project.describe(f, at)));
                    }
                }
                OpKind::Delete(v) => {
                    if let Some(OpKind::Item { base, .. } | OpKind::Slice { base, .. }) = body.op(*v).map(|op| &op.kind)
                        && let Some(store) = self.resolve(f, *base)
                    {
                        self.bound(store, "entries are deleted".into());
                    }
                }
                OpKind::BindOuter { name, owner: FnIdx(0), .. } => {
                    if let Some(store) = self.globals.get(&(code.module_of(f), *name)).copied() {
                        self.bound(store, "it is replaced".into());
                    }
                }
                OpKind::StoreAttr { base, name, value } => {
                    if let Some(store) = self.resolve(f, *value) {
                        let own = self.stores.get(&store).is_some_and(|facts| facts.made.0 == f);
                        if !own {
                            self.bound(store, "it is also kept elsewhere".into());
                        }
                    }
                    self.replaced(f, *base, *name, init);
                }
                OpKind::Return(Some(v)) | OpKind::Yield(Some(v)) if !handler(project, f) => {
                    if let Some(store) = self.resolve(f, *v) {
                        self.bound(store, "it is given to callers".into());
                    }
                }
                OpKind::Binary { op: BinaryOp::Order | BinaryOp::Eq | BinaryOp::NotEq, left, right } => {
                    for v in [*left, *right] {
                        if let Some(store) = self.length_of(f, v) {
                            self.bound(store, "its length is checked".into());
                        }
                    }
                }
                OpKind::Call { callee, args } if !top => {
                    self.added(f, at, *callee, args);
                    for arg in args {
                        let Some(store) = self.resolve(f, arg.value) else { continue };
                        let name = project.describe(f, *callee);
                        if !HARMLESS.contains(&name.rsplit('.').next().unwrap_or("")) {
                            self.bound(store, format!("it is given to `{name}`"));
                        }
                    }
                }
                _ => {}
            }
        }
    }

    /// `store.append(x)`, `store[key].append(x)` of a default dictionary.
    fn added(&mut self, f: FuncId, at: ValueId, callee: ValueId, args: &[crate::model::Arg]) {
        let project = self.project;
        let body = project.code().body(f);
        let Some(OpKind::Attr { base, name }) = body.op(callee).map(|op| &op.kind) else { return };
        let (base, name) = (*base, project.text(*name));
        let first = args.first().map(|arg| arg.value);
        let keyed = matches!(name, "add" | "setdefault");
        if !keyed && !matches!(name, "append" | "appendleft" | "insert" | "extend") {
            return;
        }
        if let Some(store) = self.resolve(f, base) {
            let value = args.last().map(|arg| arg.value);
            self.grow(store, Growth { func: f, op: at, key: first.filter(|_| keyed), value });
        } else if let Some(OpKind::Item { base, index }) = body.op(source_of(body, base)).map(|op| &op.kind)
            && let Some(store) = self.resolve(f, *base)
            && self.stores.get(&store).is_some_and(|facts| facts.kind == Kind::DefaultDict)
        {
            self.grow(store, Growth { func: f, op: at, key: Some(*index), value: first });
        }
    }

    fn length_of(&self, f: FuncId, v: ValueId) -> Option<Store> {
        let body = self.project.code().body(f);
        let OpKind::Call { callee, args } = &body.op(source_of(body, v))?.kind else { return None };
        let store = self.resolve(f, args.first()?.value)?;
        (self.project.describe(f, *callee) == "len").then_some(store)
    }

    /// `self.store = …` after the constructor, or per instance.
    fn replaced(&mut self, f: FuncId, base: ValueId, name: Sym, init: bool) {
        if !self.names.contains(&name) {
            return;
        }
        let project = self.project;
        let body = project.code().body(f);
        let own = matches!(body.op(source_of(body, base)).map(|op| &op.kind), Some(OpKind::Param(0)));
        let class = match project.ty(f, base) {
            Type::ClassObj(class) | Type::Inst(class, _) => Some(*class),
            _ => project.code().class_of(f).filter(|_| own),
        };
        let Some(class) = class else { return };
        for class in project.project_ancestors(class) {
            let store = Store::Attr(class, name);
            let made_here = self.stores.get(&store).is_some_and(|facts| facts.made.0 == f);
            if !(init && made_here) {
                self.bound(store, "it is replaced".into());
            }
        }
    }

    fn grow(&mut self, store: Store, growth: Growth) {
        let context = self.project.context(growth.func);
        let runs_often = matches!(context, RunContext::Request | RunContext::Stream | RunContext::Job);
        let init = self.project.text(self.project.code().func(growth.func).name) == "__init__";
        if runs_often
            && !(init && matches!(store, Store::Attr(..)))
            && let Some(facts) = self.stores.get_mut(&store)
        {
            facts.growths.push(growth);
        }
    }

    fn bound(&mut self, store: Store, why: String) {
        if let Some(facts) = self.stores.get_mut(&store) {
            facts.bounded.get_or_insert(why);
        }
    }
}

/// An entry point: what it returns goes to the client.
fn handler(project: &Project, f: FuncId) -> bool {
    project
        .context_path(f)
        .is_some_and(|path| path.via.is_none() && matches!(path.context, RunContext::Request | RunContext::Stream))
}
