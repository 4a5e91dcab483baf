//! From lowered files to facts about the project: link shards, infer types, resolve calls,
//! summarise functions, and the shared facts that checks iterate over (loops, transactions,
//! acquisitions, run contexts, ORM queries). Computed once; checks only read.
//!
//! Order of work: [`shard`] decodes, [`code`] numbers, `imports` resolves names across files,
//! `infer` types every op and resolves every call, `summaries` carries effects up the call graph,
//! `contexts` carries run contexts down. [`Project`] is the frozen result.

mod actions;
mod adders;
mod administered;
mod annotations;
mod attributes;
mod blocking;
mod calls;
mod captures;
mod channel_names;
mod channels;
mod class_views;
mod classes;
mod closables;
mod code;
mod contents;
mod contexts;
mod databases;
mod dispatch;
mod entries;
mod evaluation;
mod evidence;
mod fates;
mod fetches;
mod flow;
mod generics;
mod globals;
mod guesses;
mod imports;
mod infer;
mod injection;
mod list_views;
mod loaded;
mod loads;
mod lookups;
mod loops;
mod memo;
mod observe;
mod orm;
mod orm_columns;
mod outside;
mod preset;
mod project;
mod queries;
mod read_calls;
mod read_rows;
mod reads;
mod receivers;
mod relationships;
mod resources;
mod responses;
mod results;
mod rounds;
mod rules;
mod schema;
mod serializer_fields;
mod serializers;
mod shard;
mod shown;
mod sql_files;
mod statements;
mod stdlib;
mod stubs;
mod summaries;
mod tasks;
mod templates;
mod touches;
mod traces;
mod transactions;
mod types;
mod usual;
mod values;
mod wrappers;

pub use actions::only_other_actions;
pub use blocking::{BlockPath, HOLDS, Hold, makes_temporary, names_only};
pub use calls::{Site, SiteKind, Target};
pub use channel_names::{Spelled, may_be_same, name_words, names_of};
pub use channels::{ChannelEnd, Side, Spot, Technology};
pub use code::{ClassId, Code, FuncId, MethodCall, ModuleId};
pub use contents::Holds;
pub use contexts::ContextPath;
pub use databases::{Database, Own, own_handle};
pub use fetches::{Fetch, fetches};
pub use flow::{Flow, Uses, chain_of, source_of};
pub use infer::is_field_resolver;
pub use injection::Provider;
pub use list_views::{ListView, Lister, list_queries, list_views, listers, lists, rendering, shown_views, unlisted};
pub use loaded::{first_query, first_unloaded, loading_call, query_origin, returned_once};
pub use loads::{Entity, KeptBy, Key, Load, entity_at, entity_of, key_of, loads_of, session_given_away};
pub use lookups::Lookup;
pub use loops::{Bound, LoopFacts};
pub use orm::{Column, Model, Orm, OrmKind, Relation, RelationKind};
pub use outside::{Outside, OutsideUse};
pub use project::Project;
pub use queries::{QueryFacts, QueryId};
pub use reads::{ColumnRead, Reader, RowUse, Shape};
pub use resources::{Acquisition, Fate, Held, Leak};
pub use responses::{SentRows, sent_rows};
pub use rules::Rules;
pub use schema::{At, ModelField, ModelTable, Schema, Table, Trigger};
pub use serializers::{Rendered, RowFunction, class_value, is_serializer, model_of, model_words, rendered};
pub use shard::{Shard, ShardBuilder, Text};
pub use shown::{admin_columns, class_texts, is_admin, says_joins};
pub(crate) use stubs::is_stub;
pub use summaries::{Summary, Witness};
pub use touches::{Given, Reach, Touch, argument, given, reach, reaches, relation_chain};
pub use traces::inside;
pub use transactions::{
    Autobegin, Care, End, Ended, Extent, FuncTransactions, Handle, How, Opened, OwnSession, Root, State, States,
    Transactions, care_of, done_to, handed, handle_of, is_fresh, key_of as handle_key, on_given_connection,
    own_sessions, runs_elsewhere, sessions_of,
};
pub use types::{Type, TypeId, Types};
pub use usual::Chain;
