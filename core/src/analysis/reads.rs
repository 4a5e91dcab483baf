//! What is read of the rows that a query loads: columns, relations, only their number or presence;
//! followed through names, helpers, properties, closures, serializers and templates. One use that is
//! not fully seen makes everything possible.

use super::code::{ClassId, FuncId};
use super::contents::Holds;
use super::flow::{Flow, Uses, source_of};
use super::orm::RelationKind;
use super::project::Project;
use super::read_calls::{Given, given};
use super::touches::argument;
use super::types::Type;
use crate::model::{BinaryOp, Body, CollectionKind, Const, FunctionKind, OpKind, Sym, ValueId};
use rustc_hash::{FxHashMap, FxHashSet};
use std::rc::Rc;

/// Options that load a relation because the code asks for it. What leads back to the object whose rows these are
/// is in memory anyway, and a join that is selected from (`contains_eager`) is needed for more.
const OPTIONS: [&str; 6] =
    ["select_related", "prefetch_related", "joinedload", "selectinload", "subqueryload", "immediateload"];

/// What a followed value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Shape {
    /// One row.
    Row,
    /// A query, a result or a container of rows.
    Rows,
    /// Its elements are tuples with the row at this place.
    Pairs(u16),
}

/// A column that is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ColumnRead {
    /// Attribute.
    pub column: Sym,
    /// Where.
    pub at: (FuncId, ValueId),
    /// Only its truth is asked for.
    pub tested: bool,
}

/// What is done with rows.
#[derive(Clone, Debug, Default)]
pub struct RowUse {
    /// Columns read.
    pub reads: Vec<ColumnRead>,
    /// Relations read.
    pub relations: Vec<Sym>,
    /// The first use that is not fully seen: anything may be read there.
    pub unseen: Option<(FuncId, ValueId)>,
    /// `len(rows)`
    pub counted: Vec<(FuncId, ValueId)>,
    /// `if rows`, `row is None`
    pub tested: Vec<(FuncId, ValueId)>,
    /// Loops over the rows and other uses of many of them.
    pub many: Vec<(FuncId, ValueId)>,
    /// One row is taken: `first()`, `rows[0]`.
    pub one: Vec<(FuncId, ValueId)>,
    /// Columns of rows are written.
    pub written: bool,
    /// The key of rows is read.
    pub keys: bool,
    /// The query and its refinements.
    pub refined: Vec<(FuncId, ValueId)>,
    /// Some step limits the number of rows.
    pub limited: bool,
    /// Relations that are loaded with the rows, and by what.
    pub loaded: Vec<(Sym, Sym)>,
}

impl RowUse {
    /// The read of a column, the one of its value before a mere test.
    #[must_use]
    pub fn read(&self, column: Sym) -> Option<&ColumnRead> {
        let of = |read: &&ColumnRead| read.column == column;
        self.reads.iter().filter(of).find(|read| !read.tested).or_else(|| self.reads.iter().find(of))
    }
}

/// Follows rows. What it indexes of the project is computed once.
#[derive(Debug)]
pub struct Reader<'p> {
    pub(super) project: &'p Project,
    flows: FxHashMap<FuncId, Rc<Flow<'p>>>,
    /// Reads of a function's variables in functions inside.
    captured: FxHashMap<(FuncId, Sym), Vec<(FuncId, ValueId)>>,
    /// Attributes that some code sets.
    stored: FxHashSet<Sym>,
    /// Functions that are more than called: passed, stored, decorated away.
    referenced: FxHashSet<FuncId>,
    /// Methods that are called on something unknown.
    unresolved: FxHashSet<Sym>,
    /// Queries for part of the columns are followed too, and past uses that are not fully seen.
    pub(super) partly: bool,
}

/// Work that is left, and what was found.
#[derive(Debug)]
pub(super) struct Walk {
    pub model: ClassId,
    pub found: RowUse,
    seen: FxHashSet<(FuncId, ValueId, Shape)>,
    work: Vec<(FuncId, ValueId, Shape, u32)>,
    depth: u32,
}

/// Calls are followed this deep.
const DEEPEST: u32 = 7;
/// Values followed for one query.
const MOST: usize = 600;

impl Walk {
    pub fn push(&mut self, f: FuncId, v: ValueId, shape: Shape, hops: u32) {
        let depth = self.depth + hops;
        if depth > DEEPEST || self.seen.len() > MOST {
            self.lose(f, v);
        } else if self.seen.insert((f, v, shape)) {
            self.work.push((f, v, shape, depth));
        }
    }

    pub fn lose(&mut self, f: FuncId, v: ValueId) {
        self.found.unseen.get_or_insert((f, v));
    }
}

pub(super) fn number(i: usize) -> ValueId {
    ValueId(u32::try_from(i).unwrap_or(u32::MAX))
}

impl<'p> Reader<'p> {
    /// Indexes what following needs of the whole project.
    #[must_use]
    pub fn new(project: &'p Project) -> Self {
        let mut reader = Self {
            project,
            flows: FxHashMap::default(),
            captured: FxHashMap::default(),
            stored: FxHashSet::default(),
            referenced: FxHashSet::default(),
            unresolved: FxHashSet::default(),
            partly: false,
        };
        let code = project.code();
        for f in code.func_ids() {
            let body = code.body(f);
            for &at in code.calls_in(f) {
                if let Some(OpKind::Call { callee, .. }) = body.op(at).map(|op| &op.kind)
                    && let Some(OpKind::Attr { name, .. }) = body.op(*callee).map(|op| &op.kind)
                    && *project.ty(f, *callee) == Type::Unknown
                {
                    reader.unresolved.insert(*name);
                }
            }
            for &at in code.stores_in(f) {
                if let Some(OpKind::StoreAttr { name, .. }) = body.op(at).map(|op| &op.kind) {
                    reader.stored.insert(*name);
                }
            }
            if code.holds(f, Holds::CAPTURED) {
                for (i, op) in body.ops.iter().enumerate() {
                    if let OpKind::Captured { owner, name } = &op.kind {
                        let owner = code.func_id(code.module_of(f), *owner);
                        reader.captured.entry((owner, *name)).or_default().push((f, number(i)));
                    }
                }
            }
            let mut callees: Option<FxHashSet<ValueId>> = None;
            for (i, op) in body.ops.iter().enumerate() {
                if let Type::Func(g) | Type::Bound(g, _) = project.ty(f, number(i))
                    && !matches!(op.kind, OpKind::Closure(_) | OpKind::Bind { .. } | OpKind::Phi(_))
                    && !callees.get_or_insert_with(|| callees_of(project, f)).contains(&number(i))
                    && !project.sites_at(f, number(i)).any(|site| site.targets.iter().any(|t| t.func == *g))
                {
                    reader.referenced.insert(*g);
                }
            }
        }
        reader
    }

    /// What is surely read of the rows of query `v`, which asks for part of their columns.
    pub fn follow_part(&mut self, f: FuncId, v: ValueId, shape: Shape, model: ClassId) -> RowUse {
        self.partly = true;
        let found = self.follow(f, v, shape, model);
        self.partly = false;
        found
    }

    /// What is done with the rows of query `v`.
    pub fn follow(&mut self, f: FuncId, v: ValueId, shape: Shape, model: ClassId) -> RowUse {
        let mut walk = Self::walk(model);
        walk.push(f, v, shape, 0);
        self.run(&mut walk);
        walk.found
    }

    pub(super) fn walk(model: ClassId) -> Walk {
        Walk { model, found: RowUse::default(), seen: FxHashSet::default(), work: Vec::new(), depth: 0 }
    }

    pub(super) fn run(&mut self, walk: &mut Walk) {
        while let Some((f, v, shape, depth)) = walk.work.pop() {
            if walk.found.unseen.is_some() && !self.partly {
                break;
            }
            walk.depth = depth;
            self.value(walk, f, v, shape);
        }
    }

    pub(super) fn flow(&mut self, f: FuncId) -> Rc<Flow<'p>> {
        let code = self.project.code();
        self.flows.entry(f).or_insert_with(|| Rc::new(Flow::new(code, f))).clone()
    }

    fn value(&mut self, walk: &mut Walk, f: FuncId, v: ValueId, shape: Shape) {
        let code = self.project.code();
        let body = code.body(f);
        if shape == Shape::Rows && matches!(self.project.ty(f, v), Type::Lib(..)) {
            walk.found.refined.push((f, v));
        }
        if shape == Shape::Rows
            && let Some(facts) = self.project.query(f, v)
        {
            walk.found.limited |= facts.limited;
            for (path, by) in facts.loaded.iter().zip(&facts.loaded_by) {
                if let Some(first) = path.first()
                    && OPTIONS.contains(&self.project.text(*by))
                    && !walk.found.loaded.iter().any(|(known, _)| known == first)
                {
                    walk.found.loaded.push((*first, *by));
                }
            }
        }
        let uses = self.flow(f).uses(v);
        let mut names: Vec<Sym> = Vec::new();
        for alias in &uses.aliases {
            match body.op(*alias).map(|op| &op.kind) {
                Some(OpKind::Bind { name, .. }) => names.push(*name),
                Some(OpKind::Param(i)) => names.extend(code.func(f).params.get(usize::from(*i)).map(|p| p.name)),
                _ => {}
            }
        }
        if code.func(f).kind == FunctionKind::TopLevel && !names.is_empty() {
            // A global of the module is there for everybody.
            walk.lose(f, v);
            return;
        }
        for name in names {
            for (inner, at) in self.captured.get(&(f, name)).cloned().unwrap_or_default() {
                walk.push(inner, at, shape, 0);
            }
        }
        for used in &uses.ops {
            self.used(walk, f, *used, &uses, shape);
            if walk.found.unseen.is_some() {
                return;
            }
        }
        if shape == Shape::Row && matches!(body.op(v).map(|op| &op.kind), Some(OpKind::Param(0))) {
            self.through_super(walk, f);
        }
    }

    /// `super().describe()` reads the same row.
    fn through_super(&self, walk: &mut Walk, f: FuncId) {
        let project = self.project;
        for (i, op) in project.code().body(f).ops.iter().enumerate() {
            let OpKind::Call { callee, .. } = &op.kind else { continue };
            let Some(OpKind::Attr { base, name }) = project.code().op(f, *callee).map(|op| &op.kind) else { continue };
            if !matches!(project.ty(f, *base), Type::Super(_)) {
                continue;
            }
            let targets: Vec<FuncId> =
                project.sites_at(f, number(i)).flat_map(|site| &site.targets).map(|t| t.func).collect();
            let harmless = matches!(project.text(*name), "__init__" | "__str__" | "__repr__" | "__hash__" | "__eq__");
            if targets.is_empty() && !harmless {
                walk.lose(f, number(i));
            }
            for g in targets {
                self.parameter(walk, g, 0, Shape::Row);
            }
        }
    }

    /// Follows parameter `i` of `g`.
    pub(super) fn parameter(&self, walk: &mut Walk, g: FuncId, i: u16, shape: Shape) {
        let body = self.project.code().body(g);
        match body.ops.iter().position(|op| op.kind == OpKind::Param(i)) {
            Some(at) => walk.push(g, number(at), shape, 1),
            None => walk.lose(g, ValueId(u32::MAX)),
        }
    }

    fn used(&mut self, walk: &mut Walk, f: FuncId, at: ValueId, uses: &Uses, shape: Shape) {
        let project = self.project;
        let body = project.code().body(f);
        let Some(op) = body.op(at) else { return };
        let is = |v: &ValueId| uses.aliases.contains(v);
        let rows = shape != Shape::Row;
        match &op.kind {
            OpKind::Attr { base, name } if is(base) => match shape {
                Shape::Row => self.attribute(walk, f, at, *name),
                _ => self.rows_attribute(walk, f, at, *name, shape),
            },
            OpKind::Item { base, .. } if is(base) => match shape {
                Shape::Rows => {
                    walk.found.one.push((f, at));
                    walk.push(f, at, Shape::Row, 0);
                }
                _ => walk.lose(f, at),
            },
            OpKind::Slice { bounded, .. } if rows => {
                walk.found.limited |= *bounded;
                walk.push(f, at, shape, 0);
            }
            OpKind::Element(_) if rows => self.element(walk, f, at, shape),
            OpKind::Unpack { .. } if shape == Shape::Rows => {
                walk.found.one.push((f, at));
                walk.push(f, at, Shape::Row, 0);
            }
            OpKind::Truth(_) | OpKind::Not(_) => walk.found.tested.push((f, at)),
            OpKind::Binary { op, left, right } => match op {
                BinaryOp::Is | BinaryOp::IsNot => {
                    let none = |v: &ValueId| matches!(body.op(*v).map(|op| &op.kind), Some(OpKind::Const(Const::None)));
                    if none(left) || none(right) {
                        walk.found.tested.push((f, at));
                    }
                }
                BinaryOp::Eq | BinaryOp::NotEq | BinaryOp::In | BinaryOp::NotIn => {
                    if shape == Shape::Row && project.method(walk.model, "__eq__").is_some() {
                        walk.lose(f, at);
                    }
                    walk.found.many.push((f, at));
                }
                BinaryOp::Add | BinaryOp::Or if rows => walk.push(f, at, shape, 0),
                _ => walk.lose(f, at),
            },
            OpKind::Text(_) if shape == Shape::Row => self.printed(walk, f, at),
            OpKind::Collection { kind, items } => self.collected(walk, f, at, *kind, items, &is, shape),
            OpKind::Comprehension { element, key, .. } => {
                if is(element) && shape == Shape::Row {
                    walk.push(f, at, Shape::Rows, 0);
                } else if is(element) || !key.get().as_ref().is_some_and(is) {
                    walk.lose(f, at);
                }
            }
            OpKind::Return(Some(_)) | OpKind::YieldFrom(_) => self.returned(walk, f, at, shape),
            OpKind::Yield(Some(_)) if shape == Shape::Row && project.code().func(f).is_generator => {
                self.returned(walk, f, at, Shape::Rows);
            }
            OpKind::Call { callee, args } if !is(callee) => {
                for (i, arg) in args.iter().enumerate().filter(|(_, arg)| is(&arg.value)) {
                    match given(self, walk, f, at, i, arg, shape) {
                        Given::Done => {}
                        Given::Targets(targets) => self.passed(walk, f, at, &targets, uses, shape),
                        Given::Lost => walk.lose(f, at),
                    }
                }
            }
            OpKind::StoreAttr { value, .. } if is(value) => walk.lose(f, at),
            OpKind::StoreAttr { name, .. } => {
                walk.found.written |= shape == Shape::Row && project.column_named(walk.model, *name).is_some();
            }
            OpKind::StoreItem { base, value, .. } if is(value) => match local_container(body, *base) {
                Some(container) if shape == Shape::Row => walk.push(f, container, Shape::Rows, 0),
                _ => walk.lose(f, at),
            },
            OpKind::StoreItem { .. } | OpKind::Delete(_) | OpKind::Item { .. } => {}
            OpKind::Augment { .. } if shape == Shape::Rows => walk.push(f, at, shape, 0),
            OpKind::Other(_) if shape == Shape::Rows => walk.push(f, at, shape, 0),
            _ => walk.lose(f, at),
        }
    }

    /// One element of rows that are iterated.
    fn element(&mut self, walk: &mut Walk, f: FuncId, at: ValueId, shape: Shape) {
        walk.found.many.push((f, at));
        let Shape::Pairs(place) = shape else {
            walk.push(f, at, Shape::Row, 0);
            return;
        };
        let body = self.project.code().body(f);
        for used in self.flow(f).uses(at).ops {
            match body.op(used).map(|op| &op.kind) {
                Some(OpKind::Unpack { index: Some(i), .. }) if *i == place => walk.push(f, used, Shape::Row, 0),
                Some(OpKind::Unpack { index: Some(_), .. }) => {}
                _ => walk.lose(f, used),
            }
        }
    }

    #[allow(clippy::too_many_arguments, reason = "one display and what is put into it")]
    fn collected(
        &mut self,
        walk: &mut Walk,
        f: FuncId,
        at: ValueId,
        kind: CollectionKind,
        items: &[ValueId],
        is: &dyn Fn(&ValueId) -> bool,
        shape: Shape,
    ) {
        let project = self.project;
        let body = project.code().body(f);
        match (kind, shape) {
            (CollectionKind::List | CollectionKind::Set, Shape::Row) => walk.push(f, at, Shape::Rows, 0),
            // `[*rows]`
            (CollectionKind::List | CollectionKind::Set, Shape::Rows)
                if items.iter().any(|v| is(v) && matches!(body.op(*v).map(|op| &op.kind), Some(OpKind::Other(_)))) =>
            {
                walk.push(f, at, Shape::Rows, 0);
            }
            // The context of a template.
            (CollectionKind::Dict, _) => {
                for pair in items.chunks(2) {
                    let [key, value] = pair else { continue };
                    if !is(value) {
                        continue;
                    }
                    let Some(OpKind::Const(Const::Str(name))) = body.op(*key).map(|op| &op.kind) else {
                        walk.lose(f, at);
                        return;
                    };
                    self.in_context(walk, f, at, *name, shape);
                }
            }
            _ => walk.lose(f, at),
        }
    }

    /// The function gives the value to its callers.
    fn returned(&mut self, walk: &mut Walk, f: FuncId, at: ValueId, shape: Shape) {
        let project = self.project;
        let function = project.code().func(f);
        if function.kind == FunctionKind::Lambda {
            // `key=lambda row: row`: who calls it is not followed.
            walk.lose(f, at);
            return;
        }
        if let Some(schema) = self.response_model(f) {
            if shape == Shape::Rows {
                walk.found.many.push((f, at));
            }
            self.by_schema(walk, f, at, schema);
            return;
        }
        let callers = project.callers(f);
        let known = !callers.is_empty() && !self.referenced.contains(&f) && !self.unresolved.contains(&function.name);
        if !known || project.context_path(f).is_some_and(|path| path.via.is_none()) {
            walk.lose(f, at);
            return;
        }
        for (caller, index) in callers {
            let Some(site) = project.sites(*caller).get(*index as usize) else { continue };
            if site.targets.iter().any(|target| target.func == f && target.by_name) {
                walk.lose(f, at);
                return;
            }
            walk.push(*caller, site.op, shape, 1);
        }
    }

    /// An argument of calls of project functions.
    fn passed(&self, walk: &mut Walk, f: FuncId, call: ValueId, targets: &[FuncId], uses: &Uses, shape: Shape) {
        let project = self.project;
        for g in targets {
            let mut found = false;
            for i in 0..project.code().func(*g).params.len() {
                let i = u16::try_from(i).unwrap_or(u16::MAX);
                if argument(project, f, call, *g, i).is_some_and(|v| uses.aliases.contains(&v)) {
                    found = true;
                    self.parameter(walk, *g, i, shape);
                }
            }
            if !found {
                walk.lose(f, call);
            }
        }
    }

    /// The row becomes text.
    pub(super) fn printed(&self, walk: &mut Walk, f: FuncId, at: ValueId) {
        let method = ["__str__", "__repr__"].iter().find_map(|name| self.project.method(walk.model, name));
        match method {
            Some(g) => self.parameter(walk, g, 0, Shape::Row),
            // A Django model says its key; other models may show everything.
            None if self.project.inherits(walk.model, "django.db.models.Model") => {}
            None => walk.lose(f, at),
        }
    }

    /// An attribute of a row by name, its uses known.
    fn attribute(&mut self, walk: &mut Walk, f: FuncId, at: ValueId, name: Sym) {
        let project = self.project;
        if let Some(column) = project.column_named(walk.model, name) {
            let body = project.code().body(f);
            let uses = self.flow(f).uses(at);
            let none = |v: ValueId| matches!(body.op(v).map(|op| &op.kind), Some(OpKind::Const(Const::None)));
            let tested = !uses.ops.is_empty()
                && uses.ops.iter().all(|used| match body.op(*used).map(|op| &op.kind) {
                    Some(OpKind::Truth(_) | OpKind::Not(_)) => true,
                    Some(OpKind::Binary { op: BinaryOp::Is | BinaryOp::IsNot, left, right }) => {
                        none(*left) || none(*right)
                    }
                    _ => false,
                });
            walk.found.reads.push(ColumnRead { column, at: (f, at), tested });
            if project.relation(walk.model, name).is_some() {
                walk.found.relations.push(name);
            }
            return;
        }
        // A class inside the model.
        if !matches!(project.ty(f, at), Type::ClassObj(_)) {
            self.member(walk, (f, at), name);
        }
    }

    /// An attribute of a row that is no column: a relation, a property or method, or unknown.
    pub(super) fn member(&self, walk: &mut Walk, at: (FuncId, ValueId), name: Sym) {
        let project = self.project;
        let text = project.text(name);
        if let Some(column) = project.column_named(walk.model, name) {
            walk.found.reads.push(ColumnRead { column, at, tested: false });
        }
        if let Some(relation) = project.relation(walk.model, name) {
            walk.found.relations.push(name);
            if relation.kind == RelationKind::ToManyList {
                walk.found.many.push(at);
            }
            return;
        }
        if let Some(g) = project.method(walk.model, text) {
            let own = |d: &String| d == "builtins.staticmethod" || d == "builtins.classmethod";
            if !project.decorators(g).iter().any(own) {
                self.parameter(walk, g, 0, Shape::Row);
            }
            return;
        }
        walk.found.keys |= matches!(text, "id" | "pk");
        if project.column_named(walk.model, name).is_some()
            || matches!(text, "id" | "pk" | "objects" | "DoesNotExist" | "MultipleObjectsReturned")
        {
            return;
        }
        let shown = text.strip_prefix("get_").and_then(|rest| rest.strip_suffix("_display"));
        if let Some(column) =
            shown.and_then(|name| project.sym(name)).and_then(|name| project.column_named(walk.model, name))
        {
            walk.found.reads.push(ColumnRead { column, at, tested: false });
            return;
        }
        // Set by some code beside the columns, or a constant of the class.
        if !self.stored.contains(&name) && !self.is_plain_field(walk.model, name) {
            walk.lose(at.0, at.1);
        }
    }

    fn is_plain_field(&self, model: ClassId, name: Sym) -> bool {
        let code = self.project.code();
        self.project.project_ancestors(model).any(|owner| {
            let class = code.class(owner);
            let scope = code.class_scope(owner);
            class.fields.iter().any(|field| {
                field.name == name
                    && matches!(
                        field.value.and_then(|v| code.op(scope, v)).map(|op| &op.kind),
                        Some(OpKind::Const(_) | OpKind::Collection { .. } | OpKind::Attr { .. } | OpKind::Global(_))
                    )
            })
        })
    }
}

/// The container that a name of this function holds: a display or `list()`, `dict()`, `defaultdict(list)`.
pub(super) fn local_container(body: &Body, v: ValueId) -> Option<ValueId> {
    let at = source_of(body, v);
    match body.op(at).map(|op| &op.kind) {
        Some(OpKind::Collection { .. }) => Some(at),
        _ => None,
    }
}

/// What the calls of a function call.
fn callees_of(project: &Project, f: FuncId) -> FxHashSet<ValueId> {
    let code = project.code();
    let callee = |at: &ValueId| match code.op(f, *at)?.kind {
        OpKind::Call { callee, .. } => Some(callee),
        _ => None,
    };
    code.calls_in(f).iter().filter_map(callee).collect()
}
