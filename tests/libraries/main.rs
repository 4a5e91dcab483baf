//! The library tables keep their own rules: names unique and known, rows sorted, sources named.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod programs;

use drydock_core::libraries::python::LIBRARIES;
use drydock_core::libraries::{ClassRow, Effects, Exit, LibraryIndex, Resource, Ret, Row, RunContext};
use std::collections::BTreeSet;
use std::path::PathBuf;

fn index() -> LibraryIndex {
    LibraryIndex::new(LIBRARIES)
}

fn rows() -> impl Iterator<Item = &'static Row> {
    LIBRARIES.iter().flat_map(|library| library.rows)
}

fn classes() -> impl Iterator<Item = &'static ClassRow> {
    LIBRARIES.iter().flat_map(|library| library.classes)
}

/// Classes that a return type names.
fn named(ret: Ret) -> Vec<&'static str> {
    match ret {
        Ret::Inst(class)
        | Ret::InstKeep(class)
        | Ret::InstOfArg(class, _)
        | Ret::InstFromArg(class, _)
        | Ret::InstOfKeyword(class, _)
        | Ret::InstOfSelf(class)
        | Ret::ElementOr(class)
        | Ret::ListOf(class)
        | Ret::Class(class)
        | Ret::FactoryOf(class)
        | Ret::DecoratedAs(class) => vec![class],
        Ret::InstByText { cases, otherwise, .. } => cases.iter().map(|(_, class)| *class).chain([otherwise]).collect(),
        _ => Vec::new(),
    }
}

fn repeated<'a>(names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut seen = BTreeSet::new();
    names.filter(|name| !seen.insert(*name)).collect()
}

#[test]
fn every_name_has_one_row() {
    assert_eq!(repeated(rows().map(|row| row.callee)), Vec::<&str>::new());
    assert_eq!(repeated(classes().map(|class| class.name)), Vec::<&str>::new());
    let aliases = LIBRARIES.iter().flat_map(|library| library.aliases).map(|(other, _)| *other);
    assert_eq!(repeated(aliases), Vec::<&str>::new());
    assert_eq!(repeated(LIBRARIES.iter().map(|library| library.name)), Vec::<&str>::new());
    assert_eq!(repeated(LIBRARIES.iter().flat_map(|library| library.roots).copied()), Vec::<&str>::new());
}

#[test]
fn every_class_that_is_named_exists() {
    let index = index();
    let of_rows = rows().map(|row| (row.callee, row.returns));
    let of_values = LIBRARIES.iter().flat_map(|library| library.values).copied();
    let of_classes = classes().flat_map(|class| {
        let awaited = class.awaited.map(|(ret, _)| ret);
        let rets = class.attrs.iter().map(|(_, ret)| *ret).chain([class.element, class.enter]).chain(awaited);
        rets.map(|ret| (class.name, ret)).collect::<Vec<_>>()
    });
    let unknown: Vec<String> = of_rows
        .chain(of_values)
        .chain(of_classes)
        .flat_map(|(at, ret)| named(ret).into_iter().map(move |class| (at, class)))
        .filter(|(_, class)| index.class(class).is_none())
        .map(|(at, class)| format!("{at} -> {class}"))
        .collect();
    assert_eq!(unknown, Vec::<String>::new());
    let bases = classes().flat_map(|class| class.bases).filter(|base| index.class(base).is_none());
    assert_eq!(bases.collect::<Vec<_>>(), Vec::<&&str>::new());
}

/// Otherwise the row could never be found: look-up asks for the canonical name.
#[test]
fn every_name_is_canonical_and_belongs_to_its_library() {
    let index = index();
    let names = rows().map(|row| row.callee).chain(classes().map(|class| class.name));
    let moved: Vec<_> = names.filter(|name| index.canonical(name) != *name).collect();
    assert_eq!(moved, Vec::<&str>::new());
    let mut strangers = Vec::new();
    for library in LIBRARIES {
        let rows = library.rows.iter().map(|row| row.callee);
        let values = library.values.iter().map(|(name, _)| *name);
        let aliases = library.aliases.iter().map(|(name, _)| *name);
        for name in rows.chain(values).chain(aliases).chain(library.classes.iter().map(|class| class.name)) {
            let importable = name.split_once(':').map_or(name, |(head, _)| head);
            let found = index.library_of(importable).map(|found| found.name);
            if found != Some(library.name) && importable != "dbapi" {
                strangers.push(format!("{name}: {found:?}, not {}", library.name));
            }
        }
    }
    assert_eq!(strangers, Vec::<String>::new());
}

#[test]
fn aliases_end_after_a_few_steps() {
    let index = index();
    for (other, target) in LIBRARIES.iter().flat_map(|library| library.aliases) {
        let end = index.canonical(other).into_owned();
        assert_eq!(index.canonical(&end), end, "{other}");
        assert_eq!(index.canonical(target), end, "{other}");
    }
}

#[test]
fn methods_have_a_class() {
    let index = index();
    // A capitalised last part but one is a class by every library's convention, except for these modules.
    let modules = ["MySQLdb", "PIL.Image", "xml.etree.ElementTree"];
    let homeless: Vec<_> = rows()
        .filter_map(|row| row.callee.rsplit_once('.'))
        .filter(|(owner, _)| owner.rsplit('.').next().unwrap().starts_with(char::is_uppercase))
        .filter(|(owner, _)| index.class(owner).is_none() && !owner.starts_with("stripe.") && !modules.contains(owner))
        .map(|(owner, _)| owner)
        .collect();
    assert_eq!(homeless, Vec::<&str>::new());
}

#[test]
fn asynchronous_rows_do_not_hold_the_thread() {
    let wrong: Vec<_> = rows().filter(|row| row.is_async && row.effects.any(Effects::BLOCKS)).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    let io = Effects::ANY_QUERY | Effects::ANY_FOREIGN | Effects::FILE_IO | Effects::SUBPROCESS | Effects::CACHE;
    // Opens a context or an iterator: the work happens when it is entered or iterated.
    let lazy = |row: &Row| row.callee.ends_with(".stream") || row.callee.ends_with(".copy");
    let silent: Vec<_> = rows()
        .filter(|row| !row.is_async && row.effects.any(io) && !row.effects.any(Effects::BLOCKS) && !lazy(row))
        .map(|row| row.callee)
        .collect();
    assert_eq!(silent, Vec::<&str>::new());
}

/// Each table file: a documentation page before every group, rows sorted within a group.
#[test]
fn rows_are_sorted_under_their_source() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../core/src/libraries/python");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let tables = files.iter().filter(|file| !file.ends_with("mod.rs") && !file.ends_with("mixes.rs"));
    for file in tables {
        let text = std::fs::read_to_string(file).unwrap();
        let (mut groups, mut last) = (0, String::new());
        for line in text.lines().map(str::trim) {
            if line.starts_with("const ") {
                groups = 0;
                last.clear();
            } else if let Some(comment) = line.strip_prefix("// ") {
                if comment.contains("https://") {
                    groups += 1;
                    last.clear();
                }
            } else if let Some(name) = line.strip_prefix("call(\"").or_else(|| line.strip_prefix("class(\"")) {
                let name = name.split('"').next().unwrap();
                assert!(groups > 0, "{}: `{name}` has no source", file.display());
                assert!(last.as_str() <= name, "{}: `{name}` after `{last}`", file.display());
                last = name.to_string();
            }
        }
    }
}

#[test]
fn finds_methods_through_aliases_and_bases() {
    let index = index();
    let session = index.canonical("sqlalchemy.ext.asyncio.session.AsyncSession");
    assert_eq!(session, "sqlalchemy.ext.asyncio.AsyncSession");
    let (row, inherited) = index.method("sqlmodel.ext.asyncio.session.AsyncSession", "get").unwrap();
    assert!(inherited && row.is_async && row.effects.all(Effects::DB_READ));
    let (exec, inherited) = index.method("sqlmodel.ext.asyncio.session.AsyncSession", "exec").unwrap();
    assert!(!inherited && exec.effects.all(Effects::DB_EXECUTE));
    assert_eq!(index.canonical("django.db.models.query.QuerySet.filter"), "django.db.models.QuerySet.filter");
    let (get, inherited) = index.method("django.db.models:RelatedManager", "get").unwrap();
    assert!(inherited && get.returns == Ret::Element);
    assert!(index.method("builtins.dict", "get").is_none());
    assert_eq!(index.canonical("myproject.sqlalchemy.Session"), "myproject.sqlalchemy.Session");
    assert_eq!(index.row("requests.get").unwrap().effects, Effects::NETWORK | Effects::BLOCKS);
    assert!(index.row("requests.api.get").is_none());
    assert!(index.row(&index.canonical("requests.api.get")).is_some());
}

#[test]
fn facts_of_classes_are_inherited() {
    let index = index();
    assert_eq!(index.manager("sqlmodel.Session").unwrap().2, Exit::Closes);
    assert_eq!(index.manager("psycopg2.extensions.connection").unwrap().2, Exit::EndsTransaction);
    assert_eq!(index.manager("psycopg.Connection").unwrap().2, Exit::EndsTransactionAndCloses);
    assert_eq!(index.resource("sqlmodel.Session"), Some(Resource::Session));
    assert_eq!(index.handlers("rest_framework.viewsets.ModelViewSet"), Some(RunContext::Request));
    assert_eq!(index.iteration("django.db.models.Manager").unwrap().0, Ret::Element);
    assert_eq!(index.executes("sqlalchemy.dialects.postgresql.Insert"), Effects::DB_INSERT);
    assert_eq!(index.executes("sqlalchemy.TextClause"), Effects::NONE);
    assert_eq!(index.attr("openai.AsyncOpenAI", "chat"), Some(Ret::Inst("openai:async_resource")));
    assert_eq!(index.attr("openai:async_resource", "completions"), Some(Ret::Receiver));
    assert_eq!(index.other_methods("openai:async_resource"), Some((Effects::NETWORK, true)));
    assert_eq!(index.attr("pymongo.MongoClient", "[]"), Some(Ret::Inst("pymongo.database.Database")));
    assert_eq!(index.attr("openai.OpenAI", "[]"), None);
    assert!(index.extends("django.db.transaction.Atomic", "contextlib.ContextDecorator"));
}

#[test]
fn names_libraries_by_their_longest_root() {
    let index = index();
    let name = |dotted| index.library_of(dotted).map(|library| library.name);
    assert_eq!(name("google.cloud.storage.Client"), Some("Cloud SDKs"));
    assert_eq!(name("google.protobuf.message"), None);
    assert_eq!(name("sqlalchemy"), Some("SQLAlchemy"));
    assert_eq!(name("sqlalchemy_utils.Thing"), None);
}
