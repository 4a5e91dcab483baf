//! Libraries that ask or drive the machine: processor load, version control, packages, guessing of encodings.

use super::mixes::{NET, PROCESS};
use crate::libraries::{ClassRow, Effects, Library, Ret, Row, call, class};

/// System libraries.
pub const LIBRARY: Library = Library {
    name: "System libraries",
    roots: &["psutil", "git", "pip", "chardet", "cchardet", "charset_normalizer", "pytube"],
    rows: ROWS,
    classes: CLASSES,
    aliases: ALIASES,
    values: &[],
};

/// Sleeps between two measurements, when it is given an interval.
const MEASURE: Effects = Effects::SLEEP.with(Effects::BLOCKS);
/// Runs `git`, which talks to another machine.
const REMOTE: Effects = PROCESS.with(Effects::NETWORK);

const ROWS: &[Row] = &[
    // https://psutil.readthedocs.io/en/latest/#psutil.cpu_percent
    call("psutil.Process").gives(Ret::Inst("psutil.Process")),
    call("psutil.Process.cpu_percent").does(MEASURE).gives(Ret::Number),
    call("psutil.Process.wait").does(PROCESS),
    call("psutil.cpu_percent").does(MEASURE).gives(Ret::Number),
    call("psutil.cpu_times_percent").does(MEASURE),
    call("psutil.wait_procs").does(PROCESS),
    // https://gitpython.readthedocs.io/en/stable/tutorial.html
    call("git.Remote.fetch").does(REMOTE),
    call("git.Remote.pull").does(REMOTE),
    call("git.Remote.push").does(REMOTE),
    call("git.Repo").gives(Ret::Inst("git.Repo")),
    call("git.Repo.clone").does(PROCESS).gives(Ret::Inst("git.Repo")),
    call("git.Repo.clone_from").does(REMOTE).gives(Ret::Inst("git.Repo")),
    call("git.Repo.remote").gives(Ret::Inst("git.Remote")),
    // https://pip.pypa.io/en/stable/user_guide/#using-pip-from-your-program
    call("pip.main").does(PROCESS.with(Effects::NETWORK)).gives(Ret::Number),
    // https://chardet.readthedocs.io/en/latest/usage.html
    call("chardet.detect").does(Effects::CPU).gives(Ret::Dict),
    call("chardet.detect_all").does(Effects::CPU).gives(Ret::List),
    // https://charset-normalizer.readthedocs.io/en/latest/api.html
    call("charset_normalizer.detect").does(Effects::CPU).gives(Ret::Dict),
    call("charset_normalizer.from_bytes").does(Effects::CPU),
    // https://pytube.io/en/latest/api.html#module-pytube.request
    call("pytube.request.get").does(NET).gives(Ret::Str),
    call("pytube.request.post").does(NET).gives(Ret::Str),
];

const CLASSES: &[ClassRow] = &[
    // https://psutil.readthedocs.io/en/latest/#psutil.Process
    class("psutil.Process"),
    // https://gitpython.readthedocs.io/en/stable/tutorial.html
    class("git.Remote"),
    class("git.Repo").attrs(&[("remotes", Ret::Inst("git:remotes"))]),
    class("git:remotes").attrs(&[("origin", Ret::Inst("git.Remote"))]),
];

const ALIASES: &[(&str, &str)] = &[
    ("cchardet.detect", "chardet.detect"),
    ("git.remote.Remote", "git.Remote"),
    ("git.repo.Repo", "git.Repo"),
    ("git.repo.base.Repo", "git.Repo"),
    ("pip._internal.cli.main.main", "pip.main"),
    ("pip._internal.main", "pip.main"),
];
