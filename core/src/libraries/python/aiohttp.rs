//! aiohttp: client and server. A request method gives a response when awaited or entered.

use super::mixes::WAIT;
use crate::libraries::{ClassRow, Effects, Exit, Library, Resource, Ret, Row, RunContext, call, class};

/// aiohttp.
pub const LIBRARY: Library =
    Library { name: "aiohttp", roots: &["aiohttp"], rows: ROWS, classes: CLASSES, aliases: ALIASES, values: &[] };

const ROWS: &[Row] = &[
    // https://docs.aiohttp.org/en/stable/client_reference.html#aiohttp.ClientSession
    call("aiohttp.ClientSession").gives(Ret::Inst("aiohttp.ClientSession")).acquires(Resource::HttpClient),
    call("aiohttp.ClientSession.close").does(Effects::CLOSES).gives(Ret::Nothing).asynchronous(),
    call("aiohttp.ClientSession.delete")
        .does(Effects::NETWORK)
        .gives(Ret::Inst("aiohttp.ClientResponse"))
        .asynchronous(),
    call("aiohttp.ClientSession.get").does(Effects::NETWORK).gives(Ret::Inst("aiohttp.ClientResponse")).asynchronous(),
    call("aiohttp.ClientSession.head").does(Effects::NETWORK).gives(Ret::Inst("aiohttp.ClientResponse")).asynchronous(),
    call("aiohttp.ClientSession.options")
        .does(Effects::NETWORK)
        .gives(Ret::Inst("aiohttp.ClientResponse"))
        .asynchronous(),
    call("aiohttp.ClientSession.patch")
        .does(Effects::NETWORK)
        .gives(Ret::Inst("aiohttp.ClientResponse"))
        .asynchronous(),
    call("aiohttp.ClientSession.post").does(Effects::NETWORK).gives(Ret::Inst("aiohttp.ClientResponse")).asynchronous(),
    call("aiohttp.ClientSession.put").does(Effects::NETWORK).gives(Ret::Inst("aiohttp.ClientResponse")).asynchronous(),
    call("aiohttp.ClientSession.request")
        .does(Effects::NETWORK)
        .gives(Ret::Inst("aiohttp.ClientResponse"))
        .asynchronous(),
    call("aiohttp.ClientSession.ws_connect")
        .does(Effects::NETWORK)
        .gives(Ret::Inst("aiohttp.ClientWebSocketResponse"))
        .acquires(Resource::Socket)
        .asynchronous(),
    call("aiohttp.ClientTimeout"),
    call("aiohttp.TCPConnector"),
    call("aiohttp.request").does(Effects::NETWORK).gives(Ret::Inst("aiohttp.ClientResponse")).asynchronous(),
    // https://docs.aiohttp.org/en/stable/client_reference.html#aiohttp.ClientResponse
    call("aiohttp.ClientResponse.close").does(Effects::CLOSES).gives(Ret::Nothing),
    call("aiohttp.ClientResponse.json").does(Effects::NETWORK).asynchronous(),
    call("aiohttp.ClientResponse.raise_for_status").gives(Ret::Nothing),
    call("aiohttp.ClientResponse.read").does(Effects::NETWORK).gives(Ret::Bytes).asynchronous(),
    call("aiohttp.ClientResponse.release").does(Effects::CLOSES),
    call("aiohttp.ClientResponse.text").does(Effects::NETWORK).gives(Ret::Str).asynchronous(),
    call("aiohttp.ClientWebSocketResponse.close").does(Effects::NETWORK).asynchronous(),
    call("aiohttp.ClientWebSocketResponse.receive").does(Effects::NETWORK.with(Effects::WAITS)).asynchronous(),
    call("aiohttp.ClientWebSocketResponse.receive_bytes").does(Effects::NETWORK.with(Effects::WAITS)).asynchronous(),
    call("aiohttp.ClientWebSocketResponse.receive_json").does(Effects::NETWORK.with(Effects::WAITS)).asynchronous(),
    call("aiohttp.ClientWebSocketResponse.receive_str").does(Effects::NETWORK.with(Effects::WAITS)).asynchronous(),
    call("aiohttp.ClientWebSocketResponse.send_bytes").does(Effects::NETWORK).asynchronous(),
    call("aiohttp.ClientWebSocketResponse.send_json").does(Effects::NETWORK).asynchronous(),
    call("aiohttp.ClientWebSocketResponse.send_str").does(Effects::NETWORK).asynchronous(),
    call("aiohttp.StreamReader.iter_any").gives(Ret::Inst("aiohttp.StreamReader.iter_chunked:chunks")),
    call("aiohttp.StreamReader.iter_chunked").gives(Ret::Inst("aiohttp.StreamReader.iter_chunked:chunks")),
    call("aiohttp.StreamReader.iter_chunks").gives(Ret::Inst("aiohttp.StreamReader.iter_chunked:chunks")),
    call("aiohttp.StreamReader.read").does(Effects::NETWORK).asynchronous(),
    call("aiohttp.StreamReader.readany").does(Effects::NETWORK).asynchronous(),
    call("aiohttp.StreamReader.readchunk").does(Effects::NETWORK).asynchronous(),
    call("aiohttp.StreamReader.readexactly").does(Effects::NETWORK).asynchronous(),
    call("aiohttp.StreamReader.readline").does(Effects::NETWORK).asynchronous(),
    // https://docs.aiohttp.org/en/stable/web_reference.html
    call("aiohttp.web.Application").gives(Ret::Inst("aiohttp.web.Application")),
    call("aiohttp.web.Application.add_routes").gives(Ret::List),
    call("aiohttp.web.FileResponse").does(Effects::STREAMS).gives(Ret::Inst("aiohttp.web.FileResponse")),
    call("aiohttp.web.Request.json").asynchronous(),
    call("aiohttp.web.Request.multipart").asynchronous(),
    call("aiohttp.web.Request.post").asynchronous(),
    call("aiohttp.web.Request.read").asynchronous(),
    call("aiohttp.web.Request.text").asynchronous(),
    call("aiohttp.web.Response").gives(Ret::Inst("aiohttp.web.Response")),
    call("aiohttp.web.RouteTableDef").gives(Ret::Inst("aiohttp.web.RouteTableDef")),
    call("aiohttp.web.RouteTableDef.delete").gives(Ret::Decorated).decorates(RunContext::Request),
    call("aiohttp.web.RouteTableDef.get").gives(Ret::Decorated).decorates(RunContext::Request),
    call("aiohttp.web.RouteTableDef.head").gives(Ret::Decorated).decorates(RunContext::Request),
    call("aiohttp.web.RouteTableDef.patch").gives(Ret::Decorated).decorates(RunContext::Request),
    call("aiohttp.web.RouteTableDef.post").gives(Ret::Decorated).decorates(RunContext::Request),
    call("aiohttp.web.RouteTableDef.put").gives(Ret::Decorated).decorates(RunContext::Request),
    call("aiohttp.web.RouteTableDef.route").gives(Ret::Decorated).decorates(RunContext::Request),
    call("aiohttp.web.RouteTableDef.view").gives(Ret::Decorated).decorates(RunContext::Request),
    call("aiohttp.web.StreamResponse").gives(Ret::Inst("aiohttp.web.StreamResponse")),
    call("aiohttp.web.StreamResponse.drain").does(Effects::STREAMS).asynchronous(),
    call("aiohttp.web.StreamResponse.prepare").does(Effects::STREAMS).asynchronous(),
    call("aiohttp.web.StreamResponse.write").does(Effects::STREAMS).asynchronous(),
    call("aiohttp.web.StreamResponse.write_eof").does(Effects::STREAMS).asynchronous(),
    call("aiohttp.web.UrlDispatcher.add_delete").handler_named(1, "handler", RunContext::Request),
    call("aiohttp.web.UrlDispatcher.add_get").handler_named(1, "handler", RunContext::Request),
    call("aiohttp.web.UrlDispatcher.add_head").handler_named(1, "handler", RunContext::Request),
    call("aiohttp.web.UrlDispatcher.add_patch").handler_named(1, "handler", RunContext::Request),
    call("aiohttp.web.UrlDispatcher.add_post").handler_named(1, "handler", RunContext::Request),
    call("aiohttp.web.UrlDispatcher.add_put").handler_named(1, "handler", RunContext::Request),
    call("aiohttp.web.UrlDispatcher.add_route").handler_named(2, "handler", RunContext::Request),
    call("aiohttp.web.UrlDispatcher.add_view").handler_named(1, "handler", RunContext::Request),
    call("aiohttp.web.WebSocketResponse").gives(Ret::Inst("aiohttp.web.WebSocketResponse")),
    call("aiohttp.web.WebSocketResponse.close").gives(Ret::Nothing).asynchronous(),
    call("aiohttp.web.WebSocketResponse.receive").does(Effects::WAITS).asynchronous(),
    call("aiohttp.web.WebSocketResponse.receive_bytes").does(Effects::WAITS).asynchronous(),
    call("aiohttp.web.WebSocketResponse.receive_json").does(Effects::WAITS).asynchronous(),
    call("aiohttp.web.WebSocketResponse.receive_str").does(Effects::WAITS).asynchronous(),
    call("aiohttp.web.WebSocketResponse.send_bytes").gives(Ret::Nothing).asynchronous(),
    call("aiohttp.web.WebSocketResponse.send_json").gives(Ret::Nothing).asynchronous(),
    call("aiohttp.web.WebSocketResponse.send_str").gives(Ret::Nothing).asynchronous(),
    call("aiohttp.web.delete").handler_named(1, "handler", RunContext::Request),
    call("aiohttp.web.get").handler_named(1, "handler", RunContext::Request),
    call("aiohttp.web.head").handler_named(1, "handler", RunContext::Request),
    call("aiohttp.web.json_response").gives(Ret::Inst("aiohttp.web.Response")),
    call("aiohttp.web.middleware").gives(Ret::Decorated).decorates(RunContext::Request),
    call("aiohttp.web.patch").handler_named(1, "handler", RunContext::Request),
    call("aiohttp.web.post").handler_named(1, "handler", RunContext::Request),
    call("aiohttp.web.put").handler_named(1, "handler", RunContext::Request),
    call("aiohttp.web.route").handler(2, RunContext::Request),
    call("aiohttp.web.run_app").does(WAIT).gives(Ret::Nothing),
    call("aiohttp.web.view").handler_named(1, "handler", RunContext::Request),
];

const CLASSES: &[ClassRow] = &[
    // https://docs.aiohttp.org/en/stable/client_reference.html#aiohttp.ClientSession
    class("aiohttp.ClientSession").resource(Resource::HttpClient).manages(Ret::Receiver, Effects::NONE, Exit::Closes),
    // https://docs.aiohttp.org/en/stable/client_reference.html#aiohttp.ClientResponse
    class("aiohttp.ClientResponse")
        .resource(Resource::HttpResponse)
        .manages(Ret::Receiver, Effects::NONE, Exit::Closes)
        .attrs(&[
            ("content", Ret::Inst("aiohttp.StreamReader")),
            ("headers", Ret::Dict),
            ("ok", Ret::Bool),
            ("status", Ret::Number),
        ]),
    class("aiohttp.ClientWebSocketResponse")
        .resource(Resource::Socket)
        .manages(Ret::Receiver, Effects::NONE, Exit::Closes)
        .iterates(Ret::Unknown, Effects::NETWORK.with(Effects::WAITS)),
    class("aiohttp.StreamReader").iterates(Ret::Bytes, Effects::NETWORK),
    class("aiohttp.StreamReader.iter_chunked:chunks").iterates(Ret::Bytes, Effects::NETWORK),
    // https://docs.aiohttp.org/en/stable/web_reference.html
    class("aiohttp.web.Application").attrs(&[("router", Ret::Inst("aiohttp.web.UrlDispatcher"))]),
    class("aiohttp.web.FileResponse").extends(&["aiohttp.web.StreamResponse"]),
    class("aiohttp.web.Request").attrs(&[("match_info", Ret::Dict), ("method", Ret::Str), ("query", Ret::Dict)]),
    class("aiohttp.web.Response").extends(&["aiohttp.web.StreamResponse"]),
    class("aiohttp.web.RouteTableDef"),
    class("aiohttp.web.StreamResponse"),
    class("aiohttp.web.UrlDispatcher"),
    class("aiohttp.web.View").handles(RunContext::Request),
    class("aiohttp.web.WebSocketResponse")
        .extends(&["aiohttp.web.StreamResponse"])
        .iterates(Ret::Unknown, Effects::WAITS),
];

const ALIASES: &[(&str, &str)] = &[
    ("aiohttp.client", "aiohttp"),
    ("aiohttp.client_reqrep", "aiohttp"),
    ("aiohttp.web_app", "aiohttp.web"),
    ("aiohttp.web_request", "aiohttp.web"),
    ("aiohttp.web_response", "aiohttp.web"),
    ("aiohttp.web_urldispatcher", "aiohttp.web"),
];
