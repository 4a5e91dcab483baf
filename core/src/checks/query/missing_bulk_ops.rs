//! `missing_bulk_ops`: rows inserted one by one where the library has a bulk form.

use super::in_loop::{InLoop, is_fresh, makes_new, not_per_item, read_before, says_hooks, sites_in_loops};
use super::weighed::weighed;
use crate::analysis::{Chain, Flow, FuncId, LoopFacts, Project, RelationKind, Site, SiteKind, Type, source_of};
use crate::checks::check::{Candidates, Check, Cx, Draft, Judgement, Place};
use crate::checks::support::{
    confidence, context_evidence, context_facts, grade, loop_step, over, place_of, unless_done,
};
use crate::libraries::Effects;
use crate::model::{CollectionKind, Const, OpKind, Sym, TextPart, ValueId, Wide};
use crate::report::model::{Confidence, Effort, Severity};

/// The check.
#[derive(Clone, Copy, Debug)]
pub struct MissingBulkOps;

const ADDS: Effects = Effects(Effects::DB_INSERT.0 | Effects::DB_ADD.0);
const SENDS: Effects = Effects(Effects::DB_FLUSH.0 | Effects::COMMIT.0);
/// A write that is further away is hardly about the item.
const FARTHEST: usize = 5;
/// From this many steps on, the loop included, a reader has to decide.
const FAR: usize = 3;

impl Check for MissingBulkOps {
    const ID: &'static str = "missing_bulk_ops";
    type Candidate = InLoop;

    fn candidates(cx: Cx<'_>) -> Candidates<InLoop> {
        let project = cx.project;
        let found: Vec<(Place, InLoop)> = sites_in_loops(project, ADDS)
            .into_iter()
            .filter(|at| inserts(cx, at))
            .map(|at| (place_of(project, at.looped.func, at.site.op), at))
            .collect();
        if found.is_empty() && !project.code().func_ids().any(|f| project.summary(f).effects.any(ADDS)) {
            return Candidates::Nothing("no INSERT was found");
        }
        let count = found.len();
        Candidates::Found(found, format!("{count} inserts in loops"))
    }

    fn judge(cx: Cx<'_>, place: Place, at: &InLoop) -> Judgement {
        let project = cx.project;
        let InLoop { looped, site } = at;
        let f = looped.func;
        if let Some(reason) = not_per_item(cx, looped, site, false) {
            return Judgement::Rejected(reason);
        }
        let effects = project.effects_of(site);
        if effects.any(Effects::BULK) && site.effects.any(Effects::BULK) {
            return Judgement::Rejected("each pass uses the bulk form for many rows".into());
        }
        if says_hooks(project, looped) {
            return Judgement::Rejected(
                "a comment says that rows are written one by one for their hooks and signals".into(),
            );
        }
        if project.only_on_failure(f, site.op, looped.start) {
            return Judgement::Rejected("it runs only for items that fail".into());
        }
        let Some(chain) = project.usual_path(f, site, ADDS) else {
            return Judgement::Rejected("the insert runs only on failure or with other arguments".into());
        };
        let (g, end) = &chain.end;
        let here = chain.steps.len() == 1;
        if end.effects.any(Effects::BULK) || given_rows(project, *g, end) {
            return Judgement::Rejected("each pass uses the bulk form for many rows".into());
        }
        if chain.looped {
            return Judgement::Rejected("a loop in the called function inserts row by row: reported there".into());
        }
        if key_needed(project, *g, end, here.then_some(looped)) {
            return Judgement::Rejected("the generated key of each row is needed in the same pass".into());
        }
        if adds_loaded(project, *g, end, here.then_some(looped)) {
            return Judgement::Rejected(
                "the rows added were loaded before: their changes are sent as one batch".into(),
            );
        }
        if !here && inserts_missing(project, *g, end, &chain) {
            return Judgement::Rejected("the called function inserts the row only where it is missing".into());
        }
        let unseen = weighed(project, looped, site, &chain, true);
        let Chain { steps: path, by_name, .. } = chain;
        if path.len() > FARTHEST {
            return Judgement::Rejected(format!("the insert is {} calls away", path.len() - 1));
        }
        // One flush after the loop sends all rows as a batch.
        let batched = !effects.any(Effects::DB_INSERT) && !effects.any(SENDS) && !sends_per_pass(cx, at);
        let mut severity = grade(project, f, Severity::Medium, Severity::Medium, Severity::Low);
        let over = over(project, looped);
        let message = if batched {
            severity = Severity::Low;
            format!("{} adds rows to the session one by one for {over}", project.site_name(f, site))
        } else {
            format!("{} inserts one row for each item of {over}", project.site_name(f, site))
        };
        let mut facts = context_facts(cx, f);
        facts.table_used_context = true;
        let mut evidence = vec![context_evidence(project, f)];
        if batched {
            evidence.push("the unit of work sends the rows as one batch at the flush after the loop".to_owned());
        }
        let mut steps = vec![loop_step(project, looped)];
        steps.extend(path);
        let draft = Draft {
            place,
            severity,
            confidence: confidence(project, f, by_name),
            message,
            recommendation: advice(at, batched),
            effort: Effort::S,
            steps,
            evidence,
            facts,
        };
        if draft.steps.len() > FAR {
            let note = "the write is several calls away: whether it is about the item is not seen";
            return Judgement::NeedsContext(Box::new(draft), note.into());
        }
        if let Some(note) = unseen {
            return Judgement::NeedsContext(Box::new(draft), note.into());
        }
        if draft.confidence == Confidence::Low {
            return Judgement::NeedsContext(Box::new(draft), "the callee was found by its name only".into());
        }
        if batched {
            let note = "the unit of work sends the rows as one batch: how many there are is not seen";
            return Judgement::NeedsContext(Box::new(draft), note.into());
        }
        unless_done(project, draft)
    }
}

/// Inserts, and neither updates nor deletes: those are another check's business.
fn inserts(cx: Cx<'_>, at: &InLoop) -> bool {
    let effects = cx.project.effects_of(&at.site);
    if effects.any(Effects::DB_DELETE.with(Effects::DB_MARK_DELETE)) {
        return false;
    }
    if !effects.any(Effects::DB_UPDATE) {
        return true;
    }
    match at.site.kind {
        SiteKind::Library(row) => !row.callee.ends_with("save") || is_fresh(cx.project, at.looped.func, at.site.op),
        // A called function that saves what it made.
        SiteKind::Project => cx
            .project
            .usual_path(at.looped.func, &at.site, Effects::DB_UPDATE)
            .is_some_and(|c| makes_new(cx.project, &c)),
        _ => false,
    }
}

/// `connection.execute(insert(lines), [{…}, {…}])`: the rows of a pass go in one call.
fn given_rows(project: &Project, f: FuncId, site: &Site) -> bool {
    let body = project.code().body(f);
    let Some(OpKind::Call { callee, args }) = body.op(site.op).map(|op| &op.kind) else { return false };
    let executes = matches!(body.op(*callee).map(|op| &op.kind), Some(OpKind::Attr { name, .. })
        if project.text(*name) == "execute");
    let rows = args.get(1).map(|arg| source_of(body, arg.value));
    executes
        && rows.is_some_and(|rows| {
            matches!(
                body.op(rows).map(|op| &op.kind),
                Some(OpKind::Comprehension { kind: Some(CollectionKind::List), .. })
            )
        })
}

/// The new row (or its key) is handed on within the pass: to its children, to another call.
fn key_needed(project: &Project, f: FuncId, site: &Site, looped: Option<&LoopFacts>) -> bool {
    let SiteKind::Library(row) = site.kind else { return false };
    if added_key(project, f, site, looped) {
        return true;
    }
    if !site.effects.any(Effects::DB_INSERT) {
        return false;
    }
    let body = project.code().body(f);
    let saves = row.callee.ends_with("save");
    // `row.save()`: the row is the receiver; `Model.objects.create(…)`: the result.
    let made = match body.op(site.op).map(|op| &op.kind) {
        Some(OpKind::Call { callee, .. }) if saves => match body.op(*callee).map(|op| &op.kind) {
            Some(OpKind::Attr { base, .. }) => source_of(body, *base),
            _ => return false,
        },
        _ => site.op,
    };
    let flow = Flow::new(project.code(), f);
    // `row, created = Model.objects.get_or_create(…)`: the first part is the row.
    let made = if row.callee.ends_with("_or_create") {
        let part = flow.users(made).find(|v| match body.op(*v).map(|op| &op.kind) {
            Some(OpKind::Unpack { index, .. }) => *index == Some(0),
            Some(OpKind::Item { index, .. }) => {
                matches!(body.op(*index).map(|op| &op.kind), Some(OpKind::Const(Const::Int(Wide(0)))))
            }
            _ => false,
        });
        part.unwrap_or(made)
    } else {
        made
    };
    let uses = flow.uses(made);
    let within = |v: ValueId| v > site.op && looped.is_none_or(|looped| looped.holds(v));
    uses.ops.iter().filter(|v| within(**v)).any(|v| match body.op(*v).map(|op| &op.kind) {
        Some(OpKind::Attr { name, .. }) => match project.text(*name) {
            // `bulk_create` gives the keys as well.
            "id" | "pk" => row.callee.ends_with("_or_create") || !collected(project, &flow, f, *v),
            "lastrowid" | "inserted_primary_key" | "fetchone" | "scalar_one" => true,
            // `row.tags.set(…)`: rows that join it are written under its key.
            _ if is_many(project, f, made, *name) || is_joined(project, f, *v) => true,
            _ => acts(project, f, *v),
        },
        // `line.order = order`: other rows refer to it.
        Some(OpKind::StoreAttr { value, .. }) => uses.aliases.contains(value),
        Some(OpKind::Call { callee, args }) => {
            let collects = match body.op(*callee).map(|op| &op.kind) {
                Some(OpKind::Attr { name, .. }) => matches!(project.text(*name), "append" | "add" | "extend"),
                Some(OpKind::Global(name)) => matches!(project.text(*name), "print" | "str" | "repr" | "len"),
                _ => false,
            };
            !collects && args.iter().any(|arg| uses.aliases.contains(&arg.value))
        }
        _ => false,
    })
}

/// `session.add(row)`, `session.flush()`, `keys[name] = row.id`
fn added_key(project: &Project, f: FuncId, site: &Site, looped: Option<&LoopFacts>) -> bool {
    let body = project.code().body(f);
    if !site.effects.any(Effects::DB_ADD) {
        return false;
    }
    let Some(OpKind::Call { args, .. }) = body.op(site.op).map(|op| &op.kind) else { return false };
    let Some(added) = args.first().map(|arg| source_of(body, arg.value)) else { return false };
    let within = |v: ValueId| v > site.op && looped.is_none_or(|looped| looped.holds(v));
    let sent = project.sites(f).iter().filter(|other| within(other.op) && other.effects.any(SENDS)).map(|s| s.op).min();
    let reads = |after: ValueId| {
        (0..).map(ValueId).zip(&body.ops).any(|(v, op)| {
            v > after
                && within(v)
                && matches!(op.kind, OpKind::Attr { base, name }
                    if source_of(body, base) == added && matches!(project.text(name), "id" | "pk"))
        })
    };
    sent.is_some_and(reads)
}

/// A relation to many of the new row.
fn is_many(project: &Project, f: FuncId, row: ValueId, name: Sym) -> bool {
    let Type::Inst(class, _) = *project.ty(f, row) else { return false };
    project.relation(class, name).is_some_and(|relation| relation.kind != RelationKind::ToOne)
}

/// `report.statuses.add(status)`: of a row whose model is not seen, too, these are methods of a relation to many.
fn is_joined(project: &Project, f: FuncId, attr: ValueId) -> bool {
    let body = project.code().body(f);
    let whole = matches!(body.op(attr).map(|op| &op.kind), Some(OpKind::Attr { .. }));
    whole
        && body.ops.iter().any(|op| {
            matches!(op.kind, OpKind::Attr { base, name } if source_of(body, base) == attr
                && matches!(project.text(name), "add" | "aadd" | "set" | "aset"))
        })
}

/// `keys.append(row.pk)`: the key is only kept for after the loop.
fn collected(project: &Project, flow: &Flow, f: FuncId, key: ValueId) -> bool {
    let body = project.code().body(f);
    let uses = flow.uses(key);
    !uses.ops.is_empty()
        && uses.ops.iter().all(|v| match body.op(*v).map(|op| &op.kind) {
            Some(OpKind::Call { callee, .. }) => {
                matches!(body.op(*callee).map(|op| &op.kind), Some(OpKind::Attr { name, .. })
                if matches!(project.text(*name), "append" | "add"))
            }
            _ => false,
        })
}

/// A method of the project that works on the new row: more than a reader of its columns.
fn acts(project: &Project, f: FuncId, attr: ValueId) -> bool {
    let body = project.code().body(f);
    project.sites(f).iter().any(|site| {
        matches!(body.op(site.op).map(|op| &op.kind), Some(OpKind::Call { callee, .. }) if *callee == attr)
            && matches!(site.kind, SiteKind::Project)
            && site.targets.iter().all(|target| {
                let name = project.text(project.code().func(target.func).name);
                !["get_", "to_", "as_", "is_", "has_", "__"].iter().any(|reader| name.starts_with(reader))
            })
    })
}

/// The called function looks the row up first: an INSERT only where it is missing.
fn inserts_missing(project: &Project, g: FuncId, end: &Site, chain: &Chain) -> bool {
    if matches!(end.kind, SiteKind::Library(row) if row.callee.ends_with("_or_create"))
        || chain.steps.iter().any(|step| {
            ["get_or_create", "find_or_create", "_or_add", "ensure_"].iter().any(|word| step.message.contains(word))
        })
    {
        return true;
    }
    let body = project.code().body(g);
    let upsert = match body.op(end.op).map(|op| &op.kind) {
        Some(OpKind::Call { args, .. }) => args.first().is_some_and(|arg| {
            let literal = |s: &Sym| {
                let text = project.text(*s).to_lowercase();
                text.contains("on conflict") || text.contains("on duplicate key")
            };
            match body.op(source_of(body, arg.value)).map(|op| &op.kind) {
                Some(OpKind::Const(Const::Str(s))) => literal(s),
                Some(OpKind::Text(parts)) => {
                    parts.iter().any(|part| matches!(part, TextPart::Literal(s) if literal(s)))
                }
                _ => false,
            }
        }),
        _ => false,
    };
    if upsert {
        return true;
    }
    read_before(project, g, end)
}

/// `session.add(row)` of a row that the pass only changes: it was loaded, not made.
fn adds_loaded(project: &Project, f: FuncId, site: &Site, looped: Option<&LoopFacts>) -> bool {
    if !site.effects.any(Effects::DB_ADD) {
        return false;
    }
    let body = project.code().body(f);
    let Some(OpKind::Call { args, .. }) = body.op(site.op).map(|op| &op.kind) else { return false };
    let Some(added) = args.first().map(|arg| source_of(body, arg.value)) else { return false };
    if matches!(body.op(added).map(|op| &op.kind), Some(OpKind::Call { callee, .. })
        if matches!(project.ty(f, *callee), Type::ClassObj(_) | Type::LibRef(_) | Type::Unknown))
    {
        return false;
    }
    let loaded = matches!(project.ty(f, added), Type::Inst(_, query) if query.is_known());
    // In a called function: an argument, or what was either found or made.
    let merged = matches!(body.op(added).map(|op| &op.kind), Some(OpKind::Phi(_)));
    let start = looped.map_or(0, |looped| looped.start);
    let changed = (start..site.op.0)
        .filter_map(|i| body.ops.get(i as usize))
        .any(|op| matches!(op.kind, OpKind::StoreAttr { base, .. } if source_of(body, base) == added));
    loaded || merged && looped.is_none() || changed && !merged
}
fn sends_per_pass(cx: Cx<'_>, at: &InLoop) -> bool {
    let project = cx.project;
    project.sites(at.looped.func).iter().any(|site| at.looped.runs(site) && project.effects_of(site).any(SENDS))
}

fn advice(at: &InLoop, batched: bool) -> String {
    let callee = match at.site.kind {
        SiteKind::Library(row) => row.callee,
        _ => "",
    };
    if batched {
        return "Build a list and call `session.add_all(rows)` once, or `session.execute(insert(Model), rows)` for many \
                rows"
            .into();
    }
    if callee.starts_with("django") {
        return "Build the objects in a list and call `Model.objects.bulk_create(objects)` once".into();
    }
    if callee.contains("execute") || callee.contains("Cursor") {
        return "Collect the rows and call `executemany` (or `execute_values`, `copy`) once".into();
    }
    "Collect the rows and write them in one call: `session.execute(insert(Model), rows)`, `bulk_create` or `executemany`"
        .into()
}
