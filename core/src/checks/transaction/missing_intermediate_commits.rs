//! `missing_intermediate_commits`: rows of a table with a trigger change again and again within one
//! transaction, so that listeners hear nothing until its end.

use super::tables::{Kind, writes_of};
use crate::analysis::{Bound, FuncId, LoopFacts, Project, Site, Trigger, runs_elsewhere};
use crate::checks::check::{Candidates, Check, Cx, Draft, Judgement, Place};
use crate::checks::support::{confidence, context_evidence, context_facts, loop_step, place_of};
use crate::libraries::{Effects, RunContext};
use crate::model::{LoopKind, RegionKind, ValueId};
use crate::order::InOrder as _;
use crate::report::model::{Effort, Severity, Step};

/// The check.
#[derive(Clone, Copy, Debug)]
pub struct MissingIntermediateCommits;

/// A write of a table with a trigger, again and again.
#[derive(Clone, Debug)]
pub struct Candidate {
    again: Again,
    site: usize,
    trigger: usize,
    table: String,
    kind: Kind,
}

/// How it comes to be written again.
#[derive(Clone, Debug)]
enum Again {
    /// In each pass of a loop.
    Looped(LoopFacts),
    /// After this earlier write and the work between: indices of sites.
    After(usize, usize),
}

/// What takes so long that somebody waits for word of it.
const WORK: Effects = Effects::ANY_FOREIGN
    .with(Effects::SUBPROCESS)
    .with(Effects::SLEEP)
    .with(Effects::ASYNC_SLEEP)
    .with(Effects::WAITS)
    .with(Effects::CPU);
const WRITES: Effects = Effects::ANY_WRITE.with(Effects::DB_FLUSH).with(Effects::DB_EXECUTE);

impl Check for MissingIntermediateCommits {
    const ID: &'static str = "missing_intermediate_commits";
    type Candidate = Candidate;

    fn candidates(cx: Cx<'_>) -> Candidates<Candidate> {
        let project = cx.project;
        let triggers = project.schema().triggers();
        if triggers.is_empty() {
            return Candidates::Nothing("no trigger was found in the migrations");
        }
        let mut found: Vec<(Place, Candidate)> = Vec::new();
        for looped in project.loops() {
            let f = looped.func;
            if matches!(project.context(f), RunContext::Test | RunContext::Migration)
                || matches!(looped.kind, LoopKind::Generator)
            {
                continue;
            }
            for (index, site) in project.sites(f).iter().enumerate() {
                if !looped.holds(site.op) || runs_elsewhere(site) || !project.effects_of(site).any(WRITES) {
                    continue;
                }
                for (table, kind) in writes_of(project, f, site, Some(looped)) {
                    let same = |t: &&Trigger| same_table(&t.table, &table);
                    let fitting = triggers.iter().filter(same).find(|t| fires(t, kind));
                    let Some(trigger) = fitting.or_else(|| triggers.iter().find(same)) else { continue };
                    let number = triggers.iter().position(|t| t == trigger).unwrap_or(0);
                    let place = place_of(project, f, site.op);
                    // The innermost loop speaks; one finding per table and loop nest.
                    let start = |c: &Candidate| match &c.again {
                        Again::Looped(outer) => outer.start,
                        Again::After(..) => 0,
                    };
                    found.retain(|(p, c)| !(*p == place && start(c) <= looped.start));
                    if !found.iter().any(|(p, c)| p.func == f && c.table == table && start(c) == looped.start) {
                        let again = Again::Looped(looped.clone());
                        found.push((place, Candidate { again, site: index, trigger: number, table, kind }));
                    }
                }
            }
        }
        for f in project.code().func_ids() {
            if !matches!(project.context(f), RunContext::Test | RunContext::Migration) {
                sequences(project, f, triggers, &mut found);
            }
        }
        found.order_by_key(|(place, _)| *place);
        Candidates::Found(found, format!("{} triggers", triggers.len()))
    }

    fn judge(cx: Cx<'_>, place: Place, candidate: &Candidate) -> Judgement {
        let project = cx.project;
        let f = place.func;
        let Candidate { again, site, trigger, table, kind } = candidate;
        let Some(trigger) = project.schema().triggers().get(*trigger) else {
            return Judgement::Rejected("no trigger".into());
        };
        if !fires(trigger, *kind) {
            let reason = format!("the trigger fires on {} only, not on {}", trigger.event, kind.word());
            return Judgement::Rejected(reason);
        }
        let Some(site) = project.sites(f).get(*site) else { return Judgement::Rejected("no write".into()) };
        if let Again::Looped(looped) = again {
            if looped.bound == Bound::Chunks {
                return Judgement::Rejected("chunks of one bulk write: every pass changes other rows".into());
            }
            if let Some(reason) = ended_per_pass(project, f, looped, site) {
                return Judgement::Rejected(reason);
            }
        }
        let listener = trigger.channel.as_ref().and_then(|channel| {
            cx.context.db_config.event_subscribers.iter().find(|s| s.channel.eq_ignore_ascii_case(channel))
        });
        let (mut severity, what) = match (&trigger.channel, listener) {
            (Some(channel), Some(_)) => {
                (Severity::Critical, format!("listeners of `{channel}` hear nothing until the end"))
            }
            (Some(channel), None) => (Severity::Medium, format!("nobody on `{channel}` can see the steps in between")),
            (None, _) => (Severity::High, "what the trigger derives is visible only at the end".to_owned()),
        };
        if intended(project, f, again, site) {
            severity = severity.lowered();
        }
        let mut steps = vec![Step {
            path: trigger.at.path.clone(),
            line: trigger.at.line,
            message: format!("the trigger on `{table}` runs `{}` on {}", trigger.function, trigger.event),
        }];
        match again {
            Again::Looped(looped) => steps.push(loop_step(project, looped)),
            Again::After(first, work) => {
                let at = |index: &usize, what: &str| {
                    let site = project.sites(f).get(*index)?;
                    Some(project.step(f, site.op, format!("{} {what}", project.site_name(f, site))))
                };
                steps.extend(at(first, "writes the row first"));
                steps.extend(at(work, "works meanwhile"));
            }
        }
        let mut by_name = false;
        if let Some((path, named)) = project.path_to(f, site, WRITES) {
            steps.extend(path);
            by_name = named;
        }
        if let Some(listener) = listener {
            let message = format!("listens to `{}`", listener.channel);
            steps.push(Step { path: listener.file.clone(), line: listener.line, message });
        }
        let mut facts = context_facts(cx, f);
        facts.tables = vec![table.clone()];
        Judgement::Confirmed(Box::new(Draft {
            place,
            severity,
            confidence: confidence(project, f, by_name),
            message: match again {
                Again::Looped(_) => format!("`{table}` changes in every pass of one transaction: {what}"),
                Again::After(..) => format!("`{table}` changes before and after the work of one transaction: {what}"),
            },
            recommendation:
                "Commit after every step, or write the progress through a session and transaction of its own \
                             where the work must stay atomic"
                    .to_owned(),
            effort: Effort::M,
            steps,
            evidence: vec![context_evidence(project, f)],
            facts,
        }))
    }
}

fn same_table(a: &str, b: &str) -> bool {
    let bare = |name: &str| name.rsplit('.').next().unwrap_or(name).trim_matches('"').to_ascii_lowercase();
    bare(a) == bare(b)
}

fn fires(trigger: &Trigger, kind: Kind) -> bool {
    trigger.event.to_ascii_uppercase().contains(kind.word())
}

/// Why the passes do not share one transaction.
fn ended_per_pass(project: &Project, f: FuncId, looped: &LoopFacts, site: &Site) -> Option<String> {
    let found = project.transactions().of(f);
    let mut shared = false;
    let mut own = None;
    for extent in &found.extents {
        let start = extent.opened.op.map_or(0, |op| op.0);
        let block = extent.block.and_then(|id| project.code().body(f).regions.get(id.0 as usize));
        let inside = block.is_some_and(|region| looped.start <= region.start && region.end <= looped.end);
        let after = site.op.0 < extent.end || extent.block.is_some();
        if inside {
            own = Some("every pass has its own transaction");
        } else if extent.end >= looped.end && start < looped.end && after {
            shared = true;
        } else if looped.start <= start && extent.end < looped.end {
            own = Some("a commit in every pass");
        }
    }
    let commits = project.sites(f).iter().any(|s| looped.holds(s.op) && project.effects_of(s).any(Effects::COMMIT));
    if commits && own.is_none() {
        own = Some("a commit in every pass");
    }
    match (own, shared) {
        (Some(reason), _) => Some(reason.to_owned()),
        (None, true) => None,
        (None, false) => {
            // A session that the caller began and commits.
            let left_open = found.exit.values().any(|state| state.open.is_some_and(|opened| opened.writes));
            (!left_open).then(|| "every statement commits by itself".to_owned())
        }
    }
}

/// Writes of one table in one transaction, with slow work between them.
fn sequences(project: &Project, f: FuncId, triggers: &[Trigger], found: &mut Vec<(Place, Candidate)>) {
    let known = project.transactions().of(f);
    if known.extents.is_empty() {
        return;
    }
    let sites = project.sites(f);
    let mut writes: Vec<(usize, String, Kind)> = Vec::new();
    for (index, site) in sites.iter().enumerate() {
        if runs_elsewhere(site) || !project.effects_of(site).any(WRITES) {
            continue;
        }
        for (table, kind) in writes_of(project, f, site, None) {
            if triggers.iter().any(|t| same_table(&t.table, &table) && fires(t, kind)) {
                writes.push((index, table, kind));
            }
        }
    }
    for (i, (second, table, kind)) in writes.iter().enumerate() {
        let Some(after) = sites.get(*second).filter(|_| *kind == Kind::Update) else { continue };
        let before = writes.iter().take(i).rev().find_map(|(first, other, _)| {
            let before = sites.get(*first)?;
            if other != table || before.op >= after.op || !always(project, f, before.op, after.op) {
                return None;
            }
            let between = |s: &Site| before.op < s.op && s.op < after.op && !runs_elsewhere(s);
            let ends = Effects::COMMIT.with(Effects::ROLLBACK);
            if sites.iter().any(|s| between(s) && project.effects_of(s).any(ends)) {
                return None;
            }
            let work = sites.iter().position(|s| between(s) && project.effects_of(s).any(WORK))?;
            let one = known
                .extents
                .iter()
                .any(|extent| extent.opened.op.is_none_or(|op| op <= before.op) && after.op.0 < extent.end);
            one.then_some((*first, work))
        });
        let Some((first, work)) = before else { continue };
        let fitting = |t: &Trigger| same_table(&t.table, table) && fires(t, *kind);
        let Some(trigger) = triggers.iter().position(fitting) else { continue };
        let place = place_of(project, f, after.op);
        if !found.iter().any(|(p, c)| p.func == f && c.table == *table) {
            let again = Again::After(first, work);
            found.push((place, Candidate { again, site: *second, trigger, table: table.clone(), kind: *kind }));
        }
    }
}

/// Whether `first` ran whenever `second` does: every arm, handler and loop around it is around `second` too.
fn always(project: &Project, f: FuncId, first: ValueId, second: ValueId) -> bool {
    project.code().body(f).regions.iter().skip(1).all(|region| {
        let inside = |op: ValueId| region.start <= op.0 && op.0 < region.end;
        let conditional =
            matches!(region.kind, RegionKind::Arm { .. } | RegionKind::Handler { .. } | RegionKind::Loop { .. });
        !conditional || !inside(first) || inside(second)
    })
}

/// A comment at the write or the loop says that this is meant.
fn intended(project: &Project, f: FuncId, again: &Again, site: &Site) -> bool {
    let code = project.code();
    let Some(module) = code.module(code.module_of(f)) else { return false };
    let line = code.span(f, site.op).map_or(0, |span| span.line);
    module.comments.iter().any(|comment| {
        let near = (line.saturating_sub(2)..=line).contains(&comment.line)
            || matches!(again, Again::Looped(looped)
                if (looped.span.line.saturating_sub(3)..=looped.span.line).contains(&comment.line));
        let text = project.text(comment.text).to_ascii_lowercase();
        near && ["on purpose", "intended", "intentional", "deliberate", "by design"].iter().any(|w| text.contains(w))
    })
}
