//! What is done with many rows: methods of queries, results and lists; and rows in the context of a
//! template.

use super::code::FuncId;
use super::flow::source_of;
use super::read_calls::{ABOUT_PAGES, ONE_ROW, OTHER_SQL, SAME_ROWS};
use super::reads::{Reader, Shape, Walk, number};
use super::types::Type;
use crate::model::{Arg, ArgKind, OpKind, Sym, ValueId};

impl Reader<'_> {
    /// `rows.…`
    pub(super) fn rows_attribute(&mut self, walk: &mut Walk, f: FuncId, at: ValueId, name: Sym, shape: Shape) {
        let project = self.project;
        let body = project.code().body(f);
        let flow = self.flow(f);
        let text = project.text(name);
        let template = project.is_template(f);
        let mut called = false;
        for user in flow.users(at) {
            if let Some(OpKind::Call { callee, args }) = body.op(user).map(|op| &op.kind)
                && *callee == at
            {
                called = true;
                let args = args.clone();
                self.rows_method(walk, f, user, text, &args, shape);
            }
        }
        if called {
            return;
        }
        match text {
            "object_list" => walk.push(f, at, shape, 0),
            _ if template => self.rows_method(walk, f, at, text, &[], shape),
            _ if ABOUT_PAGES.contains(&text) => {}
            _ => walk.lose(f, at),
        }
    }

    fn rows_method(&mut self, walk: &mut Walk, f: FuncId, call: ValueId, name: &str, args: &[Arg], shape: Shape) {
        let project = self.project;
        let narrowed = project.query(f, call).is_some_and(|facts| {
            facts.plain_rows || !self.partly && (facts.only.is_some() || !facts.deferred.is_empty())
        });
        if narrowed {
            return;
        }
        match name {
            "scalars" => walk.push(f, call, Shape::Rows, 0),
            "scalar" | "scalar_one" | "scalar_one_or_none" => {
                walk.found.one.push((f, call));
                walk.push(f, call, Shape::Row, 0);
            }
            "limit" | "fetch" => {
                walk.found.limited = true;
                walk.push(f, call, shape, 0);
            }
            "page" | "get_page" | "paginate" => {
                walk.found.limited = true;
                walk.push(f, call, shape, 0);
            }
            _ if SAME_ROWS.contains(&name) => walk.push(f, call, shape, 0),
            "sort" => {
                for arg in args {
                    self.by_reference(walk, f, call, arg.value, Shape::Row);
                }
            }
            "items" if shape == Shape::Rows => walk.push(f, call, Shape::Pairs(1), 0),
            _ if ONE_ROW.contains(&name) && shape == Shape::Rows => {
                walk.found.one.push((f, call));
                walk.push(f, call, Shape::Row, 0);
            }
            _ if OTHER_SQL.contains(&name) => {}
            _ => {
                let targets: Vec<FuncId> = project
                    .sites_at(f, call)
                    .flat_map(|site| &site.targets)
                    .filter(|t| !t.by_name)
                    .map(|t| t.func)
                    .collect();
                let rows = matches!(project.ty(f, call), Type::Lib(_, elem, _)
                    if matches!(project.type_of(*elem), Type::Inst(class, _) if *class == walk.model));
                if targets.is_empty() || !rows {
                    walk.lose(f, call);
                    return;
                }
                // A method of the project's queryset.
                for g in targets {
                    self.parameter(walk, g, 0, shape);
                }
                walk.push(f, call, shape, 0);
            }
        }
    }

    /// A function that is handed over and gets the rows: `key=lambda row: row.date`.
    pub(super) fn by_reference(&self, walk: &mut Walk, f: FuncId, call: ValueId, function: ValueId, shape: Shape) {
        let project = self.project;
        let body = project.code().body(f);
        let at = source_of(body, function);
        let g = match body.op(at).map(|op| &op.kind) {
            Some(OpKind::Closure(inner)) => Some(project.code().func_id(project.code().module_of(f), *inner)),
            Some(OpKind::Const(_)) => return,
            _ => match project.ty(f, at) {
                Type::Func(g) => Some(*g),
                _ => None,
            },
        };
        match g {
            Some(g) => self.parameter(walk, g, 0, shape),
            None => walk.lose(f, call),
        }
    }

    /// A dict with the value under `name`: a template's context, or lost.
    pub(super) fn in_context(&mut self, walk: &mut Walk, f: FuncId, dict: ValueId, name: Sym, shape: Shape) {
        let body = self.project.code().body(f);
        for used in self.flow(f).uses(dict).ops {
            match body.op(used).map(|op| &op.kind) {
                Some(OpKind::Call { callee, .. }) if *callee != dict => self.rendered(walk, f, used, name, shape),
                Some(OpKind::StoreItem { base, .. }) if source_of(body, *base) == dict => {}
                _ => walk.lose(f, used),
            }
        }
    }

    /// The call renders templates with the value under `name`.
    pub(super) fn rendered(&self, walk: &mut Walk, f: FuncId, call: ValueId, name: Sym, shape: Shape) {
        let project = self.project;
        let targets: Vec<FuncId> = project
            .sites_at(f, call)
            .flat_map(|site| &site.targets)
            .map(|t| t.func)
            .filter(|t| project.is_template(*t))
            .collect();
        if targets.is_empty() {
            walk.lose(f, call);
        }
        for template in targets {
            self.in_template(walk, template, name, shape, 0);
        }
    }

    fn in_template(&self, walk: &mut Walk, template: FuncId, name: Sym, shape: Shape, depth: u32) {
        let project = self.project;
        let function = project.code().func(template);
        if let Some(i) = function.params.iter().position(|param| param.name == name) {
            self.parameter(walk, template, u16::try_from(i).unwrap_or(u16::MAX), shape);
        }
        // Templates that are included or extended see the same names.
        for (i, op) in function.body.ops.iter().enumerate() {
            let OpKind::Call { callee, args } = &op.kind else { continue };
            let includes = matches!(function.body.op(*callee).map(|op| &op.kind), Some(OpKind::Global(called))
                if matches!(project.text(*called), crate::model::TEMPLATE_INCLUDE | crate::model::TEMPLATE_EXTENDS));
            if !includes || args.iter().any(|arg| arg.kind == ArgKind::Named(name)) {
                continue;
            }
            let inner: Vec<FuncId> =
                project.sites_at(template, number(i)).flat_map(|site| &site.targets).map(|t| t.func).collect();
            if inner.is_empty() || depth > 5 {
                walk.lose(template, number(i));
            }
            for inner in inner {
                self.in_template(walk, inner, name, shape, depth + 1);
            }
        }
    }
}
