//! `error_path_leak`: a resource that is released on the normal path only.

use super::escapes::{Escape, Paths};
use super::missing_cleanup::{alternatives, harmless, looked_at, noun};
use crate::analysis::{Acquisition, Fate, Project};
use crate::checks::check::{Candidates, Check, Cx, Draft, Judgement, Place};
use crate::checks::support::{confidence, context_evidence, context_facts, grade, place_of};
use crate::libraries::{Resource, RunContext};
use crate::model::{OpKind, RegionKind, ValueId};
use crate::report::model::{Confidence, Effort, Severity};

/// The check.
#[derive(Clone, Copy, Debug)]
pub struct ErrorPathLeak;

/// An acquisition with the ops that release it on the normal path.
#[derive(Clone, Debug)]
pub struct Candidate {
    acquisition: Acquisition,
    releases: Vec<ValueId>,
    /// Line of the acquisition in another branch that gives the same variable its value.
    twin: Option<u32>,
}

impl Check for ErrorPathLeak {
    const ID: &'static str = "error_path_leak";
    type Candidate = Candidate;

    fn candidates(cx: Cx<'_>) -> Candidates<Candidate> {
        let project = cx.project;
        let mut closed = 0;
        let mut found: Vec<(Place, Candidate)> = Vec::new();
        for a in project.acquisitions() {
            if project.context(a.func) == RunContext::Test || !looked_at(a) {
                continue;
            }
            let Some(releases) = releases(project, a) else { continue };
            closed += 1;
            let twin = found.iter().rev().take(4).find(|(_, other)| alternatives(project, &other.acquisition, a));
            let twin = twin.map(|(place, _)| place.span.line);
            found.push((place_of(project, a.func, a.op), Candidate { acquisition: a.clone(), releases, twin }));
        }
        if found.is_empty() {
            return Candidates::Nothing("nothing is released by hand");
        }
        Candidates::Found(found, format!("{closed} resources that are released by hand"))
    }

    fn judge(cx: Cx<'_>, place: Place, candidate: &Candidate) -> Judgement {
        let project = cx.project;
        let a = &candidate.acquisition;
        let paths = Paths::new(project, a, &candidate.releases);
        let handed_on = match a.fate {
            Fate::Returned(op) => Some(op),
            _ => None,
        };
        let last = handed_on.or_else(|| paths.last());
        let Some(last) = last else { return Judgement::Rejected("released in a `finally`".into()) };
        let escape = if handed_on.is_some() { paths.first_on_it(last) } else { paths.first(last) };
        let Some(escape) = escape else {
            return Judgement::Rejected("nothing between acquire and release leaves the function".into());
        };
        if released_in_handler(project, a, &candidate.releases, escape.op()) {
            return Judgement::Rejected("a handler around it releases it".into());
        }
        if a.resource == Resource::Cursor {
            return Judgement::Rejected("a cursor that is not closed costs memory until it is collected".into());
        }
        if let Some(line) = candidate.twin {
            return Judgement::Rejected(format!("the other branch of line {line}, one finding for both"));
        }
        if a.resource != Resource::Lock
            && let Some(reason) = harmless(project, a)
        {
            return Judgement::Rejected(reason);
        }
        let f = a.func;
        let noun = noun(a.resource);
        let named = |v: ValueId| project.describe(f, v);
        let (when, step) = match escape {
            Escape::Fails(op) => {
                (format!("when `{}` fails", named(op)), format!("`{}` may fail: what follows is skipped", named(op)))
            }
            Escape::Raises(_) => ("when it raises".to_owned(), "raises before the release".to_owned()),
            Escape::Returns(_) => ("when it returns early".to_owned(), "returns before the release".to_owned()),
            Escape::Thrown(_) => (
                "when the code that uses it fails".to_owned(),
                "an exception of the consumer arrives at this `yield`, outside of any `finally`".to_owned(),
            ),
        };
        let verb = if a.resource == Resource::Lock { "released" } else { "closed" };
        let steps = vec![
            project.step(f, a.op, format!("{noun} acquired")),
            project.step(f, escape.op(), step),
            match handed_on {
                Some(_) => project.step(f, last, "handed to the caller here, on the normal path only"),
                None => project.step(f, last, format!("{verb} here, on the normal path only")),
            },
        ];
        let mut facts = context_facts(cx, f);
        facts.table_used_context = true;
        let mut sure = confidence(project, f, a.by_name);
        if a.resource == Resource::Other {
            sure = sure.min(Confidence::Medium);
        }
        let draft = Draft {
            place,
            severity: severity(project, a),
            confidence: sure,
            message: format!("{noun} `{}` is not {verb} {when}", named(a.op)),
            recommendation: advice(a.resource, escape).to_owned(),
            effort: Effort::S,
            steps,
            evidence: vec![context_evidence(project, f)],
            facts,
        };
        if a.by_name {
            return Judgement::NeedsContext(Box::new(draft), "the factory was found by its name only".into());
        }
        Judgement::Confirmed(Box::new(draft))
    }
}

/// `except Exception: if acquired: lock.release()` around both the acquisition and what fails.
fn released_in_handler(project: &Project, a: &Acquisition, releases: &[ValueId], escape: ValueId) -> bool {
    let body = project.code().body(a.func);
    body.regions.iter().any(|handler| {
        let RegionKind::Handler { types } = &handler.kind else { return false };
        let all = types.is_empty()
            || types.iter().any(|ty| {
                let name = project.describe(a.func, *ty);
                name.ends_with("BaseException") || name == "Exception"
            });
        all && releases.iter().any(|op| handler.start <= op.0 && op.0 < handler.end)
            && body.tried(handler).any(|v| v == a.op)
            && body.tried(handler).any(|v| v == escape)
    })
}

fn severity(project: &Project, a: &Acquisition) -> Severity {
    let f = a.func;
    // Nobody knows what it holds, only that it is closed.
    if a.resource == Resource::Other {
        return grade(project, f, Severity::Medium, Severity::Low, Severity::Low);
    }
    // Setting it up fails rarely.
    if matches!(a.fate, Fate::Returned(_)) {
        return grade(project, f, Severity::Medium, Severity::Medium, Severity::Low);
    }
    if project.context(f) == RunContext::Stream {
        return Severity::Critical;
    }
    // A provider runs for every request that asks for it.
    if project.providers().contains(&f) {
        return Severity::High;
    }
    grade(project, f, Severity::High, Severity::Medium, Severity::Low)
}

fn advice(resource: Resource, escape: Escape) -> &'static str {
    match (resource, escape) {
        (Resource::Lock, _) => "Hold it with `with`, or release it in a `finally`",
        (_, Escape::Thrown(_)) => "Wrap the `yield` in `try`/`finally` and close there, or open it with `with`",
        _ => "Open it with `with`, or put the close in a `finally` that starts right after the acquisition",
    }
}

/// Ops that release what is released by hand: `close()`, a closing helper, `pool.release(x)`.
fn releases(project: &Project, a: &Acquisition) -> Option<Vec<ValueId>> {
    if a.resource == Resource::Lock {
        return lock_releases(project, a);
    }
    match &a.fate {
        Fate::Closed(_) => {}
        // `sock = socket(…)`, `sock.connect(…)`, `return sock`: who gets nothing closes nothing.
        Fate::Returned(_) if matches!(a.resource, Resource::Socket | Resource::Connection) && a.factory.is_none() => {}
        Fate::Helper(op, _)
            if matches!(project.code().op(a.func, *op).map(|op| &op.kind), Some(OpKind::Call { .. })) => {}
        Fate::Taken(_, by) if gives_back(by) => {}
        _ => return None,
    }
    Some(a.releases.clone())
}

/// The name of a callee that takes a connection back.
fn gives_back(by: &str) -> bool {
    let name = by.trim_matches('`').rsplit('.').next().unwrap_or("");
    matches!(name, "release" | "putconn" | "release_connection" | "return_connection" | "putback")
}

/// `lock.acquire()` … `lock.release()` of one lock in one function.
fn lock_releases(project: &Project, a: &Acquisition) -> Option<Vec<ValueId>> {
    let body = project.code().body(a.func);
    let OpKind::Call { callee, .. } = body.op(a.op)?.kind else { return None };
    let OpKind::Attr { base, .. } = body.op(callee)?.kind else { return None };
    let lock = project.describe(a.func, base);
    let mut found = Vec::new();
    for (i, op) in body.ops.iter().enumerate() {
        let OpKind::Call { callee, ref args } = op.kind else { continue };
        // Whoever is given the lock may release it.
        if args.iter().any(|arg| project.describe(a.func, arg.value) == lock) {
            return None;
        }
        let Some(OpKind::Attr { base, name }) = body.op(callee).map(|op| &op.kind) else { continue };
        if project.text(*name) == "release" && project.describe(a.func, *base) == lock {
            found.push(ValueId(u32::try_from(i).unwrap_or(u32::MAX)));
        }
    }
    (!found.is_empty()).then_some(found)
}
