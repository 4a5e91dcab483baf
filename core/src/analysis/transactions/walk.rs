//! The walk over one function: states of its sessions from op to op.

use super::gates;
use super::handles::{Autobegin, Handle, Root, handle_of, key_of};
use super::translate::{receiver_of, translate};
use super::{
    End, Ended, Extent, FuncTransactions, Gate, How, Manager, Opened, SLOW, State, States, Transactions, manager_of,
    runs_elsewhere, starts_in,
};
use crate::analysis::calls::{Site, SiteKind, Target};
use crate::analysis::code::FuncId;
use crate::analysis::flow::source_of;
use crate::analysis::project::Project;
use crate::analysis::types::Type;
use crate::libraries::{Effects, Exit, Place};
use crate::model::{Body, Const, LoopKind, OpKind, RegionId, RegionKind, ValueId};
use std::collections::BTreeMap;

/// States, or `None` where control never comes.
type Flow = Option<States>;

/// Where control leaves a region other than at its end.
#[derive(Default)]
struct Frame {
    throws: Flow,
    returns: Flow,
    breaks: Flow,
    continues: Flow,
}

struct Walker<'a> {
    project: &'a Project,
    known: &'a Transactions,
    f: FuncId,
    body: &'a Body,
    children: Vec<Vec<usize>>,
    managers: Vec<ValueId>,
    frames: Vec<Frame>,
    at: BTreeMap<usize, States>,
    calls: BTreeMap<usize, States>,
    extents: Vec<Extent>,
    gates: Vec<Gate>,
    at_yield: Flow,
    yielded: Option<Handle>,
}

const STATEMENTS: Effects = Effects::ANY_QUERY.without(Effects::LAZY_LOAD);
const WRITES: Effects = Effects(Effects::ANY_WRITE.0 | Effects::DB_FLUSH.0 | Effects::DB_EXECUTE.0);

pub(super) fn walk(project: &Project, known: &Transactions, f: FuncId) -> FuncTransactions {
    let body = project.code().body(f);
    let mut children = vec![Vec::new(); body.regions.len()];
    for (i, region) in body.regions.iter().enumerate().skip(1) {
        if let Some(list) = children.get_mut(region.parent.0 as usize) {
            list.push(i);
        }
    }
    let managers = body
        .regions
        .iter()
        .filter_map(|region| match region.kind {
            RegionKind::With { manager, .. } => Some(source_of(body, manager)),
            _ => None,
        })
        .collect();
    let mut walker = Walker {
        project,
        known,
        f,
        body,
        children,
        managers,
        frames: vec![Frame::default()],
        at: BTreeMap::new(),
        calls: BTreeMap::new(),
        extents: Vec::new(),
        gates: Vec::new(),
        at_yield: None,
        yielded: None,
    };
    let mut start = States::new();
    if let Some(how) = starts_in(project, f) {
        let opened = Opened { op: None, how, writes: how == How::Decorator };
        start.insert(Handle::AMBIENT, State { open: Some(opened), ..State::default() });
    }
    let initial = start.clone();
    let end = walker.region(0, Some(start));
    let frame = walker.frames.pop().unwrap_or_default();
    let mut exit = join(end, frame.returns).or(frame.throws).unwrap_or_default();
    for (handle, state) in &exit {
        if let Some(opened) = state.open
            && opened.how == How::Decorator
        {
            let end = u32::try_from(body.ops.len()).unwrap_or(u32::MAX);
            walker.extents.push(Extent { handle: handle.clone(), opened, block: None, end });
        }
    }
    // Django's transactions are blocks: none outlives the function that opened it, but for one that is
    // entered by hand.
    let name = project.text(project.code().func(f).name);
    let enters = matches!(name, "__enter__" | "__aenter__");
    exit.retain(|handle, state| {
        let block = *handle == Handle::AMBIENT && state.open.is_some() && !enters;
        handle.is_shared() && *state != State::default() && initial.get(handle) != Some(state) && !block
    });
    let mut gates = walker.gates;
    gates.retain(|gate| exit.get(&gate.handle) == Some(&gate.either));
    let mut extents = walker.extents;
    extents.dedup();
    FuncTransactions {
        at: walker.at.into_iter().collect(),
        calls: walker.calls.into_iter().collect(),
        extents,
        exit,
        gates,
        at_yield: walker.at_yield.unwrap_or_default(),
        yielded: walker.yielded,
    }
}

fn join(a: Flow, b: Flow) -> Flow {
    let (Some(mut a), Some(b)) = (a.clone(), b.clone()) else { return a.or(b) };
    for (handle, theirs) in b {
        let ours = a.entry(handle).or_default();
        ours.open = match (ours.open, theirs.open) {
            (Some(x), Some(y)) => Some(Opened { writes: x.writes || y.writes, ..if y.op < x.op { y } else { x } }),
            (x, y) => x.or(y),
        };
        ours.ended = ours.ended.or(theirs.ended);
        ours.autocommit |= theirs.autocommit;
    }
    Some(a)
}

impl Walker<'_> {
    fn region(&mut self, id: usize, mut flow: Flow) -> Flow {
        let Some(region) = self.body.regions.get(id) else { return flow };
        let mut at = region.start;
        for child in self.children.get(id).cloned().unwrap_or_default() {
            let Some(inner) = self.body.regions.get(child) else { continue };
            flow = self.ops(at, inner.start, flow);
            at = inner.end;
            flow = self.child(child, flow);
        }
        self.ops(at, region.end, flow)
    }

    fn child(&mut self, id: usize, flow: Flow) -> Flow {
        let Some(region) = self.body.regions.get(id) else { return flow };
        match region.kind {
            RegionKind::Branch => self.branch(id, flow),
            RegionKind::Loop { kind, .. } => self.looped(id, kind, flow),
            RegionKind::Try => self.guarded(id, flow),
            RegionKind::With { manager, .. } => self.with(id, manager, flow),
            _ => self.region(id, flow),
        }
    }

    fn branch(&mut self, id: usize, mut flow: Flow) -> Flow {
        let Some(region) = self.body.regions.get(id) else { return flow };
        let mut out = None;
        let mut at = region.start;
        let mut conditions = Vec::new();
        let mut complete = false;
        let mut ends: Vec<Gate> = Vec::new();
        for arm in self.children.get(id).cloned().unwrap_or_default() {
            let Some(inner) = self.body.regions.get(arm) else { continue };
            flow = self.ops(at, inner.start, flow);
            at = inner.end;
            if let RegionKind::Arm { cond, negated } = inner.kind {
                complete |= cond.is_none() || conditions.contains(&(cond, !negated));
                conditions.push((cond, negated));
            }
            let after = self.region(arm, flow.clone());
            let tested = matches!(inner.kind, RegionKind::Arm { cond: Some(_), .. });
            if let (Some(states), true) = (&after, tested && gates::always(self.body, id)) {
                ends.extend(gates::of_arm(arm, states));
            }
            out = join(out, after);
        }
        let out = if complete { out } else { join(out, flow) };
        gates::keep(&mut self.gates, ends, out.as_ref());
        out
    }

    fn looped(&mut self, id: usize, kind: LoopKind, flow: Flow) -> Flow {
        let mut head = flow;
        let mut frame = Frame::default();
        for _ in 0..3 {
            self.frames.push(Frame::default());
            let out = self.region(id, head.clone());
            let new = self.frames.pop().unwrap_or_default();
            let mut again = join(out, new.continues);
            // What a pass has made is not what the next one works with.
            if let Some(states) = &mut again {
                let range = self.body.regions.get(id).map_or(0..0, |region| region.start..region.end);
                states.retain(|handle, _| !matches!(handle.root, Root::Value(v) if range.contains(&v.0)));
            }
            let next = join(head.clone(), again);
            frame.breaks = join(frame.breaks, new.breaks);
            frame.returns = join(frame.returns, new.returns);
            frame.throws = join(frame.throws, new.throws);
            if next == head {
                break;
            }
            head = next;
        }
        if let Some(outer) = self.frames.last_mut() {
            outer.returns = join(outer.returns.take(), frame.returns);
            outer.throws = join(outer.throws.take(), frame.throws);
        }
        if kind == LoopKind::Endless { frame.breaks } else { join(head, frame.breaks) }
    }

    fn guarded(&mut self, id: usize, flow: Flow) -> Flow {
        let parts = self.children.get(id).cloned().unwrap_or_default();
        let kind = |walker: &Self, part: usize| walker.body.regions.get(part).map(|r| r.kind.clone());
        let mut out = flow.clone();
        let mut thrown = flow;
        let mut handled = None;
        let mut any_handler = false;
        let mut finally = None;
        self.frames.push(Frame::default());
        for part in parts {
            match kind(self, part) {
                Some(RegionKind::TryBody) => {
                    self.frames.push(Frame::default());
                    out = self.region(part, out);
                    let frame = self.frames.pop().unwrap_or_default();
                    thrown = join(thrown, frame.throws.clone());
                    self.leave(Frame { throws: None, ..frame });
                }
                Some(RegionKind::Handler { .. }) => {
                    any_handler = true;
                    handled = join(handled, self.region(part, thrown.clone()));
                }
                Some(RegionKind::Finally) => finally = Some(part),
                _ => out = self.region(part, out),
            }
        }
        let mut frame = self.frames.pop().unwrap_or_default();
        if !any_handler {
            frame.throws = join(frame.throws, thrown);
        }
        out = join(out, handled);
        if let Some(part) = finally {
            let mut after = |flow: Flow| flow.map(|states| self.region(part, Some(states)));
            out = after(out).flatten();
            frame.throws = after(frame.throws).flatten();
            frame.returns = after(frame.returns).flatten();
            frame.breaks = after(frame.breaks).flatten();
            frame.continues = after(frame.continues).flatten();
        }
        self.leave(frame);
        out
    }

    fn leave(&mut self, frame: Frame) {
        if let Some(outer) = self.frames.last_mut() {
            outer.throws = join(outer.throws.take(), frame.throws);
            outer.returns = join(outer.returns.take(), frame.returns);
            outer.breaks = join(outer.breaks.take(), frame.breaks);
            outer.continues = join(outer.continues.take(), frame.continues);
        }
    }

    fn with(&mut self, id: usize, manager: ValueId, flow: Flow) -> Flow {
        let mut states = flow?;
        let source = source_of(self.body, manager);
        let own = Handle::value(source);
        let what = manager_of(self.project, self.f, manager);
        let handle = handle_of(self.project, self.f, manager).map(|(handle, _)| handle);
        let key = handle.clone().unwrap_or_else(|| own.clone());
        let before = states.get(&key).cloned().unwrap_or_default();
        let begin = Opened { op: Some(source), how: How::Begin, writes: true };
        match &what {
            Manager::Library(effects, exit) => {
                let begins = effects.any(Effects::BEGIN) || *exit == Exit::EndsSavepoint && handle.is_some();
                let state = states.entry(key.clone()).or_default();
                if begins && state.open.is_none_or(|o| matches!(o.how, How::Statement | How::Request)) {
                    state.open = Some(begin);
                    state.ended = None;
                }
            }
            Manager::Function(g) => {
                let known = self.known;
                let found = known.of(*g);
                let inside = found.at_yield.clone();
                let given = found.yielded.clone();
                for (handle, state) in inside {
                    if given.as_ref() == Some(&handle) || !handle.is_shared() {
                        if state.open.is_some() && (given.is_none() || given.as_ref() == Some(&handle)) {
                            states.entry(own.clone()).or_default().open = Some(begin);
                        }
                    } else if let Some(here) = self.translate(&handle, source, *g) {
                        self.merge(&mut states, here, &state, source, *g);
                    }
                }
            }
            Manager::Instance(Some(enter), _) => self.method_exit(&mut states, *enter, manager, source),
            _ => {}
        }
        self.frames.push(Frame::default());
        let end_op = self.body.regions.get(id).map_or(0, |r| r.end);
        let out = self.region(id, Some(states));
        let mut frame = self.frames.pop().unwrap_or_default();
        let region = RegionId(u32::try_from(id).unwrap_or(u32::MAX));
        let mut finish = |flow: Flow| {
            let mut states = flow?;
            let left = Ended { op: source, how: End::Left };
            match &what {
                Manager::Library(_, Exit::EndsTransaction) => {
                    let explicit = before.open.filter(|opened| opened.how != How::Statement);
                    let state = states.entry(key.clone()).or_default();
                    match explicit {
                        Some(outer) => state.open = Some(outer),
                        None => self.end(&key, state, left, end_op, Some(region)),
                    }
                }
                Manager::Library(_, Exit::EndsTransactionAndCloses) => {
                    let state = states.entry(key.clone()).or_default();
                    self.end(&key, state, left, end_op, Some(region));
                }
                // Of a cursor's block the connection's transaction outlives the block.
                Manager::Library(_, Exit::Closes) if self.is_session(manager) => {
                    let state = states.entry(key.clone()).or_default();
                    self.end(&key, state, left, end_op, Some(region));
                }
                Manager::Function(g) => {
                    let known = self.known;
                    for (handle, state) in known.of(*g).exit.clone() {
                        if let Some(here) = self.translate(&handle, source, *g) {
                            self.merge(&mut states, here, &state, source, *g);
                        }
                    }
                    if known.of(*g).yielded.is_some() || states.contains_key(&own) {
                        let state = states.entry(own.clone()).or_default();
                        self.end(&own, state, left, end_op, Some(region));
                    }
                }
                Manager::Instance(_, exit) => {
                    if let Some(exit) = exit {
                        self.method_exit(&mut states, *exit, manager, source);
                    }
                    if let Some(state) = states.get_mut(&own) {
                        self.end(&own, state, left, end_op, Some(region));
                    }
                }
                _ => {}
            }
            Some(states)
        };
        let out = finish(out);
        frame.throws = finish(frame.throws);
        frame.returns = finish(frame.returns);
        frame.breaks = finish(frame.breaks);
        frame.continues = finish(frame.continues);
        self.leave(frame);
        out
    }

    fn is_session(&self, v: ValueId) -> bool {
        self.project.lib_class(self.f, v).is_some_and(|class| {
            self.project.library().resource(class).is_some_and(|r| {
                matches!(r, crate::libraries::Resource::Session | crate::libraries::Resource::Connection)
            })
        })
    }

    fn end(&mut self, handle: &Handle, state: &mut State, ended: Ended, at: u32, block: Option<RegionId>) {
        if let Some(opened) = state.open.take() {
            let extent = Extent { handle: handle.clone(), opened, block, end: at };
            if !self.extents.contains(&extent) {
                self.extents.push(extent);
            }
        }
        state.ended = Some(ended);
    }

    fn ops(&mut self, from: u32, to: u32, mut flow: Flow) -> Flow {
        for i in from..to {
            let states = flow.as_mut()?;
            let Some(op) = self.body.ops.get(i as usize) else { break };
            match &op.kind {
                OpKind::Return(_) => {
                    if let Some(frame) = self.frames.last_mut() {
                        frame.returns = join(frame.returns.take(), flow);
                    }
                    return None;
                }
                OpKind::Raise(_) => {
                    if let Some(frame) = self.frames.last_mut() {
                        frame.throws = join(frame.throws.take(), flow);
                    }
                    return None;
                }
                OpKind::Break => {
                    if let Some(frame) = self.frames.last_mut() {
                        frame.breaks = join(frame.breaks.take(), flow);
                    }
                    return None;
                }
                OpKind::Continue => {
                    if let Some(frame) = self.frames.last_mut() {
                        frame.continues = join(frame.continues.take(), flow);
                    }
                    return None;
                }
                OpKind::Yield(value) => {
                    if self.yielded.is_none() {
                        self.yielded = value.and_then(|v| handle_of(self.project, self.f, v)).map(|(handle, _)| handle);
                    }
                    self.at_yield = join(self.at_yield.take(), Some(states.clone()));
                }
                OpKind::StoreAttr { base, name, value }
                    if matches!(self.project.text(*name), "autocommit" | "isolation_level") =>
                {
                    let on = match self.body.op(*value).map(|op| &op.kind) {
                        Some(OpKind::Const(Const::Bool(on))) => *on,
                        Some(OpKind::Const(Const::None)) => self.project.text(*name) == "isolation_level",
                        _ => false,
                    };
                    if let Some((handle, _)) = handle_of(self.project, self.f, *base) {
                        states.entry(handle).or_default().autocommit = on;
                    }
                }
                _ => {}
            }
            let sites = self.project.sites(self.f);
            let first = sites.partition_point(|site| site.op.0 < i);
            for (index, site) in sites.iter().enumerate().skip(first).take_while(|(_, site)| site.op.0 == i) {
                self.record(index, site, states);
                let before = states.clone();
                self.apply(site, states);
                if *states != before
                    && let Some(frame) = self.frames.last_mut()
                {
                    frame.throws = join(frame.throws.take(), Some(states.clone()));
                }
            }
        }
        flow
    }

    /// Keeps the states at a slow or foreign site, and where a handle of its own is used.
    fn record(&mut self, index: usize, site: &Site, states: &States) {
        if !states.values().any(|state| state.open.is_some() || state.ended.is_some()) {
            return;
        }
        let slow = if runs_elsewhere(site) {
            site.effects.any(SLOW)
                || matches!(site.place, Place::Task | Place::AfterCommit)
                || site.targets.iter().any(|t| self.project.summary(t.func).effects.any(SLOW))
        } else {
            self.project.effects_of(site).any(SLOW)
        };
        if slow || self.project.outside().has(self.f, index) {
            let merged = join(self.at.remove(&index), Some(states.clone())).unwrap_or_default();
            self.at.insert(index, merged);
        }
        let queries = |t: &Target| self.project.summary(t.func).effects.any(STATEMENTS);
        if !runs_elsewhere(site) && site.targets.iter().any(queries) {
            let open = |(handle, state): (&Handle, &State)| {
                let here = state.open.is_some_and(|opened| opened.op.is_some());
                let pooled = !matches!(handle.root, Root::Ambient | Root::Scoped);
                (here && pooled).then(|| (handle.clone(), state.clone()))
            };
            let open: States = states.iter().filter_map(open).collect();
            if !open.is_empty() {
                let merged = join(self.calls.remove(&index), Some(open)).unwrap_or_default();
                self.calls.insert(index, merged);
            }
        }
    }

    fn apply(&mut self, site: &Site, states: &mut States) {
        if runs_elsewhere(site) || matches!(site.kind, SiteKind::Enter(_)) {
            return;
        }
        self.apply_library(site, states);
        // With several possible callees, what any of them does is possible.
        let mut results: Flow = None;
        for target in &site.targets {
            let g = target.func;
            let name = self.project.text(self.project.code().func(g).name);
            let protocol = matches!(name, "__enter__" | "__aenter__" | "__exit__" | "__aexit__");
            if protocol || matches!(self.project.returns(g), Type::Manager(..)) {
                continue;
            }
            let known = self.known;
            let mut after = states.clone();
            let found = known.of(g);
            for (handle, state) in &found.exit {
                let mut gates = found.gates.iter().filter(|gate| gate.handle == *handle);
                let taken = gates.find(|gate| self.project.is_taken(g, gate.arm, (self.f, site.op)));
                let state = taken.map_or(state, |gate| &gate.taken);
                if let Some(here) = self.translate(handle, site.op, g) {
                    self.merge(&mut after, here, state, site.op, g);
                }
            }
            results = join(results, Some(after));
        }
        if let Some(after) = results {
            *states = after;
        }
    }

    fn apply_library(&mut self, site: &Site, states: &mut States) {
        let effects = site.effects;
        let interesting = STATEMENTS
            .with(Effects::COMMIT)
            .with(Effects::ROLLBACK)
            .with(Effects::BEGIN)
            .with(Effects::CLOSES)
            .any(effects);
        if !interesting {
            return;
        }
        let receiver = receiver_of(self.project, self.f, site.op);
        let found = match site.kind {
            SiteKind::Library(row) if row.callee.starts_with("django.db.transaction.") => {
                Some((Handle::AMBIENT, Autobegin::Never))
            }
            _ => handle_of(self.project, self.f, receiver),
        };
        let Some((handle, begins)) = found else { return };
        let at = site.op.0;
        let mut state = states.get(&handle).cloned().unwrap_or_default();
        if effects.any(Effects::BEGIN) && !self.managers.contains(&site.op) {
            let opened = Opened { op: Some(site.op), how: How::Begin, writes: true };
            state.open = Some(opened);
            state.ended = None;
        }
        if effects.any(STATEMENTS) && !effects.any(Effects::COMMIT) {
            let writes = effects.any(WRITES);
            let opens = match begins {
                Autobegin::Statement => !state.autocommit,
                Autobegin::Write => writes && !state.autocommit,
                Autobegin::Never => false,
            };
            match &mut state.open {
                Some(opened) => opened.writes |= writes,
                None if opens => {
                    state.open = Some(Opened { op: Some(site.op), how: How::Statement, writes });
                    state.ended = None;
                }
                None => {}
            }
        }
        if effects.any(Effects::COMMIT) {
            self.end(&handle, &mut state, Ended { op: site.op, how: End::Commit }, at, None);
        } else if effects.any(Effects::ROLLBACK) {
            self.end(&handle, &mut state, Ended { op: site.op, how: End::Rollback }, at, None);
        } else if effects.any(Effects::CLOSES) && self.is_session(receiver) {
            self.end(&handle, &mut state, Ended { op: site.op, how: End::Close }, at, None);
        }
        states.insert(handle, state);
    }

    fn translate(&self, handle: &Handle, op: ValueId, g: FuncId) -> Option<Handle> {
        translate(self.project, self.f, handle, op, g)
    }

    /// What a callee did to a session.
    fn merge(&mut self, states: &mut States, handle: Handle, did: &State, op: ValueId, g: FuncId) {
        let mut state = states.get(&handle).cloned().unwrap_or_default();
        if let Some(theirs) = did.open {
            match &mut state.open {
                Some(opened) => opened.writes |= theirs.writes,
                None if !state.autocommit => {
                    state.open = Some(Opened { op: Some(op), how: How::Callee(g), writes: theirs.writes });
                    state.ended = None;
                }
                None => {}
            }
        } else if let Some(ended) = did.ended {
            self.end(&handle, &mut state, Ended { op, how: ended.how }, op.0, None);
        }
        state.autocommit |= did.autocommit;
        states.insert(handle, state);
    }

    /// What an enter or exit method of a manager object did to the object's sessions.
    fn method_exit(&mut self, states: &mut States, method: FuncId, manager: ValueId, op: ValueId) {
        let base = key_of(self.project, self.f, manager);
        let known = self.known;
        for (handle, state) in &known.of(method).exit {
            let here = match handle.root {
                Root::Param(0) => {
                    let mut here = base.clone();
                    here.path.extend(handle.path.iter().copied());
                    here
                }
                Root::Param(_) | Root::Value(_) | Root::Captured(..) => continue,
                _ => handle.clone(),
            };
            self.merge(states, here, state, op, method);
        }
    }
}
