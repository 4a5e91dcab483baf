//! What the per-item checks share: sites inside loops and the reasons why a loop is no per-item loop.

use super::own_table::{asks_item, helper_asks_item, is_given_statement, names_table};
use crate::analysis::{Bound, Chain, FuncId, LoopFacts, Project, Site, SiteKind, Type, inside, source_of};
use crate::checks::check::{Cx, Draft, Judgement, Place};
use crate::checks::support::{context_evidence, context_facts, grade, is_copy, loop_step, over};
use crate::libraries::{Effects, Place as Where};
use crate::model::{ArgKind, BinaryOp, Body, Const, LoopKind, OpKind, Region, RegionKind, ValueId};
use crate::report::model::{Confidence, Effort, Severity, Step};

/// A site that runs in every pass of a loop.
#[derive(Clone, Debug)]
pub struct InLoop {
    /// The loop.
    pub looped: LoopFacts,
    /// The site.
    pub site: Site,
}

/// Sites inside loops with any of the effects, each with its innermost per-item loop.
pub(super) fn sites_in_loops(project: &Project, wanted: Effects) -> Vec<InLoop> {
    let mut out: Vec<InLoop> = Vec::new();
    for looped in project.loops() {
        for site in project.sites(looped.func) {
            if !looped.runs(site)
                || inner_covers(project, looped, site.op)
                || runs_elsewhere(site)
                || !project.effects_of(site).any(wanted)
            {
                continue;
            }
            let again = out.last().is_some_and(|l| {
                l.site.op == site.op && l.looped.func == looped.func && l.looped.region == looped.region
            });
            if !again {
                out.push(InLoop { looped: looped.clone(), site: site.clone() });
            }
        }
    }
    out
}

/// An inner loop that runs per item speaks for the op itself.
pub(super) fn inner_covers(project: &Project, looped: &LoopFacts, op: ValueId) -> bool {
    project
        .loops_of(looped.func)
        .iter()
        .filter(|l| l.start > looped.start && l.end <= looped.end)
        .any(|l| l.holds(op) && Some(op) != l.element && l.bound == Bound::Data)
}

/// Whether what the site runs does not run in this pass.
pub(super) fn runs_elsewhere(site: &Site) -> bool {
    matches!(site.place, Where::Task | Where::AfterResponse | Where::AfterCommit)
}

/// Why a loop is no loop over items. `constants`: whether short constant lists count all the same.
pub(super) fn not_per_item(cx: Cx<'_>, looped: &LoopFacts, site: &Site, constants: bool) -> Option<String> {
    if let Some(reason) = no_items(looped).filter(|_| !constants || !matches!(looped.bound, Bound::Constant(_))) {
        return Some(reason);
    }
    if matches!(looped.kind, LoopKind::Endless | LoopKind::While) && !walks(cx, looped, site) {
        return Some("a waiting or retry loop, not one pass per item".into());
    }
    if looped.kind == LoopKind::While && asks_if_taken(cx.project, looped, site) {
        return Some("a loop that tries keys until one is free".into());
    }
    if waits_for_events(cx, looped) {
        return Some("one pass per event that arrives, not per item of a list".into());
    }
    if retries(cx, looped) {
        return Some("a retry loop, not one pass per item".into());
    }
    if cx.project.only_on_failure(looped.func, ValueId(looped.start), 0) {
        return Some("the loop runs only after an error".into());
    }
    if leaves_after(cx, looped, site) {
        return Some("the pass that runs it leaves the loop".into());
    }
    if flushes(cx, looped, site) {
        return Some("it runs once for each batch that the loop fills".into());
    }
    if for_one_value(cx, looped, site) {
        return Some("it runs for one value of the item only".into());
    }
    if fills_once(cx.project, looped, site) {
        return Some("the first pass that runs it fills what later ones ask for".into());
    }
    if is_batch(cx.project, looped, site) {
        return Some("each item is a batch of rows".into());
    }
    if asks_item(cx.project, looped, site) || helper_asks_item(cx.project, looped, site) {
        return Some("the loop goes through model classes, each of its own table".into());
    }
    if is_given_statement(cx.project, looped, site) {
        return Some("the loop goes through statements, each of its own kind".into());
    }
    if names_table(cx.project, looped, site) {
        return Some("the loop goes through tables, each with a statement of its own".into());
    }
    if is_written_out_query(cx.project, looped, site) {
        return Some("the loop goes through queries that are written out, each of its own kind".into());
    }
    None
}

/// `if usage is None: usage = load(owner)` of a local that is `None` before the loop.
fn fills_once(project: &Project, looped: &LoopFacts, site: &Site) -> bool {
    let body = project.code().body(looped.func);
    let none = |v: ValueId| matches!(body.op(source_of(body, v)).map(|op| &op.kind), Some(OpKind::Const(Const::None)));
    body.taken_arms().any(|(arm, tested)| {
        let around = arm.start >= looped.start && arm.start <= site.op.0 && site.op.0 < arm.end;
        let Some(OpKind::Binary { op: BinaryOp::Is, left, right }) = body.op(tested).map(|op| &op.kind) else {
            return false;
        };
        // Carried from pass to pass: `None` at first, then what the arm gives it.
        let carried = match body.op(*left).map(|op| &op.kind) {
            Some(OpKind::Phi(entries)) => {
                entries.iter().any(|entry| entry.0 < looped.start && none(*entry))
                    && entries.iter().any(|entry| looped.holds(*entry))
            }
            _ => false,
        };
        let names = |range: std::ops::Range<u32>| {
            range.filter_map(|i| match body.op(ValueId(i)).map(|op| &op.kind) {
                Some(OpKind::Bind { name, value }) => Some((*name, *value)),
                _ => None,
            })
        };
        let set_before: Vec<_> = names(0..looped.start).filter(|(_, v)| none(*v)).map(|(name, _)| name).collect();
        let text = project.describe(looped.func, *left);
        let kept = names(arm.start..arm.end)
            .any(|(name, v)| !none(v) && set_before.contains(&name) && project.text(name) == text);
        let again = names(looped.start..looped.end).any(|(name, v)| none(v) && project.text(name) == text);
        around && none(*right) && carried && kept && !again
    })
}

/// `for batch in batches: batch.delete()` of items that are gone through, or counted, in the same pass.
fn is_batch(project: &Project, looped: &LoopFacts, site: &Site) -> bool {
    let body = project.code().body(looped.func);
    let of_item = |v: ValueId| Some(source_of(body, v)) == looped.element;
    let method = |v: ValueId| {
        let (_, name, args) = body.method(v).filter(|(base, ..)| of_item(*base))?;
        Some((project.text(name), args.is_empty()))
    };
    let rows = |v: ValueId| match body.op(v).map(|op| &op.kind) {
        Some(OpKind::Element(base)) => of_item(*base),
        _ => v != site.op && method(v) == Some(("count", true)),
    };
    // `Order.objects.filter(id__in=keys).update(…)` of items that are lists of keys.
    let part = |v: ValueId| {
        let at = source_of(body, v);
        of_item(at) || matches!(body.op(at).map(|op| &op.kind), Some(OpKind::Unpack { base, .. }) if of_item(*base))
    };
    let changes = body
        .method(site.op)
        .is_some_and(|(_, name, _)| matches!(project.text(name), "update" | "aupdate" | "delete" | "adelete"));
    let mut at = site.op;
    while let Some(OpKind::Call { callee, args }) = body.op(source_of(body, at)).map(|op| &op.kind).filter(|_| changes)
    {
        let lists = |kind: ArgKind| matches!(kind, ArgKind::Named(name) if project.text(name).ends_with("__in"));
        if args.iter().any(|arg| lists(arg.kind) && part(arg.value)) {
            return true;
        }
        let Some(OpKind::Attr { base, .. }) = body.op(*callee).map(|op| &op.kind) else { break };
        at = *base;
    }
    method(site.op).is_some() && (looped.start..looped.end).map(ValueId).any(|v| Some(v) != looped.element && rows(v))
}

/// `for rows in [Order.objects.all(), Line.objects.all()]: rows.delete()`, also of pairs that hold them.
fn is_written_out_query(project: &Project, looped: &LoopFacts, site: &Site) -> bool {
    let body = project.code().body(looped.func);
    let (Some(iter), Some(element)) = (looped.iter, looped.element) else { return false };
    let items = |v: ValueId| match body.op(source_of(body, v)).map(|op| &op.kind) {
        Some(OpKind::Collection { items, .. }) => items.clone(),
        _ => Default::default(),
    };
    let is_query = |v: &ValueId| matches!(body.op(source_of(body, *v)).map(|op| &op.kind), Some(OpKind::Call { .. }));
    let written = items(iter).iter().filter(|v| is_query(v) || items(**v).iter().any(is_query)).count();
    let asked = match body.op(site.op).map(|op| &op.kind) {
        Some(OpKind::Call { callee, .. }) => match body.op(*callee).map(|op| &op.kind) {
            Some(OpKind::Attr { base, .. }) => *base,
            _ => return false,
        },
        // `for rows in queries: for row in rows:`
        Some(OpKind::Element(rows)) => *rows,
        _ => return false,
    };
    let receiver = source_of(body, asked);
    let of_item = receiver == element
        || matches!(body.op(receiver).map(|op| &op.kind), Some(OpKind::Unpack { base, .. }) if source_of(body, *base) == element);
    written > 1 && of_item
}

/// Why a loop has few passes or none over items.
pub(super) fn no_items(looped: &LoopFacts) -> Option<String> {
    match looped.bound {
        Bound::Once => Some("the loop leaves in its first pass".into()),
        Bound::Chunks => Some("the loop runs over chunks, batches or pages, not items".into()),
        Bound::Constant(n) if n <= 10 => Some(format!("the loop runs over a constant list of {n} items")),
        _ => None,
    }
}

/// What a loop does for each item by all that is seen of it.
pub(super) struct Likely {
    /// `` `order.customer` loads relation `customer` ``
    pub message: String,
    /// How to mend it.
    pub recommendation: String,
    /// The step after the loop's.
    pub step: Step,
    /// What else tells of it.
    pub sign: Option<String>,
    /// What is not among the files.
    pub missing: &'static str,
}

/// [`Likely::missing`] where the class of the rows is not seen.
pub(super) const NO_MODEL: &str = "the model of the rows is not among the files";

/// Listed for a reader to decide, unless there are no items.
pub(super) fn likely(cx: Cx<'_>, place: Place, looped: &LoopFacts, found: Likely) -> Judgement {
    let project = cx.project;
    let f = looped.func;
    if let Some(reason) = no_items(looped) {
        return Judgement::Rejected(reason);
    }
    let Likely { message, recommendation, step, sign, missing } = found;
    let draft = Draft {
        place,
        severity: grade(project, f, Severity::High, Severity::Medium, Severity::Low),
        confidence: Confidence::Low,
        message: format!("{message} for each item of {} (N+1)", over(project, looped)),
        recommendation,
        effort: Effort::M,
        steps: vec![loop_step(project, looped), step],
        evidence: [context_evidence(project, f)].into_iter().chain(sign).collect(),
        facts: context_facts(cx, f),
    };
    Judgement::NeedsContext(Box::new(draft), missing.into())
}

/// `rows.append(row)` and `if len(rows) >= 500: save(rows)`: once for each batch.
fn flushes(cx: Cx<'_>, looped: &LoopFacts, site: &Site) -> bool {
    let project = cx.project;
    let body = project.code().body(looped.func);
    // A list of this function that is filled from pass to pass.
    let counts = |v: ValueId| {
        let Some(OpKind::Call { callee, args }) = body.op(source_of(body, v)).map(|op| &op.kind) else { return false };
        let len =
            matches!(project.ty(looped.func, *callee), Type::LibRef(name) if project.text(*name) == "builtins.len");
        len && args.first().is_some_and(|arg| {
            matches!(
                body.op(source_of(body, arg.value)).map(|op| &op.kind),
                Some(OpKind::Phi(_) | OpKind::Collection { .. })
            )
        })
    };
    let many = |v: ValueId| !matches!(body.op(source_of(body, v)).map(|op| &op.kind), Some(OpKind::Const(Const::Int(n))) if n.get() < 2);
    conditions(body, looped, site).any(|kind| {
        matches!(kind, OpKind::Binary { op: BinaryOp::Order | BinaryOp::Eq, left, right } if counts(*left) && many(*right))
    })
}

/// What must hold in a pass for the site to run.
fn conditions<'b>(body: &'b Body, looped: &LoopFacts, site: &Site) -> impl Iterator<Item = &'b OpKind> {
    let (start, at) = (looped.start, site.op.0);
    body.taken_arms().filter_map(move |(arm, tested)| {
        let around = arm.start >= start && arm.start <= at && at < arm.end;
        body.op(source_of(body, tested)).filter(|_| around).map(|op| &op.kind)
    })
}

/// `for kind in kinds: if kind == "issue": …`: of all items the one that is equal runs it.
fn for_one_value(cx: Cx<'_>, looped: &LoopFacts, site: &Site) -> bool {
    let body = cx.project.code().body(looped.func);
    let Some(element) = looped.element else { return false };
    let is_key = |v: ValueId| {
        let at = source_of(body, v);
        at == element
            || matches!(body.op(at).map(|op| &op.kind), Some(OpKind::Unpack { base, index: Some(0) }) if source_of(body, *base) == element)
    };
    // A text, a number, or a class: `if model == Order:`.
    let is_one = |v: ValueId| {
        matches!(body.op(source_of(body, v)).map(|op| &op.kind), Some(OpKind::Const(Const::Str(_) | Const::Int(_))))
            || matches!(cx.project.ty(looped.func, v), Type::ClassObj(_))
    };
    // `if row == default`, `if row.id == current_id`: of rows at most one is the one that is held outside.
    let is_row = |v: ValueId| {
        let at = source_of(body, v);
        at == element
            || matches!(body.op(at).map(|op| &op.kind), Some(OpKind::Attr { base, name })
                if source_of(body, *base) == element && matches!(cx.project.text(*name), "id" | "pk"))
    };
    let row_held = |a: ValueId, b: ValueId| is_row(a) && held_outside(cx.project, looped, b);
    conditions(body, looped, site).any(|kind| {
        matches!(kind, OpKind::Binary { op: BinaryOp::Eq, left, right }
            if is_key(*left) && is_one(*right) || row_held(*left, *right) || row_held(*right, *left))
    })
}

/// A row, or the key of one, that is the same in every pass: a parameter or local of outside and what hangs on it.
fn held_outside(project: &Project, looped: &LoopFacts, v: ValueId) -> bool {
    let body = project.code().body(looped.func);
    let mut at = source_of(body, v);
    for _ in 0..6 {
        match body.op(at).map(|op| &op.kind) {
            Some(OpKind::Const(_) | OpKind::Phi(_)) | None => return false,
            Some(OpKind::Attr { base, .. }) => at = source_of(body, *base),
            _ => return at.0 < looped.start,
        }
    }
    false
}

/// Names that say that a function writes.
const WRITING: &[&str] = &["insert", "create", "save", "update", "delete", "remove", "upsert", "store", "set_", "add_"];

/// The chain ends in a statement that cannot be read, and its functions' names say that it writes.
pub(super) fn named_write(project: &Project, f: FuncId, chain: &Chain) -> bool {
    let (g, end) = &chain.end;
    let unread = end.effects.any(Effects::DB_EXECUTE) && !end.effects.any(Effects::DB_READ);
    let last = project.func_name(*g).rsplit('.').next().unwrap_or("").to_lowercase();
    let said = |name: &str| WRITING.iter().any(|word| name.starts_with(word) || name.contains(&format!("_{word}")));
    unread && *g != f && said(&last)
}

/// The loop iterates what arrives over time: a subscription, a socket, a generator that never ends.
fn waits_for_events(cx: Cx<'_>, looped: &LoopFacts) -> bool {
    const WORDS: &[&str] =
        &["listen", "subscribe", "consume", "watch", "notifies", "iter_text", "iter_json", "iter_bytes"];
    let project = cx.project;
    let (f, code) = (looped.func, project.code());
    let Some(iter) = looped.iter else { return false };
    if project.lib_class(f, iter).is_some_and(|class| class.contains("WebSocket") || class.contains("PubSub")) {
        return true;
    }
    let body = code.body(f);
    let call = source_of(body, iter);
    let Some(OpKind::Call { callee, .. }) = body.op(call).map(|op| &op.kind) else { return false };
    // `for n in itertools.count()` is `while True` with a counter.
    if matches!(project.ty(f, *callee), Type::LibRef(name)
        if matches!(project.text(*name), "itertools.count" | "itertools.cycle" | "itertools.repeat"))
    {
        return true;
    }
    let name = project.describe(f, *callee).to_lowercase();
    let last = name.rsplit('.').next().unwrap_or("").to_owned();
    let endless = project.sites_at(f, call).flat_map(|site| &site.targets).any(|target| {
        let g = target.func;
        code.func(g).is_generator
            && code.func(g).is_async
            && project.loops_of(g).iter().any(|l| {
                l.kind == LoopKind::Endless
                    && (l.start..l.end)
                        .any(|i| matches!(code.body(g).ops.get(i as usize).map(|op| &op.kind), Some(OpKind::Yield(_))))
                    && project
                        .sites(g)
                        .iter()
                        .any(|site| l.holds(site.op) && site.effects.any(Effects::ASYNC_SLEEP.with(Effects::WAITS)))
            })
    });
    endless || WORDS.iter().any(|word| last.contains(word))
}

/// `for attempt in range(3):`, or a counted loop that ignores its counter and leaves on success.
fn retries(cx: Cx<'_>, looped: &LoopFacts) -> bool {
    let project = cx.project;
    let f = looped.func;
    let body = project.code().body(f);
    let Some(iter) = looped.iter else { return false };
    let counted = match body.op(source_of(body, iter)).map(|op| &op.kind) {
        Some(OpKind::Call { callee, .. }) => {
            matches!(project.ty(f, *callee), Type::LibRef(name) if project.text(*name) == "builtins.range")
        }
        _ => false,
    };
    let ops = || (looped.start..looped.end).filter_map(|i| body.ops.get(i as usize));
    let named = ops().take(8).any(|op| match op.kind {
        OpKind::Bind { name, value } if Some(value) == looped.element => {
            let name = project.text(name);
            ["attempt", "retry", "retries", "tries", "trial"].iter().any(|word| name.contains(word))
        }
        _ => false,
    });
    let leaves = ops().any(|op| matches!(op.kind, OpKind::Return(_) | OpKind::Break));
    let ignored = !ops().any(|op| {
        let mut used = false;
        if !matches!(op.kind, OpKind::Bind { .. }) {
            op.kind.operands(|v| used |= Some(source_of(body, v)) == looped.element);
        }
        used
    });
    // `for attempt in retrying(3): with attempt: …`
    let entered = body.regions.iter().any(|region| {
        matches!(region.kind, RegionKind::With { manager, .. } if Some(source_of(body, manager)) == looped.element)
            && region.start >= looped.start
    });
    counted && (named || ignored && leaves) || named && entered
}

/// A `while` loop that follows data: an operand of the site depends on what the pass before left.
fn walks(cx: Cx<'_>, looped: &LoopFacts, site: &Site) -> bool {
    let body = cx.project.code().body(looped.func);
    if looped.kind == LoopKind::Endless {
        return false;
    }
    let waits = Effects::SLEEP.with(Effects::ASYNC_SLEEP);
    if cx.project.sites(looped.func).iter().any(|other| looped.holds(other.op) && other.effects.any(waits)) {
        return false;
    }
    let mut work = vec![site.op];
    let mut seen = Vec::new();
    while let Some(v) = work.pop() {
        if seen.contains(&v) || !looped.holds(v) || seen.len() > 64 {
            continue;
        }
        seen.push(v);
        if let Some(op) = body.op(v) {
            if let OpKind::Phi(entries) = &op.kind
                && entries.iter().any(|e| looped.holds(*e))
            {
                return true;
            }
            // `while stack: node = stack.pop()`
            if let OpKind::Call { callee, .. } = &op.kind
                && matches!(body.op(*callee).map(|op| &op.kind), Some(OpKind::Attr { name, .. })
                    if matches!(cx.project.text(*name), "pop" | "popleft" | "popitem"))
            {
                return true;
            }
            op.kind.operands(|o| work.push(o));
        }
    }
    false
}

/// `while Order.objects.filter(number=number).exists(): number = new_number()`, also without `exists`.
fn asks_if_taken(project: &Project, looped: &LoopFacts, site: &Site) -> bool {
    let body = project.code().body(looped.func);
    match site.kind {
        SiteKind::Library(row) => matches!(row.callee.rsplit('.').next(), Some("exists" | "aexists")),
        // Rows that are only tested.
        SiteKind::Evaluate(_) => (looped.start..looped.end)
            .map(ValueId)
            .any(|v| matches!(body.op(v).map(|op| &op.kind), Some(OpKind::Truth(tested)) if *tested == site.op)),
        _ => false,
    }
}

/// The branch that holds the site ends by leaving the loop: at most one pass runs it.
fn leaves_after(cx: Cx<'_>, looped: &LoopFacts, site: &Site) -> bool {
    let body = cx.project.code().body(looped.func);
    let innermost = body
        .regions
        .iter()
        .rev()
        .find(|r| r.start <= site.op.0 && site.op.0 < r.end && r.start > looped.start && r.end <= looped.end);
    let ends = |region: &Region| {
        let last = body.last_in(region);
        last.is_some_and(|op| matches!(op.kind, OpKind::Return(_) | OpKind::Break | OpKind::Raise(_)))
    };
    // `if not due: continue` `act()` `break`: no later op begins another pass.
    let nested = |at: u32| {
        let inner = |r: &Region| r.start > looped.start && r.end <= looped.end && r.start <= at && at < r.end;
        body.regions.iter().any(inner)
    };
    let whole = body
        .regions
        .iter()
        .find(|r| matches!(r.kind, RegionKind::Loop { .. }) && r.start == looped.start && r.end == looped.end);
    let last = looped.end.saturating_sub(1);
    let goes_on =
        (site.op.0..looped.end).any(|i| matches!(body.op(ValueId(i)).map(|op| &op.kind), Some(OpKind::Continue)));
    // `if found:` `if found.order: …` `return found`: the branch around leaves the loop as well.
    let around = || {
        let arm = |r: &&Region| {
            matches!(r.kind, RegionKind::Arm { .. })
                && r.start <= site.op.0
                && site.op.0 < r.end
                && r.start > looped.start
                && r.end <= looped.end
        };
        body.regions.iter().filter(arm).any(|arm| {
            let end = arm.end.saturating_sub(1);
            let inside = |r: &Region| {
                r.start >= arm.start
                    && r.end <= arm.end
                    && r.end - r.start < arm.end - arm.start
                    && r.start <= end
                    && end < r.end
            };
            let continues = |i: u32| matches!(body.op(ValueId(i)).map(|op| &op.kind), Some(OpKind::Continue));
            ends(arm) && !body.regions.iter().any(inside) && !(site.op.0..arm.end).any(continues)
        })
    };
    innermost.is_some_and(ends)
        || innermost.is_none() && !nested(last) && !goes_on && whole.is_some_and(ends)
        || around()
}

/// Whether the receiver of a method call was made by a constructor in the same function, or is to be saved as a copy.
pub(super) fn is_fresh(project: &Project, f: FuncId, op: ValueId) -> bool {
    let body = project.code().body(f);
    let Some(OpKind::Call { callee, .. }) = body.op(op).map(|op| &op.kind) else { return false };
    let Some(OpKind::Attr { base, .. }) = body.op(*callee).map(|op| &op.kind) else { return false };
    let made = source_of(body, *base);
    if is_copy(project, f, made, op) {
        return true;
    }
    match body.op(made).map(|op| &op.kind) {
        Some(OpKind::Call { callee, .. }) => {
            match project.ty(f, *callee) {
                Type::ClassObj(_) => true,
                // A model that is not seen.
                Type::LibRef(_) => project.is_unseen_row(project.ty(f, made)),
                _ => false,
            }
        }
        _ => false,
    }
}

/// The chain ends in `save()` of an object that was made there: an INSERT.
pub(super) fn makes_new(project: &Project, chain: &Chain) -> bool {
    let (g, end) = &chain.end;
    matches!(end.kind, SiteKind::Library(row) if row.callee.ends_with("save")) && is_fresh(project, *g, end.op)
}

/// A comment in or just above the loop that says why rows are written one by one.
pub(super) fn says_hooks(project: &Project, looped: &LoopFacts) -> bool {
    let code = project.code();
    let Some(module) = code.module(code.module_of(looped.func)) else { return false };
    module.comments.iter().any(|comment| {
        let after = |lines: u32| comment.line + lines >= looped.span.line && comment.line <= looped.span.end_line;
        let near = after(2);
        // Why it is done one by one may be said where the function begins.
        let function = code.func(looped.func).span;
        let of_function = function.line <= comment.line && comment.line <= looped.span.end_line;
        if !after(8) && !of_function {
            return false;
        }
        let text = project.text(comment.text).to_lowercase();
        let said = |words: &[&str]| words.iter().any(|word| text.contains(word));
        let kept = said(&["signal", "hook", "per row", "on purpose", "listener", "audit trail", "trigger"]);
        // "must call save() here"; a comment that merely mentions the method says nothing of the kind.
        // It may stand above several such loops.
        let one_by_one = said(&["one by one", "one-by-one"]);
        one_by_one
            || near && (kept || said(&["save()", "delete()"]) && said(&["call", "need", "must", "because", "so that"]))
    })
}

/// Whether a function reads before it writes at `end`, and writes under a condition only.
pub(super) fn read_before(project: &Project, g: FuncId, end: &Site) -> bool {
    let conditional = inside(project.code().body(g), end.op, |kind| {
        matches!(kind, RegionKind::Arm { .. } | RegionKind::Handler { .. })
    });
    let read = project.sites(g).iter().any(|site| site.op < end.op && project.effects_of(site).any(Effects::DB_READ));
    conditional && read
}

/// Whether the function that a site calls looks a row up and makes it only where it is missing: what runs for
/// each item is the look-up.
pub(super) fn looks_first(project: &Project, f: FuncId, site: &Site) -> bool {
    const ADDS: Effects = Effects(Effects::DB_INSERT.0 | Effects::DB_ADD.0);
    const OTHERS: Effects = Effects(Effects::DB_UPDATE.0 | Effects::DB_DELETE.0 | Effects::DB_MARK_DELETE.0);
    let effects = project.effects_of(site);
    if !matches!(site.kind, SiteKind::Project) || !effects.any(Effects::DB_READ) || effects.any(OTHERS) {
        return false;
    }
    match project.usual_path(f, site, ADDS) {
        Some(chain) => {
            let (g, end) = &chain.end;
            *g != f
                && !chain.looped
                && (matches!(end.kind, SiteKind::Library(row) if row.callee.ends_with("_or_create"))
                    || read_before(project, *g, end))
        }
        None => effects.any(ADDS),
    }
}
