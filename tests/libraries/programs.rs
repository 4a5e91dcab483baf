//! Each library in a program of its own: imports resolve, and the call does what its table says.

use drydock_core::analysis::{Project, ShardBuilder};
use drydock_core::languages::{SourceText, frontend};
use drydock_core::libraries::{Effects, RunContext};
use drydock_core::model::Language;
use drydock_core::source::FileId;

fn project(code: &str) -> Project {
    let mut builder = ShardBuilder::default();
    builder.lowered(|names| {
        let source = SourceText { file: FileId(0), path: "app/main.py", text: code };
        let lowered = frontend(Language::Python).unwrap().lower(source, names);
        assert!(lowered.problems.is_empty(), "{:#?}\n{code}", lowered.problems);
        (lowered.module, lowered.problems)
    });
    Project::link(vec![builder.finish()])
}

/// What the function `f` of a program does, and where it runs.
fn run(code: &str) -> (Effects, RunContext) {
    let project = project(code);
    let f = project.code().func_ids().find(|f| project.text(project.code().func(*f).name) == "f").unwrap();
    (project.summary(f).effects, project.context(f))
}

const READ: Effects = Effects::DB_READ.with(Effects::BLOCKS);
const EXEC: Effects = Effects::DB_EXECUTE.with(Effects::BLOCKS);
const SEND: Effects = Effects::PUBLISH.with(Effects::BLOCKS);
const NET: Effects = Effects::NETWORK.with(Effects::BLOCKS);

/// `(imports and set-up, body of f, what f does)`; a body with `await` or `async` makes `f` asynchronous.
const PROGRAMS: &[(&str, &str, Effects)] = &[
    // Peewee
    ("from peewee import Model\nclass M(Model): pass", "M.filter(a=1).first()", READ),
    (
        "from playhouse.pool import PooledPostgresqlDatabase\ndb = PooledPostgresqlDatabase('x')",
        "with db.atomic():\n  db.execute_sql('delete from t')",
        Effects::DB_DELETE.with(Effects::BEGIN),
    ),
    ("from peewee import Model\nclass M(Model): pass", "M.truncate_table()", Effects::DB_DELETE.with(Effects::BULK)),
    // Tortoise
    ("from tortoise import Model\nclass M(Model): pass", "await M.select_for_update().get(id=1)", Effects::DB_READ),
    ("from tortoise.models import Model\nclass M(Model): pass", "await M.raw('select 1')", Effects::DB_READ),
    (
        "from tortoise import connections",
        "await connections.get('default').execute_query('update t set a = 1')",
        Effects::DB_UPDATE,
    ),
    (
        "from tortoise.transactions import in_transaction",
        "async with in_transaction() as c:\n  await c.execute_query('select 1')",
        Effects::DB_READ.with(Effects::BEGIN),
    ),
    // Piccolo
    (
        "from piccolo.table import Table\nclass M(Table): pass",
        "await M.objects().get_or_create(M.a == 1)",
        Effects::DB_INSERT,
    ),
    ("from piccolo.table import Table\nclass M(Table): pass", "M.raw('select 1').run_sync()", EXEC),
    (
        "from piccolo.engine.postgres import PostgresEngine\ndb = PostgresEngine({})",
        "async with db.transaction():\n  pass",
        Effects::BEGIN,
    ),
    // MongoDB
    (
        "from beanie import Document\nclass M(Document): pass",
        "await M.find(M.a == 1).delete_many()",
        Effects::DB_DELETE.with(Effects::BULK),
    ),
    ("from beanie import Document\nclass M(Document): pass", "await M.aggregate([]).to_list()", Effects::DB_READ),
    (
        "from motor.motor_asyncio import AsyncIOMotorClient\ndb = AsyncIOMotorClient()['x']",
        "await db.items.drop()",
        Effects::DB_DELETE,
    ),
    (
        "from motor.motor_asyncio import AsyncIOMotorClient\ndb = AsyncIOMotorClient()['x']",
        "await db.items.find({}).sort('a').to_list(10)",
        Effects::DB_READ,
    ),
    (
        "from pymongo import AsyncMongoClient\ndb = AsyncMongoClient()['x']",
        "await db['items'].insert_many([])",
        Effects::DB_INSERT.with(Effects::BULK),
    ),
    ("from mongoengine import Document\nclass M(Document): pass", "M.objects(a=1).first()", READ),
    (
        "from mongoengine import Document\nclass M(Document): pass",
        "for m in M.objects.filter(a=1):\n  m.save()",
        Effects::DB_INSERT.with(READ),
    ),
    // Other mappers
    (
        "from pony.orm import Database, db_session, select\ndb = Database()\nclass M(db.Entity): pass",
        "with db_session:\n  M.get(id=1)",
        READ.with(Effects::BEGIN),
    ),
    ("from gino import Gino\ndb = Gino()\nclass M(db.Model): pass", "await M.get(1)", Effects::DB_READ),
    (
        "from gino import Gino\ndb = Gino()\nclass M(db.Model): pass",
        "await M.query.where(M.id == 1).gino.first()",
        Effects::DB_EXECUTE,
    ),
    ("import ormar\nclass M(ormar.Model): pass", "await M.objects.filter(a=1).all()", Effects::DB_READ),
    // Drivers
    (
        "import asyncmy",
        "c = await asyncmy.connect()\nasync with c.cursor() as cur:\n  await cur.execute('insert into t values (1)')",
        Effects::DB_INSERT,
    ),
    (
        "import pyodbc",
        "c = pyodbc.connect('x')\nc.cursor().execute('select 1')\nc.commit()",
        READ.with(Effects::COMMIT),
    ),
    (
        "import oracledb",
        "with oracledb.connect(user='x') as c:\n  with c.cursor() as cur:\n    cur.executemany('insert into t values (:1)', [])",
        Effects::DB_INSERT.with(Effects::BULK),
    ),
    (
        "import oracledb",
        "async with oracledb.connect_async() as c:\n  await c.execute('select 1 from dual')",
        Effects::DB_READ,
    ),
    ("import cx_Oracle", "cx_Oracle.connect('x').cursor().execute('select 1')", READ),
    (
        "import pymssql",
        "pymssql.connect('x').cursor().execute('update t set a = 1')",
        Effects::DB_UPDATE.with(Effects::BLOCKS),
    ),
    ("import duckdb", "duckdb.connect('x').execute('select 1').fetchall()", READ),
    ("import snowflake.connector", "snowflake.connector.connect().cursor().execute('select 1')", READ),
    ("from databases import Database\ndb = Database('x')", "await db.fetch_all('select 1')", Effects::DB_READ),
    (
        "from databases import Database\ndb = Database('x')",
        "async with db.transaction():\n  await db.execute_many('insert into t values (1)', [])",
        Effects::DB_INSERT.with(Effects::BULK).with(Effects::BEGIN),
    ),
    ("from clickhouse_driver import Client", "Client('x').execute('SELECT 1')", READ),
    ("import clickhouse_connect", "clickhouse_connect.get_client().query('SELECT 1')", EXEC),
    (
        "import clickhouse_connect",
        "c = await clickhouse_connect.get_async_client()\nawait c.insert('t', [])",
        Effects::DB_INSERT.with(Effects::BULK),
    ),
    ("from cassandra.cluster import Cluster\ns = Cluster().connect()", "s.execute('select 1')", READ),
    (
        "from neo4j import GraphDatabase\nd = GraphDatabase.driver('x')",
        "with d.session() as s:\n  s.run('MATCH (n) RETURN n')",
        EXEC,
    ),
    (
        "from neo4j import AsyncGraphDatabase\nd = AsyncGraphDatabase.driver('x')",
        "async with d.session() as s:\n  await s.run('MATCH (n) RETURN n')",
        Effects::DB_EXECUTE,
    ),
    ("import aiosql\nq = aiosql.from_path('q.sql', 'asyncpg')", "await q.get_user(c, id=1)", Effects::DB_EXECUTE),
    ("import aiosql\nq = aiosql.from_path('q.sql', 'psycopg2')", "q.get_user(c, id=1)", EXEC),
    // Jobs
    ("from rq import Queue\nq = Queue(connection=r)", "q.enqueue_many([])", SEND),
    ("from arq import create_pool", "p = await create_pool(s)\nawait p.enqueue_job('x')", Effects::PUBLISH),
    ("import dramatiq\n@dramatiq.actor\ndef work(): pass", "dramatiq.group([work.message()]).run()", SEND),
    (
        "import dramatiq\n@dramatiq.actor\ndef work(): pass",
        "work.send().get_result(block=True)",
        Effects::WAITS.with(SEND),
    ),
    ("from huey import RedisHuey\nh = RedisHuey()\nimport time\n@h.task()\ndef work(): time.sleep(9)", "work()", SEND),
    (
        "from taskiq import InMemoryBroker\nb = InMemoryBroker()\n@b.task\nasync def work(): pass",
        "await work.kiq()",
        Effects::PUBLISH,
    ),
    (
        "import procrastinate\napp = procrastinate.App(connector=c)\n@app.task(name='x')\ndef work(): pass",
        "work.defer(a=1)",
        SEND,
    ),
    (
        "from procrastinate import App\napp = App(connector=c)\n@app.task\nasync def work(): pass",
        "await work.configure(queue='x').defer_async(a=1)",
        Effects::PUBLISH,
    ),
    // Brokers
    (
        "import aio_pika",
        "c = await aio_pika.connect_robust('x')\nasync with c:\n  ch = await c.channel()\n  await ch.default_exchange.publish(m, routing_key='x')",
        Effects::PUBLISH.with(Effects::NETWORK),
    ),
    (
        "import nats",
        "n = await nats.connect()\nawait n.jetstream().publish('x', b'')",
        Effects::PUBLISH.with(Effects::NETWORK),
    ),
    ("import paho.mqtt.client as mqtt\nc = mqtt.Client()", "c.publish('x', 'y')", SEND),
    (
        "from aiokafka import AIOKafkaProducer\np = AIOKafkaProducer()",
        "await p.send_and_wait('x', b'')",
        Effects::PUBLISH,
    ),
    ("from confluent_kafka import Producer\np = Producer({})", "p.flush()", Effects::BLOCKS),
    // Services
    (
        "import aioboto3\ns = aioboto3.Session()",
        "async with s.client('s3') as c:\n  await c.put_object(Bucket='x')",
        Effects::STORAGE.with(Effects::NETWORK),
    ),
    (
        "from aiobotocore.session import get_session",
        "async with get_session().create_client('dynamodb') as c:\n  await c.get_item()",
        Effects::NETWORK,
    ),
    ("from minio import Minio\nm = Minio('x')", "m.put_object('b', 'k', d, 1)", Effects::STORAGE.with(NET)),
    ("import boto3\nc = boto3.client('ec2')", "c.get_waiter('x').wait()", Effects::WAITS.with(NET)),
    ("from opensearchpy import OpenSearch\nc = OpenSearch()", "c.search(index='x')", NET),
    (
        "from opensearchpy import AsyncOpenSearch\nc = AsyncOpenSearch()",
        "await c.indices.create(index='x')",
        Effects::NETWORK,
    ),
    (
        "from qdrant_client import AsyncQdrantClient\nc = AsyncQdrantClient()",
        "await c.search('x', [])",
        Effects::NETWORK,
    ),
    ("import stripe", "stripe.Customer.create(email=x)", NET),
    ("import stripe", "await stripe.checkout.Session.create_async()", Effects::NETWORK),
    (
        "import grpc\nfrom shop_pb2_grpc import OrdersStub",
        "with grpc.insecure_channel('x') as c:\n  OrdersStub(c).Get(r)",
        NET,
    ),
    (
        "import grpc\nfrom . import shop_pb2_grpc",
        "async with grpc.aio.insecure_channel('x') as c:\n  stub = shop_pb2_grpc.OrdersStub(c)\n  await stub.Get(r)",
        Effects::NETWORK,
    ),
    ("import litellm", "await litellm.acompletion(model='x')", Effects::NETWORK),
    ("from groq import Groq\nc = Groq()", "c.chat.completions.create(model='x')", NET),
    ("from flask_mail import Mail\nm = Mail()", "m.send(x)", Effects::MAIL.with(NET)),
    (
        "from fastapi_mail import FastMail\nm = FastMail(c)",
        "await m.send_message(x)",
        Effects::MAIL.with(Effects::NETWORK),
    ),
    ("from pymemcache.client.base import Client\nc = Client('x')", "c.get('k')", Effects::CACHE.with(Effects::BLOCKS)),
];

#[test]
fn a_call_of_each_library_does_what_its_table_says() {
    let mut wrong = Vec::new();
    for (head, body, expected) in PROGRAMS {
        let is_async = body.contains("await ") || body.contains("async ");
        let word = if is_async { "async def" } else { "def" };
        let code = format!("{head}\n{word} f():\n    {}\n", body.replace('\n', "\n    "));
        let (found, _) = run(&code);
        if !found.all(*expected) {
            let missing = Effects(expected.0 & !found.0);
            wrong.push(format!("{code}  lacks {:?} of {:?}", missing.bits().collect::<Vec<_>>(), found));
        }
        if is_async && found.any(Effects::BLOCKS) {
            wrong.push(format!("{code}  blocks"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn handlers_run_where_their_library_runs_them() {
    let routes = "from sanic import Sanic\napp = Sanic('x')\n";
    for (head, expected) in [
        (format!("{routes}@app.get('/')\nasync def f(request): pass\n"), RunContext::Request),
        (format!("{routes}@app.websocket('/')\nasync def f(request, ws): pass\n"), RunContext::Stream),
        (format!("{routes}@app.before_server_start\nasync def f(app): pass\n"), RunContext::Startup),
        (format!("{routes}async def f(request): pass\napp.add_route(f, '/x')\n"), RunContext::Request),
        ("import shop_pb2_grpc\nclass S(shop_pb2_grpc.OrdersServicer):\n    def f(self, request, context): pass\n".to_owned(), RunContext::Request),
        ("from sanic.views import HTTPMethodView\nclass V(HTTPMethodView):\n    async def f(self, request): pass\n".to_owned(), RunContext::Request),
        ("from litestar import websocket_stream\n@websocket_stream('/')\nasync def f(): yield 1\n".to_owned(), RunContext::Stream),
        ("from litestar.events import listener\n@listener('x')\nasync def f(): pass\n".to_owned(), RunContext::Job),
        ("import nats\nasync def f(m): pass\nasync def g():\n    n = await nats.connect()\n    await n.subscribe('x', cb=f)\n".to_owned(), RunContext::Job),
        ("import aio_pika\nasync def f(m): pass\nasync def g(c: aio_pika.abc.AbstractChannel):\n    q = await c.declare_queue('x')\n    await q.consume(f)\n".to_owned(), RunContext::Job),
        ("from huey import RedisHuey\nh = RedisHuey()\n@h.task()\ndef f(): pass\n".to_owned(), RunContext::Job),
        ("from procrastinate import App\napp = App(connector=c)\n@app.periodic(cron='0 * * * *')\n@app.task\ndef f(t): pass\n".to_owned(), RunContext::Job),
    ] {
        assert_eq!(run(&head).1, expected, "{head}");
    }
}
