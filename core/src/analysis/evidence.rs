//! Evidence in this code's words: names of functions and values, steps, and the chain of calls from a
//! site to the op that has an effect.

use super::calls::{Site, SiteKind};
use super::code::FuncId;
use super::project::Project;
use crate::libraries::Effects;
use crate::model::{Const, OpKind, TextPart, ValueId};
use crate::report::model::Step;
use crate::source::Span;

impl Project {
    /// A function's name for people: `OrderService.total`; the file's name for a top level.
    #[must_use]
    pub fn func_name(&self, f: FuncId) -> &str {
        let name = self.text(self.code().func(f).qualified);
        if name == "<module>" { self.code().path(f).rsplit('/').next().unwrap_or(name) } else { name }
    }

    /// The source of a value, shortened: `self.repo.load(…)`.
    #[must_use]
    pub fn describe(&self, f: FuncId, v: ValueId) -> String {
        let mut out = String::new();
        self.describe_into(f, v, 0, &mut out);
        if out.is_empty() {
            out.push('…');
        }
        out
    }

    pub(super) fn describe_into(&self, f: FuncId, v: ValueId, depth: u32, out: &mut String) {
        if depth > 8 {
            out.push('…');
            return;
        }
        let body = self.code().body(f);
        let Some(op) = body.op(v) else { return };
        match &op.kind {
            OpKind::Global(name) | OpKind::Captured { name, .. } | OpKind::Bind { name, .. } => {
                out.push_str(self.text(*name))
            }
            OpKind::Param(i) => {
                if let Some(param) = self.code().func(f).params.get(usize::from(*i)) {
                    out.push_str(self.text(param.name));
                }
            }
            OpKind::Attr { base, name } => {
                self.describe_into(f, *base, depth + 1, out);
                out.push('.');
                out.push_str(self.text(*name));
            }
            OpKind::Call { callee, args } => {
                self.describe_into(f, *callee, depth + 1, out);
                out.push_str(if args.is_empty() { "()" } else { "(…)" });
            }
            OpKind::Await(v) | OpKind::Truth(v) | OpKind::Not(v) => self.describe_into(f, *v, depth + 1, out),
            OpKind::Annotated { value: Some(v), .. } => self.describe_into(f, *v, depth + 1, out),
            OpKind::Item { base, .. } | OpKind::Slice { base, .. } => {
                self.describe_into(f, *base, depth + 1, out);
                out.push_str("[…]");
            }
            OpKind::Phi(entries) => {
                if let Some(first) = entries.iter().find(|e| e.0 < v.0) {
                    self.describe_into(f, *first, depth + 1, out);
                }
            }
            OpKind::Enter { manager: v, .. } | OpKind::Element(v) => self.describe_into(f, *v, depth + 1, out),
            OpKind::Const(Const::Str(s)) => {
                let text: String = self.text(*s).chars().take(30).collect();
                out.push('"');
                out.push_str(text.trim());
                out.push('"');
            }
            OpKind::Const(Const::Int(i)) => out.push_str(&i.get().to_string()),
            OpKind::Text(parts) => {
                if let Some(TextPart::Literal(s)) = parts.first() {
                    let text: String = self.text(*s).chars().take(30).collect();
                    out.push('"');
                    out.push_str(text.trim());
                    out.push_str("…\"");
                }
            }
            _ => out.push('…'),
        }
    }

    /// A step at an op.
    #[must_use]
    pub fn step(&self, f: FuncId, v: ValueId, message: impl Into<String>) -> Step {
        let line = self.code().span(f, v).map_or(1, |span| span.line);
        Step { path: self.code().path(f).to_owned(), line, message: message.into() }
    }

    /// A step at a span.
    #[must_use]
    pub fn step_at(&self, f: FuncId, span: Span, message: impl Into<String>) -> Step {
        Step { path: self.code().path(f).to_owned(), line: span.line, message: message.into() }
    }

    /// The chain of calls from a site to the op that has one of `effects`, a step per call; the last
    /// step says what happens. `None` when the site does not have the effect. The flag is true when a
    /// callee on the way was found by name only.
    #[must_use]
    pub fn path_to(&self, f: FuncId, site: &Site, effects: Effects) -> Option<(Vec<Step>, bool)> {
        if site.effects.any(effects) {
            let step = self.step(f, site.op, format!("{} {}", self.site_name(f, site), self.verb(site, effects)));
            return Some((vec![step], site.guessed));
        }
        let target = site.targets.iter().find(|target| self.summary(target.func).effects.any(effects))?;
        let mut by_name = target.by_name;
        let mut steps = vec![self.step(f, site.op, format!("calls `{}`", self.func_name(target.func)))];
        let mut at = target.func;
        for _ in 0..24 {
            let witness = self.summary(at).witness(effects)?;
            by_name |= witness.by_name;
            match witness.callee {
                Some(next) => {
                    steps.push(self.step(at, witness.op, format!("calls `{}`", self.func_name(next))));
                    at = next;
                }
                None => {
                    let message = match self.sites_at(at, witness.op).find(|s| s.effects.any(effects)) {
                        Some(site) => format!("{} {}", self.site_name(at, site), self.verb(site, effects)),
                        None => "has the effect".to_owned(),
                    };
                    steps.push(self.step(at, witness.op, message));
                    break;
                }
            }
        }
        Some((steps, by_name))
    }

    /// The op (and its function) at the end of that chain.
    #[must_use]
    pub fn end_of(&self, f: FuncId, site: &Site, effects: Effects) -> Option<(FuncId, ValueId)> {
        if site.effects.any(effects) {
            return Some((f, site.op));
        }
        let mut at = site.targets.iter().find(|target| self.summary(target.func).effects.any(effects))?.func;
        for _ in 0..24 {
            let witness = self.summary(at).witness(effects)?;
            match witness.callee {
                Some(next) => at = next,
                None => return Some((at, witness.op)),
            }
        }
        None
    }

    /// The name of what a site runs, in this code's words.
    #[must_use]
    pub fn site_name(&self, f: FuncId, site: &Site) -> String {
        match site.kind {
            SiteKind::Relation(_) => format!("`{}`", self.describe(f, self.evaluated(f, site))),
            SiteKind::Evaluate(_) => format!("evaluating `{}`", self.describe(f, self.evaluated(f, site))),
            SiteKind::Enter(_) => format!("entering `{}`", self.describe(f, site.op)),
            // What a template includes is named by its file.
            SiteKind::Project if self.is_template(f) => match site.targets.first() {
                Some(target) if self.is_template(target.func) => format!("`{}`", self.func_name(target.func)),
                _ => format!("`{}`", self.describe(f, site.op)),
            },
            _ => format!("`{}`", self.describe(f, site.op)),
        }
    }

    /// What a site does, as a verb phrase, for the first effect of `wanted` that it has.
    #[must_use]
    pub fn verb(&self, site: &Site, wanted: Effects) -> &'static str {
        let has = Effects(site.effects.0 & wanted.0);
        const VERBS: &[(Effects, &str)] = &[
            (Effects::LAZY_LOAD, "loads the relation"),
            (Effects::DB_READ, "runs a query"),
            (Effects::DB_INSERT, "inserts a row"),
            (Effects::DB_UPDATE, "updates rows"),
            (Effects::DB_DELETE, "deletes rows"),
            (Effects::DB_EXECUTE, "runs a statement"),
            (Effects::DB_ADD, "adds a row to the session"),
            (Effects::DB_MARK_DELETE, "marks a row for deletion"),
            (Effects::COMMIT, "commits"),
            (Effects::DB_FLUSH, "flushes the session"),
            (Effects::DB_REFRESH, "reloads the row"),
            (Effects::ROLLBACK, "rolls back"),
            (Effects::BEGIN, "begins a transaction"),
            (Effects::MAIL, "sends mail"),
            (Effects::STORAGE, "calls object storage"),
            (Effects::NETWORK, "calls another service"),
            (Effects::SUBPROCESS, "runs a subprocess"),
            (Effects::SLEEP, "sleeps"),
            (Effects::ASYNC_SLEEP, "waits"),
            (Effects::PUBLISH, "publishes a message"),
            (Effects::CACHE, "calls the cache"),
            (Effects::CPU, "computes for long"),
            (Effects::FILE_IO, "reads or writes a file"),
            (Effects::DB_CONNECT, "connects to the database"),
            (Effects::WAITS, "waits"),
            (Effects::STREAMS, "streams a response"),
            (Effects::CLOSES, "closes"),
            (Effects::BLOCKS, "blocks the thread"),
        ];
        VERBS.iter().find(|(effect, _)| has.any(*effect)).map_or("runs", |(_, verb)| verb)
    }
}
