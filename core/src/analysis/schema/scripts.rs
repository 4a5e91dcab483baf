//! Where histories come from: SQL files by folder, SQL in code, revisions of Alembic, migrations of
//! Django.

use super::history::{followed, in_order};
use super::replay::Steps;
use crate::analysis::{FuncId, Project, Type};
use crate::languages::sql;
use crate::libraries::RunContext;
use crate::model::schema::TableDef;
use crate::model::{Const, OpKind, Sym, TextPart, ValueId};
use crate::order::InOrder as _;
use std::collections::BTreeMap;

impl Project {
    /// SQL files, folder by folder, in the order of their names.
    pub(super) fn script_files(&self, out: &mut Steps) {
        let applying = self.scripts().iter().filter(|(path, _)| applies(path));
        let mut files: Vec<_> = applying
            .map(|(path, text)| {
                let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
                ((folder, natural(name)), path, text)
            })
            .collect();
        files.order_by(|a, b| a.0.cmp(&b.0));
        for (_, path, text) in files {
            out.script(path, sql::read(text, 1));
        }
    }

    /// Statements in the code that change the schema, outside migrations of the frameworks; and
    /// tables of SQLAlchemy Core.
    pub(super) fn embedded_scripts(&self, out: &mut Steps, core: &mut Vec<(TableDef, String)>) {
        // Texts are asked in the order that they lie in, not in the code's.
        let scripts: Vec<bool> = self.names().texts().map(changes_schema).collect();
        let is_script = |sym: &Sym| scripts.get(sym.0 as usize).copied().unwrap_or(false);
        let mut last = None;
        for f in self.code().func_ids() {
            let module = self.code().module_of(f);
            let migration = match last {
                Some((of, known)) if of == module => known,
                _ => self.in_framework_migration(f),
            };
            last = Some((module, migration));
            if migration || self.context(f) == RunContext::Test {
                continue;
            }
            for at in self.code().texts_in(f).iter().map(|v| (f, *v)) {
                match self.code().op(f, at.1).map(|op| &op.kind) {
                    Some(OpKind::Const(Const::Str(s))) if is_script(s) => {
                        self.script_steps(at, Some(self.text(*s)), out);
                    }
                    Some(OpKind::Text(parts)) => {
                        let first = parts.iter().find_map(|part| match part {
                            TextPart::Literal(s) => Some(s),
                            TextPart::Hole(_) => None,
                        });
                        if first.is_some_and(is_script) {
                            self.script_steps(at, self.schema_text(at).as_deref(), out);
                        }
                    }
                    _ => {}
                }
            }
            for &v in self.code().calls_in(f) {
                let Some(OpKind::Call { callee, args }) = self.code().op(f, v).map(|op| &op.kind) else { continue };
                let Type::LibRef(name) = self.ty(f, *callee) else { continue };
                let lib = self.text(*name);
                if lib.starts_with("sqlalchemy") && lib.ends_with(".Table") {
                    let path = self.code().path(f).to_owned();
                    core.extend(self.core_table(f, args, 2).map(|table| (table, path)));
                } else if lib.starts_with("sqlalchemy") && lib.ends_with(".Index") {
                    self.loose_index(f, (f, v), args, core);
                }
            }
        }
    }

    /// `Index("name", Model.column)` outside the class.
    fn loose_index(
        &self,
        f: FuncId,
        at: (FuncId, ValueId),
        args: &[crate::model::Arg],
        core: &mut Vec<(TableDef, String)>,
    ) {
        let class = Self::positional(args).skip(1).find_map(|v| {
            let v = match &self.code().op(f, v)?.kind {
                OpKind::Call { callee, .. } => match self.code().op(f, *callee)?.kind {
                    OpKind::Attr { base, .. } => base,
                    _ => return None,
                },
                _ => v,
            };
            match self.code().op(f, v)?.kind {
                OpKind::Attr { base, .. } => self.schema_class((f, base)),
                _ => None,
            }
        });
        let Some(table) = class.and_then(|class| self.table_of_class(class)) else { return };
        let mut definition = TableDef { name: table, open: true, ..TableDef::default() };
        self.core_constraint(at, &mut definition);
        core.push((definition, self.code().path(f).to_owned()));
    }

    pub(super) fn in_framework_migration(&self, f: FuncId) -> bool {
        let module = self.code().module_of(f);
        let path = self.code().path(f);
        (path.contains("/versions/") || path.contains("migrations/") || path.contains("alembic/"))
            && (self.alembic_revision(module).is_some()
                || self
                    .code()
                    .module(module)
                    .is_some_and(|m| m.classes.iter().any(|c| self.text(c.name) == "Migration")))
    }

    /// Revisions of Alembic, each folder a graph of its own.
    pub(super) fn alembic_history(&self, out: &mut Steps) {
        let mut graphs: BTreeMap<String, Vec<_>> = BTreeMap::new();
        for (node, upgrade) in self.code().module_ids().filter_map(|m| self.alembic_revision(m)) {
            graphs.entry(node.group.clone()).or_default().push((node, upgrade));
        }
        for found in graphs.into_values() {
            let (nodes, upgrades): (Vec<_>, Vec<FuncId>) = found.into_iter().unzip();
            out.followed.extend(followed(&nodes));
            for i in in_order(&nodes, &mut out.problems) {
                if let Some(upgrade) = upgrades.get(i) {
                    self.alembic_steps(*upgrade, 0, out);
                }
            }
        }
    }

    /// Migrations of Django, all apps in one graph.
    pub(super) fn django_history(&self, out: &mut Steps) {
        let mut found: Vec<_> =
            self.code().class_ids().filter_map(|class| Some((self.django_migration(class)?, class))).collect();
        let names: Vec<String> = found.iter().map(|(node, _)| node.name.clone()).collect();
        // A squashed migration beside those that it stands for adds nothing.
        found.retain(|(_, class)| !self.django_squash(*class).iter().any(|name| names.contains(name)));
        let (nodes, classes): (Vec<_>, Vec<_>) = found.into_iter().unzip();
        out.followed.extend(followed(&nodes));
        let mut problems = Vec::new();
        let order = in_order(&nodes, &mut problems);
        let squashed = names.len() != nodes.len();
        // What follows a squashed migration has no parent here.
        out.problems.extend(problems.into_iter().filter(|p| !(squashed && p.message.contains("not in the project"))));
        let mut tables = BTreeMap::new();
        for i in order {
            let (Some(node), Some(class)) = (nodes.get(i), classes.get(i)) else { continue };
            if let Some(list) = self.class_value(*class, "operations") {
                self.django_operations(&node.group, list, &mut tables, 0, out);
            }
        }
    }
}

/// Whether a text begins with a statement that changes a schema.
fn changes_schema(text: &str) -> bool {
    if text.len() <= 16 {
        return false;
    }
    let rest = text.trim_start();
    if !matches!(rest.as_bytes().first(), Some(b'a' | b'A' | b'c' | b'C' | b'd' | b'D')) {
        return false;
    }
    let mut words = rest.split_whitespace();
    let first = words.next().unwrap_or("");
    let is = |word: &str| first.eq_ignore_ascii_case(word);
    if !(is("create") || is("alter") || is("drop") || is("do")) {
        return false;
    }
    // Prose begins with such words as well.
    words.take(5).any(|word| {
        let word = word.to_ascii_lowercase();
        ["table", "index", "trigger", "function", "procedure", "$$"].contains(&word.as_str())
    })
}

/// Files that go forward and are no test data.
fn applies(path: &str) -> bool {
    let lower = path.to_ascii_lowercase();
    let (folder, name) = lower.rsplit_once('/').unwrap_or(("", &lower));
    let backward =
        name.contains(".down.") || name == "down.sql" || name.contains("rollback") || name.ends_with("_down.sql");
    let aside = folder
        .split('/')
        .any(|part| matches!(part, "down" | "tests" | "test" | "fixtures" | "testdata" | "node_modules"));
    !backward && !aside
}

/// Names compare by their numbers: `V2__x.sql` before `V10__y.sql`.
fn natural(name: &str) -> Vec<(u64, String)> {
    let mut out: Vec<(u64, String)> = Vec::new();
    let mut rest = name;
    while !rest.is_empty() && out.len() < 64 {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let number = rest.get(..digits).and_then(|d| d.parse().ok()).unwrap_or(0);
        rest = rest.get(digits..).unwrap_or("");
        let text = rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len());
        out.push((number, rest.get(..text).unwrap_or("").to_owned()));
        rest = rest.get(text..).unwrap_or("");
    }
    out
}
