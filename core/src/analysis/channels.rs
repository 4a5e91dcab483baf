//! Channels: who publishes to which name and who listens, by technology.

use super::calls::{Site, SiteKind};
use super::channel_names::{Spelled, names_of};
use super::code::FuncId;
use super::contents::Holds;
use super::flow::source_of;
use super::project::Project;
use super::schema::At;
use crate::languages::sql::{HOLE, events_of};
use crate::libraries::{Effects, RunContext};
use crate::model::{Arg, ArgKind, CollectionKind, Const, OpKind, Sym, TextPart, ValueId};
use rustc_hash::FxHashSet;

/// What carries a message. Names meet only within one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Technology {
    /// LISTEN and NOTIFY of PostgreSQL.
    Notify,
    /// Channels of Redis.
    Redis,
    /// Streams of Redis.
    Stream,
    /// Topics of Kafka.
    Kafka,
    /// Queues behind the default exchange of AMQP.
    Queue,
    /// Tasks of Celery by name.
    Task,
    /// Message types of Channels: methods of consumers.
    Consumer,
}

impl Technology {
    /// Its name for people.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Notify => "PostgreSQL NOTIFY",
            Self::Redis => "Redis publish/subscribe",
            Self::Stream => "Redis streams",
            Self::Kafka => "Kafka",
            Self::Queue => "AMQP",
            Self::Task => "Celery",
            Self::Consumer => "Channels",
        }
    }
}

/// Which end of a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    /// Sends.
    Published,
    /// Receives.
    Heard,
}

/// Where an end of a channel stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Spot {
    /// An op.
    Op(FuncId, ValueId),
    /// A line of a migration or script.
    Line(At),
}

/// One end of a channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelEnd {
    /// What carries it; `None` where only the name of a method speaks for a channel.
    pub technology: Option<Technology>,
    /// Which end.
    pub side: Side,
    /// The name; a hole for each part that is known only at run time.
    pub name: String,
    /// The literal that spells it, where one alone does.
    pub literal: Option<(FuncId, ValueId)>,
    /// Where it stands.
    pub spot: Spot,
    /// The library is known: worth a finding. Else it only counts as a possible other end.
    pub sure: bool,
}

impl Project {
    /// Ends of channels; found when first asked for.
    #[must_use]
    pub fn channels(&self) -> &[ChannelEnd] {
        self.lazy().channels.get_or_init(|| find(self))
    }
}

/// Where a call holds its names.
#[derive(Clone, Copy)]
enum Names {
    /// An argument by position or keyword.
    At(usize, &'static str),
    /// All positional arguments.
    All,
    /// Likewise, as patterns with `*`.
    Patterns,
    /// Keys of a dict.
    Keys(usize, &'static str),
}

use Names::{All, At as Arg0, Keys, Patterns};
use Side::{Heard, Published};
use Technology::{Consumer, Kafka, Notify, Queue, Redis, Stream, Task};

const CALLS: &[(&str, Technology, Side, Names)] = &[
    ("asyncpg.Connection.add_listener", Notify, Heard, Arg0(0, "channel")),
    ("redis.Redis.publish", Redis, Published, Arg0(0, "channel")),
    ("redis.asyncio.Redis.publish", Redis, Published, Arg0(0, "channel")),
    ("redis.client.PubSub.subscribe", Redis, Heard, All),
    ("redis.client.PubSub.ssubscribe", Redis, Heard, All),
    ("redis.client.PubSub.psubscribe", Redis, Heard, Patterns),
    ("redis.asyncio.client.PubSub.subscribe", Redis, Heard, All),
    ("redis.asyncio.client.PubSub.psubscribe", Redis, Heard, Patterns),
    ("redis.Redis.xadd", Stream, Published, Arg0(0, "name")),
    ("redis.asyncio.Redis.xadd", Stream, Published, Arg0(0, "name")),
    ("redis.Redis.xread", Stream, Heard, Keys(0, "streams")),
    ("redis.asyncio.Redis.xread", Stream, Heard, Keys(0, "streams")),
    ("redis.Redis.xreadgroup", Stream, Heard, Keys(2, "streams")),
    ("redis.asyncio.Redis.xreadgroup", Stream, Heard, Keys(2, "streams")),
    ("kafka.KafkaProducer.send", Kafka, Published, Arg0(0, "topic")),
    ("aiokafka.AIOKafkaProducer.send", Kafka, Published, Arg0(0, "topic")),
    ("aiokafka.AIOKafkaProducer.send_and_wait", Kafka, Published, Arg0(0, "topic")),
    ("confluent_kafka.Producer.produce", Kafka, Published, Arg0(0, "topic")),
    ("kafka.KafkaConsumer", Kafka, Heard, All),
    ("aiokafka.AIOKafkaConsumer", Kafka, Heard, All),
    ("kafka.KafkaConsumer.subscribe", Kafka, Heard, Arg0(0, "topics")),
    ("aiokafka.AIOKafkaConsumer.subscribe", Kafka, Heard, Arg0(0, "topics")),
    ("confluent_kafka.Consumer.subscribe", Kafka, Heard, Arg0(0, "topics")),
    ("pika.adapters.blocking_connection.BlockingChannel.basic_consume", Queue, Heard, Arg0(0, "queue")),
    ("celery.Celery.send_task", Task, Published, Arg0(0, "name")),
];

/// Calls that hold their names otherwise.
const OTHERS: &[&str] = &[GROUP_SEND, LAYER_SEND, BASIC_PUBLISH];
const GROUP_SEND: &str = "channels.layers.BaseChannelLayer.group_send";
const LAYER_SEND: &str = "channels.layers.BaseChannelLayer.send";
const BASIC_PUBLISH: &str = "pika.adapters.blocking_connection.BlockingChannel.basic_publish";

/// Methods of any receiver that may be an end, when the receiver is not known.
const MAYBE: &[(&str, Side, bool)] = &[
    ("publish", Published, true),
    ("xadd", Published, true),
    ("emit", Published, false),
    ("send", Published, false),
    ("send_and_wait", Published, false),
    ("produce", Published, false),
    ("notify", Published, false),
    ("broadcast", Published, false),
    ("dispatch", Published, false),
    ("subscribe", Heard, true),
    ("psubscribe", Heard, true),
    ("add_listener", Heard, true),
    ("listen", Heard, false),
    ("on", Heard, false),
    ("xread", Heard, true),
    ("xreadgroup", Heard, true),
    ("xrange", Heard, true),
    ("xrevrange", Heard, true),
    ("xlen", Heard, true),
];

fn find(project: &Project) -> Vec<ChannelEnd> {
    let code = project.code();
    let mut out = Vec::new();
    // Nearly all calls are none of these, which their name alone or their row tells.
    let named: FxHashSet<Sym> =
        MAYBE.iter().map(|(name, ..)| *name).chain(["pg_notify"]).filter_map(|name| project.sym(name)).collect();
    let rows: FxHashSet<&str> = CALLS.iter().map(|(name, ..)| *name).chain(OTHERS.iter().copied()).collect();
    let schedules = project.sym("task").is_some() && project.sym("schedule").is_some();
    for f in code.func_ids() {
        if project.context(f) == RunContext::Test {
            continue;
        }
        let body = code.body(f);
        let mut calls: Vec<ValueId> = project
            .sites(f)
            .iter()
            .filter(|site| matches!(site.kind, SiteKind::Library(row) if rows.contains(row.callee)))
            .map(|site| site.op)
            .collect();
        calls.reverse();
        // Most functions say nothing to a channel.
        let maybe = |callee: ValueId| matches!(body.op(callee).map(|op| &op.kind), Some(OpKind::Attr { name, .. }) if named.contains(name));
        let speaking = |at: &ValueId| match body.op(*at).map(|op| &op.kind) {
            Some(OpKind::Const(Const::Str(s))) => speaks(project.text(*s)),
            Some(OpKind::Text(parts)) => {
                parts.iter().any(|p| matches!(p, TextPart::Literal(s) if speaks(project.text(*s))))
            }
            Some(OpKind::Call { callee, .. }) => maybe(*callee),
            _ => false,
        };
        let silent = calls.is_empty()
            && !(schedules && code.holds(f, Holds::COLLECTION))
            && !code.calls_in(f).iter().chain(code.texts_in(f)).any(speaking);
        for (i, op) in body.ops.iter().enumerate().filter(|_| !silent) {
            let at = ValueId(u32::try_from(i).unwrap_or(u32::MAX));
            match &op.kind {
                OpKind::Call { callee, args } => {
                    let mut listed = false;
                    while calls.last().is_some_and(|op| *op <= at) {
                        listed |= calls.pop() == Some(at);
                    }
                    if listed || maybe(*callee) {
                        call(project, f, at, *callee, args, &mut out);
                    }
                }
                OpKind::Const(Const::Str(s)) if speaking(&at) => {
                    sql_text(project, f, at, project.text(*s), &mut out);
                }
                OpKind::Text(_) if speaking(&at) => {
                    let text = names_of(project, f, at).into_iter().next().map(|s| s.text).unwrap_or_default();
                    if speaks(&text) {
                        sql_text(project, f, at, &text, &mut out);
                    }
                }
                OpKind::Collection { kind: CollectionKind::Dict, .. } if schedules => {
                    scheduled(project, f, at, &mut out);
                }
                _ => {}
            }
        }
        task(project, f, &mut out);
    }
    handlers(project, &mut out);
    for trigger in project.schema().triggers() {
        let Some(channel) = &trigger.channel else { continue };
        let name = if channel == "?" { HOLE.to_string() } else { channel.clone() };
        let spot = Spot::Line(trigger.at.clone());
        out.push(ChannelEnd { technology: Some(Notify), side: Published, name, literal: None, spot, sure: true });
    }
    for (path, text) in project.scripts() {
        for (heard, name) in events_of(text) {
            let side = if heard { Heard } else { Published };
            let spot = Spot::Line(At { path: path.clone(), line: 1 });
            let name = name.unwrap_or_else(|| HOLE.to_string());
            out.push(ChannelEnd { technology: Some(Notify), side, name, literal: None, spot, sure: false });
        }
    }
    out
}

fn push(
    project: &Project,
    (f, at): (FuncId, ValueId),
    (technology, side, sure): (Option<Technology>, Side, bool),
    names: Vec<Spelled>,
    out: &mut Vec<ChannelEnd>,
) {
    let known = technology.is_some();
    for Spelled { text, literal } in names {
        // A method that may be anything tells nothing without a name.
        if !known && !text.contains(|c: char| c.is_alphanumeric()) && !sure {
            continue;
        }
        let sure = sure && known && project.sites_at(f, at).all(|site| !site.guessed);
        out.push(ChannelEnd { technology, side, name: text, literal, spot: Spot::Op(f, at), sure });
    }
}

fn call(project: &Project, f: FuncId, at: ValueId, callee: ValueId, args: &[Arg], out: &mut Vec<ChannelEnd>) {
    let body = project.code().body(f);
    let method = match body.op(callee).map(|op| &op.kind) {
        Some(OpKind::Attr { name, .. }) => project.text(*name),
        _ => "",
    };
    let library: Vec<&Site> = project
        .sites_at(f, at)
        .filter(|site| matches!(site.kind, SiteKind::Library(_) | SiteKind::LibraryOther(_)))
        .collect();
    for site in &library {
        let SiteKind::Library(row) = site.kind else { continue };
        if let Some((_, technology, side, how)) = CALLS.iter().find(|(name, ..)| *name == row.callee) {
            let names = held(project, f, args, *how);
            push(project, (f, at), (Some(*technology), *side, true), names, out);
            return;
        }
        if matches!(row.callee, GROUP_SEND | LAYER_SEND) {
            let message = args.get(1).and_then(|arg| entry(project, f, arg.value, "type"));
            let names = message.map_or_else(Vec::new, |(g, v)| names_of(project, g, v));
            let names = names.into_iter().map(|s| Spelled { text: s.text.replace('.', "_"), ..s }).collect();
            push(project, (f, at), (Some(Consumer), Published, true), names, out);
            return;
        }
        if row.callee == BASIC_PUBLISH {
            let exchange = argument_at(project, args, 0, "exchange").map(|v| names_of(project, f, v));
            if exchange.is_some_and(|names| names.iter().all(|name| name.text.is_empty()))
                && let Some(key) = argument_at(project, args, 1, "routing_key")
            {
                push(project, (f, at), (Some(Queue), Published, true), names_of(project, f, key), out);
            }
            return;
        }
    }
    // `func.pg_notify(channel, payload)`
    if method == "pg_notify" {
        let names = held(project, f, args, Arg0(0, "channel"));
        push(project, (f, at), (Some(Notify), Published, true), names, out);
        return;
    }
    if project.sites_at(f, at).any(|site| matches!(site.kind, SiteKind::Project) && !site.targets.is_empty()) {
        return;
    }
    if let Some((_, side, telling)) = MAYBE.iter().find(|(name, ..)| *name == method) {
        let how = match method {
            "psubscribe" => Patterns,
            "subscribe" => All,
            "xread" => Keys(0, "streams"),
            "xreadgroup" => Keys(2, "streams"),
            _ => Arg0(0, "channel"),
        };
        push(project, (f, at), (None, *side, *telling), held(project, f, args, how), out);
    }
}

fn argument_at(project: &Project, args: &[Arg], position: usize, keyword: &str) -> Option<ValueId> {
    let named = args.iter().find(|arg| matches!(arg.kind, ArgKind::Named(name) if project.text(name) == keyword));
    let arg = named.or_else(|| args.get(position).filter(|arg| arg.kind == ArgKind::Positional))?;
    Some(arg.value)
}

/// The names in the arguments of a call.
fn held(project: &Project, f: FuncId, args: &[Arg], how: Names) -> Vec<Spelled> {
    let unknown = Spelled { text: HOLE.to_string(), literal: None };
    match how {
        Arg0(position, keyword) => match argument_at(project, args, position, keyword) {
            Some(v) => names_of(project, f, v),
            None if args.is_empty() => Vec::new(),
            None => vec![unknown],
        },
        All | Patterns => {
            let mut out = Vec::new();
            for arg in args {
                match arg.kind {
                    ArgKind::Positional | ArgKind::Spread => out.extend(names_of(project, f, arg.value)),
                    // `subscribe(**{"orders": handler})`
                    ArgKind::SpreadNamed => {
                        out.extend(keys(project, f, arg.value).unwrap_or_else(|| vec![unknown.clone()]))
                    }
                    ArgKind::Named(_) => {}
                }
            }
            if matches!(how, Patterns) {
                for name in &mut out {
                    name.text = name.text.replace(['*', '?'], &HOLE.to_string());
                    if let Some(open) = name.text.find('[') {
                        name.text.truncate(open);
                        name.text.push(HOLE);
                    }
                }
            }
            out
        }
        Keys(position, keyword) => match argument_at(project, args, position, keyword) {
            Some(v) => keys(project, f, v).unwrap_or_else(|| vec![unknown]),
            None => vec![unknown],
        },
    }
}

/// The keys of a dict as names.
fn keys(project: &Project, f: FuncId, v: ValueId) -> Option<Vec<Spelled>> {
    let (g, at) = project.origin(f, v);
    let OpKind::Collection { kind: CollectionKind::Dict, items } = &project.code().op(g, at)?.kind else { return None };
    Some(items.iter().step_by(2).flat_map(|key| names_of(project, g, *key)).collect())
}

/// The value under a constant key of a dict display.
fn entry(project: &Project, f: FuncId, v: ValueId, key: &str) -> Option<(FuncId, ValueId)> {
    let (g, at) = project.origin(f, v);
    let OpKind::Collection { kind: CollectionKind::Dict, items } = &project.code().op(g, at)?.kind else { return None };
    let is_key = |v: ValueId| matches!(project.code().op(g, v).map(|op| &op.kind), Some(OpKind::Const(Const::Str(s))) if project.text(*s) == key);
    items.chunks(2).find_map(|pair| match pair {
        [k, value] if is_key(*k) => Some((g, *value)),
        _ => None,
    })
}

/// `{"task": "app.tasks.clean", "schedule": …}`: an entry of Celery's schedule.
fn scheduled(project: &Project, f: FuncId, at: ValueId, out: &mut Vec<ChannelEnd>) {
    if let (Some((g, task)), Some(_)) = (entry(project, f, at, "task"), entry(project, f, at, "schedule")) {
        push(project, (f, at), (Some(Task), Published, true), names_of(project, g, task), out);
    }
}

/// A task of Celery is heard under its own name.
fn task(project: &Project, f: FuncId, out: &mut Vec<ChannelEnd>) {
    let code = project.code();
    let parent = code.parent(f);
    // `@shared_task_with_retry`, a decorator of the project around Celery's, registers one just as well.
    let is_task = |decorator: ValueId| {
        let made = source_of(code.body(parent), decorator);
        let spelled = match code.op(parent, made).map(|op| &op.kind) {
            Some(OpKind::Call { callee, .. }) => *callee,
            _ => made,
        };
        matches!(code.op(parent, spelled).map(|op| &op.kind), Some(OpKind::Attr { name, .. } | OpKind::Global(name))
            if { let name = project.text(*name); name == "task" || name.contains("_task") })
    };
    for decorator in &code.func(f).decorators {
        if !is_task(decorator.value) {
            continue;
        }
        let given = match code.op(parent, decorator.value).map(|op| &op.kind) {
            Some(OpKind::Call { args, .. }) => {
                args.iter().find(|arg| matches!(arg.kind, ArgKind::Named(n) if project.text(n) == "name"))
            }
            _ => None,
        };
        let names = match given {
            Some(arg) => names_of(project, parent, arg.value),
            None => {
                // The path from the root of the sources is not known here: any folders before it.
                let path = code.path(f).trim_end_matches(".py").trim_end_matches("/__init__");
                let dotted = format!("{}.{}", path.replace('/', "."), project.text(code.func(f).name));
                let mut all = vec![Spelled { text: dotted.clone(), literal: None }];
                let mut rest = dotted.as_str();
                while let Some((_, after)) = rest.split_once('.').filter(|(_, after)| after.contains('.')) {
                    all.push(Spelled { text: after.to_owned(), literal: None });
                    rest = after;
                }
                all
            }
        };
        for Spelled { text, literal } in names {
            let spot = match code.body(f).ops.is_empty() {
                true => Spot::Op(parent, decorator.value),
                false => Spot::Op(f, ValueId(0)),
            };
            out.push(ChannelEnd { technology: Some(Task), side: Heard, name: text, literal, spot, sure: false });
        }
    }
}

/// Methods of consumers are what message types name.
fn handlers(project: &Project, out: &mut Vec<ChannelEnd>) {
    let code = project.code();
    for class in code.class_ids() {
        if !project.library_ancestors(class).any(|name| name.starts_with("channels.")) {
            continue;
        }
        let module = code.module_of_class(class);
        for method in &code.class(class).methods {
            let g = code.func_id(module, *method);
            let name = project.text(code.func(g).name).to_owned();
            let spot = Spot::Op(g, ValueId(0));
            out.push(ChannelEnd { technology: Some(Consumer), side: Heard, name, literal: None, spot, sure: false });
        }
    }
}

/// `LISTEN name`, `NOTIFY name`, `SELECT pg_notify('name', …)` in a text.
fn sql_text(project: &Project, f: FuncId, at: ValueId, text: &str, out: &mut Vec<ChannelEnd>) {
    let head = text.trim_start();
    let shouted = head.starts_with("LISTEN ") || head.starts_with("NOTIFY ");
    let run = runs(project, f, at);
    if !shouted && !text.contains("pg_notify") && run.is_none() {
        return;
    }
    // Functions of triggers are counted where the trigger is.
    let defines = text.to_ascii_lowercase().contains("create ");
    for (heard, name) in events_of(text) {
        let side = if heard { Heard } else { Published };
        let names = match name {
            Some(name) => vec![Spelled { text: name, literal: Some((f, at)) }],
            None => filled_in(project, f, at)
                .or_else(|| run.and_then(|call| given_to(project, f, call)))
                .unwrap_or_else(|| vec![Spelled { text: HOLE.to_string(), literal: None }]),
        };
        let spot = run.unwrap_or(at);
        for Spelled { text, literal } in names {
            let spot = Spot::Op(f, spot);
            out.push(ChannelEnd { technology: Some(Notify), side, name: text, literal, spot, sure: !defines });
        }
    }
}

fn speaks(text: &str) -> bool {
    // Shorter than `LISTEN a`: most texts of a program are.
    if text.len() < 8 {
        return false;
    }
    let head = text.trim_start();
    let word = head.get(..7).unwrap_or("");
    word.eq_ignore_ascii_case("listen ") || word.eq_ignore_ascii_case("notify ") || text.contains("pg_notify")
}

/// The call that runs a statement, directly or behind `text(…)`.
fn runs(project: &Project, f: FuncId, statement: ValueId) -> Option<ValueId> {
    let body = project.code().body(f);
    let takes = |v: ValueId| {
        body.ops.iter().enumerate().skip(v.0 as usize).find_map(|(i, op)| {
            let OpKind::Call { args, .. } = &op.kind else { return None };
            let at = ValueId(u32::try_from(i).ok()?);
            (source_of(body, args.first()?.value) == v).then_some(at)
        })
    };
    let effects = |at: ValueId| {
        project.sites_at(f, at).fold(Effects::NONE, |all, site| {
            let row = match site.kind {
                SiteKind::Library(row) => row.effects,
                _ => Effects::NONE,
            };
            all.with(project.effects_of(site)).with(row)
        })
    };
    let wanted = Effects::ANY_QUERY.with(Effects::SUBSCRIBE).with(Effects::PUBLISH);
    let first = takes(statement)?;
    if effects(first).any(wanted) {
        return Some(first);
    }
    let second = takes(first)?;
    effects(second).any(wanted).then_some(second)
}

/// `SQL("LISTEN {name}").format(name=Identifier(channel))`: what fills the first hole.
fn filled_in(project: &Project, f: FuncId, text: ValueId) -> Option<Vec<Spelled>> {
    let body = project.code().body(f);
    let calls = || {
        body.ops.iter().enumerate().skip(text.0 as usize).filter_map(|(i, op)| match &op.kind {
            OpKind::Call { callee, args } => Some((ValueId(u32::try_from(i).ok()?), *callee, args)),
            _ => None,
        })
    };
    let (composed, ..) = calls().find(|(_, _, args)| args.first().is_some_and(|arg| arg.value == text))?;
    let (_, _, args) = calls().find(|(_, callee, _)| {
        matches!(body.op(*callee).map(|op| &op.kind), Some(OpKind::Attr { base, name })
            if project.text(*name) == "format" && source_of(body, *base) == composed)
    })?;
    let first = args.first()?.value;
    // `Identifier(channel)`
    match body.op(source_of(body, first)).map(|op| &op.kind) {
        Some(OpKind::Call { args, .. }) => Some(names_of(project, f, args.first()?.value)),
        _ => Some(names_of(project, f, first)),
    }
}

/// What a statement's first parameter gets.
fn given_to(project: &Project, f: FuncId, call: ValueId) -> Option<Vec<Spelled>> {
    let OpKind::Call { args, .. } = &project.code().op(f, call)?.kind else { return None };
    let second = args.get(1)?.value;
    let (g, at) = project.origin(f, second);
    match &project.code().op(g, at)?.kind {
        OpKind::Collection { kind: CollectionKind::Dict, items } => ["channel", "name", "chan", "ch", "topic"]
            .iter()
            .find_map(|key| entry(project, f, second, key))
            .map(|(g, v)| names_of(project, g, v))
            .or_else(|| Some(names_of(project, g, *items.get(1)?))),
        OpKind::Collection { items, .. } => Some(names_of(project, g, *items.first()?)),
        _ => Some(names_of(project, f, second)),
    }
}
