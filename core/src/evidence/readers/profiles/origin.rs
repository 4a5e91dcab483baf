//! Whose code a frame is: the project's, a library's, the runtime's, or none. Told by the path, never by guessing at
//! what a function does.

use super::build::Frame;
use crate::evidence::model::profile::{Origin, Runtime};

/// Top-level modules of Python's standard library (`sys.stdlib_module_names` of 3.8 to 3.13): for tools that print
/// paths below `sys.path`.
const PYTHON: &str = " __future__ _aix_support _ast_unparse _bootlocale _bootsubprocess _collections_abc _colorize \
    _compat_pickle _compression _dummy_thread _markupbase _opcode_metadata _osx_support _py_abc _pydatetime _pydecimal \
    _pyio _pylong _pyrepl _sitebuiltins _strptime _sysconfigdata _threading_local _weakrefset abc aifc argparse ast \
    asynchat asyncio asyncore base64 bdb binhex bisect bz2 cProfile calendar cgi cgitb chunk cmd code codecs codeop \
    collections colorsys compileall concurrent configparser contextlib contextvars copy copyreg crypt csv ctypes curses \
    dataclasses datetime dbm decimal difflib dis distutils doctest email encodings ensurepip enum filecmp fileinput \
    fnmatch formatter fractions ftplib functools genericpath getopt getpass gettext glob graphlib gzip hashlib heapq hmac \
    html http imaplib imghdr imp importlib inspect io ipaddress json keyword lib2to3 linecache locale logging lzma \
    mailbox mailcap mimetypes modulefinder multiprocessing netrc nntplib ntpath nturl2path numbers opcode operator \
    optparse os pathlib pdb pickle pickletools pipes pkgutil platform plistlib poplib posixpath pprint profile pstats \
    pty py_compile pyclbr pydoc queue quopri random re reprlib rlcompleter runpy sched secrets selectors shelve shlex \
    shutil signal smtpd smtplib sndhdr socket socketserver sqlite3 sre_compile sre_constants sre_parse ssl stat \
    statistics string stringprep struct subprocess sunau symbol symtable sysconfig tabnanny tarfile telnetlib tempfile \
    textwrap threading timeit tkinter token tokenize tomllib trace traceback tracemalloc tty types typing unittest \
    urllib uu uuid venv warnings wave weakref webbrowser wsgiref xdrlib xml xmlrpc zipapp zipfile zipimport zoneinfo ";

/// Packages that servers and their database access are made of: likewise.
const PACKAGES: &str = " _pytest aiohttp aiomysql aiopg aioredis alembic amqp anyio asgiref asyncpg attr billiard boto3 \
    botocore celery cffi channels click cryptography daphne databases django elasticsearch fastapi flask gevent google \
    greenlet grpc gunicorn h11 h2 httpcore httptools httpx hypercorn itsdangerous jinja2 kombu mako markupsafe \
    marshmallow mongoengine motor mysql numpy odmantic opentelemetry pandas peewee pluggy prometheus_client psycopg \
    psycopg2 psycopg_pool pydantic pymongo pymysql pytest redis requests rest_framework s3transfer sanic scipy \
    sentry_sdk simplejson sniffio sqlalchemy sqlmodel starlette tenacity tornado tortoise twisted urllib3 uvicorn uvloop \
    vine websockets werkzeug yarl zmq ";

/// Whose code a frame is. `short_paths` when the tool prints paths below `sys.path` instead of whole ones.
pub fn of(runtime: Runtime, frame: &Frame, short_paths: bool) -> Origin {
    let path = frame.path.as_str();
    match frame.name.as_str() {
        "(root)" => return Origin::Label,
        "(idle)" => return Origin::Idle,
        "(program)" => return Origin::Program,
        "(garbage collector)" | "(GC)" => return Origin::Collector,
        _ => {}
    }
    if path.is_empty() || path == "~" {
        return without_path(runtime, &frame.name);
    }
    if is_library(runtime, path) || (short_paths && is_known_module(path)) { Origin::Library } else { Origin::Project }
}

fn without_path(runtime: Runtime, name: &str) -> Origin {
    let native = name.starts_with('[') || name.ends_with("]") || name.starts_with("_Py") || name.starts_with("Py");
    match runtime {
        Runtime::Other if !native => Origin::Project,
        _ => Origin::Builtin,
    }
}

/// Whether a path lies in a library or in the runtime.
#[must_use]
pub fn is_library(runtime: Runtime, path: &str) -> bool {
    let path = path.replace('\\', "/");
    let holds = |part: &str| path.contains(part);
    if holds("/node_modules/") || holds("/site-packages/") || holds("/dist-packages/") {
        return true;
    }
    let relative = !path.starts_with('/') && !path.contains(':');
    match runtime {
        Runtime::JavaScript => {
            let schemes =
                ["node:", "internal/", "internal:", "ext:", "native ", "wasm:", "chrome-extension:", "evalmachine."];
            schemes.iter().any(|scheme| path.starts_with(scheme))
                || path.starts_with("node_modules/")
                || holds("/.yarn/cache/")
                || (relative && !path.contains('/') && path.ends_with(".js"))
        }
        Runtime::Python | Runtime::Other => {
            path.starts_with('<') && !path.starts_with("<stdin>") && !path.starts_with("<ipython")
                || path.starts_with("node:")
                || in_python_home(&path)
        }
    }
}

/// `/usr/lib/python3.11/json/decoder.py`, `C:/Python311/Lib/json/decoder.py`; a zip of it too.
fn in_python_home(path: &str) -> bool {
    let mut before = "";
    for part in path.split('/') {
        let lower = part.to_ascii_lowercase();
        let (outer, inner) = (before.to_ascii_lowercase(), lower.as_str());
        if (outer == "lib" || outer == "lib64") && inner.strip_prefix("python").is_some_and(starts_with_digit)
            || (outer.starts_with("python") && inner == "lib" && !path.starts_with("/home/"))
        {
            return true;
        }
        before = part;
    }
    false
}

fn starts_with_digit(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit())
}

/// Whether a path below `sys.path` begins with a module of the standard library or a known package.
fn is_known_module(path: &str) -> bool {
    if path.starts_with('/') {
        return false;
    }
    let first = path.split('/').next().unwrap_or(path);
    let module = first.strip_suffix(".py").unwrap_or(first);
    let word = format!(" {module} ");
    PYTHON.contains(&word) || PACKAGES.contains(&word)
}

/// Whether a Python stack, innermost frame last, only waits for events: a profiler that shows idle threads has them.
pub fn waits(stack: &[&Frame]) -> bool {
    let Some((leaf, callers)) = stack.split_last() else { return false };
    let file = |frame: &Frame, end: &str| frame.path == end || frame.path.ends_with(&format!("/{end}"));
    // From Python 3.11 on names come with their class.
    let short = |name: &str| name.rsplit('.').next().unwrap_or_default().to_owned();
    let caller =
        |names: &[&str]| callers.iter().rev().take(2).any(|frame| names.contains(&short(&frame.name).as_str()));
    match short(&leaf.name).as_str() {
        "select" => file(leaf, "selectors.py") && caller(&["_run_once", "serve_forever"]),
        "run_until_complete" | "run_forever" | "run" => callers.is_empty() && file(leaf, "uvloop/loop.pyx"),
        "wait" | "_wait_for_tstate_lock" => file(leaf, "threading.py"),
        "_worker" => file(leaf, "concurrent/futures/thread.py"),
        "accept" => file(leaf, "socket.py"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(name: &str, path: &str) -> Frame {
        Frame { name: name.to_owned(), path: path.to_owned(), ..Frame::default() }
    }

    #[test]
    fn paths_tell_whose_code_it_is() {
        let python = |path| of(Runtime::Python, &frame("f", path), false);
        for path in [
            "/usr/lib/python3.11/json/decoder.py",
            "/opt/venv/lib/python3.12/site-packages/flask/app.py",
            "C:\\Users\\x\\AppData\\Local\\Programs\\Python\\Python311\\Lib\\asyncio\\events.py",
            "<frozen importlib._bootstrap>",
            "<string>",
        ] {
            assert_eq!(python(path), Origin::Library, "{path}");
        }
        for path in
            ["/srv/app/views.py", "app.py", "json.py", "/home/lib/app.py", "/srv/python/app/lib/x.py", "<stdin>"]
        {
            assert_eq!(python(path), Origin::Project, "{path}");
        }
        assert_eq!(python("~"), Origin::Builtin);
        let node = |path| of(Runtime::JavaScript, &frame("f", path), false);
        for path in ["node:fs", "internal/crypto/pbkdf2.js", "events.js", "/app/node_modules/express/lib/router.js"] {
            assert_eq!(node(path), Origin::Library, "{path}");
        }
        assert_eq!(node("/app/server.js"), Origin::Project);
        assert_eq!(node(""), Origin::Builtin);
        assert_eq!(of(Runtime::JavaScript, &frame("(idle)", ""), false), Origin::Idle);
    }

    #[test]
    fn short_paths_are_told_by_their_first_module() {
        let short = |path| of(Runtime::Python, &frame("f", path), true);
        assert_eq!(short("asyncio/events.py"), Origin::Library);
        assert_eq!(short("threading.py"), Origin::Library);
        assert_eq!(short("sqlalchemy/engine/base.py"), Origin::Library);
        assert_eq!(short("shop/queue.py"), Origin::Project);
        assert_eq!(short("app.py"), Origin::Project);
    }

    #[test]
    fn waiting_for_events_is_idle_waiting_for_a_child_is_not() {
        let run = frame("BaseEventLoop._run_once", "/usr/lib/python3.11/asyncio/base_events.py");
        let select = frame("select", "/usr/lib/python3.11/selectors.py");
        let child = frame("_communicate", "/usr/lib/python3.11/subprocess.py");
        assert!(waits(&[&run, &select]));
        assert!(!waits(&[&child, &select]));
        assert!(!waits(&[]));
    }
}
