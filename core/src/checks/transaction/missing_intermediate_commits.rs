//! `missing_intermediate_commits`: rows of a table with a trigger change again and again within one
//! transaction, so that listeners hear nothing until its end.

use super::tables::{Kind, writes_of};
use crate::analysis::{Bound, FuncId, LoopFacts, Project, Site, Trigger, runs_elsewhere};
use crate::checks::check::{Candidates, Check, Cx, Draft, Judgement, Place};
use crate::checks::support::{confidence, context_evidence, context_facts, loop_step, place_of};
use crate::libraries::{Effects, RunContext};
use crate::model::LoopKind;
use crate::order::InOrder as _;
use crate::report::model::{Effort, Severity, Step};

/// The check.
#[derive(Clone, Copy, Debug)]
pub struct MissingIntermediateCommits;

/// A write of a table with a trigger, in a loop.
#[derive(Clone, Debug)]
pub struct Candidate {
    looped: LoopFacts,
    site: usize,
    trigger: usize,
    table: String,
    kind: Kind,
}

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
                    found.retain(|(p, c)| !(*p == place && c.looped.start <= looped.start));
                    if !found.iter().any(|(p, c)| p.func == f && c.table == table && c.looped.start == looped.start) {
                        let looped = looped.clone();
                        found.push((place, Candidate { looped, site: index, trigger: number, table, kind }));
                    }
                }
            }
        }
        found.order_by_key(|(place, _)| *place);
        Candidates::Found(found, format!("{} triggers", triggers.len()))
    }

    fn judge(cx: Cx<'_>, place: Place, candidate: &Candidate) -> Judgement {
        let project = cx.project;
        let f = place.func;
        let Candidate { looped, site, trigger, table, kind } = candidate;
        let Some(trigger) = project.schema().triggers().get(*trigger) else {
            return Judgement::Rejected("no trigger".into());
        };
        if !fires(trigger, *kind) {
            let reason = format!("the trigger fires on {} only, not on {}", trigger.event, kind.word());
            return Judgement::Rejected(reason);
        }
        let Some(site) = project.sites(f).get(*site) else { return Judgement::Rejected("no write".into()) };
        if looped.bound == Bound::Chunks {
            return Judgement::Rejected("chunks of one bulk write: every pass changes other rows".into());
        }
        if let Some(reason) = ended_per_pass(project, f, looped, site) {
            return Judgement::Rejected(reason);
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
        if intended(project, f, looped, site) {
            severity = severity.lowered();
        }
        let mut steps = vec![
            Step {
                path: trigger.at.path.clone(),
                line: trigger.at.line,
                message: format!("the trigger on `{table}` runs `{}` on {}", trigger.function, trigger.event),
            },
            loop_step(project, looped),
        ];
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
            message: format!("`{table}` changes in every pass of one transaction: {what}"),
            recommendation: "Commit in every pass, or write the progress through a session and transaction of its own \
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

/// A comment at the write or the loop says that this is meant.
fn intended(project: &Project, f: FuncId, looped: &LoopFacts, site: &Site) -> bool {
    let code = project.code();
    let Some(module) = code.module(code.module_of(f)) else { return false };
    let line = code.op(f, site.op).map_or(0, |op| op.span.line);
    module.comments.iter().any(|comment| {
        let near = (line.saturating_sub(2)..=line).contains(&comment.line)
            || (looped.span.line.saturating_sub(3)..=looped.span.line).contains(&comment.line);
        let text = project.text(comment.text).to_ascii_lowercase();
        near && ["on purpose", "intended", "intentional", "deliberate", "by design"].iter().any(|w| text.contains(w))
    })
}
