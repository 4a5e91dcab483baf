//! Quart: Flask on asyncio. Handlers run on the event loop.

use crate::libraries::{ClassRow, Effects, Exit, Library, Place, Ret, Row, RunContext, call, class};

/// Quart.
pub const LIBRARY: Library =
    Library { name: "Quart", roots: &["quart"], rows: ROWS, classes: CLASSES, aliases: ALIASES, values: VALUES };

const ROWS: &[Row] = &[
    // https://quart.palletsprojects.com/en/latest/reference/source/quart.app.html
    call("quart.Blueprint").gives(Ret::Inst("quart.Blueprint")),
    call("quart.Blueprint.add_url_rule").gives(Ret::Nothing).handler_named(2, "view_func", RunContext::Request),
    call("quart.Blueprint.after_request").gives(Ret::Decorated).decorates(RunContext::Request),
    call("quart.Blueprint.before_request").gives(Ret::Decorated).decorates(RunContext::Request),
    call("quart.Blueprint.delete").gives(Ret::Decorated).decorates(RunContext::Request),
    call("quart.Blueprint.errorhandler").gives(Ret::Decorated).decorates(RunContext::Request),
    call("quart.Blueprint.get").gives(Ret::Decorated).decorates(RunContext::Request),
    call("quart.Blueprint.patch").gives(Ret::Decorated).decorates(RunContext::Request),
    call("quart.Blueprint.post").gives(Ret::Decorated).decorates(RunContext::Request),
    call("quart.Blueprint.put").gives(Ret::Decorated).decorates(RunContext::Request),
    call("quart.Blueprint.route").gives(Ret::Decorated).decorates(RunContext::Request),
    call("quart.Blueprint.teardown_request").gives(Ret::Decorated).decorates(RunContext::Request),
    call("quart.Blueprint.websocket").gives(Ret::Decorated).decorates(RunContext::Stream),
    call("quart.Quart").gives(Ret::Inst("quart.Quart")),
    call("quart.Quart.add_background_task").gives(Ret::Nothing).runs_named(0, "func", Place::Task),
    call("quart.Quart.add_url_rule").gives(Ret::Nothing).handler_named(2, "view_func", RunContext::Request),
    call("quart.Quart.after_request").gives(Ret::Decorated).decorates(RunContext::Request),
    call("quart.Quart.after_serving").gives(Ret::Decorated).decorates(RunContext::Startup),
    call("quart.Quart.app_context").gives(Ret::Inst("quart.ctx.AppContext")),
    call("quart.Quart.before_request").gives(Ret::Decorated).decorates(RunContext::Request),
    call("quart.Quart.before_serving").gives(Ret::Decorated).decorates(RunContext::Startup),
    call("quart.Quart.delete").gives(Ret::Decorated).decorates(RunContext::Request),
    call("quart.Quart.errorhandler").gives(Ret::Decorated).decorates(RunContext::Request),
    call("quart.Quart.get").gives(Ret::Decorated).decorates(RunContext::Request),
    call("quart.Quart.patch").gives(Ret::Decorated).decorates(RunContext::Request),
    call("quart.Quart.post").gives(Ret::Decorated).decorates(RunContext::Request),
    call("quart.Quart.put").gives(Ret::Decorated).decorates(RunContext::Request),
    call("quart.Quart.route").gives(Ret::Decorated).decorates(RunContext::Request),
    call("quart.Quart.teardown_request").gives(Ret::Decorated).decorates(RunContext::Request),
    call("quart.Quart.websocket").gives(Ret::Decorated).decorates(RunContext::Stream),
    call("quart.Quart.while_serving").gives(Ret::Decorated).decorates(RunContext::Startup),
    // https://quart.palletsprojects.com/en/latest/reference/source/quart.html
    call("quart.Response").does(Effects::STREAMS).gives(Ret::Inst("quart.Response")).consumes(0),
    call("quart.jsonify").gives(Ret::Inst("quart.Response")),
    call("quart.make_response").gives(Ret::Inst("quart.Response")).asynchronous(),
    call("quart.render_template").gives(Ret::Str).asynchronous(),
    call("quart.render_template_string").gives(Ret::Str).asynchronous(),
    call("quart.send_file").gives(Ret::Inst("quart.Response")).asynchronous(),
    call("quart.send_from_directory").gives(Ret::Inst("quart.Response")).asynchronous(),
    call("quart.stream_with_context").does(Effects::STREAMS).gives(Ret::Arg(0)).consumes(0),
    // https://quart.palletsprojects.com/en/latest/how_to_guides/sync_code.html
    call("quart.utils.run_sync").gives(Ret::Arg(0)).runs_named(0, "func", Place::Thread),
    // https://quart.palletsprojects.com/en/latest/reference/source/quart.wrappers.html
    call("quart.Request.get_data").asynchronous(),
    call("quart.Request.get_json").asynchronous(),
    call("quart.Websocket.accept").gives(Ret::Nothing).asynchronous(),
    call("quart.Websocket.close").gives(Ret::Nothing).asynchronous(),
    call("quart.Websocket.receive").does(Effects::WAITS).asynchronous(),
    call("quart.Websocket.receive_json").does(Effects::WAITS).asynchronous(),
    call("quart.Websocket.send").gives(Ret::Nothing).asynchronous(),
    call("quart.Websocket.send_json").gives(Ret::Nothing).asynchronous(),
];

const CLASSES: &[ClassRow] = &[
    // https://quart.palletsprojects.com/en/latest/reference/source/quart.app.html
    class("quart.Blueprint").attrs(&[("config", Ret::Dict)]),
    class("quart.Quart").attrs(&[("config", Ret::Dict)]),
    class("quart.ctx.AppContext").manages(Ret::Receiver, Effects::NONE, Exit::Nothing),
    // https://quart.palletsprojects.com/en/latest/reference/source/quart.html
    class("quart.Response"),
    // https://quart.palletsprojects.com/en/latest/reference/source/quart.views.html
    class("quart.views.MethodView").extends(&["quart.views.View"]),
    class("quart.views.View").handles(RunContext::Request),
    // https://quart.palletsprojects.com/en/latest/reference/source/quart.wrappers.html
    class("quart.Request").attrs(&[("args", Ret::Dict), ("headers", Ret::Dict), ("method", Ret::Str)]),
    class("quart.Websocket"),
];

const ALIASES: &[(&str, &str)] = &[
    ("quart.app.Quart", "quart.Quart"),
    ("quart.blueprints.Blueprint", "quart.Blueprint"),
    ("quart.wrappers", "quart"),
];

const VALUES: &[(&str, Ret)] = &[
    ("quart.current_app", Ret::Inst("quart.Quart")),
    ("quart.request", Ret::Inst("quart.Request")),
    ("quart.websocket", Ret::Inst("quart.Websocket")),
];
