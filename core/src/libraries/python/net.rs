//! Network access of the standard library, urllib3 and websockets.

use super::mixes::{NET, SEND_MAIL};
use crate::libraries::{ClassRow, Effects, Exit, Library, Resource, Ret, Row, call, class};

/// Python network.
pub const LIBRARY: Library = Library {
    name: "Python network",
    roots: &["urllib", "http", "socket", "smtplib", "imaplib", "ftplib", "urllib3", "websockets", "aiosmtplib"],
    rows: ROWS,
    classes: CLASSES,
    aliases: ALIASES,
    values: &[],
};

const ROWS: &[Row] = &[
    // https://docs.python.org/3/library/urllib.request.html
    call("urllib.request.OpenerDirector.open")
        .does(NET)
        .gives(Ret::Inst("http.client.HTTPResponse"))
        .acquires(Resource::HttpResponse),
    call("urllib.request.Request").gives(Ret::Inst("urllib.request.Request")),
    call("urllib.request.build_opener").gives(Ret::Inst("urllib.request.OpenerDirector")),
    call("urllib.request.urlopen")
        .does(NET)
        .gives(Ret::Inst("http.client.HTTPResponse"))
        .acquires(Resource::HttpResponse),
    call("urllib.request.urlretrieve").does(NET.with(Effects::FILE_IO)),
    // https://docs.python.org/3/library/http.client.html
    call("http.client.HTTPConnection").gives(Ret::Inst("http.client.HTTPConnection")).acquires(Resource::HttpClient),
    call("http.client.HTTPConnection.close").does(Effects::CLOSES).gives(Ret::Nothing),
    call("http.client.HTTPConnection.connect").does(NET).gives(Ret::Nothing),
    call("http.client.HTTPConnection.endheaders").does(NET).gives(Ret::Nothing),
    call("http.client.HTTPConnection.getresponse").does(NET).gives(Ret::Inst("http.client.HTTPResponse")),
    call("http.client.HTTPConnection.request").does(NET).gives(Ret::Nothing),
    call("http.client.HTTPConnection.send").does(NET).gives(Ret::Nothing),
    call("http.client.HTTPResponse.getheader").gives(Ret::Str),
    call("http.client.HTTPResponse.peek").does(NET).gives(Ret::Bytes),
    call("http.client.HTTPResponse.read").does(NET).gives(Ret::Bytes),
    call("http.client.HTTPResponse.read1").does(NET).gives(Ret::Bytes),
    call("http.client.HTTPSConnection").gives(Ret::Inst("http.client.HTTPSConnection")).acquires(Resource::HttpClient),
    // https://docs.python.org/3/library/socket.html
    call("socket.create_connection").does(NET).gives(Ret::Inst("socket.socket")).acquires(Resource::Socket),
    call("socket.create_server").gives(Ret::Inst("socket.socket")).acquires(Resource::Socket),
    call("socket.getaddrinfo").does(NET),
    call("socket.getfqdn").does(NET),
    call("socket.gethostbyaddr").does(NET),
    call("socket.gethostbyname").does(NET),
    call("socket.getnameinfo").does(NET),
    call("socket.socket").gives(Ret::Inst("socket.socket")).acquires(Resource::Socket),
    call("socket.socket.accept").does(NET.with(Effects::WAITS)),
    call("socket.socket.bind").gives(Ret::Nothing),
    call("socket.socket.close").does(Effects::CLOSES).gives(Ret::Nothing),
    call("socket.socket.connect").does(NET),
    call("socket.socket.connect_ex").does(NET),
    call("socket.socket.listen").gives(Ret::Nothing),
    call("socket.socket.makefile").gives(Ret::Inst("io.TextIOWrapper")).acquires(Resource::File),
    call("socket.socket.recv").does(NET).gives(Ret::Bytes),
    call("socket.socket.recv_into").does(NET),
    call("socket.socket.recvfrom").does(NET),
    call("socket.socket.send").does(NET),
    call("socket.socket.sendall").does(NET),
    call("socket.socket.sendfile").does(NET),
    call("socket.socket.sendto").does(NET),
    call("socket.socket.setblocking").gives(Ret::Nothing),
    call("socket.socket.setsockopt").gives(Ret::Nothing),
    call("socket.socket.settimeout").gives(Ret::Nothing),
    call("socket.socket.shutdown").gives(Ret::Nothing),
    // https://docs.python.org/3/library/smtplib.html
    call("smtplib.SMTP").does(NET).gives(Ret::Inst("smtplib.SMTP")).acquires(Resource::Socket),
    call("smtplib.SMTP.close").does(Effects::CLOSES).gives(Ret::Nothing),
    call("smtplib.SMTP.connect").does(NET),
    call("smtplib.SMTP.ehlo").does(NET),
    call("smtplib.SMTP.helo").does(NET),
    call("smtplib.SMTP.login").does(NET),
    call("smtplib.SMTP.noop").does(NET),
    call("smtplib.SMTP.quit").does(NET.with(Effects::CLOSES)),
    call("smtplib.SMTP.send_message").does(SEND_MAIL),
    call("smtplib.SMTP.sendmail").does(SEND_MAIL),
    call("smtplib.SMTP.starttls").does(NET),
    call("smtplib.SMTP_SSL").does(NET).gives(Ret::Inst("smtplib.SMTP_SSL")).acquires(Resource::Socket),
    // https://aiosmtplib.readthedocs.io/en/stable/usage.html
    call("aiosmtplib.SMTP").gives(Ret::Inst("aiosmtplib.SMTP")),
    call("aiosmtplib.SMTP.connect").does(Effects::NETWORK).asynchronous(),
    call("aiosmtplib.SMTP.login").does(Effects::NETWORK).asynchronous(),
    call("aiosmtplib.SMTP.quit").does(Effects::NETWORK.with(Effects::CLOSES)).asynchronous(),
    call("aiosmtplib.SMTP.send_message").does(Effects::NETWORK.with(Effects::MAIL)).asynchronous(),
    call("aiosmtplib.SMTP.sendmail").does(Effects::NETWORK.with(Effects::MAIL)).asynchronous(),
    call("aiosmtplib.SMTP.starttls").does(Effects::NETWORK).asynchronous(),
    call("aiosmtplib.send").does(Effects::NETWORK.with(Effects::MAIL)).asynchronous(),
    // https://docs.python.org/3/library/imaplib.html
    call("imaplib.IMAP4").does(NET).gives(Ret::Inst("imaplib.IMAP4")).acquires(Resource::Socket),
    call("imaplib.IMAP4_SSL").does(NET).gives(Ret::Inst("imaplib.IMAP4")).acquires(Resource::Socket),
    // https://docs.python.org/3/library/ftplib.html
    call("ftplib.FTP").does(NET).gives(Ret::Inst("ftplib.FTP")).acquires(Resource::Socket),
    call("ftplib.FTP.close").does(Effects::CLOSES).gives(Ret::Nothing),
    call("ftplib.FTP_TLS").does(NET).gives(Ret::Inst("ftplib.FTP")).acquires(Resource::Socket),
    // https://urllib3.readthedocs.io/en/stable/reference/index.html
    call("urllib3.HTTPConnectionPool").gives(Ret::Inst("urllib3.HTTPConnectionPool")).acquires(Resource::HttpClient),
    call("urllib3.HTTPConnectionPool.close").does(Effects::CLOSES).gives(Ret::Nothing),
    call("urllib3.HTTPConnectionPool.request").does(NET).gives(Ret::Inst("urllib3.HTTPResponse")),
    call("urllib3.HTTPConnectionPool.urlopen").does(NET).gives(Ret::Inst("urllib3.HTTPResponse")),
    call("urllib3.HTTPResponse.close").does(Effects::CLOSES).gives(Ret::Nothing),
    call("urllib3.HTTPResponse.json"),
    call("urllib3.HTTPResponse.read").does(NET).gives(Ret::Bytes),
    call("urllib3.HTTPResponse.release_conn").does(Effects::CLOSES).gives(Ret::Nothing),
    call("urllib3.HTTPResponse.stream").does(NET),
    call("urllib3.HTTPSConnectionPool").gives(Ret::Inst("urllib3.HTTPConnectionPool")).acquires(Resource::HttpClient),
    call("urllib3.PoolManager").gives(Ret::Inst("urllib3.PoolManager")).acquires(Resource::HttpClient),
    call("urllib3.PoolManager.clear").does(Effects::CLOSES).gives(Ret::Nothing),
    call("urllib3.PoolManager.request").does(NET).gives(Ret::Inst("urllib3.HTTPResponse")),
    call("urllib3.PoolManager.urlopen").does(NET).gives(Ret::Inst("urllib3.HTTPResponse")),
    call("urllib3.ProxyManager").gives(Ret::Inst("urllib3.PoolManager")).acquires(Resource::HttpClient),
    call("urllib3.request").does(NET).gives(Ret::Inst("urllib3.HTTPResponse")),
    // https://websockets.readthedocs.io/en/stable/reference/asyncio/client.html
    call("websockets.ClientConnection.close").does(Effects::CLOSES).gives(Ret::Nothing).asynchronous(),
    call("websockets.ClientConnection.recv").does(Effects::NETWORK.with(Effects::WAITS)).asynchronous(),
    call("websockets.ClientConnection.send").does(Effects::NETWORK).gives(Ret::Nothing).asynchronous(),
    call("websockets.connect")
        .does(Effects::NETWORK)
        .gives(Ret::Inst("websockets.ClientConnection"))
        .acquires(Resource::Socket)
        .asynchronous(),
];

const CLASSES: &[ClassRow] = &[
    // https://docs.python.org/3/library/urllib.request.html
    class("urllib.request.OpenerDirector"),
    class("urllib.request.Request"),
    // https://docs.python.org/3/library/http.client.html
    class("http.client.HTTPConnection").resource(Resource::HttpClient),
    class("http.client.HTTPResponse")
        .extends(&["io.IOBase"])
        .resource(Resource::HttpResponse)
        .iterates(Ret::Bytes, NET)
        .attrs(&[("status", Ret::Number)]),
    class("http.client.HTTPSConnection").extends(&["http.client.HTTPConnection"]),
    // https://docs.python.org/3/library/socket.html
    class("socket.socket").resource(Resource::Socket).manages(Ret::Receiver, Effects::NONE, Exit::Closes),
    // https://docs.python.org/3/library/smtplib.html
    class("smtplib.SMTP").resource(Resource::Socket).manages(Ret::Receiver, Effects::NONE, Exit::Closes),
    class("smtplib.SMTP_SSL").extends(&["smtplib.SMTP"]),
    // https://aiosmtplib.readthedocs.io/en/stable/usage.html
    class("aiosmtplib.SMTP").resource(Resource::Socket).manages(Ret::Receiver, Effects::NETWORK, Exit::Closes),
    // https://docs.python.org/3/library/imaplib.html
    class("imaplib.IMAP4")
        .resource(Resource::Socket)
        .manages(Ret::Receiver, Effects::NONE, Exit::Closes)
        .otherwise(NET, false),
    // https://docs.python.org/3/library/ftplib.html
    class("ftplib.FTP")
        .resource(Resource::Socket)
        .manages(Ret::Receiver, Effects::NONE, Exit::Closes)
        .otherwise(NET, false),
    // https://urllib3.readthedocs.io/en/stable/reference/index.html
    class("urllib3.HTTPConnectionPool").resource(Resource::HttpClient).manages(
        Ret::Receiver,
        Effects::NONE,
        Exit::Closes,
    ),
    class("urllib3.HTTPResponse")
        .resource(Resource::HttpResponse)
        .manages(Ret::Receiver, Effects::NONE, Exit::Closes)
        .attrs(&[("data", Ret::Bytes), ("status", Ret::Number)]),
    class("urllib3.PoolManager").resource(Resource::HttpClient).manages(Ret::Receiver, Effects::NONE, Exit::Closes),
    // https://websockets.readthedocs.io/en/stable/reference/asyncio/client.html
    class("websockets.ClientConnection")
        .resource(Resource::Socket)
        .manages(Ret::Receiver, Effects::NONE, Exit::Closes)
        .iterates(Ret::Unknown, Effects::NETWORK.with(Effects::WAITS)),
];

const ALIASES: &[(&str, &str)] = &[
    ("urllib3.connectionpool", "urllib3"),
    ("urllib3.poolmanager", "urllib3"),
    ("urllib3.response", "urllib3"),
    ("websockets.asyncio.client.ClientConnection", "websockets.ClientConnection"),
    ("websockets.asyncio.client.connect", "websockets.connect"),
    ("websockets.client.connect", "websockets.connect"),
];
