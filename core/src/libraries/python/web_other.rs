//! Tornado, Litestar, Pyramid, uvicorn and traitlets applications: what the other tables of web frameworks do not cover.

use super::mixes::{NET, WAIT};
use crate::libraries::{ClassRow, Effects, Library, Place, Resource, Ret, Row, RunContext, call, class};

/// Tornado and Litestar.
pub const LIBRARY: Library = Library {
    name: "Tornado and Litestar",
    roots: &["tornado", "litestar", "uvicorn", "traitlets", "ninja", "slack_bolt", "sanic", "pyramid"],
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
    call("litestar.Router").gives(Ret::Inst("litestar.Router")),
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
    call("litestar.websocket_stream").gives(Ret::Decorated).decorates(RunContext::Stream),
    // https://docs.slack.dev/tools/bolt-python/concepts/adding-listeners/
    call("slack_bolt.App").gives(Ret::Inst("slack_bolt.App")),
    call("slack_bolt.App.action").gives(Ret::Decorated).decorates(RunContext::Request),
    call("slack_bolt.App.block_action").gives(Ret::Decorated).decorates(RunContext::Request),
    call("slack_bolt.App.command").gives(Ret::Decorated).decorates(RunContext::Request),
    call("slack_bolt.App.error").gives(Ret::Decorated).decorates(RunContext::Request),
    call("slack_bolt.App.event").gives(Ret::Decorated).decorates(RunContext::Request),
    call("slack_bolt.App.function").gives(Ret::Decorated).decorates(RunContext::Request),
    call("slack_bolt.App.global_middleware").gives(Ret::Decorated).decorates(RunContext::Request),
    call("slack_bolt.App.global_shortcut").gives(Ret::Decorated).decorates(RunContext::Request),
    call("slack_bolt.App.message").gives(Ret::Decorated).decorates(RunContext::Request),
    call("slack_bolt.App.message_shortcut").gives(Ret::Decorated).decorates(RunContext::Request),
    call("slack_bolt.App.middleware").gives(Ret::Decorated).decorates(RunContext::Request),
    call("slack_bolt.App.options").gives(Ret::Decorated).decorates(RunContext::Request),
    call("slack_bolt.App.shortcut").gives(Ret::Decorated).decorates(RunContext::Request),
    call("slack_bolt.App.step").gives(Ret::Decorated).decorates(RunContext::Request),
    call("slack_bolt.App.use").gives(Ret::Decorated).decorates(RunContext::Request),
    call("slack_bolt.App.view").gives(Ret::Decorated).decorates(RunContext::Request),
    call("slack_bolt.App.view_closed").gives(Ret::Decorated).decorates(RunContext::Request),
    call("slack_bolt.App.view_submission").gives(Ret::Decorated).decorates(RunContext::Request),
    call("slack_bolt.async_app.AsyncApp").gives(Ret::Inst("slack_bolt.async_app.AsyncApp")),
    // https://docs.litestar.dev/latest/usage/dependency-injection.html
    call("litestar.di.Provide").handler_named(0, "dependency", RunContext::Request),
    // https://django-ninja.dev/guides/routers/
    call("ninja.NinjaAPI").gives(Ret::Inst("ninja.NinjaAPI")),
    call("ninja.NinjaAPI.api_operation").gives(Ret::Decorated).decorates(RunContext::Request),
    call("ninja.NinjaAPI.delete").gives(Ret::Decorated).decorates(RunContext::Request),
    call("ninja.NinjaAPI.exception_handler").gives(Ret::Decorated).decorates(RunContext::Request),
    call("ninja.NinjaAPI.get").gives(Ret::Decorated).decorates(RunContext::Request),
    call("ninja.NinjaAPI.patch").gives(Ret::Decorated).decorates(RunContext::Request),
    call("ninja.NinjaAPI.post").gives(Ret::Decorated).decorates(RunContext::Request),
    call("ninja.NinjaAPI.put").gives(Ret::Decorated).decorates(RunContext::Request),
    call("ninja.Router").gives(Ret::Inst("ninja.Router")),
    // https://docs.litestar.dev/latest/usage/responses.html
    call("litestar.background_tasks.BackgroundTask").runs_named(0, "fn", Place::AfterResponse),
    call("litestar.events.listener").gives(Ret::Decorated).decorates(RunContext::Job),
    call("litestar.response.ServerSentEvent")
        .does(Effects::STREAMS)
        .gives(Ret::Inst("litestar.response.Stream"))
        .consumes(0),
    call("litestar.response.Stream").does(Effects::STREAMS).gives(Ret::Inst("litestar.response.Stream")).consumes(0),
    // https://www.uvicorn.org/#running-programmatically
    call("uvicorn.run").does(WAIT).gives(Ret::Nothing),
    // https://sanic.dev/en/guide/basics/routing.html
    call("sanic.Blueprint").gives(Ret::Inst("sanic.Sanic")),
    call("sanic.Sanic").gives(Ret::Inst("sanic.Sanic")),
    call("sanic.Sanic.add_route").handler_named(0, "handler", RunContext::Request),
    call("sanic.Sanic.add_task").runs_named(0, "task", Place::Task),
    call("sanic.Sanic.add_websocket_route").handler_named(0, "handler", RunContext::Stream),
    call("sanic.Sanic.after_server_start").gives(Ret::Decorated).decorates(RunContext::Startup),
    call("sanic.Sanic.after_server_stop").gives(Ret::Decorated).decorates(RunContext::Startup),
    call("sanic.Sanic.before_server_start").gives(Ret::Decorated).decorates(RunContext::Startup),
    call("sanic.Sanic.before_server_stop").gives(Ret::Decorated).decorates(RunContext::Startup),
    call("sanic.Sanic.delete").gives(Ret::Decorated).decorates(RunContext::Request),
    call("sanic.Sanic.exception").gives(Ret::Decorated).decorates(RunContext::Request),
    call("sanic.Sanic.get").gives(Ret::Decorated).decorates(RunContext::Request),
    call("sanic.Sanic.head").gives(Ret::Decorated).decorates(RunContext::Request),
    call("sanic.Sanic.listener").gives(Ret::Decorated).decorates(RunContext::Startup),
    call("sanic.Sanic.main_process_start").gives(Ret::Decorated).decorates(RunContext::Startup),
    call("sanic.Sanic.middleware").gives(Ret::Decorated).decorates(RunContext::Request),
    call("sanic.Sanic.on_request").gives(Ret::Decorated).decorates(RunContext::Request),
    call("sanic.Sanic.on_response").gives(Ret::Decorated).decorates(RunContext::Request),
    call("sanic.Sanic.options").gives(Ret::Decorated).decorates(RunContext::Request),
    call("sanic.Sanic.patch").gives(Ret::Decorated).decorates(RunContext::Request),
    call("sanic.Sanic.post").gives(Ret::Decorated).decorates(RunContext::Request),
    call("sanic.Sanic.put").gives(Ret::Decorated).decorates(RunContext::Request),
    call("sanic.Sanic.route").gives(Ret::Decorated).decorates(RunContext::Request),
    call("sanic.Sanic.run").does(WAIT),
    call("sanic.Sanic.websocket").gives(Ret::Decorated).decorates(RunContext::Stream),
    call("sanic.response.file").does(Effects::FILE_IO).asynchronous(),
    call("sanic.response.file_stream").does(Effects::FILE_IO).asynchronous(),
    // https://docs.pylonsproject.org/projects/pyramid/en/latest/api/view.html
    call("pyramid.view.view_config").gives(Ret::Decorated).decorates(RunContext::Request),
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
    class("litestar.Router"),
    class("litestar.WebsocketListener").handles(RunContext::Stream),
    // https://docs.slack.dev/tools/bolt-python/concepts/adding-listeners/
    class("slack_bolt.App"),
    class("slack_bolt.async_app.AsyncApp").extends(&["slack_bolt.App"]),
    // https://django-ninja.dev/guides/routers/
    class("ninja.NinjaAPI"),
    class("ninja.Router").extends(&["ninja.NinjaAPI"]),
    // https://docs.litestar.dev/latest/usage/responses.html
    class("litestar.response.Stream"),
    // https://sanic.dev/en/guide/basics/routing.html
    class("sanic.Sanic").attrs(&[("ctx", Ret::Unknown)]),
    class("sanic.views.HTTPMethodView").handles(RunContext::Request),
];

const ALIASES: &[(&str, &str)] =
    &[("litestar.handlers", "litestar"), ("litestar.handlers.http_handlers.decorators", "litestar")];
