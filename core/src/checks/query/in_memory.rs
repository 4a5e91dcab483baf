//! Rows that are loaded to be filtered or summed in memory, by their own columns alone: the database does that.

use super::large_payload::is_tiny;
use super::narrow::{Bounded, bounded};
use crate::analysis::{ClassId, Flow, FuncId, LoopFacts, Project, Type, source_of};
use crate::model::schema::{ColumnUse, IndexKind};
use crate::model::{BinaryOp, Body, CollectionKind, Const, OpKind, Region, RegionKind, Sym, ValueId, Wide};

/// What is done in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Work {
    /// Some rows are kept.
    Filters,
    /// One column is summed, or its largest or smallest value taken.
    Sums,
    /// A page of them is cut out.
    Slices,
    /// One of them is taken.
    Takes,
    /// They are gone through until one has a certain value.
    Searches,
}

/// A comprehension over all rows of a query.
#[derive(Clone, Debug)]
pub(super) struct InMemory {
    pub model: ClassId,
    pub work: Work,
    /// Columns that it reads.
    pub columns: Vec<Sym>,
    /// The query's rows.
    pub rows: ValueId,
    /// The query has conditions of its own.
    pub filtered: bool,
}

/// The comprehension at `at`, when it only filters or sums the rows of a query.
pub(super) fn in_memory(project: &Project, f: FuncId, at: ValueId) -> Option<InMemory> {
    let body = project.code().body(f);
    let OpKind::Comprehension { kind, region, element, .. } = body.op(at)?.kind else { return None };
    if kind == Some(CollectionKind::Dict) {
        return None;
    }
    let looped = body.regions.get(region.0 as usize)?;
    let RegionKind::Loop { iter: Some(iter), .. } = looped.kind else { return None };
    let inside = |v: ValueId| looped.start <= v.0 && v.0 < looped.end;
    let nested = body.regions.iter().enumerate().any(|(i, r)| {
        let inner = i != region.0 as usize && looped.start <= r.start && r.end <= looped.end;
        inner && matches!(r.kind, RegionKind::Loop { .. })
    });
    let row = (looped.start..looped.end)
        .map(ValueId)
        .find(|v| matches!(body.op(*v).map(|op| &op.kind), Some(OpKind::Element(it)) if *it == iter))?;
    let rows = source_of(body, iter);
    let (model, filtered) = unlimited(project, f, rows)?;
    let used_once = Flow::new(project.code(), f).uses(rows).ops.iter().all(|v| *v == row);
    if nested || !used_once || bounded(project, f, rows, Some(model)) == Some(Bounded::Keys) || is_tiny(project, model)
    {
        return None;
    }
    let is_row = |v: ValueId| source_of(body, v) == row;
    let mut columns = Vec::new();
    let mut tests = 0;
    for i in looped.start..looped.end {
        let op = body.op(ValueId(i))?;
        match &op.kind {
            OpKind::Attr { base, name } if is_row(*base) => {
                let column = project.column_named(model, *name)?;
                if !is_plain(project, model, column) || project.relation(model, *name).is_some() {
                    return None;
                }
                columns.push(column);
            }
            OpKind::Attr { base, .. } if inside(*base) && !outer(body, *base) => return None,
            OpKind::Truth(_) => tests += 1,
            OpKind::Not(_) | OpKind::Collection { .. } => {}
            kind if only_reads(kind) => {}
            _ => return None,
        }
    }
    columns.dedup();
    let work = if is_row(element) && tests > 0 && !columns.is_empty() {
        Work::Filters
    } else if matches!(body.op(element).map(|op| &op.kind), Some(OpKind::Attr { base, .. }) if is_row(*base))
        && summed(project, f, at)
    {
        Work::Sums
    } else {
        return None;
    };
    Some(InMemory { model, work, columns, rows, filtered })
}

/// The rows of the slice or item at `at`, when all of them are loaded to be cut.
pub(super) fn sliced(project: &Project, f: FuncId, at: ValueId) -> Option<InMemory> {
    let body = project.code().body(f);
    let constant = |v: ValueId| matches!(body.op(v).map(|op| &op.kind), Some(OpKind::Const(Const::Int(_))));
    let (base, work) = match body.op(at)?.kind {
        OpKind::Slice { base, bounded: true } => (base, Work::Slices),
        OpKind::Item { base, index } if constant(index) => (base, Work::Takes),
        _ => return None,
    };
    let rows = source_of(body, base);
    if !matches!(project.ty(f, rows), Type::List(_)) {
        return None;
    }
    let (model, filtered) = unlimited(project, f, rows)?;
    let uses = Flow::new(project.code(), f).uses(rows).ops;
    let cuts =
        |v: &&ValueId| matches!(body.op(**v).map(|op| &op.kind), Some(OpKind::Slice { .. } | OpKind::Item { .. }));
    // One finding for all cuts of the same rows.
    if uses.iter().find(cuts) != Some(&at) {
        return None;
    }
    let cut = uses.iter().all(|v| match body.op(*v).map(|op| &op.kind) {
        Some(OpKind::Slice { .. }) => work == Work::Slices,
        Some(OpKind::Item { index, .. }) => work == Work::Takes && constant(*index),
        Some(OpKind::Truth(_) | OpKind::Not(_)) => true,
        Some(OpKind::Call { callee, .. }) => {
            matches!(project.ty(f, *callee), Type::LibRef(name) if project.text(*name) == "builtins.len")
                && (work == Work::Slices || only_tells_presence(project, f, *v))
        }
        _ => false,
    });
    if !cut || bounded(project, f, rows, Some(model)) == Some(Bounded::Keys) || is_tiny(project, model) {
        return None;
    }
    if work == Work::Takes && names_one(project, f, rows, model) {
        return None;
    }
    Some(InMemory { model, work, columns: Vec::new(), rows, filtered })
}

/// `if len(rows) > 0:` asks whether there are any; `if len(rows) != 1:` needs their number.
fn only_tells_presence(project: &Project, f: FuncId, len: ValueId) -> bool {
    let body = project.code().body(f);
    let zero = |v: ValueId| matches!(body.op(v).map(|op| &op.kind), Some(OpKind::Const(Const::Int(Wide(0)))));
    Flow::new(project.code(), f).uses(len).ops.iter().all(|v| match body.op(*v).map(|op| &op.kind) {
        Some(OpKind::Truth(_) | OpKind::Not(_)) => true,
        Some(OpKind::Binary { left, right, .. }) => zero(*left) || zero(*right),
        _ => false,
    })
}

/// The loop over rows that only looks for one: `for row in rows: if row.code == code: return row`.
pub(super) fn searched(project: &Project, looped: &LoopFacts) -> Option<InMemory> {
    let f = looped.func;
    let body = project.code().body(f);
    let (iter, row) = (looped.iter?, looped.element?);
    let rows = source_of(body, iter);
    let (model, filtered) = unlimited(project, f, rows)?;
    let used_once = Flow::new(project.code(), f).uses(rows).ops.iter().all(|v| *v == row);
    if !used_once || is_tiny(project, model) || bounded(project, f, rows, Some(model)) == Some(Bounded::Keys) {
        return None;
    }
    // One condition, and all that follows it is to leave.
    // The arm of an `if` without `else` for when it does not hold is empty.
    let holds = |r: &Region| looped.start <= r.start && r.end <= looped.end && r.start < r.end;
    let arms = body.regions.iter().filter(|r| holds(r) && matches!(r.kind, RegionKind::Arm { .. })).count();
    let (arm, tested) = body.taken_arms().find(|(arm, _)| holds(arm)).filter(|_| arms == 1)?;
    let leaves = matches!(body.last_in(arm).map(|op| &op.kind), Some(OpKind::Return(Some(_)) | OpKind::Break));
    let is_row = |v: ValueId| source_of(body, v) == row;
    let OpKind::Binary { op: BinaryOp::Eq, left, right } = body.op(source_of(body, tested))?.kind else {
        return None;
    };
    let column = |v: ValueId| match body.op(source_of(body, v)).map(|op| &op.kind) {
        Some(OpKind::Attr { base, name }) if is_row(*base) => project.column_named(model, *name),
        _ => None,
    };
    let wanted =
        |v: ValueId| matches!(body.op(source_of(body, v)).map(|op| &op.kind), Some(OpKind::Const(_))) || outer(body, v);
    let name = column(left).filter(|_| wanted(right)).or_else(|| column(right).filter(|_| wanted(left)))?;
    let mut outside = (looped.start..looped.end).filter(|i| !(arm.start..arm.end).contains(i)).map(ValueId);
    let idle = outside.all(|v| body.op(v).is_none_or(|op| matches!(op.kind, OpKind::Truth(_)) || only_reads(&op.kind)));
    (leaves && idle && is_plain(project, model, name)).then(|| InMemory {
        model,
        work: Work::Searches,
        columns: vec![name],
        rows,
        filtered,
    })
}

/// Names, values and what is made of them: nothing that could matter to others.
const fn only_reads(kind: &OpKind) -> bool {
    matches!(
        kind,
        OpKind::Attr { .. }
            | OpKind::Element(_)
            | OpKind::Bind { .. }
            | OpKind::Const(_)
            | OpKind::Global(_)
            | OpKind::Captured { .. }
            | OpKind::Binary { .. }
            | OpKind::Phi(_)
    )
}

/// Whether it is a column that is not large.
fn is_plain(project: &Project, model: ClassId, column: Sym) -> bool {
    project.columns_of(model).into_iter().any(|c| c.name == column && !c.large)
}

/// The conditions name every column of the primary key or of a unique constraint: there is one row at most.
fn names_one(project: &Project, f: FuncId, rows: ValueId, model: ClassId) -> bool {
    let schema = project.schema();
    let Some(table) = schema.model(model).and_then(|model| schema.table(&model.table)) else { return false };
    let asked = project
        .lookups()
        .iter()
        .rfind(|lookup| lookup.func == f && lookup.op <= rows && lookup.table.eq_ignore_ascii_case(&table.name));
    let Some(lookup) = asked else { return false };
    let named = |column: &str| {
        lookup.uses.iter().any(|(name, used, _)| *used == ColumnUse::Equal && name.eq_ignore_ascii_case(column))
    };
    table.indexes.iter().map(|index| &index.def).any(|index| {
        let whole = index.columns().count() == index.parts.len();
        index.kind != IndexKind::Plain && !index.partial && whole && index.columns().all(named)
    })
}

/// A name of outside that is read inside: `settings.LIMIT`.
fn outer(body: &Body, v: ValueId) -> bool {
    match body.op(v).map(|op| &op.kind) {
        Some(OpKind::Global(_) | OpKind::Captured { .. } | OpKind::Param(_)) => true,
        Some(OpKind::Attr { base, .. }) => outer(body, *base),
        _ => false,
    }
}

/// Whether `sum`, `max` or `min` takes the value, and nothing else does.
fn summed(project: &Project, f: FuncId, at: ValueId) -> bool {
    let body = project.code().body(f);
    let uses = Flow::new(project.code(), f).uses(at).ops;
    !uses.is_empty()
        && uses.iter().all(|v| match body.op(*v).map(|op| &op.kind) {
            Some(OpKind::Call { callee, args }) => {
                // `sum(…, start=Slots())` adds up objects, which a database cannot.
                args.len() == 1
                    && args.iter().any(|arg| source_of(body, arg.value) == at)
                    && matches!(project.ty(f, *callee), Type::LibRef(name)
                        if matches!(project.text(*name), "builtins.sum" | "builtins.max" | "builtins.min"))
            }
            _ => false,
        })
}

/// The model of all rows that a query of this function gives, and whether it filters.
fn unlimited(project: &Project, f: FuncId, v: ValueId) -> Option<(ClassId, bool)> {
    let body = project.code().body(f);
    let OpKind::Call { callee, args } = &body.op(v)?.kind else { return None };
    if matches!(project.ty(f, *callee), Type::Func(_) | Type::Bound(..) | Type::ClassObj(_)) {
        return None;
    }
    let elem = match *project.ty(f, v) {
        Type::Lib(_, elem, _) | Type::List(elem) | Type::Iter(elem) => elem,
        _ => return None,
    };
    // `list(query)`, `session.scalars(query)`: the query knows more.
    let query = args.iter().find_map(|arg| project.query(f, arg.value)).or_else(|| project.query(f, v));
    let Type::Inst(model, own) = *project.type_of(elem) else { return None };
    let facts = query.or_else(|| project.query_facts(own))?;
    let whole = !facts.limited && !facts.plain_rows && !facts.prefetched && facts.unseen_owner.is_none();
    (whole && project.orm().is_model(model) && !of_owner(project, f, v)).then_some((model, facts.filtered))
}

/// The query starts from a relation of an object.
fn of_owner(project: &Project, f: FuncId, v: ValueId) -> bool {
    let body = project.code().body(f);
    let mut at = v;
    for _ in 0..16 {
        at = match body.op(source_of(body, at)).map(|op| &op.kind) {
            Some(OpKind::Call { callee, args }) => match args.first().map(|arg| arg.value) {
                Some(arg) if matches!(body.op(*callee).map(|op| &op.kind), Some(OpKind::Global(_))) => arg,
                _ => *callee,
            },
            Some(OpKind::Attr { base, .. }) => {
                if matches!(project.ty(f, *base), Type::Inst(class, _) if project.orm().is_model(*class)) {
                    return true;
                }
                *base
            }
            _ => return false,
        };
    }
    false
}
