//! Flask, Werkzeug, Flask-Login and Flask-RESTful views. Quart has its own table.

use super::mixes::{FILE, WAIT};
use crate::libraries::{ClassRow, Effects, Exit, Library, Resource, Ret, Row, RunContext, call, class};

/// Flask.
pub const LIBRARY: Library = Library {
    name: "Flask",
    roots: &["flask", "flask_restful", "flask_restx", "werkzeug", "flask_login"],
    rows: ROWS,
    classes: CLASSES,
    aliases: ALIASES,
    values: VALUES,
};

const ROWS: &[Row] = &[
    // https://flask.palletsprojects.com/en/stable/api/#application-object
    call("flask.Blueprint.add_url_rule").gives(Ret::Nothing).handler_named(2, "view_func", RunContext::Request),
    call("flask.Blueprint.after_app_request").gives(Ret::Decorated).decorates(RunContext::Request),
    call("flask.Blueprint.after_request").gives(Ret::Decorated).decorates(RunContext::Request),
    call("flask.Blueprint.app_errorhandler").gives(Ret::Decorated).decorates(RunContext::Request),
    call("flask.Blueprint.before_app_request").gives(Ret::Decorated).decorates(RunContext::Request),
    call("flask.Blueprint.before_request").gives(Ret::Decorated).decorates(RunContext::Request),
    call("flask.Blueprint.context_processor").gives(Ret::Decorated).decorates(RunContext::Request),
    call("flask.Blueprint.delete").gives(Ret::Decorated).decorates(RunContext::Request),
    call("flask.Blueprint.errorhandler").gives(Ret::Decorated).decorates(RunContext::Request),
    call("flask.Blueprint.get").gives(Ret::Decorated).decorates(RunContext::Request),
    call("flask.Blueprint.patch").gives(Ret::Decorated).decorates(RunContext::Request),
    call("flask.Blueprint.post").gives(Ret::Decorated).decorates(RunContext::Request),
    call("flask.Blueprint.put").gives(Ret::Decorated).decorates(RunContext::Request),
    call("flask.Blueprint.register_blueprint").gives(Ret::Nothing),
    call("flask.Blueprint.route").gives(Ret::Decorated).decorates(RunContext::Request),
    call("flask.Blueprint.teardown_app_request").gives(Ret::Decorated).decorates(RunContext::Request),
    call("flask.Blueprint.teardown_request").gives(Ret::Decorated).decorates(RunContext::Request),
    call("flask.Blueprint.url_value_preprocessor").gives(Ret::Decorated).decorates(RunContext::Request),
    call("flask.Flask").gives(Ret::Inst("flask.Flask")),
    call("flask.Flask.add_url_rule").gives(Ret::Nothing).handler_named(2, "view_func", RunContext::Request),
    call("flask.Flask.after_request").gives(Ret::Decorated).decorates(RunContext::Request),
    call("flask.Flask.app_context").gives(Ret::Inst("flask.ctx.AppContext")),
    call("flask.Flask.before_request").gives(Ret::Decorated).decorates(RunContext::Request),
    call("flask.Flask.context_processor").gives(Ret::Decorated).decorates(RunContext::Request),
    call("flask.Flask.delete").gives(Ret::Decorated).decorates(RunContext::Request),
    call("flask.Flask.errorhandler").gives(Ret::Decorated).decorates(RunContext::Request),
    call("flask.Flask.get").gives(Ret::Decorated).decorates(RunContext::Request),
    call("flask.Flask.patch").gives(Ret::Decorated).decorates(RunContext::Request),
    call("flask.Flask.post").gives(Ret::Decorated).decorates(RunContext::Request),
    call("flask.Flask.put").gives(Ret::Decorated).decorates(RunContext::Request),
    call("flask.Flask.register_blueprint").gives(Ret::Nothing),
    call("flask.Flask.request_context").gives(Ret::Inst("flask.ctx.AppContext")),
    call("flask.Flask.route").gives(Ret::Decorated).decorates(RunContext::Request),
    call("flask.Flask.run").does(WAIT).gives(Ret::Nothing),
    call("flask.Flask.teardown_appcontext").gives(Ret::Decorated).decorates(RunContext::Request),
    call("flask.Flask.teardown_request").gives(Ret::Decorated).decorates(RunContext::Request),
    call("flask.Flask.test_client"),
    call("flask.Flask.test_request_context").gives(Ret::Inst("flask.ctx.AppContext")),
    call("flask.Flask.url_value_preprocessor").gives(Ret::Decorated).decorates(RunContext::Request),
    // https://flask.palletsprojects.com/en/stable/api/#blueprint-objects
    call("flask.Blueprint").gives(Ret::Inst("flask.Blueprint")),
    // https://flask.palletsprojects.com/en/stable/cli/#custom-commands
    call("flask.cli.AppGroup.command").gives(Ret::Decorated).decorates(RunContext::Script),
    call("flask.cli.AppGroup.group").gives(Ret::Decorated).decorates(RunContext::Script),
    call("flask.cli.with_appcontext").gives(Ret::Decorated),
    // https://flask.palletsprojects.com/en/stable/api/#response-objects
    call("flask.Response").does(Effects::STREAMS).gives(Ret::Inst("flask.Response")).consumes(0),
    call("flask.jsonify").gives(Ret::Inst("flask.Response")),
    call("flask.make_response").gives(Ret::Inst("flask.Response")),
    call("flask.redirect").gives(Ret::Inst("flask.Response")),
    call("flask.render_template").gives(Ret::Str),
    call("flask.render_template_string").gives(Ret::Str),
    call("flask.send_file").does(FILE.with(Effects::STREAMS)).gives(Ret::Inst("flask.Response")),
    call("flask.send_from_directory").does(FILE.with(Effects::STREAMS)).gives(Ret::Inst("flask.Response")),
    call("flask.url_for").gives(Ret::Str),
    // https://flask.palletsprojects.com/en/stable/patterns/streaming/
    call("flask.stream_with_context").does(Effects::STREAMS).gives(Ret::Arg(0)).consumes(0),
    // https://flask.palletsprojects.com/en/stable/api/#incoming-request-data
    call("flask.Request.get_data").gives(Ret::Bytes),
    call("flask.Request.get_json"),
    // https://werkzeug.palletsprojects.com/en/stable/utils/#module-werkzeug.security
    call("werkzeug.security.check_password_hash").does(Effects::CPU).gives(Ret::Bool),
    call("werkzeug.security.generate_password_hash").does(Effects::CPU).gives(Ret::Str),
    // https://werkzeug.palletsprojects.com/en/stable/datastructures/#werkzeug.datastructures.FileStorage
    call("werkzeug.datastructures.FileStorage.read").does(FILE).gives(Ret::Bytes),
    call("werkzeug.datastructures.FileStorage.save").does(FILE).gives(Ret::Nothing),
    // https://flask-login.readthedocs.io/en/latest/#flask_login.login_required
    call("flask_login.LoginManager").gives(Ret::Inst("flask_login.LoginManager")),
    call("flask_login.LoginManager.request_loader").gives(Ret::Decorated).decorates(RunContext::Request),
    call("flask_login.LoginManager.user_loader").gives(Ret::Decorated).decorates(RunContext::Request),
    call("flask_login.fresh_login_required").gives(Ret::Decorated),
    call("flask_login.login_required").gives(Ret::Decorated),
];

const CLASSES: &[ClassRow] = &[
    // https://flask.palletsprojects.com/en/stable/api/#application-object
    class("flask.Flask").attrs(&[
        ("cli", Ret::Inst("flask.cli.AppGroup")),
        ("config", Ret::Dict),
        ("logger", Ret::Inst("logging.Logger")),
    ]),
    class("flask.ctx.AppContext").manages(Ret::Receiver, Effects::NONE, Exit::Nothing),
    // https://flask.palletsprojects.com/en/stable/api/#blueprint-objects
    class("flask.Blueprint").attrs(&[("cli", Ret::Inst("flask.cli.AppGroup"))]),
    // https://flask.palletsprojects.com/en/stable/cli/#custom-commands
    class("flask.cli.AppGroup"),
    // https://flask.palletsprojects.com/en/stable/api/#response-objects
    class("flask.Response"),
    // https://flask.palletsprojects.com/en/stable/api/#class-based-views
    class("flask.views.MethodView").extends(&["flask.views.View"]),
    class("flask.views.View").handles(RunContext::Request),
    // https://flask.palletsprojects.com/en/stable/api/#incoming-request-data
    class("flask.Request").attrs(&[
        ("args", Ret::Dict),
        ("cookies", Ret::Dict),
        ("data", Ret::Bytes),
        ("files", Ret::Dict),
        ("form", Ret::Dict),
        ("headers", Ret::Dict),
        ("method", Ret::Str),
        ("path", Ret::Str),
    ]),
    // https://flask-restful.readthedocs.io/en/latest/quickstart.html#resourceful-routing
    class("flask_restful.Resource").extends(&["flask.views.MethodView"]),
    // https://flask-restx.readthedocs.io/en/latest/quickstart.html#resourceful-routing
    class("flask_restx.Resource").extends(&["flask.views.MethodView"]),
    // https://werkzeug.palletsprojects.com/en/stable/datastructures/#werkzeug.datastructures.FileStorage
    class("werkzeug.datastructures.FileStorage").resource(Resource::File),
    // https://flask-login.readthedocs.io/en/latest/#flask_login.login_required
    class("flask_login.LoginManager"),
];

const ALIASES: &[(&str, &str)] = &[
    ("flask.app.Flask", "flask.Flask"),
    ("flask.blueprints.Blueprint", "flask.Blueprint"),
    ("flask.helpers", "flask"),
    ("flask.templating", "flask"),
    ("flask.wrappers", "flask"),
    ("werkzeug.datastructures.file_storage", "werkzeug.datastructures"),
];

const VALUES: &[(&str, Ret)] =
    &[("flask.current_app", Ret::Inst("flask.Flask")), ("flask.request", Ret::Inst("flask.Request"))];
