//! A query asks for some of the columns (`only`, `defer`, `load_only`), and the code reads others of each
//! row: every such read loads the row once more.

use crate::analysis::{ClassId, FuncId, MethodCall, Project, Reader, Shape, Type, inside};
use crate::checks::check::{Cx, Draft, Judgement, Place};
use crate::checks::support::{confidence, context_evidence, context_facts, grade, place_of};
use crate::libraries::RunContext;
use crate::model::{Arg, ArgKind, Const, OpKind, RegionKind, Sym, ValueId};
use crate::order::InOrder as _;
use crate::report::model::{Effort, Severity};

/// A column outside the narrowed query.
#[derive(Clone, Debug)]
pub struct Narrowed {
    /// The step that leaves it out: its name in the code.
    by: Sym,
    model: ClassId,
    column: Sym,
    read: (FuncId, ValueId),
}

/// What a step leaves of the columns.
struct Part {
    by: Sym,
    names: Vec<Sym>,
    kept: bool,
    /// The class that the option is about, when it says so: `Load(Order)`.
    about: Option<ClassId>,
}

/// All of them.
pub(super) fn candidates(cx: Cx<'_>) -> Vec<(Place, Narrowed)> {
    let project = cx.project;
    let mut reader: Option<Reader<'_>> = None;
    let mut out = Vec::new();
    for name in ["only", "defer", "options"].into_iter().filter_map(|name| project.sym(name)) {
        for MethodCall { func: f, op: at, callee, args, .. } in project.code().method_calls(name) {
            if matches!(project.context(f), RunContext::Test | RunContext::Migration) || project.is_template(f) {
                continue;
            }
            let body = project.code().body(f);
            let Some(part) = part_of(project, f, callee, args) else { continue };
            let Some((model, shape)) = rows_of(project, f, at, part.about) else { continue };
            let reader = reader.get_or_insert_with(|| Reader::new(project));
            let used = reader.follow_part(f, at, shape, model);
            // A later step asks anew.
            let again = used.refined.iter().any(|(g, v)| {
                (*g, *v) != (f, at)
                    && matches!(project.code().op(*g, *v).map(|op| &op.kind), Some(OpKind::Call { callee, args })
                        if part_of(project, *g, *callee, args).is_some())
            });
            if again || used.many.is_empty() || !used.one.is_empty() {
                continue;
            }
            // `only("owner__name")` keeps the foreign key too.
            let first = |name: &Sym| {
                let hop = project.text(*name).split("__").next().filter(|hop| !hop.is_empty());
                hop.filter(|hop| hop.len() < project.text(*name).len()).map_or(Some(*name), |hop| project.sym(hop))
            };
            let named: Vec<Sym> =
                part.names.iter().filter_map(first).filter_map(|n| project.column_named(model, n)).collect();
            let read = used.reads.iter().find(|read| {
                let column = project.columns_of(model).into_iter().find(|column| column.name == read.column);
                column.is_some_and(|column| !column.key && !column.deferred && project.text(column.name) != "id")
                    && named.contains(&read.column) != part.kept
                    && read.at.1.0 != u32::MAX
                    && (read.at.0 != f || inside(body, read.at.1, |kind| matches!(kind, RegionKind::Loop { .. })))
            });
            if let Some(read) = read {
                let found = Narrowed { by: part.by, model, column: read.column, read: read.at };
                out.push((place_of(project, f, at), found));
            }
        }
    }
    out.order_by_key(|(place, _)| *place);
    out
}

/// The columns that a call leaves in or out, when all of them are named.
fn part_of(project: &Project, f: FuncId, callee: ValueId, args: &[Arg]) -> Option<Part> {
    let code = project.code();
    let OpKind::Attr { name: by, .. } = code.op(f, callee)?.kind else { return None };
    let (by, args, about) = match project.text(by) {
        "only" | "defer" => (by, args, None),
        "options" => args.iter().find_map(|arg| option_of(project, f, arg.value))?,
        _ => return None,
    };
    let kept = project.text(by) != "defer";
    let names: Option<Vec<Sym>> = args
        .iter()
        .map(|arg| match (arg.kind, code.op(f, arg.value).map(|op| &op.kind)) {
            (ArgKind::Positional, Some(OpKind::Const(Const::Str(name)) | OpKind::Attr { name, .. })) => Some(*name),
            _ => None,
        })
        .collect();
    let names = names.filter(|names| !names.is_empty())?;
    Some(Part { by, names, kept, about })
}

/// `load_only(…)`, `orm.defer(…)`, `Load(Order).load_only(…)`; not the columns of a relation behind.
fn option_of(project: &Project, f: FuncId, v: ValueId) -> Option<(Sym, &[Arg], Option<ClassId>)> {
    let code = project.code();
    let OpKind::Call { callee, args } = &code.op(f, v)?.kind else { return None };
    let (by, about) = match &code.op(f, *callee)?.kind {
        OpKind::Global(name) => (*name, None),
        OpKind::Attr { base, name } => match &code.op(f, *base)?.kind {
            OpKind::Call { callee, args } => {
                let load = matches!(code.op(f, *callee).map(|op| &op.kind), Some(OpKind::Global(n) | OpKind::Attr { name: n, .. })
                    if project.text(*n) == "Load");
                match (load, args.first().map(|arg| project.ty(f, arg.value))) {
                    (true, Some(Type::ClassObj(class))) => (*name, Some(*class)),
                    _ => return None,
                }
            }
            _ => (*name, None),
        },
        _ => return None,
    };
    matches!(project.text(by), "load_only" | "defer").then_some((by, args, about))
}

/// The model whose columns the query at `v` narrows, and how its rows come.
fn rows_of(project: &Project, f: FuncId, v: ValueId, about: Option<ClassId>) -> Option<(ClassId, Shape)> {
    let Type::Lib(_, elem, query) = *project.ty(f, v) else { return None };
    project.query_facts(query)?;
    match project.type_of(elem) {
        Type::Inst(model, _) if about.is_none_or(|class| class == *model) => {
            project.orm().is_model(*model).then_some((*model, Shape::Rows))
        }
        Type::Tuple(members) => {
            let about = about?;
            let at = members.iter().position(|m| matches!(project.type_of(*m), Type::Inst(c, _) if *c == about))?;
            Some((about, Shape::Pairs(u16::try_from(at).ok()?)))
        }
        _ => None,
    }
}

pub(super) fn judge(cx: Cx<'_>, place: Place, found: &Narrowed) -> Judgement {
    let project = cx.project;
    let f = place.func;
    let (column, by) = (project.text(found.column), project.text(found.by));
    let model = project.text(project.code().class(found.model).name);
    let mut steps = Vec::new();
    if let Some(op) = place.op {
        steps.push(project.step(f, op, format!("`{by}` leaves `{column}` out")));
    }
    steps.push(project.step(found.read.0, found.read.1, format!("`{column}` is read of each row")));
    let mut facts = context_facts(cx, f);
    facts.hot |= matches!(project.context(f), RunContext::Request | RunContext::Stream);
    facts.table_used_context = true;
    Judgement::Confirmed(Box::new(Draft {
        place,
        severity: grade(project, f, Severity::High, Severity::Medium, Severity::Low),
        confidence: confidence(project, f, false),
        message: format!(
            "`{by}` leaves out `{column}` of `{model}`, which is read of each row: it loads every row again (N+1)"
        ),
        recommendation: if by == "defer" {
            format!("Take `{column}` out of `defer`")
        } else {
            format!("Name `{column}` in `{by}` too")
        },
        effort: Effort::S,
        steps,
        evidence: vec![context_evidence(project, f)],
        facts,
    }))
}
