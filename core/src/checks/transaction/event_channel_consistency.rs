//! `event_channel_consistency`: a name is published that nobody listens to, or heard that nobody
//! publishes; two names that are nearly the same are one name misspelled.

use crate::analysis::{ChannelEnd, FuncId, Project, Side, Spot, Technology, may_be_same, name_words};
use crate::checks::check::{Candidates, Check, Cx, Draft, Judgement, Place};
use crate::checks::support::{confidence, context_evidence, context_facts, place_of};
use crate::libraries::RunContext;
use crate::model::{Const, OpKind, ValueId};
use crate::order::InOrder as _;
use crate::report::model::{Effort, Severity, Step};

/// The check.
#[derive(Clone, Copy, Debug)]
pub struct EventChannelConsistency;

/// A name with its ends, by index into the project's channels.
#[derive(Clone, Debug)]
pub struct Candidate {
    technology: Technology,
    side: Side,
    name: String,
    ends: Vec<usize>,
    /// The other side has this nearly equal name.
    near: Option<(String, usize)>,
}

/// Names shorter than this are near to anything.
const SHORTEST: usize = 5;
/// Edits between a name and its misspelling.
const EDITS: usize = 2;
/// Clients of these technologies in other languages: the other end may be theirs.
const ELSEWHERE: &[&str] = &["ioredis", "pg", "kafkajs", "bullmq", "node-redis"];

impl Check for EventChannelConsistency {
    const ID: &'static str = "event_channel_consistency";
    type Candidate = Candidate;

    fn candidates(cx: Cx<'_>) -> Candidates<Candidate> {
        let project = cx.project;
        let all = project.channels();
        let mut names: Vec<Candidate> = Vec::new();
        for (index, end) in all.iter().enumerate() {
            let Some(technology) = end.technology.filter(|_| end.sure) else { continue };
            if is_unknown(&end.name) {
                continue;
            }
            let same = |c: &&mut Candidate| c.technology == technology && c.side == end.side && c.name == end.name;
            match names.iter_mut().find(same) {
                Some(known) => known.ends.push(index),
                None => {
                    let name = end.name.clone();
                    names.push(Candidate { technology, side: end.side, name, ends: vec![index], near: None });
                }
            }
        }
        if names.is_empty() {
            return Candidates::Nothing("no channel with a name was found");
        }
        let count = names.len();
        let lonely: Vec<Candidate> = names.into_iter().filter(|c| !has_partner(cx, c)).collect();
        let mut found: Vec<(Place, Candidate)> = Vec::new();
        for candidate in &lonely {
            let near = lonely.iter().find(|other| {
                other.technology == candidate.technology
                    && other.side != candidate.side
                    && is_near(&candidate.name, &other.name)
            });
            let near = near.and_then(|other| Some((other.name.clone(), *other.ends.first()?)));
            // A pair is one finding: at its publisher, or at its listener when the publisher is no code.
            let has_place = |c: &Candidate| place(project, c).is_some();
            if let Some((name, _)) = &near
                && candidate.side == Side::Heard
                && lonely.iter().any(|c| {
                    c.technology == candidate.technology && c.side == Side::Published && c.name == *name && has_place(c)
                })
            {
                continue;
            }
            let candidate = Candidate { near, ..candidate.clone() };
            let Some(at) = place(project, &candidate).or_else(|| listener_place(project, &candidate)) else { continue };
            // One row for a technology whose other side is not in this project at all.
            let absent = candidate.near.is_none() && is_absent(cx, candidate.technology, other(candidate.side));
            if absent
                && found
                    .iter()
                    .any(|(_, c)| c.near.is_none() && (c.technology, c.side) == (candidate.technology, candidate.side))
            {
                continue;
            }
            found.push((at, candidate));
        }
        found.order_by_key(|(place, _)| *place);
        Candidates::Found(found, format!("{count} names of channels"))
    }

    fn judge(cx: Cx<'_>, place: Place, candidate: &Candidate) -> Judgement {
        let project = cx.project;
        let Candidate { technology, side, name, ends, near } = candidate;
        if let Some(reason) = server_side(*technology, name) {
            return Judgement::Rejected(reason.into());
        }
        let shown = name_words(name);
        let words = technology.words();
        let all = project.channels();
        let mut steps: Vec<Step> = ends.iter().take(4).filter_map(|i| step(project, all.get(*i)?)).collect();
        if let Some(end) = near.as_ref().and_then(|(_, index)| all.get(*index)) {
            steps.extend(step(project, end));
        }
        let (severity, message, recommendation) = match (near, side) {
            (Some((theirs, _)), Side::Published) => (
                Severity::Critical,
                format!("`{shown}` is published, but `{}` is what is listened to ({words})", name_words(theirs)),
                "Name the channel by one constant that both sides import".to_owned(),
            ),
            (Some((theirs, _)), Side::Heard) => (
                Severity::Critical,
                format!("`{shown}` is listened to, but `{}` is what is published ({words})", name_words(theirs)),
                "Name the channel by one constant that both sides import".to_owned(),
            ),
            (None, Side::Published) => (
                Severity::High,
                format!("`{shown}` is published and never listened to ({words})"),
                "Subscribe to it where the message is wanted, or stop publishing it".to_owned(),
            ),
            (None, Side::Heard) => (
                Severity::Medium,
                format!("`{shown}` is listened to and never published ({words})"),
                "Publish it where the event happens, or remove the listener".to_owned(),
            ),
        };
        let draft = Draft {
            place,
            severity,
            confidence: confidence(project, place.func, false),
            message,
            recommendation,
            effort: Effort::S,
            steps,
            evidence: vec![context_evidence(project, place.func)],
            facts: context_facts(cx, place.func),
        };
        let missing = missing(cx, candidate);
        match missing {
            Some(why) => Judgement::NeedsContext(Box::new(draft), why),
            None => Judgement::Confirmed(Box::new(draft)),
        }
    }
}

fn other(side: Side) -> Side {
    match side {
        Side::Published => Side::Heard,
        Side::Heard => Side::Published,
    }
}

fn is_unknown(name: &str) -> bool {
    !name.chars().any(char::is_alphanumeric)
}

/// Names that the server itself uses.
fn server_side(technology: Technology, name: &str) -> Option<&'static str> {
    match technology {
        Technology::Redis if name.starts_with("__") => Some("the server publishes it itself"),
        Technology::Notify if name == "pgrst" => Some("PostgREST listens to it"),
        _ => None,
    }
}

/// Ends of the other side that a technology may meet, with a name or none.
fn others<'p>(cx: Cx<'p>, technology: Technology, side: Side) -> impl Iterator<Item = &'p ChannelEnd> {
    cx.project.channels().iter().filter(move |end| end.side == side && end.technology.is_none_or(|t| t == technology))
}

fn discovered(cx: Cx<'_>, technology: Technology) -> impl Iterator<Item = &str> {
    let word = match technology {
        Technology::Notify => "PostgreSQL",
        Technology::Redis => "Redis",
        _ => "-",
    };
    cx.context
        .db_config
        .event_subscribers
        .iter()
        .filter(move |s| s.technology.starts_with(word))
        .map(|s| s.channel.as_str())
}

fn has_partner(cx: Cx<'_>, candidate: &Candidate) -> bool {
    let Candidate { technology, side, name, .. } = candidate;
    let fold = |text: &str| match technology {
        // Unquoted names of PostgreSQL are folded.
        Technology::Notify => text.to_ascii_lowercase(),
        _ => text.to_owned(),
    };
    let name = fold(name);
    let met =
        others(cx, *technology, other(*side)).any(|end| !is_unknown(&end.name) && may_be_same(&name, &fold(&end.name)));
    met || *side == Side::Published && discovered(cx, *technology).any(|channel| fold(channel) == name)
}

/// Whether nothing of a side exists in the project.
fn is_absent(cx: Cx<'_>, technology: Technology, side: Side) -> bool {
    let known = others(cx, technology, side).any(|end| end.technology.is_some());
    !(known || side == Side::Heard && discovered(cx, technology).next().is_some())
}

/// What would have to be known to decide.
fn missing(cx: Cx<'_>, candidate: &Candidate) -> Option<String> {
    let project = cx.project;
    let Candidate { technology, side, near, .. } = candidate;
    let (technology, side) = (*technology, *side);
    let verb = match side {
        Side::Published => "listens to",
        Side::Heard => "publishes",
    };
    if near.is_none() && is_absent(cx, technology, other(side)) {
        return Some(format!("nothing in this project {verb} {} channels", technology.words()));
    }
    let dynamic = others(cx, technology, other(side))
        .find(|end| is_unknown(&end.name) && (end.technology.is_some() || technology != Technology::Task));
    if let Some(end) = dynamic.filter(|_| technology != Technology::Consumer) {
        let at = step(project, end).map_or_else(String::new, |step| format!(" ({}:{})", step.path, step.line));
        return Some(format!("a place that {verb} a channel whose name is known only at run time{at}"));
    }
    if near.is_some() {
        return None;
    }
    if matches!(technology, Technology::Kafka | Technology::Queue) {
        return Some("whether another service is the other side".into());
    }
    if technology == Technology::Task && !of_this_project(project, &candidate.name) {
        return Some("whether another service has the task".into());
    }
    let packages = &cx.context.tech_stack.packages;
    if let Some(client) = ELSEWHERE.iter().find(|name| packages.contains_key(**name)) {
        return Some(format!("whether the code that uses `{client}` is the other side"));
    }
    if let Some(at) = mentioned(project, candidate) {
        return Some(format!("what the same name in {at} is for"));
    }
    None
}

/// Whether the first part of a task's name is a package of the project.
fn of_this_project(project: &Project, name: &str) -> bool {
    let Some((package, _)) = name.split_once('.') else { return false };
    project.code().func_ids().any(|f| project.code().path(f).split('/').any(|part| part == package))
}

/// Another place where the name stands as a literal.
fn mentioned(project: &Project, candidate: &Candidate) -> Option<String> {
    let code = project.code();
    let sym = project.sym(&candidate.name)?;
    let spelled: Vec<(FuncId, ValueId)> =
        project.channels().iter().filter(|end| end.name == candidate.name).filter_map(|end| end.literal).collect();
    code.func_ids().filter(|f| project.context(*f) != RunContext::Test).find_map(|f| {
        let body = code.body(f);
        body.ops.iter().enumerate().filter(|(_, op)| op.kind == OpKind::Const(Const::Str(sym))).find_map(|(i, _)| {
            let at = ValueId(u32::try_from(i).ok()?);
            let line = body.span(at)?.line;
            (!spelled.contains(&(f, at))).then(|| format!("{}:{line}", code.path(f)))
        })
    })
}

/// Whether one name is the other misspelled: a few edits, or contained in it.
fn is_near(a: &str, b: &str) -> bool {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    if a.len().min(b.len()) < SHORTEST || a == b {
        return false;
    }
    let (short, long) = if a.len() <= b.len() { (&a, &b) } else { (&b, &a) };
    if long.windows(short.len()).any(|part| part == short.as_slice()) {
        return true;
    }
    // Numbered names are meant to differ.
    let digits = |name: &[char]| name.iter().filter(|c| c.is_ascii_digit()).collect::<String>();
    digits(&a) == digits(&b) && long.len() - short.len() <= EDITS && distance(&a, &b) <= EDITS
}

fn distance(a: &[char], b: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut corner = i;
        let mut left = i + 1;
        let mut next = vec![left];
        for (j, y) in b.iter().enumerate() {
            let above = row.get(j + 1).copied().unwrap_or(0);
            let best = (corner + usize::from(x != y)).min(above + 1).min(left + 1);
            corner = above;
            left = best;
            next.push(best);
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}

/// Where a developer would change the name: the first end that is code.
fn place(project: &Project, candidate: &Candidate) -> Option<Place> {
    candidate.ends.iter().find_map(|index| match &project.channels().get(*index)?.spot {
        Spot::Op(f, op) => Some(place_of(project, *f, *op)),
        Spot::Line(_) => None,
    })
}

/// For names that only SQL files have: a listener of the technology.
fn listener_place(project: &Project, candidate: &Candidate) -> Option<Place> {
    project.channels().iter().find_map(|end| match (&end.spot, end.sure) {
        (Spot::Op(f, op), true) if end.technology == Some(candidate.technology) && end.side != candidate.side => {
            Some(place_of(project, *f, *op))
        }
        _ => None,
    })
}

fn step(project: &Project, end: &ChannelEnd) -> Option<Step> {
    let verb = match end.side {
        Side::Published => "publishes",
        Side::Heard => "listens to",
    };
    let message = format!("{verb} `{}`", name_words(&end.name));
    Some(match &end.spot {
        Spot::Op(f, op) => project.step(*f, *op, message),
        Spot::Line(at) => Step { path: at.path.clone(), line: at.line, message },
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
    use super::*;

    #[test]
    fn near_names() {
        assert!(is_near("job_progress", "jobs_progress"));
        assert!(is_near("order-events", "order_events"));
        assert!(is_near("orders", "orders_updates"));
        assert!(!is_near("orders", "orders"));
        assert!(!is_near("jobs", "job"));
        assert!(!is_near("shard_1", "shard_2"));
        assert!(!is_near("payments", "refunds"));
    }
}
