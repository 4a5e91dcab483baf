//! asgiref and Channels: crossing between synchronous and asynchronous code.

use super::mixes::WAIT;
use crate::libraries::{ClassRow, Effects, Library, Place, Ret, Row, RunContext, call, class};

/// asgiref.
pub const LIBRARY: Library = Library {
    name: "asgiref",
    roots: &["asgiref", "channels"],
    rows: ROWS,
    classes: CLASSES,
    aliases: &[],
    values: &[],
};

const ROWS: &[Row] = &[
    // https://docs.djangoproject.com/en/5.2/topics/async/#async-adapter-functions
    call("asgiref.sync.async_to_sync").does(WAIT).gives(Ret::Arg(0)).runs_named(0, "awaitable", Place::Here),
    call("asgiref.sync.sync_to_async").gives(Ret::Arg(0)).runs_named(0, "func", Place::Thread),
    // https://channels.readthedocs.io/en/stable/topics/databases.html
    call("channels.db.database_sync_to_async").gives(Ret::Arg(0)).runs(0, Place::Thread),
    // https://channels.readthedocs.io/en/stable/topics/channel_layers.html
    call("channels.layers.BaseChannelLayer.group_add").does(Effects::SUBSCRIBE).gives(Ret::Nothing).asynchronous(),
    call("channels.layers.BaseChannelLayer.group_discard").does(Effects::SUBSCRIBE).gives(Ret::Nothing).asynchronous(),
    call("channels.layers.BaseChannelLayer.group_send").does(Effects::PUBLISH).gives(Ret::Nothing).asynchronous(),
    call("channels.layers.BaseChannelLayer.send").does(Effects::PUBLISH).gives(Ret::Nothing).asynchronous(),
    call("channels.layers.get_channel_layer").gives(Ret::Inst("channels.layers.BaseChannelLayer")),
];

const CLASSES: &[ClassRow] = &[
    // https://channels.readthedocs.io/en/stable/topics/consumers.html
    class("channels.consumer.AsyncConsumer").handles(RunContext::Stream),
    class("channels.consumer.SyncConsumer").handles(RunContext::Stream),
    class("channels.generic.http.AsyncHttpConsumer").handles(RunContext::Request),
    class("channels.generic.websocket.AsyncJsonWebsocketConsumer").handles(RunContext::Stream),
    class("channels.generic.websocket.AsyncWebsocketConsumer").handles(RunContext::Stream),
    class("channels.generic.websocket.JsonWebsocketConsumer").handles(RunContext::Stream),
    class("channels.generic.websocket.WebsocketConsumer").handles(RunContext::Stream),
    // https://channels.readthedocs.io/en/stable/topics/channel_layers.html
    class("channels.layers.BaseChannelLayer"),
];
