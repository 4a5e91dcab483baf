//! Smaller libraries of which only matters that they open something: database drivers, browsers, files, links.

use super::mixes::NET;
use crate::libraries::{ClassRow, Effects, Exit, Library, Resource, Ret, Row, call, class};

/// Drivers and files.
pub const LIBRARY: Library = Library {
    name: "Drivers and files",
    roots: &[
        "click.open_file",
        "cv2.VideoCapture",
        "fiona",
        "google.auth",
        "h5py",
        "netCDF4",
        "pikepdf",
        "pysftp",
        "rasterio",
        "selenium",
        "shelve",
        "telnetlib",
        "trino",
        "wave",
        "websocket",
    ],
    rows: ROWS,
    classes: CLASSES,
    aliases: ALIASES,
    values: &[],
};

const BROWSER: Ret = Ret::Inst("selenium.webdriver.remote.webdriver.WebDriver");
const FILE: Ret = Ret::Inst("io.TextIOWrapper");
const DATA: Ret = Ret::Inst("h5py.File");

const ROWS: &[Row] = &[
    // https://github.com/trinodb/trino-python-client
    call("trino.dbapi.connect").gives(Ret::Inst("trino.dbapi.Connection")).acquires(Resource::Connection),
    // https://googleapis.dev/python/google-auth/latest/reference/google.auth.transport.requests.html
    call("google.auth.transport.requests.AuthorizedSession")
        .gives(Ret::Inst("google.auth.transport.requests.AuthorizedSession"))
        .acquires(Resource::HttpClient),
    // https://www.selenium.dev/documentation/webdriver/drivers/
    call("selenium.webdriver.Chrome").does(NET).gives(BROWSER).acquires(Resource::HttpClient),
    call("selenium.webdriver.Edge").does(NET).gives(BROWSER).acquires(Resource::HttpClient),
    call("selenium.webdriver.Firefox").does(NET).gives(BROWSER).acquires(Resource::HttpClient),
    call("selenium.webdriver.Remote").does(NET).gives(BROWSER).acquires(Resource::HttpClient),
    call("selenium.webdriver.remote.webdriver.WebDriver.get").does(NET).gives(Ret::Nothing),
    call("selenium.webdriver.remote.webdriver.WebDriver.quit").does(Effects::CLOSES).gives(Ret::Nothing),
    call("selenium.webdriver.support.wait.WebDriverWait"),
    // https://click.palletsprojects.com/en/stable/api/#click.open_file
    call("click.open_file").does(Effects::FILE_IO.with(Effects::BLOCKS)).gives(FILE).acquires(Resource::File),
    // https://docs.python.org/3/library/wave.html
    call("wave.open").does(Effects::FILE_IO.with(Effects::BLOCKS)).gives(DATA).acquires(Resource::File),
    // https://docs.python.org/3/library/shelve.html
    call("shelve.open").does(Effects::FILE_IO.with(Effects::BLOCKS)).gives(DATA).acquires(Resource::File),
    // https://docs.h5py.org/en/stable/high/file.html
    call("h5py.File").does(Effects::FILE_IO.with(Effects::BLOCKS)).gives(DATA).acquires(Resource::Document),
    call("h5py.File.close").does(Effects::CLOSES).gives(Ret::Nothing),
    // https://unidata.github.io/netcdf4-python/
    call("netCDF4.Dataset").does(Effects::FILE_IO.with(Effects::BLOCKS)).gives(DATA).acquires(Resource::Document),
    // https://rasterio.readthedocs.io/en/stable/quickstart.html
    call("fiona.open").does(Effects::FILE_IO.with(Effects::BLOCKS)).gives(DATA).acquires(Resource::Document),
    call("pikepdf.Pdf.open").does(Effects::FILE_IO.with(Effects::BLOCKS)).gives(DATA).acquires(Resource::Document),
    call("pikepdf.open").does(Effects::FILE_IO.with(Effects::BLOCKS)).gives(DATA).acquires(Resource::Document),
    call("rasterio.open").does(Effects::FILE_IO.with(Effects::BLOCKS)).gives(DATA).acquires(Resource::Document),
    // https://docs.opencv.org/4.x/d8/dfe/classcv_1_1VideoCapture.html
    call("cv2.VideoCapture").gives(Ret::Inst("cv2.VideoCapture")).acquires(Resource::Document),
    call("cv2.VideoCapture.release").does(Effects::CLOSES).gives(Ret::Nothing),
    // https://websocket-client.readthedocs.io/en/latest/core.html
    call("pysftp.Connection").does(NET).gives(Ret::Inst("websocket.WebSocket")).acquires(Resource::Socket),
    call("telnetlib.Telnet").does(NET).gives(Ret::Inst("websocket.WebSocket")).acquires(Resource::Socket),
    call("websocket.WebSocket.close").does(Effects::CLOSES).gives(Ret::Nothing),
    call("websocket.WebSocket.recv").does(NET),
    call("websocket.WebSocket.send").does(NET),
    call("websocket.create_connection").does(NET).gives(Ret::Inst("websocket.WebSocket")).acquires(Resource::Socket),
];

const CLASSES: &[ClassRow] = &[
    // https://github.com/trinodb/trino-python-client
    class("trino.dbapi.Connection").extends(&["dbapi:Connection"]).manages(Ret::Receiver, Effects::NONE, Exit::Closes),
    // https://googleapis.dev/python/google-auth/latest/reference/google.auth.transport.requests.html
    class("google.auth.transport.requests.AuthorizedSession").extends(&["requests.Session"]),
    // https://www.selenium.dev/documentation/webdriver/drivers/
    class("selenium.webdriver.remote.webdriver.WebDriver")
        .resource(Resource::HttpClient)
        .manages(Ret::Receiver, Effects::NONE, Exit::Closes)
        .attrs(&[("current_url", Ret::Str), ("page_source", Ret::Str), ("title", Ret::Str)]),
    // https://docs.h5py.org/en/stable/high/file.html
    class("h5py.File").resource(Resource::Document).manages(Ret::Receiver, Effects::NONE, Exit::Closes),
    // https://pikepdf.readthedocs.io/en/latest/api/main.html
    class("pikepdf.Pdf"),
    // https://docs.opencv.org/4.x/d8/dfe/classcv_1_1VideoCapture.html
    class("cv2.VideoCapture").resource(Resource::Document),
    // https://websocket-client.readthedocs.io/en/latest/core.html
    class("websocket.WebSocket").resource(Resource::Socket).manages(Ret::Receiver, Effects::NONE, Exit::Closes),
];

const ALIASES: &[(&str, &str)] = &[
    ("selenium.webdriver.chrome.webdriver.WebDriver", "selenium.webdriver.Chrome"),
    ("selenium.webdriver.firefox.webdriver.WebDriver", "selenium.webdriver.Firefox"),
    ("selenium.webdriver.support.ui.WebDriverWait", "selenium.webdriver.support.wait.WebDriverWait"),
    ("websocket._core.create_connection", "websocket.create_connection"),
];
