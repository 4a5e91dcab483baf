//! `resource_scope_mismatch`: an injected session lives for the whole handler and is used in a small
//! part of it.

use super::held::{Carriers, param_name};
use super::streams::streams_of;
use crate::analysis::{FuncId, Held, Project, Site};
use crate::checks::check::{Candidates, Check, Cx, Draft, Judgement, Place};
use crate::checks::support::{context_evidence, context_facts};
use crate::libraries::{Effects, Place as Where, RunContext};
use crate::model::{OpKind, ValueId};
use crate::report::model::{Confidence, Effort, Severity};

/// The check.
#[derive(Clone, Copy, Debug)]
pub struct ResourceScopeMismatch;

/// Calls that keep a handler waiting for somebody else. (A lock is seldom held for long.)
const FOREIGN: Effects =
    Effects(Effects::ANY_FOREIGN.0 | Effects::SUBPROCESS.0 | Effects::SLEEP.0 | Effects::ASYNC_SLEEP.0);
/// Work of its own that takes long.
const LOCAL: Effects = Effects(Effects::FILE_IO.0 | Effects::CPU.0);
/// Calls farther away than this say little about the handler.
const FARTHEST: usize = 5;
/// Lines of other work that count without a foreign call.
const LONG: u32 = 50;

impl Check for ResourceScopeMismatch {
    const ID: &'static str = "resource_scope_mismatch";
    type Candidate = (FuncId, Held);

    fn candidates(cx: Cx<'_>) -> Candidates<(FuncId, Held)> {
        let project = cx.project;
        let code = project.code();
        let mut found = Vec::new();
        for f in code.func_ids() {
            let entry = project.context_path(f).is_some_and(|path| path.via.is_none());
            if !entry || !matches!(project.context(f), RunContext::Request | RunContext::Stream) {
                continue;
            }
            for i in 0..code.func(f).params.len() {
                let Some(held) = project.held_by_injection(f, i).filter(|held| held.direct) else { continue };
                let span = code.func(f).params.get(i).map(|param| param.span).unwrap_or_default();
                found.push((Place { func: f, op: None, span }, (f, held)));
            }
        }
        if found.is_empty() {
            return Candidates::Nothing("no handler gets a session or connection");
        }
        let count = found.len();
        Candidates::Found(found, format!("{count} injected sessions and connections"))
    }

    fn judge(cx: Cx<'_>, place: Place, (f, held): &(FuncId, Held)) -> Judgement {
        let project = cx.project;
        let code = project.code();
        let f = *f;
        if streams_of(project, f).is_some() {
            return Judgement::Rejected("`streaming_resource_holding` judges what a stream holds".into());
        }
        let Some(value) = project.param_value(f, held.param) else {
            return Judgement::Rejected("a session that is not used opens no connection".into());
        };
        let body = code.body(f);
        let carriers = Carriers::new(project, f, value);
        let uses: Vec<ValueId> = carriers
            .uses()
            .into_iter()
            .filter(|op| matches!(body.op(*op).map(|op| &op.kind), Some(OpKind::Attr { .. } | OpKind::Call { .. })))
            .collect();
        let (Some(first), Some(last)) = (uses.first().copied(), uses.last().copied()) else {
            return Judgement::Rejected("a session that is not used opens no connection".into());
        };
        let line = |op: ValueId| body.span(op).map_or(0, |span| span.line);
        let end_of = |op: ValueId| statement_end(project, f, op);
        let ends = body.spans.iter().map(|span| span.line).max().unwrap_or(0);
        let starts = body
            .ops
            .iter()
            .zip(body.spans.iter())
            .filter(|(op, _)| !matches!(op.kind, OpKind::Param(_)))
            .map(|(_, span)| span.line)
            .min();
        let whole = (ends + 1).saturating_sub(starts.unwrap_or(0)).max(1);
        let used = (end_of(last) + 1).saturating_sub(line(first)).max(1);
        let slow = |wanted: Effects| {
            project.sites(f).iter().find(|site| {
                site.op > last && runs_here(site) && !carriers.carried_by(site.op) && near(project, f, site, wanted)
            })
        };
        let foreign = slow(FOREIGN);
        let rest = ends.saturating_sub(end_of(last));
        let local = slow(LOCAL).filter(|_| rest > LONG);
        let Some(site) = foreign.or(local) else {
            return Judgement::Rejected("nothing slow runs after its last use".into());
        };
        if ends_transaction(project, f, &carriers, last) {
            return Judgement::Rejected(
                "committed or closed after its last use: the connection is back in the pool".into(),
            );
        }
        // Less than a fifth.
        if used * 5 >= whole {
            return Judgement::Rejected(format!("used in {used} of {whole} lines of the handler"));
        }
        let severity = match foreign {
            _ if project.context(f) == RunContext::Stream => Severity::Critical,
            Some(_) => Severity::High,
            None => Severity::Medium,
        };
        let name = param_name(project, f, held.param);
        let wanted = if foreign.is_some() { FOREIGN } else { LOCAL };
        let mut steps = vec![
            project.step_at(f, place.span, format!("`{name}` is injected for the whole handler")),
            project.step(f, last, format!("`{name}` is used for the last time")),
        ];
        if let Some((path, _)) = project.path_to(f, site, wanted) {
            steps.extend(path);
        }
        let what = project.site_name(f, site);
        let mut facts = context_facts(cx, f);
        facts.table_used_context = true;
        Judgement::Confirmed(Box::new(Draft {
            place,
            severity,
            confidence: if held.seen { Confidence::High } else { Confidence::Medium },
            message: format!("{} `{name}` is used in {used} of {whole} lines and held while {what} runs", held.word),
            recommendation: format!(
                "Open the {} for the lines that use it and close it before the slow call, or commit after the last use",
                held.word
            ),
            effort: Effort::M,
            steps,
            evidence: vec![context_evidence(project, f)],
            facts,
        }))
    }
}

fn runs_here(site: &Site) -> bool {
    !matches!(site.place, Where::Task | Where::AfterResponse | Where::Process)
}

/// The site does it, not too many calls away.
fn near(project: &Project, f: FuncId, site: &Site, wanted: Effects) -> bool {
    project.effects_of(site).any(wanted)
        && project.path_to(f, site, wanted).is_some_and(|(path, by_name)| path.len() <= FARTHEST && !by_name)
}

/// The last line of the expression around an op.
fn statement_end(project: &Project, f: FuncId, op: ValueId) -> u32 {
    let body = project.code().body(f);
    let flow = crate::analysis::Flow::new(project.code(), f);
    let mut at = op;
    for _ in 0..6 {
        let Some(next) = flow.users(at).next().filter(|next| {
            matches!(
                body.op(*next).map(|op| &op.kind),
                Some(OpKind::Call { .. } | OpKind::Attr { .. } | OpKind::Await(_))
            )
        }) else {
            break;
        };
        at = next;
    }
    body.span(at).map_or(0, |span| span.end_line.max(span.line))
}

/// What is done with it last gives the connection back.
fn ends_transaction(project: &Project, f: FuncId, carriers: &Carriers<'_>, last: ValueId) -> bool {
    let ends = Effects::COMMIT.with(Effects::ROLLBACK).with(Effects::CLOSES);
    let body = project.code().body(f);
    // `await session.commit()` is an attribute read, a call of it, and an await.
    let near = (last.0..last.0 + 4).map(ValueId);
    near.take_while(|op| body.op(*op).is_some()).any(|op| {
        let closes = matches!(body.op(op).map(|op| &op.kind), Some(OpKind::Attr { base, name })
            if carriers.carried_by(*base)
                && matches!(project.text(*name), "close" | "aclose" | "commit" | "rollback" | "release"));
        closes
            || project.sites_at(f, op).any(|site| {
                let given = matches!(body.op(op).map(|op| &op.kind), Some(OpKind::Call { args, callee })
                    if args.iter().any(|arg| carriers.carried_by(arg.value)) || carriers.carried_by(*callee));
                given && project.effects_of(site).any(ends)
            })
    })
}
