//! The chain of calls that runs when nothing fails and with the arguments that the call gives: a
//! write inside `except` or behind `if flag:` whose default is `False` is not what each pass does.

use super::calls::Site;
use super::code::FuncId;
use super::flow::source_of;
use super::loops::Bound;
use super::project::Project;
use super::touches::argument;
use super::types::{Type, TypeId};
use crate::libraries::{Effects, Place};
use crate::model::{ArgKind, BinaryOp, Body, Const, OpKind, Region, RegionId, RegionKind, Sym, ValueId};
use crate::report::model::Step;
use std::collections::VecDeque;

/// Such a chain.
#[derive(Clone, Debug)]
pub struct Chain {
    /// A step per call; the last says what happens.
    pub steps: Vec<Step>,
    /// A callee was found by its name only.
    pub by_name: bool,
    /// The function and op of each step.
    pub calls: Vec<(FuncId, ValueId)>,
    /// The function and site that have the effect.
    pub end: (FuncId, Site),
    /// A loop over data in a called function runs it: that loop is the nearer one.
    pub looped: bool,
}

const SENDS: Effects = Effects::PUBLISH.with(Effects::MAIL);

/// Most functions that one search looks into.
const MOST: usize = 160;

struct Visit {
    func: FuncId,
    steps: Vec<Step>,
    by_name: bool,
    looped: bool,
    /// The calls on the way; the last runs it.
    calls: Vec<(FuncId, ValueId)>,
}

impl Project {
    /// The shortest usual chain from a site to an op that has one of `effects`.
    #[must_use]
    pub fn usual_path(&self, f: FuncId, site: &Site, effects: Effects) -> Option<Chain> {
        let named = |at: FuncId, site: &Site| {
            self.step(at, site.op, format!("{} {}", self.site_name(at, site), self.verb(site, effects)))
        };
        if site.effects.any(effects) {
            let (steps, end) = (vec![named(f, site)], (f, site.clone()));
            return Some(Chain { steps, by_name: site.guessed, calls: vec![(f, site.op)], end, looped: false });
        }
        let mut queue = VecDeque::new();
        let mut seen = Vec::new();
        let mut enter = |queue: &mut VecDeque<Visit>, at: FuncId, site: &Site, from: Option<&Visit>, looped: bool| {
            for target in &site.targets {
                if seen.len() >= MOST || seen.contains(&target.func) || !self.summary(target.func).effects.any(effects)
                {
                    continue;
                }
                seen.push(target.func);
                let mut steps = from.map(|visit| visit.steps.clone()).unwrap_or_default();
                steps.push(self.step(at, site.op, format!("calls `{}`", self.func_name(target.func))));
                let mut calls = from.map(|visit| visit.calls.clone()).unwrap_or_default();
                calls.push((at, site.op));
                queue.push_back(Visit {
                    func: target.func,
                    steps,
                    by_name: target.by_name || from.is_some_and(|visit| visit.by_name),
                    looped,
                    calls,
                });
            }
        };
        enter(&mut queue, f, site, None, false);
        // Rows of a relation of an object that is not seen may be in memory: any other query says more.
        let mut doubtful = None;
        while let Some(visit) = queue.pop_front() {
            let g = visit.func;
            for inner in self.sites(g) {
                if !self.effects_of(inner).any(effects)
                    || inner.place == Place::AfterCommit
                    || self.for_debugging(g, inner.op)
                    || self.only_on_failure(g, inner.op, 0)
                    || self.switched_off_by(g, inner.op, &visit.calls)
                    || self.answered_by_query(g, inner.op)
                    || inner.effects.any(effects) && inner.effects.any(SENDS) && self.other_arm_waits(g, inner.op)
                {
                    continue;
                }
                let looped = visit.looped || self.loops_of(g).iter().any(|l| l.runs(inner) && l.bound == Bound::Data);
                if inner.effects.any(effects) {
                    let mut steps = visit.steps.clone();
                    steps.push(named(g, inner));
                    let by_name = visit.by_name || inner.guessed;
                    let mut calls = visit.calls.clone();
                    calls.push((g, inner.op));
                    let chain = Chain { steps, by_name, calls, end: (g, inner.clone()), looped };
                    if self.owner_unseen(g, inner).is_none() {
                        return Some(chain);
                    }
                    doubtful.get_or_insert(chain);
                    continue;
                }
                enter(&mut queue, g, inner, Some(&visit), looped);
            }
        }
        doubtful
    }

    /// `if "slow" in debug_flags: sleep(2)`: nobody runs it in earnest.
    #[must_use]
    pub fn for_debugging(&self, f: FuncId, op: ValueId) -> bool {
        self.code()
            .body(f)
            .taken_arms()
            .any(|(arm, tested)| arm.start <= op.0 && op.0 < arm.end && self.names_debugging(f, tested, 0))
    }

    fn names_debugging(&self, f: FuncId, v: ValueId, depth: u32) -> bool {
        let body = self.code().body(f);
        let Some(op) = body.op(source_of(body, v)) else { return false };
        let own = match op.kind {
            OpKind::Global(name) | OpKind::Captured { name, .. } | OpKind::Attr { name, .. } => {
                self.text(name).to_ascii_lowercase().contains("debug")
            }
            _ => false,
        };
        let mut found = own;
        // `if not debug:` is for everybody else.
        if !found && depth < 4 && !matches!(op.kind, OpKind::Not(_)) {
            op.kind.operands(|inner| found |= self.names_debugging(f, inner, depth + 1));
        }
        found
    }

    /// `if testing: send() else: on_commit(send)`: in earnest it is sent after the commit.
    fn other_arm_waits(&self, g: FuncId, op: ValueId) -> bool {
        let regions = &self.code().body(g).regions;
        let holds = |region: &Region, op: ValueId| region.start <= op.0 && op.0 < region.end;
        regions.iter().any(|region| {
            let branch = regions.get(region.parent.0 as usize).filter(|r| r.kind == RegionKind::Branch);
            let Some(branch) = branch.filter(|_| matches!(region.kind, RegionKind::Arm { .. })) else { return false };
            let waits =
                |site: &Site| site.place == Place::AfterCommit && holds(branch, site.op) && !holds(region, site.op);
            holds(region, op)
                && (self.sites(g).iter().any(waits) || self.is_queued(g, op, |v| holds(branch, v) && !holds(region, v)))
        })
    }

    /// `queue.append((send, mail))` where else `send(mail)`: what is called at `op` is kept for later there.
    fn is_queued(&self, g: FuncId, op: ValueId, there: impl Fn(ValueId) -> bool) -> bool {
        let body = self.code().body(g);
        let Some(OpKind::Call { callee, .. }) = body.op(op).map(|op| &op.kind) else { return false };
        let called = source_of(body, *callee);
        let same = |v: ValueId| source_of(body, v) == called;
        let others = self.code().calls_in(g).iter().filter(|call| there(**call));
        others.filter_map(|call| body.method(*call)).any(|(_, name, args)| {
            let adds = matches!(self.text(name), "append" | "put" | "add" | "appendleft");
            adds && args.iter().any(|arg| match body.op(source_of(body, arg.value)).map(|op| &op.kind) {
                Some(OpKind::Collection { items, .. }) => items.iter().any(|item| same(*item)),
                _ => same(arg.value),
            })
        })
    }

    /// Whether an op stands in a handler of something else than "not found", inside the ops from `start`.
    #[must_use]
    pub fn only_on_failure(&self, f: FuncId, op: ValueId, start: u32) -> bool {
        const MISSING: &[&str] = &["DoesNotExist", "NoResult", "NotFound", "KeyError", "Missing", "Lookup", "Empty"];
        let body = self.code().body(f);
        body.regions.iter().any(|region| {
            let RegionKind::Handler { types } = &region.kind else { return false };
            let holds = region.start >= start && region.start <= op.0 && op.0 < region.end;
            let missing = types.iter().any(|ty| {
                let mut names = vec![*ty];
                if let Some(OpKind::Collection { items, .. }) = body.op(*ty).map(|op| &op.kind) {
                    names.extend(items.iter().copied());
                }
                names.iter().any(|v| {
                    let name = self.describe(f, *v);
                    MISSING.iter().any(|word| name.contains(word))
                })
            });
            holds && !missing
        })
    }

    /// Whether an op of `g` stands in an arm that the arguments of this call switch off.
    #[must_use]
    pub fn switched_off(&self, g: FuncId, op: ValueId, call: (FuncId, ValueId)) -> bool {
        self.switched_off_by(g, op, &[call])
    }

    /// Likewise, with the calls that lead there, the last of which runs `g`.
    fn switched_off_by(&self, g: FuncId, op: ValueId, calls: &[(FuncId, ValueId)]) -> bool {
        let body = self.code().body(g);
        body.regions.iter().any(|region| {
            let RegionKind::Arm { cond: Some(cond), negated } = region.kind else { return false };
            if region.start <= op.0 && op.0 < region.end {
                return self.decided(g, cond, calls, 0) == Some(negated);
            }
            // What follows an arm which is taken and leaves.
            if region.end <= op.0 && body.leaves(region) && self.decided(g, cond, calls, 0) == Some(!negated) {
                return true;
            }
            // The conditions and arms that follow an arm which is taken.
            let branch = self.code().body(g).regions.get(region.parent.0 as usize);
            !negated
                && op.0 >= region.end
                && branch.is_some_and(|b| b.kind == RegionKind::Branch && b.start <= op.0 && op.0 < b.end)
                && self.decided(g, cond, calls, 0) == Some(true)
        })
    }

    /// Whether this call's constants and defaults have `g` take an arm.
    #[must_use]
    pub(crate) fn is_taken(&self, g: FuncId, arm: RegionId, call: (FuncId, ValueId)) -> bool {
        let region = self.code().body(g).regions.get(arm.0 as usize);
        matches!(region.map(|region| &region.kind), Some(RegionKind::Arm { cond: Some(cond), negated })
            if self.decided(g, *cond, &[call], 0) == Some(!negated))
    }

    /// The truth of a condition of `g`, when the call's constants and defaults decide it.
    fn decided(&self, g: FuncId, v: ValueId, calls: &[(FuncId, ValueId)], depth: u32) -> Option<bool> {
        if depth > 6 {
            return None;
        }
        let constant = |v: ValueId| self.given(g, v, calls);
        match &self.code().op(g, v)?.kind {
            OpKind::Truth(inner) => self.decided(g, *inner, calls, depth + 1),
            OpKind::Not(inner) => self.decided(g, *inner, calls, depth + 1).map(|truth| !truth),
            OpKind::Binary { op: op @ (BinaryOp::Is | BinaryOp::IsNot), left, right } => {
                if constant(*right)? != Const::None {
                    return None;
                }
                let same = match constant(*left) {
                    Some(constant) => constant == Const::None,
                    None if calls.last().is_some_and(|call| self.gives_object(g, *left, *call)) => false,
                    None => return None,
                };
                Some(same == (*op == BinaryOp::Is))
            }
            OpKind::Binary { op: BinaryOp::LogicalAnd, left, right } => {
                let (l, r) = (self.decided(g, *left, calls, depth + 1), self.decided(g, *right, calls, depth + 1));
                if l == Some(false) || r == Some(false) { Some(false) } else { l.and(r) }
            }
            // `if self._state.adding:` of a row that a query gave.
            OpKind::Attr { base, name } if self.text(*name) == "adding" => match &self.code().op(g, *base)?.kind {
                OpKind::Attr { base: row, name } if self.text(*name) == "_state" => {
                    calls.last().is_some_and(|call| self.is_loaded(g, *row, *call)).then_some(false)
                }
                _ => None,
            },
            // `a and b` is a merge of both where values are numbered.
            OpKind::Param(_) => match constant(v)? {
                Const::None => Some(false),
                Const::Bool(truth) => Some(truth),
                _ => None,
            },
            _ => None,
        }
    }

    /// Whether the call gives this parameter a value that is an object or a container, not `None`.
    fn gives_object(&self, g: FuncId, v: ValueId, (f, op): (FuncId, ValueId)) -> bool {
        let Some(OpKind::Param(i)) = self.code().op(g, v).map(|op| &op.kind) else { return false };
        let is_object = |ty: &Type| {
            matches!(
                ty,
                Type::Inst(..) | Type::Lib(..) | Type::Dict(..) | Type::List(_) | Type::Set(_) | Type::Tuple(_)
            )
        };
        argument(self, f, op, g, *i).is_some_and(|passed| match self.ty(f, passed) {
            Type::Union(members) => {
                members.iter().all(|member| *member == TypeId::NONE || is_object(self.type_of(*member)))
                    && self.tested_before(f, passed, op)
            }
            ty => is_object(ty),
        })
    }

    /// Whether a test in front of `op` leaves where the value is `None`: `if row is None: raise NotFound`.
    fn tested_before(&self, f: FuncId, v: ValueId, op: ValueId) -> bool {
        let body = self.code().body(f);
        let v = source_of(body, v);
        let holds = |region: &Region| region.start <= op.0 && op.0 < region.end;
        let parent = |region: &Region| body.regions.get(region.parent.0 as usize);
        body.taken_arms().filter(|(arm, _)| arm.end <= op.0).any(|(arm, tested)| {
            let leaves = matches!(
                body.last_in(arm).map(|op| &op.kind),
                Some(OpKind::Raise(_) | OpKind::Return(_) | OpKind::Continue | OpKind::Break)
            );
            // What stands around the whole `if` holds the call too.
            leaves && parent(arm).and_then(parent).is_some_and(holds) && tests_for_none(body, tested, v)
        })
    }

    /// Whether the call gives this parameter a row that a query loaded.
    fn is_loaded(&self, g: FuncId, v: ValueId, (f, op): (FuncId, ValueId)) -> bool {
        let Some(OpKind::Param(i)) = self.code().op(g, v).map(|op| &op.kind) else { return false };
        let given = argument(self, f, op, g, *i);
        given.is_some_and(|row| matches!(self.ty(f, row), Type::Inst(_, query) if query.is_known()))
    }

    /// The constant that a value of `g` is at the last of these calls: a literal, or a parameter that is given one, by
    /// that call or by one that hands its own parameters on, or left at its default.
    fn given(&self, g: FuncId, v: ValueId, calls: &[(FuncId, ValueId)]) -> Option<Const> {
        let code = self.code();
        let i = match &code.op(g, v)?.kind {
            OpKind::Const(constant) => return Some(constant.clone()),
            OpKind::Param(i) => *i,
            _ => return None,
        };
        let (&(f, op), before) = calls.split_last()?;
        let OpKind::Call { args, .. } = &code.op(f, op)?.kind else { return None };
        let param = code.func(g).params.get(usize::from(i))?;
        if args.iter().any(|arg| matches!(arg.kind, ArgKind::Spread | ArgKind::SpreadNamed)) {
            return self.given_by_keyword(param.name, calls);
        }
        match argument(self, f, op, g, i) {
            Some(passed) => self.given(f, source_of(code.body(f), passed), before),
            None => match &code.op(code.parent(g), param.default?)?.kind {
                OpKind::Const(constant) => Some(constant.clone()),
                _ => None,
            },
        }
    }

    /// `self.save(broadcast=False)` of a method that calls `super().save(**kwargs)`: what a keyword is given further up.
    fn given_by_keyword(&self, keyword: Sym, calls: &[(FuncId, ValueId)]) -> Option<Const> {
        let code = self.code();
        let (&(f, op), before) = calls.split_last()?;
        let OpKind::Call { args, .. } = &code.op(f, op)?.kind else { return None };
        if let Some(arg) = args.iter().find(|arg| arg.kind == ArgKind::Named(keyword)) {
            return self.given(f, source_of(code.body(f), arg.value), before);
        }
        // The caller's own keywords, as they are.
        let own = args.iter().find(|arg| arg.kind == ArgKind::SpreadNamed)?;
        let whole = matches!(code.op(f, source_of(code.body(f), own.value))?.kind, OpKind::Param(_));
        whole.then(|| self.given_by_keyword(keyword, before))?
    }
}

/// `row is None`, `not row`
fn tests_for_none(body: &Body, cond: ValueId, row: ValueId) -> bool {
    let none = |v: ValueId| matches!(body.op(v).map(|op| &op.kind), Some(OpKind::Const(Const::None)));
    match body.op(cond).map(|op| &op.kind) {
        Some(OpKind::Not(inner)) => {
            let inner = match body.op(*inner).map(|op| &op.kind) {
                Some(OpKind::Truth(of)) => *of,
                _ => *inner,
            };
            source_of(body, inner) == row
        }
        Some(OpKind::Binary { op: BinaryOp::Is, left, right }) => none(*right) && source_of(body, *left) == row,
        _ => false,
    }
}
