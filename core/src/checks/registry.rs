//! The implemented checks. Adding one: a line here.

use super::check::{Check, CheckRun, Cx, run};
use super::query::{
    LargePayload, MissingBulkOps, MissingIndex, NUpdateDeleteLoop, OverFetching, QueryInLoop, RedundantFetch,
    UnnecessaryResolve, WrongCachingScope,
};
use super::resource::{
    ErrorPathLeak, FactoryVsInjection, MissingCleanup, PoolConfiguration, ResourceScopeMismatch,
    StreamingResourceHolding, UnboundedGrowth,
};
use super::runtime::{
    BlockingIoInAsync, MissingToThread, RedundantDataCopies, StringConcatInLoop, SyncSleepInAsync,
    UnnecessaryListAllocation,
};
use super::transaction::{
    DispatchBeforeCommit, EventChannelConsistency, LongHeldTransaction, MissingIntermediateCommits, MissingRollback,
    ScopeTooNarrow, ScopeTooWide, TxHandleIgnored,
};

/// A check and how to run it.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// Id in the catalogue.
    pub id: &'static str,
    /// Runs it.
    pub run: fn(Cx<'_>) -> CheckRun,
}

const fn entry<C: Check>() -> Entry {
    Entry { id: C::ID, run: run::<C> }
}

/// All implemented checks, in catalogue order.
pub const CHECKS: &[Entry] = &[
    entry::<RedundantFetch>(),
    entry::<QueryInLoop>(),
    entry::<NUpdateDeleteLoop>(),
    entry::<MissingBulkOps>(),
    entry::<UnnecessaryResolve>(),
    entry::<OverFetching>(),
    entry::<WrongCachingScope>(),
    entry::<MissingIndex>(),
    entry::<LargePayload>(),
    entry::<MissingIntermediateCommits>(),
    entry::<ScopeTooWide>(),
    entry::<ScopeTooNarrow>(),
    entry::<MissingRollback>(),
    entry::<LongHeldTransaction>(),
    entry::<EventChannelConsistency>(),
    entry::<DispatchBeforeCommit>(),
    entry::<TxHandleIgnored>(),
    entry::<BlockingIoInAsync>(),
    entry::<SyncSleepInAsync>(),
    entry::<MissingToThread>(),
    entry::<UnnecessaryListAllocation>(),
    entry::<StringConcatInLoop>(),
    entry::<RedundantDataCopies>(),
    entry::<ResourceScopeMismatch>(),
    entry::<StreamingResourceHolding>(),
    entry::<MissingCleanup>(),
    entry::<ErrorPathLeak>(),
    entry::<PoolConfiguration>(),
    entry::<FactoryVsInjection>(),
    entry::<UnboundedGrowth>(),
];
