//! `streaming_resource_holding`: a session or connection stays open while a response streams.

use super::held::{Carriers, carries_session, closes_before_response, param_name, session_word};
use super::streams::{Opened, Streams, opened_in, streams_of};
use crate::analysis::{FuncId, Held, Project};
use crate::checks::check::{Candidates, Check, Cx, Draft, Judgement, Place};
use crate::checks::support::{context_evidence, context_facts, place_of};
use crate::libraries::{Effects, RunContext};
use crate::model::{OpKind, RegionKind, ValueId};
use crate::order::InOrder as _;
use crate::report::model::{Confidence, Effort, Severity, Step};

/// The check.
#[derive(Clone, Copy, Debug)]
pub struct StreamingResourceHolding;

/// What may be held while a response streams.
#[derive(Clone, Debug)]
pub enum Candidate {
    /// Injection holds it for a handler that streams.
    Injected(FuncId, Held, Streams),
    /// The stream itself opens it.
    Opened(FuncId, Opened),
}

impl Check for StreamingResourceHolding {
    const ID: &'static str = "streaming_resource_holding";
    type Candidate = Candidate;

    fn candidates(cx: Cx<'_>) -> Candidates<Candidate> {
        let project = cx.project;
        let code = project.code();
        let mut found = Vec::new();
        let mut streams = 0;
        for f in code.func_ids() {
            let how = streams_of(project, f);
            streams += usize::from(how.is_some());
            if let Some(how) = how {
                let mut held: Vec<Held> =
                    (0..code.func(f).params.len()).filter_map(|i| project.held_by_injection(f, i)).collect();
                held.order_by_key(|held| !held.direct);
                let held = held.first().copied();
                if let Some(held) = held {
                    let span = code.func(f).params.get(held.param).map(|param| param.span).unwrap_or_default();
                    found.push((Place { func: f, op: None, span }, Candidate::Injected(f, held, how)));
                }
            }
            for opened in opened_in(project, f, how) {
                streams += 1;
                found.push((place_of(project, f, opened.op), Candidate::Opened(f, opened)));
            }
        }
        if streams == 0 && found.is_empty() {
            return Candidates::Nothing("nothing streams");
        }
        Candidates::Found(found, format!("{streams} streams"))
    }

    fn judge(cx: Cx<'_>, place: Place, candidate: &Candidate) -> Judgement {
        match candidate {
            Candidate::Injected(f, held, how) => injected(cx, place, *f, *held, *how),
            Candidate::Opened(f, opened) => own(cx, place, *f, opened),
        }
    }
}

fn injected(cx: Cx<'_>, place: Place, f: FuncId, held: Held, how: Streams) -> Judgement {
    let project = cx.project;
    let name = param_name(project, f, held.param);
    let word = held.word;
    let it = if held.direct { format!("{word} `{name}`") } else { format!("the {word} behind `{name}`") };
    let mut steps = Vec::new();
    if let Some(provider) = held.provider {
        let span = project.code().func(provider).name_span;
        let opens = format!("`{}` opens the {word} and closes it after the request", project.func_name(provider));
        steps.push(project.step_at(provider, span, opens));
    }
    steps.push(project.step_at(f, place.span, format!("`{name}` is injected for the whole request")));
    let mut confidence = if held.seen { Confidence::High } else { Confidence::Medium };
    let (severity, message) = match how {
        Streams::Response { op, content } => {
            let Some(value) = project.param_value(f, held.param) else {
                return Judgement::Rejected("the parameter is not used".into());
            };
            if in_memory(project, f, content) {
                return Judgement::Rejected("the content is in memory before the response starts".into());
            }
            let carriers = Carriers::new(project, f, value);
            let used =
                carries_session(project, f, &held) && content.is_some_and(|content| carriers.carried_by(content));
            let before_response = match held.function_scope {
                true => Some("`scope=\"function\"`".to_owned()),
                false => closes_before_response(cx).map(|version| format!("FastAPI {version}")),
            };
            if let Some(closer) = &before_response
                && !used
            {
                return Judgement::Rejected(format!("{closer} closes the dependency before the response is sent"));
            }
            if !used && left_before(project, f, &carriers, op) {
                return Judgement::Rejected("closed or committed before the first chunk".into());
            }
            if content.is_none() {
                confidence = confidence.min(Confidence::Medium);
            }
            steps.push(project.step(f, op, format!("`{}` streams", project.describe(f, op))));
            match before_response {
                Some(closer) => (Severity::Critical, format!("the stream uses {it} after {closer} has closed it")),
                None => (Severity::Critical, format!("{it} stays open as long as the response streams")),
            }
        }
        Streams::Socket { op } => {
            steps.push(project.step(f, op, "the connection is served in a loop"));
            (Severity::Critical, format!("{it} stays open as long as the WebSocket"))
        }
        Streams::LongPoll { op, seconds } => {
            steps.push(project.step(f, op, "waits in a loop"));
            let long = seconds.map_or_else(|| "without a limit".to_owned(), |s| format!("up to {s} seconds"));
            (Severity::High, format!("{it} stays open while the request waits {long}"))
        }
    };
    Judgement::Confirmed(Box::new(draft(cx, place, f, severity, confidence, message, steps)))
}

fn own(cx: Cx<'_>, place: Place, f: FuncId, opened: &Opened) -> Judgement {
    let project = cx.project;
    if opened.in_loop && (!opened.yields || !opened.waits) {
        return Judgement::Rejected("opened inside the loop and left before the next step".into());
    }
    if !opened.yields {
        return Judgement::Rejected("left before the first chunk".into());
    }
    let word = opened.word;
    let opens = format!("`{}` opens the {word}", project.describe(f, opened.op));
    let mut steps = vec![project.step(f, opened.op, opens)];
    if let Some(sends) = opened.sends {
        steps.push(project.step(f, sends, "a chunk is sent while it is open"));
    }
    let message =
        format!("{word} `{}` stays open while `{}` streams", project.describe(f, opened.op), project.func_name(f));
    Judgement::Confirmed(Box::new(draft(cx, place, f, Severity::Critical, Confidence::High, message, steps)))
}

fn draft(
    cx: Cx<'_>,
    place: Place,
    f: FuncId,
    severity: Severity,
    confidence: Confidence,
    message: String,
    steps: Vec<Step>,
) -> Draft {
    let mut facts = context_facts(cx, f);
    facts.table_used_context = true;
    facts.hot = true;
    Draft {
        place,
        severity,
        confidence,
        message,
        recommendation:
            "Hand the session factory to the stream and open a session per step, closed before the next wait".to_owned(),
        effort: Effort::M,
        steps,
        evidence: vec![context_evidence(cx.project, f)],
        facts,
    }
}

/// The content is a text, list or buffer.
fn in_memory(project: &Project, f: FuncId, content: Option<ValueId>) -> bool {
    let Some(content) = content else { return false };
    match project.ty(f, content) {
        crate::analysis::Type::Str
        | crate::analysis::Type::Bytes
        | crate::analysis::Type::List(_)
        | crate::analysis::Type::Dict(..) => {
            // A generator annotated as a list is no list.
            !matches!(project.code().op(f, content).map(|op| &op.kind), Some(OpKind::Comprehension { kind: None, .. }))
        }
        crate::analysis::Type::Lib(class, ..) => matches!(project.text(*class), "io.BytesIO" | "io.StringIO"),
        _ => match project.code().op(f, content).map(|op| &op.kind) {
            // `iter([…])`
            Some(OpKind::Call { callee, args }) if project.describe(f, *callee) == "iter" => {
                args.first().is_some_and(|arg| {
                    matches!(project.code().op(f, arg.value).map(|op| &op.kind), Some(OpKind::Collection { .. }))
                })
            }
            _ => false,
        },
    }
}

/// The last thing done with the session before the response ends its transaction.
fn left_before(project: &Project, f: FuncId, carriers: &Carriers<'_>, response: ValueId) -> bool {
    let body = project.code().body(f);
    let before = carriers.uses().into_iter().rev().find(|op| {
        *op < response && matches!(body.op(*op).map(|op| &op.kind), Some(OpKind::Attr { .. } | OpKind::Call { .. }))
    });
    let Some(last) = before else { return false };
    let ends = Effects::COMMIT.with(Effects::ROLLBACK).with(Effects::CLOSES);
    match body.op(last).map(|op| &op.kind) {
        Some(OpKind::Attr { name, .. }) => {
            matches!(project.text(*name), "close" | "aclose" | "commit" | "rollback" | "release")
        }
        // `await release(session)`
        _ => project.sites_at(f, last).any(|site| project.effects_of(site).any(ends)),
    }
}

/// Whether a function serves a WebSocket.
pub fn is_socket(project: &Project, f: FuncId) -> bool {
    let code = project.code();
    let function = code.func(f);
    let param = (0..function.params.len()).any(|i| {
        project
            .param_value(f, i)
            .and_then(|value| project.lib_class(f, value))
            .is_some_and(|class| class.rsplit('.').next().is_some_and(|name| name == "WebSocket"))
    });
    param && project.context(f) == RunContext::Stream
        || project.decorators(f).iter().any(|name| name.ends_with(".websocket") || name.ends_with(".websocket_route"))
}

/// The word for a context manager's resource: a session, a connection, or a transaction.
pub fn managed_word(project: &Project, f: FuncId, manager: ValueId) -> Option<&'static str> {
    use crate::analysis::Type;
    use crate::libraries::Exit;
    if let Type::Manager(_, inner) = project.ty(f, manager) {
        let class = project.lib_class_of(project.type_of(*inner))?;
        return session_word(project, class);
    }
    let class = project.lib_class(f, manager)?;
    session_word(project, class).or_else(|| match project.library().manager(class)? {
        (_, effects, Exit::EndsTransaction | Exit::EndsTransactionAndCloses) if effects.any(Effects::BEGIN) => {
            Some("transaction")
        }
        _ => None,
    })
}

/// Whether a loop lies around an op.
pub fn in_loop(project: &Project, f: FuncId, op: ValueId) -> bool {
    inside_loop(project, f, op)
}

fn inside_loop(project: &Project, f: FuncId, op: ValueId) -> bool {
    crate::analysis::inside(project.code().body(f), op, |kind| matches!(kind, RegionKind::Loop { .. }))
}
