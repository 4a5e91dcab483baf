//! What is known of a query value: its model, what it loads, how it is bounded. Interned; types of
//! querysets, statements and of the rows they give carry the id.

use super::code::{ClassId, FuncId};
use super::flow::source_of;
use super::infer::Engine;
use super::types::{Type, TypeId};
use crate::model::{Arg, Const, OpKind, Sym, ValueId};
use crate::order::InOrder as _;
use rustc_hash::{FxHashMap, FxHashSet};

/// An interned [`QueryFacts`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct QueryId(pub u32);

impl QueryId {
    /// No query is known.
    pub const NONE: Self = Self(0);
    /// Several queries meet here.
    pub const MIXED: Self = Self(1);

    /// Whether one known query stands behind the value.
    #[must_use]
    pub fn is_known(self) -> bool {
        self.0 > 1
    }
}

/// Facts of a query.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct QueryFacts {
    /// Model that it selects.
    pub model: Option<ClassId>,
    /// Relations that it loads eagerly: paths from the model, hop by hop.
    pub loaded: Vec<Vec<Sym>>,
    /// What loads them, in the same order: `select_related`, `selectinload`.
    pub loaded_by: Vec<Sym>,
    /// An eager loading option was given that could not be read: assume anything is loaded.
    pub loads_unknown: bool,
    /// Columns asked for (`only`, `load_only`, `values`), when restricted.
    pub only: Option<Vec<Sym>>,
    /// Columns left out (`defer`).
    pub deferred: Vec<Sym>,
    /// Rows are dicts, tuples or scalars, not model objects.
    pub plain_rows: bool,
    /// A LIMIT or slice with an upper bound.
    pub limited: bool,
    /// The rows are in memory already (a prefetched to-many relation).
    pub prefetched: bool,
    /// Any filter.
    pub filtered: bool,
    /// All rows of this relation of an object whose own query is not seen: it may have loaded them,
    /// and what lies behind them.
    pub unseen_owner: Option<Sym>,
    /// The rows are those of a relation of one object: this relation leads back to it, and what lies behind
    /// is loaded once for all of them.
    pub back: Option<Sym>,
}

impl QueryFacts {
    /// What a further query of the same rows adds.
    pub(crate) fn add(&mut self, other: &Self) {
        for (path, by) in other.loaded.iter().zip(&other.loaded_by) {
            self.load(path.clone(), *by);
        }
        self.deferred.extend(other.deferred.iter().copied());
        if other.only.is_some() {
            self.only.clone_from(&other.only);
        }
        self.loads_unknown |= other.loads_unknown;
        self.plain_rows |= other.plain_rows;
        self.limited |= other.limited;
        self.filtered |= other.filtered;
        self.prefetched &= other.prefetched;
    }

    pub(crate) fn load(&mut self, path: Vec<Sym>, by: Sym) {
        self.loaded.push(path);
        self.loaded_by.push(by);
    }

    /// What loads `path` with the rows, when something does.
    #[must_use]
    pub fn loader(&self, path: &[Sym]) -> Option<Sym> {
        let path = match path {
            [first, ..] if self.back == Some(*first) => path.get(..1)?,
            _ => path,
        };
        let at = self.loaded.iter().position(|loaded| loaded.starts_with(path))?;
        self.loaded_by.get(at).copied()
    }
}

/// The table of query facts.
#[derive(Debug)]
pub(crate) struct Queries {
    list: Vec<QueryFacts>,
    index: FxHashMap<QueryFacts, QueryId>,
    /// Neighbouring hops of relation paths that stand as text somewhere in the project.
    spelled: FxHashSet<(Sym, Sym)>,
    /// Relations that `prefetch_related_objects` loads for rows that are there.
    afterwards: FxHashSet<Sym>,
}

impl Default for Queries {
    fn default() -> Self {
        // Entries 0 and 1 stand for "none" and "mixed"; neither is ever looked up.
        Self {
            list: vec![QueryFacts::default(), QueryFacts::default()],
            index: FxHashMap::default(),
            spelled: FxHashSet::default(),
            afterwards: FxHashSet::default(),
        }
    }
}

impl Queries {
    pub fn add(&mut self, facts: QueryFacts) -> QueryId {
        if let Some(&id) = self.index.get(&facts) {
            return id;
        }
        let id = QueryId(u32::try_from(self.list.len()).unwrap_or(1));
        self.list.push(facts.clone());
        self.index.insert(facts, id);
        id
    }

    /// One of two queries for rows of the same model, which one is not known: what either loads may be loaded.
    fn either(&mut self, a: QueryId, b: QueryId) -> Option<QueryId> {
        let (mut facts, other) = (self.get(a)?.clone(), self.get(b)?.clone());
        if facts.model != other.model || facts.plain_rows != other.plain_rows || facts.only != other.only {
            return None;
        }
        for (path, by) in other.loaded.iter().zip(&other.loaded_by) {
            if !facts.loaded.contains(path) {
                facts.load(path.clone(), *by);
            }
        }
        let new: Vec<Sym> = other.deferred.iter().copied().filter(|name| !facts.deferred.contains(name)).collect();
        facts.deferred.extend(new);
        facts.loads_unknown |= other.loads_unknown;
        facts.limited |= other.limited;
        facts.filtered |= other.filtered;
        facts.prefetched |= other.prefetched;
        facts.unseen_owner = facts.unseen_owner.or(other.unseen_owner);
        facts.back = facts.back.filter(|back| other.back == Some(*back));
        Some(self.add(facts))
    }

    /// Whether any query loads a relation of that name.
    pub fn load(&self, relation: Sym) -> bool {
        self.afterwards.contains(&relation)
            || self.list.iter().flat_map(|facts| &facts.loaded).any(|path| path.contains(&relation))
    }

    /// Whether any query loads relation `next` right behind relation `first`.
    pub fn load_behind(&self, first: Sym, next: Sym) -> bool {
        self.spelled.contains(&(first, next))
            || self
                .list
                .iter()
                .flat_map(|facts| &facts.loaded)
                .any(|path| path.windows(2).any(|pair| pair == [first, next]))
    }

    pub fn get(&self, id: QueryId) -> Option<&QueryFacts> {
        if id.is_known() { self.list.get(id.0 as usize) } else { None }
    }
}

impl Engine<'_> {
    /// The type of a value that is one or the other: `if owner: rows = rows.filter(owner=owner)`.
    pub(super) fn join(&mut self, a: TypeId, b: TypeId) -> TypeId {
        let joined = self.types.join(a, b);
        match (self.types.get(a), self.types.get(b), self.types.get(joined)) {
            (Type::Lib(_, _, p), Type::Lib(_, _, q), Type::Lib(class, elem, QueryId::MIXED)) => {
                let (p, q, class, elem) = (*p, *q, *class, *elem);
                match self.queries.either(p, q) {
                    Some(query) => self.types.add(Type::Lib(class, elem, query)),
                    None => joined,
                }
            }
            (Type::Inst(_, p), Type::Inst(_, q), Type::Inst(class, QueryId::MIXED)) => {
                let (p, q, class) = (*p, *q, *class);
                match self.queries.either(p, q) {
                    Some(query) => self.types.add(Type::Inst(class, query)),
                    None => joined,
                }
            }
            (Type::List(x), Type::List(y), Type::List(_)) => {
                let (x, y) = (*x, *y);
                let elem = self.join(x, y);
                self.types.add(Type::List(elem))
            }
            _ => joined,
        }
    }

    /// Notes texts like `"order__lines"`: whatever loads them, it need not be seen.
    pub fn note_spelled_paths(&mut self) {
        for f in self.code.func_ids() {
            for op in &self.code.body(f).ops {
                let OpKind::Const(Const::Str(text)) = op.kind else {
                    if let OpKind::Call { callee, args } = &op.kind {
                        self.note_prefetch(f, *callee, args);
                    }
                    continue;
                };
                let text = self.names.text(text);
                if !text.contains("__") || text.len() > 200 || !text.chars().all(|c| c.is_alphanumeric() || c == '_') {
                    continue;
                }
                let hops: Option<Vec<Sym>> = text.split("__").map(|hop| self.names.get(hop)).collect();
                for pair in hops.iter().flat_map(|hops| hops.windows(2)) {
                    if let [first, next] = pair {
                        self.queries.spelled.insert((*first, *next));
                    }
                }
            }
        }
    }

    /// `Prefetch("order__lines", queryset=Line.objects.select_related("product"))`: `product` is loaded behind `lines`.
    /// `prefetch_related_objects(rows, "lines")`: for rows that are there.
    fn note_prefetch(&mut self, f: FuncId, callee: ValueId, args: &[Arg]) {
        let Some(OpKind::Global(name) | OpKind::Attr { name, .. }) = self.code.op(f, callee).map(|op| &op.kind) else {
            return;
        };
        let text = |v: ValueId| match self.code.op(f, v).map(|op| &op.kind) {
            Some(OpKind::Const(Const::Str(s))) => Some(self.names.text(*s)),
            _ => None,
        };
        if self.names.text(*name) == "prefetch_related_objects" {
            let paths = args.iter().skip(1).filter_map(|arg| text(arg.value));
            let hops = paths.flat_map(|path| path.split("__")).filter_map(|hop| self.names.get(hop));
            self.queries.afterwards.extend(hops);
        }
        let [path, queryset] = args else { return };
        if self.names.text(*name) != "Prefetch" {
            return;
        }
        let Some(first) = text(path.value).and_then(|path| self.names.get(path.rsplit("__").next()?)) else { return };
        let mut at = queryset.value;
        for _ in 0..8 {
            let Some(OpKind::Call { callee, args }) = self.code.op(f, at).map(|op| &op.kind) else { break };
            let Some(OpKind::Attr { base, name }) = self.code.op(f, *callee).map(|op| &op.kind) else { break };
            if matches!(self.names.text(*name), "select_related" | "prefetch_related") {
                let nexts = args.iter().filter_map(|arg| self.names.get(text(arg.value)?.split("__").next()?));
                self.queries.spelled.extend(nexts.map(|next| (first, next)));
            }
            at = *base;
        }
    }

    /// Follows what a builder call does to a query: eager loading, limits, projections.
    pub fn refine_query(&mut self, f: FuncId, callee: TypeId, args: &[Arg], result: TypeId) -> TypeId {
        let Type::LibBound(receiver, name) = *self.types.get(callee) else { return result };
        let Type::Lib(class, elem, query) = *self.types.get(result) else { return result };
        let before = match *self.types.get(receiver) {
            Type::Lib(_, _, query) => query,
            _ => query,
        };
        let mut facts = self.queries.get(query).or_else(|| self.queries.get(before)).cloned().unwrap_or_default();
        if facts.model.is_none()
            && let Type::Inst(model, _) = *self.types.get(elem)
        {
            facts.model = Some(model);
        }
        let method = self.names.text(name).to_owned();
        if method != "all" {
            facts.unseen_owner = None;
        }
        match method.as_str() {
            "select_related" | "prefetch_related" | "joins" => {
                if args.is_empty() && method == "select_related" {
                    facts.loads_unknown = true;
                }
                for arg in args {
                    self.read_loading(f, arg, name, &mut facts);
                }
            }
            "options" => {
                for arg in args {
                    self.read_option(f, arg.value, &mut facts);
                }
            }
            "select" | "select_extend" if self.names.text(class) == "peewee.ModelSelect" => {
                self.read_selected(f, args, name, &mut facts);
            }
            "with_related" => facts.loads_unknown = true,
            "filter" | "exclude" | "where" | "filter_by" | "having" => {
                facts.filtered = true;
                facts.prefetched = false;
            }
            "limit" | "fetch" | "slice" | "paginate" => facts.limited = true,
            "values" | "values_list" | "with_entities" | "with_only_columns" | "dates" | "datetimes"
            | "scalars_only" => {
                facts.plain_rows = true;
                facts.only = Some(self.text_args(f, args));
            }
            // peewee: `Tag.select(Tag, Manifest).join(Manifest)` brings the other rows along.
            "select" if self.selects_others(f, elem, args) => facts.loads_unknown = true,
            "only" => facts.only = Some(self.text_args(f, args)),
            "defer" => facts.deferred.extend(self.text_args(f, args)),
            "all" => {}
            _ => {
                let changes = !matches!(method.as_str(), "order_by" | "distinct" | "using" | "reverse" | "annotate");
                if changes && args.is_empty() && facts == QueryFacts::default() {
                    return result;
                }
            }
        }
        if facts == QueryFacts::default() {
            return result;
        }
        let query = self.queries.add(facts);
        self.types.add(Type::Lib(class, elem, query))
    }

    /// What an argument of `select` asks for: a model, or the one that owns the column.
    fn selected(&self, f: FuncId, arg: &Arg) -> TypeId {
        match self.code.op(f, arg.value).map(|op| &op.kind) {
            Some(OpKind::Attr { base, .. }) => self.value(f, *base),
            _ => self.value(f, arg.value),
        }
    }

    /// Whether a query asks for other models than the one whose rows it gives, or for what is not seen.
    fn selects_others(&mut self, f: FuncId, elem: TypeId, args: &[Arg]) -> bool {
        let Type::Inst(model, _) = *self.types.get(elem) else { return false };
        args.iter().any(|arg| {
            let ty = self.selected(f, arg);
            match *self.types.get(ty) {
                Type::ClassObj(class) => class != model && self.orm.is_model(class),
                _ => arg.kind == crate::model::ArgKind::Spread,
            }
        })
    }

    /// A slice with an upper bound is a limit.
    pub fn limited(&mut self, ty: TypeId) -> TypeId {
        let Type::Lib(class, elem, query) = *self.types.get(ty) else { return ty };
        let mut facts = self.queries.get(query).cloned().unwrap_or_default();
        facts.limited = true;
        let query = self.queries.add(facts);
        self.types.add(Type::Lib(class, elem, query))
    }

    fn text_args(&self, f: FuncId, args: &[Arg]) -> Vec<Sym> {
        args.iter()
            .filter_map(|arg| match self.code.op(f, arg.value).map(|op| &op.kind) {
                Some(OpKind::Const(Const::Str(s))) => Some(*s),
                Some(OpKind::Attr { name, .. }) => Some(*name),
                _ => None,
            })
            .collect()
    }

    fn django_path(&mut self, path: &str) -> Vec<Sym> {
        let parts: Vec<String> = path.split("__").map(str::to_owned).collect();
        parts.iter().map(|part| self.names.intern(part)).collect()
    }

    /// An argument of `select_related`/`prefetch_related`.
    fn read_loading(&mut self, f: FuncId, arg: &Arg, by: Sym, facts: &mut QueryFacts) {
        self.read_loaded(f, arg.value, by, facts, 0);
    }

    /// A path, a `Prefetch(…)`, a helper that gives one, or either of two that name the same.
    fn read_loaded(&mut self, f: FuncId, v: ValueId, by: Sym, facts: &mut QueryFacts, depth: u32) {
        let code = self.code;
        match code.op(f, source_of(code.body(f), v)).map(|op| &op.kind) {
            Some(OpKind::Const(Const::Str(s))) => {
                let text = self.names.text(*s).to_owned();
                let path = self.django_path(&text);
                facts.load(path, by);
            }
            Some(OpKind::Const(Const::None)) => {}
            Some(OpKind::Phi(entries)) if depth < 3 => {
                let mut arms = entries.iter().map(|entry| {
                    let mut arm = QueryFacts::default();
                    self.read_loaded(f, *entry, by, &mut arm, depth + 1);
                    arm
                });
                let mut common = arms.next().unwrap_or_default();
                for arm in arms {
                    common.loads_unknown |= arm.loads_unknown;
                    common.loaded.retain(|path| arm.loaded.contains(path));
                }
                facts.loads_unknown |= common.loads_unknown;
                common.loaded.into_iter().for_each(|path| facts.load(path, by));
            }
            Some(OpKind::Call { callee, args }) => {
                let named = match code.op(f, *callee).map(|op| &op.kind) {
                    Some(OpKind::Global(name) | OpKind::Captured { name, .. } | OpKind::Attr { name, .. }) => {
                        self.names.text(*name)
                    }
                    _ => "",
                };
                if named == "Prefetch" {
                    self.read_prefetch(f, args, by, facts);
                } else {
                    self.read_helper(f, *callee, by, facts, depth);
                }
            }
            _ => facts.loads_unknown = true,
        }
    }

    /// `Prefetch("books", queryset=Book.objects.select_related("author"))`
    fn read_prefetch(&mut self, f: FuncId, args: &[Arg], by: Sym, facts: &mut QueryFacts) {
        let text = args.first().and_then(|first| match self.code.op(f, first.value).map(|op| &op.kind) {
            Some(OpKind::Const(Const::Str(s))) => Some(self.names.text(*s).to_owned()),
            _ => None,
        });
        let Some(text) = text else {
            facts.loads_unknown = true;
            return;
        };
        let path = self.django_path(&text);
        let inner = args.iter().skip(1).find_map(|arg| match *self.types.get(self.value(f, arg.value)) {
            Type::Lib(_, _, query) => self.queries.get(query).cloned(),
            _ => None,
        });
        if let Some(inner) = inner {
            for rest in &inner.loaded {
                facts.load(path.iter().chain(rest).copied().collect(), by);
            }
            facts.loads_unknown |= inner.loads_unknown;
        } else if args.len() > 1 {
            facts.loads_unknown = true;
        }
        facts.load(path, by);
    }

    /// `prefetch_related(books_with_authors())`: what the only `return` of the helper gives.
    fn read_helper(&mut self, f: FuncId, callee: ValueId, by: Sym, facts: &mut QueryFacts, depth: u32) {
        let (code, ty) = (self.code, self.value(f, callee));
        let (Type::Func(g) | Type::Bound(g, _)) = *self.types.get(ty) else {
            facts.loads_unknown = true;
            return;
        };
        let mut returned = code.body(g).ops.iter().filter_map(|op| match op.kind {
            OpKind::Return(v) => Some(v),
            _ => None,
        });
        match (returned.next().flatten(), returned.next()) {
            (Some(v), None) if depth < 3 => self.read_loaded(g, v, by, facts, depth + 1),
            _ => facts.loads_unknown = true,
        }
    }

    /// `Tweet.select(Tweet, User).join(User)` of Peewee: rows of the other models come with their relation.
    fn read_selected(&mut self, f: FuncId, args: &[Arg], by: Sym, facts: &mut QueryFacts) {
        let mut selected: Vec<ClassId> = Vec::new();
        for arg in args {
            let ty = self.selected(f, arg);
            match *self.types.get(ty) {
                Type::ClassObj(class) => selected.push(class),
                // An alias of a model, a function, columns from elsewhere.
                _ => facts.loads_unknown = true,
            }
        }
        let Some(model) = facts.model else { return };
        let mut paths: Vec<(ClassId, Vec<Sym>)> = vec![(model, Vec::new())];
        while let Some((class, path)) = paths.pop() {
            let Some(from) = self.orm.model(class).filter(|_| path.len() < 3) else { continue };
            let mut joined: Vec<(Sym, ClassId)> = from
                .relations
                .iter()
                .filter(|(_, relation)| !relation.reverse)
                .filter_map(|(name, relation)| Some((*name, relation.target?)))
                .filter(|(_, target)| selected.contains(target))
                .collect();
            joined.order();
            for (name, target) in joined {
                let next: Vec<Sym> = path.iter().copied().chain([name]).collect();
                facts.load(next.clone(), by);
                paths.push((target, next));
            }
        }
    }

    /// An argument of `.options(...)`: `joinedload(User.orders).selectinload(Order.items)`.
    fn read_option(&mut self, f: FuncId, v: ValueId, facts: &mut QueryFacts) {
        let mut chain: Vec<(String, Vec<ValueId>)> = Vec::new();
        let mut at = v;
        for _ in 0..8 {
            let Some(OpKind::Call { callee, args }) = self.code.op(f, at).map(|op| &op.kind) else { break };
            let values: Vec<ValueId> = args.iter().map(|arg| arg.value).collect();
            match self.code.op(f, *callee).map(|op| &op.kind) {
                Some(OpKind::Attr { base, name }) => {
                    chain.push((self.names.text(*name).to_owned(), values));
                    at = *base;
                }
                Some(OpKind::Global(name) | OpKind::Captured { name, .. }) => {
                    chain.push((self.names.text(*name).to_owned(), values));
                    break;
                }
                _ => break,
            }
        }
        if chain.is_empty() {
            facts.loads_unknown = true;
            return;
        }
        let mut path: Vec<Sym> = Vec::new();
        for (name, values) in chain.into_iter().rev() {
            let names = values.iter().filter_map(|v| match self.code.op(f, *v).map(|op| &op.kind) {
                Some(OpKind::Attr { name, .. }) => Some(*name),
                Some(OpKind::Const(Const::Str(s))) => Some(*s),
                _ => None,
            });
            match name.as_str() {
                // What `noload` and `raiseload` name runs no query either.
                "joinedload" | "selectinload" | "subqueryload" | "immediateload" | "contains_eager" | "eagerload"
                | "noload" | "raiseload" => {
                    let names: Vec<Sym> = names.collect();
                    if names.is_empty() || names.iter().any(|n| self.names.text(*n) == "*") {
                        facts.loads_unknown = true;
                    }
                    path.extend(names);
                    let by = self.names.intern(&name);
                    facts.load(path.clone(), by);
                }
                "defaultload" | "lazyload" => path.extend(names),
                "load_only" if path.is_empty() => facts.only = Some(names.collect()),
                "defer" if path.is_empty() => facts.deferred.extend(names),
                // `Load(Order)` names the rows that the rest is about.
                "Load" => {}
                "load_only" | "defer" | "undefer" | "options" | "of_type" | "and_" => {}
                _ => facts.loads_unknown = true,
            }
        }
    }
}
