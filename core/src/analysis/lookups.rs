//! What queries look rows up by: per query and table, the columns that conditions compare, that rows
//! are joined by and sorted by. Built from query builders of the ORMs and from SQL text.
//!
//! A condition that cannot be read makes the lookup `opaque`: an index may serve it after all.

use super::calls::SiteKind;
use super::code::{ClassId, FuncId};
use super::orm::{OrmKind, RelationKind};
use super::project::Project;
use super::sql_files::SqlFiles;
use super::types::Type;
use crate::languages::sql;
use crate::libraries::{Effects, RunContext};
use crate::model::schema::ColumnUse;
use crate::model::{Arg, ArgKind, BinaryOp, Const, OpKind, Sym, ValueId};
use crate::order::InOrder as _;
use rustc_hash::FxHashSet;
use std::collections::BTreeMap;

/// A query's use of one table.
#[derive(Clone, Debug)]
pub struct Lookup {
    /// Function.
    pub func: FuncId,
    /// First op of the query that speaks of the table.
    pub op: ValueId,
    /// Table, lower case.
    pub table: String,
    /// Columns, how and where they are used.
    pub uses: Vec<(String, ColumnUse, ValueId)>,
    /// It asks for a bounded number of rows.
    pub limited: bool,
    /// Something about it cannot be read.
    pub opaque: bool,
    /// Other tables have conditions of their own in the same query.
    pub shared: bool,
}

/// Calls that refine a query and give it back, or run it.
const BUILDERS: &[&str] = &[
    "filter",
    "filter_by",
    "where",
    "exclude",
    "order_by",
    "limit",
    "offset",
    "join",
    "outerjoin",
    "options",
    "distinct",
    "group_by",
    "having",
    "with_for_update",
    "all",
    "first",
    "one",
    "one_or_none",
    "scalar",
    "count",
    "exists",
    "get",
    "latest",
    "earliest",
    "last",
    "select_related",
    "prefetch_related",
    "only",
    "defer",
    "values",
    "values_list",
    "annotate",
    "using",
    "reverse",
    "paginate",
    "slice",
    "execution_options",
    "select_from",
    "aggregate",
    "delete",
    "update",
    "iterator",
    "add_columns",
    "with_only_columns",
    "join_from",
    "prefetch",
    "unique",
    "get_or_none",
    "select_for_update",
    "aget",
    "afirst",
    "aexists",
    "acount",
    "alatest",
    "adelete",
    "aupdate",
    "subquery",
    "alias",
    "label",
    "returning",
    "in_bulk",
    "get_or_create",
    "update_or_create",
];

/// Everything that reads, changes or deletes rows.
const QUERIES: Effects = Effects::DB_READ.with(Effects::DB_UPDATE).with(Effects::DB_DELETE).with(Effects::DB_EXECUTE);

/// A query in the making: what its calls add.
#[derive(Default)]
struct Group {
    uses: Vec<(String, String, ColumnUse, ValueId)>,
    limited: bool,
    opaque: bool,
}

impl Project {
    /// All lookups, by function; tests and migrations left out.
    pub(super) fn find_lookups(&self) -> Vec<Lookup> {
        let mut out = Vec::new();
        let builders: FxHashSet<Sym> = BUILDERS.iter().filter_map(|name| self.sym(name)).collect();
        for f in self.code().func_ids() {
            if matches!(self.context(f), RunContext::Test | RunContext::Migration) {
                continue;
            }
            let mut groups: BTreeMap<ValueId, Group> = BTreeMap::new();
            let body = self.code().body(f);
            // Most methods are none of these; a bound slice alone is no look-up.
            let asks = |at: &ValueId| match body.op(*at).map(|op| &op.kind) {
                Some(OpKind::Call { callee, .. }) => match body.op(*callee).map(|op| &op.kind) {
                    Some(OpKind::Attr { name, .. }) => builders.contains(name),
                    _ => true,
                },
                _ => false,
            };
            let asking = self.code().calls_in(f).iter().any(asks);
            for (i, op) in body.ops.iter().enumerate().filter(|_| asking) {
                let v = ValueId(u32::try_from(i).unwrap_or(u32::MAX));
                match &op.kind {
                    OpKind::Call { callee, args } if asks(&v) => self.builder_call(f, v, *callee, args, &mut groups),
                    OpKind::Slice { base, bounded: true } => {
                        let root = self.root_of(f, *base);
                        if let Some(group) = groups.get_mut(&root) {
                            group.limited = true;
                        }
                    }
                    _ => {}
                }
            }
            for group in groups.into_values() {
                finish(f, group, &mut out);
            }
            self.collections(f, &mut out);
            self.sql_lookups(f, &mut out);
        }
        out
    }

    /// `order.lines`: the rows of a collection are looked up by the foreign key that leads back to its owner.
    fn collections(&self, f: FuncId, out: &mut Vec<Lookup>) {
        for site in self.sites(f) {
            let SiteKind::Relation(name) = site.kind else { continue };
            let Some(OpKind::Attr { base, .. }) = self.code().op(f, site.op).map(|op| &op.kind) else { continue };
            let Type::Inst(owner, _) = *self.ty(f, *base) else { continue };
            if self.orm().model(owner).is_none_or(|model| model.kind != OrmKind::SqlAlchemy) {
                continue;
            }
            let target = self.relation(owner, name).filter(|relation| relation.kind != RelationKind::ToOne);
            let key = target.and_then(|relation| self.key_to(relation.target?, owner));
            let Some((table, column)) = key else { continue };
            out.push(Lookup {
                func: f,
                op: site.op,
                table,
                uses: vec![(column, ColumnUse::Equal, site.op)],
                limited: false,
                opaque: false,
                shared: false,
            });
        }
    }

    /// The op that a chain of builder calls begins with.
    fn root_of(&self, f: FuncId, v: ValueId) -> ValueId {
        let mut at = v;
        for _ in 0..64 {
            at = match self.code().op(f, at).map(|op| &op.kind) {
                Some(OpKind::Bind { value, .. } | OpKind::BindOuter { value, .. } | OpKind::Await(value)) => *value,
                Some(OpKind::Annotated { value: Some(value), .. }) => *value,
                Some(OpKind::Phi(entries)) => match entries.iter().filter(|e| e.0 < at.0).min() {
                    Some(first) => *first,
                    None => return at,
                },
                Some(OpKind::Slice { base, .. }) => *base,
                Some(OpKind::Call { callee, .. }) => match self.code().op(f, *callee).map(|op| &op.kind) {
                    Some(OpKind::Attr { base, name }) if BUILDERS.contains(&self.text(*name)) => *base,
                    _ => return at,
                },
                _ => return at,
            };
        }
        at
    }

    fn builder_call(
        &self,
        f: FuncId,
        v: ValueId,
        callee: ValueId,
        args: &[Arg],
        groups: &mut BTreeMap<ValueId, Group>,
    ) {
        let Some(callee_op) = self.code().op(f, callee) else { return };
        let OpKind::Attr { base, name } = callee_op.kind else {
            // get_object_or_404(Order, code=code)
            if matches!(
                self.short_name((f, callee)),
                Some("get_object_or_404" | "get_list_or_404" | "aget_object_or_404")
            ) && let Some(class) = args.first().and_then(|arg| self.schema_class((f, arg.value)))
            {
                let group = groups.entry(v).or_default();
                self.keywords(f, class, args, group, v);
            }
            return;
        };
        let name = self.text(name);
        if !BUILDERS.contains(&name) {
            return;
        }
        let model = self.model_behind(f, base);
        let root = self.root_of(f, base);
        if matches!(name, "limit" | "first" | "last" | "paginate" | "slice" | "afirst") {
            if let Some(group) = groups.get_mut(&root) {
                group.limited = true;
            }
            return;
        }
        let django = model.and_then(|class| self.orm().model(class)).is_some_and(|m| m.kind != OrmKind::SqlAlchemy);
        let looks = matches!(
            name,
            "filter"
                | "filter_by"
                | "where"
                | "exclude"
                | "get"
                | "order_by"
                | "join"
                | "outerjoin"
                | "latest"
                | "earliest"
                | "get_or_none"
                | "aget"
                | "alatest"
                | "get_or_create"
                | "update_or_create"
                | "join_from"
        );
        if !looks
            || (matches!(name, "get" | "latest" | "earliest" | "aget" | "get_or_create" | "update_or_create")
                && !django)
        {
            return;
        }
        if model.is_none() && !self.speaks_of_models(f, args) && !groups.contains_key(&root) {
            return;
        }
        let fresh = !groups.contains_key(&root);
        let group = groups.entry(root).or_default();
        if fresh {
            self.open(f, root, model, group);
        }
        match name {
            "exclude" => {}
            "order_by" | "latest" | "earliest" | "alatest" => {
                if let Some(first) = args.first()
                    && let Some((table, column)) = self.sort_key(f, first.value, model)
                {
                    group.uses.retain(|(_, _, how, _)| *how != ColumnUse::Order);
                    group.uses.push((table, column, ColumnUse::Order, v));
                }
                group.limited |= name != "order_by";
            }
            "join" | "outerjoin" | "join_from" => {
                for arg in args {
                    let mut condition = Group::default();
                    self.condition(f, arg.value, &mut condition, 0);
                    group.uses.extend(condition.uses.into_iter().filter(|(_, _, how, _)| *how == ColumnUse::Join));
                }
            }
            _ => {
                for arg in args {
                    match arg.kind {
                        ArgKind::Positional => self.condition(f, arg.value, group, 0),
                        ArgKind::Spread | ArgKind::SpreadNamed => group.opaque = true,
                        ArgKind::Named(_) => {}
                    }
                }
                if let Some(class) = model {
                    self.keywords(f, class, args, group, v);
                } else {
                    group.opaque |= args.iter().any(|arg| matches!(arg.kind, ArgKind::Named(_)));
                }
            }
        }
    }

    /// What the beginning of a chain says: a related manager is a condition of its own, a query from
    /// elsewhere may have any.
    fn open(&self, f: FuncId, root: ValueId, model: Option<ClassId>, group: &mut Group) {
        match self.code().op(f, root).map(|op| &op.kind) {
            Some(OpKind::Attr { base, name }) => {
                let owner = self.members(f, *base).into_iter().find_map(|ty| match ty {
                    Type::Inst(class, _) if self.orm().is_model(*class) => Some(*class),
                    _ => None,
                });
                if let Some(owner) = owner {
                    match (self.relation(owner, *name).filter(|r| r.reverse), model) {
                        (Some(_), Some(child)) => match self.key_to(child, owner) {
                            Some((table, column)) => group.uses.push((table, column, ColumnUse::Equal, root)),
                            None => group.opaque = true,
                        },
                        _ => group.opaque = true,
                    }
                } else if !self.members(f, *base).iter().any(|ty| matches!(ty, Type::ClassObj(_))) {
                    group.opaque = true;
                }
            }
            Some(OpKind::Call { callee, .. }) => {
                let name = self.short_name((f, *callee)).unwrap_or("");
                let known = ["select", "query", "delete", "update", "exists", "all", "objects"].contains(&name);
                group.opaque |= !known;
            }
            Some(OpKind::Global(_) | OpKind::ClassDef(_)) => {}
            // `self.filter(…)` of a manager.
            Some(OpKind::Param(0)) if self.manages(f, root).is_some() => {}
            _ => group.opaque = true,
        }
    }

    /// The model of the manager whose method this is, for its `self`: all rows of one table.
    fn manages(&self, f: FuncId, v: ValueId) -> Option<ClassId> {
        let own = matches!(self.code().op(f, v).map(|op| &op.kind), Some(OpKind::Param(0)));
        let class = self.code().class_of(f).filter(|_| own)?;
        let manager =
            self.library_ancestors(class).any(|base| base.starts_with("django.") && base.ends_with("Manager"));
        self.orm().only_model_of_manager(class).filter(|_| manager)
    }

    /// The foreign key column of `child` that points to `owner`, when there is one only.
    fn key_to(&self, child: ClassId, owner: ClassId) -> Option<(String, String)> {
        let schema = self.schema();
        let table = schema.table(&schema.model(child)?.table)?;
        let parent = &schema.model(owner)?.table;
        let mut keys = table.foreign_keys.iter().filter(|k| k.def.to.table.eq_ignore_ascii_case(parent));
        match (keys.next(), keys.next()) {
            (Some(key), None) => Some((table.name.to_lowercase(), key.def.columns.first()?.clone())),
            _ => None,
        }
    }

    /// The model whose rows a query value selects.
    fn model_behind(&self, f: FuncId, v: ValueId) -> Option<ClassId> {
        if let Some(model) = self.query(f, v).and_then(|facts| facts.model) {
            return Some(model);
        }
        if let Some(model) = self.manages(f, super::flow::source_of(self.code().body(f), v)) {
            return Some(model);
        }
        self.members(f, v).into_iter().find_map(|ty| match ty {
            Type::Lib(_, element, _) => match self.type_of(*element) {
                Type::Inst(class, _) | Type::ClassObj(class) if self.orm().is_model(*class) => Some(*class),
                _ => None,
            },
            Type::ClassObj(class) if self.orm().model(*class).is_some_and(|m| m.kind == OrmKind::Active) => {
                Some(*class)
            }
            _ => None,
        })
    }

    /// Whether an argument reads a column of a model class.
    fn speaks_of_models(&self, f: FuncId, args: &[Arg]) -> bool {
        args.iter().any(|arg| {
            let mut group = Group::default();
            self.condition(f, arg.value, &mut group, 0);
            !group.uses.is_empty()
        })
    }

    /// `Model.column`: its table and column.
    fn column_at(&self, f: FuncId, v: ValueId) -> Option<(String, String)> {
        let OpKind::Attr { base, name } = self.code().op(f, v)?.kind else { return None };
        let class = match self.ty(f, base) {
            Type::ClassObj(class) => *class,
            _ => return None,
        };
        self.model_column(class, self.text(name))
    }

    fn model_column(&self, class: ClassId, attr: &str) -> Option<(String, String)> {
        let schema = self.schema();
        let model = schema.model(class).or_else(|| {
            self.orm().model(class)?;
            let table = self.table_of_class(class)?;
            schema.model(schema.table(&table)?.class?)
        })?;
        if attr == "pk" {
            return Some((model.table.to_lowercase(), "id".to_owned()));
        }
        let field = model.field(self, attr)?;
        Some((model.table.to_lowercase(), field.column.clone()))
    }

    /// A condition built of operators on columns.
    fn condition(&self, f: FuncId, v: ValueId, group: &mut Group, depth: u32) {
        let v = super::flow::source_of(self.code().body(f), v);
        let Some(op) = self.code().op(f, v) else { return };
        let depth = depth + 1;
        if depth > 12 {
            group.opaque = true;
            return;
        }
        match &op.kind {
            OpKind::Binary { op, left, right } => {
                let how = match op {
                    BinaryOp::Eq => ColumnUse::Equal,
                    BinaryOp::Order => ColumnUse::Range,
                    BinaryOp::NotEq => ColumnUse::Other,
                    // `a & b` is arithmetic to the front end.
                    BinaryOp::Arithmetic => {
                        self.condition(f, *left, group, depth);
                        self.condition(f, *right, group, depth);
                        return;
                    }
                    _ => {
                        group.opaque = true;
                        return;
                    }
                };
                match (self.column_at(f, *left), self.column_at(f, *right)) {
                    (Some((t, c)), Some((t2, c2))) => {
                        group.uses.push((t, c, ColumnUse::Join, v));
                        group.uses.push((t2, c2, ColumnUse::Join, v));
                    }
                    (Some((t, c)), None) | (None, Some((t, c))) => group.uses.push((t, c, how, v)),
                    (None, None) => group.opaque = true,
                }
            }
            OpKind::Call { callee, args } => {
                let name = self.short_name((f, *callee)).unwrap_or("");
                if name == "and_" || name == "Q" {
                    for arg in args {
                        match arg.kind {
                            ArgKind::Positional => self.condition(f, arg.value, group, depth),
                            // Q(…): the model is that of the query; its names alone do not tell.
                            _ => group.opaque = true,
                        }
                    }
                    return;
                }
                if let Some(OpKind::Attr { base, .. }) = self.code().op(f, *callee).map(|op| &op.kind)
                    && let Some((t, c)) = self.column_at(f, *base)
                {
                    let how = match name {
                        "in_" => ColumnUse::Equal,
                        "between" => ColumnUse::Range,
                        _ => ColumnUse::Other,
                    };
                    group.uses.push((t, c, how, v));
                    return;
                }
                group.opaque = true;
            }
            OpKind::Attr { .. } => match self.column_at(f, v) {
                Some((t, c)) => group.uses.push((t, c, ColumnUse::Other, v)),
                None => group.opaque = true,
            },
            OpKind::Not(inner) => {
                let before = group.uses.len();
                self.condition(f, *inner, group, depth);
                group.uses.iter_mut().skip(before).for_each(|(_, _, how, _)| *how = ColumnUse::Other);
            }
            OpKind::Const(_) => {}
            _ => group.opaque = true,
        }
    }

    /// `filter(code=code, at__gte=start)`
    fn keywords(&self, f: FuncId, class: ClassId, args: &[Arg], group: &mut Group, v: ValueId) {
        for arg in args {
            let ArgKind::Named(name) = arg.kind else { continue };
            let name = self.text(name);
            if matches!(name, "defaults" | "create_defaults") {
                continue;
            }
            let (path, how) = match name.rsplit_once("__") {
                None => (name, ColumnUse::Equal),
                Some((path, suffix)) => match suffix {
                    "exact" | "in" => (path, ColumnUse::Equal),
                    "gt" | "gte" | "lt" | "lte" | "range" => (path, ColumnUse::Range),
                    "pk" | "id" => (path, ColumnUse::Equal),
                    "isnull" | "not" | "iexact" | "contains" | "icontains" | "startswith" | "istartswith"
                    | "endswith" | "iendswith" | "regex" | "iregex" | "date" | "year" | "month" | "day" | "search" => {
                        (path, ColumnUse::Other)
                    }
                    _ => {
                        // A condition on a related row: an index there may serve.
                        group.opaque = true;
                        continue;
                    }
                },
            };
            let none = matches!(self.code().op(f, arg.value).map(|op| &op.kind), Some(OpKind::Const(Const::None)));
            match self.model_column(class, path) {
                Some((table, column)) => group.uses.push((table, column, if none { ColumnUse::Other } else { how }, v)),
                None => group.opaque = true,
            }
        }
    }

    /// The column that a query sorts by first.
    fn sort_key(&self, f: FuncId, v: ValueId, model: Option<ClassId>) -> Option<(String, String)> {
        if let Some(text) = self.schema_text((f, v)) {
            let name = text.trim_start_matches('-');
            return (!name.contains("__")).then(|| self.model_column(model?, name)).flatten();
        }
        let v = super::flow::source_of(self.code().body(f), v);
        if let Some(found) = self.column_at(f, v) {
            return Some(found);
        }
        match &self.code().op(f, v)?.kind {
            OpKind::Call { callee, args } => {
                let name = self.short_name((f, *callee))?;
                if !matches!(name, "desc" | "asc" | "nulls_last" | "nulls_first" | "nullslast" | "nullsfirst" | "col") {
                    return None;
                }
                match args.first() {
                    Some(arg) => self.sort_key(f, arg.value, model),
                    None => match self.code().op(f, *callee)?.kind {
                        OpKind::Attr { base, .. } => self.sort_key(f, base, model),
                        _ => None,
                    },
                }
            }
            _ => None,
        }
    }

    /// Statements given as text.
    fn sql_lookups(&self, f: FuncId, out: &mut Vec<Lookup>) {
        let mut last = None;
        for site in self.sites(f) {
            if !site.effects.any(QUERIES) || last == Some(site.op) {
                continue;
            }
            last = Some(site.op);
            let Some(OpKind::Call { args, .. }) = self.code().op(f, site.op).map(|op| &op.kind) else { continue };
            let Some(text) = args.first().and_then(|arg| self.statement_text(f, arg.value)) else { continue };
            let Some(shape) = sql::shape_of(&text) else { continue };
            let uses = shape.uses.into_iter().map(|(t, c, how)| (t.to_lowercase(), c, how, site.op)).collect();
            finish(f, Group { uses, limited: shape.limited, opaque: shape.opaque }, out);
        }
    }

    /// The SQL of a value: its text, or that of the `.sql` file that it is read from.
    fn statement_text(&self, f: FuncId, v: ValueId) -> Option<String> {
        let files = SqlFiles { code: self.code(), names: self.names(), scripts: self.scripts() };
        self.schema_text((f, v)).or_else(|| files.text(f, v).map(str::to_owned))
    }
}

/// One lookup per table of a query.
fn finish(f: FuncId, group: Group, out: &mut Vec<Lookup>) {
    let mut tables: Vec<&String> = group.uses.iter().map(|(table, ..)| table).collect();
    tables.order();
    tables.dedup();
    let conditioned = |table: &String| {
        group.uses.iter().any(|(t, _, how, _)| t == table && matches!(how, ColumnUse::Equal | ColumnUse::Range))
    };
    for table in &tables {
        let uses: Vec<(String, ColumnUse, ValueId)> =
            group.uses.iter().filter(|(t, ..)| t == *table).map(|(_, c, how, v)| (c.clone(), *how, *v)).collect();
        let Some(op) = uses.iter().map(|(_, _, v)| *v).min() else { continue };
        out.push(Lookup {
            func: f,
            op,
            table: (*table).clone(),
            uses,
            limited: group.limited,
            opaque: group.opaque,
            shared: tables.iter().any(|other| other != table && conditioned(other)),
        });
    }
}
