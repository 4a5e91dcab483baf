//! `tx_handle_ignored`: while a transaction is open, a statement runs on another handle of the same
//! database: outside of the transaction, and waiting for its locks or for a second connection.

use super::held::{handle_name, open_step, transaction_words};
use super::unbound;
use crate::analysis::{
    Database, FuncId, Handle, How, Opened, OutsideUse, Own, Project, Root, Site, States, argument, handle_key,
    handle_of, own_handle, sessions_of, source_of,
};
use crate::checks::check::{Candidates, Check, Cx, Draft, Judgement, Place};
use crate::checks::support::{confidence, context_evidence, context_facts, place_of};
use crate::libraries::{Effects, RunContext};
use crate::model::{OpKind, RegionKind, ValueId};
use crate::order::InOrder as _;
use crate::report::model::{Confidence, Effort, Severity, Step};

/// The check.
#[derive(Clone, Copy, Debug)]
pub struct TxHandleIgnored;

/// A transaction and what runs beside it, the first place first.
#[derive(Clone, Debug)]
pub struct Candidate {
    owner: FuncId,
    handle: Handle,
    opened: Opened,
    uses: Vec<OutsideUse>,
    /// The argument that would name the transaction, where statements must name it.
    argument: Option<&'static str>,
}

const WRITES: Effects = Effects::ANY_WRITE
    .with(Effects::DB_FLUSH)
    .with(Effects::DB_EXECUTE)
    .with(Effects::DB_ADD)
    .with(Effects::DB_MARK_DELETE);

impl Check for TxHandleIgnored {
    const ID: &'static str = "tx_handle_ignored";
    type Candidate = Candidate;

    fn candidates(cx: Cx<'_>) -> Candidates<Candidate> {
        let project = cx.project;
        let mut found: Vec<(Place, Candidate)> = Vec::new();
        let mut transactions = 0;
        let only = only_database(project);
        for f in project.code().func_ids() {
            if matches!(project.context(f), RunContext::Test | RunContext::Migration) {
                continue;
            }
            let known = project.transactions().of(f);
            transactions += known.extents.len();
            for (index, states) in &known.at {
                let Some(site) = project.sites(f).get(*index) else { continue };
                for used in project.outside().of(f).iter().filter(|u| u.site == *index && u.own.unless.is_none()) {
                    let Some((handle, opened)) = open_beside(project, f, states, used, site, only.as_ref()) else {
                        continue;
                    };
                    let place = place_of_use(project, f, used, site, &handle);
                    if matches!(project.context(place.func), RunContext::Test | RunContext::Migration) {
                        continue;
                    }
                    let same = found
                        .iter_mut()
                        .find(|(p, c)| *p == place || c.owner == f && c.handle == handle && c.opened.op == opened.op);
                    match same {
                        Some((_, candidate)) => candidate.uses.push(used.clone()),
                        None => {
                            found.push((
                                place,
                                Candidate { owner: f, handle, opened, uses: vec![used.clone()], argument: None },
                            ));
                        }
                    }
                }
            }
        }
        for one in unbound::find(project) {
            transactions += 1;
            let unbound::Unbound { place, owner, handle, opened, uses, argument } = one;
            found.push((place, Candidate { owner, handle, opened, uses, argument: Some(argument) }));
        }
        if transactions == 0 {
            return Candidates::Nothing("no transaction was found");
        }
        found.order_by_key(|(place, _)| *place);
        Candidates::Found(found, format!("{transactions} transactions"))
    }

    fn judge(cx: Cx<'_>, place: Place, candidate: &Candidate) -> Judgement {
        let project = cx.project;
        let Candidate { owner: f, handle, opened, uses, argument: named } = candidate;
        let f = *f;
        let mut reason = "nothing runs beside the transaction".to_owned();
        let mut kept: Vec<OutsideUse> = Vec::new();
        for used in uses {
            let Some(site) = project.sites(f).get(used.site) else { continue };
            match cleared(project, f, handle, opened, used, site) {
                Some(why) => reason = why,
                None => match kept.iter_mut().find(|k| k.site == used.site) {
                    Some(known) => known.effects |= used.effects,
                    None => kept.push(used.clone()),
                },
            }
        }
        let Some(first) = kept.first() else { return Judgement::Rejected(reason) };
        let Some(site) = project.sites(f).get(first.site) else { return Judgement::Rejected(reason) };
        let wrote = written_before(project, f, handle, opened, site.op);
        let writes = kept.iter().any(|used| used.effects.any(WRITES));
        let severity = if wrote || writes { Severity::High } else { Severity::Medium };
        let transaction = transaction_words(project, f, handle, opened);
        let name = project.describe(f, site.op);
        let message = match (first.handle, first.left_out) {
            _ if named.is_some() => {
                format!("`{name}` is given no `{}`: it runs outside {transaction}", named.unwrap_or_default())
            }
            (Some(_), _) => {
                format!("`{name}` uses another handle of the same database: it runs outside {transaction}")
            }
            (None, Some((g, i))) => {
                let param = project.code().func(g).params.get(usize::from(i)).map_or("", |p| project.text(p.name));
                format!("`{name}` is not given `{param}` and opens its own, outside {transaction}")
            }
            (None, None) => format!("`{name}` opens its own handle of the same database, outside {transaction}"),
        };
        let mut steps = vec![open_step(project, f, opened)];
        path(project, f, first, &mut steps);
        for used in kept.iter().skip(1).take(6) {
            if let Some(site) = project.sites(f).get(used.site) {
                steps.push(project.step(f, site.op, format!("{} as well", project.site_name(f, site))));
            }
        }
        let ours = handle_name(project, f, handle);
        let recommendation = match (first.left_out, &handle.root) {
            _ if *named == Some("using") => "Name the database of the block with `using(...)`".to_owned(),
            _ if named.is_some() => format!("Pass `session={ours}`"),
            (Some((g, _)), _) => format!("Pass `{ours}` on to `{}`", project.func_name(g)),
            (None, Root::Ambient | Root::Scoped) => "Run it in the open transaction, or after its commit".to_owned(),
            (None, _) if first.handle.is_some() => format!("Run the statement on `{ours}`"),
            (None, _) => {
                format!("Let it take the handle as a parameter and pass `{ours}`, or call it after the commit")
            }
        };
        let place = match place.func == f {
            true => place_of(project, f, site.op),
            false => place,
        };
        let by_name = kept.iter().all(|used| used.by_name);
        let draft = Draft {
            place,
            severity,
            confidence: confidence(project, f, by_name),
            message,
            recommendation,
            effort: if first.distance > 1 { Effort::M } else { Effort::S },
            steps,
            evidence: vec![context_evidence(project, f)],
            facts: context_facts(cx, f),
        };
        if by_name && draft.confidence == Confidence::Low {
            return Judgement::NeedsContext(Box::new(draft), "the callee was found by its name only".into());
        }
        Judgement::Confirmed(Box::new(draft))
    }
}

/// The one database of a project, where there is only one.
fn only_database(project: &Project) -> Option<Database> {
    let mut only: Option<&Database> = None;
    for f in project.code().func_ids() {
        if matches!(project.context(f), RunContext::Test | RunContext::Migration) {
            continue;
        }
        for used in project.outside().of(f).iter().filter(|u| u.distance == 0) {
            match only {
                Some(known) if *known != used.own.database => return None,
                _ => only = Some(&used.own.database),
            }
        }
    }
    only.cloned()
}

/// The open transaction beside which a use runs: of the same database and another handle.
fn open_beside(
    project: &Project,
    f: FuncId,
    states: &States,
    used: &OutsideUse,
    site: &Site,
    only: Option<&Database>,
) -> Option<(Handle, Opened)> {
    let mut open: Vec<(&Handle, Opened)> =
        states.iter().filter_map(|(handle, state)| Some((handle, state.open?))).collect();
    open.order_by_key(|(_, opened)| (!matches!(opened.how, How::Begin | How::Decorator), opened.op));
    let theirs = used.handle.and_then(|v| handle_of(project, f, v)).map(|(handle, _)| handle);
    let handed = sessions_of(project, f, site);
    let (handle, opened) = open.into_iter().find(|(handle, opened)| {
        if matches!(handle.root, Root::Ambient) || theirs.as_ref() == Some(*handle) {
            return false;
        }
        if used.handle.is_none() && used.own.kept.is_some() && handed.contains(handle) {
            return false;
        }
        // The transaction is older than the handle beside it.
        let made = match (used.handle, &used.own.kept, used.own.scoped) {
            (Some(v), None, false) => made_at(project, f, v),
            _ => None,
        };
        if let (Some(made), Some(op)) = (made, opened.op)
            && made <= op
        {
            return false;
        }
        let Some(ours) = own_of(project, f, handle) else {
            return handed_database(project, f, handle).as_ref().or(only) == Some(&used.own.database)
                && matches!(handle.root, Root::Param(_));
        };
        let same_object = ours.kept.is_some() && ours.kept == used.own.kept || ours.scoped && used.own.scoped;
        ours.database == used.own.database && !same_object
    })?;
    Some((handle.clone(), opened))
}

/// Where a handle that the function opens is opened; pools and globals are older than everything.
fn made_at(project: &Project, f: FuncId, v: ValueId) -> Option<ValueId> {
    let (handle, _) = handle_of(project, f, v)?;
    match handle.root {
        Root::Value(v) if handle.path.is_empty() => Some(v),
        _ => None,
    }
}

/// What a handle of this function is, from a value that stands for it.
fn own_of(project: &Project, f: FuncId, handle: &Handle) -> Option<Own> {
    if let Root::Value(v) = handle.root
        && handle.path.is_empty()
    {
        return own_handle(project, f, v);
    }
    let body = project.code().body(f);
    let count = u32::try_from(body.ops.len()).unwrap_or(u32::MAX);
    let v = (0..count).map(ValueId).find(|v| {
        matches!(body.op(*v).map(|op| &op.kind), Some(OpKind::Param(_) | OpKind::Global(_) | OpKind::Attr { .. }))
            && match handle.root {
                Root::Scoped => handle_of(project, f, *v).is_some_and(|(h, _)| h == *handle),
                _ => handle_key(project, f, *v) == *handle,
            }
    })?;
    own_handle(project, f, v)
}

/// The database of a parameter, as all callers that are understood give it.
fn handed_database(project: &Project, f: FuncId, handle: &Handle) -> Option<Database> {
    let Root::Param(i) = handle.root else { return None };
    if !handle.path.is_empty() {
        return None;
    }
    let mut found: Option<Database> = None;
    for &(caller, index) in project.callers(f) {
        let Some(site) = project.sites(caller).get(index as usize) else { continue };
        let Some(arg) = argument(project, caller, site.op, f, i) else { continue };
        let Some(own) = own_handle(project, caller, arg) else { continue };
        if found.as_ref().is_some_and(|known| *known != own.database) {
            return None;
        }
        found = Some(own.database);
    }
    found
}

/// The statement in the callee when it was handed the transaction and ignores it, else the call.
fn place_of_use(project: &Project, f: FuncId, used: &OutsideUse, site: &Site, handle: &Handle) -> Place {
    let (g, op) = used.end;
    let ignored = used.distance == 1
        && g != f
        && (0..project.code().func(g).params.len()).any(|i| {
            let Ok(i) = u16::try_from(i) else { return false };
            let arg = argument(project, f, site.op, g, i);
            arg.and_then(|arg| handle_of(project, f, arg)).is_some_and(|(given, _)| given == *handle)
        });
    if ignored { place_of(project, g, op) } else { place_of(project, f, site.op) }
}

/// Steps from the site to the statement.
fn path(project: &Project, f: FuncId, used: &OutsideUse, steps: &mut Vec<Step>) {
    let (mut f, mut at) = (f, used.clone());
    for _ in 0..8 {
        let Some(site) = project.sites(f).get(at.site) else { return };
        let Some(g) = at.callee else {
            let verb = project.verb(site, at.effects);
            steps.push(project.step(f, site.op, format!("{} {verb} on another handle", project.site_name(f, site))));
            return;
        };
        steps.push(project.step(f, site.op, format!("calls `{}`", project.func_name(g))));
        let next = project.outside().of(g).iter().find(|u| u.end == at.end && u.distance < at.distance);
        let Some(next) = next else { return };
        (f, at) = (g, next.clone());
    }
}

/// Whether rows were written on the handle after it was opened and before an op.
fn written_before(project: &Project, f: FuncId, handle: &Handle, opened: &Opened, op: ValueId) -> bool {
    let works = |site: &Site, effects: Effects| {
        project.effects_of(site).any(effects) && sessions_of(project, f, site).contains(handle)
    };
    // The other arm of a branch did not run.
    let regions = &project.code().body(f).regions;
    let elsewhere = |at: ValueId| {
        regions.iter().any(|arm| {
            let inside = |start: u32, end: u32, v: ValueId| start <= v.0 && v.0 < end;
            matches!(arm.kind, RegionKind::Arm { .. })
                && inside(arm.start, arm.end, at)
                && !inside(arm.start, arm.end, op)
                && regions.get(arm.parent.0 as usize).is_some_and(|branch| inside(branch.start, branch.end, op))
        })
    };
    project.sites(f).iter().any(|site| {
        site.op < op
            && !elsewhere(site.op)
            && opened.op.is_none_or(|from| from <= site.op)
            && works(site, WRITES.without(Effects::DB_EXECUTE))
            && !project
                .sites(f)
                .iter()
                .any(|ends| site.op <= ends.op && ends.op < op && works(ends, Effects::COMMIT.with(Effects::ROLLBACK)))
    })
}

/// A statement further away than this is hardly this transaction's business: a write, a read.
const FARTHEST: (u32, u32) = (4, 2);

const ON_PURPOSE: &[&str] = &[
    "on purpose",
    "separate session",
    "separate transaction",
    "separate connection",
    "own session",
    "own transaction",
    "own connection",
    "new session",
    "new transaction",
    "new connection",
    "another session",
    "another connection",
    "different session",
    "different connection",
    "dedicated session",
    "dedicated connection",
    "fresh session",
    "fresh connection",
    "independent",
    "autonomous",
    "outside the transaction",
    "outside of the transaction",
    "regardless of",
    "survive",
    "even if",
    "deliberate",
    "intentional",
];

/// Words of function names that say why a row must not share the caller's fate.
const APART: &[&str] =
    &["audit", "outbox", "log", "heartbeat", "lock", "lease", "slot", "semaphore", "metric", "telemetry"];

/// Why a use is no mistake.
fn cleared(
    project: &Project,
    f: FuncId,
    handle: &Handle,
    opened: &Opened,
    used: &OutsideUse,
    site: &Site,
) -> Option<String> {
    let body = project.code().body(f);
    let from = opened.op.map_or(0, |op| op.0);
    let handled = body.regions.iter().find(|region| {
        matches!(region.kind, RegionKind::Handler { .. } | RegionKind::Finally)
            && region.start > from
            && region.start <= site.op.0
            && site.op.0 < region.end
    });
    if handled.is_some() {
        return Some("runs after an error, when the transaction is lost: a handle of its own is right".into());
    }
    let implicit = matches!(opened.how, How::Statement | How::Callee(_));
    if implicit && !written_before(project, f, handle, opened, site.op) {
        return Some("the session has only read so far: nothing is uncommitted".into());
    }
    let farthest = if used.effects.any(WRITES) { FARTHEST.0 } else { FARTHEST.1 };
    if used.distance > farthest {
        return Some(format!("the statement is {} calls away", used.distance));
    }
    if let Some(made) = used.handle.and_then(|v| made_at(project, f, v))
        && let Root::Value(ours) = handle.root
        && body.span(made).map(|span| span.line) == body.span(source_of(body, ours)).map(|span| span.line)
    {
        return Some("both handles are opened side by side".into());
    }
    let (g, end) = used.end;
    let made = used.handle.and_then(|v| made_at(project, f, v)).unwrap_or(site.op);
    let near = [(f, site.op), (f, made), (g, end)];
    if let Some(line) = near.iter().find_map(|(f, op)| says_so(project, *f, *op)) {
        return Some(format!("line {line} says that it runs in a transaction of its own"));
    }
    let callees = [used.callee, Some(g), used.handle.map(|_| f)];
    // The handle beside it takes a lock or a lease, which others must see at once.
    let taken = project.outside().of(g).iter().find(|u| u.end == used.end && u.distance == 0).and_then(|own| {
        let (theirs, _) = handle_of(project, g, own.handle?)?;
        project.sites(g).iter().find_map(|s| {
            let target = s.targets.first()?.func;
            let stem = project.code().path(target).rsplit('/').next().unwrap_or("").trim_end_matches(".py");
            let name = project.text(project.code().func(target).name);
            (set_apart(stem) || set_apart(name)).then_some(())?;
            sessions_of(project, g, s).contains(&theirs).then(|| project.func_name(target).to_owned())
        })
    });
    if let Some(name) = taken {
        return Some(format!("`{name}` takes a lock that others must see at once"));
    }
    callees.into_iter().flatten().find_map(|g| {
        let name = project.text(project.code().func(g).name);
        let class = project.code().class_of(g).map(|class| project.text(project.code().class(class).name));
        let stem = project.code().path(g).rsplit('/').next().unwrap_or("").trim_end_matches(".py");
        let apart = set_apart(name) || g != f && set_apart(stem) || class.is_some_and(|class| set_apart(&snake(class)));
        apart.then(|| format!("`{}` keeps its rows whatever becomes of the transaction", project.func_name(g)))
    })
}

/// Whether a name has one of the words for rows that must not share the caller's fate.
fn set_apart(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.split('_').any(|word| APART.iter().any(|apart| word == *apart || word.strip_suffix('s') == Some(*apart)))
}

fn snake(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars() {
        if c.is_ascii_uppercase() && !out.is_empty() {
            out.push('_');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}

/// The line of a comment near an op, or above its block, that says a separate handle is meant.
fn says_so(project: &Project, f: FuncId, op: ValueId) -> Option<u32> {
    let code = project.code();
    let module = code.module(code.module_of(f))?;
    let line = code.span(f, op)?.line;
    let comment = module.comments.iter().find(|comment| {
        let text = project.text(comment.text).to_ascii_lowercase();
        (line.saturating_sub(4)..=line).contains(&comment.line) && ON_PURPOSE.iter().any(|w| text.contains(w))
    })?;
    Some(comment.line)
}
