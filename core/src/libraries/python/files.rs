//! File access of the standard library and aiofiles: os, pathlib, shutil, tempfile.

use super::mixes::{FILE, META, PROCESS};
use crate::libraries::{ClassRow, Effects, Exit, Library, Resource, Ret, Row, call, class};

/// Python files.
pub const LIBRARY: Library = Library {
    name: "Python files",
    roots: &["os", "pathlib", "shutil", "tempfile", "glob", "fileinput", "aiofiles"],
    rows: ROWS,
    classes: CLASSES,
    aliases: ALIASES,
    values: &[],
};

const ROWS: &[Row] = &[
    // https://docs.python.org/3/library/os.html#files-and-directories
    call("os.access").does(META).gives(Ret::Bool),
    call("os.chmod").does(FILE).gives(Ret::Nothing),
    call("os.chown").does(FILE).gives(Ret::Nothing),
    call("os.close").gives(Ret::Nothing).takes(0),
    call("os.fdatasync").does(FILE),
    call("os.fdopen").does(FILE).gives(Ret::Inst("io.TextIOWrapper")).acquires(Resource::File).takes(0),
    call("os.fsync").does(FILE),
    call("os.link").does(FILE).gives(Ret::Nothing),
    call("os.listdir").does(FILE).gives(Ret::List),
    call("os.lstat").does(META),
    call("os.makedirs").does(FILE).gives(Ret::Nothing),
    call("os.mkdir").does(FILE).gives(Ret::Nothing),
    call("os.open").does(FILE).gives(Ret::Number).acquires(Resource::File),
    call("os.read").does(FILE).gives(Ret::Bytes),
    call("os.readlink").does(META),
    call("os.remove").does(FILE).gives(Ret::Nothing),
    call("os.removedirs").does(FILE).gives(Ret::Nothing),
    call("os.rename").does(FILE).gives(Ret::Nothing),
    call("os.renames").does(FILE).gives(Ret::Nothing),
    call("os.replace").does(FILE).gives(Ret::Nothing),
    call("os.rmdir").does(FILE).gives(Ret::Nothing),
    call("os.scandir").does(FILE).gives(Ret::Inst("os.scandir:entries")),
    call("os.sendfile").does(FILE),
    call("os.stat").does(META),
    call("os.symlink").does(FILE).gives(Ret::Nothing),
    call("os.truncate").does(FILE).gives(Ret::Nothing),
    call("os.unlink").does(FILE).gives(Ret::Nothing),
    call("os.utime").does(FILE).gives(Ret::Nothing),
    call("os.walk").does(FILE).gives(Ret::Inst("os.walk:folders")),
    call("os.write").does(FILE).gives(Ret::Number),
    // https://docs.python.org/3/library/os.html#process-management
    call("os.popen").does(PROCESS).gives(Ret::Inst("io.TextIOWrapper")).acquires(Resource::Process),
    call("os.spawnl").does(PROCESS),
    call("os.spawnv").does(PROCESS),
    call("os.spawnvp").does(PROCESS),
    call("os.system").does(PROCESS).gives(Ret::Number),
    call("os.wait").does(PROCESS),
    call("os.waitpid").does(PROCESS),
    // https://docs.python.org/3/library/os.path.html
    call("os.path.abspath").gives(Ret::Str),
    call("os.path.basename").gives(Ret::Str),
    call("os.path.dirname").gives(Ret::Str),
    call("os.path.exists").does(META).gives(Ret::Bool),
    call("os.path.expanduser").gives(Ret::Str),
    call("os.path.expandvars").gives(Ret::Str),
    call("os.path.getatime").does(META).gives(Ret::Number),
    call("os.path.getctime").does(META).gives(Ret::Number),
    call("os.path.getmtime").does(META).gives(Ret::Number),
    call("os.path.getsize").does(META).gives(Ret::Number),
    call("os.path.isdir").does(META).gives(Ret::Bool),
    call("os.path.isfile").does(META).gives(Ret::Bool),
    call("os.path.islink").does(META).gives(Ret::Bool),
    call("os.path.ismount").does(META).gives(Ret::Bool),
    call("os.path.join").gives(Ret::Str),
    call("os.path.lexists").does(META).gives(Ret::Bool),
    call("os.path.normpath").gives(Ret::Str),
    call("os.path.realpath").does(META).gives(Ret::Str),
    call("os.path.relpath").gives(Ret::Str),
    call("os.path.samefile").does(META).gives(Ret::Bool),
    // https://docs.python.org/3/library/pathlib.html
    call("pathlib.Path").gives(Ret::Inst("pathlib.Path")),
    call("pathlib.Path.absolute").gives(Ret::Inst("pathlib.Path")),
    call("pathlib.Path.chmod").does(FILE).gives(Ret::Nothing),
    call("pathlib.Path.cwd").gives(Ret::Inst("pathlib.Path")),
    call("pathlib.Path.exists").does(META).gives(Ret::Bool),
    call("pathlib.Path.expanduser").gives(Ret::Inst("pathlib.Path")),
    call("pathlib.Path.glob").does(FILE).gives(Ret::Inst("pathlib.Path.iterdir:paths")),
    call("pathlib.Path.group").does(META).gives(Ret::Str),
    call("pathlib.Path.hardlink_to").does(FILE).gives(Ret::Nothing),
    call("pathlib.Path.home").gives(Ret::Inst("pathlib.Path")),
    call("pathlib.Path.is_dir").does(META).gives(Ret::Bool),
    call("pathlib.Path.is_file").does(META).gives(Ret::Bool),
    call("pathlib.Path.is_mount").does(META).gives(Ret::Bool),
    call("pathlib.Path.is_symlink").does(META).gives(Ret::Bool),
    call("pathlib.Path.iterdir").does(FILE).gives(Ret::Inst("pathlib.Path.iterdir:paths")),
    call("pathlib.Path.lstat").does(META),
    call("pathlib.Path.mkdir").does(FILE).gives(Ret::Nothing),
    call("pathlib.Path.open").does(FILE).gives(Ret::Inst("io.TextIOWrapper")).acquires(Resource::File),
    call("pathlib.Path.owner").does(META).gives(Ret::Str),
    call("pathlib.Path.read_bytes").does(FILE).gives(Ret::Bytes),
    call("pathlib.Path.read_text").does(FILE).gives(Ret::Str),
    call("pathlib.Path.readlink").does(META).gives(Ret::Inst("pathlib.Path")),
    call("pathlib.Path.rename").does(FILE).gives(Ret::Inst("pathlib.Path")),
    call("pathlib.Path.replace").does(FILE).gives(Ret::Inst("pathlib.Path")),
    call("pathlib.Path.resolve").does(META).gives(Ret::Inst("pathlib.Path")),
    call("pathlib.Path.rglob").does(FILE).gives(Ret::Inst("pathlib.Path.iterdir:paths")),
    call("pathlib.Path.rmdir").does(FILE).gives(Ret::Nothing),
    call("pathlib.Path.samefile").does(META).gives(Ret::Bool),
    call("pathlib.Path.stat").does(META),
    call("pathlib.Path.symlink_to").does(FILE).gives(Ret::Nothing),
    call("pathlib.Path.touch").does(FILE).gives(Ret::Nothing),
    call("pathlib.Path.unlink").does(FILE).gives(Ret::Nothing),
    call("pathlib.Path.write_bytes").does(FILE).gives(Ret::Number),
    call("pathlib.Path.write_text").does(FILE).gives(Ret::Number),
    call("pathlib.PosixPath").gives(Ret::Inst("pathlib.PosixPath")),
    call("pathlib.PurePath").gives(Ret::Inst("pathlib.PurePath")),
    call("pathlib.PurePath.as_posix").gives(Ret::Str),
    call("pathlib.PurePath.as_uri").gives(Ret::Str),
    call("pathlib.PurePath.is_absolute").gives(Ret::Bool),
    call("pathlib.PurePath.is_relative_to").gives(Ret::Bool),
    call("pathlib.PurePath.joinpath").gives(Ret::Receiver),
    call("pathlib.PurePath.match").gives(Ret::Bool),
    call("pathlib.PurePath.relative_to").gives(Ret::Receiver),
    call("pathlib.PurePath.with_name").gives(Ret::Receiver),
    call("pathlib.PurePath.with_stem").gives(Ret::Receiver),
    call("pathlib.PurePath.with_suffix").gives(Ret::Receiver),
    call("pathlib.PurePosixPath").gives(Ret::Inst("pathlib.PurePosixPath")),
    call("pathlib.WindowsPath").gives(Ret::Inst("pathlib.WindowsPath")),
    // https://docs.python.org/3/library/shutil.html
    call("shutil.chown").does(FILE).gives(Ret::Nothing),
    call("shutil.copy").does(FILE).gives(Ret::Str),
    call("shutil.copy2").does(FILE).gives(Ret::Str),
    call("shutil.copyfile").does(FILE).gives(Ret::Str),
    call("shutil.copyfileobj").does(FILE).gives(Ret::Nothing),
    call("shutil.copymode").does(FILE).gives(Ret::Nothing),
    call("shutil.copystat").does(FILE).gives(Ret::Nothing),
    call("shutil.copytree").does(FILE).gives(Ret::Str),
    call("shutil.disk_usage").does(META),
    call("shutil.make_archive").does(FILE.with(Effects::CPU)).gives(Ret::Str),
    call("shutil.move").does(FILE).gives(Ret::Str),
    call("shutil.rmtree").does(FILE).gives(Ret::Nothing),
    call("shutil.unpack_archive").does(FILE.with(Effects::CPU)).gives(Ret::Nothing),
    call("shutil.which").does(META),
    // https://docs.python.org/3/library/tempfile.html
    call("tempfile.NamedTemporaryFile")
        .does(FILE)
        .gives(Ret::Inst("tempfile.NamedTemporaryFile"))
        .acquires(Resource::Temporary),
    call("tempfile.SpooledTemporaryFile")
        .gives(Ret::Inst("tempfile.SpooledTemporaryFile"))
        .acquires(Resource::Temporary),
    call("tempfile.TemporaryDirectory")
        .does(FILE)
        .gives(Ret::Inst("tempfile.TemporaryDirectory"))
        .acquires(Resource::Temporary),
    call("tempfile.TemporaryDirectory.cleanup").does(FILE.with(Effects::CLOSES)).gives(Ret::Nothing),
    call("tempfile.TemporaryFile")
        .does(FILE)
        .gives(Ret::Inst("tempfile.NamedTemporaryFile"))
        .acquires(Resource::Temporary),
    call("tempfile.gettempdir").gives(Ret::Str),
    call("tempfile.mkdtemp").does(FILE).gives(Ret::Str).acquires(Resource::Temporary),
    call("tempfile.mkstemp").does(FILE).acquires(Resource::Temporary),
    call("tempfile.mktemp").gives(Ret::Str),
    // https://docs.python.org/3/library/glob.html
    call("glob.glob").does(FILE).gives(Ret::List),
    call("glob.iglob").does(FILE).gives(Ret::Inst("glob.iglob:paths")),
    // https://docs.python.org/3/library/fileinput.html
    call("fileinput.input").does(FILE),
    // https://github.com/Tinche/aiofiles#usage
    call("aiofiles.open")
        .does(Effects::FILE_IO)
        .gives(Ret::Inst("aiofiles:file"))
        .acquires(Resource::File)
        .asynchronous(),
    call("aiofiles.os.listdir").does(Effects::FILE_IO).asynchronous(),
    call("aiofiles.os.makedirs").does(Effects::FILE_IO).asynchronous(),
    call("aiofiles.os.mkdir").does(Effects::FILE_IO).asynchronous(),
    call("aiofiles.os.remove").does(Effects::FILE_IO).asynchronous(),
    call("aiofiles.os.removedirs").does(Effects::FILE_IO).asynchronous(),
    call("aiofiles.os.rename").does(Effects::FILE_IO).asynchronous(),
    call("aiofiles.os.renames").does(Effects::FILE_IO).asynchronous(),
    call("aiofiles.os.replace").does(Effects::FILE_IO).asynchronous(),
    call("aiofiles.os.rmdir").does(Effects::FILE_IO).asynchronous(),
    call("aiofiles.os.scandir").does(Effects::FILE_IO).asynchronous(),
    call("aiofiles.os.stat").does(Effects::FILE_IO.with(Effects::METADATA)).asynchronous(),
    call("aiofiles.os.unlink").does(Effects::FILE_IO).asynchronous(),
    call("aiofiles.ospath.exists").does(Effects::FILE_IO.with(Effects::METADATA)).asynchronous(),
    call("aiofiles.ospath.getmtime").does(Effects::FILE_IO.with(Effects::METADATA)).asynchronous(),
    call("aiofiles.ospath.getsize").does(Effects::FILE_IO.with(Effects::METADATA)).asynchronous(),
    call("aiofiles.ospath.isdir").does(Effects::FILE_IO.with(Effects::METADATA)).asynchronous(),
    call("aiofiles.ospath.isfile").does(Effects::FILE_IO.with(Effects::METADATA)).asynchronous(),
    call("aiofiles.tempfile.NamedTemporaryFile")
        .does(Effects::FILE_IO)
        .gives(Ret::Inst("aiofiles:file"))
        .acquires(Resource::Temporary)
        .asynchronous(),
    call("aiofiles.tempfile.TemporaryDirectory")
        .does(Effects::FILE_IO)
        .gives(Ret::Str)
        .acquires(Resource::Temporary)
        .asynchronous(),
    call("aiofiles.tempfile.TemporaryFile")
        .does(Effects::FILE_IO)
        .gives(Ret::Inst("aiofiles:file"))
        .acquires(Resource::Temporary)
        .asynchronous(),
    call("aiofiles:file.close").does(Effects::CLOSES).gives(Ret::Nothing).asynchronous(),
    call("aiofiles:file.flush").does(Effects::FILE_IO).asynchronous(),
    call("aiofiles:file.read").does(Effects::FILE_IO).gives(Ret::Str).asynchronous(),
    call("aiofiles:file.readline").does(Effects::FILE_IO).gives(Ret::Str).asynchronous(),
    call("aiofiles:file.readlines").does(Effects::FILE_IO).gives(Ret::List).asynchronous(),
    call("aiofiles:file.seek").does(Effects::FILE_IO).asynchronous(),
    call("aiofiles:file.tell").does(Effects::FILE_IO).asynchronous(),
    call("aiofiles:file.truncate").does(Effects::FILE_IO).asynchronous(),
    call("aiofiles:file.write").does(Effects::FILE_IO).asynchronous(),
    call("aiofiles:file.writelines").does(Effects::FILE_IO).asynchronous(),
];

const CLASSES: &[ClassRow] = &[
    // https://docs.python.org/3/library/os.html#files-and-directories
    class("os.PathLike"),
    class("os.scandir:entries")
        .resource(Resource::File)
        .manages(Ret::Receiver, Effects::NONE, Exit::Closes)
        .iterates(Ret::Unknown, FILE),
    class("os.walk:folders").iterates(Ret::Unknown, FILE),
    // https://docs.python.org/3/library/pathlib.html
    class("pathlib.Path").extends(&["pathlib.PurePath"]).attrs(&[("parent", Ret::Inst("pathlib.Path"))]),
    class("pathlib.Path.iterdir:paths").iterates(Ret::Inst("pathlib.Path"), FILE),
    class("pathlib.PosixPath").extends(&["pathlib.Path"]),
    class("pathlib.PurePath").attrs(&[
        ("name", Ret::Str),
        ("parent", Ret::Receiver),
        ("stem", Ret::Str),
        ("suffix", Ret::Str),
    ]),
    class("pathlib.PurePosixPath").extends(&["pathlib.PurePath"]),
    class("pathlib.WindowsPath").extends(&["pathlib.Path"]),
    // https://docs.python.org/3/library/tempfile.html
    class("tempfile.NamedTemporaryFile").extends(&["io.TextIOWrapper"]).resource(Resource::Temporary),
    class("tempfile.SpooledTemporaryFile").extends(&["io.TextIOWrapper"]).resource(Resource::Temporary),
    class("tempfile.TemporaryDirectory")
        .resource(Resource::Temporary)
        .manages(Ret::Str, Effects::NONE, Exit::Closes)
        .attrs(&[("name", Ret::Str)]),
    // https://docs.python.org/3/library/glob.html
    class("glob.iglob:paths").iterates(Ret::Str, FILE),
    // https://github.com/Tinche/aiofiles#usage
    class("aiofiles:file")
        .resource(Resource::File)
        .manages(Ret::Receiver, Effects::NONE, Exit::Closes)
        .iterates(Ret::Str, Effects::FILE_IO),
];

const ALIASES: &[(&str, &str)] = &[("aiofiles.os.path", "aiofiles.ospath"), ("aiofiles.threadpool", "aiofiles")];
