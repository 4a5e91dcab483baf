//! FastAPI. What it shares with Starlette lives there; its classes extend Starlette's.

use crate::libraries::{ClassRow, Effects, KEYWORD_ONLY, Library, Place, Ret, Row, RunContext, call, class};

/// FastAPI.
pub const LIBRARY: Library = Library {
    name: "FastAPI",
    roots: &["fastapi", "fastapi_utils", "sse_starlette"],
    rows: ROWS,
    classes: CLASSES,
    aliases: ALIASES,
    values: &[],
};

const ROWS: &[Row] = &[
    // https://fastapi.tiangolo.com/reference/fastapi/
    call("fastapi.APIRouter.add_api_route").gives(Ret::Nothing).handler_named(1, "endpoint", RunContext::Request),
    call("fastapi.APIRouter.add_api_websocket_route").gives(Ret::Nothing).handler_named(
        1,
        "endpoint",
        RunContext::Stream,
    ),
    call("fastapi.APIRouter.api_route").gives(Ret::Decorated).decorates(RunContext::Request),
    call("fastapi.APIRouter.delete").gives(Ret::Decorated).decorates(RunContext::Request),
    call("fastapi.APIRouter.get").gives(Ret::Decorated).decorates(RunContext::Request),
    call("fastapi.APIRouter.head").gives(Ret::Decorated).decorates(RunContext::Request),
    call("fastapi.APIRouter.include_router").gives(Ret::Nothing),
    call("fastapi.APIRouter.on_event").gives(Ret::Decorated).decorates(RunContext::Startup),
    call("fastapi.APIRouter.options").gives(Ret::Decorated).decorates(RunContext::Request),
    call("fastapi.APIRouter.patch").gives(Ret::Decorated).decorates(RunContext::Request),
    call("fastapi.APIRouter.post").gives(Ret::Decorated).decorates(RunContext::Request),
    call("fastapi.APIRouter.put").gives(Ret::Decorated).decorates(RunContext::Request),
    call("fastapi.APIRouter.trace").gives(Ret::Decorated).decorates(RunContext::Request),
    call("fastapi.APIRouter.websocket").gives(Ret::Decorated).decorates(RunContext::Stream),
    call("fastapi.FastAPI").gives(Ret::Inst("fastapi.FastAPI")).handler_named(
        KEYWORD_ONLY,
        "lifespan",
        RunContext::Startup,
    ),
    call("fastapi.FastAPI.add_api_route").gives(Ret::Nothing).handler_named(1, "endpoint", RunContext::Request),
    call("fastapi.FastAPI.add_api_websocket_route").gives(Ret::Nothing).handler_named(
        1,
        "endpoint",
        RunContext::Stream,
    ),
    call("fastapi.FastAPI.add_exception_handler").gives(Ret::Nothing).handler(1, RunContext::Request),
    call("fastapi.FastAPI.api_route").gives(Ret::Decorated).decorates(RunContext::Request),
    call("fastapi.FastAPI.delete").gives(Ret::Decorated).decorates(RunContext::Request),
    call("fastapi.FastAPI.exception_handler").gives(Ret::Decorated).decorates(RunContext::Request),
    call("fastapi.FastAPI.get").gives(Ret::Decorated).decorates(RunContext::Request),
    call("fastapi.FastAPI.head").gives(Ret::Decorated).decorates(RunContext::Request),
    call("fastapi.FastAPI.include_router").gives(Ret::Nothing),
    call("fastapi.FastAPI.middleware").gives(Ret::Decorated).decorates(RunContext::Request),
    call("fastapi.FastAPI.on_event").gives(Ret::Decorated).decorates(RunContext::Startup),
    call("fastapi.FastAPI.options").gives(Ret::Decorated).decorates(RunContext::Request),
    call("fastapi.FastAPI.patch").gives(Ret::Decorated).decorates(RunContext::Request),
    call("fastapi.FastAPI.post").gives(Ret::Decorated).decorates(RunContext::Request),
    call("fastapi.FastAPI.put").gives(Ret::Decorated).decorates(RunContext::Request),
    call("fastapi.FastAPI.trace").gives(Ret::Decorated).decorates(RunContext::Request),
    call("fastapi.FastAPI.websocket").gives(Ret::Decorated).decorates(RunContext::Stream),
    // https://fastapi.tiangolo.com/reference/apirouter/
    call("fastapi.APIRouter").gives(Ret::Inst("fastapi.APIRouter")).handler_named(
        KEYWORD_ONLY,
        "lifespan",
        RunContext::Startup,
    ),
    // https://fastapi.tiangolo.com/reference/dependencies/
    call("fastapi.Depends").gives(Ret::CallOfArg(0)).runs_named(0, "dependency", Place::Here),
    call("fastapi.Security").gives(Ret::CallOfArg(0)).runs_named(0, "dependency", Place::Here),
    // https://fastapi.tiangolo.com/reference/background/
    call("fastapi.BackgroundTasks").gives(Ret::Inst("fastapi.BackgroundTasks")),
    call("fastapi.BackgroundTasks.add_task").gives(Ret::Nothing).runs(0, Place::AfterResponse),
    // https://fastapi.tiangolo.com/reference/uploadfile/
    call("fastapi.UploadFile.close").does(Effects::FILE_IO).gives(Ret::Nothing).asynchronous(),
    call("fastapi.UploadFile.read").does(Effects::FILE_IO).gives(Ret::Bytes).asynchronous(),
    call("fastapi.UploadFile.seek").does(Effects::FILE_IO).gives(Ret::Nothing).asynchronous(),
    call("fastapi.UploadFile.write").does(Effects::FILE_IO).gives(Ret::Nothing).asynchronous(),
    // https://fastapi.tiangolo.com/reference/parameters/
    call("fastapi.Body"),
    call("fastapi.Cookie"),
    call("fastapi.File"),
    call("fastapi.Form"),
    call("fastapi.Header"),
    call("fastapi.Path"),
    call("fastapi.Query"),
    // https://fastapi.tiangolo.com/reference/exceptions/
    call("fastapi.HTTPException").gives(Ret::Inst("fastapi.HTTPException")),
    // https://fastapi.tiangolo.com/reference/encoders/
    call("fastapi.encoders.jsonable_encoder"),
    // https://github.com/sysid/sse-starlette
    call("sse_starlette.EventSourceResponse")
        .does(Effects::STREAMS)
        .gives(Ret::Inst("sse_starlette.EventSourceResponse"))
        .consumes(0),
    // https://fastapiutils.github.io/fastapi-utils/user-guide/repeated-tasks/
    call("fastapi_utils.tasks.repeat_every").gives(Ret::Decorated).decorates(RunContext::Job),
];

const CLASSES: &[ClassRow] = &[
    // https://fastapi.tiangolo.com/reference/fastapi/
    class("fastapi.FastAPI").extends(&["starlette.applications.Starlette"]),
    // https://fastapi.tiangolo.com/reference/apirouter/
    class("fastapi.APIRouter").extends(&["starlette.routing.Router"]),
    // https://fastapi.tiangolo.com/reference/background/
    class("fastapi.BackgroundTasks").extends(&["starlette.background.BackgroundTasks"]),
    // https://fastapi.tiangolo.com/reference/uploadfile/
    class("fastapi.UploadFile").extends(&["starlette.datastructures.UploadFile"]).attrs(&[
        ("content_type", Ret::Str),
        ("file", Ret::Inst("tempfile.SpooledTemporaryFile")),
        ("filename", Ret::Str),
    ]),
    // https://fastapi.tiangolo.com/reference/exceptions/
    class("fastapi.HTTPException"),
    // https://fastapi.tiangolo.com/reference/testclient/
    class("fastapi.testclient.TestClient").extends(&["httpx.Client"]),
    // https://github.com/sysid/sse-starlette
    class("sse_starlette.EventSourceResponse").extends(&["starlette.responses.StreamingResponse"]),
];

const ALIASES: &[(&str, &str)] = &[
    ("fastapi.Request", "starlette.requests.Request"),
    ("fastapi.Response", "starlette.responses.Response"),
    ("fastapi.WebSocket", "starlette.websockets.WebSocket"),
    ("fastapi.applications.FastAPI", "fastapi.FastAPI"),
    ("fastapi.background.BackgroundTasks", "fastapi.BackgroundTasks"),
    ("fastapi.concurrency", "starlette.concurrency"),
    ("fastapi.datastructures.UploadFile", "fastapi.UploadFile"),
    ("fastapi.exceptions.HTTPException", "fastapi.HTTPException"),
    ("fastapi.param_functions", "fastapi"),
    ("fastapi.params.Depends", "fastapi.Depends"),
    ("fastapi.requests", "starlette.requests"),
    ("fastapi.responses", "starlette.responses"),
    ("fastapi.routing.APIRouter", "fastapi.APIRouter"),
    ("fastapi.staticfiles", "starlette.staticfiles"),
    ("fastapi.websockets", "starlette.websockets"),
    ("sse_starlette.sse", "sse_starlette"),
];
