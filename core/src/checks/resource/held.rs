//! What the checks of held sessions share: which values carry a session, versions of FastAPI.

use crate::analysis::{Flow, FuncId, Held, Project, Type};
use crate::checks::check::Cx;
use crate::libraries::Resource;
use crate::model::{Body, OpKind, Sym, ValueId};
use crate::order::InOrder as _;

/// Values of one function that are, hold or call into a session.
pub struct Carriers<'p> {
    project: &'p Project,
    f: FuncId,
    body: &'p Body,
    flow: Flow<'p>,
    values: Vec<ValueId>,
    names: Vec<Sym>,
}

impl<'p> Carriers<'p> {
    /// Starts from the session's value, adds objects that are built with it.
    pub fn new(project: &'p Project, f: FuncId, session: ValueId) -> Self {
        let body = project.code().body(f);
        let flow = Flow::new(project.code(), f);
        let mut values = Vec::new();
        let mut work = vec![session];
        while let Some(next) = work.pop() {
            if values.contains(&next) || values.len() > 200 {
                continue;
            }
            let uses = flow.uses(next);
            values.extend(uses.aliases.iter().copied());
            for used in uses.ops {
                let Some(OpKind::Call { callee, args }) = body.op(used).map(|op| &op.kind) else { continue };
                let given = args.iter().any(|arg| uses.aliases.contains(&arg.value));
                let class = matches!(project.ty(f, *callee), Type::ClassObj(_))
                    || project.describe(f, *callee).rsplit('.').next().is_some_and(|name| {
                        name.chars().next().is_some_and(char::is_uppercase)
                            && matches!(project.ty(f, used), Type::Inst(..) | Type::Unknown)
                    });
                if given && class {
                    work.push(used);
                }
            }
        }
        let mut names = Vec::new();
        for value in &values {
            match body.op(*value).map(|op| &op.kind) {
                Some(OpKind::Bind { name, .. }) => names.push(*name),
                Some(OpKind::Param(i)) => {
                    names.extend(project.code().func(f).params.get(usize::from(*i)).map(|param| param.name));
                }
                _ => {}
            }
        }
        Self { project, f, body, flow, values, names }
    }

    /// Uses of the session and its aliases, in order.
    pub fn uses(&self) -> Vec<ValueId> {
        let mut ops: Vec<ValueId> = self.values.iter().flat_map(|v| self.flow.users(*v)).collect();
        ops.order();
        ops.dedup();
        ops
    }

    /// Whether a value is, contains, is called on or captures the session.
    pub fn carried_by(&self, v: ValueId) -> bool {
        self.carried(v, 0)
    }

    fn carried(&self, v: ValueId, depth: u32) -> bool {
        if depth > 6 {
            return false;
        }
        if self.values.contains(&v) {
            return true;
        }
        let Some(op) = self.body.op(v) else { return false };
        match &op.kind {
            // `rows = await load(session)` is a result; a coroutine, a generator or a partial still carries the session.
            OpKind::Bind { value, .. } => {
                let made = self.body.op(*value).map(|op| &op.kind);
                let waits = matches!(self.project.ty(self.f, *value), Type::Coroutine(_));
                (waits || self.is_lazy(*value) || !matches!(made, Some(OpKind::Call { .. })))
                    && self.carried(*value, depth + 1)
            }
            OpKind::Attr { base, .. } => {
                // A method bound to the holder, not a plain value read from it.
                matches!(self.project.ty(self.f, v), Type::Bound(..) | Type::LibBound(..) | Type::Unknown)
                    && self.values.contains(base)
            }
            OpKind::Collection { items, .. } => items.iter().any(|item| self.carried(*item, depth + 1)),
            OpKind::Call { callee, args } => {
                args.iter().any(|arg| self.carried(arg.value, depth + 1)) || self.carried(*callee, depth + 1)
            }
            OpKind::Closure(inner) => {
                self.captures(self.project.code().func_id(self.project.code().module_of(self.f), *inner), 0)
            }
            OpKind::Comprehension { element, .. } => self.carried(*element, depth + 1),
            _ => false,
        }
    }

    /// What a generator function gives: nothing of it has run yet.
    fn is_lazy(&self, v: ValueId) -> bool {
        let generator = |g: FuncId| self.project.code().func(g).is_generator;
        let mut targets = self.project.sites_at(self.f, v).flat_map(|site| &site.targets).peekable();
        targets.peek().is_some() && targets.all(|target| generator(target.func))
    }

    fn captures(&self, inner: FuncId, depth: u32) -> bool {
        let code = self.project.code();
        code.body(inner).ops.iter().any(|op| match op.kind {
            OpKind::Captured { owner, name } => {
                code.func_id(code.module_of(inner), owner) == self.f && self.names.contains(&name)
            }
            OpKind::Closure(nested) if depth < 3 => {
                self.captures(code.func_id(code.module_of(inner), nested), depth + 1)
            }
            _ => false,
        })
    }
}

/// Whether using the parameter uses the session: it is the session, or an object built around it.
/// A row that was loaded with it (`current_user`) is not.
pub fn carries_session(project: &Project, f: FuncId, held: &Held) -> bool {
    held.direct
        || project.param_value(f, held.param).is_some_and(
            |value| matches!(project.ty(f, value), Type::Inst(class, _) if project.orm().model(*class).is_none()),
        )
}

/// The name of parameter `i`.
pub fn param_name(project: &Project, f: FuncId, i: usize) -> &str {
    project.code().func(f).params.get(i).map_or("", |param| project.text(param.name))
}

/// Whether a class is a session or connection; the word for it.
pub fn session_word(project: &Project, class: &str) -> Option<&'static str> {
    match project.library().resource(class)? {
        Resource::Session => Some("session"),
        Resource::Connection => Some("connection"),
        _ => None,
    }
}

/// The project's FastAPI version, when it lies between 0.106 and 0.117: dependencies end before the
/// response is sent.
pub fn closes_before_response(cx: Cx<'_>) -> Option<String> {
    let stated = cx.context.tech_stack.packages.get("fastapi")?;
    let mut low = None;
    let mut high = None;
    for part in stated.split(',') {
        let part = part.trim();
        let digits = part.trim_start_matches(|c: char| !c.is_ascii_digit());
        let mut numbers = digits.split(['.', ' ', ';', '*']).map(|n| n.parse::<u32>().ok());
        let (Some(Some(major)), minor) = (numbers.next(), numbers.next().flatten().unwrap_or(0)) else { continue };
        let minor = if major == 0 { minor } else { 999 };
        match part.chars().next() {
            Some('<') if part.starts_with("<=") => high = Some(minor),
            Some('<') => high = Some(minor.saturating_sub(1)),
            Some('>') => low = Some(minor),
            Some('!') => {}
            _ => {
                low = Some(minor);
                high = Some(minor);
            }
        }
    }
    let (low, high) = (low?, high?);
    (low >= 106 && high <= 117).then(|| format!("0.{high}"))
}
