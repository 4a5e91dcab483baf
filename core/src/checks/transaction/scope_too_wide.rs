//! `scope_too_wide`: a slow or foreign call while a transaction is open.

use super::file_columns::has_no_files;
use super::held::{Found, Hit, find, harmless, has_timeout, open_step, transaction_words};
use crate::analysis::{FuncId, Handle, How, Opened, Project, SiteKind, Type, makes_temporary, names_only, source_of};
use crate::checks::check::{Candidates, Check, Cx, Draft, Judgement, Place};
use crate::checks::support::{confidence, context_evidence, context_facts, place_of};
use crate::libraries::{Effects, RunContext};
use crate::model::{OpKind, ValueId};
use crate::order::InOrder as _;
use crate::report::model::{ContextFacts, Effort, Severity};

/// The check.
#[derive(Clone, Copy, Debug)]
pub struct ScopeTooWide;

/// A transaction with foreign calls inside, or a call that was cleared.
#[derive(Clone, Debug)]
pub enum Candidate {
    /// The transaction; indices of the sites, the worst first.
    Held(Handle, Opened, Vec<(usize, Effects)>),
    /// Cleared with a reason.
    Cleared(String),
}

const FOREIGN: Effects = Effects::ANY_FOREIGN.with(Effects::PUBLISH);
const LOCAL: Effects = Effects::FILE_IO.with(Effects::SUBPROCESS);
/// A foreign call further away than this is hardly this transaction's business.
const FARTHEST: usize = 8;
/// Likewise for files: configuration and caches are read everywhere, deep down.
const FARTHEST_FILE: usize = 4;
/// A process is started on purpose.
const FARTHEST_PROCESS: usize = 6;

impl Check for ScopeTooWide {
    const ID: &'static str = "scope_too_wide";
    type Candidate = Candidate;

    fn candidates(cx: Cx<'_>) -> Candidates<Candidate> {
        let project = cx.project;
        let mut found = Vec::new();
        let mut transactions = 0;
        for f in project.code().func_ids() {
            transactions += project.transactions().of(f).extents.len();
            let mut all = find(cx, f, FOREIGN);
            for local in find(cx, f, LOCAL) {
                // One finding per transaction: files and processes join its foreign calls.
                let Found::Open(handle, opened, hits) = &local else {
                    all.push(local);
                    continue;
                };
                let same = all.iter_mut().find_map(|other| match other {
                    Found::Open(h, o, others) if h == handle && o.op == opened.op => Some(others),
                    _ => None,
                });
                match same {
                    Some(others) => others.extend(hits.iter().cloned()),
                    None => all.push(local),
                }
            }
            for one in all {
                let op = |hit: &Hit| project.sites(f).get(hit.site).map(|site| site.op);
                match one {
                    Found::Open(handle, opened, mut hits) => {
                        // A process is waited for longer than a file.
                        hits.order_by_key(|hit| {
                            [FOREIGN, Effects::SUBPROCESS].iter().position(|kind| hit.effects.any(*kind)).unwrap_or(2)
                        });
                        let Some(first) = hits.first().and_then(op) else { continue };
                        let hits = hits.iter().map(|hit| (hit.site, hit.effects)).collect();
                        found.push((place_of(project, f, first), Candidate::Held(handle, opened, hits)));
                    }
                    Found::Cleared(hit, reason) => {
                        if let Some(op) = op(&hit) {
                            found.push((place_of(project, f, op), Candidate::Cleared(reason)));
                        }
                    }
                }
            }
        }
        if transactions == 0 && found.is_empty() {
            return Candidates::Nothing("no transaction was found");
        }
        found.order_by_key(|(place, _)| *place);
        found.dedup_by(|a, b| a.0 == b.0 && matches!((&a.1, &b.1), (Candidate::Cleared(_), Candidate::Cleared(_))));
        Candidates::Found(found, format!("{transactions} transactions"))
    }

    fn judge(cx: Cx<'_>, place: Place, candidate: &Candidate) -> Judgement {
        let project = cx.project;
        let f = place.func;
        let (handle, opened, hits) = match candidate {
            Candidate::Cleared(reason) => return Judgement::Rejected(reason.clone()),
            Candidate::Held(handle, opened, hits) => (handle, opened, hits),
        };
        if let Some(reason) = harmless(project, f, opened) {
            return Judgement::Rejected(reason);
        }
        let mut reason = "the call is not reached".to_owned();
        let mut steps = vec![open_step(project, f, opened)];
        let mut first: Option<(Place, String, Effects, bool, ContextFacts)> = None;
        for (index, effects) in hits {
            let Some(site) = project.sites(f).get(*index) else { continue };
            // Of a process and a file, the process is what is waited for.
            let process = effects.any(Effects::SUBPROCESS) && !effects.any(FOREIGN);
            let run = process.then(|| project.usual_path(f, site, Effects::SUBPROCESS)).flatten();
            let run = run.filter(|chain| chain.steps.len() <= FARTHEST_PROCESS);
            let effects = &match (&run, process) {
                (Some(_), _) => Effects::SUBPROCESS,
                (None, true) => effects.without(Effects::SUBPROCESS),
                (None, false) => *effects,
            };
            let Some(chain) = run.or_else(|| project.usual_path(f, site, *effects)) else {
                reason = "the call runs only on failure or with other arguments".to_owned();
                continue;
            };
            if has_no_files(project, &chain) {
                reason = "it acts on the file columns of a row, and this model has none".to_owned();
                continue;
            }
            if chain.calls.iter().any(|(g, op)| project.runs_once(*g, *op)) {
                reason = "it runs on the first use only: what it gave is kept".to_owned();
                continue;
            }
            let (path, by_name, end) = (chain.steps, chain.by_name, Some((chain.end.0, chain.end.1.op)));
            let reads_only = !opened.writes && matches!(opened.how, How::Statement | How::Callee(_));
            if reads_only && effects.any(Effects::PUBLISH) && !effects.any(Effects::ANY_FOREIGN) {
                reason =
                    "only rows were read: handing a message to the queue is short and cannot contradict them".into();
                continue;
            }
            let farthest = match effects.any(FOREIGN) {
                true => FARTHEST,
                false if reads_only => FARTHEST_FILE - 2,
                false if effects.any(Effects::SUBPROCESS) => FARTHEST_PROCESS,
                false => FARTHEST_FILE,
            };
            if path.len() > farthest {
                reason = format!("the call is {} calls away", path.len() - 1);
                continue;
            }
            let end_effects = end.map_or(Effects::NONE, |(g, op)| {
                project.sites_at(g, op).fold(Effects::NONE, |all, s| all.with(s.effects))
            });
            if !effects.any(FOREIGN) && end_effects.any(Effects::METADATA) && !effects.any(Effects::SUBPROCESS) {
                reason = "only file metadata is asked for".to_owned();
                continue;
            }
            let entry = |(g, op): (FuncId, ValueId)| {
                let mut ends = project.sites_at(g, op).filter(|s| s.effects.any(*effects)).peekable();
                ends.peek().is_some() && ends.all(|end| names_only(end) || makes_temporary(end))
            };
            if !effects.any(FOREIGN.with(Effects::SUBPROCESS)) && end.is_some_and(entry) {
                reason = "it touches an entry of a directory, which takes no longer than a statement".to_owned();
                continue;
            }
            if let Some(why) = end.and_then(|(g, op)| not_foreign(project, g, op, *effects)) {
                reason = why;
                continue;
            }
            if reads_only && !effects.any(FOREIGN.with(Effects::SUBPROCESS)) {
                reason = "only rows were read: no lock is held while a file is".to_owned();
                continue;
            }
            let seen = first.as_ref().is_some_and(|(p, ..)| p.op == Some(site.op));
            if let Some((_, _, known, ..)) = &first
                && (seen || known.any(FOREIGN) != effects.any(FOREIGN) && effects.any(LOCAL))
            {
                continue;
            }
            if first.is_none() {
                let mut facts = context_facts(cx, f);
                facts.guarded_by_timeout = end.is_some_and(|(g, op)| has_timeout(project, g, op));
                let verb = end
                    .and_then(|(g, op)| project.sites_at(g, op).find(|s| s.effects.any(*effects)))
                    .map_or("runs", |s| project.verb(s, *effects));
                let what = match (path.len(), end) {
                    (1, _) | (_, None) => format!("{} {verb}", project.site_name(f, site)),
                    (_, Some((g, op))) => {
                        format!("{} {verb} (`{}`)", project.site_name(f, site), project.describe(g, op))
                    }
                };
                first = Some((place_of(project, f, site.op), what, *effects, by_name, facts));
                steps.extend(path);
            } else if steps.len() < 12 {
                steps.push(project.step(f, site.op, format!("{} as well", project.site_name(f, site))));
            }
        }
        let Some((place, what, effects, by_name, facts)) = first else { return Judgement::Rejected(reason) };
        let severity = match project.context(f) {
            _ if effects.any(FOREIGN) => Severity::High,
            // Nobody waits for the locks of a command that runs alone.
            RunContext::Script | RunContext::Startup => Severity::Low,
            _ => Severity::Medium,
        };
        let transaction = transaction_words(project, f, handle, opened);
        let recommendation = if effects.any(Effects::PUBLISH) && !effects.any(Effects::ANY_FOREIGN) {
            "Send the message after the commit (`transaction.on_commit`, an after-commit hook, or after the block)"
        } else {
            "Read what the call needs, commit, call, and write its result in a second short transaction"
        };
        let draft = Draft {
            place,
            severity,
            confidence: confidence(project, f, by_name),
            message: format!("{what} while {transaction} is open"),
            recommendation: recommendation.to_owned(),
            effort: if steps.len() > 3 { Effort::L } else { Effort::M },
            steps,
            evidence: vec![context_evidence(project, f)],
            facts,
        };
        if by_name {
            return Judgement::NeedsContext(Box::new(draft), "the callee was found by its name only".into());
        }
        match unseen(project, f, opened, effects) {
            Some(missing) => Judgement::NeedsContext(Box::new(draft), missing.into()),
            None => Judgement::Confirmed(Box::new(draft)),
        }
    }
}

/// What is not seen of a file or process within a transaction.
fn unseen(project: &Project, f: FuncId, opened: &Opened, effects: Effects) -> Option<&'static str> {
    // `with backup_lock():`
    let opener = match opened.how {
        How::Callee(g) => Some(project.func_name(g)),
        _ => None,
    };
    if opener.is_some_and(|name| name.to_lowercase().contains("lock")) {
        return Some("by its name the transaction is a lock, which is held for the call on purpose");
    }
    if effects.any(FOREIGN) {
        return None;
    }
    if matches!(project.context(f), RunContext::Script | RunContext::Startup) {
        return Some("whether anybody waits for the locks of a command is not seen");
    }
    // A session begins by itself: nobody has said that what follows belongs together.
    let implicit = matches!(opened.how, How::Statement | How::Callee(_)) && !effects.any(Effects::SUBPROCESS);
    implicit.then_some("the session began by itself: whether others wait for what it has locked is not seen")
}

/// Why an effect of the tables is nothing foreign at this op.
fn not_foreign(project: &Project, g: FuncId, op: ValueId, effects: Effects) -> Option<String> {
    let site = project.sites_at(g, op).find(|site| site.effects.any(effects))?;
    let executes = matches!(site.kind, SiteKind::Library(row) if row.effects.any(Effects::ANY_QUERY));
    if (executes || site.effects.any(Effects::ANY_QUERY)) && !site.effects.any(Effects::ANY_FOREIGN) {
        return Some("the database itself sends the notification, at commit".to_owned());
    }
    if is_datagram(project, g, op) {
        return Some("a datagram socket sends nothing when it is connected".to_owned());
    }
    if effects.any(FOREIGN) || !effects.any(Effects::FILE_IO) {
        return None;
    }
    if project.in_memory(g, site) {
        return Some("the data is in memory".to_owned());
    }
    let SiteKind::Library(row) = site.kind else { return None };
    if row.effects.any(Effects::STREAMS) && row.callee.contains(".send_") {
        return Some("the server sends the file after the view has answered".to_owned());
    }
    let body = project.code().body(g);
    let Some(OpKind::Call { args, callee }) = body.op(op).map(|op| &op.kind) else { return None };
    let receiver = match body.op(*callee).map(|op| &op.kind) {
        Some(OpKind::Attr { base, .. }) => project.lib_class(g, *base),
        _ => None,
    };
    if receiver.is_some_and(|class| class.ends_with("UploadFile") || class.starts_with("io.")) {
        return Some("the data is in memory".to_owned());
    }
    if row.callee.starts_with("zipfile.") || row.callee.starts_with("tarfile.") {
        let on_disk = args.first().is_some_and(|arg| {
            matches!(project.ty(g, arg.value), Type::Str)
                || project.lib_class(g, arg.value).is_some_and(|class| class.starts_with("pathlib."))
        });
        let opens = matches!(row.callee, "zipfile.ZipFile" | "tarfile.open");
        return (!opens || !on_disk).then(|| "an archive in memory, as far as can be seen".to_owned());
    }
    None
}

/// `socket.socket(AF_INET, SOCK_DGRAM).connect(…)`
fn is_datagram(project: &Project, g: FuncId, op: ValueId) -> bool {
    let body = project.code().body(g);
    let Some((base, name, _)) = body.method(op) else { return false };
    let Some(OpKind::Call { args, .. }) = body.op(source_of(body, base)).map(|op| &op.kind) else { return false };
    project.text(name) == "connect" && args.iter().any(|arg| project.describe(g, arg.value).ends_with("SOCK_DGRAM"))
}
