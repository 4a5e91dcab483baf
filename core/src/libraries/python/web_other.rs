//! Tornado, Litestar, uvicorn and traitlets applications: what the other tables of web frameworks do not cover.

use super::mixes::{NET, WAIT};
use crate::libraries::{ClassRow, Effects, Library, Place, Resource, Ret, Row, RunContext, call, class};

/// Tornado and Litestar.
pub const LIBRARY: Library = Library {
    name: "Tornado and Litestar",
    roots: &["tornado", "litestar", "uvicorn", "traitlets"],
    rows: ROWS,
    classes: CLASSES,
    aliases: ALIASES,
    values: &[],
};

const ROWS: &[Row] = &[
    // https://www.tornadoweb.org/en/stable/web.html
    call("tornado.web.Application").gives(Ret::Inst("tornado.web.Application")),
    call("tornado.web.RequestHandler.finish"),
    call("tornado.web.RequestHandler.flush").does(Effects::STREAMS).gives(Ret::Nothing).asynchronous(),
    call("tornado.web.RequestHandler.get_argument"),
    call("tornado.web.RequestHandler.redirect"),
    call("tornado.web.RequestHandler.render_string"),
    call("tornado.web.RequestHandler.send_error"),
    call("tornado.web.RequestHandler.set_header"),
    call("tornado.web.RequestHandler.set_status"),
    call("tornado.web.RequestHandler.write"),
    call("tornado.web.authenticated").gives(Ret::Decorated),
    // https://www.tornadoweb.org/en/stable/httpclient.html
    call("tornado.httpclient.AsyncHTTPClient").gives(Ret::Inst("tornado.httpclient.AsyncHTTPClient")),
    call("tornado.httpclient.AsyncHTTPClient.fetch").does(Effects::NETWORK).asynchronous(),
    call("tornado.httpclient.HTTPClient")
        .gives(Ret::Inst("tornado.httpclient.HTTPClient"))
        .acquires(Resource::HttpClient),
    call("tornado.httpclient.HTTPClient.close").does(Effects::CLOSES).gives(Ret::Nothing),
    call("tornado.httpclient.HTTPClient.fetch").does(NET),
    // https://www.tornadoweb.org/en/stable/ioloop.html
    call("tornado.ioloop.IOLoop.add_callback").gives(Ret::Nothing).runs_named(0, "callback", Place::Task),
    call("tornado.ioloop.IOLoop.add_callback_from_signal").gives(Ret::Nothing).runs_named(0, "callback", Place::Task),
    call("tornado.ioloop.IOLoop.add_timeout").runs_named(1, "callback", Place::Task),
    call("tornado.ioloop.IOLoop.call_at").runs_named(1, "callback", Place::Task),
    call("tornado.ioloop.IOLoop.call_later").runs_named(1, "callback", Place::Task),
    call("tornado.ioloop.IOLoop.current").gives(Ret::Inst("tornado.ioloop.IOLoop")),
    call("tornado.ioloop.IOLoop.instance").gives(Ret::Inst("tornado.ioloop.IOLoop")),
    call("tornado.ioloop.IOLoop.run_in_executor")
        .gives(Ret::CallOfArg(1))
        .runs_named(1, "func", Place::Thread)
        .asynchronous(),
    call("tornado.ioloop.IOLoop.run_sync").gives(Ret::CallOfArg(0)).runs_named(0, "func", Place::Here),
    call("tornado.ioloop.IOLoop.spawn_callback").gives(Ret::Nothing).runs_named(0, "callback", Place::Task),
    call("tornado.ioloop.PeriodicCallback")
        .gives(Ret::Inst("tornado.ioloop.PeriodicCallback"))
        .handler(0, RunContext::Job),
    // https://www.tornadoweb.org/en/stable/gen.html
    call("tornado.gen.coroutine").gives(Ret::Decorated),
    call("tornado.gen.sleep").does(Effects::ASYNC_SLEEP).gives(Ret::Nothing).asynchronous(),
    // https://www.tornadoweb.org/en/stable/concurrent.html#tornado.concurrent.run_on_executor
    call("tornado.concurrent.run_on_executor").gives(Ret::Decorated),
    // https://docs.litestar.dev/latest/usage/routing/handlers.html
    call("litestar.Litestar").gives(Ret::Inst("litestar.Litestar")),
    call("litestar.asgi").gives(Ret::Decorated).decorates(RunContext::Request),
    call("litestar.delete").gives(Ret::Decorated).decorates(RunContext::Request),
    call("litestar.get").gives(Ret::Decorated).decorates(RunContext::Request),
    call("litestar.head").gives(Ret::Decorated).decorates(RunContext::Request),
    call("litestar.patch").gives(Ret::Decorated).decorates(RunContext::Request),
    call("litestar.post").gives(Ret::Decorated).decorates(RunContext::Request),
    call("litestar.put").gives(Ret::Decorated).decorates(RunContext::Request),
    call("litestar.route").gives(Ret::Decorated).decorates(RunContext::Request),
    call("litestar.websocket").gives(Ret::Decorated).decorates(RunContext::Stream),
    call("litestar.websocket_listener").gives(Ret::Decorated).decorates(RunContext::Stream),
    // https://docs.litestar.dev/latest/usage/responses.html
    call("litestar.response.Stream").does(Effects::STREAMS).gives(Ret::Inst("litestar.response.Stream")).consumes(0),
    // https://www.uvicorn.org/#running-programmatically
    call("uvicorn.run").does(WAIT).gives(Ret::Nothing),
];

const CLASSES: &[ClassRow] = &[
    // https://traitlets.readthedocs.io/en/stable/config.html: `launch_instance` initialises and starts it.
    class("traitlets.config.Application").handles(RunContext::Startup),
    // https://www.tornadoweb.org/en/stable/web.html
    class("tornado.httputil.HTTPServerRequest").attrs(&[
        ("body", Ret::Bytes),
        ("headers", Ret::Dict),
        ("method", Ret::Str),
    ]),
    class("tornado.web.Application"),
    class("tornado.web.RequestHandler")
        .handles(RunContext::Request)
        .attrs(&[("request", Ret::Inst("tornado.httputil.HTTPServerRequest"))]),
    class("tornado.web.StaticFileHandler").extends(&["tornado.web.RequestHandler"]),
    // https://www.tornadoweb.org/en/stable/websocket.html
    class("tornado.websocket.WebSocketHandler").extends(&["tornado.web.RequestHandler"]).handles(RunContext::Stream),
    // https://www.tornadoweb.org/en/stable/httpclient.html
    class("tornado.httpclient.AsyncHTTPClient"),
    class("tornado.httpclient.HTTPClient").resource(Resource::HttpClient),
    // https://www.tornadoweb.org/en/stable/ioloop.html
    class("tornado.ioloop.IOLoop"),
    class("tornado.ioloop.PeriodicCallback"),
    // https://docs.litestar.dev/latest/usage/routing/handlers.html
    class("litestar.Controller").handles(RunContext::Request),
    class("litestar.Litestar"),
    // https://docs.litestar.dev/latest/usage/responses.html
    class("litestar.response.Stream"),
];

const ALIASES: &[(&str, &str)] =
    &[("litestar.handlers", "litestar"), ("litestar.handlers.http_handlers.decorators", "litestar")];
