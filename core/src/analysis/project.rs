//! The frozen result of linking: what checks read.

use super::adders::Adders;
use super::blocking::{Blocking, find_blocking};
use super::calls::{Site, Sites};
use super::channels::ChannelEnd;
use super::classes::{Base, said_base};
use super::code::{ClassId, Code, FuncId, ModuleId, Symbol};
use super::contexts::ContextPath;
use super::guesses::UNSEEN_ROW;
use super::infer::Engine;
use super::injection::Links;
use super::lookups::Lookup;
use super::loops::{LoopFacts, find_loops};
use super::memo::{SAVED, is_cache_decorator};
use super::orm::{Column, Orm, Relation};
use super::outside::Outside;
use super::queries::{Queries, QueryFacts, QueryId};
use super::receivers::passes;
use super::resources::Acquisition;
use super::rules::{Named, Rules};
use super::schema::Schema;
use super::shard::Shard;
use super::summaries::{FuncTraits, Summary, reach, summarise};
use super::templates::Templates;
use super::touches::{Touch, Touches, argument, find_touches};
use super::transactions::Transactions;
use super::types::{Type, TypeId, Types};
use crate::libraries::{Effects, LibraryIndex, RunContext};
use crate::model::{Const, FnIdx, Grouped, Interner, Language, OpKind, Sym, ValueId};
use crate::order::InOrder as _;
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::{Arc, OnceLock};

/// A linked project with all facts.
#[derive(Debug)]
pub struct Project {
    code: Code,
    names: Interner,
    library: LibraryIndex,
    types: Types,
    queries: Queries,
    orm: Orm,
    values: Vec<Vec<TypeId>>,
    mro: Vec<Arc<[Base]>>,
    methods: Vec<FxHashMap<Sym, FuncId>>,
    sites: Sites,
    summaries: Vec<Summary>,
    contexts: Vec<Option<ContextPath>>,
    decorators: FxHashMap<FuncId, Vec<String>>,
    returns: Vec<Option<TypeId>>,
    loops: Vec<LoopFacts>,
    callers: Grouped<(FuncId, u32)>,
    touches: Touches,
    passing: Vec<Option<u16>>,
    links: Links,
    templates: Templates,
    lazy: Lazy,
    scripts: Vec<(String, String)>,
    traits: Vec<FuncTraits>,
    blocking: Blocking,
    inferred: usize,
    rules: Rules,
    named: Named,
}

/// Facts that only some checks ask for, computed on the first question.
#[derive(Debug, Default)]
pub(super) struct Lazy {
    pub acquisitions: OnceLock<Vec<Acquisition>>,
    pub providers: OnceLock<FxHashSet<FuncId>>,
    pub transactions: OnceLock<Transactions>,
    pub schema: OnceLock<Schema>,
    pub lookups: OnceLock<Vec<Lookup>>,
    pub outside: OnceLock<Outside>,
    pub channels: OnceLock<Vec<ChannelEnd>>,
    pub routed: OnceLock<FxHashMap<ClassId, bool>>,
    pub preset: OnceLock<FxHashSet<Sym>>,
    pub adders: OnceLock<FxHashMap<ClassId, Adders>>,
}

impl Project {
    /// Links shards, in any order.
    #[must_use]
    pub fn link(shards: Vec<Shard>) -> Self {
        Self::link_with(shards, Rules::default())
    }

    /// Likewise, with what the project's settings say of its code.
    #[must_use]
    pub fn link_with(mut shards: Vec<Shard>, rules: Rules) -> Self {
        let mut names = Interner::default();
        let mut scripts: Vec<(String, String)> = Vec::new();
        for text in shards.iter_mut().flat_map(|shard| std::mem::take(&mut shard.texts)) {
            if text.is_sql() {
                scripts.push((text.path, text.text));
            }
        }
        scripts.order();
        let code = Code::new(shards, &mut names);
        let library = LibraryIndex::new(crate::libraries::python::LIBRARIES);
        let mut engine = Engine::new(&code, &scripts, names, library);
        engine.run();
        engine.named = rules.resolve(&code, &engine.names);
        let mut sites = engine.sites();
        engine.name_statements(&mut sites);
        engine.template_sites(&mut sites);
        let sites = sites;
        let mut decorators = FxHashMap::default();
        let mut traits = vec![FuncTraits::default(); code.func_count()];
        for f in code.func_ids() {
            if !code.func(f).decorators.is_empty() {
                let names = engine.decorator_names(f);
                if let Some(slot) = traits.get_mut(f.0 as usize) {
                    slot.cached = names.iter().any(|name| is_cache_decorator(name));
                }
                decorators.insert(f, names);
            }
            if let Some(slot) = traits.get_mut(f.0 as usize) {
                slot.batched = engine.named.batched(f);
            }
            let ty = engine.return_type(f);
            if let (Type::Manager(..), Some(slot)) = (engine.types.get(ty), traits.get_mut(f.0 as usize)) {
                slot.manager = true;
            }
        }
        let summaries = summarise(&code, &sites, &traits);
        let contexts = engine.contexts(&sites, &rules);
        let links = engine.links();
        let mut mro = Vec::new();
        let mut methods = Vec::new();
        for class in code.class_ids() {
            let info = engine.class_info(class);
            mro.push(info.mro.clone());
            methods.push(info.methods.clone());
        }
        let Engine { names, library, types, queries, orm, values, returns, templates, inferred, named, .. } = engine;
        let callers = Grouped::of(code.func_count(), (FuncId(0), 0), |put| {
            for (f, sites) in code.func_ids().zip(&sites.by_func) {
                for (i, site) in (0..).zip(sites) {
                    site.targets.iter().for_each(|target| put(target.func.0, (f, i)));
                }
            }
        });
        let mut project = Self {
            code,
            names,
            library,
            types,
            queries,
            orm,
            values,
            mro,
            methods,
            sites,
            summaries,
            contexts,
            decorators,
            returns,
            loops: Vec::new(),
            callers,
            touches: Touches::default(),
            passing: Vec::new(),
            blocking: Blocking::new(),
            links,
            templates,
            lazy: Lazy::default(),
            scripts,
            traits,
            inferred,
            rules,
            named,
        };
        project.loops = find_loops(&project);
        let passing = |f| passes(&project.code, &project.names, f, 0).filter(|_| !project.is_template(f));
        project.passing = project.code.func_ids().map(|f| passing(f).map(|passes| passes.param)).collect();
        project.touches = find_touches(&project);
        project.blocking = find_blocking(&project);
        project
    }

    /// How many bodies were inferred, those that learned something and were inferred again included.
    #[must_use]
    pub fn inferred(&self) -> usize {
        self.inferred
    }

    /// Whether the settings say that the file's code runs as jobs.
    #[must_use]
    pub fn is_job_file(&self, path: &str) -> bool {
        self.rules.files.get(path).is_some_and(|(context, _)| *context == Some(RunContext::Job))
    }

    /// Whether the settings say that the function closes what it is given.
    pub(super) fn is_closer(&self, f: FuncId) -> bool {
        self.named.closers.contains(&f)
    }

    pub(super) fn links(&self) -> &Links {
        &self.links
    }

    pub(super) fn lazy(&self) -> &Lazy {
        &self.lazy
    }

    /// Whether a class is another or descends from it.
    #[must_use]
    pub fn descends(&self, class: ClassId, ancestor: ClassId) -> bool {
        self.mro.get(class.0 as usize).is_some_and(|mro| mro.contains(&Base::Project(ancestor)))
    }

    pub(super) fn blocking(&self) -> &Blocking {
        &self.blocking
    }

    /// The modules.
    #[must_use]
    pub fn code(&self) -> &Code {
        &self.code
    }

    /// The library tables.
    #[must_use]
    pub fn library(&self) -> &LibraryIndex {
        &self.library
    }

    /// The model graph.
    #[must_use]
    pub fn orm(&self) -> &Orm {
        &self.orm
    }

    pub(super) fn names(&self) -> &Interner {
        &self.names
    }

    /// The text of a symbol.
    #[must_use]
    pub fn text(&self, sym: Sym) -> &str {
        self.names.text(sym)
    }

    /// The symbol of a text, when the project uses it.
    #[must_use]
    pub fn sym(&self, text: &str) -> Option<Sym> {
        self.names.get(text)
    }

    /// The type of a value.
    #[must_use]
    pub fn ty(&self, f: FuncId, v: ValueId) -> &Type {
        self.types.get(self.type_id(f, v))
    }

    /// The interned type of a value.
    #[must_use]
    pub fn type_id(&self, f: FuncId, v: ValueId) -> TypeId {
        self.values.get(f.0 as usize).and_then(|vs| vs.get(v.0 as usize)).copied().unwrap_or(TypeId::UNKNOWN)
    }

    /// An interned type.
    #[must_use]
    pub fn type_of(&self, id: TypeId) -> &Type {
        self.types.get(id)
    }

    /// The type that calling a function gives.
    #[must_use]
    pub fn returns(&self, f: FuncId) -> &Type {
        self.types.get(self.returns.get(f.0 as usize).copied().flatten().unwrap_or(TypeId::UNKNOWN))
    }

    /// The possible types of a value: members of a union, else the type itself.
    #[must_use]
    pub fn members(&self, f: FuncId, v: ValueId) -> Vec<&Type> {
        self.types.members(self.type_id(f, v)).into_iter().map(|id| self.types.get(id)).collect()
    }

    /// The canonical name of the library class that a value is an instance of; for a project class,
    /// its nearest library ancestor.
    #[must_use]
    pub fn lib_class(&self, f: FuncId, v: ValueId) -> Option<&str> {
        match self.ty(f, v) {
            Type::Union(members) => members.iter().find_map(|id| self.lib_class_of(self.types.get(*id))),
            ty => self.lib_class_of(ty),
        }
    }

    /// Likewise for a type.
    #[must_use]
    pub fn lib_class_of(&self, ty: &Type) -> Option<&str> {
        match ty {
            Type::Lib(name, ..) => Some(self.text(*name)),
            Type::Inst(class, _) => self.mro.get(class.0 as usize)?.iter().find_map(|base| match base {
                Base::Library(name) => Some(self.text(*name)),
                Base::Project(_) => None,
            }),
            Type::Coroutine(inner) => self.lib_class_of(self.type_of(*inner)),
            _ => None,
        }
    }

    /// Facts of the query behind a value.
    #[must_use]
    pub fn query(&self, f: FuncId, v: ValueId) -> Option<&QueryFacts> {
        match self.ty(f, v) {
            Type::Lib(_, _, query) | Type::Inst(_, query) => self.queries.get(*query),
            _ => None,
        }
    }

    /// Facts of a query.
    #[must_use]
    pub fn query_facts(&self, query: QueryId) -> Option<&QueryFacts> {
        self.queries.get(query)
    }

    /// Whether `path` of rows of this query may have been loaded with the object whose relation they are.
    #[must_use]
    pub fn maybe_loaded_with_owner(&self, query: &QueryFacts, path: &[Sym]) -> bool {
        matches!((query.unseen_owner, path.first()), (Some(owner), Some(next)) if self.queries.load_behind(owner, *next))
    }

    /// Whether any query of the project loads a relation of that name with its rows.
    #[must_use]
    pub fn is_loaded_somewhere(&self, relation: Sym) -> bool {
        self.queries.load(relation)
    }

    /// The relation `name` of a class, inherited ones included.
    #[must_use]
    pub fn relation(&self, class: ClassId, name: Sym) -> Option<&Relation> {
        self.mro.get(class.0 as usize)?.iter().find_map(|base| match base {
            Base::Project(ancestor) => self.orm.model(*ancestor)?.relations.get(&name),
            Base::Library(_) => None,
        })
    }

    /// The columns of a model, inherited ones included, each name once.
    #[must_use]
    pub fn columns_of(&self, model: ClassId) -> Vec<&Column> {
        let mut out: Vec<&Column> = Vec::new();
        for owner in self.project_ancestors(model) {
            for column in self.orm.model(owner).map_or(&[][..], |model| model.columns.as_slice()) {
                if !out.iter().any(|known| known.name == column.name) {
                    out.push(column);
                }
            }
        }
        out
    }

    /// The column that an attribute of a row reads: its own name, or `owner` for `owner_id`.
    #[must_use]
    pub fn column_named(&self, model: ClassId, name: Sym) -> Option<Sym> {
        let own = |name: Sym| self.project_ancestors(model).find_map(|owner| self.orm.column(owner, name));
        if let Some(column) = own(name) {
            return Some(column.name);
        }
        let key = self.text(name).strip_suffix("_id").and_then(|bare| self.sym(bare))?;
        own(key).filter(|column| column.foreign_key).map(|column| column.name)
    }

    /// Whether a class descends from a library class (canonical name).
    #[must_use]
    pub fn inherits(&self, class: ClassId, dotted: &str) -> bool {
        self.mro
            .get(class.0 as usize)
            .is_some_and(|mro| mro.iter().any(|base| matches!(base, Base::Library(name) if self.text(*name) == dotted)))
    }

    /// Library ancestors of a class, nearest first.
    pub fn library_ancestors(&self, class: ClassId) -> impl Iterator<Item = &str> {
        self.mro.get(class.0 as usize).into_iter().flat_map(|mro| mro.iter()).filter_map(|base| match base {
            Base::Library(name) => Some(self.text(*name)),
            Base::Project(_) => None,
        })
    }

    /// Whether a value is a name of a module that is neither in view nor a library with a table.
    #[must_use]
    pub fn is_out_of_view(&self, f: FuncId, v: ValueId) -> bool {
        matches!(self.ty(f, v), Type::LibRef(name) if self.library.library_of(self.text(*name)).is_none())
    }

    /// Whether a type is a row of a Django model whose class is not among the files.
    #[must_use]
    pub fn is_unseen_row(&self, ty: &Type) -> bool {
        matches!(ty, Type::Lib(class, ..) if self.text(*class) == UNSEEN_ROW)
    }

    /// Whether the class is a view by the name of a base only that is not among the files.
    #[must_use]
    pub fn has_unseen_base(&self, class: ClassId) -> bool {
        let index = self.library();
        self.library_ancestors(class).any(|name| said_base(name).is_some() && index.library_of(name).is_none())
    }

    /// The class itself and its ancestors in the project, nearest first.
    pub fn project_ancestors(&self, class: ClassId) -> impl Iterator<Item = ClassId> + '_ {
        self.mro.get(class.0 as usize).into_iter().flat_map(|mro| mro.iter()).filter_map(|base| match base {
            Base::Project(ancestor) => Some(*ancestor),
            Base::Library(_) => None,
        })
    }

    /// A method by name, inherited ones included.
    #[must_use]
    pub fn method(&self, class: ClassId, name: &str) -> Option<FuncId> {
        let name = self.sym(name)?;
        self.mro.get(class.0 as usize)?.iter().find_map(|base| match base {
            Base::Project(ancestor) => self.methods.get(ancestor.0 as usize)?.get(&name).copied(),
            Base::Library(_) => None,
        })
    }

    /// What a function's ops do, in order.
    #[must_use]
    pub fn sites(&self, f: FuncId) -> &[Site] {
        self.sites.by_func.get(f.0 as usize).map_or(&[], Vec::as_slice)
    }

    /// Sites at one op.
    pub fn sites_at(&self, f: FuncId, op: ValueId) -> impl Iterator<Item = &Site> {
        let sites = self.sites(f);
        let rest = sites.get(sites.partition_point(|site| site.op < op)..).unwrap_or_default();
        rest.iter().take_while(move |site| site.op == op)
    }

    /// What running a function does.
    #[must_use]
    pub fn summary(&self, f: FuncId) -> &Summary {
        static EMPTY: OnceLock<Summary> = OnceLock::new();
        match self.summaries.get(f.0 as usize) {
            Some(summary) => summary,
            None => EMPTY.get_or_init(Summary::default),
        }
    }

    /// Everything that happens at a site: its own effects and, where it waits for them, its
    /// targets'.
    #[must_use]
    pub fn effects_of(&self, site: &Site) -> Effects {
        let mut effects = if site.remembered { site.effects.without(SAVED) } else { site.effects };
        for target in &site.targets {
            let traits = self.traits.get(target.func.0 as usize).copied().unwrap_or_default();
            effects |= reach(traits, site, self.summary(target.func).effects);
        }
        effects
    }

    /// Functions that call `f`, with the index of the site.
    #[must_use]
    pub fn callers(&self, f: FuncId) -> &[(FuncId, u32)] {
        self.callers.get(f.0)
    }

    /// In which context a function runs; [`RunContext::Library`] when nothing tells.
    #[must_use]
    pub fn context(&self, f: FuncId) -> RunContext {
        self.context_path(f).map_or(RunContext::Library, |path| path.context)
    }

    /// Likewise, with the caller that brings it.
    #[must_use]
    pub fn context_path(&self, f: FuncId) -> Option<ContextPath> {
        self.contexts.get(f.0 as usize).copied().flatten()
    }

    /// The entry point from which `f` is reached in its context.
    #[must_use]
    pub fn entry_of(&self, f: FuncId) -> FuncId {
        let mut at = f;
        for _ in 0..64 {
            match self.context_path(at).and_then(|path| path.via) {
                Some((caller, _)) if caller != at => at = caller,
                _ => return at,
            }
        }
        at
    }

    /// Relations that a function reads of its parameters.
    #[must_use]
    pub fn touches(&self, f: FuncId) -> &[Touch] {
        self.touches.of(f)
    }

    /// The argument that a call of a project function gives back, refined or as it is.
    #[must_use]
    pub fn passed_on(&self, f: FuncId, call: ValueId) -> Option<ValueId> {
        let mut targets = self.sites_at(f, call).flat_map(|site| &site.targets).filter(|target| !target.by_name);
        let target = targets.next()?.func;
        let param = (*self.passing.get(target.0 as usize)?)?;
        if targets.next().is_some() {
            return None;
        }
        argument(self, f, call, target, param)
    }

    pub(super) fn all_touches(&self) -> &Touches {
        &self.touches
    }

    /// Open transactions; walked when first asked for.
    #[must_use]
    pub fn transactions(&self) -> &Transactions {
        self.lazy.transactions.get_or_init(|| Transactions::find(self))
    }

    /// The database schema; replayed when first asked for.
    #[must_use]
    pub fn schema(&self) -> &Schema {
        self.lazy.schema.get_or_init(|| Schema::replay(self))
    }

    /// What queries look rows up by; found when first asked for.
    #[must_use]
    pub fn lookups(&self) -> &[Lookup] {
        self.lazy.lookups.get_or_init(|| self.find_lookups())
    }

    /// SQL files: path and text, by path.
    #[must_use]
    pub fn scripts(&self) -> &[(String, String)] {
        &self.scripts
    }

    /// The loops of one function, by position.
    #[must_use]
    pub fn loops_of(&self, f: FuncId) -> &[LoopFacts] {
        let from = self.loops.partition_point(|l| l.func < f);
        let to = self.loops.partition_point(|l| l.func <= f);
        self.loops.get(from..to).unwrap_or(&[])
    }

    /// Likewise, each with its index in [`Self::loops`].
    pub fn numbered_loops_of(&self, f: FuncId) -> impl Iterator<Item = (usize, &LoopFacts)> {
        let from = self.loops.partition_point(|l| l.func < f);
        self.loops_of(f).iter().enumerate().map(move |(i, l)| (from + i, l))
    }

    /// All loops, by function and position.
    #[must_use]
    pub fn loops(&self) -> &[LoopFacts] {
        &self.loops
    }

    /// Canonical names of a function's decorators.
    #[must_use]
    pub fn decorators(&self, f: FuncId) -> &[String] {
        self.decorators.get(&f).map_or(&[], Vec::as_slice)
    }

    /// Values bound to a global name at its module's top level.
    #[must_use]
    pub fn global_values(&self, m: ModuleId, name: Sym) -> Option<(FuncId, Vec<ValueId>)> {
        match self.code.symbols.get(m.0 as usize)?.get(&name)? {
            Symbol::Values(values) => Some((self.code.func_id(m, FnIdx(0)), values.clone())),
            _ => None,
        }
    }

    /// A global integer constant.
    #[must_use]
    pub fn global_int(&self, m: ModuleId, name: Sym) -> Option<i64> {
        let (top, values) = self.global_values(m, name)?;
        let [one] = values.as_slice() else { return None };
        let body = self.code.body(top);
        match body.op(super::flow::source_of(body, *one)).map(|op| &op.kind) {
            Some(OpKind::Const(Const::Int(i))) => Some(i.get()),
            _ => None,
        }
    }

    /// Whether a function is a template.
    #[must_use]
    pub fn is_template(&self, f: FuncId) -> bool {
        self.code.module(self.code.module_of(f)).is_some_and(|module| module.language == Language::Template)
    }

    /// Where a name of a template comes from: the function that renders it, and the value there.
    #[must_use]
    pub fn template_origin(&self, template: FuncId, name: Sym) -> Option<(FuncId, ValueId)> {
        self.templates.origin(template, name)
    }

    /// Whether an element is itself a container (a batch of items).
    #[must_use]
    pub fn element_is_container(&self, f: FuncId, v: ValueId) -> bool {
        matches!(
            self.ty(f, v),
            Type::List(_) | Type::Set(_) | Type::Tuple(_) | Type::Iter(_) | Type::Unknown | Type::Lib(..)
        )
    }
}
