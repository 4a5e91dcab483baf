//! What ORM models say of their tables: columns, keys, indexes.

use super::core_tables::on_delete;
use super::reader::At;
use super::{At as Place, Index, Table};
use crate::analysis::orm::OrmKind;
use crate::analysis::{ClassId, FuncId, Project, Type};
use crate::libraries::RunContext;
use crate::model::schema::{ColumnDef, IndexDef, IndexKind, IndexPart, OnDelete, Reference, TableDef};
use crate::model::{Field, OpKind, Sym, ValueId};
use crate::source::Span;

/// A model's table with what only the model knows.
#[derive(Clone, Debug)]
pub struct ModelTable {
    /// The class.
    pub class: ClassId,
    /// Name of the table.
    pub table: String,
    /// Its columns, inherited ones included.
    pub fields: Vec<ModelField>,
    /// Where the model lists its indexes: `__table_args__`, `Meta.indexes`.
    pub listed: Option<Span>,
}

/// An attribute that is a column.
#[derive(Clone, Debug)]
pub struct ModelField {
    /// Attribute.
    pub attr: Sym,
    /// Name of the column.
    pub column: String,
    /// The class that defines it.
    pub owner: ClassId,
    /// The statement.
    pub span: Span,
    /// Few distinct values by type: booleans, enums, choices.
    pub few: bool,
    /// Its options cannot be read: it may well have an index.
    pub opaque: bool,
    /// A date or a time.
    pub moment: bool,
    /// `index=False` is written out.
    pub declined: bool,
}

impl ModelTable {
    /// The field of an attribute: `owner`, and `owner_id` of a foreign key.
    #[must_use]
    pub fn field(&self, project: &Project, attr: &str) -> Option<&ModelField> {
        self.fields.iter().rev().find(|field| {
            let name = project.text(field.attr);
            name == attr || field.column == attr
        })
    }
}

struct Reading {
    def: TableDef,
    fields: Vec<ModelField>,
    listed: Option<Span>,
}

impl Project {
    /// The table of a model class; `None` for abstract ones.
    pub(super) fn model_table(&self, class: ClassId) -> Option<(ModelTable, Table)> {
        let kind = self.orm().model(class)?.kind;
        let code = self.code();
        let top = code.func_id(code.module_of_class(class), crate::model::FnIdx(0));
        // Data migrations bring copies of models as they were.
        if matches!(self.context(top), RunContext::Migration | RunContext::Test) || self.in_framework_migration(top) {
            return None;
        }
        if self.is_abstract_model(class, kind) {
            return None;
        }
        let name = self.table_of_class(class)?;
        let mut reading =
            Reading { def: TableDef { name: name.clone(), ..TableDef::default() }, fields: Vec::new(), listed: None };
        let mut lineage: Vec<ClassId> = self.project_ancestors(class).collect();
        // A parent with a table of its own keeps its columns there.
        let own_parent = |c: &ClassId| {
            *c != class
                && self.orm().model(*c).is_some_and(|m| !self.is_abstract_model(*c, m.kind))
                && self.table_of_class(*c).is_some_and(|table| table != name)
        };
        lineage.retain(|c| !own_parent(c));
        for owner in lineage.into_iter().rev() {
            for field in &self.code().class(owner).fields {
                self.model_field(class, owner, kind, field, &mut reading);
            }
            self.declared_columns(owner, &mut reading);
            self.model_indexes(class, owner, kind, &mut reading);
        }
        if reading.fields.is_empty() {
            return None;
        }
        let path = self.path_of_class(class).to_owned();
        let mut table =
            Table::new(&name, Place { path: path.clone(), line: self.code().class(class).span.line }, false);
        table.class = Some(class);
        for column in &reading.def.columns {
            table.add_column(column, &path);
        }
        for mut def in reading.def.indexes {
            for part in &mut def.parts {
                if let IndexPart::Column(column) = part
                    && let Some(field) = reading.fields.iter().find(|field| self.text(field.attr) == column)
                {
                    column.clone_from(&field.column);
                }
            }
            let at = Place { path: path.clone(), line: def.line };
            table.indexes.push(Index { def, at });
        }
        for def in reading.def.foreign_keys {
            let at = Place { path: path.clone(), line: def.line };
            table.foreign_keys.push(super::Key { def, at });
        }
        let model = ModelTable { class, table: name, fields: reading.fields, listed: reading.listed };
        Some((model, table))
    }

    /// Path of the file that holds a class.
    #[must_use]
    pub fn path_of_class(&self, class: ClassId) -> &str {
        self.code().module(self.code().module_of_class(class)).map_or("", |m| m.path.as_str())
    }

    fn is_abstract_model(&self, class: ClassId, kind: OrmKind) -> bool {
        let info = self.code().class(class);
        let has = |c: ClassId, name: &str| self.code().class(c).fields.iter().any(|f| self.text(f.name) == name);
        match kind {
            OrmKind::Django => self.meta_true(class, "abstract") || self.meta_true(class, "proxy"),
            OrmKind::Active => self.meta_true(class, "abstract") || info.fields.is_empty(),
            OrmKind::SqlAlchemy => {
                if has(class, "__abstract__") {
                    return true;
                }
                let table = |c: ClassId| {
                    let keyword = self.code().class(c).keywords.iter().any(|(name, _)| self.text(*name) == "table");
                    keyword || has(c, "__tablename__") || self.own_method(c, "__tablename__").is_some()
                };
                let flask = self.library_ancestors(class).any(|base| base.contains("flask_sqlalchemy"));
                // SQLModel classes without `table=True` are schemas of data, mixins have no table.
                let sqlmodel = self.library_ancestors(class).any(|base| base.starts_with("sqlmodel"));
                if sqlmodel {
                    return !(table(class)
                        || self
                            .project_ancestors(class)
                            .any(|c| self.code().class(c).keywords.iter().any(|(n, _)| self.text(*n) == "table")));
                }
                !flask && !self.project_ancestors(class).any(table) && !self.named_elsewhere(class)
            }
        }
    }

    /// A model with a primary key of its own whose base is not among the files: that one names the table.
    fn named_elsewhere(&self, class: ClassId) -> bool {
        let own_key = self.orm().model(class).is_some_and(|model| model.columns.iter().any(|column| column.key));
        let absent = self.library_ancestors(class).any(|base| {
            self.library().library_of(base).is_none()
                && base.rsplit('.').next().is_some_and(|name| name.ends_with("Base") || name.ends_with("Model"))
        });
        own_key && absent
    }

    pub(super) fn own_method(&self, class: ClassId, name: &str) -> Option<FuncId> {
        let module = self.code().module_of_class(class);
        let methods = self.code().class(class).methods.iter();
        methods.map(|m| self.code().func_id(module, *m)).find(|f| self.text(self.code().func(*f).name) == name)
    }

    fn model_field(&self, class: ClassId, owner: ClassId, kind: OrmKind, field: &Field, out: &mut Reading) {
        let code = self.code();
        let scope = code.class_scope(owner);
        let attr = self.text(field.name);
        if attr.starts_with("__") {
            return;
        }
        let mut read = ModelField {
            attr: field.name,
            column: attr.to_owned(),
            owner,
            span: field.span,
            few: false,
            opaque: false,
            moment: false,
            declined: false,
        };
        let words = field.annotation.map(|a| self.annotation_words((scope, a))).unwrap_or_default();
        let call = field.value.and_then(|v| self.schema_call((scope, v)));
        let column = match (kind, call) {
            (OrmKind::SqlAlchemy, Some((callee, args))) => match self.short_name(callee).unwrap_or("") {
                "Column" | "mapped_column" => self.core_column((scope, field.value.unwrap_or(ValueId(0))), Some(attr)),
                "Field" => self.sqlmodel_column((scope, field.value.unwrap_or(ValueId(0))), attr),
                "deferred" | "declared_attr" => {
                    args.first().and_then(|arg| self.core_column((callee.0, arg.value), Some(attr)))
                }
                "relationship" | "Relationship" | "relation" | "column_property" | "synonym" | "association_proxy"
                | "backref" | "composite" | "hybrid_property" | "PrivateAttr" | "ConfigDict" | "dynamic_loader" => {
                    return;
                }
                _ => {
                    read.opaque = true;
                    Some((ColumnDef { name: attr.to_owned(), line: field.span.line, ..ColumnDef::default() }, None))
                }
            },
            (OrmKind::SqlAlchemy, None) => {
                if field.annotation.is_none() || words.iter().any(|w| matches!(w.as_str(), "ClassVar" | "relationship"))
                {
                    return;
                }
                let related = self.orm().relations_of(class, field.name);
                if related {
                    return;
                }
                Some((ColumnDef { name: attr.to_owned(), line: field.span.line, ..ColumnDef::default() }, None))
            }
            (_, Some((callee, args))) => {
                let short = self.field_class(callee).unwrap_or_default();
                if !(short.contains("Field") || short.contains("Key") || kind == OrmKind::Active) {
                    return;
                }
                read.few = ["choices", "enum_type"].iter().any(|k| self.schema_keyword(args, k).is_some())
                    || short.contains("Boolean")
                    || short.contains("Enum");
                read.moment = short.contains("Date");
                let library = match self.ty(callee.0, callee.1) {
                    Type::LibRef(name) => self.text(*name).to_owned(),
                    _ => String::new(),
                };
                // Fields of other libraries may make an index of their own.
                read.opaque = kind == OrmKind::Django && !library.starts_with("django.") && !library.is_empty();
                let app = self.app_of(class);
                self.active_column((scope, field.value.unwrap_or(ValueId(0))), attr, &app, kind)
            }
            (_, None) => None,
        };
        let Some((mut column, index)) = column else { return };
        if column.type_name.is_empty() {
            let first =
                words.iter().find(|w| !matches!(w.as_str(), "Mapped" | "Optional" | "None" | "Union" | "Annotated"));
            column.type_name = first.map(|w| w.to_ascii_lowercase()).unwrap_or_default();
        }
        let type_name = column.type_name.as_str();
        read.few |= type_name.contains("bool")
            || type_name.contains("enum")
            || words.iter().any(|w| w == "Literal" || w == "bool");
        read.few |= self.names_enum(scope, field.annotation);
        read.moment |= type_name.contains("date") || type_name.contains("timestamp");
        read.opaque |= field.value.is_none() && self.aliased(scope, field.annotation);
        read.column.clone_from(&column.name);
        read.opaque |=
            call.is_some_and(|(_, args)| args.iter().any(|a| matches!(a.kind, crate::model::ArgKind::SpreadNamed)));
        read.declined = call.is_some_and(|(callee, args)| {
            ["index", "db_index"].iter().any(|name| self.schema_flag(callee.0, args, name) == Some(false))
        });
        out.def.indexes.extend(index);
        out.def.columns.retain(|c| c.name != column.name);
        out.def.columns.push(column);
        out.fields.retain(|f| f.attr != field.name);
        out.fields.push(read);
    }

    /// Django, Tortoise, Peewee, Piccolo: options of a field.
    fn active_column(&self, at: At, attr: &str, app: &str, kind: OrmKind) -> Option<(ColumnDef, Option<IndexDef>)> {
        let mut field = self.django_field(at, attr, app)?;
        if kind == OrmKind::Active
            && let Some((callee, args)) = self.schema_call(at)
        {
            // Peewee indexes its foreign keys, Tortoise and Piccolo do not.
            let peewee = matches!(self.ty(callee.0, callee.1), Type::LibRef(n) if self.text(*n).starts_with("peewee"));
            let foreign = field.column.type_name == "foreignkey" || self.short_name(callee) == Some("ForeignKey");
            if foreign && !peewee {
                let asked = ["db_index", "index"].iter().find_map(|k| self.schema_flag(callee.0, args, k));
                field.indexed = asked.unwrap_or(false);
                let deleted = self.schema_keyword(args, "on_delete").and_then(|v| {
                    self.short_name((callee.0, v)).map(str::to_owned).or_else(|| self.schema_text((callee.0, v)))
                });
                let named = args.first().and_then(|arg| self.schema_text((callee.0, arg.value)));
                let model = named.as_deref().and_then(|text| text.rsplit('.').next()).and_then(|name| self.sym(name));
                let table = self.orm().named(model).and_then(|class| self.table_of_class(class));
                if let Some(to) = &mut field.column.references {
                    // `"models.Tournament"` of Tortoise names the class.
                    to.table = table.unwrap_or_else(|| to.table.clone());
                    // Tortoise's default.
                    to.on_delete = deleted.map_or(OnDelete::Cascade, |text| on_delete(&text));
                }
            }
        }
        let index = field
            .indexed
            .then(|| IndexDef::over(IndexKind::Plain, std::slice::from_ref(&field.column.name), field.column.line));
        Some((field.column, index))
    }

    /// SQLModel's `Field(…)`.
    fn sqlmodel_column(&self, at: At, attr: &str) -> Option<(ColumnDef, Option<IndexDef>)> {
        let (callee, args) = self.schema_call(at)?;
        let f = callee.0;
        if let Some(v) = self.schema_keyword(args, "sa_column") {
            return self.core_column((f, v), Some(attr));
        }
        let mut column = ColumnDef { name: attr.to_owned(), line: self.line_of(at), ..ColumnDef::default() };
        let flag = |name: &str| self.schema_flag(f, args, name) == Some(true);
        if flag("primary_key") {
            column.own_index = Some(IndexKind::Primary);
        } else if flag("unique") {
            column.own_index = Some(IndexKind::Unique);
        }
        if let Some(text) = self.schema_keyword(args, "foreign_key").and_then(|v| self.schema_text((f, v))) {
            let deleted = self.schema_keyword(args, "ondelete").and_then(|v| self.schema_text((f, v)));
            let table = text.rsplit('.').nth(1).unwrap_or("").to_owned();
            column.references =
                Some(Reference { table, on_delete: deleted.map(|t| on_delete(&t)).unwrap_or_default() });
        }
        for v in self.schema_keyword(args, "sa_column_args").map(|v| self.schema_items((f, v))).unwrap_or_default() {
            if self.schema_call(v).is_some_and(|(callee, _)| self.short_name(callee) == Some("ForeignKey")) {
                column.references = self.core_reference(v);
            }
        }
        if let Some(name) = self.schema_keyword(args, "sa_type").and_then(|v| self.short_name((f, v))) {
            column.type_name = name.to_ascii_lowercase();
        }
        let index =
            flag("index").then(|| IndexDef::over(IndexKind::Plain, std::slice::from_ref(&column.name), column.line));
        Some((column, index))
    }

    /// `@declared_attr def user_id(cls): return Column(…)`
    fn declared_columns(&self, owner: ClassId, out: &mut Reading) {
        let module = self.code().module_of_class(owner);
        for method in &self.code().class(owner).methods {
            let f = self.code().func_id(module, *method);
            let function = self.code().func(f);
            let declared = function.decorators.iter().any(|d| {
                let parent = self.code().parent(f);
                let short = self.short_name((parent, d.value));
                matches!(short, Some("declared_attr" | "declared_attr.directive" | "directive"))
            });
            if !declared {
                continue;
            }
            let returned = self.code().body(f).ops.iter().rev().find_map(|op| match op.kind {
                OpKind::Return(Some(v)) => Some(v),
                _ => None,
            });
            let Some(v) = returned else { continue };
            let is_column = self
                .schema_call((f, v))
                .is_some_and(|(callee, _)| matches!(self.short_name(callee), Some("Column" | "mapped_column")));
            let attr = self.text(function.name);
            if let Some((column, index)) = self.core_column((f, v), Some(attr)).filter(|_| is_column) {
                out.def.indexes.extend(index);
                out.fields.push(ModelField {
                    attr: function.name,
                    column: column.name.clone(),
                    owner,
                    span: function.span,
                    few: column.type_name.contains("bool") || column.type_name.contains("enum"),
                    opaque: false,
                    moment: column.type_name.contains("date"),
                    declined: false,
                });
                out.def.columns.push(column);
            }
        }
    }

    /// `__table_args__`, `Meta.indexes` and its relatives.
    fn model_indexes(&self, class: ClassId, owner: ClassId, kind: OrmKind, out: &mut Reading) {
        if kind == OrmKind::SqlAlchemy {
            if let Some((f, v)) = self.class_value(owner, "__table_args__") {
                if owner == class {
                    let fields = &self.code().class(owner).fields;
                    out.listed = fields.iter().find(|f| self.text(f.name) == "__table_args__").map(|f| f.span);
                }
                self.nested_constraints((f, v), 0, &mut out.def);
            }
            if let Some(f) = self.own_method(owner, "__table_args__") {
                for i in 0..self.code().body(f).ops.len() {
                    let v = ValueId(u32::try_from(i).unwrap_or(u32::MAX));
                    if matches!(self.code().op(f, v).map(|op| &op.kind), Some(OpKind::Call { .. })) {
                        self.core_constraint((f, v), &mut out.def);
                    }
                }
            }
            return;
        }
        let Some(meta) = self.meta_of(owner) else { return };
        for name in ["indexes", "constraints"] {
            let Some(at) = self.class_value(meta, name) else { continue };
            if owner == class && name == "indexes" {
                let fields = &self.code().class(meta).fields;
                out.listed = fields.iter().find(|f| self.text(f.name) == name).map(|f| f.span);
            }
            for item in self.schema_items(at) {
                if let Some(index) = self.django_index(item) {
                    out.def.indexes.push(index);
                    continue;
                }
                // Tortoise: ("a", "b"); Peewee: (("a", "b"), True)
                let parts = self.schema_items(item);
                let first = parts.first().map(|first| self.schema_items(*first)).unwrap_or_default();
                let list = if first.is_empty() { parts } else { first };
                let columns: Vec<String> = list.into_iter().filter_map(|c| self.schema_text(c)).collect();
                if !columns.is_empty() {
                    out.def.indexes.push(IndexDef::over(IndexKind::Plain, &columns, self.line_of(item)));
                }
            }
        }
        for (name, kind) in [("unique_together", IndexKind::Unique), ("index_together", IndexKind::Plain)] {
            let Some(at) = self.class_value(meta, name) else { continue };
            for columns in self.together(at) {
                out.def.indexes.push(IndexDef::over(kind, &columns, self.line_of(at)));
            }
        }
        if let Some((callee, args)) = self.class_value(meta, "primary_key").and_then(|at| self.schema_call(at)) {
            let columns: Vec<String> = Self::positional(args).filter_map(|v| self.schema_text((callee.0, v))).collect();
            out.def.indexes.push(IndexDef::over(IndexKind::Primary, &columns, 1));
        }
    }

    fn nested_constraints(&self, at: At, depth: u32, out: &mut TableDef) {
        if depth > 5 || self.core_constraint(at, out) {
            return;
        }
        let (f, v) = self.origin(at.0, at.1);
        let Some(op) = self.code().op(f, v) else { return };
        let mut operands = Vec::new();
        op.kind.operands(|operand| operands.push(operand));
        for operand in operands.into_iter().filter(|o| o.0 < v.0) {
            self.nested_constraints((f, operand), depth + 1, out);
        }
    }

    /// The names in an annotation, in order.
    fn annotation_words(&self, (f, v): At) -> Vec<String> {
        let mut out = Vec::new();
        self.words_into((f, v), 0, &mut |project, at| {
            if let Some(short) = project.short_name(at) {
                out.push(short.to_owned());
            }
        });
        out
    }

    fn words_into(&self, (f, v): At, depth: u32, visit: &mut dyn FnMut(&Self, At)) {
        let Some(op) = self.code().op(f, v) else { return };
        if matches!(op.kind, OpKind::Global(_) | OpKind::Attr { .. }) {
            visit(self, (f, v));
            return;
        }
        if depth < 8 {
            let mut operands = Vec::new();
            op.kind.operands(|operand| operands.push(operand));
            for operand in operands.into_iter().filter(|o| o.0 < v.0) {
                self.words_into((f, operand), depth + 1, visit);
            }
        }
    }

    /// Whether an annotation names an enum of the project or of the library.
    fn names_enum(&self, scope: FuncId, annotation: Option<ValueId>) -> bool {
        let mut found = false;
        if let Some(annotation) = annotation {
            self.words_into((scope, annotation), 0, &mut |project, at| {
                let class = project.schema_class(at);
                found |= class.is_some_and(|c| project.library_ancestors(c).any(|base| base.starts_with("enum.")));
            });
        }
        found
    }

    /// Whether an annotation names something that stands for an annotated column (`intpk`).
    fn aliased(&self, scope: FuncId, annotation: Option<ValueId>) -> bool {
        let mut found = false;
        if let Some(annotation) = annotation {
            self.words_into((scope, annotation), 0, &mut |project, at| {
                let (f, v) = project.origin(at.0, at.1);
                let kind = project.code().op(f, v).map(|op| &op.kind);
                found |= (f, v) != at && matches!(kind, Some(OpKind::Item { .. } | OpKind::Call { .. }));
            });
        }
        found
    }
}
