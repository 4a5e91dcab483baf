//! httpx: synchronous functions and `Client`, asynchronous `AsyncClient`.

use super::mixes::NET;
use crate::libraries::{ClassRow, Effects, Exit, Library, Resource, Ret, Row, call, class};

/// httpx.
pub const LIBRARY: Library =
    Library { name: "httpx", roots: &["httpx"], rows: ROWS, classes: CLASSES, aliases: ALIASES, values: &[] };

const ROWS: &[Row] = &[
    // https://www.python-httpx.org/api/#helper-functions
    call("httpx.delete").does(NET).gives(Ret::Inst("httpx.Response")),
    call("httpx.get").does(NET).gives(Ret::Inst("httpx.Response")),
    call("httpx.head").does(NET).gives(Ret::Inst("httpx.Response")),
    call("httpx.options").does(NET).gives(Ret::Inst("httpx.Response")),
    call("httpx.patch").does(NET).gives(Ret::Inst("httpx.Response")),
    call("httpx.post").does(NET).gives(Ret::Inst("httpx.Response")),
    call("httpx.put").does(NET).gives(Ret::Inst("httpx.Response")),
    call("httpx.request").does(NET).gives(Ret::Inst("httpx.Response")),
    call("httpx.stream").does(NET).gives(Ret::Inst("httpx.stream:context")),
    // https://www.python-httpx.org/api/#client
    call("httpx.Client").gives(Ret::Inst("httpx.Client")).acquires(Resource::HttpClient),
    call("httpx.Client.build_request"),
    call("httpx.Client.close").does(Effects::CLOSES).gives(Ret::Nothing),
    call("httpx.Client.delete").does(NET).gives(Ret::Inst("httpx.Response")),
    call("httpx.Client.get").does(NET).gives(Ret::Inst("httpx.Response")),
    call("httpx.Client.head").does(NET).gives(Ret::Inst("httpx.Response")),
    call("httpx.Client.options").does(NET).gives(Ret::Inst("httpx.Response")),
    call("httpx.Client.patch").does(NET).gives(Ret::Inst("httpx.Response")),
    call("httpx.Client.post").does(NET).gives(Ret::Inst("httpx.Response")),
    call("httpx.Client.put").does(NET).gives(Ret::Inst("httpx.Response")),
    call("httpx.Client.request").does(NET).gives(Ret::Inst("httpx.Response")),
    call("httpx.Client.send").does(NET).gives(Ret::Inst("httpx.Response")),
    call("httpx.Client.stream").does(NET).gives(Ret::Inst("httpx.stream:context")),
    // https://www.python-httpx.org/api/#asyncclient
    call("httpx.AsyncClient").gives(Ret::Inst("httpx.AsyncClient")).acquires(Resource::HttpClient),
    call("httpx.AsyncClient.aclose").does(Effects::CLOSES).gives(Ret::Nothing).asynchronous(),
    call("httpx.AsyncClient.build_request"),
    call("httpx.AsyncClient.delete").does(Effects::NETWORK).gives(Ret::Inst("httpx.Response")).asynchronous(),
    call("httpx.AsyncClient.get").does(Effects::NETWORK).gives(Ret::Inst("httpx.Response")).asynchronous(),
    call("httpx.AsyncClient.head").does(Effects::NETWORK).gives(Ret::Inst("httpx.Response")).asynchronous(),
    call("httpx.AsyncClient.options").does(Effects::NETWORK).gives(Ret::Inst("httpx.Response")).asynchronous(),
    call("httpx.AsyncClient.patch").does(Effects::NETWORK).gives(Ret::Inst("httpx.Response")).asynchronous(),
    call("httpx.AsyncClient.post").does(Effects::NETWORK).gives(Ret::Inst("httpx.Response")).asynchronous(),
    call("httpx.AsyncClient.put").does(Effects::NETWORK).gives(Ret::Inst("httpx.Response")).asynchronous(),
    call("httpx.AsyncClient.request").does(Effects::NETWORK).gives(Ret::Inst("httpx.Response")).asynchronous(),
    call("httpx.AsyncClient.send").does(Effects::NETWORK).gives(Ret::Inst("httpx.Response")).asynchronous(),
    call("httpx.AsyncClient.stream").does(Effects::NETWORK).gives(Ret::Inst("httpx.AsyncClient.stream:context")),
    // https://www.python-httpx.org/api/#response
    call("httpx.Response.aclose").does(Effects::CLOSES).gives(Ret::Nothing).asynchronous(),
    call("httpx.Response.aiter_bytes").gives(Ret::Inst("httpx.Response.aiter_bytes:chunks")),
    call("httpx.Response.aiter_lines").gives(Ret::Inst("httpx.Response.aiter_bytes:chunks")),
    call("httpx.Response.aiter_raw").gives(Ret::Inst("httpx.Response.aiter_bytes:chunks")),
    call("httpx.Response.aiter_text").gives(Ret::Inst("httpx.Response.aiter_bytes:chunks")),
    call("httpx.Response.aread").does(Effects::NETWORK).gives(Ret::Bytes).asynchronous(),
    call("httpx.Response.close").does(Effects::CLOSES).gives(Ret::Nothing),
    call("httpx.Response.iter_bytes").gives(Ret::Inst("httpx.Response.iter_bytes:chunks")),
    call("httpx.Response.iter_lines").gives(Ret::Inst("httpx.Response.iter_bytes:chunks")),
    call("httpx.Response.iter_raw").gives(Ret::Inst("httpx.Response.iter_bytes:chunks")),
    call("httpx.Response.iter_text").gives(Ret::Inst("httpx.Response.iter_bytes:chunks")),
    call("httpx.Response.json"),
    call("httpx.Response.raise_for_status").gives(Ret::Receiver),
    call("httpx.Response.read").does(NET).gives(Ret::Bytes),
];

const CLASSES: &[ClassRow] = &[
    // https://www.python-httpx.org/api/#helper-functions
    class("httpx.stream:context").resource(Resource::HttpResponse).manages(
        Ret::Inst("httpx.Response"),
        NET,
        Exit::Closes,
    ),
    // https://www.python-httpx.org/api/#client
    class("httpx.Client")
        .resource(Resource::HttpClient)
        .manages(Ret::Receiver, Effects::NONE, Exit::Closes)
        .attrs(&[("headers", Ret::Dict)]),
    // https://www.python-httpx.org/api/#asyncclient
    class("httpx.AsyncClient")
        .resource(Resource::HttpClient)
        .manages(Ret::Receiver, Effects::NONE, Exit::Closes)
        .attrs(&[("headers", Ret::Dict)]),
    class("httpx.AsyncClient.stream:context").resource(Resource::HttpResponse).manages(
        Ret::Inst("httpx.Response"),
        Effects::NETWORK,
        Exit::Closes,
    ),
    // https://www.python-httpx.org/api/#response
    class("httpx.Response").attrs(&[
        ("content", Ret::Bytes),
        ("headers", Ret::Dict),
        ("is_error", Ret::Bool),
        ("is_success", Ret::Bool),
        ("status_code", Ret::Number),
        ("text", Ret::Str),
    ]),
    class("httpx.Response.aiter_bytes:chunks").iterates(Ret::Unknown, Effects::NETWORK),
    class("httpx.Response.iter_bytes:chunks").iterates(Ret::Unknown, NET),
];

const ALIASES: &[(&str, &str)] = &[("httpx._client", "httpx"), ("httpx._models", "httpx")];
