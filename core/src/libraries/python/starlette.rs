//! Starlette: routes, responses, background tasks, the thread pool for synchronous code.

use crate::libraries::{ClassRow, Effects, KEYWORD_ONLY, Library, Place, Resource, Ret, Row, RunContext, call, class};

/// Starlette.
pub const LIBRARY: Library =
    Library { name: "Starlette", roots: &["starlette"], rows: ROWS, classes: CLASSES, aliases: &[], values: &[] };

const ROWS: &[Row] = &[
    // https://www.starlette.io/applications/
    call("starlette.applications.Starlette").gives(Ret::Inst("starlette.applications.Starlette")).handler_named(
        KEYWORD_ONLY,
        "lifespan",
        RunContext::Startup,
    ),
    call("starlette.applications.Starlette.add_event_handler").gives(Ret::Nothing).handler(1, RunContext::Startup),
    call("starlette.applications.Starlette.add_exception_handler").gives(Ret::Nothing).handler(1, RunContext::Request),
    call("starlette.applications.Starlette.add_middleware").gives(Ret::Nothing),
    call("starlette.applications.Starlette.add_route").gives(Ret::Nothing).handler(1, RunContext::Request),
    call("starlette.applications.Starlette.add_websocket_route").gives(Ret::Nothing).handler(1, RunContext::Stream),
    call("starlette.applications.Starlette.exception_handler").gives(Ret::Decorated).decorates(RunContext::Request),
    call("starlette.applications.Starlette.middleware").gives(Ret::Decorated).decorates(RunContext::Request),
    call("starlette.applications.Starlette.on_event").gives(Ret::Decorated).decorates(RunContext::Startup),
    call("starlette.applications.Starlette.route").gives(Ret::Decorated).decorates(RunContext::Request),
    call("starlette.applications.Starlette.websocket_route").gives(Ret::Decorated).decorates(RunContext::Stream),
    // https://www.starlette.io/background/
    call("starlette.background.BackgroundTask").gives(Ret::Inst("starlette.background.BackgroundTask")).runs_named(
        0,
        "func",
        Place::AfterResponse,
    ),
    call("starlette.background.BackgroundTasks").gives(Ret::Inst("starlette.background.BackgroundTasks")),
    call("starlette.background.BackgroundTasks.add_task").gives(Ret::Nothing).runs(0, Place::AfterResponse),
    // https://www.starlette.io/threadpool/
    call("starlette.concurrency.iterate_in_threadpool").gives(Ret::Arg(0)),
    call("starlette.concurrency.run_in_threadpool").gives(Ret::CallOfArg(0)).runs(0, Place::Thread).asynchronous(),
    // https://www.starlette.io/requests/#request-files
    call("starlette.datastructures.UploadFile.close").does(Effects::FILE_IO).gives(Ret::Nothing).asynchronous(),
    call("starlette.datastructures.UploadFile.read").does(Effects::FILE_IO).gives(Ret::Bytes).asynchronous(),
    call("starlette.datastructures.UploadFile.seek").does(Effects::FILE_IO).gives(Ret::Nothing).asynchronous(),
    call("starlette.datastructures.UploadFile.write").does(Effects::FILE_IO).gives(Ret::Nothing).asynchronous(),
    // https://www.starlette.io/requests/
    call("starlette.requests.Request.body").gives(Ret::Bytes).asynchronous(),
    call("starlette.requests.Request.form").asynchronous(),
    call("starlette.requests.Request.is_disconnected").gives(Ret::Bool).asynchronous(),
    call("starlette.requests.Request.json").asynchronous(),
    call("starlette.requests.Request.stream").gives(Ret::Inst("starlette.requests.Request.stream:chunks")),
    // https://www.starlette.io/responses/
    call("starlette.responses.FileResponse")
        .does(Effects::STREAMS)
        .gives(Ret::Inst("starlette.responses.FileResponse")),
    call("starlette.responses.HTMLResponse").gives(Ret::Inst("starlette.responses.HTMLResponse")),
    call("starlette.responses.JSONResponse").gives(Ret::Inst("starlette.responses.JSONResponse")),
    call("starlette.responses.PlainTextResponse").gives(Ret::Inst("starlette.responses.PlainTextResponse")),
    call("starlette.responses.RedirectResponse").gives(Ret::Inst("starlette.responses.RedirectResponse")),
    call("starlette.responses.Response").gives(Ret::Inst("starlette.responses.Response")),
    call("starlette.responses.StreamingResponse")
        .does(Effects::STREAMS)
        .gives(Ret::Inst("starlette.responses.StreamingResponse"))
        .consumes(0),
    // https://www.starlette.io/routing/
    call("starlette.routing.Route").gives(Ret::Inst("starlette.routing.Route")).handler_named(
        1,
        "endpoint",
        RunContext::Request,
    ),
    call("starlette.routing.Router").gives(Ret::Inst("starlette.routing.Router")),
    call("starlette.routing.Router.add_event_handler").gives(Ret::Nothing).handler(1, RunContext::Startup),
    call("starlette.routing.Router.add_route").gives(Ret::Nothing).handler(1, RunContext::Request),
    call("starlette.routing.Router.add_websocket_route").gives(Ret::Nothing).handler(1, RunContext::Stream),
    call("starlette.routing.Router.on_event").gives(Ret::Decorated).decorates(RunContext::Startup),
    call("starlette.routing.Router.route").gives(Ret::Decorated).decorates(RunContext::Request),
    call("starlette.routing.Router.websocket_route").gives(Ret::Decorated).decorates(RunContext::Stream),
    call("starlette.routing.WebSocketRoute").gives(Ret::Inst("starlette.routing.WebSocketRoute")).handler_named(
        1,
        "endpoint",
        RunContext::Stream,
    ),
    // https://www.starlette.io/websockets/
    call("starlette.websockets.WebSocket.accept").gives(Ret::Nothing).asynchronous(),
    call("starlette.websockets.WebSocket.close").gives(Ret::Nothing).asynchronous(),
    call("starlette.websockets.WebSocket.iter_bytes").gives(Ret::Inst("starlette.websockets.WebSocket.iter:messages")),
    call("starlette.websockets.WebSocket.iter_json").gives(Ret::Inst("starlette.websockets.WebSocket.iter:messages")),
    call("starlette.websockets.WebSocket.iter_text").gives(Ret::Inst("starlette.websockets.WebSocket.iter:messages")),
    call("starlette.websockets.WebSocket.receive").does(Effects::WAITS).gives(Ret::Dict).asynchronous(),
    call("starlette.websockets.WebSocket.receive_bytes").does(Effects::WAITS).gives(Ret::Bytes).asynchronous(),
    call("starlette.websockets.WebSocket.receive_json").does(Effects::WAITS).asynchronous(),
    call("starlette.websockets.WebSocket.receive_text").does(Effects::WAITS).gives(Ret::Str).asynchronous(),
    call("starlette.websockets.WebSocket.send").gives(Ret::Nothing).asynchronous(),
    call("starlette.websockets.WebSocket.send_bytes").gives(Ret::Nothing).asynchronous(),
    call("starlette.websockets.WebSocket.send_json").gives(Ret::Nothing).asynchronous(),
    call("starlette.websockets.WebSocket.send_text").gives(Ret::Nothing).asynchronous(),
];

const CLASSES: &[ClassRow] = &[
    // https://www.starlette.io/applications/
    class("starlette.applications.Starlette"),
    // https://www.starlette.io/background/
    class("starlette.background.BackgroundTask"),
    class("starlette.background.BackgroundTasks").extends(&["starlette.background.BackgroundTask"]),
    // https://www.starlette.io/requests/#request-files
    class("starlette.datastructures.UploadFile").resource(Resource::File),
    // https://www.starlette.io/endpoints/
    class("starlette.endpoints.HTTPEndpoint").handles(RunContext::Request),
    class("starlette.endpoints.WebSocketEndpoint").handles(RunContext::Stream),
    // https://www.starlette.io/middleware/#basehttpmiddleware
    class("starlette.middleware.base.BaseHTTPMiddleware").handles(RunContext::Request),
    // https://www.starlette.io/requests/
    class("starlette.requests.HTTPConnection").attrs(&[
        ("cookies", Ret::Dict),
        ("headers", Ret::Dict),
        ("path_params", Ret::Dict),
        ("query_params", Ret::Dict),
    ]),
    class("starlette.requests.Request").extends(&["starlette.requests.HTTPConnection"]).attrs(&[("method", Ret::Str)]),
    class("starlette.requests.Request.stream:chunks").iterates(Ret::Bytes, Effects::NONE),
    // https://www.starlette.io/responses/
    class("starlette.responses.FileResponse").extends(&["starlette.responses.Response"]),
    class("starlette.responses.HTMLResponse").extends(&["starlette.responses.Response"]),
    class("starlette.responses.JSONResponse").extends(&["starlette.responses.Response"]),
    class("starlette.responses.PlainTextResponse").extends(&["starlette.responses.Response"]),
    class("starlette.responses.RedirectResponse").extends(&["starlette.responses.Response"]),
    class("starlette.responses.Response"),
    class("starlette.responses.StreamingResponse").extends(&["starlette.responses.Response"]),
    // https://www.starlette.io/routing/
    class("starlette.routing.Route"),
    class("starlette.routing.Router"),
    class("starlette.routing.WebSocketRoute"),
    // https://www.starlette.io/testclient/
    class("starlette.testclient.TestClient").extends(&["httpx.Client"]),
    // https://www.starlette.io/websockets/
    class("starlette.websockets.WebSocket").extends(&["starlette.requests.HTTPConnection"]),
    class("starlette.websockets.WebSocket.iter:messages").iterates(Ret::Unknown, Effects::WAITS),
];
