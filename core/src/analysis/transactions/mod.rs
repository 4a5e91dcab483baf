//! Transactions: which sessions and connections have one open at each op that matters, and what a
//! function leaves open or ends for its callers.
//!
//! One order-sensitive walk per function over its regions (branches join, loops run to a fixpoint,
//! handlers see every state of their `try`), repeated until what callees do no longer changes.

mod gates;
mod handles;
mod reach;
mod translate;
mod walk;

use super::code::FuncId;
use super::project::Project;
use super::types::Type;
use crate::libraries::{Effects, Exit, Place, Resource, Ret, RunContext};
use crate::model::{OpKind, RegionId, ValueId};
use rustc_hash::FxHashMap;
use std::collections::{BTreeMap, VecDeque};

pub use handles::{Autobegin, Handle, Root, handle_of, key_of, on_given_connection};
pub use reach::{OwnSession, done_to, handed, is_fresh, own_sessions};

/// The state of one session or connection.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// The open transaction.
    pub open: Option<Opened>,
    /// How the last transaction ended, when none is open.
    pub ended: Option<Ended>,
    /// It commits every statement by itself.
    pub autocommit: bool,
}

/// An open transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opened {
    /// The op that opened it; `None` when it was open at the start of the function.
    pub op: Option<ValueId>,
    /// What opened it.
    pub how: How,
    /// Rows were written in it, or somebody said that it is a transaction.
    pub writes: bool,
}

/// What opens a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// `begin()`, a transaction block.
    Begin,
    /// The first statement of a session that begins by itself.
    Statement,
    /// A decorator of the function: `@transaction.atomic`.
    Decorator,
    /// Every request is a transaction, where the project's settings say so (`ATOMIC_REQUESTS`).
    Request,
    /// A called function left it open.
    Callee(FuncId),
}

/// How a transaction ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    /// Where.
    pub op: ValueId,
    /// How.
    pub how: End,
}

/// Ways to end a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Committed.
    Commit,
    /// Rolled back.
    Rollback,
    /// The session was closed.
    Close,
    /// The block was left.
    Left,
}

/// States of all sessions that were touched.
pub type States = BTreeMap<Handle, State>;

/// A stretch of code with an open transaction, from what opens it to what ends it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extent {
    /// Its session or connection.
    pub handle: Handle,
    /// What opened it.
    pub opened: Opened,
    /// The block, when a `with` block is the transaction.
    pub block: Option<RegionId>,
    /// One past the last op inside.
    pub end: u32,
}

/// A branch that ends a transaction where its condition holds: `if commit: session.commit()`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gate {
    /// Its arm.
    pub arm: RegionId,
    /// Whose transaction.
    pub handle: Handle,
    /// The state that callers see where the arm is taken.
    pub taken: State,
    /// The state that they see where nothing is known of it.
    pub either: State,
}

/// What the walk found of one function.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FuncTransactions {
    /// By index of the site: the states before it. Only for sites that do something slow or foreign,
    /// or run statements on a handle of their own.
    pub at: Vec<(usize, States)>,
    /// By index of the site: the open sessions before a call of project functions that query.
    pub calls: Vec<(usize, States)>,
    /// Stretches with an open transaction.
    pub extents: Vec<Extent>,
    /// States that callers see after a call: sessions of parameters, globals and the ambient one.
    pub exit: States,
    /// What a call's arguments say of some of these states.
    pub gates: Vec<Gate>,
    /// For context managers: the states when the block's body runs.
    pub at_yield: States,
    /// For context managers: the session that is given to the block.
    pub yielded: Option<Handle>,
}

/// Transactions of all functions.
#[derive(Debug, Default)]
pub struct Transactions {
    /// Of the functions that have to do with any.
    by_func: FxHashMap<FuncId, FuncTransactions>,
}

/// What a walk records states for.
pub(crate) const SLOW: Effects = Effects(
    Effects::ANY_FOREIGN.0
        | Effects::PUBLISH.0
        | Effects::FILE_IO.0
        | Effects::SUBPROCESS.0
        | Effects::SLEEP.0
        | Effects::ASYNC_SLEEP.0
        | Effects::WAITS.0,
);

const TOUCHES: Effects = Effects(
    Effects::ANY_QUERY.0
        | Effects::COMMIT.0
        | Effects::ROLLBACK.0
        | Effects::BEGIN.0
        | Effects::CLOSES.0
        | Effects::DB_ADD.0
        | Effects::DB_CONNECT.0,
);

/// A function is walked again at most this often when its callees change.
const VISITS: u8 = 6;

impl Transactions {
    /// Walks all functions of a project.
    #[must_use]
    pub(crate) fn find(project: &Project) -> Self {
        let count = project.code().func_count();
        let mut found = Self::default();
        let mut queue: VecDeque<FuncId> = VecDeque::new();
        let mut queued = vec![false; count];
        let mut visits = vec![0u8; count];
        for f in project.code().func_ids() {
            if project.summary(f).effects.any(TOUCHES) || starts_in(project, f).is_some() {
                queue.push_back(f);
                if let Some(slot) = queued.get_mut(f.0 as usize) {
                    *slot = true;
                }
            }
        }
        while let Some(f) = queue.pop_front() {
            let at = f.0 as usize;
            if let Some(slot) = queued.get_mut(at) {
                *slot = false;
            }
            let Some(visit) = visits.get_mut(at).filter(|v| **v < VISITS) else { continue };
            *visit += 1;
            let new = walk::walk(project, &found, f);
            let slot = found.by_func.entry(f).or_default();
            let changed = slot.exit != new.exit
                || slot.gates != new.gates
                || slot.at_yield != new.at_yield
                || slot.yielded != new.yielded;
            *slot = new;
            if changed {
                for (caller, _) in project.callers(f) {
                    if let Some(slot) = queued.get_mut(caller.0 as usize).filter(|q| !**q) {
                        *slot = true;
                        queue.push_back(*caller);
                    }
                }
            }
        }
        found
    }

    /// What was found of a function.
    #[must_use]
    pub fn of(&self, f: FuncId) -> &FuncTransactions {
        static EMPTY: std::sync::OnceLock<FuncTransactions> = std::sync::OnceLock::new();
        match self.by_func.get(&f) {
            Some(found) => found,
            None => EMPTY.get_or_init(FuncTransactions::default),
        }
    }
}

/// Whether a site runs its callee later or elsewhere, while this function goes on.
#[must_use]
pub fn runs_elsewhere(site: &super::calls::Site) -> bool {
    match site.place {
        Place::Here => false,
        Place::Thread | Place::Process => !site.awaited,
        Place::Task | Place::AfterResponse | Place::AfterCommit => true,
    }
}

/// The sessions and connections that a site works with: its receiver's, and those that callees get.
#[must_use]
pub fn sessions_of(project: &Project, f: FuncId, site: &super::calls::Site) -> Vec<Handle> {
    translate::sessions_of(project, project.transactions(), f, site)
}

/// What the `with` block of a manager takes care of when it is left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Care {
    /// Ends the transaction of these sessions or closes them; the first belongs to the block.
    Ends(Vec<Handle>),
    /// Rolls back to a savepoint.
    Savepoint(Option<Handle>),
    /// Nothing of a session.
    Nothing,
}

/// What leaving `with` of a value does for sessions.
#[must_use]
pub fn care_of(project: &Project, f: FuncId, manager: ValueId) -> Care {
    let source = super::flow::source_of(project.code().body(f), manager);
    let own = Handle::value(source);
    let handle = handle_of(project, f, manager).map(|(handle, _)| handle);
    let mut ends = vec![own];
    ends.extend(handle.clone());
    // `closing(connection)`, `transaction(session)`
    if let Some(OpKind::Call { args, .. }) = project.code().op(f, source).map(|op| &op.kind) {
        ends.extend(args.iter().filter_map(|arg| Some(handle_of(project, f, arg.value)?.0)));
    }
    match manager_of(project, f, manager) {
        Manager::Function(_) | Manager::Instance(..) => Care::Ends(ends),
        Manager::Library(_, Exit::EndsTransaction | Exit::EndsTransactionAndCloses) => Care::Ends(ends),
        Manager::Library(_, Exit::EndsSavepoint) => Care::Savepoint(handle),
        Manager::Library(_, Exit::Closes) => {
            let class = project.lib_class(f, manager).unwrap_or("");
            let resource = project.library().resource(class);
            if matches!(resource, Some(Resource::Session | Resource::Connection)) || handle.is_none() {
                Care::Ends(ends)
            } else {
                Care::Nothing
            }
        }
        Manager::Library(_, Exit::Nothing) | Manager::Other => Care::Nothing,
    }
}

/// The transaction that is open when a function starts.
fn starts_in(project: &Project, f: FuncId) -> Option<How> {
    let decorators = project.decorators(f);
    let is_transaction = |name: &String| {
        let Some(row) = project.library().row(name) else { return false };
        match row.returns {
            Ret::Inst(class) => {
                matches!(project.library().manager(class), Some((_, effects, Exit::EndsTransaction)) if effects.any(Effects::BEGIN))
            }
            _ => false,
        }
    };
    if decorators.iter().any(is_transaction) {
        return Some(How::Decorator);
    }
    let entry = project.context_path(f).is_some_and(|path| path.context == RunContext::Request && path.via.is_none());
    let exempt = decorators.iter().any(|name| name.ends_with("non_atomic_requests"));
    (entry && !exempt && !project.code().func(f).is_async).then_some(How::Request)
}

/// What `with` of a value is, for transactions.
enum Manager {
    /// A project generator function decorated as context manager, called at the op.
    Function(FuncId),
    /// An instance of a project class with enter and exit methods.
    Instance(Option<FuncId>, Option<FuncId>),
    /// A library class: effects of entering, what leaving does.
    Library(Effects, Exit),
    /// Anything else.
    Other,
}

fn manager_of(project: &Project, f: FuncId, v: ValueId) -> Manager {
    for ty in project.members(f, v) {
        let ty = match ty {
            Type::Coroutine(inner) => project.type_of(*inner),
            other => other,
        };
        match ty {
            Type::Manager(g, _) => return Manager::Function(*g),
            Type::Lib(name, ..) => {
                if let Some((_, effects, exit)) = project.library().manager(project.text(*name)) {
                    return Manager::Library(effects, exit);
                }
            }
            Type::Inst(class, _) => {
                let of = |names: [&str; 2]| names.iter().find_map(|name| project.method(*class, name));
                let (enter, exit) = (of(["__aenter__", "__enter__"]), of(["__aexit__", "__exit__"]));
                if enter.is_some() || exit.is_some() {
                    return Manager::Instance(enter, exit);
                }
                let library = project.lib_class_of(ty).and_then(|name| project.library().manager(name));
                if let Some((_, effects, exit)) = library {
                    return Manager::Library(effects, exit);
                }
            }
            _ => {}
        }
    }
    Manager::Other
}
