//! redis-py, synchronous and asyncio. Commands are methods that no row names; a pipeline only collects them until `execute`.

use super::mixes::{CACHED, WAIT};
use crate::libraries::{ClassRow, Effects, Exit, Library, Place, Resource, Ret, Row, call, class};

/// redis.
pub const LIBRARY: Library = Library {
    name: "redis",
    roots: &["redis", "aioredis", "django_redis"],
    rows: ROWS,
    classes: CLASSES,
    aliases: ALIASES,
    values: &[],
};

const ROWS: &[Row] = &[
    // https://redis.readthedocs.io/en/stable/connections.html
    call("redis.BlockingConnectionPool").gives(Ret::Inst("redis.ConnectionPool")).acquires(Resource::Pool),
    call("redis.ConnectionPool").gives(Ret::Inst("redis.ConnectionPool")).acquires(Resource::Pool),
    call("redis.ConnectionPool.close").does(Effects::CLOSES).gives(Ret::Nothing),
    call("redis.ConnectionPool.disconnect").does(Effects::CLOSES).gives(Ret::Nothing),
    call("redis.ConnectionPool.from_url").gives(Ret::Inst("redis.ConnectionPool")).acquires(Resource::Pool),
    call("redis.Redis").gives(Ret::Inst("redis.Redis")).acquires(Resource::CacheClient),
    call("redis.Redis.blpop").does(CACHED.with(Effects::WAITS)),
    call("redis.Redis.brpop").does(CACHED.with(Effects::WAITS)),
    call("redis.Redis.brpoplpush").does(CACHED.with(Effects::WAITS)),
    call("redis.Redis.bzpopmax").does(CACHED.with(Effects::WAITS)),
    call("redis.Redis.bzpopmin").does(CACHED.with(Effects::WAITS)),
    call("redis.Redis.close").does(Effects::CLOSES).gives(Ret::Nothing),
    call("redis.Redis.dbsize").does(CACHED).gives(Ret::Number),
    call("redis.Redis.decr").does(CACHED).gives(Ret::Number),
    call("redis.Redis.decrby").does(CACHED).gives(Ret::Number),
    call("redis.Redis.delete").does(CACHED).gives(Ret::Number),
    call("redis.Redis.exists").does(CACHED).gives(Ret::Number),
    call("redis.Redis.from_pool").gives(Ret::Inst("redis.Redis")).acquires(Resource::CacheClient),
    call("redis.Redis.from_url").gives(Ret::Inst("redis.Redis")).acquires(Resource::CacheClient),
    call("redis.Redis.get_connection_kwargs"),
    call("redis.Redis.get_encoder"),
    call("redis.Redis.hgetall").does(CACHED).gives(Ret::Dict),
    call("redis.Redis.hkeys").does(CACHED).gives(Ret::List),
    call("redis.Redis.hlen").does(CACHED).gives(Ret::Number),
    call("redis.Redis.hscan_iter").gives(Ret::Inst("redis.Redis.scan_iter:keys")),
    call("redis.Redis.hvals").does(CACHED).gives(Ret::List),
    call("redis.Redis.incr").does(CACHED).gives(Ret::Number),
    call("redis.Redis.incrby").does(CACHED).gives(Ret::Number),
    call("redis.Redis.keys").does(CACHED).gives(Ret::List),
    call("redis.Redis.llen").does(CACHED).gives(Ret::Number),
    call("redis.Redis.lock").gives(Ret::Inst("redis.lock.Lock")),
    call("redis.Redis.lrange").does(CACHED).gives(Ret::List),
    call("redis.Redis.mget").does(CACHED).gives(Ret::List),
    call("redis.Redis.pipeline").gives(Ret::Inst("redis.client.Pipeline")),
    call("redis.Redis.publish").does(CACHED.with(Effects::PUBLISH)).gives(Ret::Number),
    call("redis.Redis.pubsub").gives(Ret::Inst("redis.client.PubSub")),
    call("redis.Redis.register_script"),
    call("redis.Redis.scan_iter").gives(Ret::Inst("redis.Redis.scan_iter:keys")),
    call("redis.Redis.scard").does(CACHED).gives(Ret::Number),
    call("redis.Redis.set_response_callback"),
    call("redis.Redis.sscan_iter").gives(Ret::Inst("redis.Redis.scan_iter:keys")),
    call("redis.Redis.transaction").does(CACHED).runs_named(0, "func", Place::Here),
    call("redis.Redis.ttl").does(CACHED).gives(Ret::Number),
    call("redis.Redis.xadd").does(CACHED.with(Effects::PUBLISH)),
    call("redis.Redis.xread").does(CACHED.with(Effects::WAITS)),
    call("redis.Redis.xreadgroup").does(CACHED.with(Effects::WAITS)),
    call("redis.Redis.zcard").does(CACHED).gives(Ret::Number),
    call("redis.Redis.zscan_iter").gives(Ret::Inst("redis.Redis.scan_iter:keys")),
    call("redis.RedisCluster").gives(Ret::Inst("redis.RedisCluster")).acquires(Resource::CacheClient),
    call("redis.from_url").gives(Ret::Inst("redis.Redis")).acquires(Resource::CacheClient),
    // https://redis.readthedocs.io/en/stable/advanced_features.html#pipelines
    call("redis.client.Pipeline.execute").does(CACHED.with(Effects::BULK)).gives(Ret::List),
    call("redis.client.Pipeline.immediate_execute_command").does(CACHED),
    call("redis.client.Pipeline.multi").gives(Ret::Nothing),
    call("redis.client.Pipeline.reset").gives(Ret::Nothing),
    call("redis.client.Pipeline.watch").does(CACHED),
    // https://redis.readthedocs.io/en/stable/advanced_features.html#publish-subscribe
    call("redis.client.PubSub.close").does(Effects::CLOSES).gives(Ret::Nothing),
    call("redis.client.PubSub.get_message").does(WAIT),
    call("redis.client.PubSub.listen").gives(Ret::Inst("redis.client.PubSub.listen:messages")),
    call("redis.client.PubSub.psubscribe").does(Effects::SUBSCRIBE.with(Effects::BLOCKS)),
    call("redis.client.PubSub.punsubscribe").does(Effects::BLOCKS),
    call("redis.client.PubSub.run_in_thread"),
    call("redis.client.PubSub.ssubscribe").does(Effects::SUBSCRIBE.with(Effects::BLOCKS)),
    call("redis.client.PubSub.subscribe").does(Effects::SUBSCRIBE.with(Effects::BLOCKS)),
    call("redis.client.PubSub.unsubscribe").does(Effects::BLOCKS),
    // https://redis.readthedocs.io/en/stable/lock.html
    call("redis.lock.Lock.acquire").does(CACHED.with(Effects::WAITS)).gives(Ret::Bool).acquires(Resource::Lock),
    call("redis.lock.Lock.extend").does(CACHED).gives(Ret::Bool),
    call("redis.lock.Lock.locked").does(CACHED).gives(Ret::Bool),
    call("redis.lock.Lock.owned").does(CACHED).gives(Ret::Bool),
    call("redis.lock.Lock.reacquire").does(CACHED).gives(Ret::Bool),
    call("redis.lock.Lock.release").does(CACHED.with(Effects::CLOSES)).gives(Ret::Nothing),
    // https://redis.readthedocs.io/en/stable/examples/asyncio_examples.html
    call("redis.asyncio.BlockingConnectionPool")
        .gives(Ret::Inst("redis.asyncio.ConnectionPool"))
        .acquires(Resource::Pool),
    call("redis.asyncio.ConnectionPool").gives(Ret::Inst("redis.asyncio.ConnectionPool")).acquires(Resource::Pool),
    call("redis.asyncio.ConnectionPool.aclose").does(Effects::CLOSES).gives(Ret::Nothing).asynchronous(),
    call("redis.asyncio.ConnectionPool.disconnect").does(Effects::CLOSES).gives(Ret::Nothing).asynchronous(),
    call("redis.asyncio.ConnectionPool.from_url")
        .gives(Ret::Inst("redis.asyncio.ConnectionPool"))
        .acquires(Resource::Pool),
    call("redis.asyncio.Redis").gives(Ret::Inst("redis.asyncio.Redis")).acquires(Resource::CacheClient),
    call("redis.asyncio.Redis.aclose").does(Effects::CLOSES).gives(Ret::Nothing).asynchronous(),
    call("redis.asyncio.Redis.blpop").does(Effects::CACHE.with(Effects::WAITS)).asynchronous(),
    call("redis.asyncio.Redis.brpop").does(Effects::CACHE.with(Effects::WAITS)).asynchronous(),
    call("redis.asyncio.Redis.brpoplpush").does(Effects::CACHE.with(Effects::WAITS)).asynchronous(),
    call("redis.asyncio.Redis.bzpopmax").does(Effects::CACHE.with(Effects::WAITS)).asynchronous(),
    call("redis.asyncio.Redis.bzpopmin").does(Effects::CACHE.with(Effects::WAITS)).asynchronous(),
    call("redis.asyncio.Redis.close").does(Effects::CLOSES).gives(Ret::Nothing).asynchronous(),
    call("redis.asyncio.Redis.dbsize").does(Effects::CACHE).gives(Ret::Number).asynchronous(),
    call("redis.asyncio.Redis.decr").does(Effects::CACHE).gives(Ret::Number).asynchronous(),
    call("redis.asyncio.Redis.decrby").does(Effects::CACHE).gives(Ret::Number).asynchronous(),
    call("redis.asyncio.Redis.delete").does(Effects::CACHE).gives(Ret::Number).asynchronous(),
    call("redis.asyncio.Redis.exists").does(Effects::CACHE).gives(Ret::Number).asynchronous(),
    call("redis.asyncio.Redis.from_pool").gives(Ret::Inst("redis.asyncio.Redis")).acquires(Resource::CacheClient),
    call("redis.asyncio.Redis.from_url").gives(Ret::Inst("redis.asyncio.Redis")).acquires(Resource::CacheClient),
    call("redis.asyncio.Redis.get_connection_kwargs"),
    call("redis.asyncio.Redis.get_encoder"),
    call("redis.asyncio.Redis.hgetall").does(Effects::CACHE).gives(Ret::Dict).asynchronous(),
    call("redis.asyncio.Redis.hkeys").does(Effects::CACHE).gives(Ret::List).asynchronous(),
    call("redis.asyncio.Redis.hlen").does(Effects::CACHE).gives(Ret::Number).asynchronous(),
    call("redis.asyncio.Redis.hscan_iter").gives(Ret::Inst("redis.asyncio.Redis.scan_iter:keys")),
    call("redis.asyncio.Redis.hvals").does(Effects::CACHE).gives(Ret::List).asynchronous(),
    call("redis.asyncio.Redis.incr").does(Effects::CACHE).gives(Ret::Number).asynchronous(),
    call("redis.asyncio.Redis.incrby").does(Effects::CACHE).gives(Ret::Number).asynchronous(),
    call("redis.asyncio.Redis.keys").does(Effects::CACHE).gives(Ret::List).asynchronous(),
    call("redis.asyncio.Redis.llen").does(Effects::CACHE).gives(Ret::Number).asynchronous(),
    call("redis.asyncio.Redis.lock").gives(Ret::Inst("redis.asyncio.lock.Lock")),
    call("redis.asyncio.Redis.lrange").does(Effects::CACHE).gives(Ret::List).asynchronous(),
    call("redis.asyncio.Redis.mget").does(Effects::CACHE).gives(Ret::List).asynchronous(),
    call("redis.asyncio.Redis.pipeline").gives(Ret::Inst("redis.asyncio.client.Pipeline")),
    call("redis.asyncio.Redis.publish").does(Effects::CACHE.with(Effects::PUBLISH)).gives(Ret::Number).asynchronous(),
    call("redis.asyncio.Redis.pubsub").gives(Ret::Inst("redis.asyncio.client.PubSub")),
    call("redis.asyncio.Redis.register_script"),
    call("redis.asyncio.Redis.scan_iter").gives(Ret::Inst("redis.asyncio.Redis.scan_iter:keys")),
    call("redis.asyncio.Redis.scard").does(Effects::CACHE).gives(Ret::Number).asynchronous(),
    call("redis.asyncio.Redis.set_response_callback"),
    call("redis.asyncio.Redis.sscan_iter").gives(Ret::Inst("redis.asyncio.Redis.scan_iter:keys")),
    call("redis.asyncio.Redis.transaction").does(Effects::CACHE).runs_named(0, "func", Place::Here).asynchronous(),
    call("redis.asyncio.Redis.ttl").does(Effects::CACHE).gives(Ret::Number).asynchronous(),
    call("redis.asyncio.Redis.xadd").does(Effects::CACHE.with(Effects::PUBLISH)).asynchronous(),
    call("redis.asyncio.Redis.xread").does(Effects::CACHE.with(Effects::WAITS)).asynchronous(),
    call("redis.asyncio.Redis.xreadgroup").does(Effects::CACHE.with(Effects::WAITS)).asynchronous(),
    call("redis.asyncio.Redis.zcard").does(Effects::CACHE).gives(Ret::Number).asynchronous(),
    call("redis.asyncio.Redis.zscan_iter").gives(Ret::Inst("redis.asyncio.Redis.scan_iter:keys")),
    call("redis.asyncio.RedisCluster").gives(Ret::Inst("redis.asyncio.RedisCluster")).acquires(Resource::CacheClient),
    call("redis.asyncio.client.Pipeline.execute")
        .does(Effects::CACHE.with(Effects::BULK))
        .gives(Ret::List)
        .asynchronous(),
    call("redis.asyncio.client.Pipeline.immediate_execute_command").does(Effects::CACHE).asynchronous(),
    call("redis.asyncio.client.Pipeline.multi").gives(Ret::Nothing),
    call("redis.asyncio.client.Pipeline.reset").gives(Ret::Nothing).asynchronous(),
    call("redis.asyncio.client.Pipeline.watch").does(Effects::CACHE).asynchronous(),
    call("redis.asyncio.client.PubSub.aclose").does(Effects::CLOSES).gives(Ret::Nothing).asynchronous(),
    call("redis.asyncio.client.PubSub.close").does(Effects::CLOSES).gives(Ret::Nothing).asynchronous(),
    call("redis.asyncio.client.PubSub.get_message").does(Effects::WAITS).asynchronous(),
    call("redis.asyncio.client.PubSub.listen").gives(Ret::Inst("redis.asyncio.client.PubSub.listen:messages")),
    call("redis.asyncio.client.PubSub.psubscribe").does(Effects::SUBSCRIBE).asynchronous(),
    call("redis.asyncio.client.PubSub.punsubscribe").asynchronous(),
    call("redis.asyncio.client.PubSub.subscribe").does(Effects::SUBSCRIBE).asynchronous(),
    call("redis.asyncio.client.PubSub.unsubscribe").asynchronous(),
    call("redis.asyncio.from_url").gives(Ret::Inst("redis.asyncio.Redis")).acquires(Resource::CacheClient),
    call("redis.asyncio.lock.Lock.acquire")
        .does(Effects::CACHE.with(Effects::WAITS))
        .gives(Ret::Bool)
        .acquires(Resource::Lock)
        .asynchronous(),
    call("redis.asyncio.lock.Lock.extend").does(Effects::CACHE).gives(Ret::Bool).asynchronous(),
    call("redis.asyncio.lock.Lock.locked").does(Effects::CACHE).gives(Ret::Bool).asynchronous(),
    call("redis.asyncio.lock.Lock.owned").does(Effects::CACHE).gives(Ret::Bool).asynchronous(),
    call("redis.asyncio.lock.Lock.reacquire").does(Effects::CACHE).gives(Ret::Bool).asynchronous(),
    call("redis.asyncio.lock.Lock.release")
        .does(Effects::CACHE.with(Effects::CLOSES))
        .gives(Ret::Nothing)
        .asynchronous(),
    // https://github.com/jazzband/django-redis#raw-client-access
    call("django_redis.get_redis_connection").gives(Ret::Inst("redis.Redis")),
];

const CLASSES: &[ClassRow] = &[
    // https://redis.readthedocs.io/en/stable/connections.html
    class("redis.ConnectionPool").resource(Resource::Pool),
    class("redis.Redis")
        .resource(Resource::CacheClient)
        .manages(Ret::Receiver, Effects::NONE, Exit::Closes)
        .otherwise(CACHED, false),
    class("redis.Redis.scan_iter:keys").iterates(Ret::Unknown, CACHED),
    class("redis.RedisCluster").extends(&["redis.Redis"]),
    // https://redis.readthedocs.io/en/stable/advanced_features.html#pipelines
    class("redis.client.Pipeline").manages(Ret::Receiver, Effects::NONE, Exit::Closes),
    // https://redis.readthedocs.io/en/stable/advanced_features.html#publish-subscribe
    class("redis.client.PubSub").resource(Resource::CacheClient).manages(Ret::Receiver, Effects::NONE, Exit::Closes),
    class("redis.client.PubSub.listen:messages").iterates(Ret::Dict, WAIT),
    // https://redis.readthedocs.io/en/stable/lock.html
    class("redis.lock.Lock").resource(Resource::Lock).manages(Ret::Receiver, CACHED.with(Effects::WAITS), Exit::Closes),
    // https://redis.readthedocs.io/en/stable/examples/asyncio_examples.html
    class("redis.asyncio.ConnectionPool").resource(Resource::Pool),
    class("redis.asyncio.Redis")
        .resource(Resource::CacheClient)
        .manages(Ret::Receiver, Effects::NONE, Exit::Closes)
        .otherwise(Effects::CACHE, true),
    class("redis.asyncio.Redis.scan_iter:keys").iterates(Ret::Unknown, Effects::CACHE),
    class("redis.asyncio.RedisCluster").extends(&["redis.asyncio.Redis"]),
    class("redis.asyncio.client.Pipeline").manages(Ret::Receiver, Effects::NONE, Exit::Closes),
    class("redis.asyncio.client.PubSub").resource(Resource::CacheClient).manages(
        Ret::Receiver,
        Effects::NONE,
        Exit::Closes,
    ),
    class("redis.asyncio.client.PubSub.listen:messages").iterates(Ret::Dict, Effects::WAITS),
    class("redis.asyncio.lock.Lock").resource(Resource::Lock).manages(
        Ret::Receiver,
        Effects::CACHE.with(Effects::WAITS),
        Exit::Closes,
    ),
];

const ALIASES: &[(&str, &str)] = &[
    ("aioredis", "redis.asyncio"),
    ("redis.StrictRedis", "redis.Redis"),
    ("redis.asyncio.StrictRedis", "redis.asyncio.Redis"),
    ("redis.asyncio.client.Redis", "redis.asyncio.Redis"),
    ("redis.asyncio.client.StrictRedis", "redis.asyncio.Redis"),
    ("redis.asyncio.cluster", "redis.asyncio"),
    ("redis.asyncio.connection", "redis.asyncio"),
    ("redis.asyncio.utils", "redis.asyncio"),
    ("redis.client.Redis", "redis.Redis"),
    ("redis.client.StrictRedis", "redis.Redis"),
    ("redis.cluster", "redis"),
    ("redis.connection", "redis"),
    ("redis.utils", "redis"),
];
