//! The table behind a model class.

use crate::analysis::orm::OrmKind;
use crate::analysis::{ClassId, Project};
use crate::model::{Const, OpKind, TextPart};

impl Project {
    /// The `Meta` class of a model.
    pub(super) fn meta_of(&self, class: ClassId) -> Option<ClassId> {
        let code = self.code();
        let module = code.module_of_class(class);
        let classes = &code.module(module)?.classes;
        let at = classes.iter().position(|inner| {
            inner.outer.is_some_and(|outer| code.class_id(module, outer) == class) && self.text(inner.name) == "Meta"
        })?;
        Some(code.class_id(module, crate::model::ClassIdx(u32::try_from(at).ok()?)))
    }

    /// A literal in a model's `Meta`.
    pub(super) fn meta_true(&self, class: ClassId, name: &str) -> bool {
        let Some(at) = self.meta_of(class).and_then(|meta| self.class_value(meta, name)) else { return false };
        let (f, v) = self.origin(at.0, at.1);
        matches!(self.code().op(f, v).map(|op| &op.kind), Some(OpKind::Const(Const::Bool(true))))
    }

    /// The database table of a model class: as stated, or as its library names it.
    #[must_use]
    pub fn table_of_class(&self, class: ClassId) -> Option<String> {
        let model = self.orm().model(class)?;
        let name = self.text(self.code().class(class).name);
        let stated = |class: ClassId| self.class_value(class, "__tablename__").and_then(|at| self.schema_text(at));
        match model.kind {
            OrmKind::SqlAlchemy => {
                let inherited = self.project_ancestors(class).find_map(stated);
                let computed = || self.project_ancestors(class).find_map(|c| self.declared_name(c, name));
                Some(inherited.or_else(computed).unwrap_or_else(|| {
                    if self.library_ancestors(class).any(|base| base.contains("flask_sqlalchemy")) {
                        snake(name)
                    } else {
                        name.to_ascii_lowercase()
                    }
                }))
            }
            OrmKind::Django => {
                if self.meta_true(class, "proxy") {
                    let parent = self.project_ancestors(class).skip(1).find(|c| self.orm().is_model(*c))?;
                    return self.table_of_class(parent);
                }
                let meta = self.meta_of(class);
                let of_meta =
                    |name: &str| meta.and_then(|m| self.class_value(m, name)).and_then(|at| self.schema_text(at));
                if let Some(table) = of_meta("db_table") {
                    return Some(table);
                }
                let app = of_meta("app_label").unwrap_or_else(|| self.app_of(class));
                Some(format!("{app}_{}", name.to_ascii_lowercase()))
            }
            OrmKind::Active => {
                let meta = self.meta_of(class);
                let of_meta =
                    |name: &str| meta.and_then(|m| self.class_value(m, name)).and_then(|at| self.schema_text(at));
                Some(of_meta("table_name").or_else(|| of_meta("table")).unwrap_or_else(|| name.to_ascii_lowercase()))
            }
        }
    }

    /// The name that a `__tablename__` method computes: lower case, with underscores when it does
    /// more than that, in the plural when it adds an `s`.
    fn declared_name(&self, class: ClassId, name: &str) -> Option<String> {
        let body = self.code().body(self.own_method(class, "__tablename__")?);
        let mut words = false;
        let mut plural = false;
        for op in &body.ops {
            match &op.kind {
                OpKind::Attr { name, .. } => words |= self.text(*name) == "sub",
                OpKind::Call { callee, .. } => {
                    words |= matches!(body.op(*callee).map(|op| &op.kind), Some(OpKind::Global(_)));
                }
                OpKind::Const(Const::Str(s)) => plural |= self.text(*s) == "s",
                OpKind::Text(parts) => {
                    plural |= matches!(parts.last(), Some(TextPart::Literal(s)) if self.text(*s) == "s");
                }
                _ => {}
            }
        }
        let base = if words { snake(name) } else { name.to_ascii_lowercase() };
        Some(if plural { base + "s" } else { base })
    }

    /// The folder of the application that a Django model belongs to.
    pub(super) fn app_of(&self, class: ClassId) -> String {
        let path = self.code().module(self.code().module_of_class(class)).map_or("", |m| m.path.as_str());
        let mut folders = path.rsplit('/').skip(1).skip_while(|folder| *folder == "models");
        let first = folders.next().unwrap_or("");
        // `app/models/billing/plan.py`: the app is above `models`.
        let mut above = path.split('/').collect::<Vec<_>>();
        above.pop();
        match above.iter().rposition(|folder| *folder == "models") {
            Some(i) if i > 0 => above.get(i - 1).map_or(first, |app| app).to_owned(),
            _ => first.to_owned(),
        }
    }
}

/// `OrderLine` -> `order_line`, as Flask-SQLAlchemy names tables.
fn snake(name: &str) -> String {
    let mut out = String::new();
    let chars: Vec<char> = name.chars().collect();
    for (i, c) in chars.iter().enumerate() {
        let before =
            i.checked_sub(1).and_then(|j| chars.get(j)).is_some_and(|b| b.is_lowercase() || b.is_ascii_digit());
        let after = i > 0 && chars.get(i + 1).is_some_and(|a| a.is_lowercase());
        if c.is_uppercase() && (before || after) {
            out.push('_');
        }
        out.extend(c.to_lowercase());
    }
    out
}

#[cfg(test)]
mod tests {
    #[test]
    fn names_as_flask_sqlalchemy_makes_them() {
        assert_eq!(super::snake("OrderLine"), "order_line");
        assert_eq!(super::snake("HTTPLog"), "http_log");
    }
}
