//! `dispatch_before_commit`: a message about rows of a transaction that is still open.

use super::held::{open_step, transaction_words};
use super::receivers;
use super::rows::{Row, referred, written};
use crate::analysis::{FuncId, Handle, How, Opened, Project, Root, Site, SiteKind, runs_elsewhere};
use crate::checks::check::{Candidates, Check, Cx, Draft, Judgement, Place};
use crate::checks::support::{confidence, context_evidence, context_facts, grade, place_of};
use crate::libraries::{Effects, Place as Where, RunContext};
use crate::model::ValueId;
use crate::order::InOrder as _;
use crate::report::model::{Confidence, Effort, Severity, Step};

/// The check.
#[derive(Clone, Copy, Debug)]
pub struct DispatchBeforeCommit;

/// A message while rows are not committed.
#[derive(Clone, Debug)]
pub enum Candidate {
    /// It refers to this row; the steps lead from the transaction to the message.
    Sent {
        /// Function and session of the transaction.
        owner: FuncId,
        /// Its session.
        handle: Handle,
        /// What opened it.
        opened: Opened,
        /// The row.
        row: Row,
        /// Function that wrote the row.
        writer: FuncId,
        /// Calls on the way.
        steps: Vec<Step>,
        /// A callee was found by its name only.
        by_name: bool,
    },
    /// A signal receiver that runs within whatever transaction saves the row.
    Receiver {
        /// The signal.
        signal: String,
        /// A block of the project that opens a transaction.
        block: Option<(FuncId, ValueId)>,
        /// The receiver.
        by: FuncId,
        /// Every request is a transaction.
        requests: bool,
    },
    /// Cleared with a reason.
    Cleared(String),
}

/// A message further away than this is hardly about this row.
const FARTHEST: usize = 4;
const SENDS: Effects = Effects::PUBLISH.with(Effects::MAIL);

impl Check for DispatchBeforeCommit {
    const ID: &'static str = "dispatch_before_commit";
    type Candidate = Candidate;

    fn candidates(cx: Cx<'_>) -> Candidates<Candidate> {
        let project = cx.project;
        let requests = cx.context.db_config.settings.get("ATOMIC_REQUESTS").is_some_and(|v| v.contains("True"));
        let mut found: Vec<(Place, Candidate)> = Vec::new();
        let mut sends = 0;
        let atomic = atomic_block(project);
        let connected = receivers::connected(project);
        for f in project.code().func_ids() {
            if matches!(project.context(f), RunContext::Test | RunContext::Migration) {
                continue;
            }
            if let Some(signal) = receivers::signal_of(project, &connected, f) {
                receiver(project, f, &signal, (atomic, requests), &mut found);
            }
            for (index, states) in &project.transactions().of(f).at {
                let Some(site) = project.sites(f).get(*index) else { continue };
                let Some(what) = sending(project, site) else { continue };
                sends += 1;
                let mut open = states.iter().filter_map(|(handle, state)| Some((handle.clone(), state.open?)));
                let Some((handle, opened)) = open.find(|(_, opened)| requests || opened.how != How::Request) else {
                    if states.values().any(|state| state.ended.is_some()) {
                        let reason = "the transaction has ended before".to_owned();
                        found.push((place_of(project, f, site.op), Candidate::Cleared(reason)));
                    }
                    continue;
                };
                if site.place == Where::AfterCommit {
                    let reason = format!("{} runs it after the commit", project.site_name(f, site));
                    found.push((place_of(project, f, site.op), Candidate::Cleared(reason)));
                    continue;
                }
                if matches!(site.place, Where::AfterResponse | Where::Thread | Where::Process) {
                    continue;
                }
                if let Some(reason) = seldom(project, f, site, what) {
                    found.push((place_of(project, f, site.op), Candidate::Cleared(reason)));
                    continue;
                }
                let Some((place, writer, row, steps, by_name)) = about(project, f, site, what) else { continue };
                if matches!(project.context(place.func), RunContext::Test) {
                    continue;
                }
                let candidate = Candidate::Sent { owner: f, handle, opened, row, writer, steps, by_name };
                if !found.iter().any(|(p, c)| *p == place && matches!(c, Candidate::Sent { .. })) {
                    found.push((place, candidate));
                }
            }
        }
        if sends == 0 && found.is_empty() {
            return Candidates::Nothing("no message is sent near a transaction");
        }
        found.order_by_key(|(place, _)| *place);
        Candidates::Found(found, format!("{sends} messages"))
    }

    fn judge(cx: Cx<'_>, place: Place, candidate: &Candidate) -> Judgement {
        let project = cx.project;
        let f = place.func;
        let name = place.op.map_or_else(String::new, |op| project.describe(f, op));
        let severity = grade(project, f, Severity::High, Severity::High, Severity::Medium);
        let (message, recommendation, steps, by_name, confidence) = match candidate {
            Candidate::Cleared(reason) => return Judgement::Rejected(reason.clone()),
            Candidate::Receiver { signal, block, by, requests } => {
                let message =
                    format!("`{name}` is sent from a `{signal}` receiver, before the transaction of the save ends");
                let mut steps = Vec::new();
                if let Some((g, op)) = block {
                    steps.push(project.step(
                        *g,
                        *op,
                        "transactions of this project are opened by `atomic`, here for one",
                    ));
                }
                let span = project.code().func(*by).name_span;
                if *requests {
                    steps.push(project.step_at(*by, span, "`ATOMIC_REQUESTS` makes every request one transaction"));
                }
                steps.push(project.step_at(
                    *by,
                    span,
                    format!("`{}` runs inside the save (`{signal}`)", project.func_name(*by)),
                ));
                steps.extend(place.op.map(|op| project.step(f, op, format!("`{name}` is sent"))));
                let advice = "Send it in `transaction.on_commit(...)`";
                (message, advice, steps, false, Confidence::Medium)
            }
            Candidate::Sent { owner, handle, opened, row, writer, steps: path, by_name } => {
                let words = transaction_words(project, *owner, handle, opened);
                let message = format!("`{name}` tells of a `{}` row before {words} is committed", row.model);
                let mut steps = vec![open_step(project, *owner, opened)];
                let written =
                    project.step(*writer, row.op, format!("`{}` writes the row", project.describe(*writer, row.op)));
                if steps.iter().all(|step| (step.line, &step.path) != (written.line, &written.path)) {
                    steps.push(written);
                }
                for step in path {
                    if !steps.contains(step) {
                        steps.push(step.clone());
                    }
                }
                let advice = if handle.root == Root::Ambient {
                    "Send it in `transaction.on_commit(...)`"
                } else {
                    "Send it after the commit, or write it to an outbox table in the same transaction"
                };
                (message, advice, steps, *by_name, confidence(project, f, *by_name))
            }
        };
        let draft = Draft {
            place,
            severity,
            confidence,
            message,
            recommendation: recommendation.to_owned(),
            effort: Effort::S,
            steps,
            evidence: vec![context_evidence(project, f)],
            facts: context_facts(cx, f),
        };
        if by_name && draft.confidence == Confidence::Low {
            return Judgement::NeedsContext(Box::new(draft), "the callee was found by its name only".into());
        }
        if matches!(candidate, Candidate::Receiver { block: None, requests: false, .. }) {
            let missing = "whether anything saves the row inside a transaction".into();
            return Judgement::NeedsContext(Box::new(draft), missing);
        }
        Judgement::Confirmed(Box::new(draft))
    }
}

/// How a site sends something to a receiver that may look for the row.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sending {
    /// A message of a library, here or in a callee.
    Message,
    /// A task of this process that queries.
    Task,
}

fn sending(project: &Project, site: &Site) -> Option<Sending> {
    let queries = |site: &Site| {
        site.targets.iter().any(|t| project.summary(t.func).effects.any(Effects::ANY_QUERY.with(Effects::DB_ADD)))
    };
    let library = matches!(site.kind, SiteKind::Library(_) | SiteKind::LibraryOther(_));
    if runs_elsewhere(site) {
        if site.effects.any(SENDS) {
            return Some(Sending::Message);
        }
        let tells = queries(site) || site.targets.iter().any(|t| project.summary(t.func).effects.any(SENDS));
        return (library && tells).then_some(Sending::Task);
    }
    let effects = project.effects_of(site);
    // The database sends a notification itself, at commit.
    let notifies = site.effects.any(Effects::ANY_QUERY) && site.effects.any(Effects::PUBLISH);
    (effects.any(SENDS) && !notifies).then_some(Sending::Message)
}

/// Why what is sent in a callee is not what this call sends.
fn seldom(project: &Project, f: FuncId, site: &Site, what: Sending) -> Option<String> {
    if what == Sending::Task || site.effects.any(SENDS) {
        return None;
    }
    let none = project.usual_path(f, site, SENDS).is_none();
    none.then(|| "it is sent only after the commit, on failure or with other arguments".to_owned())
}

type About = (Place, FuncId, Row, Vec<Step>, bool);

/// The row that a message tells of, and where the message is sent.
fn about(project: &Project, f: FuncId, site: &Site, what: Sending) -> Option<About> {
    if let Some((g, op)) = project.end_of(f, site, SENDS) {
        // The database sends a notification itself, at commit.
        let executes = |s: &Site| match s.kind {
            SiteKind::Library(row) => row.effects.with(s.effects).any(Effects::ANY_QUERY),
            _ => s.effects.any(Effects::ANY_QUERY),
        };
        if project.sites_at(g, op).any(executes) {
            return None;
        }
    }
    let rows: Vec<Row> = written(project, f).into_iter().filter(|row| uncommitted(project, f, row, site.op)).collect();
    let (steps, by_name) = match what {
        Sending::Task => (vec![project.step(f, site.op, format!("{} starts it", project.site_name(f, site)))], false),
        Sending::Message => {
            let chain = project.usual_path(f, site, SENDS)?;
            (chain.steps, chain.by_name)
        }
    };
    if steps.len() > FARTHEST {
        return None;
    }
    if let Some(row) = referred(project, f, site.op, &rows) {
        return Some((place_of(project, f, site.op), f, row.clone(), steps, by_name));
    }
    if what == Sending::Task || site.effects.any(SENDS) {
        return None;
    }
    let (g, op) = project.end_of(f, site, SENDS)?;
    let end = project.sites_at(g, op).find(|s| s.effects.any(SENDS))?;
    if g == f || end.effects.any(Effects::ANY_QUERY) || steps.len() > FARTHEST {
        return None;
    }
    let rows: Vec<Row> = written(project, g).into_iter().filter(|row| uncommitted(project, g, row, op)).collect();
    let row = referred(project, g, op, &rows)?;
    Some((place_of(project, g, op), g, row.clone(), steps, by_name))
}

/// Whether a row is written before an op and nothing commits between.
fn uncommitted(project: &Project, f: FuncId, row: &Row, op: ValueId) -> bool {
    let ends = Effects::COMMIT.with(Effects::ROLLBACK);
    row.op < op
        && !project.sites(f).iter().any(|s| row.op < s.op && s.op < op && s.effects.any(ends) && !runs_elsewhere(s))
        && !project
            .sites(f)
            .iter()
            .any(|s| row.op <= s.op && s.op < op && s.effects.is_empty() && project.effects_of(s).any(Effects::COMMIT))
}

fn receiver(
    project: &Project,
    f: FuncId,
    signal: &str,
    (block, requests): (Option<(FuncId, ValueId)>, bool),
    found: &mut Vec<(Place, Candidate)>,
) {
    let rows = receivers::instances(project, f);
    if rows.is_empty() {
        return;
    }
    for site in project.sites(f) {
        let Some((g, op)) = sent_by(project, f, site) else { continue };
        let place = place_of(project, g, op);
        if site.place == Where::AfterCommit {
            found.push((place, Candidate::Cleared("sent after the commit".to_owned())));
        } else if receivers::tells_of(project, f, site.op, &rows)
            && !found.iter().any(|(p, c)| p.func == g && matches!(c, Candidate::Receiver { .. }))
        {
            found.push((place, Candidate::Receiver { signal: signal.to_owned(), block, by: f, requests }));
        }
    }
}

/// Where a site of a receiver sends a message: here, or in a helper that is given the row.
fn sent_by(project: &Project, f: FuncId, site: &Site) -> Option<(FuncId, ValueId)> {
    if site.effects.any(SENDS) {
        return Some((f, site.op));
    }
    if site.targets.is_empty() || site.place != Where::Here || !project.effects_of(site).any(SENDS) {
        return None;
    }
    let (steps, _) = project.path_to(f, site, SENDS)?;
    let (g, op) = project.end_of(f, site, SENDS)?;
    let end = project.sites_at(g, op).find(|s| s.effects.any(SENDS))?;
    (steps.len() <= FARTHEST && end.place != Where::AfterCommit).then_some((g, op))
}

/// A place where the project opens a transaction of Django.
fn atomic_block(project: &Project) -> Option<(FuncId, ValueId)> {
    project.code().func_ids().find_map(|f| {
        if matches!(project.context(f), RunContext::Test | RunContext::Migration) {
            return None;
        }
        let extents = &project.transactions().of(f).extents;
        let one = extents.iter().find(|e| e.handle.root == Root::Ambient && e.opened.how == How::Begin)?;
        Some((f, one.opened.op?))
    })
}
