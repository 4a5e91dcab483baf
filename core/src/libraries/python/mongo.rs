//! MongoDB: PyMongo (synchronous and asyncio), Motor, Beanie.

use super::mixes::{COMMIT, CONNECT, DELETE, INSERT, READ, ROLLBACK, UPDATE, WAIT};
use crate::libraries::{ClassRow, Effects, Exit, Library, Place, Resource, Ret, Row, call, class};

/// MongoDB.
pub const LIBRARY: Library = Library {
    name: "MongoDB",
    roots: &["pymongo", "motor", "beanie"],
    rows: ROWS,
    classes: CLASSES,
    aliases: ALIASES,
    values: &[],
};

const ROWS: &[Row] = &[
    // https://pymongo.readthedocs.io/en/stable/api/pymongo/mongo_client.html
    call("pymongo.MongoClient").gives(Ret::Inst("pymongo.MongoClient")).acquires(Resource::Pool),
    call("pymongo.MongoClient.close").does(Effects::CLOSES).gives(Ret::Nothing),
    call("pymongo.MongoClient.drop_database").does(DELETE.with(Effects::BULK)),
    call("pymongo.MongoClient.get_database").gives(Ret::Inst("pymongo.database.Database")),
    call("pymongo.MongoClient.get_default_database").gives(Ret::Inst("pymongo.database.Database")),
    call("pymongo.MongoClient.list_database_names").does(READ),
    call("pymongo.MongoClient.server_info").does(READ),
    call("pymongo.MongoClient.start_session")
        .gives(Ret::Inst("pymongo.client_session.ClientSession"))
        .acquires(Resource::Session),
    call("pymongo.database.Database.command").does(READ).gives(Ret::Dict),
    call("pymongo.database.Database.create_collection").gives(Ret::Inst("pymongo.collection.Collection")),
    call("pymongo.database.Database.drop_collection").does(DELETE.with(Effects::BULK)),
    call("pymongo.database.Database.get_collection").gives(Ret::Inst("pymongo.collection.Collection")),
    call("pymongo.database.Database.list_collection_names").does(READ).gives(Ret::List),
    // https://pymongo.readthedocs.io/en/stable/api/pymongo/collection.html
    call("pymongo.collection.Collection.aggregate").does(READ).gives(Ret::Inst("pymongo.cursor.Cursor")),
    call("pymongo.collection.Collection.bulk_write")
        .does(INSERT.with(Effects::DB_UPDATE).with(Effects::DB_DELETE).with(Effects::BULK)),
    call("pymongo.collection.Collection.count_documents").does(READ).gives(Ret::Number),
    call("pymongo.collection.Collection.create_index").does(CONNECT),
    call("pymongo.collection.Collection.create_indexes").does(CONNECT),
    call("pymongo.collection.Collection.delete_many").does(DELETE.with(Effects::BULK)),
    call("pymongo.collection.Collection.delete_one").does(DELETE),
    call("pymongo.collection.Collection.distinct").does(READ).gives(Ret::List),
    call("pymongo.collection.Collection.drop").does(DELETE.with(Effects::BULK)),
    call("pymongo.collection.Collection.drop_index").does(CONNECT),
    call("pymongo.collection.Collection.estimated_document_count").does(READ).gives(Ret::Number),
    call("pymongo.collection.Collection.find").gives(Ret::Inst("pymongo.cursor.Cursor")),
    call("pymongo.collection.Collection.find_one").does(READ).gives(Ret::Dict),
    call("pymongo.collection.Collection.find_one_and_delete").does(DELETE).gives(Ret::Dict),
    call("pymongo.collection.Collection.find_one_and_replace").does(UPDATE).gives(Ret::Dict),
    call("pymongo.collection.Collection.find_one_and_update").does(UPDATE).gives(Ret::Dict),
    call("pymongo.collection.Collection.insert_many").does(INSERT.with(Effects::BULK)),
    call("pymongo.collection.Collection.insert_one").does(INSERT),
    call("pymongo.collection.Collection.replace_one").does(UPDATE),
    call("pymongo.collection.Collection.update_many").does(UPDATE.with(Effects::BULK)),
    call("pymongo.collection.Collection.update_one").does(UPDATE),
    call("pymongo.collection.Collection.watch")
        .does(Effects::SUBSCRIBE)
        .gives(Ret::Inst("pymongo.change_stream.ChangeStream"))
        .acquires(Resource::Cursor),
    // https://pymongo.readthedocs.io/en/stable/api/pymongo/cursor.html
    call("pymongo.cursor.Cursor.batch_size").gives(Ret::Receiver),
    call("pymongo.cursor.Cursor.close").does(Effects::CLOSES).gives(Ret::Nothing),
    call("pymongo.cursor.Cursor.hint").gives(Ret::Receiver),
    call("pymongo.cursor.Cursor.limit").gives(Ret::Receiver),
    call("pymongo.cursor.Cursor.max_time_ms").gives(Ret::Receiver),
    call("pymongo.cursor.Cursor.next").does(READ).gives(Ret::Dict),
    call("pymongo.cursor.Cursor.skip").gives(Ret::Receiver),
    call("pymongo.cursor.Cursor.sort").gives(Ret::Receiver),
    call("pymongo.cursor.Cursor.to_list").does(READ).gives(Ret::List),
    // https://pymongo.readthedocs.io/en/stable/api/pymongo/client_session.html
    call("pymongo.client_session.ClientSession.abort_transaction").does(ROLLBACK).gives(Ret::Nothing),
    call("pymongo.client_session.ClientSession.commit_transaction").does(COMMIT).gives(Ret::Nothing),
    call("pymongo.client_session.ClientSession.end_session").does(Effects::CLOSES).gives(Ret::Nothing),
    call("pymongo.client_session.ClientSession.start_transaction")
        .does(Effects::BEGIN)
        .gives(Ret::Inst("pymongo.client_session:transaction")),
    call("pymongo.client_session.ClientSession.with_transaction").gives(Ret::CallOfArg(0)).runs_named(
        0,
        "callback",
        Place::Here,
    ),
    // https://motor.readthedocs.io/en/stable/api-asyncio/asyncio_motor_client_session.html
    call("pymongo.client_session:motor.abort_transaction").does(Effects::ROLLBACK).gives(Ret::Nothing).asynchronous(),
    call("pymongo.client_session:motor.commit_transaction").does(Effects::COMMIT).gives(Ret::Nothing).asynchronous(),
    call("pymongo.client_session:motor.end_session").does(Effects::CLOSES).gives(Ret::Nothing).asynchronous(),
    call("pymongo.client_session:motor.start_transaction")
        .does(Effects::BEGIN)
        .gives(Ret::Inst("pymongo.client_session:transaction")),
    call("pymongo.client_session:motor.with_transaction")
        .gives(Ret::CallOfArg(0))
        .runs_named(0, "coro", Place::Here)
        .asynchronous(),
    // https://pymongo.readthedocs.io/en/stable/api/pymongo/asynchronous/index.html
    call("pymongo.AsyncMongoClient").gives(Ret::Inst("pymongo.AsyncMongoClient")).acquires(Resource::Pool),
    call("pymongo.AsyncMongoClient.close").does(Effects::CLOSES).gives(Ret::Nothing).asynchronous(),
    call("pymongo.AsyncMongoClient.get_database").gives(Ret::Inst("pymongo.asynchronous.database.AsyncDatabase")),
    call("pymongo.AsyncMongoClient.get_default_database")
        .gives(Ret::Inst("pymongo.asynchronous.database.AsyncDatabase")),
    call("pymongo.AsyncMongoClient.start_session")
        .gives(Ret::Inst("pymongo.client_session:motor"))
        .acquires(Resource::Session),
    call("pymongo.asynchronous.collection.AsyncCollection.aggregate")
        .does(Effects::DB_READ)
        .gives(Ret::Inst("pymongo.asynchronous.cursor.AsyncCursor"))
        .asynchronous(),
    call("pymongo.asynchronous.collection.AsyncCollection.bulk_write")
        .does(Effects::DB_INSERT.with(Effects::DB_UPDATE).with(Effects::DB_DELETE).with(Effects::BULK))
        .asynchronous(),
    call("pymongo.asynchronous.collection.AsyncCollection.count_documents")
        .does(Effects::DB_READ)
        .gives(Ret::Number)
        .asynchronous(),
    call("pymongo.asynchronous.collection.AsyncCollection.create_index").does(Effects::DB_CONNECT).asynchronous(),
    call("pymongo.asynchronous.collection.AsyncCollection.create_indexes").does(Effects::DB_CONNECT).asynchronous(),
    call("pymongo.asynchronous.collection.AsyncCollection.delete_many")
        .does(Effects::DB_DELETE.with(Effects::BULK))
        .asynchronous(),
    call("pymongo.asynchronous.collection.AsyncCollection.delete_one").does(Effects::DB_DELETE).asynchronous(),
    call("pymongo.asynchronous.collection.AsyncCollection.distinct")
        .does(Effects::DB_READ)
        .gives(Ret::List)
        .asynchronous(),
    call("pymongo.asynchronous.collection.AsyncCollection.estimated_document_count")
        .does(Effects::DB_READ)
        .gives(Ret::Number)
        .asynchronous(),
    call("pymongo.asynchronous.collection.AsyncCollection.find")
        .gives(Ret::Inst("pymongo.asynchronous.cursor.AsyncCursor")),
    call("pymongo.asynchronous.collection.AsyncCollection.find_one")
        .does(Effects::DB_READ)
        .gives(Ret::Dict)
        .asynchronous(),
    call("pymongo.asynchronous.collection.AsyncCollection.find_one_and_delete")
        .does(Effects::DB_DELETE)
        .gives(Ret::Dict)
        .asynchronous(),
    call("pymongo.asynchronous.collection.AsyncCollection.find_one_and_replace")
        .does(Effects::DB_UPDATE)
        .gives(Ret::Dict)
        .asynchronous(),
    call("pymongo.asynchronous.collection.AsyncCollection.find_one_and_update")
        .does(Effects::DB_UPDATE)
        .gives(Ret::Dict)
        .asynchronous(),
    call("pymongo.asynchronous.collection.AsyncCollection.insert_many")
        .does(Effects::DB_INSERT.with(Effects::BULK))
        .asynchronous(),
    call("pymongo.asynchronous.collection.AsyncCollection.insert_one").does(Effects::DB_INSERT).asynchronous(),
    call("pymongo.asynchronous.collection.AsyncCollection.replace_one").does(Effects::DB_UPDATE).asynchronous(),
    call("pymongo.asynchronous.collection.AsyncCollection.update_many")
        .does(Effects::DB_UPDATE.with(Effects::BULK))
        .asynchronous(),
    call("pymongo.asynchronous.collection.AsyncCollection.update_one").does(Effects::DB_UPDATE).asynchronous(),
    call("pymongo.asynchronous.cursor.AsyncCursor.batch_size").gives(Ret::Receiver),
    call("pymongo.asynchronous.cursor.AsyncCursor.close").does(Effects::CLOSES).gives(Ret::Nothing).asynchronous(),
    call("pymongo.asynchronous.cursor.AsyncCursor.hint").gives(Ret::Receiver),
    call("pymongo.asynchronous.cursor.AsyncCursor.limit").gives(Ret::Receiver),
    call("pymongo.asynchronous.cursor.AsyncCursor.skip").gives(Ret::Receiver),
    call("pymongo.asynchronous.cursor.AsyncCursor.sort").gives(Ret::Receiver),
    call("pymongo.asynchronous.cursor.AsyncCursor.to_list").does(Effects::DB_READ).gives(Ret::List).asynchronous(),
    call("pymongo.asynchronous.database.AsyncDatabase.command").does(Effects::DB_READ).asynchronous(),
    call("pymongo.asynchronous.database.AsyncDatabase.get_collection")
        .gives(Ret::Inst("pymongo.asynchronous.collection.AsyncCollection")),
    call("pymongo.asynchronous.database.AsyncDatabase.list_collection_names").does(Effects::DB_READ).asynchronous(),
    // https://motor.readthedocs.io/en/stable/api-asyncio/index.html
    call("motor.motor_asyncio.AsyncIOMotorClient")
        .gives(Ret::Inst("motor.motor_asyncio.AsyncIOMotorClient"))
        .acquires(Resource::Pool),
    call("motor.motor_asyncio.AsyncIOMotorClient.close").does(Effects::CLOSES).gives(Ret::Nothing),
    call("motor.motor_asyncio.AsyncIOMotorClient.get_database")
        .gives(Ret::Inst("motor.motor_asyncio.AsyncIOMotorDatabase")),
    call("motor.motor_asyncio.AsyncIOMotorClient.get_default_database")
        .gives(Ret::Inst("motor.motor_asyncio.AsyncIOMotorDatabase")),
    call("motor.motor_asyncio.AsyncIOMotorClient.list_database_names")
        .does(Effects::DB_READ)
        .gives(Ret::List)
        .asynchronous(),
    call("motor.motor_asyncio.AsyncIOMotorClient.start_session")
        .gives(Ret::Inst("pymongo.client_session:motor"))
        .acquires(Resource::Session)
        .asynchronous(),
    call("motor.motor_asyncio.AsyncIOMotorCollection.aggregate")
        .gives(Ret::Inst("motor.motor_asyncio.AsyncIOMotorCursor")),
    call("motor.motor_asyncio.AsyncIOMotorCollection.drop").does(Effects::DB_DELETE.with(Effects::BULK)).asynchronous(),
    call("motor.motor_asyncio.AsyncIOMotorCollection.find").gives(Ret::Inst("motor.motor_asyncio.AsyncIOMotorCursor")),
    call("motor.motor_asyncio.AsyncIOMotorCollection.watch")
        .does(Effects::SUBSCRIBE)
        .gives(Ret::Inst("pymongo.change_stream:motor")),
    call("motor.motor_asyncio.AsyncIOMotorCursor.close").does(Effects::CLOSES).asynchronous(),
    call("motor.motor_asyncio.AsyncIOMotorDatabase.drop_collection")
        .does(Effects::DB_DELETE.with(Effects::BULK))
        .asynchronous(),
    call("motor.motor_asyncio.AsyncIOMotorDatabase.get_collection")
        .gives(Ret::Inst("motor.motor_asyncio.AsyncIOMotorCollection")),
    // https://beanie-odm.dev/tutorial/finding-documents/
    call("beanie.Document.aggregate").gives(Ret::Inst("beanie:FindMany")),
    call("beanie.Document.all").gives(Ret::InstOfSelf("beanie:FindMany")),
    call("beanie.Document.avg").does(Effects::DB_READ).gives(Ret::Number).asynchronous(),
    call("beanie.Document.count").does(Effects::DB_READ).gives(Ret::Number).asynchronous(),
    call("beanie.Document.create").does(Effects::DB_INSERT).gives(Ret::SelfInstance).asynchronous(),
    call("beanie.Document.delete").does(Effects::DB_DELETE).asynchronous(),
    call("beanie.Document.delete_all").does(Effects::DB_DELETE.with(Effects::BULK)).asynchronous(),
    call("beanie.Document.distinct").does(Effects::DB_READ).gives(Ret::List).asynchronous(),
    call("beanie.Document.fetch_all_links").does(Effects::DB_READ).asynchronous(),
    call("beanie.Document.fetch_link").does(Effects::DB_READ).asynchronous(),
    call("beanie.Document.find").gives(Ret::InstOfSelf("beanie:FindMany")),
    call("beanie.Document.find_all").gives(Ret::InstOfSelf("beanie:FindMany")),
    call("beanie.Document.find_many").gives(Ret::InstOfSelf("beanie:FindMany")),
    call("beanie.Document.find_one").gives(Ret::InstOfSelf("beanie:FindOne")),
    call("beanie.Document.get").does(Effects::DB_READ).gives(Ret::SelfInstance).asynchronous(),
    call("beanie.Document.inc").does(Effects::DB_UPDATE).asynchronous(),
    call("beanie.Document.insert").does(Effects::DB_INSERT).gives(Ret::SelfInstance).asynchronous(),
    call("beanie.Document.insert_many").does(Effects::DB_INSERT.with(Effects::BULK)).asynchronous(),
    call("beanie.Document.insert_one").does(Effects::DB_INSERT).asynchronous(),
    call("beanie.Document.replace").does(Effects::DB_UPDATE).asynchronous(),
    call("beanie.Document.replace_many").does(Effects::DB_UPDATE).asynchronous(),
    call("beanie.Document.save").does(Effects::DB_UPDATE).asynchronous(),
    call("beanie.Document.save_changes").does(Effects::DB_UPDATE).asynchronous(),
    call("beanie.Document.set").does(Effects::DB_UPDATE).asynchronous(),
    call("beanie.Document.sum").does(Effects::DB_READ).gives(Ret::Number).asynchronous(),
    call("beanie.Document.sync").does(Effects::DB_REFRESH).asynchronous(),
    call("beanie.Document.update").does(Effects::DB_UPDATE).asynchronous(),
    call("beanie.Document.update_all").does(Effects::DB_UPDATE.with(Effects::BULK)).asynchronous(),
    call("beanie.init_beanie").does(Effects::DB_CONNECT).gives(Ret::Nothing).asynchronous(),
    call("beanie:FindMany.aggregate").gives(Ret::Inst("beanie:FindMany")),
    call("beanie:FindMany.avg").does(Effects::DB_READ).gives(Ret::Number).asynchronous(),
    call("beanie:FindMany.count").does(Effects::DB_READ).gives(Ret::Number).asynchronous(),
    call("beanie:FindMany.delete").does(Effects::DB_DELETE.with(Effects::BULK)).asynchronous(),
    call("beanie:FindMany.delete_many").does(Effects::DB_DELETE.with(Effects::BULK)).asynchronous(),
    call("beanie:FindMany.distinct").does(Effects::DB_READ).gives(Ret::List).asynchronous(),
    call("beanie:FindMany.exists").does(Effects::DB_READ).gives(Ret::Bool).asynchronous(),
    call("beanie:FindMany.find").gives(Ret::Receiver),
    call("beanie:FindMany.find_many").gives(Ret::Receiver),
    call("beanie:FindMany.first_or_none").does(Effects::DB_READ).gives(Ret::Element).asynchronous(),
    call("beanie:FindMany.inc").does(Effects::DB_UPDATE.with(Effects::BULK)).asynchronous(),
    call("beanie:FindMany.limit").gives(Ret::Receiver),
    call("beanie:FindMany.project").gives(Ret::Receiver),
    call("beanie:FindMany.set").does(Effects::DB_UPDATE.with(Effects::BULK)).asynchronous(),
    call("beanie:FindMany.skip").gives(Ret::Receiver),
    call("beanie:FindMany.sort").gives(Ret::Receiver),
    call("beanie:FindMany.sum").does(Effects::DB_READ).gives(Ret::Number).asynchronous(),
    call("beanie:FindMany.to_list").does(Effects::DB_READ).gives(Ret::ElementList).asynchronous(),
    call("beanie:FindMany.update").does(Effects::DB_UPDATE.with(Effects::BULK)).asynchronous(),
    call("beanie:FindMany.update_many").does(Effects::DB_UPDATE.with(Effects::BULK)).asynchronous(),
    call("beanie:FindMany.upsert").does(Effects::DB_UPDATE).asynchronous(),
    call("beanie:FindOne.count").does(Effects::DB_READ).gives(Ret::Number).asynchronous(),
    call("beanie:FindOne.delete").does(Effects::DB_DELETE).asynchronous(),
    call("beanie:FindOne.delete_one").does(Effects::DB_DELETE).asynchronous(),
    call("beanie:FindOne.exists").does(Effects::DB_READ).gives(Ret::Bool).asynchronous(),
    call("beanie:FindOne.inc").does(Effects::DB_UPDATE).asynchronous(),
    call("beanie:FindOne.project").gives(Ret::Receiver),
    call("beanie:FindOne.replace_one").does(Effects::DB_UPDATE).asynchronous(),
    call("beanie:FindOne.set").does(Effects::DB_UPDATE).asynchronous(),
    call("beanie:FindOne.update").does(Effects::DB_UPDATE).asynchronous(),
    call("beanie:FindOne.update_one").does(Effects::DB_UPDATE).asynchronous(),
    call("beanie:FindOne.upsert").does(Effects::DB_UPDATE).asynchronous(),
];

const CLASSES: &[ClassRow] = &[
    // https://pymongo.readthedocs.io/en/stable/api/pymongo/mongo_client.html
    class("pymongo.MongoClient").resource(Resource::Pool).manages(Ret::Receiver, Effects::NONE, Exit::Closes).attrs(&[
        ("*", Ret::Inst("pymongo.database.Database")),
        ("[]", Ret::Inst("pymongo.database.Database")),
        ("admin", Ret::Inst("pymongo.database.Database")),
    ]),
    class("pymongo.database.Database").attrs(&[
        ("*", Ret::Inst("pymongo.collection.Collection")),
        ("[]", Ret::Inst("pymongo.collection.Collection")),
    ]),
    // https://pymongo.readthedocs.io/en/stable/api/pymongo/collection.html
    class("pymongo.change_stream.ChangeStream")
        .resource(Resource::Cursor)
        .manages(Ret::Receiver, Effects::NONE, Exit::Closes)
        .iterates(Ret::Dict, WAIT),
    class("pymongo.collection.Collection"),
    // https://pymongo.readthedocs.io/en/stable/api/pymongo/cursor.html
    class("pymongo.cursor.Cursor").manages(Ret::Receiver, Effects::NONE, Exit::Closes).iterates(Ret::Dict, READ),
    // https://pymongo.readthedocs.io/en/stable/api/pymongo/client_session.html
    class("pymongo.client_session.ClientSession").resource(Resource::Session).manages(
        Ret::Receiver,
        Effects::NONE,
        Exit::Closes,
    ),
    class("pymongo.client_session:transaction").manages(Ret::Receiver, Effects::NONE, Exit::EndsTransaction),
    // https://pymongo.readthedocs.io/en/stable/api/pymongo/asynchronous/index.html
    class("pymongo.AsyncMongoClient")
        .resource(Resource::Pool)
        .manages(Ret::Receiver, Effects::NONE, Exit::Closes)
        .attrs(&[
            ("*", Ret::Inst("pymongo.asynchronous.database.AsyncDatabase")),
            ("[]", Ret::Inst("pymongo.asynchronous.database.AsyncDatabase")),
        ]),
    class("pymongo.asynchronous.collection.AsyncCollection"),
    class("pymongo.asynchronous.cursor.AsyncCursor")
        .manages(Ret::Receiver, Effects::NONE, Exit::Closes)
        .iterates(Ret::Dict, Effects::DB_READ),
    class("pymongo.asynchronous.database.AsyncDatabase").attrs(&[
        ("*", Ret::Inst("pymongo.asynchronous.collection.AsyncCollection")),
        ("[]", Ret::Inst("pymongo.asynchronous.collection.AsyncCollection")),
    ]),
    // https://motor.readthedocs.io/en/stable/api-asyncio/index.html
    class("motor.motor_asyncio.AsyncIOMotorClient").resource(Resource::Pool).attrs(&[
        ("*", Ret::Inst("motor.motor_asyncio.AsyncIOMotorDatabase")),
        ("[]", Ret::Inst("motor.motor_asyncio.AsyncIOMotorDatabase")),
    ]),
    class("motor.motor_asyncio.AsyncIOMotorCollection").extends(&["pymongo.asynchronous.collection.AsyncCollection"]),
    class("motor.motor_asyncio.AsyncIOMotorCursor")
        .extends(&["pymongo.asynchronous.cursor.AsyncCursor"])
        .iterates(Ret::Dict, Effects::DB_READ),
    class("motor.motor_asyncio.AsyncIOMotorDatabase").extends(&["pymongo.asynchronous.database.AsyncDatabase"]).attrs(
        &[
            ("*", Ret::Inst("motor.motor_asyncio.AsyncIOMotorCollection")),
            ("[]", Ret::Inst("motor.motor_asyncio.AsyncIOMotorCollection")),
        ],
    ),
    class("pymongo.change_stream:motor")
        .resource(Resource::Cursor)
        .manages(Ret::Receiver, Effects::NONE, Exit::Closes)
        .iterates(Ret::Dict, Effects::WAITS),
    class("pymongo.client_session:motor").resource(Resource::Session).manages(
        Ret::Receiver,
        Effects::NONE,
        Exit::Closes,
    ),
    // https://beanie-odm.dev/tutorial/finding-documents/
    class("beanie.Document"),
    class("beanie:FindMany").iterates(Ret::Element, Effects::DB_READ),
    class("beanie:FindOne").awaits(Ret::Element, Effects::DB_READ),
];

const ALIASES: &[(&str, &str)] = &[
    ("beanie.odm.documents.Document", "beanie.Document"),
    ("motor.core.AgnosticClient", "motor.motor_asyncio.AsyncIOMotorClient"),
    ("pymongo.asynchronous.mongo_client.AsyncMongoClient", "pymongo.AsyncMongoClient"),
    ("pymongo.mongo_client.MongoClient", "pymongo.MongoClient"),
    ("pymongo.synchronous", "pymongo"),
    ("pymongo.synchronous.mongo_client.MongoClient", "pymongo.MongoClient"),
];
