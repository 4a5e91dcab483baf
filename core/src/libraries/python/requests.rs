//! requests: synchronous HTTP. Bodies are read at once unless `stream=True`.

use super::mixes::NET;
use crate::libraries::{ClassRow, Effects, Exit, Library, Resource, Ret, Row, call, class};

/// requests.
pub const LIBRARY: Library =
    Library { name: "requests", roots: &["requests"], rows: ROWS, classes: CLASSES, aliases: ALIASES, values: &[] };

const ROWS: &[Row] = &[
    // https://requests.readthedocs.io/en/latest/api/#main-interface
    call("requests.delete").does(NET).gives(Ret::Inst("requests.Response")),
    call("requests.get").does(NET).gives(Ret::Inst("requests.Response")),
    call("requests.head").does(NET).gives(Ret::Inst("requests.Response")),
    call("requests.options").does(NET).gives(Ret::Inst("requests.Response")),
    call("requests.patch").does(NET).gives(Ret::Inst("requests.Response")),
    call("requests.post").does(NET).gives(Ret::Inst("requests.Response")),
    call("requests.put").does(NET).gives(Ret::Inst("requests.Response")),
    call("requests.request").does(NET).gives(Ret::Inst("requests.Response")),
    // https://requests.readthedocs.io/en/latest/api/#request-sessions
    call("requests.Session").gives(Ret::Inst("requests.Session")).acquires(Resource::HttpClient),
    call("requests.Session.close").does(Effects::CLOSES).gives(Ret::Nothing),
    call("requests.Session.delete").does(NET).gives(Ret::Inst("requests.Response")),
    call("requests.Session.get").does(NET).gives(Ret::Inst("requests.Response")),
    call("requests.Session.head").does(NET).gives(Ret::Inst("requests.Response")),
    call("requests.Session.mount").gives(Ret::Nothing),
    call("requests.Session.options").does(NET).gives(Ret::Inst("requests.Response")),
    call("requests.Session.patch").does(NET).gives(Ret::Inst("requests.Response")),
    call("requests.Session.post").does(NET).gives(Ret::Inst("requests.Response")),
    call("requests.Session.put").does(NET).gives(Ret::Inst("requests.Response")),
    call("requests.Session.request").does(NET).gives(Ret::Inst("requests.Response")),
    call("requests.Session.send").does(NET).gives(Ret::Inst("requests.Response")),
    call("requests.session").gives(Ret::Inst("requests.Session")).acquires(Resource::HttpClient),
    // https://requests.readthedocs.io/en/latest/api/#requests.Response
    call("requests.Response.close").does(Effects::CLOSES).gives(Ret::Nothing),
    call("requests.Response.iter_content").gives(Ret::Inst("requests.Response.iter_content:chunks")),
    call("requests.Response.iter_lines").gives(Ret::Inst("requests.Response.iter_content:chunks")),
    call("requests.Response.json"),
    call("requests.Response.raise_for_status").gives(Ret::Nothing),
];

const CLASSES: &[ClassRow] = &[
    // https://requests.readthedocs.io/en/latest/api/#request-sessions
    class("requests.Session")
        .resource(Resource::HttpClient)
        .manages(Ret::Receiver, Effects::NONE, Exit::Closes)
        .attrs(&[("headers", Ret::Dict)]),
    // https://requests.readthedocs.io/en/latest/api/#requests.Response
    class("requests.Response").manages(Ret::Receiver, Effects::NONE, Exit::Closes).attrs(&[
        ("content", Ret::Bytes),
        ("encoding", Ret::Str),
        ("headers", Ret::Dict),
        ("ok", Ret::Bool),
        ("status_code", Ret::Number),
        ("text", Ret::Str),
        ("url", Ret::Str),
    ]),
    class("requests.Response.iter_content:chunks").iterates(Ret::Bytes, NET),
];

const ALIASES: &[(&str, &str)] =
    &[("requests.api", "requests"), ("requests.models", "requests"), ("requests.sessions", "requests")];
